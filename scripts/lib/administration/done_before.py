"""Rows of a file that the chain shows done, but otherwise than the file has them now.

    changed = ChangedRows(options.file, COLUMNS)
    changed.compare(row, "points", 500)          # what the chain has
    changed.require_none()

A file that was edited after it had been carried out must not look carried out: what is on the chain stays as
it is, whatever the file says later.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from scripts.lib.csv_table import BadRows, Column, CsvTable, Fault, Row


class ChangedRows:
    """What differs between the rows of a file and what was done for them."""

    def __init__(self, file: Path, columns: Sequence[Column]) -> None:
        self._faults: list[Fault] = []
        titles = {column.name: column.japanese for column in columns}
        self._table = CsvTable(file.absolute(), self._faults, titles=titles)

    def compare(
        self,
        row: Row,
        column: str,
        on_chain: Any,
        shown: Callable[[Any], str] | None = None,
        *,
        in_file: Any = None,
        mend: tuple[str, str] = ("", ""),
    ) -> bool:
        """Note a difference; return whether there is none.

        Args:
            shown: how a value is told; numbers have separators if None.
            in_file: what the file says, if it is not what the column holds.
            mend: what to do about it, in English and Japanese.
        """
        wanted = row[column] if in_file is None else in_file
        if wanted == on_chain:
            return True
        tell = shown or _shown
        english, japanese = mend
        self._table.refuse(
            row,
            column,
            f"done on the chain with {tell(on_chain)}, the file has {tell(wanted)}: "
            f"{english or 'what is done does not change with the file'}",
            f"チェーンでは{tell(on_chain)}で済んでいます。ファイルは{tell(wanted)}です。"
            f"{japanese or 'ファイルを直しても済んだ内容は変わりません'}",
        )
        return False

    def refuse(self, row: Row, column: str, english: str, japanese: str) -> None:
        """Note a difference that is no value to be shown."""
        self._table.refuse(row, column, english, japanese)

    def require_none(self) -> None:
        """Make sure that there is no difference.

        Raises:
            BadRows: there are some; nothing was sent.
        """
        if self._faults:
            raise BadRows(self._faults)


def _shown(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else f"「{value}」"
