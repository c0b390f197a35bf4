"""Which contracts make up a platform, by its own events: every series, every service."""

from __future__ import annotations

from collections.abc import Iterator

from eth_abi import decode

from scripts.lib.audit.dataset import Contract
from scripts.lib.audit.event_tables import EventTable, event_tables
from scripts.lib.audit.log_columns import RawLog
from scripts.lib.audit.log_pages import read_pages
from scripts.lib.deployment import SERVICES
from scripts.lib.node.event_log import to_address
from scripts.lib.node.rpc import Rpc
from scripts.lib.undecodable import UNDECODABLE

SERIES = "MunicipalPoint"
SERVICE_KINDS = {name: contract for contract, name in SERVICES.items()}
"""Contracts by the name under which the council offers them."""


def read_contracts(rpc: Rpc, platform: str, first: int, last: int) -> Iterator[Contract]:
    """Yield what the platform registered or offered in a range of blocks, in order."""
    tables = {"0x" + topic.hex(): table for topic, table in event_tables().items()}
    for page in read_pages(rpc, [platform], first, last):
        for log in page.logs:
            table = tables.get(log.topics[0]) if log.topics else None
            if table is not None and table.contract == "PointPlatform":
                yield from _contract(table, log)


def _contract(table: EventTable, log: RawLog) -> Iterator[Contract]:
    kinds = [argument.kind for argument in table.in_data]
    try:
        texts = decode(kinds, bytes.fromhex(log.data[2:]))
    except UNDECODABLE:
        return  # it names nothing; the dataset keeps it as it is, and verify tells of it
    if len(log.topics) != 1 + len(table.in_topics):
        return
    block = int(log.blockNumber, 16)
    if table.event == "SeriesRegistered":
        yield Contract(to_address("0x" + log.topics[3][-40:]), SERIES, texts[0], block)
    elif table.event == "ServiceOffered":
        kind = SERVICE_KINDS.get(texts[0], "")
        yield Contract(to_address("0x" + log.topics[1][-40:]), kind, texts[0], block)
