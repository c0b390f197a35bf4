"""Programs that measure: 1 if a figure passes its limit, 2 if they cannot; tests/programs runs them."""

import pytest

from scripts import bench_audit, bench_load, bench_report
from scripts.lib.node import local_chain

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
