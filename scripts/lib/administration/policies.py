"""Commands about policies of a municipality and its series, pauses included."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable

from scripts.lib.acts import Act
from scripts.lib.administration.desk import Desk
from scripts.lib.administration.exchange import EXCHANGE
from scripts.lib.administration.task import CommandError, Survey, Task
from scripts.lib.bilingual import Bilingual
from scripts.lib.expiry_rule import MAX_TERM_MONTHS, ExpiryRule, expiry_month, is_in_range, rule_label
from scripts.lib.japan_calendar import era_day_label, era_moment_label, month_of
from scripts.lib.reasons import Reason
from scripts.lib.refusal import ZERO_ADDRESS

MAX_PAUSE_HOURS = 72
MAX_DAYS = 2**16 - 1
_HOUR = 60 * 60


def expiry(desk: Desk, options: Namespace) -> Survey:
    """Set how later mints of a series end; lots that exist keep their month."""
    rule, months = ExpiryRule[options.rule.upper()], options.months
    if rule is ExpiryRule.MONTHS_AFTER and months > MAX_TERM_MONTHS:
        raise CommandError(
            f"a term is at most {MAX_TERM_MONTHS} months", f"有効期間は{MAX_TERM_MONTHS}か月までです"
        )
    token = desk.token(options.series)
    survey = Survey(Bilingual("Rule of expiry", "有効期限の規則の設定"))
    present = desk.ask("MunicipalPoint", token, "expiryPolicy")
    old = rule_label(ExpiryRule(present[0]), present[1])
    new = rule_label(rule, months)
    survey.figure("Now", "現在", f"{old.japanese} ({old.english})")
    survey.figure("Asked for", "設定後", f"{new.japanese} ({new.english})")
    now = month_of(desk.now())
    ends = expiry_month(rule, months, now)
    if not is_in_range(ends, now):
        raise CommandError("points would end in the past or too late", "期限が過去または遠すぎます")
    if rule is not ExpiryRule.NEVER:
        day = era_day_label(ends)
        survey.figure("Points granted today would end", "今日付与した場合の期限", f"{day.japanese}まで")
    return _unless(
        survey,
        (present[0], present[1]) == (int(rule), months),
        lambda: _policy(desk, "setExpiryPolicy", token, int(rule), months),
    )


def transfers(desk: Desk, options: Namespace) -> Survey:
    """Allow or forbid transfers between residents, and between merchants."""
    token = desk.token(options.series)
    survey = Survey(Bilingual("Transfer switches", "譲渡の可否の設定"))
    wanted = (options.residents == "on", options.merchants == "on")
    if wanted[0]:
        survey.notes.append(
            Bilingual(
                "transfers between residents make the municipality a funds-transfer business in law",
                "利用者間の譲渡を認めると資金移動業にあたるおそれがあります(資金決済法)",
            )
        )
    present = desk.ask("MunicipalPoint", token, "transferSwitches")
    return _unless(
        survey, tuple(present) == wanted, lambda: _policy(desk, "setTransferSwitches", token, *wanted)
    )


def refund_days(desk: Desk, options: Namespace) -> Survey:
    """Set for how many days after the last payable one a sale can be refunded."""
    token = desk.token(options.series)
    survey = Survey(Bilingual("Refund days", "返品期限の設定"))
    payable, present, ring = desk.ask("MunicipalPoint", token, "saleDays")
    survey.figure("Now, days", "現在(日)", present)
    survey.figure("Asked for, days", "設定後(日)", options.days)
    if not payable + options.days < ring:
        raise CommandError(f"less than {ring - payable} days", f"{ring - payable}日未満で指定してください")
    return _unless(
        survey, present == options.days, lambda: _policy(desk, "setRefundDays", token, options.days)
    )


def settlement_service(desk: Desk, options: Namespace) -> Survey:
    """Let a series be settled by the council's service."""
    token, service = desk.token(options.series), desk.service("MerchantSettlement")
    survey = Survey(Bilingual("Settlement service", "精算サービスの指定"))
    present = desk.ask("MunicipalPoint", token, "settlement")
    if present not in (ZERO_ADDRESS, service):
        survey.notes.append(Bilingual(f"now it is {present}", f"現在は {present} です"))
    return _unless(survey, present == service, lambda: _policy(desk, "setSettlement", token, service))


def exchange_series(desk: Desk, options: Namespace) -> Survey:
    """Name the series that partners' points go to."""
    token, service = desk.token(options.series), desk.service(EXCHANGE)
    survey = Survey(Bilingual("Series of the exchange", "交換先ポイント種別の設定"))
    present, _ = desk.ask(EXCHANGE, service, "townOf", desk.code)
    return _unless(
        survey,
        present == token,
        lambda: desk.act(
            EXCHANGE, service, "setExchangeSeries", desk.code, token, reason=Reason.POLICY_CHANGE
        ),
    )


def return_days(desk: Desk, options: Namespace) -> Survey:
    """Set when held points of ended memberships go back to the partner; 0 for never."""
    service = desk.service(EXCHANGE)
    survey = Survey(Bilingual("Return of held points", "留保ポイントの返戻の設定"))
    _, present = desk.ask(EXCHANGE, service, "townOf", desk.code)
    return _unless(
        survey,
        present == options.days,
        lambda: desk.act(
            EXCHANGE, service, "setReturnPolicy", desk.code, options.days, reason=Reason.POLICY_CHANGE
        ),
    )


def departure(desk: Desk, options: Namespace) -> Survey:
    """Set what becomes of points after death or departure."""
    wanted = ("lapse", "inherit").index(options.policy)
    survey = Survey(Bilingual("Points after death or departure", "死亡・転出時の扱いの設定"))
    present = desk.ask("ResidentRegistry", desk.registry, "departurePolicy", desk.code)
    return _unless(
        survey,
        present == wanted,
        lambda: desk.act(
            "ResidentRegistry",
            desk.registry,
            "setDeparturePolicy",
            desk.code,
            wanted,
            reason=Reason.POLICY_CHANGE,
        ),
    )


def pause(desk: Desk, options: Namespace) -> Survey:
    """Stop every movement of points of a series, at once, for some hours."""
    token = desk.token(options.series)
    survey = Survey(Bilingual("Pause", "緊急停止"))
    until, now = desk.ask("MunicipalPoint", token, "pausedUntil"), desk.now()
    ends = era_moment_label(until if until > now else now + options.hours * _HOUR)
    survey.figure("Until", "停止の終わり", f"{ends.japanese} ({ends.english})")
    return _unless(
        survey,
        until > now,
        lambda: desk.act(
            "MunicipalPoint", token, "pause", options.hours * _HOUR, reason=Reason.SECURITY_INCIDENT
        ),
    )


def unpause(desk: Desk, options: Namespace) -> Survey:
    """End a pause early."""
    token = desk.token(options.series)
    survey = Survey(Bilingual("End the pause", "緊急停止の解除"))
    until = desk.ask("MunicipalPoint", token, "pausedUntil")
    return _unless(
        survey,
        until <= desk.now(),
        lambda: desk.act("MunicipalPoint", token, "unpause", reason=Reason.INCIDENT_OVER),
    )


def _policy(desk: Desk, function: str, token: str, *arguments: object) -> Act:
    return desk.act("MunicipalPoint", token, function, *arguments, reason=Reason.POLICY_CHANGE)


def _unless(survey: Survey, is_done: bool, act: Callable[[], Act]) -> Survey:
    """Return the survey with the act as its task, unless the chain shows it done."""
    if is_done:
        survey.done = 1
    else:
        survey.tasks.append(Task(act()))
    return survey
