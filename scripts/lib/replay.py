"""Rebuilds everything from events alone, with the calendar: the second, independent account of the truth.

    replay = Replay(platform, officers, residents)
    for event in read_events(rpc, [platform, officers, residents, *series]):
        replay.apply(event)
    replay.series[token].state_at(timestamp)

An auditor who trusts neither the contract's views nor the reference model (this shares no code with it) gets
every lot, claim, role, status and allowance out of the log, and hears of events that contradict each other.
Amounts are points, months count from January 2000 = 0, times are Unix seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from scripts.lib.bonus_replay import BonusReplay
from scripts.lib.event_log import Event
from scripts.lib.officers_replay import OfficersReplay
from scripts.lib.programmes_replay import ProgrammesReplay
from scripts.lib.replay_error import ReplayError, unknown
from scripts.lib.residents_replay import ResidentsReplay
from scripts.lib.sales_replay import MAX_PAYABLE_DAYS, SalesReplay
from scripts.lib.series_replay import ZERO_ADDRESS, SeriesReplay

__all__ = ["ZERO_ADDRESS", "Replay", "ReplayError", "SeriesReplay"]


_ONLY_BY_ACT = frozenset(
    {
        "MinterAllowanceSet",
        "MinterRemoved",
        "ExpiryPolicySet",
        "TransferSwitchesSet",
        "SettlementSet",
        "MerchantApproved",
        "MerchantStatusSet",
        "MerchantOwnerSet",
        "FrozenSet",
        "LotExtended",
        "LotRestored",
        "Revoked",
        "PausedUntil",
        "RefundDaysSet",
        "ProgrammeOpened",
        "BudgetSet",
        "OccurrenceOpened",
        "BatchApproved",
        "BatchStopped",
        "GrantRevoked",
        "CampaignOpened",
        "CampaignEnlarged",
        "CampaignClosed",
    }
)
"""What series, programmes and campaigns tell of acts: an ActDone of the same transaction must name them."""


class Replay:
    """The whole platform as its events tell it.

    Args:
        payable_days: by token, for how many days after its own a sale can be paid; part of the code, so that
            no event tells it (the view saleDays does).
        programmes: addresses of GrantProgrammes, if its events are to be told as well.
        bonuses: addresses of PaymentBonus, likewise.

    Attributes:
        municipalities: registered names by code, in order.
        registered: (municipality, series number) by token.
        series: by token.
        officers: offices, rules and proposals.
        residents: memberships.
        programmes: by address of the service.
        bonuses: likewise.
    """

    def __init__(
        self,
        platform: str,
        officers: str,
        residents: str,
        payable_days: Mapping[str, int] | None = None,
        programmes: Iterable[str] = (),
        bonuses: Iterable[str] = (),
    ) -> None:
        self._platform = platform
        self._officers = officers
        self._residents = residents
        self.municipalities: dict[int, str] = {}
        self.registered: dict[str, tuple[int, int]] = {}
        self.series: dict[str, SeriesReplay] = {}
        self.officers = OfficersReplay()
        self.residents = ResidentsReplay()
        self.programmes = {service: ProgrammesReplay(service) for service in programmes}
        self.bonuses = {service: BonusReplay(service, self.series, self.residents) for service in bonuses}
        self._payable_days = payable_days or {}
        self._unexplained: dict[str, Event] = {}
        """By contract, the first change in this transaction that takes an act and has none yet."""

    def apply(self, event: Event) -> None:
        """Take in the next event, in the order of the chain.

        Raises:
            ReplayError: it contradicts the events before it.
        """
        for change in self._unexplained.values():
            if change.transaction != event.transaction:
                raise ReplayError(change, "no act of officers stands behind it")
        if event.address == self._platform:
            self._apply_platform(event)
        elif event.address == self._officers:
            self.officers.apply(event)
            if event.name == "ActDone":
                self._unexplained.pop(event.arguments["target"], None)
        elif event.address == self._residents:
            self.residents.apply(event)
        elif event.address not in self.programmes and event.address not in self.bonuses:
            self._apply_series(event, self._series_at(event.address))
        elif event.name in _ONLY_BY_ACT:
            self._unexplained.setdefault(event.address, event)
        for programmes in self.programmes.values():
            programmes.apply(event)
        for bonus in self.bonuses.values():
            bonus.apply(event)

    def finish(self) -> None:
        """Say that the last transaction is complete.

        Raises:
            ReplayError: it changed something that takes an act, and has none.
        """
        for change in self._unexplained.values():
            raise ReplayError(change, "no act of officers stands behind it")
        for bonus in self.bonuses.values():
            bonus.finish()

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

    def _apply_series(self, event: Event, series: SeriesReplay) -> None:
        # The first policy and the first refund days are the constructor's.
        settings = {"ExpiryPolicySet": series.expiry_policy, "RefundDaysSet": series.sales.refund_days}
        first = event.name in settings and settings[event.name] is None
        series.apply(event)
        if event.name in _ONLY_BY_ACT and not first:
            self._unexplained.setdefault(event.address, event)
        elif event.name == "Carried":
            # A freeze that passes to the next account was an act when it was set.
            change = self._unexplained.get(event.address)
            if change is not None and change.name == "FrozenSet":
                del self._unexplained[event.address]

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
