"""`approve`: the second officer, with the very data that was proposed."""

import pytest
from eth_utils import keccak

from scripts.lib.reasons import Reason
from scripts.lib.roles import Role
from tests.support.acting import Proposed
from tests.support.clock import HOUR, JUNE, now, travel
from tests.support.reading import ZERO_ADDRESS, events
from tests.support.reverts import reverts
from tests.support.town import CITY

DAY = 24 * HOUR
NONE, PROPOSED, APPROVED, EXECUTED = range(4)


@pytest.fixture
def revocation(acting, point, minter, resident, desk_officer):
    point.mintUntil(resident, 100, JUNE, {"from": minter})
    return acting.propose(desk_officer, point, "revoke", resident, 100, JUNE, reason=Reason.WRONG_GRANT)


def test_approve_executes_what_need_not_wait_and_names_both(
    acting, officers, point, revocation, resident, desk_officer, second_desk_officer
):
    approved = events(acting.approve(second_desk_officer, revocation))
    assert approved[0] == ("ActApproved", CITY, revocation.number, second_desk_officer)
    assert approved[1:3] == [("Revoked", resident, JUNE, 100), ("Transfer", resident, ZERO_ADDRESS, 100)]
    assert approved[3] == (
        "ActDone",
        CITY,
        point.revoke.signature,
        f"0x{int(resident.address, 16):064x}",
        revocation.number,
        point,
        desk_officer,
        Role.DESK_OFFICER,
        second_desk_officer,
        Reason.WRONG_GRANT,
        "0x" + bytes(32).hex(),
    )
    assert acting.state_of(revocation) == EXECUTED
    assert officers.proposalOf(revocation.number)[4] == now()
    assert officers.actors() == (ZERO_ADDRESS, ZERO_ADDRESS)


def test_approve_by_the_proposer_reverts(acting, point, city):
    proposed = acting.propose(city, point, "setTransferSwitches", True, True)
    with reverts("OfficersSamePerson", city):
        acting.approve(city, proposed)


def test_approve_by_somebody_without_the_office_reverts(
    acting, revocation, city, other_desk_officer, stranger
):
    for caller in (city, other_desk_officer, stranger):
        with reverts("OfficersMissingRole", CITY, Role.SECOND_DESK_OFFICER, caller):
            acting.approve(caller, revocation)


def test_approve_of_other_data_reverts_with_both_hashes(
    acting, point, revocation, resident, second_desk_officer
):
    other = point.revoke.encode_input(resident, 99, JUNE)
    with reverts(
        "OfficersOtherContents", revocation.number, keccak(hexstr=revocation.data), keccak(hexstr=other)
    ):
        acting.approve(second_desk_officer, Proposed(revocation.number, other))


def test_approve_twice_reverts(acting, revocation, second_desk_officer, other_second_desk_officer):
    acting.approve(second_desk_officer, revocation)
    with reverts("OfficersNotOpen", revocation.number, EXECUTED):
        acting.approve(other_second_desk_officer, revocation)


def test_approve_twice_of_what_waits_reverts(acting, point, city, second_admin, newcomer):
    proposed = acting.propose(city, point, "increaseMinterAllowance", newcomer, 1)
    acting.approve(second_admin, proposed)
    with reverts("OfficersNotOpen", proposed.number, APPROVED):
        acting.approve(second_admin, proposed)


def test_approve_of_a_number_not_given_reverts(acting, revocation, second_desk_officer):
    with reverts("OfficersNotOpen", 999, NONE):
        acting.approve(second_desk_officer, Proposed(999, revocation.data))


def test_approve_30_days_later_reverts(acting, revocation, second_desk_officer):
    end = now() + 30 * DAY
    travel(30 * DAY)
    with reverts("OfficersTooLate", revocation.number, end):
        acting.approve(second_desk_officer, revocation)


def test_approve_in_the_last_second_of_30_days_succeeds(
    acting, point, revocation, resident, second_desk_officer
):
    travel(30 * DAY - 1)
    acting.approve(second_desk_officer, revocation)
    assert point.balanceOf(resident) == 0


def test_approve_of_an_act_that_fails_leaves_it_open(
    acting, point, revocation, resident, second_desk_officer, shop
):
    """Too much was spent since: the second officer sees the token's own error and can try again or veto."""
    point.transfer(shop, 1, {"from": resident})
    with reverts("PointLotTooSmall", resident, JUNE, 99, 100):
        acting.approve(second_desk_officer, revocation)
    assert acting.state_of(revocation) == PROPOSED


def test_approve_of_what_somebody_proposed_in_an_earlier_term_reverts(
    acting, officers, revocation, city, second_admin, desk_officer, second_desk_officer
):
    """It fell with the office; who comes back begins anew."""
    proposed_at = now()
    acting.perform(city, officers, "dismiss", CITY, desk_officer, Role.DESK_OFFICER)
    travel(HOUR)
    acting.together(city, second_admin, officers, "appoint", CITY, desk_officer, Role.DESK_OFFICER, 0)
    travel(HOUR)
    with reverts("OfficersAppointedLater", desk_officer, proposed_at + HOUR, proposed_at):
        acting.approve(second_desk_officer, revocation)


def test_approve_by_somebody_appointed_in_the_second_of_the_proposal_reverts(
    acting, officers, revocation, city, second_admin, newcomer
):
    """Within one block both orders look the same."""
    office = CITY, newcomer, Role.SECOND_DESK_OFFICER, 0
    acting.together(city, second_admin, officers, "appoint", *office)
    with reverts("OfficersAppointedLater", newcomer, now(), now()):
        acting.approve(newcomer, revocation)
