"""`GrantList` against the Python that makes the lists: roots, branches, rows, and what is no branch."""

from random import Random

import pytest
from eth_utils import keccak

from scripts.lib.grant_list import GrantList, Row
from tests.support.harness import deploy_harness
from tests.support.reverts import reverts

SIZES = [1, 2, 4, 5, 15, 16, 17, 32, 33, 64, 65, 100, 129, 250]


@pytest.fixture(scope="module")
def harness(module_isolation):
    return deploy_harness("GrantListHarness")


def some_list(size, seed=1):
    random = Random(seed)
    return GrantList([Row(number * 7, random.randint(1, 2**32 - 1)) for number in range(1, size + 1)])


@pytest.mark.parametrize("size", SIZES)
def test_every_branch_leads_to_the_root(harness, size):
    grants = some_list(size)
    for level in range(grants.depth + 1):
        for first in range(0, grants.leaf_count, 1 << level):
            branch = grants.branch(first, 1 << level)
            assert harness.rootOf(size, *branch) == "0x" + grants.root.hex(), (size, branch.first_leaf, level)


@pytest.mark.parametrize("size", SIZES)
def test_rows_come_out_of_the_words_as_they_went_in(harness, size):
    grants = some_list(size)
    for place in {0, size // 2, size - 1}:
        assert Row.of(harness.rowAt(grants.words, place)) == grants.rows[place]


def test_root_is_what_the_drawing_says(harness):
    """Written out by hand for 17 rows: a full leaf, a leaf of one word, and the node above them."""
    grants = GrantList([Row(number, 50) for number in range(1, 18)])
    words = [word.to_bytes(32, "big") for word in grants.words]
    assert words[0].hex() == "".join(f"{50:08x}{number:08x}" for number in range(1, 5))
    first = keccak(b"\0" + bytes(4) + b"".join(words[:4]))
    second = keccak(b"\0" + bytes(3) + b"\1" + words[4])
    root = keccak(b"\1" + first + second)
    assert grants.root == root
    assert harness.rootOf(17, 0, grants.words[:4], [second]) == "0x" + root.hex()


def test_empty_leaves_are_zeros(harness):
    """33 rows are three leaves; the fourth is filled up."""
    grants = some_list(33)
    assert grants.branch(2, 1).siblings[0] == bytes(32)


@pytest.mark.parametrize("changed", ["row", "order", "length", "place"])
def test_any_change_of_the_list_changes_the_root(changed):
    rows = list(some_list(40).rows)
    other = {
        "row": [*rows[:20], rows[20]._replace(points=rows[20].points ^ 1), *rows[21:]],
        "order": [rows[1], rows[0], *rows[2:]],
        "length": rows[:-1],
        "place": [*rows[16:32], *rows[:16], *rows[32:]],
    }[changed]
    assert GrantList(other).root != GrantList(rows).root


@pytest.mark.parametrize(
    ("first_leaf", "words", "siblings"),
    [
        (0, 4, 0),  # a leaf, as if it were the list
        (0, 4, 1),  # a leaf with too few hashes
        (0, 4, 4),  # with too many
        (0, 3, 3),  # part of a leaf
        (0, 5, 3),  # more than a leaf
        (0, 8, 3),  # two leaves with the hashes of one
        (1, 8, 2),  # two leaves that are no branch
        (4, 4, 3),  # the last leaf has one word
        (5, 1, 3),  # beyond the last row
        (8, 1, 3),  # beyond the tree
        (2**255, 4, 3),
        (0, 0, 3),
        (0, 17, 300),
    ],
)
def test_what_is_no_branch_is_refused(harness, first_leaf, words, siblings):
    """65 rows: 17 words, five leaves, three levels of nodes above."""
    with reverts("ProgrammeBranch", 65, first_leaf, words, siblings):
        harness.rootOf(65, first_leaf, [1] * words, [bytes(32)] * siblings)


def test_a_node_does_not_pass_for_a_leaf(harness):
    """The two words of a node, brought as rows of a shorter list, hash to something else."""
    grants = some_list(32)
    children = [int.from_bytes(node, "big") for node in grants._levels[0]]
    assert harness.rootOf(8, 0, children, []) != "0x" + grants.root.hex()


def test_a_leaf_does_not_pass_for_another_place(harness):
    grants = some_list(64)
    branch = grants.branch(1, 1)
    assert harness.rootOf(64, 3, branch.words, branch.siblings) != "0x" + grants.root.hex()
