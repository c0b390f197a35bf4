"""Who takes part in the unit tests of the contracts, and what the deployment code makes of it.

Contracts live for one module; what a test does is undone by Brownie's `fn_isolation`, which each folder of
contract tests uses for all its tests.
"""

import gc

import pytest

from scripts.lib.brownie_deployer import BrownieDeployer
from scripts.lib.deployment import deploy
from scripts.lib.project import load_project
from tests.support import clock
from tests.support.town import SERIES, plan_of


def _account(number):
    @pytest.fixture(scope="session")
    def account(accounts):
        return accounts[number]

    return account


deployer = _account(0)
council = _account(1)
city = _account(2)  # the Admin of 川崎市, to which the series belongs
merchant_officer = _account(3)
guardian = _account(4)
minter = _account(5)
resident = _account(6)
other_resident = _account(7)
shop = _account(8)
other_shop = _account(9)
newcomer = _account(10)  # an account that has nothing and is nothing yet
other_minter = _account(11)  # no minter, until a test accepts it
spender = _account(12)
neighbour = _account(13)  # the Admin of 高山市
stranger = _account(14)


@pytest.fixture(scope="session")
def project():
    project = load_project()
    # Brownie collects garbage whenever it reverts the chain, which is after every test: this keeps it from
    # looking through all modules and compiled contracts each time.
    gc.freeze()
    return project


@pytest.fixture(scope="module")
def standing_clock(module_isolation):
    clock.stop()
    clock.travel_to(clock.START)
    yield
    clock.run()


@pytest.fixture(scope="module")
def deployment(
    standing_clock,
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
    )
    return deploy(BrownieDeployer(project, accounts), plan)


@pytest.fixture(scope="module")
def platform(project, deployment):
    return project.PointPlatform.at(deployment.platform)


@pytest.fixture(scope="module")
def officers(project, deployment):
    return project.Officers.at(deployment.officers)


@pytest.fixture(scope="module")
def point(project, deployment):
    """The series of 川崎市."""
    return project.MunicipalPoint.at(deployment.series[SERIES])
