"""Attribution: within one month's lot, first in, first out; what comes back stands where it was."""

from __future__ import annotations

from typing import Any

import pytest

from scripts.lib.japan_calendar import start_of
from scripts.lib.node.event_log import Event
from scripts.lib.replays.attribution import (
    Attribution,
    GrantSource,
    LotQueue,
    MintSource,
    OtherSource,
    Piece,
)

SERVICE, SERIES, MINTER, ALICE, BOB, SHOP = (f"0x{letter * 40}" for letter in "123456")
ZERO = "0x" + "0" * 40
APRIL, MAY = 315, 316
OTHER, FIRST, SECOND = OtherSource("restored"), GrantSource(1, 0), GrantSource(2, 0)


class Log:
    """Feeds an attribution with events of a series and of the service, one transaction each unless told."""

    def __init__(self) -> None:
        self.attribution = Attribution(SERVICE)
        self.now = start_of(APRIL)
        self.number = 0
        self.emit("MerchantApproved", merchant=SHOP)

    def emit(self, name: str, /, *, again: bool = False, of: str = SERIES, **arguments: Any) -> None:
        self.number += not again
        self.attribution.apply(Event(name, of, arguments, self.number, self.now, hex(self.number), 0))

    def transfer(self, payer: str, to: str, points: int, again: bool = False) -> None:
        self.emit("Transfer", again=again, **{"from": payer, "to": to, "value": points})

    def mint(self, to: str, points: int, month: int = MAY, minter: str = MINTER) -> None:
        self.emit("Minted", minter=minter, expiryMonth=month, amountPoints=points)
        self.transfer(ZERO, to, points, again=True)

    def grant(self, source: GrantSource, to: str, points: int, month: int = MAY) -> None:
        self.mint(to, points, month, SERVICE)
        told = {"batch": source.batch, "firstRow": source.row, "rows": 1, "grantedRows": 1}
        self.emit("RowsRun", again=True, of=SERVICE, grantedPoints=points, **told)

    def pay(self, payer: str, sale: int, points: int) -> None:
        payment = int(payer, 16) << 96 | sale << 64 | MAY << 29 | points
        self.emit("SalePaid", merchant=SHOP, payment=payment)
        self.transfer(payer, SHOP, points, again=True)

    def refund(self, to: str, sale: int, points: int, month: int = MAY) -> None:
        self.emit("SaleRefunded", merchant=SHOP, sale=sale, receiver=to, lot=month << 29 | points)
        self.transfer(SHOP, to, points, again=True)

    def revoke_grant(self, source: GrantSource, account: str, taken: int) -> None:
        arguments = {"account": account, "expiryMonth": MAY, "amountPoints": taken}
        self.emit("TakenBack", minter=SERVICE, **arguments)
        self.transfer(account, ZERO, taken, again=True)
        self.emit("GrantRevoked", again=True, of=SERVICE, batch=source.batch, row=source.row)

    def lot(self, account: str, month: int = MAY) -> list[tuple[Any, int]]:
        pieces = self.attribution.lot_of(SERIES, account, month)
        return [(piece.source, piece.points) for piece in pieces]


@pytest.fixture
def log() -> Log:
    return Log()


def test_queue_gives_its_first_points_first() -> None:
    queue = LotQueue([Piece(FIRST, 10), Piece(SECOND, 10)])
    assert [(piece.source, piece.points) for piece in queue.take(15)] == [(FIRST, 10), (SECOND, 5)]
    assert (queue.points, queue.left_of(FIRST), queue.left_of(SECOND)) == (5, 0, 5)


def test_queue_that_holds_less_raises() -> None:
    with pytest.raises(ValueError, match="5 points are missing"):
        LotQueue([Piece(FIRST, 10)]).take(15)


def test_queue_tells_equal_pieces_apart() -> None:
    queue = LotQueue([Piece(FIRST, 10), Piece(OTHER, 5), Piece(FIRST, 10)])
    assert queue.take_of(FIRST, 15) == 15
    assert [(piece.source, piece.points) for piece in queue.pieces] == [(OTHER, 5), (FIRST, 5)]


def test_payment_leaves_the_later_grant(log: Log) -> None:
    log.grant(FIRST, ALICE, 100)
    log.grant(SECOND, ALICE, 100)
    log.transfer(ALICE, SHOP, 130)
    assert log.attribution.left_of(FIRST) == {}
    assert log.attribution.left_of(SECOND) == {ALICE: 70}


def test_points_of_an_earlier_month_are_spent_first(log: Log) -> None:
    log.grant(FIRST, ALICE, 100, MAY)
    log.mint(ALICE, 50, APRIL)
    log.transfer(ALICE, SHOP, 60)
    assert log.attribution.left_of(FIRST) == {ALICE: 90}


def test_refund_stands_where_it_was_taken_from(log: Log) -> None:
    log.grant(FIRST, ALICE, 100)
    log.grant(SECOND, ALICE, 100)
    log.pay(ALICE, 1, 90)
    log.pay(ALICE, 2, 60)
    log.refund(ALICE, 2, 60)
    assert log.lot(ALICE) == [(FIRST, 10), (SECOND, 50), (SECOND, 50)]
    log.refund(ALICE, 1, 30)
    log.refund(ALICE, 1, 60)
    assert log.attribution.left_of(FIRST) == {ALICE: 100}


def test_refund_in_part_brings_back_what_left_last(log: Log) -> None:
    log.grant(FIRST, ALICE, 100)
    log.grant(SECOND, ALICE, 100)
    log.pay(ALICE, 1, 150)
    log.refund(ALICE, 1, 70)
    assert log.lot(ALICE) == [(FIRST, 20), (SECOND, 50), (SECOND, 50)]


def test_carried_and_extended_points_stand_behind_what_is_there(log: Log) -> None:
    log.grant(FIRST, ALICE, 100, APRIL)
    log.mint(BOB, 5)
    log.emit("LotExtended", account=ALICE, fromMonth=APRIL, toMonth=MAY, amountPoints=100)
    log.emit("Carried", **{"from": ALICE, "to": BOB, "amountPoints": 100})
    log.transfer(ALICE, BOB, 100, again=True)
    assert log.lot(BOB) == [(MintSource(MINTER), 5), (FIRST, 100)]


def test_points_that_have_ended_are_not_carried_to_the_next_card(log: Log) -> None:
    log.grant(FIRST, ALICE, 100, APRIL)
    log.grant(SECOND, ALICE, 40)
    log.now = start_of(MAY)
    log.emit("Carried", **{"from": ALICE, "to": BOB, "amountPoints": 40})
    log.transfer(ALICE, BOB, 40, again=True)
    assert (log.attribution.left_of(FIRST), log.attribution.left_of(SECOND)) == ({ALICE: 100}, {BOB: 40})


def test_transfer_to_a_resident_keeps_the_source(log: Log) -> None:
    log.grant(FIRST, ALICE, 100)
    log.transfer(ALICE, BOB, 40)
    assert log.attribution.left_of(FIRST) == {ALICE: 60, BOB: 40}


def test_lapsed_points_are_left_of_nothing(log: Log) -> None:
    log.grant(FIRST, ALICE, 100, APRIL)
    log.now = start_of(MAY)
    log.emit("Lapsed", account=ALICE, expiryMonth=APRIL, amountPoints=100)
    log.transfer(ALICE, ZERO, 100, again=True)
    assert log.attribution.left_of(FIRST) == {}


def test_extended_grant_is_found_in_the_month_it_ends_with_now(log: Log) -> None:
    """So that the officers can say where it is to be taken from."""
    log.grant(FIRST, ALICE, 100)
    log.mint(ALICE, 50)
    log.emit("LotExtended", account=ALICE, fromMonth=MAY, toMonth=MAY + 12, amountPoints=150)
    assert log.attribution.left_by_month(FIRST, SERIES, ALICE) == {MAY + 12: 100}


def test_restored_points_are_nobody_s_grant(log: Log) -> None:
    log.emit("LotRestored", account=ALICE, lapsedMonth=APRIL, toMonth=MAY, amountPoints=7)
    log.transfer(ZERO, ALICE, 7, again=True)
    assert log.lot(ALICE) == [(OTHER, 7)]


def test_revoking_takes_the_grant_s_own_points(log: Log) -> None:
    log.mint(ALICE, 50)
    log.grant(FIRST, ALICE, 100)
    log.revoke_grant(FIRST, ALICE, 80)
    assert log.lot(ALICE) == [(MintSource(MINTER), 50), (FIRST, 20)]
    assert log.attribution.overdrawn == []


def test_revoking_more_than_the_rule_leaves_is_noticed(log: Log) -> None:
    """The contract sees the lot alone: exchanged points went with the grant."""
    log.grant(FIRST, ALICE, 100)
    log.mint(ALICE, 50)
    log.transfer(ALICE, SHOP, 90)
    log.revoke_grant(FIRST, ALICE, 40)
    [overdraft] = log.attribution.overdrawn
    assert (overdraft.source, overdraft.left, overdraft.taken) == (FIRST, 10, 40)
    assert log.lot(ALICE) == [(MintSource(MINTER), 20)]


def test_a_minter_takes_back_what_it_minted(log: Log) -> None:
    log.grant(FIRST, ALICE, 100)
    log.mint(ALICE, 50)
    log.emit("TakenBack", minter=MINTER, account=ALICE, expiryMonth=MAY, amountPoints=20)
    log.transfer(ALICE, ZERO, 20, again=True)
    assert log.lot(ALICE) == [(FIRST, 100), (MintSource(MINTER), 30)]


def test_desk_s_revocation_takes_from_the_front(log: Log) -> None:
    log.grant(FIRST, ALICE, 100)
    log.mint(ALICE, 50)
    log.emit("Revoked", account=ALICE, expiryMonth=MAY, amountPoints=120)
    log.transfer(ALICE, ZERO, 120, again=True)
    assert log.lot(ALICE) == [(MintSource(MINTER), 30)]


def test_run_of_more_rows_than_anybody_could_count_is_refused_at_once(log: Log) -> None:
    log.mint(ALICE, 10, minter=SERVICE)
    told = {"batch": 1, "firstRow": 0, "rows": 2**60, "grantedRows": 2**60, "grantedPoints": 10}
    with pytest.raises(ValueError, match="zip"):
        log.emit("RowsRun", again=True, of=SERVICE, **told)


def test_skipped_rows_of_a_run_have_no_piece(log: Log) -> None:
    log.emit("Minted", minter=SERVICE, expiryMonth=MAY, amountPoints=15)
    log.transfer(ZERO, ALICE, 10, again=True)
    log.emit("MintSkipped", again=True, number=2, amountPoints=5, issue=2)
    log.emit("RowSkipped", again=True, of=SERVICE, batch=1, row=1, number=2, issue=2)
    log.emit("RowsRun", again=True, of=SERVICE, batch=1, firstRow=0, rows=2, grantedRows=1, grantedPoints=10)
    assert log.lot(ALICE) == [(GrantSource(1, 0), 10)]
