"""Coupon codes: random, legible, and safe against slips of the pen."""

import itertools
import random

import pytest

from scripts.lib.exchange.coupons import (
    ALPHABET,
    CODE_CHARACTERS,
    RANDOM_BITS,
    CouponCodeError,
    coupon_key,
    new_code,
    read_code,
)

CODE = "6MWU-T4A5-HTGH-PEU8-5H2X-VEYK"


def characters(code):
    return code.replace("-", "")


def test_code_has_at_least_100_random_bits_and_no_ambiguous_letters():
    assert RANDOM_BITS >= 100
    assert not set(ALPHABET) & set("0O1IL")
    codes = [new_code() for _ in range(200)]
    assert len(set(codes)) == len(codes)
    assert set("".join(map(characters, codes))) == set(ALPHABET), "some character is never drawn"


def test_check_characters_are_not_drawn_but_follow():
    assert [len(group) for group in CODE.split("-")] == [4] * 6
    assert read_code(CODE) == CODE


@pytest.mark.parametrize(
    "typed", [CODE.lower(), CODE.replace("-", ""), CODE.replace("-", " - "), CODE.replace("-", "―") + "\n"]
)
def test_read_code_takes_it_as_people_type_it(typed):
    assert read_code(typed) == CODE


def test_read_code_takes_full_width_letters():
    wide = "".join(chr(ord(each) + 0xFEE0) for each in CODE)
    assert read_code(wide) == CODE


def refused(typed):
    with pytest.raises(CouponCodeError):
        read_code(typed)
    return True


def test_every_single_wrong_character_is_found():
    text = characters(CODE)
    for place, other in itertools.product(range(CODE_CHARACTERS), ALPHABET):
        if text[place] != other:
            assert refused(text[:place] + other + text[place + 1 :])


def test_every_two_wrong_characters_of_a_sample_are_found():
    text, draw = characters(CODE), random.Random(2)
    for _ in range(5_000):
        wrong = list(text)
        for place in draw.sample(range(CODE_CHARACTERS), 2):
            wrong[place] = draw.choice([each for each in ALPHABET if each != text[place]])
        assert refused("".join(wrong))


def test_every_two_characters_that_changed_places_are_found():
    text = characters(CODE)
    for first, second in itertools.combinations(range(CODE_CHARACTERS), 2):
        swapped = list(text)
        swapped[first], swapped[second] = text[second], text[first]
        if "".join(swapped) != text:
            assert refused("".join(swapped))


@pytest.mark.parametrize(
    "typed", ["", CODE[:-1], CODE + "2", CODE.replace(CODE[0], "O"), CODE.replace(CODE[0], "0")]
)
def test_read_code_of_the_wrong_length_or_letters_raises(typed):
    assert refused(typed)


def test_message_tells_the_place_in_both_languages():
    with pytest.raises(CouponCodeError) as raised:
        read_code("I" + CODE[1:])
    assert "character 1" in raised.value.reason.english
    assert "1文字目" in raised.value.reason.japanese


def test_key_follows_from_the_code_alone_however_it_is_typed():
    assert coupon_key(CODE).address == coupon_key(CODE.lower()).address
    assert coupon_key(CODE).address != coupon_key(new_code()).address


def test_key_of_a_known_code_stays_what_it_is():
    """Codes are on paper for years: the derivation must not change."""
    assert coupon_key(CODE).address == "0x3E3478c292C502AA534F21834E7d21D0c9b569d5"
