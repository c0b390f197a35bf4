"""docs/growth.json, and the two tables of docs/assurance.md that show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from scripts.lib.gas.growth import Footprint, year
from scripts.lib.gas.stranger_gas import Costs
from scripts.lib.workspace import ROOT

GROWTH_FILE = ROOT / "docs" / "growth.json"
PAGE_FILE = ROOT / "docs" / "assurance.md"
FIRST_MARK = "<!-- growth: written by make bench ARGS=--growth -->"
LAST_MARK = "<!-- end of growth -->"

_GIGABYTE = 10**9


def as_json(acts: Mapping[str, Footprint], strangers: Mapping[str, Costs]) -> bytes:
    """Return what was measured, and the year computed from it."""
    figures = {
        "acts": {name: footprint._asdict() for name, footprint in acts.items()},
        "year": {name: part._asdict() for name, part in year(acts).items()},
        "strangers": {verb: costs._asdict() for verb, costs in strangers.items()},
    }
    return msgspec.json.format(msgspec.json.encode(figures), indent=2) + b"\n"


def read_figures() -> dict[str, dict[str, dict[str, Any]]]:
    """Return the committed figures."""
    return msgspec.json.decode(GROWTH_FILE.read_bytes(), type=dict[str, dict[str, dict[str, Any]]])


def tables() -> str:
    """Return the tables of the committed figures, in Markdown."""
    figures = read_figures()
    acts = [
        (name, _number(act["slots"]), _number(act["log_bytes"]), _number(act["call_bytes"]))
        for name, act in figures["acts"].items()
    ]
    parts = [
        (name, f"{part['times']:,}", f"{part['slots']:,}", _gigabytes(part, "state"), _gigabytes(part, "log"))
        for name, part in figures["year"].items()
    ]
    lasting = [
        part for name, part in figures["year"].items() if not name.startswith(("of the first", "once"))
    ]
    parts.append(
        (
            "**every year, all together**",
            "",
            f"{sum(part['slots'] for part in lasting):,}",
            f"{sum(part['state_bytes'] for part in lasting) / _GIGABYTE:.2f}",
            f"{sum(part['log_bytes'] for part in lasting) / _GIGABYTE:.1f}",
        )
    )
    verbs = [
        (verb, *(f"{costs[column]:,}" for column in Costs._fields))
        for verb, costs in figures["strangers"].items()
    ]
    return "\n\n".join(
        [
            _table(["act", "new storage words", "bytes of logs", "bytes of call data"], acts),
            _table(["in a year", "times", "new storage words", "GB of state", "GB of logs"], parts),
            _table(["gas of", "alone", "among strangers", "given a point of 62 months", "twice"], verbs),
        ]
    )


def _number(figure: float) -> str:
    return f"{figure:,.2f}".rstrip("0").rstrip(".")


def _gigabytes(part: Mapping[str, int], what: str) -> str:
    return f"{part[f'{what}_bytes'] / _GIGABYTE:.2f}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def write(acts: Mapping[str, Footprint], strangers: Mapping[str, Costs]) -> None:
    """Write the file, and the tables into the page in place of those that are there."""
    GROWTH_FILE.write_bytes(as_json(acts, strangers))
    before, _, rest = PAGE_FILE.read_text(encoding="utf-8").partition(FIRST_MARK)
    _, _, after = rest.partition(LAST_MARK)
    PAGE_FILE.write_text(f"{before}{FIRST_MARK}\n\n{tables()}\n\n{LAST_MARK}{after}", encoding="utf-8")


def is_page_current() -> bool:
    """Return whether the page shows what the file holds."""
    return f"{FIRST_MARK}\n\n{tables()}\n\n{LAST_MARK}" in PAGE_FILE.read_text(encoding="utf-8")
