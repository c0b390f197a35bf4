"""`rotateCommitments`: the council's key changes; both versions are checked, in batches."""

import pytest

from tests.support.memberships import KEY_VERSION
from tests.support.reading import events
from tests.support.reverts import reverts
from tests.support.town import CITY

NEXT = KEY_VERSION + 1


@pytest.fixture
def members(memberships):
    return memberships.join("A", "B", "C")


@pytest.fixture
def rotate(residents, memberships, act_maker):
    """`rotate({number: name})` to the next version."""

    def rotate_now(people, key_version=NEXT):
        numbers = list(people)
        old = [memberships.commitment(name, key_version - 1) for name in people.values()]
        new = [memberships.commitment(name, key_version) for name in people.values()]
        return residents.rotateCommitments(CITY, key_version, numbers, old, new, {"from": act_maker})

    return rotate_now


def test_rotate_commitments_goes_in_batches(residents, rotate, memberships, members):
    done = events(rotate({1: "A", 3: "C"}))
    assert done == [
        ("CommitmentRotated", CITY, number, "0x" + memberships.commitment(name, NEXT).hex(), NEXT)
        for number, name in ((1, "A"), (3, "C"))
    ]
    assert (residents.keyVersionOf(CITY), residents.onPreviousKey(CITY)) == (NEXT, 1)
    assert residents.commitmentOf(CITY, 2)[1] == KEY_VERSION
    rotate({2: "B"})
    assert residents.onPreviousKey(CITY) == 0


def test_rotate_commitments_with_another_old_one_than_recorded_reverts(
    residents, memberships, members, act_maker
):
    old, new = memberships.commitment("B"), memberships.commitment("A", NEXT)
    with reverts("ResidentsOtherCommitment", CITY, 1, members[0].commitment, old):
        residents.rotateCommitments(CITY, NEXT, [1], [old], [new], {"from": act_maker})


def test_rotate_commitments_twice_to_one_version_reverts(residents, rotate, memberships, members, act_maker):
    rotate({1: "A"})
    old, new = memberships.commitment("A", NEXT), memberships.commitment("A", 99)
    with reverts("ResidentsKeyVersion", NEXT, NEXT):
        residents.rotateCommitments(CITY, NEXT, [1], [old], [new], {"from": act_maker})


@pytest.mark.parametrize("version", [0, KEY_VERSION + 2])
def test_rotate_commitments_to_a_version_that_is_not_the_next_reverts(residents, members, act_maker, version):
    with reverts("ResidentsKeyVersion", KEY_VERSION, version):
        residents.rotateCommitments(CITY, version, [], [], [], {"from": act_maker})


def test_rotate_commitments_on_before_all_have_arrived_reverts(residents, rotate, members, act_maker):
    rotate({1: "A"})
    with reverts("ResidentsKeyVersion", NEXT, NEXT + 1):
        residents.rotateCommitments(CITY, NEXT + 1, [], [], [], {"from": act_maker})


def test_rotate_commitments_to_one_that_is_taken_reverts(residents, memberships, members, act_maker):
    taken = members[1].commitment
    with reverts("ResidentsPersonRegistered", CITY, 2, taken):
        residents.rotateCommitments(CITY, NEXT, [1], [members[0].commitment], [taken], {"from": act_maker})


def test_rotate_commitments_of_lists_that_differ_or_of_nobody_reverts(
    residents, memberships, members, act_maker
):
    old, new = members[0].commitment, memberships.commitment("A", NEXT)
    with reverts("ResidentsListLengths", 2, 1):
        residents.rotateCommitments(CITY, NEXT, [1, 2], [old], [new], {"from": act_maker})
    with reverts("ResidentsUnknown", CITY, 4):
        residents.rotateCommitments(CITY, NEXT, [4], [old], [new], {"from": act_maker})


def test_person_cannot_join_again_under_the_new_key_while_the_rotation_is_under_way(
    residents, rotate, memberships, members, act_maker
):
    """B has not been rotated: only the commitment under the old key tells that B is here already."""
    rotate({1: "A"})
    card, new = memberships.card("B's other"), memberships.commitment("B", NEXT)
    signature = memberships.signature(card, new)
    for previous, error in (
        (memberships.commitment("B"), ("ResidentsPersonRegistered", CITY, 2, members[1].commitment)),
        (bytes(32), ("ResidentsPreviousCommitment", CITY, bytes(32))),
    ):
        with reverts(*error):
            residents.register(CITY, NEXT, [(card.account, new, previous, signature)], {"from": act_maker})


def test_newcomer_joins_during_a_rotation_with_both_commitments(
    residents, rotate, memberships, members, act_maker
):
    rotate({1: "A"})
    joining = memberships.registration("D", NEXT, previous=memberships.commitment("D"))
    residents.register(CITY, NEXT, [joining], {"from": act_maker})
    assert residents.commitmentOf(CITY, 4)[1] == NEXT
    assert residents.onPreviousKey(CITY) == 2


def test_person_who_left_after_being_rotated_joins_again_while_the_rotation_is_under_way(
    residents, rotate, memberships, members, act_maker
):
    rotate({1: "A"})
    residents.closeMembership(CITY, 1, {"from": act_maker})
    card, new = memberships.card("A's second"), memberships.commitment("A", NEXT)
    joining = (card.account, new, memberships.commitment("A"), memberships.signature(card, new))
    residents.register(CITY, NEXT, [joining], {"from": act_maker})
    assert residents.numberOf(CITY, card.account) == 4


def test_person_who_leaves_before_being_rotated_is_not_waited_for(
    residents, rotate, memberships, members, act_maker
):
    rotate({1: "A", 2: "B"})
    residents.closeMembership(CITY, 3, {"from": act_maker})
    assert residents.onPreviousKey(CITY) == 0
    rotate({1: "A", 2: "B"}, NEXT + 1)
    assert residents.keyVersionOf(CITY) == NEXT + 1


def test_reopen_membership_under_an_earlier_key_reverts(residents, rotate, memberships, members, act_maker):
    """Nobody could tell whether the person has joined again since."""
    residents.closeMembership(CITY, 3, {"from": act_maker})
    rotate({1: "A"})
    with reverts("ResidentsKeyVersion", NEXT, KEY_VERSION):
        residents.reopenMembership(CITY, 3, {"from": act_maker})
