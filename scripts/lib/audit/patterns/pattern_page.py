"""Tells odd patterns in the terminal, Japanese beside English."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape

from scripts.lib.audit.patterns.odd_pattern import OddPattern
from scripts.lib.japan_calendar import moment_label

SHOWN_TRANSACTIONS = 3


def tell_patterns(console: Console, patterns: Sequence[OddPattern]) -> None:
    """Print each finding with where to look; all its transactions are in the report."""
    if not patterns:
        console.print("No odd patterns / 特異な取引は見つかりませんでした")
    for place, found in enumerate(patterns, 1):
        kind = found.kind.value
        console.print(f"[bold]{place}. {kind.japanese} {kind.english}[/] ({found.score})")
        console.print(f"   {escape(found.says.japanese)}\n   {escape(found.says.english)}")
        first, last = (moment_label(time).english for time in (found.first_time, found.last_time))
        console.print(f"   {first} – {last}, blocks {found.first_block:,}-{found.last_block:,}")
        console.print(f"   shops 加盟店 {' '.join(found.merchants)}")
        more = len(found.transactions) - SHOWN_TRANSACTIONS
        shown = " ".join(found.transactions[:SHOWN_TRANSACTIONS])
        console.print(f"   transactions 取引 {shown}" + (f" +{more:,}" if more > 0 else ""))
