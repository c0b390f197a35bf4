"""Submits payments that residents have signed, many to a transaction and as fast as the node takes them.

    result = submit_payments(rpc, sender, series, shop, payments, till)

A sale is paid once (I7), whoever submits it and how often: after a kill, or beside another till, the same
payments are simply submitted again. Only those are sent that the chain does not show paid.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple, TypeAlias

from scripts.lib.calls import View
from scripts.lib.contract_abi import encode_call, event_topic
from scripts.lib.node.event_log import logs_in_blocks
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.sender import Sender
from scripts.lib.node.transactions import Failure, Receipt, SendError, Transaction
from scripts.lib.node.view_reader import read_views
from scripts.lib.payment.issue import PaymentIssue
from scripts.lib.payment.signing import NO_SIGNATURE

POINT = "MunicipalPoint"
PAYMENTS_A_TRANSACTION = 50
GAS_A_PAYMENT = 250_000
"""More than a payment takes: a sale's new word, and sixty lots spent."""

GAS_BESIDES = 100_000
_SALE_MASK = 2**32 - 1
_SALE_SHIFT = 64
_PAYER_SHIFT = 96

SignedPayment: TypeAlias = tuple[int, bytes, bytes]
"""As `scripts.lib.payment.signing.signed_payment` returns it: terms, r, vs."""


class Unpaid(NamedTuple):
    """A payment that was not made.

    Attributes:
        place: in what was to be submitted, counted from 0.
        issue: why not; NONE if its transaction failed.
    """

    place: int
    issue: PaymentIssue


@dataclass(frozen=True)
class PaymentsResult:
    """Where some payments stand after they were submitted.

    Attributes:
        paid_before: how many the chain showed paid already.
        paid: how many were paid now.
        unpaid: all others.
        failures: transactions that the chain or the node refused.
    """

    paid_before: int
    paid: int
    unpaid: list[Unpaid]
    receipts: list[Receipt]
    failures: list[Failure]


class _Packet(NamedTuple):
    places: Sequence[int]
    transaction: Transaction


def submit_payments(
    rpc: Rpc,
    sender: Sender,
    series: str,
    merchant: str,
    payments: Sequence[SignedPayment],
    till: str,
    *,
    payments_a_transaction: int = PAYMENTS_A_TRANSACTION,
    progress: Callable[[int], None] | None = None,
) -> PaymentsResult:
    """Submit signed payments to one merchant, those of them that are not made yet.

    Args:
        series: address of MunicipalPoint.
        till: account that sends: the merchant's owner or a till of it.
        payments_a_transaction: with 1 each goes alone, and one that cannot be made is a failure.
        progress: told how many more payments have been submitted, whenever some have.

    Raises:
        StalledError, JournalError: see Sender; run it again.
    """
    sender.recover()
    issues: list[PaymentIssue] = [PaymentIssue.NONE] * len(payments)
    if not sender.is_first_run:
        issues = sender.patiently(lambda: _issues(rpc, series, merchant, payments))
    paid_before = issues.count(PaymentIssue.ALREADY_PAID)
    wanted = [place for place, issue in enumerate(issues) if issue is PaymentIssue.NONE]
    packets = [
        _packet(series, merchant, payments, wanted[start : start + payments_a_transaction], till)
        for start in range(0, len(wanted), payments_a_transaction)
    ]
    failures: list[Failure] = []
    try:
        transactions = (packet.transaction for packet in packets)
        receipts = sender.send(transactions, progress=_by_payments(packets, progress))
    except SendError as error:
        receipts, failures = error.receipts, error.failures
    failed = {failure.row for failure in failures}
    lost = {place for packet in packets if packet.transaction.row in failed for place in packet.places}
    skipped = sender.patiently(lambda: _skipped(rpc, series, merchant, receipts))
    doubtful = [place for place in wanted if place in lost or _sale_and_payer(payments[place]) in skipped]
    asked = [payments[place] for place in doubtful]
    answers = sender.patiently(lambda: _issues(rpc, series, merchant, asked))
    for place, issue in zip(doubtful, answers, strict=True):
        told = skipped.get(_sale_and_payer(payments[place]), PaymentIssue.NONE)
        issues[place] = issue if issue is not PaymentIssue.NONE else told
    made = set(wanted).difference(doubtful)
    unpaid = [
        Unpaid(place, issue)
        for place, issue in enumerate(issues)
        if place not in made and issue is not PaymentIssue.ALREADY_PAID
    ]
    return PaymentsResult(paid_before, len(payments) - paid_before - len(unpaid), unpaid, receipts, failures)


def _issues(rpc: Rpc, series: str, merchant: str, payments: Sequence[SignedPayment]) -> list[PaymentIssue]:
    views = [View(POINT, series, "issueOf", (merchant, terms)) for terms, _, _ in payments]
    return [PaymentIssue(answer) for answer in read_views(rpc, views)]


def _packet(
    series: str, merchant: str, payments: Sequence[SignedPayment], places: Sequence[int], till: str
) -> _Packet:
    several = [payments[place] for place in places]
    first, last = places[0] + 1, places[-1] + 1
    row = f"payment {first}" if len(several) == 1 else f"payments {first} to {last}"
    return _Packet(places, payment_transaction(series, merchant, several, till, row))


def payment_transaction(
    series: str, merchant: str, payments: Sequence[SignedPayment], till: str, row: str
) -> Transaction:
    """Return the transaction by which a till submits some payments to its merchant: one alone, or a batch."""
    if len(payments) == 1:
        data = encode_call(POINT, "paySigned", (merchant, *payments[0]))
    else:
        data = encode_call(POINT, "payBatch", (merchant, payments, *NO_SIGNATURE))
    return Transaction(till, series, data, GAS_BESIDES + GAS_A_PAYMENT * len(payments), row)


def _by_payments(
    packets: Sequence[_Packet], progress: Callable[[int], None] | None
) -> Callable[[int], None] | None:
    if progress is None:
        return None
    left = iter(packets)
    return lambda transactions: progress(sum(len(packet.places) for packet in islice(left, transactions)))


def _skipped(
    rpc: Rpc, series: str, merchant: str, receipts: Sequence[Receipt]
) -> dict[tuple[int, int], PaymentIssue]:
    """Return why payments were skipped in some transactions, by sale and payer."""
    topics = [event_topic(POINT, "PaymentSkipped"), f"0x{int(merchant, 16):064x}"]
    return {
        (int(log["topics"][2], 16), int(log["topics"][3], 16)): PaymentIssue(int(log["data"], 16))
        for log in logs_in_blocks(rpc, series, topics, (receipt.block for receipt in receipts))
    }


def _sale_and_payer(payment: SignedPayment) -> tuple[int, int]:
    terms = payment[0]
    return terms >> _SALE_SHIFT & _SALE_MASK, terms >> _PAYER_SHIFT
