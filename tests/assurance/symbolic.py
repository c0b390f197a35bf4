"""The part "halmos" of `make test-deep`: what holds for all arguments at once, within the bounds of each.

halmos (AGPL-3.0) is a command in an environment of its own, .tools/halmos: nothing of the product imports,
links or ships it. A check counts as proven only if halmos says PASS for all its paths and cut no loop short;
a timeout, an error and a path given up are "not proven".
"""

from __future__ import annotations

import os
import re
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from scripts.lib.artifacts import sources_digest
from scripts.lib.workspace import BUILD, FORGE, ROOT, TOOLS, inside_variables
from tests.assurance.results import Figures

HALMOS = TOOLS / "halmos" / "bin" / "halmos"
CHECK_SECONDS = 900
LOOP = 80
"""No loop has as many rounds; one that had would be cut short, and its check not proven."""


class Property(NamedTuple):
    """What several checks prove together.

    Attributes:
        bounds: what it is bounded to.
        checks: functions of tests/symbolic.
    """

    bounds: str
    checks: tuple[str, ...]


PROPERTIES = {
    "a spend takes what was asked, earliest first, of live lots": Property(
        "4 lots or fewer in the queue; 2 there and 2 outside; the usual payment: any word",
        (
            "check_spend_takes_what_was_asked_earliest_first",
            "check_spend_goes_on_with_the_lots_outside",
            "check_usual_payment_is_a_spend",
        ),
    ),
    "what is received ends with its month, and no lot is shortened or lost": Property(
        "5 lots or fewer, any months; 6 lots, and 2 more outside, of given months, in any of 24",
        (
            "check_receive_adds_under_the_month_and_shortens_nothing",
            "check_receive_into_a_full_queue",
            "check_receive_where_lots_wait_outside",
        ),
    ),
    "taking out of a lot touches that lot": Property(
        "6 lots or fewer, any months; 2 in the queue and 2 outside of given months",
        ("check_take_out_touches_one_lot", "check_take_out_of_the_lots_outside"),
    ),
    "time takes ended lots alone, and a balance is the sum of the others": Property(
        "6 lots or fewer, any months",
        ("check_drop_ended_drops_no_live_lot", "check_sum_is_that_of_the_live_lots"),
    ),
    "a series refuses a stranger": Property(
        "each of its 52 functions that change state, but the 13 that follow; one call",
        ("check_series_refuses_strangers",),
    ),
    "a stranger moves its own points alone": Property(
        "4 transfers; any accounts and numbers",
        (
            "check_stranger_transfers_no_more_than_it_has",
            "check_stranger_transfers_harm_nobody",
            "check_stranger_transfers_nobody_elses_points",
            "check_stranger_moves_nothing_between_others",
        ),
    ),
    "a payment that a stranger makes or relays takes from others what they signed": Property(
        "pay, payRelayed, payBatch of one; any sale, signatures, time; amounts of one lot, or 4,300 of two",
        (
            "check_stranger_pays_with_its_own_points",
            "check_stranger_relays_only_what_the_payer_signed",
            "check_stranger_relays_only_what_the_payer_signed_in_a_batch",
            "check_stranger_relays_to_nobody_but_a_merchant",
        ),
    ),
    "what a stranger allows, cancels and puts in order harms nobody": Property(
        "6 functions; lists of two accounts",
        (
            "check_stranger_allows_and_cancels_for_itself",
            "check_stranger_puts_in_order_and_harms_nobody",
        ),
    ),
    "Officers and the registry refuse a stranger": Property(
        "each of their functions that change state; one call, a proposal and a replacement under way",
        (
            "check_officers_refuse_strangers",
            "check_stranger_has_no_say_in_a_proposal",
            "check_registry_refuses_strangers",
        ),
    ),
    "the four services refuse a stranger": Property(
        "each of their functions that change state, but sweep and closeCoupons; nothing opened yet",
        (
            "check_programmes_refuse_strangers",
            "check_bonus_refuses_strangers",
            "check_settlement_refuses_strangers",
            "check_exchange_refuses_strangers",
        ),
    ),
    "the Math that these are proven with is OpenZeppelin's": Property(
        "min and max", ("check_math_is_openzeppelins",)
    ),
}
"""For all arguments at once: lists of two or fewer, texts of 0, 65 or 1,024 bytes."""

CHECKS = tuple(check for its in PROPERTIES.values() for check in its.checks)


def campaign(seed: int, console: Console) -> None:
    """Run every check that has no verdict yet, or none that proves.

    Raises:
        AssertionError: halmos has a counterexample, or is not installed.
    """
    del seed  # nothing is left to chance
    assert HALMOS.is_file(), "halmos is not installed here: make .tools/halmos/.installed"
    for check in CHECKS:
        if not _verdict(check).startswith("proven"):
            file = _file(check)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(verdict_of(check), encoding="utf-8")
        console.print(f"{check}: {_verdict(check)}", highlight=False)


def figures(seed: int) -> Figures:
    """Return what has been proven so far."""
    del seed
    proven = sum(_verdict(check).startswith("proven") for check in CHECKS)
    return {
        "counts reached": "yes" if proven == len(CHECKS) else "no: not all is proven",
        "checks": len(CHECKS),
        "proven": proven,
        **{what: f"{_together(its.checks)}; {its.bounds}" for what, its in PROPERTIES.items()},
    }


def _together(checks: tuple[str, ...]) -> str:
    """Return "proven (2 checks, 25 paths)", or what of the checks is not."""
    verdicts = {check: _verdict(check) for check in checks}
    rest = [f"{check} {verdict}" for check, verdict in verdicts.items() if not verdict.startswith("proven")]
    if rest:
        return f"{len(checks) - len(rest)} of {len(checks)} checks proven: {', '.join(rest)}"
    paths = sum(int(re.sub(r"\D", "", verdict)) for verdict in verdicts.values())
    return f"proven ({len(checks)} check{'s' if len(checks) > 1 else ''}, {paths:,} paths)"


def _verdict(check: str) -> str:
    return _file(check).read_text(encoding="utf-8") if _file(check).is_file() else "not run yet"


def _file(check: str) -> Path:
    digest = sha256(sources_digest().encode())
    for file in sorted((ROOT / "tests" / "symbolic").glob("*.sol")):
        digest.update(file.read_bytes())
    return BUILD / "test-deep-halmos" / digest.hexdigest()[:16] / f"{check}.txt"


def verdict_of(check: str) -> str:
    """Return "proven (... paths)" or "not proven: ...".

    Raises:
        AssertionError: halmos has a counterexample.
    """
    command = [
        *(str(HALMOS), "--match-test", rf"^{check}\(", "--forge-build-out", "build/forge-symbolic"),
        *("--loop", str(LOOP), "--solver-timeout-branching", "200ms", "--solver-timeout-assertion", "60s"),
        *("--solver-threads", "1"),
    ]
    variables = {"FOUNDRY_PROFILE": "symbolic", "PATH": f"{FORGE.parent}:{os.environ['PATH']}"}
    environment = os.environ | inside_variables() | variables
    try:
        process = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=CHECK_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return f"not proven: no end within {CHECK_SECONDS} s"
    printed = process.stdout + process.stderr
    assert "Counterexample" not in printed, printed
    found = re.search(
        rf"\[(PASS|FAIL|TIMEOUT|ERROR)\].* {check}\(.*\(paths: (\d+).*bounds: \[(.*)\]\)", printed
    )
    if found is None:
        return "not proven: halmos stopped"
    if found[1] != "PASS" or found[3]:
        return f"not proven: {found[1]}{', loops cut short' if found[3] else ''}"
    return f"proven ({int(found[2]):,} paths)"
