"""docs/invariants.md names tests that exist, for each of the twelve invariants."""

import ast
import re

import pytest

from scripts.lib.workspace import ROOT

PAGE = ROOT / "docs" / "invariants.md"
NAMES = [f"I{number}" for number in range(1, 13)]
_ROW = re.compile(r"^\| (I\d+) \|", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
_KEPT = re.compile(r"`((?:contracts|scripts)/[\w/]+\.(?:sol|py))::(\w+)`")
_PLAYED = re.compile(r"`(tests/invariants/[\w.]+\.sol)::(invariant_\w+)`")
PLAYED_NAMES = [name for name in NAMES if name not in ("I10", "I12")]
"""Those that forge can play: events and files are read elsewhere."""


def rows():
    """Return what the page says of each invariant."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    return {match[1]: line for line in lines if (match := _ROW.match(line))}


def test_page_has_every_invariant_once_and_in_order():
    assert _ROW.findall(PAGE.read_text(encoding="utf-8")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_invariant_names_tests_that_exist(name):
    tests = TEST.findall(rows()[name])
    assert tests, f"{name} names no test"
    for file, function in tests:
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert function.startswith("test_"), function
        assert function in defined, f"{file} has no {function}"


@pytest.mark.parametrize("name", PLAYED_NAMES)
def test_invariant_is_played_by_forge_under_its_name(name):
    played = _PLAYED.findall(rows()[name])
    assert played, f"{name} names nothing that forge plays"
    for file, function in played:
        assert function.startswith(f"invariant_{name}_")
        assert f"function {function}(" in (ROOT / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_invariant_names_the_code_that_keeps_it(name):
    places = _KEPT.findall(rows()[name])
    assert places, f"{name} names no code"
    for file, function in places:
        source = (ROOT / file).read_text(encoding="utf-8")
        assert re.search(rf"^\s*(?:function|def|class) {function}\b", source, re.MULTILINE), (
            f"{file}: {function}"
        )
