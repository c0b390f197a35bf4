"""Notices of points that end soon (失効予告), as CSV for a town's mailing: who has how many, and until when.

A resident number has a row for each month with which points of it end; whose number it is, the town alone
knows. Ended memberships get no letter, nor do accounts without one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from scripts.lib.audit.statements.history import History
from scripts.lib.csv_out import as_csv
from scripts.lib.expiry_rule import NEVER
from scripts.lib.japan_calendar import day_of, era_day_label, last_second

DAYS = (30, 7, 1)
"""Before the last day on which points can be spent; each file has the later ones as well."""

COLUMNS = ("自治体コード", "シリーズ", "住民番号", "ポイント", "有効期限", "有効期限(西暦)", "残り日数")


class Notice(NamedTuple):
    """Points of a resident that end with a month; `days` from the day of the notice to the last one."""

    municipality: int
    number: int
    series: str
    month: int
    points: int
    days: int


def notices(history: History, within: int) -> list[Notice]:
    """Return what ends within so many days after the day of the history's last second; none with that day."""
    replay, today = history.replay, day_of(history.until)
    found: Counter[tuple[int, int, str, int]] = Counter()
    for token, (municipality, _) in replay.registered.items():
        if token not in replay.series:
            continue
        for account, lots in replay.series[token].state_at(history.until + 1).lots.items():
            number = replay.residents.numbers.get((municipality, account))
            if number is None or replay.residents.memberships[municipality, number].closed:
                continue
            for month, points in lots.items():
                if month != NEVER and day_of(last_second(month)) - today <= within:
                    found[municipality, number, history.series_names[token], month] += points
    return [
        Notice(*its, points, day_of(last_second(its[3])) - today) for its, points in sorted(found.items())
    ]


def notice_files(history: History) -> Iterator[tuple[str, bytes]]:
    """Yield (file, content) for each number of days."""
    for days in DAYS:
        rows = (_row(notice) for notice in notices(history, days))
        yield f"notices-{days:02d}-days.csv", as_csv(COLUMNS, rows)


def _row(notice: Notice) -> tuple[str | int, ...]:
    last_day = era_day_label(notice.month)
    return (
        f"{notice.municipality:06d}",
        notice.series,
        notice.number,
        notice.points,
        last_day.japanese,
        last_day.english,
        notice.days,
    )
