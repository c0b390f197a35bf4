"""Plays the state machine for long: every profile in turn, each run with a seed of its own on a fresh chain.

    .venv/bin/python -m tests.stateful.campaign [--steps 100000] [--seed 1] [--profile deep]

Steps are given as a total over all runs. A divergence ends the campaign with the trace, a shorter one if it
can be found, and the command that plays the run again. `make test` plays a slice of the same runs.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random

from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Column, Table

from tests.stateful.chooser import VERBS, Chooser
from tests.stateful.machine import DivergenceError, Machine
from tests.stateful.profiles import PROFILES, SELDOM_PROFILES
from tests.stateful.shrinking import shrunk
from tests.stateful.situations import SITUATIONS, situations_of
from tests.stateful.steps import TIME_PASSES, Step
from tests.stateful.town import Profile

STEPS_OF_A_RUN = 1500
"""Long enough for deep states; much longer runs slow anvil down."""

STEPS_BETWEEN_FULL_COMPARISONS = 100
SHOWN_STEPS = 20
SHRINKING_SECONDS = 60


@dataclass(frozen=True)
class Run:
    """What to play: a seed and a profile always give the same steps."""

    profile: Profile
    seed: int
    steps: int

    def __str__(self) -> str:
        options = f"--profile {self.profile.name} --seed {self.seed} --steps {self.steps}"
        return f".venv/bin/python -m tests.stateful.campaign {options}"


@dataclass
class Tally:
    """What was played.

    Attributes:
        succeeded: successful calls by verb.
        refused: calls that contract and model refused alike, by custom error.
        situations: of sales, in calls that succeeded.
        most_lots: live lots of the account that had most.
    """

    succeeded: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    situations: Counter[str] = field(default_factory=Counter)
    most_lots: int = 0

    def print(self, console: Console) -> None:
        """Print successful calls by verb, the most frequent first, and below what was refused."""
        calls = self.succeeded.total() - self.succeeded[TIME_PASSES]
        title = f"state machine: {calls:,} calls succeeded, by verb"
        table = Table("verb", Column("succeeded", justify="right"), box=box.SIMPLE_HEAD)
        for verb in sorted(VERBS, key=lambda verb: -self.succeeded[verb]):
            table.add_row(verb, f"{self.succeeded[verb]:,}")
        refusals = ", ".join(f"{name} {times:,}" for name, times in self.refused.most_common())
        console.print(title, table, sep="\n", highlight=False)
        console.print(
            f"{self.refused.total():,} calls were refused alike by both: {refusals}", highlight=False
        )
        seen = ", ".join(f"{situation} {self.situations[situation]:,}" for situation in SITUATIONS)
        console.print(f"sales: {seen}", highlight=False)
        console.print(f"most live lots of one account: {self.most_lots}", highlight=False)


class RunFailedError(AssertionError):
    """Contract and model diverged; the message holds the trace and how to play it again."""


def runs(seed: int, total_steps: int, profiles: Sequence[Profile]) -> Iterator[Run]:
    """Divide steps into runs: the profiles in turn, seeds counted up from `seed` each time round."""
    turns = ((profile, seed + turn) for turn in count() for profile in profiles)
    for profile, run_seed in turns:
        if total_steps <= 0:
            return
        yield Run(profile, run_seed, min(STEPS_OF_A_RUN, total_steps))
        total_steps -= STEPS_OF_A_RUN


def play(run: Run, tally: Tally, progress: Callable[[], object] = lambda: None) -> None:
    """Play a run and count into `tally`.

    Args:
        progress: called after every step.

    Raises:
        RunFailedError: contract and model diverged.
    """
    steps: list[Step] = []
    with Machine(run.profile) as machine:
        chooser = Chooser(Random(run.seed), run.profile, machine.town, machine.ledger, machine.node.token)
        try:
            for number in range(1, run.steps + 1):
                step = chooser.next()
                steps.append(step)
                refusal, outcome = machine.take(step)
                if refusal is None:
                    tally.succeeded[step.verb] += 1
                    tally.situations.update(situations_of(step, outcome, machine.ledger))
                else:
                    tally.refused[refusal.name] += 1
                if number % STEPS_BETWEEN_FULL_COMPARISONS == 0 or number == run.steps:
                    machine.compare_everything()
                    tally.most_lots = max(tally.most_lots, *machine.lot_counts())
                progress()
        except DivergenceError as divergence:
            names = machine.town.names
            failure = divergence
        else:
            return
    shorter = shrunk(
        steps,
        fails=lambda fewer: _diverges(run.profile, fewer, failure.kind),
        labels=lambda step: [step.verb, *step.accounts],
        seconds=SHRINKING_SECONDS,
    )
    raise RunFailedError(
        f"{failure}\n\n"
        f"{_trace(steps, names)}\n\n"
        f"The shortest steps found that fail like this:\n{_trace(shorter, names)}\n\n"
        f"To play it again: {run}"
    )


def _diverges(profile: Profile, steps: Sequence[Step], kind: str) -> bool:
    """Play given steps; return whether they end in a divergence of this kind."""
    with Machine(profile) as machine:
        try:
            for step in steps:
                machine.take(step, at_a_glance=True)
            machine.compare_everything()
        except DivergenceError as divergence:
            return divergence.kind == kind
    return False


def _trace(steps: Sequence[Step], names: dict[str, str]) -> str:
    first = max(0, len(steps) - SHOWN_STEPS)
    lines = [f"{number + 1:>6}  {step.describe(names)}" for number, step in enumerate(steps)][first:]
    return "\n".join([f"  last {len(lines)} of {len(steps)} steps, in Japan's time:", *lines])


def main(arguments: list[str] | None = None) -> int:
    """Play a campaign; return 1 after printing the trace if contract and model diverge."""
    parser = argparse.ArgumentParser(prog="python -m tests.stateful.campaign", description=main.__doc__)
    parser.add_argument(
        "--steps", type=int, default=100_000, help="of all runs together (default %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the first runs (default %(default)s)")
    known = PROFILES | SELDOM_PROFILES
    parser.add_argument("--profile", choices=known, help="play only this one")
    options = parser.parse_args(arguments)
    profiles = [known[options.profile]] if options.profile else list(PROFILES.values())

    console = Console()
    tally = Tally()
    with Progress(console=console) as progress:
        bar = progress.add_task("state machine", total=options.steps)
        for run in runs(options.seed, options.steps, profiles):
            progress.update(bar, description=f"{run.profile.name}, seed {run.seed}")
            try:
                play(run, tally, lambda: progress.advance(bar))
            except RunFailedError as failure:
                progress.stop()
                console.print(str(failure), markup=False, highlight=False, soft_wrap=True)
                return 1
    tally.print(console)
    return 0


if __name__ == "__main__":
    sys.exit(main())
