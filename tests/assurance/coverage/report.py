"""What of the sources was executed: statements by line, functions, and conditions both ways.

- A line counts if a statement begins in it, and is covered if every statement that begins in it was executed.
- A function counts if it has a body; modifiers and constructors too.
- A branch is one outcome of an `if`, a ternary, a loop's condition, `&&`, `||` or an `if` in assembly, so
  each has two. What the compiler adds by itself (overflow, decoding, calls) is none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.assurance.coverage.source_map import Place, Sources

_STATEMENTS = {
    "ExpressionStatement",
    "VariableDeclarationStatement",
    "Return",
    "RevertStatement",
    "EmitStatement",
    "Break",
    "Continue",
    "YulAssignment",
    "YulExpressionStatement",
    "YulVariableDeclaration",
}
_CONDITIONS = {"IfStatement", "Conditional", "ForStatement", "WhileStatement", "YulIf", "YulForLoop"}


@dataclass
class FileReport:
    """What of one source was executed; each entry is (what, line).

    Attributes:
        codeless: statements for which no instruction stands anywhere, which nothing can execute.
    """

    name: str
    lines: dict[int, bool] = field(default_factory=dict)
    functions: dict[tuple[str, int], bool] = field(default_factory=dict)
    branches: dict[tuple[str, int, int, str], bool] = field(default_factory=dict)
    codeless: list[int] = field(default_factory=list)


@dataclass
class Execution:
    """What was executed, brought back to the sources.

    Attributes:
        executed: places that were.
        existing: places for which there is code.
        outcomes: which ways the conditional jumps of a place went: "t" taken, "n" not.
        unknown: how many codes were executed that are none of the compilation's.
    """

    executed: set[Place] = field(default_factory=set)
    existing: set[Place] = field(default_factory=set)
    outcomes: dict[Place, set[str]] = field(default_factory=lambda: defaultdict(set))
    unknown: int = 0


def execution_of(sources: Sources, recordings: list[Mapping[str, Any]]) -> Execution:
    """Bring what recorders noted back to the sources."""
    seen = Execution()
    for code in [*sources.deployed, *sources.creation.values()]:
        seen.existing.update(code.places.values())
        for pc in code.jumps & code.places.keys():
            seen.outcomes[code.places[pc]]  # known, if never taken
    for recording in recordings:
        found = {digest: sources.find(bytes.fromhex(code[2:])) for digest, code in recording["codes"].items()}
        seen.unknown += sum(code is None for code in found.values())
        for digest, noted in recording["executed"].items():
            deployed = found.get(digest.removeprefix("creation "))
            if deployed is None:
                continue
            code = sources.creation[deployed.name] if digest.startswith("creation ") else deployed
            for place in noted:
                pc = int(place.rstrip("tn"))
                if pc not in code.places:
                    continue
                if place[-1] in "tn":
                    seen.outcomes[code.places[pc]].add(place[-1])
                else:
                    seen.executed.add(code.places[pc])
    return seen


def report_of(name: str, text: bytes, sources: Sources, seen: Execution) -> FileReport:
    """Report on one source."""
    index = sources.indices[name]
    executed = sorted((start, start + length) for i, start, length in seen.executed if i == index)
    existing = sorted((start, start + length) for i, start, length in seen.existing if i == index)
    report = FileReport(name)

    def line_of(offset: int) -> int:
        return text.count(b"\n", 0, offset) + 1

    for node in _nodes(sources.trees[name]):
        kind = node["nodeType"]
        if kind in _STATEMENTS:
            start, end = _range(node)
            line = line_of(start)
            if not _any_within(existing, start, end):
                report.codeless.append(line)
                continue
            covered = _any_within(executed, start, end)
            report.lines[line] = report.lines.get(line, True) and covered
        elif kind in ("FunctionDefinition", "ModifierDefinition") and node.get("body"):
            start, end = _range(node["body"])
            whole = _range(node)
            label = node.get("name") or node.get("kind") or kind
            report.functions[label, line_of(whole[0])] = (
                _any_within(executed, start, end) or whole in executed
            )
        if _is_endless(node):
            continue
        if kind in _CONDITIONS or (kind == "BinaryOperation" and node["operator"] in ("&&", "||")):
            start, end = _range(node)
            outcomes = seen.outcomes.get((index, start, end - start))
            if outcomes is None:
                continue
            shown = text[start:end].split(b"\n")[0].decode()[:60]
            for way in "tn":
                report.branches[shown, line_of(start), start, way] = way in outcomes
    return report


def _is_endless(node: Mapping[str, Any]) -> bool:
    # `while (true)` is left from within: its condition has one outcome.
    return node["nodeType"] == "WhileStatement" and node["condition"]["nodeType"] == "Literal"


def _range(node: Mapping[str, Any]) -> tuple[int, int]:
    start, length, _ = (int(part) for part in node["src"].split(":"))
    return start, start + length


def _any_within(ranges: list[tuple[int, int]], start: int, end: int) -> bool:
    import bisect

    first = bisect.bisect_left(ranges, (start, 0))
    for begin, finish in ranges[first:]:
        if begin >= end:
            return False
        if finish <= end:
            return True
    return False


def _nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if "nodeType" in node and "src" in node:
            yield node
        for child in node.values():
            yield from _nodes(child)
    elif isinstance(node, list):
        for child in node:
            yield from _nodes(child)
