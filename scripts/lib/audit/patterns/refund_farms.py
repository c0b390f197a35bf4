"""Refunds over and over: the same person pays and is refunded at the same shop, again and again.

What a shop takes back once from many (an event called off, a recall, a till that charged twice) is none, and
neither is somebody who brings clothes back now and then.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from scripts.lib.audit.patterns.movements import NO_ROW, PAYMENT, REFUND, Movements
from scripts.lib.audit.patterns.odd_pattern import OddPattern, PatternKind, odd_pattern
from scripts.lib.audit.patterns.runs import groups, trailing_count
from scripts.lib.bilingual import Bilingual
from scripts.lib.japan_calendar import start_of

DAY = 86_400
WINDOW_SECONDS = 31 * DAY
"""Campaigns last some weeks and lots end with a month: who farms them is quick about it."""

USUAL_REFUNDS = 2
"""Refunds of one person at one shop within the window that need no explanation: a garment in the wrong size,
and the next. What comes on top of it is a repeat."""

PERSON_REPEATS = 3
"""Repeats of one person in a row that count: the fifth refund within a month and the two before it. Whoever
hires tools for a deposit comes to three or four."""

LEAST_REPEATS = 6
"""So many repeats at a shop within the window make a finding: nobody is refunded eight times in a month,
nor are three people five times each."""

LEAST_POINTS = 5_000
"""Refunded in the repeats: ten purchases of the usual size. A new till that its owner tries out with single
points stays below it."""

DEPOSIT_PEOPLE = 10
DEPOSIT_SHARE = 0.8
DEPOSIT_AMOUNT_SHARE = 2 / 3
"""A shop at which at least ten people pay, mostly the same amount (some have only part of it in points), and
nearly all of it comes back, may lend things for a deposit. It is found all the same, but as the least."""

END_SECONDS = 3 * DAY
"""Refunds so shortly before their lot ends are told: the points could not have been spent otherwise."""

_NO_REMARK = Bilingual("", "")
_DEPOSIT = Bilingual(
    " Nearly all that is paid there is of one amount and comes back: it may be a deposit.",
    "この店舗の支払いはほぼ同額で、ほとんどが返品されており、保証金(デポジット)の可能性があります。",
)


def refund_farms(movements: Movements) -> Iterator[OddPattern]:
    """Yield every shop and time in which refunds were repeated."""
    refunds = np.flatnonzero((movements.kind == REFUND) & (movements.paid != NO_ROW))
    for at_shop in groups(refunds, movements.series[refunds], movements.shop[refunds]):
        if len(at_shop) < LEAST_REPEATS:
            continue
        repeats = _repeats(movements, at_shop)
        found = [its for its in _episodes(movements, repeats) if _strength(movements, its) >= 1]
        if found and _takes_deposits(movements, at_shop):
            yield _finding(movements, at_shop, np.concatenate(found), 1, _DEPOSIT)
            continue
        for episode in found:
            yield _finding(movements, at_shop, episode, _strength(movements, episode), _NO_REMARK)


def _repeats(movements: Movements, refunds: np.ndarray) -> np.ndarray:
    """Return those refunds of a shop that come on top of what is usual for a person."""
    found = []
    for its in groups(refunds, movements.person[refunds]):
        repeats = its[trailing_count(movements.time[its], WINDOW_SECONDS) > USUAL_REFUNDS]
        times = movements.time[repeats]
        most = trailing_count(times, WINDOW_SECONDS)
        # A repeat counts if it is among so many within the window, on whichever side of it they lie.
        begins = np.searchsorted(times, times - WINDOW_SECONDS, "left")
        counts = np.zeros(len(repeats), bool)
        for place in np.flatnonzero(most >= PERSON_REPEATS).tolist():
            counts[int(begins[place]) : place + 1] = True
        found.append(repeats[counts])
    return np.sort(np.concatenate(found))


def _episodes(movements: Movements, repeats: np.ndarray) -> list[np.ndarray]:
    """Return a shop's repeats in parts between which there is nothing for the length of a window."""
    gaps = np.flatnonzero(np.diff(movements.time[repeats]) > WINDOW_SECONDS) + 1
    return [its for its in np.split(repeats, gaps) if len(its)]


def _strength(movements: Movements, repeats: np.ndarray) -> float:
    """Return how far beyond the threshold the densest window is; 0 if too little was refunded."""
    if movements.points[repeats].sum() < LEAST_POINTS:
        return 0.0
    return float(trailing_count(movements.time[repeats], WINDOW_SECONDS).max()) / LEAST_REPEATS


def _finding(
    movements: Movements, refunds: np.ndarray, repeats: np.ndarray, score: float, remark: Bilingual
) -> OddPattern:
    times = movements.time
    persons = np.unique(movements.person[repeats])
    its = refunds[
        np.isin(movements.person[refunds], persons)
        & (times[refunds] >= times[repeats[0]] - WINDOW_SECONDS)
        & (times[refunds] <= times[repeats[-1]])
    ]
    payments = np.unique(movements.paid[its])
    refunded = int(movements.points[its].sum())
    at_end = sum(
        0 < start_of(int(month) + 1) - int(time) <= END_SECONDS
        for month, time in zip(movements.month[its], times[its], strict=True)
    )
    bonus = int(movements.bonus[payments].sum())
    name = movements.shop_name(int(movements.series[its[0]]), int(movements.shop[its[0]]))
    says = Bilingual(
        f"{name} refunded {len(persons)} residents {len(its)} times, {refunded:,} points; {len(repeats)} of "
        f"these were at least the third within 31 days to the same resident. {at_end} fell into the last "
        f"three days of their points; the payments earned {bonus:,} points of bonus.{remark.english}",
        f"「{name}」は{len(persons)}人の利用者に{len(its)}回、計{refunded:,}ポイントを返品しました。"
        f"うち{len(repeats)}回は同一人への31日以内の3回目以降です。有効期限前3日間の返品は{at_end}回、"
        f"もとの支払いで付いた還元は{bonus:,}ポイントです。{remark.japanese}",
    )
    rows = np.union1d(its, payments)
    points = int(movements.points[payments].sum())
    return odd_pattern(PatternKind.REFUND_FARM, movements, rows, says, points, score)


def _takes_deposits(movements: Movements, refunds: np.ndarray) -> bool:
    """Tell whether a shop's business looks like lending for a deposit."""
    series, shop = movements.series[refunds[0]], movements.shop[refunds[0]]
    payments = (movements.kind == PAYMENT) & (movements.series == series) & (movements.shop == shop)
    amounts = movements.points[payments]
    _, times = np.unique(amounts, return_counts=True)
    people = len(np.unique(movements.person[payments]))
    return bool(
        people >= DEPOSIT_PEOPLE
        and times.max() >= DEPOSIT_AMOUNT_SHARE * len(amounts)
        and len(np.unique(movements.paid[refunds])) >= DEPOSIT_SHARE * len(amounts)
    )
