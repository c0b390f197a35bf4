"""What a series lets its settlement service do: lockClaims, unlockClaims, burnLocked, reopenClaims."""

import pytest

from tests.support.clock import HOUR, JUNE, MARCH, now, to_month
from tests.support.impersonation import impersonate
from tests.support.reading import ZERO_ADDRESS, events
from tests.support.reverts import reverts
from tests.support.town import CITY

NEXT_APRIL, NEXT_MARCH = MARCH + 1, MARCH + 12


def claim(merchant, this_year, earlier_years=0):
    """Return a claim as the hooks take it."""
    return int(str(merchant), 16) << 96 | earlier_years << 48 | this_year


@pytest.fixture(scope="module")
def service(project, platform, officers, council, deployer, accounts, act_maker):
    """A service that the city has accepted; what code it has does not matter, its calls are made for it."""
    contract = project.PointPlatform.deploy(deployer, {"from": deployer})
    platform.offerService(contract, "精算", [], {"from": council})
    officers.acceptService(CITY, contract, {"from": act_maker})
    return impersonate(accounts, contract.address)


@pytest.fixture
def settlement(point, service, act_maker):
    point.setSettlement(service, {"from": act_maker})
    return service


@pytest.fixture
def paid(point, grant, resident):
    """`paid(shop, 100)`: a resident has paid a shop."""

    def pay(shop, points):
        grant(resident, {NEXT_MARCH: points})
        point.transfer(shop, points, {"from": resident})

    return pay


# ------------------------------------------------------------------------------------------- SET SETTLEMENT


def test_set_settlement_is_logged_and_readable(point, service, act_maker):
    assert point.settlement() == ZERO_ADDRESS
    assert events(point.setSettlement(service, {"from": act_maker})) == [("SettlementSet", service)]
    assert point.settlement() == service


def test_set_settlement_to_a_service_not_accepted_reverts(point, stranger, act_maker):
    with reverts("PointServiceNotAccepted", stranger):
        point.setSettlement(stranger, {"from": act_maker})


def test_set_settlement_while_claims_are_locked_reverts(point, settlement, paid, shop, act_maker):
    paid(shop, 100)
    point.lockClaims([claim(shop, 40)], {"from": settlement})
    with reverts("PointClaimsLocked", 40):
        point.setSettlement(ZERO_ADDRESS, {"from": act_maker})
    point.setSettlement(settlement, {"from": act_maker})  # changes nothing
    point.burnLocked([claim(shop, 40)], {"from": settlement})
    point.setSettlement(ZERO_ADDRESS, {"from": act_maker})
    with reverts("PointNotSettlement", settlement):
        point.lockClaims([claim(shop, 60)], {"from": settlement})


# ---------------------------------------------------------------------------------------------------- LOCK


def test_lock_moves_claim_into_the_locked_part(point, settlement, paid, shop):
    paid(shop, 100)
    locked = point.lockClaims([claim(shop, 40)], {"from": settlement})
    assert events(locked) == [("ClaimLocked", shop, 40, 0)]
    assert (point.claimOf(shop), point.balanceOf(shop)) == ((60, 0, 40), 100)
    assert (point.settlementTotals(), point.totalSupply()) == ((40, 0), 100)


def test_lock_takes_each_year_s_part_from_that_year(point, settlement, paid, shop):
    paid(shop, 100)
    to_month(NEXT_APRIL)
    paid(shop, 50)
    locked = point.lockClaims([claim(shop, 30, 70)], {"from": settlement})
    assert events(locked) == [("ClaimLocked", shop, 30, 70)]
    assert point.claimOf(shop) == (20, 30, 100)


@pytest.mark.parametrize("asked", [101, 2**48 - 1])
def test_lock_of_more_than_there_is_locks_what_there_is(point, settlement, paid, shop, asked):
    paid(shop, 100)
    assert point.lockClaims.call([claim(shop, asked, asked)], {"from": settlement}) == [claim(shop, 100)]
    locked = point.lockClaims([claim(shop, asked, asked)], {"from": settlement})
    assert events(locked) == [("ClaimLocked", shop, 100, 0)]
    assert point.claimOf(shop) == (0, 0, 100)


def test_lock_twice_in_one_list_takes_nothing_twice(point, settlement, paid, shop):
    paid(shop, 100)
    point.lockClaims([claim(shop, 70), claim(shop, 70)], {"from": settlement})
    assert (point.claimOf(shop), point.settlementTotals()) == ((0, 0, 100), (100, 0))


def test_lock_of_a_frozen_merchant_locks_nothing_and_the_others_are_served(
    point, settlement, paid, shop, other_shop, act_maker
):
    paid(shop, 100)
    paid(other_shop, 50)
    point.freeze(shop, {"from": act_maker})
    locked = point.lockClaims([claim(shop, 100), claim(other_shop, 50)], {"from": settlement})
    assert events(locked) == [("ClaimLocked", shop, 0, 0), ("ClaimLocked", other_shop, 50, 0)]
    point.unfreeze(shop, {"from": act_maker})
    point.lockClaims([claim(shop, 100)], {"from": settlement})
    assert point.claimOf(shop) == (0, 0, 100)


@pytest.mark.parametrize("standing", ["suspendMerchant", "closeMerchant"])
def test_lock_and_burn_of_a_suspended_or_closed_merchant_work(
    point, settlement, paid, shop, act_maker, standing
):
    paid(shop, 100)
    getattr(point, standing)(shop, {"from": act_maker})
    point.lockClaims([claim(shop, 100)], {"from": settlement})
    point.burnLocked([claim(shop, 100)], {"from": settlement})
    assert point.claimOf(shop) == (0, 0, 0)


def test_lock_of_a_sold_shop_s_claim_works(point, settlement, paid, shop, newcomer, act_maker):
    paid(shop, 100)
    point.replaceOwner(shop, newcomer, {"from": act_maker})
    point.lockClaims([claim(shop, 100)], {"from": settlement})
    assert point.claimOf(shop) == (0, 0, 100)


def test_hooks_for_an_account_that_is_no_merchant_revert(point, settlement, resident):
    for hook in (point.lockClaims, point.unlockClaims, point.burnLocked, point.reopenClaims):
        with reverts("PointNotMerchant", resident):
            hook([claim(resident, 0)], {"from": settlement})


def test_locked_claim_cannot_be_passed_on(point, settlement, paid, shop, other_shop, transfers_on):
    paid(shop, 100)
    point.lockClaims([claim(shop, 100)], {"from": settlement})
    with reverts("ERC20InsufficientBalance", shop, 0, 1):
        point.transfer(other_shop, 1, {"from": shop})


# -------------------------------------------------------------------------------------------------- UNLOCK


def test_unlock_puts_each_part_where_it_is_told(point, settlement, paid, shop):
    paid(shop, 100)
    to_month(NEXT_APRIL)
    paid(shop, 50)
    point.lockClaims([claim(shop, 50, 100)], {"from": settlement})
    unlocked = point.unlockClaims([claim(shop, 20, 30)], {"from": settlement})
    assert events(unlocked) == [("ClaimUnlocked", shop, 20, 30)]
    assert (point.claimOf(shop), point.settlementTotals()) == ((20, 30, 100), (100, 0))


def test_unlock_after_the_year_has_turned_is_told_in_the_new_years_terms(point, settlement, paid, shop):
    paid(shop, 100)
    point.lockClaims([claim(shop, 60)], {"from": settlement})
    to_month(NEXT_APRIL)
    point.unlockClaims([claim(shop, 20, 30)], {"from": settlement})
    assert point.claimOf(shop) == (20, 40 + 30, 10)


def test_unlock_or_burn_of_more_than_is_locked_reverts(point, settlement, paid, shop, other_shop):
    paid(shop, 100)
    paid(other_shop, 100)
    point.lockClaims([claim(shop, 40), claim(other_shop, 100)], {"from": settlement})
    for hook in (point.unlockClaims, point.burnLocked):
        with reverts("PointLockedTooSmall", shop, 40, 41):
            hook([claim(shop, 21, 20)], {"from": settlement})
        with reverts("PointLockedTooSmall", shop, 15, 25):
            hook([claim(shop, 25), claim(shop, 25)], {"from": settlement})


def test_unlock_of_a_frozen_merchant_works(point, settlement, paid, shop, act_maker):
    paid(shop, 100)
    point.lockClaims([claim(shop, 100)], {"from": settlement})
    point.freeze(shop, {"from": act_maker})
    point.unlockClaims([claim(shop, 60)], {"from": settlement})
    point.burnLocked([claim(shop, 40)], {"from": settlement})
    assert point.claimOf(shop) == (60, 0, 0)


# ---------------------------------------------------------------------------------------------------- BURN


def test_burn_ends_points_and_supply_falls(point, settlement, paid, shop, grant, resident):
    paid(shop, 100)
    grant(resident, {JUNE: 7})
    point.lockClaims([claim(shop, 100)], {"from": settlement})
    burned = point.burnLocked([claim(shop, 60)], {"from": settlement})
    assert events(burned) == [("Settled", shop, 60), ("Transfer", shop, ZERO_ADDRESS, 60)]
    assert (point.claimOf(shop), point.balanceOf(shop), point.totalSupply()) == ((0, 0, 40), 40, 47)
    assert point.settlementTotals() == (40, 60)


def test_burn_after_the_year_has_turned_leaves_the_claim_of_the_new_year_alone(point, settlement, paid, shop):
    paid(shop, 100)
    point.lockClaims([claim(shop, 60)], {"from": settlement})
    to_month(NEXT_APRIL)
    point.burnLocked([claim(shop, 60)], {"from": settlement})
    assert point.claimOf(shop) == (0, 40, 0)


# -------------------------------------------------------------------------------------------------- REOPEN


def test_reopen_after_the_year_has_turned_is_told_in_the_new_years_terms(point, settlement, paid, shop):
    paid(shop, 100)
    point.lockClaims([claim(shop, 60)], {"from": settlement})
    point.burnLocked([claim(shop, 60)], {"from": settlement})
    to_month(NEXT_APRIL)
    point.reopenClaims([claim(shop, 20, 30)], {"from": settlement})
    assert point.claimOf(shop) == (20, 40 + 30, 0)


def test_reopen_makes_settled_points_owed_again(point, settlement, paid, shop):
    paid(shop, 100)
    point.lockClaims([claim(shop, 100)], {"from": settlement})
    point.burnLocked([claim(shop, 100)], {"from": settlement})
    reopened = point.reopenClaims([claim(shop, 10, 20)], {"from": settlement})
    assert events(reopened) == [("ClaimReopened", shop, 10, 20), ("Transfer", ZERO_ADDRESS, shop, 30)]
    assert (point.claimOf(shop), point.totalSupply()) == ((10, 20, 0), 30)
    assert point.settlementTotals() == (0, 70)


def test_reopen_of_more_than_was_settled_reverts(point, settlement, paid, shop):
    paid(shop, 100)
    point.lockClaims([claim(shop, 100)], {"from": settlement})
    point.burnLocked([claim(shop, 60)], {"from": settlement})
    with reverts("PointSettledTooSmall", 60, 61):
        point.reopenClaims([claim(shop, 61)], {"from": settlement})
    point.reopenClaims([claim(shop, 60)], {"from": settlement})
    with reverts("PointSettledTooSmall", 0, 1):
        point.reopenClaims([claim(shop, 1)], {"from": settlement})


# ------------------------------------------------------------------------------------------ PAUSE AND CALLER


def test_hooks_in_a_pause_revert(point, settlement, paid, shop, act_maker):
    paid(shop, 100)
    point.lockClaims([claim(shop, 50)], {"from": settlement})
    point.burnLocked([claim(shop, 10)], {"from": settlement})
    point.pause(HOUR, {"from": act_maker})
    for hook in (point.lockClaims, point.unlockClaims, point.burnLocked, point.reopenClaims):
        with reverts("PointPaused", now() + HOUR):
            hook([claim(shop, 1)], {"from": settlement})


def test_hooks_by_anybody_else_revert(point, settlement, shop, city, council, minter, act_maker):
    for caller in (shop, city, council, minter, act_maker):
        for hook in (point.lockClaims, point.unlockClaims, point.burnLocked, point.reopenClaims):
            with reverts("PointNotSettlement", caller):
                hook([claim(shop, 0)], {"from": caller})
