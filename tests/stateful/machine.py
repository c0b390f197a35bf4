"""Plays steps on the token and on the reference model side by side and compares them after every step.

Compared are: whether the call succeeds, the custom error with its arguments if it does not, the events, the
lots, balance and claim of everybody who took part, the months whose points changed, and the series as a
whole; now and then all accounts and all months. The events, in turn, must rebuild the same lots and claims.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from types import TracebackType
from typing import Any

from scripts.lib.chain import RpcError
from scripts.lib.contract_abi import decode_answer, decode_revert
from scripts.lib.event_log import Event
from scripts.lib.japan_calendar import fiscal_year_end, month_of
from scripts.lib.reference_ledger import ZERO_ADDRESS, ConservationError, ReferenceLedger, Refused
from scripts.lib.reference_registry import ReferenceRegistry
from scripts.lib.replay import ReplayError, SeriesReplay
from scripts.lib.residents_replay import ResidentsReplay
from scripts.lib.series_state import MinterState, differences
from scripts.lib.town_model import ledger_state
from tests.stateful.chooser import Profile, Town
from tests.stateful.expectations import (
    Announcement,
    View,
    events_of,
    views_of_account,
    views_of_allowances,
    views_of_calendar,
    views_of_lots,
    views_of_membership,
    views_of_month,
    views_of_residents,
    views_of_series,
    views_of_tills,
)
from tests.stateful.steps import Step, apply
from tests.stateful.token_node import MUNICIPALITY, Answer, TokenNode
from tests.stateful.token_words import CONTRACT, list_words, words

SETTING_UP_SECONDS = 3600
"""The model begins so long after the chain, which deploys the series meanwhile."""

GRANTING = ("mint", "mintUntil", "mintBatch")
CORRECTING = ("extendLots", "restoreLots")
TAKING_BACK = ("extendLots", "revoke")
RETURNING_TRUE = (
    "transfer",
    "transferFrom",
    "transferAtEpoch",
    "transferFromAtEpoch",
    "approve",
    "increaseAllowance",
    "decreaseAllowance",
)


class DivergenceError(AssertionError):
    """Contract and model disagree.

    Attributes:
        kind: what about, in a few words; the same fault has the same kind.
    """

    def __init__(self, kind: str, details: str) -> None:
        super().__init__(f"{kind}: {details}")
        self.kind = kind


class Machine:
    """Token and model of one run, in step.

    Attributes:
        ledger: the reference model, after the latest step.
    """

    def __init__(self, profile: Profile) -> None:
        self.node = TokenNode(profile.start - SETTING_UP_SECONDS, profile.rule, profile.months)
        self.town = Town(profile, self.node.officers)
        self.town.names[self.node.token] = "the series"
        residents = ReferenceRegistry(MUNICIPALITY)
        residents.heirs_may_inherit = True
        self.ledger = ReferenceLedger(profile.start, profile.rule, profile.months, self.node.token, residents)
        self._replay = SeriesReplay()
        self._residents_replay = ResidentsReplay()
        for event in self.node.deployment_events:
            self._replay.apply(event)
        self._first_open_month = month_of(profile.start - SETTING_UP_SECONDS)
        self._allowance_pairs: set[tuple[str, str]] = set()
        self._tills: set[tuple[str, str]] = set()

    def take(self, step: Step, *, at_a_glance: bool = False) -> Refused | None:
        """Take one step and compare; return the refusal if model and contract both refuse it.

        Args:
            at_a_glance: compare outcome and events, and leave the state to `compare_everything`.

        Raises:
            DivergenceError: they disagree.
        """
        accounts = self._taking_part(step)
        before, claims = self._points_by_month(accounts), self._claims(accounts)
        refusal, outcome = None, None
        try:
            outcome = apply(step, self.ledger)
        except Refused as refused:
            refusal = refused
        answer = self.node.perform(step)
        self._compare_outcome(step, answer, refusal)
        self._compare_events(step, answer, outcome)
        pairs = _allowance_pairs(step)
        self._allowance_pairs.update(pairs)
        tills = [step.arguments[:2]] if step.function == "setTill" else []
        self._tills.update(tills)
        if at_a_glance:
            return refusal

        after = self._points_by_month(accounts)
        changed = [month for month in before | after if before.get(month) != after.get(month)]
        self._check_months(step, before, self._claims(accounts) - claims)
        self._compare_views(
            [
                *views_of_series(self.ledger),
                *(view for account in accounts for view in views_of_account(self.ledger, account)),
                *(view for month in changed for view in views_of_month(self.ledger, month)),
                *(view for account in accounts for view in views_of_membership(self.ledger, account)),
                *views_of_tills(self.ledger, tills),
                *views_of_allowances(self.ledger, pairs),
            ]
        )
        self._compare_rebuilt(accounts)
        return refusal

    def compare_everything(self) -> None:
        """Compare all accounts, all months and all that was ever allowed; check what must always hold.

        Raises:
            DivergenceError: contract, model and events disagree, or points appeared or vanished.
        """
        ledger, months = self.ledger, sorted(self._replay.points_by_month)
        accounts = self.town.accounts
        self._compare_views(
            [
                *views_of_series(ledger),
                *views_of_calendar(ledger),
                *(view for account in accounts for view in views_of_account(ledger, account)),
                *(view for account in accounts for view in views_of_lots(ledger, account)),
                *(view for account in accounts for view in views_of_membership(ledger, account)),
                *(view for month in months for view in views_of_month(ledger, month)),
                *views_of_residents(ledger),
                *views_of_tills(ledger, sorted(self._tills)),
                *views_of_allowances(ledger, sorted(self._allowance_pairs)),
            ]
        )
        self._compare_minters()
        self._compare_replay(months)
        self._compare_memberships()
        try:
            ledger.check_conservation()
        except ConservationError as error:
            raise DivergenceError("I1", str(error)) from None

    def lot_counts(self) -> list[int]:
        """Return how many live lots each account has."""
        return [len(self.ledger.lots_of(account)) for account in self.town.accounts]

    def close(self) -> None:
        """End the chain."""
        self.node.close()

    # -------------------------------------------------------------------------------------------- COMPARISON

    def _compare_outcome(self, step: Step, answer: Answer, refusal: Refused | None) -> None:
        if answer.succeeded:
            if refusal is not None:
                raise DivergenceError(f"{step.function} succeeded", f"the model refuses with {refusal}")
            expected = words(1) if step.function in RETURNING_TRUE else ""
            if answer.output.hex() != expected:
                raise DivergenceError(
                    f"{step.function} returned", f"{answer.output.hex()} instead of {expected}"
                )
            return
        revert = decode_revert(answer.output)
        if refusal is None:
            raise DivergenceError(f"{step.function} failed", f"{revert}; the model accepts it")
        if (revert.name, tuple(revert.arguments.values())) != (refusal.name, refusal.arguments):
            raise DivergenceError(
                f"{step.function} failed otherwise", f"{revert}; the model refuses with {refusal}"
            )

    def _compare_events(self, step: Step, answer: Answer, outcome: Any) -> None:
        try:
            for event in answer.events:
                self._replay.apply(event)
            for event in answer.registry_events:
                self._residents_replay.apply(event)
        except ReplayError as error:
            raise DivergenceError("events contradict each other", str(error)) from None
        if not answer.succeeded:
            return
        found = _without_lapses(answer.events)
        expected = events_of(step, outcome, self.ledger, self._first_open_month)
        if found != expected:
            raise DivergenceError(f"events of {step.function}", f"{found} instead of {expected}")
        if step.function == "recordLapse":
            self._first_open_month = self.ledger.month
            for account in step.arguments[0]:
                held = self._replay.lots[account].items()
                if left := {month: points for month, points in held if points and month < self.ledger.month}:
                    raise DivergenceError("recordLapse left lots", f"{left} of {self._name(account)}")

    def _compare_views(self, views: list[View]) -> None:
        answers = self.node.read([(view.contract, view.function, view.arguments) for view in views])
        for view, found in zip(views, answers, strict=True):
            if found != view.answer:
                asked = ", ".join(self._name(str(argument)) for argument in view.arguments)
                values = f"{_readable(view, found)} on chain, {_readable(view, view.answer)} in the model"
                raise DivergenceError(view.function, f"({asked}) is {values}")

    def _compare_minters(self) -> None:
        """Compare the list of accepted minters, whose order the interface leaves open."""
        (answer,) = self.node.read([(CONTRACT, "minters", ())])
        found = [] if isinstance(answer, RpcError) else sorted(list_words(answer))
        expected = sorted(int(minter, 16) for minter in self.ledger.minters())
        if found != expected:
            raise DivergenceError("minters", f"{answer} on chain, {self.ledger.minters()} in the model")

    def _compare_rebuilt(self, accounts: Iterable[str]) -> None:
        """Compare lots and claims of some accounts with what the events make them (I10)."""
        month = self.ledger.month
        for account in accounts:
            held, paid = self._replay.lots[account], self._replay.paid[account]
            lots = {end: held[end] for end in sorted(held) if held[end] and end >= month}
            this_year = paid[fiscal_year_end(month)]
            stops = self.ledger.frozen_of(account)
            told = tuple(
                self._replay.stops.get(account, stops if account == ZERO_ADDRESS else (False, False))
            )
            rebuilt = (lots, (this_year, paid.total() - this_year, 0), told)
            expected = (self.ledger.lots_of(account), self.ledger.claim_of(account), stops)
            if rebuilt != expected:
                raise DivergenceError(
                    "I10", f"events give {self._name(account)} {rebuilt}; it has {expected}"
                )

    def _compare_replay(self, months: list[int]) -> None:
        """Compare the whole series with what the events make it (I10)."""
        replay, ledger = self._replay, self.ledger
        # The ledger lists only minters that are accepted now; the events remember the others too.
        minters = {minter: MinterState(*ledger.minter_of(minter)) for minter in self.town.minters}
        expected = replace(ledger_state(ledger, months), minters=minters)
        if found := differences({"events": replay.state_at(ledger.now), "model": expected}):
            raise DivergenceError("I10", f"events and model differ in {found}")
        books = ledger.books()
        settings = (
            replay.expiry_policy,
            replay.transfer_switches,
            replay.paused_until,
            replay.revoked,
            replay.carried,
        )
        modelled = (
            ledger.expiry_policy(),
            ledger.transfer_switches(),
            ledger.paused_until,
            books.revoked,
            books.carried,
        )
        if settings != modelled:
            raise DivergenceError("I10", f"events give {settings}; the model has {modelled}")
        for merchant, till in self._tills:
            if (till in replay.tills_of(merchant)) != ledger.is_till(merchant, till):
                raise DivergenceError("I10", f"events and model differ in the till {till} of {merchant}")

    def _compare_memberships(self) -> None:
        """Compare whose account is whose with what the registry's events make it (I10)."""
        registry, replay = self.ledger.residents, self._residents_replay
        numbers = registry.numbers()
        modelled = {number: registry.account_of(number) for number in numbers}
        told = {number: replay.account_of(MUNICIPALITY, number) or ZERO_ADDRESS for number in numbers}
        if told != modelled or len(replay.memberships) != len(numbers):
            raise DivergenceError("I10", f"events give the residents {told}; the model has {modelled}")
        for account in self.town.accounts:
            successor = replay.successor_of(MUNICIPALITY, account)
            if successor != registry.successor_of(account):
                raise DivergenceError(
                    "I10", f"{self._name(account)} has the successor {successor} by the events"
                )

    def _check_months(self, step: Step, before: dict[int, int], paid: int) -> None:
        """Check where the points of a step came from and went (I3, I5).

        Args:
            before: points by month, before the step.
            paid: by how much claims have grown.
        """
        grown = {month for month, points in before.items() if self.ledger.points_ending_with(month) > points}
        fallen = {month for month, points in before.items() if self.ledger.points_ending_with(month) < points}
        if grown and (step.function not in (*GRANTING, *CORRECTING) or len(grown) > 1):
            raise DivergenceError("I3", f"{step.function} added points to months {sorted(grown)}")
        if step.function in TAKING_BACK:
            if paid or len(fallen) > 1:
                raise DivergenceError("I5", f"{step.function} moved {sorted(fallen)}, claims grew by {paid}")
        elif bool(fallen) != (paid > 0):
            raise DivergenceError("I5", f"points left months {sorted(fallen)}, and claims grew by {paid}")

    def _taking_part(self, step: Step) -> list[str]:
        """Return whom a step may concern: who is named, and who gets what they carry."""
        named = dict.fromkeys(account for account in step.accounts if account != self.node.token)
        if step.function == "carry" and (successor := self.ledger.residents.successor_of(step.arguments[0])):
            named[successor] = None
        return list(named)

    def _points_by_month(self, accounts: Iterable[str]) -> dict[int, int]:
        """Return what ends, in all, with each month in which one of the accounts has a lot."""
        months = {month for account in accounts for month in self.ledger.lots_of(account)}
        return {month: self.ledger.points_ending_with(month) for month in months}

    def _claims(self, accounts: Iterable[str]) -> int:
        return sum(sum(self.ledger.claim_of(account)) for account in accounts)

    def _name(self, account: str) -> str:
        return self.town.names.get(account, account)

    def __enter__(self) -> Machine:
        """Return the machine itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the chain."""
        self.close()


def _without_lapses(events: list[Event]) -> list[Announcement]:
    """Leave out each Lapsed with the Transfer to zero beside it, which the replay has checked."""
    kept = []
    rest = iter(events)
    for event in rest:
        if event.name == "Lapsed":
            next(rest, None)
        else:
            kept.append(Announcement(event.name, event.arguments))
    return kept


def _allowance_pairs(step: Step) -> list[tuple[str, str]]:
    """Return the owner and the spender whose allowance a step may change."""
    match step.function, step.arguments:
        case "approve" | "increaseAllowance" | "decreaseAllowance", (spender, _):
            return [(step.sender, spender)]
        case "transferFrom", (owner, _, _):
            return [(owner, step.sender)]
        case "transferFromAtEpoch", (_, owner, _, _):
            return [(owner, step.sender)]
    return []


def _readable(view: View, answer: str | RpcError) -> str:
    if isinstance(answer, RpcError):
        return str(answer)
    return str(decode_answer(view.contract, view.function, bytes.fromhex(answer)))
