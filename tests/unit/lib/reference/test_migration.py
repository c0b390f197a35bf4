"""The reference model of a succession: what is stopped, taken from either side, and given back once."""

from collections import Counter

import pytest

from scripts.lib.japan_calendar import start_of
from scripts.lib.reference.migration import ReferenceMigration, RefusedError

APRIL, MAY, MARCH = 315, 316, 326


@pytest.fixture
def model() -> ReferenceMigration:
    """Alice has 50 points until May on the old series, where a shop is owed 30 of this year."""
    model = ReferenceMigration(start_of(MAY))
    model.old.lots["alice"][MAY] = 50
    model.old.claims["shop"][MARCH] = 30
    return model


def test_carry_stops_who_is_stopped(model: ReferenceMigration) -> None:
    model.old.frozen.add("alice")
    model.carry(["alice", "shop"])
    assert model.new.frozen == {"alice"} and model.new.lots["alice"] == {MAY: 50}
    with pytest.raises(RefusedError):
        model.pay("alice", "shop", 1)


def test_refund_comes_out_of_what_stayed_before_what_was_carried(model: ReferenceMigration) -> None:
    model.refund("shop", "alice", [(MAY, 20)])
    assert (model.old.claim("shop", MARCH), model.new.claim("shop", MARCH)) == ((10, 0), (0, 0))
    model.carry(["shop"])
    model.refund("shop", "alice", [(MAY, 10)])
    assert (model.old.claim("shop", MARCH), model.new.claim("shop", MARCH)) == ((0, 0), (0, 0))
    assert model.old.lots["alice"][MAY] == 80


@pytest.mark.parametrize("stopped", ["shop", "alice"])
def test_refund_of_somebody_stopped_is_refused(model: ReferenceMigration, stopped: str) -> None:
    model.old.frozen.add(stopped)
    with pytest.raises(RefusedError):
        model.refund("shop", "alice", [(MAY, 1)])


@pytest.mark.parametrize("is_frozen", [True, False], ids=["stopped", "owed too little"])
def test_refund_that_the_successor_cannot_bear_is_refused(model: ReferenceMigration, is_frozen: bool) -> None:
    model.carry(["shop"])
    if is_frozen:
        model.new.frozen.add("shop")
    with pytest.raises(RefusedError):
        model.refund("shop", "alice", [(MAY, 30 + (not is_frozen))])
    assert model.new.claim("shop", MARCH) == (30, 0)


def test_what_lapsed_is_given_back_once(model: ReferenceMigration) -> None:
    model.old.lots["alice"][APRIL] = 7
    for _ in range(2):
        model.restore("alice", APRIL, MARCH, 7)
    model.restore("alice", MAY, MARCH, 50)
    assert model.old.lots["alice"] == Counter({APRIL: 7, MAY: 50, MARCH: 7})
