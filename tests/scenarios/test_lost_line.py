"""A shop's line drops after the till has sent its queue and before the answer: it sends everything again.

Nobody pays twice, nobody is left out, and each answer says what became of each payment.
"""

import pytest

from scripts.lib.payment.issue import PaymentIssue, SaleState
from scripts.lib.payment.sale_number import sale_number
from scripts.lib.payment.signing import NO_SIGNATURE
from tests.support.clock import DECEMBER, HOUR, JULY, JUNE, travel
from tests.support.paying import FOREVER, parts, sale_of_today, today
from tests.support.reverts import reverts

DAY = 24 * HOUR
NONE, ALREADY_PAID = PaymentIssue.NONE, PaymentIssue.ALREADY_PAID
SALE_USED, NOT_ENOUGH = PaymentIssue.SALE_USED, PaymentIssue.NOT_ENOUGH_POINTS


@pytest.fixture
def people(memberships, point, minter):
    """Five residents; the fifth has nothing yet. Each purse is two lots, and each payment spends of both."""
    members = memberships.join("Aoi", "Ren", "Yui", "Sota", "Mei")
    for member in members[:4]:
        point.mintUntil(member.account, 50, JUNE, {"from": minter})
        point.mintUntil(member.account, 150, DECEMBER, {"from": minter})
    return [member.card for member in members]


@pytest.fixture
def queue(counter, people):
    """What the till has kept: the first pays out of one lot, three out of two, the last has no points."""
    amounts = [30, 80, 80, 200, 10]
    return [
        counter.signed(card, sale_of_today(serial), points)
        for serial, (card, points) in enumerate(zip(people, amounts, strict=True), start=1)
    ]


@pytest.fixture
def send(point, shop, till):
    def send_queue(payments):
        return point.payBatch(shop, payments, *NO_SIGNATURE, {"from": till.account}).return_value

    return send_queue


def purses(point, people):
    return [point.balanceOf(card.account) for card in people]


def test_queue_sent_twice_is_paid_once(point, people, queue, send, shop):
    assert send(queue) == (NONE, NONE, NONE, NONE, NOT_ENOUGH)
    after = purses(point, people)
    assert after == [170, 120, 120, 0, 0]
    for _ in range(3):
        assert send(queue) == (*[ALREADY_PAID] * 4, NOT_ENOUGH)
    assert (purses(point, people), point.claimOf(shop)) == (after, (390, 0, 0))


def test_queue_sent_again_after_some_were_paid_pays_the_rest(point, people, queue, send, shop):
    """The line dropped in the middle of two sendings of different lengths."""
    assert send(queue[:2]) == (NONE, NONE)
    assert send(queue) == (ALREADY_PAID, ALREADY_PAID, NONE, NONE, NOT_ENOUGH)
    assert point.claimOf(shop) == (390, 0, 0)


def test_queue_sent_again_pays_whoever_has_points_by_now(point, people, queue, send, shop, minter):
    send(queue)
    point.mintUntil(people[4].account, 10, JULY, {"from": minter})
    assert send(queue) == (*[ALREADY_PAID] * 4, NONE)
    assert (purses(point, people)[4], point.claimOf(shop)) == (0, (400, 0, 0))


def test_queue_sent_again_by_another_till_or_the_owner_is_paid_once(
    point, people, queue, send, shop, memberships
):
    send(queue[:4])
    other_till = memberships.card("other till")
    point.setTill(shop, other_till.account, True, {"from": shop})
    for sender in (other_till.account, shop):
        answer = point.payBatch(shop, queue[:4], *NO_SIGNATURE, {"from": sender}).return_value
        assert answer == (ALREADY_PAID,) * 4
    assert point.claimOf(shop) == (390, 0, 0)


def test_queue_sent_by_till_and_relayer_at_once_is_paid_once(
    point, counter, people, queue, send, shop, till, stranger
):
    """Both try, in either order."""
    sales = [(sale_of_today(serial), points) for serial, points in enumerate([30, 80, 80, 200], start=1)]
    signature = counter.sales_signature(till, sales)
    relayed = point.payBatch(shop, queue[:4], *signature, {"from": stranger}).return_value
    assert relayed == (NONE,) * 4
    assert send(queue[:4]) == (ALREADY_PAID,) * 4
    assert point.payBatch(shop, queue[:4], *signature, {"from": stranger}).return_value == (ALREADY_PAID,) * 4
    assert point.claimOf(shop) == (390, 0, 0)


def test_payment_sent_alone_after_the_batch_is_refused(
    point, counter, people, queue, send, shop, till, stranger
):
    send(queue)
    for serial, payment in enumerate(queue[:4], start=1):
        with reverts("PointSaleUsed", shop, sale_of_today(serial)):
            point.paySigned(shop, *payment, {"from": till.account})
    code = FOREVER, *counter.sale_signature(till, sale_of_today(1), 30)
    with reverts("PointSaleUsed", shop, sale_of_today(1)):
        point.payRelayed(shop, queue[0], *code, {"from": stranger})
    assert purses(point, people) == [170, 120, 120, 0, 0]


def test_payer_who_paid_otherwise_meanwhile_does_not_pay_again(
    point, counter, people, queue, send, shop, till
):
    """Tired of waiting, the customer paid the same sale with a transaction of their own."""
    sale = sale_of_today(1)
    signature = counter.sale_signature(till, sale, 30)
    point.pay(shop, sale, 30, FOREVER, *signature, {"from": people[0].account})
    assert send(queue[:2]) == (ALREADY_PAID, NONE)
    assert purses(point, people)[0] == 170


def test_sale_paid_by_somebody_else_is_told_apart_from_one_that_is_already_paid(
    point, counter, people, queue, send
):
    send(queue[:1])
    other_payer = counter.signed(people[1], sale_of_today(1), 30)
    other_amount = counter.signed(people[0], sale_of_today(1), 31)
    assert send([queue[0], other_payer, other_amount]) == (ALREADY_PAID, SALE_USED, SALE_USED)


def test_queue_sent_again_after_a_refund_takes_nothing_back(point, people, queue, send, shop):
    """A refunded sale stays paid: its payment is history, and cannot be made a second time."""
    send(queue)
    refund = (shop, sale_of_today(2), people[1].account, parts({JUNE: 50, DECEMBER: 30}), 80)
    point.refund(*refund, {"from": shop})
    assert send(queue)[1] == ALREADY_PAID
    assert purses(point, people)[1] == 200
    assert point.saleOf(shop, sale_of_today(2)) == (SaleState.PAID, 80)


def test_queue_sent_again_after_the_payers_cancelled_still_says_already_paid(point, people, queue, send):
    """What is done is told first, whatever the payer's standing is by now."""
    send(queue)
    point.cancelSignatures({"from": people[0].account})
    assert send(queue)[:2] == (ALREADY_PAID, ALREADY_PAID)


def test_queue_sent_again_in_a_week_is_known_and_after_that_too_old_to_be_paid(
    point, counter, people, queue, send
):
    """A payment that was made is known as made while its record stands; one that was not made is lost."""
    assert send(queue[:2]) == (NONE, NONE)
    travel(7 * DAY)
    assert send(queue[:3]) == (ALREADY_PAID, ALREADY_PAID, NONE)
    travel(DAY)
    late = PaymentIssue.DAY_OUT_OF_RANGE
    assert send(queue[:4]) == (ALREADY_PAID, ALREADY_PAID, ALREADY_PAID, late)
    first_day = today() - 8
    travel(37 * DAY)
    assert today() - first_day == 45  # the ring has turned: the words may be used again
    newcomer = counter.signed(people[3], sale_number(today(), 1), 5)
    assert send([newcomer]) == (NONE,)
    assert send(queue[:2]) == (late, ALREADY_PAID)
