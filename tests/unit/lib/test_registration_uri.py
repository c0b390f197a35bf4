"""The texts between desk and purse mean one thing, or are refused, and tell nobody's MyKey ID."""

import pytest
from eth_account import Account

from scripts.lib.code_text import LONGEST, UriError
from scripts.lib.mykey import CommitmentKey, MyKeyId, commitment
from scripts.lib.registration import RegistrationDomain
from scripts.lib.registration_uri import RegistrationAnswer, RegistrationRequest

KEY = Account.from_key(b"\x01" * 32)
SAPPORO = 11002
COMMITMENT = commitment(CommitmentKey(1, b"\x07" * 32), SAPPORO, MyKeyId.read("A1B2C3D4"))
DOMAIN = RegistrationDomain(31337, "0x5FbDB2315678afecb367f032d93F642f64180aa3")
REQUEST = RegistrationRequest(DOMAIN, SAPPORO, COMMITMENT)
ANSWER = REQUEST.answer(KEY)


def test_texts_come_back_as_they_went():
    assert RegistrationRequest.read(f" {REQUEST.text}\n") == REQUEST
    assert RegistrationAnswer.read(ANSWER.text) == ANSWER
    assert "town=011002" in REQUEST.text and len(ANSWER.text) < LONGEST


def test_answer_is_signed_by_its_account_for_its_request_alone():
    assert ANSWER.is_signed
    other = Account.from_key(b"\x02" * 32)
    assert not ANSWER._replace(account=other.address).is_signed
    for changed in (
        REQUEST._replace(commitment=bytes(32)),
        REQUEST._replace(municipality=141305),
        REQUEST._replace(domain=RegistrationDomain(1, DOMAIN.registry)),
    ):
        assert not ANSWER._replace(request=changed).is_signed


def test_texts_hold_no_mykey_id():
    assert "A1B2C3D4" not in (REQUEST.text + ANSWER.text).upper()


@pytest.mark.parametrize(
    ("part", "instead"),
    [
        ("registered?", "register?"),
        ("v=1", "v=2"),
        ("town=011002", "town=11002"),
        ("town=011002", "town=011003"),
        ("chain=31337", "chain=031337"),
        ("commitment=", "commitment=A"),
        ("sig=", "sig=!"),
        ("&account=", "&name=hanako&account="),
    ],
)
def test_answer_that_was_changed_is_refused(part, instead):
    assert part in ANSWER.text
    with pytest.raises(UriError) as refused:
        RegistrationAnswer.read(ANSWER.text.replace(part, instead, 1))
    assert refused.value.reason.english and refused.value.reason.japanese
