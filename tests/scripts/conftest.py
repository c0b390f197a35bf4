"""A chain of their own for the tests of what talks to a chain without Brownie."""

from types import SimpleNamespace

import pytest

from scripts.lib.deployment import deploy
from scripts.lib.keys.keyring import LocalKeyring
from scripts.lib.node.local_chain import DEVELOPMENT_CHAIN_ID, DEVELOPMENT_GENESIS_TIME, LocalChain
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.sender import Sender
from scripts.lib.practice_town import PracticeFolders, found
from scripts.lib.proceedings import execute_pending
from scripts.lib.rpc_deployer import RpcDeployer
from tests.scripts.local_plan import local_plan
from tests.support.town import SERIES


@pytest.fixture(scope="session")
def practised(tmp_path_factory):
    """A practice town on a chain as `make chain` starts it, and the folders of its files."""
    folder = tmp_path_factory.mktemp("practised")
    folders = PracticeFolders(*(folder / name for name in ("practice", "deployments", "plans", "journals")))
    with LocalChain.anvil(chain_id=DEVELOPMENT_CHAIN_ID, genesis_time=DEVELOPMENT_GENESIS_TIME) as chain:
        yield SimpleNamespace(url=chain.url, folders=folders, town=found(chain.url, folders))


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
def deploy_now(own_chain, rpc_deployer):
    """Deploys a plan, and lets the time pass that its acts have to wait."""

    def run(plan, records=None):
        deployment = deploy(rpc_deployer, plan, records)
        if deployment.pending:
            own_chain.mine_at(max(pending.ready_at for pending in deployment.pending))
            execute_pending(rpc_deployer, deployment.officers, deployment.pending)
        return deployment

    return run


@pytest.fixture(scope="module")
def token(deploy_now, plan):
    """A deployed series with one minter and one shop."""
    return deploy_now(plan).series[SERIES]
