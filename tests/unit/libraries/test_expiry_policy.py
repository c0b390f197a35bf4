"""ExpiryPolicy against the Python rules, for every month that a series may see."""

import pytest

from scripts.lib.expiry_rule import MAX_TERM_MONTHS, NEVER, ExpiryRule, expiry_month, is_in_range
from tests.support.harness import deploy_harness
from tests.support.reverts import reverts

APRIL_2026 = 315


@pytest.fixture(scope="module")
def policy(module_isolation):
    return deploy_harness("ExpiryPolicyHarness")


def test_constants_are_those_of_the_python_rules(policy):
    assert (policy.NEVER(), policy.MAX_TERM_MONTHS()) == (NEVER, MAX_TERM_MONTHS)


@pytest.mark.parametrize("months", [0, 1, 12, 60, 326, NEVER])
@pytest.mark.parametrize("rule", ExpiryRule, ids=lambda rule: rule.name)
def test_expiry_month_of_every_month_agrees_with_python(policy, rule, months):
    found = policy.expiryMonths(rule, months, 0, 1200)
    assert list(found) == [expiry_month(rule, months, granted_in) for granted_in in range(1200)]


@pytest.mark.parametrize("offset_months", [0, 1, 59, 60])
def test_require_in_range_of_a_term_up_to_60_months_passes(policy, offset_months):
    assert is_in_range(APRIL_2026 + offset_months, APRIL_2026)
    policy.requireInRange(APRIL_2026 + offset_months, APRIL_2026)


def test_require_in_range_of_never_passes(policy):
    policy.requireInRange(NEVER, APRIL_2026)


@pytest.mark.parametrize("expiry", [0, APRIL_2026 - 1, APRIL_2026 + 61, NEVER - 1, NEVER + 1, 2**256 - 1])
def test_require_in_range_of_any_other_month_reverts(policy, expiry):
    assert not is_in_range(expiry, APRIL_2026)
    with reverts("PointExpiryOutOfRange", expiry, APRIL_2026, APRIL_2026 + 60):
        policy.requireInRange(expiry, APRIL_2026)
