"""Rebuilds the partner exchange from its events alone, and notices what cannot be.

    replay = ExchangeReplay(service)
    for event in events: replay.apply(event)        # of the service and of its series
    replay.finish()
    replay.ledgers[141305, 1]

It trusts no figure that it can work out: points follow from the terms in force, a bonus from the campaign and
its budget, what leaves a holding from what went in; and what series mint for the service has to be what the
service tells in the same transaction. Shares no code with the reference model.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from eth_abi import encode
from eth_utils import keccak

from scripts.lib.exchange.terms import HOLDING_SECONDS, MAX_POINTS, Campaign, Ledger, Terms
from scripts.lib.japan_calendar import day_of, fiscal_year_end, month_of
from scripts.lib.node.event_log import Event
from scripts.lib.replays.error import ReplayError, unknown

_ZERO_ADDRESS = "0x" + "0" * 40


def holding_id(partner: int, reference: bytes) -> bytes:
    """Return the holding that a partner's reference stands for."""
    return bytes(keccak(encode(["uint256", "bytes32"], [partner, reference])))


@dataclass
class ReplayedHolding:
    """An exchange as its events tell it; `outcome` is the event that ended it, empty while held."""

    municipality: int
    number: int
    partner: int
    time: int
    points: int
    bonus: int
    bonus_owed: int
    campaign: int
    months: int
    outcome: str = ""


class _Mint(NamedTuple):
    """Points that an account of a series got; they end with a month."""

    series: str
    account: str
    month: int
    points: int


@dataclass
class ExchangeReplay:
    """The exchange of all municipalities as its events tell it.

    Attributes:
        service: address of PartnerExchange.
        names: public names of partners.
        ledgers: by municipality and partner; municipality 0 keeps coupons for any.
        coupons: open ones: points, municipality and last second by partner and coupon.
        receipts: partner and points by municipality and the bank's reference.
        minted: points by municipality, account and month.
    """

    service: str
    names: dict[int, str] = field(default_factory=dict)
    keys: dict[int, str] = field(default_factory=dict)
    suspended: dict[int, bool] = field(default_factory=dict)
    series: dict[int, str] = field(default_factory=dict)
    return_after_days: Counter[int] = field(default_factory=Counter)
    terms: defaultdict[tuple[int, int], list[Terms]] = field(default_factory=lambda: defaultdict(list))
    campaigns: dict[tuple[int, int], Campaign] = field(default_factory=dict)
    ledgers: defaultdict[tuple[int, int], Ledger] = field(default_factory=lambda: defaultdict(Ledger))
    holdings: dict[bytes, ReplayedHolding] = field(default_factory=dict)
    coupons: dict[tuple[int, str], tuple[int, int, int]] = field(default_factory=dict)
    receipts: dict[tuple[int, bytes], tuple[int, int]] = field(default_factory=dict)
    minted: Counter[tuple[int, str, int]] = field(default_factory=Counter)
    _coupons_ever: set[tuple[int, str]] = field(default_factory=set)
    _gains: Counter[tuple[int, ...]] = field(default_factory=Counter)
    _minting: Event | None = None
    """The service's Minted whose Transfer is to follow."""
    _told: Counter[_Mint] = field(default_factory=Counter)
    """What the service has told in this transaction, less what series have minted for it."""
    _last: Event | None = None

    def apply(self, event: Event) -> None:
        """Take in the next event; those of series that do not concern the exchange are passed over.

        Raises:
            ReplayError: it contradicts the events before it, or the terms they tell of.
        """
        if self._last is not None and self._last.transaction != event.transaction:
            self.finish()
        if event.address != self.service:
            self._apply_series(event)
            return
        self._last = event
        handler = getattr(self, "_on_" + event.name, None)
        if handler is None:
            raise unknown(event)
        handler(event, event.arguments)

    def finish(self) -> None:
        """Say that the last transaction is complete.

        Raises:
            ReplayError: service and series do not tell the same of it.
        """
        differing = {mint: times for mint, times in self._told.items() if times}
        minting, last = self._minting, self._last
        self._last, self._minting = None, None
        self._told.clear()
        if minting is not None:
            raise ReplayError(minting, "the service minted points for no row: no Transfer follows")
        if last is not None and differing:
            raise ReplayError(last, f"told more (or, below 0, less) than minted: {differing}")

    def _apply_series(self, event: Event) -> None:
        a = event.arguments
        if event.name == "Minted":
            self._minting = event if a["minter"] == self.service else None
            self._last = self._minting or self._last
        elif event.name == "Transfer" and self._minting is not None and a["from"] == _ZERO_ADDRESS:
            self._told[_Mint(event.address, a["to"], self._minting.arguments["expiryMonth"], a["value"])] -= 1
            self._minting = None

    # -------------------------------------------------------------------------------- what is laid down

    def _on_PartnerRegistered(self, event: Event, a: dict[str, Any]) -> None:  # noqa: N802
        if a["partner"] != len(self.names) + 1:
            raise ReplayError(event, f"the next partner is {len(self.names) + 1}")
        self.names[a["partner"]], self.keys[a["partner"]] = a["name"], a["key"]

    def _on_PartnerKeyReplaced(self, _event: Event, a: dict[str, Any]) -> None:  # noqa: N802
        self.keys[a["partner"]] = a["key"]

    def _on_PartnerSuspended(self, _event: Event, a: dict[str, Any]) -> None:  # noqa: N802
        self.suspended[a["partner"]] = a["suspended"]

    def _on_ExchangeSeriesSet(self, _event: Event, a: dict[str, Any]) -> None:  # noqa: N802
        self.series[a["municipality"]] = a["series"]

    def _on_ReturnPolicySet(self, _event: Event, a: dict[str, Any]) -> None:  # noqa: N802
        self.return_after_days[a["municipality"]] = a["returnAfterDays"]

    def _on_PartnerAccepted(self, event: Event, a: dict[str, Any]) -> None:  # noqa: N802
        terms = Terms(*a["terms"])
        if terms.start < event.time:
            raise ReplayError(event, "terms begin in the past")
        if a["partner"] not in self.names:
            raise ReplayError(event, "there is no such partner")
        entries = self.terms[_pair(a)]
        entries[:] = [*(each for each in entries if each.start < terms.start), terms]

    def _on_PartnerStopped(self, event: Event, a: dict[str, Any]) -> None:  # noqa: N802
        entries = self.terms[_pair(a)]
        entries[:] = [
            each._replace(until=min(each.until, event.time)) for each in entries if each.start < event.time
        ]

    def _on_CampaignOpened(self, event: Event, a: dict[str, Any]) -> None:  # noqa: N802
        campaign = Campaign(*a["campaign"])
        before = self.campaigns.get(_pair(a))
        if campaign.number != (before.number if before else 0) + 1 or campaign.used:
            raise ReplayError(event, f"the campaign before was {before}")
        self.campaigns[_pair(a)] = campaign

    def _on_CampaignEnded(self, event: Event, a: dict[str, Any]) -> None:  # noqa: N802
        campaign = self.campaigns.get(_pair(a))
        if campaign is not None:
            self.campaigns[_pair(a)] = campaign._replace(until=min(campaign.until, event.time))

    # -------------------------------------------------------------------------------- exchanges

    def _on_Exchanged(self, event: Event, a: dict[str, Any]) -> None:  # noqa: N802
        if a["holding"] != holding_id(a["partner"], a["partnerReference"]):
            raise ReplayError(event, "the holding is not the reference's")
        if a["holding"] in self.holdings:
            raise ReplayError(event, "the reference was used before")
        terms = self._terms_now(event, *_pair(a))
        points = (a["partnerPoints"] - terms.fee) * terms.numerator // terms.denominator
        if points != a["points"]:
            raise ReplayError(event, f"the terms make {points} points")
        bonus, number, owed = self._bonus(event, *_pair(a), points)
        if bonus != a["bonusPoints"]:
            raise ReplayError(event, f"the campaign makes {bonus} points")
        self._use(*_pair(a), bonus)
        self._count(event, *_pair(a), a["number"], points, terms)
        self._book(*_pair(a), held=points + owed)
        self._require_outstanding(event, *_pair(a), terms)
        self.holdings[a["holding"]] = ReplayedHolding(
            a["municipality"], a["number"], a["partner"], event.time, points, bonus, owed, number,
            terms.expiry_months,
        )  # fmt: skip

    def _on_Delivered(self, event: Event, a: dict[str, Any]) -> None:  # noqa: N802
        held = self._held(event, a)
        if a["points"] != held.points or a["partner"] != held.partner:
            raise ReplayError(event, f"exchanged were {held}")
        months, bonus, owed = held.months, held.bonus, held.bonus_owed
        if a["municipality"] != held.municipality:
            self._leave_home(held)
            terms = self._terms_now(event, *_pair(a))
            months = terms.expiry_months
            bonus, _, owed = self._bonus(event, *_pair(a), held.points)
            self._use(*_pair(a), bonus)
            self._count(event, *_pair(a), a["number"], held.points, terms)
            self._book(*_pair(a), held=held.points + owed)
            self._require_outstanding(event, *_pair(a), terms)
        elif a["number"] != held.number:
            raise ReplayError(event, f"they were resident {held.number}'s")
        if (a["bonusPoints"], a["bonusOwedPoints"]) != (bonus, owed):
            raise ReplayError(event, f"the bonus is {bonus}, the partner's part {owed}")
        self._book(*_pair(a), held=-held.points - owed, exchanged=held.points, bonus=bonus, bonus_owed=owed)
        held.outcome = event.name
        self._mint(event, a, held.points + bonus, months)

    def _on_Kept(self, event: Event, a: dict[str, Any]) -> None:  # noqa: N802
        held = self.holdings.get(a["holding"])
        is_open = held is not None and not held.outcome
        if (a["issue"] == 1) == is_open:
            raise ReplayError(event, f"the points were {held}")
        if held is not None and a["issue"] == 2 and event.time >= held.time + HOLDING_SECONDS:
            raise ReplayError(event, "the 14 days had passed")

    def _on_Returned(self, event: Event, a: dict[str, Any]) -> None:  # noqa: N802
        held = self._held(event, a)
        days = self.return_after_days[held.municipality]
        if not days or event.time < held.time + days * 24 * 60 * 60 or a["points"] != held.points:
            raise ReplayError(event, f"the policy says {days} days")
        self._leave_home(held)
        held.outcome = event.name

    # -------------------------------------------------------------------------------- coupons

    def _on_CouponIssued(self, event: Event, a: dict[str, Any]) -> None:  # noqa: N802
        coupon = a["partner"], a["coupon"]
        if coupon in self._coupons_ever:
            raise ReplayError(event, "the coupon was issued before")
        self._coupons_ever.add(coupon)
        self.coupons[coupon] = a["points"], a["municipality"], a["validUntil"]
        self._book(*_pair(a), coupons=a["points"])

    def _on_CouponRedeemed(self, event: Event, a: dict[str, Any]) -> None:  # noqa: N802
        points, municipality, valid_until = self._coupon(event, a)
        if municipality not in (0, a["municipality"]) or event.time > valid_until:
            raise ReplayError(event, f"the coupon was for {municipality} until {valid_until}")
        terms = self._terms_now(event, *_pair(a))
        self._count(event, *_pair(a), a["number"], points, terms)
        self._book(municipality, a["partner"], coupons=-points)
        self._book(*_pair(a), exchanged=points)
        if municipality == 0:
            self._require_outstanding(event, *_pair(a), terms)
        self._mint(event, a, points, terms.expiry_months)

    def _on_CouponClosed(self, event: Event, a: dict[str, Any]) -> None:  # noqa: N802
        points, municipality, valid_until = self._coupon(event, a)
        if municipality != a["municipality"] or a["expired"] != (event.time > valid_until):
            raise ReplayError(event, f"the coupon was for {municipality} until {valid_until}")
        self._book(municipality, a["partner"], coupons=-points)

    # -------------------------------------------------------------------------------- receipts

    def _on_ReceiptRecorded(self, event: Event, a: dict[str, Any]) -> None:  # noqa: N802
        receipt = a["municipality"], a["bankReferenceHash"]
        if receipt in self.receipts:
            raise ReplayError(event, "the bank's reference was recorded before")
        self.receipts[receipt] = a["partner"], a["receivedPoints"]
        self._book(*_pair(a), received=a["receivedPoints"])

    def _on_ReceiptReversed(self, event: Event, a: dict[str, Any]) -> None:  # noqa: N802
        receipt = self.receipts.pop((a["municipality"], a["bankReferenceHash"]), None)
        if receipt != (a["partner"], a["receivedPoints"]):
            raise ReplayError(event, f"recorded was {receipt}")
        self._book(*_pair(a), received=-a["receivedPoints"])

    def _on_EIP712DomainChanged(self, event: Event, _a: dict[str, Any]) -> None:  # noqa: N802
        raise ReplayError(event, "the domain never changes")

    # -------------------------------------------------------------------------------- pieces

    def _terms_now(self, event: Event, municipality: int, partner: int) -> Terms:
        begun = [each for each in self.terms[municipality, partner] if each.start <= event.time]
        if self.suspended.get(partner) or not begun or begun[-1].until <= event.time:
            raise ReplayError(event, "no terms were in force, or the partner was suspended")
        return begun[-1]

    def _bonus(self, event: Event, municipality: int, partner: int, points: int) -> tuple[int, int, int]:
        campaign = self.campaigns.get((municipality, partner))
        if campaign is None or not campaign.start <= event.time < campaign.until:
            return 0, 0, 0
        bonus = min(
            points * campaign.numerator // campaign.denominator,
            campaign.budget - campaign.used,
            MAX_POINTS - points,
        )
        return bonus, campaign.number if bonus else 0, bonus if campaign.is_paid_by_partner else 0

    def _use(self, municipality: int, partner: int, bonus: int) -> None:
        if bonus:
            campaign = self.campaigns[municipality, partner]
            self.campaigns[municipality, partner] = campaign._replace(used=campaign.used + bonus)

    def _leave_home(self, held: ReplayedHolding) -> None:
        home = held.municipality, held.partner
        self._book(*home, held=-held.points - held.bonus_owed)
        if held.campaign and held.campaign == self.campaigns[home].number:
            self._use(*home, -held.bonus)

    def _count(
        self, event: Event, municipality: int, partner: int, number: int, points: int, terms: Terms
    ) -> None:
        day, year = day_of(event.time), fiscal_year_end(month_of(event.time))
        for kind, period, limit in ((0, day, terms.daily_limit), (1, year, terms.yearly_limit)):
            counted = (municipality, partner, number, kind, period)
            self._gains[counted] += points
            if self._gains[counted] > limit:
                raise ReplayError(event, f"the resident got {self._gains[counted]} of {limit}")

    def _require_outstanding(self, event: Event, municipality: int, partner: int, terms: Terms) -> None:
        outstanding = self.ledgers[municipality, partner].outstanding
        if outstanding > terms.outstanding_limit:
            raise ReplayError(event, f"the partner owes {outstanding} of {terms.outstanding_limit}")

    def _book(self, municipality: int, partner: int, **changes: int) -> None:
        ledger = self.ledgers[municipality, partner]
        self.ledgers[municipality, partner] = ledger._replace(
            **{name: getattr(ledger, name) + change for name, change in changes.items()}
        )

    def _mint(self, event: Event, a: dict[str, Any], points: int, months: int) -> None:
        expiry = month_of(event.time) + months
        if a["expiryMonth"] != expiry:
            raise ReplayError(event, f"the points end with month {expiry}")
        self.minted[a["municipality"], a["account"], expiry] += points
        self._told[_Mint(self.series[a["municipality"]], a["account"], expiry, points)] += 1

    def _held(self, event: Event, a: dict[str, Any]) -> ReplayedHolding:
        held = self.holdings.get(a["holding"])
        if held is None or held.outcome:
            raise ReplayError(event, f"nothing was held: {held}")
        return held

    def _coupon(self, event: Event, a: dict[str, Any]) -> tuple[int, int, int]:
        coupon = self.coupons.pop((a["partner"], a["coupon"]), None)
        if coupon is None or coupon[0] != a["points"]:
            raise ReplayError(event, f"the coupon was {coupon}")
        return coupon


def _pair(a: dict[str, Any]) -> tuple[int, int]:
    return a["municipality"], a["partner"]
