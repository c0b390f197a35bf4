"""A shop and its friends, with many accounts, pay each other to milk a campaign (世田谷区, 2022).

They try what there is: sales of all sizes, shown again and again, refunds in a circle and in the last second,
new cards, accounts that belong to nobody, numbers of days gone by. Refunds leave them nothing. Who buys and
keeps has a cap each, as any customers would; the events show who trades with whom, and for weeks after the
sales one officer stops what they were promised.
"""

from collections import Counter

import pytest

from scripts.lib.bonus_issue import BonusIssue
from scripts.lib.japan_calendar import start_of_day
from scripts.lib.node.event_log import read_events
from scripts.lib.payment.sale_terms import SaleTerms
from tests.support.bonus_town import (
    BonusTown,
    Sale,
    issues,
    last_second_of_refund,
    pass_refund_days,
    terms,
)
from tests.support.clock import HOUR, OCTOBER, travel, travel_to
from tests.support.paying import lot, today
from tests.support.reading import lots
from tests.support.town import CITY

FRIENDS = ("Aoi", "Ren", "Sora", "Yui")
CAP = 1_000
BUDGET = 100_000
PURSE = 20_000
PURSE_MONTH = OCTOBER - 1
DAYS = 14
RING_DAYS = SaleTerms().ring_days


@pytest.fixture
def campaign(bonus, point, acting, city, second_admin, programme_officer, programme_approver):
    """A tenth back for two weeks: a minter by two Admins and 48 hours, opened by two officers."""
    allowed = acting.propose(city, point, "increaseMinterAllowance", bonus, BUDGET)
    acting.approve(second_admin, allowed)
    travel(48 * HOUR)
    acting.execute(city, allowed)
    laid_down = terms(cap=CAP, budget=BUDGET, last_day=today() + DAYS - 1)
    acting.together(programme_officer, programme_approver, bonus, "openCampaign", CITY, point, laid_down)
    return bonus.campaignCount()


@pytest.fixture
def members(memberships, point, minter):
    members = memberships.join(*FRIENDS, "Hanako")
    for member in members:
        point.mintUntil(member.account, PURSE, PURSE_MONTH, {"from": minter})
    return members


@pytest.fixture
def friends(members):
    return members[:-1]


@pytest.fixture
def town(point, bonus, shop, act_maker, members, stranger):
    return BonusTown(point, bonus, shop, act_maker, stranger)


@pytest.fixture
def milk(town, campaign, shop, stranger):
    """`milk(card, points)` pays a sale and shows it as often as anybody likes; returns the sale."""

    def pay_and_show(card, points, **details):
        sale = town.pay(card, points, **details)
        for by in (card.account, shop, stranger):
            town.reserve(campaign, sale, sale, by=by)
        return sale

    return pay_and_show


@pytest.fixture
def had(town, campaign):
    """`had(members, sales)`: what each has got of the campaign once all sales are awarded."""

    def of(members, sales):
        pass_refund_days(sales[-1])
        town.award(campaign, *sales)
        assert town.bonus.campaignOf(campaign)["reservedPoints"] == 0, "something is still promised"
        return [town.bonus.accountOf(campaign, member.number)["awardedPoints"] for member in members]

    return of


# --------------------------------------------------------------------------- refunds


def test_circle_that_is_refunded_is_left_with_nothing(town, point, milk, had, friends):
    sales = []
    for member in friends:
        for points in (10_000, 5_000):
            sales.append(milk(member.card, points))
            town.refund(sales[-1], points)
    assert had(friends, sales) == [0] * len(friends)
    assert [lots(point, member.account) for member in friends] == [{PURSE_MONTH: PURSE}] * len(friends)


def test_circle_that_spends_before_it_is_refunded_has_no_bonus_to_spend(town, point, milk, had, friends):
    """What comes back later can only be kept by whoever has it: nobody has it before."""
    sales = []
    for member in friends:
        sales.append(milk(member.card, 10_000))
        assert OCTOBER not in lots(point, member.account)
        point.transfer(town.shop, point.balanceOf(member.account), {"from": member.account})
        town.refund(sales[-1], 10_000)
    assert had(friends, sales) == [0] * len(friends)


def test_circle_that_waits_for_the_last_second_of_the_refund_is_left_with_nothing(
    town, campaign, milk, friends, stranger
):
    """Everybody is ready: the shop refunds in the last second, a friend asks for the award in the next."""
    sales = [milk(member.card, 10_000, serial=place) for place, member in enumerate(friends)]
    travel_to(last_second_of_refund(sales[0]))
    assert issues(town.award(campaign, *sales, by=friends[0].account)) == [BonusIssue.TOO_EARLY] * 4
    for sale in sales:
        town.refund(sale, 10_000)
    travel(1)
    assert issues(town.award(campaign, *sales, by=friends[0].account)) == [BonusIssue.NOTHING_EARNED] * 4
    assert town.bonus.campaignOf(campaign)[-2:] == (0, 0)


def test_circle_that_has_the_series_forget_its_refunds_is_left_with_nothing(
    town, campaign, act_maker, milk, friends
):
    """With the longest refund time a shop refunds one second before the record of the sale can be used for
    another, and uses it."""
    town.point.setRefundDays(RING_DAYS - SaleTerms().payable_days - 1, {"from": act_maker})
    sales = [milk(member.card, 10_000, serial=place) for place, member in enumerate(friends)]
    travel_to(start_of_day(today() + RING_DAYS) - 1)
    for sale in sales:
        town.refund(sale, 10_000)
    travel(1)
    for place, member in enumerate(friends):
        town.pay(member.card, 1, serial=place)
    assert issues(town.award(campaign, *sales, by=friends[0].account)) == [BonusIssue.RECORD_GONE] * 4
    assert town.bonus.campaignOf(campaign)[-2:] == (0, 0)


def test_circle_that_fills_the_budget_with_refunded_sales_keeps_nobody_out(
    town, bonus, point, act_maker, milk, members, friends, stranger
):
    campaign = town.open(budget=1_500, cap=CAP)
    sales = [town.bought(campaign, member.card, 10_000) for member in friends[:2]]
    for sale in sales:
        town.refund(sale, 10_000)
    bread = town.pay(members[-1].card, 3_000)
    assert issues(town.reserve(campaign, bread)) == [BonusIssue.BUDGET_USED]
    town.award(campaign, *sales)
    assert issues(town.reserve(campaign, bread)) == [BonusIssue.NONE]


# ------------------------------------------------------------------------------- caps


def test_circle_with_any_number_of_sales_has_a_cap_each(milk, had, friends):
    sales = [milk(member.card, points) for member in friends for points in (9, 10, 999, 4_000, 5_001, 5_000)]
    assert had(friends, sales) == [CAP] * len(friends)


def test_circle_with_accounts_of_nobody_gains_nothing_by_them(
    town, point, milk, had, campaign, friends, memberships, act_maker
):
    """Should the municipality let residents hand points on to whomever they like."""
    point.setTransferSwitches(True, False, {"from": act_maker})
    sales = []
    for place, member in enumerate(friends):
        nobody = memberships.card(f"nobody {place}")
        point.transfer(nobody.account, 10_000, {"from": member.account})
        assert issues(town.reserve(campaign, town.pay(nobody, 10_000))) == [BonusIssue.UNREGISTERED]
        sales.append(milk(member.card, 10_000))
    assert had(friends, sales) == [CAP] * len(friends)


def test_circle_with_new_cards_gains_nothing_by_them(
    point, residents, milk, had, friends, memberships, act_maker, stranger
):
    sales = [milk(member.card, 10_000) for member in friends]
    for member, name in zip(friends, FRIENDS, strict=True):
        card = memberships.card(f"{name}'s new card")
        signature = memberships.signature(card, member.commitment)
        residents.startReplacement(CITY, member.number, card.account, signature, {"from": act_maker})
    travel_to(residents.replacementOf(CITY, friends[-1].number)[1])
    for member, name in zip(friends, FRIENDS, strict=True):
        residents.completeReplacement(CITY, member.number, {"from": stranger})
        point.carry(member.account, {"from": stranger})
        sales.append(milk(memberships.card(f"{name}'s new card"), 10_000))
    assert had(friends, sales[: len(friends)]) == [CAP] * len(friends)


def test_circle_with_numbers_of_days_gone_by_has_a_cap_each_and_the_blocks_tell_on_it(
    milk, had, point, rpc, friends
):
    last = today() + DAYS - 1
    travel_to(start_of_day(last + 7))
    sales = [milk(member.card, 15_000, day=last) for member in friends]
    assert had(friends, sales) == [CAP] * len(friends)
    payments = [event for event in read_events(rpc, [point.address]) if event.name == "SalePaid"]
    dated_back = [event for event in payments if event.time >= start_of_day(last + 1)]
    assert len(dated_back) == len(payments) == len(friends)


def test_circle_with_a_sale_that_nobody_paid_shows_it_in_vain(town, campaign, friends):
    made_up = Sale(town.shop, (today() << 16) + 1, friends[0].account.address, [lot(PURSE_MONTH, 10_000)])
    assert issues(town.reserve(campaign, made_up, by=town.shop)) == [BonusIssue.NOT_PROVED]


# ---------------------------------------------------------------------- seen and stopped


def test_circle_is_seen_and_stopped_before_it_has_anything_and_leaves_the_campaign_to_others(
    town, bonus, point, rpc, milk, acting, campaign, friends, members, other_shop, merchant_officer
):
    sales = [milk(member.card, 15_000) for member in friends]
    hanako = members[-1]
    bread = town.bought(campaign, hanako.card, 3_000, shop=other_shop)

    trades = Counter()
    for event in read_events(rpc, [bonus.address]):
        if event.name == "BonusReserved":
            trades[event.arguments["merchant"], event.arguments["number"]] += event.arguments["morePoints"]
    assert trades.most_common(4) == [((town.shop, member.number), CAP) for member in friends]

    acting.perform(merchant_officer, point, "suspendMerchant", town.shop)
    pass_refund_days(bread)
    awarded = town.award(campaign, *sales, bread)
    assert issues(awarded) == [BonusIssue.MERCHANT_NOT_ACTIVE] * len(sales) + [BonusIssue.NONE]
    assert lots(point, hanako.account)[OCTOBER] == 300
    assert bonus.campaignOf(campaign)["awardedPoints"] == 300


def test_circle_whose_suspended_shop_is_closed_gets_what_it_was_promised_unless_its_accounts_are_frozen(
    town, point, milk, acting, campaign, friends, merchant_officer, desk_officer
):
    """A closed shop keeps its customers' bonus: whoever strikes a dishonest one off leaves it suspended."""
    sales = [milk(member.card, 10_000) for member in friends[:2]]
    acting.perform(merchant_officer, point, "suspendMerchant", town.shop)
    acting.perform(desk_officer, point, "freeze", friends[0].account)
    pass_refund_days(sales[-1])
    assert issues(town.award(campaign, *sales)) == [BonusIssue.MERCHANT_NOT_ACTIVE] * 2
    acting.perform(merchant_officer, point, "closeMerchant", town.shop)
    assert issues(town.award(campaign, *sales)) == [BonusIssue.ACCOUNT_STOPPED, BonusIssue.NONE]


def test_friend_whose_account_one_officer_froze_has_nothing(
    town, point, acting, milk, campaign, friends, desk_officer
):
    sale = milk(friends[0].card, 15_000)
    acting.perform(desk_officer, point, "freeze", friends[0].account)
    pass_refund_days(sale)
    assert issues(town.award(campaign, sale)) == [BonusIssue.ACCOUNT_STOPPED]
