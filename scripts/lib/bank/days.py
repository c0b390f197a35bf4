"""On which days Japanese banks are closed (銀行法施行令 5条): weekends, holidays, 31 December to 3 January.

    closed_because(date(2026, 12, 12))       # Saturday / 土曜日; None on a day of business
    next_bank_day(date(2026, 12, 12))        # 2026-12-14

Holidays are those of the package jpholiday: what the Cabinet Office has published for the years that this
release of it knows, computed by the present law for later ones. A law that moves a holiday is not in it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import jpholiday

from scripts.lib.bilingual import Bilingual
from scripts.lib.japan_calendar import JST

_ONE_DAY = timedelta(days=1)
_SATURDAY, _SUNDAY = 5, 6


def date_in_japan(timestamp: int) -> date:
    """Return the day in Japan in which a second lies."""
    return datetime.fromtimestamp(timestamp, JST).date()


def closed_because(day: date) -> Bilingual | None:
    """Return why banks are closed on a day; None if they are not."""
    if day.weekday() == _SATURDAY:
        return Bilingual("a Saturday", "土曜日")
    if day.weekday() == _SUNDAY:
        return Bilingual("a Sunday", "日曜日")
    if (day.month, day.day) in ((12, 31), (1, 1), (1, 2), (1, 3)):
        return Bilingual("31 December to 3 January", "年末年始(12月31日から1月3日)")
    name = jpholiday.is_holiday_name(day)
    return None if name is None else Bilingual("a holiday", f"祝日・休日: {name}")


def next_bank_day(day: date) -> date:
    """Return the first day of business from a day on, that day included."""
    while closed_because(day) is not None:
        day += _ONE_DAY
    return day


def last_bank_day(day: date) -> date:
    """Return the last day of business up to a day, that day included."""
    while closed_because(day) is not None:
        day -= _ONE_DAY
    return day
