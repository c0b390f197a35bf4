"""What is sent, what comes of it, and how sending fails: the words between a sender and whoever uses it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from scripts.lib.contract_abi import Revert
from scripts.lib.keys.keyring import KeyringError


class Transaction(NamedTuple):
    """Something to send.

    Attributes:
        sender: checksum address; the keyring signs for it.
        to: contract address, or None to create a contract.
        gas: limit.
        row: where it comes from, for the message if it fails, e.g. "payments.csv line 12".
        intent: what it is for, in small letters, digits and hyphens, e.g. "line-12". Of one name in a
            journal, one succeeds; "" if the contract itself does nothing twice.
    """

    sender: str
    to: str | None
    data: bytes
    gas: int
    row: str
    intent: str = ""


class Receipt(NamedTuple):
    """What became of a transaction that succeeded.

    Attributes:
        hash: of the transaction (0x hex).
        gas_used: None where nobody asked for the node's receipt: it is in that block, and the chain shows
            done what it is for.
        contract: address of the created contract (0x hex); None for a call.
    """

    hash: str
    block: int
    gas_used: int | None
    contract: str | None
    row: str


class Failure(NamedTuple):
    """A transaction that the chain carried out and reverted, or that the node refused to take."""

    row: str
    sender: str
    reason: str
    revert: Revert | None


class SendError(Exception):
    """Some transactions did not succeed; all others of the same call did.

    Attributes:
        failures: one for each, in the order of what was sent.
        receipts: of the others.
    """

    def __init__(self, failures: list[Failure], receipts: Sequence[Receipt] = ()) -> None:
        self.failures = failures
        self.receipts = list(receipts)
        lines = [f"{failure.row}: {failure.reason} (from {failure.sender})" for failure in failures]
        super().__init__("\n".join([f"{len(failures)} transactions failed:", *lines]))


class StalledError(Exception):
    """Transactions were sent, again and again, and no receipt came; or the node does not answer."""


class WrongChainError(KeyringError):
    """Another chain, or other contracts, than those that are meant: nothing is signed for them."""
