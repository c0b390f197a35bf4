"""Reads a dataset's tables whole, as columns in chain order, whatever pieces they were fetched in.

    columns = EventColumns(Dataset(folder))    # EventColumns(dataset, until): only up to that second
    columns.read("MunicipalPoint.Transfer", ["from", "to", "value"])
    columns.digest()             # of every value of every table

The manifest's digest depends on how often somebody fetched; `digest()` on what the chain said, and nothing
else, so that two auditors who have read the same blocks have the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from scripts.lib.audit.dataset import Dataset, DatasetError
from scripts.lib.audit.event_tables import schema_of
from scripts.lib.japan_calendar import moment_label, month_of
from scripts.lib.node.event_log import to_address

_PLACE = ["block", "log_index"]
_MEASURES = {
    pa.string().id: "binary_length",
    pa.binary().id: "binary_length",
    pa.list_(pa.int64()).id: "list_value_length",
}
"""What tells the lengths of values, by types whose values have no fixed one."""


class EventColumns:
    """The tables of a dataset.

    Args:
        until: the last second of a day, as of whose end all is told; None for all that was fetched.

    Attributes:
        contracts: series and services that were registered or offered by then.
        events: how many.
        second: the last one that is told: `until`, or the last block's.
        last: the last block of it.
        now: the month of which points are the first to live on. When a month's last day has ended, the next.

    Raises:
        DatasetError: nothing was fetched, the day has not ended or nothing had happened by then, or a file is
            not the one that was written.
    """

    def __init__(self, dataset: Dataset, until: int | None = None) -> None:
        if dataset.header is None or dataset.last < 0:
            raise DatasetError(f"{dataset.folder} holds no dataset: fetch first")
        for name, fault in dataset.faults():
            raise DatasetError(f"{dataset.folder}: {name}: {fault}")
        if until is not None and until > dataset.seal.time:
            ends = moment_label(dataset.seal.time).english
            raise DatasetError(
                f"that day has not ended in the dataset, which goes up to {ends}: fetch again / "
                "データがその日の終わりまで達していません。fetch をやり直してください"
            )
        self.dataset = dataset
        self.until = until
        self.header = dataset.header
        self._files: dict[str, list[str]] = {}
        self._mixed: set[str] = set()
        """Tables of which events were fetched out of the order of the chain."""
        self.events = 0
        for segment in dataset.segments:
            for file in segment.files:
                self._files.setdefault(file.table, []).append(str(dataset.file(segment, file)))
                self.events += file.rows
                if segment.of:
                    self._mixed.add(file.table)
        self.names = sorted(self._files)
        """The tables that have rows."""
        self.contracts = dataset.contracts
        self.second, self.last, self.now = dataset.seal.time, dataset.last, month_of(dataset.seal.time)
        if until is not None:
            self._end_with(until)

    def _end_with(self, until: int) -> None:
        """Leave out what came after a second."""
        blocks = {name: self.read(name, []).column("block") for name in self.names}
        self.names = [name for name, column in blocks.items() if len(column)]
        if not self.names:
            raise DatasetError("nothing had been registered by then / その日までの記録はありません")
        self.events = sum(map(len, blocks.values()))
        self.second, self.now = until, month_of(until + 1)
        self.last = max(pc.call_function("max", [blocks[name]]).as_py() for name in self.names)
        named = self.read("PointPlatform.SeriesRegistered").column("token").to_pylist()
        named += self.read("PointPlatform.ServiceOffered").column("service").to_pylist()
        known = {to_address("0x" + address.hex()) for address in named}
        self.contracts = [each for each in self.contracts if each.address in known]

    def read(self, name: str, arguments: Sequence[str] | None = None) -> pa.Table:
        """Return a table in chain order; an empty one if there was no such event.

        Args:
            arguments: which columns, besides block, log_index, time, transaction and contract; all if None.
        """
        schema = schema_of(name)
        if arguments is not None:
            wanted = [*_PLACE, "time", "transaction", "contract", *arguments]
            schema = pa.schema([schema.field(each) for each in wanted])
        parts = [
            pq.read_table(file, columns=schema.names, partitioning=None).select(schema.names)
            for file in self._files.get(name, [])
        ]
        if not parts:
            return schema.empty_table()
        table = pa.concat_tables(part.cast(schema) for part in parts)
        if self.until is not None:
            table = table.filter(pc.field("time") <= self.until)
        if name in self._mixed:
            table = table.sort_by([(column, "ascending") for column in _PLACE])
        return table

    def digest(self) -> str:
        """Return a SHA-256 (hex) of all events: every value of every table, in chain order."""
        whole = sha256()
        for name in self.names:
            for column in schema_of(name):
                values = self._column(name, column.name)
                whole.update(f"{name}\0{column.name}\0{column.type}\0{len(values)}\0".encode())
                whole.update(_digest_of(values))
        return whole.hexdigest()

    def _column(self, name: str, column: str) -> pa.ChunkedArray:
        if name in self._mixed or self.until is not None:
            return self.read(name).column(column)
        files = self._files[name]
        return pa.chunked_array(
            [chunk for file in files for chunk in _one_column(file, column)],
            schema_of(name).field(column).type,
        )


def _one_column(file: str, column: str) -> list[pa.Array]:
    return pq.read_table(file, columns=[column], partitioning=None).column(0).chunks


def _digest_of(values: pa.ChunkedArray) -> bytes:
    """Return the SHA-256 of a column: lengths and bytes, however it is cut into chunks."""
    lengths, content = sha256(), sha256()
    for chunk in values.chunks:
        for part in _parts(chunk):
            content.update(part)
        if measure := _MEASURES.get(chunk.type.id):
            measured = pc.call_function(measure, [chunk])
            lengths.update(measured.to_numpy(zero_copy_only=False).astype("<i8").tobytes())
    return lengths.digest() + content.digest()


def _parts(chunk: pa.Array) -> Iterator[bytes | memoryview]:
    """Yield a chunk's values as bytes, numbers with the lowest byte first."""
    kind = chunk.type
    if pa.types.is_list(kind):
        yield from _parts(chunk.flatten())
    elif pa.types.is_fixed_size_binary(kind):
        yield fixed_bytes(chunk).tobytes()
    elif pa.types.is_string(kind) or pa.types.is_binary(kind):
        yield b"".join(value.as_buffer().to_pybytes() for value in chunk)
    else:
        yield (
            chunk.to_numpy(zero_copy_only=False)
            .astype("u1" if pa.types.is_boolean(kind) else "<i8")
            .tobytes()
        )


def fixed_bytes(values: pa.Array | pa.ChunkedArray) -> np.ndarray:
    """Return a column of fixed-size bytes as rows of bytes."""
    chunks = values.chunks if isinstance(values, pa.ChunkedArray) else [values]
    width = values.type.byte_width
    rows = [
        np.frombuffer(chunk.buffers()[1], "u1", len(chunk) * width, chunk.offset * width).reshape(-1, width)
        for chunk in chunks
        if len(chunk)
    ]
    return np.concatenate(rows) if rows else np.empty((0, width), "u1")
