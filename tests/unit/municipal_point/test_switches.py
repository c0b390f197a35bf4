"""`setTransferSwitches`: who may transfer to whom, apart from payments. What the switches allow and refuse is
tested with each verb; here, that they are off at first, logged, and independent of one another."""

import pytest

from tests.support.clock import JUNE
from tests.support.reading import events
from tests.support.reverts import reverts


def test_transfer_switches_are_off_at_first(point):
    assert point.transferSwitches() == (False, False)


@pytest.mark.parametrize("switches", [(True, False), (False, True), (True, True), (False, False)])
def test_set_transfer_switches_is_logged_and_readable(point, act_maker, switches):
    changed = point.setTransferSwitches(*switches, {"from": act_maker})
    assert events(changed) == [("TransferSwitchesSet", *switches)]
    assert point.transferSwitches() == switches


def test_set_transfer_switches_for_residents_leaves_merchants_apart(
    point, act_maker, grant, resident, other_resident, shop, other_shop
):
    grant(resident, {JUNE: 100})
    point.transfer(shop, 50, {"from": resident})
    point.setTransferSwitches(True, False, {"from": act_maker})
    point.transfer(other_resident, 10, {"from": resident})
    with reverts("PointClaimNotTransferable", shop, other_shop):
        point.transfer(other_shop, 10, {"from": shop})


def test_set_transfer_switches_for_merchants_leaves_residents_apart(
    point, act_maker, grant, resident, other_resident, shop, other_shop
):
    grant(resident, {JUNE: 100})
    point.transfer(shop, 50, {"from": resident})
    point.setTransferSwitches(False, True, {"from": act_maker})
    point.transfer(other_shop, 10, {"from": shop})
    with reverts("PointReceiverNotMerchant", other_resident):
        point.transfer(other_resident, 10, {"from": resident})


def test_set_transfer_switches_off_again_refuses_again(point, act_maker, grant, resident, other_resident):
    grant(resident, {JUNE: 100})
    point.setTransferSwitches(True, True, {"from": act_maker})
    point.transfer(other_resident, 10, {"from": resident})
    point.setTransferSwitches(False, False, {"from": act_maker})
    with reverts("PointReceiverNotMerchant", other_resident):
        point.transfer(other_resident, 10, {"from": resident})


def test_set_transfer_switches_keeps_the_expiry_policy_and_the_cool_down(point, act_maker):
    """They share a storage word."""
    point.pause(3600, {"from": act_maker})
    before = point.expiryPolicy()
    point.setTransferSwitches(True, True, {"from": act_maker})
    assert point.expiryPolicy() == before
    with reverts("PointPauseCoolingDown", point.pausedUntil() + 3600):
        point.pause(1, {"from": act_maker})
