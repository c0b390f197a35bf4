"""What every Transfer was, worked out of a dataset's columns: a second account, not the replay's.

    transfers = read_transfers(columns)
    transfers.points[transfers.flow == Flow.USED].sum()

One pass over all series in chain order follows the lots of every account, which is what it takes to know what
lapsed: earliest lots are spent first, a refund goes back to its lots. Whatever a column tells at once is
taken from the column. Shares no code with scripts.lib.replays.series, so that the two can be held against
each other (scripts.lib.audit.report.reconciliation).

Amounts are points, months count from January 2000 = 0, times are Unix seconds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scripts.lib.audit.contracts_found import SERIES
from scripts.lib.audit.report.event_columns import EventColumns, fixed_bytes
from scripts.lib.japan_calendar import fiscal_year_end
from scripts.lib.node.event_log import to_address

_JAPAN = np.timedelta64(9 * 60 * 60, "s")
_JANUARY_2000 = np.datetime64("2000-01", "M")
_ROWS_AT_ONCE = 200_000
_LOT_POINTS_BITS = 29

UNKNOWN = -1


class Flow(IntEnum):
    """What a Transfer was."""

    GRANTED = 0
    EXCHANGED = 1
    BONUS = 2
    RESTORED = 3
    REFUNDED = 4
    USED = 5
    REVOKED = 6
    LAPSED = 7
    """A lot that had ended was taken off the books; it lapsed with its month, and counts there."""
    CARRIED = 8
    GIVEN = 9
    CLAIM_PASSED = 10
    SETTLED = 11
    REOPENED = 12
    CARRIED_IN = 13
    """Lots that came from the series before; CARRIED_OUT went to the one after."""
    CARRIED_OUT = 14
    CLAIM_IN = 15
    """A shop's claim that came from the other series; CLAIM_OUT went there."""
    CLAIM_OUT = 16


class _Kind(IntEnum):
    """Rows of the pass. What announces a Transfer is a row before it."""

    TRANSFER = 0
    MINTED = 1
    APPROVED = 2
    LAPSED = 3
    RESTORED = 4
    REVOKED = 5
    TAKEN_BACK = 6
    CARRIED = 7
    SETTLED = 8
    REOPENED = 9
    EXTENDED = 10
    REFUND_LOT = 11
    LOT_IN = 12
    LOT_OUT = 13
    CLAIM_IN = 14
    CLAIM_OUT = 15
    MERCHANT_IN = 16


_ANNOUNCED = {
    _Kind.LAPSED: Flow.LAPSED,
    _Kind.RESTORED: Flow.RESTORED,
    _Kind.REVOKED: Flow.REVOKED,
    _Kind.TAKEN_BACK: Flow.REVOKED,
    _Kind.CARRIED: Flow.CARRIED,
    _Kind.SETTLED: Flow.SETTLED,
    _Kind.REOPENED: Flow.REOPENED,
    _Kind.LOT_IN: Flow.CARRIED_IN,
    _Kind.LOT_OUT: Flow.CARRIED_OUT,
    _Kind.CLAIM_IN: Flow.CLAIM_IN,
    _Kind.CLAIM_OUT: Flow.CLAIM_OUT,
}
_TABLES: dict[_Kind, tuple[str, str, str, str, str]] = {
    # table, account, other account, month, points (a lot stands in place of month and points in a refund)
    _Kind.TRANSFER: ("Transfer", "from", "to", "", "value"),
    _Kind.MINTED: ("Minted", "minter", "", "expiryMonth", "amountPoints"),
    _Kind.APPROVED: ("MerchantApproved", "merchant", "", "", "category"),
    _Kind.LAPSED: ("Lapsed", "account", "", "expiryMonth", "amountPoints"),
    _Kind.RESTORED: ("LotRestored", "account", "", "toMonth", "amountPoints"),
    _Kind.REVOKED: ("Revoked", "account", "", "expiryMonth", "amountPoints"),
    _Kind.TAKEN_BACK: ("TakenBack", "account", "", "expiryMonth", "amountPoints"),
    _Kind.CARRIED: ("Carried", "from", "to", "", "amountPoints"),
    _Kind.SETTLED: ("Settled", "merchant", "", "", "amountPoints"),
    _Kind.REOPENED: ("ClaimReopened", "merchant", "", "", "thisYearPoints"),
    _Kind.EXTENDED: ("LotExtended", "account", "", "fromMonth", "toMonth"),
    _Kind.REFUND_LOT: ("SaleRefunded", "receiver", "", "", "lot"),
    _Kind.LOT_IN: ("LotCarriedIn", "account", "", "expiryMonth", "amountPoints"),
    _Kind.LOT_OUT: ("LotCarriedOut", "account", "", "expiryMonth", "amountPoints"),
    _Kind.CLAIM_IN: ("ClaimCarriedIn", "merchant", "", "", "thisYearPoints"),
    _Kind.CLAIM_OUT: ("ClaimCarriedOut", "merchant", "", "", "thisYearPoints"),
    _Kind.MERCHANT_IN: ("MerchantCarriedIn", "merchant", "", "", "category"),
}
_SOURCES = {"PartnerExchange": Flow.EXCHANGED, "PaymentBonus": Flow.BONUS}
"""What a service mints; all other minters grant."""


class LapsedLot(NamedTuple):
    """What an account lost with a month's end."""

    series: int
    account: int
    month: int
    points: int


@dataclass
class Transfers:
    """All Transfers of all series in chain order, and what the lots came to.

    Attributes:
        series: addresses; every `series` below is a place in it.
        values: addresses, 20 bytes each; every account below is a place in it, that of nobody is 0.
        second: the last that is told.
        now: the month of which points are the first to live on.
        block, log_index, time, month, contract, sender, receiver, points, flow: a value for each Transfer.
        lots: live and ended lots by series and account, as far as nobody took them off the books.
        lapsed: all lots that ended before `now`.
        merchants: by series, whoever was approved, or came from the series before.
        holders: how many accounts held points when a fiscal year had ended, by series and its March.
        contradictions: payments of points that were not there; verify names them.
    """

    series: list[str]
    values: pa.Array
    second: int
    now: int
    block: np.ndarray
    log_index: np.ndarray
    time: np.ndarray
    month: np.ndarray
    contract: np.ndarray
    sender: np.ndarray
    receiver: np.ndarray
    points: np.ndarray
    flow: np.ndarray
    lots: dict[tuple[int, int], dict[int, int]]
    lapsed: list[LapsedLot]
    merchants: dict[int, set[int]]
    holders: Counter[tuple[int, int]]
    contradictions: int

    def address(self, account: int) -> str:
        """Return an account as people write it."""
        return to_address("0x" + self.values[account].as_py().hex())

    def places(self, values: pa.ChunkedArray) -> np.ndarray:
        """Return the places of a column's addresses; -1 for one that never had to do with points."""
        return _places(values, self.values)


def months_of(times: np.ndarray) -> np.ndarray:
    """Return the month in Japan of every second; Japan has had no summer time since 1951."""
    moments = times.astype("datetime64[s]") + _JAPAN
    return (moments.astype("datetime64[M]") - _JANUARY_2000).astype(np.int64)


def read_transfers(columns: EventColumns) -> Transfers:
    """Work out all Transfers of a dataset."""
    return _Reading(columns).read()


class _Reading:
    def __init__(self, columns: EventColumns) -> None:
        self.columns = columns
        found = columns.contracts
        self.series = [each.address for each in found if each.kind == SERIES]
        self.series_values = pa.array([bytes.fromhex(each[2:]) for each in self.series], pa.binary(20))
        self.kinds = {bytes.fromhex(each.address[2:]): each.kind for each in found}
        self.lots: defaultdict[tuple[int, int], dict[int, int]] = defaultdict(dict)
        self.merchants: defaultdict[int, set[int]] = defaultdict(set)
        self.lapsed: list[LapsedLot] = []
        self.holders: Counter[tuple[int, int]] = Counter()
        self.contradictions = 0

    def read(self) -> Transfers:
        tables = {
            kind: self._of_series(self.columns.read(f"{SERIES}.{table}", [name for name in names if name]))
            for kind, (table, *names) in _TABLES.items()
        }
        self._number_addresses(tables)
        rows = {kind: self._rows(kind, table) for kind, table in tables.items()}
        transfers, placed = rows[_Kind.TRANSFER], tables.pop(_Kind.TRANSFER)
        flow = np.empty(len(transfers["points"]), np.uint8)
        self._follow(rows, flow)
        now = self.columns.now
        for (series, account), lots in self.lots.items():
            ended = [(month, points) for month, points in lots.items() if month < now and points]
            self.lapsed += [LapsedLot(series, account, month, points) for month, points in ended]
        return Transfers(
            self.series,
            self.values,
            self.columns.second,
            now,
            placed.column("block").to_numpy(),
            placed.column("log_index").to_numpy(),
            transfers["time"],
            transfers["month_now"],
            transfers["series"],
            transfers["account"],
            transfers["other"],
            transfers["points"],
            flow,
            dict(self.lots),
            self.lapsed,
            dict(self.merchants),
            self.holders,
            self.contradictions,
        )

    # ------------------------------------------------------------------- columns

    def _of_series(self, table: pa.Table) -> pa.Table:
        """Leave out what contracts tell that are no series, as a forged log has it."""
        is_series = _places(table.column("contract"), self.series_values) != UNKNOWN
        return table if is_series.all() else table.filter(pa.array(is_series))

    def _number_addresses(self, tables: dict[_Kind, pa.Table]) -> None:
        parts = [
            tables[kind].column(name).unique()
            for kind, (_, *names) in _TABLES.items()
            for name in names[:2]
            if name
        ]
        zero = pa.array([bytes(20)], pa.binary(20))
        # The zero address first, so that its place is 0.
        self.values = pa.chunked_array([zero, *parts]).unique()
        self.addresses = fixed_bytes(self.values)

    def _rows(self, kind: _Kind, table: pa.Table) -> dict[str, np.ndarray]:
        _, account, other, month, points = _TABLES[kind]
        count = table.num_rows
        time = table.column("time").to_numpy()
        nothing = np.zeros(count, np.int32)
        rows = {
            "block": table.column("block").to_numpy(),
            "log_index": table.column("log_index").to_numpy(),
            "time": time,
            "month_now": months_of(time).astype(np.int16),
            "series": _places(table.column("contract"), self.series_values).astype(np.int16),
            "account": _places(table.column(account), self.values),
            "other": _places(table.column(other), self.values) if other else nothing,
            "month": table.column(month).to_numpy().astype(np.int32) if month else nothing,
            "points": table.column(points).to_numpy(),
        }
        if kind == _Kind.REFUND_LOT:
            lot = rows["points"]
            rows["month"] = (lot >> _LOT_POINTS_BITS).astype(np.int32)
            rows["points"] = lot & (1 << _LOT_POINTS_BITS) - 1
        return rows

    def _in_order(
        self, rows: dict[_Kind, dict[str, np.ndarray]]
    ) -> Iterator[tuple[int, int, int, int, int, int, int, int]]:
        """Yield kind, number of its kind, series, account, other, month, points, month_now in chain order."""
        kinds = np.concatenate([np.full(len(its["points"]), kind, np.uint8) for kind, its in rows.items()])
        numbers = np.concatenate([np.arange(len(its["points"]), dtype=np.int32) for its in rows.values()])
        block = np.concatenate([its["block"] for its in rows.values()])
        log_index = np.concatenate([its["log_index"] for its in rows.values()])
        order = np.lexsort((log_index, block))
        del block, log_index
        names = ("series", "account", "other", "month", "points", "month_now")
        merged = [kinds, numbers]
        merged += [np.concatenate([its[name] for its in rows.values()]) for name in names]
        for start in range(0, len(order), _ROWS_AT_ONCE):
            part = order[start : start + _ROWS_AT_ONCE]
            yield from zip(*(column[part].tolist() for column in merged), strict=True)

    # ---------------------------------------------------------------------- lots

    def _follow(self, rows: dict[_Kind, dict[str, np.ndarray]], flow: np.ndarray) -> None:
        announced: defaultdict[int, list[int]] = defaultdict(list)
        minting: dict[int, tuple[int, int]] = {}
        flows = bytearray(len(flow))
        lots, merchants = self.lots, self.merchants
        transfer, refund_lot = int(_Kind.TRANSFER), int(_Kind.REFUND_LOT)
        calls = {int(kind): int(its) for kind, its in _ANNOUNCED.items()}
        by_lot = (int(_Kind.LOT_IN), int(_Kind.LOT_OUT))  # all lots of an account, then one Transfer
        used = int(Flow.USED)
        march = 0
        for kind, number, series, account, other, month, points, now in self._in_order(rows):
            if now > march:
                self._count_holders(march, fiscal_year_end(now))
                march = fiscal_year_end(now)
            if kind == transfer:
                waiting = announced[series]
                if waiting:
                    flows[number] = waiting.pop()
                elif account == 0:
                    source, end = minting.get(series, (int(Flow.GRANTED), now))
                    flows[number] = source
                    its = lots[series, other]
                    its[end] = its.get(end, 0) + points
                elif account in merchants[series]:
                    flows[number] = Flow.CLAIM_PASSED if other in merchants[series] else Flow.REFUNDED
                elif other in merchants[series]:
                    flows[number] = used
                    self._spend(lots[series, account], points, now)
                else:
                    flows[number] = Flow.GIVEN
                    its = lots[series, other]
                    for end, part in self._spend(lots[series, account], points, now):
                        its[end] = its.get(end, 0) + part
                continue
            if kind == refund_lot:
                its = lots[series, account]
                its[month] = its.get(month, 0) + points
                continue
            if kind in calls and not (kind in by_lot and announced[series][-1:] == [calls[kind]]):
                announced[series].append(calls[kind])
            match kind:
                case _Kind.MINTED:
                    minter = self.kinds.get(self.addresses[account].tobytes(), "")
                    minting[series] = (int(_SOURCES.get(minter, Flow.GRANTED)), month)
                case _Kind.APPROVED | _Kind.MERCHANT_IN:
                    merchants[series].add(account)
                case _Kind.LAPSED:
                    lots[series, account].pop(month, None)
                    self.lapsed.append(LapsedLot(series, account, month, points))
                case _Kind.RESTORED | _Kind.LOT_IN:
                    its = lots[series, account]
                    its[month] = its.get(month, 0) + points
                case _Kind.REVOKED | _Kind.TAKEN_BACK | _Kind.LOT_OUT:
                    its = lots[series, account]
                    its[month] = its.get(month, 0) - points
                case _Kind.CARRIED:
                    old, its = lots[series, account], lots[series, other]
                    for end in [end for end in old if end >= now]:
                        its[end] = its.get(end, 0) + old.pop(end)
                case _Kind.EXTENDED:
                    its = lots[series, account]
                    its[points] = its.get(points, 0) + its.pop(month, 0)
        self._count_holders(march, fiscal_year_end(self.columns.now))
        flow[:] = np.frombuffer(flows, np.uint8)

    def _count_holders(self, march: int, until: int) -> None:
        """Count who holds points at the end of each fiscal year from one up to, and without, another."""
        for year in range(march, until, 12) if march else ():
            for (series, _), lots in self.lots.items():
                if any(points and month > year for month, points in lots.items()):
                    self.holders[series, year] += 1

    def _spend(self, lots: dict[int, int], points: int, now: int) -> list[tuple[int, int]]:
        """Take points out of live lots, those that end first first; return (month, points) parts."""
        parts = []
        for month in sorted(lots) if len(lots) > 1 else list(lots):
            if month < now:
                continue
            held = lots[month]
            if held > points:
                lots[month] = held - points
                parts.append((month, points))
                return parts
            del lots[month]
            parts.append((month, held))
            points -= held
            if not points:
                return parts
        self.contradictions += 1
        return parts


def _places(values: pa.ChunkedArray, among: pa.Array) -> np.ndarray:
    options = pc.SetLookupOptions(value_set=among)
    found = pc.call_function("index_in", [values], options)
    return found.fill_null(UNKNOWN).to_numpy().astype(np.int32)


def live_by_month(transfers: Transfers) -> dict[int, Counter[int]]:
    """Return what residents hold, by series and month of expiry."""
    held: dict[int, Counter[int]] = {place: Counter() for place in range(len(transfers.series))}
    for (series, _), lots in transfers.lots.items():
        for month, points in lots.items():
            if month >= transfers.now and points:
                held[series][month] += points
    return held
