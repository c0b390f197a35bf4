"""`setExpiryPolicy`: how points end where the minter names no month; no policy touches existing lots."""

import pytest

from scripts.lib.deployment import ZERO_ADDRESS
from scripts.lib.expiry_rule import NEVER, ExpiryRule
from scripts.lib.japan_calendar import month_from_text
from scripts.lib.payment.sale_terms import SaleTerms
from tests.support.clock import (
    APRIL,
    DECEMBER,
    FEBRUARY,
    JUNE,
    MARCH,
    MAY,
    OCTOBER,
    to_month,
    to_month_end,
)
from tests.support.reading import events, lots
from tests.support.reverts import reverts

UNLIMITED = 2**256 - 1
MONTHS_AFTER, THIS_FISCAL_YEAR, NEXT_FISCAL_YEAR, FIXED_MONTH, WITHOUT_EXPIRY = ExpiryRule


def test_set_expiry_policy_is_logged_and_readable(point, act_maker):
    changed = point.setExpiryPolicy(FIXED_MONTH, JUNE, {"from": act_maker})
    assert events(changed) == [("ExpiryPolicySet", FIXED_MONTH, JUNE)]
    assert point.expiryPolicy() == (FIXED_MONTH, JUNE)


def test_expiry_policy_of_the_constructor_is_logged(project, officers, residents, deployer):
    series = project.MunicipalPoint.deploy(
        141305,
        officers,
        residents,
        "A",
        "B",
        NEXT_FISCAL_YEAR,
        0,
        SaleTerms(),
        ZERO_ADDRESS,
        {"from": deployer},
    )
    assert events(series.tx)[0] == ("ExpiryPolicySet", NEXT_FISCAL_YEAR, 0)
    assert series.policyExpiryMonth() == MARCH + 12


@pytest.mark.parametrize(
    ("rule", "months", "expiry"),
    [
        (MONTHS_AFTER, 0, APRIL),
        (MONTHS_AFTER, 1, MAY),
        (MONTHS_AFTER, 36, APRIL + 36),
        (MONTHS_AFTER, 60, APRIL + 60),
        (THIS_FISCAL_YEAR, 0, MARCH),
        (NEXT_FISCAL_YEAR, 0, MARCH + 12),
        (FIXED_MONTH, APRIL, APRIL),
        (FIXED_MONTH, OCTOBER, OCTOBER),
        (FIXED_MONTH, APRIL + 60, APRIL + 60),
        (FIXED_MONTH, NEVER, NEVER),
        (WITHOUT_EXPIRY, 0, NEVER),
        (THIS_FISCAL_YEAR, 1234, MARCH),
        (WITHOUT_EXPIRY, 61, NEVER),
    ],
)
def test_mint_follows_the_policy(point, act_maker, minter, resident, rule, months, expiry):
    point.setExpiryPolicy(rule, months, {"from": act_maker})
    assert point.policyExpiryMonth() == expiry
    point.mint(resident, 10, {"from": minter})
    assert lots(point, resident) == {expiry: 10}


@pytest.mark.parametrize(
    ("granted_in", "this_year", "next_year"),
    [
        ("2026-03", "2026-03", "2027-03"),
        ("2026-04", "2027-03", "2028-03"),
        ("2025-12", "2026-03", "2027-03"),
        ("2026-01", "2026-03", "2027-03"),
        ("2028-02", "2028-03", "2029-03"),
    ],
)
def test_mint_by_fiscal_year_ends_on_31_march(
    point, act_maker, minter, resident, granted_in, this_year, next_year
):
    to_month_end(month_from_text(granted_in))
    for rule, points in ((THIS_FISCAL_YEAR, 1), (NEXT_FISCAL_YEAR, 2)):
        point.setExpiryPolicy(rule, 0, {"from": act_maker})
        point.mint(resident, points, {"from": minter})
    assert lots(point, resident) == {month_from_text(this_year): 1, month_from_text(next_year): 2}


def test_mint_by_this_fiscal_year_turns_at_the_first_second_of_april(point, act_maker, minter, resident):
    point.setExpiryPolicy(THIS_FISCAL_YEAR, 0, {"from": act_maker})
    to_month_end(MARCH)
    point.mint(resident, 1, {"from": minter})
    assert lots(point, resident) == {MARCH: 1}
    to_month_end(MARCH, 1)
    point.mint(resident, 2, {"from": minter})
    assert lots(point, resident) == {MARCH + 12: 2}


def test_mint_with_zero_months_ends_this_month(point, act_maker, minter, resident):
    point.setExpiryPolicy(MONTHS_AFTER, 0, {"from": act_maker})
    to_month_end(FEBRUARY)
    point.mint(resident, 1, {"from": minter})
    assert lots(point, resident) == {FEBRUARY: 1}
    to_month_end(FEBRUARY, 1)
    assert lots(point, resident) == {}


def test_mint_with_a_fixed_month_that_has_ended_since_reverts(point, act_maker, minter, resident):
    point.setExpiryPolicy(FIXED_MONTH, MAY, {"from": act_maker})
    to_month_end(MAY)
    point.mint(resident, 1, {"from": minter})
    to_month_end(MAY, 1)
    with reverts("PointExpiryOutOfRange", MAY, JUNE, JUNE + 60):
        point.mint(resident, 1, {"from": minter})
    point.mintUntil(resident, 5, JUNE, {"from": minter})
    assert lots(point, resident) == {JUNE: 5}


def test_set_expiry_policy_touches_no_granted_lot(point, act_maker, minter, resident):
    point.mint(resident, 10, {"from": minter})
    for rule, months in ((MONTHS_AFTER, 0), (FIXED_MONTH, MAY), (THIS_FISCAL_YEAR, 0), (WITHOUT_EXPIRY, 0)):
        point.setExpiryPolicy(rule, months, {"from": act_maker})
        assert lots(point, resident) == {OCTOBER: 10}
    point.mint(resident, 5, {"from": minter})
    assert lots(point, resident) == {OCTOBER: 10, NEVER: 5}


@pytest.mark.parametrize(
    ("rule", "months", "refused"),
    [
        (MONTHS_AFTER, 61, APRIL + 61),
        (FIXED_MONTH, APRIL - 1, APRIL - 1),
        (FIXED_MONTH, APRIL + 61, APRIL + 61),
        (FIXED_MONTH, 0, 0),
        (MONTHS_AFTER, NEVER, APRIL + NEVER),
        (MONTHS_AFTER, NEVER + 1, NEVER + 1),
        (FIXED_MONTH, 2**16 + JUNE, 2**16 + JUNE),
        (THIS_FISCAL_YEAR, NEVER + 1, NEVER + 1),
        (MONTHS_AFTER, UNLIMITED, UNLIMITED),
    ],
)
def test_set_expiry_policy_out_of_range_reverts(point, act_maker, rule, months, refused):
    with reverts("PointExpiryOutOfRange", refused, APRIL, APRIL + 60):
        point.setExpiryPolicy(rule, months, {"from": act_maker})


def test_set_expiry_policy_with_a_term_that_reaches_the_number_never_reverts(point, act_maker):
    """1,232 months from April 2025 is month 1535, but a term of a century is still no 'never'."""
    with reverts("PointExpiryOutOfRange", NEVER, APRIL, APRIL + 60):
        point.setExpiryPolicy(MONTHS_AFTER, NEVER - APRIL, {"from": act_maker})


def test_deploy_with_a_policy_out_of_range_reverts(project, officers, residents, deployer):
    with reverts("PointExpiryOutOfRange", APRIL + 61, APRIL, APRIL + 60):
        project.MunicipalPoint.deploy(
            141305,
            officers,
            residents,
            "A",
            "B",
            MONTHS_AFTER,
            61,
            SaleTerms(),
            ZERO_ADDRESS,
            {"from": deployer},
        )


def test_validity_duration_counts_the_current_month(point, act_maker):
    assert point.validityDuration() == 7
    point.setExpiryPolicy(MONTHS_AFTER, 0, {"from": act_maker})
    assert point.validityDuration() == 1
    point.setExpiryPolicy(THIS_FISCAL_YEAR, 0, {"from": act_maker})
    assert point.validityDuration() == 12
    to_month(DECEMBER)
    assert point.validityDuration() == 4


def test_validity_duration_without_expiry_is_unlimited(point, act_maker):
    point.setExpiryPolicy(WITHOUT_EXPIRY, 0, {"from": act_maker})
    assert point.validityDuration() == UNLIMITED


def test_validity_duration_of_a_fixed_month_that_has_ended_is_zero(point, act_maker):
    point.setExpiryPolicy(FIXED_MONTH, MAY, {"from": act_maker})
    to_month_end(MAY)
    assert point.validityDuration() == 1
    to_month_end(MAY, 1)
    assert point.validityDuration() == 0
