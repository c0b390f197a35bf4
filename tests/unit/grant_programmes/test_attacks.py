"""What somebody might try: a series that calls back or lies, gas that does not suffice, dishonest lists."""

import pytest
from brownie.exceptions import VirtualMachineError

from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.grant_issue import GrantIssue
from scripts.lib.grant_list import GrantList, Row
from scripts.lib.japan_calendar import last_second, month_from_text
from tests.support.clock import MARCH, now, to_month, travel_to
from tests.support.harness import deploy_harness
from tests.support.programmes import FILE_HASH, Programmes, granted
from tests.support.reading import lots
from tests.support.reverts import describe_revert, reverts
from tests.support.town import CITY

FORTY = [(number, 100 + number) for number in range(1, 41)]


@pytest.fixture
def evil(platform, officers, residents, council):
    """A series of the city that the council has registered without looking."""
    series = deploy_harness("ReentrantSeries", CITY, officers.address, residents.address)
    platform.registerSeries(CITY, series, {"from": council})
    return series


@pytest.fixture
def with_evil(contract, evil, act_maker, stranger):
    return Programmes(contract, evil, act_maker, CITY, runner=stranger)


def test_series_that_calls_back_grants_no_row_twice(contract, with_evil, evil, people):
    approved = with_evil.prepared(FORTY)
    whole = contract.run.encode_input(approved.number, *approved.grants.branch(0, 4))
    evil.callBack(whole, [])
    inner, outer = (
        (event["grantedRows"], event["grantedPoints"])
        for event in with_evil.run(approved).events
        if event.name == "RowsRun"
    )
    assert (inner, outer) == ((0, 0), (40, approved.grants.total_points))
    assert evil.calls() == 1
    assert contract.batchOf(approved.number)[7] == approved.grants.total_points


def test_series_that_calls_back_with_a_claim_is_told_it_is_granted(contract, with_evil, evil, people):
    approved = with_evil.prepared(FORTY)
    _, words, siblings = approved.grants.branch_of_row(3)
    evil.callBack(contract.claim.encode_input(approved.number, 3, words, siblings), [])
    with_evil.run(approved, 0, 1)
    expected = describe_revert(evil.answer())
    assert expected == f"ProgrammeRowRefused({approved.number}, 3, 4, {int(GrantIssue.ALREADY_GRANTED)})"


def test_series_that_calls_back_for_other_rows_grants_each_once(contract, with_evil, evil, people):
    approved = with_evil.prepared(FORTY)
    evil.callBack(contract.run.encode_input(approved.number, *approved.grants.branch(1, 1)), [])
    with_evil.run(approved, 0, 1)
    assert evil.calls() == 2
    assert contract.batchOf(approved.number)[7] == sum(points for _, points in FORTY[:32])
    assert granted(with_evil.run(approved)) == (8, sum(points for _, points in FORTY[32:]))


@pytest.mark.parametrize("places", [[40], [0, 0], [3, 1], [2**255]])
def test_series_that_reports_places_that_are_none_changes_no_other_programme(
    contract, with_evil, programmes, evil, people, places
):
    """It may confuse its own list, which its points are worth nothing in anyway; or the call reverts."""
    honest = programmes.prepared(FORTY, cap=1_000)
    programmes.run(honest)
    before = [contract.grantedInYear(1, MARCH, number) for number in range(1, 42)]
    approved = with_evil.prepared(FORTY, cap=1_000)
    evil.callBack(b"", places)
    try:
        with_evil.run(approved)
    except VirtualMachineError:
        assert contract.batchOf(approved.number)[7] == 0
    assert [contract.grantedInYear(1, MARCH, number) for number in range(1, 42)] == before
    assert contract.batchOf(honest.number)[7] == honest.grants.total_points


@pytest.mark.parametrize("part", range(50, 100, 7))
def test_run_with_too_little_gas_grants_nobody_or_all(contract, programmes, point, stranger, people, part):
    """Whoever runs chooses the gas: nothing is half counted."""
    approved = programmes.prepared(FORTY)
    branch = approved.grants.branch(0, 4)
    enough = contract.run.estimate_gas(approved.number, *branch, {"from": stranger})
    limit = {"from": stranger, "gas_limit": enough * part // 100}
    with pytest.raises(VirtualMachineError):
        contract.run(approved.number, *branch, limit)
    assert (point.totalSupply(), contract.batchOf(approved.number)[7]) == (0, 0)
    assert not any(contract.isGranted(1, number) for number, _ in FORTY)
    assert granted(programmes.run(approved)) == (40, approved.grants.total_points)


def test_a_list_that_says_fewer_rows_than_it_has_runs_no_row_beyond(contract, programmes, people):
    """The officers were shown 16 rows; the root is of 40."""
    occurrence = programmes.occurrence(programmes.open())
    approved = programmes.approve(occurrence, FORTY, rows_told=16)
    _, words, _ = approved.grants.branch(0, 1)
    caller = {"from": people[0].account}
    # The first leaf alone is not the root, and hashes above it are refused.
    leaf = "0x" + approved.grants._levels[0][0].hex()
    with reverts("ProgrammeOtherContents", approved.number, "0x" + approved.grants.root.hex(), leaf):
        contract.run(approved.number, 0, words, [], caller)
    with reverts("ProgrammeBranch", 16, 0, 4, 2):
        contract.run(approved.number, *approved.grants.branch(0, 1), caller)


def test_a_root_that_is_nobody_s_list_grants_nothing_and_can_be_stopped(
    contract, programmes, act_maker, people
):
    programme = programmes.open(budget=1_000)
    occurrence = programmes.occurrence(programme)
    terms = (b"\x11" * 32, 1, 1_000, FILE_HASH)
    contract.approveBatch(CITY, occurrence, terms, {"from": act_maker})
    list_of_one = GrantList([Row(1, 1_000)])
    roots = ("0x" + "11" * 32, "0x" + list_of_one.root.hex())
    with reverts("ProgrammeOtherContents", 1, *roots):
        contract.run(1, *list_of_one.branch(0, 1), {"from": people[0].account})
    contract.stopBatch(CITY, 1, {"from": act_maker})
    assert contract.budgetOf(programme, MARCH) == (1_000, 0)


def test_a_branch_of_one_list_does_not_run_in_another_batch(contract, programmes, people):
    """Neither of another programme nor of the same occurrence."""
    first = programmes.prepared(FORTY)
    second = programmes.prepared([(number, points + 1) for number, points in FORTY])
    roots = ("0x" + second.grants.root.hex(), "0x" + first.grants.root.hex())
    with reverts("ProgrammeOtherContents", second.number, *roots):
        contract.run(second.number, *first.grants.branch(1, 1), {"from": people[0].account})


def test_the_council_as_municipality_opens_no_programme(contract, programmes, act_maker, stranger):
    """What is no series belongs to municipality 0, which is the council's own number."""
    with reverts("ProgrammeForeignSeries", 0, stranger):
        contract.openProgramme(0, programmes.terms(series=stranger), {"from": act_maker})


def test_the_same_list_in_two_programmes_is_two_grants_within_two_budgets(
    contract, programmes, point, people
):
    approved = [programmes.prepared([(1, 30)], budget=30) for _ in range(2)]
    for each in approved:
        programmes.run(each)
    assert point.balanceOf(people[0].account) == 60
    assert [contract.budgetOf(programme, MARCH) for programme in (1, 2)] == [(30, 30), (30, 30)]


def test_leap_day_is_the_last_day_of_its_month(programmes, contract, point, people):
    february = month_from_text("2028-02")
    travel_to(last_second(february))
    approved = programmes.prepared(
        [(1, 30), (2, 30)], rule=ExpiryRule.MONTHS_AFTER, months=0, last=now() + 86_400
    )
    programmes.claim(approved, 0)
    assert lots(point, people[0].account) == {february: 30}
    to_month(february + 1)
    assert point.balanceOf(people[0].account) == 0
    with reverts("PointExpiryOutOfRange", february, february + 1, february + 61):
        programmes.claim(approved, 1)
