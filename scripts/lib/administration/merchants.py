"""Commands about shops and public facilities (加盟店): merchants.csv."""

from __future__ import annotations

from argparse import Namespace
from enum import Enum
from typing import Any

from scripts.lib.acts import Act
from scripts.lib.administration.columns import ACCOUNT, address, read_rows
from scripts.lib.administration.desk import Desk
from scripts.lib.administration.done_before import ChangedRows
from scripts.lib.administration.task import Survey, Task
from scripts.lib.bilingual import Bilingual
from scripts.lib.calls import View
from scripts.lib.contract_abi import event_topic
from scripts.lib.csv_table import Column, CsvTable, Row, one_of, text, whole_number
from scripts.lib.node.event_log import read_events
from scripts.lib.reasons import Reason
from scripts.lib.reference.ledger import MAX_CATEGORY

ACTIVE, SUSPENDED, CLOSED = range(3)


class MerchantChange(Enum):
    """What happens to a merchant."""

    APPROVE = "approve"
    REAPPROVE = "reapprove"
    SUSPEND = "suspend"
    CLOSE = "close"
    REPLACE_OWNER = "replace_owner"


_CHANGES = {change.value: change for change in MerchantChange} | {
    "承認": MerchantChange.APPROVE,
    "再承認": MerchantChange.REAPPROVE,
    "停止": MerchantChange.SUSPEND,
    "終了": MerchantChange.CLOSE,
    "鍵の交換": MerchantChange.REPLACE_OWNER,
}

COLUMNS = (
    Column("account", "口座", address, for_hex=True, allowed=ACCOUNT),
    Column("name", "店名", text, optional=True, allowed="承認・再承認に必要。公開されます"),
    Column("place", "所在地", text, optional=True, allowed="承認・再承認に必要。公開されます"),
    Column(
        "category",
        "業種番号",
        whole_number(0, MAX_CATEGORY),
        optional=True,
        allowed=f"自治体が決める番号 0〜{MAX_CATEGORY:,}(還元事業の対象業種に使用、空欄は0)",
    ),
    Column(
        "change",
        "異動",
        one_of(_CHANGES),
        optional=True,
        allowed="承認(空欄も同じ)、再承認、停止、終了、鍵の交換",
    ),
    Column("owner", "新しい管理鍵", address, optional=True, for_hex=True, allowed="鍵の交換のときだけ"),
)
"""Of merchants.csv; without 異動 a row is an approval. Name and place become public.

An approval is for shops that never were: whoever runs last year's file again lifts no suspension. That takes
a 再承認."""


def merchants(desk: Desk, options: Namespace) -> Survey:
    """Approve, suspend, close merchants and replace their owner keys, as a file says."""
    rows = read_rows(options.file, COLUMNS, _check, unique=("account",))
    token = desk.token(options.series)
    survey = Survey(Bilingual("Merchants", "加盟店の登録・異動"))
    accounts = [row["account"] for row in rows]
    views = [View("MunicipalPoint", token, "merchantOf", (account,)) for account in accounts]
    standings = desk.read(views)
    known = [account for account, standing in zip(accounts, standings, strict=True) if standing[0]]
    owners = dict(
        zip(
            known,
            desk.read([View("MunicipalPoint", token, "ownerOf", (account,)) for account in known]),
            strict=True,
        )
    )
    approved = _approved(desk, token)
    changed = ChangedRows(options.file, COLUMNS)
    for row, (is_merchant, status, category) in zip(rows, standings, strict=True):
        change, account = _change(row), row["account"]
        is_same = _is_same(row, category, approved.get(account))
        if change is MerchantChange.APPROVE and is_merchant:
            _compare(changed, row, category, approved.get(account))
        if change is MerchantChange.APPROVE and is_merchant and status != ACTIVE:
            survey.notes.append(
                Bilingual(
                    f"line {row.line}: approved before and not active; a reapproval would change that",
                    f"{row.line}行目: 承認済みですが停止・終了中です(再開するには「再承認」)",
                )
            )
        if change is not MerchantChange.APPROVE and not is_merchant:
            survey.left.append(
                Bilingual(
                    f"line {row.line}: {account} is no merchant", f"{row.line}行目: 加盟店ではありません"
                )
            )
        elif _is_done(change, is_merchant, status, owners.get(account) == row["owner"], is_same):
            survey.done += 1
        else:
            survey.tasks.append(Task(_act(desk, token, row, change)))
    changed.require_none()
    survey.figure("Rows", "行数", len(rows))
    return survey


def _approved(desk: Desk, token: str) -> dict[str, tuple[str, str]]:
    """Return name and place of each merchant, as they were approved last."""
    topics = [event_topic("MunicipalPoint", "MerchantApproved")]
    events = read_events(desk.connection.rpc, [token], desk.first_block, topics=topics)
    return {
        event.arguments["merchant"]: (event.arguments["name"], event.arguments["place"]) for event in events
    }


def _compare(changed: ChangedRows, row: Row, category: int, named: tuple[str, str] | None) -> None:
    """Note where a shop was approved as another than the file has it."""
    mend = "a row with 再承認 changes it", "変更するには異動「再承認」の行にします"
    if named is not None:
        changed.compare(row, "name", named[0], mend=mend)
        changed.compare(row, "place", named[1], mend=mend)
    if row["category"] is not None:
        changed.compare(row, "category", category, str, mend=mend)


def _is_same(row: Row, category: int, named: tuple[str, str] | None) -> bool:
    return (row["name"], row["place"]) == named and row["category"] in (None, category)


def _change(row: Row) -> MerchantChange:
    return row["change"] or MerchantChange.APPROVE


def _is_done(change: MerchantChange, is_merchant: bool, status: int, owns: bool, is_same: bool) -> bool:
    return {
        MerchantChange.APPROVE: is_merchant,
        MerchantChange.REAPPROVE: status == ACTIVE and is_same,
        MerchantChange.SUSPEND: status in (SUSPENDED, CLOSED),
        MerchantChange.CLOSE: status == CLOSED,
        MerchantChange.REPLACE_OWNER: owns,
    }[change]


def _act(desk: Desk, token: str, row: Row, change: MerchantChange) -> Act:
    account, subject = row["account"], row["name"] or ""
    approved = row["category"] or 0, row["name"], row["place"]
    acts: dict[MerchantChange, tuple[str, Reason, tuple[Any, ...]]] = {
        MerchantChange.APPROVE: ("approveMerchant", Reason.NEW_MERCHANT, approved),
        MerchantChange.REAPPROVE: ("approveMerchant", Reason.NEW_MERCHANT, approved),
        MerchantChange.SUSPEND: ("suspendMerchant", Reason.BREACH_OF_TERMS, ()),
        MerchantChange.CLOSE: ("closeMerchant", Reason.SHOP_CLOSED, ()),
        MerchantChange.REPLACE_OWNER: ("replaceOwner", Reason.LOST_MERCHANT_KEY, (row["owner"],)),
    }
    function, reason, more = acts[change]
    return desk.act("MunicipalPoint", token, function, account, *more, reason=reason, subject=subject)


def _check(table: CsvTable) -> None:
    for row in table.good_rows:
        change = _change(row)
        for column in ("name", "place"):
            approves = change in (MerchantChange.APPROVE, MerchantChange.REAPPROVE)
            if approves and row[column] is None:
                table.refuse(row, column, "an approval names it", "承認には必要です")
        if (row["owner"] is not None) != (change is MerchantChange.REPLACE_OWNER):
            table.refuse(
                row, "owner", "for a new owner key, and only then", "管理鍵は「鍵の交換」のときだけ書きます"
            )
