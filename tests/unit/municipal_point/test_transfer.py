"""`transfer`: a payment to a merchant, and what it is to other receivers."""

import pytest

from scripts.lib.expiry_rule import NEVER
from scripts.lib.japan_calendar import month_from_text
from tests.support.clock import (
    APRIL,
    AUGUST,
    DECEMBER,
    FEBRUARY,
    JULY,
    JUNE,
    MARCH,
    MAY,
    to_month,
    to_month_end,
)
from tests.support.reading import ZERO_ADDRESS, events, live_by_month, lots
from tests.support.reverts import reverts

ACTIVE, SUSPENDED, CLOSED = range(3)

# ---------------------------------------------------------------------------------------------------- PAYMENT


def test_transfer_to_merchant_turns_points_into_its_claim(point, grant, resident, shop):
    grant(resident, {JUNE: 1000})
    payment = point.transfer(shop, 300, {"from": resident})
    assert events(payment) == [("Transfer", resident, shop, 300)]
    assert lots(point, resident) == {JUNE: 700}
    assert point.claimOf(shop) == (300, 0, 0)
    assert (point.balanceOf(shop), point.balanceOf(resident)) == (300, 700)
    assert (point.pointsEndingWith(JUNE), point.totalSupply()) == (700, 1000)


def test_transfer_returns_true(point, grant, resident, shop):
    grant(resident, {JUNE: 10})
    assert point.transfer.call(shop, 10, {"from": resident}) is True


def test_transfer_of_a_whole_lot_leaves_none(point, grant, resident, shop):
    grant(resident, {JUNE: 1000})
    point.transfer(shop, 1000, {"from": resident})
    assert lots(point, resident) == {}
    assert point.pointsEndingWith(JUNE) == 0
    assert point.claimOf(shop) == (1000, 0, 0)


def test_transfer_twice_adds_up_in_the_claim(point, grant, resident, other_resident, shop):
    grant(resident, {JUNE: 100})
    grant(other_resident, {JULY: 100})
    point.transfer(shop, 60, {"from": resident})
    point.transfer(shop, 70, {"from": other_resident})
    assert point.claimOf(shop) == (130, 0, 0)


@pytest.mark.parametrize("later", [JULY, AUGUST, NEVER], ids=["same half year", "two months later", "never"])
def test_transfer_over_two_lots_spends_the_earlier_first(point, grant, resident, shop, later):
    grant(resident, {later: 200, JUNE: 100})
    payment = point.transfer(shop, 150, {"from": resident})
    assert events(payment) == [("Transfer", resident, shop, 150)]
    assert lots(point, resident) == {later: 150}
    assert live_by_month(point, JUNE, later) == [0, 150]


def test_transfer_within_one_half_year_spends_two_lanes_of_one_word(point, grant, resident, shop):
    grant(resident, {JULY: 10, AUGUST: 20, DECEMBER: 30})
    point.transfer(shop, 55, {"from": resident})
    assert lots(point, resident) == {DECEMBER: 5}
    assert live_by_month(point, JULY, AUGUST, DECEMBER) == [0, 0, 5]


def test_transfer_ending_exactly_with_a_lot_leaves_the_next_whole(point, grant, resident, shop):
    grant(resident, {JUNE: 100, JULY: 200})
    point.transfer(shop, 100, {"from": resident})
    assert lots(point, resident) == {JULY: 200}


def test_transfer_of_all_points_empties_every_lot(point, grant, resident, shop):
    grant(resident, {APRIL: 1, JUNE: 2, JULY: 4, NEVER: 8})
    point.transfer(shop, 15, {"from": resident})
    assert lots(point, resident) == {}
    assert live_by_month(point, APRIL, JUNE, JULY, NEVER) == [0, 0, 0, 0]
    assert point.claimOf(shop) == (15, 0, 0)


def test_transfer_of_more_than_the_balance_reverts(point, grant, resident, shop):
    grant(resident, {JUNE: 100, JULY: 50})
    with reverts("ERC20InsufficientBalance", resident, 150, 151):
        point.transfer(shop, 151, {"from": resident})
    assert lots(point, resident) == {JUNE: 100, JULY: 50}


def test_transfer_without_points_reverts(point, resident, shop):
    with reverts("ERC20InsufficientBalance", resident, 0, 1):
        point.transfer(shop, 1, {"from": resident})


@pytest.mark.parametrize("amount", [2**29, 2**36, 2**40, 2**252, 2**256 - 1])
def test_transfer_of_an_amount_over_every_lane_reverts(point, grant, resident, shop, amount):
    grant(resident, {JUNE: 100})
    with reverts("ERC20InsufficientBalance", resident, 100, amount):
        point.transfer(shop, amount, {"from": resident})


def test_transfer_of_zero_is_logged_and_moves_nothing(point, grant, resident, shop):
    grant(resident, {JUNE: 100})
    payment = point.transfer(shop, 0, {"from": resident})
    assert events(payment) == [("Transfer", resident, shop, 0)]
    assert lots(point, resident) == {JUNE: 100}
    assert point.claimOf(shop) == (0, 0, 0)


def test_transfer_of_zero_without_points_is_logged(point, resident, shop):
    assert events(point.transfer(shop, 0, {"from": resident})) == [("Transfer", resident, shop, 0)]


def test_transfer_to_suspended_merchant_reverts(point, grant, resident, shop, act_maker):
    grant(resident, {JUNE: 100})
    point.suspendMerchant(shop, {"from": act_maker})
    with reverts("PointMerchantNotActive", shop, SUSPENDED):
        point.transfer(shop, 1, {"from": resident})


def test_transfer_to_closed_merchant_reverts_even_with_all_switches_on(
    point, grant, resident, shop, act_maker, transfers_on
):
    grant(resident, {JUNE: 100})
    point.closeMerchant(shop, {"from": act_maker})
    with reverts("PointMerchantNotActive", shop, CLOSED):
        point.transfer(shop, 1, {"from": resident})


@pytest.mark.parametrize("amount", [0, 1])
def test_transfer_to_the_zero_address_reverts(point, grant, resident, transfers_on, amount):
    grant(resident, {JUNE: 100})
    with reverts("ERC20InvalidReceiver", ZERO_ADDRESS):
        point.transfer(ZERO_ADDRESS, amount, {"from": resident})


@pytest.mark.parametrize("amount", [0, 1])
def test_transfer_to_the_token_itself_reverts(point, grant, resident, transfers_on, amount):
    grant(resident, {JUNE: 100})
    with reverts("ERC20InvalidReceiver", point):
        point.transfer(point, amount, {"from": resident})


# ------------------------------------------------------------------------------------------- PAYMENT AND TIME


def test_transfer_in_the_last_second_of_the_month_pays(point, grant, resident, shop):
    grant(resident, {JUNE: 100})
    to_month_end(JUNE)
    assert events(point.transfer(shop, 100, {"from": resident})) == [("Transfer", resident, shop, 100)]


def test_transfer_a_second_after_the_month_reverts(point, grant, resident, shop):
    grant(resident, {JUNE: 100})
    to_month_end(JUNE, 1)
    with reverts("ERC20InsufficientBalance", resident, 0, 1):
        point.transfer(shop, 1, {"from": resident})


@pytest.mark.parametrize("text", ["2025-12", "2026-02", "2026-03", "2028-02"])
def test_transfer_at_the_edge_of_a_special_month_obeys_its_last_second(point, grant, resident, shop, text):
    month = month_from_text(text)
    grant(resident, {month: 100})
    to_month_end(month)
    point.transfer(shop, 40, {"from": resident})
    to_month_end(month, 1)
    with reverts("ERC20InsufficientBalance", resident, 0, 1):
        point.transfer(shop, 1, {"from": resident})
    assert point.totalSupply() == 40


def test_transfer_after_a_lapse_logs_it_and_spends_the_next_lot(point, grant, resident, shop):
    grant(resident, {APRIL: 100, JUNE: 200})
    to_month(MAY)
    payment = point.transfer(shop, 50, {"from": resident})
    assert events(payment) == [
        ("Lapsed", resident, APRIL, 100),
        ("Transfer", resident, ZERO_ADDRESS, 100),
        ("Transfer", resident, shop, 50),
    ]
    assert lots(point, resident) == {JUNE: 150}
    assert live_by_month(point, APRIL, JUNE) == [100, 150]


def test_transfer_after_several_lapses_logs_each_in_order(point, grant, resident, shop):
    grant(resident, {APRIL: 1, MAY: 2, JUNE: 3, JULY: 100})
    to_month(JULY)
    payment = point.transfer(shop, 100, {"from": resident})
    lapsed = [event[2:] for event in events(payment) if event[0] == "Lapsed"]
    assert lapsed == [(APRIL, 1), (MAY, 2), (JUNE, 3)]
    assert lots(point, resident) == {}


def test_transfer_covered_only_by_ended_points_reverts(point, grant, resident, shop):
    grant(resident, {APRIL: 100, JUNE: 30})
    to_month(MAY)
    with reverts("ERC20InsufficientBalance", resident, 30, 31):
        point.transfer(shop, 31, {"from": resident})


def test_transfer_of_zero_after_a_lapse_takes_it_off_the_books(point, grant, resident, shop):
    grant(resident, {APRIL: 100})
    to_month(MAY)
    assert events(point.transfer(shop, 0, {"from": resident})) == [
        ("Lapsed", resident, APRIL, 100),
        ("Transfer", resident, ZERO_ADDRESS, 100),
        ("Transfer", resident, shop, 0),
    ]


def test_transfer_spends_never_ending_points_decades_later(point, grant, resident, shop):
    grant(resident, {NEVER: 100})
    to_month(month_from_text("2099-01"))
    point.transfer(shop, 60, {"from": resident})
    assert lots(point, resident) == {NEVER: 40}


# -------------------------------------------------------------------------------- PAYMENT AND THE FISCAL YEAR


def test_transfer_in_the_last_second_of_march_belongs_to_the_ending_year(point, grant, resident, shop):
    grant(resident, {NEVER: 100})
    to_month_end(MARCH)
    point.transfer(shop, 10, {"from": resident})
    assert point.claimOf(shop) == (10, 0, 0)
    to_month_end(MARCH, 1)
    assert point.claimOf(shop) == (0, 10, 0)


def test_transfer_in_the_first_second_of_april_belongs_to_the_new_year(point, grant, resident, shop):
    grant(resident, {NEVER: 100})
    point.transfer(shop, 10, {"from": resident})
    to_month_end(MARCH, 1)
    point.transfer(shop, 7, {"from": resident})
    assert point.claimOf(shop) == (7, 10, 0)
    assert point.balanceOf(shop) == 17


@pytest.mark.parametrize("month", [DECEMBER, FEBRUARY], ids=["new year", "March"])
def test_transfer_within_the_fiscal_year_adds_to_its_claim(point, grant, resident, shop, month):
    grant(resident, {NEVER: 100})
    point.transfer(shop, 10, {"from": resident})
    to_month_end(month, 1)
    point.transfer(shop, 7, {"from": resident})
    assert point.claimOf(shop) == (17, 0, 0)


def test_transfer_in_three_fiscal_years_collects_the_earlier_ones(point, grant, resident, shop):
    grant(resident, {NEVER: 100})
    for year, amount in ((0, 10), (1, 20), (2, 40)):
        to_month_end(MARCH + 12 * year)
        point.transfer(shop, amount, {"from": resident})
    assert point.claimOf(shop) == (40, 30, 0)


def test_transfer_after_fiscal_years_without_payments_rolls_once(point, grant, resident, shop):
    grant(resident, {NEVER: 100})
    point.transfer(shop, 10, {"from": resident})
    to_month(MARCH + 36)
    assert point.claimOf(shop) == (0, 10, 0)
    point.transfer(shop, 5, {"from": resident})
    assert point.claimOf(shop) == (5, 10, 0)


# --------------------------------------------------------------------------------------- RESIDENT TO RESIDENT


def test_transfer_to_resident_with_switch_off_reverts(point, grant, resident, other_resident):
    grant(resident, {JUNE: 100})
    with reverts("PointReceiverNotMerchant", other_resident):
        point.transfer(other_resident, 1, {"from": resident})


def test_transfer_to_oneself_with_switch_off_reverts(point, grant, resident):
    grant(resident, {JUNE: 100})
    with reverts("PointReceiverNotMerchant", resident):
        point.transfer(resident, 1, {"from": resident})


def test_transfer_to_resident_moves_lots_with_their_months(
    point, grant, resident, other_resident, transfers_on
):
    grant(resident, {JUNE: 100, JULY: 200, NEVER: 300})
    gift = point.transfer(other_resident, 310, {"from": resident})
    assert events(gift) == [("Transfer", resident, other_resident, 310)]
    assert lots(point, resident) == {NEVER: 290}
    assert lots(point, other_resident) == {JUNE: 100, JULY: 200, NEVER: 10}
    assert live_by_month(point, JUNE, JULY, NEVER) == [100, 200, 300]


def test_transfer_to_resident_adds_to_lots_of_the_same_month(
    point, grant, resident, other_resident, transfers_on
):
    grant(resident, {JUNE: 100})
    grant(other_resident, {MAY: 1, JUNE: 2, JULY: 3})
    point.transfer(other_resident, 40, {"from": resident})
    assert lots(point, other_resident) == {MAY: 1, JUNE: 42, JULY: 3}


def test_transfer_to_resident_with_an_ended_lot_logs_its_lapse(
    point, grant, resident, other_resident, transfers_on
):
    grant(resident, {APRIL: 5, JUNE: 100})
    grant(other_resident, {APRIL: 7, JULY: 3})
    to_month(MAY)
    assert events(point.transfer(other_resident, 40, {"from": resident})) == [
        ("Lapsed", resident, APRIL, 5),
        ("Transfer", resident, ZERO_ADDRESS, 5),
        ("Lapsed", other_resident, APRIL, 7),
        ("Transfer", other_resident, ZERO_ADDRESS, 7),
        ("Transfer", resident, other_resident, 40),
    ]
    assert lots(point, other_resident) == {JUNE: 40, JULY: 3}


def test_transfer_to_resident_over_its_lot_limit_reverts(
    point, grant, resident, other_resident, transfers_on
):
    grant(resident, {JUNE: 10})
    grant(other_resident, {JUNE: 2**29 - 5})
    with reverts("PointLotTooLarge", other_resident, JUNE, 2**29, 2**29 - 1):
        point.transfer(other_resident, 5, {"from": resident})
    point.transfer(other_resident, 4, {"from": resident})
    assert lots(point, other_resident) == {JUNE: 2**29 - 1}


def test_transfer_to_resident_of_more_than_the_balance_reverts(
    point, grant, resident, other_resident, transfers_on
):
    grant(resident, {JUNE: 10})
    with reverts("ERC20InsufficientBalance", resident, 10, 11):
        point.transfer(other_resident, 11, {"from": resident})


def test_transfer_of_zero_to_resident_obeys_the_switch(point, resident, other_resident, act_maker):
    with reverts("PointReceiverNotMerchant", other_resident):
        point.transfer(other_resident, 0, {"from": resident})
    point.setTransferSwitches(True, False, {"from": act_maker})
    gift = point.transfer(other_resident, 0, {"from": resident})
    assert events(gift) == [("Transfer", resident, other_resident, 0)]


@pytest.mark.parametrize("amount", [0, 40, 100, 250, 600])
def test_transfer_to_oneself_changes_nothing(point, grant, resident, transfers_on, amount):
    held = {JUNE: 100, JULY: 200, NEVER: 300}
    grant(resident, held)
    gift = point.transfer(resident, amount, {"from": resident})
    assert events(gift) == [("Transfer", resident, resident, amount)]
    assert lots(point, resident) == held
    assert point.totalSupply() == 600


@pytest.mark.parametrize("amount", [650, 1050, 1200])
def test_transfer_to_oneself_over_the_queue_changes_nothing(point, grant, resident, transfers_on, amount):
    held = {APRIL + i: 100 for i in range(12)}
    grant(resident, held)
    point.transfer(resident, amount, {"from": resident})
    assert lots(point, resident) == held
    assert live_by_month(point, *held) == [100] * 12


def test_transfer_to_oneself_of_more_than_the_balance_reverts(point, grant, resident, transfers_on):
    grant(resident, {JUNE: 10})
    with reverts("ERC20InsufficientBalance", resident, 10, 11):
        point.transfer(resident, 11, {"from": resident})


# --------------------------------------------------------------------------------------- MERCHANT TO MERCHANT


@pytest.fixture
def claims_of_two_years(point, grant, resident, shop, other_shop):
    """The shop has 10 of this and 30 of earlier fiscal years, the other 5 and 0."""
    grant(resident, {NEVER: 100})
    point.transfer(shop, 30, {"from": resident})
    to_month(MARCH + 1)
    point.transfer(shop, 10, {"from": resident})
    point.transfer(other_shop, 5, {"from": resident})


def test_transfer_between_merchants_with_switch_off_reverts(point, claims_of_two_years, shop, other_shop):
    with reverts("PointClaimNotTransferable", shop, other_shop):
        point.transfer(other_shop, 1, {"from": shop})


@pytest.mark.parametrize(
    ("amount", "left", "received"),
    [
        (5, (10, 25, 0), (5, 5, 0)),
        (20, (10, 10, 0), (5, 20, 0)),
        (30, (10, 0, 0), (5, 30, 0)),
        (34, (6, 0, 0), (9, 30, 0)),
        (40, (0, 0, 0), (15, 30, 0)),
        (0, (10, 30, 0), (5, 0, 0)),
    ],
)
def test_transfer_between_merchants_moves_earlier_years_first(
    point, claims_of_two_years, transfers_on, shop, other_shop, amount, left, received
):
    passed_on = point.transfer(other_shop, amount, {"from": shop})
    assert events(passed_on) == [("Transfer", shop, other_shop, amount)]
    assert (point.claimOf(shop), point.claimOf(other_shop)) == (left, received)


def test_transfer_between_merchants_of_more_than_the_claim_reverts(
    point, claims_of_two_years, transfers_on, shop, other_shop
):
    with reverts("ERC20InsufficientBalance", shop, 40, 41):
        point.transfer(other_shop, 41, {"from": shop})


def test_transfer_between_merchants_in_a_later_year_keeps_the_years_apart(
    point, claims_of_two_years, transfers_on, shop, other_shop
):
    to_month(MARCH + 13)
    point.transfer(other_shop, 35, {"from": shop})
    assert point.claimOf(shop) == (0, 5, 0)
    assert point.claimOf(other_shop) == (0, 40, 0)


@pytest.mark.parametrize("amount", [0, 25, 40])
def test_transfer_of_a_merchant_to_itself_changes_nothing(
    point, claims_of_two_years, transfers_on, shop, amount
):
    assert events(point.transfer(shop, amount, {"from": shop})) == [("Transfer", shop, shop, amount)]
    assert point.claimOf(shop) == (10, 30, 0)


def test_transfer_of_a_merchant_to_itself_of_more_than_the_claim_reverts(
    point, claims_of_two_years, transfers_on, shop
):
    with reverts("ERC20InsufficientBalance", shop, 40, 41):
        point.transfer(shop, 41, {"from": shop})


def test_transfer_of_a_merchant_to_itself_with_switch_off_reverts(point, claims_of_two_years, shop):
    with reverts("PointClaimNotTransferable", shop, shop):
        point.transfer(shop, 0, {"from": shop})


def test_transfer_from_merchant_to_resident_reverts_with_all_switches_on(
    point, claims_of_two_years, transfers_on, shop, resident
):
    with reverts("PointClaimNotTransferable", shop, resident):
        point.transfer(resident, 1, {"from": shop})


def test_transfer_from_merchant_to_the_zero_address_reverts(point, claims_of_two_years, transfers_on, shop):
    with reverts("PointClaimNotTransferable", shop, ZERO_ADDRESS):
        point.transfer(ZERO_ADDRESS, 1, {"from": shop})


def test_transfer_from_merchant_to_the_token_itself_reverts(point, claims_of_two_years, transfers_on, shop):
    with reverts("PointClaimNotTransferable", shop, point):
        point.transfer(point, 1, {"from": shop})


def test_transfer_from_merchant_to_suspended_merchant_reverts(
    point, claims_of_two_years, transfers_on, shop, other_shop, act_maker
):
    point.suspendMerchant(other_shop, {"from": act_maker})
    with reverts("PointMerchantNotActive", other_shop, SUSPENDED):
        point.transfer(other_shop, 1, {"from": shop})


def test_transfer_from_closed_merchant_passes_its_claim_on(
    point, claims_of_two_years, transfers_on, shop, other_shop, act_maker
):
    point.closeMerchant(shop, {"from": act_maker})
    point.transfer(other_shop, 40, {"from": shop})
    assert point.claimOf(shop) == (0, 0, 0)
    assert point.claimOf(other_shop) == (15, 30, 0)
