"""`run`: rows are granted in any order, by anyone, once each; who cannot be granted now is not forgotten."""

import pytest

from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.grant_issue import GrantIssue
from scripts.lib.grant_list import GrantList
from tests.support.clock import HOUR, JUNE, MARCH, to_month, to_month_end
from tests.support.programmes import granted, skipped
from tests.support.reading import ZERO_ADDRESS, events, lots
from tests.support.reverts import reverts
from tests.support.town import CITY

NEXT_MARCH = MARCH + 12
FORTY = [(number, 100 + number) for number in range(1, 41)]


def join_many(memberships, count):
    """Register so many people, a hundred in a transaction."""
    names = [f"one of many {number}" for number in range(count)]
    for first in range(0, count, 100):
        memberships.join(*names[first : first + 100])


def test_run_grants_every_row_and_tells_it(contract, programmes, point, people):
    approved = programmes.prepared([(1, 30), (2, 12)])
    assert events(programmes.run(approved)) == [
        ("Minted", contract, NEXT_MARCH, 42),
        ("Transfer", ZERO_ADDRESS, people[0].account, 30),
        ("Transfer", ZERO_ADDRESS, people[1].account, 12),
        ("RowsRun", approved.number, 0, 2, 2, 42),
    ]
    assert lots(point, people[0].account) == {NEXT_MARCH: 30}
    assert contract.batchOf(approved.number)[7] == 42


def test_run_in_chunks_of_any_size_and_order_grants_all(contract, programmes, point, people):
    approved = programmes.prepared(FORTY)
    assert granted(programmes.run(approved, 2, 1)) == (8, sum(points for _, points in FORTY[32:]))
    assert granted(programmes.run(approved, 0, 2)) == (32, sum(points for _, points in FORTY[:32]))
    assert [point.balanceOf(person.account) for person in people] == [points for _, points in FORTY]


def test_run_again_grants_nobody_twice_and_says_so(contract, programmes, point, people):
    approved = programmes.prepared(FORTY)
    programmes.run(approved, 0, 1)
    again = programmes.run(approved)
    assert skipped(again) == dict.fromkeys(range(16), GrantIssue.ALREADY_GRANTED)
    assert granted(again) == (24, sum(points for _, points in FORTY[16:]))
    assert granted(programmes.run(approved)) == (0, 0)
    assert point.totalSupply() == approved.grants.total_points


def test_run_of_another_batch_of_the_occurrence_grants_nobody_twice(programmes, point, people):
    """Whatever list they stand in, and with whatever points."""
    occurrence = programmes.occurrence(programmes.open())
    first = programmes.approve(occurrence, [(1, 30), (2, 12)])
    second = programmes.approve(occurrence, [(2, 99), (3, 5)])
    programmes.run(second)
    assert skipped(programmes.run(first)) == {1: GrantIssue.ALREADY_GRANTED}
    assert [point.balanceOf(person.account) for person in people[:3]] == [30, 99, 5]


def test_run_of_another_occurrence_grants_again(programmes, point, people):
    programme = programmes.open()
    for label in ("第1回", "第2回"):
        programmes.run(programmes.approve(programmes.occurrence(programme, label), [(1, 30)]))
    assert point.balanceOf(people[0].account) == 60


def test_run_of_a_list_that_names_a_resident_twice_grants_once(programmes, point, people):
    approved = programmes.prepared([(1, 30), (1, 30), (2, 12)])
    assert skipped(programmes.run(approved)) == {1: GrantIssue.ALREADY_GRANTED}
    assert point.balanceOf(people[0].account) == 30


def test_run_of_a_list_that_is_not_sorted_grants_all(contract, programmes, memberships, point, people):
    """Numbers jump between the words of the bitmap, and back."""
    join_many(memberships, 260)
    numbers = [300, 1, 257, 2, 256, 255, 3]
    approved = programmes.prepared([(number, number) for number in numbers])
    assert granted(programmes.run(approved)) == (7, sum(numbers))
    occurrence = contract.batchOf(approved.number)[2]
    assert [number for number in range(1, 302) if contract.isGranted(occurrence, number)] == sorted(numbers)
    assert granted(programmes.run(approved)) == (0, 0)


def test_run_skips_whom_the_series_refuses_and_grants_them_later(
    contract, programmes, point, residents, act_maker, people
):
    rows = [(1, 10), (2, 20), (3, 30), (4, 2**29), (5, 50), (99, 60)]
    approved = programmes.prepared(rows)
    point.freeze(people[1].account, {"from": act_maker})
    residents.closeMembership(CITY, 3, {"from": act_maker})
    ran = programmes.run(approved)
    assert skipped(ran) == {
        1: GrantIssue.ACCOUNT_STOPPED,
        2: GrantIssue.UNREGISTERED,
        3: GrantIssue.LOT_TOO_LARGE,
        5: GrantIssue.UNREGISTERED,
    }
    assert granted(ran) == (2, 60)
    assert contract.batchOf(approved.number)[7] == 60
    assert [contract.isRowGranted(approved.number, row) for row in range(6)] == [True] + [False] * 3 + [
        True,
        False,
    ]

    point.unfreeze(people[1].account, {"from": act_maker})
    residents.reopenMembership(CITY, 3, {"from": act_maker})
    again = programmes.run(approved)
    assert granted(again) == (2, 50)
    assert skipped(again) == {
        0: GrantIssue.ALREADY_GRANTED,
        3: GrantIssue.LOT_TOO_LARGE,
        4: GrantIssue.ALREADY_GRANTED,
        5: GrantIssue.UNREGISTERED,
    }
    assert [contract.isRowGranted(approved.number, row) for row in range(6)] == [
        True,
        True,
        True,
        False,
        True,
        False,
    ]


def test_run_of_rows_with_other_points_than_the_programme_s_skips_them(programmes, point, people):
    approved = programmes.prepared([(1, 50), (2, 49), (3, 51)], points=50)
    assert skipped(programmes.run(approved)) == {1: GrantIssue.WRONG_POINTS, 2: GrantIssue.WRONG_POINTS}
    assert point.totalSupply() == 50


def test_run_beyond_the_yearly_cap_skips_the_row(contract, programmes, point, people):
    programme = programmes.open(cap=100)
    first, second, third = (programmes.occurrence(programme, label) for label in "123")
    programmes.run(programmes.approve(first, [(1, 60), (2, 100), (7, 1), (8, 100)]))
    ran = programmes.run(programmes.approve(second, [(1, 41), (2, 1), (7, 99), (8, 1), (9, 100)]))
    assert skipped(ran) == dict.fromkeys((0, 1, 3), GrantIssue.CAP_REACHED)
    programmes.run(programmes.approve(third, [(1, 40)]))
    counted = [contract.grantedInYear(programme, MARCH, number) for number in (1, 2, 7, 8, 9, 10)]
    assert counted == [100, 100, 100, 100, 100, 0]


def test_run_counts_only_what_was_granted_against_the_cap(contract, programmes, point, act_maker, people):
    programme = programmes.open(cap=100)
    approved = programmes.approve(programmes.occurrence(programme), [(1, 60), (2, 60)])
    point.freeze(people[0].account, {"from": act_maker})
    programmes.run(approved)
    assert [contract.grantedInYear(programme, MARCH, number) for number in (1, 2)] == [0, 60]


def test_run_in_the_next_year_begins_the_cap_anew(contract, programmes, point, people):
    programme = programmes.open(cap=100)
    programmes.set_budget(programme, 1_000, NEXT_MARCH)
    first, second = (programmes.occurrence(programme, label) for label in "12")
    programmes.run(programmes.approve(first, [(1, 100)]))
    to_month(MARCH + 1)
    programmes.run(programmes.approve(second, [(1, 100)]))
    assert contract.grantedInYear(programme, MARCH, 1) == 100
    assert contract.grantedInYear(programme, NEXT_MARCH, 1) == 100


def test_run_of_rows_beyond_the_approved_total_reverts(programmes, people):
    """The officers were shown less than the list holds."""
    occurrence = programmes.occurrence(programmes.open())
    approved = programmes.approve(occurrence, FORTY, total=120 + 16 * 100)
    with reverts("ProgrammeTotal", approved.number, 1_720, approved.grants.total_points):
        programmes.run(approved)
    programmes.run(approved, 2, 1)
    left = 1_720 - sum(points for _, points in FORTY[32:])
    with reverts("ProgrammeTotal", approved.number, left, sum(points for _, points in FORTY[:16])):
        programmes.run(approved, 0, 1)


def test_run_of_altered_rows_reverts_with_both_roots(programmes, people):
    approved = programmes.prepared(FORTY)
    altered = GrantList([row._replace(points=row.points + 1) for row in approved.grants.rows])
    roots = ("0x" + approved.grants.root.hex(), "0x" + altered.root.hex())
    branch = altered.branch(0, 4)
    with reverts("ProgrammeOtherContents", approved.number, *roots):
        programmes.contract.run(approved.number, *branch, {"from": people[0].account})


def test_run_of_rows_that_are_no_branch_reverts(programmes, people):
    approved = programmes.prepared(FORTY)
    _, words, siblings = approved.grants.branch(0, 2)
    with reverts("ProgrammeBranch", 40, 1, len(words), len(siblings)):
        programmes.contract.run(approved.number, 1, words, siblings, {"from": people[0].account})


@pytest.mark.parametrize("batch", [0, 2])
def test_run_of_no_batch_reverts(contract, programmes, stranger, batch):
    programmes.prepared([(1, 1)])
    with reverts("ProgrammeUnknownBatch", batch):
        contract.run(batch, 0, [1], [], {"from": stranger})


def test_run_while_paused_reverts_and_loses_nobody(programmes, point, act_maker, people):
    approved = programmes.prepared([(1, 30)])
    point.pause(HOUR, {"from": act_maker})
    with reverts("PointPaused", point.pausedUntil()):
        programmes.run(approved)
    point.unpause({"from": act_maker})
    assert granted(programmes.run(approved)) == (1, 30)


def test_run_beyond_the_allowance_reverts_and_loses_nobody(contract, programmes, point, act_maker, people):
    approved = programmes.prepared([(1, 30), (2, 12)])
    allowance, _ = point.minterOf(contract)
    point.decreaseMinterAllowance(contract, allowance - 41, {"from": act_maker})
    with reverts("PointMinterAllowance", contract, 41, 42):
        programmes.run(approved)
    point.increaseMinterAllowance(contract, 1, {"from": act_maker})
    assert granted(programmes.run(approved)) == (2, 42)


def test_run_when_the_service_is_no_minter_any_more_reverts(contract, programmes, point, act_maker, people):
    approved = programmes.prepared([(1, 30)])
    point.removeMinter(contract, {"from": act_maker})
    with reverts("PointNotMinter", contract):
        programmes.run(approved)


def test_run_of_rows_that_are_all_granted_asks_the_series_for_nothing(programmes, point, act_maker, people):
    approved = programmes.prepared([(1, 30)])
    programmes.run(approved)
    point.pause(HOUR, {"from": act_maker})
    assert skipped(programmes.run(approved)) == {0: GrantIssue.ALREADY_GRANTED}


def test_run_in_the_last_second_of_the_fiscal_year_grants(programmes, point, people):
    to_month_end(MARCH)
    approved = programmes.prepared([(1, 30)], rule=ExpiryRule.THIS_FISCAL_YEAR)
    assert granted(programmes.run(approved)) == (1, 30)
    assert lots(point, people[0].account) == {MARCH: 30}


def test_run_in_the_first_second_of_the_next_reverts(programmes, people):
    to_month_end(MARCH)
    approved = programmes.prepared([(1, 30)])
    to_month(MARCH + 1)
    with reverts("ProgrammeBatchDead", approved.number, MARCH):
        programmes.run(approved)
    with reverts("ProgrammeBatchDead", approved.number, MARCH):
        programmes.claim(approved, 0)


def test_run_of_a_new_batch_grants_what_the_dead_one_did_not(programmes, point, people):
    programme = programmes.open()
    programmes.set_budget(programme, 1_000, NEXT_MARCH)
    occurrence = programmes.occurrence(programme)
    dead = programmes.approve(occurrence, FORTY)
    programmes.run(dead, 0, 1)
    to_month(MARCH + 1)
    rest = programmes.approve(occurrence, FORTY[14:20])
    assert skipped(programmes.run(rest)) == {0: GrantIssue.ALREADY_GRANTED, 1: GrantIssue.ALREADY_GRANTED}
    assert [point.balanceOf(person.account) for person in people[:21]] == [
        *(points for _, points in FORTY[:20]),
        0,
    ]


def test_run_whose_points_would_have_ended_reverts(programmes, people):
    """The month is fixed when two officers approve; who runs late gains nothing, and loses nothing yet."""
    approved = programmes.prepared([(1, 30)], rule=ExpiryRule.MONTHS_AFTER, months=1)
    to_month(JUNE)
    with reverts("PointExpiryOutOfRange", JUNE - 1, JUNE, JUNE + 60):
        programmes.run(approved)


def test_run_goes_to_the_account_that_the_resident_has_now(
    programmes, point, residents, memberships, act_maker, people
):
    approved = programmes.prepared([(1, 30)])
    card = memberships.card("new card")
    signature = memberships.signature(card, people[0].commitment)
    residents.startReplacement(CITY, 1, card.account, signature, {"from": act_maker})
    to_month(JUNE)
    residents.completeReplacement(CITY, 1, {"from": act_maker})
    programmes.run(approved)
    assert lots(point, card.account) == {NEXT_MARCH: 30}


def test_run_of_sixteen_rows_at_the_word_s_border_marks_just_these_rows(contract, programmes, memberships):
    """Rows 240 to 271 lie in two words of the batch's bitmap."""
    join_many(memberships, 280)
    approved = programmes.prepared([(number, 1) for number in range(1, 281)])
    programmes.run(approved, 15, 1)
    programmes.run(approved, 16, 1)
    marked = [row for row in range(280) if contract.isRowGranted(approved.number, row)]
    assert marked == list(range(240, 272))
