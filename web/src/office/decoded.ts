// What a planned call does, decoded from its data each time it is shown: a file cannot say one thing and do another
// (scripts/lib/administration/plan_page.py does the same at the command line).
import { decodeFunctionData, type Hex, keccak256 } from "viem";
import texts from "@/generated/office.json";
import type { ContractBook, ContractName } from "@/lib/book";
import type { PlannedCall } from "./plan";

const STEPS = ["perform", "propose", "approve", "execute"];
const SHOWN_CHARACTERS = 240;

export interface DecodedCall {
  /** The officer's step, in Japanese; undefined if it is none. */
  readonly step?: string;
  readonly name: string;
  readonly contract: string;
  readonly functionName: string;
  readonly contents: string;
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
      contents: call.data.slice(0, SHOWN_CHARACTERS),
    };
  if (outer.contract !== "Officers" || !STEPS.includes(outer.functionName)) return told(outer);
  const args = Object.fromEntries(outer.args);
  const data = args.data as Hex;
  const inner = decode(book, data, Object.keys(book.abis) as ContractName[]);
  const act =
    inner === undefined ? { name: "不明", contract: "?", functionName: "?", contents: data } : told(inner);
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
  const contents = found.args.map(([name, value]) => `${name}=${shown(value)}`).join(", ");
  return {
    name: japaneseName(found.contract, found.functionName),
    contract: found.contract,
    functionName: found.functionName,
    contents: contents.length <= SHOWN_CHARACTERS ? contents : `${contents.slice(0, SHOWN_CHARACTERS)}…`,
  };
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
  if (Array.isArray(value)) {
    const head = value.slice(0, 8).map(shown).join(", ");
    return `(${head}${value.length > 8 ? `, … ${value.length}` : ""})`;
  }
  if (typeof value === "object" && value !== null)
    return `(${Object.entries(value)
      .map(([name, held]) => `${name}=${shown(held)}`)
      .join(", ")})`;
  return String(value);
}
