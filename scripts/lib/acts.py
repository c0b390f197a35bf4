"""Acts of officers as data: what is to be done, on which contract, why, and by whom.

    act = Act(141305, "MunicipalPoint", token, "freeze", (account,), Reason.STOLEN_CARD, by=desk_officer)

One object is printed, carried out (scripts.lib.proceedings) and compared with the chain. Whether it takes one
officer or two is not its own affair but the rule's (scripts.lib.act_rules).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rich.box import SIMPLE
from rich.table import Table

from scripts.lib.act_rules import Function, Rule, duration_label
from scripts.lib.bilingual import Bilingual
from scripts.lib.calls import Call
from scripts.lib.contract_abi import encode_call
from scripts.lib.powers.function_labels import function_label
from scripts.lib.reasons import Reason

NO_DOCUMENT = bytes(32)
_SHOWN_CHARACTERS = 200
_COLUMNS = (
    "act 行為",
    "arguments 引数",
    "concerns 対象",
    "by 提案・実行",
    "second 承認",
    "happens 実施",
    "reason 理由",
)


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


def act_table(acts: Iterable[Act], rules: Mapping[Function, Rule], title: str) -> Table:
    """Return a table of decoded acts with what their rules ask for, to be read before they are sent."""
    table = Table(title=title, title_justify="left", box=SIMPLE)
    for column in _COLUMNS:
        table.add_column(column, overflow="fold")
    for act in acts:
        rule = rules[act.called]
        delay = rule.delay_alone if act.second is None or rule.takes_one else rule.delay_approved
        second = "—" if rule.takes_one or act.second is None else f"{act.second}\n{rule.approver.label}"
        table.add_row(
            f"{act.function}\n{function_label(act.contract, act.function).japanese}",
            _shown(act.arguments),
            act.subject,
            f"{act.by}\n{rule.proposer.label}",
            second,
            str(duration_label(delay)),
            str(act.reason.label),
        )
    return table


def _shown(arguments: tuple[Any, ...]) -> str:
    """Return arguments as text: bytes as hex, and long lists cut."""
    text = ", ".join(
        "0x" + argument.hex() if isinstance(argument, bytes) else str(argument) for argument in arguments
    )
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"
