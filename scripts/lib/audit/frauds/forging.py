"""Ways to cheat, for who owns a node or a disk: other code, other storage, other events, other files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from eth_abi import encode
from eth_utils import keccak

from scripts.lib.audit.dataset import MANIFEST, Dataset
from scripts.lib.audit.event_tables import EventTable, tables_by_name
from scripts.lib.compiler import CompiledContract, compile_files, compile_sources
from scripts.lib.node.rpc import Rpc
from scripts.lib.workspace import ROOT

Told = tuple[str, list[bytes], bytes]
"""A log: by whom, topics, data."""


@contextmanager
def undone(rpc: Rpc) -> Iterator[None]:
    """Put the chain back to what it was when the block began."""
    snapshot = rpc.call("evm_snapshot")
    try:
        yield
    finally:
        rpc.call("evm_revert", snapshot)


def told(table: str, by: str, **arguments: Any) -> Told:
    """Return the log of an event; `table` is its contract and name, "MunicipalPoint.Minted"."""
    described: EventTable = tables_by_name()[table]
    topics = [described.topic]
    topics += [encode([each.kind], [arguments[each.name]]) for each in described.in_topics]
    values = [arguments[each.name] for each in described.in_data]
    return by, topics, encode([each.kind for each in described.in_data], values)


def transfer(token: str, payer: str, receiver: str, points: int) -> Told:
    """Return the log of a Transfer."""
    return told("MunicipalPoint.Transfer", token, **{"from": payer, "to": receiver, "value": points})


def forge(rpc: Rpc, story: Sequence[Told], after: int = 1) -> str:
    """Let contracts tell a story in one transaction; their code is back when it is told. Returns its hash.

    Args:
        after: seconds after the latest block.
    """
    forger = _forger()
    contracts = {by for by, _, _ in story}
    codes = {contract: rpc.call("eth_getCode", contract, "latest") for contract in contracts}
    for contract in contracts:
        rpc.call("anvil_setCode", contract, "0x" + forger.runtime)
    selector = bytes.fromhex(forger.selectors["tell((address,bytes32[],bytes)[])"])
    data = selector + encode(["(address,bytes32[],bytes)[]"], [list(story)])
    transaction = send(rpc, story[0][0], data, after=after)
    for contract, code in codes.items():
        rpc.call("anvil_setCode", contract, code)
    return transaction


def send(rpc: Rpc, to: str, data: bytes, by: str | None = None, after: int = 1) -> str:
    """Send a transaction from any account, mine it, and return its hash.

    Raises:
        AssertionError: it failed.
    """
    sender = by or rpc.call("eth_accounts")[0]
    rpc.call("anvil_impersonateAccount", sender)
    call = {"from": sender, "to": to, "data": "0x" + data.hex(), "gas": hex(15_000_000), "gasPrice": "0x0"}
    transaction: str = rpc.call("eth_sendTransaction", call)
    now = int(rpc.call("eth_getBlockByNumber", "latest", False)["timestamp"], 16)
    rpc.call("evm_mine", {"timestamp": now + after})
    receipt = rpc.call("eth_getTransactionReceipt", transaction)
    assert receipt["status"] == "0x1", receipt
    return transaction


@cache
def _forger() -> CompiledContract:
    return compile_files(["tests/harness/LogForger.sol"])["LogForger"]


@cache
def modified_library(name: str, changes: tuple[tuple[str, str, str], ...]) -> str:
    """Return the deployed code (0x hex) of a library, compiled from sources with changes.

    Args:
        changes: file below contracts/libraries, what stands there, what shall stand there.
    """
    sources: dict[str, str] = {}
    for file, old, new in changes:
        path = f"contracts/libraries/{file}.sol"
        text = sources.get(path) or (ROOT / path).read_text(encoding="utf-8")
        assert old in text, f"{path} does not have: {old}"
        sources[path] = text.replace(old, new)
    top = f"contracts/libraries/{name}.sol"
    sources.setdefault(top, (ROOT / top).read_text(encoding="utf-8"))
    return "0x" + compile_sources(sources)[name].runtime


def account_slot(rpc: Rpc, token: str, account: str, word: int) -> str:
    """Return where a token keeps an account's word, of which the lowest lot is known."""
    for slot in range(64):
        place = "0x" + keccak(encode(["address", "uint256"], [account, slot])).hex()
        if int(rpc.call("eth_getStorageAt", token, place, "latest"), 16) & ((1 << 40) - 1) == word:
            return place
    raise LookupError(f"no word of {account} in the first slots")


def change_storage(rpc: Rpc, contract: str, place: str, change: Callable[[int], int]) -> None:
    """Write another word into a contract's storage, between two blocks without transactions.

    anvil writes into the state of its latest block, which so gets one without transactions.
    """
    rpc.call("evm_mine")
    word = int(rpc.call("eth_getStorageAt", contract, place, "latest"), 16)
    rpc.call("anvil_setStorageAt", contract, place, f"0x{change(word):064x}")
    rpc.call("evm_mine")


# ------------------------------------------------------------------------------------------------ files


def files_of(folder: Path, table: str) -> list[Path]:
    """Return the files of a table, oldest first."""
    return sorted((folder / table).glob("*.parquet"))


def rows_of(file: Path) -> list[dict[str, Any]]:
    """Return the rows of a file."""
    rows: list[dict[str, Any]] = pq.read_table(file, partitioning=None).to_pylist()
    return rows


def rewrite(file: Path, change: Callable[[list[dict[str, Any]]], None]) -> None:
    """Change the rows of a file."""
    rows, schema = rows_of(file), pq.read_schema(file)
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), file)


def reseal(
    folder: Path, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]] | None = None
) -> None:
    """Make the manifest agree with the files again, as a forger would who knows how it is made.

    Args:
        change: of the manifest's lines, before they are sealed.
    """
    lines = [json.loads(line) for line in (folder / MANIFEST).read_bytes().splitlines()]
    lines = change(lines) if change else lines
    previous, sealed = "", b""
    for line in lines:
        line["previous"] = previous
        if line["line"] == "segment":
            name = f"{line['first']:010d}-{line['last']:010d}" + ("-earlier" if line["of"] else "")
            for file in line["files"]:
                path = folder / file["table"] / f"{name}.parquet"
                file["digest"] = sha256(path.read_bytes()).hexdigest()
                file["rows"] = pq.read_metadata(path).num_rows
        content = json.dumps(line, separators=(",", ":"), ensure_ascii=False).encode()
        previous = sha256(content).hexdigest()
        sealed += content + b"\n"
    (folder / MANIFEST).write_bytes(sealed)
    Dataset(folder)  # it reads without a word
