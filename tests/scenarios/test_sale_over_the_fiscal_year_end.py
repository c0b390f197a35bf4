"""A sale paid in the last second of March and refunded in April (年度をまたぐ返品).

The books of the old year close on 31 March: what was paid before belongs to it, and what is given back of it
is taken from it, though in the new one. Points that ended with March do not come back at all.
"""

import pytest

from scripts.lib.expiry_rule import NEVER
from scripts.lib.payment.issue import SaleState
from tests.support.clock import MARCH, to_month, to_month_end, travel
from tests.support.paying import lot, parts, sale_of_today
from tests.support.reading import events, live_by_month, lots
from tests.support.reverts import reverts

NEXT_APRIL, NEXT_MAY, NEXT_JUNE = MARCH + 1, MARCH + 2, MARCH + 3


@pytest.fixture
def hanako(memberships):
    [member] = memberships.join("Hanako")
    return member.card


@pytest.fixture
def grant(point, minter):
    def grant_lots(card, held):
        for month, points in held.items():
            point.mintUntil(card.account, points, month, {"from": minter})

    return grant_lots


@pytest.fixture
def pay(point, counter, till, shop):
    """`pay(card, serial, points)`: a sale of today; returns its number."""

    def pay_sale(card, serial, points):
        sale = sale_of_today(serial)
        point.paySigned(shop, *counter.signed(card, sale, points), {"from": till.account})
        return sale

    return pay_sale


# ------------------------------------------------------------------------------- PAID IN MARCH'S LAST SECOND


def test_sale_of_the_last_second_of_march_belongs_to_the_old_year(point, grant, pay, hanako, shop):
    grant(hanako, {NEVER: 1000})
    to_month_end(MARCH)
    pay(hanako, 1, 300)
    assert point.claimOf(shop) == (300, 0, 0)
    travel(1)
    assert point.claimOf(shop) == (0, 300, 0)


def test_refund_in_april_of_a_sale_of_march_is_taken_from_the_old_year_s_claim(
    point, grant, pay, hanako, shop
):
    """In the first second of April, with sales of both years in the claim."""
    grant(hanako, {NEVER: 1000})
    to_month_end(MARCH)
    sale = pay(hanako, 1, 300)
    travel(1)
    pay(hanako, 1, 200)
    assert point.claimOf(shop) == (200, 300, 0)
    refunded = point.refund(shop, sale, hanako.account, [lot(NEVER, 300)], 120, {"from": shop})
    assert events(refunded) == [
        ("SaleRefunded", shop, sale, hanako.account, lot(NEVER, 120)),
        ("Transfer", shop, hanako.account, 120),
    ]
    assert point.claimOf(shop) == (200, 180, 0)
    assert point.saleOf(shop, sale) == (SaleState.PAID, 120)


def test_refund_on_the_same_day_of_march_is_taken_from_the_year_that_is_still_open(
    point, grant, pay, hanako, shop
):
    grant(hanako, {NEVER: 1000})
    to_month_end(MARCH)
    sale = pay(hanako, 1, 300)
    point.refund(shop, sale, hanako.account, [lot(NEVER, 300)], 120, {"from": shop})
    travel(1)
    assert point.claimOf(shop) == (0, 180, 0)


def test_sale_of_march_paid_in_april_belongs_to_the_new_year_and_so_does_its_refund(
    point, grant, pay, counter, till, hanako, shop
):
    """A shop without a line: opened on 31 March, submitted on 1 April."""
    grant(hanako, {NEVER: 1000})
    to_month_end(MARCH)
    pay(hanako, 1, 300)
    late = sale_of_today(2)
    payment = counter.signed(hanako, late, 200)
    travel(1)
    point.paySigned(shop, *payment, {"from": till.account})
    assert point.claimOf(shop) == (200, 300, 0)
    point.refund(shop, late, hanako.account, [lot(NEVER, 200)], 200, {"from": shop})
    assert point.claimOf(shop) == (0, 300, 0)


def test_refund_in_april_of_points_that_ended_with_march_gives_nothing_back(point, grant, pay, hanako, shop):
    grant(hanako, {MARCH: 300})
    to_month_end(MARCH)
    sale = pay(hanako, 1, 300)
    travel(1)
    assert point.refundOf(shop, sale, hanako.account, [lot(MARCH, 300)], 300) == (0, 300)
    with reverts("PointNothingToReturn", sale, 300):
        point.refund(shop, sale, hanako.account, [lot(MARCH, 300)], 300, {"from": shop})
    assert (point.balanceOf(hanako.account), point.claimOf(shop)) == (0, (0, 300, 0))
    assert point.pointsEndingWith(MARCH) == 0  # nothing of it lapsed: it was spent


# ------------------------------------------------------------------------------ FOUR LOTS, TWO OF THEM ENDED


@pytest.fixture
def spread(grant, pay, hanako):
    """A sale of 1,000 points, paid in March's last second from four lots, of which two end before May."""
    held = {MARCH: 100, NEXT_APRIL: 200, NEXT_JUNE: 300, NEVER: 400}
    grant(hanako, held)
    to_month_end(MARCH)
    return pay(hanako, 1, 1000), held


def refund(point, shop, card, spread, points):
    sale, held = spread
    return point.refund(shop, sale, card.account, parts(held), points, {"from": shop})


def after_two_have_ended():
    """In the first second of May: March and April have ended, and the sale can still be refunded."""
    to_month(NEXT_MAY)


def test_partial_refund_of_four_lots_gives_the_latest_back_first(point, spread, hanako, shop):
    sale, _ = spread
    after_two_have_ended()
    assert events(refund(point, shop, hanako, spread, 500)) == [
        ("SaleRefunded", shop, sale, hanako.account, lot(NEVER, 400)),
        ("SaleRefunded", shop, sale, hanako.account, lot(NEXT_JUNE, 100)),
        ("Transfer", shop, hanako.account, 500),
    ]
    assert lots(point, hanako.account) == {NEXT_JUNE: 100, NEVER: 400}
    assert live_by_month(point, MARCH, NEXT_APRIL, NEXT_JUNE, NEVER) == [0, 0, 100, 400]
    assert point.claimOf(shop) == (0, 500, 0)


def test_refund_that_reaches_ended_lots_leaves_their_part_to_the_shop(point, spread, hanako, shop):
    sale, held = spread
    after_two_have_ended()
    assert point.refundOf(shop, sale, hanako.account, parts(held), 850) == (700, 150)
    assert events(refund(point, shop, hanako, spread, 850)) == [
        ("SaleRefunded", shop, sale, hanako.account, lot(NEVER, 400)),
        ("SaleRefunded", shop, sale, hanako.account, lot(NEXT_JUNE, 300)),
        ("SaleUnreturnable", shop, sale, hanako.account, 150),
        ("Transfer", shop, hanako.account, 700),
    ]
    assert lots(point, hanako.account) == {NEXT_JUNE: 300, NEVER: 400}
    assert point.claimOf(shop) == (0, 300, 0)


def test_refund_in_parts_over_two_month_ends_returns_what_is_live_each_time(point, spread, hanako, shop):
    """In March, in April and in May: what is refunded early is saved, what is late is lost."""
    sale, _ = spread
    refund(point, shop, hanako, spread, 450)
    assert lots(point, hanako.account) == {NEXT_JUNE: 50, NEVER: 400}
    assert point.claimOf(shop) == (550, 0, 0)
    to_month(NEXT_APRIL)
    refund(point, shop, hanako, spread, 300)
    assert lots(point, hanako.account) == {NEXT_APRIL: 50, NEXT_JUNE: 300, NEVER: 400}
    assert point.claimOf(shop) == (0, 250, 0)
    after_two_have_ended()
    with reverts("PointNothingToReturn", sale, 250):
        refund(point, shop, hanako, spread, 250)
    assert lots(point, hanako.account) == {NEXT_JUNE: 300, NEVER: 400}
    assert point.pointsEndingWith(NEXT_APRIL) == 50  # what was given back in April and not spent, lapsed
