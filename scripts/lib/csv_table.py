"""Reads CSV files as Japanese offices export them, and reports everything that is wrong with them at once.

UTF-8 with or without a byte order mark, or CP932 (Excel's "CSV"); commas, tabs or semicolons between cells;
headers in English or Japanese; full-width digits and thousands separators are understood. Nothing is guessed:
a cell that is not what its column asks for becomes a Fault with file, line, column and reason, and the
reading goes on: one run shows all of them.

What may be a 個人番号 is refused anywhere, and what may be a MyKey ID in any column that is not for it. No
message repeats what a cell holds: of a cell that could not be read, nobody knows what it is, a name perhaps.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from scripts.lib.bilingual import Bilingual, counted
from scripts.lib.csv_out import unguarded
from scripts.lib.personal_data import (
    MYKEY_ID,
    PERSONAL_NUMBER,
    half_width,
    may_be_mykey_id,
    may_be_personal_number,
)

_WHOLE_NUMBER = re.compile(r"\d+|\d{1,3}(?:,\d{3})+")
_LONG_HEX = re.compile(r"0x[0-9a-fA-F]{40,}")
_MINUS_SIGNS = ("-", "−", "▲", "△")

MAX_BYTES = 50_000_000
MAX_ROWS = 200_000
MAX_CELL_CHARACTERS = 1_000
"""Far more than any file of ours needs: what is larger is another file, and would fill the memory."""

_SEPARATORS = ",\t;"
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx, .xls

# ---------------------------------------------------------------------------------------------------- FAULTS


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a file.

    Attributes:
        file: folder and name.
        line: where the row begins, counted from 1; 0 if the whole file is meant.
        column: the column's title as the file has it, or its place (#3) if it has none that is known; empty
            if the whole row is meant.
        reason: what is wrong, without what the cell holds.
    """

    file: str
    line: int
    column: str
    reason: Bilingual


class BadRows(Exception):  # noqa: N818 (named for what the officer has to mend)
    """Files hold rows that cannot be used; as text, a table of all of them.

    Attributes:
        faults: all of them, by file and line.
        advice: what to do about them, where no other file will do: they differ from what the chain has done.
    """

    def __init__(self, faults: Sequence[Fault], advice: Sequence[Bilingual] = ()) -> None:
        self.faults = sorted(faults, key=lambda fault: (fault.file, fault.line))
        self.advice = tuple(advice)
        super().__init__(self.faults)

    def table(self) -> RichTable:
        """Return the faults as a table for a terminal."""
        count = len(self.faults)
        title = (
            f"{counted(count, 'difference')} from what the chain has done / "
            f"チェーンで済んだ内容との違いが{count:,}件"
            if self.advice
            else f"{counted(count, 'fault')} in the input files / 入力ファイルに{count:,}件の誤り"
        )
        table = RichTable(
            title=title,
            title_justify="left",
            box=SIMPLE,
        )
        table.add_column("file ファイル", no_wrap=True)
        table.add_column("line 行", no_wrap=True, justify="right")
        table.add_column("column 列", no_wrap=True)
        table.add_column("reason 理由", overflow="fold")
        for fault in self.faults:
            reason = f"{fault.reason.english}\n{fault.reason.japanese}"
            table.add_row(*(Text(cell) for cell in (fault.file, str(fault.line or ""), fault.column, reason)))
        return table

    def __str__(self) -> str:
        # Wide enough that no row is broken: a log is searched line by line.
        page = io.StringIO()
        Console(file=page, width=1000, color_system=None).print(self.table())
        advice = [f"・{each.japanese}\n  {each.english}" for each in self.advice]
        return "\n".join([*(line.rstrip() for line in page.getvalue().splitlines()), *advice])


class CellError(ValueError):
    """A cell is not what its column asks for.

    Attributes:
        reason: why, for the person who wrote it, without what the cell holds.
    """

    def __init__(self, english: str, japanese: str) -> None:
        self.reason = Bilingual(english, japanese)
        super().__init__(str(self.reason))


# --------------------------------------------------------------------------------------------------- COLUMNS


@dataclass(frozen=True)
class Column:
    """What a file's column is called and how its cells are read.

    Attributes:
        name: the title in English, and the key of the value in a Row.
        japanese: the title in Japanese.
        read: turns a cell (never empty, without space around it) into a value; raises CellError.
        optional: whether a cell, or the whole column, may be left out; its value is None then.
        for_mykey_ids: whether it is the one for MyKey IDs, which are refused in all others.
        for_hex: whether it holds addresses or signatures, whose digits may happen to stand twelve in a row.
        allowed: the values that it takes, for the page of help.
    """

    name: str
    japanese: str
    read: Callable[[str], Any]
    optional: bool = False
    for_mykey_ids: bool = False
    for_hex: bool = False
    allowed: str = ""


def text(cell: str) -> str:
    """Return a cell that may hold any words."""
    if not cell.isprintable():
        raise CellError("holds characters that cannot be printed", "表示できない文字を含んでいます")
    return cell


def whole_number(minimum: int, maximum: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from `minimum` to `maximum`, like 1500, 1,500 or １５００."""

    def read(cell: str) -> int:
        digits = half_width(cell)
        if digits.startswith(_MINUS_SIGNS) and _WHOLE_NUMBER.fullmatch(digits[1:].strip()):
            raise CellError("the number is negative", "負の数です")
        if not _WHOLE_NUMBER.fullmatch(digits):
            raise CellError("this is not a whole number", "整数ではありません")
        # Longer than any limit, and int() refuses thousands of digits.
        number = maximum + 1 if len(digits) > 30 else int(digits.replace(",", ""))
        if number < minimum:
            raise CellError(f"the number is less than {minimum:,}", f"{minimum:,}以上の数が必要です")
        if number > maximum:
            raise CellError(f"the number is more than {maximum:,}", f"{maximum:,}を超えています")
        return number

    return read


def whole_identifier(minimum: int, maximum: int) -> Callable[[str], int]:
    """Return a reader of numbers that name something: as `whole_number`, but 12,345 is not one.

    Who types it means two, and would get a stranger.
    """
    number = whole_number(minimum, maximum)

    def read(cell: str) -> int:
        if "," in half_width(cell):
            raise CellError(
                "put a space between numbers, no comma",
                "番号と番号の間は空白で区切ります(コンマは使えません)",
            )
        return number(cell)

    return read


def one_of(values: dict[str, Any]) -> Callable[[str], Any]:
    """Return a reader of the words that are the keys of `values`."""

    def read(cell: str) -> Any:
        try:
            return values[half_width(cell).lower()]
        except KeyError:
            words = ", ".join(values)
            raise CellError(f"this is none of {words}", f"次のどれかが必要です: {words}") from None

    return read


def matching(pattern: str, example: str, meant: Bilingual | None = None) -> Callable[[str], str]:
    """Return a reader of cells that match the regular expression `pattern` as a whole.

    Args:
        meant: what such a cell is, in words.
    """
    compiled = re.compile(pattern)

    def read(cell: str) -> str:
        value = half_width(cell)
        if not compiled.fullmatch(value):
            if meant is not None:
                raise CellError(
                    f"this is not {meant.english}, like {example}",
                    f"{meant.japanese}ではありません(例 {example})",
                )
            raise CellError(f"this is not of the form {example}", f"{example}の形ではありません")
        return value

    return read


# ------------------------------------------------------------------------------------------------------ ROWS


@dataclass
class Row:
    """One row of a file.

    Attributes:
        line: where it begins, counted from 1.
        values: what its good cells hold, by column name.
        is_good: whether nothing is wrong with the row so far.
    """

    line: int
    values: dict[str, Any]
    is_good: bool = True

    def __getitem__(self, column: str) -> Any:
        """Return the value of a column.

        Raises:
            KeyError: the cell is faulty.
        """
        return self.values[column]


@dataclass
class CsvTable:
    """The rows of one file, and what is wrong with them.

    Attributes:
        path: the file.
        rows: all rows that are not blank, good or not.
        faults: where faults are collected, shared with other files.
        titles: the titles of the columns as the file has them, by name.
        is_complete: whether the file could be read to its end.
    """

    path: Path
    faults: list[Fault]
    rows: list[Row] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)
    is_complete: bool = True

    @property
    def good_rows(self) -> list[Row]:
        """Rows that nothing is wrong with."""
        return [row for row in self.rows if row.is_good]

    def refuse(self, row: Row, column: str, english: str, japanese: str) -> None:
        """Note that a row cannot be used because of one of its cells, or as a whole if `column` is empty."""
        row.is_good = False
        self._note(row.line, self.titles.get(column, column), Bilingual(english, japanese))

    def refuse_file(self, english: str, japanese: str, line: int = 0, column: str = "") -> None:
        """Note that something is wrong with the file as a whole, or with its header in `line`."""
        self._note(line, column, Bilingual(english, japanese))

    def _note(self, line: int, column: str, reason: Bilingual) -> None:
        self.faults.append(Fault(f"{self.path.parent.name}/{self.path.name}", line, column, reason))


def read_table(path: Path, columns: Sequence[Column], faults: list[Fault]) -> CsvTable:
    """Read a CSV file whose first row names its columns, in any order.

    Args:
        columns: every column that the file may have.
        faults: what is wrong is added here; no exception is raised for it.

    Returns:
        The rows in the file's order. Rows of blank cells alone are left out.
    """
    table = CsvTable(path, faults)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            table.is_complete = False
            table.refuse_file(
                f"the file is larger than {MAX_BYTES:,} bytes", f"ファイルが{MAX_BYTES:,}バイトを超えています"
            )
            return table
        if data.startswith(_WORKBOOKS):
            table.is_complete = False
            table.refuse_file(
                "this is an Excel workbook: save it as CSV UTF-8",
                "Excelブックのままです。「CSV UTF-8」で保存してください",
            )
            return table
        _read_into(table, _decoded(data), columns)
    except FileNotFoundError:
        table.is_complete = False
        table.refuse_file("the file is missing", "ファイルがありません")
    except OSError as error:
        table.is_complete = False
        table.refuse_file(f"the file cannot be read: {error.strerror}", "ファイルを読み込めません")
    except UnicodeDecodeError:
        table.is_complete = False
        table.refuse_file(
            "neither UTF-8 nor CP932: save it as CSV UTF-8",
            "文字コードがUTF-8でもCP932でもありません。「CSV UTF-8」で保存してください",
        )
    return table


def _read_into(table: CsvTable, content: str, columns: Sequence[Column]) -> None:
    header: list[Column | None] | None = None
    reader = csv.reader(io.StringIO(content, newline=""), strict=True, delimiter=_separator(content))
    line = 1
    try:
        for cells in reader:
            if len(table.rows) == MAX_ROWS:
                table.is_complete = False
                table.refuse_file(f"more than {MAX_ROWS:,} rows", f"{MAX_ROWS:,}行を超えています", line)
                break
            cells = [unguarded(cell.strip()) for cell in cells]
            if any(cells):
                if header is None:
                    header = _read_header(table, line, cells, columns)
                else:
                    table.rows.append(_read_row(table, line, cells, header, columns))
            line = reader.line_num + 1
    except csv.Error as error:
        table.is_complete = False
        table.refuse_file(f"not CSV from here on: {error}", "ここからCSVとして読めません", line)
    else:
        if header is None:
            table.refuse_file("the file is empty", "ファイルが空です")


def _separator(content: str) -> str:
    """Return what stands between the titles: a comma, unless there is none but a tab or a semicolon."""
    header = next((line for line in content.splitlines() if line.strip()), "")
    return next((separator for separator in _SEPARATORS if separator in header), ",")


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16, of which CP932 would make nonsense
        raise UnicodeDecodeError("utf-8", data, 0, 2, "UTF-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp932")


def _read_header(
    table: CsvTable, line: int, cells: list[str], columns: Sequence[Column]
) -> list[Column | None]:
    """Return the column of each position; None where the file has one that nobody knows."""
    by_title = {title.lower(): column for column in columns for title in (column.name, column.japanese)}
    header: list[Column | None] = []
    for position, cell in enumerate(cells, 1):
        column = by_title.get(half_width(cell).lower())
        if may_be_personal_number(cell):
            table.refuse_file(*PERSONAL_NUMBER, line, f"#{position}")
        elif column is None and cell:
            # What stands there is not repeated: in a file without titles it is somebody's row.
            titles = ", ".join(known.name for known in columns)
            japanese = "、".join(known.japanese for known in columns)
            table.refuse_file(
                f"unknown column; known are {titles}",
                f"不明な列です。使える列: {japanese}",
                line,
                f"#{position}",
            )
        elif column is not None and column.name in table.titles:
            table.refuse_file("the column appears twice", "同じ列が2つあります", line, cell)
            column = None
        if column is not None:
            table.titles[column.name] = cell
        header.append(column)
    for column in columns:
        if column.name not in table.titles and not column.optional:
            table.refuse_file("the column is missing", "この列がありません", line, column.japanese)
    return header


def _read_row(
    table: CsvTable,
    line: int,
    cells: list[str],
    header: list[Column | None],
    columns: Sequence[Column],
) -> Row:
    row = Row(
        line,
        values={column.name: None for column in columns if column.optional},
        is_good=all(column.optional or column.name in table.titles for column in columns),
    )
    # Spreadsheets leave empty cells out at the end of a row, or add some.
    cells = cells + [""] * (len(header) - len(cells))
    for position, cell in enumerate(cells):
        column = header[position] if position < len(header) else None
        name = column.name if column else f"#{position + 1}"
        is_hex = column is not None and column.for_hex and _LONG_HEX.fullmatch(cell)
        if may_be_personal_number(cell) and not is_hex:
            row.values.pop(name, None)
            table.refuse(row, name, *PERSONAL_NUMBER)
        elif may_be_mykey_id(cell) and not (column and column.for_mykey_ids):
            row.values.pop(name, None)
            table.refuse(row, name, *MYKEY_ID)
        elif position >= len(header) and cell:
            table.refuse(row, name, "this lies beyond the last column", "列の外にあります")
        elif len(cell) > MAX_CELL_CHARACTERS:
            row.values.pop(name, None)
            table.refuse(
                row,
                name,
                f"longer than {MAX_CELL_CHARACTERS:,} characters",
                f"{MAX_CELL_CHARACTERS:,}文字を超えています",
            )
        elif column is not None and cell:
            row.values.pop(name, None)
            try:
                row.values[name] = column.read(cell)
            except CellError as error:
                table.refuse(row, name, *error.reason)
        elif column is not None and not column.optional:
            table.refuse(row, name, "the cell is empty", "セルが空です")
    return row
