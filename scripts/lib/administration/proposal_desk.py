"""Commands about open proposals: show them decoded, approve, execute or veto them by their numbers.

For a colleague without the file that a proposal came from: what it does stands in the transaction that
proposed it. A list of grants shows only its total and its fingerprint there: approve such by the same command
and the same file, which shows the rows.
"""

from __future__ import annotations

from argparse import Namespace

from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text

from scripts.lib.act_rules import Function, Rule, read_rules
from scripts.lib.administration.accounts import consider_ends
from scripts.lib.administration.call_words import call_lines
from scripts.lib.administration.desk import Desk
from scripts.lib.administration.memberships import tell_series_after
from scripts.lib.administration.next_command import next_command
from scripts.lib.administration.plan_page import SHOWN_ELEMENTS, call_name, with_names
from scripts.lib.administration.proposals import (
    FoundProposal,
    is_executed,
    is_open,
    proposals_of,
    proposed_data,
)
from scripts.lib.administration.shop_names import labels_of_shops
from scripts.lib.administration.task import CommandError, Survey, Task
from scripts.lib.bilingual import Bilingual, an
from scripts.lib.calls import Call
from scripts.lib.contract_abi import decode_call
from scripts.lib.japan_calendar import era_moment_label
from scripts.lib.proceedings import PROPOSAL_LIFE_SECONDS, Proposal, ProposalState
from scripts.lib.reasons import reason_label
from scripts.lib.roles import Role


def show_proposals(desk: Desk, options: Namespace) -> Survey:
    """Show what is proposed and not done, decoded; sends nothing."""
    del options
    survey = Survey(Bilingual("Open proposals", "未処理の提案"))
    now = desk.now()
    found = [each for each in proposals_of(desk) if is_open(each.proposal, now)]
    functions = [Function(each.proposal.target, each.proposal.selector) for each in found]
    rules = read_rules(desk.connection.deployer, desk.officers, functions)
    names = labels_of_shops(desk, *desk.series.values()) if found else {}
    table = Table(title="未処理の提案 / open proposals", title_justify="left", box=SIMPLE, show_lines=True)
    for column in ("番号 number", "行為と内容 act", "提案者と理由 by", "状態 state"):
        table.add_column(column, overflow="fold")
    for each, data, function in zip(found, proposed_data(desk, found), functions, strict=True):
        proposal, call = each.proposal, None if data is None else decode_call(data)
        lines = (
            ["不明 unknown"] if call is None else [call_name(call), *call_lines(call, shown=SHOWN_ELEMENTS)]
        )
        lines = [with_names(line, names) for line in lines]
        by = f"{proposal.proposer}\n{reason_label(proposal.reason).japanese}"
        table.add_row(
            str(proposal.number), Text("\n".join(lines)), Text(by), _state(proposal, rules[function], now)
        )
    survey.figure("Open proposals", "未処理の提案", len(found))
    survey.tables = [table]
    return survey


def _state(proposal: Proposal, rule: Rule, now: int) -> str:
    """Return where a proposal stands, and from when on it can be executed."""
    lines = [f"提案 {era_moment_label(proposal.proposed_at).japanese}"]
    if proposal.state == ProposalState.APPROVED:
        lines.append("承認済み approved")
    else:
        lines.append(f"承認待ち({rule.approver.label.japanese}) waits for {an(rule.approver.label.english)}")
    ready_at = proposal.ready_at(rule)
    if ready_at is None:
        lines.append("承認されるまで実行できません not before it is approved")
    elif ready_at <= now:
        lines.append("いま実行できます can be executed now")
    else:
        time = era_moment_label(ready_at)
        lines.append(f"{time.japanese}以降に実行できます can be executed from {time.english} on")
    end = era_moment_label(proposal.proposed_at + PROPOSAL_LIFE_SECONDS)
    lines.append(f"{end.japanese}に失効 dies then")
    return "\n".join(lines)


def approve(desk: Desk, options: Namespace) -> Survey:
    """Approve proposals by number, or execute those whose time has come.

    What an act about a membership changes is told to every series, as its own command does.
    """
    survey = Survey(Bilingual("Approve proposals", "提案の承認"))
    survey.names = labels_of_shops(desk, *desk.series.values())
    now = desk.now()
    chosen = _chosen(desk, options.proposals)
    data = proposed_data(desk, chosen)
    functions = [Function(each.proposal.target, each.proposal.selector) for each in chosen]
    rules = read_rules(desk.connection.deployer, desk.officers, functions)
    ending: list[int] = []
    for each, contents, function in zip(chosen, data, functions, strict=True):
        proposal, rule = each.proposal, rules[function]
        call = None if contents is None else decode_call(contents)
        if not is_open(proposal, now):
            survey.done += 1
            if call is not None and is_executed(proposal):
                tell_series_after(desk, options, survey, call)
            continue
        if call is not None and call.function == "closeMembership":
            ending.append(call.arguments["number"])
        if contents is None:
            raise CommandError(
                f"what proposal {proposal.number} does stands in no transaction: use its own command",
                f"提案{proposal.number}の内容を取引から読めません。元のコマンドで承認してください",
            )
        if call is None:
            raise CommandError(
                f"what proposal {proposal.number} would do cannot be read: nobody should approve it; "
                f"{next_command(options, 'veto', proposal.number)} ends it",
                f"提案{proposal.number}の内容を解読できません。承認せず、"
                f"{next_command(options, 'veto', proposal.number)} で取り下げてください",
            )
        ready_at = proposal.ready_at(rule)
        approver = next(
            (person for person in desk.holders(rule.approver) if person != proposal.proposer), None
        )
        if ready_at is not None and ready_at <= now and desk.people:
            arguments = (proposal.number, contents)
            step = Call("Officers", desk.officers, "execute", arguments, desk.anyone, str(proposal.number))
            survey.tasks.append(Task(step))
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
                    f"proposal {proposal.number} takes {an(role.english)} who is another person",
                    f"提案{proposal.number}には提案者と別の{role.japanese}が必要です",
                )
            )
        else:
            arguments = (proposal.number, contents)
            step = Call("Officers", desk.officers, "approve", arguments, approver, str(proposal.number))
            survey.tasks.append(Task(step))
    consider_ends(desk, options, survey, ending)
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
