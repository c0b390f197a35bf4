// What a purse knows of one series without a line: shops with their tills, own points and their ends; and how old
// that is. As scripts/lib/resident/series_knowledge.py has it.
import type { Address } from "viem";
import type { BookedSeries } from "@/lib/book";
import { monthOf } from "@/lib/calendar";
import type { Chain } from "@/lib/chain";
import { learnShops, type Shops } from "@/payment/shops";
import type { SeriesDomain } from "@/payment/signing";

/** Points that end with a month. */
export interface Lot {
  readonly month: number;
  readonly points: number;
}

export interface Knowledge {
  readonly chainId: number;
  readonly series: Address;
  readonly municipality: number;
  readonly town: string;
  readonly name: string;
  readonly account: Address;
  /** The resident's number in the municipality; 0 if the account is nobody's. */
  readonly number: number;
  readonly payableDays: number;
  readonly cancelEpoch: number;
  readonly lots: readonly Lot[];
  readonly block: number;
  readonly at: number;
  readonly shops: Shops;
}

export function domainOf(known: Knowledge): SeriesDomain {
  return { chainId: known.chainId, series: known.series };
}

/** The lots that have not ended by now, earliest first. */
export function liveLots(known: Knowledge, now: number): Lot[] {
  return known.lots.filter((lot) => lot.month >= monthOf(now)).sort((a, b) => a.month - b.month);
}

export function totalOf(lots: readonly Lot[]): number {
  return lots.reduce((sum, lot) => sum + lot.points, 0);
}

/** Split lots into what pays `points` and the rest, the earliest first. */
export function take(lots: readonly Lot[], points: number): { taken: Lot[]; left: Lot[] } {
  const [taken, left]: [Lot[], Lot[]] = [[], []];
  let wanted = points;
  for (const lot of lots) {
    const part = Math.min(lot.points, wanted);
    wanted -= part;
    if (part > 0) taken.push({ month: lot.month, points: part });
    if (lot.points > part) left.push({ month: lot.month, points: lot.points - part });
  }
  return { taken, left };
}

/** What the chain says now. Shops are learned where the account is a resident's or holds points. */
export async function learn(
  chain: Chain,
  booked: BookedSeries,
  account: Address,
  before: Knowledge | undefined,
  head: { number: number; at: number },
): Promise<Knowledge> {
  const ask = (name: string, args: readonly unknown[]) =>
    chain.read("MunicipalPoint", booked.address, name, args, head.number);
  const [lots, epoch, days, number] = await Promise.all([
    ask("lotsOf", [account]),
    ask("cancelEpochOf", [account]),
    ask("saleDays", []),
    chain.read(
      "ResidentRegistry",
      chain.book.residents,
      "numberOf",
      [BigInt(booked.municipality), account],
      head.number,
    ),
  ]);
  const [months, amounts] = lots as [readonly bigint[], readonly bigint[]];
  const isSame = before?.account === account;
  const shops: Shops = isSame ? before.shops : {};
  const isOurs = number > 0n || months.length > 0;
  if (isOurs)
    await learnShops(
      chain,
      booked.address,
      shops,
      isSame && before.block >= 0 ? before.block + 1 : 0,
      head.number,
    );
  return {
    chainId: chain.book.chain_id,
    series: booked.address,
    municipality: booked.municipality,
    town: booked.town,
    name: booked.name,
    account,
    number: Number(number),
    payableDays: Number(days[0]),
    cancelEpoch: Number(epoch),
    lots: months.map((month, place) => ({ month: Number(month), points: Number(amounts[place]) })),
    // What was not read yet is read from the beginning once the account is a resident's.
    block: isOurs ? head.number : -1,
    at: head.at,
    shops,
  };
}
