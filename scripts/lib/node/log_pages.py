"""Reads a contract's events with web3, in block ranges as long as the node lets them be.

    for log in read_logs(web3, point.events.SalePaid, first, {"merchant": shop}): …

Nodes limit blocks or results in different ways: a refused range is tried again in parts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from web3 import Web3
from web3.exceptions import Web3RPCError

FIRST_SPAN = 2_000
LONGEST_SPAN = 500_000


def read_logs(
    web3: Web3, event: Any, first: int, wanted: Mapping[str, Any] | None = None, last: int | None = None
) -> Iterator[Any]:
    """Yield events of one kind in chain order.

    Args:
        event: as web3 has it, e.g. `contract.events.Transfer`.
        first: block to begin with.
        wanted: values of indexed arguments.
        last: the latest block if None.

    Raises:
        Web3RPCError: the node refuses even a single block.
    """
    end_of_all = web3.eth.block_number if last is None else last
    span = FIRST_SPAN
    while first <= end_of_all:
        end = min(first + span - 1, end_of_all)
        try:
            logs = event.get_logs(from_block=first, to_block=end, argument_filters=dict(wanted or {}))
        except Web3RPCError:
            if span == 1:
                raise
            span = max(1, span // 8)
            continue
        yield from logs
        first = end + 1
        span = min(span * 2, LONGEST_SPAN)


def block_at(web3: Web3, timestamp: int, first: int = 0) -> int:
    """Return the first block from `first` on that is not before `timestamp`; the latest if there is none."""
    low, high = first, int(web3.eth.block_number)
    while low < high:
        middle = (low + high) // 2
        if int(web3.eth.get_block(middle)["timestamp"]) < timestamp:
            low = middle + 1
        else:
            high = middle
    return low
