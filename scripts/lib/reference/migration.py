"""A series that is closed and its successor, in plain Python: what each account has on either side.

    model = ReferenceMigration(now)
    model.old.lots["A"][JUNE] = 50
    model.carry(["A"])

Only what happens after the closing, by rules that share no code with the contracts. Amounts are points,
months count from January 2000 = 0, claims stand under the fiscal year (its March) in which they were earned.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from scripts.lib.japan_calendar import fiscal_year_end, month_of


class RefusedError(Exception):
    """The contracts refuse this, too; nothing has changed."""


@dataclass
class Side:
    """One of the two series.

    Attributes:
        lots: by account and month of expiry; ended ones stay, as lapsed.
        claims: by merchant and fiscal year, not locked.
        frozen: by officers of this series.
    """

    lots: defaultdict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    claims: defaultdict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    frozen: set[str] = field(default_factory=set)
    restored: set[tuple[str, int]] = field(default_factory=set)

    def live(self, account: str, month: int) -> dict[int, int]:
        """Return live lots, earliest first."""
        return {end: points for end, points in sorted(self.lots[account].items()) if points and end >= month}

    def claim(self, merchant: str, year: int) -> tuple[int, int]:
        """Return the claim of this fiscal year and of earlier ones."""
        this = self.claims[merchant][year]
        return this, self.claims[merchant].total() - this


@dataclass
class ReferenceMigration:
    """Both series at one time.

    Attributes:
        now: Unix seconds.
    """

    now: int
    old: Side = field(default_factory=Side)
    new: Side = field(default_factory=Side)

    @property
    def month(self) -> int:
        """The current month."""
        return month_of(self.now)

    @property
    def year(self) -> int:
        """The March that ends the current fiscal year."""
        return fiscal_year_end(self.month)

    def carry(self, accounts: Iterable[str]) -> None:
        """Move what is live and free, with its month or year; stop who is stopped."""
        for account in accounts:
            for month, points in self.old.live(account, self.month).items():
                self.new.lots[account][month] += points
                self.old.lots[account][month] = 0
            self.new.claims[account].update(self.old.claims.pop(account, Counter()))
            if account in self.old.frozen:
                self.new.frozen.add(account)

    def refund(self, merchant: str, receiver: str, parts: Sequence[tuple[int, int]]) -> None:
        """Return (month, points) of a sale of the old series, paid in this fiscal year.

        Raises:
            RefusedError: a freeze, a month that has ended, or too small a claim on both sides.
        """
        wanted = sum(points for _, points in parts)
        ended = any(month < self.month for month, _ in parts)
        if ended or merchant in self.old.frozen or receiver in self.old.frozen:
            raise RefusedError
        missing = wanted - self.old.claims[merchant].total()
        if missing > 0:
            if merchant in self.new.frozen or missing > self.new.claims[merchant].total():
                raise RefusedError
            self._take(self.new, merchant, missing, into=self.old)
        self._take(self.old, merchant, wanted)
        for month, points in parts:
            self.old.lots[receiver][month] += points

    def restore(self, account: str, month: int, to_month: int, points: int) -> None:
        """Give back what lapsed on the old series, once for an account and month."""
        if month < self.month and (account, month) not in self.old.restored:
            self.old.restored.add((account, month))
            self.old.lots[account][to_month] += points

    def pay(self, account: str, merchant: str, points: int) -> None:
        """Pay on the successor.

        Raises:
            RefusedError: a freeze, or too few points.
        """
        live = self.new.live(account, self.month)
        if {account, merchant} & self.new.frozen or points > sum(live.values()):
            raise RefusedError
        rest = points
        for month, held in live.items():
            self.new.lots[account][month] -= min(held, rest)
            rest -= min(held, rest)
        self.new.claims[merchant][self.year] += points

    def _take(self, side: Side, merchant: str, points: int, into: Side | None = None) -> None:
        """Take off a claim, of this fiscal year's part first."""
        years = sorted(side.claims[merchant], key=lambda year: (year != self.year, year))
        for year in years:
            part = min(points, side.claims[merchant][year])
            side.claims[merchant][year] -= part
            points -= part
            if into is not None:
                into.claims[merchant][year] += part
