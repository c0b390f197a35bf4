"""Rows of bonus_campaign.csv and bonus_sales.csv: a town's bonus on payments (還元事業), and its sales.

bonus_campaign.csv, one row
    campaign              name; public, so neutral
    first_day, last_day   days of sales that count
    rate_percent          what comes back of a sale
    minimum               a sale of fewer points earns nothing
    cap                   the most that a resident gets
    budget                the most that all residents get
    categories            numbers of the merchants' categories that count, with spaces between; empty: all

bonus_sales.csv, one row a sale
    time, resident, merchant, points
    refund_time, refund_points   what of it was given back, if anything was
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scripts.lib.campaign_terms import CampaignTerms
from scripts.lib.csv_table import (
    BadRows,
    CellError,
    Column,
    CsvTable,
    Fault,
    Row,
    matching,
    read_table,
    text,
    whole_number,
)
from scripts.lib.japan_calendar import day_of, moment_from_text
from scripts.lib.payment.signing import MAX_PAYMENT_POINTS
from scripts.lib.personal_data import half_width
from scripts.lib.town_year.folder import TownYear

CAMPAIGN_FILE = "bonus_campaign.csv"
SALES_FILE = "bonus_sales.csv"
_MAX_POINTS = 2**32 - 1


def _moment(cell: str) -> int:
    try:
        return moment_from_text(half_width(cell))
    except ValueError:
        raise CellError(
            "this is not a date like 2026-04-15 or 2026-04-15T10:30",
            "2026-04-15や2026-04-15T10:30のような日時ではありません",
        ) from None


CAMPAIGN_COLUMNS = (
    Column("campaign", "還元事業", text),
    Column("first_day", "初日", _moment),
    Column("last_day", "最終日", _moment),
    Column("rate_percent", "還元率", whole_number(1, 100)),
    Column("minimum", "対象の最低額", whole_number(0, _MAX_POINTS)),
    Column("cap", "1人の上限", whole_number(1, _MAX_POINTS)),
    Column("budget", "予算", whole_number(1, _MAX_POINTS)),
    Column("categories", "対象業種番号", matching(r"[0-9]{1,5}( [0-9]{1,5})*", "1 2"), optional=True),
)
SALE_COLUMNS = (
    Column("time", "日時", _moment),
    Column("resident", "住民番号", text),
    Column("merchant", "加盟店番号", text),
    Column("points", "ポイント", whole_number(1, MAX_PAYMENT_POINTS)),
    Column("refund_time", "返品日時", _moment, optional=True),
    Column("refund_points", "返品ポイント", whole_number(1, MAX_PAYMENT_POINTS), optional=True),
)


@dataclass(frozen=True)
class BonusSale:
    """A sale, and what of it was given back at the second `refund_time`, if that is not None."""

    line: int
    time: int
    resident: str
    merchant: str
    points: int
    refund_time: int | None
    refund_points: int


@dataclass(frozen=True)
class BonusCampaign:
    """A town's campaign.

    Attributes:
        year: the town's files.
        sales: in the order of their times.
    """

    year: TownYear
    terms: CampaignTerms
    sales: list[BonusSale]


def read_bonus_campaigns(years: Iterable[TownYear]) -> list[BonusCampaign]:
    """Read the campaigns of the towns whose folders have one.

    Raises:
        BadRows: with every fault of every file.
    """
    faults: list[Fault] = []
    campaigns = [_read_campaign(year, faults) for year in years if (year.folder / CAMPAIGN_FILE).exists()]
    if faults:
        raise BadRows(faults)
    return [campaign for campaign in campaigns if campaign is not None]


def _read_campaign(year: TownYear, faults: list[Fault]) -> BonusCampaign | None:
    campaigns = read_table(year.folder / CAMPAIGN_FILE, CAMPAIGN_COLUMNS, faults)
    sales = read_table(year.folder / SALES_FILE, SALE_COLUMNS, faults)
    _refuse_unknown(sales, "resident", {resident.number for resident in year.residents})
    _refuse_unknown(sales, "merchant", {merchant.merchant for merchant in year.merchants})
    for row in sales.good_rows:
        _refuse_impossible_refund(sales, row)
    for row in campaigns.rows[1:]:
        campaigns.refuse(row, "", "a town has one campaign here", "1自治体に1事業だけです")
    rows = campaigns.good_rows
    if not rows:
        return None
    sold = [
        BonusSale(
            row.line,
            row["time"],
            row["resident"],
            row["merchant"],
            row["points"],
            row["refund_time"],
            row["refund_points"] or 0,
        )
        for row in sales.good_rows
    ]
    return BonusCampaign(year, terms_of(rows[0]), sorted(sold, key=lambda sale: sale.time))


def terms_of(row: Row) -> CampaignTerms:
    """Return what a row of bonus_campaign.csv lays down."""
    return CampaignTerms(
        name=row["campaign"],
        first_day=day_of(row["first_day"]),
        last_day=day_of(row["last_day"]),
        rate_numerator=row["rate_percent"],
        rate_denominator=100,
        minimum=row["minimum"],
        cap=row["cap"],
        budget=row["budget"],
        categories=tuple(int(number) for number in (row["categories"] or "").split()),
    )


def _refuse_unknown(table: CsvTable, column: str, known: set[str]) -> None:
    for row in table.good_rows:
        if row[column] not in known:
            table.refuse(
                row, column, "it is in no other file of the town", "この自治体の他のファイルにありません"
            )


def _refuse_impossible_refund(sales: CsvTable, row: Row) -> None:
    if (row["refund_time"] is None) != (row["refund_points"] is None):
        sales.refuse(row, "refund_time", "a refund has a time and points", "返品には日時とポイントが必要です")
    elif row["refund_time"] is not None and row["refund_time"] <= row["time"]:
        sales.refuse(row, "refund_time", "it is not after the sale", "売上より後ではありません")
