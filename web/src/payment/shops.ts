// What a municipality has said of its shops, by the events of one series: name, place, owner, tills, standing.
import type { Address } from "viem";
import { seriesAt } from "@/lib/book";
import type { Chain, ReadLog } from "@/lib/chain";
import { isSameAccount } from "./signing";

export const ACTIVE = 0;

/** A shop or public facility, as its municipality approved it; `status` 0 active, 1 suspended, 2 closed. */
export interface KnownShop {
  name: string;
  place: string;
  owner: Address;
  status: number;
  tills: Address[];
}

export type Shops = Record<Address, KnownShop>;

/** Read the shops' events from a block on, and apply them to what is known. */
export async function learnShops(
  chain: Chain,
  series: Address,
  shops: Shops,
  first: number,
  last: number,
): Promise<void> {
  const from = Math.max(seriesAt(chain.book, series).block, first);
  const names = [
    "MerchantApproved",
    "MerchantCarriedIn",
    "MerchantOwnerCarriedIn",
    "MerchantStatusSet",
    "MerchantOwnerSet",
    "TillSet",
  ];
  for (const log of await chain.logs("MunicipalPoint", series, names, from, {}, last))
    if (log.name === "MerchantCarriedIn") await carryIn(chain, series, shops, log);
    else apply(shops, log);
}

/** Whether a key may open sales for a shop. */
export function maySign(shop: KnownShop, key: Address): boolean {
  return isSameAccount(key, shop.owner) || shop.tills.some((till) => isSameAccount(key, till));
}

/** A shop stands as with the series before; that one, or one before it, published its name. */
async function carryIn(chain: Chain, series: Address, shops: Shops, { args }: ReadLog): Promise<void> {
  const { merchant, owner, status } = args;
  let [before, approved]: [Address, ReadLog[]] = [series, []];
  while (approved.length === 0) {
    before = await chain.read("MunicipalPoint", before, "predecessor");
    const { block } = seriesAt(chain.book, before);
    approved = await chain.logs("MunicipalPoint", before, ["MerchantApproved"], block, { merchant });
  }
  const { name, place } = approved.at(-1)?.args ?? {};
  shops[merchant as Address] = { name, place, owner, status, tills: [] };
}

function apply(shops: Shops, { name, args }: ReadLog): void {
  const merchant = args.merchant as Address;
  const shop = shops[merchant];
  switch (name) {
    case "MerchantApproved":
      shops[merchant] = {
        name: args.name,
        place: args.place,
        owner: shop?.owner ?? merchant,
        status: ACTIVE,
        tills: shop?.tills ?? [],
      };
      break;
    case "MerchantStatusSet":
      if (shop) shop.status = args.status;
      break;
    case "MerchantOwnerSet":
    case "MerchantOwnerCarriedIn":
      if (shop) {
        shop.owner = args.owner;
        shop.tills = [];
      }
      break;
    case "TillSet":
      if (shop) {
        const others = shop.tills.filter((till) => till !== args.till);
        shop.tills = args.active ? [...others, args.till] : others;
      }
      break;
  }
}
