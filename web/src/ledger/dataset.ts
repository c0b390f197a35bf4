// The dataset that `python -m scripts.auditor fetch` wrote and the site published beside its pages (dataset/, see
// docs/dataset.md): its manifest checked line by line, each file by its digest, then read as Parquet.

import type { Hex } from "viem";
import type { BookedSeries, ContractBook } from "@/lib/book";
import { monthOf } from "@/lib/calendar";
import { Refusal } from "@/lib/refusal";
import { type EventName, NAMES, type PointEvent, sorted } from "./events";
import { type AsyncBuffer, asyncBufferFrom, parquetReadObjects } from "./parquet";

interface Segment {
  readonly line: "segment";
  readonly first: number;
  readonly last: number;
  readonly last_hash: Hex;
  readonly files: readonly { readonly table: string; readonly rows: number; readonly digest: string }[];
  readonly of?: readonly string[];
}

interface Header {
  readonly line: "header";
  readonly chain_id: number;
  readonly genesis: Hex;
  readonly platform: string;
}

type Line = (Header | Segment | { readonly line: string }) & { readonly previous: string };

export class Dataset {
  private constructor(
    readonly address: string,
    /** SHA-256 of the manifest's last line: it stands for the whole dataset. */
    readonly digest: string,
    private readonly segments: readonly Segment[],
  ) {}

  /** Read the manifest; undefined if the site has no dataset. */
  static async open(book: ContractBook, address = "./dataset"): Promise<Dataset | undefined> {
    const answer = await fetch(`${address}/manifest.jsonl`, { cache: "no-cache" }).catch(() => undefined);
    if (!answer?.ok) return undefined;
    const lines = (await answer.text()).split("\n");
    if (lines.pop() !== "") throw damaged("manifest.jsonl");
    let digest = "";
    const read: Line[] = [];
    for (const text of lines) {
      const line = parsed(text);
      if (line === undefined || line.previous !== digest) throw damaged("manifest.jsonl");
      digest = await sha256(new TextEncoder().encode(text));
      read.push(line);
    }
    const header = read[0] as (Header & Line) | undefined;
    if (header?.line !== "header") throw damaged("manifest.jsonl");
    if (
      header.chain_id !== book.chain_id ||
      header.genesis !== book.genesis ||
      header.platform.toLowerCase() !== book.platform.toLowerCase()
    )
      throw new Refusal("公開データセットは別のチェーンのものです", "the dataset is of another chain");
    const segments = read.filter((line): line is Segment & { previous: string } => line.line === "segment");
    if (segments.length === 0) throw damaged("manifest.jsonl");
    return new Dataset(address, digest, segments);
  }

  /** The last block of which everything is here, and its hash. */
  get end(): { readonly block: number; readonly hash: Hex } {
    const [last] = this.segments.filter((each) => !each.of?.length).sort((a, b) => b.last - a.last);
    return { block: last?.last ?? -1, hash: last?.last_hash ?? "0x" };
  }

  /** The events of a series, in chain order. */
  async eventsOf(series: BookedSeries): Promise<PointEvent[]> {
    const events: PointEvent[] = [];
    for (const segment of this.segments)
      for (const file of segment.files) {
        const name = file.table.replace("MunicipalPoint.", "") as EventName;
        if (!file.table.startsWith("MunicipalPoint.") || !NAMES.includes(name)) continue;
        const rows = await this.rowsOf(`${file.table}/${nameOf(segment)}.parquet`, file.digest);
        for (const row of rows)
          if (hexOf(row.contract) === series.address.toLowerCase()) events.push(eventOf(name, row));
      }
    return events.sort((a, b) => a.block - b.block || a.index - b.index);
  }

  private async rowsOf(file: string, digest: string): Promise<Record<string, unknown>[]> {
    const answer = await fetch(`${this.address}/${file}`).catch(() => undefined);
    const content = answer?.ok ? await answer.arrayBuffer() : undefined;
    if (content === undefined || (await sha256(new Uint8Array(content))) !== digest) throw damaged(file);
    return parquetReadObjects(asyncBufferFrom(content) satisfies AsyncBuffer);
  }
}

function eventOf(name: EventName, row: Record<string, unknown>): PointEvent {
  const { block, log_index, time, transaction, contract: _, ...args } = row;
  const plain = Object.fromEntries(
    Object.entries(args).map(([key, value]) => [key, value instanceof Uint8Array ? hexOf(value) : value]),
  );
  return {
    name,
    ...sorted(plain),
    month: monthOf(Number(time)),
    block: Number(block),
    index: Number(log_index),
    transaction: hexOf(transaction),
  };
}

function nameOf(segment: Segment): string {
  const [first, last] = [segment.first, segment.last].map((block) => String(block).padStart(10, "0"));
  return `${first}-${last}${segment.of?.length ? "-earlier" : ""}`;
}

function parsed(text: string): Line | undefined {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return undefined;
  }
}

function damaged(file: string): Refusal {
  return new Refusal(
    `公開データセットのファイル ${file} が、記録されたものと違います`,
    `the dataset's file ${file} is not the one that was written`,
  );
}

function hexOf(value: unknown): Hex {
  const bytes = value as Uint8Array;
  return `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

async function sha256(data: Uint8Array<ArrayBuffer>): Promise<string> {
  return hexOf(new Uint8Array(await crypto.subtle.digest("SHA-256", data))).slice(2);
}
