"""A slice of `make test-deep` for every `make test`; tests/assurance/deep.py says what runs for long."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from scripts.lib.reference.ledger import MAX_LOT_POINTS
from scripts.lib.workspace import BUILD, ROOT
from tests.assurance import lot_fuzz, results, symbolic
from tests.assurance.invariant_runs import INVARIANTS, QUICK, build, play, verbs

SEED = 3
ACTIONS_OF_A_RUN = 700
LEAST_CALLS_OF_AN_INVARIANT = 500
LEAST_VERBS = 90
LISTS = 4


def test_invariants_hold_over_all_contracts():
    """I1 to I9 and I11, a short campaign each."""
    build(QUICK)
    counts_file = BUILD / "test-slice-forge.txt"
    counts: Counter[str] = play("invariant_", SEED, 1, ACTIONS_OF_A_RUN, counts_file, QUICK)
    tried = [verb for verb in verbs().values() if counts[verb]]
    assert counts["calls"] >= LEAST_CALLS_OF_AN_INVARIANT * len(INVARIANTS), counts["calls"]
    assert len(tried) >= LEAST_VERBS, sorted(set(verbs().values()) - set(tried))


@pytest.fixture(scope="module")
def harness():
    with lot_fuzz.Harness.started(lot_fuzz.compiled_harnesses()) as harness:
        yield harness


def test_lots_and_supply_are_those_of_the_reference_model(harness):
    done = sum((lot_fuzz.play_list(harness, SEED, number) for number in range(LISTS)), Counter())
    assert done.total() == LISTS * lot_fuzz.OPERATIONS_OF_A_LIST
    assert all(done[kind] for kind in ("receive", "spend", "take out", "give", "extend", "reserve")), done


def test_a_model_one_point_off_is_noticed(harness, monkeypatch):
    """The comparison can fail: a lot that holds a point less than it may is found."""
    monkeypatch.setattr(
        lot_fuzz.Model,
        "_fits",
        lambda model, account, month, points: (
            model.ledger.lots_of(account).get(month, 0) + points < MAX_LOT_POINTS
        ),
    )
    places = [lot_fuzz.difference(harness, lot_fuzz.operations_of(SEED, number)) for number in range(LISTS)]
    assert any(place is not None for place in places)


def test_words_out_of_order_are_noticed():
    lots = {300: 5, 301: 7}
    in_order = (300 << 29 | 5) | (301 << 29 | 7) << 40
    swapped = (301 << 29 | 7) | (300 << 29 | 5) << 40
    nothing_waits = [0] * 256
    assert lot_fuzz.misplaced(in_order, 0, nothing_waits, lots, 300) == ""
    assert "out of order" in lot_fuzz.misplaced(swapped, 0, nothing_waits, lots, 300)
    assert "marked wrongly" in lot_fuzz.misplaced(in_order, 1 << 50, nothing_waits, lots, 300)


def test_calendar_is_that_of_the_time_zone_database(harness):
    assert lot_fuzz.check_calendar(harness, SEED, 0) == lot_fuzz.SECONDS_OF_A_LIST


def test_page_shows_the_figures_that_were_noted():
    assert results.is_page_current(), "python -c 'from tests.assurance import results; results.write_table()'"


def test_every_symbolic_check_is_run_and_told():
    written = {
        name
        for file in (ROOT / "tests" / "symbolic").glob("*.sol")
        for name in re.findall(r"function (check_\w+)", file.read_text(encoding="utf-8"))
    }
    assert written == set(symbolic.CHECKS)
