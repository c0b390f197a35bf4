"""Why a sale is not paid: for the same reason in every way of paying, as the view `issueOf` says beforehand.

A payment of its own reverts; in a batch it is skipped. Either way nothing moves and nothing is used up.
"""

from contextlib import nullcontext

import pytest

from scripts.lib.payment.issue import PaymentIssue
from scripts.lib.payment.sale_number import sale_number
from tests.support.clock import DECEMBER, HOUR, JULY, JUNE, now, to_month, travel_to
from tests.support.paying import FOREVER, sale_of_today, today
from tests.support.reading import ZERO_ADDRESS, events, lots
from tests.support.reverts import reverts
from tests.support.town import CITY

LARGEST = 2**29 - 1
SUSPENDED, CLOSED = 1, 2
PAYABLE_DAYS = 7


class Paying:
    """One way of paying at the shop's counter.

    Attributes:
        way: "pay", "paySigned", "payRelayed" or "payBatch".
    """

    def __init__(self, way, point, shop, counter, till, stranger):
        self.way, self.point, self.shop, self.counter = way, point, shop, counter
        self.till, self.stranger = till, stranger

    def __call__(self, card, sale, points, valid_until=FOREVER):
        """Try it; return the transaction."""
        sale_signed = self.counter.sale_signature(self.till, sale, points)
        if self.way == "pay":
            return self.point.pay(self.shop, sale, points, FOREVER, *sale_signed, {"from": card.account})
        payment = self.counter.signed(card, sale, points, valid_until)
        if self.way == "paySigned":
            return self.point.paySigned(self.shop, *payment, {"from": self.till.account})
        if self.way == "payRelayed":
            call = (self.shop, payment, FOREVER, *sale_signed)
            return self.point.payRelayed(*call, {"from": self.stranger})
        sales_signed = self.counter.sales_signature(self.till, [(sale, points)])
        return self.point.payBatch(self.shop, [payment], *sales_signed, {"from": self.stranger})

    def is_refused(self, issue, error, *arguments, card, sale, points, valid_until=FOREVER):
        """Assert that `issueOf` tells the issue, and that trying it does, and changes nothing."""
        before = self._state(card)
        terms = self.counter.signed(card, sale, points, valid_until)[0]
        assert PaymentIssue(self.point.issueOf(self.shop, terms)) == issue
        skipped = self.way == "payBatch"
        with nullcontext() if skipped else reverts(error, *arguments):
            tried = self(card, sale, points, valid_until)
        if skipped:
            assert tried.return_value == (issue,)
            skip = ("PaymentSkipped", self.shop, sale, card.account, issue)
            assert events(tried) == [skip]
        assert self._state(card) == before

    def _state(self, card):
        point = self.point
        return lots(point, card.account), point.claimOf(self.shop), point.saleOf(self.shop, sale_of_today())


@pytest.fixture(params=["pay", "paySigned", "payRelayed", "payBatch"])
def paying(request, point, shop, counter, till, stranger, grant, payer):
    """Every way of paying; the payer has 1,000 points."""
    grant(payer.account, {JUNE: 400, DECEMBER: 600})
    return Paying(request.param, point, shop, counter, till, stranger)


# ---------------------------------------------------------------------------------------------------- AMOUNT


def test_payment_of_nothing_is_refused(paying, payer):
    nothing = (PaymentIssue.AMOUNT_OUT_OF_RANGE, "PointSaleAmount", LARGEST)
    paying.is_refused(*nothing, card=payer, sale=sale_of_today(), points=0)


def test_payment_of_more_than_there_is_is_refused(paying, payer, point):
    for points in (1001, LARGEST):
        paying.is_refused(
            PaymentIssue.NOT_ENOUGH_POINTS,
            *("ERC20InsufficientBalance", payer.account, 1000, points),
            card=payer,
            sale=sale_of_today(),
            points=points,
        )


def test_payment_counts_no_lot_that_has_ended(paying, payer):
    to_month(JULY)
    paying.is_refused(
        PaymentIssue.NOT_ENOUGH_POINTS,
        *("ERC20InsufficientBalance", payer.account, 600, 601),
        card=payer,
        sale=sale_of_today(),
        points=601,
    )
    paying(payer, sale_of_today(), 600)


def test_payment_by_an_account_without_points_is_refused(paying, other_payer):
    paying.is_refused(
        PaymentIssue.NOT_ENOUGH_POINTS,
        *("ERC20InsufficientBalance", other_payer.account, 0, 1),
        card=other_payer,
        sale=sale_of_today(),
        points=1,
    )


# ---------------------------------------------------------------------------------------------------- NUMBER


def test_payment_of_a_sale_that_the_same_payer_has_paid_is_refused(paying, payer, point, shop):
    paying(payer, sale_of_today(), 10)
    used = ("PointSaleUsed", shop, sale_of_today())
    paying.is_refused(PaymentIssue.ALREADY_PAID, *used, card=payer, sale=sale_of_today(), points=10)
    paying.is_refused(PaymentIssue.SALE_USED, *used, card=payer, sale=sale_of_today(), points=11)


def test_payment_of_a_sale_that_another_has_paid_is_refused(paying, payer, other_payer, grant, shop):
    grant(other_payer.account, {JUNE: 100})
    paying(other_payer, sale_of_today(), 10)
    used = ("PointSaleUsed", shop, sale_of_today())
    paying.is_refused(PaymentIssue.SALE_USED, *used, card=payer, sale=sale_of_today(), points=10)


def test_payment_of_a_voided_sale_is_refused(paying, payer, point, shop):
    point.voidSale(shop, sale_of_today(), {"from": shop})
    used = ("PointSaleUsed", shop, sale_of_today())
    paying.is_refused(PaymentIssue.SALE_USED, *used, card=payer, sale=sale_of_today(), points=10)


@pytest.mark.parametrize("days_ago", [-1, -30000, PAYABLE_DAYS + 1, 45, 9000])
def test_payment_of_a_sale_of_another_time_is_refused(paying, payer, days_ago):
    sale = sale_number(today() - days_ago, 1)
    error = ("PointSaleDay", sale, today() - PAYABLE_DAYS, today())
    paying.is_refused(PaymentIssue.DAY_OUT_OF_RANGE, *error, card=payer, sale=sale, points=10)


@pytest.mark.parametrize("days_ago", [0, 1, PAYABLE_DAYS])
def test_payment_of_a_sale_of_the_last_days_succeeds(paying, payer, point, shop, days_ago):
    paying(payer, sale_number(today() - days_ago, 65535), 10)
    assert point.claimOf(shop) == (10, 0, 0)


# ------------------------------------------------------------------------------------------------------ TIME


def test_payment_after_its_last_second_is_refused(paying, payer, point):
    if paying.way == "pay":
        return  # nothing is signed by the payer; the till's own second is tested in test_pay.py
    until = now() + HOUR
    travel_to(until + 1)
    paying.is_refused(
        PaymentIssue.EXPIRED,
        *("PointPaymentExpired", payer.account, until),
        card=payer,
        sale=sale_of_today(),
        points=10,
        valid_until=until,
    )
    travel_to(until + 2)
    paying(payer, sale_of_today(), 10, now())


# ----------------------------------------------------------------------------------------------------- PAYER


def test_payment_by_a_frozen_account_is_refused(paying, payer, point, act_maker):
    point.freeze(payer.account, {"from": act_maker})
    frozen = (PaymentIssue.PAYER_STOPPED, "PointAccountFrozen", payer.account)
    paying.is_refused(*frozen, card=payer, sale=sale_of_today(), points=10)
    point.unfreeze(payer.account, {"from": act_maker})
    paying(payer, sale_of_today(), 10)


def test_payment_by_an_account_that_is_being_replaced_is_refused(
    paying, payer, point, memberships, residents, act_maker, stranger
):
    [member] = memberships.join("Hanako")
    assert member.account == payer.account
    card = memberships.card("Hanako's next")
    signature = memberships.signature(card, member.commitment)
    residents.startReplacement(CITY, member.number, card.account, signature, {"from": act_maker})
    point.syncBlocked(payer.account, {"from": stranger})
    blocked = (PaymentIssue.PAYER_STOPPED, "PointAccountFrozen", payer.account)
    paying.is_refused(*blocked, card=payer, sale=sale_of_today(), points=10)


def test_payment_by_a_merchant_is_refused(paying, other_payer, point, act_maker):
    point.approveMerchant(other_payer.account, 0, "銭湯", "宮前区", {"from": act_maker})
    merchant = (PaymentIssue.PAYER_STOPPED, "PointPayerIsMerchant", other_payer.account)
    paying.is_refused(*merchant, card=other_payer, sale=sale_of_today(), points=10)


def test_payment_by_the_shop_to_itself_is_refused(paying, shop_card, payer):
    """With a claim as large as the payment."""
    paying(payer, sale_of_today(1), 10)
    itself = (PaymentIssue.PAYER_STOPPED, "PointPayerIsMerchant", shop_card.account)
    paying.is_refused(*itself, card=shop_card, sale=sale_of_today(2), points=10)


# -------------------------------------------------------------------------------- WHAT CONCERNS ALL PAYMENTS


def is_refused_as_a_whole(paying, payer, issue, error, *arguments):
    """A batch reverts too: another attempt may succeed."""
    terms = paying.counter.signed(payer, sale_of_today(), 10)[0]
    assert PaymentIssue(paying.point.issueOf(paying.shop, terms)) == issue
    with reverts(error, *arguments):
        paying(payer, sale_of_today(), 10)


@pytest.mark.parametrize(("act", "status"), [("suspendMerchant", SUSPENDED), ("closeMerchant", CLOSED)])
def test_payment_to_a_shop_that_is_not_active_is_refused(paying, payer, point, shop, act_maker, act, status):
    getattr(point, act)(shop, {"from": act_maker})
    refusal = ("PointMerchantNotActive", shop, status)
    is_refused_as_a_whole(paying, payer, PaymentIssue.MERCHANT_NOT_ACTIVE, *refusal)
    point.approveMerchant(shop, 1, "商店", "川崎区", {"from": act_maker})
    paying(payer, sale_of_today(), 10)
    assert point.claimOf(shop) == (10, 0, 0)


def test_payment_to_a_frozen_shop_is_refused(paying, payer, point, shop, act_maker):
    point.freeze(shop, {"from": act_maker})
    is_refused_as_a_whole(paying, payer, PaymentIssue.MERCHANT_NOT_ACTIVE, *("PointAccountFrozen", shop))


@pytest.mark.parametrize("points", [10, 400, 500], ids=["one lot", "a whole lot", "two lots"])
def test_payment_while_the_series_is_paused_is_refused(paying, payer, point, shop, act_maker, points):
    point.pause(HOUR, {"from": act_maker})
    terms = paying.counter.signed(payer, sale_of_today(), points)[0]
    assert PaymentIssue(point.issueOf(shop, terms)) == PaymentIssue.PAUSED
    with reverts("PointPaused", now() + HOUR):
        paying(payer, sale_of_today(), points)
    point.unpause({"from": act_maker})
    paying(payer, sale_of_today(), points)
    assert point.claimOf(shop) == (points, 0, 0)


def test_payment_to_what_is_no_merchant_is_told(point, counter, payer, grant, resident):
    grant(payer.account, {JUNE: 100})
    terms = counter.signed(payer, sale_of_today(), 10)[0]
    for nobody in (resident, ZERO_ADDRESS, point):
        assert point.issueOf(nobody, terms) == PaymentIssue.MERCHANT_NOT_ACTIVE
