"""CSV files for Excel: no cell that it would run, and nothing lost on the way back."""

import pytest

from scripts.lib.csv_out import as_csv, harmless, unguarded
from scripts.lib.csv_table import MAX_CELL_CHARACTERS, Column, read_table, text

DANGEROUS = [
    "=1+1",
    "+81-44",
    "-5",
    "@SUM(A1)",
    "\t=1",
    "＝ＳＵＭ",
    "－５",
    " =1",
    "　=1",
    '=HYPERLINK("http://x")',
]


@pytest.mark.parametrize("cell", DANGEROUS)
def test_harmless_cell_begins_with_no_sign_of_a_formula(cell):
    assert harmless(cell) == "'" + cell
    assert unguarded(str(harmless(cell))) == cell


@pytest.mark.parametrize("cell", ["朝市", "", "'quoted", "O'Neill", -5, 0])
def test_harmless_leaves_other_cells_alone(cell):
    assert harmless(cell) == cell
    assert not isinstance(cell, str) or unguarded(cell) == cell


def test_written_cells_are_read_back_as_they_were(tmp_path):
    columns = (Column("name", "名称", text), Column("place", "所在地", text))
    file = tmp_path / "file.csv"
    file.write_bytes(as_csv(("名称", "所在地"), [("=湯屋", "川崎区"), ("+81", '"幸"区,1')]))
    faults = []
    table = read_table(file, columns, faults)
    assert faults == []
    assert [row.values for row in table.rows] == [
        {"name": "=湯屋", "place": "川崎区"},
        {"name": "+81", "place": '"幸"区,1'},
    ]


def test_file_begins_with_a_byte_order_mark_and_ends_lines_as_windows_does():
    assert as_csv(("a",), [("b",)]) == b"\xef\xbb\xbfa\r\nb\r\n"


def test_read_stops_at_the_largest_number_of_rows(tmp_path, monkeypatch):
    monkeypatch.setattr("scripts.lib.csv_table.MAX_ROWS", 2)
    file = tmp_path / "file.csv"
    file.write_text("name\na\nb\nc\nd\n", encoding="utf-8")
    faults = []
    table = read_table(file, (Column("name", "名称", text),), faults)
    assert [(fault.line, fault.reason.japanese) for fault in faults] == [(4, "2行を超えています")]
    assert not table.is_complete


def test_read_refuses_a_cell_that_is_too_long(tmp_path):
    file = tmp_path / "file.csv"
    file.write_text("name\n" + "あ" * (MAX_CELL_CHARACTERS + 1) + "\n", encoding="utf-8")
    faults = []
    read_table(file, (Column("name", "名称", text),), faults)
    assert [fault.reason.english for fault in faults] == ["longer than 1,000 characters"]


def test_read_takes_an_address_whose_digits_stand_twelve_in_a_row(tmp_path):
    file = tmp_path / "file.csv"
    account = "0xab123456789012ab" + "c" * 24
    file.write_text(f"account,name\n{account},123456789012\n", encoding="utf-8")
    faults = []
    columns = (Column("account", "口座", text, for_hex=True), Column("name", "名称", text))
    read_table(file, columns, faults)
    assert [fault.column for fault in faults] == ["name"]
