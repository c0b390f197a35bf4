"""Fetches all events of a platform into a dataset; run again, it goes on where it was.

    fetched = fetch(rpc, platform, folder)

Contracts come first: the platform's own events name every series and service. Then one pass over the blocks
reads the events of all of them. A series may have been deployed, with events, long before it was registered:
what older segments lack of it is read after. Blocks that the chain has replaced since are read anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from scripts.lib.audit.contracts_found import read_contracts
from scripts.lib.audit.dataset import Contract, Dataset, Line, Segment
from scripts.lib.audit.log_columns import LogColumns
from scripts.lib.audit.log_pages import Page, block_seal, read_pages
from scripts.lib.calls import View
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.view_reader import read_views

SEGMENT_LOGS = 100_000
"""How many logs are held in memory, and make a segment; each file of it holds the logs of one event."""


class ReorganisedError(Exception):
    """The chain replaced blocks while they were read, several times in a row."""


class Fetched(NamedTuple):
    """What a run did.

    Attributes:
        rolled_back: blocks that were removed, as the chain had replaced them.
        contracts: how many were found.
        logs: how many were written.
        first, last: the blocks that were read; `last` below `first` if there were none.
    """

    rolled_back: int
    contracts: int
    logs: int
    first: int
    last: int


def fetch(
    rpc: Rpc,
    platform: str,
    folder: Path,
    *,
    first: int = 0,
    last: int | None = None,
    segment_logs: int = SEGMENT_LOGS,
    tell: Callable[[Segment], None] = lambda _: None,
) -> Fetched:
    """Read up to block `last` (the latest if None) what the dataset does not have yet.

    Args:
        first: the block to begin at, in a new dataset: none after the platform's own.
        tell: called with every segment that was written.

    Raises:
        DatasetError: the folder holds something else, or is damaged.
        ReorganisedError: the chain does not come to rest.
        RpcError: the node refuses a question.
    """
    dataset = Dataset(folder)
    officers, residents = read_views(
        rpc,
        [
            View("PointPlatform", platform, "officers"),
            View("PointPlatform", platform, "residents"),
        ],
    )
    dataset.begin(rpc.identity(), platform, officers, residents, first)
    before = dataset.last
    dataset.cut(lines_that_hold(rpc, dataset))
    header = dataset.header
    assert header is not None
    begin = max(dataset.last + 1, header.first)
    rolled_back = max(before - begin + 1, 0)
    if last is None:
        last = int(rpc.call("eth_blockNumber"), 16)

    known = set(dataset.addresses())
    found = {
        contract.address: contract
        for contract in read_contracts(rpc, platform, begin, last)
        if contract.address not in known
    }
    _note_contracts(rpc, dataset, list(found.values()), header.first, begin - 1, tell)
    logs = _fetch_range(rpc, dataset, begin, last, segment_logs, tell)
    return Fetched(rolled_back, len(found), logs, begin, last)


def lines_that_hold(rpc: Rpc, dataset: Dataset) -> int:
    """Return how many lines of the manifest come before the first that the chain contradicts.

    A line is contradicted if its segment's last block has another hash now, or if the contract that it names
    was found in a block that is read anew. Earlier events of contracts that were not noted any more, when the
    program was killed, are read again with them.
    """
    lines = dataset.lines()
    holding = len(lines)
    for place, line in enumerate(lines):
        if isinstance(line, Segment) and block_seal(rpc, line.last) != line.seal:
            holding = place
            break
    # What goes may leave others without ground.
    while (place := _first_without_ground(lines[:holding])) < holding:
        holding = place
    return holding


def _first_without_ground(lines: Sequence[Line]) -> int:
    """Return the place of the first line that the others do not bear, or how many there are."""
    last = max((line.last for line in lines if isinstance(line, Segment) and not line.of), default=-1)
    noted = {line.address for line in lines if isinstance(line, Contract)}
    for place, line in enumerate(lines):
        if isinstance(line, Contract) and line.block > last:
            return place
        if isinstance(line, Segment) and not noted.issuperset(line.of):
            return place
    return len(lines)


def _note_contracts(
    rpc: Rpc,
    dataset: Dataset,
    found: Sequence[Contract],
    first: int,
    last: int,
    tell: Callable[[Segment], None],
) -> None:
    """Note contracts, and read their events of the blocks that were read before they were known."""
    if found and last >= first:
        addresses = [contract.address for contract in found]
        earlier = LogColumns()
        pages = [_without_logs(earlier, page) for page in read_pages(rpc, addresses, first, last)]
        if earlier.count:
            tell(dataset.add_segment(first, last, pages[-1].seal, earlier.tables(), addresses))
    for contract in found:
        dataset.add_contract(contract)


def _fetch_range(
    rpc: Rpc,
    dataset: Dataset,
    first: int,
    last: int,
    segment_logs: int,
    tell: Callable[[Segment], None],
) -> int:
    """Read a range into segments; return how many logs it had."""
    addresses, logs = dataset.addresses(), 0
    columns, read = LogColumns(), list[Page]()
    for page in read_pages(rpc, addresses, first, last):
        read.append(_without_logs(columns, page))
        if columns.count < segment_logs and page.last < last:
            continue
        for seen in read:
            if block_seal(rpc, seen.last) != seen.seal:
                raise ReorganisedError(f"block {seen.last} was replaced while it was read: fetch again")
        tell(dataset.add_segment(read[0].first, page.last, page.seal, columns.tables()))
        logs += columns.count
        columns, read = LogColumns(), []
    return logs


def _without_logs(columns: LogColumns, page: Page) -> Page:
    """Take in a page, and return what is to be remembered of it."""
    columns.add(page.logs, page.times)
    return page._replace(logs=[], times={})
