"""Gives a dataset's events back one by one, in chain order, as the replays take them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from heapq import merge
from typing import Any

import pyarrow as pa

from scripts.lib.audit.dataset import Dataset, Segment
from scripts.lib.audit.event_tables import PLACE_COLUMNS, UNREADABLE, Argument, EventTable, tables_by_name
from scripts.lib.node.event_log import Event, to_address


def read_dataset(dataset: Dataset) -> Iterator[Event]:
    """Yield all events in chain order; never more than a segment of them is in memory.

    Raises:
        DatasetError: a file is missing, or is not what the manifest says.
    """
    main = (event for part in dataset.segments if not part.of for event in _events(dataset, part))
    earlier = [iter(_events(dataset, part)) for part in dataset.segments if part.of]
    yield from merge(main, *earlier, key=lambda event: (event.block, event.log_index))


def _events(dataset: Dataset, segment: Segment) -> list[Event]:
    events: list[Event] = []
    for name, table in dataset.tables(segment):
        if name != UNREADABLE:
            events += rows_of(tables_by_name()[name], table)
    events.sort(key=lambda event: (event.block, event.log_index))
    return events


def rows_of(described: EventTable, table: pa.Table) -> Iterator[Event]:
    """Yield the events of a table, in its order."""
    block, log_index, time, transaction, contract = (
        table.column(field.name).to_pylist() for field in PLACE_COLUMNS
    )
    names = [argument.name for argument in described.arguments]
    columns = [list(_values(argument, table)) for argument in described.arguments]
    # An event without arguments has no column that would tell how many there are.
    rows = zip(*columns, strict=True) if columns else iter([()] * table.num_rows)
    for place, row in enumerate(rows):
        yield Event(
            described.event,
            _address(contract[place]),
            dict(zip(names, row, strict=True)),
            block[place],
            time[place],
            "0x" + transaction[place].hex(),
            log_index[place],
        )


def _values(argument: Argument, table: pa.Table) -> Iterator[Any]:
    """Yield an argument's value of each row, a struct as a tuple."""
    parts = iter([_column(argument, column.name, table) for column in argument.columns])
    return iter(_assembled(argument.shape, parts))


def _assembled(shape: Any, parts: Iterator[list[Any]]) -> list[Any]:
    if shape is None:
        return next(parts)
    return list(zip(*(_assembled(part, parts) for part in shape), strict=True))


def _column(argument: Argument, name: str, table: pa.Table) -> list[Any]:
    values = table.column(name).to_pylist()
    [column] = (column for column in argument.columns if column.name == name)
    convert: Callable[[Any], Any] | None = None
    if column.kind == "address":
        # As eth_abi has it: within a struct an address is not checksummed.
        convert = _address if argument.shape is None else _plain_address
    elif column.is_wide:
        convert = _number
    elif column.kind.endswith("[]"):
        convert = tuple
    return values if convert is None else [convert(value) for value in values]


def _plain_address(value: bytes) -> str:
    return "0x" + value.hex()


def _number(value: bytes) -> int:
    return int.from_bytes(value, "big")


@lru_cache(maxsize=1_000_000)
def _address(value: bytes) -> str:
    return to_address("0x" + value.hex())
