"""A year by chance as a dataset on disk, with one town and one series: what fetch would have written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa

from scripts.lib.audit.block_seal import BlockSeal
from scripts.lib.audit.dataset import Contract, Dataset
from scripts.lib.audit.event_tables import schema_of
from scripts.lib.japan_calendar import month_of
from scripts.lib.node.event_log import to_address
from scripts.lib.node.rpc import ChainIdentity
from tests.support.honest_year import BEGIN, HonestYear

PLATFORM, OFFICERS, RESIDENTS = (to_address(f"0x{number:040x}") for number in (1, 2, 3))
TOWN, SERIES_NAME = 212032, "高山市ポイント"


def write_year(year: HonestYear, folder: Path) -> Dataset:
    """Write the events of a year into a folder, and what a platform says of its one series."""
    tables = year.tables()
    moved = tables["MunicipalPoint.Transfer"]
    token = moved.column("contract")[0].as_py()
    month = month_of(BEGIN) + 12 + 11
    tables["MunicipalPoint.Minted"] = _row("MunicipalPoint.Minted", token, expiryMonth=month)
    last, time = (int(np.asarray(moved.column(name)).max()) for name in ("block", "time"))
    return write_series(token, tables, last, time, folder)


def write_series(token: bytes, tables: dict[str, pa.Table], last: int, time: int, folder: Path) -> Dataset:
    """Write events of one series, up to a block and its time."""
    address = to_address("0x" + token.hex())
    tables = dict(tables)
    platform = bytes.fromhex(PLATFORM[2:])
    tables["PointPlatform.MunicipalityRegistered"] = _row(
        "PointPlatform.MunicipalityRegistered", platform, municipality=TOWN, name="高山市"
    )
    tables["PointPlatform.SeriesRegistered"] = _row(
        "PointPlatform.SeriesRegistered", platform, municipality=TOWN, token=token, name=SERIES_NAME
    )
    dataset = Dataset(folder)
    dataset.begin(ChainIdentity(31337, "0x" + "11" * 32), PLATFORM, OFFICERS, RESIDENTS, 0)
    dataset.add_contract(Contract(address, "MunicipalPoint", SERIES_NAME, 0))
    dataset.add_segment(0, last, BlockSeal("0x" + "22" * 32, time), tables)
    return dataset


def _row(table: str, contract: bytes, /, **values: object) -> pa.Table:
    """Return a table of one event, before all others; what is not given is empty."""
    return events(table, contract, values)


def events(table: str, contract: bytes, *told: Mapping[str, object]) -> pa.Table:
    """Return a table of events, in block 0 as the year begins unless told; what is not given is empty."""
    schema = schema_of(table)
    rows = [{"contract": contract, "block": 0, "time": BEGIN, **values} for values in told]
    return pa.table(
        {
            field.name: pa.array([row.get(field.name, _empty(field.type)) for row in rows], field.type)
            for field in schema
        },
        schema=schema,
    )


def _empty(kind: pa.DataType) -> object:
    if pa.types.is_fixed_size_binary(kind):
        return bytes(kind.byte_width)
    if pa.types.is_string(kind):
        return ""
    return False if pa.types.is_boolean(kind) else 0
