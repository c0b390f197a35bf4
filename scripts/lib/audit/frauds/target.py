"""Whom and what a fraud can be planted on: one series with its people, on a chain that is ours to spoil."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.lib.calls import View
from scripts.lib.keys.keyring import LocalKeyring
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.view_reader import read_views
from scripts.lib.roles import Role


@dataclass(kw_only=True)
class Target:
    """A series, and who is who in it.

    Attributes:
        municipality: code of the series' town; `offices` are its officers' accounts.
        records: folder of the deployment records.
        first, second: accounts of two residents who hold points, by whose numbers the register knows them.
        shop: an active merchant; `other_shop` is suspended.
        paid: number of a sale of `shop` that the first paid; the second paid `other_paid`. `voided` can
            be paid by nobody. 0 where there is none.
    """

    rpc: Rpc
    keyring: LocalKeyring
    records: Path
    municipality: int
    offices: Mapping[Role, Sequence[str]]
    platform: str
    officers: str
    residents: str
    token: str
    programmes: str
    exchange: str
    first: str
    second: str
    first_number: int
    second_number: int
    shop: str
    other_shop: str
    paid: int = 0
    other_paid: int = 0
    voided: int = 0

    def numbers(self) -> list[tuple[str, int]]:
        """Return both residents with their numbers."""
        return [(self.first, self.first_number), (self.second, self.second_number)]

    def lots(self, account: str) -> dict[int, int]:
        """Return the chain's live lots of an account: points by month."""
        [(months, points)] = read_views(self.rpc, [View("MunicipalPoint", self.token, "lotsOf", (account,))])
        return dict(zip(months, points, strict=True))
