"""Mutants: what a changed source compiles to, which functions reach a place, which tests run first."""

from tests.assurance.mutation.code import compile_instead
from tests.assurance.mutation.generated import sample
from tests.assurance.mutation.reach import files_that_import, sources, verbs_reaching

PLATFORM = "PointPlatform.sol"
LOTS = "libraries/ExpiringLots.sol"


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
