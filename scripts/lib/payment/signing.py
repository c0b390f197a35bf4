"""What residents and tills sign to pay a sale (EIP-712), and the form in which the chain takes it.

    domain = SeriesDomain(chain_id, series)
    payment = Payment(payer, shop, sale_number(day, 17), 1200, valid_until, cancel_epoch)
    signature = sign(domain, payment, resident_key)                 # offline, on the resident's phone
    series.paySigned(shop, signed_payment(payment, signature))      # by the till

Three messages are signed:

    Payment  by the payer: this account pays this amount for this sale of this shop.
    Sale     by a till, for whoever submits the payment instead of the shop.
    Sales    by a till, the same for all sales of a batch.

A signature is good for one chain, one series and one shop. A sale number is paid once at most, so that
sending a payment again does no harm. Any wallet can show and sign `typed_data` itself (eth_signTypedData_v4);
`compact` brings its signature into the chain's form.

Units: amounts are points, times are Unix seconds, a sale is a number of scripts.lib.payment.sale_number,
addresses are 0x text.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from eth_account import Account
from eth_account.messages import SignableMessage, encode_typed_data
from eth_account.signers.local import LocalAccount
from eth_keys.constants import SECPK1_N
from eth_keys.exceptions import BadSignature
from eth_utils import keccak

from scripts.lib.payment.sale_number import SERIALS

MAX_PAYMENT_POINTS = 2**29 - 1
MAX_VALID_UNTIL = 2**35 - 1
"""The latest second that fits a payment's terms; in the year 3058."""

_MAX_SALE = 2**16 * SERIALS - 1
_HALF_ORDER = SECPK1_N // 2
_PARITY = 1 << 255
_DOMAIN_NAME = "jichitai-points"
_DOMAIN_VERSION = "1"
_DOMAIN_FIELDS = {"name": "string", "version": "string", "chainId": "uint256", "verifyingContract": "address"}
_FIELDS = {
    "Payment": {
        "payer": "address",
        "merchant": "address",
        "sale": "uint256",
        "amountPoints": "uint256",
        "validUntil": "uint256",
        "cancelEpoch": "uint256",
    },
    "Sale": {
        "merchant": "address",
        "sale": "uint256",
        "amountPoints": "uint256",
        "validUntil": "uint256",
    },
    "Sales": {"merchant": "address", "salesAndAmounts": "uint256[]"},
}


class SeriesDomain(NamedTuple):
    """The one series on the one chain that a signature is good for.

    Attributes:
        series: address of its MunicipalPoint.
    """

    chain_id: int
    series: str


class Payment(NamedTuple):
    """What the payer signs.

    Attributes:
        payer: whose points are spent; the account of the key that signs, or a contract account (ERC-1271).
        sale: its number.
        amount_points: 1 to MAX_PAYMENT_POINTS; the chain refuses 0.
        valid_until: the last second in which it may be submitted, at most MAX_VALID_UNTIL.
        cancel_epoch: the payer's present one (the view cancelEpochOf); with the next, the signature is void.
    """

    payer: str
    merchant: str
    sale: int
    amount_points: int
    valid_until: int
    cancel_epoch: int = 0

    @property
    def terms(self) -> int:
        """The word that the chain takes: payer (160 bits), sale (32), amount (29), valid until (35).

        Raises:
            ValueError: a number does not fit its field.
        """
        _require_range("sale", self.sale, 0, _MAX_SALE)
        _require_range("amount_points", self.amount_points, 0, MAX_PAYMENT_POINTS)
        _require_range("valid_until", self.valid_until, 0, MAX_VALID_UNTIL)
        return int(self.payer, 16) << 96 | self.sale << 64 | self.amount_points << 35 | self.valid_until


class Sale(NamedTuple):
    """What a till signs so that somebody else may submit the payment of one sale.

    Attributes:
        sale: its number.
        amount_points: what is to be paid.
        valid_until: the last second in which it may be submitted.
    """

    merchant: str
    sale: int
    amount_points: int
    valid_until: int


class Sales(NamedTuple):
    """What a till signs so that somebody else may submit a batch of payments.

    Attributes:
        sales: number and amount of each payment's sale, in the order of the batch.
    """

    merchant: str
    sales: tuple[tuple[int, int], ...]


class CompactSignature(NamedTuple):
    """A signature in the chain's form (EIP-2098).

    Attributes:
        r: 32 bytes.
        vs: 32 bytes: s, which is in the lower half of its range, with the parity in the highest bit.
    """

    r: bytes
    vs: bytes

    @property
    def long(self) -> bytes:
        """The 65 bytes r, s, v that wallets give and a contract account is asked with."""
        vs = int.from_bytes(self.vs, "big")
        return self.r + (vs % _PARITY).to_bytes(32, "big") + bytes([27 + vs // _PARITY])


NO_SIGNATURE = CompactSignature(bytes(32), bytes(32))
"""For payBatch, if the merchant's owner or till sends the batch itself."""


def typed_data(domain: SeriesDomain, message: Payment | Sale | Sales) -> dict[str, Any]:
    """Return what is signed, as eth_signTypedData_v4 takes it."""
    kind = type(message).__name__
    fields = _FIELDS[kind]
    values: tuple[Any, ...] = message
    if isinstance(message, Sales):
        values = (message.merchant, [number for sale in message.sales for number in sale])
    return {
        "types": {"EIP712Domain": _typed(_DOMAIN_FIELDS), kind: _typed(fields)},
        "primaryType": kind,
        "domain": {
            "name": _DOMAIN_NAME,
            "version": _DOMAIN_VERSION,
            "chainId": domain.chain_id,
            "verifyingContract": domain.series,
        },
        "message": dict(zip(fields, values, strict=True)),
    }


def digest(domain: SeriesDomain, message: Payment | Sale | Sales) -> bytes:
    """Return the 32 bytes that the key signs."""
    signable = _signable(domain, message)
    return keccak(b"\x19" + signable.version + signable.header + signable.body)


def domain_separator(domain: SeriesDomain) -> bytes:
    """Return the hash of the domain; the series says the same (the view DOMAIN_SEPARATOR)."""
    return bytes(_signable(domain, Sales(domain.series, ())).header)


def sign(domain: SeriesDomain, message: Payment | Sale | Sales, key: LocalAccount) -> CompactSignature:
    """Sign a message. The same key and message give the same signature (RFC 6979)."""
    return compact(bytes(key.sign_message(_signable(domain, message)).signature))


def compact(signature: bytes) -> CompactSignature:
    """Bring the signature of a wallet into the chain's form.

    Args:
        signature: 65 bytes r, s, v, with v 27 or 28, or 0 or 1 as some wallets have it.

    Raises:
        ValueError: it is no such signature, or s is in the upper half, which the chain refuses: of the two
            signatures that say the same, one counts.
    """
    if len(signature) != 65 or signature[64] not in (0, 1, 27, 28):
        raise ValueError(f"not a signature of r, s and v: 0x{signature.hex()}")
    s = int.from_bytes(signature[32:64], "big")
    if s > _HALF_ORDER:
        raise ValueError(f"s is in the upper half of its range: 0x{signature.hex()}")
    return CompactSignature(signature[:32], (s + (signature[64] % 27) * _PARITY).to_bytes(32, "big"))


def signer_of(
    domain: SeriesDomain, message: Payment | Sale | Sales, signature: CompactSignature
) -> str | None:
    """Return the account of the key that signed, checksummed; None if none did. As strict as the contract.

    Any well-formed signature fits some key: compare the account. Only the chain can say what a contract
    account accepts.
    """
    if len(signature.r) != 32 or len(signature.vs) != 32:
        return None
    if int.from_bytes(signature.vs, "big") % _PARITY > _HALF_ORDER:
        return None
    try:
        return str(Account.recover_message(_signable(domain, message), signature=signature.long))
    except (BadSignature, ValueError):
        return None


def signed_payment(payment: Payment, signature: CompactSignature) -> tuple[int, bytes, bytes]:
    """Return a payment in the form that paySigned, payRelayed and payBatch take.

    Raises:
        ValueError: a number does not fit its field.
    """
    return payment.terms, signature.r, signature.vs


def _signable(domain: SeriesDomain, message: Payment | Sale | Sales) -> SignableMessage:
    return encode_typed_data(full_message=typed_data(domain, message))


def _typed(fields: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for name, kind in fields.items()]


def _require_range(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise ValueError(f"{name} must be {least} to {most}: {value}")
