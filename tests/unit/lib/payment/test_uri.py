"""The texts between till and purse mean one thing, or are refused."""

import pytest
from eth_account import Account

from scripts.lib.code_text import LONGEST, UriError
from scripts.lib.payment.signing import CompactSignature, Payment, Sale, SeriesDomain, sign
from scripts.lib.payment.uri import PaymentAnswer, PaymentRequest

KEY = Account.from_key(b"\x01" * 32)
DOMAIN = SeriesDomain(31337, "0x5FbDB2315678afecb367f032d93F642f64180aa3")
SALE = Sale("0x70997970C51812dc3A010C7d01b50e0d17dc79C8", 9585 << 16 | 17, 1200, 1_775_000_000)
REQUEST = PaymentRequest(DOMAIN, SALE, sign(DOMAIN, SALE, KEY))
PAYMENT = Payment(KEY.address, *SALE, 3)
ANSWER = PaymentAnswer(DOMAIN, PAYMENT, sign(DOMAIN, PAYMENT, KEY), 314)


def test_texts_come_back_as_they_went():
    assert PaymentRequest.read(f" {REQUEST.text}\n") == REQUEST
    assert PaymentAnswer.read(ANSWER.text) == ANSWER


def test_fields_come_in_any_order():
    start, fields = REQUEST.text.split("?")
    assert PaymentRequest.read(start + "?" + "&".join(reversed(fields.split("&")))) == REQUEST


def test_largest_texts_fit_a_code_that_a_phone_reads():
    payment = Payment(KEY.address, SALE.merchant, 2**32 - 1, 2**29 - 1, 2**35 - 1, 4095)
    domain = DOMAIN._replace(chain_id=2**64)
    largest = PaymentAnswer(domain, payment, CompactSignature(b"\xff" * 32, b"\xff" * 32), 1535)
    assert PaymentAnswer.read(largest.text) == largest
    assert len(largest.text) < 400 < LONGEST


@pytest.mark.parametrize(
    ("part", "instead"),
    [
        ("jichitai-points:pay", "jichitai-points:paid"),
        ("v=1", "v=2"),
        ("points=1200", "points=01200"),
        ("points=1200", "points=0"),
        ("points=1200", "points=1e3"),
        ("points=1200", "points=１２００"),
        ("points=1200", "points=536870912"),
        ("points=1200", "points=1200&points=1"),
        ("points=1200", "points=1200&memo=hello"),
        ("points=1200&", ""),
        ("sale=", "sale=-"),
        ("0x5FbDB2315678afecb367f032d93F642f64180aa3", "0x5fbDB2315678afecb367f032d93F642f64180aa3"),
        ("0x5FbDB2315678afecb367f032d93F642f64180aa3", "0x5FbDB2315678"),
        ("till=", "till=A"),
        ("till=", "till=!"),
    ],
)
def test_text_that_was_changed_is_refused(part, instead):
    assert part in REQUEST.text
    with pytest.raises(UriError) as refused:
        PaymentRequest.read(REQUEST.text.replace(part, instead, 1))
    assert refused.value.reason.english and refused.value.reason.japanese


def test_signature_has_one_spelling():
    """The last character of base64 carries bits that nobody reads."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet[alphabet.index(REQUEST.text[-1]) ^ 1]
    with pytest.raises(UriError, match="署名"):
        PaymentRequest.read(REQUEST.text[:-1] + last)


@pytest.mark.parametrize(
    "text", ["", "https://example.org", "jichitai-points:pay?", "jichitai-points:pay?v=1" * 99]
)
def test_other_texts_are_refused(text):
    with pytest.raises(UriError):
        PaymentRequest.read(text)
