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

export interface Computed {
  readonly series: BookedSeries;
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

export class Ledger extends Observed {
  readonly chain: Chain;
  computed: Computed | undefined;
  busy: Bilingual | undefined;
  problem: Error | undefined;
  private wanted: BookedSeries | undefined;

  constructor(site: Site) {
    super();
    this.chain = new Chain(site);
  }

  async choose(series: BookedSeries): Promise<void> {
    this.wanted = series;
    [this.computed, this.problem, this.busy] = [
      undefined,
      undefined,
      both("記録を読んでいます", "Reading the records"),
    ];
    this.changed();
    try {
      const computed = await this.compute(series);
      if (this.wanted === series) this.computed = computed;
    } catch (error) {
      if (this.wanted === series) this.problem = error as Error;
      if (!(error instanceof Refusal)) console.info(error);
    }
    if (this.wanted !== series) return;
    this.busy = undefined;
    this.changed();
  }

  private async compute(series: BookedSeries): Promise<Computed> {
    await this.chain.require();
    const { dataset, refused } = await this.openDataset();
    const head = await this.chain.head();
    const block = dataset === undefined ? head.number : Math.min(dataset.end.block, head.number);
    const at = await this.chain.timeOf(block);
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

  private async openDataset(): Promise<{ dataset?: Dataset | undefined; refused?: Error }> {
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
