"""cryo, a reader of others, sees the same Transfers on the demo's chain; `make test-witness` installs it."""

import subprocess
from io import StringIO

import pyarrow.parquet as pq
import pytest
from rich.console import Console

from scripts.demo import DATA, KEPT_STATES, PREPARATION_SECONDS, Demo
from scripts.lib.audit.bench.comparison import PEERS_PYTHON, cryo_arguments
from scripts.lib.audit.dataset import Dataset
from scripts.lib.japan_calendar import months_of_fiscal_year, start_of
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.town_year.bonus_rows import read_bonus_campaigns
from scripts.lib.town_year.folder import read_town_years

pytestmark = pytest.mark.skipif(not PEERS_PYTHON.exists(), reason="cryo is installed by make test-witness")

ATTEMPTS = 5
"""cryo 0.3.2 crashes now and then."""


@pytest.fixture(scope="module")
def demo_chain(tmp_path_factory):
    """The chain of `make demo`, and the dataset that it ends with."""
    out = tmp_path_factory.mktemp("demo")
    years = read_town_years(sorted(folder for folder in DATA.iterdir() if folder.is_dir()))
    first = start_of(months_of_fiscal_year(years[0].town.fiscal_year).start)
    with LocalChain.anvil(
        genesis_time=first - PREPARATION_SECONDS, on_demand=True, kept_states=KEPT_STATES
    ) as chain:
        console = Console(file=StringIO(), width=160)
        assert Demo(console, years, read_bonus_campaigns(years), chain, out).run() == 0
        yield chain, Dataset(out / "audit")


def by_cryo(chain, token, folder):
    """Read the Transfers of a series with cryo."""
    folder.mkdir()
    command = cryo_arguments(chain.url, 0, chain.height(), token, folder, {"Transfer": 100})
    for attempt in range(ATTEMPTS):
        finished = subprocess.run(command, capture_output=True)
        if finished.returncode >= 0 or attempt == ATTEMPTS - 1:  # not ended by a signal
            finished.check_returncode()
            break
    names = (
        "block_number",
        "log_index",
        "transaction_hash",
        "event__from",
        "event__to",
        "event__value_string",
    )
    return sorted(
        (*row[:5], int(row[5]))
        for file in folder.glob("*.parquet")
        for row in zip(*(pq.read_table(file).column(name).to_pylist() for name in names), strict=True)
    )


def by_us(dataset, token):
    """Read them from the dataset."""
    names = ("block", "log_index", "transaction", "from", "to", "value", "contract")
    return sorted(
        row[:6]
        for segment in dataset.segments
        for name, table in dataset.tables(segment)
        if name == "MunicipalPoint.Transfer"
        for row in zip(*(table.column(name).to_pylist() for name in names), strict=True)
        if row[6] == bytes.fromhex(token[2:])
    )


def test_outside_witness_reports_the_same_transfers(demo_chain, tmp_path):
    chain, dataset = demo_chain
    tokens = [each.address for each in dataset.contracts if each.kind == "MunicipalPoint"]
    assert len(tokens) == 5
    for place, token in enumerate(tokens):
        ours = by_us(dataset, token)
        assert len(ours) > 50
        assert ours == by_cryo(chain, token, tmp_path / f"cryo {place}")
