"""Where the compiler puts each state variable: the tables at the end of docs/words.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from scripts.lib.contract_book import CONTRACTS

FIRST_MARK = "<!-- storage: written by make reference -->"
LAST_MARK = "<!-- end of storage -->"

Layout = Mapping[str, Any]
"""The compiler's storageLayout of a contract."""


def with_tables(page: str, layouts: Mapping[str, Layout]) -> str:
    """Return a page with the tables between its two marks.

    Args:
        page: holds both marks once.
        layouts: by contract.

    Raises:
        ValueError: a mark is missing.
    """
    before, first, rest = page.partition(FIRST_MARK)
    _, last, after = rest.partition(LAST_MARK)
    if not first or not last:
        raise ValueError(f"the page has no place for the tables: {FIRST_MARK} … {LAST_MARK}")
    return f"{before}{FIRST_MARK}\n\n{tables(layouts)}\n\n{LAST_MARK}{after}"


def tables(layouts: Mapping[str, Layout]) -> str:
    """Return a table of all state variables, and one of the members of all structs that they hold."""
    variables = [
        (contract, place["label"], *_place(place, layouts[contract]))
        for contract in CONTRACTS
        for place in layouts[contract]["storage"]
    ]
    structs = {
        _name(kind): (kind["members"], layout)
        for layout in layouts.values()
        for kind in layout["types"].values()
        if "members" in kind
    }
    members = [
        (struct, member["label"], *_place(member, layout))
        for struct, (parts, layout) in sorted(structs.items())
        for member in parts
    ]
    columns = ("slot", "from byte", "bytes", "type")
    return "\n\n".join(
        (
            _table(("contract", "variable", *columns), variables),
            _table(("struct", "member", *columns), members),
        )
    )


def _place(place: Mapping[str, Any], layout: Layout) -> tuple[str, str, str, str]:
    kind = layout["types"][place["type"]]
    return place["slot"], str(place["offset"]), kind["numberOfBytes"], f"`{_name(kind)}`"


def _name(kind: Mapping[str, Any]) -> str:
    """Return a type's name as the sources have it, without the words that the compiler puts before it."""
    name: str = kind["label"]
    for word in ("struct ", "contract ", "enum "):
        name = name.replace(word, "")
    return name


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table; what repeats the first cell of the row before is left out."""
    lines = [f"| {' | '.join(columns)} |", "| --- " * len(list(columns)) + "|"]
    last = ""
    for first, *others in rows:
        lines.append(" | ".join(("|" if first == last else f"| {first}", *others)) + " |")
        last = first
    return "\n".join(lines)
