"""`propose` and `veto`: an act is laid down by its hash, and can be stopped."""

import pytest
from eth_utils import keccak

from scripts.lib.reasons import Reason
from scripts.lib.roles import Role
from tests.support.clock import JUNE, now
from tests.support.reading import ZERO_ADDRESS, events
from tests.support.reverts import reverts
from tests.support.town import CITY

NONE, PROPOSED, APPROVED, EXECUTED, VETOED = range(5)
PAPER = keccak(text="paper")


@pytest.fixture
def revocation(acting, point, minter, resident, desk_officer):
    """A proposal of the desk officer that waits for its approval."""
    point.mintUntil(resident, 100, JUNE, {"from": minter})
    return acting.propose(
        desk_officer, point, "revoke", resident, 100, JUNE, reason=Reason.WRONG_GRANT, document_hash=PAPER
    )


def test_propose_is_logged_and_kept(officers, acting, point, resident, desk_officer):
    before = officers.proposalCount()
    data = point.unfreeze.encode_input(resident)
    proposed = officers.propose(CITY, point, data, Reason.SUSPICION_CLEARED, PAPER, {"from": desk_officer})
    number, hashed = before + 1, "0x" + keccak(hexstr=data).hex()
    assert proposed.return_value == officers.proposalCount() == number
    reason, paper = Reason.SUSPICION_CLEARED, "0x" + PAPER.hex()
    act = point.unfreeze.signature
    assert events(proposed) == [
        ("ActProposed", CITY, number, act, point, desk_officer, hashed, reason, paper)
    ]
    kept = (CITY, PROPOSED, reason, now(), 0, act, point, desk_officer, ZERO_ADDRESS, hashed, paper)
    assert officers.proposalOf(number)[:11] == kept


def test_propose_changes_nothing_yet(point, revocation, resident):
    assert point.balanceOf(resident) == 100


def test_propose_by_the_approver_s_office_reverts(acting, point, second_desk_officer, resident):
    with reverts("OfficersMissingRole", CITY, Role.DESK_OFFICER, second_desk_officer):
        acting.propose(second_desk_officer, point, "unfreeze", resident)


def test_propose_of_what_one_may_do_alone_is_allowed(
    acting, point, desk_officer, second_desk_officer, resident
):
    """Two people where one would do: the act waits for the second."""
    proposed = acting.propose(desk_officer, point, "freeze", resident)
    assert point.frozenOf(resident) == (False, False)
    acting.approve(second_desk_officer, proposed)
    assert point.frozenOf(resident) == (True, False)


def test_proposal_of_a_number_not_given_is_none(officers):
    assert officers.proposalOf(999)[1] == NONE


# ------------------------------------------------------------------------------------------------------- VETO


@pytest.mark.parametrize("who", ["city", "second_admin", "council", "desk_officer"])
def test_veto_by_an_admin_the_council_or_the_proposer_ends_it(
    acting, officers, revocation, second_desk_officer, who, request
):
    account = request.getfixturevalue(who)
    assert events(acting.veto(account, revocation)) == [("ActVetoed", CITY, revocation.number, account)]
    assert acting.state_of(revocation) == VETOED
    with reverts("OfficersNotOpen", revocation.number, VETOED):
        acting.approve(second_desk_officer, revocation)
    with reverts("OfficersNotOpen", revocation.number, VETOED):
        acting.veto(account, revocation)


@pytest.mark.parametrize("who", ["second_desk_officer", "other_desk_officer", "neighbour", "stranger"])
def test_veto_by_others_reverts(acting, revocation, who, request):
    account = request.getfixturevalue(who)
    with reverts("OfficersMissingRole", CITY, Role.ADMIN, account):
        acting.veto(account, revocation)


def test_veto_of_what_is_done_or_was_never_proposed_reverts(
    acting, officers, revocation, second_desk_officer, city
):
    acting.approve(second_desk_officer, revocation)
    with reverts("OfficersNotOpen", revocation.number, EXECUTED):
        acting.veto(city, revocation)
    with reverts("OfficersNotOpen", 999, NONE):
        officers.veto(999, {"from": city})


@pytest.mark.parametrize("approved", [False, True])
def test_veto_works_before_and_after_the_approval(acting, point, city, second_admin, newcomer, approved):
    proposed = acting.propose(city, point, "increaseMinterAllowance", newcomer, 1)
    if approved:
        acting.approve(second_admin, proposed)
        assert acting.state_of(proposed) == APPROVED
    acting.veto(second_admin, proposed)
    assert acting.state_of(proposed) == VETOED


def test_veto_by_whom_the_act_takes_the_office_from_reverts(acting, officers, city, second_admin):
    proposed = acting.propose(second_admin, officers, "dismissAdmin", CITY, city)
    with reverts("OfficersMissingRole", CITY, Role.ADMIN, city):
        acting.veto(city, proposed)


def test_veto_of_one_s_own_hand_over_by_its_proposer_ends_it(acting, officers, city, newcomer):
    proposed = acting.propose(city, officers, "handOver", CITY, city, Role.ADMIN, newcomer, 0)
    acting.veto(city, proposed)
    assert acting.state_of(proposed) == VETOED
