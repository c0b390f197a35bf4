"""`transferAtEpoch` and `transferFromAtEpoch`: they move the earliest lot, and refuse any other (I4)."""

import pytest

from scripts.lib.expiry_rule import NEVER
from tests.support.clock import APRIL, JULY, JUNE, MARCH, MAY, to_month, to_month_end
from tests.support.reading import ZERO_ADDRESS, events, lots
from tests.support.reverts import reverts


def test_transfer_at_epoch_of_the_earliest_lot_pays(point, grant, resident, shop):
    grant(resident, {JUNE: 100, JULY: 200})
    payment = point.transferAtEpoch(JUNE, shop, 60, {"from": resident})
    assert events(payment) == [("Transfer", resident, shop, 60)]
    assert lots(point, resident) == {JUNE: 40, JULY: 200}
    assert point.claimOf(shop) == (60, 0, 0)


def test_transfer_at_epoch_returns_true(point, grant, resident, shop):
    grant(resident, {JUNE: 100})
    assert point.transferAtEpoch.call(JUNE, shop, 60, {"from": resident}) is True


def test_transfer_at_epoch_of_the_whole_lot_leaves_the_next(point, grant, resident, shop):
    grant(resident, {JUNE: 100, JULY: 200})
    point.transferAtEpoch(JUNE, shop, 100, {"from": resident})
    assert lots(point, resident) == {JULY: 200}


def test_transfer_at_epoch_never_of_never_ending_points_pays(point, grant, resident, shop):
    grant(resident, {NEVER: 100})
    point.transferAtEpoch(NEVER, shop, 60, {"from": resident})
    assert lots(point, resident) == {NEVER: 40}


def test_transfer_at_epoch_of_zero_is_logged(point, grant, resident, shop):
    grant(resident, {JUNE: 100})
    payment = point.transferAtEpoch(JUNE, shop, 0, {"from": resident})
    assert events(payment) == [("Transfer", resident, shop, 0)]


@pytest.mark.parametrize("month", [JULY, NEVER, 2**256 - 1])
def test_transfer_at_epoch_later_than_the_earliest_reverts(point, grant, resident, shop, month):
    grant(resident, {JUNE: 100, JULY: 200, NEVER: 300})
    with reverts("PointNotEarliest", month, JUNE):
        point.transferAtEpoch(month, shop, 1, {"from": resident})


def test_transfer_at_epoch_without_a_lot_before_the_earliest_reverts(point, grant, resident, shop):
    grant(resident, {JUNE: 100})
    with reverts("PointNotEarliest", MAY, JUNE):
        point.transferAtEpoch(MAY, shop, 1, {"from": resident})


def test_transfer_at_epoch_of_more_than_the_lot_reverts(point, grant, resident, shop):
    grant(resident, {JUNE: 100, JULY: 200})
    with reverts("ERC20InsufficientBalance", resident, 100, 101):
        point.transferAtEpoch(JUNE, shop, 101, {"from": resident})


@pytest.mark.parametrize("amount", [0, 1])
def test_transfer_at_epoch_without_points_reverts(point, resident, shop, amount):
    with reverts("ERC20InsufficientBalance", resident, 0, amount):
        point.transferAtEpoch(JUNE, shop, amount, {"from": resident})


def test_transfer_at_epoch_ended_reverts(point, grant, resident, shop):
    grant(resident, {APRIL: 100, JUNE: 100})
    to_month(MAY)
    with reverts("ERC7818TransferredExpiredToken", resident, APRIL):
        point.transferAtEpoch(APRIL, shop, 1, {"from": resident})


def test_transfer_at_epoch_in_its_last_second_pays(point, grant, resident, shop):
    grant(resident, {APRIL: 100})
    to_month_end(APRIL)
    point.transferAtEpoch(APRIL, shop, 100, {"from": resident})
    assert point.claimOf(shop) == (100, 0, 0)


def test_transfer_at_epoch_after_a_lapse_takes_the_next_for_the_earliest(point, grant, resident, shop):
    grant(resident, {APRIL: 5, JUNE: 100})
    to_month(MAY)
    assert events(point.transferAtEpoch(JUNE, shop, 1, {"from": resident})) == [
        ("Lapsed", resident, APRIL, 5),
        ("Transfer", resident, ZERO_ADDRESS, 5),
        ("Transfer", resident, shop, 1),
    ]


def test_transfer_at_epoch_to_resident_obeys_the_switch(point, grant, resident, other_resident, act_maker):
    grant(resident, {JUNE: 100})
    with reverts("PointReceiverNotMerchant", other_resident):
        point.transferAtEpoch(JUNE, other_resident, 40, {"from": resident})
    point.setTransferSwitches(True, False, {"from": act_maker})
    point.transferAtEpoch(JUNE, other_resident, 40, {"from": resident})
    assert lots(point, other_resident) == {JUNE: 40}


@pytest.mark.parametrize("month", [MARCH, NEVER])
def test_transfer_at_epoch_of_a_claim_reverts(point, grant, resident, shop, other_shop, transfers_on, month):
    grant(resident, {JUNE: 100})
    point.transfer(shop, 100, {"from": resident})
    with reverts("ERC20InsufficientBalance", shop, 0, 1):
        point.transferAtEpoch(month, other_shop, 1, {"from": shop})


def test_transfer_from_at_epoch_pays_and_counts_the_allowance_down(point, grant, resident, shop, spender):
    grant(resident, {JUNE: 100, JULY: 200})
    point.approve(spender, 70, {"from": resident})
    payment = point.transferFromAtEpoch(JUNE, resident, shop, 60, {"from": spender})
    assert events(payment) == [("Transfer", resident, shop, 60)]
    assert payment.return_value is True
    assert point.allowance(resident, spender) == 10
    assert lots(point, resident) == {JUNE: 40, JULY: 200}


def test_transfer_from_at_epoch_of_more_than_the_allowance_reverts(point, grant, resident, shop, spender):
    grant(resident, {JUNE: 100})
    point.approve(spender, 70, {"from": resident})
    with reverts("ERC20InsufficientAllowance", spender, 70, 71):
        point.transferFromAtEpoch(JUNE, resident, shop, 71, {"from": spender})


def test_transfer_from_at_epoch_later_than_the_earliest_reverts(point, grant, resident, shop, spender):
    grant(resident, {JUNE: 100, JULY: 200})
    point.approve(spender, 70, {"from": resident})
    with reverts("PointNotEarliest", JULY, JUNE):
        point.transferFromAtEpoch(JULY, resident, shop, 1, {"from": spender})


def test_transfer_from_at_epoch_ended_reverts(point, grant, resident, shop, spender):
    grant(resident, {APRIL: 100})
    point.approve(spender, 70, {"from": resident})
    to_month(MAY)
    with reverts("ERC7818TransferredExpiredToken", resident, APRIL):
        point.transferFromAtEpoch(APRIL, resident, shop, 1, {"from": spender})
