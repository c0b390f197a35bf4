"""Months and fiscal years of Japan, by the time zone database.

A month is a number counted from January 2000 = 0, as in the contracts; an instant is an integer of Unix
seconds. The contract works both out by arithmetic of its own. This module shares none of it, so that the two
check each other.

Months end at midnight in Japan; a fiscal year (会計年度) runs from 1 April to 31 March and is named by the
year in which it begins.
"""

from __future__ import annotations

import re
from datetime import MAXYEAR, date, datetime, timedelta
from zoneinfo import ZoneInfo

from scripts.lib.bilingual import Bilingual

JST = ZoneInfo("Asia/Tokyo")

_FIRST_YEAR = 2000
_REIWA = date(2019, 5, 1)
_YEAR = r"(?:(?P<year>\d{4})|(?:令和|[Rr])(?P<era>元|\d{1,2}))"
_FISCAL_YEAR = re.compile(rf"{_YEAR}(?:年度?)?")
_MONTH = re.compile(rf"{_YEAR}(?:[-/.](?P<month>\d{{1,2}})|年(?P<kanji>\d{{1,2}})月)")
_MOMENT = re.compile(
    rf"{_YEAR}(?:[-/.](?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}})|年(?P<kanji>\d{{1,2}})月(?P<nichi>\d{{1,2}})日)"
    r"(?:(?:[T ]|(?<=日))(?P<hour>\d{1,2})(?::|時)(?P<minute>\d{2})(?:分|(?::|分)(?P<second>\d{2})秒?)?)?"
)


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
    """Return the month written as 2027-03, 2027/3 (what spreadsheets make of it), 令和9年3月 or R9.3.

    Raises:
        ValueError: the text is no such month.
    """
    match = _MONTH.fullmatch(text)
    if match is None:
        raise ValueError(f"not a month like 2027-03: {text!r}")
    year, month = _year_of(match), int(match["month"] or match["kanji"])
    first_day = date(year, month, 1)
    if match["era"] and first_day < _REIWA.replace(day=1):
        raise ValueError(f"before the era: {text!r}")
    return _month_number(first_day.year, month)


def fiscal_year_from_text(text: str) -> int:
    """Return the year of its April of a fiscal year written as 2026, 2026年度, 令和8年度 or R8.

    Raises:
        ValueError: the text is no such fiscal year.
    """
    match = _FISCAL_YEAR.fullmatch(text)
    if match is None:
        raise ValueError(f"not a fiscal year like 2026 or 令和8年度: {text!r}")
    return _year_of(match)


def moment_from_text(text: str) -> int:
    """Return the second in Japan written as 2026-04-15, 2026-04-15T10:30 or 2026-04-15 10:30:59.

    Slashes may stand for the hyphens and leading zeros may be missing, as spreadsheets write dates. By the
    era it is 令和8年4月15日 or R8.4.15, and 令和8年4月15日10時30分. A date alone is its first second.

    Raises:
        ValueError: the text is no such moment, or names a day or a time that does not exist.
    """
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise ValueError(f"not a date like 2026-04-15 or 2026-04-15T10:30: {text!r}")
    year, month, day = _year_of(match), match["month"] or match["kanji"], match["day"] or match["nichi"]
    moment = datetime(year, int(month), int(day), *_time_of(match), tzinfo=JST)
    if match["era"] and moment.date() < _REIWA:
        raise ValueError(f"before the era: {text!r}")
    return int(moment.timestamp())


def _year_of(match: re.Match[str]) -> int:
    """Return the year of the common era that a match says."""
    if match["year"]:
        return int(match["year"])
    era = 1 if match["era"] == "元" else int(match["era"])
    if era == 0:
        raise ValueError("an era begins with year 1")
    return _REIWA.year + era - 1


def _time_of(match: re.Match[str]) -> tuple[int, int, int]:
    return int(match["hour"] or 0), int(match["minute"] or 0), int(match["second"] or 0)


def month_label(month: int) -> Bilingual:
    """Return 2027-03 and 2027年3月."""
    if _is_of_no_calendar(month):
        return _number_label(month)
    first_day = _first_day(month)
    return Bilingual(f"{first_day:%Y-%m}", f"{first_day.year}年{first_day.month}月")


def last_day_label(month: int) -> Bilingual:
    """Return the last day of a month: 2027-03-31 and 2027年3月31日."""
    if _is_of_no_calendar(month):
        return _number_label(month)
    day = datetime.fromtimestamp(last_second(month), JST)
    return Bilingual(f"{day:%Y-%m-%d}", f"{day.year}年{day.month}月{day.day}日")


def era_day_label(month: int) -> Bilingual:
    """Return the last day of a month: 2025-03-31 and, by the era, 令和7年3月31日."""
    return _number_label(month) if _is_of_no_calendar(month) else era_date_label(last_second(month))


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
    if _is_of_no_calendar(march):
        return _number_label(march)
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


def _is_of_no_calendar(month: int) -> bool:
    """Whether a month lies after the year 9999; nobody's does, but a forged event can tell of one."""
    return _FIRST_YEAR + month // 12 >= MAXYEAR


def _number_label(month: int) -> Bilingual:
    return Bilingual(f"month {month}", f"月{month}")


def _first_day(month: int) -> datetime:
    years, months = divmod(month, 12)
    return datetime(_FIRST_YEAR + years, months + 1, 1, tzinfo=JST)


def _month_number(year: int, month: int) -> int:
    if year < _FIRST_YEAR:
        raise ValueError(f"months are counted from January {_FIRST_YEAR}; {year} lies before")
    return (year - _FIRST_YEAR) * 12 + month - 1
