"""Concentration: two or three people make most of a shop's takings, and spend far more than others do.

A bath with thirty regulars is none, nor is the rice shop of five households: their customers spend what
people spend. This is the weakest sign, and stands behind the others.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from scripts.lib.audit.patterns.movements import PAYMENT, Movements
from scripts.lib.audit.patterns.odd_pattern import OddPattern, PatternKind, odd_pattern
from scripts.lib.audit.patterns.runs import groups
from scripts.lib.bilingual import Bilingual

PEOPLE = (3, 2)
SHARE = 0.5
"""Two or three people and half of the takings: in a shop that lives off its customers they are many more."""

LEAST_TAKINGS = 100_000
"""A shop that took less in the whole time is not looked at: three good customers may be half of it."""

TIMES_USUAL = 5
"""They spent there, on average, five times what somebody who spends at all spends in all shops
together."""

WEIGHT = 0.2
"""Of the share in the score: 100 at half of the takings, 110 at all of them, behind whatever says more."""

LEAST_PAYMENTS = 20
"""In so many payments at the least: one large purchase, such as a journey, is none."""


def concentration(movements: Movements) -> Iterator[OddPattern]:
    """Yield every shop of which it is so, over the whole time."""
    payments = np.flatnonzero(movements.kind == PAYMENT)
    for in_series in groups(payments, movements.series[payments]):
        people = len(np.unique(movements.person[in_series]))
        usual = float(movements.points[in_series].sum()) / people
        for its in groups(in_series, movements.shop[in_series]):
            takings = int(movements.points[its].sum())
            if takings >= LEAST_TAKINGS:
                yield from _of_shop(movements, its, takings, usual)


def _of_shop(movements: Movements, payments: np.ndarray, takings: int, usual: float) -> Iterator[OddPattern]:
    persons, place = np.unique(movements.person[payments], return_inverse=True)
    spent = np.zeros(len(persons), np.int64)
    np.add.at(spent, place, movements.points[payments])
    order = np.lexsort((persons, -spent))
    for people in PEOPLE:
        first = order[:people]
        rows, points = payments[np.isin(place, first)], int(spent[first].sum())
        is_much = points >= TIMES_USUAL * usual * people and len(rows) >= LEAST_PAYMENTS
        if is_much and points >= SHARE * takings:
            yield _finding(movements, rows, people, takings, usual)
            return


def _finding(movements: Movements, rows: np.ndarray, people: int, takings: int, usual: float) -> OddPattern:
    points = int(movements.points[rows].sum())
    name = movements.shop_name(int(movements.series[rows[0]]), int(movements.shop[rows[0]]))
    percent = 100 * points // takings
    says = Bilingual(
        f"{people} residents paid {percent} % of all that {name} took: {points:,} of {takings:,} points "
        f"in {len(rows)} payments. A resident usually spends {usual:,.0f} points in all shops together.",
        f"「{name}」の受取り{takings:,}ポイントのうち{points:,}ポイント({percent}%)は"
        f"{people}人の利用者の{len(rows)}回の支払いです。利用者1人の全店舗での利用は平均{usual:,.0f}ポイントです。",
    )
    return odd_pattern(
        PatternKind.CONCENTRATION, movements, rows, says, points, 0.9 + WEIGHT * points / takings
    )
