"""Rows of a list out of the transactions that ran it: only what leads to the list's root counts."""

from scripts.lib.administration.granted_rows import KeptList, _branches
from scripts.lib.contract_abi import encode_call
from scripts.lib.grant_list import GrantList, Row

ROWS = 20
LIST = GrantList([Row(number, 10) for number in range(1, ROWS + 1)])
KEPT = KeptList(7, LIST.root, 1, ROWS, LIST.total_points, 0, 2025, False)


def run(branch):
    return encode_call("GrantProgrammes", "run", (7, *branch))


def test_branches_of_runs_and_claims_are_the_list_s():
    claim = encode_call("GrantProgrammes", "claim", (7, 17, *LIST.branch_of_row(17)[1:]))
    assert list(_branches(KEPT, [run(LIST.branch(0, 1)), claim])) == [LIST.branch(0, 1), LIST.branch(1, 1)]


def test_words_that_do_not_lead_to_the_root_are_nobody_s_grant():
    """Another list's, or the list's own with other points."""
    true = LIST.branch(0, 1)
    richer = true._replace(words=[GrantList([Row(1, 9_000)]).words[0], *true.words[1:]])
    other = GrantList([Row(99, 10)] * ROWS).branch(0, 1)
    short = true._replace(siblings=[])
    assert list(_branches(KEPT, [run(richer), run(other), run(short), run(true)])) == [true]


def test_transactions_that_run_no_list_hold_none_of_its_rows():
    stop = encode_call("GrantProgrammes", "stopBatch", (141305, 7))
    assert list(_branches(KEPT, [stop, bytes.fromhex("12345678"), b""])) == []
