"""Commands about open proposals: show them decoded, approve, execute or veto them by their numbers.

For a colleague without the file that a proposal came from: what it does stands in the transaction that
proposed it. A list of grants shows only its total and its fingerprint there: approve such by the same command
and the same file, which shows the rows.
"""

from __future__ import annotations

from argparse import Namespace

from rich.box import SIMPLE
from rich.table import Table

from scripts.lib.act_rules import Function, read_rules
from scripts.lib.administration.desk import Desk
from scripts.lib.administration.proposals import FoundProposal, is_open, proposals_of, proposed_data
from scripts.lib.administration.task import CommandError, Survey, Task
from scripts.lib.bilingual import Bilingual
from scripts.lib.calls import Call
from scripts.lib.contract_abi import decode_call
from scripts.lib.function_labels import function_label
from scripts.lib.japan_calendar import era_moment_label
from scripts.lib.proceedings import ProposalState
from scripts.lib.reasons import reason_label
from scripts.lib.roles import Role


def show_proposals(desk: Desk, options: Namespace) -> Survey:
    """Show what is proposed and not done, decoded; sends nothing."""
    del options
    survey = Survey(Bilingual("Open proposals", "未処理の提案"))
    now = desk.now()
    found = [each for each in proposals_of(desk) if is_open(each.proposal, now)]
    table = Table(title="未処理の提案 / open proposals", title_justify="left", box=SIMPLE)
    for column in ("番号 number", "行為 act", "内容 contents", "提案者 by", "状態 state", "理由 reason"):
        table.add_column(column, overflow="fold")
    for each, data in zip(found, proposed_data(desk, found), strict=True):
        call = None if data is None else decode_call(data)
        if call is None:
            name, contents = "不明 unknown", ""
        else:
            name = f"{function_label(call.contract, call.function).japanese}\n{call.contract}.{call.function}"
            contents = ", ".join(f"{key}={value}" for key, value in call.arguments.items())[:240]
        state = "承認済み approved" if each.proposal.state == ProposalState.APPROVED else "承認待ち proposed"
        table.add_row(
            str(each.proposal.number),
            name,
            contents,
            each.proposal.proposer,
            f"{state}\n{era_moment_label(each.proposal.proposed_at).japanese}",
            str(reason_label(each.proposal.reason)),
        )
    survey.figure("Open proposals", "未処理の提案", len(found))
    survey.tables = [table]
    return survey


def approve(desk: Desk, options: Namespace) -> Survey:
    """Approve proposals by number, or execute those whose time has come."""
    survey = Survey(Bilingual("Approve proposals", "提案の承認"))
    now = desk.now()
    chosen = _chosen(desk, options.proposals)
    data = proposed_data(desk, chosen)
    functions = [Function(each.proposal.target, each.proposal.selector) for each in chosen]
    rules = read_rules(desk.connection.deployer, desk.officers, functions)
    for each, contents, function in zip(chosen, data, functions, strict=True):
        proposal, rule = each.proposal, rules[function]
        if not is_open(proposal, now):
            survey.done += 1
            continue
        if contents is None:
            raise CommandError(
                f"what proposal {proposal.number} does stands in no transaction: use its own command",
                f"提案{proposal.number}の内容を取引から読めません。元のコマンドで承認してください",
            )
        ready_at = proposal.ready_at(rule)
        approver = next(
            (person for person in desk.holders(rule.approver) if person != proposal.proposer), None
        )
        if ready_at is not None and ready_at <= now and desk.people:
            arguments = (proposal.number, contents)
            call = Call("Officers", desk.officers, "execute", arguments, desk.anyone, str(proposal.number))
            survey.tasks.append(Task(call))
        elif proposal.state == ProposalState.APPROVED and ready_at is not None:
            time = era_moment_label(ready_at)
            survey.left.append(
                Bilingual(
                    f"proposal {proposal.number} can be executed from {time.english} on",
                    f"提案{proposal.number}は{time.japanese}以降に実行できます",
                )
            )
        elif approver is None:
            role = rule.approver.label
            survey.left.append(
                Bilingual(
                    f"proposal {proposal.number} takes another {role.english}",
                    f"提案{proposal.number}には提案者と別の{role.japanese}が必要です",
                )
            )
        else:
            arguments = (proposal.number, contents)
            call = Call("Officers", desk.officers, "approve", arguments, approver, str(proposal.number))
            survey.tasks.append(Task(call))
    return survey


def veto(desk: Desk, options: Namespace) -> Survey:
    """End open proposals: an Admin, or whoever proposed them."""
    survey = Survey(Bilingual("Veto proposals", "提案の差止め・取下げ"))
    now = desk.now()
    admins = desk.holders(Role.ADMIN)
    for each in _chosen(desk, options.proposals):
        if not is_open(each.proposal, now):
            survey.done += 1
            continue
        proposer = each.proposal.proposer
        by = proposer if proposer in desk.people else next(iter(admins), None)
        if by is None:
            raise CommandError(
                "an Admin or the proposer vetoes", "差止めは管理者、取下げは提案者だけができます"
            )
        call = Call("Officers", desk.officers, "veto", (each.proposal.number,), by, str(each.proposal.number))
        survey.tasks.append(Task(call))
    return survey


def _chosen(desk: Desk, numbers: list[int]) -> list[FoundProposal]:
    """Return proposals of the municipality by number.

    Raises:
        CommandError: a number is none of them.
    """
    found = {each.proposal.number: each for each in proposals_of(desk)}
    unknown = [str(number) for number in numbers if number not in found]
    if unknown:
        raise CommandError(
            f"no proposals of this municipality: {', '.join(unknown)}",
            f"この自治体の提案ではありません: {', '.join(unknown)}",
        )
    return [found[number] for number in numbers]
