// Amounts in words. 1 point is 1 yen; which of the two is meant is always written out.
import { t } from "./bilingual";

/** 1,200 */
export function digits(points: number): string {
  return points.toLocaleString("en-US");
}

/** 1,200ポイント */
export function pointsText(points: number): string {
  return t(`${digits(points)}ポイント`, `${digits(points)} ${points === 1 ? "point" : "points"}`);
}

/** 1,200円 */
export function yenText(yen: number): string {
  return t(`${digits(yen)}円`, `${digits(yen)} yen`);
}
