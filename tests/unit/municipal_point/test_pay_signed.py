"""`paySigned`: the shop submits what the payer has signed."""

import contextlib

import brownie
import pytest

from scripts.lib.expiry_rule import NEVER
from scripts.lib.payment.issue import SaleState
from scripts.lib.payment.sale_terms import SaleTerms
from scripts.lib.payment.signing import (
    NO_SIGNATURE,
    SeriesDomain,
    domain_separator,
    sign,
    signed_payment,
)
from tests.support.clock import APRIL, AUGUST, DECEMBER, HOUR, JULY, JUNE, MAY, now, to_month, travel_to
from tests.support.paying import Counter, sale_of_today, sale_paid
from tests.support.reading import ZERO_ADDRESS, events, live_by_month, lots
from tests.support.reverts import reverts
from tests.support.town import CITY


@pytest.fixture
def submit(point, shop, till):
    """`submit(signed payment)` by the till, or by another."""

    def submit_payment(payment, by=till.account):
        return point.paySigned(shop, *payment, {"from": by})

    return submit_payment


# ---------------------------------------------------------------------------------------------------- POINTS


def test_pay_signed_turns_the_payers_points_into_the_shops_claim(point, grant, submit, counter, payer, shop):
    grant(payer.account, {JUNE: 1000})
    paid = submit(counter.signed(payer, sale_of_today(), 300))
    assert events(paid) == [
        sale_paid(shop, sale_of_today(), payer.account, JUNE, 300),
        ("Transfer", payer.account, shop, 300),
    ]
    assert (lots(point, payer.account), point.claimOf(shop)) == ({JUNE: 700}, (300, 0, 0))
    assert (point.pointsEndingWith(JUNE), point.totalSupply()) == (700, 1000)
    assert point.saleOf(shop, sale_of_today()) == (SaleState.PAID, 0)


@pytest.mark.parametrize("later", [JULY, AUGUST, NEVER])
def test_pay_signed_over_two_lots_spends_the_earlier_first(point, grant, submit, counter, payer, shop, later):
    grant(payer.account, {later: 200, JUNE: 100})
    assert events(submit(counter.signed(payer, sale_of_today(), 150))) == [
        sale_paid(shop, sale_of_today(), payer.account, JUNE, 100),
        sale_paid(shop, sale_of_today(), payer.account, later, 50),
        ("Transfer", payer.account, shop, 150),
    ]
    assert lots(point, payer.account) == {later: 150}


@pytest.mark.parametrize("count", [6, 24])
def test_pay_signed_over_many_lots_empties_each(point, grant, submit, counter, payer, shop, count):
    months = [APRIL + place for place in range(count)]
    grant(payer.account, dict.fromkeys(months, 10))
    submit(counter.signed(payer, sale_of_today(), 10 * count))
    assert (lots(point, payer.account), point.claimOf(shop)) == ({}, (10 * count, 0, 0))
    assert live_by_month(point, *months) == [0] * count


def test_pay_signed_after_a_lot_has_ended_takes_it_off_the_books(point, grant, submit, counter, payer):
    grant(payer.account, {APRIL: 100, DECEMBER: 50})
    to_month(MAY)
    assert [event[0] for event in events(submit(counter.signed(payer, sale_of_today(), 50)))] == [
        "Lapsed",
        "Transfer",
        "SalePaid",
        "Transfer",
    ]


# ----------------------------------------------------------------------------------------------- WHO SUBMITS


def test_pay_signed_is_submitted_by_the_owner_or_a_till_only(
    grant, submit, point, counter, payer, other_payer, shop, other_shop, stranger, act_maker
):
    grant(payer.account, {JUNE: 1000})
    payment = counter.signed(payer, sale_of_today(), 10)
    for caller in (stranger, payer.account, other_payer.account, other_shop, act_maker):
        with reverts("PointNotTill", shop, caller):
            submit(payment, by=caller)
    submit(payment, by=shop)
    submit(counter.signed(payer, sale_of_today(2), 10))
    assert point.claimOf(shop) == (20, 0, 0)


def test_pay_signed_by_a_till_of_an_owner_before_reverts(
    point, grant, submit, counter, payer, shop, newcomer, act_maker, till
):
    grant(payer.account, {JUNE: 1000})
    point.replaceOwner(shop, newcomer, {"from": act_maker})
    payment = counter.signed(payer, sale_of_today(), 10)
    for caller in (till.account, shop):
        with reverts("PointNotTill", shop, caller):
            submit(payment, by=caller)
    submit(payment, by=newcomer)
    assert point.claimOf(shop) == (10, 0, 0)


def test_pay_signed_outlives_the_till_that_took_it(
    point, grant, submit, counter, payer, shop, newcomer, act_maker
):
    """The payer signed for the shop, whoever owns it and whichever till sends it."""
    grant(payer.account, {JUNE: 1000})
    payment = counter.signed(payer, sale_of_today(), 10)
    point.replaceOwner(shop, newcomer, {"from": act_maker})
    submit(payment, by=newcomer)
    assert point.claimOf(shop) == (10, 0, 0)


def test_pay_signed_of_the_tills_own_points_needs_no_signature_of_its_own(
    point, grant, submit, counter, till, shop
):
    """Whoever sends a payment agrees to it. Self-dealing leaves the same trace as any payment."""
    grant(till.account, {JUNE: 100})
    unsigned = signed_payment(counter.payment(till, sale_of_today(), 10), NO_SIGNATURE)
    with reverts("PointWrongSignature", till.account):
        submit(unsigned, by=shop)
    assert events(submit(unsigned)) == [
        sale_paid(shop, sale_of_today(), till.account, JUNE, 10),
        ("Transfer", till.account, shop, 10),
    ]


# -------------------------------------------------------------------------------------------- WHAT IS SIGNED


def test_pay_signed_of_anything_but_what_was_signed_reverts(
    point, grant, submit, counter, payer, other_payer, shop
):
    grant(payer.account, {JUNE: 1000})
    grant(other_payer.account, {JUNE: 1000})
    agreed = counter.payment(payer, sale_of_today(), 10, now() + HOUR)
    signature = sign(counter.domain, agreed, payer.key)
    for change in (
        {"sale": agreed.sale + 1},
        {"amount_points": 11},
        {"amount_points": 9},
        {"valid_until": agreed.valid_until + 1},
    ):
        with reverts("PointWrongSignature", payer.account):
            submit(signed_payment(agreed._replace(**change), signature))
    with reverts("PointWrongSignature", other_payer.account):
        submit(signed_payment(agreed._replace(payer=other_payer.account.address), signature))
    submit(signed_payment(agreed, signature))


def test_pay_signed_for_another_shop_reverts(point, grant, counter, payer, shop, other_shop):
    grant(payer.account, {JUNE: 1000})
    payment = counter.signed(payer, sale_of_today(), 10)
    with reverts("PointWrongSignature", payer.account):
        point.paySigned(other_shop, *payment, {"from": other_shop})


def test_pay_signed_by_somebody_else_s_key_reverts(grant, submit, counter, payer, other_payer, till):
    grant(payer.account, {JUNE: 1000})
    payment = counter.payment(payer, sale_of_today(), 10)
    for card in (other_payer, till):
        with reverts("PointWrongSignature", payer.account):
            submit(signed_payment(payment, sign(counter.domain, payment, card.key)))


def test_pay_signed_without_a_valid_signature_reverts(grant, submit, counter, payer):
    """Among them the second signature that can be made of any first one without the key (malleability)."""
    grant(payer.account, {JUNE: 1000})
    terms, r, vs = counter.signed(payer, sale_of_today(), 10)
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    s, parity = int.from_bytes(vs, "big") % 2**255, vs[0] >> 7
    flipped = ((order - s) % 2**255) | ((1 - parity) << 255)
    other_parity = s | ((1 - parity) << 255)
    for forged in (0, s >> 1, other_parity, flipped, order // 2 + 1, 2**255 - 1, 2**256 - 1):
        with reverts("PointWrongSignature", payer.account):
            submit((terms, r, forged.to_bytes(32, "big")))
    for r_forged in (bytes(32), b"\xff" * 32, order.to_bytes(32, "big")):
        with reverts("PointWrongSignature", payer.account):
            submit((terms, r_forged, vs))
    submit((terms, r, vs))


def test_pay_signed_of_nobody_s_points_reverts(submit, counter, shop):
    """What recovers to no key must not count as a signature of account zero."""
    for forged in (NO_SIGNATURE, (b"\xff" * 32, b"\xff" * 32)):
        with reverts("PointAccountFrozen", ZERO_ADDRESS):
            submit((counter.payment(ZERO_ADDRESS, sale_of_today(), 1).terms, *forged))


def test_pay_signed_is_valid_until_the_second_that_the_payer_signed(grant, submit, counter, payer):
    grant(payer.account, {JUNE: 1000})
    until = now() + HOUR
    first, second = sale_of_today(1), sale_of_today(2)
    travel_to(until)
    submit(counter.signed(payer, first, 10, until))
    travel_to(until + 1)
    with reverts("PointPaymentExpired", payer.account, until):
        submit(counter.signed(payer, second, 10, until))


def test_pay_signed_under_another_cancel_epoch_reverts(point, grant, submit, counter, payer):
    grant(payer.account, {JUNE: 1000})
    with reverts("PointWrongSignature", payer.account):
        submit(counter.signed(payer, sale_of_today(), 10, cancel_epoch=1))
    before = counter.signed(payer, sale_of_today(), 10)
    point.cancelSignatures({"from": payer.account})
    with reverts("PointWrongSignature", payer.account):
        submit(before)
    submit(counter.signed(payer, sale_of_today(), 10, cancel_epoch=1))


# ------------------------------------------------------------------------------------------ WHERE IT IS GOOD


def test_domain_separator_is_that_of_the_standard(point, counter):
    assert point.DOMAIN_SEPARATOR() == "0x" + domain_separator(counter.domain).hex()


def test_pay_signed_for_another_chain_or_series_reverts(grant, submit, counter, payer):
    grant(payer.account, {JUNE: 1000})
    payment = counter.payment(payer, sale_of_today(), 10)
    for domain in (
        counter.domain._replace(chain_id=1),
        counter.domain._replace(series=ZERO_ADDRESS),
    ):
        with reverts("PointWrongSignature", payer.account):
            submit(signed_payment(payment, sign(domain, payment, payer.key)))


def test_pay_signed_in_another_series_of_the_town_reverts(
    project, officers, residents, counter, payer, shop, deployer, act_maker, minter
):
    other = project.MunicipalPoint.deploy(
        CITY,
        officers,
        residents,
        "川崎子育てポイント",
        "KOSODATE",
        0,
        1,
        SaleTerms(),
        ZERO_ADDRESS,
        {"from": deployer},
    )
    other.approveMerchant(shop, 0, "商店", "川崎区", {"from": act_maker})
    other.increaseMinterAllowance(minter, 100, {"from": act_maker})
    other.mintUntil(payer.account, 100, JUNE, {"from": minter})
    with reverts("PointWrongSignature", payer.account):
        other.paySigned(shop, *counter.signed(payer, sale_of_today(), 10), {"from": shop})


@contextlib.contextmanager
def chain_split():
    """The chain has split in two, and this half has taken a new id: only calls can be tried then."""
    request, chain_id = brownie.web3.provider.make_request, brownie.web3.eth.chain_id
    request("anvil_setChainId", [chain_id + 1])
    try:
        yield chain_id, chain_id + 1
    finally:
        request("anvil_setChainId", [chain_id])


def test_pay_signed_after_the_chain_split_is_good_for_the_new_half_only(
    point, grant, counter, payer, shop, till
):
    grant(payer.account, {JUNE: 1000})
    payment, by_till = counter.payment(payer, sale_of_today(), 10), {"from": till.account}
    with chain_split() as (old_id, new_id):
        ours, theirs = (SeriesDomain(chain_id, point.address) for chain_id in (new_id, old_id))
        assert point.DOMAIN_SEPARATOR() == "0x" + domain_separator(ours).hex()
        point.paySigned.call(shop, *signed_payment(payment, sign(ours, payment, payer.key)), by_till)
        with reverts("PointWrongSignature", payer.account):
            point.paySigned.call(shop, *signed_payment(payment, sign(theirs, payment, payer.key)), by_till)
    assert point.DOMAIN_SEPARATOR() == "0x" + domain_separator(theirs).hex()


# ----------------------------------------------------------------------------------------------------- TWICE


def test_pay_signed_twice_reverts_and_takes_nothing(point, grant, submit, counter, payer, shop):
    grant(payer.account, {JUNE: 1000})
    payment = counter.signed(payer, sale_of_today(), 10)
    submit(payment)
    with reverts("PointSaleUsed", shop, sale_of_today()):
        submit(payment)
    assert (point.balanceOf(payer.account), point.claimOf(shop)) == (990, (10, 0, 0))


def test_pay_signed_for_a_sale_that_another_has_paid_reverts(
    point, grant, submit, counter, payer, other_payer, shop
):
    grant(payer.account, {JUNE: 1000})
    grant(other_payer.account, {JUNE: 1000})
    submit(counter.signed(payer, sale_of_today(), 10))
    with reverts("PointSaleUsed", shop, sale_of_today()):
        submit(counter.signed(other_payer, sale_of_today(), 10))
    assert point.balanceOf(other_payer.account) == 1000


def test_pay_signed_of_one_number_at_two_shops_are_two_sales(point, grant, counter, payer, shop, other_shop):
    grant(payer.account, {JUNE: 1000})
    point.paySigned(shop, *counter.signed(payer, sale_of_today(), 10), {"from": shop})
    elsewhere = Counter(point, other_shop)
    point.paySigned(other_shop, *elsewhere.signed(payer, sale_of_today(), 20), {"from": other_shop})
    assert (point.claimOf(shop), point.claimOf(other_shop)) == ((10, 0, 0), (20, 0, 0))
