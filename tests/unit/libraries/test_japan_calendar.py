"""JapanCalendar against Python's time zone database, for every month and every day from 2000 to 2200.

The random tests of a whole series once missed a fault at 31 December; so the calendar is tested by itself.
"""

import random
from datetime import date, datetime, timedelta

import pytest

from scripts.lib.japan_calendar import JST, day_of, start_of_day
from tests.support.harness import deploy_harness

MONTHS = range(201 * 12)  # January 2000 to December 2200
BATCH = 2000


@pytest.fixture(scope="module")
def calendar(module_isolation):
    return deploy_harness("CalendarHarness")


def first_second(month):
    years, months = divmod(month, 12)
    return int(datetime(2000 + years, months + 1, 1, tzinfo=JST).timestamp())


def months_of(calendar, timestamps):
    """What the contract says, and what the time zone database says."""
    found = [
        month
        for start in range(0, len(timestamps), BATCH)
        for month in calendar.monthsOf(timestamps[start : start + BATCH])
    ]
    days = [datetime.fromtimestamp(timestamp, JST) for timestamp in timestamps]
    return found, [(day.year - 2000) * 12 + day.month - 1 for day in days]


def test_month_of_the_first_second_of_every_month_is_that_month(calendar):
    found, expected = months_of(calendar, [first_second(month) for month in MONTHS])
    assert expected == list(MONTHS)
    assert found == expected


def test_month_of_the_last_second_of_every_month_is_that_month(calendar):
    found, expected = months_of(calendar, [first_second(month + 1) - 1 for month in MONTHS])
    assert expected == list(MONTHS)
    assert found == expected


def test_month_of_both_sides_of_every_midnight_of_special_years_is_exact(calendar):
    """A leap year, a common one, and the centuries with and without 29 February."""
    midnights = [
        int((datetime(year, 1, 1, tzinfo=JST) + timedelta(days=day)).timestamp())
        for year in (2000, 2027, 2028, 2100, 2200)
        for day in range(366)
    ]
    edges = [second for midnight in midnights for second in (midnight - 1, midnight)]
    found, expected = months_of(calendar, edges[1:])  # the very first lies in 1999
    assert found == expected


def test_month_of_random_seconds_is_exact(calendar):
    chance = random.Random(2000)
    timestamps = [chance.randrange(first_second(0), first_second(201 * 12)) for _ in range(4000)]
    found, expected = months_of(calendar, timestamps)
    assert found == expected


def test_start_of_every_month_is_its_first_second(calendar):
    expected = [first_second(month) for month in MONTHS]
    assert list(calendar.startsOf(0, len(MONTHS))) == expected


def test_fiscal_year_end_of_every_month_is_the_next_march(calendar):
    def next_march(month):
        return next(later for later in range(month, month + 12) if later % 12 == 2)

    assert list(calendar.fiscalYearEndsOf(0, len(MONTHS))) == [next_march(month) for month in MONTHS]


def test_fiscal_year_end_turns_between_31_march_and_1_april(calendar):
    march_2026, april_2026 = 314, 315
    assert list(calendar.fiscalYearEndsOf(march_2026, 2)) == [march_2026, april_2026 + 11]


# ------------------------------------------------------------------------------------------------------ DAYS

FIRST_DAY = date(2000, 1, 1)
DAYS = range((date(2201, 1, 1) - FIRST_DAY).days)  # beyond 2179, where a sale's number has no day any more


def first_second_of_day(day):
    that_day = FIRST_DAY + timedelta(days=day)
    return int(datetime(that_day.year, that_day.month, that_day.day, tzinfo=JST).timestamp())


def days_of(calendar, timestamps):
    return [
        day
        for start in range(0, len(timestamps), BATCH)
        for day in calendar.daysOf(timestamps[start : start + BATCH])
    ]


@pytest.mark.parametrize("second", [0, 86_399], ids=["first", "last"])
def test_day_of_the_first_and_last_second_of_every_day_is_that_day(calendar, second):
    edges = [first_second_of_day(day) + second for day in DAYS]
    assert days_of(calendar, edges) == list(DAYS)


def test_day_of_random_seconds_is_exact(calendar):
    chance = random.Random(2179)
    timestamps = [chance.randrange(first_second(0), first_second(201 * 12)) for _ in range(4000)]
    expected = [(datetime.fromtimestamp(second, JST).date() - FIRST_DAY).days for second in timestamps]
    assert days_of(calendar, timestamps) == expected


def test_month_of_every_day_is_that_of_the_time_zone_database(calendar):
    """29 February of leap years (2000, and not 2100), 31 December and 31 March are among them."""
    found = [
        month
        for first in range(0, len(DAYS), BATCH)
        for month in calendar.monthsOfDays(first, min(BATCH, len(DAYS) - first))
    ]
    dates = [FIRST_DAY + timedelta(days=day) for day in DAYS]
    assert date(2096, 2, 29) in dates
    assert found == [(each.year - 2000) * 12 + each.month - 1 for each in dates]


def test_day_in_python_is_that_of_the_contract(calendar):
    """Libraries and contract must number the same sale."""
    seconds = [first_second_of_day(day) - 1 for day in range(1, 70_000, 97)]
    assert days_of(calendar, seconds) == [day_of(second) for second in seconds]
    assert [start_of_day(day) for day in DAYS[::97]] == [first_second_of_day(day) for day in DAYS[::97]]
