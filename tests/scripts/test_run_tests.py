"""`make test`: all parts run at once, and one that fails is not lost among those that pass."""

import sys

import pytest

from scripts import run_tests


@pytest.fixture
def parts(tmp_path, monkeypatch):
    """Parts that are no tests: each prints its words and ends as they say."""
    interpreter = tmp_path / "python"
    interpreter.write_text('#!/bin/sh\nshift 3\necho "part $*"\neval "$1"\n')
    interpreter.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(interpreter))

    def set_parts(*commands):
        monkeypatch.setattr(run_tests, "PARTS", tuple([command] for command in commands))

    return set_parts


@pytest.mark.parametrize(
    ("commands", "code"),
    [
        (("true", "true", "true"), 0),
        (("exit 2", "true", "true"), 2),
        (("true", "exit 1", "true"), 1),
        (("true", "true", "kill -9 $$"), 9),
    ],
)
def test_whole_suite_ends_as_its_worst_part_did(parts, commands, code, capfd):
    parts(*commands)
    assert run_tests.main([]) == code
    assert capfd.readouterr().out.splitlines() == [f"part {command}" for command in commands]
