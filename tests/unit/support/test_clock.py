import time

import pytest
from brownie import accounts

from tests.support import clock

LATER = clock.START + 12345


@pytest.fixture(autouse=True)
def isolation(fn_isolation, standing_clock):
    pass


def _time_of_a_transaction():
    return accounts[0].transfer(accounts[1], 1).timestamp


@pytest.mark.parametrize("turn", ["first", "second"])
def test_clock_starts_anew_for_every_test(turn):
    assert clock.now() == clock.START
    clock.travel_to(LATER)


def test_clock_stands_still_while_the_machine_works():
    clock.travel_to(LATER)
    time.sleep(1.1)
    assert _time_of_a_transaction() == _time_of_a_transaction() == clock.now() == LATER


def test_travel_goes_by_seconds():
    clock.travel(1)
    assert clock.now() == _time_of_a_transaction() == clock.START + 1


def test_travel_back_is_refused():
    with pytest.raises(RuntimeError, match="lower than previous block"):
        clock.travel(-1)
