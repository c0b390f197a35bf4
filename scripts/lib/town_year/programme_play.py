"""Carries the programmes of towns out on a local chain: opens them, has lists approved, and runs them.

The council offers the service and each town's Admins accept it and allow it the year's grants, which waits 48
hours; then two programme officers open what the plan (scripts.lib.town_year.programme_plan) has. In the year
a list is approved in the second in which the CSV files grant it, and anybody runs it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from scripts.lib.act_rules import Function, Rule, read_rules
from scripts.lib.acts import Act
from scripts.lib.calls import Deployer, View
from scripts.lib.contract_abi import encode_call
from scripts.lib.node.event_log import read_events
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.sender import Transaction
from scripts.lib.proceedings import Pending, carry_out
from scripts.lib.reasons import Reason
from scripts.lib.roles import Role
from scripts.lib.town_year.on_chain import TownOnChain
from scripts.lib.town_year.programme_plan import (
    PlannedBatch,
    PlannedProgramme,
    ProgrammeKey,
    ProgrammePlan,
    branches_within,
    most_gas_of,
)
from scripts.lib.town_year.row_place import place_of

SERVICE = "GrantProgrammes"


class ProgrammePlayError(Exception):
    """The chain has opened or approved something else than the plan."""


@dataclass(frozen=True)
class ProgrammeRun:
    """A transaction that runs part of a list; `rows` of the CSV file are in it."""

    town: TownOnChain
    rows: int
    transaction: Transaction


@dataclass
class ProgrammePlay:
    """The service at work for some towns.

    Args:
        service: address of GrantProgrammes.
        anyone: account without any role, which runs approved lists.

    Attributes:
        programmes: number on the chain by town (address of its series) and key.
        occurrences: number on the chain by town, key and label.
        batches: number on the chain of each batch that was approved, by town and place in its plan.
    """

    rpc: Rpc
    deployer: Deployer
    service: str
    towns: Sequence[TownOnChain]
    anyone: str
    programmes: dict[tuple[str, ProgrammeKey], int] = field(default_factory=dict)
    occurrences: dict[tuple[str, ProgrammeKey, str], int] = field(default_factory=dict)
    batches: dict[tuple[str, int], int] = field(default_factory=dict)
    _rules: dict[Function, Rule] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.plans = {town.token: ProgrammePlan.of(town.year) for town in self.towns}

    @property
    def seconds(self) -> set[int]:
        """When lists are approved and run."""
        return {batch.time for plan in self.plans.values() for batch in plan.batches}

    # ------------------------------------------------------------------- setting up

    def rounds(self) -> list[list[Act]]:
        """Return the acts by which each town accepts the service and allows it the year's grants."""
        acts = []
        accepted: set[int] = set()
        for town in self.towns:
            if not self.plans[town.token].batches:
                continue
            admin, second = town.accounts.officers[Role.ADMIN]
            if town.code not in accepted:
                accepted.add(town.code)
                arguments: tuple[object, ...] = (town.code, self.service)
                acts.append(
                    Act(
                        town.code,
                        "Officers",
                        town.officers,
                        "acceptService",
                        arguments,
                        Reason.NEW_SERVICE,
                        admin,
                        second,
                    )
                )
            arguments = (self.service, self.plans[town.token].total_points)
            acts.append(
                Act(
                    town.code,
                    "MunicipalPoint",
                    town.token,
                    "increaseMinterAllowance",
                    arguments,
                    Reason.ROUTINE,
                    admin,
                    second,
                )
            )
        return [acts]

    def open(self) -> None:
        """Open every programme, its budget and its occurrences, before the first list."""
        planned = [
            (town, programme) for town in self.towns for programme in self.plans[town.token].programmes
        ]
        self._decide(
            (town, "openProgramme", _terms(town, programme), Reason.NEW_PROGRAMME, programme.name)
            for town, programme in planned
        )
        self._note_programmes(planned)
        self._decide(
            (
                town,
                "setBudget",
                (self.programmes[town.token, its.key], its.fiscal_year, its.row.budget),
                Reason.NEW_PROGRAMME,
                its.name,
            )
            for town, its in planned
        )
        self._decide(
            (
                town,
                "openOccurrences",
                (self.programmes[town.token, its.key], self.plans[town.token].labels_of(its.key)),
                Reason.NEW_PROGRAMME,
                its.name,
            )
            for town, its in planned
        )
        occurrences = [(town, batch) for town in self.towns for batch in self.plans[town.token].batches]
        answers = self.deployer.read(
            [
                self._view("occurrenceOfLabel", self.programmes[town.token, batch.programme], batch.label)
                for town, batch in occurrences
            ]
        )
        for (town, batch), number in zip(occurrences, answers, strict=True):
            self.occurrences[town.token, batch.programme, batch.label] = number

    def _note_programmes(self, planned: Sequence[tuple[TownOnChain, PlannedProgramme]]) -> None:
        """Note the number of each programme, by the series and the name that its event tells."""
        numbers = {}
        for event in read_events(self.rpc, [self.service]):
            if event.name == "ProgrammeOpened":
                series, name, *_ = event.arguments["terms"]
                numbers[int(series, 16), name] = event.arguments["programme"]
        for town, its in planned:
            number = numbers.get((int(town.token, 16), its.name))
            if number is None:
                raise ProgrammePlayError(f"{its.name} of {town.accounts.label} was not opened")
            self.programmes[town.token, its.key] = number

    # ---------------------------------------------------------------------- playing

    def approve(self, second: int) -> list[ProgrammeRun]:
        """Have two officers approve the lists of a second; return what runs them."""
        due = [
            (town, place, batch)
            for town in self.towns
            for place, batch in enumerate(self.plans[town.token].batches)
            if batch.time == second
        ]
        self._decide(
            (town, "approveBatch", self._batch_terms(town, batch), Reason.DECISION, batch.label)
            for town, _, batch in due
        )
        [last] = self.deployer.read([self._view("batchCount")])
        found = self.deployer.read(
            [self._view("batchOf", number) for number in range(last - len(due) + 1, last + 1)]
        )
        numbers = {
            (batch[2], bytes(batch[0])): number for number, batch in enumerate(found, last - len(due) + 1)
        }
        runs: list[ProgrammeRun] = []
        for town, place, planned in due:
            occurrence = self.occurrences[town.token, planned.programme, planned.label]
            number = numbers.get((occurrence, planned.grants.root))
            if number is None:
                raise ProgrammePlayError(f"{planned.label} of {town.accounts.label} was not approved")
            self.batches[town.token, place] = number
            runs += self._runs(town, planned, number)
        return runs

    def _batch_terms(self, town: TownOnChain, batch: PlannedBatch) -> tuple[object, ...]:
        grants = batch.grants
        terms = (grants.root, len(grants.rows), grants.total_points, batch.file_hash)
        return self.occurrences[town.token, batch.programme, batch.label], terms

    def _runs(self, town: TownOnChain, batch: PlannedBatch, number: int) -> Iterable[ProgrammeRun]:
        for branch in branches_within(batch.grants, most_gas_of):
            first = 16 * branch.first_leaf
            rows = batch.rows[first : first + 4 * len(branch.words)]
            data = encode_call(SERVICE, "run", (number, *branch))
            where = place_of(town.year, rows)
            transaction = Transaction(self.anyone, self.service, data, most_gas_of(branch), where)
            yield ProgrammeRun(town, len(rows), transaction)

    # ------------------------------------------------------------------------- acts

    def _decide(self, decisions: Iterable[tuple[TownOnChain, str, tuple[object, ...], Reason, str]]) -> None:
        acts = []
        for town, function, arguments, reason, subject in decisions:
            officer, _ = town.accounts.officers[Role.PROGRAMME_OFFICER]
            approver, _ = town.accounts.officers[Role.PROGRAMME_APPROVER]
            arguments = (town.code, *arguments)
            acts.append(
                Act(
                    town.code,
                    SERVICE,
                    self.service,
                    function,
                    arguments,
                    reason,
                    officer,
                    approver,
                    subject=subject,
                )
            )
        self._carry_out(acts)

    def _carry_out(self, acts: Sequence[Act]) -> list[Pending]:
        officers = self.towns[0].officers
        if unknown := {act.called for act in acts} - self._rules.keys():
            self._rules |= read_rules(self.deployer, officers, unknown)
        # A local chain of our own: nothing was interrupted on it.
        return carry_out(self.deployer, officers, acts, resume=False, rules=self._rules)

    def _view(self, function: str, *arguments: object) -> View:
        return View(SERVICE, self.service, function, arguments)


def _terms(town: TownOnChain, its: PlannedProgramme) -> tuple[object, ...]:
    return (
        (
            town.token,
            its.name,
            its.row.place,
            its.first,
            its.last,
            its.row.points,
            its.row.cap,
            int(its.rule),
            its.months,
            its.contents_hash,
        ),
    )
