"""The load test's people sign what everybody signs, and its nation is built through the same doors."""

import pytest

from scripts.lib.block_ticker import ticking
from scripts.lib.calls import View
from scripts.lib.chain import LocalChain
from scripts.lib.load.crowd import Task, account_of, registrations
from scripts.lib.load.nation import GRANTED_POINTS, PAID_POINTS, Nation
from scripts.lib.registration import RegistrationDomain, is_signed, sign
from scripts.lib.view_reader import read_views

TOWN = 131016
DOMAIN = RegistrationDomain(31337, "0x" + "11" * 20)


def test_registrations_are_those_that_everybody_signs():
    [signed] = registrations([Task(DOMAIN, TOWN, 1, 3)])
    for number, registration in enumerate(signed, 1):
        key = account_of(TOWN, number)
        assert registration == sign(DOMAIN, TOWN, key, registration.commitment)
        assert is_signed(DOMAIN, TOWN, registration)


@pytest.fixture(scope="module")
def chain():
    with LocalChain.anvil(on_demand=True) as chain, ticking(lambda: chain, 0.02):
        yield chain


def test_nation_has_as_many_residents_shops_and_payments_as_asked(chain):
    nation = Nation.opened(chain, 2)
    nation.settle(5)
    nation.open_shops(3)
    assert [town.residents for town in nation.towns] == [3, 2]
    nation.settle(9)
    assert nation.pay(4) == 4
    assert len(nation.gas_of_payments(nation.towns[0], 2)) == 2
    supply = [View("MunicipalPoint", town.token, "totalSupply") for town in nation.towns]
    assert sum(read_views(nation.rpc, supply)) == 9 * GRANTED_POINTS
    shops = [
        View("MunicipalPoint", town.token, "claimOf", (shop,))
        for town in nation.towns
        for shop in town.merchants
    ]
    assert sum(claim[0] for claim in read_views(nation.rpc, shops)) == 4 * PAID_POINTS
