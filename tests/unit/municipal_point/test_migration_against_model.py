"""What can happen after a closing, at random, on both series and in a plain model, compared step by step."""

import os
import random

import pytest

from scripts.lib.expiry_rule import NEVER
from scripts.lib.japan_calendar import start_of
from scripts.lib.payment.sale_terms import SaleTerms
from scripts.lib.reference.migration import ReferenceMigration, RefusedError
from tests.support.books import check_books
from tests.support.clock import AUGUST, HOUR, JULY, JUNE, MARCH, now, travel, travel_to
from tests.support.migration_fixtures import NOTICE
from tests.support.paying import Counter, lot, sale_of_today, today

STEPS = 50
SEEDS = range(1, 9) if os.environ.get("JICHITAI_FULL_SIZE") else (1,)
TERMS = SaleTerms()
MONTHS = (JUNE, JULY, AUGUST, MARCH, NEVER)


@pytest.fixture(scope="module")
def successor(project, officers, residents, platform, point, deployer, council):
    arguments = (141305, officers, residents, "川崎げんきポイント", "GENKI2", 0, 1, TERMS, point)
    successor = project.MunicipalPoint.deploy(*arguments, {"from": deployer})
    platform.registerSeries(141305, successor, {"from": council})
    return successor


class Walk:
    """Random steps; each is done on the chain and in the model, or refused by both."""

    def __init__(self, seed, old, new, people, shops, act_maker, minter, stranger):
        self.random = random.Random(seed)
        self.old, self.new = old, new
        self.people, self.shops = people, shops
        self.by_act, self.by_minter, self.by_anyone = ({"from": x} for x in (act_maker, minter, stranger))
        self.model = ReferenceMigration(now())
        self.sales = []
        self.steps = [self.carry] * 5 + [self.refund] * 4 + [self.pay] * 3 + [self.grant] * 2
        self.steps += [self.freeze, self.unfreeze, self.pass_time, self.restore]

    def begin(self):
        """Grants on the old series, then the closing, on a day on which everybody buys something."""
        for person in self.people:
            for month in self.random.sample(MONTHS, self.random.randint(1, len(MONTHS))):
                points = self.random.randint(1, 300)
                self.old.mintUntil(person.account, points, month, self.by_minter)
                self.model.old.lots[person.account.address][month] += points
        self.old.announceSuccessor(self.new, self.by_act)
        travel(NOTICE)
        self.model.now = now()
        for number, person in enumerate(self.people):
            self.buy(person, self.random.choice(self.shops), sale_of_today(number + 1))
        self.old.closeForSuccessor(self.by_anyone)
        self.last_refund_day = today() + TERMS.payable_days + TERMS.refund_days
        self.new.increaseMinterAllowance(self.by_minter["from"], 10**6, self.by_act)
        self.carry_all(self.shops)

    def buy(self, person, shop, sale):
        live = self.model.old.live(person.account.address, self.model.month)
        points = self.random.randint(1, sum(live.values()))
        self.old.paySigned(shop, *Counter(self.old, shop).signed(person, sale, points), {"from": shop})
        parts = []
        for month, held in live.items():
            if part := min(held, points - sum(points for _, points in parts)):
                parts.append((month, part))
                self.model.old.lots[person.account.address][month] -= part
        self.model.old.claims[shop.address][self.model.year] += points
        self.sales.append([shop, sale, person, parts, 0])

    # ------------------------------------------------------------------------------------------ steps

    def both(self, on_the_chain, in_the_model):
        try:
            in_the_model()
        except RefusedError:
            with pytest.raises(Exception, match="revert"):
                on_the_chain()
        else:
            on_the_chain()

    def carry_all(self, accounts):
        addresses = [account.address for account in accounts]
        self.both(lambda: self.new.carryIn(addresses, self.by_anyone), lambda: self.model.carry(addresses))

    def carry(self):
        everybody = [person.account for person in self.people] + self.shops
        self.carry_all(self.random.sample(everybody, self.random.randint(1, 4)))

    def refund(self):
        sale = self.random.choice(self.sales)
        shop, number, person, parts, before = sale
        left = sum(points for _, points in parts) - before
        if not left or today() > self.last_refund_day:
            return
        points = self.random.randint(1, left)
        back, skip, rest = [], before, points
        for month, held in reversed(parts):
            gone = min(skip, held)
            skip -= gone
            if part := min(held - gone, rest):
                back.append((month, part))
                rest -= part
        # What has ended would stay with the shop: of that, tests of refunds tell more.
        if any(month < self.model.month for month, _ in back):
            return
        arguments = (shop, number, person.account, [lot(*part) for part in parts], points)

        def in_the_model():
            self.model.refund(shop.address, person.account.address, back)
            sale[4] += points

        self.both(lambda: self.old.refund(*arguments, {"from": shop}), in_the_model)

    def pay(self):
        person, shop = self.random.choice(self.people).account, self.random.choice(self.shops)
        points = self.random.randint(1, 80)
        self.both(
            lambda: self.new.transfer(shop, points, {"from": person}),
            lambda: self.model.pay(person.address, shop.address, points),
        )

    def grant(self):
        person, month = self.random.choice(self.people).account.address, self.random.choice(MONTHS[2:])
        if person in self.model.new.frozen or month < self.model.month:
            return
        self.new.mintUntil(person, 7, month, self.by_minter)
        self.model.new.lots[person][month] += 7

    def freeze(self):
        account = self.random.choice([person.account for person in self.people] + self.shops).address
        series, side = self.random.choice([(self.old, self.model.old), (self.new, self.model.new)])
        series.freeze(account, self.by_act)
        side.frozen.add(account)

    def unfreeze(self):
        series, side = self.random.choice([(self.old, self.model.old), (self.new, self.model.new)])
        if side.frozen:
            account = self.random.choice(sorted(side.frozen))
            series.unfreeze(account, self.by_act)
            side.frozen.discard(account)

    def pass_time(self):
        travel_to(min(now() + self.random.randint(1, 12) * 24 * HOUR, start_of(MARCH)))
        self.model.now = now()

    def restore(self):
        person = self.random.choice(self.people).account.address
        lots = self.model.old.lots[person]
        ended = [month for month, points in lots.items() if points and month < self.model.month]
        if ended:
            arguments = (ended[0], MARCH, [person], [lots[ended[0]]])
            self.old.restoreLots(*arguments, self.by_act)
            self.model.restore(person, ended[0], MARCH, lots[ended[0]])

    # ----------------------------------------------------------------------------------------- compared

    def compare(self):
        model = self.model
        for series, side in ((self.old, model.old), (self.new, model.new)):
            for person in self.people:
                address = person.account.address
                told = dict(zip(*series.lotsOf(address), strict=True))
                assert told == side.live(address, model.month), f"{series} {address}"
            for shop in self.shops:
                assert tuple(series.claimOf(shop)[:2]) == side.claim(shop.address, model.year)


@pytest.mark.parametrize("seed", SEEDS)
def test_random_steps_after_the_closing_agree_with_the_model(
    rpc, point, successor, memberships, shop, other_shop, act_maker, minter, stranger, seed
):
    people = [memberships.card(f"person {place}") for place in range(5)]
    walk = Walk(seed, point, successor, people, [shop, other_shop], act_maker, minter, stranger)
    walk.begin()
    for _ in range(STEPS):
        walk.random.choice(walk.steps)()
        walk.compare()
    for series in (point, successor):
        check_books(rpc, series.address)
