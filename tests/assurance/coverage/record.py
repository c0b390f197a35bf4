"""Runs files of tests on a chain of their own and writes what each executed, in a copy of the project.

python -m tests.assurance.coverage.record <job>
    where the job, a file, is a JSON list of [file of tests, its state, where its recording goes]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from scripts import run_tests
from tests.assurance.coverage.recorder import RecordingMiddleware, recorder


class _Plugin:
    def __init__(self, jobs: list[list[str]]) -> None:
        self._jobs = {test_file: (state, Path(recording)) for test_file, state, recording in jobs}
        self._passed = self._failures = 0

    def pytest_sessionstart(self) -> None:
        import brownie

        # Innermost, so that it sees requests as the node does, and each once.
        brownie.web3.middleware_onion.inject(RecordingMiddleware, RecordingMiddleware.__name__, layer=0)

    def pytest_runtest_logreport(self, report: Any) -> None:
        self._failures += report.failed
        self._passed += report.passed and report.when == "call"

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: Any, nextitem: Any) -> Generator[None, None, None]:
        yield
        if nextitem is None or nextitem.path != item.path:
            state, recording = self._jobs[item.path.relative_to(item.config.rootpath).as_posix()]
            noted = {"state": state, "passed": self._passed, "failures": self._failures}
            recording.write_text(json.dumps({**noted, **recorder.take()}))
            self._passed = self._failures = 0


def main(job: str) -> int:
    """Run the files of a job; return pytest's exit code."""
    jobs = json.loads(Path(job).read_text())
    return run_tests.main(
        ["-q", *(test_file for test_file, *_ in jobs)],
        # Code without optimizer is longer than a public chain allows.
        chain_options=("--disable-code-size-limit",),
        plugins=[_Plugin(jobs)],
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
