"""花子 has a membership in 川崎市, her home, and one in 高山市, and collects miles.

What she exchanges waits 14 days. She names 高山市 for some of it, the rest goes home; meanwhile the rate
changes, the series is paused, its allowance runs out and the airline leaves. Nothing is lost, doubled or
changed by that, and in the end what the exchange minted is what the airline owes. The officers act through
Officers, two by two and after the delays of their acts.
"""

import pytest

from scripts.lib.exchange.terms import HeldIssue, Ledger
from scripts.lib.roles import Role
from tests.support.acting import Acting
from tests.support.clock import HOUR, now, travel, travel_to
from tests.support.exchange_town import AIRLINE, AIRLINE_TERMS, DAY, reference
from tests.support.reverts import reverts
from tests.support.town import CITY, NEIGHBOUR

COUNCIL = 0
VETO = 48 * HOUR


@pytest.fixture(scope="module")
def hanako(desk, memberships):
    """Resident 1 of 川崎市."""
    [member] = memberships.join("Hanako")
    return member


@pytest.fixture(scope="module")
def council_acting(officers):
    return Acting(officers, COUNCIL)


@pytest.fixture
def miles(desk, airline):
    """`miles(2_000)` exchanges for her at home and returns the holding."""
    return lambda amount: desk.exchange(airline, 1, amount)


@pytest.fixture
def sweep(exchange, relayer):
    """`sweep(holding)` returns why the points stayed, or NONE."""

    def sweep(*holdings):
        events = exchange.sweep(holdings, {"from": relayer}).events
        return HeldIssue(events["Kept"]["issue"]) if "Kept" in events else HeldIssue.NONE

    return sweep


def test_points_named_on_the_13th_day_go_there_and_those_unnamed_go_home_on_the_14th_to_the_second(
    desk, exchange, point, neighbour_point, hanako, hanako_there, miles, sweep, relayer
):
    start = now()
    named, unnamed = miles(2_000), miles(4_000)
    travel_to(start + 13 * DAY)
    call = desk.signed_naming(hanako.card.key, named, NEIGHBOUR, hanako_there.account)
    exchange.nameMunicipality(*call, {"from": relayer})
    travel_to(start + 14 * DAY - 1)
    assert sweep(unnamed) == HeldIssue.NOT_DUE
    travel_to(start + 14 * DAY)
    assert sweep(unnamed) == HeldIssue.NONE
    assert sweep(named) == HeldIssue.NOT_HELD
    assert point.balanceOf(hanako.account) == 2_000
    assert neighbour_point.balanceOf(hanako_there.account) == 1_000
    assert desk.ledger(AIRLINE) == Ledger(exchanged=2_000)
    assert desk.ledger(AIRLINE, NEIGHBOUR) == Ledger(exchanged=1_000)


def test_points_wait_for_the_end_of_a_pause(acting, point, hanako, guardian, miles, sweep):
    held = miles(2_000)
    travel(14 * DAY)
    acting.perform(guardian, point, "pause", 72 * HOUR)
    assert sweep(held) == HeldIssue.PAUSED
    travel(72 * HOUR - 1)
    assert sweep(held) == HeldIssue.PAUSED
    travel(1)
    assert sweep(held) == HeldIssue.NONE
    assert point.balanceOf(hanako.account) == 1_000


def test_points_wait_for_a_larger_allowance(
    acting, exchange, point, hanako, city, second_admin, miles, sweep
):
    first, second = miles(2_000), miles(2_000)
    allowance, _ = point.minterOf(exchange)
    acting.perform(city, point, "decreaseMinterAllowance", exchange, allowance - 1_500)
    travel(14 * DAY)
    assert sweep(first, second) == HeldIssue.OUT_OF_ALLOWANCE
    assert point.balanceOf(hanako.account) == 1_000
    more = acting.propose(city, point, "increaseMinterAllowance", exchange, 500)
    acting.approve(second_admin, more)
    travel(VETO)
    acting.execute(city, more)
    assert sweep(second) == HeldIssue.NONE
    assert point.balanceOf(hanako.account) == 2_000


def test_rate_that_changes_in_between_changes_only_what_comes_after(
    acting, exchange, point, hanako, city, second_admin, airline, miles, sweep
):
    before = miles(2_000)
    terms = AIRLINE_TERMS._replace(numerator=1, denominator=4, start=now() + 7 * DAY)
    change = acting.propose(city, exchange, "acceptPartner", CITY, AIRLINE, airline, tuple(terms))
    acting.approve(second_admin, change)
    travel(VETO)
    acting.execute(city, change)
    travel_to(terms.start - 1)
    last_day = miles(2_000)
    travel(1)
    after = miles(2_000)
    travel(14 * DAY)
    assert sweep(before, last_day, after) == HeldIssue.NONE
    assert point.balanceOf(hanako.account) == 1_000 + 1_000 + 500


def test_one_admin_stops_the_partner_and_what_was_exchanged_is_honoured(
    acting,
    council_acting,
    council,
    officers,
    act_maker,
    desk,
    exchange,
    point,
    hanako,
    hanako_there,
    neighbour_point,
    city,
    airline,
    miles,
    sweep,
):
    home, named = miles(2_000), miles(2_000)
    acting.perform(city, exchange, "stopPartner", CITY, AIRLINE)
    with reverts("ExchangeNoTerms", CITY, AIRLINE):
        exchange.exchange(CITY, 1, 2_000, reference("late"), {"from": airline})
    desk.name(named, NEIGHBOUR, hanako_there.account, hanako.account)  # which still accepts the airline
    officers.acceptService(COUNCIL, exchange, {"from": act_maker})
    council_acting.perform(council, exchange, "suspendPartner", COUNCIL, AIRLINE)
    travel(14 * DAY)
    assert sweep(home) == HeldIssue.NONE
    assert point.balanceOf(hanako.account) == neighbour_point.balanceOf(hanako_there.account) == 1_000


def test_partner_that_does_not_pay_stops_at_its_limit_and_two_cashiers_let_it_go_on(
    acting, officers, act_maker, desk, exchange, hanako, airline, accounts, miles
):
    cashier, second = accounts[15], accounts[16]
    for officer, role in ((cashier, Role.CASHIER), (second, Role.SECOND_CASHIER)):
        officers.appoint(CITY, officer, role, 0, {"from": act_maker})
    travel(1)
    desk.accept(AIRLINE, AIRLINE_TERMS._replace(outstanding_limit=3_000))
    for _ in range(3):
        miles(2_000)
    receipt = (exchange, "recordReceipt", CITY, AIRLINE, 1_000, reference("bank 2025-04-20 001"))
    with reverts("ExchangeOutstandingLimit", CITY, AIRLINE, 4_000, 3_000):
        exchange.exchange(CITY, 1, 2_000, reference("one more"), {"from": airline})
    with reverts("OfficersNeedsSecond", exchange.recordReceipt.signature):
        acting.perform(cashier, *receipt)
    acting.together(cashier, second, *receipt)
    miles(2_000)
    again = acting.propose(cashier, *receipt)
    with reverts("ExchangeReceipt", CITY, receipt[-1]):
        acting.approve(second, again)


def test_what_was_minted_is_what_is_owed(
    desk, exchange, point, neighbour_point, hanako, hanako_there, miles, sweep
):
    holdings = [miles(2_000 + 100 * place) for place in range(6)]
    for holding in holdings[::2]:
        desk.name(holding, NEIGHBOUR, hanako_there.account, hanako.account)
    travel(14 * DAY)
    sweep(*holdings)
    for code, series in ((CITY, point), (NEIGHBOUR, neighbour_point)):
        ledger = desk.ledger(AIRLINE, code)
        assert ledger.held == 0
        assert series.minterOf(exchange)[1] == series.totalSupply() == ledger.exchanged + ledger.bonus
