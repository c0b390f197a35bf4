"""Feeds a replay with events that may contradict each other: each contradiction is told, the rest goes on.

Whoever owns a node can have it tell anything. So an audit ends with a verdict whatever it was told: an event
at which a replay does not even know what to say, such as one with the number of no office, is a contradiction
like the others.
"""

from __future__ import annotations

from collections.abc import Callable

from scripts.lib.node.event_log import Event
from scripts.lib.replays.error import unknown
from scripts.lib.replays.everything import Replay, ReplayError

Find = Callable[[ReplayError], None]


def take(replay: Replay, event: Event, find: Find) -> bool:
    """Take in the next event; return whether it can be."""
    complete(lambda: replay.begin(event.transaction), find)
    try:
        replay.apply(event)
    except ReplayError as error:
        find(error)
    except (ArithmeticError, LookupError, TypeError, ValueError):
        find(unknown(event))
    else:
        return True
    replay.drop_pending(event.address)
    return False


def complete(step: Callable[[], None], find: Find) -> None:
    """End a transaction; all that it lacks is found, of which each is told once."""
    while True:
        try:
            step()
        except ReplayError as error:
            find(error)
            continue
        return
