from dataclasses import replace

import pytest

from scripts.lib.expiry_rule import NEVER
from scripts.lib.japan_calendar import day_of, last_second, start_of, start_of_day
from scripts.lib.node.event_log import Event
from scripts.lib.payment.issue import PaymentIssue
from scripts.lib.payment.sale_number import sale_number
from scripts.lib.replays.everything import ZERO_ADDRESS, ReplayError, SeriesReplay
from scripts.lib.replays.sales import SalesReplay
from scripts.lib.replays.series import NOTICE_SECONDS
from scripts.lib.replays.series_state import (
    Claim,
    Figure,
    MinterState,
    SeriesState,
    Standing,
    Stop,
    differences,
)

MARCH, APRIL, MAY = 314, 315, 316
TODAY = day_of(start_of(APRIL))
SALE = sale_number(TODAY, 1)
PAYABLE_DAYS, REFUND_DAYS = 7, 60
MINTER, ALICE, BOB, SHOP, OTHER_SHOP = (f"0x{letter * 40}" for letter in "12345")


class Log:
    """Feeds a replay with events, one transaction each unless told otherwise."""

    def __init__(self):
        self.successors = {}
        self.replay = SeriesReplay(sales=SalesReplay(PAYABLE_DAYS, self.successors.get))
        self.now = start_of(APRIL)
        self.number = 0
        self.emit("RefundDaysSet", refundDays=REFUND_DAYS)
        self.switch(True, True)
        self.emit("MinterAllowanceSet", minter=MINTER, allowancePoints=10_000)
        self.approve(SHOP)

    def emit(self, name, /, *, again=False, **arguments):
        self.number += not again
        self.replay.apply(Event(name, "0xtoken", arguments, self.number, self.now, hex(self.number), 0))

    def transfer(self, payer, receiver, points, again=False):
        self.emit("Transfer", again=again, **{"from": payer, "to": receiver, "value": points})

    def switch(self, between_residents, between_merchants):
        switches = {"betweenResidents": between_residents, "betweenMerchants": between_merchants}
        self.emit("TransferSwitchesSet", **switches)

    def mint(self, receiver, points, month):
        """Points of a month that has ended were minted while it lasted."""
        now, self.now = self.now, min(self.now, last_second(month))
        self.emit("Minted", minter=MINTER, expiryMonth=month, amountPoints=points)
        self.transfer(ZERO_ADDRESS, receiver, points, again=True)
        self.now = now

    def tell_paid(self, payer, sale, *lots, shop=SHOP, again=False):
        for place, (month, points) in enumerate(lots):
            payment = int(payer, 16) << 96 | sale << 64 | month << 29 | points
            self.emit("SalePaid", again=again or place > 0, merchant=shop, payment=payment)

    def pay(self, payer, sale, *lots, shop=SHOP):
        self.tell_paid(payer, sale, *lots, shop=shop)
        self.transfer(payer, shop, sum(points for _, points in lots), again=True)

    def tell_refunded(self, receiver, sale, *lots, shop=SHOP):
        for place, (month, points) in enumerate(lots):
            about = {"merchant": shop, "sale": sale, "receiver": receiver}
            self.emit("SaleRefunded", again=place > 0, **about, lot=month << 29 | points)

    def refund(self, receiver, sale, *lots, ended=0, payer=None, shop=SHOP):
        self.tell_refunded(receiver, sale, *lots, shop=shop)
        if ended:
            about = {"merchant": shop, "sale": sale, "payer": payer or receiver}
            self.emit("SaleUnreturnable", again=True, **about, amountPoints=ended)
        self.transfer(shop, receiver, sum(points for _, points in lots), again=True)

    def skip(self, payer, sale, issue, shop=SHOP):
        self.emit("PaymentSkipped", merchant=shop, sale=sale, payer=payer, issue=int(issue))

    def void(self, sale, shop=SHOP):
        self.emit("SaleVoided", merchant=shop, sale=sale)

    def lapse(self, account, month, points):
        self.emit("Lapsed", account=account, expiryMonth=month, amountPoints=points)
        self.transfer(account, ZERO_ADDRESS, points, again=True)

    def approve(self, merchant, category=1):
        arguments = {"merchant": merchant, "category": category, "name": "店", "place": "町"}
        self.emit("MerchantApproved", **arguments)

    @property
    def state(self):
        return self.replay.state_at(self.now)


@pytest.fixture
def log():
    return Log()


def test_payment_takes_the_lot_that_ends_first(log):
    log.mint(ALICE, 100, MAY)
    log.mint(ALICE, 50, APRIL)
    log.transfer(ALICE, SHOP, 70)
    assert log.state.lots[ALICE] == {MAY: 80}
    assert log.state.points_by_month == {APRIL: 0, MAY: 80}
    assert log.state.claims[SHOP] == Claim(70, 0, 0)


def test_lot_lives_through_the_last_second_of_its_month(log):
    log.mint(ALICE, 100, APRIL)
    log.now = last_second(APRIL)
    assert (log.state.balances[ALICE], log.state.total_supply) == (100, 100)
    log.now += 1
    assert (log.state.balances.get(ALICE, 0), log.state.total_supply) == (0, 0)


def test_lapse_event_changes_no_balance_and_no_supply(log):
    log.mint(ALICE, 100, APRIL)
    log.mint(ALICE, 7, NEVER)
    log.now = start_of(MAY)
    before = log.state
    log.lapse(ALICE, APRIL, 100)
    assert log.state == before


def test_claim_moves_to_earlier_years_after_31_march(log):
    log.mint(ALICE, 100, NEVER)
    log.transfer(ALICE, SHOP, 60)
    log.now = start_of(APRIL + 12)
    assert log.state.claims[SHOP] == Claim(0, 60, 0)
    log.transfer(ALICE, SHOP, 15)
    assert log.state.claims[SHOP] == Claim(15, 60, 0)


def test_claim_passed_on_is_the_earlier_years_first(log):
    log.approve(OTHER_SHOP)
    log.mint(ALICE, 100, NEVER)
    log.transfer(ALICE, SHOP, 60)
    log.now = start_of(APRIL + 12)
    log.transfer(ALICE, SHOP, 15)
    log.transfer(SHOP, OTHER_SHOP, 70)
    assert log.state.claims == {SHOP: Claim(5, 0, 0), OTHER_SHOP: Claim(10, 60, 0)}


def test_points_given_to_a_resident_keep_their_month(log):
    log.mint(ALICE, 30, APRIL)
    log.mint(ALICE, 30, MAY)
    log.transfer(ALICE, BOB, 40)
    assert log.state.lots == {ALICE: {MAY: 20}, BOB: {APRIL: 30, MAY: 10}}


def test_transfer_to_oneself_changes_nothing(log):
    log.mint(ALICE, 30, APRIL)
    log.transfer(ALICE, ALICE, 30)
    assert log.state.lots == {ALICE: {APRIL: 30}}


def test_mint_lowers_the_allowance_and_removal_ends_it(log):
    log.mint(ALICE, 400, MAY)
    assert log.state.minters[MINTER] == MinterState(9_600, 400)
    log.emit("MinterRemoved", minter=MINTER, mintedPoints=400)
    assert log.state.minters[MINTER] == MinterState(0, 400)


def test_mint_may_take_ended_lots_of_its_recipient_off_the_books(log):
    log.mint(ALICE, 100, APRIL)
    log.now = start_of(MAY)
    log.emit("Minted", minter=MINTER, expiryMonth=MAY, amountPoints=5)
    log.emit("Lapsed", again=True, account=ALICE, expiryMonth=APRIL, amountPoints=100)
    log.transfer(ALICE, ZERO_ADDRESS, 100, again=True)
    log.transfer(ZERO_ADDRESS, ALICE, 5, again=True)
    assert log.state.lots[ALICE] == {MAY: 5}


def test_status_changes_are_followed(log):
    log.emit("MerchantStatusSet", merchant=SHOP, status=1)
    assert log.state.merchants == {SHOP: Standing(1, 1)}
    log.approve(SHOP, category=4)
    assert log.state.merchants == {SHOP: Standing(0, 4)}


def freeze(log, account, frozen=True):
    log.emit("FrozenSet", account=account, frozen=frozen)


def restore(log, account, lapsed_month, to_month, points):
    arguments = {"lapsedMonth": lapsed_month, "toMonth": to_month, "amountPoints": points}
    log.emit("LotRestored", account=account, **arguments)
    log.transfer(ZERO_ADDRESS, account, points, again=True)


def extend(log, account, month, to_month, points):
    arguments = {"fromMonth": month, "toMonth": to_month, "amountPoints": points}
    log.emit("LotExtended", account=account, **arguments)


def revoke(log, account, month, points):
    log.emit("Revoked", account=account, expiryMonth=month, amountPoints=points)
    log.transfer(account, ZERO_ADDRESS, points, again=True)


def take_back(log, account, month, points, minter=MINTER):
    arguments = {"account": account, "expiryMonth": month, "amountPoints": points}
    log.emit("TakenBack", minter=minter, **arguments)
    log.transfer(account, ZERO_ADDRESS, points, again=True)


def carry(log, old, new, points):
    log.emit("BlockedSet", account=old, blocked=True)
    log.emit("Carried", again=True, **{"from": old, "to": new, "amountPoints": points})
    log.transfer(old, new, points, again=True)


def test_extension_moves_a_lot_to_its_new_month(log):
    log.mint(ALICE, 30, APRIL)
    extend(log, ALICE, APRIL, MAY, 30)
    assert log.state.lots == {ALICE: {MAY: 30}}
    assert log.state.points_by_month == {APRIL: 0, MAY: 30}


def test_restored_points_live_beside_what_lapsed(log):
    log.mint(ALICE, 30, APRIL)
    log.now = start_of(MAY)
    restore(log, ALICE, APRIL, MAY, 20)
    assert (log.state.lots, log.state.total_supply) == ({ALICE: {MAY: 20}}, 20)
    assert (log.state.points_by_month[APRIL], log.state.restored_by_month) == (30, {APRIL: 20})


def test_restoration_may_take_ended_lots_of_its_recipient_off_the_books(log):
    log.mint(ALICE, 30, APRIL)
    log.now = start_of(MAY)
    log.emit("LotRestored", account=ALICE, lapsedMonth=APRIL, toMonth=MAY, amountPoints=30)
    log.emit("Lapsed", again=True, account=ALICE, expiryMonth=APRIL, amountPoints=30)
    log.transfer(ALICE, ZERO_ADDRESS, 30, again=True)
    log.transfer(ZERO_ADDRESS, ALICE, 30, again=True)
    assert log.state.lots == {ALICE: {MAY: 30}}


def test_revoked_points_leave_lot_and_supply(log):
    log.mint(ALICE, 30, MAY)
    revoke(log, ALICE, MAY, 10)
    assert (log.state.lots[ALICE], log.state.total_supply, log.replay.revoked) == ({MAY: 20}, 20, 10)


def test_points_taken_back_leave_lot_and_supply_and_are_counted_by_minter(log):
    log.mint(ALICE, 30, MAY)
    take_back(log, ALICE, MAY, 10)
    assert (log.state.lots[ALICE], log.state.total_supply, log.replay.revoked) == ({MAY: 20}, 20, 10)
    assert log.replay.taken_back == {MINTER: 10}


SERVICE = f"0x{'9' * 40}"


def settle(log, name, merchant, *points):
    parts = dict(zip(("thisYearPoints", "earlierYearsPoints"), points, strict=True))
    log.emit(name, merchant=merchant, **parts)


def burn(log, merchant, points):
    log.emit("Settled", merchant=merchant, amountPoints=points)
    log.transfer(merchant, ZERO_ADDRESS, points, again=True)


@pytest.fixture
def owed(log):
    """A shop is owed 60 points of the last fiscal year and 40 of this one."""
    log.emit("SettlementSet", service=SERVICE)
    log.mint(ALICE, 100, NEVER)
    log.transfer(ALICE, SHOP, 60)
    log.now = start_of(APRIL + 12)
    log.transfer(ALICE, SHOP, 40)


def test_claim_is_locked_by_its_years_and_settled(log, owed):
    settle(log, "ClaimLocked", SHOP, 30, 50)
    assert (log.state.claims[SHOP], log.state.total_supply) == (Claim(10, 10, 80), 100)
    burn(log, SHOP, 70)
    assert (log.state.claims[SHOP], log.state.total_supply) == (Claim(10, 10, 10), 30)


def test_claim_unlocked_or_reopened_is_owed_again(log, owed):
    settle(log, "ClaimLocked", SHOP, 40, 60)
    settle(log, "ClaimUnlocked", SHOP, 5, 6)
    burn(log, SHOP, 89)
    log.emit("ClaimReopened", merchant=SHOP, thisYearPoints=1, earlierYearsPoints=2)
    log.transfer(ZERO_ADDRESS, SHOP, 3, again=True)
    assert (log.state.claims[SHOP], log.state.total_supply) == (Claim(6, 8, 0), 14)


SETTLEMENT_CONTRADICTIONS = {
    "lock of more than was earned this year": lambda log: settle(log, "ClaimLocked", SHOP, 41, 0),
    "lock of more than was earned before": lambda log: settle(log, "ClaimLocked", SHOP, 0, 61),
    "lock of a frozen merchant": lambda log: (freeze(log, SHOP), settle(log, "ClaimLocked", SHOP, 1, 0)),
    "unlock of what is not locked": lambda log: settle(log, "ClaimUnlocked", SHOP, 1, 0),
    "burn of what is not locked": lambda log: burn(log, SHOP, 1),
    "burn without its Transfer": lambda log: (
        settle(log, "ClaimLocked", SHOP, 1, 0),
        log.emit("Settled", merchant=SHOP, amountPoints=1),
        settle(log, "ClaimLocked", SHOP, 1, 0),
    ),
    "reopening of what was not settled": lambda log: settle(log, "ClaimReopened", SHOP, 1, 0),
    "another service while claims are locked": lambda log: (
        settle(log, "ClaimLocked", SHOP, 1, 0),
        log.emit("SettlementSet", service=ZERO_ADDRESS),
    ),
    "settlement without a service": lambda log: (
        log.emit("SettlementSet", service=ZERO_ADDRESS),
        settle(log, "ClaimLocked", SHOP, 1, 0),
    ),
}


@pytest.mark.parametrize("fault", SETTLEMENT_CONTRADICTIONS)
def test_settlement_events_that_contradict_each_other_are_refused(log, owed, fault):
    with pytest.raises(ReplayError):
        SETTLEMENT_CONTRADICTIONS[fault](log)


def test_carried_lots_keep_their_months(log):
    log.mint(ALICE, 30, APRIL)
    log.mint(ALICE, 20, MAY)
    carry(log, ALICE, BOB, 50)
    assert log.state.lots == {BOB: {APRIL: 30, MAY: 20}}
    assert log.state.stops == {ALICE: Stop(False, True)}


def test_thawed_account_pays_again(log):
    log.mint(ALICE, 30, MAY)
    freeze(log, ALICE)
    freeze(log, ALICE, False)
    log.transfer(ALICE, SHOP, 30)
    assert log.state.stops == {}


def test_till_falls_with_the_owner_who_appointed_it(log):
    log.emit("TillSet", merchant=SHOP, till=BOB, active=True)
    assert log.replay.tills_of(SHOP) == {SHOP, BOB}
    log.emit("MerchantOwnerSet", merchant=SHOP, owner=ALICE)
    assert (log.replay.tills_of(SHOP), log.state.owners) == ({ALICE}, {SHOP: ALICE})


def paid_from_two_lots(log):
    """Alice pays 50 points that end with April and 30 that end with May."""
    log.mint(ALICE, 50, APRIL)
    log.mint(ALICE, 100, MAY)
    log.pay(ALICE, SALE, (APRIL, 50), (MAY, 30))


def test_sale_paid_from_several_lots_is_one_payment(log):
    paid_from_two_lots(log)
    assert log.state.lots[ALICE] == {MAY: 70}
    assert log.state.claims[SHOP] == Claim(80, 0, 0)
    assert log.replay.sales.payments[SHOP, SALE].lots == [(APRIL, 50), (MAY, 30)]


def test_refunds_go_back_latest_first_into_the_lots_that_paid(log):
    paid_from_two_lots(log)
    log.refund(ALICE, SALE, (MAY, 10))
    assert (log.state.lots[ALICE], log.state.claims[SHOP]) == ({MAY: 80}, Claim(70, 0, 0))
    log.refund(ALICE, SALE, (MAY, 20), (APRIL, 5))
    assert (log.state.lots[ALICE], log.state.claims[SHOP]) == ({APRIL: 5, MAY: 100}, Claim(45, 0, 0))
    assert log.state.points_by_month == {APRIL: 5, MAY: 100}
    assert log.replay.sales.payments[SHOP, SALE].refunded == 35


def test_refund_leaves_what_has_ended_with_the_shop(log):
    paid_from_two_lots(log)
    log.now = start_of(MAY)
    log.refund(ALICE, SALE, (MAY, 30), ended=50)
    assert (log.state.lots[ALICE], log.state.claims[SHOP]) == ({MAY: 100}, Claim(50, 0, 0))


def test_refund_may_take_ended_lots_of_its_receiver_off_the_books(log):
    log.mint(ALICE, 5, MAY)
    log.pay(ALICE, SALE, (MAY, 5))
    log.mint(ALICE, 7, APRIL)
    log.now = start_of(MAY)
    log.lapse(ALICE, APRIL, 7)
    log.refund(ALICE, SALE, (MAY, 5))
    assert log.state.lots[ALICE] == {MAY: 5}


def test_refund_goes_to_whoever_took_over_from_the_payer(log):
    paid_from_two_lots(log)
    log.successors[ALICE] = BOB
    log.refund(BOB, SALE, (MAY, 30))
    assert log.state.lots[BOB] == {MAY: 30}


def test_refund_comes_out_of_the_claim_of_the_year_of_the_payment_first(log):
    log.mint(ALICE, 200, NEVER)
    log.now = start_of(APRIL + 12) - 1
    day = day_of(log.now)
    log.pay(ALICE, march := sale_number(day, 1), (NEVER, 60))
    log.now += 1
    log.pay(ALICE, april := sale_number(day, 2), (NEVER, 50))
    assert log.state.claims[SHOP] == Claim(50, 60, 0)
    log.refund(ALICE, march, (NEVER, 10))
    assert log.state.claims[SHOP] == Claim(50, 50, 0)
    log.refund(ALICE, april, (NEVER, 10))
    assert log.state.claims[SHOP] == Claim(40, 50, 0)


def test_refund_comes_out_of_the_other_claim_for_the_rest(log):
    log.approve(OTHER_SHOP)
    log.mint(ALICE, 200, NEVER)
    log.now = start_of(APRIL + 12) - 1
    day = day_of(log.now)
    log.pay(ALICE, march := sale_number(day, 1), (NEVER, 60))
    log.now += 1
    log.pay(ALICE, sale_number(day, 2), (NEVER, 50))
    log.transfer(SHOP, OTHER_SHOP, 40)
    log.refund(ALICE, march, (NEVER, 60))
    assert log.state.claims[SHOP] == Claim(10, 0, 0)


def test_numbers_voids_and_cancelled_signatures_are_followed(log):
    paid_from_two_lots(log)
    log.void(SALE + 1)
    log.skip(ALICE, SALE, PaymentIssue.ALREADY_PAID)
    for sale in (SALE, SALE + 1):
        log.skip(BOB, sale, PaymentIssue.SALE_USED)
    log.skip(BOB, SALE + 2, PaymentIssue.WRONG_SIGNATURE)
    log.emit("SignaturesCancelled", account=ALICE, cancelEpoch=1)
    assert log.replay.sales.voided == {(SHOP, SALE + 1)}
    assert log.replay.sales.cancel_epochs == {ALICE: 1}


@pytest.mark.parametrize("less", [0, 1, 79])
def test_payment_that_the_record_takes_for_the_one_made_is_followed(log, less):
    """Of several lots a record keeps 49 bits of payer and amount: a till can name a payer whom they fit."""
    paid_from_two_lots(log)
    lookalike = f"0x{(int(ALICE, 16) + less) ^ 1 << 100:040x}"
    log.skip(lookalike, SALE, PaymentIssue.ALREADY_PAID)


def test_payment_from_one_lot_is_taken_for_no_other(log):
    log.mint(ALICE, 10, MAY)
    log.pay(ALICE, SALE, (MAY, 10))
    with pytest.raises(ReplayError):
        log.skip(f"0x{int(ALICE, 16) ^ 1 << 100:040x}", SALE, PaymentIssue.ALREADY_PAID)


def later(log, day):
    log.now = start_of_day(day)


CONTRADICTIONS_OF_SALES = {
    "sale paid twice": lambda log: log.pay(ALICE, SALE, (MAY, 1)),
    "sale voided after it was paid": lambda log: log.void(SALE),
    "sale paid after it was voided": lambda log: (log.void(SALE + 1), log.pay(ALICE, SALE + 1, (MAY, 1))),
    "sale voided twice": lambda log: (log.void(SALE + 1), log.void(SALE + 1)),
    "sale of somebody who is no merchant": lambda log: log.pay(ALICE, SALE, (MAY, 1), shop=BOB),
    "void of somebody who is no merchant": lambda log: log.void(SALE, shop=BOB),
    "sale paid by a merchant": lambda log: (
        log.approve(OTHER_SHOP),
        log.pay(SHOP, SALE, (MAY, 1), shop=OTHER_SHOP),
    ),
    "sale paid from a lot that is not the earliest": lambda log: (
        log.mint(ALICE, 5, APRIL),
        log.pay(ALICE, SALE + 1, (MAY, 1)),
    ),
    "sale paid from another part of its lots": lambda log: (
        log.mint(ALICE, 5, APRIL),
        log.pay(ALICE, SALE + 1, (APRIL, 4), (MAY, 2)),
    ),
    "sale paid from what is not there": lambda log: log.pay(ALICE, SALE + 1, (MAY, 71)),
    "sale paid without its Transfer": lambda log: (
        log.tell_paid(ALICE, SALE + 1, (MAY, 1)),
        log.mint(ALICE, 1, MAY),
    ),
    "sale paid with a Transfer in another transaction": lambda log: (
        log.tell_paid(ALICE, SALE + 1, (MAY, 1)),
        log.transfer(ALICE, SHOP, 1),
    ),
    "sale paid with the Transfer of another": lambda log: (
        log.mint(BOB, 1, MAY),
        log.tell_paid(ALICE, SALE + 1, (MAY, 1)),
        log.transfer(BOB, SHOP, 1, again=True),
    ),
    "sale paid with a Transfer of another amount": lambda log: (
        log.tell_paid(ALICE, SALE + 1, (MAY, 1)),
        log.transfer(ALICE, SHOP, 2, again=True),
    ),
    "two sales paid with one Transfer": lambda log: (
        log.tell_paid(ALICE, SALE + 1, (MAY, 1)),
        log.tell_paid(ALICE, SALE + 2, (MAY, 1), again=True),
    ),
    "one sale paid by two": lambda log: (
        log.tell_paid(ALICE, SALE + 1, (MAY, 1)),
        log.tell_paid(BOB, SALE + 1, (MAY, 1), again=True),
    ),
    "sale paid before its day": lambda log: log.pay(ALICE, sale_number(TODAY + 1, 1), (MAY, 1)),
    "sale paid too long after its day": lambda log: (
        later(log, TODAY + PAYABLE_DAYS + 1),
        log.pay(ALICE, SALE + 1, (MAY, 1)),
    ),
    "sale voided too long after its day": lambda log: (
        later(log, TODAY + PAYABLE_DAYS + 1),
        log.void(SALE + 1),
    ),
    "sale paid to a suspended merchant": lambda log: (
        log.emit("MerchantStatusSet", merchant=SHOP, status=1),
        log.pay(ALICE, SALE + 1, (MAY, 1)),
    ),
    "sale paid in a pause": lambda log: (
        log.emit("PausedUntil", untilTimestamp=log.now + 1),
        log.pay(ALICE, SALE + 1, (MAY, 1)),
    ),
    "refund of a sale that was not paid": lambda log: log.refund(ALICE, SALE + 1, (MAY, 1)),
    "refund of a sale that was voided": lambda log: (
        log.void(SALE + 1),
        log.refund(ALICE, SALE + 1, (MAY, 1)),
    ),
    "refund of more than was paid": lambda log: log.refund(ALICE, SALE, (MAY, 31)),
    "refund of more than was left": lambda log: (
        log.refund(ALICE, SALE, (MAY, 20)),
        log.refund(ALICE, SALE, (MAY, 11)),
    ),
    "refund of more lots than were paid": lambda log: log.refund(
        ALICE, SALE, (MAY, 30), (APRIL, 50), (MARCH, 1)
    ),
    "refund of nothing": lambda log: log.refund(ALICE, SALE, (MAY, 0)),
    "refund into a lot that did not pay": lambda log: log.refund(ALICE, SALE, (NEVER, 30)),
    "refund of what ends first": lambda log: log.refund(ALICE, SALE, (APRIL, 50)),
    "refund that leaves out a part": lambda log: log.refund(ALICE, SALE, (MAY, 29), (APRIL, 1)),
    "refund of a lot in two parts": lambda log: log.refund(ALICE, SALE, (MAY, 29), (MAY, 1)),
    "refund into a lot that has ended": lambda log: (
        later(log, TODAY + 31),
        log.refund(ALICE, SALE, (MAY, 30), (APRIL, 1)),
    ),
    "refund after the window": lambda log: (
        log.mint(BOB, 9, NEVER),
        log.pay(BOB, SALE + 1, (NEVER, 9)),
        later(log, TODAY + PAYABLE_DAYS + REFUND_DAYS + 1),
        log.refund(BOB, SALE + 1, (NEVER, 9)),
    ),
    "refund to somebody else": lambda log: log.refund(BOB, SALE, (MAY, 30)),
    "refund to a payer who was replaced": lambda log: (
        log.successors.update({ALICE: BOB}),
        log.refund(ALICE, SALE, (MAY, 30)),
    ),
    "refund by another merchant": lambda log: (
        log.approve(OTHER_SHOP),
        log.refund(ALICE, SALE, (MAY, 30), shop=OTHER_SHOP),
    ),
    "refund of more than the claim": lambda log: (
        log.approve(OTHER_SHOP),
        log.transfer(SHOP, OTHER_SHOP, 51),
        log.refund(ALICE, SALE, (MAY, 30)),
    ),
    "refund by a frozen merchant": lambda log: (freeze(log, SHOP), log.refund(ALICE, SALE, (MAY, 1))),
    "refund to a frozen payer": lambda log: (freeze(log, ALICE), log.refund(ALICE, SALE, (MAY, 1))),
    "refund in a pause": lambda log: (
        log.emit("PausedUntil", untilTimestamp=log.now + 1),
        log.refund(ALICE, SALE, (MAY, 1)),
    ),
    "refund without its Transfer": lambda log: (
        log.tell_refunded(ALICE, SALE, (MAY, 1)),
        log.mint(ALICE, 1, MAY),
    ),
    "refund with a Transfer of another amount": lambda log: (
        log.tell_refunded(ALICE, SALE, (MAY, 1)),
        log.transfer(SHOP, ALICE, 2, again=True),
    ),
    "refund with a Transfer to another": lambda log: (
        log.tell_refunded(ALICE, SALE, (MAY, 1)),
        log.transfer(SHOP, BOB, 1, again=True),
    ),
    "payment amid a refund": lambda log: (
        log.tell_refunded(ALICE, SALE, (MAY, 1)),
        log.tell_paid(ALICE, SALE, (MAY, 1), again=True),
    ),
    "unreturnable while something lives": lambda log: log.refund(ALICE, SALE, (MAY, 29), ended=50),
    "unreturnable of what lives": lambda log: log.refund(ALICE, SALE, (MAY, 30), ended=50),
    "more unreturnable than has ended": lambda log: (
        later(log, TODAY + 31),
        log.refund(ALICE, SALE, (MAY, 30), ended=51),
    ),
    "unreturnable of somebody else": lambda log: (
        later(log, TODAY + 31),
        log.refund(ALICE, SALE, (MAY, 30), ended=50, payer=BOB),
    ),
    "unreturnable without a refund": lambda log: log.emit(
        "SaleUnreturnable", merchant=SHOP, sale=SALE, payer=ALICE, amountPoints=1
    ),
    "skipped as paid though somebody else has paid": lambda log: log.skip(
        BOB, SALE, PaymentIssue.ALREADY_PAID
    ),
    "skipped as paid though it was not": lambda log: log.skip(ALICE, SALE + 1, PaymentIssue.ALREADY_PAID),
    "skipped as used though it was not": lambda log: log.skip(ALICE, SALE + 1, PaymentIssue.SALE_USED),
    "skipped for no reason": lambda log: log.skip(ALICE, SALE + 1, PaymentIssue.NONE),
    "skipped for a pause": lambda log: log.skip(ALICE, SALE + 1, PaymentIssue.PAUSED),
    "skipped at somebody who is no merchant": lambda log: log.skip(
        ALICE, SALE, PaymentIssue.WRONG_SIGNATURE, shop=BOB
    ),
    "signatures cancelled with a number left out": lambda log: log.emit(
        "SignaturesCancelled", account=ALICE, cancelEpoch=2
    ),
    "signatures cancelled by a merchant": lambda log: log.emit(
        "SignaturesCancelled", account=SHOP, cancelEpoch=1
    ),
}


@pytest.mark.parametrize("fault", CONTRADICTIONS_OF_SALES)
def test_sales_that_contradict_each_other_are_refused(log, fault):
    paid_from_two_lots(log)
    with pytest.raises(ReplayError):
        CONTRADICTIONS_OF_SALES[fault](log)


CONTRADICTIONS = {
    "payment of points that are not there": lambda log: log.transfer(ALICE, SHOP, 1),
    "payment with points of a month that has ended": lambda log: (
        log.mint(ALICE, 5, MARCH),
        log.transfer(ALICE, SHOP, 5),
    ),
    "payment to a suspended merchant": lambda log: (
        log.mint(ALICE, 5, MAY),
        log.emit("MerchantStatusSet", merchant=SHOP, status=1),
        log.transfer(ALICE, SHOP, 5),
    ),
    "payment in a pause": lambda log: (
        log.mint(ALICE, 5, MAY),
        log.emit("PausedUntil", untilTimestamp=log.now + 1),
        log.transfer(ALICE, SHOP, 5),
    ),
    "points from nowhere": lambda log: log.transfer(ZERO_ADDRESS, ALICE, 1),
    "more points than the Minted announced": lambda log: (
        log.emit("Minted", minter=MINTER, expiryMonth=MAY, amountPoints=1),
        log.transfer(ZERO_ADDRESS, ALICE, 2, again=True),
    ),
    "fewer points than the Minted announced": lambda log: (
        log.emit("Minted", minter=MINTER, expiryMonth=MAY, amountPoints=2),
        log.transfer(ZERO_ADDRESS, ALICE, 1, again=True),
        log.mint(ALICE, 1, MAY),
    ),
    "row skipped that no Minted covers": lambda log: log.emit("MintSkipped", amountPoints=1),
    "row skipped in another transaction than its Minted": lambda log: (
        log.emit("Minted", minter=MINTER, expiryMonth=MAY, amountPoints=0),
        log.emit("MintSkipped", amountPoints=0),
    ),
    "more skipped than the Minted announced": lambda log: (
        log.emit("Minted", minter=MINTER, expiryMonth=MAY, amountPoints=1),
        log.emit("MintSkipped", again=True, amountPoints=2),
    ),
    "mint beyond the allowance": lambda log: log.mint(ALICE, 10_001, MAY),
    "mint of points that have ended": lambda log: log.emit(
        "Minted", minter=MINTER, expiryMonth=MARCH, amountPoints=1
    ),
    "mint of points that end too late": lambda log: log.emit(
        "Minted", minter=MINTER, expiryMonth=APRIL + 61, amountPoints=1
    ),
    "transfer to a resident though the switch is off": lambda log: (
        log.mint(ALICE, 5, MAY),
        log.switch(False, True),
        log.transfer(ALICE, BOB, 5),
    ),
    "claim passed on though the switch is off": lambda log: (
        log.mint(ALICE, 5, MAY),
        log.transfer(ALICE, SHOP, 5),
        log.approve(OTHER_SHOP),
        log.switch(True, False),
        log.transfer(SHOP, OTHER_SHOP, 5),
    ),
    "mint to a merchant": lambda log: log.mint(SHOP, 1, MAY),
    "lapse before the month's end": lambda log: (log.mint(ALICE, 5, APRIL), log.lapse(ALICE, APRIL, 5)),
    "lapse of another amount": lambda log: (log.mint(ALICE, 5, MARCH), log.lapse(ALICE, MARCH, 4)),
    "lapse without its Transfer": lambda log: (
        log.mint(ALICE, 5, MARCH),
        log.emit("Lapsed", account=ALICE, expiryMonth=MARCH, amountPoints=5),
        log.approve(OTHER_SHOP),
    ),
    "burn without a lapse": lambda log: (log.mint(ALICE, 5, MAY), log.transfer(ALICE, ZERO_ADDRESS, 5)),
    "month closed with another sum": lambda log: (
        log.mint(ALICE, 5, MARCH),
        log.emit("MonthClosed", month=MARCH, amountPoints=6),
    ),
    "month closed too early": lambda log: log.emit("MonthClosed", month=APRIL, amountPoints=0),
    "month closed twice": lambda log: (
        log.emit("MonthClosed", month=MARCH, amountPoints=0),
        log.emit("MonthClosed", month=MARCH, amountPoints=0),
    ),
    "holder of lots becomes a merchant": lambda log: (log.mint(ALICE, 5, MAY), log.approve(ALICE)),
    "status of somebody who is no merchant": lambda log: log.emit(
        "MerchantStatusSet", merchant=ALICE, status=1, officer=BOB
    ),
    "removed minter with another lifetime total": lambda log: log.emit(
        "MinterRemoved", minter=MINTER, mintedPoints=1, officer=BOB
    ),
    "claim passed to a resident": lambda log: (
        log.mint(ALICE, 5, MAY),
        log.transfer(ALICE, SHOP, 5),
        log.transfer(SHOP, BOB, 5),
    ),
    "payment by a frozen account": lambda log: (
        log.mint(ALICE, 5, MAY),
        freeze(log, ALICE),
        log.transfer(ALICE, SHOP, 5),
    ),
    "mint to a frozen account": lambda log: (freeze(log, ALICE), log.mint(ALICE, 5, MAY)),
    "extension of a lot that has ended": lambda log: (
        log.mint(ALICE, 5, MARCH),
        extend(log, ALICE, MARCH, MAY, 5),
    ),
    "extension to an earlier month": lambda log: (
        log.mint(ALICE, 5, MAY),
        extend(log, ALICE, MAY, APRIL, 5),
    ),
    "extension of another amount": lambda log: (
        log.mint(ALICE, 5, APRIL),
        extend(log, ALICE, APRIL, MAY, 6),
    ),
    "restoration of a month that has not ended": lambda log: (
        log.mint(ALICE, 5, APRIL),
        restore(log, ALICE, APRIL, MAY, 5),
    ),
    "restoration of more than lapsed": lambda log: (
        log.mint(ALICE, 5, MARCH),
        restore(log, ALICE, MARCH, MAY, 4),
        restore(log, BOB, MARCH, MAY, 2),
    ),
    "restoration without its Transfer": lambda log: (
        log.mint(ALICE, 5, MARCH),
        log.emit("LotRestored", account=ALICE, lapsedMonth=MARCH, toMonth=MAY, amountPoints=5),
        log.approve(OTHER_SHOP),
    ),
    "restoration with the Transfer of another": lambda log: (
        log.mint(ALICE, 5, MARCH),
        log.emit("LotRestored", account=ALICE, lapsedMonth=MARCH, toMonth=MAY, amountPoints=5),
        log.transfer(ZERO_ADDRESS, BOB, 5, again=True),
    ),
    "revocation of more than the lot holds": lambda log: (
        log.mint(ALICE, 5, MAY),
        revoke(log, ALICE, MAY, 6),
    ),
    "revocation without its Transfer": lambda log: (
        log.mint(ALICE, 5, MAY),
        log.emit("Revoked", account=ALICE, expiryMonth=MAY, amountPoints=5),
        log.mint(ALICE, 5, MAY),
    ),
    "taking back more than the lot holds": lambda log: (
        log.mint(ALICE, 5, MAY),
        log.mint(BOB, 5, MAY),
        take_back(log, ALICE, MAY, 6),
    ),
    "taking back more than the minter minted": lambda log: (
        log.mint(ALICE, 5, MAY),
        take_back(log, ALICE, MAY, 1, minter=BOB),
    ),
    "carrying a part": lambda log: (log.mint(ALICE, 5, MAY), carry(log, ALICE, BOB, 4)),
    "carrying an account that is not blocked": lambda log: (
        log.mint(ALICE, 5, MAY),
        log.emit("Carried", **{"from": ALICE, "to": BOB, "amountPoints": 5}),
    ),
    "carrying without its Transfer": lambda log: (
        log.mint(ALICE, 5, MAY),
        log.emit("BlockedSet", account=ALICE, blocked=True),
        log.emit("Carried", **{"from": ALICE, "to": BOB, "amountPoints": 5}),
        log.approve(OTHER_SHOP),
    ),
    "correction in a pause": lambda log: (
        log.mint(ALICE, 5, APRIL),
        log.emit("PausedUntil", untilTimestamp=log.now + 1),
        extend(log, ALICE, APRIL, MAY, 5),
    ),
    "till of somebody who is no merchant": lambda log: log.emit(
        "TillSet", merchant=ALICE, till=BOB, active=True
    ),
    "unknown event": lambda log: log.emit("Surprise"),
}


@pytest.mark.parametrize("fault", CONTRADICTIONS)
def test_events_that_contradict_each_other_are_refused(log, fault):
    with pytest.raises(ReplayError):
        CONTRADICTIONS[fault](log)


NEXT = "0xnext"


def announce(log, closable_from=None):
    closable_from = log.now + NOTICE_SECONDS if closable_from is None else closable_from
    log.emit("SuccessorAnnounced", successor=NEXT, closableFrom=closable_from)


def close(log):
    """The series is closed for its successor, with 100 points of Alice and 30 that are owed to a shop."""
    log.mint(ALICE, 130, MAY)
    log.transfer(ALICE, SHOP, 30)
    announce(log)
    log.now += NOTICE_SECONDS
    log.emit("SeriesClosed", successor=NEXT)


def lot_out(log, points, month=MAY, account=ALICE, again=False):
    log.emit("LotCarriedOut", again=again, account=account, expiryMonth=month, amountPoints=points)


def claim(log, name, points):
    log.emit(name, merchant=SHOP, thisYearPoints=points, earlierYearsPoints=0)


MIGRATION_CONTRADICTIONS = {
    "notice of another length": (lambda log: announce(log, log.now), "a notice lasts"),
    "closed without a notice": (
        lambda log: log.emit("SeriesClosed", successor=NEXT),
        "the successor announced",
    ),
    "closed for another": (
        lambda log: (announce(log), log.emit("SeriesClosed", successor="0xother")),
        "the successor announced was 0xnext",
    ),
    "closed within the notice": (
        lambda log: (announce(log), log.emit("SeriesClosed", successor=NEXT)),
        "the notice lasts until",
    ),
    "closed twice": (lambda log: (close(log), log.emit("SeriesClosed", successor=NEXT)), "was 0xnext"),
    "closed for one that was withdrawn": (
        lambda log: (
            announce(log),
            log.emit("SuccessorWithdrawn", successor=NEXT),
            later(log, TODAY + 30),
            log.emit("SeriesClosed", successor=NEXT),
        ),
        f"the successor announced was {ZERO_ADDRESS}",
    ),
    "withdrawn after it was closed": (
        lambda log: (close(log), log.emit("SuccessorWithdrawn", successor=NEXT)),
        "was closed",
    ),
    "carried to a new card after it was closed": (
        lambda log: (close(log), carry(log, ALICE, BOB, 100)),
        "was closed",
    ),
    "taken back after it was closed": (
        lambda log: (close(log), take_back(log, ALICE, MAY, 1)),
        "was closed",
    ),
    "announced after it was closed": (lambda log: (close(log), announce(log)), "was closed"),
    "minted after it was closed": (lambda log: (close(log), log.mint(ALICE, 1, MAY)), "was closed"),
    "paid after it was closed": (lambda log: (close(log), log.transfer(ALICE, SHOP, 1)), "was closed"),
    "opened for no series": (
        lambda log: log.emit("SeriesOpened", lastSaleDay=TODAY),
        "no series was closed for this one",
    ),
    "lot carried out of an open series": (
        lambda log: (log.mint(ALICE, 100, MAY), lot_out(log, 100)),
        "not closed, or opened, for carrying",
    ),
    "more carried out than the lot held": (lambda log: (close(log), lot_out(log, 101)), "held 100"),
    "lot carried out and not burned": (
        lambda log: (close(log), lot_out(log, 100), log.switch(True, True)),
        "has no Transfer beside it",
    ),
    "lots of two people carried out as one": (
        lambda log: (
            log.mint(BOB, 5, MAY),
            close(log),
            lot_out(log, 100),
            lot_out(log, 5, account=BOB, again=True),
        ),
        "has no Transfer beside it",
    ),
    "lot carried into a series that was not opened": (
        lambda log: log.emit("LotCarriedIn", account=ALICE, expiryMonth=MAY, amountPoints=1),
        "not closed, or opened, for carrying",
    ),
    "shop carried into a series that was not opened": (
        lambda log: log.emit(
            "MerchantCarriedIn", merchant=OTHER_SHOP, category=1, status=0, owner=OTHER_SHOP
        ),
        "not closed, or opened, for carrying",
    ),
    "claim carried out of an open series": (
        lambda log: (
            log.mint(ALICE, 30, MAY),
            log.transfer(ALICE, SHOP, 30),
            claim(log, "ClaimCarriedOut", 30),
        ),
        "neither a successor nor a predecessor",
    ),
    "claim carried into a series of no predecessor": (
        lambda log: claim(log, "ClaimCarriedIn", 30),
        "neither a successor nor a predecessor",
    ),
}


@pytest.mark.parametrize("fault", MIGRATION_CONTRADICTIONS)
def test_migration_that_could_not_be_is_refused_with_the_reason(log, fault):
    tell, why = MIGRATION_CONTRADICTIONS[fault]
    with pytest.raises(ReplayError, match=why):
        tell(log)


def test_closed_series_gives_up_its_lots_and_claims(log):
    close(log)
    lot_out(log, 100)
    log.transfer(ALICE, ZERO_ADDRESS, 100, again=True)
    claim(log, "ClaimCarriedOut", 30)
    log.transfer(SHOP, ZERO_ADDRESS, 30, again=True)
    assert log.replay.carried_out == 130
    assert not any(log.state.lots.get(ALICE, {}).values())


def test_differences_names_every_figure_and_who_says_what():
    left = SeriesState(balances={ALICE: 5}, lots={ALICE: {APRIL: 5}}, claims={SHOP: Claim(1, 2, 0)})
    right = replace(left, lots={ALICE: {APRIL: 4, MAY: 1}})
    found = {(d.figure.account, d.figure.what.english): d.says for d in differences({"l": left, "r": right})}
    assert found == {
        (ALICE, "lot until 2026-04-30"): {"l": 5, "r": 4},
        (ALICE, "lot until 2026-05-31"): {"l": 0, "r": 1},
    }


def test_differences_tells_an_active_merchant_from_none():
    merchant = SeriesState(merchants={SHOP: Standing(0, 0)})
    [difference] = differences({"l": merchant, "r": SeriesState()})
    assert difference.figure == Figure(SHOP, ("approved as merchant", "加盟店承認"))


def test_states_without_difference_have_none():
    state = SeriesState(balances={ALICE: 5}, total_supply=5)
    assert differences({"l": state, "r": replace(state, balances={ALICE: 5, BOB: 0})}) == []
