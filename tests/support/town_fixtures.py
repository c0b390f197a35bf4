"""Who takes part in the tests of the contracts, and what the deployment code makes of it.

Fixtures for the conftest.py of tests/unit and tests/scenarios. Contracts live for one module; what a test
does is undone by Brownie's `fn_isolation`, which each folder of contract tests uses for all its tests.
"""

import gc

import pytest
from eth_account import Account
from eth_utils import keccak, to_checksum_address

from scripts.lib.brownie_deployer import BrownieDeployer
from scripts.lib.deployment import deploy
from scripts.lib.node.local_chain import development_keys
from scripts.lib.proceedings import execute_pending
from scripts.lib.project import load_project
from scripts.lib.roles import Role
from tests.support import clock
from tests.support.acting import Acting
from tests.support.impersonation import impersonate
from tests.support.memberships import Card, Memberships
from tests.support.paying import Counter
from tests.support.town import CITY, SERIES, plan_of


def _account(number):
    @pytest.fixture(scope="session")
    def account(accounts):
        return accounts[number]

    return account


def _impersonated(name):
    """An account for which the node signs without a key: there are only so many with one."""

    @pytest.fixture(scope="session")
    def account(accounts):
        return impersonate(accounts, to_checksum_address(keccak(text=name)[-20:]))

    return account


deployer = _account(0)
council = _account(1)
city = _account(2)  # the Admin of 川崎市, to which the series belongs
merchant_officer = _account(3)
guardian = _account(4)
minter = _account(5)
resident = _account(6)
other_resident = _account(7)
SHOP_PLACE = 8
shop = _account(SHOP_PLACE)
other_shop = _account(9)
newcomer = _account(10)  # an account that has nothing and is nothing yet
other_minter = _account(11)  # no minter, until a test accepts it
spender = _account(12)
neighbour = _account(13)  # the Admin of 高山市
stranger = _account(14)
# 15 to 19 are accounts of the tests themselves.
second_admin = _impersonated("second admin")
second_merchant_officer = _impersonated("second merchant officer")
desk_officer = _impersonated("desk officer")
other_desk_officer = _impersonated("other desk officer")
second_desk_officer = _impersonated("second desk officer")
other_second_desk_officer = _impersonated("other second desk officer")
programme_officer = _impersonated("programme officer")
programme_approver = _impersonated("programme approver")


class DeployerOnAStandingClock(BrownieDeployer):
    """Where Brownie's own ways of letting time pass do nothing."""

    def next_second(self):
        clock.travel(1)


@pytest.fixture(scope="session")
def project():
    project = load_project()
    # Brownie collects garbage whenever it reverts the chain, which is after every test: this keeps it from
    # looking through all modules and compiled contracts each time.
    gc.freeze()
    return project


@pytest.fixture(scope="module")
def stopped_clock(module_isolation):
    """The clock stands still, 72 hours before the tests begin: what a deployment sets going has to wait."""
    clock.stop()
    clock.travel_to(clock.START - 72 * clock.HOUR)
    yield
    clock.run()


@pytest.fixture(scope="module")
def standing_clock(stopped_clock):
    """The clock stands at the time at which tests begin, for those that deploy nothing."""
    clock.travel_to(clock.START)


@pytest.fixture(scope="module")
def deployment(
    stopped_clock,
    project,
    accounts,
    deployer,
    council,
    city,
    merchant_officer,
    guardian,
    minter,
    shop,
    other_shop,
    neighbour,
    second_admin,
    second_merchant_officer,
    desk_officer,
    other_desk_officer,
    second_desk_officer,
    other_second_desk_officer,
    programme_officer,
    programme_approver,
):
    plan = plan_of(
        deployer=deployer.address,
        council=council.address,
        city=city.address,
        merchant_officer=merchant_officer.address,
        guardian=guardian.address,
        minter=minter.address,
        shops=(shop.address, other_shop.address),
        neighbour=neighbour.address,
        more_officers=[
            (Role.ADMIN, second_admin.address),
            (Role.MERCHANT_OFFICER, second_merchant_officer.address),
            (Role.DESK_OFFICER, desk_officer.address),
            (Role.DESK_OFFICER, other_desk_officer.address),
            (Role.SECOND_DESK_OFFICER, second_desk_officer.address),
            (Role.SECOND_DESK_OFFICER, other_second_desk_officer.address),
            (Role.PROGRAMME_OFFICER, programme_officer.address),
            (Role.PROGRAMME_APPROVER, programme_approver.address),
        ],
    )
    on_chain = DeployerOnAStandingClock(project, accounts)
    deployment = deploy(on_chain, plan)
    clock.travel_to(clock.START)
    execute_pending(on_chain, deployment.officers, deployment.pending)
    return deployment


@pytest.fixture(scope="module")
def platform(project, deployment):
    return project.PointPlatform.at(deployment.platform)


@pytest.fixture(scope="module")
def officers(project, deployment):
    return project.Officers.at(deployment.officers)


@pytest.fixture(scope="module")
def residents(project, deployment):
    return project.ResidentRegistry.at(deployment.residents)


@pytest.fixture(scope="module")
def act_maker(accounts, officers):
    """The Officers contract as an account: tests of what an act does to a series need no two officers each
    time.

    Who may bring an act about, and how, is tested in tests/unit/officers and tests/unit/test_roles.py.
    """
    return impersonate(accounts, officers.address)


@pytest.fixture(scope="module")
def point(project, deployment):
    """The series of 川崎市."""
    return project.MunicipalPoint.at(deployment.series[SERIES])


@pytest.fixture(scope="module")
def acting(officers):
    """How the officers of 川崎市 act: `acting.perform`, `propose`, `approve`, `execute`, `together`."""
    return Acting(officers, CITY)


@pytest.fixture(scope="module")
def memberships(accounts, residents, act_maker):
    """How people join 川崎市: `memberships.join("Hanako")`."""
    return Memberships(accounts, residents, act_maker, CITY)


@pytest.fixture(scope="module")
def counter(point, shop):
    """The shop's counter: numbers of sales, and what payers and tills sign."""
    return Counter(point, shop)


@pytest.fixture
def till(memberships, point, shop):
    """The card of a till that the shop has appointed."""
    card = memberships.card("till")
    point.setTill(shop, card.account, True, {"from": shop})
    return card


@pytest.fixture(scope="session")
def shop_card(shop):
    """The shop's own key, which is its owner's until somebody replaces it."""
    return Card(Account.from_key(development_keys(SHOP_PLACE + 1)[SHOP_PLACE]), shop)


@pytest.fixture(scope="module")
def payer(memberships):
    """The card of somebody who pays; no resident yet, and without points."""
    return memberships.card("Hanako")


@pytest.fixture(scope="module")
def other_payer(memberships):
    return memberships.card("Taro")
