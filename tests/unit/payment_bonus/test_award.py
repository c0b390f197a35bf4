"""`award`: what was refunded frees its promise, what can be refunded no more gets what it was promised."""

import pytest

from scripts.lib.bonus_issue import BonusIssue
from scripts.lib.japan_calendar import start_of_day
from scripts.lib.payment.sale_terms import SaleTerms
from tests.support.bonus_town import issues, last_second_of_refund, pass_refund_days
from tests.support.clock import JULY, OCTOBER, travel, travel_to
from tests.support.paying import today
from tests.support.reading import ZERO_ADDRESS, events, lots
from tests.support.reverts import reverts
from tests.support.town import CITY, SHOP_CATEGORY

TERMS = SaleTerms()


@pytest.fixture
def sale(town, campaign, hanako):
    """4,000 points paid today and promised 400."""
    return town.bought(campaign, hanako.card, 4_000, serial=1)


def test_award_by_anyone_when_the_refund_days_are_over_mints_the_promise(
    town, bonus, point, campaign, sale, hanako
):
    travel_to(last_second_of_refund(sale))
    assert issues(town.award(campaign, sale)) == [BonusIssue.TOO_EARLY]
    travel(1)
    awarded = town.award(campaign, sale)
    assert issues(awarded) == [BonusIssue.NONE]
    assert events(awarded) == [
        ("Minted", bonus, OCTOBER, 400),
        ("Transfer", ZERO_ADDRESS, hanako.account, 400),
        ("BonusAwarded", campaign, sale.merchant, hanako.number, sale.number, 400),
    ]
    assert lots(point, hanako.account) == {JULY: 46_000, OCTOBER: 400}, (
        "the policy says six months after April"
    )
    assert bonus.reservationOf(campaign, *sale[:2]) == (hanako.number, 4_000, 400, True)
    assert bonus.accountOf(campaign, hanako.number) == (0, 400)
    assert bonus.campaignOf(campaign)[-2:] == (0, 400)


def test_award_again_gives_nothing(town, campaign, point, sale, hanako):
    pass_refund_days(sale)
    assert issues(town.award(campaign, sale, sale)) == [BonusIssue.NONE, BonusIssue.ALREADY_AWARDED]
    assert issues(town.award(campaign, sale)) == [BonusIssue.ALREADY_AWARDED]
    assert lots(point, hanako.account)[OCTOBER] == 400


def test_award_of_what_was_not_shown_gives_nothing(town, campaign, hanako):
    sale = town.pay(hanako.card, 1_000)
    pass_refund_days(sale)
    assert issues(town.award(campaign, sale)) == [BonusIssue.NOT_RESERVED]


def test_award_in_no_campaign_reverts(town, campaign, sale):
    with reverts("BonusUnknownCampaign", 0, campaign + 1):
        town.award(campaign + 1, sale)


def test_award_of_many_gives_each_its_own_and_says_of_the_others_why_not(
    town, point, act_maker, campaign, sale, hanako, taro, memberships, minter
):
    [sora] = memberships.join("Sora")
    point.mintUntil(sora.account, 1_000, JULY, {"from": minter})
    frozen = town.bought(campaign, sora.card, 1_000)
    unknown, his = town.pay(taro.card, 10), town.bought(campaign, taro.card, 2_000)
    point.freeze(sora.account, {"from": act_maker})
    travel_to(start_of_day(today() + 1))
    mine = town.bought(campaign, hanako.card, 500)
    pass_refund_days(sale)
    awarded = town.award(campaign, unknown, frozen, sale, mine, frozen, his)
    assert issues(awarded) == [
        BonusIssue.NOT_RESERVED,
        BonusIssue.ACCOUNT_STOPPED,
        BonusIssue.NONE,
        BonusIssue.TOO_EARLY,
        BonusIssue.ALREADY_AWARDED,
        BonusIssue.NONE,
    ]
    told = [(event["sale"], event["issue"]) for event in awarded.events["BonusSkipped"]]
    assert told == [
        (unknown.number, BonusIssue.NOT_RESERVED),
        (frozen.number, BonusIssue.ACCOUNT_STOPPED),
        (mine.number, BonusIssue.TOO_EARLY),
        (frozen.number, BonusIssue.ALREADY_AWARDED),
    ]
    assert [lots(point, one.account).get(OCTOBER, 0) for one in (hanako, taro, sora)] == [400, 200, 0]
    assert town.bonus.campaignOf(campaign)[-2:] == (150, 600)
    point.unfreeze(sora.account, {"from": act_maker})
    assert issues(town.award(campaign, frozen)) == [BonusIssue.NONE]
    assert lots(point, sora.account)[OCTOBER] == 100


# ---------------------------------------------------------------------- refunds


def test_award_after_a_refund_gives_what_is_left_has_earned(town, point, campaign, sale, hanako):
    town.refund(sale, 1_505)
    pass_refund_days(sale)
    awarded = town.award(campaign, sale)
    assert events(awarded)[0] == (
        "BonusReleased",
        campaign,
        sale.merchant,
        hanako.number,
        sale.number,
        1_505,
        False,
        151,
    )
    assert lots(point, hanako.account)[OCTOBER] == 249
    assert town.bonus.accountOf(campaign, hanako.number) == (0, 249)


def test_award_after_a_refund_in_the_last_second_gives_nothing(town, point, campaign, sale, hanako):
    travel_to(last_second_of_refund(sale))
    town.refund(sale, 4_000)
    travel(1)
    assert issues(town.award(campaign, sale)) == [BonusIssue.NOTHING_EARNED]
    assert lots(point, hanako.account) == {JULY: 50_000}
    assert town.bonus.campaignOf(campaign)[-2:] == (0, 0)


def test_award_while_the_sale_can_be_refunded_frees_what_was_refunded(town, bonus, campaign, sale, hanako):
    town.refund(sale, 1_000)
    assert issues(town.award(campaign, sale)) == [BonusIssue.TOO_EARLY]
    assert bonus.accountOf(campaign, hanako.number) == (300, 0)
    assert bonus.campaignOf(campaign)["reservedPoints"] == 300
    town.refund(sale, 3_000)
    assert issues(town.award(campaign, sale)) == [BonusIssue.NOTHING_EARNED]
    assert bonus.accountOf(campaign, hanako.number) == (0, 0)


def test_award_after_a_refund_below_the_minimum_gives_nothing(town, hanako):
    campaign = town.open(minimum=3_500)
    sale = town.bought(campaign, hanako.card, 4_000)
    town.refund(sale, 501)
    pass_refund_days(sale)
    assert issues(town.award(campaign, sale)) == [BonusIssue.NOTHING_EARNED]


def test_award_of_a_promise_that_the_cap_cut_is_not_cut_again_by_a_refund(town, point, campaign, hanako):
    sale = town.bought(campaign, hanako.card, 9_000)
    town.refund(sale, 3_000)
    pass_refund_days(sale)
    town.award(campaign, sale)
    assert lots(point, hanako.account)[OCTOBER] == 500, "6,000 points earn 600, and the cap is 500"


# ------------------------------------------------------------------------- time


def test_award_is_possible_until_the_series_needs_the_record_for_another_sale(
    town, bonus, point, campaign, sale, hanako, taro
):
    """Nobody can tell any more whether it was refunded: the promise is freed."""
    his = town.bought(campaign, taro.card, 1_000, serial=2)
    travel_to(start_of_day(today() + TERMS.ring_days) - 1)
    assert issues(town.award(campaign, his)) == [BonusIssue.NONE]
    travel(1)
    town.pay(taro.card, 1, serial=1)
    awarded = town.award(campaign, sale)
    assert issues(awarded) == [BonusIssue.RECORD_GONE]
    assert events(awarded)[0][-3:] == (0, True, 400)
    assert OCTOBER not in lots(point, hanako.account)
    assert bonus.accountOf(campaign, hanako.number) == (0, 0)
    assert bonus.campaignOf(campaign)[-2:] == (0, 100)
    assert issues(town.award(campaign, sale)) == [BonusIssue.RECORD_GONE]


def test_award_while_nobody_has_needed_the_record_s_word_counts(town, campaign, sale):
    travel_to(start_of_day(today() + 2 * TERMS.ring_days))
    assert issues(town.award(campaign, sale)) == [BonusIssue.NONE]


def test_award_waits_as_long_as_the_refund_days_are_now(town, act_maker, campaign, sale):
    town.point.setRefundDays(37, {"from": act_maker})
    pass_refund_days(sale)
    assert issues(town.award(campaign, sale)) == [BonusIssue.TOO_EARLY]
    travel_to(start_of_day((sale.number >> 16) + TERMS.payable_days + 38))
    assert issues(town.award(campaign, sale)) == [BonusIssue.NONE]


def test_award_when_the_month_has_ended_reverts(town, campaign, sale):
    travel_to(start_of_day(today() + 300))
    with reverts("PointExpiryOutOfRange", OCTOBER, OCTOBER + 4, OCTOBER + 64):
        town.award(campaign, sale)


# -------------------------------------------------------------------- merchants


def test_award_at_a_suspended_merchant_waits_until_it_is_active_again(town, point, act_maker, campaign, sale):
    point.suspendMerchant(town.shop, {"from": act_maker})
    pass_refund_days(sale)
    assert issues(town.award(campaign, sale)) == [BonusIssue.MERCHANT_NOT_ACTIVE]
    point.approveMerchant(town.shop, SHOP_CATEGORY, "商店", "川崎区", {"from": act_maker})
    assert issues(town.award(campaign, sale)) == [BonusIssue.NONE]


def test_award_at_a_merchant_that_has_closed_or_changed_category_is_not_the_customer_s_loss(
    town, point, act_maker, hanako, other_shop
):
    campaign = town.open(categories=(SHOP_CATEGORY,))
    sales = [town.bought(campaign, hanako.card, 1_000, shop=shop) for shop in (town.shop, other_shop)]
    point.closeMerchant(town.shop, {"from": act_maker})
    point.approveMerchant(other_shop, SHOP_CATEGORY + 1, "商店", "川崎区", {"from": act_maker})
    pass_refund_days(sales[0])
    assert issues(town.award(campaign, *sales)) == [BonusIssue.NONE] * 2


def test_award_at_a_merchant_that_is_frozen_and_not_suspended_goes_on(town, point, act_maker, campaign, sale):
    point.freeze(town.shop, {"from": act_maker})
    pass_refund_days(sale)
    assert issues(town.award(campaign, sale)) == [BonusIssue.NONE]


# -------------------------------------------------------------------- residents


def replace(town, residents, memberships, member, name):
    """Move a membership to a new card."""
    card = memberships.card(name)
    signature = memberships.signature(card, member.commitment)
    residents.startReplacement(CITY, member.number, card.account, signature, {"from": town.act_maker})
    _, ready_at, _, _ = residents.replacementOf(CITY, member.number)
    travel_to(ready_at)
    residents.completeReplacement(CITY, member.number, {"from": town.shop})
    return card


def test_award_goes_to_the_resident_s_new_card(town, point, residents, memberships, campaign, sale, hanako):
    card = replace(town, residents, memberships, hanako, "Hanako's new card")
    pass_refund_days(sale)
    assert issues(town.award(campaign, sale)) == [BonusIssue.NONE]
    assert lots(point, card.account) == {OCTOBER: 400}


def test_reserve_of_what_the_old_card_paid_counts_with_the_new_one_against_one_cap(
    town, point, residents, memberships, campaign, sale, hanako, stranger
):
    card = replace(town, residents, memberships, hanako, "Hanako's new card")
    point.carry(hanako.account, {"from": stranger})
    assert town.promised(campaign, town.bought(campaign, card, 4_000)) == 100


def test_award_to_whoever_has_left_gives_nothing(town, residents, act_maker, campaign, sale, hanako):
    residents.closeMembership(CITY, hanako.number, {"from": act_maker})
    pass_refund_days(sale)
    assert issues(town.award(campaign, sale)) == [BonusIssue.UNREGISTERED]
    assert town.bonus.accountOf(campaign, hanako.number) == (400, 0)


# ----------------------------------------------------------------------- series


def test_award_beyond_the_minter_s_allowance_reverts_whole_and_can_be_done_later(
    town, campaign, bonus, point, act_maker, sale, hanako
):
    allowance, _ = point.minterOf(bonus)
    point.decreaseMinterAllowance(bonus, allowance - 399, {"from": act_maker})
    pass_refund_days(sale)
    with reverts("PointMinterAllowance", bonus, 399, 400):
        town.award(campaign, sale)
    assert bonus.accountOf(campaign, hanako.number) == (400, 0)
    point.increaseMinterAllowance(bonus, 1, {"from": act_maker})
    assert issues(town.award(campaign, sale)) == [BonusIssue.NONE]


def test_award_when_the_minter_was_removed_reverts(town, campaign, bonus, point, act_maker, sale):
    point.removeMinter(bonus, {"from": act_maker})
    pass_refund_days(sale)
    with reverts("PointNotMinter", bonus):
        town.award(campaign, sale)


def test_award_while_the_series_is_paused_reverts(town, campaign, point, act_maker, sale):
    pass_refund_days(sale)
    point.pause(3600, {"from": act_maker})
    with reverts("PointPaused", point.pausedUntil()):
        town.award(campaign, sale)
