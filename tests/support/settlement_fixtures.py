"""Fixtures of a city that settles: the service, two pairs of cashiers, shops with claims."""

from types import SimpleNamespace

import pytest
from eth_utils import keccak, to_checksum_address

from scripts.lib.claim_word import CHUNK, ClaimPart, in_order, places_of
from scripts.lib.roles import Role
from tests.support.impersonation import impersonate
from tests.support.town import CITY

FAR = 1535  # NEVER: what residents pay with, so that no lapse disturbs


@pytest.fixture(scope="module")
def settlement(project, platform, officers, point, deployer, council, act_maker):
    """The service: offered by the council, accepted by the city, named by its series."""
    service = project.MerchantSettlement.deploy(platform, {"from": deployer})
    platform.offerService(service, "精算", service.acts(), {"from": council})
    officers.acceptService(CITY, service, {"from": act_maker})
    point.setSettlement(service, {"from": act_maker})
    return service


def _officer(name, role):
    @pytest.fixture(scope="module")
    def officer(accounts, officers, act_maker):
        account = impersonate(accounts, to_checksum_address(keccak(text=name)[-20:]))
        officers.appoint(CITY, account, role, 0, {"from": act_maker})
        return account

    return officer


cashier = _officer("cashier", Role.CASHIER)
second_cashier = _officer("second cashier", Role.SECOND_CASHIER)


def paper(text):
    """Return what stands for a paper of the bank."""
    return keccak(text=text)


def parts(*claims):
    """Return (shop, this year, earlier years) as words in the order of a batch."""
    named = [ClaimPart(str(shop), *points) for shop, *points in claims]
    return [claim.word for claim in in_order(named)]


def place_of(words, shop):
    """Return which claim of a batch a shop's is."""
    return next(place for place, word in enumerate(words) if word >> 96 == int(str(shop), 16))


@pytest.fixture
def earn(point, minter, resident):
    """`earn(shop, 100)`: somebody pays the shop."""

    def pay(shop, points):
        point.mintUntil(resident, points, FAR, {"from": minter})
        point.transfer(shop, points, {"from": resident})

    return pay


@pytest.fixture
def books(settlement, point, act_maker):
    """The steps of settlement, as acts that two officers agreed on: `books.approve(year, cut_off, words)`."""
    by_act = {"from": act_maker}

    def approve(fiscal_year, cut_off, words, series=point):
        settlement.approveClaims(CITY, series, fiscal_year, cut_off, words, by_act)
        return settlement.batchCount()

    def some_back(step, batch, words, shops, slip):
        [(chunk, places)] = places_of([place_of(words, shop) for shop in shops]).items()
        brought = words[chunk * CHUNK : (chunk + 1) * CHUNK]
        return step(CITY, batch, chunk, [places], brought, paper(slip), by_act)

    return SimpleNamespace(
        approve=approve,
        cancel=lambda batch, words: settlement.cancelBatch(CITY, batch, words, by_act),
        send=lambda batch, file="file": settlement.markSent(CITY, batch, paper(f"{file} {batch}"), by_act),
        settle=lambda batch, words, slip="paid", from_this_year=False: settlement.settle(
            CITY, batch, words, paper(f"{slip} {batch}"), from_this_year, by_act
        ),
        bounce=lambda batch, words, *shops, slip="bounced": some_back(
            settlement.bounce, batch, words, shops, slip
        ),
        reopen=lambda batch, words, *shops, slip="came back": some_back(
            settlement.reopen, batch, words, shops, slip
        ),
        close=lambda year, figures: settlement.closeYear(CITY, point, year, figures, by_act),
    )
