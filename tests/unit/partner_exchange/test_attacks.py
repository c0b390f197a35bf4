"""What somebody might try: numbers too large for what they are kept in, a series that calls back."""

import random
from contextlib import closing

import pytest
from brownie import web3

from scripts.lib.exchange.coupons import coupon_key, new_code
from scripts.lib.exchange.terms import MAX_POINTS, HeldIssue, Ledger, Terms
from scripts.lib.node.event_log import read_events
from scripts.lib.node.rpc import Rpc
from scripts.lib.replays.exchange import ExchangeReplay
from tests.support.clock import travel
from tests.support.exchange_town import AIRLINE, CARD, DAY, LONG, campaign_of
from tests.support.harness import deploy_harness
from tests.support.reverts import describe_revert, reverts
from tests.support.town import CITY, NEIGHBOUR

ARITHMETIC_OVERFLOW = 0x11


@pytest.fixture
def replay(exchange, point):
    """`replay()` rebuilds the exchange from its events alone."""

    def replay():
        rebuilt = ExchangeReplay(exchange.address)
        with closing(Rpc(web3.provider.endpoint_uri)) as rpc:
            for event in read_events(rpc, [exchange.address, point.address]):
                rebuilt.apply(event)
        rebuilt.finish()
        return rebuilt

    return replay


def test_bonus_is_cut_to_what_a_lot_holds_and_the_replay_knows_it(
    desk, exchange, point, hanako, airline, stranger, replay
):
    """Or a large exchange in a campaign would wait for ever, and make the auditors' replay stop."""
    points = MAX_POINTS - 100
    desk.accept(
        AIRLINE, Terms(maximum=points, daily_limit=points, yearly_limit=points, outstanding_limit=points)
    )
    desk.campaign(AIRLINE, campaign_of(1, 1, 2**40))
    held = desk.exchange(airline, 1, points)
    travel(14 * DAY)
    exchange.sweep([held], {"from": stranger})
    assert point.balanceOf(hanako.account) == MAX_POINTS
    ledger = Ledger(exchanged=points, bonus=100)
    assert (desk.ledger(AIRLINE), replay().ledgers[CITY, AIRLINE]) == (ledger, ledger)


def test_coupons_of_one_call_cannot_add_up_to_more_than_the_ledger_can_tell(
    desk, exchange, hanako, card_company
):
    """2^40 + 1 points are not 1 point. Only a network with large blocks takes such a call."""
    points = [*[MAX_POINTS] * 2_048, 2_049]
    assert sum(points) == 2**40 + 1
    coupons = [(web3.to_checksum_address(f"{place:040x}"), each) for place, each in enumerate(points, 1)]
    with reverts("Panic", ARITHMETIC_OVERFLOW):
        exchange.issueCoupons.call(CITY, LONG, coupons, {"from": card_company, "gas": 100_000_000})


# ---------------------------------------------------------- a series that calls back


@pytest.fixture
def evil(desk, platform, officers, residents, council, hanako):
    """A series that the council has registered without looking; the city's exchanges go to it."""
    series = deploy_harness("ReentrantSeries", CITY, officers.address, residents.address)
    platform.registerSeries(CITY, series, {"from": council})
    desk.act("setExchangeSeries", CITY, series)
    return series


@pytest.fixture
def due(desk, evil, airline):
    """Two exchanges of 1,000 points that can be swept."""
    holdings = [desk.exchange(airline, 1, 2_000) for _ in range(2)]
    travel(14 * DAY)
    return holdings


def test_series_that_calls_back_with_the_same_sweep_delivers_each_once(desk, exchange, evil, due, stranger):
    evil.callBack(exchange.sweep.encode_input(due), [])
    done = exchange.sweep(due, {"from": stranger})
    assert [event["holding"] for event in done.events["Delivered"]] == [
        "0x" + held.hex() for held in due[::-1]
    ]
    assert [event["issue"] for event in done.events["Kept"]] == [HeldIssue.NOT_HELD] * 2
    assert desk.ledger(AIRLINE) == Ledger(exchanged=2_000)


def test_series_that_calls_back_and_then_refuses_has_changed_nothing(desk, exchange, evil, due, stranger):
    """What it brought about inside its refusal is undone with it."""
    evil.callBack(exchange.sweep.encode_input(due[1:]), [])
    evil.refuse(True)
    done = exchange.sweep(due[:1], {"from": stranger})
    assert [(event.name, event["issue"]) for event in done.events] == [("Kept", HeldIssue.REFUSED)]
    assert desk.ledger(AIRLINE) == Ledger(held=2_000)
    assert [exchange.holdingOf(held)[0] for held in due] == [1, 1]


def test_series_that_calls_back_to_name_another_town_is_told_that_nothing_is_held(
    desk, exchange, evil, due, hanako, hanako_there, stranger
):
    naming = desk.signed_naming(hanako.card.key, due[0], NEIGHBOUR, hanako_there.account)
    evil.callBack(exchange.nameMunicipality.encode_input(*naming), [])
    exchange.sweep(due[:1], {"from": stranger})
    assert describe_revert(evil.answer()) == f"ExchangeStopped({int(HeldIssue.NOT_HELD)})"


def test_series_that_calls_back_redeems_no_coupon_twice(desk, exchange, evil, card_company, stranger):
    code = new_code(random.Random(21).randrange)
    coupon = coupon_key(code).address
    exchange.issueCoupons(CITY, LONG, [(coupon, 500)], {"from": card_company})
    redemption = desk.redemption(CARD, code, CITY, 1)
    evil.callBack(exchange.redeem.encode_input(*redemption), [])
    exchange.redeem(*redemption, {"from": stranger})
    assert describe_revert(evil.answer()) == f"ExchangeCouponNotOpen({CARD}, {coupon.lower()})"
    assert desk.ledger(CARD) == Ledger(exchanged=500)
