"""Groups of rows, and counts within sliding windows of time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np


def groups(rows: np.ndarray, *keys: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the rows that have all keys in common, each group in the order of the rows.

    Args:
        keys: one value a row; groups come in the order of the first key, then the next.
    """
    if not len(rows):
        return
    order = np.lexsort((rows, *reversed(keys)))
    rows = rows[order]
    differs = np.zeros(len(rows) - 1, bool)
    for key in keys:
        differs |= np.diff(key[order]) != 0
    yield from np.split(rows, np.flatnonzero(differs) + 1)


def trailing_count(times: np.ndarray, seconds: int) -> np.ndarray:
    """Return for each of ascending times how many lie within so many seconds up to it, with it."""
    return np.arange(len(times)) - np.searchsorted(times, times - seconds, "left") + 1
