"""`payBatch`: many signed payments to one shop; what cannot be made is skipped and told."""

import pytest
from eth_utils import to_checksum_address

from scripts.lib.expiry_rule import NEVER
from scripts.lib.japan_calendar import start_of_day
from scripts.lib.payment.issue import PaymentIssue, SaleState
from scripts.lib.payment.sale_number import sale_number
from scripts.lib.payment.signing import NO_SIGNATURE, CompactSignature, signed_payment
from tests.support.clock import APRIL, HOUR, JULY, JUNE, MARCH, MAY, now, to_month, travel_to
from tests.support.paying import Counter, sale_of_today, sale_paid, today
from tests.support.reading import ZERO_ADDRESS, events, lots
from tests.support.reverts import ANY, reverts

NONE = PaymentIssue.NONE


@pytest.fixture
def people(memberships, grant):
    """Five cards with 100 points each."""
    cards = [memberships.card(f"person {number}") for number in range(5)]
    for card in cards:
        grant(card.account, {JUNE: 100})
    return cards


@pytest.fixture
def submit(point, shop, till):
    """`submit(payments)` by the till; returns the transaction."""

    def submit_batch(payments):
        return point.payBatch(shop, payments, *NO_SIGNATURE, {"from": till.account})

    return submit_batch


def one_each(counter, people, points=10):
    """Everybody pays a sale of their own, the first the first."""
    return [counter.signed(card, sale_of_today(place), points) for place, card in enumerate(people)]


# ----------------------------------------------------------------------------------------------- ALL IS WELL


def test_pay_batch_makes_every_payment_and_credits_the_shop_once(point, submit, counter, people, shop):
    paid = submit(one_each(counter, people))
    assert paid.return_value == (NONE,) * 5
    expected = []
    for place, card in enumerate(people):
        expected.append(sale_paid(shop, sale_of_today(place), card.account, JUNE, 10))
        expected.append(("Transfer", card.account, shop, 10))
    assert events(paid) == expected
    assert point.claimOf(shop) == (50, 0, 0)
    assert [point.balanceOf(card.account) for card in people] == [90] * 5
    assert {point.saleOf(shop, sale_of_today(place)) for place in range(5)} == {(SaleState.PAID, 0)}


def test_pay_batch_of_nothing_does_nothing(point, submit, shop):
    paid = submit([])
    assert (paid.return_value, events(paid), point.claimOf(shop)) == ((), [], (0, 0, 0))


def test_pay_batch_adds_to_the_claim_there_is(point, submit, counter, people, shop):
    point.transfer(shop, 7, {"from": people[0].account})
    submit(one_each(counter, people))
    assert point.claimOf(shop) == (57, 0, 0)


def test_pay_batch_in_a_new_fiscal_year_moves_the_old_claim_over(
    point, submit, counter, grant, payer, other_payer, shop
):
    for card in (payer, other_payer):
        grant(card.account, {NEVER: 100})
    point.transfer(shop, 7, {"from": payer.account})
    to_month(MARCH + 1)
    submit([counter.signed(payer, sale_of_today(1), 10), counter.signed(other_payer, sale_of_today(2), 20)])
    assert point.claimOf(shop) == (30, 7, 0)


def test_pay_batch_of_one_payer_spends_lot_after_lot(point, submit, counter, grant, payer, shop):
    grant(payer.account, {APRIL + place: 10 for place in range(9)})
    paid = submit([counter.signed(payer, sale_of_today(serial), 25) for serial in (1, 2, 3)])
    assert paid.return_value == (NONE,) * 3
    assert (lots(point, payer.account), point.claimOf(shop)) == ({APRIL + 7: 5, APRIL + 8: 10}, (75, 0, 0))


def test_pay_batch_of_fifty_payments_fits_easily(point, submit, counter, grant, payer, shop):
    grant(payer.account, {JUNE: 5000})
    paid = submit([counter.signed(payer, sale_of_today(serial), 1 + serial) for serial in range(50)])
    assert paid.return_value == (NONE,) * 50
    assert point.claimOf(shop) == (sum(range(1, 51)), 0, 0)


def test_pay_batch_of_sales_of_several_days_pays_those_within_the_term(point, submit, counter, grant, payer):
    """A shop without a line keeps its queue for a week."""
    grant(payer.account, {JUNE: 100})
    queue = [counter.signed(payer, sale_number(today() - days, 5), 1) for days in range(10)]
    late = PaymentIssue.DAY_OUT_OF_RANGE
    assert submit(queue).return_value == (*[NONE] * 8, late, late)


# ------------------------------------------------------------------------------------------- WHAT IS SKIPPED


def test_pay_batch_skips_what_cannot_be_made_and_makes_the_rest(
    point, submit, counter, people, payer, shop, act_maker
):
    good, poor, frozen, forged, late = people
    point.freeze(frozen.account, {"from": act_maker})
    sale = sale_of_today
    terms, r, _ = counter.signed(forged, sale(3), 10)
    skipped = [
        (sale(1), poor.account, PaymentIssue.NOT_ENOUGH_POINTS, counter.signed(poor, sale(1), 101)),
        (sale(2), frozen.account, PaymentIssue.PAYER_STOPPED, counter.signed(frozen, sale(2), 10)),
        (sale(3), forged.account, PaymentIssue.WRONG_SIGNATURE, (terms, r, bytes(32))),
        (sale(4), late.account, PaymentIssue.EXPIRED, counter.signed(late, sale(4), 10, now() - 1)),
        (sale(5), late.account, PaymentIssue.AMOUNT_OUT_OF_RANGE, counter.signed(late, sale(5), 0)),
        (
            sale_number(today() + 1, 6),
            good.account,
            PaymentIssue.DAY_OUT_OF_RANGE,
            counter.signed(good, sale_number(today() + 1, 6), 10),
        ),
        (sale(7), payer.account, PaymentIssue.NOT_ENOUGH_POINTS, counter.signed(payer, sale(7), 1)),
    ]
    payments = [payment for *_, payment in skipped]
    paid = submit([counter.signed(good, sale(8), 10), *payments, counter.signed(good, sale(9), 10)])
    assert paid.return_value == (NONE, *(issue for _, _, issue, _ in skipped), NONE)
    assert [event for event in events(paid) if event[0] == "PaymentSkipped"] == [
        ("PaymentSkipped", shop, number, account, issue) for number, account, issue, _ in skipped
    ]
    assert point.claimOf(shop) == (20, 0, 0)
    assert {point.saleOf(shop, number)[0] for number, *_ in skipped} == {SaleState.UNUSED}


def test_pay_batch_leaves_a_skipped_payment_for_later(point, submit, counter, grant, payer, shop):
    payment = counter.signed(payer, sale_of_today(), 10)
    assert submit([payment]).return_value == (PaymentIssue.NOT_ENOUGH_POINTS,)
    grant(payer.account, {JUNE: 10})
    assert submit([payment]).return_value == (NONE,)
    assert point.claimOf(shop) == (10, 0, 0)


def test_pay_batch_with_one_payment_twice_makes_it_once(point, submit, counter, people, shop):
    payment = counter.signed(people[0], sale_of_today(), 10)
    paid = submit([payment, payment])
    assert paid.return_value == (NONE, PaymentIssue.ALREADY_PAID)
    assert (point.balanceOf(people[0].account), point.claimOf(shop)) == (90, (10, 0, 0))


def test_pay_batch_with_one_sale_of_two_payers_takes_the_first(point, submit, counter, people, shop):
    paid = submit([counter.signed(card, sale_of_today(), 10) for card in people[:2]])
    assert paid.return_value == (NONE, PaymentIssue.SALE_USED)
    assert [point.balanceOf(card.account) for card in people[:2]] == [90, 100]
    assert point.claimOf(shop) == (10, 0, 0)


def test_pay_batch_with_more_than_the_payer_has_makes_what_can_be_made(point, submit, counter, people, shop):
    amounts = (60, 50, 40)
    paid = submit(
        [counter.signed(people[0], sale_of_today(place), points) for place, points in enumerate(amounts)]
    )
    assert paid.return_value == (NONE, PaymentIssue.NOT_ENOUGH_POINTS, NONE)
    assert (point.balanceOf(people[0].account), point.claimOf(shop)) == (0, (100, 0, 0))


def test_pay_batch_skips_the_shop_as_payer_though_its_claim_grows(
    point, submit, counter, people, shop, shop_card
):
    """Its own word is credited when all is done: nothing in between may touch it."""
    payments = one_each(counter, people)
    payments.insert(3, counter.signed(shop_card, sale_of_today(9), 10))
    paid = submit(payments)
    assert paid.return_value == (NONE, NONE, NONE, PaymentIssue.PAYER_STOPPED, NONE, NONE)
    assert point.claimOf(shop) == (50, 0, 0)


def test_pay_batch_of_an_account_that_pays_with_its_last_points_in_between(
    point, submit, counter, grant, payer, people, shop
):
    """A lot that has ended goes off the payer's books in the middle of the batch."""
    grant(payer.account, {APRIL: 5, JULY: 10})
    to_month(MAY)
    payments = one_each(counter, people)
    payments.insert(2, counter.signed(payer, sale_of_today(9), 10))
    names = [event[0] for event in events(submit(payments))]
    assert names == ["SalePaid", "Transfer"] * 2 + ["Lapsed", "Transfer"] + ["SalePaid", "Transfer"] * 4
    assert (lots(point, payer.account), point.claimOf(shop)) == ({}, (60, 0, 0))


def test_pay_batch_takes_a_payer_of_the_same_last_bits_for_the_one_who_paid_from_several_lots(
    point, submit, counter, grant, payer, shop
):
    """A hint that proves nothing, and moves nothing: whoever reads events must expect it."""
    grant(payer.account, {JUNE: 5, JULY: 5})
    payment = counter.signed(payer, sale_of_today(), 10)
    lookalike = (payment[0] ^ 1 << 96 + 100, *payment[1:])
    skipped = submit([payment, lookalike])
    assert skipped.return_value == (NONE, PaymentIssue.ALREADY_PAID)
    account = to_checksum_address(f"0x{lookalike[0] >> 96:040x}")
    assert events(skipped)[-1] == (
        "PaymentSkipped",
        shop,
        sale_of_today(),
        account,
        PaymentIssue.ALREADY_PAID,
    )
    assert point.claimOf(shop) == (10, 0, 0)


# ----------------------------------------------------------------------------------- WHAT CONCERNS ALL OF IT


def test_pay_batch_while_paused_reverts_if_a_payment_would_be_made(
    point, submit, counter, people, shop, act_maker
):
    payments = one_each(counter, people)
    point.pause(HOUR, {"from": act_maker})
    with reverts("PointPaused", now() + HOUR):
        submit(payments)
    assert point.saleOf(shop, sale_of_today(0)) == (SaleState.UNUSED, 0)


def test_pay_batch_to_a_suspended_shop_reverts(point, submit, counter, people, shop, act_maker):
    point.suspendMerchant(shop, {"from": act_maker})
    with reverts("PointMerchantNotActive", shop, 1):
        submit(one_each(counter, people))


# ----------------------------------------------------------------------------------------------- WHO SUBMITS


def test_pay_batch_by_a_stranger_without_the_tills_signature_reverts(
    point, counter, people, shop, other_shop, stranger
):
    payments = one_each(counter, people)
    for caller in (stranger, people[0].account, other_shop):
        with reverts("PointNotTill", shop, caller):
            point.payBatch(shop, payments, *NO_SIGNATURE, {"from": caller})


def test_pay_batch_by_a_stranger_with_the_tills_signature_pays(point, counter, people, till, shop, stranger):
    payments = one_each(counter, people)
    signature = counter.sales_signature(till, [(sale_of_today(place), 10) for place in range(5)])
    point.payBatch(shop, payments, *signature, {"from": stranger})
    assert point.claimOf(shop) == (50, 0, 0)


def test_pay_batch_of_other_sales_than_the_till_signed_reverts(point, counter, people, till, shop, stranger):
    """Not with one left out, one more, in another order, or of another amount."""
    payments = one_each(counter, people)
    sales = [(sale_of_today(place), 10) for place in range(5)]
    signature = counter.sales_signature(till, sales)
    dearer = counter.signed(people[0], sale_of_today(0), 11)
    for changed in (payments[:4], [*payments, payments[0]], payments[::-1], [dearer, *payments[1:]], []):
        with reverts("PointNotTill", shop, ANY):
            point.payBatch(shop, changed, *signature, {"from": stranger})
    assert point.payBatch(shop, payments, *signature, {"from": stranger}).return_value == (NONE,) * 5


def test_pay_batch_does_not_take_the_signature_of_a_single_sale(point, counter, people, till, shop, stranger):
    single = counter.sale_signature(till, sale_of_today(0), 10)
    with reverts("PointNotTill", shop, ANY):
        point.payBatch(shop, one_each(counter, people[:1]), *single, {"from": stranger})


def test_pay_batch_with_a_signature_that_is_none_reverts(point, counter, people, till, shop, stranger):
    """Whoever leaves r out says to be the till; whoever brings one must have it right."""
    payments = one_each(counter, people[:1])
    good = counter.sales_signature(till, [(sale_of_today(0), 10)])
    for forged, key in (
        (good._replace(r=bytes(32)), stranger),
        (good._replace(vs=bytes(32)), ZERO_ADDRESS),
        (CompactSignature(b"\xff" * 32, good.vs), ZERO_ADDRESS),
    ):
        with reverts("PointNotTill", shop, key):
            point.payBatch(shop, payments, *forged, {"from": stranger})


def test_pay_batch_signed_for_another_shop_reverts(point, counter, people, till, shop, other_shop, stranger):
    """The same key is a till of both."""
    point.setTill(other_shop, till.account, True, {"from": other_shop})
    elsewhere = Counter(point, other_shop)
    signature = elsewhere.sales_signature(till, [(sale_of_today(0), 10)])
    with reverts("PointNotTill", shop, ANY):
        point.payBatch(shop, one_each(counter, people[:1]), *signature, {"from": stranger})


def test_pay_batch_signed_by_a_till_of_the_owner_before_reverts(
    point, counter, people, till, shop, newcomer, act_maker, stranger
):
    signature = counter.sales_signature(till, [(sale_of_today(0), 10)])
    point.replaceOwner(shop, newcomer, {"from": act_maker})
    with reverts("PointNotTill", shop, till.account):
        point.payBatch(shop, one_each(counter, people[:1]), *signature, {"from": stranger})


def test_pay_batch_takes_what_the_sender_pays_itself_without_a_signature(
    point, counter, people, till, shop, grant
):
    """The till's own payment among others; another's needs one."""
    grant(till.account, {JUNE: 100})
    own, others = (
        signed_payment(counter.payment(card, sale_of_today(serial), 10), NO_SIGNATURE)
        for serial, card in ((1, till), (2, people[0]))
    )
    paid = point.payBatch(shop, [own, others], *NO_SIGNATURE, {"from": till.account})
    assert paid.return_value == (NONE, PaymentIssue.WRONG_SIGNATURE)
    assert point.claimOf(shop) == (10, 0, 0)


def test_pay_batch_by_a_relayer_cannot_choose_who_is_left_out_for_good(
    point, counter, people, till, shop, stranger
):
    """Spoiling a payer's signature skips that payment once; the till sends it again."""
    payments = one_each(counter, people)
    signature = counter.sales_signature(till, [(sale_of_today(place), 10) for place in range(5)])
    terms, r, _ = payments[2]
    spoilt = [*payments[:2], (terms, r, bytes(32)), *payments[3:]]
    wrong = PaymentIssue.WRONG_SIGNATURE
    assert point.payBatch(shop, spoilt, *signature, {"from": stranger}).return_value[2] == wrong
    again = point.payBatch(shop, payments, *NO_SIGNATURE, {"from": till.account})
    paid = PaymentIssue.ALREADY_PAID
    assert again.return_value == (paid, paid, NONE, paid, paid)
    assert point.claimOf(shop) == (50, 0, 0)


def test_pay_batch_at_midnight_asks_for_the_day_of_its_block(point, submit, counter, grant, payer):
    """Whoever opens a sale a second before midnight finds it payable, with the next day's beside it."""
    grant(payer.account, {JUNE: 100})
    tomorrow = today() + 1
    travel_to(start_of_day(tomorrow) - 1)
    early, late = (counter.signed(payer, sale_number(day, 1), 1) for day in (tomorrow - 1, tomorrow))
    assert submit([late]).return_value == (PaymentIssue.DAY_OUT_OF_RANGE,)
    travel_to(start_of_day(tomorrow))
    assert submit([late, early]).return_value == (NONE, NONE)
