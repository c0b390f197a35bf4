"""Text as the banks' own format takes it: half-width katakana, capitals, digits and a few signs (JIS X 0201).

    zengin_text("株)あさイチ市場")   # refused: kanji have no kana form that anybody could guess
    zengin_text("カ）アサイチシジョウ")    # ｶ)ｱｻｲﾁｼｼﾞﾖｳ

A voiced kana becomes two signs, small kana become large ones, small letters capitals, and every kind of dash
the long-vowel sign or hyphen that the format has.
"""

from __future__ import annotations

import unicodedata
from functools import cache

from scripts.lib.bilingual import Bilingual

_SMALL = str.maketrans("ｧｨｩｪｫｬｭｮｯ", "ｱｲｳｴｵﾔﾕﾖﾂ")
_LONG_VOWEL = str.maketrans("ｰ‐‑‒–—―−", "--------")
_ALLOWED = frozenset(
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜｦﾝﾞﾟ ()-./\\｢｣"
)


class KanaError(ValueError):
    """Text has a sign that the banks' format has not.

    Attributes:
        reason: why, without the text.
    """

    def __init__(self, place: int) -> None:
        self.reason = Bilingual(
            f"character {place} is none that banks take: katakana, capitals, digits and ()-./ only",
            f"{place}文字目は全銀フォーマットで使えない文字です(カタカナ・英大文字・数字・()-./のみ)",
        )
        super().__init__(str(self.reason))


def zengin_text(text: str) -> str:
    """Return text in the signs of the format; one character is one byte of JIS X 0201.

    Raises:
        KanaError: a sign has no place in the format.
    """
    written = []
    for place, character in enumerate(unicodedata.normalize("NFKC", text), 1):
        signs = _half_width_of(character)
        if not _ALLOWED.issuperset(signs):
            raise KanaError(place)
        written.append(signs)
    return "".join(written)


def _half_width_of(character: str) -> str:
    """Return the half-width signs of one character; the character itself if it has none."""
    if "ぁ" <= character <= "ゖ":  # hiragana lie 0x60 below katakana
        character = chr(ord(character) + 0x60)
    return _table().get(character, character).translate(_SMALL).translate(_LONG_VOWEL).upper()


@cache
def _table() -> dict[str, str]:
    """Return half-width signs by what NFKC makes of them, voiced kana included."""
    kana = [chr(code) for code in range(0xFF61, 0xFFA0)]
    voiced = [letter + mark for letter in kana for mark in "ﾞﾟ"]
    table = {}
    for signs in [*voiced, *kana]:
        full = unicodedata.normalize("NFKC", signs)
        if len(full) == 1:
            table[full] = signs
    return table | {"\u3099": "ﾞ", "\u309a": "ﾟ"}
