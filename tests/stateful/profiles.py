"""The towns that the state machine plays in: what each makes likely that others hardly reach."""

from __future__ import annotations

from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.japan_calendar import moment_from_text
from tests.stateful.chooser import Profile

PROFILES = {
    profile.name: profile
    for profile in (
        # A bit of everything, and more candidates than the series accepts as minters.
        Profile("town", moment_from_text("2026-04-10"), ExpiryRule.MONTHS_AFTER, 24, minters=18),
        # Few accounts with lots in up to 61 months and some without expiry, spent across many at once.
        Profile(
            "deep",
            moment_from_text("2026-11-20"),
            ExpiryRule.MONTHS_AFTER,
            60,
            residents=6,
            terms=60,
            haste=12,
            weights={"mint until a month": 260, "mint in a batch": 140, "transfer between residents": 90},
        ),
        # Time runs: idle accounts lose all they have; month ends, 29 February 2028, ends of fiscal years.
        Profile(
            "hasty",
            moment_from_text("2027-12-25"),
            ExpiryRule.NEXT_FISCAL_YEAR,
            haste=200,
            terms=14,
            weights={"recordLapse": 70, "pause": 40},
        ),
        # The same around a year divisible by four that is no leap year: 2100.
        Profile("century", moment_from_text("2099-10-05"), ExpiryRule.THIS_FISCAL_YEAR, haste=120),
        # Lots of 2^31 - 1 points, months of 2^36 - 1, allowances of minters up to 2^72 - 1.
        Profile(
            "limits",
            moment_from_text("2026-09-01"),
            ExpiryRule.NEVER,
            residents=44,
            amount=2**31 - 1,
            terms=1,
            haste=8,
            fills_limits=True,
            weights={"mint in a batch": 200},
        ),
        # The same lots, few accounts and many months, so that full lots lie everywhere in an account.
        Profile(
            "brim",
            moment_from_text("2026-02-27"),
            ExpiryRule.MONTHS_AFTER,
            59,
            residents=5,
            amount=2**31 - 1,
            terms=40,
            haste=12,
            fills_limits=True,
            weights={"mint until a month": 200, "transfer between residents": 120},
        ),
    )
}
