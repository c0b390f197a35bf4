"""Rebuilds one point series from its events alone, with the calendar.

What the events of other contracts add, such as the act behind a change, is checked in
scripts.lib.replays.everything; sales and their refunds are noted in scripts.lib.replays.sales.
Amounts are points, months count from January 2000 = 0, times are Unix seconds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from scripts.lib.expiry_rule import expiry_label, is_in_range
from scripts.lib.japan_calendar import day_of, fiscal_year_end, month_label, month_of
from scripts.lib.node.event_log import Event
from scripts.lib.replays.error import ReplayError, unknown
from scripts.lib.replays.sales import Paying, Refunding, SalesReplay
from scripts.lib.replays.series_state import Claim, MinterState, SeriesState, Standing, Stop
from scripts.lib.year_end import CarriedPoints, earliest_open_year

ZERO_ADDRESS = "0x" + "0" * 40
ACTIVE, SUSPENDED = 0, 1
NOTICE_SECONDS = 30 * 24 * 60 * 60
"""How long a successor is announced before a series can be closed for it."""

_LOT_BY_LOT = ("LotCarriedOut", "LotCarriedIn")
"""Events in a row of one account, with one Transfer of the whole behind them."""


@dataclass
class Flow:
    """What moved in one calendar month: points granted and paid, and how often."""

    granted: int = 0
    paid: int = 0
    grants: int = 0
    payments: int = 0


@dataclass
class _Mint:
    """The last Minted: its Transfers from zero must follow and add up."""

    transaction: str
    minter: str
    month: int
    missing: int


@dataclass(frozen=True)
class _Announced:
    """A Transfer that the event before it calls for."""

    event: Event
    payer: str
    receiver: str
    points: int


@dataclass
class SeriesReplay:
    """One series as its events tell it.

    Attributes:
        lots: by account and month of expiry, ended lots included until a Lapsed takes them.
        paid: by merchant and fiscal year (the month number of its March), claims not locked and not settled.
            What settlement gives back of earlier years counts as the last one's.
        points_by_month: all residents' points by month of expiry; of an ended month, what lapsed with it.
        flows: by calendar month.
        closed_months: what MonthClosed reported as lapsed, by month.
        restored: what was given back, by the month with which it had lapsed.
        revoked: taken back of unspent grants, by officers or by minters.
        taken_back: by minter, what it took back in its life; part of `revoked`.
        carried: moved from replaced accounts to their successors.
        stops: by account, whether it is frozen and whether it is blocked; accounts once stopped are kept.
        owners: by merchant, whose owner key was replaced.
        tills: by merchant, the keys besides its owner's that may take payments for it.
        locked: by merchant, claims in settlement.
        settled: by merchant, claims that were paid in yen and are not owed again.
        settlement: the service that may settle claims; the zero address if there is none.
        sales: what was paid at a till, under a number of its own.
        carried_in, carried_out: lots and claims that came from and went to the series before and after it.
        carried_by_year: the same by the fiscal year (its March) in whose books they stand.
        successor: announced; the zero address if none is.
        closed: whether the successor has taken over.
        before: the series that it has taken over from.
    """

    lots: defaultdict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    paid: defaultdict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    merchants: dict[str, Standing] = field(default_factory=dict)
    merchant_names: dict[str, tuple[str, str]] = field(default_factory=dict)
    allowances: Counter[str] = field(default_factory=Counter)
    minted: Counter[str] = field(default_factory=Counter)
    points_by_month: Counter[int] = field(default_factory=Counter)
    flows: defaultdict[int, Flow] = field(default_factory=lambda: defaultdict(Flow))
    closed_months: dict[int, int] = field(default_factory=dict)
    accounts: set[str] = field(default_factory=set)
    restored: Counter[int] = field(default_factory=Counter)
    revoked: int = 0
    taken_back: Counter[str] = field(default_factory=Counter)
    carried: int = 0
    stops: defaultdict[str, Stop] = field(default_factory=lambda: defaultdict(lambda: Stop(False, False)))
    owners: dict[str, str] = field(default_factory=dict)
    tills: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    locked: Counter[str] = field(default_factory=Counter)
    settled: Counter[str] = field(default_factory=Counter)
    settlement: str = ZERO_ADDRESS
    expiry_policy: tuple[int, int] | None = None
    transfer_switches: tuple[bool, bool] = (False, False)
    paused_until: int = 0
    sales: SalesReplay = field(default_factory=SalesReplay)
    carried_in: int = 0
    carried_out: int = 0
    carried_by_year: defaultdict[int, CarriedPoints] = field(
        default_factory=lambda: defaultdict(CarriedPoints)
    )
    successor: str = ZERO_ADDRESS
    closable_from: int = 0
    closed: bool = False
    before: SeriesReplay | None = None
    last_sale_day: int = 0
    _mint: _Mint | None = None
    _announced: list[_Announced] = field(default_factory=list)

    def apply(self, event: Event) -> None:
        """Take in the next event of this series.

        Raises:
            ReplayError: it contradicts the events before it.
        """
        self._require_whole(event)
        a = event.arguments
        match event.name:
            case "Minted":
                self._start_mint(event, a["minter"], a["expiryMonth"], a["amountPoints"])
            case "MintSkipped":
                self._skip_mint(event, a["amountPoints"])
            case "Transfer":
                self._transfer(event, a["from"], a["to"], a["value"])
            case "Lapsed":
                self._lapse_lot(event, a["account"], a["expiryMonth"], a["amountPoints"])
            case "MonthClosed":
                self._close_month(event, a["month"], a["amountPoints"])
            case "MinterAllowanceSet":
                self.allowances[a["minter"]] = a["allowancePoints"]
                self.accounts.add(a["minter"])
            case "MinterRemoved":
                self._remove_minter(event, a["minter"], a["mintedPoints"])
            case "MerchantApproved":
                self._approve_merchant(event, a["merchant"], a["category"], a["name"], a["place"])
            case "MerchantStatusSet":
                self._set_status(event, a["merchant"], a["status"])
            case "MerchantOwnerSet":
                self._require_merchant(event, a["merchant"])
                self.owners[a["merchant"]] = a["owner"]
                self.tills[a["merchant"]] = set()  # those of the owner before fall with it
            case "TillSet":
                self._set_till(event, a["merchant"], a["till"], a["active"])
            case "FrozenSet":
                self._stop(event, a["account"], frozen=a["frozen"])
            case "BlockedSet":
                self._stop(event, a["account"], blocked=a["blocked"])
            case "Carried":
                self._carry(event, a["from"], a["to"], a["amountPoints"])
            case "LotExtended":
                self._extend(event, a["account"], a["fromMonth"], a["toMonth"], a["amountPoints"])
            case "LotRestored":
                self._restore(event, a["account"], a["lapsedMonth"], a["toMonth"], a["amountPoints"])
            case "Revoked":
                self._revoke(event, a["account"], a["expiryMonth"], a["amountPoints"])
            case "TakenBack":
                self._take_back(event, a["minter"], a["account"], a["expiryMonth"], a["amountPoints"])
            case "ExpiryPolicySet":
                self.expiry_policy = (a["rule"], a["months"])
            case "TransferSwitchesSet":
                self.transfer_switches = (a["betweenResidents"], a["betweenMerchants"])
            case "SettlementSet":
                self._set_settlement(event, a["service"])
            case "ClaimLocked":
                self._lock(event, a["merchant"], a["thisYearPoints"], a["earlierYearsPoints"])
            case "ClaimUnlocked":
                self._unlock(event, a["merchant"], a["thisYearPoints"], a["earlierYearsPoints"])
            case "Settled":
                self._settle(event, a["merchant"], a["amountPoints"])
            case "ClaimReopened":
                self._reopen(event, a["merchant"], a["thisYearPoints"], a["earlierYearsPoints"])
            case "PausedUntil":
                self.paused_until = a["untilTimestamp"]
            case "SalePaid" | "SaleRefunded" | "SaleUnreturnable":
                self.sales.announce(event)
            case "SaleVoided":
                self._require_merchant(event, a["merchant"])
                self.sales.void(event, a["merchant"], a["sale"])
            case "PaymentSkipped":
                self._require_merchant(event, a["merchant"])
                self.sales.skip(event, a["merchant"], a["sale"], a["payer"], a["issue"])
            case "SignaturesCancelled":
                self._require_resident(event, a["account"])
                self.sales.cancel_signatures(event, a["account"], a["cancelEpoch"])
            case "SuccessorAnnounced":
                self._announce_successor(event, a["successor"], a["closableFrom"])
            case "SuccessorWithdrawn":
                self._announce_successor(event, ZERO_ADDRESS, 0)
            case "SeriesClosed":
                self._close(event, a["successor"])
            case "SeriesOpened":
                self._open(event, a["lastSaleDay"])
            case "LotCarriedOut":
                self._lot_out(event, a["account"], a["expiryMonth"], a["amountPoints"])
            case "LotCarriedIn":
                self._lot_in(event, a["account"], a["expiryMonth"], a["amountPoints"])
            case "ClaimCarriedOut":
                self._claim_out(event, a["merchant"], a["thisYearPoints"], a["earlierYearsPoints"])
            case "ClaimCarriedIn":
                self._claim_in(event, a["merchant"], a["thisYearPoints"], a["earlierYearsPoints"])
            case "MerchantCarriedIn":
                self._merchant_in(event, a["merchant"], a["category"], a["status"], a["owner"])
            case "MerchantOwnerCarriedIn":
                self._owner_in(event, a["merchant"], a["owner"])
            case "RefundDaysSet":
                self.sales.refund_days = a["refundDays"]
            case "Approval":
                pass  # who may move points of others says nothing about whose they are
            case _:
                raise unknown(event)

    def _require_whole(self, event: Event) -> None:
        """Check that what earlier events announced has come, before an event that cannot belong to it.

        A mint's Transfers may have lapses between them, and a restored lot may have them before its own:
        whoever receives points has ended lots taken off the books.
        """
        self.sales.require_whole(event)
        if self._announced and event.name != "Transfer":
            by = self._announced[-1].event
            if event.name in _LOT_BY_LOT and by.name == event.name and by.transaction == event.transaction:
                return
            if event.name != "Lapsed" or by.name != "LotRestored" or by.transaction != event.transaction:
                raise ReplayError(event, f"the {by.name} before it has no Transfer beside it")
        mint = self._mint
        if (
            mint is not None
            and mint.missing
            and (event.name == "Minted" or event.transaction != mint.transaction)
        ):
            raise ReplayError(event, f"{mint.missing} points of the Minted before it went to nobody")

    def drop_pending(self) -> None:
        """Forget what earlier events announced and what has not come: for who goes on after a ReplayError."""
        self._mint, self._announced = None, []
        self.sales.drop_pending()

    # ---------------------------------------------------------------- movements

    def _transfer(self, event: Event, payer: str, receiver: str, points: int) -> None:
        if self._announced:
            called = self._announced.pop()
            if (payer, receiver, points) != (called.payer, called.receiver, called.points):
                raise ReplayError(event, f"the {called.event.name} before it calls for another one: {called}")
            self.accounts |= {payer, receiver} - {ZERO_ADDRESS}
            return
        if self.closed and not isinstance(self.sales.first_announced(), Refunding):
            raise ReplayError(event, "the series was closed for its successor")
        if receiver == ZERO_ADDRESS:
            raise ReplayError(event, "nothing before it says why points should vanish")
        self._require_moving(event)
        for account in {payer, receiver} - {ZERO_ADDRESS}:
            if any(self.stops.get(account, ())):
                raise ReplayError(event, f"{account} is frozen or blocked")
        sale = self.sales.announced()
        if isinstance(sale, Refunding):
            self._refund(event, sale, payer, receiver, points)
        elif isinstance(sale, Paying):
            self._pay_sale(event, sale, payer, receiver, points)
        elif payer == ZERO_ADDRESS:
            self._receive_minted(event, receiver, points)
        elif payer in self.merchants:
            self._pass_claim(event, payer, receiver, points)
        elif receiver in self.merchants:
            self._pay(event, payer, receiver, points)
        else:
            self._give(event, payer, receiver, points)
        self.accounts |= {payer, receiver} - {ZERO_ADDRESS}

    def _start_mint(self, event: Event, minter: str, month: int, points: int) -> None:
        if self.closed:
            raise ReplayError(event, "the series was closed for its successor")
        if points > self.allowances[minter]:
            raise ReplayError(event, f"{minter} could mint only {self.allowances[minter]}")
        if not is_in_range(month, month_of(event.time)):
            raise ReplayError(event, "no points granted now may end so early, or so late")
        self.allowances[minter] -= points
        self.minted[minter] += points
        self._mint = _Mint(event.transaction, minter, month, points)

    def _skip_mint(self, event: Event, points: int) -> None:
        mint = self._mint
        if mint is None or mint.transaction != event.transaction or points > mint.missing:
            raise ReplayError(event, f"the Minted before it does not cover these points: {mint}")
        mint.missing -= points
        self.allowances[mint.minter] += points
        self.minted[mint.minter] -= points

    def _receive_minted(self, event: Event, receiver: str, points: int) -> None:
        mint = self._mint
        if mint is None or mint.transaction != event.transaction or points > mint.missing:
            raise ReplayError(event, f"the Minted before it does not cover these points: {mint}")
        mint.missing -= points
        if receiver in self.merchants:
            raise ReplayError(event, "a merchant received new points")
        self.lots[receiver][mint.month] += points
        self.points_by_month[mint.month] += points
        flow = self.flows[month_of(event.time)]
        flow.granted += points
        flow.grants += 1

    def _give(self, event: Event, payer: str, receiver: str, points: int) -> None:
        """Move points from resident to resident; each keeps its month."""
        if not self.transfer_switches[0]:
            raise ReplayError(event, "residents may not transfer to each other")
        for month, part in self._take(event, payer, points):
            self.lots[receiver][month] += part

    def _pay(self, event: Event, payer: str, merchant: str, points: int) -> list[tuple[int, int]]:
        """Turn live points into a claim, those that end first first (I4); return (month, points) parts."""
        if self.merchants[merchant].status != ACTIVE:
            raise ReplayError(event, "the merchant was not active")
        parts = self._take(event, payer, points)
        for month, part in parts:
            self.points_by_month[month] -= part
        now = month_of(event.time)
        self.paid[merchant][fiscal_year_end(now)] += points
        self.flows[now].paid += points
        self.flows[now].payments += 1
        return parts

    def _pay_sale(self, event: Event, paying: Paying, payer: str, merchant: str, points: int) -> None:
        self._require_merchant(event, merchant)
        self._require_resident(event, payer)
        if (payer, merchant, points) != (paying.payer, paying.merchant, paying.points):
            raise ReplayError(event, f"the SalePaid before it calls for another one: {paying}")
        parts = self._pay(event, payer, merchant, points)
        if parts != paying.lots:
            raise ReplayError(event, f"the points that end first are {parts}, the sale took {paying.lots}")
        self.sales.note_payment(event, paying)

    def _refund(self, event: Event, refunding: Refunding, payer: str, receiver: str, points: int) -> None:
        """Turn part of a claim into the lots that it came from (I8)."""
        self._require_resident(event, receiver)
        if (payer, receiver, points) != (refunding.merchant, refunding.receiver, refunding.points):
            raise ReplayError(event, f"the SaleRefunded before it calls for another one: {refunding}")
        year = self.sales.note_refund(event, refunding)
        now = fiscal_year_end(month_of(event.time))
        # The claim of the year of the payment gives first: this year's, or that of all earlier ones.
        first = Counter(
            {end: held for end, held in self.paid[payer].items() if (end == now) == (year == now)}
        )
        taken = min(first.total(), points)
        for claims, part in ((first, taken), (self.paid[payer] - first, points - taken)):
            for end, given in _first_entries(event, claims, part):
                self.paid[payer][end] -= given
        for month, part in refunding.lots:
            self._add(receiver, month, part)

    def _pass_claim(self, event: Event, payer: str, receiver: str, points: int) -> None:
        if receiver not in self.merchants:
            raise ReplayError(event, "a claim went to somebody who is no merchant")
        if not self.transfer_switches[1]:
            raise ReplayError(event, "merchants may not transfer to each other")
        for year, part in _first_entries(event, self.paid[payer], points):
            self.paid[payer][year] -= part
            self.paid[receiver][year] += part

    def _take(self, event: Event, account: str, points: int) -> list[tuple[int, int]]:
        """Take live points out of an account, those that end first first; return (month, points) parts."""
        now = month_of(event.time)
        live = Counter({month: held for month, held in self.lots[account].items() if month >= now})
        parts = _first_entries(event, live, points)
        for month, part in parts:
            self.lots[account][month] -= part
        return parts

    # ------------------------------------------------------------------- lapse

    def _lapse_lot(self, event: Event, account: str, month: int, points: int) -> None:
        if month >= month_of(event.time):
            raise ReplayError(event, f"{month_label(month).english} has not ended")
        if self.lots[account][month] != points:
            raise ReplayError(
                event, f"the lot until {expiry_label(month).english} held {self.lots[account][month]}"
            )
        del self.lots[account][month]
        self._announce(event, account, ZERO_ADDRESS, points)

    def _close_month(self, event: Event, month: int, points: int) -> None:
        if month >= month_of(event.time) or month in self.closed_months:
            raise ReplayError(event, "the month has not ended, or was closed before")
        if self.points_by_month[month] != points:
            raise ReplayError(
                event, f"{self.points_by_month[month]} were left of {month_label(month).english}"
            )
        self.closed_months[month] = points

    # ------------------------------------------------------------- corrections

    def _carry(self, event: Event, old: str, new: str, points: int) -> None:
        self._require_moving(event)
        if self.closed:
            raise ReplayError(event, "the series was closed for its successor")
        self._require_resident(event, old)
        self._require_resident(event, new)
        if not self.stops[old].blocked:
            raise ReplayError(event, "the account is not blocked")
        moved = 0
        for month, part in list(self.lots[old].items()):
            if month >= month_of(event.time):
                self.lots[new][month] += part
                del self.lots[old][month]
                moved += part
        if moved != points:
            raise ReplayError(event, f"the account held {moved}")
        self.carried += points
        self._announce(event, old, new, points)

    def _extend(self, event: Event, account: str, month: int, to_month: int, points: int) -> None:
        self._require_moving(event)
        self._require_resident(event, account)
        if not month_of(event.time) <= month < to_month:
            raise ReplayError(event, "the lot had ended, or would end no later")
        if self.lots[account][month] != points:
            raise ReplayError(event, f"the lot held {self.lots[account][month]}")
        self._add(account, month, -points)
        self._add(account, to_month, points)

    def _restore(self, event: Event, account: str, lapsed_month: int, to_month: int, points: int) -> None:
        self._require_moving(event)
        self._require_resident(event, account)
        if not lapsed_month < month_of(event.time) <= to_month:
            raise ReplayError(event, "the month has not ended, or the new one has")
        self.restored[lapsed_month] += points
        if self.restored[lapsed_month] > self.points_by_month[lapsed_month]:
            raise ReplayError(event, f"only {self.points_by_month[lapsed_month]} lapsed with that month")
        self._add(account, to_month, points)
        self._announce(event, ZERO_ADDRESS, account, points)

    def _revoke(self, event: Event, account: str, month: int, points: int) -> None:
        self._require_moving(event)
        self._require_resident(event, account)
        if month < month_of(event.time) or points > self.lots[account][month]:
            raise ReplayError(event, f"the lot had ended, or held only {self.lots[account][month]}")
        self._add(account, month, -points)
        self.revoked += points
        self._announce(event, account, ZERO_ADDRESS, points)

    def _take_back(self, event: Event, minter: str, account: str, month: int, points: int) -> None:
        if self.closed:
            raise ReplayError(event, "the series was closed for its successor")
        left = self.returnable_by(minter)
        self.taken_back[minter] += points
        if points > left:
            raise ReplayError(event, f"{minter} had minted only {left} more")
        self._revoke(event, account, month, points)

    # --------------------------------------------------------------- migration

    def _announce_successor(self, event: Event, successor: str, closable_from: int) -> None:
        if self.closed:
            raise ReplayError(event, "the series was closed for its successor")
        if successor != ZERO_ADDRESS and closable_from != event.time + NOTICE_SECONDS:
            raise ReplayError(event, f"a notice lasts {NOTICE_SECONDS} seconds")
        self.successor, self.closable_from = successor, closable_from

    def _close(self, event: Event, successor: str) -> None:
        if self.closed or successor == ZERO_ADDRESS or successor != self.successor:
            raise ReplayError(event, f"the successor announced was {self.successor}")
        if event.time < self.closable_from:
            raise ReplayError(event, f"the notice lasts until {self.closable_from}")
        self.closed = True

    def _open(self, event: Event, last_sale_day: int) -> None:
        before, self.before = self.before, None
        # One that was closed itself would come after itself.
        if before is None or self.closed or not before.closed or before.successor != event.address:
            raise ReplayError(event, "no series was closed for this one")
        if self.minted.total() or last_sale_day != day_of(event.time):
            raise ReplayError(event, "points were made before the series was opened, or the day is another")
        self.before, self.last_sale_day = before, last_sale_day
        self.sales.before = before.sales

    def _lot_out(self, event: Event, account: str, month: int, points: int) -> None:
        self._require_carrying(event, out=True)
        if month < month_of(event.time) or self.lots[account][month] != points:
            raise ReplayError(event, f"the lot had ended, or held {self.lots[account][month]}")
        self._add(account, month, -points)
        self._carry_out(event, points)
        self._announce_more(event, account, ZERO_ADDRESS, points)

    def _lot_in(self, event: Event, account: str, month: int, points: int) -> None:
        self._require_carrying(event, out=False)
        self._require_resident(event, account)
        if month < month_of(event.time):
            raise ReplayError(event, "the lot had ended, or would be renewed")
        self._add(account, month, points)
        self._carry_in(event, points)
        self._announce_more(event, ZERO_ADDRESS, account, points)

    def _claim_out(self, event: Event, merchant: str, this_year: int, earlier_years: int) -> None:
        self._require_moving(event)
        self._require_merchant(event, merchant)
        if not self.closed and self.before is None:
            raise ReplayError(event, "the series has neither a successor nor a predecessor")
        self._take_claim(event, merchant, this_year, earlier_years)
        self._carry_out(event, 0, this_year, earlier_years)
        self._announce(event, merchant, ZERO_ADDRESS, this_year + earlier_years)

    def _claim_in(self, event: Event, merchant: str, this_year: int, earlier_years: int) -> None:
        self._require_moving(event)
        self._require_merchant(event, merchant)
        if not self.closed and self.before is None:
            raise ReplayError(event, "the series has neither a successor nor a predecessor")
        self._owe_again(event, merchant, this_year, earlier_years)
        self._carry_in(event, 0, this_year, earlier_years)
        self._announce(event, ZERO_ADDRESS, merchant, this_year + earlier_years)

    def _carry_in(self, event: Event, lots: int, this_year: int = 0, earlier_years: int = 0) -> None:
        self.carried_in += lots + this_year + earlier_years
        self._book(event, CarriedPoints(lots_in=lots, claims_in=this_year), of_open_books=False)
        self._book(event, CarriedPoints(claims_in=earlier_years), of_open_books=True)

    def _carry_out(self, event: Event, lots: int, this_year: int = 0, earlier_years: int = 0) -> None:
        self.carried_out += lots + this_year + earlier_years
        self._book(event, CarriedPoints(lots_out=lots, claims_out=this_year), of_open_books=False)
        self._book(event, CarriedPoints(claims_out=earlier_years), of_open_books=True)

    def _book(self, event: Event, more: CarriedPoints, *, of_open_books: bool) -> None:
        """Book what was carried: claims of earlier years in the earliest year whose books are open."""
        march = (earliest_open_year if of_open_books else fiscal_year_end)(month_of(event.time))
        self.carried_by_year[march] = self.carried_by_year[march].plus(more)

    def _merchant_in(self, event: Event, merchant: str, category: int, status: int, owner: str) -> None:
        self._require_carrying(event, out=False)
        before = self.before
        known = before is not None and before.merchants.get(merchant) == Standing(status, category)
        if before is None or not known or before.owner_of(merchant) != owner or merchant in self.merchants:
            raise ReplayError(event, "a merchant came over that did not stand so before")
        if any(self.lots[merchant].values()):
            raise ReplayError(event, "an account that holds lots became a merchant")
        self.merchants[merchant] = Standing(status, category)
        self.merchant_names[merchant] = before.merchant_names[merchant]
        if owner != merchant:
            self.owners[merchant] = owner
        self.accounts.add(merchant)

    def _owner_in(self, event: Event, merchant: str, owner: str) -> None:
        self._require_merchant(event, merchant)
        if merchant in self.owners:
            raise ReplayError(event, "a merchant came over that did not stand so before")
        self.owners[merchant] = owner
        self.tills[merchant] = set()

    def _require_carrying(self, event: Event, out: bool) -> None:
        self._require_moving(event)
        if not (self.closed if out else self.last_sale_day):
            raise ReplayError(event, "the series was not closed, or opened, for carrying")

    def _announce_more(self, event: Event, payer: str, receiver: str, points: int) -> None:
        """Call for one Transfer of all lots of an account that are told of in a row."""
        if self._announced and self._announced[-1].event.name == event.name:
            before = self._announced.pop()
            if (before.payer, before.receiver) != (payer, receiver):
                raise ReplayError(event, f"the {event.name} before it has no Transfer beside it")
            points += before.points
        self._announce(event, payer, receiver, points)

    def returnable_by(self, minter: str) -> int:
        """Return what a minter may still take back, of what it minted here and before."""
        before = self.before.returnable_by(minter) if self.before is not None else 0
        return self.minted[minter] + before - self.taken_back[minter]

    # -------------------------------------------------------------- settlement

    def _set_settlement(self, event: Event, service: str) -> None:
        if self.locked.total() and service != self.settlement:
            raise ReplayError(event, "the service before it had locked claims")
        self.settlement = service

    def _lock(self, event: Event, merchant: str, this_year: int, earlier_years: int) -> None:
        self._require_settling(event, merchant)
        if self.stops[merchant].frozen and this_year + earlier_years:
            raise ReplayError(event, "the merchant was frozen")
        self._take_claim(event, merchant, this_year, earlier_years)
        self.locked[merchant] += this_year + earlier_years

    def _take_claim(self, event: Event, merchant: str, this_year: int, earlier_years: int) -> None:
        """Take parts of a claim that are not locked off it."""
        paid, year = self.paid[merchant], fiscal_year_end(month_of(event.time))
        earlier = Counter({before: points for before, points in paid.items() if before < year})
        for of_year, part in _first_entries(event, earlier, earlier_years):
            paid[of_year] -= part
        if this_year > paid[year]:
            raise ReplayError(event, f"only {paid[year]} were owed of this fiscal year")
        paid[year] -= this_year

    def _unlock(self, event: Event, merchant: str, this_year: int, earlier_years: int) -> None:
        self._require_settling(event, merchant)
        self._take_locked(event, merchant, this_year + earlier_years)
        self._owe_again(event, merchant, this_year, earlier_years)

    def _settle(self, event: Event, merchant: str, points: int) -> None:
        self._require_settling(event, merchant)
        self._take_locked(event, merchant, points)
        self.settled[merchant] += points
        self._announce(event, merchant, ZERO_ADDRESS, points)

    def _reopen(self, event: Event, merchant: str, this_year: int, earlier_years: int) -> None:
        self._require_settling(event, merchant)
        points = this_year + earlier_years
        if points > self.settled[merchant]:
            raise ReplayError(event, f"only {self.settled[merchant]} had been settled")
        self.settled[merchant] -= points
        self._owe_again(event, merchant, this_year, earlier_years)
        self._announce(event, ZERO_ADDRESS, merchant, points)

    def _take_locked(self, event: Event, merchant: str, points: int) -> None:
        if points > self.locked[merchant]:
            raise ReplayError(event, f"only {self.locked[merchant]} were locked")
        self.locked[merchant] -= points

    def _owe_again(self, event: Event, merchant: str, this_year: int, earlier_years: int) -> None:
        year = fiscal_year_end(month_of(event.time))
        self.paid[merchant][year] += this_year
        self.paid[merchant][year - 12] += earlier_years

    def _require_settling(self, event: Event, merchant: str) -> None:
        self._require_moving(event)
        self._require_merchant(event, merchant)
        if self.settlement == ZERO_ADDRESS:
            raise ReplayError(event, "the series has no settlement service")

    def _add(self, account: str, month: int, points: int) -> None:
        self.lots[account][month] += points
        self.points_by_month[month] += points

    def _announce(self, event: Event, payer: str, receiver: str, points: int) -> None:
        self._announced.append(_Announced(event, payer, receiver, points))

    def _require_moving(self, event: Event) -> None:
        if event.time < self.paused_until:
            raise ReplayError(event, f"points moved before {self.paused_until}, in a pause")

    def _require_resident(self, event: Event, account: str) -> None:
        if account in self.merchants:
            raise ReplayError(event, "a merchant has no lots")

    def _require_merchant(self, event: Event, account: str) -> None:
        if account not in self.merchants:
            raise ReplayError(event, "it was never approved as a merchant")

    # ----------------------------------------------------------- administration

    def _remove_minter(self, event: Event, minter: str, minted: int) -> None:
        if self.minted[minter] != minted:
            raise ReplayError(event, f"the events make it {self.minted[minter]} minted")
        self.allowances[minter] = 0

    def _approve_merchant(self, event: Event, merchant: str, category: int, name: str, place: str) -> None:
        if any(self.lots[merchant].values()):
            raise ReplayError(event, "an account that holds lots became a merchant")
        self.merchants[merchant] = Standing(ACTIVE, category)
        self.merchant_names[merchant] = (name, place)
        self.accounts.add(merchant)

    def _set_status(self, event: Event, merchant: str, status: int) -> None:
        self._require_merchant(event, merchant)
        self.merchants[merchant] = self.merchants[merchant]._replace(status=status)

    def _stop(self, event: Event, account: str, **change: bool) -> None:
        if account not in (ZERO_ADDRESS, event.address):  # which are frozen for good, without an event
            self.stops[account] = self.stops[account]._replace(**change)
            self.accounts.add(account)

    def _set_till(self, event: Event, merchant: str, till: str, active: bool) -> None:
        self._require_merchant(event, merchant)
        if active:
            self.tills[merchant].add(till)
        else:
            self.tills[merchant].discard(till)

    # ------------------------------------------------------------------- result

    def owner_of(self, merchant: str) -> str:
        """Return who holds a merchant's owner key: it itself, until that was replaced."""
        return self.owners.get(merchant, merchant)

    def tills_of(self, merchant: str) -> set[str]:
        """Return the keys that may take payments for a merchant."""
        owner = {self.owner_of(merchant)} if merchant in self.merchants else set()
        return self.tills.get(merchant, set()) | owner

    def state_at(self, timestamp: int) -> SeriesState:
        """Return what the series holds at `timestamp`, which is not before the last event."""
        now = month_of(timestamp)
        this_year = fiscal_year_end(now)
        lots = {
            account: live
            for account, held in self.lots.items()
            if (live := {month: points for month, points in sorted(held.items()) if points and month >= now})
        }
        claims = {
            merchant: Claim(paid[this_year], paid.total() - paid[this_year], self.locked[merchant])
            for merchant in self.merchants
            for paid in [self.paid[merchant]]
        }
        balances = {account: sum(held.values()) for account, held in lots.items()}
        balances |= {merchant: sum(claim) for merchant, claim in claims.items()}
        lapsed = sum(points for month, points in self.points_by_month.items() if month < now)
        return SeriesState(
            balances=balances,
            lots=lots,
            claims=claims,
            merchants=dict(self.merchants),
            minters={
                minter: MinterState(self.allowances[minter], self.minted[minter])
                for minter in self.allowances.keys() | self.minted.keys()
            },
            points_by_month=dict(self.points_by_month),
            restored_by_month=dict(self.restored),
            stops={account: stop for account, stop in self.stops.items() if any(stop)},
            owners={merchant: self.owner_of(merchant) for merchant in self.merchants},
            settled=self.settled.total(),
            # From the other end than the balances: all that was made, less what lapsed or was taken back.
            total_supply=self.minted.total()
            + self.restored.total()
            + self.carried_in
            - self.carried_out
            - self.revoked
            - lapsed
            - self.settled.total(),
        )


def _first_entries(event: Event, held: Counter[int], points: int) -> list[tuple[int, int]]:
    """Divide `points` over the entries of lowest key; return (key, points) parts."""
    parts = []
    rest = points
    for key in sorted(held):
        part = min(held[key], rest)
        if part:
            parts.append((key, part))
            rest -= part
    if rest:
        raise ReplayError(event, f"only {points - rest} were there")
    return parts
