"""Frauds to plant into an honest year, of all sizes: what an auditor must find among the honest.

Those who do it have honest customers and buy honestly elsewhere, in part, so that they do not stand alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scripts.lib.audit.patterns.odd_pattern import OddPattern, PatternKind
from scripts.lib.node.event_log import to_address
from tests.support.honest_year import BEGIN, CAMPAIGN_DAYS, DAY, GRANT, HOUR, MINUTE, REFUND, HonestYear


@dataclass(frozen=True)
class Planted:
    """What was planted.

    Attributes:
        shops, persons: numbers in the year; a finding must name them.
        kinds: any of these is a right name for it.
    """

    what: str
    kinds: tuple[PatternKind, ...]
    shops: tuple[int, ...]
    persons: tuple[int, ...]

    def has_to_do_with(self, year: HonestYear, pattern: OddPattern) -> bool:
        """Tell whether a finding names any of its people, so that it is no false alarm."""
        return any(_address(year.accounts[person]) in pattern.accounts for person in self.persons)

    def is_found_by(self, year: HonestYear, pattern: OddPattern) -> bool:
        """Tell whether a finding is about this: its kind, one of its shops, most of its people and few
        others."""
        shops = {_address(year.shop_accounts[shop]) for shop in self.shops}
        people = {_address(year.accounts[person]) for person in self.persons}
        named = people.intersection(pattern.accounts)
        return (
            pattern.kind in self.kinds
            and bool(shops.intersection(pattern.merchants))
            and 2 * len(named) >= len(people)
            and len(named) > len(pattern.accounts) / 2
        )


def _address(account: np.ndarray) -> str:
    return to_address("0x" + account.tobytes().hex())


def _some_shop(year: HonestYear) -> int:
    """Return a small shop as there are many: one of the lesser half of its trades."""
    trades = ("general", "cafe", "restaurant", "hairdresser")
    shops = np.concatenate([year.shops[trade] for trade in trades])
    return int(year.rng.choice(shops[np.argsort(year.weight[shops])][: len(shops) // 2]))


def _honest_side(year: HonestYear, shops: list[int], members: np.ndarray, customers: int) -> None:
    """Let some of the town buy at the shops over the year, and the members elsewhere now and then."""
    rng = year.rng
    who = rng.integers(0, len(year.activity), customers)
    times = BEGIN + rng.integers(0, 365, customers) * DAY + rng.integers(10 * HOUR, 19 * HOUR, customers)
    year.script.add(1, times, who, rng.choice(shops, customers), rng.integers(300, 1_500, customers))
    for member in members:
        times = BEGIN + rng.integers(0, 365, 3) * DAY + rng.integers(10 * HOUR, 19 * HOUR, 3)
        year.script.add(1, times, member, rng.choice(year.shops["supermarket"], 3), 400)


def plant_cash_ring(year: HonestYear, members: int) -> Planted:
    """Whoever holds all the cards empties them at one shop after every grant, one after the other."""
    rng = year.rng
    people, shop = year.add_people(members), year.add_shop("ring of cash")
    year.script.add(GRANT, BEGIN + year.relief_day * DAY + 10 * HOUR, people, -1, 10_000)
    days = [year.relief_day, *rng.choice(365 - 5, 7, replace=False).tolist()]
    for day in days:
        if day != year.relief_day:
            # They are on lists of the town as others are, and bring in points of partners.
            times = BEGIN + day * DAY + rng.integers(0, 14 * HOUR, members)
            year.script.add(GRANT, times, people, -1, int(rng.choice([500, 1_000, 3_000])))
        at = BEGIN + (day + int(rng.integers(0, 4))) * DAY + int(rng.integers(15, 22)) * HOUR
        # They ask for more than there is: what is there goes.
        gaps = np.cumsum(rng.integers(15, 90, members))
        _empty(year, at + gaps, people, shop)
    _honest_side(year, [shop], people, int(members * rng.integers(0, 8)))
    return Planted("cash ring", (PatternKind.CLOSED_CIRCLE,), (shop,), tuple(people.tolist()))


def _empty(year: HonestYear, times: np.ndarray, people: np.ndarray, shop: int) -> None:
    """Pay in falling pieces until next to nothing is left."""
    for step, points in enumerate((10_000, 3_000, 1_000, 500)):
        year.script.add(1, times + step * 5, people, shop, points)


def plant_bonus_ring(year: HonestYear, members: int, shops: int) -> Planted:
    """Owners of some shops and their accounts pay each other in turn for the weeks of a campaign."""
    rng = year.rng
    people = year.add_people(members)
    its = [year.add_shop(f"ring of bonus {place}") for place in range(shops)]
    first, last = CAMPAIGN_DAYS
    for member in people:
        at = BEGIN + (first - 9) * DAY + int(rng.integers(0, 8 * DAY))
        year.script.add(GRANT, at, member, -1, int(rng.integers(15, 40)) * 1_000)
        for _ in range(int(rng.integers(8, 14))):
            at = BEGIN + int(rng.integers(first, last)) * DAY + int(rng.integers(9 * HOUR, 22 * HOUR))
            paid = year.script.add(1, at, member, rng.choice(its), 5_000)
            if rng.random() < 0.6:  # and have it back, to pay it again
                year.script.add(REFUND, at + int(rng.integers(HOUR, 30 * HOUR)), member, -1, 100, paid)
    # The refund is the shop's that was paid.
    _refund_where_paid(year)
    _honest_side(year, its, people, int(members * shops * rng.integers(0, 6)))
    kinds = (PatternKind.CLOSED_CIRCLE, PatternKind.REFUND_FARM)
    return Planted("bonus ring", kinds, tuple(its), tuple(people.tolist()))


def _refund_where_paid(year: HonestYear) -> None:
    shops, of = np.concatenate(year.script.shop), np.concatenate(year.script.of)
    verbs = np.concatenate(year.script.verb)
    lost = np.flatnonzero((verbs == REFUND) & (shops < 0))
    shops[lost] = shops[of[lost]]
    year.script.shop = [shops]


def plant_listed_ring(year: HonestYear, members: int) -> Planted:
    """An officer's list of invented volunteers, who buy like others do, at a friend's shop alone."""
    rng = year.rng
    people, shop = year.add_people(members), year.add_shop("ring of a list")
    for day in rng.choice(300, 6, replace=False):
        year.script.add(GRANT, BEGIN + day * DAY + 14 * HOUR, people, -1, 3_000)
    count = 22
    for member in people:
        times = BEGIN + rng.integers(0, 365, count) * DAY + rng.integers(10 * HOUR, 20 * HOUR, count)
        year.script.add(1, times, member, shop, rng.integers(300, 1_800, count))
    _honest_side(year, [shop], people, members * int(rng.integers(0, 8)))
    return Planted("listed ring", (PatternKind.CLOSED_CIRCLE,), (shop,), tuple(people.tolist()))


def plant_burst(year: HonestYear, payments: int, payers: int) -> Planted:
    """A script or a stack of cards pays at a small shop, many times in minutes."""
    rng = year.rng
    people, shop = year.add_people(payers), _some_shop(year)
    day = int(rng.integers(20, 350))
    year.script.add(GRANT, BEGIN + (day - 2) * DAY, people, -1, 1_000 * (payments // payers + 1))
    at = BEGIN + day * DAY + int(rng.integers(9, 23)) * HOUR
    times = at + np.sort(rng.integers(0, int(rng.integers(8, 45)) * MINUTE, payments))
    year.script.add(1, times, np.resize(people, payments), shop, rng.integers(200, 1_000, payments))
    return Planted("burst", (PatternKind.BURST,), (shop,), tuple(people.tolist()))


def plant_refund_farm(year: HonestYear, people: int, rounds: int) -> Planted:
    """Pay and refund, over and over, at a shop that is otherwise honest."""
    rng = year.rng
    members, shop = year.add_people(people), _some_shop(year)
    begin, days = int(rng.integers(5, 330)), int(rng.integers(2, 28))
    year.script.add(GRANT, BEGIN + (begin - 1) * DAY, members, -1, 10_000)
    for member in members:
        times = BEGIN + begin * DAY + np.sort(rng.integers(0, days * DAY, rounds))
        paid = year.script.add(1, times, member, shop, int(rng.integers(8, 50)) * 100)
        year.script.add(REFUND, times + rng.integers(2 * MINUTE, 20 * HOUR, rounds), member, shop, 100, paid)
    return Planted("refund farm", (PatternKind.REFUND_FARM,), (shop,), tuple(members.tolist()))


def plant_copied_key(year: HonestYear, shops: int, seconds: int) -> Planted:
    """A copied key pays at one shop after the other, faster than anybody walks."""
    rng = year.rng
    [victim] = year.add_people(1).tolist()
    its = rng.choice(np.flatnonzero(year.weight > 0), shops, replace=False)
    day = int(rng.integers(5, 360))
    year.script.add(GRANT, BEGIN + (day - 4) * DAY, victim, -1, 12_000)
    at = BEGIN + day * DAY + int(rng.integers(9, 20)) * HOUR
    times = at + np.sort(rng.integers(0, seconds, shops))
    year.script.add(1, times, victim, its, rng.integers(300, 900, shops))
    return Planted("copied key", (PatternKind.MANY_SHOPS,), tuple(its.tolist()), (victim,))


def plant_patrons(year: HonestYear, people: int) -> Planted:
    """Two or three people make most of what an ordinary shop takes."""
    rng = year.rng
    members, shop = year.add_people(people), year.add_shop("shop of patrons")
    for member in members:
        days = np.sort(rng.choice(365, 40, replace=False))
        year.script.add(GRANT, BEGIN + days * DAY, member, -1, 3_000)
        times = BEGIN + days * DAY + rng.integers(10 * HOUR, 19 * HOUR, 40)
        year.script.add(1, times, member, shop, rng.integers(2_000, 3_000, 40))
    _honest_side(year, [shop], members, people * 60)
    kinds = (PatternKind.CONCENTRATION, PatternKind.CLOSED_CIRCLE)
    return Planted("patrons", kinds, (shop,), tuple(members.tolist()))


PLANTS: dict[str, tuple[Callable[[HonestYear], Planted], ...]] = {
    "cash ring": tuple(lambda year, n=n: plant_cash_ring(year, n) for n in (4, 8, 20, 35)),
    "bonus ring": tuple(
        lambda year, n=n, shops=shops: plant_bonus_ring(year, n, shops)
        for n, shops in ((3, 1), (6, 2), (12, 3), (30, 4))
    ),
    "listed ring": tuple(lambda year, n=n: plant_listed_ring(year, n) for n in (5, 8, 15, 30)),
    "burst": tuple(
        lambda year, n=n, payers=payers: plant_burst(year, n, payers)
        for n, payers in ((30, 2), (40, 8), (90, 90), (200, 20))
    ),
    "refund farm": tuple(
        lambda year, n=n, rounds=rounds: plant_refund_farm(year, n, rounds)
        for n, rounds in ((1, 10), (2, 12), (5, 8), (8, 25))
    ),
    "copied key": tuple(
        lambda year, n=n, seconds=seconds: plant_copied_key(year, n, seconds)
        for n, seconds in ((6, 120), (8, 240), (15, 280), (10, 60))
    ),
    "patrons": tuple(lambda year, n=n: plant_patrons(year, n) for n in (2, 3, 3, 2)),
}
"""By name, in four sizes each."""
