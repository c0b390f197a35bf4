"""Transactions packed by hand are those of eth-account, byte for byte."""

import random

import pytest
from coincurve import PrivateKey
from eth_account import Account
from eth_utils import to_checksum_address

from scripts.lib.node.raw_transaction import (
    NotWhatWasAskedError,
    Unsigned,
    address_of,
    read_legacy,
    require_signed,
    sign_legacy,
)

LENGTHS = [0, 1, 2, 54, 55, 56, 57, 255, 256, 257, 70_000]
"""Of the data: where RLP changes its form."""

KEY = PrivateKey(b"\x01" * 32)
ADDRESS = address_of(KEY.public_key)
TO = to_checksum_address("0x" + "ab" * 20)


def of_eth_account(secret, unsigned):
    fields = {
        "chainId": unsigned.chain_id,
        "nonce": unsigned.nonce,
        "gasPrice": unsigned.gas_price,
        "gas": unsigned.gas,
        "value": 0,
        "data": unsigned.data,
    }
    signed = Account.from_key(secret).sign_transaction(
        fields if unsigned.to is None else fields | {"to": unsigned.to}
    )
    return bytes(signed.raw_transaction), bytes(signed.hash)


def some_transaction(pick):
    return Unsigned(
        pick.choice([1, 1337, 31337, 11155111, pick.randrange(2**40)]),
        pick.choice([0, 1, 127, 128, 255, 256, pick.randrange(2**32)]),
        pick.choice([0, 1, 10**9, pick.randrange(2**60)]),
        pick.choice([21_000, 16_700_000, pick.randrange(2**30)]),
        pick.choice([None, to_checksum_address(pick.randbytes(20))]),
        pick.choice([b"\0", b"\x7f", b"\x80", pick.randbytes(pick.choice(LENGTHS))]),
    )


def test_signed_bytes_are_those_of_eth_account():
    pick = random.Random(1)
    for _ in range(400):  # signatures with a leading zero in r or s come once in 128
        secret, unsigned = pick.randbytes(32), some_transaction(pick)
        assert sign_legacy(PrivateKey(secret), unsigned) == of_eth_account(secret, unsigned), unsigned


def test_address_of_a_key_is_that_of_eth_account():
    assert Account.from_key(KEY.secret).address == ADDRESS


def test_what_was_asked_for_is_accepted():
    pick = random.Random(2)
    for _ in range(150):
        unsigned = some_transaction(pick)
        signed = sign_legacy(KEY, unsigned)
        assert require_signed(signed.raw, unsigned, ADDRESS) == signed
        assert read_legacy(signed.raw) == unsigned


ASKED = Unsigned(31337, 5, 10, 60_000, TO, b"grant")


@pytest.mark.parametrize(
    "other",
    [
        ASKED._replace(chain_id=1),
        ASKED._replace(nonce=6),
        ASKED._replace(gas_price=11),
        ASKED._replace(gas=60_001),
        ASKED._replace(to=ADDRESS),
        ASKED._replace(to=None),
        ASKED._replace(data=b"grant more"),
    ],
)
def test_another_transaction_than_asked_for_is_refused(other):
    with pytest.raises(NotWhatWasAskedError, match="another transaction"):
        require_signed(sign_legacy(KEY, other).raw, ASKED, ADDRESS)


def test_signature_of_another_account_is_refused():
    signed = sign_legacy(PrivateKey(b"\x02" * 32), ASKED)
    with pytest.raises(NotWhatWasAskedError, match=f"asked was {ADDRESS}"):
        require_signed(signed.raw, ASKED, ADDRESS)


@pytest.mark.parametrize("raw", [b"", b"\xc0", b"\x02\xc0", b"no rlp at all", bytes(70)])
def test_what_is_no_transaction_is_refused(raw):
    with pytest.raises(NotWhatWasAskedError):
        require_signed(raw, ASKED, ADDRESS)
    with pytest.raises(ValueError, match="no signed transaction"):
        read_legacy(raw)
