"""A figure with the number of people behind it; and which figures a public table has to leave out.

A figure that fewer than MINIMUM_ACCOUNTS accounts stand behind tells about persons, so that it is left out
(primary suppression). If it is the only one left out of a sum that is printed, the sum less the others gives
it away: so the next smallest is left out as well, and more, until those left out are two figures or more with
MINIMUM_ACCOUNTS accounts or more behind them (secondary suppression). Where nothing is left to leave out, the
sum goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

MINIMUM_ACCOUNTS = 5
"""Accounts, not people: a person may have one in each municipality, but never two in one series."""

_ACCOUNT_BITS = 32


class Cell(NamedTuple):
    """Points, and how many accounts of residents stand behind them."""

    points: int
    accounts: int

    @property
    def is_small(self) -> bool:
        """Whether it tells about too few; nothing about nobody is told by a zero."""
        return bool(self.points or self.accounts) and self.accounts < MINIMUM_ACCOUNTS


NOTHING = Cell(0, 0)


class Shown(NamedTuple):
    """What a public table shows of a sum: its parts, and itself; None where it is left out."""

    parts: list[Cell | None]
    total: Cell | None


def shown(parts: Sequence[Cell], total: Cell) -> Shown:
    """Return what may be shown of figures that add up to a total."""
    hidden = {place for place, cell in enumerate(parts) if cell.is_small}
    others = sorted(
        (place for place, cell in enumerate(parts) if place not in hidden and cell.accounts),
        key=lambda place: (parts[place].accounts, parts[place].points, place),
    )
    while hidden and (len(hidden) < 2 or sum(parts[place].accounts for place in hidden) < MINIMUM_ACCOUNTS):
        if not others:
            return Shown([None if place in hidden else cell for place, cell in enumerate(parts)], None)
        hidden.add(others.pop(0))
    total_shown = None if total.is_small else total
    return Shown([None if place in hidden else cell for place, cell in enumerate(parts)], total_shown)


def cells_by(keys: np.ndarray, points: np.ndarray, accounts: np.ndarray) -> dict[int, Cell]:
    """Return the sum of points, and the count of different accounts, of all rows of each key.

    Args:
        keys: not negative, below 2**31.
    """
    if not len(keys):
        return {}
    found, places = np.unique(keys, return_inverse=True)
    sums = np.zeros(len(found), np.int64)
    np.add.at(sums, places, points)
    pairs = np.unique(keys.astype(np.int64) << _ACCOUNT_BITS | accounts.astype(np.int64))
    _, counts = np.unique(pairs >> _ACCOUNT_BITS, return_counts=True)
    return {int(key): Cell(int(its), int(count)) for key, its, count in zip(found, sums, counts, strict=True)}
