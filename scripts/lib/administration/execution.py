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

from scripts.lib.acts import Act
from scripts.lib.administration.desk import Desk
from scripts.lib.administration.holders import next_by, nobody_at_hand
from scripts.lib.administration.list_run import ListRun
from scripts.lib.administration.plan import Plan, plan_of, with_nonces, write_plan
from scripts.lib.administration.plan_page import SHOWN_ELEMENTS, plan_page
from scripts.lib.administration.refusals import refusal_page
from scripts.lib.administration.round import Round, RoundCall, next_round
from scripts.lib.administration.task import CommandError, Survey
from scripts.lib.bilingual import Bilingual, counted
from scripts.lib.bulk.grants import ListResult
from scripts.lib.calls import Call
from scripts.lib.contract_abi import encode_call
from scripts.lib.node.sender import Receipt, SendError, StalledError
from scripts.lib.node.transactions import WrongChainError

SLICE_CALLS = 100
"""How many transactions are estimated, and at the most sent, between two movements of the bar."""

NOTHING_SENT = "何も送信していません。/ Nothing was sent."
NOTHING_SIGNED = "署名していません。/ Nothing was signed."


class ExitCode(IntEnum):
    """How a command ended."""

    DONE = 0
    REJECTED_INPUT = 1
    """The input or this machine does not allow it, or the officer answered no: nothing was sent."""
    PARTLY_DONE = 2
    """Something is left: a colleague's approval, a waiting time, rows that cannot go now, a lost line.
    Running the command again goes on where this one stopped."""
    REFUSED_BY_CHAIN = 3


BOTH_AT_HAND = (
    "2人の役職者の鍵が手元にあるため、提案と承認を続けて行います(--by で1人だけを指定できます)。/ "
    "The keys of two officers are at hand: it is proposed and approved in one go (--by names one of them)."
)


class Mode(IntEnum):
    """What becomes of a plan."""

    PLAN = 0
    SEND = 1


class Rate(ProgressColumn):
    """Rows a second, where rows are counted."""

    def render(self, task: Bar) -> Text:
        """Return the speed, once there is one."""
        is_known = task.speed is not None and task.fields["unit"] == "行 rows"
        return Text(f"{task.speed:,.0f} 行/秒 rows/s" if is_known else "")


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
        by_files: whether the command reads files that a second officer needs too.
    """

    console: Console
    desk: Desk
    survey: Callable[[Desk], Survey]
    mode: Mode
    confirm: Callable[[str], bool]
    out: Path | None = None
    command: Sequence[str] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)
    by_files: bool = True
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
            found = next_round(self.desk, survey.tasks, by_files=self.by_files)
            calls = [each for each in found.calls if _key(each.call) not in self._tried]
            runs = [each for each in found.runs if each.batch not in self._results]
            if not calls and not runs:
                return self._end(survey, found)
            shown = [*calls, *(RoundCall(*each) for run in runs for each in run.calls())]
            self._require_keys(shown)
            plan = plan_of(self.desk, survey, shown, found.waiting, self.command, self.inputs)
            if not self._is_confirmed(survey, plan, shown):
                if self.mode == Mode.PLAN:
                    return ExitCode.DONE
                return ExitCode.PARTLY_DONE if self.sent else ExitCode.REJECTED_INPUT
            try:
                self._send(plan, calls, runs)
            except SendError as error:
                return self._refused(error)
            except WrongChainError as error:
                if self.desk.connection.require_sender().has_sent:
                    raise StalledError(str(error)) from error
                raise

    def _require_keys(self, calls: Sequence[RoundCall]) -> None:
        """Make sure, before anybody is asked, that whoever is to send can sign here.

        Raises:
            CommandError: a key is missing.
        """
        senders = {each.call.sender for each in calls if each.call.sender not in self.desk.connection.keyring}
        if self.mode == Mode.SEND and senders:
            accounts = ", ".join(sorted(senders))
            raise CommandError(
                f"there is no key for {accounts}: bring it with --keystore FILE, or write a plan with "
                "--out FILE to be signed elsewhere",
                f"{accounts} の鍵が手元にありません。--keystore ファイル で指定するか、"
                "--out ファイル で計画を書き出して別の端末で署名してください",
            )

    # -------------------------------------------------------------------------------------- CONFIRMING

    def _is_confirmed(self, survey: Survey, plan: Plan, calls: Sequence[RoundCall]) -> bool:
        """Show what is new and ask; False if nothing is to be sent."""
        if self.out is not None:
            plan = with_nonces(self.desk, plan, calls)
            write_plan(self.out, plan)
            self._show(survey, plan, whole=True)
            self.console.print(f"計画を書き出しました / plan written: {self.out}\n{NOTHING_SENT}")
            return False
        subjects = {_content(each.call) for each in calls}
        if self.mode == Mode.SEND and subjects <= self._confirmed:
            return True
        self._show(survey, plan)
        if self.mode == Mode.PLAN:
            self.console.print(
                f"{NOTHING_SENT} 送信するには send を付けて実行します / run again with `send` to send it"
            )
            return False
        if self._acts_for_both(survey, calls):
            self.console.print(BOTH_AT_HAND)
        if not self.confirm(_question(survey, len(calls))):
            self.console.print(NOTHING_SENT if not self.sent else self._stopped())
            return False
        self._confirmed |= subjects
        return True

    def _show(self, survey: Survey, plan: Plan, *, whole: bool = False) -> None:
        """Show what is to be confirmed: the plan, and the rows of lists that it decides on."""
        page = plan_page(plan, self.desk.connection.rpc.url, whole=whole, names=survey.names)
        self.console.print(page)
        for title, lines in survey.previews:
            shown = lines if whole else lines[:SHOWN_ELEMENTS]
            self.console.print(title, *(f"  {line}" for line in shown), sep="\n", markup=False)
            if len(shown) < len(lines):
                more = len(lines) - len(shown)
                self.console.print(f"  ほか{more:,}行(--out で計画を書き出すと全行) / {more:,} more")

    def _acts_for_both(self, survey: Survey, calls: Sequence[RoundCall]) -> bool:
        """Whether this run both proposes and approves something: on a chain for trying things out."""
        if all(each.call.function != "propose" for each in calls):
            return False
        acts = [task.work for task in survey.tasks if isinstance(task.work, Act)]
        return any(act.by and act.second and not self.desk.rule(act).takes_one for act in acts)

    def _stopped(self) -> str:
        """Return what is said when the officer stops half-way."""
        return (
            f"中止しました。送信済みの取引は{self.sent:,}件です。続けるには同じコマンドを実行してください。/ "
            f"Stopped after {counted(self.sent, 'transaction')}: the same command goes on."
        )

    # ----------------------------------------------------------------------------------------- SENDING

    def _send(self, plan: Plan, calls: Sequence[RoundCall], runs: Sequence[ListRun]) -> None:
        self._tried.update(_key(each.call) for each in calls)
        folder = self.desk.connection.folder_of(self.desk.records.identity)
        write_plan(folder / f"{plan.digest[:16]}.json", plan)
        with self._progress() as progress, (folder / "sent.jsonl").open("ab") as log:
            bar = progress.add_task(plan.japanese, total=len(calls), unit="件", visible=bool(calls))
            for start in range(0, len(calls), SLICE_CALLS):
                chunk = calls[start : start + SLICE_CALLS]
                transactions = self.desk.connection.deployer.transactions([each.call for each in chunk])
                try:
                    receipts = self.desk.connection.send(transactions)
                except SendError as error:
                    self._note(log, plan, error.receipts)
                    raise
                self._note(log, plan, receipts)
                progress.advance(bar, len(chunk))
            for run in runs:
                bar = progress.add_task(run.label, total=len(run.wanted), unit="行 rows")
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

    @contextlib.contextmanager
    def _progress(self) -> Iterator[Progress]:
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[unit]}"),
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
            raise CommandError(*nobody_at_hand(self.desk, found.missing))
        is_over = not open_tasks and not found.waiting
        if is_over:  # first, so that what is told of them is so
            survey.before_files()
            for file, content in survey.files.items():
                write_private(file, content)
        self.console.print(self._summary(survey, found, open_tasks))
        if not is_over:
            return ExitCode.PARTLY_DONE
        for table in survey.tables:
            # A text is a code: broken in lines it would be none.
            self.console.print(table, soft_wrap=isinstance(table, Text))
        for file in survey.files:
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
        is_open = bool(open_tasks or found.waiting or survey.left)
        done = survey.done + found.done
        if self.sent:
            table.add_row("送信した取引 / transactions sent", f"{self.sent:,}")
            if self._is_gas_known:
                table.add_row("ガス使用量 / gas", f"{self.gas:,}")
        elif is_open or done:
            japanese = "" if is_open else survey.all_done.japanese
            english = "" if is_open else f"{survey.all_done.english} "
            table.add_row(f"{japanese}何も送信していません。/ {english}Nothing was sent.", "")
        if is_open or done:  # a command that only shows or writes something has neither
            table.add_row("チェーンで済みと確認した行 / rows that the chain shows done", f"{done:,}")
            table.add_row("残り / left", _left(survey, found))
        for figure in survey.figures:
            table.add_row(f"{figure.name.japanese} / {figure.name.english}", Text(figure.value))
        told = [] if self.sent else survey.notes  # what was sent was planned, and its notes with it
        next_up = [next_by(self.desk, found.missing, by_files=self.by_files)] if found.missing else []
        for note in [
            *told,
            *found.waiting,
            *next_up,
            *survey.later,
            *survey.told_left,
            *self._skipped(survey),
        ]:
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


def _left(survey: Survey, found: Round) -> str:
    """Return how much is left, each in its unit."""
    runs = [task.rows for task in survey.tasks if isinstance(task.work, ListRun)]
    acts = len(survey.tasks) - len(runs) - found.done
    rows = sum(runs) + len(survey.left) + survey.more_left
    parts = [f"{acts:,}件"] * bool(acts) + [f"{rows:,}行"] * bool(rows)
    english = [counted(acts, "act")] * bool(acts) + [counted(rows, "row")] * bool(rows)
    return f"{'、'.join(parts)} {', '.join(english)}" if parts else "なし none"


def _question(survey: Survey, count: int) -> str:
    """Return what is asked before so many transactions are sent."""
    about = survey.question
    japanese = f"{about.japanese}" if about else ""
    english = f"{about.english} " if about else ""
    return f"{japanese}{count:,}件を送信しますか / {english}Send {counted(count, 'transaction')}? [y/N] "


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
