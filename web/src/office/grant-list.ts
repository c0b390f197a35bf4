// The list of a batch of grants as the contract reads it: rows, words, leaves and their Merkle tree
// (contracts/libraries/GrantList.sol draws it, scripts/lib/grant_list.py makes the same).
import { concat, type Hex, keccak256, numberToHex, toHex } from "viem";

const ROWS_OF_WORD = 4;
export const ROWS_OF_LEAF = 16;
const WORDS_OF_LEAF = ROWS_OF_LEAF / ROWS_OF_WORD;
export const MOST_IN_A_FIELD = 2 ** 32 - 1;
const PADDING: Hex = `0x${"00".repeat(32)}`;

/** More than a row takes, and than a transaction takes besides; the most that one may use. As the scripts have it. */
const GAS_OF_ROW = 60_000;
const GAS_BESIDES = 300_000;
const MOST_GAS = 16_700_000;

export interface GrantRow {
  readonly number: number;
  readonly points: number;
}

/** What proves rows to be the list's: words of four rows, and hashes up to the root, the lowest first. */
export interface Branch {
  readonly firstLeaf: number;
  readonly words: readonly bigint[];
  readonly siblings: readonly Hex[];
}

export class GrantList {
  private readonly words: bigint[];
  private readonly levels: Hex[][];

  constructor(readonly rows: readonly GrantRow[]) {
    if (rows.length === 0) throw new Error("a list has at least one row");
    this.words = [];
    for (let first = 0; first < rows.length; first += ROWS_OF_WORD) {
      let word = 0n;
      for (let place = first; place < first + ROWS_OF_WORD; place++)
        word = (word << 64n) | packed(rows[place]);
      this.words.push(word);
    }
    const leaves = Array.from({ length: 2 ** this.depth }, (_, place) =>
      place < this.leafCount
        ? keccak256(
            concat([
              "0x00",
              numberToHex(place, { size: 4 }),
              ...this.words
                .slice(place * WORDS_OF_LEAF, (place + 1) * WORDS_OF_LEAF)
                .map((word) => toHex(word, { size: 32 })),
            ]),
          )
        : PADDING,
    );
    this.levels = [leaves];
    for (let below = leaves; below.length > 1; ) {
      const pairs = below;
      below = Array.from({ length: pairs.length / 2 }, (_, place) =>
        keccak256(concat(["0x01", pairs[2 * place] ?? PADDING, pairs[2 * place + 1] ?? PADDING])),
      );
      this.levels.push(below);
    }
  }

  get totalPoints(): number {
    return this.rows.reduce((sum, row) => sum + row.points, 0);
  }

  get root(): Hex {
    return this.levels.at(-1)?.[0] ?? PADDING;
  }

  /** The fewest branches that are the whole list and each fit into a transaction. */
  *branchesWithin(): Generator<Branch> {
    const waiting: [number, number][] = [[0, 2 ** this.depth]];
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const [first, width] = next;
      const branch = this.branch(first, width);
      if (width === 1 || GAS_BESIDES + GAS_OF_ROW * ROWS_OF_WORD * branch.words.length <= MOST_GAS) {
        yield branch;
        continue;
      }
      const half = width / 2;
      if (first + half < this.leafCount) waiting.push([first + half, half]);
      waiting.push([first, half]);
    }
  }

  private get leafCount(): number {
    return Math.ceil(this.rows.length / ROWS_OF_LEAF);
  }

  private get depth(): number {
    return Math.ceil(Math.log2(this.leafCount));
  }

  private branch(firstLeaf: number, width: number): Branch {
    const level = Math.log2(width);
    const siblings: Hex[] = [];
    for (let above = level; above < this.depth; above++) {
      const place = Math.floor(firstLeaf / 2 ** above);
      siblings.push(this.levels[above]?.[place % 2 === 0 ? place + 1 : place - 1] ?? PADDING);
    }
    const words = this.words.slice(firstLeaf * WORDS_OF_LEAF, (firstLeaf + width) * WORDS_OF_LEAF);
    return { firstLeaf, words, siblings };
  }
}

/** The rows in some words, those included that only fill the last word up. */
export function rowsOf(words: readonly bigint[]): GrantRow[] {
  return words.flatMap((word) =>
    [192n, 128n, 64n, 0n].map((shift) => {
      const row = (word >> shift) & 0xffff_ffff_ffff_ffffn;
      return { number: Number(row & 0xffff_ffffn), points: Number(row >> 32n) };
    }),
  );
}

function packed(row: GrantRow | undefined): bigint {
  return row === undefined ? 0n : (BigInt(row.points) << 32n) | BigInt(row.number);
}
