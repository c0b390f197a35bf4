"""A series of thousands of accounts gives way to its successor, stopped half way and taken up again.

Both shapes: half of the residents hold a fiscal-year series' lots, half those of twelve months. Shops have
claims, paid sales, claims in settlement; some are suspended, sold or frozen, some residents frozen. By
default 160 accounts; `make test-migration` takes 10,000. The successor is compared with the old series as it
stood before the closing, lot by lot, and an auditor follows every event of it.
"""

import os
from collections import Counter, defaultdict

import pytest
from eth_utils import keccak, to_checksum_address

from scripts.lib.acts import Act
from scripts.lib.audit.dataset import Dataset
from scripts.lib.audit.fetch import fetch
from scripts.lib.audit.patterns.movements import OTHER, read_movements
from scripts.lib.audit.patterns.search import find_patterns
from scripts.lib.audit.report.event_columns import EventColumns
from scripts.lib.audit.report.figures import read_figures
from scripts.lib.audit.report.reconciliation import ReconciliationError, reconcile
from scripts.lib.audit.report.write import PAGE, write_report
from scripts.lib.audit.statements.history import read_history
from scripts.lib.audit.statements.papers import statement_files
from scripts.lib.audit.verify import verify
from scripts.lib.calls import Call
from scripts.lib.claim_word import ClaimPart, in_order
from scripts.lib.contract_abi import encode_call
from scripts.lib.deployment import SERIES_LIBRARIES, SeriesPlan, series_arguments
from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.japan_calendar import day_of, start_of
from scripts.lib.keys.keyring import LocalKeyring
from scripts.lib.node.event_log import read_events
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.sender import Sender, Transaction
from scripts.lib.node.transactions import SendError
from scripts.lib.payment.issue import PaymentIssue, SaleState
from scripts.lib.payment.sale_number import sale_number
from scripts.lib.payment.signing import MAX_VALID_UNTIL, Payment, SeriesDomain, sign, signed_payment
from scripts.lib.proceedings import carry_out, execute_pending
from scripts.lib.reasons import Reason
from scripts.lib.replays.everything import Replay
from scripts.lib.roles import Role
from scripts.lib.series_migration import accounts_of, differences, holdings, steps
from scripts.lib.town_year.play import BlockClock
from tests.support.books import check_books
from tests.support.clock import APRIL
from tests.support.office_town import CODE, open_town

FULL_SIZE = bool(os.environ.get("JICHITAI_FULL_SIZE"))
ACCOUNTS = 10_000 if FULL_SIZE else 160
SHOPS = 100 if FULL_SIZE else 8
PAYERS = 200 if FULL_SIZE else 8
"""Residents with keys, who pay a sale each on the last day."""

BATCH = 250
GAS = 16_700_000
TRANSACTIONS_A_BLOCK = 10
DEPLOYED_BEFORE_SECONDS = 4 * 24 * 60 * 60
NOTICE = 30 * 24 * 60 * 60
HALF = (ACCOUNTS - SHOPS) // 2

# Months of expiry: the fiscal-year shape and the monthly one, seen from June, when the series is closed.
YEARS = (APRIL + 11, APRIL + 23)
MONTHS = tuple(range(APRIL + 3, APRIL + 15))


@pytest.fixture(autouse=True)
def isolation():
    """Nothing happens on the chain that the other scenarios share."""


@pytest.fixture(autouse=True)
def books_that_balance():
    """Of both series, where a test says so."""


@pytest.fixture(scope="module")
def chain():
    first = start_of(APRIL) - DEPLOYED_BEFORE_SECONDS
    limit = TRANSACTIONS_A_BLOCK * GAS
    with LocalChain.anvil(genesis_time=first, on_demand=True, block_gas_limit=limit) as chain:
        yield chain


@pytest.fixture(scope="module")
def rpc(chain):
    rpc = Rpc(chain.url)
    yield rpc
    rpc.close()


class World:
    """The town, its old series with all its accounts, and the successor that is to come."""

    def __init__(self, chain, rpc):
        self.chain, self.rpc = chain, rpc
        self.clock = BlockClock(rpc, chain.now() + 1)
        self.town = open_town(
            chain, rpc, LocalKeyring(chain, "migration"), clock=self.clock, allowance=10**10
        )
        self.old = self.town.token
        keyring = self.town.keyring
        self.sender = Sender(rpc, keyring, mine=self.clock.mine, in_flight=TRANSACTIONS_A_BLOCK)
        self.shops = [keyring.account(f"shop {place}") for place in range(SHOPS)]
        self.payers = [keyring.account(f"payer {place}") for place in range(PAYERS)]
        others = range(PAYERS, ACCOUNTS - SHOPS)
        self.residents = self.payers + [_address("resident", place) for place in others]
        self.settlement = next(at for at, name in self.town.services.items() if name == "MerchantSettlement")
        self.sales: list[tuple[str, str, int, int]] = []
        """Shop, payer, number and points."""

    # ------------------------------------------------------------------------------------------ steps

    def send(self, by, to, *calls):
        """Stream calls (contract, function, arguments) and demand that each succeeds."""
        data = [encode_call(contract, function, arguments) for contract, function, arguments in calls]
        sent = (Transaction(by, to, each, GAS, f"call {place}") for place, each in enumerate(data))
        return self.sender.send(sent)

    def act(self, contract, to, function, *arguments, by=Role.ADMIN, second=Role.ADMIN):
        """Do an act by two officers, after its delay."""
        offices = (self.town.officer(by), self.town.officer(second, 2 if by == second else 1))
        act = Act(CODE, contract, to, function, arguments, Reason.ROUTINE, offices[0], second=offices[1])
        waiting = carry_out(self.town.deployer, self.town.officers, [act], self.town.deployer.now())
        if waiting and waiting[0].ready_at > self.clock.now:
            self.clock.go_to(waiting[0].ready_at)
        execute_pending(self.town.deployer, self.town.officers, waiting)

    def ask(self, token, function, *arguments):
        return self.town.ask("MunicipalPoint", token, function, *arguments)

    # ----------------------------------------------------------------------------------------- the past

    def live(self):
        """Let residents be granted, shops be paid, and claims go into settlement."""
        self.clock.go_to(start_of(APRIL + 1))
        point = "MunicipalPoint"
        shops = [
            (point, "approveMerchant", (shop, i % 5, f"商店{i}", "川崎区"))
            for i, shop in enumerate(self.shops)
        ]
        for _, function, arguments in shops:
            self.act(
                point, self.old, function, *arguments, by=Role.MERCHANT_OFFICER, second=Role.MERCHANT_OFFICER
            )
        self.act("Officers", self.town.officers, "acceptService", CODE, self.settlement)
        self.act(point, self.old, "setSettlement", self.settlement)
        grants = []
        for place, (months, holders) in enumerate(
            ((YEARS, self.residents[:HALF]), (MONTHS, self.residents[HALF:]))
        ):
            for number, month in enumerate(months):
                for first in range(0, len(holders), BATCH):
                    some = holders[first : first + BATCH]
                    amounts = [100 + (first + i * 7 + number * 13 + place) % 900 for i in range(len(some))]
                    grants.append((point, "mintBatch", (some, amounts, month)))
        self.send(self.town.minter, self.old, *grants)
        for place, payer in enumerate(self.payers):
            self.send(payer, self.old, (point, "transfer", (self.shops[place % SHOPS], 10 + place % 50)))
        frozen = [*self.residents[PAYERS : PAYERS + 3], self.shops[1]]
        for account in frozen:
            self.act(
                point, self.old, "freeze", account, by=Role.DESK_OFFICER, second=Role.SECOND_DESK_OFFICER
            )
        shop_officers = {"by": Role.MERCHANT_OFFICER, "second": Role.MERCHANT_OFFICER}
        self.act(point, self.old, "suspendMerchant", self.shops[2], **shop_officers)
        self.act(
            point, self.old, "replaceOwner", self.shops[3], self.town.account("new owner"), **shop_officers
        )
        self.pay_out([self.shops[6]])
        self.lock([self.shops[4], self.shops[5]])

    def pay_out(self, shops):
        """Settle shops' claims: their money is with the bank."""
        words = self.lock(shops)
        self.settle(1, words)
        self.paid_out = words

    def settle(self, batch, words):
        for step in (
            ("markSent", _paper(f"file {batch}")),
            ("settle", words, _paper(f"paid {batch}"), False),
        ):
            self.act_of_cashiers(step[0], CODE, batch, *step[1:])

    def act_of_cashiers(self, function, *arguments):
        offices = {"by": Role.CASHIER, "second": Role.SECOND_CASHIER}
        self.act("MerchantSettlement", self.settlement, function, *arguments, **offices)

    def lock(self, shops, token=None, year=APRIL + 11):
        token = token or self.old
        claims = [self.ask(token, "claimOf", shop) for shop in shops]
        words = in_order(
            [ClaimPart(shop, this, before) for shop, (this, before, _) in zip(shops, claims, strict=True)]
        )
        self.batch = [claim.word for claim in words]
        self.act_of_cashiers("approveClaims", CODE, token, year, self.clock.now - 1, self.batch)
        return self.batch

    def make_successor(self):
        """Deploy and register it; announce it, and let the notice pass."""
        deployer, payer = self.town.deployer, self.town.account("deployer")
        libraries = {name: deployer.deploy(name, (), payer).address for name in SERIES_LIBRARIES}
        plan = SeriesPlan(
            "new", "川崎げんきポイント", "GENKI2", ExpiryRule.MONTHS_AFTER, 1, predecessor=self.old
        )
        arguments = series_arguments(CODE, self.town.officers, self.town.residents, plan)
        self.new = deployer.deploy("MunicipalPoint", arguments, payer, libraries).address
        register = ("PointPlatform", self.town.platform, "registerSeries", (CODE, self.new))
        deployer.send([Call(*register, self.town.account("council"))])
        self.act("MunicipalPoint", self.old, "announceSuccessor", self.new)
        self.clock.go_to(self.clock.now + NOTICE)

    def pay_sales(self):
        """On the last day every payer pays a sale, signed and submitted by the shop."""
        day, chain_id = day_of(self.clock.now), int(self.rpc.call("eth_chainId"), 16)
        for place, payer in enumerate(self.payers):
            shop = self.shops[place % SHOPS]
            if place % SHOPS in (1, 2, 3):
                continue  # frozen, suspended, sold
            sale, points = sale_number(day, place + 1), 20 + place % 30
            payment = Payment(payer, shop, sale, points, MAX_VALID_UNTIL, 0)
            signed = signed_payment(payment, sign(SeriesDomain(chain_id, self.old), payment, self.key(payer)))
            self.send(shop, self.old, ("MunicipalPoint", "paySigned", (shop, *signed)))
            self.sales.append((shop, payer, sale, points))

    def signed_for_the_successor(self, shop, payer, sale, points):
        chain_id = int(self.rpc.call("eth_chainId"), 16)
        payment = Payment(payer, shop, sale, points, MAX_VALID_UNTIL, 0)
        return signed_payment(payment, sign(SeriesDomain(chain_id, self.new), payment, self.key(payer)))

    def key(self, account):
        return self.town.keyring.key(account)

    def close(self):
        self.send(self.town.account("anyone"), self.old, ("MunicipalPoint", "closeForSuccessor", ()))

    def carry(self, some):
        return self.send(
            self.town.account("anyone"), self.new, *(("MunicipalPoint", "carryIn", (step,)) for step in some)
        )


def _paper(text):
    return keccak(text=text)


def _address(kind, place):
    return to_checksum_address(keccak(text=f"{kind} {place}")[-20:])


@pytest.fixture(scope="module")
def world(chain, rpc):
    world = World(chain, rpc)
    world.live()
    world.make_successor()
    world.pay_sales()
    return world


def test_every_account_reaches_the_successor_as_it_was(world, rpc):
    old, new = world.old, world.new
    accounts = accounts_of(rpc, old)
    assert len(accounts) == ACCOUNTS
    before = holdings(rpc, old, accounts)
    supply, locked = world.ask(old, "totalSupply"), world.ask(old, "settlementTotals")[0]
    by_month = Counter()
    for holding in before.values():
        by_month.update(dict(zip(*holding.lots, strict=True)))
    world.close()

    # Half of it, interrupted and taken up by somebody else, who does it all again.
    plan = list(steps(rpc, old, new, accounts))
    receipts = world.carry(plan[: len(plan) // 2])
    left = list(steps(rpc, old, new, accounts))
    assert sum(map(len, left)) < sum(map(len, plan))
    assert differences(rpc, old, new), "what is left to do is told"
    receipts += world.carry(left)
    world.carry(plan[:1])
    assert list(steps(rpc, old, new, accounts)) == []
    assert max(receipt.gas_used for receipt in receipts) < GAS

    after = holdings(rpc, new, accounts)
    assert after == before, "an account is not as it was"
    assert differences(rpc, old, new) == []
    assert (world.ask(new, "totalSupply"), world.ask(old, "totalSupply")) == (supply - locked, locked)
    assert {month: world.ask(new, "pointsEndingWith", month) for month in by_month} == dict(by_month)
    for token in (old, new):
        check_books(rpc, token)
    world.gas = sum(receipt.gas_used for receipt in receipts)
    print(
        f"\n{len(accounts)} accounts, {sum(len(h.lots[0]) for h in before.values())} lots: "
        f"{world.gas:,} gas in {len(receipts)} transactions"
    )


def test_no_paid_sale_can_be_paid_again(world):
    assert len(world.sales) > PAYERS // 2
    for place, (shop, payer, sale, points) in enumerate(world.sales):
        signed = world.signed_for_the_successor(shop, payer, sale, points)
        assert world.ask(world.new, "issueOf", shop, signed[0]) == PaymentIssue.SALE_USED
        assert world.ask(world.new, "saleOf", shop, sale) == (SaleState.PAID, 0)
        if place < 3:
            with pytest.raises(SendError, match="PointSaleUsed"):
                world.town.call("MunicipalPoint", world.new, "paySigned", shop, *signed, by=shop)


def test_refund_and_bounce_after_it_are_carried_too(world, rpc):
    shop, payer, sale, points = world.sales[0]
    month = YEARS[0]
    before = holdings(rpc, world.new, [payer, shop])
    refund = (shop, sale, payer, [month << 29 | points], points)
    world.send(shop, world.old, ("MunicipalPoint", "refund", refund))
    world.act_of_cashiers("cancelBatch", CODE, 2, world.batch)
    world.carry(steps(rpc, world.old, world.new, accounts_of(rpc, world.old)))
    assert differences(rpc, world.old, world.new) == []
    after = holdings(rpc, world.new, [payer, shop])
    assert dict(zip(*after[payer].lots, strict=True))[month] == (
        dict(zip(*before[payer].lots, strict=True))[month] + points
    )
    assert sum(after[shop].claim) == sum(before[shop].claim) - points
    assert world.ask(world.old, "totalSupply") == 0


def test_events_of_both_tell_the_same(world, rpc):
    town = world.town
    addresses = [town.platform, town.officers, town.residents, *town.services, world.old, world.new]
    replay = Replay(town.platform, town.officers, town.residents, services=town.services)
    for event in read_events(rpc, addresses, town.block):
        replay.apply(event)
    replay.finish()
    for token in (world.old, world.new):
        series = replay.series[token]
        state = series.state_at(world.chain.now())
        assert state.total_supply == sum(state.balances.values()) == world.ask(token, "totalSupply")
        assert world.ask(token, "carriedPoints") == (series.carried_in, series.carried_out)
    accounts = accounts_of(rpc, world.old)
    state = replay.series[world.new].state_at(world.chain.now())
    for account, holding in holdings(rpc, world.new, accounts).items():
        assert state.lots.get(account, {}) == dict(zip(*holding.lots, strict=True))


def test_auditor_who_knows_the_platform_alone_finds_nothing(world, rpc, tmp_path):
    """Every event from the first block on, every account of both series as the chain answers today."""
    fetch(rpc, world.town.platform, tmp_path)
    verdict = verify(rpc, tmp_path)
    assert verdict.violations == []
    carried = [verdict.books[token].carried_out for token in (world.old, world.new)]
    assert min(carried) > 0, "the refund has brought a claim back"


def report_of(world, rpc, folder):
    """Fetch and verify everything, and write both reports; return the figures by series."""
    fetch(rpc, world.town.platform, folder / "dataset")
    dataset = Dataset(folder / "dataset")
    verdict = verify(rpc, folder / "dataset")
    assert verdict.violations == []
    for kind, is_public in (("full", False), ("public", True)):
        write_report(dataset, folder / kind, verdict, is_public=is_public)
    return {each.address: each for each in read_figures(EventColumns(dataset)).series}


def test_report_reconciles_both_series_and_what_went_between(world, rpc, tmp_path):
    figures = report_of(world, rpc, tmp_path)
    old, new = figures[world.old], figures[world.new]
    assert (old.books.carried_out, old.books.carried_in) == (new.books.carried_in, new.books.carried_out)
    assert (old.books.carried_in, old.books.carried_out) == world.ask(world.old, "carriedPoints")
    assert old.books.carried_in > 0, "the refund has brought a claim back"
    assert old.lots_out == new.lots_in
    assert new.books.made == 0
    shops = {shop.address: shop for shop in old.shops}
    assert [(shop.name, shop.status) for shop in new.shops] == [
        (shops[shop.address].name, shops[shop.address].status) for shop in new.shops
    ]
    assert "引継受入" in (tmp_path / "full" / PAGE).read_text("utf-8")


def test_report_that_lost_points_between_the_series_is_refused(world, rpc, tmp_path):
    fetch(rpc, world.town.platform, tmp_path)
    figures = read_figures(EventColumns(Dataset(tmp_path)))
    for place, its in enumerate(figures.series):
        for lots in (its.lots_in, its.lots_out):
            for month in list(lots)[:1]:
                lots[month] += 1
                with pytest.raises(ReconciliationError, match="left = arrived"):
                    reconcile(figures, None)
                lots[month] -= 1
        assert place < 2
    reconcile(figures, None)


def test_statements_tell_what_went_over(world, rpc, tmp_path):
    fetch(rpc, world.town.platform, tmp_path)
    history = read_history(Dataset(tmp_path))
    held = Counter()
    for line in history.residents:
        held[line.token, line.account] += line.points
    for account in world.payers:
        balances = [world.ask(token, "balanceOf", account) for token in (world.old, world.new)]
        assert [held[token, account] for token in (world.old, world.new)] == balances
    kinds = defaultdict(set)
    for line in history.residents:
        kinds[line.token].add(line.kind)
    assert "後継種別へ移行" in kinds[world.old] and "前種別から移行" in kinds[world.new]
    owed = Counter()
    for line in history.merchants:
        owed[line.token, line.merchant] += line.claim
    for shop in world.shops:
        assert owed[world.new, shop] == sum(world.ask(world.new, "claimOf", shop)[:2])
    files = [name for name, _ in statement_files(history) if name.startswith("merchants/")]
    assert len(files) == 2 * SHOPS


def test_patterns_take_what_went_over_for_no_grant_and_no_payment(world, rpc, tmp_path):
    fetch(rpc, world.town.platform, tmp_path)
    movements = read_movements(Dataset(tmp_path))
    new = [its for its in movements.all_series() if movements.address(its) == world.new]
    kinds = movements.kind[movements.series == new[0]]
    assert len(kinds) > ACCOUNTS and set(kinds.tolist()) == {OTHER}
    assert find_patterns(movements) == []


def test_years_of_both_close_after_a_claim_came_back_in_spring(world, rpc, tmp_path):
    """In April the bank returns what the old series paid; it is carried, paid by the successor, and booked in
    the year of its sales on both sides. Verify and report hold it against what the chain fixed."""
    march, [shop] = APRIL + 11, [to_checksum_address(f"{word >> 96:040x}") for word in world.paid_out]
    world.act("MunicipalPoint", world.new, "setSettlement", world.settlement)
    world.clock.go_to(start_of(march + 1))
    world.act_of_cashiers("reopen", CODE, 1, 0, [1], world.paid_out, _paper("came back"))
    world.carry(steps(rpc, world.old, world.new, accounts_of(rpc, world.old)))
    words = world.lock([shop], world.new, march + 12)
    world.settle(3, words)
    world.clock.go_to(start_of(march + 3))
    before = report_of(world, rpc, tmp_path / "before")
    for token in (world.old, world.new):
        told = next(year.figures.told for year in before[token].years if year.march == march)
        world.act_of_cashiers("closeYear", CODE, token, march, tuple(told))
    after = report_of(world, rpc, tmp_path / "after")
    for token in (world.old, world.new):
        year = next(year for year in after[token].years if year.march == march)
        assert year.closed == year.figures
        assert tuple(year.carried) == world.ask(token, "carriedInYear", march)
        assert world.ask(token, "carriedInYear", march + 12)[2:] == (0, 0)
    paid = sum(word >> 48 & 2**48 - 1 for word in words) + sum(word & 2**48 - 1 for word in words)
    assert after[world.new].books.settled == paid > 0
