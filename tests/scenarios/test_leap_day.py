"""29 February 2028: offices change at its midnight, lots end with its last second, two officers act on it."""

import pytest

from scripts.lib.japan_calendar import last_second, moment_from_text, month_from_text
from scripts.lib.roles import Role
from tests.support.clock import HOUR, to_month_end, travel, travel_to
from tests.support.reading import lots
from tests.support.reverts import reverts
from tests.support.town import CITY

DAY = 24 * HOUR
LEAP_DAY = moment_from_text("2028-02-29T00:00")
FEBRUARY, MARCH, APRIL = (month_from_text(f"2028-{month:02}") for month in (2, 3, 4))


@pytest.fixture
def granted(point, minter, resident, other_resident):
    """Two residents with points that end with the leap day."""
    travel_to(moment_from_text("2028-01-10T09:00"))
    point.mintBatch([resident, other_resident], [100, 30], FEBRUARY, {"from": minter})


def test_lots_of_february_live_through_the_leap_day_and_end_with_it(point, granted, resident, shop):
    assert last_second(FEBRUARY) == LEAP_DAY + DAY - 1
    travel_to(LEAP_DAY)
    point.transfer(shop, 10, {"from": resident})
    to_month_end(FEBRUARY)
    assert lots(point, resident) == {FEBRUARY: 90}
    travel(1)
    assert (lots(point, resident), point.pointsEndingWith(FEBRUARY)) == ({}, 120)


def test_two_officers_extend_in_the_last_second_and_restore_in_the_next(
    acting, point, granted, resident, other_resident, desk_officer, second_desk_officer
):
    two = (desk_officer, second_desk_officer)
    to_month_end(FEBRUARY)
    acting.together(*two, point, "extendLots", FEBRUARY, MARCH, [resident])
    with reverts("PointRestoreTooLarge", FEBRUARY, 0, 0, 30):
        acting.together(*two, point, "restoreLots", FEBRUARY, APRIL, [other_resident], [30])
    travel(1)
    with reverts("PointExpiryOutOfRange", FEBRUARY, MARCH, MARCH + 60):
        acting.together(*two, point, "extendLots", FEBRUARY, MARCH, [other_resident])
    acting.together(*two, point, "restoreLots", FEBRUARY, APRIL, [other_resident], [30])
    assert (lots(point, resident), lots(point, other_resident)) == ({MARCH: 100}, {APRIL: 30})


def test_act_proposed_in_the_last_second_of_the_leap_day_is_approved_in_march_as_of_march(
    acting, point, granted, resident, desk_officer, second_desk_officer
):
    """What was right when it was proposed is not done a second later: the approval fails as a whole."""
    to_month_end(FEBRUARY)
    proposed = acting.propose(desk_officer, point, "revoke", resident, 100, FEBRUARY)
    travel(1)
    with reverts("PointExpiryOutOfRange", FEBRUARY, MARCH, MARCH + 60):
        acting.approve(second_desk_officer, proposed)


def test_office_is_handed_over_at_the_midnight_of_the_leap_day(
    acting, officers, city, second_admin, guardian, newcomer
):
    travel_to(LEAP_DAY - 90 * DAY)
    call = (CITY, guardian, Role.GUARDIAN, newcomer, LEAP_DAY)
    acting.together(city, second_admin, officers, "handOver", *call)
    for second, holders in ((LEAP_DAY - 1, (True, False)), (LEAP_DAY, (False, True))):
        travel_to(second)
        held = tuple(officers.isOfficer(CITY, Role.GUARDIAN, who) for who in (guardian, newcomer))
        assert held == holders


def test_proposal_made_30_days_before_the_end_of_the_leap_day_lapses_with_it(
    acting, point, resident, shop, desk_officer, second_desk_officer
):
    end = LEAP_DAY + DAY
    travel_to(end - 30 * DAY)
    acting.perform(desk_officer, point, "freeze", resident)
    proposed = acting.propose(desk_officer, point, "unfreeze", resident)
    travel_to(end)
    with reverts("OfficersTooLate", proposed.number, end):
        acting.approve(second_desk_officer, proposed)
    again = acting.propose(desk_officer, point, "unfreeze", resident)
    travel(30 * DAY - 1)
    acting.approve(second_desk_officer, again)
    assert point.frozenOf(resident) == (False, False)
