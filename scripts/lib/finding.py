"""What an audit found: one thing on which accounts of the truth disagree."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """A figure on which the chain and other accounts of the truth disagree.

    Attributes:
        account: number, role or name of the account; "" if it concerns the series as a whole.
        address: 0x hex; "" likewise.
        figure: what differs, and when.
        says: who ("chain", "model", "events", ...) says what.
    """

    municipality: str
    account: str
    address: str
    figure: str
    says: dict[str, str]
