"""For how long a series' sales can be paid and refunded."""

from __future__ import annotations

from typing import NamedTuple


class SaleTerms(NamedTuple):
    """The terms of a series, in days of Japan, as IMunicipalPoint.SaleTerms has them.

    Attributes:
        payable_days: a sale can be paid on its own day and so many days after, at most 365: what a shop
            without a line may keep in its queue.
        refund_days: a sale can be refunded so many days longer.
        ring_days: the word of a sale is used again after so many days; more than the other two together, at
            most 1,000.
    """

    payable_days: int = 7
    refund_days: int = 30
    ring_days: int = 45
