"""The gates refuse what they should: an empty report, a finding without a reason, a fault without a place."""

import json
import shutil
from itertools import groupby
from pathlib import Path

import pytest

from scripts.lib.workspace import ROOT
from tests.assurance import python_branches
from tests.assurance.coverage import page, recordings
from tests.assurance.coverage.__main__ import FILES_A_RUN, dealt_out
from tests.assurance.coverage.recorder import Recorder
from tests.assurance.coverage.report import FileReport
from tests.assurance.coverage.source_map import _instructions, _places
from tests.assurance.invariant_runs import FOLDER, played_digest
from tests.assurance.mutation.planted import PLANTED
from tests.assurance.planted import FAULTS
from tests.assurance.slither.check import TRIAGE, known_findings, signature

TEST_FILE = "tests/unit/officers/test_propose.py"
WHOLE = {"passed": 2, "failures": 0, "untraced": 0, "traced": 3, "executed": {"ab": ["0"]}}


@pytest.fixture
def record(tmp_path, monkeypatch):
    monkeypatch.setattr(recordings, "FOLDER", tmp_path)
    monkeypatch.setattr(recordings, "test_files", lambda: [TEST_FILE])

    def write(**changed):
        noted = {"state": recordings.state_of(TEST_FILE), **WHOLE, **changed}
        recordings.recording_of(TEST_FILE).write_text(json.dumps(noted))

    return write


def test_recording_that_is_whole_is_read_and_not_missing(record):
    record()
    assert [found["traced"] for found in recordings.read_all()] == [3]
    assert recordings.missing() == []


@pytest.mark.parametrize("changed", [{"failures": 1}, {"passed": 0}, {"untraced": 1}, {"state": "of before"}])
def test_recording_of_failed_runs_or_of_other_sources_is_refused_and_missing(record, changed):
    record(**changed)
    with pytest.raises(ValueError, match="test_propose"):
        recordings.read_all()
    assert recordings.missing() == [TEST_FILE]


@pytest.mark.parametrize("changed", [{"traced": 0}, {"executed": {}}])
def test_recordings_of_nothing_are_refused(record, changed):
    record(**changed)
    with pytest.raises(ValueError, match="empty"):
        recordings.read_all()


def test_recording_that_is_not_there_is_refused_and_missing(record):
    with pytest.raises(ValueError, match="no recording"):
        recordings.read_all()
    assert recordings.missing() == [TEST_FILE]


def test_state_of_a_file_of_tests_is_its_own():
    assert recordings.state_of(TEST_FILE) != recordings.state_of("tests/unit/officers/test_approve.py")


def test_files_of_tests_are_those_of_every_contract():
    folders = {file.split("/")[2] for file in recordings.test_files() if file.startswith("tests/unit/")}
    assert folders > {"municipal_point", "officers", "partner_exchange", "test_roles.py"}
    assert not folders & {"lib", "support"}


def test_recorder_hands_out_each_place_once():
    recorder = Recorder()

    def trace(places):
        codes = {"eth_getCode": {"result": "0x60"}}
        recorder._take(lambda method, _parameters: codes[method], {"result": {"TOP 0xa": places}}, "0xa")

    trace("0 1")
    first = recorder.take()
    trace("0 1 2")
    second = recorder.take()
    (digest,) = first["codes"]
    assert first["executed"] == {digest: ["0", "1"]} and second["executed"] == {digest: ["2"]}
    assert first["codes"] == second["codes"] and recorder.take()["executed"] == {}


@pytest.fixture
def assurance_page(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "PAGE_FILE", tmp_path / "assurance.md")
    return page.PAGE_FILE


def test_runs_of_coverage_hold_each_file_once_and_come_back_to_no_folder():
    jobs = [(file, "", "") for file in recordings.test_files()]
    runs = dealt_out(jobs)
    assert sorted(job for run in runs for job in run) == sorted(jobs)
    assert all(len(run) <= FILES_A_RUN for run in runs)
    for run in runs:
        folders = [Path(file).parent for file, *_ in run]
        assert len(list(groupby(folders))) == len(set(folders))


def test_table_of_coverage_takes_the_place_of_the_one_before(assurance_page):
    assurance_page.write_text(f"before\n{page.FIRST_MARK}\nold\n{page.LAST_MARK}\nafter\n")
    lines = {1: True, 2: False}
    report = FileReport("contracts/Officers.sol", lines, {("act", 1): True}, {("if", 1, 1, "t"): True})
    page.write([report], [{"passed": 5, "traced": 1_234, "repeated": 2}])
    text = assurance_page.read_text()
    assert "| Officers.sol | 1/2 | 1/1 | 1/1 |" in text and "1,234 transactions" in text
    assert text.startswith("before\n") and text.endswith("after\n") and "old" not in text


def test_page_without_a_place_for_the_table_is_refused(assurance_page):
    assurance_page.write_text(page.FIRST_MARK)
    with pytest.raises(ValueError, match="no place"):
        page.write([], [])


def test_source_map_repeats_what_is_left_out():
    assert list(_places("1:2:0;:3;;5::-1:i;7:1:2")) == [(0, 1, 2), (0, 1, 3), (0, 1, 3), None, (2, 7, 1)]


def test_bytes_that_are_pushed_are_no_instructions():
    assert list(_instructions(bytes.fromhex("6057617fff5b57"))) == [
        (0, 0x60),
        (2, 0x61),
        (5, 0x5B),
        (6, 0x57),
    ]


def test_planted_faults_have_a_name_and_a_place_of_their_own():
    assert len(PLANTED) >= 20 and len({mutant.name for mutant in PLANTED}) == len(PLANTED)
    for mutant in PLANTED:
        source = (ROOT / "contracts" / mutant.file).read_text(encoding="utf-8")
        assert source.count(mutant.find) == 1, mutant.name
        assert mutant.find not in mutant.put or mutant.put.count(mutant.find) == 0, mutant.name


def test_faults_that_the_invariants_are_shown_have_a_place_of_their_own():
    for fault in FAULTS:
        source = (ROOT / "contracts" / fault.file).read_text(encoding="utf-8")
        assert source.count(fault.before) == 1, fault.about


@pytest.mark.parametrize("file", ["Handler.sol", "seldom/Seldom.t.sol", "seldom/Succession.t.sol"])
def test_counts_of_a_campaign_are_stale_once_an_invariant_has_changed(tmp_path, file):
    folder = shutil.copytree(FOLDER, tmp_path / "invariants")
    assert played_digest(folder) == played_digest()
    with (folder / file).open("a") as source:
        source.write("\n")
    assert played_digest(folder) != played_digest()


def test_signature_of_a_finding_forgets_line_numbers_and_nothing_else():
    def finding(text):
        return {"check": "timestamp", "description": text}

    one = signature(finding("A.f() (contracts/A.sol#1-9) uses timestamp\n\t- x > y (contracts/A.sol#3)"))
    moved = signature(finding("A.f() (contracts/A.sol#2-10) uses timestamp\n\t- x > y (contracts/A.sol#4)"))
    other = signature(finding("A.f() (contracts/A.sol#1-9) uses timestamp\n\t- x >= y (contracts/A.sol#3)"))
    assert one == moved != other


def test_findings_are_explained_each():
    groups = json.loads(TRIAGE.read_text(encoding="utf-8"))
    assert known_findings(groups).total() > 100
    with pytest.raises(ValueError, match="no reason"):
        known_findings([{"because": "", "findings": ["timestamp: A.f() [0123456789]"]}])


@pytest.fixture
def measured(tmp_path):
    """Ask the gate of the Python library about a report of coverage.py with such totals."""

    def ask(totals):
        report = tmp_path / "report.json"
        report.write_text(json.dumps({"totals": totals}))
        return python_branches.main(str(report))

    return ask


def test_branches_of_the_library_pass_with_ninety_five_of_a_hundred(measured, capsys):
    assert measured({"covered_branches": 950, "num_branches": 1_000}) == 0
    assert "950 of 1,000, 95.00 %" in capsys.readouterr().out


def test_branches_of_the_library_are_refused_with_less_whatever_the_lines_say(measured, capsys):
    together = {"percent_covered": 99.9, "percent_branches_covered": 94.9}
    assert measured({"covered_branches": 949, "num_branches": 1_000, **together}) == 2
    assert "949 of 1,000 branches" in capsys.readouterr().err


@pytest.mark.parametrize(
    "totals", [{}, {"covered_branches": 0, "num_branches": 0, "percent_branches_covered": 100}]
)
def test_measurement_without_a_branch_is_refused(measured, capsys, totals):
    assert measured(totals) == 2
    assert "no branch was measured" in capsys.readouterr().err
