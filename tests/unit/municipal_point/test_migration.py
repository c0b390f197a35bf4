"""A series gives way to its successor: notice, closing, what goes over and what stays (decision 0014)."""

import pytest

from scripts.lib.expiry_rule import NEVER
from scripts.lib.payment.issue import PaymentIssue, SaleState
from scripts.lib.payment.sale_terms import SaleTerms
from scripts.lib.year_end import YearFigures
from tests.support.books import check_books
from tests.support.clock import AUGUST, HOUR, JULY, JUNE, MARCH, MAY, now, to_month, to_month_end, travel
from tests.support.harness import deploy_harness
from tests.support.migration_fixtures import NOTICE
from tests.support.paying import Counter, parts, sale_of_today, today
from tests.support.programmes import Programmes
from tests.support.reading import ZERO_ADDRESS, events, lots
from tests.support.reverts import ANY, reverts
from tests.support.settlement_fixtures import parts as claims
from tests.support.town import CITY

TERMS = SaleTerms()
NO_SIGNATURE = bytes(32)
ACTIVE, SUSPENDED = 0, 1
HELD = {JUNE: 50, JULY: 20, NEVER: 9}


@pytest.fixture(autouse=True)
def books_of_both(rpc, successor, books_that_balance, point):
    yield
    check_books(rpc, successor.address)
    (came, back), (came_back, went) = successor.carriedPoints(), point.carriedPoints()
    if not successor.migration()[2]:
        assert (came, back) == (went, came_back)


# ------------------------------------------------------------------------------------------------ THE NOTICE


def test_announce_by_two_admins_names_the_day(point, successor, acting, city, second_admin):
    acting.together(city, second_admin, point, "announceSuccessor", successor.address)
    assert point.migration() == (successor, now() + NOTICE, False, 0)


def test_announce_by_one_admin_reverts(point, successor, acting, city):
    with reverts("OfficersNeedsSecond", point.announceSuccessor.signature):
        acting.perform(city, point, "announceSuccessor", successor.address)


def test_announce_logs_the_successor_and_the_day(point, successor, act_maker):
    announced = events(point.announceSuccessor(successor, {"from": act_maker}))
    assert announced == [("SuccessorAnnounced", successor, now() + NOTICE)]


def test_withdraw_by_one_admin_ends_the_notice(point, successor, act_maker, acting, city, stranger):
    point.announceSuccessor(successor, {"from": act_maker})
    acting.perform(city, point, "withdrawSuccessor")
    travel(NOTICE)
    with reverts("PointNoSuccessor"):
        point.closeForSuccessor({"from": stranger})
    assert point.migration() == (ZERO_ADDRESS, 0, False, 0)


def test_withdraw_logs_the_successor_whose_announcement_no_longer_counts(point, successor, act_maker):
    point.announceSuccessor(successor, {"from": act_maker})
    withdrawn = events(point.withdrawSuccessor({"from": act_maker}))
    assert withdrawn == [("SuccessorWithdrawn", successor)]


def test_announce_of_a_series_that_the_council_has_not_registered_reverts(make_series, point, act_maker):
    foreign = make_series(point, register=False)
    with reverts("PointForeignSuccessor", foreign):
        point.announceSuccessor(foreign, {"from": act_maker})


def test_announce_of_a_series_made_for_another_predecessor_reverts(make_series, point, successor, act_maker):
    for other in (make_series(ZERO_ADDRESS), make_series(successor)):
        with reverts("PointForeignSuccessor", other):
            point.announceSuccessor(other, {"from": act_maker})


def test_announce_of_a_series_of_another_town_reverts(point, neighbour_point, act_maker):
    with reverts("PointForeignSuccessor", neighbour_point):
        point.announceSuccessor(neighbour_point, {"from": act_maker})


@pytest.mark.parametrize("payable_days", [TERMS.ring_days - 1, TERMS.ring_days])
def test_announce_of_a_successor_that_outlasts_the_memory_of_sales_reverts(
    make_series, point, act_maker, payable_days
):
    """A sale that it could still be paid for might have been written over on the old series."""
    terms = (payable_days, 1, payable_days + 2)
    patient = make_series(point, terms=terms)
    if payable_days < TERMS.ring_days:
        point.announceSuccessor(patient, {"from": act_maker})
        return
    with reverts("PointSaleTerms", *terms[:2], TERMS.ring_days):
        point.announceSuccessor(patient, {"from": act_maker})


def test_announce_of_a_successor_that_outlasts_the_memory_of_the_first_series_reverts(
    make_series, point, act_maker, stranger
):
    """The series in between remembers for longer, but the first one's sales are its own."""
    second = make_series(point, terms=(3, 1, 100))
    point.announceSuccessor(second, {"from": act_maker})
    travel(NOTICE)
    point.closeForSuccessor({"from": stranger})
    third = make_series(second, terms=(60, 1, 100))
    with reverts("PointSaleTerms", 60, 1, TERMS.ring_days):
        second.announceSuccessor(third, {"from": act_maker})


def test_announce_by_a_series_that_has_not_opened_reverts(make_series, point, successor, act_maker):
    """Or the third could open, and its last day of sales be told, while the first is still paid."""
    third = make_series(successor)
    with reverts("PointPredecessorOpen", point):
        successor.announceSuccessor(third, {"from": act_maker})


def test_sale_of_a_series_that_has_not_opened_is_neither_voided_nor_paid(
    point, successor, act_maker, till_of_the_successor, payer, shop
):
    """What stood in its records before it opened would keep it from asking the old series later."""
    successor.approveMerchant(shop, 1, "八百屋", "本町1-1", {"from": act_maker})
    sale = sale_of_today()
    with reverts("PointPredecessorOpen", point):
        successor.voidSale(shop, sale, {"from": shop})
    with reverts("ERC20InsufficientBalance", payer.account, 0, 1):
        successor.paySigned(shop, *till_of_the_successor.signed(payer, sale, 1), {"from": shop})
    assert successor.saleOf(shop, sale) == (SaleState.UNUSED, 0)


def test_close_a_second_before_the_day_reverts(point, successor, act_maker, stranger):
    point.announceSuccessor(successor, {"from": act_maker})
    from_second = now() + NOTICE
    travel(NOTICE - 1)
    with reverts("PointClosableLater", from_second):
        point.closeForSuccessor({"from": stranger})


def test_announce_again_begins_the_notice_anew(point, successor, act_maker, stranger):
    point.announceSuccessor(successor, {"from": act_maker})
    travel(NOTICE)
    point.announceSuccessor(successor, {"from": act_maker})
    with reverts("PointClosableLater", now() + NOTICE):
        point.closeForSuccessor({"from": stranger})


# ----------------------------------------------------------------------------------------------- THE CLOSING


def test_close_by_anyone_opens_the_successor(point, successor, closed):
    assert events(closed()) == [
        ("SeriesClosed", successor),
        ("SeriesOpened", point, today()),
    ]
    assert point.migration()[2] and successor.migration()[3] == today()


def test_close_twice_reverts(point, successor, closed, act_maker, stranger):
    closed()
    with reverts("PointClosed"):
        point.closeForSuccessor({"from": stranger})
    with reverts("PointClosed"):
        point.withdrawSuccessor({"from": act_maker})
    with reverts("PointClosed"):
        point.announceSuccessor(successor, {"from": act_maker})


def test_closed_series_refuses_every_way_to_pay(point, grant, closed, counter, payer, shop, resident):
    grant(payer.account, {NEVER: 100})
    grant(resident, {JULY: 100})
    closed()
    for value in (0, 1):
        with reverts("PointClosed"):
            point.transfer(shop, value, {"from": resident})
    with reverts("PointClosed"):
        point.paySigned(shop, *counter.signed(payer, sale_of_today(), 10), {"from": shop})
    with reverts("PointClosed"):
        point.payBatch(
            shop, [counter.signed(payer, sale_of_today(), 10)], NO_SIGNATURE, NO_SIGNATURE, {"from": shop}
        )
    terms = counter.signed(payer, sale_of_today(), 10)[0]
    assert point.issueOf(shop, terms) == PaymentIssue.SERIES_CLOSED


def test_closed_series_refuses_grants_for_every_month_to_come(point, closed, minter, resident):
    point.mintUntil(resident, 5, JULY, {"from": minter})  # a reserve, which must not help
    closed()
    for month in (JULY, JULY + 50, NEVER):
        with reverts("PointClosed"):
            point.mintUntil(resident, 1, month, {"from": minter})
    to_month(JULY + 70)
    for month in (JULY + 70, JULY + 130):
        with reverts("PointClosed"):
            point.mintUntil(resident, 1, month, {"from": minter})


def test_closed_series_refuses_transfers_and_claims_passed_on(
    point, grant, earn, closed, transfers_on, resident, other_resident, shop, other_shop
):
    grant(resident, {JULY: 100})
    earn(shop, 10)
    closed()
    with reverts("PointClosed"):
        point.transfer(other_resident, 1, {"from": resident})
    with reverts("PointClosed"):
        point.transfer(other_shop, 1, {"from": shop})


def test_pause_of_a_closed_series_stops_what_still_goes_on_and_ends(
    point, grant, closed, carry, act_maker, resident, shop
):
    grant(resident, {JULY: 100})
    closed()
    point.pause(HOUR, {"from": act_maker})
    assert point.pausedUntil() == now() + HOUR
    with reverts("PointPaused", point.pausedUntil()):
        carry(resident)
    point.unpause({"from": act_maker})
    with reverts("PointClosed"):
        point.transfer(shop, 1, {"from": resident})
    carry(resident)


def test_successor_takes_no_minter_before_the_closing(point, successor, closed, act_maker, minter, resident):
    with reverts("PointPredecessorOpen", point):
        successor.increaseMinterAllowance(minter, 1, {"from": act_maker})
    closed()
    successor.increaseMinterAllowance(minter, 1, {"from": act_maker})
    successor.mint(resident, 1, {"from": minter})


def test_open_by_anybody_but_the_predecessor_reverts(successor, stranger, act_maker):
    for caller in (stranger, act_maker):
        with reverts("PointNotPredecessor", caller):
            successor.openAfterPredecessor({"from": caller})


# ------------------------------------------------------------------------------------------------------ LOTS


def test_carry_by_anyone_keeps_every_month(point, successor, grant, closed, carry, resident):
    grant(resident, HELD)
    closed()
    carried = events(carry(resident))
    assert carried == [
        *(("LotCarriedOut", resident, month, points) for month, points in HELD.items()),
        ("Transfer", resident, ZERO_ADDRESS, 79),
        *(("LotCarriedIn", resident, month, points) for month, points in HELD.items()),
        ("Transfer", ZERO_ADDRESS, resident, 79),
    ]
    assert (lots(point, resident), lots(successor, resident)) == ({}, HELD)
    assert (point.totalSupply(), successor.totalSupply()) == (0, 79)


@pytest.mark.parametrize("count", [6, 7, 24, 61])
def test_carry_of_any_number_of_lots_keeps_them(point, successor, grant, closed, carry, resident, count):
    held = {MAY + place: 10 + place for place in range(count)}
    to_month(MAY)
    grant(resident, held)
    closed()
    carry(resident)
    assert lots(successor, resident) == held


def test_carry_twice_does_nothing_the_second_time(successor, grant, closed, carry, resident, shop):
    grant(resident, HELD)
    closed()
    carry(resident, shop, resident)
    assert events(carry(resident, shop)) == []
    assert lots(successor, resident) == HELD


def test_carry_before_the_closing_reverts(point, successor, grant, carry, act_maker, resident):
    grant(resident, HELD)
    with reverts("PointPredecessorOpen", point):
        carry(resident)
    point.announceSuccessor(successor, {"from": act_maker})
    travel(NOTICE)
    with reverts("PointPredecessorOpen", point):
        carry(resident)


def test_carry_into_a_series_without_a_predecessor_reverts(point, resident, stranger):
    with reverts("PointPredecessorOpen", ZERO_ADDRESS):
        point.carryIn([resident], {"from": stranger})


def test_carry_out_by_anybody_but_the_successor_reverts(
    make_series, point, grant, closed, resident, stranger, act_maker
):
    grant(resident, HELD)
    closed()
    other = make_series(point)
    for caller in (stranger, act_maker):
        with reverts("PointNotSuccessor", caller):
            point.carryOut([resident], {"from": caller})
    with reverts("PointPredecessorOpen", point):
        other.carryIn([resident], {"from": stranger})


def test_carry_leaves_what_has_lapsed_and_it_can_be_restored_and_carried(
    point, successor, grant, closed, carry, act_maker, resident
):
    """The month's end comes in the midst of it: nobody loses what is not restored."""
    grant(resident, {MAY: 30, JULY: 20})
    closed()
    to_month(JUNE)
    carry(resident)
    assert lots(successor, resident) == {JULY: 20}
    assert point.pointsEndingWith(MAY) == 30
    point.restoreLots(MAY, JULY, [resident], [30], {"from": act_maker})
    point.restoreLots(MAY, JULY, [resident], [30], {"from": act_maker})
    carry(resident)
    assert lots(successor, resident) == {JULY: 50}


def test_carry_in_the_last_second_of_a_month_takes_its_lot(successor, grant, closed, carry, resident):
    grant(resident, {JUNE: 30})
    closed()
    to_month_end(JUNE)
    carry(resident)
    assert lots(successor, resident) == {JUNE: 30}
    to_month(JULY)
    assert (lots(successor, resident), successor.totalSupply()) == ({}, 0)
    assert successor.pointsEndingWith(JUNE) == 30


def test_carry_while_the_successor_is_paused_reverts(successor, grant, closed, carry, act_maker, resident):
    grant(resident, HELD)
    closed()
    successor.pause(HOUR, {"from": act_maker})
    with reverts("PointPaused", successor.pausedUntil()):
        carry(resident)


def test_carry_adds_to_a_lot_of_the_same_month(successor, grant, closed, carry, act_maker, minter, resident):
    grant(resident, {JULY: 20})
    closed()
    successor.increaseMinterAllowance(minter, 100, {"from": act_maker})
    successor.mintUntil(resident, 5, JULY, {"from": minter})
    carry(resident)
    assert lots(successor, resident) == {JULY: 25}


def test_extend_on_the_closed_series_is_carried(point, successor, grant, closed, carry, act_maker, resident):
    grant(resident, {JUNE: 20})
    closed()
    point.extendLots(JUNE, JULY, [resident], {"from": act_maker})
    carry(resident)
    assert lots(successor, resident) == {JULY: 20}


def test_carry_of_the_successors_own_account_reverts(successor, closed, carry):
    closed()
    for account in (successor, ZERO_ADDRESS):
        with reverts("ERC20InvalidReceiver", account):
            carry(account)


# ----------------------------------------------------------------------------------------- STOPS AND KEYS


def test_carry_takes_a_freeze_along_and_never_lifts_one(
    point, successor, grant, closed, carry, act_maker, resident, shop
):
    grant(resident, HELD)
    closed()
    point.freeze(resident, {"from": act_maker})
    assert ("FrozenSet", resident, True) in events(carry(resident))
    assert (lots(successor, resident), successor.frozenOf(resident)) == (HELD, (True, False))
    with reverts("PointAccountFrozen", resident):
        successor.transfer(shop, 1, {"from": resident})
    successor.unfreeze(resident, {"from": act_maker})
    carry(resident)
    assert successor.frozenOf(resident)[0], "an account that one of the two has frozen is frozen"
    for series in (point, successor):
        series.unfreeze(resident, {"from": act_maker})
    carry(resident)
    assert successor.frozenOf(resident) == (False, False)


def test_carry_of_a_replaced_account_goes_on_to_its_next(
    point, successor, residents, memberships, grant, closed, carry, act_maker, stranger
):
    [member, _] = memberships.join("A", "B")
    grant(member.account, HELD)
    card = memberships.card("A's second")
    signature = memberships.signature(card, member.commitment)
    residents.startReplacement(CITY, member.number, card.account, signature, {"from": act_maker})
    travel(3 * 24 * HOUR)
    residents.completeReplacement(CITY, member.number, {"from": stranger})
    point.syncBlocked(member.account, {"from": stranger})
    closed()
    assert ("BlockedSet", member.account, True) in events(carry(member.account))
    successor.carry(member.account, {"from": stranger})
    assert (lots(successor, card.account), lots(successor, member.account)) == (HELD, {})


def test_carry_to_the_next_account_on_the_closed_series_reverts(
    point, successor, residents, memberships, grant, closed, carry, act_maker, stranger
):
    """Or whom the successor alone has frozen would get away with a new card, before the points went over."""
    [member, _] = memberships.join("A", "B")
    grant(member.account, HELD)
    closed()
    successor.freeze(member.account, {"from": act_maker})
    card = memberships.card("A's second")
    signature = memberships.signature(card, member.commitment)
    residents.startReplacement(CITY, member.number, card.account, signature, {"from": act_maker})
    travel(3 * 24 * HOUR)
    residents.completeReplacement(CITY, member.number, {"from": stranger})
    with reverts("PointClosed"):
        point.carry(member.account, {"from": stranger})
    carry(member.account, card.account)
    successor.carry(member.account, {"from": stranger})
    assert (lots(successor, card.account), successor.frozenOf(card.account)) == (HELD, (True, False))


def test_carry_blocks_nobody_whose_replacement_was_called_off(
    point, successor, residents, memberships, grant, closed, carry, act_maker, stranger
):
    [member, _] = memberships.join("A", "B")
    grant(member.account, HELD)
    closed()
    card = memberships.card("A's second")
    signature = memberships.signature(card, member.commitment)
    residents.startReplacement(CITY, member.number, card.account, signature, {"from": act_maker})
    point.syncBlocked(member.account, {"from": stranger})
    residents.cancelReplacement(CITY, member.number, {"from": act_maker})
    carry(member.account)
    assert successor.frozenOf(member.account) == (False, False)


def test_carry_takes_no_allowances_and_no_signatures_along(
    point, successor, grant, closed, carry, counter, payer, shop, spender
):
    grant(payer.account, {JULY: 100})
    point.approve(spender, 50, {"from": payer.account})
    point.cancelSignatures({"from": payer.account})
    closed()
    carry(payer.account, shop)
    assert successor.allowance(payer.account, spender) == 0
    assert successor.cancelEpochOf(payer.account) == 0
    with reverts("PointWrongSignature", payer.account):
        successor.paySigned(shop, *counter.signed(payer, sale_of_today(), 10, cancel_epoch=1), {"from": shop})


# ------------------------------------------------------------------------------------------------- MERCHANTS


def test_carry_of_a_shop_takes_standing_and_claim(point, successor, earn, closed, carry, shop):
    earn(shop, 40)
    category = point.merchantOf(shop)[2]
    closed()
    assert events(carry(shop)) == [
        ("ClaimCarriedOut", shop, 40, 0),
        ("Transfer", shop, ZERO_ADDRESS, 40),
        ("MerchantCarriedIn", shop, category, ACTIVE, shop),
        ("ClaimCarriedIn", shop, 40, 0),
        ("Transfer", ZERO_ADDRESS, shop, 40),
    ]
    assert successor.merchantOf(shop) == (True, ACTIVE, category)
    assert (point.claimOf(shop), successor.claimOf(shop)) == ((0, 0, 0), (40, 0, 0))


def test_carry_over_the_fiscal_years_end_keeps_the_years_apart(
    point, successor, earn, closed, carry, shop, minter, resident
):
    earn(shop, 40)
    to_month_end(MARCH, -NOTICE - HOUR)
    closed()
    to_month(MARCH + 1)
    carry(shop)
    assert successor.claimOf(shop) == (0, 40, 0)


def test_carry_of_a_suspended_shop_keeps_it_suspended(point, successor, closed, carry, act_maker, shop):
    point.suspendMerchant(shop, {"from": act_maker})
    closed()
    carry(shop)
    assert successor.merchantOf(shop)[:2] == (True, SUSPENDED)


def test_carry_of_a_shop_that_the_successor_knows_leaves_its_standing(
    point, successor, closed, carry, act_maker, shop
):
    closed()
    successor.approveMerchant(shop, 3, "商店", "川崎区", {"from": act_maker})
    point.suspendMerchant(shop, {"from": act_maker})
    carry(shop)
    assert successor.merchantOf(shop) == (True, ACTIVE, 3)


def test_carry_of_a_sold_shop_keeps_its_owner_and_no_till(
    point, successor, closed, carry, act_maker, shop, till, newcomer
):
    point.replaceOwner(shop, newcomer, {"from": act_maker})
    closed()
    carry(shop)
    assert successor.ownerOf(shop) == newcomer
    assert [successor.isTill(shop, key) for key in (newcomer, shop, till.account)] == [True, False, False]


@pytest.fixture
def later_shop(spender):
    """A shop that neither series knows yet."""
    return spender


def test_approve_anew_of_a_sold_shop_dismisses_its_former_owner_here_too(
    point, successor, closed, carry, act_maker, shop, newcomer
):
    """Or the key that two officers have dismissed would take the shop's payments and its claim."""
    point.replaceOwner(shop, newcomer, {"from": act_maker})
    closed()
    approved = events(successor.approveMerchant(shop, 3, "商店", "川崎区", {"from": act_maker}))
    assert approved[-1] == ("MerchantOwnerCarriedIn", shop, point, newcomer)
    for _ in range(2):
        assert successor.ownerOf(shop) == newcomer
        assert [successor.isTill(shop, key) for key in (newcomer, shop)] == [True, False]
        carry(shop)


def test_carry_of_a_shop_approved_here_before_it_was_sold_dismisses_its_former_owner(
    point, successor, closed, carry, act_maker, later_shop, newcomer
):
    """The successor had approved it before the old series knew it."""
    successor.approveMerchant(later_shop, 3, "商店", "川崎区", {"from": act_maker})
    point.approveMerchant(later_shop, 3, "商店", "川崎区", {"from": act_maker})
    point.replaceOwner(later_shop, newcomer, {"from": act_maker})
    closed()
    assert ("MerchantOwnerCarriedIn", later_shop, point, newcomer) in events(carry(later_shop))
    assert successor.ownerOf(later_shop) == newcomer
    assert not successor.isTill(later_shop, later_shop)


def test_carry_leaves_an_owner_who_was_named_on_the_successor(
    point, successor, closed, carry, act_maker, shop, newcomer, stranger
):
    closed()
    carry(shop)
    successor.replaceOwner(shop, newcomer, {"from": act_maker})
    point.replaceOwner(shop, stranger, {"from": act_maker})
    carry(shop)
    assert successor.ownerOf(shop) == newcomer


def test_carry_of_points_to_an_account_that_is_a_shop_on_the_successor_reverts(
    point, successor, grant, closed, carry, act_maker, resident
):
    """It was approved there before it got points here; they stay here and lapse, or are revoked."""
    successor.approveMerchant(resident, 3, "商店", "川崎区", {"from": act_maker})
    grant(resident, {JULY: 100})
    closed()
    with reverts("PointMintToMerchant", resident):
        carry(resident)
    assert lots(point, resident) == {JULY: 100}


def test_approve_of_an_account_that_holds_points_on_the_old_series_reverts(
    successor, grant, closed, carry, act_maker, resident
):
    """What is a shop here could not receive them, and they would stay where nobody can spend them."""
    grant(resident, {JULY: 20})
    with reverts("PointAccountHoldsLots", resident):
        successor.approveMerchant(resident, 3, "商店", "川崎区", {"from": act_maker})


def test_carry_of_a_frozen_shop_keeps_it_frozen(point, successor, earn, closed, carry, act_maker, shop):
    earn(shop, 40)
    point.freeze(shop, {"from": act_maker})
    closed()
    carry(shop)
    assert (successor.frozenOf(shop)[0], successor.claimOf(shop)) == (True, (40, 0, 0))


def test_carry_of_a_shop_that_somebody_sent_dust_reverts_until_it_is_gone(
    point, successor, earn, closed, carry, act_maker, minter, shop
):
    """Officers revoke the dust; nothing of the claim is lost meanwhile."""
    earn(shop, 40)
    closed()
    successor.increaseMinterAllowance(minter, 1, {"from": act_maker})
    successor.mintUntil(shop, 1, JULY, {"from": minter})
    with reverts("PointAccountHoldsLots", shop):
        carry(shop)
    assert point.claimOf(shop) == (40, 0, 0)
    successor.revoke(shop, 1, JULY, {"from": act_maker})
    carry(shop)
    assert successor.claimOf(shop) == (40, 0, 0)


def test_locked_claim_stays_and_is_carried_when_it_bounces(
    point, successor, settlement, earn, books, closed, carry, shop, other_shop
):
    earn(shop, 40)
    earn(other_shop, 7)
    words = claims((shop, 40, 0), (other_shop, 7, 0))
    batch = books.approve(MARCH, now(), words)
    books.send(batch)
    closed()
    carry(shop, other_shop)
    assert (point.claimOf(shop), successor.claimOf(shop)) == ((0, 0, 40), (0, 0, 0))
    books.bounce(batch, words, shop)
    carry(shop)
    assert (point.claimOf(shop), successor.claimOf(shop)) == ((0, 0, 0), (40, 0, 0))
    books.settle(batch, words)
    assert point.settlementTotals() == (0, 7)
    books.reopen(batch, words, other_shop)
    carry(other_shop)
    assert successor.claimOf(other_shop) == (7, 0, 0)
    assert point.totalSupply() == 0


# ----------------------------------------------------------------------------------------------------- SALES


@pytest.fixture
def till_of_the_successor(successor, shop):
    return Counter(successor, shop)


@pytest.fixture
def paid(point, grant, noticed, counter, payer, shop):
    """`paid(30)` lets the notice pass and pays a sale of that day, 20 of July's points and 10 of August's."""

    def pay(points=30):
        noticed()
        grant(payer.account, {JULY: 20, AUGUST: 100})
        sale = sale_of_today()
        point.paySigned(shop, *counter.signed(payer, sale, points), {"from": shop})
        return sale

    return pay


def test_paid_sale_cannot_be_paid_again_on_the_successor(
    point, successor, paid, grant, carry, till_of_the_successor, payer, other_payer, shop, stranger
):
    """The till's line was down: it asks for the points again, and hears the same for days."""
    sale = paid()
    grant(other_payer.account, {JULY: 100})
    point.closeForSuccessor({"from": stranger})
    carry(payer.account, other_payer.account, shop)
    for _ in range(TERMS.payable_days + 1):
        for card in (payer, other_payer):
            signed = till_of_the_successor.signed(card, sale, 30)
            assert successor.issueOf(shop, signed[0]) == PaymentIssue.SALE_USED
            with reverts("PointSaleUsed", shop, sale):
                successor.paySigned(shop, *signed, {"from": shop})
            [issue] = successor.payBatch.call(shop, [signed], NO_SIGNATURE, NO_SIGNATURE, {"from": shop})
            assert issue == PaymentIssue.SALE_USED
        with reverts("PointSaleUsed", shop, sale):
            successor.voidSale(shop, sale, {"from": shop})
        assert successor.saleOf(shop, sale) == (SaleState.PAID, 0)
        travel(24 * HOUR)
    with reverts("PointSaleDay", sale, ANY, ANY):
        successor.paySigned(shop, *till_of_the_successor.signed(payer, sale, 30), {"from": shop})


def test_voided_sale_cannot_be_paid_on_the_successor(
    point, successor, noticed, grant, carry, till_of_the_successor, payer, shop, stranger
):
    noticed()
    grant(payer.account, {JULY: 100})
    point.voidSale(shop, sale_of_today(), {"from": shop})
    point.closeForSuccessor({"from": stranger})
    carry(payer.account, shop)
    with reverts("PointSaleUsed", shop, sale_of_today()):
        successor.paySigned(shop, *till_of_the_successor.signed(payer, sale_of_today(), 1), {"from": shop})


def test_unpaid_sale_of_the_old_series_is_paid_on_the_successor_once(
    point, successor, noticed, grant, carry, till_of_the_successor, payer, other_payer, shop, stranger
):
    noticed()
    sale = sale_of_today()
    for card in (payer, other_payer):
        grant(card.account, {JULY: 100})
    point.closeForSuccessor({"from": stranger})
    carry(payer.account, other_payer.account, shop)
    successor.paySigned(shop, *till_of_the_successor.signed(payer, sale, 30), {"from": shop})
    with reverts("PointSaleUsed", shop, sale):
        successor.paySigned(shop, *till_of_the_successor.signed(other_payer, sale, 30), {"from": shop})


def test_paid_sale_is_remembered_by_the_successors_successor(
    point, make_series, successor, paid, carry, payer, shop, act_maker, stranger
):
    """Whose sales can be paid for longer than a notice lasts."""
    sale = paid()
    point.closeForSuccessor({"from": stranger})
    carry(payer.account, shop)
    third = make_series(successor, terms=(40, 5, 100))
    successor.announceSuccessor(third, {"from": act_maker})
    travel(NOTICE)
    successor.closeForSuccessor({"from": stranger})
    third.carryIn([payer.account, shop], {"from": stranger})
    assert third.saleOf(shop, sale) == (SaleState.PAID, 0)
    with reverts("PointSaleUsed", shop, sale):
        third.paySigned(shop, *Counter(third, shop).signed(payer, sale, 30), {"from": shop})


def test_signature_for_the_old_series_is_none_for_the_successor(
    point, successor, noticed, grant, carry, counter, payer, shop, stranger
):
    noticed()
    grant(payer.account, {JULY: 100})
    signed = counter.signed(payer, sale_of_today(), 30)
    point.closeForSuccessor({"from": stranger})
    carry(payer.account, shop)
    with reverts("PointWrongSignature", payer.account):
        successor.paySigned(shop, *signed, {"from": shop})


# --------------------------------------------------------------------------------------------------- REFUNDS


def test_refund_after_the_closing_before_the_carry_is_as_ever(
    point, successor, paid, carry, payer, shop, stranger
):
    sale = paid(30)
    point.closeForSuccessor({"from": stranger})
    point.refund(shop, sale, payer.account, parts({JULY: 20, AUGUST: 10}), 15, {"from": shop})
    carry(payer.account, shop)
    assert lots(successor, payer.account) == {JULY: 5, AUGUST: 100}
    assert successor.claimOf(shop) == (15, 0, 0)


def test_refund_after_the_carry_takes_the_claim_back_and_is_carried_to_the_same_month(
    point, successor, paid, carry, payer, shop, stranger
):
    sale = paid(30)
    point.closeForSuccessor({"from": stranger})
    carry(payer.account, shop)
    refunded = events(
        point.refund(shop, sale, payer.account, parts({JULY: 20, AUGUST: 10}), 15, {"from": shop})
    )
    assert refunded[:4] == [
        ("ClaimCarriedOut", shop, 15, 0),
        ("Transfer", shop, ZERO_ADDRESS, 15),
        ("ClaimCarriedIn", shop, 15, 0),
        ("Transfer", ZERO_ADDRESS, shop, 15),
    ]
    assert lots(point, payer.account) == {JULY: 5, AUGUST: 10}
    carry(payer.account, shop)
    assert lots(successor, payer.account) == {JULY: 5, AUGUST: 100}
    assert (successor.claimOf(shop), point.claimOf(shop)) == ((15, 0, 0), (0, 0, 0))
    with reverts("PointRefundTooLarge", sale, 15, 16):
        point.refund(shop, sale, payer.account, parts({JULY: 20, AUGUST: 10}), 16, {"from": shop})


def test_refund_after_the_carry_of_a_frozen_shop_reverts(
    point, successor, paid, carry, act_maker, payer, shop, stranger
):
    sale = paid(30)
    point.closeForSuccessor({"from": stranger})
    carry(shop)
    successor.freeze(shop, {"from": act_maker})
    with reverts("PointAccountFrozen", shop):
        point.refund(shop, sale, payer.account, parts({JULY: 20, AUGUST: 10}), 15, {"from": shop})


def test_refund_by_an_owner_who_was_dismissed_on_the_successor_alone_is_bounded_by_the_sale(
    point, successor, paid, carry, act_maker, payer, shop, newcomer, stranger
):
    """The limit of what one series alone is told: `verify` names the key, and both must replace it."""
    sale = paid(30)
    point.closeForSuccessor({"from": stranger})
    carry(payer.account, shop)
    successor.replaceOwner(shop, newcomer, {"from": act_maker})
    lots_paid = parts({JULY: 20, AUGUST: 10})
    point.refund(shop, sale, payer.account, lots_paid, 30, {"from": shop})
    with reverts("PointRefundTooLarge", sale, 0, 1):
        point.refund(shop, sale, payer.account, lots_paid, 1, {"from": shop})
    point.replaceOwner(shop, newcomer, {"from": act_maker})
    with reverts("PointNotOwner", shop, shop):
        point.refund(shop, sale, payer.account, lots_paid, 1, {"from": shop})


def test_refund_after_the_carry_while_the_successor_is_paused_reverts(
    point, successor, paid, carry, act_maker, payer, shop, stranger
):
    sale = paid(30)
    point.closeForSuccessor({"from": stranger})
    carry(shop)
    successor.pause(HOUR, {"from": act_maker})
    with reverts("PointPaused", successor.pausedUntil()):
        point.refund(shop, sale, payer.account, parts({JULY: 20, AUGUST: 10}), 15, {"from": shop})


def test_refund_beyond_the_claim_on_both_series_reverts(
    point, successor, settlement, paid, carry, act_maker, books, payer, shop, stranger
):
    """The claim went into settlement on the successor."""
    sale = paid(30)
    point.closeForSuccessor({"from": stranger})
    carry(shop)
    successor.setSettlement(settlement, {"from": act_maker})
    books.approve(MARCH, now(), claims((shop, 20, 0)), series=successor)
    with reverts("PointClaimTooSmall", shop, 10, 15):
        point.refund(shop, sale, payer.account, parts({JULY: 20, AUGUST: 10}), 15, {"from": shop})
    point.refund(shop, sale, payer.account, parts({JULY: 20, AUGUST: 10}), 10, {"from": shop})


def test_refund_beyond_the_claim_of_a_shop_that_was_not_carried_reverts(
    point, settlement, paid, books, payer, shop, stranger
):
    """The successor, asked for the rest, does not know the shop."""
    sale = paid(30)
    books.approve(MARCH, now(), claims((shop, 20, 0)))
    point.closeForSuccessor({"from": stranger})
    with reverts("PointClaimTooSmall", shop, 0, 5):
        point.refund(shop, sale, payer.account, parts({JULY: 20, AUGUST: 10}), 15, {"from": shop})


def test_refund_to_an_account_replaced_since_goes_to_its_next(
    point, successor, residents, memberships, paid, grant, carry, act_maker, payer, shop, stranger
):
    [member, _] = memberships.join("Hanako", "B")
    sale = paid(30)
    point.closeForSuccessor({"from": stranger})
    carry(payer.account, shop)
    card = memberships.card("Hanako's second")
    signature = memberships.signature(card, member.commitment)
    residents.startReplacement(CITY, member.number, card.account, signature, {"from": act_maker})
    travel(3 * 24 * HOUR)
    residents.completeReplacement(CITY, member.number, {"from": stranger})
    point.refund(shop, sale, payer.account, parts({JULY: 20, AUGUST: 10}), 10, {"from": shop})
    carry(card.account)
    assert lots(successor, card.account) == {AUGUST: 10}


def test_return_of_a_claim_to_anybody_but_the_predecessor_reverts(
    successor, earn, closed, carry, shop, stranger, act_maker
):
    earn(shop, 10)
    closed()
    carry(shop)
    for caller in (shop, stranger, act_maker):
        with reverts("PointNotPredecessor", caller):
            successor.returnClaim(shop, 1, True, {"from": caller})


# ------------------------------------------------------------------------------------------------- TAKE BACK


def test_take_back_of_what_the_old_series_minted_is_the_successors(
    point, successor, grant, closed, carry, act_maker, minter, resident
):
    grant(resident, {JULY: 100})
    point.takeBack(resident, 30, JULY, {"from": minter})
    closed()
    with reverts("PointClosed"):
        point.takeBack(resident, 1, JULY, {"from": minter})
    successor.increaseMinterAllowance(minter, 10, {"from": act_maker})
    successor.mintUntil(resident, 10, JULY, {"from": minter})
    carry(resident)
    assert successor.returnableBy(minter) == 80
    with reverts("PointTakeBackTooLarge", minter, 80, 81):
        successor.takeBack(resident, 81, JULY, {"from": minter})
    successor.takeBack(resident, 80, JULY, {"from": minter})
    assert (lots(successor, resident), successor.returnableBy(minter)) == ({}, 0)


def test_take_back_before_the_carry_reverts_instead_of_taking_nothing(
    point, successor, grant, closed, carry, act_maker, minter, resident
):
    """A programme would book the grant as revoked, and the resident would have it all the same."""
    grant(resident, {JULY: 100})
    closed()
    successor.increaseMinterAllowance(minter, 10, {"from": act_maker})
    successor.mintUntil(resident, 10, JULY, {"from": minter})
    with reverts("PointNotCarried", resident):
        successor.takeBack(resident, 30, JULY, {"from": minter})
    carry(resident)
    successor.takeBack(resident, 30, JULY, {"from": minter})
    assert lots(successor, resident) == {JULY: 80}
    assert successor.takeBack.call(resident, 80, AUGUST, {"from": minter}) == 0


# ------------------------------------------------------------------------------------------------- IMPOSTORS


@pytest.fixture
def impostor(officers, residents):
    return deploy_harness("ImpostorSeries", CITY, officers.address, residents.address)


def test_impostor_that_nobody_registered_opens_and_hands_over_nothing(
    make_series, impostor, resident, stranger
):
    """The council registers a series made with its address; the impostor calls itself closed."""
    fooled = make_series(impostor)
    with reverts("PointNotPredecessor", impostor):
        impostor.open(fooled, {"from": stranger})
    with reverts("PointPredecessorOpen", impostor):
        fooled.carryIn([resident], {"from": stranger})
    assert fooled.totalSupply() == 0


def test_impostor_of_a_series_that_has_another_predecessor_gets_nothing(
    impostor, successor, earn, closed, carry, shop, stranger
):
    earn(shop, 10)
    closed()
    carry(shop)
    with reverts("PointNotPredecessor", impostor):
        impostor.open(successor, {"from": stranger})
    with reverts("PointNotPredecessor", impostor):
        impostor.takeBackClaim(successor, shop, {"from": stranger})
    assert successor.claimOf(shop) == (10, 0, 0)


# -------------------------------------------------------------------------------------------------- SERVICES


def test_programme_follows_by_anyone_and_grants_nobody_twice(
    project, platform, point, successor, memberships, closed, carry, act_maker, deployer, stranger
):
    contract = project.GrantProgrammes.deploy(platform, {"from": deployer})
    programmes = Programmes(contract, point, act_maker, CITY, runner=stranger)
    first, second = memberships.join("A", "B")
    point.increaseMinterAllowance(contract, 10_000, {"from": act_maker})
    programme = programmes.open(cap=500)
    rows = [(first.number, 300), (second.number, 200)]
    batch = programmes.approve(programmes.occurrence(programme), rows)
    programmes.claim(batch, 0)
    with reverts("ProgrammeSeriesOpen", programme, point):
        contract.follow(programme, {"from": stranger})
    closed()
    followed = events(contract.follow(programme, {"from": stranger}))
    assert followed == [("ProgrammeFollowed", programme, successor)]
    assert contract.programmeOf(programme)[0] == successor
    successor.increaseMinterAllowance(contract, 10_000, {"from": act_maker})
    programmes.run(batch)
    carry(first.account)
    assert [successor.balanceOf(each.account) for each in (first, second)] == [300, 200]
    # What the old series granted is taken back on the successor.
    programmes.revoke(batch, 0, first.account, 300)
    assert successor.balanceOf(first.account) == 0


def test_years_of_both_series_close_with_what_was_carried(
    point, successor, settlement, books, earn, grant, closed, carry, act_maker, shop, resident, other_resident
):
    grant(other_resident, {JULY: 300, NEVER: 50})
    earn(shop, 40)
    closed()
    carry(other_resident, shop)
    assert point.carriedInYear(MARCH) == (0, 350, 0, 40)
    assert successor.carriedInYear(MARCH) == (350, 0, 40, 0)
    successor.setSettlement(settlement, {"from": act_maker})
    to_month(MARCH + 3)
    no_figures = dict.fromkeys(YearFigures._fields, 0)
    old = YearFigures(**no_figures | {"granted": 390, "used": 40})
    books.close(MARCH, old)
    # The lot of July lapsed on the successor.
    new = YearFigures(**no_figures | {"carried_over": 50})
    settlement.closeYear(CITY, successor, MARCH, new, {"from": act_maker})
    owed = [settlement.yearEndOf(series, MARCH)[-1] for series in (point, successor)]
    assert owed == [0, 40]


NOTHING_TOLD = dict.fromkeys(YearFigures._fields, 0)


@pytest.fixture
def spring(point, successor, settlement, books, earn, closed, carry, act_maker, shop):
    """`spring(100)`: a shop earns it in March; by May the series closes, the claim is carried and paid."""

    def pay(points):
        to_month_end(MARCH, -HOUR)
        earn(shop, points)
        travel(2 * HOUR)
        closed()
        carry(shop)
        successor.setSettlement(settlement, {"from": act_maker})
        batch = books.approve(MARCH + 12, now(), claims((shop, 0, points)), series=successor)
        books.send(batch)
        books.settle(batch, claims((shop, 0, points)))

    return pay


@pytest.fixture
def close_year(settlement, act_maker):
    """`close_year(series, march, used=5)` closes a year; what is not told of it is 0."""

    def close(series, march, **told):
        figures = tuple(YearFigures(**NOTHING_TOLD | told))
        settlement.closeYear(CITY, series, march, figures, {"from": act_maker})
        return settlement.yearEndOf(series, march)

    return close


def test_years_close_when_claims_of_the_year_before_are_carried_and_paid_in_spring(
    point, successor, spring, close_year
):
    """Both series book them in the year of their sales, whose books are open until 31 May."""
    spring(100)
    assert (point.carriedInYear(MARCH), successor.carriedInYear(MARCH)) == ((0, 0, 0, 100), (0, 0, 100, 0))
    to_month(MARCH + 3)
    assert close_year(point, MARCH, granted=100, used=100)[-1] == 0
    assert close_year(successor, MARCH)[-1] == 0
    to_month(MARCH + 15)
    for series in (point, successor):
        assert close_year(series, MARCH + 12)[-1] == 0


def test_first_year_of_a_successor_to_close_is_the_one_whose_books_were_open(successor, spring, close_year):
    """Without it, what was paid in its books would be owed for ever."""
    spring(100)
    to_month(MARCH + 15)
    with reverts("SettlementYearOrder", MARCH + 12, MARCH):
        close_year(successor, MARCH + 12)
    close_year(successor, MARCH)
    close_year(successor, MARCH + 12)


def test_years_close_when_what_was_paid_in_spring_comes_back_and_is_carried(
    point, successor, settlement, books, earn, closed, carry, act_maker, close_year, shop
):
    """A transfer of the old series comes back from the bank in May; the successor pays it in June."""
    earn(shop, 100)
    words = claims((shop, 100, 0))
    batch = books.approve(MARCH, now(), words)
    books.send(batch)
    books.settle(batch, words)
    to_month_end(MARCH, -HOUR)
    closed()
    books.reopen(batch, words, shop)
    carry(shop)
    successor.setSettlement(settlement, {"from": act_maker})
    to_month(MARCH + 3)
    again = books.approve(MARCH + 12, now(), claims((shop, 0, 100)), series=successor)
    books.send(again)
    books.settle(again, claims((shop, 0, 100)), from_this_year=True)
    assert close_year(point, MARCH, granted=100, used=100)[-1] == 0
    assert close_year(successor, MARCH)[-1] == 100
    to_month(MARCH + 15)
    assert close_year(successor, MARCH + 12)[-1] == 0


def test_years_close_when_a_refund_in_spring_takes_a_claim_back(
    point, successor, grant, noticed, counter, carry, close_year, payer, shop, stranger
):
    """Of a sale of March, which is refunded in April, out of the claim that had gone over."""
    to_month_end(MARCH, -NOTICE - HOUR)
    noticed()
    grant(payer.account, {NEVER: 100})
    sale = sale_of_today()
    point.paySigned(shop, *counter.signed(payer, sale, 60), {"from": shop})
    point.closeForSuccessor({"from": stranger})
    travel(2 * HOUR)
    carry(shop)
    point.refund(shop, sale, payer.account, parts({NEVER: 60}), 20, {"from": shop})
    carry(payer.account, shop)
    to_month(MARCH + 3)
    assert close_year(point, MARCH, granted=100, used=60, carried_over=40)[-1] == 20
    assert close_year(successor, MARCH)[-1] == 40
    to_month(MARCH + 15)
    assert close_year(point, MARCH + 12, refunded=20)[-1] == 0
    assert close_year(successor, MARCH + 12, carried_over=60)[-1] == 40
