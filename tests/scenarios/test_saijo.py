"""Saijo 2022: one sale's code was claimed 22 times by several people. Here one sale is paid once.

A code that a till shows can be photographed: it says the shop, the number and the amount. Twenty-two people
pay it. And a stranger cannot use a shop's numbers up, with whatever signatures they have.
"""

import pytest

from scripts.lib.payment.issue import PaymentIssue, SaleState
from scripts.lib.payment.signing import NO_SIGNATURE, Sale, Sales, sign
from tests.support.clock import DECEMBER
from tests.support.paying import FOREVER, Counter, lot, sale_of_today
from tests.support.reading import ZERO_ADDRESS
from tests.support.reverts import ANY, reverts

PRICE = 480
PURSE = 1000
PEOPLE = 22


@pytest.fixture
def sale():
    return sale_of_today(22)


@pytest.fixture
def people(memberships, point, minter):
    """Twenty-two residents with 1,000 points each."""
    members = memberships.join(*(f"resident {number}" for number in range(PEOPLE)))
    accounts = [member.account for member in members]
    point.mintBatch(accounts, [PURSE] * PEOPLE, DECEMBER, {"from": minter})
    return [member.card for member in members]


def balances(point, people):
    return [point.balanceOf(card.account) for card in people]


# ----------------------------------------------------------------------------------------- TWENTY-TWO PAYERS


def test_twenty_two_people_pay_one_sale_one_by_one_and_the_first_succeeds(
    point, counter, people, till, shop, sale
):
    for place, card in enumerate(people):
        payment = counter.signed(card, sale, PRICE)
        if place == 0:
            point.paySigned(shop, *payment, {"from": till.account})
            continue
        with reverts("PointSaleUsed", shop, sale):
            point.paySigned(shop, *payment, {"from": till.account})
    assert balances(point, people) == [PURSE - PRICE] + [PURSE] * (PEOPLE - 1)
    assert point.claimOf(shop) == (PRICE, 0, 0)


def test_twenty_two_people_pay_the_code_that_the_till_shows_and_the_first_succeeds(
    point, counter, people, till, shop, sale
):
    """Each with a transaction of their own; the till's signature is on the screen for all to see."""
    code = sale, PRICE, FOREVER, *counter.sale_signature(till, sale, PRICE)
    point.pay(shop, *code, {"from": people[0].account})
    for card in people[1:]:
        with reverts("PointSaleUsed", shop, sale):
            point.pay(shop, *code, {"from": card.account})
    assert balances(point, people) == [PURSE - PRICE] + [PURSE] * (PEOPLE - 1)
    assert point.claimOf(shop) == (PRICE, 0, 0)


def test_twenty_two_people_pay_one_sale_in_one_batch_and_the_first_succeeds(
    point, counter, people, till, shop, sale
):
    payments = [counter.signed(card, sale, PRICE) for card in people]
    paid = point.payBatch(shop, payments, *NO_SIGNATURE, {"from": till.account})
    assert paid.return_value == (PaymentIssue.NONE, *[PaymentIssue.SALE_USED] * (PEOPLE - 1))
    assert len([event for event in paid.events if event.name == "SalePaid"]) == 1
    assert balances(point, people) == [PURSE - PRICE] + [PURSE] * (PEOPLE - 1)
    assert point.claimOf(shop) == (PRICE, 0, 0)


def test_twenty_two_people_pay_one_sale_through_a_relayer_and_the_first_succeeds(
    point, counter, people, till, shop, sale, stranger
):
    code = FOREVER, *counter.sale_signature(till, sale, PRICE)
    point.payRelayed(shop, counter.signed(people[0], sale, PRICE), *code, {"from": stranger})
    for card in people[1:]:
        with reverts("PointSaleUsed", shop, sale):
            point.payRelayed(shop, counter.signed(card, sale, PRICE), *code, {"from": stranger})
    assert balances(point, people).count(PURSE) == PEOPLE - 1


def test_one_payer_claims_one_sale_twenty_two_times_and_pays_once(point, counter, people, till, shop, sale):
    payment = counter.signed(people[0], sale, PRICE)
    paid = point.payBatch(shop, [payment] * PEOPLE, *NO_SIGNATURE, {"from": till.account})
    assert paid.return_value == (PaymentIssue.NONE, *[PaymentIssue.ALREADY_PAID] * (PEOPLE - 1))
    assert point.claimOf(shop) == (PRICE, 0, 0)


def test_sale_that_was_refunded_is_not_for_sale_again(point, counter, people, till, shop, sale):
    """The twenty-one others cannot pay what the first took back."""
    point.paySigned(shop, *counter.signed(people[0], sale, PRICE), {"from": till.account})
    paid_from = [lot(DECEMBER, PRICE)]
    point.refund(shop, sale, people[0].account, paid_from, PRICE, {"from": shop})
    for card in people[1:]:
        with reverts("PointSaleUsed", shop, sale):
            point.paySigned(shop, *counter.signed(card, sale, PRICE), {"from": till.account})
    assert balances(point, people) == [PURSE] * PEOPLE


# ------------------------------------------------------------------------------------------------ A STRANGER


@pytest.fixture
def thief(memberships, point, minter):
    """Somebody with a key, 1,000 points, and no say in any shop but their own."""
    card = memberships.card("a stranger")
    point.mintUntil(card.account, PURSE, DECEMBER, {"from": minter})
    return card


@pytest.fixture
def own_shop(memberships, point, act_maker):
    """The stranger's own shop, honestly approved."""
    card = memberships.card("a stranger's shop")
    point.approveMerchant(card.account, 1, "屋台", "幸区", {"from": act_maker})
    return card


def attempts_to_pay(point, counter, shop, thief, sale, signature):
    """Every way of a stranger to have the shop's number paid, with one signature as if it were the till's."""
    by_thief = {"from": thief.account}
    payment = counter.signed(thief, sale, 1)
    return [
        lambda: point.pay(shop, sale, 1, FOREVER, *signature, by_thief),
        lambda: point.payRelayed(shop, payment, FOREVER, *signature, by_thief),
        lambda: point.payBatch(shop, [payment], *signature, by_thief),
    ]


def test_stranger_cannot_void_a_number(point, thief, own_shop, shop, sale):
    for caller in (thief.account, own_shop.account):
        with reverts("PointNotTill", shop, caller):
            point.voidSale(shop, sale, {"from": caller})
    assert point.saleOf(shop, sale) == (SaleState.UNUSED, 0)


def test_stranger_cannot_submit_a_payment_of_one_point(point, counter, thief, own_shop, shop, sale):
    payment = counter.signed(thief, sale, 1)
    for caller in (thief.account, own_shop.account):
        with reverts("PointNotTill", shop, caller):
            point.paySigned(shop, *payment, {"from": caller})
        with reverts("PointNotTill", shop, caller):
            point.payBatch(shop, [payment], *NO_SIGNATURE, {"from": caller})
    assert point.saleOf(shop, sale) == (SaleState.UNUSED, 0)


@pytest.mark.parametrize(
    "whose", ["the thief's", "a foreign shop's", "of another sale", "of another amount", "none"]
)
def test_stranger_cannot_pay_a_number_with_a_forged_or_foreign_signature(
    point, counter, thief, own_shop, till, shop, sale, whose
):
    signature = {
        "the thief's": counter.sale_signature(thief, sale, 1),
        "a foreign shop's": Counter(point, own_shop.account).sale_signature(own_shop, sale, 1),
        "of another sale": counter.sale_signature(till, sale + 1, 1),
        "of another amount": counter.sale_signature(till, sale, PRICE),
        "none": (bytes(31) + b"\1", bytes(32)),
    }[whose]
    for attempt in attempts_to_pay(point, counter, shop, thief, sale, signature):
        with reverts("PointNotTill", shop, ANY):
            attempt()
    assert point.saleOf(shop, sale) == (SaleState.UNUSED, 0)
    assert point.balanceOf(thief.account) == PURSE


def test_stranger_cannot_pay_a_number_with_the_signature_of_a_till_in_another_series_or_chain(
    point, counter, thief, till, shop, sale
):
    for domain in (
        counter.domain._replace(series=ZERO_ADDRESS),
        counter.domain._replace(chain_id=counter.domain.chain_id + 1),
    ):
        single = sign(domain, Sale(shop.address, sale, 1, FOREVER), till.key)
        several = sign(domain, Sales(shop.address, ((sale, 1),)), till.key)
        for signature in (single, several):
            for attempt in attempts_to_pay(point, counter, shop, thief, sale, signature):
                with reverts("PointNotTill", shop, ANY):
                    attempt()
    assert point.saleOf(shop, sale) == (SaleState.UNUSED, 0)


def test_stranger_uses_up_numbers_of_their_own_shop_only(point, thief, own_shop, counter, shop, sale):
    """The same number at another shop, paid and voided."""
    elsewhere = Counter(point, own_shop.account)
    point.paySigned(own_shop.account, *elsewhere.signed(thief, sale, 1), {"from": own_shop.account})
    point.voidSale(own_shop.account, sale + 1, {"from": own_shop.account})
    assert point.saleOf(shop, sale) == (SaleState.UNUSED, 0)
    assert point.saleOf(shop, sale + 1) == (SaleState.UNUSED, 0)


def test_stranger_who_photographs_the_code_pays_for_it_in_full(
    point, counter, people, thief, till, shop, sale
):
    """It is no way to use a number up for less than its price: the shop is paid, and shows the next code."""
    code = sale, PRICE, FOREVER, *counter.sale_signature(till, sale, PRICE)
    point.pay(shop, *code, {"from": thief.account})
    assert (point.balanceOf(thief.account), point.claimOf(shop)) == (PURSE - PRICE, (PRICE, 0, 0))
    payment = counter.signed(people[0], sale + 1, PRICE)
    point.paySigned(shop, *payment, {"from": till.account})
    assert point.claimOf(shop) == (2 * PRICE, 0, 0)


def test_stranger_cannot_put_a_payer_s_signature_on_another_number_or_shop(
    point, counter, people, own_shop, till, shop, sale
):
    """A payment that was overheard pays this sale of this shop, or nothing."""
    terms, r, vs = counter.signed(people[0], sale, PRICE)
    other_sale = counter.payment(people[0], sale + 1, PRICE).terms
    with reverts("PointWrongSignature", people[0].account):
        point.paySigned(shop, other_sale, r, vs, {"from": till.account})
    with reverts("PointWrongSignature", people[0].account):
        point.paySigned(own_shop.account, terms, r, vs, {"from": own_shop.account})
    point.paySigned(shop, terms, r, vs, {"from": till.account})
    assert (point.claimOf(shop), point.claimOf(own_shop.account)) == ((PRICE, 0, 0), (0, 0, 0))
