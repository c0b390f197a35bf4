"""Bonus on payments in the demo: one town gives part of what is bought in two weeks of June back.

It takes place after the fiscal year, in a series of its own with the town's shops and residents. Residents
sign what they pay, shops submit it and take things back. Every night somebody shows the day's sales, has
those awarded that can be refunded no more, and frees what is promised for what was taken back. Every step is
taken on the chain and in the reference model; at the end all figures of campaign and series are compared, and
once more with a replay of the events.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from scripts.lib.acts import Act
from scripts.lib.bonus_issue import BonusIssue
from scripts.lib.calls import Call, Deployer, View
from scripts.lib.chain_state import read_series_state
from scripts.lib.deployment import SERIES_LIBRARIES, SERVICES, Deployment, SeriesPlan, series_arguments
from scripts.lib.expiry_rule import MAX_TERM_MONTHS, NEVER, ExpiryRule
from scripts.lib.japan_calendar import day_of, start_of_day
from scripts.lib.keys.keyring import LocalKeyring
from scripts.lib.node.event_log import read_events
from scripts.lib.node.rpc import Rpc
from scripts.lib.payment.sale_number import sale_number
from scripts.lib.payment.sale_terms import SaleTerms
from scripts.lib.payment.signing import Payment, SeriesDomain, sign, signed_payment
from scripts.lib.proceedings import carry_out, execute_pending
from scripts.lib.reasons import Reason
from scripts.lib.reference.bonus import ReferenceBonus, ShownPayment
from scripts.lib.reference.ledger import ReferenceLedger
from scripts.lib.reference.registry import ReferenceRegistry
from scripts.lib.reference.sales import Lots, Signed, Terms
from scripts.lib.refusal import Refused
from scripts.lib.replays.bonus_state import (
    BonusState,
    CampaignFigures,
    ResidentFigures,
    SaleFigures,
    SaleKey,
    read_bonus_state,
)
from scripts.lib.replays.everything import Replay, ReplayError
from scripts.lib.replays.series_state import differences
from scripts.lib.roles import Role
from scripts.lib.town_year.bonus_rows import SALES_FILE, BonusCampaign, BonusSale
from scripts.lib.town_year.model import ledger_state
from scripts.lib.town_year.on_chain import TownOnChain
from scripts.lib.town_year.play import BlockClock

SERVICE = "PaymentBonus"
TERM_MONTHS = 12
PURSE_POINTS = 20_000
"""What everybody who buys is granted beforehand."""

NIGHT_SECONDS = 3_600
"""How long after midnight the day's sales are shown."""

_CAMPAIGN = 1
_TERMS = SaleTerms()


class BonusDemoError(Exception):
    """A sale of the files is impossible, or chain, model and replay do not agree on the campaign."""


class BonusResult(NamedTuple):
    """What became of a campaign.

    Attributes:
        sales: how many were paid, and of how many points; likewise `refunded`.
        passed_over: how often nothing was promised or awarded, by reason.
        compared: how many figures were compared.
    """

    campaign: BonusCampaign
    sales: int
    paid: int
    refunded: int
    awarded_sales: int
    residents: int
    awarded: int
    passed_over: Counter[BonusIssue]
    compared: int


@dataclass(frozen=True)
class _Sold:
    """A sale that was paid."""

    number: int
    merchant: str
    payer: str
    lots: Lots

    @property
    def raw_lots(self) -> list[int]:
        """The lots as contracts take them."""
        return [month << 29 | points for month, points in self.lots]

    @property
    def shown(self) -> ShownPayment:
        """The sale as the model takes it."""
        return ShownPayment(self.merchant, self.number, self.payer, self.lots)


def _last_refund_day(sale: BonusSale) -> int:
    return day_of(sale.time) + _TERMS.payable_days + _TERMS.refund_days


@dataclass
class BonusDemo:
    """The campaign of one town.

    Args:
        council: the council's Admin.
    """

    rpc: Rpc
    deployer: Deployer
    keyring: LocalKeyring
    clock: BlockClock
    council: str
    deployment: Deployment
    town: TownOnChain
    campaign: BonusCampaign
    _sold: dict[BonusSale, _Sold] = field(default_factory=dict)
    _serials: Counter[tuple[str, int]] = field(default_factory=Counter)
    _passed_over: Counter[BonusIssue] = field(default_factory=Counter)
    _awarded: set[BonusSale] = field(default_factory=set)
    _without_budget: list[BonusSale] = field(default_factory=list)
    """Sales for which no budget was left when they were shown."""

    def run(self) -> BonusResult:
        """Set it up, play it, compare, and return what became of it.

        Raises:
            BonusDemoError: a row asks for what the rules do not allow, or something differs.
            Whatever the deployer raises when a transaction fails.
        """
        self._deploy()
        self._model()
        self._agree()
        for time, do in sorted(self._happenings(), key=lambda happening: happening[0]):
            self.clock.go_to(time)
            self._ledger.advance_to(self.clock.now)
            do()
        return self._compare()

    # ------------------------------------------------------------------------------------------- setting up

    def _deploy(self) -> None:
        town, payer, platform = self.town, self.keyring.account("deployer"), self.deployment.platform
        libraries = {name: self.deployer.deploy(name, (), payer).address for name in SERIES_LIBRARIES}
        self._service = self.deployer.deploy(SERVICE, (platform,), payer).address
        name = f"{self.campaign.year.town.municipality.name}お買い物ポイント（デモ）"
        planned = SeriesPlan("", name, "KAIMONO", ExpiryRule.MONTHS_AFTER, TERM_MONTHS)
        arguments = series_arguments(town.code, town.officers, town.registry, planned)
        self._token = self.deployer.deploy("MunicipalPoint", arguments, payer, libraries).address
        [rules] = self.deployer.read([View(SERVICE, self._service, "acts")])
        offer = (self._service, SERVICES[SERVICE], rules)
        self.deployer.send(
            [
                Call("PointPlatform", platform, "offerService", offer, self.council, name),
                Call(
                    "PointPlatform", platform, "registerSeries", (town.code, self._token), self.council, name
                ),
            ]
        )

    def _model(self) -> None:
        year, accounts = self.campaign.year, self.town.accounts
        self._accounts = {
            resident.number: accounts.resident_at(resident.number, self.clock.now)
            for resident in year.residents
        }
        registry = ReferenceRegistry(self.town.code)
        registry.register(list(self._accounts.values()))
        self._ledger = ReferenceLedger(
            self.clock.now, ExpiryRule.MONTHS_AFTER, TERM_MONTHS, residents=registry, series=self._token
        )
        self._bonus = ReferenceBonus(self._service, self._ledger, self._ledger.sales)

    def _agree(self) -> None:
        """Do all acts, each through Officers, wait as long as their rules say, and grant the purses."""
        town, terms, minter = self.town, self.campaign.terms, self.town.accounts.minter
        buyers = sorted({sale.resident for sale in self.campaign.sales})
        allowances = {self._service: terms.budget, minter: PURSE_POINTS * len(buyers)}
        merchants = self.campaign.year.merchants
        self._decide(
            [
                self._act("Officers", town.officers, "acceptService", (town.code, self._service), Role.ADMIN),
                *[
                    self._act("MunicipalPoint", self._token, "increaseMinterAllowance", allowed, Role.ADMIN)
                    for allowed in allowances.items()
                ],
                *[
                    self._act(
                        "MunicipalPoint",
                        self._token,
                        "approveMerchant",
                        (town.accounts.merchants[shop.merchant], shop.category, shop.name, shop.place),
                        Role.MERCHANT_OFFICER,
                    )
                    for shop in merchants
                ],
            ]
        )
        for account, points in allowances.items():
            self._ledger.increase_minter_allowance(account, points)
        for shop in merchants:
            self._ledger.approve_merchant(town.accounts.merchants[shop.merchant], shop.category)
        opening = (town.code, self._token, terms)
        self._decide(
            [self._act(SERVICE, self._service, "openCampaign", opening, Role.PROGRAMME_OFFICER)],
        )
        self._bonus.open(terms)
        for resident in buyers:
            account = self._accounts[resident]
            self._ledger.mint(minter, account, PURSE_POINTS)
            self._send("MunicipalPoint", self._token, "mint", (account, PURSE_POINTS), minter)

    def _act(self, contract: str, address: str, function: str, arguments: tuple[Any, ...], role: Role) -> Act:
        officers = self.town.accounts.officers
        seconds = {Role.PROGRAMME_OFFICER: Role.PROGRAMME_APPROVER}
        return Act(
            self.town.code,
            contract,
            address,
            function,
            arguments,
            Reason.NEW_PROGRAMME,
            by=officers[role][0],
            second=officers[seconds.get(role, role)][1],
        )

    def _decide(self, acts: Sequence[Act]) -> None:
        officers = self.deployment.officers
        pending = carry_out(self.deployer, officers, acts, self.deployer.now())
        self.clock.go_to(max((each.ready_at for each in pending), default=0))
        execute_pending(self.deployer, officers, pending)
        self.clock.pass_second()
        self._ledger.advance_to(self.clock.now)

    # ---------------------------------------------------------------------------------------------- playing

    def _happenings(self) -> Iterator[tuple[int, Callable[[], None]]]:
        """Yield what happens, and when: what the files have, and what somebody does every night."""
        nights = set()
        for sale in self.campaign.sales:
            yield sale.time, lambda sale=sale: self._row(sale, self._pay)  # type: ignore[misc]
            nights |= {day_of(sale.time) + 1, _last_refund_day(sale) + 1}
            if sale.refund_time is not None:
                yield sale.refund_time, lambda sale=sale: self._row(sale, self._refund)  # type: ignore[misc]
                nights.add(day_of(sale.refund_time) + 1)
        for day in nights:
            yield start_of_day(day) + NIGHT_SECONDS, self._night

    def _row(self, sale: BonusSale, do: Callable[[BonusSale], None]) -> None:
        try:
            do(sale)
        except Refused as refused:
            place = f"{self.campaign.year.folder.name}/{SALES_FILE} line {sale.line}"
            raise BonusDemoError(f"{place}: {refused}") from None

    def _pay(self, sale: BonusSale) -> None:
        merchant, payer = self.town.accounts.merchants[sale.merchant], self._accounts[sale.resident]
        day, until = day_of(sale.time), self.clock.now + NIGHT_SECONDS
        self._serials[merchant, day] += 1
        number = sale_number(day, self._serials[merchant, day])
        payment = Payment(payer, merchant, number, sale.points, until)
        lots = self._ledger.sales.pay_signed(
            merchant, merchant, Terms(payer, number, sale.points, until), Signed(payment, payer)
        )
        self._sold[sale] = _Sold(number, merchant, payer, lots)
        domain = SeriesDomain(self.keyring.chain_id, self._token)
        signed = signed_payment(payment, sign(domain, payment, self.keyring.key(payer)))
        self._send("MunicipalPoint", self._token, "paySigned", (merchant, *signed), merchant)

    def _refund(self, sale: BonusSale) -> None:
        sold = self._sold[sale]
        self._ledger.sales.refund(sold.merchant, *sold.shown, sale.refund_points)
        arguments = (sold.merchant, sold.number, sold.payer, sold.raw_lots, sale.refund_points)
        self._send("MunicipalPoint", self._token, "refund", arguments, sold.merchant)

    def _night(self) -> None:
        """Bring up to date what was refunded or may be awarded since yesterday, and show what was sold."""
        yesterday = day_of(self.clock.now) - 1
        refunded = [
            sale
            for sale in self._sold
            if sale.refund_time is not None and day_of(sale.refund_time) == yesterday
        ]
        due = [sale for sale in self._sold if _last_refund_day(sale) == yesterday]
        if waiting := [sale for sale in dict.fromkeys([*refunded, *due]) if self._is_promised(sale)]:
            self._award(waiting)
        new = [sale for sale in self._sold if day_of(sale.time) == yesterday]
        if refunded:
            new += self._without_budget  # some of it may be free again
        if new:
            self._reserve(new)

    def _is_promised(self, sale: BonusSale) -> bool:
        promise = self._bonus.promises().get((_CAMPAIGN, self._sold[sale].merchant, self._sold[sale].number))
        return promise is not None and promise.points > 0 and not promise.is_awarded

    def _reserve(self, sales: Sequence[BonusSale]) -> None:
        sold = [self._sold[sale] for sale in sales]
        issues = self._bonus.reserve(_CAMPAIGN, [each.shown for each in sold])
        shown = [(each.merchant, each.number, each.payer, each.raw_lots) for each in sold]
        self._send(SERVICE, self._service, "reserve", (_CAMPAIGN, shown), self.keyring.account("anyone"))
        self._passed_over.update(issues)
        self._without_budget = [sale for sale in self._without_budget if sale not in sales] + [
            sale for sale, issue in zip(sales, issues, strict=True) if issue == BonusIssue.BUDGET_USED
        ]

    def _award(self, sales: Sequence[BonusSale]) -> None:
        keys = [(self._sold[sale].merchant, self._sold[sale].number) for sale in sales]
        issues = self._bonus.award(_CAMPAIGN, keys)
        self._send(SERVICE, self._service, "award", (_CAMPAIGN, keys), self.keyring.account("anyone"))
        self._passed_over.update(issues)
        self._awarded |= {sale for sale, issue in zip(sales, issues, strict=True) if not issue}

    def _send(self, contract: str, address: str, function: str, arguments: tuple[Any, ...], by: str) -> None:
        self.deployer.send([Call(contract, address, function, arguments, by, self.campaign.terms.name)])
        self.clock.pass_second()
        self._ledger.advance_to(self.clock.now)

    # -------------------------------------------------------------------------------------------- comparing

    def _compare(self) -> BonusResult:
        replay = self._replayed()
        told = replay.bonuses[self._service]
        del self._passed_over[BonusIssue.NONE]
        expected = self._state()
        chain = read_bonus_state(self.rpc, self._service, expected.residents, expected.sales)
        if not chain == expected:
            raise BonusDemoError(f"chain {chain}, model {expected}")
        events = told.state()
        residents = {key: figures for key, figures in expected.residents.items() if any(figures)}
        replayed = {key: figures for key, figures in events.residents.items() if any(figures)}
        if (events.campaigns, events.sales, replayed) != (expected.campaigns, expected.sales, residents):
            raise BonusDemoError(f"events {events}, model {expected}")
        skipped = Counter({issue: times for (_, issue), times in told.skipped.items()})
        if skipped != self._passed_over:
            raise BonusDemoError(f"passed over by events {skipped}, model {self._passed_over}")
        compared = len(expected.residents) + len(expected.sales) + len(skipped) + 1
        return self._result(expected, compared + self._compare_series(replay))

    def _replayed(self) -> Replay:
        """Return what the events of this series and service tell, with those of all offices and residents."""
        deployment = self.deployment
        replay = Replay(
            deployment.platform,
            deployment.officers,
            deployment.residents,
            {self._token: _TERMS.payable_days},
            services={self._service: SERVICE},
        )
        contracts = [deployment.platform, deployment.officers, deployment.residents]
        try:
            for event in read_events(self.rpc, [*contracts, self._token, self._service]):
                replay.apply(event)
            replay.finish()
        except ReplayError as error:
            raise BonusDemoError(str(error)) from None
        return replay

    def _compare_series(self, replay: Replay) -> int:
        """Compare every lot, claim and supply of the series; return how many figures these are."""
        month = self._ledger.month
        months = {*range(month - TERM_MONTHS, month + MAX_TERM_MONTHS + 1), NEVER}
        minters = self._ledger.minters()
        accounts = dict.fromkeys([*self._accounts.values(), *self._ledger.accounts(), *minters])
        states = {
            "chain": read_series_state(self.rpc, self._token, accounts, months),
            "model": ledger_state(self._ledger, months),
            "events": replay.series[self._token].state_at(self.deployer.now()),
        }
        for difference in differences(states):
            raise BonusDemoError(str(difference))
        return len(set().union(*(state.figures() for state in states.values())))

    def _state(self) -> BonusState:
        """Return what the model says of the campaign."""
        bonus = self._bonus
        return BonusState(
            {
                _CAMPAIGN: CampaignFigures(
                    bonus.last_day(_CAMPAIGN), bonus.budget(_CAMPAIGN), *bonus.figures_of(_CAMPAIGN)
                )
            },
            {
                (_CAMPAIGN, number): ResidentFigures(*bonus.figures_of(_CAMPAIGN, number))
                for number, _ in enumerate(self._accounts, 1)
            },
            {
                SaleKey(*key): SaleFigures(promise.number, promise.paid, promise.points, promise.is_awarded)
                for key, promise in bonus.promises().items()
            },
        )

    def _result(self, state: BonusState, compared: int) -> BonusResult:
        figures = state.campaigns[_CAMPAIGN]
        if figures.reserved:
            raise BonusDemoError(f"{figures.reserved} points are still promised")
        awarded: Mapping[tuple[int, int], ResidentFigures] = state.residents
        return BonusResult(
            self.campaign,
            len(self._sold),
            sum(sale.points for sale in self._sold),
            sum(sale.refund_points for sale in self._sold),
            len(self._awarded),
            sum(1 for resident in awarded.values() if resident.awarded),
            figures.awarded,
            self._passed_over,
            compared,
        )
