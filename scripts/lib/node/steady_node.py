"""A node that may go away and come back, and the chain that must be behind it each time.

Two nodes can have one address after each other, and two chains one id. So the chain's genesis and the code of
our contracts are compared before anything is signed, and again whenever the node was away.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from eth_utils import keccak

from scripts.lib.node.local_chain import RpcError
from scripts.lib.node.rpc import CONNECTION_ERRORS, Request, Rpc
from scripts.lib.node.transactions import StalledError, WrongChainError

POLL_SECONDS = 0.02

_Answer = TypeVar("_Answer")


class SteadyNode:
    """The chain that a node showed at first, for as long as it is the same.

    Args:
        code_hashes: keccak-256 (0x hex) of the code that must be at each address.
        patience_seconds: how long `patiently` waits for a node that is away.

    Attributes:
        identity: the chain.

    Raises:
        WrongChainError: other code is there.
    """

    def __init__(self, rpc: Rpc, code_hashes: Mapping[str, str] | None, patience_seconds: float) -> None:
        self.identity = rpc.identity()
        self.url = rpc.url
        self._rpc = rpc
        self._code_hashes = code_hashes or {}
        self._patience_seconds = patience_seconds
        self._was_away = False
        self._require_code()

    def call(self, method: str, *params: Any) -> Any:
        """Send one request and return its result; raises as `batch`, and RpcError."""
        [answer] = self.results([Request(method, params)])
        return answer

    def results(self, requests: Sequence[Request]) -> list[Any]:
        """As `batch`, but raises the first RpcError."""
        answers = self.batch(requests)
        for answer in answers:
            if isinstance(answer, RpcError):
                raise answer
        return answers

    def batch(self, requests: Iterable[Request]) -> list[Any]:
        """Send many requests; what is refused has its RpcError in its place.

        Raises:
            WrongChainError: the node was away, and came back as another chain.
            OSError, http.client.HTTPException: it is away; what it acted on is unknown.
        """
        try:
            if self._was_away:
                self._require_same()
                self._was_away = False
            return self._rpc.batch(requests)
        except CONNECTION_ERRORS:
            self._was_away = True
            raise

    def patiently(self, ask: Callable[[], _Answer]) -> _Answer:
        """Ask until the node answers.

        Raises:
            StalledError: it was away for too long.
        """
        began = time.monotonic()
        while True:
            try:
                return ask()
            except CONNECTION_ERRORS as error:  # noqa: PERF203
                if time.monotonic() - began > self._patience_seconds:
                    raise StalledError(f"{self.url} does not answer: {error}") from error
                time.sleep(POLL_SECONDS)

    def counts(self, accounts: Iterable[str], block: str) -> dict[str, int]:
        """Return how many nonces of each account are used up as of a block, or "pending"; patiently."""
        wanted = sorted(accounts)
        requests = [Request("eth_getTransactionCount", (account, block)) for account in wanted]
        answers = self.patiently(lambda: self.results(requests))
        return {account: int(answer, 16) for account, answer in zip(wanted, answers, strict=True)}

    def block_hashes(self, blocks: Iterable[int]) -> dict[int, str | None]:
        """Return the hash of each block of the chain; None where it has no such block."""
        wanted = sorted(blocks)
        answers = self.results([Request("eth_getBlockByNumber", (hex(n), False)) for n in wanted])
        return {n: answer and answer["hash"] for n, answer in zip(wanted, answers, strict=True)}

    def _require_same(self) -> None:
        found = self._rpc.identity()
        if found != self.identity:
            raise WrongChainError(f"{self.url} came back as {found}, before it was {self.identity}")
        self._require_code()

    def _require_code(self) -> None:
        addresses = list(self._code_hashes)
        if not addresses:
            return
        codes = self._rpc.results(Request("eth_getCode", (address, "latest")) for address in addresses)
        for address, code in zip(addresses, codes, strict=True):
            found = "0x" + keccak(bytes.fromhex(code[2:])).hex()
            if found != self._code_hashes[address]:
                raise WrongChainError(
                    f"the code at {address} has hash {found}, recorded is {self._code_hashes[address]}"
                )
