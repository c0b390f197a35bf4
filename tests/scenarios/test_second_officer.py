"""The second officer is another person, who held the office before the act was proposed (I9)."""

import pytest
from eth_utils import keccak

from scripts.lib.act_rules import Rule
from scripts.lib.japan_calendar import moment_from_text
from scripts.lib.reasons import Reason
from scripts.lib.roles import Role
from tests.support.acting import Proposed, acts_of_all_contracts, bare_call
from tests.support.clock import HOUR, JUNE, NOVEMBER, now, to_month, travel, travel_to
from tests.support.reading import ZERO_ADDRESS
from tests.support.reverts import reverts
from tests.support.town import CITY

DAY = 24 * HOUR
FIRST_OF_APRIL = moment_from_text("2026-04-01T00:00")


@pytest.fixture
def appoint(acting, officers, city, second_admin):
    """`appoint(role, account)` by both Admins, from now on."""

    def appoint_now(role, account):
        call = (CITY, account, role, 0)
        return acting.together(city, second_admin, officers, "appoint", *call, reason=Reason.NEW_STAFF)

    return appoint_now


@pytest.fixture
def points(point, minter, resident):
    """A resident with 100 points that two officers may revoke."""
    point.mintUntil(resident, 100, JUNE, {"from": minter})


# ------------------------------------------------------------------------------- APPOINTED AFTER THE PROPOSAL


def test_approver_appointed_after_the_proposal_is_refused(
    acting, appoint, point, points, resident, desk_officer, newcomer
):
    proposed_at = now()
    proposed = acting.propose(desk_officer, point, "revoke", resident, 100, JUNE)
    travel(HOUR)
    appoint(Role.SECOND_DESK_OFFICER, newcomer)
    travel(DAY)
    with reverts("OfficersAppointedLater", newcomer, proposed_at + HOUR, proposed_at):
        acting.approve(newcomer, proposed)
    assert point.balanceOf(resident) == 100


def test_approver_appointed_in_the_second_of_the_proposal_is_refused(
    acting, appoint, point, points, resident, desk_officer, newcomer
):
    """Within one block both orders look the same."""
    appoint(Role.SECOND_DESK_OFFICER, newcomer)
    proposed = acting.propose(desk_officer, point, "revoke", resident, 100, JUNE)
    with reverts("OfficersAppointedLater", newcomer, now(), now()):
        acting.approve(newcomer, proposed)
    travel(1)
    again = acting.propose(desk_officer, point, "revoke", resident, 100, JUNE)
    acting.approve(newcomer, again)
    assert point.balanceOf(resident) == 0


def test_approver_who_was_dismissed_and_appointed_again_since_is_refused(
    acting, appoint, officers, point, points, resident, city, desk_officer, second_desk_officer
):
    proposed_at = now()
    proposed = acting.propose(desk_officer, point, "revoke", resident, 100, JUNE)
    acting.perform(city, officers, "dismiss", CITY, second_desk_officer, Role.SECOND_DESK_OFFICER)
    with reverts("OfficersMissingRole", CITY, Role.SECOND_DESK_OFFICER, second_desk_officer):
        acting.approve(second_desk_officer, proposed)
    travel(HOUR)
    appoint(Role.SECOND_DESK_OFFICER, second_desk_officer)
    with reverts("OfficersAppointedLater", second_desk_officer, now(), proposed_at):
        acting.approve(second_desk_officer, proposed)


def test_proposer_who_has_left_since_is_not_approved(
    acting, officers, point, points, resident, city, desk_officer, second_desk_officer
):
    proposed = acting.propose(desk_officer, point, "revoke", resident, 100, JUNE)
    acting.perform(city, officers, "dismiss", CITY, desk_officer, Role.DESK_OFFICER)
    with reverts("OfficersMissingRole", CITY, Role.DESK_OFFICER, desk_officer):
        acting.approve(second_desk_officer, proposed)


# -------------------------------------------------------------------------------- ONE PERSON, SEVERAL OFFICES


@pytest.fixture
def factotum(appoint, newcomer):
    """Somebody who holds every office of the town: a town of three clerks may have to."""
    for role in Role:
        appoint(role, newcomer)
    travel(1)
    return newcomer


@acts_of_all_contracts
def test_one_person_with_all_offices_approves_nothing_of_their_own(
    acting, contracts, factotum, council, contract, function, rule
):
    """The conflict matrix is per act: whoever proposed this one cannot approve it, in whatever office."""
    target = contracts[contract]
    person = council if function == "reappointAdmin" else factotum
    proposed = acting.propose_data(person, target, bare_call(target, function, CITY))
    with reverts("OfficersSamePerson", person):
        acting.approve(person, proposed)
    if not rule.takes_one:
        from_then = now() + rule.delay_alone if rule.delay_alone else 0
        with reverts("OfficersTooEarly", proposed.number, from_then):
            acting.execute(person, proposed)


ACTS_OF_TWO = {
    "replaceOwner": lambda who: (who["shop"], who["resident"]),
    "unfreeze": lambda who: (who["resident"],),
    "extendLots": lambda who: (JUNE, NOVEMBER, [who["resident"]]),
    "restoreLots": lambda who: (JUNE, NOVEMBER, [who["resident"]], [0]),
    "revoke": lambda who: (who["resident"], 100, JUNE),
    "increaseMinterAllowance": lambda who: (who["resident"], 1),
    "setExpiryPolicy": lambda who: (0, 1),
    "setTransferSwitches": lambda who: (True, True),
    "setRefundDays": lambda who: (20,),
    "setSettlement": lambda who: (ZERO_ADDRESS,),
    "announceSuccessor": lambda who: (who["resident"],),
}


@pytest.mark.parametrize("function", ACTS_OF_TWO)
def test_one_person_with_both_offices_cannot_do_an_act_of_two(
    acting, point, points, factotum, resident, shop, function
):
    """With arguments that would do something, were there a second person."""
    proposed = acting.propose(
        factotum, point, function, *ACTS_OF_TWO[function]({"resident": resident, "shop": shop})
    )
    with reverts("OfficersSamePerson", factotum):
        acting.approve(factotum, proposed)


def test_acts_of_two_of_a_series_are_all_tried_above(officers, point):
    """Those that one officer cannot do at once, by the rules as deployed."""
    of_two = {
        name
        for name in (item["name"] for item in point.abi if item["type"] == "function")
        if getattr(point, name).signature in {str(act) for act in officers.acts()}
        and not Rule.of(officers.ruleOf(getattr(point, name).signature)).takes_one
    }
    assert of_two == set(ACTS_OF_TWO)


def test_one_person_with_both_offices_may_propose_one_act_and_approve_another_s(
    acting, point, points, factotum, resident, desk_officer, second_desk_officer
):
    own = acting.propose(factotum, point, "revoke", resident, 60, JUNE)
    acting.approve(second_desk_officer, own)
    other = acting.propose(desk_officer, point, "revoke", resident, 40, JUNE)
    acting.approve(factotum, other)
    assert point.balanceOf(resident) == 0


def test_one_person_cannot_approve_by_way_of_another_contract_s_data(
    acting, point, points, factotum, resident
):
    """Same number, other call: the approver sees what is approved."""
    proposed = acting.propose(factotum, point, "revoke", resident, 1, JUNE)
    other = Proposed(proposed.number, point.revoke.encode_input(resident, 100, JUNE))
    with reverts(
        "OfficersOtherContents", proposed.number, keccak(hexstr=proposed.data), keccak(hexstr=other.data)
    ):
        acting.approve(factotum, other)


# ----------------------------------------------------------------------------------------- HAND-OVER, 1 APRIL


def test_hand_over_on_1_april_is_laid_down_beforehand_and_needs_nobody_on_the_day(
    acting, officers, point, points, resident, city, second_admin, second_desk_officer, desk_officer, newcomer
):
    travel_to(FIRST_OF_APRIL - 20 * DAY)
    call = (CITY, desk_officer, Role.DESK_OFFICER, newcomer, FIRST_OF_APRIL)
    acting.together(city, second_admin, officers, "handOver", *call, reason=Reason.STAFF_ROTATION)

    travel_to(FIRST_OF_APRIL - 1)
    acting.perform(desk_officer, point, "freeze", resident)
    with reverts("OfficersMissingRole", CITY, Role.DESK_OFFICER, newcomer):
        acting.perform(newcomer, point, "freeze", resident)

    travel_to(FIRST_OF_APRIL)
    acting.perform(newcomer, point, "freeze", resident)
    with reverts("OfficersMissingRole", CITY, Role.DESK_OFFICER, desk_officer):
        acting.perform(desk_officer, point, "freeze", resident)
    assert officers.termOf(CITY, Role.DESK_OFFICER, newcomer) == (FIRST_OF_APRIL, 0)
    assert officers.termOf(CITY, Role.DESK_OFFICER, desk_officer)[1] == FIRST_OF_APRIL


def test_successor_does_not_approve_what_was_proposed_under_the_predecessor(
    acting, officers, point, resident, city, second_admin, desk_officer, second_desk_officer, newcomer
):
    travel_to(FIRST_OF_APRIL - DAY)
    call = (CITY, second_desk_officer, Role.SECOND_DESK_OFFICER, newcomer, FIRST_OF_APRIL)
    acting.together(city, second_admin, officers, "handOver", *call)
    acting.perform(desk_officer, point, "freeze", resident)
    march = acting.propose(desk_officer, point, "unfreeze", resident)
    proposed_at = now()

    travel_to(FIRST_OF_APRIL)
    with reverts("OfficersMissingRole", CITY, Role.SECOND_DESK_OFFICER, second_desk_officer):
        acting.approve(second_desk_officer, march)
    with reverts("OfficersAppointedLater", newcomer, FIRST_OF_APRIL, proposed_at):
        acting.approve(newcomer, march)
    travel(1)
    acting.together(desk_officer, newcomer, point, "unfreeze", resident)
    assert point.frozenOf(resident) == (False, False)


def test_every_office_but_the_admin_s_is_handed_over_in_one_night(
    acting, officers, city, second_admin, appoint, factotum, stranger
):
    """The whole office moves; the Admins change on the day itself, so that one serves at every second."""
    travel_to(FIRST_OF_APRIL - 30 * DAY)
    for role in list(Role)[1:]:
        call = (CITY, factotum, role, stranger, FIRST_OF_APRIL)
        acting.together(city, second_admin, officers, "handOver", *call)
    with reverts("OfficersInvalidTerm", CITY, Role.ADMIN, factotum, FIRST_OF_APRIL):
        acting.together(
            city, second_admin, officers, "handOver", CITY, factotum, Role.ADMIN, stranger, FIRST_OF_APRIL
        )
    to_month(JUNE + 10)
    assert now() == FIRST_OF_APRIL
    held = [
        (officers.isOfficer(CITY, role, factotum), officers.isOfficer(CITY, role, stranger)) for role in Role
    ]
    assert held == [(True, False)] + [(False, True)] * (len(Role) - 1)


def test_both_admins_are_handed_over_on_1_april_and_one_serves_at_every_second(
    acting, officers, city, second_admin, newcomer, stranger
):
    """The Admins who leave hand over to the ones who come, one after the other, on the day itself."""
    travel_to(FIRST_OF_APRIL)
    acting.together(city, second_admin, officers, "handOver", CITY, city, Role.ADMIN, newcomer, 0)
    assert officers.adminCount(CITY) == 2
    # Who came in this very second approves nothing of this second yet.
    too_soon = acting.propose(second_admin, officers, "handOver", CITY, second_admin, Role.ADMIN, stranger, 0)
    with reverts("OfficersAppointedLater", newcomer, FIRST_OF_APRIL, FIRST_OF_APRIL):
        acting.approve(newcomer, too_soon)
    travel(1)
    acting.together(second_admin, newcomer, officers, "handOver", CITY, second_admin, Role.ADMIN, stranger, 0)
    serving = [officers.isOfficer(CITY, Role.ADMIN, who) for who in (city, second_admin, newcomer, stranger)]
    assert (serving, officers.adminCount(CITY)) == ([False, False, True, True], 2)
    with reverts("OfficersMissingRole", CITY, Role.ADMIN, city):
        acting.propose(city, officers, "appoint", CITY, city, Role.ADMIN, 0)
