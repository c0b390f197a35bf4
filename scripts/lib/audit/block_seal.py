"""What tells a block from any other."""

from __future__ import annotations

from typing import NamedTuple


class BlockSeal(NamedTuple):
    """A block's hash (0x hex, "" if there is no such block) and its time (Unix seconds)."""

    hash: str
    time: int
