"""Feeds a replay with events that may contradict each other: each contradiction is told, the rest goes on."""

from __future__ import annotations

from collections.abc import Callable

from scripts.lib.node.event_log import Event
from scripts.lib.replays.everything import Replay, ReplayError

Find = Callable[[ReplayError], None]


def take(replay: Replay, event: Event, find: Find) -> None:
    """Take in the next event."""
    complete(lambda: replay.begin(event.transaction), find)
    try:
        replay.apply(event)
    except ReplayError as error:
        find(error)
        replay.drop_pending(event.address)


def complete(step: Callable[[], None], find: Find) -> None:
    """End a transaction; all that it lacks is found, of which each is told once."""
    while True:
        try:
            step()
        except ReplayError as error:
            find(error)
            continue
        return
