"""What a dataset says of itself when there is nothing in it, or when a file is not what it should be."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scripts.lib.audit.dataset import Dataset, DatasetError
from scripts.lib.audit.report.event_columns import EventColumns
from scripts.lib.audit.statements.history import read_history
from tests.support.honest_year import BEGIN
from tests.support.year_dataset import events, write_series

TOKEN, TABLE = b"\x07" * 20, "MunicipalPoint.Transfer"


@pytest.fixture
def dataset(tmp_path):
    return write_series(TOKEN, {TABLE: events(TABLE, TOKEN, {"value": 5})}, 9, BEGIN, tmp_path / "dataset")


@pytest.mark.parametrize(
    "read",
    [lambda empty: empty.seal, EventColumns, read_history],
    ids=["its last block", "the report's columns", "the statements' history"],
)
def test_folder_without_a_dataset_says_to_fetch_first(tmp_path, read):
    with pytest.raises(DatasetError, match="holds no dataset: fetch first"):
        read(Dataset(tmp_path))


def test_file_with_other_columns_than_its_table_is_refused(dataset):
    [segment] = dataset.segments
    [file] = [each for each in segment.files if each.table == TABLE]
    pq.write_table(pa.table({"value": [5]}), dataset.file(segment, file))
    with pytest.raises(DatasetError, match=r"has other columns than MunicipalPoint\.Transfer"):
        list(dataset.tables(segment))


def test_statements_of_a_file_that_was_changed_are_refused_with_its_name(dataset):
    [segment] = dataset.segments
    path = dataset.file(segment, segment.files[0])
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(DatasetError, match=rf"{path.name}: the file is not the one that was written"):
        read_history(Dataset(dataset.folder))
