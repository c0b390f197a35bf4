"""A town with many residents and an approved list of grants to all of them, on a chain without Brownie."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils import keccak

from scripts.lib.acts import Act
from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.grant_list import GrantList, Row
from scripts.lib.japan_calendar import fiscal_year_end, last_second, month_of
from scripts.lib.proceedings import carry_out, execute_pending
from scripts.lib.reasons import Reason
from scripts.lib.registration import RegistrationDomain, batches, sign
from scripts.lib.roles import Role
from tests.support.office_town import CODE, OfficeTown

SERVICE = "GrantProgrammes"
FILE_HASH = keccak(text="list.csv")
_ALLOWANCE = 10**12
_BUDGET = 10**10


@dataclass
class Crowd:
    """The residents and the service.

    Attributes:
        cards: their keys, in the order of their resident numbers, which begin with 1.
        service: address of GrantProgrammes.
    """

    town: OfficeTown
    cards: list[LocalAccount]
    service: str
    _labels: int = 0

    @classmethod
    def settled(cls, town: OfficeTown, residents: int) -> Crowd:
        """Register residents, each by the signature of its own key, and accept the service."""
        [service] = [address for address, name in town.services.items() if name == SERVICE]
        crowd = cls(town, [Account.from_key(keccak(text=f"crowd {n}")) for n in range(residents)], service)
        domain = RegistrationDomain(town.keyring.chain_id, town.residents)
        joining = (sign(domain, CODE, card, keccak(card.key)) for card in crowd.cards)
        desk, second = town.officer(Role.DESK_OFFICER), town.officer(Role.SECOND_DESK_OFFICER)
        acts = [
            town.act("ResidentRegistry", "register", CODE, 1, list(batch), by=desk, second=second)
            for batch in batches(joining)
        ]
        carry_out(town.deployer, town.officers, acts)
        admins = {"by": town.officer(Role.ADMIN), "second": town.officer(Role.ADMIN, 2)}
        waiting = carry_out(
            town.deployer,
            town.officers,
            [
                town.act("Officers", "acceptService", CODE, service, **admins),
                town.act("MunicipalPoint", "increaseMinterAllowance", service, _ALLOWANCE, **admins),
            ],
        )
        town.pass_time(max(each.ready_at for each in waiting) - town.chain.now())
        execute_pending(town.deployer, town.officers, waiting)
        return crowd

    def approved(self, rows: Iterable[tuple[int, int]], **terms: Any) -> tuple[int, GrantList]:
        """Have a list of (resident number, points) approved in a programme of its own; return batch and list.

        Args:
            terms: `points` of each grant, `cap` of a year.
        """
        programme = self._opened(**terms)
        return self.approved_for(self._occurrence(programme), rows)

    def approved_for(self, occurrence: int, rows: Iterable[tuple[int, int]]) -> tuple[int, GrantList]:
        """Have a list approved for an occurrence; return batch and list."""
        grants = GrantList([Row(*row) for row in rows])
        self._decide(
            "approveBatch", occurrence, (grants.root, len(grants.rows), grants.total_points, FILE_HASH)
        )
        return self._ask("batchCount"), grants

    def occurrence_of(self, batch: int) -> int:
        """Return what a batch is for."""
        return int(self._ask("batchOf", batch)[2])

    def balances(self, numbers: Sequence[int] | None = None) -> list[int]:
        """Return what residents have, all of them unless told."""
        from scripts.lib.calls import View

        cards = self.cards if numbers is None else [self.cards[number - 1] for number in numbers]
        views = [View("MunicipalPoint", self.town.token, "balanceOf", (card.address,)) for card in cards]
        return [int(answer) for answer in self.town.deployer.read(views)]

    def stop(self, batch: int) -> None:
        """Stop a batch."""
        self._decide("stopBatch", batch)

    def _opened(self, points: int = 0, cap: int = 0) -> int:
        now = self.town.chain.now()
        end = fiscal_year_end(month_of(now))
        rule = int(ExpiryRule.NEXT_FISCAL_YEAR)
        terms = (
            self.town.token,
            "給付",
            "川崎市",
            now,
            last_second(end),
            points,
            cap,
            rule,
            0,
            FILE_HASH,
        )
        self._decide("openProgramme", terms)
        programme = int(self._ask("programmeCount"))
        self._decide("setBudget", programme, end, _BUDGET)
        return programme

    def _occurrence(self, programme: int) -> int:
        self._labels += 1
        self._decide("openOccurrences", programme, [f"第{self._labels}回"])
        return int(self._ask("occurrenceCount"))

    def _decide(self, function: str, *arguments: Any) -> None:
        town = self.town
        officer, approver = town.officer(Role.PROGRAMME_OFFICER), town.officer(Role.PROGRAMME_APPROVER)
        act = Act(
            CODE,
            SERVICE,
            self.service,
            function,
            (CODE, *arguments),
            Reason.DECISION,
            officer,
            None if function == "stopBatch" else approver,
        )
        carry_out(town.deployer, town.officers, [act])

    def _ask(self, function: str, *arguments: Any) -> Any:
        return self.town.ask(SERVICE, self.service, function, *arguments)
