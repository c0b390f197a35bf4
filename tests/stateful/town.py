"""The town of a run: what it is like, and its accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from eth_utils import to_checksum_address

from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.payment.sale_terms import SaleTerms
from scripts.lib.refusal import ZERO_ADDRESS
from tests.stateful.cards import new_cards

NEW_CARDS = 30
"""Accounts that residents' memberships may move to in a run."""


def _group(label: str, size: int, first: int) -> dict[str, str]:
    """Return names by address for so many accounts."""
    return {
        to_checksum_address(f"0x{first + number:040x}"): f"{label} {number}" for number in range(1, size + 1)
    }


@dataclass(frozen=True)
class Profile:
    """What kind of town a run plays in.

    Attributes:
        start: Unix seconds, when the series comes into being.
        rule: the expiry policy it begins with.
        months: the policy's number.
        residents: how many accounts hold points.
        minters: how many accounts are accepted as minters now and then.
        amount: the usual number of points in a grant, at most.
        terms: how many months ahead grants usually end, at most.
        haste: how often, of a thousand steps, time leaps on; deep accounts need patience.
        fills_limits: grants go for the most that a lot and a month can hold.
        sale_terms: for how long sales can be paid and refunded; short rings are used again soon.
        weights: of verbs, instead of the usual ones.
    """

    name: str
    start: int
    rule: ExpiryRule
    months: int = 0
    residents: int = 12
    minters: int = 3
    amount: int = 3_000
    terms: int = 24
    haste: int = 40
    fills_limits: bool = False
    sale_terms: SaleTerms = field(default_factory=SaleTerms)
    weights: dict[str, int] = field(default_factory=dict)


class Town:
    """The accounts of a run.

    Args:
        officers: the contract that every act comes from.
        wallets: residents' accounts that are contracts, with their names.
    """

    def __init__(self, profile: Profile, officers: str, wallets: Mapping[str, str]) -> None:
        self.officers = officers
        residents = new_cards("resident", profile.residents)
        cards = new_cards("new card", NEW_CARDS)
        shops = new_cards("shop", 7)
        newcomers = new_cards("newcomer", 3)
        minters = _group("minter", profile.minters, 0xD0000)
        spenders = new_cards("spender", 3)
        self.residents = list(residents)
        self.cards = list(cards)
        self.shops = list(shops)
        self.newcomers = list(newcomers)
        """Accounts that begin as residents and may become merchants once they hold nothing."""
        self.minters = list(minters)
        self.spenders = list(spenders)
        """Who is allowed to spend others' points, becomes an owner of shops, and serves at their tills."""
        self.wallets = list(wallets)
        self.names = {
            **residents,
            **cards,
            **shops,
            **newcomers,
            **minters,
            **spenders,
            **wallets,
            officers: "the officers",
            ZERO_ADDRESS: "zero",
        }

    @property
    def accounts(self) -> list[str]:
        """Every account that may ever hold points or be somebody to the series."""
        return [
            *self.residents,
            *self.cards,
            *self.newcomers,
            *self.shops,
            *self.minters,
            *self.spenders,
            *self.wallets,
        ]
