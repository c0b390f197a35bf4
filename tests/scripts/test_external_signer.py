"""Keys stay with another program: a node with unlocked accounts signs, and what it returns is checked."""

import pytest

from scripts.lib.keys.keyring import Keyring, KeyringError, LocalKeyring
from scripts.lib.node.external_signer import ExternalSigner, ExternalSignerError
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.sender import Sender, Transaction


@pytest.fixture(scope="module", params=["anvil", "ganache"])
def signing_node(request, own_chain):
    """A node that has nothing to do with the chain, but its id: it only signs."""
    with getattr(LocalChain, request.param)(chain_id=own_chain.chain_id) as node:
        rpc = Rpc(node.url)
        yield rpc
        rpc.close()


@pytest.fixture
def outside(own_chain, signing_node):
    signer = ExternalSigner(signing_node)
    keyring = Keyring(own_chain.chain_id)
    for account in signer.accounts():
        keyring.add_signer(account, signer)
    return keyring, signer.accounts()[3]


def nothing(account, row="row"):
    return Transaction(account, account, b"\x01", 50_000, row)


def test_transactions_signed_outside_go_through_in_their_order(rpc, outside):
    keyring, account = outside
    before = int(rpc.call("eth_getTransactionCount", account, "latest"), 16)
    receipts = Sender(rpc, keyring).send(nothing(account, f"row {place}") for place in range(5))
    assert [receipt.row for receipt in receipts] == [f"row {place}" for place in range(5)]
    assert int(rpc.call("eth_getTransactionCount", account, "latest"), 16) == before + 5


def test_key_that_is_kept_outside_is_not_to_be_had(outside):
    keyring, account = outside
    with pytest.raises(KeyringError, match="kept by an external signer"):
        keyring.key(account)


def test_refusal_of_the_signer_is_told(own_chain, signing_node, rpc):
    stranger = LocalKeyring(own_chain, "stranger").account("unknown to the signer")
    keyring = Keyring(own_chain.chain_id)
    keyring.add_signer(stranger, ExternalSigner(signing_node))
    with pytest.raises(ExternalSignerError, match="eth_signTransaction"):
        Sender(rpc, keyring).send([nothing(stranger)])


def test_signer_that_is_away_is_told(own_chain, rpc):
    with LocalChain.anvil(chain_id=own_chain.chain_id) as node:
        account = node.accounts[0]
        signer = ExternalSigner(Rpc(node.url))
    keyring = Keyring(own_chain.chain_id)
    keyring.add_signer(account, signer)
    with pytest.raises(ExternalSignerError, match="http://127"):
        Sender(rpc, keyring).send([nothing(account)])


def test_signer_that_changes_what_it_signs_is_found_out(rpc, outside, signing_node, monkeypatch):
    """A compromised signer puts a recipient of its own in."""
    keyring, account = outside
    call = Rpc.call

    def other_recipient(self, method, *params):
        if method == "eth_signTransaction":
            params = ({**params[0], "to": "0x" + "ee" * 20},)
        return call(self, method, *params)

    before = rpc.call("eth_blockNumber")
    monkeypatch.setattr(Rpc, "call", other_recipient)
    with pytest.raises(ExternalSignerError, match="another transaction than it was asked for"):
        Sender(rpc, keyring).send([nothing(account)])
    assert rpc.call("eth_blockNumber") == before
