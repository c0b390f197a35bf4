"""川崎市 has accepted the service and lets it mint; Hanako and Taro are residents with points to spend."""

import brownie
import pytest

from scripts.lib.deployment import SERVICES
from scripts.lib.node.rpc import Rpc
from tests.support.bonus_town import BonusTown
from tests.support.books import check_books
from tests.support.clock import JULY
from tests.support.town import CITY

ALLOWANCE = 1_000_000
PURSE = 50_000


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
def bonus(project, platform, officers, point, act_maker, council, deployer):
    bonus = project.PaymentBonus.deploy(platform, {"from": deployer})
    platform.offerService(bonus, SERVICES["PaymentBonus"], bonus.acts(), {"from": council})
    officers.acceptService(CITY, bonus, {"from": act_maker})
    point.increaseMinterAllowance(bonus, ALLOWANCE, {"from": act_maker})
    return bonus


@pytest.fixture(scope="module")
def members(bonus, point, memberships, minter):
    """Hanako, resident 1, and Taro, resident 2."""
    members = memberships.join("Hanako", "Taro")
    for member in members:
        point.mintUntil(member.account, PURSE, JULY, {"from": minter})
    return members


@pytest.fixture
def hanako(members):
    return members[0]


@pytest.fixture
def taro(members):
    return members[1]


@pytest.fixture
def town(point, bonus, shop, act_maker, members, stranger):
    return BonusTown(point, bonus, shop, act_maker, stranger)


@pytest.fixture
def campaign(town):
    return town.open()
