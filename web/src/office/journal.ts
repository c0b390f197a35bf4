// What this browser was doing, kept so that a closed page loses nothing: the rows at work, and every transaction that
// was signed, on disk before it is sent. No key, no file as it was, nothing of a person: numbers of residents and points.
//
// What was done is asked of the chain all the same: the journal only says which transactions to ask after.
import type { Hex } from "viem";
import type { SignedCall } from "@/lib/sending";
import { Storage } from "@/lib/storage";
import { CsvTable, Row, type Value } from "./csv-table";
import { COLUMNS } from "./grants-file";
import type { Chosen, GrantsFile } from "./survey";

interface Kept {
  readonly code: number;
  readonly chosen: Chosen;
  readonly file: {
    readonly name: string;
    readonly hash: string;
    readonly rows: readonly (readonly [line: number, values: readonly Value[]])[];
  };
}

/** A file that was being worked on. */
export interface Work {
  readonly code: number;
  readonly chosen: Chosen;
  readonly file: GrantsFile;
}

export type Entry =
  | ({ readonly kind: "signed" } & SignedCall)
  /** Its receipt was seen in a block; 0 if another transaction took its number. */
  | { readonly kind: "settled"; readonly hash: Hex; readonly block: number };

const WORK = "work";

export class Journal {
  private constructor(private readonly storage: Storage) {}

  /** The journal of a chain: another chain with the same id has its own. */
  static async open(genesis: Hex): Promise<Journal> {
    return new Journal(await Storage.open(`office-${genesis.slice(2, 18)}`));
  }

  append(entry: Entry): Promise<void> {
    return this.storage.append(entry);
  }

  /** Transactions that were signed and of which nothing was heard since. */
  async unsettled(): Promise<SignedCall[]> {
    const entries = await this.storage.records<Entry>();
    const settled = new Set(entries.filter((entry) => entry.kind === "settled").map((entry) => entry.hash));
    return entries.filter((entry) => entry.kind === "signed").filter((entry) => !settled.has(entry.hash));
  }

  async keep(work: Work): Promise<void> {
    const rows = work.file.table.rows.map(
      (row) => [row.line, COLUMNS.map((column) => row.values.get(column.name))] as const,
    );
    const { code, chosen, file } = work;
    const kept: Kept = { code, chosen, file: { name: file.name, hash: file.hash, rows } };
    await this.storage.put(WORK, kept);
  }

  async forget(): Promise<void> {
    await this.storage.put(WORK, undefined);
  }

  async work(): Promise<Work | undefined> {
    const kept = await this.storage.get<Kept>(WORK);
    if (kept === undefined) return undefined;
    const table = new CsvTable(COLUMNS);
    for (const column of COLUMNS) table.titles.set(column.name, column.japanese);
    for (const [line, values] of kept.file.rows) {
      const row = new Row(line);
      for (const [place, column] of COLUMNS.entries()) row.values.set(column.name, values[place]);
      table.rows.push(row);
    }
    const { code, chosen, file } = kept;
    return { code, chosen, file: { name: file.name, hash: file.hash, table } };
  }
}
