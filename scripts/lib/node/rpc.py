"""JSON-RPC over one kept connection, single requests and batches, for the programs that move many rows.

    rpc = Rpc("http://node-1:8545,http://node-2:8545")    # the second is asked when the first fails

web3.py is comfortable and slow, and refuses eth_sendRawTransaction in its batches; this is what bulk work
needs and nothing else.
"""

from __future__ import annotations

import http.client
import itertools
import time
from collections.abc import Iterable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar
from urllib.parse import urlsplit

import msgspec

from scripts.lib.node.local_chain import RpcError

BATCH_SIZE = 100
TIMEOUT_SECONDS = 120
TIMEOUT_SECONDS_OF_SEVERAL = 30
"""How long a node may take to answer where another can be asked instead."""
CATCH_UP_SECONDS = 30
"""How long a node that is turned to may lag behind what another has told."""

# Connection trouble in all its shapes; the next request connects anew.
CONNECTION_ERRORS = (OSError, http.client.HTTPException)


class Request(NamedTuple):
    """A method and its parameters."""

    method: str
    params: Sequence[Any] = ()


class ChainIdentity(NamedTuple):
    """What tells one chain from every other: its id, and the hash of block 0 (0x hex)."""

    chain_id: int
    genesis: str


class _Answer(msgspec.Struct):
    id: int | None = None
    result: Any = None
    error: dict[str, Any] | None = None


_Result = TypeVar("_Result")


class _TypedAnswer(msgspec.Struct, Generic[_Result]):
    result: _Result | None = None
    error: dict[str, Any] | None = None


class Rpc:
    """The JSON-RPC of a node, or of several of one chain. Not for several threads at once.

    Of several, one is asked until it gives no answer; then the request goes to the next. A node that is
    turned to must be of the same chain, and have come as far as the others have told. Every request of ours
    can be repeated: a raw transaction that two nodes get is one transaction.

    Args:
        url: http://host:port/path; several are separated by commas.
    """

    def __init__(self, url: str) -> None:
        addresses = [address.strip() for address in url.split(",")]
        timeout = TIMEOUT_SECONDS if len(addresses) == 1 else TIMEOUT_SECONDS_OF_SEVERAL
        self.url = url
        self._endpoints = [Endpoint(address, timeout) for address in addresses]
        self._turn = 0
        self._admitted = -1
        self._identity: ChainIdentity | None = None
        self._height = 0
        self._ids = itertools.count(1)
        self._decoder = msgspec.json.Decoder(_Answer)
        self._typed_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}
        self._batch_decoder = msgspec.json.Decoder(list[_Answer] | _Answer)

    def call(self, method: str, *params: Any) -> Any:
        """Send one request and return its result.

        Raises:
            RpcError: the node answered with an error.
            OSError, http.client.HTTPException: no answer; whether the node acted on the request is unknown.
        """
        body = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": params}
        answer = self._decoder.decode(self._post(msgspec.json.encode(body)))
        if answer.error is not None:
            raise RpcError(method, answer.error)
        if method == "eth_blockNumber":
            self._height = max(self._height, int(answer.result, 16))
        return answer.result

    def call_as(self, kind: type[_Result], method: str, *params: Any) -> _Result:
        """As `call`, and decode the result straight into `kind`: many times faster for long answers.

        Raises:
            msgspec.ValidationError: the answer has another shape.
        """
        body = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": params}
        decoder = self._typed_decoders.get(kind)
        if decoder is None:
            decoder = self._typed_decoders[kind] = msgspec.json.Decoder(_TypedAnswer[kind])  # type: ignore[valid-type]
        answer = decoder.decode(self._post(msgspec.json.encode(body)))
        if answer.error is not None or answer.result is None:
            raise RpcError(method, answer.error or {"message": "the node gave no result"})
        result: _Result = answer.result
        return result

    def batch(self, requests: Iterable[Request]) -> list[Any]:
        """Send many requests, BATCH_SIZE at a time, and return their results in the order of the requests.

        A request that the node refuses has its RpcError in its place: the others went through.

        Raises:
            OSError, http.client.HTTPException: no answer; what the node acted on is unknown.
        """
        results: list[Any] = []
        waiting = list(requests)
        for start in range(0, len(waiting), BATCH_SIZE):
            results += self._one_batch(waiting[start : start + BATCH_SIZE])
        return results

    def results(self, requests: Iterable[Request]) -> list[Any]:
        """As `batch`, but raises the first RpcError."""
        results = self.batch(requests)
        for result in results:
            if isinstance(result, RpcError):
                raise result
        return results

    def identity(self) -> ChainIdentity:
        """Return which chain this is."""
        chain_id, genesis = self.results(
            [Request("eth_chainId"), Request("eth_getBlockByNumber", ("0x0", False))]
        )
        return ChainIdentity(int(chain_id, 16), genesis["hash"])

    def close(self) -> None:
        """Close the connections; a later request opens one again."""
        for endpoint in self._endpoints:
            endpoint.close()

    def _one_batch(self, requests: Sequence[Request]) -> list[Any]:
        first = next(self._ids)
        bodies = [
            {"jsonrpc": "2.0", "id": first + place, "method": request.method, "params": request.params}
            for place, request in enumerate(requests)
        ]
        self._ids = itertools.count(first + len(requests))
        answers = self._batch_decoder.decode(self._post(msgspec.json.encode(bodies)))
        if isinstance(answers, _Answer):  # the batch as a whole was refused
            raise RpcError("batch", answers.error or {"message": "the node gave one answer to many requests"})
        # Nodes may answer a batch in any order.
        by_id = {answer.id: answer for answer in answers}
        results: list[Any] = []
        for place, request in enumerate(requests):
            answer = by_id.get(first + place)
            if answer is None:
                results.append(RpcError(request.method, {"message": "the node left it out of its answer"}))
            elif answer.error is not None:
                results.append(RpcError(request.method, answer.error))
            else:
                results.append(answer.result)
        return results

    def _post(self, body: bytes) -> bytes:
        if len(self._endpoints) == 1:
            return self._endpoints[0].post(body)
        failures: list[str] = []
        for _ in self._endpoints:
            endpoint = self._endpoints[self._turn]
            try:
                if self._admitted != self._turn:
                    self._admit(endpoint)
                    self._admitted = self._turn
                return endpoint.post(body)
            except CONNECTION_ERRORS as error:
                failures.append(f"{endpoint.url}: {error or type(error).__name__}")
                self._turn = (self._turn + 1) % len(self._endpoints)
                self._admitted = -1
        raise ConnectionError("; ".join(failures))

    def _admit(self, endpoint: Endpoint) -> None:
        """Make sure that a node which is turned to tells of the same chain, as far as it was told before.

        Raises:
            ConnectionError: it is another chain, or it lags behind.
        """
        alone = Rpc(endpoint.url)
        try:
            found = alone.identity()
            if self._identity is None:
                self._identity = found
            elif found != self._identity:
                raise ConnectionError(f"it is chain {found}, the others are {self._identity}")
            deadline = time.monotonic() + CATCH_UP_SECONDS
            while (height := int(alone.call("eth_blockNumber"), 16)) < self._height:
                if time.monotonic() > deadline:
                    raise ConnectionError(f"it is at block {height}, the others were at {self._height}")
                time.sleep(0.1)
        except RpcError as error:
            raise ConnectionError(str(error)) from error
        finally:
            alone.close()


class Endpoint:
    """One node's address and the connection kept to it."""

    def __init__(self, url: str, timeout_seconds: float) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or parts.hostname is None:
            raise ValueError(f"{url} is no http address")
        connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self.url = url
        self._path = parts.path or "/"
        self._connection = connect(parts.hostname, parts.port, timeout=timeout_seconds)

    def close(self) -> None:
        """Close the connection; a later request opens another."""
        self._connection.close()

    def post(self, body: bytes) -> bytes:
        """Return what the node answers to a request.

        Raises:
            OSError, http.client.HTTPException: it does not answer, or not as a node does; the line is closed.
        """
        try:
            self._connection.request("POST", self._path, body, {"Content-Type": "application/json"})
            response = self._connection.getresponse()
            content = response.read()
        except CONNECTION_ERRORS:
            self._connection.close()
            raise
        if response.status != http.client.OK:
            raise http.client.HTTPException(f"{self.url}: HTTP {response.status} {content[:200]!r}")
        return content
