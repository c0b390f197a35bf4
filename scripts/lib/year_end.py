"""What is fixed of a fiscal year when its books close (IMerchantSettlement.YearEnd), in points."""

from __future__ import annotations

from typing import Any, NamedTuple


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

    def differences(self) -> dict[str, tuple[int, int]]:
        """Return what does not add up, by name: points in and out of residents' hands, and owed and paid."""
        told = self.told
        made = told.granted + told.exchanged + told.bonus + told.restored
        sides = {
            "in = out": (
                self.carried_in + made + told.refunded,
                told.used + self.lapsed + told.revoked + told.carried_over,
            ),
            "owed = paid": (
                self.owed_in + told.used + self.reopened,
                told.refunded + self.settled + self.owed_over,
            ),
        }
        return {name: side for name, side in sides.items() if side[0] != side[1]}
