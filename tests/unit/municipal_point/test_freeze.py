"""`freeze`, `unfreeze` and `syncBlocked`: nothing leaves or enters the account."""

import pytest
from brownie.exceptions import VirtualMachineError

from tests.support.clock import HOUR, JUNE, MAY, to_month
from tests.support.reading import ZERO_ADDRESS, events, lots
from tests.support.reverts import reverts
from tests.support.town import CITY

DAY = 24 * HOUR


@pytest.fixture
def frozen(point, grant, resident, act_maker):
    grant(resident, {JUNE: 100})
    return point.freeze(resident, {"from": act_maker})


def test_freeze_is_logged_and_readable(point, frozen, resident):
    assert events(frozen) == [("FrozenSet", resident, True)]
    assert point.frozenOf(resident) == (True, False)
    assert (point.balanceOf(resident), lots(point, resident)) == (100, {JUNE: 100})


@pytest.mark.parametrize("amount", [0, 1, 100])
def test_freeze_stops_what_would_leave(
    point, frozen, transfers_on, resident, other_resident, shop, spender, amount
):
    point.approve(spender, 100, {"from": resident})
    for receiver in (shop, other_resident, resident):
        with reverts("PointAccountFrozen", resident):
            point.transfer(receiver, amount, {"from": resident})
        with reverts("PointAccountFrozen", resident):
            point.transferFrom(resident, receiver, amount, {"from": spender})
    with reverts("PointAccountFrozen", resident):
        point.transferAtEpoch(JUNE, shop, amount, {"from": resident})


def test_freeze_stops_what_would_enter(point, frozen, grant, transfers_on, minter, resident, other_resident):
    grant(other_resident, {JUNE: 5})
    with reverts("PointAccountFrozen", resident):
        point.transfer(resident, 1, {"from": other_resident})
    for mint in (point.mintUntil, lambda to, amount, month, by: point.mintBatch([to], [amount], month, by)):
        with reverts("PointAccountFrozen", resident):
            mint(resident, 1, JUNE, {"from": minter})


def test_freeze_keeps_no_lot_from_ending(point, frozen, resident, stranger):
    to_month(JUNE + 1)
    assert (point.balanceOf(resident), point.totalSupply()) == (0, 0)
    point.recordLapse([resident], {"from": stranger})
    assert point.frozenOf(resident) == (True, False)


def test_unfreeze_lets_points_move_again(point, frozen, resident, shop, act_maker):
    thawed = point.unfreeze(resident, {"from": act_maker})
    assert events(thawed) == [("FrozenSet", resident, False)]
    point.transfer(shop, 100, {"from": resident})
    assert point.claimOf(shop) == (100, 0, 0)


def test_freeze_of_many_lots_changes_none(point, grant, resident, act_maker):
    held = {MAY + place: 10 + place for place in range(20)}
    grant(resident, held)
    point.freeze(resident, {"from": act_maker})
    assert lots(point, resident) == held
    point.unfreeze(resident, {"from": act_maker})
    assert lots(point, resident) == held


def test_freeze_of_a_merchant_stops_payments_to_it_and_keeps_its_claim(
    point, grant, resident, shop, other_shop, act_maker, transfers_on
):
    grant(resident, {JUNE: 100})
    point.transfer(shop, 40, {"from": resident})
    point.freeze(shop, {"from": act_maker})
    with reverts("PointAccountFrozen", shop):
        point.transfer(other_shop, 1, {"from": shop})
    with pytest.raises(VirtualMachineError):
        point.transfer(shop, 1, {"from": resident})
    assert point.claimOf(shop) == (40, 0, 0)


def test_payment_to_a_frozen_merchant_reverts_with_what_is_wrong(point, grant, resident, shop, act_maker):
    grant(resident, {JUNE: 100})
    point.freeze(shop, {"from": act_maker})
    with reverts("PointAccountFrozen", shop):
        point.transfer(shop, 1, {"from": resident})


def test_claim_passed_on_to_a_frozen_merchant_reverts(
    point, grant, transfers_on, resident, shop, other_shop, act_maker
):
    grant(resident, {JUNE: 100})
    point.transfer(shop, 50, {"from": resident})
    point.freeze(other_shop, {"from": act_maker})
    with reverts("PointAccountFrozen", other_shop):
        point.transfer(other_shop, 10, {"from": shop})


def test_freeze_of_an_empty_account_keeps_points_out(point, newcomer, minter, act_maker):
    point.freeze(newcomer, {"from": act_maker})
    with reverts("PointAccountFrozen", newcomer):
        point.mint(newcomer, 1, {"from": minter})
    with reverts("PointAccountFrozen", newcomer):
        point.approveMerchant(newcomer, 1, "店", "区", {"from": act_maker})


def test_unfreeze_of_the_two_addresses_that_hold_nothing_reverts(point, act_maker):
    for account in (ZERO_ADDRESS, point.address):
        with reverts("ERC20InvalidReceiver", account):
            point.unfreeze(account, {"from": act_maker})


def test_freeze_directly_reverts(point, resident, desk_officer, city, council):
    for caller in (desk_officer, city, council, resident):
        with reverts("PointOnlyByAct", caller):
            point.freeze(resident, {"from": caller})


# ---------------------------------------------------------------------------------------------------- BLOCKED


@pytest.fixture
def replaced(memberships, residents, act_maker, grant):
    """A resident with 50 points whose replacement is under way."""
    [member] = memberships.join("A")
    grant(member.account, {JUNE: 50})
    card = memberships.card("A's second")
    signature = memberships.signature(card, member.commitment)
    residents.startReplacement(CITY, 1, card.account, signature, {"from": act_maker})
    return member.account


def test_sync_blocked_by_anyone_takes_over_what_the_registry_says(
    point, residents, replaced, shop, stranger, act_maker
):
    assert events(point.syncBlocked(replaced, {"from": stranger})) == [("BlockedSet", replaced, True)]
    assert point.frozenOf(replaced) == (False, True)
    with reverts("PointAccountFrozen", replaced):
        point.transfer(shop, 1, {"from": replaced})
    residents.cancelReplacement(CITY, 1, {"from": act_maker})
    assert events(point.syncBlocked(replaced, {"from": stranger})) == [("BlockedSet", replaced, False)]
    point.transfer(shop, 50, {"from": replaced})


def test_sync_blocked_leaves_a_freeze_as_it_is(point, replaced, stranger, act_maker, shop):
    point.freeze(replaced, {"from": act_maker})
    point.syncBlocked(replaced, {"from": stranger})
    point.unfreeze(replaced, {"from": act_maker})
    assert point.frozenOf(replaced) == (False, True)
    with reverts("PointAccountFrozen", replaced):
        point.transfer(shop, 1, {"from": replaced})


def test_sync_blocked_of_nobody_s_account_or_the_zero_address_opens_nothing(
    point, frozen, resident, stranger, minter
):
    for account in (resident, ZERO_ADDRESS, point.address):
        point.syncBlocked(account, {"from": stranger})
    assert point.frozenOf(resident) == (True, False)
    for account in (ZERO_ADDRESS, point.address):
        with reverts("ERC20InvalidReceiver", account):
            point.mint(account, 1, {"from": minter})


def test_sync_blocked_of_a_merchant_reverts(point, shop, stranger):
    with reverts("PointMintToMerchant", shop):
        point.syncBlocked(shop, {"from": stranger})
