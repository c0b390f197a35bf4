"""`extendLots`: lots that have not ended end later. What moved, and nothing else, changes month (I3)."""

import pytest

from scripts.lib.expiry_rule import MAX_TERM_MONTHS, NEVER
from tests.support.clock import APRIL, HOUR, JULY, JUNE, MAY, to_month, to_month_end
from tests.support.reading import events, live_by_month, lots
from tests.support.reverts import reverts


@pytest.fixture
def extend(point, act_maker):
    def extend_now(accounts, from_month, to_month):
        return point.extendLots(from_month, to_month, accounts, {"from": act_maker})

    return extend_now


def test_extend_lots_moves_a_lot_to_a_later_month(point, grant, extend, resident, other_resident):
    grant(resident, {MAY: 10, JULY: 5})
    grant(other_resident, {MAY: 20})
    assert events(extend([resident, other_resident], MAY, JUNE)) == [
        ("LotExtended", resident, MAY, JUNE, 10),
        ("LotExtended", other_resident, MAY, JUNE, 20),
    ]
    assert (lots(point, resident), lots(point, other_resident)) == ({JUNE: 10, JULY: 5}, {JUNE: 20})
    assert live_by_month(point, MAY, JUNE, JULY) == [0, 30, 5]
    assert point.totalSupply() == 35


def test_extend_lots_joins_a_lot_of_that_month(point, grant, extend, resident):
    grant(resident, {MAY: 10, JUNE: 5})
    extend([resident], MAY, JUNE)
    assert lots(point, resident) == {JUNE: 15}


@pytest.mark.parametrize("count", [6, 7, 13, 25])
@pytest.mark.parametrize("place", [0, 5, -1])
def test_extend_lots_finds_a_lot_wherever_it_waits(point, grant, extend, resident, shop, count, place):
    held = {APRIL + number: 10 + number for number in range(count)}
    grant(resident, held)
    month = list(held)[place]
    extend([resident], month, APRIL + 40)
    expected = {**held, APRIL + 40: held[month]}
    del expected[month]
    assert lots(point, resident) == expected
    point.transfer(shop, sum(held.values()), {"from": resident})
    assert point.balanceOf(resident) == 0


def test_extend_lots_of_the_only_lot_keeps_it_spendable(point, grant, extend, resident, shop):
    grant(resident, {APRIL: 10})
    extend([resident], APRIL, MAY)
    to_month(MAY)
    point.transfer(shop, 10, {"from": resident})
    assert point.claimOf(shop) == (10, 0, 0)


def test_extend_lots_in_the_last_second_of_the_month_saves_them(point, grant, extend, resident):
    grant(resident, {APRIL: 10})
    to_month_end(APRIL)
    extend([resident], APRIL, MAY)
    to_month_end(APRIL, 1)
    assert lots(point, resident) == {MAY: 10}


def test_extend_lots_of_a_frozen_account_is_possible(point, grant, extend, resident, act_maker):
    """That is what it is for: points that end while their owner cannot spend."""
    grant(resident, {APRIL: 10})
    point.freeze(resident, {"from": act_maker})
    extend([resident], APRIL, JUNE)
    assert (lots(point, resident), point.frozenOf(resident)) == ({JUNE: 10}, (True, False))


def test_extend_lots_passes_over_who_has_none_and_who_comes_twice(
    point, grant, extend, resident, shop, stranger
):
    grant(resident, {APRIL: 10})
    assert events(extend([stranger, shop, resident, resident], APRIL, JUNE)) == [
        ("LotExtended", resident, APRIL, JUNE, 10)
    ]
    assert lots(point, resident) == {JUNE: 10}


def test_extend_lots_to_an_earlier_or_the_same_month_reverts(point, grant, extend, resident):
    grant(resident, {JUNE: 10, NEVER: 1})
    for earlier in (JUNE, MAY):
        with reverts("PointNotLater", JUNE, earlier):
            extend([resident], JUNE, earlier)
    with reverts("PointNotLater", NEVER, JUNE):
        extend([resident], NEVER, JUNE)


def test_extend_lots_that_have_ended_or_out_of_range_reverts(point, grant, extend, resident):
    grant(resident, {APRIL: 10})
    last = APRIL + MAX_TERM_MONTHS
    with reverts("PointExpiryOutOfRange", last + 1, APRIL, last):
        extend([resident], APRIL, last + 1)
    to_month(MAY)
    with reverts("PointExpiryOutOfRange", APRIL, MAY, last + 1):
        extend([resident], APRIL, JUNE)


def test_extend_lots_while_paused_reverts(point, grant, extend, resident, act_maker):
    grant(resident, {APRIL: 10})
    point.pause(HOUR, {"from": act_maker})
    with reverts("PointPaused", point.pausedUntil()):
        extend([resident], APRIL, JUNE)


def test_extend_lots_without_expiry_is_possible(point, grant, extend, resident):
    grant(resident, {APRIL: 10})
    extend([resident], APRIL, NEVER)
    assert lots(point, resident) == {NEVER: 10}
