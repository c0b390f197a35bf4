"""Sends what waits in the queue to the chain in batches, and finds out what became of it.

    sender.recover()        # after a start: what was on its way when the program ended
    sender.submit()         # all that waits

A payment that the chain skips is told with its reason, and does not hold up the others.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from eth_account.signers.local import LocalAccount
from web3 import Web3
from web3.logs import DISCARD

from scripts.lib.contract_book import ChainRefusal, ContractBook
from scripts.lib.merchant.answer_checks import AnswerRefused
from scripts.lib.merchant.chain_sales import find_payment
from scripts.lib.merchant.sale_queue import SaleQueue, SaleStage, SentBatch, TillSale
from scripts.lib.merchant.till_settings import TillSettings
from scripts.lib.node.signed_call import POLL_SECONDS, receipt_of, sign_call, submit
from scripts.lib.payment.issue import PaymentIssue
from scripts.lib.payment.signing import NO_SIGNATURE, signed_payment
from scripts.lib.payment.uri import PaymentAnswer

BATCH_SALES = 100
"""How many payments one transaction takes: some 22,000 to 39,000 gas each."""
CLOCK_TOLERANCE_SECONDS = 120
OVERTAKEN_POLLS = 30
"""After how many looks a transaction whose nonce is used and that has no receipt counts as lost."""


class Outcome(NamedTuple):
    """What became of a sale."""

    sale: int
    issue: PaymentIssue
    transaction: str


class LineSlowError(Exception):
    """A transaction was sent and has no receipt yet; `recover` goes on."""


class BatchLostError(Exception):
    """The chain did not carry a batch out, and its payments wait again.

    The shop was suspended meanwhile, the series paused, or another transaction of the same key came before.
    """


class QueueSender:
    """Between a queue and the chain.

    Args:
        key: of a till or of the owner.
        confirmations: how many blocks must lie on a transaction before its word counts; 1 is its own.
        wait_seconds: how long to wait for them.
    """

    def __init__(
        self,
        book: ContractBook,
        web3: Web3,
        settings: TillSettings,
        queue: SaleQueue,
        key: LocalAccount,
        confirmations: int = 1,
        wait_seconds: float = 60.0,
    ) -> None:
        self._book = book
        self._web3 = web3
        self._settings = settings
        self._queue = queue
        self._key = key
        self._confirmations = confirmations
        self._wait_seconds = wait_seconds
        self.point = book.contract(web3, "MunicipalPoint", settings.series)

    # --------------------------------------------------------------------------------------------- ASKING

    def issue_of(self, answer: PaymentAnswer) -> PaymentIssue:
        """Return why the chain would not take a payment now, the signature of a contract account aside."""
        payment = answer.payment
        issue = PaymentIssue(self.point.functions.issueOf(payment.merchant, payment.terms).call())
        epoch = self.point.functions.cancelEpochOf(payment.payer).call()
        if issue is PaymentIssue.NONE and epoch != payment.cancel_epoch:
            return PaymentIssue.WRONG_SIGNATURE
        return issue

    def require_contract_signature(self, answer: PaymentAnswer) -> None:
        """Ask the chain whether a contract account accepts its signature.

        Raises:
            AnswerRefused: it does not.
        """
        call = self.point.functions.paySigned(
            answer.payment.merchant, *signed_payment(answer.payment, answer.signature)
        )
        try:
            self._book.asking(lambda: call.call({"from": self._key.address}))
        except ChainRefusal as refusal:
            raise AnswerRefused(*refusal.sentence) from None

    def clock_difference(self, now: int) -> int:
        """Return by how many seconds a clock is ahead of the chain's latest block."""
        return now - int(self._web3.eth.get_block("latest")["timestamp"])

    # -------------------------------------------------------------------------------------------- SENDING

    def submit(self) -> list[Outcome]:
        """Send all that waits, and return what became of it.

        Raises:
            ChainRefusal: none of it can be paid now: the shop is suspended, the series paused.
            BatchLostError: the same, noticed by the chain after it was sent.
            LineSlowError: sent, but no receipt in time.
            OSError: the line is down; what was signed is sent again by `recover`.
        """
        outcomes = self.recover()
        for sales in _batches(self._queue.waiting()):
            outcomes += self._submit_batch(sales)
        return outcomes

    def retry(self, sales: Sequence[int]) -> None:
        """Let sales wait again that the chain skipped, for instance for want of points."""
        for number in sales:
            if self._queue.sales[number].stage is SaleStage.NOT_PAID:
                self._queue.retry(number)

    def recover(self) -> list[Outcome]:
        """Bring to an end what was on its way when the program ended, by sending the same bytes again.

        Raises:
            BatchLostError, LineSlowError, OSError: see `submit`.
        """
        outcomes: list[Outcome] = []
        for batch in list(self._queue.sent):
            if receipt_of(self._web3, batch.call.hash) is None:
                submit(self._web3, batch.call)
            outcomes += self._finish(batch)
        return outcomes

    def void(self, sale: int) -> str:
        """Use a number up without a payment, and return the transaction.

        Raises:
            ChainRefusal: it is paid, perhaps in the very block that this was to be in, or too old.
            LineSlowError: sent, but no receipt in time.
        """
        call = self.point.functions.voidSale(self._settings.merchant, sale)
        signed = sign_call(self._book, self._web3, call, self._key, self._settings.gas_price)
        submit(self._web3, signed)
        receipt = self._wait(signed.hash)
        assert receipt is not None  # without a call to watch for, it is waited for to the end
        if receipt["status"] != 1:
            self._book.asking(lambda: call.call({"from": self._key.address}))
            raise self._book.refusal(b"")
        if sale in self._queue.sales:
            self._queue.note_voided(sale, signed.hash)
        return signed.hash

    def _submit_batch(self, sales: Sequence[TillSale]) -> list[Outcome]:
        payments = [
            signed_payment(sale.answer.payment, sale.answer.signature) for sale in sales if sale.answer
        ]
        call = self.point.functions.payBatch(self._settings.merchant, payments, *NO_SIGNATURE)
        signed = sign_call(self._book, self._web3, call, self._key, self._settings.gas_price)
        numbers = [sale.number for sale in sales]
        self._queue.note_sending(signed, numbers)
        submit(self._web3, signed)
        return self._finish(SentBatch(signed, tuple(numbers)))

    def _finish(self, batch: SentBatch) -> list[Outcome]:
        receipt = self._wait(batch.call.hash, batch.call)
        if receipt is None or receipt["status"] != 1:
            # Another transaction has its nonce, or all of it was refused. Were it paid after all, the chain
            # says so when it is sent again.
            self._queue.note_settled(batch.call.hash, {})
            raise BatchLostError(
                f"{batch.call.hash} was not carried out; its payments wait again / "
                "送信が成立しませんでした。もう一度送信してください"
            )
        issues = dict.fromkeys(batch.sales, PaymentIssue.NONE)
        for event in self.point.events.PaymentSkipped().process_receipt(receipt, errors=DISCARD):
            issues[event["args"]["sale"]] = PaymentIssue(event["args"]["issue"])
        for number in [number for number, issue in issues.items() if issue is PaymentIssue.ALREADY_PAID]:
            if not self._is_ours(number):
                issues[number] = PaymentIssue.SALE_USED
        self._queue.note_settled(batch.call.hash, issues)
        return [Outcome(number, issue, batch.call.hash) for number, issue in issues.items()]

    def _is_ours(self, number: int) -> bool:
        """Return whether the events say that a sale was paid as answered: the chain's own word is a hint."""
        answer = self._queue.sales[number].answer
        assert answer is not None  # what is sent was answered
        try:
            paid = find_payment(self._book, self._web3, self._settings, number)
        except LookupError:
            return False
        return paid.payer == answer.payment.payer and paid.points == answer.payment.amount_points

    def _wait(self, transaction: str, call: Any = None) -> Any | None:
        deadline = time.monotonic() + self._wait_seconds
        overtaken = 0
        while True:
            receipt = receipt_of(self._web3, transaction)
            height = self._web3.eth.block_number
            if receipt is not None and height - receipt["blockNumber"] + 1 >= self._confirmations:
                return receipt
            # A node may count a transaction a moment before it has its receipt.
            if receipt is None and call is not None:
                used = self._web3.eth.get_transaction_count(call.sender, "latest")
                overtaken = overtaken + 1 if used > call.nonce else 0
                if overtaken > OVERTAKEN_POLLS:
                    return None
            if time.monotonic() > deadline:
                raise LineSlowError(f"{transaction}: no receipt yet / まだ確認できません")
            time.sleep(POLL_SECONDS)


def _batches(sales: Sequence[TillSale]) -> Iterator[Sequence[TillSale]]:
    for start in range(0, len(sales), BATCH_SALES):
        yield sales[start : start + BATCH_SALES]
