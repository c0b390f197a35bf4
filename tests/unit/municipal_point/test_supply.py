"""`totalSupply()` is the sum of all balances at every second (I2), also when a month has just ended.

The comparison itself runs after every test of this folder (conftest.py: books_that_balance).
"""

import pytest

from scripts.lib.expiry_rule import NEVER
from tests.support.clock import APRIL, DECEMBER, JUNE, MARCH, MAY, to_month, to_month_end
from tests.support.reading import live_by_month


def test_total_supply_of_a_new_series_is_zero(point):
    assert point.totalSupply() == 0


def test_total_supply_grows_by_what_is_minted_and_not_by_payments(point, grant, resident, shop):
    grant(resident, {JUNE: 100})
    assert point.totalSupply() == 100
    point.transfer(shop, 40, {"from": resident})
    assert point.totalSupply() == 100


@pytest.mark.parametrize("month", [APRIL, JUNE, DECEMBER, MARCH])
def test_total_supply_falls_at_the_month_end_without_a_transaction(point, grant, resident, shop, month):
    grant(resident, {month: 100, NEVER: 7})
    point.transfer(shop, 40, {"from": resident})
    to_month_end(month)
    assert point.totalSupply() == point.balanceOf(resident) + point.balanceOf(shop) == 107
    to_month_end(month, 1)
    assert point.totalSupply() == point.balanceOf(resident) + point.balanceOf(shop) == 47


def test_total_supply_is_the_sum_of_balances_over_many_month_ends(
    point, grant, resident, other_resident, shop
):
    grant(resident, {APRIL + i: 10 for i in range(14)})
    grant(other_resident, {APRIL + 2 * i: 1 for i in range(7)})
    point.transfer(shop, 25, {"from": resident})
    for month in range(APRIL, APRIL + 16):
        to_month_end(month, 1)
        balances = sum(point.balanceOf(account) for account in (resident, other_resident, shop))
        assert point.totalSupply() == balances, f"after month {month}"
    assert point.totalSupply() == 25


def test_total_supply_stays_when_lapses_are_recorded_and_months_closed(
    point, grant, resident, other_resident, stranger
):
    grant(resident, {APRIL: 100, JUNE: 7})
    grant(other_resident, {APRIL: 50, MAY: 20})
    to_month(JUNE)
    assert point.totalSupply() == 7
    for accounts in ([], [resident], [other_resident], [resident, other_resident]):
        point.recordLapse(accounts, {"from": stranger})
        assert point.totalSupply() == 7


def test_total_supply_stays_when_months_close_one_by_one(point, grant, resident, stranger):
    grant(resident, {APRIL: 1, MAY: 2, JUNE: 4, NEVER: 8})
    for month, supply in ((MAY, 14), (JUNE, 12), (JUNE + 1, 8), (MARCH, 8)):
        to_month(month)
        assert point.totalSupply() == supply
        point.recordLapse([], {"from": stranger})
        assert point.totalSupply() == supply


def test_total_supply_counts_a_lapse_that_a_payment_recorded_once(point, grant, resident, shop):
    grant(resident, {APRIL: 100, JUNE: 50})
    to_month(MAY)
    assert point.totalSupply() == 50
    point.transfer(shop, 10, {"from": resident})
    assert point.totalSupply() == 50
    point.recordLapse([resident], {"from": resident})
    assert point.totalSupply() == 50


def test_total_supply_counts_what_removed_minters_have_minted(
    point, act_maker, grant, minter, other_minter, resident
):
    point.increaseMinterAllowance(other_minter, 100, {"from": act_maker})
    point.mintUntil(resident, 100, JUNE, {"from": other_minter})
    grant(resident, {APRIL: 5})
    for account in (other_minter, minter):
        point.removeMinter(account, {"from": act_maker})
        assert point.totalSupply() == 105
    to_month(MAY)
    assert point.totalSupply() == 100


def test_total_supply_of_a_full_month_falls_to_claims_alone(point, minter, crowd, resident, shop):
    """2^36 - 1 points of one month, of which 1,000 were paid: the whole lane is taken off at its end."""
    most = 2**36 - 1
    amounts = [most // 129] * 128
    point.mintBatch(crowd[:128], amounts, APRIL, {"from": minter})
    point.mintUntil(resident, most - sum(amounts), APRIL, {"from": minter})
    point.transfer(shop, 1000, {"from": resident})
    assert point.totalSupply() == most
    to_month(MAY)
    assert (point.totalSupply(), point.pointsEndingWith(APRIL)) == (1000, most - 1000)


def test_total_supply_of_a_series_that_lies_still_for_decades_is_exact(point, grant, resident, shop):
    grant(resident, {APRIL + 60: 100, NEVER: 7})
    to_month(APRIL + 600)
    assert point.totalSupply() == 7
    assert live_by_month(point, APRIL + 60, NEVER) == [100, 7]
