"""Mutants: what a changed source compiles to, which functions reach a place, which tests run first."""

from collections.abc import Callable
from typing import NamedTuple

from tests.assurance.mutation.code import compile_instead
from tests.assurance.mutation.generated import sample
from tests.assurance.mutation.reach import files_that_import, in_order, sources, verbs_reaching

PLATFORM = "PointPlatform.sol"
LOTS = "libraries/ExpiringLots.sol"


class Item(NamedTuple):
    """What the order of tests asks of one."""

    nodeid: str
    name: str
    function: Callable[[], str]


def test_source_with_another_comment_changes_no_code():
    assert compile_instead(PLATFORM, sources()[PLATFORM] + "// the end\n") == {}


def test_source_with_another_constant_changes_the_contracts_that_use_it():
    text = sources()[PLATFORM]
    guard = next(line for line in text.splitlines() if " revert " in line)
    changed = compile_instead(PLATFORM, text.replace(guard, ""))
    assert list(changed) == ["PointPlatform"]
    assert len(changed["PointPlatform"].bytecode) > 1000


def test_files_that_import_a_library_are_found_however_far():
    assert {"MunicipalPoint.sol", "libraries/SaleDesk.sol", LOTS} <= set(files_that_import(LOTS))
    assert "Officers.sol" not in files_that_import(LOTS)


def test_verbs_that_reach_a_place_weigh_less_the_further_they_are():
    verbs = verbs_reaching(LOTS, sources()[LOTS].index(": word - (taken << lane);"))
    assert verbs["takeOut"] == 1.0 > verbs["extendLots"] > verbs["revokeGrant"] > 0
    assert "setTill" not in verbs


def test_sample_is_the_same_for_the_same_seed_and_each_has_one_place():
    mutants = sample(7, 100)
    assert mutants == sample(7, 100) != sample(8, 100)
    assert all(sources()[mutant.file].count(mutant.find) == 1 for mutant in mutants)


def test_test_that_speaks_most_of_a_fault_runs_first_whatever_file_it_is_in():
    def speaks_of_taking_back():
        return "takeBack takeBack takeBack"

    def speaks_of_the_sum():
        return "returnable returnable returnable takeBack"

    def item(file, number, function):
        name = f"test_{number}"
        return Item(f"tests/unit/{file}.py::{name}", name, function)

    often = [
        item(f"test_often_{file}", number, speaks_of_taking_back) for file in range(5) for number in range(9)
    ]
    alone = item("test_rarely", 0, speaks_of_the_sum)
    ordered = in_order([*often, alone], {"returnable": 1.0, "takeBack": 0.7}, [], [often[8].nodeid])
    assert ordered[:2] == [often[8], alone]
    assert sorted(each.nodeid for each in ordered) == sorted(each.nodeid for each in [*often, alone])
