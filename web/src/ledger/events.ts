// The events of a series that move points, from either of two sources: the logs of a node, and the dataset that an
// auditor published (dataset.ts). Both come out the same, so that what is computed from them can be compared.
import type { Hex } from "viem";
import type { BookedSeries } from "@/lib/book";
import { monthOf, startOf } from "@/lib/calendar";
import type { Chain } from "@/lib/chain";

export const NAMES = [
  "Minted",
  "MintSkipped",
  "Transfer",
  "Lapsed",
  "MerchantApproved",
  "Carried",
  "LotExtended",
  "LotRestored",
  "Revoked",
  "TakenBack",
  "SaleRefunded",
  "Settled",
  "ClaimReopened",
  "LotCarriedIn",
  "LotCarriedOut",
  "ClaimCarriedIn",
  "ClaimCarriedOut",
  "MerchantCarriedIn",
] as const;

export type EventName = (typeof NAMES)[number];

/** One event; its accounts (in small letters) and its numbers by name. `month` is that of its block, in Japan. */
export interface PointEvent {
  readonly name: EventName;
  readonly accounts: Readonly<Record<string, string>>;
  readonly numbers: Readonly<Record<string, number>>;
  readonly month: number;
  readonly block: number;
  readonly index: number;
  readonly transaction: Hex;
}

/** Read the events of a series up to a block, in chain order. */
export async function eventsOfChain(chain: Chain, series: BookedSeries, last: number): Promise<PointEvent[]> {
  const logs = await chain.logs("MunicipalPoint", series.address, NAMES, series.block, {}, last);
  const monthAt = await monthsOfBlocks(chain, logs[0]?.block ?? series.block, last);
  return logs.map((log) => ({
    name: log.name as EventName,
    ...sorted(log.args),
    month: monthAt(log.block),
    block: log.block,
    index: log.index,
    transaction: log.transaction,
  }));
}

/** Put the arguments of an event apart: accounts, and numbers, which are exact (none of ours passes 2^53). */
export function sorted(args: Readonly<Record<string, unknown>>): Pick<PointEvent, "accounts" | "numbers"> {
  const [accounts, numbers]: [Record<string, string>, Record<string, number>] = [{}, {}];
  for (const [name, value] of Object.entries(args)) {
    if (typeof value === "bigint" || typeof value === "number") {
      numbers[name] = Number(value);
      if (!Number.isSafeInteger(numbers[name]))
        throw new RangeError(`${name} is larger than any figure of ours`);
    } else if (typeof value === "string" && /^0x[0-9a-fA-F]{40}$/.test(value))
      accounts[name] = value.toLowerCase();
  }
  return { accounts, numbers };
}

/** How to tell the month of a block without asking for each: by the first block of each month. */
async function monthsOfBlocks(chain: Chain, first: number, last: number): Promise<(block: number) => number> {
  const begin = monthOf(await chain.timeOf(first));
  const end = monthOf(await chain.timeOf(last));
  const firsts: number[] = [];
  for (let month = begin + 1; month <= end; month++)
    firsts.push(await chain.blockAt(startOf(month), firsts.at(-1) ?? first));
  return (block) => begin + firsts.filter((from) => from <= block).length;
}
