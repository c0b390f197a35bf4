"""A merchant's owner key and its tills: setTill, replaceOwner, ownerOf, isTill."""

import brownie
import pytest
from eth_abi import encode
from eth_utils import keccak

from scripts.lib.payment.signing import NO_SIGNATURE
from tests.support.clock import JUNE
from tests.support.paying import FOREVER, sale_of_today
from tests.support.reading import ZERO_ADDRESS, events
from tests.support.reverts import reverts

LAST_GENERATION = 65_535
GENERATION_SHIFT = 237
ACCOUNTS_SLOT = 0  # the mapping of accounts is the first thing that a series stores


@pytest.fixture
def till(accounts):
    return accounts[15]


@pytest.fixture
def new_owner(point, shop, newcomer, act_maker):
    point.replaceOwner(shop, newcomer, {"from": act_maker})
    return newcomer


def test_owner_of_a_new_merchant_is_its_own_key(point, shop, resident):
    assert point.ownerOf(shop) == shop
    assert point.ownerOf(resident) == ZERO_ADDRESS


def test_set_till_by_the_owner_is_logged_and_readable(point, shop, other_shop, till):
    assert events(point.setTill(shop, till, True, {"from": shop})) == [("TillSet", shop, till, True)]
    assert point.isTill(shop, till)
    assert not point.isTill(other_shop, till)
    assert events(point.setTill(shop, till, False, {"from": shop})) == [("TillSet", shop, till, False)]
    assert not point.isTill(shop, till)


def test_set_till_by_anybody_else_reverts(
    point, shop, other_shop, till, merchant_officer, act_maker, resident
):
    for caller in (other_shop, till, merchant_officer, act_maker):
        with reverts("PointNotOwner", shop, caller):
            point.setTill(shop, till, True, {"from": caller})
    with reverts("PointNotOwner", resident, resident):
        point.setTill(resident, till, True, {"from": resident})


def test_set_till_of_the_zero_address_reverts(point, shop, payer, grant):
    """A signature that is none recovers to it: with such a till anybody could forge a sale of the shop."""
    with reverts("ERC20InvalidReceiver", ZERO_ADDRESS):
        point.setTill(shop, ZERO_ADDRESS, True, {"from": shop})
    grant(payer.account, {JUNE: 100})
    with reverts("PointNotTill", shop, ZERO_ADDRESS):
        point.pay(shop, sale_of_today(), 1, FOREVER, *NO_SIGNATURE, {"from": payer.account})


def test_set_till_of_the_owner_s_own_key_tells_that_it_serves_all_the_same(point, shop):
    """Events are what an auditor and a purse know tills by."""
    assert events(point.setTill(shop, shop, False, {"from": shop})) == [("TillSet", shop, shop, True)]


def test_owner_s_key_takes_payments_whatever_it_sets_about_itself(point, shop, newcomer, act_maker):
    """An owner cannot shut itself out, the first no more than the next."""
    point.setTill(shop, shop, False, {"from": shop})
    assert point.isTill(shop, shop)
    point.replaceOwner(shop, newcomer, {"from": act_maker})
    point.setTill(shop, newcomer, False, {"from": newcomer})
    assert (point.isTill(shop, newcomer), point.isTill(shop, shop)) == (True, False)
    point.voidSale(shop, sale_of_today(), {"from": newcomer})


def test_till_of_two_merchants_is_each_one_s_own_affair(point, shop, other_shop, till):
    point.setTill(shop, till, True, {"from": shop})
    point.setTill(other_shop, till, True, {"from": other_shop})
    point.setTill(other_shop, till, False, {"from": other_shop})
    assert (point.isTill(shop, till), point.isTill(other_shop, till)) == (True, False)


def test_replace_owner_hands_the_merchant_over_and_ends_the_old_tills(point, shop, newcomer, till, act_maker):
    point.setTill(shop, till, True, {"from": shop})
    replaced = point.replaceOwner(shop, newcomer, {"from": act_maker})
    assert events(replaced) == [("MerchantOwnerSet", shop, newcomer)]
    assert (point.ownerOf(shop), point.isTill(shop, till)) == (newcomer, False)
    with reverts("PointNotOwner", shop, shop):
        point.setTill(shop, till, True, {"from": shop})
    point.setTill(shop, till, True, {"from": newcomer})
    assert point.isTill(shop, till)


def test_replace_owner_takes_two_officers(
    acting, point, shop, newcomer, merchant_officer, second_merchant_officer
):
    with reverts("OfficersNeedsSecond", point.replaceOwner.signature):
        acting.perform(merchant_officer, point, "replaceOwner", shop, newcomer)
    acting.together(merchant_officer, second_merchant_officer, point, "replaceOwner", shop, newcomer)
    assert point.ownerOf(shop) == newcomer


def test_replace_owner_of_no_merchant_or_by_nobody_reverts(point, resident, shop, newcomer, act_maker):
    with reverts("PointNotMerchant", resident):
        point.replaceOwner(resident, newcomer, {"from": act_maker})
    with reverts("ERC20InvalidReceiver", ZERO_ADDRESS):
        point.replaceOwner(shop, ZERO_ADDRESS, {"from": act_maker})


def test_replace_owner_works_65535_times_and_freezes_nobody(point, shop, payer, newcomer, act_maker):
    """The count so far is written into the shop's word; it would take as many transactions."""
    slot = "0x" + keccak(encode(["address", "uint256"], [shop.address, ACCOUNTS_SLOT])).hex()
    word = int.from_bytes(brownie.web3.eth.get_storage_at(point.address, int(slot, 16)), "big")
    word |= (LAST_GENERATION - 1) << GENERATION_SHIFT
    brownie.web3.provider.make_request("anvil_setStorageAt", [point.address, slot, f"0x{word:064x}"])
    point.replaceOwner(shop, newcomer, {"from": act_maker})
    assert point.isTill(shop, newcomer)
    with reverts("PointReplacedTooOften", shop, LAST_GENERATION):
        point.replaceOwner(shop, payer.account, {"from": act_maker})
    assert point.ownerOf(shop) == newcomer
    assert point.frozenOf(shop) == (False, False)
    assert not point.isTill(shop, shop)


def test_claim_is_the_new_owner_s_to_pass_on_and_no_longer_the_old_key_s(
    point, grant, resident, shop, other_shop, new_owner, transfers_on
):
    grant(resident, {JUNE: 100})
    point.transfer(shop, 100, {"from": resident})
    with reverts("PointNotOwner", shop, shop):
        point.transfer(other_shop, 1, {"from": shop})
    point.transferFrom(shop, other_shop, 40, {"from": new_owner})
    assert (point.claimOf(shop), point.claimOf(other_shop)) == ((60, 0, 0), (40, 0, 0))


def test_till_cannot_pass_the_claim_on(point, grant, resident, shop, other_shop, till, transfers_on):
    grant(resident, {JUNE: 100})
    point.transfer(shop, 100, {"from": resident})
    point.setTill(shop, till, True, {"from": shop})
    point.approve(till, 100, {"from": shop})
    with reverts("PointNotOwner", shop, till):
        point.transferFrom(shop, other_shop, 1, {"from": till})


def test_payments_to_a_merchant_go_on_whoever_owns_it(point, grant, resident, shop, new_owner):
    grant(resident, {JUNE: 100})
    point.transfer(shop, 100, {"from": resident})
    assert point.claimOf(shop) == (100, 0, 0)


def test_approve_merchant_of_a_resident_reverts(point, memberships, residents, act_maker):
    """Known to the registry now, once, or soon: points of the membership may have to go there."""
    [member] = memberships.join("A")
    with reverts("PointAccountIsResident", member.account):
        point.approveMerchant(member.account, 1, "店", "区", {"from": act_maker})
