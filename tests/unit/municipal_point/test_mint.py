"""`mint` and `mintUntil`: new points for one resident."""

import pytest

from scripts.lib.expiry_rule import NEVER
from tests.support.clock import (
    APRIL,
    AUGUST,
    DECEMBER,
    JULY,
    JUNE,
    MARCH,
    MAY,
    NOVEMBER,
    OCTOBER,
    to_month,
    to_month_end,
)
from tests.support.reading import ZERO_ADDRESS, events, lots
from tests.support.reverts import reverts
from tests.support.town import MINTER_ALLOWANCE, POLICY_MONTHS

MAX_LOT = 2**29 - 1
MAX_MONTH = 2**36 - 1


def test_mint_grants_points_that_end_by_policy(point, minter, resident):
    grant = point.mint(resident, 500, {"from": minter})
    assert events(grant) == [
        ("Minted", minter, OCTOBER, 500),
        ("Transfer", ZERO_ADDRESS, resident, 500),
    ]
    assert lots(point, resident) == {OCTOBER: 500}
    assert point.pointsEndingWith(OCTOBER) == point.totalSupply() == point.balanceOf(resident) == 500
    assert point.minterOf(minter) == (MINTER_ALLOWANCE - 500, 500)


def test_mint_until_grants_points_that_end_with_the_named_month(point, minter, resident):
    grant = point.mintUntil(resident, 500, MARCH, {"from": minter})
    assert events(grant) == [
        ("Minted", minter, MARCH, 500),
        ("Transfer", ZERO_ADDRESS, resident, 500),
    ]
    assert lots(point, resident) == {MARCH: 500}


def test_mint_in_the_last_second_of_a_month_counts_from_that_month(point, minter, resident):
    to_month_end(APRIL)
    point.mint(resident, 1, {"from": minter})
    to_month_end(APRIL, 1)
    point.mint(resident, 1, {"from": minter})
    assert lots(point, resident) == {APRIL + POLICY_MONTHS: 1, MAY + POLICY_MONTHS: 1}


def test_mint_again_adds_to_the_lot_of_the_month(point, minter, resident):
    for points in (500, 20, 3):
        point.mint(resident, points, {"from": minter})
    assert lots(point, resident) == {OCTOBER: 523}
    assert point.minterOf(minter) == (MINTER_ALLOWANCE - 523, 523)


def test_mint_between_two_lots_keeps_them_in_order(point, minter, resident):
    for month in (DECEMBER, APRIL, AUGUST):
        point.mintUntil(resident, month, month, {"from": minter})
    assert list(lots(point, resident).items()) == [(month, month) for month in (APRIL, AUGUST, DECEMBER)]


def test_mint_of_zero_is_logged_and_grants_nothing(point, minter, resident):
    grant = point.mint(resident, 0, {"from": minter})
    assert events(grant) == [("Minted", minter, OCTOBER, 0), ("Transfer", ZERO_ADDRESS, resident, 0)]
    assert lots(point, resident) == {}
    assert point.minterOf(minter) == (MINTER_ALLOWANCE, 0)


def test_mint_of_zero_leaves_the_account_free_to_become_a_merchant(point, minter, newcomer, act_maker):
    point.mint(newcomer, 0, {"from": minter})
    point.approveMerchant(newcomer, 1, "本屋", "中原区", {"from": act_maker})
    assert point.merchantOf(newcomer) == (True, 0, 1)


def test_mint_after_a_lapse_logs_it_before_the_grant_s_transfer(point, minter, grant, resident):
    grant(resident, {APRIL: 7, MAY: 8})
    to_month(JUNE)
    assert events(point.mintUntil(resident, 5, JULY, {"from": minter})) == [
        ("Minted", minter, JULY, 5),
        ("Lapsed", resident, APRIL, 7),
        ("Transfer", resident, ZERO_ADDRESS, 7),
        ("Lapsed", resident, MAY, 8),
        ("Transfer", resident, ZERO_ADDRESS, 8),
        ("Transfer", ZERO_ADDRESS, resident, 5),
    ]
    assert lots(point, resident) == {JULY: 5}


# ---------------------------------------------------------------------------------------------------- MINTERS


def test_mint_by_stranger_reverts(point, stranger, resident):
    with reverts("PointNotMinter", stranger):
        point.mint(resident, 1, {"from": stranger})
    with reverts("PointNotMinter", stranger):
        point.mintUntil(resident, 1, JUNE, {"from": stranger})


def test_mint_by_the_admin_or_by_an_act_reverts(point, city, act_maker, resident):
    for account in (city, act_maker):
        with reverts("PointNotMinter", account):
            point.mint(resident, 1, {"from": account})


def test_mint_of_the_whole_allowance_leaves_none(point, act_maker, other_minter, resident):
    point.increaseMinterAllowance(other_minter, 500, {"from": act_maker})
    point.mint(resident, 500, {"from": other_minter})
    assert point.minterOf(other_minter) == (0, 500)
    with reverts("PointMinterAllowance", other_minter, 0, 1):
        point.mint(resident, 1, {"from": other_minter})


@pytest.mark.parametrize("amount", [501, 2**72, 2**255, 2**256 - 1])
def test_mint_of_more_than_the_allowance_reverts(point, act_maker, other_minter, resident, amount):
    point.increaseMinterAllowance(other_minter, 500, {"from": act_maker})
    with reverts("PointMinterAllowance", other_minter, 500, amount):
        point.mint(resident, amount, {"from": other_minter})


# -------------------------------------------------------------------------------------------------- RECEIVERS


def test_mint_to_merchant_reverts(point, minter, shop):
    with reverts("PointMintToMerchant", shop):
        point.mint(shop, 1, {"from": minter})


def test_mint_of_zero_to_merchant_reverts(point, minter, shop):
    with reverts("PointMintToMerchant", shop):
        point.mint(shop, 0, {"from": minter})


def test_mint_to_suspended_or_closed_merchant_reverts(point, minter, shop, act_maker):
    point.suspendMerchant(shop, {"from": act_maker})
    with reverts("PointMintToMerchant", shop):
        point.mint(shop, 1, {"from": minter})
    point.closeMerchant(shop, {"from": act_maker})
    with reverts("PointMintToMerchant", shop):
        point.mint(shop, 1, {"from": minter})


@pytest.mark.parametrize("amount", [0, 1])
def test_mint_to_the_zero_address_reverts(point, minter, amount):
    with reverts("ERC20InvalidReceiver", ZERO_ADDRESS):
        point.mint(ZERO_ADDRESS, amount, {"from": minter})


@pytest.mark.parametrize("amount", [0, 1])
def test_mint_to_the_token_itself_reverts(point, minter, amount):
    with reverts("ERC20InvalidReceiver", point):
        point.mint(point, amount, {"from": minter})


# ----------------------------------------------------------------------------------------------------- MONTHS


@pytest.mark.parametrize("month", [APRIL, APRIL + 59, APRIL + 60, NEVER], ids=["now", "59", "60", "never"])
def test_mint_until_a_month_in_range_grants(point, minter, resident, month):
    point.mintUntil(resident, 9, month, {"from": minter})
    assert lots(point, resident) == {month: 9}


@pytest.mark.parametrize(
    "month",
    [0, APRIL - 1, APRIL + 61, NEVER - 1, NEVER + 1, 2**11, 2**32, 2**256 - 1],
)
def test_mint_until_a_month_out_of_range_reverts(point, minter, resident, month):
    with reverts("PointExpiryOutOfRange", month, APRIL, APRIL + 60):
        point.mintUntil(resident, 9, month, {"from": minter})


def test_mint_until_the_month_that_just_ended_reverts(point, minter, resident):
    to_month_end(APRIL)
    point.mintUntil(resident, 9, APRIL, {"from": minter})
    to_month_end(APRIL, 1)
    with reverts("PointExpiryOutOfRange", APRIL, MAY, MAY + 60):
        point.mintUntil(resident, 9, APRIL, {"from": minter})


# ----------------------------------------------------------------------------------------------------- LIMITS


def test_mint_of_the_largest_lot_grants(point, minter, resident, shop):
    point.mint(resident, MAX_LOT, {"from": minter})
    assert lots(point, resident) == {OCTOBER: MAX_LOT}
    point.transfer(shop, MAX_LOT, {"from": resident})
    assert point.claimOf(shop) == (MAX_LOT, 0, 0)


def test_mint_of_more_than_a_lot_reverts(point, minter, resident):
    with reverts("PointLotTooLarge", resident, OCTOBER, MAX_LOT + 1, MAX_LOT):
        point.mint(resident, MAX_LOT + 1, {"from": minter})


def test_mint_that_would_fill_a_lot_over_its_limit_reverts(point, minter, grant, resident):
    grant(resident, {OCTOBER: MAX_LOT - 10, NOVEMBER: 5})
    with reverts("PointLotTooLarge", resident, OCTOBER, MAX_LOT + 1, MAX_LOT):
        point.mint(resident, 11, {"from": minter})
    point.mint(resident, 10, {"from": minter})
    assert lots(point, resident) == {OCTOBER: MAX_LOT, NOVEMBER: 5}


@pytest.mark.parametrize("place", [0, 3, 5, 6, 11], ids=lambda place: f"lot {place + 1} of 12")
def test_mint_over_the_limit_of_any_lot_reverts(point, minter, grant, resident, place):
    grant(resident, {APRIL + i: 100 for i in range(12)})
    month = APRIL + place
    with reverts("PointLotTooLarge", resident, month, MAX_LOT + 1, MAX_LOT):
        point.mintUntil(resident, MAX_LOT - 99, month, {"from": minter})
    point.mintUntil(resident, MAX_LOT - 100, month, {"from": minter})
    assert lots(point, resident)[month] == MAX_LOT


@pytest.mark.parametrize("month", [APRIL, JUNE, JULY, DECEMBER, NEVER])
def test_mint_up_to_the_limit_of_a_month_is_exact(point, minter, resident, crowd, month):
    share = MAX_MONTH // 129
    amounts = [share] * 128 + [MAX_MONTH - 128 * share]
    point.mintBatch(crowd, amounts, month, {"from": minter})
    assert point.pointsEndingWith(month) == MAX_MONTH
    with reverts("PointMonthTooLarge", month, 1, MAX_MONTH):
        point.mintUntil(resident, 1, month, {"from": minter})


def test_mint_over_the_limit_of_a_month_is_possible_again_after_payments(
    point, minter, resident, shop, crowd
):
    share = MAX_MONTH // 129
    amounts = [share] * 128 + [MAX_MONTH - 128 * share - 100]
    point.mintBatch(crowd, amounts, JUNE, {"from": minter})
    point.mintUntil(resident, 100, JUNE, {"from": minter})
    point.transfer(shop, 60, {"from": resident})
    with reverts("PointMonthTooLarge", JUNE, 61, MAX_MONTH):
        point.mintUntil(resident, 61, JUNE, {"from": minter})
    point.mintUntil(resident, 60, JUNE, {"from": minter})
    assert point.pointsEndingWith(JUNE) == MAX_MONTH


def test_mint_of_more_than_a_whole_month_reverts(point, minter, resident):
    with reverts("PointMonthTooLarge", OCTOBER, MAX_MONTH + 1, MAX_MONTH):
        point.mint(resident, MAX_MONTH + 1, {"from": minter})
