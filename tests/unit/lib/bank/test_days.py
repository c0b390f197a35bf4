"""Days on which banks are closed (銀行法施行令 5条), with the holidays that were published for 2026."""

from datetime import date, timedelta

import pytest

from scripts.lib.bank.days import closed_because, date_in_japan, last_bank_day, next_bank_day

HOLIDAYS_OF_2026 = {
    "01-01", "01-12", "02-11", "02-23", "03-20", "04-29", "05-03", "05-04", "05-05", "05-06",
    "07-20", "08-11", "09-21", "09-22", "09-23", "10-12", "11-03", "11-23",
}  # fmt: skip
YEAR_END = {"12-31", "01-01", "01-02", "01-03"}


def test_closed_days_of_2026_are_weekends_holidays_and_the_turn_of_the_year():
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    expected = {day for day in days if day.weekday() > 4 or f"{day:%m-%d}" in HOLIDAYS_OF_2026 | YEAR_END}
    assert {day for day in days if closed_because(day)} == expected


@pytest.mark.parametrize(
    "day, because",
    [
        (date(2026, 12, 12), "土曜日"),
        (date(2026, 12, 13), "日曜日"),
        (date(2026, 12, 31), "年末年始"),
        (date(2027, 1, 1), "年末年始"),
        (date(2026, 9, 22), "国民の休日"),
        (date(2027, 3, 22), "振替休日"),
    ],
)
def test_closed_day_is_told_with_its_reason(day, because):
    assert because in closed_because(day).japanese


@pytest.mark.parametrize(
    "day, before, after",
    [
        (date(2026, 12, 10), date(2026, 12, 10), date(2026, 12, 10)),
        (date(2026, 12, 12), date(2026, 12, 11), date(2026, 12, 14)),
        (date(2026, 5, 4), date(2026, 5, 1), date(2026, 5, 7)),
        (date(2027, 1, 1), date(2026, 12, 30), date(2027, 1, 4)),
    ],
)
def test_bank_days_around_a_day(day, before, after):
    assert (last_bank_day(day), next_bank_day(day)) == (before, after)


def test_day_of_a_second_is_that_of_japan():
    assert date_in_japan(1_764_514_800) == date(2025, 12, 1)  # midnight in Japan
    assert date_in_japan(1_764_514_799) == date(2025, 11, 30)
