"""What a till can ask: `issueOf`, `saleOf`, `refundOf`. (That paying does what `issueOf` says: refusals.)"""

import pytest

from scripts.lib.expiry_rule import NEVER
from scripts.lib.japan_calendar import start_of_day
from scripts.lib.payment.issue import PaymentIssue, SaleState
from scripts.lib.payment.sale_number import sale_number
from tests.support.clock import APRIL, AUGUST, HOUR, JUNE, MAY, now, to_month, travel_to
from tests.support.paying import lot, parts, sale_of_today, today
from tests.support.reading import ZERO_ADDRESS
from tests.support.reverts import reverts

PAYABLE_DAYS, REFUND_DAYS = 7, 30
PAID_FROM = {APRIL: 10, JUNE: 20, AUGUST: 30}


@pytest.fixture
def paid(point, grant, counter, payer, shop):
    """Today's first sale, paid with 60 points out of three lots."""
    grant(payer.account, PAID_FROM)
    point.paySigned(shop, *counter.signed(payer, sale_of_today(), 60), {"from": shop})
    return sale_of_today()


@pytest.fixture
def issue(point, counter, payer, shop):
    """`issue(...)`: what the series says of a payment; `sale` is today's first, `points` 10, unless named."""

    def issue_of(sale=None, points=10, card=payer, **more):
        payment = counter.payment(card, sale_of_today() if sale is None else sale, points, **more)
        return PaymentIssue(point.issueOf(shop, payment.terms))

    return issue_of


# -------------------------------------------------------------------------------------------------- ISSUE OF


def test_issue_of_a_payment_that_could_be_made_is_none(grant, issue, payer):
    grant(payer.account, {JUNE: 10})
    assert issue() == PaymentIssue.NONE


def test_issue_of_leaves_signatures_aside(point, grant, issue, payer):
    grant(payer.account, {JUNE: 10})
    point.cancelSignatures({"from": payer.account})
    assert issue() == PaymentIssue.NONE


def test_issue_of_counts_live_lots_only(grant, issue, payer):
    grant(payer.account, {APRIL + place: 10 for place in range(24)})
    assert (issue(points=240), issue(points=241)) == (PaymentIssue.NONE, PaymentIssue.NOT_ENOUGH_POINTS)
    to_month(MAY)
    assert (issue(points=230), issue(points=231)) == (PaymentIssue.NONE, PaymentIssue.NOT_ENOUGH_POINTS)


def test_issue_of_many_is_the_first_in_order(point, counter, issue, payer, shop, act_maker, grant):
    """One obstacle after the other is taken away."""
    grant(payer.account, {JUNE: 5})
    old = sale_number(today() - PAYABLE_DAYS, 1)
    point.paySigned(shop, *counter.signed(payer, old, 5), {"from": shop})
    point.voidSale(shop, sale_of_today(), {"from": shop})
    until = now()
    travel_to(start_of_day(today() + 1))
    point.suspendMerchant(shop, {"from": act_maker})
    point.freeze(payer.account, {"from": act_maker})
    point.pause(72 * HOUR, {"from": act_maker})
    expired = {"valid_until": until}
    assert issue(old, 0, **expired) == PaymentIssue.AMOUNT_OUT_OF_RANGE
    assert issue(old, 5, **expired) == PaymentIssue.ALREADY_PAID
    assert issue(old, 6, **expired) == PaymentIssue.SALE_USED
    assert issue(old + 1, 6, **expired) == PaymentIssue.DAY_OUT_OF_RANGE
    assert issue(points=6, **expired) == PaymentIssue.EXPIRED
    assert issue(points=6) == PaymentIssue.PAYER_STOPPED
    point.unfreeze(payer.account, {"from": act_maker})
    assert issue(points=6) == PaymentIssue.NOT_ENOUGH_POINTS
    point.unpause({"from": act_maker})
    grant(payer.account, {JUNE: 6})
    travel_to(now() + HOUR)
    assert issue(points=6) == PaymentIssue.MERCHANT_NOT_ACTIVE
    point.approveMerchant(shop, 0, "商店", "川崎区", {"from": act_maker})
    assert issue(points=6) == PaymentIssue.NONE


def test_issue_of_a_payment_while_paused_is_paused(point, grant, issue, payer, act_maker):
    grant(payer.account, {JUNE: 10})
    point.pause(HOUR, {"from": act_maker})
    assert issue() == PaymentIssue.PAUSED
    travel_to(now() + HOUR)
    assert issue() == PaymentIssue.NONE


def test_issue_of_nobody_s_payment_is_told(issue, shop, point):
    for nobody in (ZERO_ADDRESS, point.address, shop.address):
        assert issue(card=nobody) == PaymentIssue.PAYER_STOPPED


def test_issue_of_the_last_second_is_none_and_of_the_next_expired(grant, issue, payer):
    grant(payer.account, {JUNE: 10})
    assert issue(valid_until=now()) == PaymentIssue.NONE
    assert issue(valid_until=now() - 1) == PaymentIssue.EXPIRED


# --------------------------------------------------------------------------------------------------- SALE OF


def test_sale_of_follows_a_sale_from_its_payment_to_its_refunds(point, paid, payer, shop):
    assert point.saleOf(shop, paid) == (SaleState.PAID, 0)
    for points, refunded in ((1, 1), (44, 45), (15, 60)):
        point.refund(shop, paid, payer.account, parts(PAID_FROM), points, {"from": shop})
        assert point.saleOf(shop, paid) == (SaleState.PAID, refunded)


def test_sale_of_an_unused_number_or_an_unknown_shop_is_unused(point, paid, shop, resident):
    for merchant, sale in ((shop, paid + 1), (resident, paid), (ZERO_ADDRESS, paid), (shop, paid - 65536)):
        assert point.saleOf(merchant, sale) == (SaleState.UNUSED, 0)


def test_sale_of_the_largest_refund_is_read_in_full(point, grant, counter, payer, shop):
    most = 2**29 - 1
    grant(payer.account, {NEVER: most})
    point.paySigned(shop, *counter.signed(payer, sale_of_today(), most), {"from": shop})
    point.refund(shop, sale_of_today(), payer.account, [lot(NEVER, most)], most, {"from": shop})
    assert point.saleOf(shop, sale_of_today()) == (SaleState.PAID, most)


# ------------------------------------------------------------------------------------------------- REFUND OF


@pytest.mark.parametrize("month", [APRIL, MAY], ids=["all lots live", "one ended"])
@pytest.mark.parametrize("points", [1, 30, 31, 50, 55, 60])
def test_refund_of_says_what_a_refund_then_does(point, paid, payer, shop, month, points):
    if month > APRIL:
        to_month(month)
    returned, unreturnable = point.refundOf(shop, paid, payer.account, parts(PAID_FROM), points)
    point.refund(shop, paid, payer.account, parts(PAID_FROM), points, {"from": shop})
    assert point.balanceOf(payer.account) == returned
    assert (returned + unreturnable, point.claimOf(shop)) == (points, (60 - returned, 0, 0))


def test_refund_of_nothing_but_ended_lots_is_told_without_a_revert(point, grant, counter, payer, shop):
    grant(payer.account, {APRIL: 10})
    sale = sale_of_today()
    point.paySigned(shop, *counter.signed(payer, sale, 10), {"from": shop})
    to_month(MAY)
    assert point.refundOf(shop, sale, payer.account, [lot(APRIL, 10)], 10) == (0, 10)
    with reverts("PointNothingToReturn", sale, 10):
        point.refund(shop, sale, payer.account, [lot(APRIL, 10)], 10, {"from": shop})


def test_refund_of_may_be_asked_by_anybody(point, paid, payer, shop, stranger):
    call = (shop, paid, payer.account, parts(PAID_FROM), 60, {"from": stranger})
    assert point.refundOf(*call) == (60, 0)


def test_refund_of_reverts_as_a_refund_would(point, paid, payer, other_payer, shop):
    with reverts("PointSaleUnknown", shop, paid):
        point.refundOf(shop, paid, other_payer.account, parts(PAID_FROM), 1)
    with reverts("PointRefundTooLarge", paid, 60, 61):
        point.refundOf(shop, paid, payer.account, parts(PAID_FROM), 61)
    with reverts("PointRefundTooLarge", paid, 60, 0):
        point.refundOf(shop, paid, payer.account, parts(PAID_FROM), 0)
    travel_to(start_of_day(today() + PAYABLE_DAYS + REFUND_DAYS + 1))
    with reverts("PointRefundTooLate", paid, today() - 1):
        point.refundOf(shop, paid, payer.account, parts(PAID_FROM), 1)
