"""Brownie, tamed: the project under a fixed name, its data inside the folder, and only our own chain.

    project = load_project()
    with LocalChain.anvil() as chain, connected(chain):
        project.MunicipalPoint.deploy(..., {"from": accounts[0]})

Brownie is imported inside functions, after its data folder has been moved into the project. Six of its
habits are turned off here:

- It names a project after its folder, and `brownie run` imports scripts by their path, so that a dot or a
  leading digit on the way to the folder breaks it: the name is given, and our programs are modules
  (`python -m scripts.demo`).
- It attaches to whatever listens on port 8545, or starts a chain there, and resets it: its default network
  (brownie-config.yaml) is one that does not exist until `connect` defines it for a chain of ours.
- It hides the compiler's warnings: `make check` shows them (scripts.lib.compiler).
- It gives a transaction up whose receipt comes later than the sender's new nonce
  (scripts.lib.node.awaited_receipts).
- It asks the chain for the code of every contract that it knows whenever a snapshot is restored, a sixth of
  a test run's time: what was there at some height is there after every return to that height or above.
- It compiles a contract again only when its own file or a contract it inherits has changed, not when an
  interface, a free function or a type has: here any change of the sources compiles everything.

As a program it brings build/ up to date:

    python -m scripts.lib.project
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib
import io
import os
import shutil
import sys
from collections.abc import Iterator
from typing import Any

from web3.types import RPCEndpoint

from scripts.lib.artifacts import DIGEST_FILE, sources_digest
from scripts.lib.node.awaited_receipts import AwaitedReceipts
from scripts.lib.node.kept_provider import KeptProvider
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.workspace import BUILD, ROOT, stay_inside

PROJECT_NAME = "JichitaiPoints"
NETWORK_ID = "own-chain"  # also in brownie-config.yaml


class ProjectError(Exception):
    """The project does not compile, or Brownie cannot use the chain."""


def load_project() -> Any:
    """Return the Brownie project, compiled if sources changed; the same object on every call.

    The working directory becomes the project folder, which Brownie needs to find imported sources.

    Raises:
        ProjectError: a source does not compile; the message is the compiler's.
    """
    stay_inside()
    os.chdir(ROOT)
    from brownie import project
    from brownie.exceptions import CompilerError

    loaded = next((p for p in project.get_loaded_projects() if p._name == PROJECT_NAME), None)
    if loaded is not None:
        return loaded
    BUILD.mkdir(exist_ok=True)
    # Another program may be compiling. What Brownie prints is a list of what it compiles.
    with (BUILD / "lock").open("w") as lock, contextlib.redirect_stdout(io.StringIO()):
        fcntl.flock(lock, fcntl.LOCK_EX)
        digest = sources_digest()
        is_current = DIGEST_FILE.is_file() and DIGEST_FILE.read_text(encoding="ascii") == digest
        if not is_current:
            DIGEST_FILE.unlink(missing_ok=True)
            for folder in ("contracts", "interfaces"):
                shutil.rmtree(BUILD / folder, ignore_errors=True)
        try:
            loaded = project.load(str(ROOT), name=PROJECT_NAME)
        except CompilerError as error:
            raise ProjectError(str(error)) from None
        if not is_current:  # else another program may be reading it this moment
            DIGEST_FILE.write_text(digest, encoding="ascii")
    loaded.load_config()
    return loaded


def connect(chain: LocalChain) -> None:
    """Connect Brownie to a chain that this program started, with all its development features.

    Brownie's `accounts` are then the chain's unlocked accounts, and `chain` can snapshot and travel in time.
    Load the project first: its settings apply from the moment of connection.

    Raises:
        ProjectError: Brownie is connected already, or the chain does not answer with its own chain id.
    """
    stay_inside()
    import brownie
    import psutil
    from brownie._config import CONFIG
    from brownie.network.contract import ContractContainer
    from brownie.network.rpc import Rpc

    if brownie.network.is_connected():
        raise ProjectError("Brownie is connected to a chain already")
    CONFIG.networks[NETWORK_ID] = {
        "id": NETWORK_ID,
        "name": NETWORK_ID,
        "cmd": chain.client,
        "cmd_settings": {},
        "host": chain.url,
        "timeout": 120,
    }
    brownie.network.connect(NETWORK_ID, launch_rpc=False)
    if brownie.web3.eth.chain_id != chain.chain_id:
        brownie.network.disconnect(kill_rpc=False)
        raise ProjectError(f"{chain.url} is not the chain that was started")
    # What Rpc.attach does, but with the process that is known instead of a search through all processes, and
    # with the backend that fits: attach knows no anvil.
    rpc = Rpc()
    rpc.process = psutil.Process(chain.process.pid)
    rpc.backend = importlib.import_module(f"brownie.network.rpc.{chain.client}")
    if chain.client == "anvil":
        rpc.backend.mine = _mine_on_anvil
        brownie.web3.provider = KeptProvider(chain.url)
        _ask_no_more_than_needed(brownie.web3.middleware_onion)
    brownie.web3.provider.cacheable_requests = {RPCEndpoint("eth_chainId")}  # asked before every transaction
    brownie.web3.provider.cache_allowed_requests = True
    brownie.web3.reset_middlewares()
    brownie.web3.middleware_onion.add(AwaitedReceipts, AwaitedReceipts.__name__)
    rpc.backend.on_connection()
    ContractContainer._revert = _forget_reverted
    brownie.chain._set_time_offset_from_block()  # its clock would otherwise show the real time
    brownie.chain._network_connected()
    if chain.client == "ganache":
        brownie.network.gas_price("auto")  # Ganache cannot turn its base fee off


def _ask_no_more_than_needed(onion: Any) -> None:
    """Leave out what web3.py does before each transaction or call for networks that one does not know.

    It looks up names and the latest block's fee and compares the chain id, a sixth of what Brownie's tests
    cost. Here transactions hold addresses, gas and a price, and the chain is the one that was just started.
    """
    for name in ("gas_price_strategy", "ens_name_to_address", "validation", "gas_estimate"):
        if name in onion:
            onion.remove(name)


def _forget_reverted(container: Any, height: int) -> None:
    """Forget the contracts of a container that are gone now that the chain went back to a height."""
    import brownie

    for contract in list(container):
        if height >= getattr(contract, "_seen_at", height + 1):
            continue
        if brownie.web3.eth.get_code(contract.address):
            contract._seen_at = height
        else:
            container.remove(contract)
            contract._reverted = True


def _mine_on_anvil(timestamp: int | None = None) -> None:
    """Mine a block; Brownie's own version sends the timestamp in a form that anvil refuses."""
    from brownie.network.rpc.anvil import _request

    _request("evm_mine", [] if timestamp is None else [timestamp])


def disconnect() -> None:
    """Disconnect Brownie; the chain itself is left to its owner."""
    import brownie
    from brownie.network.rpc import Rpc

    if brownie.network.is_connected():
        brownie.web3.middleware_onion.remove(AwaitedReceipts.__name__)
        brownie.network.disconnect(kill_rpc=False)
        Rpc().process = None
        brownie.chain._network_disconnected()


@contextlib.contextmanager
def connected(chain: LocalChain) -> Iterator[None]:
    """Connect Brownie to the chain for the length of a `with` block."""
    connect(chain)
    try:
        yield
    finally:
        disconnect()


def main() -> int:
    """Compile what changed; return 1 after printing the compiler's errors."""
    try:
        load_project()
    except ProjectError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
