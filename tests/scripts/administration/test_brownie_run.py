"""`brownie run council deploy towns.csv`, in a process of its own, on a chain that runs already."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.brownie import URL_VARIABLE, import_script
from scripts.brownie import main as brownie_main
from scripts.lib.administration.command_line import run, run_in_brownie
from scripts.lib.administration.connection import Connection
from scripts.lib.administration.execution import ExitCode
from scripts.lib.administration.verbs import ACTORS
from scripts.lib.node.local_chain import DEVELOPMENT_CHAIN_ID, LocalChain
from scripts.lib.workspace import ROOT
from tests.support.command_town import TOWNS


def brownie_run(chain, *words):
    command = [sys.executable, "-m", "scripts.brownie", "run", *words]
    variables = os.environ | {URL_VARIABLE: chain.url, "PYTHONUTF8": "1"}
    return subprocess.run(command, env=variables, cwd=ROOT, capture_output=True, text=True, timeout=120)


def test_brownie_runs_a_command(tmp_path):
    towns = tmp_path / "towns.csv"
    towns.write_text("\n".join(TOWNS), encoding="utf-8")
    records = f"records={tmp_path / 'deployments'}"
    with LocalChain.anvil(chain_id=DEVELOPMENT_CHAIN_ID) as chain:
        ended = brownie_run(chain, "council", "deploy", str(towns), "yes", records)
        assert ended.returncode == ExitCode.DONE, ended.stdout + ended.stderr
        connection = Connection.open(url=chain.url, records=tmp_path / "deployments")
        assert run("municipality", ["status"], connection) is ExitCode.DONE


def test_brownie_without_a_chain_says_how_to_start_one(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv(URL_VARIABLE, "http://127.0.0.1:9")
    assert brownie_main() == 1
    assert "チェーンがありません(make chain)" in capsys.readouterr().err


def test_script_is_found_in_a_folder_with_a_dot_in_its_name():
    script = Path("/home/office/jichitai-points-0.10.0/scripts/council.py")
    assert import_script(script).__name__ == "scripts.council"


@pytest.mark.parametrize("actor", ACTORS)
def test_every_command_has_a_function_by_which_brownie_shows_its_help(actor, capsys):
    script = import_script(Path(f"{actor}.py"))
    for verb in ACTORS[actor][1]:
        function = getattr(script, verb.name.replace("-", "_"))
        assert function.__module__ == script.__name__, f"brownie run finds no {verb.name} that is imported"
        function("--help")
        assert capsys.readouterr().out.split()[:5] == [
            "usage:",
            "python",
            "-m",
            f"scripts.{actor}",
            verb.name,
        ]


def test_page_for_officers_names_every_command():
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    for actor, (_, verbs) in ACTORS.items():
        [row] = [line for line in page.splitlines() if line.startswith(f"| {actor} ")]
        missing = [verb.name for verb in verbs if f"`{verb.name}`" not in row]
        assert not missing, f"{actor}: {missing}"


def test_command_that_is_refused_ends_the_program_that_brownie_runs_with_its_code(capsys):
    with pytest.raises(SystemExit) as ended:
        run_in_brownie("municipality", "status", ["network=no-such-network"])
    assert ended.value.code is ExitCode.REJECTED_INPUT
    assert "no-such-network" in capsys.readouterr().out
