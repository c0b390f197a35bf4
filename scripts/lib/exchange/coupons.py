"""Coupon codes: what a partner prints, a resident types in, and the one-time key that comes out of it.

    code = new_code()                      # "7KQ3-…-X2WD", printed and given away, never stored on a chain
    key = coupon_key(code)                 # its address alone goes on chain, with points and a last day

A code holds 22 random characters (109 bits) and two check characters. The alphabet has 31 characters, digits
and capitals without 0, O, 1, I and L: since 31 is a prime, the two check characters find every one or two
wrong characters and every two that have changed places, before anything is sent.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets
import unicodedata
from collections.abc import Callable, Sequence

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_keys.constants import SECPK1_N

from scripts.lib.bilingual import Bilingual

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
RANDOM_CHARACTERS = 22
CHECK_CHARACTERS = 2
CODE_CHARACTERS = RANDOM_CHARACTERS + CHECK_CHARACTERS
RANDOM_BITS = RANDOM_CHARACTERS * math.log2(len(ALPHABET))
"""What must be guessed to find a coupon: 109."""

_PRIME = len(ALPHABET)
_GENERATOR = 3  # its powers are all of 1 to 30, so that each place has a weight of its own
_GROUP = 4
_DERIVATION = b"jichitai-points coupon 1"


class CouponCodeError(ValueError):
    """What was typed in is no coupon code.

    Attributes:
        reason: what is wrong, for whoever typed it.
    """

    def __init__(self, english: str, japanese: str) -> None:
        self.reason = Bilingual(english, japanese)
        super().__init__(str(self.reason))


def new_code(below: Callable[[int], int] = secrets.randbelow) -> str:
    """Return a new code as it is printed, in groups of four.

    Args:
        below: draws a number from 0 to below its argument; nothing but the default is safe outside tests.
    """
    values = [below(_PRIME) for _ in range(RANDOM_CHARACTERS)]
    return _grouped([*values, *_checks(values)])


def read_code(text: str) -> str:
    """Return a code as it was printed, from what somebody typed: in small letters, full width, with any gaps.

    Raises:
        CouponCodeError: a character is wrong, missing or too many.
    """
    typed = unicodedata.normalize("NFKC", text).upper()
    characters = [each for each in typed if not (each.isspace() or unicodedata.category(each) == "Pd")]
    for place, character in enumerate(characters, 1):
        if character not in ALPHABET:
            raise CouponCodeError(
                f"character {place} cannot be {character!r}: codes have no 0, O, 1, I or L",
                f"{place}文字目の「{character}」は使われない文字です(0・O・1・I・Lは使いません)",
            )
    if len(characters) != CODE_CHARACTERS:
        raise CouponCodeError(
            f"a code has {CODE_CHARACTERS} characters, not {len(characters)}",
            f"コードは{CODE_CHARACTERS}文字です({len(characters)}文字が入力されました)",
        )
    values = [ALPHABET.index(character) for character in characters]
    if values[RANDOM_CHARACTERS:] != _checks(values[:RANDOM_CHARACTERS]):
        raise CouponCodeError(
            "the code has a typing error", "コードに入力の誤りがあります。もう一度お確かめください"
        )
    return _grouped(values)


def coupon_key(code: str) -> LocalAccount:
    """Return the one-time key of a code.

    Raises:
        CouponCodeError: see `read_code`.
    """
    seed = hmac.new(_DERIVATION, read_code(code).encode(), hashlib.sha512).digest()
    # 512 bits, so that the remainder favours no key.
    number = int.from_bytes(seed, "big") % (SECPK1_N - 1) + 1
    key: LocalAccount = Account.from_key(number.to_bytes(32, "big"))
    return key


def _checks(values: Sequence[int]) -> list[int]:
    """Return the two values that make sum and weighted sum of all 24 a multiple of 31."""
    weights = [pow(_GENERATOR, place, _PRIME) for place in range(CODE_CHARACTERS)]
    total = sum(values) % _PRIME
    weighted = sum(value * weight for value, weight in zip(values, weights, strict=False)) % _PRIME
    first, second = weights[RANDOM_CHARACTERS:]
    # a + b = -total and first*a + second*b = -weighted
    a = (second * total - weighted) * pow(first - second, -1, _PRIME) % _PRIME
    return [a, (-total - a) % _PRIME]


def _grouped(values: Sequence[int]) -> str:
    text = "".join(ALPHABET[value] for value in values)
    return "-".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))
