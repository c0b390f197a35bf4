"""`setBudget`: what a programme may grant in a fiscal year, each year for itself."""

import pytest

from tests.support.clock import APRIL, MARCH, to_month
from tests.support.reading import events
from tests.support.reverts import reverts
from tests.support.town import CITY, NEIGHBOUR

NEXT_MARCH = MARCH + 12


def test_set_budget_is_kept_and_told_by_year(contract, programmes):
    programme = programmes.open(budget=None)
    assert events(programmes.set_budget(programme, 500)) == [("BudgetSet", programme, MARCH, 500)]
    programmes.set_budget(programme, 700, NEXT_MARCH)
    assert contract.budgetOf(programme, MARCH) == (500, 0)
    assert contract.budgetOf(programme, NEXT_MARCH) == (700, 0)


def test_set_budget_is_lowered_to_what_is_reserved_and_no_further(contract, programmes, people):
    programme = programmes.open(budget=500)
    programmes.approve(programmes.occurrence(programme), [(1, 300)])
    with reverts("ProgrammeBudget", programme, MARCH, 299, 300):
        programmes.set_budget(programme, 299)
    programmes.set_budget(programme, 300)
    assert contract.budgetOf(programme, MARCH) == (300, 300)


@pytest.mark.parametrize("fiscal_year", [MARCH - 12, MARCH - 1, MARCH + 1, APRIL, 2**200 * 12 + 2])
def test_set_budget_of_no_year_to_come_reverts(programmes, fiscal_year):
    programme = programmes.open(budget=None)
    with reverts("ProgrammeFiscalYear", fiscal_year, MARCH):
        programmes.set_budget(programme, 1, fiscal_year)


def test_set_budget_of_a_year_that_has_ended_reverts(programmes):
    programme = programmes.open(budget=None)
    to_month(MARCH + 1)
    with reverts("ProgrammeFiscalYear", MARCH, NEXT_MARCH):
        programmes.set_budget(programme, 1, MARCH)


def test_set_budget_of_another_municipality_s_programme_reverts(contract, programmes, act_maker):
    programme = programmes.open(budget=None)
    with reverts("ProgrammeUnknown", NEIGHBOUR, programme):
        contract.setBudget(NEIGHBOUR, programme, MARCH, 1, {"from": act_maker})


def test_set_budget_directly_reverts(contract, programmes, city):
    programme = programmes.open(budget=None)
    with reverts("ProgrammeOnlyByAct", city):
        contract.setBudget(CITY, programme, MARCH, 1, {"from": city})
