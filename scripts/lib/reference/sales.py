"""The reference model of a series' sales: what is paid, voided and refunded at a till, put plainly.

A sale is kept under its merchant and its number for ever. The contract keeps a ring of words that later sales
use again; nothing here does, so that a fault of the ring shows as a difference. Where the interface lets a
number be forgotten, because a later sale has taken its word, the model asks whether there is such a sale.

A signature is what somebody has signed, and who: a message of scripts.lib.payment.signing, which counts if it
says just what is to be done. How keys and contract accounts sign is not modelled, nor is gas.

Amounts are points, months and days are counted from January 2000 = 0, times are Unix seconds. Every method
either does all it says, or raises Refused with the custom error and the arguments that the contract reverts
with and changes nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from scripts.lib.japan_calendar import day_of, fiscal_year_end
from scripts.lib.payment.issue import PaymentIssue, SaleState
from scripts.lib.payment.sale_number import day_of_sale, serial_of_sale
from scripts.lib.payment.sale_terms import SaleTerms
from scripts.lib.payment.signing import MAX_PAYMENT_POINTS, Payment, Sale, Sales
from scripts.lib.refusal import Refused

if TYPE_CHECKING:
    from scripts.lib.reference.ledger import ReferenceLedger

MAX_SALE = 2**32 - 1
"""The largest number that is one of a sale: 16 bits of day, 16 of serial number."""

MAX_CANCEL_EPOCH = 2**12 - 1
MAX_PAYABLE_DAYS = 365
MAX_RING_DAYS = 1000
SOME_KEY = "some key"
"""Whose key a signature of something else comes to: nobody's that anybody knows."""

Lots = Sequence[tuple[int, int]]
"""Points by the month they end with: (month, points), earliest first."""


class Signed(NamedTuple):
    """What somebody has signed.

    Attributes:
        message: None if it is nothing of this series on this chain, or no well-formed signature.
        signer: whose key it was, or the contract account that vouches for it.
    """

    message: Payment | Sale | Sales | None
    signer: str


class Terms(NamedTuple):
    """What a payment at a merchant's counter is about."""

    payer: str
    sale: int
    points: int
    valid_until: int


@dataclass
class SalePayment:
    """A sale that was paid.

    Attributes:
        lots: what it was paid from, earliest first.
        year: in which it was paid, named by its last month.
        refunded: points that went back, out of the last of the lots.
    """

    payer: str
    lots: tuple[tuple[int, int], ...]
    year: int
    refunded: int = 0

    @property
    def points(self) -> int:
        """What was paid."""
        return sum(points for _, points in self.lots)


class Refund(NamedTuple):
    """What a refund gives back.

    Attributes:
        receiver: the payer, or the account that took over from the payer.
        lots: what goes back, latest first.
        unreturnable: points that stay with the merchant, since the lots they came from have ended.
    """

    receiver: str
    lots: list[tuple[int, int]]
    unreturnable: int

    @property
    def returned(self) -> int:
        """Points that go back."""
        return sum(points for _, points in self.lots)


class ReferenceSales:
    """The sales of one series.

    Args:
        ledger: the series' lots, claims, merchants and tills.
        terms: for how long sales can be paid and refunded.
    """

    def __init__(self, ledger: ReferenceLedger, terms: SaleTerms) -> None:
        self._ledger = ledger
        self._terms = terms
        self._sales: defaultdict[str, dict[int, SalePayment | None]] = defaultdict(dict)
        """By merchant and number; None for one that was voided."""
        self._cancel_epochs: Counter[str] = Counter()
        self.set_refund_days(terms.refund_days)

    # ------------------------------------------------------------------------------------------------- PAYING

    def pay(
        self, payer: str, merchant: str, sale: int, points: int, valid_until: int, signed: Signed
    ) -> Lots:
        """Let the caller pay a sale that a till has signed; return the lots that paid."""
        self._require_signed_counter(Sale(merchant, sale, points, valid_until), signed)
        if sale > MAX_SALE or points > MAX_PAYMENT_POINTS:
            points = 0  # neither fits a payment; the contract says that the amount does not
        return self._pay_one(payer, merchant, Terms(payer, sale, points, valid_until))

    def pay_signed(self, caller: str, merchant: str, terms: Terms, signed: Signed) -> Lots:
        """Let a till submit what the payer has signed, or vouches for as a contract account."""
        self._require_counter(merchant, caller)
        return self._pay_one(caller, merchant, terms, signed)

    def pay_relayed(
        self,
        caller: str,
        merchant: str,
        terms: Terms,
        signed: Signed,
        sale_valid_until: int,
        sale_signed: Signed,
    ) -> Lots:
        """Let anybody submit what the payer has signed, for a sale that a till has signed."""
        sale = Sale(merchant, terms.sale, terms.points, sale_valid_until)
        self._require_signed_counter(sale, sale_signed)
        return self._pay_one(caller, merchant, terms, signed)

    def pay_batch(
        self,
        caller: str,
        merchant: str,
        payments: Sequence[tuple[Terms, Signed]],
        sales_signed: Signed | None = None,
    ) -> list[Lots | PaymentIssue]:
        """Make what can be made of several payments; return the lots that paid each, or why it was skipped.

        Args:
            sales_signed: a till's signature of all the sales; None if the caller is the owner or a till.
        """
        sales = Sales(merchant, tuple((terms.sale, terms.points) for terms, _ in payments))
        self._require_counter(merchant, caller if sales_signed is None else _signer_of(sales, sales_signed))
        outcomes: list[Lots | PaymentIssue] = []
        for terms, signed in payments:
            issue = self._issue(merchant, terms, self._is_agreed(caller, merchant, terms, signed))
            outcomes.append(issue or self._spend(merchant, terms))
        return outcomes

    def _pay_one(self, caller: str, merchant: str, terms: Terms, signed: Signed | None = None) -> Lots:
        if issue := self._issue(merchant, terms, self._is_agreed(caller, merchant, terms, signed)):
            raise self._refusal(issue, merchant, terms)
        return self._spend(merchant, terms)

    def _spend(self, merchant: str, terms: Terms) -> Lots:
        lots = self._ledger.pay_merchant(terms.payer, merchant, terms.points)
        year = fiscal_year_end(self._ledger.month)
        self._sales[merchant][terms.sale] = SalePayment(terms.payer, tuple(lots), year)
        return lots

    # ---------------------------------------------------------------------------------- WHO MAY, AND WHY NOT

    def _require_signed_counter(self, sale: Sale, signed: Signed) -> None:
        if self._ledger.now > sale.valid_until:
            raise Refused("PointSaleExpired", sale.sale, sale.valid_until)
        self._require_counter(sale.merchant, _signer_of(sale, signed))

    def _require_counter(self, merchant: str, key: str) -> None:
        self._require_till(merchant, key)
        self._ledger.require_payable(merchant)

    def _require_till(self, merchant: str, key: str) -> None:
        if not self._ledger.is_till(merchant, key):
            raise Refused("PointNotTill", merchant, key)

    def _is_merchant(self, account: str) -> bool:
        return self._ledger.merchant_of(account)[0]

    def _is_agreed(self, caller: str, merchant: str, terms: Terms, signed: Signed | None) -> bool:
        """Return whether the payer calls, or has signed these terms and not cancelled since."""
        payer, sale, points, valid_until = terms
        epoch = self.cancel_epoch_of(payer)
        message = Payment(payer, merchant, sale, points, valid_until, epoch)
        return caller == payer or signed == Signed(message, payer)

    def _issue(self, merchant: str, terms: Terms, is_agreed: bool) -> PaymentIssue:
        """Return the first reason why a payment cannot be made, apart from what stops all payments."""
        payer, sale, points, valid_until = terms
        if not 1 <= points <= MAX_PAYMENT_POINTS:
            return PaymentIssue.AMOUNT_OUT_OF_RANGE
        if (issue := self._number_issue(merchant, sale)) is not PaymentIssue.NONE:
            payment = self._sales[merchant].get(sale)
            repeated = payment is not None and (payment.payer, payment.points) == (payer, points)
            return PaymentIssue.ALREADY_PAID if issue == PaymentIssue.SALE_USED and repeated else issue
        if self._ledger.now > valid_until:
            return PaymentIssue.EXPIRED
        if self._is_merchant(payer) or self._ledger.is_stopped(payer):
            return PaymentIssue.PAYER_STOPPED
        if not is_agreed:
            return PaymentIssue.WRONG_SIGNATURE
        if self._ledger.balance_of(payer) < points:
            return PaymentIssue.NOT_ENOUGH_POINTS
        return PaymentIssue.NONE

    def _number_issue(self, merchant: str, sale: int) -> PaymentIssue:
        """Return why a sale number cannot be used today."""
        if self._is_remembered(merchant, sale):
            return PaymentIssue.SALE_USED
        if not 0 <= self._today - day_of_sale(sale) <= self._terms.payable_days:
            return PaymentIssue.DAY_OUT_OF_RANGE
        return PaymentIssue.NONE

    def _refusal(self, issue: PaymentIssue, merchant: str, terms: Terms) -> Refused:
        payer, sale, points, valid_until = terms
        match issue:
            case PaymentIssue.AMOUNT_OUT_OF_RANGE:
                return Refused("PointSaleAmount", MAX_PAYMENT_POINTS)
            case PaymentIssue.DAY_OUT_OF_RANGE:
                return Refused("PointSaleDay", sale, self._today - self._terms.payable_days, self._today)
            case PaymentIssue.EXPIRED:
                return Refused("PointPaymentExpired", payer, valid_until)
            case PaymentIssue.PAYER_STOPPED if self._is_merchant(payer):
                return Refused("PointPayerIsMerchant", payer)
            case PaymentIssue.PAYER_STOPPED:
                return Refused("PointAccountFrozen", payer)
            case PaymentIssue.WRONG_SIGNATURE:
                return Refused("PointWrongSignature", payer)
            case PaymentIssue.NOT_ENOUGH_POINTS:
                return Refused("ERC20InsufficientBalance", payer, self._ledger.balance_of(payer), points)
        return Refused("PointSaleUsed", merchant, sale)

    # ------------------------------------------------------------------------------------- VOIDS AND REFUNDS

    def void_sale(self, caller: str, merchant: str, sale: int) -> None:
        """Use a sale number up, so that it cannot be paid."""
        self._require_till(merchant, caller)
        if issue := self._number_issue(merchant, sale):
            raise self._refusal(issue, merchant, Terms("", sale, 0, 0))
        self._sales[merchant][sale] = None

    def refund(self, caller: str, merchant: str, sale: int, payer: str, lots: Lots, points: int) -> Refund:
        """Give points of a sale back into the lots they came from, those that end last first.

        Args:
            lots: that paid, as the caller says, earliest first.
        """
        self._ledger.require_owner(caller, merchant)
        refund = self._refund(merchant, sale, payer, lots, points)
        if not refund.returned:
            raise Refused("PointNothingToReturn", sale, refund.unreturnable)
        payment = self._payment(merchant, sale, payer, lots)
        self._ledger.return_lots(merchant, payment.year, refund.receiver, refund.lots)
        payment.refunded += refund.returned
        return refund

    def _refund(self, merchant: str, sale: int, payer: str, lots: Lots, points: int) -> Refund:
        """Return what a refund would give back, if the sale, its day and the amount allow one."""
        payment = self._payment(merchant, sale, payer, lots)
        last_day = day_of_sale(sale) + self._terms.payable_days + self._terms.refund_days
        if self._today > last_day:
            raise Refused("PointRefundTooLate", sale, last_day)
        left = payment.points - payment.refunded
        if not 1 <= points <= left:
            raise Refused("PointRefundTooLarge", sale, left, points)
        undone = _undone(payment.lots, payment.refunded, points)
        live = [(month, part) for month, part in undone if month >= self._ledger.month]
        receiver = self._ledger.residents.successor_of(payer) or payer
        return Refund(receiver, live, points - sum(part for _, part in live))

    def _payment(self, merchant: str, sale: int, payer: str, lots: Lots) -> SalePayment:
        payment = self._sales[merchant].get(sale) if self._is_remembered(merchant, sale) else None
        if payment is None or (payment.payer, payment.lots) != (payer, tuple(lots)):
            raise Refused("PointSaleUnknown", merchant, sale)
        return payment

    # ---------------------------------------------------------------------------- CANCELLED SIGNATURES, TERMS

    def cancel_signatures(self, caller: str) -> None:
        """Let nothing that the caller has signed so far be paid any more."""
        if self._is_merchant(caller):
            raise Refused("PointPayerIsMerchant", caller)
        if self._cancel_epochs[caller] == MAX_CANCEL_EPOCH:
            raise Refused("PointCancelledTooOften", caller, MAX_CANCEL_EPOCH)
        self._cancel_epochs[caller] += 1

    def set_refund_days(self, refund_days: int) -> None:
        """Set for how many days after the last payable one a sale can be refunded."""
        terms = self._terms._replace(refund_days=refund_days)
        fits = terms.payable_days <= MAX_PAYABLE_DAYS and terms.ring_days <= MAX_RING_DAYS
        if not fits or terms.payable_days + refund_days >= terms.ring_days:
            raise Refused("PointSaleTerms", *terms)
        self._terms = terms

    # ------------------------------------------------------------------------------------------------ QUERIES

    @property
    def _today(self) -> int:
        return day_of(self._ledger.now)

    def _is_remembered(self, merchant: str, sale: int) -> bool:
        """Return whether a number was used, and no later sale has taken its word."""
        sales = self._sales.get(merchant, {})
        return sale in sales and not any(
            serial_of_sale(later) == serial_of_sale(sale)
            and later > sale
            and (day_of_sale(later) - day_of_sale(sale)) % self._terms.ring_days == 0
            for later in sales
        )

    def sale_of(self, merchant: str, sale: int) -> tuple[SaleState, int]:
        """Return where a sale number stands, and how much of its payment was refunded."""
        if not self._is_remembered(merchant, sale):
            return (SaleState.UNUSED, 0)
        payment = self._sales[merchant][sale]
        return (SaleState.VOIDED, 0) if payment is None else (SaleState.PAID, payment.refunded)

    def issue_of(self, merchant: str, terms: Terms) -> PaymentIssue:
        """Return why a payment could not be made now, the payer's signature left aside."""
        if issue := self._issue(merchant, terms, is_agreed=True):
            return issue
        try:
            self._ledger.require_payable(merchant)
        except Refused:
            return PaymentIssue.MERCHANT_NOT_ACTIVE
        return PaymentIssue.PAUSED if self._ledger.now < self._ledger.paused_until else PaymentIssue.NONE

    def refund_of(self, merchant: str, sale: int, payer: str, lots: Lots, points: int) -> tuple[int, int]:
        """Return what a refund would give back, and what of it has ended."""
        refund = self._refund(merchant, sale, payer, lots, points)
        return (refund.returned, refund.unreturnable)

    def cancel_epoch_of(self, account: str) -> int:
        """Return how often an account has cancelled its signatures; a merchant signs no payments."""
        return 0 if self._is_merchant(account) else self._cancel_epochs[account]

    def sale_days(self) -> SaleTerms:
        """Return for how long sales can be paid and refunded."""
        return self._terms

    def numbers(self, merchant: str) -> list[int]:
        """Return the sale numbers of a merchant that were ever used, in the order of their use."""
        return list(self._sales.get(merchant, {}))

    def payment_of(self, merchant: str, sale: int) -> SalePayment | None:
        """Return how a sale was paid, be it ever so long ago; None if it was not."""
        return self._sales.get(merchant, {}).get(sale)


def _signer_of(message: Sale | Sales, signed: Signed) -> str:
    """Return whose key a signature of this message comes to."""
    return signed.signer if signed.message == message else SOME_KEY


def _undone(lots: Lots, refunded: int, points: int) -> list[tuple[int, int]]:
    """Return the lots of the last `points` of a payment before those refunded already, latest first."""
    undone = []
    for month, held in reversed(lots):
        gone = min(held, refunded)
        part = min(held - gone, points)
        refunded -= gone
        points -= part
        if part:
            undone.append((month, part))
    return undone
