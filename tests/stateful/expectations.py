"""What the reference model leads one to expect of the token after a step: answers of views, and events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from scripts.lib.expiry_rule import NEVER
from scripts.lib.japan_calendar import start_of
from scripts.lib.reference_ledger import UNLIMITED, ZERO_ADDRESS, ReferenceLedger
from tests.stateful.steps import Step
from tests.stateful.token_words import word_lists, words


class View(NamedTuple):
    """A question to the token, and the answer expected, in ABI words without 0x."""

    function: str
    arguments: tuple[int | str, ...]
    answer: str


class Announcement(NamedTuple):
    """An event expected: its name, and its arguments by name."""

    event: str
    arguments: dict[str, Any]


def views_of_account(ledger: ReferenceLedger, account: str) -> Iterator[View]:
    """Yield what is asked about every account that took part in a step."""
    lots = ledger.lots_of(account)
    yield View("lotsOf", (account,), word_lists(list(lots), list(lots.values())))
    yield View("balanceOf", (account,), words(ledger.balance_of(account)))
    yield View("claimOf", (account,), words(*ledger.claim_of(account)))
    yield View("merchantOf", (account,), words(*ledger.merchant_of(account)))
    yield View("minterOf", (account,), words(*ledger.minter_of(account)))


def views_of_lots(ledger: ReferenceLedger, account: str) -> Iterator[View]:
    """Yield questions about an account whose answers follow from its lots."""
    lots = ledger.lots_of(account)
    for month in {ledger.month, *list(lots)[:2], *list(lots)[-2:], NEVER, UNLIMITED}:
        yield View("endingBefore", (account, month), words(ledger.ending_before(account, month)))
        yield View("balanceOfAtEpoch", (month, account), words(lots.get(month, 0)))


def views_of_month(ledger: ReferenceLedger, month: int) -> Iterator[View]:
    """Yield what is asked about a month, ended or not."""
    yield View("pointsEndingWith", (month,), words(ledger.points_ending_with(month)))


def views_of_series(ledger: ReferenceLedger) -> Iterator[View]:
    """Yield what is asked about the series after every step."""
    yield View("totalSupply", (), words(ledger.total_supply()))
    yield View("currentEpoch", (), words(ledger.month))
    yield View("pausedUntil", (), words(ledger.paused_until))
    yield View("policyExpiryMonth", (), words(ledger.policy_expiry_month()))
    yield View("expiryPolicy", (), words(*ledger.expiry_policy()))
    yield View("transferSwitches", (), words(*ledger.transfer_switches()))


def views_of_calendar(ledger: ReferenceLedger) -> Iterator[View]:
    """Yield ERC-7818's questions about epochs."""
    month = ledger.month
    end = ledger.policy_expiry_month()
    yield View("epochLength", (), words(start_of(month + 1) - start_of(month)))
    yield View("validityDuration", (), words(UNLIMITED if end == NEVER else max(0, end - month + 1)))
    yield View("isEpochExpired", (month - 1,), words(True))
    yield View("isEpochExpired", (month,), words(False))


def views_of_allowances(ledger: ReferenceLedger, pairs: Iterable[tuple[str, str]]) -> Iterator[View]:
    """Yield what spenders may move of owners' points."""
    for owner, spender in pairs:
        yield View("allowance", (owner, spender), words(ledger.allowance(owner, spender)))


def events_of(step: Step, ledger: ReferenceLedger, first_open_month: int) -> list[Announcement]:
    """Return the events that a step which has succeeded must have emitted, in order.

    Left out are Lapsed and its Transfer to zero: when ended lots leave the books is up to the contract.

    Args:
        ledger: after the step.
        first_open_month: the month after the last one that was closed before the step.
    """
    sender = step.sender
    match step.function, step.arguments:
        case "mint", (to, points):
            return _mint(sender, [to], [points], ledger.policy_expiry_month())
        case "mintUntil", (to, points, month):
            return _mint(sender, [to], [points], month)
        case "mintBatch", (receivers, amounts, month):
            return _mint(sender, receivers, amounts, month)
        case "transfer", (to, points):
            return [_transfer(sender, to, points)]
        case "transferFrom", (owner, to, points):
            return [_transfer(owner, to, points)]
        case "transferAtEpoch", (_, to, points):
            return [_transfer(sender, to, points)]
        case "transferFromAtEpoch", (_, owner, to, points):
            return [_transfer(owner, to, points)]
        case "approve" | "increaseAllowance" | "decreaseAllowance", (spender, _):
            return [
                _event("Approval", owner=sender, spender=spender, value=ledger.allowance(sender, spender))
            ]
        case "recordLapse", _:
            return [
                _event("MonthClosed", month=month, amountPoints=ledger.points_ending_with(month))
                for month in range(first_open_month, ledger.month)
            ]
        case "increaseMinterAllowance" | "decreaseMinterAllowance", (minter, _):
            allowance, _ = ledger.minter_of(minter)
            return [_event("MinterAllowanceSet", minter=minter, allowancePoints=allowance, officer=sender)]
        case "removeMinter", (minter,):
            _, minted = ledger.minter_of(minter)
            return [_event("MinterRemoved", minter=minter, mintedPoints=minted, officer=sender)]
        case "setExpiryPolicy", (rule, months):
            return [_event("ExpiryPolicySet", rule=rule, months=months, officer=sender)]
        case "setTransferSwitches", (residents, merchants):
            switches = {"betweenResidents": residents, "betweenMerchants": merchants}
            return [_event("TransferSwitchesSet", **switches, officer=sender)]
        case "approveMerchant", (merchant, category, name, place):
            shop = {"merchant": merchant, "category": category, "name": name, "place": place}
            return [_event("MerchantApproved", **shop, officer=sender)]
        case "suspendMerchant" | "closeMerchant", (merchant,):
            _, status, _ = ledger.merchant_of(merchant)
            return [_event("MerchantStatusSet", merchant=merchant, status=status, officer=sender)]
        case "pause" | "unpause", _:
            return [_event("PausedUntil", untilTimestamp=ledger.paused_until, officer=sender)]
        case "", ():
            return []
    raise LookupError(f"no event is known of {step.function}")


def _mint(minter: str, receivers: Sequence[str], amounts: Sequence[int], month: int) -> list[Announcement]:
    minted = _event("Minted", minter=minter, expiryMonth=month, amountPoints=sum(amounts))
    transfers = [_transfer(ZERO_ADDRESS, to, points) for to, points in zip(receivers, amounts, strict=True)]
    return [minted, *transfers]


def _transfer(sender: str, to: str, points: int) -> Announcement:
    return _event("Transfer", **{"from": sender, "to": to, "value": points})


def _event(event: str, /, **arguments: Any) -> Announcement:
    return Announcement(event, arguments)
