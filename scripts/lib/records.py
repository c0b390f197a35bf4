"""Where our contracts are: append-only records for each chain, and the only place addresses are read from.

A chain's file is `<folder>/<chain id>/<first 16 digits of its genesis hash>.jsonl`, a record a line. Each
record carries the digest of the line before it, so that an edited, lost or reordered line is noticed; and an
address is handed out only while the code on the chain is the code that was recorded.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from eth_utils import keccak

from scripts.lib.artifacts import read_artifact
from scripts.lib.calls import Deployed
from scripts.lib.node.rpc import Rpc
from scripts.lib.strict_json import JsonError, decode_json
from scripts.lib.workspace import ROOT

FOLDER = ROOT / "deployments"


class RecordError(Exception):
    """The records are damaged, or do not fit the chain; the message says which line and what to do."""


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One contract on one chain.

    Attributes:
        label: what the contract is to us, e.g. "platform"; unique in its file.
        arguments: constructor arguments as text.
        compiler: version and settings that made the code.
        commit: git commit of the working tree, with "+changes" if it had changes; "" outside git.
        code_hash: keccak-256 of the code on the chain (0x hex).
        previous: SHA-256 of the line before (hex); "" in the first.
    """

    label: str
    contract: str
    address: str
    arguments: list[str]
    transaction: str
    block: int
    chain_id: int
    genesis: str
    compiler: dict[str, Any]
    commit: str
    code_hash: str
    previous: str


_decoder = msgspec.json.Decoder(Record)


class DeploymentRecords:
    """The records of the chain behind an Rpc.

    Args:
        folder: where records of all chains lie; `deployments/` in the project unless told.

    Raises:
        RecordError: the file is damaged or belongs to another chain.
    """

    def __init__(self, rpc: Rpc, folder: Path = FOLDER) -> None:
        self.identity = rpc.identity()
        digits = self.identity.genesis.removeprefix("0x")[:16]
        self.file = folder / str(self.identity.chain_id) / f"{digits}.jsonl"
        self._rpc = rpc
        self._last_digest = ""
        self._records: dict[str, Record] = {}
        self._read()

    def __contains__(self, label: str) -> bool:
        return label in self._records

    def __getitem__(self, label: str) -> Record:
        return self._records[label]

    def labels(self) -> list[str]:
        """Return what is recorded, oldest first."""
        return list(self._records)

    def address_of(self, label: str, contract: str, arguments: Sequence[Any] | None = None) -> str:
        """Return a recorded address, after comparing the code there with the recorded hash.

        Args:
            contract: which contract is expected under that label.
            arguments: constructor arguments that are expected; None to expect nothing.

        Raises:
            RecordError: unknown label, another contract or arguments, no code, or other code.
        """
        if label not in self._records:
            raise RecordError(f"{self.file}: nothing is recorded under {label}")
        record = self._records[label]
        if record.contract != contract:
            raise RecordError(f"{self.file}: {label} is a {record.contract}, not a {contract}")
        if arguments is not None and record.arguments != _as_text(arguments):
            raise RecordError(
                f"{self.file}: {label} was deployed with {record.arguments}, "
                f"now {_as_text(arguments)} is asked for"
            )
        found = self._code_hash(record.address)
        if found != record.code_hash:
            raise RecordError(
                f"{self.file}: the code of {label} at {record.address} has hash {found}, "
                f"recorded is {record.code_hash}"
            )
        return record.address

    def code_hashes(self) -> dict[str, str]:
        """Return the recorded keccak-256 (0x hex) of each contract's code, by its address."""
        return {record.address: record.code_hash for record in self._records.values()}

    def append(self, label: str, contract: str, arguments: Sequence[Any], deployed: Deployed) -> None:
        """Record a contract that was just deployed; on disk before this returns.

        Raises:
            RecordError: the label is taken, or there is no code at the address.
        """
        if label in self._records:
            raise RecordError(f"{self.file}: {label} is recorded already")
        record = Record(
            label=label,
            contract=contract,
            address=deployed.address,
            arguments=_as_text(arguments),
            transaction=deployed.transaction,
            block=deployed.block,
            chain_id=self.identity.chain_id,
            genesis=self.identity.genesis,
            compiler=read_artifact(contract).compiler,
            commit=_commit(),
            code_hash=self._code_hash(deployed.address),
            previous=self._last_digest,
        )
        line = msgspec.json.encode(record)
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("ab") as file:
            file.write(line + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self._last_digest = sha256(line).hexdigest()
        self._records[label] = record

    def _read(self) -> None:
        if not self.file.exists():
            return
        content = self.file.read_bytes()
        lines = content.split(b"\n")
        if lines.pop() != b"":
            raise RecordError(
                f"{self.file}: line {len(lines) + 1}, the last, is cut off. Its contract was deployed, but "
                "its record was not written to the end: compare with the chain, then complete or remove it"
            )
        for number, line in enumerate(lines, start=1):
            where = f"{self.file}: line {number}"
            try:
                record = decode_json(line, _decoder)
            except JsonError as error:
                raise RecordError(f"{where} is no record: {error}") from None
            if (record.chain_id, record.genesis) != self.identity:
                raise RecordError(f"{where} belongs to chain {record.chain_id} with genesis {record.genesis}")
            if record.previous != self._last_digest:
                raise RecordError(
                    f"{where} does not follow the line before it: a line was changed, moved or removed"
                )
            if record.label in self._records:
                raise RecordError(f"{where} records {record.label} a second time")
            self._records[record.label] = record
            self._last_digest = sha256(line).hexdigest()

    def _code_hash(self, address: str) -> str:
        code = bytes.fromhex(self._rpc.call("eth_getCode", address, "latest")[2:])
        if not code:
            raise RecordError(
                f"there is no contract at {address} on chain {self.identity.chain_id}: it was "
                f"begun anew after {self.file} was written. Move that file away, or name another folder with "
                "--records, and begin with `council deploy` / "
                f"チェーン{self.identity.chain_id}の {address} に契約がありません。"
                f"記録 {self.file} の後にチェーンが作り直されています。"
                "このファイルを別の場所に移すか、--records で別のフォルダを指定して、"
                "council deploy からやり直してください"
            )
        return "0x" + keccak(code).hex()


def _as_text(arguments: Sequence[Any]) -> list[str]:
    return [str(argument) for argument in arguments]


def _commit() -> str:
    """Return the commit of the working tree; a record is worth having without one."""
    try:
        command = ["git", "-C", str(ROOT), "describe", "--always", "--abbrev=40", "--dirty=+changes"]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""
