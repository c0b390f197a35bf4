"""Finds the block from which on the chain answers otherwise than the events say, and what was sent in it.

    departures = find_departures(rpc, dataset, new_replay, views)
    departures[view].transactions        # of that block: none where somebody wrote into the node's state

Where chain and events disagree at the end, no event says since when. So the history is replayed up to former
blocks, and the chain is asked at each of them, until two blocks that follow each other are told apart. That
takes a node that still has the state of those blocks; of one that has not, the answer is "at the latest".
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from scripts.lib.audit.chain_figures import Figure, agrees, chain_figures
from scripts.lib.audit.dataset import Dataset
from scripts.lib.audit.event_stream import read_dataset
from scripts.lib.audit.lenient_replay import take
from scripts.lib.calls import View
from scripts.lib.node.event_log import to_address
from scripts.lib.node.local_chain import RpcError
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.view_reader import read_views
from scripts.lib.replays.everything import Replay
from scripts.lib.undecodable import UNDECODABLE

PARTS = 16
"""In how many parts a range is looked at during one replay."""

Agreement = Mapping[int, bool | None]
"""By block, whether chain and events agree there; None where the node no longer knows."""


class Sent(NamedTuple):
    """A transaction: 0x hex, who sent it, and to whom ("" if it made a contract)."""

    hash: str
    sender: str
    receiver: str


class Departure(NamedTuple):
    """Where the chain left the events.

    Attributes:
        block: the first known to disagree.
        time: of it.
        is_exact: whether the block before is known to agree.
        transactions: all of the block, those to the contract in question first; only if `is_exact`.
    """

    block: int
    time: int
    is_exact: bool
    transactions: tuple[Sent, ...]


def find_departures(
    rpc: Rpc, dataset: Dataset, new_replay: Callable[[], Replay], views: Collection[View]
) -> dict[View, Departure]:
    """Return since when each of these views disagrees, all of which do at the dataset's last block.

    Args:
        new_replay: makes a replay that has seen nothing.
    """

    def look(blocks: Sequence[int]) -> dict[View, dict[int, bool | None]]:
        return _look(rpc, dataset, new_replay(), views, blocks)

    return {
        view: _departure(rpc, view.address, *found) for view, found in _search(dataset, views, look).items()
    }


def find_departures_of_code(rpc: Rpc, dataset: Dataset, contracts: Collection[str]) -> dict[str, Departure]:
    """Return since when each contract has the code that it has at the dataset's last block."""
    codes = {contract: _code(rpc, contract, dataset.last) for contract in contracts}

    def look(blocks: Sequence[int]) -> dict[str, dict[int, bool | None]]:
        return {
            contract: {block: None if (then := _code(rpc, contract, block)) is None else then != code
                       for block in blocks}
            for contract, code in codes.items()
        }  # fmt: skip

    return {
        contract: _departure(rpc, contract, *found)
        for contract, found in _search(dataset, contracts, look).items()
    }


def _search(
    dataset: Dataset,
    keys: Collection[Any],
    look: Callable[[Sequence[int]], Mapping[Any, Mapping[int, bool | None]]],
) -> dict[Any, tuple[int, bool]]:
    """Return for each key the first block known to disagree, and whether the one before agrees."""
    assert dataset.header is not None
    first, last = dataset.header.first, dataset.last
    seen: dict[Any, dict[int, bool | None]] = {key: {first - 1: True, last: False} for key in keys}
    # What is sought is mostly recent: the first look goes back in steps that double.
    blocks = {last - 2**step for step in range(last.bit_length()) if last - 2**step >= first}
    while blocks:
        for key, told in look(sorted(blocks)).items():
            seen[key].update(told)
        blocks = {block for told in seen.values() for block in _between(*_bounds(told))}
    return {key: (high, told[low] is True) for key, told in seen.items() for low, high in [_bounds(told)]}


def _bounds(told: Agreement) -> tuple[int, int]:
    """Return the last block that is not known to disagree, and the next one that was looked at."""
    blocks = sorted(told)
    place = max(place for place, block in enumerate(blocks) if told[block] is not False)
    return blocks[place], blocks[place + 1]


def _between(low: int, high: int) -> Iterator[int]:
    """Yield blocks between two, so many that a few looks suffice."""
    step = max(1, (high - low) // PARTS)
    yield from range(low + step, high, step)


def _look(
    rpc: Rpc, dataset: Dataset, replay: Replay, views: Collection[View], blocks: Sequence[int]
) -> dict[View, dict[int, bool | None]]:
    """Return for each view at which of the blocks, in ascending order, the chain agrees with the events."""
    told: dict[View, dict[int, bool | None]] = {view: {} for view in views}

    def ask(block: int) -> None:
        for view, agreed in _agreed(rpc, dataset, replay, views, block).items():
            told[view][block] = agreed

    waiting = list(blocks)
    for event in read_dataset(dataset):
        while waiting and event.block > waiting[0]:
            ask(waiting.pop(0))
        if not waiting:
            break
        take(replay, event, lambda _: None)
    for block in waiting:
        ask(block)
    return told


def _agreed(
    rpc: Rpc, dataset: Dataset, replay: Replay, views: Collection[View], block: int
) -> dict[View, bool | None]:
    header = dataset.header
    assert header is not None
    wanted, now = set(views), _time(rpc, block)
    figures = [
        figure
        for figure in chain_figures(replay, header.platform, header.officers, header.residents, now)
        if figure.view in wanted
    ]
    agreed: dict[View, bool | None] = dict.fromkeys(views, True)  # of what no event has told yet
    for figure in figures:
        agreed[figure.view] = _agrees(rpc, figure, block)
    return agreed


def _agrees(rpc: Rpc, figure: Figure, block: int) -> bool | None:
    try:
        [answer] = read_views(rpc, [figure.view], hex(block))
    except (RpcError, *UNDECODABLE):  # the state is forgotten, or no contract was there yet
        return None
    return agrees(figure.expected, answer)


def _departure(rpc: Rpc, contract: str, block: int, is_exact: bool) -> Departure:
    told = rpc.call("eth_getBlockByNumber", hex(block), True)
    sent = [
        Sent(each["hash"], to_address(each["from"]), to_address(each["to"]) if each["to"] else "")
        for each in (told["transactions"] if is_exact else [])
    ]
    sent.sort(key=lambda each: each.receiver.lower() != contract.lower())
    return Departure(block, int(told["timestamp"], 16), is_exact, tuple(sent))


def _code(rpc: Rpc, contract: str, block: int) -> str | None:
    """Return a contract's code at a block; None if the node no longer knows."""
    try:
        code: str = rpc.call("eth_getCode", contract, hex(block))
    except RpcError:
        return None
    return code


def _time(rpc: Rpc, block: int) -> int:
    return int(rpc.call("eth_getBlockByNumber", hex(block), False)["timestamp"], 16)
