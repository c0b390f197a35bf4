"""Pages of logs from a node that limits what it gives at once, and what is found in them."""

import pytest
from eth_abi import encode
from web3.exceptions import Web3RPCError

from scripts.lib.audit import contracts_found
from scripts.lib.audit.block_seal import BlockSeal
from scripts.lib.audit.contracts_found import SERIES, read_contracts
from scripts.lib.audit.event_tables import tables_by_name
from scripts.lib.audit.log_columns import RawLog
from scripts.lib.audit.log_pages import Page, read_pages
from scripts.lib.node.local_chain import RpcError
from scripts.lib.node.log_pages import read_logs

PLATFORM, TOKEN = "0x" + "c0" * 20, "0x" + "70" * 20
TOO_MANY = {"code": -32005, "message": "query returned more than 10000 results"}


class StingyNode:
    """A node that gives the logs of a few blocks at once; every block has one."""

    def __init__(self, blocks):
        self.blocks = blocks
        self.asked = []

    def call(self, _method, number, _whole):
        return {"hash": f"hash of {number}", "timestamp": number}

    def call_as(self, _kind, method, query):
        first, last = int(query["fromBlock"], 16), int(query["toBlock"], 16)
        self.asked.append(last - first + 1)
        if last - first >= self.blocks:
            raise RpcError(method, TOO_MANY)
        return [_log(block) for block in range(first, last + 1)]

    def results(self, requests):
        return [self.call(request.method, *request.params) for request in requests]


def _log(block, topics=(), data=b""):
    texts = tuple("0x" + topic.hex() for topic in topics)
    return RawLog(PLATFORM, texts, "0x" + data.hex(), hex(block), "0x0", "0x" + "7a" * 32)


@pytest.mark.parametrize("blocks", [1, 3])
def test_pages_of_a_node_that_gives_few_blocks_at_once_are_whole(blocks):
    node = StingyNode(blocks)
    pages = list(read_pages(node, [PLATFORM], 0, 40))
    assert [int(log.blockNumber, 16) for page in pages for log in page.logs] == list(range(41))
    assert max(node.asked) > blocks, "it was asked for more, and refused"


def test_pages_of_a_node_that_refuses_a_single_block_end_with_what_it_says():
    with pytest.raises(RpcError, match="more than 10000"):
        list(read_pages(StingyNode(0), [PLATFORM], 0, 40))


class StingyEvent:
    """An event as web3 has it, on such a node."""

    def __init__(self, blocks):
        self.blocks = blocks

    def get_logs(self, from_block, to_block, argument_filters):
        if to_block - from_block >= self.blocks:
            raise Web3RPCError(TOO_MANY["message"])
        return list(range(from_block, to_block + 1))


@pytest.mark.parametrize("blocks", [1, 300])
def test_events_of_a_node_that_gives_few_blocks_at_once_are_all_read(blocks):
    assert list(read_logs(None, StingyEvent(blocks), 5, last=2_500)) == list(range(5, 2_501))


def test_events_of_a_node_that_refuses_a_single_block_end_with_what_it_says():
    with pytest.raises(Web3RPCError, match="more than 10000"):
        list(read_logs(None, StingyEvent(0), 0, last=9))


@pytest.fixture
def found(monkeypatch):
    """Returns the contracts that logs of the platform name."""

    def read(*logs):
        page = Page(0, 1, BlockSeal("", 0), list(logs), {})
        monkeypatch.setattr(contracts_found, "read_pages", lambda *_: iter([page]))
        return list(read_contracts(None, PLATFORM, 0, 1))

    return read


REGISTERED = tables_by_name()["PointPlatform.SeriesRegistered"].topic
TOPICS = [
    REGISTERED,
    *(encode(["uint256"], [number]) for number in (212032, 1)),
    encode(["address"], [TOKEN]),
]
NAME = encode(["string", "string"], ["高山市ポイント", "TKY"])


def test_series_is_found_by_the_platforms_own_event(found):
    [series] = found(_log(7, TOPICS, NAME))
    assert (series.kind, series.address.lower(), series.name) == (SERIES, TOKEN, "高山市ポイント")


@pytest.mark.parametrize(
    ("topics", "data"),
    [
        ([], b""),
        ([tables_by_name()["MunicipalPoint.Transfer"].topic, bytes(32), bytes(32)], bytes(32)),
        (TOPICS, b""),
        (TOPICS, NAME.replace("高".encode(), b"\xff" * 3)),
        (TOPICS[:2], NAME),
    ],
    ids=["nothing", "another contract's event", "no name", "a name that is no text", "no token"],
)
def test_log_of_the_platform_that_names_no_contract_does_not_end_the_reading(found, topics, data):
    """A node can tell anything: what does not fit is left to verify, which names it."""
    assert len(found(_log(6, topics, data), _log(7, TOPICS, NAME))) == 1
