"""Every contradiction that a replay can tell has a name in both languages."""

import ast

import pytest

from scripts.lib.audit.breaches import UNKNOWN_EVENT, breach_of
from scripts.lib.workspace import ROOT

REPLAYS = sorted((ROOT / "scripts/lib/replays").glob("*.py"))


def words_of(node):
    """Return a text in the source, with "7" in place of what is filled in."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    return "".join(part.value if isinstance(part, ast.Constant) else "7" for part in node.values)


def contradictions():
    """Yield every text with which a ReplayError is raised."""
    for file in REPLAYS:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ReplayError":
                yield file.name, words_of(node.args[1])


TOLD = sorted(set(contradictions()))


def test_replays_tell_of_many_contradictions():
    assert len(TOLD) > 120


@pytest.mark.parametrize(("file", "words"), TOLD)
def test_contradiction_has_a_name(file, words):
    breach = breach_of(words)
    assert breach is not None, f"{file}: nobody has said what this breaks: {words}"
    assert breach.what.japanese and (breach.invariant or breach is UNKNOWN_EVENT)
