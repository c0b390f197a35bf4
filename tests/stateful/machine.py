"""Plays steps on the token and on the reference model side by side and compares them after every step.

Compared are: whether the call succeeds, what it returns, the custom error with its arguments if it does not,
the events, the lots, balance and claim of everybody who took part, the months whose points changed, the sales
that were named, and the series as a whole; now and then all accounts, months and sales. The events, in turn,
must rebuild the same lots, claims and sales.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from types import TracebackType
from typing import Any, NamedTuple

from scripts.lib.contract_abi import Revert, decode_answer, decode_revert
from scripts.lib.expiry_rule import NEVER
from scripts.lib.grant_list import Row
from scripts.lib.japan_calendar import fiscal_year_end, month_of
from scripts.lib.node.event_log import Event
from scripts.lib.node.local_chain import RpcError
from scripts.lib.payment.issue import PaymentIssue
from scripts.lib.reference.ledger import ZERO_ADDRESS, ConservationError, ReferenceLedger, Refused
from scripts.lib.reference.registry import ReferenceRegistry
from scripts.lib.reference.sales import SOME_KEY
from scripts.lib.replays.everything import ReplayError, SeriesReplay
from scripts.lib.replays.residents import ResidentsReplay
from scripts.lib.replays.sales import SalesReplay
from scripts.lib.replays.series_state import MinterState, differences
from scripts.lib.town_year.model import ledger_state
from tests.stateful.expectations import (
    Announcement,
    View,
    events_of,
    view_of_terms,
    views_of_account,
    views_of_allowances,
    views_of_calendar,
    views_of_lots,
    views_of_membership,
    views_of_month,
    views_of_refund,
    views_of_residents,
    views_of_sale,
    views_of_series,
    views_of_terms,
    views_of_tills,
)
from tests.stateful.sale_steps import lots_of_words
from tests.stateful.steps import Step, apply
from tests.stateful.token_node import MUNICIPALITY, Answer, TokenNode
from tests.stateful.token_words import CONTRACT, list_words, word_lists, words
from tests.stateful.town import Profile, Town
from tests.stateful.wallets import WALLETS

SETTING_UP_SECONDS = 3600
"""The model begins so long after the chain, which deploys the series meanwhile."""

GRANTING = ("mint", "mintUntil", "mintBatch", "mintToResidents")
CORRECTING = ("extendLots", "restoreLots")
TAKING_BACK = ("extendLots", "revoke", "takeBack")
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


class Taken(NamedTuple):
    """What became of a step.

    Attributes:
        refusal: with which contract and model both refused it; None if it was done.
        outcome: what the model answered.
    """

    refusal: Refused | None
    outcome: Any = None


OUT_OF_GAS = Refused("out of gas")
"""Of a call that was given little gas: nothing was done, and nothing was decided."""


class Machine:
    """Token and model of one run, in step.

    Attributes:
        ledger: the reference model, after the latest step.
    """

    def __init__(self, profile: Profile) -> None:
        before = profile.start - SETTING_UP_SECONDS
        self.node = TokenNode(before, profile.rule, profile.months, profile.sale_terms)
        self.town = Town(
            profile, self.node.officers, {wallet.address: wallet.name for wallet in WALLETS.values()}
        )
        self.town.names[self.node.token] = "the series"
        residents = ReferenceRegistry(MUNICIPALITY)
        residents.heirs_may_inherit = True
        self.ledger = ReferenceLedger(
            profile.start, profile.rule, profile.months, self.node.token, residents, profile.sale_terms
        )
        self._residents_replay = ResidentsReplay()
        self._replay = SeriesReplay(
            sales=SalesReplay(
                profile.sale_terms.payable_days,
                lambda account: self._residents_replay.successor_of(MUNICIPALITY, account),
            )
        )
        for event in self.node.deployment_events:
            self._replay.apply(event)
        self._first_open_month = month_of(before)
        self._promised: Counter[int] = Counter()
        """By month: points that were made to end with it, or extended to."""
        self._allowance_pairs: set[tuple[str, str]] = set()
        self._tills: set[tuple[str, str]] = set()

    def take(self, step: Step, *, at_a_glance: bool = False) -> Taken:
        """Take one step and compare.

        Args:
            at_a_glance: compare outcome and events, and leave the state to `compare_everything`.

        Raises:
            DivergenceError: they disagree.
        """
        accounts = self._taking_part(step)
        months = self._months_at_stake(step, accounts)
        before, claims = self._points_by_month(months), self._claims(accounts)
        refusal, outcome = None, None
        answer = self.node.perform(step)
        if step.gas is not None and _is_out_of_gas(answer):
            self.ledger.advance_to(step.time)
            refusal = OUT_OF_GAS
        else:
            try:
                outcome = apply(step, self.ledger)
            except Refused as refused:
                refusal = refused
            self._compare_outcome(step, answer, refusal, outcome)
        self._compare_events(step, answer, outcome)
        pairs = _allowance_pairs(step)
        self._allowance_pairs.update(pairs)
        tills = [step.arguments[:2]] if step.function == "setTill" else []
        self._tills.update(tills)
        if at_a_glance:
            return Taken(refusal, outcome)

        months |= self._months_at_stake(step, accounts)
        after = self._points_by_month(months)
        changed = [month for month in after if before.get(month) != after[month]]
        self._check_months(step, before, self._claims(accounts) - claims)
        self._check_promises(changed)
        self._check_conservation()
        self._compare_views(
            [
                *views_of_series(self.ledger),
                *(view for account in accounts for view in views_of_account(self.ledger, account)),
                *(view for month in changed for view in views_of_month(self.ledger, month)),
                *(view for account in accounts for view in views_of_membership(self.ledger, account)),
                *views_of_tills(self.ledger, tills),
                *views_of_allowances(self.ledger, pairs),
                *self._views_at_till(step),
            ]
        )
        self._compare_rebuilt(accounts)
        return Taken(refusal, outcome)

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
                *(
                    view
                    for merchant in accounts
                    for sale in ledger.sales.numbers(merchant)
                    for view in views_of_sale(ledger, merchant, sale)
                ),
            ]
        )
        self._compare_minters()
        self._compare_replay(months)
        self._compare_sales()
        self._compare_memberships()
        self._check_promises(months)
        self._check_conservation()

    def lot_counts(self) -> list[int]:
        """Return how many live lots each account has."""
        return [len(self.ledger.lots_of(account)) for account in self.town.accounts]

    def close(self) -> None:
        """End the chain."""
        self.node.close()

    # -------------------------------------------------------------------------------------------- COMPARISON

    def _compare_outcome(self, step: Step, answer: Answer, refusal: Refused | None, outcome: Any) -> None:
        if answer.succeeded:
            if refusal is not None:
                raise DivergenceError(f"{step.function} succeeded", f"the model refuses with {refusal}")
            expected = _returned(step, outcome)
            if answer.output.hex() != expected:
                raise DivergenceError(
                    f"{step.function} returned", f"{answer.output.hex()} instead of {expected}"
                )
            return
        revert = decode_revert(answer.output)
        if refusal is None:
            raise DivergenceError(f"{step.function} failed", f"{revert}; the model accepts it")
        if not self._is_alike(revert, refusal):
            raise DivergenceError(
                f"{step.function} failed otherwise", f"{revert}; the model refuses with {refusal}"
            )

    def _is_alike(self, revert: Revert, refusal: Refused) -> bool:
        """Return whether the token refused as the model did; of some key, nobody knows whose it is."""
        arguments = [
            SOME_KEY if expected == SOME_KEY and self._is_unknown(found) else found
            for found, expected in zip(revert.arguments.values(), refusal.arguments, strict=False)
        ]
        as_many = len(revert.arguments) == len(refusal.arguments)
        return as_many and (revert.name, tuple(arguments)) == (refusal.name, refusal.arguments)

    def _is_unknown(self, account: str) -> bool:
        return account == ZERO_ADDRESS or account not in self.town.names

    def _compare_events(self, step: Step, answer: Answer, outcome: Any) -> None:
        try:
            for event in answer.events:
                self._replay.apply(event)
                self._promised.update(_promises(event))
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
            if not self._is_answer(view, found):
                asked = ", ".join(self._name(str(argument)) for argument in view.arguments)
                values = f"{_readable(view, found)} on chain, {_readable(view, view.answer)} in the model"
                raise DivergenceError(view.function, f"({asked}) is {values}")

    def _is_answer(self, view: View, found: str | RpcError) -> bool:
        if isinstance(found, RpcError):
            revert = decode_revert(bytes.fromhex(str(found.data or "0x")[2:]))
            return isinstance(view.answer, Refused) and self._is_alike(revert, view.answer)
        return found == view.answer

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
            replay.sales.refund_days,
            replay.revoked,
            {minter: replay.taken_back[minter] for minter in self.town.minters},
            replay.carried,
        )
        modelled = (
            ledger.expiry_policy(),
            ledger.transfer_switches(),
            ledger.paused_until,
            ledger.sales.sale_days().refund_days,
            books.revoked,
            {minter: ledger.taken_back_by(minter) for minter in self.town.minters},
            books.carried,
        )
        if settings != modelled:
            raise DivergenceError("I10", f"events give {settings}; the model has {modelled}")
        for merchant, till in self._tills:
            if (till in replay.tills_of(merchant)) != ledger.is_till(merchant, till):
                raise DivergenceError("I10", f"events and model differ in the till {till} of {merchant}")

    def _compare_sales(self) -> None:
        """Compare what became of every sale, and cancelled signatures, with what the events make it (I10)."""
        model, replay = self.ledger.sales, self._replay.sales
        payments, voided = {}, set()
        for merchant in self.town.accounts:
            for sale in model.numbers(merchant):
                payment = model.payment_of(merchant, sale)
                if payment is None:
                    voided.add((merchant, sale))
                else:
                    about = (payment.payer, payment.lots, payment.year, payment.refunded)
                    payments[merchant, sale] = about
        told = {
            number: (paid.payer, tuple(paid.lots), paid.year, paid.refunded)
            for number, paid in replay.payments.items()
        }
        if (told, replay.voided) != (payments, voided):
            other = dict(told.items() ^ payments.items()), replay.voided ^ voided
            raise DivergenceError("I10", f"events and model differ in the sales {other}")
        for account in self.town.accounts:
            if account not in self._replay.merchants:
                epochs = (replay.cancel_epochs[account], model.cancel_epoch_of(account))
                if len(set(epochs)) > 1:
                    raise DivergenceError("I10", f"events and model differ in cancelled signatures: {epochs}")

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
        """Check where the points of a step came from and went (I3, I5, I8).

        Args:
            before: points by month, before the step.
            paid: by how much claims have grown.
        """
        grown = {month for month, points in before.items() if self.ledger.points_ending_with(month) > points}
        fallen = {month for month, points in before.items() if self.ledger.points_ending_with(month) < points}
        if step.function == "refund":
            back = sum(self.ledger.points_ending_with(month) - before[month] for month in grown)
            if fallen or back != -paid:
                raise DivergenceError(
                    "I8", f"{back} points came back, {sorted(fallen)} fell, claims by {-paid}"
                )
            return
        if grown and (step.function not in (*GRANTING, *CORRECTING) or len(grown) > 1):
            raise DivergenceError("I3", f"{step.function} added points to months {sorted(grown)}")
        if step.function in TAKING_BACK:
            if paid or len(fallen) > 1:
                raise DivergenceError("I5", f"{step.function} moved {sorted(fallen)}, claims grew by {paid}")
        elif (left := sum(before[month] - self.ledger.points_ending_with(month) for month in fallen)) != paid:
            raise DivergenceError("I5", f"{left} points left {sorted(fallen)}, and claims grew by {paid}")

    def _check_promises(self, months: Iterable[int]) -> None:
        """Check that no more ends with a month than was promised to: nothing else got a longer life (I3)."""
        for month in months:
            ending, promised = self.ledger.points_ending_with(month), self._promised[month]
            if ending > promised:
                raise DivergenceError("I3", f"{ending} points end with month {month}, {promised} were to")

    def _check_conservation(self) -> None:
        try:
            self.ledger.check_conservation()
        except ConservationError as error:
            raise DivergenceError("I1", str(error)) from None

    def _taking_part(self, step: Step) -> list[str]:
        """Return whom a step may concern: who is named, and who gets what they carry."""
        named = dict.fromkeys(account for account in step.accounts if account != self.node.token)
        if step.function == "carry" and (successor := self.ledger.residents.successor_of(step.arguments[0])):
            named[successor] = None
        if step.function == "refund" and (successor := self.ledger.residents.successor_of(step.arguments[2])):
            named[successor] = None
        if step.function == "mintToResidents":
            accounts = (self.ledger.residents.account_of(Row.of(row).number) for row in step.arguments[0])
            named.update(dict.fromkeys(account for account in accounts if account != ZERO_ADDRESS))
        return list(named)

    def _months_at_stake(self, step: Step, accounts: Iterable[str]) -> set[int]:
        """Return the months in which one of the accounts has a lot, or a refund may make one."""
        months = {month for account in accounts for month in self.ledger.lots_of(account)}
        if step.function == "refund":
            months |= {month for month, _ in lots_of_words(step.arguments[3]) if month <= NEVER}
        return months

    def _points_by_month(self, months: Iterable[int]) -> dict[int, int]:
        """Return what ends, in all, with each month."""
        return {month: self.ledger.points_ending_with(month) for month in months}

    def _views_at_till(self, step: Step) -> Iterator[View]:
        """Yield what a till asks about the sales that a step names."""
        ledger = self.ledger
        match step.function, step.arguments:
            case "pay" | "voidSale", (merchant, sale, *_):
                yield from views_of_sale(ledger, merchant, sale)
                yield from views_of_tills(ledger, [(merchant, step.sender)])
            case "paySigned" | "payRelayed", (merchant, terms, *_):
                yield from views_of_sale(ledger, merchant, terms.sale)
                yield from views_of_terms(ledger, merchant, terms)
                yield from views_of_tills(ledger, [(merchant, step.sender)])
            case "payBatch", (merchant, payments, _):
                for terms, _ in payments:
                    yield from views_of_sale(ledger, merchant, terms.sale)
                    yield view_of_terms(ledger, merchant, terms)
            case "refund", (merchant, sale, *_):
                yield from views_of_sale(ledger, merchant, sale)
                yield from views_of_refund(ledger, step.arguments)

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


def _promises(event: Event) -> dict[int, int]:
    """Return by how much an event changes what is to end with each month."""
    a = event.arguments
    match event.name:
        case "Minted":
            return {a["expiryMonth"]: a["amountPoints"]}
        case "LotRestored":
            return {a["toMonth"]: a["amountPoints"]}
        case "LotExtended":
            return {a["fromMonth"]: -a["amountPoints"], a["toMonth"]: a["amountPoints"]}
        case "Revoked":
            return {a["expiryMonth"]: -a["amountPoints"]}
    return {}


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


def _is_out_of_gas(answer: Answer) -> bool:
    if answer.succeeded:
        return False
    return not answer.output or decode_revert(answer.output).name == "PointGasTooLow"


def _returned(step: Step, outcome: Any) -> str:
    """Return the ABI words that a step which succeeded must have answered."""
    if step.function == "payBatch":
        return word_lists([paid if isinstance(paid, PaymentIssue) else PaymentIssue.NONE for paid in outcome])
    if step.function == "takeBack":
        return words(outcome)
    if step.function == "mintToResidents":
        return word_lists([place for place, _ in outcome], [issue for _, issue in outcome])
    return words(1) if step.function in RETURNING_TRUE else ""


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


def _readable(view: View, answer: str | RpcError | Refused) -> str:
    if isinstance(answer, (RpcError, Refused)):
        return str(answer)
    return str(decode_answer(view.contract, view.function, bytes.fromhex(answer)))
