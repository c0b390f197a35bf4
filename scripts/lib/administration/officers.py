"""Commands about offices and services: officers.csv, services, allowances of those that make points."""

from __future__ import annotations

from argparse import Namespace
from enum import Enum
from typing import NamedTuple

from scripts.lib.acts import Act
from scripts.lib.administration.columns import ACCOUNT, DATE, ROLES, address, moment, read_rows, role
from scripts.lib.administration.desk import Desk
from scripts.lib.administration.task import CommandError, Survey, Task
from scripts.lib.bilingual import Bilingual
from scripts.lib.calls import View
from scripts.lib.csv_table import Column, CsvTable, Row, one_of
from scripts.lib.deployment import service_label
from scripts.lib.japan_calendar import era_moment_label
from scripts.lib.reasons import Reason
from scripts.lib.refusal import ZERO_ADDRESS
from scripts.lib.roles import Role


class OfficeChange(Enum):
    """What happens to an office."""

    APPOINT = "appoint"
    DISMISS = "dismiss"
    HAND_OVER = "hand_over"


_CHANGES = {change.value: change for change in OfficeChange} | {
    "任命": OfficeChange.APPOINT,
    "解任": OfficeChange.DISMISS,
    "引継ぎ": OfficeChange.HAND_OVER,
}


class _Term(NamedTuple):
    """A term of office as Officers has it: `begins` 0 is none, `until` 0 without end."""

    begins: int
    until: int

    def serves_at(self, second: int) -> bool:
        """Whether it has not ended; it may begin later."""
        return self.begins != 0 and (self.until == 0 or self.until > second)


COLUMNS = (
    Column("change", "異動", one_of(_CHANGES), allowed="任命、解任、引継ぎ"),
    Column("role", "役職", role, allowed=ROLES),
    Column("account", "口座", address, for_hex=True, allowed=ACCOUNT),
    Column("successor", "後任の口座", address, optional=True, for_hex=True, allowed="引継ぎのときだけ"),
    Column("from", "開始日", moment, optional=True, allowed=f"{DATE}。管理者と解任には書けない"),
)
"""Of officers.csv: 異動, 役職, 口座, 後任の口座, 開始日."""


def officers(desk: Desk, options: Namespace) -> Survey:
    """Appoint, dismiss and hand over, as a file says."""
    rows = read_rows(options.file, COLUMNS, _check, unique=("role", "account"))
    survey = Survey(Bilingual("Officers", "職員の任命・解任・引継ぎ"))
    now = desk.now()
    for row, account, successor in zip(
        rows, _terms(desk, rows, "account"), _terms(desk, rows, "successor"), strict=True
    ):
        is_done = {
            OfficeChange.APPOINT: account.serves_at(now),
            OfficeChange.DISMISS: not account.serves_at(now),
            OfficeChange.HAND_OVER: successor.serves_at(now)
            and not (account.serves_at(now) and not account.until),
        }
        if is_done[row["change"]]:
            survey.done += 1
        else:
            survey.tasks.append(Task(_act(desk, row)))
    survey.figure("Rows", "行数", len(rows))
    for row in rows:
        if row["from"]:
            day = era_moment_label(row["from"])
            who = row["successor"] or row["account"]
            survey.notes.append(
                Bilingual(f"{who} serves from {day.english}", f"{who} は{day.japanese}から就任します")
            )
    return survey


def accept_service(desk: Desk, options: Namespace) -> Survey:
    """Let the municipality use a service of the council."""
    service = desk.service(options.service)
    survey = Survey(Bilingual(f"Accept {options.service}", f"サービスの利用開始 {options.service}"))
    if desk.ask("Officers", desk.officers, "isAccepted", desk.code, service):
        survey.done = 1
    else:
        act = desk.act(
            "Officers", desk.officers, "acceptService", desk.code, service,
            reason=Reason.NEW_SERVICE, subject=options.service,
        )  # fmt: skip
        survey.tasks.append(Task(act))
    return survey


def leave_service(desk: Desk, options: Namespace) -> Survey:
    """End the municipality's use of a service."""
    service = desk.service(options.service)
    survey = Survey(Bilingual(f"Leave {options.service}", f"サービスの利用終了 {options.service}"))
    if not desk.ask("Officers", desk.officers, "isAccepted", desk.code, service):
        survey.done = 1
    else:
        act = desk.act(
            "Officers", desk.officers, "leaveService", desk.code, service,
            reason=Reason.END_OF_SERVICE, subject=options.service,
        )  # fmt: skip
        survey.tasks.append(Task(act))
    return survey


def allow(desk: Desk, options: Namespace) -> Survey:
    """Set what a service may mint in its life in a series: what it minted and may still mint."""
    minter = _minter(desk, options.minter)
    token = desk.token(options.series)
    allowance, minted = desk.ask("MunicipalPoint", token, "minterOf", minter)
    survey = Survey(Bilingual(f"Allowance of {options.minter}", f"発行枠の設定 {options.minter}"))
    survey.figure("Minted in its life, points", "発行累計(ポイント)", minted)
    survey.figure("May still mint, points", "発行可能残額(ポイント)", allowance)
    survey.figure("Lifetime total asked for, points", "設定する総枠(ポイント)", options.points)
    by = options.points - allowance - minted
    if options.points < minted:
        raise CommandError(f"{minted:,} are minted already", f"すでに{minted:,}ポイント発行済みです")
    if by == 0:
        survey.done = 1
        return survey
    function = "increaseMinterAllowance" if by > 0 else "decreaseMinterAllowance"
    act = desk.act(
        "MunicipalPoint",
        token,
        function,
        minter,
        abs(by),
        reason=Reason.BUDGET_CHANGE,
        subject=options.minter,
    )
    survey.tasks.append(Task(act))
    return survey


def remove_minter(desk: Desk, options: Namespace) -> Survey:
    """End the right of a service or account to mint in a series."""
    minter, token = _minter(desk, options.minter), desk.token(options.series)
    survey = Survey(Bilingual(f"Remove minter {options.minter}", f"発行者の取消し {options.minter}"))
    if minter not in desk.ask("MunicipalPoint", token, "minters"):
        survey.done = 1
    else:
        act = desk.act(
            "MunicipalPoint", token, "removeMinter", minter, reason=Reason.DECISION, subject=options.minter
        )
        survey.tasks.append(Task(act))
    return survey


def _terms(desk: Desk, rows: list[Row], column: str) -> list[_Term]:
    """Return the terms of office of the accounts in a column; nobody's where a cell is empty."""
    views = [
        View("Officers", desk.officers, "termOf", (desk.code, int(row["role"]), row[column] or ZERO_ADDRESS))
        for row in rows
    ]
    return [_Term(*answer) for answer in desk.read(views)]


def _minter(desk: Desk, name: str) -> str:
    return desk.service(name) if service_label(name) in desk.records else address(name)


def _act(desk: Desk, row: Row) -> Act:
    office, account = int(row["role"]), row["account"]
    subject = row["role"].label.japanese
    if row["change"] is OfficeChange.APPOINT:
        return desk.act(
            "Officers", desk.officers, "appoint", desk.code, account, office, row["from"] or 0,
            reason=Reason.NEW_STAFF, subject=subject,
        )  # fmt: skip
    if row["change"] is OfficeChange.HAND_OVER:
        return desk.act(
            "Officers", desk.officers, "handOver", desk.code, account, office, row["successor"],
            row["from"] or 0, reason=Reason.STAFF_ROTATION, subject=subject,
        )  # fmt: skip
    if row["role"] is Role.ADMIN:
        return desk.act(
            "Officers", desk.officers, "dismissAdmin", desk.code, account,
            reason=Reason.STAFF_LEAVES, subject=subject,
        )  # fmt: skip
    return desk.act(
        "Officers", desk.officers, "dismiss", desk.code, account, office,
        reason=Reason.STAFF_LEAVES, subject=subject,
    )  # fmt: skip


def _check(table: CsvTable) -> None:
    for row in table.good_rows:
        hands_over = row["change"] is OfficeChange.HAND_OVER
        if hands_over and row["successor"] is None:
            table.refuse(row, "successor", "who takes over?", "引継ぎには後任の口座が必要です")
        if not hands_over and row["successor"] is not None:
            table.refuse(row, "successor", "only for a hand-over", "後任の口座は引継ぎのときだけ書けます")
        if row["from"] and row["change"] is OfficeChange.DISMISS:
            table.refuse(row, "from", "a dismissal is at once", "解任に開始日は書けません")
        if row["from"] and row["role"] is Role.ADMIN:
            table.refuse(row, "from", "an Admin begins at once", "管理者に開始日は書けません")
