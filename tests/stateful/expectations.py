"""What the reference model leads one to expect of the token after a step: answers of views, and events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from scripts.lib.expiry_rule import NEVER
from scripts.lib.grant_issue import GrantIssue
from scripts.lib.grant_list import Row
from scripts.lib.japan_calendar import start_of
from scripts.lib.payment.issue import PaymentIssue
from scripts.lib.reference.ledger import (
    UNLIMITED,
    ZERO_ADDRESS,
    Carriage,
    ReferenceLedger,
    Refused,
    Restoration,
)
from scripts.lib.reference.sales import Lots, Refund, Terms
from tests.stateful.sale_steps import lot_words, lots_of_words, word_of
from tests.stateful.steps import REGISTRY_FUNCTIONS, Step
from tests.stateful.token_words import CONTRACT, REGISTRY, Question, word_lists, words


class View(NamedTuple):
    """A question to the token or the registry, and what is expected: ABI words without 0x, or a refusal."""

    function: str
    arguments: tuple[Question, ...]
    answer: str | Refused
    contract: str = CONTRACT


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
    yield View("takenBackBy", (account,), words(ledger.taken_back_by(account)))
    yield View("frozenOf", (account,), words(*ledger.frozen_of(account)))
    yield View("ownerOf", (account,), words(ledger.owner_of(account)))
    yield View("cancelEpochOf", (account,), words(ledger.sales.cancel_epoch_of(account)))


def views_of_membership(ledger: ReferenceLedger, account: str) -> Iterator[View]:
    """Yield what the registry of residents is asked about an account."""
    registry, about = ledger.residents, (ledger.residents.municipality, account)
    successor = registry.successor_of(account) or ZERO_ADDRESS
    yield View("everNumberOf", about, words(registry.ever_number_of(account)), REGISTRY)
    yield View("isKnown", about, words(registry.is_known(account)), REGISTRY)
    yield View("isBlocked", about, words(registry.is_blocked(account, ledger.now)), REGISTRY)
    yield View("isInherited", about, words(registry.is_inherited(account)), REGISTRY)
    yield View("successorOf", about, words(successor), REGISTRY)


def views_of_residents(ledger: ReferenceLedger) -> Iterator[View]:
    """Yield what the registry of residents is asked about every number."""
    registry = ledger.residents
    for number in registry.numbers():
        about = (registry.municipality, number)
        yield View("accountOf", about, words(registry.account_of(number)), REGISTRY)
        replacement = registry.replacement_of(number)
        under_way = (ZERO_ADDRESS, 0, 0, 0) if replacement is None else replacement[:4]
        yield View("replacementOf", about, words(*under_way), REGISTRY)


def views_of_tills(ledger: ReferenceLedger, pairs: Iterable[tuple[str, str]]) -> Iterator[View]:
    """Yield whether tills may take payments for merchants."""
    for merchant, till in pairs:
        yield View("isTill", (merchant, till), words(ledger.is_till(merchant, till)))


def views_of_sale(ledger: ReferenceLedger, merchant: str, sale: int) -> Iterator[View]:
    """Yield where a sale number stands."""
    yield View("saleOf", (merchant, sale), words(*ledger.sales.sale_of(merchant, sale)))


def view_of_terms(ledger: ReferenceLedger, merchant: str, terms: Terms) -> View:
    """Return why a payment could not be made now."""
    return View("issueOf", (merchant, word_of(terms)), words(ledger.sales.issue_of(merchant, terms)))


def views_of_terms(ledger: ReferenceLedger, merchant: str, terms: Terms) -> Iterator[View]:
    """Yield why a payment could not be made now: this one, and others that resemble it."""
    payer, sale, points, valid_until = terms
    for asked in (
        terms,
        terms._replace(payer=merchant),
        Terms(payer, sale ^ 1, points, valid_until),
        Terms(payer, sale ^ 1, max(1, points // 2), ledger.now),
        Terms(payer, sale, points ^ 1, ledger.now - 1),
    ):
        yield view_of_terms(ledger, merchant, asked)


def views_of_refund(ledger: ReferenceLedger, refund: tuple[Any, ...]) -> Iterator[View]:
    """Yield what a refund would give back: one with these arguments, and one of a point of the whole sale."""
    merchant, sale, payer, lots, _ = refund
    for asked in (refund, (merchant, sale, payer, lots, 1)):
        *about, _, points = asked
        answer: str | Refused
        try:
            answer = words(*ledger.sales.refund_of(*about, lots_of_words(lots), points))
        except Refused as refused:
            answer = refused
        yield View("refundOf", asked, answer)


def views_of_lots(ledger: ReferenceLedger, account: str) -> Iterator[View]:
    """Yield questions about an account whose answers follow from its lots."""
    lots = ledger.lots_of(account)
    for month in {ledger.month, *list(lots)[:2], *list(lots)[-2:], NEVER, UNLIMITED}:
        yield View("endingBefore", (account, month), words(ledger.ending_before(account, month)))
        yield View("balanceOfAtEpoch", (month, account), words(lots.get(month, 0)))


def views_of_month(ledger: ReferenceLedger, month: int) -> Iterator[View]:
    """Yield what is asked about a month, ended or not."""
    yield View("pointsEndingWith", (month,), words(ledger.points_ending_with(month)))
    yield View("restoredOf", (month,), words(ledger.restored_of(month)))


def views_of_series(ledger: ReferenceLedger) -> Iterator[View]:
    """Yield what is asked about the series after every step."""
    yield View("totalSupply", (), words(ledger.total_supply()))
    yield View("currentEpoch", (), words(ledger.month))
    yield View("pausedUntil", (), words(ledger.paused_until))
    yield View("policyExpiryMonth", (), words(ledger.policy_expiry_month()))
    yield View("expiryPolicy", (), words(*ledger.expiry_policy()))
    yield View("transferSwitches", (), words(*ledger.transfer_switches()))
    yield View("saleDays", (), words(*ledger.sales.sale_days()))


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


def events_of(step: Step, outcome: Any, ledger: ReferenceLedger, first_open_month: int) -> list[Announcement]:
    """Return the events that the token must have emitted in a step which has succeeded, in order.

    Left out are Lapsed and its Transfer to zero: when ended lots leave the books is up to the contract.

    Args:
        outcome: what the model answered.
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
        case "mintToResidents", (rows, total, month):
            return _mint_to_residents(sender, rows, total, month, dict(outcome), ledger)
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
            return [_event("MinterAllowanceSet", minter=minter, allowancePoints=allowance)]
        case "removeMinter", (minter,):
            _, minted = ledger.minter_of(minter)
            return [_event("MinterRemoved", minter=minter, mintedPoints=minted)]
        case "setExpiryPolicy", (rule, months):
            return [_event("ExpiryPolicySet", rule=rule, months=months)]
        case "setTransferSwitches", (residents, merchants):
            switches = {"betweenResidents": residents, "betweenMerchants": merchants}
            return [_event("TransferSwitchesSet", **switches)]
        case "approveMerchant", (merchant, category, name, place):
            shop = {"merchant": merchant, "category": category, "name": name, "place": place}
            return [_event("MerchantApproved", **shop)]
        case "suspendMerchant" | "closeMerchant", (merchant,):
            _, status, _ = ledger.merchant_of(merchant)
            return [_event("MerchantStatusSet", merchant=merchant, status=status)]
        case "replaceOwner", (merchant, owner):
            return [_event("MerchantOwnerSet", merchant=merchant, owner=owner)]
        case "setTill", (merchant, till, active):
            # The owner's own key serves whatever it says of itself.
            return [_event("TillSet", merchant=merchant, till=till, active=active or till == sender)]
        case "freeze" | "unfreeze", (account,):
            return [_event("FrozenSet", account=account, frozen=step.function == "freeze")]
        case "syncBlocked", (account,):
            return [_event("BlockedSet", account=account, blocked=ledger.frozen_of(account)[1])]
        case "carry", (account,):
            return _carry(account, outcome)
        case "extendLots", (month, to_month, _):
            return [
                _event("LotExtended", account=account, fromMonth=month, toMonth=to_month, amountPoints=points)
                for account, points in outcome
            ]
        case "restoreLots", (_, to_month, *_):
            return [event for restored in outcome for event in _restoration(restored, to_month)]
        case "revoke", (account, points, month):
            revoked = _event("Revoked", account=account, expiryMonth=month, amountPoints=points)
            return [revoked, _transfer(account, ZERO_ADDRESS, points)]
        case "pay", (merchant, sale, *_):
            return _payment(merchant, sale, sender, outcome)
        case "paySigned" | "payRelayed", (merchant, terms, *_):
            return _payment(merchant, terms.sale, terms.payer, outcome)
        case "payBatch", (merchant, payments, _):
            return [
                event
                for (terms, _), paid in zip(payments, outcome, strict=True)
                for event in _payment(merchant, terms.sale, terms.payer, paid)
            ]
        case "voidSale", (merchant, sale):
            return [_event("SaleVoided", merchant=merchant, sale=sale)]
        case "refund", (merchant, sale, payer, *_):
            return _refund(merchant, sale, payer, outcome)
        case "cancelSignatures", _:
            epoch = ledger.sales.cancel_epoch_of(sender)
            return [_event("SignaturesCancelled", account=sender, cancelEpoch=epoch)]
        case "setRefundDays", (days,):
            return [_event("RefundDaysSet", refundDays=days)]
        case "takeBack", (account, _, month):
            taken = {"minter": sender, "account": account, "expiryMonth": month, "amountPoints": outcome}
            return (
                [_event("TakenBack", **taken), _transfer(account, ZERO_ADDRESS, outcome)] if outcome else []
            )
        case "pause" | "unpause", _:
            return [_event("PausedUntil", untilTimestamp=ledger.paused_until)]
        case "", ():
            return []
        case function, _ if function in REGISTRY_FUNCTIONS:
            return []
    raise LookupError(f"no event is known of {step.function}")


def _mint(minter: str, receivers: Sequence[str], amounts: Sequence[int], month: int) -> list[Announcement]:
    minted = _event("Minted", minter=minter, expiryMonth=month, amountPoints=sum(amounts))
    transfers = [_transfer(ZERO_ADDRESS, to, points) for to, points in zip(receivers, amounts, strict=True)]
    return [minted, *transfers]


def _mint_to_residents(
    minter: str,
    rows: Sequence[int],
    total: int,
    month: int,
    skipped: dict[int, GrantIssue],
    ledger: ReferenceLedger,
) -> list[Announcement]:
    events = [_event("Minted", minter=minter, expiryMonth=month, amountPoints=total)]
    for place, (number, points) in enumerate(map(Row.of, rows)):
        if place in skipped:
            events.append(_event("MintSkipped", number=number, amountPoints=points, issue=skipped[place]))
        else:
            events.append(_transfer(ZERO_ADDRESS, ledger.residents.account_of(number), points))
    return events


def _carry(account: str, carriage: Carriage) -> list[Announcement]:
    events = []
    if carriage.freeze_passed:
        events.append(_event("FrozenSet", account=account, frozen=False))
        events.append(_event("FrozenSet", account=carriage.successor, frozen=True))
    if carriage.newly_blocked:
        events.append(_event("BlockedSet", account=account, blocked=True))
    moved = {"from": account, "to": carriage.successor, "amountPoints": carriage.points}
    return [*events, _event("Carried", **moved), _transfer(account, carriage.successor, carriage.points)]


def _restoration(restored: Restoration, to_month: int) -> list[Announcement]:
    account, month, points = restored
    told = _event("LotRestored", account=account, lapsedMonth=month, toMonth=to_month, amountPoints=points)
    return [told, _transfer(ZERO_ADDRESS, account, points)]


def _payment(merchant: str, sale: int, payer: str, paid: Lots | PaymentIssue) -> list[Announcement]:
    about = {"merchant": merchant, "sale": sale, "payer": payer}
    if isinstance(paid, PaymentIssue):
        return [_event("PaymentSkipped", **about, issue=paid)]
    words_ = [int(payer, 16) << 96 | sale << 64 | lot for lot in lot_words(paid)]
    told = [_event("SalePaid", merchant=merchant, payment=word) for word in words_]
    return [*told, _transfer(payer, merchant, sum(points for _, points in paid))]


def _refund(merchant: str, sale: int, payer: str, refund: Refund) -> list[Announcement]:
    about = {"merchant": merchant, "sale": sale}
    told = [
        _event("SaleRefunded", **about, receiver=refund.receiver, lot=word) for word in lot_words(refund.lots)
    ]
    if refund.unreturnable:
        told.append(_event("SaleUnreturnable", **about, payer=payer, amountPoints=refund.unreturnable))
    return [*told, _transfer(merchant, refund.receiver, refund.returned)]


def _transfer(sender: str, to: str, points: int) -> Announcement:
    return _event("Transfer", **{"from": sender, "to": to, "value": points})


def _event(event: str, /, **arguments: Any) -> Announcement:
    return Announcement(event, arguments)
