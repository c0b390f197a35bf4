"""A sentence in the two languages that officers, auditors and engineers read."""

from __future__ import annotations

from typing import NamedTuple


class Bilingual(NamedTuple):
    """The same statement in English and in Japanese; as text, one beside the other."""

    english: str
    japanese: str

    def __str__(self) -> str:
        return f"{self.english} / {self.japanese}"
