"""One town for the tests of counters and purses; what a test does to the chain is undone after it."""

import os
import time
from functools import partial

import pytest

from scripts import merchant
from scripts.lib.exchange.terms import Terms
from scripts.lib.merchant.shop_keys import create_key
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.resident.purse_keys import PurseKeys
from tests.support.counter_town import CITY, OPENING, WAIT, key, open_town

PASSPHRASE = "みかん川崎2026"
FEW = 2
"""Iterations of the key derivation, so that tests do not wait."""


class Clock:
    """A clock that stands until somebody moves it."""

    def __init__(self):
        self.now = OPENING

    def __call__(self):
        return self.now


@pytest.fixture(scope="session")
def counter_town():
    with LocalChain.anvil(genesis_time=OPENING - 4 * WAIT) as chain:
        yield open_town(chain)


@pytest.fixture
def town(counter_town):
    snapshot = counter_town.chain.rpc("evm_snapshot")
    yield counter_town
    counter_town.chain.rpc("evm_revert", snapshot)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def airline(town):
    """A partner that the city has accepted."""
    airline = key("airline")
    exchange = town.book.service(town.web3, "PartnerExchange").functions
    officers = town.book.contract(town.web3, "Officers", town.book.officers).functions
    town.act(exchange.registerPartner(0, airline.address, "そら航空"))
    town.act(officers.acceptService(CITY, town.book.services["PartnerExchange"]))
    town.act(town.point.functions.increaseMinterAllowance(town.book.services["PartnerExchange"], 10**6))
    town.act(exchange.setExchangeSeries(CITY, town.series))
    town.act(exchange.acceptPartner(CITY, 1, airline.address, tuple(Terms())))
    return airline


@pytest.fixture
def command(town, monkeypatch, capfd):
    """Runs a command of till or purse as its owner types it; the machine's clock is the town's."""
    real, began = time.time, time.time()
    monkeypatch.setattr(time, "time", lambda: OPENING + real() - began)
    for way in ("create", "restore"):
        monkeypatch.setattr(PurseKeys, way, partial(getattr(PurseKeys, way), iterations=FEW))
    monkeypatch.setattr(merchant, "create_key", partial(create_key, iterations=FEW))

    def run(program, folder, *words, passphrase=PASSPHRASE):
        reading, writing = os.pipe()
        os.write(writing, passphrase.encode())
        os.close(writing)
        given = ["--folder", str(folder), "--url", town.chain.url, "--passphrase-fd", str(reading), *words]
        capfd.readouterr()
        ended = program.main(given)
        os.close(reading)
        said = capfd.readouterr()
        return ended, said.out.strip(), said.err.strip()

    return run
