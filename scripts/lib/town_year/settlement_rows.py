"""A town's settlement with its shops in a fiscal year, read from settlements.csv.

    time,step,cut_off,merchants
    2026-11-10T10:00:00,approve,2026-10,
    2026-11-25T15:00:00,pay,2026-10,m-212032-03
    2026-11-16T11:00:00,approve,2026-11-16T11:00:00,m-141305-05
    2027-06-01T09:00:00,close,2027-03,

A batch is named by its cut-off: a month, up to whose end sales count, or a moment. `merchants` are in
`approve` the only ones whose claims are in it, and in `pay` those whose transfers bounced. `close` fixes the
figures of the fiscal year that ends with the month. Times are Unix seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from scripts.lib.csv_table import CellError, Column, CsvTable, Row, one_of
from scripts.lib.japan_calendar import (
    last_second,
    moment_from_text,
    month_from_text,
    month_of,
    months_of_fiscal_year,
    start_of,
)
from scripts.lib.personal_data import half_width

MONTHS_AFTER_THE_YEAR = 3
"""April to June: in the first two the books are open, in the last they are closed for good."""


class SettlementStep(Enum):
    """What two cashiers do."""

    APPROVE = "approve"
    PAY = "pay"
    CLOSE = "close"


@dataclass(frozen=True)
class SettlementRow:
    """A step of settlement.

    Attributes:
        cut_off: the last second whose sales count.
        merchants: numbers; see above.
    """

    line: int
    time: int
    step: SettlementStep
    cut_off: int
    merchants: tuple[str, ...]


def _moment(cell: str) -> int:
    try:
        return moment_from_text(half_width(cell))
    except ValueError:
        raise CellError(
            "this is not a time like 2026-04-15T10:30", "2026-04-15T10:30のような日時ではありません"
        ) from None


def _cut_off(cell: str) -> int:
    try:
        return last_second(month_from_text(half_width(cell)))
    except ValueError:
        return _moment(cell)


def _merchants(cell: str) -> tuple[str, ...]:
    return tuple(half_width(cell).split())


_STEPS = {step.value: step for step in SettlementStep} | {
    "承認": SettlementStep.APPROVE,
    "支払": SettlementStep.PAY,
    "年度締め": SettlementStep.CLOSE,
}

COLUMNS = (
    Column("time", "日時", _moment),
    Column("step", "手続き", one_of(_STEPS)),
    Column("cut_off", "締め日", _cut_off),
    Column("merchants", "加盟店番号", _merchants, optional=True),
)


def read_settlements(table: CsvTable, merchants: CsvTable, fiscal_year: int) -> list[SettlementRow]:
    """Return the rows of settlements.csv in their order; what is wrong with them is noted in the table.

    Args:
        merchants: the rows of merchants.csv.
    """
    known = {row["merchant"] for row in merchants.rows if "merchant" in row.values}
    rows = []
    for row in table.good_rows:
        step = SettlementRow(row.line, row["time"], row["step"], row["cut_off"], row["merchants"] or ())
        _refuse_other_times(table, row, fiscal_year)
        if merchants.is_complete and not known.issuperset(step.merchants):
            file = merchants.path.name
            table.refuse(row, "merchants", f"not all are in {file}", f"{file}にない番号があります")
        if step.step is SettlementStep.CLOSE and step.merchants:
            table.refuse(row, "merchants", "this step takes none", "この手続きには不要です")
        rows.append(step)
    _refuse_unmatched(table)
    return rows


def _refuse_other_times(table: CsvTable, row: Row, fiscal_year: int) -> None:
    months = months_of_fiscal_year(fiscal_year)
    if not start_of(months.start) <= row["time"] < start_of(months.stop + MONTHS_AFTER_THE_YEAR):
        table.refuse(
            row,
            "time",
            f"it is not between April {fiscal_year} and June {fiscal_year + 1}",
            f"{fiscal_year}年4月から{fiscal_year + 1}年6月までではありません",
        )
    if row["step"] is SettlementStep.CLOSE and month_of(row["cut_off"]) != months.stop - 1:
        table.refuse(
            row, "cut_off", f"the year ends with {fiscal_year + 1}-03", f"年度末は{fiscal_year + 1}-03です"
        )
    elif row["cut_off"] > row["time"]:
        table.refuse(row, "cut_off", "it is still to come", "まだ来ていない日時です")


def _refuse_unmatched(table: CsvTable) -> None:
    """Refuse what is approved or paid twice, and payments of what was not approved before."""
    seen: dict[tuple[SettlementStep, int], Row] = {}
    for row in sorted(table.good_rows, key=lambda row: int(row["time"])):
        key = (row["step"], row["cut_off"])
        first = seen.setdefault(key, row)
        if first is not row:
            line = first.line
            table.refuse(row, "cut_off", f"the same as in line {line}", f"{line}行目と同じです")
        elif row["step"] is SettlementStep.PAY and (SettlementStep.APPROVE, row["cut_off"]) not in seen:
            table.refuse(row, "cut_off", "no row before it approves this", "これより前に承認の行がありません")
