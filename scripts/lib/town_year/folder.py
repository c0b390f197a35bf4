"""One municipality's fiscal year, read from its folder of CSV files.

    municipality.csv      code, series and expiry rule; one row
    residents.csv         resident numbers, which are pseudonyms; MyKey IDs may stand beside them
    merchants.csv         shops and public facilities
    merchant_changes.csv  suspensions, closures and new approvals in the year; may be left out
    office_acts.csv       what officers do besides (scripts.lib.town_year.office_rows); may be left out
    programmes.csv        what grants are for (scripts.lib.town_year.programme_rows); else a minter grants
    grants.csv            points granted
    payments.csv          points paid
    agreements.csv        partners whose points it takes, and more (scripts.lib.town_year.exchange_rows)
    settlements.csv       when shops get their yen (scripts.lib.town_year.settlement_rows); may be left out

A further series of the same municipality has a folder of its own, without residents.csv: its residents are
those of the municipality's first folder.

All files of all municipalities are read before anything is reported, and everything wrong with them is
reported at once. Amounts are points, months numbers from January 2000 = 0, times Unix seconds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from scripts.lib.bilingual import Bilingual
from scripts.lib.csv_table import (
    BadRows,
    CellError,
    Column,
    CsvTable,
    Fault,
    Row,
    matching,
    one_of,
    read_table,
    text,
    whole_number,
)
from scripts.lib.expiry_rule import MAX_TERM_MONTHS, NEVER, ExpiryRule, expiry_month, is_in_range
from scripts.lib.japan_calendar import (
    moment_from_text,
    moment_label,
    month_from_text,
    month_label,
    month_of,
    months_of_fiscal_year,
)
from scripts.lib.municipality_codes import CodeError, Municipality, lookup
from scripts.lib.mykey import MyKeyId
from scripts.lib.personal_data import half_width
from scripts.lib.reference.ledger import MAX_CATEGORY, MAX_LOT_POINTS
from scripts.lib.town_year.exchange_rows import PARTNER_COLUMNS, ExchangeRows, read_exchange
from scripts.lib.town_year.office_rows import COLUMNS as OFFICE_COLUMNS
from scripts.lib.town_year.office_rows import OfficeAct, ShopAct, read_office_acts
from scripts.lib.town_year.programme_rows import COLUMNS as PROGRAMME_COLUMNS
from scripts.lib.town_year.programme_rows import ProgrammeRow, read_programmes
from scripts.lib.town_year.settlement_rows import COLUMNS as SETTLEMENT_COLUMNS
from scripts.lib.town_year.settlement_rows import SettlementRow, read_settlements

# ----------------------------------------------------------------------------------------------------- TYPES


@dataclass(frozen=True)
class Town:
    """A municipality and its point series.

    Attributes:
        expiry_months: as IMunicipalPoint.setExpiryPolicy takes it; 0 for rules that need no number.
        fiscal_year: the year in whose April it begins.
    """

    line: int
    code: str
    series_name: str
    series_symbol: str
    expiry_rule: ExpiryRule
    expiry_months: int
    fiscal_year: int

    @property
    def municipality(self) -> Municipality:
        """The municipality in the list of codes."""
        return lookup(self.code)


@dataclass(frozen=True)
class Resident:
    """A resident (住民), known by a number that says nothing of the person.

    Attributes:
        mykey_id: None if the file has none; it goes nowhere but into a commitment.
    """

    line: int
    number: str
    mykey_id: MyKeyId | None = None


@dataclass(frozen=True)
class Merchant:
    """A shop or public facility (加盟店); name and place are public."""

    line: int
    merchant: str
    name: str
    place: str
    category: int
    category_name: str


class Change(Enum):
    """What may happen to a merchant's standing."""

    APPROVE = "approve"
    SUSPEND = "suspend"
    CLOSE = "close"


@dataclass(frozen=True)
class StandingChange:
    """A merchant is suspended, closed or approved again, from this second on."""

    line: int
    time: int
    merchant: str
    change: Change


@dataclass(frozen=True)
class Grant:
    """Points granted to a resident; `expiry_month` None: they end by the series' rule."""

    line: int
    time: int
    resident: str
    points: int
    programme: str
    expiry_month: int | None


@dataclass(frozen=True)
class Payment:
    """Points paid by a resident to a merchant."""

    line: int
    time: int
    resident: str
    merchant: str
    points: int


@dataclass(frozen=True)
class TownYear:
    """Everything that happens in one municipality in one fiscal year, each list in its file's order."""

    folder: Path
    town: Town
    residents: list[Resident]
    merchants: list[Merchant]
    changes: list[StandingChange]
    grants: list[Grant]
    payments: list[Payment]
    office_acts: list[OfficeAct] = field(default_factory=list)
    programmes: list[ProgrammeRow] = field(default_factory=list)
    settlements: list[SettlementRow] = field(default_factory=list)
    exchange: ExchangeRows = field(default_factory=ExchangeRows)

    def in_order(self) -> list[Happening]:
        """Return what happens, by time; at one time in the order of the lists below, each as in its file."""
        return sorted(
            [*self.office_acts, *self.settlements, *self.changes, *self.grants, *self.payments],
            key=lambda happening: happening.time,
        )

    def shop_sales(self) -> list[ShopAct]:
        """Return the shops that are sold in the year."""
        return [act for act in self.office_acts if isinstance(act, ShopAct)]


Happening = OfficeAct | SettlementRow | StandingChange | Grant | Payment


# --------------------------------------------------------------------------------------------------- COLUMNS


def _code(cell: str) -> str:
    code = half_width(cell)
    try:
        return lookup(code).code
    except CodeError as error:
        raise CellError(*error.reason) from None


def _moment(cell: str) -> int:
    try:
        return moment_from_text(half_width(cell))
    except ValueError:
        raise CellError(
            "this is not a date like 2026-04-15 or 2026-04-15T10:30",
            "2026-04-15や2026-04-15T10:30のような日時ではありません",
        ) from None


def _month(cell: str) -> int:
    try:
        return month_from_text(half_width(cell))
    except ValueError:
        raise CellError("this is not a month like 2027-03", "2027-03のような年月ではありません") from None


def _expiry_month(cell: str) -> int:
    return NEVER if cell.lower() in ("never", "なし") else _month(cell)


_points = whole_number(1, MAX_LOT_POINTS)
_resident_number = matching(r"r-[0-9]{6}-[0-9]{4,6}", "r-141305-0001")
_merchant_number = matching(r"m-[0-9]{6}-[0-9]{2,6}", "m-141305-01")
_rules = {rule.name.lower(): rule for rule in ExpiryRule}
_changes = {change.value: change for change in Change} | {
    "承認": Change.APPROVE,
    "停止": Change.SUSPEND,
    "閉鎖": Change.CLOSE,
}

MUNICIPALITY_COLUMNS = (
    Column("municipality_code", "団体コード", _code),
    Column("series_name", "シリーズ名", text),
    Column("series_symbol", "略号", matching(r"[A-Z][A-Z0-9-]{1,15}", "KAWASAKI")),
    Column("expiry_rule", "有効期限の規則", one_of(_rules)),
    Column("expiry_months", "有効期限の月数", text, optional=True),
    Column("fiscal_year", "年度", whole_number(2000, 2100)),
)
RESIDENT_COLUMNS = (
    Column("resident", "住民番号", _resident_number),
    Column("mykey_id", "マイキーID", MyKeyId.read, optional=True, for_mykey_ids=True),
)
MERCHANT_COLUMNS = (
    Column("merchant", "加盟店番号", _merchant_number),
    Column("name", "名称", text),
    Column("place", "所在地", text),
    Column("category", "業種番号", whole_number(0, MAX_CATEGORY)),
    Column("category_name", "業種", text),
)
CHANGE_COLUMNS = (
    Column("time", "日時", _moment),
    Column("merchant", "加盟店番号", _merchant_number),
    Column("change", "変更", one_of(_changes)),
)
GRANT_COLUMNS = (
    Column("date", "日付", _moment),
    Column("resident", "住民番号", _resident_number),
    Column("points", "ポイント", _points),
    Column("programme", "事業", text),
    Column("expiry_month", "有効期限の月", _expiry_month, optional=True),
)
PAYMENT_COLUMNS = (
    Column("time", "日時", _moment),
    Column("resident", "住民番号", _resident_number),
    Column("merchant", "加盟店番号", _merchant_number),
    Column("points", "ポイント", _points),
)

# --------------------------------------------------------------------------------------------------- READING


AGREEMENTS = "agreements.csv"
_FOLDER = re.compile(r"[0-9]{6}-[a-z]+(-[a-z]+)*")
_FOLDER_FORM = Bilingual(
    "the folder's name is not of the form 141305-kawasaki",
    "フォルダ名が141305-kawasakiの形ではありません",
)


def read_town_years(folders: Iterable[Path]) -> list[TownYear]:
    """Read the fiscal years of some municipalities, one from each folder.

    Raises:
        BadRows: with every fault of every file of every folder.
    """
    faults: list[Fault] = []
    years: list[TownYear | None] = []
    series: dict[tuple[str, str], Path] = {}
    exchanging: dict[str, Path] = {}
    partners: dict[Path, CsvTable] = {}
    for place, folder in enumerate(folders, 1):
        if not _FOLDER.fullmatch(folder.name):  # every message would repeat it
            faults.append(Fault(f"folder {place}", 0, "", _FOLDER_FORM))
            continue
        if (folder / AGREEMENTS).exists() and folder.parent not in partners:
            file = folder.parent / "partners.csv"
            partners[folder.parent] = read_table(file, PARTNER_COLUMNS, faults)
            _refuse_repeated(partners[folder.parent], "partner")
        year = _read_town_year(folder, partners.get(folder.parent), faults)
        years.append(year)
        if year is not None:
            first = series.setdefault((year.town.code, year.town.series_symbol), folder)
            if first != folder:
                CsvTable(folder / "municipality.csv", faults).refuse_file(
                    f"the same series as in {first.name}", f"{first.name}と同じシリーズです", year.town.line
                )
            first = exchanging.setdefault(year.town.code, folder) if year.exchange.agreements else folder
            if first != folder:
                CsvTable(folder / AGREEMENTS, faults).refuse_file(
                    f"the points go to the series in {first.name}", f"交換先は{first.name}のシリーズです"
                )
    if faults:
        raise BadRows(faults)
    return [year for year in years if year is not None]


def _read_town_year(folder: Path, partners: CsvTable | None, faults: list[Fault]) -> TownYear | None:
    def table(name: str, columns: tuple[Column, ...]) -> CsvTable:
        return read_table(folder / name, columns, faults)

    municipality = table("municipality.csv", MUNICIPALITY_COLUMNS)
    residents = read_table(_folder_of_residents(folder) / "residents.csv", RESIDENT_COLUMNS, faults)
    merchants = table("merchants.csv", MERCHANT_COLUMNS)
    grants = table("grants.csv", GRANT_COLUMNS)
    payments = table("payments.csv", PAYMENT_COLUMNS)

    def optional(name: str, columns: tuple[Column, ...]) -> CsvTable:
        return table(name, columns) if (folder / name).exists() else CsvTable(folder / name, faults)

    changes = optional("merchant_changes.csv", CHANGE_COLUMNS)
    office = optional("office_acts.csv", OFFICE_COLUMNS)
    programmes = optional("programmes.csv", PROGRAMME_COLUMNS)
    settlements = optional("settlements.csv", SETTLEMENT_COLUMNS)

    town = _read_town(municipality)
    if town is not None:
        _refuse_foreign(residents, "resident", town)
        _refuse_foreign(merchants, "merchant", town)
        _refuse_other_years(changes, "time", town)
        _refuse_other_years(office, "time", town)
        _refuse_other_years(grants, "date", town)
        _refuse_other_years(payments, "time", town)
        _refuse_impossible_terms(grants, town)
    _refuse_repeated(residents, "resident")
    _refuse_repeated(residents, "mykey_id")
    _refuse_repeated(merchants, "merchant")
    _refuse_repeated(grants, "date", "resident", "programme", "expiry_month")
    _refuse_repeated(payments, "time", "resident", "merchant", "points")
    _refuse_ambiguous_categories(merchants)
    for referring in (grants, payments):
        _refuse_unknown(referring, "resident", residents)
    for referring in (changes, payments):
        _refuse_unknown(referring, "merchant", merchants)
    _refuse_payments_to_inactive(payments, changes)
    _refuse_repeated(office, "time", "act", "subject")
    office_acts = read_office_acts(office, residents, merchants)
    _refuse_repeated(programmes, "programme")
    programme_rows = read_programmes(programmes, grants) if programmes.titles else []
    settlement_rows = read_settlements(settlements, merchants, town.fiscal_year) if town is not None else []
    exchange = ExchangeRows()
    if partners is not None and town is not None and (folder / AGREEMENTS).exists():
        exchange = read_exchange(partners, table, optional, residents, town.fiscal_year)

    if town is None:
        return None
    return TownYear(
        folder,
        town,
        [Resident(row.line, row["resident"], row["mykey_id"]) for row in residents.good_rows],
        [
            Merchant(
                row.line, row["merchant"], row["name"], row["place"], row["category"], row["category_name"]
            )
            for row in merchants.good_rows
        ],
        [StandingChange(row.line, row["time"], row["merchant"], row["change"]) for row in changes.good_rows],
        [
            Grant(
                row.line, row["date"], row["resident"], row["points"], row["programme"], row["expiry_month"]
            )
            for row in grants.good_rows
        ],
        [
            Payment(row.line, row["time"], row["resident"], row["merchant"], row["points"])
            for row in payments.good_rows
        ],
        office_acts,
        programme_rows,
        settlement_rows,
        exchange,
    )


def _folder_of_residents(folder: Path) -> Path:
    """Return the folder with the residents: the municipality's first, if this is a further series'."""
    if (folder / "residents.csv").exists():
        return folder
    code = folder.name.split("-", 1)[0]
    siblings = sorted(folder.parent.glob(f"{code}-*/residents.csv"))
    return siblings[0].parent if siblings else folder


def _read_town(table: CsvTable) -> Town | None:
    """Return the one municipality of municipality.csv, or None after noting why there is none."""
    for row in table.rows[1:]:
        table.refuse(row, "", "a folder holds one municipality", "1つのフォルダに1自治体だけです")
    if not table.rows:
        if table.titles:
            table.refuse_file("no municipality", "自治体の行がありません")
        return None
    row = table.rows[0]
    months = 0
    if row.values.get("expiry_rule") in (ExpiryRule.MONTHS_AFTER, ExpiryRule.FIXED_MONTH):
        is_fixed = row["expiry_rule"] == ExpiryRule.FIXED_MONTH
        read: Callable[[str], int] = _month if is_fixed else whole_number(0, MAX_TERM_MONTHS)
        if row.values.get("expiry_months") is None:
            table.refuse(row, "expiry_months", "the rule needs it", "この規則には必要です")
        else:
            try:
                months = read(row["expiry_months"])
            except CellError as error:
                table.refuse(row, "expiry_months", *error.reason)
    elif "expiry_rule" in row.values and row.values.get("expiry_months") is not None:
        table.refuse(row, "expiry_months", "the rule takes no number", "この規則には不要です")
    if not row.is_good:
        return None
    return Town(
        row.line,
        row["municipality_code"],
        row["series_name"],
        row["series_symbol"],
        row["expiry_rule"],
        months,
        row["fiscal_year"],
    )


# ---------------------------------------------------------------------------------------------------- CHECKS


def _has(row: Row, *columns: str) -> bool:
    """Tell whether these cells of a row could be read; a faulty one has been reported already."""
    return all(column in row.values for column in columns)


def _refuse_foreign(table: CsvTable, column: str, town: Town) -> None:
    for row in table.rows:
        if _has(row, column) and row[column].split("-")[1] != town.code:
            table.refuse(
                row,
                column,
                f"{row[column]} is not a number of {town.code}",
                f"{row[column]}は団体{town.code}の番号ではありません",
            )


def _refuse_repeated(table: CsvTable, *columns: str) -> None:
    first_lines: dict[Hashable, int] = {}
    for row in table.rows:
        if not _has(row, *columns):
            continue
        key = tuple(row[column] for column in columns)
        if not any(key):  # optional cells left out
            continue
        first = first_lines.setdefault(key, row.line)
        if first != row.line:
            what, which = ("number", "番号") if len(columns) == 1 else ("row", "行")
            table.refuse(
                row,
                columns[0] if len(columns) == 1 else "",
                f"the same {what} as in line {first}",
                f"{first}行目と同じ{which}です",
            )


def _refuse_ambiguous_categories(merchants: CsvTable) -> None:
    first_rows: dict[int, Row] = {}
    for row in merchants.rows:
        if _has(row, "category", "category_name"):
            first = first_rows.setdefault(row["category"], row)
            if first["category_name"] != row["category_name"]:
                merchants.refuse(
                    row,
                    "category",
                    f"category {row['category']} has another name in line {first.line}",
                    f"業種番号{row['category']}の名称が{first.line}行目と違います",
                )


def _refuse_unknown(referring: CsvTable, column: str, listed: CsvTable) -> None:
    """Refuse rows that name a resident or merchant who is not listed; a faulty row lists them too."""
    if not listed.is_complete or column not in listed.titles:
        return
    known = {row[column] for row in listed.rows if _has(row, column)}
    for row in referring.rows:
        if _has(row, column) and row[column] not in known:
            referring.refuse(
                row,
                column,
                f"{row[column]} is not in {listed.path.name}",
                f"{row[column]}は{listed.path.name}にありません",
            )


def _refuse_other_years(table: CsvTable, column: str, town: Town) -> None:
    for row in table.rows:
        if _has(row, column) and not _is_in_year(row[column], town.fiscal_year):
            moment = moment_label(row[column])
            table.refuse(
                row,
                column,
                f"{moment.english} is not in fiscal year {town.fiscal_year}",
                f"{moment.japanese}は{town.fiscal_year}年度ではありません",
            )


def _is_in_year(moment: int, fiscal_year: int) -> bool:
    try:
        return month_of(moment) in months_of_fiscal_year(fiscal_year)
    except ValueError:  # before the calendar begins
        return False


def _refuse_impossible_terms(grants: CsvTable, town: Town) -> None:
    """Refuse grants whose points would have ended already, or would live longer than a lot may."""
    for row in grants.rows:
        if not _has(row, "date", "expiry_month") or not _is_in_year(row["date"], town.fiscal_year):
            continue
        month = month_of(row["date"])
        end: Any = row["expiry_month"]
        if end is None:
            end = expiry_month(town.expiry_rule, town.expiry_months, month)
        if not is_in_range(end, month):
            asked, first, last = (month_label(m) for m in (end, month, month + MAX_TERM_MONTHS))
            grants.refuse(
                row,
                "expiry_month",
                f"points granted in {first.english} end by {last.english} and not with {asked.english}",
                f"{first.japanese}の付与の期限は{last.japanese}までで、{asked.japanese}にはできません",
            )


def _refuse_payments_to_inactive(payments: CsvTable, changes: CsvTable) -> None:
    """Refuse payments at a time at which their merchant is suspended or closed."""
    by_merchant: dict[str, list[Row]] = {}
    for change in sorted(changes.good_rows, key=lambda row: int(row["time"])):
        by_merchant.setdefault(change["merchant"], []).append(change)
    for row in payments.rows:
        if not _has(row, "merchant", "time"):
            continue
        before = [change for change in by_merchant.get(row["merchant"], []) if change["time"] <= row["time"]]
        if before and before[-1]["change"] is not Change.APPROVE:
            since = moment_label(before[-1]["time"])
            status = before[-1]["change"].value
            word = "停止" if status == "suspend" else "閉鎖"
            payments.refuse(
                row,
                "merchant",
                f"{row['merchant']} cannot be paid since {since.english} ({status})",
                f"{row['merchant']}は{since.japanese}から{word}中です",
            )
