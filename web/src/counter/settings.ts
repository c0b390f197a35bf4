// What a till knows about itself, as scripts/lib/merchant/till_settings.py has it. Amounts are points, times seconds.
import type { Address } from "viem";
import { SERIALS } from "@/lib/sale";
import type { SeriesDomain } from "@/payment/signing";

export const TILLS = 16;
/** How many sales a till can number in a day. Each has a range of its own, so that two never meet. */
export const SALES_OF_A_TILL = SERIALS / TILLS;

export interface TillSettings {
  readonly chain_id: number;
  readonly series: Address;
  readonly merchant: Address;
  readonly shop: string;
  readonly till: number;
  /** The largest sale taken while the line is down; 0 takes none. */
  readonly offline_sale_points: number;
  /** The most taken in a day while the line is down. */
  readonly offline_day_points: number;
  /** Within what time the till promises to be connected again. */
  readonly connection_seconds: number;
}

export const DEFAULTS = {
  till: 0,
  offline_sale_points: 3_000,
  offline_day_points: 30_000,
  connection_seconds: 24 * 60 * 60,
};

export function domainOf(settings: TillSettings): SeriesDomain {
  return { chainId: settings.chain_id, series: settings.series };
}
