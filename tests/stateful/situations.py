"""What else a step that succeeded has shown, besides its verb: situations of sales that must have come up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scripts.lib.japan_calendar import day_of, fiscal_year_end, month_of, start_of_day
from scripts.lib.payment.issue import PaymentIssue
from scripts.lib.payment.sale_number import day_of_sale, serial_of_sale
from scripts.lib.payment.signing import MAX_PAYMENT_POINTS
from scripts.lib.reference.ledger import MerchantStatus, ReferenceLedger
from scripts.lib.reference.sales import Lots, Refund
from tests.stateful.steps import Step
from tests.stateful.wallets import WALLETS

SKIPPED = tuple(
    f"skipped in a batch: {issue.name}"
    for issue in PaymentIssue
    if PaymentIssue.NONE < issue < PaymentIssue.MERCHANT_NOT_ACTIVE
)

SITUATIONS = (
    *SKIPPED,
    "paid from several lots",
    "paid 1 point",
    "paid the most that a lot holds",
    "paid on a later day than the sale's",
    "paid in a later fiscal year than the sale's",
    "paid by a contract account",
    "paid with little gas",
    "paid in the word of an old sale",
    "refunded in part",
    "refunded to the last point",
    "refunded into several lots",
    "refunded without what has ended",
    "refunded to a successor",
    "refunded by a new owner",
    "refunded by a merchant that cannot be paid",
    "refunded after the fiscal year",
)


def situations_of(step: Step, outcome: Any, ledger: ReferenceLedger) -> Iterator[str]:
    """Yield what a step at a till has shown.

    Args:
        outcome: what the model answered.
        ledger: after the step.
    """
    match step.function, step.arguments:
        case "pay", (merchant, sale, *_):
            yield from _payment(step, merchant, sale, step.sender, outcome, ledger)
        case "paySigned" | "payRelayed", (merchant, terms, *_):
            yield from _payment(step, merchant, terms.sale, terms.payer, outcome, ledger)
        case "payBatch", (merchant, payments, _):
            for (terms, _), paid in zip(payments, outcome, strict=True):
                if isinstance(paid, PaymentIssue):
                    yield f"skipped in a batch: {paid.name}"
                else:
                    yield from _payment(step, merchant, terms.sale, terms.payer, paid, ledger)
        case "refund", (merchant, sale, *_):
            yield from _refund(merchant, sale, outcome, ledger)


def _payment(
    step: Step, merchant: str, sale: int, payer: str, lots: Lots, ledger: ReferenceLedger
) -> Iterator[str]:
    points, day = sum(part for _, part in lots), day_of_sale(sale)
    if len(lots) > 1:
        yield "paid from several lots"
    if points == 1:
        yield "paid 1 point"
    if points == MAX_PAYMENT_POINTS:
        yield "paid the most that a lot holds"
    if day < day_of(step.time):
        yield "paid on a later day than the sale's"
    if fiscal_year_end(month_of(start_of_day(day))) < fiscal_year_end(ledger.month):
        yield "paid in a later fiscal year than the sale's"
    if payer in WALLETS:
        yield "paid by a contract account"
        if step.gas is not None:
            yield "paid with little gas"
    ring_days = ledger.sales.sale_days().ring_days
    if any(
        serial_of_sale(old) == serial_of_sale(sale)
        and old < sale
        and (day - day_of_sale(old)) % ring_days == 0
        for old in ledger.sales.numbers(merchant)
    ):
        yield "paid in the word of an old sale"


def _refund(merchant: str, sale: int, refund: Refund, ledger: ReferenceLedger) -> Iterator[str]:
    payment = ledger.sales.payment_of(merchant, sale)
    assert payment is not None, "what was not paid cannot be refunded"
    whole = payment.refunded == payment.points
    yield "refunded to the last point" if whole else "refunded in part"
    if len(refund.lots) > 1:
        yield "refunded into several lots"
    if refund.unreturnable:
        yield "refunded without what has ended"
    if refund.receiver != payment.payer:
        yield "refunded to a successor"
    if ledger.owner_of(merchant) != merchant:
        yield "refunded by a new owner"
    if ledger.merchant_of(merchant)[1] != MerchantStatus.ACTIVE:
        yield "refunded by a merchant that cannot be paid"
    if payment.year < fiscal_year_end(ledger.month):
        yield "refunded after the fiscal year"
