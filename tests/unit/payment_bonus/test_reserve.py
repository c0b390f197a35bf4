"""`reserve`: anyone shows payments, the series proves them, the payers are promised the bonus."""

import pytest

from scripts.lib.bonus_issue import BonusIssue
from scripts.lib.japan_calendar import last_second, start_of_day
from scripts.lib.payment.sale_number import sale_number
from tests.support.bonus_town import REFUNDABLE_DAYS, Sale, issues, last_second_of_refund, pass_refund_days
from tests.support.clock import JULY, MARCH, to_month, travel, travel_to
from tests.support.paying import lot, today
from tests.support.reading import events, lots
from tests.support.reverts import reverts
from tests.support.town import CITY, SHOP_CATEGORY

AUGUST = JULY + 1


@pytest.fixture
def refused(town):
    """`refused(campaign, sale)`: why a payment is promised nothing; nothing has changed then."""

    def show(campaign, sale):
        before = (town.bonus.campaignOf(campaign), town.promised(campaign, sale))
        shown = town.reserve(campaign, sale)
        [issue] = issues(shown)
        assert events(shown) == [("BonusSkipped", campaign, sale.merchant, sale.number, issue)]
        assert (town.bonus.campaignOf(campaign), town.promised(campaign, sale)) == before
        return issue

    return show


def test_reserve_by_anyone_promises_the_payer_the_rate(town, bonus, point, shop, campaign, hanako):
    sale = town.pay(hanako.card, 1_239)
    shown = town.reserve(campaign, sale)
    assert issues(shown) == [BonusIssue.NONE]
    assert events(shown) == [
        ("BonusReserved", campaign, shop, hanako.number, sale.number, hanako.account, 1_239, 0, 123)
    ]
    assert bonus.reservationOf(campaign, shop, sale.number) == (hanako.number, 1_239, 123, False)
    assert bonus.accountOf(campaign, hanako.number) == (123, 0)
    assert bonus.campaignOf(campaign)["reservedPoints"] == 123
    assert lots(point, hanako.account) == {JULY: 50_000 - 1_239}, "nothing is minted yet"


def test_reserve_rounds_down_sale_by_sale(town, campaign, refused, hanako):
    assert refused(campaign, town.pay(hanako.card, 9)) == BonusIssue.NOTHING_EARNED
    thirds = town.open(rate_numerator=2, rate_denominator=3)
    sales = [town.pay(hanako.card, points) for points in (2, 4, 5)]
    town.reserve(thirds, *sales)
    assert [town.promised(thirds, sale) for sale in sales] == [1, 2, 3]


def test_reserve_of_the_whole_promises_as_much_as_was_paid(town, hanako):
    campaign = town.open(rate_numerator=1, rate_denominator=1)
    assert town.promised(campaign, town.bought(campaign, hanako.card, 77)) == 77


def test_reserve_below_the_minimum_is_nothing_and_at_the_minimum_the_rate(town, refused, hanako):
    campaign = town.open(minimum=300)
    assert refused(campaign, town.pay(hanako.card, 299)) == BonusIssue.NOTHING_EARNED
    assert town.promised(campaign, town.bought(campaign, hanako.card, 300)) == 30


def test_reserve_of_a_payment_over_several_lots_counts_all_of_it(town, point, minter, campaign, hanako):
    point.mintUntil(hanako.account, 10_000, AUGUST, {"from": minter})
    point.transfer(town.shop, 49_000, {"from": hanako.account})
    sale = town.bought(campaign, hanako.card, 3_000)
    assert sale.lots == [lot(JULY, 1_000), lot(AUGUST, 2_000)]
    assert town.promised(campaign, sale) == 300


def test_reserve_of_many_promises_each_and_says_of_the_others_why_not(town, campaign, hanako, taro):
    first, second = town.pay(hanako.card, 1_000), town.pay(taro.card, 2_000)
    unpaid = first._replace(number=sale_number(today(), 99))
    shown = town.reserve(campaign, first, unpaid, second, first)
    assert issues(shown) == [
        BonusIssue.NONE,
        BonusIssue.NOT_PROVED,
        BonusIssue.NONE,
        BonusIssue.NOTHING_EARNED,
    ]
    assert [event.name for event in shown.events] == [
        "BonusReserved",
        "BonusSkipped",
        "BonusReserved",
        "BonusSkipped",
    ]
    assert town.bonus.campaignOf(campaign)["reservedPoints"] == 300


def test_reserve_of_nothing_does_nothing(town, campaign):
    assert events(town.reserve(campaign)) == []


def test_reserve_in_no_campaign_reverts(town, campaign, hanako):
    sale = town.pay(hanako.card, 1_000)
    with reverts("BonusUnknownCampaign", 0, campaign + 1):
        town.reserve(campaign + 1, sale)


# ------------------------------------------------------------------------- once


def test_reserve_shown_again_promises_nothing_more(town, campaign, refused, hanako):
    sale = town.bought(campaign, hanako.card, 1_000)
    assert refused(campaign, sale) == BonusIssue.NOTHING_EARNED


def test_reserve_of_an_awarded_sale_promises_nothing(town, act_maker, campaign, refused, hanako):
    sale = town.bought(campaign, hanako.card, 1_000)
    pass_refund_days(sale)
    town.award(campaign, sale)
    town.point.setRefundDays(37, {"from": act_maker})
    travel(1)
    assert refused(campaign, sale) == BonusIssue.ALREADY_AWARDED


def test_reserve_in_two_campaigns_is_each_one_s_own_affair(town, bonus, hanako):
    first, second = town.open(), town.open(rate_denominator=20)
    sale = town.bought(first, hanako.card, 1_000)
    town.reserve(second, sale)
    assert (town.promised(first, sale), town.promised(second, sale)) == (100, 50)


# ------------------------------------------------------------------------ proof


def test_reserve_of_what_was_not_paid_is_not_proved(town, campaign, refused, hanako, taro):
    sale = town.pay(hanako.card, 1_000)
    for false in (
        sale._replace(payer=taro.account.address),
        sale._replace(lots=[lot(JULY, 1_001)]),
        sale._replace(lots=[lot(JULY, 999)]),
        sale._replace(lots=[lot(AUGUST, 1_000)]),
        sale._replace(lots=[lot(JULY, 1_000) + 2**40]),
        sale._replace(lots=[lot(JULY, 500), lot(JULY, 500)]),
        sale._replace(lots=[]),
        sale._replace(number=sale.number + 1),
        sale._replace(merchant=taro.account),
    ):
        assert refused(campaign, false) == BonusIssue.NOT_PROVED, false


def test_reserve_of_a_voided_sale_is_not_proved(town, point, campaign, refused, hanako):
    number = sale_number(today(), 9)
    point.voidSale(town.shop, number, {"from": town.shop})
    assert refused(campaign, town.pay(hanako.card, 1_000)._replace(number=number)) == BonusIssue.NOT_PROVED


def test_reserve_of_a_plain_transfer_cannot_be_shown(town, point, campaign, refused, hanako):
    point.transfer(town.shop, 1_000, {"from": hanako.account})
    sale = Sale(town.shop, sale_number(today(), 1), hanako.account.address, [lot(JULY, 1_000)])
    assert refused(campaign, sale) == BonusIssue.NOT_PROVED


# ---------------------------------------------------------------------- refunds


def test_reserve_after_a_refund_promises_for_what_is_left(town, bonus, shop, campaign, hanako):
    sale = town.pay(hanako.card, 1_000)
    town.refund(sale, 300)
    shown = town.reserve(campaign, sale)
    assert events(shown) == [
        ("BonusReserved", campaign, shop, hanako.number, sale.number, hanako.account, 1_000, 300, 70)
    ]


def test_reserve_after_a_refund_of_all_is_not_proved(town, campaign, refused, hanako):
    sale = town.pay(hanako.card, 1_000)
    town.refund(sale, 1_000)
    assert refused(campaign, sale) == BonusIssue.NOT_PROVED


def test_reserve_after_a_refund_below_the_minimum_is_nothing(town, refused, hanako):
    campaign = town.open(minimum=800)
    sale = town.pay(hanako.card, 1_000)
    town.refund(sale, 300)
    assert refused(campaign, sale) == BonusIssue.NOTHING_EARNED


# ------------------------------------------------------------------------- days


def test_reserve_of_the_first_and_the_last_day_counts_and_of_their_neighbours_does_not(
    town, campaign, refused, hanako
):
    first = today()
    assert refused(campaign, town.pay(hanako.card, 100, day=first - 1)) == BonusIssue.OTHER_DAY
    town.bought(campaign, hanako.card, 100, day=first)
    travel_to(start_of_day(first + 31) - 1)
    assert town.bought(campaign, hanako.card, 100).number >> 16 == first + 30
    travel(1)
    assert refused(campaign, town.pay(hanako.card, 100)) == BonusIssue.OTHER_DAY


def test_reserve_of_a_number_that_is_another_sale_s_in_its_lower_bits_is_of_another_day(
    town, campaign, refused, hanako
):
    sale = town.pay(hanako.card, 1_000)
    assert refused(campaign, sale._replace(number=sale.number + (1 << 32))) == BonusIssue.OTHER_DAY


def test_reserve_of_a_sale_of_the_last_day_that_is_paid_and_shown_later_counts(town, campaign, hanako):
    """A till without a line keeps it in its queue: it counts by the day on which it was rung up."""
    last = today() + 30
    travel_to(start_of_day(last + 7))
    sale = town.pay(hanako.card, 1_000, day=last)
    travel_to(last_second_of_refund(sale))
    town.reserve(campaign, sale)
    assert town.promised(campaign, sale) == 100


def test_reserve_when_the_sale_can_be_refunded_no_more_is_too_late(town, campaign, refused, hanako):
    sale = town.pay(hanako.card, 1_000)
    pass_refund_days(sale)
    assert refused(campaign, sale) == BonusIssue.TOO_LATE


def test_reserve_over_the_end_of_the_fiscal_year_counts_for_the_year_of_the_sale(
    town, point, minter, refused, hanako
):
    to_month(MARCH)
    point.mintUntil(hanako.account, 2_000, MARCH + 1, {"from": minter})
    campaign = town.open(last_day=today() + 30, expiry_month=MARCH + 6)
    travel_to(last_second(MARCH))
    sale = town.pay(hanako.card, 1_000)
    travel(1)
    town.reserve(campaign, sale)
    assert town.promised(campaign, sale) == 100
    assert refused(campaign, town.pay(hanako.card, 1_000)) == BonusIssue.OTHER_DAY


# -------------------------------------------------------------------- merchants


def test_reserve_counts_only_the_campaign_s_categories(town, point, act_maker, refused, hanako):
    matching = town.open(categories=(3, SHOP_CATEGORY, 300))
    other = town.open(categories=(SHOP_CATEGORY + 1, SHOP_CATEGORY + 256))
    sale = town.bought(matching, hanako.card, 1_000)
    assert refused(other, sale) == BonusIssue.OTHER_CATEGORY
    point.approveMerchant(town.shop, SHOP_CATEGORY + 1, "商店", "川崎区", {"from": act_maker})
    town.reserve(other, sale)
    assert town.promised(other, sale) == 100, "the category is the present one"


def test_reserve_at_a_suspended_merchant_waits_until_it_is_active_again(
    town, campaign, point, act_maker, refused, hanako
):
    sale = town.pay(hanako.card, 1_000)
    point.suspendMerchant(town.shop, {"from": act_maker})
    assert refused(campaign, sale) == BonusIssue.MERCHANT_NOT_ACTIVE
    point.approveMerchant(town.shop, SHOP_CATEGORY, "商店", "川崎区", {"from": act_maker})
    assert issues(town.reserve(campaign, sale)) == [BonusIssue.NONE]


def test_reserve_at_another_merchant_with_the_same_number_is_another_sale(town, campaign, other_shop, hanako):
    first = town.bought(campaign, hanako.card, 1_000, serial=7)
    second = town.bought(campaign, hanako.card, 2_000, serial=7, shop=other_shop)
    assert first.number == second.number
    assert (town.promised(campaign, first), town.promised(campaign, second)) == (100, 200)


# ----------------------------------------------------------------------- payers


def test_reserve_for_an_account_that_is_nobody_s_waits_until_its_owner_has_joined(
    town, campaign, point, memberships, minter, refused
):
    visitor = memberships.card("Visitor")
    point.mintUntil(visitor.account, 1_000, JULY, {"from": minter})
    sale = town.pay(visitor, 1_000)
    assert refused(campaign, sale) == BonusIssue.UNREGISTERED
    memberships.join("Visitor")
    assert issues(town.reserve(campaign, sale)) == [BonusIssue.NONE]


# ----------------------------------------------------------------------- limits


def test_reserve_stops_at_the_resident_s_cap_over_all_sales(town, campaign, refused, hanako, taro):
    sales = [town.bought(campaign, hanako.card, 4_000) for _ in range(2)]
    assert [town.promised(campaign, sale) for sale in sales] == [400, 100]
    assert refused(campaign, town.pay(hanako.card, 4_000)) == BonusIssue.CAP_REACHED
    assert town.promised(campaign, town.bought(campaign, taro.card, 4_000)) == 400


def test_reserve_stops_at_the_cap_of_what_was_given_and_is_promised_together(town, refused, hanako):
    campaign = town.open(last_day=today() + 60)
    sale = town.bought(campaign, hanako.card, 4_000)
    pass_refund_days(sale)
    town.award(campaign, sale)
    assert town.promised(campaign, town.bought(campaign, hanako.card, 4_000)) == 100
    assert town.bonus.accountOf(campaign, hanako.number) == (100, 400)
    assert refused(campaign, town.pay(hanako.card, 4_000)) == BonusIssue.CAP_REACHED


def test_reserve_stops_at_the_budget_and_goes_on_when_it_is_enlarged(
    town, bonus, act_maker, refused, hanako, taro
):
    campaign = town.open(budget=450)
    town.bought(campaign, hanako.card, 4_000)
    sale = town.bought(campaign, taro.card, 4_000)
    assert town.promised(campaign, sale) == 50
    assert refused(campaign, sale) == BonusIssue.BUDGET_USED
    bonus.enlargeCampaign(CITY, campaign, 1_000, {"from": act_maker})
    town.reserve(campaign, sale)
    assert town.promised(campaign, sale) == 400


def test_reserve_finds_room_again_when_another_sale_was_refunded(town, campaign, refused, hanako):
    first = town.bought(campaign, hanako.card, 5_000)
    second = town.pay(hanako.card, 5_000)
    assert refused(campaign, second) == BonusIssue.CAP_REACHED
    town.refund(first, 2_000)
    town.award(campaign, first)
    assert issues(town.reserve(campaign, second)) == [BonusIssue.NONE]
    assert (town.promised(campaign, first), town.promised(campaign, second)) == (300, 200)


def test_reserve_of_a_later_sale_first_leaves_an_earlier_one_too_late_if_that_is_refunded_at_last(
    town, campaign, refused, hanako
):
    """Shown day by day, the earlier sale has the cap; the later one is in time whenever that is refunded."""
    earlier = town.pay(hanako.card, 5_000)
    travel(24 * 60 * 60)
    later = town.bought(campaign, hanako.card, 5_000)
    assert refused(campaign, earlier) == BonusIssue.CAP_REACHED
    travel_to(last_second_of_refund(later))
    town.refund(later, 5_000)
    town.award(campaign, later)
    assert refused(campaign, earlier) == BonusIssue.TOO_LATE


# ----------------------------------------------------------------------- series


def test_reserve_costs_payments_nothing(town, point, bonus, campaign, hanako):
    """The series calls nobody when it is paid: gone or broken, the service stops no payment."""
    point.removeMinter(bonus, {"from": town.act_maker})
    assert town.pay(hanako.card, 1_000).lots == [lot(JULY, 1_000)]


def test_reserve_while_the_series_is_paused_goes_on(town, campaign, point, act_maker, hanako):
    sale = town.pay(hanako.card, 1_000)
    point.pause(3600, {"from": act_maker})
    assert issues(town.reserve(campaign, sale)) == [BonusIssue.NONE]


def test_reserve_with_the_refund_days_counts_as_they_are_now(town, campaign, act_maker, refused, hanako):
    day = today()
    sale = town.pay(hanako.card, 1_000)
    town.point.setRefundDays(10, {"from": act_maker})
    travel_to(start_of_day(day + REFUNDABLE_DAYS))
    assert refused(campaign, sale) == BonusIssue.TOO_LATE
