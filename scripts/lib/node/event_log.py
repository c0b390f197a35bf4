"""Reads the events of our contracts from a node: raw eth_getLogs pages, decoded by the ABIs, in chain order.

Topics and ABI words are taken apart here; what the events mean is scripts.lib.replays.everything's business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

import msgspec
from eth_abi import decode
from eth_utils import to_checksum_address
from eth_utils.abi import collapse_if_tuple, event_abi_to_log_topic

from scripts.lib.artifacts import read_artifact
from scripts.lib.node.local_chain import RpcError
from scripts.lib.node.rpc import Request, Rpc

CONTRACTS = (
    "PointPlatform",
    "Officers",
    "ResidentRegistry",
    "MunicipalPoint",
    "MerchantSettlement",
    "GrantProgrammes",
    "PartnerExchange",
    "PaymentBonus",
)
PAGE_LOGS = 4_000
FIRST_PAGE_BLOCKS = 500
MAX_PAGE_BLOCKS = 100_000


class UnknownEventError(Exception):
    """A contract of ours emitted what none of our ABIs declares."""


class Event(NamedTuple):
    """One event.

    Attributes:
        address: contract that emitted it, checksummed.
        arguments: by name: int, checksummed address, bytes or text.
        time: of its block, in Unix seconds.
        log_index: place of the log in its block.
    """

    name: str
    address: str
    arguments: dict[str, Any]
    block: int
    time: int
    transaction: str
    log_index: int


class _Log(msgspec.Struct):
    address: str
    topics: list[str]
    data: str
    blockNumber: str  # noqa: N815
    logIndex: str  # noqa: N815
    transactionHash: str  # noqa: N815
    blockTimestamp: str | None = None  # noqa: N815


def read_events(
    rpc: Rpc,
    addresses: Iterable[str],
    first: int = 0,
    last: int | None = None,
    topics: Sequence[str | Sequence[str] | None] = (),
) -> Iterator[Event]:
    """Yield every event of these contracts in the blocks from `first` to `last`, in chain order.

    Args:
        last: the latest block if None.
        topics: as eth_getLogs takes them, to read some events alone.

    Raises:
        UnknownEventError: an event is in none of our ABIs.
        RpcError: the node refuses even a single block.
    """
    if last is None:
        last = int(rpc.call("eth_blockNumber"), 16)
    wanted = sorted(addresses)
    span = FIRST_PAGE_BLOCKS
    while first <= last:
        end = min(first + span - 1, last)
        query = {"address": wanted, "fromBlock": hex(first), "toBlock": hex(end), "topics": topics}
        try:
            logs = msgspec.convert(rpc.call("eth_getLogs", query), list[_Log])
        except RpcError:
            if span == 1:
                raise
            span = max(1, span // 4)
            continue
        yield from _decoded(rpc, logs)
        first = end + 1
        # Aim at a page of PAGE_LOGS, and grow no faster than fourfold.
        span = min(max(1, span * PAGE_LOGS // max(len(logs), PAGE_LOGS // 4)), MAX_PAGE_BLOCKS)


def logs_in_blocks(
    rpc: Rpc, address: str, topics: Sequence[str | None], blocks: Iterable[int]
) -> Iterator[dict[str, Any]]:
    """Yield the logs of one contract with these first topics, as the node gives them, in chain order.

    Args:
        blocks: between the first and the last of them everything is searched.
    """
    numbers = sorted(blocks)
    if not numbers:
        return
    for first in range(numbers[0], numbers[-1] + 1, FIRST_PAGE_BLOCKS):
        last = min(first + FIRST_PAGE_BLOCKS - 1, numbers[-1])
        query = {"address": address, "topics": topics, "fromBlock": hex(first), "toBlock": hex(last)}
        yield from rpc.call("eth_getLogs", query)


def _decoded(rpc: Rpc, logs: list[_Log]) -> Iterator[Event]:
    times = _block_times(rpc, logs)
    decoders = _decoders()
    for log in logs:
        known = decoders.get(log.topics[0]) if log.topics else None
        if known is None:
            raise UnknownEventError(f"{log.address} in {log.transactionHash}: topics {log.topics}")
        name, decoder = known
        yield Event(
            name,
            to_address(log.address),
            decoder(log.topics, bytes.fromhex(log.data[2:])),
            int(log.blockNumber, 16),
            times[log.blockNumber],
            log.transactionHash,
            int(log.logIndex, 16),
        )


def _block_times(rpc: Rpc, logs: list[_Log]) -> dict[str, int]:
    """Return {block number as 0x hex: time}; not every node puts the time into a log."""
    times = {log.blockNumber: int(log.blockTimestamp, 16) for log in logs if log.blockTimestamp is not None}
    missing = sorted({log.blockNumber for log in logs} - set(times))
    headers = rpc.results(Request("eth_getBlockByNumber", (number, False)) for number in missing)
    return times | {
        number: int(header["timestamp"], 16) for number, header in zip(missing, headers, strict=True)
    }


_Decoder = Callable[[list[str], bytes], dict[str, Any]]


@cache
def _decoders() -> dict[str, tuple[str, _Decoder]]:
    """Return {first topic: (name, decoder of topics and data)}."""
    decoders = {}
    for contract in CONTRACTS:
        for entry in read_artifact(contract).abi:
            if entry["type"] == "event":
                decoders["0x" + event_abi_to_log_topic(entry).hex()] = (entry["name"], _decoder(entry))  # type: ignore[arg-type]
    return decoders


def _decoder(event: dict[str, Any]) -> _Decoder:
    """Return a decoder of one event."""
    indexed = [(item["name"], item["type"]) for item in event["inputs"] if item["indexed"]]
    names = [item["name"] for item in event["inputs"] if not item["indexed"]]
    kinds = [collapse_if_tuple(item) for item in event["inputs"] if not item["indexed"]]

    def decoder(topics: list[str], data: bytes) -> dict[str, Any]:
        arguments = {
            name: _topic_value(kind, topic) for (name, kind), topic in zip(indexed, topics[1:], strict=True)
        }
        for name, kind, value in zip(names, kinds, decode(kinds, data), strict=True):
            arguments[name] = to_address(value) if kind == "address" else value
        return arguments

    return decoder


def _topic_value(kind: str, topic: str) -> Any:
    if kind == "address":
        return to_address("0x" + topic[-40:])
    if kind.startswith("bytes"):
        return bytes.fromhex(topic[2:])[: int(kind.removeprefix("bytes"))]
    return int(topic, 16)


@lru_cache(maxsize=1_000_000)
def to_address(text: str) -> str:
    """Return the checksummed spelling of an address."""
    return to_checksum_address(text)
