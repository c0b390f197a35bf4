"""Every code of the list, the edge cases of the check digit, and what a slip of the finger comes to."""

import pytest

from scripts.lib.municipality_codes import CodeError, check_digit, lookup, lookup_number, municipalities


def test_municipalities_all_are_1741_and_47_prefectures() -> None:
    prefectures = [municipality for municipality in municipalities().values() if municipality.is_prefecture]
    assert (len(municipalities()), len(prefectures)) == (1741 + 47, 47)


def test_lookup_every_code_of_the_list_passes_its_check_digit() -> None:
    for code, municipality in municipalities().items():
        assert check_digit(code[:5]) == code[5]
        assert lookup(code) is municipality
        assert lookup_number(municipality.number) is municipality


@pytest.mark.parametrize(
    ("code", "name", "prefecture"),
    [
        ("011002", "札幌市", "北海道"),
        ("131016", "千代田区", "東京都"),
        ("141305", "川崎市", "神奈川県"),
        ("452025", "都城市", "宮崎県"),
        ("212032", "高山市", "岐阜県"),
        ("362018", "徳島市", "徳島県"),
        ("012131", "苫小牧市", "北海道"),  # remainder 0
        ("012050", "室蘭市", "北海道"),  # remainder 1
        ("012041", "旭川市", "北海道"),  # remainder 10
    ],
)
def test_lookup_known_code_gives_name_and_prefecture(code: str, name: str, prefecture: str) -> None:
    municipality = lookup(code)
    assert (municipality.name, municipality.prefecture) == (name, prefecture)
    assert municipality.full_name == prefecture + name


def test_lookup_number_small_number_gets_its_leading_zero_back() -> None:
    assert lookup_number(11002).code == "011002"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("", "six digits"),
        ("11002", "drop the zero"),
        ("0110020", "six digits"),
        ("札幌市", "six digits"),
        ("０１１００２", "six digits"),
        (" 11002", "six digits"),
        ("011003", "check digit"),
        ("021008", "no municipality"),  # a good check digit and nobody's
        ("016951", "no municipality"),  # 色丹村
        ("011011", "no municipality"),  # a ward of 札幌市
    ],
)
def test_lookup_wrong_code_says_why(code: str, reason: str) -> None:
    with pytest.raises(CodeError, match=reason):
        lookup(code)


def test_lookup_personal_number_is_not_repeated() -> None:
    with pytest.raises(CodeError) as error:
        lookup("123456789018")
    assert "1234" not in str(error.value)


def test_lookup_single_digit_slips_almost_all_are_noticed() -> None:
    slips = passing_check_digit = passing_lookup = 0
    for code in municipalities():
        for position in range(6):
            for digit in set("0123456789") - {code[position]}:
                slip = code[:position] + digit + code[position + 1 :]
                slips += 1
                passing_check_digit += check_digit(slip[:5]) == slip[5]
                passing_lookup += slip in municipalities() and lookup(slip).code == slip
    assert 0.014 < passing_check_digit / slips < 0.016, f"{passing_check_digit} of {slips} pass the digit"
    assert passing_lookup / slips < 0.005, f"{passing_lookup} of {slips} are codes of other municipalities"
