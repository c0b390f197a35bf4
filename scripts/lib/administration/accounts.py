"""Commands of the desk about single accounts: freeze, replace, memberships that end."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from eth_utils import to_checksum_address

from scripts.lib.administration.columns import address, read_rows, signature
from scripts.lib.administration.desk import Desk
from scripts.lib.administration.task import CommandError, Survey, Task
from scripts.lib.bilingual import Bilingual
from scripts.lib.calls import Call, View
from scripts.lib.contract_abi import event_topic
from scripts.lib.csv_table import CellError, Column, Row, whole_number
from scripts.lib.grant_list import MAX_FIELD
from scripts.lib.japan_calendar import era_moment_label
from scripts.lib.node.event_log import Event, read_events
from scripts.lib.reasons import Reason
from scripts.lib.refusal import ZERO_ADDRESS
from scripts.lib.resident_keys import require_no_merchants
from scripts.lib.series_migration import Migration

COLUMNS = (
    Column("number", "利用者番号", whole_number(1, MAX_FIELD)),
    Column("account", "新しい口座", address, for_hex=True),
    Column("signature", "署名", signature, for_hex=True),
)
"""Of replacements.csv: the new account has signed for the membership (scripts.lib.registration)."""


def freeze(desk: Desk, options: Namespace) -> Survey:
    """Freeze accounts at once: of residents by number, of anybody by account."""
    return _freezing(desk, options, Bilingual("Freeze", "口座の凍結"), "freeze", frozen=True)


def unfreeze(desk: Desk, options: Namespace) -> Survey:
    """End freezes; two officers."""
    return _freezing(desk, options, Bilingual("Unfreeze", "凍結の解除"), "unfreeze", frozen=False)


def replace_accounts(desk: Desk, options: Namespace) -> Survey:
    """Move memberships to new accounts (card re-issue), as a file says, through all their steps.

    Two officers begin it, the old account is blocked in every series, and after the delay whoever likes
    completes it and carries the lots over.
    """
    rows = read_rows(options.file, COLUMNS, unique=("number",))
    require_no_merchants(desk.connection.deployer, desk.officers, desk.code, [row["account"] for row in rows])
    survey = Survey(Bilingual("Replace accounts", "口座の切替(カード再交付)"))
    survey.figure("Rows", "行数", len(rows))
    present = desk.accounts_of([row["number"] for row in rows])
    asked = [
        View("ResidentRegistry", desk.registry, "replacementOf", (desk.code, row["number"])) for row in rows
    ]
    for row, account, under_way in zip(rows, present, desk.read(asked), strict=True):
        _replace(desk, survey, row, account, under_way)
    return survey


def cancel_replacement(desk: Desk, options: Namespace) -> Survey:
    """Stop replacements that are under way; two officers."""
    survey = Survey(Bilingual("Stop replacements", "口座切替の中止"))
    for number, account in zip(options.numbers, desk.accounts_of(options.numbers), strict=True):
        under_way = desk.ask("ResidentRegistry", desk.registry, "replacementOf", desk.code, number)
        _once(
            desk, survey, "cancelReplacement", number, under_way[0] == ZERO_ADDRESS, Reason.RESIDENT_REQUEST
        )
        if account is not None and under_way[0] == ZERO_ADDRESS:
            survey.tasks += _in_series(desk, account, number)
    return survey


def close_membership(desk: Desk, options: Namespace) -> Survey:
    """End memberships of residents who died or moved away; two officers.

    Then every series blocks the account.
    """
    _require_known(desk, options.numbers)
    survey = Survey(Bilingual("Close memberships", "利用者登録の終了(死亡・転出)"))
    for number, account in zip(options.numbers, desk.accounts_of(options.numbers), strict=True):
        _once(desk, survey, "closeMembership", number, account is None, Reason.MOVED_OUT)
        if account is None:
            survey.tasks += _in_series(desk, _closed_account(desk, number), number)
    return survey


def reopen_membership(desk: Desk, options: Namespace) -> Survey:
    """Take the end of memberships back; two officers. Then no series blocks the account any longer."""
    _require_known(desk, options.numbers)
    survey = Survey(Bilingual("Reopen memberships", "利用者登録の再開"))
    for number, account in zip(options.numbers, desk.accounts_of(options.numbers), strict=True):
        _once(desk, survey, "reopenMembership", number, account is not None, Reason.CLERICAL_MISTAKE)
        if account is not None:
            survey.tasks += _in_series(desk, account, number)
    return survey


def _freezing(desk: Desk, options: Namespace, title: Bilingual, function: str, *, frozen: bool) -> Survey:
    token = desk.token(options.series)
    survey = Survey(title)
    accounts = _whom(desk, options.whom)
    states = desk.read([View("MunicipalPoint", token, "frozenOf", (account,)) for account in accounts])
    for (account, name), (is_frozen, _) in zip(accounts.items(), states, strict=True):
        if is_frozen == frozen:
            survey.done += 1
            continue
        reason = Reason.LOST_CARD if frozen else Reason.SUSPICION_CLEARED
        act = desk.act("MunicipalPoint", token, function, account, reason=reason, subject=name)
        survey.tasks.append(Task(act))
    return survey


def _whom(desk: Desk, names: Sequence[str]) -> dict[str, str]:
    """Return accounts, each with the word that names it: a resident's by number, any by its address.

    Raises:
        CommandError: there is no such resident, or a word is neither.
    """
    accounts: dict[str, str] = {}
    for name in names:
        if name.isdecimal() and len(name) <= 10:
            account = desk.account_of(int(name)) if int(name) <= MAX_FIELD else None
            if account is None:
                raise CommandError(f"there is no resident {name}", f"利用者番号{name}の利用者はいません")
            accounts.setdefault(account, name)
            continue
        try:
            accounts.setdefault(address(name), name)
        except CellError as error:
            raise CommandError(*error.reason) from None
    return accounts


def _replace(desk: Desk, survey: Survey, row: Row, account: str | None, under_way: Sequence[object]) -> None:
    number, new = row["number"], row["account"]
    new_account, ready_at = to_checksum_address(str(under_way[0])), int(str(under_way[1]))
    if account == new:
        _carry(desk, survey, number, new)
        return
    if account is None:
        survey.left.append(
            Bilingual(
                f"line {row.line}: there is no resident {number}", f"{row.line}行目: 該当する利用者がいません"
            )
        )
        return
    if new_account != new:
        act = desk.act(
            "ResidentRegistry",
            desk.registry,
            "startReplacement",
            desk.code,
            number,
            new,
            row["signature"],
            reason=Reason.CARD_REISSUE,
            subject=f"利用者番号 {number}",
        )
        survey.tasks.append(Task(act))
        survey.later.append(
            Bilingual(
                f"resident {number}: then the old account is blocked, and moved after the delay",
                f"利用者番号{number}: その後旧口座を停止し、待機期間の後に引き継ぎます",
            )
        )
        return
    blocks = _in_series(desk, account, number)
    survey.tasks += blocks
    if ready_at <= desk.now():
        arguments = (desk.code, number)
        call = Call(
            "ResidentRegistry", desk.registry, "completeReplacement", arguments, desk.anyone, str(number)
        )
        survey.tasks.append(Task(call))
    elif not blocks:
        time = era_moment_label(ready_at)
        survey.left.append(
            Bilingual(
                f"resident {number}: can be completed from {time.english} on: run the command again",
                f"利用者番号{number}: {time.japanese}以降に完了できます。その後もう一度実行してください",
            )
        )


def _carry(desk: Desk, survey: Survey, number: int, new: str) -> None:
    """Add what brings the lots of replaced accounts over to a resident's present one."""
    olds = [event.arguments["oldAccount"] for event in _events_of(desk, number, "AccountReplaced")]
    tokens = list(desk.series.values())
    pairs = [(token, old) for token in tokens for old in olds]
    balances = desk.read([View("MunicipalPoint", token, "balanceOf", (old,)) for token, old in pairs])
    missing = [pair for pair, points in zip(pairs, balances, strict=True) if points]
    ways = {token: Migration.of(desk.connection.rpc, token) for token in {token for token, _ in missing}}
    subject = f"利用者番号 {number}"
    for token, old in missing:
        call = Call("MunicipalPoint", token, "carry", (old,), desk.anyone, subject)
        if ways[token].closed:
            # Out of a closed series points go to its successor first, with the freezes of both.
            call = Call("MunicipalPoint", ways[token].successor, "carryIn", ([old],), desk.anyone, subject)
        survey.tasks.append(Task(call))
    if not missing:
        survey.done += 1


def _closed_account(desk: Desk, number: int) -> str:
    """Return the account of a membership that has ended, of which the register tells by an event alone."""
    return str(_events_of(desk, number, "MembershipClosed")[-1].arguments["account"])


def _events_of(desk: Desk, number: int, event: str) -> list[Event]:
    """Return the register's events of a kind about a resident, the earliest first."""
    topics = [
        event_topic("ResidentRegistry", event),
        "0x" + desk.code.to_bytes(32, "big").hex(),
        "0x" + number.to_bytes(32, "big").hex(),
    ]
    return list(read_events(desk.connection.rpc, [desk.registry], desk.first_block, topics=topics))


def _in_series(desk: Desk, account: str, number: int) -> list[Task]:
    """Return what tells each series whether the register blocks an account, where it knows otherwise.

    A payment asks its series alone.
    """
    blocked = desk.ask("ResidentRegistry", desk.registry, "isBlocked", desk.code, account)
    tokens = list(desk.series.values())
    states = desk.read([View("MunicipalPoint", token, "frozenOf", (account,)) for token in tokens])
    subject = f"利用者番号 {number}"
    return [
        Task(Call("MunicipalPoint", token, "syncBlocked", (account,), desk.anyone, subject))
        for token, (_, is_blocked) in zip(tokens, states, strict=True)
        if is_blocked != blocked
    ]


def _once(desk: Desk, survey: Survey, function: str, number: int, is_done: bool, reason: Reason) -> None:
    if is_done:
        survey.done += 1
        return
    act = desk.act(
        "ResidentRegistry", desk.registry, function, desk.code, number, reason=reason, subject=str(number)
    )
    survey.tasks.append(Task(act))


def _require_known(desk: Desk, numbers: Sequence[int]) -> None:
    count = desk.ask("ResidentRegistry", desk.registry, "residentCount", desk.code)
    unknown = [str(number) for number in numbers if not 1 <= number <= count]
    if unknown:
        raise CommandError(
            f"never registered: {', '.join(unknown)}",
            f"登録されたことのない利用者番号です: {', '.join(unknown)}",
        )
