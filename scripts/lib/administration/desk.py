"""One officer's desk: a municipality on a chain, its contracts, and who of those at hand may do what.

    desk = Desk.of(connection, code=141305)
    act = desk.act("MunicipalPoint", token, "freeze", account, reason=Reason.STOLEN_CARD)

Whoever holds an office is asked of the chain, for the accounts that can sign here and for those named. An act
for which nobody is at hand keeps an empty place: it can still be planned, and approved elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from scripts.lib.act_rules import Function, Rule, read_rules
from scripts.lib.acts import NO_DOCUMENT, Act
from scripts.lib.administration.connection import Connection
from scripts.lib.administration.task import CommandError
from scripts.lib.calls import Call, View
from scripts.lib.contract_abi import Revert, decode_revert, encode_call
from scripts.lib.deployment import OFFICERS, PLATFORM, RESIDENTS, service_label
from scripts.lib.municipality_codes import lookup_number
from scripts.lib.node.local_chain import RpcError
from scripts.lib.node.rpc import Request
from scripts.lib.node.view_reader import read_views
from scripts.lib.paper import paper_hash
from scripts.lib.reasons import Reason
from scripts.lib.records import DeploymentRecords
from scripts.lib.refusal import ZERO_ADDRESS
from scripts.lib.roles import COUNCIL, Role

NOBODY = ""
"""In place of an officer who is not at hand."""


@dataclass
class Desk:
    """A municipality, or the council (code 0), on a chain.

    Attributes:
        people: accounts that may act: those that can sign here, and those named.
        paper: the paper that all acts rest on.
        reason: the officer's own reason, in place of the command's.
    """

    connection: Connection
    records: DeploymentRecords
    code: int
    people: list[str]
    paper: Path | None = None
    reason: Reason | None = None
    _rules: dict[Function, Rule] = field(default_factory=dict)
    _holders: dict[Role, list[str]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        connection: Connection,
        code: int | None = None,
        named: Sequence[str] = (),
        paper: Path | None = None,
        reason: Reason | None = None,
    ) -> Desk:
        """Return the desk of a municipality.

        Args:
            code: 0 for the council; None for the only municipality there is, or the only one in which
                somebody at hand holds an office.
            named: accounts that act although their keys are not here.

        Raises:
            CommandError: there is no platform, no such municipality, or none can be told from the others.
            RecordError: the records do not fit the chain.
        """
        records = DeploymentRecords(connection.rpc, connection.records)
        if PLATFORM not in records:
            raise CommandError(
                f"no platform is recorded in {records.file.parent}: `council deploy` comes first",
                "このチェーンの基盤の記録がありません。先に council deploy を実行してください",
            )
        people = list(dict.fromkeys([*connection.accounts, *named]))
        desk = cls(connection, records, COUNCIL, people, paper, reason)
        if code is None:
            desk.code = desk._only_municipality()
        elif code != COUNCIL and code not in desk.municipalities:
            raise CommandError(
                f"municipality {code:06d} is not registered", f"団体コード{code:06d}は登録されていません"
            )
        else:
            desk.code = code
        return desk

    # ------------------------------------------------------------------------------------------------- WHERE

    @property
    def name(self) -> str:
        """What the municipality is called."""
        return "運用協議会" if self.code == COUNCIL else lookup_number(self.code).name

    @cached_property
    def platform(self) -> str:
        """Address of PointPlatform."""
        return self.records.address_of(PLATFORM, "PointPlatform")

    @cached_property
    def officers(self) -> str:
        """Address of Officers."""
        return self.records.address_of(OFFICERS, "Officers")

    @cached_property
    def registry(self) -> str:
        """Address of ResidentRegistry."""
        return self.records.address_of(RESIDENTS, "ResidentRegistry")

    @property
    def first_block(self) -> int:
        """The block before which there is nothing of ours."""
        return self.records[PLATFORM].block

    @cached_property
    def municipalities(self) -> list[int]:
        """Codes of all municipalities of the platform."""
        return [int(code) for code in self.ask("PointPlatform", self.platform, "municipalities")]

    def service(self, contract: str) -> str:
        """Return the address of a service by its contract.

        Raises:
            CommandError: the council has not deployed it.
        """
        if service_label(contract) not in self.records:
            raise CommandError(f"the council offers no {contract}", f"{contract}はまだ提供されていません")
        return self.records.address_of(service_label(contract), contract)

    @cached_property
    def series(self) -> dict[str, str]:
        """Addresses of the municipality's series by symbol, in the order of registration."""
        tokens = self.ask("PointPlatform", self.platform, "seriesOf", self.code)
        symbols = self.read([View("MunicipalPoint", token, "symbol") for token in tokens])
        return dict(zip(symbols, tokens, strict=True))

    def token(self, symbol: str | None = None) -> str:
        """Return the address of a series by its symbol; of the only one if None.

        Raises:
            CommandError: there is none, or several to choose from.
        """
        if symbol is None and len(self.series) == 1:
            return next(iter(self.series.values()))
        if symbol is not None and symbol in self.series:
            return self.series[symbol]
        known = ", ".join(self.series) or "—"
        raise CommandError(
            f"name one of the series with --series: {known}", f"--series で種別を指定してください: {known}"
        )

    # ----------------------------------------------------------------------------------------------- ASKING

    def ask(self, contract: str, address: str, function: str, *arguments: Any) -> Any:
        """Return the answer of one view."""
        return self.read([View(contract, address, function, arguments)])[0]

    def read(self, views: Sequence[View]) -> list[Any]:
        """Return the answers of many views."""
        return read_views(self.connection.rpc, views) if views else []

    def refusals(self, calls: Sequence[Call]) -> list[Revert | None]:
        """Return why the chain would refuse each call now; None where it would not."""
        answers = self.connection.rpc.batch(
            Request(
                "eth_call",
                (
                    {
                        "from": call.sender,
                        "to": call.address,
                        "data": "0x" + encode_call(call.contract, call.function, call.arguments).hex(),
                    },
                    "latest",
                ),
            )
            for call in calls
        )
        return [
            decode_revert(bytes.fromhex(answer.data[2:]) if isinstance(answer.data, str) else b"")
            if isinstance(answer, RpcError)
            else None
            for answer in answers
        ]

    def now(self) -> int:
        """Return the time of the latest block, in Unix seconds."""
        return self.connection.deployer.now()

    def block(self) -> int:
        """Return the number of the latest block."""
        return int(self.connection.rpc.call("eth_blockNumber"), 16)

    def account_of(self, number: int) -> str | None:
        """Return a resident's account; None if there is no such resident, or no longer."""
        [account] = self.accounts_of([number])
        return account

    def accounts_of(self, numbers: Sequence[int]) -> list[str | None]:
        """Return residents' accounts by number; None for those who are none."""
        size = 500
        found: list[str] = []
        views = [
            View("ResidentRegistry", self.registry, "accountsOf", (self.code, numbers[start : start + size]))
            for start in range(0, len(numbers), size)
        ]
        for answer in self.read(views):
            found += answer
        return [None if account == ZERO_ADDRESS else account for account in found]

    # ------------------------------------------------------------------------------------------------- ACTS

    @property
    def anyone(self) -> str:
        """Who sends what anybody may send.

        Raises:
            CommandError: nobody is at hand.
        """
        sender = next(iter(self.people), self.connection.payer)
        if not sender:
            raise CommandError(
                "name the account that sends with --by", "--by で送信する口座を指定してください"
            )
        return sender

    def holders(self, role: Role) -> list[str]:
        """Return who of the people at hand holds an office of the municipality now."""
        if role not in self._holders:
            answers = self.read(
                [
                    View("Officers", self.officers, "isOfficer", (self.code, int(role), person))
                    for person in self.people
                ]
            )
            self._holders[role] = [
                person for person, holds in zip(self.people, answers, strict=True) if holds
            ]
        return self._holders[role]

    def rule(self, act: Act) -> Rule:
        """Return the rule of an act."""
        if act.called not in self._rules:
            self._rules |= read_rules(self.connection.deployer, self.officers, [act.called])
        return self._rules[act.called]

    def act(
        self,
        contract: str,
        address: str,
        function: str,
        *arguments: Any,
        reason: Reason,
        subject: str = "",
        municipality: int | None = None,
    ) -> Act:
        """Return an act of the municipality, by whoever at hand may propose and approve it.

        Args:
            municipality: another one, where the council acts in it.
        """
        document = NO_DOCUMENT if self.paper is None else paper_hash(self.paper)
        draft = Act(
            self.code if municipality is None else municipality,
            contract,
            address,
            function,
            arguments,
            self.reason or reason,
            NOBODY,
            document_hash=document,
            subject=subject,
        )
        rule = self.rule(draft)
        by = next(iter(self.holders(rule.proposer)), NOBODY)
        others = [person for person in self.holders(rule.approver) if person != by]
        second = None if rule.takes_one or not others else others[0]
        return Act(**{**draft.__dict__, "by": by, "second": second})

    def _only_municipality(self) -> int:
        if len(self.municipalities) == 1:
            return self.municipalities[0]
        views = [
            View("Officers", self.officers, "isOfficer", (code, int(role), person))
            for code in self.municipalities
            for role in Role
            for person in self.people
        ]
        answers = self.read(views)
        held = {int(view.arguments[0]) for view, holds in zip(views, answers, strict=True) if holds}
        if len(held) == 1:
            return held.pop()
        codes = ", ".join(f"{code:06d}" for code in self.municipalities) or "—"
        raise CommandError(
            f"name the municipality with --town: {codes}", f"--town で団体コードを指定してください: {codes}"
        )
