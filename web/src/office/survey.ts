// What is left to do of a file of grants, asked of the chain: what `python -m scripts.municipality grant` surveys
// (scripts/lib/administration/grants.py and round.py), in the same words and figures, so that both write the same plan.
import {
  type Address,
  decodeFunctionData,
  encodeFunctionData,
  getAddress,
  type Hex,
  keccak256,
  toFunctionSelector,
  zeroAddress,
} from "viem";
import { getTransaction } from "viem/actions";
import texts from "@/generated/office.json";
import { type Bilingual, both } from "@/lib/bilingual";
import type { ContractName } from "@/lib/book";
import { monthOf } from "@/lib/calendar";
import type { Chain, FromAbi, ReadLog } from "@/lib/chain";
import { eraEndLabel, eraMomentLabel, fiscalYearEnd, fiscalYearLabel } from "@/lib/era";
import { digits } from "@/lib/money";
import { Refusal } from "@/lib/refusal";
import type { CsvTable, Fault, Row } from "./csv-table";
import { type Branch, GrantList, type GrantRow, ROWS_OF_LEAF, rowsOf } from "./grant-list";
import { type Beside, besideNotes, besideOf, unrunNote, waitingLists } from "./other-lists";
import { FORMAT, type Plan, type PlannedCall, UNKNOWN_NONCE } from "./plan";

const SERVICE: ContractName = "GrantProgrammes";
const NO_DOCUMENT: Hex = `0x${"00".repeat(32)}`;
const DECISION = 2; // scripts/lib/reasons.py
const PROPOSAL_LIFE_SECONDS = 30 * 24 * 60 * 60;
const NEVER_ALONE = 2 ** 32 - 1;
const ASKED_AT_ONCE = 500;
const SHOWN_OBSTACLES = 20;

export enum Role {
  Admin = 0,
  ProgrammeOfficer = 1,
  ProgrammeApprover = 2,
}

enum Issue {
  Unregistered = 1,
  AccountStopped = 2,
  CapReached = 6,
}

enum ProposalState {
  Proposed = 1,
  Approved = 2,
}

/** A programme as the chain has it; `points` 0: each row has its own; `cap` 0: none. */
export interface Programme {
  readonly number: number;
  readonly name: string;
  readonly series: Address;
  readonly points: number;
  readonly cap: number;
  readonly first: number;
  readonly last: number;
  readonly rule: number;
  readonly months: number;
}

interface Target {
  readonly programme: Programme;
  readonly occurrence: number;
  readonly label: string;
}

/** A list as the chain keeps it. */
export interface KeptList {
  readonly batch: number;
  readonly rows: number;
  readonly totalPoints: number;
  readonly grantedPoints: number;
}

/** What another list has granted to a resident; `points` undefined where no transaction tells it. */
interface Before {
  readonly batch?: number;
  readonly points?: number;
}

/**
 * One list of the file, and what the chain has of it; `batch` 0: it is not approved, or cannot be run any more.
 * `unrun`: other lists for the occurrence that can be run, and have rows left.
 * `byOthers`: what other lists have granted of these rows, by place. `grantedPoints` are the chain's, never the file's.
 */
export interface ListOfFile {
  readonly target: Target;
  readonly rows: readonly Row[];
  readonly grants: GrantList;
  readonly fileHash: Hex;
  readonly granted: readonly boolean[];
  batch: number;
  readonly own: KeptList[];
  readonly others: KeptList[];
  readonly unrun: KeptList[];
  byOthers: ReadonlyMap<number, Before>;
  grantedPoints: number;
}

/** What was chosen beside the file, for rows that do not say it. */
export interface Chosen {
  readonly programme?: string;
  readonly occurrence?: string;
  readonly series?: Address;
  /** Propose the list although its occurrence has another one that is not run. */
  readonly isAnother?: boolean;
}

export interface GrantsFile {
  readonly name: string;
  /** SHA-256 in hex. */
  readonly hash: string;
  readonly table: CsvTable;
}

export type Step = "propose" | "approve" | "execute" | "run" | "wait" | "beside" | "done";

/** The act that two officers decide on. `hash` is the keccak-256 of its call, as the chain keeps it with a proposal. */
export interface Decision {
  readonly list: ListOfFile;
  readonly data: Hex;
  readonly hash: Hex;
  readonly proposal?: Proposal;
}

export interface Survey {
  readonly step: Step;
  readonly plan: Plan;
  readonly lists: readonly ListOfFile[];
  readonly decisions: readonly Decision[];
  readonly rows: number;
  readonly granted: number;
  readonly grantedPoints: number;
  readonly totalPoints: number;
  /** What would be granted now, or once the list is approved. */
  readonly open: { readonly rows: number; readonly points: number };
  /** Rows that cannot be granted now, each with its reason, under a heading. */
  readonly left: readonly Bilingual[];
  /** Offices that this officer lacks for the next step. */
  readonly missing: readonly Bilingual[];
  /** What stands in the way of proposing: other lists for the same occurrence. */
  readonly beside: readonly Beside[];
  readonly mayPropose: boolean;
  /** What the chain had of this when it was asked; see `standingOf`. */
  readonly standing: string;
  readonly watched: Watched;
}

/** What another officer may decide meanwhile: proposals and lists by number, and lists proposed after a block. */
export interface Watched {
  readonly block: number;
  readonly proposals: readonly number[];
  readonly batches: readonly number[];
}

/** A proposal, and the transaction that made it. */
export interface FoundProposal {
  readonly proposal: Proposal;
  readonly transaction: Hex;
}

export interface Proposal {
  readonly number: number;
  readonly state: number;
  readonly proposer: Address;
  readonly proposedAt: number;
  readonly approvedAt: number;
  readonly target: Address;
  readonly dataHash: Hex;
}

/** The file cannot be granted as it is: all that is wrong with it, and what to do where no other file will do. */
export class BadRows extends Refusal {
  constructor(
    readonly faults: readonly Fault[],
    readonly advice: readonly Bilingual[] = [],
  ) {
    super(`ファイルに${faults.length}件の誤り`, `${faults.length} faults in the file`);
  }
}

/** A municipality on a chain, and the officer who sits at this desk. */
export class Desk {
  readonly service: Address;
  private programmes: Programme[] | undefined;

  constructor(
    readonly chain: Chain,
    readonly code: number,
    readonly officer: Address,
  ) {
    const service = chain.service(SERVICE);
    if (!service) throw new Refusal("付与事業はまだ提供されていません", "the council offers no grants");
    this.service = service;
  }

  get officers(): Address {
    return this.chain.book.officers;
  }

  get firstBlock(): number {
    return Math.min(...this.chain.book.series.map((series) => series.block));
  }

  async holds(role: Role): Promise<boolean> {
    return this.chain.read("Officers", this.officers, "isOfficer", [this.code, role, this.officer]);
  }

  /** The municipality's programmes, oldest first. */
  async openedProgrammes(): Promise<Programme[]> {
    const events = await this.chain.logs(SERVICE, this.service, ["ProgrammeOpened"], this.firstBlock, {
      municipality: BigInt(this.code),
    });
    this.programmes = events.map(({ args: { programme, terms } }) => ({
      number: Number(programme),
      name: terms.name,
      series: getAddress(terms.series),
      points: terms.pointsPerGrant,
      cap: terms.yearlyCapPoints,
      first: terms.firstSecond,
      last: terms.lastSecond,
      rule: terms.expiryRule,
      months: terms.expiryMonths,
    }));
    return this.programmes;
  }

  /** Labels of a programme's occurrences, in the order in which they were opened. */
  async occurrencesOf(programme: number): Promise<string[]> {
    const events = await this.chain.logs(SERVICE, this.service, ["OccurrenceOpened"], this.firstBlock, {
      programme: BigInt(programme),
    });
    return events.map((event) => event.args.label);
  }

  ask(functionName: string, args: readonly unknown[]): Promise<FromAbi> {
    return this.chain.read(SERVICE, this.service, functionName, args);
  }

  /** Answers for many, some at a time: a node refuses tens of thousands of questions at once. */
  async askAll<Given, Answer>(
    given: readonly Given[],
    ask: (each: Given) => Promise<Answer>,
  ): Promise<Answer[]> {
    const answers: Answer[] = [];
    for (let first = 0; first < given.length; first += ASKED_AT_ONCE)
      answers.push(...(await Promise.all(given.slice(first, first + ASKED_AT_ONCE).map(ask))));
    return answers;
  }

  /** Accounts of residents by number; undefined for those who are none. */
  async accountsOf(numbers: readonly number[]): Promise<(Address | undefined)[]> {
    const parts: number[][] = [];
    for (let first = 0; first < numbers.length; first += ASKED_AT_ONCE)
      parts.push(numbers.slice(first, first + ASKED_AT_ONCE));
    const found = await this.askAll(parts, (part) =>
      this.chain.read("ResidentRegistry", this.chain.book.residents, "accountsOf", [this.code, part]),
    );
    return found.flat().map((account: Address) => (account === zeroAddress ? undefined : account));
  }
}

/** Survey a file; throws BadRows with everything that is wrong, a Refusal if it cannot be granted today. */
export async function survey(desk: Desk, file: GrantsFile, chosen: Chosen): Promise<Survey> {
  const { at: now, number: block } = await desk.chain.head();
  const lists = await readLists(desk, file, chosen, now);
  const proposals = lists.some(isUndecided) ? await openProposals(desk, now) : [];
  const waiting = await waitingLists(desk, desk.service, proposals);
  const beside = chosen.isAnother
    ? []
    : lists.map((list) => besideOf(list, waiting)).filter((each) => each !== undefined);
  const figures = new Figures();
  const tasks: Task[] = [];
  const [notes, later, left]: [Bilingual[], Bilingual[], Bilingual[]] = [[], [], []];
  const obstacles = await obstaclesOf(desk, lists, now);
  for (const [place, list] of lists.entries()) {
    const its = obstacles[place] ?? new Map();
    await tell(desk, figures, list, now);
    if (list.batch !== 0) left.push(...beforeNotes(list));
    if (list.granted.every(Boolean)) continue;
    left.push(...obstacleNotes(list, its));
    if (beside.length > 0) continue;
    if (list.batch === 0) {
      await requireRoom(desk, list, now);
      notes.push(...besideNotes(list, waiting));
      tasks.push({ list, rows: list.rows.length });
      later.push(both("承認後に名簿を実行します", "then the list is run"));
    } else tasks.push(...runsOf(list, its));
  }
  const openRows = lists.flatMap((list, at) =>
    list.grants.rows.filter((_, place) => !list.granted[place] && !obstacles[at]?.has(place)),
  );
  const open = { rows: openRows.length, points: sum(openRows.map((row) => row.points)) };
  const isAllGranted = lists.every((list) => list.granted.every(Boolean));
  const skipped =
    sum(obstacles.map((its) => its.size)) +
    sum(lists.map((list) => (list.batch === 0 ? 0 : list.byOthers.size)));
  if (skipped > 0)
    left.unshift(
      both(
        `次の${digits(skipped)}行は付与されません`,
        `${skipped === 1 ? "1 row" : `${digits(skipped)} rows`} will not be granted:`,
      ),
    );
  if (!isAllGranted && beside.length === 0)
    figures.add(
      "To be granted: rows, points",
      "付与される行数・ポイント",
      `${digits(open.rows)} / ${digits(open.points)}`,
    );
  const totals = {
    rows: sum(lists.map((list) => list.rows.length)),
    granted: sum(
      lists.map((list) => list.granted.filter(Boolean).length - (list.batch === 0 ? 0 : list.byOthers.size)),
    ),
    grantedPoints: sum(lists.map((list) => list.grantedPoints)),
    totalPoints: sum(lists.map((list) => list.grants.totalPoints)),
    open,
  };
  figures.add("Rows of the file", "ファイルの行数", totals.rows);
  figures.add("Points of the file", "ファイルのポイント合計", totals.totalPoints);
  figures.add("Points granted on the chain", "チェーンで付与済みのポイント", totals.grantedPoints);
  for (const series of new Set(lists.map((list) => list.target.programme.series))) {
    const [allowance] = await desk.chain.read("MunicipalPoint", series, "minterOf", [desk.service]);
    figures.add("Allowance of the series left, points", "種別の発行可能残額(ポイント)", Number(allowance));
  }
  const round = await nextRound(desk, tasks, proposals, now);
  const plan: Plan = {
    format: FORMAT,
    chain_id: desk.chain.book.chain_id,
    genesis: desk.chain.book.genesis,
    municipality: desk.code,
    command: ["municipality", "grant"],
    inputs: { [file.name]: file.hash },
    made_at: now,
    english: "Grants",
    japanese: "ポイントの付与",
    figures: figures.all,
    notes: [...notes, ...round.waiting, ...later, ...left].map(({ en, ja }) => ({
      english: en,
      japanese: ja,
    })),
    calls: round.calls,
    gas_price: 0,
  };
  const watched = {
    block,
    proposals: [
      ...round.decisions.flatMap(({ proposal }) => (proposal === undefined ? [] : [proposal.number])),
      ...beside.flatMap((each) => each.waiting.map((other) => other.proposal.number)),
    ],
    batches: lists.flatMap((list) => [
      ...list.own.filter((kept) => kept.batch === list.batch).map((kept) => kept.batch),
      ...list.unrun.map((kept) => kept.batch),
    ]),
  };
  const stateOf = new Map(proposals.map(({ proposal }) => [proposal.number, proposal.state]));
  const pointsOf = new Map(
    lists.flatMap((list) => [...list.own, ...list.unrun].map((kept) => [kept.batch, kept.grantedPoints])),
  );
  return {
    ...totals,
    step: beside.length > 0 ? "beside" : round.step,
    plan,
    lists,
    decisions: round.decisions,
    left,
    missing: round.missing,
    beside,
    mayPropose: beside.length > 0 && (await desk.holds(Role.ProgrammeOfficer)),
    standing: standing(
      0,
      watched.proposals.map((number) => stateOf.get(number) ?? 0),
      watched.batches.map((batch) => [pointsOf.get(batch) ?? 0, false]),
    ),
    watched,
  };
}

/** What the chain has now of what a survey watches: another text once another officer has decided something. */
export async function standingOf(desk: Desk, { block, proposals, batches }: Watched): Promise<string> {
  const [proposed, states, kept] = await Promise.all([
    listsProposed(desk, block + 1),
    desk.askAll(proposals, async (number) => (await proposalOf(desk, number)).state),
    desk.askAll(batches, async (batch) => desk.ask("batchOf", [batch])),
  ]);
  return standing(
    proposed.length,
    states,
    kept.map((each): [number, boolean] => [Number(each.grantedPoints), each.stopped]),
  );
}

function standing(
  proposedSince: number,
  states: readonly number[],
  batches: readonly (readonly [points: number, isStopped: boolean])[],
): string {
  return JSON.stringify([proposedSince, states, batches]);
}

/** Neither approved nor granted: two officers have to decide on it. */
function isUndecided(list: ListOfFile): boolean {
  return list.batch === 0 && !list.granted.every(Boolean);
}

/** The plan ready to be signed: with the gas that the chain estimates, a quarter more, and nonces. */
export async function withNonces(chain: Chain, plan: Plan): Promise<Plan> {
  const next = new Map<Address, number>();
  const calls: PlannedCall[] = [];
  for (const call of plan.calls) {
    const gas = await estimate(chain, call);
    const nonce =
      next.get(call.sender) ??
      Number(
        await chain.client.request({ method: "eth_getTransactionCount", params: [call.sender, "pending"] }),
      );
    next.set(call.sender, nonce + 1);
    calls.push({ ...call, gas, nonce });
  }
  return { ...plan, calls };
}

/** Gas for a call, a quarter more than the node thinks; throws a ChainRefusal if the chain would refuse it. */
export async function estimate(chain: Chain, call: PlannedCall): Promise<number> {
  const asked = { from: call.sender, to: call.to, data: call.data };
  const gas = await chain.asking(() =>
    chain.client.request({ method: "eth_estimateGas", params: [asked] } as never),
  );
  return Math.floor((Number(gas) * 5) / 4);
}

// ------------------------------------------------------------------------------------------------- LISTS

async function readLists(desk: Desk, file: GrantsFile, chosen: Chosen, now: number): Promise<ListOfFile[]> {
  const table = file.table.copy();
  const targets = new Map<Row, Target>();
  if (table.isComplete) {
    await findTargets(desk, table, chosen, targets, now);
    refuseRepeated(table, targets);
    if (table.faults.length > 0) await refuseWhatTheChainRefuses(desk, table, targets, now);
    if (table.rows.length === 0 && table.faults.length === 0)
      table.refuseFile(both("見出しの下に行がありません", "there is no row under the titles"));
  }
  if (table.faults.length > 0) throw new BadRows(table.faults);
  const lists = await listsOf(desk, table.rows, targets, `0x${file.hash}`);
  await findGrants(desk, lists, now);
  await refuseGrantedElsewhere(desk, table, lists);
  return lists;
}

/** Some rows as lists, with which of them are granted. */
async function listsOf(
  desk: Desk,
  rowsOfFile: readonly Row[],
  targets: ReadonlyMap<Row, Target>,
  fileHash: Hex,
): Promise<ListOfFile[]> {
  const together = new Map<Target, Row[]>();
  for (const row of rowsOfFile) {
    const target = targets.get(row) as Target;
    together.set(target, [...(together.get(target) ?? []), row]);
  }
  const lists: ListOfFile[] = [];
  for (const [target, unordered] of together) {
    const rows = [...unordered].sort((a, b) => (a.number("number") ?? 0) - (b.number("number") ?? 0));
    const grants = new GrantList(
      rows.map((row) => ({
        number: row.number("number") ?? 0,
        points: row.number("points") ?? target.programme.points,
      })),
    );
    const granted: boolean[] = await desk.askAll(rows, (row) =>
      desk.ask("isGranted", [target.occurrence, row.number("number")]),
    );
    const nothing = { batch: 0, own: [], others: [], unrun: [], byOthers: new Map(), grantedPoints: 0 };
    lists.push({ target, rows, grants, fileHash, granted, ...nothing });
  }
  return lists;
}

async function findTargets(
  desk: Desk,
  table: CsvTable,
  chosen: Chosen,
  targets: Map<Row, Target>,
  now: number,
): Promise<void> {
  const byName = programmesByName(await desk.openedProgrammes(), chosen.series, now);
  const found = new Map<string, Target | undefined>();
  for (const row of table.rows) {
    // Of a row with a faulty cell the others are looked at all the same: all faults at once.
    if (!row.values.has("programme") || !row.values.has("occurrence")) continue;
    const name = row.text("programme") ?? chosen.programme;
    const label = row.text("occurrence") ?? chosen.occurrence;
    if (name === undefined || label === undefined) {
      const column = name === undefined ? "programme" : "occurrence";
      refuse(table, row, column, "事業と実施回は列か画面で指定してください", "which one?");
      continue;
    }
    const programmes = byName.get(name) ?? [];
    const [programme] = programmes;
    if (programme === undefined || programmes.length > 1) {
      if (programme === undefined) {
        const isOpen = listed([...byName.keys()]);
        refuse(
          table,
          row,
          "programme",
          `開設されていない事業です。開設済み: ${isOpen}。新しい事業は municipality programmes で開設します`,
          `no such programme is open; open are: ${isOpen}. A new one is opened by \`municipality programmes\``,
        );
      } else
        refuse(
          table,
          row,
          "programme",
          "複数の種別にあります。画面で事業を選んでください",
          "several series have it: choose it on the page",
        );
      continue;
    }
    const key = JSON.stringify([name, label]);
    if (!found.has(key)) {
      const number = Number(await desk.ask("occurrenceOfLabel", [programme.number, label]));
      found.set(key, number === 0 ? undefined : { programme, occurrence: number, label });
    }
    const target = found.get(key);
    if (target === undefined) {
      const isOpen = listed(await desk.occurrencesOf(programme.number));
      refuse(
        table,
        row,
        "occurrence",
        `開設されていない実施回です。開設済み: ${isOpen}。新しい実施回は municipality programmes で開設します`,
        `it is not open; open are: ${isOpen}. A new one is opened by \`municipality programmes\``,
      );
      continue;
    }
    targets.set(row, target);
    if (!row.values.has("points")) continue;
    const [fixed, points] = [programme.points, row.number("points")];
    if (points === undefined && fixed === 0)
      refuse(table, row, "points", "ポイントが必要です(定額でない事業)", "how many?");
    else if (fixed !== 0 && points !== undefined && points !== fixed)
      refuse(
        table,
        row,
        "points",
        `この事業は1回${digits(fixed)}ポイントです`,
        `the programme grants ${digits(fixed)} at a time`,
      );
  }
}

/** The latest names, and how many more there are. */
function listed(names: readonly string[]): string {
  const latest = names.slice(-SHOWN_OBSTACLES).join("、") || "—";
  return names.length <= SHOWN_OBSTACLES ? latest : `…、${latest} (${digits(names.length)})`;
}

/** Programmes by name, one for each series: the one whose period it is, else the latest. */
export function programmesByName(
  opened: readonly Programme[],
  wanted: Address | undefined,
  now: number,
): Map<string, Programme[]> {
  const byName = new Map<string, Map<Address, Programme>>();
  for (const programme of opened) {
    if (wanted !== undefined && programme.series !== wanted) continue;
    const bySeries = byName.get(programme.name) ?? new Map<Address, Programme>();
    const before = bySeries.get(programme.series);
    if (!before || !(before.first <= now && now <= before.last)) bySeries.set(programme.series, programme);
    byName.set(programme.name, bySeries);
  }
  return new Map([...byName].map(([name, bySeries]) => [name, [...bySeries.values()]]));
}

function refuseRepeated(table: CsvTable, targets: ReadonlyMap<Row, Target>): void {
  const first = new Map<string, number>();
  for (const row of table.rows) {
    // Whom it is for and for what has to be known; whether its other cells are good does not matter.
    if (!targets.has(row) || row.number("number") === undefined) continue;
    const key = `${targets.get(row)?.occurrence} ${row.number("number")}`;
    const line = first.get(key) ?? row.line;
    first.set(key, line);
    if (line !== row.line)
      refuse(
        table,
        row,
        "number",
        `${line}行目と同じ利用者・実施回です(二重付与)`,
        `the same resident and occurrence as in line ${line}`,
      );
  }
}

/** Add to the faults of a file what the chain would not grant of its good rows: all is told at once. */
async function refuseWhatTheChainRefuses(
  desk: Desk,
  table: CsvTable,
  targets: ReadonlyMap<Row, Target>,
  now: number,
): Promise<void> {
  const lists = await listsOf(desk, table.goodRows, targets, NO_DOCUMENT);
  const obstacles = await obstaclesOf(desk, lists, now);
  for (const [at, list] of lists.entries()) {
    const { label } = list.target;
    const done = list.rows.filter((_, place) => list.granted[place]);
    for (const row of done.slice(0, SHOWN_OBSTACLES))
      refuse(table, row, "number", `「${label}」で付与済みです`, `granted for ${label} before`);
    const more = done.length - SHOWN_OBSTACLES;
    if (more > 0)
      table.refuseFile(
        both(
          `ほか${digits(more)}行も「${label}」で付与済みです`,
          `${digits(more)} more rows are granted for ${label} before`,
        ),
      );
    for (const [place, issue] of obstacles[at] ?? []) {
      const [row, reason] = [list.rows[place], labelOf(issue)];
      if (row !== undefined) refuse(table, row, "number", reason.ja, reason.en);
    }
  }
}

/**
 * Note which lists were approved before, by their root, and what the chain has granted of their rows. Of several that
 * can run, the latest counts.
 */
async function findGrants(desk: Desk, lists: readonly ListOfFile[], now: number): Promise<void> {
  const events = await desk.chain.logs(SERVICE, desk.service, ["BatchApproved"], desk.firstBlock, {
    occurrence: lists.map((list) => BigInt(list.target.occurrence)),
  });
  const batches = await desk.askAll(events, (event) => desk.ask("batchOf", [event.args.batch]));
  const year = fiscalYearEnd(monthOf(now));
  for (const [place, held] of batches.entries()) {
    const batch = Number(events[place]?.args.batch);
    const kept: KeptList = {
      batch,
      rows: Number(held.rows),
      totalPoints: Number(held.totalPoints),
      grantedPoints: Number(held.grantedPoints),
    };
    const canRun = !held.stopped && held.fiscalYear >= year;
    for (const list of lists) {
      if (list.target.occurrence !== Number(held.occurrence)) continue;
      if (list.grants.root !== held.root) {
        if (kept.grantedPoints > 0) list.others.push(kept);
        if (canRun && kept.grantedPoints < kept.totalPoints) list.unrun.push(kept);
        continue;
      }
      list.own.push(kept);
      if (canRun) list.batch = batch;
    }
  }
  for (const list of lists) {
    list.byOthers = await grantedByOthers(desk, list);
    list.grantedPoints =
      sum(list.own.map((kept) => kept.grantedPoints)) +
      sum([...list.byOthers.values()].map((before) => before.points ?? 0));
  }
}

/** Which rows other lists have granted, by place in this one. */
async function grantedByOthers(desk: Desk, list: ListOfFile): Promise<Map<number, Before>> {
  let places = [...list.rows.keys()].filter((place) => list.granted[place]);
  for (const kept of list.own) {
    if (kept.grantedPoints === list.grants.totalPoints) return new Map();
    if (kept.grantedPoints === 0) continue;
    const own: boolean[] = await desk.askAll(places, (place) =>
      desk.ask("isRowGranted", [kept.batch, place]),
    );
    places = places.filter((_, at) => !own[at]);
  }
  if (places.length === 0) return new Map();
  const byNumber = new Map<number, Before>();
  for (const kept of list.others)
    for (const { number, points } of await grantedRows(desk, kept))
      byNumber.set(number, { batch: kept.batch, points });
  return new Map(places.map((place) => [place, byNumber.get(list.grants.rows[place]?.number ?? 0) ?? {}]));
}

/**
 * The rows that a list has granted. They stand in the transactions that ran it: GrantProgrammes takes no others than
 * the list's. What was run through another contract is not among them.
 */
async function grantedRows(desk: Desk, kept: KeptList): Promise<GrantRow[]> {
  const events = await desk.chain.logs(SERVICE, desk.service, ["RowsRun"], desk.firstBlock, {
    batch: BigInt(kept.batch),
  });
  const rows = new Map<number, GrantRow>();
  for (const hash of new Set(events.map((event) => event.transaction))) {
    const sent = await getTransaction(desk.chain.client, { hash });
    if (sent.to === null || getAddress(sent.to) !== desk.service) continue;
    const { functionName, args } = decodeFunctionData({ abi: desk.chain.abi(SERVICE), data: sent.input });
    if (functionName !== "run" && functionName !== "claim") continue;
    const [, at, words] = args as readonly [bigint, bigint, readonly bigint[], readonly Hex[]];
    const leaf = functionName === "run" ? Number(at) : Math.floor(Number(at) / ROWS_OF_LEAF);
    for (const [place, row] of rowsOf(words).entries())
      if (row.points > 0) rows.set(ROWS_OF_LEAF * leaf + place, row);
  }
  const all = [...rows].sort(([a], [b]) => a - b);
  if (sum(all.map(([, row]) => row.points)) === kept.grantedPoints) return all.map(([, row]) => row);
  const granted: boolean[] = await desk.askAll(all, ([place]) =>
    desk.ask("isRowGranted", [kept.batch, place]),
  );
  return all.filter((_, at) => granted[at]).map(([, row]) => row);
}

/**
 * Refuse a list that cannot be run, where the chain has granted its residents something else, or some. If all are
 * granted, rows with another amount are faults, and residents whom the file leaves out; if only some are, all those are.
 */
async function refuseGrantedElsewhere(
  desk: Desk,
  table: CsvTable,
  lists: readonly ListOfFile[],
): Promise<void> {
  const advice = new Set<Bilingual>();
  for (const list of lists) {
    if (list.batch !== 0 || !list.granted.some(Boolean)) continue;
    if (!list.granted.every(Boolean)) refuseGranted(table, list);
    else if (list.byOthers.size > 0) {
      refuseOtherAmounts(table, list, advice);
      if (await refuseLeftOut(desk, table, list)) advice.add(texts.advice.to_others);
    }
  }
  if (table.faults.length > 0)
    throw new BadRows(
      table.faults,
      Object.values(texts.advice).filter((each) => advice.has(each)),
    );
}

function refuseGranted(table: CsvTable, list: ListOfFile): void {
  const { label } = list.target;
  for (const kept of list.unrun) table.refuseFile(unrunNote(list, kept));
  for (const [place, row] of list.rows.entries()) {
    if (!list.granted[place]) continue;
    const before = list.byOthers.get(place) ?? { points: list.grants.rows[place]?.points };
    const amount = before.points === undefined ? "?" : digits(before.points);
    refuse(
      table,
      row,
      "number",
      `別の名簿により「${label}」で付与済みです(${before.batch ? `名簿${before.batch}、` : ""}${amount}ポイント)。行を削除してください`,
      `granted for ${label} by another list before (${before.batch ? `${before.batch}, ` : ""}${amount} points): take the row out`,
    );
  }
}

/** Refuse rows whose residents were granted another amount than the file says. */
function refuseOtherAmounts(table: CsvTable, list: ListOfFile, advice: Set<Bilingual>): void {
  const { label } = list.target;
  for (const [place, before] of list.byOthers) {
    const [row, points] = [list.rows[place], list.grants.rows[place]?.points ?? 0];
    if (row === undefined || before.points === points) continue;
    if (before.points === undefined)
      refuse(
        table,
        row,
        "points",
        `別の名簿により「${label}」で付与済みです。その額を取引から読めません`,
        `granted for ${label} by another list; the chain does not tell how many points`,
      );
    else {
      advice.add(before.points < points ? texts.advice.too_little : texts.advice.too_much);
      refuse(
        table,
        row,
        "points",
        `「${label}」では${digits(before.points)}ポイントを付与済みです(名簿${before.batch})。ファイルは${digits(points)}ポイントです。ファイルを直しても付与済みの額は変わりません`,
        `${digits(before.points)} points were granted for ${label} (list ${before.batch}), the file has ${digits(points)}: what is granted does not change with the file`,
      );
    }
  }
  if (list.grantedPoints !== list.grants.totalPoints) {
    const [name, total] = [subjectOf(list), digits(list.grants.totalPoints)];
    table.refuseFile(
      both(
        `${name}: チェーンで付与済みは${digits(list.grantedPoints)}ポイント、ファイルは${total}ポイントです`,
        `${name}: the chain has granted ${digits(list.grantedPoints)} points, the file has ${total}`,
      ),
    );
  }
}

/** Refuse a file without residents whom the same lists have granted for the occurrence; return whether it is. */
async function refuseLeftOut(desk: Desk, table: CsvTable, list: ListOfFile): Promise<boolean> {
  const { label } = list.target;
  const batches = new Set([...list.byOthers.values()].map((before) => before.batch));
  const present = new Set(list.grants.rows.map((row) => row.number));
  const leftOut: { batch: number; row: GrantRow }[] = [];
  for (const kept of list.others)
    if (batches.has(kept.batch))
      for (const row of await grantedRows(desk, kept))
        if (!present.has(row.number)) leftOut.push({ batch: kept.batch, row });
  for (const { batch, row } of leftOut.slice(0, SHOWN_OBSTACLES))
    table.refuseFile(
      both(
        `利用者番号${row.number}は「${label}」で${digits(row.points)}ポイントを付与済みですが(名簿${batch})、ファイルにありません`,
        `resident ${row.number} was granted ${digits(row.points)} points for ${label} (list ${batch}) and is not in the file`,
      ),
    );
  const more = leftOut.length - SHOWN_OBSTACLES;
  if (more > 0)
    table.refuseFile(
      both(`ほか${digits(more)}人も同じです`, `${digits(more)} more are granted and not in the file`),
    );
  return leftOut.length > 0;
}

/** What is told of rows of an approved list that another list has granted: this one never will. */
function beforeNotes(list: ListOfFile): Bilingual[] {
  return [...list.byOthers].slice(0, SHOWN_OBSTACLES).map(([place, before]) => {
    const row = list.rows[place];
    const amount = before.points === undefined ? "?" : digits(before.points);
    return both(
      `${row?.line}行目 利用者番号${row?.number("number")}: 別の名簿${before.batch ?? "?"}により${amount}ポイントを付与済み`,
      `line ${row?.line}, resident ${row?.number("number")}: granted by list ${before.batch ?? "?"} before, ${amount} points`,
    );
  });
}

function refuse(table: CsvTable, row: Row, column: string, ja: string, en: string): void {
  table.refuse(row, column, both(ja, en));
}

// ----------------------------------------------------------------------------------------------- FIGURES

class Figures {
  readonly all: { english: string; japanese: string; value: string }[] = [];

  add(english: string, japanese: string, value: number | string): void {
    this.all.push({ english, japanese, value: typeof value === "number" ? digits(value) : value });
  }
}

/** Add what the officer confirms: totals, budget, cap, and when the points end. */
async function tell(desk: Desk, figures: Figures, list: ListOfFile, now: number): Promise<void> {
  const { programme, label } = list.target;
  const year = fiscalYearEnd(monthOf(now));
  const month =
    list.batch === 0
      ? expiryMonth(programme, monthOf(now))
      : Number((await desk.ask("batchOf", [list.batch])).expiryMonth);
  const day = eraEndLabel(month);
  const until = day.en === "no expiry" ? day.ja : `${day.ja}まで`;
  const budget = await desk.ask("budgetOf", [programme.number, year]);
  const [points, reserved] = [Number(budget.points), Number(budget.reservedPoints)];
  const [inYear, name, total] = [
    fiscalYearLabel(year),
    `${programme.name} ${label}`,
    list.grants.totalPoints,
  ];
  figures.add(
    `${name}: rows, points`,
    `${name}: 行数・ポイント`,
    `${digits(list.rows.length)} / ${digits(total)}`,
  );
  figures.add(`${name}: points end`, `${name}: 有効期限`, `${until} (${day.en})`);
  figures.add(
    `${name}: budget of ${inYear.en} left, points`,
    `${name}: ${inYear.ja}の予算残額(ポイント)`,
    points - reserved,
  );
  if (list.batch === 0)
    figures.add(
      `${name}: left of it after this list, points`,
      `${name}: この名簿の後の予算残額(ポイント)`,
      points - reserved - total,
    );
  if (programme.cap !== 0)
    figures.add(
      `${name}: cap of a resident and year, points`,
      `${name}: 1人の年度内上限(ポイント)`,
      programme.cap,
    );
}

/** The month with which points end that are approved in a month (scripts/lib/expiry_rule.py). */
export function expiryMonth(programme: Programme, month: number): number {
  switch (programme.rule) {
    case 0:
      return month + programme.months;
    case 1:
      return fiscalYearEnd(month);
    case 2:
      return fiscalYearEnd(month) + 12;
    case 3:
      return programme.months;
    default:
      return 1535;
  }
}

/** Make sure that a list can be approved today, before an officer proposes it. */
async function requireRoom(desk: Desk, list: ListOfFile, now: number): Promise<void> {
  const { programme } = list.target;
  if (now < programme.first || now > programme.last) {
    const [first, last] = [eraMomentLabel(programme.first), eraMomentLabel(programme.last)];
    throw new Refusal(
      `${programme.name}の名簿を承認できる期間は${first.ja}から${last.ja}までです`,
      `lists of ${programme.name} are approved from ${first.en} to ${last.en}`,
    );
  }
  const budget = await desk.ask("budgetOf", [programme.number, fiscalYearEnd(monthOf(now))]);
  const [left, total] = [Number(budget.points - budget.reservedPoints), list.grants.totalPoints];
  if (total > left)
    throw new Refusal(
      `${programme.name}: 年度予算の残額は${digits(left)}ポイント、名簿は${digits(total)}ポイントです`,
      `${programme.name}: the budget has ${digits(left)} points left, the list takes ${digits(total)}`,
    );
}

// --------------------------------------------------------------------------------------------- OBSTACLES

/**
 * For each list, why rows cannot be granted now, by place in it, as far as views tell it. The lists are run in this
 * order, so that a resident's cap is used up by the first.
 */
async function obstaclesOf(
  desk: Desk,
  lists: readonly ListOfFile[],
  now: number,
): Promise<Map<number, Issue>[]> {
  const year = fiscalYearEnd(monthOf(now));
  const used = new Map<string, number>();
  const all: Map<number, Issue>[] = [];
  for (const list of lists) {
    const { programme } = list.target;
    const places = list.rows.map((_, place) => place).filter((place) => !list.granted[place]);
    const rows = places.map((place) => list.grants.rows[place] ?? { number: 0, points: 0 });
    const accounts = await desk.accountsOf(rows.map((row) => row.number));
    const stopped: boolean[] = await desk.askAll(accounts, async (account) => {
      if (account === undefined) return false;
      const [frozen, blocked] = await desk.chain.read("MunicipalPoint", programme.series, "frozenOf", [
        account,
      ]);
      return frozen || blocked;
    });
    const keyOf = (number: number) => `${programme.number} ${number}`;
    const unasked = programme.cap === 0 ? [] : rows.filter((row) => !used.has(keyOf(row.number)));
    const before = await desk.askAll(unasked, async (row) =>
      Number(await desk.ask("grantedInYear", [programme.number, year, row.number])),
    );
    for (const [at, row] of unasked.entries()) used.set(keyOf(row.number), before[at] ?? 0);
    const found = new Map<number, Issue>();
    for (const [at, place] of places.entries()) {
      const { number, points } = rows[at] ?? { number: 0, points: 0 };
      const total = (used.get(keyOf(number)) ?? 0) + points;
      if (accounts[at] === undefined) found.set(place, Issue.Unregistered);
      else if (stopped[at]) found.set(place, Issue.AccountStopped);
      else if (programme.cap !== 0 && total > programme.cap) found.set(place, Issue.CapReached);
      else used.set(keyOf(number), total);
    }
    all.push(found);
  }
  return all;
}

function obstacleNotes(list: ListOfFile, obstacles: ReadonlyMap<number, Issue>): Bilingual[] {
  const all = [...obstacles];
  const notes = all.slice(0, SHOWN_OBSTACLES).map(([place, issue]) => {
    const row = list.rows[place];
    const label = labelOf(issue);
    return both(
      `${row?.line}行目 利用者番号${row?.number("number")}: ${label.ja}`,
      `line ${row?.line}, resident ${row?.number("number")}: ${label.en}`,
    );
  });
  const rest = new Map<Issue, number>();
  for (const [, issue] of all.slice(SHOWN_OBSTACLES)) rest.set(issue, (rest.get(issue) ?? 0) + 1);
  for (const [issue, count] of rest) {
    const label = labelOf(issue);
    notes.push(both(`ほか${digits(count)}行: ${label.ja}`, `${digits(count)} more: ${label.en}`));
  }
  return notes;
}

function labelOf(issue: Issue): Bilingual {
  return texts.issues[issue] ?? both("不明", "unknown");
}

// ------------------------------------------------------------------------------------------------- ROUND

interface Task {
  readonly list: ListOfFile;
  readonly rows: number;
  /** What is run of an approved list; without it, the list is still to be approved. */
  readonly branch?: Branch;
}

interface Round {
  step: Step;
  readonly calls: PlannedCall[];
  readonly waiting: Bilingual[];
  readonly decisions: Decision[];
  readonly missing: Bilingual[];
}

/** What runs every branch in which a row can be granted now. */
function* runsOf(list: ListOfFile, obstacles: ReadonlyMap<number, Issue>): Generator<Task> {
  for (const branch of list.grants.branchesWithin()) {
    const [first, last] = spanOf(branch, list);
    let rows = 0;
    for (let place = first; place < last; place++) if (!list.granted[place] && !obstacles.has(place)) rows++;
    if (rows > 0) yield { list, rows, branch };
  }
}

function spanOf(branch: Branch, list: ListOfFile): [number, number] {
  const first = ROWS_OF_LEAF * branch.firstLeaf;
  return [first, Math.min(first + 4 * branch.words.length, list.rows.length)];
}

async function nextRound(
  desk: Desk,
  tasks: readonly Task[],
  proposals: readonly FoundProposal[],
  now: number,
): Promise<Round> {
  const round: Round = { step: "done", calls: [], waiting: [], decisions: [], missing: [] };
  const steps = new Set<Step>();
  const acts = tasks.filter((task) => task.branch === undefined);
  if (acts.length > 0) {
    const data = acts.map((task) => approvalOf(desk, task.list));
    const selector = approvalSelector(desk);
    const rule = await desk.chain.read("Officers", desk.officers, "ruleOfService", [desk.service, selector]);
    const [mayPropose, mayApprove] = await Promise.all([
      desk.holds(rule.proposer),
      desk.holds(rule.approver),
    ]);
    for (const [place, task] of acts.entries()) {
      const call = data[place] ?? "0x";
      const hash = keccak256(call);
      const name = `approveBatch ${subjectOf(task.list)}`;
      const proposal = proposals
        .map((each) => each.proposal)
        .find((each) => each.target === desk.service && each.dataHash === hash);
      round.decisions.push({ list: task.list, data: call, hash, ...(proposal ? { proposal } : {}) });
      if (proposal === undefined) {
        if (!mayPropose) {
          round.missing.push(roleLabel(rule.proposer));
          continue;
        }
        const args = [desk.code, desk.service, call, DECISION, NO_DOCUMENT];
        round.calls.push(planned(desk, "Officers", desk.officers, "propose", args, name, task.rows));
        steps.add("propose");
        continue;
      }
      const readyAt = readyTime(proposal, rule);
      if (readyAt !== undefined && readyAt <= now) {
        const args = [proposal.number, call];
        round.calls.push(planned(desk, "Officers", desk.officers, "execute", args, name, task.rows));
        steps.add("execute");
      } else if (
        proposal.state === ProposalState.Proposed &&
        mayApprove &&
        proposal.proposer !== desk.officer
      ) {
        const args = [proposal.number, call];
        round.calls.push(planned(desk, "Officers", desk.officers, "approve", args, name, task.rows));
        steps.add("approve");
      } else {
        round.waiting.push(waitingNote(proposal, name, rule, readyAt));
        steps.add("wait");
      }
    }
  }
  for (const { list, rows, branch } of tasks) {
    if (branch === undefined) continue;
    const [first, last] = spanOf(branch, list);
    const args = [list.batch, branch.firstLeaf, branch.words, branch.siblings];
    const subject = `${subjectOf(list)} ${first + 1}-${last}`;
    round.calls.push(planned(desk, SERVICE, desk.service, "run", args, subject, rows));
    steps.add("run");
  }
  round.step =
    (["propose", "approve", "execute", "run", "wait"] as const).find((step) => steps.has(step)) ?? "done";
  return round;
}

function approvalOf(desk: Desk, list: ListOfFile): Hex {
  const { grants, target } = list;
  const terms = {
    root: grants.root,
    rows: grants.rows.length,
    totalPoints: grants.totalPoints,
    fileHash: list.fileHash,
  };
  return encodeFunctionData({
    abi: desk.chain.abi(SERVICE),
    functionName: "approveBatch",
    args: [desk.code, target.occurrence, terms],
  });
}

function approvalSelector(desk: Desk): Hex {
  return toFunctionSelector(
    desk.chain
      .abi(SERVICE)
      .find((entry) => entry.type === "function" && entry.name === "approveBatch") as never,
  );
}

/** Events of the lists that the municipality's officers proposed from a block on. */
function listsProposed(desk: Desk, first: number): Promise<ReadLog[]> {
  return desk.chain.logs("Officers", desk.officers, ["ActProposed"], first, {
    municipality: BigInt(desk.code),
    act: approvalSelector(desk),
  });
}

/** Proposals of lists that may still come to something, oldest first. */
async function openProposals(desk: Desk, now: number): Promise<FoundProposal[]> {
  const events = await listsProposed(desk, desk.firstBlock);
  const found = await desk.askAll(events, async ({ args, transaction }) => ({
    proposal: await proposalOf(desk, Number(args.proposalId)),
    transaction,
  }));
  return found.filter(
    ({ proposal: { state, proposedAt } }) =>
      (state === ProposalState.Proposed || state === ProposalState.Approved) &&
      now < proposedAt + PROPOSAL_LIFE_SECONDS,
  );
}

/** The transaction by which whoever proposed, or an Admin, ends a proposal. */
export function withdrawal(desk: Desk, { number }: Proposal): PlannedCall {
  return planned(desk, "Officers", desk.officers, "veto", [number], String(number), 0);
}

export async function proposalOf(desk: Desk, number: number): Promise<Proposal> {
  const found = await desk.chain.read("Officers", desk.officers, "proposalOf", [number]);
  return {
    number,
    state: found.state,
    proposer: getAddress(found.proposer),
    proposedAt: Number(found.proposedAt),
    approvedAt: Number(found.approvedAt),
    target: getAddress(found.target),
    dataHash: found.dataHash,
  };
}

function readyTime(proposal: Proposal, rule: FromAbi): number | undefined {
  const times: number[] = rule.delayAlone === NEVER_ALONE ? [] : [proposal.proposedAt + rule.delayAlone];
  if (proposal.state === ProposalState.Approved) times.push(proposal.approvedAt + rule.delayApproved);
  return times.length > 0 ? Math.min(...times) : undefined;
}

function waitingNote(
  proposal: Proposal,
  name: string,
  rule: FromAbi,
  readyAt: number | undefined,
): Bilingual {
  const { number } = proposal;
  if (proposal.state === ProposalState.Approved && readyAt !== undefined) {
    const time = eraMomentLabel(readyAt);
    return both(
      `提案${number}(${name})は${time.ja}以降に実行できます。その後もう一度実行してください`,
      `proposal ${number} (${name}) can be executed from ${time.en} on: run it again`,
    );
  }
  const role = roleLabel(rule.approver);
  const time = readyAt === undefined ? undefined : eraMomentLabel(readyAt);
  return both(
    `提案${number}(${name})は${role.ja}の承認待ちです(同じファイルで同じ操作をして承認)${time ? `。承認がなくても${time.ja}以降に実行できます` : ""}`,
    `proposal ${number} (${name}) waits for ${/^[aeiou]/i.test(role.en) ? "an" : "a"} ${role.en}, by the same files${time ? `; without, it can be executed from ${time.en} on` : ""}`,
  );
}

function planned(
  desk: Desk,
  contract: ContractName,
  to: Address,
  functionName: string,
  args: readonly unknown[],
  subject: string,
  rows: number,
): PlannedCall {
  const data = encodeFunctionData({ abi: desk.chain.abi(contract), functionName, args });
  return {
    contract,
    to: getAddress(to),
    sender: desk.officer,
    data,
    subject,
    rows,
    gas: 0,
    nonce: UNKNOWN_NONCE,
  };
}

function subjectOf(list: ListOfFile): string {
  return `${list.target.programme.name} ${list.target.label}`;
}

export function roleLabel(role: number): Bilingual {
  return texts.roles[role] ?? both("不明", "unknown");
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
