"""Files of the partner exchange: what is understood, what is refused, and what model and plan make of it."""

import shutil

import pytest

from scripts.lib.csv_table import BadRows
from scripts.lib.exchange.terms import Ledger
from scripts.lib.japan_calendar import moment_from_text
from scripts.lib.town_year.accounts import TownAccounts
from scripts.lib.town_year.exchange_model import ExchangeModel
from scripts.lib.town_year.exchange_plan import ExchangePlan, Kind, allowance, sweep_time
from scripts.lib.town_year.folder import read_town_years
from scripts.lib.town_year.model import rehearse
from scripts.lib.town_year.row_place import RowRefused
from tests.scripts.small_town import EXCHANGE, FIRST, SECOND, write_town

BEFORE = moment_from_text("2026-03-31T00:00:00")
AFTER = moment_from_text("2027-03-31T23:59:59")
AIRLINE, ELECTRICITY = 1, 2
TAKAYAMA = 212032


def read(tmp_path, **files):
    folder = write_town(tmp_path, **EXCHANGE | files)
    [year] = read_town_years([each for each in folder.iterdir() if each.is_dir()])
    return year


def played(year, until=AFTER):
    model = ExchangeModel([year], [TownAccounts.without_keys(year)], BEFORE)
    model.play_until(until)
    return model


def faults(tmp_path, **files):
    with pytest.raises(BadRows) as error:
        read(tmp_path, **files)
    return [(fault.file.split("/")[1], fault.column, fault.reason.english) for fault in error.value.faults]


def test_town_without_agreements_takes_no_part(tmp_path):
    [year] = read_town_years(write_town(tmp_path).iterdir())
    assert not ExchangePlan.of([year]).steps


def test_steps_come_in_the_order_of_their_time(tmp_path):
    steps = ExchangePlan.of([read(tmp_path)]).steps
    kinds = [step.kind for step in steps]
    assert kinds == [Kind.EXCHANGE, Kind.ISSUE, Kind.REDEEM, Kind.CANCEL, Kind.SWEEP, Kind.RECEIPT]
    assert [len(step.rows) for step in steps] == [1, 2, 1, 1, 1, 1]


def test_points_are_brought_home_on_the_morning_after_the_14_days(tmp_path):
    [row] = read(tmp_path).exchange.exchanges
    assert row.time == moment_from_text("2026-04-20T10:15:00")
    assert sweep_time(row) == moment_from_text("2026-05-05T09:00:00")


def test_exchange_that_is_to_go_to_a_resident_of_no_town_that_takes_part_is_refused_with_its_line(tmp_path):
    exchange = [f"2026-04-20T10:15:00,p-01,SORA-1,{FIRST},2000,2026-04-22T10:00:00,r-131130-0001"]
    refused = r"exchanges.csv line 2: ExchangeForeignAccount\(r-131130-0001\)"
    with pytest.raises(RowRefused, match=refused):
        played(read(tmp_path, exchanges=exchange))


def test_two_series_of_one_town_do_not_both_take_what_partners_bring(tmp_path):
    folder = write_town(tmp_path, **EXCHANGE)
    first = next(each for each in folder.iterdir() if each.is_dir())
    second = shutil.copytree(first, folder / f"{TAKAYAMA}-second")
    file = second / "municipality.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("TEST", "OTHER"), encoding="utf-8")
    with pytest.raises(BadRows) as error:
        read_town_years([first, second])
    [fault] = error.value.faults
    assert fault.file == f"{second.name}/agreements.csv"
    assert fault.reason.english == f"the points go to the series in {first.name}"


def test_model_makes_points_at_the_rate_with_the_campaign_and_coupons_besides(tmp_path):
    """2,000 miles at 1:2 are 1,000 points and a tenth on top; of two coupons of 300 one is redeemed."""
    model = played(read(tmp_path))
    assert model.reference.ledger(TAKAYAMA, AIRLINE) == Ledger(exchanged=1000, bonus=100, received=400)
    assert model.reference.ledger(TAKAYAMA, ELECTRICITY) == Ledger(exchanged=300)
    mints = [(mint.account, mint.points) for mint in model.mints[TAKAYAMA]]
    assert mints == [(SECOND, 300), (FIRST, 1100)]


def test_model_holds_points_for_14_days(tmp_path):
    model = played(read(tmp_path), moment_from_text("2026-05-05T08:59:59"))
    assert model.reference.ledger(TAKAYAMA, AIRLINE).held == 1000


def test_allowance_is_all_that_partners_may_owe_and_the_campaigns(tmp_path):
    assert allowance(read(tmp_path)) == 50_000 + 20_000 + 500


@pytest.mark.parametrize(
    ("file", "row", "column", "reason"),
    [
        ("agreements", "p-03,1,1,1,0,1,1000,12,1000,1000,5000", "partner", "not in partners.csv"),
        ("agreements", "p-01,0,1,1,0,1,1000,12,1000,1000,5000", "numerator", "less than 1"),
        ("exchanges", f"2026-04-20,p-03,A-1,{FIRST},2000,,", "partner", "not in agreements.csv"),
        ("exchanges", "2026-04-20,p-01,A-1,r-212032-0099,2000,,", "resident", "not in residents.csv"),
        ("exchanges", f"2026-03-20,p-01,A-1,{FIRST},2000,,", "time", "not in fiscal year 2026"),
        ("exchanges", f"2027-03-20,p-01,A-1,{FIRST},2000,,", "time", "after the year"),
        ("exchanges", f"2026-04-20,p-01,A-1,{FIRST},2000,2026-04-22,", "named_resident", "both or neither"),
        ("exchanges", f"2026-04-20,p-01,A-1,{FIRST},2000,2026-05-04,{SECOND}", "named_at", "14 days"),
        ("coupons", "K-1,p-02,here,300,2026-04-21,2026-12-31,2026-05-01,,", "resident", "both or neither"),
        (
            "coupons",
            f"K-1,p-02,here,300,2026-04-21,2026-12-31,2026-05-01,{FIRST},2026-06-01",
            "cancelled",
            "redeemed",
        ),
        ("coupons", "K-1,p-02,here,300,2026-04-21,2026-12-31,,,2026-04-20", "issued", "ends before"),
        ("receipts", "2026-06-01,p-01,0,HIDA-1", "yen", "less than 1"),
    ],
)
def test_faulty_row_is_named_with_its_file_and_column(tmp_path, file, row, column, reason):
    alone = {"campaigns": [], "exchanges": [], "coupons": [], "receipts": []}
    (found_file, found_column, found_reason) = faults(tmp_path, **alone | {file: [row]})[0]
    assert (found_file, found_column) == (f"{file}.csv", column)
    assert reason in found_reason


def test_reference_used_twice_is_refused(tmp_path):
    row = EXCHANGE["exchanges"][0]
    assert ("exchanges.csv", "reference", "the same as in line 2") in faults(tmp_path, exchanges=[row, row])


def test_missing_partners_file_is_the_only_fault(tmp_path):
    folder = write_town(tmp_path, **EXCHANGE)
    (folder / "partners.csv").unlink()
    with pytest.raises(BadRows, match="the file is missing") as error:
        read_town_years([each for each in folder.iterdir() if each.is_dir()])
    assert len(error.value.faults) == 1


@pytest.mark.parametrize(
    ("agreement", "refusal"),
    [
        ("p-01,1,2,300,0,1000,9000,12,9000,9000,50000", "ExchangeAmount"),
        ("p-01,1,2,100,0,1000,9000,12,999,9000,50000", "ExchangeDailyLimit"),
        ("p-01,1,2,100,0,1000,9000,12,999,999,50000", "ExchangeDailyLimit"),
        ("p-01,1,2,100,0,1000,9000,12,9000,9000,999", "ExchangeOutstandingLimit"),
    ],
)
def test_exchange_beyond_a_cap_is_refused_before_anything_is_sent(tmp_path, agreement, refusal):
    year = read(tmp_path, agreements=[agreement, EXCHANGE["agreements"][1]])
    with pytest.raises(RowRefused, match=rf"exchanges\.csv line 2: {refusal}"):
        rehearse([year])
