"""Offices have terms: appoint, dismiss, dismissAdmin, handOver, renounceRole; one Admin at least, at every
second.
"""

import pytest

from scripts.lib.japan_calendar import moment_from_text
from scripts.lib.roles import Role
from tests.support.acting import Acting
from tests.support.clock import HOUR, now, travel, travel_to
from tests.support.reading import ZERO_ADDRESS, events
from tests.support.reverts import reverts
from tests.support.town import CITY, NEIGHBOUR

COUNCIL = 0
DAY = 24 * HOUR
FIRST_OF_APRIL = moment_from_text("2026-04-01T00:00")
OTHER_ROLES = list(Role)[1:]


@pytest.fixture
def both(acting, officers, city, second_admin):
    """`both("appoint", …)` by both Admins."""

    def together(function, *arguments):
        return acting.together(city, second_admin, officers, function, CITY, *arguments)

    return together


def holds(officers, role, account):
    return officers.isOfficer(CITY, role, account)


# ------------------------------------------------------------------------------------------------ APPOINTMENT


@pytest.mark.parametrize("role", Role, ids=lambda role: role.name)
def test_appoint_now_begins_a_term_without_end(both, officers, newcomer, role):
    done = events(both("appoint", newcomer, role, 0))
    granted = ("RoleGranted", officers.roleId(CITY, role), newcomer, officers)
    assert done[1:3] == [granted, ("TermBegins", CITY, role, newcomer, now())]
    assert [other for other in Role if holds(officers, other, newcomer)] == [role]
    assert not officers.isOfficer(NEIGHBOUR, role, newcomer)
    assert officers.termOf(CITY, role, newcomer) == (now(), 0)


@pytest.mark.parametrize("days", [1, 90])
def test_appoint_for_a_later_day_begins_then(both, officers, newcomer, days):
    begin = now() + days * DAY
    both("appoint", newcomer, Role.GUARDIAN, begin)
    travel_to(begin - 1)
    assert not holds(officers, Role.GUARDIAN, newcomer)
    travel_to(begin)
    assert holds(officers, Role.GUARDIAN, newcomer)


def test_appoint_in_the_past_or_too_far_ahead_reverts(both, newcomer):
    for begin in (now() - 1, now() + 90 * DAY + 1, 2**40):
        with reverts("OfficersInvalidTerm", CITY, Role.GUARDIAN, newcomer, begin):
            both("appoint", newcomer, Role.GUARDIAN, begin)


def test_appoint_an_admin_for_a_later_day_reverts(both, newcomer):
    """It would count as one who may not leave, and could appoint nobody yet."""
    with reverts("OfficersInvalidTerm", CITY, Role.ADMIN, newcomer, now() + DAY):
        both("appoint", newcomer, Role.ADMIN, now() + DAY)


def test_appoint_somebody_who_serves_or_is_about_to_reverts(both, guardian, newcomer):
    with reverts("OfficersInvalidTerm", CITY, Role.GUARDIAN, guardian, now()):
        both("appoint", guardian, Role.GUARDIAN, 0)
    both("appoint", newcomer, Role.GUARDIAN, now() + DAY)
    with reverts("OfficersInvalidTerm", CITY, Role.GUARDIAN, newcomer, now()):
        both("appoint", newcomer, Role.GUARDIAN, 0)


def test_appoint_nobody_reverts(both):
    with reverts("OfficersInvalidTerm", CITY, Role.GUARDIAN, ZERO_ADDRESS, now()):
        both("appoint", ZERO_ADDRESS, Role.GUARDIAN, 0)


def test_appoint_again_after_a_dismissal_begins_a_new_term(acting, both, officers, city, guardian):
    acting.perform(city, officers, "dismiss", CITY, guardian, Role.GUARDIAN)
    travel(DAY)
    both("appoint", guardian, Role.GUARDIAN, 0)
    assert officers.termOf(CITY, Role.GUARDIAN, guardian) == (now(), 0)
    assert holds(officers, Role.GUARDIAN, guardian)


def test_appoint_to_an_office_of_the_council_other_than_admin_reverts(officers, council, newcomer):
    acting = Acting(officers, COUNCIL)
    proposed = acting.propose(council, officers, "appoint", COUNCIL, newcomer, Role.GUARDIAN, 0)
    travel(48 * HOUR)
    with reverts("OfficersUnknownRole", COUNCIL, Role.GUARDIAN):
        acting.execute(council, proposed)


def test_council_appoints_its_own_second_admin(officers, platform, council, newcomer, stranger):
    acting = Acting(officers, COUNCIL)
    proposed = acting.propose(council, officers, "appoint", COUNCIL, newcomer, Role.ADMIN, 0)
    travel(48 * HOUR)
    acting.execute(council, proposed)
    platform.registerMunicipality(11002, "札幌市", [(Role.ADMIN, stranger)], {"from": newcomer})
    assert officers.adminCount(COUNCIL) == 2


# -------------------------------------------------------------------------------------------------- DISMISSAL


@pytest.mark.parametrize("role", OTHER_ROLES, ids=lambda role: role.name)
def test_dismiss_by_one_admin_ends_an_office_at_once(acting, both, officers, city, newcomer, role):
    both("appoint", newcomer, role, 0)
    travel(DAY)
    done = events(acting.perform(city, officers, "dismiss", CITY, newcomer, role))
    revoked = ("RoleRevoked", officers.roleId(CITY, role), newcomer, officers)
    assert done[:2] == [revoked, ("TermEnds", CITY, role, newcomer, now())]
    assert not holds(officers, role, newcomer)


def test_dismiss_of_an_appointment_that_has_not_begun_ends_it(acting, both, officers, city, newcomer):
    both("appoint", newcomer, Role.GUARDIAN, now() + DAY)
    done = events(acting.perform(city, officers, "dismiss", CITY, newcomer, Role.GUARDIAN))
    revoked = ("RoleRevoked", officers.roleId(CITY, Role.GUARDIAN), newcomer, officers)
    assert done[:2] == [revoked, ("TermEnds", CITY, Role.GUARDIAN, newcomer, now())]
    assert officers.termOf(CITY, Role.GUARDIAN, newcomer) == (now(), now())
    travel(2 * DAY)
    assert not holds(officers, Role.GUARDIAN, newcomer)


def test_dismiss_of_somebody_who_does_not_serve_reverts(acting, officers, city, stranger):
    with reverts("OfficersInvalidTerm", CITY, Role.GUARDIAN, stranger, now()):
        acting.perform(city, officers, "dismiss", CITY, stranger, Role.GUARDIAN)


def test_dismiss_of_an_admin_by_one_reverts(acting, officers, city, second_admin):
    with reverts("OfficersNeedsSecond", officers.dismissAdmin.signature):
        acting.perform(city, officers, "dismiss", CITY, second_admin, Role.ADMIN)


def test_dismiss_admin_takes_a_second_one_or_48_hours(acting, both, officers, city, second_admin, newcomer):
    both("appoint", newcomer, Role.ADMIN, 0)
    travel(1)
    acting.together(city, newcomer, officers, "dismissAdmin", CITY, second_admin)
    assert not holds(officers, Role.ADMIN, second_admin)
    alone = acting.propose(city, officers, "dismissAdmin", CITY, newcomer)
    travel(48 * HOUR)
    acting.execute(city, alone)
    assert (officers.adminCount(CITY), holds(officers, Role.ADMIN, newcomer)) == (1, False)


# ------------------------------------------------------------------------------------------------- LAST ADMIN


@pytest.fixture
def alone(officers, second_admin, city):
    """The Admin who is left when the other has gone."""
    officers.renounceRole(officers.roleId(CITY, Role.ADMIN), second_admin, {"from": second_admin})
    return city


def test_last_admin_cannot_be_dismissed_nor_renounce(acting, officers, alone):
    proposed = acting.propose(alone, officers, "dismissAdmin", CITY, alone)
    travel(48 * HOUR)
    with reverts("OfficersLastAdmin", CITY):
        acting.execute(alone, proposed)
    with reverts("OfficersLastAdmin", CITY):
        officers.renounceRole(officers.roleId(CITY, Role.ADMIN), alone, {"from": alone})


def test_last_admin_hands_over_to_a_successor(acting, officers, alone, newcomer):
    proposed = acting.propose(alone, officers, "handOver", CITY, alone, Role.ADMIN, newcomer, 0)
    travel(48 * HOUR)
    acting.execute(alone, proposed)
    assert (officers.adminCount(CITY), holds(officers, Role.ADMIN, newcomer)) == (1, True)
    assert not holds(officers, Role.ADMIN, alone)


def test_last_admin_of_the_council_cannot_leave(officers, council):
    with reverts("OfficersLastAdmin", COUNCIL):
        officers.renounceRole(officers.roleId(COUNCIL, Role.ADMIN), council, {"from": council})


def test_admins_are_counted_in_each_municipality_apart(officers, neighbour, second_admin):
    assert (officers.adminCount(CITY), officers.adminCount(NEIGHBOUR)) == (2, 1)
    with reverts("OfficersLastAdmin", NEIGHBOUR):
        officers.renounceRole(officers.roleId(NEIGHBOUR, Role.ADMIN), neighbour, {"from": neighbour})


# ------------------------------------------------------------------------------------------------- RENOUNCING


def test_renounce_role_by_its_holder_ends_it(officers, guardian):
    role = officers.roleId(CITY, Role.GUARDIAN)
    done = events(officers.renounceRole(role, guardian, {"from": guardian}))
    assert done == [
        ("RoleRevoked", role, guardian, guardian),
        ("TermEnds", CITY, Role.GUARDIAN, guardian, now()),
    ]
    assert not holds(officers, Role.GUARDIAN, guardian)


def test_renounce_role_for_somebody_else_reverts(officers, city, guardian):
    with reverts("AccessControlBadConfirmation"):
        officers.renounceRole(officers.roleId(CITY, Role.GUARDIAN), guardian, {"from": city})


def test_renounce_role_that_one_does_not_hold_reverts(officers, stranger):
    with reverts("OfficersInvalidTerm", CITY, Role.GUARDIAN, stranger, now()):
        officers.renounceRole(officers.roleId(CITY, Role.GUARDIAN), stranger, {"from": stranger})


# -------------------------------------------------------------------------------------------------- HAND-OVER


def test_hand_over_on_1_april_ends_one_term_where_the_other_begins(both, officers, guardian, newcomer):
    travel_to(FIRST_OF_APRIL - 60 * DAY)
    done = events(both("handOver", guardian, Role.GUARDIAN, newcomer, FIRST_OF_APRIL))
    assert done[2:4] == [
        ("TermBegins", CITY, Role.GUARDIAN, newcomer, FIRST_OF_APRIL),
        ("TermEnds", CITY, Role.GUARDIAN, guardian, FIRST_OF_APRIL),
    ]
    for moment, old, new in ((FIRST_OF_APRIL - 1, True, False), (FIRST_OF_APRIL, False, True)):
        travel_to(moment)
        assert (holds(officers, Role.GUARDIAN, guardian), holds(officers, Role.GUARDIAN, newcomer)) == (
            old,
            new,
        )


def test_hand_over_of_an_office_somebody_else_holds_already_reverts(
    both, merchant_officer, second_merchant_officer
):
    with reverts("OfficersInvalidTerm", CITY, Role.MERCHANT_OFFICER, second_merchant_officer, now()):
        both("handOver", merchant_officer, Role.MERCHANT_OFFICER, second_merchant_officer, 0)


def test_hand_over_to_oneself_reverts(both, guardian):
    with reverts("OfficersInvalidTerm", CITY, Role.GUARDIAN, guardian, now()):
        both("handOver", guardian, Role.GUARDIAN, guardian, 0)


def test_hand_over_from_somebody_who_does_not_serve_reverts(both, stranger, newcomer):
    with reverts("OfficersInvalidTerm", CITY, Role.GUARDIAN, stranger, now()):
        both("handOver", stranger, Role.GUARDIAN, newcomer, 0)


def test_hand_over_of_an_admin_on_a_later_day_reverts(both, city, newcomer):
    """One of the Admins must serve at every second; the day's own hand-over takes two as well."""
    with reverts("OfficersInvalidTerm", CITY, Role.ADMIN, city, now() + DAY):
        both("handOver", city, Role.ADMIN, newcomer, now() + DAY)


def test_hand_over_laid_down_twice_does_not_lengthen_the_term(both, officers, guardian, newcomer, stranger):
    """Who is to leave in ten days cannot be kept for twenty by another hand-over."""
    first = now() + 10 * DAY
    both("handOver", guardian, Role.GUARDIAN, newcomer, first)
    later = now() + 20 * DAY
    with reverts("OfficersInvalidTerm", CITY, Role.GUARDIAN, guardian, later):
        both("handOver", guardian, Role.GUARDIAN, stranger, later)
    travel_to(first)
    assert not holds(officers, Role.GUARDIAN, guardian)
