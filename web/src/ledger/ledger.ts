// The public ledger of a series, computed in this browser from both sources, and whether they agree.
import { type Bilingual, both } from "@/lib/bilingual";
import type { BookedSeries } from "@/lib/book";
import { monthOf } from "@/lib/calendar";
import { Chain } from "@/lib/chain";
import { Observed } from "@/lib/observed";
import { Refusal } from "@/lib/refusal";
import type { Site } from "@/lib/site";
import type { Dataset } from "./dataset";
import { eventsOfChain, type PointEvent } from "./events";
import { type Published, published } from "./periods";
import { FLOWS, type Followed, follow } from "./replay";

/** What one source says. */
export interface Told extends Followed {
  readonly events: number;
}

interface Source {
  readonly dataset?: Dataset | undefined;
  readonly refused?: Error;
}

export interface Computed {
  readonly series: BookedSeries;
  readonly title: string;
  /** The block up to which all of it is, with its time. */
  readonly block: number;
  readonly at: number;
  readonly chain: Told;
  /** Undefined if the site has no dataset. */
  readonly dataset: (Told & { readonly digest: string; readonly hash: string }) | undefined;
  /** Why the dataset cannot be used, if it cannot. */
  readonly refused: Error | undefined;
  /** Months in which the two sources differ, with the figures of both; whether the chain has the dataset's last block. */
  readonly differences: readonly Bilingual[];
  readonly published: Published;
  /** The contract's own answer at that block: what residents hold and shops have not been paid for. */
  readonly supply: number;
  readonly isSupplyRight: boolean;
}

/** What residents hold in all series of a family together, when a month is over that each has published. */
export interface Together {
  readonly month: number;
  /** In the family's order. */
  readonly outstanding: readonly number[];
  readonly total: number;
}

export class Ledger extends Observed {
  readonly chain: Chain;
  /** The chosen series, with those before it and after it that were closed for one another, the earliest first. */
  family: readonly Computed[] | undefined;
  busy: Bilingual | undefined;
  problem: Error | undefined;
  private wanted: BookedSeries | undefined;

  constructor(site: Site) {
    super();
    this.chain = new Chain(site);
  }

  async choose(series: BookedSeries): Promise<void> {
    this.wanted = series;
    [this.family, this.problem, this.busy] = [
      undefined,
      undefined,
      both("記録を読んでいます", "Reading the records"),
    ];
    this.changed();
    try {
      const family = await this.computeFamily(series);
      if (this.wanted === series) this.family = family;
    } catch (error) {
      if (this.wanted === series) this.problem = error as Error;
      if (!(error instanceof Refusal)) console.info(error);
    }
    if (this.wanted !== series) return;
    this.busy = undefined;
    this.changed();
  }

  private async computeFamily(series: BookedSeries): Promise<Computed[]> {
    await this.chain.require();
    const source = await this.openDataset();
    const head = await this.chain.head();
    const block = Math.min(source.dataset?.end.block ?? head.number, head.number);
    const at = await this.chain.timeOf(block);
    const computed: Computed[] = [];
    for (const each of await this.familyOf(series, block))
      computed.push(await this.compute(each, source, block, at));
    return computed;
  }

  /** A series with all that were closed for one another up to it and from it, the earliest first. */
  private async familyOf(series: BookedSeries, block: number): Promise<BookedSeries[]> {
    const town = this.chain.book.series.filter(
      (each) => each.municipality === series.municipality && each.block <= block,
    );
    const next = new Map<BookedSeries, BookedSeries>();
    await Promise.all(
      town.map(async (each) => {
        const [successor, , isClosed] = await this.chain.read(
          "MunicipalPoint",
          each.address,
          "migration",
          [],
          block,
        );
        const found = town.find((other) => other.address.toLowerCase() === String(successor).toLowerCase());
        if (isClosed && found !== undefined) next.set(each, found);
      }),
    );
    const family = [series];
    for (;;) {
      const before = town.find((each) => next.get(each) === family[0] && !family.includes(each));
      if (before === undefined) break;
      family.unshift(before);
    }
    for (
      let after = next.get(series);
      after !== undefined && !family.includes(after);
      after = next.get(after)
    )
      family.push(after);
    return family;
  }

  private async compute(
    series: BookedSeries,
    { dataset, refused }: Source,
    block: number,
    at: number,
  ): Promise<Computed> {
    const exchange = this.chain.service("PartnerExchange");
    const tell = (events: readonly PointEvent[]): Told => ({
      events: events.length,
      ...follow(events, exchange, monthOf(at)),
    });
    const chain = tell(await eventsOfChain(this.chain, series, block));
    const supply = Number(await this.chain.read("MunicipalPoint", series.address, "totalSupply", [], block));
    const differences: Bilingual[] = [];
    let told: Computed["dataset"];
    let unreadable = refused;
    if (dataset !== undefined) {
      try {
        told = { ...tell(await dataset.eventsOf(series)), digest: dataset.digest, hash: dataset.end.hash };
        if (!(await this.hasBlock(dataset)))
          differences.push(
            both(
              `ブロック${dataset.end.block}のハッシュがチェーンと違います`,
              `the chain has another block ${dataset.end.block}`,
            ),
          );
        differences.push(...differencesOf(chain, told));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        unreadable = error;
      }
    }
    return {
      series,
      title: titleOf(series, this.chain.book.series),
      block,
      at,
      chain,
      dataset: told,
      refused: unreadable,
      differences,
      published: published(chain.months),
      supply,
      isSupplyRight: (chain.months.at(-1)?.outstanding ?? 0) + chain.claims === supply,
    };
  }

  private async openDataset(): Promise<Source> {
    // What reads Parquet comes only when there is some: the page's first load stays small.
    const { Dataset } = await import("./dataset");
    try {
      return { dataset: await Dataset.open(this.chain.book) };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { refused: error };
    }
  }

  private async hasBlock({ end }: Dataset): Promise<boolean> {
    const block = await this.chain.client.request({
      method: "eth_getBlockByNumber",
      params: [`0x${end.block.toString(16)}`, false],
    });
    return block?.hash === end.hash;
  }
}

/** A series' name, with its symbol where the town has another of the same name, as a successor may have. */
export function titleOf(series: BookedSeries, all: readonly BookedSeries[]): string {
  const isSame = (each: BookedSeries) =>
    each.municipality === series.municipality && each.name === series.name && each !== series;
  return all.some(isSame) ? `${series.name} (${series.symbol})` : series.name;
}

/** Add up what residents hold in all series of a family; undefined as long as no month is published in each. */
export function together(family: readonly Pick<Computed, "published">[]): Together | undefined {
  const ends = family.map(
    ({ published: { periods } }) => new Map(periods.map((each) => [each.last, each.outstanding])),
  );
  const common = [...(ends[0]?.keys() ?? [])].filter((month) => ends.every((each) => each.has(month)));
  const month = common.at(-1);
  if (month === undefined) return undefined;
  const outstanding = ends.map((each) => each.get(month) ?? 0);
  return { month, outstanding, total: outstanding.reduce((sum, points) => sum + points, 0) };
}

/** Every figure in which two sources differ, down to the people and the transactions behind it. */
export function differencesOf(left: Told, right: Told): Bilingual[] {
  const found: Bilingual[] = [];
  if (left.events !== right.events)
    found.push(
      both(
        `記録の件数が違います: ${left.events} / ${right.events}`,
        `${left.events} events, not ${right.events}`,
      ),
    );
  if (left.claims !== right.claims)
    found.push(
      both(
        `未精算が違います: ${left.claims} / ${right.claims}`,
        `claims ${left.claims}, not ${right.claims}`,
      ),
    );
  for (let place = 0; place < Math.max(left.months.length, right.months.length); place++) {
    const [a, b] = [left.months[place], right.months[place]];
    if (a === undefined || b === undefined || a.month !== b.month) {
      found.push(both("対象の月が違います", "they are about other months"));
      break;
    }
    if (a.outstanding !== b.outstanding)
      found.push(
        both(
          `残高が違います: ${a.outstanding} / ${b.outstanding}`,
          `outstanding ${a.outstanding}, not ${b.outstanding}`,
        ),
      );
    for (const flow of FLOWS) {
      const [one, other] = [a.cells[flow], b.cells[flow]];
      const isSame =
        one.points === other.points &&
        one.people.size === other.people.size &&
        one.transactions.size === other.transactions.size &&
        [...one.transactions].every(([hash, part]) => other.transactions.get(hash)?.points === part.points);
      if (!isSame)
        found.push(
          both(`${flow} ${one.points} / ${other.points}`, `${flow} ${one.points}, not ${other.points}`),
        );
    }
  }
  return found;
}
