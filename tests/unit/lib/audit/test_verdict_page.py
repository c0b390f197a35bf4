"""What an auditor reads of fetched blocks, of books that came over, and of more violations than are shown."""

from io import StringIO

import pytest
from rich.console import Console

from scripts.lib.audit.fetch import Fetched
from scripts.lib.audit.verdict_page import SHOWN_VIOLATIONS, tell_fetched, tell_verdict
from scripts.lib.audit.verify import Books, Verdict
from scripts.lib.audit.violation import Violation
from scripts.lib.bilingual import Bilingual

TOKEN = f"0x{'5' * 40}"
BOOKS = Books(
    made=100, carried_in=0, live=70, lapsed=0, claims=30, locked=0, settled=0, revoked=0, carried_out=0
)


@pytest.fixture
def console():
    return Console(file=StringIO(), width=160, color_system=None)


def verdict(**changed):
    return Verdict("digest", 9, **changed)


def test_blocks_that_the_chain_replaced_are_told(console, tmp_path):
    tell_fetched(console, tmp_path, Fetched(3, 0, 5, 7, 9))
    assert "3 blocks that the chain replaced / 再編成" in console.file.getvalue()


@pytest.mark.parametrize("carried", [0, 40])
def test_books_tell_what_came_over_where_something_did(console, carried):
    books = BOOKS._replace(carried_in=carried, live=70 + carried)
    tell_verdict(console, verdict(books={TOKEN: books}, names={TOKEN: "高山市ポイント"}))
    told = console.file.getvalue()
    assert ("引継受入" in told) == ("引継払出" in told) == bool(carried), told
    assert "高山市ポイント" in told and f"{70 + carried}" in told


def test_violations_beyond_those_that_are_shown_are_counted_by_what_they_break(console):
    found = [Violation("I5", Bilingual("moved", "移動"), facts=f"fact {place}") for place in range(42)]
    found += [Violation("I7", Bilingual("twice", "二重"))]
    tell_verdict(console, verdict(violations=found))
    told = console.file.getvalue()
    assert f"fact {SHOWN_VIOLATIONS - 1}" in told and f"fact {SHOWN_VIOLATIONS}" not in told
    assert "I5: 2 more / 他2件" in told and "I7: 1 more / 他1件" in told
    assert "43 violations" in told
