"""Whoever makes the blocks delays, reorders or leaves out transactions, and sets their time within limits.

No order and no delay makes a point, doubles a payment or moves points to somebody whom the payer did not
name. What a delay can do is what a closed shop can do: a payment comes too late and is not made, whole.
"""

import itertools

import brownie
import pytest

from tests.support.clock import DECEMBER, JUNE, now, to_month_end, travel
from tests.support.paying import lot, sale_of_today
from tests.support.reading import lots
from tests.support.reverts import reverts

PURSE, PRICE = 1_000, 700
MINUTE = 60


@pytest.fixture
def card(memberships, point, minter):
    [member] = memberships.join("Hanako")
    point.mintUntil(member.account, PURSE, DECEMBER, {"from": minter})
    return member.card


@pytest.fixture
def sale():
    return sale_of_today(1)


def attempt(send):
    """Send; return whether the chain took it."""
    try:
        send()
    except brownie.exceptions.VirtualMachineError:
        return False
    return True


def test_payment_held_back_beyond_its_last_second_pays_nothing_and_can_be_signed_anew(
    point, counter, card, till, shop, sale
):
    last_second = now() + 5 * MINUTE
    payment = counter.signed(card, sale, PRICE, last_second)
    travel(5 * MINUTE + 1)
    with reverts("PointPaymentExpired", card.account, last_second):
        point.paySigned(shop, *payment, {"from": till.account})
    assert point.balanceOf(card.account) == PURSE
    point.paySigned(shop, *counter.signed(card, sale, PRICE), {"from": till.account})
    assert point.balanceOf(card.account) == PURSE - PRICE


def test_payment_held_back_into_the_next_month_takes_no_ended_points(
    point, counter, memberships, minter, till, shop
):
    [member] = memberships.join("Taro")
    point.mintUntil(member.account, PURSE, JUNE, {"from": minter})
    to_month_end(JUNE)
    payment = counter.signed(member.card, sale_of_today(2), PRICE)
    travel(1)
    with reverts("ERC20InsufficientBalance", member.account, 0, PRICE):
        point.paySigned(shop, *payment, {"from": till.account})
    assert lots(point, member.account) == {}


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_every_order_of_two_payments_and_a_void_pays_the_sale_once_at_most(
    point, counter, card, other_payer, minter, till, shop, sale, order
):
    point.mintUntil(other_payer.account, PURSE, DECEMBER, {"from": minter})
    sends = (
        lambda: point.paySigned(shop, *counter.signed(card, sale, PRICE), {"from": till.account}),
        lambda: point.paySigned(shop, *counter.signed(other_payer, sale, PRICE), {"from": till.account}),
        lambda: point.voidSale(shop, sale, {"from": till.account}),
    )
    taken = [attempt(sends[place]) for place in order]
    assert taken == [True, False, False], "whichever comes first settles the number"
    paid = point.claimOf(shop)[0]
    assert paid == (0 if order[0] == 2 else PRICE)
    assert point.balanceOf(card.account) + point.balanceOf(other_payer.account) == 2 * PURSE - paid


@pytest.mark.parametrize("order", list(itertools.permutations(range(2))))
def test_payment_and_cancellation_in_any_order_leave_what_the_owner_signed_or_less(
    point, counter, card, accounts, till, shop, sale, order
):
    payment = counter.signed(card, sale, PRICE)
    sends = (
        lambda: point.paySigned(shop, *payment, {"from": till.account}),
        lambda: point.cancelSignatures({"from": card.account}),
    )
    for place in order:
        attempt(sends[place])
    assert point.balanceOf(card.account) == (PURSE - PRICE if order[0] == 0 else PURSE)
    assert point.claimOf(shop)[0] == PURSE - point.balanceOf(card.account)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_freeze_payment_and_refund_in_any_order_conserve_every_point(
    point, counter, card, acting, desk_officer, till, shop, sale, order
):
    payment = counter.signed(card, sale, PRICE)
    part = lot(DECEMBER, PRICE)
    sends = (
        lambda: point.paySigned(shop, *payment, {"from": till.account}),
        lambda: point.refund(shop, sale, card.account, [part], PRICE, {"from": shop}),
        lambda: acting.perform(desk_officer, point, "freeze", card.account),
    )
    for place in order:
        attempt(sends[place])
    assert point.balanceOf(card.account) + point.claimOf(shop)[0] == PURSE
    assert point.totalSupply() == PURSE
