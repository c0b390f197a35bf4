"""Movements written by hand, for what happens just at a threshold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from scripts.lib.audit.patterns.movements import (
    GIVEN,
    GRANT,
    NO_MONTH,
    NO_ROW,
    NOBODY,
    PAYMENT,
    REFUND,
    Movements,
)
from scripts.lib.japan_calendar import moment_from_text

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
START = moment_from_text("2026-06-01T10:00")
SHOPS = 50
"""Accounts below are shops, the others people; the last one is the series."""


@dataclass
class Ledger:
    """Payments and refunds in any order; times are seconds after START.

    Attributes:
        rows: (time, kind, person, shop or who receives, points, left, payment of a refund, transaction).
    """

    rows: list[tuple[int, int, int, int, int, int, int, int]] = field(default_factory=list)

    def pay(
        self, time: int, person: int, shop: int, points: int = 500, left: int = 9_000, batch: int = 0
    ) -> int:
        """Note a payment; return what `refund` takes. Payments of a batch share their transaction."""
        place = len(self.rows)
        self.rows.append((time, PAYMENT, SHOPS + person, shop, points, left, NO_ROW, -batch or place))
        return place

    def refund(self, payment: int, time: int, points: int | None = None) -> None:
        """Note a refund of all or some of a payment."""
        _, _, person, shop, paid, *_ = self.rows[payment]
        self.rows.append((time, REFUND, person, shop, points or paid, 9_000, payment, len(self.rows)))

    def grant(self, time: int, people: Iterable[int], points: int) -> None:
        """Note a list of grants, all in one transaction."""
        batch = len(self.rows)
        for person in people:
            self.rows.append((time, GRANT, SHOPS + person, NOBODY, points, points, NO_ROW, batch))

    def give(self, time: int, person: int, other: int, points: int) -> None:
        """Note points that a person gave to another."""
        self.rows.append((time, GIVEN, SHOPS + person, SHOPS + other, points, 0, NO_ROW, len(self.rows)))

    def movements(self) -> Movements:
        """Return the columns, in the order of time."""
        order = sorted(range(len(self.rows)), key=lambda place: self.rows[place][0])
        place_of = {place: new for new, place in enumerate(order)}
        columns = np.array([self.rows[place] for place in order], np.int64).T
        time, kind, person, shop, points, left, paid, transaction = columns
        count = len(order)
        accounts = int(max(person.max(), shop.max())) + 2
        addresses = np.array([b"%020d" % account for account in range(accounts)], "S20")
        series = np.full(count, accounts - 1)
        return Movements(
            addresses,
            {(accounts - 1, place): f"shop {place}" for place in range(SHOPS)},
            kind,
            series,
            person,
            person,
            np.where(kind == GIVEN, shop, NOBODY),
            np.where(kind == GIVEN, NOBODY, shop),
            points,
            left,
            np.arange(count),
            np.full(count, NO_MONTH),
            np.array([NO_ROW if each == NO_ROW else place_of[int(each)] for each in paid]),
            np.zeros(count, np.int64),
            time // 5,
            START + time,
            np.array([b"%032d" % (each % 10**9) for each in transaction], "S32"),
        )
