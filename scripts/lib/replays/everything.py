"""Rebuilds everything from events alone, with the calendar: the second, independent account of the truth.

    replay = Replay(platform, officers, residents, services={programmes: "GrantProgrammes"})
    for event in read_events(rpc, [platform, officers, residents, programmes, *series]):
        replay.apply(event)
    replay.finish()
    replay.series[token].state_at(timestamp)

An auditor who trusts neither the contract's views nor the reference model (this shares no code with it) gets
every lot, claim, role, status and allowance out of the log, and hears of events that contradict each other.
A new service is a line in `SERVICE_REPLAYS`: until then each of its events is a contradiction.
Amounts are points, months count from January 2000 = 0, times are Unix seconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Protocol

from scripts.lib.act_events import ACTS_BEHIND, SETTLEMENT_ACTS_BEHIND, selectors_behind
from scripts.lib.node.event_log import Event
from scripts.lib.replays.bonus import BonusReplay
from scripts.lib.replays.error import ReplayError, unknown
from scripts.lib.replays.exchange import ExchangeReplay
from scripts.lib.replays.officers import OfficersReplay
from scripts.lib.replays.programmes import ProgrammesReplay
from scripts.lib.replays.residents import ResidentsReplay
from scripts.lib.replays.sales import MAX_PAYABLE_DAYS, SalesReplay
from scripts.lib.replays.series import ZERO_ADDRESS, SeriesReplay
from scripts.lib.replays.settlement import SettlementReplay

__all__ = ["ZERO_ADDRESS", "Replay", "ReplayError", "SeriesReplay"]


CARRYING = {"LotCarriedOut": 1, "LotCarriedIn": -1, "ClaimCarriedOut": 1, "ClaimCarriedIn": -1}
"""By event, whether points leave a series or reach one."""


class ServiceReplay(Protocol):
    """Rebuilds one service; hears of every event of the platform, and passes over what is not its affair."""

    def apply(self, event: Event) -> None:
        """Take in the next event."""

    def finish(self) -> None:
        """Say that the last transaction is complete; a fault is told once."""


SERVICE_REPLAYS: dict[str, Callable[[str, Replay], ServiceReplay]] = {
    "GrantProgrammes": lambda service, _: ProgrammesReplay(service),
    "MerchantSettlement": lambda service, _: SettlementReplay(service),
    "PartnerExchange": lambda service, _: ExchangeReplay(service),
    "PaymentBonus": lambda service, platform: BonusReplay(service, platform.series, platform.residents),
}
"""By contract, what makes the replay of a service: given its address, and the platform that it belongs to."""


class Replay:
    """The whole platform as its events tell it.

    Args:
        payable_days: by token, for how many days after its own a sale can be paid; part of the code, so that
            no event tells it (the view saleDays does).
        services: contracts by the address of each service whose events are to be told as well.

    Attributes:
        municipalities: registered names by code, in order.
        registered: (municipality, series number) by token.
        series: by token.
        officers: offices, rules and proposals.
        residents: memberships.
        services: their replays by address.
    """

    def __init__(
        self,
        platform: str,
        officers: str,
        residents: str,
        payable_days: Mapping[str, int] | None = None,
        services: Mapping[str, str] | None = None,
    ) -> None:
        self._platform = platform
        self._officers = officers
        self._residents = residents
        self.municipalities: dict[int, str] = {}
        self.registered: dict[str, tuple[int, int]] = {}
        self.series: dict[str, SeriesReplay] = {}
        self.officers = OfficersReplay()
        self.residents: ResidentsReplay = ResidentsReplay()
        self._kinds = dict(services or {})
        self.services = {
            address: SERVICE_REPLAYS[kind](address, self)
            for address, kind in self._kinds.items()
            if kind in SERVICE_REPLAYS
        }
        self._payable_days = payable_days or {}
        self._transaction = ""
        self._unexplained: list[tuple[str, Event]] = []
        """Changes in this transaction that take an act on a contract and have none yet."""
        self._carrying: list[tuple[str, Event]] = []
        """Events of this transaction by which points leave a series or reach another, with its token."""

    @property
    def programmes(self) -> dict[str, ProgrammesReplay]:
        """Return the services of programmes by address."""
        return {at: each for at, each in self.services.items() if isinstance(each, ProgrammesReplay)}

    @property
    def settlements(self) -> dict[str, SettlementReplay]:
        """Return the services of settlement by address."""
        return {at: each for at, each in self.services.items() if isinstance(each, SettlementReplay)}

    @property
    def exchanges(self) -> dict[str, ExchangeReplay]:
        """Return the partner exchanges by address."""
        return {at: each for at, each in self.services.items() if isinstance(each, ExchangeReplay)}

    @property
    def bonuses(self) -> dict[str, BonusReplay]:
        """Return the services of bonuses by address."""
        return {at: each for at, each in self.services.items() if isinstance(each, BonusReplay)}

    def apply(self, event: Event) -> None:
        """Take in the next event, in the order of the chain.

        Raises:
            ReplayError: it contradicts the events before it, or the transaction before was not complete.
        """
        self.begin(event.transaction)
        if event.address == self._platform:
            self._apply_platform(event)
        elif event.address == self._officers:
            self.officers.apply(event)
            if event.name == "ActDone":
                self._explain(event)
        elif event.address == self._residents:
            self.residents.apply(event)
            self._note_change(event)
        elif event.address in self._kinds:
            self._apply_service(event)
        else:
            self._apply_series(event, self._series_at(event.address))
        for service in self.services.values():
            service.apply(event)

    def begin(self, transaction: str) -> None:
        """Say of which transaction the next event is: before `apply`, for who goes on after a ReplayError.

        Raises:
            ReplayError: the transaction before was another, and was not complete. Each fault is told once.
        """
        if transaction != self._transaction:
            self.finish()
            self._transaction = transaction

    def finish(self) -> None:
        """Say that the last transaction is complete.

        Raises:
            ReplayError: it changed something that takes an act, and has none; or a service and its series do
                not tell the same of it.
        """
        carrying, self._carrying = self._carrying, []
        _require_arrived(carrying, self.series)
        if self._unexplained:
            _, change = self._unexplained.pop(0)
            raise ReplayError(change, "no act of officers stands behind it")
        for service in self.services.values():
            service.finish()

    def drop_pending(self, contract: str) -> None:
        """Forget what is under way in a contract, so that one contradiction does not become many.

        For who goes on after a ReplayError, at an event of this contract.
        """
        self._unexplained = [(at, change) for at, change in self._unexplained if change.address != contract]
        self._carrying = []
        if contract in self.series:
            self.series[contract].drop_pending()

    def _explain(self, done: Event) -> None:
        """Take an act for what stands behind the changes that it may have made."""
        act, target = done.arguments["act"], done.arguments["target"]
        self._unexplained = [
            (contract, change)
            for contract, change in self._unexplained
            if contract != target or act not in selectors_behind(change.name)
        ]

    def _note_change(self, event: Event) -> None:
        if event.name in ACTS_BEHIND:
            self._unexplained.append((event.address, event))
        elif event.name == "AccountReplaced":
            # A membership that an heir took over ends with it.
            self._forgive(event, "MembershipClosed")
        elif event.name == "Carried":
            # A freeze that passes to the next account was an act when it was set.
            self._forgive(event, "FrozenSet")

    def _forgive(self, event: Event, name: str) -> None:
        self._unexplained = [
            (contract, change)
            for contract, change in self._unexplained
            if contract != event.address or change.name != name
        ]

    def _series_at(self, token: str) -> SeriesReplay:
        if token not in self.series:
            payable_days = self._payable_days.get(token, MAX_PAYABLE_DAYS)
            sales = SalesReplay(payable_days, lambda account: self._successor_of(token, account))
            self.series[token] = SeriesReplay(sales=sales)
        return self.series[token]

    def _successor_of(self, token: str, account: str) -> str | None:
        """Return who took over from an account among the residents of a series' municipality."""
        municipality, _ = self.registered.get(token, (0, 0))
        return self.residents.successor_of(municipality, account)

    def _apply_service(self, event: Event) -> None:
        kind = self._kinds[event.address]
        if event.address not in self.services:
            raise ReplayError(event, f"there is no replay of this service: {kind or 'its name is unknown'}")
        self._note_change(event)

    def _apply_series(self, event: Event, series: SeriesReplay) -> None:
        # The first policy and the first refund days are the constructor's.
        settings = {"ExpiryPolicySet": series.expiry_policy, "RefundDaysSet": series.sales.refund_days}
        first = event.name in settings and settings[event.name] is None
        if event.name == "SeriesOpened":
            series.before = self._predecessor(event)
        elif event.name == "MerchantOwnerCarriedIn":
            before, merchant = self._predecessor(event), event.arguments["merchant"]
            if merchant not in before.merchants or before.owner_of(merchant) != event.arguments["owner"]:
                raise ReplayError(event, "a merchant came over that did not stand so before")
        elif event.name in CARRYING:
            self._carrying.append((event.address, event))
        series.apply(event)
        if event.name == "FrozenSet" and event.arguments["frozen"] and series.before is not None:
            # Who is frozen in the series before comes over frozen: that was an act when it was set.
            first = series.before.stops[event.arguments["account"]].frozen
        if event.name in SETTLEMENT_ACTS_BEHIND:
            self._unexplained.append((series.settlement, event))
        elif not first:
            self._note_change(event)

    def _predecessor(self, event: Event) -> SeriesReplay:
        """Return the series that another takes over from, which must be the same municipality's."""
        before, after = event.arguments["predecessor"], event.address
        town = self.registered.get(before, (0, 0))[0]
        if town == 0 or town != self.registered.get(after, (0, 0))[0]:
            raise ReplayError(event, "no series was closed for this one")
        return self._series_at(before)

    def _apply_platform(self, event: Event) -> None:
        a = event.arguments
        match event.name:
            case "MunicipalityRegistered":
                self.municipalities[a["municipality"]] = a["name"]
            case "SeriesRegistered":
                self.registered[a["token"]] = (a["municipality"], a["seriesNumber"])
            case "ServiceOffered":
                self.officers.services.add(a["service"])
            case _:
                raise unknown(event)


def _require_arrived(carrying: list[tuple[str, Event]], series: Mapping[str, SeriesReplay]) -> None:
    """Check that what left a series in a transaction has reached the other one, whole and as it was.

    Raises:
        ReplayError: it has not, or the two do not take over from each other.
    """
    if not carrying:
        return
    last = carrying[-1][1]
    between: Counter[tuple[object, ...]] = Counter()
    for _, event in carrying:
        a, sign = event.arguments, CARRYING[event.name]
        if "account" in a:
            between[a["account"], a["expiryMonth"]] += sign * a["amountPoints"]
        else:
            between[a["merchant"], "this year"] += sign * a["thisYearPoints"]
            between[a["merchant"], "earlier years"] += sign * a["earlierYearsPoints"]
    if lost := {what: points for what, points in between.items() if points}:
        raise ReplayError(last, f"what left one series is not what reached the other: {lost}")
    tokens = {token for token, _ in carrying}
    for token in tokens:
        others = tokens - {token}
        if not any(
            series[token].before is series[other] or series[other].before is series[token] for other in others
        ):
            raise ReplayError(last, "the series do not take over from each other")
