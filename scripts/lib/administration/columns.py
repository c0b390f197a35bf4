"""Cells of officers' files, and the one way in which these files are read."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path

from eth_utils import is_checksum_address, to_checksum_address

from scripts.lib.csv_table import BadRows, CellError, Column, CsvTable, Fault, Row, one_of, read_table
from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.japan_calendar import moment_from_text, month_from_text
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
            "this is no date like 2026-04-15 or 2026-04-15T10:30",
            "2026-04-15 や 2026-04-15T10:30 の形の日時ではありません",
        ) from None


def month(cell: str) -> int:
    """Return a month, counted from January 2000."""
    try:
        return month_from_text(half_width(cell))
    except ValueError:
        raise CellError("this is no month like 2027-03", "2027-03 の形の年月ではありません") from None


def labels(cell: str) -> list[str]:
    """Return names that stand in one cell, with a bar or a Japanese comma between them."""
    found = [part.strip() for part in re.split(r"[|｜、]", cell)]
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
