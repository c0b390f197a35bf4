"""The demo's year of three towns, settled each month: it closes to the yen.

Every month's claims are settled with the next month's: one transfer bounces in October or November, a shop is
sold on the way in November, the books close on 31 May. What comes out is compared with the CSV files, with
the model and with a replay of the events.
"""

import pytest

from scripts.demo import DATA, PREPARATION_SECONDS
from scripts.lib.calls import View
from scripts.lib.chain import LocalChain
from scripts.lib.deployment import PlatformPlan, deploy
from scripts.lib.event_log import read_events
from scripts.lib.japan_calendar import month_of, months_of_fiscal_year, start_of
from scripts.lib.keyring import LocalKeyring
from scripts.lib.office_play import OfficePlay
from scripts.lib.proceedings import execute_pending
from scripts.lib.reference_settlement import ReferenceSettlement
from scripts.lib.rpc import Rpc
from scripts.lib.rpc_deployer import RpcDeployer
from scripts.lib.sender import Sender
from scripts.lib.series_replay import SeriesReplay
from scripts.lib.settlement_replay import SettlementReplay
from scripts.lib.town_accounts import TownAccounts
from scripts.lib.town_model import TownModel
from scripts.lib.town_on_chain import TownOnChain
from scripts.lib.town_play import BlockClock, play_year
from scripts.lib.town_registration import register_residents
from scripts.lib.town_settlement import SERVICE, TownSettlement, YearFigures
from scripts.lib.town_year import read_town_years

MARCH = 326  # of 2027: the fiscal year that the files are of
NOVEMBER = MARCH - 4
BOUNCING = {141305: MARCH - 5, 212032: MARCH - 4, 452025: MARCH - 5}
"""By town, the month with whose end a transfer bounces."""

EARLIER = 50 * 60 * 60
"""What the services need before the year begins, over the demo's own preparation."""

KEY = bytes(range(32))


class SettledYear:
    """One run of the year with its settlement."""

    def __init__(self, chain):
        self.rpc = Rpc(chain.url)
        self.clock = BlockClock(self.rpc, chain.now() + 1)
        keyring = LocalKeyring(chain, "settled year")
        sender = Sender(self.rpc, keyring, mine=self.clock.mine)
        self.deployer = RpcDeployer(self.rpc, sender, self.clock.pass_second)
        years = read_town_years(sorted(folder for folder in DATA.iterdir() if folder.is_dir()))
        accounts = [TownAccounts.of(year, keyring) for year in years]
        council = keyring.account("council")
        plans = [each.plan(year) for each, year in zip(accounts, years, strict=True)]
        plan = PlatformPlan(keyring.account("deployer"), council, plans, [SERVICE])
        deployment = deploy(self.deployer, plan)
        self.clock.go_to(max(pending.ready_at for pending in deployment.pending))
        execute_pending(self.deployer, deployment.officers, deployment.pending)
        self.service = deployment.services[SERVICE]
        self.buyer = keyring.account("buyer")
        self.towns = [
            TownOnChain.of(year, each, deployment) for year, each in zip(years, accounts, strict=True)
        ]
        register_residents(self.deployer, keyring, self.towns)
        self.settlements = [
            TownSettlement(
                self.deployer,
                town,
                self.service,
                ReferenceSettlement(self.clock.now),
                self.clock.go_to,
                KEY,
            )
            for town in self.towns
        ]
        anyone = keyring.account("anyone")
        office = OfficePlay(self.rpc, self.deployer, keyring, council, anyone)
        self._played = lambda: play_year(self.rpc, sender, self.clock, self.towns, office, anyone)
        self.open_batches = {}

    def play(self):
        """Open, play the year with a settlement at every month's end, and the two months after it."""
        for settlement in self.settlements:
            settlement.open()
        for played in self._played():
            if played.closes_month:
                self._close_month(month_of(played.second) - 1)
        # The last month's transfers are through in April, before the books close.
        self.clock.go_to(start_of(MARCH + 1) + 20 * 24 * 60 * 60)
        for settlement in self.settlements:
            settlement.model.now = self.clock.now
            settlement.settle(self.open_batches[settlement.town.code])

    def _close_month(self, month):
        """Settle what was sent a month ago, then approve and send this month's."""
        for settlement in self.settlements:
            model, town = settlement.model, settlement.town
            # Payments lie in the month that has ended, and so does the fiscal year that they belong to.
            model.now = start_of(month + 1) - 1
            for payment in town.year.payments:
                if month_of(payment.time) == month:
                    model.earn(town.accounts.merchants[payment.merchant], payment.points)
            model.now = self.clock.now
            view = View("MunicipalPoint", town.token, "pausedUntil")
            if self.deployer.read([view])[0] > self.clock.now:
                continue  # 高山市 stands still over the end of October, and pays a month later
            batch = self.open_batches.pop(town.code, None)
            if batch is not None:
                if month == NOVEMBER:
                    settlement.sell(model.batches[batch].claims[0].merchant, self.buyer)
                settlement.settle(batch, bounced={1} if month == BOUNCING[town.code] else ())
            self.open_batches[town.code] = settlement.approve(start_of(month + 1) - 1)


@pytest.fixture(scope="module")
def year():
    begin = start_of(months_of_fiscal_year(2026).start) - PREPARATION_SECONDS
    # Three towns open the service one after the other, two waits each.
    with LocalChain.anvil(genesis_time=begin - 6 * EARLIER, on_demand=True) as chain:
        settled = SettledYear(chain)
        settled.play()
        yield settled


def figures_of(town, state, replay):
    """Return what officers tell of the year: sums of the CSV files, and what is left in the replay."""
    return YearFigures(
        granted=sum(grant.points for grant in town.year.grants),
        exchanged=0,
        bonus=0,
        restored=sum(state.restored_by_month.values()),
        used=sum(payment.points for payment in town.year.payments),
        refunded=0,
        revoked=replay.revoked,
        carried_over=sum(sum(lots.values()) for lots in state.lots.values()),
    )


def test_year_of_three_towns_closes_to_the_yen(year):
    services = SettlementReplay(year.service)
    series = {town.token: SeriesReplay() for town in year.towns}
    for event in read_events(year.rpc, [year.service, *series]):
        services.apply(event)
        if event.address in series:
            series[event.address].apply(event)
    year.clock.go_to(start_of(MARCH + 3))
    for settlement, town in zip(year.settlements, year.towns, strict=True):
        used = sum(payment.points for payment in town.year.payments)
        state = series[town.token].state_at(start_of(MARCH + 1))
        reference = TownModel(town.year, town.accounts, start_of(MARCH - 11) - PREPARATION_SECONDS)
        reference.play_until(start_of(MARCH + 1) + 2)
        figures = figures_of(town, state, series[town.token])
        settlement.close_year(MARCH, figures)
        views = [
            View(SERVICE, year.service, "yearEndOf", (town.token, MARCH)),
            View("MunicipalPoint", town.token, "totalSupply"),
            View("MunicipalPoint", town.token, "settlementTotals"),
        ]
        (told, *known), supply, totals = year.deployer.read(views)
        lapsed = figures.granted + figures.restored - used - figures.carried_over
        # Every yen of the CSV's payments was paid, in the books of the year in which it was spent.
        assert (tuple(told), known) == (tuple(figures), [0, lapsed, 0, used, 0, 0, 0])
        assert (settlement.model.books[MARCH].settled, settlement.model.settled.total()) == (used, used)
        assert services.settled[town.token, MARCH] == used
        # What was carried over, less what ended in April and May.
        assert (supply, tuple(totals)) == (
            series[town.token].state_at(year.clock.now).total_supply,
            (0, used),
        )
        # The ledger knows no settlement: what was paid is still owed there.
        assert reference.ledger.total_supply() == figures.carried_over + used


def test_bounced_transfer_was_paid_with_a_later_batch_and_the_sold_shop_too(year):
    for settlement in year.settlements:
        model = settlement.model
        bounced = [(batch, place) for batch in model.batches.values() for place in batch.bounced]
        [(batch, place)] = bounced
        shop = batch.claims[place].merchant
        assert model.locked[shop] == model.free[shop].total() == 0
        sold = [
            merchant
            for merchant in settlement.town.accounts.merchants.values()
            if year.deployer.read([View("MunicipalPoint", settlement.town.token, "ownerOf", (merchant,))])
            == [year.buyer]
        ]
        assert len(sold) == 1
        assert model.claim_of(sold[0]) == (0, 0, 0)
