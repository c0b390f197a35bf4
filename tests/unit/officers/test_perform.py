"""`perform`: what one officer may do at once, and the one form in which every act is told."""

from eth_utils import keccak

from scripts.lib.reasons import Reason
from scripts.lib.roles import Role
from tests.support.acting import Acting
from tests.support.reading import ZERO_ADDRESS, events
from tests.support.reverts import reverts
from tests.support.town import CITY, NEIGHBOUR

COUNCIL = 0
PAPER = keccak(text="paper")


def word(value):
    """An address or number as the subject of an act."""
    number = int(str(value), 16) if isinstance(value, str) or hasattr(value, "address") else value
    return f"0x{number:064x}"


def test_perform_does_the_act_and_tells_it_in_the_one_form(acting, point, desk_officer, resident):
    done = acting.perform(
        desk_officer, point, "freeze", resident, reason=Reason.STOLEN_CARD, document_hash=PAPER
    )
    freeze = point.freeze.signature
    assert events(done) == [
        ("FrozenSet", resident, True),
        (
            "ActDone",
            CITY,
            freeze,
            word(resident),
            0,
            point,
            desk_officer,
            Role.DESK_OFFICER,
            ZERO_ADDRESS,
            Reason.STOLEN_CARD,
            "0x" + PAPER.hex(),
        ),
    ]


def test_perform_of_an_act_on_roles_names_the_second_argument_as_its_subject(
    acting, officers, city, guardian
):
    """The first is the municipality's code, which the event has already."""
    done = acting.perform(city, officers, "dismiss", CITY, guardian, Role.GUARDIAN)
    assert events(done)[-1][:4] == ("ActDone", CITY, officers.dismiss.signature, word(guardian))


def test_perform_of_an_act_without_arguments_has_no_subject(acting, point, guardian):
    done = acting.perform(guardian, point, "unpause")
    assert events(done)[-1][:4] == ("ActDone", CITY, point.unpause.signature, word(0))


def test_perform_by_somebody_without_the_office_reverts(acting, point, city, guardian, resident):
    for caller in (city, guardian, resident):
        with reverts("OfficersMissingRole", CITY, Role.DESK_OFFICER, caller):
            acting.perform(caller, point, "freeze", resident)


def test_perform_of_what_takes_two_reverts(acting, point, desk_officer, resident):
    with reverts("OfficersNeedsSecond", point.unfreeze.signature):
        acting.perform(desk_officer, point, "unfreeze", resident)


def test_perform_of_what_is_no_act_reverts(acting, point, desk_officer, shop):
    with reverts("OfficersUnknownAct", point.transfer.signature):
        acting.perform(desk_officer, point, "transfer", shop, 0)


def test_perform_without_a_whole_selector_reverts(officers, point, desk_officer):
    with reverts("OfficersUnknownAct", "0x00000000"):
        officers.perform(CITY, point, "0x", 1, bytes(32), {"from": desk_officer})


def test_perform_passes_the_error_of_the_target_on(acting, point, merchant_officer, stranger):
    with reverts("PointNotMerchant", stranger):
        acting.perform(merchant_officer, point, "suspendMerchant", stranger)


def test_perform_on_the_series_of_another_municipality_reverts(officers, point, neighbour, minter):
    acting = Acting(officers, NEIGHBOUR)
    with reverts("OfficersForeignTarget", NEIGHBOUR, point):
        acting.perform(neighbour, point, "removeMinter", minter)


def test_perform_on_what_is_no_series_and_no_service_reverts(
    project, acting, platform, officers, city, deployer
):
    foreign = project.Officers.deploy(deployer, {"from": deployer})
    for target in (foreign, platform, city):
        with reverts("OfficersForeignTarget", CITY, target):
            officers.perform(
                CITY, target, officers.dismiss.encode_input(CITY, city, 1), 1, bytes(32), {"from": city}
            )


def test_perform_on_what_all_share_for_another_municipality_reverts(acting, officers, city, neighbour):
    """The call names the municipality, and it must be the officers' own."""
    with reverts("OfficersForeignTarget", CITY, officers):
        acting.perform(city, officers, "dismiss", NEIGHBOUR, neighbour, Role.GUARDIAN)
    with reverts("OfficersForeignTarget", COUNCIL, officers):
        acting.perform(city, officers, "dismiss", CITY, neighbour, Role.GUARDIAN, municipality=COUNCIL)


def test_perform_for_a_number_that_only_ends_like_the_town_s_reverts(acting, point, city, minter):
    with reverts("OfficersForeignTarget", CITY + 2**24, point):
        acting.perform(city, point, "removeMinter", minter, municipality=CITY + 2**24)


def test_perform_leaves_no_actors_behind(acting, officers, point, desk_officer, resident):
    acting.perform(desk_officer, point, "freeze", resident)
    assert officers.actors() == (ZERO_ADDRESS, ZERO_ADDRESS)


def test_acts_by_a_direct_call_revert(officers, city, council):
    for caller in (city, council):
        for function, arguments in (
            ("appoint", (CITY, caller, 0, 0)),
            ("dismiss", (CITY, caller, 1)),
            ("dismissAdmin", (CITY, caller)),
            ("handOver", (CITY, city, 0, caller, 0)),
            ("reappointAdmin", (CITY, caller)),
            ("acceptService", (CITY, caller)),
            ("leaveService", (CITY, caller)),
            ("grantRole", (officers.roleId(CITY, 0), caller)),
            ("revokeRole", (officers.roleId(CITY, 0), caller)),
        ):
            with reverts("OfficersOnlyByAct", caller):
                getattr(officers, function)(*arguments, {"from": caller})
