"""What a list has granted, read from the chain: which residents, and how many points each.

    kept = read_lists_of(desk, service, [occurrence])      # every list that was approved for it
    granted_rows(desk, service, kept[0])                   # of one of them

A file on an officer's disk says what somebody wants; what was granted stands on the chain. The transactions
that ran a list hold its rows, and its root on the chain proves them: a row counts only if it leads there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from scripts.lib.administration.desk import Desk
from scripts.lib.administration.programmes import SERVICE
from scripts.lib.calls import View
from scripts.lib.contract_abi import decode_call, event_topic
from scripts.lib.grant_list import ROWS_OF_LEAF, Branch, root_of, rows_of
from scripts.lib.node.event_log import read_events
from scripts.lib.node.rpc import Request


class KeptList(NamedTuple):
    """A list as GrantProgrammes keeps it (IGrantProgrammes.Batch), with its number."""

    batch: int
    root: bytes
    occurrence: int
    rows: int
    total_points: int
    granted_points: int
    fiscal_year: int
    is_stopped: bool


class GrantedRow(NamedTuple):
    """A row that a list has granted: its place in the list, counted from 0, the resident and the points."""

    batch: int
    row: int
    number: int
    points: int


def read_lists_of(desk: Desk, service: str, occurrences: Sequence[int]) -> list[KeptList]:
    """Return the lists that were approved for some occurrences, oldest first."""
    wanted = [f"0x{occurrence:064x}" for occurrence in occurrences]
    topics = [event_topic(SERVICE, "BatchApproved"), None, wanted]
    events = list(read_events(desk.connection.rpc, [service], desk.first_block, topics=topics))
    numbers = [event.arguments["batch"] for event in events]
    answers = desk.read([View(SERVICE, service, "batchOf", (number,)) for number in numbers])
    return [_kept(number, answer) for number, answer in zip(numbers, answers, strict=True)]


def granted_rows(desk: Desk, service: str, kept: KeptList) -> list[GrantedRow]:
    """Return the rows that a list has granted, in its order.

    Those that were run through another contract (a wallet), so that their rows stand in no transaction to the
    service, are not among them.
    """
    run = _rows_run(desk, service, kept)
    if sum(row.points for row in run) == kept.granted_points:
        return run
    views = [View(SERVICE, service, "isRowGranted", (kept.batch, row.row)) for row in run]
    return [row for row, is_granted in zip(run, desk.read(views), strict=True) if is_granted]


def _kept(batch: int, answer: Sequence[Any]) -> KeptList:
    root, _, occurrence, rows, _, fiscal_year, total, granted, is_stopped, _ = answer
    return KeptList(batch, bytes(root), occurrence, rows, total, granted, fiscal_year, is_stopped)


def _rows_run(desk: Desk, service: str, kept: KeptList) -> list[GrantedRow]:
    """Return all rows of the list that stand in transactions which ran it, granted or skipped."""
    topics = [event_topic(SERVICE, "RowsRun"), f"0x{kept.batch:064x}"]
    events = read_events(desk.connection.rpc, [service], desk.first_block, topics=topics)
    transactions = dict.fromkeys(event.transaction for event in events)
    answers = desk.connection.rpc.results(
        Request("eth_getTransactionByHash", (transaction,)) for transaction in transactions
    )
    found: dict[int, GrantedRow] = {}
    for branch in _branches(kept, (bytes.fromhex(answer["input"][2:]) for answer in answers)):
        first = branch.first_leaf * ROWS_OF_LEAF
        for place, row in enumerate(rows_of(branch.words), first):
            if row.points and place < kept.rows:
                found[place] = GrantedRow(kept.batch, place, row.number, row.points)
    return [found[place] for place in sorted(found)]


def _branches(kept: KeptList, sent: Iterable[bytes]) -> Iterable[Branch]:
    """Yield the branches of the list that some transactions hold."""
    for data in sent:
        call = decode_call(data, SERVICE)
        if call is None or call.function not in ("run", "claim"):
            continue
        a = call.arguments
        first = a["firstLeaf"] if call.function == "run" else a["row"] // ROWS_OF_LEAF
        branch = Branch(first, list(a["words"]), list(a["siblings"]))
        if _leads_to(kept, branch):
            yield branch


def _leads_to(kept: KeptList, branch: Branch) -> bool:
    try:
        return root_of(kept.rows, branch) == kept.root
    except ValueError:
        return False
