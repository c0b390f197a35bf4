"""What a public version leaves out: small figures, and whatever would give them away."""

import random

import numpy as np
import pytest

from scripts.lib.audit.report.cells import MINIMUM_ACCOUNTS, Cell, cells_by, determined, suppressed


def table(*parts):
    """Return figures that add up to a total, and how."""
    cells = {(place,): cell for place, cell in enumerate(parts)}
    cells[("total",)] = Cell(sum(cell.points for cell in parts), sum(cell.accounts for cell in parts))
    return cells, [dict.fromkeys(((place,) for place in range(len(parts))), 1) | {("total",): -1}]


def test_figures_of_many_accounts_stay():
    assert suppressed(*table(Cell(100, MINIMUM_ACCOUNTS), Cell(200, MINIMUM_ACCOUNTS + 4))) == frozenset()


def test_zero_of_nobody_stays():
    assert suppressed(*table(Cell(0, 0), Cell(200, 12))) == frozenset()


def test_small_figure_goes_and_the_next_smallest_with_it():
    hidden = suppressed(*table(Cell(100, MINIMUM_ACCOUNTS - 1), Cell(300, 30), Cell(200, 12)))
    assert hidden == {(0,), (2,)}


def test_two_small_figures_take_a_third_with_them_since_they_may_be_of_the_same_people():
    hidden = suppressed(*table(Cell(100, 9), Cell(50, 9), Cell(200, 12), Cell(300, 30)))
    assert hidden == {(0,), (1,), (2,)}


def test_total_of_many_stays_though_every_part_is_small():
    assert suppressed(*table(Cell(100, 6), Cell(50, 6))) == {(0,), (1,)}


def test_total_goes_where_nothing_else_is_left_to_go():
    assert ("total",) in suppressed(*table(Cell(100, 3)))


def test_coarser_figure_stays_while_a_finer_one_can_go():
    cells, sums = table(Cell(100, 4), Cell(300, 30))
    cells[("total",)] = Cell(400, 11)
    assert ("total",) in suppressed(cells, sums)
    assert ("total",) not in suppressed(cells, sums, lambda key: int(key == ("total",)))


def test_figure_that_two_sums_determine_together_is_found():
    # In a table of two rows and two columns three hidden figures are one too few.
    sums = [
        {("a",): 1, ("b",): 1, ("row",): -1},
        {("a",): 1, ("c",): 1, ("column",): -1},
        {("b",): 1, ("x",): -1},
    ]
    assert set(determined(sums, [("a",), ("b",), ("c",)])) == {("a",), ("b",), ("c",)}
    assert determined(sums[:2], [("a",), ("b",), ("c",)]) == []


@pytest.mark.parametrize("seed", range(40))
def test_nothing_left_out_follows_from_what_is_printed(seed):
    """Tables of rows and columns with all their totals: no hidden figure is determined, by linear algebra."""
    rng = random.Random(seed)
    rows, columns = rng.randint(2, 5), rng.randint(2, 5)
    cells, sums = {}, []
    for row in range(rows):
        for column in range(columns):
            accounts = rng.choice((0, 1, 6, 12, 20, 60))
            cells[row, column] = Cell(accounts * rng.randint(1, 900), accounts)
    lines = [[(row, column) for column in range(columns)] for row in range(rows)]
    lines += [[(row, column) for row in range(rows)] for column in range(columns)]
    for number, line in enumerate(lines):
        key = ("total", number)
        cells[key] = Cell(sum(cells[its].points for its in line), sum(cells[its].accounts for its in line))
        sums.append(dict.fromkeys(line, 1) | {key: -1})
    hidden = sorted(suppressed(cells, sums, lambda key: int(key[0] == "total")), key=str)
    assert {key for key, cell in cells.items() if cell.points and cell.accounts < MINIMUM_ACCOUNTS} <= {
        *hidden
    }
    matrix = np.array([[its.get(key, 0) for key in hidden] for its in sums], float)
    for place, key in enumerate(hidden):
        unit = np.eye(len(hidden))[place]
        is_determined = np.linalg.matrix_rank(np.vstack([matrix, unit])) == np.linalg.matrix_rank(matrix)
        # Where a whole block of small figures has nothing else beside it, zeros alone are left to go.
        assert not is_determined or _all_around_is_gone(key, sums, hidden, cells), (key, cells)


def _all_around_is_gone(key, sums, hidden, cells):
    return all(
        other in hidden or not cells[other].points
        for relation in sums
        if key in relation
        for other in relation
    )


def test_accounts_are_counted_once_for_each_key():
    keys, points, accounts = np.array([7, 7, 9]), np.array([5, 6, 1]), np.array([1, 1, 1])
    assert cells_by(keys, points, accounts) == {7: Cell(11, 1), 9: Cell(1, 1)}
