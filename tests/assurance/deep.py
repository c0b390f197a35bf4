"""Tries for long to break the contracts: `make test-deep`, in parts that can be interrupted and go on.

    .venv/bin/python -m tests.assurance.deep [machine] [forge] [fuzz] [halmos] [planted] [--seed 1] [--so-far]

Without names all parts run, one after another. Each ends with its figures in docs/assurance.json and in the
table of docs/assurance.md. A part that finds something ends with 1 and notes nothing. --so-far plays nothing
and notes what parts that were interrupted have counted.
"""

from __future__ import annotations

import argparse
import sys
import time
from types import ModuleType

from rich.console import Console

from tests.assurance import forge_campaign, lot_fuzz, machine_campaign, planted, results, symbolic

PARTS: dict[str, ModuleType] = {
    "machine": machine_campaign,
    "forge": forge_campaign,
    "fuzz": lot_fuzz,
    "halmos": symbolic,
    "planted": planted,
}
"""Each has `campaign(seed, console)`, which plays, and `figures(seed)`, which reads what was counted."""

WITHOUT_CHANCE = ("halmos",)


def main(arguments: list[str] | None = None) -> int:
    """Run parts; return 1 as soon as one finds something."""
    parser = argparse.ArgumentParser(prog="make test-deep", description=main.__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
    parser.add_argument("--seed", type=int, default=1, help="of the first runs (default %(default)s)")
    parser.add_argument("--so-far", action="store_true", help="play nothing, note what was counted")
    options = parser.parse_args(arguments)
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")

    console = Console(soft_wrap=True)
    for part in options.parts or PARTS:
        begun = time.monotonic()
        console.print(f"{part}, seed {options.seed}", highlight=False)
        if not options.so_far:
            try:
                PARTS[part].campaign(options.seed, console)
            except AssertionError as found:
                console.print(str(found), markup=False, highlight=False)
                return 1
        figures = PARTS[part].figures(options.seed)
        seed = None if part in WITHOUT_CHANCE else options.seed
        seeded = "" if seed is None else f" --seed {seed}"
        command = f'make test-deep ARGS="{part}{seeded}"'
        results.note(part, command, seed, time.monotonic() - begun, figures)
        for what, figure in figures.items():
            console.print(f"  {what}: {figure}", highlight=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
