"""People of the load test: keys that anybody can compute, and what they sign, by all cores at once.

Registrations and payments are those that `scripts.lib.registration` and `scripts.lib.payment.signing` would
have them sign (a test compares), put together by hand: a million of them take hours otherwise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from multiprocessing import Pool
from typing import NamedTuple, TypeVar

from coincurve import PrivateKey
from Crypto.Hash import keccak as sponge
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount

from scripts.lib.contract_abi import encode_call
from scripts.lib.payment.signing import Payment, SeriesDomain, compact, domain_separator, signed_payment
from scripts.lib.registration import RegistrationDomain, typed_data

KEY_VERSION = 1
_REGISTRATION = b"Registration(uint256 municipality,address account,bytes32 commitment)"
_PAYMENT = (
    b"Payment(address payer,address merchant,uint256 sale,uint256 amountPoints,"
    b"uint256 validUntil,uint256 cancelEpoch)"
)
_SIGNATURE_BYTES = 65
_WORDS_OF_REGISTRATION = 8

_Task = TypeVar("_Task")
_Done = TypeVar("_Done")


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
    return hashlib.sha256(f"jichitai-points/load test only/{municipality:06d}/{number}".encode()).digest()


def account_of(municipality: int, number: int) -> LocalAccount:
    """Return a resident's account."""
    return Account.from_key(key_of(municipality, number))


def registrations(tasks: Iterable[Task]) -> Iterator[bytes]:
    """Yield for each task the call of `register` that takes its residents in, in their order."""
    yield from _on_all_cores(_register_call, tasks)


def payments(tasks: Iterable[PaymentTask]) -> Iterator[list[tuple[int, bytes, bytes]]]:
    """Yield for each task its signed payments, in their order."""
    yield from _on_all_cores(_sign_payments, tasks)


def _on_all_cores(work: Callable[[_Task], _Done], tasks: Iterable[_Task]) -> Iterator[_Done]:
    """Yield what the work makes of each task, in their order."""
    with Pool() as pool:
        yield from pool.imap(work, tasks)
        # The end of `with` terminates workers, and one that is terminated can wait forever for its own lock.
        pool.close()
        pool.join()


@cache
def _separator(domain: RegistrationDomain) -> bytes:
    message = encode_typed_data(full_message=typed_data(domain, 0, "0x" + "00" * 20, bytes(32)))
    return bytes(message.header)


@cache
def _series_separator(domain: SeriesDomain) -> bytes:
    return domain_separator(domain)


@cache
def _selector() -> bytes:
    return encode_call("ResidentRegistry", "register", (0, 0, []))[:4]


def _register_call(task: Task) -> bytes:
    separator, kind = _separator(task.domain), _keccak(_REGISTRATION)
    municipality = _word(task.municipality)
    parts = []
    for number in range(task.first, task.first + task.residents):
        secret = key_of(task.municipality, number)
        key = PrivateKey(secret)
        account, commitment = _account_word(key), hashlib.sha256(secret).digest()
        content = _keccak(kind + municipality + account + commitment)
        signature = _signature(key, separator, content)
        parts += [account, commitment, bytes(32), _word(4 * 32), _word(_SIGNATURE_BYTES)]
        parts.append(signature.ljust(3 * 32, b"\0"))
    places = range(task.residents)
    offsets = [_word((task.residents + place * _WORDS_OF_REGISTRATION) * 32) for place in places]
    head = [municipality, _word(KEY_VERSION), _word(3 * 32), _word(task.residents)]
    return _selector() + b"".join([*head, *offsets, *parts])


def _sign_payments(task: PaymentTask) -> list[tuple[int, bytes, bytes]]:
    separator, kind = _series_separator(task.domain), _keccak(_PAYMENT)
    merchant = _word(int(task.merchant, 16))
    signed = []
    for place, number in enumerate(task.numbers):
        key = PrivateKey(key_of(task.municipality, number))
        account = _account_word(key)
        payer = "0x" + account[12:].hex()
        payment = Payment(payer, task.merchant, task.first_sale + place, task.points, task.valid_until)
        numbers = (payment.sale, payment.amount_points, payment.valid_until, payment.cancel_epoch)
        content = _keccak(kind + account + merchant + b"".join(map(_word, numbers)))
        signed.append(signed_payment(payment, compact(_signature(key, separator, content))))
    return signed


def _signature(key: PrivateKey, separator: bytes, content: bytes) -> bytes:
    signature = bytearray(key.sign_recoverable(_keccak(b"\x19\x01" + separator + content), hasher=None))
    signature[64] += 27
    return bytes(signature)


def _account_word(key: PrivateKey) -> bytes:
    return bytes(12) + _keccak(key.public_key.format(compressed=False)[1:])[12:]


def _word(number: int) -> bytes:
    return number.to_bytes(32, "big")


def _keccak(content: bytes) -> bytes:
    # What eth_utils has does the same in five times the time.
    return sponge.new(digest_bits=256, data=content).digest()
