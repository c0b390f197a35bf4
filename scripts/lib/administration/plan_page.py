"""A plan for people: what each transaction does, decoded from its data, and what is confirmed with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from scripts.lib.administration.call_words import call_lines
from scripts.lib.administration.plan import Plan, PlannedCall
from scripts.lib.bilingual import counted
from scripts.lib.contract_abi import DecodedCall, decode_call
from scripts.lib.japan_calendar import era_moment_label
from scripts.lib.municipality_codes import lookup_number
from scripts.lib.powers.function_labels import function_label
from scripts.lib.reasons import reason_label
from scripts.lib.roles import COUNCIL

SHOWN_CALLS = 20
SHOWN_ELEMENTS = 20
_ELEMENT = re.compile(r" +\d+\. ")
_ACCOUNT = re.compile(r"0x[0-9a-fA-F]{40}(?![0-9a-fA-F])")
_OFFICERS_STEPS = ("perform", "propose", "approve", "execute")


def plan_page(
    plan: Plan, url: str = "", *, whole: bool = False, names: Mapping[str, str] | None = None
) -> RenderableType:
    """Return a plan as it is shown before it is confirmed.

    Args:
        names: what accounts are called; told beside them.
        whole: whether every transaction, and every element of a long list, is shown.
    """
    parts: list[RenderableType] = [
        Text(f"{plan.japanese} / {plan.english}", style="bold"),
        Text(
            f"{_town(plan)}  チェーン chain {plan.chain_id} {plan.genesis[:18]}…  {url}\n"
            f"{era_moment_label(plan.made_at).japanese}現在 as of the latest block"
        ),
    ]
    if plan.figures:
        parts.append(_figures(plan))
    parts.append(call_list(plan.calls, whole=whole, names=names))
    parts += [Text(f"・{note.japanese}\n  {note.english}") for note in plan.notes]
    parts.append(Text(f"計画のダイジェスト digest {plan.digest}"))
    return Group(*parts)


def call_list(
    calls: Sequence[PlannedCall], *, whole: bool = False, names: Mapping[str, str] | None = None
) -> RenderableType:
    """Return what transactions do, with all that is called: no line is a hash where words can tell it."""
    shown = calls if whole else calls[:SHOWN_CALLS]
    budget = SHOWN_ELEMENTS
    lines = [f"取引 {len(calls):,}件 / {counted(len(calls), 'transaction')}"]
    for place, call in enumerate(shown, 1):
        step, name, contents = told_call(call, None if whole else budget)
        # What many transactions list is shown once: the rows of a run go through all of them.
        budget = max(budget - sum(1 for line in contents if _ELEMENT.match(line)), 0)
        lines.append(f"{place}. {step}{name}")
        lines += [f"   {with_names(line, names or {})}" for line in contents]
        lines += [f"   対象 concerns: {call.subject}"] * bool(call.subject)
        lines.append(f"   送信者 sender: {call.sender} → {call.contract} {call.to}")
    if len(calls) > len(shown):
        rest = calls[len(shown) :]
        rows = sum(call.rows for call in rest)
        lines.append(
            f"ほか{len(rest):,}件({rows:,}行、--out で書き出し、plan show で全件) / "
            f"{len(rest):,} more ({counted(rows, 'row')})"
        )
    return Group(Text(), *(Text(line, overflow="fold") for line in lines), Text())


def with_names(line: str, names: Mapping[str, str]) -> str:
    """Return a line with the name of each account that has one beside it."""
    return _ACCOUNT.sub(
        lambda found: f"{found[0]}({names[found[0]]})" if found[0] in names else found[0], line
    )


def _town(plan: Plan) -> str:
    return "運用協議会" if plan.municipality == COUNCIL else lookup_number(plan.municipality).full_name


def _figures(plan: Plan) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(overflow="fold")
    table.add_column(overflow="fold", justify="right")
    for figure in plan.figures:
        table.add_row(f"{figure.japanese} / {figure.english}", Text(figure.value))
    return table


def told_call(call: PlannedCall, shown: int | None) -> tuple[str, str, list[str]]:
    """Return the officer's step if it is one, what is done, and with which values, a line each.

    Args:
        shown: how many elements of a long list; None for all.
    """
    data = bytes.fromhex(call.data[2:])
    outer = decode_call(data, call.contract)
    if outer is None:
        return "", "不明 unknown", [call.data]
    if call.contract == "Officers" and outer.function in _OFFICERS_STEPS:
        step = function_label("Officers", outer.function).japanese
        inner = decode_call(outer.arguments["data"])
        lines = list(_circumstances(outer))
        if inner is None:
            return f"[{step}] ", "不明 unknown", [*lines, "0x" + outer.arguments["data"].hex()]
        return f"{step}: ", call_name(inner), [*call_lines(inner, shown), *lines]
    return "", call_name(outer), call_lines(outer, shown)


def _circumstances(outer: DecodedCall) -> Iterator[str]:
    """Yield what an officer's step says besides the act."""
    a = outer.arguments
    if "proposalId" in a:
        yield f"提案番号 proposal {a['proposalId']}"
    if "reason" in a:
        yield f"理由 {reason_label(a['reason'])}"
    if any(a.get("documentHash", b"")):
        yield f"書類 document 0x{a['documentHash'].hex()}"


def call_name(decoded: DecodedCall) -> str:
    """Return what a call does, in Japanese and as the contract has it."""
    label = function_label(decoded.contract, decoded.function)
    return f"{label.japanese} {decoded.contract}.{decoded.function}"
