"""A measured cost of ours beside its anchor, the limit it must keep, and how such figures are written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from rich.table import Table

GAS = "gas"
GAS_PER_RECIPIENT = "gas per recipient"
GAS_PER_PAYMENT = "gas per payment"
GAS_PER_ACCOUNT = "gas per account"
GAS_PER_SHOP = "gas a shop"
GAS_OF_EXECUTION = "gas of execution"
BYTES = "bytes"


@dataclass(frozen=True)
class Figure:
    """One measured cost.

    Attributes:
        name: what was done, e.g. "payment_existing".
        ours: its cost here.
        anchor: what it is compared with; None if nothing does the same.
        unit: of both; "gas" is that of a whole transaction.
        limit: the largest ratio of ours to anchor that is accepted; None if it is only reported.
        least: the smallest that is accepted, of what is better the more it is; None if there is none.
    """

    name: str
    ours: float
    anchor: float | None
    unit: str = GAS
    limit: float | None = None
    least: float | None = None

    @property
    def ratio(self) -> float | None:
        """Ours divided by the anchor."""
        return None if self.anchor is None else self.ours / self.anchor

    @property
    def keeps_limit(self) -> bool:
        """False if the figure has a limit and passes it, or a least and falls short of it."""
        if self.limit is None and self.least is None:
            return True
        return self.ratio is not None and (self.least or 0) <= self.ratio <= (self.limit or math.inf)

    @property
    def bounds(self) -> str:
        """The limit or the least, as people read it; "" if there is none."""
        limit = "" if self.limit is None else f"≤ {self.limit:.2f}"
        return limit if self.least is None else f"{limit} ≥ {self.least:.2f}".strip()


def as_json(figures: Sequence[Figure]) -> bytes:
    """Return {name: {ours, anchor, ratio, unit}}, a line a figure, so that a diff of two runs reads well.

    Ratios are rounded to four places; limits are judged on the exact ones.
    """
    lines = []
    for figure in figures:
        ratio = None if figure.ratio is None else round(figure.ratio, 4)
        entry: dict[str, Any] = {
            "ours": figure.ours,
            "anchor": figure.anchor,
            "ratio": ratio,
            "unit": figure.unit,
        }
        text = msgspec.json.format(msgspec.json.encode(entry), indent=-1).decode()
        lines.append(f"  {msgspec.json.encode(figure.name).decode()}: {text}")
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def read_json(file: Path) -> dict[str, dict[str, Any]]:
    """Return the figures that `as_json` wrote, by name.

    Raises:
        OSError: the file cannot be read.
        msgspec.DecodeError: it is no such file.
    """
    return msgspec.json.decode(file.read_bytes(), type=dict[str, dict[str, Any]])


def differences(recorded: dict[str, dict[str, Any]], found: dict[str, dict[str, Any]]) -> list[str]:
    """Return a line for each figure that is not what was recorded, as people read it."""
    lines = []
    for name in [*recorded, *(name for name in found if name not in recorded)]:
        if name not in found:
            lines.append(f"{name}: recorded, but not measured any more")
        elif name not in recorded:
            lines.append(f"{name}: new, {found[name]['ours']:,} {found[name]['unit']}")
        else:
            lines += [
                f"{name}, {part}: {recorded[name][part]} is now {found[name][part]}"
                for part in ("ours", "anchor", "unit")
                if recorded[name][part] != found[name][part]
            ]
    return lines


def figures_table(figures: Sequence[Figure], title: str) -> Table:
    """Return the figures as a table; the last column tells which limit is kept or passed."""
    table = Table(title=title, title_justify="left")
    table.add_column("operation", no_wrap=True)
    for heading in ("ours", "anchor", "ratio"):
        table.add_column(heading, justify="right")
    table.add_column("unit", no_wrap=True)
    table.add_column("limit", no_wrap=True)
    for figure in figures:
        if not figure.bounds:
            limit = ""
        elif figure.keeps_limit:
            limit = f"[green]{figure.bounds}[/green]"
        else:
            limit = f"[bold red]not {figure.bounds}[/bold red]"
        table.add_row(
            figure.name,
            _number(figure.ours),
            "" if figure.anchor is None else _number(figure.anchor),
            "" if figure.ratio is None else f"{figure.ratio:.3f}",
            figure.unit,
            limit,
        )
    return table


def layouts_table(figures: dict[str, dict[str, int]], layouts: Sequence[str], title: str) -> Table:
    """Return the gas of operations by layout; of all but the first layout, also the difference to it."""
    table = Table(title=title, title_justify="left")
    table.add_column("operation", no_wrap=True)
    for layout in layouts:
        table.add_column(layout, justify="right", no_wrap=True)
    for operation, gas in figures.items():
        chosen = gas[layouts[0]]
        others = [f"{gas[layout]:,} ({gas[layout] - chosen:+,})" for layout in layouts[1:]]
        table.add_row(operation, f"{chosen:,}", *others)
    return table


def _number(value: float) -> str:
    return f"{value:,.0f}"
