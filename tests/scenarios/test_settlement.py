"""Shops get their yen exactly once, by two cashiers, and a fiscal year closes to the yen."""

from types import SimpleNamespace

import pytest

from scripts.lib.japan_calendar import start_of
from scripts.lib.reasons import Reason
from scripts.lib.roles import Role
from tests.support.clock import HOUR, MARCH, now, to_month, travel, travel_to
from tests.support.paying import lot, sale_of_today
from tests.support.reading import ZERO_ADDRESS
from tests.support.reverts import reverts
from tests.support.settlement_fixtures import paper, parts, place_of
from tests.support.town import CITY

DAY = 24 * HOUR
WEEK = 7 * DAY
NEXT_APRIL, NEXT_MARCH = MARCH + 1, MARCH + 12
BOOKS_CLOSE = start_of(MARCH + 3)  # 1 June


@pytest.fixture
def office(acting, settlement, point, cashier, second_cashier):
    """The two cashiers at work, each step proposed by one and approved by the other."""

    def both(function, *arguments):
        travel(HOUR)
        return acting.together(cashier, second_cashier, settlement, function, CITY, *arguments)

    def approve(fiscal_year, words):
        both("approveClaims", point, fiscal_year, now(), words)
        return settlement.batchCount()

    return SimpleNamespace(
        approve=approve,
        send=lambda batch, file: both("markSent", batch, paper(file)),
        settle=lambda batch, words, slip, late=False: both("settle", batch, words, paper(slip), late),
        bounce=lambda batch, words, shop, slip: both(
            "bounce", batch, 0, [1 << place_of(words, shop)], words, paper(slip)
        ),
        reopen=lambda batch, words, shop, slip: both(
            "reopen", batch, 0, [1 << place_of(words, shop)], words, paper(slip)
        ),
        close=lambda year, figures: both("closeYear", point, year, figures),
    )


@pytest.fixture
def may_list(earn, shop, other_shop):
    """What two shops have earned."""
    earn(shop, 3_000)
    earn(other_shop, 500)
    return parts((shop, 3_000), (other_shop, 500))


# ---------------------------------------------------------------------------------------------- ONCE, AND TWO


def test_shop_is_paid_once_however_often_the_papers_are_handed_in(
    office, settlement, point, may_list, shop, other_shop, earn
):
    batch = office.approve(MARCH, may_list)

    # The same list again, while it is in settlement: nothing of it is left.
    with reverts("SettlementNothingOwed"):
        office.approve(MARCH, may_list)
    office.send(batch, "総合振込 5月")
    # The same file again, the same batch again.
    with reverts("SettlementWrongState", batch, 2):
        office.send(batch, "総合振込 5月")
    office.settle(batch, may_list, "振込結果 5月")
    with reverts("SettlementWrongState", batch, 3):
        office.settle(batch, may_list, "振込結果 5月")
    # The same list in the next month, when the shops have earned more: another claim, with papers of its own.
    earn(shop, 200)
    second = office.approve(MARCH, may_list)
    assert settlement.batchOf(second)[6:8] == (200, 0)
    with reverts("SettlementPaperUsed", paper("総合振込 5月"), batch):
        office.send(second, "総合振込 5月")
    office.send(second, "総合振込 6月")
    june = parts((shop, 200), (other_shop, 0))
    with reverts("SettlementPaperUsed", paper("振込結果 5月"), batch):
        office.settle(second, june, "振込結果 5月")
    office.settle(second, june, "振込結果 6月")

    assert point.settlementTotals() == (0, 3_700)
    assert (point.balanceOf(shop), point.balanceOf(other_shop)) == (0, 0)


def test_one_cashier_alone_marks_nothing(
    acting, officers, settlement, point, may_list, cashier, second_cashier, city, shop, act_maker
):
    steps = {
        "approveClaims": (CITY, point, MARCH, now(), may_list),
        "cancelBatch": (CITY, 1, may_list),
        "markSent": (CITY, 1, paper("file")),
        "settle": (CITY, 1, may_list, paper("slip"), False),
        "bounce": (CITY, 1, 0, [1], may_list, paper("slip")),
        "reopen": (CITY, 1, 0, [1], may_list, paper("slip")),
        "closeYear": (CITY, point, MARCH, (0,) * 8),
    }
    officers.appoint(CITY, cashier, Role.SECOND_CASHIER, 0, {"from": act_maker})
    travel(HOUR)
    for function, arguments in steps.items():
        with reverts("OfficersNeedsSecond", getattr(settlement, function).signature):
            acting.perform(cashier, settlement, function, *arguments)
        proposed = acting.propose(cashier, settlement, function, *arguments)
        with reverts("OfficersSamePerson", cashier):
            acting.approve(cashier, proposed)
        with reverts("OfficersMissingRole", CITY, Role.SECOND_CASHIER, city):
            acting.approve(city, proposed)
        # No delay takes the second cashier's place.
        travel(29 * DAY)
        with reverts("OfficersTooEarly", proposed.number, 0):
            acting.execute(cashier, proposed)
        acting.veto(cashier, proposed)
    assert (settlement.batchCount(), point.claimOf(shop)) == (0, (3_000, 0, 0))


def test_second_cashier_cannot_propose(acting, settlement, may_list, point, second_cashier):
    with reverts("OfficersMissingRole", CITY, Role.CASHIER, second_cashier):
        acting.propose(second_cashier, settlement, "approveClaims", CITY, point, MARCH, now(), may_list)


def test_refund_while_the_claim_is_locked_is_short_by_what_is_locked(
    office, point, minter, counter, payer, shop
):
    point.mintUntil(payer.account, 1_000, MARCH, {"from": minter})
    sale, by_owner = sale_of_today(), {"from": shop}
    point.paySigned(shop, *counter.signed(payer, sale, 1_000), by_owner)
    words = parts((shop, 900))
    batch = office.approve(MARCH, words)
    with reverts("PointClaimTooSmall", shop, 100, 1_000):
        point.refund(shop, sale, payer.account, [lot(MARCH, 1_000)], 1_000, by_owner)
    point.refund(shop, sale, payer.account, [lot(MARCH, 1_000)], 100, by_owner)
    office.send(batch, "file")
    office.bounce(batch, words, shop, "slip")
    point.refund(shop, sale, payer.account, [lot(MARCH, 1_000)], 900, by_owner)
    assert (point.balanceOf(payer.account), point.balanceOf(shop)) == (1_000, 0)


def test_cashier_dismissed_and_appointed_again_between_the_two_halves_begins_anew(
    acting, officers, settlement, point, may_list, cashier, second_cashier, act_maker
):
    for officer, role in ((cashier, Role.CASHIER), (second_cashier, Role.SECOND_CASHIER)):
        proposed = acting.propose(cashier, settlement, "approveClaims", CITY, point, MARCH, now(), may_list)
        travel(HOUR)
        officers.dismiss(CITY, officer, role, {"from": act_maker})
        with reverts("OfficersMissingRole", CITY, role, officer):
            acting.approve(second_cashier, proposed)
        travel(HOUR)
        officers.appoint(CITY, officer, role, 0, {"from": act_maker})
        with reverts("OfficersAppointedLater", officer, now(), now() - 2 * HOUR):
            acting.approve(second_cashier, proposed)
        travel(HOUR)
    acting.together(cashier, second_cashier, settlement, "approveClaims", CITY, point, MARCH, now(), may_list)


def test_service_that_the_town_leaves_while_claims_are_locked_settles_them_when_it_is_back(
    acting, office, officers, settlement, point, may_list, city, other_shop
):
    """One Admin can stop settlement, as one officer can stop other things, and no claim is lost by it."""
    batch = office.approve(MARCH, may_list)
    office.send(batch, "file")
    acting.perform(city, officers, "leaveService", CITY, settlement)
    with reverts("OfficersForeignTarget", CITY, settlement):
        office.settle(batch, may_list, "slip")
    nobody = acting.propose(city, point, "setSettlement", ZERO_ADDRESS)
    back = acting.propose(city, officers, "acceptService", CITY, settlement)
    travel(2 * DAY)
    with reverts("PointClaimsLocked", 3_500):
        acting.execute(other_shop, nobody)
    acting.execute(other_shop, back)
    office.settle(batch, may_list, "slip")
    assert point.settlementTotals() == (0, 3_500)


# ------------------------------------------------------------------------------------------ BOUNCED, RETURNED


def test_transfer_that_bounces_after_a_week_is_paid_with_the_next_batch(
    office, settlement, point, may_list, earn, shop, other_shop
):
    batch = office.approve(MARCH, may_list)
    office.send(batch, "総合振込 5月")
    travel(WEEK)
    office.bounce(batch, may_list, other_shop, "振込不能通知")
    office.settle(batch, may_list, "振込結果 5月")
    assert (point.balanceOf(shop), point.claimOf(other_shop)) == (0, (500, 0, 0))

    earn(other_shop, 40)
    settlement.requestSettlement(point, other_shop, {"from": other_shop})
    june = parts((other_shop, 540))
    second = office.approve(MARCH, june)
    office.send(second, "総合振込 6月")
    office.settle(second, june, "振込結果 6月")
    assert (point.balanceOf(other_shop), point.settlementTotals()) == (0, (0, 3_540))


def test_yen_that_come_back_after_all_was_settled_are_owed_again_once(
    office, settlement, point, may_list, shop
):
    batch = office.approve(MARCH, may_list)
    office.send(batch, "総合振込 5月")
    office.settle(batch, may_list, "振込結果 5月")
    travel(3 * WEEK)
    office.reopen(batch, may_list, shop, "組戻し通知")
    with reverts("SettlementPlaces", batch, 0, 1 << place_of(may_list, shop)):
        office.reopen(batch, may_list, shop, "組戻し通知 写し")
    assert (point.claimOf(shop), settlement.booksOf(point, MARCH)) == ((3_000, 0, 0), (3_500, 0, 3_000))


@pytest.mark.parametrize("when", ["before it is approved", "after it is approved", "after it is sent"])
def test_shop_that_is_suspended_closed_and_sold_on_the_way_is_owed_what_it_is_owed(
    acting,
    office,
    point,
    may_list,
    shop,
    newcomer,
    merchant_officer,
    second_merchant_officer,
    when,
):
    def part_with_it():
        acting.perform(merchant_officer, point, "suspendMerchant", shop, reason=Reason.BREACH_OF_TERMS)
        acting.perform(merchant_officer, point, "closeMerchant", shop, reason=Reason.SHOP_CLOSED)
        sold = (point, "replaceOwner", shop, newcomer)
        acting.together(merchant_officer, second_merchant_officer, *sold, reason=Reason.SHOP_SOLD)

    if when == "before it is approved":
        part_with_it()
    batch = office.approve(MARCH, may_list)
    if when == "after it is approved":
        part_with_it()
    office.send(batch, "file")
    if when == "after it is sent":
        part_with_it()
    office.settle(batch, may_list, "slip")
    assert (point.balanceOf(shop), point.settlementTotals()) == (0, (0, 3_500))


def test_freeze_by_one_desk_officer_holds_back_that_shop_alone_and_only_before_it_is_locked(
    acting, office, settlement, point, may_list, earn, shop, other_shop, desk_officer, second_desk_officer
):
    acting.perform(desk_officer, point, "freeze", shop, reason=Reason.SUSPECTED_FRAUD)
    batch = office.approve(MARCH, may_list)
    assert settlement.batchOf(batch)[6:8] == (500, 0)
    acting.perform(desk_officer, point, "freeze", other_shop, reason=Reason.SUSPECTED_FRAUD)
    office.send(batch, "file")
    office.settle(batch, parts((shop, 0), (other_shop, 500)), "slip")
    acting.together(desk_officer, second_desk_officer, point, "unfreeze", shop)
    second = office.approve(MARCH, may_list)
    assert settlement.batchOf(second)[6:8] == (3_000, 0)


# ----------------------------------------------------------------------------------------------- FISCAL YEARS


def test_march_and_april_in_one_claim_are_split_and_stay_split_when_they_bounce(
    office, settlement, point, earn, shop, other_shop
):
    earn(shop, 1_000)
    earn(other_shop, 70)
    travel_to(start_of(NEXT_APRIL) - 1)
    earn(shop, 200)  # in the last second of the fiscal year
    travel(1)
    earn(shop, 30)  # in the first of the next
    words = parts((shop, 30, 1_200), (other_shop, 0, 70))
    batch = office.approve(NEXT_MARCH, words)
    assert settlement.batchOf(batch)[6:8] == (30, 1_270)
    office.send(batch, "総合振込 4月")
    office.bounce(batch, words, shop, "振込不能通知")
    assert point.claimOf(shop) == (30, 1_200, 0)
    office.settle(batch, words, "振込結果 4月")
    again = parts((shop, 30, 1_200))
    second = office.approve(NEXT_MARCH, again)
    office.send(second, "総合振込 5月")
    office.settle(second, again, "振込結果 5月")
    assert settlement.booksOf(point, MARCH) == (1_270, 0, 0)
    assert settlement.booksOf(point, NEXT_MARCH) == (30, 0, 0)


def test_list_that_is_approved_after_midnight_of_31_march_is_refused(
    acting, settlement, point, may_list, cashier, second_cashier
):
    travel_to(start_of(NEXT_APRIL) - HOUR)
    step = ("approveClaims", CITY, point, MARCH, now(), may_list)
    proposed = acting.propose(cashier, settlement, *step)
    to_month(NEXT_APRIL)
    with reverts("SettlementFiscalYear", MARCH, NEXT_MARCH):
        acting.approve(second_cashier, proposed)


def test_year_is_closed_on_31_may_and_late_papers_are_refused(
    office, settlement, point, minter, resident, shop, other_shop, earn
):
    point.mintUntil(resident, 5_000, MARCH, {"from": minter})
    for merchant, points in ((shop, 3_000), (other_shop, 1_500)):
        point.transfer(merchant, points, {"from": resident})
    to_month(NEXT_APRIL)  # 500 lapse
    in_time, late = parts((shop, 0, 3_000)), parts((other_shop, 0, 1_500))
    first, second = office.approve(NEXT_MARCH, in_time), office.approve(NEXT_MARCH, late)
    office.send(first, "総合振込 A")
    office.send(second, "総合振込 B")
    travel_to(BOOKS_CLOSE - 3 * HOUR)
    figures = (5_000, 0, 0, 0, 4_500, 0, 0, 0)
    with reverts("SettlementBooksOpen", MARCH, BOOKS_CLOSE):
        office.close(MARCH, figures)
    travel_to(BOOKS_CLOSE - HOUR - 1)
    office.settle(first, in_time, "振込結果 A")  # in the last second of 31 May

    travel_to(BOOKS_CLOSE)
    with reverts("SettlementBooksClosed", MARCH, BOOKS_CLOSE):
        office.settle(second, late, "振込結果 B")
    office.close(MARCH, figures)
    assert settlement.yearEndOf(point, MARCH) == (figures, 0, 500, 0, 3_000, 0, 0, 1_500)

    # What then: the present year pays it as an expense of past years, and the closed year stays as it is.
    office.settle(second, late, "振込結果 B", True)
    assert settlement.booksOf(point, NEXT_MARCH) == (1_500, 1_500, 0)
    assert settlement.yearEndOf(point, MARCH) == (figures, 0, 500, 0, 3_000, 0, 0, 1_500)
    assert (point.balanceOf(shop), point.balanceOf(other_shop), point.totalSupply()) == (0, 0, 0)


def test_pause_over_the_night_of_31_may_makes_what_is_with_the_bank_an_expense_of_past_years(
    acting, office, settlement, point, earn, shop, guardian
):
    earn(shop, 1_000)
    to_month(NEXT_APRIL)
    words = parts((shop, 0, 1_000))
    batch = office.approve(NEXT_MARCH, words)
    office.send(batch, "file")
    travel_to(BOOKS_CLOSE - 2 * HOUR)
    acting.perform(guardian, point, "pause", 3 * HOUR)
    with reverts("PointPaused", BOOKS_CLOSE + HOUR):
        office.settle(batch, words, "slip")
    travel_to(BOOKS_CLOSE + HOUR)
    with reverts("SettlementBooksClosed", MARCH, BOOKS_CLOSE):
        office.settle(batch, words, "slip")
    office.settle(batch, words, "slip", True)
    assert settlement.booksOf(point, NEXT_MARCH) == (1_000, 1_000, 0)
