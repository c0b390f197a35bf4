"""Tells what was fetched, what an audit came to, and where its report is, Japanese beside English."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from scripts.lib.audit.dataset import Segment
from scripts.lib.audit.fetch import Fetched
from scripts.lib.audit.report.anchor import Anchor
from scripts.lib.audit.report.write import PAGE, Written
from scripts.lib.audit.verify import Verdict
from scripts.lib.audit.violation import Violation
from scripts.lib.bilingual import counted
from scripts.lib.japan_calendar import moment_label

SHOWN_VIOLATIONS = 40


def tell_segment(console: Console, segment: Segment) -> None:
    """Tell that a range of blocks has been written."""
    events = sum(file.rows for file in segment.files)
    console.print(f"  blocks ブロック {segment.first:,}-{segment.last:,}: {counted(events, 'event')} / 事象")


def tell_fetched(console: Console, folder: Path, fetched: Fetched) -> None:
    """Tell what a run of fetch did."""
    if fetched.rolled_back:
        console.print(
            f"Read anew / 再取得: {counted(fetched.rolled_back, 'block')} that the chain replaced / 再編成"
        )
    console.print(
        f"Fetched / 取得: {counted(fetched.logs, 'event')} up to block {fetched.last:,}, "
        f"{counted(fetched.contracts, 'new contract')} / 新しい契約\nDataset / データ: {folder}"
    )


def tell_verdict(console: Console, verdict: Verdict) -> None:
    """Tell an audit's result: where the points are, what was checked, what was found."""
    if verdict.books:
        console.print(_books_table(verdict))
    asked = f"{verdict.figures:,} answers of the chain at block {verdict.last:,} / チェーンとの照合"
    if verdict.is_offline:
        asked = f"up to block {verdict.last:,} / ブロック{verdict.last:,}まで"
    console.print(
        f"[bold]Checked / 検査[/]: {verdict.events:,} events of {verdict.contracts} contracts "
        f"(I1-I9, 全履歴), "
        f"{verdict.months:,} sums of a series and month / 月次収支, {asked}\n"
        f"Dataset / データ: {verdict.digest}"
    )
    if verdict.is_offline:
        console.print(
            "[bold]Left out, without a node / ノードなしのため省略[/]: whether the chain has these blocks, "
            "the contracts' code, and every answer of the chain / "
            "ブロックがチェーンにあるか、契約コード、チェーンの回答との照合"
        )
    if verdict.head > verdict.last:
        beyond = verdict.head - verdict.last
        console.print(
            f"The chain has gone on / チェーンはその先へ進んでいます: {counted(beyond, 'block')} beyond the "
            f"dataset, up to {verdict.head:,}; fetch again to see {'it' if beyond == 1 else 'them'} / "
            f"データの後に{beyond:,}ブロック。fetch で取得できます"
        )
    if not verdict.violations:
        console.print("[bold green]Nothing found / 異常なし[/]")
        return
    _tell_violations(console, verdict.violations)
    count = len(verdict.violations)
    console.print(f"[bold red]NOT IN ORDER / 異常あり[/]: {counted(count, 'violation')} / {count:,}件")


def tell_report(console: Console, written: Written) -> None:
    """Tell where the report is, and its digest."""
    page = written.folder / PAGE
    shown = page.relative_to(Path.cwd()) if page.is_relative_to(Path.cwd()) else page
    agree = f"{written.checks:,} pairs of figures agree / 数字の突き合わせ一致"
    if written.agreeing < written.checks:
        agree = (
            f"[bold red]{written.agreeing:,} of {written.checks:,} pairs of figures agree / "
            f"数字の突き合わせ{written.checks:,}組中{written.agreeing:,}組が一致[/]"
        )
    found = f"{counted(written.patterns, 'odd pattern')} / 確認をお勧めする取引 {written.patterns:,}件"
    console.print(
        f"[bold]Report / 報告書[/]: {shown}\n  {agree}, {found}\n  digest / 要約値: {written.digest}"
    )


def tell_anchor(console: Console, transaction: str, anchor: Anchor) -> None:
    """Tell what stands on the chain."""
    when = moment_label(anchor.time)
    console.print(
        f"[bold]Anchored / チェーンに記録[/]: {anchor.digest}\n"
        f"  in block {anchor.block:,} ({when.english}) by {anchor.account}\n"
        f"  transaction / 取引: {transaction}"
    )


def _books_table(verdict: Verdict) -> Table:
    title = "Where the points are / ポイントの所在 (I1)"
    if verdict.on is not None:
        title += f", as of the end of / 終了時点 {moment_label(verdict.on).english[:10]}"
    table = Table(title=title, box=SIMPLE_HEAD)
    table.add_column("series シリーズ", overflow="fold")
    titles = {"made": "made\n発生", "carried_in": "+ came over\n引継受入", "live": "= live\n残高",
              "lapsed": "+ lapsed\n失効", "claims": "+ claims\n請求", "locked": "+ locked\n精算中",
              "settled": "+ settled\n精算済", "revoked": "+ revoked\n取消",
              "carried_out": "+ went over\n引継払出"}  # fmt: skip
    if not any(books.carried_in or books.carried_out for books in verdict.books.values()):
        del titles["carried_in"], titles["carried_out"]
    for title in titles.values():
        table.add_column(title, justify="right")
    for token, books in verdict.books.items():
        table.add_row(verdict.names.get(token, token), *(f"{getattr(books, name):,}" for name in titles))
    return table


def _tell_violations(console: Console, violations: list[Violation]) -> None:
    """Tell the first violations in the order of the chain; what comes later may follow from them."""
    console.print("[bold]Violations / 違反[/]")
    for place, its in enumerate(violations[:SHOWN_VIOLATIONS], 1):
        console.print(f"[bold]{place}. {its.breaks}  {its.what.japanese} / {escape(its.what.english)}[/]")
        named = [f"取引 transaction {its.transaction}"] if its.transaction else []
        named += [f"送信者 sender {its.sender}"] if its.sender else []
        named += [f"口座 account {its.account or its.contract}"] if its.account or its.contract else []
        named += [f"ブロック block {its.block:,}"] if its.block else []
        for line in (its.story.japanese, its.story.english, *named, its.facts):
            if line:
                console.print(Padding(escape(line), (0, 0, 0, 3)))
    rest = Counter(its.breaks for its in violations[SHOWN_VIOLATIONS:])
    for breaks, count in rest.items():
        console.print(f"{breaks}: {count:,} more / 他{count:,}件")
