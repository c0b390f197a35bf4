"""Measures gas, code size and rates: `make bench`, `make bench-update`, `make bench-layouts`.

    python -m scripts.bench               print the tables, write build/bench.json
    python -m scripts.bench --update      also renew tests/gas/snapshot.json, with which `make test` compares
    python -m scripts.bench --layouts     print other storage layouts instead, write build/bench-layouts.json
    python -m scripts.bench --quick       see that all works: rates of a fiftieth, to build/bench-quick.json
    python -m scripts.bench --growth      measure growth and strangers instead, renew docs/growth.json

Ends with 1 if a figure passes its limit, 2 if nothing could be measured.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import msgspec
from rich.console import Console

from scripts.lib.bulk.rates import FULL, QUICK, rate_figures
from scripts.lib.compiler import CompilationError
from scripts.lib.gas import growth, growth_page, layouts, operations, stranger_gas
from scripts.lib.gas.figures import Figure, as_json, figures_table, layouts_table
from scripts.lib.gas.meter import GasMeterError
from scripts.lib.node.local_chain import ChainError
from scripts.lib.workspace import BUILD, ROOT

REPORT = BUILD / "bench.json"
QUICK_REPORT = BUILD / "bench-quick.json"
LAYOUTS_REPORT = BUILD / "bench-layouts.json"
SNAPSHOT = ROOT / "tests/gas/snapshot.json"
# Wide enough for the tables when the output is a file or a pipe.
PIPE_WIDTH = 140


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, write; return the exit code."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measures gas, code size and rates.")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--update", action="store_true", help="also renew the committed snapshot")
    what.add_argument("--quick", action="store_true", help="measure rates at a fiftieth of the size")
    what.add_argument("--layouts", action="store_true", help="measure other storage layouts instead")
    what.add_argument("--growth", action="store_true", help="measure what acts leave on the chain instead")
    options = parser.parse_args(arguments)

    console = Console() if sys.stdout.isatty() else Console(width=PIPE_WIDTH)
    BUILD.mkdir(exist_ok=True)
    try:
        if options.growth:
            return measure_growth(console)
        if options.layouts:
            return compare_layouts(console)
        return report(console, update=options.update, quick=options.quick)
    except (ChainError, CompilationError, GasMeterError) as error:
        print(error, file=sys.stderr)
        return 2


def report(console: Console, *, update: bool = False, quick: bool = False) -> int:
    """Measure the contracts; return 1 if a figure passes its limit."""
    with console.status("measuring gas / ガス計測中"):
        compilation = operations.compiled()
        figures = operations.measure(compilation)
    title = (
        "Gas and code size / ガスとコードサイズ\nanchor: OpenZeppelin ERC20 with roles, pause and whitelist"
    )
    console.print(figures_table(figures, title))
    if update:
        SNAPSHOT.write_bytes(as_json(figures))
        console.print(f"written: {SNAPSHOT.relative_to(ROOT)}")
    with console.status("measuring rates / 処理速度計測中"):
        rates = rate_figures(compilation, QUICK if quick else FULL)
    console.print(figures_table(rates, "Rates / 処理速度\nanchor: the same signed transactions replayed"))
    file = QUICK_REPORT if quick else REPORT
    file.write_bytes(as_json([*figures, *rates]))
    console.print(f"written: {file.relative_to(ROOT)}")
    return exit_code([*figures, *rates])


def compare_layouts(console: Console) -> int:
    """Measure the prototypes of other layouts."""
    with console.status("measuring layouts / 格納方式の比較中"):
        figures = layouts.measure(layouts.compiled())
    for subject, compared in layouts.LAYOUTS.items():
        console.print(layouts_table(figures, compared, f"Gas by layout: {subject}"))
    LAYOUTS_REPORT.write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=2))
    console.print(f"written: {LAYOUTS_REPORT.relative_to(ROOT)}")
    return 0


def measure_growth(console: Console) -> int:
    """Measure what acts leave on the chain, and what strangers can make dearer; renew the page."""
    with console.status("measuring growth / 増加量の計測中"):
        compilation = operations.compiled()
        growth_page.write(growth.footprints(compilation), stranger_gas.costs(compilation))
    console.print(growth_page.tables(), markup=False, highlight=False)
    console.print(f"written: {growth_page.GROWTH_FILE.relative_to(ROOT)}")
    return 0


def exit_code(figures: Sequence[Figure]) -> int:
    """Return 1 after naming every figure that passes its limit, else 0."""
    over = [figure for figure in figures if not figure.keeps_limit]
    for figure in over:
        anchor = "no anchor" if figure.anchor is None else f"{figure.anchor:,.0f}"
        print(f"{figure.name}: {figure.ours:,.0f} is not {figure.bounds} of {anchor}", file=sys.stderr)
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
