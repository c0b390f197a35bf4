"""The gates refuse what they should: an empty report, a finding without a reason, a fault without a place."""

import json
import shutil

import pytest

from scripts.lib.workspace import ROOT
from tests.assurance.coverage import __main__ as coverage
from tests.assurance.coverage.source_map import _instructions, _places
from tests.assurance.invariant_runs import FOLDER, played_digest
from tests.assurance.mutation.planted import PLANTED
from tests.assurance.slither.check import TRIAGE, known_findings, signature

WHOLE = {"exit_code": 0, "traced": 3, "repeated": 1, "failed": 0, "codes": {}, "executed": {"ab": ["0"]}}


@pytest.fixture
def recordings(tmp_path, monkeypatch):
    monkeypatch.setattr(coverage, "RECORDINGS", tmp_path)

    def write(**changed):
        for name in coverage.RUNS:
            (tmp_path / f"{name}.json").write_text(json.dumps({**WHOLE, **changed}))
        return tmp_path

    return write


def test_recordings_that_are_whole_are_read(recordings):
    recordings()
    assert len(coverage.read_recordings()) == len(coverage.RUNS)


@pytest.mark.parametrize("changed", [{"exit_code": 1}, {"traced": 0}, {"executed": {}}, {"failed": 1}])
def test_recordings_that_are_empty_or_of_failed_runs_are_refused(recordings, changed):
    recordings(**changed)
    with pytest.raises(ValueError, match=next(iter(coverage.RUNS))):
        coverage.read_recordings()


def test_recordings_of_which_one_is_missing_are_refused(recordings):
    (recordings() / f"{next(iter(coverage.RUNS))}.json").unlink()
    with pytest.raises(ValueError, match="no recording"):
        coverage.read_recordings()


def test_runs_cover_every_folder_of_tests_of_contracts():
    folders = {path.name for path in (ROOT / "tests/unit").iterdir() if path.is_dir()}

    def last_parts(arguments):
        return {argument.rpartition("/")[2] for argument in arguments}

    left_to_other_runs = last_parts(a for a in coverage.RUNS["others"] if a.startswith("--ignore="))
    elsewhere = last_parts(a for name, run in coverage.RUNS.items() if name != "others" for a in run)
    assert left_to_other_runs == elsewhere | {"lib", "support"}
    assert left_to_other_runs <= folders


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
