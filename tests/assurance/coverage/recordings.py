"""One recording for each file of tests, kept for as long as the contracts and that file stay as they are.

So a run that was interrupted goes on, and a test that is added costs the run of its own file.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from scripts.lib.artifacts import sources_digest
from scripts.lib.workspace import BUILD, ROOT

FOLDER = BUILD / "coverage" / "contracts"
_NOT_OF_CONTRACTS = ("lib", "support")
_SCENARIOS = ("tests/scenarios/test_second_officer.py",)


def test_files() -> list[str]:
    """Return the files of tests whose transactions are traced, paths from the project's folder."""
    unit = ROOT / "tests" / "unit"
    found = [
        file.relative_to(ROOT).as_posix()
        for file in unit.rglob("test_*.py")
        if file.relative_to(unit).parts[0] not in _NOT_OF_CONTRACTS
    ]
    return sorted([*found, *_SCENARIOS])


def recording_of(test_file: str) -> Path:
    """Return where the recording of a file of tests lies."""
    return FOLDER / f"{test_file.removesuffix('.py').replace('/', '.')}.json"


def state_of(test_file: str) -> str:
    """Return a digest of the contracts, the file of tests, and the fixtures that it may use."""
    digest = sha256(sources_digest().encode())
    fixtures = [
        *(ROOT / "tests" / "support").glob("*.py"),
        *(
            folder / "conftest.py"
            for folder in (ROOT / test_file).parents
            if ROOT in (folder, *folder.parents)
        ),
    ]
    for file in [ROOT / test_file, *sorted(file for file in fixtures if file.is_file())]:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def read(test_file: str) -> dict[str, Any]:
    """Return what a file of tests executes.

    Raises:
        ValueError: there is no recording for the present state, or its tests failed, or there were none.
    """
    file = recording_of(test_file)
    if not file.is_file():
        raise ValueError(f"there is no recording of {test_file}")
    recording: dict[str, Any] = json.loads(file.read_text())
    if recording["state"] != state_of(test_file):
        raise ValueError(f"the recording of {test_file} is of other contracts or tests")
    if recording["failures"] or not recording["passed"]:
        raise ValueError(f"{recording['failures']} tests of {test_file} failed, {recording['passed']} passed")
    if recording["untraced"]:
        raise ValueError(f"{recording['untraced']} transactions or calls of {test_file} could not be traced")
    return recording


def read_all() -> list[dict[str, Any]]:
    """Return what all files of tests execute.

    Raises:
        ValueError: one has no recording that counts, or nothing was recorded.
    """
    recordings = [read(test_file) for test_file in test_files()]
    if not any(recording["traced"] and recording["executed"] for recording in recordings):
        raise ValueError("the recordings are empty")
    return recordings


def missing() -> list[str]:
    """Return the files of tests that have no recording that counts."""

    def is_missing(test_file: str) -> bool:
        try:
            read(test_file)
        except ValueError:
            return True
        return False

    return [test_file for test_file in test_files() if is_missing(test_file)]
