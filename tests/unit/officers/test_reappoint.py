"""`reappointAdmin`: the one act of the council in a municipality, for one that has lost its Admins."""

import pytest

from scripts.lib.reasons import Reason
from scripts.lib.roles import Role
from tests.support.acting import Acting
from tests.support.clock import HOUR, now, travel
from tests.support.reading import ZERO_ADDRESS, events
from tests.support.reverts import reverts
from tests.support.town import CITY

COUNCIL = 0
DAYS_14 = 14 * 24 * HOUR


@pytest.fixture
def second_of_council(officers, council, newcomer):
    """Another Admin of the council."""
    acting = Acting(officers, COUNCIL)
    proposed = acting.propose(council, officers, "appoint", COUNCIL, newcomer, Role.ADMIN, 0)
    travel(48 * HOUR)
    acting.execute(council, proposed)
    travel(1)
    return newcomer


@pytest.fixture
def proposed(acting, officers, council, stranger):
    return acting.propose(council, officers, "reappointAdmin", CITY, stranger, reason=Reason.LAST_ADMIN_LOST)


def test_reappoint_admin_after_14_days_is_told_as_an_act_in_the_municipality(
    acting, officers, proposed, council, stranger
):
    travel(DAYS_14)
    done = events(acting.execute(council, proposed))
    assert done[1] == ("TermBegins", CITY, Role.ADMIN, stranger, now())
    assert done[2][:3] == ("ActDone", CITY, officers.reappointAdmin.signature)
    assert done[2][6:9] == (council, Role.ADMIN, ZERO_ADDRESS)
    assert officers.isOfficer(CITY, Role.ADMIN, stranger)


def test_reappoint_admin_is_not_faster_with_a_second_one(
    acting, officers, second_of_council, council, stranger
):
    proposed_at = now()
    proposed = acting.propose(council, officers, "reappointAdmin", CITY, stranger)
    acting.approve(second_of_council, proposed)
    travel(DAYS_14 - 1)
    with reverts("OfficersTooEarly", proposed.number, proposed_at + DAYS_14):
        acting.execute(council, proposed)


def test_reappoint_admin_by_a_municipality_reverts(acting, officers, city, stranger):
    with reverts("OfficersMissingRole", COUNCIL, Role.ADMIN, city):
        acting.propose(city, officers, "reappointAdmin", CITY, stranger)


def test_reappoint_admin_is_vetoed_by_any_admin_of_the_municipality(acting, proposed, second_admin):
    acting.veto(second_admin, proposed)
    assert acting.state_of(proposed) == 4


def test_reappoint_admin_of_a_municipality_that_is_not_open_reverts(acting, officers, council, stranger):
    with reverts("OfficersForeignTarget", 11002, officers):
        acting.propose(council, officers, "reappointAdmin", 11002, stranger, municipality=11002)


def test_reappoint_admin_cannot_be_approved_by_the_municipality_s_admins(acting, proposed, city):
    with reverts("OfficersMissingRole", COUNCIL, Role.ADMIN, city):
        acting.approve(city, proposed)


def test_dismissal_of_a_lost_admin_needs_nobody_else_but_48_hours(acting, officers, city, second_admin):
    """The lost one cannot approve, and whoever has the key cannot veto it."""
    proposed = acting.propose(second_admin, officers, "dismissAdmin", CITY, city)
    travel(48 * HOUR)
    acting.execute(second_admin, proposed)
    assert not officers.isOfficer(CITY, Role.ADMIN, city)


def test_acts_of_a_municipality_are_not_approved_by_the_council(
    acting, officers, point, city, council, stranger
):
    for target, function, arguments in (
        (officers, "appoint", (CITY, stranger, Role.ADMIN, 0)),
        (officers, "dismissAdmin", (CITY, stranger)),
        (point, "increaseMinterAllowance", (stranger, 1)),
    ):
        proposed = acting.propose(city, target, function, *arguments)
        with reverts("OfficersMissingRole", CITY, Role.ADMIN, council):
            acting.approve(council, proposed)
