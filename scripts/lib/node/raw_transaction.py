"""Signs plain transactions (EIP-155), packed by hand: in an eighth of the time that eth-account takes.

    signed = sign_legacy(PrivateKey(key), Unsigned(31337, nonce, gas_price, gas, to, data))

eth-account says the same, byte for byte (tests/scripts/test_raw_transaction.py). Other kinds of transaction
are not signed here: this one is taken by every chain, those that have a base fee too.
"""

from __future__ import annotations

from typing import NamedTuple

import rlp
from coincurve import PrivateKey, PublicKey
from eth_utils import keccak, to_checksum_address

_EMPTY = b"\x80"
_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0


class RawTransaction(NamedTuple):
    """A signed transaction as a node takes it.

    Attributes:
        hash: keccak-256 of `raw`.
    """

    raw: bytes
    hash: bytes


class Unsigned(NamedTuple):
    """What a signature is about.

    Attributes:
        to: 0x hex, or None to create a contract.
        gas_price: in wei.
    """

    chain_id: int
    nonce: int
    gas_price: int
    gas: int
    to: str | None
    data: bytes

    @property
    def fields(self) -> bytes:
        """The six fields that are signed and sent, one after the other, in RLP; the value is 0."""
        to = _EMPTY if self.to is None else b"\x94" + bytes.fromhex(self.to[2:])
        numbers = _number(self.nonce) + _number(self.gas_price) + _number(self.gas)
        return numbers + to + _EMPTY + _bytes(self.data)

    @property
    def digest(self) -> bytes:
        """The 32 bytes that the key signs."""
        return keccak(_list(self.fields + _number(self.chain_id) + _EMPTY + _EMPTY))


class NotWhatWasAskedError(ValueError):
    """A signed transaction is not the one that was to be signed, or not by the one who was to sign."""


def sign_legacy(key: PrivateKey, transaction: Unsigned) -> RawTransaction:
    """Sign a transaction. The same key and transaction give the same bytes (RFC 6979)."""
    signature = key.sign_recoverable(transaction.digest, hasher=None)
    v = signature[64] + 35 + 2 * transaction.chain_id
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")
    raw = _list(transaction.fields + _number(v) + _number(r) + _number(s))
    return RawTransaction(raw, keccak(raw))


def read_legacy(raw: bytes) -> Unsigned:
    """Return what a transaction signed here is about.

    Raises:
        ValueError: it is no such transaction.
    """
    try:
        nonce, gas_price, gas, to, _, data, v, _, _ = rlp.decode(raw)
    except (rlp.DecodingError, TypeError, ValueError) as error:
        raise ValueError("no signed transaction of EIP-155") from error
    address = str(to_checksum_address(to)) if to else None
    chain_id = (_read_number(v) - 35) // 2
    return Unsigned(chain_id, _read_number(nonce), _read_number(gas_price), _read_number(gas), address, data)


def require_signed(raw: bytes, transaction: Unsigned, signer: str) -> RawTransaction:
    """Make sure that what another program has signed is what it was asked to sign.

    Args:
        signer: checksum address of the account whose signature it must be.

    Raises:
        NotWhatWasAskedError: it is something else, of another kind, or of another account.
    """
    try:
        *_, v, r, s = rlp.decode(raw)
        recovery = _read_number(v) - 35 - 2 * transaction.chain_id
        number_s = _read_number(s)
        expected = _list(transaction.fields + b"".join(_number(_read_number(x)) for x in (v, r, s)))
        if raw != expected or recovery not in (0, 1) or not 0 < number_s <= _HALF_ORDER:
            raise ValueError
        signature = r.rjust(32, b"\0") + s.rjust(32, b"\0") + bytes([recovery])
        key = PublicKey.from_signature_and_message(signature, transaction.digest, hasher=None)
    except Exception as error:
        raise NotWhatWasAskedError("the signer returned another transaction than it was asked for") from error
    account = address_of(key)
    if account != signer:
        raise NotWhatWasAskedError(f"the signer signed for {account}, asked was {signer}")
    return RawTransaction(raw, keccak(raw))


def address_of(key: PublicKey) -> str:
    """Return the checksum address of a key's account."""
    return str(to_checksum_address(keccak(key.format(compressed=False)[1:])[-20:]))


def _number(value: int) -> bytes:
    return _bytes(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _read_number(field: bytes) -> int:
    return int.from_bytes(field, "big")


def _bytes(value: bytes) -> bytes:
    if len(value) == 1 and value[0] < 0x80:
        return value
    return _prefix(len(value), 0x80) + value


def _list(payload: bytes) -> bytes:
    return _prefix(len(payload), 0xC0) + payload


def _prefix(length: int, base: int) -> bytes:
    if length < 56:
        return bytes([base + length])
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([base + 55 + len(size)]) + size
