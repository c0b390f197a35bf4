"""Commands of the desk about single accounts: freeze, replace, memberships that end."""

from __future__ import annotations

from argparse import Namespace
from collections import defaultdict
from collections.abc import Sequence

from scripts.lib.administration.columns import address, read_rows, signature
from scripts.lib.administration.desk import Desk
from scripts.lib.administration.inheritance import allows_heirs
from scripts.lib.administration.memberships import (
    STARTS,
    Replacement,
    Standing,
    carry_over,
    closed_account,
    heir_of,
    note_shops,
    objection_of,
    require_known,
    standings_of,
    stopped_numbers,
    subject_of,
    tell_series,
    who_else_decides,
)
from scripts.lib.administration.next_command import next_command
from scripts.lib.administration.proposals import is_open, proposals_of, proposed_data
from scripts.lib.administration.task import CommandError, Survey, Task
from scripts.lib.bilingual import Bilingual
from scripts.lib.calls import Call, View
from scripts.lib.contract_abi import decode_call, function_selector
from scripts.lib.csv_table import CellError, Column, Row, whole_number
from scripts.lib.grant_list import MAX_FIELD
from scripts.lib.japan_calendar import era_moment_label
from scripts.lib.reasons import Reason
from scripts.lib.resident_keys import require_no_merchants

COLUMNS = (
    Column("number", "利用者番号", whole_number(1, MAX_FIELD)),
    Column("account", "新しい口座", address, for_hex=True),
    Column("signature", "署名", signature, for_hex=True),
)
"""Of replacements.csv: the new account has signed for the membership (scripts.lib.registration)."""


SHOWN_RESIDENTS = 20


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
    numbers = [row["number"] for row in rows]
    present, found = desk.accounts_of(numbers), Replacement.of_all(desk, numbers)
    stopped = set(stopped_numbers(desk))
    for row, account, under_way in zip(rows, present, found, strict=True):
        _replace(desk, survey, row, account, under_way, was_stopped=row["number"] in stopped)
    return survey


def cancel_replacement(desk: Desk, options: Namespace) -> Survey:
    """Stop replacements and inheritances that are under way; two officers.

    Then no series blocks the account any longer. That ends, too, what is left of an objection.
    """
    require_known(desk, options.numbers)
    survey = Survey(Bilingual("Stop replacements and inheritances", "口座切替・相続の中止"))
    proposed = _proposed_starts(desk)
    for number, account in zip(options.numbers, desk.accounts_of(options.numbers), strict=True):
        if account is None:
            survey.left.append(
                Bilingual(
                    f"resident {number}: the membership has ended, there is nothing to stop",
                    f"利用者番号{number}: 登録は終了していて、中止できる手続はありません",
                )
            )
            continue
        is_stopped = Replacement.of(desk, number) is None
        _once(desk, survey, "cancelReplacement", number, is_stopped, Reason.RESIDENT_REQUEST)
        if is_stopped and not tell_series(desk, survey, account, number):
            _tell_objection(desk, survey, number)
        for proposal in proposed[number]:
            veto = next_command(options, "veto", proposal)
            survey.left.append(
                Bilingual(
                    f"resident {number}: proposal {proposal} would begin it and is still open; {veto} "
                    "withdraws it",
                    f"利用者番号{number}: 開始の提案{proposal}が未処理のままです。取り下げるには {veto} を"
                    "実行します",
                )
            )
    return survey


def close_membership(desk: Desk, options: Namespace) -> Survey:
    """End memberships of residents who died or moved away; two officers.

    Then every series blocks the account.

    Raises:
        CommandError: somebody is about to inherit from one of them.
    """
    require_known(desk, options.numbers)
    survey = Survey(Bilingual("Close memberships", "利用者登録の終了(死亡・転出)"))
    consider_ends(desk, options, survey, options.numbers)
    for number, account in zip(options.numbers, desk.accounts_of(options.numbers), strict=True):
        _once(desk, survey, "closeMembership", number, account is None, Reason.MOVED_OUT)
        if account is None:
            tell_series(desk, survey, closed_account(desk, number), number)
    return survey


def consider_ends(desk: Desk, options: Namespace, survey: Survey, numbers: Sequence[int]) -> None:
    """Say what an officer should know before memberships are ended: of heirs, and of shops.

    Raises:
        CommandError: somebody is about to inherit.
    """
    residents = zip(numbers, desk.accounts_of(numbers), strict=True)
    ending = [(number, account) for number, account in residents if account is not None]
    _require_no_heirs(desk, options, [number for number, _ in ending])
    held: list[tuple[int, list[Standing]]] = []
    found = standings_of(desk, [account for _, account in ending])
    for (number, account), here in zip(ending, found, strict=True):
        note_shops(survey, number, account, here)
        if any(each.points for each in here):
            held.append((number, here))
    if held and allows_heirs(desk):
        _warn_of_heirs(options, survey, held)


def reopen_membership(desk: Desk, options: Namespace) -> Survey:
    """Take the end of memberships back; two officers. Then no series blocks the account any longer."""
    require_known(desk, options.numbers)
    survey = Survey(Bilingual("Reopen memberships", "利用者登録の再開"))
    for number, account in zip(options.numbers, desk.accounts_of(options.numbers), strict=True):
        if account is None and (heir := heir_of(desk, number)):
            survey.left.append(
                Bilingual(
                    f"resident {number}: resident {heir} has inherited; the person joins anew with another "
                    "account",
                    f"利用者番号{number}: 利用者番号{heir}に相続されているため再開できません(別の"
                    "口座で新しく登録します)",
                )
            )
            continue
        _once(desk, survey, "reopenMembership", number, account is not None, Reason.CLERICAL_MISTAKE)
        if account is not None:
            tell_series(desk, survey, account, number)
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


def _replace(
    desk: Desk,
    survey: Survey,
    row: Row,
    account: str | None,
    under_way: Replacement | None,
    *,
    was_stopped: bool,
) -> None:
    number, new = row["number"], row["account"]
    if account == new:
        carry_over(desk, survey, number)
        return
    if account is None:
        survey.left.append(
            Bilingual(
                f"line {row.line}: there is no resident {number}", f"{row.line}行目: 該当する利用者がいません"
            )
        )
        return
    if under_way is None or under_way.heir_number or under_way.new_account != new:
        why = _what_is_in_the_way(desk, number, under_way, was_stopped=was_stopped)
        if why is not None:
            survey.left.append(
                Bilingual(f"line {row.line}: {why.english}", f"{row.line}行目: {why.japanese}")
            )
            return
        act = desk.act(
            "ResidentRegistry",
            desk.registry,
            "startReplacement",
            desk.code,
            number,
            new,
            row["signature"],
            reason=Reason.CARD_REISSUE,
            subject=subject_of(number),
        )
        survey.tasks.append(Task(act))
        survey.later.append(
            Bilingual(
                f"resident {number}: then the old account is blocked, and moved after the delay",
                f"利用者番号{number}: その後旧口座を停止し、待機期間の後に引き継ぎます",
            )
        )
        return
    is_told = tell_series(desk, survey, account, number)
    if under_way.ready_at <= desk.now():
        arguments = (desk.code, number)
        call = Call(
            "ResidentRegistry", desk.registry, "completeReplacement", arguments, desk.anyone, str(number)
        )
        survey.tasks.append(Task(call))
    elif not is_told:
        time = era_moment_label(under_way.ready_at)
        survey.left.append(
            Bilingual(
                f"resident {number}: can be completed from {time.english} on: run the command again",
                f"利用者番号{number}: {time.japanese}以降に完了できます。その後もう一度実行してください",
            )
        )


def _what_is_in_the_way(
    desk: Desk, number: int, under_way: Replacement | None, *, was_stopped: bool
) -> Bilingual | None:
    """Return why a replacement cannot begin now, by those at hand; None if it can."""
    if under_way is not None:
        return Bilingual(
            f"for resident {number} another replacement or an inheritance is under way: cancel-replacement "
            f"{number} comes first",
            f"利用者番号{number}は別の切替または相続が進行中です。先に cancel-replacement {number} を"
            "実行してください",
        )
    return who_else_decides(desk, number) if was_stopped else None


def _once(desk: Desk, survey: Survey, function: str, number: int, is_done: bool, reason: Reason) -> None:
    if is_done:
        survey.done += 1
        return
    act = desk.act(
        "ResidentRegistry", desk.registry, function, desk.code, number, reason=reason, subject=str(number)
    )
    survey.tasks.append(Task(act))


def _proposed_starts(desk: Desk) -> defaultdict[int, list[int]]:
    """Return the open proposals to begin a replacement or an inheritance, by resident."""
    now = desk.now()
    starts = [function_selector("ResidentRegistry", each) for each in STARTS]
    found = [each for each in proposals_of(desk, starts) if is_open(each.proposal, now)]
    by_resident: defaultdict[int, list[int]] = defaultdict(list)
    for each, data in zip(found, proposed_data(desk, found), strict=True):
        call = None if data is None else decode_call(data, "ResidentRegistry")
        if call is not None:
            by_resident[call.arguments["number"]].append(each.proposal.number)
    return by_resident


def _tell_objection(desk: Desk, survey: Survey, number: int) -> None:
    """Say until when an objection keeps a resident's account blocked, if it does."""
    objection = objection_of(desk, number)
    if objection is not None and desk.now() < objection.blocked_until:
        time = era_moment_label(objection.blocked_until)
        survey.left.append(
            Bilingual(
                f"resident {number}: the account objected, and stays blocked until {time.english} (Japan "
                "time). Run the command again then: it lets the account pay",
                f"利用者番号{number}: 本人の鍵から異議があったため、{time.japanese}まで口座の停止が"
                "続きます。その後もう一度実行すると、支払えるようになります",
            )
        )


def _require_no_heirs(desk: Desk, options: Namespace, numbers: Sequence[int]) -> None:
    """Make sure that nobody is about to inherit from some residents: the end of a membership would undo it.

    Raises:
        CommandError: somebody is.
    """
    for number, under_way in zip(numbers, Replacement.of_all(desk, numbers), strict=True):
        if under_way is None or not under_way.heir_number:
            continue
        heir = under_way.heir_number
        go_on = next_command(options, "inherit", number, heir)
        stop = next_command(options, "cancel-replacement", number)
        raise CommandError(
            f"resident {heir} is about to inherit from resident {number}, which ends the membership by "
            f"itself: {go_on}. If nobody is to inherit, {stop} comes first",
            f"利用者番号{number}は、利用者番号{heir}への相続が進行中です。相続の完了とともに登録は終了します"
            f"({go_on})。相続させずに終了するときは、先に {stop} を実行してください",
        )


def _warn_of_heirs(
    options: Namespace, survey: Survey, held: Sequence[tuple[int, Sequence[Standing]]]
) -> None:
    """Say, before memberships are ended, that nobody can inherit their points afterwards."""
    shown, more = held[:SHOWN_RESIDENTS], len(held) - SHOWN_RESIDENTS

    def points(here: Sequence[Standing], unit: str) -> str:
        return ", ".join(f"{each.symbol} {each.points:,}{unit}" for each in here if each.points)

    english = ", ".join(f"{number} ({points(here, ' points')})" for number, here in shown)
    japanese = "、".join(f"{number}({points(here, 'ポイント')})" for number, here in shown)
    if more > 0:
        english, japanese = f"{english} and {more} more", f"{japanese} ほか{more}人"
    only = held[0][0] if len(held) == 1 else None
    command = next_command(options, "inherit", only or "NUMBER", "HEIR_NUMBER")
    typed = next_command(options, "inherit", only or "利用者番号", "相続人の利用者番号")
    survey.notes.append(
        Bilingual(
            f"nobody can inherit from residents {english} once their memberships have ended. For an heir "
            f"run this instead: {command}",
            f"利用者番号 {japanese} は、登録を終了すると相続できなくなります。相続人がいるときは、代わりに "
            f"{typed} を実行します",
        )
    )
    survey.question = Bilingual("Their points cannot be inherited afterwards.", "終了後は相続できません。")
