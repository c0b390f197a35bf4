"""Runs pytest with Brownie against a chain that is started for this run and ends with it.

    python -m scripts.run_tests [arguments of pytest]        (or: make test ARGS="tests/unit -k refund")

Without arguments the whole suite runs in `HALVES`, side by side, each in a process and on a chain of its own.
A chain has a random chain id, which tests/conftest.py expects to find: tests never run on another chain.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence

from scripts.lib.chain import LocalChain
from scripts.lib.project import ProjectError, connected, load_project
from scripts.lib.workspace import stay_inside

# Read by tests/conftest.py.
CHAIN_ID_VARIABLE = "JICHITAI_TEST_CHAIN_ID"
# Tests that compute dates start here unless they travel themselves: 1 April 2025, 09:00 in Japan.
GENESIS_TIME = 1_743_465_600

# Arguments of pytest for each half: together every test that needs no browser, and about equally long.
HALVES = (["tests/unit"], ["tests", "--ignore=tests/unit", "--ignore=tests/web"])


def run_whole() -> int:
    """Run both halves at once; return 0 if both passed, else an exit code of one that did not.

    The first half is shown as it runs, what the second one prints follows when it is done.
    """
    commands = [[sys.executable, "-m", "scripts.run_tests", "-q", *half] for half in HALVES]
    with tempfile.TemporaryFile() as printed:
        second = subprocess.Popen(commands[1], stdout=printed, stderr=subprocess.STDOUT)
        try:
            codes = [subprocess.run(commands[0], check=False).returncode, second.wait()]
        finally:
            second.terminate()
            second.wait()
        printed.seek(0)
        sys.stdout.buffer.write(printed.read())
    # A process that a signal ended has a negative code, which is a failure too.
    return max(abs(code) for code in codes)


def main(arguments: list[str], chain_options: tuple[str, ...] = (), plugins: Sequence[object] = ()) -> int:
    """Run the whole suite, or pytest here with `arguments`; return the exit code, 2 if nothing compiles.

    Args:
        arguments: of pytest.
        chain_options: further options of anvil.
        plugins: objects with hooks of pytest.
    """
    if not arguments:
        return run_whole()
    stay_inside()
    try:
        project = load_project()
    except ProjectError as error:
        print(error, file=sys.stderr)
        return 2

    import brownie
    import pytest

    # Brownie's pytest plugin would load the project a second time, under the name of the folder.
    brownie.project.load = lambda *_args, **_kwargs: project

    with LocalChain.anvil(genesis_time=GENESIS_TIME, extra=chain_options) as chain, connected(chain):
        os.environ[CHAIN_ID_VARIABLE] = str(chain.chain_id)
        return int(pytest.main(arguments, plugins=plugins))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
