"""The part "machine" of `make test-deep`: token and model side by side by raw RPC (tests.stateful.deep)."""

from __future__ import annotations

from rich.console import Console

from tests.assurance.results import Figures
from tests.stateful import deep
from tests.stateful.steps import TIME_PASSES


def campaign(seed: int, console: Console) -> None:
    """Play until every verb of the token has succeeded often enough.

    Raises:
        AssertionError: contract and model diverged.
    """
    del console  # tests.stateful.deep prints for itself
    if deep.main(["--seed", str(seed)]) != 0:
        raise AssertionError("token and model diverged: see above")


def figures(seed: int) -> Figures:
    """Return what was counted so far."""
    progress = deep.read_progress(seed)
    succeeded = progress.tally.succeeded
    times, verb = deep.rarest(progress.tally)
    return {
        "counts reached": "yes" if times >= deep.LEAST_SUCCESSES else "not yet",
        "calls that succeeded": succeeded.total() - succeeded[TIME_PASSES],
        "calls that both refused alike": progress.tally.refused.total(),
        "rarest": f"{verb} {times:,} times",
        "runs": progress.played,
    }
