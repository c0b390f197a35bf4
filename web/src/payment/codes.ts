// The two texts that pass between till and purse (docs/payment-uri.md), as strict as scripts/lib/payment/uri.py:
// a text means one thing or is refused.
import { type Address, bytesToHex, getAddress, hexToBytes, isAddress } from "viem";
import { Refusal } from "@/lib/refusal";
import {
  type CompactSignature,
  MAX_PAYMENT_POINTS,
  MAX_VALID_UNTIL,
  type Payment,
  type Sale,
  type SeriesDomain,
} from "./signing";

const SCHEME = "jichitai-points";
const VERSION = "1";
const LONGEST = 700;
const MAX_SALE = 2 ** 32 - 1;
const MAX_CANCEL_EPOCH = 4095;
const MAX_END = 2 ** 16;
const SALE_FIELDS = ["chain", "series", "merchant", "sale", "points", "until"] as const;

/** What a till shows. */
export interface PaymentRequest {
  readonly domain: SeriesDomain;
  readonly sale: Sale;
  readonly till: CompactSignature;
}

/** What a purse shows. `ends`: with which month the first of these points ends; 0 if it does not say. */
export interface PaymentAnswer {
  readonly domain: SeriesDomain;
  readonly payment: Payment;
  readonly signature: CompactSignature;
  readonly ends: number;
}

export function requestText({ domain, sale, till }: PaymentRequest): string {
  return codeText("pay", { ...saleFields(domain, sale), till: signatureText(till) });
}

export function readRequest(given: string): PaymentRequest {
  const fields = fieldsOf(given, "pay", [...SALE_FIELDS, "till"]);
  return { ...readSale(fields), till: readSignature(fields.till ?? "") };
}

export function answerText({ domain, payment, signature, ends }: PaymentAnswer): string {
  return codeText("paid", {
    ...saleFields(domain, payment),
    payer: payment.payer,
    epoch: String(payment.cancelEpoch),
    ends: String(ends),
    sig: signatureText(signature),
  });
}

export function readAnswer(given: string): PaymentAnswer {
  const fields = fieldsOf(given, "paid", [...SALE_FIELDS, "payer", "epoch", "ends", "sig"]);
  const { domain, sale } = readSale(fields);
  return {
    domain,
    payment: {
      ...sale,
      payer: readAddress("payer", fields.payer),
      cancelEpoch: readNumber("epoch", fields.epoch, 0, MAX_CANCEL_EPOCH),
    },
    signature: readSignature(fields.sig ?? ""),
    ends: readNumber("ends", fields.ends, 0, MAX_END),
  };
}

/** The text of a code. */
export function codeText(action: string, fields: Readonly<Record<string, string>>): string {
  return `${SCHEME}:${action}?${Object.entries({ v: VERSION, ...fields })
    .map(([name, value]) => `${name}=${value}`)
    .join("&")}`;
}

function saleFields(domain: SeriesDomain, sale: Sale): Record<string, string> {
  return {
    chain: String(domain.chainId),
    series: domain.series,
    merchant: sale.merchant,
    sale: String(sale.sale),
    points: String(sale.points),
    until: String(sale.validUntil),
  };
}

/** The fields of a code: those named, and no other. */
export function fieldsOf(
  given: string,
  action: string,
  named: readonly string[],
): Partial<Record<string, string>> {
  const trimmed = given.trim();
  const start = `${SCHEME}:${action}?`;
  if (!trimmed.startsWith(start) || [...trimmed].length > LONGEST)
    throw new Refusal("自治体ポイントのコードではありません", "this is no such code of municipal points");
  const pairs = trimmed
    .slice(start.length)
    .split("&")
    .map((part): [string, string] => {
      const place = part.indexOf("=");
      return place < 0 ? [part, ""] : [part.slice(0, place), part.slice(place + 1)];
    });
  const fields = Object.fromEntries(pairs) as Record<string, string>;
  if ((fields.v ?? "") !== VERSION)
    throw new Refusal("コードの版が異なります", "the code is of another version");
  const wanted = ["v", ...named];
  if (pairs.length !== wanted.length || wanted.some((name) => !Object.hasOwn(fields, name)))
    throw new Refusal("コードが欠けているか、変えられています", "the code is incomplete or was changed");
  return fields;
}

function readSale(fields: Partial<Record<string, string>>): { domain: SeriesDomain; sale: Sale } {
  return {
    domain: {
      chainId: readNumber("chain", fields.chain, 1, Number.MAX_SAFE_INTEGER),
      series: readAddress("series", fields.series),
    },
    sale: {
      merchant: readAddress("merchant", fields.merchant),
      sale: readNumber("sale", fields.sale, 0, MAX_SALE),
      points: readNumber("points", fields.points, 1, MAX_PAYMENT_POINTS),
      validUntil: readNumber("until", fields.until, 0, MAX_VALID_UNTIL),
    },
  };
}

export function readNumber(name: string, given = "", least: number, most: number): number {
  if (!/^(0|[1-9][0-9]{0,30})$/.test(given) || BigInt(given) < least || BigInt(given) > most)
    throw new Refusal(`${name} の数値が正しくありません`, `${name} is no number that fits`);
  return Number(given);
}

export function readAddress(name: string, given = ""): Address {
  const digits = given.slice(2);
  const isMixed = digits !== digits.toLowerCase() && digits !== digits.toUpperCase();
  if (!/^0x[0-9a-fA-F]{40}$/.test(given) || (isMixed && !isAddress(given, { strict: true })))
    throw new Refusal(`${name} の口座番号が正しくありません`, `${name} is no address`);
  return getAddress(given.toLowerCase());
}

function signatureText({ r, vs }: CompactSignature): string {
  return base64Text(Uint8Array.from([...hexToBytes(r), ...hexToBytes(vs)]));
}

function readSignature(given: string): CompactSignature {
  const bytes = bytesOf(given, 64);
  if (!bytes) throw new Refusal("署名が壊れています", "the signature is damaged");
  return { r: bytesToHex(bytes.subarray(0, 32)), vs: bytesToHex(bytes.subarray(32)) };
}

/** Bytes as base64url without padding. */
export function base64Text(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}

/** `size` bytes in their one canonical spelling; undefined if it is another, or another number of bytes. */
export function bytesOf(given: string, size: number): Uint8Array | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(given) || given.length !== Math.ceil((size * 4) / 3)) return undefined;
  const padded = given
    .replaceAll("-", "+")
    .replaceAll("_", "/")
    .padEnd(Math.ceil(size / 3) * 4, "=");
  const bytes = Uint8Array.from(atob(padded), (each) => each.charCodeAt(0));
  // Bits that nobody reads would be another spelling of the same.
  return base64Text(bytes) === given ? bytes : undefined;
}
