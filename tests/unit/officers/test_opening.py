"""`openMunicipality`, the constructor, and what can be asked of Officers."""

import pytest

from scripts.lib.roles import Role, role_id
from tests.support.clock import now
from tests.support.reading import ZERO_ADDRESS, events
from tests.support.reverts import reverts
from tests.support.town import CITY, NEIGHBOUR

COUNCIL = 0
UNOPENED = 11002


@pytest.fixture
def own_officers(project, deployer, council):
    """Officers whose registry is an account of ours instead of a PointPlatform."""
    return project.Officers.deploy(council, {"from": deployer})


def test_constructor_appoints_the_council_and_knows_its_platform(own_officers, deployer, council):
    assert own_officers.platform() == deployer
    assert own_officers.isOfficer(COUNCIL, Role.ADMIN, council)
    assert (own_officers.adminCount(COUNCIL), own_officers.isOpen(COUNCIL)) == (1, True)
    assert own_officers.termOf(COUNCIL, Role.ADMIN, council) == (now(), 0)


def test_open_municipality_appoints_its_first_officers(own_officers, deployer, city, guardian):
    first = [(Role.ADMIN, city), (Role.GUARDIAN, guardian)]
    opened = events(own_officers.openMunicipality(UNOPENED, first, {"from": deployer}))
    admin_role, guardian_role = ("0x" + role_id(UNOPENED, role).hex() for role in (Role.ADMIN, Role.GUARDIAN))
    no_role = "0x" + bytes(32).hex()
    assert opened == [
        *(("RoleAdminChanged", "0x" + role_id(UNOPENED, role).hex(), no_role, admin_role) for role in Role),
        ("MunicipalityOpened", UNOPENED),
        ("RoleGranted", admin_role, city, deployer),
        ("TermBegins", UNOPENED, Role.ADMIN, city, now()),
        ("RoleGranted", guardian_role, guardian, deployer),
        ("TermBegins", UNOPENED, Role.GUARDIAN, guardian, now()),
    ]
    assert (own_officers.adminCount(UNOPENED), own_officers.isOpen(UNOPENED)) == (1, True)
    assert [own_officers.getRoleAdmin(role_id(UNOPENED, role)) for role in Role] == [admin_role] * len(Role)
    assert own_officers.termOf(UNOPENED, Role.GUARDIAN, guardian) == (now(), 0)


def test_open_municipality_by_anybody_but_the_platform_reverts(officers, council, city, stranger):
    for caller in (council, city, stranger):
        with reverts("OfficersNotPlatform", caller):
            officers.openMunicipality(UNOPENED, [(Role.ADMIN, caller)], {"from": caller})
        with reverts("OfficersNotPlatform", caller):
            officers.addRules(ZERO_ADDRESS, [], {"from": caller})


def test_open_municipality_twice_reverts(own_officers, deployer, city, neighbour):
    own_officers.openMunicipality(UNOPENED, [(Role.ADMIN, city)], {"from": deployer})
    with reverts("OfficersAlreadyOpen", UNOPENED):
        own_officers.openMunicipality(UNOPENED, [(Role.ADMIN, neighbour)], {"from": deployer})


def test_open_municipality_of_the_council_s_own_number_reverts(own_officers, deployer, city):
    with reverts("OfficersAlreadyOpen", COUNCIL):
        own_officers.openMunicipality(COUNCIL, [(Role.ADMIN, city)], {"from": deployer})


def test_open_municipality_without_an_admin_reverts(own_officers, deployer, city):
    for first in ([], [(Role.GUARDIAN, city)]):
        with reverts("OfficersLastAdmin", UNOPENED):
            own_officers.openMunicipality(UNOPENED, first, {"from": deployer})


def test_platform_of_the_officers_is_the_registry(officers, platform):
    assert officers.platform() == platform


def test_is_open_only_for_the_council_and_registered_municipalities(officers):
    assert [officers.isOpen(code) for code in (COUNCIL, CITY, NEIGHBOUR)] == [True] * 3
    assert not officers.isOpen(UNOPENED)
    assert officers.adminCount(UNOPENED) == 0


@pytest.mark.parametrize("role", Role, ids=lambda role: role.name)
def test_role_id_is_readable(officers, role):
    """An auditor divides it by 256: 141305 and the number of the role."""
    number = int(str(officers.roleId(CITY, role)), 16)
    assert divmod(number, 256) == (CITY, role)
    assert officers.roleId(CITY, role) == "0x" + role_id(CITY, role).hex()


def test_role_id_of_the_council_s_admin_is_the_default_admin_role(officers):
    assert officers.roleId(COUNCIL, Role.ADMIN) == officers.DEFAULT_ADMIN_ROLE()


def test_require_officer_passes_for_a_holder(officers, guardian):
    officers.requireOfficer(CITY, Role.GUARDIAN, guardian)


def test_require_officer_of_somebody_else_reverts(officers, guardian, city, stranger):
    for municipality, role, account in (
        (CITY, Role.GUARDIAN, stranger),
        (CITY, Role.GUARDIAN, city),
        (CITY, Role.ADMIN, guardian),
        (NEIGHBOUR, Role.GUARDIAN, guardian),
    ):
        with reverts("OfficersMissingRole", municipality, role, account):
            officers.requireOfficer(municipality, role, account)


def test_rule_of_what_is_no_act_reverts(officers, point):
    with reverts("OfficersUnknownAct", point.transfer.signature):
        officers.ruleOf(point.transfer.signature)


def test_acts_have_a_rule_each_and_none_twice(officers):
    acts = [str(act) for act in officers.acts()]
    assert len(acts) == len(set(acts)) > 0
    assert [len(officers.ruleOf(act)) for act in acts] == [4] * len(acts)


def test_supports_interface_of_access_control_is_true(officers):
    assert officers.supportsInterface("0x7965db0b")
    assert officers.supportsInterface("0x01ffc9a7")
    assert not officers.supportsInterface("0xffffffff")
