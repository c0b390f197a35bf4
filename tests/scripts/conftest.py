"""A chain of their own for the tests of what talks to a chain without Brownie."""

import pytest

from scripts.lib.chain import LocalChain
from scripts.lib.deployment import deploy
from scripts.lib.keyring import LocalKeyring
from scripts.lib.rpc import Rpc
from scripts.lib.rpc_deployer import RpcDeployer
from scripts.lib.sender import Sender
from tests.scripts.local_plan import local_plan
from tests.support.town import SERIES


@pytest.fixture(scope="module")
def own_chain():
    with LocalChain.anvil() as chain:
        yield chain


@pytest.fixture(scope="module")
def rpc(own_chain):
    return Rpc(own_chain.url)


@pytest.fixture(scope="module")
def keyring(own_chain):
    return LocalKeyring(own_chain, "tests")


@pytest.fixture(scope="module")
def sender(rpc, keyring):
    return Sender(rpc, keyring)


@pytest.fixture(scope="module")
def rpc_deployer(rpc, sender):
    return RpcDeployer(rpc, sender)


@pytest.fixture(scope="module")
def plan(keyring):
    return local_plan(keyring, "shop")


@pytest.fixture(scope="module")
def token(rpc_deployer, plan):
    """A deployed series with one minter and one shop."""
    return deploy(rpc_deployer, plan).series[SERIES]
