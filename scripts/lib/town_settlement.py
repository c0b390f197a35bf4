"""A town's monthly settlement on a local chain, through its two cashiers, beside the reference model.

    settlement = TownSettlement(deployer, town, service, model)
    settlement.open()                         # once: accept the service, let the series name it
    batch = settlement.approve(cut_off)       # what shops had free then
    settlement.settle(batch, bounced={2})     # claim 2 bounced, the bank has paid the rest
    settlement.close_year(figures)

Chain and model do the same, one after the other; what they hold is for the caller to compare. Amounts are
points, 1 point = 1 yen.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

from scripts.lib.acts import Act
from scripts.lib.bank_paper import bank_paper
from scripts.lib.calls import Deployer, View
from scripts.lib.claim_word import CHUNK, ClaimPart, in_order, places_of
from scripts.lib.proceedings import carry_out, execute_pending
from scripts.lib.reasons import Reason
from scripts.lib.reference_settlement import ReferenceSettlement
from scripts.lib.roles import Role
from scripts.lib.town_on_chain import TownOnChain

SERVICE = "MerchantSettlement"


class YearFigures(NamedTuple):
    """What officers tell of a fiscal year when they close it (IMerchantSettlement.YearFigures)."""

    granted: int
    exchanged: int
    bonus: int
    restored: int
    used: int
    refunded: int
    revoked: int
    carried_over: int


@dataclass
class TownSettlement:
    """The settlement of one town's series.

    Attributes:
        service: address of MerchantSettlement.
        wait_until: lets the chain's time go on to a second.
        key: under which the town names its bank's papers.
    """

    deployer: Deployer
    town: TownOnChain
    service: str
    model: ReferenceSettlement
    wait_until: Callable[[int], None]
    key: bytes

    def open(self) -> None:
        """Let the town accept the service and its series name it: both wait 48 hours."""
        for contract, address, function, arguments in (
            ("Officers", self.town.officers, "acceptService", (self.town.code, self.service)),
            ("MunicipalPoint", self.town.token, "setSettlement", (self.service,)),
        ):
            act = self._act(Role.ADMIN, Role.ADMIN, contract, address, function, arguments)
            waiting = carry_out(self.deployer, self.town.officers, [act])
            self.wait_until(max(pending.ready_at for pending in waiting))
            execute_pending(self.deployer, self.town.officers, waiting)

    def claims(self) -> list[ClaimPart]:
        """Return what shops have free in the model, which knows no sales after the cut-off; in order."""
        shops = self.town.accounts.merchants.values()
        found = [ClaimPart(shop, *self.model.claim_of(shop)[:2]) for shop in shops]
        return in_order([claim for claim in found if claim.points])

    def approve(self, cut_off: int) -> int:
        """Approve and send what shops had free at the cut-off; return the batch's number in the model."""
        claims, year = self.claims(), self.model.fiscal_year
        self._decide("approveClaims", self.town.token, year, cut_off, [claim.word for claim in claims])
        batch = self.model.approve(year, cut_off, claims)
        file = self._paper(f"総合振込 {batch}")
        self._decide("markSent", self._on_chain(batch), file)
        self.model.send(batch, file)
        return batch

    def settle(self, batch: int, bounced: Collection[int] = (), *, from_this_year: bool = False) -> None:
        """Let some claims of a batch bounce and note that the bank has paid the others."""
        claims = self.model.batches[batch].claims
        words = [claim.word for claim in claims]
        if bounced:
            slip = self._paper(f"振込不能 {batch}")
            places = places_of(sorted(bounced))
            first, last = min(places), max(places) + 1
            brought = words[first * CHUNK : last * CHUNK]
            masks = [places.get(chunk, 0) for chunk in range(first, last)]
            self._decide("bounce", self._on_chain(batch), first, masks, brought, slip)
            self.model.bounce(batch, bounced, slip)
        paper = self._paper(f"振込結果 {batch}")
        self._decide("settle", self._on_chain(batch), words, paper, from_this_year)
        self.model.settle(batch, claims, paper, from_this_year)

    def close_year(self, fiscal_year: int, figures: YearFigures) -> None:
        """Fix a year's figures."""
        self._decide("closeYear", self.town.token, fiscal_year, tuple(figures))

    def sell(self, shop: str, buyer: str) -> None:
        """Let a shop's owner key go to a buyer."""
        act = self._act(
            Role.MERCHANT_OFFICER,
            Role.MERCHANT_OFFICER,
            "MunicipalPoint",
            self.town.token,
            "replaceOwner",
            (shop, buyer),
            Reason.SHOP_SOLD,
        )
        carry_out(self.deployer, self.town.officers, [act])

    def _on_chain(self, batch: int) -> int:
        """Return the number that the chain gave a batch: it counts those of all towns."""
        file = self._paper(f"総合振込 {batch}")
        views = [
            View(SERVICE, self.service, "batchOfPaper", (self.town.code, file)),
            View(SERVICE, self.service, "batchCount"),
        ]
        sent, newest = self.deployer.read(views)
        return int(sent or newest)

    def _paper(self, text: str) -> bytes:
        return bank_paper(self.key, text.encode())

    def _decide(self, function: str, *arguments: Any) -> None:
        act = self._act(
            Role.CASHIER,
            Role.SECOND_CASHIER,
            SERVICE,
            self.service,
            function,
            (self.town.code, *arguments),
        )
        carry_out(self.deployer, self.town.officers, [act])

    def _act(
        self,
        first: Role,
        second: Role,
        contract: str,
        address: str,
        function: str,
        arguments: tuple[Any, ...],
        reason: Reason = Reason.ROUTINE,
    ) -> Act:
        officers = self.town.accounts.officers
        by, approver = officers[first][0], officers[second][1]
        return Act(self.town.code, contract, address, function, arguments, reason, by, approver)
