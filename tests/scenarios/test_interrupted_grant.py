"""A clerk grants everybody from one list, and everything goes wrong on the way; then it is run again.

The program is killed, the line cut, the node restarted, the chain reorganised, transactions are dropped, the
disk is full, it is the wrong chain, a colleague runs the same. In the end everybody has their points exactly
once (I7), and what the last run says is true; the auditor, who reads the chain alone, agrees.

By default 160 residents; `make test-faults` takes 10,000, and kills 25 runs.
"""

import os
import random
import resource
import threading
import time

import pytest
from eth_utils import keccak

from scripts.lib.audit.fetch import fetch
from scripts.lib.audit.verify import verify
from scripts.lib.block_ticker import ticking
from scripts.lib.bulk_grants import run_list
from scripts.lib.chain import LocalChain
from scripts.lib.event_log import read_events
from scripts.lib.journal import Journal, JournalError
from scripts.lib.keyring import LocalKeyring
from scripts.lib.rpc import Rpc
from scripts.lib.sender import Sender, WrongChainError
from tests.support.books import check_books
from tests.support.crowd import Crowd
from tests.support.killed import DONE, KILLED, ending_of, run_until_killed, start
from tests.support.line import Line
from tests.support.office_town import open_town

FULL = bool(os.environ.get("JICHITAI_FULL_SIZE"))
RESIDENTS, ROWS_A_TRANSACTION, KILLS, FAULTS = (10_000, 32, 25, 20) if FULL else (160, 16, 4, 2)
MOST_STEPS = 90 if FULL else 24
GENESIS = 1_775_001_600  # 1 April 2026 in Japan: a fiscal year is before the list
CHAIN_ID = 31337
BLOCK_SECONDS = 0.2 if FULL else 0.05


@pytest.fixture(autouse=True)
def isolation():
    """Nothing happens on the chain that the other scenarios share."""


@pytest.fixture(autouse=True)
def books_that_balance():
    """The town here has books of its own."""


class Node:
    """A node whose process ends and comes back with its state, at the same port."""

    def __init__(self, folder):
        self._state = folder / "state.json"
        self.is_resting = False
        self.chain = self._start()

    def _start(self, **options):
        return LocalChain.anvil(
            chain_id=CHAIN_ID,
            genesis_time=GENESIS,
            state_file=self._state,
            on_demand=True,
            kept_states=8,
            **options,
        )

    def ticked(self):
        """The chain that is to mine a block now."""
        if self.is_resting:
            raise ValueError("no block now")
        return self.chain

    def restart(self):
        port = self.chain.port
        self.chain.stop()
        self.chain = self._start(port=port)


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    node = Node(tmp_path_factory.mktemp("node"))
    with ticking(node.ticked, BLOCK_SECONDS):
        yield node
    node.chain.stop()


@pytest.fixture(scope="module")
def line(node):
    line = Line(node.chain.port)
    yield line
    line.close()


@pytest.fixture(scope="module")
def crowd(node):
    chain = node.chain
    town = open_town(chain, Rpc(chain.url), LocalKeyring(chain, "interrupted"))
    return Crowd.settled(town, RESIDENTS)


@pytest.fixture
def task(crowd, tmp_path):
    """A list that was approved, and what has to be true when it has been run."""
    task = Task(crowd, tmp_path)
    yield task
    check_books(crowd.town.rpc, crowd.town.token)


class Task:
    def __init__(self, crowd, folder):
        self._crowd = crowd
        self._folder = folder
        self._before = crowd.balances()
        rows = [(number, 100 + number % 89) for number in range(1, RESIDENTS + 1)]
        self.batch, self.grants = crowd.approved(rows)

    def journal(self, rpc, desk="desk"):
        return Journal(rpc.identity(), f"grant-batch-{self.batch}", self._folder / desk)

    def run(self, rpc, *, desk="desk", account="anyone", progress=None, in_flight=4):
        """Do what the clerk's command does."""
        town = self._crowd.town
        with self.journal(rpc, desk) as journal:
            sender = Sender(rpc, town.keyring, journal=journal, in_flight=in_flight, resend_seconds=0.4)
            return run_list(
                rpc,
                sender,
                self._crowd.service,
                self.batch,
                self.grants,
                town.account(account),
                most_rows=ROWS_A_TRANSACTION,
                progress=progress,
            )

    def require_done(self, result):
        """Everybody has their points once, and the result says so."""
        self._crowd.town.rpc.close()  # its connection may be to a node that has ended
        assert (result.granted_before + result.granted_rows, result.rows) == (RESIDENTS, RESIDENTS)
        assert (result.ungranted, result.failures) == ([], [])
        after = self._crowd.balances()
        gained = [now - before for now, before in zip(after, self._before, strict=True)]
        assert gained == [row.points for row in self.grants.rows]
        told = [
            event.arguments
            for event in read_events(self._crowd.town.rpc, [self._crowd.service])
            if event.name == "RowsRun" and event.arguments["batch"] == self.batch
        ]
        assert sum(run["grantedRows"] for run in told) == RESIDENTS
        assert sum(run["grantedPoints"] for run in told) == self.grants.total_points

    def require_verified(self, node):
        """The auditor, who reads nothing but the chain, finds nothing."""
        node.is_resting = (
            True  # the node keeps the states of few blocks, and the auditor asks for one of them
        )
        try:
            rpc, folder = Rpc(node.chain.url), self._folder / "audit"
            fetch(rpc, self._crowd.town.platform, folder)
            assert verify(rpc, folder).violations == []
        finally:
            node.is_resting = False


def test_runs_killed_with_the_line_cut_and_the_node_restarted_grant_everybody_once(node, line, task):
    pick = random.Random(9)
    endings = []
    while endings.count(KILLED) < KILLS:
        process = start(line.url, lambda rpc: task.run(rpc), steps=pick.randrange(6, MOST_STEPS))
        if len(endings) % 3 == 1:
            time.sleep(pick.random() / 4)
            line.cut()
            threading.Timer(0.3, line.mend).start()
        if len(endings) % 5 == 2:
            node.restart()
        endings.append(ending_of(process))
        assert endings[-1] != DONE, f"the list was done before it was killed {KILLS} times"
    line.mend()
    result = task.run(Rpc(line.url))
    assert 0 < result.granted_before < RESIDENTS
    task.require_done(result)
    task.require_verified(node)
    again = task.run(Rpc(line.url))
    assert (again.receipts, again.granted_rows) == ([], 0)
    task.require_done(again)


def test_blocks_reorganised_and_transactions_dropped_on_the_way_grant_everybody_once(node, task):
    pick, chain = random.Random(5), node.chain
    approved_at = chain.height()
    reorganised, dropped = [], []

    def spoil(_rows):
        """Do harm while the run is under way."""
        pool = chain.rpc("txpool_content")["pending"].values()
        waiting = [each["hash"] for nonces in pool for each in nonces.values()]
        if waiting and len(dropped) < FAULTS:
            dropped.append(pick.choice(waiting))
            chain.rpc("anvil_dropTransaction", dropped[-1])
        elif len(reorganised) < FAULTS:
            reorganised.append(min(pick.randrange(1, 4), chain.height() - approved_at))
            chain.rpc("anvil_reorg", reorganised[-1], [])

    result = task.run(Rpc(chain.url), progress=spoil)
    assert len(reorganised) == FAULTS
    assert dropped or not FULL
    task.require_done(result)
    task.require_verified(node)


def test_full_disk_stops_the_run_and_room_lets_it_go_on(node, task):
    url = node.chain.url

    def run_on_a_small_disk(rpc):
        resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, resource.RLIM_INFINITY))
        with pytest.raises(JournalError, match="make room"):
            task.run(rpc)

    assert ending_of(start(url, run_on_a_small_disk)) == DONE
    result = task.run(Rpc(url))
    assert 0 < result.granted_before < RESIDENTS
    task.require_done(result)


@pytest.mark.parametrize(
    "accounts", [("anyone", "anyone"), ("anyone", "somebody")], ids=["one key", "two keys"]
)
def test_two_clerks_at_two_desks_at_once_grant_everybody_once(node, task, accounts):
    url = node.chain.url
    clerks = [
        start(
            url,
            lambda rpc, desk=desk, account=account: task.run(rpc, desk=desk, account=account, in_flight=8),
        )
        for desk, account in zip(("desk", "other desk"), accounts, strict=True)
    ]
    assert [ending_of(clerk) for clerk in clerks] == [DONE, DONE]
    task.require_done(task.run(Rpc(url)))


def test_second_clerk_at_the_same_desk_is_told_to_wait(node, task):
    url = node.chain.url
    with (
        task.journal(Rpc(url)),
        pytest.raises(JournalError, match="by somebody else right now"),
    ):
        task.run(Rpc(url))
    task.require_done(task.run(Rpc(url)))


def test_wrong_chain_is_told_and_gets_nothing(node, task, crowd):
    """It has the same chain id, and even the same contracts' addresses could be there."""
    url = node.chain.url
    assert run_until_killed(8, url, lambda rpc: task.run(rpc))
    with LocalChain.anvil(chain_id=CHAIN_ID, genesis_time=GENESIS + 60) as other:
        elsewhere = Rpc(other.url)
        with task.journal(Rpc(url)) as journal, pytest.raises(WrongChainError, match="is meant"):
            Sender(elsewhere, crowd.town.keyring, journal=journal)
        with pytest.raises(WrongChainError, match="has hash"):
            code = bytes.fromhex(Rpc(url).call("eth_getCode", crowd.service, "latest")[2:])
            hashes = {crowd.service: "0x" + keccak(code).hex()}
            Sender(elsewhere, crowd.town.keyring, code_hashes=hashes)
        assert other.height() == 0
        assert elsewhere.call("txpool_status") == {"pending": "0x0", "queued": "0x0"}
    task.require_done(task.run(Rpc(url)))
