"""Whatever a node does wrong, and whoever uses the same key, each transaction is carried out once.

A contract counts (tests.support.counter), so that what is lost or doubled shows as a number.
"""

import os
import signal
import threading
import time

import pytest
from eth_utils import keccak

from scripts.lib.keys.keyring import LocalKeyring
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.sender import Sender, SendError, StalledError, Transaction, WrongChainError
from tests.support.counter import Counting

GENESIS = 1_743_433_200


@pytest.fixture(scope="module")
def chain():
    """A chain that mines when it is told to."""
    with LocalChain.anvil(on_demand=True) as chain:
        yield chain


@pytest.fixture
def counting(chain):
    return Counting.deployed(chain)


@pytest.fixture
def mine(counting):
    return lambda: counting.rpc.call("evm_mine")


@pytest.fixture
def sender(counting, mine):
    return Sender(counting.rpc, counting.keyring, mine=mine, resend_seconds=0.2, stall_seconds=10)


# ------------------------------------------------------------------------------- REORGANISED CHAINS


def test_blocks_reorganised_before_the_end_are_made_up_for(counting, sender, mine):
    sender.submit(counting.calls(3))
    mine()
    sender.submit([])
    counting.rpc.call("anvil_reorg", 1, [])
    assert counting.count == 0
    assert len(sender.settle()) == 3
    assert counting.count == 3


def test_receipts_name_the_blocks_of_the_chain_as_it_is(counting, sender):
    sender.submit(counting.calls(1))
    sender._wait(until_below=1)  # the receipt is in, and its block goes
    counting.rpc.call("anvil_reorg", 1, [])
    [receipt] = sender.settle()
    found = counting.rpc.call("eth_getTransactionReceipt", receipt.hash)
    assert int(found["blockNumber"], 16) == receipt.block


def test_blocks_of_calls_that_were_over_are_made_up_for_by_the_next(counting, sender):
    """Else the account's next nonce would wait behind a gap for ever."""
    for _ in range(4):
        sender.send(counting.calls(2))
    counting.rpc.call("anvil_reorg", 3, [])
    assert counting.count == 2
    sender.send(counting.calls(1))
    assert counting.count == 9


def test_failure_in_a_reorganised_block_is_told_as_it_is_afterwards(counting, sender):
    sender.submit([*counting.calls(1), *counting.calls(1, gas=21_100)])
    sender._wait(until_below=1)
    counting.rpc.call("anvil_reorg", 1, [])
    with pytest.raises(SendError, match=r"1 transactions failed:\nrow 0: ran out of its 21100 gas"):
        sender.settle()
    assert counting.count == 1


def test_receipt_counts_only_when_so_many_blocks_follow(chain, counting, mine):
    waiting = Sender(counting.rpc, counting.keyring, confirmations=3)
    waiting.submit(counting.calls(1))

    def mine_slowly():
        for _ in range(5):
            time.sleep(0.1)
            chain.rpc("evm_mine")

    mining = threading.Thread(target=mine_slowly)
    mining.start()
    [receipt] = waiting.settle()
    assert chain.height() >= receipt.block + 3
    mining.join()


# ------------------------------------------------------------------------ MADE SURE OF WITHOUT RECEIPTS


@pytest.fixture
def asked(counting, monkeypatch):
    """The methods that the node was asked for."""
    methods, batch = [], Rpc.batch

    def listening(rpc, requests):
        requests = list(requests)
        methods.extend(request.method for request in requests)
        return batch(rpc, requests)

    monkeypatch.setattr(Rpc, "batch", listening)
    return methods


def test_what_the_chain_shows_done_needs_no_receipt(counting, sender, asked):
    receipts = sender.send(counting.calls(5), is_done=lambda: counting.count == 5)
    assert [receipt.gas_used for receipt in receipts] == [None] * 5
    assert "eth_getTransactionReceipt" not in asked
    for receipt in receipts:
        found = counting.rpc.call("eth_getTransactionReceipt", receipt.hash)
        assert (found["status"], int(found["blockNumber"], 16)) == ("0x1", receipt.block)


def test_failure_is_told_where_the_chain_does_not_show_all_done(counting, sender):
    calls = [*counting.calls(2), *counting.calls(1, gas=21_100)]
    with pytest.raises(SendError, match=r"1 transactions failed:\nrow 0: ran out of its 21100 gas") as caught:
        sender.send(calls, is_done=lambda: counting.count == 3)
    assert all(receipt.gas_used for receipt in caught.value.receipts)
    assert len(caught.value.receipts) == 2


def test_block_that_was_reorganised_before_all_was_done_is_made_up_for(counting, sender):
    reorganised = []

    def is_done():
        if not reorganised:
            reorganised.append(counting.rpc.call("anvil_reorg", 1, []))
        return counting.count == 3

    assert len(sender.send(counting.calls(3), is_done=is_done)) == 3
    assert counting.count == 3


def test_block_that_goes_while_it_is_asked_for_is_asked_for_again(counting, sender, monkeypatch):
    height, heights = Sender._height, []

    def one_too_high_at_first(sender):
        heights.append(height(sender))
        return heights[-1] + (len(heights) == 1)

    monkeypatch.setattr(Sender, "_height", one_too_high_at_first)
    assert len(sender.send(counting.calls(3), is_done=lambda: counting.count == 3)) == 3


def test_dropped_transaction_is_missed_without_receipts_too(counting, mine):
    dropped = []

    def drop_one_then_mine():
        for nonces in counting.rpc.call("txpool_content")["pending"].values():
            if not dropped:
                dropped.append(nonces[max(nonces, key=int)]["hash"])
                counting.rpc.call("anvil_dropTransaction", dropped[0])
        mine()

    sender = Sender(counting.rpc, counting.keyring, mine=drop_one_then_mine, resend_seconds=0.2)
    assert len(sender.send(counting.calls(4), is_done=lambda: counting.count == 4)) == 4
    assert counting.count == 4


def test_no_more_is_in_flight_than_fits_into_a_block(chain, counting, mine):
    waiting = []

    def count_then_mine():
        waiting.append(int(counting.rpc.call("txpool_status")["pending"], 16))
        mine()

    sender = Sender(counting.rpc, counting.keyring, mine=count_then_mine)
    assert len(sender.send(counting.calls(9, gas=9_000_000))) == 9  # a block has 30 million
    assert max(waiting) == 3
    assert counting.count == 9


# ------------------------------------------------------------------------------- LOST IN THE NODE


def test_transactions_dropped_at_random_are_sent_again(counting, mine):
    dropped = []

    def drop_some_then_mine():
        for nonces in counting.rpc.call("txpool_content")["pending"].values():
            for nonce, waiting in nonces.items():
                if int(nonce) % 3 == 0 and waiting["hash"] not in dropped:
                    dropped.append(waiting["hash"])
                    counting.rpc.call("anvil_dropTransaction", waiting["hash"])
        mine()

    sender = Sender(counting.rpc, counting.keyring, mine=drop_some_then_mine, resend_seconds=0.2)
    assert len(sender.send(counting.calls(20))) == 20
    assert counting.count == 20
    assert len(dropped) >= 6


def test_node_that_hangs_for_a_while_is_waited_for(chain, counting, mine):
    sender = Sender(counting.rpc, counting.keyring, mine=mine, resend_seconds=0.2)
    os.kill(chain.process.pid, signal.SIGSTOP)
    waking = threading.Timer(0.7, os.kill, (chain.process.pid, signal.SIGCONT))
    waking.start()
    sender.send(counting.calls(5))
    assert counting.count == 5


class TestRestart:
    """The node's process ends, and another takes its place at the same port."""

    @pytest.fixture
    def node(self, tmp_path):
        """Starts the node anew, each time from what it left."""
        started = []

        def start(**options):
            if started:
                started[-1].stop()
            known = {"chain_id": 31337, "genesis_time": GENESIS, "state_file": tmp_path / "state.json"}
            port = {"port": started[-1].port} if started else {}
            started.append(LocalChain.anvil(**{**known, **port, **options}))
            return started[-1]

        yield start
        started[-1].stop()

    @pytest.fixture
    def counting(self, node):
        return Counting.deployed(node(), mine=lambda: None)

    def test_node_that_restarts_with_its_state_is_waited_for(self, node, counting):
        sender = Sender(counting.rpc, counting.keyring, resend_seconds=0.2)
        sender.submit(counting.calls(30))
        # Anvil writes its state while it mines: the sender's nonce as before a block, the rest as after it.
        while counting.count < 30:
            time.sleep(0.01)
        node()
        sender.submit(counting.calls(30))
        assert len(sender.settle()) == 60
        assert counting.count == 60

    def test_what_a_restarted_node_has_forgotten_is_sent_again(self, node, counting, tmp_path):
        """It comes back with an older state, as after a crash."""
        sender = Sender(counting.rpc, counting.keyring, resend_seconds=0.2)
        sender.send(counting.calls(3))
        node()
        sender.send(counting.calls(4))
        assert counting.count == 7
        older = (tmp_path / "state.json").read_bytes()
        sender.send(counting.calls(5))
        assert counting.count == 12
        counting.rpc.close()
        (tmp_path / "older.json").write_bytes(older)
        node(state_file=tmp_path / "older.json")
        sender.send(counting.calls(1))
        assert counting.count == 13

    def test_other_chain_at_the_same_port_is_told_and_nothing_sent_to_it(self, node, counting, tmp_path):
        sender = Sender(counting.rpc, counting.keyring, resend_seconds=0.2)
        sender.send(counting.calls(1))
        other = node(genesis_time=GENESIS + 1, state_file=tmp_path / "other.json")
        with pytest.raises(WrongChainError, match="came back as"):
            sender.send(counting.calls(1))
        assert other.height() == 0

    def test_chain_without_the_contract_is_told_and_nothing_sent_to_it(self, node, counting, tmp_path):
        code = bytes.fromhex(counting.rpc.call("eth_getCode", counting.address, "latest")[2:])
        hashes = {counting.address: "0x" + keccak(code).hex()}
        sender = Sender(counting.rpc, counting.keyring, code_hashes=hashes, resend_seconds=0.2)
        sender.send(counting.calls(1))
        reset = node(state_file=tmp_path / "reset.json")
        with pytest.raises(WrongChainError, match=f"the code at {counting.address} has hash"):
            sender.send(counting.calls(1))
        assert reset.height() == 0

    def test_node_that_stays_away_is_told(self, node, counting):
        sender = Sender(counting.rpc, counting.keyring, stall_seconds=0.5)
        counting.rpc.close()
        node().stop()
        with pytest.raises(StalledError, match=r"does not answer|got no receipt"):
            sender.send(counting.calls(1))


# ------------------------------------------------------------------------------- WRONG CHAIN


def test_other_code_than_recorded_is_refused_before_anything_is_signed(counting):
    with pytest.raises(WrongChainError, match="recorded is 0x00"):
        Sender(counting.rpc, counting.keyring, code_hashes={counting.address: "0x" + "00" * 32})


def test_contract_that_is_not_recorded_is_refused(counting):
    sender = Sender(counting.rpc, counting.keyring, code_hashes={})
    with pytest.raises(WrongChainError, match=f"{counting.address} is none of the recorded contracts"):
        sender.send(counting.calls(1))
    assert counting.rpc.call("txpool_status") == {"pending": "0x0", "queued": "0x0"}


# ------------------------------------------------------------------------------- SOMEBODY ELSE'S USE


def test_nonce_that_somebody_else_uses_up_is_replaced(counting, sender, mine):
    """The same key at two desks: the second's transactions get new nonces, none is lost, none is doubled."""
    other = Sender(counting.rpc, counting.keyring, mine=mine)
    sender.send(counting.calls(1))
    other.send([call._replace(data=b"other" + call.data) for call in counting.calls(4)])
    assert len(sender.send(counting.calls(5))) == 5
    assert counting.count == 10


def test_transactions_in_the_way_in_the_pool_are_waited_for(counting, sender, mine):
    """Another desk's are there first, under the same nonces, and not mined yet."""
    sender.send(counting.calls(1))
    other = Sender(counting.rpc, counting.keyring, mine=lambda: None)
    other.submit([call._replace(data=b"other" + call.data) for call in counting.calls(4)])
    assert counting.rpc.call("txpool_status")["pending"] == "0x4"
    assert len(sender.send(counting.calls(6))) == 6
    assert len(other.settle()) == 4
    assert counting.count == 11


def test_two_senders_at_once_carry_out_everything_of_both():
    """With one key, each counting nonces for itself, on a chain that mines by itself."""
    with LocalChain.anvil(block_seconds=0.1) as chain:
        run_two_senders(chain, Counting.deployed(chain, mine=lambda: None))


def run_two_senders(chain, counting):
    told = []

    def run(mark):
        rpc = Rpc(chain.url)
        sender = Sender(rpc, counting.keyring, resend_seconds=0.3)
        for part in range(2):
            calls = [
                call._replace(data=bytes([mark, part]) + call.data, row=f"{mark} {part} {call.row}")
                for call in counting.calls(20)
            ]
            told.extend(receipt.row for receipt in sender.send(calls))
        rpc.close()

    threads = [threading.Thread(target=run, args=(mark,)) for mark in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == len(set(told)) == counting.count == 80


# ------------------------------------------------------------------------------- FEES


class TestFees:
    """Where transactions cost something."""

    GWEI = 10**9

    @pytest.fixture
    def chain(self):
        """One whose price of gas nobody else minds."""
        with LocalChain.anvil(on_demand=True) as chain:
            yield chain

    @pytest.fixture
    def rich(self, chain, counting):
        chain.rpc("anvil_setBalance", counting.account, hex(10**20))
        return counting

    @pytest.fixture
    def base_fee(self, chain):
        return lambda wei: chain.rpc("anvil_setNextBlockBaseFeePerGas", hex(wei))

    def test_stuck_transaction_is_replaced_at_a_higher_price(self, chain, rich, base_fee, mine):
        def mine_at_twice_the_price():
            base_fee(2 * self.GWEI)
            mine()

        sender = Sender(
            rich.rpc,
            rich.keyring,
            mine=mine_at_twice_the_price,
            gas_price=self.GWEI,
            resend_seconds=0.1,
            raise_seconds=0.1,
        )
        receipts = sender.send(rich.calls(3))
        assert rich.count == 3
        prices = {int(rich.rpc.call("eth_getTransactionByHash", r.hash)["gasPrice"], 16) for r in receipts}
        assert min(prices) >= 2 * self.GWEI
        assert max(prices) <= 10 * self.GWEI

    def test_price_is_raised_no_further_than_allowed(self, rich, base_fee, mine):
        def mine_at_a_price_beyond():
            base_fee(50 * self.GWEI)
            mine()

        sender = Sender(
            rich.rpc,
            rich.keyring,
            mine=mine_at_a_price_beyond,
            gas_price=self.GWEI,
            max_gas_price=3 * self.GWEI,
            resend_seconds=0.05,
            raise_seconds=0.05,
            stall_seconds=1.5,
        )
        with pytest.raises(StalledError, match="1 transactions got no receipt"):
            sender.send(rich.calls(1))
        [attempts] = [sent.attempts for sent in sender._flight.values()]
        assert max(attempt.price for attempt in attempts) == 3 * self.GWEI
        assert rich.count == 0

    def test_price_that_nobody_named_is_a_quarter_above_the_nodes(self, chain, rich, mine):
        named = int(rich.rpc.call("eth_gasPrice"), 16)
        sender = Sender(rich.rpc, rich.keyring, mine=mine, gas_price=None)
        [receipt] = sender.send(rich.calls(1))
        paid = int(rich.rpc.call("eth_getTransactionByHash", receipt.hash)["gasPrice"], 16)
        assert paid == named * 5 // 4

    def test_account_that_cannot_pay_is_told(self, chain, counting, mine):
        poor = Sender(counting.rpc, counting.keyring, mine=mine, gas_price=self.GWEI, stall_seconds=2)
        chain.rpc("anvil_setBalance", counting.account, "0x0")
        with pytest.raises(SendError, match=r"row 0: .*[Ii]nsufficient funds"):
            poor.send(counting.calls(1))


def test_progress_is_told_as_it_is_made(counting, sender):
    told = []
    sender.send(counting.calls(150), progress=told.append)
    assert sum(told) == 150
    sender.send(counting.calls(1))
    assert sum(told) == 150


def test_fillers_of_refused_rows_are_not_progress(counting, sender):
    told = []
    with pytest.raises(SendError):
        sender.send([*counting.calls(1, gas=1_000), *counting.calls(2)], progress=told.append)
    assert sum(told) == 2


def test_account_without_a_key_for_a_row_sends_nothing(counting, sender):
    stranger = LocalKeyring(None, "other").account("stranger")
    rows = [*counting.calls(1), Transaction(stranger, counting.address, b"", 60_000, "stranger")]
    with pytest.raises(Exception, match="no key"):
        sender.send(rows)
    assert counting.count == 0
