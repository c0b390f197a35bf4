"""The part "forge" of `make test-deep`: I1 to I9 and I11 over all contracts, until the counts are reached.

Campaigns are played side by side, every invariant in turn, with seeds counted up from the first. The
counts of each lie in build/test-deep-forge/<digest of the sources>; what is there is not played again.
"""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from itertools import count
from pathlib import Path

from rich.console import Console

from scripts.lib.artifacts import sources_digest
from scripts.lib.workspace import BUILD, ROOT
from tests.assurance.invariant_runs import INVARIANTS, build, play, read_counts, verbs

WORKERS = 6
RUNS = 20
ACTIONS_OF_A_RUN = 4000
LEAST_CALLS = 1_000_000
LEAST_SUCCESSES = 500


def campaign(seed: int, console: Console) -> dict[str, int | str]:
    """Play until at least LEAST_CALLS succeeded, and every verb LEAST_SUCCESSES times; return the figures.

    Raises:
        InvariantBrokenError: an invariant does not hold.
    """
    build()
    folder = BUILD / "test-deep-forge" / _digest()[:16]
    total: Counter[str] = Counter()
    for turn in count():
        with ThreadPoolExecutor(WORKERS) as workers:
            played = [workers.submit(_campaign_of, each, seed + turn, folder, console) for each in INVARIANTS]
        total = sum((future.result() for future in played), total)
        times, verb = rarest(total)
        console.print(f"{total['calls']:,} calls succeeded; rarest is {verb}, {times:,}", highlight=False)
        if total["calls"] >= LEAST_CALLS and times >= LEAST_SUCCESSES:
            return _figures(total, turn + 1, seed, console)
    raise AssertionError("count() does not end")


def _campaign_of(invariant: str, seed: int, folder: Path, console: Console) -> Counter[str]:
    file = folder / f"{invariant}{seed}.txt"
    if file.is_file():
        return read_counts(file)
    begun = time.monotonic()
    being_written = file.with_suffix(".part")
    counts = play(invariant, seed, RUNS, ACTIONS_OF_A_RUN, being_written)
    being_written.rename(file)
    seconds = time.monotonic() - begun
    about = f"{counts['calls']:,} calls succeeded, {counts['refusals']:,} refused, {seconds:.0f} s"
    console.print(f"{invariant}* seed {seed}: {about}", highlight=False)
    return counts


def rarest(counts: Counter[str]) -> tuple[int, str]:
    """Return how often the rarest verb has succeeded, and which it is."""
    return min((counts[verb], verb) for verb in verbs().values())


def _figures(total: Counter[str], turns: int, seed: int, console: Console) -> dict[str, int | str]:
    for verb in sorted(verbs().values(), key=lambda verb: total[verb]):
        console.print(f"{total[verb]:>9,}  {verb}", highlight=False)
    known = {*verbs().values(), "calls", "refusals"}
    situations = {situation: total[situation] for situation in sorted(total) if situation not in known}
    times, verb = rarest(total)
    return {
        "calls that succeeded": total["calls"],
        "calls that were refused": total["refusals"],
        "state-changing functions": len(verbs()),
        "rarest": f"{verb} {times:,} times",
        "campaigns": f"{turns * len(INVARIANTS)} of {RUNS} runs of {ACTIONS_OF_A_RUN:,} actions, "
        f"seeds {seed} to {seed + turns - 1}",
        **situations,
    }


def _digest() -> str:
    """Return the SHA-256 (hex) of the contracts and of the invariants."""
    digest = sha256(sources_digest().encode())
    for file in sorted((ROOT / "tests" / "invariants").glob("*.sol")):
        digest.update(file.read_bytes())
    return digest.hexdigest()
