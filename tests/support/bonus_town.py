"""Residents who pay at a counter, and what a campaign gives them for it: for the tests of PaymentBonus."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from scripts.lib.bonus_issue import BonusIssue
from scripts.lib.campaign_terms import CampaignTerms
from scripts.lib.japan_calendar import start_of_day
from scripts.lib.payment.sale_number import day_of_sale, sale_number
from scripts.lib.payment.sale_terms import SaleTerms
from tests.support.clock import travel_to
from tests.support.memberships import Card
from tests.support.paying import Counter, today
from tests.support.town import CITY

REFUNDABLE_DAYS = SaleTerms().payable_days + SaleTerms().refund_days


class Sale(NamedTuple):
    """A paid sale, as its events tell it: what a refund or a promise has to know.

    Attributes:
        lots: that paid, each as month << 29 | points.
    """

    merchant: Any
    number: int
    payer: str
    lots: list[int]


def terms(**changes: Any) -> CampaignTerms:
    """Return the terms of a campaign that begins today: a tenth back, at most 500 points."""
    usual: dict[str, Any] = {
        "name": "お買い物還元",
        "first_day": today(),
        "last_day": today() + 30,
        "rate_numerator": 1,
        "rate_denominator": 10,
        "minimum": 0,
        "cap": 500,
        "budget": 100_000,
    }
    return CampaignTerms(**{**usual, **changes})


@dataclass
class BonusTown:
    """The counter and the service; contracts and accounts are Brownie's.

    Serial numbers that a test does not name begin at 101.

    Attributes:
        act_maker: the Officers contract as an account.
        anybody: who shows payments and has them awarded.
    """

    point: Any
    bonus: Any
    shop: Any
    act_maker: Any
    anybody: Any
    _serials: defaultdict[int, int] = field(default_factory=lambda: defaultdict(lambda: 100))

    def open(self, **changes: Any) -> int:
        """Open a campaign, with the usual terms but for these; return its number."""
        opening = self.bonus.openCampaign(CITY, self.point, terms(**changes), {"from": self.act_maker})
        return int(opening.return_value)

    def pay(
        self, card: Card, points: int, *, day: int | None = None, serial: int | None = None, shop: Any = None
    ) -> Sale:
        """Let a resident sign a payment and the shop submit it."""
        day = today() if day is None else day
        if serial is None:
            serial = self._serials[day] = self._serials[day] + 1
        merchant = shop or self.shop
        number = sale_number(day, serial)
        epoch = self.point.cancelEpochOf(card.account)
        signed = Counter(self.point, merchant).signed(card, number, points, cancel_epoch=epoch)
        paid = self.point.paySigned(merchant, *signed, {"from": merchant}).events["SalePaid"]
        return Sale(merchant, number, card.account.address, [each["payment"] % 2**40 for each in paid])

    def refund(self, sale: Sale, points: int) -> Any:
        """Let the shop give points of a sale back; return the transaction."""
        return self.point.refund(*sale, points, {"from": sale.merchant})

    def reserve(self, campaign: int, *sales: Sale, by: Any = None) -> Any:
        """Let somebody show payments; return the transaction."""
        return self.bonus.reserve(campaign, list(sales), {"from": by or self.anybody})

    def award(self, campaign: int, *sales: Sale, by: Any = None) -> Any:
        """Let somebody bring sales up to date; return the transaction."""
        return self.bonus.award(campaign, [sale[:2] for sale in sales], {"from": by or self.anybody})

    def bought(self, campaign: int, card: Card, points: int, **details: Any) -> Sale:
        """Let a resident pay, and somebody show it, with success."""
        sale = self.pay(card, points, **details)
        assert issues(self.reserve(campaign, sale)) == [BonusIssue.NONE], "it should have been promised"
        return sale

    def promised(self, campaign: int, sale: Sale) -> int:
        """Return what a sale is promised, or was given."""
        return int(self.bonus.reservationOf(campaign, sale.merchant, sale.number)["points"])


def issues(transaction: Any) -> list[BonusIssue]:
    """Return what `reserve` or `award` says of each sale."""
    return [BonusIssue(issue) for issue in transaction.return_value]


def last_second_of_refund(sale: Sale) -> int:
    """Return the last second in which a sale can be refunded."""
    return start_of_day(day_of_sale(sale.number) + REFUNDABLE_DAYS + 1) - 1


def pass_refund_days(sale: Sale) -> None:
    """Let the time pass in which a sale can be refunded."""
    travel_to(last_second_of_refund(sale) + 1)
