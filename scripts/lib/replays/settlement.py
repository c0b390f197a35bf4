"""Rebuilds settlement from events alone: batches, their claims, whose books paid what, closed years.

    replay = SettlementReplay(service)
    for event in events: replay.apply(event)        # of the service and of the series that it serves
    replay.batches[3].claims

The claims of a batch are the ClaimLocked of its series before its BatchApproved, in one transaction. What a
later step moves, the series has to tell claim by claim in the transaction of that step, and nothing else.
How claims move points is rebuilt in scripts.lib.replays.series. Amounts are points.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from scripts.lib.claim_word import CHUNK, ClaimPart
from scripts.lib.japan_calendar import fiscal_year_end, month_of, start_of
from scripts.lib.node.event_log import Event
from scripts.lib.replays.error import ReplayError, unknown

_MONTHS_UNTIL_CLOSED = 3


@dataclass
class ReplayedBatch:
    """A batch as the events tell it.

    Attributes:
        state: "approved", "sent", "settled" or "cancelled".
        claims: as they were locked. `bounced` and `reopened` hold their numbers.
        file: hash of the transfer file.
    """

    municipality: int
    series: str
    fiscal_year: int
    cut_off: int
    claims: list[ClaimPart]
    state: str = "approved"
    bounced: set[int] = field(default_factory=set)
    reopened: set[int] = field(default_factory=set)
    file: bytes = b""

    def remaining(self) -> list[ClaimPart]:
        """Return the claims that are neither empty nor owed again."""
        back = self.bounced | self.reopened
        return [claim for place, claim in enumerate(self.claims) if claim.points and place not in back]


class _Move(NamedTuple):
    """What a series tells of one claim, by the name of its event; of a settled one all is in `this_year`."""

    told: str
    series: str
    part: ClaimPart


@dataclass
class SettlementReplay:
    """The service as its events tell it.

    Attributes:
        service: its address (checksummed).
        settled: by (series, fiscal year), paid by those books.
        past_years: of those, for sales of years whose books had closed.
        reopened: by (series, fiscal year), come back.
        requests: by (series, merchant), the time of the last.
        year_ends: by (series, fiscal year), the figures that were fixed, as the event has them.
        papers: by (municipality, paper), the batch that it was used for.
    """

    service: str
    batches: dict[int, ReplayedBatch] = field(default_factory=dict)
    settled: Counter[tuple[str, int]] = field(default_factory=Counter)
    past_years: Counter[tuple[str, int]] = field(default_factory=Counter)
    reopened: Counter[tuple[str, int]] = field(default_factory=Counter)
    requests: dict[tuple[str, str], int] = field(default_factory=dict)
    year_ends: dict[tuple[str, int], Any] = field(default_factory=dict)
    papers: dict[tuple[int, bytes], int] = field(default_factory=dict)
    _serves: set[str] = field(default_factory=set)
    """Series that have named this service."""
    _last_return: tuple[str, tuple[int, bytes]] | None = None
    _locked: defaultdict[str, list[ClaimPart]] = field(default_factory=lambda: defaultdict(list))
    """By series, what this transaction has locked and no batch has taken yet."""
    _due: Counter[_Move] = field(default_factory=Counter)
    """What series have still to tell in this transaction."""
    _last: Event | None = None

    def apply(self, event: Event) -> None:
        """Take in the next event; events of series that do not concern settlement are passed over.

        Raises:
            ReplayError: it contradicts the events before it.
        """
        if self._last is not None and self._last.transaction != event.transaction:
            self.finish()
        a = event.arguments
        if event.address != self.service:
            self._apply_series(event)
            return
        self._last = event
        match event.name:
            case "SettlementRequested":
                self.requests[a["series"], a["merchant"]] = event.time
            case "BatchApproved":
                self._approve(event)
            case "BatchCancelled":
                batch = self._step(event, "approved")
                batch.state = "cancelled"
                self._expect(event, "ClaimUnlocked", batch, batch.remaining())
            case "BatchSent":
                batch = self._step(event, "approved")
                self._use(event, a["fileHash"])
                batch.state, batch.file = "sent", a["fileHash"]
            case "BatchSettled":
                self._settle(event)
            case "ClaimsBounced":
                self._come_back(event, "sent")
            case "ClaimsReopened":
                self._come_back(event, "settled")
            case "YearClosed":
                self._close(event)
            case _:
                raise unknown(event)

    def finish(self) -> None:
        """Say that the last transaction is complete.

        Raises:
            ReplayError: series and service do not tell the same of it.
        """
        last, self._last = self._last, None
        locked, due = dict(self._locked), Counter(self._due)
        self._locked.clear()
        self._due.clear()
        if last is not None and (due or any(locked.values())):
            raise ReplayError(last, f"locked without a batch {locked}, not told by the series {due}")

    def _apply_series(self, event: Event) -> None:
        a = event.arguments
        if event.name == "SettlementSet":
            (self._serves.add if a["service"] == self.service else self._serves.discard)(event.address)
        if event.address not in self._serves:
            return
        match event.name:
            case "ClaimLocked":
                part = ClaimPart(a["merchant"], a["thisYearPoints"], a["earlierYearsPoints"])
                self._locked[event.address].append(part)
                self._last = event
            case "ClaimUnlocked" | "ClaimReopened":
                part = ClaimPart(a["merchant"], a["thisYearPoints"], a["earlierYearsPoints"])
                self._take_due(event, part)
            case "Settled":
                self._take_due(event, ClaimPart(a["merchant"], a["amountPoints"]))

    def _take_due(self, event: Event, part: ClaimPart) -> None:
        move = _Move(event.name, event.address, part)
        if self._due[move] == 0:
            raise ReplayError(event, "no step of a batch before it calls for it")
        self._due[move] -= 1
        self._due += Counter()  # without what is done

    def _expect(self, event: Event, told: str, batch: ReplayedBatch, claims: Iterable[ClaimPart]) -> None:
        """Expect the series to tell of each claim, with its parts in the years that they are of by now."""
        has_aged = batch.fiscal_year != fiscal_year_end(month_of(event.time))
        for claim in claims:
            if told == "Settled":
                part = ClaimPart(claim.merchant, claim.points)
            elif has_aged:
                part = ClaimPart(claim.merchant, 0, claim.points)
            else:
                part = claim
            self._due[_Move(told, batch.series, part)] += 1

    def _approve(self, event: Event) -> None:
        a = event.arguments
        claims = self._locked.pop(a["series"], [])
        told = (a["claimCount"], a["thisYearPoints"], a["earlierYearsPoints"])
        found = (len(claims), sum(part.this_year for part in claims), sum(p.earlier_years for p in claims))
        if told != found:
            raise ReplayError(event, f"the claims locked before it come to {found}")
        if a["batch"] != len(self.batches) + 1:
            raise ReplayError(event, f"{len(self.batches)} batches came before it")
        self.batches[a["batch"]] = ReplayedBatch(
            a["municipality"], a["series"], a["fiscalYear"], a["cutOff"], claims
        )

    def _step(self, event: Event, state: str) -> ReplayedBatch:
        batch = self.batches.get(event.arguments["batch"])
        if batch is None or batch.state != state:
            raise ReplayError(event, f"the batch was not {state}: {batch and batch.state}")
        return batch

    def _use(self, event: Event, paper: bytes) -> None:
        key = (event.arguments["municipality"], paper)
        if key in self.papers:
            raise ReplayError(event, f"the paper was used for batch {self.papers[key]}")
        self.papers[key] = event.arguments["batch"]

    def _settle(self, event: Event) -> None:
        a = event.arguments
        batch = self._step(event, "sent")
        self._use(event, a["paper"])
        remaining = batch.remaining()
        found = (sum(p.this_year for p in remaining), sum(p.earlier_years for p in remaining))
        if found != (a["thisYearPoints"], a["earlierYearsPoints"]):
            raise ReplayError(event, f"what had not come back comes to {found}")
        batch.state = "settled"
        self._expect(event, "Settled", batch, remaining)
        for sold_in, book, points in (
            (batch.fiscal_year, a["thisYearBook"], a["thisYearPoints"]),
            (batch.fiscal_year - 12, a["earlierYearsBook"], a["earlierYearsPoints"]),
        ):
            if not points:
                continue
            if book != _books_of_payment(sold_in, batch.fiscal_year, event.time):
                raise ReplayError(event, f"the books of {book} do not bear it")
            self.settled[batch.series, book] += points
            if book != sold_in:
                self.past_years[batch.series, book] += points

    def _come_back(self, event: Event, state: str) -> None:
        a = event.arguments
        batch = self._step(event, state)
        # One paper may name claims of several chunks, but in one act only.
        act = (event.transaction, (a["municipality"], a["paper"]))
        if self._last_return != act:
            self._use(event, a["paper"])
        self._last_return = act
        numbers = set(_numbers(a["chunk"], a["places"]))
        if any(number >= len(batch.claims) or not batch.claims[number].points for number in numbers):
            raise ReplayError(event, "it names claims that hold nothing")
        if numbers & (batch.bounced | batch.reopened):
            raise ReplayError(event, "some of the claims had come back before")
        told = "ClaimUnlocked" if state == "sent" else "ClaimReopened"
        self._expect(event, told, batch, (batch.claims[number] for number in numbers))
        if state == "sent":
            batch.bounced |= numbers
            return
        batch.reopened |= numbers
        for number in numbers:
            claim = batch.claims[number]
            for sold_in, points in (
                (batch.fiscal_year, claim.this_year),
                (batch.fiscal_year - 12, claim.earlier_years),
            ):
                if points:
                    self.reopened[batch.series, _books_of_return(sold_in, event.time)] += points

    def _close(self, event: Event) -> None:
        a = event.arguments
        series, year = a["series"], a["fiscalYear"]
        if event.time < start_of(year + _MONTHS_UNTIL_CLOSED) or (series, year) in self.year_ends:
            raise ReplayError(event, "the books were open, or the year was closed before")
        self.year_ends[series, year] = a["yearEnd"]


def _open_books(sold_in: int, time: int) -> int:
    """Return the fiscal year whose books take in what was sold in a fiscal year: its own until 31 May."""
    return sold_in if time < start_of(sold_in + _MONTHS_UNTIL_CLOSED) else fiscal_year_end(month_of(time))


def _books_of_payment(sold_in: int, approved_in: int, time: int) -> int:
    """Return the year whose books pay for sales; an expense of past years is the year's that approved it."""
    open_books = _open_books(sold_in, time)
    return sold_in if open_books == sold_in else _open_books(approved_in, time)


def _books_of_return(sold_in: int, time: int) -> int:
    """Return the year whose books take in what came back: all of earlier years counts as last year's."""
    return _open_books(max(sold_in, fiscal_year_end(month_of(time)) - 12), time)


def _numbers(chunk: int, places: int) -> Iterator[int]:
    """Yield the numbers of the claims for which bits of a chunk stand."""
    for place in range(CHUNK):
        if places >> place & 1:
            yield CHUNK * chunk + place
