"""What is fixed of a fiscal year when its books close (IMerchantSettlement.YearEnd), in points."""

from __future__ import annotations

from typing import Any, NamedTuple

from scripts.lib.japan_calendar import fiscal_year_end


class YearFigures(NamedTuple):
    """What officers tell, out of the events; gross, and without what partners owe."""

    granted: int
    exchanged: int
    bonus: int
    restored: int
    used: int
    refunded: int
    revoked: int
    carried_over: int


MONTHS_UNTIL_CLOSE = 2
"""The books of a fiscal year stay open for so many months after it, until 31 May."""


def earliest_open_year(month: int) -> int:
    """Return the March of the earliest fiscal year whose books are open in a month."""
    return fiscal_year_end(month - MONTHS_UNTIL_CLOSE)


class CarriedPoints(NamedTuple):
    """What came from and went to other series in a fiscal year's books (IMunicipalPoint.CarriedPoints)."""

    lots_in: int = 0
    lots_out: int = 0
    claims_in: int = 0
    claims_out: int = 0

    def plus(self, other: CarriedPoints) -> CarriedPoints:
        """Return the sum of both."""
        return CarriedPoints(*(one + more for one, more in zip(self, other, strict=True)))


NOTHING_CARRIED = CarriedPoints()


class YearEnd(NamedTuple):
    """A closed fiscal year: what officers told, and what the chain knows itself.

    Attributes:
        owed_in, owed_over: owed to merchants by the books of the year before, and of this one.
        past_years: of `settled`, what was sold in years whose books had closed.
        reopened: paid, and come back.
    """

    told: YearFigures
    carried_in: int
    lapsed: int
    owed_in: int
    settled: int
    past_years: int
    reopened: int
    owed_over: int

    @classmethod
    def of(cls, answer: Any) -> YearEnd:
        """Return what the contract says, as view and event give it."""
        told, *rest = answer
        return cls(YearFigures(*told), *rest)

    def differences(self, carried: CarriedPoints = NOTHING_CARRIED) -> dict[str, tuple[int, int]]:
        """Return what does not add up, by name: points in and out of residents' hands, and owed and paid.

        Args:
            carried: from and to the series before and after.
        """
        told = self.told
        made = told.granted + told.exchanged + told.bonus + told.restored
        sides = {
            "in = out": (
                self.carried_in + made + told.refunded + carried.lots_in,
                told.used + self.lapsed + told.revoked + told.carried_over + carried.lots_out,
            ),
            "owed = paid": (
                self.owed_in + told.used + self.reopened + carried.claims_in,
                told.refunded + self.settled + self.owed_over + carried.claims_out,
            ),
        }
        return {name: side for name, side in sides.items() if side[0] != side[1]}
