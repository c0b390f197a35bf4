"""Accounts with many lots: 24 months (docs/decisions/0001), and 61 and NEVER, which is all there can be.

The account word queues six lots; the others wait in words of one half year each. Whatever the order in which
lots came, they are spent and lapse by month.
"""

import random

import pytest

from scripts.lib.expiry_rule import NEVER, ExpiryRule
from scripts.lib.reference.ledger import ReferenceLedger
from tests.support.clock import APRIL, now, to_month
from tests.support.reading import ZERO_ADDRESS, events, live_by_month, lots
from tests.support.reverts import reverts

TWO_YEARS = range(APRIL, APRIL + 24)
FIVE_YEARS = range(APRIL, APRIL + 61)
QUEUE = 6


def _shuffled(months, seed):
    return random.Random(seed).sample(months, len(months))


ORDERS = {
    "ascending": list,
    "descending": lambda months: list(reversed(months)),
    "shuffled": lambda months: _shuffled(months, 1),
}


def points_of(month):
    """A different number for each month, so that no two lots can be taken for one another."""
    return 100 + month - APRIL


def spent(months, amount):
    """What is left of lots {month: points_of(month)} after spending earliest first."""
    left = {}
    for month in sorted(months):
        taken = min(amount, points_of(month))
        amount -= taken
        if taken < points_of(month):
            left[month] = points_of(month) - taken
    return left


@pytest.fixture(params=ORDERS)
def two_years(request, grant, resident):
    """The resident has a lot in each of 24 months, granted in various orders."""
    grant(resident, {month: points_of(month) for month in ORDERS[request.param](TWO_YEARS)})


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("months", [TWO_YEARS, FIVE_YEARS], ids=["24", "61"])
def test_horizon_grants_in_any_order_are_held_by_month(point, grant, resident, order, months):
    grant(resident, {month: points_of(month) for month in ORDERS[order]([*months, NEVER])})
    held = lots(point, resident)
    assert list(held) == [*months, NEVER]
    assert held == {month: points_of(month) for month in held}
    assert point.balanceOf(resident) == sum(held.values())


@pytest.mark.parametrize("count", [1, QUEUE - 1, QUEUE, QUEUE + 1, 13, 23])
def test_horizon_payment_over_many_lots_spends_earliest_first(point, two_years, resident, shop, count):
    amount = sum(points_of(month) for month in TWO_YEARS[:count]) + 1
    point.transfer(shop, amount, {"from": resident})
    assert lots(point, resident) == spent(TWO_YEARS, amount)
    assert point.claimOf(shop) == (amount, 0, 0)


def test_horizon_payment_of_everything_leaves_nothing(point, two_years, resident, shop):
    point.transfer(shop, sum(map(points_of, TWO_YEARS)), {"from": resident})
    assert lots(point, resident) == {}
    assert not any(live_by_month(point, *TWO_YEARS))


def test_horizon_payment_of_more_than_everything_reverts(point, two_years, resident, shop):
    balance = sum(map(points_of, TWO_YEARS))
    with reverts("ERC20InsufficientBalance", resident, balance, balance + 1):
        point.transfer(shop, balance + 1, {"from": resident})


def test_horizon_small_payments_walk_through_all_lots(point, grant, resident, shop):
    grant(resident, {month: points_of(month) for month in _shuffled(TWO_YEARS, 3)})
    balance, paid = sum(map(points_of, TWO_YEARS)), 0
    while paid < balance:
        amount = min(97, balance - paid)
        point.transfer(shop, amount, {"from": resident})
        paid += amount
        assert lots(point, resident) == spent(TWO_YEARS, paid)


def test_horizon_61_lots_and_never_are_spent_in_one_payment(point, grant, resident, shop):
    grant(resident, {month: points_of(month) for month in _shuffled([*FIVE_YEARS, NEVER], 4)})
    balance = point.balanceOf(resident)
    payment = point.transfer(shop, balance, {"from": resident})
    assert events(payment) == [("Transfer", resident, shop, balance)]
    assert point.balanceOf(resident) == 0


@pytest.mark.parametrize("months_passed", [1, QUEUE - 1, QUEUE, QUEUE + 1, 9, 15, 23, 24])
def test_horizon_lapse_in_the_middle_leaves_the_later_lots(point, grant, resident, stranger, months_passed):
    grant(resident, {month: points_of(month) for month in _shuffled(TWO_YEARS, 5)})
    today = APRIL + months_passed
    to_month(today)
    live = {month: points_of(month) for month in TWO_YEARS if month >= today}
    assert lots(point, resident) == live
    recorded = events(point.recordLapse([resident], {"from": stranger}))
    expected = []
    for month in range(APRIL, today):
        expected.append(("Lapsed", resident, month, points_of(month)))
        expected.append(("Transfer", resident, ZERO_ADDRESS, points_of(month)))
    expected += [("MonthClosed", month, points_of(month)) for month in range(APRIL, today)]
    assert recorded == expected
    assert lots(point, resident) == live


@pytest.mark.parametrize("months_passed", [1, QUEUE, QUEUE + 3, 20])
def test_horizon_payment_after_lapses_inside_and_outside_the_queue_is_exact(
    point, grant, resident, shop, months_passed
):
    grant(resident, {month: points_of(month) for month in _shuffled(TWO_YEARS, 6)})
    to_month(APRIL + months_passed)
    live = TWO_YEARS[months_passed:]
    amount = points_of(live[0]) + 1
    point.transfer(shop, amount, {"from": resident})
    assert lots(point, resident) == spent(live, amount)


def test_horizon_payment_from_a_queue_emptied_long_ago_skips_ended_lots_outside(point, grant, resident, shop):
    """The queue is spent to the last point; the waiting half years then end one after the other."""
    grant(resident, {month: points_of(month) for month in TWO_YEARS})
    point.transfer(shop, sum(points_of(month) for month in TWO_YEARS[:QUEUE]), {"from": resident})
    to_month(APRIL + 14)
    payment = point.transfer(shop, 1, {"from": resident})
    lapsed = [event[2] for event in events(payment) if event[0] == "Lapsed"]
    assert lapsed == list(TWO_YEARS[QUEUE:14])
    assert lots(point, resident) == spent(TWO_YEARS[14:], 1)


def test_horizon_grant_into_an_emptied_queue_keeps_the_order(point, minter, grant, resident, shop):
    """With an empty queue and lots waiting outside, a new lot may end before, among or after those."""
    grant(resident, dict.fromkeys(TWO_YEARS[:12], 100))
    point.transfer(shop, 600, {"from": resident})
    for month in (APRIL, APRIL + 7, APRIL + 20, APRIL + 3):
        point.mintUntil(resident, 1, month, {"from": minter})
    expected = {APRIL: 1, APRIL + 3: 1, **dict.fromkeys(TWO_YEARS[6:12], 100), APRIL + 20: 1}
    expected[APRIL + 7] += 1
    assert list(lots(point, resident).items()) == sorted(expected.items())
    point.transfer(shop, 103, {"from": resident})
    assert min(lots(point, resident)) == APRIL + 7


def test_horizon_grant_beside_ended_lots_outside_an_empty_queue_keeps_both(
    point, minter, grant, resident, shop, stranger
):
    grant(resident, dict.fromkeys(TWO_YEARS[:12], 100))
    point.transfer(shop, 600, {"from": resident})
    month = APRIL + 8
    to_month(month)
    point.mintUntil(resident, 5, month + 1, {"from": minter})
    assert lots(point, resident) == {month: 100, month + 1: 105, month + 2: 100, month + 3: 100}
    recorded = events(point.recordLapse([resident], {"from": stranger}))
    lapsed = [event for event in recorded if event[0] == "Lapsed"]
    assert lapsed == [("Lapsed", resident, APRIL + 6, 100), ("Lapsed", resident, APRIL + 7, 100)]


def test_horizon_lots_with_gaps_of_years_are_spent_in_order(point, grant, resident, shop):
    months = [APRIL + gap for gap in (0, 1, 13, 14, 27, 33, 40, 47, 59, 60)]
    grant(resident, {month: points_of(month) for month in _shuffled([*months, NEVER], 7)})
    for count in range(1, len(months)):
        point.transfer(shop, points_of(months[count - 1]), {"from": resident})
        assert min(lots(point, resident)) == months[count]


def test_horizon_lot_pushed_out_of_the_queue_merges_with_a_later_grant(point, minter, grant, resident):
    months = [APRIL + i for i in range(1, QUEUE + 1)]
    grant(resident, dict.fromkeys(months, 100))
    point.mintUntil(resident, 1, APRIL, {"from": minter})  # pushes the sixth out
    point.mintUntil(resident, 50, months[-1], {"from": minter})
    assert lots(point, resident) == {APRIL: 1, **dict.fromkeys(months[:-1], 100), months[-1]: 150}


def test_horizon_61_lots_move_to_another_resident_with_their_months(
    point, grant, resident, other_resident, transfers_on
):
    held = {month: points_of(month) for month in FIVE_YEARS}
    grant(resident, held)
    point.transfer(other_resident, sum(held.values()), {"from": resident})
    assert lots(point, resident) == {}
    assert lots(point, other_resident) == held


def test_horizon_61_lots_moved_to_oneself_stay(point, grant, resident, transfers_on):
    held = {month: points_of(month) for month in FIVE_YEARS}
    grant(resident, held)
    point.transfer(resident, sum(held.values()), {"from": resident})
    assert lots(point, resident) == held


def test_horizon_two_series_of_lots_interleave_by_month(
    point, grant, resident, other_resident, shop, transfers_on
):
    even, odd = TWO_YEARS[::2], TWO_YEARS[1::2]
    grant(resident, {month: points_of(month) for month in even})
    grant(other_resident, {month: points_of(month) for month in odd})
    point.transfer(other_resident, sum(map(points_of, even)), {"from": resident})
    assert list(lots(point, other_resident)) == list(TWO_YEARS)


def test_horizon_rolls_on_through_three_years_of_monthly_grants_and_payments(point, minter, resident, shop):
    """Points for two years ahead every month; the payments fall behind, so that lots wait and lapse."""
    ledger = ReferenceLedger(now(), ExpiryRule.NEVER)
    ledger.increase_minter_allowance("minter", 10**6)
    ledger.approve_merchant("shop")
    for month in range(APRIL + 1, APRIL + 37):
        to_month(month)
        ledger.advance_to(now())
        point.mintUntil(resident, points_of(month), month + 23, {"from": minter})
        ledger.mint("minter", "resident", points_of(month), month + 23)
        if month % 3 == 0:
            point.transfer(shop, 99, {"from": resident})
            ledger.transfer("resident", "shop", 99)
        assert list(lots(point, resident).items()) == list(ledger.lots_of("resident").items())
    assert point.totalSupply() == ledger.total_supply()
    assert point.claimOf(shop) == ledger.claim_of("shop")
    lapsed = ledger.lapsed_by_month()
    assert lapsed, "no lot has lapsed: the test is not what it says"
    assert live_by_month(point, *lapsed) == list(lapsed.values())
