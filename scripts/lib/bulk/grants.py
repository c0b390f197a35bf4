"""Runs an approved list of grants, or what is left of it, as fast as the node takes it; safe to repeat.

    with Journal(rpc.identity(), f"grant-batch-{batch}") as journal:
        sender = Sender(rpc, keyring, journal=journal)
        result = run_list(rpc, sender, service, batch, grants, runner)

The chain is asked which rows are granted; only the others are sent, in the fewest transactions that fit. The
chain itself grants nobody twice (I7), so that two runs at once, or a run after a kill, do no harm. What the
result says is asked of the chain afterwards, whoever has sent it. Receipts are asked for only when the chain
does not show the whole list granted: each has two logs a row.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import NamedTuple

from scripts.lib.calls import View
from scripts.lib.contract_abi import encode_call, event_topic
from scripts.lib.grant_issue import GrantIssue
from scripts.lib.grant_list import ROWS_OF_LEAF, ROWS_OF_WORD, Branch, GrantList
from scripts.lib.node.event_log import logs_in_blocks
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.sender import Sender
from scripts.lib.node.transactions import Failure, Receipt, SendError, Transaction
from scripts.lib.node.view_reader import read_views
from scripts.lib.town_year.programme_plan import GAS_BESIDES, GAS_PER_ROW, MOST_GAS

SERVICE = "GrantProgrammes"
_WORD = 32
MOST_ROWS = (MOST_GAS - GAS_BESIDES) // GAS_PER_ROW
"""So many rows fit into a transaction for certain, where blocks are no smaller than that."""


class GrantRunError(Exception):
    """The list is not what the chain has under the batch's number, or can run no more; nothing was sent."""


class Ungranted(NamedTuple):
    """A row that the batch has not granted.

    Attributes:
        row: its place in the list, counted from 0.
        number: the resident's.
        issue: why not; NONE if its transaction failed or was not sent.
    """

    row: int
    number: int
    points: int
    issue: GrantIssue


@dataclass(frozen=True)
class ListResult:
    """Where a list stands after a run.

    Attributes:
        granted_before: how many rows this batch had granted already.
        granted_rows: how many it has granted now; `granted_points` theirs.
        ungranted: all others; with `granted_rows` they are the whole list.
        failures: transactions that the chain or the node refused.
    """

    rows: int
    granted_before: int
    granted_rows: int
    granted_points: int
    ungranted: list[Ungranted]
    receipts: list[Receipt]
    failures: list[Failure]

    @property
    def is_complete(self) -> bool:
        """Whether there is nothing left that running the list again could grant."""
        return not self.failures and all(
            each.issue in (GrantIssue.ALREADY_GRANTED, GrantIssue.WRONG_POINTS) for each in self.ungranted
        )


def run_list(
    rpc: Rpc,
    sender: Sender,
    service: str,
    batch: int,
    grants: GrantList,
    runner: str,
    *,
    wanted: Set[int] | None = None,
    most_rows: int = MOST_ROWS,
    progress: Callable[[int], None] | None = None,
) -> ListResult:
    """Grant what is left of a list.

    Args:
        service: address of GrantProgrammes.
        batch: its number on the chain.
        grants: the list that was approved as that batch.
        runner: account that sends; it needs no role.
        wanted: rows to try, by place in the list; all that are left if None.
        most_rows: how many rows go into a transaction, where blocks are small: see `rows_that_fit`.
        progress: told how many more rows have been run, whenever some have.

    Raises:
        GrantRunError: it is another list, or was stopped.
        StalledError, JournalError: see Sender; run it again.
    """
    sender.recover()
    before = sender.patiently(lambda: _Standing.of(rpc, service, batch, grants))
    everything = set(range(len(grants.rows))) if wanted is None else set(wanted)
    missing = everything - before.granted - before.elsewhere
    runs: list[_Run] = []
    receipts: list[Receipt] = []
    failures: list[Failure] = []
    wholes: list[_Standing] = []

    def transactions() -> Iterator[Transaction]:
        for branch in branches_of(grants, missing, most_rows):
            runs.append(_run_of(service, batch, branch, grants, runner, missing))
            yield runs[-1].transaction

    def is_granted_whole() -> bool:
        standing = _Standing.of_whole(rpc, service, batch, grants)
        wholes.extend([] if standing is None else [standing])
        return standing is not None

    try:
        receipts = sender.send(
            transactions(),
            progress=_by_rows(runs, progress),
            is_done=is_granted_whole,
        )
    except SendError as error:
        receipts, failures = error.receipts, error.failures
    after = wholes[-1] if wholes else sender.patiently(lambda: _Standing.of(rpc, service, batch, grants))
    skipped: dict[int, GrantIssue] = {}
    if len(after.granted) < len(grants.rows):
        skipped = sender.patiently(lambda: _skipped(rpc, service, batch, receipts))
    return ListResult(
        len(grants.rows),
        len(before.granted),
        len(after.granted) - len(before.granted),
        after.granted_points - before.granted_points,
        [
            Ungranted(
                row,
                *grants.rows[row],
                GrantIssue.ALREADY_GRANTED if row in after.elsewhere else skipped.get(row, GrantIssue.NONE),
            )
            for row in range(len(grants.rows))
            if row not in after.granted
        ],
        receipts,
        failures,
    )


@dataclass(frozen=True)
class _Standing:
    """A list and how far the chain is with it.

    Attributes:
        granted: rows that it has granted.
        elsewhere: rows whose residents another list has granted for the occurrence: these it never will.
    """

    granted_points: int
    granted: Set[int]
    elsewhere: Set[int]

    @classmethod
    def of_whole(cls, rpc: Rpc, service: str, batch: int, grants: GrantList) -> _Standing | None:
        """Return the standing of a list that is granted whole; None if it is not."""
        [kept] = read_views(rpc, [View(SERVICE, service, "batchOf", (batch,))])
        if kept[7] != grants.total_points:
            return None
        return cls(kept[7], frozenset(range(len(grants.rows))), frozenset())

    @classmethod
    def of(cls, rpc: Rpc, service: str, batch: int, grants: GrantList) -> _Standing:
        [kept] = read_views(rpc, [View(SERVICE, service, "batchOf", (batch,))])
        root, _, occurrence, rows, _, _, total_points, granted_points, stopped, _ = kept
        if (bytes(root), rows, total_points) != (grants.root, len(grants.rows), grants.total_points):
            raise GrantRunError(
                f"batch {batch} was approved for another list / 付与リスト{batch}は承認された内容と異なります"
            )
        if stopped:
            raise GrantRunError(f"batch {batch} was stopped / 付与リスト{batch}は停止されています")
        everything = range(len(grants.rows))
        if granted_points in (0, total_points):
            return cls(granted_points, frozenset(everything if granted_points else ()), frozenset())
        views = [View(SERVICE, service, "isRowGranted", (batch, row)) for row in everything]
        granted = {row for row, is_granted in enumerate(read_views(rpc, views)) if is_granted}
        others = [row for row in everything if row not in granted]
        views = [View(SERVICE, service, "isGranted", (occurrence, grants.rows[row].number)) for row in others]
        answers = read_views(rpc, views)
        elsewhere = {row for row, is_granted in zip(others, answers, strict=True) if is_granted}
        return cls(granted_points, granted, elsewhere)


def rows_that_fit(rpc: Rpc) -> int:
    """Return how many rows surely fit into a transaction, and it into a block of the chain."""
    gas = min(MOST_GAS, int(rpc.call("eth_getBlockByNumber", "latest", False)["gasLimit"], 16))
    return (gas - GAS_BESIDES) // GAS_PER_ROW


def rows_of_branch(grants: GrantList, branch: Branch) -> range:
    """Return the places of a branch's rows in the list."""
    first = branch.first_leaf * ROWS_OF_LEAF
    return range(first, min(first + ROWS_OF_WORD * len(branch.words), len(grants.rows)))


def branches_of(grants: GrantList, wanted: Collection[int], most_rows: int = MOST_ROWS) -> Iterator[Branch]:
    """Yield branches that hold all wanted rows and each fit into a transaction, in the list's order.

    A branch is halved while it is too large, or while a half of it holds nothing wanted.

    Args:
        most_rows: how many rows a transaction may hold, if not all that its gas allows.
    """
    leaves = {row // ROWS_OF_LEAF for row in wanted}
    waiting = [(0, 1 << grants.depth)]
    while waiting:
        first, width = waiting.pop()
        inside = [leaf for leaf in range(first, min(first + width, grants.leaf_count)) if leaf in leaves]
        if not inside:
            continue
        half = width // 2
        one_sided = width > 1 and (inside[-1] < first + half or inside[0] >= first + half)
        rows = min(width * ROWS_OF_LEAF, len(grants.rows) - first * ROWS_OF_LEAF)
        if one_sided or rows > max(most_rows, ROWS_OF_LEAF):
            waiting += [(first + half, half), (first, half)]
        else:
            yield grants.branch(first, width)


class _Run(NamedTuple):
    transaction: Transaction
    rows: int


def _run_of(
    service: str, batch: int, branch: Branch, grants: GrantList, runner: str, missing: Set[int]
) -> _Run:
    transaction = run_transaction(service, batch, branch, grants, runner)
    return _Run(transaction, len(missing & set(rows_of_branch(grants, branch))))


def run_transaction(service: str, batch: int, branch: Branch, grants: GrantList, runner: str) -> Transaction:
    """Return the transaction by which anybody runs the rows of a branch."""
    rows = rows_of_branch(grants, branch)
    where = f"rows {rows.start + 1} to {rows.stop} of batch {batch}"
    return Transaction(runner, service, run_data(batch, branch), _most_gas(len(rows)), where)


def run_data(batch: int, branch: Branch) -> bytes:
    """Return the call of `run`, as encode_call would; by hand, as that is most of our own work for a list."""
    words, siblings = branch.words, branch.siblings
    of_words = 4 * _WORD
    of_siblings = of_words + _WORD * (1 + len(words))
    numbers = [batch, branch.first_leaf, of_words, of_siblings, len(words), *words, len(siblings)]
    return _selector() + b"".join(number.to_bytes(_WORD, "big") for number in numbers) + b"".join(siblings)


@cache
def _selector() -> bytes:
    return encode_call(SERVICE, "run", (0, 0, [], []))[:4]


def _most_gas(rows: int) -> int:
    """Return more than running so many rows takes."""
    return GAS_BESIDES + GAS_PER_ROW * rows


def _by_rows(runs: Sequence[_Run], progress: Callable[[int], None] | None) -> Callable[[int], None] | None:
    """Return what tells rows when it is told transactions, which are done in about their order.

    Args:
        runs: filled while they are sent.
    """
    if progress is None:
        return None
    left = iter(runs)
    return lambda transactions: progress(sum(run.rows for run in islice(left, transactions)))


def _skipped(rpc: Rpc, service: str, batch: int, receipts: Sequence[Receipt]) -> dict[int, GrantIssue]:
    """Return why rows were skipped in some transactions, the latest reason of each."""
    topics = [event_topic(SERVICE, "RowSkipped"), f"0x{batch:064x}"]
    return {
        int(log["topics"][2], 16): GrantIssue(int(log["data"], 16))
        for log in logs_in_blocks(rpc, service, topics, (receipt.block for receipt in receipts))
    }
