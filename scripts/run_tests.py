"""Runs pytest with Brownie against a chain that is started for this run and ends with it.

    python -m scripts.run_tests [arguments of pytest]        (or: make test ARGS="tests/unit -k refund")

Without arguments the whole suite runs in `PARTS`, side by side, each in a process and on a chain of its own.
A chain has a random chain id, which tests/conftest.py expects to find: tests never run on another chain.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import inspect
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any

from scripts.lib.node.local_chain import LocalChain
from scripts.lib.project import ProjectError, connected, load_project
from scripts.lib.workspace import stay_inside

# Read by tests/conftest.py.
CHAIN_ID_VARIABLE = "JICHITAI_TEST_CHAIN_ID"
# Tests that compute dates start here unless they travel themselves: 1 April 2025, 09:00 in Japan.
GENESIS_TIME = 1_743_465_600

_POINT = "tests/unit/municipal_point"
_LIBRARY = "tests/unit/lib"
_SLOW = ("tests/assurance", "tests/gas", "tests/stateful")
_COMMANDS = ("tests/scripts/administration", "tests/scripts/audit")
_SCENARIOS = "tests/scenarios"
PARTS = (
    [_POINT],
    ["tests/unit", f"--ignore={_POINT}", f"--ignore={_LIBRARY}"],
    [*_SLOW],
    [_LIBRARY, *_COMMANDS],
    [_SCENARIOS],
    ["tests", *(f"--ignore={each}" for each in ("tests/unit", "tests/web", _SCENARIOS, *_SLOW, *_COMMANDS))],
)
"""Arguments of pytest for each part: together every test that needs no browser. Each waits for its chain
half of the time, so that two cores are busy with six."""


def run_whole() -> int:
    """Run all parts at once; return 0 if all passed, else an exit code of one that did not.

    The first part is shown as it runs, what the others print follows when they are done.
    """
    first, *others = ([sys.executable, "-m", "scripts.run_tests", "-q", *part] for part in PARTS)
    with contextlib.ExitStack() as stack:
        printed = [stack.enter_context(tempfile.TemporaryFile()) for _ in others]
        running = []
        for command, output in zip(others, printed, strict=True):
            running.append(subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT))
            stack.callback(running[-1].terminate)
        codes = [subprocess.run(first, check=False).returncode]
        for process, output in zip(running, printed, strict=True):
            codes.append(process.wait())
            output.seek(0)
            sys.stdout.buffer.write(output.read())
            sys.stdout.flush()
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

    # The compiled project is hundreds of thousands of objects that stay: the collector need not walk them.
    gc.collect()
    gc.freeze()

    # Brownie's pytest plugin would load the project a second time, under the name of the folder, and parse
    # every file of tests for its list of what need not run again, which is not used here.
    brownie.project.load = lambda *_args, **_kwargs: project
    managers: Any = importlib.import_module("brownie.test.managers.base")
    managers._get_ast_hash = str
    # At each snapshot it asks who called, and would read the source of everything on the stack.
    rpc: Any = importlib.import_module("brownie.network.rpc")
    rpc.inspect = SimpleNamespace(stack=partial(inspect.stack, context=0))

    with LocalChain.anvil(genesis_time=GENESIS_TIME, extra=chain_options) as chain, connected(chain):
        os.environ[CHAIN_ID_VARIABLE] = str(chain.chain_id)
        return int(pytest.main(arguments, plugins=plugins))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
