"""`execute`: what has waited happens; anyone may say so, nobody before its time."""

import pytest
from eth_utils import keccak

from scripts.lib.roles import Role
from tests.support.acting import Proposed
from tests.support.clock import HOUR, JUNE, now, travel
from tests.support.reading import ZERO_ADDRESS, events
from tests.support.reverts import reverts
from tests.support.town import CITY

DAY = 24 * HOUR
EXECUTED = 3


@pytest.fixture
def waiting(acting, point, city, newcomer):
    """A minter proposed by one Admin."""
    return acting.propose(city, point, "increaseMinterAllowance", newcomer, 500)


@pytest.mark.parametrize("approved", [False, True], ids=["alone", "approved"])
def test_execute_after_48_hours_by_anyone(
    acting, point, waiting, newcomer, second_admin, stranger, city, approved
):
    end = now() + 48 * HOUR
    if approved:
        acting.approve(second_admin, waiting)
    travel(48 * HOUR - 1)
    with reverts("OfficersTooEarly", waiting.number, end):
        acting.execute(stranger, waiting)
    travel(1)
    done = events(acting.execute(stranger, waiting))
    assert done[0] == ("MinterAllowanceSet", newcomer, 500)
    assert done[1][6:9] == (city, Role.ADMIN, second_admin if approved else ZERO_ADDRESS)
    assert acting.state_of(waiting) == EXECUTED


def test_execute_is_not_delayed_by_a_late_approval(acting, point, waiting, newcomer, second_admin, stranger):
    travel(47 * HOUR)
    acting.approve(second_admin, waiting)
    travel(HOUR)
    acting.execute(stranger, waiting)
    assert point.minterOf(newcomer) == (500, 0)


def test_execute_twice_reverts(acting, waiting, stranger):
    travel(48 * HOUR)
    acting.execute(stranger, waiting)
    with reverts("OfficersNotOpen", waiting.number, EXECUTED):
        acting.execute(stranger, waiting)


def test_execute_of_other_data_reverts(acting, point, waiting, newcomer, stranger):
    travel(48 * HOUR)
    other = point.increaseMinterAllowance.encode_input(newcomer, 501)
    with reverts("OfficersOtherContents", waiting.number, keccak(hexstr=waiting.data), keccak(hexstr=other)):
        acting.execute(stranger, Proposed(waiting.number, other))


def test_execute_of_what_takes_two_without_an_approval_reverts_at_any_time(
    acting, point, minter, resident, desk_officer, stranger
):
    point.mintUntil(resident, 1, JUNE, {"from": minter})
    proposed = acting.propose(desk_officer, point, "revoke", resident, 1, JUNE)
    for wait in (0, 48 * HOUR, 27 * DAY):
        travel(wait)
        with reverts("OfficersTooEarly", proposed.number, 0):
            acting.execute(stranger, proposed)


def test_execute_30_days_after_the_proposal_reverts(acting, waiting, second_admin, stranger):
    end = now() + 30 * DAY
    acting.approve(second_admin, waiting)
    travel(30 * DAY - 1)
    travel(1)
    with reverts("OfficersTooLate", waiting.number, end):
        acting.execute(stranger, waiting)


def test_execute_in_the_last_second_of_30_days_succeeds(acting, waiting, stranger):
    travel(30 * DAY - 1)
    acting.execute(stranger, waiting)
    assert acting.state_of(waiting) == EXECUTED


def test_execute_after_the_proposer_has_left_reverts(acting, officers, waiting, city, second_admin, stranger):
    acting.approve(second_admin, waiting)
    officers.renounceRole(officers.roleId(CITY, Role.ADMIN), city, {"from": city})
    travel(48 * HOUR)
    with reverts("OfficersMissingRole", CITY, Role.ADMIN, city):
        acting.execute(stranger, waiting)


def test_execute_after_the_approver_has_left_counts_as_not_approved(
    acting, officers, waiting, second_admin, stranger
):
    acting.approve(second_admin, waiting)
    officers.renounceRole(officers.roleId(CITY, Role.ADMIN), second_admin, {"from": second_admin})
    travel(48 * HOUR)
    acting.execute(stranger, waiting)
    assert acting.state_of(waiting) == EXECUTED
    assert officers.proposalOf(waiting.number)[8] == ZERO_ADDRESS


def test_execute_of_an_act_that_fails_leaves_it_open(acting, point, city, minter, stranger):
    proposed = acting.propose(city, point, "increaseMinterAllowance", minter, 2**72)
    travel(48 * HOUR)
    allowance, _ = point.minterOf(minter)
    with reverts("PointMinterAllowance", minter, 2**72 - 1 - allowance, 2**72):
        acting.execute(stranger, proposed)
    assert acting.state_of(proposed) == 1


def test_execute_of_what_somebody_proposed_in_an_earlier_term_reverts(
    acting, officers, point, waiting, city, second_admin, newcomer, stranger
):
    proposed_at = now()
    acting.together(city, second_admin, officers, "appoint", CITY, newcomer, Role.ADMIN, 0)
    officers.renounceRole(officers.roleId(CITY, Role.ADMIN), city, {"from": city})
    travel(HOUR)
    acting.together(second_admin, newcomer, officers, "appoint", CITY, city, Role.ADMIN, 0)
    travel(48 * HOUR)
    with reverts("OfficersAppointedLater", city, proposed_at + HOUR, proposed_at):
        acting.execute(stranger, waiting)


def test_execute_of_what_somebody_approved_in_an_earlier_term_counts_as_not_approved(
    acting, officers, waiting, city, second_admin, newcomer, stranger
):
    acting.approve(second_admin, waiting)
    officers.renounceRole(officers.roleId(CITY, Role.ADMIN), second_admin, {"from": second_admin})
    travel(HOUR)
    appointment = acting.propose(city, officers, "appoint", CITY, second_admin, Role.ADMIN, 0)
    travel(48 * HOUR)
    acting.execute(city, appointment)
    acting.execute(stranger, waiting)
    assert acting.state_of(waiting) == EXECUTED
    assert officers.proposalOf(waiting.number)[8] == ZERO_ADDRESS
