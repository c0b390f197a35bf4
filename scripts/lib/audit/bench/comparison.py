"""Measures fetch beside other readers, on the same chain in the same run.

Figures are client CPU a log: user and system time of the reader's process, JSON, decoding and writing
included. Every reader is run several times and its least figure counts, since other work on the machine only
adds.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from scripts.lib.audit.bench.busy_chain import ROUNDS_A_BLOCK, BusyChain, busy_chain
from scripts.lib.audit.event_tables import tables_by_name
from scripts.lib.workspace import ROOT, TOOLS

PEERS_PYTHON = TOOLS / "peers" / "bin" / "python"
CRYO = ROOT / "scripts" / "toolchain" / "read_by_cryo.py"
RUNS = 3
CRYO_PAGES = (4_000, 2_000, 1_000)
"""Logs a request: cryo is run with each, and its best counts."""
WEB3_LOGS = 20_000
"""Enough for a figure: it takes nearly a millisecond a log."""

MIX = {
    "Transfer": ("event Transfer(address indexed from, address indexed to, uint256 value)", 590),
    "SalePaid": ("event SalePaid(address indexed merchant, uint256 payment)", 400),
    "SaleRefunded": (
        "event SaleRefunded(address indexed merchant, uint256 indexed sale, address indexed receiver, "
        "uint256 lot)",
        10,
    ),
    "Minted": (
        "event Minted(address indexed minter, uint256 indexed expiryMonth, uint256 amountPoints)",
        1,
    ),
}
"""Events of the mill: as cryo takes them, and how many a round."""


class Measured(NamedTuple):
    """What reading took.

    Attributes:
        cpu: microseconds a log.
        peak: bytes of memory; 0 if not measured.
    """

    reader: str
    logs: int
    cpu: float
    peak: int = 0


def measure(events: int, many_events: int) -> Iterator[Measured]:
    """Yield figures of fetch at both sizes, of the rebuild, and of the peers that are installed.

    Args:
        events: at which readers are compared.
        many_events: at which the memory of fetch is compared with that.
    """
    with busy_chain() as chain, tempfile.TemporaryDirectory() as place:
        chain.emit(events)
        last = chain.last
        datasets = [Path(place) / f"dataset {run}" for run in range(RUNS)]
        yield _least("fetch", [_ours(chain, "fetch", chain.platform, folder, last) for folder in datasets])
        rebuilt = _ours(chain, "rebuild", datasets[0], chain.token)
        yield Measured("rebuild", rebuilt["logs"], rebuilt["cpu"] / rebuilt["logs"] * 1e6, rebuilt["peak"])
        if PEERS_PYTHON.exists():
            took = [_cryo(chain, Path(place) / f"cryo {page}", last, page) for page in CRYO_PAGES]
            runs = [{"cpu": cpu, "logs": chain.events, "peak": 0} for cpu in took if cpu is not None]
            if runs:
                yield _least("cryo", runs)
        first = chain.first + 1
        until = first + WEB3_LOGS // (ROUNDS_A_BLOCK * 1001)
        yield _least("web3", [_ours(chain, "web3", chain.token, first, until)])
        chain.emit(many_events)
        whole = [_ours(chain, "fetch", chain.platform, Path(place) / "many", chain.last)]
        yield _least("fetch many", whole)


def cryo_arguments(
    url: str, first: int, last: int, contract: str, folder: Path, events: dict[str, int]
) -> list[str]:
    """Return the command that reads events of a contract with cryo.

    Args:
        events: of MIX, with how many blocks a request.
    """
    command = [str(PEERS_PYTHON), str(CRYO), url, str(first), str(last), contract, str(folder)]
    for event, blocks in events.items():
        topic = tables_by_name()[f"MunicipalPoint.{event}"].topic
        command += [MIX[event][0], "0x" + topic.hex(), str(blocks)]
    return command


def _cryo(chain: BusyChain, folder: Path, last: int, page: int) -> float | None:
    """Return the CPU seconds that cryo takes for all logs of the mill, event by event; None if it crashed."""
    folder.mkdir()
    events = {event: max(1, page // (count * ROUNDS_A_BLOCK)) for event, (_, count) in MIX.items()}
    command = cryo_arguments(chain.rpc.url, chain.first, last, chain.token, folder, events)
    try:
        return float(_run(command)["cpu"])
    except subprocess.CalledProcessError as error:
        if error.returncode >= 0:  # not by a signal: cryo 0.3.2 does crash now and then
            raise
        return None


def _ours(chain: BusyChain, reader: str, *arguments: object) -> dict[str, Any]:
    url = [] if reader == "rebuild" else [chain.rpc.url]
    command = [sys.executable, "-m", "scripts.lib.audit.bench.readers", reader, *url]
    return _run([*command, *map(str, arguments)])


def _run(command: list[str]) -> dict[str, Any]:
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    told: dict[str, Any] = json.loads(finished.stdout.splitlines()[-1])
    return told


def _least(reader: str, runs: list[dict[str, Any]]) -> Measured:
    best = min(runs, key=lambda run: run["cpu"] / run["logs"])
    return Measured(reader, best["logs"], best["cpu"] / best["logs"] * 1e6, best["peak"])
