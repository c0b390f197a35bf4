"""Runs a town's fiscal year through the reference model: what the chain must arrive at."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from scripts.lib.japan_calendar import last_second, months_of_fiscal_year, start_of
from scripts.lib.reference.ledger import ConservationError, ReferenceLedger, Refused
from scripts.lib.reference.programmes import ReferenceProgrammes, Terms
from scripts.lib.reference.registry import ReferenceRegistry
from scripts.lib.replays.series_state import Claim, MinterState, SeriesState, Standing, Stop
from scripts.lib.town_year.accounts import TownAccounts
from scripts.lib.town_year.exchange_model import ExchangeMint, ExchangeModel
from scripts.lib.town_year.exchange_plan import allowance
from scripts.lib.town_year.folder import Change, Grant, Happening, Payment, StandingChange, TownYear
from scripts.lib.town_year.office_rows import (
    AccountAct,
    AccountStep,
    AdminAct,
    AdminStep,
    PauseAct,
    PauseStep,
    RestoreAct,
    ShopAct,
)
from scripts.lib.town_year.programme_plan import ProgrammePlan
from scripts.lib.town_year.row_place import RowRefused, place_of
from scripts.lib.town_year.settlement_model import SettlementModel
from scripts.lib.town_year.settlement_rows import SettlementRow, SettlementStep
from scripts.lib.year_end import YearEnd, YearFigures

SEATING_SECONDS = 14 * 24 * 60 * 60
"""How long the Admin whom the council names waits for a veto of the municipality."""


_SERIES = "series"
"""What the model of programmes calls the town's one series."""


def rehearse(years: Sequence[TownYear]) -> None:
    """Play the whole year of some towns in the model, before anything is sent anywhere.

    Raises:
        RowRefused: a row would be refused, for instance a payment of more points than there are.
    """
    accounts = [TownAccounts.without_keys(year) for year in years]
    for model in models_of(years, accounts, start_of(months_of_fiscal_year(years[0].town.fiscal_year).start)):
        model.play_until(year_closed_by(model.year))


def models_of(
    years: Sequence[TownYear],
    accounts: Sequence[TownAccounts],
    start: int,
    services: Mapping[str, str] | None = None,
) -> list[TownModel]:
    """Return the model of each series, with what the exchange will mint there.

    Args:
        services: address of each service by its contract, where there is a chain.

    Raises:
        RowRefused: the exchange would refuse a row.
    """
    exchange = ExchangeModel(years, accounts, start)
    exchange.play_until(year_closed_by(years[0]))
    taking_part = {id(year) for year in exchange.plan.years}
    return [
        TownModel(
            year,
            its,
            start,
            services,
            exchange.mints[year.town.municipality.number] if id(year) in taking_part else (),
        )
        for year, its in zip(years, accounts, strict=True)
    ]


def year_closed_by(year: TownYear) -> int:
    """Return a second by which the last row of a town has been played."""
    end = start_of(months_of_fiscal_year(year.town.fiscal_year).stop)
    return max([end, *(row.time for row in year.settlements)])


class _YearEnd(NamedTuple):
    """The first second after the fiscal year: what residents hold then is carried over."""

    time: int


class _MonthEnd(NamedTuple):
    """The last second of a month, of which somebody will ask what every resident lost with it."""

    time: int
    month: int


_Row = Happening | ExchangeMint | _YearEnd | _MonthEnd
_RANKS = {ExchangeMint: 2, StandingChange: 3, Grant: 4, Payment: 5, _MonthEnd: 6}
"""What comes later at one time; acts and settlement come first, as they stand in TownYear.in_order."""


class TownModel:
    """A town's fiscal year in the reference ledger, played as far as somebody asks for.

    Attributes:
        residents: the town's memberships; numbers are those of the rows of residents.csv, from 1.
        ledger: the town's series.
        programmes: what its grants are for; None if the files name no programmes.
        approved: numbers of the batches approved so far, in the order of the plan.
        settlement: how its shops get their yen.
        carried_over: live points of residents when the fiscal year had ended; None before.
        is_closed: whether the fiscal year's figures are fixed.
        mints: what the exchange mints in the year.
    """

    def __init__(
        self,
        year: TownYear,
        accounts: TownAccounts,
        start: int,
        services: Mapping[str, str] | None = None,
        mints: Sequence[ExchangeMint] = (),
    ) -> None:
        """Set the series up and register the residents at the second `start`, before the first row.

        Args:
            services: address of each service by its contract, where there is a chain.
            mints: what the exchange will mint in the year.
        """
        services = services or {}
        self.residents = ReferenceRegistry(year.town.municipality.number)
        self.residents.register(list(accounts.residents.values()))
        self._numbers = {resident: number for number, resident in enumerate(accounts.residents, 1)}
        self.ledger = ReferenceLedger(
            start, year.town.expiry_rule, year.town.expiry_months, residents=self.residents
        )
        points = sum(grant.points for grant in year.grants)
        self.plan = ProgrammePlan.of(year)
        granting = services.get("GrantProgrammes", accounts.minter) if self.plan.batches else accounts.minter
        self.ledger.increase_minter_allowance(granting, points)
        self._granting = granting
        self._exchange = services.get("PartnerExchange", "exchange")
        self.mints = mints
        if year.exchange.agreements:
            self.ledger.increase_minter_allowance(self._exchange, allowance(year))
        self.programmes = self._open_programmes(granting) if self.plan.batches else None
        self.approved: list[int] = []
        for merchant in year.merchants:
            self.ledger.approve_merchant(accounts.merchants[merchant.merchant], merchant.category)
        self._categories = {merchant.merchant: merchant.category for merchant in year.merchants}
        self._accounts = accounts
        self.year = year
        self.settlement = SettlementModel(start, accounts.merchants)
        self.carried_over: int | None = None
        self.is_closed = False
        # At one time, a month's end comes after the rows: they may still spend what ends with it.
        ends = {act.month for act in year.office_acts if isinstance(act, RestoreAct)}
        after_it = start_of(months_of_fiscal_year(year.town.fiscal_year).stop)
        rows: list[_Row] = [*year.in_order(), *mints]
        rows += [_YearEnd(after_it), *(_MonthEnd(last_second(month), month) for month in ends)]
        self._rows: deque[_Row] = deque(sorted(rows, key=lambda row: (row.time, _RANKS.get(type(row), 0))))
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
            if isinstance(row, _YearEnd):
                self.carried_over = self.ledger.books().live
                continue
            try:
                self._play(row)
            except Refused as refused:
                rows = row.rows if isinstance(row, ExchangeMint) else [row]
                raise RowRefused(f"{place_of(self.year, rows)}: {refused}") from None
        self.ledger.advance_to(second)

    def check_conservation(self) -> None:
        """Check that no point appeared or vanished (I1), and that shops are owed or paid what they earned.

        Raises:
            ConservationError: it is not so.
        """
        self.ledger.check_conservation()
        settled = self.settlement.reference.settled
        for merchant in self._accounts.merchants.values():
            claim = self.settlement.claim_of(merchant, self.ledger.now)
            earned, found = sum(self.ledger.claim_of(merchant)), sum(claim) + settled[merchant]
            if earned != found:
                raise ConservationError(f"{merchant} earned {earned}, owed and paid are {found}")

    def state(self, months: Iterable[int]) -> SeriesState:
        """Return what the series holds, for the accounts that the model knows.

        Args:
            months: months of expiry to ask about.
        """
        state = ledger_state(self.ledger, months)  # it knows no settlement: what was paid is still owed there
        settled = self.settlement.reference.settled
        claims = {merchant: self.settlement.claim_of(merchant, self.ledger.now) for merchant in state.claims}
        return replace(
            state,
            claims={merchant: Claim(*claim) for merchant, claim in claims.items()},
            balances=state.balances | {merchant: sum(claim) for merchant, claim in claims.items()},
            total_supply=state.total_supply - settled.total(),
            settled=settled.total(),
        )

    def year_end(self, exchanged: int, bonus: int) -> YearEnd:
        """Return what is fixed of the fiscal year when it is closed.

        Args:
            exchanged, bonus: what the exchange minted in the year, of both kinds.

        Raises:
            ValueError: the year has not ended.
        """
        if self.carried_over is None:
            raise ValueError(f"the fiscal year {self.year.town.fiscal_year} has not ended")
        months = months_of_fiscal_year(self.year.town.fiscal_year)
        books, ledger = self.settlement.reference.books[months.stop - 1], self.ledger.books()
        used = sum(sum(self.ledger.claim_of(shop)) for shop in self._accounts.merchants.values())
        return YearEnd(
            YearFigures(
                granted=self.ledger.minter_of(self._granting)[1],
                exchanged=exchanged,
                bonus=bonus,
                restored=ledger.restored,
                used=used,
                refunded=0,
                revoked=ledger.revoked,
                carried_over=self.carried_over,
            ),
            carried_in=0,
            lapsed=sum(self.ledger.points_ending_with(month) for month in months),
            owed_in=0,
            settled=books.settled,
            past_years=books.past_years,
            reopened=books.reopened,
            owed_over=used + books.reopened - books.settled,
        )

    def _play(self, row: Happening | ExchangeMint) -> None:
        match row:
            case ExchangeMint():
                self.ledger.mint(self._exchange, row.account, row.points, row.month)
            case SettlementRow(step=SettlementStep.CLOSE):
                self.is_closed = True
            case SettlementRow():
                self.settlement.play(row, self.ledger.paused_until)
            case ShopAct():
                merchant, buyer = self._accounts.merchants[row.merchant], self._accounts.buyers[row.merchant]
                self.ledger.replace_owner(merchant, buyer)
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
        merchant = self._accounts.merchants[row.merchant]
        self.ledger.transfer(resident, merchant, row.points)
        self.settlement.earn(row.time, merchant, row.points)

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
