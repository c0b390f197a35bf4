"""What residents and coupons sign for PartnerExchange (EIP-712).

    signature = sign_naming(ExchangeDomain(chain_id, exchange), key, Naming(holding, 212032, account, until))

A wallet can show and sign `naming_data` itself (eth_signTypedData_v4).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount

_DOMAIN = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
]
_NAMING = [
    {"name": "holding", "type": "bytes32"},
    {"name": "municipality", "type": "uint256"},
    {"name": "account", "type": "address"},
    {"name": "validUntil", "type": "uint256"},
]
_REDEMPTION = [
    {"name": "partner", "type": "uint256"},
    {"name": "coupon", "type": "address"},
    {"name": "municipality", "type": "uint256"},
    {"name": "number", "type": "uint256"},
]


class ExchangeDomain(NamedTuple):
    """The one contract on the one chain that a signature is good for."""

    chain_id: int
    exchange: str


class Naming(NamedTuple):
    """A resident's word that held points go to an account of theirs in a municipality.

    Attributes:
        holding: 32 bytes.
        valid_until: the last second at which it may be submitted.
    """

    holding: bytes
    municipality: int
    account: str
    valid_until: int


class Redemption(NamedTuple):
    """A coupon's word that it is redeemed for resident `number` of a municipality."""

    partner: int
    coupon: str
    municipality: int
    number: int


def naming_data(domain: ExchangeDomain, naming: Naming) -> dict[str, Any]:
    """Return what the present account of the home membership signs."""
    return _typed(domain, "Naming", _NAMING, naming._asdict(), {"valid_until": "validUntil"})


def redemption_data(domain: ExchangeDomain, redemption: Redemption) -> dict[str, Any]:
    """Return what the key of a coupon signs."""
    return _typed(domain, "Redemption", _REDEMPTION, redemption._asdict(), {})


def sign_naming(domain: ExchangeDomain, key: LocalAccount, naming: Naming) -> bytes:
    """Return the 65 bytes of the resident's signature."""
    return _sign(key, naming_data(domain, naming))


def sign_redemption(
    domain: ExchangeDomain, key: LocalAccount, partner: int, municipality: int, number: int
) -> bytes:
    """Return the 65 bytes of the coupon's signature."""
    return _sign(key, redemption_data(domain, Redemption(partner, key.address, municipality, number)))


def _typed(
    domain: ExchangeDomain,
    kind: str,
    fields: list[dict[str, str]],
    message: dict[str, Any],
    names: dict[str, str],
) -> dict[str, Any]:
    return {
        "types": {"EIP712Domain": _DOMAIN, kind: fields},
        "primaryType": kind,
        "domain": {
            "name": "jichitai-points exchange",
            "version": "1",
            "chainId": domain.chain_id,
            "verifyingContract": domain.exchange,
        },
        "message": {
            names.get(name, name): "0x" + value.hex() if isinstance(value, bytes) else value
            for name, value in message.items()
        },
    }


def _sign(key: LocalAccount, data: dict[str, Any]) -> bytes:
    return bytes(key.sign_message(encode_typed_data(full_message=data)).signature)
