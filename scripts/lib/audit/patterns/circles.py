"""Closed circles: a few accounts and a shop or some shops that live off each other.

Both sides must be closed: the members spend nearly all at these shops, and the shops take most of what they
take from the members. That alone is no sign, since a hamlet's only shop and a bath's regulars are so. It
becomes one where the members behave as one hand does that holds all their cards, or as people do who play
for a bonus, or were granted points by lists of their own: see `Evidence`. It is looked for in the whole time
and in every four weeks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from scripts.lib.audit.patterns.movements import GIVEN, GRANT, NO_ROW, PAYMENT, REFUND, Movements
from scripts.lib.audit.patterns.odd_pattern import OddPattern, PatternKind, in_order, odd_pattern
from scripts.lib.audit.patterns.runs import groups
from scripts.lib.bilingual import Bilingual

DAY = 86_400
SPAN_SECONDS = 28 * DAY
STEP_SECONDS = 14 * DAY
"""A campaign's length. Spans overlap by half, so that what lasts two weeks lies whole within one of them."""

LINK_SHARE = 0.2
LINK_PAYMENTS = 2
"""A member of a shop has paid there twice, and a fifth of all that it spent: friends who own up to four
shops are so linked to most of them."""

LINKED_TAKINGS_SHARE = 0.4
"""Of what a shop takes, from those who are linked to it; the rest may come from members who are not."""

MEMBER_PAYMENTS = 3
"""On average: whoever pays once or twice pays no circle."""

MEMBERS = range(2, 41)
"""One person is no circle; forty accounts are more than the cases that became known had."""

DEVOTED_SHARE = 0.8
TAKINGS_SHARE = 0.6
"""Of what members spend, and of what the shops take: a circle may have honest customers and honest purchases
to hide among, but lives off itself."""

LEAST_POINTS = 50_000
"""Paid within the circle: what a few families spend on daily food in a year of points stays below it or
does not look like the rest."""

EMPTIED_SHARE = 0.5
EMPTIED_LEFT = 0.05
"""Half of the points in payments that take all but a twentieth of what the account has: turning points into
money, not shopping."""

SITTING_SHARE = 0.5
SITTING_SECONDS = 180
"""Half of the points within three minutes of another member's payment at the same shop: cards held in one
hand."""

RETURNED_SHARE = 0.2
"""A fifth of the points refunded, where refunds are a hundredth elsewhere."""

LARGE_TIMES_USUAL = 5
"""The usual payment in the circle is five times the town's."""

MUCH_TIMES_USUAL = 5
"""A member spends five times what people spend who spend at all, in the same time."""

FUNDED_SHARE = 0.5
FUNDED_PEOPLE = 3
LIST_SHARE = 0.5
"""Half of the members' points were granted in transactions of at least three rows of which every second was
a member's, or given by somebody who gave to three of them: lists of their own. Where grants go to whole
towns, to schools and clubs, the rows of a transaction are people who shop at many shops."""

NEEDED = 2
"""So many signs must be there, since each has honest reasons; lists of their own count for two."""


class Evidence(NamedTuple):
    """How a circle behaves: shares of its points, and times what is usual."""

    emptied: float
    sittings: float
    returned: float
    size: float
    spending: float
    funded: float

    def signs(self) -> int:
        """Return how many pass their threshold; lists of their own count for two."""
        limits = (EMPTIED_SHARE, SITTING_SHARE, RETURNED_SHARE, LARGE_TIMES_USUAL, MUCH_TIMES_USUAL)
        passed = sum(found >= limit for found, limit in zip(self[:5], limits, strict=True))
        return passed + 2 * (self.funded >= FUNDED_SHARE)


def circles(movements: Movements) -> Iterator[OddPattern]:
    """Yield every circle; of one that is seen in several spans, the one that stands out most."""
    payments = np.flatnonzero(movements.kind == PAYMENT)
    for in_series in groups(payments, movements.series[payments]):
        found = [its for span in _spans(movements, in_series) for its in _in_span(movements, span)]
        shown: set[str] = set()
        for its in in_order(found):
            if not shown.intersection(its.merchants):
                shown.update(its.merchants)
                yield its


def _spans(movements: Movements, payments: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the payments of the whole time, then those of each span."""
    yield payments
    times = movements.time[payments]
    for begin in range(int(times[0]), int(times[-1]), STEP_SECONDS):
        first, end = np.searchsorted(times, (begin, begin + SPAN_SECONDS))
        if end - first < len(payments) and end > first:
            yield payments[first:end]


def _in_span(movements: Movements, payments: np.ndarray) -> Iterator[OddPattern]:
    points = movements.points[payments]
    persons, person = np.unique(movements.person[payments], return_inverse=True)
    shops, shop = np.unique(movements.shop[payments], return_inverse=True)
    spent = np.bincount(person, points, len(persons))
    took = np.bincount(shop, points, len(shops))
    pairs, pair = np.unique(person * len(shops) + shop, return_inverse=True)
    passed, times = np.bincount(pair, points), np.bincount(pair)
    pair_person, pair_shop = pairs // len(shops), pairs % len(shops)
    linked = (passed >= LINK_SHARE * spent[pair_person]) & (times >= LINK_PAYMENTS)
    links = np.bincount(pair_shop[linked], minlength=len(shops))
    from_members = np.bincount(pair_shop[linked], passed[linked], len(shops))
    closed = (links > 0) & (links < MEMBERS.stop) & (from_members >= LINKED_TAKINGS_SHARE * took)
    usual_size, usual_spending = float(np.median(points)), float(spent.mean())
    for in_circle, its_shops in _components(
        pair_person[linked & closed[pair_shop]], pair_shop[linked & closed[pair_shop]]
    ):
        inside = np.isin(person, in_circle) & np.isin(shop, its_shops)
        total = float(points[inside].sum())
        if (
            len(in_circle) not in MEMBERS
            or total < LEAST_POINTS
            or inside.sum() < MEMBER_PAYMENTS * len(in_circle)
            or total < DEVOTED_SHARE * spent[in_circle].sum()
            or total < TAKINGS_SHARE * took[its_shops].sum()
        ):
            continue
        rows = payments[inside]
        evidence = _evidence(movements, rows, usual_size, usual_spending)
        if evidence.signs() >= NEEDED:
            shares = (total / spent[in_circle].sum(), total / took[its_shops].sum())
            yield _finding(movements, rows, evidence, shares)


def _components(persons: np.ndarray, shops: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield (persons, shops) of each part of the graph that hangs together, by its first shop."""
    label = {int(shop): int(shop) for shop in np.unique(shops)}

    def root(shop: int) -> int:
        while label[shop] != shop:
            shop = label[shop]
        return shop

    first_shop: dict[int, int] = {}
    for person, shop in zip(persons.tolist(), shops.tolist(), strict=True):
        one, other = root(first_shop.setdefault(person, shop)), root(shop)
        label[max(one, other)] = min(one, other)
    roots = np.array([root(shop) for shop in shops.tolist()], np.int64)
    for each in np.unique(roots):
        yield np.unique(persons[roots == each]), np.unique(shops[roots == each])


def _evidence(movements: Movements, rows: np.ndarray, usual_size: float, usual_spending: float) -> Evidence:
    points, left = movements.points[rows], movements.left[rows]
    total = float(points.sum())
    emptied = left <= EMPTIED_LEFT * (left + points)
    members = len(np.unique(movements.person[rows]))
    refunds = _refunds_of(movements, rows)
    return Evidence(
        float(points[emptied].sum()) / total,
        float(points[_in_sittings(movements, rows)].sum()) / total,
        float(movements.points[refunds].sum()) / total,
        float(np.median(points)) / usual_size,
        total / members / usual_spending,
        _funded(movements, rows),
    )


def _funded(movements: Movements, rows: np.ndarray) -> float:
    """Return which part of what the payers of these rows had received came by lists of their own."""
    members = np.unique(movements.person[rows])
    before = slice(0, int(rows.max()) + 1)
    kind, points = movements.kind[before], movements.points[before]
    in_series = movements.series[before] == movements.series[rows[0]]
    granted = np.flatnonzero(in_series & (kind == GRANT))
    # The rows of a list stand together.
    transaction = movements.transaction[granted]
    of_list = np.cumsum(np.append(True, transaction[1:] != transaction[:-1])) if len(granted) else granted
    is_member = np.isin(movements.person[granted], members)
    listed, own = np.bincount(of_list), np.bincount(of_list[is_member], minlength=len(np.bincount(of_list)))
    is_own = (listed >= FUNDED_PEOPLE) & (own >= LIST_SHARE * listed)
    its = granted[is_member]
    funded = int(points[its[is_own[of_list[is_member]]]].sum())

    given = np.flatnonzero(in_series & (kind == GIVEN) & np.isin(movements.other[before], members))
    for of_giver in groups(given, movements.person[given]):
        if len(np.unique(movements.other[of_giver])) >= FUNDED_PEOPLE:
            funded += int(points[of_giver].sum())
    received = int(points[its].sum()) + int(points[given].sum())
    return funded / received if received else 0.0


def _in_sittings(movements: Movements, rows: np.ndarray) -> np.ndarray:
    """Tell which payments have one of another member at the same shop shortly before or after them."""
    order = np.lexsort((rows, movements.shop[rows]))
    its = rows[order]
    person, shop, time = movements.person[its], movements.shop[its], movements.time[its]
    near = (shop[1:] == shop[:-1]) & (time[1:] - time[:-1] <= SITTING_SECONDS) & (person[1:] != person[:-1])
    found = np.zeros(len(rows), bool)
    found[order[1:][near]] = found[order[:-1][near]] = True
    return found


def _refunds_of(movements: Movements, payments: np.ndarray) -> np.ndarray:
    refunds = np.flatnonzero((movements.kind == REFUND) & (movements.paid != NO_ROW))
    return refunds[np.isin(movements.paid[refunds], payments)]


def _finding(
    movements: Movements, rows: np.ndarray, evidence: Evidence, shares: tuple[float, float]
) -> OddPattern:
    refunds = _refunds_of(movements, rows)
    points, bonus = int(movements.points[rows].sum()), int(movements.bonus[rows].sum())
    returned = int(movements.points[refunds].sum())
    members = len(np.unique(movements.person[rows]))
    series = int(movements.series[rows[0]])
    shops = movements.shops_of(rows)
    names = [movements.shop_name(series, shop) for shop in shops]
    devoted, taken = (100 * share for share in shares)
    emptied, together = 100 * evidence.emptied, 100 * evidence.sittings
    funded = 100 * evidence.funded
    says = Bilingual(
        f"{members} residents and {', '.join(names)} form a closed circle: {points:,} points in "
        f"{len(rows)} payments, {devoted:.0f} % of what the residents spent in that time and "
        f"{taken:.0f} % of what the shops took. {emptied:.0f} % of it in payments that emptied the account, "
        f"{together:.0f} % within three minutes of another member's payment; {returned:,} points were "
        f"refunded, {bonus:,} were earned as bonus. {funded:.0f} % of what the residents had received came "
        "by lists of their own.",
        f"利用者{members}人と「{'」「'.join(names)}」が閉じた輪になっています。{len(rows)}回、計{points:,}ポイントで、"
        f"その期間の利用者の支払いの{devoted:.0f}%、店舗の受取りの{taken:.0f}%に当たります。うち{emptied:.0f}%は残高をほぼ"
        f"使い切る支払い、{together:.0f}%は他の利用者と3分以内の支払いです。返品は{returned:,}ポイント、"
        f"還元は{bonus:,}ポイントです。利用者の受取りの{funded:.0f}%は、ほぼこの利用者だけを対象とする"
        "付与等によるものです。",
    )
    score = evidence.signs() / NEEDED * (points / LEAST_POINTS) ** 0.25
    every = np.union1d(rows, refunds)
    return odd_pattern(PatternKind.CLOSED_CIRCLE, movements, every, says, points, score)
