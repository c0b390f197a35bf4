"""Plays the state machine until every verb has succeeded so often: `make test-deep`.

    .venv/bin/python -m tests.stateful.deep [--least 500] [--seed 1] [--anew]

The runs are those of tests.stateful.campaign, every profile in turn, with seeds counted up from --seed.
After each run the counts are written to build/test-deep.json; a campaign that was interrupted goes on from
there, as long as contracts, seed and choice of steps are the same. A divergence ends it with the command that
plays the run again.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console

from scripts.lib.artifacts import sources_digest
from scripts.lib.workspace import BUILD
from tests.stateful.campaign import STEPS_OF_A_RUN, RunFailedError, Tally, play, runs
from tests.stateful.chooser import VERBS
from tests.stateful.profiles import PROFILES, SELDOM_PROFILES
from tests.stateful.steps import TIME_PASSES

PROGRESS_FILE = BUILD / "test-deep.json"
LEAST_SUCCESSES = 500
MOST_STEPS = 10_000_000


class Progress(msgspec.Struct):
    """How far a campaign has come.

    Attributes:
        inputs: digest of all that decides the steps: contracts, and the tests beside this file.
        played: how many runs.
    """

    inputs: str
    seed: int
    played: int
    tally: Tally


def inputs_digest() -> str:
    """Return the SHA-256 (hex) of the contracts and of the machine that plays them."""
    digest = sha256(sources_digest().encode())
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def read_progress(seed: int) -> Progress:
    """Return where to go on: at the beginning, if nothing of this campaign was played yet."""
    inputs = inputs_digest()
    if PROGRESS_FILE.is_file():
        progress = msgspec.json.decode(PROGRESS_FILE.read_bytes(), type=Progress, dec_hook=_counter)
        if (progress.inputs, progress.seed) == (inputs, seed):
            return progress
    return Progress(inputs, seed, 0, Tally())


def _counter(_: type, counts: Any) -> Counter[str]:
    return Counter(counts)


def rarest(tally: Tally) -> tuple[int, str]:
    """Return how often the rarest verb has succeeded, and which it is."""
    return min((tally.succeeded[verb], verb) for verb in VERBS if verb != TIME_PASSES)


def main(arguments: list[str] | None = None) -> int:
    """Play until every verb has succeeded often enough; return 1 if contract and model diverge."""
    parser = argparse.ArgumentParser(prog="make test-deep", description=main.__doc__)
    parser.add_argument("--least", type=int, default=LEAST_SUCCESSES, help="successes (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the first runs (default %(default)s)")
    parser.add_argument("--anew", action="store_true", help="from the beginning, whatever was played before")
    options = parser.parse_args(arguments)
    if options.anew:
        PROGRESS_FILE.unlink(missing_ok=True)

    console = Console()
    progress = read_progress(options.seed)
    profiles = [*SELDOM_PROFILES.values(), *PROFILES.values()]
    for number, run in enumerate(runs(options.seed, MOST_STEPS, profiles), 1):
        if number <= progress.played:
            continue
        if rarest(progress.tally)[0] >= options.least:
            break
        try:
            play(run, progress.tally)
        except RunFailedError as failure:
            console.print(str(failure), markup=False, highlight=False, soft_wrap=True)
            return 1
        progress.played = number
        PROGRESS_FILE.write_bytes(msgspec.json.encode(progress))
        times, verb = rarest(progress.tally)
        about = f"{run.profile.name}, seed {run.seed}: rarest is {verb}, {times} of {options.least}"
        console.print(f"run {number}, {about}", highlight=False)
    steps = progress.played * STEPS_OF_A_RUN
    console.print(f"{progress.played} runs, {steps:,} steps, seeds from {options.seed}", highlight=False)
    progress.tally.print(console)
    return 0


if __name__ == "__main__":
    sys.exit(main())
