"""SECURITY.md: each dishonest party has what is prevented, seen and not prevented, and tests that exist."""

import ast

import pytest

from scripts.lib.workspace import ROOT
from tests.unit.test_invariants import TEST

PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
_ROWS = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("| ")]
PARTIES = {row[0]: row[1:] for row in _ROWS[2:]}
ASKED = (
    "merchant",
    "resident",
    "programme officer",
    "approver",
    "cashier",
    "partner",
    "relayer",
    "council member",
    "validator",
)


def test_every_party_that_may_be_dishonest_is_spoken_of():
    for party in ASKED:
        assert any(name.startswith(party) for name in PARTIES), party


@pytest.mark.parametrize("party", PARTIES)
def test_party_has_all_three_answers_and_tests_that_exist(party):
    prevented, seen, not_prevented = PARTIES[party]
    assert prevented and seen and not_prevented
    tests = TEST.findall(prevented + seen)
    assert tests, f"{party} names no test"
    for file, function in tests:
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, function
