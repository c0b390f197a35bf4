"""What a point series holds at one second, as plain figures; and where accounts of it differ.

The same shape is read from the chain (scripts.lib.chain_state), kept by the reference model
(scripts.lib.town_year.model) and rebuilt from events (scripts.lib.replays.everything), three ways that
share no code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from scripts.lib.bilingual import Bilingual
from scripts.lib.expiry_rule import expiry_label
from scripts.lib.japan_calendar import month_label


class Claim(NamedTuple):
    """A merchant's claim, in points: paid this fiscal year, paid before, and locked in settlement."""

    this_year: int
    earlier_years: int
    locked: int


class Standing(NamedTuple):
    """A merchant's status (0 active, 1 suspended, 2 closed) and category."""

    status: int
    category: int


class MinterState(NamedTuple):
    """What a minter may still mint and has minted in its life, in points."""

    allowance: int
    minted: int


class Stop(NamedTuple):
    """Why nothing may leave or enter an account: frozen by an officer, blocked as replaced, or both."""

    frozen: bool
    blocked: bool


@dataclass(frozen=True)
class SeriesState:
    """A series at one second. Accounts are checksummed addresses; months count from January 2000 = 0.

    Attributes:
        balances: by account, as ERC-20 gives them.
        lots: live points by account and month of expiry.
        points_by_month: by month of expiry, points of all residents; of an ended month, what lapsed with it.
        restored_by_month: what was given back of the points that lapsed with a month.
        stops: of accounts that are frozen or blocked.
        owners: by merchant, who holds its owner key.
        settled: merchants' points that were burned, because they were paid in yen, and are not owed again.
    """

    balances: dict[str, int] = field(default_factory=dict)
    lots: dict[str, dict[int, int]] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    merchants: dict[str, Standing] = field(default_factory=dict)
    minters: dict[str, MinterState] = field(default_factory=dict)
    points_by_month: dict[int, int] = field(default_factory=dict)
    restored_by_month: dict[int, int] = field(default_factory=dict)
    stops: dict[str, Stop] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    total_supply: int = 0
    settled: int = 0

    def figures(self) -> dict[Figure, int]:
        """Return every figure that is not 0 under its name, so that two states compare as dictionaries."""
        return {figure: value for figure, value in self._figures() if value != 0}

    def _figures(self) -> Iterator[tuple[Figure, int]]:
        for account, points in self.balances.items():
            yield Figure(account, Bilingual("balance", "残高")), points
        for account, lots in self.lots.items():
            for month, points in lots.items():
                end = expiry_label(month)
                yield (
                    Figure(account, Bilingual(f"lot until {end.english}", f"期限{end.japanese}の分")),
                    points,
                )
        for account, claim in self.claims.items():
            yield Figure(account, Bilingual("claim of this fiscal year", "今年度の請求")), claim.this_year
            yield Figure(account, Bilingual("claim of earlier years", "過年度の請求")), claim.earlier_years
            yield Figure(account, Bilingual("claim in settlement", "精算中の請求")), claim.locked
        for account, standing in self.merchants.items():
            # Told apart from an account that was never approved, which has no standing at all.
            yield Figure(account, Bilingual("approved as merchant", "加盟店承認")), 1
            yield Figure(account, Bilingual("status", "状態")), standing.status
            yield Figure(account, Bilingual("category", "業種番号")), standing.category
        for account, minter in self.minters.items():
            yield Figure(account, Bilingual("may still mint", "発行可能残額")), minter.allowance
            yield Figure(account, Bilingual("has minted", "発行累計")), minter.minted
        for month, points in self.points_by_month.items():
            label = month_label(month)
            yield (
                Figure("", Bilingual(f"all points ending {label.english}", f"{label.japanese}末期限の合計")),
                points,
            )
        for month, points in self.restored_by_month.items():
            label = month_label(month)
            what = Bilingual(f"restored of {label.english}", f"{label.japanese}末失効分の回復")
            yield Figure("", what), points
        for account, stop in self.stops.items():
            yield Figure(account, Bilingual("frozen", "凍結")), int(stop.frozen)
            yield Figure(account, Bilingual("blocked as replaced", "再発行による停止")), int(stop.blocked)
        for merchant, owner in self.owners.items():
            if owner != merchant:
                yield Figure(merchant, Bilingual("owner key replaced by", "管理鍵の変更先")), int(owner, 16)
        yield Figure("", Bilingual("total supply", "総発行残高")), self.total_supply
        yield Figure("", Bilingual("settled", "精算済み")), self.settled


class Figure(NamedTuple):
    """Names one number of a series; `account` is "" for the series as a whole."""

    account: str
    what: Bilingual


class Difference(NamedTuple):
    """A number on which the accounts of a series do not agree: what each of them says."""

    figure: Figure
    says: dict[str, int]


def differences(states: Mapping[str, SeriesState]) -> list[Difference]:
    """Return every figure on which the states, given by name, do not agree; what one lacks is 0 there."""
    figures = {name: state.figures() for name, state in states.items()}
    found = []
    for figure in sorted(set().union(*figures.values())):
        says = {name: known.get(figure, 0) for name, known in figures.items()}
        if len(set(says.values())) > 1:
            found.append(Difference(figure, says))
    return found
