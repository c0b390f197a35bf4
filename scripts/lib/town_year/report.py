"""Tells a fiscal year: tables for the terminal, Japanese beside English, and the figures for a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from statistics import median_low

from rich.box import SIMPLE_HEAD
from rich.columns import Columns
from rich.table import Table

from scripts.lib.expiry_rule import rule_label
from scripts.lib.finding import Finding
from scripts.lib.japan_calendar import moment_label, month_label, months_of_fiscal_year
from scripts.lib.replays.act_tally import ActTally
from scripts.lib.replays.series import Flow
from scripts.lib.roles import COUNCIL
from scripts.lib.town_year.audit import AuditedSeries
from scripts.lib.town_year.play import Kind, StepGas
from scripts.lib.town_year.settlement_play import SettlementPlay
from scripts.lib.town_year.settlement_rows import SettlementStep
from scripts.lib.year_end import YearEnd

SHOWN_FINDINGS = 40


def series_summary(audited: AuditedSeries) -> dict[str, int]:
    """Return the figures of one series, in points and counts.

    The keys up to `revoked` are the terms of I1: granted + exchanged + bonus + restored = live + lapsed +
    claims + locked + settled + revoked.
    """
    books, year, flows = audited.books, audited.town.year, audited.replay.flows.values()
    return {
        "granted": books.granted,
        "exchanged": books.exchanged,
        "bonus": books.bonus,
        "restored": books.restored,
        "live": books.live,
        "lapsed": books.lapsed,
        "claims": books.claims,
        "locked": books.locked,
        "settled": books.settled,
        "revoked": books.revoked,
        "residents": len(year.residents),
        "merchants": len(audited.state.merchants),
        "grants": sum(flow.grants for flow in flows) - audited.brought,
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
        "+ exchanged\n交換",
        "+ bonus\n増量",
        "+ restored\n回復",
        "= used\n利用",
        "+ lapsed\n失効",
        "+ live\n残高",
        "+ revoked\n取消し",
        "paid in yen\n支払済",
        "still owed\n未払い",
    ):
        table.add_column(title, justify="right", no_wrap=True)
    for audited in audits:
        books = audited.books
        made = (books.granted, books.exchanged, books.bonus, books.restored)
        left = (books.used, books.lapsed, books.live, books.revoked)
        cells = (*made, *left, books.settled, books.claims + books.locked)
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
    extra = {
        "exchanged\n交換": audited.brought_in.total() > 0,
        "restored\n回復": audited.restored_in.total() > 0,
    }
    titles[1:1] = [title for title, is_shown in extra.items() if is_shown]
    for title in ("month\n月", *titles):
        table.add_column(title, justify="right", no_wrap=True)
    for month, points in zip(months_of_fiscal_year(town.fiscal_year), _months(audited), strict=True):
        granted, brought, restored, *rest = points
        shown = [cell for cell, is_shown in zip((brought, restored), extra.values(), strict=True) if is_shown]
        table.add_row(month_label(month).english, *(_points(cell) for cell in (granted, *shown, *rest)))
    return table


def settlement_table(play: SettlementPlay) -> Table:
    """Return what shops were paid, a row a cut-off, and what bounced."""
    towns = {town.token: town for town in play.towns if town.year.settlements}
    title = "Paid to shops, yen (shops) / 加盟店への振込 円(店舗数)"
    table = Table(title=title, box=SIMPLE_HEAD)
    table.add_column("cut-off 締め日", no_wrap=True)
    for town in towns.values():
        table.add_column(town.year.town.series_name, justify="right", overflow="fold")
    bounced = {
        (token, row.cut_off): len(row.merchants)
        for token, town in towns.items()
        for row in town.year.settlements
        if row.step is SettlementStep.PAY and row.merchants
    }
    for cut_off in sorted({cut_off for _, cut_off in play.transfers}):
        cells = []
        for token in towns:
            rows = play.transfers.get((token, cut_off))
            back = bounced.get((token, cut_off), 0)
            note = f"\n{back} bounced 振込不能{back}件" if back else ""
            yen = 0 if rows is None else sum(row.yen for row in rows)
            cells.append("–" if rows is None else f"{_points(yen)} ({len(rows)}){note}")
        table.add_row(moment_label(cut_off).english, *cells)
    sums = [
        sum(row.yen for (its, _), rows in play.transfers.items() if its == token for row in rows)
        for token in towns
    ]
    table.add_section()
    table.add_row("sum 合計", *(_points(yen) for yen in sums))
    return table


def sold_shops(play: SettlementPlay) -> Iterator[str]:
    """Yield a line for each shop that was sold: what its old owner was paid, and what the buyer."""
    for town in play.towns:
        for act in town.year.shop_sales():
            shop, buyer = town.accounts.merchants[act.merchant], town.accounts.buyers[act.merchant]
            paid = Counter[str]()
            for (token, _), rows in play.transfers.items():
                for row in rows:
                    if token == town.token and row.merchant == shop:
                        paid[row.owner] += row.yen
            when = moment_label(act.time)
            yield (
                f"{act.merchant} sold on {when.english}: {_points(paid[shop])} yen went to the old owner, "
                f"{_points(paid[buyer])} to the buyer / 店舗譲渡({when.japanese}): "
                f"旧所有者へ{_points(paid[shop])}円、新所有者へ{_points(paid[buyer])}円"
            )


def closing_table(audits: Sequence[AuditedSeries], ends: Mapping[str, YearEnd]) -> Table:
    """Return the figures that were fixed when the books closed, a row a figure, a column a series."""
    closed = [audited for audited in audits if audited.town.token in ends]
    table = Table(title="The closed fiscal year, gross / 年度締めの確定額(総計)", box=SIMPLE_HEAD)
    table.add_column("figure 項目", no_wrap=True)
    for audited in closed:
        table.add_column(audited.town.year.town.series_name, justify="right", overflow="fold")
    figures: tuple[tuple[str, Callable[[YearEnd], int]], ...] = (
        ("carried in 前年度繰越", lambda end: end.carried_in),
        ("+ granted 付与", lambda end: end.told.granted),
        ("+ exchanged 交換", lambda end: end.told.exchanged),
        ("+ bonus 増量", lambda end: end.told.bonus),
        ("+ restored 回復", lambda end: end.told.restored),
        ("+ refunded 返品", lambda end: end.told.refunded),
        ("= used 利用", lambda end: end.told.used),
        ("+ lapsed 失効", lambda end: end.lapsed),
        ("+ revoked 取消し", lambda end: end.told.revoked),
        ("+ carried over 翌年度繰越", lambda end: end.told.carried_over),
        ("settled in yen 精算", lambda end: end.settled),
        ("of earlier years うち過年度支出", lambda end: end.past_years),
        ("come back 戻入", lambda end: end.reopened),
        ("still owed 未払い", lambda end: end.owed_over),
    )
    for label, figure in figures:
        table.add_row(label, *(_points(figure(ends[audited.town.token])) for audited in closed))
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


def _months(audited: AuditedSeries) -> Iterator[tuple[int, int, int, int, int, int]]:
    """Yield (granted, exchanged, restored, used, lapsed at its end, live after that) for each month."""
    live = 0
    for month in months_of_fiscal_year(audited.town.year.town.fiscal_year):
        flow = audited.replay.flows.get(month, Flow())
        lapsed = audited.replay.closed_months.get(month, 0)
        restored = audited.restored_in[month]
        brought = audited.brought_in[month]  # part of what the flow has as granted
        live += flow.granted + restored - flow.paid - lapsed
        yield flow.granted - brought, brought, restored, flow.paid, lapsed, live


def _points(number: int) -> str:
    return f"{number:,}"
