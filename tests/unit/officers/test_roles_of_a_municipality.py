"""Who appoints and dismisses whom: grantRole, revokeRole, renounceRole."""

import pytest

from scripts.lib.deployment import Role, role_id
from tests.support.reading import events
from tests.support.reverts import reverts
from tests.support.town import CITY, NEIGHBOUR

COUNCIL = 0
UNOPENED = 11002  # 札幌市, which takes no part yet


def _id(municipality, role):
    return "0x" + role_id(municipality, role).hex()


CITY_ADMIN = _id(CITY, Role.ADMIN)
NEIGHBOUR_ADMIN = _id(NEIGHBOUR, Role.ADMIN)
COUNCIL_ADMIN = _id(COUNCIL, Role.ADMIN)

# ------------------------------------------------------------------------------------------------ APPOINTMENT


@pytest.mark.parametrize("role", Role, ids=lambda role: role.name)
def test_grant_role_by_the_admin_appoints_to_every_office(officers, city, newcomer, role):
    granted = officers.grantRole(_id(CITY, role), newcomer, {"from": city})
    assert events(granted) == [("RoleGranted", _id(CITY, role), newcomer, city)]
    assert officers.isOfficer(CITY, role, newcomer)
    others = [other for other in Role if other != role]
    assert not any(officers.isOfficer(CITY, other, newcomer) for other in others)
    assert not officers.isOfficer(NEIGHBOUR, role, newcomer)


@pytest.mark.parametrize("role", Role, ids=lambda role: role.name)
def test_grant_role_by_the_admin_of_another_town_reverts(officers, neighbour, newcomer, role):
    with reverts("AccessControlUnauthorizedAccount", neighbour, CITY_ADMIN):
        officers.grantRole(_id(CITY, role), newcomer, {"from": neighbour})


@pytest.mark.parametrize("role", Role, ids=lambda role: role.name)
def test_grant_role_of_an_open_municipality_by_the_council_reverts(officers, council, newcomer, role):
    with reverts("AccessControlUnauthorizedAccount", council, CITY_ADMIN):
        officers.grantRole(_id(CITY, role), newcomer, {"from": council})


@pytest.mark.parametrize("role", Role, ids=lambda role: role.name)
def test_grant_role_of_an_unopened_municipality_by_the_council_reverts(officers, council, newcomer, role):
    with reverts("OfficersUnknownRole", _id(UNOPENED, role)):
        officers.grantRole(_id(UNOPENED, role), newcomer, {"from": council})


def test_grant_role_of_a_municipality_opened_later_reverts_for_the_council(
    officers, platform, council, newcomer, stranger
):
    """Neither before nor after the registration."""
    role = _id(UNOPENED, Role.CASHIER)
    with reverts("OfficersUnknownRole", role):
        officers.grantRole(role, newcomer, {"from": council})
    platform.registerMunicipality(UNOPENED, "札幌市", stranger, {"from": council})
    with reverts("AccessControlUnauthorizedAccount", council, _id(UNOPENED, Role.ADMIN)):
        officers.grantRole(role, newcomer, {"from": council})
    officers.grantRole(role, newcomer, {"from": stranger})
    assert officers.isOfficer(UNOPENED, Role.CASHIER, newcomer)


@pytest.mark.parametrize("number", [len(Role), 100, 255])
def test_grant_role_that_a_municipality_does_not_have_reverts(officers, council, city, newcomer, number):
    role = "0x" + (CITY * 256 + number).to_bytes(32, "big").hex()
    with reverts("OfficersUnknownRole", role):
        officers.grantRole(role, newcomer, {"from": council})
    with reverts("AccessControlUnauthorizedAccount", city, COUNCIL_ADMIN):
        officers.grantRole(role, newcomer, {"from": city})


@pytest.mark.parametrize("role", list(Role)[1:], ids=lambda role: role.name)
def test_grant_role_other_than_admin_of_the_council_reverts(officers, council, newcomer, role):
    with reverts("OfficersUnknownRole", _id(COUNCIL, role)):
        officers.grantRole(_id(COUNCIL, role), newcomer, {"from": council})


def test_grant_role_with_an_id_that_only_ends_like_a_town_s_reverts(officers, council, newcomer):
    role = "0x" + (2**200 + CITY * 256 + Role.CASHIER).to_bytes(32, "big").hex()
    with reverts("OfficersUnknownRole", role):
        officers.grantRole(role, newcomer, {"from": council})


def test_grant_role_of_the_council_by_a_town_reverts(officers, city, newcomer):
    with reverts("AccessControlUnauthorizedAccount", city, COUNCIL_ADMIN):
        officers.grantRole(COUNCIL_ADMIN, newcomer, {"from": city})


def test_grant_role_by_an_officer_who_is_no_admin_reverts(officers, guardian, newcomer):
    with reverts("AccessControlUnauthorizedAccount", guardian, CITY_ADMIN):
        officers.grantRole(_id(CITY, Role.GUARDIAN), newcomer, {"from": guardian})


def test_grant_role_twice_changes_nothing(officers, city, newcomer):
    officers.grantRole(CITY_ADMIN, newcomer, {"from": city})
    again = officers.grantRole(CITY_ADMIN, newcomer, {"from": city})
    assert events(again) == []
    assert officers.adminCount(CITY) == 2


# -------------------------------------------------------------------------------------------------- DISMISSAL


def test_revoke_role_by_the_admin_dismisses(officers, city, guardian):
    revoked = officers.revokeRole(_id(CITY, Role.GUARDIAN), guardian, {"from": city})
    assert events(revoked) == [("RoleRevoked", _id(CITY, Role.GUARDIAN), guardian, city)]
    assert not officers.isOfficer(CITY, Role.GUARDIAN, guardian)


def test_revoke_role_by_others_reverts(officers, council, neighbour, stranger, guardian):
    for caller in (council, neighbour, stranger, guardian):
        with reverts("AccessControlUnauthorizedAccount", caller, CITY_ADMIN):
            officers.revokeRole(_id(CITY, Role.GUARDIAN), guardian, {"from": caller})


def test_revoke_role_from_somebody_without_it_changes_nothing(officers, city, stranger):
    assert events(officers.revokeRole(CITY_ADMIN, stranger, {"from": city})) == []
    assert officers.adminCount(CITY) == 1


def test_renounce_role_by_its_holder_ends_it(officers, guardian):
    officers.renounceRole(_id(CITY, Role.GUARDIAN), guardian, {"from": guardian})
    assert not officers.isOfficer(CITY, Role.GUARDIAN, guardian)


def test_renounce_role_for_somebody_else_reverts(officers, city, guardian):
    with reverts("AccessControlBadConfirmation"):
        officers.renounceRole(_id(CITY, Role.GUARDIAN), guardian, {"from": city})


# ------------------------------------------------------------------------------------------------- LAST ADMIN


def test_last_admin_cannot_be_revoked(officers, city):
    with reverts("OfficersLastAdmin", CITY):
        officers.revokeRole(CITY_ADMIN, city, {"from": city})


def test_last_admin_cannot_renounce(officers, city):
    with reverts("OfficersLastAdmin", CITY):
        officers.renounceRole(CITY_ADMIN, city, {"from": city})


def test_last_admin_of_the_council_cannot_leave(officers, council):
    with reverts("OfficersLastAdmin", COUNCIL):
        officers.revokeRole(COUNCIL_ADMIN, council, {"from": council})
    with reverts("OfficersLastAdmin", COUNCIL):
        officers.renounceRole(COUNCIL_ADMIN, council, {"from": council})


def test_admin_may_leave_once_there_is_another(officers, city, newcomer, stranger):
    officers.grantRole(CITY_ADMIN, newcomer, {"from": city})
    assert officers.adminCount(CITY) == 2
    officers.renounceRole(CITY_ADMIN, city, {"from": city})
    assert officers.adminCount(CITY) == 1
    with reverts("AccessControlUnauthorizedAccount", city, CITY_ADMIN):
        officers.grantRole(_id(CITY, Role.GUARDIAN), stranger, {"from": city})
    officers.grantRole(_id(CITY, Role.GUARDIAN), stranger, {"from": newcomer})
    with reverts("OfficersLastAdmin", CITY):
        officers.renounceRole(CITY_ADMIN, newcomer, {"from": newcomer})


def test_admin_may_be_revoked_by_another(officers, city, newcomer):
    officers.grantRole(CITY_ADMIN, newcomer, {"from": city})
    officers.revokeRole(CITY_ADMIN, city, {"from": newcomer})
    assert (officers.adminCount(CITY), officers.isOfficer(CITY, Role.ADMIN, city)) == (1, False)


def test_admin_count_of_one_town_is_apart_from_another_s(officers, city, neighbour, newcomer):
    officers.grantRole(CITY_ADMIN, newcomer, {"from": city})
    with reverts("OfficersLastAdmin", NEIGHBOUR):
        officers.renounceRole(NEIGHBOUR_ADMIN, neighbour, {"from": neighbour})


def test_council_appoints_and_dismisses_its_own_members(officers, platform, council, newcomer, stranger):
    officers.grantRole(COUNCIL_ADMIN, newcomer, {"from": council})
    officers.revokeRole(COUNCIL_ADMIN, council, {"from": newcomer})
    platform.registerMunicipality(UNOPENED, "札幌市", stranger, {"from": newcomer})
    with reverts("OfficersMissingRole", COUNCIL, Role.ADMIN, council):
        platform.registerMunicipality(12033, "小樽市", stranger, {"from": council})
