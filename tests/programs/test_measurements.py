"""The programs that measure, at their smallest size: they work, and their figures are what they must be.

Their full size is `make bench` and its like.
"""

import subprocess
import sys

import msgspec

from scripts import bench, bench_audit, bench_load, bench_report
from scripts.lib.audit.bench import comparison
from scripts.lib.gas import growth_page, layouts
from scripts.lib.gas.figures import differences, read_json
from scripts.lib.workspace import ROOT

EVENTS, MANY_EVENTS = 20_000, 40_000


def read(file):
    return msgspec.json.decode(file.read_bytes())


def test_quick_bench_measures_the_committed_gas_and_a_rate_of_each_kind():
    ended = subprocess.run(
        [sys.executable, "-m", "scripts.bench", "--quick"], cwd=ROOT, capture_output=True, text=True
    )
    found = read_json(bench.QUICK_REPORT)
    rates = {name: figure for name, figure in found.items() if name.endswith("_rate")}
    gas = {name: figure for name, figure in found.items() if name not in rates}
    assert differences(read_json(bench.SNAPSHOT), gas) == []
    assert set(rates) == {
        "bulk_grants_rate",
        "bulk_payments_rate",
        "bulk_payments_in_packets_rate",
        "brownie_payments_rate",
    }
    assert all(figure["ours"] > 0 and figure["anchor"] > 0 for figure in rates.values()), rates
    assert rates["bulk_payments_in_packets_rate"]["ours"] > rates["brownie_payments_rate"]["ours"]
    named = {line.partition(":")[0] for line in ended.stderr.splitlines()}
    # So few show no rate that counts; whatever falls short is named, and it alone.
    assert named <= set(rates) and ended.returncode == bool(named), ended.stderr
    assert f"written: {bench.QUICK_REPORT.relative_to(ROOT)}" in ended.stdout


def test_usual_payment_on_the_chosen_layout_costs_one_price_below_a_word_a_month(place, monkeypatch, capsys):
    monkeypatch.setattr(bench, "LAYOUTS_REPORT", place / "layouts.json")
    assert bench.main(["--layouts"]) == 0
    figures = read(place / "layouts.json")
    printed = capsys.readouterr().out
    for compared in layouts.LAYOUTS.values():
        assert all(name in printed for name in compared)
    usual = [gas for operation, gas in figures.items() if operation.startswith("payment_existing")]
    assert len({gas["QueuedLots"] for gas in usual}) == 1, usual  # from one lot to 61
    for gas in usual:
        assert gas["QueuedLots"] + 2_000 < gas["MonthList"] and gas["QueuedLots"] < gas["SupplyTotalWritten"]


def test_growth_is_written_as_it_is_committed(place, monkeypatch, capsys):
    committed = {name: getattr(growth_page, name) for name in ("GROWTH_FILE", "PAGE_FILE")}
    for name, file in committed.items():
        (place / file.name).write_bytes(file.read_bytes())
        monkeypatch.setattr(growth_page, name, place / file.name)
    assert bench.main(["--growth"]) == 0
    for file in committed.values():
        assert (place / file.name).read_bytes() == file.read_bytes(), file.name
    assert growth_page.tables() in capsys.readouterr().out


def test_audit_is_measured_beside_web3_and_named_if_it_falls_short(place, monkeypatch, capsys):
    monkeypatch.setattr(bench_audit, "REPORT", place / "audit.json")
    ended = bench_audit.main(["--events", str(EVENTS), "--many-events", str(MANY_EVENTS)])
    told = read(place / "audit.json")
    readers = told["readers"]
    assert {"fetch", "rebuild", "web3", "fetch many"} == set(readers) - {"cryo"}
    assert ("cryo" in readers) == (told["of_cryo"] is not None)
    assert readers["fetch"]["logs"] >= EVENTS and readers["fetch many"]["logs"] >= MANY_EVENTS
    assert all(reader["cpu"] > 0 for reader in readers.values()), readers
    assert readers["web3"]["logs"] % sum(count for _, count in comparison.MIX.values()) == 0
    assert readers["web3"]["cpu"] > readers["fetch"]["cpu"]
    errors = capsys.readouterr().err
    assert ended == bool(errors), errors
    assert ("cryo is not installed" in errors) == ("cryo" not in readers)


def test_report_of_many_events_is_measured_from_files_to_page(place, monkeypatch, capsys):
    monkeypatch.setattr(bench_report, "REPORT", place / "report.json")
    assert bench_report.main(["--events", str(EVENTS)]) == 0
    figures = read(place / "report.json")
    assert figures["events"] >= EVENTS
    assert 0 < figures["seconds"] < bench_report.MOST_SECONDS and figures["cpu_seconds"] > 0
    assert figures["page_bytes"] > 10_000
    assert f"{figures['events']:,} events to report" in capsys.readouterr().out


def test_nation_of_two_towns_pays_at_one_price_and_is_audited_without_a_finding(place, monkeypatch, capsys):
    monkeypatch.setattr(bench_load, "REPORT", place / "load.json")
    monkeypatch.setattr(bench_load, "TELL_SECONDS", 0.0)
    size = {"municipalities": 2, "residents": 300, "merchants": 4, "payments": 150}
    assert bench_load.main([word for name, count in size.items() for word in (f"--{name}", str(count))]) == 0
    load = read(place / "load.json")
    assert {name: load[name] for name in size} == size
    assert load["audit"]["found"] == 0 and load["audit"]["answers"] > size["residents"]
    assert load["audit"]["events"] > 2 * size["residents"] + 2 * size["payments"]
    gas = load["payment_gas"]
    assert gas["whole"] <= bench_load.MOST_GROWTH * gas["small"]
    assert load["footprints"]["signed_payment"]["words"] == 0
    printed = capsys.readouterr().out
    assert f"payment gas {gas['small']:,} -> {gas['whole']:,}" in printed
    assert "150 of 150, " in printed
