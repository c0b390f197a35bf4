"""Which block was the last of a day in Japan."""

from __future__ import annotations

from scripts.lib.japan_calendar import moment_label
from scripts.lib.node.rpc import Rpc


class DayNotOverError(Exception):
    """The chain has not come to the end of the day, or begins after it."""


def last_block_of_day(rpc: Rpc, second: int) -> int:
    """Return the last block whose time is not after the last second of a day.

    Raises:
        DayNotOverError: more blocks of that day may come, or there is none.
    """
    first, last = 0, int(rpc.call("eth_blockNumber"), 16)
    if _time(rpc, last) < second:
        ends = moment_label(_time(rpc, last)).english
        raise DayNotOverError(
            f"that day is not over on this chain, whose last block is of {ends} / "
            f"このチェーンでは、その日がまだ終わっていません(最後のブロック {ends})"
        )
    if _time(rpc, first) > second:
        raise DayNotOverError("the chain begins after that day / チェーンはその日より後に始まりました")
    while first < last:
        middle = (first + last + 1) // 2
        if _time(rpc, middle) <= second:
            first = middle
        else:
            last = middle - 1
    return first


def _time(rpc: Rpc, block: int) -> int:
    return int(rpc.call("eth_getBlockByNumber", hex(block), False)["timestamp"], 16)
