"""Rebuilds memberships from the events of ResidentRegistry alone, and notices what cannot be.

Memberships are told by the municipality's code and the resident number; times are Unix seconds.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from scripts.lib.node.event_log import Event
from scripts.lib.replays.error import ReplayError, unknown

LONG_DELAY_SECONDS = 14 * 24 * 60 * 60
"""How long an account stays blocked after its old key has objected."""


class Move(NamedTuple):
    """A membership's move to another account that is under way; `heir` 0: of the same person."""

    new_account: str
    ready_at: int
    heir: int


@dataclass
class Membership:
    """One resident of one municipality."""

    account: str
    commitment: bytes
    key_version: int
    closed: bool = False
    move: Move | None = None
    objected_at: int = 0
    """When the old key stopped a replacement; 0 if it did not."""


@dataclass
class ResidentsReplay:
    """The memberships of the whole platform as their events tell it.

    Attributes:
        memberships: by municipality and resident number.
        successors: by municipality and replaced account, its next one.
        departure_policies: by municipality.
        numbers: of every account that is or was a resident's, by municipality and account.
    """

    memberships: dict[tuple[int, int], Membership] = field(default_factory=dict)
    successors: dict[tuple[int, str], str] = field(default_factory=dict)
    departure_policies: dict[int, int] = field(default_factory=dict)
    numbers: dict[tuple[int, str], int] = field(default_factory=dict)
    _counts: Counter[int] = field(default_factory=Counter)
    _commitments: set[tuple[int, bytes]] = field(default_factory=set)

    def apply(self, event: Event) -> None:
        """Take in the next event.

        Raises:
            ReplayError: it contradicts the events before it.
        """
        a = event.arguments
        match event.name:
            case "ResidentRegistered":
                self._register(event, a["municipality"], a["number"])
            case "CommitmentRotated":
                self._rotate(event, self._open(event))
            case "ReplacementStarted":
                self._start(event, self._open(event))
            case "ReplacementStopped":
                membership = self._open(event)
                if membership.move is None:
                    raise ReplayError(event, "nothing was under way")
                membership.move = None
                if a["byOldKey"]:
                    membership.objected_at = event.time
            case "AccountReplaced":
                self._replace(event, a["municipality"], a["oldAccount"], a["newAccount"])
            case "MembershipClosed":
                self._open(event).closed = True
                self._commitments.discard((a["municipality"], self._known(event).commitment))
            case "MembershipReopened":
                self._reopen(event, self._known(event))
            case "DeparturePolicySet":
                self.departure_policies[a["municipality"]] = a["policy"]
            case "EIP712DomainChanged":
                raise ReplayError(event, "the domain never changes")
            case _:
                raise unknown(event)

    def account_of(self, municipality: int, number: int) -> str | None:
        """Return the account of a resident; None if there is none, or none any more."""
        membership = self.memberships.get((municipality, number))
        return None if membership is None or membership.closed else membership.account

    def successor_of(self, municipality: int, account: str) -> str | None:
        """Return where a replaced account's points go in the end; None if it was not replaced."""
        successor = self.successors.get((municipality, account))
        while successor is not None and (municipality, successor) in self.successors:
            successor = self.successors[municipality, successor]
        return successor

    def count(self, municipality: int) -> int:
        """Return how many residents were ever registered."""
        return self._counts[municipality]

    def is_blocked(self, municipality: int, account: str, time: int) -> bool:
        """Whether nothing may leave or enter an account for what the registry knows, at a second."""
        number = self.numbers.get((municipality, account))
        if number is None:
            return False
        its = self.memberships[municipality, number]
        objecting = its.objected_at != 0 and time < its.objected_at + LONG_DELAY_SECONDS
        return its.account != account or its.closed or its.move is not None or objecting

    def _register(self, event: Event, municipality: int, number: int) -> None:
        a = event.arguments
        if number != self._counts[municipality] + 1:
            raise ReplayError(event, f"the next number is {self._counts[municipality] + 1}")
        self._take_commitment(event, municipality, a["commitment"])
        self._take_account(event, municipality, a["account"], number)
        self._counts[municipality] = number
        self.memberships[municipality, number] = Membership(a["account"], a["commitment"], a["keyVersion"])

    def _rotate(self, event: Event, membership: Membership) -> None:
        a = event.arguments
        if a["keyVersion"] <= membership.key_version:
            raise ReplayError(event, f"the key version was {membership.key_version}")
        self._take_commitment(event, a["municipality"], a["commitment"])
        membership.commitment, membership.key_version = a["commitment"], a["keyVersion"]

    def _start(self, event: Event, membership: Membership) -> None:
        a = event.arguments
        if membership.move is not None:
            raise ReplayError(event, f"another move is under way: {membership.move}")
        if a["oldAccount"] != membership.account:
            raise ReplayError(event, f"the account is {membership.account}")
        if a["readyAt"] <= event.time:
            raise ReplayError(event, "it has no delay")
        membership.move = Move(a["newAccount"], a["readyAt"], a["heirNumber"])

    def _replace(self, event: Event, municipality: int, old: str, new: str) -> None:
        a = event.arguments
        membership = self._known(event)
        move, membership.move = membership.move, None
        if move is None or old != membership.account or event.time < move.ready_at:
            raise ReplayError(event, f"no such move was ready: {move} of {membership.account}")
        if membership.closed != (move.heir != 0):
            raise ReplayError(event, "the membership ends if, and only if, somebody inherits")
        expected = self.account_of(municipality, move.heir) if move.heir else move.new_account
        if new != expected:
            raise ReplayError(event, f"it should have moved to {expected}")
        if not move.heir:
            self._take_account(event, municipality, new, a["number"])
            membership.account, membership.objected_at = new, 0
        self.successors[municipality, old] = new

    def _reopen(self, event: Event, membership: Membership) -> None:
        municipality = event.arguments["municipality"]
        if not membership.closed or (municipality, membership.account) in self.successors:
            raise ReplayError(event, "the membership was open, or somebody has inherited")
        self._take_commitment(event, municipality, membership.commitment)
        membership.closed, membership.move = False, None

    def _take_account(self, event: Event, municipality: int, account: str, number: int) -> None:
        if (municipality, account) in self.numbers:
            raise ReplayError(event, "the account is or was a resident's")
        self.numbers[municipality, account] = number

    def _take_commitment(self, event: Event, municipality: int, commitment: bytes) -> None:
        if (municipality, commitment) in self._commitments:
            raise ReplayError(event, "the person has a membership")
        self._commitments.add((municipality, commitment))

    def _known(self, event: Event) -> Membership:
        key: tuple[Any, Any] = (event.arguments["municipality"], event.arguments["number"])
        if key not in self.memberships:
            raise ReplayError(event, "no such resident")
        return self.memberships[key]

    def _open(self, event: Event) -> Membership:
        membership = self._known(event)
        if membership.closed:
            raise ReplayError(event, "the membership had ended")
        return membership
