"""What is told of a commit's code: another comment is no difference, another number is."""

import pytest

from scripts.lib.workspace import ROOT
from tests.assurance import same_code
from tests.assurance.same_code import code_of, differences, differences_of_tools, files_of, main

SOURCE = """// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;
/// @notice One number.
contract Numbers { function number() external pure returns (uint256) { return 1; } }
"""


@pytest.fixture(scope="module")
def code():
    """The code of one contract as it is, with another comment and with another number, by those names."""
    return code_of(
        {
            "contracts/Plain.sol": SOURCE.replace("Numbers", "Plain"),
            "contracts/Commented.sol": SOURCE.replace("Numbers", "Commented").replace("One", "A"),
            "contracts/Changed.sol": SOURCE.replace("Numbers", "Changed").replace("return 1", "return 2"),
            "tests/Other.sol": SOURCE.replace("Numbers", "Other"),
        }
    )


def test_source_with_another_comment_has_the_same_code(code):
    assert len(code["Plain"]["creation"]) > len(code["Plain"]["runtime"]) > 100
    assert differences({"Numbers": code["Plain"]}, {"Numbers": code["Commented"]}) == []


def test_source_with_another_number_is_named_and_what_is_gone_and_new(code):
    before, now = {"Numbers": code["Plain"]}, {"Numbers": code["Changed"]}
    assert differences(before, now) == ["Numbers: creation and runtime code differs"]
    assert differences(before, {}) == ["Numbers: not there any more"]
    assert differences({}, now) == ["Numbers: new"]


def test_source_outside_contracts_is_not_compared(code):
    assert code.keys() == {"Plain", "Commented", "Changed"}


def test_other_settings_and_another_openzeppelin_are_told():
    files = {name: (ROOT / name).read_text() for name in ("brownie-config.yaml", "package-lock.json")}
    assert differences_of_tools(files) == []
    files["brownie-config.yaml"] = files["brownie-config.yaml"].replace("runs: 200", "runs: 201")
    files["package-lock.json"] = files["package-lock.json"].replace("5.1.0", "5.0.2")
    assert [line.split(":")[0] for line in differences_of_tools(files)] == list(files)


@pytest.fixture
def git(monkeypatch):
    """Let git answer what a test says, in order; an error as text."""

    def answers(*given):
        queue = list(given)

        def answer(*_arguments):
            found = queue.pop(0)
            if isinstance(found, str):
                raise same_code.CommitError(found)
            return found

        monkeypatch.setattr(same_code, "_git", answer)

    return answers


def test_unknown_commit_ends_with_2_and_says_so(git, capsys):
    git(b"\n", "")
    assert main(["0123abcd"]) == 2
    assert capsys.readouterr().err == "git knows no commit 0123abcd here\n"


@pytest.mark.parametrize("answer", ["fatal: not a git repository", b"vendor/jichitai-points/\n"])
def test_archive_of_sources_ends_with_2_and_says_so(git, capsys, answer):
    git(answer)
    assert main(["0123abcd"]) == 2
    assert "no git checkout" in capsys.readouterr().err


def test_folder_without_git_is_told_by_git_itself(tmp_path, monkeypatch):
    monkeypatch.setattr(same_code, "ROOT", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(same_code.CommitError, match="no git checkout"):
        files_of("HEAD")
