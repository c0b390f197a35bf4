"""The reference model itself: every expectation here is worked out by hand from IMunicipalPoint."""

from collections.abc import Callable

import pytest

from scripts.lib.expiry_rule import NEVER, ExpiryRule
from scripts.lib.grant_issue import GrantIssue
from scripts.lib.grant_list import Row
from scripts.lib.japan_calendar import last_second, moment_from_text, start_of
from scripts.lib.reference.ledger import (
    MAX_ALLOWANCE_POINTS,
    MAX_LOT_POINTS,
    MAX_MONTH_POINTS,
    UNLIMITED,
    ZERO_ADDRESS,
    Books,
    Carriage,
    Claim,
    ConservationError,
    Extension,
    Lapse,
    MerchantStatus,
    ReferenceLedger,
    Refused,
    Restoration,
)

APRIL, MAY, JUNE, MARCH_2027, APRIL_2027, MARCH_2028 = 315, 316, 317, 326, 327, 338
HOUR = 3600


@pytest.fixture
def ledger() -> ReferenceLedger:
    """A series on 15 April 2026 whose points end with the next fiscal year; one minter, two merchants."""
    ledger = ReferenceLedger(moment_from_text("2026-04-15T12:00"), ExpiryRule.NEXT_FISCAL_YEAR)
    ledger.increase_minter_allowance("minter", 10**12)
    ledger.approve_merchant("shop", 2)
    ledger.approve_merchant("pool", 6)
    return ledger


def refusal(operation: Callable[..., object], *arguments: object) -> tuple[str, tuple[int | str, ...]]:
    """Name and arguments of the error with which an operation is refused."""
    with pytest.raises(Refused) as refused:
        operation(*arguments)
    return refused.value.name, refused.value.arguments


# ------------------------------------------------------------------------------------------ lots and payment


def test_mint_by_policy_ends_with_the_next_fiscal_year(ledger: ReferenceLedger) -> None:
    ledger.mint("minter", "resident", 500)
    assert ledger.lots_of("resident") == {MARCH_2028: 500}
    assert ledger.minter_of("minter") == (10**12 - 500, 500)


def test_transfer_to_a_merchant_spends_the_earliest_lots_first(ledger: ReferenceLedger) -> None:
    for month, points in ((JUNE, 30), (NEVER, 40), (APRIL, 10), (MAY, 20)):
        ledger.mint("minter", "resident", points, month)
    ledger.transfer("resident", "shop", 45)
    assert list(ledger.lots_of("resident").items()) == [(JUNE, 15), (NEVER, 40)]
    assert ledger.claim_of("shop") == Claim(45, 0, 0)


def test_transfer_in_the_last_second_of_the_month_spends_its_lots(ledger: ReferenceLedger) -> None:
    ledger.mint("minter", "resident", 100, APRIL)
    ledger.advance_to(last_second(APRIL))
    ledger.transfer("resident", "shop", 60)
    assert ledger.balance_of("resident") == 40

    ledger.advance_to(start_of(MAY))
    assert ledger.balance_of("resident") == 0
    assert refusal(ledger.transfer, "resident", "shop", 1) == ("ERC20InsufficientBalance", ("resident", 0, 1))
    assert ledger.points_ending_with(APRIL) == 40
    assert ledger.lapsed_by_month() == {APRIL: 40}


def test_transfer_over_the_balance_changes_nothing(ledger: ReferenceLedger) -> None:
    ledger.mint("minter", "resident", 10, APRIL)
    ledger.mint("minter", "resident", 20, MAY)
    assert refusal(ledger.transfer, "resident", "shop", 31) == (
        "ERC20InsufficientBalance",
        ("resident", 30, 31),
    )
    assert ledger.lots_of("resident") == {APRIL: 10, MAY: 20}


def test_transfer_of_zero_moves_nothing_and_is_allowed(ledger: ReferenceLedger) -> None:
    ledger.transfer("resident", "shop", 0)
    assert ledger.claim_of("shop") == Claim(0, 0, 0)


def test_claim_on_1_april_becomes_one_of_earlier_years(ledger: ReferenceLedger) -> None:
    ledger.mint("minter", "resident", 1000)
    ledger.advance_to(last_second(MARCH_2027))
    ledger.transfer("resident", "shop", 300)
    assert ledger.claim_of("shop") == Claim(300, 0, 0)
    ledger.advance_to(start_of(APRIL_2027))
    assert ledger.claim_of("shop") == Claim(0, 300, 0)
    ledger.transfer("resident", "shop", 200)
    assert ledger.claim_of("shop") == Claim(200, 300, 0)
    assert ledger.balance_of("shop") == 500


def test_mint_on_31_march_by_fiscal_year_ends_a_year_before_that_of_1_april() -> None:
    ledger = ReferenceLedger(last_second(MARCH_2027), ExpiryRule.THIS_FISCAL_YEAR)
    ledger.increase_minter_allowance("minter", 10)
    ledger.mint("minter", "resident", 1)
    ledger.advance_to(start_of(APRIL_2027))
    ledger.mint("minter", "resident", 2)
    assert ledger.lots_of("resident") == {MARCH_2028: 2}
    assert ledger.lapsed_by_month() == {MARCH_2027: 1}


# ------------------------------------------------------------------------------------------------- transfers


def test_transfer_between_residents_is_off_until_switched_on(ledger: ReferenceLedger) -> None:
    ledger.mint("minter", "resident", 100, MAY)
    assert refusal(ledger.transfer, "resident", "friend", 1) == ("PointReceiverNotMerchant", ("friend",))
    ledger.set_transfer_switches(True, False)
    ledger.transfer("resident", "friend", 40)
    assert (ledger.lots_of("resident"), ledger.lots_of("friend")) == ({MAY: 60}, {MAY: 40})


def test_transfer_to_oneself_keeps_every_lot(ledger: ReferenceLedger) -> None:
    ledger.set_transfer_switches(True, True)
    ledger.mint("minter", "resident", MAX_LOT_POINTS, MAY)
    ledger.mint("minter", "resident", 7, JUNE)
    ledger.transfer("resident", "resident", MAX_LOT_POINTS + 3)
    assert ledger.lots_of("resident") == {MAY: MAX_LOT_POINTS, JUNE: 7}


def test_transfer_of_a_claim_moves_earlier_years_first(ledger: ReferenceLedger) -> None:
    ledger.mint("minter", "resident", 1000)
    ledger.transfer("resident", "shop", 300)
    ledger.advance_to(start_of(APRIL_2027))
    ledger.transfer("resident", "shop", 200)
    assert refusal(ledger.transfer, "shop", "pool", 1) == ("PointClaimNotTransferable", ("shop", "pool"))
    ledger.set_transfer_switches(False, True)
    ledger.transfer("shop", "pool", 350)
    assert (ledger.claim_of("shop"), ledger.claim_of("pool")) == (Claim(150, 0, 0), Claim(50, 300, 0))
    ledger.transfer("shop", "shop", 150)
    assert ledger.claim_of("shop") == Claim(150, 0, 0)
    assert refusal(ledger.transfer, "shop", "pool", 151) == ("ERC20InsufficientBalance", ("shop", 150, 151))
    assert refusal(ledger.transfer, "shop", "resident", 1) == (
        "PointClaimNotTransferable",
        ("shop", "resident"),
    )


@pytest.mark.parametrize("nobody", [ZERO_ADDRESS, "series"])
def test_transfer_to_or_from_nobody_is_refused(ledger: ReferenceLedger, nobody: str) -> None:
    ledger.set_transfer_switches(True, True)
    ledger.mint("minter", "resident", 5)
    assert refusal(ledger.transfer, "resident", nobody, 1) == ("ERC20InvalidReceiver", (nobody,))
    assert refusal(ledger.mint, "minter", nobody, 1) == ("ERC20InvalidReceiver", (nobody,))
    assert refusal(ledger.approve_merchant, nobody) == ("ERC20InvalidReceiver", (nobody,))
    assert refusal(ledger.transfer_from, "anyone", nobody, "shop", 0) == ("PointAccountFrozen", (nobody,))


def test_transfer_to_a_full_lot_is_refused(ledger: ReferenceLedger) -> None:
    ledger.set_transfer_switches(True, False)
    ledger.mint("minter", "friend", MAX_LOT_POINTS - 1, MAY)
    ledger.mint("minter", "resident", 2, MAY)
    overflow = ("friend", MAY, MAX_LOT_POINTS + 1, MAX_LOT_POINTS)
    assert refusal(ledger.transfer, "resident", "friend", 2) == ("PointLotTooLarge", overflow)
    ledger.transfer("resident", "friend", 1)
    assert ledger.balance_of("friend") == MAX_LOT_POINTS


def test_transfer_at_epoch_moves_only_the_earliest_lot(ledger: ReferenceLedger) -> None:
    ledger.mint("minter", "resident", 10, MAY)
    ledger.mint("minter", "resident", 10, JUNE)
    at_epoch = ledger.transfer_at_epoch
    assert refusal(at_epoch, "resident", 314, "shop", 1) == (
        "ERC7818TransferredExpiredToken",
        ("resident", 314),
    )
    assert refusal(at_epoch, "resident", JUNE, "shop", 1) == ("PointNotEarliest", (JUNE, MAY))
    assert refusal(at_epoch, "resident", MAY, "shop", 11) == (
        "ERC20InsufficientBalance",
        ("resident", 10, 11),
    )
    assert refusal(at_epoch, "nobody", MAY, "shop", 0) == ("ERC20InsufficientBalance", ("nobody", 0, 0))
    ledger.transfer_at_epoch("resident", MAY, "shop", 10)
    ledger.transfer_at_epoch("resident", JUNE, "shop", 1)
    assert ledger.lots_of("resident") == {JUNE: 9}


# ------------------------------------------------------------------------------------------------ allowances


def test_transfer_from_counts_the_allowance_down_only_if_it_succeeds(ledger: ReferenceLedger) -> None:
    ledger.mint("minter", "resident", 100)
    ledger.approve("resident", "till", 50)
    assert refusal(ledger.transfer_from, "till", "resident", "friend", 20)[0] == "PointReceiverNotMerchant"
    assert ledger.allowance("resident", "till") == 50
    ledger.transfer_from("till", "resident", "shop", 20)
    assert ledger.allowance("resident", "till") == 30
    over = ("ERC20InsufficientAllowance", ("till", 30, 31))
    assert refusal(ledger.transfer_from, "till", "resident", "shop", 31) == over
    assert refusal(ledger.decrease_allowance, "resident", "till", 31) == over
    ledger.transfer_from_at_epoch("till", MARCH_2028, "resident", "shop", 30)
    assert ledger.allowance("resident", "till") == 0


def test_allowance_without_limit_is_not_counted_down(ledger: ReferenceLedger) -> None:
    ledger.mint("minter", "resident", 100)
    ledger.approve("resident", "till", UNLIMITED)
    ledger.transfer_from("till", "resident", "shop", 20)
    assert ledger.allowance("resident", "till") == UNLIMITED
    assert refusal(ledger.increase_allowance, "resident", "till", 1) == ("Panic", (0x11,))
    assert refusal(ledger.approve, "resident", ZERO_ADDRESS, 1) == ("ERC20InvalidSpender", (ZERO_ADDRESS,))


# --------------------------------------------------------------------------------------- minters and policies


def test_mint_beyond_the_allowance_is_refused(ledger: ReferenceLedger) -> None:
    ledger.decrease_minter_allowance("minter", 10**12 - 5)
    assert refusal(ledger.mint, "minter", "resident", 6) == ("PointMinterAllowance", ("minter", 5, 6))
    assert refusal(ledger.decrease_minter_allowance, "minter", 6) == (
        "PointMinterAllowance",
        ("minter", 5, 6),
    )
    ledger.mint("minter", "resident", 5)
    assert ledger.minter_of("minter") == (0, 5)


def test_increase_minter_allowance_beyond_72_bits_is_refused(ledger: ReferenceLedger) -> None:
    room = MAX_ALLOWANCE_POINTS - 10**12
    refused = ("PointMinterAllowance", ("minter", room, room + 1))
    assert refusal(ledger.increase_minter_allowance, "minter", room + 1) == refused
    ledger.increase_minter_allowance("minter", room)


def test_remove_minter_keeps_its_lifetime_counter(ledger: ReferenceLedger) -> None:
    ledger.mint("minter", "resident", 5)
    ledger.remove_minter("minter")
    assert ledger.minter_of("minter") == (0, 5)
    for operation in (ledger.remove_minter, lambda name: ledger.mint(name, "resident", 0)):
        assert refusal(operation, "minter") == ("PointNotMinter", ("minter",))
    ledger.increase_minter_allowance("minter", 1)
    assert ledger.minter_of("minter") == (1, 5)


def test_increase_minter_allowance_of_a_17th_minter_is_refused(ledger: ReferenceLedger) -> None:
    for number in range(15):
        ledger.increase_minter_allowance(f"minter {number}", 0)
    assert refusal(ledger.increase_minter_allowance, "one more", 0) == ("PointTooManyMinters", (16,))
    ledger.remove_minter("minter 3")
    ledger.increase_minter_allowance("one more", 0)
    assert len(ledger.minters()) == 16


@pytest.mark.parametrize(
    ("month", "allowed"), [(314, False), (315, True), (375, True), (376, False), (NEVER, True)]
)
def test_mint_with_a_month_takes_this_to_the_sixtieth_after(
    ledger: ReferenceLedger, month: int, allowed: bool
) -> None:
    if allowed:
        ledger.mint("minter", "resident", 1, month)
        assert ledger.lots_of("resident") == {month: 1}
    else:
        refused = ("PointExpiryOutOfRange", (month, 315, 375))
        assert refusal(ledger.mint, "minter", "resident", 1, month) == refused


def test_mint_every_possible_month_holds_62_lots(ledger: ReferenceLedger) -> None:
    months = [*range(APRIL, APRIL + 61), NEVER]
    for month in reversed(months):
        ledger.mint("minter", "resident", month, month)
    assert ledger.lots_of("resident") == {month: month for month in months}
    assert ledger.ending_before("resident", JUNE) == APRIL + MAY


def test_mint_with_every_fault_at_once_names_them_in_the_contracts_order(ledger: ReferenceLedger) -> None:
    ledger.pause(HOUR)
    over = MAX_LOT_POINTS + 1
    assert refusal(ledger.mint, "nobody", "shop", 10**12 + 1, 314)[0] == "PointNotMinter"
    assert refusal(ledger.mint, "minter", "shop", 10**12 + 1, 314)[0] == "PointMinterAllowance"
    assert refusal(ledger.mint, "minter", "shop", MAX_MONTH_POINTS + 1, 314)[0] == "PointExpiryOutOfRange"
    assert refusal(ledger.mint, "minter", "shop", MAX_MONTH_POINTS + 1, MAY)[0] == "PointPaused"
    ledger.advance_to(ledger.paused_until)
    assert refusal(ledger.mint, "minter", "shop", MAX_MONTH_POINTS + 1, MAY)[0] == "PointMonthTooLarge"
    assert refusal(ledger.mint, "minter", "shop", over, MAY)[0] == "PointMintToMerchant"
    assert refusal(ledger.mint, "minter", "resident", over, MAY)[0] == "PointLotTooLarge"


def test_mint_over_a_lot_or_a_month_is_refused(ledger: ReferenceLedger) -> None:
    ledger.mint("minter", "resident", MAX_LOT_POINTS, MAY)
    too_large = ("resident", MAY, MAX_LOT_POINTS + 1, MAX_LOT_POINTS)
    assert refusal(ledger.mint, "minter", "resident", 1, MAY) == ("PointLotTooLarge", too_large)
    residents = [f"resident {number}" for number in range(127)]
    ledger.mint_batch("minter", residents, [MAX_LOT_POINTS] * 127, MAY)
    room = MAX_MONTH_POINTS - 128 * MAX_LOT_POINTS
    refused = ("PointMonthTooLarge", (MAY, room + 1, MAX_MONTH_POINTS))
    assert refusal(ledger.mint, "minter", "one more", room + 1, MAY) == refused
    ledger.mint("minter", "one more", room, MAY)
    assert ledger.points_ending_with(MAY) == MAX_MONTH_POINTS


def test_mint_batch_with_one_bad_row_grants_nothing(ledger: ReferenceLedger) -> None:
    batch = ledger.mint_batch
    assert refusal(batch, "minter", ["a", "b"], [1], MAY) == ("PointListLengths", (2, 1))
    assert refusal(batch, "minter", ["a", "shop"], [1, 1], MAY) == ("PointMintToMerchant", ("shop",))
    assert refusal(batch, "minter", ["a", "b"], [UNLIMITED, 1], MAY) == ("Panic", (0x11,))
    twice = ("a", MAY, MAX_LOT_POINTS + 1, MAX_LOT_POINTS)
    assert refusal(batch, "minter", ["a", "a"], [MAX_LOT_POINTS, 1], MAY) == ("PointLotTooLarge", twice)
    assert ledger.books().granted == 0
    batch("minter", ["a", "b", "a"], [1, 2, 4], MAY)
    assert (ledger.balance_of("a"), ledger.balance_of("b")) == (5, 2)


def test_set_expiry_policy_leaves_granted_lots_alone(ledger: ReferenceLedger) -> None:
    ledger.mint("minter", "resident", 1)
    ledger.set_expiry_policy(ExpiryRule.MONTHS_AFTER, 1)
    ledger.mint("minter", "resident", 2)
    assert ledger.lots_of("resident") == {MAY: 2, MARCH_2028: 1}


@pytest.mark.parametrize(
    ("rule", "months", "named"),
    [
        (ExpiryRule.MONTHS_AFTER, 61, 376),
        (ExpiryRule.MONTHS_AFTER, NEVER - APRIL, NEVER),
        (ExpiryRule.MONTHS_AFTER, NEVER + 1, NEVER + 1),
        (ExpiryRule.FIXED_MONTH, 314, 314),
        (ExpiryRule.FIXED_MONTH, 376, 376),
        (ExpiryRule.NEVER, NEVER + 1, NEVER + 1),
    ],
)
def test_set_expiry_policy_out_of_range_is_refused(
    ledger: ReferenceLedger, rule: ExpiryRule, months: int, named: int
) -> None:
    assert refusal(ledger.set_expiry_policy, rule, months) == ("PointExpiryOutOfRange", (named, 315, 375))
    assert ledger.expiry_policy() == (ExpiryRule.NEXT_FISCAL_YEAR, 0)


def test_mint_by_policy_after_the_fixed_month_is_refused(ledger: ReferenceLedger) -> None:
    ledger.set_expiry_policy(ExpiryRule.FIXED_MONTH, APRIL)
    ledger.advance_to(start_of(MAY))
    assert refusal(ledger.mint, "minter", "resident", 1) == ("PointExpiryOutOfRange", (APRIL, MAY, MAY + 60))


# ------------------------------------------------------------------------------------------------- merchants


def test_transfer_to_an_inactive_merchant_is_refused_and_its_claim_stays(ledger: ReferenceLedger) -> None:
    ledger.mint("minter", "resident", 100)
    ledger.transfer("resident", "shop", 30)
    for stop, status in (
        (ledger.suspend_merchant, MerchantStatus.SUSPENDED),
        (ledger.close_merchant, MerchantStatus.CLOSED),
    ):
        stop("shop")
        assert refusal(ledger.transfer, "resident", "shop", 1) == ("PointMerchantNotActive", ("shop", status))
        assert ledger.claim_of("shop") == Claim(30, 0, 0)
    ledger.approve_merchant("shop", 9)
    ledger.transfer("resident", "shop", 1)
    assert ledger.merchant_of("shop") == (True, MerchantStatus.ACTIVE, 9)
    assert ledger.claim_of("shop") == Claim(31, 0, 0)


def test_approve_merchant_with_lots_is_refused_until_their_lapse_is_recorded(ledger: ReferenceLedger) -> None:
    ledger.mint("minter", "newcomer", 100, APRIL)
    assert refusal(ledger.approve_merchant, "newcomer") == ("PointAccountHoldsLots", ("newcomer",))
    ledger.advance_to(start_of(MAY))
    assert refusal(ledger.approve_merchant, "newcomer") == ("PointAccountHoldsLots", ("newcomer",))
    assert ledger.record_lapse(["newcomer", "stranger"]) == [Lapse("newcomer", APRIL, 100)]
    ledger.approve_merchant("newcomer")


def test_merchant_that_never_was_cannot_be_stopped(ledger: ReferenceLedger) -> None:
    assert refusal(ledger.suspend_merchant, "resident") == ("PointNotMerchant", ("resident",))
    assert refusal(ledger.close_merchant, "resident") == ("PointNotMerchant", ("resident",))
    assert refusal(ledger.approve_merchant, "resident", 65536) == ("PointCategoryTooLarge", (65536, 65535))
    assert ledger.merchant_of("resident") == (False, MerchantStatus.ACTIVE, 0)


# ----------------------------------------------------------------------------------------------------- pause


def test_pause_stops_every_movement_until_its_last_second(ledger: ReferenceLedger) -> None:
    ledger.set_transfer_switches(True, True)
    ledger.mint("minter", "resident", 100)
    ledger.pause(72 * HOUR)
    end = ledger.now + 72 * HOUR
    for move in (
        lambda: ledger.mint("minter", "resident", 1),
        lambda: ledger.transfer("resident", "shop", 1),
        lambda: ledger.transfer("resident", "friend", 1),
        lambda: ledger.transfer("shop", "pool", 0),
    ):
        assert refusal(move) == ("PointPaused", (end,))
    ledger.approve("resident", "till", 5)
    ledger.advance_to(end - 1)
    assert refusal(ledger.transfer, "resident", "shop", 1) == ("PointPaused", (end,))
    ledger.advance_to(end)
    ledger.transfer("resident", "shop", 1)


def test_pause_again_needs_a_cool_down_even_after_an_early_end(ledger: ReferenceLedger) -> None:
    assert refusal(ledger.pause, 0) == ("PointPauseLength", (0, 72 * HOUR))
    assert refusal(ledger.pause, 72 * HOUR + 1) == ("PointPauseLength", (72 * HOUR + 1, 72 * HOUR))
    start = ledger.now
    ledger.pause(HOUR)
    ledger.unpause()
    assert ledger.paused_until == start
    assert refusal(ledger.pause, HOUR) == ("PointPauseCoolingDown", (start + 2 * HOUR,))
    ledger.advance_to(start + 2 * HOUR)
    ledger.pause(HOUR)


# ------------------------------------------------------------------------------------ freezing and carrying


def test_frozen_account_neither_pays_nor_receives(ledger: ReferenceLedger) -> None:
    ledger.mint("minter", "resident", 10)
    ledger.freeze("resident")
    assert refusal(ledger.transfer, "resident", "shop", 1) == ("PointAccountFrozen", ("resident",))
    assert refusal(ledger.mint, "minter", "resident", 1) == ("PointAccountFrozen", ("resident",))
    ledger.unfreeze("resident")
    ledger.transfer("resident", "shop", 10)


def test_frozen_merchant_is_not_paid_and_keeps_its_claim(ledger: ReferenceLedger) -> None:
    ledger.mint("minter", "resident", 10)
    ledger.transfer("resident", "shop", 4)
    ledger.freeze("shop")
    assert refusal(ledger.transfer, "resident", "shop", 1) == ("PointAccountFrozen", ("shop",))
    assert ledger.claim_of("shop") == Claim(4, 0, 0)


def test_unfreeze_of_the_series_itself_is_refused(ledger: ReferenceLedger) -> None:
    assert ledger.frozen_of("series") == (True, False)
    assert refusal(ledger.unfreeze, "series") == ("ERC20InvalidReceiver", ("series",))


def _replaced(ledger: ReferenceLedger) -> None:
    """Let "resident" be number 1 and its account be replaced by "new card"."""
    ledger.residents.register(["resident"])
    ledger.residents.start_replacement(1, "new card", ledger.now)
    ledger.advance_to(ledger.now + 72 * HOUR)
    ledger.residents.complete_replacement(1, ledger.now)


def test_carry_moves_lots_with_their_months_and_the_freeze_and_may_be_repeated(
    ledger: ReferenceLedger,
) -> None:
    ledger.mint("minter", "resident", 10, MAY)
    ledger.mint("minter", "resident", 20, NEVER)
    ledger.freeze("resident")
    _replaced(ledger)
    assert ledger.carry("resident") == Carriage("new card", 30, True, True)
    assert ledger.lots_of("new card") == {MAY: 10, NEVER: 20}
    assert (ledger.frozen_of("resident"), ledger.frozen_of("new card")) == ((False, True), (True, False))
    assert ledger.carry("resident") == Carriage("new card", 0, False, False)


def test_carry_of_an_account_that_was_not_replaced_is_refused(ledger: ReferenceLedger) -> None:
    assert refusal(ledger.carry, "resident") == ("PointNotReplaced", ("resident",))


def test_sync_blocked_stops_an_account_while_its_replacement_is_under_way(ledger: ReferenceLedger) -> None:
    ledger.residents.register(["resident"])
    ledger.residents.start_replacement(1, "new card", ledger.now)
    ledger.sync_blocked("resident")
    assert ledger.frozen_of("resident") == (False, True)
    ledger.residents.cancel_replacement(1)
    ledger.sync_blocked("resident")
    assert ledger.frozen_of("resident") == (False, False)


def test_resident_cannot_become_a_merchant(ledger: ReferenceLedger) -> None:
    ledger.residents.register(["resident"])
    assert refusal(ledger.approve_merchant, "resident") == ("PointAccountIsResident", ("resident",))


# ----------------------------------------------------------------------------------------------- corrections


def test_extend_lots_passes_over_accounts_without_such_a_lot(ledger: ReferenceLedger) -> None:
    ledger.mint("minter", "resident", 10, MAY)
    ledger.mint("minter", "resident", 5, JUNE)
    accounts = ["friend", "resident", "shop", "resident"]
    assert ledger.extend_lots(MAY, JUNE, accounts) == [Extension("resident", 10)]
    assert ledger.lots_of("resident") == {JUNE: 15}


def test_extend_lots_only_later_and_only_before_they_end(ledger: ReferenceLedger) -> None:
    ledger.mint("minter", "resident", 10, APRIL)
    assert refusal(ledger.extend_lots, APRIL, APRIL, ["resident"]) == ("PointNotLater", (APRIL, APRIL))
    ledger.advance_to(start_of(MAY))
    assert refusal(ledger.extend_lots, APRIL, JUNE, ["resident"]) == (
        "PointExpiryOutOfRange",
        (APRIL, MAY, MAY + 60),
    )


def test_restore_lots_gives_each_resident_once_and_no_more_than_lapsed(ledger: ReferenceLedger) -> None:
    ledger.mint("minter", "resident", 10, APRIL)
    ledger.mint("minter", "friend", 20, APRIL)
    ledger.advance_to(start_of(MAY))
    assert ledger.restore_lots(APRIL, JUNE, ["resident", "resident"], [10, 10]) == [
        Restoration("resident", APRIL, 10)
    ]
    assert ledger.restore_lots(APRIL, JUNE, ["resident"], [10]) == []
    assert refusal(ledger.restore_lots, APRIL, JUNE, ["friend"], [21]) == (
        "PointRestoreTooLarge",
        (APRIL, 30, 10, 21),
    )
    assert ledger.restore_lots(APRIL, JUNE, ["friend"], [20]) == [Restoration("friend", APRIL, 20)]
    assert ledger.books() == Books(30, 30, 30, 30, 0, 0, 0, 0)
    ledger.check_conservation()


def test_restore_lots_knows_a_resident_by_every_card(ledger: ReferenceLedger) -> None:
    ledger.residents.register(["resident"])
    ledger.mint("minter", "resident", 10, APRIL)
    ledger.advance_to(start_of(MAY))
    ledger.restore_lots(APRIL, JUNE, ["resident"], [4])
    ledger.residents.start_replacement(1, "new card", ledger.now)
    ledger.advance_to(ledger.now + 72 * HOUR)
    ledger.residents.complete_replacement(1, ledger.now)
    assert ledger.restore_lots(APRIL, JUNE, ["new card"], [4]) == []


def test_restore_lots_of_a_month_that_has_not_ended_is_refused(ledger: ReferenceLedger) -> None:
    ledger.mint("minter", "resident", 10, APRIL)
    assert refusal(ledger.restore_lots, APRIL, JUNE, ["resident"], [10]) == (
        "PointRestoreTooLarge",
        (APRIL, 0, 0, 10),
    )


def test_revoke_takes_unspent_points_of_one_lot(ledger: ReferenceLedger) -> None:
    ledger.mint("minter", "resident", 10, MAY)
    ledger.transfer("resident", "shop", 4)
    assert refusal(ledger.revoke, "resident", 7, MAY) == ("PointLotTooSmall", ("resident", MAY, 6, 7))
    ledger.revoke("resident", 6, MAY)
    assert (ledger.total_supply(), ledger.books().revoked) == (4, 6)
    ledger.check_conservation()


def test_take_back_takes_what_the_lot_holds_within_the_minter_s_life(ledger: ReferenceLedger) -> None:
    ledger.mint("minter", "resident", 10, MAY)
    ledger.transfer("resident", "shop", 4)
    assert ledger.take_back("minter", "resident", 10, MAY) == 6
    assert ledger.take_back("minter", "resident", 4, MAY) == 0
    assert refusal(ledger.take_back, "minter", "resident", 5, MAY) == (
        "PointTakeBackTooLarge",
        ("minter", 4, 5),
    )
    assert (ledger.taken_back_by("minter"), ledger.books().revoked) == (6, 6)
    ledger.check_conservation()


# ------------------------------------------------------------------------------------------ owners and tills


def test_claim_goes_where_the_owner_key_says(ledger: ReferenceLedger) -> None:
    ledger.set_transfer_switches(False, True)
    ledger.mint("minter", "resident", 10)
    ledger.transfer("resident", "shop", 10)
    assert refusal(ledger.transfer_from, "owner", "shop", "pool", 10) == (
        "ERC20InsufficientAllowance",
        ("owner", 0, 10),
    )
    ledger.replace_owner("shop", "owner")
    assert refusal(ledger.transfer, "shop", "pool", 1) == ("PointNotOwner", ("shop", "shop"))
    ledger.transfer_from("owner", "shop", "pool", 10)
    assert ledger.claim_of("pool") == Claim(10, 0, 0)


def test_owner_key_is_given_to_somebody(ledger: ReferenceLedger) -> None:
    assert refusal(ledger.replace_owner, "shop", ZERO_ADDRESS) == ("ERC20InvalidReceiver", (ZERO_ADDRESS,))


def test_row_of_a_resident_whose_account_is_a_shop_or_the_series_is_named_unfit(
    ledger: ReferenceLedger,
) -> None:
    ledger.residents.register(["resident", "shop", ledger.series])
    rows = [Row(number, 5) for number in (1, 2, 3)]
    assert ledger.mint_issues("minter", rows, 15, MARCH_2028) == [
        (1, GrantIssue.ACCOUNT_UNFIT),
        (2, GrantIssue.ACCOUNT_UNFIT),
    ]


def test_tills_are_those_of_the_present_owner(ledger: ReferenceLedger) -> None:
    ledger.set_till("shop", "shop", "till", True)
    assert ledger.is_till("shop", "till")
    ledger.replace_owner("shop", "owner")
    assert not ledger.is_till("shop", "till")
    assert refusal(ledger.set_till, "shop", "shop", "till", True) == ("PointNotOwner", ("shop", "shop"))
    ledger.set_till("owner", "shop", "till", True)
    assert ledger.is_till("shop", "till")


# ----------------------------------------------------------------------------------------------------- books


def test_record_lapse_repeated_records_once_and_changes_no_balance(ledger: ReferenceLedger) -> None:
    ledger.mint("minter", "resident", 10, APRIL)
    ledger.mint("minter", "resident", 20, MAY)
    ledger.mint("minter", "resident", 40)
    ledger.advance_to(start_of(JUNE))
    before = ledger.books()
    recorded = ledger.record_lapse(["resident", "resident", "shop"])
    assert recorded == [Lapse("resident", APRIL, 10), Lapse("resident", MAY, 20)]
    assert ledger.record_lapse(["resident"]) == []
    assert ledger.books() == before == Books(70, 0, 40, 30, 0, 0, 0, 0)
    assert ledger.total_supply() == 40


def test_total_supply_is_granted_less_lapsed_at_every_month(ledger: ReferenceLedger) -> None:
    for month in range(APRIL, APRIL + 24):
        ledger.mint("minter", "resident", 100, month)
    ledger.transfer("resident", "shop", 250)
    for ended in range(24):
        ledger.advance_to(max(ledger.now, start_of(APRIL + ended)))
        books = ledger.books()
        assert ledger.total_supply() == books.granted - books.lapsed
        assert books.lapsed == max(0, 100 * ended - 250)
        ledger.check_conservation()


def test_check_conservation_after_a_point_vanished_names_the_figures(ledger: ReferenceLedger) -> None:
    ledger.mint("minter", "resident", 10, MAY)
    ledger._lots["resident"][MAY] -= 1
    with pytest.raises(ConservationError, match="granted and restored 10, accounted for 9"):
        ledger.check_conservation()


def test_advance_to_the_past_is_refused(ledger: ReferenceLedger) -> None:
    with pytest.raises(ValueError, match="forward"):
        ledger.advance_to(ledger.now - 1)
