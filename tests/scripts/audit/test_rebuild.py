"""The program that docs/dataset.md gives to who trusts none of ours comes to verify's figures."""

import subprocess
import sys

import pytest

from scripts.lib.audit.dataset import Dataset
from scripts.lib.audit.fetch import fetch
from scripts.lib.audit.last_block import last_block_of_day
from scripts.lib.audit.report.event_columns import EventColumns
from scripts.lib.audit.report.figures import TOLD, read_figures
from scripts.lib.audit.report.transfers import Flow
from scripts.lib.audit.statements.papers import last_second_of
from scripts.lib.audit.verify import verify
from scripts.lib.deployment import SERVICES
from scripts.lib.workspace import ROOT

PROGRAM = ROOT / "docs" / "examples" / "rebuild.py"
PAGE = (ROOT / "docs" / "dataset.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def rebuilt(town, dataset):
    """What the program prints of every series, by its address."""
    series = read_figures(EventColumns(Dataset(dataset))).series
    return {its.address: rebuild(town, its.address) for its in series}


def rebuild(town, series, *block):
    """Run the program, and return what it prints."""
    command = [sys.executable, PROGRAM, town.rpc.url, town.platform, series, *map(str, block)]
    printed = subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout
    rows = (line.rsplit(maxsplit=1) for line in printed.splitlines())
    return {name.strip(): int(points.replace(",", "")) for name, points in rows}


def test_program_without_a_series_lists_those_of_the_platform(town, rebuilt):
    command = [sys.executable, PROGRAM, town.rpc.url, town.platform]
    printed = subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout
    assert {line.split(maxsplit=1)[0] for line in printed.splitlines()} == rebuilt.keys()


def test_rebuilt_figures_are_those_of_verify(town, dataset, rebuilt):
    books = verify(town.rpc, dataset).books
    assert len(books) == 2 and books.keys() == rebuilt.keys()
    for token, its in books.items():
        told = rebuilt[token]
        names = ("granted", "exchanged", "bonus", "restored")
        assert sum(told.get(name, 0) for name in names) == its.made > 0
        assert (told["live"], told["lapsed"]) == (its.live, its.lapsed)
        assert told["owed to shops"] == its.claims + its.locked
        assert told.get("settled", 0) - told.get("reopened", 0) == its.settled


def test_rebuilt_flows_are_those_of_the_report(dataset, rebuilt):
    for series in read_figures(EventColumns(Dataset(dataset))).series:
        told = rebuilt[series.address]
        for flow in TOLD:
            assert told.get(flow.name.lower(), 0) == series.totals[flow].points, flow
    assert any(told.get("bonus") for told in rebuilt.values())
    assert any(told.get("exchanged") for told in rebuilt.values())


def test_rebuilt_figures_of_a_former_block_are_those_of_what_was_fetched_up_to_it(town, tmp_path):
    block = last_block_of_day(town.rpc, last_second_of("2027-03-31"))
    fetch(town.rpc, town.platform, tmp_path, last=block)
    for series in read_figures(EventColumns(Dataset(tmp_path))).series:
        told, its = rebuild(town, series.address, block), series.books
        assert (told["live"], told["lapsed"], told["granted"]) == (
            its.live, its.lapsed, series.totals[Flow.GRANTED].points
        )  # fmt: skip
        assert told["owed to shops"] == its.claims + its.locked > 0


def test_page_names_the_program_and_every_service_as_the_chain_has_it():
    assert "examples/rebuild.py" in PAGE
    assert all(f"| {name} | `{contract}` |" in PAGE for contract, name in SERVICES.items())


def test_program_stays_short():
    assert len(PROGRAM.read_text(encoding="utf-8").splitlines()) < 150
