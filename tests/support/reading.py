"""What tests compare: events and lots as plain tuples and dictionaries."""

from __future__ import annotations

from typing import Any

ZERO_ADDRESS = "0x" + "00" * 20


def events(transaction: Any) -> list[tuple[Any, ...]]:
    """Return a transaction's events in their order, each as (name, *arguments)."""
    return [(event.name, *event.values()) for event in transaction.events]


def lots(point: Any, account: Any) -> dict[int, int]:
    """Return a resident's live lots as {month: points}, in the order in which the series returns them."""
    months, amounts = point.lotsOf(account)
    assert len(months) == len(amounts) == len(set(months)), f"lotsOf returned {months} and {amounts}"
    return dict(zip(months, amounts, strict=True))


def live_by_month(point: Any, *months: int) -> list[int]:
    """Return pointsEndingWith for each of these months."""
    return [point.pointsEndingWith(month) for month in months]
