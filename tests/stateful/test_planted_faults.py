"""The state machine notices faults: each is planted in the model here, so that contract and model differ."""

from __future__ import annotations

from typing import Any

import pytest

from scripts.lib.payment.sale_number import day_of_sale
from scripts.lib.payment.signing import Payment
from scripts.lib.reference import ledger, registry, sales
from scripts.lib.reference.ledger import Claim, ReferenceLedger
from scripts.lib.reference.registry import ReferenceRegistry
from scripts.lib.reference.sales import Lots, ReferenceSales, Refund, Signed, Terms
from tests.stateful import campaign
from tests.stateful.campaign import Run, RunFailedError, Tally, play
from tests.stateful.profiles import PROFILES

STEPS = 3000
SEEDS = {"hasty": 2, "tills": 1}
"""By profile: with these the faults are found within some hundreds of steps."""


def _latest_first(held: dict[int, int], points: int) -> list[tuple[int, int]]:
    parts = []
    for month in sorted(held, reverse=True):
        if taken := min(held[month], points):
            parts.append((month, taken))
            points -= taken
    return parts


def _lots_until_their_month_begins(ledger: ReferenceLedger, account: str) -> dict[int, int]:
    lots = ledger._lots.get(account, {})
    return {month: lots[month] for month in sorted(lots) if month > ledger.month}


def _claim_never_turned(ledger: ReferenceLedger, account: str) -> Claim:
    merchant = ledger._merchants.get(account)
    return Claim(sum(merchant.claims.values()) if merchant else 0, 0, 0)


def _unfrozen(ledger: ReferenceLedger, account: str) -> bool:
    return account in ledger._blocked


def _owner_replaced_alone(ledger: ReferenceLedger, account: str, owner: str) -> None:
    ledger._approved_merchant(account).owner = owner


def _number_of_the_present(registry: ReferenceRegistry, account: str) -> int:
    """A resident's former accounts count as nobody's."""
    number = registry._numbers.get(account, 0)
    return number if number and registry.account_of(number) == account else 0


FAULTS = {
    "points that end last are spent first": (ledger, "_earliest_first", _latest_first),
    "lots end a month early": (ReferenceLedger, "lots_of", _lots_until_their_month_begins),
    "a claim stays in its first year": (ReferenceLedger, "claim_of", _claim_never_turned),
    "points move in a pause": (ReferenceLedger, "_require_not_paused", lambda _: None),
    "frozen accounts pay": (ReferenceLedger, "is_stopped", _unfrozen),
    "tills stay with the shop": (ReferenceLedger, "replace_owner", _owner_replaced_alone),
    "a new card is a new claim": (ReferenceRegistry, "ever_number_of", _number_of_the_present),
    "a freeze stays behind": (ReferenceRegistry, "is_inherited", lambda *_: True),
    "a replacement needs no delay": (registry, "DELAY_SECONDS", 0),
    "ended lots stay on the books": (ReferenceLedger, "points_ending_with", lambda *_: 0),
}


UNDONE = sales._undone
REFUND = ReferenceSales._refund
RETURN_LOTS = ReferenceLedger.return_lots


def _forgotten_after_the_ring(sales: ReferenceSales, merchant: str, sale: int) -> bool:
    used = sale in sales._sales.get(merchant, {})
    return used and sales._today < day_of_sale(sale) + sales._terms.ring_days


def _payable_again_once_refunded(sales: ReferenceSales, merchant: str, sale: int) -> bool:
    payment = sales.payment_of(merchant, sale)
    return payment is not None and payment.refunded < payment.points


def _undone_earliest_first(lots: Lots, refunded: int, points: int) -> list[tuple[int, int]]:
    return UNDONE(lots[::-1], refunded, points)


def _refund_of_ended_lots(sales: ReferenceSales, merchant: str, sale: int, *about: Any) -> Refund:
    refund, payment = REFUND(sales, merchant, sale, *about), sales._sales[merchant][sale]
    points = refund.returned + refund.unreturnable
    return refund._replace(lots=UNDONE(payment.lots, payment.refunded, points), unreturnable=0)


def _refund_to_the_lost_card(
    sales: ReferenceSales, merchant: str, sale: int, payer: str, *about: Any
) -> Refund:
    return REFUND(sales, merchant, sale, payer, *about)._replace(receiver=payer)


def _taken_back_from_the_year_before(ledger: ReferenceLedger, merchant: str, year: int, *about: Any) -> None:
    RETURN_LOTS(ledger, merchant, year - 12, *about)


def _agreed_whatever_was_cancelled(
    _: ReferenceSales, caller: str, merchant: str, terms: Terms, signed: Signed | None
) -> bool:
    payer, *others = terms
    if signed is None or not isinstance(signed.message, Payment):
        return caller == payer
    return caller == payer or (signed.signer == payer and signed.message[:-1] == (payer, merchant, *others))


FAULTS_OF_SALES = {
    "sale numbers are forgotten after the ring": (
        ReferenceSales,
        "_is_remembered",
        _forgotten_after_the_ring,
    ),
    "a sale refunded in full is payable again": (
        ReferenceSales,
        "_is_remembered",
        _payable_again_once_refunded,
    ),
    "refunds go back earliest first": (sales, "_undone", _undone_earliest_first),
    "ended lots are refunded": (ReferenceSales, "_refund", _refund_of_ended_lots),
    "refunds go to the lost card": (ReferenceSales, "_refund", _refund_to_the_lost_card),
    "refunds come out of the year before": (ReferenceLedger, "return_lots", _taken_back_from_the_year_before),
    "cancelled signatures still pay": (ReferenceSales, "_is_agreed", _agreed_whatever_was_cancelled),
    "nobody asks for a till": (ReferenceSales, "_require_till", lambda *_: None),
}


@pytest.mark.parametrize(
    ("profile", "where", "name", "fault"),
    [
        *(pytest.param("hasty", *fault, id=name) for name, fault in FAULTS.items()),
        *(pytest.param("tills", *fault, id=name) for name, fault in FAULTS_OF_SALES.items()),
    ],
)
def test_a_planted_fault_fails_the_run(
    profile: str, where: object, name: str, fault: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(where, name, fault)
    monkeypatch.setattr(campaign, "SHRINKING_SECONDS", 0)

    with pytest.raises(RunFailedError, match="To play it again"):
        play(Run(PROFILES[profile], seed=SEEDS[profile], steps=STEPS), Tally())
