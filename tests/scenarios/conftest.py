"""The town that the scenarios take place in. The books are checked after each (I2)."""

import brownie
import pytest

from scripts.lib.deployment import SERVICES
from scripts.lib.node.rpc import Rpc
from tests.support.books import check_books
from tests.support.exchange_town import (  # noqa: F401
    airline,
    card_company,
    desk,
    exchange,
    hanako_there,
    neighbour_point,
    neighbours,
    relayer,
)
from tests.support.settlement_fixtures import (  # noqa: F401
    books,
    cashier,
    earn,
    second_cashier,
    settlement,
)
from tests.support.town import CITY
from tests.support.town_fixtures import (  # noqa: F401
    act_maker,
    acting,
    city,
    council,
    counter,
    deployer,
    deployment,
    desk_officer,
    guardian,
    memberships,
    merchant_officer,
    minter,
    neighbour,
    newcomer,
    officers,
    other_desk_officer,
    other_minter,
    other_payer,
    other_resident,
    other_second_desk_officer,
    other_shop,
    payer,
    platform,
    point,
    programme_approver,
    programme_officer,
    project,
    resident,
    residents,
    second_admin,
    second_desk_officer,
    second_merchant_officer,
    shop,
    shop_card,
    spender,
    stopped_clock,
    stranger,
    till,
)


@pytest.fixture(autouse=True)
def isolation(fn_isolation):
    pass


@pytest.fixture(scope="session")
def rpc():
    rpc = Rpc(brownie.web3.provider.endpoint_uri)
    yield rpc
    rpc.close()


@pytest.fixture(scope="module")
def programmes(project, platform, officers, deployer, council, act_maker):  # noqa: F811
    """The service: offered by the council, accepted by the city."""
    service = project.GrantProgrammes.deploy(platform, {"from": deployer})
    platform.offerService(service, SERVICES["GrantProgrammes"], service.acts(), {"from": council})
    officers.acceptService(CITY, service, {"from": act_maker})
    return service


@pytest.fixture(scope="module")
def bonus(project, platform, officers, deployer, council, act_maker):  # noqa: F811
    """The service: offered by the council, accepted by the city."""
    service = project.PaymentBonus.deploy(platform, {"from": deployer})
    platform.offerService(service, SERVICES["PaymentBonus"], service.acts(), {"from": council})
    officers.acceptService(CITY, service, {"from": act_maker})
    return service


@pytest.fixture(scope="module")
def contracts(officers, residents, point, settlement, programmes, bonus, exchange, act_maker):  # noqa: F811
    """Every contract that has acts, by name; the city has accepted the services."""
    officers.acceptService(CITY, exchange, {"from": act_maker})
    return {
        "Officers": officers,
        "ResidentRegistry": residents,
        "MunicipalPoint": point,
        "MerchantSettlement": settlement,
        "GrantProgrammes": programmes,
        "PaymentBonus": bonus,
        "PartnerExchange": exchange,
    }


@pytest.fixture(autouse=True)
def books_that_balance(isolation, rpc, point):  # noqa: F811
    yield
    check_books(rpc, point.address)
