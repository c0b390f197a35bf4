"""SaleRecord: what one word keeps of a sale, and what it can be made to say."""

import random
from datetime import date, timedelta

import pytest
from eth_abi import encode
from eth_utils import keccak, to_checksum_address

from scripts.lib.japan_calendar import start_of_day
from scripts.lib.payment.issue import PaymentIssue
from scripts.lib.payment.sale_number import sale_number
from scripts.lib.payment.signing import Payment
from tests.support.clock import HOUR, travel_to
from tests.support.harness import deploy_harness
from tests.support.paying import lot

FIRST_DAY = date(2000, 1, 1)
TODAY = (date(2026, 5, 20) - FIRST_DAY).days
SALE = sale_number(TODAY, 4711)
PAYER = to_checksum_address("0x" + "a5" * 20)
OTHER = to_checksum_address("0x" + "a4" * 20)
PAYABLE_DAYS = 7
LARGEST = 2**29 - 1
JUNE, JULY = 317, 318


def terms(payer=PAYER, sale=SALE, amount=1000):
    return Payment(payer, PAYER, sale, amount, 0).terms


@pytest.fixture(scope="module")
def records(standing_clock):
    """At noon of TODAY."""
    harness = deploy_harness("SaleRecordHarness")
    to_day(TODAY)
    return harness


def to_day(day):
    travel_to(start_of_day(day) + 12 * HOUR)


@pytest.fixture(scope="module")
def one_lot(records):
    """The record of 1,000 points paid from one lot."""
    return records.paidFromLot(terms(), lot(JUNE, 1000))


@pytest.fixture(scope="module")
def two_lots(records):
    return records.paidFromLots(terms(), [lot(JUNE, 400), lot(JULY, 600)])


# ------------------------------------------------------------------------------------------------ ITS FIELDS


def test_record_of_one_lot_says_it_in_plain(one_lot):
    assert one_lot >> 240 == TODAY
    assert (one_lot >> 210) % 2**30 == 0
    assert (one_lot >> 209) & 1 == 1
    assert (one_lot >> 40) % 2**160 == int(PAYER, 16)
    assert one_lot % 2**40 == lot(JUNE, 1000)


def test_record_of_several_lots_is_a_hash_that_anybody_can_work_out(two_lots):
    words = [int(PAYER, 16), lot(JUNE, 400), lot(JULY, 600)]
    expected = int.from_bytes(keccak(encode(["uint256"] * 3, words)), "big") % 2**160
    assert two_lots >> 240 == TODAY
    assert (two_lots >> 209) % 2**31 == 0
    assert (two_lots >> 160) % 2**49 == (int(PAYER, 16) + 1000) % 2**49
    assert two_lots % 2**160 == expected


def test_record_of_a_list_of_one_lot_is_that_of_the_lot(records, one_lot):
    assert records.paidFromLots(terms(), [lot(JUNE, 1000)]) == one_lot


def test_record_of_a_void_keeps_its_day_only(records):
    void = records.voided(SALE)
    assert void == TODAY << 240
    assert records.read(void) == (True, False, 0)


@pytest.mark.parametrize("record", ["one_lot", "two_lots"])
def test_record_adds_refunds_up_and_keeps_the_rest(records, record, request):
    word = request.getfixturevalue(record)
    some = records.withRefund(word, 1)
    assert records.read(some) == (False, False, 1)
    all_of_it = records.withRefund(some, LARGEST - 1)
    assert records.read(all_of_it) == (False, False, LARGEST)
    mask = ((1 << 29) - 1) << 210
    assert all_of_it & ~mask == word & ~mask


def test_record_is_of_its_own_day_only(records, one_lot):
    assert records.isOf(one_lot, TODAY)
    for day in (TODAY - 45, TODAY + 45, TODAY + 2**16, 0, 2**240 + TODAY):
        assert not records.isOf(one_lot, day)


# ----------------------------------------------------------------------------------------------- FISCAL YEAR


def fiscal_year(day):
    that_day = FIRST_DAY + timedelta(days=day)
    return that_day.year - (that_day.month < 4)


@pytest.mark.parametrize("year", [2027, 2028, 2029, 2096, 2100, 2101, 2104, 2179])
def test_record_tells_payments_of_a_later_fiscal_year_than_the_sale(records, year):
    """All days around the end of March, up to the last year that a number can have."""
    first_april = (date(year, 4, 1) - FIRST_DAY).days
    for paid_on in range(first_april - 2, first_april + PAYABLE_DAYS + 2):
        to_day(paid_on)
        for day in range(paid_on - PAYABLE_DAYS, paid_on + 1):
            word = records.paidFromLot(terms(sale=sale_number(day, 1)), lot(JUNE, 1000))
            _, later, _ = records.read(word)
            assert later == (fiscal_year(paid_on) > fiscal_year(day)), f"{day} paid on {paid_on}"


# ---------------------------------------------------------------------------------------------- WHAT IS PAID


def test_issue_of_a_payment_once_more_is_already_paid(records, one_lot, two_lots):
    for word in (one_lot, two_lots, records.withRefund(one_lot, 1000), records.withRefund(two_lots, 5)):
        assert records.issueOf(word, terms(), PAYABLE_DAYS) == PaymentIssue.ALREADY_PAID
    to_day(TODAY + 40)
    assert records.issueOf(one_lot, terms(), PAYABLE_DAYS) == PaymentIssue.ALREADY_PAID


def test_issue_of_another_payment_of_the_sale_is_sale_used(records, one_lot, two_lots):
    for word in (one_lot, two_lots, records.voided(SALE)):
        for other in (terms(payer=OTHER), terms(amount=999), terms(amount=1001)):
            assert records.issueOf(word, other, PAYABLE_DAYS) == PaymentIssue.SALE_USED
    assert records.issueOf(records.voided(SALE), terms(), PAYABLE_DAYS) == PaymentIssue.SALE_USED


def test_issue_of_a_payment_from_one_lot_is_told_by_all_of_it(records, one_lot):
    """No other account passes for the payer, whatever amount it names: there is nothing to find by trying."""
    for offset in (1, -1, 2**20, -(2**20), 2**49, 2**50, 2**100):
        payer = to_checksum_address(f"0x{(int(PAYER, 16) + offset) % 2**160:040x}")
        amount = (1000 - offset) % 2**29 or 1
        found = records.issueOf(one_lot, terms(payer=payer, amount=amount), PAYABLE_DAYS)
        assert found == PaymentIssue.SALE_USED


def test_issue_of_a_payment_from_several_lots_can_be_feigned_by_a_searched_account(records, two_lots):
    """The limit of 49 bits, which prove nothing: another account has them too, or its amount makes up for it.

    Such a payer is told "already paid" for a sale that somebody else paid; no point moves. A till that must
    be sure looks for SalePaid.
    """
    far = to_checksum_address(f"0x{int(PAYER, 16) ^ 1 << 49:040x}")
    near = to_checksum_address(f"0x{int(PAYER, 16) - 500:040x}")
    for payer, amount in ((far, 1000), (near, 1500)):
        found = records.issueOf(two_lots, terms(payer=payer, amount=amount), PAYABLE_DAYS)
        assert found == PaymentIssue.ALREADY_PAID


@pytest.mark.parametrize(
    ("days_ago", "issue"),
    [
        (0, PaymentIssue.PREDECESSOR_UNASKED),
        (PAYABLE_DAYS, PaymentIssue.PREDECESSOR_UNASKED),
        (PAYABLE_DAYS + 1, PaymentIssue.DAY_OUT_OF_RANGE),
        (-1, PaymentIssue.DAY_OUT_OF_RANGE),
        (TODAY - 65535, PaymentIssue.DAY_OUT_OF_RANGE),
        (TODAY - 1, PaymentIssue.DAY_OUT_OF_RANGE),
    ],
)
def test_issue_of_an_unused_number_depends_on_its_day(records, days_ago, issue):
    """A word that was never written: a predecessor may know the number."""
    sale = sale_number(TODAY - days_ago, 1)
    assert records.issueOf(0, terms(sale=sale), PAYABLE_DAYS) == issue


# ------------------------------------------------------------------------------------------------- ITS PROOF


def test_record_is_paid_from_its_own_lots_only(records, one_lot, two_lots):
    single, pair = [lot(JUNE, 1000)], [lot(JUNE, 400), lot(JULY, 600)]
    assert records.isPaidFrom(one_lot, PAYER, single)
    assert records.isPaidFrom(two_lots, PAYER, pair)
    for word, own in ((one_lot, single), (two_lots, pair)):
        for lots in ([], single, pair, pair[::-1], [*pair, 0], [lot(JULY, 1000)], [lot(JUNE, 999)]):
            assert records.isPaidFrom(word, PAYER, lots) == (lots == own)
            assert not records.isPaidFrom(word, OTHER, lots)


def test_record_survives_any_refund_as_proof(records, one_lot, two_lots):
    assert records.isPaidFrom(records.withRefund(one_lot, 7), PAYER, [lot(JUNE, 1000)])
    assert records.isPaidFrom(records.withRefund(two_lots, 7), PAYER, [lot(JUNE, 400), lot(JULY, 600)])


def test_record_of_a_void_or_of_nothing_proves_nothing(records):
    zero = to_checksum_address("0x" + "00" * 20)
    for word in (0, records.voided(SALE)):
        for payer in (PAYER, zero):
            for lots in ([], [0], [lot(JUNE, 1000)], [0, 0]):
                assert not records.isPaidFrom(word, payer, lots)


# ----------------------------------------------------------------------------------------------------- TERMS


def test_terms_are_packed_as_python_packs_them(records):
    chance = random.Random(4)
    for _ in range(200):
        payer = to_checksum_address(f"0x{chance.randrange(2**160):040x}")
        numbers = chance.randrange(2**32), chance.randrange(1, 2**29), chance.randrange(2**35)
        packed = Payment(payer, PAYER, *numbers).terms
        assert records.pack(payer, *numbers) == packed
        assert records.unpack(packed) == (payer, *numbers)


@pytest.mark.parametrize(
    ("sale", "amount"), [(2**32, 1), (2**256 - 1, 1), (1, 2**29), (1, 2**256 - 1), (2**32, 2**29)]
)
def test_terms_of_numbers_that_do_not_fit_are_payable_for_nobody(records, sale, amount):
    packed = records.pack(PAYER, sale, amount, 5)
    assert records.unpack(packed) == (PAYER, 0, 0, 5)
    assert records.issueOf(0, packed, PAYABLE_DAYS) == PaymentIssue.AMOUNT_OUT_OF_RANGE


@pytest.mark.parametrize("until", [2**35 - 1, 2**35, 2**256 - 1])
def test_terms_without_an_end_end_with_the_latest_second(records, until):
    assert records.unpack(records.pack(PAYER, 1, 1, until))[3] == 2**35 - 1
