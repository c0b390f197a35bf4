"""A slice of the state machine for every `make test`; tests/stateful/campaign.py plays for longer.

JICHITAI_SEED=7 JICHITAI_STEPS=50000 make test ARGS=tests/stateful
"""

from __future__ import annotations

import os

import pytest
from rich.console import Console

from tests.stateful.campaign import Tally, play, runs
from tests.stateful.chooser import VERBS
from tests.stateful.profiles import PROFILES
from tests.stateful.situations import SITUATIONS

SEED = int(os.environ.get("JICHITAI_SEED", "3"))
STEPS = int(os.environ.get("JICHITAI_STEPS", "8000"))
LEAST_SUCCESSES = 20
"""A verb that succeeds less often was not tried in earnest; the campaign of make test-deep asks for 500."""

LEAST_SIGHTINGS = 3
"""A situation that comes up less often does so by luck."""

DEEP_ACCOUNT_LOTS = 24
"""Lots that an account must be able to hold at the least: docs/decisions/0001-account-and-supply-words.md."""


def test_every_step_agrees_with_the_reference_model(capsys: pytest.CaptureFixture[str]) -> None:
    """I1 to I8, I10, I11: lots, claims, sales, supply, events, refusals after every step of random runs."""
    tally = Tally()
    for run in runs(SEED, STEPS, list(PROFILES.values())):
        play(run, tally)
    with capsys.disabled():
        console = Console()
        console.print(f"\nstate machine: seed {SEED} (JICHITAI_SEED), {STEPS:,} steps (JICHITAI_STEPS)")
        tally.print(console)
    rare = {verb: tally.succeeded[verb] for verb in VERBS if tally.succeeded[verb] < LEAST_SUCCESSES}
    assert not rare, f"succeeded less than {LEAST_SUCCESSES} times: {rare}"
    seldom = {name: tally.situations[name] for name in SITUATIONS if tally.situations[name] < LEAST_SIGHTINGS}
    assert not seldom, f"came up less than {LEAST_SIGHTINGS} times: {seldom}"
    assert tally.most_lots >= DEEP_ACCOUNT_LOTS, f"no account had more than {tally.most_lots} lots"
