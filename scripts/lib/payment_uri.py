"""The two texts that pass between till and purse, as QR code, file or paste (docs/payment-uri.md).

    jichitai-points:pay?v=1&chain=…     the till asks: this sale, this amount, signed by the till
    jichitai-points:paid?v=1&chain=…    the purse answers: the payer's signature

They say all that is needed and nothing personal. Both readers are strict: each field once, in any order, none
unknown, numbers in plain decimal, so that a text means one thing or is refused.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import NamedTuple

from eth_utils import is_checksum_address, is_same_address, to_checksum_address

from scripts.lib.bilingual import Bilingual
from scripts.lib.payment_signing import (
    MAX_PAYMENT_POINTS,
    MAX_VALID_UNTIL,
    CompactSignature,
    Payment,
    Sale,
    SeriesDomain,
)

SCHEME = "jichitai-points"
VERSION = "1"
LONGEST = 700
MAX_CANCEL_EPOCH = 4095
_MAX_SALE = 2**32 - 1
_NUMBER = re.compile(r"0|[1-9][0-9]{0,30}")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_SIGNATURE = re.compile(r"[A-Za-z0-9_-]{86}")


class UriError(ValueError):
    """The text is no request or answer of ours.

    Attributes:
        reason: what is wrong, for whoever holds the code.
    """

    def __init__(self, english: str, japanese: str) -> None:
        self.reason = Bilingual(english, japanese)
        super().__init__(str(self.reason))


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
        return _text("pay", {**_sale_fields(self.domain, self.sale), "till": _signature_text(self.till)})

    @classmethod
    def read(cls, text: str) -> PaymentRequest:
        """Read a request.

        Raises:
            UriError: it is none.
        """
        fields = _fields(text, "pay", ("till",))
        domain, sale = _read_sale(fields)
        return cls(domain, sale, _signature(fields["till"]))


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
        return _text(
            "paid",
            {
                **_sale_fields(self.domain, sale),
                "payer": payment.payer,
                "epoch": str(payment.cancel_epoch),
                "ends": str(self.ends),
                "sig": _signature_text(self.signature),
            },
        )

    @classmethod
    def read(cls, text: str) -> PaymentAnswer:
        """Read an answer.

        Raises:
            UriError: it is none.
        """
        fields = _fields(text, "paid", ("payer", "epoch", "ends", "sig"))
        domain, sale = _read_sale(fields)
        epoch = _number("epoch", fields["epoch"], 0, MAX_CANCEL_EPOCH)
        payment = Payment(_address("payer", fields["payer"]), *sale, epoch)
        ends = _number("ends", fields["ends"], 0, 2**16)
        return cls(domain, payment, _signature(fields["sig"]), ends)


def same_account(one: str, other: str) -> bool:
    """Return whether two texts name one account."""
    return is_same_address(one, other)


def _text(action: str, fields: Mapping[str, str]) -> str:
    return f"{SCHEME}:{action}?" + "&".join(f"{name}={value}" for name, value in fields.items())


def _sale_fields(domain: SeriesDomain, sale: Sale) -> dict[str, str]:
    return {
        "v": VERSION,
        "chain": str(domain.chain_id),
        "series": domain.series,
        "merchant": sale.merchant,
        "sale": str(sale.sale),
        "points": str(sale.amount_points),
        "until": str(sale.valid_until),
    }


def _fields(text: str, action: str, more: tuple[str, ...]) -> dict[str, str]:
    text = text.strip()
    start = f"{SCHEME}:{action}?"
    if not text.startswith(start) or len(text) > LONGEST:
        raise UriError("this is no such code of municipal points", "自治体ポイントのコードではありません")
    pairs = [part.partition("=") for part in text[len(start) :].split("&")]
    fields = {name: value for name, _, value in pairs}
    wanted = {"v", "chain", "series", "merchant", "sale", "points", "until", *more}
    if fields.get("v", "") != VERSION:
        raise UriError("the code is of another version", "コードの版が異なります")
    if set(fields) != wanted or len(pairs) != len(wanted):
        raise UriError("the code is incomplete or was changed", "コードが欠けているか、変えられています")
    return fields


def _read_sale(fields: Mapping[str, str]) -> tuple[SeriesDomain, Sale]:
    chain_id = _number("chain", fields["chain"], 1, 2**64)
    domain = SeriesDomain(chain_id, _address("series", fields["series"]))
    sale = Sale(
        _address("merchant", fields["merchant"]),
        _number("sale", fields["sale"], 0, _MAX_SALE),
        _number("points", fields["points"], 1, MAX_PAYMENT_POINTS),
        _number("until", fields["until"], 0, MAX_VALID_UNTIL),
    )
    return domain, sale


def _number(name: str, text: str, least: int, most: int) -> int:
    if not _NUMBER.fullmatch(text) or not least <= int(text) <= most:
        raise UriError(f"{name} is no number that fits", f"{name} の数値が正しくありません")
    return int(text)


def _address(name: str, text: str) -> str:
    is_mixed = text[2:] not in (text[2:].lower(), text[2:].upper())
    if not _ADDRESS.fullmatch(text) or (is_mixed and not is_checksum_address(text)):
        raise UriError(f"{name} is no address", f"{name} の口座番号が正しくありません")
    return to_checksum_address(text)


def _signature_text(signature: CompactSignature) -> str:
    return base64.urlsafe_b64encode(signature.r + signature.vs).decode().rstrip("=")


def _signature(text: str) -> CompactSignature:
    try:
        if not _SIGNATURE.fullmatch(text):
            raise ValueError
        content = base64.urlsafe_b64decode(text + "==")
        if _signature_text(CompactSignature(content[:32], content[32:])) != text:
            raise ValueError  # bits that nobody reads: another spelling of the same
    except (ValueError, binascii.Error):
        raise UriError("the signature is damaged", "署名が壊れています") from None
    return CompactSignature(content[:32], content[32:])
