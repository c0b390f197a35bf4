"""The state machine notices faults: each is planted in the model here, so that contract and model differ."""

from __future__ import annotations

import pytest

from scripts.lib import reference_ledger, reference_registry
from scripts.lib.reference_ledger import Claim, ReferenceLedger
from scripts.lib.reference_registry import ReferenceRegistry
from tests.stateful import campaign
from tests.stateful.campaign import Run, RunFailedError, Tally, play
from tests.stateful.profiles import PROFILES

STEPS = 1000


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
    ledger._tills.add((account, owner))


def _number_of_the_present(registry: ReferenceRegistry, account: str) -> int:
    """A resident's former accounts count as nobody's."""
    number = registry._numbers.get(account, 0)
    return number if number and registry.account_of(number) == account else 0


FAULTS = {
    "points that end last are spent first": (reference_ledger, "_earliest_first", _latest_first),
    "lots end a month early": (ReferenceLedger, "lots_of", _lots_until_their_month_begins),
    "a claim stays in its first year": (ReferenceLedger, "claim_of", _claim_never_turned),
    "points move in a pause": (ReferenceLedger, "_require_not_paused", lambda _: None),
    "frozen accounts pay": (ReferenceLedger, "_is_stopped", _unfrozen),
    "tills stay with the shop": (ReferenceLedger, "replace_owner", _owner_replaced_alone),
    "a new card is a new claim": (ReferenceRegistry, "ever_number_of", _number_of_the_present),
    "a freeze stays behind": (ReferenceRegistry, "is_inherited", lambda *_: True),
    "a replacement needs no delay": (reference_registry, "DELAY_SECONDS", 0),
    "ended lots stay on the books": (ReferenceLedger, "points_ending_with", lambda *_: 0),
}


@pytest.mark.parametrize(("where", "name", "fault"), FAULTS.values(), ids=FAULTS)
def test_a_planted_fault_fails_the_run(
    where: object, name: str, fault: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(where, name, fault)
    monkeypatch.setattr(campaign, "SHRINKING_SECONDS", 0)

    with pytest.raises(RunFailedError, match="To play it again"):
        play(Run(PROFILES["hasty"], seed=1, steps=STEPS), Tally())
