// Other lists for the occurrence of a file: proposed and not decided yet, or approved and not run to the end
// (scripts/lib/administration/other_lists.py). A second list for an occurrence is now and then meant, and much oftener
// another version of the first: so it is proposed only where the officer says so.
import { type Address, decodeFunctionData, type Hex, keccak256 } from "viem";
import { getTransaction } from "viem/actions";
import { type Bilingual, both } from "@/lib/bilingual";
import { digits } from "@/lib/money";
import type { Desk, FoundProposal, KeptList, ListOfFile, Proposal } from "./survey";

/** A list that is proposed and not approved. */
export interface WaitingList {
  readonly proposal: Proposal;
  readonly occurrence: number;
  readonly root: Hex;
  readonly rows: number;
  readonly totalPoints: number;
  readonly fileHash: Hex;
}

/** What stands beside a list of the file, in sentences; `waiting` are proposals that can be withdrawn. */
export interface Beside {
  readonly reasons: readonly Bilingual[];
  readonly waiting: readonly WaitingList[];
}

/**
 * The lists that some open proposals propose. One that was proposed through another contract (a wallet) is not among
 * them: its rows stand nowhere.
 */
export async function waitingLists(
  desk: Desk,
  service: Address,
  open: readonly FoundProposal[],
): Promise<WaitingList[]> {
  const found = await desk.askAll(
    open.filter(({ proposal }) => proposal.target === service),
    async ({ proposal, transaction }) => {
      const sent = await getTransaction(desk.chain.client, { hash: transaction });
      const data = proposedIn(desk, sent.input);
      if (data === undefined || keccak256(data) !== proposal.dataHash) return undefined;
      const { args } = decodeFunctionData({ abi: desk.chain.abi("GrantProgrammes"), data });
      const [, occurrence, terms] = args as readonly [bigint, bigint, Record<string, never>];
      return {
        proposal,
        occurrence: Number(occurrence),
        root: terms.root as unknown as Hex,
        rows: Number(terms.rows),
        totalPoints: Number(terms.totalPoints),
        fileHash: terms.fileHash as unknown as Hex,
      };
    },
  );
  return found.filter((each) => each !== undefined);
}

function proposedIn(desk: Desk, input: Hex): Hex | undefined {
  try {
    const { functionName, args } = decodeFunctionData({ abi: desk.chain.abi("Officers"), data: input });
    return functionName === "propose" ? (args?.[2] as Hex) : undefined;
  } catch {
    return undefined; // sent through another contract
  }
}

/** What stands beside a list that is not proposed yet; undefined if it may be proposed. */
export function besideOf(list: ListOfFile, waiting: readonly WaitingList[]): Beside | undefined {
  if (list.batch !== 0 || list.granted.every(Boolean)) return undefined;
  if (waiting.some((other) => isFor(list, other) && isJust(list, other))) return undefined;
  const others = ofOthers(list, waiting);
  const reasons = [
    ...others.map((other) =>
      other.root === list.grants.root ? savedAnew(list, other) : proposedBefore(list, other),
    ),
    ...list.unrun.map((kept) => unrunNote(list, kept)),
  ];
  return reasons.length === 0 ? undefined : { reasons, waiting: others };
}

/** What two officers should know who decide on a list beside another one. */
export function besideNotes(list: ListOfFile, waiting: readonly WaitingList[]): Bilingual[] {
  const numbers = ofOthers(list, waiting).map((other) => other.proposal.number);
  const ja = [...numbers.map((n) => `提案${n}`), ...list.unrun.map((kept) => `名簿${kept.batch}`)];
  const en = [...numbers.map((n) => `proposal ${n}`), ...list.unrun.map((kept) => `list ${kept.batch}`)];
  if (ja.length === 0) return [];
  const name = nameOf(list);
  return [
    both(
      `${name}: 同じ実施回に、内容の違う${ja.join("、")}が別にあります`,
      `${name}: ${en.join(", ")} of the same occurrence, with other contents, is open besides`,
    ),
  ];
}

/** What is told of another list that is approved and not run to the end. */
export function unrunNote(list: ListOfFile, kept: KeptList): Bilingual {
  const [size, mine, name] = [sizeOf(kept.rows, kept.totalPoints), thisFile(list), nameOf(list)];
  const granted = digits(kept.grantedPoints);
  return both(
    `${name}: 承認済みで未実行の名簿${kept.batch}(${size.ja}、うち付与済み${granted}ポイント)があります。${mine.ja}承認済みの名簿のファイルを開くと付与を実行できます。その名簿をやめるにはコマンド municipality stop-list ${kept.batch}。`,
    `${name}: list ${kept.batch} is approved and not run to the end (${size.en}, ${granted} of them granted). ${mine.en} Open the approved file to run it, or give it up by the command \`municipality stop-list ${kept.batch}\`.`,
  );
}

function savedAnew(list: ListOfFile, other: WaitingList): Bilingual {
  const [name, number] = [nameOf(list), other.proposal.number];
  return both(
    `${name}: この実施回には提案${number}が承認待ちです。行もポイントも同じですが、ファイルそのものが違います(表計算で保存し直すと別のファイルになります)。担当のファイルをそのまま開いてください。`,
    `${name}: proposal ${number} waits for its approval, of the same rows but another file (saving a file anew changes it). Open the proposer's own file.`,
  );
}

function proposedBefore(list: ListOfFile, other: WaitingList): Bilingual {
  const [name, number] = [nameOf(list), other.proposal.number];
  const [size, mine] = [sizeOf(other.rows, other.totalPoints), thisFile(list)];
  return both(
    `${name}: この実施回には別の名簿の提案${number}(${size.ja})が承認待ちです。${mine.ja}担当と同じファイルか確かめてください。`,
    `${name}: another list of this occurrence waits for approval: proposal ${number} (${size.en}). ${mine.en} Make sure that it is the file of whoever proposed.`,
  );
}

function ofOthers(list: ListOfFile, waiting: readonly WaitingList[]): WaitingList[] {
  return waiting.filter((other) => isFor(list, other) && !isJust(list, other));
}

function isFor(list: ListOfFile, other: WaitingList): boolean {
  return other.occurrence === list.target.occurrence;
}

function isJust(list: ListOfFile, other: WaitingList): boolean {
  return other.root === list.grants.root && other.fileHash === list.fileHash;
}

function thisFile(list: ListOfFile): Bilingual {
  const size = sizeOf(list.rows.length, list.grants.totalPoints);
  return both(`このファイルは${size.ja}で、内容が違います。`, `This file has ${size.en}.`);
}

function sizeOf(rows: number, points: number): Bilingual {
  return both(
    `${digits(rows)}行・合計${digits(points)}ポイント`,
    `${digits(rows)} ${rows === 1 ? "row" : "rows"}, ${digits(points)} ${points === 1 ? "point" : "points"}`,
  );
}

function nameOf({ target }: ListOfFile): string {
  return `${target.programme.name} ${target.label}`;
}
