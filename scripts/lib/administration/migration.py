"""Commands about the end of a series: its successor is announced, it is closed, its accounts go over.

migrate announce --series GENKI --successor GENKI2     two Admins; 30 days begin
migrate close, run, verify                             anybody, when they are over; run again if interrupted
migrate withdraw                                       one Admin, until it is closed
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable

from scripts.lib.administration.desk import Desk
from scripts.lib.administration.task import CommandError, Survey, Task
from scripts.lib.bilingual import Bilingual
from scripts.lib.calls import Call, View
from scripts.lib.deployment import service_label
from scripts.lib.expiry_rule import ExpiryRule, rule_label
from scripts.lib.japan_calendar import era_moment_label
from scripts.lib.node.event_log import to_address
from scripts.lib.reasons import Reason
from scripts.lib.refusal import ZERO_ADDRESS
from scripts.lib.series_migration import Migration, accounts_of, differences, holdings, steps

STEPS = ("announce", "withdraw", "close", "run", "verify")
PROGRAMMES = "GrantProgrammes"
_SHOWN_DIFFERENCES = 50


def migrate(desk: Desk, options: Namespace) -> Survey:
    """Do one step of a series' migration."""
    token = desk.token(options.series)
    return _STEPS[options.step](desk, options, token, Migration.of(desk.connection.rpc, token))


def _announce(desk: Desk, options: Namespace, token: str, its: Migration) -> Survey:
    if options.successor is None:
        raise CommandError("name it with --successor", "--successor で後継の種別を指定してください")
    successor = desk.token(options.successor)
    survey = Survey(Bilingual("Announce a successor", "後継種別の告知"))
    for english, japanese, series in (("Now", "現在の種別", token), ("Successor", "後継の種別", successor)):
        symbol, name, policy, days = desk.read(
            [View("MunicipalPoint", series, view) for view in ("symbol", "name", "expiryPolicy", "saleDays")]
        )
        rule = rule_label(ExpiryRule(policy[0]), policy[1])
        survey.figure(
            english,
            japanese,
            f"{name} ({symbol}) · 新規付与の期限 {rule.japanese} ({rule.english}) · "
            f"支払{days[0]}日、返品{days[1]}日 (payable, refund days)",
        )
    survey.notes.append(
        Bilingual(
            "lots keep the months that they end with, whatever the successor's rule for new grants",
            "移し替えるポイントの期限は変わりません(後継種別の規則は新規付与のみに適用)",
        )
    )
    if its.closed or its.successor == successor:
        survey.done = 1
        _tell(survey, its)
    else:
        survey.tasks.append(_act(desk, "announceSuccessor", token, successor))
        survey.later.append(
            Bilingual(
                "30 days later anybody can close the series: `migrate close`",
                "30日後から migrate close で受付を終了できます",
            )
        )
    return survey


def _withdraw(desk: Desk, options: Namespace, token: str, its: Migration) -> Survey:
    survey = Survey(Bilingual("Withdraw the successor", "後継種別の告知の取下げ"))
    if its.closed:
        raise CommandError("the series is closed", "この種別はすでに終了しています")
    if its.successor == ZERO_ADDRESS:
        survey.done = 1
    else:
        survey.tasks.append(_act(desk, "withdrawSuccessor", token))
    return survey


def _close(desk: Desk, options: Namespace, token: str, its: Migration) -> Survey:
    _require_announced(its)
    survey = Survey(Bilingual("Close the series for its successor", "種別の受付終了・後継種別の受付開始"))
    survey.notes.append(
        Bilingual(
            "shops' programs and residents' purses must know the successor from now on",
            "レジと利用者のアプリに後継種別を設定してください(contract_book を配布)",
        )
    )
    if its.closed:
        survey.done = 1
    elif desk.now() < its.closable_from:
        _tell(survey, its)
        survey.left.append(Bilingual("the notice is not over", "告知期間が終わっていません"))
    else:
        survey.tasks.append(Task(Call("MunicipalPoint", token, "closeForSuccessor", (), desk.anyone)))
    return survey


def _run(desk: Desk, options: Namespace, token: str, its: Migration) -> Survey:
    _require_closed(its)
    rpc = desk.connection.rpc
    survey = Survey(Bilingual("Carry accounts to the successor", "後継種別への口座の移し替え"))
    accounts = accounts_of(rpc, token, desk.first_block)
    survey.figure("Accounts in all", "口座数", len(accounts))
    for step in steps(rpc, token, its.successor, accounts):
        call = Call("MunicipalPoint", its.successor, "carryIn", (step,), desk.anyone, f"{len(step)}口座")
        survey.tasks.append(Task(call, rows=len(step)))
    to_carry = sum(task.rows for task in survey.tasks)
    survey.done = len(accounts) - to_carry
    survey.figure("To be carried", "未移行の口座", to_carry)
    points = sum(holding.points for holding in holdings(rpc, token, accounts).values())
    survey.figure("Points to be carried", "未移行のポイント", points)
    survey.tasks += _following(desk, token)
    return survey


def _following(desk: Desk, token: str) -> list[Task]:
    """Return the switch of every programme that still grants into the old series."""
    if service_label(PROGRAMMES) not in desk.records:
        return []
    service = desk.service(PROGRAMMES)
    numbers = range(1, desk.ask(PROGRAMMES, service, "programmeCount") + 1)
    programmes = desk.read([View(PROGRAMMES, service, "programmeOf", (number,)) for number in numbers])
    return [
        Task(Call(PROGRAMMES, service, "follow", (number,), desk.anyone, f"事業{number}"))
        for number, programme in zip(numbers, programmes, strict=True)
        if to_address(programme[0]) == token
    ]


def _verify(desk: Desk, options: Namespace, token: str, its: Migration) -> Survey:
    """Compare both series account by account; needs no key and no office."""
    _require_closed(its)
    survey = Survey(Bilingual("Compare both series, account by account", "口座ごとの照合"))
    found = differences(desk.connection.rpc, token, its.successor)
    for each in found[:_SHOWN_DIFFERENCES]:
        survey.left.append(
            Bilingual(f"{each.account}: {each.what.english}", f"{each.account}: {each.what.japanese}")
        )
    survey.figure("Accounts", "口座数", len(accounts_of(desk.connection.rpc, token)))
    survey.figure("Differences", "不一致・未移行", len(found))
    locked = desk.ask("MunicipalPoint", token, "settlementTotals")[0]
    survey.figure("In settlement on the old series", "前種別で精算手続き中", locked)
    survey.done = 0 if found else 1
    return survey


def _require_announced(its: Migration) -> None:
    if its.successor == ZERO_ADDRESS:
        raise CommandError("no successor is announced", "後継の種別が告知されていません")


def _require_closed(its: Migration) -> None:
    _require_announced(its)
    if not its.closed:
        raise CommandError(
            "the series is not closed yet: `migrate close` comes first",
            "先に migrate close で受付を終了してください",
        )


def _tell(survey: Survey, its: Migration) -> None:
    label = era_moment_label(its.closable_from)
    survey.figure("Can be closed from", "終了できる日時", f"{label.japanese} ({label.english})")


def _act(desk: Desk, function: str, token: str, *arguments: object) -> Task:
    return Task(desk.act("MunicipalPoint", token, function, *arguments, reason=Reason.POLICY_CHANGE))


_STEPS: dict[str, Callable[[Desk, Namespace, str, Migration], Survey]] = {
    "announce": _announce,
    "withdraw": _withdraw,
    "close": _close,
    "run": _run,
    "verify": _verify,
}
