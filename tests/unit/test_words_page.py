"""docs/words.md against the sources: each lane's bits, its constants and drawing, its errors and tests.

Its last tables, where the compiler puts the state variables, are compared in tests/scripts/test_reference.py.
"""

import ast
import operator
import re
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

import pytest

from scripts.lib.artifacts import read_artifact
from scripts.lib.workspace import ROOT

PAGE = ROOT / "docs" / "words.md"
INTERFACES = ("IMunicipalPoint", "IMerchantSettlement", "IPointPlatform")
_COLUMNS = 8
_HEADINGS = ("| word", "| ---")
_TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
_CONSTANT = re.compile(r"^ *uint256 (?:internal|private) constant (\w+) =\s*([^;]+);", re.MULTILINE)
_DRAWN = re.compile(r"^ *///? +bit (.+)$", re.MULTILINE)
_OPERATORS = {ast.LShift: operator.lshift, ast.Sub: operator.sub, ast.Pow: operator.pow}


@dataclass(frozen=True)
class Lane:
    """A row of the page: `count` lanes side by side of `width` bits each, from `low` on.

    Attributes:
        code: constants and pieces of code that put it there.
        inner: whether it is one meaning of the lane above, not a further one.
    """

    name: str
    high: int
    low: int
    count: int
    width: int
    code: tuple[str, ...]
    error: str
    shown: str

    @property
    def inner(self):
        return self.name.startswith("└")

    @property
    def bounds(self):
        """First and last bit of the whole, and of each lane in it."""
        starts = range(self.low, self.high + 1, self.width)
        return {self.low, self.high, *starts, *(start + self.width - 1 for start in starts)}


@dataclass(frozen=True)
class Word:
    """A packed word of the page."""

    name: str
    file: str
    lanes: tuple[Lane, ...]


def lane_of(cells):
    bits = [int(bit) for bit in cells[2].split(" .. ")]
    widths = [int(number) for number in cells[3].split(" x ")]
    return Lane(
        cells[1],
        bits[0],
        bits[-1],
        widths[0] if len(widths) == 2 else 1,
        widths[-1],
        tuple(re.findall(r"`([^`]+)`", cells[4])),
        *cells[6:],
    )


def read_words():
    """Return every word of the page's first table."""
    lines = PAGE.read_text(encoding="utf-8").split("\n## ")[0].splitlines()
    rows = [line for line in lines if line.startswith("| ") and not line.startswith(_HEADINGS)]
    found = []
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert len(cells) == _COLUMNS, row
        if cells[0]:
            found.append((cells[0], []))
        found[-1][1].append(lane_of(cells))
    return [Word(name, re.search(r"`(\w+\.sol)`", name)[1], tuple(lanes)) for name, lanes in found]


WORDS = read_words()
LANES = [(word, lane) for word in WORDS for lane in word.lanes]
each_word = pytest.mark.parametrize("word", WORDS, ids=lambda word: word.name)
each_lane = pytest.mark.parametrize(("word", "lane"), LANES, ids=lambda each: each.name)


@cache
def source_of(file):
    [path] = (ROOT / "contracts").rglob(file)
    return path.read_text(encoding="utf-8")


@cache
def constants_of(file):
    """Return a source's numbers by name, and those of the flags that all accounts share."""
    if file != "AccountWord.sol":
        flags = {f"AccountFlags.{name}": value for name, value in constants_of("AccountWord.sol").items()}
        return flags | own_constants_of(file)
    return own_constants_of(file)


def own_constants_of(file):
    found = {}
    for name, expression in _CONSTANT.findall(source_of(file)):
        value = worked_out(ast.parse(expression.strip(), mode="eval").body, found)
        if value is not None:
            found[name] = value
    return found


def worked_out(node, known):
    """Return what an expression of numbers and known constants comes to; None if it has other parts."""
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        parts = worked_out(node.left, known), worked_out(node.right, known)
        return None if None in parts else _OPERATORS[type(node.op)](*parts)
    if isinstance(node, ast.Name):
        return known.get(node.id)
    return node.value if isinstance(node, ast.Constant) else None


def numbers_of(file, code):
    """Return the numbers that a constant or a piece of code holds: places and widths, and masks."""
    literals = {int(number, 0) for number in re.findall(r"(?<![\w.])(?:0x[0-9a-f]+|\d+)(?!\w)", code)}
    places = literals | {int(bits) for bits in re.findall(r"uint(\d+)\b", code)}
    masks = set(literals)
    for name in re.findall(r"(?:\w+\.)?\b[A-Z_]{4,}\b", code):
        if name in constants_of(file):
            (masks if "MA" in name and "_SHIFT" not in name else places).add(constants_of(file)[name])
    return places, masks


def unproved(file, lane):
    """Return what about a lane its constants and code do not show: "" if they show all of it."""
    numbers = [numbers_of(file, code) for code in lane.code]
    places, masks = (set().union(*(each[kind] for each in numbers)) for kind in (0, 1))
    whole = lane.high - lane.low + 1
    flags = {((1 << bits) - 1) << lane.low for bits in (lane.width, whole)}
    begins = lane.low == 0 or lane.low in places or bool(flags & (places | masks))
    ends = (
        lane.high == 255
        or bool({lane.width, whole, lane.high, lane.high + 1, 1 << (lane.high + 1)} & places)
        or bool({(1 << lane.width) - 1, (1 << whole) - 1, (1 << (lane.high + 1)) - 1} & masks)
        or bool(flags & (places | masks))
    )
    if lane.count > 1 and lane.width > 1:
        ends = ends and bool({lane.width, lane.count, 2 * lane.width} & places)
    shown = {"where it begins": begins, "its width": ends}
    return " and ".join(what for what, is_shown in shown.items() if not is_shown)


@each_word
def test_lanes_fill_their_word_without_a_gap(word):
    outer = [lane for lane in word.lanes if not lane.inner]
    assert outer[-1].low == 0
    for above, below in pairwise(outer):
        assert above.low == below.high + 1, below.name
    last = outer[0]
    for lane in word.lanes:
        assert lane.high - lane.low + 1 == lane.count * lane.width, lane.name
        if lane.inner:
            assert last.low <= lane.low and lane.high <= last.high, lane.name
        else:
            last = lane


@each_lane
def test_lane_is_where_its_constants_put_it(word, lane):
    for code in lane.code:
        assert code in source_of(word.file), code
    assert lane.name == "unused" or (lane.code and unproved(word.file, lane) == "")


@pytest.mark.parametrize(
    "slip",
    [{"high": 1, "low": 1}, {"high": -1, "low": -1}, {"high": 1, "width": 1}, {"low": -1, "width": 1}],
    ids=["a bit up", "a bit down", "a bit more above", "a bit more below"],
)
def test_lane_that_is_a_bit_elsewhere_is_noticed(slip):
    """A page with such a slip would not pass: the constants show these bits and no others."""
    packed = [(word, lane) for word, lane in LANES if lane.count == 1 and lane.low > 0 and lane.high < 254]
    packed = [(word, lane) for word, lane in packed if lane.name != "unused"]
    assert len(packed) > 20
    for word, lane in packed:
        wrong = replace(lane, **{part: getattr(lane, part) + by for part, by in slip.items()})
        assert unproved(word.file, wrong), f"{word.name}: {lane.name}"


@pytest.mark.parametrize("file", sorted({word.file for word in WORDS}))
def test_drawing_in_the_file_has_the_bits_of_a_word(file):
    drawn = [{int(bit) for bit in re.findall(r"\d+", line)} for line in _DRAWN.findall(source_of(file))]
    words = [word.lanes for word in WORDS if word.file == file]
    for bits in drawn:
        assert any(
            {bit for lane in lanes if not lane.inner for bit in (lane.low, lane.high)}
            <= bits
            <= set().union(*(lane.bounds for lane in lanes))
            for lanes in words
        ), bits


def test_every_drawing_is_of_a_word_of_the_page():
    drawn = {
        path.name for path in (ROOT / "contracts").rglob("*.sol") if _DRAWN.search(path.read_text("utf-8"))
    }
    assert len(drawn) >= 9
    assert drawn <= {word.file for word in WORDS}


@each_lane
def test_lane_names_tests_that_exist(word, lane):
    tests = _TEST.findall(lane.shown)
    assert tests or "*argued*" in lane.shown
    for file, function in tests:
        source = (ROOT / file).read_text(encoding="utf-8")
        assert f"\ndef {function}(" in source if function else "\ndef test_" in source, f"{file}: {function}"


@pytest.mark.parametrize("error", sorted({lane.error for _, lane in LANES if lane.error}))
def test_error_exists(error):
    names = {
        entry["name"]
        for interface in INTERFACES
        for entry in read_artifact(interface).abi
        if entry["type"] == "error"
    }
    assert error.strip("`") in names
