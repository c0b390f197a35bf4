"""The search for personal data finds every form of it, wherever it stands, and nothing else."""

import secrets

import pytest

from tests.support.planted import Betrayal, Detector, Planted, forms

PLANTED = [
    Planted("MyKey ID", "K7Q2M9X4"),
    Planted("個人番号", "739102645829"),
    Planted("name", "長曾我部瑞穂"),
]
ids = {"ids": lambda planted: planted.what}


@pytest.mark.parametrize("planted", PLANTED, **ids)
def test_every_form_is_found_as_it_is_and_as_hex(planted):
    detector = Detector([planted])
    for form, content in forms(planted.text):
        for written in (content, content.hex().encode(), content.hex().upper().encode()):
            found = detector.find(b"\x00before" + written + b"after\xff")
            assert {betrayal.what for betrayal in found} == {planted.what}, f"{form} of {planted.what}"


@pytest.mark.parametrize("planted", PLANTED, **ids)
def test_forms_are_told_by_name(planted):
    detector = Detector([planted])
    for form, content in forms(planted.text):
        assert Betrayal(planted.what, form) in detector.find(content)


@pytest.mark.parametrize(
    "form",
    [
        "full width in cp932",
        "as written in utf-16-le",
        "as written in utf-8, base64 from 1",
        "as written, JSON",
        "sha256 of as written in utf-8",
        "keccak256 of as written in utf-16-be",
        "sha256 with 212032 (3 bytes) before, as in a commitment",
        "HMAC under zeros, 212032, 8 bytes",
        "account of the key that is keccak256 of as written in utf-8",
        "number to base 36",
    ],
)
def test_forms_that_matter_are_among_them(form):
    assert form in dict(forms("K7Q2M9X4"))


def test_digits_packed_two_in_a_byte_are_a_form():
    assert dict(forms("739102645829"))["packed digits"] == bytes.fromhex("739102645829")


def test_nothing_is_found_in_what_is_random():
    assert Detector(PLANTED).find(secrets.token_bytes(1_000_000)) == []


def test_what_could_be_found_by_chance_is_not_searched_for():
    with pytest.raises(ValueError, match="too short"):
        Detector([Planted("number", "1234")])
