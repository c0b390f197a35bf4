"""Replacement: start, object, start again by two others, cancel, complete; the account is blocked."""

import pytest

from tests.support.clock import HOUR, now, travel
from tests.support.reading import ZERO_ADDRESS, events
from tests.support.reverts import reverts
from tests.support.town import CITY

DAY = 24 * HOUR


@pytest.fixture
def member(memberships):
    [member, _] = memberships.join("A", "B")
    return member


@pytest.fixture
def new_card(memberships):
    return memberships.card("A's second")


@pytest.fixture
def start(acting, residents, memberships, member, new_card):
    """`start(desk officer, second)` proposes and approves a replacement."""

    def start_now(by, second, card=new_card, signature=None):
        signature = signature or memberships.signature(card, member.commitment)
        call = (CITY, member.number, card.account, signature)
        return acting.together(by, second, residents, "startReplacement", *call)

    return start_now


@pytest.fixture
def started(start, desk_officer, second_desk_officer):
    return start(desk_officer, second_desk_officer)


def test_start_replacement_blocks_the_account_and_waits_three_days(
    residents, started, member, new_card, stranger
):
    ready = now() + 3 * DAY
    expected = ("ReplacementStarted", CITY, 1, member.account, new_card.account, ready, 1, 0)
    assert events(started)[1] == expected
    assert residents.replacementOf(CITY, 1) == (new_card.account, ready, 1, 0)
    assert residents.isBlocked(CITY, member.account)
    assert residents.accountOf(CITY, 1) == member.account
    assert residents.successorOf(CITY, member.account) == ZERO_ADDRESS
    with reverts("ResidentsReplacementTooEarly", ready):
        residents.completeReplacement(CITY, 1, {"from": stranger})


def test_start_replacement_twice_reverts(
    start, started, other_desk_officer, other_second_desk_officer, memberships
):
    with reverts("ResidentsReplacementState", CITY, 1, True):
        start(other_desk_officer, other_second_desk_officer, card=memberships.card("A's third"))


def test_start_replacement_with_a_wrong_signature_reverts(
    start, memberships, desk_officer, second_desk_officer, new_card
):
    """The new key must know whose membership it takes over."""
    wrong = memberships.signature(new_card, memberships.commitment("B"))
    with reverts("ResidentsWrongSignature", new_card.account):
        start(desk_officer, second_desk_officer, signature=wrong)


def test_start_replacement_by_an_account_that_is_taken_reverts(
    start, memberships, desk_officer, second_desk_officer
):
    for name in ("A", "B"):
        with reverts("ResidentsAccountTaken", CITY, memberships.card(name).account):
            start(desk_officer, second_desk_officer, card=memberships.card(name))


def test_new_account_of_a_replacement_is_reserved_for_it(
    residents, memberships, started, new_card, act_maker
):
    commitment = memberships.commitment("C")
    joining = (new_card.account, commitment, bytes(32), memberships.signature(new_card, commitment))
    with reverts("ResidentsAccountTaken", CITY, new_card.account):
        residents.register(CITY, 1, [joining], {"from": act_maker})


def test_start_replacement_of_nobody_reverts(residents, memberships, new_card, act_maker):
    with reverts("ResidentsUnknown", CITY, 9):
        residents.startReplacement(CITY, 9, new_card.account, b"", {"from": act_maker})


def test_complete_replacement_by_anyone_moves_the_membership(residents, started, member, new_card, stranger):
    travel(3 * DAY)
    done = events(residents.completeReplacement(CITY, 1, {"from": stranger}))
    assert done == [("AccountReplaced", CITY, 1, member.account, new_card.account)]
    assert residents.accountOf(CITY, 1) == residents.successorOf(CITY, member.account) == new_card.account
    assert (residents.numberOf(CITY, member.account), residents.numberOf(CITY, new_card.account)) == (0, 1)
    assert residents.isBlocked(CITY, member.account)
    assert not residents.isBlocked(CITY, new_card.account)
    assert residents.everNumberOf(CITY, member.account) == 1
    with reverts("ResidentsReplacementState", CITY, 1, False):
        residents.completeReplacement(CITY, 1, {"from": stranger})


def test_account_that_was_replaced_never_comes_back(
    residents, start, started, memberships, stranger, desk_officer, second_desk_officer
):
    travel(3 * DAY)
    residents.completeReplacement(CITY, 1, {"from": stranger})
    with reverts("ResidentsAccountTaken", CITY, memberships.card("A").account):
        start(desk_officer, second_desk_officer, card=memberships.card("A"))


def test_successor_of_an_account_replaced_twice_is_the_last(
    residents, start, started, memberships, member, desk_officer, second_desk_officer, stranger
):
    travel(3 * DAY)
    residents.completeReplacement(CITY, 1, {"from": stranger})
    third = memberships.card("A's third")
    start(desk_officer, second_desk_officer, card=third)
    travel(3 * DAY)
    residents.completeReplacement(CITY, 1, {"from": stranger})
    assert residents.successorOf(CITY, member.account) == third.account


# -------------------------------------------------------------------------------------------------- OBJECTION


def test_object_to_replacement_stops_it_and_keeps_the_account_blocked_for_14_days(
    residents, started, member, stranger
):
    stopped = events(residents.objectToReplacement(CITY, 1, {"from": member.account}))
    assert stopped == [("ReplacementStopped", CITY, 1, True)]
    assert residents.replacementOf(CITY, 1)[0] == ZERO_ADDRESS
    travel(14 * DAY - 1)
    assert residents.isBlocked(CITY, member.account)
    travel(1)
    assert not residents.isBlocked(CITY, member.account)
    with reverts("ResidentsReplacementState", CITY, 1, False):
        residents.completeReplacement(CITY, 1, {"from": stranger})


def test_object_to_replacement_by_anybody_else_reverts(residents, started, new_card, stranger, desk_officer):
    for caller in (new_card.account, stranger, desk_officer):
        with reverts("ResidentsCannotObject", caller):
            residents.objectToReplacement(CITY, 1, {"from": caller})


def test_object_to_replacement_without_one_reverts(residents, member):
    with reverts("ResidentsReplacementState", CITY, 1, False):
        residents.objectToReplacement(CITY, 1, {"from": member.account})


@pytest.fixture
def objected(residents, started, member):
    residents.objectToReplacement(CITY, 1, {"from": member.account})


def test_second_replacement_takes_two_others_and_14_days(
    residents,
    start,
    objected,
    member,
    new_card,
    desk_officer,
    second_desk_officer,
    other_desk_officer,
    other_second_desk_officer,
    stranger,
):
    with reverts("ResidentsSameOfficers", desk_officer):
        start(desk_officer, other_second_desk_officer)
    with reverts("ResidentsSameOfficers", second_desk_officer):
        start(other_desk_officer, second_desk_officer)
    ready = now() + 14 * DAY
    started = start(other_desk_officer, other_second_desk_officer)
    expected = ("ReplacementStarted", CITY, 1, member.account, new_card.account, ready, 2, 0)
    assert events(started)[1] == expected
    with reverts("ResidentsCannotObject", member.account):
        residents.objectToReplacement(CITY, 1, {"from": member.account})
    travel(14 * DAY)
    residents.completeReplacement(CITY, 1, {"from": stranger})
    assert residents.accountOf(CITY, 1) == new_card.account


def test_objection_is_forgotten_after_a_year(
    residents, start, objected, member, desk_officer, second_desk_officer
):
    travel(365 * DAY - 1)
    with reverts("ResidentsSameOfficers", desk_officer):
        start(desk_officer, second_desk_officer)
    travel(1)
    start(desk_officer, second_desk_officer)
    assert residents.replacementOf(CITY, 1)[2] == 1
    residents.objectToReplacement(CITY, 1, {"from": member.account})


def test_next_person_on_the_new_account_may_object_again(
    residents,
    start,
    objected,
    memberships,
    new_card,
    other_desk_officer,
    other_second_desk_officer,
    desk_officer,
    second_desk_officer,
    stranger,
):
    """An objection belongs to the account that made it."""
    start(other_desk_officer, other_second_desk_officer)
    travel(14 * DAY)
    residents.completeReplacement(CITY, 1, {"from": stranger})
    start(desk_officer, second_desk_officer, card=memberships.card("A's third"))
    residents.objectToReplacement(CITY, 1, {"from": new_card.account})


# ----------------------------------------------------------------------------------------------- CANCELLATION


def test_cancel_replacement_takes_two_and_frees_both_accounts(
    acting, residents, start, started, member, new_card, desk_officer, second_desk_officer
):
    with reverts("OfficersNeedsSecond", residents.cancelReplacement.signature):
        acting.perform(desk_officer, residents, "cancelReplacement", CITY, 1)
    cancelled = acting.together(desk_officer, second_desk_officer, residents, "cancelReplacement", CITY, 1)
    assert events(cancelled)[1] == ("ReplacementStopped", CITY, 1, False)
    assert not residents.isBlocked(CITY, member.account)
    assert not residents.isKnown(CITY, new_card.account)
    start(desk_officer, second_desk_officer)


def test_cancel_replacement_without_one_reverts(residents, member, act_maker):
    with reverts("ResidentsReplacementState", CITY, 1, False):
        residents.cancelReplacement(CITY, 1, {"from": act_maker})
