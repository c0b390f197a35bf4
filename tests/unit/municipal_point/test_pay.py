"""`pay`: the payer's own transaction for a sale that a till has signed."""

import pytest

from scripts.lib.expiry_rule import MAX_TERM_MONTHS, NEVER
from scripts.lib.payment.issue import SaleState
from scripts.lib.payment.signing import NO_SIGNATURE, CompactSignature
from tests.support.clock import APRIL, AUGUST, DECEMBER, HOUR, JULY, JUNE, MAY, now, to_month, travel_to
from tests.support.paying import FOREVER, Counter, sale_of_today, sale_paid
from tests.support.reading import ZERO_ADDRESS, events, live_by_month, lots
from tests.support.reverts import ANY, reverts

LARGEST = 2**29 - 1


@pytest.fixture
def pay(point, shop, counter, till, payer):
    """`pay(points)` lets the payer pay today's first sale, or another, with the till's signature of it."""

    def pay_sale(points, sale=None, by=payer.account):
        sale = sale_of_today() if sale is None else sale
        signature = counter.sale_signature(till, sale, points)
        return point.pay(shop, sale, points, FOREVER, *signature, {"from": by})

    return pay_sale


# ---------------------------------------------------------------------------------------------------- POINTS


def test_pay_turns_points_into_the_shops_claim_and_uses_the_number_up(point, grant, pay, payer, shop):
    grant(payer.account, {JUNE: 1000})
    paid = pay(300)
    assert events(paid) == [
        sale_paid(shop, sale_of_today(), payer.account, JUNE, 300),
        ("Transfer", payer.account, shop, 300),
    ]
    assert lots(point, payer.account) == {JUNE: 700}
    assert point.claimOf(shop) == (300, 0, 0)
    assert (point.pointsEndingWith(JUNE), point.totalSupply()) == (700, 1000)
    assert point.saleOf(shop, sale_of_today()) == (SaleState.PAID, 0)


def test_pay_of_a_whole_lot_leaves_none(point, grant, pay, payer, shop):
    grant(payer.account, {JUNE: 1000})
    pay(1000)
    assert (lots(point, payer.account), point.claimOf(shop)) == ({}, (1000, 0, 0))


@pytest.mark.parametrize(
    "later", [JULY, AUGUST, NEVER], ids=["another half year", "two months later", "never"]
)
def test_pay_over_two_lots_spends_the_earlier_first(point, grant, pay, payer, shop, later):
    grant(payer.account, {later: 200, JUNE: 100})
    assert events(pay(150)) == [
        sale_paid(shop, sale_of_today(), payer.account, JUNE, 100),
        sale_paid(shop, sale_of_today(), payer.account, later, 50),
        ("Transfer", payer.account, shop, 150),
    ]
    assert lots(point, payer.account) == {later: 150}
    assert live_by_month(point, JUNE, later) == [0, 150]


def test_pay_over_two_lots_of_one_half_year_spends_the_earlier_first(point, grant, pay, payer):
    grant(payer.account, {JULY: 10, AUGUST: 20, DECEMBER: 30})
    pay(25)
    assert lots(point, payer.account) == {AUGUST: 5, DECEMBER: 30}
    assert live_by_month(point, JULY, AUGUST, DECEMBER) == [0, 5, 30]


@pytest.mark.parametrize("count", [6, 7, 24, MAX_TERM_MONTHS + 1])
def test_pay_over_many_lots_logs_each_in_its_order(point, grant, pay, payer, shop, count):
    """The account's word holds six; the rest wait outside."""
    months = [APRIL + place for place in range(count)]
    grant(payer.account, {month: 10 + place for place, month in enumerate(months)})
    total = point.balanceOf(payer.account)
    paid = [event for event in events(pay(total)) if event[0] == "SalePaid"]
    assert paid == [
        sale_paid(shop, sale_of_today(), payer.account, month, 10 + place)
        for place, month in enumerate(months)
    ]
    assert (lots(point, payer.account), point.claimOf(shop)) == ({}, (total, 0, 0))
    assert live_by_month(point, *months) == [0] * count


def test_pay_leaves_a_part_of_the_last_lot(point, grant, pay, payer):
    grant(payer.account, {APRIL + place: 10 for place in range(24)})
    pay(205)
    assert lots(point, payer.account) == {APRIL + 20: 5, APRIL + 21: 10, APRIL + 22: 10, APRIL + 23: 10}


def test_pay_after_a_lot_has_ended_takes_it_off_the_books_first(point, grant, pay, payer, shop):
    grant(payer.account, {APRIL: 100, JUNE: 50})
    to_month(MAY)
    assert events(pay(50)) == [
        ("Lapsed", payer.account, APRIL, 100),
        ("Transfer", payer.account, ZERO_ADDRESS, 100),
        sale_paid(shop, sale_of_today(), payer.account, JUNE, 50),
        ("Transfer", payer.account, shop, 50),
    ]


def test_pay_of_the_largest_lot_succeeds_and_of_one_more_does_not(point, grant, pay, payer, shop):
    grant(payer.account, {JUNE: LARGEST, JULY: 1})
    with reverts("PointSaleAmount", LARGEST):
        pay(LARGEST + 1)
    pay(LARGEST)
    assert lots(point, payer.account) == {JULY: 1}
    assert point.claimOf(shop) == (LARGEST, 0, 0)


@pytest.mark.parametrize("points", [0, LARGEST + 1, 2**64, 2**256 - 1])
def test_pay_of_an_amount_out_of_range_reverts(grant, pay, payer, points):
    grant(payer.account, {JUNE: 100})
    with reverts("PointSaleAmount", LARGEST):
        pay(points)


@pytest.mark.parametrize("sale", [2**32, 2**64 + 1, 2**256 - 1])
def test_pay_of_a_number_that_is_none_reverts(grant, pay, payer, sale):
    grant(payer.account, {JUNE: 100})
    with reverts("PointSaleAmount", LARGEST):
        pay(1, sale)


def test_pay_of_two_sales_adds_up(point, grant, pay, payer, other_payer, shop):
    grant(payer.account, {JUNE: 100})
    grant(other_payer.account, {JULY: 100})
    pay(60)
    pay(70, sale_of_today(2), by=other_payer.account)
    assert point.claimOf(shop) == (130, 0, 0)


def test_pay_does_not_ask_for_the_transfer_switches(point, grant, pay, payer, shop, act_maker):
    grant(payer.account, {JUNE: 100})
    for switch, serial in ((False, 1), (True, 2)):
        point.setTransferSwitches(switch, switch, {"from": act_maker})
        pay(10, sale_of_today(serial))
    assert point.claimOf(shop) == (20, 0, 0)


# ------------------------------------------------------------------------------------------ WHO MAY ALLOW IT


def test_pay_takes_the_owner_s_own_signature(point, grant, counter, payer, shop, shop_card):
    grant(payer.account, {JUNE: 100})
    signature = counter.sale_signature(shop_card, sale_of_today(), 10)
    point.pay(shop, sale_of_today(), 10, FOREVER, *signature, {"from": payer.account})
    assert point.claimOf(shop) == (10, 0, 0)


def test_pay_with_the_signature_of_anybody_else_reverts(
    point, grant, counter, memberships, payer, shop, other_shop
):
    """The payer, a stranger, a till that is none yet, and another shop's till."""
    grant(payer.account, {JUNE: 100})
    foreign = memberships.card("till of another shop")
    point.setTill(other_shop, foreign.account, True, {"from": other_shop})
    for card in (payer, memberships.card("stranger"), memberships.card("till to come"), foreign):
        signature = counter.sale_signature(card, sale_of_today(), 10)
        with reverts("PointNotTill", shop, card.account):
            point.pay(shop, sale_of_today(), 10, FOREVER, *signature, {"from": payer.account})


def test_pay_with_a_signature_that_is_none_reverts(point, grant, counter, till, payer, shop):
    grant(payer.account, {JUNE: 100})
    good = counter.sale_signature(till, sale_of_today(), 10)
    upper_half = CompactSignature(good.r, (2**255 - 1).to_bytes(32, "big"))
    for signature in (NO_SIGNATURE, good._replace(vs=bytes(32)), good._replace(r=bytes(32)), upper_half):
        with reverts("PointNotTill", shop, ZERO_ADDRESS):
            point.pay(shop, sale_of_today(), 10, FOREVER, *signature, {"from": payer.account})


def test_pay_of_anything_but_what_the_till_signed_reverts(
    point, grant, counter, till, payer, shop, other_shop
):
    grant(payer.account, {JUNE: 100})
    sale, until = sale_of_today(), now() + HOUR
    signature = counter.sale_signature(till, sale, 10, until)
    for merchant, number, points, valid_until in (
        (shop, sale, 9, until),
        (shop, sale, 11, until),
        (shop, sale + 1, 10, until),
        (shop, sale, 10, until + 1),
        (other_shop, sale, 10, until),
    ):
        with reverts("PointNotTill", merchant, ANY):
            point.pay.call(merchant, number, points, valid_until, *signature, {"from": payer.account})
    point.pay.call(shop, sale, 10, until, *signature, {"from": payer.account})


def test_pay_with_the_signature_of_a_till_that_was_removed_reverts(point, grant, counter, till, payer, shop):
    grant(payer.account, {JUNE: 100})
    signature = counter.sale_signature(till, sale_of_today(), 10)
    point.setTill(shop, till.account, False, {"from": shop})
    with reverts("PointNotTill", shop, till.account):
        point.pay(shop, sale_of_today(), 10, FOREVER, *signature, {"from": payer.account})
    point.setTill(shop, till.account, True, {"from": shop})
    point.pay(shop, sale_of_today(), 10, FOREVER, *signature, {"from": payer.account})


def test_pay_is_valid_until_the_second_that_the_till_signed(point, grant, counter, till, payer, shop):
    grant(payer.account, {JUNE: 100})
    until = now() + HOUR
    first, second = sale_of_today(1), sale_of_today(2)
    travel_to(until)
    point.pay(
        shop, first, 10, until, *counter.sale_signature(till, first, 10, until), {"from": payer.account}
    )
    travel_to(until + 1)
    with reverts("PointSaleExpired", second, until):
        signature = counter.sale_signature(till, second, 10, until)
        point.pay(shop, second, 10, until, *signature, {"from": payer.account})


def test_pay_takes_the_latest_second_there_is(point, grant, counter, till, payer, shop):
    """Beyond the 35 bits that a payment's terms have for it."""
    grant(payer.account, {JUNE: 100})
    until = 2**256 - 1
    signature = counter.sale_signature(till, sale_of_today(), 10, until)
    point.pay(shop, sale_of_today(), 10, until, *signature, {"from": payer.account})
    assert point.claimOf(shop) == (10, 0, 0)


def test_pay_to_what_is_no_merchant_reverts(point, grant, payer, other_payer):
    """An account's own signature makes it no shop."""
    grant(payer.account, {JUNE: 100})
    signature = Counter(point, other_payer.account).sale_signature(other_payer, sale_of_today(), 10)
    with reverts("PointNotTill", other_payer.account, other_payer.account):
        point.pay(other_payer.account, sale_of_today(), 10, FOREVER, *signature, {"from": payer.account})
    with reverts("PointNotTill", ZERO_ADDRESS, ZERO_ADDRESS):
        point.pay(ZERO_ADDRESS, sale_of_today(), 10, FOREVER, *NO_SIGNATURE, {"from": payer.account})


def test_pay_needs_nothing_signed_by_the_payer(point, grant, pay, payer, shop):
    """Nor is it stopped when the payer cancels what was signed."""
    grant(payer.account, {JUNE: 100})
    point.cancelSignatures({"from": payer.account})
    pay(10)
    assert point.claimOf(shop) == (10, 0, 0)


def test_pay_by_another_account_than_the_till_thought_of_takes_that_ones_points(
    point, grant, pay, other_payer, payer, shop
):
    """A till signs a sale, not who pays it."""
    grant(other_payer.account, {JUNE: 100})
    grant(payer.account, {JUNE: 100})
    pay(10, by=other_payer.account)
    assert (point.balanceOf(payer.account), point.balanceOf(other_payer.account)) == (100, 90)
    with reverts("PointSaleUsed", shop, sale_of_today()):
        pay(10)
