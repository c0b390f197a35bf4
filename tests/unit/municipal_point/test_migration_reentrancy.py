"""A series before or after an honest one calls back in the midst of a migration: nothing moves twice.

Whoever gets such a series registered, and named by two Admins, can hand over or keep what they like of their
points; of the honest series it must get no more than what is there, once, and leave its books in balance.
"""

import pytest

from scripts.lib.expiry_rule import NEVER
from tests.support.books import check_books
from tests.support.clock import JULY, MARCH, now, travel
from tests.support.harness import deploy_harness
from tests.support.migration_fixtures import NOTICE
from tests.support.paying import lot, parts, sale_of_today
from tests.support.reading import ZERO_ADDRESS, lots
from tests.support.reverts import reverts
from tests.support.settlement_fixtures import parts as claims
from tests.support.town import CITY


@pytest.fixture
def after(point, platform, officers, residents, council, act_maker):
    """An evil successor, whose notice is over."""
    evil = deploy_harness("ReentrantNeighbour", CITY, officers.address, residents.address, point.address)
    platform.registerSeries(CITY, evil, {"from": council})
    point.announceSuccessor(evil, {"from": act_maker})
    travel(NOTICE)
    return evil


@pytest.fixture
def before(platform, officers, residents, council):
    """An evil predecessor."""
    evil = deploy_harness("ReentrantNeighbour", CITY, officers.address, residents.address, ZERO_ADDRESS)
    platform.registerSeries(CITY, evil, {"from": council})
    return evil


@pytest.fixture
def misled(rpc, make_series, before):
    """An honest series that takes over from it, and is open."""
    series = make_series(before)
    before.forward(series, series.openAfterPredecessor.encode_input())
    yield series
    check_books(rpc, series.address)


@pytest.fixture
def sold(point, grant, after, counter, payer, shop, act_maker):
    """A sale of 30 points, whose shop belongs to the evil successor: it may refund."""
    grant(payer.account, {NEVER: 100})
    sale = sale_of_today()
    point.paySigned(shop, *counter.signed(payer, sale, 30), {"from": shop})
    point.replaceOwner(shop, after, {"from": act_maker})
    return shop.address, sale, payer.account.address, parts({NEVER: 30})


def back(evil, target, *calls):
    evil.callBack(target, list(calls))


def answers(evil, count):
    return [evil.succeeded(place) for place in range(count)]


# ------------------------------------------------------------------------------------------ THE SERIES AFTER


def test_closing_that_is_called_back_closes_once_and_hands_over_once(point, after, grant, resident, stranger):
    grant(resident, {JULY: 100})
    carry_out = point.carryOut.encode_input([resident])
    back(after, point, point.closeForSuccessor.encode_input(), carry_out, carry_out)
    point.closeForSuccessor({"from": stranger})
    assert answers(after, 3) == [False, True, True]
    assert point.carriedPoints() == (0, 100)
    assert (lots(point, resident), point.totalSupply()) == ({}, 0)


def test_refund_that_is_called_back_returns_no_more_than_was_paid(point, after, sold, payer, shop, stranger):
    """The claim went over; while it is asked back, the same refund comes again, twice."""
    point.closeForSuccessor({"from": stranger})
    after.forward(point, point.carryOut.encode_input([shop]))
    again = point.refund.encode_input(*sold, 20)
    back(after, point, again, again)
    after.forward(point, again)
    assert answers(after, 2) == [False, False]
    assert (lots(point, payer.account), point.claimOf(shop)) == ({NEVER: 90}, (0, 0, 0))
    assert point.saleOf(shop, sold[1])[1] == 20


def test_refund_that_is_called_back_for_the_rest_returns_both_once(point, after, sold, payer, shop, stranger):
    point.closeForSuccessor({"from": stranger})
    after.forward(point, point.carryOut.encode_input([shop]))
    back(after, point, point.refund.encode_input(*sold, 10))
    after.forward(point, point.refund.encode_input(*sold, 20))
    assert answers(after, 1) == [True]
    assert (lots(point, payer.account), point.claimOf(shop)) == ({NEVER: 100}, (0, 0, 0))
    assert point.carriedPoints() == (30, 30)


def test_refund_whose_claim_is_taken_away_meanwhile_reverts(
    point, settlement, books, after, sold, payer, shop, stranger
):
    """12 of the 20 that it needs came back from settlement; they leave while the others are asked back."""
    words = claims((shop, 12, 0))
    batch = books.approve(MARCH, now(), words)
    point.closeForSuccessor({"from": stranger})
    after.forward(point, point.carryOut.encode_input([shop]))
    books.cancel(batch, words)
    back(after, point, point.carryOut.encode_input([shop]))
    with reverts("PointClaimTooSmall", shop, 8, 20):
        after.forward(point, point.refund.encode_input(*sold, 20))
    assert (point.claimOf(shop), point.carriedPoints()) == ((12, 0, 0), (0, 18))
    assert lots(point, payer.account) == {NEVER: 70}


# ----------------------------------------------------------------------------------------- THE SERIES BEFORE


def test_carry_that_is_called_back_books_what_was_handed_over(misled, before, resident, stranger):
    """It hands over 100 points at each of three calls: 300 are on the books, and in the lot, and no more."""
    before.handOver(lot(JULY, 100), ZERO_ADDRESS, 0)
    carry_in = misled.carryIn.encode_input([resident])
    back(before, misled, carry_in, carry_in)
    misled.carryIn([resident], {"from": stranger})
    assert answers(before, 2) == [True, True]
    assert lots(misled, resident) == {JULY: 300}
    assert (misled.totalSupply(), misled.carriedPoints()) == (300, (300, 0))


def test_carry_of_a_claim_that_is_called_back_keeps_claim_and_books_equal(misled, before, shop, stranger):
    """While a claim comes in, the one that came before is asked back, and the shop is carried again."""
    before.handOver(0, shop, 40)
    misled.carryIn([shop], {"from": stranger})
    carry_in = misled.carryIn.encode_input([shop])
    back(before, misled, misled.returnClaim.encode_input(shop, 30, True), carry_in)
    misled.carryIn([shop], {"from": stranger})
    assert answers(before, 2) == [True, True]
    assert misled.claimOf(shop) == (90, 0, 0)
    assert (misled.totalSupply(), misled.carriedPoints()) == (90, (120, 30))
