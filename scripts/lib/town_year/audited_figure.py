"""A question to a contract whose answer is compared with what the model, the events or the CSV files say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scripts.lib.calls import View
from scripts.lib.finding import Finding
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.view_reader import read_views
from scripts.lib.town_year.on_chain import TownOnChain


def _as_it_is(answer: Any) -> Any:
    return tuple(answer) if isinstance(answer, (list, tuple)) else answer


@dataclass(frozen=True)
class AuditedFigure:
    """One figure.

    Attributes:
        what: what it is, for a report.
        says: what others say, by who they are.
        part: makes of the view's answer what is compared.
    """

    what: str
    view: View
    says: Mapping[str, Any]
    part: Callable[[Any], Any] = _as_it_is


def audited(rpc: Rpc, town: TownOnChain, figures: Sequence[AuditedFigure]) -> tuple[int, list[Finding]]:
    """Ask for figures of one town; return how many were compared, and the findings."""
    answers = read_views(rpc, [figure.view for figure in figures])
    findings = []
    for figure, answer in zip(figures, answers, strict=True):
        found = figure.part(answer)
        if any(value != found for value in figure.says.values()):
            findings.append(Finding.of(town, figure.what, {"chain": found, **figure.says}))
    return len(figures), findings
