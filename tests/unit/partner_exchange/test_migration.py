"""Points in the holding account while the town's series gives way to its successor."""

import pytest

from scripts.lib.exchange.terms import HeldIssue, Ledger
from tests.support.clock import travel
from tests.support.exchange_town import AIRLINE, ALLOWANCE, DAY
from tests.support.migration_fixtures import NOTICE
from tests.support.town import CITY


@pytest.fixture
def held_over(desk, point, successor, hanako, airline, act_maker, stranger):
    """Two exchanges of 1,000 points that were made in the last days and fall due after the closing."""
    point.announceSuccessor(successor, {"from": act_maker})
    travel(NOTICE - DAY)
    holdings = [desk.exchange(airline, 1, 2_000) for _ in range(2)]
    travel(DAY)
    point.closeForSuccessor({"from": stranger})
    travel(14 * DAY)
    return holdings


@pytest.fixture
def switched(desk, successor, exchange, act_maker):
    """`switched()`: the town's exchanges go to the successor from now on."""

    def switch():
        successor.increaseMinterAllowance(exchange, ALLOWANCE, {"from": act_maker})
        desk.act("setExchangeSeries", CITY, successor)

    return switch


def kept(transaction):
    return [HeldIssue(event["issue"]) for event in transaction.events["Kept"]]


def test_sweep_after_the_closing_mints_into_the_successor_once(
    desk, exchange, point, successor, hanako, held_over, switched, stranger
):
    switched()
    done = exchange.sweep([*held_over, held_over[0]], {"from": stranger})
    assert len(done.events["Delivered"]) == 2 and kept(done) == [HeldIssue.NOT_HELD]
    assert (successor.balanceOf(hanako.account), point.totalSupply()) == (2_000, 0)
    assert desk.ledger(AIRLINE) == Ledger(exchanged=2_000)


def test_sweep_before_the_switch_keeps_the_points_and_after_it_delivers_them(
    desk, exchange, successor, hanako, held_over, switched, stranger
):
    assert kept(exchange.sweep(held_over, {"from": stranger})) == [HeldIssue.REFUSED] * 2
    assert desk.ledger(AIRLINE) == Ledger(held=2_000)
    switched()
    exchange.sweep(held_over, {"from": stranger})
    assert successor.balanceOf(hanako.account) == 2_000


def test_carry_adds_what_was_swept_before_to_what_is_swept_after(
    desk, exchange, successor, hanako, airline, held_over, switched, carry, stranger
):
    """Nothing of the exchange goes over with the accounts: what is held is held by the service."""
    assert (successor.balanceOf(hanako.account), successor.carriedPoints()) == (0, (0, 0))
    switched()
    carry(hanako.account)
    exchange.sweep(held_over[:1], {"from": stranger})
    carry(hanako.account)
    exchange.sweep(held_over[1:], {"from": stranger})
    assert (successor.balanceOf(hanako.account), successor.carriedPoints()) == (2_000, (0, 0))
