"""The two texts that pass between till and purse, as QR code, file or paste (docs/payment-uri.md).

    jichitai-points:pay?v=1&chain=…     the till asks: this sale, this amount, signed by the till
    jichitai-points:paid?v=1&chain=…    the purse answers: the payer's signature

They say all that is needed and nothing personal. Both readers are strict: each field once, in any order, none
unknown, numbers in plain decimal, so that a text means one thing or is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from eth_utils import is_same_address

from scripts.lib.code_text import (
    code_text,
    read_address,
    read_fields,
    read_number,
    read_signature,
    signature_text,
)
from scripts.lib.payment.signing import (
    MAX_PAYMENT_POINTS,
    MAX_VALID_UNTIL,
    CompactSignature,
    Payment,
    Sale,
    SeriesDomain,
)

MAX_CANCEL_EPOCH = 4095
_MAX_SALE = 2**32 - 1
_SALE_FIELDS = {"chain", "series", "merchant", "sale", "points", "until"}


class PaymentRequest(NamedTuple):
    """What a till shows.

    Attributes:
        valid_until: last second in which the payment may be submitted; the payer signs the same.
        till: the till's signature over Sale; anybody may then submit the payment.
    """

    domain: SeriesDomain
    sale: Sale
    till: CompactSignature

    @property
    def text(self) -> str:
        """The text in the QR code."""
        return code_text("pay", {**_sale_fields(self.domain, self.sale), "till": signature_text(self.till)})

    @classmethod
    def read(cls, text: str) -> PaymentRequest:
        """Read a request.

        Raises:
            UriError: it is none.
        """
        fields = read_fields(text, "pay", _SALE_FIELDS | {"till"})
        domain, sale = _read_sale(fields)
        return cls(domain, sale, read_signature(fields["till"]))


class PaymentAnswer(NamedTuple):
    """What a purse shows.

    Attributes:
        ends: the earliest month with which points end that this payment spends, as the purse knows them; 0
            if it does not say. A statement of the payer's, which no signature covers.
    """

    domain: SeriesDomain
    payment: Payment
    signature: CompactSignature
    ends: int = 0

    @property
    def text(self) -> str:
        """The text in the QR code."""
        payment = self.payment
        sale = Sale(payment.merchant, payment.sale, payment.amount_points, payment.valid_until)
        return code_text(
            "paid",
            {
                **_sale_fields(self.domain, sale),
                "payer": payment.payer,
                "epoch": str(payment.cancel_epoch),
                "ends": str(self.ends),
                "sig": signature_text(self.signature),
            },
        )

    @classmethod
    def read(cls, text: str) -> PaymentAnswer:
        """Read an answer.

        Raises:
            UriError: it is none.
        """
        fields = read_fields(text, "paid", _SALE_FIELDS | {"payer", "epoch", "ends", "sig"})
        domain, sale = _read_sale(fields)
        epoch = read_number("epoch", fields["epoch"], 0, MAX_CANCEL_EPOCH)
        payment = Payment(read_address("payer", fields["payer"]), *sale, epoch)
        ends = read_number("ends", fields["ends"], 0, 2**16)
        return cls(domain, payment, read_signature(fields["sig"]), ends)


def same_account(one: str, other: str) -> bool:
    """Return whether two texts name one account."""
    return is_same_address(one, other)


def _sale_fields(domain: SeriesDomain, sale: Sale) -> dict[str, str]:
    return {
        "chain": str(domain.chain_id),
        "series": domain.series,
        "merchant": sale.merchant,
        "sale": str(sale.sale),
        "points": str(sale.amount_points),
        "until": str(sale.valid_until),
    }


def _read_sale(fields: Mapping[str, str]) -> tuple[SeriesDomain, Sale]:
    chain_id = read_number("chain", fields["chain"], 1, 2**64)
    domain = SeriesDomain(chain_id, read_address("series", fields["series"]))
    sale = Sale(
        read_address("merchant", fields["merchant"]),
        read_number("sale", fields["sale"], 0, _MAX_SALE),
        read_number("points", fields["points"], 1, MAX_PAYMENT_POINTS),
        read_number("until", fields["until"], 0, MAX_VALID_UNTIL),
    )
    return domain, sale
