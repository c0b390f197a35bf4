"""A card is stolen. The thief has its key and every right that the key has; the owner has the desk.

The thief can spend until the account stands still, and can object to the owner's new card once. It gains
nothing by that: the account stays still, and two other officers decide after 14 days.
"""

import pytest

from scripts.lib.expiry_rule import NEVER
from scripts.lib.reasons import Reason
from tests.support.clock import HOUR, JULY, JUNE, now, travel
from tests.support.reading import lots
from tests.support.reverts import reverts
from tests.support.town import CITY

DAY = 24 * HOUR
LOTS = {JUNE: 300, JULY: 500, NEVER: 200}


@pytest.fixture
def hanako(memberships, point, minter):
    """A resident whose card was stolen, with 1,000 points. Her account answers to the thief as well."""
    [member] = memberships.join("Hanako")
    for month, points in LOTS.items():
        point.mintUntil(member.account, points, month, {"from": minter})
    return member


@pytest.fixture
def new_card(memberships, hanako):
    return memberships.card("Hanako's second")


@pytest.fixture
def replacement(acting, memberships, residents, hanako, new_card):
    """`replacement(desk officer, second)` begins the move to the new card, by two officers."""
    signature = memberships.signature(new_card, hanako.commitment)

    def start(by, second):
        call = (CITY, hanako.number, new_card.account, signature)
        return acting.together(by, second, residents, "startReplacement", *call, reason=Reason.STOLEN_CARD)

    return start


def test_thief_spends_until_one_officer_freezes_the_account(acting, point, hanako, desk_officer, shop):
    point.transfer(shop, 100, {"from": hanako.account})
    acting.perform(desk_officer, point, "freeze", hanako.account, reason=Reason.STOLEN_CARD)
    for receiver in (shop, hanako.account):
        with reverts("PointAccountFrozen", hanako.account):
            point.transfer(receiver, 1, {"from": hanako.account})
    assert point.balanceOf(hanako.account) == 900


def test_thief_cannot_talk_one_officer_into_unfreezing(acting, point, hanako, desk_officer):
    acting.perform(desk_officer, point, "freeze", hanako.account, reason=Reason.STOLEN_CARD)
    with reverts("OfficersNeedsSecond", point.unfreeze.signature):
        acting.perform(desk_officer, point, "unfreeze", hanako.account)


def test_thief_who_wants_the_points_on_a_card_of_its_own_meets_the_desk(
    acting, memberships, residents, hanako, desk_officer
):
    """One officer alone, taken in by a forged paper, can only propose."""
    thief = memberships.card("thief's own")
    signature = memberships.signature(thief, hanako.commitment)
    call = (CITY, hanako.number, thief.account, signature)
    with reverts("OfficersNeedsSecond", residents.startReplacement.signature):
        acting.perform(desk_officer, residents, "startReplacement", *call)
    with reverts("ResidentsOnlyByAct", hanako.account):
        residents.startReplacement(*call, {"from": hanako.account})
    proposed = acting.propose(desk_officer, residents, "startReplacement", *call)
    travel(30 * DAY - 1)
    with reverts("OfficersTooEarly", proposed.number, 0):
        acting.execute(desk_officer, proposed)
    assert not residents.isBlocked(CITY, hanako.account)


def test_owner_gets_all_lots_on_the_new_card_with_their_months(
    replacement, residents, point, hanako, new_card, desk_officer, second_desk_officer, shop, stranger
):
    replacement(desk_officer, second_desk_officer)
    point.syncBlocked(hanako.account, {"from": stranger})
    with reverts("PointAccountFrozen", hanako.account):
        point.transfer(shop, 1, {"from": hanako.account})
    travel(3 * DAY - 1)
    with reverts("ResidentsReplacementTooEarly", now() + 1):
        residents.completeReplacement(CITY, hanako.number, {"from": stranger})
    travel(1)
    residents.completeReplacement(CITY, hanako.number, {"from": stranger})
    point.carry(hanako.account, {"from": stranger})
    assert (lots(point, hanako.account), lots(point, new_card.account)) == ({}, LOTS)
    assert residents.accountOf(CITY, hanako.number) == new_card.account
    point.transfer(shop, 1000, {"from": new_card.account})


def test_thief_objects_once_and_the_account_stays_still(
    replacement, residents, point, hanako, desk_officer, second_desk_officer, shop, stranger
):
    replacement(desk_officer, second_desk_officer)
    residents.objectToReplacement(CITY, hanako.number, {"from": hanako.account})
    point.syncBlocked(hanako.account, {"from": hanako.account})
    with reverts("PointAccountFrozen", hanako.account):
        point.transfer(shop, 1, {"from": hanako.account})
    travel(3 * DAY)
    with reverts("ResidentsReplacementState", CITY, hanako.number, False):
        residents.completeReplacement(CITY, hanako.number, {"from": stranger})
    assert residents.isBlocked(CITY, hanako.account)


def test_second_proposal_by_two_others_stands_whatever_the_thief_says(
    replacement,
    residents,
    point,
    hanako,
    new_card,
    desk_officer,
    second_desk_officer,
    other_desk_officer,
    other_second_desk_officer,
    stranger,
):
    replacement(desk_officer, second_desk_officer)
    travel(3 * DAY - 1)
    residents.objectToReplacement(CITY, hanako.number, {"from": hanako.account})
    with reverts("ResidentsSameOfficers", desk_officer):
        replacement(desk_officer, other_second_desk_officer)
    with reverts("ResidentsSameOfficers", second_desk_officer):
        replacement(other_desk_officer, second_desk_officer)
    replacement(other_desk_officer, other_second_desk_officer)
    with reverts("ResidentsCannotObject", hanako.account):
        residents.objectToReplacement(CITY, hanako.number, {"from": hanako.account})
    travel(14 * DAY - 1)
    with reverts("ResidentsReplacementTooEarly", now() + 1):
        residents.completeReplacement(CITY, hanako.number, {"from": stranger})
    travel(1)
    residents.completeReplacement(CITY, hanako.number, {"from": stranger})
    point.carry(hanako.account, {"from": stranger})
    assert lots(point, new_card.account) == LOTS
    with reverts("ResidentsUnknown", CITY, 0):
        residents.objectToReplacement(CITY, 0, {"from": hanako.account})
    with reverts("ResidentsCannotObject", hanako.account):
        residents.objectToReplacement(CITY, hanako.number, {"from": hanako.account})


def test_owner_objects_to_a_thief_who_has_fooled_the_desk_and_keeps_the_points(
    acting, memberships, residents, point, hanako, desk_officer, second_desk_officer, shop
):
    """The same right the other way round: two officers were shown a forged paper, the owner still has the
    key.
    """
    thief = memberships.card("thief's own")
    call = (CITY, hanako.number, thief.account, memberships.signature(thief, hanako.commitment))
    acting.together(desk_officer, second_desk_officer, residents, "startReplacement", *call)
    residents.objectToReplacement(CITY, hanako.number, {"from": hanako.account})
    travel(14 * DAY)
    point.syncBlocked(hanako.account, {"from": hanako.account})
    point.transfer(shop, 1000, {"from": hanako.account})
    assert point.balanceOf(thief.account) == 0


def test_what_reaches_the_old_card_afterwards_goes_after(
    replacement, residents, point, minter, hanako, new_card, desk_officer, second_desk_officer, stranger
):
    """Blocked, it receives nothing; what it got before the series heard of it is carried with the rest."""
    replacement(desk_officer, second_desk_officer)
    point.mintUntil(hanako.account, 70, JUNE, {"from": minter})
    travel(3 * DAY)
    residents.completeReplacement(CITY, hanako.number, {"from": stranger})
    point.carry(hanako.account, {"from": stranger})
    with reverts("PointAccountFrozen", hanako.account):
        point.mintUntil(hanako.account, 1, JUNE, {"from": minter})
    point.carry(hanako.account, {"from": stranger})
    assert lots(point, new_card.account) == {**LOTS, JUNE: 370}
