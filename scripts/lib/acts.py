"""Acts of officers as data: what is to be done, on which contract, why, and by whom.

    act = Act(141305, "MunicipalPoint", token, "freeze", (account,), Reason.STOLEN_CARD, by=desk_officer)

One object is printed, carried out (scripts.lib.proceedings) and compared with the chain. Whether it takes one
officer or two is not its own affair but the rule's (scripts.lib.act_rules).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scripts.lib.act_rules import Function, Rule
from scripts.lib.bilingual import Bilingual
from scripts.lib.calls import Call
from scripts.lib.contract_abi import encode_call
from scripts.lib.reasons import Reason

NO_DOCUMENT = bytes(32)


class ActError(Exception):
    """An act cannot come about with the people it names; nothing was sent.

    Attributes:
        reason: why.
    """

    def __init__(self, english: str, japanese: str) -> None:
        self.reason = Bilingual(english, japanese)
        super().__init__(str(self.reason))


@dataclass(frozen=True)
class Act:
    """A call that only Officers makes, after the rule of the function.

    Attributes:
        municipality: whose officers act: 全国地方公共団体コード as a number, 0 for the council.
        contract: name of the contract, whose ABI knows the function.
        address: where it lives (0x hex).
        by: the officer who does or proposes it.
        second: the officer who approves it; None if the rule asks for nobody, or time shall do instead.
        document_hash: of the paper that it rests on (scripts.lib.paper).
        subject: whom or what it is about, for people who read the plan.
    """

    municipality: int
    contract: str
    address: str
    function: str
    arguments: tuple[Any, ...]
    reason: Reason
    by: str
    second: str | None = None
    document_hash: bytes = NO_DOCUMENT
    subject: str = ""

    @property
    def data(self) -> bytes:
        """The call, selector first."""
        return encode_call(self.contract, self.function, self.arguments)

    @property
    def called(self) -> Function:
        """The function, by which the rule is found."""
        return Function(self.address, self.data[:4])

    def perform(self, officers: str) -> Call:
        """Return the transaction by which one officer does it at once."""
        return self._first_step(officers, "perform")

    def propose(self, officers: str) -> Call:
        """Return the transaction by which an officer proposes it."""
        return self._first_step(officers, "propose")

    def approve(self, officers: str, proposal: int) -> Call:
        """Return the transaction by which the second officer approves it.

        Raises:
            ValueError: the act names no second officer.
        """
        if self.second is None:
            raise ValueError(f"{self} names no second officer")
        return Call("Officers", officers, "approve", (proposal, self.data), self.second, str(self))

    def execute(self, officers: str, proposal: int, sender: str | None = None) -> Call:
        """Return the transaction that executes it once its time has come; anyone may send it."""
        return Call("Officers", officers, "execute", (proposal, self.data), sender or self.by, str(self))

    def require_people(self, rule: Rule) -> None:
        """Make sure that the act names as many people as its rule takes.

        Raises:
            ActError: it does not.
        """
        if rule.takes_two and self.second is None:
            raise ActError(f"{self} takes a second officer", f"{self}には2人目の職員の承認が必要です")
        if self.second == self.by:
            raise ActError(
                f"{self}: whoever proposes it cannot approve it", f"{self}: 提案者は承認できません"
            )

    def __str__(self) -> str:
        return f"{self.function} {self.subject}".rstrip()

    def _first_step(self, officers: str, function: str) -> Call:
        arguments = (self.municipality, self.address, self.data, int(self.reason), self.document_hash)
        return Call("Officers", officers, function, arguments, self.by, str(self))
