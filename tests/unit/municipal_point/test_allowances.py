"""`approve`, `increaseAllowance`, `decreaseAllowance`; what they do is tested in test_transfer_from."""

import pytest

from tests.support.clock import JUNE, MARCH, to_month
from tests.support.reading import ZERO_ADDRESS, events
from tests.support.reverts import reverts

UNLIMITED = 2**256 - 1


@pytest.mark.parametrize("amount", [0, 1, UNLIMITED])
def test_approve_sets_the_allowance(point, resident, spender, amount):
    approval = point.approve(spender, amount, {"from": resident})
    assert events(approval) == [("Approval", resident, spender, amount)]
    assert approval.return_value is True
    assert point.allowance(resident, spender) == amount


def test_approve_replaces_what_was_allowed(point, resident, spender):
    point.approve(spender, 70, {"from": resident})
    point.approve(spender, 5, {"from": resident})
    assert point.allowance(resident, spender) == 5


def test_approve_concerns_one_owner_and_one_spender(point, resident, other_resident, spender, stranger):
    point.approve(spender, 70, {"from": resident})
    assert point.allowance(spender, resident) == 0
    assert point.allowance(other_resident, spender) == 0
    assert point.allowance(resident, stranger) == 0


def test_approve_the_zero_address_reverts(point, resident):
    with reverts("ERC20InvalidSpender", ZERO_ADDRESS):
        point.approve(ZERO_ADDRESS, 1, {"from": resident})
    with reverts("ERC20InvalidSpender", ZERO_ADDRESS):
        point.increaseAllowance(ZERO_ADDRESS, 1, {"from": resident})
    with reverts("ERC20InvalidSpender", ZERO_ADDRESS):
        point.decreaseAllowance(ZERO_ADDRESS, 0, {"from": resident})


def test_increase_allowance_adds(point, resident, spender):
    point.approve(spender, 70, {"from": resident})
    raised = point.increaseAllowance(spender, 5, {"from": resident})
    assert events(raised) == [("Approval", resident, spender, 75)]
    assert raised.return_value is True
    assert point.allowance(resident, spender) == 75


def test_increase_allowance_over_the_largest_number_reverts(point, resident, spender):
    point.approve(spender, UNLIMITED - 1, {"from": resident})
    with reverts("Panic", 0x11):
        point.increaseAllowance(spender, 2, {"from": resident})
    point.increaseAllowance(spender, 1, {"from": resident})
    assert point.allowance(resident, spender) == UNLIMITED


def test_decrease_allowance_subtracts(point, resident, spender):
    point.approve(spender, 70, {"from": resident})
    lowered = point.decreaseAllowance(spender, 70, {"from": resident})
    assert events(lowered) == [("Approval", resident, spender, 0)]
    assert lowered.return_value is True
    assert point.allowance(resident, spender) == 0


def test_decrease_allowance_below_zero_reverts(point, resident, spender):
    point.approve(spender, 70, {"from": resident})
    with reverts("ERC20InsufficientAllowance", spender, 70, 71):
        point.decreaseAllowance(spender, 71, {"from": resident})


def test_decrease_allowance_after_it_was_used_takes_from_the_rest(point, grant, resident, spender, shop):
    """What ANCHORS asks for: an owner who lowers an allowance cannot be raced into granting it twice."""
    grant(resident, {JUNE: 200})
    point.approve(spender, 100, {"from": resident})
    point.transferFrom(resident, shop, 80, {"from": spender})
    with reverts("ERC20InsufficientAllowance", spender, 20, 50):
        point.decreaseAllowance(spender, 50, {"from": resident})
    point.decreaseAllowance(spender, 20, {"from": resident})
    assert point.allowance(resident, spender) == 0


def test_allowance_does_not_end_with_a_month(point, resident, spender):
    point.approve(spender, 70, {"from": resident})
    to_month(MARCH + 60)
    assert point.allowance(resident, spender) == 70
