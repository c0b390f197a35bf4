"""Reading of single files: encodings, headers, cells and where a fault is said to be."""

from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.lib.csv_table import (
    BadRows,
    CellError,
    Column,
    CsvTable,
    Fault,
    one_of,
    read_table,
    text,
    whole_number,
)

COLUMNS = (
    Column("shop", "店", text),
    Column("points", "ポイント", whole_number(1, 1_000_000)),
    Column("note", "備考", text, optional=True),
)
READ: Callable[[str], int] = whole_number(1, 1_000_000)


def read(folder: Path, content: str | bytes) -> tuple[CsvTable, list[tuple[int, str, str]]]:
    """Read a file of this content; return the table and (line, column, English reason) of each fault."""
    file = folder / "file.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    faults: list[Fault] = []
    table = read_table(file, COLUMNS, faults)
    return table, [(fault.line, fault.column, fault.reason.english) for fault in faults]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("header", ["shop,points,note", "店,ポイント,備考", "備考,SHOP,ＰＯＩＮＴＳ"])
def test_read_table_each_export_of_japanese_offices_gives_the_same_rows(
    tmp_path: Path, encoding: str, newline: str, header: str
) -> None:
    cells = {"shop": "喫茶①", "店": "喫茶①", "points": "500", "ポイント": "500", "ＰＯＩＮＴＳ": "500"}
    row = ",".join(cells.get(title, cells.get(title.lower(), "")) for title in header.split(","))
    table, faults = read(tmp_path, newline.join([header, row, ""]).encode(encoding))
    assert faults == []
    assert [line.values for line in table.rows] == [{"shop": "喫茶①", "points": 500, "note": None}]


def test_read_table_utf_16_is_refused_and_not_read_as_nonsense(tmp_path: Path) -> None:
    _, faults = read(tmp_path, "shop,points\n店,1\n".encode("utf-16"))
    assert [reason for _, _, reason in faults] == ["neither UTF-8 nor CP932: save it as CSV UTF-8"]


def test_read_table_missing_file_is_a_fault(tmp_path: Path) -> None:
    faults: list[Fault] = []
    read_table(tmp_path / "no.csv", COLUMNS, faults)
    assert [(fault.file, fault.line, fault.reason.english) for fault in faults] == [
        (f"{tmp_path.name}/no.csv", 0, "the file is missing")
    ]


@pytest.mark.parametrize("content", ["", "\n\n", ",,\n"])
def test_read_table_empty_file_is_a_fault(tmp_path: Path, content: str) -> None:
    _, faults = read(tmp_path, content)
    assert faults == [(0, "", "the file is empty")]


def test_read_table_header_faults_are_all_named(tmp_path: Path) -> None:
    _, faults = read(tmp_path, "shop,shop,colour,123456789012\nx,y,z,1\n")
    assert faults == [
        (1, "shop", "the column appears twice"),
        (1, "#3", "unknown column; known are shop, points, note"),
        (1, "#4", "a number of twelve digits: a 個人番号 is never accepted, delete it from the file"),
        (1, "ポイント", "the column is missing"),
    ]


def test_read_table_quoted_cells_over_lines_keep_the_line_numbers(tmp_path: Path) -> None:
    table, faults = read(tmp_path, 'shop,points,note\na,1,"two\nlines"\n\nb,2,\nc,x,\n')
    assert [row.line for row in table.rows] == [2, 5, 6]
    assert faults == [
        (2, "note", "holds characters that cannot be printed"),
        (6, "points", "this is not a whole number"),
    ]


def test_read_table_broken_quotes_stop_that_file_with_their_line(tmp_path: Path) -> None:
    table, faults = read(tmp_path, 'shop,points\na,1\n"b,2\nc,3\n')
    assert [row["shop"] for row in table.rows] == ["a"]
    assert [(line, reason.split(":")[0]) for line, _, reason in faults] == [(3, "not CSV from here on")]
    assert not table.is_complete


def test_read_table_short_and_long_rows_are_named(tmp_path: Path) -> None:
    _, faults = read(tmp_path, "shop,points\na\nb,2,,\nc,3,4\n")
    assert faults == [(2, "points", "the cell is empty"), (4, "#3", "this lies beyond the last column")]


@pytest.mark.parametrize(
    "number",
    [
        "123456789012",
        "1234-5678-9012",
        "1234 5678 9012",
        "１２３４５６７８９０１２",
        "1234ー5678ー9012",
        "番号:123456789012です",
        "1.23456789012E+11",
        "'123456789012",
    ],
)
@pytest.mark.parametrize("column", [0, 1, 2, 3])
def test_read_table_personal_number_anywhere_is_refused_and_never_repeated(
    tmp_path: Path, number: str, column: int
) -> None:
    cells = ["a", "1", "", ""]
    cells[column] = number
    table, _ = read(tmp_path, "shop,points,note\n" + ",".join(cells) + "\n")
    assert len(table.faults) == 1
    assert "個人番号" in table.faults[0].reason.english and "個人番号" in table.faults[0].reason.japanese
    assert "1234" not in str(BadRows(table.faults)) and "１２３" not in str(BadRows(table.faults))
    assert table.good_rows == []


@pytest.mark.parametrize("number", ["123,456,789,012", "12,34,56,78,90,12"])
def test_read_table_personal_number_with_commas_is_refused_and_never_repeated(
    tmp_path: Path, number: str
) -> None:
    table, _ = read(tmp_path, f'shop,points\na,"{number}"\n')
    assert ["個人番号" in fault.reason.japanese for fault in table.faults] == [True]
    assert "12" not in str(table.faults).replace("12桁", "")


MYKEY_IDS = ["A1B2C3D4", "a1b2c3d4", "Ａ１Ｂ２Ｃ３Ｄ４", "店A1B2C3D4号", "1234567A"]


@pytest.mark.parametrize("mykey_id", MYKEY_IDS)
@pytest.mark.parametrize("column", [0, 1, 2, 3])
def test_read_table_mykey_id_in_another_column_is_refused_and_never_repeated(
    tmp_path: Path, mykey_id: str, column: int
) -> None:
    cells = ["a", "1", "", ""]
    cells[column] = mykey_id
    table, _ = read(tmp_path, "shop,points,note\n" + ",".join(cells) + "\n")
    assert ["マイキーID" in fault.reason.japanese for fault in table.faults] == [True]
    assert mykey_id not in str(BadRows(table.faults))
    assert table.good_rows == []


@pytest.mark.parametrize("name", ["KAWASAKI", "SAPPORO-2", "A1B2C3D", "A1B2C3D45", "A1B2 C3D4", "20260401"])
def test_read_table_other_words_are_no_mykey_ids(tmp_path: Path, name: str) -> None:
    _, faults = read(tmp_path, f"shop,points\n{name},1\n")
    assert faults == []


CELLS = ["山田太郎", "yamada taro", "-500", "abc", "99999999999", "1.5"]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("column", [1, 3])
def test_read_table_what_cannot_be_read_is_never_repeated(tmp_path: Path, cell: str, column: int) -> None:
    """Nobody knows what it is: a name in the wrong column, perhaps."""
    cells = ["a", "1", "", ""]
    cells[column] = cell
    table, _ = read(tmp_path, "shop,points,note\n" + ",".join(cells) + "\n")
    assert len(table.faults) == 1
    assert cell not in str(BadRows(table.faults))


def test_read_table_file_without_titles_does_not_show_its_first_row(tmp_path: Path) -> None:
    table, faults = read(tmp_path, "山田太郎,横浜市\n佐藤花子,川崎市\n")
    assert [(line, column) for line, column, _ in faults[:2]] == [(1, "#1"), (1, "#2")]
    assert "山田" not in str(BadRows(table.faults)) and "佐藤" not in str(BadRows(table.faults))


@pytest.mark.parametrize("cell", ["12345678901", "1234567890123", "2026-04-15T10:30:59", "r-141305-0001"])
def test_read_table_other_numbers_are_no_personal_numbers(tmp_path: Path, cell: str) -> None:
    _, faults = read(tmp_path, f"shop,points\n{cell},1\n")
    assert faults == []


@pytest.mark.parametrize(
    ("cell", "number"),
    [("1", 1), ("1500", 1500), ("1,500", 1500), ("１，５００", 1500), ("1,000,000", 10**6)],
)
def test_whole_number_each_spelling_is_understood(cell: str, number: int) -> None:
    assert READ(cell) == number


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        *((cell, "is negative") for cell in ("-500", "−500", "▲500", "△1,500", "－５００")),
        *(
            (cell, "is not a whole number")
            for cell in ("abc", "五百", "1.5", "5e3", "1,50", "+5", "0x10", "-", "--1")
        ),
        ("0", "is less than 1"),
        ("1000001", "is more than 1,000,000"),
        ("9" * 5000, "is more than 1,000,000"),
    ],
)
def test_whole_number_anything_else_says_why(cell: str, reason: str) -> None:
    with pytest.raises(CellError, match=reason):
        READ(cell)


def test_one_of_unknown_word_lists_the_known() -> None:
    with pytest.raises(CellError, match="none of suspend, close"):
        one_of({"suspend": 1, "close": 2})("open")


def test_bad_rows_as_text_has_every_fault_with_file_line_and_column_in_one_line(tmp_path: Path) -> None:
    table, _ = read(tmp_path, "shop,points\n[bold]店,-1\n,abc\n")
    lines = [line.split() for line in str(BadRows(table.faults)).splitlines()]
    file = f"{tmp_path.name}/file.csv"
    assert [file, "2", "points", "the", "number", "is", "negative"] in lines
    assert [file, "3", "shop", "the", "cell", "is", "empty"] in lines
    assert [file, "3", "points", "this", "is", "not", "a", "whole", "number"] in lines
    for japanese in ("負の数です", "セルが空です", "整数ではありません"):
        assert [japanese] in lines
