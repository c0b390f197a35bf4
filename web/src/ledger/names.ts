// What the ledger's columns and periods are called.
import { type Bilingual, both, t } from "@/lib/bilingual";
import { monthLabel } from "@/lib/calendar";
import type { Period } from "./periods";
import type { Flow } from "./replay";

export const FLOW_NAMES: Readonly<Record<Flow, Bilingual>> = {
  granted: both("付与", "Granted"),
  exchanged: both("交換", "Exchanged"),
  carriedIn: both("引継受入", "Come over"),
  used: both("利用", "Used"),
  lapsed: both("失効", "Lapsed"),
  carriedOut: both("引継払出", "Gone over"),
};

export const FLOW_MEANINGS: Readonly<Record<Flow, Bilingual>> = {
  granted: both("事業の付与。還元(増量)を含みます。", "Grants of programmes, bonuses included."),
  exchanged: both("協力企業のポイントやマイルからの交換。", "Exchanged from points and miles of partners."),
  carriedIn: both(
    "前の種別から、期限をそのままに引き継いだポイント。新しく生まれたものではありません。",
    "From the series before, each with its month of expiry; none of it is new.",
  ),
  carriedOut: both(
    "後継の種別へ、期限をそのままに引き継いだポイント。同じだけ後継の「引継受入」にあります。",
    "To the successor, each with its month of expiry; there it has come over.",
  ),
  used: both("お店での支払い。返品で戻った分を差し引いています。", "Payments at shops, less refunds."),
  lapsed: both(
    "使われないまま期限を迎えたポイント。取り消された付与を含み、回復した分を差し引いています。期限は暦で決まるため、取引の記録がないものもあります。",
    "Points that ended unused; revoked ones included, less what was restored. The calendar ends them, so that there need not be a transaction.",
  ),
};

/** 2025年4月〜6月, or 25/4 for charts. */
export function periodName(
  { first, last }: Pick<Period, "first" | "last">,
  form: "long" | "short" = "long",
): string {
  if (form === "short") {
    const [a, b] = [shortMonth(first), shortMonth(last)];
    return first === last
      ? a
      : `${a}–${b.split("/")[Math.floor(first / 12) === Math.floor(last / 12) ? 1 : 0]}`;
  }
  const [a, b] = [monthLabel(first), monthLabel(last)];
  return first === last ? t(a.ja, a.en) : t(`${a.ja}〜${b.ja}`, `${a.en} to ${b.en}`);
}

function shortMonth(month: number): string {
  return `${Math.floor(month / 12)}/${(month % 12) + 1}`;
}
