"""`transferFrom`: as `transfer`, out of the owner's allowance."""

import pytest

from scripts.lib.expiry_rule import NEVER
from tests.support.clock import APRIL, JULY, JUNE, MAY, to_month
from tests.support.reading import ZERO_ADDRESS, events, lots
from tests.support.reverts import reverts

UNLIMITED = 2**256 - 1


def test_transfer_from_pays_and_counts_the_allowance_down(point, grant, resident, shop, spender):
    grant(resident, {JUNE: 100})
    point.approve(spender, 70, {"from": resident})
    payment = point.transferFrom(resident, shop, 30, {"from": spender})
    assert events(payment) == [("Transfer", resident, shop, 30)]
    assert point.allowance(resident, spender) == 40
    assert lots(point, resident) == {JUNE: 70}
    assert point.claimOf(shop) == (30, 0, 0)


def test_transfer_from_returns_true(point, resident, shop, spender):
    assert point.transferFrom.call(resident, shop, 0, {"from": spender}) is True


def test_transfer_from_of_the_whole_allowance_leaves_none(point, grant, resident, shop, spender):
    grant(resident, {JUNE: 100})
    point.approve(spender, 70, {"from": resident})
    point.transferFrom(resident, shop, 70, {"from": spender})
    assert point.allowance(resident, spender) == 0


def test_transfer_from_of_more_than_the_allowance_reverts(point, grant, resident, shop, spender):
    grant(resident, {JUNE: 100})
    point.approve(spender, 70, {"from": resident})
    with reverts("ERC20InsufficientAllowance", spender, 70, 71):
        point.transferFrom(resident, shop, 71, {"from": spender})


def test_transfer_from_one_s_own_account_needs_an_allowance_too(point, grant, resident, shop):
    grant(resident, {JUNE: 100})
    with reverts("ERC20InsufficientAllowance", resident, 0, 1):
        point.transferFrom(resident, shop, 1, {"from": resident})


def test_transfer_from_with_an_unlimited_allowance_does_not_count_down(point, grant, resident, shop, spender):
    grant(resident, {JUNE: 100})
    point.approve(spender, UNLIMITED, {"from": resident})
    point.transferFrom(resident, shop, 100, {"from": spender})
    assert point.allowance(resident, spender) == UNLIMITED


def test_transfer_from_with_the_largest_limited_allowance_counts_down(point, grant, resident, shop, spender):
    grant(resident, {JUNE: 100})
    point.approve(spender, UNLIMITED - 1, {"from": resident})
    point.transferFrom(resident, shop, 100, {"from": spender})
    assert point.allowance(resident, spender) == UNLIMITED - 101


def test_transfer_from_of_more_than_the_balance_keeps_the_allowance(point, grant, resident, shop, spender):
    grant(resident, {JUNE: 100})
    point.approve(spender, 500, {"from": resident})
    with reverts("ERC20InsufficientBalance", resident, 100, 101):
        point.transferFrom(resident, shop, 101, {"from": spender})
    assert point.allowance(resident, spender) == 500


def test_transfer_from_of_zero_needs_no_allowance(point, grant, resident, shop, spender):
    grant(resident, {JUNE: 100})
    payment = point.transferFrom(resident, shop, 0, {"from": spender})
    assert events(payment) == [("Transfer", resident, shop, 0)]
    assert lots(point, resident) == {JUNE: 100}


def test_transfer_from_by_the_merchant_itself_pays_it(point, grant, resident, shop):
    grant(resident, {JUNE: 100})
    point.approve(shop, 100, {"from": resident})
    point.transferFrom(resident, shop, 100, {"from": shop})
    assert point.claimOf(shop) == (100, 0, 0)


def test_transfer_from_spends_earliest_first(point, grant, resident, shop, spender):
    grant(resident, {NEVER: 10, JULY: 10, JUNE: 10})
    point.approve(spender, 100, {"from": resident})
    point.transferFrom(resident, shop, 15, {"from": spender})
    assert lots(point, resident) == {JULY: 5, NEVER: 10}


def test_transfer_from_after_a_lapse_logs_it(point, grant, resident, shop, spender):
    grant(resident, {APRIL: 7, JUNE: 10})
    point.approve(spender, 100, {"from": resident})
    to_month(MAY)
    assert events(point.transferFrom(resident, shop, 4, {"from": spender})) == [
        ("Lapsed", resident, APRIL, 7),
        ("Transfer", resident, ZERO_ADDRESS, 7),
        ("Transfer", resident, shop, 4),
    ]


def test_transfer_from_to_resident_obeys_the_switch(
    point, grant, resident, other_resident, spender, act_maker
):
    grant(resident, {JUNE: 100})
    point.approve(spender, 100, {"from": resident})
    with reverts("PointReceiverNotMerchant", other_resident):
        point.transferFrom(resident, other_resident, 40, {"from": spender})
    point.setTransferSwitches(True, False, {"from": act_maker})
    point.transferFrom(resident, other_resident, 40, {"from": spender})
    assert lots(point, other_resident) == {JUNE: 40}


def test_transfer_from_to_the_owner_changes_only_the_allowance(point, grant, resident, spender, transfers_on):
    grant(resident, {JUNE: 100})
    point.approve(spender, 100, {"from": resident})
    point.transferFrom(resident, resident, 100, {"from": spender})
    assert lots(point, resident) == {JUNE: 100}
    assert point.allowance(resident, spender) == 0


def test_transfer_from_merchant_by_its_owner_obeys_the_switch(
    point, grant, resident, shop, other_shop, act_maker
):
    grant(resident, {JUNE: 100})
    point.transfer(shop, 100, {"from": resident})
    point.approve(shop, 100, {"from": shop})
    with reverts("PointClaimNotTransferable", shop, other_shop):
        point.transferFrom(shop, other_shop, 40, {"from": shop})
    point.setTransferSwitches(False, True, {"from": act_maker})
    point.transferFrom(shop, other_shop, 40, {"from": shop})
    assert (point.claimOf(shop), point.claimOf(other_shop)) == ((60, 0, 0), (40, 0, 0))
    assert point.allowance(shop, shop) == 60


def test_transfer_from_merchant_by_somebody_else_reverts_whatever_it_has_approved(
    point, grant, resident, shop, other_shop, spender, transfers_on
):
    """The owner key alone disposes of a claim."""
    grant(resident, {JUNE: 100})
    point.transfer(shop, 100, {"from": resident})
    point.approve(spender, 100, {"from": shop})
    with reverts("PointNotOwner", shop, spender):
        point.transferFrom(shop, other_shop, 40, {"from": spender})


@pytest.mark.parametrize("amount", [0, 1])
def test_transfer_from_to_the_zero_address_reverts(point, grant, resident, spender, transfers_on, amount):
    grant(resident, {JUNE: 100})
    point.approve(spender, 100, {"from": resident})
    with reverts("ERC20InvalidReceiver", ZERO_ADDRESS):
        point.transferFrom(resident, ZERO_ADDRESS, amount, {"from": spender})


def test_transfer_from_the_zero_address_reverts(point, shop, spender):
    with reverts("PointAccountFrozen", ZERO_ADDRESS):
        point.transferFrom(ZERO_ADDRESS, shop, 0, {"from": spender})


def test_transfer_from_the_token_itself_reverts(point, shop, spender):
    with reverts("PointAccountFrozen", point):
        point.transferFrom(point, shop, 0, {"from": spender})
