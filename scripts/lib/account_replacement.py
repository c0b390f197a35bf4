"""An account that is being replaced, and an objection to it: what officers and residents read alike.

A replacement moves a membership to a new account of the same person; an inheritance moves its points to
another resident. Both wait, so that the account can say no, once in 365 days; see IResidentRegistry.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

DAY_SECONDS = 24 * 60 * 60
DELAY_SECONDS = 3 * DAY_SECONDS
LONG_DELAY_SECONDS = 14 * DAY_SECONDS
"""A second round and an inheritance take so long, and an account that has objected stays blocked so long."""
OBJECTION_SECONDS = 365 * DAY_SECONDS
"""The constants of ResidentRegistry."""

_Event = TypeVar("_Event")


class UnderWay(NamedTuple):
    """What is under way for a membership; see IResidentRegistry.Replacement. Times are Unix seconds."""

    new_account: str
    ready_at: int
    round: int
    heir_number: int

    @property
    def started_at(self) -> int:
        """When it began, which the register tells by how long it waits."""
        is_long = self.round == 2 or self.heir_number != 0
        return self.ready_at - (LONG_DELAY_SECONDS if is_long else DELAY_SECONDS)


def last_objection(told: Iterable[tuple[_Event, str, Mapping[str, Any]]]) -> _Event | None:
    """Return the latest objection after which the membership has not moved; None if there is none.

    Args:
        told: the membership's ReplacementStopped and AccountReplaced, the earliest first: the event, its name
            and its arguments.
    """
    objected = None
    for event, name, arguments in told:
        if name == "AccountReplaced":
            objected = None
        elif arguments["byOldKey"]:
            objected = event
    return objected
