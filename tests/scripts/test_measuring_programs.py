"""Programs that measure: 1 if a figure passes its limit, 2 if they cannot; tests/programs runs them."""

import subprocess
from types import SimpleNamespace

import pytest
from eth_utils import keccak

from scripts import bench_audit, bench_load, bench_report
from scripts.lib.audit.bench import comparison
from scripts.lib.audit.bench.readers import rebuild
from scripts.lib.node import local_chain
from tests.support.told_series import TOKEN, ToldSeries

GOOD = {"audit_cpu_per_log": 5.0, "of_cryo": 0.5, "web3_of_ours": 150.0, "memory_of_many": 1.0}


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({}, ""),
        ({"of_cryo": 1.1}, "audit_cpu_per_log is 1.10 of cryo's, past 1.0\n"),
        ({"of_cryo": None}, "cryo is not installed here; it took 13.9 microseconds a log when it was\n"),
        ({"web3_of_ours": 99.0}, "web3.py takes only 99 times as long, not 100\n"),
        ({"memory_of_many": 1.4}, "memory grows to 1.40, past 1.3\n"),
    ],
)
def test_reading_that_falls_short_fails_and_is_named(changed, named, capsys):
    assert bench_audit.exit_code({**GOOD, **changed}) == bool(named)
    assert capsys.readouterr().err == named


@pytest.mark.parametrize(
    ("program", "words"),
    [
        (bench_audit, ["--events", "1"]),
        (bench_load, ["--residents", "1"]),
        (bench_report, ["--events", "1"]),
    ],
)
def test_measuring_without_a_chain_ends_with_the_reason(program, words, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(local_chain, "ANVIL", tmp_path / "anvil")
    assert program.main(words) == 2
    assert "anvil is missing: run `make install`" in capsys.readouterr().err


def test_rebuild_of_a_series_that_sold_nothing_is_no_measurement(tmp_path):
    ToldSeries().write(tmp_path / "dataset")
    with pytest.raises(LookupError, match="nothing was rebuilt"):
        rebuild(str(tmp_path / "dataset"), "0x" + TOKEN.hex())


def test_cryo_is_asked_for_every_event_by_its_topic(tmp_path):
    command = comparison.cryo_arguments("http://node", 3, 9, "0xtoken", tmp_path, {"Transfer": 100})
    topic = "0x" + keccak(text="Transfer(address,address,uint256)").hex()
    signature = "event Transfer(address indexed from, address indexed to, uint256 value)"
    assert command[2:] == ["http://node", "3", "9", "0xtoken", str(tmp_path), signature, topic, "100"]


@pytest.fixture
def cryo(tmp_path, monkeypatch):
    """Measures cryo, which is a program that ends with an exit code."""
    chain = SimpleNamespace(rpc=SimpleNamespace(url="http://node"), first=1, token="0xtoken")

    def ended(code):
        monkeypatch.setattr(
            comparison,
            "cryo_arguments",
            lambda *_: ["bash", "-c", f"kill {code} $$" if code < 0 else f"exit {code}"],
        )
        return comparison._cryo(chain, tmp_path / "cryo", 9, 4_000)

    return ended


def test_cryo_that_crashes_has_no_time(cryo):
    assert cryo(-11) is None


def test_cryo_that_fails_ends_the_measurement(cryo):
    with pytest.raises(subprocess.CalledProcessError):
        cryo(1)
