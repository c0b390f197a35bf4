"""The partner exchange of some towns and one fiscal year as steps in the order in which they happen.

What it consists of is worked out from the CSV files alone, so that chain and model do the same.
"""

from __future__ import annotations

import hmac
import secrets
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from itertools import groupby

from scripts.lib.exchange.terms import HOLDING_SECONDS, Campaign
from scripts.lib.japan_calendar import day_of, start_of_day
from scripts.lib.replays.exchange import holding_id
from scripts.lib.town_year.exchange_rows import CouponRow, ExchangeRow, Partner, ReceiptRow
from scripts.lib.town_year.folder import TownYear

_REFERENCE_KEY = secrets.token_bytes(32)
_SWEEPING_HOUR = 9 * 60 * 60


class Kind(IntEnum):
    """What a step does; of one second, the lower is taken first."""

    ISSUE = 0
    EXCHANGE = 1
    NAME = 2
    SWEEP = 3
    REDEEM = 4
    CANCEL = 5
    RECEIPT = 6


@dataclass(frozen=True)
class ExchangeStep:
    """One transaction, or one act of officers.

    Attributes:
        year: the town in whose files its rows are; of a sweep, that of the first.
        rows: of one file; several in an issue of coupons and in a sweep.
    """

    time: int
    kind: Kind
    year: TownYear
    rows: tuple[ExchangeRow | CouponRow | ReceiptRow, ...]

    @property
    def exchanges(self) -> list[ExchangeRow]:
        """The rows of exchanges.csv."""
        return [row for row in self.rows if isinstance(row, ExchangeRow)]

    @property
    def coupons(self) -> list[CouponRow]:
        """The rows of coupons.csv."""
        return [row for row in self.rows if isinstance(row, CouponRow)]

    @property
    def receipts(self) -> list[ReceiptRow]:
        """The rows of receipts.csv."""
        return [row for row in self.rows if isinstance(row, ReceiptRow)]


@dataclass(frozen=True)
class ExchangePlan:
    """All of it.

    Attributes:
        years: of towns that accept partners; none if there is no exchange.
    """

    years: list[TownYear]

    @classmethod
    def of(cls, years: Iterable[TownYear]) -> ExchangePlan:
        """Return the plan of some towns."""
        return cls([year for year in years if year.exchange.agreements])

    @property
    def partners(self) -> list[Partner]:
        """In the order in which the council registers them, from number 1."""
        return self.years[0].exchange.partners if self.years else []

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each partner on the chain."""
        return {partner.partner: number for number, partner in enumerate(self.partners, 1)}

    @cached_property
    def steps(self) -> list[ExchangeStep]:
        """What happens, by time."""
        steps: list[ExchangeStep] = []
        for year in self.years:
            rows = year.exchange
            for row in rows.exchanges:
                steps.append(ExchangeStep(row.time, Kind.EXCHANGE, year, (row,)))
                if row.named_at is not None:
                    steps.append(ExchangeStep(row.named_at, Kind.NAME, year, (row,)))
            for coupon in rows.coupons:
                if coupon.redeemed is not None:
                    steps.append(ExchangeStep(coupon.redeemed, Kind.REDEEM, year, (coupon,)))
                if coupon.cancelled is not None:
                    steps.append(ExchangeStep(coupon.cancelled, Kind.CANCEL, year, (coupon,)))
            steps += [
                ExchangeStep(key[0], Kind.ISSUE, year, tuple(issued))
                for key, issued in groupby(sorted(rows.coupons, key=_issue), _issue)
            ]
            steps += [ExchangeStep(row.time, Kind.RECEIPT, year, (row,)) for row in rows.receipts]
        steps += self._sweeps()
        return sorted(steps, key=lambda step: (step.time, step.kind))

    def _sweeps(self) -> list[ExchangeStep]:
        """Return what brings home the points that nobody names, on the morning after they are due."""
        due: defaultdict[int, list[tuple[TownYear, ExchangeRow]]] = defaultdict(list)
        for year in self.years:
            for row in year.exchange.exchanges:
                if row.named_at is None:
                    due[sweep_time(row)].append((year, row))
        return [
            ExchangeStep(time, Kind.SWEEP, rows[0][0], tuple(row for _, row in rows))
            for time, rows in due.items()
        ]

    def holding(self, row: ExchangeRow) -> bytes:
        """Return what the exchange of a row is called on the chain."""
        return holding_id(self.numbers[row.partner], reference(row.reference))


def sweep_time(row: ExchangeRow) -> int:
    """Return when somebody brings the points of an exchange home."""
    return start_of_day(day_of(row.time + HOLDING_SECONDS) + 1) + _SWEEPING_HOUR


def reference(text: str) -> bytes:
    """Return what stands on the chain for a partner's reference, in this run: nobody can try it out later."""
    return hmac.digest(_REFERENCE_KEY, text.encode(), "sha256")


def campaigns(year: TownYear) -> list[tuple[str, Campaign]]:
    """Return the campaigns of a town by partner, as the contract takes them."""
    return [
        (
            row.partner,
            Campaign(
                row.start,
                row.until,
                row.numerator,
                row.denominator,
                row.budget,
                is_paid_by_partner=row.is_paid_by_partner,
            ),
        )
        for row in year.exchange.campaigns
    ]


def allowance(year: TownYear) -> int:
    """Return what the exchange may mint in a town: all that partners may owe, and its own campaigns."""
    limits = sum(agreement.terms.outstanding_limit for agreement in year.exchange.agreements)
    return limits + sum(row.budget for row in year.exchange.campaigns)


def _issue(row: CouponRow) -> tuple[int, str, bool, int]:
    """Coupons of one issue are one transaction."""
    return row.issued, row.partner, row.is_for_any_town, row.valid_until
