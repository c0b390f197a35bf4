import gc
import os

import pytest

from scripts.run_tests import CHAIN_ID_VARIABLE


def pytest_sessionstart(session: pytest.Session) -> None:
    """Refuse to run on any chain but the one that `make test` started for this run."""
    import brownie

    expected = os.environ.get(CHAIN_ID_VARIABLE)
    if expected is None or not brownie.network.is_connected():
        pytest.exit("These tests need a chain of their own: start them with `make test`.", returncode=3)
    found = brownie.web3.eth.chain_id
    if found != int(expected):
        pytest.exit(
            f"Connected to chain {found}, which was not started for this run ({expected}).", returncode=3
        )


def pytest_collection_finish(session: pytest.Session) -> None:
    """What stays to the end is not searched for garbage, which Brownie has done after every test."""
    gc.collect()
    gc.freeze()
