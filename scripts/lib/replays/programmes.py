"""Rebuilds programmes from events alone: budgets, batches, who was granted what, what was revoked.

    replay = ProgrammesReplay(service)
    for event in events: replay.apply(event)        # of the service, of its series and of ResidentRegistry
    replay.granted[occurrence, number]

A RowsRun says how many rows of a batch were granted; which residents these are and what they got, tell the
Transfers of the series between the service's last Minted and it: they come in the order of the list. The rows
that RowSkipped names are not among them. Amounts are points, a fiscal year is named by its last month.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from scripts.lib.expiry_rule import ExpiryRule, expiry_month
from scripts.lib.grant_issue import GrantIssue
from scripts.lib.japan_calendar import fiscal_year_end, month_of
from scripts.lib.node.event_log import Event, to_address
from scripts.lib.replays.error import ReplayError, unknown

_ZERO_ADDRESS = "0x" + "0" * 40


class ReplayedProgramme(NamedTuple):
    """A programme as it was opened; see IGrantProgrammes.ProgrammeTerms."""

    municipality: int
    series: str
    name: str
    place: str
    first: int
    last: int
    points: int
    cap: int
    rule: int
    months: int


class Granted(NamedTuple):
    """One grant: which row of which batch it was, and where its points went."""

    batch: int
    row: int
    account: str
    points: int


@dataclass
class ReplayedBatch:
    """A batch as the events tell it.

    Attributes:
        rows: how many its list has; `total` what they add up to.
        granted: resident number by row.
    """

    programme: int
    occurrence: int
    root: bytes
    file_hash: bytes
    rows: int
    total: int
    expiry_month: int
    fiscal_year: int
    stopped: bool = False
    granted: dict[int, int] = field(default_factory=dict)
    granted_points: int = 0


@dataclass
class _Mint:
    """The service's last Minted and the Transfers since."""

    event: Event
    transfers: list[tuple[str, int]] = field(default_factory=list)


@dataclass
class ProgrammesReplay:
    """All programmes of one service as their events tell them.

    Attributes:
        service: address of GrantProgrammes.
        budgets: points by programme and fiscal year; `reserved` what its batches take of them.
        occurrences: programme and label by number.
        granted: by occurrence and resident number.
        in_year: what a resident was granted by programme, fiscal year and number, less what was taken back.
        revoked: taken back and receivable by batch and row.
    """

    service: str
    programmes: dict[int, ReplayedProgramme] = field(default_factory=dict)
    budgets: Counter[tuple[int, int]] = field(default_factory=Counter)
    reserved: Counter[tuple[int, int]] = field(default_factory=Counter)
    occurrences: dict[int, tuple[int, str]] = field(default_factory=dict)
    batches: dict[int, ReplayedBatch] = field(default_factory=dict)
    granted: dict[tuple[int, int], Granted] = field(default_factory=dict)
    in_year: Counter[tuple[int, int, int]] = field(default_factory=Counter)
    revoked: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    _numbers: dict[tuple[int, str], int] = field(default_factory=dict)
    """Of every account that is or was a resident's, by municipality and account."""
    _closed: dict[str, str] = field(default_factory=dict)
    """Successors by the series that was closed for them."""
    _skipped: set[int] = field(default_factory=set)
    """Rows of the run that is being told."""
    _mint: _Mint | None = None

    def apply(self, event: Event) -> None:
        """Take in the next event; those of contracts that have nothing to do with grants are passed over.

        Raises:
            ReplayError: it contradicts the events before it.
        """
        a = event.arguments
        if event.address == self.service:
            self._apply_own(event)
            return
        match event.name:
            case "ResidentRegistered":
                self._numbers[a["municipality"], a["account"]] = a["number"]
            case "AccountReplaced":
                # An heir keeps the number that it has.
                self._numbers.setdefault((a["municipality"], a["newAccount"]), a["number"])
            case "SeriesClosed":
                self._closed[event.address] = a["successor"]
            case "Minted":
                before, self._mint = self._mint, _Mint(event) if a["minter"] == self.service else None
                _require_none(before)
            case "Transfer" if a["from"] == _ZERO_ADDRESS and self._mint is not None:
                self._mint.transfers.append((a["to"], a["value"]))

    def finish(self) -> None:
        """Say that the last transaction is complete.

        Raises:
            ReplayError: the service minted for no row of a list, be it no points at all.
        """
        mint, self._mint = self._mint, None
        _require_none(mint)

    def _apply_own(self, event: Event) -> None:
        a = event.arguments
        match event.name:
            case "ProgrammeOpened":
                self._open(event, a["municipality"], a["programme"], a["terms"])
            case "ProgrammeFollowed":
                self._follow(event, a["programme"], a["series"])
            case "BudgetSet":
                self._set_budget(event, (a["programme"], a["fiscalYear"]), a["points"])
            case "OccurrenceOpened":
                self._open_occurrence(event, a["programme"], a["occurrence"], a["label"])
            case "BatchApproved":
                self._approve(event, a["batch"], a["terms"])
            case "BatchStopped":
                self._stop(event, self._alive(event), a["releasedPoints"])
            case "RowSkipped":
                self._skip(event, self._alive(event), a["row"], a["number"], GrantIssue(a["issue"]))
            case "RowsRun":
                self._run(event, self._alive(event), a["firstRow"], a["rows"])
            case "GrantRevoked":
                self._revoke(event, a["batch"], a["row"], a["takenPoints"], a["receivablePoints"])
            case _:
                raise unknown(event)

    # ------------------------------------------------------------- programmes

    def _open(self, event: Event, municipality: int, number: int, terms: Any) -> None:
        if number != len(self.programmes) + 1:
            raise ReplayError(event, f"the next programme is {len(self.programmes) + 1}")
        series, name, place, first, last, points, cap, rule, months, _ = terms
        self.programmes[number] = ReplayedProgramme(
            municipality, to_address(series), name, place, first, last, points, cap, rule, months
        )

    def _follow(self, event: Event, number: int, series: str) -> None:
        programme = self.programmes.get(number)
        if programme is None:
            raise ReplayError(event, "there is no such programme")
        if self._closed.get(programme.series) != series:
            raise ReplayError(event, f"the series {programme.series} was not closed for this one")
        self.programmes[number] = programme._replace(series=series)

    def _set_budget(self, event: Event, key: tuple[int, int], points: int) -> None:
        if key[0] not in self.programmes:
            raise ReplayError(event, "there is no such programme")
        if points < self.reserved[key]:
            raise ReplayError(event, f"{self.reserved[key]} are reserved")
        self.budgets[key] = points

    def _open_occurrence(self, event: Event, programme: int, number: int, label: str) -> None:
        if number != len(self.occurrences) + 1 or programme not in self.programmes:
            raise ReplayError(event, f"no such programme, or the next is {len(self.occurrences) + 1}")
        if (programme, label) in self.occurrences.values():
            raise ReplayError(event, "an occurrence of this label had been opened")
        self.occurrences[number] = (programme, label)

    # ---------------------------------------------------------------- batches

    def _approve(self, event: Event, number: int, terms: Any) -> None:
        a = event.arguments
        root, rows, total, file_hash = terms
        programme, occurrence, year = a["programme"], a["occurrence"], a["fiscalYear"]
        known = self.occurrences.get(occurrence)
        if number != len(self.batches) + 1 or known is None or known[0] != programme:
            raise ReplayError(event, f"no such occurrence, or the next batch is {len(self.batches) + 1}")
        if year != fiscal_year_end(month_of(event.time)):
            raise ReplayError(event, "it is for another fiscal year")
        its = self.programmes[programme]
        expected = expiry_month(ExpiryRule(its.rule), its.months, month_of(event.time))
        if a["expiryMonth"] != expected:
            raise ReplayError(event, f"the programme's points end with {expected}")
        key = (programme, year)
        self.reserved[key] += total
        if self.reserved[key] > self.budgets[key]:
            raise ReplayError(event, f"the budget is {self.budgets[key]}, reserved {self.reserved[key]}")
        self.batches[number] = ReplayedBatch(
            programme, occurrence, root, file_hash, rows, total, a["expiryMonth"], year
        )

    def _stop(self, event: Event, batch: ReplayedBatch, released: int) -> None:
        if released != batch.total - batch.granted_points:
            raise ReplayError(event, f"it had granted {batch.granted_points} of {batch.total}")
        batch.stopped = True
        self.reserved[batch.programme, batch.fiscal_year] -= released

    def _alive(self, event: Event) -> ReplayedBatch:
        batch = self.batches.get(event.arguments["batch"])
        if batch is None or batch.stopped:
            raise ReplayError(event, "there is no such batch, or it was stopped")
        if fiscal_year_end(month_of(event.time)) != batch.fiscal_year:
            raise ReplayError(event, "the batch had died")
        return batch

    # --------------------------------------------------------------- granting

    def _skip(self, event: Event, batch: ReplayedBatch, row: int, number: int, issue: GrantIssue) -> None:
        # One who stands twice in a branch is told to be granted before the row of the same run that does it.
        if issue != GrantIssue.ALREADY_GRANTED and (batch.occurrence, number) in self.granted:
            raise ReplayError(event, "the resident had been granted before")
        self._skipped.add(row)

    def _run(self, event: Event, batch: ReplayedBatch, first: int, rows: int) -> None:
        a = event.arguments
        skipped, self._skipped = self._skipped, set()
        transfers = self._transfers(event, batch) if a["grantedRows"] else []
        if self._mint is not None and not self._mint.transfers:
            self._mint = None  # the series skipped every row
        # Counted before they are listed: a forged event tells of as many as it likes.
        kept = rows - sum(first <= row < first + rows for row in skipped)
        if first + rows > batch.rows or not kept == len(transfers) == a["grantedRows"]:
            raise ReplayError(event, f"{kept} rows were not skipped, {len(transfers)} were granted")
        places = [row for row in range(first, first + rows) if row not in skipped]
        if sum(points for _, points in transfers) != a["grantedPoints"]:
            raise ReplayError(event, f"the series granted {transfers}")
        for row, (account, points) in zip(places, transfers, strict=True):
            self._grant(event, batch, row, account, points)
        if batch.granted_points > batch.total:
            raise ReplayError(event, f"{batch.granted_points} were granted of {batch.total}")

    def _transfers(self, event: Event, batch: ReplayedBatch) -> list[tuple[str, int]]:
        """Return what the series granted to whom since the run before."""
        mint, self._mint = self._mint, None
        if mint is None or mint.event.transaction != event.transaction:
            raise ReplayError(event, "no Minted of this service stands before it")
        if mint.event.address != self.programmes[batch.programme].series:
            raise ReplayError(event, f"the points are of {mint.event.address}")
        if mint.event.arguments["expiryMonth"] != batch.expiry_month:
            raise ReplayError(event, f"the points end with {mint.event.arguments['expiryMonth']}")
        return mint.transfers

    def _grant(self, event: Event, batch: ReplayedBatch, row: int, account: str, points: int) -> None:
        programme = self.programmes[batch.programme]
        number = self._numbers.get((programme.municipality, account))
        if number is None:
            raise ReplayError(event, f"{account} is no resident's")
        if (batch.occurrence, number) in self.granted:
            raise ReplayError(event, f"resident {number} had been granted for this occurrence")
        if programme.points not in (0, points):
            raise ReplayError(event, f"the programme grants {programme.points}")
        key = (batch.programme, batch.fiscal_year, number)
        self.in_year[key] += points
        if programme.cap and self.in_year[key] > programme.cap:
            raise ReplayError(event, f"resident {number} has {self.in_year[key]} of {programme.cap}")
        self.granted[batch.occurrence, number] = Granted(event.arguments["batch"], row, account, points)
        batch.granted[row] = number
        batch.granted_points += points

    # --------------------------------------------------------------- revoking

    def _revoke(self, event: Event, batch: int, row: int, taken: int, receivable: int) -> None:
        record, number = self.batches.get(batch), event.arguments["number"]
        if record is None or record.granted.get(row) != number:
            raise ReplayError(event, "the batch has not granted this row to this resident")
        before = self.revoked.get((batch, row), (0, 0))
        now = (before[0] + taken, before[1] + receivable)
        points = self.granted[record.occurrence, number].points
        if sum(now) > points:
            raise ReplayError(event, f"the grant was {points}, revoked before {before}")
        self.revoked[batch, row] = now
        self.in_year[record.programme, record.fiscal_year, number] -= taken


def _require_none(mint: _Mint | None) -> None:
    """Check that no Minted of the service is left without its rows."""
    if mint is not None:
        raise ReplayError(mint.event, "the service minted points for no row of a list")
