"""`requestSettlement`: the shop asks for its yen."""

import pytest

from tests.support.clock import now
from tests.support.reading import ZERO_ADDRESS, events
from tests.support.reverts import reverts
from tests.support.town import CITY


def test_request_by_the_owner_is_logged_and_readable(settlement, point, earn, shop):
    earn(shop, 100)
    asked = settlement.requestSettlement(point, shop, {"from": shop})
    assert events(asked) == [("SettlementRequested", CITY, point, shop, 100, 0)]
    assert settlement.requestedAt(point, shop) == now()


def test_request_by_anybody_else_reverts(settlement, point, earn, shop, other_shop, cashier, council):
    earn(shop, 100)
    for caller in (other_shop, cashier, council):
        with reverts("SettlementNotOwner", shop, caller):
            settlement.requestSettlement(point, shop, {"from": caller})


def test_request_for_a_sold_shop_is_its_new_owner_s(settlement, point, earn, shop, newcomer, act_maker):
    earn(shop, 100)
    point.replaceOwner(shop, newcomer, {"from": act_maker})
    with reverts("SettlementNotOwner", shop, shop):
        settlement.requestSettlement(point, shop, {"from": shop})
    settlement.requestSettlement(point, shop, {"from": newcomer})


@pytest.mark.parametrize("standing", ["suspendMerchant", "closeMerchant"])
def test_request_of_a_suspended_or_closed_shop_is_heard(settlement, point, earn, shop, act_maker, standing):
    earn(shop, 100)
    getattr(point, standing)(shop, {"from": act_maker})
    settlement.requestSettlement(point, shop, {"from": shop})


def test_request_with_nothing_owed_reverts(settlement, point, shop):
    with reverts("SettlementNothingOwed"):
        settlement.requestSettlement(point, shop, {"from": shop})


def test_request_where_the_service_does_not_serve_reverts(settlement, point, earn, shop, act_maker):
    earn(shop, 100)
    point.setSettlement(ZERO_ADDRESS, {"from": act_maker})
    with reverts("SettlementNotServed", point):
        settlement.requestSettlement(point, shop, {"from": shop})


def test_request_for_what_is_no_series_reverts(settlement, shop):
    with reverts("SettlementForeignSeries", 0, shop):
        settlement.requestSettlement(shop, shop, {"from": shop})
