"""Runs a town's fiscal year through the reference model: what the chain must arrive at."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from scripts.lib.japan_calendar import months_of_fiscal_year, start_of
from scripts.lib.reference_ledger import ReferenceLedger, Refused
from scripts.lib.row_place import place_of
from scripts.lib.series_state import Claim, MinterState, SeriesState, Standing
from scripts.lib.town_accounts import TownAccounts
from scripts.lib.town_year import Change, Grant, Payment, StandingChange, TownYear


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


class TownModel:
    """A town's fiscal year in the reference ledger, played as far as somebody asks for.

    Attributes:
        ledger: the town's series.
    """

    def __init__(self, year: TownYear, accounts: TownAccounts, start: int) -> None:
        """Set the series up at the second `start`, before the first row."""
        self.ledger = ReferenceLedger(start, year.town.expiry_rule, year.town.expiry_months)
        self.ledger.increase_minter_allowance(accounts.minter, sum(grant.points for grant in year.grants))
        for merchant in year.merchants:
            self.ledger.approve_merchant(accounts.merchants[merchant.merchant], merchant.category)
        self._categories = {merchant.merchant: merchant.category for merchant in year.merchants}
        self._accounts = accounts
        self._year = year
        self._rows = deque(year.in_order())

    def play_until(self, second: int) -> None:
        """Play every row up to and with `second`, and let time pass until then.

        Raises:
            RowRefused: a row asks for what the rules do not allow.
            ValueError: `second` lies before the last one.
        """
        while self._rows and self._rows[0].time <= second:
            row = self._rows.popleft()
            self.ledger.advance_to(row.time)
            try:
                self._play(row)
            except Refused as refused:
                raise RowRefused(f"{place_of(self._year, [row])}: {refused}") from None
        self.ledger.advance_to(second)

    def _play(self, row: StandingChange | Grant | Payment) -> None:
        match row:
            case Grant():
                self._grant(row)
            case Payment():
                self._pay(row)
            case StandingChange():
                self._change(row)

    def _grant(self, row: Grant) -> None:
        resident = self._accounts.residents[row.resident]
        self.ledger.mint(self._accounts.minter, resident, row.points, row.expiry_month)

    def _pay(self, row: Payment) -> None:
        resident, merchant = self._accounts.residents[row.resident], self._accounts.merchants[row.merchant]
        self.ledger.transfer(resident, merchant, row.points)

    def _change(self, row: StandingChange) -> None:
        merchant = self._accounts.merchants[row.merchant]
        match row.change:
            case Change.APPROVE:
                self.ledger.approve_merchant(merchant, self._categories[row.merchant])
            case Change.SUSPEND:
                self.ledger.suspend_merchant(merchant)
            case Change.CLOSE:
                self.ledger.close_merchant(merchant)


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
        total_supply=ledger.total_supply(),
    )
