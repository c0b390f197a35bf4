"""Runs pytest with Brownie against a chain that is started for this run and ends with it.

    python -m scripts.run_tests [arguments of pytest]        (or: make test ARGS="tests/unit -k refund")

The chain has a random chain id, which tests/conftest.py expects to find: tests never run on another chain.
"""

from __future__ import annotations

import os
import sys

from scripts.lib.chain import LocalChain
from scripts.lib.project import ProjectError, connected, load_project
from scripts.lib.workspace import stay_inside

# Read by tests/conftest.py.
CHAIN_ID_VARIABLE = "JICHITAI_TEST_CHAIN_ID"
# Tests that compute dates start here unless they travel themselves: 1 April 2025, 09:00 in Japan.
GENESIS_TIME = 1_743_465_600


def main(arguments: list[str]) -> int:
    """Run pytest in this process and return its exit code; 2 if the contracts do not compile."""
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

    with LocalChain.anvil(genesis_time=GENESIS_TIME) as chain, connected(chain):
        os.environ[CHAIN_ID_VARIABLE] = str(chain.chain_id)
        return int(pytest.main(arguments))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
