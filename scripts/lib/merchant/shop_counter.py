"""The counter: opens sales, takes signed answers, with or without a line.

    request = counter.open_sale(1200)          # show request.text as a QR code
    taken = counter.accept(text_from_the_customer)

What was accepted waits in the queue; scripts.lib.merchant.sending sends it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from eth_account.signers.local import LocalAccount

from scripts.lib.contract_book import LINE_ERRORS
from scripts.lib.error_sentences import issue_sentence
from scripts.lib.merchant.answer_checks import AnswerRefused, check_answer, check_offline, is_signed_by_key
from scripts.lib.merchant.sale_queue import SaleQueue, TillSale
from scripts.lib.merchant.sending import QueueSender
from scripts.lib.merchant.till_settings import TillSettings
from scripts.lib.payment.issue import PaymentIssue
from scripts.lib.payment.signing import MAX_PAYMENT_POINTS, Sale, sign
from scripts.lib.payment.uri import PaymentAnswer, PaymentRequest

VALID_BEYOND_SECONDS = 60 * 60
"""How much longer than until the promised connection a code is valid: clocks differ."""


class ShopCounter:
    """One till at work.

    Args:
        key: of the till, or the owner's.
        sender: asks the chain; None while the line is down.
        clock: the till's, in Unix seconds.
        shops: accounts known as shops.
    """

    def __init__(
        self,
        settings: TillSettings,
        queue: SaleQueue,
        key: LocalAccount,
        sender: QueueSender | None = None,
        clock: Callable[[], int] = lambda: int(time.time()),
        shops: Collection[str] = (),
    ) -> None:
        self.settings = settings
        self.queue = queue
        self.sender = sender
        self._key = key
        self._clock = clock
        self._shops = shops

    def open_sale(self, points: int) -> PaymentRequest:
        """Open a sale; its number is used from now on.

        Raises:
            AnswerRefused: the amount cannot be paid.
            ValueError: the till has no number left today.
        """
        if not 1 <= points <= MAX_PAYMENT_POINTS:
            raise AnswerRefused(
                f"a sale is of 1 to {MAX_PAYMENT_POINTS:,} points",
                f"1から{MAX_PAYMENT_POINTS:,}ポイントまでです",
            )
        now = self._clock()
        until = now + self.settings.connection_seconds + VALID_BEYOND_SECONDS
        return self.request_of(self.queue.open_sale(points, now, until))

    def request_of(self, sale: TillSale) -> PaymentRequest:
        """Return the code of a sale again."""
        message = Sale(self.settings.merchant, sale.number, sale.points, sale.valid_until)
        return PaymentRequest(self.settings.domain, message, sign(self.settings.domain, message, self._key))

    def accept(self, text: str) -> TillSale:
        """Take a customer's answer: check it, keep it. It waits for `QueueSender.submit`.

        Raises:
            UriError: the text is no answer.
            AnswerRefused: it must not be taken; why, for the customer.
        """
        answer = PaymentAnswer.read(text)
        now = self._clock()
        check_answer(self.settings, self.queue, answer, now, self._shops)
        offline = self.sender is None
        if self.sender is not None:
            try:
                self._ask(self.sender, answer)
            except LINE_ERRORS:
                offline = True
        if offline:
            check_offline(self.settings, self.queue, answer, now)
        return self.queue.take_answer(answer, now, offline)

    def _ask(self, sender: QueueSender, answer: PaymentAnswer) -> None:
        """Refuse what the chain would refuse now."""
        issue = sender.issue_of(answer)
        # ALREADY_PAID is a payment that reached the chain by another way: it is taken, and found there.
        if issue not in (PaymentIssue.NONE, PaymentIssue.ALREADY_PAID):
            raise AnswerRefused(*issue_sentence(issue))
        if issue is PaymentIssue.NONE and not is_signed_by_key(answer):
            sender.require_contract_signature(answer)
