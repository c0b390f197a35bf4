"""Grants of a year as lists for occurrences, and lists as transactions that fit."""

from dataclasses import replace

import pytest

from scripts.lib.csv_table import BadRows
from scripts.lib.expiry_rule import NEVER, ExpiryRule
from scripts.lib.grant_list import GrantList, Row
from scripts.lib.town_year.accounts import TownAccounts
from scripts.lib.town_year.folder import read_town_years
from scripts.lib.town_year.model import TownModel, rehearse
from scripts.lib.town_year.programme_plan import MOST_GAS, ProgrammeKey, ProgrammePlan, branches_within
from scripts.lib.town_year.row_place import RowRefused
from tests.scripts.small_town import FIRST, PROGRAMMES, SECOND, write_town


def read(tmp_path, rows=PROGRAMMES, **files):
    [year] = read_town_years(write_town(tmp_path, programmes=rows, **files).iterdir())
    return year


def test_grants_of_one_moment_and_programme_are_one_list_sorted_by_number(tmp_path):
    rows = [f"2026-04-01,{SECOND},500,健康診査,", f"2026-04-01,{FIRST},1000,健康診査,"]
    plan = ProgrammePlan.of(read(tmp_path, grants=rows, payments=[]))
    [batch] = plan.batches
    assert batch.grants.rows == [Row(1, 1000), Row(2, 500)]
    assert [row.resident for row in batch.rows] == [FIRST, SECOND]
    assert batch.label == "2026-04-01 00:00:00"


def test_a_month_of_its_own_makes_a_programme_of_its_own(tmp_path):
    plan = ProgrammePlan.of(read(tmp_path))
    rules = {its.key: (its.rule, its.months, its.name) for its in plan.programmes}
    assert rules == {
        ProgrammeKey("健康診査", None): (ExpiryRule.MONTHS_AFTER, 1, "健康診査"),
        ProgrammeKey("ボランティア", NEVER): (ExpiryRule.FIXED_MONTH, NEVER, "ボランティア 期限なし"),
    }


def test_town_without_programmes_has_no_plan(tmp_path):
    folder = write_town(tmp_path)
    [year] = read_town_years(folder.iterdir())
    assert ProgrammePlan.of(year) == ProgrammePlan([], [])


def test_grant_of_a_programme_that_is_not_listed_is_refused(tmp_path):
    with pytest.raises(BadRows, match=r"it is not in programmes\.csv"):
        read(tmp_path, rows=PROGRAMMES[:1])


def test_grant_of_other_points_than_the_programme_s_is_refused(tmp_path):
    with pytest.raises(BadRows, match="the programme grants 999 at a time"):
        read(tmp_path, rows=["健康診査,市内,999,,5000,健診", PROGRAMMES[1]])


@pytest.mark.parametrize(
    ("cap", "budget", "refusal"),
    [("", 1499, "ProgrammeBudget"), (999, 1500, "ProgrammeRowRefused")],
)
def test_grants_beyond_budget_or_cap_are_refused_before_anything_is_sent(tmp_path, cap, budget, refusal):
    year = read(tmp_path, rows=[f"健康診査,市内,,{cap},{budget},健診", PROGRAMMES[1]])
    with pytest.raises(RowRefused, match=refusal):
        rehearse([year])


def test_model_grants_through_programmes_what_it_grants_without(tmp_path):
    year = read(tmp_path)
    models = [
        TownModel(each, TownAccounts.without_keys(each), 1_774_000_000)
        for each in (year, replace(year, programmes=[]))
    ]
    for model in models:
        model.play_until(1_790_000_000)
    assert models[0].ledger.books() == models[1].ledger.books()
    assert models[0].programmes is not None and models[1].programmes is None


def some_list(size):
    return GrantList([Row(number, 1) for number in range(1, size + 1)])


@pytest.mark.parametrize("size", [1, 16, 17, 500, 1000])
@pytest.mark.parametrize("gas_of_row", [1_000, 28_000, 60_000, 200_000])
def test_branches_are_the_whole_list_once_and_fit(size, gas_of_row):
    grants = some_list(size)
    branches = list(branches_within(grants, lambda branch: gas_of_row * 4 * len(branch.words)))
    assert [word for branch in branches for word in branch.words] == grants.words
    assert all(gas_of_row * 4 * len(branch.words) <= MOST_GAS for branch in branches)
    assert len(branches) <= 2 * (size * gas_of_row // MOST_GAS + 1)


def test_branch_whose_gas_cannot_be_told_is_halved():
    grants = some_list(64)
    branches = list(branches_within(grants, lambda branch: None if branch.siblings == [] else 1))
    assert [branch.first_leaf for branch in branches] == [0, 2]


def test_leaf_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="leaf 0 takes"):
        list(branches_within(some_list(40), lambda _: MOST_GAS + 1))


def test_grant_without_a_programme_is_one_fault_of_its_own(tmp_path):
    with pytest.raises(BadRows) as error:
        read(tmp_path, grants=[f"2026-04-01,{FIRST},1000,,", f"2026-04-01,{SECOND},500,健康診断,"])
    faults = [(fault.line, fault.column, fault.reason.english) for fault in error.value.faults]
    assert faults == [
        (2, "programme", "the cell is empty"),
        (3, "programme", "it is not in programmes.csv"),
    ]
