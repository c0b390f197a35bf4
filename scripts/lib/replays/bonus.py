"""Rebuilds the campaigns of PaymentBonus from events alone, and notices what cannot be.

    replay = BonusReplay(service, series, residents)   # replays of the series, by token, and of memberships
    for event in events: replay.apply(event)           # after these two have taken it in

Every promise must belong to a payment that the series told of before and that could still be refunded; every
award to a promise, to a sale that can be refunded no more, and to a Transfer of the same transaction; and
every point that the service mints to an award. Amounts are points, days are counted from 1 January 2000 = 0,
months from January 2000 = 0.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from scripts.lib.bonus_issue import BonusIssue
from scripts.lib.campaign_terms import CampaignTerms
from scripts.lib.japan_calendar import day_of
from scripts.lib.node.event_log import Event, to_address
from scripts.lib.payment.sale_number import day_of_sale, serial_of_sale
from scripts.lib.replays.bonus_state import BonusState, CampaignFigures, ResidentFigures, SaleFigures, SaleKey
from scripts.lib.replays.error import ReplayError, unknown
from scripts.lib.replays.residents import ResidentsReplay
from scripts.lib.replays.sales import PaidSale, SalesReplay
from scripts.lib.replays.series import ACTIVE, SUSPENDED, ZERO_ADDRESS, SeriesReplay
from scripts.lib.replays.series_state import Standing


class Campaign(NamedTuple):
    """A campaign as it was opened."""

    municipality: int
    series: str
    terms: CampaignTerms


@dataclass
class _Mint:
    """The service's last Minted, and the Transfers since that no award has claimed.

    Attributes:
        is_empty: whether nobody has received or been refused anything of it yet.
    """

    event: Event
    is_empty: bool = True
    transfers: deque[tuple[str, int]] = field(default_factory=deque)


@dataclass
class BonusReplay:
    """The campaigns of all municipalities as their events tell them.

    Attributes:
        service: address of PaymentBonus.
        series: replays of point series by token.
        campaigns: by number.
        earned_at: who trades with whom: by campaign, merchant and resident number, what is promised and was
            given.
        skipped: how often nothing was promised or awarded, by campaign and reason.
    """

    service: str
    series: Mapping[str, SeriesReplay]
    residents: ResidentsReplay
    campaigns: dict[int, Campaign] = field(default_factory=dict)
    earned_at: Counter[tuple[int, str, int]] = field(default_factory=Counter)
    skipped: Counter[tuple[int, BonusIssue]] = field(default_factory=Counter)
    _figures: dict[int, CampaignFigures] = field(default_factory=dict)
    _residents: defaultdict[tuple[int, int], ResidentFigures] = field(
        default_factory=lambda: defaultdict(lambda: ResidentFigures(0, 0))
    )
    _sales: dict[SaleKey, SaleFigures] = field(default_factory=dict)
    _mint: _Mint | None = None

    def apply(self, event: Event) -> None:
        """Take in the next event; those that have nothing to do with campaigns are passed over.

        Raises:
            ReplayError: it contradicts the events before it.
        """
        if self._mint is not None and self._mint.event.transaction != event.transaction:
            self.finish()
        a = event.arguments
        if event.address == self.service:
            self._apply_own(event)
        elif event.name == "Minted":
            self.finish()
            self._mint = _Mint(event) if a["minter"] == self.service else None
        elif self._mint is not None and event.name == "MintSkipped":
            self._mint.is_empty = False
        elif self._mint is not None and event.name == "Transfer" and a["from"] == ZERO_ADDRESS:
            self._mint.is_empty = False
            self._mint.transfers.append((a["to"], a["value"]))

    def finish(self) -> None:
        """Say that the last transaction is complete.

        Raises:
            ReplayError: it was minted for nobody, or points were that no award claimed.
        """
        mint, self._mint = self._mint, None
        if mint is not None and (mint.transfers or mint.is_empty):
            raise ReplayError(mint.event, f"no award calls for {list(mint.transfers)}")

    def _apply_own(self, event: Event) -> None:
        a = event.arguments
        match event.name:
            case "CampaignOpened":
                self._open(event, a["municipality"], a["campaign"], a["series"], CampaignTerms(*a["terms"]))
            case "CampaignEnlarged":
                figures = self._campaign(event)
                if a["budgetPoints"] < figures.budget:
                    raise ReplayError(event, f"the budget was {figures.budget}")
                self._figures[a["campaign"]] = figures._replace(budget=a["budgetPoints"])
            case "CampaignClosed":
                figures = self._campaign(event)
                if a["lastDay"] >= figures.last_day:
                    raise ReplayError(event, f"the last day was {figures.last_day}")
                self._figures[a["campaign"]] = figures._replace(last_day=a["lastDay"])
            case "BonusReserved":
                self._reserve(event, self._key(event), a["number"], a["morePoints"])
            case "BonusReleased":
                self._release(event, self._key(event), a["lessPoints"])
            case "BonusAwarded":
                self._award(event, self._key(event), a["awardedPoints"])
            case "BonusSkipped":
                self._campaign(event)
                self.skipped[a["campaign"], BonusIssue(a["issue"])] += 1
            case _:
                raise unknown(event)

    # ---------------------------------------------------------------- campaigns

    def _open(
        self, event: Event, municipality: int, campaign: int, series: str, terms: CampaignTerms
    ) -> None:
        if campaign != len(self.campaigns) + 1:
            raise ReplayError(event, f"the next number is {len(self.campaigns) + 1}")
        if not 0 < terms.rate_numerator <= terms.rate_denominator:
            raise ReplayError(event, "no such rate is possible")
        self.campaigns[campaign] = Campaign(municipality, to_address(series), terms)
        self._figures[campaign] = CampaignFigures(terms.last_day, terms.budget, 0, 0)

    def _campaign(self, event: Event) -> CampaignFigures:
        figures = self._figures.get(event.arguments["campaign"])
        if figures is None:
            raise ReplayError(event, "no such campaign")
        return figures

    def _key(self, event: Event) -> SaleKey:
        self._campaign(event)
        a = event.arguments
        return SaleKey(a["campaign"], a["merchant"], a["sale"])

    # ----------------------------------------------------------------- promised

    def _reserve(self, event: Event, key: SaleKey, number: int, more: int) -> None:
        a = event.arguments
        _, _, terms = self.campaigns[key.campaign]
        if not terms.first_day <= day_of_sale(key.sale) <= self._figures[key.campaign].last_day:
            raise ReplayError(event, "the sale is of another day than the campaign's")
        payment = self._payment(key)
        told = (a["payer"], a["paidPoints"], a["refundedPoints"])
        known = payment and (payment.payer, _points(payment), payment.refunded)
        if payment is None or told != known:
            raise ReplayError(event, f"the series tells of {known}")
        if not self._is_refundable(event, key):
            raise ReplayError(event, "the sale could be refunded no more")
        standing = self._standing(key)
        if standing.status != ACTIVE or (terms.categories and standing.category not in terms.categories):
            raise ReplayError(event, f"the merchant's sales do not count: {standing}")
        if not self._is_resident(key, number, payment.payer):
            raise ReplayError(event, f"{payment.payer} is and was not resident {number}'s")
        before = self._sales.get(key, SaleFigures(number, _points(payment), 0, False))
        earned = _due(terms, _points(payment) - payment.refunded)
        if before.is_awarded or not 0 < more <= earned - before.points:
            raise ReplayError(event, f"it may earn {earned}, and had {before}")
        self._change(key, before, more, 0)
        resident, figures = self._residents[key.campaign, number], self._figures[key.campaign]
        if sum(resident) > terms.cap or figures.reserved + figures.awarded > figures.budget:
            raise ReplayError(event, f"past the cap or the budget: {resident}, {figures}")

    def _release(self, event: Event, key: SaleKey, less: int) -> None:
        a = event.arguments
        before = self._known(event, key)
        payment = self._payment(key)
        if a["isRecordGone"]:
            if self._is_refundable(event, key) or not self._is_overwritten(key):
                raise ReplayError(event, "the series has not forgotten the sale")
            left = 0
        elif payment is None or a["refundedPoints"] != payment.refunded:
            raise ReplayError(event, f"the series tells of {payment}")
        else:
            left = _due(self.campaigns[key.campaign].terms, before.paid - payment.refunded)
        if before.is_awarded or less <= 0 or before.points - less != left:
            raise ReplayError(event, f"it earns {left} now, and had {before}")
        self._change(key, before, -less, 0)

    # ------------------------------------------------------------------ awarded

    def _award(self, event: Event, key: SaleKey, points: int) -> None:
        before = self._known(event, key)
        municipality, series, terms = self.campaigns[key.campaign]
        payment = self._payment(key)
        if payment is None or before.points > _due(terms, before.paid - payment.refunded):
            raise ReplayError(event, f"of the sale was refunded: {payment}")
        if before.is_awarded or points != before.points:
            raise ReplayError(event, f"the promise was {before}")
        if self._standing(key).status == SUSPENDED:
            raise ReplayError(event, "the merchant's sales do not count: it is suspended")
        if self._is_refundable(event, key):
            raise ReplayError(event, "the sale could still be refunded")
        if self._mint is None or not self._mint.transfers:
            raise ReplayError(event, "it was not minted")
        minted = (self._mint.event.address, self._mint.event.arguments["expiryMonth"])
        transfer = self._mint.transfers.popleft()
        expected = (self.residents.account_of(municipality, before.number), points)
        while self.series[series].closed:
            series = self.series[series].successor  # bonus is given where it can be spent
        if minted != (series, terms.expiry_month) or transfer != expected:
            raise ReplayError(event, f"the series tells of {transfer}, until month {minted[1]}")
        self._change(key, before, -points, points)

    def _standing(self, key: SaleKey) -> Standing:
        """Return a merchant's category where it was paid, and its status where it is known last."""
        series = self.series[self.campaigns[key.campaign].series]
        standing = series.merchants[key.merchant]
        while series.closed:
            series = self.series[series.successor]
            here = series.merchants.get(key.merchant)
            standing = standing if here is None else standing._replace(status=here.status)
        return standing

    def _known(self, event: Event, key: SaleKey) -> SaleFigures:
        figures = self._sales.get(key)
        if figures is None or figures.number != event.arguments["number"]:
            raise ReplayError(event, f"the sale's promise is {figures}")
        return figures

    def _change(self, key: SaleKey, before: SaleFigures, reserved: int, awarded: int) -> None:
        """Book what more is promised and given for a sale."""
        self._sales[key] = before._replace(
            points=before.points + reserved + awarded, is_awarded=before.is_awarded or awarded > 0
        )
        person = (key.campaign, before.number)
        resident, figures = self._residents[person], self._figures[key.campaign]
        self._residents[person] = ResidentFigures(resident.reserved + reserved, resident.awarded + awarded)
        self._figures[key.campaign] = figures._replace(
            reserved=figures.reserved + reserved, awarded=figures.awarded + awarded
        )
        self.earned_at[key.campaign, key.merchant, before.number] += reserved + awarded

    # ------------------------------------------------------------ what the series tells

    def _sales_of(self, key: SaleKey) -> SalesReplay:
        return self.series[self.campaigns[key.campaign].series].sales

    def _payment(self, key: SaleKey) -> PaidSale | None:
        return self._sales_of(key).payments.get((key.merchant, key.sale))

    def _is_refundable(self, event: Event, key: SaleKey) -> bool:
        sales = self._sales_of(key)
        return day_of(event.time) <= day_of_sale(key.sale) + sales.payable_days + (sales.refund_days or 0)

    def _is_overwritten(self, key: SaleKey) -> bool:
        """Return whether a later number of the same serial was used."""
        sales = self._sales_of(key)
        return any(
            merchant == key.merchant
            and later > key.sale
            and serial_of_sale(later) == serial_of_sale(key.sale)
            for merchant, later in (*sales.payments, *sales.voided)
        )

    def _is_resident(self, key: SaleKey, number: int, payer: str) -> bool:
        """Return whether an account is a resident's, or was until its membership moved on."""
        municipality, _, _ = self.campaigns[key.campaign]
        membership = self.residents.memberships.get((municipality, number))
        account: str | None = payer
        while membership is not None and account is not None:
            if account == membership.account:
                return True
            account = self.residents.successors.get((municipality, account))
        return False

    # ------------------------------------------------------------------- result

    def state(self) -> BonusState:
        """Return what the campaigns hold."""
        return BonusState(dict(self._figures), dict(self._residents), dict(self._sales))

    def due(self, now: int) -> Iterator[SaleKey]:
        """Yield the sales that can be refunded no more and wait for what they are promised."""
        for key, figures in self._sales.items():
            sales = self._sales_of(key)
            last_day = day_of_sale(key.sale) + sales.payable_days + (sales.refund_days or 0)
            if figures.points and not figures.is_awarded and day_of(now) > last_day:
                yield key


def _points(payment: PaidSale) -> int:
    return sum(lot.points for lot in payment.lots)


def _due(terms: CampaignTerms, kept: int) -> int:
    """Return what is due for a sale of which so many points were not refunded."""
    if kept < terms.minimum:
        return 0
    return kept * terms.rate_numerator // terms.rate_denominator
