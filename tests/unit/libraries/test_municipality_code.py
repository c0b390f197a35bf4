"""MunicipalityCode against all 1,788 codes of the list, and against slips of the pen."""

import pytest

from scripts.lib.municipality_codes import check_digit, municipalities
from tests.support.harness import deploy_harness

BATCH = 2000


@pytest.fixture(scope="module")
def municipality_code(module_isolation):
    return deploy_harness("MunicipalityCodeHarness")


def are_valid(municipality_code, codes):
    """What the contract says of six-digit codes, in their order."""
    numbers = [int(code) for code in codes]
    return [
        valid
        for start in range(0, len(numbers), BATCH)
        for valid in municipality_code.areValid(numbers[start : start + BATCH])
    ]


def is_valid(code):
    """What Python says of a six-digit code."""
    return 1 <= int(code[:2]) <= 47 and code[5] == check_digit(code[:5])


def slips(code):
    """Every code that differs from this one in a single digit."""
    return [
        code[:place] + digit + code[place + 1 :]
        for place in range(6)
        for digit in "0123456789"
        if digit != code[place]
    ]


def test_is_valid_for_every_code_of_the_list(municipality_code):
    codes = list(municipalities())
    assert len(codes) == 1788
    valid = are_valid(municipality_code, codes)
    assert [code for code, answer in zip(codes, valid, strict=True) if not answer] == []


def test_is_valid_of_single_digit_slips_agrees_with_python(municipality_code):
    codes = [slip for code in list(municipalities())[::20] for slip in slips(code)]
    found = are_valid(municipality_code, codes)
    expected = [is_valid(code) for code in codes]
    assert [code for code, a, b in zip(codes, found, expected, strict=True) if a != b] == []
    assert 0 < sum(expected) < len(codes) / 30, "about one slip in 66 passes the check digit"


def test_is_valid_of_every_number_of_one_prefecture_agrees_with_python(municipality_code):
    codes = [f"{number:06d}" for number in range(140_000, 144_000)]
    assert are_valid(municipality_code, codes) == [is_valid(code) for code in codes]


@pytest.mark.parametrize("prefecture", ["00", "48", "99"])
def test_is_valid_outside_the_prefectures_is_false(municipality_code, prefecture):
    codes = [prefecture + f"{number:03d}" for number in range(1000)]
    codes = [first_five + check_digit(first_five) for first_five in codes]
    assert not any(are_valid(municipality_code, codes))


@pytest.mark.parametrize("number", [10**6 + 141305, 2**128, 2**256 - 1])
def test_is_valid_of_more_than_six_digits_is_false(municipality_code, number):
    assert municipality_code.areValid([number]) == (False,)
