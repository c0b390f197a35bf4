// Points from partners: those that wait in the holding account, and coupons (PartnerExchange).
import type { Address, Hex } from "viem";
import type { LocalAccount } from "viem/accounts";
import { now } from "@/lib/calendar";
import type { Chain } from "@/lib/chain";
import { Refusal } from "@/lib/refusal";
import { send } from "@/lib/sending";
import { couponKey } from "./coupons";
import type { Knowledge } from "./knowledge";

const HELD = 1;
const WAIT_SECONDS = 14 * 24 * 60 * 60;
const NAMING_SECONDS = 60 * 60;

/** Points that wait; from `dueAt` on anybody may send them home. */
export interface HeldPoints {
  readonly holding: Hex;
  readonly home: number;
  readonly partner: string;
  readonly points: number;
  readonly dueAt: number;
}

/** What waits for the resident of a home municipality, oldest first. */
export async function heldPoints(chain: Chain, home: Knowledge): Promise<HeldPoints[]> {
  const exchange = chain.service("PartnerExchange");
  if (!exchange || home.number === 0) return [];
  const first = Math.min(...chain.book.series.map((series) => series.block));
  const [exchanged, partners] = await Promise.all([
    chain.logs("PartnerExchange", exchange, ["Exchanged"], first, {
      municipality: BigInt(home.municipality),
    }),
    chain.logs("PartnerExchange", exchange, ["PartnerRegistered"], first),
  ]);
  const names = new Map(partners.map(({ args }) => [Number(args.partner), args.name as string]));
  const found: HeldPoints[] = [];
  for (const { args } of exchanged.filter((log) => Number(log.args.number) === home.number)) {
    const held = await chain.read("PartnerExchange", exchange, "holdingOf", [args.holding]);
    if (held.state !== HELD) continue;
    found.push({
      holding: args.holding,
      home: home.municipality,
      partner: names.get(held.partner) ?? String(held.partner),
      points: held.points + held.bonusPoints,
      dueAt: Number(held.exchangedAt) + WAIT_SECONDS,
    });
  }
  return found;
}

/** Send held points to an account of the resident's in a municipality, by a signature of the home account. */
export async function nameHeldPoints(
  chain: Chain,
  held: HeldPoints,
  municipality: number,
  account: Address,
  homeKey: LocalAccount,
): Promise<void> {
  const address = requireExchange(chain);
  const validUntil = BigInt(Math.max(now(), (await chain.head()).at) + NAMING_SECONDS);
  const message = { holding: held.holding, municipality: BigInt(municipality), account, validUntil };
  const signature = await homeKey.signTypedData({
    domain: domainOf(chain, address),
    types: {
      Naming: [
        { name: "holding", type: "bytes32" },
        { name: "municipality", type: "uint256" },
        { name: "account", type: "address" },
        { name: "validUntil", type: "uint256" },
      ],
    },
    primaryType: "Naming",
    message,
  });
  const args = [message.holding, message.municipality, account, validUntil, signature];
  await send(
    chain,
    { contract: "PartnerExchange", address, functionName: "nameMunicipality", args },
    homeKey,
  );
}

/** Redeem a coupon into the resident's account in a municipality, and return its points. */
export async function redeemCoupon(
  chain: Chain,
  code: string,
  known: Knowledge,
  key: LocalAccount,
): Promise<number> {
  const address = requireExchange(chain);
  const coupon = couponKey(code);
  const partner = await partnerOf(chain, address, coupon.address);
  const message = {
    partner: BigInt(partner.number),
    coupon: coupon.address,
    municipality: BigInt(known.municipality),
    number: BigInt(known.number),
  };
  const signature = await coupon.signTypedData({
    domain: domainOf(chain, address),
    types: {
      Redemption: [
        { name: "partner", type: "uint256" },
        { name: "coupon", type: "address" },
        { name: "municipality", type: "uint256" },
        { name: "number", type: "uint256" },
      ],
    },
    primaryType: "Redemption",
    message,
  });
  const args = [message.partner, coupon.address, message.municipality, message.number, signature];
  await send(chain, { contract: "PartnerExchange", address, functionName: "redeem", args }, key);
  return partner.points;
}

/** Who issued a coupon first: until then nobody else knew its key's address, and could copy it. */
async function partnerOf(
  chain: Chain,
  exchange: Address,
  coupon: Address,
): Promise<{ number: number; points: number }> {
  const first = Math.min(...chain.book.series.map(({ block }) => block));
  const [issued] = await chain.logs("PartnerExchange", exchange, ["CouponIssued"], first, { coupon });
  if (!issued) return { number: 1, points: 0 }; // nobody's: the exchange will say so
  return { number: Number(issued.args.partner), points: Number(issued.args.points) };
}

function domainOf(chain: Chain, exchange: Address) {
  return {
    name: "jichitai-points exchange",
    version: "1",
    chainId: chain.book.chain_id,
    verifyingContract: exchange,
  };
}

function requireExchange(chain: Chain): Address {
  const address = chain.service("PartnerExchange");
  if (!address) throw new Refusal("協議会はポイント交換を提供していません", "the council offers no exchange");
  return address;
}
