from dataclasses import replace

import pytest
from eth_utils import keccak

from scripts.lib.act_rules import NEVER, read_rules
from scripts.lib.acts import ActError
from scripts.lib.calls import Call
from scripts.lib.contract_abi import encode_call
from scripts.lib.node.event_log import read_events
from scripts.lib.node.sender import SendError
from scripts.lib.proceedings import (
    PROPOSAL_LIFE_SECONDS,
    ProposalState,
    _known,
    _pending,
    carry_out,
    execute_pending,
    read_proposals,
)
from scripts.lib.reasons import Reason
from scripts.lib.roles import Role
from tests.support.office_town import CODE, open_town, undone

HOURS = 60 * 60


@pytest.fixture(scope="module")
def opened(own_chain, rpc, keyring):
    return open_town(own_chain, rpc, keyring)


@pytest.fixture
def town(opened):
    """The town as it was opened: what a test does is undone after it."""
    with undone(opened) as town:
        yield town


@pytest.fixture
def freezing(town):
    return town.act("MunicipalPoint", "freeze", town.account("resident"), by=town.officer(Role.DESK_OFFICER))


@pytest.fixture
def unfreezing(town):
    return town.act(
        "MunicipalPoint",
        "unfreeze",
        town.account("resident"),
        by=town.officer(Role.DESK_OFFICER),
        second=town.officer(Role.SECOND_DESK_OFFICER),
        reason=Reason.SUSPICION_CLEARED,
        document_hash=keccak(b"a paper"),
    )


@pytest.fixture
def allowing(town):
    """Waits 48 hours although two Admins agree."""
    return town.act(
        "MunicipalPoint",
        "increaseMinterAllowance",
        town.account("minter"),
        1000,
        by=town.officer(Role.ADMIN, 1),
        second=town.officer(Role.ADMIN, 2),
    )


@pytest.fixture
def appointing(town):
    """One Admin alone: 48 hours take the place of the second."""
    return town.act(
        "Officers",
        "appoint",
        CODE,
        town.account("newcomer"),
        int(Role.GUARDIAN),
        0,
        by=town.officer(Role.ADMIN, 1),
    )


def carried_out(town, *acts):
    return carry_out(town.deployer, town.officers, acts)


def done(town):
    """What ActDone tells of everything that happened."""
    events = read_events(town.rpc, [town.officers])
    return [event.arguments for event in events if event.name == "ActDone"]


def test_single_officers_act_is_one_transaction(town, freezing):
    assert carried_out(town, freezing) == []
    assert town.ask("MunicipalPoint", town.token, "frozenOf", freezing.arguments[0]) == (True, False)
    assert town.proposal_count() == 0


def test_two_officers_act_is_proposed_approved_and_done(town, freezing, unfreezing):
    carried_out(town, freezing)
    assert carried_out(town, unfreezing) == []
    assert town.ask("MunicipalPoint", town.token, "frozenOf", freezing.arguments[0]) == (False, False)
    *_, told = done(town)
    assert told["act"][:4] == unfreezing.called.selector
    assert (told["actor"], told["approver"]) == (unfreezing.by, unfreezing.second)
    assert (told["reason"], told["documentHash"]) == (Reason.SUSPICION_CLEARED, keccak(b"a paper"))


def test_act_that_lacks_a_second_officer_stops_all_before_anything_is_sent(town, freezing, unfreezing):
    with pytest.raises(ActError):
        carried_out(town, freezing, replace(unfreezing, second=None))
    assert town.ask("MunicipalPoint", town.token, "frozenOf", freezing.arguments[0]) == (False, False)
    assert town.proposal_count() == 0


def test_act_with_a_delay_comes_back_with_its_time(town, allowing):
    [waiting] = carried_out(town, allowing)
    [proposal] = read_proposals(town.deployer, town.officers, [waiting.proposal])
    assert proposal.state == ProposalState.APPROVED
    assert waiting.ready_at == proposal.approved_at + 48 * HOURS


def test_act_with_a_delay_cannot_be_executed_before_its_time(town, allowing):
    [waiting] = carried_out(town, allowing)
    town.chain.mine_at(waiting.ready_at - 2)
    with pytest.raises(SendError, match="OfficersTooEarly"):
        execute_pending(town.deployer, town.officers, [waiting])


def test_act_with_a_delay_is_executed_when_its_time_has_come(town, allowing):
    waiting = carried_out(town, allowing)
    town.chain.mine_at(waiting[0].ready_at)
    execute_pending(town.deployer, town.officers, waiting)
    assert town.ask("MunicipalPoint", town.token, "minterOf", allowing.arguments[0]) == (1000, 0)


def test_act_of_one_alone_waits_from_its_proposal_on(town, appointing):
    [waiting] = carried_out(town, appointing)
    [proposal] = read_proposals(town.deployer, town.officers, [waiting.proposal])
    assert proposal.state == ProposalState.PROPOSED
    assert waiting.ready_at == proposal.proposed_at + 48 * HOURS
    town.chain.mine_at(waiting.ready_at)
    execute_pending(town.deployer, town.officers, [waiting])
    assert town.ask("Officers", town.officers, "isOfficer", CODE, Role.GUARDIAN, town.account("newcomer"))


def test_act_of_one_alone_is_done_at_once_with_a_second(town, appointing):
    assert carried_out(town, replace(appointing, second=town.officer(Role.ADMIN, 2))) == []
    assert town.ask("Officers", town.officers, "isOfficer", CODE, Role.GUARDIAN, town.account("newcomer"))


def test_open_proposal_is_taken_up_and_not_made_twice(town, allowing):
    town.deployer.send([allowing.propose(town.officers)])
    [waiting] = carried_out(town, allowing)
    assert (waiting.proposal, town.proposal_count()) == (1, 1)
    assert carried_out(town, allowing) == [waiting]
    assert town.proposal_count() == 1


def test_two_acts_alike_are_two_proposals(town, allowing):
    waiting = carried_out(town, allowing, allowing)
    assert [pending.proposal for pending in waiting] == [1, 2]
    town.chain.mine_at(waiting[1].ready_at)
    execute_pending(town.deployer, town.officers, waiting)
    assert town.ask("MunicipalPoint", town.token, "minterOf", allowing.arguments[0]) == (2000, 0)


def test_proposal_with_another_reason_or_paper_is_another(town, allowing):
    for other in (
        replace(allowing, reason=Reason.BUDGET_CHANGE),
        replace(allowing, document_hash=keccak(b"another paper")),
        replace(allowing, by=town.officer(Role.ADMIN, 2)),
    ):
        town.deployer.send([other.propose(town.officers)])
    [waiting] = carried_out(town, allowing)
    assert waiting.proposal == 4


def test_vetoed_proposal_is_not_taken_up(town, allowing):
    [vetoed] = carried_out(town, allowing)
    veto = Call("Officers", town.officers, "veto", (vetoed.proposal,), town.officer(Role.ADMIN, 2))
    town.deployer.send([veto])
    [waiting] = carried_out(town, allowing)
    assert waiting.proposal == 2


def test_proposal_that_has_lapsed_is_not_taken_up(town, allowing):
    town.deployer.send([allowing.propose(town.officers)])
    town.pass_time(PROPOSAL_LIFE_SECONDS)
    [waiting] = carried_out(town, allowing)
    assert waiting.proposal == 2


def test_proposals_are_found_behind_many_others(town, allowing, monkeypatch):
    monkeypatch.setattr("scripts.lib.proceedings._PAGE", 2)
    town.deployer.send([allowing.propose(town.officers)])
    town.deployer.send(
        [replace(allowing, reason=reason).propose(town.officers) for reason in list(Reason)[5:11]]
    )
    [waiting] = carried_out(town, allowing)
    assert waiting.proposal == 1


def test_proposal_that_the_chain_does_not_show_is_told_with_its_act(allowing):
    with pytest.raises(LookupError, match=r"was proposed, but the chain does not show it"):
        _known(allowing, None)


def test_proposal_that_was_vetoed_on_the_way_waits_for_nothing(town, allowing):
    carried_out(town, allowing)
    rules = read_rules(town.deployer, town.officers, [allowing.called])
    assert [each.proposal for each in _pending(town.deployer, town.officers, [(allowing, 1)], rules)] == [1]
    veto = Call("Officers", town.officers, "veto", (1,), town.officer(Role.ADMIN, 2))
    town.deployer.send([veto])
    assert _pending(town.deployer, town.officers, [(allowing, 1)], rules) == []


def test_rules_are_read_by_contract_and_function(town, freezing, unfreezing):
    rules = read_rules(town.deployer, town.officers, [freezing.called, unfreezing.called])
    assert rules[freezing.called].takes_one
    assert rules[unfreezing.called].takes_two
    assert rules[unfreezing.called].delay_alone is NEVER


def test_data_of_an_act_is_what_the_contract_hashes(town, allowing):
    [waiting] = carried_out(town, allowing)
    [proposal] = read_proposals(town.deployer, town.officers, [waiting.proposal])
    expected = keccak(encode_call("MunicipalPoint", "increaseMinterAllowance", allowing.arguments))
    assert proposal.data_hash == expected
