"""Tells a fiscal year: tables for the terminal, Japanese beside English, and the figures for a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from statistics import median_low

from rich.box import SIMPLE_HEAD
from rich.columns import Columns
from rich.table import Table

from scripts.lib.act_tally import ActTally
from scripts.lib.expiry_rule import rule_label
from scripts.lib.finding import Finding
from scripts.lib.japan_calendar import month_label, months_of_fiscal_year
from scripts.lib.roles import COUNCIL
from scripts.lib.series_replay import Flow
from scripts.lib.town_play import Kind, StepGas
from scripts.lib.year_audit import AuditedSeries

SHOWN_FINDINGS = 40


def series_summary(audited: AuditedSeries) -> dict[str, int]:
    """Return the figures of one series, in points and counts.

    The keys up to `revoked` are the terms of I1: granted + exchanged + bonus + restored = live + lapsed +
    claims + locked + settled + revoked. Those that nothing can move yet are 0: no contract exchanges, gives a
    bonus or settles.
    """
    books, year, flows = audited.books, audited.town.year, audited.replay.flows.values()
    return {
        "granted": books.granted,
        "exchanged": 0,
        "bonus": 0,
        "restored": books.restored,
        "live": books.live,
        "lapsed": books.lapsed,
        "claims": books.claims,
        "locked": books.locked,
        "settled": 0,
        "revoked": books.revoked,
        "residents": len(year.residents),
        "merchants": len(audited.state.merchants),
        "grants": sum(flow.grants for flow in flows),
        "payments": sum(flow.payments for flow in flows),
        "lots": sum(len(lots) for lots in audited.state.lots.values()),
        "total_supply": audited.state.total_supply,
    }


def year_table(audits: Sequence[AuditedSeries]) -> Table:
    """Return the year's result, a row a series."""
    table = Table(title="The year of each series / 各シリーズの一年 (points / ポイント)", box=SIMPLE_HEAD)
    table.add_column("series シリーズ", overflow="fold")
    for title in (
        "granted\n付与",
        "+ restored\n回復",
        "= used\n利用",
        "+ lapsed\n失効",
        "+ live\n残高",
        "+ revoked\n取消し",
        "claims\n請求",
    ):
        table.add_column(title, justify="right", no_wrap=True)
    for audited in audits:
        books = audited.books
        used = books.claims + books.locked  # nothing has been settled yet
        made, left = (books.granted, books.restored), (used, books.lapsed, books.live, books.revoked)
        cells = (*made, *left, books.claims)
        table.add_row(audited.town.year.town.series_name, *(_points(cell) for cell in cells))
    return table


def people_table(audits: Sequence[AuditedSeries]) -> Table:
    """Return who took part and how often, and what a transaction cost, a row a series."""
    table = Table(title="Who took part / 参加者と件数", box=SIMPLE_HEAD)
    table.add_column("series シリーズ", overflow="fold")
    for title in (
        "residents\n住民",
        "merchants\n加盟店",
        "of them active\n有効",
        "grants\n付与",
        "payments\n利用",
    ):
        table.add_column(title, justify="right", no_wrap=True)
    for audited in audits:
        summary = series_summary(audited)
        active = sum(standing.status == 0 for standing in audited.state.merchants.values())
        cells = (summary["residents"], summary["merchants"], active, summary["grants"], summary["payments"])
        table.add_row(audited.town.year.town.series_name, *(_points(cell) for cell in cells))
    return table


def month_tables(audits: Sequence[AuditedSeries]) -> Columns:
    """Return what moved month by month, by the events: a table a series, side by side where there is room."""
    return Columns([_month_table(audited) for audited in audits])


def _month_table(audited: AuditedSeries) -> Table:
    town = audited.town.year.town
    rule = rule_label(town.expiry_rule, town.expiry_months)
    title = f"{town.municipality.name}, month by month / 月別\n{rule.english}\n{rule.japanese}"
    table = Table(title=title, box=SIMPLE_HEAD)
    titles = ["granted\n付与", "used\n利用", "lapsed\n失効", "live\n残高"]
    with_restored = audited.restored_in.total() > 0
    if with_restored:
        titles.insert(1, "restored\n回復")
    for title in ("month\n月", *titles):
        table.add_column(title, justify="right", no_wrap=True)
    for month, points in zip(months_of_fiscal_year(town.fiscal_year), _months(audited), strict=True):
        granted, restored, *rest = points
        cells = [granted, restored, *rest] if with_restored else [granted, *rest]
        table.add_row(month_label(month).english, *(_points(cell) for cell in cells))
    return table


def acts_table(audits: Sequence[AuditedSeries], tally: ActTally) -> Table:
    """Return what officers did and how often, a row a kind of act, the set-up included."""
    table = Table(title="Acts of officers / 職員の行為 (events ActDone / 実施の記録)", box=SIMPLE_HEAD)
    table.add_column("act 行為", overflow="fold")
    table.add_column("by 実施者", overflow="fold")
    offices = {town.number: town.name for town in (each.town.year.town.municipality for each in audits)}
    if tally.by_municipality[COUNCIL]:
        offices[COUNCIL] = "協議会"
    for name in offices.values():
        table.add_column(name, justify="right", no_wrap=True)
    for deed in tally.deeds():
        counts = (tally.by_municipality[code][deed] for code in offices)
        table.add_row(
            str(deed.act), str(deed.people), *(_points(count) if count else "–" for count in counts)
        )
    return table


def gas_table(audits: Sequence[AuditedSeries], spent: Sequence[StepGas]) -> Table:
    """Return the gas of whole transactions, a row a series."""
    table = Table(title="Gas / ガス (whole transactions / 取引全体)", box=SIMPLE_HEAD)
    table.add_column("series シリーズ", overflow="fold")
    for title in (
        "payment: least\n利用: 最小",
        "median\n中央値",
        "most\n最大",
        "grant, each\n付与1件",
        "lapse recording\n失効記録",
    ):
        table.add_column(title, justify="right", no_wrap=True)
    for audited in audits:
        own = [step for step in spent if step.token == audited.town.token]
        payments = [step.gas for step in own if step.kind is Kind.PAYMENT]
        grants = [step for step in own if step.kind is Kind.GRANT]
        rows = sum(step.rows for step in grants)
        lapses = sum(step.gas for step in own if step.kind is Kind.LAPSE)
        table.add_row(
            audited.town.year.town.series_name,
            *((_points(f(payments)) if payments else "–") for f in (min, median_low, max)),
            _points(sum(step.gas for step in grants) // rows) if rows else "–",
            _points(lapses),
        )
    return table


def findings_table(findings: Sequence[Finding]) -> Table:
    """Return what does not agree."""
    title = f"{len(findings)} figures differ / {len(findings)}件の不一致"
    table = Table(title=title, box=SIMPLE_HEAD)
    for column in ("municipality 自治体", "account 口座", "figure 項目", "says 内容"):
        table.add_column(column, overflow="fold")
    for finding in islice(findings, SHOWN_FINDINGS):
        account = f"{finding.account}\n{finding.address}" if finding.address else "–"
        says = "\n".join(f"{source} {value}" for source, value in finding.says.items())
        table.add_row(finding.municipality, account, finding.figure, says)
    return table


def _months(audited: AuditedSeries) -> Iterator[tuple[int, int, int, int, int]]:
    """Yield (granted, restored, used, lapsed at its end, live after that) for each month of the year."""
    live = 0
    for month in months_of_fiscal_year(audited.town.year.town.fiscal_year):
        flow = audited.replay.flows.get(month, Flow())
        lapsed = audited.replay.closed_months.get(month, 0)
        restored = audited.restored_in[month]
        live += flow.granted + restored - flow.paid - lapsed
        yield flow.granted, restored, flow.paid, lapsed, live


def _points(number: int) -> str:
    return f"{number:,}"
