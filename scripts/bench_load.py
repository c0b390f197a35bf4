"""Measures a council of 217 municipalities with a million residents on one chain: `make bench-load`.

    python -m scripts.bench_load [--municipalities 217] [--residents 1000000] [--merchants 10000]
                                 [--payments 100000] [--record]

Everybody is registered by two officers and granted 10,000 points of relief, shops are approved, residents
pay; then an auditor fetches and verifies it all. The gas of a signed payment is taken when the nation is
small and when it is whole. It tells how far it is and how long the phase will last; a run that is interrupted
begins anew, since the wall time of one run is what it measures. A run that memory cannot hold is refused.

Writes build/bench-load.json, with --record docs/figures/load.json too, which docs/scale.md is computed from.
Ends with 1 if a payment's gas has grown by more than the limit, or if the audit finds something.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import msgspec
import psutil
from rich.console import Console

from scripts.lib.audit.fetch import fetch
from scripts.lib.audit.verify import Verdict, verify
from scripts.lib.japan_calendar import moment_from_text
from scripts.lib.load.figures import FILE, Audit, Load, Machine, Payments, commit_checked_out
from scripts.lib.load.footprint import measure_footprints
from scripts.lib.load.nation import Nation, Tell
from scripts.lib.node.local_chain import ChainError, LocalChain
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.transactions import SendError, StalledError
from scripts.lib.workspace import BUILD, ROOT

REPORT = BUILD / "bench-load.json"
MOST_GROWTH = 1.02
BLOCK_GAS_LIMIT = 17_000_000_000
SMALL_RESIDENTS, SMALL_MERCHANTS = 10_000, 10
PROBED = 20
GENESIS = moment_from_text("2026-04-01T09:00")
TELL_SECONDS = 10.0
BYTES_A_RESIDENT = 12_000
BYTES_BESIDES = 1_500_000_000
"""More than the chain's and the auditor's memory together, at the end."""

_Answer = TypeVar("_Answer")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write; return the exit code."""
    options = _parser().parse_args(arguments)
    console = Console(highlight=False, soft_wrap=True)
    needed, free = BYTES_BESIDES + BYTES_A_RESIDENT * options.residents, psutil.virtual_memory().available
    if needed > free:
        fitting = max(0, int(free - BYTES_BESIDES) // BYTES_A_RESIDENT)
        print(
            f"{options.residents:,} residents need {needed / 1e9:.1f} GB of memory, {free / 1e9:.1f} GB are "
            f"free: try --residents {fitting // 1000 * 1000}",
            file=sys.stderr,
        )
        return 2
    try:
        load = _Run(options, console).measured()
    except (ChainError, SendError, StalledError) as error:
        print(error, file=sys.stderr)
        return 2
    written = [REPORT, FILE] if options.record else [REPORT]
    for file in written:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(msgspec.json.format(msgspec.json.encode(load), indent=2) + b"\n")
    payment = load.payment_gas
    console.print(f"payment gas {payment.small:,} -> {payment.whole:,} ({payment.growth:.4f})")
    console.print(f"written: {', '.join(str(file.relative_to(ROOT)) for file in written)}")
    return exit_code(load)


def exit_code(load: Load) -> int:
    """Return 1 if a payment has become dearer than it may, or if the audit has found something."""
    return int(load.payment_gas.growth > MOST_GROWTH or load.audit.found != 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench-load", description=__doc__.splitlines()[0])
    parser.add_argument("--municipalities", type=int, default=217)
    parser.add_argument("--residents", type=int, default=1_000_000)
    parser.add_argument("--merchants", type=int, default=10_000)
    parser.add_argument("--payments", type=int, default=100_000)
    parser.add_argument("--record", action="store_true", help=f"write {FILE.relative_to(ROOT)} too")
    return parser


class _Run:
    """One measurement.

    Attributes:
        seconds: wall time by phase.
        node_memory: resident bytes of the chain's process at the end of each phase.
    """

    def __init__(self, options: argparse.Namespace, console: Console) -> None:
        self.options = options
        self.console = console
        self.seconds: dict[str, float] = {}
        self.node_memory: dict[str, int] = {}
        self.began = time.monotonic()
        self.chain: LocalChain | None = None
        self.commit = commit_checked_out()

    def measured(self) -> Load:
        """Build the nation, have it pay, audit it; return what was measured."""
        options = self.options
        footprints = self._timed("footprints", measure_footprints)
        with LocalChain.anvil(
            genesis_time=GENESIS, on_demand=True, block_gas_limit=BLOCK_GAS_LIMIT, kept_states=1
        ) as chain:
            self.chain = chain
            nation = self._timed("deployment", lambda: Nation.opened(chain, options.municipalities))
            small = (
                min(SMALL_RESIDENTS, options.residents),
                min(SMALL_MERCHANTS, options.merchants),
            )
            nation.approve_lists(small[0])
            self._timed("first residents", lambda: nation.register(small[0]))
            self._timed("first grants", nation.grant)
            self._timed("first merchants", lambda: nation.open_shops(small[1]))
            before = self._timed("first gas", lambda: nation.probe(nation.towns[0], PROBED))
            self._timed("merchants", lambda: nation.open_shops(options.merchants, self._teller("merchants")))
            self._timed("lists of grants", lambda: nation.approve_lists(options.residents))
            self._timed("residents", lambda: nation.register(options.residents, self._teller("residents")))
            self._timed("grants", lambda: nation.grant(self._teller("grants")))
            made = self._timed("payments", lambda: nation.pay(options.payments, self._teller("payments")))
            if made != options.payments:
                raise ChainError(f"{made} of {options.payments} payments were made")
            after = self._timed("last gas", lambda: nation.probe(nation.towns[0], PROBED))
            self._timed("empty block", lambda: chain.rpc("evm_mine"))
            blocks = chain.height()
            audit = self._audited(nation)
        return Load(
            date=datetime.now(timezone.utc).strftime("%Y-%m-%d"),
            commit=self.commit,
            command=f"python -m scripts.bench_load --municipalities {options.municipalities} --residents "
            f"{options.residents} --merchants {options.merchants} --payments {options.payments} --record",
            machine=Machine.this(),
            municipalities=options.municipalities,
            residents=options.residents,
            merchants=options.merchants,
            payments=options.payments,
            blocks=blocks,
            block_gas_limit=BLOCK_GAS_LIMIT,
            seconds=self.seconds,
            seconds_in_all=round(time.monotonic() - self.began, 1),
            node_memory=self.node_memory,
            payment_gas=Payments(
                small_residents=small[0],
                small_merchants=small[1],
                small=_median(before),
                whole=_median(after),
            ),
            footprints=footprints,
            audit=audit,
        )

    def _timed(self, phase: str, work: Callable[[], _Answer]) -> _Answer:
        began = time.monotonic()
        answer = work()
        self.seconds[phase] = round(time.monotonic() - began, 1)
        memory = ""
        if self.chain is not None:
            self.node_memory[phase] = psutil.Process(self.chain.process.pid).memory_info().rss
            memory = f", the chain holds {self.node_memory[phase] / 1e6:,.0f} MB"
        self.console.print(f"{phase}: {self.seconds[phase]:,} s{memory}")
        return answer

    def _teller(self, phase: str) -> Tell:
        began = told = time.monotonic()

        def tell(done: int, to_do: int) -> None:
            nonlocal told
            now = time.monotonic()
            if now - told < TELL_SECONDS or not done:
                return
            told = now
            left = (now - began) * (to_do - done) / done
            self.console.print(
                f"  {phase}: {done:,} of {to_do:,}, {done / (now - began):,.0f} a second, {left:,.0f} s left "
                f"of this phase; {now - self.began:,.0f} s so far"
            )

        return tell

    def _audited(self, nation: Nation) -> Audit:
        """Fetch and verify everything, as the auditor's commands do."""
        with TemporaryDirectory(dir=BUILD) as folder:
            dataset = Path(folder) / "dataset"
            url, platform = nation.chain.url, nation.deployment.platform
            events, fetch_memory = self._timed("fetch", lambda: _alone(_fetch, url, platform, dataset))
            verdict, verify_memory = self._timed("verify", lambda: _alone(_verify, url, dataset))
            for violation in verdict.violations[:10]:
                self.console.print(violation)
            files = [file for file in dataset.rglob("*") if file.is_file()]
            return Audit(
                events=events,
                dataset_bytes=sum(file.stat().st_size for file in files),
                answers=verdict.figures,
                fetch_seconds=self.seconds["fetch"],
                fetch_memory=fetch_memory,
                verify_seconds=self.seconds["verify"],
                compare_seconds=round(verdict.compare_seconds, 1),
                verify_memory=verify_memory,
                found=len(verdict.violations),
            )


def _median(receipts: Sequence[object]) -> int:
    gas = [receipt.gas_used for receipt in receipts]  # type: ignore[attr-defined]
    return int(statistics.median(gas))


def _alone(work: Callable[..., _Answer], *arguments: object) -> tuple[_Answer, int]:
    """Work in a new process; return the answer, and the most memory in bytes that the process had."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        answer = pool.submit(work, *arguments).result()
        return answer, pool.submit(_peak_memory).result()


def _fetch(url: str, platform: str, folder: Path) -> int:
    return fetch(Rpc(url), platform, folder).logs


def _verify(url: str, folder: Path) -> Verdict:
    return verify(Rpc(url), folder)


def _peak_memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    sys.exit(main())
