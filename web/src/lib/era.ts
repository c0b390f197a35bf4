// Days as officers write them: 令和7年3月31日, and fiscal years (会計年度) by the March with which they end.
import { type Bilingual, both } from "./bilingual";
import { dateLabel, momentLabel, NEVER_MONTH, startOf } from "./calendar";

/** The first second of 令和. */
const REIWA = Date.UTC(2019, 3, 30, 15) / 1000;

/** 令和7年3月31日 and 2025-03-31. */
export function eraDateLabel(timestamp: number): Bilingual {
  const date = dateLabel(timestamp);
  return both(withEra(date.ja, timestamp), date.en);
}

/** 令和7年3月31日23時59分59秒 and 2025-03-31 23:59:59. */
export function eraMomentLabel(timestamp: number): Bilingual {
  const moment = momentLabel(timestamp);
  return both(withEra(moment.ja, timestamp), moment.en);
}

/** The last day of points that end with a month. */
export function eraEndLabel(month: number): Bilingual {
  return month === NEVER_MONTH ? both("期限なし", "no expiry") : eraDateLabel(startOf(month + 1) - 1);
}

/** The March with which the fiscal year of a month ends; a March ends its own. */
export function fiscalYearEnd(month: number): number {
  const place = month % 12;
  return month - place + (place <= 2 ? 2 : 14);
}

/** 令和6年度 and fiscal year 2024. */
export function fiscalYearLabel(march: number): Bilingual {
  const first = startOf(march - 11);
  return both(
    `${eraYear(2000 + Math.floor((march - 11) / 12), first)}年度`,
    `fiscal year ${2000 + Math.floor((march - 11) / 12)}`,
  );
}

function withEra(label: string, timestamp: number): string {
  const [year, rest] = [label.slice(0, 4), label.slice(4)];
  return `${eraYear(Number(year), timestamp)}${rest}`;
}

/** 2019 began as 平成31年. */
function eraYear(year: number, timestamp: number): string {
  const [era, before] = timestamp >= REIWA ? ["令和", 2018] : ["平成", 1988];
  return `${era}${year - before === 1 ? "元" : year - before}`;
}
