"""Compares what the chain holds during a fiscal year with the reference model and with the events.

Three accounts of the same points that share no code: the token's own views, the model fed from the CSV files,
and the replay of the event log. One point of difference anywhere is a finding.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from scripts.lib.calls import View
from scripts.lib.chain_state import read_series_state
from scripts.lib.deployment import Deployment, PlatformPlan
from scripts.lib.exchange.statement import StatementRow, statement
from scripts.lib.exchange.terms import Ledger
from scripts.lib.expiry_rule import MAX_TERM_MONTHS, NEVER
from scripts.lib.finding import Finding
from scripts.lib.japan_calendar import moment_label, month_of, months_of_fiscal_year, start_of
from scripts.lib.node.event_log import Event, read_events
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.view_reader import read_views
from scripts.lib.reference.ledger import MAX_LOT_POINTS
from scripts.lib.replays.act_tally import ActTally
from scripts.lib.replays.attribution import Attribution
from scripts.lib.replays.everything import Replay, ReplayError, SeriesReplay
from scripts.lib.replays.series_state import SeriesState, differences
from scripts.lib.roles import Role
from scripts.lib.town_year.exchange_audit import audit_exchange
from scripts.lib.town_year.exchange_model import ExchangeModel
from scripts.lib.town_year.exchange_play import SERVICE as EXCHANGE
from scripts.lib.town_year.exchange_play import ExchangePlay
from scripts.lib.town_year.model import TownModel, models_of
from scripts.lib.town_year.office_audit import Office, audit_offices
from scripts.lib.town_year.office_rows import AdminAct, AdminStep
from scripts.lib.town_year.on_chain import TownOnChain
from scripts.lib.town_year.programme_audit import audit_programmes
from scripts.lib.town_year.programme_play import ProgrammePlay
from scripts.lib.town_year.resident_audit import audit_residents
from scripts.lib.town_year.settlement_audit import audit_closing, audit_settlement
from scripts.lib.town_year.settlement_play import SettlementPlay
from scripts.lib.year_end import YearEnd, YearFigures

CHAIN = "chain"
MODEL = "model"
EVENTS = "events"


class Brought(NamedTuple):
    """What partners' points became in one series, in points: by their rates, and by campaigns on top."""

    exchanged: int = 0
    bonus: int = 0


class Books(NamedTuple):
    """Where all points of a series are, in points, by the chain's own figures."""

    granted: int
    exchanged: int
    bonus: int
    restored: int
    live: int
    lapsed: int
    claims: int
    locked: int
    settled: int
    revoked: int

    @property
    def made(self) -> int:
        """Points that came into being."""
        return self.granted + self.exchanged + self.bonus + self.restored

    @property
    def used(self) -> int:
        """Points that residents paid with: owed to merchants, or settled."""
        return self.claims + self.locked + self.settled

    @property
    def accounted(self) -> int:
        """Points that are somewhere, or are known to be gone."""
        return self.live + self.lapsed + self.used + self.revoked

    @classmethod
    def of(cls, state: SeriesState, month: int, revoked: int, exchange: str, brought: Brought) -> Books:
        """Add up a state that was read in `month`.

        Args:
            revoked: by the events; no view tells it.
            exchange: address of PartnerExchange; `brought` what its ledgers say of the town.
        """
        minted = {account: minter.minted for account, minter in state.minters.items()}
        return cls(
            granted=sum(minted.values()) - minted.get(exchange, 0),
            exchanged=brought.exchanged,
            bonus=brought.bonus,
            restored=sum(state.restored_by_month.values()),
            live=sum(sum(lots.values()) for lots in state.lots.values()),
            lapsed=sum(points for end, points in state.points_by_month.items() if end < month),
            claims=sum(claim.this_year + claim.earlier_years for claim in state.claims.values()),
            locked=sum(claim.locked for claim in state.claims.values()),
            settled=state.settled,
            revoked=revoked,
        )


@dataclass(frozen=True)
class AuditedSeries:
    """A series after a comparison.

    Attributes:
        state: as the chain has it.
        books: the chain's figures added up.
        replay: as the events have it.
        restored_in: points given back by the calendar month in which that was done, by the events.
        brought_in: points that the exchange minted, by calendar month, by the events; `brought` how often.
        compared: how many figures were compared, each with every other account of the truth.
    """

    town: TownOnChain
    state: SeriesState
    books: Books
    replay: SeriesReplay
    restored_in: Counter[int]
    brought_in: Counter[int]
    brought: int
    compared: int
    findings: list[Finding]


class YearAuditor:
    """Follows a year on the chain and compares whenever asked.

    Attributes:
        latest: the series as they were when compared last.
        at_year_end: as they were when compared first after the fiscal year; empty before.
        compared: how many figures were compared so far.
        events: how many events were replayed so far.
        acts: what officers did so far.
        findings: what differed, of all comparisons.
    """

    def __init__(
        self,
        rpc: Rpc,
        deployment: Deployment,
        towns: Sequence[TownOnChain],
        start: int,
        programmes: ProgrammePlay | None = None,
        settlement: SettlementPlay | None = None,
        exchange: ExchangePlay | None = None,
    ) -> None:
        self._rpc = rpc
        self._deployment = deployment
        self._towns = towns
        self._programmes = programmes
        self._settlement = settlement
        self._exchange = exchange
        years, accounts = [town.year for town in towns], [town.accounts for town in towns]
        self._models = models_of(years, accounts, start, deployment.services)
        self._exchange_model = ExchangeModel(years, accounts, start)
        self._attribution = Attribution("" if programmes is None else programmes.service)
        self._replay = Replay(
            deployment.platform,
            deployment.officers,
            deployment.residents,
            services={address: contract for contract, address in deployment.services.items()},
        )
        self._restored_in: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self._brought_in: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self._brought_often: Counter[str] = Counter()
        self._refunded: Counter[str] = Counter()
        self._compared_batches: Counter[str] = Counter()
        self._next_block = 0
        self._now = start
        self.acts = ActTally()
        self.latest: list[AuditedSeries] = []
        self.at_year_end: list[AuditedSeries] = []
        self.compared = 0
        self.events = 0
        self.findings: list[Finding] = []

    def compare(self, now: int) -> None:
        """Compare every figure of every series at the second `now`, which is the latest block's.

        Events that contradict each other are a finding; the chain is then compared with the model alone.

        Raises:
            RowRefused: the model refuses what the chain has done.
            ledger.ConservationError: the model has lost points.
        """
        self._now = now
        contradictions = list(self._read_on())
        self.findings += contradictions
        self.latest = []
        if self._exchange is not None:
            self._exchange_model.play_until(now)
            if not contradictions:
                self._compare_exchange(self._exchange)
        for town, model in zip(self._towns, self._models, strict=True):
            model.play_until(now)
            model.check_conservation()
            replayed = self._replay.series[town.token]
            audited = self._audit(town, model, replayed, with_events=not contradictions)
            self.latest.append(audited)
            self.compared += audited.compared
            self.findings += audited.findings
            if self._programmes is not None and not contradictions:
                self._compare_programmes(self._programmes, town, model)
            if self._settlement is not None and not contradictions:
                replay = self._replay.settlements[self._settlement.service]
                self._count(audit_settlement(self._rpc, self._settlement, town, model, replay))
        if not self.at_year_end and now >= start_of(self._months.stop):
            self.at_year_end = self.latest

    def year_figures(self, town: TownOnChain) -> YearFigures:
        """Return what officers tell of a town's fiscal year when it is closed: out of the events.

        Raises:
            ValueError: the year has not been compared since it ended.
        """
        if not self.at_year_end:
            raise ValueError("the fiscal year has not ended")
        [audited] = [each for each in self.at_year_end if each.town.token == town.token]
        brought = self._brought(town)
        flows = [audited.replay.flows[month] for month in self._months]
        return YearFigures(
            granted=sum(flow.granted for flow in flows) - sum(brought),
            exchanged=brought.exchanged,
            bonus=brought.bonus,
            restored=sum(audited.restored_in[month] for month in self._months),
            used=sum(flow.paid for flow in flows),
            refunded=self._refunded[town.token],
            revoked=audited.replay.revoked,
            carried_over=audited.books.live,
        )

    def compare_closing(self) -> None:
        """Compare the closed fiscal year of every series whose files close it, as of the last comparison."""
        if self._settlement is None:
            return
        replay = self._replay.settlements[self._settlement.service]
        for town, model in zip(self._towns, self._models, strict=True):
            if model.is_closed:
                ledgers = [
                    self._exchange_model.reference.ledger(town.code, partner)
                    for partner in self._exchange_model.plan.numbers.values()
                    if town.year.exchange.agreements
                ]
                expected = model.year_end(
                    sum(ledger.exchanged for ledger in ledgers), sum(ledger.bonus for ledger in ledgers)
                )
                series = self._replay.series[town.token]
                self._count(audit_closing(self._rpc, self._settlement, town, expected, series, replay))

    def year_ends(self) -> dict[str, YearEnd]:
        """Return the closed fiscal year of each series, by its address and by the events."""
        if self._settlement is None:
            return {}
        replay = self._replay.settlements[self._settlement.service]
        return {series: YearEnd.of(told) for (series, _), told in replay.year_ends.items()}

    def statement(self) -> list[StatementRow]:
        """Return what each partner brought to each town and owes, by the events."""
        if self._exchange is None:
            return []
        replay = self._replay.exchanges[self._exchange.service]
        names = {town.code: town.year.town.municipality.name for town in self._towns}
        return statement(replay.ledgers, names, replay.names)

    def _brought(self, town: TownOnChain) -> Brought:
        """Return what partners brought to a series, by the events."""
        if self._exchange is None or not town.year.exchange.agreements:
            return Brought()
        ledgers = self._replay.exchanges[self._exchange.service].ledgers
        its = [ledger for (code, _), ledger in ledgers.items() if code == town.code]
        return Brought(sum(ledger.exchanged for ledger in its), sum(ledger.bonus for ledger in its))

    def _compare_exchange(self, exchange: ExchangePlay) -> None:
        towns = [town for town in self._towns if town.year.exchange.agreements]
        replay = self._replay.exchanges[exchange.service]
        self._count(audit_exchange(self._rpc, exchange, towns, self._exchange_model, replay))

    def _count(self, audited: tuple[int, list[Finding]]) -> None:
        compared, findings = audited
        self.compared += compared
        self.findings += findings

    @property
    def _months(self) -> range:
        return months_of_fiscal_year(self._towns[0].year.town.fiscal_year)

    def _compare_programmes(self, programmes: ProgrammePlay, town: TownOnChain, model: TownModel) -> None:
        """Compare budgets, lists and caps, and that nothing was taken back beyond the rule of attribution.

        Lists are compared when they are new, and all of them when the last has run.
        """
        replay = self._replay.programmes[programmes.service]
        is_last = len(model.approved) == len(model.plan.batches)
        first = 0 if is_last else self._compared_batches[town.token]
        figures, findings = audit_programmes(self._rpc, programmes, town, model, replay, first)
        self._compared_batches[town.token] = len(model.approved)
        self._count((figures, findings))
        while self._attribution.overdrawn:
            overdraft = self._attribution.overdrawn.pop(0)
            says = {"taken": str(overdraft.taken), "left by the rule": str(overdraft.left)}
            place = town.year.town.municipality.name
            self.findings.append(Finding(place, "", "", f"revocation of {overdraft.source}", says))

    def compare_offices(self, plan: PlatformPlan) -> int:
        """Compare who holds which office; return how many pairs of office and account were compared."""
        appointed = [
            Office(town.code, Role.ADMIN, town.accounts.admins[act.admin])
            for town in self._towns
            for act in town.year.office_acts
            if isinstance(act, AdminAct) and act.step is AdminStep.SEAT_ADMIN
        ]
        officers = self._deployment.officers
        pairs, findings = audit_offices(self._rpc, plan, appointed, officers, self._replay, self._now)
        self.findings += findings
        return pairs

    def compare_residents(self) -> int:
        """Compare whose account is whose, as of the last comparison; return how many figures that were."""
        compared = 0
        for town, model in zip(self._towns, self._models, strict=True):
            figures, findings = audit_residents(self._rpc, town, model, self._replay)
            compared += figures
            self.findings += findings
        return compared

    def _audit(
        self, town: TownOnChain, model: TownModel, replayed: SeriesReplay, *, with_events: bool
    ) -> AuditedSeries:
        """Compare one series at the second of the latest block, which is the model's."""
        names, now = town.accounts.names(), self._now
        months = {*range(self._months.start, self._months.stop + MAX_TERM_MONTHS + 1), NEVER}
        months |= replayed.points_by_month.keys()
        accounts = dict.fromkeys([*names, *model.ledger.accounts(), *sorted(replayed.accounts)])

        chain = read_series_state(self._rpc, town.token, accounts, months)
        states = {CHAIN: chain, MODEL: model.state(months)}
        if with_events:
            states[EVENTS] = replayed.state_at(now)
        service = self._deployment.services.get(EXCHANGE, "")
        books = Books.of(chain, month_of(now), replayed.revoked, service, self._ledgers_on_chain(town))
        compared = set().union(*(state.figures() for state in states.values()))
        findings = [*_differing(town, names, states, now), *_not_adding_up(town, chain, books)]
        return AuditedSeries(
            town,
            chain,
            books,
            replayed,
            self._restored_in[town.token],
            self._brought_in[town.token],
            self._brought_often[town.token],
            len(compared),
            findings,
        )

    def _ledgers_on_chain(self, town: TownOnChain) -> Brought:
        """Return what partners brought to a series, by the chain's ledgers."""
        if self._exchange is None or not town.year.exchange.agreements:
            return Brought()
        partners = self._exchange.plan.numbers.values()
        views = [View(EXCHANGE, self._exchange.service, "ledgerOf", (town.code, each)) for each in partners]
        ledgers = [Ledger(*answer) for answer in read_views(self._rpc, views)]
        return Brought(sum(ledger.exchanged for ledger in ledgers), sum(ledger.bonus for ledger in ledgers))

    def _read_on(self) -> Iterator[Finding]:
        """Replay the events since the last time, up to the first contradiction."""
        deployment = self._deployment
        contracts = [deployment.platform, deployment.officers, deployment.residents]
        contracts += deployment.series.values()
        contracts += deployment.services.values()
        last = int(self._rpc.call("eth_blockNumber"), 16)
        try:
            for event in read_events(self._rpc, contracts, self._next_block, last):
                self._replay.apply(event)
                self._attribution.apply(event)
                self.acts.take(event)
                self._note(event)
                self.events += 1
            self._replay.finish()
        except ReplayError as error:
            yield self._contradiction(error)
        self._next_block = last + 1

    def _note(self, event: Event) -> None:
        """Note what the tables tell by month."""
        a = event.arguments
        match event.name:
            case "LotRestored":
                self._restored_in[event.address][month_of(event.time)] += a["amountPoints"]
            case "SaleRefunded":
                self._refunded[event.address] += a["lot"] & MAX_LOT_POINTS
            case "Minted" if a["minter"] == self._deployment.services.get(EXCHANGE):
                self._brought_in[event.address][month_of(event.time)] += a["amountPoints"]
                self._brought_often[event.address] += 1

    def _contradiction(self, error: ReplayError) -> Finding:
        event = error.event
        [*towns] = (town for town in self._towns if town.token == event.address)
        names = towns[0].accounts.names() if towns else {}
        account = next((value for value in event.arguments.values() if value in names), "")
        return Finding(
            towns[0].year.town.municipality.name if towns else "",
            names.get(account, ""),
            account,
            f"{event.name}, {moment_label(event.time).english}",
            {
                event.name: ", ".join(
                    f"{name} {value}" for name, value in event.arguments.items() if value not in names
                ),
                "events before": error.why,
            },
        )


def _differing(
    town: TownOnChain, names: Mapping[str, str], states: Mapping[str, SeriesState], now: int
) -> Iterator[Finding]:
    for (account, what), says in differences(states):
        yield Finding(
            town.year.town.municipality.name,
            names.get(account, "?") if account else "",
            account,
            f"{what}, {moment_label(now).english}",
            {source: str(value) for source, value in says.items()},
        )


def _not_adding_up(town: TownOnChain, chain: SeriesState, books: Books) -> Iterator[Finding]:
    """Yield what does not add up in the chain's own figures: I1 (conservation) and I2 (supply)."""
    for whole, parts, left, right in (
        (
            "granted + exchanged + bonus + restored",
            "live + lapsed + claims + locked + settled + revoked",
            books.made,
            books.accounted,
        ),
        ("totalSupply", "sum of balances", chain.total_supply, sum(chain.balances.values())),
    ):
        if left != right:
            says = {whole: str(left), parts: str(right)}
            yield Finding(town.year.town.municipality.name, "", "", f"{whole} = {parts}", says)
