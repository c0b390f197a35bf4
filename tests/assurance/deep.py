"""Tries for long to break the contracts: `make test-deep`, in parts that can be interrupted and go on.

    .venv/bin/python -m tests.assurance.deep [machine] [forge] [fuzz] [halmos] [planted] [--seed 1]

Without names all parts run, one after another. Each ends with its figures in docs/assurance.json and in the
table of docs/assurance.md. A part that finds something, or does not reach its counts, ends with 1 and notes
nothing.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

from rich.console import Console

from tests.assurance import forge_campaign, lot_fuzz, machine_campaign, planted, results, symbolic

Part = Callable[[int, Console], dict[str, int | str]]
PARTS: dict[str, Part] = {
    "machine": machine_campaign.campaign,
    "forge": forge_campaign.campaign,
    "fuzz": lot_fuzz.campaign,
    "halmos": symbolic.campaign,
    "planted": planted.campaign,
}
WITHOUT_CHANCE = ("halmos",)


def main(arguments: list[str] | None = None) -> int:
    """Run parts; return 1 as soon as one finds something."""
    parser = argparse.ArgumentParser(prog="make test-deep", description=main.__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
    parser.add_argument("--seed", type=int, default=1, help="of the first runs (default %(default)s)")
    options = parser.parse_args(arguments)
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")

    console = Console(soft_wrap=True)
    for part in options.parts or PARTS:
        begun = time.monotonic()
        console.print(f"{part}, seed {options.seed}", highlight=False)
        try:
            figures = PARTS[part](options.seed, console)
        except AssertionError as found:
            console.print(str(found), markup=False, highlight=False)
            return 1
        seed = None if part in WITHOUT_CHANCE else options.seed
        seeded = "" if seed is None else f" --seed {seed}"
        command = f'make test-deep ARGS="{part}{seeded}"'
        results.note(part, command, seed, time.monotonic() - begun, figures)
        for what, figure in figures.items():
            console.print(f"  {what}: {figure}", highlight=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
