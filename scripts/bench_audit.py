"""Measures how fast and in how much memory the audit reads, beside other readers: `make bench-audit`.

    python -m scripts.bench_audit [--events 500000] [--many-events 2000000]

Writes build/bench-audit.json. Ends with 1 if a figure passes its limit, or if the peer could not be had.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from scripts.lib.audit.bench.comparison import Measured, measure
from scripts.lib.node.local_chain import ChainError
from scripts.lib.workspace import BUILD, ROOT

REPORT = BUILD / "bench-audit.json"
PIPE_WIDTH = 140

MOST_OF_CRYO = 1.0
LEAST_OF_WEB3 = 100.0
MOST_MEMORY = 1.3
CRYO_BEFORE = 13.9
"""Microseconds a log when it was measured on this machine for the plan; shown where cryo cannot be had."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write; return the exit code."""
    parser = argparse.ArgumentParser(prog="make bench-audit", description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=500_000)
    parser.add_argument("--many-events", type=int, default=2_000_000)
    options = parser.parse_args(arguments)
    console = Console() if sys.stdout.isatty() else Console(width=PIPE_WIDTH)
    try:
        with console.status("measuring readers / 読取りの計測中"):
            found = {its.reader: its for its in measure(options.events, options.many_events)}
    except ChainError as error:
        print(error, file=sys.stderr)
        return 2
    console.print(_table(found))
    ratios = _ratios(found)
    BUILD.mkdir(exist_ok=True)
    told = {"readers": {name: its._asdict() for name, its in found.items()}, **ratios}
    REPORT.write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n")
    console.print(f"written: {REPORT.relative_to(ROOT)}")
    return exit_code(ratios)


def _ratios(found: dict[str, Measured]) -> dict[str, float | None]:
    ours, cryo = found["fetch"], found.get("cryo")
    return {
        "audit_cpu_per_log": ours.cpu,
        "of_cryo": ours.cpu / cryo.cpu if cryo else None,
        "web3_of_ours": found["web3"].cpu / ours.cpu,
        "memory_of_many": found["fetch many"].peak / ours.peak,
    }


def exit_code(ratios: dict[str, float | None]) -> int:
    """Return 1 after naming every ratio that passes its limit, else 0."""
    over = []
    of_cryo, web3, memory = ratios["of_cryo"], ratios["web3_of_ours"], ratios["memory_of_many"]
    if of_cryo is None:
        over.append(f"cryo is not installed here; it took {CRYO_BEFORE} microseconds a log when it was")
    elif of_cryo > MOST_OF_CRYO:
        over.append(f"audit_cpu_per_log is {of_cryo:.2f} of cryo's, past {MOST_OF_CRYO}")
    if web3 is not None and web3 < LEAST_OF_WEB3:
        over.append(f"web3.py takes only {web3:.0f} times as long, not {LEAST_OF_WEB3:.0f}")
    if memory is not None and memory > MOST_MEMORY:
        over.append(f"memory grows to {memory:.2f}, past {MOST_MEMORY}")
    for line in over:
        print(line, file=sys.stderr)
    return 1 if over else 0


def _table(found: dict[str, Measured]) -> Table:
    table = Table(title="Reading events: client CPU / 事象の読取り", box=SIMPLE_HEAD)
    for title in ("reader", "logs", "µs a log", "of ours", "peak MB"):
        table.add_column(title, justify="left" if title == "reader" else "right")
    for its in found.values():
        ratio = its.cpu / found["fetch"].cpu
        peak = f"{its.peak / 1e6:,.0f}" if its.peak else ""
        table.add_row(its.reader, f"{its.logs:,}", f"{its.cpu:,.2f}", f"{ratio:,.2f}", peak)
    return table


if __name__ == "__main__":
    sys.exit(main())
