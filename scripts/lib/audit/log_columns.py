"""Turns raw logs into columns, a whole event at a time: no log is decoded by itself.

The hex of all logs of an event becomes one block of bytes, a row a log, out of which every column is cut.
Only events with texts, which are rare (a shop is approved, a programme opened), are taken apart one by one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from eth_abi import decode

from scripts.lib.audit.event_tables import (
    PLACE_COLUMNS,
    UNREADABLE,
    UNREADABLE_SCHEMA,
    Column,
    EventTable,
    event_tables,
)
from scripts.lib.undecodable import UNDECODABLE

_WORD = 32
_CONTRACT = slice(1, 1 + 20)
_TRANSACTION = slice(22, 22 + 32)
_TOPICS = 54
"""Where parts of a row are: it is a log's hex, part by part, and the "0x" of each part is a byte of zero."""

_TOO_LARGE = 1 << 63
_BLOCK, _TIME, _LOG_INDEX = range(3)
"""What is noted of every row beside its bytes."""


class RawLog(msgspec.Struct, gc=False):
    """A log as eth_getLogs gives it; the rest of its fields is skipped."""

    address: str
    topics: tuple[str, ...]
    data: str
    blockNumber: str  # noqa: N815
    logIndex: str  # noqa: N815
    transactionHash: str  # noqa: N815
    blockTimestamp: str | None = None  # noqa: N815


class _Rows:
    """Rows of one table that wait to be written."""

    def __init__(self) -> None:
        self.blocks: list[np.ndarray] = []
        self.places: list[np.ndarray] = []
        self.texts: list[bytes] = []  # of dynamic events: the data of each log


class LogColumns:
    """Collects logs and gives them back as Arrow tables.

    Attributes:
        count: how many logs it holds.
    """

    def __init__(self) -> None:
        self._rows: defaultdict[bytes, _Rows] = defaultdict(_Rows)
        self._unreadable: list[tuple[RawLog, int]] = []
        self._tables = {"0x" + topic.hex(): table for topic, table in event_tables().items()}
        self.count = 0

    def add(self, logs: Sequence[RawLog], times: Mapping[str, int]) -> None:
        """Take in logs.

        Args:
            times: Unix seconds by block number, as the logs spell it.
        """
        self.count += len(logs)
        places = {number: place for place, number in enumerate(times)}
        seconds = np.array([[int(number, 16), time] for number, time in times.items()], np.int64)
        by_topic: defaultdict[str, list[RawLog]] = defaultdict(list)
        for log in logs:
            by_topic[log.topics[0] if log.topics else ""].append(log)
        for topic, group in by_topic.items():
            table = self._tables.get(topic)
            if table is None:
                self._unreadable += [(log, times[log.blockNumber]) for log in group]
            else:
                self._add_table(table, group, places, seconds)

    def tables(self) -> dict[str, pa.Table]:
        """Return what was collected by the name of its table, each in chain order."""
        by_topic = event_tables()
        found = {}
        unreadable = [_raw_row(log, time) for log, time in self._unreadable]
        for topic, rows in self._rows.items():
            table = by_topic[topic]
            block, places = np.concatenate(rows.blocks), np.concatenate(rows.places)
            texts = rows.texts if table.is_dynamic else None
            columns, fits = _columns_of(table, block, texts)
            if not fits.all():
                unreadable += _misfits(table, block[~fits], places[~fits], texts, fits)
                block, places = block[fits], places[fits]
                columns = {name: values.filter(pa.array(fits)) for name, values in columns.items()}
            if len(block):
                found[table.name] = pa.table(
                    [*_place_columns(block, places), *(columns[field.name] for field in _arguments(table))],
                    schema=table.schema,
                )
        if unreadable:
            unreadable.sort(key=lambda row: (row["block"], row["log_index"]))
            found[UNREADABLE] = pa.Table.from_pylist(unreadable, schema=UNREADABLE_SCHEMA)
        return found

    def _add_table(
        self, table: EventTable, logs: list[RawLog], places: Mapping[str, int], seconds: np.ndarray
    ) -> None:
        topics = 1 + len(table.in_topics)
        digits = 2 + 2 * _WORD * sum(len(argument.columns) for argument in table.in_data)
        fit = [
            log for log in logs if len(log.topics) == topics and (table.is_dynamic or len(log.data) == digits)
        ]
        if len(fit) < len(logs):
            kept = {id(log) for log in fit}
            self._unreadable += [
                (log, int(seconds[places[log.blockNumber], 1])) for log in logs if id(log) not in kept
            ]
        if not fit:
            return
        rows = self._rows[table.topic]
        if table.is_dynamic:
            hexed = "".join([log.address + log.transactionHash + "".join(log.topics[1:]) for log in fit])
            rows.texts += [bytes.fromhex(log.data[2:]) for log in fit]
        else:
            hexed = "".join(
                [log.address + log.transactionHash + "".join(log.topics[1:]) + log.data for log in fit]
            )
        # Making "00" of every "0x" takes a tenth of the time that striking them out takes.
        binary = np.frombuffer(bytes.fromhex(hexed.replace("x", "0")), np.uint8)
        rows.blocks.append(binary.reshape(len(fit), -1))
        blocks = seconds[[places[log.blockNumber] for log in fit]]
        rows.places.append(np.column_stack([blocks, [int(log.logIndex, 16) for log in fit]]))


def _arguments(table: EventTable) -> Iterable[pa.Field]:
    return list(table.schema)[len(PLACE_COLUMNS) :]


def _place_columns(block: np.ndarray, places: np.ndarray) -> list[pa.Array]:
    return [
        pa.array(np.ascontiguousarray(places[:, _BLOCK])),
        pa.array(places[:, _LOG_INDEX].astype(np.int32)),
        pa.array(np.ascontiguousarray(places[:, _TIME])),
        _binary(block[:, _TRANSACTION]),
        _binary(block[:, _CONTRACT]),
    ]


def _columns_of(
    table: EventTable, block: np.ndarray, texts: list[bytes] | None
) -> tuple[dict[str, pa.Array], np.ndarray]:
    """Return the arguments' columns, and which rows fit into them."""
    fits = np.ones(len(block), bool)
    columns: dict[str, pa.Array] = {}
    fixed = table.stored
    if texts is not None:
        fixed = [column for argument in table.in_topics for column in argument.columns]
        columns |= _decoded_texts(table, texts, fits)
    for column, start in zip(fixed, _starts(table), strict=False):
        columns[column.name] = _column(column, block[:, start : start + _WORD], fits)
    return columns, fits


def _starts(table: EventTable) -> Iterator[int]:
    """Yield where in a row each word is: topics behind a zero each, then the data behind one for all."""
    topics = len(table.in_topics)
    for place in range(topics):
        yield _TOPICS + (1 + _WORD) * place + 1
    for place in range(sum(len(argument.columns) for argument in table.in_data)):
        yield _TOPICS + (1 + _WORD) * topics + 1 + _WORD * place


def _column(column: Column, words: np.ndarray, fits: np.ndarray) -> pa.Array:
    """Cut one column out of its words, and note rows whose other bytes are not empty."""
    kind = column.kind
    if column.is_wide:
        return _binary(words)
    if kind.startswith("bytes"):
        size = int(kind.removeprefix("bytes"))
        fits &= ~words[:, size:].any(axis=1)
        return _binary(words[:, :size])
    if kind == "address":
        fits &= ~words[:, :12].any(axis=1)
        return _binary(words[:, 12:])
    last = np.ascontiguousarray(words[:, 24:]).view(">u8").ravel().astype(np.uint64)
    # Three words of eight bytes at once, instead of 24 bytes one by one.
    high = np.ascontiguousarray(words[:, :24]).view(np.uint64)
    fits &= (high[:, 0] | high[:, 1] | high[:, 2]) == 0
    if kind == "bool":
        fits &= last < 2
        return pa.array(last != 0)
    if kind == "uint8":
        fits &= last < 256
        return pa.array(last.astype(np.uint8))
    fits &= last < _TOO_LARGE
    return pa.array(last.astype(np.int64))


def _binary(values: np.ndarray) -> pa.Array:
    """Return rows of bytes as a column of fixed size."""
    size = values.shape[1]
    buffer = pa.py_buffer(np.ascontiguousarray(values))
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(size), len(values), [None, buffer])


def _decoded_texts(table: EventTable, texts: list[bytes], fits: np.ndarray) -> dict[str, pa.Array]:
    """Decode the data of a dynamic event, log by log."""
    kinds = [argument.kind for argument in table.in_data]
    stored = [column for argument in table.in_data for column in argument.columns]
    values: list[list[object]] = [[] for _ in stored]
    for row, data in enumerate(texts):
        try:
            decoded = zip(table.in_data, decode(kinds, data), strict=True)
            flat = [leaf for argument, value in decoded for leaf in _leaves(argument.shape, value)]
        except UNDECODABLE:
            fits[row] = False
            flat = [() if column.kind.endswith("[]") else _EMPTY.get(column.kind, 0) for column in stored]
        for place, (column, value) in enumerate(zip(stored, flat, strict=True)):
            if any(isinstance(number, int) and number >= _TOO_LARGE for number in _each(value)):
                fits[row] = False
                value = () if isinstance(value, tuple) else 0
            values[place].append(_as_stored(column, value))
    return {
        column.name: pa.array(cells, column.field.type) for column, cells in zip(stored, values, strict=True)
    }


_EMPTY = {"string": "", "address": "0x" + "0" * 40, "bool": False, "bytes32": bytes(32), "bytes4": bytes(4)}


def _leaves(shape: Any, value: Any) -> Iterator[Any]:
    """Yield the simple values of an argument; a list is one."""
    if shape is None:
        yield value
        return
    for part, its in zip(shape, value, strict=True):
        yield from _leaves(part, its)


def _each(value: Any) -> Iterable[Any]:
    return value if isinstance(value, tuple) else (value,)


def _as_stored(column: Column, value: Any) -> Any:
    if isinstance(value, tuple):
        return [_as_stored(column, each) for each in value]
    if isinstance(value, str) and column.kind.startswith("address"):
        return bytes.fromhex(value[2:])
    return value


def _raw_row(log: RawLog, time: int) -> dict[str, object]:
    return {
        "block": int(log.blockNumber, 16),
        "log_index": int(log.logIndex, 16),
        "time": time,
        "transaction": bytes.fromhex(log.transactionHash[2:]),
        "contract": bytes.fromhex(log.address[2:]),
        "topics": bytes.fromhex("".join(log.topics).replace("0x", "")),
        "data": bytes.fromhex(log.data[2:]),
    }


def _misfits(
    table: EventTable,
    block: np.ndarray,
    places: np.ndarray,
    texts: list[bytes] | None,
    fits: np.ndarray,
) -> list[dict[str, object]]:
    """Return the rows whose figures have no room, as the raw logs that they were."""
    starts = list(_starts(table))[: len(table.in_topics)]
    data = _TOPICS + (1 + _WORD) * len(starts) + 1
    datas = (
        [row[data:].tobytes() for row in block]
        if texts is None
        else [text for text, fit in zip(texts, fits, strict=True) if not fit]
    )
    return [
        {
            "block": int(number),
            "log_index": int(log_index),
            "time": int(time),
            "transaction": row[_TRANSACTION].tobytes(),
            "contract": row[_CONTRACT].tobytes(),
            "topics": table.topic + b"".join(row[start : start + _WORD].tobytes() for start in starts),
            "data": content,
        }
        for row, (number, time, log_index), content in zip(block, places, datas, strict=True)
    ]
