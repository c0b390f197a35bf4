"""A series told by hand, event by event, as a dataset on disk: for what the audited town does not come to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from scripts.lib.audit.dataset import Dataset
from scripts.lib.japan_calendar import month_of, start_of
from tests.support.honest_year import BEGIN
from tests.support.year_dataset import events, write_series

TOKEN, ALICE, BOB, SHOP, MINTER, NOBODY = (bytes([number]) * 20 for number in (7, 1, 2, 3, 4, 0))
THIS_MONTH = month_of(BEGIN)
LAST_MONTH, NEXT_MONTH = THIS_MONTH - 1, THIS_MONTH + 1


class ToldSeries:
    """Events of one series, a block each; `others` are tables of other contracts."""

    def __init__(self) -> None:
        self.told: dict[str, list[dict[str, object]]] = {}
        self.others: dict[str, pa.Table] = {}
        self.block = 0

    def tell(self, name: str, /, time: int = BEGIN, **values: object) -> None:
        """Tell an event of the series."""
        self.block += 1
        row = {"block": self.block, "time": time, "transaction": self.block.to_bytes(32, "big"), **values}
        self.told.setdefault(f"MunicipalPoint.{name}", []).append(row)

    def move(self, payer: bytes, receiver: bytes, points: int, time: int = BEGIN) -> None:
        """Tell a Transfer."""
        self.tell("Transfer", time, **{"from": payer, "to": receiver, "value": points})

    def mint(self, receiver: bytes, points: int, month: int, time: int = BEGIN) -> None:
        """Tell of points that a minter may make, and has made."""
        self.tell("MinterAllowanceSet", time, minter=MINTER, allowancePoints=points.to_bytes(32, "big"))
        self.tell("Minted", time, minter=MINTER, expiryMonth=month, amountPoints=points)
        its = self.told["MunicipalPoint.Minted"][-1]["transaction"]
        moved = {"from": NOBODY, "to": receiver, "value": points}
        self.tell("Transfer", time, transaction=its, **moved)

    def tell_of(self, contract: str, table: str, /, *rows: Mapping[str, object]) -> None:
        """Tell events of another contract."""
        self.others[table] = events(table, bytes.fromhex(contract[2:]), *rows)

    def tables(self) -> dict[str, pa.Table]:
        """Return all that was told."""
        return {name: events(name, TOKEN, *rows) for name, rows in self.told.items()} | self.others

    def write(self, folder: Path) -> Dataset:
        """Write it as a dataset that ends with its first month."""
        return write_series(TOKEN, self.tables(), self.block, start_of(NEXT_MONTH) - 1, folder)
