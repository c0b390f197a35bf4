"""The words in which sales are recorded: used again after `ringDays`, and not while anything needs them."""

import pytest

from scripts.lib.deployment import ZERO_ADDRESS
from scripts.lib.expiry_rule import NEVER
from scripts.lib.japan_calendar import day_of, moment_from_text, month_from_text, start_of_day
from scripts.lib.payment.issue import PaymentIssue, SaleState
from scripts.lib.payment.sale_number import sale_number
from scripts.lib.payment.sale_terms import SaleTerms
from tests.support.clock import HOUR, travel_to
from tests.support.paying import Counter, parts, today
from tests.support.reading import lots
from tests.support.reverts import reverts
from tests.support.town import CITY

PAYABLE_DAYS, REFUND_DAYS, RING_DAYS = SaleTerms()
NOTHING = (SaleState.UNUSED, 0)


@pytest.fixture
def desk(point, grant, counter, payer, shop):
    """The shop's counter, and a payer with points without end."""
    grant(payer.account, {NEVER: 1_000_000})
    return Desk(point, counter, payer, shop)


class Desk:
    """Pays, refunds and voids sales by day and serial number."""

    def __init__(self, point, counter, payer, shop):
        self.point, self.counter, self.payer, self.shop = point, counter, payer, shop

    def pay(self, sale, points=10):
        payment = self.counter.signed(self.payer, sale, points)
        return self.point.paySigned(self.shop, *payment, {"from": self.shop})

    def refund(self, sale, points, paid=10):
        account = self.payer.account
        call = (self.shop, sale, account, parts({NEVER: paid}), points)
        return self.point.refund(*call, {"from": self.shop})

    def void(self, sale):
        return self.point.voidSale(self.shop, sale, {"from": self.shop})

    def issue(self, sale, points=10):
        terms = self.counter.signed(self.payer, sale, points)[0]
        return PaymentIssue(self.point.issueOf(self.shop, terms))

    def state(self, sale):
        return self.point.saleOf(self.shop, sale)


def to_day(day, seconds=12 * HOUR):
    """Travel to noon of a day, or to so many seconds after it began."""
    travel_to(start_of_day(day) + seconds)


# -------------------------------------------------------------------------------------------------- THE RING


def test_record_number_is_never_payable_twice(desk):
    """Day after day until its word has gone to another sale, and on until the ring has turned three times."""
    first_day = today()
    sale = sale_number(first_day, 1)
    desk.pay(sale)
    for day in range(first_day, first_day + 3 * RING_DAYS + 2):
        to_day(day)
        used = PaymentIssue.ALREADY_PAID, PaymentIssue.SALE_USED
        gone = PaymentIssue.DAY_OUT_OF_RANGE, PaymentIssue.DAY_OUT_OF_RANGE
        issues = desk.issue(sale), desk.issue(sale, 11)
        if day == first_day + RING_DAYS:
            desk.pay(sale_number(day, 1), 7)
        assert issues == (used if day <= first_day + RING_DAYS else gone), f"day {day - first_day}"


def test_record_of_a_sale_is_used_again_after_the_ring_and_not_before(desk):
    """One serial number a day, all in words of their own; then each takes the word of the one before it."""
    first_day = today()
    for day in range(first_day, first_day + RING_DAYS):
        to_day(day)
        desk.pay(sale_number(day, 5), 10)
    assert [desk.state(sale_number(day, 5)) for day in range(first_day, first_day + RING_DAYS)] == [
        (SaleState.PAID, 0)
    ] * RING_DAYS
    to_day(first_day + RING_DAYS)
    desk.pay(sale_number(first_day + RING_DAYS, 5), 10)
    assert desk.state(sale_number(first_day, 5)) == NOTHING
    assert desk.state(sale_number(first_day + 1, 5)) == (SaleState.PAID, 0)
    assert desk.state(sale_number(first_day + RING_DAYS, 5)) == (SaleState.PAID, 0)


def test_record_used_again_costs_a_new_payment_less_gas(desk):
    """That is what the ring is for: a word that is not zero is cheap to write."""
    fresh = desk.pay(sale_number(today(), 5)).gas_used
    to_day(today() + RING_DAYS)
    again = desk.pay(sale_number(today(), 5)).gas_used
    assert fresh - again > 15_000, f"{fresh} gas for a new word, {again} for one used again"


def test_record_stands_until_the_last_day_of_its_refund(desk):
    """Whoever opens the same serial number every day takes nobody's refund away."""
    first_day = today()
    sale = sale_number(first_day, 9)
    desk.pay(sale)
    for day in range(first_day + 1, first_day + PAYABLE_DAYS + REFUND_DAYS + 1):
        to_day(day)
        desk.pay(sale_number(day, 9), 1)
    to_day(first_day + PAYABLE_DAYS + REFUND_DAYS + 1, -1)
    desk.refund(sale, 10)
    assert desk.state(sale) == (SaleState.PAID, 10)


def test_record_of_a_sale_paid_late_keeps_its_refund_window(desk):
    first_day = today()
    sale = sale_number(first_day, 9)
    to_day(first_day + PAYABLE_DAYS)
    desk.pay(sale)
    to_day(first_day + PAYABLE_DAYS + REFUND_DAYS)
    desk.refund(sale, 10)


def test_record_that_another_sale_has_taken_can_be_refunded_no_more(desk):
    """However long the municipality makes the term: the ring is longer."""
    first_day = today()
    sale = sale_number(first_day, 9)
    desk.pay(sale)
    to_day(first_day + RING_DAYS)
    desk.pay(sale_number(today(), 9))
    with reverts("PointSaleUnknown", desk.shop, sale):
        desk.refund(sale, 1)
    desk.refund(sale_number(today(), 9), 1)


def test_record_used_again_begins_without_refunds(desk):
    """What was refunded, and in which year it was paid, is the old sale's."""
    first_day = today()
    desk.pay(sale_number(first_day, 9))
    desk.refund(sale_number(first_day, 9), 10)
    to_day(first_day + RING_DAYS)
    sale = sale_number(today(), 9)
    desk.pay(sale)
    assert desk.state(sale) == (SaleState.PAID, 0)
    desk.refund(sale, 10)
    assert desk.state(sale) == (SaleState.PAID, 10)


def test_record_of_a_void_is_used_again_too(desk):
    first_day = today()
    sale = sale_number(first_day, 9)
    desk.void(sale)
    for day in range(first_day, first_day + PAYABLE_DAYS + 1):
        to_day(day)
        assert desk.issue(sale) == PaymentIssue.SALE_USED
        with reverts("PointSaleUsed", desk.shop, sale):
            desk.pay(sale)
    to_day(first_day + RING_DAYS)
    desk.pay(sale_number(today(), 9))
    assert (desk.state(sale), desk.state(sale_number(today(), 9))) == (NOTHING, (SaleState.PAID, 0))


def test_record_of_one_sale_is_voided_where_another_was_paid(desk):
    first_day = today()
    desk.pay(sale_number(first_day, 9))
    to_day(first_day + RING_DAYS)
    desk.void(sale_number(today(), 9))
    assert desk.state(sale_number(first_day, 9)) == NOTHING
    with reverts("PointSaleUnknown", desk.shop, sale_number(first_day, 9)):
        desk.refund(sale_number(first_day, 9), 1)


def test_records_of_neighbouring_numbers_and_shops_do_not_touch(desk, point, other_shop):
    """The first and the last serial number, of days side by side, at two shops."""
    elsewhere = Desk(point, Counter(point, other_shop), desk.payer, other_shop)
    day = today()
    desks = [
        (at, sale_number(day - back, serial))
        for at in (desk, elsewhere)
        for back in (0, 1)
        for serial in (0, 65535)
    ]
    for place, (at, sale) in enumerate(desks):
        assert at.state(sale) == NOTHING
        at.pay(sale, 10 + place)
    for place, (at, sale) in enumerate(desks):
        at.refund(sale, 1 + place, paid=10 + place)
    assert [at.state(sale) for at, sale in desks] == [(SaleState.PAID, 1 + place) for place in range(8)]


@pytest.mark.parametrize("terms", [(0, 0, 1), (1, 0, 2), (0, 1, 2), (2, 3, 6)], ids=str)
def test_record_in_the_shortest_ring_that_terms_allow_is_safe(
    project, officers, residents, deployer, act_maker, minter, payer, shop, terms
):
    """A new sale takes the word on the first day on which nobody can pay or refund the old one."""
    series = project.MunicipalPoint.deploy(
        CITY, officers, residents, "短", "SHORT", 0, 1, terms, ZERO_ADDRESS, {"from": deployer}
    )
    series.approveMerchant(shop, 0, "商店", "川崎区", {"from": act_maker})
    series.increaseMinterAllowance(minter, 1000, {"from": act_maker})
    series.mintUntil(payer.account, 1000, NEVER, {"from": minter})
    desk = Desk(series, Counter(series, shop), payer, shop)
    payable, refundable, ring = terms
    first_day = today()
    for day in range(first_day, first_day + 3 * ring):
        to_day(day)
        desk.pay(sale_number(day, 1))
        oldest = day - payable - refundable
        if oldest >= first_day:
            desk.refund(sale_number(oldest, 1), 1)
    assert desk.state(sale_number(today(), 1))[0] == SaleState.PAID


# --------------------------------------------------------------------------------------------- DAYS OF JAPAN


@pytest.mark.parametrize(
    "border",
    ["2026-01-01", "2026-03-01", "2028-02-29", "2028-03-01", "2026-04-01", "2026-07-01", "2100-03-01"],
)
def test_sale_day_begins_and_ends_at_midnight_in_japan(desk, border):
    midnight = moment_from_text(border)
    day = day_of(midnight)
    today_first, tomorrow_first = sale_number(day - 1, 1), sale_number(day, 1)
    last_payable = sale_number(day - 1 - PAYABLE_DAYS, 1)
    travel_to(midnight - 1)
    assert (desk.issue(today_first), desk.issue(tomorrow_first), desk.issue(last_payable)) == (
        PaymentIssue.NONE,
        PaymentIssue.DAY_OUT_OF_RANGE,
        PaymentIssue.NONE,
    )
    desk.pay(today_first)
    travel_to(midnight)
    assert (desk.issue(today_first), desk.issue(tomorrow_first), desk.issue(last_payable)) == (
        PaymentIssue.ALREADY_PAID,
        PaymentIssue.NONE,
        PaymentIssue.DAY_OUT_OF_RANGE,
    )
    desk.pay(tomorrow_first)
    assert desk.point.claimOf(desk.shop)[0] + desk.point.claimOf(desk.shop)[1] == 20


@pytest.mark.parametrize(
    ("month", "end"),
    [
        ("2026-02", "2026-03-01"),
        ("2028-02", "2028-03-01"),
        ("2025-12", "2026-01-01"),
        ("2026-03", "2026-04-01"),
    ],
)
def test_sale_is_paid_and_refunded_until_the_last_second_of_the_lot(desk, minter, month, end):
    """The 28th or 29th of February, 31 December, 31 March; then it is the shop's."""
    ends, account = month_from_text(month), desk.payer.account
    desk.point.transfer(desk.shop, 1_000_000, {"from": account})
    travel_to(moment_from_text(end) - 1)
    desk.point.mintUntil(account, 30, ends, {"from": minter})
    desk.pay(sale_number(today(), 1), 20)
    first = desk.shop, sale_number(today(), 1), account, parts({ends: 20})
    desk.point.refund(*first, 5, {"from": desk.shop})
    assert lots(desk.point, account) == {ends: 15}
    travel_to(moment_from_text(end))
    with reverts("PointNothingToReturn", first[1], 15):
        desk.point.refund(*first, 15, {"from": desk.shop})
    assert desk.issue(sale_number(today(), 1), 1) == PaymentIssue.NOT_ENOUGH_POINTS


@pytest.mark.parametrize(
    ("opened", "paid", "claim"),
    [
        ("2026-03-31T23:59:59", "2026-03-31T23:59:59", (0, 10, 0)),
        ("2026-03-31T23:59:59", "2026-04-01", (10, 0, 0)),
        ("2026-04-01", "2026-04-01", (10, 0, 0)),
        ("2026-03-26", "2026-04-02", (10, 0, 0)),
        ("2028-02-29", "2028-03-07", (10, 0, 0)),
        ("2025-12-31", "2026-01-01", (10, 0, 0)),
    ],
)
def test_sale_s_fiscal_year_is_that_of_its_payment(desk, opened, paid, claim):
    """A refund takes of that year's claim, of which just enough is there."""
    travel_to(moment_from_text(opened))
    sale = sale_number(today(), 1)
    travel_to(moment_from_text(paid))
    desk.pay(sale)
    if claim == (0, 10, 0):
        travel_to(moment_from_text("2026-04-01"))
    desk.pay(sale_number(today(), 2), 3)
    assert desk.point.claimOf(desk.shop) == (claim[0] + 3, claim[1], 0)
    desk.refund(sale, 10)
    assert desk.point.claimOf(desk.shop) == (3, 0, 0)
    assert lots(desk.point, desk.payer.account) == {NEVER: 1_000_000 - 3}


@pytest.mark.parametrize("serial", [0, 1, 65535])
def test_sale_of_day_zero_is_an_old_number_like_any_other(desk, serial):
    """A till that forgot the day: nothing has used the number up. A word never written is no void."""
    assert desk.state(serial) == NOTHING
    assert desk.issue(serial) == PaymentIssue.DAY_OUT_OF_RANGE
    for attempt in (desk.pay, desk.void):
        with reverts("PointSaleDay", serial, today() - PAYABLE_DAYS, today()):
            attempt(serial)
    with reverts("PointSaleUnknown", desk.shop, serial):
        desk.refund(serial, 1)


@pytest.mark.parametrize("sale", [2**32, 2**32 + 5, 2**48, 2**240, 2**255, 2**256 - 1])
def test_sale_of_is_unused_for_what_is_no_number(desk, sale):
    assert desk.state(sale) == NOTHING
    desk.pay(sale_number(today(), 5))
    assert desk.state(sale | sale_number(today(), 5)) == NOTHING
