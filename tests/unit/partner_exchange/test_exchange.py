"""`exchange`: a partner's points become points that wait for a resident."""

import pytest

from scripts.lib.exchange.terms import MAX_POINTS, Ledger, Terms
from scripts.lib.japan_calendar import moment_from_text
from tests.support.clock import now, travel, travel_to
from tests.support.exchange_town import AIRLINE, CARD, CARD_TERMS, DAY, campaign_of, reference
from tests.support.memberships import KEY_VERSION, NO_COMMITMENT
from tests.support.reading import events
from tests.support.reverts import reverts
from tests.support.town import CITY, NEIGHBOUR

COUNCIL = 0


def test_exchange_holds_the_points_and_mints_nothing(desk, exchange, point, hanako, airline):
    before = point.totalSupply()
    done = exchange.exchange(CITY, 1, 3_000, reference("A"), {"from": airline})
    holding = exchange.holdingId(AIRLINE, reference("A"))
    assert events(done) == [
        ("Exchanged", holding, CITY, AIRLINE, 1, 3_000, 1_500, 0, "0x" + reference("A").hex())
    ]
    assert exchange.holdingOf(holding)[:7] == (1, CITY, 1, AIRLINE, now(), 3_000, 1_500)
    assert (point.totalSupply(), point.balanceOf(hanako.account)) == (before, 0)
    assert desk.ledger(AIRLINE) == Ledger(held=1_500)
    assert exchange.outstandingOf(CITY, AIRLINE) == 1_500


def test_exchange_of_a_reference_used_before_reverts_for_ever(desk, exchange, hanako, airline):
    exchange.exchange(CITY, 1, 3_000, reference("A"), {"from": airline})
    for _ in range(2):
        with reverts("ExchangeReferenceUsed", AIRLINE, reference("A")):
            exchange.exchange(CITY, 1, 2_000, reference("A"), {"from": airline})
        travel(14 * DAY)
        exchange.sweep([exchange.holdingId(AIRLINE, reference("A"))], {"from": airline})


def test_reference_is_used_for_all_municipalities(desk, exchange, hanako_there, airline):
    exchange.exchange(CITY, 1, 3_000, reference("A"), {"from": airline})
    with reverts("ExchangeReferenceUsed", AIRLINE, reference("A")):
        exchange.exchange(NEIGHBOUR, 2, 3_000, reference("A"), {"from": airline})


def test_partners_may_use_the_same_reference(desk, exchange, hanako, airline, card_company):
    exchange.exchange(CITY, 1, 3_000, reference("A"), {"from": airline})
    exchange.exchange(CITY, 1, 3_000, reference("A"), {"from": card_company})
    assert desk.ledger(CARD).held == 3_000


@pytest.mark.parametrize(("miles", "points"), [(1_003, 334), (1_004, 334), (1_005, 335)])
def test_points_are_rounded_down(desk, hanako, airline, miles, points):
    desk.accept(AIRLINE, Terms(numerator=1, denominator=3))
    desk.exchange(airline, 1, miles)
    assert desk.ledger(AIRLINE).held == points


def test_splitting_never_gains_by_rounding(desk, hanako, airline):
    desk.accept(AIRLINE, Terms(numerator=2, denominator=3))
    for _ in range(10):
        desk.exchange(airline, 1, 2)
    assert desk.ledger(AIRLINE).held == 10 < 20 * 2 // 3


def test_fee_is_taken_off_before_the_rate(desk, hanako, airline):
    desk.accept(AIRLINE, Terms(numerator=1, denominator=2, fee=100))
    desk.exchange(airline, 1, 1_100)
    assert desk.ledger(AIRLINE).held == 500


def test_exchange_no_larger_than_the_fee_reverts(desk, exchange, hanako, airline):
    desk.accept(AIRLINE, Terms(fee=100))
    with reverts("ExchangePoints", 0):
        exchange.exchange(CITY, 1, 100, reference("A"), {"from": airline})


def test_exchange_of_less_than_a_point_reverts(desk, exchange, hanako, airline):
    desk.accept(AIRLINE, Terms(denominator=100))
    with reverts("ExchangePoints", 0):
        exchange.exchange(CITY, 1, 99, reference("A"), {"from": airline})


def test_exchange_of_more_than_a_lot_holds_reverts(desk, exchange, hanako, airline):
    desk.accept(AIRLINE, Terms(maximum=2**31, daily_limit=2**32 - 1, yearly_limit=2**32 - 1))
    with reverts("ExchangePoints", MAX_POINTS + 1):
        exchange.exchange(CITY, 1, MAX_POINTS + 1, reference("A"), {"from": airline})


@pytest.mark.parametrize("miles", [900, 1_050, 20_100, 0, 2**200])
def test_exchange_outside_unit_minimum_and_maximum_reverts(desk, exchange, hanako, airline, miles):
    with reverts("ExchangeAmount", miles, 100, 1_000, 20_000):
        exchange.exchange(CITY, 1, miles, reference("A"), {"from": airline})


@pytest.mark.parametrize("miles", [1_000, 20_000])
def test_exchange_at_the_minimum_and_the_maximum_succeeds(desk, hanako, airline, miles):
    desk.exchange(airline, 1, miles)
    assert desk.ledger(AIRLINE).held == miles // 2


def test_daily_limit_counts_all_exchanges_of_a_day_in_japan(desk, exchange, hanako, card_company):
    travel_to(moment_from_text("2025-06-10T23:59:59"))
    desk.accept(CARD, CARD_TERMS._replace(daily_limit=1_000))
    desk.exchange(card_company, 1, 600)
    desk.exchange(card_company, 1, 400)
    with reverts("ExchangeDailyLimit", CITY, 1, 0, 1):
        exchange.exchange(CITY, 1, 1, reference("A"), {"from": card_company})
    assert exchange.usedOf(CITY, CARD, 1) == (1_000, 1_000)
    travel(1)
    assert exchange.usedOf(CITY, CARD, 1) == (0, 1_000)
    desk.exchange(card_company, 1, 1_000)
    with reverts("ExchangeDailyLimit", CITY, 1, 0, 1):
        exchange.exchange(CITY, 1, 1, reference("A"), {"from": card_company})


@pytest.mark.parametrize("evening", ["2026-03-31T23:59:59", "2028-03-31T23:59:59"])
def test_yearly_limit_begins_anew_with_1_april_in_japan(desk, exchange, hanako, card_company, evening):
    travel_to(moment_from_text(evening) - 40 * DAY)
    desk.accept(CARD, CARD_TERMS._replace(daily_limit=800, yearly_limit=1_000))
    desk.exchange(card_company, 1, 800)
    travel_to(moment_from_text(evening))
    with reverts("ExchangeYearlyLimit", CITY, 1, 200, 201):
        exchange.exchange(CITY, 1, 201, reference("A"), {"from": card_company})
    desk.exchange(card_company, 1, 200)
    travel(1)
    assert exchange.usedOf(CITY, CARD, 1) == (0, 0)
    desk.exchange(card_company, 1, 800)


def test_29_february_is_a_day_of_its_own(desk, exchange, hanako, card_company):
    desk.accept(CARD, CARD_TERMS._replace(daily_limit=100))
    for day in ("2028-02-28", "2028-02-29", "2028-03-01"):
        travel_to(moment_from_text(day + "T12:00"))
        desk.exchange(card_company, 1, 100)
        with reverts("ExchangeDailyLimit", CITY, 1, 0, 1):
            exchange.exchange(CITY, 1, 1, reference("A"), {"from": card_company})
    assert exchange.usedOf(CITY, CARD, 1) == (100, 300)


def test_limits_are_of_each_resident_and_partner(desk, hanako, memberships, airline, card_company):
    memberships.join("Jiro")
    for partner in (AIRLINE, CARD):
        desk.accept(partner, CARD_TERMS._replace(daily_limit=100))
    for key in (airline, card_company):
        for number in (1, 2):
            desk.exchange(key, number, 100)
    assert desk.ledger(AIRLINE).held == desk.ledger(CARD).held == 200


def test_new_card_brings_no_new_limit(
    desk, exchange, residents, memberships, hanako, card_company, act_maker
):
    desk.accept(CARD, CARD_TERMS._replace(yearly_limit=1_000, daily_limit=1_000))
    desk.exchange(card_company, 1, 1_000)
    card = memberships.card("Hanako's second")
    signature = memberships.signature(card, hanako.commitment)
    residents.startReplacement(CITY, 1, card.account, signature, {"from": act_maker})
    travel(3 * DAY)
    residents.completeReplacement(CITY, 1, {"from": act_maker})
    with reverts("ExchangeYearlyLimit", CITY, 1, 0, 1):
        exchange.exchange(CITY, 1, 1, reference("A"), {"from": card_company})


def test_person_with_a_second_account_in_the_town_has_no_second_limit(
    desk, exchange, residents, memberships, hanako, card_company, act_maker
):
    """The limit is the membership's, and a person has one: another account cannot join beside it."""
    desk.accept(CARD, CARD_TERMS._replace(daily_limit=1_000))
    desk.exchange(card_company, 1, 1_000)
    other = memberships.card("Hanako's second")
    signature = memberships.signature(other, hanako.commitment)
    again = (other.account, hanako.commitment, NO_COMMITMENT, signature)
    with reverts("ResidentsPersonRegistered", CITY, 1, hanako.commitment):
        residents.register(CITY, KEY_VERSION, [again], {"from": act_maker})
    with reverts("ExchangeDailyLimit", CITY, 1, 0, 1):
        exchange.exchange(CITY, 1, 1, reference("A"), {"from": card_company})


def test_outstanding_limit_stops_a_partner_until_it_pays(desk, exchange, hanako, card_company):
    desk.accept(CARD, CARD_TERMS._replace(outstanding_limit=1_000))
    desk.exchange(card_company, 1, 1_000)
    with reverts("ExchangeOutstandingLimit", CITY, CARD, 1_001, 1_000):
        exchange.exchange(CITY, 1, 1, reference("A"), {"from": card_company})
    desk.act("recordReceipt", CITY, CARD, 300, reference("bank 1"))
    desk.exchange(card_company, 1, 300)
    with reverts("ExchangeOutstandingLimit", CITY, CARD, 1_001, 1_000):
        exchange.exchange(CITY, 1, 1, reference("A"), {"from": card_company})


def test_exchange_for_nobody_reverts(desk, exchange, residents, hanako, airline, act_maker):
    for number in (0, 2, 2**32 + 1):
        with reverts("ExchangeNoMembership", CITY, number):
            exchange.exchange(CITY, number, 1_000, reference("A"), {"from": airline})
    residents.closeMembership(CITY, 1, {"from": act_maker})
    with reverts("ExchangeNoMembership", CITY, 1):
        exchange.exchange(CITY, 1, 1_000, reference("A"), {"from": airline})


def test_exchange_by_nobody_s_key_reverts(desk, exchange, hanako, stranger, council):
    for caller in (stranger, council, hanako.account):
        with reverts("ExchangeNotPartner", caller):
            exchange.exchange(CITY, 1, 1_000, reference("A"), {"from": caller})


def test_exchange_by_a_suspended_partner_reverts(desk, exchange, hanako, airline):
    desk.act("suspendPartner", COUNCIL, AIRLINE)
    with reverts("ExchangePartnerSuspended", AIRLINE):
        exchange.exchange(CITY, 1, 1_000, reference("A"), {"from": airline})
    desk.act("resumePartner", COUNCIL, AIRLINE)
    desk.exchange(airline, 1, 1_000)


def test_exchange_with_a_key_the_town_has_not_accepted_reverts(desk, exchange, hanako, airline, relayer):
    """The council alone gives nobody the right to exchange."""
    desk.act("replacePartnerKey", COUNCIL, AIRLINE, relayer)
    with reverts("ExchangeNotPartner", airline):
        exchange.exchange(CITY, 1, 1_000, reference("A"), {"from": airline})
    with reverts("ExchangeKeyNotAccepted", CITY, AIRLINE, relayer):
        exchange.exchange(CITY, 1, 1_000, reference("A"), {"from": relayer})
    desk.accept(AIRLINE, CARD_TERMS)
    desk.exchange(relayer, 1, 1_000)


def test_reference_stays_used_after_a_new_key(desk, exchange, hanako, airline, relayer):
    exchange.exchange(CITY, 1, 1_000, reference("A"), {"from": airline})
    desk.act("replacePartnerKey", COUNCIL, AIRLINE, relayer)
    desk.accept(AIRLINE, CARD_TERMS)
    with reverts("ExchangeReferenceUsed", AIRLINE, reference("A")):
        exchange.exchange(CITY, 1, 1_000, reference("A"), {"from": relayer})


def test_bonus_is_on_top_and_kept_apart(desk, exchange, hanako, airline):
    desk.campaign(AIRLINE, campaign_of(1, 3, 10_000))
    done = exchange.exchange(CITY, 1, 2_000, reference("A"), {"from": airline})
    assert events(done)[0][5:8] == (2_000, 1_000, 333)
    assert desk.ledger(AIRLINE) == Ledger(held=1_000), "the town's own bonus is nothing that the partner owes"
    assert exchange.campaignOf(CITY, AIRLINE)[5] == 333


def test_bonus_that_the_partner_pays_counts_as_owed(desk, hanako, airline):
    desk.campaign(AIRLINE, campaign_of(1, 2, 10_000, by_partner=True))
    desk.exchange(airline, 1, 2_000)
    assert desk.ledger(AIRLINE) == Ledger(held=1_500)


def test_budget_of_a_campaign_is_never_passed(desk, exchange, hanako, airline):
    desk.campaign(AIRLINE, campaign_of(1, 2, 700))
    given = [exchange.holdingOf(desk.exchange(airline, 1, 2_000))[7] for _ in range(3)]
    assert given == [500, 200, 0]


def test_bonus_is_cut_to_what_one_lot_holds_with_the_points(desk, exchange, hanako, airline):
    roomy = Terms(maximum=2**31, daily_limit=2**32 - 1, yearly_limit=2**32 - 1, outstanding_limit=2**36)
    desk.accept(AIRLINE, roomy)
    desk.campaign(AIRLINE, campaign_of(1, 1, 10**9))
    holdings = [
        exchange.holdingOf(desk.exchange(airline, 1, points)) for points in (MAX_POINTS - 40, MAX_POINTS)
    ]
    assert [(held[6], held[7]) for held in holdings] == [(MAX_POINTS - 40, 40), (MAX_POINTS, 0)]
    assert exchange.campaignOf(CITY, AIRLINE)[5] == 40


def test_campaign_counts_from_its_first_second_to_its_last(desk, exchange, hanako, airline):
    campaign = campaign_of(1, 1, 10**9)._replace(start=now() + 100, until=now() + 200)
    desk.campaign(AIRLINE, campaign)
    bonuses = []
    for second in (campaign.start - 1, campaign.start, campaign.until - 1, campaign.until):
        travel_to(second)
        bonuses.append(exchange.holdingOf(desk.exchange(airline, 1, 1_000))[7])
    assert bonuses == [0, 500, 500, 0]
