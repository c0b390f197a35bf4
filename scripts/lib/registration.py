"""Registrations of residents: what an account signs (EIP-712), offline checks, batches by gas.

    signed = sign(RegistrationDomain(chain_id, registry), 141305, key, commitment)
    for batch in batches(registrations):
        act = register(...)

The resident's own key signs, at the counter or at home; the two officers who register only pass the signature
on. A wallet can show and sign `typed_data` itself (eth_signTypedData_v4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount
from eth_keys.constants import SECPK1_N
from eth_keys.exceptions import BadSignature
from eth_utils import to_checksum_address

BATCH_RESIDENTS = 110
"""How many residents one `register` takes. The dearer of its two transactions, the approval, takes 110,700
gas a resident: 12.2 million, so that a gas limit a quarter above it stays below 16.7 million."""

NO_COMMITMENT = bytes(32)
_HALF_ORDER = SECPK1_N // 2
_DOMAIN_NAME = "jichitai-points residents"
_DOMAIN_VERSION = "1"
_TYPES = {
    "EIP712Domain": [
        {"name": "name", "type": "string"},
        {"name": "version", "type": "string"},
        {"name": "chainId", "type": "uint256"},
        {"name": "verifyingContract", "type": "address"},
    ],
    "Registration": [
        {"name": "municipality", "type": "uint256"},
        {"name": "account", "type": "address"},
        {"name": "commitment", "type": "bytes32"},
    ],
}


class Registration(NamedTuple):
    """One resident to be registered, in the form that ResidentRegistry.register takes.

    Attributes:
        account: checksummed.
        commitment: 32 bytes (scripts.lib.mykey).
        previous_commitment: the one under the key before, while commitments are being rotated; else zeros.
        signature: 65 bytes of the account's key.
    """

    account: str
    commitment: bytes
    previous_commitment: bytes
    signature: bytes


@dataclass(frozen=True)
class RegistrationDomain:
    """The one contract on the one chain that a signature is good for.

    Attributes:
        registry: address of ResidentRegistry (0x hex).
    """

    chain_id: int
    registry: str


def typed_data(
    domain: RegistrationDomain, municipality: int, account: str, commitment: bytes
) -> dict[str, Any]:
    """Return what the account signs, as eth_signTypedData_v4 takes it.

    Args:
        municipality: 全国地方公共団体コード as a number.
    """
    return {
        "types": _TYPES,
        "primaryType": "Registration",
        "domain": {
            "name": _DOMAIN_NAME,
            "version": _DOMAIN_VERSION,
            "chainId": domain.chain_id,
            "verifyingContract": domain.registry,
        },
        "message": {"municipality": municipality, "account": account, "commitment": "0x" + commitment.hex()},
    }


def sign(
    domain: RegistrationDomain,
    municipality: int,
    key: LocalAccount,
    commitment: bytes,
    previous_commitment: bytes = NO_COMMITMENT,
) -> Registration:
    """Sign the registration of the key's own account; the previous commitment is not part of what is signed.

    The same signature lets the account take over the membership of that commitment in a replacement.
    """
    message = encode_typed_data(full_message=typed_data(domain, municipality, key.address, commitment))
    signature = bytes(key.sign_message(message).signature)
    return Registration(key.address, commitment, previous_commitment, signature)


def is_signed(domain: RegistrationDomain, municipality: int, registration: Registration) -> bool:
    """Return whether the account's own key has signed; False for what only a contract wallet could confirm.

    As strict as the contract: of the two signatures that any one can be turned into, one is refused.
    """
    signature = registration.signature
    if len(signature) != 65 or signature[64] not in (27, 28):
        return False
    if int.from_bytes(signature[32:64], "big") > _HALF_ORDER:
        return False
    data = typed_data(domain, municipality, registration.account, registration.commitment)
    try:
        signer = Account.recover_message(encode_typed_data(full_message=data), signature=signature)
    except BadSignature:
        return False
    return bool(signer == to_checksum_address(registration.account))


def batches(
    registrations: Iterable[Registration], residents: int = BATCH_RESIDENTS
) -> Iterator[tuple[Registration, ...]]:
    """Yield registrations in their order, so many at a time that each batch fits a transaction."""
    stream = iter(registrations)
    while batch := tuple(islice(stream, residents)):
        yield batch
