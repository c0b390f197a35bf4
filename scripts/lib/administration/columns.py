"""Cells of officers' files, and the one way in which these files are read."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import Any

from eth_utils import is_checksum_address, to_checksum_address

from scripts.lib.csv_table import BadRows, CellError, Column, CsvTable, Fault, Row, one_of, read_table
from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.japan_calendar import fiscal_year_from_text, moment_from_text, month_from_text
from scripts.lib.municipality_codes import CodeError, lookup
from scripts.lib.personal_data import half_width
from scripts.lib.roles import Role

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_SIGNATURE = re.compile(r"0x[0-9a-fA-F]{130}")


def read_rows(
    path: Path, columns: Sequence[Column], *checks: Callable[[CsvTable], None], unique: Sequence[str] = ()
) -> list[Row]:
    """Return the rows of a file in which nothing is wrong.

    Args:
        checks: refuse rows that do not fit the others; called once the file could be read.
        unique: columns whose values together may stand in one row alone.

    Raises:
        BadRows: something is wrong; all of it, at once.
    """
    faults: list[Fault] = []
    table = read_table(path.absolute(), columns, faults)
    if table.is_complete:
        if unique:
            refuse_repeated(table, unique)
        for check in checks:
            check(table)
        if not table.rows and not faults:
            table.refuse_file("there is no row under the titles", "見出しの下に行がありません")
    if faults:
        raise BadRows(faults)
    return table.rows


def refuse_repeated(table: CsvTable, columns: Sequence[str]) -> None:
    """Refuse every row that says of the same columns what an earlier one says."""
    first: dict[tuple[Hashable, ...], int] = {}
    for row in table.rows:
        if all(column in row.values for column in columns):
            key = tuple(row[column] for column in columns)
            line = first.setdefault(key, row.line)
            if line != row.line:
                table.refuse(row, columns[0], f"the same as in line {line}", f"{line}行目と重複しています")


def address(cell: str) -> str:
    """Return an account as wallets show it; zero is refused.

    Its capital letters are its checksum: without them a typing error would go unnoticed.
    """
    value = half_width(cell)
    if not _ADDRESS.fullmatch(value):
        raise CellError("this is no account (0x and 40 digits)", "口座アドレス(0xと40桁)ではありません")
    if not is_checksum_address(value):
        raise CellError(
            "the account has a typing error, or its capitals were lost",
            "口座アドレスに誤りがあるか、大文字・小文字が失われています(検査に合いません)",
        )
    if not int(value, 16):
        raise CellError("nobody has account 0", "0番の口座は使えません")
    return to_checksum_address(value)


def signature(cell: str) -> bytes:
    """Return the 65 bytes of a signature."""
    value = half_width(cell)
    if not _SIGNATURE.fullmatch(value):
        raise CellError("this is no signature (0x and 130 digits)", "署名(0xと130桁)ではありません")
    return bytes.fromhex(value[2:])


def code(cell: str) -> int:
    """Return a municipality's code as a number."""
    try:
        return lookup(half_width(cell)).number
    except CodeError as error:
        raise CellError(*error.reason) from None


def moment(cell: str) -> int:
    """Return a date or a time in Japan, in Unix seconds."""
    try:
        return moment_from_text(half_width(cell))
    except ValueError:
        raise CellError(
            "this is no date like 2026-04-15, 令和8年4月15日 or 2026-04-15T10:30",
            "2026-04-15、令和8年4月15日、2026-04-15T10:30 のような日時ではありません",
        ) from None


def month(cell: str) -> int:
    """Return a month, counted from January 2000."""
    try:
        return month_from_text(half_width(cell))
    except ValueError:
        raise CellError(
            "this is no month like 2027-03 or 令和9年3月", "2027-03 や 令和9年3月 のような年月ではありません"
        ) from None


def fiscal_year(cell: str) -> int:
    """Return the year of its April of a fiscal year; from 2020 to 2099."""
    try:
        year = fiscal_year_from_text(half_width(cell))
    except ValueError:
        raise CellError(
            "this is no fiscal year like 2026 or 令和8年度", "2026 や 令和8年度 のような年度ではありません"
        ) from None
    if not 2020 <= year <= 2099:
        raise CellError("from 2020 to 2099", "2020年度(令和2年度)から2099年度までです")
    return year


def as_argument(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return a reader of cells for a word of the command line: what is wrong is said in both languages."""

    def read_word(word: str) -> Any:
        try:
            return read(word)
        except CellError as error:
            raise ArgumentTypeError(str(error)) from None

    return read_word


def labels(cell: str) -> list[str]:
    """Return names that stand in one cell, with a bar, a Japanese comma or a semicolon between them."""
    found = [part.strip() for part in re.split(r"[|｜、;；]", cell)]
    if not all(found) or len(set(found)) < len(found):
        raise CellError("a name is empty or stands there twice", "空の名称または同じ名称があります")
    return found


role = one_of({role.name.lower(): role for role in Role} | {role.label.japanese: role for role in Role})
"""Reader of offices, by their Japanese or English names."""

expiry_rule = one_of(
    {rule.name.lower(): rule for rule in ExpiryRule}
    | {
        "か月後": ExpiryRule.MONTHS_AFTER,
        "当年度末": ExpiryRule.THIS_FISCAL_YEAR,
        "翌年度末": ExpiryRule.NEXT_FISCAL_YEAR,
        "期限月": ExpiryRule.FIXED_MONTH,
        "期限なし": ExpiryRule.NEVER,
    }
)
"""Reader of rules of expiry."""

ROLES = "、".join(role.label.japanese for role in Role)
RULES = "か月後(月数1〜60)、当年度末、翌年度末、期限月(月数は2000年1月を0とする月)、期限なし"
ACCOUNT = "0xと40桁(大文字・小文字のまま)"
DATE = "2026-04-15、令和8年4月15日、2026-04-15T10:30"
MONTH = "2027-03、令和9年3月"
FISCAL_YEAR = "2026、令和8年度、R8"
LABELS = "名称。複数は「|」「、」「;」で区切る(空白・カンマでは区切れません)"
"""What stands in the page of help beside a column: the values that it takes."""
