"""Words of merchants and minters: every lane full, and none runs into the next."""

import pytest

from tests.support.harness import deploy_harness

GENERATION, CATEGORY = 2**16 - 1, 2**16 - 1
CLAIM = 2**56 - 1
ALLOWANCE = MINTED = 2**72 - 1
TAKEN_BACK = 2**64 - 1
LOT = 2**36 - 1
MONTH = 1535


@pytest.fixture(scope="module")
def words():
    return deploy_harness("WordsHarness")


def test_merchant_word_keeps_every_lane_full(words):
    word = words.merchant(GENERATION, CATEGORY, CLAIM)
    assert words.merchantParts(word) == (True, False, GENERATION, CATEGORY, CLAIM, CLAIM, CLAIM)


def test_merchant_word_s_generation_after_the_last_would_freeze_it_and_begin_again(words):
    """Why replaceOwner refuses it: PointReplacedTooOften."""
    word = words.nextGeneration(words.merchant(GENERATION, CATEGORY, 0))
    assert words.merchantParts(word)[:3] == (True, True, 0)


def test_minter_word_keeps_every_lane_full(words):
    word = words.minter(ALLOWANCE, MINTED - LOT, TAKEN_BACK)
    drawn = words.drawn(word, LOT, MONTH)
    assert words.minterParts(drawn) == (True, ALLOWANCE - LOT, MINTED, TAKEN_BACK, 0, MONTH)


def test_minter_word_takes_back_up_to_its_counter_however_much_was_minted(words):
    word = words.minter(0, MINTED, 0)
    assert words.returnable(word, MINTED) == TAKEN_BACK
    full = words.afterTakingBack(word, TAKEN_BACK)
    assert words.minterParts(full) == (True, 0, MINTED, TAKEN_BACK, 0, 0)
    assert words.returnable(full, MINTED) == 0
