"""Fiscal years: whose books pay what, when they close, and what is fixed then."""

from collections import Counter

import pytest

from scripts.lib.japan_calendar import day_of, fiscal_year_end, start_of
from tests.support.clock import MARCH, now, to_month, travel_to
from tests.support.reading import events
from tests.support.reverts import ANY, reverts
from tests.support.settlement_fixtures import parts
from tests.support.town import CITY, NEIGHBOUR

NEXT_APRIL, NEXT_MARCH, NEXT_JUNE = MARCH + 1, MARCH + 12, MARCH + 3
LAST_SECOND_OF_BOOKS = start_of(NEXT_JUNE) - 1
DAY = 24 * 60 * 60


@pytest.fixture
def of_both_years(books, earn, shop):
    """A batch sent in April: 100 points of March and 30 of April."""
    earn(shop, 100)
    to_month(NEXT_APRIL)
    earn(shop, 30)
    words = parts((shop, 30, 100))
    batch = books.approve(NEXT_MARCH, now(), words)
    books.send(batch)
    return batch, words


def test_books_of_a_fiscal_year_close_with_31_may(settlement):
    assert settlement.booksCloseAt(MARCH) == start_of(NEXT_JUNE)


def test_sales_of_march_and_april_in_one_claim_are_booked_apart(books, settlement, point, of_both_years):
    travel_to(LAST_SECOND_OF_BOOKS)
    settled = books.settle(*of_both_years)
    assert events(settled)[0][4:] == (NEXT_MARCH, 30, MARCH, 100)
    assert settlement.booksOf(point, MARCH) == (100, 0, 0)
    assert settlement.booksOf(point, NEXT_MARCH) == (30, 0, 0)


def test_late_paper_for_the_closed_year_is_refused(books, of_both_years):
    travel_to(LAST_SECOND_OF_BOOKS + 1)
    for step in (lambda: books.settle(*of_both_years), lambda: books.settle(*of_both_years, "again")):
        with reverts("SettlementBooksClosed", MARCH, start_of(NEXT_JUNE)):
            step()


def test_late_paper_is_booked_as_expense_of_past_years_if_officers_say_so(
    books, settlement, point, of_both_years
):
    travel_to(LAST_SECOND_OF_BOOKS + 1)
    settled = books.settle(*of_both_years, from_this_year=True)
    assert events(settled)[0][4:] == (NEXT_MARCH, 30, NEXT_MARCH, 100)
    assert settlement.booksOf(point, MARCH) == (0, 0, 0)
    assert settlement.booksOf(point, NEXT_MARCH) == (130, 100, 0)


def test_saying_so_changes_nothing_while_the_books_are_open(books, settlement, point, of_both_years):
    books.settle(*of_both_years, from_this_year=True)
    assert settlement.booksOf(point, MARCH) == (100, 0, 0)
    assert settlement.booksOf(point, NEXT_MARCH) == (30, 0, 0)


def test_batch_of_march_settled_in_april_is_booked_in_march_s_year(books, settlement, point, earn, shop):
    earn(shop, 100)
    words = parts((shop, 100))
    batch = books.approve(MARCH, now(), words)
    to_month(NEXT_APRIL)
    books.send(batch)
    books.settle(batch, words)
    assert settlement.booksOf(point, MARCH) == (100, 0, 0)


@pytest.mark.parametrize(
    ("month", "bearing"),
    [
        (NEXT_MARCH, NEXT_MARCH),
        (NEXT_MARCH + 2, NEXT_MARCH),  # in May: the bank has paid what that year had approved
        (NEXT_MARCH + 3, NEXT_MARCH + 12),
    ],
)
def test_expense_of_past_years_is_the_year_s_that_approved_it_while_its_books_are_open(
    books, settlement, point, earn, shop, month, bearing
):
    earn(shop, 100)
    to_month(NEXT_MARCH)
    words = parts((shop, 0, 100))
    batch = books.approve(NEXT_MARCH, now(), words)
    books.send(batch)
    to_month(month)
    with reverts("SettlementBooksClosed", MARCH, start_of(NEXT_JUNE)):
        books.settle(batch, words)
    settled = books.settle(batch, words, from_this_year=True)
    assert events(settled)[0][4:] == (0, 0, bearing, 100)
    assert settlement.booksOf(point, bearing) == (100, 100, 0)


def test_return_is_booked_where_the_claim_was_while_those_books_are_open_and_then_in_the_present_year(
    books, settlement, point, of_both_years, earn, shop
):
    batch, words = of_both_years
    books.settle(batch, words)
    earn(shop, 8)
    second = books.approve(NEXT_MARCH, now(), parts((shop, 8)))
    books.send(second)
    books.settle(second, parts((shop, 8)))
    books.reopen(batch, words, shop)
    assert settlement.booksOf(point, MARCH) == (100, 0, 100)
    assert settlement.booksOf(point, NEXT_MARCH) == (38, 0, 30)
    travel_to(start_of(NEXT_JUNE + 12))
    books.reopen(second, parts((shop, 8)), shop, slip="years later")
    assert settlement.booksOf(point, NEXT_MARCH) == (38, 0, 30)
    assert settlement.booksOf(point, NEXT_MARCH + 12) == (0, 0, 8)


@pytest.fixture
def of_a_closed_year(books, earn, shop):
    """A batch of 100 points of March that the next year's books paid in June: an expense of past years."""
    earn(shop, 100)
    to_month(NEXT_JUNE)
    words = parts((shop, 0, 100))
    batch = books.approve(NEXT_MARCH, now(), words)
    books.send(batch)
    books.settle(batch, words, from_this_year=True)
    return batch, words


@pytest.mark.parametrize(
    ("month", "bearing", "paid_again_by"),
    [
        (NEXT_MARCH, NEXT_MARCH, NEXT_MARCH),  # in the year that has paid it
        (NEXT_MARCH + 2, NEXT_MARCH, NEXT_MARCH),  # in May, when that year's books are open
        (NEXT_MARCH + 3, NEXT_MARCH + 12, NEXT_MARCH + 12),  # in June, when they have closed
        (NEXT_MARCH + 14, NEXT_MARCH + 12, NEXT_MARCH + 12),  # in May a year later
    ],
)
def test_return_for_a_year_long_closed_is_booked_where_it_will_be_paid_again(
    books, settlement, point, of_a_closed_year, shop, month, bearing, paid_again_by
):
    to_month(month)
    books.reopen(*of_a_closed_year, shop)
    present = fiscal_year_end(month)
    batch = books.approve(present, now(), parts((shop, 0, 100)))
    books.send(batch)
    books.settle(batch, parts((shop, 0, 100)), from_this_year=True)
    assert settlement.booksOf(point, bearing)[2] == 100
    settled = Counter({NEXT_MARCH: 100}) + Counter({paid_again_by: 100})
    assert {year: settlement.booksOf(point, year)[0] for year in settled} == settled


def test_year_closes_although_what_it_paid_twice_came_back_when_its_books_were_still_open(
    books, settlement, point, of_a_closed_year, shop
):
    to_month(NEXT_MARCH + 1)
    books.reopen(*of_a_closed_year, shop)
    again = parts((shop, 0, 100))
    batch = books.approve(NEXT_MARCH + 12, now(), again)
    books.send(batch)
    books.settle(batch, again)
    travel_to(start_of(NEXT_JUNE + 12))
    books.close(MARCH, (100, 0, 0, 0, 100, 0, 0, 0))
    books.close(NEXT_MARCH, (0,) * 8)
    assert settlement.yearEndOf(point, NEXT_MARCH)[3:] == (100, 200, 100, 100, 0)


# ---------------------------------------------------------------------------------------------- CLOSE YEAR


@pytest.fixture
def year(books, point, grant_until, shop, resident):
    """200 granted until March: 120 used, 80 lapse. Of the claim 100 are paid and 20 owed when books close."""
    grant_until(resident, 200, MARCH)
    point.transfer(shop, 120, {"from": resident})
    words = parts((shop, 100))
    batch = books.approve(MARCH, now(), words)
    books.send(batch)
    books.settle(batch, words)


@pytest.fixture
def grant_until(point, minter):
    return lambda to, points, month: point.mintUntil(to, points, month, {"from": minter})


FIGURES = (200, 0, 0, 0, 120, 0, 0, 0)


def test_close_year_fixes_its_figures(books, settlement, point, year):
    travel_to(start_of(NEXT_JUNE))
    closed = books.close(MARCH, FIGURES)
    year_end = (FIGURES, 0, 80, 0, 100, 0, 0, 20)
    assert events(closed) == [("YearClosed", CITY, point, MARCH, year_end)]
    assert (settlement.yearEndOf(point, MARCH), settlement.lastClosedYear(point)) == (year_end, MARCH)


def test_close_year_carries_points_and_claims_into_the_next(
    books, settlement, point, year, grant_until, resident, shop
):
    grant_until(resident, 50, NEXT_MARCH)
    travel_to(start_of(NEXT_JUNE))
    books.close(MARCH, (250, 0, 0, 0, 120, 0, 0, 50))
    point.transfer(shop, 10, {"from": resident})
    words = parts((shop, 5, 20))
    batch = books.approve(NEXT_MARCH, now(), words)
    books.send(batch)
    books.settle(batch, words, from_this_year=True)
    books.reopen(batch, words, shop)
    travel_to(start_of(NEXT_JUNE + 12))
    books.close(NEXT_MARCH, (0, 0, 0, 0, 10, 0, 0, 0))
    # 20 were owed and 10 came; 25 were paid, 20 of them for the year before, and all of it came back.
    assert settlement.yearEndOf(point, NEXT_MARCH)[1:] == (50, 40, 20, 25, 20, 25, 30)


def test_close_year_before_31_may_reverts(books, year):
    travel_to(LAST_SECOND_OF_BOOKS)
    with reverts("SettlementBooksOpen", MARCH, start_of(NEXT_JUNE)):
        books.close(MARCH, FIGURES)


@pytest.mark.parametrize("place", [0, 1, 2, 3, 5])
def test_close_year_with_a_point_too_many_coming_in_reverts(books, year, place):
    travel_to(start_of(NEXT_JUNE))
    wrong = tuple(points + (number == place) for number, points in enumerate(FIGURES))
    with reverts("SettlementYearDiffers", 201, 200):
        books.close(MARCH, wrong)


@pytest.mark.parametrize("place", [4, 6, 7])
def test_close_year_with_a_point_too_many_going_out_reverts(books, year, place):
    travel_to(start_of(NEXT_JUNE))
    wrong = tuple(points + (number == place) for number, points in enumerate(FIGURES))
    with reverts("SettlementYearDiffers", 200, 201):
        books.close(MARCH, wrong)


def test_close_year_in_which_more_was_paid_than_owed_reverts(books, year):
    """Points that the figures make out to be carried over although they were used and paid."""
    travel_to(start_of(NEXT_JUNE))
    with reverts("SettlementYearDiffers", 99, 100):
        books.close(MARCH, (200, 0, 0, 0, 99, 0, 0, 21))


def test_close_year_twice_or_out_of_order_reverts(books, year):
    travel_to(start_of(NEXT_JUNE))
    books.close(MARCH, FIGURES)
    for wrong in (MARCH, MARCH - 12, MARCH + 24):
        with reverts("SettlementYearOrder", wrong, NEXT_MARCH):
            books.close(wrong, FIGURES)


def test_close_year_beyond_all_calendars_reverts(books, year):
    """A number so large that the calendar's seconds begin anew would leave no year to close after it."""
    travel_to(start_of(NEXT_JUNE))
    days = 2**256 // DAY + day_of(0) + 5_000
    beyond = days * 4_800 // 146_097 // 12 * 12 + 2
    with reverts("SettlementBooksOpen", beyond, ANY):
        books.close(beyond, (0,) * 8)


def test_close_year_that_is_no_march_reverts(books, year):
    travel_to(start_of(NEXT_JUNE))
    with reverts("SettlementYearOrder", MARCH + 1, 0):
        books.close(MARCH + 1, FIGURES)


def test_close_year_of_another_town_s_series_reverts(settlement, point, act_maker):
    with reverts("SettlementForeignSeries", NEIGHBOUR, point):
        settlement.closeYear(NEIGHBOUR, point, MARCH, FIGURES, {"from": act_maker})
