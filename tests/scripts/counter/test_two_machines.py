"""Two processes with nothing but the QR text between them, and no network for the one that signs."""

import os
import subprocess
import sys

import pytest

from scripts.lib.merchant.shop_keys import create_key
from scripts.lib.resident.purse_keys import PurseKeys
from scripts.lib.workspace import ROOT
from tests.support.counter_town import CITY, OPENING

PASSPHRASE = "みかん川崎2026"
FEW = 2

CLOCK = """
import sys, time

began = time.time()
time.time = lambda began=began, real=time.time, clock=int(sys.argv.pop(1)): clock + real() - began
"""
"""The machine's clock, which is the town's."""

WITH_LINE = """
from scripts.merchant import main
sys.exit(main(sys.argv[1:]))
"""

WITHOUT_NETWORK = """
import socket

def refuse(*_arguments, **_names):
    raise AssertionError("the signer reached for the network")

socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
from scripts.resident import main
sys.exit(main(sys.argv[1:]))
"""


def run(program, *words, folder, check=True):
    """Run a program; its passphrase comes by file descriptor."""
    reading, writing = os.pipe()
    os.write(writing, PASSPHRASE.encode() + b"\n")
    os.close(writing)
    given = ["-c", CLOCK + program, str(OPENING), "--folder", str(folder), "--passphrase-fd", str(reading)]
    done = subprocess.run(
        [sys.executable, *given, *words],
        capture_output=True,
        text=True,
        cwd=ROOT,
        pass_fds=(reading,),
        check=False,
    )
    os.close(reading)
    assert (done.returncode == 0) is check, done.stderr
    return done.stdout if check else done.stderr


@pytest.fixture
def till(town, tmp_path):
    """The shop's machine, which has a line."""
    folder = tmp_path / "till"
    key = create_key(folder / "till-key.json", PASSPHRASE, FEW)
    town.send(town.point.functions.setTill(town.shop.address, key.address, True), town.shop.address)
    town.book.write(tmp_path / "contracts.json")
    setup = ["setup", "--book", str(tmp_path / "contracts.json"), "--merchant", town.shop.address]
    run(WITH_LINE, *setup, "--shop", "商店0", folder=folder)
    return lambda *words, **more: run(WITH_LINE, "--url", town.chain.url, *words, folder=folder, **more)


@pytest.fixture
def purse(town, tmp_path):
    """The resident's machine, which has none after it has learned."""
    folder = tmp_path / "purse"
    keys, _ = PurseKeys.create(folder / "purse.json", PASSPHRASE, FEW)
    account = keys.account(CITY).address
    town.grant(account, 1_000)
    town.knowledge(account).write(folder / f"series-{town.series}.json")
    return account, lambda *words, **more: run(WITHOUT_NETWORK, *words, folder=folder, **more)


def test_payment_passes_between_two_processes_as_text_alone(town, till, purse):
    account, sign = purse
    shown = till("open", "300").strip()
    assert shown.startswith("jichitai-points:pay?")
    changed = shown.replace("points=300", "points=200")
    assert "支払わないでください" in sign("pay", "--yes", changed, check=False)
    answer = sign("pay", "--yes", shown).strip()
    assert answer.startswith("jichitai-points:paid?")
    assert "受け付けました" in till("accept", answer)
    assert "お支払いが済みました" in till("submit")
    assert town.balance(account) == 700
    assert "受け付け済み" in till("accept", answer, check=False)
