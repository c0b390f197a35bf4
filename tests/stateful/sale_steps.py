"""Steps at a till: what they hold, what it means to the reference model, and what is sent to the token.

pay               merchant, sale, points, valid until, Signature of the sale
paySigned         merchant, Terms, Signature of the payer
payRelayed        merchant, Terms, Signature of the payer, valid until, Signature of the sale
payBatch          merchant, pairs of Terms and Signature, Signature of the sales (None: the sender's till)
voidSale          merchant, sale
refund            merchant, sale, payer, lots (month << 29 | points), points
cancelSignatures
setRefundDays     days
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from scripts.lib.payment.signing import NO_SIGNATURE, Payment, SeriesDomain
from scripts.lib.reference.ledger import ReferenceLedger
from scripts.lib.reference.sales import Signed, Terms
from scripts.lib.replays.sales import Lot
from tests.stateful.signatures import Flaw, Signature
from tests.stateful.wallets import WALLETS, Accepts


def word_of(terms: Terms) -> int:
    """Return terms as the token takes them: one word."""
    payer, sale, points, valid_until = terms
    return Payment(payer, payer, sale, points, valid_until).terms


def lot_words(lots: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """Return lots as the token takes them."""
    return tuple(month << 29 | points for month, points in lots)


def lots_of_words(words: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Take such words apart; what is no lot becomes one of a month that does not exist."""
    return tuple(tuple(Lot.from_word(word)) for word in words)  # type: ignore[misc]


# ------------------------------------------------------------------------------------------------------ MODEL


def apply_sale(function: str, sender: str, arguments: tuple[Any, ...], ledger: ReferenceLedger) -> Any:
    """Let a step at a till happen in the model; return what the model answers.

    Raises:
        Refused: the model refuses the call.
    """
    return _IN_THE_MODEL[function](ledger, sender, *arguments)


def _pay(ledger: ReferenceLedger, sender: str, merchant: str, *sale: Any) -> Any:
    *terms, signature = sale
    return ledger.sales.pay(sender, merchant, *terms, _said(signature))


def _pay_signed(
    ledger: ReferenceLedger, sender: str, merchant: str, terms: Terms, signature: Signature
) -> Any:
    signed = _agreement(ledger, merchant, terms, signature)
    return ledger.sales.pay_signed(sender, merchant, terms, signed)


def _pay_relayed(
    ledger: ReferenceLedger,
    sender: str,
    merchant: str,
    terms: Terms,
    signature: Signature,
    valid_until: int,
    sale_signature: Signature,
) -> Any:
    signed = _agreement(ledger, merchant, terms, signature)
    return ledger.sales.pay_relayed(sender, merchant, terms, signed, valid_until, _said(sale_signature))


def _pay_batch(
    ledger: ReferenceLedger,
    sender: str,
    merchant: str,
    payments: Sequence[tuple[Terms, Signature]],
    sales_signature: Signature | None,
) -> Any:
    signed = [(terms, _agreement(ledger, merchant, terms, signature)) for terms, signature in payments]
    by_till = None if sales_signature is None else _said(sales_signature)
    return ledger.sales.pay_batch(sender, merchant, signed, by_till)


def _said(signature: Signature) -> Signed:
    """Return what a key has signed."""
    return Signed(signature.message if signature.flaw == Flaw.NONE else None, signature.signer)


def _agreement(ledger: ReferenceLedger, merchant: str, terms: Terms, signature: Signature) -> Signed:
    """Return what the payer has signed, or vouches for as a contract account."""
    said = _said(signature)
    wallet = WALLETS.get(terms.payer)
    if wallet is None:
        return said
    match wallet.accepts:
        case Accepts.OWNERS if said.signer == wallet.owner:
            return said._replace(signer=terms.payer)
        case Accepts.ANYTHING:
            payer, *others = terms
            epoch = ledger.sales.cancel_epoch_of(payer)
            return Signed(Payment(payer, merchant, *others, epoch), payer)
    return Signed(None, terms.payer)


_IN_THE_MODEL: dict[str, Callable[..., Any]] = {
    "pay": _pay,
    "paySigned": _pay_signed,
    "payRelayed": _pay_relayed,
    "payBatch": _pay_batch,
    "voidSale": lambda ledger, sender, merchant, sale: ledger.sales.void_sale(sender, merchant, sale),
    "refund": lambda ledger, sender, merchant, sale, payer, lots, points: ledger.sales.refund(
        sender, merchant, sale, payer, lots_of_words(lots), points
    ),
    "cancelSignatures": lambda ledger, sender: ledger.sales.cancel_signatures(sender),
    "setRefundDays": lambda ledger, _, days: ledger.sales.set_refund_days(days),
}

SALE_FUNCTIONS = tuple(_IN_THE_MODEL)


# ------------------------------------------------------------------------------------------------------ TOKEN


def arguments_on_chain(function: str, arguments: tuple[Any, ...], domain: SeriesDomain) -> tuple[Any, ...]:
    """Return the arguments of a step at a till as the token takes them, with signatures for its domain."""
    match function, arguments:
        case "pay", (*sale, signature):
            return (*sale, *signature.compact(domain))
        case "paySigned", (merchant, terms, signature):
            return merchant, word_of(terms), *signature.compact(domain)
        case "payRelayed", (merchant, terms, signature, valid_until, sale_signature):
            payment = (word_of(terms), *signature.compact(domain))
            return merchant, payment, valid_until, *sale_signature.compact(domain)
        case "payBatch", (merchant, payments, sales_signature):
            signed = [(word_of(terms), *signature.compact(domain)) for terms, signature in payments]
            by_till = NO_SIGNATURE if sales_signature is None else sales_signature.compact(domain)
            return merchant, signed, *by_till
    return arguments
