"""What it costs to turn shops' claims into yen: a batch of BATCH shops, through the two cashiers' offices.

Three such batches are the 3,600 shops of the largest town. Rows are the gas of a shop; `…_proposal` is the
first cashier's transaction, the row without it the second's, which approves and executes.
`settlement_largest` is the largest transaction of all against what one may take.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from eth_utils import keccak

from scripts.lib.acts import NO_DOCUMENT
from scripts.lib.claim_word import CHUNK, ClaimPart, in_order
from scripts.lib.deployment import SERVICES
from scripts.lib.gas.figures import GAS, GAS_PER_SHOP, Figure
from scripts.lib.gas.meter import TRANSACTION_GAS_LIMIT, GasMeter, MeteredContract
from scripts.lib.gas.tokens import MUNICIPALITY, OurToken
from scripts.lib.gas.town import END_OF_THIS_FISCAL_YEAR, PAID_POINTS, Town, pseudonym
from scripts.lib.reasons import Reason
from scripts.lib.roles import Role

BATCH = 1_200
_CASHIER = pseudonym(1_000_010)
_SECOND_CASHIER = pseudonym(1_000_011)
_SERVICE = "MerchantSettlement"


class _Cashiers:
    """The two cashiers at work; remembers their largest transaction."""

    def __init__(self, ours: OurToken, service: MeteredContract) -> None:
        self._officers = ours.officers
        self._service = service
        self.largest = 0

    def decide(self, function: str, *arguments: Any) -> tuple[int, int]:
        """Propose and approve an act; return the gas of both transactions."""
        data = self._service.calldata(function, MUNICIPALITY, *arguments)
        target = self._service.address
        proposal = self._officers.send(
            "propose", MUNICIPALITY, target, data, Reason.ROUTINE, NO_DOCUMENT, sender=_CASHIER
        )
        number = self._officers.read("proposalCount")
        approval = self._officers.send("approve", number, data, sender=_SECOND_CASHIER)
        self.largest = max(self.largest, proposal, approval)
        return proposal, approval


def settlement_figures(meter: GasMeter, town: Town, ours: OurToken) -> Iterator[Figure]:
    """Measure the way of a batch of shops to their yen, and one shop's way back."""
    with town.undone():
        service = _opened(meter, ours)
        cashiers = _Cashiers(ours, service)
        claims = _claims(town)
        year, series = END_OF_THIS_FISCAL_YEAR, ours.contract.address
        words = [claim.word for claim in claims]
        batch = 1
        steps: dict[str, tuple[Any, ...]] = {
            "approve": ("approveClaims", series, year, meter.chain.now(), words),
            "send": ("markSent", batch, _paper("file")),
            "bounce": ("bounce", batch, 0, [1], words[:CHUNK], _paper("bounced")),
            "settle": ("settle", batch, words, _paper("paid"), False),
            "reopen": ("reopen", batch, 0, [2], words[:CHUNK], _paper("came back")),
        }
        for step, (function, *arguments) in steps.items():
            proposal, approval = cashiers.decide(function, *arguments)
            shops, unit = (1, GAS) if step in ("bounce", "reopen") else (BATCH, GAS_PER_SHOP)
            yield Figure(f"settlement_{step}", approval / shops, None, unit)
            yield Figure(f"settlement_{step}_proposal", proposal / shops, None, unit)
        asked = service.send("requestSettlement", series, claims[0].merchant, sender=claims[0].merchant)
        yield Figure("settlement_request", asked, None)
        yield Figure("settlement_largest", cashiers.largest, TRANSACTION_GAS_LIMIT, limit=1.0)


def _opened(meter: GasMeter, ours: OurToken) -> MeteredContract:
    """Let the council offer the service, the municipality accept it, the series name it; appoint cashiers."""
    service = meter.deploy(_SERVICE, [ours.platform.address], ours.officer)
    offer = (service.address, SERVICES[_SERVICE], service.read("acts"))
    ours.platform.send("offerService", *offer, sender=ours.officer)
    by_act = ours.officers.address
    ours.officers.send("acceptService", MUNICIPALITY, service.address, sender=by_act)
    ours.contract.send("setSettlement", service.address, sender=by_act)
    for account, role in ((_CASHIER, Role.CASHIER), (_SECOND_CASHIER, Role.SECOND_CASHIER)):
        ours.officers.send("appoint", MUNICIPALITY, account, role, 0, sender=by_act)
    return service


def _claims(town: Town) -> list[ClaimPart]:
    """Approve the shops and pay each: more than it claims, so that every shop has a claim left."""
    [ours, *_] = town.tokens
    payer, claims = "", []
    for place in range(BATCH):
        if place % 5 == 0:  # LOT_POINTS pay five shops
            payer = town.newcomer()
            ours.grant(payer, END_OF_THIS_FISCAL_YEAR)
        shop = town.newcomer()
        ours.approve(shop)
        ours.pay(payer, shop, 2 * PAID_POINTS)
        claims.append(ClaimPart(shop, PAID_POINTS))
    return in_order(claims)


def _paper(text: str) -> bytes:
    return keccak(text=text)
