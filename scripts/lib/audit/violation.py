"""One thing that is not as it should be, named so that somebody else can look it up."""

from __future__ import annotations

from typing import NamedTuple

from scripts.lib.audit.breaches import UNKNOWN_EVENT, Breach, breach_of
from scripts.lib.audit.departure import Departure
from scripts.lib.bilingual import Bilingual
from scripts.lib.node.event_log import Event
from scripts.lib.replays.everything import ZERO_ADDRESS, ReplayError

DATASET, CHAIN, CODE = "dataset", "chain", "code"
"""What is broken, where it is no invariant: the files, the agreement with the chain, a contract's code."""

_WHO = ("account", "merchant", "payer", "from", "to", "newAccount", "receiver", "minter", "proposer",
        "approver", "actor", "by", "service")  # fmt: skip


class Violation(NamedTuple):
    """What an audit found.

    Attributes:
        breaks: an invariant ("I7"), or DATASET, CHAIN or CODE.
        contract: which tells of it or answers; "" if none.
        transaction: 0x hex; "" if it is none's, as of a file, or of storage that was written without one.
        account: whom it is about: an address, or what else tells it apart; "" if it is the whole.
        facts: the figures.
        block: 0 if it is about the last one.
        departure: since when the chain answers otherwise; None where it is events that contradict each other.
        sender: of the transaction, 0x hex; "" as long as no node has told it.
        story: who did what, when, where, and what came of it; empty as long as nobody has told it.
    """

    breaks: str
    what: Bilingual
    contract: str = ""
    transaction: str = ""
    account: str = ""
    facts: str = ""
    block: int = 0
    departure: Departure | None = None
    sender: str = ""
    story: Bilingual = Bilingual("", "")

    def since(self, departure: Departure) -> Violation:
        """Return it with where the chain left the events, and the transaction that can have done it."""
        sent = departure.transactions
        return self._replace(
            departure=departure, block=departure.block, transaction=sent[0].hash if sent else ""
        )


def contradiction(error: ReplayError) -> Violation:
    """Return the violation that a replay's error is."""
    event = error.event
    breach = breach_of(error.why) or UNKNOWN_EVENT
    told = ", ".join(f"{name} {_text(value)}" for name, value in event.arguments.items())
    return at_event(event, breach, f"{event.name} ({told}): {error.why}")


def at_event(event: Event, breach: Breach, facts: str) -> Violation:
    """Return a violation that an event tells of."""
    return Violation(
        breach.invariant or CHAIN,
        breach.what,
        event.address,
        event.transaction,
        _who(event),
        facts,
        event.block,
    )


def _who(event: Event) -> str:
    """Return the account that an event is about: the first that it names."""
    accounts = (event.arguments.get(name) for name in _WHO)
    return next((account for account in accounts if account and account != ZERO_ADDRESS), "")


def _text(value: object) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)
