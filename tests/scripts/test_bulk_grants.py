"""An approved list is run to its end, whatever became of it before; the result says what the chain says."""

import pytest

from scripts.lib.bulk.grants import GrantRunError, branches_of, run_data, run_list
from scripts.lib.contract_abi import encode_call
from scripts.lib.grant_issue import GrantIssue
from scripts.lib.grant_list import GrantList, Row
from scripts.lib.keys.keyring import LocalKeyring
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.sender import Sender
from scripts.lib.proceedings import carry_out
from scripts.lib.roles import Role
from tests.support.crowd import Crowd
from tests.support.office_town import open_town, undone

RESIDENTS = 40


@pytest.fixture(scope="module")
def settled():
    with LocalChain.anvil() as chain:
        town = open_town(chain, Rpc(chain.url), LocalKeyring(chain, "bulk"))
        yield Crowd.settled(town, RESIDENTS)


@pytest.fixture
def crowd(settled):
    with undone(settled.town) as town:
        yield Crowd(town, settled.cards, settled.service)


@pytest.fixture
def run(crowd):
    """`run(batch, grants)` runs a list from an account without any role."""

    def run(batch, grants, **options):
        sender = Sender(crowd.town.rpc, crowd.town.keyring)
        runner = crowd.town.account("anyone")
        return run_list(crowd.town.rpc, sender, crowd.service, batch, grants, runner, **options)

    return run


def everybody(points=100):
    return [(number, points + number) for number in range(1, RESIDENTS + 1)]


def counts(result):
    return result.granted_before, result.granted_rows, len(result.ungranted)


def test_list_is_granted_whole(crowd, run):
    batch, grants = crowd.approved(everybody())
    result = run(batch, grants)
    assert counts(result) == (0, RESIDENTS, 0)
    assert result.granted_points == grants.total_points
    assert crowd.balances() == [row.points for row in grants.rows]
    assert result.is_complete


def test_list_that_was_granted_is_not_sent_again(crowd, run):
    batch, grants = crowd.approved(everybody())
    run(batch, grants)
    result = run(batch, grants)
    assert counts(result) == (RESIDENTS, 0, 0)
    assert (result.receipts, result.granted_points, result.is_complete) == ([], 0, True)


def test_only_what_is_missing_is_sent(crowd, run):
    batch, grants = crowd.approved(everybody())
    crowd.town.call("GrantProgrammes", crowd.service, "run", batch, *grants.branch(0, 2))
    result = run(batch, grants)
    assert counts(result) == (32, 8, 0)
    assert [receipt.row for receipt in result.receipts] == [f"rows 33 to 40 of batch {batch}"]
    assert crowd.balances() == [row.points for row in grants.rows]


def test_row_that_cannot_be_granted_now_is_told_and_granted_later(crowd, run):
    frozen = crowd.cards[4].address
    officer = crowd.town.officer(Role.DESK_OFFICER)
    freeze = crowd.town.act("MunicipalPoint", "freeze", frozen, by=officer)
    crowd.town.deployer.send([freeze.perform(crowd.town.officers)])
    batch, grants = crowd.approved([*everybody(), (9_999, 50)])
    result = run(batch, grants)
    assert [(each.number, each.issue) for each in result.ungranted] == [
        (5, GrantIssue.ACCOUNT_STOPPED),
        (9_999, GrantIssue.UNREGISTERED),
    ]
    assert not result.is_complete
    second = crowd.town.officer(Role.SECOND_DESK_OFFICER)
    thaw = crowd.town.act("MunicipalPoint", "unfreeze", frozen, by=officer, second=second)
    carry_out(crowd.town.deployer, crowd.town.officers, [thaw])
    later = run(batch, grants)
    assert (later.granted_rows, later.granted_points) == (1, 105)
    assert [each.number for each in later.ungranted] == [9_999]
    assert crowd.balances() == [row.points for row in grants.rows[:-1]]


def test_residents_of_another_list_of_the_occurrence_are_told_and_not_sent_again(crowd, run):
    first, grants = crowd.approved(everybody()[:20])
    run(first, grants)
    batch, overlapping = crowd.approved_for(crowd.occurrence_of(first), everybody(7)[16:])
    result = run(batch, overlapping)
    assert counts(result) == (0, 20, 4)
    assert {each.issue for each in result.ungranted} == {GrantIssue.ALREADY_GRANTED}
    assert result.is_complete
    assert run(batch, overlapping).receipts == []


def test_failed_transaction_is_told_with_the_rows_that_are_left(crowd, run):
    batch, grants = crowd.approved(everybody())
    guardian = crowd.town.officer(Role.GUARDIAN)
    pause = crowd.town.act("MunicipalPoint", "pause", 3600, by=guardian)
    crowd.town.deployer.send([pause.perform(crowd.town.officers)])
    result = run(batch, grants)
    [failure] = result.failures
    assert failure.revert.name == "PointPaused"
    assert failure.row == f"rows 1 to 40 of batch {batch}"
    assert counts(result) == (0, 0, 40)
    assert {each.issue for each in result.ungranted} == {GrantIssue.NONE}
    assert not result.is_complete


def test_progress_is_told_in_rows(crowd, run):
    batch, grants = crowd.approved(everybody())
    told = []
    run(batch, grants, most_rows=16, progress=told.append)
    assert sum(told) == RESIDENTS


def test_other_list_than_approved_is_refused_and_nothing_sent(crowd, run):
    batch, grants = crowd.approved(everybody())
    height = crowd.town.chain.height()
    for other in (everybody(101), everybody()[:-1]):
        with pytest.raises(GrantRunError, match="approved for another list"):
            run(batch, GrantList([Row(*row) for row in other]))
    with pytest.raises(GrantRunError):
        run(batch + 1, grants)
    assert crowd.town.chain.height() == height


def test_stopped_list_is_refused(crowd, run):
    batch, grants = crowd.approved(everybody())
    crowd.stop(batch)
    with pytest.raises(GrantRunError, match="was stopped"):
        run(batch, grants)


@pytest.mark.parametrize("rows", [1, 16, 17, 255, 256, 257, 1_000, 10_000])
def test_branches_hold_every_wanted_row_once_and_fit(rows):
    grants = GrantList([Row(number, 5) for number in range(1, rows + 1)])
    for wanted in ({0}, {rows - 1}, set(range(rows)), set(range(0, rows, 37)), set(range(rows // 2))):
        covered = []
        for branch in branches_of(grants, wanted, most_rows=256):
            width = 4 * len(branch.words)
            assert width <= 256
            covered += range(16 * branch.first_leaf, 16 * branch.first_leaf + width)
        assert wanted <= set(covered)
        assert len(covered) == len(set(covered))


def test_call_is_encoded_as_the_library_encodes_it():
    grants = GrantList([Row(number, 5) for number in range(1, 1_001)])
    for branch in (grants.branch(0, 64), grants.branch(16, 8), grants.branch(62, 1)):
        assert run_data(7, branch) == encode_call("GrantProgrammes", "run", (7, *branch))


def test_branches_of_nothing_are_none():
    assert list(branches_of(GrantList([Row(1, 5)]), set())) == []
