"""The partner exchange in the demo: two partners with different rates and a campaign, and one with coupons.

It takes place in the weeks before the fiscal year, in a series of its own for each town. Every step is taken
on the chain and in the reference model; at the end the ledgers are compared, and once more with a replay of
the events. Partners, residents' doings and coupons are invented.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from eth_utils import keccak

from scripts.lib.acts import Act
from scripts.lib.calls import Call, Deployer, View
from scripts.lib.coupons import coupon_key, new_code
from scripts.lib.deployment import SERIES_LIBRARIES, Deployment, SeriesPlan, series_arguments
from scripts.lib.event_log import read_events
from scripts.lib.exchange_replay import ExchangeReplay, holding_id
from scripts.lib.exchange_rules import EXCHANGE_LIBRARIES, SERVICE_NAME, offered_acts
from scripts.lib.exchange_signatures import ExchangeDomain, Naming, sign_naming, sign_redemption
from scripts.lib.exchange_statement import StatementRow, statement
from scripts.lib.exchange_terms import HOLDING_SECONDS, Campaign, Ledger, Terms
from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.keyring import LocalKeyring
from scripts.lib.proceedings import carry_out, execute_pending
from scripts.lib.reasons import Reason
from scripts.lib.reference_exchange import ReferenceExchange, TownAround
from scripts.lib.roles import COUNCIL, Role
from scripts.lib.rpc import Rpc
from scripts.lib.town_on_chain import TownOnChain
from scripts.lib.town_play import BlockClock

SECONDS = 30 * 24 * 60 * 60
"""How much time it takes at the most."""

ALLOWANCE_POINTS = 1_000_000
CAMPAIGN_POINTS = 1_000
COUPON_POINTS = 500
_DAY = 24 * 60 * 60


class Partner(NamedTuple):
    """An invented partner company."""

    name: str
    terms: Terms


PARTNERS = {
    1: Partner("そら航空", Terms(numerator=1, denominator=2, unit=100, minimum=1_000, maximum=20_000)),
    2: Partner("みどりカード", Terms(minimum=500, maximum=50_000, fee=20)),
    3: Partner("まちの電力", Terms(daily_limit=1_000, yearly_limit=3_000)),
}
AIRLINE, CARD, ELECTRICITY = PARTNERS


class ExchangeDemoError(Exception):
    """Chain, model and replay do not agree on what the partners brought."""


class ExchangeDemo:
    """The exchange of the demo's towns.

    Args:
        council: the council's Admin.
    """

    def __init__(
        self,
        rpc: Rpc,
        deployer: Deployer,
        keyring: LocalKeyring,
        clock: BlockClock,
        council: str,
        deployment: Deployment,
        towns: Sequence[TownOnChain],
    ) -> None:
        self._rpc, self._deployer, self._keyring, self._clock = rpc, deployer, keyring, clock
        self._council, self._deployment, self._towns = council, deployment, towns
        self._keys = {number: keyring.account(f"partner {number}") for number in PARTNERS}
        self._anyone = keyring.account("anyone")
        self._around = {
            town.code: TownAround(
                dict(enumerate(town.accounts.residents.values(), 1)), allowance=ALLOWANCE_POINTS
            )
            for town in towns
        }
        self._model = ReferenceExchange(0, self._around)
        self._references = 0
        self._series: dict[int, str] = {}
        self._exchange = ""

    def run(self) -> list[StatementRow]:
        """Set it up, play it, compare, and return what each partner brought to each town.

        Raises:
            ExchangeDemoError: something differs.
            Refused: the model refuses what the demo does.
            Whatever the deployer raises when a transaction fails.
        """
        self._deploy()
        self._agree()
        self._play()
        return self._compare()

    # ------------------------------------------------------------------------------------------- setting up

    def _deploy(self) -> None:
        payer = self._keyring.account("deployer")
        libraries = {
            name: self._deployer.deploy(name, (), payer).address
            for name in (*SERIES_LIBRARIES, *EXCHANGE_LIBRARIES)
        }
        platform = self._deployment.platform
        deployed = self._deployer.deploy("PartnerExchange", (platform,), payer, libraries)
        self._exchange = deployed.address
        calls: list[tuple[str, tuple[Any, ...]]] = [
            ("offerService", (self._exchange, SERVICE_NAME, offered_acts()))
        ]
        for town in self._towns:
            name = f"{town.year.town.municipality.name}交換ポイント(デモ)"
            planned = SeriesPlan("", name, "KOKAN", ExpiryRule.MONTHS_AFTER, 12)
            arguments = series_arguments(town.code, town.officers, town.registry, planned)
            series = self._deployer.deploy("MunicipalPoint", arguments, payer, libraries).address
            self._series[town.code] = series
            calls.append(("registerSeries", (town.code, series)))
        self._deployer.send(
            [Call("PointPlatform", platform, name, arguments, self._council) for name, arguments in calls]
        )

    def _agree(self) -> None:
        """Do all acts, each through Officers, and wait as long as their rules say."""
        codes = [town.code for town in self._towns]
        officers, exchange = self._deployment.officers, self._exchange
        accept = [
            self._act(code, "Officers", officers, "acceptService", exchange) for code in (COUNCIL, *codes)
        ]
        allow = [
            self._act(
                code, "MunicipalPoint", series, "increaseMinterAllowance", exchange, ALLOWANCE_POINTS,
                shared=False,
            )
            for code, series in self._series.items()
        ]  # fmt: skip
        self._decide([*accept, *allow])
        self._decide(
            [
                self._on_exchange(COUNCIL, "registerPartner", self._keys[number], partner.name)
                for number, partner in PARTNERS.items()
            ]
        )
        for key in self._keys.values():
            self._model.register_partner(key)
        self._decide(
            [self._on_exchange(code, "setExchangeSeries", series) for code, series in self._series.items()]
        )
        self._decide(
            [
                self._on_exchange(code, "acceptPartner", number, self._keys[number], tuple(partner.terms))
                for code in codes
                for number, partner in PARTNERS.items()
            ]
        )
        for code in codes:
            for number, partner in PARTNERS.items():
                self._model.accept_partner(code, number, self._keys[number], partner.terms)
        first = codes[0]
        campaign = Campaign(self._clock.now, self._clock.now + 30 * _DAY, 1, 10, CAMPAIGN_POINTS)
        self._decide([self._on_exchange(first, "openCampaign", AIRLINE, tuple(campaign))])
        self._model.open_campaign(first, AIRLINE, campaign)

    def _on_exchange(self, code: int, function: str, *arguments: Any, role: Role = Role.ADMIN) -> Act:
        return self._act(code, "PartnerExchange", self._exchange, function, *arguments, role=role)

    def _act(
        self,
        code: int,
        contract: str,
        address: str,
        function: str,
        *arguments: Any,
        role: Role = Role.ADMIN,
        shared: bool = True,
    ) -> Act:
        """Return an act of the first holder of an office and a second one; the council has one Admin."""
        values = (code, *arguments) if shared else arguments
        if code == COUNCIL:
            return Act(code, contract, address, function, values, Reason.NEW_SERVICE, by=self._council)
        people = next(town for town in self._towns if town.code == code).accounts.officers
        second = {Role.CASHIER: Role.SECOND_CASHIER}.get(role, role)
        return Act(
            code, contract, address, function, values, Reason.NEW_SERVICE,
            by=people[role][0], second=people[second][1],
        )  # fmt: skip

    def _decide(self, acts: list[Act]) -> None:
        pending = carry_out(self._deployer, self._deployment.officers, acts, self._deployer.now())
        self._clock.go_to(max((each.ready_at for each in pending), default=0))
        for each in pending:  # one by one: partners are numbered in this order
            execute_pending(self._deployer, self._deployment.officers, [each])
        self._clock.pass_second()
        self._model.now = self._clock.now

    # ---------------------------------------------------------------------------------------------- playing

    def _play(self) -> None:
        codes = [town.code for town in self._towns]
        first, second, third = (codes[place % len(codes)] for place in range(3))
        miles = [
            self._exchange_for(AIRLINE, first, number, 2_000 + 100 * number)
            for number in self._numbers(first, 12)
        ]
        points = [
            self._exchange_for(CARD, second, number, 1_000 + number) for number in self._numbers(second, 8)
        ]
        points += [self._exchange_for(CARD, third, number, 3_000) for number in self._numbers(third, 5)]
        self._coupons(second)
        last = self._clock.now
        self._clock.go_to(last + 12 * _DAY)
        # On the 13th day the first three name the second town, where they are members as well.
        both = set(self._numbers(first, 3)) & set(self._numbers(second, 3))
        named = sorted(both) if second != first else []
        for number in named:
            self._name(miles[number - 1], first, second, number)
        self._clock.go_to(last + HOLDING_SECONDS)
        everything = [*miles, *points]
        self._step("sweep", (everything,), self._anyone, lambda: self._model.sweep(everything))
        self._receipt(third)

    def _numbers(self, town: int, count: int) -> list[int]:
        """Return the first resident numbers of a town, as many as it has."""
        return list(self._around[town].accounts)[:count]

    def _exchange_for(self, partner: int, town: int, number: int, amount: int) -> bytes:
        self._references += 1
        name = bytes(keccak(text=f"demo {self._references}"))
        holding = holding_id(partner, name)
        key = self._keys[partner]
        self._step(
            "exchange",
            (town, number, amount, name),
            key,
            lambda: self._model.exchange(key, town, number, amount, name, holding),
        )
        return holding

    def _name(self, holding: bytes, home: int, town: int, number: int) -> None:
        key = self._keyring.key(self._around[home].accounts[number])
        account = self._around[town].accounts[number]
        naming = Naming(holding, town, account, self._clock.now + _DAY)
        call = (*naming, sign_naming(self._domain, key, naming))
        self._step(
            "nameMunicipality",
            call,
            self._anyone,
            lambda: self._model.name_municipality(holding, town, account),
        )

    def _coupons(self, town: int) -> None:
        """Four coupons for any town: two are redeemed, one is lost and cancelled, one is still out."""
        draw = random.Random("demo").randrange  # on a local chain only: real codes are drawn by secrets
        codes = [new_code(draw) for _ in range(4)]
        new = [(str(coupon_key(code).address), COUPON_POINTS) for code in codes]
        key, until = self._keys[ELECTRICITY], self._clock.now + 90 * _DAY
        self._step(
            "issueCoupons",
            (0, until, new),
            key,
            lambda: self._model.issue_coupons(key, 0, until, new),
        )
        for number, code in zip(self._numbers(town, 2), codes, strict=False):
            self._redeem(code, town, number)
        lost = [new[2][0]]
        self._step(
            "closeCoupons",
            (ELECTRICITY, lost),
            key,
            lambda: self._model.close_coupons(key, ELECTRICITY, lost),
        )

    def _redeem(self, code: str, town: int, number: int) -> None:
        coupon = coupon_key(code)
        signature = sign_redemption(self._domain, coupon, ELECTRICITY, town, number)
        self._step(
            "redeem",
            (ELECTRICITY, coupon.address, town, number, signature),
            self._anyone,
            lambda: self._model.redeem(ELECTRICITY, coupon.address, town, number),
        )

    def _receipt(self, town: int) -> None:
        paid = self._model.ledger(town, CARD).exchanged
        name = bytes(keccak(text="bank transfer 1"))
        self._decide([self._on_exchange(town, "recordReceipt", CARD, paid, name, role=Role.CASHIER)])
        self._model.record_receipt(town, CARD, paid, name)

    @property
    def _domain(self) -> ExchangeDomain:
        return ExchangeDomain(self._keyring.chain_id, self._exchange)

    def _step(self, function: str, arguments: tuple[Any, ...], by: str, model: Callable[[], Any]) -> None:
        """Do the same on the chain and in the model, at the same second."""
        self._model.now = self._clock.now
        model()
        self._deployer.send([Call("PartnerExchange", self._exchange, function, arguments, by)])
        self._clock.pass_second()

    # -------------------------------------------------------------------------------------------- comparing

    def _compare(self) -> list[StatementRow]:
        replay = ExchangeReplay(self._exchange)
        for event in read_events(self._rpc, [self._exchange]):
            replay.apply(event)
        pairs = [(code, number) for code in (0, *self._series) for number in PARTNERS]
        answers = self._deployer.read(
            [View("PartnerExchange", self._exchange, "ledgerOf", pair) for pair in pairs]
        )
        for pair, answer in zip(pairs, answers, strict=True):
            chain, model, events = Ledger(*answer), self._model.ledger(*pair), replay.ledgers[pair]
            if not chain == model == events:
                raise ExchangeDemoError(f"{pair}: chain {chain}, model {model}, events {events}")
        for code, series in self._series.items():
            [supply] = self._deployer.read([View("MunicipalPoint", series, "totalSupply")])
            ledgers = [replay.ledgers[code, number] for number in PARTNERS]
            minted = sum(ledger.exchanged + ledger.bonus for ledger in ledgers)
            if supply != minted:
                raise ExchangeDemoError(f"{code}: supply {supply}, exchanged and bonus {minted}")
        names = {town.code: town.year.town.municipality.name for town in self._towns}
        return statement(replay.ledgers, names, replay.names)
