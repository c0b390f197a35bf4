"""Bank details of shops and of the municipality, read from CSV files that are the municipality's alone.

They are never part of a transaction: nothing of these files goes further than the transfer file. The
municipality is the row without a merchant.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from scripts.lib.administration.columns import address, read_rows
from scripts.lib.bank.half_width_kana import KanaError, zengin_text
from scripts.lib.bank.zengin import BANK_CHARACTERS, PAYER_CHARACTERS, AccountKind, BankAccount, Payer
from scripts.lib.csv_table import CellError, Column, CsvTable, matching, one_of
from scripts.lib.personal_data import half_width

_KINDS = {
    "普通": AccountKind.ORDINARY,
    "当座": AccountKind.CURRENT,
    "貯蓄": AccountKind.SAVINGS,
    "その他": AccountKind.OTHER,
    "ordinary": AccountKind.ORDINARY,
    "current": AccountKind.CURRENT,
    "savings": AccountKind.SAVINGS,
    "other": AccountKind.OTHER,
}
_DIGITS = re.compile(r"[0-9]+")


def _digits(width: int, example: str) -> Callable[[str], str]:
    """Return a reader of numbers of exactly `width` digits; zeros that a spreadsheet dropped are put back."""

    def read(cell: str) -> str:
        value = half_width(cell)
        if not _DIGITS.fullmatch(value) or len(value) > width:
            raise CellError(f"this is not of the form {example}", f"{example}の形ではありません")
        return value.rjust(width, "0")

    return read


def _kana(width: int) -> Callable[[str], str]:
    """Return a reader of names in the signs of the banks' format, which take at most `width` places."""

    def read(cell: str) -> str:
        try:
            signs = zengin_text(cell)
        except KanaError as error:
            raise CellError(*error.reason) from None
        if len(signs) > width:
            raise CellError(
                f"{len(signs)} places in half-width kana, there are {width}",
                f"半角カナで{len(signs)}文字になります({width}文字まで)",
            )
        return signs

    return read


COLUMNS = (
    Column("merchant", "加盟店口座", address, optional=True, for_hex=True),
    Column("payer_code", "委託者コード", matching(r"[0-9]{1,10}", "0000012345"), optional=True),
    Column("bank", "銀行コード", _digits(4, "0005")),
    Column("bank_name", "銀行名カナ", _kana(BANK_CHARACTERS), optional=True),
    Column("branch", "支店コード", _digits(3, "001")),
    Column("branch_name", "支店名カナ", _kana(BANK_CHARACTERS), optional=True),
    Column("kind", "預金種目", one_of(_KINDS)),
    Column("number", "口座番号", _digits(7, "1234567")),
    Column("holder", "口座名義カナ", _kana(PAYER_CHARACTERS)),
)
"""Of bank.csv; the row without 加盟店口座 is the municipality's own and has a 委託者コード."""


@dataclass(frozen=True)
class BankBook:
    """Whom the bank knows.

    Attributes:
        receivers: account and holder by merchant.
    """

    payer: Payer
    receivers: dict[str, tuple[BankAccount, str]]


def read_bank_book(path: Path) -> BankBook:
    """Return the bank details of a municipality and its shops.

    Raises:
        BadRows: something is wrong with the file.
    """
    rows = read_rows(path, COLUMNS, _check, unique=("merchant",))
    accounts = {
        row["merchant"]: (
            BankAccount(
                row["bank"],
                row["bank_name"] or "",
                row["branch"],
                row["branch_name"] or "",
                row["kind"],
                row["number"],
            ),
            row["holder"],
        )
        for row in rows
    }
    [own] = [row for row in rows if row["merchant"] is None]
    account, name = accounts.pop(None)
    return BankBook(Payer(own["payer_code"], name, account), accounts)


def _check(table: CsvTable) -> None:
    for row in table.good_rows:
        if (row["merchant"] is None) != (row["payer_code"] is not None):
            table.refuse(
                row,
                "payer_code",
                "of the municipality's own row, and of no other",
                "委託者コードは自治体自身の行(加盟店口座が空)にだけ書きます",
            )
    if not any(row.values.get("merchant", "") is None for row in table.rows):
        table.refuse_file(
            "the municipality's own account is missing: a row without a merchant",
            "自治体自身の口座(加盟店口座が空の行)がありません",
        )
