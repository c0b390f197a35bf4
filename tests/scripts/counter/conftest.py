"""One town for the tests of counters and purses; what a test does to the chain is undone after it."""

import pytest

from scripts.lib.node.local_chain import LocalChain
from tests.support.counter_town import OPENING, WAIT, open_town


class Clock:
    """A clock that stands until somebody moves it."""

    def __init__(self):
        self.now = OPENING

    def __call__(self):
        return self.now


@pytest.fixture(scope="session")
def counter_town():
    with LocalChain.anvil(genesis_time=OPENING - 4 * WAIT) as chain:
        yield open_town(chain)


@pytest.fixture
def town(counter_town):
    snapshot = counter_town.chain.rpc("evm_snapshot")
    yield counter_town
    counter_town.chain.rpc("evm_revert", snapshot)


@pytest.fixture
def clock():
    return Clock()
