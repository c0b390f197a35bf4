"""docs/words.md names files, errors and tests that exist; a row without a test says that it argues."""

import re

import pytest

from scripts.lib.artifacts import read_artifact
from scripts.lib.workspace import ROOT

ROWS = [
    [cell.strip() for cell in line.split(" | ")]
    for line in (ROOT / "docs" / "words.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith(("| word", "| ---"))
]
_TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1])
def test_row_names_tests_that_exist(row):
    shown = row[-1]
    tests = _TEST.findall(shown)
    assert tests or "*argued*" in shown
    for file, function in tests:
        source = (ROOT / file).read_text(encoding="utf-8")
        assert f"\ndef {function}" in source, f"{file}: {function}"


@pytest.mark.parametrize("error", re.findall(r"`(\w+)`", " ".join(row[4] for row in ROWS)))
def test_error_exists(error):
    names = {
        entry["name"]
        for interface in ("IMunicipalPoint", "IMerchantSettlement")
        for entry in read_artifact(interface).abi
        if entry["type"] == "error"
    }
    assert error in names


@pytest.mark.parametrize("library", re.findall(r"\(`(\w+\.sol)`", " ".join(row[0] for row in ROWS)))
def test_drawing_is_in_the_file_named(library):
    assert "bit " in (ROOT / "contracts" / "libraries" / library).read_text(encoding="utf-8")
