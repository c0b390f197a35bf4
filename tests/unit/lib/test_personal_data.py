"""What looks personal is told apart, and does not pass the last gate to a chain."""

import pytest

from scripts.lib.contract_abi import encode_call, encode_constructor
from scripts.lib.personal_data import PersonalDataError, may_be_mykey_id, may_be_personal_number

SHOP = "0x" + "12" * 20
MYKEY_ID, PERSONAL_NUMBER = "K7Q2M9X4", "123456789018"


@pytest.mark.parametrize("sign", ["", *"-‐–—−ー.,、・/_' 　－，"])
@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_twelve_digits_in_groups_of_one_size_may_be_a_personal_number(size, sign):
    groups = [PERSONAL_NUMBER[place : place + size] for place in range(0, 12, size)]
    assert may_be_personal_number(f"番号{sign.join(groups)}です")


@pytest.mark.parametrize(
    "text",
    [
        "12345678901",
        "1234567890123",
        "2026-04-15T10:30:59",
        "2026/04/15 10:30",
        "r-141305-0001",
        "m-141305-000001",
        "044-200-2111",
        "090-1234-5678",
        "〒210-8577 川崎区宮本町1",
        "1,000,000",
        "1.2345E+11",
    ],
)
def test_other_numbers_are_no_personal_numbers(text):
    assert not may_be_personal_number(text)


@pytest.mark.parametrize(
    "text", ["12345678", "KAWASAKI", "141305-KAWASAKI", "喫茶2026", "A1B2C3D", "A1B2C3D45"]
)
def test_other_words_are_no_mykey_ids(text):
    assert not may_be_mykey_id(text)


@pytest.mark.parametrize("text", [MYKEY_ID, f"喫茶{PERSONAL_NUMBER}", f"（{MYKEY_ID.lower()}）"])
@pytest.mark.parametrize("place", ["name", "place"])
def test_call_with_what_looks_personal_is_refused_and_not_repeated(text, place):
    shop = {"name": "喫茶①", "place": "高山市上三之町", place: text}
    with pytest.raises(PersonalDataError, match=r"MunicipalPoint\.approveMerchant: ") as refused:
        encode_call("MunicipalPoint", "approveMerchant", (SHOP, 1, shop["name"], shop["place"]))
    assert text not in str(refused.value)


def test_constructor_with_what_looks_personal_is_refused():
    with pytest.raises(PersonalDataError, match="MunicipalPoint: "):
        encode_constructor("MunicipalPoint", (212032, SHOP, SHOP, "ポイント", MYKEY_ID))


def test_addresses_and_bytes_pass_whatever_digits_they_hold():
    encode_call("MunicipalPoint", "mintBatch", (["0x123456789018" + "ab" * 14], [1], 300))
    encode_call("Officers", "approve", (1, MYKEY_ID.encode()))
