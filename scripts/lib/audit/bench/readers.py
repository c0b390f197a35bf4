"""Readers of logs, each in a process of its own, so that CPU time and memory are its alone.

    python -m scripts.lib.audit.bench.readers fetch|rebuild|web3 URL …

Prints {"cpu": seconds, "logs": count, "peak": bytes}. CPU time counts from when all is imported, on all
threads.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scripts.lib.artifacts import read_artifact
from scripts.lib.audit.dataset import Dataset
from scripts.lib.audit.event_stream import read_dataset
from scripts.lib.audit.fetch import fetch
from scripts.lib.node.rpc import Rpc
from scripts.lib.replays.series import SeriesReplay


def fetch_all(url: str, platform: str, folder: str, last: str) -> int:
    """Fetch a platform into a folder, up to a block."""
    return fetch(Rpc(url), platform, Path(folder), last=int(last)).logs


def rebuild(folder: str, token: str) -> int:
    """Rebuild one series from a dataset, from the first event that its mill emitted."""
    replay, count = SeriesReplay(), 0
    for event in read_dataset(Dataset(Path(folder))):
        if event.address == token:
            replay.apply(event)
            count += 1
    if not replay.sales.payments:
        raise LookupError("nothing was rebuilt")
    return count


def read_by_web3(url: str, token: str, first: str, last: str) -> int:
    """Read events as web3.py's users do: get_logs of each event, decoded."""
    from web3 import Web3

    web3 = Web3(Web3.HTTPProvider(url))
    contract = web3.eth.contract(address=token, abi=read_artifact("MunicipalPoint").abi)  # type: ignore[call-overload]
    return sum(
        len(contract.events[event]().get_logs(from_block=int(first), to_block=int(last)))
        for event in ("Transfer", "SalePaid", "SaleRefunded", "Minted")
    )


READERS: dict[str, Callable[..., int]] = {"fetch": fetch_all, "rebuild": rebuild, "web3": read_by_web3}


def main(reader: str, *arguments: str) -> None:
    """Read, and print what it took."""
    if reader == "web3":
        import web3  # noqa: F401
    began = time.process_time()
    logs = READERS[reader](*arguments)
    told: dict[str, Any] = {"cpu": time.process_time() - began, "logs": logs}
    told["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
