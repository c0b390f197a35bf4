"""What settlement did, out of a dataset: batches, whose books paid what, what is in settlement.

Batches and books are rebuilt by the replay of the service (scripts.lib.replays.settlement), which reads the
few events that concern it; what is in settlement is added up from the series' own events.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from scripts.lib.audit.contracts_found import SERIES
from scripts.lib.audit.event_stream import rows_of
from scripts.lib.audit.event_tables import tables_by_name
from scripts.lib.audit.report.event_columns import EventColumns
from scripts.lib.node.event_log import Event
from scripts.lib.replays.error import ReplayError
from scripts.lib.replays.settlement import ReplayedBatch, SettlementReplay
from scripts.lib.year_end import YearEnd

SERVICE = "MerchantSettlement"
_OF_SERIES = ("SettlementSet", "ClaimLocked", "ClaimUnlocked", "ClaimReopened", "Settled")


class OfYear(NamedTuple):
    """What the books of a fiscal year paid: `past_years` of it for older sales; `reopened` came back."""

    settled: int
    past_years: int
    reopened: int


@dataclass
class Settlements:
    """Settlement of all series."""

    replays: list[SettlementReplay] = field(default_factory=list)
    contradictions: int = 0
    _locked: Counter[tuple[str, str]] = field(default_factory=Counter)
    _cut_off: dict[tuple[str, str], int] = field(default_factory=dict)

    def batches_of(self, series: str) -> list[tuple[int, ReplayedBatch]]:
        """Return the batches of a series with their numbers, in order."""
        return [
            (number, batch)
            for replay in self.replays
            for number, batch in sorted(replay.batches.items())
            if batch.series == series
        ]

    def of_year(self, series: str, march: int) -> OfYear:
        """Return what the books of a fiscal year paid for a series."""
        key = (series, march)
        return OfYear(
            sum(each.settled[key] for each in self.replays),
            sum(each.past_years[key] for each in self.replays),
            sum(each.reopened[key] for each in self.replays),
        )

    def closed(self, series: str, march: int) -> YearEnd | None:
        """Return what was fixed when the books of a fiscal year closed; None while they are open."""
        told = (each.year_ends.get((series, march)) for each in self.replays)
        return next((YearEnd.of(answer) for answer in told if answer is not None), None)

    def locked(self, series: str, merchant: str) -> int:
        """Return a merchant's points in settlement."""
        return self._locked[series, merchant]

    def cut_off(self, series: str, merchant: str) -> int:
        """Return the last second until which a merchant was settled; 0 if it never was."""
        return self._cut_off.get((series, merchant), 0)

    def take(self, event: Event) -> None:
        """Take in the next event; what contradicts those before it is verify's to name."""
        for replay in self.replays:
            self.contradictions += _contradicts(replay, event)
        a = event.arguments
        if event.name in ("ClaimLocked", "ClaimUnlocked"):
            points = a["thisYearPoints"] + a["earlierYearsPoints"]
            self._locked[event.address, a["merchant"]] += points if event.name == "ClaimLocked" else -points
        elif event.name == "Settled":
            self._locked[event.address, a["merchant"]] -= a["amountPoints"]

    def note_cut_offs(self) -> None:
        """Note for each merchant until when it was settled; said once, at the end."""
        for replay in self.replays:
            for batch in replay.batches.values():
                if batch.state == "settled":
                    for claim in batch.remaining():
                        key = (batch.series, claim.merchant)
                        self._cut_off[key] = max(self._cut_off.get(key, 0), batch.cut_off)


def _contradicts(replay: SettlementReplay, event: Event) -> bool:
    try:
        replay.apply(event)
    except ReplayError:
        return True
    return False


def read_settlements(columns: EventColumns) -> Settlements:
    """Rebuild settlement from a dataset."""
    contracts = columns.contracts
    found = Settlements([SettlementReplay(each.address) for each in contracts if each.kind == SERVICE])
    names = [name for name in columns.names if name.startswith(SERVICE + ".")]
    names += [f"{SERIES}.{event}" for event in _OF_SERIES]
    events = [event for name in names for event in rows_of(tables_by_name()[name], columns.read(name))]
    for event in sorted(events, key=lambda event: (event.block, event.log_index)):
        found.take(event)
    found.note_cut_offs()
    return found
