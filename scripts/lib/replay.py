"""Rebuilds everything from events alone, with the calendar: the second, independent account of the truth.

    replay = Replay(platform, officers)
    for event in read_events(rpc, [platform, officers, *series]):
        replay.apply(event)
    replay.series[token].state_at(timestamp)

An auditor who trusts neither the contract's views nor the reference model (this shares no code with it) gets
every lot, claim, role, status and allowance out of the log, and hears of events that contradict each other.
Amounts are points, months count from January 2000 = 0, times are Unix seconds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from scripts.lib.event_log import Event
from scripts.lib.expiry_rule import expiry_label
from scripts.lib.japan_calendar import fiscal_year_end, month_label, month_of
from scripts.lib.series_state import Claim, MinterState, SeriesState, Standing

ZERO_ADDRESS = "0x" + "0" * 40
ACTIVE = 0


class ReplayError(Exception):
    """The events contradict each other.

    Attributes:
        event: the one that cannot be.
        why: what the events before it say.
    """

    def __init__(self, event: Event, why: str) -> None:
        self.event = event
        self.why = why
        arguments = ", ".join(f"{name}={value}" for name, value in event.arguments.items())
        super().__init__(f"{event.name}({arguments}) of {event.address} in block {event.block}: {why}")


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


@dataclass
class SeriesReplay:
    """One series as its events tell it.

    Attributes:
        lots: by account and month of expiry, ended lots included until a Lapsed takes them.
        paid: by merchant and fiscal year (the month number of its March), claims not settled.
        points_by_month: all residents' points by month of expiry; of an ended month, what lapsed with it.
        flows: by calendar month.
        closed_months: what MonthClosed reported as lapsed, by month.
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
    expiry_policy: tuple[int, int] | None = None
    transfer_switches: tuple[bool, bool] = (False, False)
    paused_until: int = 0
    _mint: _Mint | None = None
    _lapse: tuple[str, int] | None = None

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
            case "ExpiryPolicySet":
                self.expiry_policy = (a["rule"], a["months"])
            case "TransferSwitchesSet":
                self.transfer_switches = (a["betweenResidents"], a["betweenMerchants"])
            case "PausedUntil":
                self.paused_until = a["untilTimestamp"]
            case "Approval":
                pass  # who may move points of others says nothing about whose they are
            case _:
                raise ReplayError(event, "this replay does not know what it means")

    def _require_whole(self, event: Event) -> None:
        """Check that what earlier events announced has come, before an event that cannot belong to it.

        A mint's Transfers may have lapses between them: a grant takes ended lots of its recipient off the
        books.
        """
        if self._lapse is not None and event.name != "Transfer":
            raise ReplayError(event, "the Lapsed before it has no Transfer to zero beside it")
        mint = self._mint
        if (
            mint is not None
            and mint.missing
            and (event.name == "Minted" or event.transaction != mint.transaction)
        ):
            raise ReplayError(event, f"{mint.missing} points of the Minted before it went to nobody")

    # ---------------------------------------------------------------- movements

    def _transfer(self, event: Event, payer: str, receiver: str, points: int) -> None:
        lapse, self._lapse = self._lapse, None
        if lapse is not None or receiver == ZERO_ADDRESS:
            if (payer, points) != lapse or receiver != ZERO_ADDRESS:
                raise ReplayError(event, f"a lapse and its Transfer must agree; the Lapsed says {lapse}")
            return
        if event.time < self.paused_until:
            raise ReplayError(event, f"points moved before {self.paused_until}, in a pause")
        if payer == ZERO_ADDRESS:
            self._receive_minted(event, receiver, points)
        elif payer in self.merchants:
            self._pass_claim(event, payer, receiver, points)
        elif receiver in self.merchants:
            self._pay(event, payer, receiver, points)
        else:
            for month, part in self._take(event, payer, points):
                self.lots[receiver][month] += part
        self.accounts |= {payer, receiver} - {ZERO_ADDRESS}

    def _start_mint(self, event: Event, minter: str, month: int, points: int) -> None:
        if points > self.allowances[minter]:
            raise ReplayError(event, f"{minter} could mint only {self.allowances[minter]}")
        self.allowances[minter] -= points
        self.minted[minter] += points
        self._mint = _Mint(event.transaction, minter, month, points)

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

    def _pay(self, event: Event, payer: str, merchant: str, points: int) -> None:
        if self.merchants[merchant].status != ACTIVE:
            raise ReplayError(event, "the merchant was not active")
        for month, part in self._take(event, payer, points):
            self.points_by_month[month] -= part
        now = month_of(event.time)
        self.paid[merchant][fiscal_year_end(now)] += points
        self.flows[now].paid += points
        self.flows[now].payments += 1

    def _pass_claim(self, event: Event, payer: str, receiver: str, points: int) -> None:
        if receiver not in self.merchants:
            raise ReplayError(event, "a claim went to somebody who is no merchant")
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
        self._lapse = (account, points)

    def _close_month(self, event: Event, month: int, points: int) -> None:
        if month >= month_of(event.time) or month in self.closed_months:
            raise ReplayError(event, "the month has not ended, or was closed before")
        if self.points_by_month[month] != points:
            raise ReplayError(
                event, f"{self.points_by_month[month]} were left of {month_label(month).english}"
            )
        self.closed_months[month] = points

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
        if merchant not in self.merchants:
            raise ReplayError(event, "it was never approved")
        self.merchants[merchant] = self.merchants[merchant]._replace(status=status)

    # ------------------------------------------------------------------- result

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
            merchant: Claim(paid[this_year], paid.total() - paid[this_year], 0)
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
            # From the other end than the balances: all that was granted, less what ended unspent.
            total_supply=self.minted.total() - lapsed,
        )


class Replay:
    """The whole platform as its events tell it.

    Attributes:
        municipalities: registered names by code, in order.
        registered: (municipality, series number) by token.
        series: by token.
        officers: holders of each (municipality, role number).
    """

    def __init__(self, platform: str, officers: str) -> None:
        self._platform = platform
        self._officers = officers
        self.municipalities: dict[int, str] = {}
        self.registered: dict[str, tuple[int, int]] = {}
        self.series: defaultdict[str, SeriesReplay] = defaultdict(SeriesReplay)
        self.officers: defaultdict[tuple[int, int], set[str]] = defaultdict(set)

    def apply(self, event: Event) -> None:
        """Take in the next event, in the order of the chain.

        Raises:
            ReplayError: it contradicts the events before it.
        """
        if event.address == self._platform:
            self._apply_platform(event)
        elif event.address == self._officers:
            self._apply_officers(event)
        else:
            self.series[event.address].apply(event)

    def _apply_platform(self, event: Event) -> None:
        a = event.arguments
        match event.name:
            case "MunicipalityRegistered":
                self.municipalities[a["municipality"]] = a["name"]
            case "SeriesRegistered":
                self.registered[a["token"]] = (a["municipality"], a["seriesNumber"])
            case _:
                raise ReplayError(event, "this replay does not know what it means")

    def _apply_officers(self, event: Event) -> None:
        match event.name:
            case "RoleGranted" | "RoleRevoked":
                municipality, role = divmod(int.from_bytes(event.arguments["role"], "big"), 256)
                holders, account = self.officers[municipality, role], event.arguments["account"]
                if (event.name == "RoleGranted") == (account in holders):
                    raise ReplayError(event, f"{account} held the role already, or never did")
                holders ^= {account}
            case "MunicipalityOpened" | "RoleAdminChanged":
                pass  # the rules of who appoints whom; the appointments themselves are above
            case _:
                raise ReplayError(event, "this replay does not know what it means")


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
