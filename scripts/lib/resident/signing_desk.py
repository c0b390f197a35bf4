"""Paying from a purse without a line: who is it, how much, and then a signature.

    offer = desk.consider(text_of_the_till)       # shop name and place as the municipality approved them
    answer = desk.sign(offer, key)                # show answer.text as a QR code

What is signed is on disk first, so that the purse knows what it has promised and does not promise it twice;
with a line, `look_up` finds out what has been paid since.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from eth_account.signers.local import LocalAccount
from web3 import Web3

from scripts.lib.bilingual import Bilingual
from scripts.lib.contract_book import ContractBook
from scripts.lib.durable_log import DurableLog
from scripts.lib.japan_calendar import day_of, moment_label
from scripts.lib.payment.issue import SaleState
from scripts.lib.payment.sale_number import day_of_sale
from scripts.lib.payment.signing import Payment, sign, signer_of
from scripts.lib.payment.uri import PaymentAnswer, PaymentRequest, same_account
from scripts.lib.resident.series_knowledge import ACTIVE, SeriesKnowledge

CLOCK_TOLERANCE_SECONDS = 15 * 60
"""How far the clocks of till and purse may be apart."""


class PurseRefused(Exception):  # noqa: N818 (a refusal is an answer, not a fault)
    """The purse does not sign.

    Attributes:
        reason: in both languages.
    """

    def __init__(self, english: str, japanese: str) -> None:
        self.reason = Bilingual(english, japanese)
        super().__init__(str(self.reason))


class Offer(NamedTuple):
    """What the resident reads before signing.

    Attributes:
        shop: public name; so is `place`.
        spent: what it takes of each lot, (month, points), as the purse knows them.
        left_points: what is left then, as the purse knows.
        known_at: how old that knowledge is.
    """

    request: PaymentRequest
    shop: str
    place: str
    points: int
    spent: tuple[tuple[int, int], ...]
    left_points: int
    known_at: int

    @property
    def lines(self) -> Bilingual:
        """The offer in words."""
        known = moment_label(self.known_at)
        return Bilingual(
            f"{self.shop} ({self.place}): {self.points:,} points; {self.left_points:,} are left "
            f"(as of {known.english})",
            f"{self.shop}({self.place})に{self.points:,}ポイントを支払います。"
            f"残り{self.left_points:,}ポイント({known.japanese}現在)",
        )


class SigningDesk:
    """Signs for one account in one series.

    Args:
        promises: file of what has been signed.
        clock: the purse's, in Unix seconds.
    """

    def __init__(
        self, knowledge: SeriesKnowledge, promises: Path, clock: Callable[[], int] = lambda: int(time.time())
    ) -> None:
        self.knowledge = knowledge
        self._log = DurableLog(promises)
        self._clock = clock

    def consider(self, text: str) -> Offer:
        """Read what a till shows, and say whom it would pay.

        Raises:
            UriError: it is no request.
            PurseRefused: the purse would not sign it.
        """
        request = PaymentRequest.read(text)
        known, sale, now = self.knowledge, request.sale, self._clock()
        if request.domain.chain_id != known.chain_id or not same_account(request.domain.series, known.series):
            raise PurseRefused(f"these are not {known.name}", f"{known.name}の支払いではありません")
        shop = known.shops.get(sale.merchant)
        if shop is None:
            raise PurseRefused(
                f"{known.town} has approved no such shop: do not pay",
                f"{known.town}が承認した加盟店ではありません。支払わないでください",
            )
        if shop.status != ACTIVE:
            raise PurseRefused(
                f"{shop.name} cannot be paid now", f"{shop.name}は現在お支払いを受けられません"
            )
        till = signer_of(request.domain, sale, request.till)
        if till is None or not shop.may_sign(till):
            raise PurseRefused(
                f"the code is not from a till of {shop.name}: do not pay",
                f"{shop.name}のレジのコードではありません。支払わないでください",
            )
        self._require_timely(sale.sale, sale.valid_until, now)
        lots = self._unpromised(known.live_lots(now), request)
        spent, left = _spend(lots, sale.amount_points)
        return Offer(request, shop.name, shop.place, sale.amount_points, spent, left, known.at)

    def sign(self, offer: Offer, key: LocalAccount) -> PaymentAnswer:
        """Sign; the promise is on disk before this returns. The same offer gives the same answer again.

        Raises:
            PurseRefused: the key is another account's.
        """
        known, sale = self.knowledge, offer.request.sale
        if not same_account(key.address, known.account):
            raise PurseRefused("this is another account's key", "別の口座の鍵です")
        payment = Payment(known.account, *sale, known.cancel_epoch)
        ends = offer.spent[0][0]
        answer = PaymentAnswer(known.domain, payment, sign(known.domain, payment, key), ends)
        if answer.text not in self._promised():
            self._log.append({"kind": "signed", "answer": answer.text, "at": self._clock()})
        return answer

    def look_up(self, book: ContractBook, web3: Web3) -> None:
        """Find out which promises have been kept, as of the block that the knowledge is of."""
        point = book.contract(web3, "MunicipalPoint", self.knowledge.series)
        for payment in self._open_promises():
            asked = point.functions.saleOf(payment.merchant, payment.sale)
            state, _ = asked.call(block_identifier=self.knowledge.block)
            if state != SaleState.UNUSED:
                self._log.append({"kind": "done", "merchant": payment.merchant, "sale": payment.sale})

    def close(self) -> None:
        """Let another program have the file."""
        self._log.close()

    def __enter__(self) -> SigningDesk:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _promised(self) -> list[str]:
        return [record["answer"] for record in self._log.records if record["kind"] == "signed"]

    def _open_promises(self) -> list[Payment]:
        """Return what was signed, can still be submitted, and is not known to have been."""
        known, now = self.knowledge, self._clock()
        done = {
            (record["merchant"], record["sale"]) for record in self._log.records if record["kind"] == "done"
        }
        signed = [PaymentAnswer.read(text).payment for text in self._promised()]
        return [
            payment
            for payment in signed
            if payment.cancel_epoch == known.cancel_epoch
            and payment.valid_until >= now - CLOCK_TOLERANCE_SECONDS
            and (payment.merchant, payment.sale) not in done
        ]

    def _require_timely(self, sale: int, valid_until: int, now: int) -> None:
        first = day_of(now - CLOCK_TOLERANCE_SECONDS) - self.knowledge.payable_days
        last = day_of(now + CLOCK_TOLERANCE_SECONDS)
        if not first <= day_of_sale(sale) <= last:
            raise PurseRefused(
                "the sale is not of these days: compare the clocks",
                "売上の日付が合いません。時計を確かめてください",
            )
        if valid_until < now - CLOCK_TOLERANCE_SECONDS:
            raise PurseRefused("the code has run out", "コードの有効時間が過ぎています")

    def _unpromised(self, lots: list[tuple[int, int]], request: PaymentRequest) -> list[tuple[int, int]]:
        """Return the lots without what is promised elsewhere, earliest first."""
        for payment in self._open_promises():
            if payment.sale == request.sale.sale and same_account(payment.merchant, request.sale.merchant):
                if payment.amount_points != request.sale.amount_points:
                    raise PurseRefused(
                        "this sale was signed with another amount", "この売上は別の金額で署名済みです"
                    )
                continue  # the same payment again
            _, lots = _take(lots, payment.amount_points)
        return lots


def _spend(lots: list[tuple[int, int]], points: int) -> tuple[tuple[tuple[int, int], ...], int]:
    held = sum(amount for _, amount in lots)
    if held < points:
        raise PurseRefused(
            f"not enough points: {held:,} of {points:,}", f"ポイントが足りません({held:,}/{points:,})"
        )
    spent, left = _take(lots, points)
    return tuple(spent), sum(amount for _, amount in left)


def _take(lots: list[tuple[int, int]], points: int) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Split lots into what pays `points` and the rest."""
    taken, left = [], []
    for month, amount in lots:
        part = min(amount, points)
        points -= part
        if part:
            taken.append((month, part))
        if amount > part:
            left.append((month, amount - part))
    return taken, left
