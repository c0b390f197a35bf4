"""What partners bring to a town in a fiscal year, read from CSV files.

Beside the towns' folders:
    partners.csv     partner companies of the council, in the order in which it registers them

In a town's folder:
    agreements.csv   partners that it accepts, and on what terms
    campaigns.csv    points on top; may be left out
    exchanges.csv    partner points exchanged for residents: the points wait 14 days and go home, unless
                     the resident names another municipality, by the number there
    coupons.csv      a row for the life of each: issued, then redeemed, or lost and cancelled, or neither
    receipts.csv     what partners paid

A town without agreements.csv takes no part. Amounts are points or yen, which is the same; times are Unix
seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from scripts.lib.csv_table import CellError, Column, CsvTable, Row, matching, one_of, text, whole_number
from scripts.lib.exchange.terms import HOLDING_SECONDS, MAX_POINTS, Terms
from scripts.lib.japan_calendar import moment_from_text, month_of, months_of_fiscal_year
from scripts.lib.personal_data import half_width

MAX_YEN = 2**40 - 1
_DAY = 24 * 60 * 60

# ----------------------------------------------------------------------------------------------------- TYPES


@dataclass(frozen=True)
class Partner:
    """A partner company (協力企業); its name is public."""

    line: int
    partner: str
    name: str


@dataclass(frozen=True)
class Agreement:
    """A partner that the town accepts."""

    line: int
    partner: str
    terms: Terms


@dataclass(frozen=True)
class CampaignRow:
    """Points on top of what a partner's points make, while the budget lasts; `until` no longer counts."""

    line: int
    partner: str
    start: int
    until: int
    numerator: int
    denominator: int
    budget: int
    is_paid_by_partner: bool


@dataclass(frozen=True)
class ExchangeRow:
    """Partner points exchanged for a resident.

    Attributes:
        reference: what the partner calls it; once only.
        named_at: when the resident names `named_resident`, the own number elsewhere; None if never.
    """

    line: int
    time: int
    partner: str
    reference: str
    resident: str
    partner_points: int
    named_at: int | None
    named_resident: str | None


@dataclass(frozen=True)
class CouponRow:
    """A coupon.

    Attributes:
        is_for_any_town: whether any municipality takes it, or the town alone.
        redeemed: when `resident` types it in; None if never.
        cancelled: when the partner takes it back as lost; None if never.
    """

    line: int
    coupon: str
    partner: str
    is_for_any_town: bool
    points: int
    issued: int
    valid_until: int
    redeemed: int | None
    resident: str | None
    cancelled: int | None


@dataclass(frozen=True)
class ReceiptRow:
    """Yen that a partner has paid; `reference` is the bank's."""

    line: int
    time: int
    partner: str
    yen: int
    reference: str


@dataclass(frozen=True)
class ExchangeRows:
    """All of it for one town; empty lists if it takes no part."""

    partners: list[Partner] = field(default_factory=list)
    agreements: list[Agreement] = field(default_factory=list)
    campaigns: list[CampaignRow] = field(default_factory=list)
    exchanges: list[ExchangeRow] = field(default_factory=list)
    coupons: list[CouponRow] = field(default_factory=list)
    receipts: list[ReceiptRow] = field(default_factory=list)


# --------------------------------------------------------------------------------------------------- COLUMNS


def _moment(cell: str) -> int:
    try:
        return moment_from_text(half_width(cell))
    except ValueError:
        raise CellError(
            "this is not a date like 2026-04-15 or 2026-04-15T10:30",
            "2026-04-15や2026-04-15T10:30のような日時ではありません",
        ) from None


_partner = matching(r"p-[0-9]{2}", "p-01")
_resident = matching(r"r-[0-9]{6}-[0-9]{4,6}", "r-141305-0001")
_points = whole_number(1, MAX_POINTS)
_natural = whole_number(1, MAX_POINTS)
_yes_or_no = one_of({"yes": True, "no": False, "はい": True, "いいえ": False})
_where = one_of({"any": True, "here": False, "全自治体": True, "当自治体": False})

PARTNER_COLUMNS = (Column("partner", "協力企業番号", _partner), Column("name", "名称", text))
AGREEMENT_COLUMNS = (
    Column("partner", "協力企業番号", _partner),
    Column("numerator", "交換率の分子", _natural),
    Column("denominator", "交換率の分母", _natural),
    Column("unit", "交換単位", _natural),
    Column("fee", "手数料", whole_number(0, MAX_POINTS)),
    Column("minimum", "下限", _natural),
    Column("maximum", "上限", _natural),
    Column("expiry_months", "有効期限の月数", whole_number(0, 60)),
    Column("daily_limit", "1日の上限", _natural),
    Column("yearly_limit", "年度内の上限", _natural),
    Column("outstanding_limit", "未収の上限", whole_number(1, MAX_YEN)),
)
CAMPAIGN_COLUMNS = (
    Column("partner", "協力企業番号", _partner),
    Column("start", "開始", _moment),
    Column("until", "終了", _moment),
    Column("numerator", "増量の分子", _natural),
    Column("denominator", "増量の分母", _natural),
    Column("budget", "予算", whole_number(1, MAX_YEN)),
    Column("paid_by_partner", "協力企業の負担", _yes_or_no),
)
EXCHANGE_COLUMNS = (
    Column("time", "日時", _moment),
    Column("partner", "協力企業番号", _partner),
    Column("reference", "交換番号", text),
    Column("resident", "住民番号", _resident),
    Column("partner_points", "協力企業ポイント", _points),
    Column("named_at", "指定日時", _moment, optional=True),
    Column("named_resident", "指定先の住民番号", _resident, optional=True),
)
COUPON_COLUMNS = (
    Column("coupon", "クーポン番号", text),
    Column("partner", "協力企業番号", _partner),
    Column("valid_in", "利用できる自治体", _where),
    Column("points", "ポイント", _points),
    Column("issued", "発行", _moment),
    Column("valid_until", "有効期限", _moment),
    Column("redeemed", "利用", _moment, optional=True),
    Column("resident", "住民番号", _resident, optional=True),
    Column("cancelled", "取消し", _moment, optional=True),
)
RECEIPT_COLUMNS = (
    Column("time", "日時", _moment),
    Column("partner", "協力企業番号", _partner),
    Column("yen", "入金額", whole_number(1, MAX_YEN)),
    Column("reference", "銀行の取引番号", text),
)

# --------------------------------------------------------------------------------------------------- READING

Reader = Callable[[str, tuple[Column, ...]], CsvTable]


def read_exchange(
    partners: CsvTable, read: Reader, optional: Reader, residents: CsvTable, fiscal_year: int
) -> ExchangeRows:
    """Return what partners bring to a town that has agreements.csv; what is wrong is noted in the tables.

    Args:
        partners: the rows of partners.csv.
        read: reads a file of the town; `optional` one that may be left out.
        residents: the rows of the town's residents.csv.
    """
    agreements = read("agreements.csv", AGREEMENT_COLUMNS)
    exchanges = read("exchanges.csv", EXCHANGE_COLUMNS)
    coupons = optional("coupons.csv", COUPON_COLUMNS)
    receipts = optional("receipts.csv", RECEIPT_COLUMNS)
    campaigns = optional("campaigns.csv", CAMPAIGN_COLUMNS)
    _refuse_repeated(agreements, "partner")
    _refuse_repeated(campaigns, "partner")
    _refuse_repeated(exchanges, "partner", "reference")
    _refuse_repeated(coupons, "coupon")
    _refuse_repeated(receipts, "reference")
    _refuse_unlisted(agreements, "partner", partners)
    for table in (campaigns, exchanges, receipts):
        _refuse_unlisted(table, "partner", agreements)
    _refuse_unlisted(coupons, "partner", partners)
    for table in (exchanges, coupons):
        _refuse_unlisted(table, "resident", residents)
    for table, columns in (
        (exchanges, ("time", "named_at")),
        (coupons, ("issued", "redeemed", "cancelled")),
        (receipts, ("time",)),
    ):
        _refuse_other_years(table, columns, fiscal_year)
    _refuse_half_named(exchanges, fiscal_year)
    _refuse_two_ends(coupons)
    return ExchangeRows(
        [Partner(row.line, row["partner"], row["name"]) for row in partners.good_rows],
        [_agreement(row) for row in agreements.good_rows],
        [CampaignRow(row.line, *_values(row, CAMPAIGN_COLUMNS)) for row in campaigns.good_rows],
        [ExchangeRow(row.line, *_values(row, EXCHANGE_COLUMNS)) for row in exchanges.good_rows],
        [CouponRow(row.line, *_values(row, COUPON_COLUMNS)) for row in coupons.good_rows],
        [ReceiptRow(row.line, *_values(row, RECEIPT_COLUMNS)) for row in receipts.good_rows],
    )


def _agreement(row: Row) -> Agreement:
    terms = {column.name: row[column.name] for column in AGREEMENT_COLUMNS if column.name != "partner"}
    return Agreement(row.line, row["partner"], Terms(**terms))


def _values(row: Row, columns: tuple[Column, ...]) -> list[Any]:
    return [row[column.name] for column in columns]


def _refuse_repeated(table: CsvTable, *columns: str) -> None:
    first_lines: dict[tuple[Any, ...], int] = {}
    for row in table.good_rows:
        first = first_lines.setdefault(tuple(row[column] for column in columns), row.line)
        if first != row.line:
            table.refuse(row, columns[-1], f"the same as in line {first}", f"{first}行目と同じです")


def _refuse_unlisted(table: CsvTable, column: str, listed: CsvTable) -> None:
    known = {row.values.get(column) for row in listed.rows}
    for row in table.good_rows if listed.is_complete else ():
        if row[column] is not None and row[column] not in known:
            file = listed.path.name
            table.refuse(row, column, f"{row[column]} is not in {file}", f"{row[column]}は{file}にありません")


def _refuse_other_years(table: CsvTable, columns: tuple[str, ...], fiscal_year: int) -> None:
    for row in table.good_rows:
        for column in columns:
            if row[column] is not None and month_of(row[column]) not in months_of_fiscal_year(fiscal_year):
                table.refuse(
                    row, column, f"it is not in fiscal year {fiscal_year}", f"{fiscal_year}年度ではありません"
                )


def _refuse_half_named(exchanges: CsvTable, fiscal_year: int) -> None:
    for row in exchanges.good_rows:
        named = row["named_at"]
        if (named is None) != (row["named_resident"] is None):
            table_says = "both or neither", "両方を記入するか、両方を空欄にしてください"
            exchanges.refuse(row, "named_at" if named is None else "named_resident", *table_says)
        elif month_of(row["time"] + HOLDING_SECONDS + 2 * _DAY) not in months_of_fiscal_year(fiscal_year):
            exchanges.refuse(
                row, "time", "the points would arrive after the year", "年度内に留保期間が終わりません"
            )
        elif named is not None and not row["time"] < named < row["time"] + HOLDING_SECONDS:
            exchanges.refuse(row, "named_at", "the points wait 14 days", "留保期間は14日間です")


def _refuse_two_ends(coupons: CsvTable) -> None:
    for row in coupons.good_rows:
        if (row["redeemed"] is None) != (row["resident"] is None):
            column = "redeemed" if row["redeemed"] is None else "resident"
            coupons.refuse(row, column, "both or neither", "両方を記入するか、両方を空欄にしてください")
        elif row["redeemed"] is not None and row["cancelled"] is not None:
            coupons.refuse(row, "cancelled", "it was redeemed", "利用済みのクーポンです")
        elif any(end is not None and end <= row["issued"] for end in (row["redeemed"], row["cancelled"])):
            coupons.refuse(row, "issued", "it ends before that", "これより前に終わっています")
