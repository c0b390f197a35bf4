"""`openProgramme` and `openOccurrences`: what is public, laid down before anything is granted."""

import pytest

from scripts.lib.expiry_rule import NEVER, ExpiryRule
from tests.support.clock import now
from tests.support.programmes import CONTENTS_HASH
from tests.support.reading import events
from tests.support.reverts import reverts
from tests.support.town import CITY, NEIGHBOUR


def test_open_programme_keeps_and_tells_its_terms(contract, programmes, act_maker, point):
    terms = programmes.terms(points=50, cap=5_000, rule=ExpiryRule.MONTHS_AFTER, months=12)
    opened = contract.openProgramme(CITY, terms, {"from": act_maker})
    [(name, code, number, told)] = events(opened)
    assert (name, code, number, opened.return_value) == ("ProgrammeOpened", CITY, 1, 1)
    assert tuple(told) == (*terms[:-1], "0x" + CONTENTS_HASH.hex())
    _, _, _, first, last, points, cap, rule, months, contents = told
    assert contract.programmeOf(1) == (point, CITY, points, cap, first, last, rule, months, contents)
    assert contract.programmeCount() == 1


def test_programmes_are_numbered_over_all_municipalities(contract, programmes):
    assert [programmes.open(), programmes.open()] == [1, 2]
    assert contract.programmeOf(3)[1] == 0


def test_open_programme_directly_reverts(contract, programmes, city):
    with reverts("ProgrammeOnlyByAct", city):
        contract.openProgramme(CITY, programmes.terms(), {"from": city})


def test_open_programme_of_a_foreign_series_reverts(contract, programmes, point, act_maker, stranger):
    with reverts("ProgrammeForeignSeries", NEIGHBOUR, point):
        contract.openProgramme(NEIGHBOUR, programmes.terms(), {"from": act_maker})
    with reverts("ProgrammeForeignSeries", CITY, stranger):
        contract.openProgramme(CITY, programmes.terms(series=stranger), {"from": act_maker})


def test_open_programme_whose_period_is_past_or_reversed_reverts(programmes):
    with reverts("ProgrammePeriod", now() - 9, now() - 1):
        programmes.open(first=now() - 9, last=now() - 1)
    with reverts("ProgrammePeriod", now() + 2, now() + 1):
        programmes.open(first=now() + 2, last=now() + 1)
    programmes.open(first=now(), last=now())


@pytest.mark.parametrize(
    ("rule", "most"),
    [
        (ExpiryRule.MONTHS_AFTER, 60),
        (ExpiryRule.FIXED_MONTH, NEVER),
        (ExpiryRule.THIS_FISCAL_YEAR, NEVER),
    ],
)
def test_open_programme_with_too_long_a_term_reverts(programmes, rule, most):
    programmes.open(rule=rule, months=most)
    with reverts("ProgrammeExpiry", rule, most + 1):
        programmes.open(rule=rule, months=most + 1)


def test_open_occurrences_tells_its_label(contract, programmes, act_maker):
    programme = programmes.open()
    opened = contract.openOccurrences(CITY, programme, ["第1回 4月20日"], {"from": act_maker})
    assert events(opened) == [("OccurrenceOpened", programme, 1, "第1回 4月20日")]
    assert contract.programmeOfOccurrence(1) == programme
    assert contract.occurrenceOfLabel(programme, "第1回 4月20日") == 1
    assert contract.occurrenceOfLabel(programme, "第2回 4月27日") == 0


def test_open_occurrences_again_reverts(programmes):
    """A script that is repeated must not make a second one, which everybody could be granted again."""
    programme = programmes.open()
    first = programmes.occurrence(programme, "第1回")
    with reverts("ProgrammeOccurrenceOpen", programme, first):
        programmes.occurrence(programme, "第1回")
    assert programmes.occurrence(programmes.open(), "第1回") == first + 1


@pytest.mark.parametrize("programme", [0, 2])
def test_open_occurrences_of_no_programme_reverts(programmes, programme):
    programmes.open()
    with reverts("ProgrammeUnknown", CITY, programme):
        programmes.occurrence(programme)


@pytest.mark.parametrize("programme", [0, 2])
def test_follow_of_no_programme_reverts(contract, programmes, programme, stranger):
    programmes.open()
    with reverts("ProgrammeUnknown", 0, programme):
        contract.follow(programme, {"from": stranger})


def test_open_occurrences_by_another_municipality_reverts(contract, programmes, act_maker):
    programme = programmes.open()
    with reverts("ProgrammeUnknown", NEIGHBOUR, programme):
        contract.openOccurrences(NEIGHBOUR, programme, ["第1回"], {"from": act_maker})


def test_open_occurrences_opens_a_whole_year_s_at_once_or_none(contract, programmes, act_maker):
    programme = programmes.open()
    labels = [f"第{number}回" for number in range(1, 13)]
    opened = contract.openOccurrences(CITY, programme, labels, {"from": act_maker})
    told = [("OccurrenceOpened", programme, place + 1, label) for place, label in enumerate(labels)]
    assert events(opened) == told
    with reverts("ProgrammeOccurrenceOpen", programme, 12):
        contract.openOccurrences(CITY, programme, ["第13回", "第12回"], {"from": act_maker})
    with reverts("ProgrammeOccurrenceOpen", programme, 13):
        contract.openOccurrences(CITY, programme, ["第13回", "第13回"], {"from": act_maker})
    assert contract.occurrenceCount() == 12
