"""The chains in scripts/networks.yaml, and a sender for each that suits it.

    network = read_network("consortium")
    rpc = network.connect()
    with Journal(rpc.identity(), "grant-batch-7") as journal:
        sender = network.sender(rpc, keyring, journal=journal, code_hashes=records.code_hashes())

Which chain is behind an address is made sure of before anything is signed for it. Networks of one's own
stand in scripts/networks.local.yaml, which git ignores, in the same form; a name of the first file may be
described anew there.
"""

from __future__ import annotations

import os
import re
from enum import Enum
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
import yaml

from scripts.lib.journal import Journal
from scripts.lib.keys.keyring import Keyring
from scripts.lib.node.local_chain import DEVELOPMENT_FOLDER, HOST
from scripts.lib.node.rpc import CONNECTION_ERRORS, ChainIdentity, Rpc
from scripts.lib.node.sender import RESEND_SECONDS, STALL_SECONDS, Sender, offered_price
from scripts.lib.node.transactions import WrongChainError
from scripts.lib.records import FOLDER as RECORDS
from scripts.lib.workspace import ROOT

FILE = ROOT / "scripts" / "networks.yaml"

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_THIS_MACHINE = (HOST, "localhost")


class NetworkError(Exception):
    """There is no such network, or it is described wrongly; the message says what to do."""


class NoNodeError(NetworkError):
    """No node answers at the address; nothing was sent."""

    def __init__(self, url: str, *, is_local: bool, why: object) -> None:
        english, japanese = "", ""
        if is_local:
            english = "; is the window of `make chain` open?"
            japanese = "。make chain の窓が開いているか確かめてください"
        super().__init__(
            f"no node answers at {url} ({why}){english} / {url} のノードに接続できません{japanese}"
        )


def identity_of(rpc: Rpc, *, is_local: bool = False) -> ChainIdentity:
    """Return which chain is behind a node that was not asked anything yet.

    Raises:
        NoNodeError: it does not answer.
    """
    try:
        return rpc.identity()
    except CONNECTION_ERRORS as error:
        raise NoNodeError(rpc.url, is_local=is_local, why=error or type(error).__name__) from error


class Keys(Enum):
    """Whose keys sign."""

    READY = "ready"
    OWN = "own"


class Network(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A chain and how to send to it; see scripts/networks.yaml.

    Attributes:
        url: with its variables filled in; several nodes are separated by commas (scripts.lib.node.rpc).
        gas_price: in wei, or "auto".
    """

    label: str
    url: str
    chain_id: int
    keys: Keys
    gas_price: int | Literal["auto"] = 0
    max_gas_price: int | None = None
    genesis: str | None = None
    confirmations: int = 0
    block_seconds: float = 0
    in_flight: int = 500

    @property
    def is_local(self) -> bool:
        """Whether it is a chain of this machine, for trying things out."""
        return self.keys is Keys.READY

    def connect(self, records: Path = RECORDS) -> Rpc:
        """Return a connection to the node, after making sure which chain is behind it.

        Args:
            records: folder of the records of our contracts.

        Raises:
            WrongChainError: it is another chain than described, or than the one that our contracts are on.
            NoNodeError: the node does not answer.
        """
        rpc = Rpc(self.url)
        found = identity_of(rpc, is_local=self.is_local)
        meant = ChainIdentity(self.chain_id, self.genesis or found.genesis)
        if found != meant:
            raise WrongChainError(
                f"{self.label}: {self.url} is chain {found.chain_id} with genesis {found.genesis}, meant is "
                f"chain {meant.chain_id} with genesis {meant.genesis}"
            )
        known = [file.stem for file in (records / str(self.chain_id)).glob("*.jsonl")]
        if known and not self.is_local and found.genesis[2:18] not in known:
            raise WrongChainError(
                f"{self.label}: {self.url} has genesis {found.genesis}, our contracts are on the chain whose "
                f"genesis begins with {' or '.join(known)}"
            )
        return rpc

    def price(self, rpc: Rpc) -> int:
        """Return the gas price, in wei, to sign with where nobody can raise it later."""
        if self.gas_price == "auto":
            return offered_price(int(rpc.call("eth_gasPrice"), 16))
        return int(self.gas_price)

    def sender(
        self,
        rpc: Rpc,
        keyring: Keyring,
        *,
        journal: Journal | None = None,
        code_hashes: dict[str, str] | None = None,
    ) -> Sender:
        """Return a sender for this chain; the arguments are those of Sender."""
        auto = self.gas_price == "auto"
        return Sender(
            rpc,
            keyring,
            journal=journal,
            code_hashes=code_hashes,
            gas_price=None if auto else int(self.gas_price),
            max_gas_price=self.max_gas_price,
            confirmations=self.confirmations,
            in_flight=self.in_flight,
            resend_seconds=max(RESEND_SECONDS, 3 * self.block_seconds),
            stall_seconds=max(STALL_SECONDS, 20 * self.block_seconds),
        )


def read_network(name: str, url: str | None = None, file: Path = FILE) -> Network:
    """Return a network by its name.

    Args:
        url: where the node answers, instead of the address in the file.

    Raises:
        NetworkError: there is none, it is described wrongly, or a variable of its address is not set.
    """
    described: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    own = file.with_name(f"{file.stem}.local{file.suffix}")
    if own.is_file():
        described |= yaml.safe_load(own.read_text(encoding="utf-8")) or {}
    if name not in described:
        raise NetworkError(f"{file}: there is no network {name}; known are {', '.join(described)}")
    try:
        network = msgspec.convert(described[name], Network)
    except msgspec.ValidationError as error:
        raise NetworkError(f"{file}: {name}: {error}") from None
    network = msgspec.structs.replace(network, url=url or _filled_in(network.url, name))
    hosts = {urlsplit(address.strip()).hostname for address in network.url.split(",")}
    if network.is_local and not hosts <= set(_THIS_MACHINE):
        raise NetworkError(
            f"{file}: {name}: ready keys are for chains of this machine, not for {network.url}"
        )
    return network


def _filled_in(url: str, name: str) -> str:
    """Return an address with variables of the environment, and the port of `make chain`, in it."""
    missing = [variable for variable in _VARIABLE.findall(url) if not os.environ.get(variable)]
    if missing:
        raise NetworkError(
            f"{name}: set {', '.join(missing)} to the node's address / "
            "環境変数にノードのアドレスを設定してください"
        )
    url = _VARIABLE.sub(lambda found: os.environ[found[1]], url)
    if "{port}" in url:
        port_file = DEVELOPMENT_FOLDER / "port"
        if not port_file.is_file():
            raise NetworkError(
                f"{name}: no chain is running: `make chain` starts it / "
                "チェーンが動いていません。別の窓で make chain を実行し、開いたままにしてください"
            )
        url = url.replace("{port}", port_file.read_text(encoding="ascii").strip())
    return url
