"""Fetches all events of a platform into Parquet files, verifies the whole history, and writes its papers.

    python -m scripts.auditor fetch      [--url URL] [--platform ADDRESS] [--to BLOCK] [--folder FOLDER]
    python -m scripts.auditor verify     [--url URL] [--folder FOLDER]
    python -m scripts.auditor patterns   --folder FOLDER
    python -m scripts.auditor statements --folder FOLDER [--on DATE] [--out FOLDER]
    python -m scripts.auditor notices    --folder FOLDER [--on DATE] [--out FOLDER]

Needs a node and the address of the platform, nothing of ours else: if the address is not given, the
deployment records tell it. Sends nothing. Both may be run again at any time: fetch goes on where it was. What
the files are, and how to read them with DuckDB or pandas, is in docs/dataset.md.

`patterns` tells what is odd in the payments (docs/patterns.md); `statements` writes an account of every
merchant, resident number, partner and programme, and `notices` whose points end within 30, 7 and 1 days, as
CSV (docs/statements.md). These three need no node if the folder is named.

`verify` ends with 0 if nothing was found, 1 if something was; all end with 2 if they could not be done.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rich.console import Console

from scripts.lib.artifacts import ArtifactError
from scripts.lib.audit.dataset import Dataset, DatasetError
from scripts.lib.audit.fetch import ReorganisedError, fetch
from scripts.lib.audit.patterns.movements import read_movements
from scripts.lib.audit.patterns.pattern_page import tell_patterns
from scripts.lib.audit.patterns.search import find_patterns
from scripts.lib.audit.statements.papers import (
    NOTICES,
    STATEMENTS,
    last_second_of,
    payable_days,
    write_papers,
)
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
    parser.add_argument("task", choices=("fetch", "verify", "patterns", STATEMENTS, NOTICES))
    parser.add_argument("--url", default=URL, help=f"JSON-RPC of a node ({URL}), or of several, with commas")
    parser.add_argument("--platform", type=to_address, help="PointPlatform; else the records tell it")
    parser.add_argument("--records", type=Path, default=FOLDER, help="folder of the deployment records")
    parser.add_argument("--folder", type=Path, help="of the dataset; else one for each chain, in audits/")
    parser.add_argument("--to", type=int, help="fetch: the last block; the latest if not given")
    parser.add_argument(
        "--on", type=_day, help="papers: as of the end of this day, 2027-03-31; else the last event's"
    )
    parser.add_argument("--out", type=Path, help="papers: the folder to write to; else beside the dataset")
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
        if chosen.task == "patterns":
            tell_patterns(console, find_patterns(read_movements(Dataset(folder))))
            return 0
        if chosen.task in (STATEMENTS, NOTICES):
            papers = write_papers(chosen.task, folder, chosen.on, chosen.out, payable_days(rpc, folder))
            console.print(f"Written / 作成: {papers.files:,} CSV, {papers.day}: {papers.folder}")
            console.print(f"Digest / ダイジェスト: {papers.digest}")
            return 0
        verdict = verify(rpc, folder)
    except FAILURES as error:
        print(f"{chosen.url}: {error}", file=sys.stderr)
        return 2
    tell_verdict(console, verdict)
    return 1 if verdict.violations else 0


def _day(text: str) -> int:
    try:
        return last_second_of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text}: {error}") from None


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
