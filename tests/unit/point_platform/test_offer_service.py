"""`offerService`: what municipalities may accept, with the rules of its acts."""

import pytest

from scripts.lib.roles import Role
from tests.support.reading import events
from tests.support.reverts import reverts
from tests.support.town import CITY

COUNCIL = 0
DELAY = 3600
RULE = (Role.CASHIER, Role.SECOND_CASHIER, DELAY, 2 * DELAY)


@pytest.fixture
def service(project, platform, deployer):
    """Any contract of which nobody knows anything yet."""
    return project.PointPlatform.deploy(deployer, {"from": deployer})


def test_offer_service_is_logged_with_the_rules_of_its_acts(platform, officers, council, service):
    act = service.registerSeries.signature
    offered = platform.offerService(service, "精算", [(act, RULE)], {"from": council})
    assert events(offered) == [("ServiceOffered", service, "精算"), ("RuleSet", service, act, *RULE)]
    assert platform.isOffered(service)
    assert officers.ruleOfService(service, act) == RULE
    assert officers.actsOfService(service) == (act,)


def test_offer_service_lays_down_no_rule_for_anything_else(platform, officers, council, point, service):
    """A service cannot make an act of the tokens easier by naming its selector."""
    act = point.restoreLots.signature
    before = officers.ruleOf(act)
    easy = (act, (Role.ADMIN, Role.ADMIN, 0, 0))
    platform.offerService(service, "精算", [easy], {"from": council})
    assert officers.ruleOf(act) == before
    assert act in officers.acts()
    assert officers.acts().count(act) == 1


def test_offer_service_with_two_rules_for_one_function_reverts(platform, council, service):
    act = service.registerSeries.signature
    with reverts("OfficersUnknownAct", act):
        platform.offerService(service, "精算", [(act, RULE), (act, RULE)], {"from": council})


def test_offer_service_twice_reverts(platform, council, service):
    platform.offerService(service, "精算", [], {"from": council})
    with reverts("PlatformInvalidService", service):
        platform.offerService(service, "精算", [], {"from": council})


def test_offer_service_of_the_platform_s_own_or_of_no_contract_reverts(
    platform, officers, residents, point, council, stranger
):
    for address in (platform, officers, residents, point, stranger):
        with reverts("PlatformInvalidService", address):
            platform.offerService(address, "精算", [], {"from": council})


def test_offer_service_by_anybody_but_the_council_reverts(platform, service, city, deployer):
    for caller in (city, deployer):
        with reverts("OfficersMissingRole", COUNCIL, Role.ADMIN, caller):
            platform.offerService(service, "精算", [], {"from": caller})


def test_offered_service_cannot_become_a_series(platform, council, service):
    platform.offerService(service, "精算", [], {"from": council})
    with reverts("PlatformSeriesTaken", service):
        platform.registerSeries(CITY, service, {"from": council})


def test_is_offered_is_false_for_what_nobody_offered(platform, service, residents):
    assert not platform.isOffered(service)
    assert not platform.isOffered(residents)
