"""Refuses a measurement of scripts/ in which fewer than 95 of a hundred branches were taken.

    python -m tests.assurance.python_branches build/coverage/python/report.json  (end of make coverage-python)

coverage.py's own limit is of lines and branches together: the lines, of which there are four times as many,
hide branches that were taken in one way only.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

LEAST_PERCENT = 95


def fault_of(totals: Mapping[str, int]) -> str:
    """Return why the totals of a report by coverage.py are not enough; "" if they are."""
    taken, branches = totals.get("covered_branches", 0), totals.get("num_branches", 0)
    if not branches:
        return "no branch was measured"
    if 100 * taken < LEAST_PERCENT * branches:
        return f"{taken:,} of {branches:,} branches were taken: fewer than {LEAST_PERCENT} of a hundred"
    return ""


def main(report_file: str) -> int:
    """Return 0 if enough branches were taken."""
    totals = json.loads(Path(report_file).read_text(encoding="utf-8"))["totals"]
    if fault := fault_of(totals):
        print(f"No coverage of scripts/: {fault}", file=sys.stderr)
        return 2
    taken, branches = totals["covered_branches"], totals["num_branches"]
    print(f"Branches by themselves: {taken:,} of {branches:,}, {100 * taken / branches:.2f} %")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
