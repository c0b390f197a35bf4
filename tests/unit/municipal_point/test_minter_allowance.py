"""Minters: accepted, allowed more, allowed less, removed, accepted again.

Part of a minter's allowance is booked into a month's supply beforehand (its reserve). Nobody may ever see it:
pointsEndingWith and totalSupply leave it out.
"""

import pytest
from eth_utils import to_checksum_address

from tests.support.clock import APRIL, JULY, JUNE, MAY, OCTOBER, to_month
from tests.support.reading import ZERO_ADDRESS, events, live_by_month, lots
from tests.support.reverts import reverts
from tests.support.town import MINTER_ALLOWANCE

MAX_MINTERS = 16
MAX_ALLOWANCE = 2**72 - 1
MAX_LOT = 2**29 - 1
MAX_MONTH = 2**36 - 1


def _addresses(count):
    return [to_checksum_address(f"0x{number:040x}") for number in range(0xABCD00, 0xABCD00 + count)]


# ----------------------------------------------------------------------------------------------------- ACCEPT


def test_increase_minter_allowance_of_a_new_minter_accepts_it(
    point, act_maker, minter, other_minter, resident
):
    accepted = point.increaseMinterAllowance(other_minter, 500, {"from": act_maker})
    assert events(accepted) == [("MinterAllowanceSet", other_minter, 500)]
    assert point.minterOf(other_minter) == (500, 0)
    assert point.minters() == [minter, other_minter]
    point.mint(resident, 500, {"from": other_minter})
    assert lots(point, resident) == {OCTOBER: 500}


def test_increase_minter_allowance_by_zero_accepts_a_minter_that_may_mint_nothing(
    point, act_maker, other_minter, resident
):
    point.increaseMinterAllowance(other_minter, 0, {"from": act_maker})
    assert other_minter in point.minters()
    with reverts("PointMinterAllowance", other_minter, 0, 1):
        point.mint(resident, 1, {"from": other_minter})


def test_increase_minter_allowance_again_adds_and_keeps_the_counter(point, act_maker, minter, resident):
    point.mint(resident, 100, {"from": minter})
    raised = point.increaseMinterAllowance(minter, 30, {"from": act_maker})
    assert events(raised) == [("MinterAllowanceSet", minter, MINTER_ALLOWANCE - 70)]
    assert point.minterOf(minter) == (MINTER_ALLOWANCE - 70, 100)
    assert point.minters() == [minter]


def test_increase_minter_allowance_up_to_the_limit_is_exact(point, act_maker, other_minter):
    point.increaseMinterAllowance(other_minter, 10, {"from": act_maker})
    with reverts("PointMinterAllowance", other_minter, MAX_ALLOWANCE - 10, MAX_ALLOWANCE - 9):
        point.increaseMinterAllowance(other_minter, MAX_ALLOWANCE - 9, {"from": act_maker})
    point.increaseMinterAllowance(other_minter, MAX_ALLOWANCE - 10, {"from": act_maker})
    assert point.minterOf(other_minter) == (MAX_ALLOWANCE, 0)


@pytest.mark.parametrize("amount", [2**72, 2**256 - 1])
def test_increase_minter_allowance_over_the_limit_accepts_nobody(
    point, act_maker, minter, other_minter, amount
):
    with reverts("PointMinterAllowance", other_minter, MAX_ALLOWANCE, amount):
        point.increaseMinterAllowance(other_minter, amount, {"from": act_maker})
    assert point.minters() == [minter]


def test_increase_minter_allowance_of_a_seventeenth_minter_reverts(point, act_maker, minter, other_minter):
    for address in _addresses(MAX_MINTERS - 1):
        point.increaseMinterAllowance(address, 1, {"from": act_maker})
    with reverts("PointTooManyMinters", MAX_MINTERS):
        point.increaseMinterAllowance(other_minter, 1, {"from": act_maker})
    point.increaseMinterAllowance(minter, 1, {"from": act_maker})
    point.removeMinter(minter, {"from": act_maker})
    point.increaseMinterAllowance(other_minter, 1, {"from": act_maker})
    assert set(point.minters()) == {*_addresses(MAX_MINTERS - 1), other_minter.address}


def test_increase_minter_allowance_accepts_a_merchant_or_resident_as_minter(
    point, act_maker, shop, resident, other_resident
):
    point.increaseMinterAllowance(shop, 5, {"from": act_maker})
    point.increaseMinterAllowance(resident, 5, {"from": act_maker})
    point.mint(other_resident, 5, {"from": shop})
    point.mint(resident, 5, {"from": resident})
    assert (lots(point, other_resident), lots(point, resident)) == ({OCTOBER: 5}, {OCTOBER: 5})


# --------------------------------------------------------------------------------------------------- DECREASE


def test_decrease_minter_allowance_lowers_it(point, act_maker, minter):
    lowered = point.decreaseMinterAllowance(minter, 1000, {"from": act_maker})
    assert events(lowered) == [("MinterAllowanceSet", minter, MINTER_ALLOWANCE - 1000)]
    assert point.minterOf(minter) == (MINTER_ALLOWANCE - 1000, 0)


def test_decrease_minter_allowance_to_zero_keeps_the_minter_and_its_reserve_away(
    point, act_maker, minter, resident
):
    point.mint(resident, 100, {"from": minter})
    point.decreaseMinterAllowance(minter, MINTER_ALLOWANCE - 100, {"from": act_maker})
    assert point.minterOf(minter) == (0, 100)
    assert point.minters() == [minter]
    with reverts("PointMinterAllowance", minter, 0, 1):
        point.mint(resident, 1, {"from": minter})


def test_decrease_minter_allowance_below_zero_reverts(point, act_maker, minter, resident):
    point.mint(resident, 100, {"from": minter})
    left = MINTER_ALLOWANCE - 100
    with reverts("PointMinterAllowance", minter, left, left + 1):
        point.decreaseMinterAllowance(minter, left + 1, {"from": act_maker})


def test_decrease_minter_allowance_of_a_stranger_reverts(point, act_maker, stranger):
    with reverts("PointNotMinter", stranger):
        point.decreaseMinterAllowance(stranger, 0, {"from": act_maker})


# ----------------------------------------------------------------------------------------------------- REMOVE


def test_remove_minter_ends_its_right_and_keeps_its_counter(point, act_maker, minter, resident):
    point.mint(resident, 100, {"from": minter})
    removed = point.removeMinter(minter, {"from": act_maker})
    assert events(removed) == [("MinterRemoved", minter, 100)]
    assert point.minters() == []
    assert point.minterOf(minter) == (0, 100)
    with reverts("PointNotMinter", minter):
        point.mint(resident, 0, {"from": minter})


def test_remove_minter_keeps_what_it_has_minted_in_the_supply(point, act_maker, minter, resident):
    point.mint(resident, 100, {"from": minter})
    point.removeMinter(minter, {"from": act_maker})
    assert point.totalSupply() == point.pointsEndingWith(OCTOBER) == 100


def test_remove_minter_and_accept_it_again_keeps_counter_and_supply(
    point, act_maker, minter, other_minter, resident
):
    point.increaseMinterAllowance(other_minter, 1000, {"from": act_maker})
    point.mint(resident, 7, {"from": other_minter})
    point.mint(resident, 100, {"from": minter})
    for _ in range(2):
        point.removeMinter(minter, {"from": act_maker})
        assert point.totalSupply() == point.balanceOf(resident)
        point.increaseMinterAllowance(minter, 50, {"from": act_maker})
        assert point.totalSupply() == point.balanceOf(resident)
        point.mint(resident, 50, {"from": minter})
    assert point.minterOf(minter) == (0, 200)
    assert point.totalSupply() == 207


@pytest.mark.parametrize("place", [0, 1, 2])
def test_remove_minter_from_any_place_keeps_the_others(point, act_maker, minter, place):
    others = _addresses(2)
    for address in others:
        point.increaseMinterAllowance(address, 1, {"from": act_maker})
    accepted = [minter.address, *others]
    point.removeMinter(accepted[place], {"from": act_maker})
    assert set(point.minters()) == set(accepted) - {accepted[place]}


def test_remove_minter_that_is_none_reverts(point, act_maker, minter, stranger):
    with reverts("PointNotMinter", stranger):
        point.removeMinter(stranger, {"from": act_maker})
    point.removeMinter(minter, {"from": act_maker})
    with reverts("PointNotMinter", minter):
        point.removeMinter(minter, {"from": act_maker})


# ---------------------------------------------------------------------------------------------------- RESERVE


def test_reserve_is_never_seen_in_a_month_or_the_supply(point, minter, resident):
    for month in (JUNE, JULY, JUNE, APRIL, JUNE):
        point.mintUntil(resident, 10, month, {"from": minter})
    assert live_by_month(point, APRIL, MAY, JUNE, JULY) == [10, 0, 30, 10]
    assert point.totalSupply() == 50


def test_reserve_does_not_count_against_the_allowance(point, act_maker, other_minter, resident):
    point.increaseMinterAllowance(other_minter, 100, {"from": act_maker})
    for month in (JUNE, JULY) * 5:
        point.mintUntil(resident, 10, month, {"from": other_minter})
    assert point.minterOf(other_minter) == (0, 100)
    assert live_by_month(point, JUNE, JULY) == [50, 50]


def test_reserve_left_in_a_month_that_ends_is_no_lapse(point, minter, resident, stranger):
    point.mintUntil(resident, 10, APRIL, {"from": minter})
    to_month(MAY)
    assert (point.pointsEndingWith(APRIL), point.totalSupply()) == (10, 0)
    closed = events(point.recordLapse([resident], {"from": stranger}))[-1]
    assert closed == ("MonthClosed", APRIL, 10)
    point.mintUntil(resident, 20, JUNE, {"from": minter})  # gives April's reserve back
    assert (point.pointsEndingWith(APRIL), point.pointsEndingWith(JUNE), point.totalSupply()) == (10, 20, 20)


def test_reserve_of_an_ended_month_given_back_before_closing_is_no_lapse(point, minter, resident, stranger):
    point.mintUntil(resident, 10, APRIL, {"from": minter})
    to_month(MAY)
    point.mintUntil(resident, 20, JUNE, {"from": minter})
    assert events(point.recordLapse([], {"from": stranger})) == [("MonthClosed", APRIL, 10)]


@pytest.mark.parametrize("end", ["decrease", "remove"])
def test_reserve_is_given_back_when_the_minter_is_cut_or_removed(point, act_maker, minter, resident, end):
    point.mintUntil(resident, 10, JUNE, {"from": minter})
    if end == "decrease":
        point.decreaseMinterAllowance(minter, MINTER_ALLOWANCE - 10, {"from": act_maker})
    else:
        point.removeMinter(minter, {"from": act_maker})
    assert (point.pointsEndingWith(JUNE), point.totalSupply()) == (10, 10)


def test_reserve_of_a_removed_minter_leaves_the_whole_month_to_others(
    point, act_maker, minter, other_minter, resident, crowd
):
    point.increaseMinterAllowance(other_minter, MAX_ALLOWANCE, {"from": act_maker})
    point.mintUntil(resident, 1, JUNE, {"from": minter})
    point.removeMinter(minter, {"from": act_maker})
    amounts = [MAX_MONTH // 129] * 128
    amounts.append(MAX_MONTH - 1 - sum(amounts))
    point.mintBatch(crowd, amounts, JUNE, {"from": other_minter})
    assert point.pointsEndingWith(JUNE) == MAX_MONTH


def test_reserve_near_the_limit_of_a_month_is_exact_for_one_minter(point, minter, resident, crowd):
    share = MAX_MONTH // 129
    amounts = [share] * 128 + [MAX_MONTH - 128 * share - 5]
    point.mintBatch(crowd, amounts, JUNE, {"from": minter})
    point.mintUntil(resident, 2, JUNE, {"from": minter})
    point.mintUntil(resident, 9, JULY, {"from": minter})
    with reverts("PointMonthTooLarge", JUNE, 4, MAX_MONTH):
        point.mintUntil(resident, 4, JUNE, {"from": minter})
    point.mintUntil(resident, 3, JUNE, {"from": minter})
    assert (point.pointsEndingWith(JUNE), point.pointsEndingWith(JULY)) == (MAX_MONTH, 9)


def test_reserves_of_two_minters_in_one_month_are_told_apart(
    point, act_maker, minter, other_minter, resident
):
    point.increaseMinterAllowance(other_minter, 10**9, {"from": act_maker})
    point.mintUntil(resident, 10, JUNE, {"from": minter})
    point.mintUntil(resident, 20, JUNE, {"from": other_minter})
    assert point.pointsEndingWith(JUNE) == 30
    point.removeMinter(minter, {"from": act_maker})
    assert point.pointsEndingWith(JUNE) == 30
    point.mintUntil(resident, 1, JULY, {"from": other_minter})
    assert live_by_month(point, JUNE, JULY) == [30, 1]


def test_reserve_of_a_minter_with_a_raised_allowance_stays_hidden(point, act_maker, other_minter, resident):
    point.increaseMinterAllowance(other_minter, 10, {"from": act_maker})
    point.mintUntil(resident, 4, JUNE, {"from": other_minter})
    point.increaseMinterAllowance(other_minter, 10, {"from": act_maker})
    assert point.pointsEndingWith(JUNE) == 4
    granted = point.mintUntil(resident, 16, JUNE, {"from": other_minter})
    assert events(granted) == [
        ("Minted", other_minter, JUNE, 16),
        ("Transfer", ZERO_ADDRESS, resident, 16),
    ]
    assert point.minterOf(other_minter) == (0, 20)
    assert point.pointsEndingWith(JUNE) == 20
