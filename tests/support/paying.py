"""A shop's counter: numbers of sales, and what payers and tills sign, in the form that the chain takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import brownie

from scripts.lib.japan_calendar import day_of
from scripts.lib.payment.sale_number import sale_number
from scripts.lib.payment.signing import (
    MAX_VALID_UNTIL,
    CompactSignature,
    Payment,
    Sale,
    Sales,
    SeriesDomain,
    sign,
    signed_payment,
)
from tests.support.clock import now
from tests.support.memberships import Card

FOREVER = MAX_VALID_UNTIL

SignedPayment: TypeAlias = tuple[int, bytes, bytes]
"""Terms, r and vs."""


def lot(month: int, points: int) -> int:
    """Return points that end with a month, as `refund` takes them: the last 40 bits of SalePaid."""
    return month << 29 | points


def sale_paid(merchant: Any, sale: int, payer: Any, month: int, points: int) -> tuple[Any, ...]:
    """Return the event SalePaid as tests.support.reading.events has it."""
    word = int(str(getattr(payer, "address", payer)), 16) << 96 | sale << 64 | lot(month, points)
    return "SalePaid", merchant, word


def parts(lots: dict[int, int]) -> list[int]:
    """Return the lots {month: points} that paid a sale, as `refund` takes them."""
    return [lot(month, points) for month, points in sorted(lots.items())]


def today() -> int:
    """Return the day in Japan that the chain's clock shows, counted from 1 January 2000 = 0."""
    return day_of(now())


def sale_of_today(serial: int = 1) -> int:
    """Return the number of a sale opened today."""
    return sale_number(today(), serial)


class Counter:
    """One merchant's counter in one series.

    Args:
        point: the series, of Brownie.
        merchant: its account, of Brownie.
    """

    def __init__(self, point: Any, merchant: Any) -> None:
        self.point = point
        self.merchant = merchant

    @property
    def domain(self) -> SeriesDomain:
        """What signatures are good for."""
        return SeriesDomain(brownie.web3.eth.chain_id, self.point.address)

    def payment(
        self, payer: Any, sale: int, points: int, valid_until: int = FOREVER, cancel_epoch: int = 0
    ) -> Payment:
        """Return what an account is to sign.

        Args:
            payer: a card, an account of Brownie, or an address.
        """
        account = payer.account if isinstance(payer, Card) else payer
        return Payment(str(account), self.merchant.address, sale, points, valid_until, cancel_epoch)

    def signed(
        self, card: Card, sale: int, points: int, valid_until: int = FOREVER, cancel_epoch: int = 0
    ) -> SignedPayment:
        """Return a payment of a card's account that its key has signed."""
        payment = self.payment(card, sale, points, valid_until, cancel_epoch)
        return signed_payment(payment, sign(self.domain, payment, card.key))

    def sale_signature(
        self, till: Card, sale: int, points: int, valid_until: int = FOREVER
    ) -> CompactSignature:
        """Return a till's signature of one sale."""
        return sign(self.domain, Sale(self.merchant.address, sale, points, valid_until), till.key)

    def sales_signature(self, till: Card, sales: Sequence[tuple[int, int]]) -> CompactSignature:
        """Return a till's signature of the sales of a batch, each a number and an amount."""
        return sign(self.domain, Sales(self.merchant.address, tuple(sales)), till.key)
