"""docs/standards.md: every clause of ERC-20 and ERC-7818 has a number and tests that exist."""

import ast
import re

import pytest

from scripts.lib.workspace import ROOT
from tests.unit.test_invariants import TEST

PAGE = (ROOT / "docs" / "standards.md").read_text(encoding="utf-8")
CLAUSES = re.findall(r"^\| (\d+)\.(\d+) \| (.+?) \| (.+) \|$", PAGE, re.MULTILINE)
# How many clauses with MUST or SHOULD the texts of the standards have, MUST NOT and double ones within a
# sentence counted with their sentence.
EXPECTED = {"20": 12, "7818": 18}
# The clause that says no more than that the clauses after it hold.
IN_SUM = ("7818", "3")


@pytest.mark.parametrize("standard", EXPECTED)
def test_clauses_of_a_standard_are_numbered_without_a_gap(standard):
    numbers = [int(number) for name, number, _, _ in CLAUSES if name == standard]
    assert numbers == list(range(1, EXPECTED[standard] + 1))


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: f"{clause[0]}.{clause[1]}")
def test_clause_is_an_obligation_held_by_tests_that_exist(clause):
    standard, number, text, held = clause
    assert "MUST" in text or "SHOULD" in text
    tests = TEST.findall(held)
    assert tests or (standard, number) == IN_SUM, f"{standard}.{number} names no test"
    for file, function in tests:
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, function


def test_each_deviation_of_a_clause_is_explained_once():
    marked = re.findall(r"\*\*deviation (\w)\*\*", PAGE)
    explained = re.findall(r"^- \*\*(\w)\. ", PAGE, re.MULTILINE)
    assert marked == explained == ["a", "b", "c", "d"]


def test_no_contract_of_ours_asks_a_foreign_token_for_its_name():
    """The platform alone asks, for its record, once it knows the token for a series of its own."""
    asked = re.compile(r"\.(name|symbol|decimals)\(\)")
    asking = [
        source.name
        for source in sorted((ROOT / "contracts").rglob("*.sol"))
        if asked.search(source.read_text(encoding="utf-8"))
    ]
    assert asking == ["PointPlatform.sol"]
