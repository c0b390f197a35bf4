"""`acceptService` and `leaveService`: a municipality lets its officers act on what the council offers."""

import pytest

from scripts.lib.roles import Role
from tests.support.clock import HOUR, travel
from tests.support.reading import events
from tests.support.reverts import reverts
from tests.support.town import CITY, NEIGHBOUR

RULE = (Role.CASHIER, Role.SECOND_CASHIER, 0, 0)


@pytest.fixture
def service(project, platform, council, deployer):
    """A contract that the council offers; its acts are those of a registry that obeys other officers."""
    other = project.PointPlatform.deploy(deployer, {"from": deployer})
    service = project.ResidentRegistry.deploy(other.officers(), {"from": deployer})
    rules = [(service.cancelReplacement.signature, RULE)]
    platform.offerService(service, "精算", rules, {"from": council})
    return service


@pytest.fixture
def accepted(acting, officers, city, second_admin, service):
    proposed = acting.propose(city, officers, "acceptService", CITY, service)
    acting.approve(second_admin, proposed)
    travel(48 * HOUR)
    return acting.execute(city, proposed)


def test_accept_service_takes_48_hours_even_with_a_second_admin(officers, accepted, service):
    assert events(accepted)[0] == ("ServiceAccepted", CITY, service, True)
    assert officers.isAccepted(CITY, service)
    assert not officers.isAccepted(NEIGHBOUR, service)


def test_accept_service_that_nobody_offers_reverts(acting, officers, city, point, stranger):
    proposed = acting.propose(city, officers, "acceptService", CITY, stranger)
    travel(48 * HOUR)
    with reverts("OfficersForeignTarget", CITY, stranger):
        acting.execute(city, proposed)


def test_leave_service_is_done_by_one_admin_at_once(acting, officers, city, accepted, service):
    left = acting.perform(city, officers, "leaveService", CITY, service)
    assert events(left)[0] == ("ServiceAccepted", CITY, service, False)
    assert not officers.isAccepted(CITY, service)


def test_act_on_a_service_not_accepted_reverts(officers, acting, service, city):
    with reverts("OfficersForeignTarget", CITY, service):
        acting.propose(city, service, "cancelReplacement", CITY, 1)


def test_act_on_an_accepted_service_follows_the_service_s_own_rule(
    acting, officers, accepted, service, city, appointed
):
    """The registry's own rule asks for desk officers; the service's for a cashier, who may do it at once."""
    with reverts("OfficersMissingRole", CITY, Role.CASHIER, city):
        acting.perform(city, service, "cancelReplacement", CITY, 1)
    with reverts("ResidentsOnlyByAct", officers):
        acting.perform(appointed, service, "cancelReplacement", CITY, 1)


@pytest.fixture
def appointed(acting, officers, city, second_admin, newcomer):
    """A cashier."""
    acting.together(city, second_admin, officers, "appoint", CITY, newcomer, Role.CASHIER, 0)
    return newcomer


def test_act_proposed_on_a_service_that_was_left_since_reverts(
    acting, officers, accepted, service, city, appointed, second_admin, stranger
):
    proposed = acting.propose(appointed, service, "cancelReplacement", CITY, 1)
    acting.perform(city, officers, "leaveService", CITY, service)
    with reverts("OfficersForeignTarget", CITY, service):
        acting.execute(stranger, proposed)


def test_registry_of_residents_needs_no_acceptance(officers, residents):
    assert officers.isAccepted(CITY, residents)
    assert officers.isAccepted(NEIGHBOUR, residents)


# ------------------------------------------------ A SERVICE WHOSE FUNCTIONS ARE CALLED LIKE THOSE OF OFFICERS

AT_ONCE = (Role.ADMIN, Role.ADMIN, 0, 0)


@pytest.fixture
def namesake(project, platform, acting, officers, council, deployer, city):
    """A service with `reappointAdmin` and `dismissAdmin` of its own, offered by the council and accepted."""
    service = project.Officers.deploy(deployer, {"from": deployer})
    rules = [(service.reappointAdmin.signature, AT_ONCE), (service.dismissAdmin.signature, AT_ONCE)]
    platform.offerService(service, "精算", rules, {"from": council})
    proposed = acting.propose(city, officers, "acceptService", CITY, service)
    travel(48 * HOUR)
    acting.execute(city, proposed)
    return service


def test_act_of_a_service_is_the_town_s_whatever_it_is_called(
    acting, officers, namesake, council, city, stranger
):
    """The council acts in a town by Officers' own reappointAdmin and by nothing of the same name."""
    for way in (acting.perform, acting.propose):
        with reverts("OfficersMissingRole", CITY, Role.ADMIN, council):
            way(council, namesake, "reappointAdmin", CITY, stranger)
    with reverts("OfficersOnlyByAct", officers):  # it reached the service
        acting.perform(city, namesake, "reappointAdmin", CITY, stranger)


def test_act_of_a_service_takes_the_veto_from_nobody_whatever_it_is_called(
    acting, namesake, city, second_admin
):
    proposed = acting.propose(city, namesake, "dismissAdmin", CITY, second_admin)
    acting.veto(second_admin, proposed)
    assert acting.state_of(proposed) == 4
