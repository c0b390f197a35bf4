"""What a municipality agrees with a partner, in the form that PartnerExchange takes and returns it."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

FOREVER = 2**40 - 1
"""As `until`: without an end that anybody will see."""

HOLDING_SECONDS = 14 * 24 * 60 * 60
"""How long exchanged points wait in the holding account (留保ポイント口座)."""

MAX_POINTS = 2**29 - 1
"""What one lot can hold."""

ANY_MUNICIPALITY = 0


class Terms(NamedTuple):
    """IPartnerExchange.Terms. Times are Unix seconds, `until` the first that does not count.

    Attributes:
        start: 0 is now.
        unit, fee, minimum, maximum: partner points of one exchange.
        expiry_months: after the month in which the points are minted.
        daily_limit, yearly_limit: points that one resident may get from the partner.
        outstanding_limit: points that the partner may owe.
    """

    start: int = 0
    until: int = FOREVER
    numerator: int = 1
    denominator: int = 1
    unit: int = 1
    fee: int = 0
    expiry_months: int = 12
    minimum: int = 1
    maximum: int = 100_000
    daily_limit: int = 1_000_000
    yearly_limit: int = 10_000_000
    outstanding_limit: int = 100_000_000


class Campaign(NamedTuple):
    """IPartnerExchange.Campaign: points * numerator / denominator on top, as long as the budget lasts."""

    start: int
    until: int
    numerator: int
    denominator: int
    budget: int
    used: int = 0
    number: int = 0
    is_paid_by_partner: bool = False


class Ledger(NamedTuple):
    """IPartnerExchange.Ledger: what a partner brought to a municipality, in points, and paid, in yen."""

    held: int = 0
    coupons: int = 0
    exchanged: int = 0
    bonus: int = 0
    bonus_owed: int = 0
    received: int = 0

    @property
    def outstanding(self) -> int:
        """What the partner owes or will owe; not below 0."""
        return max(self.held + self.coupons + self.exchanged + self.bonus_owed - self.received, 0)


class HeldIssue(IntEnum):
    """IPartnerExchange.HeldIssue: why held points do not move."""

    NONE = 0
    NOT_HELD = 1
    NOT_DUE = 2
    NO_MEMBERSHIP = 3
    ACCOUNT_STOPPED = 4
    PAUSED = 5
    OUT_OF_ALLOWANCE = 6
    REFUSED = 7
