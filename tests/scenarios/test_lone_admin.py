"""One Admin alone, or the council alone, wants to make points, or to take a town over (I9).

Whatever one key can set going waits 48 hours, in which another can stop it; and an Admin whom the council
names waits 14 days.
"""

import pytest

from scripts.lib.reasons import Reason
from scripts.lib.roles import Role
from tests.support.acting import Acting, acts_of_all_contracts, bare_call
from tests.support.clock import HOUR, JUNE, now, travel
from tests.support.reverts import reverts
from tests.support.town import CITY, MINTER_ALLOWANCE

COUNCIL = 0
DAY = 24 * HOUR
LOOT = 1_000_000


@pytest.fixture(scope="module")
def council_acting(officers):
    """The council, as far as its acts concern 川崎市."""
    return Acting(officers, CITY)


# --------------------------------------------------------------------------------------------------- MINTING


def test_lone_admin_cannot_mint_and_cannot_allow_a_minter_at_once(acting, point, city):
    with reverts("PointNotMinter", city):
        point.mint(city, LOOT, {"from": city})
    with reverts("PointOnlyByAct", city):
        point.increaseMinterAllowance(city, LOOT, {"from": city})
    with reverts("OfficersNeedsSecond", point.increaseMinterAllowance.signature):
        acting.perform(city, point, "increaseMinterAllowance", city, LOOT)


@pytest.mark.parametrize("hours", [1, 47])
def test_lone_admin_who_proposes_itself_as_minter_has_minted_nothing_within(acting, point, city, hours):
    proposed_at = now()
    proposed = acting.propose(city, point, "increaseMinterAllowance", city, LOOT)
    travel(hours * HOUR)
    with reverts("OfficersTooEarly", proposed.number, proposed_at + 48 * HOUR):
        acting.execute(city, proposed)
    with reverts("OfficersSamePerson", city):
        acting.approve(city, proposed)
    with reverts("PointNotMinter", city):
        point.mint(city, 1, {"from": city})
    assert point.totalSupply() == 0


@pytest.mark.parametrize("hours", [1, 47])
def test_two_admins_who_agree_have_minted_nothing_within(acting, point, city, second_admin, hours):
    """The approval does not shorten the time for a veto."""
    proposed_at = now()
    proposed = acting.propose(city, point, "increaseMinterAllowance", city, LOOT)
    acting.approve(second_admin, proposed)
    travel(hours * HOUR)
    with reverts("OfficersTooEarly", proposed.number, proposed_at + 48 * HOUR):
        acting.execute(city, proposed)
    assert point.minterOf(city) == (0, 0)


@pytest.mark.parametrize("stopped_by", ["second_admin", "council"])
def test_lone_admin_is_stopped_by_a_veto(acting, point, city, stopped_by, request):
    proposed = acting.propose(city, point, "increaseMinterAllowance", city, LOOT)
    travel(47 * HOUR)
    acting.veto(request.getfixturevalue(stopped_by), proposed)
    travel(HOUR)
    with reverts("OfficersNotOpen", proposed.number, 4):
        acting.execute(city, proposed)
    assert point.minterOf(city) == (0, 0)


def test_lone_admin_whom_nobody_stops_is_a_minter_after_48_hours_and_everybody_can_see_who_did_it(
    acting, point, city, stranger
):
    """The bound is 48 hours, not never: a town with one Admin left must go on."""
    proposed = acting.propose(city, point, "increaseMinterAllowance", city, LOOT)
    travel(48 * HOUR)
    [done] = [dict(event) for event in acting.execute(stranger, proposed).events if event.name == "ActDone"]
    assert (done["actor"], int(done["approver"], 16)) == (city, 0)
    assert point.minterOf(city) == (LOOT, 0)


def test_lone_admin_cannot_make_itself_the_second_officer_within_48_hours(
    acting, officers, point, city, newcomer
):
    """Its other account would need an office first, and that takes the same 48 hours."""
    for role in (Role.ADMIN, Role.DESK_OFFICER, Role.SECOND_DESK_OFFICER):
        proposed_at = now()
        proposed = acting.propose(city, officers, "appoint", CITY, newcomer, role, 0)
        travel(47 * HOUR)
        with reverts("OfficersTooEarly", proposed.number, proposed_at + 48 * HOUR):
            acting.execute(city, proposed)
        assert not officers.isOfficer(CITY, role, newcomer)


# ----------------------------------------------------------------------------------------------- THE COUNCIL

OF_A_SERIES = [
    ("increaseMinterAllowance", lambda who: (who["council"], LOOT)),
    ("decreaseMinterAllowance", lambda who: (who["minter"], 1)),
    ("removeMinter", lambda who: (who["minter"],)),
    ("setExpiryPolicy", lambda who: (0, 1)),
    ("setTransferSwitches", lambda who: (True, True)),
    ("setRefundDays", lambda who: (20,)),
    ("setSettlement", lambda who: (who["council"],)),
    ("approveMerchant", lambda who: (who["council"], 1, "店", "区")),
    ("suspendMerchant", lambda who: (who["shop"],)),
    ("closeMerchant", lambda who: (who["shop"],)),
    ("replaceOwner", lambda who: (who["shop"], who["council"])),
    ("freeze", lambda who: (who["resident"],)),
    ("unfreeze", lambda who: (who["resident"],)),
    ("extendLots", lambda who: (JUNE, JUNE + 1, [who["resident"]])),
    ("restoreLots", lambda who: (JUNE, JUNE + 1, [who["resident"]], [1])),
    ("revoke", lambda who: (who["resident"], 1, JUNE)),
    ("pause", lambda who: (HOUR,)),
    ("unpause", lambda who: ()),
    ("announceSuccessor", lambda who: (who["council"],)),
    ("withdrawSuccessor", lambda who: ()),
]


@pytest.fixture
def holders(point, minter, resident, shop, council):
    """A resident with 900 points and a shop with a claim of 100."""
    point.mintUntil(resident, 1000, JUNE, {"from": minter})
    point.transfer(shop, 100, {"from": resident})
    return {"resident": resident, "shop": shop, "minter": minter, "council": council}


@pytest.mark.parametrize(("function", "arguments"), OF_A_SERIES, ids=[name for name, _ in OF_A_SERIES])
def test_council_keys_alone_change_no_balance(acting, officers, point, council, holders, function, arguments):
    role = Role(officers.ruleOf(getattr(point, function).signature)[0])
    given = arguments(holders)
    with reverts("PointOnlyByAct", council):
        getattr(point, function)(*given, {"from": council})
    for municipality, error, error_arguments in (
        (CITY, "OfficersMissingRole", (CITY, role, council)),
        (COUNCIL, "OfficersForeignTarget", (COUNCIL, point)),
    ):
        with reverts(error, *error_arguments):
            acting.propose(council, point, function, *given, municipality=municipality)
    balances = [point.balanceOf(account) for account in holders.values()]
    assert (balances, point.totalSupply()) == ([900, 100, 0, 0], 1000)


def test_acts_of_a_series_are_all_tried_above(point, officers):
    selectors = {getattr(point, function).signature for function, _ in OF_A_SERIES}
    names = {item["name"] for item in point.abi if item["type"] == "function"}
    acts = {getattr(point, name).signature for name in names} & {str(act) for act in officers.acts()}
    assert selectors == acts


@acts_of_all_contracts
def test_council_keys_alone_set_no_act_going_in_a_town_but_naming_an_admin(
    acting, contracts, council, contract, function, rule
):
    """A balance is also changed by moving an account, or by an officer of one's own."""
    target = contracts[contract]
    data = bare_call(target, function, CITY)
    if function == "reappointAdmin":  # 14 days, and any Admin of the town vetoes it: see below
        acting.propose_data(council, target, data)
        return
    with reverts("OfficersMissingRole", CITY, rule.proposer, council):
        acting.propose_data(council, target, data)
    with reverts("OfficersForeignTarget", COUNCIL, target):
        acting.propose_data(council, target, data, municipality=COUNCIL)


def test_council_keys_alone_reach_no_balance_by_minting_or_by_a_second_registration(
    platform, point, council, holders
):
    with reverts("PointNotMinter", council):
        point.mint(council, 1, {"from": council})
    with reverts("PlatformAlreadyRegistered", CITY):
        platform.registerMunicipality(CITY, "川崎市", [(Role.ADMIN, council)], {"from": council})
    with reverts("ERC20InsufficientAllowance", council, 0, 1):
        point.transferFrom(holders["resident"], holders["shop"], 1, {"from": council})


@pytest.mark.parametrize("role", Role, ids=lambda role: role.name)
def test_council_cannot_grant_a_town_s_role_after_the_hand_over(acting, officers, council, newcomer, role):
    for change in (officers.grantRole, officers.revokeRole):
        with reverts("OfficersOnlyByAct", council):
            change(officers.roleId(CITY, role), newcomer, {"from": council})
    with reverts("OfficersOnlyByAct", council):
        officers.appoint(CITY, newcomer, role, 0, {"from": council})
    with reverts("OfficersMissingRole", CITY, Role.ADMIN, council):
        acting.propose(council, officers, "appoint", CITY, newcomer, role, 0)
    with reverts("OfficersForeignTarget", COUNCIL, officers):
        acting.propose(council, officers, "appoint", CITY, newcomer, role, 0, municipality=COUNCIL)


# ----------------------------------------------------------------------------------------------- LOST ADMINS


@pytest.mark.parametrize("function", ["dismissAdmin", "handOver"])
def test_lone_admin_who_wants_the_other_s_office_is_stopped_by_the_council(
    acting, officers, council, city, second_admin, newcomer, function
):
    more = (Role.ADMIN, newcomer, 0) if function == "handOver" else ()
    proposed = acting.propose(city, officers, function, CITY, second_admin, *more)
    travel(47 * HOUR)
    acting.veto(council, proposed)
    travel(HOUR)
    with reverts("OfficersNotOpen", proposed.number, 4):
        acting.execute(city, proposed)
    assert officers.isOfficer(CITY, Role.ADMIN, second_admin)


def test_lone_admin_does_not_hand_over_the_other_s_office_though_the_council_sleeps(
    acting, officers, city, second_admin, newcomer
):
    proposed = acting.propose(city, officers, "handOver", CITY, second_admin, Role.ADMIN, newcomer, 0)
    acting.veto(second_admin, proposed)
    assert officers.isOfficer(CITY, Role.ADMIN, second_admin)


def test_of_two_admins_that_dismiss_each_other_the_council_decides(
    acting, officers, council, city, second_admin
):
    """Neither can veto their own dismissal, or a stolen key would stay for ever."""
    against_second = acting.propose(city, officers, "dismissAdmin", CITY, second_admin)
    against_city = acting.propose(second_admin, officers, "dismissAdmin", CITY, city)
    for accused, proposed in ((second_admin, against_second), (city, against_city)):
        with reverts("OfficersMissingRole", CITY, Role.ADMIN, accused):
            acting.veto(accused, proposed)
    acting.veto(council, against_second)
    travel(48 * HOUR)
    acting.execute(second_admin, against_city)
    assert not officers.isOfficer(CITY, Role.ADMIN, city)
    assert officers.isOfficer(CITY, Role.ADMIN, second_admin)


def test_admin_renounces_and_the_last_one_cannot(officers, city, second_admin):
    admin = officers.roleId(CITY, Role.ADMIN)
    officers.renounceRole(admin, second_admin, {"from": second_admin})
    assert not officers.isOfficer(CITY, Role.ADMIN, second_admin)
    with reverts("OfficersLastAdmin", CITY):
        officers.renounceRole(admin, city, {"from": city})
    assert officers.isOfficer(CITY, Role.ADMIN, city)


def test_admin_who_renounces_takes_their_proposals_along(acting, officers, point, city, second_admin):
    """Whatever was set going falls with the office: nobody answers for it any more."""
    proposed = acting.propose(second_admin, point, "increaseMinterAllowance", second_admin, LOOT)
    approved = acting.propose(city, point, "increaseMinterAllowance", second_admin, LOOT)
    acting.approve(second_admin, approved)
    officers.renounceRole(officers.roleId(CITY, Role.ADMIN), second_admin, {"from": second_admin})
    travel(48 * HOUR)
    with reverts("OfficersMissingRole", CITY, Role.ADMIN, second_admin):
        acting.execute(second_admin, proposed)
    assert point.minterOf(second_admin) == (0, 0)


def test_lost_admin_is_appointed_anew_by_the_council_after_14_days(
    council_acting, acting, officers, council, newcomer, stranger, point
):
    proposed_at = now()
    proposed = council_acting.propose(
        council, officers, "reappointAdmin", CITY, newcomer, reason=Reason.LAST_ADMIN_LOST
    )
    with reverts("OfficersSamePerson", council):
        council_acting.approve(council, proposed)
    travel(14 * DAY - 1)
    with reverts("OfficersTooEarly", proposed.number, proposed_at + 14 * DAY):
        council_acting.execute(council, proposed)
    travel(1)
    council_acting.execute(stranger, proposed)
    assert officers.isOfficer(CITY, Role.ADMIN, newcomer)
    assert not officers.isOfficer(CITY, Role.ADMIN, council)
    acting.perform(newcomer, point, "removeMinter", point.minters()[0])


def test_admin_who_is_not_lost_vetoes_the_council(council_acting, officers, council, city, newcomer):
    proposed = council_acting.propose(council, officers, "reappointAdmin", CITY, newcomer)
    travel(14 * DAY - 1)
    council_acting.veto(city, proposed)
    travel(1)
    with reverts("OfficersNotOpen", proposed.number, 4):
        council_acting.execute(council, proposed)
    assert not officers.isOfficer(CITY, Role.ADMIN, newcomer)


def test_town_that_has_lost_its_only_admin_gets_rid_of_the_old_key(
    council_acting, officers, council, city, second_admin, newcomer
):
    """The key is lost, not gone: whoever finds it is still an Admin, until the new one ends it."""
    admin = officers.roleId(CITY, Role.ADMIN)
    officers.renounceRole(admin, second_admin, {"from": second_admin})  # the other one is lost
    proposed = council_acting.propose(council, officers, "reappointAdmin", CITY, newcomer)
    travel(14 * DAY)
    council_acting.execute(council, proposed)
    travel(1)
    dismissal = council_acting.propose(newcomer, officers, "dismissAdmin", CITY, city)
    with reverts("OfficersMissingRole", CITY, Role.ADMIN, city):
        council_acting.veto(city, dismissal)
    travel(48 * HOUR)
    council_acting.execute(newcomer, dismissal)
    assert (officers.adminCount(CITY), officers.isOfficer(CITY, Role.ADMIN, city)) == (1, False)


def test_minter_allowance_of_the_plan_took_two_admins_and_48_hours(
    officers, point, minter, city, second_admin
):
    """The deployment itself goes this way: nothing was special about it."""
    proposal = officers.proposalOf(1)
    assert (proposal[7], proposal[8]) == (city, second_admin)
    assert proposal[6] == point
    assert point.minterOf(minter) == (MINTER_ALLOWANCE, 0)
