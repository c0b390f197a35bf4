"""`refund`: points of a sale go back into the lots they came from, as far as those have not ended."""

import pytest
from eth_utils import to_checksum_address

from scripts.lib.expiry_rule import NEVER
from scripts.lib.japan_calendar import moment_from_text, start_of_day
from scripts.lib.payment.issue import SaleState
from scripts.lib.payment.sale_number import sale_number
from tests.support.clock import (
    APRIL,
    AUGUST,
    DECEMBER,
    HOUR,
    JULY,
    JUNE,
    MARCH,
    MAY,
    now,
    to_month,
    to_month_end,
    travel,
    travel_to,
)
from tests.support.paying import Counter, lot, parts, sale_of_today, today
from tests.support.reading import ZERO_ADDRESS, events, live_by_month, lots
from tests.support.reverts import reverts
from tests.support.town import CITY

PAYABLE_DAYS, REFUND_DAYS = 7, 30
LARGEST = 2**29 - 1
HEIR_MAY_INHERIT = 1


@pytest.fixture
def paid(point, grant, counter, payer, shop):
    """`paid({month: points}, points)` lets the payer pay a new sale out of these lots; returns its number."""
    serials = iter(range(1, 100))

    def pay(granted, points=None):
        grant(payer.account, granted)
        sale = sale_of_today(next(serials))
        amount = sum(granted.values()) if points is None else points
        point.paySigned(shop, *counter.signed(payer, sale, amount), {"from": shop})
        return sale

    return pay


@pytest.fixture
def refund(point, payer, shop):
    """`refund(sale, {month: points that paid}, points)` by the owner, to the payer."""

    def refund_sale(sale, paid_from, points, by=shop):
        return point.refund(shop, sale, payer.account, parts(paid_from), points, {"from": by})

    return refund_sale


# ------------------------------------------------------------------------------------------------- LIVE LOTS


def test_refund_puts_points_back_into_their_lot(point, paid, refund, payer, shop):
    sale = paid({JUNE: 100}, 60)
    assert events(refund(sale, {JUNE: 60}, 60)) == [
        ("SaleRefunded", shop, sale, payer.account, lot(JUNE, 60)),
        ("Transfer", shop, payer.account, 60),
    ]
    assert (lots(point, payer.account), point.claimOf(shop)) == ({JUNE: 100}, (0, 0, 0))
    assert (point.pointsEndingWith(JUNE), point.totalSupply()) == (100, 100)
    assert point.saleOf(shop, sale) == (SaleState.PAID, 60)


def test_refund_of_a_lot_that_was_spent_whole_makes_it_anew(point, paid, refund, payer):
    sale = paid({JUNE: 100})
    assert lots(point, payer.account) == {}
    refund(sale, {JUNE: 100}, 100)
    assert lots(point, payer.account) == {JUNE: 100}


def test_refund_of_several_lots_goes_back_latest_first(point, paid, refund, payer, shop):
    lots_before = {APRIL: 10, JUNE: 20, AUGUST: 30, NEVER: 40}
    sale = paid(lots_before)
    assert events(refund(sale, lots_before, 95)) == [
        ("SaleRefunded", shop, sale, payer.account, lot(NEVER, 40)),
        ("SaleRefunded", shop, sale, payer.account, lot(AUGUST, 30)),
        ("SaleRefunded", shop, sale, payer.account, lot(JUNE, 20)),
        ("SaleRefunded", shop, sale, payer.account, lot(APRIL, 5)),
        ("Transfer", shop, payer.account, 95),
    ]
    assert lots(point, payer.account) == {APRIL: 5, JUNE: 20, AUGUST: 30, NEVER: 40}
    assert live_by_month(point, APRIL, JUNE, AUGUST, NEVER) == [5, 20, 30, 40]
    assert point.claimOf(shop) == (5, 0, 0)


@pytest.mark.parametrize("pieces", [[1, 99], [40, 30, 20, 10], [45, 45, 10], [100], [1] * 12])
def test_refund_in_pieces_comes_to_the_same_as_at_once(point, paid, refund, payer, shop, pieces):
    paid_from = {APRIL: 10, JUNE: 20, AUGUST: 30, NEVER: 40}
    sale = paid(paid_from)
    for piece in pieces:
        refund(sale, paid_from, piece)
    total, expected = sum(pieces), {}
    for month in (NEVER, AUGUST, JUNE, APRIL):
        expected[month] = min(paid_from[month], total)
        total -= expected[month]
    assert lots(point, payer.account) == {month: amount for month, amount in expected.items() if amount}
    assert point.saleOf(shop, sale) == (SaleState.PAID, sum(pieces))
    assert point.claimOf(shop) == (100 - sum(pieces), 0, 0)


@pytest.mark.parametrize("count", [24, 61])
def test_refund_of_many_lots_restores_each(point, paid, refund, payer, shop, count):
    granted = {APRIL + place: 10 + place for place in range(count)}
    sale = paid(granted)
    refund(sale, granted, sum(granted.values()))
    assert (lots(point, payer.account), point.claimOf(shop)) == (granted, (0, 0, 0))
    assert live_by_month(point, *granted) == list(granted.values())


def test_refund_joins_what_the_payer_has_got_since(point, paid, refund, grant, payer):
    sale = paid({JUNE: 100, AUGUST: 50})
    grant(payer.account, {MAY: 1, JUNE: 2, DECEMBER: 3})
    refund(sale, {JUNE: 100, AUGUST: 50}, 150)
    assert lots(point, payer.account) == {MAY: 1, JUNE: 102, AUGUST: 50, DECEMBER: 3}


def test_refund_leaves_other_sales_alone(point, paid, refund, shop):
    first, second = paid({JUNE: 100}, 30), paid({}, 40)
    refund(first, {JUNE: 30}, 30)
    assert (point.saleOf(shop, first), point.saleOf(shop, second)) == ((1, 30), (1, 0))
    refund(second, {JUNE: 40}, 40)
    assert point.claimOf(shop) == (0, 0, 0)


def test_refund_does_not_free_the_number(point, paid, refund, counter, payer, shop):
    sale = paid({JUNE: 100})
    refund(sale, {JUNE: 100}, 100)
    with reverts("PointSaleUsed", shop, sale):
        point.paySigned(shop, *counter.signed(payer, sale, 100), {"from": shop})
    with reverts("PointSaleUsed", shop, sale):
        point.voidSale(shop, sale, {"from": shop})


# ------------------------------------------------------------------------------------------------ ENDED LOTS


def test_refund_until_the_last_second_of_the_lot_gives_it_back(point, paid, refund, payer):
    sale = paid({APRIL: 100})
    to_month_end(APRIL)
    refund(sale, {APRIL: 100}, 40)
    assert lots(point, payer.account) == {APRIL: 40}
    to_month(MAY)
    with reverts("PointNothingToReturn", sale, 60):
        refund(sale, {APRIL: 100}, 60)


def test_refund_leaves_what_has_ended_to_the_shop(point, paid, refund, payer, shop):
    paid_from = {APRIL: 10, JUNE: 20}
    sale = paid(paid_from)
    to_month(MAY)
    assert events(refund(sale, paid_from, 25)) == [
        ("SaleRefunded", shop, sale, payer.account, lot(JUNE, 20)),
        ("SaleUnreturnable", shop, sale, payer.account, 5),
        ("Transfer", shop, payer.account, 20),
    ]
    assert (lots(point, payer.account), point.claimOf(shop)) == ({JUNE: 20}, (10, 0, 0))
    assert point.saleOf(shop, sale) == (SaleState.PAID, 20)


def test_refund_never_gives_back_more_than_what_was_live(point, paid, refund, payer):
    """What stays with the shop is not counted as refunded, and cannot be had later either."""
    paid_from = {APRIL: 10, JUNE: 20}
    sale = paid(paid_from)
    to_month(MAY)
    refund(sale, paid_from, 30)
    with reverts("PointNothingToReturn", sale, 10):
        refund(sale, paid_from, 10)
    with reverts("PointRefundTooLarge", sale, 10, 11):
        refund(sale, paid_from, 11)
    assert lots(point, payer.account) == {JUNE: 20}


def test_refund_before_and_after_a_month_end_counts_on(point, paid, refund, payer, shop):
    paid_from = {APRIL: 10, JUNE: 20}
    sale = paid(paid_from)
    refund(sale, paid_from, 5)
    to_month(MAY)
    refund(sale, paid_from, 25)
    assert lots(point, payer.account) == {JUNE: 20}
    assert point.claimOf(shop) == (10, 0, 0)


def test_refund_after_the_lot_was_extended_goes_where_it_came_from(point, paid, refund, payer, act_maker):
    """An extension is of what an account holds; what was spent is not held."""
    sale = paid({APRIL: 100}, 60)
    point.extendLots(APRIL, JUNE, [payer.account], {"from": act_maker})
    refund(sale, {APRIL: 60}, 60)
    assert lots(point, payer.account) == {APRIL: 60, JUNE: 40}


# ------------------------------------------------------------------------------------------- WHAT IS REFUSED


@pytest.mark.parametrize("points", [0, 101, 2**29, 2**256 - 1])
def test_refund_of_nothing_or_too_much_reverts(paid, refund, points):
    sale = paid({JUNE: 100})
    with reverts("PointRefundTooLarge", sale, 100, points):
        refund(sale, {JUNE: 100}, points)


def test_refund_of_more_than_is_left_reverts(paid, refund):
    sale = paid({JUNE: 100})
    refund(sale, {JUNE: 100}, 60)
    with reverts("PointRefundTooLarge", sale, 40, 41):
        refund(sale, {JUNE: 100}, 41)
    refund(sale, {JUNE: 100}, 40)
    with reverts("PointRefundTooLarge", sale, 0, 1):
        refund(sale, {JUNE: 100}, 1)


def test_refund_from_other_lots_than_paid_reverts(point, paid, payer, shop):
    """Later ones, larger ones, in another order, with one more or less, or written in a wider word."""
    sale = paid({APRIL: 10, JUNE: 20})
    true = parts({APRIL: 10, JUNE: 20})
    for lied in (
        parts({APRIL: 10, JULY: 20}),
        parts({APRIL: 10, NEVER: 20}),
        parts({APRIL: 11, JUNE: 20}),
        parts({APRIL: 30}),
        [],
        true[:1],
        true[1:],
        true[::-1],
        [*true, lot(JULY, 5)],
        [*true, 0],
        [0, *true],
        [true[0] | 1 << 40, true[1]],
        [true[0], true[1] | 1 << 255],
    ):
        with reverts("PointSaleUnknown", shop, sale):
            point.refund(shop, sale, payer.account, lied, 5, {"from": shop})


@pytest.mark.parametrize("view", [True, False], ids=["refundOf", "refund"])
def test_refund_from_a_lot_written_over_the_payer_reverts(point, paid, payer, shop, view):
    """The record of one lot holds payer and lot side by side: neither may be given as part of the other.

    The lot has ended; with a bit of the payer's address above its month it would seem to end in 300 years.
    """
    sale, account = paid({APRIL: 10}), int(payer.account.address, 16)
    to_month(MAY)
    bits = [1 << place for place in range(160) if account >> place & 1]
    for moved in (account, *bits):
        for left in {account, account ^ moved}:
            receiver = to_checksum_address(f"0x{left:040x}")
            call = (shop, sale, receiver, [lot(APRIL, 10) | moved << 40], 10, {"from": shop})
            with reverts("PointSaleUnknown", shop, sale):
                (point.refundOf if view else point.refund.call)(*call)
    with reverts("PointSaleUnknown", shop, sale):
        point.refund(shop, sale, payer.account, [lot(APRIL, 10) | 1 << 209], 10, {"from": shop})


def test_refund_to_another_than_the_payer_reverts(point, paid, other_payer, shop, payer):
    sale = paid({JUNE: 100})
    for other in (other_payer.account, shop, ZERO_ADDRESS):
        with reverts("PointSaleUnknown", shop, sale):
            point.refund(shop, sale, other, parts({JUNE: 100}), 5, {"from": shop})


def test_refund_of_a_sale_of_another_shop_or_number_reverts(point, paid, payer, shop, other_shop):
    sale = paid({JUNE: 100})
    call = (payer.account, parts({JUNE: 100}), 5)
    with reverts("PointSaleUnknown", other_shop, sale):
        point.refund(other_shop, sale, *call, {"from": other_shop})
    for other in (sale + 1, sale + 65536, sale + 45 * 65536, sale + 2**32, sale + 2**48, 0):
        with reverts("PointSaleUnknown", shop, other):
            point.refund(shop, other, *call, {"from": shop})


def test_refund_of_a_void_reverts(point, payer, shop):
    point.voidSale(shop, sale_of_today(), {"from": shop})
    for claimed in ([], parts({JUNE: 100})):
        for account in (payer.account, ZERO_ADDRESS):
            with reverts("PointSaleUnknown", shop, sale_of_today()):
                point.refund(shop, sale_of_today(), account, claimed, 1, {"from": shop})


def test_refund_of_a_transfer_is_none(point, grant, payer, shop):
    """A plain transfer is final."""
    grant(payer.account, {JUNE: 100})
    point.transfer(shop, 10, {"from": payer.account})
    with reverts("PointSaleUnknown", shop, sale_of_today()):
        point.refund(shop, sale_of_today(), payer.account, parts({JUNE: 10}), 1, {"from": shop})


def test_refund_by_anybody_but_the_owner_reverts(
    paid, refund, shop, till, payer, stranger, other_shop, city, act_maker
):
    sale = paid({JUNE: 100})
    for caller in (till.account, payer.account, stranger, other_shop, city, act_maker):
        with reverts("PointNotOwner", shop, caller):
            refund(sale, {JUNE: 100}, 1, by=caller)


def test_refund_by_the_owner_before_reverts(paid, refund, point, shop, newcomer, act_maker):
    sale = paid({JUNE: 100})
    point.replaceOwner(shop, newcomer, {"from": act_maker})
    with reverts("PointNotOwner", shop, shop):
        refund(sale, {JUNE: 100}, 1)
    refund(sale, {JUNE: 100}, 1, by=newcomer)


def test_refund_until_the_last_second_of_its_last_day(point, paid, refund):
    sale, last = paid({DECEMBER: 100}), today() + PAYABLE_DAYS + REFUND_DAYS
    travel_to(start_of_day(last + 1) - 1)
    refund(sale, {DECEMBER: 100}, 1)
    travel_to(start_of_day(last + 1))
    with reverts("PointRefundTooLate", sale, last):
        refund(sale, {DECEMBER: 100}, 1)


def test_refund_counts_its_days_from_the_sale_not_from_the_payment(
    point, grant, counter, payer, shop, refund
):
    grant(payer.account, {DECEMBER: 100})
    sale = sale_number(today() - PAYABLE_DAYS, 1)
    point.paySigned(shop, *counter.signed(payer, sale, 10), {"from": shop})
    travel_to(start_of_day(today() + REFUND_DAYS + 1))
    with reverts("PointRefundTooLate", sale, today() - 1):
        refund(sale, {DECEMBER: 10}, 1)


@pytest.mark.parametrize("act", ["suspendMerchant", "closeMerchant"])
def test_refund_by_a_shop_that_is_not_active_succeeds(point, paid, refund, payer, shop, act_maker, act):
    sale = paid({JUNE: 100})
    getattr(point, act)(shop, {"from": act_maker})
    refund(sale, {JUNE: 100}, 100)
    assert lots(point, payer.account) == {JUNE: 100}


def test_refund_by_a_frozen_shop_reverts(point, paid, refund, shop, act_maker):
    sale = paid({JUNE: 100})
    point.freeze(shop, {"from": act_maker})
    with reverts("PointAccountFrozen", shop):
        refund(sale, {JUNE: 100}, 1)


@pytest.mark.parametrize("months", [[JUNE], [JUNE, JULY], [NEVER]])
def test_refund_while_paused_reverts(point, paid, refund, act_maker, months):
    paid_from = dict.fromkeys(months, 100)
    sale = paid(paid_from)
    point.pause(HOUR, {"from": act_maker})
    with reverts("PointPaused", now() + HOUR):
        refund(sale, paid_from, 1)
    point.unpause({"from": act_maker})
    refund(sale, paid_from, 1)


# ------------------------------------------------------------------------------------------ WHO GETS IT BACK


def test_refund_to_a_frozen_payer_reverts(point, paid, refund, payer, act_maker):
    sale = paid({JUNE: 100})
    point.freeze(payer.account, {"from": act_maker})
    with reverts("PointAccountFrozen", payer.account):
        refund(sale, {JUNE: 100}, 1)
    point.unfreeze(payer.account, {"from": act_maker})
    refund(sale, {JUNE: 100}, 1)


def test_refund_to_a_payer_that_has_become_a_merchant_reverts(point, paid, refund, payer, act_maker):
    sale = paid({JUNE: 100})
    point.approveMerchant(payer.account, 0, "銭湯", "宮前区", {"from": act_maker})
    with reverts("PointMintToMerchant", payer.account):
        refund(sale, {JUNE: 100}, 1)


@pytest.fixture
def replace(memberships, residents, act_maker, stranger):
    """`replace("Hanako", "new card")`: a resident's card gives way to another; returns the new card."""

    def replace_card(name, new_name, number=1):
        card = memberships.card(new_name)
        signature = memberships.signature(card, memberships.commitment(name))
        call = (CITY, number, card.account, signature)
        residents.startReplacement(*call, {"from": act_maker})
        travel(3 * 24 * HOUR)
        residents.completeReplacement(CITY, number, {"from": stranger})
        return card

    return replace_card


def test_refund_after_the_card_was_replaced_goes_to_the_new_one(
    point, paid, refund, payer, shop, memberships, replace
):
    memberships.join("Hanako")
    sale = paid({JUNE: 100})
    new_card = replace("Hanako", "Hanako's next")
    assert events(refund(sale, {JUNE: 100}, 100)) == [
        ("SaleRefunded", shop, sale, new_card.account, lot(JUNE, 100)),
        ("Transfer", shop, new_card.account, 100),
    ]
    assert (lots(point, payer.account), lots(point, new_card.account)) == ({}, {JUNE: 100})


def test_refund_after_two_replacements_goes_to_the_card_of_today(
    point, paid, refund, memberships, replace, stranger
):
    memberships.join("Hanako")
    sale = paid({JUNE: 100})
    second = replace("Hanako", "Hanako's second")
    point.carry(memberships.card("Hanako").account, {"from": stranger})
    third = replace("Hanako", "Hanako's third")
    point.carry(second.account, {"from": stranger})
    refund(sale, {JUNE: 100}, 100)
    assert (lots(point, second.account), lots(point, third.account)) == ({}, {JUNE: 100})


def test_refund_after_the_payer_s_death_goes_to_the_heir(
    point, paid, refund, memberships, residents, act_maker, stranger
):
    _, heir = memberships.join("Hanako", "her heir")
    sale = paid({JUNE: 100})
    residents.setDeparturePolicy(CITY, HEIR_MAY_INHERIT, {"from": act_maker})
    residents.startInheritance(CITY, 1, heir.number, {"from": act_maker})
    travel(14 * 24 * HOUR)
    residents.completeReplacement(CITY, 1, {"from": stranger})
    refund(sale, {JUNE: 100}, 100)
    assert lots(point, heir.account) == {JUNE: 100}


def test_refund_to_a_successor_that_is_the_shop_itself_reverts_and_changes_nothing(
    point, paid, refund, memberships, residents, act_maker, stranger, shop, shop_card
):
    """No office should register a shop's key as a resident's, but nothing in the registry forbids it."""
    [hanako] = memberships.join("Hanako")
    sale = paid({JUNE: 100})
    signature = memberships.signature(shop_card, hanako.commitment)
    residents.startReplacement(CITY, hanako.number, shop, signature, {"from": act_maker})
    travel(3 * 24 * HOUR)
    residents.completeReplacement(CITY, hanako.number, {"from": stranger})
    with reverts("PointMintToMerchant", shop):
        refund(sale, {JUNE: 100}, 100)
    assert (point.claimOf(shop), point.saleOf(shop, sale)) == ((100, 0, 0), (SaleState.PAID, 0))


def test_refund_to_a_successor_that_is_frozen_reverts(point, paid, refund, memberships, replace, act_maker):
    memberships.join("Hanako")
    sale = paid({JUNE: 100})
    new_card = replace("Hanako", "Hanako's next")
    point.freeze(new_card.account, {"from": act_maker})
    with reverts("PointAccountFrozen", new_card.account):
        refund(sale, {JUNE: 100}, 1)


def test_refund_to_an_account_at_the_limit_of_a_lot_reverts_and_can_be_had_later(
    point, paid, refund, grant, payer, shop
):
    sale = paid({JUNE: 100})
    grant(payer.account, {JUNE: LARGEST - 40})
    with reverts("PointLotTooLarge", payer.account, JUNE, LARGEST + 1, LARGEST):
        refund(sale, {JUNE: 100}, 41)
    assert (point.saleOf(shop, sale), point.claimOf(shop)) == ((SaleState.PAID, 0), (100, 0, 0))
    refund(sale, {JUNE: 100}, 40)
    point.transfer(shop, LARGEST, {"from": payer.account})
    refund(sale, {JUNE: 100}, 60)
    assert lots(point, payer.account) == {JUNE: 60}


def test_refund_into_a_month_at_its_limit_reverts(point, paid, refund, crowd, minter, payer, shop, act_maker):
    """2^36 - 1 points of one month are as many as a series can hold."""
    sale = paid({JUNE: 100})
    point.increaseMinterAllowance(minter, 2**36, {"from": act_maker})
    left = 2**36 - 1 - point.pointsEndingWith(JUNE)
    amounts = [min(LARGEST, max(0, left - LARGEST * place)) for place in range(len(crowd))]
    point.mintBatch(crowd, amounts, JUNE, {"from": minter})
    with reverts("PointMonthTooLarge", JUNE, 1, 2**36 - 1):
        refund(sale, {JUNE: 100}, 1)


# ---------------------------------------------------------------------------------------- OUT OF WHICH CLAIM


def test_refund_of_more_than_the_claim_reverts(point, paid, refund, shop, other_shop, transfers_on):
    sale = paid({JUNE: 100})
    point.transfer(other_shop, 41, {"from": shop})
    with reverts("PointClaimTooSmall", shop, 59, 60):
        refund(sale, {JUNE: 100}, 60)
    refund(sale, {JUNE: 100}, 59)
    assert point.claimOf(shop) == (0, 0, 0)


def test_refund_of_this_years_sale_takes_this_years_claim_first(point, paid, refund, shop):
    paid({NEVER: 30})
    to_month(MARCH + 1)
    sale = paid({NEVER: 20})
    refund(sale, {NEVER: 20}, 15)
    assert point.claimOf(shop) == (5, 30, 0)


def test_refund_of_last_years_sale_takes_last_years_claim_first(point, paid, refund, shop):
    to_month_end(MARCH)
    sale = paid({NEVER: 30})
    to_month(MARCH + 1)
    paid({NEVER: 20})
    refund(sale, {NEVER: 30}, 25)
    assert point.claimOf(shop) == (20, 5, 0)


def test_refund_of_this_years_sale_takes_the_rest_from_earlier_years_claim(
    point, paid, refund, shop, other_shop, transfers_on
):
    """A refund of last year's sale has taken of this year's claim, since last year's had been passed on."""
    to_month_end(MARCH)
    last_year, other = paid({NEVER: 30}), paid({NEVER: 10})
    to_month(MARCH + 1)
    this_year = paid({NEVER: 20})
    point.transfer(other_shop, 40, {"from": shop})
    refund(last_year, {NEVER: 30}, 15)
    point.transfer(shop, 40, {"from": other_shop})
    assert point.claimOf(shop) == (5, 40, 0)
    refund(this_year, {NEVER: 20}, 12)
    assert point.claimOf(shop) == (0, 33, 0)
    refund(other, {NEVER: 10}, 10)
    assert point.claimOf(shop) == (0, 23, 0)


def test_refund_of_last_years_sale_takes_the_rest_from_this_years_claim(
    point, paid, refund, shop, other_shop, transfers_on
):
    to_month_end(MARCH)
    sale = paid({NEVER: 30})
    to_month(MARCH + 1)
    paid({NEVER: 20})
    point.transfer(other_shop, 25, {"from": shop})
    assert point.claimOf(shop) == (20, 5, 0)
    refund(sale, {NEVER: 30}, 12)
    assert point.claimOf(shop) == (13, 0, 0)


def test_refund_of_a_sale_opened_in_march_and_paid_in_april_takes_the_new_years_claim(
    point, paid, refund, grant, counter, payer, shop
):
    to_month_end(MARCH)
    paid({NEVER: 30})
    opened = sale_of_today(9)
    to_month(MARCH + 1)
    grant(payer.account, {NEVER: 20})
    point.paySigned(shop, *counter.signed(payer, opened, 20), {"from": shop})
    assert point.claimOf(shop) == (20, 30, 0)
    refund(opened, {NEVER: 20}, 15)
    assert point.claimOf(shop) == (5, 30, 0)


def test_refund_two_years_later_takes_the_earlier_years_claim(
    project, officers, residents, deployer, minter, act_maker, payer, shop
):
    """With terms that let a sale be refunded for two years."""
    series = project.MunicipalPoint.deploy(
        CITY, officers, residents, "長期", "LONG", 0, 1, (7, 900, 1000), ZERO_ADDRESS, {"from": deployer}
    )
    series.approveMerchant(shop, 0, "商店", "川崎区", {"from": act_maker})
    series.increaseMinterAllowance(minter, 1000, {"from": act_maker})
    series.mintUntil(payer.account, 1000, NEVER, {"from": minter})
    counter = Counter(series, shop)
    to_month_end(MARCH)
    sale = sale_of_today()
    series.paySigned(shop, *counter.signed(payer, sale, 30), {"from": shop})
    travel_to(moment_from_text("2028-04-01"))
    series.paySigned(shop, *counter.signed(payer, sale_of_today(), 20), {"from": shop})
    series.refund(shop, sale, payer.account, parts({NEVER: 30}), 10, {"from": shop})
    assert series.claimOf(shop) == (20, 20, 0)
