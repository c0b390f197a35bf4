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


@pytest.fixture
def crowd():
    """129 residents' accounts, enough for a month's limit of 2^36 - 1 in lots of at most 2^29 - 1."""
    return [f"0x{number:040x}" for number in range(0xC0FFEE, 0xC0FFEE + 129)]


@pytest.fixture
def grant(point, minter):
    """`grant(account, {month: points})` mints one lot after the other, in the order given."""

    def grant_lots(to, lots_to_grant):
        for month, points in lots_to_grant.items():
            point.mintUntil(to, points, month, {"from": minter})

    return grant_lots


@pytest.fixture
def transfers_on(point, act_maker):
    """Residents may transfer to residents, and merchants to merchants."""
    point.setTransferSwitches(True, True, {"from": act_maker})
