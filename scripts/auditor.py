"""Fetches all events of a platform into Parquet files, and verifies the whole history from them.

    python -m scripts.auditor fetch  [--url URL] [--platform ADDRESS] [--to BLOCK] [--folder FOLDER]
    python -m scripts.auditor verify [--url URL] [--folder FOLDER]

Needs a node and the address of the platform, nothing of ours else: if the address is not given, the
deployment records tell it. Sends nothing. Both may be run again at any time: fetch goes on where it was. What
the files are, and how to read them with DuckDB or pandas, is in docs/dataset.md.

`verify` ends with 0 if nothing was found, 1 if something was; both end with 2 if they could not be done.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rich.console import Console

from scripts.lib.artifacts import ArtifactError
from scripts.lib.audit.dataset import DatasetError
from scripts.lib.audit.fetch import ReorganisedError, fetch
from scripts.lib.audit.verdict_page import tell_fetched, tell_segment, tell_verdict
from scripts.lib.audit.verify import verify
from scripts.lib.chain import ChainError
from scripts.lib.deployment import PLATFORM
from scripts.lib.event_log import to_address
from scripts.lib.records import FOLDER, DeploymentRecords, RecordError
from scripts.lib.rpc import CONNECTION_ERRORS, Rpc
from scripts.lib.workspace import ROOT

URL = "http://127.0.0.1:8545"
AUDITS = ROOT / "audits"
WIDTH_WITHOUT_TERMINAL = 160
FAILURES = (ArtifactError, ChainError, DatasetError, RecordError, ReorganisedError, *CONNECTION_ERRORS)


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch or verify; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m scripts.auditor", description=__doc__.splitlines()[0])
    parser.add_argument("task", choices=("fetch", "verify"))
    parser.add_argument("--url", default=URL, help=f"JSON-RPC of a node ({URL}), or of several, with commas")
    parser.add_argument("--platform", type=to_address, help="PointPlatform; else the records tell it")
    parser.add_argument("--records", type=Path, default=FOLDER, help="folder of the deployment records")
    parser.add_argument("--folder", type=Path, help="of the dataset; else one for each chain, in audits/")
    parser.add_argument("--to", type=int, help="fetch: the last block; the latest if not given")
    chosen = parser.parse_args(arguments)
    console = Console(width=None if sys.stdout.isatty() else WIDTH_WITHOUT_TERMINAL)
    rpc = Rpc(chosen.url)
    try:
        folder = chosen.folder or default_folder(rpc)
        if chosen.task == "fetch":
            platform = chosen.platform or recorded_platform(rpc, chosen.records)
            tell = partial(tell_segment, console)
            tell_fetched(console, folder, fetch(rpc, platform, folder, last=chosen.to, tell=tell))
            return 0
        verdict = verify(rpc, folder)
    except FAILURES as error:
        print(f"{chosen.url}: {error}", file=sys.stderr)
        return 2
    tell_verdict(console, verdict)
    return 1 if verdict.violations else 0


def default_folder(rpc: Rpc) -> Path:
    """Return the folder of this chain's dataset."""
    identity = rpc.identity()
    return AUDITS / f"{identity.chain_id}-{identity.genesis.removeprefix('0x')[:16]}"


def recorded_platform(rpc: Rpc, records: Path) -> str:
    """Return the platform that the deployment records name.

    Raises:
        RecordError: there is none, or its code is another.
    """
    return DeploymentRecords(rpc, records).address_of(PLATFORM, "PointPlatform")


if __name__ == "__main__":
    sys.exit(main())
