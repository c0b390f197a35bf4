"""Bursts: payments at one shop within an hour, far beyond the shop's own usual busy hours.

The day on which everybody was granted points is no burst, nor is a bargain day or a coach that stops for
lunch.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from scripts.lib.audit.patterns.movements import PAYMENT, Movements
from scripts.lib.audit.patterns.odd_pattern import OddPattern, PatternKind, odd_pattern
from scripts.lib.audit.patterns.runs import groups, trailing_count
from scripts.lib.bilingual import Bilingual
from scripts.lib.japan_calendar import moment_label

HOUR = 3_600
DAY = 24 * HOUR
JAPAN_SECONDS = 9 * HOUR
"""Days are those of Japan."""

FEW_PAYERS_PAYMENTS = 20
PAYMENTS_A_PAYER = 4
"""Twenty payments in an hour by people of whom each pays four times and more: customers come to a till once,
or twice if they forgot the milk; at a raffle they make three or so of one purchase."""

RUSH_TIMES_USUAL = 3
"""In any case the hour has three times what the shop's busy hours have, and would have if the town's rush of
that day came to it as to all others: this leaves out the arcade too, at which children pay by the game."""

MANY_PAYERS_PAYMENTS = 60
MANY_PAYERS_TIMES_USUAL = 7
"""Whoever pays: more than a coach brings, which has some fifty seats, and more than a bargain day or the
television brings. These bring five to ten times the customers of an average day; a shop's busy hour, with
which the hour is compared, has about twice the customers of the average one."""

USUAL_DAYS = 10
"""On so many other days a shop must have sold before it has a usual hour; a stall at a festival has none."""

USUAL_QUANTILE = 0.9
LEAST_USUAL = 2
"""Its usual busy hour: the busiest one of nine days in ten is not busier; two customers are nothing
unusual."""


def bursts(movements: Movements) -> Iterator[OddPattern]:
    """Yield every burst, one for each shop and day."""
    payments = np.flatnonzero(movements.kind == PAYMENT)
    for in_series in groups(payments, movements.series[payments]):
        factors = _factors(movements, in_series)
        for its in groups(in_series, movements.shop[in_series]):
            if len(its) >= FEW_PAYERS_PAYMENTS:
                yield from _of_shop(movements, its, factors)


def _days(times: np.ndarray) -> np.ndarray:
    return (times + JAPAN_SECONDS) // DAY


def _factors(movements: Movements, payments: np.ndarray) -> dict[int, float]:
    """Return by day how many times as many payments as usual all shops together had; 1 on a quiet one."""
    days, counts = np.unique(_days(movements.time[payments]), return_counts=True)
    usual = max(1.0, float(np.median(counts)))
    return {int(day): max(1.0, float(count) / usual) for day, count in zip(days, counts, strict=True)}


def _of_shop(movements: Movements, payments: np.ndarray, factors: dict[int, float]) -> Iterator[OddPattern]:
    times = movements.time[payments]
    counts = trailing_count(times, HOUR)
    days, begins = np.unique(_days(times), return_index=True)
    peaks = np.maximum.reduceat(counts, begins)
    for place in np.flatnonzero(peaks >= FEW_PAYERS_PAYMENTS).tolist():
        others = np.delete(peaks, place)
        usual = _usual(others)
        rush = usual * factors[int(days[place])]
        end = int(begins[place]) + int(np.argmax(counts[begins[place] : _end(begins, place, len(counts))]))
        rows = payments[end - int(counts[end]) + 1 : end + 1]
        payers = len(np.unique(movements.person[rows]))
        score = _score(len(rows), payers, usual, rush, len(others))
        if score >= 1:
            yield _finding(movements, rows, payers, rush, score)


def _end(begins: np.ndarray, place: int, count: int) -> int:
    return int(begins[place + 1]) if place + 1 < len(begins) else count


def _usual(peaks: np.ndarray) -> float:
    """Return a shop's usual busy hour, out of the busiest of each of its days."""
    if not len(peaks):
        return LEAST_USUAL
    busy = np.sort(peaks)[int(USUAL_QUANTILE * (len(peaks) - 1))]
    return max(float(busy), LEAST_USUAL)


def _score(count: int, payers: int, usual: float, rush: float, other_days: int) -> float:
    """Return how far beyond the thresholds an hour is; below 1 it is none."""
    if count < RUSH_TIMES_USUAL * rush:
        return 0.0
    few = many = 0.0
    if count >= PAYMENTS_A_PAYER * payers:
        few = count / FEW_PAYERS_PAYMENTS
    if other_days >= USUAL_DAYS and count >= MANY_PAYERS_TIMES_USUAL * usual:
        many = count / MANY_PAYERS_PAYMENTS
    return max(few, many)


def _finding(movements: Movements, rows: np.ndarray, payers: int, usual: float, score: float) -> OddPattern:
    points = int(movements.points[rows].sum())
    name = movements.shop_name(int(movements.series[rows[0]]), int(movements.shop[rows[0]]))
    begin = moment_label(int(movements.time[rows[0]]))
    seconds = int(movements.time[rows[-1]] - movements.time[rows[0]])
    minutes = max(1, -(-seconds // 60))
    says = Bilingual(
        f"{name} was paid {len(rows)} times by {payers} residents within {minutes} minutes from "
        f"{begin.english}, {points:,} points; on such a day its busiest hour usually has "
        f"{usual:.0f} payments.",
        f"「{name}」では{begin.japanese}から{minutes}分間に{payers}人が{len(rows)}回、計{points:,}ポイントを"
        f"支払いました。同様の日の最も混む1時間は通常{usual:.0f}回です。",
    )
    return odd_pattern(PatternKind.BURST, movements, rows, says, points, score)
