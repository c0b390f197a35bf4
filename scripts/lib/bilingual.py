"""A sentence in the two languages that officers, auditors and engineers read."""

from __future__ import annotations

from typing import NamedTuple


class Bilingual(NamedTuple):
    """The same statement in English and in Japanese; as text, one beside the other."""

    english: str
    japanese: str

    def __str__(self) -> str:
        return f"{self.english} / {self.japanese}"


def counted(count: int, noun: str) -> str:
    """Return how many of them there are in English: "1 violation", "1,200 violations"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
