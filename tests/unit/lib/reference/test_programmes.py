"""The model of programmes by itself: what the state machine compares the contract with."""

import pytest

from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.grant_issue import GrantIssue
from scripts.lib.grant_list import GrantList, Row
from scripts.lib.japan_calendar import last_second, start_of
from scripts.lib.reference.ledger import ReferenceLedger
from scripts.lib.reference.programmes import ReferenceProgrammes, Revocation, Terms
from scripts.lib.reference.registry import ReferenceRegistry
from scripts.lib.refusal import Refused

CODE, APRIL, MARCH = 141305, 315, 326
GRANTS = GrantList([Row(1, 60), Row(2, 50), Row(9, 10)])


@pytest.fixture
def ledger():
    registry = ReferenceRegistry(CODE)
    registry.register(["one", "two", "three"])
    ledger = ReferenceLedger(start_of(APRIL), ExpiryRule.THIS_FISCAL_YEAR, residents=registry)
    ledger.increase_minter_allowance("service", 1_000)
    ledger.approve_merchant("shop")
    return ledger


@pytest.fixture
def programmes(ledger):
    """One programme with a cap of 100 and a budget of 500, one occurrence."""
    programmes = ReferenceProgrammes("service", CODE, {"series": ledger})
    last = last_second(MARCH + 12)
    programmes.open_programme(Terms("series", ledger.now, last, 0, 100, ExpiryRule.THIS_FISCAL_YEAR, 0))
    programmes.set_budget(1, MARCH, 500)
    programmes.open_occurrences(1, ["A"])
    return programmes


def refusal(call, *arguments):
    with pytest.raises(Refused) as refused:
        call(*arguments)
    return refused.value.name


def test_run_grants_whom_it_can_and_names_the_others(programmes, ledger):
    programmes.approve_batch(1, GRANTS)
    outcome = programmes.run(1, GRANTS.branch(0, 1))
    assert (outcome.early, outcome.late) == ([], [(2, GrantIssue.UNREGISTERED)])
    assert (ledger.balance_of("one"), ledger.balance_of("two")) == (60, 50)
    again = programmes.run(1, GRANTS.branch(0, 1))
    assert dict(again.early) == {0: GrantIssue.ALREADY_GRANTED, 1: GrantIssue.ALREADY_GRANTED}


def test_cap_and_budget_bound_what_is_granted(programmes):
    programmes.approve_batch(1, GRANTS)
    programmes.run(1, GRANTS.branch(0, 1))
    programmes.open_occurrences(1, ["B"])
    more = GrantList([Row(1, 41), Row(2, 50)])
    programmes.approve_batch(2, more)
    assert programmes.run(2, more.branch(0, 1)).early == [(0, GrantIssue.CAP_REACHED)]
    assert programmes.budget_of(1, MARCH) == (500, 211)
    programmes.open_occurrences(1, ["C"])
    assert refusal(programmes.approve_batch, 3, GrantList([Row(3, 290)])) == "ProgrammeBudget"


def test_refused_call_changes_nothing(programmes, ledger):
    programmes.approve_batch(1, GRANTS)
    ledger.pause(60)
    assert refusal(programmes.run, 1, GRANTS.branch(0, 1)) == "PointPaused"
    assert refusal(programmes.claim, 1, 0, GRANTS.branch(0, 1)) == "PointPaused"
    ledger.unpause()
    assert refusal(programmes.claim, 1, 2, GRANTS.branch(0, 1)) == "ProgrammeRowRefused"
    assert (programmes.batches[1].granted, ledger.minter_of("service")) == (0, (1_000, 0))


def test_dead_batch_cannot_run_and_its_list_can_be_approved_again(programmes, ledger):
    programmes.set_budget(1, MARCH + 12, 500)
    programmes.approve_batch(1, GRANTS)
    ledger.advance_to(start_of(MARCH + 1))
    assert refusal(programmes.run, 1, GRANTS.branch(0, 1)) == "ProgrammeBatchDead"
    programmes.approve_batch(1, GRANTS)
    assert len(programmes.run(2, GRANTS.branch(0, 1)).granted) == 2


def test_stopped_batch_releases_what_it_has_not_granted(programmes):
    programmes.approve_batch(1, GRANTS)
    programmes.claim(1, 0, GRANTS.branch(0, 1))
    assert programmes.stop_batch(1) == 60
    assert programmes.budget_of(1, MARCH).reserved == 60


def test_revoked_grant_is_taken_back_as_far_as_it_goes(programmes, ledger):
    programmes.approve_batch(1, GRANTS)
    programmes.run(1, GRANTS.branch(0, 1))
    ledger.transfer("one", "shop", 25)
    leaf = GRANTS.branch(0, 1)
    assert programmes.revoke_grant(1, 0, "one", 60, 60, leaf) == Revocation(35, 25)
    assert programmes.granted_in_year(1, MARCH, 1) == 25
    assert refusal(programmes.revoke_grant, 1, 0, "one", 1, 1, leaf) == "ProgrammeRevokeTooLarge"


def test_budget_below_what_is_reserved_is_refused(programmes):
    programmes.approve_batch(1, GRANTS)
    assert refusal(programmes.set_budget, 1, MARCH, GRANTS.total_points - 1) == "ProgrammeBudget"
    programmes.set_budget(1, MARCH, GRANTS.total_points)
    assert programmes.budget_of(1, MARCH) == (GRANTS.total_points, GRANTS.total_points)


def test_list_whose_points_would_have_ended_is_refused(programmes, ledger):
    last = last_second(MARCH)
    fixed = Terms("series", ledger.now, last, 0, 0, ExpiryRule.FIXED_MONTH, APRIL - 1)
    number = programmes.open_programme(fixed)
    programmes.set_budget(number, MARCH, 500)
    programmes.open_occurrences(number, ["A"])
    assert refusal(programmes.approve_batch, 2, GRANTS) == "PointExpiryOutOfRange"
    assert programmes.budget_of(number, MARCH).reserved == 0


def test_row_of_other_points_than_the_programme_grants_is_named(programmes, ledger):
    number = programmes.open_programme(
        Terms("series", ledger.now, last_second(MARCH), 50, 0, ExpiryRule.THIS_FISCAL_YEAR, 0)
    )
    programmes.set_budget(number, MARCH, 500)
    programmes.open_occurrences(number, ["A"])
    batch = programmes.approve_batch(2, GRANTS)
    outcome = programmes.run(batch, GRANTS.branch(0, 1))
    assert outcome.early == [(0, GrantIssue.WRONG_POINTS), (2, GrantIssue.WRONG_POINTS)]
    assert ledger.balance_of("two") == 50


def test_row_beyond_the_list_is_refused(programmes):
    programmes.approve_batch(1, GRANTS)
    assert refusal(programmes.claim, 1, 3, GRANTS.branch(0, 1)) == "ProgrammeUnknownRow"
