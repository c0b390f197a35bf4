"""What the campaigns of PaymentBonus hold, as plain figures of one shape, from the chain and from events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from scripts.lib.calls import View
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.view_reader import read_views

Key = TypeVar("Key")


class CampaignFigures(NamedTuple):
    """The last day whose sales count (1 January 2000 = 0), the budget, what is promised and given of it."""

    last_day: int
    budget: int
    reserved: int
    awarded: int


class ResidentFigures(NamedTuple):
    """What a resident is promised in a campaign, and was given."""

    reserved: int
    awarded: int


class SaleKey(NamedTuple):
    """A sale in a campaign; the merchant is a checksummed address."""

    campaign: int
    merchant: str
    sale: int


class SaleFigures(NamedTuple):
    """What a sale of a resident is promised, or was given."""

    number: int
    paid: int
    points: int
    is_awarded: bool


@dataclass(frozen=True)
class BonusState:
    """All campaigns at one second.

    Attributes:
        campaigns: by number.
        residents: by campaign and resident number.
        sales: those that were ever promised something.
    """

    campaigns: dict[int, CampaignFigures] = field(default_factory=dict)
    residents: dict[tuple[int, int], ResidentFigures] = field(default_factory=dict)
    sales: dict[SaleKey, SaleFigures] = field(default_factory=dict)


def read_bonus_state(
    rpc: Rpc, bonus: str, residents: Iterable[tuple[int, int]], sales: Iterable[SaleKey]
) -> BonusState:
    """Return what the contract's views say as of the latest block.

    Args:
        bonus: address of PaymentBonus.
        residents: campaigns and resident numbers to ask about.
        sales: which sales to ask about.
    """
    block: str = rpc.call("eth_blockNumber")

    def ask(function: str, keys: Mapping[Key, tuple[Any, ...]]) -> dict[Key, Any]:
        views = [View("PaymentBonus", bonus, function, arguments) for arguments in keys.values()]
        return dict(zip(keys, read_views(rpc, views, block), strict=True))

    [count] = ask("campaignCount", {0: ()}).values()
    campaigns = ask("campaignOf", {number: (number,) for number in range(1, count + 1)})
    accounts = ask("accountOf", {key: key for key in residents})
    reservations = ask("reservationOf", {key: tuple(key) for key in sales})
    return BonusState(
        {number: CampaignFigures(figures[3], *figures[-3:]) for number, figures in campaigns.items()},
        {key: ResidentFigures(*account) for key, account in accounts.items()},
        {key: SaleFigures(*reservation) for key, reservation in reservations.items()},
    )
