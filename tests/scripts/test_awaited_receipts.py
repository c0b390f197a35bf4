"""A node that shows the nonce before the receipt, as anvil does under load, only longer."""

import threading
from collections import Counter

import pytest
from brownie.exceptions import TransactionError
from web3 import HTTPProvider, Web3
from web3.exceptions import TransactionNotFound
from web3.middleware import Web3Middleware

from scripts.lib.node.awaited_receipts import AwaitedReceipts
from scripts.lib.node.local_chain import LocalChain

LATE_BY = 3  # questions
ASKED = Counter()


class LateReceipts(Web3Middleware):
    """The node's first answers about each receipt are lost."""

    def wrap_make_request(self, make_request):
        def late(method, parameters):
            answer = make_request(method, parameters)
            if method != "eth_getTransactionReceipt":
                return answer
            ASKED[str(parameters)] += 1
            is_late = ASKED[str(parameters)] <= LATE_BY
            return {**answer, "result": None} if is_late else answer

        return late


@pytest.fixture
def late_receipts(web3):
    web3.middleware_onion.inject(LateReceipts, "late", layer=0)
    yield
    web3.middleware_onion.remove("late")


def test_transaction_whose_receipt_comes_after_the_nonce_is_not_given_up(accounts, web3, late_receipts):
    receipt = accounts[0].transfer(accounts[1], 1)
    assert receipt.status == 1
    assert receipt.block_number == web3.eth.block_number
    assert max(ASKED.values()) > LATE_BY, "no receipt was late"


def test_brownie_alone_gives_it_up(accounts, web3, late_receipts):
    """What this is for; should Brownie learn better one day, away with it."""
    web3.middleware_onion.remove(AwaitedReceipts.__name__)
    try:
        with pytest.raises(TransactionError, match="Tx dropped without known replacement"):
            accounts[0].transfer(accounts[1], 1)
    finally:
        web3.middleware_onion.add(AwaitedReceipts, AwaitedReceipts.__name__)


@pytest.fixture
def patient_web3():
    """On a chain that mines only when it is told to."""
    with LocalChain.anvil(on_demand=True) as chain:
        web3 = Web3(HTTPProvider(chain.url))
        web3.middleware_onion.add(AwaitedReceipts)
        yield web3


def test_receipt_of_a_waiting_transaction_is_waited_for(patient_web3):
    eth = patient_web3.eth
    waiting = eth.send_transaction({"from": eth.accounts[0], "to": eth.accounts[1], "gasPrice": 0})
    found = []
    asking = threading.Thread(target=lambda: found.append(eth.get_transaction_receipt(waiting)))
    asking.start()
    asking.join(0.2)
    assert (asking.is_alive(), found) == (True, [])
    patient_web3.provider.make_request("evm_mine", [])
    asking.join(10)
    assert [receipt["transactionHash"] for receipt in found] == [waiting]


def test_receipt_of_an_unknown_transaction_is_not_waited_for(patient_web3):
    with pytest.raises(TransactionNotFound):
        patient_web3.eth.get_transaction_receipt("0x" + "12" * 32)
