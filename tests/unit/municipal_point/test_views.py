"""What can be asked of a series, at any second."""

import pytest

from scripts.lib.expiry_rule import NEVER
from scripts.lib.japan_calendar import month_from_text
from tests.support.clock import (
    APRIL,
    FEBRUARY,
    JANUARY,
    JULY,
    JUNE,
    MARCH,
    MAY,
    to_month,
    to_month_end,
)
from tests.support.reading import ZERO_ADDRESS, lots
from tests.support.town import CITY

DAY = 24 * 60 * 60
UNLIMITED = 2**256 - 1


def test_municipality_and_officers_are_those_of_the_town(point, officers):
    assert (point.municipality(), point.officers()) == (CITY, officers)


def test_name_and_symbol_are_those_of_the_plan(point):
    assert (point.name(), point.symbol()) == ("川崎げんきポイント", "GENKI")


# ----------------------------------------------------------------------------------------------------- EPOCHS


def test_current_epoch_is_the_month_in_japan(point):
    assert point.currentEpoch() == APRIL
    to_month_end(APRIL)
    assert point.currentEpoch() == APRIL
    to_month_end(APRIL, 1)
    assert point.currentEpoch() == MAY


@pytest.mark.parametrize(
    ("text", "days"), [("2025-06", 30), ("2025-12", 31), ("2026-02", 28), ("2028-02", 29)]
)
def test_epoch_length_is_that_of_the_month(point, text, days):
    to_month_end(month_from_text(text))
    assert point.epochLength() == days * DAY


def test_is_epoch_expired_only_after_the_last_second(point):
    assert not point.isEpochExpired(APRIL)
    assert point.isEpochExpired(APRIL - 1)
    to_month_end(APRIL)
    assert not point.isEpochExpired(APRIL)
    to_month_end(APRIL, 1)
    assert point.isEpochExpired(APRIL)
    assert not point.isEpochExpired(MAY)
    assert not point.isEpochExpired(NEVER)


def test_balance_of_at_epoch_is_the_lot_of_the_month(point, grant, resident):
    grant(resident, {JUNE: 10, JULY: 20, NEVER: 30})
    assert [point.balanceOfAtEpoch(month, resident) for month in (MAY, JUNE, JULY, NEVER)] == [0, 10, 20, 30]
    assert point.balanceOfAtEpoch(UNLIMITED, resident) == 0


def test_balance_of_at_epoch_is_zero_once_it_has_ended(point, grant, resident):
    grant(resident, {JUNE: 10})
    to_month_end(JUNE)
    assert point.balanceOfAtEpoch(JUNE, resident) == 10
    to_month_end(JUNE, 1)
    assert point.balanceOfAtEpoch(JUNE, resident) == 0


def test_balance_of_at_epoch_finds_lots_outside_the_queue(point, grant, resident):
    grant(resident, {APRIL + i: 10 + i for i in range(20)})
    assert [point.balanceOfAtEpoch(APRIL + i, resident) for i in range(20)] == [10 + i for i in range(20)]


# -------------------------------------------------------------------------------------------------- WHAT ENDS


@pytest.mark.parametrize(
    ("month", "expected"),
    [(0, 0), (JUNE, 0), (JUNE + 1, 10), (JULY + 1, 30), (NEVER, 30), (NEVER + 1, 60), (UNLIMITED, 60)],
)
def test_ending_before_a_month_counts_what_ends_earlier(point, grant, resident, month, expected):
    grant(resident, {JUNE: 10, JULY: 20, NEVER: 30})
    assert point.endingBefore(resident, month) == expected


def test_ending_before_leaves_ended_lots_out(point, grant, resident):
    grant(resident, {APRIL: 5, JUNE: 10})
    to_month(MAY)
    assert point.endingBefore(resident, JULY) == 10


def test_ending_before_of_a_merchant_is_nothing_because_claims_do_not_end(point, grant, resident, shop):
    grant(resident, {JUNE: 10})
    point.transfer(shop, 10, {"from": resident})
    for month in (0, JULY, NEVER, NEVER + 1):
        assert point.endingBefore(shop, month) == 0


def test_points_ending_with_an_ended_month_is_what_lapsed(point, grant, resident, shop):
    grant(resident, {APRIL: 100, MAY: 50})
    point.transfer(shop, 30, {"from": resident})
    assert point.pointsEndingWith(APRIL) == 70
    to_month(JUNE)
    assert (point.pointsEndingWith(APRIL), point.pointsEndingWith(MAY)) == (70, 50)
    point.recordLapse([resident], {"from": resident})
    assert (point.pointsEndingWith(APRIL), point.pointsEndingWith(MAY)) == (70, 50)


def test_points_ending_with_a_month_nobody_has_is_zero(point):
    for month in (0, APRIL, APRIL + 60, NEVER - 1, NEVER):
        assert point.pointsEndingWith(month) == 0


def test_points_ending_with_a_month_beyond_never_is_zero(point, grant, resident):
    """No points can end there: the answer is 0 and not a revert, so that a reader may ask for any epoch."""
    grant(resident, {NEVER: 10})
    for month in (NEVER + 1, 2**11 + JUNE, UNLIMITED):
        assert point.pointsEndingWith(month) == 0


# ------------------------------------------------------------------------------------------------------- LOTS


def test_lots_of_comes_earliest_first(point, grant, resident):
    grant(resident, {NEVER: 1, MARCH: 2, JUNE: 3, JANUARY: 4})
    assert point.lotsOf(resident) == ((JUNE, JANUARY, MARCH, NEVER), (3, 4, 2, 1))


def test_lots_of_leaves_ended_ones_out(point, grant, resident):
    grant(resident, {APRIL: 1, MAY: 2, JUNE: 3})
    to_month_end(MAY)
    assert lots(point, resident) == {MAY: 2, JUNE: 3}
    to_month_end(MAY, 1)
    assert lots(point, resident) == {JUNE: 3}


def test_lots_of_lives_through_the_whole_leap_day(point, grant, resident):
    leap_february = month_from_text("2028-02")
    grant(resident, {leap_february: 29})
    to_month_end(leap_february, -DAY)
    assert lots(point, resident) == {leap_february: 29}
    to_month_end(leap_february)
    assert lots(point, resident) == {leap_february: 29}
    to_month_end(leap_february, 1)
    assert lots(point, resident) == {}


def test_lots_of_ends_on_28_february_in_a_common_year(point, grant, resident):
    grant(resident, {FEBRUARY: 28})
    to_month_end(FEBRUARY)
    assert lots(point, resident) == {FEBRUARY: 28}
    to_month_end(FEBRUARY, 1)
    assert lots(point, resident) == {}


def test_lots_of_nobody_is_empty(point, stranger):
    for account in (stranger, ZERO_ADDRESS, point):
        assert point.lotsOf(account) == ((), ())
        assert point.balanceOf(account) == 0


# ----------------------------------------------------------------------------------------------------- CLAIMS


def test_claim_of_turns_the_year_without_a_transaction(point, grant, resident, shop):
    grant(resident, {NEVER: 100})
    point.transfer(shop, 40, {"from": resident})
    to_month_end(MARCH)
    assert point.claimOf(shop) == (40, 0, 0)
    to_month_end(MARCH, 1)
    assert point.claimOf(shop) == (0, 40, 0)
    assert point.balanceOf(shop) == 40


def test_minter_of_a_stranger_is_zero(point, stranger):
    assert point.minterOf(stranger) == (0, 0)
