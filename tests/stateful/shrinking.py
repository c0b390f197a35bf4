"""Searches a failing list of steps for a short one that fails in the same way.

Any selection of steps can be played: what is left out changes what the others do, and the model follows.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def shrunk(
    steps: Sequence[T],
    fails: Callable[[Sequence[T]], bool],
    labels: Callable[[T], Iterable[str]],
    seconds: float,
) -> list[T]:
    """Leave out steps as long as the rest still fails: all with one label, then ever smaller runs of steps.

    Args:
        fails: plays steps and returns whether they fail in the way in question; true of `steps`.
        labels: what a step has in common with others, such as its verb and its accounts.
        seconds: how long to search; the best list found until then is returned.
    """
    deadline = time.monotonic() + seconds
    kept = list(steps)
    for label, _ in Counter(label for step in steps for label in labels(step)).most_common():
        fewer = [step for step in kept if label not in labels(step)]
        if len(fewer) < len(kept) and time.monotonic() < deadline and fails(fewer):
            kept = fewer
    for size in _halves(len(kept)):
        end = len(kept)
        while end > 0:
            start = max(0, end - size)
            fewer = kept[:start] + kept[end:]
            if time.monotonic() < deadline and fails(fewer):
                kept = fewer
            end = start
    return kept


def _halves(size: int) -> Iterator[int]:
    while size > 1:
        size = (size + 1) // 2
        yield size
