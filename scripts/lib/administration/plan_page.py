"""A plan for people: what each transaction does, decoded from its data, and what is confirmed with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.box import SIMPLE
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from scripts.lib.administration.plan import Plan, PlannedCall
from scripts.lib.bilingual import Bilingual
from scripts.lib.contract_abi import DecodedCall, decode_call
from scripts.lib.function_labels import function_label
from scripts.lib.japan_calendar import era_moment_label
from scripts.lib.municipality_codes import lookup_number
from scripts.lib.reasons import reason_label
from scripts.lib.roles import COUNCIL

SHOWN_CALLS = 20
_SHOWN_CHARACTERS = 240
_OFFICERS_STEPS = ("perform", "propose", "approve", "execute")


def plan_page(plan: Plan, url: str = "") -> RenderableType:
    """Return a plan as it is shown before it is confirmed."""
    town = "運用協議会" if plan.municipality == COUNCIL else lookup_number(plan.municipality).full_name
    parts: list[RenderableType] = [
        Text(f"{plan.japanese} / {plan.english}", style="bold"),
        Text(
            f"{town}  チェーン chain {plan.chain_id} {plan.genesis[:18]}…  {url}\n"
            f"{era_moment_label(plan.made_at).japanese}現在 as of the latest block"
        ),
    ]
    if plan.figures:
        parts.append(_figures(plan))
    if plan.calls:
        parts.append(call_table(plan.calls))
    parts += [Text(f"・{note.japanese}\n  {note.english}") for note in plan.notes]
    parts.append(Text(f"計画のダイジェスト digest {plan.digest}"))
    return Group(*parts)


def call_table(calls: Sequence[PlannedCall]) -> Table:
    """Return what transactions do, the first SHOWN_CALLS one by one."""
    table = Table(
        title=f"取引 {len(calls):,}件 / {len(calls):,} transactions", title_justify="left", box=SIMPLE
    )
    for column in ("行為 act", "内容 contents", "対象 concerns", "送信者 sender"):
        table.add_column(column, overflow="fold")
    for call in calls[:SHOWN_CALLS]:
        step, what, contents = _decoded(call)
        act = Text(f"{step}{what}\n→ {call.to}")
        table.add_row(act, contents, Text(call.subject), call.sender)
    if len(calls) > SHOWN_CALLS:
        rest = calls[SHOWN_CALLS:]
        rows = sum(call.rows for call in rest)
        table.add_row(f"ほか{len(rest):,}件 ({rows:,}行) / {len(rest):,} more ({rows:,} rows)", "", "", "")
    return table


def _figures(plan: Plan) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(overflow="fold")
    table.add_column(overflow="fold", justify="right")
    for figure in plan.figures:
        table.add_row(f"{figure.japanese} / {figure.english}", Text(figure.value))
    return table


def _decoded(call: PlannedCall) -> tuple[str, str, Text]:
    """Return the officer's step if it is one, what is done, and with which values."""
    data = bytes.fromhex(call.data[2:])
    outer = decode_call(data, call.contract)
    if outer is None:
        return "", "不明 unknown", Text(call.data[:_SHOWN_CHARACTERS])
    if call.contract == "Officers" and outer.function in _OFFICERS_STEPS:
        step = Bilingual(outer.function, function_label("Officers", outer.function).japanese)
        inner = decode_call(outer.arguments["data"])
        lines = list(_circumstances(outer))
        if inner is None:
            return f"[{step.japanese}] ", "不明 unknown", Text("\n".join(lines))
        return f"{step.japanese}: ", _name(inner), Text("\n".join([_values(inner), *lines]))
    return "", _name(outer), Text(_values(outer))


def _circumstances(outer: DecodedCall) -> Iterator[str]:
    """Yield what an officer's step says besides the act."""
    a = outer.arguments
    if "proposalId" in a:
        yield f"提案番号 proposal {a['proposalId']}"
    if "reason" in a:
        yield f"理由 {reason_label(a['reason'])}"
    if any(a.get("documentHash", b"")):
        yield f"書類 document 0x{a['documentHash'].hex()}"


def _name(decoded: DecodedCall) -> str:
    label = function_label(decoded.contract, decoded.function)
    return f"{label.japanese}\n{decoded.contract}.{decoded.function}"


def _values(decoded: DecodedCall) -> str:
    values = [f"{name}={_shown(value)}" for name, value in decoded.arguments.items()]
    text = ", ".join(values)
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"


def _shown(value: Any) -> str:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, list | tuple):
        head = ", ".join(_shown(each) for each in value[:8])
        return f"({head}{f', … {len(value)}' if len(value) > 8 else ''})"
    return str(value)
