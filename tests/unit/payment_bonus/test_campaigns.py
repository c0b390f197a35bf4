"""`openCampaign`, `enlargeCampaign`, `closeCampaign`: what officers lay down."""

import pytest

from scripts.lib.bonus_issue import BonusIssue
from scripts.lib.expiry_rule import NEVER
from scripts.lib.japan_calendar import day_of, last_second, start_of_day
from scripts.lib.payment.sale_terms import SaleTerms
from scripts.lib.roles import Role
from tests.support.acting import data_of
from tests.support.bonus_town import issues, pass_refund_days, terms
from tests.support.clock import APRIL, JULY, JUNE, MARCH, OCTOBER, now, to_month, travel, travel_to
from tests.support.paying import today
from tests.support.reading import events
from tests.support.reverts import reverts
from tests.support.town import CITY, NEIGHBOUR

COUNCIL = 0
FIELDS = (
    "series",
    "municipality",
    "firstDay",
    "lastDay",
    "expiryMonth",
    "allCategories",
    "rateNumerator",
    "rateDenominator",
    "minimumPoints",
    "capPoints",
    "budgetPoints",
    "reservedPoints",
    "awardedPoints",
)


# --------------------------------------------------------------------------- open


def test_open_campaign_is_logged_and_readable(bonus, point, act_maker):
    asked = terms(minimum=200, categories=(7, 300))
    opened = bonus.openCampaign(CITY, point, asked, {"from": act_maker})
    assert opened.return_value == bonus.campaignCount() == 1
    [told] = opened.events
    assert told.name == "CampaignOpened"
    assert (told["municipality"], told["campaign"], told["series"]) == (CITY, 1, point)
    assert tuple(told["terms"]) == tuple(asked._replace(expiry_month=OCTOBER))
    campaign = bonus.campaignOf(1)
    assert [campaign[name] for name in FIELDS] == [
        point,
        CITY,
        asked.first_day,
        asked.last_day,
        OCTOBER,
        False,
        1,
        10,
        200,
        500,
        100_000,
        0,
        0,
    ]


def test_open_campaign_counts_the_named_categories_alone(bonus, town):
    town.open(categories=(0, 7, 255, 256, 65_535))
    counted = [
        category for category in (0, 1, 7, 254, 255, 256, 257, 65_535) if bonus.isCategory(1, category)
    ]
    assert counted == [0, 7, 255, 256, 65_535]


def test_open_campaign_without_categories_counts_all(bonus, town):
    town.open()
    assert all(bonus.isCategory(1, category) for category in (0, 7, 65_535))


def test_open_campaign_keeps_its_month_when_the_policy_changes(bonus, town, point, act_maker):
    town.open()
    point.setExpiryPolicy(4, 0, {"from": act_maker})
    assert bonus.campaignOf(1)["expiryMonth"] == OCTOBER
    assert bonus.campaignOf(town.open())["expiryMonth"] == NEVER


def test_open_campaign_takes_two_officers(bonus, point, acting, programme_officer, programme_approver):
    call = (bonus, "openCampaign", CITY, point, terms())
    with reverts("OfficersNeedsSecond", bonus.openCampaign.signature):
        acting.perform(programme_officer, *call)
    proposed = acting.propose(programme_officer, *call)
    travel(29 * 86_400)
    with reverts("OfficersTooEarly", proposed.number, 0):
        acting.execute(programme_officer, proposed)
    done = acting.approve(programme_approver, proposed)
    assert bonus.campaignCount() == 1
    subject = done.events["ActDone"]["subject"]
    assert int(subject.hex(), 16) == int(point.address, 16), "the act is about the series"


def test_open_campaign_for_a_series_of_another_municipality_reverts(bonus, point, platform, act_maker):
    for municipality, series in ((NEIGHBOUR, point), (NEIGHBOUR, platform), (COUNCIL, platform)):
        with reverts("BonusForeignSeries", municipality, series):
            bonus.openCampaign(municipality, series, terms(), {"from": act_maker})


@pytest.mark.parametrize(("first", "last"), [(1, 0), (-2, -1)])
def test_open_campaign_that_is_over_or_runs_backward_reverts(bonus, point, act_maker, first, last):
    day = today()
    asked = terms(first_day=day + first, last_day=day + last)
    with reverts("BonusDays", day + first, day + last, day):
        bonus.openCampaign(CITY, point, asked, {"from": act_maker})


def test_open_campaign_for_one_day_that_is_today_is_possible_until_midnight(bonus, town):
    day = today()
    travel_to(start_of_day(day + 1) - 1)
    town.open(first_day=day, last_day=day)
    travel(1)
    with reverts("BonusDays", day, day, day + 1):
        town.open(first_day=day, last_day=day)


def test_open_campaign_across_the_end_of_the_fiscal_year_reverts(bonus, town):
    last = day_of(last_second(MARCH))
    town.open(last_day=last, expiry_month=MARCH + 2)
    with reverts("BonusDays", today(), last + 1, today()):
        town.open(last_day=last + 1, expiry_month=MARCH + 2)


@pytest.mark.parametrize(("numerator", "denominator"), [(0, 10), (11, 10), (0, 0), (1, 0)])
def test_open_campaign_with_a_rate_that_is_none_reverts(town, numerator, denominator):
    with reverts("BonusRate", numerator, denominator):
        town.open(rate_numerator=numerator, rate_denominator=denominator)


@pytest.mark.parametrize(("cap", "budget"), [(0, 1), (1, 0)])
def test_open_campaign_without_cap_or_budget_reverts(town, cap, budget):
    with reverts("BonusLimits", cap, budget):
        town.open(cap=cap, budget=budget)


def test_open_campaign_whose_bonus_ends_before_the_last_of_it_is_awarded_reverts(town):
    last = day_of(last_second(JUNE)) - SaleTerms().ring_days
    town.open(last_day=last, expiry_month=JUNE)
    with reverts("BonusEndsTooEarly", JUNE, JULY):
        town.open(last_day=last + 1, expiry_month=JUNE)


def test_open_campaign_of_a_series_that_forgets_its_sales_within_a_week_reverts(town, point, act_maker):
    """45 days less 7 in which to pay and 30 in which to refund leave 7 in which to award."""
    town.open()
    point.setRefundDays(31, {"from": act_maker})
    with reverts("BonusAwardDays", 6, 7):
        town.open()


def test_open_campaign_with_a_month_that_no_lot_can_have_reverts(town):
    with reverts("PointExpiryOutOfRange", APRIL - 1, APRIL, APRIL + 60):
        town.open(expiry_month=APRIL - 1)
    with reverts("PointExpiryOutOfRange", APRIL + 61, APRIL, APRIL + 60):
        town.open(expiry_month=APRIL + 61)


# ------------------------------------------------------------------------ enlarge


def test_enlarge_campaign_raises_the_budget(bonus, town, act_maker):
    campaign = town.open(budget=1_000)
    enlarged = bonus.enlargeCampaign(CITY, campaign, 500, {"from": act_maker})
    assert events(enlarged) == [("CampaignEnlarged", campaign, 1_500)]
    assert bonus.campaignOf(campaign)["budgetPoints"] == 1_500


def test_enlarge_campaign_takes_two_officers(bonus, town, acting, programme_officer, programme_approver):
    campaign = town.open()
    call = (bonus, "enlargeCampaign", CITY, campaign, 500)
    with reverts("OfficersNeedsSecond", bonus.enlargeCampaign.signature):
        acting.perform(programme_officer, *call)
    acting.together(programme_officer, programme_approver, *call)
    assert bonus.campaignOf(campaign)["budgetPoints"] == 100_500


def test_enlarge_campaign_of_another_municipality_or_none_reverts(bonus, town, act_maker):
    campaign = town.open()
    for municipality, number in ((NEIGHBOUR, campaign), (CITY, campaign + 1), (CITY, 0)):
        with reverts("BonusUnknownCampaign", municipality, number):
            bonus.enlargeCampaign(municipality, number, 1, {"from": act_maker})
        with reverts("BonusUnknownCampaign", municipality, number):
            bonus.closeCampaign(municipality, number, {"from": act_maker})


# -------------------------------------------------------------------------- close


def test_close_campaign_by_one_officer_makes_today_the_last_day(
    bonus, town, acting, programme_officer, hanako
):
    campaign, day = town.open(), today()
    travel_to(start_of_day(day + 3))
    before = town.pay(hanako.card, 1_000)
    closed = acting.perform(programme_officer, bonus, "closeCampaign", CITY, campaign)
    assert events(closed)[0] == ("CampaignClosed", campaign, day + 3)
    travel_to(start_of_day(day + 4) - 1)
    last = town.pay(hanako.card, 1_000)
    travel(1)
    after = town.pay(hanako.card, 1_000)
    shown = town.reserve(campaign, before, last, after)
    assert issues(shown) == [BonusIssue.NONE, BonusIssue.NONE, BonusIssue.OTHER_DAY]
    pass_refund_days(last)
    assert issues(town.award(campaign, before, last)) == [BonusIssue.NONE] * 2, "it was promised"


def test_close_campaign_before_it_begins_leaves_nothing_of_it(bonus, town, act_maker, hanako):
    day = today()
    campaign = town.open(first_day=day + 1)
    bonus.closeCampaign(CITY, campaign, {"from": act_maker})
    for second in (now(), start_of_day(day + 1)):
        travel_to(second)
        assert issues(town.reserve(campaign, town.pay(hanako.card, 1_000))) == [BonusIssue.OTHER_DAY]


def test_close_campaign_on_its_last_day_or_later_reverts(bonus, town, act_maker):
    day = today()
    campaign = town.open(last_day=day + 1)
    for last in (day + 1, day + 2):
        travel_to(start_of_day(last))
        with reverts("BonusDays", day, day + 1, last):
            bonus.closeCampaign(CITY, campaign, {"from": act_maker})


def test_close_campaign_never_makes_it_longer(bonus, town, act_maker):
    day = today()
    campaign = town.open(last_day=day + 10)
    travel_to(start_of_day(day + 2))
    bonus.closeCampaign(CITY, campaign, {"from": act_maker})
    travel_to(start_of_day(day + 5))
    with reverts("BonusDays", day, day + 2, day + 5):
        bonus.closeCampaign(CITY, campaign, {"from": act_maker})


# --------------------------------------------------------------------------- views


def test_campaign_of_a_number_that_was_not_given_reverts(bonus, town):
    town.open()
    for number in (0, 2):
        with reverts("BonusUnknownCampaign", 0, number):
            bonus.campaignOf(number)


def test_service_knows_the_platform_it_was_made_for(bonus, platform, officers, residents):
    assert (bonus.platform(), bonus.officers(), bonus.residents()) == (platform, officers, residents)


def test_act_in_the_name_of_a_municipality_that_has_not_accepted_the_service_reverts(
    bonus, point, officers, act_maker, neighbour
):
    officers.appoint(NEIGHBOUR, neighbour, Role.PROGRAMME_OFFICER, 0, {"from": act_maker})
    data = data_of(bonus, "closeCampaign", NEIGHBOUR, 1)
    with reverts("OfficersForeignTarget", NEIGHBOUR, bonus):
        officers.perform(NEIGHBOUR, bonus, data, 1, bytes(32), {"from": neighbour})


def test_month_of_a_campaign_that_is_named_is_the_bonus_s_own(town, point, hanako):
    campaign = town.open(expiry_month=NEVER)
    sale = town.bought(campaign, hanako.card, 1_000)
    pass_refund_days(sale)
    town.award(campaign, sale)
    to_month(MARCH + 13)
    assert point.balanceOf(hanako.account) == 100


def test_close_campaign_by_anybody_but_officers_reverts(bonus, programme_officer, council):
    for caller in (programme_officer, council):
        with reverts("BonusOnlyByAct", caller):
            bonus.closeCampaign(CITY, 1, {"from": caller})
