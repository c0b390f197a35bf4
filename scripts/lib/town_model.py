"""Runs a town's fiscal year through the reference model: what the chain must arrive at."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from scripts.lib.japan_calendar import last_second, months_of_fiscal_year, start_of
from scripts.lib.office_rows import (
    AccountAct,
    AccountStep,
    AdminAct,
    AdminStep,
    PauseAct,
    PauseStep,
    RestoreAct,
)
from scripts.lib.programme_plan import ProgrammePlan
from scripts.lib.reference_ledger import ReferenceLedger, Refused
from scripts.lib.reference_programmes import ReferenceProgrammes, Terms
from scripts.lib.reference_registry import ReferenceRegistry
from scripts.lib.row_place import place_of
from scripts.lib.series_state import Claim, MinterState, SeriesState, Standing, Stop
from scripts.lib.town_accounts import TownAccounts
from scripts.lib.town_year import Change, Grant, Happening, Payment, StandingChange, TownYear

SEATING_SECONDS = 14 * 24 * 60 * 60
"""How long the Admin whom the council names waits for a veto of the municipality."""


_SERIES = "series"
"""What the model of programmes calls the town's one series."""


class RowRefused(Exception):  # noqa: N818 (as Refused, which it places)
    """A row asks for what the rules do not allow; the message says which row and which rule."""


def rehearse(year: TownYear) -> None:
    """Play a town's whole year in the model, before anything is sent anywhere.

    Raises:
        RowRefused: a row would be refused, for instance a payment of more points than there are.
    """
    months = months_of_fiscal_year(year.town.fiscal_year)
    model = TownModel(year, TownAccounts.without_keys(year), start_of(months.start))
    model.play_until(start_of(months.stop))


class _MonthEnd(NamedTuple):
    """The last second of a month, of which somebody will ask what every resident lost with it."""

    time: int
    month: int


class TownModel:
    """A town's fiscal year in the reference ledger, played as far as somebody asks for.

    Attributes:
        residents: the town's memberships; numbers are those of the rows of residents.csv, from 1.
        ledger: the town's series.
        programmes: what its grants are for; None if the files name no programmes.
        approved: numbers of the batches approved so far, in the order of the plan.
    """

    def __init__(
        self, year: TownYear, accounts: TownAccounts, start: int, service: str | None = None
    ) -> None:
        """Set the series up and register the residents at the second `start`, before the first row.

        Args:
            service: account of GrantProgrammes, where there is a chain.
        """
        self.residents = ReferenceRegistry(year.town.municipality.number)
        self.residents.register(list(accounts.residents.values()))
        self._numbers = {resident: number for number, resident in enumerate(accounts.residents, 1)}
        self.ledger = ReferenceLedger(
            start, year.town.expiry_rule, year.town.expiry_months, residents=self.residents
        )
        points = sum(grant.points for grant in year.grants)
        self.plan = ProgrammePlan.of(year)
        granting = accounts.minter if service is None or not self.plan.batches else service
        self.ledger.increase_minter_allowance(granting, points)
        self.programmes = self._open_programmes(granting) if self.plan.batches else None
        self.approved: list[int] = []
        for merchant in year.merchants:
            self.ledger.approve_merchant(accounts.merchants[merchant.merchant], merchant.category)
        self._categories = {merchant.merchant: merchant.category for merchant in year.merchants}
        self._accounts = accounts
        self._year = year
        # At one time, a month's end comes after the rows: they may still spend what ends with it.
        ends = {act.month for act in year.office_acts if isinstance(act, RestoreAct)}
        rows = [*year.in_order(), *(_MonthEnd(last_second(month), month) for month in ends)]
        self._rows: deque[Happening | _MonthEnd] = deque(sorted(rows, key=lambda row: row.time))
        self._lost: dict[int, dict[int, int]] = {}
        """By month: resident number to the points that ended unspent."""
        self._seated_from: dict[str, int] = {}

    def play_until(self, second: int) -> None:
        """Play every row up to and with `second`, and let time pass until then.

        Raises:
            RowRefused: a row asks for what the rules do not allow.
            ValueError: `second` lies before the last one.
        """
        while self._rows and self._rows[0].time <= second:
            row = self._rows.popleft()
            self.ledger.advance_to(row.time)
            if isinstance(row, _MonthEnd):
                self._note_month_end(row.month)
                continue
            try:
                self._play(row)
            except Refused as refused:
                raise RowRefused(f"{place_of(self._year, [row])}: {refused}") from None
        self.ledger.advance_to(second)

    def _play(self, row: Happening) -> None:
        match row:
            case AccountAct():
                self._act_on_account(row)
            case PauseAct():
                self._pause(row)
            case RestoreAct():
                self._restore(row)
            case AdminAct():
                self._seat(row)
            case Grant():
                self._grant(row)
            case Payment():
                self._pay(row)
            case StandingChange():
                self._change(row)

    def _open_programmes(self, service: str) -> ReferenceProgrammes:
        """Open every programme with its budget, and every occurrence, as the plan has them."""
        programmes = ReferenceProgrammes(service, self.residents.municipality, {_SERIES: self.ledger})
        numbers = {}
        for its in self.plan.programmes:
            terms = Terms(_SERIES, its.first, its.last, its.row.points, its.row.cap, its.rule, its.months)
            numbers[its.key] = programmes.open_programme(terms)
            programmes.set_budget(numbers[its.key], its.fiscal_year, its.row.budget)
        for its in self.plan.programmes:
            programmes.open_occurrences(numbers[its.key], self.plan.labels_of(its.key))
        self._numbers_of_programmes = numbers
        return programmes

    def _grant(self, row: Grant) -> None:
        if self.programmes is not None:
            self._run_lists(self.programmes, row.time)
            return
        resident = self._accounts.resident_at(row.resident, row.time)
        self.ledger.mint(self._accounts.minter, resident, row.points, row.expiry_month)

    def _run_lists(self, programmes: ReferenceProgrammes, second: int) -> None:
        """Approve and run the lists of a second that have not been, each for the occurrence of its place.

        Raises:
            Refused: the budget is used up, or somebody cannot be granted: the files ask for it now.
        """
        while len(self.approved) < len(self.plan.batches):
            batch = self.plan.batches[len(self.approved)]
            if batch.time > second:
                return
            known = (self._numbers_of_programmes[batch.programme], batch.label)
            [occurrence] = (number for number, its in programmes.occurrences.items() if its == known)
            number = programmes.approve_batch(occurrence, batch.grants)
            self.approved.append(number)
            outcome = programmes.run(number, batch.grants.branch(0, 1 << batch.grants.depth))
            for place, issue in [*outcome.early, *outcome.late]:
                raise Refused("ProgrammeRowRefused", number, place, batch.grants.rows[place].number, issue)

    def _pay(self, row: Payment) -> None:
        resident = self._accounts.resident_at(row.resident, row.time)
        self.ledger.transfer(resident, self._accounts.merchants[row.merchant], row.points)

    def _change(self, row: StandingChange) -> None:
        merchant = self._accounts.merchants[row.merchant]
        match row.change:
            case Change.APPROVE:
                self.ledger.approve_merchant(merchant, self._categories[row.merchant])
            case Change.SUSPEND:
                self.ledger.suspend_merchant(merchant)
            case Change.CLOSE:
                self.ledger.close_merchant(merchant)

    def _act_on_account(self, row: AccountAct) -> None:
        number = self._numbers[row.resident]
        match row.step:
            case AccountStep.FREEZE:
                self.ledger.freeze(self.residents.account_of(number))
            case AccountStep.UNFREEZE:
                self.ledger.unfreeze(self.residents.account_of(number))
            case AccountStep.START_REPLACEMENT:
                self.residents.start_replacement(number, self._new_account(row), row.time)
                self.ledger.sync_blocked(self.residents.account_of(number))
            case AccountStep.COMPLETE_REPLACEMENT:
                before = self.residents.account_of(number)
                self.residents.complete_replacement(number, row.time)
                self.ledger.carry(before)

    def _new_account(self, row: AccountAct) -> str:
        """Return the account that a replacement leads to.

        Raises:
            Refused: the files never complete the replacement.
        """
        following = self._accounts.next_accounts.get(row.resident)
        if following is None:
            raise Refused("no row completes the replacement")
        return following.account

    def _pause(self, row: PauseAct) -> None:
        if row.step is PauseStep.PAUSE:
            self.ledger.pause(row.until - row.time)
        else:
            self.ledger.unpause()

    def _note_month_end(self, month: int) -> None:
        """Note who will lose how much when `month` ends; now is its last second."""
        lots = {
            number: self.ledger.lots_of(self.residents.account_of(number))
            for number in self.residents.numbers()
        }
        self._lost[month] = {number: held[month] for number, held in lots.items() if month in held}

    def _restore(self, row: RestoreAct) -> None:
        lost = self._lost.get(row.month, {})
        accounts = [self.residents.account_of(number) for number in lost]
        self.ledger.restore_lots(row.month, row.until, accounts, list(lost.values()))

    def _seat(self, row: AdminAct) -> None:
        """Check that an Admin is seated no earlier than the municipality can veto it."""
        if row.step is AdminStep.NAME_ADMIN:
            self._seated_from[row.admin] = row.time + SEATING_SECONDS
        elif row.admin not in self._seated_from:
            raise Refused("OfficersNotOpen", row.admin)
        elif row.time < self._seated_from[row.admin]:
            raise Refused("OfficersTooEarly", row.admin, self._seated_from[row.admin])


def ledger_state(ledger: ReferenceLedger, months: Iterable[int]) -> SeriesState:
    """Return what a reference ledger holds, for the accounts it knows.

    Args:
        months: months of expiry to ask about.
    """
    accounts = ledger.accounts()
    standings = {account: ledger.merchant_of(account) for account in accounts}
    merchants = [account for account in accounts if standings[account][0]]
    return SeriesState(
        balances={account: ledger.balance_of(account) for account in accounts},
        lots={account: ledger.lots_of(account) for account in accounts},
        claims={account: Claim(*ledger.claim_of(account)) for account in merchants},
        merchants={account: Standing(*standings[account][1:]) for account in merchants},
        minters={minter: MinterState(*ledger.minter_of(minter)) for minter in ledger.minters()},
        points_by_month={month: ledger.points_ending_with(month) for month in months},
        restored_by_month=ledger.restored_by_month(),
        stops={account: Stop(*ledger.frozen_of(account)) for account in ledger.stopped()},
        owners={merchant: ledger.owner_of(merchant) for merchant in merchants},
        total_supply=ledger.total_supply(),
    )
