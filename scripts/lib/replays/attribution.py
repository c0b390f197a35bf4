"""Whose points a lot holds: the published rule of attribution (docs/decisions/0005), worked out from events.

Within one month's lot, first in, first out. So each lot is a queue of pieces, each with where it came from:

- What comes in stands behind what is there; what is paid, transferred or revoked by the desk leaves in front.
- What a refund brings back stands where it was taken from: in front, the piece that left last first.
- Points that move to another account or month keep their order and stand behind what is there.
- What a minter takes back leaves its own pieces; a revoked grant leaves that grant's pieces.

    attribution = Attribution(service)
    for event in events: attribution.apply(event)
    attribution.left_of(GrantSource(batch=3, row=17))     # {account: points}

This is what the act of revoking is planned with. `overdrawn` lists every taking that went beyond the rule:
the contract cannot know it, so whoever reads the events looks.

Amounts are points, months count from January 2000 = 0.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from scripts.lib.japan_calendar import month_of
from scripts.lib.node.event_log import Event

_ZERO_ADDRESS = "0x" + "0" * 40
_LOT_POINTS_BITS = 29


class GrantSource(NamedTuple):
    """A row of a batch of GrantProgrammes."""

    batch: int
    row: int


class MintSource(NamedTuple):
    """Whatever else a minter granted."""

    minter: str


class OtherSource(NamedTuple):
    """Points that nobody minted: restored ones."""

    what: str


Source = GrantSource | MintSource | OtherSource


@dataclass
class Piece:
    """Points of one source in a lot."""

    source: Source
    points: int


class Overdraft(NamedTuple):
    """A taking that went beyond what the rule leaves of its source.

    Attributes:
        taken: what was taken, of which the source had `left`.
    """

    event: Event
    source: Source
    left: int
    taken: int


class LotQueue:
    """One account's lot of one month, piece by piece, the first to leave first."""

    def __init__(self, pieces: Iterable[Piece] = ()) -> None:
        self.pieces: deque[Piece] = deque(pieces)

    @property
    def points(self) -> int:
        """What the lot holds."""
        return sum(piece.points for piece in self.pieces)

    def receive(self, piece: Piece) -> None:
        """Put points behind what is there."""
        self.pieces.append(piece)

    def take(self, points: int) -> list[Piece]:
        """Take points from the front; return the pieces they were, in the order in which they left.

        Raises:
            ValueError: the lot holds less.
        """
        taken = []
        while points:
            if not self.pieces:
                raise ValueError(f"{points} points are missing")
            taken.append(self._split(self.pieces[0], points))
            points -= taken[-1].points
        return taken

    def give_back(self, pieces: Iterable[Piece]) -> None:
        """Put pieces back in front; those that left last come first, so that they stand as they did."""
        for piece in pieces:
            self.pieces.appendleft(piece)

    def left_of(self, source: Source) -> int:
        """Return what the lot holds of a source."""
        return sum(piece.points for piece in self.pieces if piece.source == source)

    def take_of(self, source: Source, points: int) -> int:
        """Take up to so many points of one source; return how many it had."""
        taken = 0
        for piece in [piece for piece in self.pieces if piece.source == source]:
            taken += self._split(piece, points - taken).points
            if taken == points:
                break
        return taken

    def _split(self, piece: Piece, points: int) -> Piece:
        """Take points out of one of the pieces, at most all of it."""
        part = Piece(piece.source, min(points, piece.points))
        piece.points -= part.points
        if not piece.points:
            # By identity: equal pieces may stand in one lot.
            self.pieces = deque(other for other in self.pieces if other is not piece)
        return part


@dataclass
class Attribution:
    """The lots of every account of some series, piece by piece.

    Args:
        service: address of GrantProgrammes, whose grants are told apart.

    Attributes:
        overdrawn: takings beyond the rule, in the order of the chain.
    """

    service: str
    overdrawn: list[Overdraft] = field(default_factory=list)
    _lots: defaultdict[tuple[str, str], defaultdict[int, LotQueue]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(LotQueue))
    )
    """By series and account, then by month."""
    _merchants: set[tuple[str, str]] = field(default_factory=set)
    _mint: Event | None = None
    _minted: list[Piece] = field(default_factory=list)
    _skipped: set[int] = field(default_factory=set)
    _announced: list[str] = field(default_factory=list)
    """Names of the events before a Transfer that is theirs."""
    _between: dict[tuple[str, int], list[Piece]] = field(default_factory=dict)
    """By account and month, lots that have left a series and not reached its successor yet."""
    _sale: tuple[str, str, int] | None = None
    _paid: dict[tuple[str, str, int], list[tuple[int, Piece]]] = field(default_factory=dict)
    """By series, merchant and sale: month and piece of what it was paid with, in the order of leaving."""
    _taken: Event | None = None

    def left_of(self, source: Source) -> dict[str, int]:
        """Return what accounts hold of a source, in lots that have not been taken off the books."""
        left: Counter[str] = Counter()
        for (_, account), queues in self._lots.items():
            if points := sum(queue.left_of(source) for queue in queues.values()):
                left[account] += points
        return dict(left)

    def left_by_month(self, source: Source, series: str, account: str) -> dict[int, int]:
        """Return what an account holds of a source, by the month that its lot, extended or not, ends with."""
        left = {month: queue.left_of(source) for month, queue in self._lots[series, account].items()}
        return {month: points for month, points in left.items() if points}

    def lot_of(self, series: str, account: str, month: int) -> list[Piece]:
        """Return the pieces of a lot, the first to leave first."""
        return list(self._lots[series, account][month].pieces)

    def apply(self, event: Event) -> None:
        """Take in the next event of a series or of the service; others are passed over."""
        a = event.arguments
        if event.address == self.service:
            self._apply_service(event)
            return
        series = event.address
        match event.name:
            case "MerchantApproved" | "MerchantCarriedIn":
                self._merchants.add((series, a["merchant"]))
            case "Minted":
                self._mint, self._minted = event, []
            case "Transfer":
                self._transfer(event, a["from"], a["to"], a["value"])
            case "Lapsed":
                self._lots[series, a["account"]].pop(a["expiryMonth"], None)
                self._announced.append(event.name)
            case "LotExtended":
                account = (series, a["account"])
                self._move(account, a["fromMonth"], account, a["toMonth"])
            case "LotRestored":
                piece = Piece(OtherSource("restored"), a["amountPoints"])
                self._lots[series, a["account"]][a["toMonth"]].receive(piece)
                self._announced.append(event.name)
            case "Revoked":
                self._lots[series, a["account"]][a["expiryMonth"]].take(a["amountPoints"])
                self._announced.append(event.name)
            case "TakenBack":
                self._take_back(event)
                self._announced.append(event.name)
            case "Carried":
                self._carry(event, a["from"], a["to"])
                self._announced.append(event.name)
            case "LotCarriedOut":
                account, month = a["account"], a["expiryMonth"]
                lot = self._lots[series, account].pop(month, LotQueue())
                self._between[account, month] = lot.take(a["amountPoints"])
                self._announce_once(event)
            case "LotCarriedIn":
                for piece in self._between.pop((a["account"], a["expiryMonth"])):
                    self._lots[series, a["account"]][a["expiryMonth"]].receive(piece)
                self._announce_once(event)
            case "ClaimCarriedOut" | "ClaimCarriedIn":
                self._announced.append(event.name)
            case "SalePaid":
                self._sale_paid(event)
            case "SaleRefunded":
                self._refund(event)

    def _announce_once(self, event: Event) -> None:
        """Expect one Transfer for all events of this name in a row."""
        if self._announced[-1:] != [event.name]:
            self._announced.append(event.name)

    # -------------------------------------------------------------- movements

    def _transfer(self, event: Event, payer: str, to: str, points: int) -> None:
        series = event.address
        if self._announced:
            self._announced.pop()
        elif payer == _ZERO_ADDRESS:
            if self._mint is not None and self._mint.transaction == event.transaction:
                piece = Piece(MintSource(self._mint.arguments["minter"]), points)
                self._lots[series, to][self._mint.arguments["expiryMonth"]].receive(piece)
                self._minted.append(piece)
        elif (series, payer) in self._merchants:
            pass  # a claim, or a refund, of which SaleRefunded has told
        else:
            taken = list(self._spent(event, payer, points))
            if (series, to) not in self._merchants:
                for month, piece in taken:
                    self._lots[series, to][month].receive(piece)
            elif self._sale is not None:
                self._paid[self._sale] = taken
            self._sale = None

    def _spent(self, event: Event, account: str, points: int) -> Iterator[tuple[int, Piece]]:
        """Take points out of live lots, those that end first first."""
        queues, now = self._lots[event.address, account], month_of(event.time)
        for month in sorted(month for month in queues if month >= now):
            part = min(points, queues[month].points)
            points -= part
            for piece in queues[month].take(part):
                yield month, piece

    def _move(self, source: tuple[str, str], month: int, target: tuple[str, str], to_month: int) -> None:
        for piece in self._lots[source].pop(month, LotQueue()).pieces:
            self._lots[target][to_month].receive(piece)

    def _carry(self, event: Event, old: str, new: str) -> None:
        now = month_of(event.time)
        source, target = (event.address, old), (event.address, new)
        for month in sorted(self._lots[source]):
            if month >= now:
                self._move(source, month, target, month)

    # ------------------------------------------------------------------ sales

    def _sale_paid(self, event: Event) -> None:
        sale = event.arguments["payment"] >> 64 & 2**32 - 1
        self._sale = (event.address, event.arguments["merchant"], sale)

    def _refund(self, event: Event) -> None:
        a = event.arguments
        month, points = a["lot"] >> _LOT_POINTS_BITS, a["lot"] & 2**_LOT_POINTS_BITS - 1
        paid = self._paid.get((event.address, a["merchant"], a["sale"]), [])
        back: list[Piece] = []
        for place in range(len(paid) - 1, -1, -1):
            its_month, piece = paid[place]
            if its_month != month or not points:
                continue
            part = min(points, piece.points)
            piece.points -= part
            points -= part
            back.append(Piece(piece.source, part))
        self._lots[event.address, a["receiver"]][month].give_back(back)

    # -------------------------------------------------------------- takings

    def _take_back(self, event: Event) -> None:
        if event.arguments["minter"] == self.service:
            self._taken = event  # which grant's they were, tells GrantRevoked
        else:
            self._take(event, MintSource(event.arguments["minter"]))

    def _take(self, event: Event, source: Source) -> None:
        a = event.arguments
        queue = self._lots[event.address, a["account"]][a["expiryMonth"]]
        left, taken = queue.left_of(source), a["amountPoints"]
        queue.take_of(source, taken)
        if taken > left:
            queue.take(taken - left)
            self.overdrawn.append(Overdraft(event, source, left, taken))

    def _apply_service(self, event: Event) -> None:
        a = event.arguments
        match event.name:
            case "RowSkipped":
                self._skipped.add(a["row"])
            case "RowsRun":
                rows = range(a["firstRow"], a["firstRow"] + a["rows"])
                granted = (
                    row for row in rows if row not in self._skipped
                )  # a forged event tells of any number
                for row, piece in zip(granted, self._minted if a["grantedRows"] else [], strict=True):
                    piece.source = GrantSource(a["batch"], row)
                self._skipped, self._minted = set(), []
            case "GrantRevoked" if self._taken is not None:
                self._take(self._taken, GrantSource(a["batch"], a["row"]))
                self._taken = None
