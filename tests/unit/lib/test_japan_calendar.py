"""The calendar against dates written out by hand and against the time zone database, month by month."""

from datetime import datetime, timedelta

import pytest

from scripts.lib.bilingual import Bilingual
from scripts.lib.japan_calendar import (
    JST,
    era_day_label,
    era_moment_label,
    fiscal_year_end,
    fiscal_year_from_text,
    fiscal_year_label,
    last_day_label,
    last_second,
    moment_from_text,
    moment_label,
    month_from_text,
    month_label,
    month_of,
    months_of_fiscal_year,
    start_of,
)

APRIL_2026 = 315
MARCH_2027 = 326
MONTHS_2000_TO_2200 = range(201 * 12)


def test_month_bounds_every_month_2000_to_2200_are_midnights_in_japan() -> None:
    day = datetime(2000, 1, 1, tzinfo=JST)
    for month in MONTHS_2000_TO_2200:
        assert start_of(month) == day.timestamp(), f"month {month} starts with {day}"
        assert (month_of(start_of(month)), month_of(last_second(month))) == (month, month)
        # The next month's first day, by walking days instead of by arithmetic on months.
        this = day.month
        while day.month == this:
            day += timedelta(days=1)
        assert last_second(month) == day.timestamp() - 1, f"month {month} ends before {day}"


@pytest.mark.parametrize(
    ("month", "march"),
    [(314, 314), (APRIL_2026, MARCH_2027), (323, MARCH_2027), (MARCH_2027, MARCH_2027), (327, 338)],
)
def test_fiscal_year_end_any_month_is_the_next_march(month: int, march: int) -> None:
    assert fiscal_year_end(month) == march


def test_fiscal_year_end_every_month_2000_to_2200_is_a_march_within_a_year() -> None:
    for month in MONTHS_2000_TO_2200:
        march = fiscal_year_end(month)
        assert month_label(march).english.endswith("-03")
        assert 0 <= march - month < 12, f"month {month} ends its fiscal year with {march}"


def test_months_of_fiscal_year_2026_are_april_to_march() -> None:
    assert months_of_fiscal_year(2026) == range(APRIL_2026, MARCH_2027 + 1)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-04-15", 1776178800),
        ("2026/4/15", 1776178800),
        ("2026-04-15T10:30", 1776216600),
        ("2026-04-15 10:30:00", 1776216600),
        ("2026/4/15 9:05", 1776211500),
        ("2027-03-31T23:59:59", 1806505199),
        ("2026年4月15日", 1776178800),
        ("令和8年4月15日", 1776178800),
        ("R8.4.15", 1776178800),
        ("r8/4/15", 1776178800),
        ("R8-04-15 10:30", 1776216600),
        ("令和8年4月15日10時30分", 1776216600),
        ("令和9年3月31日23時59分59秒", 1806505199),
    ],
)
def test_moment_from_text_each_spelling_is_japan_time(text: str, seconds: int) -> None:
    assert moment_from_text(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-02-29",
        "2026-13-01",
        "2026-04-31",
        "2026-04-15T24:00",
        "2026-04-15T10:30Z",
        "15/4/2026",
        "20260415",
        "2026-04-15T10:30+09:00",
        "2026-4",
        "April 15",
        "令和0年4月15日",
        "令和元年4月30日",
        "令和8年4月",
        "昭和8年4月15日",
        "2026-04-1510:30",
    ],
)
def test_moment_from_text_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        moment_from_text(text)


def test_month_from_text_both_spellings_give_the_number() -> None:
    assert month_from_text("2027-03") == month_from_text("2027/3") == MARCH_2027
    assert (
        month_from_text("令和9年3月") == month_from_text("R9.3") == month_from_text("2027年3月") == MARCH_2027
    )


@pytest.mark.parametrize(
    ("text", "year"),
    [("2026", 2026), ("2026年度", 2026), ("令和8年度", 2026), ("R8", 2026), ("令和元年度", 2019)],
)
def test_fiscal_year_from_text_is_the_year_of_its_april(text: str, year: int) -> None:
    assert fiscal_year_from_text(text) == year


@pytest.mark.parametrize("text", ["", "26", "令和8年4月", "8年度", "H30", "令和", "2026-04"])
def test_fiscal_year_from_text_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        fiscal_year_from_text(text)


@pytest.mark.parametrize("text", ["2027", "2027-13", "2027-00", "1999-12", "2027-03-31", "令和元年4月", "R9"])
def test_month_from_text_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        month_from_text(text)


def test_month_of_before_2000_is_refused() -> None:
    with pytest.raises(ValueError):
        month_of(start_of(0) - 1)


@pytest.mark.parametrize(
    ("month", "label"),
    [
        ("2025-03", "令和7年3月31日"),
        ("2019-04", "平成31年4月30日"),
        ("2019-05", "令和元年5月31日"),
        ("2019-12", "令和元年12月31日"),
        ("2020-02", "令和2年2月29日"),
        ("2000-01", "平成12年1月31日"),
    ],
)
def test_era_day_label_names_the_last_day_by_its_era(month: str, label: str) -> None:
    assert era_day_label(month_from_text(month)).japanese == label


def test_era_labels_of_a_moment_and_a_fiscal_year() -> None:
    last = last_second(MARCH_2027)
    assert era_moment_label(last) == ("2027-03-31 23:59:59", "令和9年3月31日23時59分59秒")
    assert fiscal_year_label(MARCH_2027) == ("fiscal year 2026", "令和8年度")
    assert fiscal_year_label(month_from_text("2020-03")).japanese == "平成31年度"


def test_labels_of_a_month_and_its_end_are_bilingual() -> None:
    assert month_label(MARCH_2027) == ("2027-03", "2027年3月")
    assert last_day_label(MARCH_2027) == ("2027-03-31", "2027年3月31日")
    assert last_day_label(337) == ("2028-02-29", "2028年2月29日")
    assert moment_label(last_second(MARCH_2027)) == ("2027-03-31 23:59:59", "2027年3月31日23時59分59秒")


@pytest.mark.parametrize("label", [month_label, last_day_label, era_day_label, fiscal_year_label])
def test_month_of_no_calendar_is_told_by_its_number(label):
    """A forged event can tell of any: what is said of it has to be said all the same."""
    assert label(2**40) == Bilingual(f"month {2**40}", f"月{2**40}")
    assert label(12 * 7_999 - 10).english.split("-")[0] in ("9998", "fiscal year 9997")
