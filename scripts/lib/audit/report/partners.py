"""What partners brought and what they owe, out of a dataset; gross, so that receipts are taken off nothing.

Amounts are points, 1 point = 1 yen.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from scripts.lib.audit.report.event_columns import EventColumns
from scripts.lib.audit.report.transfers import UNKNOWN, Transfers, months_of
from scripts.lib.japan_calendar import fiscal_year_end, month_of

SERVICE = "PartnerExchange"


@dataclass
class PartnerFigures:
    """One partner in one municipality.

    Attributes:
        exchanged: points that residents got, without bonus. `bonus` on top, of which the partner pays
            `bonus_owed`.
        received: yen that it paid, less what was reversed.
        held: exchanged points in the holding accounts. `coupons` given out and not redeemed.
    """

    municipality: int
    partner: int
    name: str
    exchanged: int = 0
    bonus: int = 0
    bonus_owed: int = 0
    received: int = 0
    held: int = 0
    coupons: int = 0
    _residents: set[int] = field(default_factory=set)

    @property
    def due(self) -> int:
        """Return what it has to pay in all (調定額): for exchanged points and its part of the bonus."""
        return self.exchanged + self.bonus_owed

    @property
    def owed(self) -> int:
        """Return what is still to be paid; negative if it paid more."""
        return self.due - self.received

    @property
    def accounts(self) -> int:
        """Return how many residents got points."""
        return len(self._residents)

    def brought(self, number: int, points: int, bonus: int = 0, bonus_owed: int = 0) -> None:
        """Note that points came to a resident, by number."""
        self.exchanged += points
        self.bonus += bonus
        self.bonus_owed += bonus_owed
        self._residents.add(number)


@dataclass
class PartnerYear:
    """All partners of a municipality in a fiscal year, named by its March, by the day of each event.

    Attributes:
        due: to be paid for what was delivered in it. `received` in it, whatever it was for.
    """

    municipality: int
    march: int
    due: int = 0
    received: int = 0
    accounts: set[int] = field(default_factory=set)


class Bonus(NamedTuple):
    """Bonus that came with exchanged points, a row a delivery."""

    series: np.ndarray
    month: np.ndarray
    account: np.ndarray
    points: np.ndarray


class Partners(NamedTuple):
    """All that is told of partners, in the order of municipality and partner."""

    figures: list[PartnerFigures]
    years: list[PartnerYear]
    bonus: Bonus


def read_partners(columns: EventColumns, transfers: Transfers) -> Partners:
    """Add up what the exchange tells."""
    rows = {name: columns.read(f"{SERVICE}.{name}").to_pylist() for name in _EVENTS}
    names = {row["partner"]: row["name"] for row in rows["PartnerRegistered"]}
    found: dict[tuple[int, int], PartnerFigures] = {}
    years: dict[tuple[int, int], PartnerYear] = {}

    def of(row: dict[str, Any]) -> PartnerFigures:
        key = (row["municipality"], row["partner"])
        return found.setdefault(key, PartnerFigures(*key, names.get(key[1], str(key[1]))))

    def year(row: dict[str, Any]) -> PartnerYear:
        key = (row["municipality"], fiscal_year_end(month_of(row["time"])))
        return years.setdefault(key, PartnerYear(*key))

    # What the log does not tell the beginning of, is its partner's where it ends.
    home: dict[bytes, PartnerFigures] = {}
    for row in rows["Exchanged"]:
        home[row["holding"]] = of(row)
        home[row["holding"]].held += row["points"]
    for row in rows["Delivered"]:
        home.get(row["holding"], of(row)).held -= row["points"]
        of(row).brought(row["number"], row["points"], row["bonusPoints"], row["bonusOwedPoints"])
        year(row).due += row["points"] + row["bonusOwedPoints"]
        year(row).accounts.add(row["number"])
    for row in rows["Returned"]:
        home.get(row["holding"], of(row)).held -= row["points"]
    issued: dict[tuple[int, bytes], PartnerFigures] = {}
    for row in rows["CouponIssued"]:
        issued[row["partner"], row["coupon"]] = of(row)
        of(row).coupons += row["points"]
    for row in rows["CouponRedeemed"]:
        issued.get((row["partner"], row["coupon"]), of(row)).coupons -= row["points"]
        of(row).brought(row["number"], row["points"])
        year(row).due += row["points"]
        year(row).accounts.add(row["number"])
    for row in rows["CouponClosed"]:
        issued.get((row["partner"], row["coupon"]), of(row)).coupons -= row["points"]
    for name, sign in (("ReceiptRecorded", 1), ("ReceiptReversed", -1)):
        for row in rows[name]:
            of(row).received += sign * row["receivedPoints"]
            year(row).received += sign * row["receivedPoints"]
    ordered = [found[key] for key in sorted(found)]
    return Partners(ordered, [years[key] for key in sorted(years)], _bonus(columns, transfers))


_EVENTS = (
    "PartnerRegistered",
    "Exchanged",
    "Delivered",
    "Returned",
    "CouponIssued",
    "CouponRedeemed",
    "CouponClosed",
    "ReceiptRecorded",
    "ReceiptReversed",
)


def _bonus(columns: EventColumns, transfers: Transfers) -> Bonus:
    table = columns.read(f"{SERVICE}.Delivered", ["municipality", "account", "bonusPoints"])
    changes: defaultdict[int, list[tuple[int, int, str]]] = defaultdict(list)
    for row in columns.read(f"{SERVICE}.ExchangeSeriesSet").to_pylist():
        changes[row["municipality"]].append((row["block"], row["log_index"], "0x" + row["series"].hex()))
    places = {address.lower(): place for place, address in enumerate(transfers.series)}
    series = []
    for municipality, block, log_index in zip(
        *(table.column(name).to_pylist() for name in ("municipality", "block", "log_index")), strict=True
    ):
        before = [its for *place, its in changes[municipality] if tuple(place) < (block, log_index)]
        series.append(places.get(before[-1], UNKNOWN) if before else UNKNOWN)
    return Bonus(
        np.array(series, np.int32),
        months_of(table.column("time").to_numpy()),
        transfers.places(table.column("account")),
        table.column("bonusPoints").to_numpy(),
    )
