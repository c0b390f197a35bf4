"""When points end: the rules found in ordinances, as IMunicipalPoint.ExpiryRule has them.

Months are numbers counted from January 2000 = 0; points end with the last second of a month in Japan.
"""

from __future__ import annotations

from enum import IntEnum

from scripts.lib.bilingual import Bilingual
from scripts.lib.japan_calendar import fiscal_year_end, last_day_label

NEVER = 1535
"""The month number that marks points without expiry."""

MAX_TERM_MONTHS = 60
"""The longest term of points that end."""


class ExpiryRule(IntEnum):
    """How the end of newly granted points follows from the month of the grant. Numbers as in the contract."""

    MONTHS_AFTER = 0
    THIS_FISCAL_YEAR = 1
    NEXT_FISCAL_YEAR = 2
    FIXED_MONTH = 3
    NEVER = 4


def expiry_month(rule: ExpiryRule, months: int, granted_in: int) -> int:
    """Return the month with which points granted in the month `granted_in` end; it may lie out of range.

    Args:
        months: with MONTHS_AFTER how many months later (0 is the same month), with FIXED_MONTH the month;
            the other rules ignore it.
    """
    match rule:
        case ExpiryRule.MONTHS_AFTER:
            return granted_in + months
        case ExpiryRule.THIS_FISCAL_YEAR:
            return fiscal_year_end(granted_in)
        case ExpiryRule.NEXT_FISCAL_YEAR:
            return fiscal_year_end(granted_in) + 12
        case ExpiryRule.FIXED_MONTH:
            return months
        case ExpiryRule.NEVER:
            return NEVER


def is_in_range(expiry: int, granted_in: int) -> bool:
    """Return whether points granted in the month `granted_in` may end with the month `expiry`."""
    return granted_in <= expiry <= granted_in + MAX_TERM_MONTHS or expiry == NEVER


def expiry_label(month: int) -> Bilingual:
    """Return the last day of points that end with `month`."""
    return Bilingual("no expiry", "期限なし") if month == NEVER else last_day_label(month)


def rule_label(rule: ExpiryRule, months: int) -> Bilingual:
    """Return a rule in words."""
    match rule:
        case ExpiryRule.MONTHS_AFTER:
            return Bilingual(f"month end {months} months after the grant", f"付与月の{months}か月後の月末")
        case ExpiryRule.THIS_FISCAL_YEAR:
            return Bilingual("end of the fiscal year of the grant", "付与年度の年度末")
        case ExpiryRule.NEXT_FISCAL_YEAR:
            return Bilingual("end of the next fiscal year", "付与年度の翌年度末")
        case ExpiryRule.FIXED_MONTH:
            day = expiry_label(months)
            return Bilingual(f"until {day.english}", f"{day.japanese}まで")
        case ExpiryRule.NEVER:
            return expiry_label(NEVER)
