// Day book and month statement of a shop as CSV, byte for byte those of scripts/lib/merchant/shop_books.py.
import type { Bilingual } from "@/lib/bilingual";
import { dayLabel, dayOf, momentLabel, monthOf, startOf } from "@/lib/calendar";
import { asCsv } from "@/lib/csv";
import { dayOfSale, serialOfSale } from "@/lib/sale";
import { issueSentence } from "@/lib/sentences";
import { Issue } from "@/payment/issue";
import type { SaleQueue, SaleStage } from "./queue";
import { KINDS, type ShopEvent, type ShopEventKind } from "./sales";

type Row = readonly (string | number)[];

const DAY_TITLES = [
  "日時 time",
  "区分 kind",
  "売上日 day of sale",
  "番号 number",
  "ポイント points",
  "備考 note",
  "取引 transaction",
];
const MONTH_TITLES = [
  "日 day",
  "売上件数 sales",
  "売上 sold",
  "返品件数 refunds",
  "返品 refunded",
  "直接受取 plain transfers",
  "精算 settled",
  "精算戻り owed again",
  "譲渡・種別移行 passed on, carried",
  "増減 change of the claim",
];

const MOVED: ReadonlySet<string> = new Set(["passedOn", "carriedIn", "carriedOut"]);

export const STAGES: Readonly<Record<SaleStage, Bilingual>> = {
  open: { ja: "未払い", en: "open" },
  waiting: { ja: "送信待ち", en: "waiting" },
  sending: { ja: "送信中", en: "sending" },
  paid: { ja: "支払済", en: "paid" },
  "not paid": { ja: "不成立", en: "not paid" },
  voided: { ja: "取消", en: "voided" },
};

/** A day of the shop: what the chain booked that day, then what the till opened and is not paid. */
export function dayBook(events: readonly ShopEvent[], queue: SaleQueue, day: number): string {
  const today = events.filter((event) => dayOf(event.at) === day);
  const rows: Row[] = today.map((event) => [
    momentLabel(event.at).en,
    KINDS[event.kind],
    ...saleCells(event.sale),
    event.points,
    event.kind === "unreturnable" ? String(event.noted) : "",
    event.transaction,
  ]);
  rows.push(["", "合計 total", "", "", sum(today, (event) => event.points), "", ""]);
  for (const sale of queue.sales.values()) {
    if (dayOfSale(sale.number) !== day || sale.stage === "paid") continue;
    const why = issueSentence(sale.issue);
    const note = sale.issue === Issue.NONE ? String(sale.points) : `${sale.points} ${why.en} / ${why.ja}`;
    const at = momentLabel(sale.answeredAt || sale.openedAt).en;
    const stage = STAGES[sale.stage];
    rows.push([at, `${stage.ja} ${stage.en}`, ...saleCells(sale.number), 0, note, sale.transaction]);
  }
  return asCsv([DAY_TITLES, ...rows]);
}

/** A month of the shop, a line a day and their sum; sales and refunds apart, never netted. */
export function monthStatement(events: readonly ShopEvent[], month: number): string {
  const inMonth = events.filter((event) => monthOf(event.at) === month);
  const rows: Row[] = [];
  for (let day = dayOf(startOf(month)); day < dayOf(startOf(month + 1)); day++)
    rows.push([dayLabel(day).en, ...figures(inMonth.filter((event) => dayOf(event.at) === day))]);
  return asCsv([MONTH_TITLES, ...rows, ["合計 total", ...figures(inMonth)]]);
}

function figures(events: readonly ShopEvent[]): number[] {
  const of = (kind: ShopEventKind) => events.filter((event) => event.kind === kind);
  const noted = (kind: ShopEventKind) => sum(of(kind), (event) => event.noted);
  return [
    new Set(of("sale").map((event) => event.sale)).size,
    noted("sale"),
    new Set(of("refund").map((event) => event.transaction)).size,
    noted("refund"),
    noted("transfer"),
    noted("settled"),
    noted("reopened"),
    sum(
      events.filter((event) => MOVED.has(event.kind)),
      (event) => event.points,
    ),
    sum(events, (event) => event.points),
  ];
}

function saleCells(sale: number | undefined): [string | number, string | number] {
  return sale === undefined ? ["", ""] : [dayLabel(dayOfSale(sale)).en, serialOfSale(sale)];
}

function sum<Of>(list: readonly Of[], of: (each: Of) => number): number {
  return list.reduce((total, each) => total + of(each), 0);
}
