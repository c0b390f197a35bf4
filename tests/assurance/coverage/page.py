"""The table of what was executed, written into docs/assurance.md by `make coverage` that passed its gate."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from tests.assurance.coverage.report import FileReport
from tests.assurance.results import PAGE_FILE, commit

FIRST_MARK = "<!-- coverage: written by make coverage -->"
LAST_MARK = "<!-- end of coverage -->"


def write(reports: list[FileReport], recorded: list[dict[str, Any]]) -> None:
    """Write the table in place of the one that is there."""
    before, first_mark, rest = PAGE_FILE.read_text(encoding="utf-8").partition(FIRST_MARK)
    _, last_mark, after = rest.partition(LAST_MARK)
    if not first_mark or not last_mark:
        raise ValueError(f"{PAGE_FILE.name} has no place for the table of coverage")
    text = f"{before}{FIRST_MARK}\n\n{_text(reports, recorded)}\n\n{LAST_MARK}{after}"
    PAGE_FILE.write_text(text, encoding="utf-8")


def _text(reports: list[FileReport], recorded: list[dict[str, Any]]) -> str:
    today = datetime.now(timezone.utc).strftime("%Y-%m-%d")
    sums = {what: sum(recording[what] for recording in recorded) for what in ("passed", "traced", "repeated")}
    rows = [(report.name.removeprefix("contracts/"), *_counts(report)) for report in reports]
    totals = [
        [sum(figure) for figure in zip(*(row[column] for row in rows), strict=True)] for column in (1, 2, 3)
    ]
    lines = [
        f"{today}, commit {commit()}: {sums['passed']:,} tests in {len(recorded)} files; {sums['traced']:,} "
        f"transactions and calls traced, {sums['repeated']:,} like one before.",
        "",
        "| source | lines | functions | branches |",
        "| --- | --- | --- | --- |",
        *(f"| {name} | {_share(a)} | {_share(b)} | {_share(c)} |" for name, a, b, c in rows),
        "| **all** | " + " | ".join(f"**{_share(total)}**" for total in totals) + " |",
    ]
    return "\n".join(lines)


def _counts(report: FileReport) -> tuple[list[int], list[int], list[int]]:
    lines, functions, branches = (
        [sum(found.values()), len(found)] for found in (report.lines, report.functions, report.branches)
    )
    return lines, functions, branches


def _share(counts: list[int]) -> str:
    covered, there = counts
    return f"{covered:,}/{there:,}"
