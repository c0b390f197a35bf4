"""`recordLapse`: anyone may take ended lots off the books; no balance and no supply changes by it."""

import pytest

from scripts.lib.expiry_rule import NEVER
from tests.support.clock import APRIL, JULY, JUNE, MARCH, MAY, to_month, to_month_end
from tests.support.reading import ZERO_ADDRESS, events, live_by_month, lots


def test_record_lapse_logs_the_lot_and_closes_the_month(point, grant, resident, stranger):
    grant(resident, {APRIL: 100, JUNE: 50})
    to_month(MAY)
    assert events(point.recordLapse([resident], {"from": stranger})) == [
        ("Lapsed", resident, APRIL, 100),
        ("Transfer", resident, ZERO_ADDRESS, 100),
        ("MonthClosed", APRIL, 100),
    ]


def test_record_lapse_changes_no_balance_and_no_supply(point, grant, resident, shop, stranger):
    grant(resident, {APRIL: 100, JUNE: 50})
    point.transfer(shop, 30, {"from": resident})
    to_month(MAY)

    def figures():
        months = live_by_month(point, APRIL, MAY, JUNE)
        return (point.totalSupply(), lots(point, resident), point.balanceOf(shop), months)

    before = figures()
    point.recordLapse([resident, shop], {"from": stranger})
    assert figures() == before == (80, {JUNE: 50}, 30, [70, 0, 50])


def test_record_lapse_again_logs_nothing(point, grant, resident, stranger):
    grant(resident, {APRIL: 100})
    to_month(MAY)
    point.recordLapse([resident], {"from": stranger})
    assert events(point.recordLapse([resident], {"from": stranger})) == []


def test_record_lapse_naming_an_account_twice_logs_it_once(point, grant, resident, stranger):
    grant(resident, {APRIL: 100})
    to_month(MAY)
    recorded = events(point.recordLapse([resident, resident], {"from": stranger}))
    assert [event[0] for event in recorded] == ["Lapsed", "Transfer", "MonthClosed"]


@pytest.mark.parametrize("offset_seconds", [-1, 0])
def test_record_lapse_before_the_month_is_over_does_nothing(point, grant, resident, stranger, offset_seconds):
    grant(resident, {APRIL: 100})
    to_month_end(APRIL, offset_seconds)
    assert events(point.recordLapse([resident], {"from": stranger})) == []
    assert lots(point, resident) == {APRIL: 100}


def test_record_lapse_a_second_after_the_month_takes_the_lot(point, grant, resident, stranger):
    grant(resident, {APRIL: 100})
    to_month_end(APRIL, 1)
    recorded = events(point.recordLapse([resident], {"from": stranger}))
    assert ("Lapsed", resident, APRIL, 100) in recorded


def test_record_lapse_of_several_accounts_keeps_their_order(point, grant, resident, other_resident, stranger):
    grant(resident, {APRIL: 1, MAY: 2})
    grant(other_resident, {APRIL: 4})
    to_month(JUNE)
    recorded = events(point.recordLapse([other_resident, resident], {"from": stranger}))
    assert recorded == [
        ("Lapsed", other_resident, APRIL, 4),
        ("Transfer", other_resident, ZERO_ADDRESS, 4),
        ("Lapsed", resident, APRIL, 1),
        ("Transfer", resident, ZERO_ADDRESS, 1),
        ("Lapsed", resident, MAY, 2),
        ("Transfer", resident, ZERO_ADDRESS, 2),
        ("MonthClosed", APRIL, 5),
        ("MonthClosed", MAY, 2),
    ]


def test_record_lapse_of_nobody_closes_months(point, grant, resident, stranger):
    grant(resident, {APRIL: 100})
    to_month(JUNE)
    assert events(point.recordLapse([], {"from": stranger})) == [
        ("MonthClosed", APRIL, 100),
        ("MonthClosed", MAY, 0),
    ]


def test_record_lapse_after_its_month_was_closed_still_logs_the_lot(point, grant, resident, stranger):
    grant(resident, {APRIL: 100})
    to_month(MAY)
    point.recordLapse([], {"from": stranger})
    assert events(point.recordLapse([resident], {"from": stranger})) == [
        ("Lapsed", resident, APRIL, 100),
        ("Transfer", resident, ZERO_ADDRESS, 100),
    ]
    assert (point.totalSupply(), point.pointsEndingWith(APRIL)) == (0, 100)


def test_record_lapse_closes_each_month_once(point, grant, resident, stranger):
    grant(resident, {APRIL: 100})
    closed = []
    for month in (MAY, JUNE, JUNE, JULY):
        to_month_end(month)
        closed += [event[1] for event in events(point.recordLapse([], {"from": stranger}))]
    assert closed == [APRIL, MAY, JUNE]


def test_record_lapse_leaves_never_ending_points(point, grant, resident, stranger):
    grant(resident, {APRIL: 1, NEVER: 100})
    to_month(MARCH + 120)
    point.recordLapse([resident], {"from": stranger})
    assert lots(point, resident) == {NEVER: 100}


def test_record_lapse_of_a_merchant_leaves_its_claim(point, grant, resident, shop, stranger):
    grant(resident, {APRIL: 100})
    point.transfer(shop, 100, {"from": resident})
    to_month(MAY)
    assert events(point.recordLapse([shop], {"from": stranger})) == [("MonthClosed", APRIL, 0)]
    assert point.claimOf(shop) == (100, 0, 0)


@pytest.mark.parametrize("who", ["stranger", "zero", "token"])
def test_record_lapse_of_an_account_without_lots_does_nothing(point, stranger, resident, who):
    account = {"stranger": stranger.address, "zero": ZERO_ADDRESS, "token": point.address}[who]
    assert events(point.recordLapse([account], {"from": resident})) == []


def test_record_lapse_frees_the_account_to_become_a_merchant(point, grant, newcomer, stranger, act_maker):
    grant(newcomer, {APRIL: 100})
    to_month(MAY)
    point.recordLapse([newcomer], {"from": stranger})
    point.approveMerchant(newcomer, 3, "菓子店", "幸区", {"from": act_maker})
    assert point.merchantOf(newcomer) == (True, 0, 3)


def test_record_lapse_of_lots_waiting_outside_the_queue_frees_the_account_too(
    point, grant, newcomer, stranger, act_maker
):
    grant(newcomer, {APRIL + i: 100 for i in range(15)})
    to_month(APRIL + 15)
    recorded = events(point.recordLapse([newcomer], {"from": stranger}))
    assert [event[2] for event in recorded if event[0] == "Lapsed"] == [APRIL + i for i in range(15)]
    point.approveMerchant(newcomer, 3, "菓子店", "幸区", {"from": act_maker})
    assert point.balanceOf(newcomer) == 0


def test_record_lapse_adds_up_to_what_ended_with_the_month(
    point, grant, resident, other_resident, shop, stranger
):
    grant(resident, {APRIL: 100})
    grant(other_resident, {APRIL: 50})
    point.transfer(shop, 30, {"from": resident})
    to_month(MAY)
    recorded = events(point.recordLapse([resident, other_resident], {"from": stranger}))
    assert sum(event[3] for event in recorded if event[0] == "Lapsed") == 120
    assert recorded[-1] == ("MonthClosed", APRIL, 120)
    assert point.pointsEndingWith(APRIL) == 120


def test_record_lapse_after_ten_years_closes_every_month(point, grant, resident, stranger):
    grant(resident, {APRIL + 60: 100})
    to_month(APRIL + 120)
    closed = events(point.recordLapse([resident], {"from": stranger}))[2:]
    assert closed == [
        ("MonthClosed", month, 100 if month == APRIL + 60 else 0) for month in range(APRIL, APRIL + 120)
    ]
