"""Officers act through the Officers contract: `acting.perform(guardian, point, "pause", 3600)`.

A proposal is approved and executed with the very data that was proposed; `Proposed` keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from scripts.lib.act_rules import Rule
from scripts.lib.acts import NO_DOCUMENT
from scripts.lib.powers.expected import EXPECTED
from scripts.lib.reasons import Reason


@dataclass(frozen=True)
class Proposed:
    """A proposal and the call that it is about (0x hex)."""

    number: int
    data: str


def data_of(target: Any, function: str, *arguments: Any) -> str:
    """Return the data of a call (0x hex)."""
    return str(getattr(target, function).encode_input(*arguments))


def selector_of(target: Any, function: str) -> str:
    """Return the selector that a function's rule is found by (0x hex)."""
    return str(getattr(target, function).signature)


ACTS = [
    (contract, function, entry)
    for contract, functions in EXPECTED.items()
    for function, entry in functions.items()
    if isinstance(entry, Rule)
]
"""Every act as (contract, function, rule); tests/unit/test_roles.py compares them with the chain's."""
acts_of_all_contracts = pytest.mark.parametrize(
    ("contract", "function", "rule"), ACTS, ids=[f"{contract}.{function}" for contract, function, _ in ACTS]
)


def bare_call(target: Any, function: str, municipality: int) -> str:
    """Return data that is enough for a proposal, which looks at selector and municipality alone (0x hex)."""
    return selector_of(target, function) + f"{municipality:064x}" + "00" * 32 * 10


class Acting:
    """The officers of one municipality at work, or the council's if it is 0.

    Args:
        officers: the Officers contract, of Brownie.
        municipality: code as a number.
    """

    def __init__(self, officers: Any, municipality: int) -> None:
        self._officers = officers
        self._municipality = municipality

    def perform(self, by: Any, target: Any, function: str, *arguments: Any, **more: Any) -> Any:
        """Do what one officer may do at once; return the transaction."""
        call = self._call(target, function, arguments, **more)
        return self._officers.perform(*call, {"from": by})

    def propose(self, by: Any, target: Any, function: str, *arguments: Any, **more: Any) -> Proposed:
        """Propose what takes a second officer or a delay."""
        call = self._call(target, function, arguments, **more)
        self._officers.propose(*call, {"from": by})
        return Proposed(self._officers.proposalCount(), call[2])

    def propose_data(self, by: Any, target: Any, data: str, *, municipality: int | None = None) -> Proposed:
        """Propose a call whose data is given."""
        code = self._municipality if municipality is None else municipality
        self._officers.propose(code, target, data, int(Reason.ROUTINE), NO_DOCUMENT, {"from": by})
        return Proposed(self._officers.proposalCount(), data)

    def approve(self, by: Any, proposed: Proposed) -> Any:
        """Approve as second officer; return the transaction."""
        return self._officers.approve(proposed.number, proposed.data, {"from": by})

    def execute(self, by: Any, proposed: Proposed) -> Any:
        """Execute what has waited; return the transaction."""
        return self._officers.execute(proposed.number, proposed.data, {"from": by})

    def veto(self, by: Any, proposed: Proposed) -> Any:
        """End an open proposal; return the transaction."""
        return self._officers.veto(proposed.number, {"from": by})

    def together(self, by: Any, second: Any, target: Any, function: str, *arguments: Any, **more: Any) -> Any:
        """Propose and approve; return the transaction of the approval, which executes what need not wait."""
        return self.approve(second, self.propose(by, target, function, *arguments, **more))

    def state_of(self, proposed: Proposed) -> int:
        """Return where a proposal stands (IOfficers.ProposalState)."""
        return int(self._officers.proposalOf(proposed.number)[1])

    def _call(
        self,
        target: Any,
        function: str,
        arguments: tuple[Any, ...],
        *,
        municipality: int | None = None,
        reason: int = Reason.ROUTINE,
        document_hash: bytes = NO_DOCUMENT,
    ) -> tuple[Any, ...]:
        code = self._municipality if municipality is None else municipality
        return code, target, data_of(target, function, *arguments), int(reason), document_hash
