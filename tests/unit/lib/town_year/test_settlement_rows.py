"""settlements.csv: what is understood, what is refused, and what the model makes of it."""

import pytest

from scripts.lib.csv_table import BadRows
from scripts.lib.japan_calendar import last_second, moment_from_text
from scripts.lib.town_year.accounts import TownAccounts
from scripts.lib.town_year.folder import read_town_years
from scripts.lib.town_year.model import TownModel, rehearse
from scripts.lib.town_year.row_place import RowRefused
from scripts.lib.town_year.settlement_rows import SettlementStep
from tests.scripts.small_town import OTHER_SHOP, SETTLEMENTS, SHOP, write_town

MARCH_2027 = 326
BEFORE = 1_774_000_000


def read(tmp_path, rows=SETTLEMENTS, **files):
    [year] = read_town_years(write_town(tmp_path, settlements=rows, **files).iterdir())
    return year


def played(year):
    model = TownModel(year, TownAccounts.without_keys(year), BEFORE)
    model.play_until(moment_from_text("2027-06-01T09:00:00"))
    return model


def test_month_as_cut_off_is_its_last_second(tmp_path):
    first = read(tmp_path).settlements[0]
    assert (first.step, first.cut_off) == (SettlementStep.APPROVE, last_second(MARCH_2027 - 10))


def test_moment_as_cut_off_and_japanese_words_are_understood(tmp_path):
    [row] = read(tmp_path, [f"2026-05-11 10:00,承認,2026-05-03T12:00,{SHOP} {OTHER_SHOP}"]).settlements
    assert (row.cut_off, row.merchants) == (moment_from_text("2026-05-03T12:00:00"), (SHOP, OTHER_SHOP))


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("2026-05-11T10:00:00,approve,2026-05,", "cut_off", "still to come"),
        ("2026-05-11T10:00:00,pay,2026-04,", "cut_off", "no row before it approves"),
        ("2026-05-11T10:00:00,approve,2026-04,m-212032-99", "merchants", "not all are in"),
        ("2026-03-31T10:00:00,approve,2026-02,", "time", "not between April 2026 and June 2027"),
        ("2027-07-01T00:00:00,approve,2027-03,", "time", "not between April 2026 and June 2027"),
        ("2027-06-01T09:00:00,close,2027-02,", "cut_off", "ends with 2027-03"),
        (f"2027-06-01T09:00:00,close,2027-03,{SHOP}", "merchants", "takes none"),
        ("2026-05-11T10:00:00,burn,2026-04,", "step", "none of approve"),
        ("2026-05-11T10:00:00,approve,soon,", "cut_off", "not a time"),
    ],
)
def test_faulty_row_is_named_with_its_column(tmp_path, row, column, reason):
    with pytest.raises(BadRows) as error:
        read(tmp_path, [row])
    [fault] = error.value.faults
    assert (fault.line, fault.column) == (2, column)
    assert reason in fault.reason.english


def test_same_cut_off_approved_twice_is_refused(tmp_path):
    with pytest.raises(BadRows, match="the same as in line 2"):
        read(tmp_path, ["2026-05-11,approve,2026-04,", "2026-05-12,approve,2026-04,"])


def test_model_locks_only_what_was_sold_up_to_the_cut_off(tmp_path):
    """200 are paid to the other shop on 31 May, which is after the cut-off of May the 30th."""
    rows = ["2026-06-11T10:00:00,approve,2026-05-30T23:59:59,"]
    reference = played(read(tmp_path, rows)).settlement.reference
    assert [(claim.merchant, claim.points) for claim in reference.batches[1].claims] == [(SHOP, 300)]


def test_model_keeps_april_and_march_apart(tmp_path):
    """What is approved in April was sold in the year before."""
    rows = ["2027-04-11T10:00:00,approve,2027-03,"]
    [*claims] = played(read(tmp_path, rows)).settlement.reference.batches[1].claims
    assert [(claim.this_year, claim.earlier_years) for claim in claims] == [(0, 400), (0, 200)]


def test_model_closes_the_year_to_the_yen(tmp_path):
    model = played(read(tmp_path))
    end = model.year_end(0, 0)
    assert (end.told.used, end.settled, end.owed_over, end.lapsed, end.told.carried_over) == (
        600,
        600,
        0,
        1000,
        600,
    )
    assert not end.differences()


def test_year_whose_last_batch_is_paid_in_june_is_refused_before_anything_is_sent(tmp_path):
    late = [*SETTLEMENTS[:-2], SETTLEMENTS[-2].replace("2027-04-25", "2027-06-01"), SETTLEMENTS[-1]]
    with pytest.raises(RowRefused, match="SettlementBooksClosed"):
        rehearse([read(tmp_path, late)])


def test_bounce_of_a_shop_that_is_not_in_the_batch_is_refused_before_anything_is_sent(tmp_path):
    rows = ["2026-05-11,approve,2026-04,", f"2026-05-25,pay,2026-04,{OTHER_SHOP}"]
    with pytest.raises(RowRefused, match=r"settlements\.csv line 3: SettlementPlaces"):
        rehearse([read(tmp_path, rows)])
