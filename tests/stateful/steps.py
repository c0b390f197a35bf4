"""A step of the state machine as data: one call at one second, or time that passes without a call.

Because a step is data, a run can be repeated, cut short, and searched for its shortest failing part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.grant_list import Row
from scripts.lib.japan_calendar import moment_label
from scripts.lib.reference.ledger import ReferenceLedger
from tests.stateful.sale_steps import SALE_FUNCTIONS, apply_sale
from tests.stateful.signatures import Flaw, Signature

TIME_PASSES = "time passes"

REGISTRY_FUNCTIONS = (
    "register",
    "startReplacement",
    "startInheritance",
    "cancelReplacement",
    "objectToReplacement",
    "completeReplacement",
    "closeMembership",
    "reopenMembership",
)
"""Functions of ResidentRegistry; a step leaves out the municipality, the commitments and the signatures."""


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
        verb: what the step is counted as, e.g. "payment" or "transfer to oneself".
        time: when it happens, in Unix seconds.
        sender: account that calls; "" if nobody does.
        function: of MunicipalPoint or ResidentRegistry; "" if time passes and nothing else happens.
        arguments: of the function; accounts as checksummed addresses, signatures as what is signed.
        gas: what the call may use; None if it is all that any transaction of the project may use.
    """

    verb: str
    time: int
    sender: str = ""
    function: str = ""
    arguments: tuple[Any, ...] = ()
    gas: int | None = None

    @property
    def accounts(self) -> list[str]:
        """The accounts that take part, each once."""
        sender = [self.sender] if self.sender else []
        return list(dict.fromkeys([*sender, *_accounts(self.arguments)]))

    def describe(self, names: dict[str, str]) -> str:
        """Return the step as one line of a trace, accounts by name."""
        moment = moment_label(self.time).english
        if not self.function:
            return f"{moment}  {self.verb}"
        caller = names.get(self.sender, self.sender)
        gas = "" if self.gas is None else f" with {self.gas:,} gas"
        return f"{moment}  {caller}: {self.function}({_plain(self.arguments, names)}){gas}"


def _accounts(arguments: tuple[Any, ...]) -> Iterator[str]:
    for argument in arguments:
        if isinstance(argument, tuple):
            yield from _accounts(argument)
        elif isinstance(argument, str) and argument.startswith("0x"):
            yield argument


def _plain(arguments: tuple[Any, ...], names: dict[str, str]) -> str:
    return ", ".join(_plain_one(argument, names) for argument in arguments)


def _plain_one(argument: Any, names: dict[str, str]) -> str:
    match argument:
        case tuple():
            return f"[{_plain(argument, names)}]"
        case Signature(message, signer, flaw):
            kind, signer = type(message).__name__, names.get(signer, signer)
            spoilt = "" if flaw == Flaw.NONE else f", {flaw.name}"
            return f"{signer}'s signature of {kind}({_plain(tuple(message), names)}){spoilt}"
    return names.get(str(argument), str(argument))


def apply(step: Step, ledger: ReferenceLedger) -> Any:
    """Let a step happen in the reference model; return what the model answers.

    Raises:
        Refused: the model refuses the call; time has passed all the same.
    """
    ledger.advance_to(step.time)
    if not step.function:
        return None
    if step.function in SALE_FUNCTIONS:
        return apply_sale(step.function, step.sender, step.arguments, ledger)
    if step.function in REGISTRY_FUNCTIONS:
        return _IN_THE_REGISTRY[step.function](ledger.residents, step.sender, ledger.now, *step.arguments)
    return _IN_THE_LEDGER[step.function](ledger, step.sender, *step.arguments)


_IN_THE_REGISTRY: dict[str, Callable[..., Any]] = {
    "register": lambda registry, _, __, accounts: registry.register(accounts),
    "startReplacement": lambda registry, _, now, number, new: registry.start_replacement(number, new, now),
    "startInheritance": lambda registry, _, now, number, heir: registry.start_inheritance(number, heir, now),
    "cancelReplacement": lambda registry, _, __, number: registry.cancel_replacement(number),
    "objectToReplacement": lambda registry, sender, now, number: registry.object_to_replacement(
        sender, number, now
    ),
    "completeReplacement": lambda registry, _, now, number: registry.complete_replacement(number, now),
    "closeMembership": lambda registry, _, __, number: registry.close_membership(number),
    "reopenMembership": lambda registry, _, __, number: registry.reopen_membership(number),
}

# How the model names each function. Officers' calls do not name the officer: the model knows no roles.
_IN_THE_LEDGER: dict[str, Callable[..., Any]] = {
    "mint": lambda ledger, sender, to, points: ledger.mint(sender, to, points),
    "mintUntil": lambda ledger, sender, to, points, month: ledger.mint(sender, to, points, month),
    "mintBatch": ReferenceLedger.mint_batch,
    "mintToResidents": lambda ledger, sender, rows, *arguments: ledger.mint_to_residents(
        sender, [Row.of(packed) for packed in rows], *arguments
    ),
    "transfer": ReferenceLedger.transfer,
    "transferFrom": ReferenceLedger.transfer_from,
    "transferAtEpoch": ReferenceLedger.transfer_at_epoch,
    "transferFromAtEpoch": ReferenceLedger.transfer_from_at_epoch,
    "approve": ReferenceLedger.approve,
    "increaseAllowance": ReferenceLedger.increase_allowance,
    "decreaseAllowance": ReferenceLedger.decrease_allowance,
    "recordLapse": lambda ledger, _, accounts: ledger.record_lapse(accounts),
    "increaseMinterAllowance": lambda ledger, _, minter, by: ledger.increase_minter_allowance(minter, by),
    "decreaseMinterAllowance": lambda ledger, _, minter, by: ledger.decrease_minter_allowance(minter, by),
    "removeMinter": lambda ledger, _, minter: ledger.remove_minter(minter),
    "setExpiryPolicy": lambda ledger, _, rule, months: ledger.set_expiry_policy(ExpiryRule(rule), months),
    "setTransferSwitches": lambda ledger, _, residents, merchants: ledger.set_transfer_switches(
        residents, merchants
    ),
    "approveMerchant": lambda ledger, _, merchant, category, *__: ledger.approve_merchant(merchant, category),
    "suspendMerchant": lambda ledger, _, merchant: ledger.suspend_merchant(merchant),
    "closeMerchant": lambda ledger, _, merchant: ledger.close_merchant(merchant),
    "replaceOwner": lambda ledger, _, merchant, owner: ledger.replace_owner(merchant, owner),
    "setTill": ReferenceLedger.set_till,
    "freeze": lambda ledger, _, account: ledger.freeze(account),
    "unfreeze": lambda ledger, _, account: ledger.unfreeze(account),
    "syncBlocked": lambda ledger, _, account: ledger.sync_blocked(account),
    "carry": lambda ledger, _, account: ledger.carry(account),
    "extendLots": lambda ledger, _, *arguments: ledger.extend_lots(*arguments),
    "restoreLots": lambda ledger, _, *arguments: ledger.restore_lots(*arguments),
    "revoke": lambda ledger, _, *arguments: ledger.revoke(*arguments),
    "takeBack": ReferenceLedger.take_back,
    "pause": lambda ledger, _, seconds: ledger.pause(seconds),
    "unpause": lambda ledger, _: ledger.unpause(),
}
