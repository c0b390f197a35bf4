"""Measures a council of 217 municipalities with a million residents on one chain: `make bench-load`.

    python -m scripts.bench_load [--municipalities 217] [--residents 1000000] [--merchants 10000]
                                 [--payments 100000]

Everybody is registered by two officers, granted 10,000 points of relief, and some pay; then an auditor
fetches and verifies it all. The gas of a payment is taken when the nation is small and when it is whole.
Writes build/bench-load.json. Ends with 1 if a payment's gas has grown by more than the limit, or if the audit
finds something.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from rich.console import Console

from scripts.lib.audit.dataset import Dataset
from scripts.lib.block_ticker import ticking
from scripts.lib.chain import ChainError, LocalChain
from scripts.lib.japan_calendar import moment_from_text
from scripts.lib.load.nation import Nation
from scripts.lib.sender import SendError
from scripts.lib.workspace import BUILD, ROOT

REPORT = BUILD / "bench-load.json"
MOST_GROWTH = 1.02
BLOCK_GAS_LIMIT = 3_000_000_000
BLOCK_SECONDS = 0.2
SMALL_RESIDENTS, SMALL_MERCHANTS = 10_000, 10
PROBED = 20
GENESIS = moment_from_text("2026-04-01T09:00")


class Load(msgspec.Struct):
    """What was measured; seconds are wall time, sizes are bytes.

    Attributes:
        payment_gas_small, payment_gas_whole: of a signed payment that goes alone, median of PROBED.
    """

    municipalities: int
    residents: int
    merchants: int
    payments: int
    seconds: dict[str, float]
    payment_gas_small: int
    payment_gas_whole: int
    events: int = 0
    audit_memory: dict[str, int] = {}
    node_memory: int = 0
    dataset_size: int = 0
    verify_found: int = 0
    processors: int = 0

    @property
    def growth(self) -> float:
        """How much dearer a payment is when the nation is whole."""
        return self.payment_gas_whole / self.payment_gas_small


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write; return the exit code."""
    parser = argparse.ArgumentParser(prog="make bench-load", description=__doc__.splitlines()[0])
    parser.add_argument("--municipalities", type=int, default=217)
    parser.add_argument("--residents", type=int, default=1_000_000)
    parser.add_argument("--merchants", type=int, default=10_000)
    parser.add_argument("--payments", type=int, default=100_000)
    options = parser.parse_args(arguments)
    console = Console(highlight=False)
    try:
        load = _measure(options, console)
    except (ChainError, SendError) as error:
        print(error, file=sys.stderr)
        return 2
    BUILD.mkdir(exist_ok=True)
    told = msgspec.to_builtins(load) | {"growth": round(load.growth, 4)}
    REPORT.write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n")
    console.print(f"payment gas {load.payment_gas_small:,} -> {load.payment_gas_whole:,} ({load.growth:.4f})")
    console.print(f"written: {REPORT.relative_to(ROOT)}")
    return int(load.growth > MOST_GROWTH or load.verify_found != 0)


def _measure(options: argparse.Namespace, console: Console) -> Load:
    seconds: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        answer = work()
        seconds[name] = round(time.perf_counter() - began, 1)
        console.print(f"{name}: {seconds[name]:,} s")
        return answer

    with LocalChain.anvil(
        genesis_time=GENESIS, on_demand=True, block_gas_limit=BLOCK_GAS_LIMIT, kept_states=4
    ) as chain:
        with ticking(lambda: chain, BLOCK_SECONDS):
            nation = timed("deployment", lambda: Nation.opened(chain, options.municipalities))
            small = min(SMALL_RESIDENTS, options.residents)
            timed("first residents", lambda: nation.settle(small))
            nation.open_shops(min(SMALL_MERCHANTS, options.merchants))
            before = nation.gas_of_payments(nation.towns[0], PROBED)
            timed("residents", lambda: nation.settle(options.residents))
            timed("merchants", lambda: nation.open_shops(options.merchants))
            made = timed("payments", lambda: nation.pay(options.payments))
            after = nation.gas_of_payments(nation.towns[0], PROBED)
        if made != options.payments:
            raise ChainError(f"{made} of {options.payments} payments were made")
        load = Load(
            options.municipalities,
            options.residents,
            options.merchants,
            options.payments,
            seconds,
            int(statistics.median(before)),
            int(statistics.median(after)),
            processors=os.cpu_count() or 0,
        )
        load.node_memory = _memory_of(chain.process.pid)
        with TemporaryDirectory(dir=BUILD) as folder:
            dataset = Path(folder) / "dataset"
            words = ["--url", chain.url, "--folder", str(dataset)]
            platform = ["--platform", nation.deployment.platform]
            code, load.audit_memory["fetch"] = timed("fetch", lambda: _audited(["fetch", *words, *platform]))
            if code:
                raise ChainError(f"the auditor's fetch ended with {code}")
            load.verify_found, load.audit_memory["verify"] = timed(
                "verify", lambda: _audited(["verify", *words])
            )
            load.dataset_size = sum(file.stat().st_size for file in dataset.rglob("*") if file.is_file())
            load.events = _events(dataset)
    return load


def _audited(words: list[str]) -> tuple[int, int]:
    """Run the auditor's command; return its exit code and peak memory."""
    process = os.posix_spawn(sys.executable, [sys.executable, "-m", "scripts.auditor", *words], os.environ)
    _, status, usage = os.wait4(process, 0)
    return os.waitstatus_to_exitcode(status), usage.ru_maxrss * 1024


def _memory_of(process: int) -> int:
    """Return the peak resident memory of a process."""
    for line in Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    return 0


def _events(dataset: Path) -> int:
    return sum(file.rows for segment in Dataset(dataset).segments for file in segment.files)


if __name__ == "__main__":
    sys.exit(main())
