"""Everything that a run leaves behind: on a chain, in files, on the terminal and in logs, place by place."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

from scripts.lib.node.rpc import Request, Rpc
from scripts.lib.workspace import ROOT
from tests.support.planted import Betrayal, Detector

TOOLS = frozenset({".git", ".venv", "node_modules", ".tools", ".mypy_cache", ".ruff_cache", "__pycache__"})
"""Folders of the project that hold what it was made with, and nothing of a run."""


class Channel(Enum):
    """Where something can come out."""

    INPUT = "input of a transaction"
    LOG = "topics and data of a log"
    ACCOUNT = "address of an account"
    CODE = "code of a contract"
    STORAGE = "storage of a contract"
    STATE = "the node's whole state as text"
    FILE = "file"
    OUTPUT = "standard output and error"
    LOGGING = "Python's logging"


class Trace(NamedTuple):
    """Some bytes and where they were."""

    channel: Channel
    place: str
    content: bytes


class Leak(NamedTuple):
    """Something personal was found in a trace."""

    channel: Channel
    place: str
    betrayal: Betrayal


def leaks(detector: Detector, traces: Iterable[Trace]) -> list[Leak]:
    """Return what the traces betray."""
    return [
        Leak(trace.channel, trace.place, betrayal)
        for trace in traces
        for betrayal in detector.find(trace.content)
    ]


def chain_traces(rpc: Rpc) -> Iterator[Trace]:
    """Yield every transaction, log, account, code and storage of an anvil chain, and its state as it is."""
    height = int(rpc.call("eth_blockNumber"), 16)
    blocks = rpc.results(Request("eth_getBlockByNumber", (hex(n), True)) for n in range(height + 1))
    for transaction in (each for block in blocks for each in block["transactions"]):
        yield Trace(Channel.INPUT, transaction["hash"], _bytes(transaction["input"]))
    for log in rpc.call("eth_getLogs", {"fromBlock": "0x0", "toBlock": hex(height)}):
        content = b"".join(_bytes(part) for part in [*log["topics"], log["data"]])
        yield Trace(Channel.LOG, f"{log['address']} in {log['transactionHash']}", content)
    state = gzip.decompress(_bytes(rpc.call("anvil_dumpState")))
    yield from _accounts(json.loads(state)["accounts"])
    yield Trace(Channel.STATE, "anvil_dumpState", state)


def _accounts(accounts: dict[str, Any]) -> Iterator[Trace]:
    for address, account in accounts.items():
        yield Trace(Channel.ACCOUNT, address, _bytes(address))
        yield Trace(Channel.CODE, address, _bytes(account["code"]))
        # A long text fills words one after the other: side by side, it is whole.
        words = sorted((int(slot, 16), int(word, 16)) for slot, word in account["storage"].items())
        yield Trace(Channel.STORAGE, address, b"".join(word.to_bytes(32, "big") for _, word in words))
        yield Trace(
            Channel.STORAGE, f"{address}, slots", b"".join(slot.to_bytes(32, "big") for slot, _ in words)
        )


def file_traces(folders: Iterable[Path], changed_since: float = 0) -> Iterator[Trace]:
    """Yield files and their names, below some folders.

    Args:
        changed_since: time in seconds since 1970; older files are left out.
    """
    for folder in folders:
        for parent, subfolders, names in os.walk(folder):
            subfolders[:] = sorted(set(subfolders) - TOOLS)
            for file in sorted(Path(parent) / name for name in names):
                try:
                    if file.lstat().st_mtime < changed_since:
                        continue
                    # A link is what it says, whether or not anything is there.
                    content = os.fsencode(file.readlink()) if file.is_symlink() else file.read_bytes()
                except FileNotFoundError:
                    continue  # gone meanwhile, with whatever ran beside
                place = str(file.relative_to(folder))
                yield Trace(Channel.FILE, place, place.encode() + b"\n" + content)


def project_files(changed_since: float) -> Iterator[Trace]:
    """Yield the files of the project that were written since a time, in build/ or wherever else."""
    return file_traces([ROOT], changed_since)


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text[2:])
