"""Chooses the next step by chance, with a bias to what reaches deep states and to the edges of every rule.

The choice looks at the reference model alone, so a seed and a profile always give the same steps as long as
contract and model agree. Most steps are meant to succeed; some are wrong on purpose.

Amounts are points, months are counted from January 2000 = 0, times are Unix seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from scripts.lib.expiry_rule import MAX_TERM_MONTHS, NEVER, ExpiryRule
from scripts.lib.grant_list import Row
from scripts.lib.japan_calendar import fiscal_year_end, last_second, start_of
from scripts.lib.reference.ledger import (
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
from scripts.lib.reference.registry import Replacement
from tests.stateful.picker import Picker
from tests.stateful.sale_chooser import SALE_WEIGHTS, SaleChooser
from tests.stateful.steps import TIME_PASSES, Step
from tests.stateful.town import Profile, Town

DAY = 24 * 60 * 60

END_OF_TIME = start_of(NEVER - MAX_TERM_MONTHS - 12)
"""Time leaps no further: a year later grants could end with the month whose number means "never"."""


# How often each verb is chosen, against the others.
USUAL_WEIGHTS = {
    "mint by policy": 50,
    "mint until a month": 120,
    "mint in a batch": 60,
    "mintToResidents": 40,
    "payment": 220,
    "transfer between residents": 60,
    "transfer between merchants": 30,
    "transfer to oneself": 35,
    "transferFrom": 60,
    "transferAtEpoch": 50,
    "transferFromAtEpoch": 48,
    "approve": 30,
    "increaseAllowance": 25,
    "decreaseAllowance": 20,
    "recordLapse": 40,
    "increaseMinterAllowance": 20,
    "decreaseMinterAllowance": 12,
    "removeMinter": 10,
    "setExpiryPolicy": 20,
    "setTransferSwitches": 12,
    "approveMerchant": 25,
    "suspendMerchant": 12,
    "closeMerchant": 10,
    "pause": 12,
    "unpause": 10,
    "replaceOwner": 12,
    "setTill": 14,
    "freeze": 12,
    "unfreeze": 14,
    "extendLots": 30,
    "restoreLots": 30,
    "restoreLots again": 20,
    "revoke": 22,
    "takeBack": 24,
    "register": 14,
    "startReplacement": 34,
    "startInheritance": 20,
    "cancelReplacement": 28,
    "objectToReplacement": 27,
    "completeReplacement": 40,
    "closeMembership": 14,
    "reopenMembership": 24,
    "syncBlocked": 20,
    "carry": 24,
    **SALE_WEIGHTS,
}

VERBS = (*USUAL_WEIGHTS, TIME_PASSES)
"""Everything that can be chosen."""


class Chooser(Picker):
    """Chooses steps for one run."""

    def __init__(
        self, random: Random, profile: Profile, town: Town, ledger: ReferenceLedger, series: str
    ) -> None:
        super().__init__(random, profile, town, ledger, series)
        self._sales = SaleChooser(random, profile, town, ledger, series)
        self._allowed: dict[tuple[str, str], None] = {}
        self._last_restoration: tuple[Any, ...] | None = None
        self._acts: dict[str, Callable[[], tuple[str, str, tuple[Any, ...]]]] = {
            "mint by policy": self._mint,
            "mint until a month": self._mint_until,
            "mint in a batch": self._mint_batch,
            "mintToResidents": self._mint_to_residents,
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
            "replaceOwner": self._replace_owner,
            "setTill": self._set_till,
            "freeze": self._freeze,
            "unfreeze": self._unfreeze,
            "extendLots": self._extend_lots,
            "restoreLots": self._restore_lots,
            "restoreLots again": self._restore_lots_again,
            "revoke": self._revoke,
            "takeBack": self._take_back,
            "register": self._register,
            "startReplacement": self._start_replacement,
            "startInheritance": self._start_inheritance,
            "cancelReplacement": self._cancel_replacement,
            "objectToReplacement": self._object_to_replacement,
            "completeReplacement": self._complete_replacement,
            "closeMembership": self._close_membership,
            "reopenMembership": self._reopen_membership,
            "syncBlocked": self._sync_blocked,
            "carry": self._carry,
            **self._sales.acts,
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
        self._sales.time = time
        sender, function, arguments = self._acts[verb]()
        return Step(verb, time, sender, function, arguments, self._sales.gas_for(function, arguments))

    def _urgent_verb(self) -> str | None:
        """Return what a run cannot go on without, most of the time."""
        ledger = self._ledger
        if not ledger.minters() and self._chance(80):
            return "increaseMinterAllowance"
        if not self._merchants(MerchantStatus.ACTIVE) and self._chance(80):
            return "approveMerchant"
        if ledger.now < ledger.paused_until:
            return "unpause" if self._chance(15) else None
        stopped = [account for account in self._people() if any(ledger.frozen_of(account))]
        if 4 * len(stopped) > len(self._people()) and self._chance(25):
            return "unfreeze" if any(ledger.frozen_of(account)[0] for account in stopped) else "syncBlocked"
        # A pause that reaches into the next month is rare by chance, and a good place for mistakes.
        if last_second(ledger.month) - ledger.now < DAY and self._chance(10):
            return "pause"
        return None

    # -------------------------------------------------------------------------------------------------- TIME

    def _leap(self) -> int:
        """Return a later time: mostly the first or the last second of something."""
        now, month = self._ledger.now, self._ledger.month
        february = month + (1 - month) % 12
        moments = {
            last_second(month): 8,
            last_second(month) - self._between(1, DAY): 5,
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
            **self._sales.moments(),
        }
        for replacement in self._under_way().values():
            moments[replacement.ready_at] = 4
            moments[replacement.ready_at - 1] = 1
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

    def _mint_to_residents(self) -> tuple[str, str, tuple[Any, ...]]:
        minter, month = self._minter(), self._month_to_mint()
        registry = self._ledger.residents
        numbers = [*registry.numbers(), len(registry.numbers()) + 1]
        chosen = self._random.choices(numbers, k=self._weighted({0: 1, 1: 3, 3: 6, 9: 6}))
        points = self._points_to_mint(minter, [registry.account_of(number) for number in chosen], month)
        rows = tuple(Row(number, amount).packed for number, amount in zip(chosen, points, strict=True))
        total = sum(points)
        return minter, "mintToResidents", (rows, total + (1 if self._chance(2) else 0), month)

    def _month_to_mint(self) -> int:
        month = self._ledger.month
        if self._ledger.now < self._ledger.paused_until and self._chance(40):
            return month + MAX_TERM_MONTHS  # perhaps a month that nothing reached when the pause began
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

    def _points_from(self, owner: str, spender: str) -> int:
        allowed = self._ledger.allowance(owner, spender)
        points = self._points_to_spend(owner)
        unlimited = self._ledger.owner_of(owner) == spender or self._chance(15)
        return points if unlimited else min(points, allowed)

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
        taken_over = [
            (merchant, owner)
            for merchant in self._merchants()
            if (owner := self._ledger.owner_of(merchant)) != merchant and self._ledger.balance_of(merchant)
        ]
        if taken_over and self._chance(12):
            return self._random.choice(taken_over)
        useful = [
            pair
            for pair in self._allowed
            if self._ledger.allowance(*pair) and self._ledger.balance_of(pair[0])
        ]
        owner, spender = self._random.choice(useful) if useful and not self._chance(3) else self._new_pair()
        # The zero address may be named as a spender, but nobody can send from it.
        return owner, spender if spender != ZERO_ADDRESS else owner

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
        return self._town.officers, "increaseMinterAllowance", (minter, by)

    def _decrease_minter_allowance(self) -> tuple[str, str, tuple[Any, ...]]:
        minter = self._minter()
        allowance = self._ledger.minter_of(minter)[0]
        by = (
            allowance + 1
            if self._chance(8)
            else self._weighted({allowance: 5, self._between(0, allowance): 50})
        )
        return self._town.officers, "decreaseMinterAllowance", (minter, by)

    def _remove_minter(self) -> tuple[str, str, tuple[Any, ...]]:
        return self._town.officers, "removeMinter", (self._minter(),)

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
        return self._town.officers, "setExpiryPolicy", (int(rule), months)

    def _set_transfer_switches(self) -> tuple[str, str, tuple[Any, ...]]:
        return self._town.officers, "setTransferSwitches", (self._chance(80), self._chance(80))

    def _approve_merchant(self) -> tuple[str, str, tuple[Any, ...]]:
        idle = [shop for shop in self._town.shops if shop not in self._merchants(MerchantStatus.ACTIVE)]
        merchant = self._random.choice(idle if idle and not self._chance(15) else self._town.shops)
        if self._chance(8):
            merchant = self._random.choice([*self._town.newcomers, *self._town.residents[:1], self._series])
        category = self._weighted(
            {self._between(0, MAX_CATEGORY): 20, 0: 5, MAX_CATEGORY: 2, MAX_CATEGORY + 1: 1}
        )
        name = self._random.choice(["さくら書店", "", "本町 1-2-3 みなと食堂 & Café"])
        return self._town.officers, "approveMerchant", (merchant, category, name, "川崎区")

    def _suspend_merchant(self) -> tuple[str, str, tuple[Any, ...]]:
        return self._town.officers, "suspendMerchant", (self._standing_merchant(),)

    def _close_merchant(self) -> tuple[str, str, tuple[Any, ...]]:
        return self._town.officers, "closeMerchant", (self._standing_merchant(),)

    def _pause(self) -> tuple[str, str, tuple[Any, ...]]:
        beyond_the_month = start_of(self._ledger.month + 1) - self._ledger.now + self._between(1, DAY)
        seconds = self._weighted(
            {
                min(beyond_the_month, MAX_PAUSE_SECONDS): 15,
                self._between(1, 3600): 30,
                self._between(3600, MAX_PAUSE_SECONDS): 10,
                MAX_PAUSE_SECONDS: 5,
                0: 1,
                MAX_PAUSE_SECONDS + 1: 1,
            }
        )
        return self._town.officers, "pause", (seconds,)

    def _unpause(self) -> tuple[str, str, tuple[Any, ...]]:
        return self._town.officers, "unpause", ()

    def _replace_owner(self) -> tuple[str, str, tuple[Any, ...]]:
        merchant = self._standing_merchant()
        owner = self._weighted(
            {
                merchant: 50,
                self._random.choice([*self._town.spenders, *self._town.shops]): 48,
                ZERO_ADDRESS: 4,
            }
        )
        return self._town.officers, "replaceOwner", (merchant, owner)

    def _set_till(self) -> tuple[str, str, tuple[Any, ...]]:
        merchant = self._standing_merchant()
        owner = merchant if self._chance(8) else self._ledger.owner_of(merchant)
        till = self._weighted(
            {
                self._random.choice(self._town.spenders): 70,
                self._random.choice(self._town.shops): 28,
                ZERO_ADDRESS: 2,
            }
        )
        return owner if owner != ZERO_ADDRESS else merchant, "setTill", (merchant, till, self._chance(70))

    # ------------------------------------------------------------------------------------------- CORRECTIONS

    def _freeze(self) -> tuple[str, str, tuple[Any, ...]]:
        odd = [*self._town.shops, self._series, ZERO_ADDRESS]
        account = self._random.choice(odd) if self._chance(12) else self._random.choice(self._people())
        return self._town.officers, "freeze", (account,)

    def _unfreeze(self) -> tuple[str, str, tuple[Any, ...]]:
        odd = [self._series, ZERO_ADDRESS, self._resident()]
        frozen = [account for account in self._ledger.stopped() if self._ledger.frozen_of(account)[0]]
        account = self._random.choice(frozen if frozen and not self._chance(6) else odd)
        return self._town.officers, "unfreeze", (account,)

    def _extend_lots(self) -> tuple[str, str, tuple[Any, ...]]:
        first, month = self._holder(), self._ledger.month
        held = list(self._ledger.lots_of(first)) or [month]
        from_month = self._weighted(
            {self._random.choice(held): 60, held[0]: 30, month - 1: 1, month + MAX_TERM_MONTHS + 1: 1}
        )
        to_month = self._weighted(
            {
                from_month + self._between(1, 12): 50,
                min(from_month + self._between(1, 60), month + MAX_TERM_MONTHS): 25,
                self._random.choice(held): 20,
                NEVER: 4,
                from_month: 1,
                month + MAX_TERM_MONTHS + 1: 1,
            }
        )
        others = [self._account_with_lots() for _ in range(self._weighted({0: 4, 1: 3, 4: 3, 9: 1}))]
        if self._chance(10):
            others.append(first)
        return self._town.officers, "extendLots", (from_month, to_month, (first, *others))

    def _restore_lots(self) -> tuple[str, str, tuple[Any, ...]]:
        ledger, month = self._ledger, self._ledger.month
        lapsed = ledger.lapsed_by_month()
        left = {end: points - ledger.restored_of(end) for end, points in lapsed.items()}
        open_months = [end for end, points in left.items() if points]
        lapsed_month = (
            self._random.choice([*list(lapsed)[-3:], month - 1, month])
            if self._chance(6) or not open_months
            else self._random.choice(open_months[-4:])
        )
        rest = left.get(lapsed_month, 0)
        accounts = [self._account_with_lots() for _ in range(self._weighted({1: 6, 2: 4, 6: 3}))]
        if self._chance(10):
            accounts.append(accounts[0])
        points = []
        for _ in accounts:
            part = self._weighted(
                {
                    self._between(0, min(rest, self._profile.amount)): 60,
                    min(rest, MAX_LOT_POINTS): 8,
                    rest + 1: 4,
                    0: 3,
                }
            )
            points.append(part)
            rest = max(0, rest - part)
        if self._chance(2):
            points.append(1)
        to_month = self._weighted(
            {
                month + self._between(0, self._profile.terms): 70,
                month: 10,
                NEVER: 5,
                month - 1: 1,
                month + MAX_TERM_MONTHS + 1: 1,
            }
        )
        self._last_restoration = (lapsed_month, to_month, tuple(accounts), tuple(points))
        return self._town.officers, "restoreLots", self._last_restoration

    def _restore_lots_again(self) -> tuple[str, str, tuple[Any, ...]]:
        """Repeat the latest restoration, as a script does that was interrupted; perhaps for another month."""
        if self._last_restoration is None:
            return self._restore_lots()
        lapsed_month, to_month, accounts, points = self._last_restoration
        if to_month < self._ledger.month or self._chance(20):
            to_month = self._ledger.month + self._between(0, self._profile.terms)
        return self._town.officers, "restoreLots", (lapsed_month, to_month, accounts, points)

    def _revoke(self) -> tuple[str, str, tuple[Any, ...]]:
        account = self._account_with_lots()
        lots = self._ledger.lots_of(account) or {self._ledger.month: 0}
        month = self._random.choice([self._ledger.month, NEVER, self._ledger.month - 1, *list(lots) * 6])
        held = lots.get(month, 0)
        points = self._weighted({self._between(0, held): 60, held: 25, held + 1: 8, 0: 2})
        return self._town.officers, "revoke", (account, points, month)

    def _take_back(self) -> tuple[str, str, tuple[Any, ...]]:
        """Take back more than the lot holds as often as not: a minter takes what there is."""
        _, _, (account, points, month) = self._revoke()
        minter = self._minter()
        left = self._ledger.minter_of(minter)[1] - self._ledger.taken_back_by(minter)
        asked = self._weighted({points: 50, points + self._between(0, 5_000): 40, left: 5, left + 1: 3})
        return minter, "takeBack", (account, asked if self._chance(5) else min(asked, left), month)

    def _account_with_lots(self) -> str:
        """Return somebody who may hold lots, stopped or not; rarely somebody who never does."""
        if self._chance(3):
            return self._random.choice([*self._town.shops, self._series, ZERO_ADDRESS])
        people = self._people()
        holders = [account for account in people if self._ledger.lots_of(account)]
        return self._random.choice(holders if holders and not self._chance(10) else people)

    # --------------------------------------------------------------------------------------------- RESIDENTS

    def _register(self) -> tuple[str, str, tuple[Any, ...]]:
        registry = self._ledger.residents
        joining = [account for account in self._town.residents if not registry.is_known(account)]
        joining = joining or [card for card in self._town.cards if not registry.is_known(card)]
        accounts = self._random.sample(joining, min(len(joining), self._between(1, 3)))
        if self._chance(4):
            accounts.append(self._random.choice([*self._town.residents, *self._town.newcomers]))
        if self._chance(2) and accounts:
            accounts.append(accounts[0])
        return self._town.officers, "register", (tuple(accounts),)

    def _start_replacement(self) -> tuple[str, str, tuple[Any, ...]]:
        registry = self._ledger.residents
        free = [card for card in self._town.cards if not registry.is_known(card)]
        card = self._random.choice(free if free and not self._chance(5) else self._town.cards)
        payers = [number for payer in self._sales.payers() if (number := registry.ever_number_of(payer))]
        number = self._random.choice(payers) if payers and self._chance(40) else self._number(under_way=False)
        return self._town.officers, "startReplacement", (number, card)

    def _start_inheritance(self) -> tuple[str, str, tuple[Any, ...]]:
        numbers = self._number(under_way=False), self._number(under_way=False)
        return self._town.officers, "startInheritance", numbers

    def _cancel_replacement(self) -> tuple[str, str, tuple[Any, ...]]:
        return self._town.officers, "cancelReplacement", (self._number(under_way=True),)

    def _object_to_replacement(self) -> tuple[str, str, tuple[Any, ...]]:
        number = self._number(under_way=True)
        account = self._ledger.residents.account_of(number)
        caller = self._resident() if account == ZERO_ADDRESS or self._chance(8) else account
        return caller, "objectToReplacement", (number,)

    def _complete_replacement(self) -> tuple[str, str, tuple[Any, ...]]:
        ready = [
            number
            for number, replacement in self._under_way().items()
            if replacement.ready_at <= self._ledger.now
        ]
        number = self._random.choice(ready) if ready else self._number(under_way=True)
        return self._random.choice(self._town.spenders), "completeReplacement", (number,)

    def _close_membership(self) -> tuple[str, str, tuple[Any, ...]]:
        return self._town.officers, "closeMembership", (self._number(under_way=self._chance(20)),)

    def _reopen_membership(self) -> tuple[str, str, tuple[Any, ...]]:
        registry = self._ledger.residents
        closed = [number for number in registry.numbers() if registry.account_of(number) == ZERO_ADDRESS]
        number = self._random.choice(closed) if closed else self._number(under_way=False)
        return self._town.officers, "reopenMembership", (number,)

    def _sync_blocked(self) -> tuple[str, str, tuple[Any, ...]]:
        ledger = self._ledger
        stale = [
            account
            for account in self._town.accounts
            if ledger.residents.is_blocked(account, ledger.now) != ledger.frozen_of(account)[1]
        ]
        account = self._random.choice(stale if stale and not self._chance(20) else self._town.accounts)
        return self._random.choice(self._town.spenders), "syncBlocked", (account,)

    def _carry(self) -> tuple[str, str, tuple[Any, ...]]:
        """Carry an account that was replaced, often one that has nothing (left) to carry."""
        registry = self._ledger.residents
        replaced = [account for account in self._town.accounts if registry.successor_of(account)]
        holding = [account for account in replaced if self._ledger.lots_of(account)]
        account = self._random.choice(holding or replaced or [self._resident()])
        if replaced and self._chance(25):
            account = self._random.choice(replaced)
        return self._random.choice(self._town.spenders), "carry", (account,)

    def _number(self, *, under_way: bool) -> int:
        """Return a resident number, mostly one with, or without, a replacement under way; rarely nobody's."""
        registry = self._ledger.residents
        present = [number for number in registry.numbers() if registry.account_of(number) != ZERO_ADDRESS]
        wanted = [number for number in present if (number in self._under_way()) == under_way]
        if wanted and not self._chance(6):
            return self._random.choice(wanted)
        return self._between(1, len(registry.numbers()) + 1)

    def _under_way(self) -> dict[int, Replacement]:
        registry = self._ledger.residents
        found = {number: registry.replacement_of(number) for number in registry.numbers()}
        return {number: replacement for number, replacement in found.items() if replacement is not None}
