import brownie
import pytest

from scripts.lib.node.rpc import Rpc
from tests.support.books import check_books


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
