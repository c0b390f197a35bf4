"""The next transactions of some tasks: what those at hand can send now, and what has to wait for whom.

An act of one officer is done at once. An act of two is proposed by the one, approved by the other (perhaps at
another machine, with the same command and the same files), and executed when its time has come; where it
stands is asked of the chain each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from scripts.lib.act_rules import Rule
from scripts.lib.acts import Act
from scripts.lib.administration.desk import Desk
from scripts.lib.administration.list_run import ListRun
from scripts.lib.administration.proposals import is_executed, is_open, proposals_for
from scripts.lib.administration.service_use import require_accepted
from scripts.lib.administration.task import Task
from scripts.lib.bilingual import Bilingual, an
from scripts.lib.calls import Call
from scripts.lib.japan_calendar import era_moment_label
from scripts.lib.proceedings import Proposal, ProposalState
from scripts.lib.roles import Role


@dataclass(frozen=True)
class RoundCall:
    """A transaction of a round, and how many rows of the input it stands for."""

    call: Call
    rows: int


@dataclass
class Round:
    """What can be sent now.

    Attributes:
        done: tasks that were executed before; see Task.is_seen.
        runs: lists of grants that are sent after `calls`.
        waiting: why others cannot go on.
        missing: offices that nobody at hand holds, without whom others cannot begin.
    """

    calls: list[RoundCall] = field(default_factory=list)
    runs: list[ListRun] = field(default_factory=list)
    done: int = 0
    waiting: list[Bilingual] = field(default_factory=list)
    missing: set[Role] = field(default_factory=set)


def next_round(desk: Desk, tasks: Sequence[Task], *, by_files: bool = True) -> Round:
    """Return the next transactions of some tasks; their order does not matter.

    Args:
        by_files: whether they come out of files, which whoever approves them needs too.

    Raises:
        CommandError: they are done in a service that the municipality does not use yet.
    """
    now = desk.now()
    joint = [task.work for task in tasks if isinstance(task.work, Act) and not desk.rule(task.work).takes_one]
    require_accepted(desk, [task.work for task in tasks if isinstance(task.work, Act)])
    proposals = iter(proposals_for(desk, joint))
    used: set[int] = set()
    found = Round()
    for task in tasks:
        if isinstance(task.work, Call):
            found.calls.append(RoundCall(task.work, task.rows))
        elif isinstance(task.work, ListRun):
            found.runs.append(task.work)
        elif desk.rule(task.work).takes_one:
            _perform(desk, found, task, task.work)
        else:
            unused = [proposal for proposal in next(proposals) if proposal.number not in used]
            executed = [] if task.is_seen else [each for each in unused if is_executed(each)]
            current = executed or [each for each in unused if is_open(each, now)]
            used.update(proposal.number for proposal in current[:1])
            if executed:
                found.done += 1
            elif current:
                _go_on(desk, found, task, task.work, current[0], now, by_files)
            elif task.work.by:
                found.calls.append(RoundCall(task.work.propose(desk.officers), task.rows))
            else:
                found.missing.add(desk.rule(task.work).proposer)
    return found


def _perform(desk: Desk, found: Round, task: Task, act: Act) -> None:
    if act.by:
        found.calls.append(RoundCall(act.perform(desk.officers), task.rows))
    else:
        found.missing.add(desk.rule(act).proposer)


def _go_on(
    desk: Desk, found: Round, task: Task, act: Act, proposal: Proposal, now: int, by_files: bool
) -> None:
    """Take an open proposal one step on, or say what it waits for."""
    rule = desk.rule(act)
    ready_at = proposal.ready_at(rule)
    approver = next((person for person in desk.holders(rule.approver) if person != proposal.proposer), None)
    if ready_at is not None and ready_at <= now and desk.people:
        call = Call("Officers", desk.officers, "execute", (proposal.number, act.data), desk.anyone, str(act))
    elif proposal.state == ProposalState.PROPOSED and approver is not None:
        arguments = (proposal.number, act.data)
        call = Call("Officers", desk.officers, "approve", arguments, approver, str(act))
    else:
        found.waiting.append(_why(act, proposal, rule, ready_at, by_files))
        return
    found.calls.append(RoundCall(call, task.rows))


def _why(act: Act, proposal: Proposal, rule: Rule, ready_at: int | None, by_files: bool) -> Bilingual:
    if proposal.state == ProposalState.APPROVED and ready_at is not None:
        time = era_moment_label(ready_at)
        return Bilingual(
            f"proposal {proposal.number} ({act}) can be executed from {time.english} on: run it again",
            f"提案{proposal.number}({act})は{time.japanese}以降に実行できます。その後もう一度実行してください",
        )
    role = rule.approver.label
    how = (
        Bilingual("by the same files", "同じファイルで同じ操作をして承認")
        if by_files
        else Bilingual("by the same command", "同じコマンドを実行して承認")
    )
    english = f"proposal {proposal.number} ({act}) waits for {an(role.english)}, {how.english}"
    japanese = f"提案{proposal.number}({act})は{role.japanese}の承認待ちです({how.japanese})"
    if ready_at is not None:
        time = era_moment_label(ready_at)
        english += f"; without, it can be executed from {time.english} on"
        japanese += f"。承認がなくても{time.japanese}以降に実行できます"
    return Bilingual(english, japanese)
