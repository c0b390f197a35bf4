"""Random years of campaigns: PaymentBonus beside its reference model, and both beside what the events tell.

Every step is taken on the chain and by the model. Compared are the outcome, the error with its arguments,
every figure of every campaign, and the lots of everybody; at the end what a replay of the events makes of it.

    JICHITAI_BONUS_STEPS=2000 make test ARGS="tests/unit/payment_bonus/test_against_model.py"
"""

import os
from collections import Counter
from random import Random

import pytest

from scripts.lib.bonus_issue import BonusIssue
from scripts.lib.calls import View
from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.japan_calendar import start_of_day
from scripts.lib.node.event_log import read_events
from scripts.lib.node.view_reader import read_views
from scripts.lib.payment.sale_number import day_of_sale, sale_number, serial_of_sale
from scripts.lib.payment.sale_terms import SaleTerms
from scripts.lib.payment.signing import Payment
from scripts.lib.reference.bonus import ReferenceBonus, ShownPayment
from scripts.lib.reference.ledger import MerchantStatus, ReferenceLedger
from scripts.lib.reference.registry import ReferenceRegistry
from scripts.lib.reference.sales import Signed, Terms
from scripts.lib.refusal import Refused
from scripts.lib.replays.bonus import BonusReplay
from scripts.lib.replays.bonus_state import (
    BonusState,
    CampaignFigures,
    ResidentFigures,
    SaleFigures,
    SaleKey,
    read_bonus_state,
)
from scripts.lib.replays.residents import ResidentsReplay
from scripts.lib.replays.sales import SalesReplay
from scripts.lib.replays.series import SeriesReplay
from tests.support import clock
from tests.support.bonus_town import issues, terms
from tests.support.paying import FOREVER, today
from tests.support.reverts import reverts
from tests.support.town import CITY, MINTER_ALLOWANCE, POLICY_MONTHS, SHOP_CATEGORY
from tests.unit.payment_bonus.conftest import ALLOWANCE, PURSE

STEPS = int(os.environ.get("JICHITAI_BONUS_STEPS", "400"))
SEEDS = (1, 2, 3)
DAYS = SaleTerms()
NOBODY = 3
"""The number of whoever joins later."""

LEAST_TIMES = 3
"""What happens less often in all runs together was not tried in earnest."""

succeeded = Counter()
refused = Counter()
reserve_issues = Counter()
award_issues = Counter()

# No resident's lot comes near what a lot can hold, and none becomes a merchant.
IMPOSSIBLE = {BonusIssue.LOT_TOO_LARGE, BonusIssue.ACCOUNT_UNFIT}
OF_RESERVE = {
    BonusIssue.NONE,
    BonusIssue.UNREGISTERED,
    *(issue for issue in BonusIssue if BonusIssue.OTHER_DAY <= issue <= BonusIssue.BUDGET_USED),
}
OF_AWARD = {
    BonusIssue.NONE,
    BonusIssue.ACCOUNT_STOPPED,
    BonusIssue.MERCHANT_NOT_ACTIVE,
    BonusIssue.NOTHING_EARNED,
    *(issue for issue in BonusIssue if issue >= BonusIssue.NOT_RESERVED),
}


class World:
    """The town, its model, and somebody who does this and that."""

    def __init__(self, random, town, ledger, model, members, memberships, others):
        self.random, self.town, self.ledger, self.model = random, town, ledger, model
        self.cards = {member.number: member.card for member in members}
        self.cards[NOBODY] = memberships.card("Nobody")
        self.all_cards = list(self.cards.values())
        self.memberships = memberships
        self.minter, self.other_shop, self.residents_contract = others
        self.sales, self.terms = [], {}

    def take_step(self):
        steps = {
            self.pay: 40,
            self.reserve: 40,
            self.award: 24,
            self.refund: 10,
            self.grant: 10,
            self.pass_time: 14,
            self.overwrite: 1,
            self.open: 7,
            self.enlarge: 2,
            self.close: 2,
            self.replace_card: 1,
            self.carry: 2,
            self.stop_or_start: 8,
            self.join: 0.5,
        }
        [step] = self.random.choices(list(steps), steps.values())
        step()

    # ------------------------------------------------------------------- the bonus

    def both(self, verb, on_chain, by_model):
        """Do it on the chain and by the model; return what both say, or None if both refuse."""
        try:
            expected = by_model()
        except Refused as refusal:
            with reverts(refusal.name, *refusal.arguments):
                on_chain()
            refused[verb, refusal.name] += 1
            return None
        transaction = on_chain()
        succeeded[verb] += 1
        return transaction, expected

    def some(self, sales):
        """Return up to five of the last sales, one of them now and then twice."""
        return [self.random.choice(sales) for _ in range(self.random.randint(0, 5))] if sales else []

    def reserve(self):
        recent = self.sales[-12:]
        campaign = self.any_campaign(
            campaign
            for campaign in self.model.campaigns()
            for sale in recent
            if self.terms[campaign].first_day <= day_of_sale(sale.number) <= self.model.last_day(campaign)
        )
        shown = [self.falsified(sale) for sale in self.some(recent)]
        done = self.both(
            "reserve",
            lambda: self.town.reserve(campaign, *shown),
            lambda: self.model.reserve(campaign, [self.as_shown(sale) for sale in shown]),
        )
        if done:
            assert issues(done[0]) == done[1]
            reserve_issues.update(done[1])

    def award(self):
        promises = self.model.promises()
        open_promises = [
            key for key, promise in promises.items() if promise.points and not promise.is_awarded
        ]
        campaign = self.any_campaign(campaign for campaign, _, _ in open_promises)
        waiting = [
            sale for sale in self.sales if (campaign, str(sale.merchant), sale.number) in open_promises
        ]
        sales = self.some(waiting if self.mostly() else self.sales)
        done = self.both(
            "award",
            lambda: self.town.award(campaign, *sales),
            lambda: self.model.award(campaign, [(str(sale.merchant), sale.number) for sale in sales]),
        )
        if done:
            assert issues(done[0]) == done[1]
            award_issues.update(done[1])

    def open(self):
        first = today() + self.random.choice((-5, -1, 0, 0, 1))
        self.open_with(
            first_day=first,
            last_day=first + self.random.choice((-1, 20, 60, 100, 120)),
            rate_numerator=self.random.choice((1, 2, 3)),
            rate_denominator=self.random.choice((2, 3, 7, 10)),
            minimum=self.random.choice((0, 0, 100, 1_000)),
            cap=self.random.choice((90, 500, 5_000, 5_000)),
            budget=self.random.choice((50, 2_000, 20_000)),
            expiry_month=self.random.choice((0, 0, self.ledger.month + 1, self.ledger.month + 9)),
            categories=self.random.choice(((), (), (), (SHOP_CATEGORY,), (SHOP_CATEGORY + 1, 300))),
        )

    def open_with(self, **changes):
        laid_down = terms(**changes)
        opened = self.both(
            "open",
            lambda: self.town.bonus.openCampaign(CITY, self.town.point, laid_down, self.by_act),
            lambda: self.model.open(laid_down),
        )
        if opened:
            self.terms[opened[1]] = laid_down

    def enlarge(self):
        campaign, by = self.any_campaign(), self.random.choice((1, 500))
        self.both(
            "enlarge",
            lambda: self.town.bonus.enlargeCampaign(CITY, campaign, by, self.by_act),
            lambda: self.model.enlarge(campaign, by),
        )

    def close(self):
        campaign = self.any_campaign(
            campaign for campaign in self.model.campaigns() if today() < self.model.last_day(campaign)
        )
        self.both(
            "close",
            lambda: self.town.bonus.closeCampaign(CITY, campaign, self.by_act),
            lambda: self.model.close(campaign),
        )

    # ------------------------------------------------------------------ the series

    def pay(self):
        day = today() - self.random.choice((0, 0, 0, self.random.randint(0, DAYS.payable_days)))
        shop = self.random.choice((self.town.shop, self.other_shop))
        self.pay_number(shop, sale_number(day, self.random.randint(1, 6)))

    def overwrite(self):
        """Go to the day on which the number of a promised sale comes round again, and use it."""
        promises = self.model.promises()
        for sale in self.sales:
            campaigns = [key[0] for key in promises if key[1:] == (str(sale.merchant), sale.number)]
            day = day_of_sale(sale.number) + DAYS.ring_days
            if day > today() and not all(
                promises[campaign, str(sale.merchant), sale.number].is_awarded for campaign in campaigns
            ):
                clock.travel_to(start_of_day(day))
                self.ledger.advance_to(clock.now())
                self.pay_number(sale.merchant, sale_number(day, serial_of_sale(sale.number)))
                return

    def pay_number(self, shop, number):
        card = self.any_card()
        account = str(card.account)
        balance = self.ledger.balance_of(account)
        is_active = self.ledger.merchant_of(str(shop))[1] == MerchantStatus.ACTIVE
        if not balance or not is_active or self.is_stopped(account):
            return
        points = self.random.randint(1, min(balance, self.random.choice((30, 1_500, 8_000))))
        if number in self.ledger.sales.numbers(str(shop)):
            return
        sale = self.town.pay(card, points, day=day_of_sale(number), serial=serial_of_sale(number), shop=shop)
        agreed = Terms(account, number, points, FOREVER)
        epoch = self.ledger.sales.cancel_epoch_of(account)
        signed = Signed(Payment(account, str(shop), number, points, FOREVER, epoch), account)
        lots = self.ledger.sales.pay_signed(str(shop), str(shop), agreed, signed)
        assert [month << 29 | part for month, part in lots] == sale.lots
        self.sales.append(sale)
        succeeded["pay"] += 1

    def refund(self):
        if not self.sales:
            return
        sale = self.random.choice(self.sales[-25:])
        payment = self.ledger.sales.payment_of(str(sale.merchant), sale.number)
        left = payment.points - payment.refunded
        points = left if self.random.random() < 0.4 else self.random.randint(0, left)
        self.both(
            "refund",
            lambda: self.town.refund(sale, points),
            lambda: self.ledger.sales.refund(str(sale.merchant), *self.as_shown(sale), points),
        )

    def grant(self):
        card = self.any_card()
        account, month = str(card.account), self.ledger.month + self.random.randint(0, 8)
        if not self.is_stopped(account):
            self.town.point.mintUntil(account, PURSE // 4, month, {"from": self.minter})
            self.ledger.mint(str(self.minter), account, PURSE // 4, month)

    def pass_time(self):
        days = self.random.choice((0, 0, 0, 1, 2, 3, 20, 40))
        clock.travel(days * 86_400 + self.random.randint(1, 86_400))
        self.ledger.advance_to(clock.now())

    def stop_or_start(self):
        """Suspend or approve a shop, freeze or unfreeze somebody, pause, change what the bonus may mint."""
        point, ledger, bonus = self.town.point, self.ledger, str(self.town.bonus)
        shop, account = str(self.other_shop), str(self.any_card().account)
        category = self.random.choice((SHOP_CATEGORY, SHOP_CATEGORY + 1))
        allowance, _ = ledger.minter_of(bonus)
        refund_days = self.random.choice((20, 30, 37))
        changes = [
            *[(lambda: point.suspendMerchant(shop, self.by_act), lambda: ledger.suspend_merchant(shop))] * 2,
            (lambda: point.closeMerchant(shop, self.by_act), lambda: ledger.close_merchant(shop)),
            *[
                (
                    lambda: point.approveMerchant(shop, category, "店", "町", self.by_act),
                    lambda: ledger.approve_merchant(shop, category),
                )
            ]
            * 3,
            *[(lambda: point.freeze(account, self.by_act), lambda: ledger.freeze(account))] * 2,
            *[(lambda: point.unfreeze(account, self.by_act), lambda: ledger.unfreeze(account))] * 3,
            (lambda: point.pause(3_600, self.by_act), lambda: ledger.pause(3_600)),
            (
                lambda: point.setRefundDays(refund_days, self.by_act),
                lambda: ledger.sales.set_refund_days(refund_days),
            ),
            *[
                (
                    lambda: point.increaseMinterAllowance(bonus, 50_000, self.by_act),
                    lambda: ledger.increase_minter_allowance(bonus, 50_000),
                )
            ]
            * 4,
            (
                lambda: point.decreaseMinterAllowance(bonus, allowance * 9 // 10, self.by_act),
                lambda: ledger.decrease_minter_allowance(bonus, allowance * 9 // 10),
            ),
            (lambda: point.removeMinter(bonus, self.by_act), lambda: ledger.remove_minter(bonus)),
        ]
        self.both("stop or start", *self.random.choice(changes))

    # ------------------------------------------------------------------- residents

    def replace_card(self):
        number, old = self.random.choice(list(self.cards.items()))
        if number not in self.ledger.residents.numbers():
            return
        card = self.memberships.card(f"card {len(self.all_cards)} of {number}")
        commitment = self.residents_contract.commitmentOf(CITY, number)[0]
        signature = self.memberships.signature(card, bytes(commitment))
        self.residents_contract.startReplacement(CITY, number, card.account, signature, self.by_act)
        self.ledger.residents.start_replacement(number, str(card.account), clock.now())
        clock.travel(3 * 86_400)
        self.ledger.advance_to(clock.now())
        self.residents_contract.completeReplacement(CITY, number, {"from": old.account})
        self.ledger.residents.complete_replacement(number, clock.now())
        self.cards[number] = card
        self.all_cards.append(card)
        succeeded["replace"] += 1

    def carry(self):
        accounts = [str(card.account) for card in self.all_cards]
        replaced = [account for account in accounts if self.ledger.residents.successor_of(account)]
        if replaced:
            account = self.random.choice(replaced)
            self.both(
                "carry",
                lambda: self.town.point.carry(account, {"from": self.minter}),
                lambda: self.ledger.carry(account),
            )

    def join(self):
        if NOBODY not in self.ledger.residents.numbers():
            self.memberships.join("Nobody")
            self.ledger.residents.register([str(self.cards[NOBODY].account)])

    # ------------------------------------------------------------------ what there is

    @property
    def by_act(self):
        return {"from": self.town.act_maker}

    def any_card(self):
        return self.random.choice(list(self.cards.values()))

    def mostly(self):
        return self.random.random() < 0.85

    def any_campaign(self, likely=()):
        """Return one of these, mostly; now and then one that there is not."""
        likely = list(likely) or list(self.model.campaigns())
        return self.random.choice(likely) if self.random.random() < 0.95 else self.random.choice((0, 99))

    def is_stopped(self, account):
        return any(self.ledger.frozen_of(account)) or self.ledger.now < self.ledger.paused_until

    def falsified(self, sale):
        """Return a sale as it was paid, mostly."""
        if self.random.random() > 0.1:
            return sale
        other = self.random.choice(self.all_cards).account.address
        return self.random.choice(
            (
                sale._replace(lots=[*sale.lots[:-1], sale.lots[-1] + 1]),
                sale._replace(lots=sale.lots[1:]),
                sale._replace(payer=other),
                sale._replace(number=sale.number + 1),
            )
        )

    @staticmethod
    def as_shown(sale):
        lots = [(lot >> 29, lot % 2**29) for lot in sale.lots]
        return ShownPayment(str(sale.merchant), sale.number, sale.payer, lots)

    # ---------------------------------------------------------------------- compared

    def state(self):
        """What the model says, in the shape of what the chain says."""
        model = self.model
        return BonusState(
            {
                campaign: CampaignFigures(
                    model.last_day(campaign), model.budget(campaign), *model.figures_of(campaign)
                )
                for campaign in model.campaigns()
            },
            {
                (campaign, number): ResidentFigures(*model.figures_of(campaign, number))
                for campaign in model.campaigns()
                for number in self.cards
            },
            {
                SaleKey(*key): SaleFigures(promise.number, promise.paid, promise.points, promise.is_awarded)
                for key, promise in model.promises().items()
            },
        )

    def compare(self, rpc):
        expected = self.state()
        found = read_bonus_state(rpc, self.town.bonus.address, expected.residents, expected.sales)
        assert found == expected
        for campaign, figures in expected.campaigns.items():
            assert figures.reserved + figures.awarded <= figures.budget
            for number in self.cards:
                assert sum(expected.residents[campaign, number]) <= self.terms[campaign].cap
        accounts = [str(card.account) for card in self.all_cards]
        views = [
            View("MunicipalPoint", self.town.point.address, "lotsOf", (account,)) for account in accounts
        ]
        for account, (months, points) in zip(accounts, read_views(rpc, views), strict=True):
            assert dict(zip(months, points, strict=True)) == self.ledger.lots_of(account)


@pytest.fixture(params=SEEDS)
def world(request, town, bonus, point, shop, other_shop, members, memberships, minter, residents):
    registry = ReferenceRegistry(CITY)
    registry.register([str(member.account) for member in members])
    ledger = ReferenceLedger(
        clock.now(), ExpiryRule.MONTHS_AFTER, POLICY_MONTHS, residents=registry, series=point.address
    )
    ledger.increase_minter_allowance(str(minter), MINTER_ALLOWANCE)
    ledger.increase_minter_allowance(str(bonus), ALLOWANCE)
    for merchant in (shop, other_shop):
        ledger.approve_merchant(str(merchant), SHOP_CATEGORY)
    for member in members:
        ledger.mint(str(minter), str(member.account), PURSE, clock.JULY)
    world = World(
        Random(request.param),
        town,
        ledger,
        ReferenceBonus(str(bonus), ledger, ledger.sales),
        members,
        memberships,
        (minter, other_shop, residents),
    )
    world.open_with(cap=5_000, last_day=today() + 60)
    return world


def replayed(rpc, bonus, point, residents):
    """Return what a replay makes of all events."""
    memberships = ResidentsReplay()
    sales = SalesReplay(DAYS.payable_days, lambda account: memberships.successor_of(CITY, account))
    series = {point.address: SeriesReplay(sales=sales)}
    replay = BonusReplay(bonus.address, series, memberships)
    for event in read_events(rpc, [bonus.address, point.address, residents.address]):
        if event.address == residents.address:
            memberships.apply(event)
        elif event.address == point.address:
            series[point.address].apply(event)
        replay.apply(event)
    replay.finish()
    return replay


def test_every_step_agrees_with_the_model_and_the_events_with_both(world, rpc, bonus, point, residents):
    for _ in range(STEPS):
        world.take_step()
        world.compare(rpc)

    replay = replayed(rpc, bonus, point, residents)
    state, rebuilt = world.state(), replay.state()
    assert (rebuilt.campaigns, rebuilt.sales) == (state.campaigns, state.sales)
    assert all(state.residents[key] == figures for key, figures in rebuilt.residents.items())
    awarded = sum(figures.awarded for figures in state.campaigns.values())
    assert awarded == point.minterOf(bonus)[1], "all that was minted was somebody's award"
    for key, sale in state.sales.items():
        last_day = day_of_sale(key.sale) + DAYS.payable_days
        assert not sale.is_awarded or today() > last_day


def test_every_verb_was_tried_in_earnest():
    """After the runs above, in the same process."""
    if sum(succeeded.values()):
        rare = {verb: times for verb, times in succeeded.items() if times < LEAST_TIMES}
        rare |= {issue: reserve_issues[issue] for issue in OF_RESERVE if reserve_issues[issue] < LEAST_TIMES}
        rare |= {issue: award_issues[issue] for issue in OF_AWARD if award_issues[issue] < LEAST_TIMES}
        assert not rare, f"{succeeded} {refused} {reserve_issues} {award_issues}"
        assert not IMPOSSIBLE & {*reserve_issues, *award_issues}
