"""`payRelayed`: anybody submits what the payer and a till have signed."""

import pytest

from scripts.lib.payment.signing import NO_SIGNATURE, sign, signed_payment
from tests.support.clock import HOUR, JUNE, now, travel_to
from tests.support.paying import FOREVER, sale_of_today, sale_paid
from tests.support.reading import ZERO_ADDRESS, events, lots
from tests.support.reverts import ANY, reverts


@pytest.fixture
def agreed(grant, counter, payer, till):
    """The payer, who has 100 points, and the till have signed 10 points for today's first sale."""
    grant(payer.account, {JUNE: 100})
    payment = counter.signed(payer, sale_of_today(), 10)
    return payment, FOREVER, *counter.sale_signature(till, sale_of_today(), 10)


def test_pay_relayed_by_anybody_pays_the_shop(point, agreed, payer, shop, stranger):
    paid = point.payRelayed(shop, *agreed, {"from": stranger})
    assert events(paid) == [
        sale_paid(shop, sale_of_today(), payer.account, JUNE, 10),
        ("Transfer", payer.account, shop, 10),
    ]
    assert (lots(point, payer.account), point.claimOf(shop)) == ({JUNE: 90}, (10, 0, 0))


def test_pay_relayed_takes_nothing_from_the_relayer(point, agreed, grant, other_payer, shop):
    grant(other_payer.account, {JUNE: 100})
    point.payRelayed(shop, *agreed, {"from": other_payer.account})
    assert point.balanceOf(other_payer.account) == 100


def test_pay_relayed_twice_reverts(point, agreed, shop, stranger):
    point.payRelayed(shop, *agreed, {"from": stranger})
    with reverts("PointSaleUsed", shop, sale_of_today()):
        point.payRelayed(shop, *agreed, {"from": stranger})


def test_pay_relayed_without_the_tills_signature_reverts(
    point, agreed, counter, memberships, payer, shop, stranger
):
    """Not with the payer's, a stranger's or none, and not even by a till, which has paySigned for that."""
    payment, until, *_ = agreed
    for card in (payer, memberships.card("a stranger's")):
        signature = counter.sale_signature(card, sale_of_today(), 10)
        with reverts("PointNotTill", shop, card.account):
            point.payRelayed(shop, payment, until, *signature, {"from": stranger})
    for caller in (stranger, shop):
        with reverts("PointNotTill", shop, ZERO_ADDRESS):
            point.payRelayed(shop, payment, until, *NO_SIGNATURE, {"from": caller})


def test_pay_relayed_without_the_payers_signature_reverts(
    point, agreed, counter, payer, other_payer, till, shop, stranger
):
    _, *sale_signed = agreed
    payment = counter.payment(payer, sale_of_today(), 10)
    forged = [sign(counter.domain, payment, card.key) for card in (other_payer, till)]
    for signature in (NO_SIGNATURE, *forged):
        for caller in (stranger, other_payer.account, till.account, shop):
            with reverts("PointWrongSignature", payer.account):
                point.payRelayed(shop, signed_payment(payment, signature), *sale_signed, {"from": caller})


def test_pay_relayed_by_the_payer_needs_no_signature_of_its_own(point, agreed, counter, payer, shop):
    """Whoever sends a payment agrees to it, as with `pay`."""
    _, *sale_signed = agreed
    unsigned = signed_payment(counter.payment(payer, sale_of_today(), 10), NO_SIGNATURE)
    point.payRelayed(shop, unsigned, *sale_signed, {"from": payer.account})
    assert point.claimOf(shop) == (10, 0, 0)


@pytest.mark.parametrize(("sale", "points"), [(0, 11), (0, 9), (1, 10)])
def test_pay_relayed_of_another_sale_than_the_till_signed_reverts(
    point, agreed, counter, payer, shop, stranger, sale, points
):
    """Though the payer has signed it."""
    _, *sale_signed = agreed
    payment = counter.signed(payer, sale_of_today() + sale, points)
    with reverts("PointNotTill", shop, ANY):
        point.payRelayed(shop, payment, *sale_signed, {"from": stranger})


def test_pay_relayed_ends_with_the_earlier_of_both_last_seconds(
    point, grant, counter, payer, till, shop, stranger
):
    grant(payer.account, {JUNE: 100})
    sale, soon, late = sale_of_today(), now() + HOUR, now() + 2 * HOUR

    def both(payer_until, till_until):
        payment = counter.signed(payer, sale, 10, payer_until)
        return shop, payment, till_until, *counter.sale_signature(till, sale, 10, till_until)

    travel_to(soon + 1)
    with reverts("PointSaleExpired", sale, soon):
        point.payRelayed(*both(late, soon), {"from": stranger})
    with reverts("PointPaymentExpired", payer.account, soon):
        point.payRelayed(*both(soon, late), {"from": stranger})
    travel_to(late)
    point.payRelayed(*both(late, late), {"from": stranger})
    assert point.claimOf(shop) == (10, 0, 0)


def test_pay_relayed_after_the_till_was_removed_reverts(point, agreed, till, shop, stranger):
    point.setTill(shop, till.account, False, {"from": shop})
    with reverts("PointNotTill", shop, till.account):
        point.payRelayed(shop, *agreed, {"from": stranger})


def test_pay_relayed_after_the_payer_cancelled_reverts(point, agreed, payer, shop, stranger):
    point.cancelSignatures({"from": payer.account})
    with reverts("PointWrongSignature", payer.account):
        point.payRelayed(shop, *agreed, {"from": stranger})


def test_pay_relayed_takes_a_sale_that_pay_would_take_too(
    point, agreed, counter, other_payer, grant, shop, stranger
):
    """One sale signed by a till, two who want to pay it: the first does."""
    grant(other_payer.account, {JUNE: 100})
    _, *sale_signed = agreed
    point.pay(shop, sale_of_today(), 10, *sale_signed, {"from": other_payer.account})
    with reverts("PointSaleUsed", shop, sale_of_today()):
        point.payRelayed(shop, *agreed, {"from": stranger})


# ------------------------------------------------------------------------------------ THE SHOP CHANGES HANDS


def test_pay_relayed_with_a_sale_of_the_owner_before_reverts(
    point, agreed, counter, till, shop, newcomer, act_maker, stranger
):
    point.replaceOwner(shop, newcomer, {"from": act_maker})
    with reverts("PointNotTill", shop, till.account):
        point.payRelayed(shop, *agreed, {"from": stranger})
    point.setTill(shop, till.account, True, {"from": newcomer})
    point.payRelayed(shop, *agreed, {"from": stranger})


def test_pay_relayed_with_a_till_of_the_shop_before_it_was_sold_and_sold_back_reverts(
    point, agreed, counter, payer, till, shop, shop_card, newcomer, act_maker, stranger
):
    """The old owner has the shop again, but must appoint its tills anew; its own key serves at once."""
    for owner in (newcomer, shop):
        point.replaceOwner(shop, owner, {"from": act_maker})
    assert not point.isTill(shop, till.account)
    with reverts("PointNotTill", shop, till.account):
        point.payRelayed(shop, *agreed, {"from": stranger})
    payment = agreed[0]
    owner_signed = counter.sale_signature(shop_card, sale_of_today(), 10)
    point.payRelayed(shop, payment, FOREVER, *owner_signed, {"from": stranger})
    assert point.claimOf(shop) == (10, 0, 0)


def test_pay_relayed_with_the_key_of_an_owner_before_reverts(
    point, agreed, counter, shop, shop_card, newcomer, act_maker, stranger
):
    owner_signed = counter.sale_signature(shop_card, sale_of_today(), 10)
    point.replaceOwner(shop, newcomer, {"from": act_maker})
    with reverts("PointNotTill", shop, shop):
        point.payRelayed(shop, agreed[0], FOREVER, *owner_signed, {"from": stranger})
