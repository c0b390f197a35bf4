"""The commands that show where a municipality stands, and who may do what in it."""

from __future__ import annotations

from argparse import Namespace

from rich.box import SIMPLE
from rich.table import Table

from scripts.lib.administration.desk import Desk
from scripts.lib.administration.holders import holders_of
from scripts.lib.administration.memberships import blocked_in_series_alone
from scripts.lib.administration.next_command import next_command
from scripts.lib.administration.programmes import SERVICE, opened_programmes, present_fiscal_year
from scripts.lib.administration.proposals import is_open, proposals_of
from scripts.lib.administration.task import Survey
from scripts.lib.bilingual import Bilingual, counted
from scripts.lib.calls import View
from scripts.lib.deployment import service_label
from scripts.lib.expiry_rule import ExpiryRule, rule_label
from scripts.lib.japan_calendar import era_moment_label, fiscal_year_label
from scripts.lib.municipality_codes import lookup_number
from scripts.lib.powers.comparison import differences
from scripts.lib.powers.on_chain import read_powers
from scripts.lib.powers.page import grids
from scripts.lib.roles import COUNCIL, Role


def status(desk: Desk, options: Namespace) -> Survey:
    """Show where the municipality, or the whole platform, stands; sends nothing."""
    survey = Survey(Bilingual(f"Status of {desk.name}", f"{desk.name}の状況"))
    now = desk.now()
    survey.figure("Latest block", "最新のブロック", era_moment_label(now).japanese)
    opened = [each for each in proposals_of(desk) if is_open(each.proposal, now)]
    survey.figure("Open proposals", "未処理の提案", len(opened))
    if desk.code == COUNCIL:
        survey.figure("Municipalities", "自治体数", len(desk.municipalities))
        survey.tables = [_offices(desk), _towns(desk)]
        return survey
    registry = ("ResidentRegistry", desk.registry)
    survey.figure("Residents, ever", "登録した利用者(累計)", desk.ask(*registry, "residentCount", desk.code))
    survey.figure("Open memberships", "有効な利用者登録", desk.ask(*registry, "openMemberships", desk.code))
    _tell_still_blocked(desk, options, survey)
    offices = [role.label.japanese for role in Role if desk.holders(role)]
    survey.figure("Offices at hand", "手元の鍵の役職", "、".join(offices) or "—")
    survey.tables = [_offices(desk), _series(desk, now)]
    if service_label(SERVICE) in desk.records:
        survey.tables = [*survey.tables, _programmes(desk, now)]
    return survey


def _tell_still_blocked(desk: Desk, options: Namespace, survey: Survey) -> None:
    """Name residents who could pay again if somebody told the series so, and the command that does."""
    numbers = blocked_in_series_alone(desk)
    if numbers:
        command = next_command(options, "cancel-replacement", *numbers)
        survey.notes.append(
            Bilingual(
                "blocked in a series although nothing stands against it any longer (an objection's days "
                f"are over, say): {counted(len(numbers), 'resident')}. Anybody lets them pay again by "
                f"{command}",
                "停止の理由がなくなった(異議申立て後の期間が過ぎた等)のに、種別で停止したままの利用者が"
                f"{len(numbers)}人います。支払えるようにするには {command} を実行します(職員1人でできます)",
            )
        )


def powers(desk: Desk, options: Namespace) -> Survey:
    """Show who may do what, with who holds which office, as the chain has it; sends nothing."""
    del options
    survey = Survey(Bilingual("Map of powers", "権限の一覧"))
    contracts = {desk.records[label].address: desk.records[label].contract for label in desk.records.labels()}
    found = read_powers(desk.connection.rpc, desk.platform, desk.first_block, contracts)
    survey.figure("Functions", "関数の数", len(found.functions))
    survey.figure("Different from what was decided", "決定と異なる点", len(differences(found)))
    survey.tables = [grid.for_terminal() for grid in grids(found)]
    return survey


def _towns(desk: Desk) -> Table:
    table = _table("自治体 / municipalities", ("団体コード code", "自治体 name", "利用者 residents"))
    counts = desk.read(
        [View("ResidentRegistry", desk.registry, "openMemberships", (code,)) for code in desk.municipalities]
    )
    for code, count in zip(desk.municipalities, counts, strict=True):
        table.add_row(f"{code:06d}", lookup_number(code).full_name, f"{count:,}")
    return table


def _offices(desk: Desk) -> Table:
    """Return who holds which office on the chain."""
    table = _table("役職と職員 / offices", ("役職 office", "口座 account"))
    for role, accounts in holders_of(desk, list(Role) if desk.code != COUNCIL else [Role.ADMIN]).items():
        label = role.label
        table.add_row(f"{label.japanese} {label.english}", "\n".join(accounts) or "—")
    return table


def _series(desk: Desk, now: int) -> Table:
    table = _table(
        "ポイント種別 / series",
        ("種別 symbol", "口座 address", "残高 supply", "有効期限 expiry", "精算中 locked", "停止 paused"),
    )
    questions = ("totalSupply", "expiryPolicy", "settlementTotals", "pausedUntil")
    for symbol, token in desk.series.items():
        supply, policy, totals, until = desk.read([View("MunicipalPoint", token, each) for each in questions])
        paused = era_moment_label(until).japanese if until > now else "—"
        rule = rule_label(ExpiryRule(policy[0]), policy[1])
        table.add_row(symbol, token, f"{supply:,}", rule.japanese, f"{totals[0]:,}", paused)
    return table


def _programmes(desk: Desk, now: int) -> Table:
    year = present_fiscal_year(now)
    table = _table(
        f"付与事業 {fiscal_year_label(year).japanese} / programmes",
        ("番号 number", "事業 programme", "予算 budget", "確保済み reserved", "残り left"),
    )
    found = opened_programmes(desk)
    service = desk.service(SERVICE)
    budgets = desk.read([View(SERVICE, service, "budgetOf", (each.number, year)) for each in found])
    for programme, (points, reserved) in zip(found, budgets, strict=True):
        amounts = (points, reserved, points - reserved)
        table.add_row(str(programme.number), programme.name, *(f"{amount:,}" for amount in amounts))
    return table


def _table(title: str, columns: tuple[str, ...]) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
