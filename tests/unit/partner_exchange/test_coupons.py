"""`issueCoupons`, `redeem` and `closeCoupons`: points for whoever holds a code."""

import random

import pytest

from scripts.lib.exchange.coupons import coupon_key, new_code
from scripts.lib.exchange.signatures import ExchangeDomain, sign_redemption
from scripts.lib.exchange.terms import MAX_POINTS, HeldIssue, Ledger
from tests.support.clock import APRIL, HOUR, now, travel
from tests.support.exchange_town import CARD, CARD_TERMS, DAY, LONG, campaign_of
from tests.support.reading import ZERO_ADDRESS, events, lots
from tests.support.reverts import reverts
from tests.support.town import CITY, NEIGHBOUR

ANY = 0
CODE, OTHER_CODE = (new_code(random.Random(seed).randrange) for seed in (11, 12))
COUPON, OTHER_COUPON = coupon_key(CODE).address, coupon_key(OTHER_CODE).address


@pytest.fixture
def issue(exchange, desk, hanako, card_company):
    """`issue()` issues the coupon of CODE, worth 500 points in 川崎市 for 30 days."""

    def issue(municipality=CITY, coupons=((COUPON, 500),), until=None):
        until = now() + 30 * DAY if until is None else until
        return exchange.issueCoupons(municipality, until, list(coupons), {"from": card_company})

    return issue


def test_issued_coupon_shows_its_key_points_town_and_last_day_and_nothing_else(desk, issue, exchange):
    done = issue()
    until = now() + 30 * DAY
    assert events(done) == [("CouponIssued", CARD, COUPON, CITY, 500, until)]
    assert exchange.couponOf(CARD, COUPON)[1:] == (500, CITY, until)
    assert desk.ledger(CARD) == Ledger(coupons=500)


def test_redeem_mints_for_the_resident_at_once(desk, issue, exchange, point, hanako, relayer):
    issue()
    done = exchange.redeem(*desk.redemption(CARD, CODE, CITY, 1), {"from": relayer})
    assert ("CouponRedeemed", CARD, COUPON, CITY, 1, hanako.account, 500, APRIL + 12) in events(done)
    assert lots(point, hanako.account) == {APRIL + 12: 500}
    assert desk.ledger(CARD) == Ledger(exchanged=500)
    assert exchange.usedOf(CITY, CARD, 1) == (500, 500)


def test_coupon_redeems_once(desk, issue, exchange, memberships, relayer):
    issue()
    memberships.join("Jiro")
    exchange.redeem(*desk.redemption(CARD, CODE, CITY, 1), {"from": relayer})
    for number in (1, 2):
        with reverts("ExchangeCouponNotOpen", CARD, COUPON):
            exchange.redeem(*desk.redemption(CARD, CODE, CITY, number), {"from": relayer})


def test_watcher_cannot_redeem_for_another_resident_what_it_sees(
    desk, issue, exchange, memberships, hanako_there, relayer
):
    """It sees the whole call before it is mined: all that it can do is to send it itself."""
    issue(ANY)
    memberships.join("Mallory")
    *_, signature = desk.redemption(CARD, CODE, CITY, 1)
    for stolen in (
        (CARD, COUPON, CITY, 2, signature),
        (CARD, COUPON, NEIGHBOUR, 2, signature),
        (CARD, COUPON, CITY, 2, b""),
        (CARD, COUPON, CITY, 2, signature[:64]),
        (CARD, COUPON, CITY, 2, bytes(65)),
    ):
        with reverts("ExchangeWrongSignature", COUPON):
            exchange.redeem(*stolen, {"from": relayer})


def test_signature_for_another_contract_or_chain_redeems_nothing(desk, issue, exchange, residents, relayer):
    issue()
    for domain in (
        desk.domain._replace(exchange=residents.address),
        ExchangeDomain(desk.domain.chain_id + 1, exchange.address),
    ):
        signature = sign_redemption(domain, coupon_key(CODE), CARD, CITY, 1)
        with reverts("ExchangeWrongSignature", COUPON):
            exchange.redeem(CARD, COUPON, CITY, 1, signature, {"from": relayer})


def test_code_that_was_not_issued_redeems_nothing(desk, issue, exchange, relayer):
    issue()
    with reverts("ExchangeCouponNotOpen", CARD, OTHER_COUPON):
        exchange.redeem(*desk.redemption(CARD, OTHER_CODE, CITY, 1), {"from": relayer})


def test_partner_cannot_redeem_without_the_code(desk, issue, exchange, card_company):
    issue()
    signature = sign_redemption(desk.domain, coupon_key(OTHER_CODE), CARD, CITY, 1)
    with reverts("ExchangeWrongSignature", COUPON):
        exchange.redeem(CARD, COUPON, CITY, 1, signature, {"from": card_company})


def test_coupon_of_one_town_is_refused_in_another(desk, issue, exchange, hanako_there, relayer):
    issue()
    with reverts("ExchangeCouponElsewhere", COUPON, CITY):
        exchange.redeem(*desk.redemption(CARD, CODE, NEIGHBOUR, 2), {"from": relayer})


def test_coupon_for_any_town_is_owed_where_it_is_redeemed(
    desk, issue, exchange, hanako_there, neighbour_point, relayer
):
    issue(ANY)
    assert (desk.ledger(CARD, ANY), desk.ledger(CARD)) == (Ledger(coupons=500), Ledger())
    exchange.redeem(*desk.redemption(CARD, CODE, NEIGHBOUR, 2), {"from": relayer})
    assert (desk.ledger(CARD, ANY), desk.ledger(CARD, NEIGHBOUR)) == (Ledger(), Ledger(exchanged=500))
    assert neighbour_point.balanceOf(hanako_there.account) == 500


def test_redeem_after_the_last_second_reverts(desk, issue, exchange, relayer):
    issue(until=now() + 100)
    travel(101)
    with reverts("ExchangeCouponExpired", COUPON, now() - 1):
        exchange.redeem(*desk.redemption(CARD, CODE, CITY, 1), {"from": relayer})


def test_redeem_at_the_last_second_succeeds(desk, issue, exchange, relayer):
    issue(until=now() + 100)
    travel(100)
    exchange.redeem(*desk.redemption(CARD, CODE, CITY, 1), {"from": relayer})


def test_redeem_beyond_the_resident_s_limit_reverts(desk, issue, exchange, relayer):
    issue(coupons=[(COUPON, 500), (OTHER_COUPON, 500)])
    desk.accept(CARD, CARD_TERMS._replace(daily_limit=900))
    exchange.redeem(*desk.redemption(CARD, CODE, CITY, 1), {"from": relayer})
    with reverts("ExchangeDailyLimit", CITY, 1, 400, 500):
        exchange.redeem(*desk.redemption(CARD, OTHER_CODE, CITY, 1), {"from": relayer})
    travel(DAY)
    exchange.redeem(*desk.redemption(CARD, OTHER_CODE, CITY, 1), {"from": relayer})


def test_coupons_and_exchanges_share_one_limit(desk, issue, exchange, card_company, relayer):
    issue()
    desk.accept(CARD, CARD_TERMS._replace(daily_limit=900))
    desk.exchange(card_company, 1, 401)
    with reverts("ExchangeDailyLimit", CITY, 1, 499, 500):
        exchange.redeem(*desk.redemption(CARD, CODE, CITY, 1), {"from": relayer})


def test_redeem_for_nobody_in_a_pause_or_for_a_frozen_account_reverts(
    desk, issue, exchange, point, hanako, relayer, act_maker
):
    issue()
    with reverts("ExchangeStopped", HeldIssue.NO_MEMBERSHIP):
        exchange.redeem(*desk.redemption(CARD, CODE, CITY, 2), {"from": relayer})
    point.pause(HOUR, {"from": act_maker})
    with reverts("ExchangeStopped", HeldIssue.PAUSED):
        exchange.redeem(*desk.redemption(CARD, CODE, CITY, 1), {"from": relayer})
    point.unpause({"from": act_maker})
    point.freeze(hanako.account, {"from": act_maker})
    with reverts("ExchangeStopped", HeldIssue.ACCOUNT_STOPPED):
        exchange.redeem(*desk.redemption(CARD, CODE, CITY, 1), {"from": relayer})
    assert exchange.couponOf(CARD, COUPON)[1] == 500, "the coupon is still good"


def test_redeem_after_the_partner_has_left_reverts(desk, issue, exchange, relayer):
    issue()
    desk.act("stopPartner", CITY, CARD)
    with reverts("ExchangeNoTerms", CITY, CARD):
        exchange.redeem(*desk.redemption(CARD, CODE, CITY, 1), {"from": relayer})


def test_redeem_beyond_what_the_partner_may_owe_reverts(desk, issue, exchange, relayer):
    issue(ANY)
    desk.accept(CARD, CARD_TERMS._replace(outstanding_limit=499))
    with reverts("ExchangeOutstandingLimit", CITY, CARD, 500, 499):
        exchange.redeem(*desk.redemption(CARD, CODE, CITY, 1), {"from": relayer})


def test_redeem_adds_no_bonus(desk, issue, exchange, point, hanako, relayer):
    issue()
    desk.campaign(CARD, campaign_of(1, 1, 10_000))
    exchange.redeem(*desk.redemption(CARD, CODE, CITY, 1), {"from": relayer})
    assert point.balanceOf(hanako.account) == 500


def test_redeem_goes_to_the_new_card_of_the_resident_named(
    desk, issue, exchange, point, residents, memberships, hanako, relayer, act_maker
):
    issue()
    call = desk.redemption(CARD, CODE, CITY, 1)
    card = memberships.card("Hanako's second")
    signature = memberships.signature(card, hanako.commitment)
    residents.startReplacement(CITY, 1, card.account, signature, {"from": act_maker})
    travel(3 * DAY)
    residents.completeReplacement(CITY, 1, {"from": relayer})
    exchange.redeem(*call, {"from": relayer})
    assert point.balanceOf(card.account) == 500


# ------------------------------------------------------------------- issue, close


def test_issue_beyond_what_the_partner_may_owe_the_town_reverts(desk, issue):
    desk.accept(CARD, CARD_TERMS._replace(outstanding_limit=999))
    with reverts("ExchangeOutstandingLimit", CITY, CARD, 1_000, 999):
        issue(coupons=[(COUPON, 500), (OTHER_COUPON, 500)])


@pytest.mark.parametrize("coupon", [(ZERO_ADDRESS, 1), (COUPON, 0), (COUPON, MAX_POINTS + 1)])
def test_issue_of_an_impossible_coupon_reverts(issue, coupon):
    with reverts("ExchangeInvalidCoupon", coupon[0]):
        issue(coupons=[coupon])


def test_issue_of_a_coupon_issued_before_reverts_also_after_it_was_used(desk, issue, exchange, relayer):
    with reverts("ExchangeInvalidCoupon", COUPON):
        issue(coupons=[(COUPON, 1), (COUPON, 1)])
    issue()
    exchange.redeem(*desk.redemption(CARD, CODE, CITY, 1), {"from": relayer})
    with reverts("ExchangeInvalidCoupon", COUPON):
        issue()


def test_issue_of_an_expired_coupon_reverts(issue):
    with reverts("ExchangeCouponExpired", COUPON, now() - 1):
        issue(until=now() - 1)


def test_issue_by_nobody_or_for_a_town_that_has_not_accepted_reverts(desk, issue, exchange, stranger):
    with reverts("ExchangeNotPartner", stranger):
        exchange.issueCoupons(CITY, LONG, [(COUPON, 1)], {"from": stranger})
    with reverts("ExchangeNoTerms", 362018, CARD):
        issue(362018)
    desk.act("suspendPartner", 0, CARD)
    with reverts("ExchangePartnerSuspended", CARD):
        issue()


def test_another_partner_cannot_take_a_coupon_s_key(desk, issue, exchange, airline):
    """Whoever copies the key out of a call not mined yet gets a coupon of their own."""
    exchange.issueCoupons(ANY, LONG, [(COUPON, 1)], {"from": airline})
    issue()
    assert exchange.couponOf(CARD, COUPON)[1] == 500


def test_lost_coupon_is_cancelled_and_its_points_leave_the_partner_s_ledger(
    desk, issue, exchange, card_company, relayer
):
    issue()
    done = exchange.closeCoupons(CARD, [COUPON], {"from": card_company})
    assert events(done) == [("CouponClosed", CARD, COUPON, CITY, 500, False)]
    assert desk.ledger(CARD) == Ledger()
    with reverts("ExchangeCouponNotOpen", CARD, COUPON):
        exchange.redeem(*desk.redemption(CARD, CODE, CITY, 1), {"from": relayer})


def test_close_of_a_coupon_not_expired_by_anybody_else_reverts(desk, issue, exchange, stranger, airline):
    issue(until=now() + 100)
    travel(100)
    for caller in (stranger, airline):
        with reverts("ExchangeCouponNotExpired", COUPON, now()):
            exchange.closeCoupons(CARD, [COUPON], {"from": caller})


def test_expired_coupon_is_closed_by_anybody(desk, issue, exchange, stranger):
    issue(ANY, until=now() + 100)
    travel(101)
    done = exchange.closeCoupons(CARD, [COUPON], {"from": stranger})
    assert events(done) == [("CouponClosed", CARD, COUPON, ANY, 500, True)]
    assert desk.ledger(CARD, ANY) == Ledger()


def test_close_passes_over_what_is_closed_or_redeemed(desk, issue, exchange, card_company, relayer):
    """Or whoever redeems one coupon of a list could stop the others from being cancelled."""
    issue(coupons=[(COUPON, 500), (OTHER_COUPON, 300)])
    exchange.redeem(*desk.redemption(CARD, CODE, CITY, 1), {"from": relayer})
    exchange.closeCoupons(CARD, [COUPON, OTHER_COUPON, OTHER_COUPON], {"from": card_company})
    assert desk.ledger(CARD) == Ledger(exchanged=500)


# ------------------------------------------------------------------- replaced keys


def test_coupons_of_a_key_the_town_accepted_stay_good_after_a_new_key(
    desk, issue, exchange, relayer, stranger
):
    issue()
    desk.act("replacePartnerKey", 0, CARD, stranger)
    exchange.redeem(*desk.redemption(CARD, CODE, CITY, 1), {"from": relayer})


def test_coupons_of_a_key_the_town_never_accepted_are_refused(
    desk, exchange, hanako, relayer, stranger, newcomer
):
    """A key that the council alone put in place makes no points, not even after the next is accepted."""
    desk.act("replacePartnerKey", 0, CARD, stranger)
    exchange.issueCoupons(ANY, LONG, [(COUPON, 500)], {"from": stranger})
    desk.act("replacePartnerKey", 0, CARD, newcomer)
    desk.accept(CARD, CARD_TERMS)
    with reverts("ExchangeKeyNotAccepted", CITY, CARD, stranger):
        exchange.redeem(*desk.redemption(CARD, CODE, CITY, 1), {"from": relayer})


def test_key_that_was_replaced_cancels_no_coupon(desk, issue, exchange, card_company, stranger):
    """Whoever stole it could take coupons out of residents' hands."""
    issue()
    desk.act("replacePartnerKey", 0, CARD, stranger)
    with reverts("ExchangeCouponNotExpired", COUPON, exchange.couponOf(CARD, COUPON)[3]):
        exchange.closeCoupons(CARD, [COUPON], {"from": card_company})
    exchange.closeCoupons(CARD, [COUPON], {"from": stranger})
    assert desk.ledger(CARD) == Ledger()


def test_coupons_of_a_suspended_partner_wait_and_can_be_cancelled(
    desk, issue, exchange, card_company, relayer
):
    issue(coupons=[(COUPON, 500), (OTHER_COUPON, 300)])
    desk.act("suspendPartner", 0, CARD)
    with reverts("ExchangePartnerSuspended", CARD):
        exchange.redeem(*desk.redemption(CARD, CODE, CITY, 1), {"from": relayer})
    exchange.closeCoupons(CARD, [OTHER_COUPON], {"from": card_company})
    desk.act("resumePartner", 0, CARD)
    exchange.redeem(*desk.redemption(CARD, CODE, CITY, 1), {"from": relayer})
    assert desk.ledger(CARD) == Ledger(exchanged=500)
