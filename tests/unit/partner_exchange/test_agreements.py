"""What council and municipalities lay down: partners, terms, campaigns, receipts."""

import pytest

from scripts.lib.exchange.rules import RULES
from scripts.lib.exchange.terms import FOREVER, Campaign, Ledger, Terms
from tests.support.clock import now, travel, travel_to
from tests.support.exchange_town import AIRLINE, CARD, CARD_TERMS, DAY, campaign_of, reference
from tests.support.reading import ZERO_ADDRESS, events
from tests.support.reverts import reverts
from tests.support.town import CITY, NEIGHBOUR

COUNCIL = 0


def terms_of(exchange, partner=CARD, municipality=CITY):
    return [Terms(*each) for each in exchange.termsOf(municipality, partner)]


# ---------------------------------------------------------------------- partners


def test_register_partner_gives_the_next_number(desk, exchange, stranger):
    done = desk.act("registerPartner", COUNCIL, stranger, "でんき")
    assert events(done) == [("PartnerRegistered", 3, stranger, "でんき")]
    assert (exchange.partnerCount(), exchange.partnerOfKey(stranger), exchange.partnerOf(3)) == (
        3,
        3,
        (stranger, False),
    )


def test_key_that_is_or_was_a_partner_s_is_refused(desk, stranger, airline):
    desk.act("replacePartnerKey", COUNCIL, AIRLINE, stranger)
    for key in (stranger, airline, ZERO_ADDRESS):
        with reverts("ExchangeKeyTaken", key):
            desk.act("registerPartner", COUNCIL, key, "でんき")
        with reverts("ExchangeKeyTaken", key):
            desk.act("replacePartnerKey", COUNCIL, CARD, key)


def test_acts_of_the_council_in_a_municipality_s_name_are_refused(desk, stranger):
    """The act's rule asks for an Admin: a municipality's Admin must not get as far."""
    for function, arguments in (
        ("registerPartner", (stranger, "")),
        ("replacePartnerKey", (AIRLINE, stranger)),
        ("suspendPartner", (AIRLINE,)),
        ("resumePartner", (AIRLINE,)),
    ):
        with reverts("ExchangeNotCouncil", CITY):
            desk.act(function, CITY, *arguments)


def test_council_names_no_series_and_accepts_no_partner(desk, point, airline):
    with reverts("ExchangeForeignSeries", COUNCIL, point):
        desk.act("setExchangeSeries", COUNCIL, point)
    with reverts("ExchangeForeignSeries", COUNCIL, ZERO_ADDRESS):
        desk.act("setExchangeSeries", COUNCIL, ZERO_ADDRESS)
    with reverts("ExchangeForeignSeries", COUNCIL, ZERO_ADDRESS):
        desk.act("acceptPartner", COUNCIL, AIRLINE, airline, tuple(CARD_TERMS))


def test_acts_done_directly_are_refused_whoever_calls(desk, exchange, city, council, card_company):
    """Only Officers calls them, after the rule of the act."""
    acts = [
        ("registerPartner", (COUNCIL, ZERO_ADDRESS, "")),
        ("replacePartnerKey", (COUNCIL, CARD, ZERO_ADDRESS)),
        ("suspendPartner", (COUNCIL, CARD)),
        ("resumePartner", (COUNCIL, CARD)),
        ("setExchangeSeries", (CITY, ZERO_ADDRESS)),
        ("acceptPartner", (CITY, CARD, card_company, tuple(CARD_TERMS))),
        ("stopPartner", (CITY, CARD)),
        ("openCampaign", (CITY, CARD, tuple(campaign_of(1, 1, 1)))),
        ("endCampaign", (CITY, CARD)),
        ("setReturnPolicy", (CITY, 1)),
        ("recordReceipt", (CITY, CARD, 1, reference("bank"))),
        ("reverseReceipt", (CITY, reference("bank"))),
    ]
    assert {function for function, _ in acts} == set(RULES)
    for function, arguments in acts:
        for caller in (city, council, card_company):
            with reverts("ExchangeOnlyByAct", caller):
                getattr(exchange, function)(*arguments, {"from": caller})


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("suspendPartner", (COUNCIL, 3)),
        ("suspendPartner", (COUNCIL, 0)),
        ("acceptPartner", (CITY, 3, ZERO_ADDRESS, tuple(CARD_TERMS))),
        ("openCampaign", (CITY, 3, (0, 1, 1, 1, 1, 0, 0, False))),
        ("recordReceipt", (CITY, 3, 1, reference("bank"))),
    ],
)
def test_partner_that_is_none_is_refused(desk, function, arguments):
    with reverts("ExchangeUnknownPartner", arguments[1]):
        desk.act(function, *arguments)


def test_series_of_another_municipality_is_refused(desk, neighbour_point, stranger):
    for series in (neighbour_point, stranger):
        with reverts("ExchangeForeignSeries", CITY, series):
            desk.act("setExchangeSeries", CITY, series)


# ------------------------------------------------------------------------- terms


def test_accept_with_another_key_than_the_partner_s_reverts(desk, airline, stranger):
    """The key could have been replaced while the act waited."""
    with reverts("ExchangeOtherKey", AIRLINE, airline, stranger):
        desk.act("acceptPartner", CITY, AIRLINE, stranger, tuple(CARD_TERMS))


def test_terms_never_begin_before_now(desk, exchange, card_company):
    done = desk.accept(CARD, CARD_TERMS._replace(start=now() - DAY))
    assert Terms(*done.events["PartnerAccepted"]["terms"]).start == now()


def test_new_terms_hold_from_their_first_second_on(desk, exchange, hanako, card_company):
    change = now() + 10 * DAY
    desk.accept(CARD, CARD_TERMS._replace(start=change, numerator=2))
    travel_to(change - 1)
    desk.exchange(card_company, 1, 100)
    travel_to(change)
    desk.exchange(card_company, 1, 100)
    assert desk.ledger(CARD).held == 100 + 200


def test_terms_end_with_their_last_second(desk, exchange, hanako, card_company):
    end = now() + 100
    desk.accept(CARD, CARD_TERMS._replace(until=end))
    travel_to(end - 1)
    desk.exchange(card_company, 1, 100)
    travel_to(end)
    with reverts("ExchangeNoTerms", CITY, CARD):
        exchange.exchange(CITY, 1, 100, reference("A"), {"from": card_company})


def test_terms_that_have_ended_do_not_bring_back_those_before(desk, exchange, hanako, card_company):
    start = now() + 100
    desk.accept(CARD, CARD_TERMS._replace(start=start, until=start + 100))
    travel_to(start + 100)
    with reverts("ExchangeNoTerms", CITY, CARD):
        exchange.exchange(CITY, 1, 100, reference("A"), {"from": card_company})


def test_terms_to_come_fall_away_for_terms_that_begin_earlier(desk, exchange):
    before = terms_of(exchange)
    for days in (20, 30, 10):
        desk.accept(CARD, CARD_TERMS._replace(start=now() + days * DAY, numerator=days))
    assert terms_of(exchange) == [*before, CARD_TERMS._replace(start=now() + 10 * DAY, numerator=10)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"numerator": 0},
        {"denominator": 0},
        {"unit": 0},
        {"minimum": 11, "maximum": 10},
        {"daily_limit": 11, "yearly_limit": 10},
        {"expiry_months": 61},
        {"start": FOREVER},
        {"until": 1},
    ],
    ids=str,
)
def test_terms_that_contradict_themselves_are_refused(desk, wrong):
    with reverts("ExchangeInvalidTerms", CITY, CARD):
        desk.accept(CARD, CARD_TERMS._replace(**wrong))


def test_current_terms_are_those_of_this_second_or_none(desk, exchange):
    change, end = now() + 100, now() + 200
    desk.accept(CARD, CARD_TERMS._replace(start=change, until=end, numerator=2))
    for second, numerator in ((change - 1, 1), (change, 2), (end - 1, 2)):
        travel_to(second)
        assert Terms(*exchange.currentTerms(CITY, CARD)).numerator == numerator
    travel_to(end)
    with reverts("ExchangeNoTerms", CITY, CARD):
        exchange.currentTerms(CITY, CARD)


def test_key_is_accepted_by_the_towns_that_accepted_it_and_no_others(desk, exchange, card_company, stranger):
    desk.act("replacePartnerKey", COUNCIL, CARD, stranger)
    desk.accept(CARD, CARD_TERMS)
    asked = [(town, key) for town in (CITY, NEIGHBOUR) for key in (card_company, stranger)]
    assert [exchange.isKeyAccepted(town, CARD, key) for town, key in asked] == [True, True, True, False]


def test_stopped_partner_exchanges_nothing_from_that_second_on(desk, exchange, hanako, card_company):
    desk.accept(CARD, CARD_TERMS._replace(start=now() + 100))
    desk.act("stopPartner", CITY, CARD)
    for seconds in (0, 100):
        travel(seconds)
        with reverts("ExchangeNoTerms", CITY, CARD):
            exchange.exchange(CITY, 1, 100, reference("A"), {"from": card_company})


def test_partner_accepted_again_later_does_not_get_its_old_terms_back_before(
    desk, exchange, hanako, card_company
):
    travel(1)
    desk.act("stopPartner", CITY, CARD)
    desk.accept(CARD, CARD_TERMS._replace(start=now() + 100))
    with reverts("ExchangeNoTerms", CITY, CARD):
        exchange.exchange(CITY, 1, 100, reference("A"), {"from": card_company})
    travel(100)
    desk.exchange(card_company, 1, 100)


def test_stop_of_one_municipality_stops_no_other(desk, hanako_there, card_company):
    desk.act("stopPartner", CITY, CARD)
    desk.exchange(card_company, 2, 100, NEIGHBOUR)


def test_stop_of_a_partner_never_accepted_changes_nothing(desk, exchange, stranger):
    desk.act("registerPartner", COUNCIL, stranger, "でんき")
    desk.act("stopPartner", CITY, 3)
    assert terms_of(exchange, 3) == []


def test_town_that_has_left_the_service_takes_nothing_new_and_honours_the_rest(
    desk, exchange, point, officers, hanako, hanako_there, card_company, stranger, act_maker
):
    """One Admin leaves at once; nobody could stop the partner for the town any more."""
    held, there = desk.exchange(card_company, 1, 100), desk.exchange(card_company, 2, 100, NEIGHBOUR)
    officers.leaveService(CITY, exchange, {"from": act_maker})
    with reverts("ExchangeNoTerms", CITY, CARD):
        exchange.exchange(CITY, 1, 100, reference("A"), {"from": card_company})
    with reverts("ExchangeNoTerms", CITY, CARD):
        desk.name(there, CITY, hanako.account, hanako_there.account)
    travel(14 * DAY)
    exchange.sweep([held], {"from": stranger})
    assert point.balanceOf(hanako.account) == 100


# --------------------------------------------------------------------- campaigns


def test_open_campaign_counts_its_number_and_begins_with_its_whole_budget(desk, exchange):
    for number in (1, 2):
        opened = campaign_of(1, 10, 500)._replace(used=400, number=9)
        desk.campaign(CARD, opened)
        assert Campaign(*exchange.campaignOf(CITY, CARD)) == opened._replace(used=0, number=number)


@pytest.mark.parametrize(
    "wrong",
    [{"numerator": 0}, {"denominator": 0}, {"budget": 0}, {"until": 5}, {"start": 2**39, "until": 2**39}],
    ids=str,
)
def test_campaign_that_is_none_is_refused(desk, wrong):
    with reverts("ExchangeInvalidCampaign", CITY, CARD):
        desk.campaign(CARD, campaign_of(1, 10, 500)._replace(**wrong))


def test_ended_campaign_gives_nothing_from_that_second_on(desk, exchange, hanako, card_company):
    desk.campaign(CARD, campaign_of(1, 1, 500))
    done = desk.act("endCampaign", CITY, CARD)
    assert events(done) == [("CampaignEnded", CITY, CARD, 1)]
    held = desk.exchange(card_company, 1, 100)
    assert exchange.holdingOf(held)[7] == 0


# ---------------------------------------------------------------------- receipts


def test_receipt_is_recorded_once(desk, exchange):
    done = desk.act("recordReceipt", CITY, CARD, 700, reference("bank"))
    assert events(done) == [("ReceiptRecorded", CITY, CARD, "0x" + reference("bank").hex(), 700)]
    assert desk.ledger(CARD) == Ledger(received=700)
    assert exchange.receiptOf(CITY, reference("bank")) == (CARD, 700)
    for partner in (AIRLINE, CARD):
        with reverts("ExchangeReceipt", CITY, reference("bank")):
            desk.act("recordReceipt", CITY, partner, 700, reference("bank"))


def test_two_municipalities_may_have_the_same_bank_reference(desk):
    for code in (CITY, NEIGHBOUR):
        desk.act("recordReceipt", code, CARD, 700, reference("bank"))
    assert desk.ledger(CARD, NEIGHBOUR).received == 700


@pytest.mark.parametrize(("points", "name"), [(0, reference("bank")), (1, bytes(32))])
def test_receipt_of_nothing_or_without_a_reference_is_refused(desk, points, name):
    with reverts("ExchangeReceipt", CITY, name):
        desk.act("recordReceipt", CITY, CARD, points, name)


def test_receipt_is_reversed_once_and_recorded_anew(desk):
    desk.act("recordReceipt", CITY, CARD, 7_000, reference("bank"))
    done = desk.act("reverseReceipt", CITY, reference("bank"))
    assert events(done) == [("ReceiptReversed", CITY, CARD, "0x" + reference("bank").hex(), 7_000)]
    with reverts("ExchangeReceipt", CITY, reference("bank")):
        desk.act("reverseReceipt", CITY, reference("bank"))
    desk.act("recordReceipt", CITY, CARD, 700, reference("bank"))
    assert desk.ledger(CARD) == Ledger(received=700)


def test_receipts_and_what_is_owed_are_never_netted(desk, exchange, hanako, card_company, stranger):
    held = desk.exchange(card_company, 1, 1_000)
    desk.act("recordReceipt", CITY, CARD, 400, reference("bank"))
    travel(14 * DAY)
    exchange.sweep([held], {"from": stranger})
    assert desk.ledger(CARD) == Ledger(exchanged=1_000, received=400)
    assert exchange.outstandingOf(CITY, CARD) == desk.ledger(CARD).outstanding == 600


def test_what_was_paid_beforehand_lets_a_partner_without_credit_exchange(
    desk, exchange, hanako, card_company
):
    desk.accept(CARD, CARD_TERMS._replace(outstanding_limit=0))
    desk.act("recordReceipt", CITY, CARD, 400, reference("bank"))
    desk.exchange(card_company, 1, 400)
    with reverts("ExchangeOutstandingLimit", CITY, CARD, 1, 0):
        exchange.exchange(CITY, 1, 1, reference("A"), {"from": card_company})
