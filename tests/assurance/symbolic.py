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

from rich.console import Console

from scripts.lib.artifacts import sources_digest
from scripts.lib.workspace import BUILD, FORGE, ROOT, TOOLS, inside_variables
from tests.assurance.results import Figures

HALMOS = TOOLS / "halmos" / "bin" / "halmos"
CHECK_SECONDS = 900
LOOP = 8
"""Every loop is unrolled so often; the queue has six places."""

CHECKS = {
    "check_drop_ended_drops_no_live_lot": "3 lots or fewer, any flags",
    "check_take_out_touches_one_lot": "3 lots or fewer, any flags",
    "check_stranger_takes_no_role": "one call of any function, after the setting up",
    "check_stranger_registers_nobody": "one call of any function, after the setting up",
    "check_receive_shortens_and_loses_nothing": "3 lots or fewer, any flags",
    "check_spend_of_a_part_of_one_lot": "1 lot, any flags, amount and month",
    "check_spend_of_all_of_two_lots": "2 lots of any amounts in two given months, spent whole",
    "check_spend_of_two_known_lots": "lots of 70 and 90 points in any two months, any amount spent",
    "check_spent_earliest_of_one_lot_is_spend": "1 lot, any flags and amount less than the lot",
    "check_spent_earliest_of_a_whole_lot_is_spend": "2 lots or fewer, any flags, the first spent whole",
    "check_receive_before_a_full_queue": "6 lots of one amount, one before them",
    "check_receive_into_the_midst_of_a_full_queue": "6 lots of one amount, one between them",
    "check_receive_into_a_lot_of_a_full_queue": "6 lots of one amount, more for one of them",
    "check_receive_after_a_full_queue": "6 lots of one amount, one after them",
    "check_stranger_cannot_harm_a_series_by_corrections": "one call of any of 9 functions",
    "check_stranger_cannot_harm_a_series_by_administration": "one call of any of 13 functions",
    "check_stranger_cannot_harm_a_series_by_minting": "one call of any of 9 functions",
    "check_stranger_cannot_harm_a_series_by_moving": "one call of any of 4 functions",
    "check_stranger_cannot_harm_a_series_by_own": "one call of any of 13 functions",
    "check_stranger_cannot_harm_a_series_by_paying": "one call of any of 4 functions",
    "check_spent_earliest_is_spend": "3 lots or fewer, any flags",
    "check_receive_into_a_full_queue": "6 lots of one amount, every other month of 12, one more lot",
    "check_spend_conserves_and_takes_the_earliest": "3 lots or fewer, any flags",
}
"""By name: what it is bounded to. No lot waits outside the queue before."""


def campaign(seed: int, console: Console) -> None:
    """Run every check that has no verdict yet, or none that proves.

    Raises:
        AssertionError: halmos has a counterexample, or is not installed.
    """
    del seed  # nothing is left to chance
    assert HALMOS.is_file(), "halmos is not installed here: make .tools/halmos/.installed"
    for check, bounds in CHECKS.items():
        if not _verdict(check).startswith("proven"):
            file = _file(check)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(verdict_of(check), encoding="utf-8")
        console.print(f"{check}: {_verdict(check)} ({bounds})", highlight=False)


def figures(seed: int) -> Figures:
    """Return what has been proven so far."""
    del seed
    verdicts = {check: _verdict(check) for check in CHECKS}
    proven = sum(verdict.startswith("proven") for verdict in verdicts.values())
    return {
        "counts reached": "yes" if proven == len(CHECKS) else "no: not all is proven",
        "checks": len(CHECKS),
        "proven": proven,
        **{check: f"{verdict}; {CHECKS[check]}" for check, verdict in verdicts.items()},
    }


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
        *(str(HALMOS), "--function", check, "--forge-build-out", "build/forge-symbolic"),
        *("--loop", str(LOOP), "--solver-timeout-branching", "500ms", "--solver-timeout-assertion", "60s"),
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
        rf"\[(PASS|FAIL|TIMEOUT|ERROR)\].* {check}.*\(paths: (\d+).*bounds: \[(.*)\]\)", printed
    )
    if found is None:
        return "not proven: halmos stopped"
    if found[1] != "PASS" or found[3]:
        return f"not proven: {found[1]}{', loops cut short' if found[3] else ''}"
    return f"proven ({int(found[2]):,} paths)"
