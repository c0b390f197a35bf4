// grants.csv: 利用者番号, ポイント, 事業, 実施回, as `python -m scripts.municipality grant` takes it.
import { type Column, type CsvTable, readTable, text, wholeNumber } from "./csv-table";
import { MOST_IN_A_FIELD } from "./grant-list";

/** Points may be left out where the programme fixes them; programme and occurrence may be chosen beside the file. */
export const COLUMNS: readonly Column[] = [
  { name: "number", japanese: "利用者番号", read: wholeNumber(1, MOST_IN_A_FIELD) },
  { name: "points", japanese: "ポイント", read: wholeNumber(1, MOST_IN_A_FIELD), optional: true },
  { name: "programme", japanese: "事業", read: text, optional: true },
  { name: "occurrence", japanese: "実施回", read: text, optional: true },
];

export function readFile(data: Uint8Array): CsvTable {
  return readTable(data, COLUMNS);
}
