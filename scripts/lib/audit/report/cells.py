"""A figure with the number of accounts behind it, and which figures a public version has to leave out.

A figure that fewer than MINIMUM_ACCOUNTS accounts stand behind tells about persons, so it is left out
(primary suppression). What is left out must not follow from what is printed, by adding and subtracting: so
others are left out as well (secondary suppression), until

- of every sum that is printed with its parts, two figures are left out or none, and behind one of them stand
  MINIMUM_ACCOUNTS accounts or more, since behind two small ones may be the same few people; unless what is
  left out comes to just the one figure that is printed;
- no figure left out is determined by all sums at once, which is found by elimination.

The next to go is always one of the finest figures, months and shops before years and totals, and of these the
one with the fewest accounts. Where nothing else is left to go, the sum itself goes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

MINIMUM_ACCOUNTS = 10
"""A person may have an account in each municipality, but one at a time in a series."""

_ACCOUNT_BITS = 32

Key = tuple[str | int, ...]
"""Names a figure."""

Sum = Mapping[Key, int]
"""Figures that come to 0 together, each with its sign."""


class Cell(NamedTuple):
    """Points, and how many accounts of residents stand behind them."""

    points: int
    accounts: int

    @property
    def is_small(self) -> bool:
        """Whether it tells about too few; nothing about anybody is told by a zero."""
        return self.points != 0 and self.accounts < MINIMUM_ACCOUNTS


NOTHING = Cell(0, 0)


def suppressed(
    cells: Mapping[Key, Cell], sums: Sequence[Sum], coarseness: Callable[[Key], int] = lambda _: 0
) -> frozenset[Key]:
    """Return which figures are to be left out.

    Args:
        cells: every figure that would be printed. A zero is never left out.
        sums: all relations among them that a reader knows.
        coarseness: how much a figure tells to many; those with the least go first.
    """
    hidden = {key for key, cell in cells.items() if cell.is_small}
    worth = {key: (coarseness(key), cell.accounts, abs(cell.points), str(key)) for key, cell in cells.items()}

    def hide_another(candidates: Iterable[Key]) -> bool:
        left = [key for key in candidates if key not in hidden and cells[key].points]
        if left:
            hidden.add(min(left, key=worth.__getitem__))
        return bool(left)

    def gives_away(relation: Sum) -> bool:
        its = [cells[key].accounts for key in relation if key in hidden]
        printed = [key for key in relation if key not in hidden and cells[key].points]
        return len(its) == 1 or (len(printed) > 1 and 0 < max(its, default=0) < MINIMUM_ACCOUNTS)

    is_stable = False
    while not is_stable:
        is_stable = True
        for relation in sums:
            while gives_away(relation) and hide_another(relation):
                is_stable = False
        if is_stable:
            for key in determined(sums, hidden):
                others = {other for relation in sums if key in relation for other in relation}
                is_stable &= not hide_another(others)
    return frozenset(hidden)


def determined(sums: Sequence[Sum], hidden: Iterable[Key]) -> list[Key]:
    """Return the hidden figures that all sums together determine, if all others are known."""
    unknown = set(hidden)
    solved: dict[Key, dict[Key, Fraction]] = {}
    """By pivot: a row in which it stands with 1, and no other pivot stands at all."""
    for relation in sums:
        row = {key: Fraction(sign) for key, sign in relation.items() if key in unknown and sign}
        for pivot in [key for key in row if key in solved]:
            _subtract(row, solved[pivot], row[pivot])
        if not row:
            continue
        pivot = min(row, key=str)
        row = {key: factor / row[pivot] for key, factor in row.items()}
        for other in solved.values():
            if pivot in other:
                _subtract(other, row, other[pivot])
        solved[pivot] = row
    return [pivot for pivot, row in solved.items() if len(row) == 1]


def _subtract(row: dict[Key, Fraction], other: Mapping[Key, Fraction], factor: Fraction) -> None:
    for key, part in other.items():
        rest = row.get(key, Fraction(0)) - factor * part
        if rest:
            row[key] = rest
        else:
            row.pop(key, None)


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
