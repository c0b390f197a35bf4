"""`voidSale`: the shop uses a sale number up, so that nobody can pay it any more."""

import pytest

from scripts.lib.japan_calendar import start_of_day
from scripts.lib.payment.issue import SaleState
from scripts.lib.payment.sale_number import sale_number
from tests.support.clock import HOUR, JUNE, travel_to
from tests.support.paying import sale_of_today, today
from tests.support.reading import events
from tests.support.reverts import reverts

PAYABLE_DAYS = 7


def test_void_sale_is_logged_and_readable(point, shop):
    assert events(point.voidSale(shop, sale_of_today(), {"from": shop})) == [
        ("SaleVoided", shop, sale_of_today())
    ]
    assert point.saleOf(shop, sale_of_today()) == (SaleState.VOIDED, 0)


def test_void_sale_stops_the_payment_of_that_number_only(point, grant, counter, payer, shop, other_shop):
    grant(payer.account, {JUNE: 100})
    point.voidSale(shop, sale_of_today(1), {"from": shop})
    with reverts("PointSaleUsed", shop, sale_of_today(1)):
        point.paySigned(shop, *counter.signed(payer, sale_of_today(1), 10), {"from": shop})
    point.paySigned(shop, *counter.signed(payer, sale_of_today(2), 10), {"from": shop})
    assert point.saleOf(other_shop, sale_of_today(1)) == (SaleState.UNUSED, 0)


def test_void_sale_by_a_till_succeeds(point, shop, till):
    point.voidSale(shop, sale_of_today(), {"from": till.account})
    assert point.saleOf(shop, sale_of_today()) == (SaleState.VOIDED, 0)


def test_void_sale_by_anybody_else_reverts(
    point, shop, other_shop, stranger, resident, city, merchant_officer, act_maker
):
    for caller in (other_shop, stranger, resident, city, merchant_officer, act_maker):
        with reverts("PointNotTill", shop, caller):
            point.voidSale(shop, sale_of_today(), {"from": caller})
    with reverts("PointNotTill", resident, resident):
        point.voidSale(resident, sale_of_today(), {"from": resident})


def test_void_sale_by_keys_of_the_owner_before_reverts(point, shop, till, newcomer, act_maker):
    point.replaceOwner(shop, newcomer, {"from": act_maker})
    for caller in (shop, till.account):
        with reverts("PointNotTill", shop, caller):
            point.voidSale(shop, sale_of_today(), {"from": caller})
    point.voidSale(shop, sale_of_today(), {"from": newcomer})


def test_void_sale_that_was_paid_reverts_and_leaves_it_refundable(point, grant, counter, payer, shop):
    grant(payer.account, {JUNE: 100})
    point.paySigned(shop, *counter.signed(payer, sale_of_today(), 10), {"from": shop})
    with reverts("PointSaleUsed", shop, sale_of_today()):
        point.voidSale(shop, sale_of_today(), {"from": shop})
    assert point.saleOf(shop, sale_of_today()) == (SaleState.PAID, 0)


def test_void_sale_twice_reverts(point, shop):
    point.voidSale(shop, sale_of_today(), {"from": shop})
    with reverts("PointSaleUsed", shop, sale_of_today()):
        point.voidSale(shop, sale_of_today(), {"from": shop})


@pytest.mark.parametrize("days_ago", [0, PAYABLE_DAYS])
def test_void_sale_of_a_payable_number_succeeds(point, shop, days_ago):
    sale = sale_number(today() - days_ago, 65535)
    point.voidSale(shop, sale, {"from": shop})
    assert point.saleOf(shop, sale) == (SaleState.VOIDED, 0)


@pytest.mark.parametrize("days_ago", [-1, PAYABLE_DAYS + 1])
def test_void_sale_of_another_number_reverts(point, shop, days_ago):
    sale = sale_number(today() - days_ago, 1)
    with reverts("PointSaleDay", sale, today() - PAYABLE_DAYS, today()):
        point.voidSale(shop, sale, {"from": shop})


@pytest.mark.parametrize("sale", [2**32, 2**32 + 1, 2**64, 2**255, 2**256 - 1])
def test_void_sale_of_what_is_no_number_reverts(point, shop, sale):
    """Even where its lower bits are those of a number that could be voided."""
    for number in (sale, sale | sale_of_today()):
        with reverts("PointSaleDay", number, today() - PAYABLE_DAYS, today()):
            point.voidSale(shop, number, {"from": shop})


def test_void_sale_until_the_last_second_of_its_last_day(point, shop):
    first, second, day = sale_of_today(1), sale_of_today(2), today()
    travel_to(start_of_day(day + PAYABLE_DAYS + 1) - 1)
    point.voidSale(shop, first, {"from": shop})
    travel_to(start_of_day(day + PAYABLE_DAYS + 1))
    with reverts("PointSaleDay", second, day + 1, day + PAYABLE_DAYS + 1):
        point.voidSale(shop, second, {"from": shop})


@pytest.mark.parametrize("act", ["suspendMerchant", "closeMerchant", "freeze"])
def test_void_sale_of_a_shop_that_cannot_be_paid_succeeds(point, shop, act_maker, act):
    getattr(point, act)(shop, {"from": act_maker})
    point.voidSale(shop, sale_of_today(), {"from": shop})
    assert point.saleOf(shop, sale_of_today()) == (SaleState.VOIDED, 0)


def test_void_sale_while_paused_succeeds(point, shop, act_maker):
    """It moves no point."""
    point.pause(HOUR, {"from": act_maker})
    point.voidSale(shop, sale_of_today(), {"from": shop})
    assert point.saleOf(shop, sale_of_today()) == (SaleState.VOIDED, 0)
