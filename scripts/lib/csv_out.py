"""Writes CSV files that Excel opens in Japan: UTF-8 with a byte order mark, and no cell that it would run.

A cell that begins like a formula (a shop may be called `=HYPERLINK(…)`) gets an apostrophe before it, which
spreadsheets hide and our own reader (scripts.lib.csv_table) takes off again. Numbers are left alone.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula, full-width signs included."""

GUARD = "'"


def as_csv(header: Sequence[str], rows: Iterable[Sequence[str | int]]) -> bytes:
    """Return a file with these rows, lines ended as Windows does."""
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\r\n")
    writer.writerow([harmless(title) for title in header])
    writer.writerows([[harmless(cell) for cell in row] for row in rows])
    return page.getvalue().encode("utf-8-sig")


def harmless(cell: str | int) -> str | int:
    """Return a cell that no spreadsheet takes for a formula."""
    return GUARD + cell if isinstance(cell, str) and _is_formula(cell) else cell


def unguarded(cell: str) -> str:
    """Return what a cell was before `harmless` guarded it."""
    return cell[1:] if cell.startswith(GUARD) and _is_formula(cell) else cell


def _is_formula(cell: str) -> bool:
    # One that is guarded, too: else it would be read back without the guard that it had by itself.
    return cell.lstrip(GUARD).lstrip(" 　").startswith(FORMULA_SIGNS)
