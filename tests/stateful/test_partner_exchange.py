"""A slice of the exchange's state machine for every `make test`.

JICHITAI_SEED=7 JICHITAI_EXCHANGE_STEPS=20000 make test ARGS=tests/stateful/test_partner_exchange.py
"""

from __future__ import annotations

import os

import pytest

from scripts.lib.exchange.terms import HeldIssue
from scripts.lib.japan_calendar import moment_from_text
from tests.stateful.exchange_machine import SETTING_UP_SECONDS, ExchangeMachine, Tally
from tests.stateful.exchange_node import ExchangeNode

SEED = int(os.environ.get("JICHITAI_SEED", "1"))
STEPS = int(os.environ.get("JICHITAI_EXCHANGE_STEPS", "1800"))
STEPS_A_RUN = 600
COMPARED_EVERY = 40
LEAST_SUCCESSES = 3

# The runs begin shortly before a 29 February, the end of a fiscal year, and in summer.
STARTS = [moment_from_text(day) for day in ("2028-02-20", "2026-03-10", "2026-08-01")]

VERBS_OF_CONTRACT = (
    "exchange",
    "nameMunicipality",
    "sweep",
    "returnToPartner",
    "issueCoupons",
    "redeem",
    "closeCoupons",
    "recordReceipt",
    "reverseReceipt",
    "acceptPartner",
    "openCampaign",
)
LIMITS = (
    ("exchange", "ExchangeReferenceUsed"),
    ("exchange", "ExchangeDailyLimit"),
    ("exchange", "ExchangeYearlyLimit"),
    ("exchange", "ExchangeOutstandingLimit"),
    ("exchange", "ExchangeAmount"),
    ("redeem", "ExchangeCouponNotOpen"),
    ("recordReceipt", "ExchangeReceipt"),
)


def test_every_step_of_the_exchange_agrees_with_the_reference_model(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """I1, I3, I6, I7: ledgers, holdings, limits, lots, events and refusals in random runs."""
    tally = Tally()
    for run in range(max(1, STEPS // STEPS_A_RUN)):
        start = STARTS[run % len(STARTS)]
        with ExchangeNode(start - SETTING_UP_SECONDS) as node:
            machine = ExchangeMachine(node, start, SEED * 1_000 + run, tally)
            for step in range(min(STEPS, STEPS_A_RUN)):
                machine.step()
                if step % COMPARED_EVERY == 0:
                    machine.compare_everything()
            machine.compare_everything()
    with capsys.disabled():
        print(f"\nexchange: seed {SEED} (JICHITAI_SEED), {STEPS:,} steps (JICHITAI_EXCHANGE_STEPS)")
    rare = {
        verb: tally.succeeded[verb] for verb in VERBS_OF_CONTRACT if tally.succeeded[verb] < LEAST_SUCCESSES
    }
    assert not rare, f"succeeded less than {LEAST_SUCCESSES} times: {rare}"
    unmet = [limit for limit in LIMITS if not tally.refused[limit]]
    assert not unmet, f"never refused for: {unmet}; refused were {tally.refused}"
    unseen = {HeldIssue.NOT_DUE, HeldIssue.NO_MEMBERSHIP, HeldIssue.ACCOUNT_STOPPED, HeldIssue.NONE} - set(
        tally.kept
    )
    assert not unseen, f"no sweep met {unseen}"
