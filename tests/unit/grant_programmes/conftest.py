import brownie
import pytest

from scripts.lib.node.rpc import Rpc
from tests.support.books import check_books
from tests.support.programmes import Programmes
from tests.support.town import CITY

ALLOWANCE = 10**12


@pytest.fixture(autouse=True)
def isolation(fn_isolation):
    pass


@pytest.fixture(scope="session")
def rpc():
    rpc = Rpc(brownie.web3.provider.endpoint_uri)
    yield rpc
    rpc.close()


@pytest.fixture(autouse=True)
def books_that_balance(isolation, rpc, point):
    yield
    check_books(rpc, point.address)


@pytest.fixture(scope="module")
def contract(project, platform, point, act_maker, deployer):
    """GrantProgrammes as a minter of the series."""
    contract = project.GrantProgrammes.deploy(platform, {"from": deployer})
    point.increaseMinterAllowance(contract, ALLOWANCE, {"from": act_maker})
    return contract


@pytest.fixture(scope="module")
def programmes(contract, point, act_maker, stranger):
    return Programmes(contract, point, act_maker, CITY, runner=stranger)


@pytest.fixture(scope="module")
def people(memberships):
    """Forty residents, numbers 1 to 40."""
    return memberships.join(*(f"person {number}" for number in range(1, 41)))
