"""Chooses steps at a till by chance: payments of sales with real signatures, batches, voids and refunds.

Most are meant to succeed. Some are wrong on purpose: signatures of something else or spoilt, numbers of wrong
days, numbers used before, also so long ago that another sale has their word, and calls sent once more.

Amounts are points, days are counted from January 2000 = 0, times are Unix seconds.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import Any, NamedTuple, TypeVar

from scripts.lib.japan_calendar import day_of, fiscal_year_end, start_of_day
from scripts.lib.payment.sale_number import SERIALS, day_of_sale, sale_number, serial_of_sale
from scripts.lib.payment.signing import MAX_PAYMENT_POINTS, MAX_VALID_UNTIL, Payment, Sale, Sales
from scripts.lib.reference.ledger import UNLIMITED, ZERO_ADDRESS, MerchantStatus, ReferenceLedger
from scripts.lib.reference.sales import MAX_SALE, SalePayment, Terms
from tests.stateful.picker import Picker
from tests.stateful.sale_steps import lot_words
from tests.stateful.signatures import Flaw, Signature
from tests.stateful.town import Profile, Town
from tests.stateful.wallets import WALLETS, Accepts

Call = tuple[str, str, tuple[Any, ...]]
"""Sender, function and arguments."""

T = TypeVar("T")

DAY = 24 * 60 * 60
RECENT_CALLS = 12

SALE_WEIGHTS = {
    "pay": 40,
    "paySigned": 60,
    "paySigned by a contract account": 50,
    "payRelayed": 40,
    "payBatch": 36,
    "payBatch relayed": 28,
    "voidSale": 20,
    "refund": 75,
    "cancelSignatures": 16,
    "setRefundDays": 14,
}
"""How often each verb is chosen, against the others."""

FLAWS = [flaw for flaw in Flaw if flaw != Flaw.NONE]
SERIAL_NUMBERS = [*range(12), SERIALS - 1]
"""Few, so that words of sales are used again."""


class _Refundable(NamedTuple):
    """A sale that was paid and not refunded in full."""

    merchant: str
    sale: int
    payment: SalePayment


class SaleChooser(Picker):
    """Chooses the steps at a till for one run.

    Attributes:
        time: when the step to be chosen happens.
    """

    def __init__(
        self, random: Random, profile: Profile, town: Town, ledger: ReferenceLedger, series: str
    ) -> None:
        super().__init__(random, profile, town, ledger, series)
        self.time = ledger.now
        self._recent: deque[Call] = deque(maxlen=RECENT_CALLS)
        self.acts: dict[str, Callable[[], Call]] = {
            "pay": lambda: self._once_more("pay", self._pay),
            "paySigned": lambda: self._once_more("paySigned", self._pay_signed),
            "paySigned by a contract account": self._pay_signed_by_contract,
            "payRelayed": lambda: self._once_more("payRelayed", self._pay_relayed),
            "payBatch": lambda: self._once_more("payBatch", self._pay_batch),
            "payBatch relayed": self._pay_batch_relayed,
            "voidSale": self._void_sale,
            "refund": self._refund,
            "cancelSignatures": self._cancel_signatures,
            "setRefundDays": self._set_refund_days,
        }

    def moments(self) -> dict[int, int]:
        """Return times that matter to sales, with weights: ends of days and windows, a whole ring later."""
        now, terms = self._ledger.now, self._ledger.sales.sale_days()
        midnight = start_of_day(day_of(now) + 1)
        moments = {
            midnight: 3,
            midnight - 1: 3,
            now + terms.ring_days * DAY: 3,
            now + terms.payable_days * DAY: 1,
        }
        if refundable := self._refundable():
            last_day = (
                day_of_sale(self._random.choice(refundable).sale) + terms.payable_days + terms.refund_days
            )
            moments[start_of_day(last_day + 1) - 1] = 3
            moments[start_of_day(last_day + 1)] = 1
        return moments

    def payers(self) -> list[str]:
        """Return who has paid a sale that can be refunded."""
        return list(dict.fromkeys(one.payment.payer for one in self._refundable()))

    def gas_for(self, function: str, arguments: tuple[Any, ...]) -> int | None:
        """Return how much gas a call may use, now and then too little, most often if it asks wallets."""
        match function, arguments:
            case "paySigned" | "payRelayed", (_, terms, *_):
                payers = [terms.payer]
            case "payBatch", (_, payments, _):
                payers = [terms.payer for terms, _ in payments]
            case _:
                return None
        asked = sum(payer in WALLETS for payer in payers)
        if not self._chance(20 if asked else 1):
            return None
        return self._between(40_000, 160_000 + 60_000 * len(payers) + 130_000 * asked)

    # ----------------------------------------------------------------------------------------------- PAYMENTS

    def _once_more(self, function: str, choose: Callable[[], Call]) -> Call:
        """Return a new call, or a recent one as it was: a till repeats what it got no answer to."""
        recent = [call for call in self._recent if call[1] == function]
        call = self._random.choice(recent) if recent and self._chance(6) else choose()
        self._recent.append(call)
        return call

    def _pay(self) -> Call:
        merchant, payer = self._shop(), self._payer()
        _, sale, points, valid_until = self._terms(merchant, payer)
        if self._chance(4):
            points = MAX_PAYMENT_POINTS + 1
        if self._chance(1):
            sale = MAX_SALE + 1 + sale
        message = Sale(merchant, sale, points, valid_until)
        return payer, "pay", (*message, self._signed_by_till(message))

    def _pay_signed(self) -> Call:
        merchant, payer = self._shop(), self._payer()
        terms = self._terms(merchant, payer)
        return self._till(merchant), "paySigned", (merchant, terms, self._signed_by_payer(merchant, terms))

    def _pay_signed_by_contract(self) -> Call:
        merchant = self._shop()
        terms = self._terms(merchant, self._wallet())
        return self._till(merchant), "paySigned", (merchant, terms, self._signed_by_payer(merchant, terms))

    def _pay_relayed(self) -> Call:
        merchant, payer = self._shop(), self._payer()
        terms = self._terms(merchant, payer)
        sale = Sale(merchant, terms.sale, terms.points, self._valid_until())
        signature = self._signed_by_payer(merchant, terms)
        relayed = (merchant, terms, signature, sale.valid_until, self._signed_by_till(sale))
        return self._anybody(), "payRelayed", relayed

    def _pay_batch(self) -> Call:
        merchant = self._shop()
        return self._till(merchant), "payBatch", (merchant, self._payments(merchant), None)

    def _pay_batch_relayed(self) -> Call:
        merchant = self._shop()
        payments = self._payments(merchant)
        sales = Sales(merchant, tuple((terms.sale, terms.points) for terms, _ in payments))
        return self._anybody(), "payBatch", (merchant, payments, self._signed_by_till(sales))

    def _payments(self, merchant: str) -> tuple[tuple[Terms, Signature], ...]:
        """Return signed payments of a batch; some of them twice, or of one sale by two people."""
        payments: list[tuple[Terms, Signature]] = []
        for _ in range(self._weighted({0: 1, 1: 3, 2: 4, 4: 8, 8: 3})):
            terms = self._terms(merchant, self._payer())
            if payments and self._chance(12):
                terms = terms._replace(sale=self._random.choice(payments)[0].sale)
            again = self._random.choice(payments) if payments and self._chance(8) else None
            payments.append(again or (terms, self._signed_by_payer(merchant, terms)))
        return tuple(payments)

    def _payer(self) -> str:
        if self._chance(2):
            return self._random.choice([*self._merchants(), self._series, ZERO_ADDRESS])
        return self._wallet() if self._chance(8) else self._holder()

    def _wallet(self) -> str:
        """Return a contract account, mostly one with points that may accept."""
        accepting = [wallet for wallet in WALLETS.values() if wallet.accepts != Accepts.NOTHING]
        holding = [wallet.address for wallet in accepting if self._ledger.lots_of(wallet.address)]
        return self._random.choice(holding if holding and not self._chance(25) else list(WALLETS))

    def _anybody(self) -> str:
        return self._random.choice([*self._town.spenders, *self._town.residents])

    # ----------------------------------------------------------------------------------- WHAT IS TO BE SIGNED

    def _terms(self, merchant: str, payer: str) -> Terms:
        held = list(self._ledger.lots_of(payer).values())
        of_several_lots = sum(held[: self._weighted({2: 40, 3: 30, 4: 20, len(held): 3})])
        points = self._weighted(
            {
                min(max(1, self._points_to_spend(payer)), MAX_PAYMENT_POINTS): 65,
                min(max(1, of_several_lots), MAX_PAYMENT_POINTS): 25,
                1: 5,
                MAX_PAYMENT_POINTS: 2,
                0: 2,
            }
        )
        return Terms(payer, self._sale(merchant), points, self._valid_until())

    def _valid_until(self) -> int:
        return self._weighted(
            {self.time + self._between(1, 30 * DAY): 70, self.time: 15, MAX_VALID_UNTIL: 10, self.time - 1: 3}
        )

    def _sale(self, merchant: str) -> int:
        """Return a sale number, mostly one that can be paid now: fresh, or in the word of an old sale."""
        today, terms = day_of(self.time), self._ledger.sales.sale_days()
        used = self._ledger.sales.numbers(merchant)
        fresh = sale_number(today, self._serial(used, today))
        past_day = today - self._between(0, terms.payable_days)
        return self._weighted(
            {
                sale_number(today + self._between(1, 3), 1): 2,
                sale_number(today + terms.ring_days, serial_of_sale(fresh)): 1,
                sale_number(today - terms.payable_days - 1, serial_of_sale(fresh)): 2,
                sale_number(today - terms.ring_days, serial_of_sale(fresh)): 1,
                sale_number(0, serial_of_sale(fresh)): 1,  # as a word reads that was never written
                self._random.choice(used) if used else fresh: 6,
                self._used_again(used, today) or fresh: 35,
                sale_number(past_day, self._serial(used, past_day)): 20,
                fresh: 45,
            }
        )

    def _serial(self, used: Sequence[int], day: int) -> int:
        free = [serial for serial in SERIAL_NUMBERS if sale_number(day, serial) not in used]
        return self._random.choice(free or SERIAL_NUMBERS)

    def _used_again(self, used: Sequence[int], today: int) -> int | None:
        """Return a fresh number whose word holds a sale of some ring lengths ago, if there is one."""
        terms = self._ledger.sales.sale_days()
        for old in self._random.sample(used, min(len(used), 20)):
            behind = (today - day_of_sale(old)) % terms.ring_days
            number = sale_number(today - behind, serial_of_sale(old))
            if behind <= terms.payable_days and number not in used:
                return number
        return None

    def _till(self, merchant: str) -> str:
        """Return a key that may take payments for a merchant, rarely another one."""
        keys = [merchant, *self._town.spenders, *self._town.shops]
        serving = [key for key in keys if self._ledger.is_till(merchant, key)]
        return self._random.choice(serving if serving and not self._chance(4) else keys)

    def _signed_by_till(self, message: Sale | Sales) -> Signature:
        signature = Signature(message, self._till(message.merchant))
        if self._chance(92):
            return signature
        # An empty signature of a batch means that the sender's key is meant.
        flaws = FLAWS if isinstance(message, Sale) else [flaw for flaw in FLAWS if flaw != Flaw.EMPTY]
        if self._chance(50):
            return replace(signature, flaw=self._random.choice(flaws))
        return replace(signature, message=self._altered(message))

    def _signed_by_payer(self, merchant: str, terms: Terms) -> Signature:
        payer, sale, points, valid_until = terms
        epoch = self._ledger.sales.cancel_epoch_of(payer)
        message = Payment(payer, merchant, sale, points, valid_until, epoch)
        key = WALLETS[payer].owner if payer in WALLETS else payer
        if payer in (self._series, ZERO_ADDRESS):
            key = self._town.spenders[0]
        signature = Signature(message, key)
        return self._weighted(
            {
                signature: 88,
                replace(signature, flaw=self._random.choice(FLAWS)): 5,
                replace(signature, message=self._altered(message)): 5,
                replace(signature, signer=self._random.choice(self._town.residents)): 2,
            }
        )

    def _altered(self, message: T) -> T:
        """Return the message with something else in one of its places."""
        match message:
            case Payment(_, _, sale, points, valid_until, epoch):
                changes = [
                    {"payer": self._random.choice(self._town.residents)},
                    {"merchant": self._random.choice(self._town.shops)},
                    {"sale": sale + 1},
                    {"amount_points": points + 1},
                    {"valid_until": valid_until + 1},
                    {"cancel_epoch": max(0, epoch - 1)},  # cancelled since, if it ever was
                    {"cancel_epoch": epoch + 1},
                ]
            case Sale(_, sale, points, valid_until):
                changes = [
                    {"merchant": self._random.choice(self._town.shops)},
                    {"sale": sale + 1},
                    {"amount_points": points + 1},
                    {"valid_until": valid_until + 1},
                ]
            case Sales(_, sales):
                changes = [
                    {"merchant": self._random.choice(self._town.shops)},
                    {"sales": sales[:-1]},
                    {"sales": (*sales, (1, 1))},
                    {"sales": sales[::-1]},
                ]
        return message._replace(**self._random.choice(changes))  # type: ignore[attr-defined,no-any-return]

    # -------------------------------------------------------------------------------------- VOIDS AND REFUNDS

    def _void_sale(self) -> Call:
        merchant = self._standing_merchant()
        sale = self._sale(merchant)
        if self._chance(1):
            sale = UNLIMITED - sale
        return self._till(merchant), "voidSale", (merchant, sale)

    def _refund(self) -> Call:
        refundable = self._refundable()
        if not refundable:
            merchant = self._standing_merchant()
            return merchant, "refund", (merchant, self._sale(merchant), self._holder(), (), 1)
        merchant, sale, payment = self._interesting(refundable)
        owner = self._ledger.owner_of(merchant)
        caller = self._random.choice([merchant, *self._town.spenders]) if self._chance(4) else owner
        payer, lots = payment.payer, lot_words(payment.lots)
        if self._chance(2):
            payer = self._ledger.residents.successor_of(payer) or self._random.choice(self._town.residents)
        if self._chance(5):
            lots = self._random.choice(
                [
                    lots[:-1],
                    (*lots, lots[0]),
                    lots[::-1],
                    (lots[0] + 1, *lots[1:]),
                    # A bit that no lot has, where the payer stands in the record of a payment from one lot.
                    (lots[0] | (int(payer, 16) & -int(payer, 16)) << 40, *lots[1:]),
                    (sum(points for _, points in payment.lots),),
                ]
            )
        return caller, "refund", (merchant, sale, payer, lots, self._points_to_refund(payment))

    def _points_to_refund(self, payment: SalePayment) -> int:
        left = payment.points - payment.refunded
        if payment.lots[0][0] < self._ledger.month and self._chance(40):
            return left  # of which something has ended
        last_lot = min(payment.lots[-1][1], left)
        return self._weighted(
            {
                0: 1,
                left + 1: 3,
                UNLIMITED: 1,
                last_lot: 12,
                self._between(1, last_lot): 25,
                self._between(1, left): 30,
                left: 35,
            }
        )

    def _refundable(self) -> list[_Refundable]:
        """Return paid sales of which something is left, mostly those whose time has not run out."""
        sales, today = self._ledger.sales, day_of(self.time)
        terms = sales.sale_days()
        last_day = 0 if self._chance(6) else today - terms.payable_days - terms.refund_days
        return [
            _Refundable(merchant, sale, payment)
            for merchant in self._merchants()
            for sale in sales.numbers(merchant)
            if (payment := sales.payment_of(merchant, sale)) is not None
            if day_of_sale(sale) >= last_day and payment.refunded < payment.points
        ]

    def _interesting(self, refundable: list[_Refundable]) -> _Refundable:
        """Return one of these sales, often one about which something has changed since it was paid."""
        ledger = self._ledger
        year = fiscal_year_end(ledger.month)
        changes: dict[Callable[[_Refundable], bool], int] = {
            lambda one: one.payment.lots[0][0] < ledger.month <= one.payment.lots[-1][0]: 4,
            lambda one: ledger.residents.successor_of(one.payment.payer) is not None: 4,
            lambda one: len(one.payment.lots) > 1: 2,
            lambda one: one.payment.year != year: 1,
            lambda one: ledger.owner_of(one.merchant) != one.merchant: 1,
            lambda one: ledger.merchant_of(one.merchant)[1] != MerchantStatus.ACTIVE: 1,
            lambda one: sum(ledger.claim_of(one.merchant)) < one.payment.points - one.payment.refunded: 1,
        }
        has_changed = self._weighted(changes)
        changed = [one for one in refundable if has_changed(one)]
        return self._random.choice(changed if changed and self._chance(80) else refundable)

    def _cancel_signatures(self) -> Call:
        account = self._claimant() if self._chance(4) else self._random.choice(self._people())
        return account, "cancelSignatures", ()

    def _set_refund_days(self) -> Call:
        terms, usual = self._ledger.sales.sale_days(), self._profile.sale_terms.refund_days
        most = terms.ring_days - terms.payable_days - 1
        days = self._weighted(
            {most + 1: 4, UNLIMITED: 2, 0: 5, self._between(0, most): 20, most: 15, usual: 60}
        )
        return self._town.officers, "setRefundDays", (days,)
