"""For how long sales can be paid and refunded: the constructor, `setRefundDays`, `saleDays`."""

import pytest

from scripts.lib.deployment import ZERO_ADDRESS
from scripts.lib.expiry_rule import NEVER
from scripts.lib.japan_calendar import moment_from_text, start_of_day
from scripts.lib.payment.sale_terms import SaleTerms
from tests.support.clock import DECEMBER, travel_to
from tests.support.paying import Counter, parts, sale_of_today, today
from tests.support.reading import events
from tests.support.reverts import reverts
from tests.support.town import CITY

PAYABLE_DAYS, REFUND_DAYS, RING_DAYS = SaleTerms()


@pytest.fixture
def series_with(project, officers, residents, deployer):
    """`series_with(payable, refund, ring)` deploys a series with these terms."""

    def deploy(*terms):
        call = (CITY, officers, residents, "川崎子育てポイント", "KOSODATE", 0, 1, terms, ZERO_ADDRESS)
        return project.MunicipalPoint.deploy(*call, {"from": deployer})

    return deploy


@pytest.fixture
def paid(point, grant, counter, payer, shop):
    """Today's first sale, paid with 100 points."""
    grant(payer.account, {DECEMBER: 100})
    point.paySigned(shop, *counter.signed(payer, sale_of_today(), 100), {"from": shop})
    return sale_of_today()


# ----------------------------------------------------------------------------------------------- CONSTRUCTOR


def test_series_tells_its_terms(point):
    assert point.saleDays() == (PAYABLE_DAYS, REFUND_DAYS, RING_DAYS)


@pytest.mark.parametrize("terms", [(0, 0, 1), (7, 30, 45), (365, 634, 1000), (0, 999, 1000), (364, 0, 366)])
def test_series_with_fitting_terms_is_deployed(series_with, terms):
    series = series_with(*terms)
    assert series.saleDays() == terms
    assert ("RefundDaysSet", terms[1]) in events(series.tx)


@pytest.mark.parametrize(
    "terms",
    [
        (0, 0, 0),
        (0, 0, 1001),
        (366, 0, 1000),
        (998, 0, 1000),
        (7, 30, 37),
        (0, 1, 1),
        (1, 0, 1),
        (7, 2**256 - 1, 45),
        (7, 2**256 - 7, 45),
        (2**256 - 1, 0, 45),
        (2**256 - 1, 2, 45),
        (7, 30, 2**256 - 1),
    ],
)
def test_series_with_terms_that_do_not_fit_is_not_deployed(series_with, terms):
    with reverts("PointSaleTerms", *terms):
        series_with(*terms)


@pytest.mark.parametrize("opened", ["2026-03-31", "2027-03-31", "2027-04-01", "2028-02-29"])
def test_sale_paid_at_the_end_of_the_longest_term_is_refunded_from_the_claim_of_its_year(
    series_with, minter, act_maker, payer, shop, opened
):
    """The record has one bit for a later year: with a longer term the payment could be two years later."""
    series = series_with(365, 30, 400)
    series.approveMerchant(shop, 0, "商店", "川崎区", {"from": act_maker})
    series.increaseMinterAllowance(minter, 100, {"from": act_maker})
    series.mintUntil(payer.account, 100, NEVER, {"from": minter})
    counter = Counter(series, shop)
    travel_to(moment_from_text(opened))
    sale = sale_of_today(1)
    series.paySigned(shop, *counter.signed(payer, sale_of_today(2), 30), {"from": shop})
    travel_to(start_of_day(today() + 366) - 1)
    series.paySigned(shop, *counter.signed(payer, sale, 20), {"from": shop})
    this_year, earlier_years, _ = series.claimOf(shop)
    series.refund(shop, sale, payer.account, parts({NEVER: 20}), 15, {"from": shop})
    assert series.claimOf(shop) == (this_year - 15, earlier_years, 0)


# ----------------------------------------------------------------------------------------------- REFUND DAYS


def test_set_refund_days_is_logged_and_readable(point, act_maker):
    assert events(point.setRefundDays(20, {"from": act_maker})) == [("RefundDaysSet", 20)]
    assert point.saleDays() == (PAYABLE_DAYS, 20, RING_DAYS)


@pytest.mark.parametrize("days", [0, 1, RING_DAYS - PAYABLE_DAYS - 1])
def test_set_refund_days_within_the_ring_succeeds(point, act_maker, days):
    point.setRefundDays(days, {"from": act_maker})
    assert point.saleDays() == (PAYABLE_DAYS, days, RING_DAYS)


@pytest.mark.parametrize("days", [RING_DAYS - PAYABLE_DAYS, RING_DAYS, 2**16, 2**16 + 1, 2**256 - 1])
def test_set_refund_days_beyond_the_ring_reverts(point, act_maker, days):
    with reverts("PointSaleTerms", PAYABLE_DAYS, days, RING_DAYS):
        point.setRefundDays(days, {"from": act_maker})


def test_set_refund_days_takes_two_admins(acting, point, city, second_admin):
    with reverts("OfficersNeedsSecond", point.setRefundDays.signature):
        acting.perform(city, point, "setRefundDays", 20)
    acting.together(city, second_admin, point, "setRefundDays", 20)
    assert point.saleDays() == (PAYABLE_DAYS, 20, RING_DAYS)


def test_set_refund_days_shorter_ends_what_could_be_refunded(point, paid, payer, shop, act_maker):
    day = today()
    travel_to(start_of_day(day + PAYABLE_DAYS + 11))
    point.setRefundDays(10, {"from": act_maker})
    with reverts("PointRefundTooLate", paid, day + PAYABLE_DAYS + 10):
        point.refund(shop, paid, payer.account, parts({DECEMBER: 100}), 1, {"from": shop})


def test_set_refund_days_longer_lets_an_earlier_sale_be_refunded_again(point, paid, payer, shop, act_maker):
    """Its record stands as long as the ring: no new sale can have taken it."""
    day = today()
    travel_to(start_of_day(day + PAYABLE_DAYS + REFUND_DAYS + 1))
    refund = (shop, paid, payer.account, parts({DECEMBER: 100}), 1, {"from": shop})
    with reverts("PointRefundTooLate", paid, day + PAYABLE_DAYS + REFUND_DAYS):
        point.refund(*refund)
    point.setRefundDays(RING_DAYS - PAYABLE_DAYS - 1, {"from": act_maker})
    travel_to(start_of_day(day + RING_DAYS) - 1)
    point.refund(*refund)
    assert point.claimOf(shop) == (99, 0, 0)
