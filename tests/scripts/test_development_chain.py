"""`make chain`: what it keeps, and how one begins anew."""

import fcntl
import os
import signal
import socket
import subprocess
import sys

import pytest

from scripts.lib.node import local_chain as chain
from scripts.lib.node.local_chain import DEVELOPMENT_CHAIN_ID
from scripts.lib.node.rpc import Rpc

START = """
from pathlib import Path
from scripts.lib.node import local_chain as chain
chain.ROOT, chain.DEVELOPMENT_FOLDER = Path.cwd(), Path.cwd() / ".chain"
raise SystemExit(chain.main(__import__("sys").argv[1:]))
"""


@pytest.fixture
def height(tmp_path):
    """Starts the chain, asks its height, mines a block, and ends it.

    As a shell starts what runs in the background, where nothing is interrupted by itself.
    """

    def run(*words):
        command = [sys.executable, "-c", START, *words]
        process = subprocess.Popen(
            command,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(chain.ANVIL.parents[2])},
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
        )
        for line in process.stdout:
            if b"Ctrl-C" in line:
                break
        rpc = Rpc(f"http://127.0.0.1:{(tmp_path / '.chain' / 'port').read_text()}")
        found = int(rpc.call("eth_blockNumber"), 16)
        rpc.call("evm_mine")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        return found

    return run


def test_chain_goes_on_where_it_was_and_begins_anew_when_told_to(height, tmp_path):
    records = tmp_path / "deployments" / str(DEVELOPMENT_CHAIN_ID)
    assert height() == 0
    records.mkdir(parents=True)
    assert height() == 1
    assert records.exists()
    assert height("--new") == 0
    assert not records.exists(), "records of the chain before are told of this one"
    assert len(list(records.parent.glob(f"{DEVELOPMENT_CHAIN_ID}-until-*"))) == 1
    assert (tmp_path / ".chain" / "state.backup.json").exists()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(chain, "ROOT", tmp_path)
    monkeypatch.setattr(chain, "DEVELOPMENT_FOLDER", tmp_path / ".chain")
    (tmp_path / ".chain").mkdir()
    return tmp_path / ".chain"


def test_second_chain_of_a_folder_is_refused_with_the_port_of_the_first(folder, capsys):
    (folder / "port").write_text("8546")
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert chain.main([]) == 1
    assert capsys.readouterr().err == "A development chain is running already at port 8546.\n"


def test_chain_whose_port_is_taken_ends_with_the_reason(folder, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert chain.main(["--port", str(taken.getsockname()[1])]) == 1
    assert "anvil did not start" in capsys.readouterr().err
    assert not (folder / "port").exists()


def test_chain_without_its_program_says_how_to_install_it(folder, monkeypatch, capsys):
    monkeypatch.setattr(chain, "ANVIL", folder / "anvil")
    assert chain.main([]) == 1
    assert "run `make install`" in capsys.readouterr().err
