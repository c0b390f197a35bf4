// Plan files (計画ファイル): the very files that `--out` of the commands writes and `python -m scripts.plan` shows, signs
// and relays (scripts/lib/administration/plan.py says what each field is).
import { type Address, type Hex, keccak256, parseTransaction, recoverTransactionAddress } from "viem";
import type { LocalAccount } from "viem/accounts";
import type { ContractBook, ContractName } from "@/lib/book";
import { Refusal } from "@/lib/refusal";

export const FORMAT = "jichitai-points plan 1";
export const UNKNOWN_NONCE = -1;

export interface PlannedFigure {
  readonly english: string;
  readonly japanese: string;
  readonly value: string;
}

export interface PlannedNote {
  readonly english: string;
  readonly japanese: string;
}

export interface PlannedCall {
  readonly contract: ContractName;
  readonly to: Address;
  readonly sender: Address;
  readonly data: Hex;
  readonly subject: string;
  readonly rows: number;
  readonly gas: number;
  readonly nonce: number;
}

export interface Plan {
  readonly format: string;
  readonly chain_id: number;
  readonly genesis: Hex;
  readonly municipality: number;
  readonly command: readonly string[];
  readonly inputs: Readonly<Record<string, string>>;
  readonly made_at: number;
  readonly english: string;
  readonly japanese: string;
  readonly figures: readonly PlannedFigure[];
  readonly notes: readonly PlannedNote[];
  readonly calls: readonly PlannedCall[];
  readonly gas_price: number;
}

interface SignedCall {
  readonly hash: Hex;
  readonly raw: Hex;
}

export interface Signed {
  readonly plan: Plan;
  readonly transactions: readonly SignedCall[];
}

// ------------------------------------------------------------------------------------------------- FORM
//
// A form writes a value's fields in their order, the names of a table in theirs, and nothing else: the text whose
// SHA-256 is the digest. Reading is the same walk; what has other fields is no plan.

type Form = (value: unknown) => unknown;

const words: Form = (value) => {
  if (typeof value !== "string") throw new TypeError("no text");
  return value;
};
const whole: Form = (value) => {
  if (!Number.isSafeInteger(value)) throw new TypeError("no whole number");
  return value;
};
const list =
  (of: Form): Form =>
  (value) => {
    if (!Array.isArray(value)) throw new TypeError("no list");
    return value.map(of);
  };
const table: Form = (value) => {
  const entries = Object.entries(record(value)).map(([name, held]) => [name, words(held)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => byCodePoint(a, b)));
};
const struct =
  (fields: Readonly<Record<string, Form>>, missing: Readonly<Record<string, unknown>> = {}): Form =>
  (value) => {
    const given = { ...missing, ...record(value) };
    if (Object.keys(given).length !== Object.keys(fields).length) throw new TypeError("other fields");
    return Object.fromEntries(Object.entries(fields).map(([name, form]) => [name, form(given[name])]));
  };

const asNote = struct({ english: words, japanese: words });
const asFigure = struct({ english: words, japanese: words, value: words });
const asCall = struct(
  {
    contract: words,
    to: words,
    sender: words,
    data: words,
    subject: words,
    rows: whole,
    gas: whole,
    nonce: whole,
  },
  { gas: 0, nonce: UNKNOWN_NONCE },
);
const asPlan = struct(
  {
    format: words,
    chain_id: whole,
    genesis: words,
    municipality: whole,
    command: list(words),
    inputs: table,
    made_at: whole,
    english: words,
    japanese: words,
    figures: list(asFigure),
    notes: list(asNote),
    calls: list(asCall),
    gas_price: whole,
  },
  { gas_price: 0 },
);
const asSigned = struct({ plan: asPlan, transactions: list(struct({ hash: words, raw: words })) });

function record(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new TypeError("no table");
  return value as Record<string, unknown>;
}

function byCodePoint(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (const [place, sign] of left.entries()) {
    const difference = (sign.codePointAt(0) ?? 0) - (right[place]?.codePointAt(0) ?? -1);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

// ------------------------------------------------------------------------------------------------ FILES

export async function sha256(data: Uint8Array | string): Promise<string> {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : new Uint8Array(data);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** SHA-256 of a plan, in hex: the same as the scripts tell. */
export function digestOf(plan: Plan): Promise<string> {
  return sha256(JSON.stringify(asPlan(plan)));
}

export async function planFile(plan: Plan): Promise<string> {
  return `${JSON.stringify({ digest: await digestOf(plan), plan: asPlan(plan) }, null, 2)}\n`;
}

export async function signedFile(signed: Signed): Promise<string> {
  const content = asSigned(signed);
  return `${JSON.stringify({ digest: await sha256(JSON.stringify(content)), signed: content }, null, 2)}\n`;
}

/** Read a plan, or the plan within a file of signed transactions; an altered one is refused. */
export async function readPlan(content: string): Promise<Plan | Signed> {
  let told: unknown;
  let found: Plan | Signed;
  try {
    const file = record(JSON.parse(content));
    told = file.digest;
    if (Object.keys(file).length !== 2) throw new TypeError("other fields");
    found = ("signed" in file ? asSigned(file.signed) : asPlan(file.plan)) as Plan | Signed;
  } catch {
    throw new Refusal("計画ファイルとして読めません", "this is no file of a plan");
  }
  const digest = await sha256(JSON.stringify(found));
  if (told !== digest)
    throw new Refusal(
      `内容が変更されています。記載のダイジェスト ${told} / 実際の内容 ${digest}`,
      `it was altered: its digest says ${told}, its contents have ${digest}`,
    );
  const plan = planIn(found);
  if (plan.format !== FORMAT)
    throw new Refusal(`形式が「${FORMAT}」ではありません`, `its format is not ${FORMAT}`);
  if ("transactions" in found) await requireSignatures(found);
  return found;
}

export function planIn(found: Plan | Signed): Plan {
  return "plan" in found ? found.plan : found;
}

/** Refuse a plan for another chain than the book's. */
export function requireChain(plan: Plan, book: ContractBook): void {
  if (plan.chain_id !== book.chain_id || plan.genesis !== book.genesis)
    throw new Refusal(
      `別のチェーン(${plan.chain_id})の計画です`,
      `the plan is for another chain (${plan.chain_id})`,
    );
}

// ---------------------------------------------------------------------------------------------- SIGNING

/** Sign every transaction of a plan with the key that all of them name. */
export async function signPlan(plan: Plan, key: LocalAccount): Promise<Signed> {
  if (plan.calls.some((call) => call.nonce === UNKNOWN_NONCE))
    throw new Refusal("署名用の計画ではありません(取引番号がありません)", "the plan has no nonces");
  const other = plan.calls.find((call) => call.sender !== key.address);
  if (other)
    throw new Refusal(
      `この計画は別の職員(${other.sender})が署名します`,
      `another officer signs this plan (${other.sender})`,
    );
  const transactions: SignedCall[] = [];
  for (const call of plan.calls) transactions.push(await signCall(plan, call, key));
  return { plan, transactions };
}

export async function signCall(plan: Plan, call: PlannedCall, key: LocalAccount): Promise<SignedCall> {
  const raw = await key.signTransaction({
    type: "legacy",
    chainId: plan.chain_id,
    nonce: call.nonce,
    to: call.to,
    data: call.data,
    gas: BigInt(call.gas),
    gasPrice: BigInt(plan.gas_price),
  });
  return { hash: keccak256(raw), raw };
}

/** Make sure that each signature is over the call of the plan beside it. */
async function requireSignatures({ plan, transactions }: Signed): Promise<void> {
  if (plan.calls.length !== transactions.length)
    throw new Refusal("署名のない取引があります", "not every call is signed");
  for (const [place, signed] of transactions.entries()) {
    const call = plan.calls[place];
    if (call === undefined || !(await isOf(signed, call, plan).catch(() => false)))
      throw new Refusal(
        `${place + 1}件目の署名が計画の内容と一致しません`,
        `transaction ${place + 1} is signed over something else than the plan says`,
      );
  }
}

async function isOf(signed: SignedCall, call: PlannedCall, plan: Plan): Promise<boolean> {
  const found = parseTransaction(signed.raw);
  const sender = await recoverTransactionAddress({ serializedTransaction: signed.raw as never });
  return (
    found.type === "legacy" &&
    found.chainId === plan.chain_id &&
    (found.nonce ?? 0) === call.nonce &&
    (found.gas ?? 0n) === BigInt(call.gas) &&
    (found.gasPrice ?? 0n) === BigInt(plan.gas_price) &&
    (found.value ?? 0n) === 0n &&
    found.to?.toLowerCase() === call.to.toLowerCase() &&
    found.data === call.data &&
    sender === call.sender &&
    keccak256(signed.raw) === signed.hash
  );
}
