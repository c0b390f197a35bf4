"""What officers do in a municipality's fiscal year, read from office_acts.csv.

    time,act,subject,until,reason
    2026-09-02T10:20:00,start_replacement,r-452025-0012,,card_reissue
    2026-10-30T20:00:00,pause,,2026-11-02T08:00:00,outage
    2026-11-04T10:00:00,restore,2026-10,2026-12,paused_over_month_end
    2026-05-11T09:00:00,name_admin,admin-3,,last_admin_lost
    2026-11-16T12:00:00,sell_shop,m-141305-05,,shop_sold

The standing of merchants has a file of its own, merchant_changes.csv. Months are numbers from January
2000 = 0, times Unix seconds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from scripts.lib.csv_table import CellError, Column, CsvTable, Row, one_of, text
from scripts.lib.japan_calendar import moment_from_text, month_from_text
from scripts.lib.personal_data import half_width
from scripts.lib.reasons import Reason

# ----------------------------------------------------------------------------------------------------- TYPES


class AccountStep(Enum):
    """What may happen to a resident's account; a replacement begins a second and ends days later."""

    FREEZE = "freeze"
    START_REPLACEMENT = "start_replacement"
    COMPLETE_REPLACEMENT = "complete_replacement"
    UNFREEZE = "unfreeze"


class PauseStep(Enum):
    """How a pause begins, and ends before its time."""

    PAUSE = "pause"
    UNPAUSE = "unpause"


class RestoreStep(Enum):
    """Giving back what lapsed."""

    RESTORE = "restore"


class AdminStep(Enum):
    """How the council gives a town that has lost its Admins a new one: named, and two weeks later seated."""

    NAME_ADMIN = "name_admin"
    SEAT_ADMIN = "seat_admin"


class ShopStep(Enum):
    """How a shop goes to a buyer: the owner key of its account is replaced."""

    SELL_SHOP = "sell_shop"


@dataclass(frozen=True)
class AccountAct:
    """Something is done about a resident's account."""

    line: int
    time: int
    step: AccountStep
    resident: str
    reason: Reason


@dataclass(frozen=True)
class PauseAct:
    """The series is paused, or a pause ended early; `until` is the first second at which points move."""

    line: int
    time: int
    step: PauseStep
    until: int
    reason: Reason


@dataclass(frozen=True)
class RestoreAct:
    """All that lapsed with `month` is given back, to end with month `until`."""

    line: int
    time: int
    month: int
    until: int
    reason: Reason


@dataclass(frozen=True)
class AdminAct:
    """The council names, or seats, an Admin; `admin` is what the files call the person."""

    line: int
    time: int
    step: AdminStep
    admin: str
    reason: Reason


@dataclass(frozen=True)
class ShopAct:
    """A shop is sold: its account goes on under the buyer's key."""

    line: int
    time: int
    step: ShopStep
    merchant: str
    reason: Reason


OfficeAct = AccountAct | PauseAct | RestoreAct | AdminAct | ShopAct

# --------------------------------------------------------------------------------------------------- COLUMNS

_Step = AccountStep | PauseStep | RestoreStep | AdminStep | ShopStep
_JAPANESE: dict[str, _Step] = {
    "凍結": AccountStep.FREEZE,
    "口座切替の開始": AccountStep.START_REPLACEMENT,
    "口座切替の完了": AccountStep.COMPLETE_REPLACEMENT,
    "凍結の解除": AccountStep.UNFREEZE,
    "緊急停止": PauseStep.PAUSE,
    "緊急停止の解除": PauseStep.UNPAUSE,
    "回復": RestoreStep.RESTORE,
    "管理者の指名": AdminStep.NAME_ADMIN,
    "管理者の就任": AdminStep.SEAT_ADMIN,
    "店舗の譲渡": ShopStep.SELL_SHOP,
}
_STEPS: dict[str, _Step] = {str(step.value): step for step in _JAPANESE.values()} | _JAPANESE
_REASONS = {reason.name.lower(): reason for reason in Reason}
_RESIDENT = re.compile(r"r-[0-9]{6}-[0-9]{4,6}")
_ADMIN = re.compile(r"admin-[0-9]{1,3}")
_MERCHANT = re.compile(r"m-[0-9]{6}-[0-9]{2,6}")


def _moment(cell: str) -> int:
    try:
        return moment_from_text(half_width(cell))
    except ValueError:
        raise CellError(
            "this is not a time like 2026-04-15T10:30", "2026-04-15T10:30のような日時ではありません"
        ) from None


COLUMNS = (
    Column("time", "日時", _moment),
    Column("act", "行為", one_of(_STEPS)),
    Column("subject", "対象", text, optional=True),
    Column("until", "期限", text, optional=True),
    Column("reason", "理由", one_of(_REASONS)),
)

# --------------------------------------------------------------------------------------------------- READING


def read_office_acts(table: CsvTable, residents: CsvTable, merchants: CsvTable) -> list[OfficeAct]:
    """Return what the rows of office_acts.csv ask for; what is wrong with them is noted in the table.

    Args:
        residents, merchants: the rows of residents.csv and merchants.csv.
    """
    acts = [_read(table, row) for row in table.good_rows]
    once: dict[tuple[_Step, str], int] = {}
    for row in table.good_rows:
        match row["act"]:
            case AccountStep():
                listed, column = residents, "resident"
            case ShopStep():
                listed, column = merchants, "merchant"
            case _:
                continue
        subject = half_width(row["subject"])
        if listed.is_complete and subject not in {other.values.get(column) for other in listed.rows}:
            file = listed.path.name
            table.refuse(row, "subject", f"{subject} is not in {file}", f"{subject}は{file}にありません")
        elif row["act"] in (AccountStep.START_REPLACEMENT, ShopStep.SELL_SHOP):
            first = once.setdefault((row["act"], subject), row.line)
            if first != row.line:
                table.refuse(
                    row,
                    "subject",
                    f"{subject} gets a new key in line {first} already",
                    f"{subject}の鍵の変更は{first}行目にもあります",
                )
    return [act for act in acts if act is not None]


def _read(table: CsvTable, row: Row) -> OfficeAct | None:
    """Return what one row asks for; None after noting why it cannot be told."""
    step, subject, until = row["act"], half_width(row["subject"] or ""), half_width(row["until"] or "")
    if bool(until) != (step in (PauseStep.PAUSE, RestoreStep.RESTORE)):
        table.refuse(row, "until", *(_NOT_NEEDED if until else _MISSING))
        return None
    if bool(subject) != (not isinstance(step, PauseStep)):
        table.refuse(row, "subject", *(_NOT_NEEDED if subject else _MISSING))
        return None
    match step:
        case AccountStep():
            if _RESIDENT.fullmatch(subject):
                return AccountAct(row.line, row["time"], step, subject, row["reason"])
            _refuse_form(table, row, "subject", "r-141305-0001")
        case AdminStep():
            if _ADMIN.fullmatch(subject):
                return AdminAct(row.line, row["time"], step, subject, row["reason"])
            _refuse_form(table, row, "subject", "admin-3")
        case ShopStep():
            if _MERCHANT.fullmatch(subject):
                return ShopAct(row.line, row["time"], step, subject, row["reason"])
            _refuse_form(table, row, "subject", "m-141305-01")
        case PauseStep():
            end = row["time"] if step is PauseStep.UNPAUSE else _moment_in(table, row, "until", until)
            if end is not None:
                return PauseAct(row.line, row["time"], step, end, row["reason"])
        case RestoreStep():
            month, new_end = _month_in(table, row, "subject", subject), _month_in(table, row, "until", until)
            if month is not None and new_end is not None:
                return RestoreAct(row.line, row["time"], month, new_end, row["reason"])
    return None


def _moment_in(table: CsvTable, row: Row, column: str, cell: str) -> int | None:
    try:
        return _moment(cell)
    except CellError as error:
        table.refuse(row, column, *error.reason)
        return None


def _month_in(table: CsvTable, row: Row, column: str, cell: str) -> int | None:
    try:
        return month_from_text(cell)
    except ValueError:
        _refuse_form(table, row, column, "2027-03")
        return None


def _refuse_form(table: CsvTable, row: Row, column: str, example: str) -> None:
    table.refuse(row, column, f"this is not of the form {example}", f"{example}の形ではありません")


_MISSING = ("the cell is empty", "セルが空です")
_NOT_NEEDED = ("this act takes none", "この行為には不要です")
