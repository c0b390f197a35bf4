"""Who may do what on a running platform: prints the map of powers, or compares it with what was decided.

    python -m scripts.powers print      [--url URL]     everything, with who holds which office
    python -m scripts.powers compare    [--url URL]     differences from scripts/lib/powers/expected.py
    python -m scripts.powers page       [--url URL]     docs/powers.md on standard output

Sends nothing. Addresses come from the deployment records. `compare` ends with 1 if there is a difference.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from scripts.lib.artifacts import ArtifactError
from scripts.lib.deployment import PLATFORM
from scripts.lib.node.local_chain import ChainError
from scripts.lib.node.rpc import CONNECTION_ERRORS, Rpc
from scripts.lib.powers.comparison import differences
from scripts.lib.powers.on_chain import Powers, read_powers
from scripts.lib.powers.page import difference_grid, grids, page
from scripts.lib.records import FOLDER, DeploymentRecords, RecordError
from scripts.lib.workspace import development_url

WIDTH_WITHOUT_TERMINAL = 200


def read_recorded(rpc: Rpc, folder: Path) -> Powers:
    """Return the powers of the platform that the records name.

    Raises:
        RecordError: there is none, or its code is another.
        RpcError: it does not answer as a platform.
    """
    records = DeploymentRecords(rpc, folder)
    platform = records.address_of(PLATFORM, "PointPlatform")
    contracts = {records[label].address: records[label].contract for label in records.labels()}
    return read_powers(rpc, platform, records[PLATFORM].block, contracts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print or compare; return 1 if there is a difference, 2 if the chain or the records cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m scripts.powers", description=__doc__.splitlines()[0])
    parser.add_argument("task", choices=("print", "compare", "page"))
    parser.add_argument("--url", default=development_url(), help="JSON-RPC of a node")
    parser.add_argument("--records", type=Path, default=FOLDER, help="folder of the deployment records")
    chosen = parser.parse_args(arguments)
    console = Console(width=None if sys.stdout.isatty() else WIDTH_WITHOUT_TERMINAL)
    try:
        powers = read_recorded(Rpc(chosen.url), chosen.records)
    except (ArtifactError, ChainError, RecordError, *CONNECTION_ERRORS) as error:
        print(f"{chosen.url}: {error}", file=sys.stderr)
        return 2
    if chosen.task == "page":
        print(page(powers), end="")
        return 0
    if chosen.task == "print":
        for grid in grids(powers):
            console.print(grid.for_terminal())
        return 0
    found = differences(powers)
    if found:
        console.print(difference_grid(found).for_terminal())
        return 1
    untried = [f"{power.contract}.{power.function}" for power in powers.functions if power.passes is None]
    console.print(
        f"{len(powers.functions)} functions at block {powers.block}: as decided / 決定どおり\n"
        f"Not tried for lack of a case / 対象がなく未確認: {', '.join(dict.fromkeys(untried)) or '—'}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
