"""`revoke`: points of a wrong grant are taken back, out of the lot of their month and no other."""

import pytest

from tests.support.clock import APRIL, HOUR, JULY, JUNE, MAY, to_month
from tests.support.reading import ZERO_ADDRESS, events, live_by_month, lots
from tests.support.reverts import reverts


@pytest.fixture
def revoke(point, act_maker):
    def revoke_now(account, points, month):
        return point.revoke(account, points, month, {"from": act_maker})

    return revoke_now


def test_revoke_takes_points_out_of_one_lot(point, grant, revoke, resident):
    grant(resident, {JUNE: 100, JULY: 50})
    assert events(revoke(resident, 30, JUNE)) == [
        ("Revoked", resident, JUNE, 30),
        ("Transfer", resident, ZERO_ADDRESS, 30),
    ]
    assert lots(point, resident) == {JUNE: 70, JULY: 50}
    assert (live_by_month(point, JUNE, JULY), point.totalSupply()) == ([70, 50], 120)


@pytest.mark.parametrize("count", [1, 6, 7, 24])
def test_revoke_of_a_whole_lot_wherever_it_waits_leaves_the_others(
    point, grant, revoke, resident, shop, count
):
    held = {APRIL + place: 10 + place for place in range(count)}
    grant(resident, held)
    last = max(held)
    revoke(resident, held.pop(last), last)
    assert lots(point, resident) == held
    if held:
        point.transfer(shop, sum(held.values()), {"from": resident})
    assert point.balanceOf(resident) == 0


@pytest.mark.parametrize("place", [0, 5, 6, 8, 11])
def test_revoke_of_a_part_wherever_the_lot_waits_leaves_its_rest_and_the_others(
    point, grant, revoke, resident, shop, place
):
    held = {APRIL + month: 10 + month for month in range(12)}
    grant(resident, held)
    revoke(resident, 4, APRIL + place)
    held[APRIL + place] -= 4
    assert lots(point, resident) == held
    point.transfer(shop, sum(held.values()), {"from": resident})
    assert point.balanceOf(resident) == 0


def test_revoke_of_more_than_the_lot_holds_reverts(point, grant, revoke, resident, shop):
    """What was spent is not taken back, and not out of other months."""
    grant(resident, {JUNE: 100, JULY: 50})
    point.transfer(shop, 30, {"from": resident})
    with reverts("PointLotTooSmall", resident, JUNE, 70, 71):
        revoke(resident, 71, JUNE)
    with reverts("PointLotTooSmall", resident, MAY, 0, 1):
        revoke(resident, 1, MAY)


def test_revoke_of_an_ended_month_reverts(point, grant, revoke, resident):
    grant(resident, {APRIL: 100})
    to_month(MAY)
    with reverts("PointExpiryOutOfRange", APRIL, MAY, MAY + 60):
        revoke(resident, 1, APRIL)


def test_revoke_from_a_merchant_reverts(point, grant, revoke, resident, shop):
    grant(resident, {JUNE: 100})
    point.transfer(shop, 100, {"from": resident})
    with reverts("PointMintToMerchant", shop):
        revoke(shop, 1, JUNE)
    assert point.claimOf(shop) == (100, 0, 0)


def test_revoke_from_a_frozen_account_is_possible(point, grant, revoke, resident, act_maker):
    grant(resident, {JUNE: 100})
    point.freeze(resident, {"from": act_maker})
    revoke(resident, 100, JUNE)
    assert (point.balanceOf(resident), point.frozenOf(resident)) == (0, (True, False))


def test_revoke_makes_no_room_in_the_minter_s_allowance(point, grant, revoke, minter, resident):
    grant(resident, {JUNE: 100})
    before = point.minterOf(minter)
    revoke(resident, 100, JUNE)
    assert point.minterOf(minter) == before


def test_revoke_while_paused_reverts(point, grant, revoke, resident, act_maker):
    grant(resident, {JUNE: 100})
    point.pause(HOUR, {"from": act_maker})
    with reverts("PointPaused", point.pausedUntil()):
        revoke(resident, 1, JUNE)
