"""The reference model of a point series: what MunicipalPoint must do, in the plainest terms.

A resident is a dictionary {month: points}, a merchant's claim a dictionary {fiscal year: points}; nothing is
packed, cached or precomputed. Tests, the demo and the state machine run it beside the contract and compare
every answer, the refusals included.

Amounts are points, months are counted from January 2000 = 0, times are Unix seconds. Accounts are any text
that compares equal for equal accounts: addresses in one spelling, or resident numbers.

Every method either does all it says, or raises Refused with the custom error and the arguments that the
contract reverts with and changes nothing. Of several reasons it gives the one that the contract finds first.

Acts of officers take no caller: who may do them is Officers' affair. Who is whose successor is told by the
model of the registry of residents (scripts.lib.reference.registry), which the ledger asks as the token does.

Sales, which are paid and refunded at a till, are `ledger.sales` (scripts.lib.reference.sales).

Not modelled: roles, gas, and which events an ended lot has had.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from scripts.lib.expiry_rule import MAX_TERM_MONTHS, NEVER, ExpiryRule, expiry_month, is_in_range
from scripts.lib.grant_issue import GrantIssue
from scripts.lib.grant_list import Row
from scripts.lib.japan_calendar import fiscal_year_end, month_of
from scripts.lib.payment.sale_terms import SaleTerms
from scripts.lib.reference.registry import ReferenceRegistry
from scripts.lib.reference.sales import ReferenceSales
from scripts.lib.refusal import ZERO_ADDRESS, Refused

UNLIMITED = 2**256 - 1
"""As an ERC-20 allowance: without limit, and not counted down."""

MAX_LOT_POINTS = 2**29 - 1
MAX_MONTH_POINTS = 2**36 - 1
MAX_ALLOWANCE_POINTS = 2**72 - 1
MAX_TAKEN_BACK_POINTS = 2**64 - 1
"""What one minter can take back in its life."""

RESERVE_POINTS = 2**27
"""What a minter's grants reserve at a time of the room that their month has."""

MAX_MINTERS = 16
MAX_CATEGORY = 2**16 - 1
MAX_PAUSE_SECONDS = 72 * 60 * 60
ARITHMETIC_OVERFLOW = 0x11


class ConservationError(Exception):
    """Points appeared or vanished in the books."""


class MerchantStatus(IntEnum):
    """Standing of a merchant, numbered as in the contract."""

    ACTIVE = 0
    SUSPENDED = 1
    CLOSED = 2


class Claim(NamedTuple):
    """What a municipality owes a merchant, in points.

    Attributes:
        this_year: paid to it in the current fiscal year.
        earlier_years: paid before the last 1 April.
        locked: in settlement; 0 as long as the series has no settlement.
    """

    this_year: int
    earlier_years: int
    locked: int


class Lapse(NamedTuple):
    """One lot taken off the books after its month had ended."""

    account: str
    month: int
    points: int


class Restoration(NamedTuple):
    """Points given back to an account whose lot had lapsed with `month`."""

    account: str
    month: int
    points: int


class Extension(NamedTuple):
    """A lot whose end was moved; `points` is all it held."""

    account: str
    points: int


class Carriage(NamedTuple):
    """What went from a replaced account to its successor.

    Attributes:
        freeze_passed: whether the account was frozen and its successor is now.
        newly_blocked: whether the account was not known to be blocked before.
    """

    successor: str
    points: int
    freeze_passed: bool
    newly_blocked: bool


class Books(NamedTuple):
    """Where all points of the series are: granted + restored = live + lapsed + claims + locked + revoked.

    Attributes:
        restored: given back of what had lapsed; the lapse stays in the books beside it.
        carried: moved from replaced accounts to their successors, which changes none of the others.
    """

    granted: int
    restored: int
    live: int
    lapsed: int
    claims: int
    locked: int
    revoked: int
    carried: int


@dataclass
class _Merchant:
    status: MerchantStatus
    category: int
    owner: str | None = None
    """Who appoints its tills and disposes of its claim, if its own key has been replaced."""
    claims: dict[int, int] = field(default_factory=dict)
    """Points by the fiscal year (its last month) in which a resident paid them."""


@dataclass
class _Minter:
    allowance: int = 0
    minted: int = 0
    taken_back: int = 0
    accepted: bool = False
    reserved: int = 0
    """Room set aside in `reserved_month` for this minter's next grants; nobody's points."""
    reserved_month: int = 0

    def release(self) -> None:
        """Give the room back."""
        self.reserved, self.reserved_month = 0, 0


class ReferenceLedger:
    """One series of points.

    Attributes:
        now: the time at which operations and queries happen.
        series: the account that stands for the series itself, which can hold nothing.
        residents: the municipality's memberships; nobody is registered if none are given.
        paused_until: the first second at which points move (again).
        sales: what is paid at a till, with a number of its own.
    """

    def __init__(
        self,
        now: int,
        rule: ExpiryRule,
        months: int = 0,
        series: str = "series",
        residents: ReferenceRegistry | None = None,
        sale_terms: SaleTerms | None = None,
    ) -> None:
        self.now = now
        self.series = series
        self.residents = residents or ReferenceRegistry()
        self.paused_until = 0
        self._pausable_from = 0
        self._lots: defaultdict[str, dict[int, int]] = defaultdict(dict)
        self._merchants: dict[str, _Merchant] = {}
        self._minters: defaultdict[str, _Minter] = defaultdict(_Minter)
        self._allowances: Counter[tuple[str, str]] = Counter()
        self._recorded_lapses: Counter[int] = Counter()
        self._frozen = {ZERO_ADDRESS, series}
        self._blocked: set[str] = set()
        self._tills: set[tuple[str, str]] = set()
        """Merchant and till: those whom the present owner has appointed."""
        self._restored: defaultdict[int, dict[int | str, int]] = defaultdict(dict)
        """By the month with which they had lapsed, and by claimant: points given back, once."""
        self._revoked = 0
        self._carried = 0
        self._between_residents = False
        self._between_merchants = False
        self.set_expiry_policy(rule, months)
        self.sales = ReferenceSales(self, sale_terms or SaleTerms())

    # ------------------------------------------------------------------------------------------------- TIME

    @property
    def month(self) -> int:
        """The current month."""
        return month_of(self.now)

    def advance_to(self, timestamp: int) -> None:
        """Let time pass until `timestamp`.

        Raises:
            ValueError: that lies in the past.
        """
        if timestamp < self.now:
            raise ValueError(f"time runs forward: from {self.now} to {timestamp}")
        self.now = timestamp

    # --------------------------------------------------------------------------------------- ADMINISTRATION

    def increase_minter_allowance(self, minter: str, by: int) -> None:
        """Accept a minter if it is new, and raise what it may mint."""
        record = self._minters[minter]
        if not record.accepted and len(self.minters()) == MAX_MINTERS:
            raise Refused("PointTooManyMinters", MAX_MINTERS)
        room = MAX_ALLOWANCE_POINTS - record.allowance
        if by > room:
            raise Refused("PointMinterAllowance", minter, room, by)
        record.accepted = True
        record.allowance += by

    def decrease_minter_allowance(self, minter: str, by: int) -> None:
        """Lower what a minter may mint."""
        record = self._accepted_minter(minter)
        if by > record.allowance:
            raise Refused("PointMinterAllowance", minter, record.allowance, by)
        record.allowance -= by
        record.release()

    def remove_minter(self, minter: str) -> None:
        """End a minter's right; its lifetime counter stays."""
        record = self._accepted_minter(minter)
        record.accepted = False
        record.allowance = 0
        record.release()

    def set_expiry_policy(self, rule: ExpiryRule, months: int = 0) -> None:
        """Set how points granted from now on end; lots that exist keep their month."""
        first, last = self.month, self.month + MAX_TERM_MONTHS
        if months > NEVER:
            raise Refused("PointExpiryOutOfRange", months, first, last)
        expiry = expiry_month(rule, months, self.month)
        # A term that happens to reach the number NEVER is still a term, and too long.
        if not is_in_range(expiry, self.month) or (rule == ExpiryRule.MONTHS_AFTER and expiry > last):
            raise Refused("PointExpiryOutOfRange", expiry, first, last)
        self._rule = rule
        self._rule_months = months

    def set_transfer_switches(self, between_residents: bool, between_merchants: bool) -> None:
        """Switch transfers among residents and among merchants on or off; both are off at first."""
        self._between_residents = between_residents
        self._between_merchants = between_merchants

    def pause(self, seconds: int) -> None:
        """Stop every movement of points; a cool-down of the same length follows."""
        if not 1 <= seconds <= MAX_PAUSE_SECONDS:
            raise Refused("PointPauseLength", seconds, MAX_PAUSE_SECONDS)
        if self.now < self._pausable_from:
            raise Refused("PointPauseCoolingDown", self._pausable_from)
        self._set_paused_until(self.now + seconds)
        self._pausable_from = self.now + 2 * seconds

    def unpause(self) -> None:
        """End a pause; its cool-down stays."""
        self._set_paused_until(self.now)

    def _set_paused_until(self, timestamp: int) -> None:
        self.paused_until = timestamp
        for record in self._minters.values():
            record.release()

    # -------------------------------------------------------------------------------------------- MERCHANTS

    def approve_merchant(self, account: str, category: int = 0) -> None:
        """Let an account be paid, for the first time or again; a claim it has stays."""
        if category > MAX_CATEGORY:
            raise Refused("PointCategoryTooLarge", category, MAX_CATEGORY)
        self._require_receiver(account)
        if account not in self._merchants:
            if self._lots.get(account):
                raise Refused("PointAccountHoldsLots", account)
            if self.residents.is_known(account):
                raise Refused("PointAccountIsResident", account)
        merchant = self._merchants.setdefault(account, _Merchant(MerchantStatus.ACTIVE, category))
        merchant.status, merchant.category = MerchantStatus.ACTIVE, category

    def suspend_merchant(self, account: str) -> None:
        """Stop payments to a merchant for now."""
        self._approved_merchant(account).status = MerchantStatus.SUSPENDED

    def close_merchant(self, account: str) -> None:
        """Stop payments to a merchant for good."""
        self._approved_merchant(account).status = MerchantStatus.CLOSED

    def replace_owner(self, account: str, owner: str) -> None:
        """Give a merchant's owner key, and its tills with it, to somebody else."""
        merchant = self._approved_merchant(account)
        if owner == ZERO_ADDRESS:
            raise Refused("ERC20InvalidReceiver", owner)
        merchant.owner = owner
        self._tills = {(shop, till) for shop, till in self._tills if shop != account}

    def set_till(self, caller: str, merchant: str, till: str, active: bool) -> None:
        """Let a till take payments for a merchant, or no longer; the owner key alone may.

        A till is the owner's who appointed it: it falls with that owner.
        """
        self.require_owner(caller, merchant)
        if till == ZERO_ADDRESS:
            raise Refused("ERC20InvalidReceiver", till)
        if active:
            self._tills.add((merchant, till))
        else:
            self._tills.discard((merchant, till))

    # --------------------------------------------------------------------------------- FREEZING AND CARRYING

    def freeze(self, account: str) -> None:
        """Let nothing leave or enter an account."""
        self._frozen.add(account)

    def unfreeze(self, account: str) -> None:
        """End a freeze; the two accounts that can hold nothing stay frozen for good."""
        if account in (ZERO_ADDRESS, self.series):
            raise Refused("ERC20InvalidReceiver", account)
        self._frozen.discard(account)

    def sync_blocked(self, account: str) -> None:
        """Block or unblock an account as the registry of residents has it."""
        self._require_resident(account)
        if self.residents.is_blocked(account, self.now):
            self._blocked.add(account)
        else:
            self._blocked.discard(account)

    def carry(self, account: str) -> Carriage:
        """Move a replaced account's live lots to its successor, each with its month.

        A freeze goes along, except to an heir.
        """
        successor = self.residents.successor_of(account)
        if successor is None:
            raise Refused("PointNotReplaced", account)
        self._require_not_paused()
        self._require_resident(account)
        self._require_resident(successor)
        lots = self.lots_of(account)
        for month, points in lots.items():
            self._require_room(successor, month, points)

        self._drop_ended(account)
        for month, points in lots.items():
            del self._lots[account][month]
            self._receive(successor, month, points)
        points = sum(lots.values())
        self._carried += points
        newly_blocked = account not in self._blocked
        self._blocked.add(account)
        freeze_passes = account in self._frozen and not self.residents.is_inherited(account)
        if freeze_passes:
            self._frozen.remove(account)
            self._frozen.add(successor)
        return Carriage(successor, points, freeze_passes, newly_blocked)

    # ------------------------------------------------------------------------------------------- CORRECTIONS

    def extend_lots(self, from_month: int, to_month: int, accounts: Sequence[str]) -> list[Extension]:
        """Let lots that end with `from_month` end with `to_month` instead; return those that were there."""
        self._require_in_range(from_month)
        self._require_in_range(to_month)
        if to_month <= from_month:
            raise Refused("PointNotLater", from_month, to_month)
        extended = [
            Extension(account, lots[from_month])
            for account in dict.fromkeys(accounts)
            if from_month in (lots := self.lots_of(account))
        ]
        for account, points in extended:
            self._require_room(account, to_month, points)
        self._require_not_paused()
        self._require_month_room(to_month, sum(points for _, points in extended))

        for account, points in extended:
            del self._lots[account][from_month]
            self._receive(account, to_month, points)
        return extended

    def restore_lots(
        self, lapsed_month: int, to_month: int, accounts: Sequence[str], points: Sequence[int]
    ) -> list[Restoration]:
        """Give points that lapsed with a month back, to end with `to_month`; return what was given.

        A resident, whatever the account, or the account of nobody, is restored once for each lapsed month,
        and passed over afterwards; all of them together get back no more than lapsed.
        """
        if len(accounts) != len(points):
            raise Refused("PointListLengths", len(accounts), len(points))
        self._require_in_range(to_month)
        before = self._restored.get(lapsed_month, {})
        claimants: dict[int | str, int] = {}
        restored: list[Restoration] = []
        for account, amount in zip(accounts, points, strict=True):
            number = self.residents.ever_number_of(account)
            claimed = claimants.keys() | before.keys()
            # An account that was nobody's then may be a resident's now.
            if amount == 0 or account in claimed or number in claimed:
                continue
            self._require_resident(account)
            if account in (ZERO_ADDRESS, self.series):
                raise Refused("ERC20InvalidReceiver", account)
            self._require_room(account, to_month, amount)
            claimants[number or account] = amount
            restored.append(Restoration(account, lapsed_month, amount))
        total = sum(claimants.values())
        lapsed = self.points_ending_with(lapsed_month) if lapsed_month < self.month else 0
        if sum(before.values()) + total > lapsed:
            raise Refused("PointRestoreTooLarge", lapsed_month, lapsed, sum(before.values()), total)
        self._require_not_paused()
        self._require_month_room(to_month, total)

        self._restored[lapsed_month].update(claimants)
        for account, _, amount in restored:
            self._receive(account, to_month, amount)
        return restored

    def revoke(self, account: str, points: int, month: int) -> None:
        """Take points of an unspent grant back out of the lot that ends with `month`."""
        self._require_in_range(month)
        self._require_resident(account)
        held = self.lots_of(account).get(month, 0)
        if points > held:
            raise Refused("PointLotTooSmall", account, month, held, points)
        self._require_not_paused()
        if points:
            self._take(account, month, points)
        self._revoked += points

    # --------------------------------------------------------------------------------------------- GRANTING

    def mint(self, minter: str, to: str, points: int, month: int | None = None) -> None:
        """Grant points that end with `month`, or by the expiry policy if that is None."""
        self._mint_all(minter, [to], [points], month)

    def mint_to_residents(
        self, minter: str, rows: Sequence[Row], total: int, month: int
    ) -> list[tuple[int, GrantIssue]]:
        """Grant points to residents by number, all ending with `month`, to each that can receive them.

        Args:
            total: what the rows add up to.

        Returns:
            The places in `rows` of the others, in order, and why.
        """
        skipped = self.mint_issues(minter, rows, total, month)
        refused = {place for place, _ in skipped}
        record = self._minters[minter]
        reserve = self._reserve(record, month, total)
        granted = [row for place, row in enumerate(rows) if place not in refused]
        points = sum(row.points for row in granted)
        record.allowance -= points
        record.minted += points
        record.reserved, record.reserved_month = reserve - points, month
        for row in granted:
            self._receive(self.residents.account_of(row.number), month, row.points)
        return skipped

    def mint_issues(
        self, minter: str, rows: Sequence[Row], total: int, month: int
    ) -> list[tuple[int, GrantIssue]]:
        """Return what `mint_to_residents` would, and change nothing."""
        record = self._accepted_minter(minter)
        if total > record.allowance:
            raise Refused("PointMinterAllowance", minter, record.allowance, total)
        self._require_in_range(month)
        self._require_not_paused()
        self._reserve(record, month, total)
        if (rows_points := sum(row.points for row in rows)) != total:
            raise Refused("PointTotal", total, rows_points)
        skipped: list[tuple[int, GrantIssue]] = []
        received: Counter[str] = Counter()
        for place, row in enumerate(rows):
            account = self.residents.account_of(row.number)
            if issue := self._mint_issue(account, received[account] + row.points, month):
                skipped.append((place, issue))
            else:
                received[account] += row.points
        return skipped

    def _mint_issue(self, account: str, points: int, month: int) -> GrantIssue:
        """Return why an account cannot receive points now; NONE if it can."""
        if account == ZERO_ADDRESS:
            return GrantIssue.UNREGISTERED
        if account in self._merchants or account == self.series:
            return GrantIssue.ACCOUNT_UNFIT
        if self.is_stopped(account):
            return GrantIssue.ACCOUNT_STOPPED
        fits = self._lots.get(account, {}).get(month, 0) + points <= MAX_LOT_POINTS
        return GrantIssue.NONE if fits else GrantIssue.LOT_TOO_LARGE

    def take_back(self, minter: str, account: str, points: int, month: int) -> int:
        """Take back what a lot holds of `points` that the minter granted; return how many these were."""
        record = self._accepted_minter(minter)
        left = min(record.minted, MAX_TAKEN_BACK_POINTS) - record.taken_back
        if points > left:
            raise Refused("PointTakeBackTooLarge", minter, left, points)
        self._require_in_range(month)
        self._require_not_paused()
        taken = min(points, self.lots_of(account).get(month, 0))
        if taken:
            self._take(account, month, taken)
            record.taken_back += taken
            self._revoked += taken
        return taken

    def mint_batch(self, minter: str, to: Sequence[str], points: Sequence[int], month: int) -> None:
        """Grant points to many residents, all ending with `month`: all of it or nothing."""
        if len(to) != len(points):
            raise Refused("PointListLengths", len(to), len(points))
        if sum(points) > UNLIMITED:
            raise Refused("Panic", ARITHMETIC_OVERFLOW)
        self._mint_all(minter, to, points, month)

    def _mint_all(self, minter: str, to: Sequence[str], points: Sequence[int], month: int | None) -> None:
        record = self._accepted_minter(minter)
        expiry = self.policy_expiry_month() if month is None else month
        total = sum(points)
        if total > record.allowance:
            raise Refused("PointMinterAllowance", minter, record.allowance, total)
        self._require_in_range(expiry)
        self._require_not_paused()
        reserve = self._reserve(record, expiry, total)
        received: Counter[str] = Counter()
        for account, amount in zip(to, points, strict=True):
            self._require_receiver(account)
            self._require_resident(account)
            received[account] += amount
            self._require_room(account, expiry, received[account])

        record.allowance -= total
        record.minted += total
        record.reserved, record.reserved_month = reserve - total, expiry
        for account, amount in received.items():
            self._receive(account, expiry, amount)

    def _reserve(self, minter: _Minter, month: int, points: int) -> int:
        """Return the room of a month that a minter holds for a grant of `points`: at least these."""
        if minter.reserved_month == month and minter.reserved >= points:
            return minter.reserved
        # Its present reserve goes back first, and only stays gone if the grant succeeds.
        own = minter.reserved if minter.reserved_month == month else 0
        room = self._month_room(month) + own
        if points > room:
            raise Refused("PointMonthTooLarge", month, points, MAX_MONTH_POINTS)
        usual = min(minter.allowance, RESERVE_POINTS)
        return usual if points <= usual <= room else points

    def _month_room(self, month: int) -> int:
        """Return how many points may still end with a month, besides what minters have reserved."""
        reserved = sum(record.reserved for record in self._minters.values() if record.reserved_month == month)
        return MAX_MONTH_POINTS - self.points_ending_with(month) - reserved

    def _require_month_room(self, month: int, points: int) -> None:
        if points > self._month_room(month):
            raise Refused("PointMonthTooLarge", month, points, MAX_MONTH_POINTS)

    # --------------------------------------------------------------------------------- PAYMENT AND TRANSFER

    def transfer(self, sender: str, to: str, points: int) -> None:
        """Pay a merchant, or transfer to an equal where that is switched on."""
        self._move(sender, sender, to, points)

    def transfer_from(self, spender: str, owner: str, to: str, points: int) -> None:
        """Move an owner's points as `transfer` does, out of the spender's allowance.

        Whoever took a merchant's owner key over needs none: its own key, which could allow it, may be lost.
        """
        self._require_allowance(spender, owner, points)
        self._move(spender, owner, to, points)
        self._count_down(spender, owner, points)

    def transfer_at_epoch(self, sender: str, month: int, to: str, points: int) -> None:
        """Move points that end with `month`, which must be the earliest the sender has."""
        self._require_earliest(sender, month, points)
        self.transfer(sender, to, points)

    def transfer_from_at_epoch(self, spender: str, month: int, owner: str, to: str, points: int) -> None:
        """Move an owner's points as `transfer_at_epoch` does, out of the spender's allowance."""
        self._require_earliest(owner, month, points)
        self.transfer_from(spender, owner, to, points)

    def _move(self, caller: str, sender: str, to: str, points: int) -> None:
        if self.is_stopped(sender):
            raise Refused("PointAccountFrozen", sender)
        if sender in self._merchants:
            self._pass_claim(caller, sender, to, points)
        elif to in self._merchants:
            self.pay_merchant(sender, to, points)
        else:
            self._give(sender, to, points)

    def pay_merchant(self, resident: str, to: str, points: int) -> list[tuple[int, int]]:
        """Turn a resident's points into a merchant's claim; return the lots that paid, earliest first."""
        merchant = self.require_payable(to)
        self._require_live(resident, points)
        self._require_not_paused()
        year = fiscal_year_end(self.month)
        merchant.claims[year] = merchant.claims.get(year, 0) + points
        return self._spend(resident, points)

    def return_lots(self, merchant: str, year: int, receiver: str, parts: Sequence[tuple[int, int]]) -> None:
        """Turn part of a merchant's claim into a resident's lots again.

        Args:
            year: in which it was paid, named by its last month; the claim of that year gives first.
            parts: months and points that it had come from, none of which has ended.
        """
        points = sum(amount for _, amount in parts)
        if self.is_stopped(merchant):
            raise Refused("PointAccountFrozen", merchant)
        claim = self.claim_of(merchant)
        if points > claim.this_year + claim.earlier_years:
            raise Refused("PointClaimTooSmall", merchant, claim.this_year + claim.earlier_years, points)
        self._require_resident(receiver)
        if self.is_stopped(receiver):
            raise Refused("PointAccountFrozen", receiver)
        for month, amount in parts:
            self._require_room(receiver, month, amount)
            self._require_not_paused()
            self._require_month_room(month, amount)

        claims, this_year = self._merchants[merchant].claims, fiscal_year_end(self.month)
        for paid_in in sorted(claims, key=lambda paid_in: (paid_in == this_year) != (year == this_year)):
            taken = min(claims[paid_in], points)
            claims[paid_in] -= taken
            points -= taken
        for month, amount in parts:
            self._receive(receiver, month, amount)

    def _give(self, resident: str, to: str, points: int) -> None:
        self._require_receiver(to)
        if not self._between_residents:
            raise Refused("PointReceiverNotMerchant", to)
        self._require_not_paused()
        self._require_live(resident, points)
        if to != resident:
            for month, amount in _earliest_first(self.lots_of(resident), points):
                self._require_room(to, month, amount)
        for month, amount in self._spend(resident, points):
            self._receive(to, month, amount)

    def _pass_claim(self, caller: str, merchant: str, to: str, points: int) -> None:
        self.require_owner(caller, merchant)
        if not self._between_merchants or to not in self._merchants:
            raise Refused("PointClaimNotTransferable", merchant, to)
        receiver = self.require_payable(to)
        self._require_not_paused()
        claims = self._merchants[merchant].claims
        if points > sum(claims.values()):
            raise Refused("ERC20InsufficientBalance", merchant, sum(claims.values()), points)
        for year, amount in _earliest_first(claims, points):
            claims[year] -= amount
            receiver.claims[year] = receiver.claims.get(year, 0) + amount

    # ------------------------------------------------------------------------------------------- ALLOWANCES

    def approve(self, owner: str, spender: str, points: int) -> None:
        """Let `spender` move `points` of the owner's; replaces what was allowed before."""
        if spender == ZERO_ADDRESS:
            raise Refused("ERC20InvalidSpender", spender)
        self._allowances[owner, spender] = points

    def increase_allowance(self, owner: str, spender: str, by: int) -> None:
        """Allow `by` points more."""
        if self.allowance(owner, spender) + by > UNLIMITED:
            raise Refused("Panic", ARITHMETIC_OVERFLOW)
        self.approve(owner, spender, self.allowance(owner, spender) + by)

    def decrease_allowance(self, owner: str, spender: str, by: int) -> None:
        """Allow `by` points less."""
        if by > self.allowance(owner, spender):
            raise Refused("ERC20InsufficientAllowance", spender, self.allowance(owner, spender), by)
        self.approve(owner, spender, self.allowance(owner, spender) - by)

    def _require_allowance(self, spender: str, owner: str, points: int) -> None:
        if points > self.allowance(owner, spender) and not self._has_taken_over(spender, owner):
            raise Refused("ERC20InsufficientAllowance", spender, self.allowance(owner, spender), points)

    def _count_down(self, spender: str, owner: str, points: int) -> None:
        if points <= self.allowance(owner, spender) < UNLIMITED:
            self._allowances[owner, spender] -= points

    def _has_taken_over(self, spender: str, owner: str) -> bool:
        return owner in self._merchants and self._merchants[owner].owner == spender

    # ------------------------------------------------------------------------------------------------ LAPSE

    def record_lapse(self, accounts: Iterable[str]) -> list[Lapse]:
        """Take ended lots off the books; return what was taken off. Changes no balance and not the supply."""
        return [lapse for account in accounts for lapse in self._drop_ended(account)]

    def _drop_ended(self, account: str) -> list[Lapse]:
        lots = self._lots.get(account, {})
        ended = [Lapse(account, month, lots[month]) for month in sorted(lots) if month < self.month]
        for lapse in ended:
            del lots[lapse.month]
            self._recorded_lapses[lapse.month] += lapse.points
        return ended

    # -------------------------------------------------------------------------------------------------- LOTS

    def _spend(self, account: str, points: int) -> list[tuple[int, int]]:
        """Take points out of live lots that hold them; return the parts (month, points), earliest first."""
        self._drop_ended(account)
        lots = self._lots[account]
        parts = _earliest_first(lots, points)
        for month, amount in parts:
            self._take(account, month, amount)
        return parts

    def _take(self, account: str, month: int, points: int) -> None:
        lots = self._lots[account]
        lots[month] -= points
        if lots[month] == 0:
            del lots[month]

    def _receive(self, account: str, month: int, points: int) -> None:
        if points > 0:
            self._drop_ended(account)
            self._lots[account][month] = self._lots[account].get(month, 0) + points

    # ---------------------------------------------------------------------------------------------- REFUSALS

    def _require_not_paused(self) -> None:
        if self.now < self.paused_until:
            raise Refused("PointPaused", self.paused_until)

    def is_stopped(self, account: str) -> bool:
        """Return whether nothing may leave or enter the account."""
        return account in self._frozen or account in self._blocked

    def _require_receiver(self, account: str) -> None:
        if account in (ZERO_ADDRESS, self.series):
            raise Refused("ERC20InvalidReceiver", account)
        if self.is_stopped(account):
            raise Refused("PointAccountFrozen", account)

    def _require_resident(self, account: str) -> None:
        if account in self._merchants:
            raise Refused("PointMintToMerchant", account)

    def require_owner(self, caller: str, merchant: str) -> None:
        """Refuse a caller who does not hold a merchant's owner key."""
        if caller != self.owner_of(merchant):
            raise Refused("PointNotOwner", merchant, caller)

    def _require_in_range(self, month: int) -> None:
        if not is_in_range(month, self.month):
            raise Refused("PointExpiryOutOfRange", month, self.month, self.month + MAX_TERM_MONTHS)

    def _require_live(self, account: str, points: int) -> None:
        live = self.balance_of(account)
        if points > live:
            raise Refused("ERC20InsufficientBalance", account, live, points)

    def _require_room(self, account: str, month: int, points: int) -> None:
        lot = self._lots.get(account, {}).get(month, 0) + points
        if lot > MAX_LOT_POINTS:
            raise Refused("PointLotTooLarge", account, month, lot, MAX_LOT_POINTS)

    def _require_earliest(self, account: str, month: int, points: int) -> None:
        if month < self.month:
            raise Refused("ERC7818TransferredExpiredToken", account, month)
        lots = self.lots_of(account)
        if not lots:
            raise Refused("ERC20InsufficientBalance", account, 0, points)
        earliest = min(lots)
        if month != earliest:
            raise Refused("PointNotEarliest", month, earliest)
        if points > lots[earliest]:
            raise Refused("ERC20InsufficientBalance", account, lots[earliest], points)

    def _accepted_minter(self, minter: str) -> _Minter:
        if not self._minters[minter].accepted:
            raise Refused("PointNotMinter", minter)
        return self._minters[minter]

    def _approved_merchant(self, account: str) -> _Merchant:
        if account not in self._merchants:
            raise Refused("PointNotMerchant", account)
        return self._merchants[account]

    def require_payable(self, account: str) -> _Merchant:
        """Refuse an account that cannot be paid now; return the merchant that can."""
        merchant = self._approved_merchant(account)
        if self.is_stopped(account):
            raise Refused("PointAccountFrozen", account)
        if merchant.status != MerchantStatus.ACTIVE:
            raise Refused("PointMerchantNotActive", account, merchant.status)
        return merchant

    # ----------------------------------------------------------------------------------------------- QUERIES

    def lots_of(self, account: str) -> dict[int, int]:
        """Return a resident's live lots, {month: points}, earliest first; a merchant has none."""
        lots = self._lots.get(account, {})
        return {month: lots[month] for month in sorted(lots) if month >= self.month}

    def balance_of(self, account: str) -> int:
        """Return a resident's live points, or a merchant's whole claim."""
        return sum(self.lots_of(account).values()) + sum(self.claim_of(account))

    def ending_before(self, account: str, month: int) -> int:
        """Return what a resident loses by spending nothing before `month` begins."""
        return sum(points for end, points in self.lots_of(account).items() if end < month)

    def claim_of(self, account: str) -> Claim:
        """Return a merchant's claim as of now; zeros if it is none."""
        claims = self._merchants[account].claims if account in self._merchants else {}
        this_year = claims.get(fiscal_year_end(self.month), 0)
        return Claim(this_year, sum(claims.values()) - this_year, 0)

    def merchant_of(self, account: str) -> tuple[bool, MerchantStatus, int]:
        """Return whether an account was ever approved, its standing and its category."""
        if account not in self._merchants:
            return (False, MerchantStatus(0), 0)
        merchant = self._merchants[account]
        return (True, merchant.status, merchant.category)

    def owner_of(self, merchant: str) -> str:
        """Return who holds a merchant's owner key; the zero address if it is none."""
        if merchant not in self._merchants:
            return ZERO_ADDRESS
        return self._merchants[merchant].owner or merchant

    def is_till(self, merchant: str, till: str) -> bool:
        """Return whether a key may take payments: the owner's, or a till that the owner has appointed."""
        if merchant not in self._merchants:
            return False
        return till == self.owner_of(merchant) or (merchant, till) in self._tills

    def frozen_of(self, account: str) -> tuple[bool, bool]:
        """Return whether an officer has frozen the account, and whether it is blocked as replaced."""
        return (account in self._frozen, account in self._blocked)

    def stopped(self) -> list[str]:
        """Return every account that is frozen or blocked, besides the two that can hold nothing anyway."""
        return sorted((self._frozen | self._blocked) - {ZERO_ADDRESS, self.series})

    def restored_of(self, month: int) -> int:
        """Return what was given back of the points that lapsed with a month."""
        return sum(self._restored.get(month, {}).values())

    def restored_by_month(self) -> dict[int, int]:
        """Return what was given back, by the month with which it had lapsed, where it is not 0."""
        return {month: sum(points.values()) for month, points in sorted(self._restored.items()) if points}

    def minter_of(self, minter: str) -> tuple[int, int]:
        """Return what a minter may still mint and what it has minted in its life."""
        record = self._minters.get(minter, _Minter())
        return (record.allowance, record.minted)

    def taken_back_by(self, minter: str) -> int:
        """Return what a minter has taken back in its life."""
        return self._minters.get(minter, _Minter()).taken_back

    def minters(self) -> set[str]:
        """Return the minters accepted now."""
        return {minter for minter, record in self._minters.items() if record.accepted}

    def allowance(self, owner: str, spender: str) -> int:
        """Return what `spender` may move of the owner's points."""
        return self._allowances[owner, spender]

    def transfer_switches(self) -> tuple[bool, bool]:
        """Return whether transfers between residents, and between merchants, are on."""
        return (self._between_residents, self._between_merchants)

    def expiry_policy(self) -> tuple[ExpiryRule, int]:
        """Return the rule for points granted from now on, and its number of months."""
        return (self._rule, self._rule_months)

    def policy_expiry_month(self) -> int:
        """Return the month with which points granted now by policy end."""
        return expiry_month(self._rule, self._rule_months, self.month)

    def accounts(self) -> list[str]:
        """Return every account that ever held points or was approved as a merchant."""
        return list(dict.fromkeys([*self._lots, *self._merchants]))

    def points_ending_with(self, month: int) -> int:
        """Return residents' points that end with `month`; of an ended month, what lapsed with it."""
        return self._recorded_lapses[month] + sum(lots.get(month, 0) for lots in self._lots.values())

    def lapsed_by_month(self) -> dict[int, int]:
        """Return what lapsed with each ended month, recorded or not, earliest first, where it is not 0."""
        months = set(self._recorded_lapses).union(*self._lots.values())
        return {
            month: points
            for month in sorted(months)
            if month < self.month and (points := self.points_ending_with(month))
        }

    def total_supply(self) -> int:
        """Return the sum of all balances."""
        return sum(self.balance_of(account) for account in self.accounts())

    def books(self) -> Books:
        """Return where all points of the series are at this second."""
        claims = [self.claim_of(account) for account in self._merchants]
        return Books(
            granted=sum(record.minted for record in self._minters.values()),
            restored=sum(self.restored_by_month().values()),
            live=sum(sum(self.lots_of(account).values()) for account in self._lots),
            lapsed=sum(self.lapsed_by_month().values()),
            claims=sum(claim.this_year + claim.earlier_years for claim in claims),
            locked=sum(claim.locked for claim in claims),
            revoked=self._revoked,
            carried=self._carried,
        )

    def check_conservation(self) -> None:
        """Check that every point granted or restored is live, lapsed, a merchant's claim, or revoked (I1).

        Raises:
            ConservationError: points appeared or vanished; the message has the figures.
        """
        books = self.books()
        made = books.granted + books.restored
        accounted = books.live + books.lapsed + books.claims + books.locked + books.revoked
        if made != accounted:
            raise ConservationError(f"granted and restored {made}, accounted for {accounted}: {books}")


def _earliest_first(held: dict[int, int], points: int) -> list[tuple[int, int]]:
    """Divide `points` over dictionary entries {month: points} that hold enough, earliest first."""
    parts = []
    for month in sorted(held):
        taken = min(held[month], points)
        if taken > 0:
            parts.append((month, taken))
            points -= taken
    return parts
