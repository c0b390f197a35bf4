import pytest

from scripts.lib.contract_abi import encode_call
from scripts.lib.node import event_log
from scripts.lib.node.event_log import read_events
from scripts.lib.node.local_chain import RpcError
from scripts.lib.node.sender import Transaction

MINTS = 30


@pytest.fixture(scope="module")
def busy_token(sender, keyring, token):
    """A series with some mints, each in a block of its own."""
    for i in range(MINTS):
        data = encode_call("MunicipalPoint", "mint", (keyring.account(f"r{i}"), i + 1))
        sender.send([Transaction(keyring.account("minter"), token, data, 300_000, str(i))])
    return token


class Stingy:
    """A node that refuses to look for logs in more than a few blocks at a time."""

    def __init__(self, rpc, most_blocks):
        self.rpc = rpc
        self.most_blocks = most_blocks
        self.results = rpc.results

    def call(self, method, *params):
        if method == "eth_getLogs":
            span = int(params[0]["toBlock"], 16) - int(params[0]["fromBlock"], 16) + 1
            if span > self.most_blocks:
                raise RpcError(method, {"code": -32005, "message": "query returned more than 10000 results"})
        return self.rpc.call(method, *params)


def test_events_are_decoded_with_names_and_plain_values(rpc, keyring, busy_token):
    events = [event for event in read_events(rpc, [busy_token]) if event.name in ("Minted", "Transfer")]
    minted, transfer = events[0], events[1]
    assert minted.name == "Minted"
    assert minted.arguments["minter"] == keyring.account("minter")
    assert transfer.arguments["to"] == keyring.account("r0")
    assert [e.arguments["value"] for e in events if e.name == "Transfer"] == list(range(1, MINTS + 1))


def test_events_carry_the_time_of_their_block(rpc, busy_token):
    for event in list(read_events(rpc, [busy_token]))[:3]:
        assert event.time == int(rpc.call("eth_getBlockByNumber", hex(event.block), False)["timestamp"], 16)


@pytest.mark.parametrize("most_blocks", [1, 3, 1000])
def test_pages_of_any_size_give_the_same_events(rpc, busy_token, most_blocks):
    assert list(read_events(Stingy(rpc, most_blocks), [busy_token])) == list(read_events(rpc, [busy_token]))


def test_node_that_refuses_a_single_block_is_an_error(rpc, busy_token):
    with pytest.raises(RpcError):
        list(read_events(Stingy(rpc, 0), [busy_token]))


def test_ranges_that_follow_each_other_give_every_event_once(rpc, busy_token):
    last = int(rpc.call("eth_blockNumber"), 16)
    parts = [
        *read_events(rpc, [busy_token], 0, last // 2),
        *read_events(rpc, [busy_token], last // 2 + 1, last),
    ]
    assert parts == list(read_events(rpc, [busy_token]))


def test_times_are_fetched_when_a_node_leaves_them_out(rpc, busy_token, monkeypatch):
    expected = list(read_events(rpc, [busy_token]))
    convert = event_log.msgspec.convert

    def without_times(value, kind):
        return convert([{k: v for k, v in log.items() if k != "blockTimestamp"} for log in value], kind)

    monkeypatch.setattr(event_log.msgspec, "convert", without_times)
    assert list(read_events(rpc, [busy_token])) == expected
