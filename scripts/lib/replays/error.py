"""What a replay says of events that cannot be."""

from __future__ import annotations

from scripts.lib.node.event_log import Event


class ReplayError(Exception):
    """The events contradict each other.

    Attributes:
        event: the one that cannot be.
        why: what the events before it say.
    """

    def __init__(self, event: Event, why: str) -> None:
        self.event = event
        self.why = why
        arguments = ", ".join(f"{name}={value}" for name, value in event.arguments.items())
        super().__init__(f"{event.name}({arguments}) of {event.address} in block {event.block}: {why}")


def unknown(event: Event) -> ReplayError:
    """Return the error for an event that the replay has no meaning for."""
    return ReplayError(event, "this replay does not know what it means")
