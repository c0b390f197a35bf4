"""Honest years, and years with frauds planted in them: how many false alarms, and what is found.

    make test-patterns [ARGS="--seeds 10"]

Each seed is four honest years, and four years with a fraud of every kind, one of each size. Ends with
1 if an honest year gives more than three false alarms, or a fraud is missed or stands behind a false alarm.
"""

from __future__ import annotations

import argparse
import sys
from typing import NamedTuple

from scripts.lib.audit.patterns.movements import PAYMENT, movements_of
from scripts.lib.audit.patterns.odd_pattern import OddPattern
from scripts.lib.audit.patterns.search import find_patterns
from tests.support.honest_year import HonestYear
from tests.support.planted_patterns import PLANTS, Planted

SIZES = 4
MOST_FALSE_ALARMS = 3


class Found(NamedTuple):
    """A year and what was found in it, what stands out most first."""

    year: HonestYear
    payments: int
    planted: list[Planted]
    patterns: list[OddPattern]

    def false_alarms(self) -> list[int]:
        """Return the places of findings that have nothing to do with what was planted."""
        return [
            place
            for place, pattern in enumerate(self.patterns)
            if not any(each.has_to_do_with(self.year, pattern) for each in self.planted)
        ]

    def place_of(self, planted: Planted) -> int | None:
        """Return the place of the first finding that names what was planted."""
        return next(
            (place for place, pattern in enumerate(self.patterns) if planted.is_found_by(self.year, pattern)),
            None,
        )

    def not_on_top(self) -> list[str]:
        """Return what was planted and is not found, or only behind a false alarm."""
        end = min(self.false_alarms(), default=len(self.patterns))
        places = {planted.what: self.place_of(planted) for planted in self.planted}
        return [f"{what}: {place}" for what, place in places.items() if place is None or place > end]


def play(seed: int, size: int | None = None, payments: int = 100_000) -> Found:
    """Let a year happen and look for odd patterns; `size` of the frauds, None for an honest year."""
    year = HonestYear(seed, payments)
    planted = [] if size is None else [plants[size](year) for plants in PLANTS.values()]
    movements = movements_of(year.tables())
    count = int((movements.kind == PAYMENT).sum())
    return Found(year, count, planted, find_patterns(movements))


def main() -> int:
    """Play the years; return 1 if one is not as it should be."""
    parser = argparse.ArgumentParser(prog="make test-patterns", description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    seeds = parser.parse_args().seeds
    alarms, faults, payments = [], [], []
    for seed in range(SIZES * seeds):
        honest = play(seed)
        alarms.append(len(honest.patterns))
        payments.append(honest.payments)
        for pattern in honest.patterns:
            print(f"honest {seed}: {pattern.score} {pattern.says.english}")
        if len(honest.patterns) > MOST_FALSE_ALARMS:
            faults.append(f"honest {seed}: {len(honest.patterns)} false alarms")
        planted = play(10_000 + seed, seed % SIZES)
        faults += [f"planted {10_000 + seed}: {fault}" for fault in planted.not_on_top()]
    print(
        f"{len(alarms)} honest years of {min(payments):,} to {max(payments):,} payments: {sum(alarms)} false "
        f"alarms, {max(alarms)} at most in one; {len(PLANTS) * len(alarms)} frauds planted"
    )
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
