"""The part "forge" of `make test-deep`: I1 to I9 and I11 over all contracts, until the counts are reached.

Campaigns are played side by side, every invariant in turn, with seeds counted up from the first. The
counts of each lie in build/test-deep-forge/<digest of the sources>; what is there is not played again.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

from rich.console import Console

from scripts.lib.workspace import BUILD
from tests.assurance.invariant_runs import (
    ALL_ACTIONS,
    INVARIANTS,
    SELDOM_ACTIONS,
    SUCCESSIONS,
    build,
    play,
    played_digest,
    read_counts,
    verbs,
)
from tests.assurance.results import Figures

WORKERS = os.cpu_count() or 1
RUNS = 20
ACTIONS_OF_A_RUN = 4000
ACTIONS_OF_A_SUCCESSION = 250
"""A run has four series to close at the most."""

LEAST_CALLS = 1_000_000
LEAST_SUCCESSES = 500


def campaign(seed: int, console: Console) -> None:
    """Play until at least LEAST_CALLS succeeded, and every verb LEAST_SUCCESSES times.

    Raises:
        InvariantBrokenError: an invariant does not hold.
    """
    build()
    for turn in count():
        with ThreadPoolExecutor(WORKERS) as workers:
            for played in [workers.submit(_play, *each, console) for each in _campaigns(seed + turn)]:
                played.result()
        total = _counts(seed)
        times, verb = rarest(total)
        console.print(f"{total['calls']:,} calls succeeded; rarest is {verb}, {times:,}", highlight=False)
        if _is_enough(total):
            break
    for verb in sorted(verbs().values(), key=lambda verb: total[verb]):
        console.print(f"{total[verb]:>9,}  {verb}", highlight=False)


def _campaigns(seed: int) -> list[tuple[str, str, int]]:
    """Return contract, invariant and seed of the campaigns of one turn."""
    return [
        *((ALL_ACTIONS, invariant, seed) for invariant in INVARIANTS),
        *((SELDOM_ACTIONS, invariant, seed) for invariant in ("invariant_I1_", "invariant_I6_")),
        *(
            (SUCCESSIONS, invariant, seed)
            for invariant in ("invariant_I1_", "invariant_I3_", "invariant_I7_")
        ),
    ]


def _is_enough(total: Counter[str]) -> bool:
    return total["calls"] >= LEAST_CALLS and rarest(total)[0] >= LEAST_SUCCESSES


def _file(contract: str, invariant: str, seed: int) -> Path:
    prefix = "" if contract == ALL_ACTIONS else f"{contract}_"
    return BUILD / "test-deep-forge" / played_digest()[:16] / f"{prefix}{invariant}{seed}.txt"


def _counts(seed: int) -> Counter[str]:
    """Return what was counted so far, in campaigns that were interrupted too."""
    total: Counter[str] = Counter()
    for turn in count():
        files = [_file(*each) for each in _campaigns(seed + turn)]
        found = [file for each in files for file in (each, each.with_suffix(".part")) if file.is_file()]
        if not found:
            return total
        for file in found:
            total += read_counts(file, RUNS)
    raise AssertionError("count() does not end")


def _play(contract: str, invariant: str, seed: int, console: Console) -> None:
    file = _file(contract, invariant, seed)
    if file.is_file():
        return
    begun = time.monotonic()
    being_written = file.with_suffix(".part")
    actions = ACTIONS_OF_A_SUCCESSION if contract == SUCCESSIONS else ACTIONS_OF_A_RUN
    counts = play(invariant, seed, RUNS, actions, being_written, contract=contract)
    being_written.rename(file)
    seconds = time.monotonic() - begun
    about = f"{counts['calls']:,} calls succeeded, {counts['refusals']:,} refused, {seconds:.0f} s"
    console.print(f"{contract} {invariant}* seed {seed}: {about}", highlight=False)


def rarest(counts: Counter[str]) -> tuple[int, str]:
    """Return how often the rarest verb has succeeded, and which it is."""
    return min((counts[verb], verb) for verb in verbs().values())


def figures(seed: int) -> Figures:
    """Return what was counted so far."""
    total = _counts(seed)
    known = {*verbs().values(), "calls", "refusals", "runs"}
    situations = {situation: total[situation] for situation in sorted(total) if situation not in known}
    times, verb = rarest(total)
    return {
        "counts reached": "yes" if _is_enough(total) else "not yet",
        "calls that succeeded": total["calls"],
        "calls that were refused": total["refusals"],
        "state-changing functions": len(verbs()),
        "rarest": f"{verb} {times:,} times",
        "runs": f"{total['runs']} of up to {ACTIONS_OF_A_RUN:,} actions, {RUNS} or more for an invariant",
        **situations,
    }
