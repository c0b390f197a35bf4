"""Names of kinds of shops (業種): on the chain stand their numbers, which are the municipality's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from scripts.lib.csv_table import BadRows, Column, Fault, read_table, text, whole_number

MAX_CATEGORY = 65_535
COLUMNS = [
    Column("series", "シリーズ", text, for_hex=True),
    Column("category", "業種番号", whole_number(0, MAX_CATEGORY)),
    Column("category_name", "業種", text),
]


def read_category_names(file: Path, series: Mapping[str, str]) -> dict[tuple[str, int], str]:
    """Return the names in a file, by the series' address and the number.

    Args:
        series: names by address; the file may use either.

    Raises:
        BadRows: the file cannot be used.
    """
    faults: list[Fault] = []
    rows = read_table(file, COLUMNS, faults).good_rows
    if faults:
        raise BadRows(faults)
    addresses = {name: address for address, name in series.items()}
    return {
        (addresses.get(row["series"], row["series"]), row["category"]): row["category_name"] for row in rows
    }
