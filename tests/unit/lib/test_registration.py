import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_keys.constants import SECPK1_N
from eth_utils import keccak

from scripts.lib.registration import (
    BATCH_RESIDENTS,
    NO_COMMITMENT,
    Registration,
    RegistrationDomain,
    batches,
    is_signed,
    sign,
    typed_data,
)

CODE = 141305
DOMAIN = RegistrationDomain(31337, "0x" + "5A" * 20)
KEY = Account.from_key(b"\1" * 32)
COMMITMENT = keccak(text="a commitment")
SIGNED = sign(DOMAIN, CODE, KEY, COMMITMENT)


def test_sign_is_for_the_keys_own_account():
    assert SIGNED[:3] == (KEY.address, COMMITMENT, bytes(32))
    assert is_signed(DOMAIN, CODE, SIGNED)


def test_what_is_signed_is_the_typed_data_that_a_wallet_shows():
    shown = encode_typed_data(full_message=typed_data(DOMAIN, CODE, KEY.address, COMMITMENT))
    assert Account.recover_message(shown, signature=SIGNED.signature) == KEY.address


@pytest.mark.parametrize(
    ("domain", "code"),
    [
        (DOMAIN, 11002),
        (RegistrationDomain(1, DOMAIN.registry), CODE),
        (RegistrationDomain(31337, "0x" + "5B" * 20), CODE),
    ],
)
def test_a_signature_is_good_for_one_municipality_chain_and_registry(domain, code):
    assert not is_signed(domain, code, SIGNED)


def test_a_signature_is_good_for_one_account_and_commitment():
    assert not is_signed(DOMAIN, CODE, SIGNED._replace(account=Account.from_key(b"\2" * 32).address))
    assert not is_signed(DOMAIN, CODE, SIGNED._replace(commitment=bytes(32)))


def flipped(signature):
    """The other signature of the same key over the same message, which contracts refuse."""
    s = SECPK1_N - int.from_bytes(signature[32:64], "big")
    return signature[:32] + s.to_bytes(32, "big") + bytes([55 - signature[64]])


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        bytes(65),
        bytes(64) + b"\x1b",
        b"\xff" * 65,
        b"\xff" * 32 + bytes(31) + b"\1\x1b",
        SIGNED.signature[:64],
        SIGNED.signature + b"\0",
        SIGNED.signature[:64] + bytes([SIGNED.signature[64] - 27]),
        SIGNED.signature[:64] + bytes([55 - SIGNED.signature[64]]),
        flipped(SIGNED.signature),
    ],
)
def test_what_is_no_signature_is_refused(signature):
    assert not is_signed(DOMAIN, CODE, SIGNED._replace(signature=signature))


@pytest.mark.parametrize(
    ("count", "sizes"),
    [(0, []), (1, [1]), (BATCH_RESIDENTS, [BATCH_RESIDENTS]), (BATCH_RESIDENTS + 1, [BATCH_RESIDENTS, 1])],
)
def test_batches_keep_the_order_and_lose_nobody(count, sizes):
    commitments = [place.to_bytes(32, "big") for place in range(count)]
    registrations = [Registration(KEY.address, each, NO_COMMITMENT, b"") for each in commitments]
    found = list(batches(registrations))
    assert [len(batch) for batch in found] == sizes
    assert [registration for batch in found for registration in batch] == registrations
