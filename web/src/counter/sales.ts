// What the chain knows of a shop's sales: payments with their lots, refunds, plain transfers, settlement. As
// scripts/lib/merchant/chain_sales.py reads the events that name the shop.
import { type Address, getAddress, type Hex, numberToHex } from "viem";
import { seriesAt } from "@/lib/book";
import { startOfDay } from "@/lib/calendar";
import type { Chain, ReadLog } from "@/lib/chain";
import { Refusal } from "@/lib/refusal";
import { dayOfSale } from "@/lib/sale";
import type { TillSettings } from "./settings";

const LOT_BITS = 40n;
const AMOUNT_BITS = 29n;

export interface PaidSale {
  readonly number: number;
  readonly payer: Address;
  /** What it was paid from, as `refund` takes them: month << 29 | points, earliest first. */
  readonly lots: readonly bigint[];
  readonly transaction: Hex;
}

export const KINDS = {
  sale: "売上 sale",
  refund: "返品 refund",
  unreturnable: "返品不能 ended, kept",
  transfer: "直接受取 plain transfer",
  settled: "精算 settled",
  reopened: "精算戻り owed again",
  passedOn: "他店へ譲渡 passed on",
  carriedIn: "種別移行(受入) carried in",
  carriedOut: "種別移行(払出) carried out",
} as const;

export type ShopEventKind = keyof typeof KINDS;

/** One line of a shop's books. `points` is what it adds to the claim; `noted` what it speaks of, always positive. */
export interface ShopEvent {
  readonly at: number;
  readonly kind: ShopEventKind;
  readonly sale: number | undefined;
  readonly points: number;
  readonly noted: number;
  readonly transaction: Hex;
}

export function pointsOf(paid: PaidSale): number {
  return paid.lots.reduce((sum, lot) => sum + lotPoints(lot), 0);
}

/** The payment of a sale, the latest if its number served twice. */
export async function findPayment(chain: Chain, settings: TillSettings, sale: number): Promise<PaidSale> {
  // No sale is paid before its day.
  const first = await firstBlockOf(chain, settings, dayOfSale(sale));
  const logs = await chain.logs("MunicipalPoint", settings.series, ["SalePaid"], first, {
    merchant: settings.merchant,
  });
  const found = paidSales(logs).filter((paid) => paid.number === sale);
  const last = found.at(-1);
  if (!last) throw new Refusal("この売上の支払いはありません", "this sale was not paid");
  return last;
}

/** The first block of a day. */
export function firstBlockOf(chain: Chain, settings: TillSettings, day: number): Promise<number> {
  return chain.blockAt(startOfDay(day), seriesAt(chain.book, settings.series).block);
}

/** Everything that happened to the shop's claim from a block on, oldest first. */
export async function shopEvents(chain: Chain, settings: TillSettings, first: number): Promise<ShopEvent[]> {
  const names = [
    ...["SalePaid", "SaleRefunded", "SaleUnreturnable", "Settled"],
    ...["ClaimReopened", "ClaimCarriedIn", "ClaimCarriedOut"],
  ];
  const [named, transfers, given] = await Promise.all([
    chain.logs("MunicipalPoint", settings.series, names, first, { merchant: settings.merchant }),
    chain.logs("MunicipalPoint", settings.series, ["Transfer"], first, { to: settings.merchant }),
    chain.logs("MunicipalPoint", settings.series, ["Transfer"], first, { from: settings.merchant }),
  ]);
  /** Transactions whose Transfers from the shop are refunds. */
  const refunded = new Set(named.filter((log) => log.name === "SaleRefunded").map((log) => log.transaction));
  const lines: (Omit<ShopEvent, "at"> & { block: number; index: number })[] = [];
  const note = (log: ReadLog, kind: ShopEventKind, sale: number | undefined, points: number, noted: number) =>
    lines.push({
      kind,
      sale,
      points,
      noted,
      transaction: log.transaction,
      block: log.block,
      index: log.index,
    });

  /** By transaction and payer, points of Transfers that sales explain. */
  const explained = new Map<string, number>();
  for (const log of named) {
    const { args } = log;
    if (log.name === "SalePaid") {
      const { number, payer, lot } = unpacked(args.payment);
      const key = log.transaction + payer;
      explained.set(key, (explained.get(key) ?? 0) + lotPoints(lot));
      note(log, "sale", number, lotPoints(lot), lotPoints(lot));
    } else if (log.name === "SaleRefunded")
      note(log, "refund", Number(args.sale), -lotPoints(args.lot), lotPoints(args.lot));
    else if (log.name === "SaleUnreturnable")
      note(log, "unreturnable", Number(args.sale), 0, Number(args.amountPoints));
    else if (log.name === "Settled")
      note(log, "settled", undefined, -Number(args.amountPoints), Number(args.amountPoints));
    else {
      const points = Number(args.thisYearPoints + args.earlierYearsPoints);
      if (log.name === "ClaimCarriedOut") note(log, "carriedOut", undefined, -points, points);
      else note(log, log.name === "ClaimCarriedIn" ? "carriedIn" : "reopened", undefined, points, points);
    }
  }
  for (const log of transfers) {
    const points = Number(log.args.value);
    const key = log.transaction + log.args.from;
    const known = explained.get(key) ?? 0;
    if (known >= points || BigInt(log.args.from) === 0n) explained.set(key, known - points);
    else note(log, "transfer", undefined, points, points);
  }
  for (const log of given) {
    const points = Number(log.args.value);
    if (BigInt(log.args.to) !== 0n && !refunded.has(log.transaction))
      note(log, "passedOn", undefined, -points, points);
  }
  lines.sort((a, b) => a.block - b.block || a.index - b.index);
  const times = new Map<number, number>();
  for (const block of new Set(lines.map((line) => line.block))) times.set(block, await chain.timeOf(block));
  return withoutLots(lines.map((line) => ({ ...line, at: times.get(line.block) ?? 0 })));
}

/** One line for each sale and each refund, whatever the number of its lots. */
function withoutLots(events: readonly ShopEvent[]): ShopEvent[] {
  const lines = new Map<string, ShopEvent>();
  events.forEach((event, place) => {
    const key = [event.kind, event.sale, event.transaction, event.sale === undefined ? place : 0].join();
    const before = lines.get(key);
    lines.set(
      key,
      before ? { ...event, points: before.points + event.points, noted: before.noted + event.noted } : event,
    );
  });
  return [...lines.values()];
}

/** Payments, their lots brought together: the events of one payment follow each other. */
function paidSales(logs: readonly ReadLog[]): PaidSale[] {
  const sales: PaidSale[] = [];
  for (const { args, transaction } of logs) {
    const { number, payer, lot } = unpacked(args.payment);
    const last = sales.at(-1);
    if (last && last.number === number && last.payer === payer && last.transaction === transaction)
      sales[sales.length - 1] = { ...last, lots: [...last.lots, lot] };
    else sales.push({ number, payer, lots: [lot], transaction });
  }
  return sales;
}

/** Sale, payer and lot of a SalePaid. */
function unpacked(word: bigint): { number: number; payer: Address; lot: bigint } {
  return {
    number: Number((word >> 64n) % 2n ** 32n),
    payer: getAddress(numberToHex(word >> 96n, { size: 20 })),
    lot: word % 2n ** LOT_BITS,
  };
}

function lotPoints(lot: bigint): number {
  return Number(lot % 2n ** AMOUNT_BITS);
}
