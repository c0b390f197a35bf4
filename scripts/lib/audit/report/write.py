"""Writes the report into a folder, and its digest.

    written = write_report(Dataset(folder), out, verdict)
    written.digest          # SHA-256 of SHA256SUMS, which lists every file: `sha256sum -c SHA256SUMS`

The same blocks make the same bytes, wherever, whenever and by whomever. Nothing of the machine goes into it.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np

from scripts.lib.audit.dataset import Dataset
from scripts.lib.audit.patterns.movements import (
    GIVEN,
    GRANT,
    NOBODY,
    PAYMENT,
    REFUND,
    Movements,
    read_movements,
)
from scripts.lib.audit.patterns.odd_pattern import OddPattern
from scripts.lib.audit.patterns.search import find_patterns
from scripts.lib.audit.report.event_columns import EventColumns
from scripts.lib.audit.report.figures import Figures, read_figures
from scripts.lib.audit.report.page import set_page
from scripts.lib.audit.report.reconciliation import reconcile
from scripts.lib.audit.report.view import PATTERNS_FILE, build_view
from scripts.lib.audit.verify import Verdict
from scripts.lib.csv_out import as_csv
from scripts.lib.japan_calendar import moment_label

PAGE = "report.html"
SUMS = "SHA256SUMS"

_HEX = 64
"""Letters of a SHA-256 in a line of the list; two spaces and the name follow."""

_PATTERN_COLUMNS = (
    "finding 番号",
    "kind 種類",
    "series シリーズ",
    "time 日時",
    "movement 区分",
    "resident 住民番号",
    "shop 店",
    "points ポイント",
    "account 口座",
    "transaction 取引",
)
_MOVEMENTS = {GRANT: "付与", PAYMENT: "支払い", REFUND: "返品", GIVEN: "譲渡"}


class ReportExistsError(Exception):
    """The folder holds something that is no report."""


class Written(NamedTuple):
    """What was written.

    Attributes:
        digest: SHA-256 (hex) of the list of all files with theirs.
        patterns: how many odd patterns were found.
        checks: how many pairs of figures were compared. `agreeing` of them agree.
    """

    folder: Path
    digest: str
    patterns: int
    checks: int
    agreeing: int


def write_report(
    dataset: Dataset,
    out: Path,
    verdict: Verdict | None,
    *,
    on: int | None = None,
    is_public: bool = False,
    category_names: Mapping[tuple[str, int], str] | None = None,
) -> Written:
    """Write the report of a dataset into a folder, in place of the report that was there.

    Args:
        verdict: what verify came to, with its books as of the same second; None if it was not run.
        on: the last second of a day as of whose end all figures are; None for all that was fetched.
        is_public: leave out what tells about accounts.
        category_names: by series and the number of the category.

    Raises:
        DatasetError: the dataset is damaged, or empty.
        ReconciliationError: figures differ that should be the same.
        ReportExistsError: the folder holds something else.
    """
    columns = EventColumns(dataset, on)
    figures = read_figures(columns)
    checks = reconcile(figures, verdict)
    movements = read_movements(dataset, on)
    patterns = find_patterns(movements)
    view = build_view(
        figures, verdict, checks, patterns, is_public=is_public, category_names=category_names or {}
    )
    files = {PAGE: set_page(view)}
    if not is_public:
        files[PATTERNS_FILE] = _patterns_csv(patterns, movements, figures, _numbers(columns))
    agreeing = sum(check.agrees for check in checks)
    return Written(out, _write(out, files), len(patterns), len(checks), agreeing)


def require_place(out: Path) -> None:
    """Raise ReportExistsError if a folder holds something else than an earlier report."""
    if out.exists() and not _may_go(out):
        raise ReportExistsError(
            f"{out} holds something that is no report: name another folder / "
            "報告書以外のものが入っています。別のフォルダを指定してください"
        )


def _write(out: Path, files: Mapping[str, bytes]) -> str:
    require_place(out)
    shutil.rmtree(out, ignore_errors=True)
    for name, content in files.items():
        file = out / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    lines = (f"{sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items()))
    sums = "".join(lines).encode()
    (out / SUMS).write_bytes(sums)
    return sha256(sums).hexdigest()


def _may_go(folder: Path) -> bool:
    """Return whether a folder holds nothing but an earlier report, by its own list."""
    found = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
    if SUMS not in found:
        return not found
    named = {line[_HEX + 2 :] for line in (folder / SUMS).read_text(encoding="utf-8").splitlines()}
    return PAGE in named and found <= named | {SUMS}


def _numbers(columns: EventColumns) -> dict[tuple[int, str], int]:
    """Return every resident's number by municipality and account, in lower case, old cards included."""
    found = {}
    for event, account in (("ResidentRegistered", "account"), ("AccountReplaced", "newAccount")):
        for row in columns.read(f"ResidentRegistry.{event}").to_pylist():
            found[row["municipality"], "0x" + row[account].hex()] = row["number"]
    return found


def _patterns_csv(
    patterns: Sequence[OddPattern],
    movements: Movements,
    figures: Figures,
    numbers: Mapping[tuple[int, str], int],
) -> bytes:
    """Return a row for each payment, refund or grant behind each pattern, in the order of the chain."""
    series = {each.address: each for each in figures.series}
    rows = [
        (
            finding,
            its.kind.value.japanese,
            series[its.series].name,
            moment_label(int(movements.time[row])).english,
            _MOVEMENTS.get(int(movements.kind[row]), ""),
            numbers.get((series[its.series].municipality, _account(movements, row).lower()), ""),
            "" if movements.shop[row] == NOBODY else _shop(movements, row),
            int(movements.points[row]),
            _account(movements, row),
            *movements.transactions_of(np.array([row])),
        )
        for finding, its in enumerate(patterns, 1)
        for row in its.rows
    ]
    return as_csv(_PATTERN_COLUMNS, rows)


def _account(movements: Movements, row: int) -> str:
    account = int(movements.account[row])
    return "" if account == NOBODY else movements.address(account)


def _shop(movements: Movements, row: int) -> str:
    return movements.shop_name(int(movements.series[row]), int(movements.shop[row]))
