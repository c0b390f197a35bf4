"""A clerk grants everybody from one file, and everything goes wrong on the way; then it is run again.

What runs is the officers' own command, `python -m scripts.municipality grant`, as a process. It is killed
(kill -9) at random points, the line cut, the node restarted with its state, the chain reorganised,
transactions are dropped, the disk fills up, it is the wrong chain, a colleague runs the same. In the end
everybody has their points exactly once (I7), what the last run says is true, and the auditor's commands,
which read the chain alone, find nothing.

By default 240 residents; `make test-faults` takes 10,000, and kills 25 runs.
"""

import contextlib
import os
import random
import resource
import threading
import time

import pytest

from scripts.lib.administration.execution import ExitCode
from scripts.lib.bulk.grants import run_data
from scripts.lib.grant_list import Branch
from scripts.lib.node.block_ticker import ticking
from scripts.lib.node.event_log import read_events
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.node.rpc import Rpc
from tests.support.granting_town import Command, GrantingTown, Summary
from tests.support.line import Line

FULL = bool(os.environ.get("JICHITAI_FULL_SIZE"))
RESIDENTS, KILLS, FAULTS = (10_000, 25, 20) if FULL else (240, 4, 2)
BLOCK_GAS = (
    2_500_000 if FULL else 1_300_000
)  # 32 or 16 rows fit into a transaction then, and one into a block
BLOCK_SECONDS = 0.1 if FULL else 0.05
REQUESTS_OF_A_SURVEY, REQUESTS_AFTER_SENDING = (350, 60) if FULL else (30, 6)
at_full_size = pytest.mark.skipif(not FULL, reason="tests/scripts has it for a short list; make test-faults")
SEED = int(os.environ.get("JICHITAI_SEED", "9"))
GENESIS = 1_743_465_600  # 1 April 2025, 09:00 in Japan
CHAIN_ID = 31337
KILLED = -9
SENDING = b"eth_sendRawTransaction"
ROWS_SENT = run_data(0, Branch(0, [], []))[:4].hex().encode()
"""What is in a transaction that runs rows of a list."""


@pytest.fixture(autouse=True)
def isolation():
    """Nothing happens on the chain that the other scenarios share."""


@pytest.fixture(autouse=True)
def books_that_balance():
    """The auditor verifies the town here."""


class Node:
    """A node whose process ends and comes back with its state, at the same port."""

    def __init__(self, folder):
        self._state = folder / "state.json"
        self.is_resting = True
        self.chain = self._start()  # it mines at once, until the town is set up

    def _start(self, **options):
        return LocalChain.anvil(chain_id=CHAIN_ID, genesis_time=GENESIS, state_file=self._state, **options)

    def ticked(self):
        """The chain that is to mine a block now."""
        if self.is_resting:
            raise ValueError("no block now")
        return self.chain

    def restart(self):
        port, was_resting = self.chain.port, self.is_resting
        self.is_resting = True  # a block before its clock is set would have the real time
        self.chain.stop()
        self.chain = self._start(port=port, on_demand=True, kept_states=8)
        self.chain.rpc("evm_setBlockGasLimit", hex(BLOCK_GAS))  # the option gives way to the state's
        # Its clock goes on from its last block, not from the real time: the fiscal year must not end.
        self.chain.rpc("evm_setTime", self.chain.now() + 1)
        self.is_resting = was_resting


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    node = Node(tmp_path_factory.mktemp("node"))
    with ticking(node.ticked, BLOCK_SECONDS):
        yield node
    node.chain.stop()


@pytest.fixture(scope="module")
def town(node, tmp_path_factory):
    town = GrantingTown(node.chain, tmp_path_factory.mktemp("town"), RESIDENTS, occurrences=8)
    node.restart()
    node.is_resting = False
    return town


@pytest.fixture(scope="module")
def line(node):
    line = Line(node.chain.port)
    yield line
    line.close()


@pytest.fixture
def task(node, line, town):
    """A list for everybody, and what has to be true when it has been run."""
    line.listener = None
    line.mend()
    return Task(node, line, town)


class Task:
    """The next occurrence's list."""

    def __init__(self, node, line, town):
        self._node, self._line, self._town = node, line, town
        self._label = town.labels.pop(0)
        self._before = town.balances(node.chain.url)
        self._rows = town.rows()
        self.total = sum(points for _, points in self._rows)

    def start(self, *words, desk="desk", url=None):
        return self._town.start(url or self._line.url, self._label, desk, *words)

    def require_done(self):
        """Run it to its end: everybody has their points once, and the command says so."""
        code, said = self.start().end()
        assert code == ExitCode.DONE, said
        assert Summary.of(said) == Summary(RESIDENTS, 0, self.total)
        after = self._town.balances(self._node.chain.url)
        gained = [now - before for now, before in zip(after, self._before, strict=True)]
        assert gained == [points for _, points in self._rows]
        self._require_run_once()
        return said

    def _require_run_once(self):
        events = list(read_events(Rpc(self._node.chain.url), [self._town.service]))
        approved = [event.arguments["batch"] for event in events if event.name == "BatchApproved"]
        told = [event.arguments for event in events if event.name == "RowsRun"]
        runs = [run for run in told if run["batch"] == approved[-1]]
        assert sum(run["grantedRows"] for run in runs) == RESIDENTS
        assert sum(run["grantedPoints"] for run in runs) == self.total

    def require_verified(self):
        """The auditor's commands find nothing."""
        self._node.is_resting = True  # the node keeps few states, and the auditor asks for one of them
        folder = str(self._town.folder / f"audit {self._label}")
        try:
            for words in (("fetch", "--platform", self._town.platform), ("verify",)):
                auditor = Command(
                    "scripts.auditor", *words, "--url", self._node.chain.url, "--folder", folder
                )
                code, said = auditor.end()
                assert code == 0, said
        finally:
            self._node.is_resting = False


class Killing:
    """Kills a command when it has said so much to the node, and makes trouble on the line before.

    Args:
        requests: how many it may make, of all or of those from its first transaction on.
        from_sending: whether those alone count.
        is_heard: whether the node hears the last of them.
        trouble: made half way, in a thread.
    """

    def __init__(self, command, line, requests, *, from_sending=False, is_heard=True, trouble=None):
        self._command, self._left = command, requests
        self._is_counting, self._is_heard = not from_sending, is_heard
        self._trouble, self._trouble_at = trouble, requests // 2
        line.listener = self.listen

    def listen(self, content):
        self._is_counting = self._is_counting or SENDING in content
        if not self._is_counting:
            return
        self._left -= content.count(b"POST ")
        if self._trouble is not None and self._left <= self._trouble_at:
            threading.Thread(target=self._trouble).start()
            self._trouble = None
        if self._left <= 0:
            self._command.process.kill()
            if not self._is_heard:
                raise OSError


def test_command_killed_with_the_line_cut_and_the_node_restarted_grants_everybody_once(node, line, task):
    print(f"JICHITAI_SEED={SEED}")
    pick = random.Random(SEED)

    def cut():
        line.cut()
        time.sleep(0.3)
        line.mend()

    troubles = [None, cut, None, node.restart, None]
    endings = []
    while endings.count(KILLED) < KILLS:
        from_sending = len(endings) % 2 == 1
        most = REQUESTS_AFTER_SENDING if from_sending else REQUESTS_OF_A_SURVEY
        command = task.start()
        Killing(
            command,
            line,
            pick.randint(1, most),
            from_sending=from_sending,
            is_heard=pick.random() < 0.5,
            trouble=troubles[len(endings) % len(troubles)],
        )
        code, said = command.end()
        if code == ExitCode.REJECTED_INPUT:  # the line was cut before anything was sent
            assert "のノードに接続できません" in said, said
        else:
            assert code in (KILLED, ExitCode.PARTLY_DONE), (
                f"{code} before it was killed {KILLS} times: {said}"
            )
        endings.append(code)
    print(f"{endings.count(KILLED)} killed, {len(endings) - KILLS} broke off")
    line.listener = None
    said = task.require_done()
    assert "何も送信していません" not in said, "nothing was left to the last run"
    assert "何も送信していません" in task.require_done()
    task.require_verified()


def test_blocks_reorganised_and_transactions_dropped_on_the_way_grant_everybody_once(node, line, task):
    pick, chain = random.Random(SEED), node.chain
    reorganised, dropped, sent = [], [], []

    def listen(content):
        sent.append(ROWS_SENT in content)

    line.listener = listen
    command = task.start()
    while command.is_running:
        time.sleep(2 * BLOCK_SECONDS)
        if sum(sent) < 3:  # the list is approved before, and stays so
            continue
        pool = chain.rpc("txpool_content")["pending"].values()
        waiting = [each["hash"] for nonces in pool for each in nonces.values()]
        if waiting and len(dropped) < FAULTS:
            dropped.append(pick.choice(waiting))
            chain.rpc("anvil_dropTransaction", dropped[-1])
        elif len(reorganised) < FAULTS:
            reorganised.append(pick.randint(1, 3))
            chain.rpc("anvil_reorg", reorganised[-1], [])
    code, said = command.end()
    assert code == ExitCode.DONE, said
    assert len(reorganised) == FAULTS and dropped
    task.require_done()
    if FULL:
        task.require_verified()


def test_disk_that_fills_up_stops_the_command_and_room_lets_it_go_on(line, town, task, monkeypatch):
    def fill(content):
        """Let no file of the command grow any more, when its first rows are being sent."""
        if ROWS_SENT in content:
            [journal] = (town.folder / "desk" / "journals").rglob("municipality-grant-*.journal")
            most = journal.stat().st_size + 1_000
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(command.process.pid, resource.RLIMIT_FSIZE, (most, most))

    with monkeypatch.context() as without:
        # What measures the coverage of the command writes a file too, which finds no room.
        without.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
        command = task.start()
    line.listener = fill
    code, said = command.end()
    line.listener = None
    assert code == ExitCode.PARTLY_DONE, said
    assert "空き容量を確保して再度実行してください" in said
    assert "何も送信していません" not in task.require_done()


@pytest.mark.parametrize("is_same_key", [True, *[False] * FULL], ids=["one key", *["two keys"] * FULL])
def test_two_commands_at_two_desks_at_once_grant_everybody_once(town, task, is_same_key):
    words = () if is_same_key else ("--by", town.somebody)
    clerks = [task.start(), task.start(*words, desk="other desk")]
    endings = [clerk.end() for clerk in clerks]
    for code, said in endings:
        assert code in (ExitCode.DONE, ExitCode.PARTLY_DONE, ExitCode.REFUSED_BY_CHAIN), said
    task.require_done()


@at_full_size
def test_second_command_at_the_same_desk_is_told_to_wait(task):
    clerks = [task.start(), task.start()]
    endings = sorted(clerk.end() for clerk in clerks)
    assert [code for code, _ in endings] == [ExitCode.DONE, ExitCode.PARTLY_DONE]
    assert "別の端末で実行中" in endings[1][1]
    task.require_done()


@at_full_size
@pytest.mark.parametrize("genesis", [GENESIS, GENESIS + 60])
def test_wrong_chain_is_told_and_gets_nothing(line, task, genesis):
    """It has the same chain id, even the same genesis; a run for the right one is under way."""
    command = task.start()
    Killing(command, line, 2, from_sending=True)
    assert command.end()[0] == KILLED
    line.listener = None
    with LocalChain.anvil(chain_id=CHAIN_ID, genesis_time=genesis) as other:
        code, said = task.start(url=other.url).end()
        assert code == ExitCode.REJECTED_INPUT, said
        assert "何も送信していません" in said
        assert other.height() == 0
        assert other.rpc("txpool_status") == {"pending": "0x0", "queued": "0x0"}
    task.require_done()
