"""One person's payments at many shops in minutes: faster than anybody walks, as with a copied key.

Payments that share a transaction with others do not count: a till sends so what it took while it was off the
net, and the time of the block is not the time of the sale.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from scripts.lib.audit.patterns.movements import PAYMENT, Movements
from scripts.lib.audit.patterns.odd_pattern import OddPattern, PatternKind, odd_pattern
from scripts.lib.audit.patterns.runs import groups
from scripts.lib.bilingual import Bilingual

MINUTE = 60
SHOPS = 6
WINDOW_SECONDS = 5 * MINUTE
"""Six shops in five minutes leave fifty seconds a shop, the way to the next included. On a shopping street
people need some minutes each; at a market, with one stall beside the other, four in this time is brisk."""

QUICK_SECONDS = 2 * MINUTE
"""Faster than this the score rises: minutes can be those in which a street's tills came back to the net."""


def many_shops(movements: Movements) -> Iterator[OddPattern]:
    """Yield every time in which a person paid at too many shops."""
    payments = np.flatnonzero((movements.kind == PAYMENT) & ~_shared(movements))
    for its in groups(payments, movements.series[payments], movements.person[payments]):
        if len(its) >= SHOPS:
            yield from _of_person(movements, its)


def _shared(movements: Movements) -> np.ndarray:
    """Tell which payments are not the only one of their transaction."""
    payments = np.flatnonzero(movements.kind == PAYMENT)
    # One transaction's movements stand together.
    neighbours = movements.transaction[payments][1:] == movements.transaction[payments][:-1]
    shared = np.zeros(len(movements), bool)
    shared[payments[1:][neighbours]] = shared[payments[:-1][neighbours]] = True
    return shared


def _of_person(movements: Movements, payments: np.ndarray) -> Iterator[OddPattern]:
    times, shops = movements.time[payments], movements.shop[payments]
    begins = np.searchsorted(times, times - WINDOW_SECONDS, "left")
    ends = np.flatnonzero(np.arange(len(payments)) - begins + 1 >= SHOPS)
    in_windows: list[tuple[int, int]] = []
    for end in ends.tolist():
        begin = int(begins[end])
        if len(np.unique(shops[begin : end + 1])) < SHOPS:
            continue
        if in_windows and begin <= in_windows[-1][1]:
            in_windows[-1] = (in_windows[-1][0], end)
        else:
            in_windows.append((begin, end))
    for begin, end in in_windows:
        yield _finding(movements, payments[begin : end + 1])


def _finding(movements: Movements, rows: np.ndarray) -> OddPattern:
    shops = movements.shops_of(rows)
    points = int(movements.points[rows].sum())
    seconds = int(movements.time[rows].max() - movements.time[rows].min())
    score = len(shops) / SHOPS * max(1.0, QUICK_SECONDS / max(seconds, 1)) ** 0.5
    remark = Bilingual("", "")
    others = _others(movements, rows, shops)
    if others >= len(shops):
        score = 1.0
        remark = Bilingual(
            f" In these minutes others paid {others} times at the same shops: their tills may have been off "
            "the net.",
            f"同じ数分間に同じ店舗で他の利用者の支払いが{others}回あり、通信障害からの復旧の可能性があります。",
        )
    says = Bilingual(
        f"One resident paid at {len(shops)} shops within {_minutes(seconds)} minutes: {len(rows)} payments, "
        f"{points:,} points.{remark.english}",
        f"1人の利用者が{_minutes(seconds)}分以内に{len(shops)}店舗で{len(rows)}回、計{points:,}ポイントを"
        f"支払いました。{remark.japanese}",
    )
    return odd_pattern(PatternKind.MANY_SHOPS, movements, rows, says, points, score)


def _others(movements: Movements, rows: np.ndarray, shops: list[int]) -> int:
    """Return how often others paid at these shops between a window before and a window after the payments.

    Where a street's tills come back to the net they all send at once what they took; at any other time some
    shops have hardly a customer in as many minutes.
    """
    times = movements.time
    begin, end = np.searchsorted(
        times, (int(times[rows[0]]) - WINDOW_SECONDS, int(times[rows[-1]]) + WINDOW_SECONDS + 1)
    )
    near = slice(int(begin), int(end))
    is_other = (
        (movements.kind[near] == PAYMENT)
        & (movements.series[near] == movements.series[rows[0]])
        & (movements.person[near] != movements.person[rows[0]])
        & np.isin(movements.shop[near], shops)
    )
    return int(is_other.sum())


def _minutes(seconds: int) -> int:
    return max(1, -(-seconds // MINUTE))
