"""Chooses the next step by chance, with a bias to what reaches deep states and to the edges of every rule.

The choice looks at the reference model alone, so a seed and a profile always give the same steps as long as
contract and model agree. Most steps are meant to succeed; some are wrong on purpose.

Amounts are points, months are counted from January 2000 = 0, times are Unix seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from eth_utils import to_checksum_address

from scripts.lib.expiry_rule import MAX_TERM_MONTHS, NEVER, ExpiryRule
from scripts.lib.japan_calendar import fiscal_year_end, last_second, start_of
from scripts.lib.reference_ledger import (
    MAX_ALLOWANCE_POINTS,
    MAX_CATEGORY,
    MAX_LOT_POINTS,
    MAX_MONTH_POINTS,
    MAX_PAUSE_SECONDS,
    UNLIMITED,
    ZERO_ADDRESS,
    MerchantStatus,
    ReferenceLedger,
)
from tests.stateful.steps import TIME_PASSES, Step
from tests.stateful.token_node import Officials

DAY = 24 * 60 * 60

END_OF_TIME = start_of(NEVER - MAX_TERM_MONTHS - 12)
"""Time leaps no further: a year later grants could end with the month whose number means "never"."""


# How often each verb is chosen, against the others.
USUAL_WEIGHTS = {
    "mint by policy": 50,
    "mint until a month": 120,
    "mint in a batch": 60,
    "payment": 220,
    "transfer between residents": 60,
    "transfer between merchants": 30,
    "transfer to oneself": 35,
    "transferFrom": 60,
    "transferAtEpoch": 50,
    "transferFromAtEpoch": 40,
    "approve": 30,
    "increaseAllowance": 25,
    "decreaseAllowance": 20,
    "recordLapse": 40,
    "increaseMinterAllowance": 20,
    "decreaseMinterAllowance": 12,
    "removeMinter": 8,
    "setExpiryPolicy": 20,
    "setTransferSwitches": 12,
    "approveMerchant": 25,
    "suspendMerchant": 10,
    "closeMerchant": 10,
    "pause": 12,
    "unpause": 10,
}

VERBS = (*USUAL_WEIGHTS, TIME_PASSES)
"""Everything that can be chosen."""


def _group(label: str, size: int, first: int) -> dict[str, str]:
    """Return names by address for so many accounts."""
    return {
        to_checksum_address(f"0x{first + number:040x}"): f"{label} {number}" for number in range(1, size + 1)
    }


@dataclass(frozen=True)
class Profile:
    """What kind of town a run plays in.

    Attributes:
        start: Unix seconds, when the series comes into being.
        rule: the expiry policy it begins with.
        months: the policy's number.
        residents: how many accounts hold points.
        minters: how many accounts are accepted as minters now and then.
        amount: the usual number of points in a grant, at most.
        terms: how many months ahead grants usually end, at most.
        haste: how often, of a thousand steps, time leaps on; deep accounts need patience.
        fills_limits: grants go for the most that a lot and a month can hold.
        weights: of verbs, instead of the usual ones.
    """

    name: str
    start: int
    rule: ExpiryRule
    months: int = 0
    residents: int = 12
    minters: int = 3
    amount: int = 3_000
    terms: int = 24
    haste: int = 40
    fills_limits: bool = False
    weights: dict[str, int] = field(default_factory=dict)


class Town:
    """The accounts of a run."""

    def __init__(self, profile: Profile, officials: Officials) -> None:
        self.officials = officials
        residents = _group("resident", profile.residents, 0xA0000)
        shops = _group("shop", 7, 0xB0000)
        newcomers = _group("newcomer", 3, 0xAB000)
        minters = _group("minter", profile.minters, 0xD0000)
        spenders = _group("spender", 3, 0xE0000)
        self.residents = list(residents)
        self.shops = list(shops)
        self.newcomers = list(newcomers)
        """Accounts that begin as residents and may become merchants once they hold nothing."""
        self.minters = list(minters)
        self.spenders = list(spenders)
        self.names = {
            **residents,
            **shops,
            **newcomers,
            **minters,
            **spenders,
            officials.admin: "admin",
            officials.merchant_officer: "merchant officer",
            officials.guardian: "guardian",
            ZERO_ADDRESS: "zero",
        }

    @property
    def accounts(self) -> list[str]:
        """Every account that may ever hold points or be somebody to the series."""
        return [*self.residents, *self.newcomers, *self.shops, *self.minters, *self.spenders]


class Chooser:
    """Chooses steps for one run.

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
        self._allowed: dict[tuple[str, str], None] = {}
        self._acts: dict[str, Callable[[], tuple[str, str, tuple[Any, ...]]]] = {
            "mint by policy": self._mint,
            "mint until a month": self._mint_until,
            "mint in a batch": self._mint_batch,
            "payment": self._payment,
            "transfer between residents": self._transfer_between_residents,
            "transfer between merchants": self._transfer_between_merchants,
            "transfer to oneself": self._transfer_to_oneself,
            "transferFrom": self._transfer_from,
            "transferAtEpoch": self._transfer_at_epoch,
            "transferFromAtEpoch": self._transfer_from_at_epoch,
            "approve": self._approve,
            "increaseAllowance": self._increase_allowance,
            "decreaseAllowance": self._decrease_allowance,
            "recordLapse": self._record_lapse,
            "increaseMinterAllowance": self._increase_minter_allowance,
            "decreaseMinterAllowance": self._decrease_minter_allowance,
            "removeMinter": self._remove_minter,
            "setExpiryPolicy": self._set_expiry_policy,
            "setTransferSwitches": self._set_transfer_switches,
            "approveMerchant": self._approve_merchant,
            "suspendMerchant": self._suspend_merchant,
            "closeMerchant": self._close_merchant,
            "pause": self._pause,
            "unpause": self._unpause,
        }
        self._weights = {**USUAL_WEIGHTS, **profile.weights}
        assert self._weights.keys() == self._acts.keys(), "every verb has a weight, and every weight a verb"

    def next(self) -> Step:
        """Return the next step."""
        leaps = self._random.randrange(1000) < self._profile.haste
        time = self._leap() if leaps else self._ledger.now + self._weighted({1: 8, 60: 4, 3600: 2, DAY: 1})
        if leaps and self._chance(60):
            return Step(TIME_PASSES, time)
        verb = self._urgent_verb() or self._weighted(self._weights)
        sender, function, arguments = self._acts[verb]()
        return Step(verb, time, sender, function, arguments)

    def _urgent_verb(self) -> str | None:
        """Return what a run cannot go on without, most of the time."""
        ledger = self._ledger
        if not ledger.minters() and self._chance(80):
            return "increaseMinterAllowance"
        if not self._merchants(MerchantStatus.ACTIVE) and self._chance(80):
            return "approveMerchant"
        if ledger.now < ledger.paused_until:
            return "unpause" if self._chance(15) else None
        # A pause that reaches into the next month is rare by chance, and a good place for mistakes.
        if last_second(ledger.month) - ledger.now < DAY and self._chance(6):
            return "pause"
        return None

    # -------------------------------------------------------------------------------------------------- TIME

    def _leap(self) -> int:
        """Return a later time: mostly the first or the last second of something."""
        now, month = self._ledger.now, self._ledger.month
        february = month + (1 - month) % 12
        moments = {
            last_second(month): 8,
            start_of(month + 1): 8,
            start_of(month + 2): 2,
            last_second(month + self._between(1, 6)): 2,
            self._within(month + self._between(1, 7)): 3,
            last_second(fiscal_year_end(month)): 2,
            start_of(fiscal_year_end(month) + 1): 2,
            last_second(february): 1,
            last_second(february) - DAY: 1,
            now + self._between(1, 40 * DAY): 8,
            self._ledger.paused_until: 6,
            self._ledger.paused_until - 1: 6,
        }
        if self._chance(2):
            moments[self._within(month + self._between(7, MAX_TERM_MONTHS + 2))] = 10
        ahead = {moment: weight for moment, weight in moments.items() if now < moment < END_OF_TIME}
        return self._weighted(ahead or {now + 1: 1})

    def _within(self, month: int) -> int:
        return self._between(start_of(month), last_second(month))

    # ---------------------------------------------------------------------------------------------- GRANTING

    def _mint(self) -> tuple[str, str, tuple[Any, ...]]:
        minter, to, month = self._minter(), self._resident(), self._ledger.policy_expiry_month()
        return minter, "mint", (to, self._points_to_mint(minter, [to], month)[0])

    def _mint_until(self) -> tuple[str, str, tuple[Any, ...]]:
        minter, to, month = self._minter(), self._resident(), self._month_to_mint()
        return minter, "mintUntil", (to, self._points_to_mint(minter, [to], month)[0], month)

    def _mint_batch(self) -> tuple[str, str, tuple[Any, ...]]:
        minter, month = self._minter(), self._month_to_mint()
        receivers = [self._resident() for _ in range(self._weighted({0: 1, 1: 3, 2: 4, 5: 8, 12: 4}))]
        points = self._points_to_mint(minter, receivers, month)
        if self._chance(2):
            points = [*points, 1]
        if self._chance(1) and receivers:
            points[-1] = UNLIMITED
        return minter, "mintBatch", (tuple(receivers), tuple(points), month)

    def _month_to_mint(self) -> int:
        month = self._ledger.month
        return self._weighted(
            {
                month + self._between(0, self._profile.terms): 70,
                month: 5,
                fiscal_year_end(month): 6,
                month + MAX_TERM_MONTHS: 8,
                NEVER: 8,
                month + MAX_TERM_MONTHS + 1: 1,
                month - 1: 1,
                NEVER + 1: 1,
            }
        )

    def _points_to_mint(self, minter: str, receivers: list[str], month: int) -> list[int]:
        if not self._profile.fills_limits or self._chance(15):
            allowance = self._ledger.minter_of(minter)[0]
            odd = [0, 1, allowance, allowance + 1, MAX_LOT_POINTS + 1]
            return [
                self._random.choice(odd) if self._chance(4) else self._between(1, self._profile.amount)
                for _ in receivers
            ]
        room = MAX_MONTH_POINTS - self._ledger.points_ending_with(month)
        points = []
        for receiver in receivers:
            held = self._ledger.lots_of(receiver).get(month, 0)
            largest = MAX_LOT_POINTS - held
            choice = self._weighted(
                {largest: 60, largest + 1: 2, room: 8, room + 1: 2, largest // 2: 10, 1: 5, 0: 2}
            )
            points.append(max(0, choice))
            room -= points[-1]
        return points

    def _minter(self) -> str:
        accepted = [minter for minter in self._town.minters if self._ledger.minter_of(minter)[0]]
        return self._random.choice(accepted if accepted and not self._chance(2) else self._town.minters)

    # --------------------------------------------------------------------------------- PAYMENT AND TRANSFER

    def _payment(self) -> tuple[str, str, tuple[Any, ...]]:
        payer = self._holder()
        return payer, "transfer", (self._shop(), self._points_to_spend(payer))

    def _transfer_between_residents(self) -> tuple[str, str, tuple[Any, ...]]:
        giver = self._holder()
        to = self._random.choice([self._series, ZERO_ADDRESS]) if self._chance(3) else self._resident()
        return giver, "transfer", (to, self._points_to_spend(giver))

    def _transfer_between_merchants(self) -> tuple[str, str, tuple[Any, ...]]:
        giver = self._claimant()
        to = self._resident() if self._chance(3) else self._shop()
        return giver, "transfer", (to, self._points_to_spend(giver))

    def _transfer_to_oneself(self) -> tuple[str, str, tuple[Any, ...]]:
        account = self._claimant() if self._chance(30) else self._holder()
        return account, "transfer", (account, self._points_to_spend(account))

    def _transfer_from(self) -> tuple[str, str, tuple[Any, ...]]:
        owner, spender = self._pair()
        return spender, "transferFrom", (owner, self._receiver(owner), self._points_from(owner, spender))

    def _transfer_at_epoch(self) -> tuple[str, str, tuple[Any, ...]]:
        payer = self._claimant() if self._chance(3) else self._holder()
        month, points = self._epoch_and_points(payer)
        return payer, "transferAtEpoch", (month, self._receiver(payer), points)

    def _transfer_from_at_epoch(self) -> tuple[str, str, tuple[Any, ...]]:
        owner, spender = self._pair()
        month, points = self._epoch_and_points(owner)
        if not self._chance(15):
            points = min(points, self._ledger.allowance(owner, spender))
        return spender, "transferFromAtEpoch", (month, owner, self._receiver(owner), points)

    def _receiver(self, giver: str) -> str:
        """Return an account to which the giver may probably give."""
        among_residents, among_merchants = self._ledger.transfer_switches()
        if giver in self._merchants():
            return self._shop() if among_merchants or self._chance(10) else giver
        if self._chance(2):
            return self._random.choice([self._series, ZERO_ADDRESS, giver])
        return self._resident() if among_residents and self._chance(30) else self._shop()

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

    def _points_from(self, owner: str, spender: str) -> int:
        allowed = self._ledger.allowance(owner, spender)
        points = self._points_to_spend(owner)
        return points if self._chance(15) else min(points, allowed)

    def _epoch_and_points(self, payer: str) -> tuple[int, int]:
        lots = self._ledger.lots_of(payer)
        month = self._ledger.month
        if not lots:
            return month, self._between(0, 100)
        earliest, amount = next(iter(lots.items()))
        epoch = self._weighted(
            {earliest: 85, self._random.choice(list(lots)): 6, month - 1: 3, earliest + 1: 3, month: 3}
        )
        return epoch, self._weighted({self._between(0, amount): 60, amount: 30, amount + 1: 6, 0: 2})

    # -------------------------------------------------------------------------------------------- ALLOWANCES

    def _approve(self) -> tuple[str, str, tuple[Any, ...]]:
        owner, spender = self._new_pair()
        balance = self._ledger.balance_of(owner)
        points = self._weighted(
            {
                self._between(0, 10 * self._profile.amount): 50,
                balance: 20,
                UNLIMITED: 15,
                0: 5,
                UNLIMITED - 1: 2,
            }
        )
        return owner, "approve", (spender, points)

    def _increase_allowance(self) -> tuple[str, str, tuple[Any, ...]]:
        owner, spender = self._new_pair()
        by = UNLIMITED if self._chance(3) else self._between(0, 5 * self._profile.amount)
        return owner, "increaseAllowance", (spender, by)

    def _decrease_allowance(self) -> tuple[str, str, tuple[Any, ...]]:
        owner, spender = self._pair()
        allowed = self._ledger.allowance(owner, spender)
        by = (
            allowed + 1 if self._chance(8) and allowed < UNLIMITED else self._between(0, min(allowed, 10_000))
        )
        return owner, "decreaseAllowance", (spender, by)

    def _new_pair(self) -> tuple[str, str]:
        owner = self._claimant() if self._chance(20) else self._holder()
        if self._chance(2):
            return owner, ZERO_ADDRESS
        spender = self._random.choice([*self._town.spenders, self._resident(), self._shop()])
        self._allowed[owner, spender] = None
        return owner, spender

    def _pair(self) -> tuple[str, str]:
        """Return an owner and a spender, mostly ones between whom there is something to move."""
        useful = [
            pair
            for pair in self._allowed
            if self._ledger.allowance(*pair) and self._ledger.balance_of(pair[0])
        ]
        return self._random.choice(useful) if useful and not self._chance(3) else self._new_pair()

    # ------------------------------------------------------------------------------------------------- LAPSE

    def _record_lapse(self) -> tuple[str, str, tuple[Any, ...]]:
        everybody = [*self._town.accounts, self._series, ZERO_ADDRESS]
        accounts = [self._random.choice(everybody) for _ in range(self._weighted({0: 1, 1: 4, 3: 4, 10: 2}))]
        if accounts and self._chance(10):
            accounts.append(accounts[0])
        if self._chance(3):
            accounts = everybody
        return self._random.choice(everybody[:-2]), "recordLapse", (tuple(accounts),)

    # ---------------------------------------------------------------------------------------- ADMINISTRATION

    def _increase_minter_allowance(self) -> tuple[str, str, tuple[Any, ...]]:
        minter = self._random.choice(self._town.minters)
        allowance = self._ledger.minter_of(minter)[0]
        plenty = 10**15 if self._profile.fills_limits else 4_000 * self._profile.amount
        room = MAX_ALLOWANCE_POINTS - allowance
        by = self._weighted({plenty: 70, self._between(0, plenty): 30, 0: 2, room: 1, room + 1: 2})
        return self._town.officials.admin, "increaseMinterAllowance", (minter, by)

    def _decrease_minter_allowance(self) -> tuple[str, str, tuple[Any, ...]]:
        minter = self._minter()
        allowance = self._ledger.minter_of(minter)[0]
        by = (
            allowance + 1
            if self._chance(8)
            else self._weighted({allowance: 5, self._between(0, allowance): 50})
        )
        return self._town.officials.admin, "decreaseMinterAllowance", (minter, by)

    def _remove_minter(self) -> tuple[str, str, tuple[Any, ...]]:
        return self._town.officials.admin, "removeMinter", (self._minter(),)

    def _set_expiry_policy(self) -> tuple[str, str, tuple[Any, ...]]:
        rule = self._random.choice(list(ExpiryRule))
        month = self._ledger.month
        months = self._between(0, MAX_TERM_MONTHS)
        if rule == ExpiryRule.FIXED_MONTH:
            months = self._weighted(
                {month + months: 80, NEVER: 5, month + MAX_TERM_MONTHS + 1: 3, month - 1: 3}
            )
        if self._chance(12):
            months = self._random.choice(
                [MAX_TERM_MONTHS, MAX_TERM_MONTHS + 1, NEVER - month, NEVER, NEVER + 1]
            )
        return self._town.officials.admin, "setExpiryPolicy", (int(rule), months)

    def _set_transfer_switches(self) -> tuple[str, str, tuple[Any, ...]]:
        return self._town.officials.admin, "setTransferSwitches", (self._chance(80), self._chance(80))

    def _approve_merchant(self) -> tuple[str, str, tuple[Any, ...]]:
        idle = [shop for shop in self._town.shops if shop not in self._merchants(MerchantStatus.ACTIVE)]
        merchant = self._random.choice(idle if idle and not self._chance(15) else self._town.shops)
        if self._chance(8):
            merchant = self._random.choice([*self._town.newcomers, *self._town.residents[:1], self._series])
        category = self._weighted(
            {self._between(0, MAX_CATEGORY): 20, 0: 5, MAX_CATEGORY: 2, MAX_CATEGORY + 1: 1}
        )
        name = self._random.choice(["さくら書店", "", "本町 1-2-3 みなと食堂 & Café"])
        return self._town.officials.merchant_officer, "approveMerchant", (merchant, category, name, "川崎区")

    def _suspend_merchant(self) -> tuple[str, str, tuple[Any, ...]]:
        return self._town.officials.merchant_officer, "suspendMerchant", (self._standing_merchant(),)

    def _close_merchant(self) -> tuple[str, str, tuple[Any, ...]]:
        return self._town.officials.merchant_officer, "closeMerchant", (self._standing_merchant(),)

    def _pause(self) -> tuple[str, str, tuple[Any, ...]]:
        seconds = self._weighted(
            {
                self._between(1, 3600): 30,
                self._between(3600, MAX_PAUSE_SECONDS): 10,
                MAX_PAUSE_SECONDS: 5,
                0: 1,
                MAX_PAUSE_SECONDS + 1: 1,
            }
        )
        return self._town.officials.guardian, "pause", (seconds,)

    def _unpause(self) -> tuple[str, str, tuple[Any, ...]]:
        return self._town.officials.guardian, "unpause", ()

    # ---------------------------------------------------------------------------------------------- ACCOUNTS

    def _resident(self) -> str:
        """Return somebody who may be granted points, rarely somebody who may not."""
        if self._chance(2):
            return self._random.choice([*self._town.shops, self._series, ZERO_ADDRESS])
        return self._random.choice([*self._town.residents, *self._town.newcomers])

    def _holder(self) -> str:
        """Return a resident, mostly one with points; the last two are left to idle until their lots lapse."""
        active = [*self._town.residents[:-2], *self._town.newcomers]
        holders = [account for account in active if self._ledger.lots_of(account)]
        return self._random.choice(holders if holders and not self._chance(4) else self._town.residents)

    def _shop(self) -> str:
        """Return a merchant that may be paid, rarely one that may not, or a shop that never applied."""
        active = self._merchants(MerchantStatus.ACTIVE)
        return self._random.choice(active if active and not self._chance(5) else self._town.shops)

    def _claimant(self) -> str:
        """Return a merchant, mostly one with a claim."""
        claimants = [merchant for merchant in self._merchants() if self._ledger.balance_of(merchant)]
        return self._random.choice(claimants if claimants and not self._chance(4) else self._town.shops)

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

    # ------------------------------------------------------------------------------------------------ CHANCE

    def _chance(self, percent: int) -> bool:
        return self._random.randrange(100) < percent

    def _between(self, least: int, most: int) -> int:
        return self._random.randint(least, most)

    def _weighted(self, weights: dict[Any, int]) -> Any:
        """Return one of the keys by their weights; where two choices are equal, the later weight counts."""
        return self._random.choices(list(weights), list(weights.values()))[0]
