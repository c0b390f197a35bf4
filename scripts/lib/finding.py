"""What an audit found: one thing on which accounts of the truth disagree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from scripts.lib.town_year.on_chain import TownOnChain


class Finding(NamedTuple):
    """A figure on which the chain and other accounts of the truth disagree.

    Attributes:
        account: number, role or name of the account; "" if it concerns the series as a whole.
        address: 0x hex; "" likewise.
        figure: what differs, and when.
        says: who ("chain", "model", "events", ...) says what.
    """

    municipality: str
    account: str
    address: str
    figure: str
    says: dict[str, str]

    @classmethod
    def of(cls, town: TownOnChain, figure: str, says: Mapping[str, Any], account: str = "") -> Finding:
        """Return what was found in a town.

        Args:
            account: address; "" if it concerns the series as a whole.
        """
        return cls(
            town.year.town.municipality.name,
            town.accounts.names().get(account, ""),
            account,
            figure,
            {source: str(value) for source, value in says.items()},
        )
