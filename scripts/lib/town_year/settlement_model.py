"""A town's settlement as its rows ask for it, in the reference model (scripts.lib.reference.settlement).

What shops earned is told as it happens; claims are drawn up from that, up to the cut-off of a row. Amounts
are points, 1 point = 1 yen; fiscal years go by the month number of their March.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from scripts.lib.claim_word import ClaimPart
from scripts.lib.japan_calendar import fiscal_year_end, month_of
from scripts.lib.reference.ledger import Claim
from scripts.lib.reference.settlement import ReferenceSettlement
from scripts.lib.refusal import Refused
from scripts.lib.town_year.settlement_rows import SettlementRow, SettlementStep


class SettlementModel:
    """One series.

    Args:
        now: Unix second from which it is told.
        merchants: account by merchant number.

    Attributes:
        reference: what the rules make of it.
        batches: number in the reference by cut-off.
    """

    def __init__(self, now: int, merchants: Mapping[str, str]) -> None:
        self.reference = ReferenceSettlement(now)
        self.batches: dict[int, int] = {}
        self._merchants = merchants
        self._earned: list[tuple[int, str, int]] = []

    def earn(self, time: int, merchant: str, points: int) -> None:
        """Note a payment to a merchant's account."""
        self.reference.now = time
        self.reference.earn(merchant, points)
        self._earned.append((time, merchant, points))

    def play(self, row: SettlementRow, paused_until: int) -> None:
        """Do what a row says; closing a year is the caller's.

        Args:
            paused_until: first second at which points of the series move.

        Raises:
            Refused: the rules do not allow it.
        """
        reference = self.reference
        reference.now, reference.paused_until = row.time, paused_until
        name = str(row.cut_off).encode()
        match row.step:
            case SettlementStep.APPROVE:
                claims = self._due(row)
                self.batches[row.cut_off] = reference.approve(reference.fiscal_year, row.cut_off, claims)
                reference.send(self.batches[row.cut_off], name)
            case SettlementStep.PAY:
                batch = self.batches[row.cut_off]
                claims = reference.batches[batch].claims
                if row.merchants:
                    reference.bounce(batch, self._places(claims, row.merchants), b"returned " + name)
                reference.settle(batch, claims, b"paid " + name)

    def claim_of(self, merchant: str, now: int) -> Claim:
        """Return what a merchant's account has free of this year, of earlier ones, and locked."""
        self.reference.now = now
        return Claim(*self.reference.claim_of(merchant))

    def _due(self, row: SettlementRow) -> list[ClaimPart]:
        """Return what is free of what was sold up to the cut-off."""
        year = self.reference.fiscal_year
        later: Counter[tuple[str, bool]] = Counter()
        for time, merchant, points in reversed(self._earned):
            if time <= row.cut_off:
                break
            later[merchant, fiscal_year_end(month_of(time)) == year] += points
        claims = []
        for number in row.merchants or self._merchants:
            merchant = self._merchants[number]
            this_year, earlier_years, _ = self.reference.claim_of(merchant)
            part = ClaimPart(
                merchant, this_year - later[merchant, True], earlier_years - later[merchant, False]
            )
            if part.points:
                claims.append(part)
        # By the numbers that addresses are, as a batch has to have them; without a chain, by names.
        return sorted(claims, key=lambda claim: claim.merchant.lower())

    def _places(self, claims: list[ClaimPart], merchants: tuple[str, ...]) -> list[int]:
        places = {claim.merchant: place for place, claim in enumerate(claims)}
        missing = [number for number in merchants if self._merchants[number] not in places]
        if missing:
            raise Refused("SettlementPlaces", *missing)
        return sorted(places[self._merchants[number]] for number in merchants)
