"""Tells text that may be a 個人番号 or a MyKey ID: nobody may read it in, send it or repeat it in a message.

A number of twelve digits may be a 個人番号, whatever signs stand between its groups; its check digit is not
asked for, because a mistyped one is as secret. Eight letters and digits in a row, both of them, may be a
MyKey ID; of eight letters alone nobody could tell (one in fourteen IDs is such).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from scripts.lib.bilingual import Bilingual

_SIGN = r"[-‐‑‒–—―−ー.,、，・/_' ]"
"""What people put between groups of digits, after full-width signs have been made ordinary ones."""

_TWELVE_DIGITS = re.compile(
    "|".join(
        rf"(?<!\d)(?:\d{{{size}}}{_SIGN}){{{12 // size - 1}}}\d{{{size}}}(?!\d)" for size in (12, 4, 3, 2, 1)
    )
    # 1.23456789018E+11: what a spreadsheet makes of it.
    + r"|(?<!\d)\d\.\d{11}E\+?11(?!\d)",
    re.IGNORECASE,
)
_HEX = re.compile(r"0x[0-9a-fA-F]*")
_EIGHT_SIGNS = re.compile(
    r"(?<![0-9A-Za-z])(?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[0-9A-Za-z]{8}(?![0-9A-Za-z])"
)

_WIDTHS = ("<wide>", "<narrow>", "<noBreak>")

PERSONAL_NUMBER = Bilingual(
    "a number of twelve digits: a 個人番号 is never accepted, delete it from the file",
    "12桁の数字です。個人番号は受け付けません。ファイルから削除してください",
)
MYKEY_ID = Bilingual(
    "eight letters and digits in a row may be a MyKey ID, which has no place here; "
    "if they are a name, write a space or a hyphen between",
    "英数字8桁の並びはマイキーIDのおそれがあり、ここには書けません。名称であれば空白かハイフンで区切ってください",
)


class PersonalDataError(ValueError):
    """Something personal was about to leave this program; the message does not repeat it."""


def half_width(text: str) -> str:
    """Return text with full-width digits, letters and signs, half-width kana and fixed spaces made ordinary.

    Nothing else: 10² is not 102, and ① is not 1.
    """
    if text.isascii():
        return text
    ordinary = (
        unicodedata.normalize("NFKC", sign) if unicodedata.decomposition(sign).startswith(_WIDTHS) else sign
        for sign in text
    )
    return unicodedata.normalize("NFC", "".join(ordinary))


def _digits_of_any_shape(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def may_be_personal_number(text: str) -> bool:
    """Return whether twelve digits that belong together are in a text."""
    return _TWELVE_DIGITS.search(_digits_of_any_shape(text)) is not None


def may_be_mykey_id(text: str) -> bool:
    """Return whether eight letters and digits stand by themselves in a text."""
    return _EIGHT_SIGNS.search(_digits_of_any_shape(text)) is not None


def require_impersonal(values: Iterable[Any], meant_for: str) -> None:
    """Make sure that no text among some values, or in lists of them, looks personal.

    The last gate to a chain, behind whatever readers there are.

    Addresses and bytes written as 0x hex are no text.

    Args:
        meant_for: what they are arguments of.

    Raises:
        PersonalDataError: one does.
    """
    for value in values:
        if isinstance(value, str) and not _HEX.fullmatch(value):
            for reason, found in ((PERSONAL_NUMBER, may_be_personal_number), (MYKEY_ID, may_be_mykey_id)):
                if found(value):
                    raise PersonalDataError(f"{meant_for}: {reason}")
        elif isinstance(value, list | tuple):
            require_impersonal(value, meant_for)
