"""The CSV files of a practice town (練習用の町): what a town hall would hand in, as Japanese Excel saves it.

CP932, CRLF, Japanese titles. Everything in them is invented.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import NamedTuple

TOWN = 141305
SYMBOL = "GENKI"
SERIES_NAME = "川崎げんきポイント(練習)"
PROGRAMME = "ボランティア活動"
RESIDENTS = 300
PAYING_RESIDENTS = 30
"""Who had points last month already, and paid with them."""

LAST_MONTHS_POINTS = 1_000
BUDGET_POINTS = 2_000_000
ALLOWANCE_POINTS = 5_000_000

SHOPS = (
    ("朝市食堂", "川崎区", 1, "0005", "012", "ｱｻｲﾁｼｮｸﾄﾞｳ"),
    ("湯屋みなと", "中原区", 2, "0009", "345", "ﾕﾔﾐﾅﾄ"),
    ("駅前書店", "幸区", 3, "0001", "678", "ｴｷﾏｴｼｮﾃﾝ"),
)
"""Name, place, kind of shop, bank, branch and holder."""

MISTAKEN_LINES = (58, 122, 202)
"""Of grants.csv: no points, points in words, a resident twice."""


class Grant(NamedTuple):
    """A row of grants.csv as the clerk typed it."""

    resident: int
    points: str


def excel_csv(header: Sequence[str], rows: Iterable[Sequence[str | int]]) -> bytes:
    """Return a file as Excel in Japan saves it by "CSV (コンマ区切り)"."""
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return page.getvalue().encode("cp932")


def month_name(month: int) -> str:
    """Return an occurrence's name for a month; not 2026-11, which Excel would take for a date and change.

    Args:
        month: counted from January 2000.
    """
    return f"{month % 12 + 1}月分"


def municipalities() -> bytes:
    """Return municipalities.csv."""
    header = ("団体コード", "種別", "ポイント名称", "有効期限の規則", "有効期限の月数")
    return excel_csv(header, [(TOWN, SYMBOL, SERIES_NAME, "翌年度末", "")])


def officers(first: str, second: str) -> bytes:
    """Return officers.csv: the first officer holds what begins an act, the second what approves it.

    Args:
        first, second: their accounts.
    """
    firsts = ("管理者", "事業担当", "加盟店担当", "出納担当", "窓口担当", "緊急停止担当")
    seconds = ("管理者", "事業承認者", "加盟店担当", "出納承認者", "窓口承認者", "緊急停止担当")
    held = ((first, firsts), (second, seconds))
    rows = [(TOWN, role, account) for account, roles in held for role in roles]
    return excel_csv(("団体コード", "役職", "口座"), rows)


def residents(mykey_ids: Iterable[str]) -> bytes:
    """Return residents.csv of MyKey IDs alone: account and signature come with the answers."""
    return excel_csv(("マイキーID",), [(mykey_id,) for mykey_id in mykey_ids])


def mykey_ids() -> list[str]:
    """Return MyKey IDs of all residents."""
    return [f"KWSK{number:04}" for number in range(1, RESIDENTS + 1)]


def programmes(months: Sequence[int], fiscal_years: Iterable[int]) -> bytes:
    """Return programmes.csv: one programme, a row for each fiscal year.

    Args:
        months: for which there is an occurrence, counted from January 2000.
        fiscal_years: by the year of their April.
    """
    header = ("事業", "実施場所", "年度予算", "内容", "年度", "実施回", "有効期限の規則")
    occurrences = "、".join(month_name(month) for month in months)
    terms = (PROGRAMME, "川崎市内", BUDGET_POINTS, "地域のボランティア活動への参加")
    return excel_csv(header, [(*terms, year, occurrences, "翌年度末") for year in fiscal_years])


def shops(accounts: Sequence[str]) -> bytes:
    """Return shops.csv."""
    rows = [(account, *shop[:3]) for account, shop in zip(accounts, SHOPS, strict=True)]
    return excel_csv(("口座", "店名", "所在地", "業種番号"), rows)


def bank_details(accounts: Sequence[str]) -> bytes:
    """Return bank.csv: the first row is the town's own account."""
    header = (
        "加盟店口座",
        "委託者コード",
        "銀行コード",
        "支店コード",
        "預金種目",
        "口座番号",
        "口座名義カナ",
    )
    own = ("", "0000012345", "0005", "001", "普通", "1234567", "ｶﾜｻｷｼｶｲｹｲｶﾝﾘｼｬ")
    rows = [
        (account, "", bank, branch, "普通", f"{1_000_000 + place:07}", holder)
        for place, (account, (*_, bank, branch, holder)) in enumerate(zip(accounts, SHOPS, strict=True), 1)
    ]
    return excel_csv(header, [own, *rows])


def correct_grants() -> list[Grant]:
    """Return what 300 volunteers are to get: 300 to 1,000 points each."""
    return [Grant(number, f"{300 + number * 100 % 800:,}") for number in range(1, RESIDENTS + 1)]


def mistaken_grants() -> list[Grant]:
    """Return the same with a clerk's three mistakes in MISTAKEN_LINES."""
    grants = correct_grants()
    without, in_words, twice = (line - 2 for line in MISTAKEN_LINES)
    grants[without] = grants[without]._replace(points="0")
    grants[in_words] = grants[in_words]._replace(points="五百")
    grants[twice] = grants[twice - 1]
    return grants


def grants(rows: Iterable[Grant], occurrence: str) -> bytes:
    """Return grants.csv."""
    header = ("利用者番号", "ポイント", "事業", "実施回")
    return excel_csv(header, [(row.resident, row.points, PROGRAMME, occurrence) for row in rows])
