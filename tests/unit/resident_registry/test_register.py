"""`register`: numbers, accounts and commitments; signed by the account, one membership per person."""

import pytest

from tests.support.memberships import KEY_VERSION, NO_COMMITMENT, Memberships
from tests.support.reading import ZERO_ADDRESS, events
from tests.support.reverts import reverts
from tests.support.town import CITY, NEIGHBOUR


@pytest.fixture
def register(residents, act_maker):
    """`register(*registrations)` as if by two officers."""

    def register_now(*registrations, municipality=CITY, key_version=KEY_VERSION):
        return residents.register(municipality, key_version, list(registrations), {"from": act_maker})

    return register_now


def test_register_issues_numbers_from_one_without_gaps(residents, register, memberships):
    names = ("A", "B", "C")
    done = events(register(*(memberships.registration(name) for name in names)))
    assert done == [
        (
            "ResidentRegistered",
            CITY,
            place + 1,
            memberships.card(name).account,
            "0x" + memberships.commitment(name).hex(),
            KEY_VERSION,
        )
        for place, name in enumerate(names)
    ]
    register(memberships.registration("D"))
    assert residents.residentCount(CITY) == residents.openMemberships(CITY) == 4
    for place, name in enumerate((*names, "D")):
        account = memberships.card(name).account
        assert residents.accountOf(CITY, place + 1) == account
        assert residents.numberOf(CITY, account) == place + 1
        held = "0x" + memberships.commitment(name).hex()
        assert residents.commitmentOf(CITY, place + 1) == (held, KEY_VERSION)


def test_register_takes_two_officers(acting, residents, memberships, desk_officer, second_desk_officer):
    call = ("register", CITY, KEY_VERSION, [memberships.registration("A")])
    with reverts("OfficersNeedsSecond", residents.register.signature):
        acting.perform(desk_officer, residents, *call)
    proposed = acting.propose(desk_officer, residents, *call)
    assert residents.residentCount(CITY) == 0
    acting.approve(second_desk_officer, proposed)
    assert residents.residentCount(CITY) == 1


def test_register_directly_reverts(residents, memberships, desk_officer, council):
    for caller in (desk_officer, council):
        with reverts("ResidentsOnlyByAct", caller):
            residents.register(CITY, KEY_VERSION, [memberships.registration("A")], {"from": caller})


def test_register_with_a_wrong_signature_registers_nobody(residents, register, memberships):
    account, commitment, previous, signature = memberships.registration("B")
    others = memberships.registration("C")[3]
    for forged in (b"", b"\x00" * 65, others, signature[:-1], signature[:64] + bytes([signature[64] ^ 7])):
        with reverts("ResidentsWrongSignature", account):
            register(memberships.registration("A"), (account, commitment, previous, forged))
    assert residents.residentCount(CITY) == 0


def test_register_with_a_signature_for_another_municipality_or_commitment_reverts(register, memberships):
    card, commitment = memberships.card("A"), memberships.commitment("A")
    elsewhere = memberships.signature(card, commitment, municipality=NEIGHBOUR)
    of_other = memberships.signature(card, memberships.commitment("B"))
    for signature in (elsewhere, of_other):
        with reverts("ResidentsWrongSignature", card.account):
            register((card.account, commitment, NO_COMMITMENT, signature))


def test_register_the_same_person_twice_reverts(register, memberships):
    register(memberships.registration("A"))
    card, commitment = memberships.card("A's other"), memberships.commitment("A")
    again = (card.account, commitment, NO_COMMITMENT, memberships.signature(card, commitment))
    with reverts("ResidentsPersonRegistered", CITY, 1, commitment):
        register(again)


def test_register_the_same_account_twice_reverts(register, memberships):
    register(memberships.registration("A"))
    card, commitment = memberships.card("A"), memberships.commitment("B")
    with reverts("ResidentsAccountTaken", CITY, card.account):
        register((card.account, commitment, NO_COMMITMENT, memberships.signature(card, commitment)))


def test_register_the_same_twice_in_one_batch_reverts(residents, register, memberships):
    with reverts("ResidentsAccountTaken", CITY, memberships.card("A").account):
        register(memberships.registration("A"), memberships.registration("A"))
    assert residents.residentCount(CITY) == 0


def test_register_without_an_account_or_a_commitment_reverts(register, memberships):
    card = memberships.card("A")
    with reverts("ResidentsAccountTaken", CITY, ZERO_ADDRESS):
        register((ZERO_ADDRESS, memberships.commitment("A"), NO_COMMITMENT, b""))
    with reverts("ResidentsPersonRegistered", CITY, 0, NO_COMMITMENT):
        register((card.account, NO_COMMITMENT, NO_COMMITMENT, memberships.signature(card, NO_COMMITMENT)))


def test_register_the_same_account_in_two_municipalities_counts_apart(
    accounts, residents, act_maker, register, memberships
):
    """A person may take part in two towns; another account for each is the default, not the rule."""
    elsewhere = Memberships(accounts, residents, act_maker, NEIGHBOUR)
    register(memberships.registration("A"))
    elsewhere.join("B")
    [member] = elsewhere.join("A")
    assert (member.number, residents.numberOf(CITY, member.account)) == (2, 1)
    assert residents.numberOf(NEIGHBOUR, member.account) == 2


def test_register_under_another_key_version_than_the_first_reverts(register, memberships):
    register(memberships.registration("A"))
    for version in (0, KEY_VERSION + 1):
        with reverts("ResidentsKeyVersion", KEY_VERSION, version):
            register(memberships.registration("B"), key_version=version)


def test_register_nobody_under_version_zero_reverts(register):
    with reverts("ResidentsKeyVersion", 0, 0):
        register(key_version=0)


def test_register_with_a_previous_commitment_outside_a_rotation_reverts(register, memberships):
    previous = memberships.commitment("A", KEY_VERSION + 7)
    with reverts("ResidentsPreviousCommitment", CITY, previous):
        register(memberships.registration("A", previous=previous))


def test_views_of_nobody_are_empty(residents, stranger):
    assert residents.accountOf(CITY, 1) == residents.successorOf(CITY, stranger) == ZERO_ADDRESS
    assert (residents.numberOf(CITY, stranger), residents.everNumberOf(CITY, stranger)) == (0, 0)
    assert not residents.isBlocked(CITY, stranger)
    assert not residents.isKnown(CITY, stranger)
    assert not residents.isInherited(CITY, stranger)
    assert residents.replacementOf(CITY, 1)[0] == ZERO_ADDRESS
