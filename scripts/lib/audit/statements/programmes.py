"""A statement for each programme and fiscal year (事業別明細): budget, granted, taken back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from scripts.lib.audit.statements.history import History
from scripts.lib.csv_out import as_csv
from scripts.lib.japan_calendar import fiscal_year_label
from scripts.lib.replays.programmes import ProgrammesReplay

COLUMNS = (
    "自治体コード",
    "事業番号",
    "事業",
    "場所",
    "シリーズ",
    "年度",
    "予算",
    "予算確保額",
    "予算残額",
    "付与件数",
    "付与",
    "取消し",
    "返還を求める額",
)


class ProgrammeYear(NamedTuple):
    """What a programme did in a fiscal year, in points.

    Attributes:
        year: by its last month.
        reserved: what batches take of the budget.
        grants: how many.
        revoked: taken back of unspent grants; `receivable` what had been spent of them.
    """

    programme: int
    year: int
    budget: int
    reserved: int
    grants: int
    granted: int
    revoked: int
    receivable: int


def programme_years(replay: ProgrammesReplay) -> list[ProgrammeYear]:
    """Return every fiscal year for which a programme has a budget or granted something."""
    sums: defaultdict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for batch in replay.batches.values():
        its = sums[batch.programme, batch.fiscal_year]
        its[0] += len(batch.granted)
        its[1] += batch.granted_points
    for (number, _), (taken, receivable) in replay.revoked.items():
        batch = replay.batches[number]
        its = sums[batch.programme, batch.fiscal_year]
        its[2] += taken
        its[3] += receivable
    return [
        ProgrammeYear(
            programme, year, replay.budgets[programme, year], replay.reserved[programme, year], *its
        )
        for programme, year in sorted(replay.budgets.keys() | sums.keys())
        for its in [sums[programme, year]]
    ]


def programme_statements(history: History) -> Iterator[tuple[str, bytes]]:
    """Yield (file, content): one for each programme, then all in one."""
    rows: list[tuple[int, tuple[str | int, ...]]] = []
    for replay in history.replay.programmes.values():
        rows += [(its.programme, _row(history, replay, its)) for its in programme_years(replay)]
    for programme in sorted({programme for programme, _ in rows}):
        of_it = (row for number, row in rows if number == programme)
        yield f"programmes/{programme:06d}.csv", as_csv(COLUMNS, of_it)
    yield "programmes.csv", as_csv(COLUMNS, (row for _, row in sorted(rows)))


def _row(history: History, replay: ProgrammesReplay, its: ProgrammeYear) -> tuple[str | int, ...]:
    opened = replay.programmes[its.programme]
    return (
        f"{opened.municipality:06d}",
        its.programme,
        opened.name,
        opened.place,
        history.series_names[opened.series],
        fiscal_year_label(its.year).japanese,
        its.budget,
        its.reserved,
        its.budget - its.reserved,
        its.grants,
        its.granted,
        its.revoked,
        its.receivable,
    )
