"""Puts one fault into a copy of the project and runs tests until one fails.

Tests run in an order that kills quickly: the unit tests that speak of the function most, then all unit tests
of the contracts, then state machines, scenarios and gas. A run ends with the first failure.
"""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.assurance.mutation.planted import Mutant

_LATER = ("tests/stateful", "tests/scenarios", "tests/gas")
FIRST_FILES = 6


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant.

    Attributes:
        outcome: "killed", "survived", "late" (no failure within the time), "refused" (it does not compile).
        by: the failed test.
        seconds: how long it took, compilation included.
    """

    name: str
    outcome: str
    by: str
    seconds: float

    def as_row(self) -> dict[str, object]:
        """Return it as JSON takes it."""
        return asdict(self)


def stages(copy: Path, verbs: list[str]) -> list[list[str]]:
    """Return arguments of pytest, one list a run."""
    unit = [
        file
        for file in sorted((copy / "tests/unit").rglob("test_*.py"))
        if file.relative_to(copy / "tests/unit").parts[0] not in ("lib", "support")
    ]

    def mentions(file: Path) -> float:
        text = file.read_text(encoding="utf-8")
        return sum(text.count(verb) + (50 if verb.lower() in file.stem else 0) for verb in verbs)

    first = sorted((file for file in unit if mentions(file)), key=mentions, reverse=True)[:FIRST_FILES]
    rest = [file for file in unit if file not in first]
    names = [[file.relative_to(copy).as_posix() for file in files] for files in (first, rest)]
    return [*(files for files in names if files), list(_LATER)]


def try_mutant(copy: Path, mutant: Mutant, seconds: float) -> Verdict:
    """Run the tests on a copy with the fault in it, for so many seconds at most; then mend the copy."""
    source = copy / "contracts" / mutant.file
    whole = source.read_text(encoding="utf-8")
    if whole.count(mutant.find) != 1:
        raise ValueError(f"{mutant.name}: its place occurs {whole.count(mutant.find)} times")
    begun = time.monotonic()

    def verdict(outcome: str, by: str = "") -> Verdict:
        return Verdict(mutant.name, outcome, by, round(time.monotonic() - begun, 1))

    source.write_text(whole.replace(mutant.find, mutant.put), encoding="utf-8")
    try:
        for arguments in stages(copy, mutant.verbs.split()):
            left = seconds - (time.monotonic() - begun)
            command = [sys.executable, "-m", "scripts.run_tests", "-x", "-q", "--no-header", *arguments]
            try:
                run = subprocess.run(
                    command, cwd=copy, capture_output=True, text=True, timeout=max(left, 1), check=False
                )
            except subprocess.TimeoutExpired:
                return verdict("late")
            if run.returncode == 2 and "Error" in run.stderr and "FAILED" not in run.stdout:
                return verdict("refused", run.stderr.strip().splitlines()[0][:200])
            if run.returncode != 0:
                failed = [
                    line.split(" ", 1)[1].split(" - ")[0]
                    for line in run.stdout.splitlines()
                    if line.startswith(("FAILED", "ERROR "))
                ]
                return verdict("killed", failed[0] if failed else f"exit code {run.returncode}")
        return verdict("survived")
    finally:
        source.write_text(whole, encoding="utf-8")
