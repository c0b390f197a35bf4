"""Parts of merchants' claims on their way through settlement, as contracts take them: one word each.

    words = [claim.word for claim in sorted(claims)]        # ascending by merchant, as a batch has to be
    chunks(words)                                           # what `bounce` and `reopen` take

Amounts are points, 1 point = 1 yen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from eth_utils import keccak, to_checksum_address

CHUNK = 128
"""Claims of a batch whose hash the chain keeps together."""

MAX_CLAIMS = 10 * CHUNK
"""Claims that a batch holds at most: all of them are burned in one transaction."""

MAX_CLAIM_POINTS = 2**48 - 1
"""What both parts of a claim may come to together."""


class ClaimPart(NamedTuple):
    """Part of what one merchant is owed.

    Attributes:
        merchant: account (checksummed).
        this_year: earned in the fiscal year that the batch calls this one.
        earlier_years: earned before.
    """

    merchant: str
    this_year: int
    earlier_years: int = 0

    @property
    def points(self) -> int:
        """Both parts."""
        return self.this_year + self.earlier_years

    @property
    def word(self) -> int:
        """The claim as contracts take it (contracts/libraries/ClaimWord.sol draws it).

        Raises:
            ValueError: it is too large, or negative.
        """
        if min(self.this_year, self.earlier_years) < 0 or self.points > MAX_CLAIM_POINTS:
            raise ValueError(f"a claim is of 0 to {MAX_CLAIM_POINTS} points: {self}")
        return int(self.merchant, 16) << 96 | self.earlier_years << 48 | self.this_year

    @classmethod
    def of(cls, word: int) -> ClaimPart:
        """Return the claim that a word says."""
        mask = 2**48 - 1
        merchant = to_checksum_address((word >> 96).to_bytes(20, "big"))
        return cls(merchant, word & mask, word >> 48 & mask)


def chunk_hash(claims: Sequence[ClaimPart]) -> bytes:
    """Return the hash that the chain keeps of the claims of one chunk."""
    return bytes(keccak(b"".join(claim.word.to_bytes(32, "big") for claim in claims)))


def in_order(claims: Sequence[ClaimPart]) -> list[ClaimPart]:
    """Return claims as a batch has to have them: ascending by the number that a merchant's address is."""
    return sorted(claims, key=lambda claim: int(claim.merchant, 16))


def places_of(claims: Sequence[int]) -> dict[int, int]:
    """Return which bits stand for claims of a batch, by chunk.

    Args:
        claims: numbers of claims in the batch, from 0.
    """
    places: dict[int, int] = {}
    for claim in claims:
        places[claim // CHUNK] = places.get(claim // CHUNK, 0) | 1 << claim % CHUNK
    return places
