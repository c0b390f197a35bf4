"""`approveBatch` and `stopBatch`: a list's total is reserved in the year's budget, and its expiry fixed."""

import pytest

from scripts.lib.expiry_rule import NEVER, ExpiryRule
from tests.support.clock import APRIL, JUNE, MARCH, MAY, now, to_month, travel, travel_to
from tests.support.programmes import FILE_HASH, batch_terms, granted
from tests.support.reading import events
from tests.support.reverts import reverts
from tests.support.town import CITY, NEIGHBOUR

NEXT_MARCH = MARCH + 12
HEX_FILE_HASH = "0x" + FILE_HASH.hex()


def test_approve_batch_reserves_its_total_and_fixes_the_expiry(contract, programmes, act_maker):
    programme = programmes.open(rule=ExpiryRule.MONTHS_AFTER, months=6)
    occurrence = programmes.occurrence(programme)
    approved = programmes.approve(occurrence, [(1, 300), (2, 200)])
    root = "0x" + approved.grants.root.hex()
    expiry = APRIL + 6
    assert contract.batchOf(approved.number) == (
        root,
        programme,
        occurrence,
        2,
        expiry,
        MARCH,
        500,
        0,
        False,
        HEX_FILE_HASH,
    )
    assert contract.budgetOf(programme, MARCH)[1] == 500
    assert approved.number == contract.batchCount() == 1


def test_approve_batch_tells_what_was_approved(contract, programmes, act_maker):
    programme = programmes.open()
    occurrence = programmes.occurrence(programme)
    approved = programmes.approve(occurrence, [(1, 300)])
    programmes.stop(approved)
    told = contract.approveBatch(CITY, occurrence, batch_terms(approved.grants), {"from": act_maker})
    terms = ("0x" + approved.grants.root.hex(), 1, 300, HEX_FILE_HASH)
    assert events(told) == [("BatchApproved", programme, occurrence, 2, terms, NEXT_MARCH, MARCH)]


def test_approve_batch_beyond_the_budget_reverts(programmes):
    programme = programmes.open(budget=500)
    first, second = (programmes.occurrence(programme, label) for label in "12")
    programmes.approve(first, [(1, 300)])
    with reverts("ProgrammeBudget", programme, MARCH, 200, 201):
        programmes.approve(second, [(1, 201)])
    programmes.approve(second, [(1, 200)])


def test_approve_batch_without_a_budget_for_the_year_reverts(programmes):
    programme = programmes.open(budget=500)
    occurrence = programmes.occurrence(programme)
    to_month(MARCH + 1)
    with reverts("ProgrammeBudget", programme, NEXT_MARCH, 0, 1):
        programmes.approve(occurrence, [(1, 1)])


def test_approve_batch_outside_the_period_reverts(programmes):
    first, last = now() + 10, now() + 20
    programme = programmes.open(first=first, last=last)
    occurrence = programmes.occurrence(programme)
    travel(9)
    with reverts("ProgrammePeriod", first, last):
        programmes.approve(occurrence, [(1, 1)])
    travel(1)
    programmes.approve(occurrence, [(1, 1)])
    travel_to(last)
    programmes.approve(occurrence, [(1, 2)])
    travel(1)
    with reverts("ProgrammePeriod", first, last):
        programmes.approve(occurrence, [(1, 3)])


def test_approve_batch_of_the_same_list_again_reverts(contract, programmes):
    """A script that is repeated must not reserve twice; nobody would be granted twice anyway."""
    programme = programmes.open()
    occurrence = programmes.occurrence(programme)
    first = programmes.approve(occurrence, [(1, 300)])
    with reverts("ProgrammeBatchOpen", occurrence, first.number):
        programmes.approve(occurrence, [(1, 300)])
    programmes.stop(first)
    programmes.approve(occurrence, [(1, 300)])
    assert contract.budgetOf(programme, MARCH)[1] == 300


def test_approve_batch_of_the_list_of_a_dead_one_is_possible(programmes):
    programme = programmes.open()
    programmes.set_budget(programme, 1_000, NEXT_MARCH)
    occurrence = programmes.occurrence(programme)
    programmes.approve(occurrence, [(1, 300)])
    to_month(MARCH + 1)
    programmes.approve(occurrence, [(1, 300)])


def test_approve_batch_without_rows_reverts(programmes):
    occurrence = programmes.occurrence(programmes.open())
    with reverts("ProgrammeNoRows"):
        programmes.approve(occurrence, [(1, 1)], rows_told=0)


@pytest.mark.parametrize("occurrence", [0, 2])
def test_approve_batch_of_no_occurrence_reverts(programmes, occurrence):
    programmes.occurrence(programmes.open())
    with reverts("ProgrammeUnknownOccurrence", CITY, occurrence):
        programmes.approve(occurrence, [(1, 1)])


def test_approve_batch_by_another_municipality_reverts(contract, programmes, act_maker):
    occurrence = programmes.occurrence(programmes.open())
    terms = (bytes(32), 1, 1, FILE_HASH)
    with reverts("ProgrammeUnknownOccurrence", NEIGHBOUR, occurrence):
        contract.approveBatch(NEIGHBOUR, occurrence, terms, {"from": act_maker})


def test_approve_batch_whose_points_would_end_in_the_past_reverts(programmes):
    occurrence = programmes.occurrence(programmes.open(rule=ExpiryRule.FIXED_MONTH, months=MAY))
    to_month(JUNE)
    with reverts("PointExpiryOutOfRange", MAY, JUNE, JUNE + 60):
        programmes.approve(occurrence, [(1, 1)])


@pytest.mark.parametrize(
    ("rule", "months", "expiry"),
    [
        (ExpiryRule.MONTHS_AFTER, 0, APRIL),
        (ExpiryRule.MONTHS_AFTER, 60, APRIL + 60),
        (ExpiryRule.THIS_FISCAL_YEAR, 0, MARCH),
        (ExpiryRule.NEXT_FISCAL_YEAR, 0, NEXT_MARCH),
        (ExpiryRule.FIXED_MONTH, JUNE, JUNE),
        (ExpiryRule.NEVER, 0, NEVER),
    ],
)
def test_approve_batch_fixes_the_month_by_the_programme_s_rule(contract, programmes, rule, months, expiry):
    approved = programmes.prepared([(1, 1)], rule=rule, months=months)
    assert contract.batchOf(approved.number)[4] == expiry


def test_approve_batch_directly_reverts(contract, programmes, city):
    occurrence = programmes.occurrence(programmes.open())
    with reverts("ProgrammeOnlyByAct", city):
        contract.approveBatch(CITY, occurrence, (bytes(32), 1, 1, FILE_HASH), {"from": city})


def test_stop_batch_releases_what_it_has_not_granted(contract, programmes, people):
    programme = programmes.open(budget=1_000)
    approved = programmes.approve(programmes.occurrence(programme), [(1, 300), (99, 500)])
    assert granted(programmes.run(approved)) == (1, 300)
    assert events(programmes.stop(approved)) == [("BatchStopped", approved.number, 500)]
    assert contract.budgetOf(programme, MARCH) == (1_000, 300)
    with reverts("ProgrammeBatchStopped", approved.number):
        programmes.run(approved)
    with reverts("ProgrammeBatchStopped", approved.number):
        programmes.claim(approved, 1)
    with reverts("ProgrammeBatchStopped", approved.number):
        programmes.stop(approved)


def test_stop_batch_that_is_dead_reverts(programmes):
    """What it did not use is reserved in no other year."""
    approved = programmes.prepared([(1, 300)])
    to_month(MARCH + 1)
    with reverts("ProgrammeBatchDead", approved.number, MARCH):
        programmes.stop(approved)


def test_stop_batch_of_another_municipality_reverts(contract, programmes, act_maker):
    approved = programmes.prepared([(1, 300)])
    with reverts("ProgrammeUnknownBatch", approved.number):
        contract.stopBatch(NEIGHBOUR, approved.number, {"from": act_maker})
    for unknown in (0, 2):
        with reverts("ProgrammeUnknownBatch", unknown):
            contract.stopBatch(CITY, unknown, {"from": act_maker})


def test_stop_batch_directly_reverts(contract, programmes, city):
    approved = programmes.prepared([(1, 300)])
    with reverts("ProgrammeOnlyByAct", city):
        contract.stopBatch(CITY, approved.number, {"from": city})
