"""Death and moving out: closeMembership, reopenMembership, startInheritance, and the policy."""

import pytest

from tests.support.clock import HOUR, now, travel
from tests.support.reading import ZERO_ADDRESS, events
from tests.support.reverts import reverts
from tests.support.town import CITY, NEIGHBOUR

DAYS_14 = 14 * 24 * HOUR
END_WITH_THEIR_MONTH, HEIR_MAY_INHERIT = range(2)


@pytest.fixture(autouse=True)
def members(memberships):
    """Resident 1, who departs, and resident 2."""
    return memberships.join("A", "B")


@pytest.fixture
def by_act(act_maker):
    return {"from": act_maker}


@pytest.fixture
def inheritance(residents, by_act):
    """Resident 1's points are to go to resident 2."""
    residents.setDeparturePolicy(CITY, HEIR_MAY_INHERIT, by_act)
    return residents.startInheritance(CITY, 1, 2, by_act)


def test_close_membership_blocks_the_account_and_keeps_the_number(residents, members, by_act, memberships):
    [departed, _] = members
    closed = events(residents.closeMembership(CITY, 1, by_act))
    assert closed == [("MembershipClosed", CITY, 1, departed.account)]
    assert residents.isBlocked(CITY, departed.account)
    assert residents.accountOf(CITY, 1) == residents.successorOf(CITY, departed.account) == ZERO_ADDRESS
    assert (residents.numberOf(CITY, departed.account), residents.everNumberOf(CITY, departed.account)) == (
        0,
        1,
    )
    assert (residents.residentCount(CITY), residents.openMemberships(CITY)) == (2, 1)
    [new] = memberships.join("C")
    assert new.number == 3
    with reverts("ResidentsUnknown", CITY, 1):
        residents.closeMembership(CITY, 1, by_act)


def test_person_who_moves_back_joins_again_with_another_account(residents, members, by_act, memberships):
    residents.closeMembership(CITY, 1, by_act)
    with reverts("ResidentsAccountTaken", CITY, members[0].account):
        residents.register(CITY, 1, [memberships.registration("A")], by_act)
    card, commitment = memberships.card("A's second"), members[0].commitment
    joining = (card.account, commitment, bytes(32), memberships.signature(card, commitment))
    residents.register(CITY, 1, [joining], by_act)
    assert residents.numberOf(CITY, card.account) == 3


def test_close_membership_ends_a_replacement_under_way(residents, members, by_act, memberships, stranger):
    card = memberships.card("A's second")
    signature = memberships.signature(card, members[0].commitment)
    residents.startReplacement(CITY, 1, card.account, signature, by_act)
    residents.closeMembership(CITY, 1, by_act)
    travel(DAYS_14)
    with reverts("ResidentsUnknown", CITY, 1):
        residents.completeReplacement(CITY, 1, {"from": stranger})
    assert not residents.isKnown(CITY, card.account)


def test_reopen_membership_takes_a_mistake_back(residents, members, by_act):
    residents.closeMembership(CITY, 1, by_act)
    reopened = events(residents.reopenMembership(CITY, 1, by_act))
    assert reopened == [("MembershipReopened", CITY, 1, members[0].account)]
    assert not residents.isBlocked(CITY, members[0].account)
    assert (residents.numberOf(CITY, members[0].account), residents.openMemberships(CITY)) == (1, 2)


def test_reopen_membership_that_is_open_or_nobody_s_reverts(residents, by_act):
    for number in (1, 9):
        with reverts("ResidentsUnknown", CITY, number):
            residents.reopenMembership(CITY, number, by_act)


def test_reopen_membership_of_a_person_who_joined_again_reverts(residents, members, by_act, memberships):
    residents.closeMembership(CITY, 1, by_act)
    card, commitment = memberships.card("A's second"), members[0].commitment
    joining = (card.account, commitment, bytes(32), memberships.signature(card, commitment))
    residents.register(CITY, 1, [joining], by_act)
    with reverts("ResidentsPersonRegistered", CITY, 3, commitment):
        residents.reopenMembership(CITY, 1, by_act)


# ------------------------------------------------------------------------------------------------ INHERITANCE


def test_policy_is_that_nobody_inherits_at_first(residents, by_act):
    assert residents.departurePolicy(CITY) == END_WITH_THEIR_MONTH
    with reverts("ResidentsNoHeir", CITY, 2):
        residents.startInheritance(CITY, 1, 2, by_act)


def test_set_departure_policy_is_logged_and_of_one_municipality(residents, by_act):
    done = events(residents.setDeparturePolicy(CITY, HEIR_MAY_INHERIT, by_act))
    assert done == [("DeparturePolicySet", CITY, HEIR_MAY_INHERIT)]
    assert (residents.departurePolicy(CITY), residents.departurePolicy(NEIGHBOUR)) == (1, 0)


def test_inheritance_takes_14_days_and_closes_the_membership(residents, members, inheritance, stranger):
    [departed, heir] = members
    ready = now() + DAYS_14
    assert events(inheritance) == [
        ("ReplacementStarted", CITY, 1, departed.account, heir.account, ready, 1, 2)
    ]
    travel(DAYS_14 - 1)
    with reverts("ResidentsReplacementTooEarly", ready):
        residents.completeReplacement(CITY, 1, {"from": stranger})
    travel(1)
    done = events(residents.completeReplacement(CITY, 1, {"from": stranger}))
    assert done == [
        ("MembershipClosed", CITY, 1, departed.account),
        ("AccountReplaced", CITY, 1, departed.account, heir.account),
    ]
    assert residents.successorOf(CITY, departed.account) == residents.accountOf(CITY, 2) == heir.account
    assert residents.isInherited(CITY, departed.account)
    assert residents.isBlocked(CITY, departed.account)
    assert not residents.isBlocked(CITY, heir.account)


def test_inheritance_is_objected_to_by_whoever_is_alive(residents, members, inheritance):
    residents.objectToReplacement(CITY, 1, {"from": members[0].account})
    assert residents.accountOf(CITY, 1) == members[0].account


def test_inheritance_to_oneself_or_to_nobody_reverts(residents, by_act):
    residents.setDeparturePolicy(CITY, HEIR_MAY_INHERIT, by_act)
    with reverts("ResidentsNoHeir", CITY, 1):
        residents.startInheritance(CITY, 1, 1, by_act)
    for heir in (0, 9):
        with reverts("ResidentsUnknown", CITY, heir):
            residents.startInheritance(CITY, 1, heir, by_act)


def test_inheritance_goes_to_the_heir_s_new_account(
    residents, members, inheritance, by_act, memberships, stranger
):
    card = memberships.card("B's second")
    signature = memberships.signature(card, members[1].commitment)
    residents.startReplacement(CITY, 2, card.account, signature, by_act)
    travel(DAYS_14)
    residents.completeReplacement(CITY, 2, {"from": stranger})
    residents.completeReplacement(CITY, 1, {"from": stranger})
    assert residents.successorOf(CITY, members[0].account) == card.account


def test_inheritance_of_two_from_each_other_has_an_end(residents, members, inheritance, by_act, stranger):
    """Otherwise the chain of successors would go round for ever."""
    residents.startInheritance(CITY, 2, 1, by_act)
    travel(DAYS_14)
    residents.completeReplacement(CITY, 1, {"from": stranger})
    with reverts("ResidentsUnknown", CITY, 1):
        residents.completeReplacement(CITY, 2, {"from": stranger})
    assert residents.successorOf(CITY, members[0].account) == members[1].account


def test_membership_whose_points_were_inherited_is_not_reopened(residents, inheritance, by_act, stranger):
    travel(DAYS_14)
    residents.completeReplacement(CITY, 1, {"from": stranger})
    with reverts("ResidentsUnknown", CITY, 1):
        residents.reopenMembership(CITY, 1, by_act)
