"""Tells what became of campaigns of bonus on payments, Japanese beside English."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table

from scripts.lib.bonus_issue import BonusIssue
from scripts.lib.japan_calendar import moment_label, start_of_day
from scripts.lib.town_year.bonus_demo import BonusResult


def bonus_table(results: Sequence[BonusResult]) -> Table:
    """Return a row a campaign, and under it why sales were passed over."""
    table = Table(title="Bonus on payments / お買い物還元 (points / ポイント)", box=SIMPLE_HEAD)
    table.add_column("campaign 還元事業", overflow="fold")
    for title in (
        "sales\n売上件数",
        "paid\n支払額",
        "- refunded\n返品額",
        "awarded sales\n還元件数",
        "residents\n利用者",
        "bonus\n還元額",
        "budget\n予算",
    ):
        table.add_column(title, justify="right")
    for result in results:
        terms = result.campaign.terms
        days = "–".join(
            moment_label(start_of_day(day)).english[:10] for day in (terms.first_day, terms.last_day)
        )
        name = result.campaign.year.town.municipality.name
        figures = (
            result.sales,
            result.paid,
            result.refunded,
            result.awarded_sales,
            result.residents,
            result.awarded,
            terms.budget,
        )
        table.add_row(f"{name} {terms.name}\n{days}", *(f"{figure:,}" for figure in figures))
        for issue, times in sorted(result.passed_over.items()):
            if issue == BonusIssue.TOO_EARLY:
                continue  # only waited
            table.add_row(f"  passed over / 対象外: {issue.label}", f"{times:,}")
    return table
