"""cryo, a reader that others wrote, sees the same Transfers; `make test-witness` installs it."""

import subprocess

import pyarrow.parquet as pq
import pytest

from scripts.lib.audit.bench.comparison import PEERS_PYTHON, cryo_arguments
from scripts.lib.audit.dataset import Dataset

pytestmark = pytest.mark.skipif(not PEERS_PYTHON.exists(), reason="cryo is installed by make test-witness")

ATTEMPTS = 5
"""cryo 0.3.2 crashes now and then."""


def by_cryo(town, token, folder):
    """Read the Transfers of a series with cryo."""
    folder.mkdir()
    command = cryo_arguments(town.rpc.url, 0, town.chain.height(), token, folder, {"Transfer": 100})
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
        for segment in Dataset(dataset).segments
        for name, table in Dataset(dataset).tables(segment)
        if name == "MunicipalPoint.Transfer"
        for row in zip(*(table.column(name).to_pylist() for name in names), strict=True)
        if row[6] == bytes.fromhex(token[2:])
    )


def test_outside_witness_reports_the_same_transfers(town, dataset, tmp_path):
    tokens = [each.address for each in Dataset(dataset).contracts if each.kind == "MunicipalPoint"]
    for place, token in enumerate(tokens):
        ours = by_us(dataset, token)
        assert ours == by_cryo(town, token, tmp_path / f"cryo {place}")
    assert len(by_us(dataset, town.token)) > 10
