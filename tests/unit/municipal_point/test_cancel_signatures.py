"""`cancelSignatures`: what an account has signed can be paid no more."""

import brownie
import pytest
from eth_abi import encode
from eth_utils import keccak

from tests.support.clock import APRIL, HOUR, JUNE
from tests.support.paying import sale_of_today
from tests.support.reading import events, lots
from tests.support.reverts import reverts

LAST_EPOCH = 4095
EPOCH_SHIFT = 240
ACCOUNTS_SLOT = 0  # the mapping of accounts is the first thing that a series stores


def test_cancel_signatures_is_logged_and_readable(point, payer, other_payer):
    for epoch in (1, 2, 3):
        cancelled = point.cancelSignatures({"from": payer.account})
        assert events(cancelled) == [("SignaturesCancelled", payer.account, epoch)]
        assert point.cancelEpochOf(payer.account) == epoch
    assert point.cancelEpochOf(other_payer.account) == 0


def test_cancel_signatures_stops_what_was_signed_and_not_what_is_signed_anew(
    point, grant, counter, payer, shop
):
    grant(payer.account, {JUNE: 100})
    before = counter.signed(payer, sale_of_today(1), 10)
    point.cancelSignatures({"from": payer.account})
    with reverts("PointWrongSignature", payer.account):
        point.paySigned(shop, *before, {"from": shop})
    point.paySigned(shop, *counter.signed(payer, sale_of_today(2), 10, cancel_epoch=1), {"from": shop})
    assert point.claimOf(shop) == (10, 0, 0)


@pytest.mark.parametrize("count", [0, 1, 6, 7, 24])
def test_cancel_signatures_leaves_every_lot_alone(point, grant, payer, shop, count):
    months = {APRIL + place: 10 + place for place in range(count)}
    grant(payer.account, months)
    point.cancelSignatures({"from": payer.account})
    assert lots(point, payer.account) == months
    point.transfer(shop, sum(months.values()), {"from": payer.account})
    assert (lots(point, payer.account), point.cancelEpochOf(payer.account)) == ({}, 1)


def test_cancel_signatures_survives_whatever_moves_the_lots(
    point, grant, counter, payer, other_payer, shop, stranger, act_maker, transfers_on
):
    """The number stands in the word that holds the lots."""
    point.cancelSignatures({"from": payer.account})
    grant(payer.account, {APRIL + place: 100 for place in range(12)})
    grant(other_payer.account, {JUNE + 1: 5})
    point.transfer(payer.account, 5, {"from": other_payer.account})
    point.transfer(other_payer.account, 150, {"from": payer.account})
    point.revoke(payer.account, 1, JUNE, {"from": act_maker})
    point.extendLots(JUNE, JUNE + 20, [payer.account], {"from": act_maker})
    point.freeze(payer.account, {"from": act_maker})
    point.unfreeze(payer.account, {"from": act_maker})
    point.recordLapse([payer.account], {"from": stranger})
    point.paySigned(shop, *counter.signed(payer, sale_of_today(), 700, cancel_epoch=1), {"from": shop})
    assert (point.cancelEpochOf(payer.account), point.cancelEpochOf(other_payer.account)) == (1, 0)


def test_cancel_signatures_while_paused_or_frozen_succeeds(point, grant, payer, act_maker):
    """Whoever has lost a phone should not have to wait."""
    grant(payer.account, {JUNE: 100})
    point.freeze(payer.account, {"from": act_maker})
    point.pause(HOUR, {"from": act_maker})
    point.cancelSignatures({"from": payer.account})
    assert point.cancelEpochOf(payer.account) == 1
    assert point.frozenOf(payer.account) == (True, False)


def test_cancel_signatures_of_a_merchant_reverts(point, shop):
    """Its word holds a claim where a resident's holds that number."""
    with reverts("PointPayerIsMerchant", shop):
        point.cancelSignatures({"from": shop})
    assert point.cancelEpochOf(shop) == 0


def test_cancel_signatures_leaves_no_trace_when_the_account_becomes_a_merchant(
    point, payer, other_payer, grant, counter, act_maker
):
    point.cancelSignatures({"from": payer.account})
    point.approveMerchant(payer.account, 65535, "銭湯", "宮前区", {"from": act_maker})
    assert (point.cancelEpochOf(payer.account), point.claimOf(payer.account)) == (0, (0, 0, 0))
    assert point.isTill(payer.account, payer.account)
    assert not point.isTill(payer.account, other_payer.account)


def test_cancel_signatures_works_4095_times_and_never_comes_round(point, grant, payer, counter, shop):
    """The count so far is written into the account's word; it would take as many transactions."""
    grant(payer.account, {JUNE: 100})
    slot = "0x" + keccak(encode(["address", "uint256"], [payer.account.address, ACCOUNTS_SLOT])).hex()
    word = int.from_bytes(brownie.web3.eth.get_storage_at(point.address, int(slot, 16)), "big")
    word |= (LAST_EPOCH - 1) << EPOCH_SHIFT
    brownie.web3.provider.make_request("anvil_setStorageAt", [point.address, slot, f"0x{word:064x}"])
    assert point.cancelEpochOf(payer.account) == LAST_EPOCH - 1
    cancelled = point.cancelSignatures({"from": payer.account})
    assert events(cancelled) == [("SignaturesCancelled", payer.account, LAST_EPOCH)]
    with reverts("PointCancelledTooOften", payer.account, LAST_EPOCH):
        point.cancelSignatures({"from": payer.account})
    payment = counter.signed(payer, sale_of_today(), 10, cancel_epoch=LAST_EPOCH)
    point.paySigned(shop, *payment, {"from": shop})
    assert lots(point, payer.account) == {JUNE: 90}
