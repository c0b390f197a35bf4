"""`registerSeries`: which token contracts are really a municipality's."""

import pytest
from brownie.exceptions import VirtualMachineError

from scripts.lib.deployment import SeriesPlan, series_arguments
from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.roles import Role
from tests.support.reading import ZERO_ADDRESS, events
from tests.support.reverts import reverts
from tests.support.town import CITY, NEIGHBOUR

COUNCIL = 0


@pytest.fixture
def new_series(project, officers, residents, deployer):
    """`new_series(municipality)` deploys a token and leaves it unregistered."""

    def deploy(municipality, of=officers, asking=residents):
        planned = SeriesPlan("", "子育てポイント", "KOSODATE", ExpiryRule.THIS_FISCAL_YEAR)
        arguments = series_arguments(municipality, of, asking, planned)
        return project.MunicipalPoint.deploy(*arguments, {"from": deployer})

    return deploy


def test_register_series_adds_the_next_one(platform, council, point, new_series):
    token = new_series(CITY)
    assert platform.municipalityOf(token) == 0
    registered = platform.registerSeries(CITY, token, {"from": council})
    assert events(registered) == [("SeriesRegistered", CITY, 2, token, "子育てポイント", "KOSODATE")]
    assert registered.return_value == 2
    assert platform.municipalityOf(token) == CITY
    assert platform.seriesOf(CITY) == (point, token)


def test_register_series_counts_in_each_municipality_from_one(platform, council, new_series):
    token = new_series(NEIGHBOUR)
    assert platform.registerSeries(NEIGHBOUR, token, {"from": council}).return_value == 1
    assert platform.seriesOf(NEIGHBOUR) == (token,)


def test_register_series_twice_reverts(platform, council, point):
    for municipality in (CITY, NEIGHBOUR):
        with reverts("PlatformSeriesTaken", point):
            platform.registerSeries(municipality, point, {"from": council})


def test_register_series_of_a_municipality_that_takes_no_part_reverts(platform, council, new_series):
    token = new_series(11002)
    with reverts("PlatformNotRegistered", 11002):
        platform.registerSeries(11002, token, {"from": council})


def test_register_series_of_the_council_reverts(platform, council, new_series):
    token = new_series(COUNCIL)
    with reverts("PlatformNotRegistered", COUNCIL):
        platform.registerSeries(COUNCIL, token, {"from": council})


def test_register_series_of_another_municipality_reverts(platform, council, new_series):
    token = new_series(NEIGHBOUR)
    with reverts("PlatformForeignSeries", token):
        platform.registerSeries(CITY, token, {"from": council})


def test_register_series_that_obeys_other_officers_reverts(project, platform, council, deployer, new_series):
    impostor = project.Officers.deploy(deployer, {"from": deployer})
    token = new_series(CITY, of=impostor)
    with reverts("PlatformForeignSeries", token):
        platform.registerSeries(CITY, token, {"from": council})


def test_register_series_that_asks_other_residents_reverts(
    project, platform, officers, council, deployer, new_series
):
    impostor = project.ResidentRegistry.deploy(officers, {"from": deployer})
    token = new_series(CITY, asking=impostor)
    with reverts("PlatformForeignSeries", token):
        platform.registerSeries(CITY, token, {"from": council})


def test_register_series_that_is_no_contract_reverts(platform, council, stranger):
    for account in (stranger, ZERO_ADDRESS):
        with reverts("PlatformForeignSeries", account):
            platform.registerSeries(CITY, account, {"from": council})


def test_register_series_that_is_another_kind_of_contract_reverts(platform, officers, council):
    """It fails inside the question; there is no error of ours to name."""
    with pytest.raises(VirtualMachineError):
        platform.registerSeries(CITY, officers, {"from": council})
    assert platform.municipalityOf(officers) == 0


def test_register_series_by_anybody_but_the_council_reverts(platform, new_series, city, deployer, stranger):
    token = new_series(CITY)
    for caller in (city, deployer, stranger):
        with reverts("OfficersMissingRole", COUNCIL, Role.ADMIN, caller):
            platform.registerSeries(CITY, token, {"from": caller})
