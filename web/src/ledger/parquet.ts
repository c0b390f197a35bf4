// The one codec that our dataset is packed with, and hyparquet told to leave bytes as they are.
import { type AsyncBuffer, parquetReadObjects as read } from "hyparquet";
// The package as a whole brings WebAssembly for another codec, which the pages' policy rightly forbids.
import { decompressLz4Raw } from "hyparquet-compressors/src/lz4.js";

export type { AsyncBuffer };

export function asyncBufferFrom(content: ArrayBuffer): AsyncBuffer {
  return { byteLength: content.byteLength, slice: (start, end) => content.slice(start, end) };
}

export function parquetReadObjects(file: AsyncBuffer): Promise<Record<string, unknown>[]> {
  return read({ file, utf8: false, compressors: { LZ4_RAW: decompressLz4Raw } });
}
