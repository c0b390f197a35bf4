"""Lists of grants in Python: rows, branches and roots; the contract's view is in tests/unit/libraries."""

import pytest

from scripts.lib.grant_list import MAX_FIELD, GrantList, Row, root_of, rows_of


def some_list(size):
    return GrantList([Row(number, 10 * number) for number in range(1, size + 1)])


@pytest.mark.parametrize("size", [1, 16, 17, 100])
def test_every_branch_leads_to_the_root(size):
    grants = some_list(size)
    for level in range(grants.depth + 1):
        for first in range(0, grants.leaf_count, 1 << level):
            assert root_of(size, grants.branch(first, 1 << level)) == grants.root


def test_rows_come_out_of_the_words_as_they_went_in():
    grants = some_list(6)
    assert rows_of(grants.words) == [*grants.rows, Row(0, 0), Row(0, 0)]


def test_row_is_packed_with_the_points_above_the_number():
    assert Row(7, 50).packed == 50 << 32 | 7
    assert Row.of(Row(MAX_FIELD, MAX_FIELD).packed) == Row(MAX_FIELD, MAX_FIELD)


@pytest.mark.parametrize("row", [Row(0, 1), Row(1, 0), Row(MAX_FIELD + 1, 1), Row(1, MAX_FIELD + 1)])
def test_row_out_of_range_is_refused(row):
    with pytest.raises(ValueError, match="out of range"):
        GrantList([row])


def test_empty_list_is_refused():
    with pytest.raises(ValueError, match="at least one row"):
        GrantList([])


@pytest.mark.parametrize(("first", "width"), [(1, 2), (0, 3), (0, 8), (3, 1), (-1, 1)])
def test_what_is_no_branch_is_refused(first, width):
    with pytest.raises(ValueError, match="no branch"):
        some_list(40).branch(first, width)


def test_words_of_another_branch_lead_nowhere():
    grants = some_list(40)
    branch = grants.branch(0, 1)
    with pytest.raises(ValueError, match="not the branch's words"):
        root_of(40, branch._replace(words=branch.words[:-1]))
    with pytest.raises(ValueError, match="no such branch"):
        root_of(40, branch._replace(siblings=[*branch.siblings, bytes(32)]))
    assert root_of(40, branch._replace(first_leaf=1)) != grants.root
