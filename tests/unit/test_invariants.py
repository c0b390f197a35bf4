"""docs/invariants.md names code, tests and planted faults that exist, for each of the twelve invariants."""

import ast
import re
from functools import cache

import pytest

from scripts.lib.workspace import ROOT
from tests.assurance.planted import FAULTS

PAGE = ROOT / "docs" / "invariants.md"
NAMES = [f"I{number}" for number in range(1, 13)]
_ROW = re.compile(r"^\| (I\d+) \|", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
_KEPT = re.compile(r"`((?:contracts|scripts)/[\w/]+\.(?:sol|py))::(\w+)`")
_PLAYED = re.compile(r"`(tests/invariants/[\w.]+\.sol)::(invariant_\w+)`")
PLAYED_NAMES = [name for name in NAMES if name not in ("I10", "I12")]
"""Those that forge can play: events and files are read elsewhere."""
_FIRST_TABLE, _, _SECOND_TABLE = PAGE.read_text(encoding="utf-8").partition("\n## ")
_HEAD = re.compile(r"^    (?:function|modifier|uint256 private constant) (\w+)", re.MULTILINE)


def rows():
    """Return what the page says of each invariant."""
    lines = _FIRST_TABLE.splitlines()
    return {match[1]: line for line in lines if (match := _ROW.match(line))}


def cell(name, place):
    """Return the entries of a cell of an invariant's row."""
    return rows()[name].strip("|").split(" | ")[place].strip().split("<br>")


def planted():
    """Return the rows of the second table: invariant, place, fault, test."""
    lines = _SECOND_TABLE.splitlines()
    return [[part.strip() for part in line.strip("|").split(" | ")] for line in lines if _ROW.match(line)]


@cache
def source_of(file):
    return (ROOT / file).read_text(encoding="utf-8")


def missing(entry):
    """Return what is wrong with an entry that names code: "" if it is there."""
    named = _KEPT.fullmatch(entry)
    if not named:
        return f"names no function of a file: {entry}"
    defined = rf"^\s*(?:function|modifier|def|class) {named[2]}\b"
    return "" if re.search(defined, source_of(named[1]), re.MULTILINE) else f"there is none: {entry}"


def assert_there(entry):
    """Fail unless an entry names a test or an invariant of forge that exists."""
    if played := _PLAYED.fullmatch(entry):
        assert f"function {played[2]}(" in source_of(played[1]), entry
        return
    named = TEST.fullmatch(entry)
    assert named, f"names no test: {entry}"
    tree = ast.parse(source_of(named[1]))
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert named[2].startswith("test_") and named[2] in defined, entry


def test_page_has_every_invariant_once_and_in_order():
    assert _ROW.findall(_FIRST_TABLE) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_invariant_names_tests_that_exist(name):
    entries = cell(name, 3)
    assert any(TEST.fullmatch(entry) for entry in entries), f"{name} names no test"
    for entry in entries:
        assert_there(entry)


@pytest.mark.parametrize("name", PLAYED_NAMES)
def test_invariant_is_played_by_forge_under_its_name(name):
    played = _PLAYED.findall(rows()[name])
    assert played, f"{name} names nothing that forge plays"
    for _, function in played:
        assert function.startswith(f"invariant_{name}_")


@pytest.mark.parametrize("name", NAMES)
def test_invariant_names_the_code_that_keeps_it(name):
    assert [found for entry in cell(name, 2) if (found := missing(entry))] == []


@pytest.mark.parametrize(
    "entry",
    [
        "`contracts/MunicipalPoint.sol::_moves`",
        "`contracts/MunicipalPoint.sol::mov`",
        "`contracts/MunicipalPoint.sol`",
        "contracts/MunicipalPoint.sol::_move",
        "",
    ],
)
def test_function_that_is_not_there_is_noticed(entry):
    assert missing("`contracts/MunicipalPoint.sol::_move`") == ""
    assert missing(entry)


def test_every_planted_fault_is_in_the_page_once_under_its_invariant():
    assert sorted((row[0], row[2]) for row in planted()) == sorted(
        (fault.invariant, fault.about) for fault in FAULTS
    )
    assert {row[0] for row in planted()} == set(PLAYED_NAMES)


@pytest.mark.parametrize("row", planted(), ids=lambda row: row[2])
def test_planted_fault_lies_where_the_page_says_and_its_test_exists(row):
    [fault] = (fault for fault in FAULTS if fault.about == row[2])
    assert missing(row[1]) == ""
    file, function = _KEPT.fullmatch(row[1]).groups()
    assert file == f"contracts/{fault.file}"
    assert function in holders(fault)
    assert_there(row[3])


def holders(fault):
    """Return the function that a fault lies in; of one in a constant, the functions that use it."""
    source = source_of(f"contracts/{fault.file}")
    heads = list(_HEAD.finditer(source))
    ends = [head.start() for head in heads[1:]] + [len(source)]
    parts = {head[1]: source[head.start() : end] for head, end in zip(heads, ends, strict=True)}
    place = source.index(fault.before)
    name = next(head[1] for head in reversed(heads) if head.start() < place)
    if "constant" in parts[name].splitlines()[0]:
        return {user for user, text in parts.items() if re.search(rf"\b{name}\b", text) and user != name}
    return {name}
