"""`restoreLots`: what lapsed is given back, once, and never more than lapsed."""

import pytest

from tests.support.clock import APRIL, HOUR, JULY, JUNE, MAY, to_month, travel
from tests.support.reading import ZERO_ADDRESS, events, live_by_month, lots
from tests.support.reverts import reverts
from tests.support.town import CITY


@pytest.fixture
def restore(point, act_maker):
    """`restore({account: points})` of what lapsed with April, to end with June."""

    def restore_now(points, lapsed_month=APRIL, to_month=JUNE):
        lists = (list(points), list(points.values()))
        return point.restoreLots(lapsed_month, to_month, *lists, {"from": act_maker})

    return restore_now


@pytest.fixture
def lapsed(point, grant, resident, other_resident):
    """100 and 50 points that ended with April; nobody has recorded it."""
    grant(resident, {APRIL: 100, JULY: 7})
    grant(other_resident, {APRIL: 50})
    to_month(MAY)


def test_restore_lots_gives_back_what_lapsed(point, lapsed, restore, resident):
    assert events(restore({resident: 100})) == [
        ("LotRestored", resident, APRIL, JUNE, 100),
        ("Lapsed", resident, APRIL, 100),
        ("Transfer", resident, ZERO_ADDRESS, 100),
        ("Transfer", ZERO_ADDRESS, resident, 100),
    ]
    assert lots(point, resident) == {JUNE: 100, JULY: 7}
    assert live_by_month(point, APRIL, JUNE, JULY) == [150, 100, 7]
    assert (point.totalSupply(), point.restoredOf(APRIL)) == (107, 100)


def test_restore_lots_twice_restores_once(point, lapsed, restore, resident):
    restore({resident: 60})
    assert events(restore({resident: 60})) == []
    assert events(restore({resident: 40}, to_month=JULY)) == []
    assert (point.balanceOf(resident), point.restoredOf(APRIL)) == (67, 60)


def test_restore_lots_of_an_account_named_twice_in_a_batch_restores_once(point, lapsed, resident, act_maker):
    point.restoreLots(APRIL, JUNE, [resident, resident], [60, 60], {"from": act_maker})
    assert point.restoredOf(APRIL) == 60


def test_restore_lots_of_one_resident_with_two_accounts_restores_once(
    point, grant, restore, residents, memberships, act_maker, stranger
):
    """A new card makes no new claim."""
    [member] = memberships.join("A")
    grant(member.account, {APRIL: 100})
    to_month(MAY)
    restore({member.account: 60})
    card = memberships.card("A's second")
    signature = memberships.signature(card, member.commitment)
    residents.startReplacement(CITY, 1, card.account, signature, {"from": act_maker})
    travel(72 * HOUR)
    residents.completeReplacement(CITY, 1, {"from": stranger})
    point.carry(member.account, {"from": stranger})
    assert events(restore({card.account: 40})) == []
    assert point.balanceOf(card.account) == 60


def test_restore_lots_to_an_account_that_has_joined_since_restores_once(point, grant, restore, memberships):
    """Restored as nobody's account, and not again as a resident's."""
    account = memberships.card("A").account
    grant(account, {APRIL: 100})
    to_month(MAY)
    restore({account: 60})
    memberships.join("A")
    assert events(restore({account: 40})) == []
    assert point.restoredOf(APRIL) == 60


def test_restore_lots_to_the_new_account_of_a_resident_whose_old_one_lapsed(
    point, grant, restore, residents, memberships, act_maker, stranger
):
    [member] = memberships.join("A")
    grant(member.account, {APRIL: 100})
    card = memberships.card("A's second")
    signature = memberships.signature(card, member.commitment)
    residents.startReplacement(CITY, 1, card.account, signature, {"from": act_maker})
    to_month(MAY)
    residents.completeReplacement(CITY, 1, {"from": stranger})
    restore({card.account: 100})
    assert lots(point, card.account) == {JUNE: 100}


def test_restore_lots_beyond_what_lapsed_reverts(point, lapsed, restore, resident, other_resident, stranger):
    with reverts("PointRestoreTooLarge", APRIL, 150, 0, 151):
        restore({resident: 101, other_resident: 50})
    restore({resident: 100})
    with reverts("PointRestoreTooLarge", APRIL, 150, 100, 51):
        restore({other_resident: 51})
    restore({other_resident: 50})
    with reverts("PointRestoreTooLarge", APRIL, 150, 150, 1):
        restore({stranger: 1})


def test_restore_lots_of_a_month_that_has_not_ended_reverts(point, grant, restore, resident):
    grant(resident, {APRIL: 100})
    for month in (APRIL, JULY):
        with reverts("PointRestoreTooLarge", month, 0, 0, 1):
            restore({resident: 1}, lapsed_month=month)


def test_restored_lots_that_lapse_again_can_be_restored_again_within_that_month_s_bound(
    point, lapsed, restore, resident
):
    restore({resident: 100}, to_month=MAY)
    to_month(JUNE)
    assert point.pointsEndingWith(MAY) == 100
    restore({resident: 100}, lapsed_month=MAY)
    assert (lots(point, resident), point.totalSupply()) == ({JUNE: 100, JULY: 7}, 107)


def test_restore_lots_whether_the_lapse_was_recorded_or_not(point, lapsed, restore, resident, stranger):
    point.recordLapse([resident], {"from": stranger})
    restore({resident: 100})
    assert (lots(point, resident), point.totalSupply()) == ({JUNE: 100, JULY: 7}, 107)


def test_restore_lots_leaves_out_what_minters_have_reserved(point, minter, resident, restore):
    """The reserve in a month's lane was never anybody's points."""
    point.mintUntil(resident, 10, APRIL, {"from": minter})
    to_month(MAY)
    with reverts("PointRestoreTooLarge", APRIL, 10, 0, 11):
        restore({resident: 11})


def test_restore_lots_to_a_frozen_account_is_possible(point, lapsed, restore, resident, act_maker):
    point.freeze(resident, {"from": act_maker})
    restore({resident: 100})
    assert (point.balanceOf(resident), point.frozenOf(resident)) == (107, (True, False))


def test_restore_lots_to_a_merchant_or_to_nobody_reverts(point, lapsed, restore, shop):
    with reverts("PointMintToMerchant", shop):
        restore({shop: 1})
    for account in (ZERO_ADDRESS, point.address):
        with reverts("ERC20InvalidReceiver", account):
            restore({account: 1})


def test_restore_lots_of_nothing_leaves_the_claim_open(point, lapsed, restore, resident):
    assert events(restore({resident: 0})) == []
    restore({resident: 100})
    assert point.restoredOf(APRIL) == 100


def test_restore_lots_to_an_ended_month_or_of_lists_that_differ_reverts(
    point, lapsed, restore, resident, act_maker
):
    with reverts("PointExpiryOutOfRange", APRIL, MAY, MAY + 60):
        restore({resident: 1}, to_month=APRIL)
    with reverts("PointListLengths", 1, 2):
        point.restoreLots(APRIL, JUNE, [resident], [1, 2], {"from": act_maker})


def test_restore_lots_while_paused_reverts(point, lapsed, restore, resident, act_maker):
    point.pause(HOUR, {"from": act_maker})
    with reverts("PointPaused", point.pausedUntil()):
        restore({resident: 1})
