"""Starts, owns and stops a local chain: anvil, or Ganache for the compatibility runs.

    with LocalChain.anvil(genesis_time=1743433200) as chain:
        Web3(Web3.HTTPProvider(chain.url))

No port is fixed, and a chain is used only when the process that was started here is the one that listens on
its port: nothing else on the machine can be attached to by mistake. A chain ends with its `with` block, with
`stop()`, at the end of the program, or (on Linux) when the program is killed.

As a program it is `make chain`: an anvil in the foreground whose state survives on disk.

    python -m scripts.lib.node.local_chain [--port 8545]

What anvil 1.7.1 needs to be told, and why:

- `--prune-history N`: by default it keeps the states of the last 500 blocks, each a full copy. With 40 new
  storage words a block that was 750 MB after 600 blocks, and 37 MB when pruned; transactions, receipts and
  logs of all blocks stay readable, and snapshots still work. Only calls at blocks older than N fail.
- Its cost of a block grows with the number of storage words of the touched contracts (about 1 ms per
  thousand): for bulk work mine on an interval or on demand, not a block per transaction.
- That limit does not hold with `--block-time` (`block_seconds`): 1 MB a block with 10,000 words, for good.
  scripts.lib.node.block_ticker has a chain tick without.
- Mining at once, it leaves accepted transactions lying for good when about 2,000 come faster than it mines.
- `--no-request-size-limit`: a batch of a hundred transactions for 500 recipients each passes its 2 MB.
- `--order fifo`: by default transactions of different senders with equal fees may swap places.

Gas is free, but wallets ask for a tip of 1 gwei all the same: an account without ether must name its fees,
gasPrice 0 or both newer ones 0 (`cast send --legacy --gas-price 0`).
"""

from __future__ import annotations

import argparse
import atexit
import contextlib
import ctypes
import fcntl
import http.client
import itertools
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import psutil

from scripts.lib.workspace import ANVIL, CHAIN_FOLDER, NODE, ROOT, inside_variables

HOST = "127.0.0.1"
MNEMONIC = "test test test test test test test test test test test junk"
DEVELOPMENT_CHAIN_ID = 31337
DEVELOPMENT_FOLDER = CHAIN_FOLDER
DEVELOPMENT_GENESIS_TIME = 1_743_433_200  # 1 April 2025 in Japan; fixed, so that block 0 keeps its hash
BLOCK_GAS_LIMIT = 30_000_000
START_SECONDS = 30
STOP_SECONDS = 60  # writing a large state takes a while


class ChainError(Exception):
    """The chain did not start, ended too early, or answered a request with an error."""


class RpcError(ChainError):
    """The chain refused a request.

    Attributes:
        code: JSON-RPC error code.
        data: what the node adds, e.g. the revert data as 0x hex; None if nothing.
    """

    def __init__(self, method: str, error: dict[str, Any]) -> None:
        super().__init__(f"{method}: {error.get('message')}")
        self.code: int | None = error.get("code")
        self.data: Any = error.get("data")


@dataclass
class LocalChain:
    """A local chain process that this program started.

    Attributes:
        client: "anvil" or "ganache".
        url: where it answers, http://127.0.0.1:<port>.
        chain_id: its chain id; random unless one was asked for, so that it marks the chain as this run's.
        process: the chain's own process.
    """

    client: str
    url: str
    chain_id: int
    process: subprocess.Popen[bytes]
    _request_ids: itertools.count[int] = field(default_factory=itertools.count, repr=False)

    @classmethod
    def anvil(
        cls,
        *,
        chain_id: int | None = None,
        genesis_time: int | None = None,
        block_seconds: float | None = None,
        on_demand: bool = False,
        accounts: int = 20,
        kept_states: int = 64,
        block_gas_limit: int = BLOCK_GAS_LIMIT,
        steps_tracing: bool = False,
        state_file: Path | None = None,
        port: int | None = None,
        extra: tuple[str, ...] = (),
    ) -> LocalChain:
        """Start anvil: Shanghai, free gas, transactions in order of arrival.

        Args:
            chain_id: a random one if None.
            genesis_time: seconds since 1970 of block 0; now if None.
            block_seconds: mine a block every so many seconds instead of one per transaction.
            on_demand: mine only on evm_mine.
            accounts: how many unlocked accounts with 10,000 ether, from MNEMONIC.
            kept_states: how many blocks back a call can look.
            block_gas_limit: gas a block.
            steps_tracing: record what debug_traceTransaction needs; slow.
            state_file: load the state from here if it exists, and write it here at the end. Needs a
                genesis_time, the same every time: block 0 is made anew at each start.
            port: a free one if None.
            extra: further options of anvil.

        Raises:
            ChainError: it did not come up.
        """
        if state_file is not None and genesis_time is None:
            raise ValueError("a chain with a state file needs a genesis_time")
        resumed = state_file is not None and state_file.exists()
        chain_id = _random_chain_id() if chain_id is None else chain_id
        command = [
            str(ANVIL),
            "--quiet",
            *("--host", HOST),
            *("--chain-id", str(chain_id)),
            *("--hardfork", "shanghai"),
            *("--block-base-fee-per-gas", "0"),
            *("--gas-price", "0"),
            *("--gas-limit", str(block_gas_limit)),
            "--no-request-size-limit",
            *("--order", "fifo"),
            *("--accounts", str(accounts)),
            *("--mnemonic", MNEMONIC),
            *("--prune-history", str(kept_states)),
            *(("--timestamp", str(genesis_time)) if genesis_time is not None else ()),
            *(("--block-time", str(block_seconds)) if block_seconds is not None else ()),
            *(("--no-mining",) if on_demand else ()),
            *(("--steps-tracing",) if steps_tracing else ()),
            *(("--state", str(state_file)) if state_file is not None else ()),
            *extra,
        ]
        chain = cls._start("anvil", command, "--port", chain_id, port)
        if resumed:
            chain.continue_time()  # by itself anvil starts again at genesis_time
        return chain

    @classmethod
    def ganache(
        cls,
        *,
        chain_id: int | None = None,
        genesis_time: int | None = None,
        block_seconds: float | None = None,
        accounts: int = 20,
        block_gas_limit: int = BLOCK_GAS_LIMIT,
        port: int | None = None,
        extra: tuple[str, ...] = (),
    ) -> LocalChain:
        """Start Ganache 7.9.2: Shanghai. Its gas is not free: it has no way to turn the base fee off.

        Arguments and errors are those of `anvil`.
        """
        chain_id = _random_chain_id() if chain_id is None else chain_id
        command = [
            str(NODE),
            str(ROOT / "node_modules/ganache/dist/node/cli.js"),
            *("--server.host", HOST),
            *("--chain.chainId", str(chain_id)),
            *("--chain.networkId", str(chain_id)),
            *("--chain.hardfork", "shanghai"),
            *("--miner.blockGasLimit", str(block_gas_limit)),
            *("--wallet.totalAccounts", str(accounts)),
            *("--wallet.mnemonic", MNEMONIC),
            *(("--chain.time", f"{genesis_time}000") if genesis_time is not None else ()),
            *(("--miner.blockTime", str(block_seconds)) if block_seconds is not None else ()),
            *extra,
        ]
        return cls._start("ganache", command, "--server.port", chain_id, port)

    @classmethod
    def _start(
        cls, client: str, command: list[str], port_option: str, chain_id: int, fixed_port: int | None
    ) -> LocalChain:
        if not Path(command[0]).exists():
            raise ChainError(f"{client} is missing: run `make install`")
        # Between choosing a port and listening on it somebody else may take it: then try another one.
        for _ in range(5 if fixed_port is None else 1):
            port = _free_port() if fixed_port is None else fixed_port
            with tempfile.TemporaryFile() as log:
                process = subprocess.Popen(
                    [*command, port_option, str(port)],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env={**os.environ, **inside_variables()},
                    cwd=ROOT,
                    start_new_session=True,
                    preexec_fn=_die_with_parent if _in_main_thread() else None,
                )
                chain = cls(client, f"http://{HOST}:{port}", chain_id, process)
                atexit.register(chain.stop)
                if chain._wait_until_up(port):
                    return chain
                chain.stop()
                output = _tail(log)
            if "in use" not in output and "EADDRINUSE" not in output:
                break
        raise ChainError(f"{client} did not start:\n{output}")

    def _wait_until_up(self, port: int) -> bool:
        """Wait until this very process listens on the port and answers; False if it ended or is late."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            if _listens(self.process.pid, port):
                with contextlib.suppress(OSError, http.client.HTTPException, ValueError, RpcError):
                    return int(self.rpc("eth_chainId"), 16) == self.chain_id
            time.sleep(0.02)
        return False

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.url.rsplit(":", 1)[1])

    @property
    def accounts(self) -> list[str]:
        """Checksum addresses of the unlocked accounts that hold ether from the start."""
        from eth_utils.address import to_checksum_address

        return [to_checksum_address(address) for address in self.rpc("eth_accounts")]

    def rpc(self, method: str, *params: Any) -> Any:
        """Send one JSON-RPC request and return its result.

        Raises:
            RpcError: the node answered with an error.
            OSError: the node is gone.
        """
        request = {"jsonrpc": "2.0", "id": next(self._request_ids), "method": method, "params": list(params)}
        connection = http.client.HTTPConnection(HOST, self.port, timeout=600)
        try:
            connection.request("POST", "/", json.dumps(request), {"Content-Type": "application/json"})
            answer = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        if "error" in answer:
            raise RpcError(method, answer["error"])
        return answer["result"]

    def now(self) -> int:
        """Return the time of the latest block in seconds since 1970."""
        return int(self.rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16)

    def height(self) -> int:
        """Return the number of the latest block."""
        return int(self.rpc("eth_blockNumber"), 16)

    def continue_time(self) -> None:
        """Let the chain's clock run on from its latest block, or from the real time if that is later."""
        seconds = max(self.now() + 1, int(time.time()))
        self.rpc("evm_setTime", seconds if self.client == "anvil" else seconds * 1000)

    def mine_at(self, timestamp: int) -> None:
        """Mine one block whose time is `timestamp` (seconds since 1970, later than the latest block's)."""
        if self.client == "anvil":
            self.rpc("evm_setNextBlockTimestamp", timestamp)
            self.rpc("evm_mine")
        else:
            self.rpc("evm_setTime", timestamp * 1000)
            self.rpc("evm_mine", timestamp)

    def stop(self) -> None:
        """End the chain and wait for its end; a chain with a state file writes it first. Safe to repeat."""
        atexit.unregister(self.stop)
        if self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self) -> LocalChain:
        """Return the chain itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the chain."""
        self.stop()


def development_keys(count: int) -> list[str]:
    """Return the private keys (0x hex) of the first accounts of MNEMONIC; they are public knowledge."""
    from eth_account import Account

    Account.enable_unaudited_hdwallet_features()
    return [
        Account.from_mnemonic(MNEMONIC, account_path=f"m/44'/60'/0'/0/{index}").key.to_0x_hex()
        for index in range(count)
    ]


def _random_chain_id() -> int:
    # Far from the ids of public networks, and small enough for every signer.
    return 10**9 + secrets.randbelow(10**9)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            probe.bind((HOST, port))
            return True
    return False


def _listens(pid: int, port: int) -> bool:
    try:
        connections = psutil.Process(pid).connections(kind="tcp4")
    except psutil.Error:
        return False
    return any(c.status == psutil.CONN_LISTEN and c.laddr.port == port for c in connections)


def _tail(log: IO[bytes], size: int = 4000) -> str:
    log.seek(0)
    return log.read()[-size:].decode(errors="replace")


def _in_main_thread() -> bool:
    # The kernel's signal comes when the thread that started the process ends: only the main one lasts.
    return threading.current_thread() is threading.main_thread()


def _die_with_parent() -> None:
    """Ask the kernel to end this process when its parent dies; runs between fork and exec."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


def _set_records_aside() -> None:
    """Put away where our contracts were on a chain that is no more: every new one has the same genesis."""
    records = ROOT / "deployments" / str(DEVELOPMENT_CHAIN_ID)
    if records.exists():
        records.rename(records.with_name(f"{records.name}-until-{time.strftime('%Y%m%d-%H%M%S')}"))


def main(arguments: list[str] | None = None) -> int:
    """Run the development chain in the foreground until it is interrupted; its state stays in .chain/."""
    parser = argparse.ArgumentParser(prog="make chain", description=main.__doc__)
    parser.add_argument("--port", type=int, help="default: the port of the last run, or a free one")
    parser.add_argument("--new", action="store_true", help="begin anew; the state before goes to a backup")
    chosen = parser.parse_args(arguments)
    port: int | None = chosen.port

    DEVELOPMENT_FOLDER.mkdir(exist_ok=True)
    state_file, port_file = DEVELOPMENT_FOLDER / "state.json", DEVELOPMENT_FOLDER / "port"
    with (DEVELOPMENT_FOLDER / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            print(f"A development chain is running already at port {port_file.read_text()}.", file=sys.stderr)
            return 1
        if port is None and port_file.exists() and _is_free(int(port_file.read_text())):
            port = int(port_file.read_text())
        if state_file.exists():
            shutil.copy2(state_file, DEVELOPMENT_FOLDER / "state.backup.json")
            if chosen.new:
                state_file.unlink()
        if not state_file.exists():
            _set_records_aside()
        try:
            chain = LocalChain.anvil(
                chain_id=DEVELOPMENT_CHAIN_ID,
                genesis_time=DEVELOPMENT_GENESIS_TIME,
                state_file=state_file,
                port=port,
                extra=("--state-interval", "60"),
            )
        except ChainError as error:
            print(error, file=sys.stderr)
            return 1
        with chain, contextlib.suppress(KeyboardInterrupt):
            # Before a word is printed: whoever reads it may end the chain, even one in the background.
            for ending in (signal.SIGINT, signal.SIGTERM):
                signal.signal(ending, signal.default_int_handler)
            chain.continue_time()
            port_file.write_text(str(chain.port))
            print(f"chain     {chain.url}   chain id {chain.chain_id}   block {chain.height()}   gas is free")
            print(f"state     {state_file.relative_to(ROOT)}, written when the chain ends")
            print("accounts  unlocked, with well-known keys: never use them elsewhere")
            for address, key in zip(chain.accounts, development_keys(len(chain.accounts)), strict=True):
                print(f"          {address}  {key}")
            print(
                "この窓は開いたままに。終了は Ctrl-C / leave this window open; Ctrl-C: stop",
                flush=True,
            )
            chain.process.wait()
        ended_alone = chain.process.returncode not in (0, -signal.SIGTERM)
        print(f"The chain {'ended by itself' if ended_alone else 'is stopped; its state is kept'}.")
        return 1 if ended_alone else 0


if __name__ == "__main__":
    sys.exit(main())
