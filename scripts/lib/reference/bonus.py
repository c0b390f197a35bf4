"""The reference model of bonus on payments: what PaymentBonus must do for one series, put plainly.

The books are one list: what each sale is promised, and whether it was given. All else is a sum over it. The
model asks the models of lots, sales and memberships what the contract asks the series and the registry.

Amounts are points, days and months count from the beginning of 2000 = 0. Every method either does all it
says, or raises Refused with the custom error and the arguments that the contract reverts with and changes
nothing.

Not modelled: which officers may act, and to which municipality a series belongs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from scripts.lib.bonus_issue import BonusIssue
from scripts.lib.campaign_terms import BY_POLICY, CampaignTerms
from scripts.lib.expiry_rule import MAX_TERM_MONTHS, is_in_range
from scripts.lib.grant_list import Row
from scripts.lib.japan_calendar import day_of, fiscal_year_end, month_of, start_of_day
from scripts.lib.payment.issue import SaleState
from scripts.lib.payment.sale_number import day_of_sale
from scripts.lib.reference.ledger import MerchantStatus, ReferenceLedger
from scripts.lib.reference.sales import Lots, ReferenceSales
from scripts.lib.refusal import Refused

AWARD_DAYS = 7
"""On so many days at least a sale can be awarded, as things stand when a campaign is opened."""


class ShownPayment(NamedTuple):
    """A payment that somebody shows; of lots (month, points), earliest first."""

    merchant: str
    sale: int
    payer: str
    lots: Lots


@dataclass
class _Campaign:
    terms: CampaignTerms
    last_day: int
    budget: int
    month: int


@dataclass
class Promise:
    """What a sale is promised, or was given."""

    number: int
    paid: int
    points: int = 0
    is_awarded: bool = False


class ReferenceBonus:
    """The campaigns of one series.

    Args:
        service: the account that mints.
    """

    def __init__(self, service: str, ledger: ReferenceLedger, sales: ReferenceSales) -> None:
        self._service = service
        self._ledger = ledger
        self._sales = sales
        self._residents = ledger.residents
        self._campaigns: dict[int, _Campaign] = {}
        self._promises: dict[tuple[int, str, int], Promise] = {}
        """By campaign, merchant and sale number."""

    # ---------------------------------------------------------------------------------------------- CAMPAIGNS

    def open(self, terms: CampaignTerms) -> int:
        """Open a campaign; return its number."""
        last_month = _month_of_day(terms.last_day)
        in_order = terms.first_day <= terms.last_day and terms.last_day >= self._today
        if not in_order or fiscal_year_end(_month_of_day(terms.first_day)) != fiscal_year_end(last_month):
            raise Refused("BonusDays", terms.first_day, terms.last_day, self._today)
        if not 0 < terms.rate_numerator <= terms.rate_denominator:
            raise Refused("BonusRate", terms.rate_numerator, terms.rate_denominator)
        if not terms.cap or not terms.budget:
            raise Refused("BonusLimits", terms.cap, terms.budget)
        payable_days, refund_days, ring_days = self._sales.sale_days()
        if (award_days := ring_days - payable_days - refund_days - 1) < AWARD_DAYS:
            raise Refused("BonusAwardDays", award_days, AWARD_DAYS)
        month = terms.expiry_month
        if month == BY_POLICY:
            month = self._ledger.policy_expiry_month()
        now = self._ledger.month
        if not is_in_range(month, now):
            raise Refused("PointExpiryOutOfRange", month, now, now + MAX_TERM_MONTHS)
        if month < (last_award := _month_of_day(terms.last_day + ring_days)):
            raise Refused("BonusEndsTooEarly", month, last_award)
        campaign = len(self._campaigns) + 1
        self._campaigns[campaign] = _Campaign(terms, terms.last_day, terms.budget, month)
        return campaign

    def enlarge(self, campaign: int, by: int) -> None:
        """Raise the budget."""
        self._campaign(campaign, self._residents.municipality).budget += by

    def close(self, campaign: int) -> None:
        """Make today the last day."""
        closing = self._campaign(campaign, self._residents.municipality)
        if self._today >= closing.last_day:
            raise Refused("BonusDays", closing.terms.first_day, closing.last_day, self._today)
        closing.last_day = self._today

    # ---------------------------------------------------------------------------------------------- PROMISED

    def reserve(self, campaign: int, payments: Sequence[ShownPayment]) -> list[BonusIssue]:
        """Promise what paid sales have earned and were not promised yet, one after the other."""
        running = self._campaign(campaign)
        return [self._reserve(campaign, running, payment) for payment in payments]

    def _reserve(self, campaign: int, running: _Campaign, payment: ShownPayment) -> BonusIssue:
        merchant, sale, payer, _ = payment
        _, status, category = self._ledger.merchant_of(merchant)
        key = (campaign, merchant, sale)
        number = self._residents.ever_number_of(payer)
        if not running.terms.first_day <= day_of_sale(sale) <= running.last_day:
            return BonusIssue.OTHER_DAY
        if status != MerchantStatus.ACTIVE:
            return BonusIssue.MERCHANT_NOT_ACTIVE
        if running.terms.categories and category not in running.terms.categories:
            return BonusIssue.OTHER_CATEGORY
        if not self._is_refundable(sale):
            return BonusIssue.TOO_LATE
        if key in self._promises and self._promises[key].is_awarded:
            return BonusIssue.ALREADY_AWARDED
        if not number:
            return BonusIssue.UNREGISTERED
        paid = sum(points for _, points in payment.lots)
        left = paid - self._sales.sale_of(merchant, sale)[1]
        try:
            self._sales.refund_of(*payment, left)
        except Refused:
            return BonusIssue.NOT_PROVED
        promise = self._promises.get(key, Promise(number, paid))
        if (due := _earned(running.terms, left) - promise.points) <= 0:
            return BonusIssue.NOTHING_EARNED
        if not (resident_left := running.terms.cap - sum(self.figures_of(campaign, number))):
            return BonusIssue.CAP_REACHED
        if not (budget_left := running.budget - sum(self.figures_of(campaign))):
            return BonusIssue.BUDGET_USED
        promise.points += min(due, resident_left, budget_left)
        self._promises[key] = promise
        return BonusIssue.NONE

    # ----------------------------------------------------------------------------------------------- AWARDED

    def award(self, campaign: int, sales: Sequence[tuple[str, int]]) -> list[BonusIssue]:
        """Take from the promises what was refunded, and mint those of sales that can be refunded no more."""
        running = self._campaign(campaign)
        keys = [(campaign, merchant, sale) for merchant, sale in sales]
        found = [self._up_to_date(running, key) for key in keys]
        issues = [
            BonusIssue.ALREADY_AWARDED if not issue and key in keys[:place] else issue
            for place, (key, (issue, _)) in enumerate(zip(keys, found, strict=True))
        ]
        ripe = [place for place, issue in enumerate(issues) if not issue]
        rows = [Row(self._promises[keys[place]].number, found[place][1]) for place in ripe]
        if rows:
            total = sum(row.points for row in rows)
            # Refuses before anything is booked here.
            skipped = self._ledger.mint_to_residents(self._service, rows, total, running.month)
            for place, reason in skipped:
                issues[ripe[place]] = BonusIssue(reason)
        for key, issue, (_, points) in zip(keys, issues, found, strict=True):
            if key in self._promises:
                self._promises[key].points = points
                self._promises[key].is_awarded |= not issue
        return issues

    def _up_to_date(self, running: _Campaign, key: tuple[int, str, int]) -> tuple[BonusIssue, int]:
        """Return why a sale is not to be awarded yet, and what it is still promised, or was given."""
        _, merchant, sale = key
        promise = self._promises.get(key)
        if promise is None:
            return BonusIssue.NOT_RESERVED, 0
        if promise.is_awarded:
            return BonusIssue.ALREADY_AWARDED, promise.points
        state, refunded = self._sales.sale_of(merchant, sale)
        if state != SaleState.PAID:
            return BonusIssue.RECORD_GONE, 0
        points = min(promise.points, _earned(running.terms, promise.paid - refunded))
        if not points:
            return BonusIssue.NOTHING_EARNED, 0
        if self._is_refundable(sale):
            return BonusIssue.TOO_EARLY, points
        if self._ledger.merchant_of(merchant)[1] == MerchantStatus.SUSPENDED:
            return BonusIssue.MERCHANT_NOT_ACTIVE, points
        return BonusIssue.NONE, points

    # ------------------------------------------------------------------------------------------------ QUERIES

    @property
    def _today(self) -> int:
        return day_of(self._ledger.now)

    def _is_refundable(self, sale: int) -> bool:
        payable_days, refund_days, _ = self._sales.sale_days()
        return self._today <= day_of_sale(sale) + payable_days + refund_days

    def campaigns(self) -> range:
        """Return the numbers of all campaigns."""
        return range(1, len(self._campaigns) + 1)

    def budget(self, campaign: int) -> int:
        """Return the most that all residents may have of a campaign."""
        return self._campaign(campaign).budget

    def last_day(self, campaign: int) -> int:
        """Return the last day whose sales count."""
        return self._campaign(campaign).last_day

    def figures_of(self, campaign: int, number: int | None = None) -> tuple[int, int]:
        """Return what a resident is promised and was given; what all are and were, if that is None."""
        theirs = [
            promise
            for (known, _, _), promise in self._promises.items()
            if known == campaign and number in (None, promise.number)
        ]
        awarded = sum(promise.points for promise in theirs if promise.is_awarded)
        return sum(promise.points for promise in theirs) - awarded, awarded

    def promises(self) -> dict[tuple[int, str, int], Promise]:
        """Return what sales are promised or were given, by campaign, merchant and number."""
        return dict(self._promises)

    def _campaign(self, campaign: int, municipality: int = 0) -> _Campaign:
        """Return a campaign; an act names the municipality, and its refusal does too."""
        if campaign not in self._campaigns:
            raise Refused("BonusUnknownCampaign", municipality, campaign)
        return self._campaigns[campaign]


def _earned(terms: CampaignTerms, points: int) -> int:
    """Return what a sale earns of which so many points were paid and not refunded."""
    return points * terms.rate_numerator // terms.rate_denominator if points >= terms.minimum else 0


def _month_of_day(day: int) -> int:
    return month_of(start_of_day(day))
