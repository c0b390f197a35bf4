"""Measures how long the report of many events takes, and in how much memory: `make bench-report`.

    python -m scripts.bench_report [--events 2000000]

A busy series on a chain of its own is fetched as always; then `auditor report --offline` runs in a process of
its own, from the files to the digest. Writes build/bench-report.json. Ends with 1 if a
figure passes its limit.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from scripts.lib.audit.bench.busy_chain import busy_chain
from scripts.lib.audit.fetch import fetch
from scripts.lib.node.local_chain import ChainError
from scripts.lib.workspace import BUILD, ROOT

REPORT = BUILD / "bench-report.json"
MOST_SECONDS = 300
MOST_MEMORY = 3_000_000_000
"""Bytes."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write; return the exit code."""
    parser = argparse.ArgumentParser(prog="make bench-report", description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=2_000_000)
    events = parser.parse_args(arguments).events
    try:
        with busy_chain() as chain, tempfile.TemporaryDirectory() as place:
            chain.emit(events)
            fetched = fetch(chain.rpc, chain.platform, Path(place) / "dataset")
            figures = _measure(Path(place), fetched.logs)
    except (ChainError, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        return 2
    BUILD.mkdir(exist_ok=True)
    REPORT.write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=2) + b"\n")
    print(
        f"{figures['events']:,} events to report: {figures['seconds']:.1f} s, of CPU "
        f"{figures['cpu_seconds']:.1f} s; peak memory {figures['peak_bytes'] / 1e6:,.0f} MB; "
        f"{figures['page_bytes'] / 1e3:,.0f} kB; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n"
        f"written: {REPORT.relative_to(ROOT)}"
    )
    return 1 if figures["seconds"] > MOST_SECONDS or figures["peak_bytes"] > MOST_MEMORY else 0


def _measure(place: Path, events: int) -> dict[str, float]:
    out = place / "report"
    command = [sys.executable, "-m", "scripts.auditor", "report", "--offline"]
    command += ["--folder", str(place / "dataset"), "--out", str(out)]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    # Anvil is a child as well, but none that has ended: only those that were waited for are counted.
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    seconds, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    page = sum(file.stat().st_size for file in out.rglob("*") if file.is_file())
    return {
        "events": events,
        "seconds": seconds,
        "cpu_seconds": cpu,
        "peak_bytes": after.ru_maxrss * 1024,
        "page_bytes": page,
    }


if __name__ == "__main__":
    sys.exit(main())
