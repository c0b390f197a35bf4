"""Defects reproduced in other ERC-7818 libraries, each of which must be impossible here."""

from collections import Counter

import pytest

from scripts.lib.expiry_rule import NEVER
from tests.support.clock import APRIL, JULY, JUNE, MARCH, MAY, to_month, to_month_end
from tests.support.reading import ZERO_ADDRESS, events, lots
from tests.support.reverts import reverts


def test_self_transfer_of_a_whole_lot_does_not_destroy_it(point, grant, resident, shop, transfers_on):
    """There, the lot was gone, and the next payment emitted Transfer but moved nothing."""
    grant(resident, {JUNE: 100})
    point.transfer(resident, 100, {"from": resident})
    assert lots(point, resident) == {JUNE: 100}
    point.transfer(shop, 100, {"from": resident})
    assert (point.balanceOf(resident), point.balanceOf(shop)) == (0, 100)


@pytest.mark.parametrize("months_passed", [1, 6, 13, 24])
def test_payment_when_all_older_lots_have_ended_does_not_run_out_of_gas(
    point, grant, resident, shop, months_passed
):
    """There, a payment looped for ever once the oldest month's lots were all dead."""
    grant(resident, {**{APRIL + i: 10 for i in range(months_passed)}, NEVER: 100})
    to_month(APRIL + months_passed)
    payment = point.transfer(shop, 100, {"from": resident})
    assert payment.gas_used < 400_000
    assert (point.balanceOf(resident), point.balanceOf(shop)) == (0, 100)


def test_payment_when_everything_has_ended_reverts_with_its_reason(point, grant, resident, shop):
    grant(resident, {APRIL + i: 10 for i in range(24)})
    to_month(APRIL + 24)
    with reverts("ERC20InsufficientBalance", resident, 0, 1):
        point.transfer(shop, 1, {"from": resident})


def test_moving_more_than_a_lot_holds_moves_that_much_or_nothing(
    point, grant, resident, other_resident, shop, transfers_on
):
    """There, it "succeeded" and logged the full amount, while only the lot moved."""
    grant(resident, {JUNE: 100, JULY: 50})
    with reverts("ERC20InsufficientBalance", resident, 100, 101):
        point.transferAtEpoch(JUNE, shop, 101, {"from": resident})
    payment = point.transfer(shop, 101, {"from": resident})
    assert events(payment) == [("Transfer", resident, shop, 101)]
    assert (point.balanceOf(shop), point.balanceOf(resident)) == (101, 49)
    gift = point.transfer(other_resident, 49, {"from": resident})
    assert events(gift) == [("Transfer", resident, other_resident, 49)]
    assert point.balanceOf(other_resident) == 49


def test_round_trip_through_another_resident_does_not_renew_expiry(
    point, grant, resident, other_resident, transfers_on
):
    grant(resident, {JUNE: 100})
    to_month(JUNE)
    point.transfer(other_resident, 100, {"from": resident})
    point.transfer(resident, 100, {"from": other_resident})
    assert lots(point, resident) == {JUNE: 100}
    to_month_end(JUNE, 1)
    assert (point.balanceOf(resident), point.totalSupply()) == (0, 0)


def test_round_trip_through_a_merchant_is_impossible(
    point, grant, resident, other_resident, shop, other_shop, spender, transfers_on
):
    """There, an account exempt from expiry handed points back with a new life. Merchants are exempt here."""
    grant(resident, {JUNE: 100})
    point.transfer(shop, 100, {"from": resident})
    point.transfer(other_shop, 50, {"from": shop})
    point.approve(spender, 100, {"from": shop})
    for receiver in (resident, other_resident):
        for merchant in (shop, other_shop):
            with reverts("PointClaimNotTransferable", merchant, receiver):
                point.transfer(receiver, 1, {"from": merchant})
        with reverts("PointNotOwner", shop, spender):
            point.transferFrom(shop, receiver, 1, {"from": spender})
    with reverts("ERC20InsufficientBalance", shop, 0, 1):
        point.transferAtEpoch(JUNE, resident, 1, {"from": shop})


def test_round_trip_through_a_closed_merchant_is_impossible(
    point, grant, resident, shop, act_maker, transfers_on
):
    grant(resident, {JUNE: 100})
    point.transfer(shop, 100, {"from": resident})
    point.closeMerchant(shop, {"from": act_maker})
    with reverts("PointClaimNotTransferable", shop, resident):
        point.transfer(resident, 1, {"from": shop})


def test_points_of_the_current_period_are_read_in_full(point, grant, resident):
    """There, the current period's points read as zero."""
    grant(resident, {APRIL: 100})
    for offset_seconds in (-1, 0):
        to_month_end(APRIL, offset_seconds)
        assert point.balanceOf(resident) == point.totalSupply() == 100
        assert point.balanceOfAtEpoch(point.currentEpoch(), resident) == 100


def test_spending_a_hundred_grants_of_one_month_costs_as_much_as_spending_one(
    point, minter, resident, other_resident, spender, shop
):
    """There, it cost 7.2 million gas, because every grant was an entry of its own."""
    point.mintBatch([resident] * 100, [10] * 100, JUNE, {"from": minter})
    point.mintBatch([other_resident, spender], [1000, 1], JUNE, {"from": minter})
    point.transfer(shop, 1, {"from": spender})  # the shop's first payment costs more, whoever pays it
    one_grant = point.transfer(shop, 999, {"from": other_resident}).gas_used
    hundred_grants = point.transfer(shop, 999, {"from": resident}).gas_used
    assert lots(point, resident) == lots(point, other_resident) == {JUNE: 1}
    assert hundred_grants == one_grant


@pytest.mark.parametrize("month", [APRIL, JUNE, MARCH])
def test_is_epoch_expired_agrees_with_the_balance_on_both_sides_of_the_edge(point, grant, resident, month):
    """There, isExpired was wrong at the edges."""
    grant(resident, {month: 100})
    for offset_seconds, ended in ((-1, False), (0, False), (1, True), (2, True)):
        to_month_end(month, offset_seconds)
        assert point.isEpochExpired(month) is ended
        assert point.balanceOf(resident) == (0 if ended else 100)


def test_readers_of_transfer_events_alone_do_not_drift(
    point, minter, resident, other_resident, shop, stranger, transfers_on
):
    """There, expiry emitted nothing. Here a plain ERC-20 indexer is right as soon as lapses are recorded."""
    transactions = [
        point.mintBatch([resident, other_resident], [100, 50], APRIL, {"from": minter}),
        point.mintBatch([resident, other_resident], [30, 20], MAY, {"from": minter}),
        point.transfer(shop, 40, {"from": resident}),
        point.transfer(other_resident, 10, {"from": resident}),
    ]
    to_month(MAY)
    transactions.append(point.transfer(shop, 5, {"from": resident}))
    to_month(JUNE)
    transactions.append(point.recordLapse([resident, other_resident], {"from": stranger}))

    read: Counter = Counter()
    for transaction in transactions:
        for name, *arguments in events(transaction):
            if name == "Transfer":
                sender, receiver, amount = arguments
                read[sender] -= amount
                read[receiver] += amount
    assert {account: read[account] for account in (resident, other_resident, shop)} == {
        resident: 0,
        other_resident: 0,
        shop: 45,
    }
    assert -read[ZERO_ADDRESS] == point.totalSupply() == 45
