// What residents and tills sign to pay a sale (EIP-712), and the compact form (EIP-2098) in which the chain takes
// it: as scripts/lib/payment/signing.py has it. Accounts are checksummed, amounts are points, times Unix seconds.
import {
  type Address,
  type Hex,
  hashTypedData,
  hexToBigInt,
  numberToHex,
  recoverAddress,
  slice,
  type TypedDataDefinition,
} from "viem";
import type { LocalAccount } from "viem/accounts";

export const MAX_PAYMENT_POINTS = 2 ** 29 - 1;
export const MAX_VALID_UNTIL = 2 ** 35 - 1;

const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;
const PARITY = 1n << 255n;

const TYPES = {
  Payment: [
    { name: "payer", type: "address" },
    { name: "merchant", type: "address" },
    { name: "sale", type: "uint256" },
    { name: "amountPoints", type: "uint256" },
    { name: "validUntil", type: "uint256" },
    { name: "cancelEpoch", type: "uint256" },
  ],
  Sale: [
    { name: "merchant", type: "address" },
    { name: "sale", type: "uint256" },
    { name: "amountPoints", type: "uint256" },
    { name: "validUntil", type: "uint256" },
  ],
} as const;

/** The one series on the one chain that a signature is good for. */
export interface SeriesDomain {
  readonly chainId: number;
  readonly series: Address;
}

export interface Sale {
  readonly merchant: Address;
  readonly sale: number;
  readonly points: number;
  /** The last second in which the payment may be submitted. */
  readonly validUntil: number;
}

export interface Payment extends Sale {
  readonly payer: Address;
  readonly cancelEpoch: number;
}

export interface CompactSignature {
  readonly r: Hex;
  readonly vs: Hex;
}

/** For payBatch, if the shop's owner or till sends the batch itself. */
export const NO_SIGNATURE: CompactSignature = {
  r: numberToHex(0, { size: 32 }),
  vs: numberToHex(0, { size: 32 }),
};

export async function sign(
  domain: SeriesDomain,
  message: Sale | Payment,
  key: LocalAccount,
): Promise<CompactSignature> {
  return compact(await key.signTypedData(typed(domain, message)));
}

/** The account of the key that signed; undefined if none did. Compare it: any well-formed signature fits some key. */
export async function signerOf(
  domain: SeriesDomain,
  message: Sale | Payment,
  signature: CompactSignature,
): Promise<Address | undefined> {
  const vs = hexToBigInt(signature.vs);
  if (vs % PARITY > HALF_ORDER) return undefined;
  try {
    const long = { r: signature.r, s: numberToHex(vs % PARITY, { size: 32 }), yParity: Number(vs / PARITY) };
    return await recoverAddress({ hash: hashTypedData(typed(domain, message)), signature: long });
  } catch {
    return undefined;
  }
}

/** The word that the chain takes: payer (160 bits), sale (32), amount (29), valid until (35). */
export function termsOf(payment: Payment): bigint {
  return (
    (hexToBigInt(payment.payer) << 96n) |
    (BigInt(payment.sale) << 64n) |
    (BigInt(payment.points) << 35n) |
    BigInt(payment.validUntil)
  );
}

export function isSameAccount(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function typed(domain: SeriesDomain, message: Sale | Payment): TypedDataDefinition {
  const fields = {
    merchant: message.merchant,
    sale: BigInt(message.sale),
    amountPoints: BigInt(message.points),
    validUntil: BigInt(message.validUntil),
  };
  const about = {
    name: "jichitai-points",
    version: "1",
    chainId: domain.chainId,
    verifyingContract: domain.series,
  };
  return "payer" in message
    ? {
        domain: about,
        types: { Payment: TYPES.Payment },
        primaryType: "Payment",
        message: { ...fields, payer: message.payer, cancelEpoch: BigInt(message.cancelEpoch) },
      }
    : { domain: about, types: { Sale: TYPES.Sale }, primaryType: "Sale", message: fields };
}

/** Bring r, s, v (65 bytes) into the chain's form. */
export function compact(signature: Hex): CompactSignature {
  const [s, v] = [hexToBigInt(slice(signature, 32, 64)), hexToBigInt(slice(signature, 64))];
  return { r: slice(signature, 0, 32), vs: numberToHex(s + (v % 27n) * PARITY, { size: 32 }) };
}
