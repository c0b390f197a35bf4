"""Merchants: approved, suspended, closed, approved again; their claim survives all of it."""

import pytest

from scripts.lib.expiry_rule import NEVER
from tests.support.clock import APRIL, JUNE, MARCH, MAY, to_month
from tests.support.reading import ZERO_ADDRESS, events, lots
from tests.support.reverts import reverts
from tests.support.town import SHOP_CATEGORY

ACTIVE, SUSPENDED, CLOSED = range(3)


@pytest.fixture
def paid_shop(point, grant, resident, shop):
    """The shop has a claim of 10 of this fiscal year and 30 of earlier ones; the resident has 60 left."""
    grant(resident, {NEVER: 100})
    point.transfer(shop, 30, {"from": resident})
    to_month(MARCH + 1)
    point.transfer(shop, 10, {"from": resident})
    return shop


# --------------------------------------------------------------------------------------------------- APPROVAL


def test_approve_merchant_is_logged_with_its_public_name_and_place(point, act_maker, newcomer):
    approved = point.approveMerchant(newcomer, 12, "銭湯", "宮前区1丁目", {"from": act_maker})
    assert events(approved) == [("MerchantApproved", newcomer, 12, "銭湯", "宮前区1丁目")]
    assert point.merchantOf(newcomer) == (True, ACTIVE, 12)
    assert point.claimOf(newcomer) == (0, 0, 0)


def test_approve_merchant_lets_it_be_paid(point, act_maker, newcomer, grant, resident):
    grant(resident, {JUNE: 100})
    with reverts("PointReceiverNotMerchant", newcomer):
        point.transfer(newcomer, 40, {"from": resident})
    point.approveMerchant(newcomer, 0, "銭湯", "宮前区", {"from": act_maker})
    point.transfer(newcomer, 40, {"from": resident})
    assert point.claimOf(newcomer) == (40, 0, 0)


@pytest.mark.parametrize("category", [0, 1, 65535])
def test_approve_merchant_keeps_its_category(point, act_maker, newcomer, category):
    point.approveMerchant(newcomer, category, "銭湯", "宮前区", {"from": act_maker})
    assert point.merchantOf(newcomer) == (True, ACTIVE, category)


@pytest.mark.parametrize("category", [65536, 2**256 - 1])
def test_approve_merchant_with_a_category_too_large_reverts(point, act_maker, newcomer, category):
    with reverts("PointCategoryTooLarge", category, 65535):
        point.approveMerchant(newcomer, category, "銭湯", "宮前区", {"from": act_maker})


@pytest.mark.parametrize("month", [JUNE, NEVER])
def test_approve_merchant_with_lots_reverts(point, act_maker, newcomer, grant, month):
    grant(newcomer, {month: 1})
    with reverts("PointAccountHoldsLots", newcomer):
        point.approveMerchant(newcomer, 0, "銭湯", "宮前区", {"from": act_maker})
    assert lots(point, newcomer) == {month: 1}


def test_approve_merchant_with_a_lapse_not_yet_recorded_reverts(point, act_maker, newcomer, grant, stranger):
    grant(newcomer, {APRIL: 1})
    to_month(MAY)
    with reverts("PointAccountHoldsLots", newcomer):
        point.approveMerchant(newcomer, 0, "銭湯", "宮前区", {"from": act_maker})
    point.recordLapse([newcomer], {"from": stranger})
    point.approveMerchant(newcomer, 0, "銭湯", "宮前区", {"from": act_maker})
    assert point.merchantOf(newcomer) == (True, ACTIVE, 0)


def test_approve_merchant_with_lots_only_outside_the_queue_reverts(point, act_maker, newcomer, grant, shop):
    grant(newcomer, {APRIL + i: 10 for i in range(7)})
    point.transfer(shop, 60, {"from": newcomer})
    assert lots(point, newcomer) == {APRIL + 6: 10}
    with reverts("PointAccountHoldsLots", newcomer):
        point.approveMerchant(newcomer, 0, "銭湯", "宮前区", {"from": act_maker})


def test_approve_merchant_that_has_spent_all_its_points_succeeds(point, act_maker, newcomer, grant, shop):
    grant(newcomer, {APRIL + i: 10 for i in range(14)})
    point.transfer(shop, 140, {"from": newcomer})
    point.approveMerchant(newcomer, 0, "銭湯", "宮前区", {"from": act_maker})
    assert (point.balanceOf(newcomer), point.claimOf(newcomer)) == (0, (0, 0, 0))


def test_approve_merchant_the_zero_address_or_the_token_reverts(point, act_maker):
    for account in (ZERO_ADDRESS, point):
        with reverts("ERC20InvalidReceiver", account):
            point.approveMerchant(account, 0, "銭湯", "宮前区", {"from": act_maker})


def test_approve_merchant_twice_changes_category_and_keeps_the_claim(point, act_maker, paid_shop):
    point.approveMerchant(paid_shop, 65535, "新店名", "川崎区", {"from": act_maker})
    assert point.merchantOf(paid_shop) == (True, ACTIVE, 65535)
    point.approveMerchant(paid_shop, 1, "新店名", "川崎区", {"from": act_maker})
    assert point.merchantOf(paid_shop) == (True, ACTIVE, 1)
    assert point.claimOf(paid_shop) == (10, 30, 0)


# ------------------------------------------------------------------------------------- SUSPENSION AND CLOSURE


def test_suspend_merchant_stops_payments_and_keeps_its_claim(point, act_maker, paid_shop, resident):
    suspended = point.suspendMerchant(paid_shop, {"from": act_maker})
    assert events(suspended) == [("MerchantStatusSet", paid_shop, SUSPENDED)]
    assert point.merchantOf(paid_shop) == (True, SUSPENDED, SHOP_CATEGORY)
    assert point.claimOf(paid_shop) == (10, 30, 0)
    with reverts("PointMerchantNotActive", paid_shop, SUSPENDED):
        point.transfer(paid_shop, 1, {"from": resident})


def test_close_merchant_stops_payments_and_keeps_its_claim(point, act_maker, paid_shop, resident):
    closed = point.closeMerchant(paid_shop, {"from": act_maker})
    assert events(closed) == [("MerchantStatusSet", paid_shop, CLOSED)]
    assert point.merchantOf(paid_shop) == (True, CLOSED, SHOP_CATEGORY)
    assert (point.claimOf(paid_shop), point.balanceOf(paid_shop)) == ((10, 30, 0), 40)
    with reverts("PointMerchantNotActive", paid_shop, CLOSED):
        point.transfer(paid_shop, 1, {"from": resident})


def test_close_merchant_keeps_its_claim_over_fiscal_years(point, act_maker, paid_shop):
    point.closeMerchant(paid_shop, {"from": act_maker})
    to_month(MARCH + 25)
    assert point.claimOf(paid_shop) == (0, 40, 0)
    assert point.totalSupply() == 100


def test_close_merchant_never_makes_it_a_resident_again(point, act_maker, shop, minter):
    point.closeMerchant(shop, {"from": act_maker})
    with reverts("PointMintToMerchant", shop):
        point.mint(shop, 1, {"from": minter})


def test_suspend_merchant_that_is_closed_makes_it_suspended(point, act_maker, shop):
    point.closeMerchant(shop, {"from": act_maker})
    point.suspendMerchant(shop, {"from": act_maker})
    assert point.merchantOf(shop) == (True, SUSPENDED, SHOP_CATEGORY)


@pytest.mark.parametrize("verb", ["suspendMerchant", "closeMerchant"])
def test_approve_merchant_again_lets_it_be_paid_again(point, act_maker, paid_shop, resident, verb):
    getattr(point, verb)(paid_shop, {"from": act_maker})
    point.approveMerchant(paid_shop, 9, "商店", "川崎区", {"from": act_maker})
    point.transfer(paid_shop, 5, {"from": resident})
    assert point.merchantOf(paid_shop) == (True, ACTIVE, 9)
    assert point.claimOf(paid_shop) == (15, 30, 0)


@pytest.mark.parametrize("verb", ["suspendMerchant", "closeMerchant"])
def test_suspend_or_close_what_is_no_merchant_reverts(point, act_maker, grant, resident, stranger, verb):
    grant(resident, {JUNE: 1})
    for account in (stranger, resident, ZERO_ADDRESS, point):
        with reverts("PointNotMerchant", account):
            getattr(point, verb)(account, {"from": act_maker})


def test_merchant_of_a_stranger_is_none(point, stranger, grant, resident):
    grant(resident, {NEVER: 2**29 - 1})
    for account in (stranger, resident, ZERO_ADDRESS, point):
        assert point.merchantOf(account) == (False, ACTIVE, 0)
        assert point.claimOf(account) == (0, 0, 0)


def test_merchant_holds_no_lots_whatever_its_claim(point, paid_shop):
    assert point.lotsOf(paid_shop) == ((), ())
    assert point.balanceOfAtEpoch(point.currentEpoch(), paid_shop) == 0
    assert point.endingBefore(paid_shop, NEVER) == 0


def test_claim_of_a_merchant_holds_more_than_one_lot_or_month(point, minter, crowd, shop, accounts):
    """Four payments of the largest lot: the claim's field is wider than a lot's."""
    for account in accounts[15:19]:
        point.mintUntil(account, 2**29 - 1, JUNE, {"from": minter})
        point.transfer(shop, 2**29 - 1, {"from": account})
    assert point.claimOf(shop) == (4 * (2**29 - 1), 0, 0)
    to_month(MARCH + 1)
    assert point.claimOf(shop) == (0, 4 * (2**29 - 1), 0)
