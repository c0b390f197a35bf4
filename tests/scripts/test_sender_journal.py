"""A program that is killed and run again, with a journal: nothing is lost, nothing is carried out twice.

Each run is a process of its own that kills itself with SIGKILL, at every step it takes. A contract counts
(tests.support.counter).
"""

import resource
import threading
import time

import pytest

from scripts.lib.journal import Journal, JournalError, Signed
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.node.raw_transaction import read_legacy
from scripts.lib.node.rpc import ChainIdentity, Rpc
from scripts.lib.node.sender import Sender, SendError, WrongChainError
from tests.support.counter import Counting
from tests.support.killed import run_until_killed

ROWS = 12


@pytest.fixture(scope="module")
def chain():
    """A chain that mines by itself."""
    with LocalChain.anvil(block_seconds=0.05) as chain:
        yield chain


@pytest.fixture
def counting(chain):
    return Counting.deployed(chain, mine=lambda: None)


@pytest.fixture
def journal(counting, tmp_path):
    """`journal()` opens the task's journal."""
    return lambda task="count": Journal(counting.rpc.identity(), task, tmp_path)


@pytest.fixture
def sender(counting):
    def sender(journal, rpc=None, **options):
        return Sender(
            rpc or counting.rpc,
            counting.keyring,
            journal=journal,
            in_flight=4,
            resend_seconds=0.2,
            **options,
        )

    return sender


def test_run_killed_at_every_step_and_run_again_does_everything_once(chain, counting, journal, sender):
    killed, steps, total = 0, 0, 0
    while True:
        task = f"count-{steps}"

        def work(rpc, task=task):
            with journal(task) as kept:
                sender(kept, rpc).send(counting.intended(ROWS))

        was_killed = run_until_killed(steps, chain.url, work)
        killed += was_killed
        with journal(task) as kept:
            receipts = sender(kept).send(counting.intended(ROWS))
        total += ROWS
        assert [receipt.row for receipt in receipts] == [f"row {place}" for place in range(ROWS)]
        assert counting.count == total, f"killed at step {steps}"
        steps += 3
        if not was_killed:
            break
    assert killed >= 10


def test_run_killed_again_and_again_comes_to_an_end(chain, counting, journal, sender):
    """Each run gets a little further, also while it makes up for the runs before."""

    def work(rpc):
        with journal() as kept:
            sender(kept, rpc).send(counting.intended(ROWS))

    steps = 4
    while run_until_killed(steps, chain.url, work):
        steps += 1
    assert counting.count == ROWS


# ------------------------------------------------------------------------------- WHAT A RUN FINDS


def test_intents_of_an_earlier_run_are_not_sent_again(counting, journal, sender):
    with journal() as kept:
        first = sender(kept).send(counting.intended(5))
    with journal() as kept:
        again = sender(kept).send(counting.intended(8))
    assert [receipt.hash for receipt in again[:5]] == [receipt.hash for receipt in first]
    assert counting.count == 8


def test_intent_is_done_once_within_a_run_too(counting, journal, sender):
    with journal() as kept:
        sending = sender(kept)
        sending.send(counting.intended(3))
        sending.send(counting.intended(4))
    assert counting.count == 4


def test_same_intent_twice_in_one_list_is_refused(counting, journal, sender):
    with journal() as kept, pytest.raises(ValueError, match="line-1 is there twice"):
        sender(kept).send([*counting.intended(2), *counting.intended(1)])


def test_what_has_no_intent_is_sent_by_every_run(counting, journal, sender):
    for _ in range(2):
        with journal() as kept:
            sender(kept).send(counting.calls(3))
    assert counting.count == 6


def test_intent_that_failed_is_tried_again(counting, journal, sender):
    poor = [call._replace(gas=21_100) for call in counting.intended(2)]
    with journal() as kept, pytest.raises(SendError, match="2 transactions failed"):
        sender(kept).send(poor)
    with journal() as kept:
        sender(kept).send(counting.intended(2))
    assert counting.count == 2


def test_intent_whose_nonce_a_filler_took_is_tried_again(counting, journal, sender):
    """The node refused it; nothing was sent under its nonce instead."""
    with journal() as kept, pytest.raises(SendError, match="1 transactions failed"):
        sender(kept).send([call._replace(gas=1_000) for call in counting.intended(1)])
    with journal() as kept:
        sender(kept).send(counting.intended(1))
    assert counting.count == 1


class TestReorganised:
    @pytest.fixture
    def chain(self):
        with LocalChain.anvil() as chain:
            yield chain

    def test_intent_whose_block_was_reorganised_since_is_sent_again(self, chain, counting, journal, sender):
        with journal() as kept:
            first, *_ = sender(kept).send(counting.intended(3))
        chain.rpc("anvil_reorg", chain.height() - first.block + 1, [])
        assert counting.count == 0
        with journal() as kept:
            assert sender(kept).recover() == 3
        assert counting.count == 3


def test_what_was_under_way_is_carried_out_before_the_chain_is_asked(chain, counting, journal, sender):
    """The program was killed between its journal and the node."""
    with journal() as kept:
        sending = sender(kept)
        sending._signed_chunk(counting.intended(3))
    with journal() as kept:
        assert sender(kept).recover() == 3
    assert counting.count == 3


def test_receipts_that_come_late_are_not_taken_for_lost(counting, journal, sender, monkeypatch):
    """A node shows that a nonce is used up before it shows the receipt; nothing is signed anew for that."""
    with journal() as kept:
        sender(kept).send(counting.intended(3))
    batch, shown_from = Rpc.batch, time.monotonic() + 0.6

    def without_receipts(self, requests):
        requests = list(requests)
        asked = {request.method for request in requests}
        hidden = asked == {"eth_getTransactionReceipt"} and time.monotonic() < shown_from
        return [None] * len(requests) if hidden else batch(self, requests)

    monkeypatch.setattr(Rpc, "batch", without_receipts)
    with journal() as kept:
        assert sender(kept).send(counting.intended(3))
    assert counting.count == 3


def test_what_can_never_be_carried_out_any_more_is_left(counting, journal, sender):
    """Its nonce was used up by somebody else meanwhile; it is signed anew when it is asked for."""
    with journal() as kept:
        sender(kept)._signed_chunk(counting.intended(3))
    sender(None).send([call._replace(data=b"other" + call.data) for call in counting.calls(3)])
    with journal() as kept:
        sending = sender(kept)
        assert sending.recover() == 0
        sending.send(counting.intended(3))
    assert counting.count == 6


# ------------------------------------------------------------------------------- WHAT IS REFUSED


def test_journal_of_another_chain_is_refused(counting, sender, tmp_path):
    elsewhere = ChainIdentity(counting.keyring.chain_id, "0x" + "00" * 32)
    with Journal(elsewhere, "count", tmp_path) as kept, pytest.raises(WrongChainError, match="is meant"):
        sender(kept)


def test_two_runs_of_one_task_are_not_at_once(chain, counting, journal, sender):
    """The second is told to wait; run again afterwards it finds everything done."""
    refused = []

    def second():
        try:
            journal()
        except JournalError as error:
            refused.append(str(error))

    with journal() as kept:
        thread = threading.Thread(target=second)
        sending = sender(kept)
        sending.submit(counting.intended(6))
        thread.start()
        thread.join()
        sending.settle()
    assert "by somebody else right now" in refused[0]
    with journal() as kept:
        sender(kept).send(counting.intended(6))
    assert counting.count == 6


def test_full_disk_sends_nothing_that_is_not_noted_and_the_rest_later(counting, journal, sender):
    with journal() as kept:
        full = kept.file.stat().st_size + 2_500
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (full, before[1]))
        try:
            with pytest.raises(JournalError, match="make room"):
                sender(kept).send(counting.intended(ROWS))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        noted = len(kept.signed)
    assert 0 < noted < ROWS
    with journal() as kept:
        sender(kept).recover()
        assert counting.count == noted
        sender(kept).send(counting.intended(ROWS))
    assert counting.count == ROWS


def test_journal_holds_what_the_chain_publishes_and_nothing_else(counting, journal, sender):
    with journal() as kept:
        sender(kept).send([call._replace(row="山田太郎さん") for call in counting.intended(2)])
        content = kept.file.read_text()
        signed = kept.signed
    assert "山田" not in content
    assert [entry.intent for entry in signed] == ["line-1", "line-2"]
    for place, entry in enumerate(signed):
        assert isinstance(entry, Signed)
        transaction = read_legacy(bytes.fromhex(entry.raw[2:]))
        assert (transaction.to, transaction.data) == (counting.address, bytes([place]))
        assert counting.rpc.call("eth_getTransactionByHash", entry.hash)["from"] == entry.account.lower()
