"""The towns that the state machine plays in: what each makes likely that others hardly reach."""

from __future__ import annotations

from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.japan_calendar import moment_from_text
from scripts.lib.payment.sale_terms import SaleTerms
from tests.stateful.town import Profile

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
            residents=4,
            terms=60,
            haste=8,
            sale_terms=SaleTerms(payable_days=3, refund_days=90, ring_days=100),
            weights={
                "mint until a month": 500,
                "mint in a batch": 260,
                "payment": 160,
                "transfer between residents": 90,
            },
        ),
        # Busy tills: sales from several lots of few months, refunded after month ends and new cards.
        Profile(
            "tills",
            moment_from_text("2027-02-10"),
            ExpiryRule.MONTHS_AFTER,
            3,
            residents=8,
            terms=5,
            haste=30,
            sale_terms=SaleTerms(payable_days=5, refund_days=200, ring_days=210),
            weights={
                "mint until a month": 200,
                "mint in a batch": 160,
                "pay": 90,
                "paySigned": 160,
                "payBatch": 60,
                "refund": 260,
                "startReplacement": 40,
                "startInheritance": 6,
                "cancelReplacement": 10,
                "completeReplacement": 60,
                "closeMembership": 6,
                "syncBlocked": 50,
                "carry": 60,
            },
        ),
        # Time runs: idle accounts lose all they have; month ends, 29 February 2028, ends of fiscal years.
        Profile(
            "hasty",
            moment_from_text("2027-12-25"),
            ExpiryRule.NEXT_FISCAL_YEAR,
            haste=200,
            terms=14,
            sale_terms=SaleTerms(payable_days=30, refund_days=200, ring_days=240),
            weights={"recordLapse": 70, "pause": 40},
        ),
        # The same around a year divisible by four that is no leap year: 2100.
        Profile(
            "century",
            moment_from_text("2099-10-05"),
            ExpiryRule.THIS_FISCAL_YEAR,
            haste=120,
            sale_terms=SaleTerms(payable_days=365, refund_days=400, ring_days=900),
        ),
        # Lots of 2^31 - 1 points, months of 2^36 - 1, allowances of minters up to 2^72 - 1.
        Profile(
            "limits",
            moment_from_text("2026-09-01"),
            ExpiryRule.NEVER,
            residents=44,
            amount=2**31 - 1,
            terms=1,
            haste=8,
            sale_terms=SaleTerms(payable_days=0, refund_days=0, ring_days=1),
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
            sale_terms=SaleTerms(payable_days=2, refund_days=5, ring_days=10),
            fills_limits=True,
            weights={"mint until a month": 200, "transfer between residents": 120},
        ),
    )
}

_ACCOUNTS_CHANGE = {
    "register": 50,
    "startReplacement": 200,
    "startInheritance": 60,
    "cancelReplacement": 40,
    "objectToReplacement": 40,
    "completeReplacement": 260,
    "closeMembership": 60,
    "reopenMembership": 110,
    "syncBlocked": 60,
    "carry": 90,
}
_SHOPS_CHANGE = {
    "approveMerchant": 60,
    "suspendMerchant": 40,
    "closeMerchant": 40,
    "replaceOwner": 40,
    "setTill": 40,
    "removeMinter": 40,
    "increaseMinterAllowance": 60,
    "pause": 30,
    "unpause": 30,
    "cancelSignatures": 40,
    "setRefundDays": 30,
}

SELDOM_PROFILES = {
    profile.name: profile
    for profile in (
        # What succeeds seldom elsewhere: accounts go over to new cards and heirs, members leave and return.
        Profile(
            "cards",
            moment_from_text("2026-06-15"),
            ExpiryRule.NEXT_FISCAL_YEAR,
            haste=150,
            weights=_ACCOUNTS_CHANGE,
        ),
        Profile(
            "heirs",
            moment_from_text("2028-02-25"),
            ExpiryRule.MONTHS_AFTER,
            12,
            residents=8,
            terms=40,
            haste=110,
            weights=_ACCOUNTS_CHANGE | {"startInheritance": 160},
        ),
        # And shops, minters, tills and pauses come and go.
        Profile(
            "changes",
            moment_from_text("2027-03-20"),
            ExpiryRule.THIS_FISCAL_YEAR,
            haste=130,
            minters=8,
            weights=_ACCOUNTS_CHANGE | _SHOPS_CHANGE,
        ),
    )
}
"""For campaigns that go on until every verb has succeeded often."""
