"""Amagasaki 2023: 815 people were granted twice, since a second list was drawn before the first was in.

Here two officers approve a list for an occurrence, and whatever list names somebody for it again grants
nothing. Nobody is forgotten either: who cannot be granted now, can be later.
"""

import brownie
import pytest
from eth_utils import keccak, to_checksum_address

from scripts.lib.act_rules import Rule
from scripts.lib.compiler import compile_files
from scripts.lib.grant_issue import GrantIssue
from scripts.lib.grant_list import GrantList, Row
from scripts.lib.powers.expected import EXPECTED
from scripts.lib.resident_storage import words_of
from scripts.lib.roles import Role
from tests.support.clock import MARCH
from tests.support.programmes import FILE_HASH, Approved, Programmes, batch_terms, skipped
from tests.support.reverts import reverts
from tests.support.town import CITY

PEOPLE = 1_000
TWICE = 815
POINTS = 1_000
CHUNK_LEAVES = 8


@pytest.fixture(scope="module")
def service(project, platform, officers, council, deployer, point, act_maker):
    """GrantProgrammes, offered by the council, accepted by the city, a minter of its series."""
    service = project.GrantProgrammes.deploy(platform, {"from": deployer})
    platform.offerService(service, "付与事業", service.acts(), {"from": council})
    officers.acceptService(CITY, service, {"from": act_maker})
    point.increaseMinterAllowance(service, 10**9, {"from": act_maker})
    return service


@pytest.fixture(scope="module")
def crowd(residents):
    """A thousand residents, put into the registry as registering them would have left them; 0 is nobody."""
    layout = compile_files(["contracts/ResidentRegistry.sol"])["ResidentRegistry"].storage_layout
    accounts = [to_checksum_address(keccak(text=f"resident {number}")[-20:]) for number in range(PEOPLE + 1)]
    for word in words_of(layout, CITY, list(enumerate(accounts))[1:]):
        brownie.web3.provider.make_request("anvil_setStorageAt", [residents.address, *word])
    return accounts


@pytest.fixture
def officers_at_work(acting, programme_officer, programme_approver, service):
    """`officers_at_work("openProgramme", ...)`: one proposes, the other approves."""

    def decide(function, *arguments):
        return acting.together(programme_officer, programme_approver, service, function, CITY, *arguments)

    return decide


@pytest.fixture
def programmes(service, point, act_maker, stranger):
    return Programmes(service, point, act_maker, CITY, runner=stranger)


@pytest.fixture
def occurrence(service, programmes, officers_at_work):
    """A relief grant of 1,000 points, with a budget for everybody, and its one occurrence."""
    officers_at_work("openProgramme", programmes.terms(points=POINTS))
    officers_at_work("setBudget", 1, MARCH, 3 * PEOPLE * POINTS)
    officers_at_work("openOccurrences", 1, ["令和7年度 物価高騰対策"])
    return 1


@pytest.fixture
def approve(service, officers_at_work, occurrence):
    """`approve(numbers)`: two officers approve a list of these residents."""

    def approve_list(numbers):
        grants = GrantList([Row(number, POINTS) for number in numbers])
        officers_at_work("approveBatch", occurrence, batch_terms(grants))
        return Approved(service.batchCount(), grants)

    return approve_list


def run_all(programmes, approved, order=1):
    """Run every chunk; return all rows that were skipped."""
    reported = {}
    for first in list(range(0, approved.grants.leaf_count, CHUNK_LEAVES))[::order]:
        width = min(CHUNK_LEAVES, 1 << approved.grants.depth)
        reported |= skipped(programmes.run(approved, first, width))
    return reported


def test_a_second_list_drawn_before_the_first_was_in_grants_nobody_twice(programmes, approve, point, crowd):
    """815 stand in both lists; chunks of the two run by turns, one list from its end."""
    first = approve(range(1, 901))
    second = approve(range(900 - TWICE + 1, PEOPLE + 1))
    ran = []
    for leaf in range(0, first.grants.leaf_count, CHUNK_LEAVES):
        back = (second.grants.leaf_count - 1 - leaf) // CHUNK_LEAVES * CHUNK_LEAVES
        ran.append(programmes.run(first, leaf, CHUNK_LEAVES))
        ran.append(programmes.run(second, back, CHUNK_LEAVES))
    twice = [row for transaction in ran for row in skipped(transaction).items()]
    assert len(twice) == TWICE
    assert {issue for _, issue in twice} == {GrantIssue.ALREADY_GRANTED}
    assert [point.balanceOf(account) for account in crowd[1:]] == [POINTS] * PEOPLE
    assert point.totalSupply() == PEOPLE * POINTS


def test_a_script_that_repeats_everything_grants_nobody_twice(programmes, approve, point, crowd):
    approved = approve(range(1, 101))
    assert run_all(programmes, approved) == {}
    for order in (1, -1):
        again = run_all(programmes, approved, order)
        assert set(again.values()) == {GrantIssue.ALREADY_GRANTED} and len(again) == 100
    assert point.totalSupply() == 100 * POINTS


def test_a_script_that_repeats_an_approval_is_refused(approve, programmes, service, crowd, occurrence):
    approve(range(1, 101))
    with reverts("ProgrammeBatchOpen", occurrence, 1):
        approve(range(1, 101))


def test_an_occurrence_cannot_be_opened_a_second_time(officers_at_work, occurrence):
    with reverts("ProgrammeOccurrenceOpen", 1, occurrence):
        officers_at_work("openOccurrences", 1, ["令和7年度 物価高騰対策"])


def test_an_altered_file_is_refused_showing_both_hashes(
    acting, officers, service, programme_officer, programme_approver, occurrence, crowd, stranger
):
    """By the second officer, whose own copy of the file says something else; and by the chain."""
    honest = GrantList([Row(number, POINTS) for number in range(1, 101)])
    altered = GrantList([*honest.rows[:-1], Row(777, POINTS)])
    proposed = acting.propose(
        programme_officer, service, "approveBatch", CITY, occurrence, batch_terms(altered)
    )
    own_copy = service.approveBatch.encode_input(CITY, occurrence, batch_terms(honest))
    hashes = ["0x" + keccak(hexstr=data).hex() for data in (proposed.data, own_copy)]
    with reverts("OfficersOtherContents", proposed.number, *hashes):
        officers.approve(proposed.number, own_copy, {"from": programme_approver})

    acting.together(
        programme_officer, programme_approver, service, "approveBatch", CITY, occurrence, batch_terms(honest)
    )
    batch = service.batchCount()
    roots = ("0x" + honest.root.hex(), "0x" + altered.root.hex())
    with reverts("ProgrammeOtherContents", batch, *roots):
        service.run(batch, *altered.branch(0, 8), {"from": stranger})
    assert service.batchOf(batch)[-1] == "0x" + FILE_HASH.hex()


def test_a_chunk_run_by_a_stranger_while_a_resident_is_frozen_loses_nobody(
    programmes, approve, point, act_maker, crowd, stranger
):
    approved = approve(range(1, 101))
    point.freeze(crowd[42], {"from": act_maker})
    assert run_all(programmes, approved) == {41: GrantIssue.ACCOUNT_STOPPED}
    assert point.balanceOf(crowd[42]) == 0
    point.unfreeze(crowd[42], {"from": act_maker})
    programmes.claim(approved, 41, by=stranger)
    assert [point.balanceOf(account) for account in crowd[1:101]] == [POINTS] * 100


@pytest.mark.parametrize(
    "function", [name for name, power in EXPECTED["GrantProgrammes"].items() if isinstance(power, Rule)]
)
def test_no_officer_alone_grants_or_takes_back(officers, service, function):
    """Only stopping takes one."""
    rule = Rule.of(officers.ruleOfService(service, getattr(service, function).signature))
    assert rule.takes_two == (function != "stopBatch")


def test_a_lone_officer_cannot_open_approve_or_revoke(acting, service, programmes, programme_officer):
    with reverts("OfficersNeedsSecond", service.openProgramme.signature):
        acting.perform(programme_officer, service, "openProgramme", CITY, programmes.terms())
    proposed = acting.propose(programme_officer, service, "openProgramme", CITY, programmes.terms())
    with reverts("OfficersMissingRole", CITY, Role.PROGRAMME_APPROVER, programme_officer):
        acting.approve(programme_officer, proposed)
    assert service.programmeCount() == 0
