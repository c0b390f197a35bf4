// Reads CSV files as Japanese offices export them, and reports everything that is wrong with them at once: what
// scripts/lib/csv_table.py does at the command line, cell for cell (tests/web/test_csv_files.py compares the two).
//
// UTF-8 with or without a byte order mark, or CP932; commas, tabs or semicolons; titles in Japanese or English;
// full-width digits, thousands separators. No message repeats what a cell holds.
import { type Bilingual, both } from "@/lib/bilingual";
import { digits } from "@/lib/money";
import { halfWidth, MYKEY_ID, mayBeMyKeyId, mayBePersonalNumber, PERSONAL_NUMBER } from "./personal";

const MOST_BYTES = 50_000_000;
const MOST_ROWS = 200_000;
const MOST_CELL_CHARACTERS = 1_000;
const WHOLE_NUMBER = /^(?:\p{Nd}+|\p{Nd}{1,3}(?:,\p{Nd}{3})+)$/u;
const FORMULA_SIGN = /^[ \u3000]*[=+\-@\t\r\n＝＋－＠]/;
// What Python takes for space and for the end of a line, where JavaScript has it otherwise.
const SPACE =
  "[\\t-\\r\\u001c-\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const SPACE_AROUND = new RegExp(`^${SPACE}+|${SPACE}+$`, "g");
// biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are what it is about
const LINE_ENDS = /\r\n|[\n-\r\u001c-\u001e\u0085\u2028\u2029]/;
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

/** One thing that is wrong: `line` counts from 1 and is 0 if the whole file is meant; `column` is its title in the file. */
export interface Fault {
  readonly line: number;
  readonly column: string;
  readonly reason: Bilingual;
}

/** A cell is not what its column asks for. */
class CellFault extends Error {
  constructor(readonly reason: Bilingual) {
    super(reason.en);
  }
}

export interface Column {
  /** The title in English, and the key of the value in a row. */
  readonly name: string;
  readonly japanese: string;
  readonly optional?: boolean;
  /** Turns a cell (never empty, without space around it) into a value. */
  readonly read: (cell: string) => Value;
}

export type Value = string | number | undefined;

export class Row {
  isGood = true;
  readonly values = new Map<string, Value>();

  constructor(readonly line: number) {}

  copy(): Row {
    const row = new Row(this.line);
    row.isGood = this.isGood;
    for (const [column, value] of this.values) row.values.set(column, value);
    return row;
  }

  number(column: string): number | undefined {
    const value = this.values.get(column);
    return typeof value === "number" ? value : undefined;
  }

  text(column: string): string | undefined {
    const value = this.values.get(column);
    return typeof value === "string" ? value : undefined;
  }
}

export class CsvTable {
  readonly rows: Row[] = [];
  readonly titles = new Map<string, string>();
  /** Whether the file could be read to its end. */
  isComplete = true;
  private readonly noted: Fault[] = [];

  constructor(readonly columns: readonly Column[]) {}

  /** All that is wrong, by line. */
  get faults(): Fault[] {
    return [...this.noted].sort((a, b) => a.line - b.line);
  }

  get goodRows(): Row[] {
    return this.rows.filter((row) => row.isGood);
  }

  /** The same once more, to be checked further while this one stays as it was read. */
  copy(): CsvTable {
    const table = new CsvTable(this.columns);
    table.isComplete = this.isComplete;
    table.noted.push(...this.noted);
    for (const [name, title] of this.titles) table.titles.set(name, title);
    table.rows.push(...this.rows.map((row) => row.copy()));
    return table;
  }

  /** Note that a row cannot be used because of one of its cells. */
  refuse(row: Row, column: string, reason: Bilingual): void {
    row.isGood = false;
    this.note(row.line, this.titles.get(column) ?? column, reason);
  }

  /** Note that something is wrong with the file as a whole, or with its titles in `line`. */
  refuseFile(reason: Bilingual, line = 0, column = ""): void {
    this.note(line, column, reason);
  }

  private note(line: number, column: string, reason: Bilingual): void {
    this.noted.push({ line, column, reason });
  }
}

export function text(cell: string): string {
  if (UNPRINTABLE.test(cell))
    throw new CellFault(both("表示できない文字を含んでいます", "holds characters that cannot be printed"));
  return cell;
}

/** A reader of whole numbers like 1500, 1,500 or １５００. */
export function wholeNumber(minimum: number, maximum: number): (cell: string) => number {
  return (cell) => {
    const written = halfWidth(cell);
    if (/^[-−▲△]/.test(written) && WHOLE_NUMBER.test(written.slice(1).trim()))
      throw new CellFault(both("負の数です", "the number is negative"));
    if (!WHOLE_NUMBER.test(written))
      throw new CellFault(both("整数ではありません", "this is not a whole number"));
    const value = Number(written.replaceAll(",", "").replace(/\p{Nd}/gu, asciiDigit));
    if (value < minimum)
      throw new CellFault(
        both(`${digits(minimum)}以上の数が必要です`, `the number is less than ${digits(minimum)}`),
      );
    if (value > maximum)
      throw new CellFault(
        both(`${digits(maximum)}を超えています`, `the number is more than ${digits(maximum)}`),
      );
    return value;
  };
}

/** Read a file whose first row names its columns, in any order. Rows of blank cells alone are left out. */
export function readTable(data: Uint8Array, columns: readonly Column[]): CsvTable {
  const table = new CsvTable(columns);
  const refuse = (reason: Bilingual) => {
    table.isComplete = false;
    table.refuseFile(reason);
    return table;
  };
  if (data.length > MOST_BYTES)
    return refuse(
      both(
        `ファイルが${digits(MOST_BYTES)}バイトを超えています`,
        `the file is larger than ${digits(MOST_BYTES)} bytes`,
      ),
    );
  if (begins(data, 0x50, 0x4b, 3, 4) || begins(data, 0xd0, 0xcf, 0x11, 0xe0))
    return refuse(
      both(
        "Excelブックのままです。「CSV UTF-8」で保存してください",
        "this is an Excel workbook: save it as CSV UTF-8",
      ),
    );
  const content = decoded(data);
  if (content === undefined)
    return refuse(
      both(
        "文字コードがUTF-8でもCP932でもありません。「CSV UTF-8」で保存してください",
        "neither UTF-8 nor CP932: save it as CSV UTF-8",
      ),
    );
  fill(table, content);
  return table;
}

function fill(table: CsvTable, content: string): void {
  let header: (Column | undefined)[] | undefined;
  for (const record of records(content, separatorOf(content))) {
    if (record.cells === undefined) {
      table.isComplete = false;
      table.refuseFile(both("ここからCSVとして読めません", "not CSV from here on"), record.line);
      return;
    }
    if (table.rows.length === MOST_ROWS) {
      table.isComplete = false;
      table.refuseFile(
        both(`${digits(MOST_ROWS)}行を超えています`, `more than ${digits(MOST_ROWS)} rows`),
        record.line,
      );
      return;
    }
    const cells = record.cells.map((cell) => unguarded(stripped(cell)));
    if (cells.every((cell) => cell === "")) continue;
    if (header === undefined) header = readHeader(table, record.line, cells);
    else table.rows.push(readRow(table, record.line, cells, header));
  }
  if (header === undefined) table.refuseFile(both("ファイルが空です", "the file is empty"));
}

interface CsvRecord {
  readonly line: number;
  /** Undefined where what follows is no CSV. */
  readonly cells?: string[];
}

/** Yield the rows of a file; a quoted cell may hold separators, doubled quotes and ends of lines. */
function* records(content: string, separator: string): Generator<CsvRecord> {
  let [place, line] = [0, 1];
  while (place < content.length) {
    const first = line;
    const cells: string[] = [];
    for (;;) {
      let cell = "";
      if (content[place] === '"') {
        for (place++; ; ) {
          const sign = content[place];
          if (sign === undefined) {
            yield { line: first };
            return;
          }
          if (sign === '"' && content[place + 1] === '"') {
            cell += '"';
            place += 2;
          } else if (sign === '"') {
            place++;
            break;
          } else {
            if (sign === "\n" || (sign === "\r" && content[place + 1] !== "\n")) line++;
            cell += sign;
            place++;
          }
        }
        const next = content[place];
        if (next !== undefined && next !== separator && next !== "\r" && next !== "\n") {
          yield { line: first };
          return;
        }
      } else {
        const begin = place;
        while (place < content.length && !isEnd(content[place], separator)) place++;
        cell = content.slice(begin, place);
      }
      cells.push(cell);
      if (content[place] !== separator) break;
      place++;
    }
    if (content[place] === "\r") place++;
    if (content[place] === "\n") place++;
    line++;
    yield { line: first, cells };
  }
}

function isEnd(sign: string | undefined, separator: string): boolean {
  return sign === separator || sign === "\r" || sign === "\n";
}

/** What stands between the titles: a comma, unless there is none but a tab or a semicolon. */
function separatorOf(content: string): string {
  const header = content.split(LINE_ENDS).find((line) => line.trim() !== "");
  return [",", "\t", ";"].find((separator) => header?.includes(separator)) ?? ",";
}

function decoded(data: Uint8Array): string | undefined {
  if (begins(data, 0xff, 0xfe) || begins(data, 0xfe, 0xff)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(data);
  } catch {
    return fromCp932(data);
  }
}

/** Text in CP932; undefined if it is none. Browsers read a little more than Windows writes: 0x80 and user-defined signs. */
function fromCp932(data: Uint8Array): string | undefined {
  try {
    const found = new TextDecoder("shift_jis", { fatal: true }).decode(data);
    return /[\x80]/.test(found) ? undefined : found;
  } catch {
    return undefined;
  }
}

function readHeader(table: CsvTable, line: number, cells: readonly string[]): (Column | undefined)[] {
  const byTitle = new Map(
    table.columns.flatMap((column) => [
      [column.name, column],
      [column.japanese, column],
    ]),
  );
  const header = cells.map((cell, place) => {
    const column = byTitle.get(halfWidth(cell).toLowerCase());
    const where = `#${place + 1}`;
    if (mayBePersonalNumber(cell)) table.refuseFile(PERSONAL_NUMBER, line, where);
    else if (column === undefined && cell !== "")
      // What stands there is not repeated: in a file without titles it is somebody's row.
      table.refuseFile(
        both(
          `不明な列です。使える列: ${table.columns.map((known) => known.japanese).join("、")}`,
          `unknown column; known are ${table.columns.map((known) => known.name).join(", ")}`,
        ),
        line,
        where,
      );
    else if (column !== undefined && table.titles.has(column.name)) {
      table.refuseFile(both("同じ列が2つあります", "the column appears twice"), line, cell);
      return undefined;
    }
    if (column !== undefined) table.titles.set(column.name, cell);
    return column;
  });
  for (const column of table.columns)
    if (!table.titles.has(column.name) && !column.optional)
      table.refuseFile(both("この列がありません", "the column is missing"), line, column.japanese);
  return header;
}

function readRow(
  table: CsvTable,
  line: number,
  written: readonly string[],
  header: readonly (Column | undefined)[],
): Row {
  const row = new Row(line);
  for (const column of table.columns) {
    if (column.optional) row.values.set(column.name, undefined);
    else if (!table.titles.has(column.name)) row.isGood = false;
  }
  // Spreadsheets leave empty cells out at the end of a row, or add some.
  const cells = [...written, ...Array<string>(Math.max(0, header.length - written.length)).fill("")];
  for (const [place, cell] of cells.entries()) {
    const column = header[place];
    const name = column?.name ?? `#${place + 1}`;
    const refuse = (reason: Bilingual) => {
      row.values.delete(name);
      table.refuse(row, name, reason);
    };
    if (mayBePersonalNumber(cell)) refuse(PERSONAL_NUMBER);
    else if (mayBeMyKeyId(cell)) refuse(MYKEY_ID);
    else if (place >= header.length && cell !== "")
      refuse(both("列の外にあります", "this lies beyond the last column"));
    else if ([...cell].length > MOST_CELL_CHARACTERS)
      refuse(
        both(
          `${digits(MOST_CELL_CHARACTERS)}文字を超えています`,
          `longer than ${digits(MOST_CELL_CHARACTERS)} characters`,
        ),
      );
    else if (column !== undefined && cell !== "") {
      try {
        row.values.set(name, column.read(cell));
      } catch (error) {
        if (!(error instanceof CellFault)) throw error;
        refuse(error.reason);
      }
    } else if (column !== undefined && !column.optional) refuse(both("セルが空です", "the cell is empty"));
  }
  return row;
}

/** A cell without the apostrophe that guards it against spreadsheets (src/lib/csv.ts writes it). */
function unguarded(cell: string): string {
  return cell.startsWith("'") && FORMULA_SIGN.test(cell.slice(1)) ? cell.slice(1) : cell;
}

/** A cell without space around it; a byte order mark is none. */
function stripped(cell: string): string {
  return cell.replace(SPACE_AROUND, "");
}

function asciiDigit(digit: string): string {
  // Decimal digits stand in runs of ten, zero first.
  let value = 0;
  const code = digit.codePointAt(0) ?? 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value++;
  return code < 0x80 ? digit : String(value);
}

function begins(data: Uint8Array, ...bytes: number[]): boolean {
  return bytes.every((byte, place) => data[place] === byte);
}
