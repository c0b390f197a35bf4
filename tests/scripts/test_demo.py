import json

import pytest

from scripts import demo
from scripts.lib.chain import LocalChain
from scripts.lib.replay import SeriesReplay
from scripts.lib.town_model import TownModel
from tests.scripts.small_town import FIRST, NAME, OTHER_SHOP, SECOND, SERIES_NAME, SHOP, SUMMARY, write_town


@pytest.fixture
def run(tmp_path, capsys):
    """Runs the demo on a town; gives exit code, everything printed, and the summary if there is one."""

    def run(**changed_files):
        data = write_town(tmp_path / "data", **changed_files)
        code = demo.main(["--data", str(data), "--out", str(tmp_path / "out")])
        summary = tmp_path / "out" / demo.SUMMARY
        printed = capsys.readouterr()
        return code, printed.out + printed.err, json.loads(summary.read_text()) if summary.exists() else None

    return run


@pytest.fixture
def no_chain(monkeypatch):
    """Fails the test if the demo starts a chain."""

    def refuse(*_, **__):
        raise AssertionError("a chain was started")

    monkeypatch.setattr(LocalChain, "_start", refuse)


def test_demo_of_a_small_town_writes_the_figures_worked_out_by_hand(run):
    code, printed, summary = run()
    assert (code, summary) == (0, {"series": {SERIES_NAME: SUMMARY}}), printed


def test_demo_tells_the_year_in_both_languages(run):
    _, printed, _ = run()
    for words in (
        "Not one point differs",
        "granted",
        "付与",
        "失効",
        "残高",
        "請求",
        "付与月の1か月後の月末",
    ):
        assert words in printed


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        ("-300", "negative"),
        ("many", "many"),
        ("123456789012", "個人番号"),
    ],
)
@pytest.mark.usefixtures("no_chain")
def test_demo_with_bad_points_stops_before_any_transaction(run, points, reason):
    rows = [f"2026-04-10T10:00:00,{FIRST},{SHOP},300", f"2026-04-11T10:00:00,{FIRST},{SHOP},{points}"]
    code, printed, summary = run(payments=rows)
    assert (code, summary) == (1, None), printed
    fault = next((line for line in printed.splitlines() if "payments.csv" in line), "")
    assert " 3 " in fault, f"file and line: {fault!r}"
    assert " points " in fault, f"column: {fault!r}"
    assert reason in printed, printed
    assert "Nothing was sent" in printed


@pytest.mark.usefixtures("no_chain")
def test_demo_with_unknown_merchant_stops_before_any_transaction(run):
    code, printed, _ = run(payments=[f"2026-04-10T10:00:00,{FIRST},m-212032-99,300"])
    assert code == 1
    fault = next(line for line in printed.splitlines() if "payments.csv" in line)
    assert " 2 " in fault, fault
    assert "m-212032-99" in fault, fault


@pytest.mark.usefixtures("no_chain")
def test_demo_reports_the_faults_of_all_files_at_once(run):
    code, printed, _ = run(
        payments=[f"2026-04-10T10:00:00,{FIRST},{SHOP},0"], residents=[FIRST, "somebody", SECOND]
    )
    assert code == 1
    assert "payments.csv" in printed
    assert "residents.csv" in printed


@pytest.mark.usefixtures("no_chain")
def test_demo_with_payment_beyond_balance_stops_before_any_transaction(run):
    rows = [f"2026-04-10T10:00:00,{FIRST},{SHOP},300", f"2026-06-01T00:00:00,{FIRST},{SHOP},1"]
    code, printed, _ = run(payments=rows)
    assert code == 1
    assert f"payments.csv line 3: ERC20InsufficientBalance({FIRST}, 0, 1)" in printed


@pytest.mark.usefixtures("no_chain")
def test_demo_without_any_town_says_so(tmp_path, capsys):
    (tmp_path / "data").mkdir()
    assert demo.main(["--data", str(tmp_path / "data"), "--out", str(tmp_path / "out")]) == 1
    assert "no municipality" in capsys.readouterr().err


@pytest.mark.usefixtures("no_chain")
def test_demo_that_stops_leaves_no_summary_of_an_earlier_run(run, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / demo.SUMMARY).write_text('{"series": {}}')
    _, _, summary = run(residents=["somebody"])
    assert summary is None


def test_demo_with_model_one_point_off_fails_and_names_the_account(run, monkeypatch):
    pay = TownModel._pay

    def pay_one_less(self, row):
        object.__setattr__(row, "points", row.points - (row.resident == SECOND))
        pay(self, row)
        object.__setattr__(row, "points", row.points + (row.resident == SECOND))

    monkeypatch.setattr(TownModel, "_pay", pay_one_less)
    code, printed, summary = run()
    assert (code, summary) == (1, None), printed
    lines = printed.splitlines()
    first = next(i for i, line in enumerate(lines) if SECOND in line and "lot" in line)
    finding = "\n".join(lines[first : first + 3])
    for words in (NAME, "no expiry", "chain 600", "model 601", "events 600"):
        assert words in finding, finding


def test_demo_with_replay_one_point_off_fails_and_names_the_account(run, monkeypatch):
    pay = SeriesReplay._pay

    def pay_one_less(self, event, payer, merchant, points):
        pay(self, event, payer, merchant, points - (points == 200))

    monkeypatch.setattr(SeriesReplay, "_pay", pay_one_less)
    code, printed, summary = run()
    assert (code, summary) == (1, None), printed
    lines = printed.splitlines()
    first = next(i for i, line in enumerate(lines) if FIRST in line)
    finding = "\n".join(lines[first : first + 3])
    for words in (NAME, "amountPoints 500", "held 501"):
        assert words in finding, finding


def test_demo_plays_what_happens_at_one_second_in_the_order_of_the_model(run):
    """At the first second of June a grant comes before the payment that spends it, from an empty account."""
    rows = [f"2026-06-01T00:00:00,{SECOND},{OTHER_SHOP},700"]
    changes = [f"2026-06-01T00:00:00,{SHOP},close"]
    code, printed, summary = run(payments=rows, merchant_changes=changes)
    assert code == 0, printed
    assert summary["series"][SERIES_NAME]["claims"] == 700
