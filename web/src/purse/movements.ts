// Every movement of an account's points, and the statement of a fiscal year as CSV, byte for byte that of
// scripts/lib/resident/statements.py.
import { seriesAt } from "@/lib/book";
import { momentLabel, monthOf, startOf } from "@/lib/calendar";
import type { Chain } from "@/lib/chain";
import { asCsv } from "@/lib/csv";
import type { Knowledge } from "./knowledge";

const TITLES = ["日時 time", "区分 kind", "相手 with", "増減 change", "残高 balance", "取引 transaction"];

/** `kind` in both languages, e.g. "支払 payment"; `points` negative if they left. Points lapse at their month's last second. */
export interface Movement {
  readonly at: number;
  readonly kind: string;
  readonly other: string;
  readonly points: number;
  readonly transaction: string;
}

/** Every movement, oldest first, with points that ended unrecorded. */
export async function movements(chain: Chain, known: Knowledge): Promise<Movement[]> {
  const { series, account } = known;
  const first = seriesAt(chain.book, series).block;
  const [out, into, lapsed, balance] = await Promise.all([
    chain.logs("MunicipalPoint", series, ["Transfer"], first, { from: account }),
    chain.logs("MunicipalPoint", series, ["Transfer"], first, { to: account }),
    chain.logs("MunicipalPoint", series, ["Lapsed"], first, { account }),
    chain.read("MunicipalPoint", series, "balanceOf", [account]),
  ]);
  const lapses = new Map(lapsed.map((log) => [`${log.block} ${log.index}`, Number(log.args.expiryMonth)]));
  const places = new Map([...out, ...into].map((log) => [`${log.block} ${log.index}`, log]));
  const found: Movement[] = [];
  for (const log of [...places.values()].sort((a, b) => a.block - b.block || a.index - b.index)) {
    const { from, to, value } = log.args;
    const isOut = from === account;
    const other = isOut ? to : from;
    const isZero = BigInt(other) === 0n;
    const shop = known.shops[other as keyof typeof known.shops];
    // A Lapsed stands beside its Transfer.
    const ended = [-1, 1].map((step) => lapses.get(`${log.block} ${log.index + step}`)).find((its) => its);
    found.push({
      at: ended === undefined ? await chain.timeOf(log.block) : startOf(ended + 1) - 1,
      kind: kindOf(isOut, isZero, shop !== undefined, ended !== undefined),
      other: shop?.name ?? (isZero ? "" : other),
      points: isOut ? -Number(value) : Number(value),
      transaction: log.transaction,
    });
  }
  const booked = found.reduce((sum, each) => sum + each.points, 0);
  if (booked > Number(balance)) {
    // With which month nothing tells; with the last one at the latest.
    const at = startOf(monthOf((await chain.head()).at)) - 1;
    const kind = "失効(記帳前) lapsed, not recorded";
    found.push({ at, kind, other: "", points: Number(balance) - booked, transaction: "" });
  }
  return found.sort((a, b) => a.at - b.at);
}

/** The statement of a fiscal year, by its April: carried in, each movement, what is left. */
export function yearlyStatement(every: readonly Movement[], year: number): string {
  const first = (year - 2000) * 12 + 3;
  const carriedIn = (points: number) => ["", "前年度繰越 carried in", "", 0, points, ""];
  const rows: (string | number)[][] = [];
  let balance = 0;
  for (const each of every) {
    const month = monthOf(each.at);
    if (month > first + 11) break;
    balance += each.points;
    if (month < first) continue;
    if (rows.length === 0) rows.push(carriedIn(balance - each.points));
    rows.push([momentLabel(each.at).en, each.kind, each.other, each.points, balance, each.transaction]);
  }
  if (rows.length === 0) rows.push(carriedIn(balance));
  return asCsv([TITLES, ...rows, ["", "年度末 at the end", "", 0, balance, ""]]);
}

function kindOf(isOut: boolean, isZero: boolean, isShop: boolean, isLapse: boolean): string {
  if (isLapse) return "失効 lapsed";
  if (isZero) return isOut ? "取消 revoked" : "付与・交換・還元 received";
  if (isShop) return isOut ? "支払 payment" : "返品 refund";
  return isOut ? "口座の引継ぎ・譲渡 moved out" : "口座の引継ぎ・譲渡 moved in";
}
