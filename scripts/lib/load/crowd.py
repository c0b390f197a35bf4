"""People of the load test: keys that anybody can compute, and what they sign, by all cores at once.

Registrations are those that `scripts.lib.registration` would have them sign (a test compares), put together
by hand, since a million of them take half an hour otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from multiprocessing import Pool
from typing import NamedTuple

from coincurve import PrivateKey
from eth_abi import encode
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount
from eth_utils import keccak, to_checksum_address

from scripts.lib.payment_signing import Payment, SeriesDomain, sign, signed_payment
from scripts.lib.registration import NO_COMMITMENT, Registration, RegistrationDomain, typed_data

_CHUNK = 2_000
_REGISTRATION = keccak(text="Registration(uint256 municipality,address account,bytes32 commitment)")


class Task(NamedTuple):
    """Residents of one municipality to sign their registration: their numbers, from `first` on."""

    domain: RegistrationDomain
    municipality: int
    first: int
    residents: int


class PaymentTask(NamedTuple):
    """Payments of residents of one municipality, one each, to one merchant: sales from `first_sale` on."""

    domain: SeriesDomain
    municipality: int
    merchant: str
    numbers: tuple[int, ...]
    first_sale: int
    points: int
    valid_until: int


def key_of(municipality: int, number: int) -> bytes:
    """Return the private key of a resident."""
    return keccak(text=f"jichitai-points/load test only/{municipality:06d}/{number}")


def account_of(municipality: int, number: int) -> LocalAccount:
    """Return a resident's account."""
    return Account.from_key(key_of(municipality, number))


def registrations(tasks: list[Task]) -> Iterator[list[Registration]]:
    """Yield for each task its registrations, in their order."""
    with Pool() as pool:
        yield from pool.imap(_sign_registrations, tasks)


def payments(tasks: list[PaymentTask]) -> Iterator[list[tuple[int, bytes, bytes]]]:
    """Yield for each task its signed payments, in their order."""
    with Pool() as pool:
        yield from pool.imap(_sign_payments, tasks)


@cache
def _separator(domain: RegistrationDomain) -> bytes:
    message = encode_typed_data(full_message=typed_data(domain, 0, "0x" + "00" * 20, bytes(32)))
    return bytes(message.header)


def _sign_registrations(task: Task) -> list[Registration]:
    separator = _separator(task.domain)
    signed = []
    for number in range(task.first, task.first + task.residents):
        secret = key_of(task.municipality, number)
        key = PrivateKey(secret)
        account = keccak(key.public_key.format(compressed=False)[1:])[12:]
        commitment = keccak(secret)
        content = keccak(
            _REGISTRATION
            + encode(["uint256", "address", "bytes32"], [task.municipality, account, commitment])
        )
        signature = bytearray(key.sign_recoverable(keccak(b"\x19\x01" + separator + content), hasher=None))
        signature[64] += 27
        signed.append(Registration(to_checksum_address(account), commitment, NO_COMMITMENT, bytes(signature)))
    return signed


def _sign_payments(task: PaymentTask) -> list[tuple[int, bytes, bytes]]:
    signed = []
    for place, number in enumerate(task.numbers):
        account = account_of(task.municipality, number)
        payment = Payment(
            account.address, task.merchant, task.first_sale + place, task.points, task.valid_until
        )
        signed.append(signed_payment(payment, sign(task.domain, payment, account)))
    return signed
