"""Compares what the chain holds during a fiscal year with the reference model and with the events.

Three accounts of the same points that share no code: the token's own views, the model fed from the CSV files,
and the replay of the event log. One point of difference anywhere is a finding.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from scripts.lib.act_tally import ActTally
from scripts.lib.attribution import Attribution
from scripts.lib.chain_state import read_series_state
from scripts.lib.deployment import Deployment, PlatformPlan
from scripts.lib.event_log import read_events
from scripts.lib.expiry_rule import MAX_TERM_MONTHS, NEVER
from scripts.lib.finding import Finding
from scripts.lib.japan_calendar import moment_label, month_of, months_of_fiscal_year
from scripts.lib.office_audit import Office, audit_offices
from scripts.lib.office_rows import AdminAct, AdminStep
from scripts.lib.programme_audit import audit_programmes
from scripts.lib.programme_play import SERVICE, ProgrammePlay
from scripts.lib.replay import Replay, ReplayError, SeriesReplay
from scripts.lib.resident_audit import audit_residents
from scripts.lib.roles import Role
from scripts.lib.rpc import Rpc
from scripts.lib.series_state import SeriesState, differences
from scripts.lib.town_model import TownModel, ledger_state
from scripts.lib.town_on_chain import TownOnChain

CHAIN = "chain"
MODEL = "model"
EVENTS = "events"


class Books(NamedTuple):
    """Where all points of a series are, in points, by the chain's own figures."""

    granted: int
    restored: int
    live: int
    lapsed: int
    claims: int
    locked: int
    revoked: int

    @property
    def made(self) -> int:
        """Points that came into being."""
        return self.granted + self.restored

    @property
    def accounted(self) -> int:
        """Points that are somewhere, or are known to be gone."""
        return self.live + self.lapsed + self.claims + self.locked + self.revoked

    @classmethod
    def of(cls, state: SeriesState, month: int, revoked: int) -> Books:
        """Add up a state that was read in `month`.

        Args:
            revoked: by the events; no view tells it.
        """
        return cls(
            granted=sum(minter.minted for minter in state.minters.values()),
            restored=sum(state.restored_by_month.values()),
            live=sum(sum(lots.values()) for lots in state.lots.values()),
            lapsed=sum(points for end, points in state.points_by_month.items() if end < month),
            claims=sum(claim.this_year + claim.earlier_years for claim in state.claims.values()),
            locked=sum(claim.locked for claim in state.claims.values()),
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
        compared: how many figures were compared, each with every other account of the truth.
    """

    town: TownOnChain
    state: SeriesState
    books: Books
    replay: SeriesReplay
    restored_in: Counter[int]
    compared: int
    findings: list[Finding]


class YearAuditor:
    """Follows a year on the chain and compares whenever asked.

    Attributes:
        latest: the series as they were when compared last.
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
    ) -> None:
        self._rpc = rpc
        self._deployment = deployment
        self._towns = towns
        self._programmes = programmes
        service = None if programmes is None else programmes.service
        self._models = [TownModel(town.year, town.accounts, start, service) for town in towns]
        self._attribution = Attribution(service or "")
        self._replay = Replay(
            deployment.platform,
            deployment.officers,
            deployment.residents,
            services={service: SERVICE} if service else {},
        )
        self._restored_in: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self._compared_batches: Counter[str] = Counter()
        self._next_block = 0
        self._now = start
        self.acts = ActTally()
        self.latest: list[AuditedSeries] = []
        self.compared = 0
        self.events = 0
        self.findings: list[Finding] = []

    def compare(self, now: int) -> None:
        """Compare every figure of every series at the second `now`, which is the latest block's.

        Events that contradict each other are a finding; the chain is then compared with the model alone.

        Raises:
            RowRefused: the model refuses what the chain has done.
            reference_ledger.ConservationError: the model has lost points.
        """
        self._now = now
        contradictions = list(self._read_on())
        self.findings += contradictions
        self.latest = []
        for town, model in zip(self._towns, self._models, strict=True):
            model.play_until(now)
            model.ledger.check_conservation()
            replayed = self._replay.series[town.token]
            restored = self._restored_in[town.token]
            audited = _audit(self._rpc, town, model, replayed, restored, now, with_events=not contradictions)
            self.latest.append(audited)
            self.compared += audited.compared
            self.findings += audited.findings
            if self._programmes is not None and not contradictions:
                self._compare_programmes(self._programmes, town, model)

    def _compare_programmes(self, programmes: ProgrammePlay, town: TownOnChain, model: TownModel) -> None:
        """Compare budgets, lists and caps, and that nothing was taken back beyond the rule of attribution.

        Lists are compared when they are new, and all of them when the last has run.
        """
        replay = self._replay.programmes[programmes.service]
        is_last = len(model.approved) == len(model.plan.batches)
        first = 0 if is_last else self._compared_batches[town.token]
        figures, findings = audit_programmes(self._rpc, programmes, town, model, replay, first)
        self._compared_batches[town.token] = len(model.approved)
        self.compared += figures
        self.findings += findings
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

    def _read_on(self) -> Iterator[Finding]:
        """Replay the events since the last time, up to the first contradiction."""
        deployment = self._deployment
        contracts = [deployment.platform, deployment.officers, deployment.residents]
        contracts += deployment.series.values()
        if self._programmes is not None:
            contracts.append(self._programmes.service)
        last = int(self._rpc.call("eth_blockNumber"), 16)
        try:
            for event in read_events(self._rpc, contracts, self._next_block, last):
                self._replay.apply(event)
                self._attribution.apply(event)
                self.acts.take(event)
                if event.name == "LotRestored":
                    month = month_of(event.time)
                    self._restored_in[event.address][month] += event.arguments["amountPoints"]
                self.events += 1
            self._replay.finish()
        except ReplayError as error:
            yield self._contradiction(error)
        self._next_block = last + 1

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


def _audit(
    rpc: Rpc,
    town: TownOnChain,
    model: TownModel,
    replayed: SeriesReplay,
    restored_in: Counter[int],
    now: int,
    *,
    with_events: bool,
) -> AuditedSeries:
    """Compare one series at the second `now`, which is the latest block's and the model's."""
    names = town.accounts.names()
    year = months_of_fiscal_year(town.year.town.fiscal_year)
    months = {*range(year.start, year.stop + MAX_TERM_MONTHS + 1), NEVER, *replayed.points_by_month}
    accounts = dict.fromkeys([*names, *model.ledger.accounts(), *sorted(replayed.accounts)])

    chain = read_series_state(rpc, town.token, accounts, months)
    states = {CHAIN: chain, MODEL: ledger_state(model.ledger, months)}
    if with_events:
        states[EVENTS] = replayed.state_at(now)
    books = Books.of(chain, month_of(now), replayed.revoked)
    compared = set().union(*(state.figures() for state in states.values()))
    findings = [*_differing(town, names, states, now), *_not_adding_up(town, chain, books)]
    return AuditedSeries(town, chain, books, replayed, restored_in, len(compared), findings)


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
        ("granted + restored", "live + lapsed + claims + locked + revoked", books.made, books.accounted),
        ("totalSupply", "sum of balances", chain.total_supply, sum(chain.balances.values())),
    ):
        if left != right:
            says = {whole: str(left), parts: str(right)}
            yield Finding(town.year.town.municipality.name, "", "", f"{whole} = {parts}", says)
