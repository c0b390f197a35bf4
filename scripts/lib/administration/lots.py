"""Commands about lots: extend, restore what lapsed, revoke, each by two officers of the desk and a paper."""

from __future__ import annotations

from argparse import Namespace
from collections import defaultdict
from collections.abc import Callable
from itertools import islice
from typing import NamedTuple

from scripts.lib.administration.columns import MONTH, month, read_rows
from scripts.lib.administration.desk import Desk
from scripts.lib.administration.done_before import ChangedRows
from scripts.lib.administration.task import Survey, Task
from scripts.lib.bilingual import Bilingual
from scripts.lib.calls import View
from scripts.lib.contract_abi import event_topic
from scripts.lib.csv_table import Column, CsvTable, Row, whole_number
from scripts.lib.grant_list import MAX_FIELD
from scripts.lib.japan_calendar import era_day_label
from scripts.lib.node.event_log import read_events
from scripts.lib.reasons import Reason
from scripts.lib.reference.ledger import MAX_LOT_POINTS

BATCH_ACCOUNTS = 100
"""Accounts of one act on lots: the dearest takes less than 60,000 gas each."""

_NUMBER = Column("number", "利用者番号", whole_number(1, MAX_FIELD))
_POINTS = Column("points", "ポイント", whole_number(1, MAX_LOT_POINTS))

EXTEND_COLUMNS = (
    _NUMBER,
    Column("from_month", "現在の期限月", month, allowed=MONTH),
    Column("to_month", "新しい期限月", month, allowed=MONTH),
)
"""Of a file of extensions: 利用者番号, 現在の期限月, 新しい期限月."""

RESTORE_COLUMNS = (
    _NUMBER,
    _POINTS,
    Column("lapsed_month", "失効月", month, allowed=MONTH),
    Column("to_month", "新しい期限月", month, allowed=MONTH),
)
"""Of a file of restorations: 利用者番号, ポイント, 失効月, 新しい期限月."""

REVOKE_COLUMNS = (_NUMBER, _POINTS, Column("expiry_month", "期限月", month, allowed=MONTH))
"""Of a file of revocations: 利用者番号, ポイント, 期限月."""


def extend(desk: Desk, options: Namespace) -> Survey:
    """Let lots of residents end later."""
    rows = read_rows(
        options.file, EXTEND_COLUMNS, _require_later("from_month"), unique=("number", "from_month")
    )
    token = desk.token(options.series)
    survey = Survey(Bilingual("Extend lots", "有効期限の延長"))
    found = _with_accounts(desk, survey, rows)
    lots = desk.read([View("MunicipalPoint", token, "lotsOf", (account,)) for _, account in found])
    extended, changed = _extended(desk, token), ChangedRows(options.file, EXTEND_COLUMNS)
    groups: defaultdict[tuple[int, int], list[tuple[Row, str, int]]] = defaultdict(list)
    for (row, account), (months, amounts) in zip(found, lots, strict=True):
        points = dict(zip(months, amounts, strict=True)).get(row["from_month"], 0)
        if points:
            groups[row["from_month"], row["to_month"]].append((row, account, points))
        else:
            survey.done += 1  # extended before, or spent: there is nothing to extend
            for end in extended.get((account, row["from_month"]), ())[-1:]:
                changed.compare(row, "to_month", end, lambda end: era_day_label(end).japanese)
    changed.require_none()
    for (old, new), items in groups.items():
        _tell_months(survey, old, new, sum(points for *_, points in items))
        stream = iter(items)
        while batch := list(islice(stream, BATCH_ACCOUNTS)):
            accounts = [account for _, account, _ in batch]
            act = desk.act(
                "MunicipalPoint", token, "extendLots", old, new, accounts,
                reason=Reason.DISASTER, subject=f"{len(batch)}人",
            )  # fmt: skip
            survey.tasks.append(Task(act, rows=len(batch)))
    return survey


def restore(desk: Desk, options: Namespace) -> Survey:
    """Give back what lapsed by mistake or while it could not be spent; once for a resident and month."""
    rows = read_rows(
        options.file, RESTORE_COLUMNS, _require_later("lapsed_month"), unique=("number", "lapsed_month")
    )
    token = desk.token(options.series)
    survey = Survey(Bilingual("Restore lapsed points", "失効ポイントの回復"))
    found = _with_accounts(desk, survey, rows)
    restored = _restored(desk, token)
    groups: defaultdict[tuple[int, int], list[tuple[Row, str]]] = defaultdict(list)
    changed = ChangedRows(options.file, RESTORE_COLUMNS)
    given_back = 0
    for row, account in found:
        before = restored.get((row["number"], row["lapsed_month"]))
        if before is not None:
            survey.done += 1
            given_back += before.points
            changed.compare(row, "points", before.points)
            changed.compare(row, "to_month", before.month, lambda end: era_day_label(end).japanese)
        else:
            groups[row["lapsed_month"], row["to_month"]].append((row, account))
    changed.require_none()
    survey.figure("Given back on the chain, points", "チェーンで回復済みのポイント", given_back)
    for (old, new), items in groups.items():
        lapsed, restored_points = (
            desk.ask("MunicipalPoint", token, "pointsEndingWith", old),
            desk.ask("MunicipalPoint", token, "restoredOf", old),
        )
        _tell_months(survey, old, new, sum(row["points"] for row, _ in items))
        survey.figure(
            "Of what lapsed then, not restored yet, points",
            "その月の失効のうち未回復(ポイント)",
            lapsed - restored_points,
        )
        stream = iter(items)
        while batch := list(islice(stream, BATCH_ACCOUNTS)):
            accounts, points = [account for _, account in batch], [row["points"] for row, _ in batch]
            act = desk.act(
                "MunicipalPoint", token, "restoreLots", old, new, accounts, points,
                reason=Reason.WRONG_LAPSE, subject=f"{len(batch)}人",
            )  # fmt: skip
            survey.tasks.append(Task(act, rows=len(batch)))
    return survey


def revoke(desk: Desk, options: Namespace) -> Survey:
    """Take unspent points back that were made in error; the same row on the same paper counts once."""
    rows = read_rows(options.file, REVOKE_COLUMNS, unique=("number", "expiry_month"))
    token = desk.token(options.series)
    survey = Survey(Bilingual("Revoke points", "未使用の付与の取消し"))
    found = _with_accounts(desk, survey, rows)
    for row, account in found:
        act = desk.act(
            "MunicipalPoint", token, "revoke", account, row["points"], row["expiry_month"],
            reason=Reason.WRONG_GRANT, subject=f"利用者番号 {row['number']}",
        )  # fmt: skip
        survey.tasks.append(Task(act, is_seen=False))
    survey.figure("Points in the file", "ファイルの取消しポイント", sum(row["points"] for row, _ in found))
    if desk.paper is None:
        survey.notes.append(
            Bilingual(
                "without --paper the same row is never revoked a second time",
                "--paper で書類を付けると、別の決裁による同じ内容の取消しと区別されます",
            )
        )
    return survey


def _with_accounts(desk: Desk, survey: Survey, rows: list[Row]) -> list[tuple[Row, str]]:
    """Return rows with the residents' present accounts; those without are left, with the reason."""
    survey.figure("Rows", "行数", len(rows))
    found = []
    for row, account in zip(rows, desk.accounts_of([row["number"] for row in rows]), strict=True):
        if account is None:
            survey.left.append(
                Bilingual(
                    f"line {row.line}: there is no resident {row['number']}",
                    f"{row.line}行目: 該当する利用者がいません",
                )
            )
        else:
            found.append((row, account))
    return found


class _Restored(NamedTuple):
    """What was restored, and the month that it ends with now."""

    points: int
    month: int


def _restored(desk: Desk, token: str) -> dict[tuple[int, int], _Restored]:
    """Return what was restored, by resident number (whatever the account was) and lapsed month."""
    topics = [event_topic("MunicipalPoint", "LotRestored")]
    events = list(read_events(desk.connection.rpc, [token], desk.first_block, topics=topics))
    numbers = desk.read(
        [
            View("ResidentRegistry", desk.registry, "everNumberOf", (desk.code, event.arguments["account"]))
            for event in events
        ]
    )
    return {
        (number, event.arguments["lapsedMonth"]): _Restored(
            event.arguments["amountPoints"], event.arguments["toMonth"]
        )
        for number, event in zip(numbers, events, strict=True)
    }


def _extended(desk: Desk, token: str) -> dict[tuple[str, int], list[int]]:
    """Return to which months lots were extended, by account and the month before, oldest first."""
    topics = [event_topic("MunicipalPoint", "LotExtended")]
    found: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    for event in read_events(desk.connection.rpc, [token], desk.first_block, topics=topics):
        a = event.arguments
        found[a["account"], a["fromMonth"]].append(a["toMonth"])
    return found


def _tell_months(survey: Survey, old: int, new: int, points: int) -> None:
    before, after = era_day_label(old), era_day_label(new)
    survey.figure(
        f"{before.english} -> {after.english}, points",
        f"{before.japanese}まで → {after.japanese}まで(ポイント)",
        points,
    )


def _require_later(column: str) -> Callable[[CsvTable], None]:
    def check(table: CsvTable) -> None:
        for row in table.good_rows:
            if row["to_month"] <= row[column]:
                table.refuse(row, "to_month", "it is not later", "新しい期限月が元の月より後ではありません")

    return check
