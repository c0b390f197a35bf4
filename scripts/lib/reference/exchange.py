"""The reference model of the partner exchange: what PartnerExchange must do, put plainly.

What counts is written down as it happened and added up when somebody asks: every exchange with its second,
so that a limit is a sum over a day or a fiscal year and not a counter. The towns' series and registries are
modelled as far as the exchange sees them: present accounts, who is stopped, pauses, allowances, lots.

Times are Unix seconds, months count from January 2000 = 0. Every method either does all it says, or raises
Refused with the custom error and the arguments that the contract reverts with and changes nothing.

Not modelled: signatures (they are taken to be right), and which officers may act.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from scripts.lib.exchange.terms import (
    ANY_MUNICIPALITY,
    HOLDING_SECONDS,
    MAX_POINTS,
    Campaign,
    HeldIssue,
    Ledger,
    Terms,
)
from scripts.lib.japan_calendar import day_of, fiscal_year_end, month_of
from scripts.lib.refusal import Refused

_DAY = 24 * 60 * 60
_NO_CAMPAIGN = Campaign(0, 0, 0, 0, 0)
_EMPTY = Ledger()


@dataclass
class TownAround:
    """A municipality as the exchange sees it; the exchange itself only mints.

    Attributes:
        accounts: present account by resident number, without ended memberships.
        stopped: accounts that are frozen or blocked.
        lots: points by account and month.
    """

    accounts: dict[int, str] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)
    paused_until: int = 0
    allowance: int = 0
    minted: int = 0
    return_after_days: int = 0
    lots: Counter[tuple[str, int]] = field(default_factory=Counter)


@dataclass(frozen=True)
class Held:
    """What was exchanged for a resident of `town`; `state` as in IPartnerExchange.HoldingState."""

    state: int
    town: int
    number: int
    partner: int
    time: int
    partner_points: int
    points: int
    bonus: int
    campaign: int
    is_bonus_owed: bool
    months: int

    @property
    def owed(self) -> int:
        """What the partner owes for it."""
        return self.points + (self.bonus if self.is_bonus_owed else 0)


@dataclass(frozen=True)
class OpenCoupon:
    """A coupon that can be redeemed or closed."""

    issuer: str
    points: int
    town: int
    valid_until: int


@dataclass
class _Agreement:
    terms: list[Terms] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    campaign: Campaign = _NO_CAMPAIGN
    ledger: Ledger = _EMPTY
    gains: list[tuple[int, int, int]] = field(default_factory=list)
    """(time, resident number, points) of everything that the limits count."""


class ReferenceExchange:
    """The exchange of a council.

    Attributes:
        now: set by whoever plays.
        towns: by municipality code.
        holdings: by holding.
    """

    def __init__(self, now: int, towns: dict[int, TownAround]) -> None:
        self.now = now
        self.towns = towns
        self.holdings: dict[bytes, Held] = {}
        self.keys: dict[int, str] = {}
        self.former_keys: dict[str, int] = {}
        self.suspended: set[int] = set()
        self.coupons: dict[tuple[int, str], OpenCoupon] = {}
        self.issued: set[tuple[int, str]] = set()
        self.receipts: dict[tuple[int, bytes], tuple[int, int]] = {}
        self._agreements: dict[tuple[int, int], _Agreement] = {}

    # ----------------------------------------------------------------------------------------------- VIEWS

    def ledger(self, town: int, partner: int) -> Ledger:
        """Return what a partner brought to a town."""
        return self._agreement(town, partner).ledger

    def campaign(self, town: int, partner: int) -> Campaign:
        """Return the campaign that was opened last."""
        return self._agreement(town, partner).campaign

    def used(self, town: int, partner: int, number: int) -> tuple[int, int]:
        """Return what a resident got from a partner today and in this fiscal year."""
        gains = [gain for gain in self._agreement(town, partner).gains if gain[1] == number]
        year = fiscal_year_end(month_of(self.now))
        return (
            sum(points for time, _, points in gains if day_of(time) == day_of(self.now)),
            sum(points for time, _, points in gains if fiscal_year_end(month_of(time)) == year),
        )

    def issue_of(self, holding: bytes) -> HeldIssue:
        """Return why a sweep would leave the points."""
        held = self.holdings.get(holding)
        if held is None or held.state != 1:
            return HeldIssue.NOT_HELD
        if self.now < held.time + HOLDING_SECONDS:
            return HeldIssue.NOT_DUE
        account = self.towns[held.town].accounts.get(held.number)
        return self._issue_at(held.town, account, held.points + held.bonus)

    # ------------------------------------------------------------------------------------------------ ACTS

    def register_partner(self, key: str) -> None:
        """Register the next partner."""
        self._take_key(len(self.keys) + 1, key)

    def replace_partner_key(self, partner: int, key: str) -> None:
        """Give a partner a key that was never one."""
        self._take_key(partner, key)

    def set_suspended(self, partner: int, suspended: bool) -> None:
        """Suspend a partner or end that."""
        (self.suspended.add if suspended else self.suspended.discard)(partner)

    def accept_partner(self, town: int, partner: int, key: str, terms: Terms) -> None:
        """Accept a partner's key, on terms from a date on."""
        if key != self.keys[partner]:
            raise Refused("ExchangeOtherKey", partner, self.keys[partner], key)
        terms = terms._replace(start=max(terms.start, self.now))
        if (
            terms.until <= terms.start
            or terms.minimum > terms.maximum
            or terms.daily_limit > terms.yearly_limit
        ):
            raise Refused("ExchangeInvalidTerms", town, partner)
        agreement = self._agreement(town, partner)
        agreement.terms = [*(each for each in agreement.terms if each.start < terms.start), terms]
        agreement.keys.add(key)

    def stop_partner(self, town: int, partner: int) -> None:
        """Accept nothing more."""
        agreement = self._agreement(town, partner)
        agreement.terms = [
            each._replace(until=min(each.until, self.now))
            for each in agreement.terms
            if each.start < self.now
        ]

    def open_campaign(self, town: int, partner: int, campaign: Campaign) -> None:
        """Open a campaign in place of any before."""
        if campaign.until <= campaign.start or campaign.until <= self.now or not campaign.budget:
            raise Refused("ExchangeInvalidCampaign", town, partner)
        agreement = self._agreement(town, partner)
        agreement.campaign = campaign._replace(used=0, number=agreement.campaign.number + 1)

    def end_campaign(self, town: int, partner: int) -> None:
        """End the campaign."""
        agreement = self._agreement(town, partner)
        agreement.campaign = agreement.campaign._replace(until=min(agreement.campaign.until, self.now))

    def record_receipt(self, town: int, partner: int, points: int, name: bytes) -> None:
        """Record what a partner paid, once for each reference of the bank."""
        if (town, name) in self.receipts or points == 0:
            raise Refused("ExchangeReceipt", town, "0x" + name.hex())
        self.receipts[town, name] = partner, points
        self._book(town, partner, received=points)

    def reverse_receipt(self, town: int, name: bytes) -> None:
        """Take back a receipt."""
        if (town, name) not in self.receipts:
            raise Refused("ExchangeReceipt", town, "0x" + name.hex())
        partner, points = self.receipts.pop((town, name))
        self._book(town, partner, received=-points)

    # ------------------------------------------------------------------------------------------- EXCHANGE

    def exchange(
        self, caller: str, town: int, number: int, partner_points: int, name: bytes, holding: bytes
    ) -> None:
        """Exchange for a resident; `holding` is what the reference `name` makes."""
        partner = self._calling(caller)
        if holding in self.holdings:
            raise Refused("ExchangeReferenceUsed", partner, "0x" + name.hex())
        if number not in self.towns[town].accounts:
            raise Refused("ExchangeNoMembership", town, number)
        terms = self._accepted(town, partner, caller)
        _require_amount(terms, partner_points)
        if partner_points <= terms.fee:
            raise Refused("ExchangePoints", 0)
        points = (partner_points - terms.fee) * terms.numerator // terms.denominator
        if not 0 < points <= MAX_POINTS:
            raise Refused("ExchangePoints", points)
        bonus, campaign, is_owed = self._bonus(town, partner, points)
        held = Held(
            1, town, number, partner, self.now, partner_points, points, bonus, campaign, is_owed,
            terms.expiry_months,
        )  # fmt: skip
        self._require_limits(town, partner, number, points, terms)
        self._require_outstanding(town, partner, held.owed, terms)
        self._gain(town, partner, number, points)
        self._use_budget(town, partner, bonus)
        self._book(town, partner, held=held.owed)
        self.holdings[holding] = held

    def name_municipality(self, holding: bytes, town: int, account: str) -> None:
        """Send held points to an account in a municipality, as the resident wants."""
        held = self.holdings.get(holding)
        if held is None or held.state != 1:
            raise Refused("ExchangeStopped", HeldIssue.NOT_HELD)
        resident = self.towns[held.town].accounts.get(held.number)
        _require_moving(self._stop_at(held.town, resident))
        if town == held.town:
            if account != resident:
                raise Refused("ExchangeForeignAccount", town, account)
            _require_moving(self._issue_at(town, account, held.points + held.bonus))
            self._deliver(holding, held, account)
            return
        numbers = {member: number for number, member in self.towns[town].accounts.items()}
        if account not in numbers:
            raise Refused("ExchangeForeignAccount", town, account)
        number, partner = numbers[account], held.partner
        terms = self._accepted(town, partner, self.keys[partner])
        _require_amount(terms, held.partner_points)
        bonus, campaign, is_owed = self._bonus(town, partner, held.points)
        there = replace(
            held, town=town, number=number, bonus=bonus, campaign=campaign, is_bonus_owed=is_owed,
            months=terms.expiry_months,
        )  # fmt: skip
        self._require_limits(town, partner, number, held.points, terms)
        self._require_outstanding(town, partner, there.owed, terms)
        _require_moving(self._issue_at(town, account, there.points + there.bonus))
        self._leave_home(held)
        self._gain(town, partner, number, held.points)
        self._use_budget(town, partner, bonus)
        self._book(town, partner, held=there.owed)
        self._deliver(holding, there, account)
        self.holdings[holding] = replace(held, state=2)

    def sweep(self, holdings: list[bytes]) -> list[HeldIssue]:
        """Send home what is due; return why the others stay, NONE for those that went."""
        issues = []
        for holding in holdings:
            issue = self.issue_of(holding)
            if issue == HeldIssue.NONE:
                held = self.holdings[holding]
                self._deliver(holding, held, self.towns[held.town].accounts[held.number])
            issues.append(issue)
        return issues

    def return_to_partner(self, holding: bytes) -> None:
        """Give points of an ended membership back."""
        held = self.holdings.get(holding)
        if held is None or held.state != 1:
            raise Refused("ExchangeStopped", HeldIssue.NOT_HELD)
        home = self.towns[held.town]
        days = home.return_after_days
        if not days or self.now < held.time + days * _DAY or held.number in home.accounts:
            raise Refused("ExchangeNotReturnable", "0x" + holding.hex())
        self._leave_home(held)
        self.holdings[holding] = replace(held, state=3)

    # -------------------------------------------------------------------------------------------- COUPONS

    def issue_coupons(self, caller: str, town: int, valid_until: int, coupons: list[tuple[str, int]]) -> None:
        """Issue coupons, all or none."""
        partner = self._calling(caller)
        for place, (key, points) in enumerate(coupons):
            before = {each for each, _ in coupons[:place]}
            if (partner, key) in self.issued or key in before or points == 0:
                raise Refused("ExchangeInvalidCoupon", key)
            if self.now > valid_until:
                raise Refused("ExchangeCouponExpired", key, valid_until)
        total = sum(points for _, points in coupons)
        if town != ANY_MUNICIPALITY:
            self._require_outstanding(town, partner, total, self._accepted(town, partner, caller))
        for key, points in coupons:
            self.coupons[partner, key] = OpenCoupon(caller, points, town, valid_until)
            self.issued.add((partner, key))
        self._book(town, partner, coupons=total)

    def redeem(self, partner: int, key: str, town: int, number: int) -> None:
        """Redeem a coupon for a resident."""
        coupon = self.coupons.get((partner, key))
        if coupon is None:
            raise Refused("ExchangeCouponNotOpen", partner, key)
        if self.now > coupon.valid_until:
            raise Refused("ExchangeCouponExpired", key, coupon.valid_until)
        if coupon.town not in (ANY_MUNICIPALITY, town):
            raise Refused("ExchangeCouponElsewhere", key, coupon.town)
        terms = self._accepted(town, partner, coupon.issuer)
        account = self.towns[town].accounts.get(number)
        _require_moving(self._issue_at(town, account, coupon.points))
        self._require_limits(town, partner, number, coupon.points, terms)
        if coupon.town == ANY_MUNICIPALITY:
            self._require_outstanding(town, partner, coupon.points, terms)
        del self.coupons[partner, key]
        self._gain(town, partner, number, coupon.points)
        self._book(coupon.town, partner, coupons=-coupon.points)
        self._book(town, partner, exchanged=coupon.points)
        self._mint(town, str(account), coupon.points, terms.expiry_months)

    def close_coupons(self, caller: str, partner: int, keys: list[str]) -> None:
        """Close coupons, all that are still open or none."""
        closing = {key: self.coupons[partner, key] for key in keys if (partner, key) in self.coupons}
        for key, coupon in closing.items():
            if self.now <= coupon.valid_until and caller != self.keys[partner]:
                raise Refused("ExchangeCouponNotExpired", key, coupon.valid_until)
        for key, coupon in closing.items():
            del self.coupons[partner, key]
            self._book(coupon.town, partner, coupons=-coupon.points)

    # --------------------------------------------------------------------------------------------- PIECES

    def _agreement(self, town: int, partner: int) -> _Agreement:
        return self._agreements.setdefault((town, partner), _Agreement())

    def _take_key(self, partner: int, key: str) -> None:
        if key in self.former_keys:
            raise Refused("ExchangeKeyTaken", key)
        self.keys[partner] = key
        self.former_keys[key] = partner

    def _calling(self, caller: str) -> int:
        partner = self.former_keys.get(caller)
        if partner is None or self.keys[partner] != caller:
            raise Refused("ExchangeNotPartner", caller)
        self._require_not_suspended(partner)
        return partner

    def _require_not_suspended(self, partner: int) -> None:
        if partner in self.suspended:
            raise Refused("ExchangePartnerSuspended", partner)

    def _accepted(self, town: int, partner: int, key: str) -> Terms:
        self._require_not_suspended(partner)
        agreement = self._agreement(town, partner)
        if key not in agreement.keys:
            raise Refused("ExchangeKeyNotAccepted", town, partner, key)
        begun = [terms for terms in agreement.terms if terms.start <= self.now]
        if not begun or begun[-1].until <= self.now:
            raise Refused("ExchangeNoTerms", town, partner)
        return begun[-1]

    def _bonus(self, town: int, partner: int, points: int) -> tuple[int, int, bool]:
        campaign = self._agreement(town, partner).campaign
        if not campaign.start <= self.now < campaign.until:
            return 0, 0, False
        bonus = min(
            points * campaign.numerator // campaign.denominator,
            campaign.budget - campaign.used,
            MAX_POINTS - points,
        )
        return (bonus, campaign.number, campaign.is_paid_by_partner) if bonus else (0, 0, False)

    def _use_budget(self, town: int, partner: int, bonus: int) -> None:
        agreement = self._agreement(town, partner)
        agreement.campaign = agreement.campaign._replace(used=agreement.campaign.used + bonus)

    def _require_limits(self, town: int, partner: int, number: int, points: int, terms: Terms) -> None:
        today, year = self.used(town, partner, number)
        for error, used, limit in (
            ("ExchangeDailyLimit", today, terms.daily_limit),
            ("ExchangeYearlyLimit", year, terms.yearly_limit),
        ):
            if used + points > limit:
                raise Refused(error, town, number, max(limit - used, 0), points)

    def _require_outstanding(self, town: int, partner: int, more: int, terms: Terms) -> None:
        ledger = self.ledger(town, partner)
        outstanding = ledger._replace(held=ledger.held + more).outstanding
        if outstanding > terms.outstanding_limit:
            raise Refused("ExchangeOutstandingLimit", town, partner, outstanding, terms.outstanding_limit)

    def _gain(self, town: int, partner: int, number: int, points: int) -> None:
        self._agreement(town, partner).gains.append((self.now, number, points))

    def _book(self, town: int, partner: int, **changes: int) -> None:
        agreement = self._agreement(town, partner)
        ledger = agreement.ledger._asdict()
        agreement.ledger = Ledger(**{name: value + changes.get(name, 0) for name, value in ledger.items()})

    def _leave_home(self, held: Held) -> None:
        self._book(held.town, held.partner, held=-held.owed)
        if held.campaign and held.campaign == self.campaign(held.town, held.partner).number:
            self._use_budget(held.town, held.partner, -held.bonus)

    def _deliver(self, holding: bytes, held: Held, account: str) -> None:
        self._book(
            held.town,
            held.partner,
            held=-held.owed,
            exchanged=held.points,
            bonus=held.bonus,
            bonus_owed=held.owed - held.points,
        )
        self.holdings[holding] = replace(held, state=2)
        self._mint(held.town, account, held.points + held.bonus, held.months)

    def _mint(self, town: int, account: str, points: int, months: int) -> None:
        place = self.towns[town]
        place.allowance -= points
        place.minted += points
        place.lots[account, month_of(self.now) + months] += points

    def _stop_at(self, town: int, account: str | None) -> HeldIssue:
        place = self.towns[town]
        if account is None:
            return HeldIssue.NO_MEMBERSHIP
        if self.now < place.paused_until:
            return HeldIssue.PAUSED
        return HeldIssue.ACCOUNT_STOPPED if account in place.stopped else HeldIssue.NONE

    def _issue_at(self, town: int, account: str | None, points: int) -> HeldIssue:
        issue = self._stop_at(town, account)
        if issue == HeldIssue.NONE and points > self.towns[town].allowance:
            return HeldIssue.OUT_OF_ALLOWANCE
        return issue


def _require_amount(terms: Terms, partner_points: int) -> None:
    if partner_points % terms.unit or not terms.minimum <= partner_points <= terms.maximum:
        raise Refused("ExchangeAmount", partner_points, terms.unit, terms.minimum, terms.maximum)


def _require_moving(issue: HeldIssue) -> None:
    if issue != HeldIssue.NONE:
        raise Refused("ExchangeStopped", issue)
