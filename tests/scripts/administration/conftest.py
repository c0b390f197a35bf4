"""One town on one chain for all tests of commands; what a test does is undone after it."""

import pytest

from scripts.lib.node.local_chain import LocalChain
from tests.support.command_town import GENESIS_TIME, set_up, undone


@pytest.fixture(scope="session")
def set_up_town(tmp_path_factory):
    with LocalChain.anvil(genesis_time=GENESIS_TIME) as chain:
        yield set_up(chain, tmp_path_factory.mktemp("town"))


@pytest.fixture
def town(set_up_town, tmp_path):
    with undone(set_up_town, tmp_path) as town:
        yield town
