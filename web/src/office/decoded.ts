// What a planned call does, decoded from its data each time it is shown: a file cannot say one thing and do another
// (scripts/lib/administration/plan_page.py does the same at the command line).
import { decodeFunctionData, type Hex, keccak256 } from "viem";
import texts from "@/generated/office.json";
import { type ContractBook, type ContractName, codeText } from "@/lib/book";
import { fiscalYearLabel } from "@/lib/era";
import { digits } from "@/lib/money";
import { rowsOf } from "./grant-list";
import type { PlannedCall } from "./plan";

const STEPS = ["perform", "propose", "approve", "execute"];
const SHOWN_ELEMENTS = 20;

export interface DecodedCall {
  /** The officer's step, in Japanese; undefined if it is none. */
  readonly step?: string;
  readonly name: string;
  readonly contract: string;
  readonly functionName: string;
  /** The arguments by their names, a line or more each. */
  readonly contents: readonly string[];
  /** Of a step of two officers: keccak-256 of the call that they decide on. */
  readonly hash?: Hex;
  readonly proposal?: number;
}

interface Found {
  readonly contract: ContractName;
  readonly functionName: string;
  readonly args: readonly [name: string, value: unknown][];
}

const JAPANESE = texts.functions as Readonly<Record<string, Readonly<Record<string, string>>>>;

export function decodedCall(book: ContractBook, call: PlannedCall): DecodedCall {
  const outer = decode(book, call.data, [call.contract]);
  if (outer === undefined)
    return {
      name: "不明",
      contract: call.contract,
      functionName: "?",
      contents: [call.data],
    };
  if (outer.contract !== "Officers" || !STEPS.includes(outer.functionName)) return told(outer);
  const args = Object.fromEntries(outer.args);
  const data = args.data as Hex;
  const inner = decode(book, data, Object.keys(book.abis) as ContractName[]);
  const act =
    inner === undefined ? { name: "不明", contract: "?", functionName: "?", contents: [data] } : told(inner);
  const proposal = args.proposalId === undefined ? {} : { proposal: Number(args.proposalId) };
  return { ...act, ...proposal, step: japaneseName("Officers", outer.functionName), hash: keccak256(data) };
}

/** The call that an officer's step carries; undefined if it is no such step. */
export function actIn(book: ContractBook, call: PlannedCall): Hex | undefined {
  const outer = decode(book, call.data, [call.contract]);
  if (outer?.contract !== "Officers" || !STEPS.includes(outer.functionName)) return undefined;
  return Object.fromEntries(outer.args).data as Hex;
}

function told(found: Found): DecodedCall {
  return {
    name: japaneseName(found.contract, found.functionName),
    contract: found.contract,
    functionName: found.functionName,
    contents: found.args.flatMap(([name, value]) => linesOf(found.contract, name, value)),
  };
}

/** An argument in words: whatever is signed is shown, long lists by their first elements and their number. */
function linesOf(contract: string, name: string, value: unknown): string[] {
  if (contract === "GrantProgrammes" && name === "siblings") return []; // they say nothing that the root does not
  if (contract === "GrantProgrammes" && name === "words") {
    const rows = rowsOf(value as readonly bigint[]).filter((row) => row.points > 0);
    return elements(
      name,
      rows.map((row) => `利用者番号${row.number} → ${digits(row.points)}ポイント`),
    );
  }
  if (Array.isArray(value)) return elements(name, value.map(shown));
  if (typeof value === "object" && value !== null)
    return Object.entries(value).flatMap(([part, held]) => linesOf(contract, part, held));
  return [`${labelOf(name)}: ${wordsOf(name, value)}`];
}

function elements(name: string, all: readonly string[]): string[] {
  const more = all.length - SHOWN_ELEMENTS;
  return [
    `${labelOf(name)}: ${digits(all.length)}件`,
    ...all.slice(0, SHOWN_ELEMENTS).map((each, place) => `　${place + 1}. ${each}`),
    ...(more > 0 ? [`　ほか${digits(more)}件`] : []),
  ];
}

function labelOf(name: string): string {
  const japanese = (texts.arguments as Readonly<Record<string, string>>)[name];
  return japanese === undefined ? name : `${japanese} ${name}`;
}

function wordsOf(name: string, value: unknown): string {
  if (name === "municipality") return codeText(Number(value));
  if (name === "fiscalYear") return fiscalYearLabel(Number(value)).ja;
  if (name === "role") return texts.roles[Number(value)]?.ja ?? String(value);
  return shown(value);
}

function decode(book: ContractBook, data: Hex, contracts: readonly ContractName[]): Found | undefined {
  for (const contract of contracts) {
    try {
      const abi = book.abis[contract];
      const { functionName, args } = decodeFunctionData({ abi, data });
      const values = (args ?? []) as readonly unknown[];
      const entry = abi.find(
        (each) =>
          each.type === "function" && each.name === functionName && each.inputs.length === values.length,
      );
      const inputs = entry !== undefined && "inputs" in entry ? entry.inputs : [];
      return {
        contract,
        functionName,
        args: values.map((value, place) => [inputs[place]?.name ?? "", value]),
      };
    } catch {
      // no function of this contract
    }
  }
  return undefined;
}

function japaneseName(contract: string, functionName: string): string {
  return JAPANESE[contract]?.[functionName] ?? functionName;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return `(${value.map(shown).join(", ")})`;
  if (typeof value === "object" && value !== null)
    return `(${Object.entries(value)
      .map(([name, held]) => `${labelOf(name)}: ${shown(held)}`)
      .join(", ")})`;
  return typeof value === "bigint" || typeof value === "number" ? digits(Number(value)) : String(value);
}
