"""The transfer file of Japanese banks (全銀協制定フォーマット 総合振込): what a cashier hands to the bank.

    file = transfer_file(payer, month=6, day=10, transfers)

Records of 120 bytes in JIS X 0201, one after the other: a header with the payer, a data record for each
transfer, a trailer with their number and sum, an end. Numbers stand on the right, filled up with zeros; text
on the left, filled up with spaces. Lines end with CR LF after the 120 bytes, which every bank's upload takes.

    header   1 | 21 | 0 | payer code 10 | payer 40 | MMDD | bank 4 + 15 | branch 3 + 15 | kind 1 | number 7
               | 17
    data     2 | bank 4 + 15 | branch 3 + 15 | 0000 | kind 1 | number 7 | receiver 30 | yen 10 | 0
               | customer codes 10 + 10 | 7 (by wire) | 1 | 7
    trailer  8 | transfers 6 | yen 12 | 101
    end      9 | 119
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from scripts.lib.bank.half_width_kana import zengin_text

RECORD_BYTES = 120
MAX_YEN = 10**10 - 1
MAX_TRANSFERS = 10**6 - 1
MAX_TOTAL_YEN = 10**12 - 1
RECEIVER_CHARACTERS = 30
PAYER_CHARACTERS = 40
BANK_CHARACTERS = 15
NUMBER_DIGITS = 7
CUSTOMER_DIGITS = 10

_NEWLINE = b"\r\n"
_WIRE = "7"  # 電信扱い
_TRANSFERS = "21"  # 総合振込
_JIS = "0"


class AccountKind(IntEnum):
    """What kind of account (預金種目), as numbered in the format."""

    ORDINARY = 1
    CURRENT = 2
    SAVINGS = 4
    OTHER = 9


class BankAccount(NamedTuple):
    """An account at a bank.

    Attributes:
        bank: four digits. `branch`: three.
        bank_name, branch_name: kana, for people; banks go by the digits. May be empty.
        number: up to seven digits.
    """

    bank: str
    bank_name: str
    branch: str
    branch_name: str
    kind: AccountKind
    number: str


class Payer(NamedTuple):
    """Who pays: the municipality.

    Attributes:
        code: of the payer at its bank (委託者コード), up to ten digits.
        name: kana.
    """

    code: str
    name: str
    account: BankAccount


class Transfer(NamedTuple):
    """What one receiver is paid.

    Attributes:
        receiver: holder of the account, kana.
        customer: a number of the payer's for this transfer, up to ten digits; banks give it back with what
            bounced.
    """

    account: BankAccount
    receiver: str
    yen: int
    customer: str = ""


class ZenginError(ValueError):
    """A file cannot hold this."""


def transfer_file(payer: Payer, month: int, day: int, transfers: Sequence[Transfer]) -> bytes:
    """Return the file.

    Args:
        month, day: when the bank is to pay.

    Raises:
        ZenginError: there is no transfer, an amount or the sum is out of range, or a field too long.
        KanaError: a name has signs that the format has not.
    """
    total = sum(transfer.yen for transfer in transfers)
    if not 1 <= len(transfers) <= MAX_TRANSFERS or total > MAX_TOTAL_YEN:
        raise ZenginError(
            f"{len(transfers)} transfers of {total:,} yen do not fit a file / 1ファイルに収まりません"
        )
    records = [
        _header(payer, month, day),
        *(_data(transfer) for transfer in transfers),
        "8" + _digits(str(len(transfers)), 6) + _digits(str(total), 12) + " " * 101,
        "9" + " " * 119,
    ]
    return b"".join(_encoded(record) + _NEWLINE for record in records)


def _header(payer: Payer, month: int, day: int) -> str:
    account = payer.account
    return (
        f"1{_TRANSFERS}{_JIS}"
        + _digits(payer.code, 10)
        + _text(payer.name, PAYER_CHARACTERS)
        + f"{month:02}{day:02}"
        + _bank(account)
        + str(int(account.kind))
        + _digits(account.number, NUMBER_DIGITS)
        + " " * 17
    )


def _data(transfer: Transfer) -> str:
    if not 1 <= transfer.yen <= MAX_YEN:
        raise ZenginError(f"a transfer is of 1 to {MAX_YEN:,} yen / 振込額は1円から{MAX_YEN:,}円までです")
    account = transfer.account
    return (
        "2"
        + _bank(account)
        + "0000"
        + str(int(account.kind))
        + _digits(account.number, NUMBER_DIGITS)
        + _text(transfer.receiver, RECEIVER_CHARACTERS)
        + _digits(str(transfer.yen), 10)
        + "0"
        + _digits(transfer.customer, CUSTOMER_DIGITS)
        + "0" * CUSTOMER_DIGITS
        + _WIRE
        + " " * 8
    )


def _bank(account: BankAccount) -> str:
    return (
        _digits(account.bank, 4)
        + _text(account.bank_name, BANK_CHARACTERS)
        + _digits(account.branch, 3)
        + _text(account.branch_name, BANK_CHARACTERS)
    )


def _digits(number: str, width: int) -> str:
    if number and not (number.isascii() and number.isdigit()):
        raise ZenginError("a number has other signs than digits / 数字以外の文字があります")
    if len(number) > width:
        raise ZenginError(f"a number has more than {width} digits / {width}桁を超えています")
    return number.rjust(width, "0")


def _text(text: str, width: int) -> str:
    signs = zengin_text(text)
    if len(signs) > width:
        raise ZenginError(
            f"a name takes {len(signs)} places, there are {width} / 半角{width}文字を超えています"
        )
    return signs.ljust(width)


def _encoded(record: str) -> bytes:
    # Of these signs Shift JIS is JIS X 0201, one byte each.
    data = record.encode("shift_jis")
    assert len(data) == RECORD_BYTES  # every field has its width
    return data
