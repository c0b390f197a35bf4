"""Picks accounts and amounts by chance: mostly such as a call can succeed with."""

from __future__ import annotations

from random import Random
from typing import Any

from scripts.lib.reference.ledger import ZERO_ADDRESS, MerchantStatus, ReferenceLedger
from tests.stateful.town import Profile, Town


class Picker:
    """What the choosers of steps have in common.

    Args:
        ledger: the model, in the state after the latest step; it is only read.
        series: the token's own address.
    """

    def __init__(
        self, random: Random, profile: Profile, town: Town, ledger: ReferenceLedger, series: str
    ) -> None:
        self._random = random
        self._profile = profile
        self._town = town
        self._ledger = ledger
        self._series = series

    # ---------------------------------------------------------------------------------------------- ACCOUNTS

    def _resident(self) -> str:
        """Return somebody who may be granted points, rarely somebody who may not."""
        if self._chance(2):
            return self._random.choice([*self._town.shops, self._series, ZERO_ADDRESS])
        return self._random.choice(self._town.wallets if self._chance(8) else self._people())

    def _holder(self) -> str:
        """Return a resident, mostly one with points; the last two are left to idle until their lots lapse."""
        idle = self._town.residents[-2:]
        holders = [
            account for account in self._people() if account not in idle and self._ledger.lots_of(account)
        ]
        spenders = [account for account in holders if not any(self._ledger.frozen_of(account))]
        if spenders and not self._chance(4):
            return self._random.choice(spenders)
        return self._random.choice(holders or self._town.residents)

    def _shop(self) -> str:
        """Return a merchant that may be paid, rarely one that may not, or a shop that never applied."""
        active = self._merchants(MerchantStatus.ACTIVE)
        return self._random.choice(active if active and not self._chance(5) else self._town.shops)

    def _claimant(self) -> str:
        """Return a merchant, mostly one with a claim."""
        ledger = self._ledger
        claimants = [merchant for merchant in self._merchants() if ledger.balance_of(merchant)]
        own = [merchant for merchant in claimants if ledger.owner_of(merchant) == merchant]
        if own and self._chance(80):
            claimants = own
        return self._random.choice(claimants if claimants and not self._chance(4) else self._town.shops)

    def _people(self) -> list[str]:
        """Return those who may hold points: first residents, cards that came since; most not replaced."""
        registry = self._ledger.residents
        everybody = [*self._town.residents, *self._town.newcomers]
        everybody += [card for card in self._town.cards if registry.ever_number_of(card)]
        present = [account for account in everybody if registry.successor_of(account) is None]
        return present if present and not self._chance(4) else everybody

    def _standing_merchant(self) -> str:
        merchants = self._merchants()
        return self._random.choice(merchants if merchants and not self._chance(5) else self._town.accounts)

    def _merchants(self, status: MerchantStatus | None = None) -> list[str]:
        standings = {
            account: self._ledger.merchant_of(account)
            for account in [*self._town.shops, *self._town.newcomers, self._town.residents[0]]
        }
        return [
            account
            for account, (is_one, has, _) in standings.items()
            if is_one and (status is None or has == status)
        ]

    # ----------------------------------------------------------------------------------------------- AMOUNTS

    def _points_to_spend(self, account: str) -> int:
        """Return an amount about the borders between lots: part of one, exactly one or several, too much."""
        held = list(self._ledger.lots_of(account).values()) or [sum(self._ledger.claim_of(account)[:2])]
        lots = min(
            len(held),
            self._weighted(
                {1: 60, 2: 12, 3: 6, self._between(1, 8): 14, self._between(1, len(held)): 5, len(held): 2}
            ),
        )
        spent_up = sum(held[:lots])
        return self._weighted(
            {
                self._between(spent_up - held[lots - 1], spent_up): 50,
                spent_up: 30,
                spent_up + 1: 6,
                max(0, spent_up - 1): 6,
                0: 2,
            }
        )

    # ------------------------------------------------------------------------------------------------ CHANCE

    def _chance(self, percent: int) -> bool:
        return self._random.randrange(100) < percent

    def _between(self, least: int, most: int) -> int:
        return self._random.randint(least, most)

    def _weighted(self, weights: dict[Any, int]) -> Any:
        """Return one of the keys by their weights; where two choices are equal, the later weight counts."""
        return self._random.choices(list(weights), list(weights.values()))[0]
