"""`pause` and `unpause`: no point moves for at most 72 hours; reading, approving and revoking go on (I11)."""

import pytest

from scripts.lib.expiry_rule import MAX_TERM_MONTHS, NEVER
from tests.support.clock import (
    APRIL,
    DECEMBER,
    HOUR,
    JANUARY,
    JULY,
    JUNE,
    MARCH,
    MAY,
    now,
    to_month,
    to_month_end,
    travel,
    travel_to,
)
from tests.support.reading import ZERO_ADDRESS, events, lots
from tests.support.reverts import reverts
from tests.support.town import MINTER_ALLOWANCE

LONGEST = 72 * HOUR


@pytest.fixture
def pause(point, act_maker):
    """`pause()` pauses from now on and returns the first second at which points move again."""

    def pause_series(seconds=LONGEST):
        point.pause(seconds, {"from": act_maker})
        return now() + seconds

    return pause_series


# --------------------------------------------------------------------------------------- LENGTH AND COOL-DOWN


def test_pause_is_logged_and_readable(point, act_maker):
    paused = point.pause(HOUR, {"from": act_maker})
    assert events(paused) == [("PausedUntil", now() + HOUR)]
    assert point.pausedUntil() == now() + HOUR


def test_paused_until_of_a_new_series_is_in_the_past(point):
    assert point.pausedUntil() == 0


@pytest.mark.parametrize("seconds", [1, LONGEST])
def test_pause_of_an_allowed_length_succeeds(point, act_maker, seconds):
    point.pause(seconds, {"from": act_maker})
    assert point.pausedUntil() == now() + seconds


@pytest.mark.parametrize("seconds", [0, LONGEST + 1, 2**40, 2**256 - 1])
def test_pause_of_another_length_reverts(point, act_maker, seconds):
    with reverts("PointPauseLength", seconds, LONGEST):
        point.pause(seconds, {"from": act_maker})


def test_pause_ends_by_itself_to_the_second(point, grant, pause, resident, shop):
    grant(resident, {JUNE: 100})
    end = pause(HOUR)
    travel_to(end - 1)
    with reverts("PointPaused", end):
        point.transfer(shop, 1, {"from": resident})
    travel_to(end)
    point.transfer(shop, 1, {"from": resident})
    assert point.claimOf(shop) == (1, 0, 0)


@pytest.mark.parametrize("seconds", [HOUR, LONGEST])
def test_pause_again_before_an_equal_cool_down_reverts(point, act_maker, pause, seconds):
    end = pause(seconds)
    for moment in (now(), end - 1, end, end + seconds - 1):
        travel_to(moment)
        with reverts("PointPauseCoolingDown", end + seconds):
            point.pause(1, {"from": act_maker})
    travel_to(end + seconds)
    point.pause(1, {"from": act_maker})
    assert point.pausedUntil() == now() + 1


# ------------------------------------------------------------------------------------------------- WHAT STOPS


@pytest.fixture
def paused(point, grant, pause, resident, other_resident, shop, spender, transfers_on):
    """Residents with lots and a merchant with a claim, all switches on, everything approved, then paused."""
    grant(resident, {JUNE: 100, JULY: 100, NEVER: 100})
    grant(other_resident, {JUNE: 100})
    point.transfer(shop, 50, {"from": resident})
    point.approve(spender, 1000, {"from": resident})
    point.approve(shop, 1000, {"from": shop})
    return pause()


@pytest.mark.parametrize("amount", [0, 1, 50, 51, 250], ids=lambda amount: f"{amount} points")
def test_pause_stops_payments_of_any_amount(point, paused, resident, shop, amount):
    with reverts("PointPaused", paused):
        point.transfer(shop, amount, {"from": resident})


@pytest.mark.parametrize("amount", [0, 1, 250])
def test_pause_stops_payments_out_of_an_allowance(point, paused, resident, shop, spender, amount):
    with reverts("PointPaused", paused):
        point.transferFrom(resident, shop, amount, {"from": spender})


def test_pause_stops_payments_of_a_named_lot(point, paused, resident, shop, spender):
    with reverts("PointPaused", paused):
        point.transferAtEpoch(JUNE, shop, 1, {"from": resident})
    with reverts("PointPaused", paused):
        point.transferFromAtEpoch(JUNE, resident, shop, 1, {"from": spender})


def test_pause_stops_payments_of_zero_without_points(point, paused, stranger, shop):
    with reverts("PointPaused", paused):
        point.transfer(shop, 0, {"from": stranger})


@pytest.mark.parametrize("amount", [0, 1, 250])
def test_pause_stops_transfers_between_residents(point, paused, resident, other_resident, amount):
    for receiver in (other_resident, resident):
        with reverts("PointPaused", paused):
            point.transfer(receiver, amount, {"from": resident})


@pytest.mark.parametrize("amount", [0, 1, 50])
def test_pause_stops_transfers_between_merchants(point, paused, shop, other_shop, amount):
    for receiver in (other_shop, shop):
        with reverts("PointPaused", paused):
            point.transfer(receiver, amount, {"from": shop})
    with reverts("PointPaused", paused):
        point.transferFrom(shop, other_shop, amount, {"from": shop})


@pytest.mark.parametrize("month", [APRIL, JUNE, JULY, MARCH, APRIL + MAX_TERM_MONTHS, NEVER])
@pytest.mark.parametrize("amount", [0, 1])
def test_pause_stops_minting_until_any_month(point, paused, minter, resident, month, amount):
    with reverts("PointPaused", paused):
        point.mintUntil(resident, amount, month, {"from": minter})


def test_pause_stops_minting_by_policy_and_in_batches(point, paused, minter, resident):
    with reverts("PointPaused", paused):
        point.mint(resident, 1, {"from": minter})
    with reverts("PointPaused", paused):
        point.mintBatch([resident], [1], JUNE, {"from": minter})
    with reverts("PointPaused", paused):
        point.mintBatch([], [], JUNE, {"from": minter})


@pytest.mark.parametrize("amount", [0, 1, 1000])
def test_pause_stops_a_minter_that_has_a_reserve_for_the_month(
    point, pause, minter, resident, other_minter, act_maker, amount
):
    point.increaseMinterAllowance(other_minter, 10**6, {"from": act_maker})
    for account in (minter, other_minter):
        point.mintUntil(resident, 5, JUNE, {"from": account})
    end = pause()
    for account in (minter, other_minter):
        with reverts("PointPaused", end):
            point.mintUntil(resident, amount, JUNE, {"from": account})


def test_pause_stops_a_minter_whose_reserve_is_used_up(point, pause, act_maker, other_minter, resident):
    """Minting zero with nothing left to mint moves no point, but it is a mint all the same."""
    point.increaseMinterAllowance(other_minter, 5, {"from": act_maker})
    point.mintUntil(resident, 5, JUNE, {"from": other_minter})
    end = pause()
    with reverts("PointPaused", end):
        point.mintUntil(resident, 0, JUNE, {"from": other_minter})


def test_pause_stops_a_minter_accepted_or_raised_during_it(
    point, pause, act_maker, minter, other_minter, resident
):
    point.mintUntil(resident, 5, JUNE, {"from": minter})
    end = pause()
    for account in (other_minter, minter):
        point.increaseMinterAllowance(account, 1000, {"from": act_maker})
        with reverts("PointPaused", end):
            point.mintUntil(resident, 1, JUNE, {"from": account})


def test_pause_stops_a_minter_removed_and_accepted_again(point, pause, act_maker, minter, resident):
    point.mintUntil(resident, 5, JUNE, {"from": minter})
    end = pause()
    point.removeMinter(minter, {"from": act_maker})
    point.increaseMinterAllowance(minter, 1000, {"from": act_maker})
    with reverts("PointPaused", end):
        point.mintUntil(resident, 1, JUNE, {"from": minter})


# ----------------------------------------------------------------------------------------------- WHAT GOES ON


def test_pause_leaves_balances_lots_and_supply_alone(point, pause, grant, minter, resident, shop):
    grant(resident, {JUNE: 100})
    point.transfer(shop, 40, {"from": resident})
    pause()
    assert (point.balanceOf(resident), point.balanceOf(shop), point.totalSupply()) == (60, 40, 100)
    assert (lots(point, resident), point.pointsEndingWith(JUNE)) == ({JUNE: 60}, 60)
    assert point.minterOf(minter) == (MINTER_ALLOWANCE - 100, 100)


def test_pause_lets_owners_approve_and_revoke(point, paused, resident, spender):
    assert point.allowance(resident, spender) == 1000
    point.increaseAllowance(spender, 5, {"from": resident})
    point.decreaseAllowance(spender, 1000, {"from": resident})
    assert point.allowance(resident, spender) == 5
    point.approve(spender, 0, {"from": resident})
    assert point.allowance(resident, spender) == 0


def test_pause_lets_the_admin_cut_and_remove_minters(point, paused, act_maker, minter):
    point.decreaseMinterAllowance(minter, 10, {"from": act_maker})
    point.removeMinter(minter, {"from": act_maker})
    assert point.minters() == []


def test_pause_lets_merchants_be_suspended_and_closed(point, paused, act_maker, shop, other_shop):
    point.suspendMerchant(shop, {"from": act_maker})
    point.closeMerchant(other_shop, {"from": act_maker})
    assert (point.merchantOf(shop)[1], point.merchantOf(other_shop)[1]) == (1, 2)


def test_pause_lets_lapses_be_recorded(point, grant, pause, resident, stranger):
    grant(resident, {APRIL: 100})
    to_month_end(APRIL, -HOUR)
    pause()
    to_month_end(APRIL, 1)
    assert events(point.recordLapse([resident], {"from": stranger})) == [
        ("Lapsed", resident, APRIL, 100),
        ("Transfer", resident, ZERO_ADDRESS, 100),
        ("MonthClosed", APRIL, 100),
    ]


def test_pause_does_not_keep_points_from_ending(point, grant, pause, resident):
    grant(resident, {APRIL: 100})
    to_month_end(APRIL)
    pause()
    travel(1)
    assert (point.balanceOf(resident), point.totalSupply()) == (0, 0)


# -------------------------------------------------------------------------------------------- OVER MONTH ENDS


@pytest.mark.parametrize("month", [APRIL, JUNE, DECEMBER, MARCH], ids=["April", "June", "December", "March"])
def test_pause_over_a_month_end_stops_movements_in_the_new_month(
    point, grant, pause, minter, resident, other_resident, shop, other_shop, transfers_on, month
):
    grant(resident, {month: 10, month + 1: 100, NEVER: 100})
    point.transfer(shop, 10, {"from": resident})
    to_month_end(month, -HOUR)
    end = pause()
    to_month(month + 1)
    for sender, receiver in ((resident, shop), (resident, other_resident), (shop, other_shop)):
        for amount in (0, 1):
            with reverts("PointPaused", end):
                point.transfer(receiver, amount, {"from": sender})
    for expiry in (month + 1, month + 1 + MAX_TERM_MONTHS - 1, NEVER):
        with reverts("PointPaused", end):
            point.mintUntil(resident, 1, expiry, {"from": minter})
    assert lots(point, resident) == {month + 1: 100, NEVER: 100}


@pytest.mark.parametrize("month", [APRIL, JUNE, DECEMBER], ids=["April", "June", "December"])
def test_pause_over_a_month_end_stops_minting_until_the_month_that_comes_into_range(
    point, pause, minter, resident, month
):
    """When June gives way to July, the 60th month is a January: another half year than before."""
    to_month_end(month, -HOUR)
    end = pause()
    to_month(month + 1)
    with reverts("PointPaused", end):
        point.mintUntil(resident, 1, month + 1 + MAX_TERM_MONTHS, {"from": minter})


def test_pause_that_is_over_leaves_no_trace_in_months_that_come_into_range(
    point, pause, minter, resident, shop
):
    pause(HOUR)
    for month in (MAY, JULY, JANUARY, MARCH + 12):
        to_month(month)
        point.mintUntil(resident, 10, month + MAX_TERM_MONTHS, {"from": minter})
    point.transfer(shop, 40, {"from": resident})
    assert point.claimOf(shop) == (40, 0, 0)


# ---------------------------------------------------------------------------------------------------- UNPAUSE


def test_unpause_ends_the_pause_at_once(point, grant, pause, act_maker, resident, shop, minter):
    grant(resident, {JUNE: 100, NEVER: 1})
    pause()
    travel(10)
    ended = point.unpause({"from": act_maker})
    assert events(ended) == [("PausedUntil", now())]
    assert point.pausedUntil() == now()
    point.transfer(shop, 101, {"from": resident})
    point.mint(resident, 5, {"from": minter})
    assert point.totalSupply() == 106


def test_unpause_does_not_shorten_the_cool_down(point, pause, act_maker):
    end = pause(LONGEST)
    point.unpause({"from": act_maker})
    with reverts("PointPauseCoolingDown", end + LONGEST):
        point.pause(1, {"from": act_maker})


def test_unpause_without_a_pause_changes_nothing(point, grant, act_maker, resident, minter):
    grant(resident, {JUNE: 100})
    point.unpause({"from": act_maker})
    grant(resident, {JUNE: 5})
    assert lots(point, resident) == {JUNE: 105}
    assert point.minterOf(minter) == (MINTER_ALLOWANCE - 105, 105)


def test_unpause_after_a_month_end_ends_the_pause_in_every_month(
    point, grant, pause, act_maker, minter, resident, shop
):
    grant(resident, {APRIL: 1, MAY: 10, JULY: 10, NEVER: 10})
    to_month_end(APRIL, -HOUR)
    pause()
    to_month(MAY)
    point.unpause({"from": act_maker})
    point.transfer(shop, 30, {"from": resident})
    for month in (MAY, JULY, MAY + MAX_TERM_MONTHS, NEVER):
        point.mintUntil(resident, 1, month, {"from": minter})
    assert point.balanceOf(resident) == 4
