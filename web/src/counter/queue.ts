// The till's memory: every sale it opened, answer it took and batch it sent, and what became of them. The records
// are those of scripts/lib/merchant/sale_queue.py, and so is the order of writing:
//
// 1. `opened` is on disk before the code is shown: a number is never given out twice.
// 2. `answered` is on disk before the till says 受け付けました.
// 3. `sending` holds the signed transaction, on disk before the node hears of it.
// 4. `settled` says what the chain answered.
//
// And were all of it lost, the chain pays a sale number once.
import type { Address, Hex } from "viem";
import { dayOf } from "@/lib/calendar";
import { Refusal } from "@/lib/refusal";
import { dayOfSale, saleNumber } from "@/lib/sale";
import type { SignedCall } from "@/lib/sending";
import type { Storage } from "@/lib/storage";
import { answerText, type PaymentAnswer, readAnswer } from "@/payment/codes";
import { Issue } from "@/payment/issue";
import { SALES_OF_A_TILL } from "./settings";

export type SaleStage = "open" | "waiting" | "sending" | "paid" | "not paid" | "voided";

export interface TillSale {
  readonly number: number;
  readonly points: number;
  readonly openedAt: number;
  readonly validUntil: number;
  stage: SaleStage;
  answer?: PaymentAnswer;
  answeredAt: number;
  offline: boolean;
  issue: Issue;
  transaction: string;
}

interface SentBatch {
  readonly call: SignedCall;
  readonly sales: readonly number[];
}

type QueueRecord =
  | { kind: "opened"; sale: number; points: number; at: number; until: number }
  | { kind: "answered"; answer: string; at: number; offline: boolean }
  | { kind: "sending"; call: [Hex, Hex, number, Address]; sales: number[] }
  | { kind: "settled"; hash: string; issues: Record<string, Issue> }
  | { kind: "voided"; sale: number; hash: string }
  | { kind: "again"; sale: number };

export class SaleQueue {
  /** By number, oldest first. */
  readonly sales = new Map<number, TillSale>();
  /** Batches without an answer yet, oldest first. */
  sent: SentBatch[] = [];
  private records: QueueRecord[] = [];
  private writing: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly storage: Storage,
    private readonly till: number,
  ) {}

  static async open(storage: Storage, till: number): Promise<SaleQueue> {
    const queue = new SaleQueue(storage, till);
    for (const record of await storage.records<QueueRecord>()) queue.apply(record);
    return queue;
  }

  // ------------------------------------------------------------------------------------------- writing

  /** Give out the next number. */
  async openSale(points: number, now: number, validUntil: number): Promise<TillSale> {
    return this.alone(async () => {
      const number = this.nextNumber(dayOf(now));
      await this.write({ kind: "opened", sale: number, points, at: now, until: validUntil });
      return this.sale(number);
    });
  }

  /** Note a payer's answer; the till has checked it. `check` is asked once more when nothing else is being written. */
  async takeAnswer(
    answer: PaymentAnswer,
    now: number,
    offline: boolean,
    check: () => void,
  ): Promise<TillSale> {
    return this.alone(async () => {
      check();
      await this.write({ kind: "answered", answer: answerText(answer), at: now, offline });
      return this.sale(answer.payment.sale);
    });
  }

  /** Note a transaction before the node hears of it. */
  async noteSending(call: SignedCall, sales: readonly number[]): Promise<void> {
    await this.write({
      kind: "sending",
      call: [call.raw, call.hash, call.nonce, call.sender],
      sales: [...sales],
    });
  }

  /** Note what a transaction did; sales of it that are not named wait again. */
  async noteSettled(hash: Hex, issues: ReadonlyMap<number, Issue>): Promise<void> {
    await this.write({ kind: "settled", hash, issues: Object.fromEntries(issues) });
  }

  async noteVoided(sale: number, hash: Hex): Promise<void> {
    await this.write({ kind: "voided", sale, hash });
  }

  /** Let a sale wait again that was not paid. */
  async retry(sale: number): Promise<void> {
    if (this.sale(sale).stage === "not paid") await this.write({ kind: "again", sale });
  }

  // ------------------------------------------------------------------------------------------- reading

  sale(number: number): TillSale {
    const found = this.sales.get(number);
    if (!found) throw new Refusal("このレジにない売上番号です", "this till opened no such sale");
    return found;
  }

  waiting(): TillSale[] {
    return [...this.sales.values()].filter((sale) => sale.stage === "waiting");
  }

  /** What was taken on a day while the line was down and is not known to be paid. */
  offlinePoints(day: number): number {
    return [...this.sales.values()]
      .filter((sale) => sale.offline && dayOf(sale.answeredAt) === day)
      .filter((sale) => ["waiting", "sending", "not paid"].includes(sale.stage))
      .reduce((sum, sale) => sum + sale.points, 0);
  }

  /** The records as lines of JSON, for a copy elsewhere. */
  text(): string {
    return this.records.map((record) => `${JSON.stringify(record)}\n`).join("");
  }

  private nextNumber(day: number): number {
    const first = saleNumber(day, this.till * SALES_OF_A_TILL);
    const used = [...this.sales.keys()].filter((sale) => dayOfSale(sale) === day && sale >= first);
    const number = Math.max(first - 1, ...used) + 1;
    if (number >= first + SALES_OF_A_TILL)
      throw new Refusal(
        `レジの1日の件数${SALES_OF_A_TILL}に達しました`,
        `a till numbers ${SALES_OF_A_TILL} sales a day`,
      );
    return number;
  }

  /** Do one thing at a time: two taps must not get one number. */
  private alone<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const done = this.writing.then(work);
    this.writing = done.catch(() => undefined);
    return done;
  }

  private async write(record: QueueRecord): Promise<void> {
    await this.storage.append(record);
    this.apply(record);
  }

  private apply(record: QueueRecord): void {
    this.records.push(record);
    switch (record.kind) {
      case "opened":
        this.sales.set(record.sale, {
          number: record.sale,
          points: record.points,
          openedAt: record.at,
          validUntil: record.until,
          stage: "open",
          answeredAt: 0,
          offline: false,
          issue: Issue.NONE,
          transaction: "",
        });
        break;
      case "answered": {
        const answer = readAnswer(record.answer);
        Object.assign(this.sale(answer.payment.sale), {
          answer,
          answeredAt: record.at,
          offline: record.offline,
          stage: "waiting",
          issue: Issue.NONE,
        });
        break;
      }
      case "sending": {
        const [raw, hash, nonce, sender] = record.call;
        this.sent.push({ call: { raw, hash, nonce, sender }, sales: record.sales });
        for (const number of record.sales) this.sale(number).stage = "sending";
        break;
      }
      case "settled":
        this.applySettled(record.hash, record.issues);
        break;
      case "voided":
        Object.assign(this.sale(record.sale), { stage: "voided", transaction: record.hash });
        break;
      case "again":
        this.sale(record.sale).stage = "waiting";
        break;
    }
  }

  private applySettled(hash: string, issues: Readonly<Record<string, Issue>>): void {
    const batch = this.sent.find((each) => each.call.hash === hash);
    if (!batch) return;
    this.sent = this.sent.filter((each) => each !== batch);
    for (const number of batch.sales) {
      const sale = this.sale(number);
      const issue = issues[number];
      sale.issue = issue ?? Issue.NONE;
      if (issue === undefined) sale.stage = "waiting";
      else if (issue === Issue.NONE || issue === Issue.ALREADY_PAID) {
        sale.stage = "paid";
        sale.transaction = hash;
      } else sale.stage = "not paid";
    }
  }
}
