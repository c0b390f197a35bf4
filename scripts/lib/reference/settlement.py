"""How settlement has to come out: a plain model of MerchantSettlement and of the claims of one series.

    model = ReferenceSettlement(municipality)
    model.now = ...                                    # Unix seconds, never backwards
    model.earn(shop, 500)                              # a payment
    batch = model.approve(fiscal_year, cut_off, claims)
    model.send(batch, file)
    model.settle(batch, claims, paper)

Every claim is kept by the fiscal year in which it was earned; the chain keeps this year's and "earlier". It
shares no code with the contracts or with scripts.lib.replays.settlement. What is refused raises Refused with
the name of the contract's error. Amounts are points, 1 point = 1 yen; fiscal years go by the month number of
their March.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from scripts.lib.claim_word import MAX_CLAIMS, ClaimPart
from scripts.lib.japan_calendar import fiscal_year_end, month_of, start_of
from scripts.lib.refusal import Refused

MONTHS_OF_YEAR = 12
_FIRST_MONTH_AFTER_CLOSE = 3  # June, counted from a fiscal year's March


class BatchState(IntEnum):
    """Where a batch stands, as numbered in IMerchantSettlement."""

    NONE = 0
    APPROVED = 1
    SENT = 2
    SETTLED = 3
    CANCELLED = 4


@dataclass
class Books:
    """What a fiscal year's books hold of settlement, gross."""

    settled: int = 0
    past_years: int = 0
    reopened: int = 0


@dataclass
class Batch:
    """Claims of one transfer file.

    Attributes:
        claims: what was locked, in order.
        back: numbers of the claims that bounced, or were paid and came back.
    """

    fiscal_year: int
    claims: list[ClaimPart]
    state: BatchState = BatchState.APPROVED
    bounced: set[int] = field(default_factory=set)
    reopened: set[int] = field(default_factory=set)

    @property
    def back(self) -> set[int]:
        """Numbers of the claims that are owed again."""
        return self.bounced | self.reopened

    @property
    def left(self) -> list[ClaimPart]:
        """Claims that are locked or burned, and hold something."""
        return [claim for place, claim in enumerate(self.claims) if place not in self.back and claim.points]


class ReferenceSettlement:
    """One series of one municipality and the settlement of its claims.

    Attributes:
        free: by merchant and fiscal year, claims that are neither locked nor settled.
        locked: by merchant. `settled`: by merchant, what was burned and is not owed again.
        books: by fiscal year.
    """

    def __init__(self, now: int) -> None:
        self.now = now
        self.free: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self.locked: Counter[str] = Counter()
        self.settled: Counter[str] = Counter()
        self.frozen: set[str] = set()
        self.paused_until = 0
        self.batches: dict[int, Batch] = {}
        self.papers: dict[bytes, int] = {}
        self.books: defaultdict[int, Books] = defaultdict(Books)

    @property
    def fiscal_year(self) -> int:
        """The present one."""
        return fiscal_year_end(month_of(self.now))

    # ----------------------------------------------------------------- claims

    def earn(self, merchant: str, points: int) -> None:
        """Let somebody pay a merchant."""
        self.free[merchant][self.fiscal_year] += points

    def refund(self, merchant: str, year: int, points: int) -> None:
        """Give points of a sale back to its payer, out of what is not locked.

        Args:
            year: in which it was paid; its claim gives first, this year's or that of all earlier ones.
        """
        if merchant in self.frozen:
            raise Refused("PointAccountFrozen")
        free = self.free[merchant]
        if points > free.total():
            raise Refused("PointClaimTooSmall")
        self._require_moving()
        of_this_year = year == self.fiscal_year
        for paid_in in sorted(free, key=lambda paid_in: (paid_in == self.fiscal_year) != of_this_year):
            part = min(free[paid_in], points)
            free[paid_in] -= part
            points -= part

    def claim_of(self, merchant: str) -> tuple[int, int, int]:
        """Return what a merchant has free of this year and of earlier ones, and locked."""
        free = self.free[merchant]
        this_year = free[self.fiscal_year]
        return this_year, free.total() - this_year, self.locked[merchant]

    def _take(self, merchant: str, claim: ClaimPart) -> ClaimPart:
        """Lock what is there of a claim, the earliest years first; return that."""
        if merchant in self.frozen:
            return ClaimPart(merchant, 0)
        free = self.free[merchant]
        this_year = min(free[self.fiscal_year], claim.this_year)
        free[self.fiscal_year] -= this_year
        missing = claim.earlier_years
        for year in sorted(year for year in free if year < self.fiscal_year):
            part = min(free[year], missing)
            free[year] -= part
            missing -= part
        taken = ClaimPart(merchant, this_year, claim.earlier_years - missing)
        self.locked[merchant] += taken.points
        return taken

    def _give_back(self, batch: Batch, claim: ClaimPart) -> None:
        """Make a claim of a batch owed again, in the years from which it was."""
        self.free[claim.merchant][batch.fiscal_year] += claim.this_year
        self.free[claim.merchant][batch.fiscal_year - MONTHS_OF_YEAR] += claim.earlier_years

    # ---------------------------------------------------------------- batches

    def approve(self, fiscal_year: int, cut_off: int, claims: Sequence[ClaimPart]) -> int:
        """Lock claims; return the batch's number."""
        if fiscal_year != self.fiscal_year:
            raise Refused("SettlementFiscalYear", fiscal_year, self.fiscal_year)
        if cut_off > self.now:
            raise Refused("SettlementCutOff")
        if not 0 < len(claims) <= MAX_CLAIMS:
            raise Refused("SettlementClaimCount")
        ends_before = fiscal_year_end(month_of(cut_off)) != fiscal_year
        last = ""
        for claim in claims:
            place = (
                claim.merchant.lower()
            )  # addresses are of one length: as text they stand as they do as numbers
            if place <= last:
                raise Refused("SettlementOrder")
            last = place
            if ends_before and claim.this_year:
                raise Refused("SettlementCutOff")
        self._require_moving()
        if not any(self._lockable(claim) for claim in claims):
            raise Refused("SettlementNothingOwed")
        locked = [self._take(claim.merchant, claim) for claim in claims]
        number = len(self.batches) + 1
        self.batches[number] = Batch(fiscal_year, locked)
        return number

    def _lockable(self, claim: ClaimPart) -> int:
        if claim.merchant in self.frozen:
            return 0
        this_year, earlier_years, _ = self.claim_of(claim.merchant)
        return min(this_year, claim.this_year) + min(earlier_years, claim.earlier_years)

    def cancel(self, batch: int, claims: Sequence[ClaimPart]) -> None:
        """Give up a batch that was not sent."""
        about = self._batch(batch, BatchState.APPROVED)
        self._require_all(about, claims)
        self._require_moving()
        about.state = BatchState.CANCELLED
        for claim in about.claims:
            self.locked[claim.merchant] -= claim.points
            self._give_back(about, claim)

    def send(self, batch: int, file: bytes) -> None:
        """Note that the transfer file is with the bank."""
        about = self._batch(batch, BatchState.APPROVED)
        self._use(file, batch)
        about.state = BatchState.SENT

    def settle(
        self, batch: int, claims: Sequence[ClaimPart], paper: bytes, from_this_year: bool = False
    ) -> None:
        """Burn what did not bounce."""
        about = self._batch(batch, BatchState.SENT)
        self._require_all(about, claims)
        paid = about.left
        if not paid:
            raise Refused("SettlementNothingOwed")
        self._require_unused(paper)
        parts = {
            about.fiscal_year: sum(claim.this_year for claim in paid),
            about.fiscal_year - MONTHS_OF_YEAR: sum(claim.earlier_years for claim in paid),
        }
        closed = [year for year, points in parts.items() if points and not self.is_open(year)]
        if closed and not from_this_year:
            raise Refused("SettlementBooksClosed", closed[0])
        self._require_moving()
        self.papers[paper] = batch
        about.state = BatchState.SETTLED
        for year, points in parts.items():
            # An expense of past years is the year's that approved it, as long as its books are open.
            books = self._bearing(about.fiscal_year if year in closed else year)
            books.settled += points
            if year in closed:
                books.past_years += points
        for claim in paid:
            self.locked[claim.merchant] -= claim.points
            self.settled[claim.merchant] += claim.points

    def bounce(self, batch: int, places: Collection[int], paper: bytes) -> None:
        """Unlock claims that the bank could not pay."""
        about = self._batch(batch, BatchState.SENT)
        for claim in self._take_back(about, batch, places, paper):
            self.locked[claim.merchant] -= claim.points
            self._give_back(about, claim)
        about.bounced |= set(places)

    def reopen(self, batch: int, places: Collection[int], paper: bytes) -> None:
        """Make claims owed again whose yen came back after they had counted as paid."""
        about = self._batch(batch, BatchState.SETTLED)
        for claim in self._take_back(about, batch, places, paper):
            self.settled[claim.merchant] -= claim.points
            self._give_back(about, claim)
            self._book_return(about.fiscal_year, claim.this_year)
            self._book_return(about.fiscal_year - MONTHS_OF_YEAR, claim.earlier_years)
        about.reopened |= set(places)

    def _take_back(self, about: Batch, batch: int, places: Collection[int], paper: bytes) -> list[ClaimPart]:
        self._require_unused(paper)
        for place in places:
            if place >= len(about.claims) or place in about.back or not about.claims[place].points:
                raise Refused("SettlementPlaces")
        self._require_moving()
        self.papers[paper] = batch
        return [about.claims[place] for place in places]

    # ------------------------------------------------------------------ books

    def is_open(self, fiscal_year: int) -> bool:
        """Whether the books of a fiscal year take payments in: until 31 May."""
        return self.now < start_of(fiscal_year + _FIRST_MONTH_AFTER_CLOSE)

    def _bearing(self, sale_year: int) -> Books:
        return self.books[sale_year if self.is_open(sale_year) else self.fiscal_year]

    def _book_return(self, sale_year: int, points: int) -> None:
        """Book a return where it will be paid again: what is of an earlier year counts as of last year."""
        self._bearing(max(sale_year, self.fiscal_year - MONTHS_OF_YEAR)).reopened += points

    # ----------------------------------------------------------------- checks

    def _batch(self, batch: int, state: BatchState) -> Batch:
        if batch not in self.batches:
            raise Refused("SettlementUnknownBatch")
        if self.batches[batch].state != state:
            raise Refused("SettlementWrongState")
        return self.batches[batch]

    def _require_all(self, about: Batch, claims: Sequence[ClaimPart]) -> None:
        if list(claims) != about.claims:
            raise Refused("SettlementOtherClaims")

    def _require_unused(self, paper: bytes) -> None:
        if paper in self.papers:
            raise Refused("SettlementPaperUsed")

    def _use(self, paper: bytes, batch: int) -> None:
        self._require_unused(paper)
        self.papers[paper] = batch

    def _require_moving(self) -> None:
        if self.now < self.paused_until:
            raise Refused("PointPaused")
