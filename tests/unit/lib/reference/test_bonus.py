"""The reference model of campaigns: what it refuses and passes over, by hand from IPaymentBonus."""

from collections.abc import Callable

import pytest

from scripts.lib.bonus_issue import BonusIssue
from scripts.lib.campaign_terms import CampaignTerms
from scripts.lib.expiry_rule import MAX_TERM_MONTHS, NEVER, ExpiryRule
from scripts.lib.japan_calendar import day_of, moment_from_text
from scripts.lib.payment.sale_number import sale_number
from scripts.lib.payment.sale_terms import SaleTerms
from scripts.lib.payment.signing import Payment
from scripts.lib.reference.bonus import ReferenceBonus, ShownPayment
from scripts.lib.reference.ledger import ReferenceLedger
from scripts.lib.reference.registry import ReferenceRegistry
from scripts.lib.reference.sales import Signed, Terms
from scripts.lib.refusal import Refused

NOW = moment_from_text("2026-04-15T12:00")
DAY = 24 * 60 * 60
APRIL, TODAY = 315, day_of(NOW)
CAMPAIGN = CampaignTerms("初夏", TODAY, TODAY + 7, 1, 10, 100, 1_000, 5_000, NEVER)


@pytest.fixture
def ledger() -> ReferenceLedger:
    """A series whose resident has 1,000 points without expiry; a shop."""
    registry = ReferenceRegistry(212032)
    registry.register(["resident"])
    ledger = ReferenceLedger(
        NOW, ExpiryRule.NEXT_FISCAL_YEAR, sale_terms=SaleTerms(7, 30, 45), residents=registry
    )
    ledger.increase_minter_allowance("minter", 10_000)
    ledger.increase_minter_allowance("service", 10_000)
    ledger.approve_merchant("shop")
    ledger.mint("minter", "resident", 1_000, NEVER)
    return ledger


@pytest.fixture
def bonus(ledger: ReferenceLedger) -> ReferenceBonus:
    """The campaigns of that series."""
    return ReferenceBonus("service", ledger, ledger.sales)


def refusal(operation: Callable[..., object], *arguments: object) -> tuple[str, tuple[int | str, ...]]:
    """Name and arguments of the error with which an operation is refused."""
    with pytest.raises(Refused) as refused:
        operation(*arguments)
    return refused.value.name, refused.value.arguments


@pytest.mark.parametrize(("cap", "budget"), [(0, 5_000), (1_000, 0)])
def test_campaign_without_a_cap_or_a_budget_is_refused(bonus: ReferenceBonus, cap: int, budget: int) -> None:
    assert refusal(bonus.open, CAMPAIGN._replace(cap=cap, budget=budget)) == ("BonusLimits", (cap, budget))


@pytest.mark.parametrize("month", [APRIL - 1, APRIL + MAX_TERM_MONTHS + 1])
def test_campaign_whose_bonus_would_end_too_early_or_too_late_is_refused(
    bonus: ReferenceBonus, month: int
) -> None:
    assert refusal(bonus.open, CAMPAIGN._replace(expiry_month=month)) == (
        "PointExpiryOutOfRange",
        (month, APRIL, APRIL + MAX_TERM_MONTHS),
    )


def test_sale_whose_bonus_was_awarded_is_promised_none_again(
    bonus: ReferenceBonus, ledger: ReferenceLedger
) -> None:
    campaign, sale = bonus.open(CAMPAIGN), sale_number(TODAY, 1)
    terms = Terms("resident", sale, 500, NOW + 60)
    signed = Signed(Payment("resident", "shop", sale, 500, NOW + 60, 0), "resident")
    lots = ledger.sales.pay_signed("shop", "shop", terms, signed)
    shown = ShownPayment("shop", sale, "resident", lots)
    assert bonus.reserve(campaign, [shown]) == [BonusIssue.NONE]
    ledger.advance_to(NOW + 38 * DAY)
    assert bonus.award(campaign, [("shop", sale)]) == [BonusIssue.NONE]
    assert ledger.balance_of("resident") == 1_000 - 500 + 50
    # Only if the town has lengthened the time for refunds since is the sale one that could be refunded again.
    ledger.sales.set_refund_days(36)
    assert bonus.reserve(campaign, [shown]) == [BonusIssue.ALREADY_AWARDED]
