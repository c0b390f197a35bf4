"""Signatures of payments and sales as data: what is signed, with whose key, and what is wrong with it.

A step holds what somebody has signed; the bytes are made when the step is played, because the chain that they
are good for comes into being with the run.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from eth_keys.constants import SECPK1_N

from scripts.lib.payment.signing import (
    NO_SIGNATURE,
    CompactSignature,
    Payment,
    Sale,
    Sales,
    SeriesDomain,
    sign,
)
from tests.stateful.cards import key_of


class Flaw(Enum):
    """What is wrong with a signature, whatever it says."""

    NONE = auto()
    OTHER_CHAIN = auto()
    OTHER_SERIES = auto()
    HIGH_S = auto()  # the other of the two that say the same
    OTHER_PARITY = auto()
    TRUNCATED = auto()
    EMPTY = auto()


@dataclass(frozen=True)
class Signature:
    """What somebody has signed.

    Attributes:
        signer: whose key signs; the account that a contract account obeys, if that is the payer.
    """

    message: Payment | Sale | Sales
    signer: str
    flaw: Flaw = Flaw.NONE

    def compact(self, domain: SeriesDomain) -> CompactSignature:
        """Return r and vs as the series takes them, which are 32 bytes each whatever is wrong."""
        match self.flaw:
            case Flaw.OTHER_CHAIN:
                domain = domain._replace(chain_id=domain.chain_id + 1)
            case Flaw.OTHER_SERIES:
                domain = domain._replace(series=self.signer)
        r, vs = sign(domain, self.message, key_of(self.signer))
        parity, s = divmod(int.from_bytes(vs, "big"), 2**255)
        match self.flaw:
            case Flaw.HIGH_S:
                return CompactSignature(r, _vs(SECPK1_N - s, 1 - parity))
            case Flaw.OTHER_PARITY:
                return CompactSignature(r, _vs(s, 1 - parity))
            case Flaw.TRUNCATED:
                return CompactSignature(r, bytes(1) + vs[:-1])
            case Flaw.EMPTY:
                return NO_SIGNATURE
        return CompactSignature(r, vs)


def _vs(s: int, parity: int) -> bytes:
    """Return s with the parity in the highest bit, where a high s may have one of its own."""
    return (s | parity << 255).to_bytes(32, "big")
