"""`registerMunicipality`, and the platform's constructor."""

import pytest

from scripts.lib.municipality_codes import check_digit
from scripts.lib.roles import Role, role_id
from tests.support.clock import now
from tests.support.reading import ZERO_ADDRESS, events
from tests.support.reverts import reverts
from tests.support.town import CITY, NEIGHBOUR

COUNCIL = 0
SAPPORO = 11002


def _code_in_prefecture(prefecture):
    """A number whose check digit is right."""
    first_five = f"{prefecture:02d}100"
    return int(first_five + check_digit(first_five))


def _by(admin):
    """The first officers of a town that has one."""
    return [(Role.ADMIN, admin)]


def test_constructor_deploys_officers_and_residents_that_know_it(project, deployer, council):
    platform = project.PointPlatform.deploy(council, {"from": deployer})
    officers = project.Officers.at(platform.officers())
    residents = project.ResidentRegistry.at(platform.residents())
    assert (officers.platform(), residents.officers()) == (platform, officers)
    assert officers.isOfficer(COUNCIL, Role.ADMIN, council)
    assert not officers.isOfficer(COUNCIL, Role.ADMIN, deployer)
    assert platform.municipalities() == ()


def test_constructor_without_a_council_reverts(project, deployer, stopped_clock):
    with reverts("OfficersInvalidTerm", COUNCIL, Role.ADMIN, ZERO_ADDRESS, now()):
        project.PointPlatform.deploy(ZERO_ADDRESS, {"from": deployer})


def test_register_municipality_opens_its_roles_with_its_first_officers(
    platform, officers, council, newcomer, guardian
):
    first = [(Role.ADMIN, newcomer), (Role.GUARDIAN, guardian)]
    registered = events(platform.registerMunicipality(SAPPORO, "札幌市", first, {"from": council}))
    admin_role = "0x" + role_id(SAPPORO, Role.ADMIN).hex()
    guardian_role = "0x" + role_id(SAPPORO, Role.GUARDIAN).hex()
    assert registered[0] == ("MunicipalityRegistered", SAPPORO, "札幌市")
    assert registered[-5:] == [
        ("MunicipalityOpened", SAPPORO),
        ("RoleGranted", admin_role, newcomer, platform),
        ("TermBegins", SAPPORO, Role.ADMIN, newcomer, now()),
        ("RoleGranted", guardian_role, guardian, platform),
        ("TermBegins", SAPPORO, Role.GUARDIAN, guardian, now()),
    ]
    assert platform.isRegistered(SAPPORO)
    assert platform.municipalities() == (CITY, NEIGHBOUR, SAPPORO)
    assert platform.seriesOf(SAPPORO) == ()
    assert officers.isOfficer(SAPPORO, Role.ADMIN, newcomer)
    assert not officers.isOfficer(SAPPORO, Role.ADMIN, council)


def test_register_municipality_twice_reverts(platform, council, newcomer):
    with reverts("PlatformAlreadyRegistered", CITY):
        platform.registerMunicipality(CITY, "川崎市", _by(newcomer), {"from": council})


def test_register_municipality_without_an_admin_reverts(platform, council):
    for officers in ([], [(Role.GUARDIAN, council)]):
        with reverts("OfficersLastAdmin", SAPPORO):
            platform.registerMunicipality(SAPPORO, "札幌市", officers, {"from": council})
    with reverts("OfficersInvalidTerm", SAPPORO, Role.ADMIN, ZERO_ADDRESS, now()):
        platform.registerMunicipality(SAPPORO, "札幌市", _by(ZERO_ADDRESS), {"from": council})
    assert not platform.isRegistered(SAPPORO)


def test_register_municipality_with_an_officer_named_twice_reverts(platform, council, newcomer):
    with reverts("OfficersInvalidTerm", SAPPORO, Role.ADMIN, newcomer, now()):
        platform.registerMunicipality(SAPPORO, "札幌市", _by(newcomer) * 2, {"from": council})


@pytest.mark.parametrize("code", [12131, 12050, 12041, 131016, 452025, 362018])
def test_register_municipality_with_an_edge_case_of_the_check_digit_succeeds(
    platform, council, newcomer, code
):
    platform.registerMunicipality(code, "市", _by(newcomer), {"from": council})
    assert platform.isRegistered(code)


@pytest.mark.parametrize("digit", [d for d in range(10) if d != 5])
def test_register_municipality_with_a_wrong_check_digit_reverts(platform, council, newcomer, digit):
    code = CITY // 10 * 10 + digit
    with reverts("PlatformInvalidCode", code):
        platform.registerMunicipality(code, "川崎市", _by(newcomer), {"from": council})


@pytest.mark.parametrize("prefecture", [1, 47])
def test_register_municipality_in_the_first_and_last_prefecture_succeeds(
    platform, council, newcomer, prefecture
):
    platform.registerMunicipality(_code_in_prefecture(prefecture), "市", _by(newcomer), {"from": council})


@pytest.mark.parametrize("prefecture", [0, 48, 99])
def test_register_municipality_outside_the_prefectures_reverts(platform, council, newcomer, prefecture):
    code = _code_in_prefecture(prefecture)
    with reverts("PlatformInvalidCode", code):
        platform.registerMunicipality(code, "市", _by(newcomer), {"from": council})


@pytest.mark.parametrize("code", [0, 1, 14130, 1_141_305, 10**6 * CITY + CITY, 2**256 - 1])
def test_register_municipality_with_another_number_of_digits_reverts(platform, council, newcomer, code):
    with reverts("PlatformInvalidCode", code):
        platform.registerMunicipality(code, "市", _by(newcomer), {"from": council})


def test_register_municipality_by_anybody_but_the_council_reverts(
    platform, city, deployer, stranger, newcomer
):
    for caller in (city, deployer, stranger):
        with reverts("OfficersMissingRole", COUNCIL, Role.ADMIN, caller):
            platform.registerMunicipality(SAPPORO, "札幌市", _by(newcomer), {"from": caller})


def test_is_registered_is_false_for_the_council_s_own_number(platform):
    assert not platform.isRegistered(COUNCIL)
    assert not platform.isRegistered(SAPPORO)
