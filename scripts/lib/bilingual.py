"""A sentence in the two languages that officers, auditors and engineers read."""

from __future__ import annotations

from typing import NamedTuple


class Bilingual(NamedTuple):
    """The same statement in English and in Japanese; as text, one beside the other."""

    english: str
    japanese: str

    def __str__(self) -> str:
        return f"{self.english} / {self.japanese}"


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its English noun: 1 row, 2 rows."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def an(noun: str) -> str:
    """Return an English noun with its article: an Admin, a Cashier."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"
