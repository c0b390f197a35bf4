"""Numbers of sales: the day in Japan on which a till opened the sale, and a serial number of that day."""

from __future__ import annotations

SERIALS = 2**16
"""How many sales a shop can number in a day."""


def sale_number(day: int, serial: int) -> int:
    """Return the number of a sale.

    Args:
        day: counted from 1 January 2000 = 0 (scripts.lib.japan_calendar.day_of).
        serial: the shop's own number, each once a day, from 0 to 65,535.

    Raises:
        ValueError: there is no such day or serial number.
    """
    if day < 0 or not 0 <= serial < SERIALS:
        raise ValueError(f"no sale number: day {day}, serial {serial}")
    return day * SERIALS + serial


def day_of_sale(number: int) -> int:
    """Return the day in a sale's number."""
    return number // SERIALS


def serial_of_sale(number: int) -> int:
    """Return the serial number in a sale's number."""
    return number % SERIALS
