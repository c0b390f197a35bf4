// Paying without a line: who is it, how much, what is left; and then a signature. The rules are those of
// scripts/lib/resident/signing_desk.py, in the same words. What is signed is on disk first, so that the purse does
// not promise it twice.
import type { LocalAccount } from "viem/accounts";
import { dayOf, now } from "@/lib/calendar";
import type { Chain } from "@/lib/chain";
import { digits } from "@/lib/money";
import { Refusal } from "@/lib/refusal";
import { dayOfSale } from "@/lib/sale";
import type { Storage } from "@/lib/storage";
import {
  answerText,
  type PaymentAnswer,
  type PaymentRequest,
  readAnswer,
  readRequest,
} from "@/payment/codes";
import { ACTIVE, maySign } from "@/payment/shops";
import { isSameAccount, type Payment, sign, signerOf } from "@/payment/signing";
import { domainOf, type Knowledge, type Lot, liveLots, take, totalOf } from "./knowledge";

/** How far the clocks of till and purse may be apart. */
const CLOCK_TOLERANCE_SECONDS = 15 * 60;
const UNUSED = 0;

/** What the resident reads before signing. `at`: how old it is what the purse knows. */
export interface Offer {
  readonly request: PaymentRequest;
  readonly known: Knowledge;
  readonly shop: string;
  readonly place: string;
  readonly points: number;
  readonly spent: readonly Lot[];
  readonly left: number;
  readonly at: number;
}

type PromiseRecord =
  | { kind: "signed"; answer: string; at: number }
  | { kind: "done"; series: string; merchant: string; sale: number };

export interface Promised {
  /** What the shop is shown. */
  readonly text: string;
  readonly payment: Payment;
  readonly series: string;
  readonly at: number;
  readonly isOpen: boolean;
}

export class SigningDesk {
  private constructor(
    private readonly storage: Storage,
    private readonly records: PromiseRecord[],
  ) {}

  static async open(storage: Storage): Promise<SigningDesk> {
    return new SigningDesk(storage, await storage.records());
  }

  /** Read what a till shows, and say whom it would pay. */
  async consider(text: string, everyKnown: readonly Knowledge[]): Promise<Offer> {
    const request = readRequest(text);
    const { domain, sale } = request;
    const known = everyKnown.find(
      (each) => each.chainId === domain.chainId && isSameAccount(each.series, domain.series),
    );
    if (!known)
      throw new Refusal("この財布にあるポイントの支払いではありません", "these are not points of this purse");
    const shop = known.shops[sale.merchant];
    if (!shop)
      throw new Refusal(
        `${known.town}が承認した加盟店ではありません。支払わないでください`,
        `${known.town} has approved no such shop: do not pay`,
      );
    if (shop.status !== ACTIVE)
      throw new Refusal(`${shop.name}は現在お支払いを受けられません`, `${shop.name} cannot be paid now`);
    const till = await signerOf(domain, sale, request.till);
    if (!till || !maySign(shop, till))
      throw new Refusal(
        `${shop.name}のレジのコードではありません。支払わないでください`,
        `the code is not from a till of ${shop.name}: do not pay`,
      );
    requireTimely(known, sale.sale, sale.validUntil);
    const lots = this.unpromised(known, request);
    if (totalOf(lots) < sale.points)
      throw new Refusal(
        `ポイントが足りません(${digits(totalOf(lots))}/${digits(sale.points)})`,
        `not enough points: ${digits(totalOf(lots))} of ${digits(sale.points)}`,
      );
    const { taken, left } = take(lots, sale.points);
    const { name, place } = shop;
    return {
      request,
      known,
      shop: name,
      place,
      points: sale.points,
      spent: taken,
      left: totalOf(left),
      at: known.at,
    };
  }

  /** Sign; the promise is on disk before this returns. The same offer gives the same answer again. */
  async sign({ request, known, spent }: Offer, key: LocalAccount): Promise<string> {
    if (!isSameAccount(key.address, known.account))
      throw new Refusal("別の口座の鍵です", "this is another account's key");
    const payment: Payment = { ...request.sale, payer: known.account, cancelEpoch: known.cancelEpoch };
    const answer: PaymentAnswer = {
      domain: domainOf(known),
      payment,
      signature: await sign(domainOf(known), payment, key),
      ends: spent[0]?.month ?? 0,
    };
    const text = answerText(answer);
    if (!this.records.some((record) => record.kind === "signed" && record.answer === text))
      await this.write({ kind: "signed", answer: text, at: now() });
    return text;
  }

  /** Find out which promises have been kept, as of the block that the knowledge is of. */
  async lookUp(chain: Chain, known: Knowledge): Promise<void> {
    for (const { merchant, sale } of this.openPromises(known)) {
      const asked = [merchant, BigInt(sale)];
      const [state] = await chain.read("MunicipalPoint", known.series, "saleOf", asked, known.block);
      if (state !== UNUSED) await this.write({ kind: "done", series: known.series, merchant, sale });
    }
  }

  /** Everything that was signed, the latest first. */
  promised(everyKnown: readonly Knowledge[]): Promised[] {
    const open = everyKnown.flatMap((known) => this.openPromises(known));
    const isOpen = (payment: Payment) =>
      open.some(
        (each) =>
          each.sale === payment.sale && each.merchant === payment.merchant && each.payer === payment.payer,
      );
    return this.records
      .flatMap((record) => (record.kind === "signed" ? [record] : []))
      .map(({ answer, at }) => {
        const { domain, payment } = readAnswer(answer);
        return { text: answer, payment, series: domain.series, at, isOpen: isOpen(payment) };
      })
      .reverse();
  }

  /** What can be spent of a series: its lots without what is promised, earliest first. */
  unpromised(known: Knowledge, request?: PaymentRequest): Lot[] {
    let lots = liveLots(known, now());
    for (const payment of this.openPromises(known)) {
      const wanted = request?.sale;
      if (wanted && payment.sale === wanted.sale && isSameAccount(payment.merchant, wanted.merchant)) {
        if (payment.points !== wanted.points)
          throw new Refusal("この売上は別の金額で署名済みです", "this sale was signed with another amount");
        continue; // the same payment again
      }
      lots = take(lots, payment.points).left;
    }
    return lots;
  }

  /** What was signed, can still be submitted, and is not known to have been. */
  private openPromises(known: Knowledge): Payment[] {
    const done = new Set(
      this.records.flatMap((record) =>
        record.kind === "done" ? [`${record.series} ${record.merchant} ${record.sale}`] : [],
      ),
    );
    return this.records
      .flatMap((record) => (record.kind === "signed" ? [readAnswer(record.answer)] : []))
      .filter(({ domain }) => isSameAccount(domain.series, known.series))
      .map(({ payment }) => payment)
      .filter((payment) => isSameAccount(payment.payer, known.account))
      .filter((payment) => payment.cancelEpoch === known.cancelEpoch)
      .filter((payment) => payment.validUntil >= now() - CLOCK_TOLERANCE_SECONDS)
      .filter((payment) => !done.has(`${known.series} ${payment.merchant} ${payment.sale}`));
  }

  private async write(record: PromiseRecord): Promise<void> {
    await this.storage.append(record);
    this.records.push(record);
  }
}

function requireTimely(known: Knowledge, sale: number, validUntil: number): void {
  const at = now();
  const [first, last] = [
    dayOf(at - CLOCK_TOLERANCE_SECONDS) - known.payableDays,
    dayOf(at + CLOCK_TOLERANCE_SECONDS),
  ];
  if (dayOfSale(sale) < first || dayOfSale(sale) > last)
    throw new Refusal(
      "売上の日付が合いません。時計を確かめてください",
      "the sale is not of these days: compare the clocks",
    );
  if (validUntil < at - CLOCK_TOLERANCE_SECONDS)
    throw new Refusal("コードの有効時間が過ぎています", "the code has run out");
}
