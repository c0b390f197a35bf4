"""Every program has a page of help that can be printed, and that says how it is called."""

import runpy
import sys

import pytest

from scripts.lib.workspace import ROOT

WITHOUT_WORDS_OF_THEIR_OWN = {"brownie", "run_tests"}
"""They hand on what they are given: to brownie, to pytest."""
PROGRAMS = {
    file.stem
    for file in (ROOT / "scripts").glob("*.py")
    if '\nif __name__ == "__main__":\n' in file.read_text(encoding="utf-8")
}


@pytest.mark.parametrize("program", sorted(PROGRAMS - WITHOUT_WORDS_OF_THEIR_OWN))
def test_program_asked_for_help_says_how_it_is_called_and_does_nothing(program, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", [f"{program}.py", "--help"])
    monkeypatch.delitem(sys.modules, f"scripts.{program}", raising=False)
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(f"scripts.{program}", run_name="__main__")
    assert not ended.value.code
    called = f"python -m scripts.{program}", f"make {program.replace('_', '-')}"
    assert capsys.readouterr().out.startswith(tuple(f"usage: {how} [" for how in called))
