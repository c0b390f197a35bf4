"""`claim`: one row of a list, with what leads from its leaf to the root; anybody can relay it."""

import pytest
from eth_utils import keccak

from scripts.lib.grant_issue import GrantIssue
from tests.support.programmes import skipped
from tests.support.reading import ZERO_ADDRESS, events
from tests.support.reverts import reverts
from tests.support.town import CITY

FORTY = [(number, 100 + number) for number in range(1, 41)]


def _bytes(words):
    return b"".join(word.to_bytes(32, "big") for word in words)


@pytest.mark.parametrize("row", [0, 15, 16, 39])
def test_claim_grants_one_row(contract, programmes, point, people, row):
    approved = programmes.prepared(FORTY)
    expiry = contract.batchOf(approved.number)[4]
    assert events(programmes.claim(approved, row)) == [
        ("Minted", contract, expiry, 101 + row),
        ("Transfer", ZERO_ADDRESS, people[row].account, 101 + row),
        ("RowsRun", approved.number, row, 1, 1, 101 + row),
    ]
    assert [place for place in range(40) if contract.isRowGranted(approved.number, place)] == [row]
    assert point.totalSupply() == contract.batchOf(approved.number)[7] == 101 + row


def test_claim_by_the_resident_needs_no_power(programmes, point, people):
    approved = programmes.prepared(FORTY)
    programmes.claim(approved, 3, by=people[3].account)
    assert point.balanceOf(people[3].account) == 104


def test_claim_again_reverts(programmes, people):
    approved = programmes.prepared(FORTY)
    programmes.claim(approved, 3)
    with reverts("ProgrammeRowRefused", approved.number, 3, 4, GrantIssue.ALREADY_GRANTED):
        programmes.claim(approved, 3)


def test_claim_before_and_after_a_run_grants_once(programmes, point, people):
    approved = programmes.prepared(FORTY)
    programmes.claim(approved, 3)
    assert skipped(programmes.run(approved)) == {3: GrantIssue.ALREADY_GRANTED}
    with reverts("ProgrammeRowRefused", approved.number, 39, 40, GrantIssue.ALREADY_GRANTED):
        programmes.claim(approved, 39)
    assert point.totalSupply() == approved.grants.total_points


def test_claim_of_what_cannot_be_granted_now_reverts_and_consumes_nothing(
    contract, programmes, point, act_maker, people
):
    approved = programmes.prepared(FORTY, cap=140)
    point.freeze(people[3].account, {"from": act_maker})
    with reverts("ProgrammeRowRefused", approved.number, 3, 4, GrantIssue.ACCOUNT_STOPPED):
        programmes.claim(approved, 3)
    point.unfreeze(people[3].account, {"from": act_maker})
    programmes.claim(approved, 3)


def test_claim_beyond_the_cap_reverts(programmes, people):
    approved = programmes.prepared(FORTY, cap=103)
    programmes.claim(approved, 2)
    with reverts("ProgrammeRowRefused", approved.number, 3, 4, GrantIssue.CAP_REACHED):
        programmes.claim(approved, 3)


def test_claim_for_nobody_reverts(programmes, people):
    approved = programmes.prepared([(41, 5)])
    with reverts("ProgrammeRowRefused", approved.number, 0, 41, GrantIssue.UNREGISTERED):
        programmes.claim(approved, 0)


@pytest.mark.parametrize("row", [40, 47, 48, 64, 2**255])
def test_claim_of_a_row_beyond_the_list_reverts(programmes, people, row):
    """Also in the last leaf, whose last word is filled up."""
    approved = programmes.prepared(FORTY)
    _, words, siblings = approved.grants.branch(2, 1)
    claim = (approved.number, row, words, siblings, {"from": people[0].account})
    refusal = (
        ("ProgrammeUnknownRow", approved.number, row)
        if row // 16 == 2
        else ("ProgrammeBranch", 40, row // 16, len(words), len(siblings))
    )
    with reverts(*refusal):
        programmes.contract.claim(*claim)


def test_claim_with_the_leaf_of_another_row_reverts(programmes, people):
    approved = programmes.prepared(FORTY)
    leaves = approved.grants._levels[0]
    _, words, siblings = approved.grants.branch_of_row(0)
    # The first leaf's rows as if they were the second leaf: another place, so another hash.
    moved = keccak(b"\1" + siblings[0] + keccak(b"\0\0\0\0\1" + _bytes(words)))
    root = keccak(b"\1" + moved + siblings[1])
    assert leaves[1] == siblings[0]
    roots = ("0x" + approved.grants.root.hex(), "0x" + root.hex())
    with reverts("ProgrammeOtherContents", approved.number, *roots):
        programmes.contract.claim(approved.number, 17, words, siblings, {"from": people[0].account})


def test_claim_with_a_wider_branch_means_the_same_row(programmes, point, people):
    approved = programmes.prepared(FORTY)
    _, words, siblings = approved.grants.branch(0, 2)
    programmes.contract.claim(approved.number, 5, words, siblings, {"from": people[0].account})
    assert point.balanceOf(people[5].account) == 106


def test_claim_of_one_municipality_s_list_leaves_the_other_s_alone(contract, programmes, people):
    """The batch says whose resident a number is; the same list approved elsewhere is another batch."""
    first, second = programmes.prepared(FORTY), programmes.prepared(FORTY)
    programmes.claim(first, 0)
    assert not contract.isRowGranted(second.number, 0)
    assert contract.programmeOf(contract.batchOf(second.number)[1])[1] == CITY
