"""A random sample of small faults over all contracts: the same for the same seed and sources.

The operators are those of slither-mutate that change what code does: a comparison, an arithmetic or logical
operator, a condition, an assignment or a statement left out. It itself compiles each mutant once more before
it tries it, which here takes as long as the tests that kill it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from scripts.lib.workspace import ROOT
from tests.assurance.mutation.planted import Mutant

# Operator with blanks around it, as the formatter writes it, and what takes its place.
_SWAPS = {
    " < ": " <= ",
    " <= ": " < ",
    " > ": " >= ",
    " >= ": " > ",
    " == ": " != ",
    " != ": " == ",
    " + ": " - ",
    " - ": " + ",
    " * ": " / ",
    " / ": " * ",
    " += ": " -= ",
    " -= ": " += ",
    " && ": " || ",
    " || ": " && ",
    " | ": " & ",
    " & ": " | ",
    " >> ": " << ",
    " << ": " >> ",
    "Math.min(": "Math.max(",
    "++": "--",
    "true": "false",
    "false": "true",
}
_FUNCTION = re.compile(r"\bfunction (\w+)")
_GUARD = re.compile(r"^(\s*)if \(.*\) (revert|return)\b.*;$")
_STATEMENT = re.compile(
    r"^\s+[\w.\[\]]+(\[[^=]*\])* (=|\+=|-=|\|=|&=) .*;$|^\s+_\w+\(.*\);$|^\s+\+\+\w+.*;$|^\s+emit .*;$"
)


def sample(seed: int, size: int) -> list[Mutant]:
    """Return so many mutants, drawn from all there are."""
    everything = [mutant for source in _sources() for mutant in _mutants_of(source)]
    return random.Random(seed).sample(everything, min(size, len(everything)))


def _sources() -> list[str]:
    folder = ROOT / "contracts"
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*.sol"))


def _mutants_of(file: str) -> Iterator[Mutant]:
    whole = (ROOT / "contracts" / file).read_text(encoding="utf-8")
    lines = whole.split("\n")
    function = ""
    for number, line in enumerate(lines):
        found = _FUNCTION.search(line)
        function = found.group(1) if found else function
        is_code = function and not line.lstrip().startswith(("//", "/*", "*", "function ", "import "))
        if not is_code:
            continue
        for what, changed in _changes(line.split(" // ")[0]):
            find, put = _unique(whole, lines, number, changed)
            yield Mutant(f"{file}:{number + 1}:{what}", function.lstrip("_"), file, find, put, "")


def _changes(line: str) -> Iterator[tuple[str, str]]:
    for old, new in _SWAPS.items():
        for place in re.finditer(re.escape(old), line):
            yield f"{old.strip()}@{place.start()}", line[: place.start()] + new + line[place.end() :]
    if _GUARD.match(line) or _STATEMENT.match(line):
        yield "left-out", ""


def _unique(whole: str, lines: list[str], number: int, changed: str) -> tuple[str, str]:
    """Return the text around a line that occurs once, and the same with the line changed."""
    first = last = number
    while True:
        find = "\n".join(lines[first : last + 1])
        if whole.count(find) == 1:
            return find, "\n".join([*lines[first:number], changed, *lines[number + 1 : last + 1]])
        first, last = max(first - 1, 0), min(last + 1, len(lines) - 1)
