"""The command by which a departed resident's points go to an heir (相続).

    inherit 12 34      resident 12 has died, resident 34 inherits

Two officers begin it, the account is blocked in every series, and 14 days later anyone completes it with
the same command: the membership ends, and in every series all lots go over, each with its month.
"""

from __future__ import annotations

from argparse import Namespace

from scripts.lib.administration.desk import Desk
from scripts.lib.administration.memberships import (
    Replacement,
    Standing,
    carry_over,
    closed_account,
    heir_of,
    note_shops,
    require_known,
    standings,
    subject_of,
    tell_series,
    who_else_decides,
)
from scripts.lib.administration.next_command import next_command
from scripts.lib.administration.task import CommandError, Survey, Task
from scripts.lib.bilingual import Bilingual
from scripts.lib.calls import Call
from scripts.lib.deployment import service_label
from scripts.lib.expiry_rule import NEVER, expiry_label
from scripts.lib.japan_calendar import era_day_label, era_moment_label
from scripts.lib.reasons import Reason

HEIR_MAY_INHERIT = 1
"""IResidentRegistry.DeparturePolicy."""

DELAY_DAYS = 14


def inherit(desk: Desk, options: Namespace) -> Survey:
    """Let a resident inherit from another one, through all steps."""
    number, heir = options.number, options.heir
    require_known(desk, [number, heir])
    if number == heir:
        raise CommandError("nobody inherits from oneself", "本人を相続人にすることはできません")
    survey = Survey(Bilingual("Inheritance", "相続(相続人への引継ぎ)"))
    survey.figure("From resident", "亡くなった利用者の番号", str(number))
    survey.figure("To resident", "相続人の利用者番号", str(heir))
    account, heir_account = desk.accounts_of([number, heir])
    if account is None:
        _carry(desk, options, survey)
        return survey
    under_way = Replacement.of(desk, number)
    if heir_account is None:
        stop = next_command(options, "cancel-replacement", number)
        raise CommandError(
            f"the membership of resident {heir} has ended: name another heir"
            + (f", after {stop}" if under_way else ""),
            f"利用者番号{heir}の登録は終了しているため、相続人にできません。"
            + (f"先に {stop} を実行し、" if under_way else "")
            + "別の相続人を指定してください",
        )
    found = standings(desk, account)
    _tell_points(survey, found)
    note_shops(survey, number, account, found)
    _note_freezes(options, survey, found)
    _require_no_shop(desk, heir, heir_account, found)
    if under_way is None:
        _start(desk, options, survey)
        return survey
    _require_this_heir(options, under_way)
    _go_on(desk, options, survey, account, under_way)
    return survey


def allows_heirs(desk: Desk) -> bool:
    """Return whether the municipality lets heirs inherit."""
    policy = desk.ask("ResidentRegistry", desk.registry, "departurePolicy", desk.code)
    return bool(policy == HEIR_MAY_INHERIT)


def _start(desk: Desk, options: Namespace, survey: Survey) -> None:
    number, heir = options.number, options.heir
    if not allows_heirs(desk):
        policy = next_command(options, "departure", "inherit")
        raise CommandError(
            f"this municipality lets nobody inherit; to allow it, Admins run {policy} first (two of them, "
            "or 48 hours). If nobody is to inherit: close-membership",
            "この自治体では、死亡した利用者のポイントを相続できない定めになっています。相続を認めるには、"
            f"先に管理者が {policy} を実行します(管理者2人、または48時間後)。相続させないときは "
            "close-membership を使います",
        )
    others = who_else_decides(desk, number)
    if others is not None:
        raise CommandError(*others)
    act = desk.act(
        "ResidentRegistry",
        desk.registry,
        "startInheritance",
        desk.code,
        number,
        heir,
        reason=Reason.DEATH,
        subject=f"{subject_of(number)} → {heir}",
    )
    survey.tasks.append(Task(act))
    stop = next_command(options, "cancel-replacement", number)
    survey.later.append(
        Bilingual(
            f"once a second officer has approved, resident {number} is blocked in every series. "
            f"{DELAY_DAYS} days later the same command gives all points to resident {heir}, with the months "
            f"they have, and ends the membership (no close-membership). Until then {stop} takes it back, "
            "and the account itself may object",
            f"2人目の職員が承認すると、利用者番号{number}の口座はすべての種別で停止します。承認の"
            f"{DELAY_DAYS}日後から、もう一度同じコマンドを実行すると、ポイントが期限を変えずに"
            f"利用者番号{heir}に移り、登録も終了します(close-membership は不要です)。それまでは {stop} "
            "で中止でき、本人の鍵からの異議でも止まります",
        )
    )
    if service_label("PartnerExchange") in desk.records:
        survey.later.append(
            Bilingual(
                "points that wait in the holding account (14 days after an exchange) are not inherited",
                "留保ポイント(協力企業との交換後14日間)は引き継がれません",
            )
        )


def _go_on(desk: Desk, options: Namespace, survey: Survey, account: str, under_way: Replacement) -> None:
    number, heir = options.number, options.heir
    time = era_moment_label(under_way.ready_at)
    survey.figure("Can be completed from (Japan time)", "完了できる日時", f"{time.japanese} ({time.english})")
    is_told = tell_series(desk, survey, account, number)
    if under_way.ready_at <= desk.now():
        call = Call(
            "ResidentRegistry",
            desk.registry,
            "completeReplacement",
            (desk.code, number),
            desk.anyone,
            subject_of(number),
        )
        survey.tasks.append(Task(call))
    elif not is_told:
        stop = next_command(options, "cancel-replacement", number)
        survey.left.append(
            Bilingual(
                f"resident {number}: from {time.english} (Japan time) on run the command again, and all "
                f"goes to resident {heir}; until then {stop} takes it back",
                f"利用者番号{number}: {time.japanese}以降にもう一度実行すると、利用者番号{heir}に引き継が"
                f"れます。それまでは {stop} で中止できます",
            )
        )


def _carry(desk: Desk, options: Namespace, survey: Survey) -> None:
    """Add what is left to do once the membership has ended.

    Raises:
        CommandError: it ended without this heir.
    """
    number, heir = options.number, options.heir
    went_to = heir_of(desk, number)
    if went_to == 0:
        again = next_command(options, "reopen-membership", number)
        raise CommandError(
            f"the membership of resident {number} has ended: nobody can inherit, unless {again} comes first",
            f"利用者番号{number}の登録は終了しているため、相続できません。相続するには、先に {again} を"
            "実行します",
        )
    if went_to != heir:
        raise CommandError(
            f"resident {went_to} has inherited from resident {number}",
            f"利用者番号{number}のポイントは、利用者番号{went_to}に引き継がれています",
        )
    carry_over(desk, survey, number)
    for each in standings(desk, desk.account_of(heir) or closed_account(desk, heir)):
        survey.figure(f"Points of the heir, {each.symbol}", f"相続人のポイント {each.symbol}", each.points)
    survey.all_done = Bilingual(
        f"Resident {heir} has inherited all points of resident {number}.",
        f"利用者番号{number}のポイントは、すべて利用者番号{heir}に引き継がれています。",
    )


def _tell_points(survey: Survey, found: list[Standing]) -> None:
    """Tell what goes over: the sum of each series, and before it is confirmed every lot with its month."""
    for each in found:
        survey.figure(f"Points, {each.symbol}", f"引き継ぐポイント {each.symbol}", each.points)
    lines = [
        f"{each.symbol}: {_until(month)} {points:,}ポイント"
        for each in found
        for month, points in each.lots.items()
    ]
    if lines:
        survey.previews.append(("引き継ぐポイントと期限(変わりません) / lots, whose months stay", lines))


def _note_freezes(options: Namespace, survey: Survey, found: list[Standing]) -> None:
    """Say where an officer has frozen the account: a freeze does not go over to the heir."""
    names = ", ".join(each.symbol for each in found if each.is_frozen and each.points)
    if names:
        freeze = next_command(options, "freeze", options.heir)
        survey.notes.append(
            Bilingual(
                f"the account of resident {options.number} is frozen in {names}; the heir can spend its "
                f"points. If they should stay where they are for now: {freeze}, before it is completed",
                f"利用者番号{options.number}の口座は{names}で凍結中ですが、引き継がれたポイントは相続人が使えます。"
                f"当面使わせないときは、完了の前に {freeze} を実行します",
            )
        )


def _until(month: int) -> str:
    label = expiry_label(month)
    return label.japanese if month == NEVER else f"{era_day_label(month).japanese}まで until {label.english}"


def _require_no_shop(desk: Desk, heir: int, account: str, departed: list[Standing]) -> None:
    """Make sure that the heir's account can hold the points.

    Raises:
        CommandError: it is a shop's in a series where there are some.
    """
    here = zip(departed, standings(desk, account), strict=True)
    shops = [theirs.symbol for each, theirs in here if each.points and theirs.merchant_status is not None]
    if shops:
        names = ", ".join(shops)
        raise CommandError(
            f"the account of resident {heir} is a shop's in {names}, which cannot hold points: `replace` "
            "gives the heir another account first",
            f"相続人(利用者番号{heir})の口座は{names}の加盟店の口座なので、ポイントを受け取れません。先に "
            "replace で相続人の口座を別の口座に切り替えてください",
        )


def _require_this_heir(options: Namespace, under_way: Replacement) -> None:
    """Make sure that what is under way is this inheritance.

    Raises:
        CommandError: it is another one, or a new card.
    """
    number = options.number
    if under_way.heir_number == options.heir:
        return
    stop = next_command(options, "cancel-replacement", number)
    other = under_way.heir_number
    raise CommandError(
        f"for resident {number} there is {f'an inheritance of resident {other}' if other else 'a new card'} "
        f"under way: {stop} comes first",
        f"利用者番号{number}には、{f'利用者番号{other}への相続' if other else '口座の切替(カード再交付)'}が"
        f"進行中です。先に {stop} を実行してください",
    )
