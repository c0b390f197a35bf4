"""Plan, show, confirm, send, record, verify: the way of every command that changes something.

    code = Execution(console, desk, verb, survey, ...).run()

After each round of transactions the chain is asked again: what it shows done falls away, what follows comes
up, and a step whose act was confirmed before is not asked about once more. When nothing can be sent any more,
the last survey is what the summary tells: the figures are the chain's, not a count of what was sent.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

import msgspec
from eth_utils import keccak
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import (
    Task as Bar,
)
from rich.table import Table
from rich.text import Text

from scripts.lib.administration.desk import Desk
from scripts.lib.administration.list_run import ListRun
from scripts.lib.administration.plan import Plan, plan_of, with_nonces, write_plan
from scripts.lib.administration.plan_page import plan_page
from scripts.lib.administration.refusals import refusal_page
from scripts.lib.administration.round import Round, RoundCall, next_round
from scripts.lib.administration.task import CommandError, Survey
from scripts.lib.bilingual import Bilingual
from scripts.lib.bulk_grants import ListResult
from scripts.lib.calls import Call
from scripts.lib.contract_abi import encode_call
from scripts.lib.sender import Receipt, SendError, StalledError
from scripts.lib.transactions import WrongChainError

SLICE_CALLS = 100
"""How many transactions are estimated, and at the most sent, between two movements of the bar."""

NOTHING_SENT = "何も送信していません。/ Nothing was sent."


class ExitCode(IntEnum):
    """How a command ended."""

    DONE = 0
    REJECTED_INPUT = 1
    PARTLY_DONE = 2
    """Something is left: a colleague's approval, a waiting time, rows that cannot go now, a lost line.
    Running the command again goes on where this one stopped."""
    REFUSED_BY_CHAIN = 3


class Mode(IntEnum):
    """What becomes of a plan."""

    PLAN = 0
    SEND = 1


class Rate(ProgressColumn):
    """Rows a second."""

    def render(self, task: Bar) -> Text:
        """Return the speed, once there is one."""
        return Text("" if task.speed is None else f"{task.speed:,.0f} 行/秒 rows/s")


class SentLine(msgspec.Struct, frozen=True):
    """A transaction that a plan brought about, as it is recorded."""

    plan: str
    hash: str
    block: int
    gas_used: int | None
    row: str


@dataclass
class Execution:
    """One run of a command.

    Attributes:
        survey: asks files and chain what is to be done.
        confirm: asks the officer; True to send.
        out: where the plan is written to be signed elsewhere, instead of being sent.
        command, inputs: see Plan.
    """

    console: Console
    desk: Desk
    survey: Callable[[Desk], Survey]
    mode: Mode
    confirm: Callable[[str], bool]
    out: Path | None = None
    command: Sequence[str] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)
    sent: int = 0
    gas: int = 0
    _confirmed: set[bytes] = field(default_factory=set)
    _tried: set[bytes] = field(default_factory=set)
    _is_gas_known: bool = True
    _results: dict[int, ListResult] = field(default_factory=dict)
    """Of the lists that were run, by batch."""

    def run(self) -> ExitCode:
        """Do it; return how it ended.

        Raises:
            BadRows, CommandError, ActError: the input cannot be used; nothing was sent.
            StalledError or connection errors: part of it may have been sent; running again goes on.
        """
        while True:
            survey = self.survey(self.desk)
            found = next_round(self.desk, survey.tasks)
            calls = [each for each in found.calls if _key(each.call) not in self._tried]
            runs = [each for each in found.runs if each.batch not in self._results]
            if not calls and not runs:
                return self._end(survey, found)
            shown = [*calls, *(RoundCall(*each) for run in runs for each in run.calls())]
            plan = plan_of(self.desk, survey, shown, found.waiting, self.command, self.inputs)
            if not self._is_confirmed(plan, shown):
                return ExitCode.DONE if self.mode == Mode.PLAN else ExitCode.PARTLY_DONE
            try:
                self._send(plan, calls, runs)
            except SendError as error:
                return self._refused(error)
            except WrongChainError as error:
                if self.desk.connection.require_sender().has_sent:
                    raise StalledError(str(error)) from error
                raise

    # -------------------------------------------------------------------------------------- CONFIRMING

    def _is_confirmed(self, plan: Plan, calls: Sequence[RoundCall]) -> bool:
        """Show what is new and ask; False if nothing is to be sent."""
        if self.out is not None:
            plan = with_nonces(self.desk, plan, calls)
            write_plan(self.out, plan)
            self.console.print(plan_page(plan, self.desk.connection.rpc.url))
            self.console.print(f"計画を書き出しました / plan written: {self.out}\n{NOTHING_SENT}")
            return False
        subjects = {_content(each.call) for each in calls}
        if self.mode == Mode.SEND and subjects <= self._confirmed:
            return True
        self.console.print(plan_page(plan, self.desk.connection.rpc.url))
        if self.mode == Mode.PLAN:
            self.console.print(
                f"{NOTHING_SENT} 送信するには send を付けて実行します / run again with `send` to send it"
            )
            return False
        if not self.confirm(f"{len(calls):,}件を送信しますか / Send {len(calls):,} transactions? [y/N] "):
            self.console.print(NOTHING_SENT if not self.sent else "中止しました / Stopped.")
            return False
        self._confirmed |= subjects
        return True

    # ----------------------------------------------------------------------------------------- SENDING

    def _send(self, plan: Plan, calls: Sequence[RoundCall], runs: Sequence[ListRun]) -> None:
        self._tried.update(_key(each.call) for each in calls)
        folder = self._record_folder()
        write_plan(folder / f"{plan.digest[:16]}.json", plan)
        with self._progress() as progress, (folder / "sent.jsonl").open("ab") as log:
            rows = sum(each.rows for each in calls) + sum(len(run.wanted) for run in runs)
            bar = progress.add_task(plan.japanese, total=rows)
            for start in range(0, len(calls), SLICE_CALLS):
                chunk = calls[start : start + SLICE_CALLS]
                transactions = self.desk.connection.deployer.transactions([each.call for each in chunk])
                self._note(log, plan, self.desk.connection.send(transactions))
                progress.advance(bar, sum(each.rows for each in chunk))
            for run in runs:
                sender = self.desk.connection.require_sender()
                result = run.send(self.desk.connection.rpc, sender, partial(progress.advance, bar))
                self._results[run.batch] = result
                self._note(log, plan, result.receipts)
                if result.failures:
                    raise SendError(result.failures, result.receipts)

    def _note(self, log: BinaryIO, plan: Plan, receipts: Sequence[Receipt]) -> None:
        """Note what was sent, on disk."""
        log.writelines(_line(plan.digest, receipt) for receipt in receipts)
        log.flush()
        os.fsync(log.fileno())
        self.sent += len(receipts)
        self.gas += sum(receipt.gas_used or 0 for receipt in receipts)
        self._is_gas_known &= all(receipt.gas_used is not None for receipt in receipts)

    def _record_folder(self) -> Path:
        identity = self.desk.records.identity
        name = identity.genesis.removeprefix("0x")[:16]
        folder = self.desk.connection.plans / str(identity.chain_id) / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @contextlib.contextmanager
    def _progress(self) -> Iterator[Progress]:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("行 rows"),
            Rate(),
            TextColumn("残り left"),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self.console) as progress:
            yield progress

    # ------------------------------------------------------------------------------------------ ENDING

    def _end(self, survey: Survey, found: Round) -> ExitCode:
        """Tell what the chain shows, write what the command writes, and return how it ended."""
        open_tasks = _open_rows(survey) - found.done
        if found.missing and not found.waiting and not self.sent:
            offices = "、".join(role.label.japanese for role in sorted(found.missing))
            names = ", ".join(role.label.english for role in sorted(found.missing))
            raise CommandError(
                f"nobody at hand holds the office that begins this: {names}",
                f"手元の鍵に、これを始める役職({offices})を持つものがありません",
            )
        self.console.print(self._summary(survey, found, open_tasks))
        if open_tasks or found.waiting:
            return ExitCode.PARTLY_DONE
        for table in survey.tables:
            # A text is a code: broken in lines it would be none.
            self.console.print(table, soft_wrap=isinstance(table, Text))
        for file, content in survey.files.items():
            write_private(file, content)
            self.console.print(f"書き出しました / written: {file}")
        return ExitCode.PARTLY_DONE if survey.left else ExitCode.DONE

    def _refused(self, error: SendError) -> ExitCode:
        """Tell what the chain refused, and where things stand all the same."""
        self.console.print(refusal_page(error))
        survey = self.survey(self.desk)
        self.console.print(self._summary(survey, Round(), _open_rows(survey)))
        return ExitCode.REFUSED_BY_CHAIN

    def _summary(self, survey: Survey, found: Round, open_tasks: int) -> Table:
        table = Table(box=None, show_header=False, pad_edge=False, title_justify="left")
        table.title = f"{survey.title.japanese} / {survey.title.english}"
        table.add_column(overflow="fold")
        table.add_column(justify="right")
        if not self.sent:
            table.add_row(f"今回の送信はありません。{NOTHING_SENT}", "")
        else:
            table.add_row("送信した取引 / transactions sent", f"{self.sent:,}")
            if self._is_gas_known:
                table.add_row("ガス使用量 / gas", f"{self.gas:,}")
        table.add_row(
            "チェーンで済みと確認した行 / rows that the chain shows done", f"{survey.done + found.done:,}"
        )
        table.add_row("残り / left", f"{open_tasks + len(survey.left) + survey.more_left:,}")
        for figure in survey.figures:
            table.add_row(f"{figure.name.japanese} / {figure.name.english}", Text(figure.value))
        told = [] if self.sent else survey.notes  # what was sent was planned, and its notes with it
        for note in [*told, *found.waiting, *survey.later, *survey.left, *self._skipped(survey)]:
            table.add_row(f"・{note.japanese}\n  {note.english}", "")
        return table

    def _skipped(self, survey: Survey) -> list[Bilingual]:
        """Return why the chain skipped rows of lists for which nothing else told a reason."""
        runs = [task.work for task in survey.tasks if isinstance(task.work, ListRun)]
        return [
            note
            for run in runs
            if run.batch in self._results
            for note in run.notes(self._results[run.batch].ungranted)
        ]


def write_private(file: Path, content: bytes) -> None:
    """Write a file that its owner alone may read; on disk before this returns."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        os.fchmod(opened.fileno(), 0o600)
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())


def input_digest(file: Path) -> str:
    """Return the SHA-256 of a file that was read, in hex."""
    return sha256(file.read_bytes()).hexdigest()


def _open_rows(survey: Survey) -> int:
    """Return how much of what was found is not done: rows of lists, tasks otherwise."""
    return sum(task.rows if isinstance(task.work, ListRun) else 1 for task in survey.tasks)


def _content(call: Call) -> bytes:
    """Return what stands for an officer's decision, whichever step of it a call is."""
    if call.contract == "Officers" and call.function in ("perform", "propose", "approve", "execute"):
        data = call.arguments[2] if call.function in ("perform", "propose") else call.arguments[1]
        return keccak(data)
    return _key(call)


def _key(call: Call) -> bytes:
    data = encode_call(call.contract, call.function, call.arguments)
    return keccak(call.sender.encode() + call.address.encode() + data)


def _line(digest: str, receipt: Receipt) -> bytes:
    line = SentLine(digest, receipt.hash, receipt.block, receipt.gas_used, receipt.row)
    return msgspec.json.encode(line) + b"\n"
