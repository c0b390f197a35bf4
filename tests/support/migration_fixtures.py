"""Fixtures of a series that gives way to its successor, for the unit tests of contracts."""

import pytest

from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.payment.sale_terms import SaleTerms
from tests.support.clock import HOUR, travel
from tests.support.town import CITY

NOTICE = 30 * 24 * HOUR
TERMS = SaleTerms()


@pytest.fixture(scope="module")
def make_series(project, officers, residents, platform, deployer, council):
    """`make_series(predecessor, terms)` deploys and registers a series of the city."""

    def make(predecessor, terms=TERMS, register=True):
        # One month's term: whatever the successor's policy, lots that come to it keep theirs.
        arguments = (CITY, officers, residents, "川崎げんきポイント", "GENKI2", ExpiryRule.MONTHS_AFTER, 1)
        series = project.MunicipalPoint.deploy(*arguments, terms, predecessor, {"from": deployer})
        if register:
            platform.registerSeries(CITY, series, {"from": council})
        return series

    return make


@pytest.fixture(scope="module")
def successor(make_series, point):
    return make_series(point)


@pytest.fixture
def noticed(point, successor, act_maker):
    """`noticed()` lets the notice pass."""

    def notice():
        point.announceSuccessor(successor, {"from": act_maker})
        travel(NOTICE)

    return notice


@pytest.fixture
def closed(point, noticed, stranger):
    """`closed()` lets the notice pass and closes the series."""

    def close():
        noticed()
        return point.closeForSuccessor({"from": stranger})

    return close


@pytest.fixture
def carry(successor, stranger):
    """`carry(*accounts)` brings them over."""
    return lambda *accounts: successor.carryIn(accounts, {"from": stranger})
