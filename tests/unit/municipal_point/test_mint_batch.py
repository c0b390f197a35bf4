"""`mintBatch`: points that end with one month for many residents, all of them or nobody."""

import pytest

from scripts.lib.expiry_rule import NEVER
from tests.support.clock import APRIL, JUNE, MAY, NOVEMBER, to_month
from tests.support.reading import ZERO_ADDRESS, events, lots
from tests.support.reverts import reverts
from tests.support.town import MINTER_ALLOWANCE


def test_mint_batch_grants_to_each_and_is_one_mint(point, minter, resident, other_resident):
    grant = point.mintBatch([resident, other_resident], [30, 12], JUNE, {"from": minter})
    assert events(grant) == [
        ("Minted", minter, JUNE, 42),
        ("Transfer", ZERO_ADDRESS, resident, 30),
        ("Transfer", ZERO_ADDRESS, other_resident, 12),
    ]
    assert (lots(point, resident), lots(point, other_resident)) == ({JUNE: 30}, {JUNE: 12})
    assert point.pointsEndingWith(JUNE) == point.totalSupply() == 42
    assert point.minterOf(minter) == (MINTER_ALLOWANCE - 42, 42)


def test_mint_batch_without_an_expiry_grants(point, minter, resident):
    point.mintBatch([resident], [30], NEVER, {"from": minter})
    assert lots(point, resident) == {NEVER: 30}


def test_mint_batch_that_names_a_resident_twice_grants_twice(point, minter, resident):
    point.mintBatch([resident, resident], [30, 12], JUNE, {"from": minter})
    assert lots(point, resident) == {JUNE: 42}


def test_mint_batch_adds_to_existing_lots(point, minter, grant, resident, other_resident):
    grant(resident, {MAY: 1, JUNE: 2})
    point.mintBatch([other_resident, resident], [5, 5], JUNE, {"from": minter})
    assert lots(point, resident) == {MAY: 1, JUNE: 7}


def test_mint_batch_of_nobody_is_logged_and_grants_nothing(point, minter):
    grant = point.mintBatch([], [], JUNE, {"from": minter})
    assert events(grant) == [("Minted", minter, JUNE, 0)]
    assert point.totalSupply() == 0


def test_mint_batch_with_zeros_grants_the_others(point, minter, resident, other_resident):
    grant = point.mintBatch([resident, other_resident], [0, 12], JUNE, {"from": minter})
    assert ("Transfer", ZERO_ADDRESS, resident, 0) in events(grant)
    assert (lots(point, resident), lots(point, other_resident)) == ({}, {JUNE: 12})


def test_mint_batch_to_200_new_residents_fits_into_one_transaction(point, minter):
    town = [f"0x{number:040x}" for number in range(10_000, 10_200)]
    grant = point.mintBatch(town, [1000] * 200, JUNE, {"from": minter})
    assert grant.gas_used < 6_000_000
    assert point.pointsEndingWith(JUNE) == 200_000


def test_mint_batch_logs_a_lapse_beside_the_account_s_transfer(
    point, minter, grant, resident, other_resident
):
    grant(other_resident, {APRIL: 7})
    to_month(MAY)
    assert events(point.mintBatch([resident, other_resident], [1, 2], JUNE, {"from": minter})) == [
        ("Minted", minter, JUNE, 3),
        ("Transfer", ZERO_ADDRESS, resident, 1),
        ("Lapsed", other_resident, APRIL, 7),
        ("Transfer", other_resident, ZERO_ADDRESS, 7),
        ("Transfer", ZERO_ADDRESS, other_resident, 2),
    ]


@pytest.mark.parametrize(("accounts_named", "amounts_named"), [(2, 1), (1, 2), (0, 1), (1, 0)])
def test_mint_batch_with_lists_of_different_lengths_reverts(
    point, minter, resident, accounts_named, amounts_named
):
    with reverts("PointListLengths", accounts_named, amounts_named):
        point.mintBatch([resident] * accounts_named, [5] * amounts_named, JUNE, {"from": minter})


def test_mint_batch_by_stranger_reverts(point, stranger, resident):
    with reverts("PointNotMinter", stranger):
        point.mintBatch([resident], [1], JUNE, {"from": stranger})


def test_mint_batch_of_nobody_by_stranger_reverts(point, stranger):
    with reverts("PointNotMinter", stranger):
        point.mintBatch([], [], JUNE, {"from": stranger})


def test_mint_batch_of_more_than_the_allowance_reverts(
    point, act_maker, other_minter, resident, other_resident
):
    point.increaseMinterAllowance(other_minter, 100, {"from": act_maker})
    with reverts("PointMinterAllowance", other_minter, 100, 101):
        point.mintBatch([resident, other_resident], [50, 51], JUNE, {"from": other_minter})
    point.mintBatch([resident, other_resident], [50, 50], JUNE, {"from": other_minter})
    assert point.minterOf(other_minter) == (0, 100)


def test_mint_batch_whose_sum_overflows_reverts(point, minter, resident, other_resident):
    with reverts("Panic", 0x11):
        point.mintBatch([resident, other_resident], [2**256 - 1, 2], JUNE, {"from": minter})


@pytest.mark.parametrize("month", [APRIL - 1, APRIL + 61])
def test_mint_batch_until_a_month_out_of_range_reverts(point, minter, resident, month):
    with reverts("PointExpiryOutOfRange", month, APRIL, APRIL + 60):
        point.mintBatch([resident], [1], month, {"from": minter})


def test_mint_batch_with_one_merchant_grants_nobody_anything(point, minter, resident, shop):
    with reverts("PointMintToMerchant", shop):
        point.mintBatch([resident, shop], [1, 1], JUNE, {"from": minter})
    assert point.balanceOf(resident) == 0
    assert point.minterOf(minter) == (MINTER_ALLOWANCE, 0)


def test_mint_batch_with_the_zero_address_reverts(point, minter, resident):
    with reverts("ERC20InvalidReceiver", ZERO_ADDRESS):
        point.mintBatch([resident, ZERO_ADDRESS], [1, 1], JUNE, {"from": minter})


def test_mint_batch_over_one_lot_s_limit_by_naming_a_resident_twice_reverts(point, minter, resident):
    with reverts("PointLotTooLarge", resident, NOVEMBER, 2**29, 2**29 - 1):
        point.mintBatch([resident, resident], [2**29 - 1, 1], NOVEMBER, {"from": minter})


def test_mint_batch_over_the_month_s_limit_reverts(point, minter, crowd):
    amounts = [2**29 - 1] * 129
    with reverts("PointMonthTooLarge", JUNE, sum(amounts), 2**36 - 1):
        point.mintBatch(crowd, amounts, JUNE, {"from": minter})
