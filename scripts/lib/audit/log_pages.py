"""Reads a range of blocks page by page: as many blocks at once as make a page of some thousand logs.

The header of a page's last block is asked for before its logs. If that block has the same hash when all is
read, no reorganisation came in between.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scripts.lib.audit.block_seal import BlockSeal
from scripts.lib.audit.log_columns import RawLog
from scripts.lib.node.event_log import MAX_PAGE_BLOCKS
from scripts.lib.node.local_chain import RpcError
from scripts.lib.node.rpc import Request, Rpc

PAGE_LOGS = 2_000
"""About a megabyte. Pages of twice as many take half as much time again a log: they do not fit the cache."""

FIRST_PAGE_BLOCKS = 16
"""So few that even full blocks make no giant page; empty ones are soon taken by the ten thousand."""


class Page(NamedTuple):
    """The logs of the blocks from `first` to `last`.

    Attributes:
        seal: of block `last`.
        times: Unix seconds of every block that has logs, by its number as the logs spell it.
    """

    first: int
    last: int
    seal: BlockSeal
    logs: list[RawLog]
    times: dict[str, int]


def block_seal(rpc: Rpc, number: int) -> BlockSeal:
    """Return hash and time of a block."""
    header = rpc.call("eth_getBlockByNumber", hex(number), False)
    return BlockSeal(header["hash"], int(header["timestamp"], 16)) if header else BlockSeal("", 0)


def read_pages(rpc: Rpc, addresses: Sequence[str], first: int, last: int) -> Iterator[Page]:
    """Yield the pages of a range in order; pages without logs, too.

    Raises:
        RpcError: the node refuses even a single block.
    """
    span = FIRST_PAGE_BLOCKS
    while first <= last:
        end = min(first + span - 1, last)
        seal = block_seal(rpc, end)
        query = {"address": addresses, "fromBlock": hex(first), "toBlock": hex(end)}
        try:
            logs = rpc.call_as(list[RawLog], "eth_getLogs", query)
        except RpcError:
            if span == 1:
                raise
            span = max(1, span // 4)
            continue
        yield Page(first, end, seal, logs, _block_times(rpc, logs))
        first = end + 1
        # Aim at a page of PAGE_LOGS, and grow no faster than fourfold.
        span = min(max(1, span * PAGE_LOGS // max(len(logs), PAGE_LOGS // 4)), MAX_PAGE_BLOCKS)


def _block_times(rpc: Rpc, logs: list[RawLog]) -> dict[str, int]:
    """Return the time of every block with logs; not every node puts it into a log."""
    texts = {log.blockNumber: log.blockTimestamp for log in logs}
    times = {number: int(text, 16) for number, text in texts.items() if text is not None}
    missing = [number for number, text in texts.items() if text is None]
    headers = rpc.results(Request("eth_getBlockByNumber", (number, False)) for number in missing)
    return times | {
        number: int(header["timestamp"], 16) for number, header in zip(missing, headers, strict=True)
    }
