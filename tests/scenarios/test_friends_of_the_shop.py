"""Setagaya 2022: a shop and its friends paid each other in circles. Here they may, and it gains them nothing:
no point outlives its promise, however often it is paid and refunded. Every circle stands in the events.

A year of chance, checked lot by lot with a ledger that knows three rules: what ends first is spent first; a
refund undoes a payment from its end; what has ended stays with the shop.
"""

import random
from collections import Counter as Sums
from dataclasses import dataclass

import pytest

from scripts.lib.expiry_rule import NEVER
from scripts.lib.japan_calendar import month_of, start_of_day
from scripts.lib.payment.sale_number import sale_number
from scripts.lib.payment.sale_terms import SaleTerms
from tests.support.clock import APRIL, HOUR, MARCH, now, to_month, to_month_end, travel_to
from tests.support.paying import Counter, parts, today
from tests.support.reading import lots
from tests.support.reverts import reverts

TERMS = SaleTerms()
MONTHLY_GRANT = 100
TERM_MONTHS = 3


@dataclass
class Payment:
    """A sale that was paid.

    Attributes:
        lots: {month: points} that paid it.
        returned: how much of it went back.
    """

    shop: object
    sale: int
    friend: object
    lots: dict[int, int]
    returned: int = 0

    @property
    def left(self):
        return sum(self.lots.values()) - self.returned

    def undo(self, points, month):
        """Return {month: points} that go back when `points` are refunded in `month`, and what has ended."""
        skipped, back, ended = self.returned, {}, 0
        for end in sorted(self.lots, reverse=True):
            gone = min(skipped, self.lots[end])
            skipped -= gone
            part = min(self.lots[end] - gone, points)
            points -= part
            if part and end >= month:
                back[end] = part
            ended += part if end < month else 0
        return back, ended


class Circle:
    """Friends with purses, their shops, and the ledger of what everybody must have."""

    def __init__(self, point, friends, shops, chance):
        self.point, self.friends, self.shops, self.chance = point, friends, shops, chance
        self.purses = {friend.account: Sums() for friend in friends}
        self.claims = Sums()
        self.payments = []
        self.serial = 0
        self.refused = 0

    def grant(self, minter, end):
        for friend in self.friends:
            self.point.mintUntil(friend.account, MONTHLY_GRANT, end, {"from": minter})
            self.purses[friend.account][end] += MONTHLY_GRANT

    def live(self, friend):
        """What a friend must have, {month: points}, earliest first."""
        purse, month = self.purses[friend.account], month_of(now())
        return {end: points for end, points in sorted(purse.items()) if points and end >= month}

    def pay(self):
        friend, shop = self.chance.choice(self.friends), self.chance.choice(self.shops)
        live = self.live(friend)
        if not live:
            return
        # Often all of it, so that the last lots are spent too; it can be had back for 37 days.
        total = sum(live.values())
        left = points = total if self.chance.random() < 0.5 else self.chance.randint(1, total)
        spent = {}
        for end, held in live.items():
            spent[end] = min(held, left)
            left -= spent[end]
        self.serial += 1
        sale = sale_number(today(), self.serial)
        payment = Counter(self.point, shop).signed(friend, sale, points)
        self.point.paySigned(shop, *payment, {"from": shop})
        spent = {end: part for end, part in spent.items() if part}
        self.purses[friend.account].subtract(spent)
        self.claims[shop] += points
        self.payments.append(Payment(shop, sale, friend, spent))

    def refund(self):
        payments = [paid for paid in self.payments if paid.left]
        if not payments:
            return
        paid = self.chance.choice(payments[-12:])
        points = self.chance.choice([paid.left, self.chance.randint(1, paid.left)])
        back, ended = paid.undo(points, month_of(now()))
        call = (paid.shop, paid.sale, paid.friend.account, parts(paid.lots), points, {"from": paid.shop})
        last_day = paid.sale // 2**16 + TERMS.payable_days + TERMS.refund_days
        if today() > last_day:
            self.refused += 1
            with reverts("PointRefundTooLate", paid.sale, last_day):
                self.point.refund(*call)
        elif not back:
            self.refused += 1
            with reverts("PointNothingToReturn", paid.sale, ended):
                self.point.refund(*call)
        else:
            self.point.refund(*call)
            paid.returned += sum(back.values())
            self.purses[paid.friend.account].update(back)
            self.claims[paid.shop] -= sum(back.values())

    def check(self):
        for friend in self.friends:
            assert lots(self.point, friend.account) == self.live(friend), f"{friend.account} at {now()}"
        for shop in self.shops:
            assert self.point.balanceOf(shop) == self.claims[shop]


@pytest.fixture
def friends(memberships):
    return [member.card for member in memberships.join("Aoi", "Ren", "Yui", "Sota")]


@pytest.fixture
def circle(point, friends, shop, other_shop):
    return Circle(point, friends, [shop, other_shop], random.Random(2022))


def test_friends_pay_and_refund_each_other_for_a_year_and_no_point_outlives_its_promise(
    circle, point, minter
):
    granted = Sums()
    for month in range(APRIL, MARCH + 1):
        if month > APRIL:
            to_month(month)
            circle.check()  # the first second: what has ended is gone
        circle.grant(minter, month + TERM_MONTHS)
        granted[month + TERM_MONTHS] += MONTHLY_GRANT * len(circle.friends)
        for _ in range(18):
            travel_to(now() + circle.chance.randint(HOUR, 36 * HOUR))
            circle.chance.choice([circle.pay, circle.refund])()
            circle.check()
        for end, points in granted.items():
            assert point.pointsEndingWith(end) <= points, f"more points end with {end} than were granted"
    assert len(circle.payments) > 60
    assert sum(1 for paid in circle.payments if paid.returned) > 30
    assert circle.refused > 5, "no refund came too late: this year tried nothing"

    to_month(MARCH + TERM_MONTHS + 1)
    circle.check()
    assert {point.balanceOf(friend.account) for friend in circle.friends} == {0}
    lapsed = sum(point.pointsEndingWith(end) for end in granted)
    claims = sum(point.balanceOf(shop) for shop in circle.shops)
    assert lapsed + claims == sum(granted.values()), f"{lapsed} lapsed, {claims} with the shops"


def test_points_paid_in_their_last_second_cannot_be_had_back_in_the_next(point, friends, shop, minter):
    """The trick that would renew them: pay before the end, take back after it. The shop keeps the claim."""
    friend = friends[0]
    point.mintUntil(friend.account, 300, APRIL, {"from": minter})
    to_month_end(APRIL)
    sale = sale_number(today(), 1)
    point.paySigned(shop, *Counter(point, shop).signed(friend, sale, 300), {"from": shop})
    to_month(APRIL + 1)
    with reverts("PointNothingToReturn", sale, 300):
        point.refund(shop, sale, friend.account, parts({APRIL: 300}), 300, {"from": shop})
    assert (point.balanceOf(friend.account), point.claimOf(shop)) == (0, (300, 0, 0))


@pytest.mark.parametrize("rounds", [1, 5, 30])
def test_round_trips_keep_every_month(point, friends, shop, minter, rounds):
    """Paid and refunded again and again, on as many days: the lots are those of the first day."""
    held = {APRIL + 4: 70, APRIL + 7: 20, NEVER: 10}
    friend = friends[0]
    for end, points in held.items():
        point.mintUntil(friend.account, points, end, {"from": minter})
    counter = Counter(point, shop)
    for _ in range(rounds):
        sale = sale_number(today(), 1)
        point.paySigned(shop, *counter.signed(friend, sale, 100), {"from": shop})
        assert point.balanceOf(friend.account) == 0
        point.refund(shop, sale, friend.account, parts(held), 100, {"from": shop})
        assert lots(point, friend.account) == held
        travel_to(start_of_day(today() + 1))
    assert point.claimOf(shop) == (0, 0, 0)
