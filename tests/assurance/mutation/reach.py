"""Which functions come to a place of the contracts, and which tests speak of them.

Read from the text alone: a function calls another if its body holds the other's name before a bracket. That
takes in a call or two too many, which only changes the order in which tests run.
"""

from __future__ import annotations

import inspect
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING

from scripts.lib.workspace import ROOT

if TYPE_CHECKING:
    import pytest

CONTRACTS = ROOT / "contracts"
_HEAD = re.compile(r"^    (?:function (\w+)|(constructor|modifier \w+|receive|fallback))\b", re.MULTILINE)
_IMPORT = re.compile(r'^import .*"(?:\./|\.\./)*([^"]+)";', re.MULTILINE)
_CALL = re.compile(r"\b(\w+)\(")

FIRST_MODULES = 3
FIRST_TESTS = 20
"""So many tests of so many files run first, those that speak most of what reaches the fault. A file costs as
much as fifteen tests, for everything is deployed for it."""
FIRST_ANYWHERE = 2
"""So many single tests run before these, whatever file they are in: one may speak of the fault more than any
other, among many that do not, as of what a series asks its predecessor."""
TELLING_TESTS = 30
"""A word that more tests hold than these tells less of each."""


@dataclass(frozen=True)
class Function:
    """A function of a source; its text from its head to the next one's."""

    file: str
    name: str
    first: int
    last: int
    calls: frozenset[str]


def sources() -> dict[str, str]:
    """Return the text of every contract and library by its path within contracts/."""
    files = sorted(CONTRACTS.rglob("*.sol"))
    return {file.relative_to(CONTRACTS).as_posix(): file.read_text(encoding="utf-8") for file in files}


@cache
def _functions() -> tuple[Function, ...]:
    return tuple(chain.from_iterable(_functions_of(file, text) for file, text in sources().items()))


def _functions_of(file: str, text: str) -> Iterator[Function]:
    heads = list(_HEAD.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    for head, end in zip(heads, ends, strict=True):
        name = head[1] or head[2]
        yield Function(
            file, name, head.start(), end, frozenset(_CALL.findall(text[head.start() : end])) - {name}
        )


def verbs_reaching(file: str, place: int) -> dict[str, float]:
    """Return functions by which a place of a source is reached: 1 for its own, less for those further away.

    Args:
        file: within contracts/.
        place: where in its text.
    """
    here = [each for each in _functions() if each.file == file and each.first <= place < each.last]
    weights: dict[str, float] = {}
    names, weight = {each.name for each in here}, 1.0
    while names:
        weights |= dict.fromkeys(names, weight)
        callers = {each.name for each in _functions() if each.calls & names}
        # What is called from everywhere says nothing about the tests.
        weight *= 0.7 if len(callers) <= 3 else 0.4
        names = callers - weights.keys()
    return {name.lstrip("_"): weight for name, weight in weights.items()}


def words_at(text: str, place: int) -> dict[str, float]:
    """Return the names in the statement at a place: tests that hold them speak of it, of an error most."""
    start = text.rfind("\n", 0, place) + 1
    end = text.find(";", place)
    names = re.findall(r"[A-Z]\w{5,}|\w{8,}", text[start : end if end >= 0 else len(text)])
    return {name: 2.0 if name[0].isupper() else 0.7 for name in names}


def files_that_import(file: str) -> list[str]:
    """Return a source and all that import it, or something that does, by their paths within contracts/."""
    texts = sources()
    imported = {
        name: {each.rsplit("/", 1)[-1] for each in _IMPORT.findall(text)} for name, text in texts.items()
    }
    reached = {file}
    while True:
        names = {each.rsplit("/", 1)[-1] for each in reached}
        more = {name for name, needs in imported.items() if needs & names} - reached
        if not more:
            return sorted(reached)
        reached |= more


def in_order(
    items: Sequence[pytest.Item], verbs: Mapping[str, float], contracts: Sequence[str], killers: Sequence[str]
) -> list[pytest.Item]:
    """Return tests in an order that kills soon.

    First those that killed other faults of the same source, then few that speak of the verbs most, then of
    the files that do their tests that do; then everything, file by file.

    Args:
        items: tests, all of a file side by side.
        verbs: as `verbs_reaching` returns them.
        contracts: whose code the fault changes; their own folders come before others.
        killers: tests by name.
    """
    shares = {verb: _share(verb, items) * weight for verb, weight in verbs.items()}
    folders = {re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower() for name in contracts}
    modules: dict[str, list[tuple[float, pytest.Item]]] = {}
    for item in items:
        modules.setdefault(item.nodeid.split("::")[0], []).append((_mention(item, shares), item))

    def score(module: str) -> float:
        most = sorted((mention for mention, _ in modules[module]), reverse=True)[:FIRST_TESTS]
        own = 4.0 if folders & set(module.split("/")) else 1.0
        slow = 0.1 if "model" in module or not module.startswith("tests/unit") else 1.0
        return sum(most) * own * slow + own * slow

    by_score = sorted(modules, key=score, reverse=True)
    chosen = [item for name in killers for item in items if item.nodeid == name]
    pairs = sorted(chain.from_iterable(modules.values()), key=lambda pair: -pair[0])
    chosen += [item for mention, item in pairs[:FIRST_ANYWHERE] if mention > 0]
    for module in by_score[:FIRST_MODULES]:
        speaking = [pair for pair in modules[module] if pair[0] > 0]
        speaking.sort(key=lambda pair: -pair[0])  # stable: as they stand in the file
        chosen += _few_of_each([item for _, item in speaking])[:FIRST_TESTS]
    chosen += [item for module in by_score for _, item in modules[module]]
    return list(dict.fromkeys(chosen))


def _few_of_each(tests: list[pytest.Item]) -> list[pytest.Item]:
    """Return them without more than two with one function, which other parameters tell apart."""
    before: Counter[object] = Counter()
    kept = []
    for test in tests:
        function = getattr(test, "function", test)
        before[function] += 1
        if before[function] <= 2:
            kept.append(test)
    return kept


def _share(verb: str, items: Sequence[pytest.Item]) -> float:
    """Return how much it tells that a test holds a verb: less, the more tests do."""
    return min(1.0, TELLING_TESTS / max(1, sum(verb in _text_of(item) for item in items)))


def _mention(item: pytest.Item, verbs: Mapping[str, float]) -> float:
    text = _text_of(item)
    name = f"{item.nodeid.split('::')[0].rsplit('/', 1)[-1]} {item.name}"
    return sum(
        weight * (min(text.count(verb), 3) + (3 if _snake(verb) in name else 0))
        for verb, weight in verbs.items()
    )


def _text_of(item: pytest.Item) -> str:
    return _text(getattr(item, "function", None) or type(item))


@cache
def _text(test: object) -> str:
    try:
        return inspect.getsource(test)  # type: ignore[arg-type]
    except (OSError, TypeError):
        return ""


@cache
def _snake(verb: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", verb).lower()
