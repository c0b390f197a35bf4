"""What somebody might try: numbers too large for what they are kept in, a series that calls back, dear events."""

from contextlib import closing

import pytest
from brownie import web3

from scripts.lib.event_log import read_events
from scripts.lib.exchange_replay import ExchangeReplay
from scripts.lib.exchange_terms import MAX_POINTS, Ledger, Terms
from scripts.lib.rpc import Rpc
from tests.support.clock import travel
from tests.support.exchange_town import AIRLINE, DAY, LONG, campaign_of
from tests.support.reverts import reverts
from tests.support.town import CITY

ARITHMETIC_OVERFLOW = 0x11


@pytest.fixture
def replay(exchange):
    """`replay()` rebuilds the exchange from its events alone."""

    def replay():
        rebuilt = ExchangeReplay()
        with closing(Rpc(web3.provider.endpoint_uri)) as rpc:
            for event in read_events(rpc, [exchange.address]):
                rebuilt.apply(event)
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
