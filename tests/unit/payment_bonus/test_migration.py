"""A campaign whose series gives way to its successor: sales are proved there, bonus is given here."""

import pytest

from scripts.lib.bonus_issue import BonusIssue
from tests.support.bonus_town import issues, pass_refund_days
from tests.support.clock import JULY, OCTOBER, travel
from tests.support.migration_fixtures import NOTICE
from tests.support.reading import lots
from tests.support.reverts import reverts
from tests.support.town import SHOP_CATEGORY


@pytest.fixture
def carried(point, successor, bonus, town, hanako, shop, carry, act_maker, stranger):
    """`carried()`: on the last day Hanako buys for 4,000 with 400 promised; then she and the shop go over."""

    def go_over():
        point.announceSuccessor(successor, {"from": act_maker})
        travel(NOTICE)
        campaign = town.open(expiry_month=OCTOBER)
        sale = town.bought(campaign, hanako.card, 4_000)
        later = town.pay(hanako.card, 1_000)
        point.closeForSuccessor({"from": stranger})
        successor.increaseMinterAllowance(bonus, 10_000, {"from": act_maker})
        carry(hanako.account, shop)
        return campaign, sale, later

    return go_over


def test_award_after_the_carry_mints_into_the_successor_once(town, point, successor, hanako, carried):
    campaign, sale, _ = carried()
    pass_refund_days(sale)
    assert issues(town.award(campaign, sale, sale)) == [BonusIssue.NONE, BonusIssue.ALREADY_AWARDED]
    assert lots(successor, hanako.account) == {JULY: 45_000, OCTOBER: 400}
    assert lots(point, hanako.account) == {}


def test_reserve_after_the_carry_of_a_sale_paid_before_it_promises(town, bonus, carried):
    campaign, _, later = carried()
    assert issues(town.reserve(campaign, later)) == [BonusIssue.NONE]
    assert town.promised(campaign, later) == 100


def test_award_after_a_refund_on_the_old_series_gives_less(town, successor, hanako, carried, carry):
    campaign, sale, _ = carried()
    town.refund(sale, 1_000)
    carry(hanako.account)
    pass_refund_days(sale)
    assert issues(town.award(campaign, sale)) == [BonusIssue.NONE]
    assert lots(successor, hanako.account) == {JULY: 46_000, OCTOBER: 300}


def test_award_before_the_successor_lets_the_service_mint_waits(
    town, successor, bonus, hanako, carried, act_maker
):
    campaign, sale, _ = carried()
    pass_refund_days(sale)
    successor.removeMinter(bonus, {"from": act_maker})
    with reverts("PointNotMinter", bonus):
        town.award(campaign, sale)
    successor.increaseMinterAllowance(bonus, 10_000, {"from": act_maker})
    assert issues(town.award(campaign, sale)) == [BonusIssue.NONE]


@pytest.mark.parametrize("suspended_on_both", [False, True])
def test_suspension_on_the_successor_stops_award_and_promise_until_it_is_lifted_there(
    town, point, successor, carried, act_maker, shop, suspended_on_both
):
    """The shop is administered on the successor; what the old series says of it is over."""
    campaign, sale, later = carried()
    for series in (successor, point)[: 1 + suspended_on_both]:
        series.suspendMerchant(shop, {"from": act_maker})
    assert issues(town.reserve(campaign, later)) == [BonusIssue.MERCHANT_NOT_ACTIVE]
    successor.approveMerchant(shop, SHOP_CATEGORY, "商店", "川崎区", {"from": act_maker})
    assert issues(town.reserve(campaign, later)) == [BonusIssue.NONE]
    successor.suspendMerchant(shop, {"from": act_maker})
    pass_refund_days(sale)
    assert issues(town.award(campaign, sale)) == [BonusIssue.MERCHANT_NOT_ACTIVE]
    successor.approveMerchant(shop, SHOP_CATEGORY, "商店", "川崎区", {"from": act_maker})
    assert issues(town.award(campaign, sale)) == [BonusIssue.NONE]
