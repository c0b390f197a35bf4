"""What acts of officers cost, with the offices that they take, and what residents' accounts cost.

An act that takes two officers is two transactions. A row named after such an act is the second officer's,
which approves and executes it; the first one's is the row `…_proposal`. Nothing of the peer compares.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils import keccak

from scripts.lib.acts import NO_DOCUMENT
from scripts.lib.gas.figures import GAS_PER_ACCOUNT, Figure
from scripts.lib.gas.meter import CHAIN_ID, MeteredContract
from scripts.lib.gas.tokens import (
    DESK_OFFICER,
    MERCHANT_OFFICER,
    MUNICIPALITY,
    SECOND_DESK_OFFICER,
    OurToken,
)
from scripts.lib.gas.town import END_OF_THIS_FISCAL_YEAR, LOT_POINTS, MONTH, Town, consecutive
from scripts.lib.reasons import Reason
from scripts.lib.registration import Registration, RegistrationDomain, sign

ACCOUNTS = 100
KEY_VERSION = 1


class Decision(NamedTuple):
    """The gas of the two transactions of an act that takes two officers."""

    proposal: int
    approval: int


@dataclass(frozen=True)
class Office:
    """The municipality's officers at work, as people: each through Officers with a key of their own."""

    officers: MeteredContract

    def perform(self, officer: str, target: MeteredContract, function: str, *arguments: Any) -> int:
        """Do what one officer may do; return the gas."""
        return self._begin("perform", officer, target, target.calldata(function, *arguments))

    def decide(self, target: MeteredContract, function: str, *arguments: Any) -> Decision:
        """Do what the desk and its second officer may do, at once when it is approved."""
        data = target.calldata(function, *arguments)
        proposal = self._begin("propose", DESK_OFFICER, target, data)
        number = self.officers.read("proposalCount")
        return Decision(proposal, self.officers.send("approve", number, data, sender=SECOND_DESK_OFFICER))

    def _begin(self, step: str, officer: str, target: MeteredContract, data: bytes) -> int:
        return self.officers.send(
            step, MUNICIPALITY, target.address, data, Reason.ROUTINE, NO_DOCUMENT, sender=officer
        )


def act_figures(town: Town, ours: OurToken) -> Iterator[Figure]:
    """Measure acts on the series and on memberships."""
    office = Office(ours.officers)
    yield from _acts(town, ours, office)
    yield from _new_residents(town, ours, office)
    yield from _replacements(town, ours, office)
    yield from _extension(town, ours, office)
    yield from _restoration(town, ours, office)


def _acts(town: Town, ours: OurToken, office: Office) -> Iterator[Figure]:
    """Measure an act of one officer, the approval of a merchant, and one of two, the end of a freeze."""
    with town.undone():
        shop = (town.newcomer(), 1, "八百屋", "本町1-1")
        yield Figure(
            "act_perform", office.perform(MERCHANT_OFFICER, ours.contract, "approveMerchant", *shop), None
        )
    with town.undone():
        account = town.resident([END_OF_THIS_FISCAL_YEAR])
        yield Figure("freeze", office.perform(DESK_OFFICER, ours.contract, "freeze", account), None)
        unfreeze = office.decide(ours.contract, "unfreeze", account)
        yield Figure("act_propose", unfreeze.proposal, None)
        yield Figure("act_approve", unfreeze.approval, None)


def _new_residents(town: Town, ours: OurToken, office: Office) -> Iterator[Figure]:
    """Measure how residents join a municipality that has some already."""
    with town.undone():
        _register(ours, office, [0])
        yield from _per_account("register_residents", _register(ours, office, range(1, ACCOUNTS + 1)))


def _replacements(town: Town, ours: OurToken, office: Office) -> Iterator[Figure]:
    """Measure the move of a membership to a new account, and of the lots after it."""
    number, new_person = 1, 2
    for lots in (1, 24):
        with town.undone():
            _register(ours, office, [1])
            account = _key(1).address
            for month in consecutive(lots):
                town.grant(account, month)
            joining = _registration_of(ours, new_person, commitment_of=1)
            start = office.decide(
                ours.residents,
                "startReplacement",
                MUNICIPALITY,
                number,
                joining.account,
                joining.signature,
            )
            _, ready_at, _, _ = ours.residents.read("replacementOf", MUNICIPALITY, number)
            town.meter.chain.mine_at(ready_at)
            complete = ours.residents.send("completeReplacement", MUNICIPALITY, number, sender=account)
            carry = ours.contract.send("carry", account, sender=account)
            if lots == 1:
                yield Figure("replacement_start", start.approval, None)
                yield Figure("replacement_start_proposal", start.proposal, None)
                yield Figure("replacement_complete", complete, None)
            yield Figure(f"carry_lots_{lots}", carry, None)


def _extension(town: Town, ours: OurToken, office: Office) -> Iterator[Figure]:
    """Measure the extension of the earlier of two lots, into a month of which the account holds none."""
    with town.undone():
        accounts = [town.resident([MONTH, END_OF_THIS_FISCAL_YEAR]) for _ in range(ACCOUNTS)]
        yield from _per_account(
            "extend_lots", office.decide(ours.contract, "extendLots", MONTH, MONTH + 1, accounts)
        )


def _restoration(town: Town, ours: OurToken, office: Office) -> Iterator[Figure]:
    """Measure how lots that have ended come back into another lot that the account holds."""
    with town.undone():
        accounts = [town.resident([MONTH, END_OF_THIS_FISCAL_YEAR]) for _ in range(ACCOUNTS)]
        town.wait_until(MONTH + 1)
        points = [LOT_POINTS] * ACCOUNTS
        yield from _per_account(
            "restore_lots",
            office.decide(ours.contract, "restoreLots", MONTH, END_OF_THIS_FISCAL_YEAR, accounts, points),
        )


def _per_account(name: str, decision: Decision) -> Iterator[Figure]:
    yield Figure(name, decision.approval / ACCOUNTS, None, GAS_PER_ACCOUNT)
    yield Figure(f"{name}_proposal", decision.proposal / ACCOUNTS, None, GAS_PER_ACCOUNT)


def _register(ours: OurToken, office: Office, people: Sequence[int]) -> Decision:
    joining = [_registration_of(ours, person, commitment_of=person) for person in people]
    return office.decide(ours.residents, "register", MUNICIPALITY, KEY_VERSION, joining)


def _registration_of(ours: OurToken, person: int, *, commitment_of: int) -> Registration:
    domain = RegistrationDomain(CHAIN_ID, ours.residents.address)
    return sign(domain, MUNICIPALITY, _key(person), keccak(text=f"commitment {commitment_of}"))


def _key(person: int) -> LocalAccount:
    """Return a person's key, always the same, so that signatures are too."""
    key: LocalAccount = Account.from_key(keccak(text=f"person {person}"))
    return key
