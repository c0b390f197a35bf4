"""Months and fiscal years of Japan, by the time zone database.

A month is a number counted from January 2000 = 0, as in the contracts; an instant is an integer of Unix
seconds. The contract works both out by arithmetic of its own. This module shares none of it, so that the two
check each other.

Months end at midnight in Japan; a fiscal year (会計年度) runs from 1 April to 31 March and is named by the
year in which it begins.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from scripts.lib.bilingual import Bilingual

JST = ZoneInfo("Asia/Tokyo")

_FIRST_YEAR = 2000
_MONTH = re.compile(r"(\d{4})[-/](\d{1,2})")
_MOMENT = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2}))?)?")


def month_of(timestamp: int) -> int:
    """Return the month in which the second `timestamp` lies.

    Raises:
        ValueError: it lies before the year 2000 in Japan.
    """
    moment = datetime.fromtimestamp(timestamp, JST)
    return _month_number(moment.year, moment.month)


def start_of(month: int) -> int:
    """Return the first second of `month`."""
    return int(_first_day(month).timestamp())


def last_second(month: int) -> int:
    """Return the last second of `month`: the last in which points that end with it can be spent."""
    return start_of(month + 1) - 1


def day_of(timestamp: int) -> int:
    """Return the day in which the second `timestamp` lies, counted from 1 January 2000 = 0."""
    return (datetime.fromtimestamp(timestamp, JST).date() - date(_FIRST_YEAR, 1, 1)).days


def start_of_day(day: int) -> int:
    """Return the first second of a day, counted from 1 January 2000 = 0."""
    date_of_day = date(_FIRST_YEAR, 1, 1) + timedelta(days=day)
    return int(datetime(date_of_day.year, date_of_day.month, date_of_day.day, tzinfo=JST).timestamp())


def fiscal_year_end(month: int) -> int:
    """Return the March with which the fiscal year of `month` ends; a March ends its own."""
    first_day = _first_day(month)
    return _month_number(first_day.year if first_day.month <= 3 else first_day.year + 1, 3)


def months_of_fiscal_year(year: int) -> range:
    """Return the twelve months of the fiscal year that begins in April of `year`."""
    return range(_month_number(year, 4), _month_number(year + 1, 3) + 1)


def month_from_text(text: str) -> int:
    """Return the month written as 2027-03, or as 2027/3, which is what spreadsheets make of it.

    Raises:
        ValueError: the text is no such month.
    """
    match = _MONTH.fullmatch(text)
    if match is None:
        raise ValueError(f"not a month like 2027-03: {text!r}")
    year, month = (int(part) for part in match.groups())
    return _month_number(datetime(year, month, 1, tzinfo=JST).year, month)


def moment_from_text(text: str) -> int:
    """Return the second written as 2026-04-15, 2026-04-15T10:30 or 2026-04-15 10:30:59, in Japan's time.

    Slashes may stand for the hyphens and leading zeros may be missing, as spreadsheets write dates. A date
    alone is its first second.

    Raises:
        ValueError: the text is no such moment, or names a day or a time that does not exist.
    """
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise ValueError(f"not a date like 2026-04-15 or 2026-04-15T10:30: {text!r}")
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    return int(datetime(year, month, day, hour, minute, second, tzinfo=JST).timestamp())


def month_label(month: int) -> Bilingual:
    """Return 2027-03 and 2027年3月."""
    first_day = _first_day(month)
    return Bilingual(f"{first_day:%Y-%m}", f"{first_day.year}年{first_day.month}月")


def last_day_label(month: int) -> Bilingual:
    """Return the last day of a month: 2027-03-31 and 2027年3月31日."""
    day = datetime.fromtimestamp(last_second(month), JST)
    return Bilingual(f"{day:%Y-%m-%d}", f"{day.year}年{day.month}月{day.day}日")


def era_day_label(month: int) -> Bilingual:
    """Return the last day of a month: 2025-03-31 and, by the era, 令和7年3月31日."""
    return era_date_label(last_second(month))


def era_date_label(timestamp: int) -> Bilingual:
    """Return the day of a second in Japan: 2025-03-31 and 令和7年3月31日."""
    day = datetime.fromtimestamp(timestamp, JST).date()
    return Bilingual(f"{day:%Y-%m-%d}", f"{_era_year(day)}年{day.month}月{day.day}日")


def era_moment_label(timestamp: int) -> Bilingual:
    """Return a second in Japan's time: 2025-03-31 23:59:59 and 令和7年3月31日23時59分59秒."""
    moment = datetime.fromtimestamp(timestamp, JST)
    return Bilingual(
        f"{moment:%Y-%m-%d %H:%M:%S}",
        f"{_era_year(moment.date())}年{moment.month}月{moment.day}日{moment:%H時%M分%S秒}",
    )


def fiscal_year_label(march: int) -> Bilingual:
    """Return the fiscal year whose last month is `march`: fiscal year 2024 and 令和6年度."""
    first_day = _first_day(march - 11).date()
    return Bilingual(f"fiscal year {first_day.year}", f"{_era_year(first_day)}年度")


def _era_year(day: date) -> str:
    """Return 令和7: the era of a day and its year, whose first is 元. 2019 began as 平成31年."""
    era, before = ("令和", 2018) if day >= date(2019, 5, 1) else ("平成", 1988)
    year = day.year - before
    return f"{era}{'元' if year == 1 else year}"


def moment_label(timestamp: int) -> Bilingual:
    """Return a second in Japan's time: 2027-03-31 23:59:59 and 2027年3月31日23時59分59秒."""
    moment = datetime.fromtimestamp(timestamp, JST)
    return Bilingual(
        f"{moment:%Y-%m-%d %H:%M:%S}",
        f"{moment.year}年{moment.month}月{moment.day}日{moment:%H時%M分%S秒}",
    )


def _first_day(month: int) -> datetime:
    years, months = divmod(month, 12)
    return datetime(_FIRST_YEAR + years, months + 1, 1, tzinfo=JST)


def _month_number(year: int, month: int) -> int:
    if year < _FIRST_YEAR:
        raise ValueError(f"months are counted from January {_FIRST_YEAR}; {year} lies before")
    return (year - _FIRST_YEAR) * 12 + month - 1
