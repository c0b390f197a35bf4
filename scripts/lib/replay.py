"""Rebuilds everything from events alone, with the calendar: the second, independent account of the truth.

    replay = Replay(platform, officers, residents, services={address: "MerchantSettlement"})
    for event in read_events(rpc, [platform, officers, residents, *series, *services]):
        replay.apply(event)
    replay.finish()
    replay.series[token].state_at(timestamp)
    replay.settlements[address].batches

An auditor who trusts neither the contract's views nor the reference model (this shares no code with it) gets
every lot, claim, role, status and allowance out of the log, and hears of events that contradict each other.
Amounts are points, months count from January 2000 = 0, times are Unix seconds.
"""

from __future__ import annotations

from collections.abc import Mapping

from scripts.lib.bonus_replay import BonusReplay
from scripts.lib.event_log import Event
from scripts.lib.exchange_replay import ExchangeReplay
from scripts.lib.officers_replay import OfficersReplay
from scripts.lib.programmes_replay import ProgrammesReplay
from scripts.lib.replay_error import ReplayError, unknown
from scripts.lib.residents_replay import ResidentsReplay
from scripts.lib.sales_replay import MAX_PAYABLE_DAYS, SalesReplay
from scripts.lib.series_replay import ZERO_ADDRESS, SeriesReplay
from scripts.lib.settlement_replay import SettlementReplay

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
        "PartnerRegistered",
        "PartnerKeyReplaced",
        "PartnerSuspended",
        "ExchangeSeriesSet",
        "ReturnPolicySet",
        "PartnerAccepted",
        "PartnerStopped",
        "CampaignOpened",
        "CampaignEnded",
        "ReceiptRecorded",
        "ReceiptReversed",
        "BatchCancelled",
        "BatchSent",
        "BatchSettled",
        "ClaimsBounced",
        "ClaimsReopened",
        "YearClosed",
        "CampaignEnlarged",
        "CampaignClosed",
    }
)
"""What series and services tell of acts: an ActDone of the same transaction must name them."""


class Replay:
    """The whole platform as its events tell it.

    Args:
        payable_days: by token, for how many days after its own a sale can be paid; part of the code, so that
            no event tells it (the view saleDays does).
        services: by address, which contract of ours a service of the council is.

    Attributes:
        municipalities: registered names by code, in order.
        registered: (municipality, series number) by token.
        series: by token.
        officers: offices, rules and proposals.
        residents: memberships.
        programmes: by address of the service; so are `exchanges`, `settlements` and `bonuses`.
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
        self.residents = ResidentsReplay()
        self.programmes: dict[str, ProgrammesReplay] = {}
        self.exchanges: dict[str, ExchangeReplay] = {}
        self.settlements: dict[str, SettlementReplay] = {}
        self.bonuses: dict[str, BonusReplay] = {}
        for address, contract in (services or {}).items():
            self._add_service(address, contract)
        self._payable_days = payable_days or {}
        self._unexplained: dict[str, Event] = {}
        """By contract, the first change in this transaction that takes an act and has none yet."""

    def _add_service(self, address: str, contract: str) -> None:
        match contract:
            case "GrantProgrammes":
                self.programmes[address] = ProgrammesReplay(address)
            case "PartnerExchange":
                self.exchanges[address] = ExchangeReplay(address)
            case "MerchantSettlement":
                self.settlements[address] = SettlementReplay(address)
            case "PaymentBonus":
                self.bonuses[address] = BonusReplay(address, self.series, self.residents)
            case _:
                raise ValueError(f"{contract} is no service")

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
        elif not self._is_service(event.address):
            self._apply_series(event, self._series_at(event.address))
        elif event.name in _ONLY_BY_ACT:
            self._unexplained.setdefault(event.address, event)
        for programmes in self.programmes.values():
            programmes.apply(event)
        for exchange in self.exchanges.values():
            exchange.apply(event)
        for settlement in self.settlements.values():
            settlement.apply(event)
        for bonus in self.bonuses.values():
            bonus.apply(event)

    def finish(self) -> None:
        """Say that the last transaction is complete.

        Raises:
            ReplayError: it changed something that takes an act, and has none; or a service and its series do
                not tell the same of it.
        """
        for change in self._unexplained.values():
            raise ReplayError(change, "no act of officers stands behind it")
        for exchange in self.exchanges.values():
            exchange.finish()
        for settlement in self.settlements.values():
            settlement.finish()
        for bonus in self.bonuses.values():
            bonus.finish()

    def _is_service(self, address: str) -> bool:
        services = (self.programmes, self.exchanges, self.settlements, self.bonuses)
        return any(address in of_one_kind for of_one_kind in services)

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
