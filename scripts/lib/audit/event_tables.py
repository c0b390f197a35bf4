"""The dataset's tables: one for each event that our contracts declare, with a typed column for each argument.

The ABIs decide; nothing about a single event is written here but which numbers need all 256 bits. Every table
begins with the same columns: `block`, `log_index`, `time` (of the block, Unix seconds), `transaction`,
`contract`. docs/dataset.md explains how to read them without us.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import pyarrow as pa
from eth_utils.abi import collapse_if_tuple, event_abi_to_log_topic

from scripts.lib.artifacts import read_artifact
from scripts.lib.node.event_log import CONTRACTS

PLACE_COLUMNS = (
    pa.field("block", pa.int64(), nullable=False),
    pa.field("log_index", pa.int32(), nullable=False),
    pa.field("time", pa.int64(), nullable=False),
    pa.field("transaction", pa.binary(32), nullable=False),
    pa.field("contract", pa.binary(20), nullable=False),
)
"""Where in the chain an event stands, and who emitted it."""

WIDE = frozenset(
    {
        "Approval.value",
        "ClaimsBounced.places",
        "ClaimsReopened.places",
        "MinterAllowanceSet.allowancePoints",
        "MinterRemoved.mintedPoints",
        "SalePaid.payment",
    }
)
"""Numbers that use more than 63 bits. All others are points, months, times and numbers: they fit, and may be
subtracted from each other without a surprise."""

UNREADABLE = "Unreadable"
"""The table of logs that are none of our events, or have a figure that no column has room for."""

UNREADABLE_SCHEMA = pa.schema(
    [*PLACE_COLUMNS, pa.field("topics", pa.binary(), nullable=False), pa.field("data", pa.binary(), False)]
)


@dataclass(frozen=True)
class Column:
    """A simple value within an event's arguments.

    Attributes:
        name: path of the argument, joined by "_" within structs: "terms_points".
        kind: ABI type; dynamic only `string` and lists of simple values.
        is_wide: whether a number keeps all its 256 bits.
    """

    name: str
    kind: str
    is_wide: bool

    @property
    def field(self) -> pa.Field:
        """Return the column's Arrow field."""
        return pa.field(self.name, self._arrow_type(), nullable=False)

    def _arrow_type(self) -> pa.DataType:
        kind = self.kind
        if kind.endswith("[]"):
            element = Column(self.name, kind.removesuffix("[]"), self.is_wide)
            return pa.list_(pa.field("element", element._arrow_type()))
        if kind == "address":
            return pa.binary(20)
        if kind == "bool":
            return pa.bool_()
        if kind == "string":
            return pa.string()
        if kind.startswith("bytes"):
            return pa.binary(int(kind.removeprefix("bytes")))
        if self.is_wide:
            return pa.binary(32)
        return pa.uint8() if kind == "uint8" else pa.int64()


@dataclass(frozen=True)
class Argument:
    """An argument of an event: a simple value, or a struct of others."""

    name: str
    kind: str
    is_indexed: bool
    columns: tuple[Column, ...]
    shape: Any
    """None for a simple value; for a struct the shapes of its parts."""


@dataclass(frozen=True)
class EventTable:
    """One event as a table.

    Attributes:
        contract: the first of our contracts that declares it.
        event: its name; `topic` its first topic, 32 bytes.
        arguments: as declared.
    """

    contract: str
    event: str
    topic: bytes
    arguments: tuple[Argument, ...]

    @property
    def name(self) -> str:
        """Return the table's name, which is its folder's."""
        return f"{self.contract}.{self.event}"

    @cached_property
    def in_topics(self) -> list[Argument]:
        """Return the indexed arguments."""
        return [argument for argument in self.arguments if argument.is_indexed]

    @cached_property
    def in_data(self) -> list[Argument]:
        """Return the others."""
        return [argument for argument in self.arguments if not argument.is_indexed]

    @cached_property
    def is_dynamic(self) -> bool:
        """Whether its data have no fixed length."""
        return any("string" in argument.kind or "[]" in argument.kind for argument in self.in_data)

    @cached_property
    def stored(self) -> list[Column]:
        """Return the columns of the arguments in the order in which a log has them."""
        return [column for argument in (*self.in_topics, *self.in_data) for column in argument.columns]

    @cached_property
    def schema(self) -> pa.Schema:
        """Return the table's schema: the place, then the arguments as declared."""
        declared = [column.field for argument in self.arguments for column in argument.columns]
        return pa.schema([*PLACE_COLUMNS, *declared])


@cache
def event_tables() -> dict[bytes, EventTable]:
    """Return all tables by first topic."""
    tables: dict[bytes, EventTable] = {}
    for contract in CONTRACTS:
        for entry in read_artifact(contract).abi:
            if entry["type"] == "event":
                topic = bytes(event_abi_to_log_topic(entry))  # type: ignore[arg-type]
                arguments = tuple(_argument(entry["name"], each) for each in entry["inputs"])
                tables.setdefault(topic, EventTable(contract, entry["name"], topic, arguments))
    return tables


@cache
def tables_by_name() -> dict[str, EventTable]:
    """Return all tables by name."""
    return {table.name: table for table in event_tables().values()}


def schema_of(name: str) -> pa.Schema:
    """Return the schema of a table by its name.

    Raises:
        KeyError: there is no such table.
    """
    return UNREADABLE_SCHEMA if name == UNREADABLE else tables_by_name()[name].schema


def _argument(event: str, entry: dict[str, Any]) -> Argument:
    columns = tuple(_columns(event, entry["name"], entry))
    return Argument(entry["name"], collapse_if_tuple(entry), entry["indexed"], columns, _shape(entry))


def _columns(event: str, path: str, entry: dict[str, Any]) -> Iterator[Column]:
    if entry["type"].startswith("tuple["):
        raise TypeError(f"{event}.{path}: a list of structs has no column")
    if entry["type"] != "tuple":
        yield Column(path, entry["type"], f"{event}.{path}" in WIDE)
        return
    for part in entry["components"]:
        yield from _columns(event, f"{path}_{part['name']}", part)


def _shape(entry: dict[str, Any]) -> Any:
    if entry["type"] != "tuple":
        return None
    return tuple(_shape(part) for part in entry["components"])
