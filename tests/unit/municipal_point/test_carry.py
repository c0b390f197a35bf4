"""`carry`: all lots of a replaced account go to its successor, each with its month."""

import pytest

from scripts.lib.expiry_rule import NEVER
from tests.support.clock import APRIL, HOUR, JUNE, MAY, to_month, travel
from tests.support.reading import events, lots
from tests.support.reverts import reverts
from tests.support.town import CITY

DAYS_3, DAYS_14 = 3 * 24 * HOUR, 14 * 24 * HOUR


@pytest.fixture
def member(memberships):
    [member, _] = memberships.join("A", "B")
    return member


@pytest.fixture
def replace(residents, memberships, act_maker, member, stranger):
    """`replace()` completes a replacement in the registry and returns the new account."""

    def replace_now(replaced=member, name="A's second"):
        card = memberships.card(name)
        signature = memberships.signature(card, replaced.commitment)
        residents.startReplacement(CITY, replaced.number, card.account, signature, {"from": act_maker})
        travel(DAYS_3)
        residents.completeReplacement(CITY, replaced.number, {"from": stranger})
        return card.account

    return replace_now


def test_carry_by_anyone_moves_all_lots_with_their_months(point, grant, member, replace, stranger):
    held = {APRIL: 1, JUNE: 50, NEVER: 9}
    grant(member.account, held)
    new = replace()
    carried = events(point.carry(member.account, {"from": stranger}))
    assert carried == [
        ("BlockedSet", member.account, True),
        ("Carried", member.account, new, 60),
        ("Transfer", member.account, new, 60),
    ]
    assert (lots(point, member.account), lots(point, new)) == ({}, held)
    assert (point.balanceOf(member.account), point.balanceOf(new), point.totalSupply()) == (0, 60, 60)


@pytest.mark.parametrize("count", [1, 6, 7, 24, 61])
def test_carry_of_any_number_of_lots_keeps_their_order(point, grant, member, replace, stranger, count):
    held = {APRIL + place: 10 + place for place in range(count)}
    grant(member.account, held)
    new = replace()
    point.carry(member.account, {"from": stranger})
    assert lots(point, new) == held
    assert [point.pointsEndingWith(month) for month in held] == list(held.values())


def test_carry_of_nothing_blocks_the_old_account(point, member, replace, minter, stranger):
    new = replace()
    point.carry(member.account, {"from": stranger})
    assert (lots(point, new), point.frozenOf(member.account)) == ({}, (False, True))
    with reverts("PointAccountFrozen", member.account):
        point.mint(member.account, 1, {"from": minter})


def test_carry_takes_no_lot_that_has_ended(point, grant, member, replace, stranger):
    grant(member.account, {APRIL: 10, JUNE: 5})
    new = replace()
    to_month(MAY)
    carried = events(point.carry(member.account, {"from": stranger}))
    assert ("Lapsed", member.account, APRIL, 10) in carried
    assert ("Carried", member.account, new, 5) in carried
    assert (lots(point, new), point.pointsEndingWith(APRIL)) == ({JUNE: 5}, 10)


def test_carry_takes_a_freeze_along(point, grant, member, replace, act_maker, shop, stranger):
    """Who has a card re-issued is not thereby free of suspicion."""
    grant(member.account, {JUNE: 50})
    point.freeze(member.account, {"from": act_maker})
    new = replace()
    carried = events(point.carry(member.account, {"from": stranger}))
    assert ("FrozenSet", member.account, False) in carried
    assert ("FrozenSet", new, True) in carried
    assert point.frozenOf(new) == (True, False)
    assert point.frozenOf(member.account) == (False, True)
    with reverts("PointAccountFrozen", new):
        point.transfer(shop, 1, {"from": new})
    point.unfreeze(new, {"from": act_maker})
    point.carry(member.account, {"from": stranger})
    assert point.frozenOf(new) == (False, False), "a freeze that was ended came back"


def test_carry_to_an_heir_leaves_the_freeze_behind(
    point, residents, grant, member, memberships, act_maker, stranger
):
    grant(member.account, {JUNE: 50})
    point.freeze(member.account, {"from": act_maker})
    residents.setDeparturePolicy(CITY, 1, {"from": act_maker})
    residents.startInheritance(CITY, 1, 2, {"from": act_maker})
    travel(DAYS_14)
    residents.completeReplacement(CITY, 1, {"from": stranger})
    point.carry(member.account, {"from": stranger})
    heir = memberships.card("B").account
    assert (lots(point, heir), point.frozenOf(heir)) == ({JUNE: 50}, (False, False))
    assert point.frozenOf(member.account)[1]


def test_carry_past_an_account_that_was_replaced_again(
    point, residents, grant, member, memberships, replace, act_maker, stranger
):
    """Nobody carried in between: the lots go to the last account at once."""
    grant(member.account, {JUNE: 50})
    replace()
    third = memberships.card("A's third")
    signature = memberships.signature(third, member.commitment)
    residents.startReplacement(CITY, 1, third.account, signature, {"from": act_maker})
    travel(DAYS_3)
    residents.completeReplacement(CITY, 1, {"from": stranger})
    point.carry(member.account, {"from": stranger})
    assert lots(point, third.account) == {JUNE: 50}


def test_carry_of_an_account_without_a_successor_reverts(
    point, residents, member, resident, act_maker, stranger
):
    residents.closeMembership(CITY, 1, {"from": act_maker})
    for account in (member.account, resident):
        with reverts("PointNotReplaced", account):
            point.carry(account, {"from": stranger})


def test_carry_to_a_merchant_reverts(point, memberships, grant, member, replace, act_maker, stranger):
    """Lots and claims do not mix: officers close the shop, or the resident takes a third account."""
    new_account = memberships.card("A's second").account
    point.approveMerchant(new_account, 3, "商店", "川崎区", {"from": act_maker})
    grant(member.account, {JUNE: 50})
    replace()
    with reverts("PointMintToMerchant", new_account):
        point.carry(member.account, {"from": stranger})


def test_carry_from_a_merchant_reverts(point, memberships, member, replace, act_maker, stranger):
    """A shopkeeper joined with the shop's account: its claim stays the shop's."""
    shopkeeper = memberships.card("C").account
    point.approveMerchant(shopkeeper, 3, "商店", "川崎区", {"from": act_maker})
    [joined] = memberships.join("C")
    replace(joined, "C's second")
    with reverts("PointMintToMerchant", shopkeeper):
        point.carry(shopkeeper, {"from": stranger})


def test_carry_while_paused_reverts(point, grant, member, replace, act_maker, stranger):
    grant(member.account, {JUNE: 50})
    replace()
    point.pause(HOUR, {"from": act_maker})
    with reverts("PointPaused", point.pausedUntil()):
        point.carry(member.account, {"from": stranger})
    point.unpause({"from": act_maker})
    point.carry(member.account, {"from": stranger})


def test_carry_beyond_what_a_lot_holds_reverts_and_loses_nothing(point, grant, member, replace, stranger):
    grant(member.account, {JUNE: 2**29 - 1})
    new = replace()
    grant(new, {JUNE: 1})
    with reverts("PointLotTooLarge", new, JUNE, 2**29, 2**29 - 1):
        point.carry(member.account, {"from": stranger})
    assert lots(point, member.account) == {JUNE: 2**29 - 1}
