"""When points end, rule by rule."""

import pytest

from scripts.lib.expiry_rule import NEVER, ExpiryRule, expiry_label, expiry_month, is_in_range, rule_label

FEBRUARY_2027, MARCH_2027, APRIL_2027, MARCH_2028, MARCH_2029 = 325, 326, 327, 338, 350


@pytest.mark.parametrize(
    ("rule", "months", "granted_in", "expiry"),
    [
        (ExpiryRule.MONTHS_AFTER, 0, MARCH_2027, MARCH_2027),
        (ExpiryRule.MONTHS_AFTER, 6, FEBRUARY_2027, 331),
        (ExpiryRule.THIS_FISCAL_YEAR, 0, FEBRUARY_2027, MARCH_2027),
        (ExpiryRule.THIS_FISCAL_YEAR, 0, MARCH_2027, MARCH_2027),
        (ExpiryRule.THIS_FISCAL_YEAR, 0, APRIL_2027, MARCH_2028),
        (ExpiryRule.NEXT_FISCAL_YEAR, 0, MARCH_2027, MARCH_2028),
        (ExpiryRule.NEXT_FISCAL_YEAR, 0, APRIL_2027, MARCH_2029),
        (ExpiryRule.FIXED_MONTH, 340, APRIL_2027, 340),
        (ExpiryRule.NEVER, 0, APRIL_2027, NEVER),
    ],
)
def test_expiry_month_each_rule_gives_the_month(
    rule: ExpiryRule, months: int, granted_in: int, expiry: int
) -> None:
    assert expiry_month(rule, months, granted_in) == expiry


@pytest.mark.parametrize(
    ("expiry", "allowed"), [(325, False), (326, True), (386, True), (387, False), (NEVER, True)]
)
def test_is_in_range_from_this_month_to_the_sixtieth_after(expiry: int, allowed: bool) -> None:
    assert is_in_range(expiry, MARCH_2027) is allowed


def test_labels_are_bilingual() -> None:
    assert expiry_label(MARCH_2027) == ("2027-03-31", "2027年3月31日")
    assert expiry_label(NEVER) == ("no expiry", "期限なし")
    assert len({rule_label(rule, MARCH_2027) for rule in ExpiryRule}) == len(ExpiryRule)
