"""A step of the state machine as data: one call at one second, or time that passes without a call.

Because a step is data, a run can be repeated, cut short, and searched for its shortest failing part.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.japan_calendar import moment_label
from scripts.lib.reference_ledger import ReferenceLedger

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
        arguments: of the function; accounts as checksummed addresses.
    """

    verb: str
    time: int
    sender: str = ""
    function: str = ""
    arguments: tuple[Any, ...] = ()

    @property
    def accounts(self) -> list[str]:
        """The accounts that take part, each once."""
        found = {self.sender: None} if self.sender else {}
        for argument in self.arguments:
            for part in argument if isinstance(argument, tuple) else (argument,):
                if isinstance(part, str) and part.startswith("0x"):
                    found[part] = None
        return list(found)

    def describe(self, names: dict[str, str]) -> str:
        """Return the step as one line of a trace, accounts by name."""
        moment = moment_label(self.time).english
        if not self.function:
            return f"{moment}  {self.verb}"
        caller = names.get(self.sender, self.sender)
        return f"{moment}  {caller}: {self.function}({_plain(self.arguments, names)})"


def _plain(arguments: tuple[Any, ...], names: dict[str, str]) -> str:
    return ", ".join(
        f"[{_plain(argument, names)}]"
        if isinstance(argument, tuple)
        else names.get(str(argument), str(argument))
        for argument in arguments
    )


def apply(step: Step, ledger: ReferenceLedger) -> Any:
    """Let a step happen in the reference model; return what the model answers.

    Raises:
        Refused: the model refuses the call; time has passed all the same.
    """
    ledger.advance_to(step.time)
    if not step.function:
        return None
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
    "pause": lambda ledger, _, seconds: ledger.pause(seconds),
    "unpause": lambda ledger, _: ledger.unpause(),
}
