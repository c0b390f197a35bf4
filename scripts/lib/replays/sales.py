"""Rebuilds a series' sales from its events: what was paid from which lots, by whom, and what of it went back.

Checked is what the events of sales say among themselves: one payment a sale number, ever (I7); refunds of no
more than was paid, into the original lots that have not ended, inside the window, to the payer or the payer's
successor (I8). That lots and claims allow it, is scripts.lib.replays.series's business.

Amounts are points, months and days are counted from January 2000 = 0, times are Unix seconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from eth_utils import to_checksum_address

from scripts.lib.japan_calendar import day_of, fiscal_year_end, month_of
from scripts.lib.node.event_log import Event
from scripts.lib.payment.issue import PaymentIssue
from scripts.lib.payment.sale_number import day_of_sale
from scripts.lib.payment.signing import MAX_PAYMENT_POINTS
from scripts.lib.replays.error import ReplayError

MAX_PAYABLE_DAYS = 365
"""As many days as any series lets pass between a sale and its payment."""

RECORDED_BITS = 49
"""How much a sale's record keeps of the sum of payer and amount, if several lots have paid."""


class Lot(NamedTuple):
    """Points that end with a month."""

    month: int
    points: int

    @classmethod
    def from_word(cls, word: int) -> Lot:
        """Take a lot apart as refunds have it: the month above 29 bits of points."""
        return cls(word >> 29, word % (1 << 29))


@dataclass
class PaidSale:
    """A sale that was paid.

    Attributes:
        lots: that paid, earliest first.
        left: of these, what was not refunded.
        year: in which it was paid, named by its last month.
    """

    payer: str
    lots: list[Lot]
    left: list[Lot]
    year: int

    @property
    def refunded(self) -> int:
        """Points that went back."""
        return sum(lot.points for lot in self.lots) - sum(lot.points for lot in self.left)

    def may_be_by(self, payer: str) -> bool:
        """Return whether the chain may take it for a payment by this account.

        Of a payment from several lots its record keeps the sum of payer and amount, of which RECORDED_BITS;
        the event of a payment that is skipped tells no amount.
        """
        if len(self.lots) == 1:
            return payer == self.payer
        points = sum(lot.points for lot in self.lots)
        amount = (int(self.payer, 16) + points - int(payer, 16)) % (1 << RECORDED_BITS)
        return 0 < amount <= MAX_PAYMENT_POINTS


@dataclass(frozen=True)
class Paying:
    """What the events SalePaid of one payment say together."""

    merchant: str
    sale: int
    payer: str
    lots: list[Lot]

    @property
    def points(self) -> int:
        """What is paid."""
        return sum(lot.points for lot in self.lots)


@dataclass(frozen=True)
class Refunding:
    """What the events SaleRefunded and SaleUnreturnable of one refund say together.

    Attributes:
        payer: as SaleUnreturnable names it; None if all goes back.
        unreturnable: points whose lots have ended.
    """

    merchant: str
    sale: int
    receiver: str
    lots: list[Lot]
    payer: str | None
    unreturnable: int

    @property
    def points(self) -> int:
        """What goes back."""
        return sum(lot.points for lot in self.lots)


@dataclass(frozen=True)
class _Part:
    """What one event of a payment or refund says.

    Attributes:
        event: its name.
        account: the payer, or who gets points back.
        lot: None in a SaleUnreturnable.
    """

    event: str
    transaction: str
    merchant: str
    sale: int
    account: str
    lot: Lot | None
    unreturnable: int = 0

    @classmethod
    def told_by(cls, event: Event) -> _Part:
        a = event.arguments
        about = (event.name, event.transaction, a["merchant"])
        match event.name:
            case "SalePaid":
                # Payer (160 bits), sale (32), nothing (24), lot (40).
                word = a["payment"]
                payer, sale = to_checksum_address(f"0x{word >> 96:040x}"), (word >> 64) % (1 << 32)
                return cls(*about, sale, payer, Lot.from_word(word % (1 << 64)))
            case "SaleRefunded":
                return cls(*about, a["sale"], a["receiver"], Lot.from_word(a["lot"]))
        return cls(*about, a["sale"], a["payer"], None, a["amountPoints"])


_MAY_FOLLOW = {
    "SalePaid": ("SalePaid", "Transfer"),
    "SaleRefunded": ("SaleRefunded", "SaleUnreturnable", "Transfer"),
    "SaleUnreturnable": ("Transfer",),
}


@dataclass
class SalesReplay:
    """The sales of one series as its events tell them.

    Attributes:
        payable_days: how long after its day a sale can be paid; no event tells it (the view saleDays does).
        successor_of: who took over from an account, as the registry of residents has it; None if nobody.
        refund_days: how long after the last payable day a sale can be refunded; None before it was set.
        payments: by merchant and sale number.
        voided: merchant and sale number.
        cancel_epochs: how often accounts have cancelled their signatures.
        before: the sales of the series that this one has taken over from.
    """

    payable_days: int = MAX_PAYABLE_DAYS
    successor_of: Callable[[str], str | None] = lambda _: None
    refund_days: int | None = None
    payments: dict[tuple[str, int], PaidSale] = field(default_factory=dict)
    voided: set[tuple[str, int]] = field(default_factory=set)
    cancel_epochs: Counter[str] = field(default_factory=Counter)
    before: SalesReplay | None = None
    _announced: list[_Part] = field(default_factory=list)
    """Of a payment or refund whose Transfer has not come yet."""

    # ------------------------------------------------------------------- what a Transfer completes

    def require_whole(self, event: Event) -> None:
        """Check that a payment or refund comes to its Transfer before anything else.

        Raises:
            ReplayError: it does not, or this event tells of none.
        """
        if self._announced:
            last = self._announced[-1]
            if event.name not in _MAY_FOLLOW[last.event] or event.transaction != last.transaction:
                raise ReplayError(event, f"the {last.event} before it has no Transfer beside it")
        elif event.name == "SaleUnreturnable":
            raise ReplayError(event, "nothing of the sale goes back")

    def drop_pending(self) -> None:
        """Forget payments and refunds whose Transfer has not come."""
        self._announced = []

    def announce(self, event: Event) -> None:
        """Take in a SalePaid, SaleRefunded or SaleUnreturnable."""
        part = _Part.told_by(event)
        for before in self._announced[-1:]:
            other_account = part.event == before.event and part.account != before.account
            if (part.merchant, part.sale) != (before.merchant, before.sale) or other_account:
                raise ReplayError(event, f"it tells of another than the {before.event} before it: {before}")
        self._announced.append(part)

    def first_announced(self) -> Paying | Refunding | None:
        """Return what the next Transfer completes, without taking note of it."""
        parts = list(self._announced)
        first = self.announced()
        self._announced = parts
        return first

    def announced(self) -> Paying | Refunding | None:
        """Return what this Transfer completes, if anything."""
        parts, self._announced = self._announced, []
        if not parts:
            return None
        first, last = parts[0], parts[-1]
        lots = [part.lot for part in parts if part.lot is not None]
        if first.event == "SalePaid":
            return Paying(first.merchant, first.sale, first.account, lots)
        payer = last.account if last.lot is None else None
        return Refunding(first.merchant, first.sale, first.account, lots, payer, last.unreturnable)

    def note_payment(self, event: Event, paying: Paying) -> None:
        """Note a payment whose lots were there."""
        number = (paying.merchant, paying.sale)
        if self.is_used(number):
            raise ReplayError(event, "the sale was paid or voided before")
        self._require_payable_day(event, paying.sale)
        year = fiscal_year_end(month_of(event.time))
        self.payments[number] = PaidSale(paying.payer, paying.lots, list(paying.lots), year)

    def note_refund(self, event: Event, refunding: Refunding) -> int:
        """Note a refund; return the fiscal year, named by its last month, in which the sale was paid."""
        payment = self.payments.get((refunding.merchant, refunding.sale))
        if payment is None:
            raise ReplayError(event, "the sale was not paid")
        last_day = day_of_sale(refunding.sale) + self.payable_days + (self.refund_days or 0)
        if day_of(event.time) > last_day:
            raise ReplayError(event, "the sale could not be refunded any more")
        if refunding.payer not in (None, payment.payer):
            raise ReplayError(event, f"{payment.payer} has paid")
        receiver = self.successor_of(payment.payer) or payment.payer
        if refunding.receiver != receiver:
            raise ReplayError(event, f"the points are {receiver}'s")
        payment.left = _left_after(event, payment.left, refunding)
        return payment.year

    # ------------------------------------------------------------------- numbers and signatures

    def void(self, event: Event, merchant: str, sale: int) -> None:
        """Take in a SaleVoided."""
        if self.is_used((merchant, sale)):
            raise ReplayError(event, "the sale was paid or voided before")
        self._require_payable_day(event, sale)
        self.voided.add((merchant, sale))

    def skip(self, event: Event, merchant: str, sale: int, payer: str, issue: int) -> None:
        """Take in a PaymentSkipped."""
        payment = self.payments.get((merchant, sale))
        used = self.is_used((merchant, sale))
        if issue == PaymentIssue.ALREADY_PAID and (payment is None or not payment.may_be_by(payer)):
            raise ReplayError(event, "this payer has not paid the sale")
        if issue == PaymentIssue.SALE_USED and not used:
            raise ReplayError(event, "the sale was neither paid nor voided")
        if not PaymentIssue.NONE < issue < PaymentIssue.MERCHANT_NOT_ACTIVE:
            raise ReplayError(event, "a payment is not skipped for this")

    def is_used(self, number: tuple[str, int]) -> bool:
        """Return whether a merchant's sale was paid or voided, here or in the series before."""
        if number in self.payments or number in self.voided:
            return True
        return self.before is not None and self.before.is_used(number)

    def cancel_signatures(self, event: Event, account: str, epoch: int) -> None:
        """Take in a SignaturesCancelled."""
        self.cancel_epochs[account] += 1
        if epoch != self.cancel_epochs[account]:
            raise ReplayError(event, f"the events make it {self.cancel_epochs[account]} times")

    def _require_payable_day(self, event: Event, sale: int) -> None:
        if not 0 <= day_of(event.time) - day_of_sale(sale) <= self.payable_days:
            raise ReplayError(event, "the sale's day is to come, or too long ago")


def _left_after(event: Event, lots: list[Lot], refunding: Refunding) -> list[Lot]:
    """Take a refund out of what is left of a payment: from its last lot on, and nothing that has ended."""
    left = list(lots)
    for number, (month, points) in enumerate(refunding.lots):
        last = left.pop() if left else None
        if last is None or month != last.month or not 0 < points <= last.points:
            raise ReplayError(event, f"{points} points until month {month} go back, where {last} is next")
        if month < month_of(event.time):
            raise ReplayError(event, f"month {month} has ended")
        if points < last.points:
            left.append(Lot(month, last.points - points))
            if number + 1 < len(refunding.lots):
                raise ReplayError(event, f"some of month {month} is left, and earlier points go back")
    if refunding.unreturnable:
        ended = sum(lot.points for lot in left if lot.month < month_of(event.time))
        if refunding.unreturnable > ended or any(lot.month >= month_of(event.time) for lot in left):
            raise ReplayError(event, f"only {ended} points have ended, or others could go back")
    return left
