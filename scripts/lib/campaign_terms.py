"""What two officers lay down when they open a campaign of bonus on payments (IPaymentBonus.CampaignTerms)."""

from __future__ import annotations

from typing import NamedTuple

BY_POLICY = 0
"""In place of the month of expiry: as the series' policy says at the opening."""


class CampaignTerms(NamedTuple):
    """Amounts are points, days are counted from 1 January 2000 = 0, months from January 2000 = 0.

    Attributes:
        name: public and neutral.
        first_day, last_day: the days of the sales that count, by the day in a sale's number.
        minimum: a sale of less earns nothing.
        cap: the most that one resident has of the campaign.
        budget: the most that all residents have of it.
        expiry_month: with which all of its bonus ends.
        categories: of the merchants whose sales count; none: all.
    """

    name: str
    first_day: int
    last_day: int
    rate_numerator: int
    rate_denominator: int
    minimum: int
    cap: int
    budget: int
    expiry_month: int = BY_POLICY
    categories: tuple[int, ...] = ()
