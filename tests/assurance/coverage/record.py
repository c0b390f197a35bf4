"""Runs tests on a chain of their own and writes what they executed; started in a copy of the project.

python -m tests.assurance.coverage.record <file> [arguments of pytest]
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from scripts import run_tests
from tests.assurance.coverage.recorder import RecordingMiddleware, recorder

UNFINISHED = -1


class _Plugin:
    def __init__(self, file: Path) -> None:
        self._file = file

    def pytest_runtest_teardown(self, item: Any, nextitem: Any) -> None:
        # After each module, so that a run that was cut off can be looked at; the gate refuses it.
        if nextitem is None or nextitem.module is not item.module:
            recorder.write(self._file, UNFINISHED)

    def pytest_sessionstart(self) -> None:
        import brownie

        # Innermost, so that it sees requests as the node does, and each once.
        brownie.web3.middleware_onion.inject(RecordingMiddleware, RecordingMiddleware.__name__, layer=0)


def main(arguments: list[str]) -> int:
    """Run pytest with `arguments[1:]`; return its exit code."""
    file = Path(arguments[0])
    code = run_tests.main(
        arguments[1:],
        # Code without optimizer is longer than a public chain allows.
        chain_options=("--disable-code-size-limit",),
        plugins=[_Plugin(file)],
    )
    recorder.write(file, code)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
