// What a till can tell of an answer without a line, and the limits it keeps while it has none: the rules of
// scripts/lib/merchant/answer_checks.py, in the same words.
import { both } from "@/lib/bilingual";
import { dayOf, monthOf } from "@/lib/calendar";
import { digits } from "@/lib/money";
import { Refusal } from "@/lib/refusal";
import { answerText, type PaymentAnswer } from "@/payment/codes";
import { isSameAccount, signerOf } from "@/payment/signing";
import type { SaleQueue } from "./queue";
import type { TillSettings } from "./settings";

/** What a till cannot know while the line is down. */
export const UNVERIFIABLE = [
  both("残高があること", "that the points are there"),
  both("同じポイントを他店で使っていないこと", "that they were not promised to another shop meanwhile"),
  both("口座が停止されていないこと", "that the account is not stopped"),
  both("署名が取り消されていないこと", "that the signature has not been cancelled"),
];

/** Check all that needs no line. */
export function checkAnswer(
  settings: TillSettings,
  queue: SaleQueue,
  answer: PaymentAnswer,
  now: number,
  shops: readonly string[],
): void {
  const { domain, payment } = answer;
  if (domain.chainId !== settings.chain_id || !isSameAccount(domain.series, settings.series))
    throw new Refusal("別のポイントの支払いです", "these are other points");
  if (!isSameAccount(payment.merchant, settings.merchant))
    throw new Refusal("別の店への支払いです", "this is for another shop");
  const sale = queue.sale(payment.sale);
  if (sale.points !== payment.points)
    throw new Refusal(
      `売上は${digits(sale.points)}ポイントですが、署名は${digits(payment.points)}ポイントです`,
      `the sale is of ${digits(sale.points)} points, signed are ${digits(payment.points)}`,
    );
  if (sale.stage === "voided") throw new Refusal("取り消した売上です", "the sale was voided");
  const isSecondTry =
    sale.stage === "not paid" && sale.answer && answerText(sale.answer) !== answerText(answer);
  if (sale.stage !== "open" && !isSecondTry)
    throw new Refusal("この売上は受け付け済みです", "this sale has its payment already");
  if (payment.validUntil < now)
    throw new Refusal("署名の有効時間が過ぎています", "the signature has run out");
  if (payment.validUntil < sale.validUntil)
    throw new Refusal("署名の有効時間が短すぎます", "the signature runs out too early");
  if ([...shops, settings.merchant].some((shop) => isSameAccount(shop, payment.payer)))
    throw new Refusal("加盟店の口座では支払えません", "a shop's account cannot pay");
}

/** Whether the key of the payer's account signed; no contract account has one. */
export async function isSignedByKey(answer: PaymentAnswer): Promise<boolean> {
  const signer = await signerOf(answer.domain, answer.payment, answer.signature);
  return signer !== undefined && isSameAccount(signer, answer.payment.payer);
}

/** Check in addition what a till asks for while the line is down. */
export function checkOffline(
  settings: TillSettings,
  queue: SaleQueue,
  answer: PaymentAnswer,
  now: number,
  isOwnKey: boolean,
): void {
  const { payment } = answer;
  if (!isOwnKey)
    throw new Refusal(
      "署名が本人の鍵のものではありません(契約口座はオフラインでは確かめられません)",
      "the signature is not the payer's own key's; without a line no other can be checked",
    );
  const { offline_sale_points: ofSale, offline_day_points: ofDay, connection_seconds: promised } = settings;
  if (payment.points > ofSale)
    throw new Refusal(
      `オフラインでは1件${digits(ofSale)}ポイントまでです`,
      `without a line at most ${digits(ofSale)} points a sale`,
    );
  const taken = queue.offlinePoints(dayOf(now));
  if (taken + payment.points > ofDay)
    throw new Refusal(
      `オフラインでは1日${digits(ofDay)}ポイントまでです(本日${digits(taken)})`,
      `without a line at most ${digits(ofDay)} points a day, ${digits(taken)} are taken`,
    );
  const connected = now + promised;
  if (payment.validUntil < connected)
    throw new Refusal(
      "次の通信予定より前に署名の有効時間が切れます",
      "the signature runs out before the line is promised to be back",
    );
  if (monthOf(connected) > monthOf(now) && answer.ends < monthOf(connected))
    throw new Refusal(
      "次の通信予定より前に有効期限の来るポイントのおそれがあります",
      "the points may end before the line is promised to be back",
    );
}
