import pytest

from scripts.lib.contract_abi import decode_answer, encode_call
from scripts.lib.deployment import deploy
from scripts.lib.keys.keyring import Keyring, KeyringError, LocalKeyring
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.node.rpc import ChainIdentity, Request, Rpc
from scripts.lib.node.sender import Sender, SendError, StalledError, Transaction
from scripts.lib.proceedings import execute_pending
from scripts.lib.rpc_deployer import RpcDeployer
from tests.scripts.local_plan import local_plan
from tests.support.town import SERIES

GAS = 300_000


@pytest.fixture(scope="module")
def grant(keyring, token):
    """Makes a transaction that mints points to a named account."""

    def grant(name, points, sender="minter"):
        data = encode_call("MunicipalPoint", "mint", (keyring.account(name), points))
        return Transaction(keyring.account(sender), token, data, GAS, f"row of {name}")

    return grant


@pytest.fixture(scope="module")
def balance(rpc, keyring, token):
    def balance(name):
        data = encode_call("MunicipalPoint", "balanceOf", (keyring.account(name),))
        answer = rpc.call("eth_call", {"to": token, "data": "0x" + data.hex()}, "latest")
        return decode_answer("MunicipalPoint", "balanceOf", bytes.fromhex(answer[2:]))

    return balance


@pytest.fixture
def fresh(rpc, keyring, token):
    """A sender that has read the nonces after whatever another test did to them."""
    return Sender(rpc, keyring)


def test_send_gives_a_receipt_for_every_transaction_in_their_order(fresh, grant):
    receipts = fresh.send(grant(f"resident {i}", i + 1) for i in range(250))
    assert [receipt.row for receipt in receipts] == [f"row of resident {i}" for i in range(250)]
    assert len({receipt.hash for receipt in receipts}) == 250
    assert all(receipt.gas_used > 21_000 for receipt in receipts)


def test_send_through_a_narrow_window_loses_nothing(rpc, keyring, grant, balance):
    Sender(rpc, keyring, in_flight=7).send(grant("narrow", 1) for _ in range(60))
    assert balance("narrow") == 60


def test_send_of_nothing_sends_nothing(fresh):
    assert fresh.send([]) == []


def test_failed_row_is_named_with_error_and_arguments(fresh, grant, keyring):
    with pytest.raises(SendError) as caught:
        fresh.send([grant("a", 1), grant("b", 1, sender="stranger"), grant("c", 1)])
    [failure] = caught.value.failures
    assert failure.row == "row of b"
    assert failure.revert.name == "PointNotMinter"
    assert failure.revert.arguments == {"minter": keyring.account("stranger")}
    assert "row of b: PointNotMinter(minter=0x" in str(caught.value)


def test_rows_beside_a_failed_one_go_through(fresh, grant, balance):
    with pytest.raises(SendError):
        fresh.send([grant("before", 1), grant("between", 1, sender="stranger"), grant("after", 1)])
    assert (balance("before"), balance("between"), balance("after")) == (1, 0, 1)


def test_intent_among_what_needs_no_receipt_is_refused_before_anything_is_sent(fresh, grant, balance):
    """Whether it succeeded could not be told apart later."""
    meant = grant("meant", 1)._replace(intent="grant-meant")
    with pytest.raises(ValueError, match="grant-meant: an intent needs its receipt"):
        fresh.send([meant], is_done=lambda: True)
    assert balance("meant") == 0


def test_block_that_is_waited_for_and_does_not_come_is_told(rpc, keyring, grant):
    """The transaction is in the last block, and the chain makes none behind it."""
    waiting = Sender(rpc, keyring, confirmations=1, stall_seconds=0.1)
    with pytest.raises(StalledError, match="no block came after"):
        waiting.send([grant("waiting", 1)])


def test_sender_goes_on_after_a_failure(fresh, grant, balance):
    with pytest.raises(SendError):
        fresh.send([grant("x", 1, sender="stranger")])
    fresh.send([grant("goes on", 3)])
    assert balance("goes on") == 3


def test_row_that_runs_out_of_gas_says_so(fresh, grant):
    with pytest.raises(SendError, match="ran out of its 30000 gas"):
        fresh.send([grant("poor", 1)._replace(gas=30_000)])


def test_row_that_the_node_refuses_is_named(fresh, grant, balance):
    with pytest.raises(SendError, match=r"1 transactions failed:\nrow of small: .*gas"):
        fresh.send([grant("small", 1)._replace(gas=1_000), grant("behind", 1)])
    assert balance("behind") == 1, "the row behind it, from the same account, must not wait for ever"


def test_row_refused_by_the_node_does_not_stop_the_sender(rpc, keyring, grant, balance):
    sender = Sender(rpc, keyring, resend_seconds=0.1, stall_seconds=1)
    with pytest.raises(SendError):
        sender.send([grant("refused", 1)._replace(gas=1_000)])
    sender.send([grant("accepted", 1)])
    assert balance("accepted") == 1


def test_sender_without_a_key_refuses(rpc, own_chain, token):
    empty = Keyring(own_chain.chain_id)
    with pytest.raises(KeyringError, match=f"no key for {token}"):
        Sender(rpc, empty).send([Transaction(token, token, b"", GAS, "row")])


def test_row_without_a_key_uses_up_no_nonce(fresh, grant, balance, token):
    with pytest.raises(KeyringError):
        fresh.send([grant("keyed", 1), grant("keyless", 1)._replace(sender=token)])
    fresh.send([grant("keyed", 2)])
    assert balance("keyed") == 2


def test_keys_of_one_chain_are_refused_on_another(rpc):
    with pytest.raises(KeyringError, match="the keys are for chain 31337"):
        Sender(rpc, LocalKeyring(None, "tests"))


def test_another_genesis_is_refused(rpc, keyring):
    meant = ChainIdentity(keyring.chain_id, "0x" + "00" * 32)
    with pytest.raises(KeyringError, match="is meant"):
        Sender(rpc, keyring, expected=meant)


def test_local_keys_differ_by_name_and_seed(own_chain):
    one, other = LocalKeyring(own_chain, "one"), LocalKeyring(own_chain, "other")
    assert len({one.account("a"), one.account("b"), other.account("a")}) == 3
    assert one.account("a") == LocalKeyring(own_chain, "one").account("a")


def test_signed_bytes_are_those_of_eth_account(keyring):
    from eth_account import Account

    sender = keyring.account("signer")
    fields = {"nonce": 3, "gasPrice": 0, "gas": 21_000, "to": sender, "value": 0, "data": b""}
    raw, transaction_hash = keyring.sign(sender, fields)
    assert Account.recover_transaction(raw) == sender
    assert transaction_hash.startswith("0x")


class TestFaults:
    """What a node does wrong, on a chain that mines only when it is told to."""

    @pytest.fixture
    def node(self):
        with LocalChain.anvil(on_demand=True) as chain:
            rpc = Rpc(chain.url)
            keyring = LocalKeyring(chain, "tests")
            mining = Sender(rpc, keyring, mine=lambda: rpc.call("evm_mine"))
            deployer = RpcDeployer(rpc, mining, pass_second=lambda: chain.mine_at(chain.now() + 1))
            deployment = deploy(deployer, local_plan(keyring))
            chain.mine_at(deployment.pending[0].ready_at)
            execute_pending(deployer, deployment.officers, deployment.pending)
            token = deployment.series[SERIES]

            def transfers(count):
                return [
                    Transaction(
                        keyring.account("minter"),
                        token,
                        encode_call("MunicipalPoint", "mint", (keyring.account(f"r{i}"), 1)),
                        GAS,
                        f"row {i}",
                    )
                    for i in range(count)
                ]

            yield rpc, keyring, transfers

    def test_transaction_that_the_node_dropped_is_sent_again(self, node):
        rpc, keyring, transfers = node
        dropped = []

        def drop_once_then_mine():
            pool = rpc.call("txpool_content")["pending"].values()
            if not dropped:
                [waiting] = pool
                dropped.append(waiting[max(waiting, key=int)]["hash"])
                rpc.call("anvil_dropTransaction", dropped[0])
            rpc.call("evm_mine")

        sender = Sender(rpc, keyring, mine=drop_once_then_mine, resend_seconds=0.2)
        receipts = sender.send(transfers(5))
        assert [receipt.row for receipt in receipts] == [f"row {i}" for i in range(5)]
        assert dropped[0] == receipts[-1].hash
        assert receipts[-1].block > receipts[0].block

    def test_lost_connection_while_sending_loses_and_doubles_nothing(self, node, monkeypatch):
        rpc, keyring, transfers = node
        batch = Rpc.batch
        broken = []

        def break_after_sending(self, requests):
            requests = list(requests)
            answers = batch(self, requests)
            if requests[0].method == "eth_sendRawTransaction" and not broken:
                broken.append(len(requests))
                raise ConnectionResetError
            return answers

        monkeypatch.setattr(Rpc, "batch", break_after_sending)
        sender = Sender(rpc, keyring, mine=lambda: rpc.call("evm_mine"), resend_seconds=0.2)
        receipts = sender.send(transfers(5))
        assert broken == [5]
        assert len({receipt.hash for receipt in receipts}) == 5

    def test_receipts_that_never_come_end_in_an_error_that_names_the_rows(self, node):
        rpc, keyring, transfers = node
        sender = Sender(rpc, keyring, mine=lambda: None, resend_seconds=0.1, stall_seconds=0.5)
        with pytest.raises(StalledError, match=r"2 transactions got no receipt .*row 0, row 1"):
            sender.send(transfers(2))

    def test_transactions_submitted_apart_are_carried_out_in_that_order(self, node):
        rpc, keyring, transfers = node
        sender = Sender(rpc, keyring, mine=lambda: rpc.call("evm_mine"))
        first, second = transfers(2)
        sender.submit([first])
        sender.submit([second])
        one, other = sender.settle()
        assert one.block == other.block
        places = [rpc.call("eth_getTransactionByHash", r.hash)["transactionIndex"] for r in (one, other)]
        assert places == ["0x0", "0x1"]


def test_rpc_batch_answers_in_the_order_of_the_requests(rpc):
    numbers = rpc.batch(Request("eth_getBlockByNumber", (hex(0), False)) for _ in range(150))
    assert len(numbers) == 150
    assert {block["number"] for block in numbers} == {"0x0"}


def test_rpc_batch_keeps_a_refusal_in_its_place(rpc):
    answers = rpc.batch([Request("eth_chainId"), Request("no_such_method"), Request("eth_chainId")])
    assert answers[0] == answers[2]
    assert "no_such_method" in str(answers[1])


def test_rpc_connects_anew_after_a_lost_connection(rpc):
    rpc.close()
    assert rpc.call("eth_chainId")
