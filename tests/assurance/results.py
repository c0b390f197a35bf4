"""What the parts of `make test-deep` have found, in one file that is committed: docs/assurance.json.

docs/assurance.md shows it: `write_table` renews the table between its two marks.
"""

from __future__ import annotations

import subprocess
from datetime import datetime, timezone
from typing import Any

import msgspec

from scripts.lib.workspace import ROOT

RESULTS_FILE = ROOT / "docs" / "assurance.json"
PAGE_FILE = ROOT / "docs" / "assurance.md"
FIRST_MARK = "<!-- table: written by tests.assurance.results -->"
LAST_MARK = "<!-- end of table -->"


Figures = dict[str, int | str]
"""What was counted, by what it is; under "counts reached" whether it is as many as the part demands."""


class Result(msgspec.Struct):
    """What one part has found.

    Attributes:
        date: of the end of the run, UTC, as YYYY-MM-DD.
        commit: what it ran on; "+" after it: with changes that were not committed.
        command: which plays it again.
        seed: of its first run; None if nothing in it is left to chance.
        seconds: how long the last call of the command took; what was there already was not played again.
        figures: what was counted, by what it is.
    """

    date: str
    commit: str
    command: str
    seed: int | None
    seconds: int
    figures: Figures


def read_results() -> dict[str, Result]:
    """Return the results so far, by part."""
    if not RESULTS_FILE.is_file():
        return {}
    return msgspec.json.decode(RESULTS_FILE.read_bytes(), type=dict[str, Result])


def note(part: str, command: str, seed: int | None, seconds: float, figures: Figures) -> dict[str, Any]:
    """Note what a part has found, in place of what it found before, and renew the page."""
    results = read_results()
    today = datetime.now(timezone.utc).strftime("%Y-%m-%d")
    results[part] = Result(today, commit(), command, seed, round(seconds), figures)
    ordered = dict(sorted(results.items()))
    RESULTS_FILE.write_bytes(msgspec.json.format(msgspec.json.encode(ordered), indent=2) + b"\n")
    write_table()
    return msgspec.to_builtins(results[part])


def commit() -> str:
    """Return the commit that is checked out, with "+" if contracts or tests differ from it."""
    git = ["git", "-C", str(ROOT)]
    head = subprocess.run(
        [*git, "rev-parse", "--short=10", "HEAD"], capture_output=True, text=True, check=False
    )
    changes = [*git, "status", "--porcelain", "--", "contracts", "interfaces", "tests"]
    changed = subprocess.run(changes, capture_output=True, text=True, check=False).stdout
    return (head.stdout.strip() or "unknown") + ("+" if changed else "")


def table() -> str:
    """Return the table of all results, in Markdown."""
    lines = [
        "| part | figures | date | commit | seed | seconds | command |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for part, result in read_results().items():
        figures = "<br>".join(f"{what}: {_text(figure)}" for what, figure in result.figures.items())
        seed = "–" if result.seed is None else str(result.seed)
        lines.append(
            f"| {part} | {figures} | {result.date} | {result.commit} | {seed} "
            f"| {result.seconds:,} | `{result.command}` |"
        )
    return "\n".join(lines)


def _text(figure: int | str) -> str:
    return figure if isinstance(figure, str) else f"{figure:,}"


def write_table() -> None:
    """Write the table into the page, in place of the one that is there."""
    before, _, rest = PAGE_FILE.read_text(encoding="utf-8").partition(FIRST_MARK)
    _, _, after = rest.partition(LAST_MARK)
    PAGE_FILE.write_text(f"{before}{FIRST_MARK}\n\n{table()}\n\n{LAST_MARK}{after}", encoding="utf-8")


def is_page_current() -> bool:
    """Return whether the page shows what the file holds."""
    return f"{FIRST_MARK}\n\n{table()}\n\n{LAST_MARK}" in PAGE_FILE.read_text(encoding="utf-8")
