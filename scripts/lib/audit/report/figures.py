"""All figures of the report, worked out of a dataset; what each means, says docs/report.md.

    figures = read_figures(EventColumns(dataset))
    figures.series[0].books.live

Amounts are points, 1 point = 1 yen; months count from January 2000 = 0, a fiscal year is named by its March;
times are Unix seconds. All lists have an order that follows from the chain alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scripts.lib.audit.contracts_found import SERIES
from scripts.lib.audit.report.cells import NOTHING, Cell, cells_by
from scripts.lib.audit.report.event_columns import EventColumns
from scripts.lib.audit.report.partners import PartnerFigures, PartnerYear, read_partners
from scripts.lib.audit.report.settlements import Settlements, read_settlements
from scripts.lib.audit.report.transfers import UNKNOWN, Flow, Transfers, live_by_month, read_transfers
from scripts.lib.japan_calendar import day_of, fiscal_year_end, month_of, start_of_day
from scripts.lib.replays.settlement import ReplayedBatch
from scripts.lib.year_end import CarriedPoints, YearEnd, YearFigures, earliest_open_year

MADE = (Flow.GRANTED, Flow.EXCHANGED, Flow.BONUS, Flow.RESTORED)
IN = (*MADE, Flow.REFUNDED, Flow.CARRIED_IN)
OUT = (Flow.USED, Flow.LAPSED, Flow.REVOKED, Flow.CARRIED_OUT)
TOLD = (*IN, *OUT)
"""What changes what residents hold; all else moves points from one account to another."""

_OWED = {
    Flow.USED: 1,
    Flow.REFUNDED: -1,
    Flow.SETTLED: -1,
    Flow.REOPENED: 1,
    Flow.CLAIM_IN: 1,
    Flow.CLAIM_OUT: -1,
}
"""What changes what shops are owed, and which way."""

_TO_RESIDENT = frozenset(IN)
_MONTHS = 2_048
_FLOWS = 32
ACTIVE, SUSPENDED, CLOSED = range(3)


class Books(NamedTuple):
    """Where all points of a series are (I1): `made` and `carried_in` are the sum of all the others.

    Attributes:
        carried_in, carried_out: lots and claims, from and to the series before and after.
    """

    made: int
    carried_in: int
    live: int
    lapsed: int
    claims: int
    locked: int
    settled: int
    revoked: int
    carried_out: int


@dataclass(frozen=True)
class Month:
    """One calendar month of a series.

    Attributes:
        flows: what was granted, exchanged, … in it.
        live_points: what residents held when it ended, or when the dataset did.
    """

    month: int
    flows: Mapping[Flow, Cell]
    live_points: int


@dataclass(frozen=True)
class Category:
    """What was paid at one kind of shops; `number` is the municipality's own."""

    number: int
    shops: int
    used: Cell
    refunded: int


@dataclass(frozen=True)
class Shop:
    """A merchant in its series.

    Attributes:
        status: ACTIVE, SUSPENDED or CLOSED.
        used, refunded: paid to it, by how many accounts, and given back; gross.
        settled: paid in yen, less what came back. `locked` is in settlement, `claims` free.
        cut_off: until when it was settled last (締め日); 0 if never.
    """

    address: str
    name: str
    place: str
    category: int
    status: int
    used: Cell
    refunded: int
    settled: int
    locked: int
    claims: int
    cut_off: int


@dataclass(frozen=True)
class Ending:
    """Points that end with a month, if nobody spends them."""

    month: int
    live: Cell


@dataclass(frozen=True)
class Concentration:
    """How few have how much.

    Attributes:
        holders, held: accounts with points, and what they hold.
        top_held: what the ten with most hold.
        shops, paid: shops that were paid, and how much.
        top_paid: what the ten that were paid most were paid.
        half_shops: how few shops were paid half of it.
    """

    holders: int
    held: int
    top_held: int
    shops: int
    paid: int
    top_paid: int
    half_shops: int


@dataclass(frozen=True)
class YearStatement:
    """A fiscal year of a series, gross.

    Attributes:
        march: with which it ends.
        figures: what the events come to.
        accounts: behind each flow of the year and what is carried over, by name.
        carried: from and to the series before and after, in the books of the year.
        closed: what officers and chain fixed when the books closed; None while they are open.
        is_over: whether its March has ended.
        owed_at_end: to shops when its March ended, before its books paid on; now, while the year is open.
    """

    march: int
    figures: YearEnd
    carried: CarriedPoints
    accounts: Mapping[str, int]
    closed: YearEnd | None
    is_over: bool
    owed_at_end: int


@dataclass(frozen=True)
class SeriesFigures:
    """One point series.

    Attributes:
        first: of the series that took over from one another, the address of the first; its own if it is that.
        lots_in, lots_out: by month of expiry, what came from the series before and went to the one after.
    """

    address: str
    first: str
    name: str
    municipality: int
    town: str
    books: Books
    totals: Mapping[Flow, Cell]
    live: Cell
    months: list[Month]
    categories: list[Category]
    shops: list[Shop]
    endings: list[Ending]
    concentration: Concentration
    years: list[YearStatement]
    batches: list[tuple[int, ReplayedBatch]]
    lots_in: Counter[int]
    lots_out: Counter[int]


@dataclass(frozen=True)
class Figures:
    """The whole report in figures.

    Attributes:
        towns: names of municipalities by code.
        second: the last that is told: of the last block, or of a day.
        ended: by series, points that lapsed with that second; `ending`, that end with its day and live yet.
        residents: how many were registered.
        contradictions: what the passes could not follow; verify names it.
    """

    columns: EventColumns
    towns: dict[int, str]
    series: list[SeriesFigures]
    partners: list[PartnerFigures]
    partner_years: list[PartnerYear]
    second: int
    ended: Mapping[str, int]
    ending: Mapping[str, int]
    residents: int
    contradictions: int = 0
    names: Mapping[str, str] = field(default_factory=dict)


def read_figures(columns: EventColumns) -> Figures:
    """Work out all figures.

    Raises:
        DatasetError: a file is missing or damaged.
    """
    return _Reading(columns).figures()


class _Reading:
    def __init__(self, columns: EventColumns) -> None:
        self.columns = columns
        self.transfers: Transfers = read_transfers(columns)
        self.settlements: Settlements = read_settlements(columns)
        self.partners = read_partners(columns, self.transfers)
        self.live = live_by_month(self.transfers)
        self.person = self._persons()
        self.flows = self._flows()
        self.shops = self._shop_figures()
        self.carried = self._carried_by_year()
        self.before = self._predecessors()
        self._standings: dict[str, dict[bytes, _Standing]] = {}

    def figures(self) -> Figures:
        registered = self.columns.read("PointPlatform.MunicipalityRegistered").to_pylist()
        towns = {row["municipality"]: row["name"] for row in registered}
        owners = {
            "0x" + row["token"].hex(): row["municipality"]
            for row in self.columns.read(
                "PointPlatform.SeriesRegistered", ["municipality", "token"]
            ).to_pylist()
        }
        names = {each.address: each.name for each in self.columns.contracts if each.kind == SERIES}
        series = [
            self._series(place, address, names[address], owners.get(address.lower(), 0), towns)
            for place, address in enumerate(self.transfers.series)
        ]
        return Figures(
            self.columns,
            towns,
            series,
            self.partners.figures,
            self.partners.years,
            self.transfers.second,
            *self._at_the_end(),
            self.columns.read("ResidentRegistry.ResidentRegistered", []).num_rows,
            self.transfers.contradictions + self.settlements.contradictions,
        )

    def _at_the_end(self) -> tuple[dict[str, int], dict[str, int]]:
        """Return by series what ended with the last second, and what is live and ends with its day."""
        month = month_of(self.transfers.second)
        if month_of(start_of_day(day_of(self.transfers.second) + 1)) == month:
            return {}, {}
        ended: Counter[str] = Counter()
        for lot in self.transfers.lapsed:
            if lot.month == month:
                ended[self.transfers.series[lot.series]] += lot.points
        ending = {self.transfers.series[place]: held[month] for place, held in self.live.items()}
        return dict(ended), {address: points for address, points in ending.items() if points}

    def _series(
        self, place: int, address: str, name: str, owner: int, towns: Mapping[int, str]
    ) -> SeriesFigures:
        totals = {flow: self._total(place, flow) for flow in TOLD}
        months = self._months(place)
        shops = self._shops(place, address)
        holders = self._holders(place)
        claims = sum(shop.claims for shop in shops)
        claims_in, claims_out = (
            sum(self.transfers.points[self._rows_of(place, flow)]) for flow in (Flow.CLAIM_IN, Flow.CLAIM_OUT)
        )
        books = Books(
            made=sum(totals[flow].points for flow in MADE),
            carried_in=totals[Flow.CARRIED_IN].points + int(claims_in),
            live=sum(holders),
            lapsed=totals[Flow.LAPSED].points,
            claims=claims,
            locked=sum(shop.locked for shop in shops),
            settled=sum(shop.settled for shop in shops),
            revoked=totals[Flow.REVOKED].points,
            carried_out=totals[Flow.CARRIED_OUT].points + int(claims_out),
        )
        return SeriesFigures(
            address,
            self._first(address),
            name,
            owner,
            towns.get(owner, str(owner)),
            books,
            totals,
            Cell(sum(holders), len(holders)),
            months,
            self._categories(place, shops),
            shops,
            self._endings(place),
            _concentration(holders, shops),
            self._years(place, address, months),
            self.settlements.batches_of(address),
            self._lots_carried(address, "In"),
            self._lots_carried(address, "Out"),
        )

    def _rows_of(self, place: int, flow: Flow) -> np.ndarray:
        mask: np.ndarray = (self.transfers.contract == place) & (self.transfers.flow == flow)
        return mask

    def _lots_carried(self, address: str, side: str) -> Counter[int]:
        found: Counter[int] = Counter()
        table = _of(self.columns.read(f"{SERIES}.LotCarried{side}", ["expiryMonth", "amountPoints"]), address)
        for row in table.to_pylist():
            found[row["expiryMonth"]] += row["amountPoints"]
        return found

    def _predecessors(self) -> dict[str, str]:
        """Return by series the one that it took over from; a predecessor was registered before it."""
        opened = self.columns.read(f"{SERIES}.SeriesOpened", ["predecessor"]).to_pylist()
        places = {bytes.fromhex(address[2:]): place for place, address in enumerate(self.transfers.series)}
        pairs = ((places[row["contract"]], places.get(row["predecessor"], len(places))) for row in opened)
        return {self.transfers.series[at]: self.transfers.series[to] for at, to in pairs if to < at}

    def _first(self, address: str) -> str:
        """Return the first of the series that took over from one another, up to this one."""
        return self._first(self.before[address]) if address in self.before else address

    def _persons(self) -> np.ndarray:
        """Return for each account the first one of its membership: a new card makes no new person."""
        person = np.arange(len(self.transfers.values))
        replaced = self.columns.read("ResidentRegistry.AccountReplaced", ["oldAccount", "newAccount"])
        before, after = (
            self.transfers.places(replaced.column(name)) for name in ("oldAccount", "newAccount")
        )
        for old, new in zip(before.tolist(), after.tolist(), strict=True):
            if UNKNOWN not in (old, new):
                person[new] = person[old]
        return person

    # ---------------------------------------------------------------------- flows

    def _flows(self) -> _Rows:
        """Return every change of what residents hold as rows: series, month, flow, account, points."""
        its = self.transfers
        told = np.isin(its.flow, [int(flow) for flow in TOLD if flow != Flow.LAPSED])
        flow = its.flow[told]
        inward = np.isin(flow, [int(each) for each in _TO_RESIDENT])
        account = np.where(inward, its.receiver[told], its.sender[told])
        rows = _Rows(its.contract[told], its.month[told], flow, account, its.points[told])
        lapsed = np.array(self.transfers.lapsed, np.int64).reshape(-1, 4)
        ended = _Rows(lapsed[:, 0], lapsed[:, 2], _same(Flow.LAPSED, len(lapsed)), lapsed[:, 1], lapsed[:, 3])
        bonus = self.partners.bonus
        # What partners' campaigns add comes in one Transfer with what was exchanged.
        count = len(bonus.points)
        less = _Rows(bonus.series, bonus.month, _same(Flow.EXCHANGED, count), bonus.account, -bonus.points)
        more = _Rows(bonus.series, bonus.month, _same(Flow.BONUS, count), bonus.account, bonus.points)
        joined = _Rows.joined([rows, ended, less, more])
        return replace(joined, account=self.person[joined.account])

    def _total(self, place: int, flow: Flow) -> Cell:
        return self._totals.get(place * _FLOWS + flow, NOTHING)

    @property
    def _totals(self) -> dict[int, Cell]:
        if not hasattr(self, "_totals_kept"):
            rows = self.flows
            self._totals_kept = cells_by(rows.series * _FLOWS + rows.flow, rows.points, rows.account)
            keys = (rows.series * _MONTHS + rows.month) * _FLOWS + rows.flow
            self._by_month = cells_by(keys, rows.points, rows.account)
            years = (rows.month - 3) // 12 * 12 + 14
            keys = (rows.series * _MONTHS + years) * _FLOWS + rows.flow
            self._by_year = cells_by(keys, rows.points, rows.account)
        return self._totals_kept

    def _months(self, place: int) -> list[Month]:
        begun = self.flows.month[self.flows.series == place].tolist()
        # A claim may stand in the books of a year before the series held anything.
        begun += [march for series, march in self.carried if series == place]
        claims = self._rows_of(place, Flow.CLAIM_IN) | self._rows_of(place, Flow.CLAIM_OUT)
        begun += self.transfers.month[claims].tolist()
        if not begun:
            return []
        live, found = 0, []
        for month in range(min(begun), month_of(self.transfers.second) + 1):
            key = (place * _MONTHS + month) * _FLOWS
            flows = {flow: self._by_month.get(key + flow, NOTHING) for flow in TOLD}
            live += sum(flows[flow].points for flow in IN) - sum(flows[flow].points for flow in OUT)
            found.append(Month(month, flows, live))
        return found

    # ---------------------------------------------------------------------- shops

    def _shop_figures(self) -> dict[Flow, dict[int, Cell]]:
        """Return by flow what each merchant, by series and place of its address, had of it."""
        its, found = self.transfers, {}
        size = len(its.values)
        for flow, shop, other in (
            (Flow.USED, its.receiver, its.sender),
            (Flow.REFUNDED, its.sender, its.receiver),
            (Flow.SETTLED, its.sender, its.receiver),
            (Flow.REOPENED, its.receiver, its.sender),
            (Flow.CLAIM_PASSED, its.receiver, its.sender),
            (Flow.CLAIM_IN, its.receiver, its.sender),
            (Flow.CLAIM_OUT, its.sender, its.receiver),
        ):
            rows = its.flow == flow
            keys = its.contract[rows].astype(np.int64) * size + shop[rows]
            found[flow] = cells_by(keys, its.points[rows], self.person[other[rows]])
        rows = its.flow == Flow.CLAIM_PASSED
        keys = its.contract[rows].astype(np.int64) * size + its.sender[rows]
        self.passed_on = cells_by(keys, its.points[rows], its.receiver[rows])
        return found

    def _shops(self, place: int, address: str) -> list[Shop]:
        told = self._standings_of(address)
        numbers = self.transfers.places(pa.chunked_array([pa.array(list(told), pa.binary(20))])).tolist()
        shops = []
        for number, standing in zip(numbers, told.values(), strict=True):
            key = place * len(self.transfers.values) + number
            had = {flow: cells.get(key, NOTHING) for flow, cells in self.shops.items()}
            named = self.transfers.address(number)
            settled = had[Flow.SETTLED].points - had[Flow.REOPENED].points
            locked = self.settlements.locked(address, named)
            paid = sum(had[flow].points for flow in (Flow.USED, Flow.CLAIM_PASSED, Flow.CLAIM_IN))
            given = had[Flow.REFUNDED].points + had[Flow.CLAIM_OUT].points
            given += self.passed_on.get(key, NOTHING).points
            shops.append(
                Shop(
                    named,
                    *standing,
                    had[Flow.USED],
                    had[Flow.REFUNDED].points,
                    settled,
                    locked,
                    paid - given - settled - locked,
                    self.settlements.cut_off(address, named),
                )
            )
        return sorted(shops, key=lambda shop: (-shop.used.points, shop.address))

    def _standings_of(self, address: str) -> dict[bytes, _Standing]:
        """Return how each merchant stands; who came over has the name that the series before knew."""
        if address in self._standings:
            return self._standings[address]
        before = self._standings_of(self.before[address]) if address in self.before else {}
        told: dict[bytes, _Standing] = {}
        rows = [
            row | {"event": event}
            for event in ("MerchantApproved", "MerchantCarriedIn", "MerchantStatusSet")
            for row in _of(self.columns.read(f"{SERIES}.{event}"), address).to_pylist()
        ]
        for row in sorted(rows, key=lambda row: (row["block"], row["log_index"])):
            merchant = row["merchant"]
            match row["event"]:
                case "MerchantApproved":
                    told[merchant] = _Standing(row["name"], row["place"], row["category"], ACTIVE)
                case "MerchantCarriedIn":
                    named = before.get(merchant, _UNKNOWN)
                    told[merchant] = named._replace(category=row["category"], status=row["status"])
                case _:
                    told[merchant] = told.get(merchant, _UNKNOWN)._replace(status=row["status"])
        self._standings[address] = told
        return told

    def _categories(self, place: int, shops: Sequence[Shop]) -> list[Category]:
        numbers = sorted({shop.category for shop in shops})
        its = self.transfers
        rows = (its.flow == Flow.USED) & (its.contract == place)
        of_shop = np.full(len(its.values), -1, np.int64)
        addresses = pa.chunked_array(
            [pa.array([bytes.fromhex(shop.address[2:]) for shop in shops], pa.binary(20))]
        )
        of_shop[its.places(addresses)] = [shop.category for shop in shops]
        used = cells_by(of_shop[its.receiver[rows]], its.points[rows], self.person[its.sender[rows]])
        refunded, count = Counter[int](), Counter[int]()
        for shop in shops:
            refunded[shop.category] += shop.refunded
            count[shop.category] += 1
        found = [
            Category(number, count[number], used.get(number, NOTHING), refunded[number]) for number in numbers
        ]
        return sorted(found, key=lambda each: (-each.used.points, each.number))

    # -------------------------------------------------------------------- holders

    def _holders(self, place: int) -> list[int]:
        """Return what each account holds, the most first."""
        now = self.transfers.now
        held = [
            sum(points for month, points in lots.items() if month >= now)
            for (series, _), lots in self.transfers.lots.items()
            if series == place
        ]
        return sorted((points for points in held if points), reverse=True)

    def _endings(self, place: int) -> list[Ending]:
        accounts = Counter(
            month
            for (series, _), lots in self.transfers.lots.items()
            if series == place
            for month, points in lots.items()
            if points and month >= self.transfers.now
        )
        return [
            Ending(month, Cell(points, accounts[month])) for month, points in sorted(self.live[place].items())
        ]

    # ---------------------------------------------------------------------- years

    def _carried_by_year(self) -> dict[tuple[int, int], CarriedPoints]:
        """Return what came and went by series and the fiscal year in whose books it stands."""
        found: defaultdict[tuple[int, int], CarriedPoints] = defaultdict(CarriedPoints)
        series = {address.lower(): place for place, address in enumerate(self.transfers.series)}
        for side in ("In", "Out"):
            its = side.lower()
            for row in self.columns.read(f"{SERIES}.LotCarried{side}", ["amountPoints"]).to_pylist():
                key = series["0x" + row["contract"].hex()], fiscal_year_end(month_of(row["time"]))
                found[key] = found[key].plus(CarriedPoints(**{f"lots_{its}": row["amountPoints"]}))
            parts = {"thisYearPoints": fiscal_year_end, "earlierYearsPoints": earliest_open_year}
            for row in self.columns.read(f"{SERIES}.ClaimCarried{side}", list(parts)).to_pylist():
                for part, year_of in parts.items():
                    key = series["0x" + row["contract"].hex()], year_of(month_of(row["time"]))
                    found[key] = found[key].plus(CarriedPoints(**{f"claims_{its}": row[part]}))
        return {key: carried for key, carried in found.items() if any(carried)}

    def _years(self, place: int, address: str, months: Sequence[Month]) -> list[YearStatement]:
        if not months:
            return []
        marches = range(fiscal_year_end(months[0].month), fiscal_year_end(months[-1].month) + 1, 12)
        statements, live, owed = [], 0, 0
        for march in marches:
            key = (place * _MONTHS + march) * _FLOWS
            cells = {flow: self._by_year.get(key + flow, NOTHING) for flow in TOLD}
            points = {flow: cell.points for flow, cell in cells.items()}
            over = live + sum(points[flow] for flow in IN) - sum(points[flow] for flow in OUT)
            told = YearFigures(
                granted=points[Flow.GRANTED],
                exchanged=points[Flow.EXCHANGED],
                bonus=points[Flow.BONUS],
                restored=points[Flow.RESTORED],
                used=points[Flow.USED],
                refunded=points[Flow.REFUNDED],
                revoked=points[Flow.REVOKED],
                carried_over=over,
            )
            paid = self.settlements.of_year(address, march)
            carried = self.carried.get((place, march), CarriedPoints())
            owed_over = owed + told.used + paid.reopened - told.refunded - paid.settled
            owed_over += carried.claims_in - carried.claims_out
            figures = YearEnd(
                told,
                live,
                points[Flow.LAPSED],
                owed,
                paid.settled,
                paid.past_years,
                paid.reopened,
                owed_over,
            )
            accounts = {flow.name.lower(): cells[flow].accounts for flow in TOLD}
            is_over = march < fiscal_year_end(self.transfers.now)
            holders = self.transfers.holders[place, march] if is_over else len(self._holders(place))
            accounts["carried_over"] = holders
            closed = self.settlements.closed(address, march)
            owed_at_end = self._owed_at(place, march)
            statements.append(YearStatement(march, figures, carried, accounts, closed, is_over, owed_at_end))
            live, owed = over, owed_over
        return statements

    def _owed_at(self, place: int, march: int) -> int:
        """Return what shops of a series were owed when a March ended, in settlement or not."""
        its = self.transfers
        until = (its.contract == place) & (its.month <= march)
        return sum(sign * int(its.points[until & (its.flow == flow)].sum()) for flow, sign in _OWED.items())


class _Standing(NamedTuple):
    """A merchant as the events have it, in the order of Shop."""

    name: str
    place: str
    category: int
    status: int


_UNKNOWN = _Standing("", "", 0, ACTIVE)
"""What no event told before; verify names it."""


@dataclass(frozen=True)
class _Rows:
    """Columns of equal length."""

    series: np.ndarray
    month: np.ndarray
    flow: np.ndarray
    account: np.ndarray
    points: np.ndarray

    @classmethod
    def joined(cls, parts: Sequence[_Rows]) -> _Rows:
        names = ("series", "month", "flow", "account", "points")
        kinds = (np.int32, np.int32, np.int32, np.int32, np.int64)
        return cls(
            *(
                np.concatenate([getattr(part, name).astype(kind) for part in parts])
                for name, kind in zip(names, kinds, strict=True)
            )
        )


def _same(flow: Flow, count: int) -> np.ndarray:
    return np.full(count, flow, np.uint8)


def _of(table: pa.Table, address: str) -> pa.Table:
    """Return the rows that a contract emitted."""
    wanted = pa.scalar(bytes.fromhex(address[2:]), pa.binary(20))
    return table.filter(pc.call_function("equal", [table.column("contract"), wanted]))


def _concentration(holders: Sequence[int], shops: Iterable[Shop]) -> Concentration:
    paid = sorted((shop.used.points for shop in shops if shop.used.points), reverse=True)
    whole, half = sum(paid), 0
    while 2 * sum(paid[:half]) < whole:
        half += 1
    return Concentration(
        len(holders), sum(holders), sum(holders[:10]), len(paid), whole, sum(paid[:10]), half
    )
