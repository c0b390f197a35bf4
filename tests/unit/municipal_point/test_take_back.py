"""`takeBack`: a minter takes back what it granted, as far as the lot goes, and never more than it minted."""

import pytest

from tests.support.clock import APRIL, HOUR, JULY, JUNE, MAY, to_month
from tests.support.reading import ZERO_ADDRESS, events, live_by_month, lots
from tests.support.reverts import reverts


@pytest.fixture
def take_back(point, minter):
    def take_back_now(account, points, month, by=minter):
        return point.takeBack(account, points, month, {"from": by})

    return take_back_now


@pytest.fixture
def second_minter(point, act_maker, other_minter):
    point.increaseMinterAllowance(other_minter, 1000, {"from": act_maker})
    return other_minter


def test_take_back_takes_points_out_of_one_lot(point, grant, take_back, minter, resident):
    grant(resident, {JUNE: 100, JULY: 50})
    taking = take_back(resident, 30, JUNE)
    assert taking.return_value == 30
    assert events(taking) == [
        ("TakenBack", minter, resident, JUNE, 30),
        ("Transfer", resident, ZERO_ADDRESS, 30),
    ]
    assert lots(point, resident) == {JUNE: 70, JULY: 50}
    assert (live_by_month(point, JUNE, JULY), point.totalSupply()) == ([70, 50], 120)


def test_take_back_of_more_than_the_lot_holds_takes_what_there_is(
    point, grant, take_back, minter, resident, shop
):
    """What was spent is not taken back, and not out of other months."""
    grant(resident, {JUNE: 100, JULY: 50})
    point.transfer(shop, 30, {"from": resident})
    assert take_back(resident, 100, JUNE).return_value == 70
    assert (lots(point, resident), point.takenBackBy(minter)) == ({JULY: 50}, 70)


def test_take_back_from_an_empty_lot_takes_nothing_and_says_nothing(point, grant, take_back, resident):
    grant(resident, {JULY: 50})
    taking = take_back(resident, 50, JUNE)
    assert (taking.return_value, events(taking)) == (0, [])


@pytest.mark.parametrize("count", [1, 6, 7, 24])
def test_take_back_of_a_whole_lot_wherever_it_waits_leaves_the_others(
    point, grant, take_back, resident, count
):
    held = {APRIL + place: 10 + place for place in range(count)}
    grant(resident, held)
    last = max(held)
    take_back(resident, held.pop(last), last)
    assert lots(point, resident) == held


WAITING = {APRIL + place: 10 for place in range(12)}
"""More lots than an account queues: those from October on wait in words of half a year."""


@pytest.mark.parametrize(
    ("month", "points", "taken"),
    [
        (APRIL + 11, 4, 4),  # a part
        (APRIL + 12, 4, 0),  # a month without a lot, in a half year with some
        (APRIL + 20, 4, 0),  # in a half year without any
        (APRIL + 11, 11, 10),  # more than there is
    ],
)
def test_take_back_from_a_lot_that_waits_takes_what_it_has(
    point, grant, take_back, resident, month, points, taken
):
    grant(resident, WAITING)
    assert take_back(resident, points, month).return_value == taken
    left = {held: there - taken * (held == month) for held, there in WAITING.items()}
    assert lots(point, resident) == {held: there for held, there in left.items() if there}


def test_take_back_of_a_half_year_s_only_lot_leaves_the_other_half_years(
    point, grant, take_back, resident, shop
):
    grant(resident, WAITING)
    grant(resident, {APRIL + 24: 10})
    take_back(resident, 10, APRIL + 24)
    assert lots(point, resident) == WAITING
    point.transfer(shop, 120, {"from": resident})
    assert point.balanceOf(resident) == 0


def test_take_back_is_bounded_by_what_the_minter_minted_in_its_life(
    point, grant, take_back, minter, second_minter, resident, other_resident
):
    grant(resident, {JUNE: 1000})
    point.mintUntil(other_resident, 100, JUNE, {"from": second_minter})
    take_back(resident, 60, JUNE, by=second_minter)
    with reverts("PointTakeBackTooLarge", second_minter, 40, 41):
        take_back(resident, 41, JUNE, by=second_minter)
    take_back(resident, 40, JUNE, by=second_minter)
    with reverts("PointTakeBackTooLarge", second_minter, 0, 1):
        take_back(resident, 1, JUNE, by=second_minter)
    assert (point.takenBackBy(second_minter), point.takenBackBy(minter)) == (100, 0)


def test_take_back_makes_no_room_in_the_minter_s_allowance(point, grant, take_back, minter, resident):
    grant(resident, {JUNE: 100})
    before = point.minterOf(minter)
    take_back(resident, 100, JUNE)
    assert point.minterOf(minter) == before


def test_take_back_by_a_minter_who_was_removed_and_accepted_again_goes_on_counting(
    point, take_back, second_minter, resident, act_maker
):
    point.mintUntil(resident, 100, JUNE, {"from": second_minter})
    take_back(resident, 60, JUNE, by=second_minter)
    point.removeMinter(second_minter, {"from": act_maker})
    with reverts("PointNotMinter", second_minter):
        take_back(resident, 1, JUNE, by=second_minter)
    point.increaseMinterAllowance(second_minter, 5, {"from": act_maker})
    assert (point.minterOf(second_minter), point.takenBackBy(second_minter)) == ((5, 100), 60)
    with reverts("PointTakeBackTooLarge", second_minter, 40, 41):
        take_back(resident, 41, JUNE, by=second_minter)


def test_take_back_does_not_touch_the_minter_s_reserve(point, grant, take_back, minter, resident):
    """The next grant out of the reserve writes no supply word, and the month's points stay exact."""
    grant(resident, {JUNE: 100})
    take_back(resident, 40, JUNE)
    point.mintUntil(resident, 7, JUNE, {"from": minter})
    assert (lots(point, resident), live_by_month(point, JUNE)) == ({JUNE: 67}, [67])


def test_take_back_from_a_frozen_account_is_possible(point, grant, take_back, resident, act_maker):
    grant(resident, {JUNE: 100})
    point.freeze(resident, {"from": act_maker})
    take_back(resident, 100, JUNE)
    assert (point.balanceOf(resident), point.frozenOf(resident)) == (0, (True, False))


def test_take_back_from_a_merchant_takes_nothing(point, grant, take_back, resident, shop):
    grant(resident, {JUNE: 100})
    point.transfer(shop, 100, {"from": resident})
    assert take_back(shop, 1, JUNE).return_value == 0
    assert point.claimOf(shop) == (100, 0, 0)


@pytest.mark.parametrize("month", [APRIL, MAY + 61, 2**200])
def test_take_back_of_a_month_out_of_range_reverts(point, grant, take_back, resident, month):
    grant(resident, {APRIL: 100})
    to_month(MAY)
    with reverts("PointExpiryOutOfRange", month, MAY, MAY + 60):
        take_back(resident, 1, month)


def test_take_back_while_paused_reverts(point, grant, take_back, resident, act_maker):
    grant(resident, {JUNE: 100})
    point.pause(HOUR, {"from": act_maker})
    for points in (0, 1):
        with reverts("PointPaused", point.pausedUntil()):
            take_back(resident, points, JUNE)


def test_take_back_by_a_stranger_reverts(point, grant, take_back, resident, stranger):
    grant(resident, {JUNE: 100})
    with reverts("PointNotMinter", stranger):
        take_back(resident, 1, JUNE, by=stranger)
