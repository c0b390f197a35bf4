"""What becomes of answers that no node of ours gives: partial, refused whole, or none of a node's."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from eth_utils import keccak

from scripts.lib.keys.keyring import Keyring
from scripts.lib.node.event_log import UnknownEventError, read_events
from scripts.lib.node.external_signer import ExternalSigner
from scripts.lib.node.local_chain import ChainError, LocalChain, RpcError
from scripts.lib.node.networks import Keys, Network
from scripts.lib.node.rpc import CONNECTION_ERRORS, Request, Rpc
from scripts.lib.node.steady_node import SteadyNode

GENESIS = "0x" + "11" * 32
ALICE = f"0x{'a' * 40}"
REFUSED = {"code": -32000, "message": "not today"}


class Node:
    """An HTTP server that answers by method what `said` has; what it does not have is left out."""

    def __init__(self):
        self.said = {"eth_chainId": "0x7", "eth_getBlockByNumber": {"hash": GENESIS}}
        self.status, self.whole = 200, None
        node = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                content = json.dumps(node.answer(asked)).encode()
                self.send_response(node.status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def answer(self, asked):
        if self.whole is not None:
            return self.whole
        if isinstance(asked, dict):
            return self._one(asked)
        return [answer for each in asked if (answer := self._one(each)) is not None]

    def _one(self, asked):
        said = self.said.get(asked["method"])
        if isinstance(said, list):
            said = said.pop(0) if len(said) > 1 else said[0]
        if said is None:
            return None
        kind = "error" if said is REFUSED else "result"
        return {"jsonrpc": "2.0", "id": asked["id"], kind: said}

    def close(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def node():
    node = Node()
    yield node
    node.close()


@pytest.fixture
def rpc(node):
    rpc = Rpc(node.url)
    yield rpc
    rpc.close()


def test_batch_that_is_refused_as_a_whole_is_one_refusal(node, rpc):
    node.whole = {"id": None, "error": REFUSED}
    with pytest.raises(RpcError, match="batch: not today"):
        rpc.batch([Request("eth_chainId")] * 2)


def test_request_that_a_batch_leaves_out_is_refused_in_its_place(node, rpc):
    first, second = rpc.batch([Request("eth_gasPrice"), Request("eth_chainId")])
    assert isinstance(first, RpcError) and "left it out of its answer" in str(first)
    assert second == "0x7"


def test_answer_without_a_result_is_no_list_of_logs(node, rpc):
    node.whole = {"id": 1}
    with pytest.raises(RpcError, match="the node gave no result"):
        rpc.call_as(list[str], "eth_getLogs", {})


def test_page_of_a_proxy_is_no_answer_of_a_node(node, rpc):
    node.status, node.whole = 502, "Bad Gateway"
    with pytest.raises(CONNECTION_ERRORS, match=r"HTTP 502 .*Bad Gateway"):
        rpc.call("eth_chainId")


@pytest.mark.parametrize("address", ["ftp://node", "node:8545", "http://"])
def test_address_that_is_none_is_refused_before_anything_is_asked(address):
    with pytest.raises(ValueError, match="no http address"):
        Rpc(address)


def test_node_that_lags_behind_is_asked_again_until_it_has_caught_up(node):
    """The first has told of block 9; the second is at 8, then at 9."""
    other = Node()
    node.said["eth_blockNumber"], other.said["eth_blockNumber"] = "0x9", ["0x8", "0x9"]
    rpc = Rpc(f"{node.url},{other.url}")
    assert rpc.call("eth_blockNumber") == "0x9"
    node.status = 500
    assert rpc.call("eth_blockNumber") == "0x9"
    rpc.close()
    other.close()


def test_steady_node_tells_a_refusal_of_one_question(node, rpc):
    node.said["eth_gasPrice"] = REFUSED
    with pytest.raises(RpcError, match="not today"):
        SteadyNode(rpc, None, 1).call("eth_gasPrice")


def test_log_of_our_contract_that_no_abi_declares_is_named(node, rpc):
    topic = "0x" + keccak(text="Surprise()").hex()
    node.said["eth_getLogs"] = [
        [
            {
                "address": ALICE,
                "topics": [topic],
                "data": "0x",
                "blockNumber": "0x1",
                "logIndex": "0x0",
                "transactionHash": "0x" + "7a" * 32,
                "blockTimestamp": "0x1",
            }
        ]
    ]
    with pytest.raises(UnknownEventError, match=f"{ALICE} in 0x7a.*{topic}"):
        list(read_events(rpc, [ALICE], last=1))


@pytest.mark.parametrize(("price", "expected"), [("auto", 1_000), ("7", 7)])
def test_price_is_the_nodes_or_the_files(node, rpc, price, expected):
    node.said["eth_gasPrice"] = hex(1_000)
    its = Network("town", node.url, 7, Keys.OWN, gas_price=price).price(rpc)
    assert its >= expected if price == "auto" else its == expected


def test_signer_of_another_protocol_is_refused(rpc):
    with pytest.raises(ValueError, match="personal_sign is none of eth_signTransaction"):
        ExternalSigner(rpc, "personal_sign")


def test_deployment_is_signed_without_a_receiver(node, rpc):
    """A node that gets "to" for a new contract refuses it, or sends the code to somebody."""
    asked = []
    node.answer = lambda request: asked.append(request) or {"id": request["id"], "result": "0x00"}
    keyring = Keyring(7)
    keyring.add_signer(ALICE, ExternalSigner(rpc))
    about = {"nonce": 0, "gasPrice": 0, "gas": 21_000, "data": b"\x60"}
    with pytest.raises(Exception, match=node.url):
        keyring.sign(ALICE, about)
    assert "to" not in asked[0]["params"][0]


def test_transaction_that_would_send_ether_is_not_signed():
    with pytest.raises(ValueError, match="no transaction of ours sends ether"):
        Keyring(7).sign(ALICE, {"value": 1})


def test_chain_that_is_to_go_on_needs_the_time_that_it_began(tmp_path):
    with pytest.raises(ValueError, match="needs a genesis_time"):
        LocalChain.anvil(state_file=tmp_path / "state.json")


def test_chain_that_ends_at_once_says_why(tmp_path, monkeypatch):
    """anvil refuses to begin with an option that it does not know; another port would not help."""
    with pytest.raises(ChainError, match="anvil did not start"):
        LocalChain.anvil(extra=("--no-such-option",))
