"""Which figures the public version leaves out: every figure that it would print, and how they add up.

    hidden = hidden_figures(figures)
    ("flow", series, month, Flow.USED) in hidden

The view asks with the same keys. A figure that is printed here must stand in `cells`, and every way in which
printed figures add up in `sums`.
"""

from __future__ import annotations

from collections import Counter, defaultdict

from scripts.lib.audit.report.cells import Cell, Key, Sum, suppressed
from scripts.lib.audit.report.figures import IN, MADE, OUT, TOLD, Figures, SeriesFigures
from scripts.lib.audit.report.transfers import Flow
from scripts.lib.japan_calendar import fiscal_year_end

_FINE = ("all", "flow", "shop", "ending", "partner")
_COARSE = ("total", "made", "carried", "settled", "book")
"""Kinds of figures, by the first word of their keys; all others lie between. A sum over all series goes
first: it would take figures of another town with it."""

OVERALL = ("made", "used", "lapsed", "live", "owed")


def hidden_figures(figures: Figures) -> frozenset[Key]:
    """Return the keys of all figures that are not to be published."""
    told = _Told()
    for series in figures.series:
        told.take_series(series)
    told.take_successions(figures)
    told.take_towns(figures)
    told.take_partners(figures)
    return suppressed(told.cells, told.sums, _coarseness)


def _coarseness(key: Key) -> int:
    return 0 if key[0] in _FINE else 2 if key[0] in _COARSE else 1


def live_key(series: SeriesFigures) -> Key:
    """Return the key of what residents hold: what the last year would carry over."""
    return ("over", series.address, series.years[-1].march if series.years else 0)


class _Told:
    def __init__(self) -> None:
        self.cells: dict[Key, Cell] = {}
        self.sums: list[Sum] = []
        self.overall: defaultdict[str, dict[Key, int]] = defaultdict(dict)

    def take_series(self, its: SeriesFigures) -> None:
        at = its.address
        totals: dict[Flow, Key] = {flow: ("total", at, flow) for flow in TOLD}
        self.cells |= {key: its.totals[flow] for flow, key in totals.items()}
        made: Key = ("made", at)
        live = live_key(its)
        accounts = max(its.totals[flow].accounts for flow in MADE)
        self.cells |= {made: Cell(its.books.made, accounts), live: its.live}
        self.sums.append({made: -1} | {totals[flow]: 1 for flow in MADE})
        years = {year.march: year for year in its.years}
        for flow in TOLD:
            by_year: defaultdict[int, dict[Key, int]] = defaultdict(dict)
            for month in its.months:
                key: Key = ("flow", at, month.month, flow)
                self.cells[key] = month.flows[flow]
                by_year[fiscal_year_end(month.month)][key] = 1
            for march, parts in by_year.items():
                key = ("year", at, march, flow)
                name = flow.name.lower()
                self.cells[key] = Cell(
                    sum(self.cells[part].points for part in parts), years[march].accounts[name]
                )
                self.sums.append(parts | {key: -1})
            self.sums.append({("year", at, march, flow): 1 for march in by_year} | {totals[flow]: -1})
        self._take_years(its)
        ends: dict[Key, Cell] = {("ending", at, ending.month): ending.live for ending in its.endings}
        self.cells |= ends
        self.sums.append({live: -1} | dict.fromkeys(ends, 1))
        self._take_shops(its)
        for name, key in zip(OVERALL, (made, totals[Flow.USED], totals[Flow.LAPSED], live), strict=False):
            self.overall[name][key] = 1

    def _take_years(self, its: SeriesFigures) -> None:
        at, payers = its.address, its.totals[Flow.USED].accounts
        settled: Key = ("settled", at)
        books = its.books
        carried: dict[str, dict[Key, int]] = {
            side: {("carried", at, side): -1, ("total", at, flow): 1}
            for side, flow in (("in", Flow.CARRIED_IN), ("out", Flow.CARRIED_OUT))
        }
        for side, points in (("in", books.carried_in), ("out", books.carried_out)):
            flow = Flow.CARRIED_IN if side == "in" else Flow.CARRIED_OUT
            self.cells["carried", at, side] = Cell(points, its.totals[flow].accounts or payers)
        owed_at_last: Key = ("book", at, "owed")
        self.cells[settled] = Cell(its.books.settled, payers)
        self.cells[owed_at_last] = Cell(its.books.claims + its.books.locked, payers)
        self.cells |= {
            ("book", at, "claims"): Cell(its.books.claims, payers),
            ("book", at, "locked"): Cell(its.books.locked, payers),
        }
        self.sums.append({owed_at_last: -1, ("book", at, "claims"): 1, ("book", at, "locked"): 1})
        self.overall["owed"][owed_at_last] = 1
        before: Key | None = None
        owed_before: Key | None = None
        paid: dict[Key, int] = {settled: -1}
        for year in its.years:
            key, told = year.march, year.figures
            over: Key = ("over", at, key)
            owed: Key = ("owed", at, key)
            payers_of_year = year.accounts["used"] or payers
            self.cells[over] = Cell(told.told.carried_over, year.accounts["carried_over"])
            self.cells |= {
                owed: Cell(told.owed_over, payers_of_year),
                ("settled", at, key): Cell(told.settled, payers_of_year),
                ("past", at, key): Cell(told.past_years, payers_of_year),
                ("reopened", at, key): Cell(told.reopened, payers_of_year),
                ("claims", at, key, "in"): Cell(year.carried.claims_in, payers_of_year),
                ("claims", at, key, "out"): Cell(year.carried.claims_out, payers_of_year),
            }
            for side, parts in carried.items():
                parts["claims", at, key, side] = 1
            balance: dict[Key, int] = {("year", at, key, flow): 1 for flow in IN}
            balance |= {("year", at, key, flow): -1 for flow in OUT} | {over: -1}
            owing: dict[Key, int] = {
                ("year", at, key, Flow.USED): 1,
                ("reopened", at, key): 1,
                ("settled", at, key): -1,
                ("claims", at, key, "in"): 1,
                ("claims", at, key, "out"): -1,
            }
            owing |= {("year", at, key, Flow.REFUNDED): -1, owed: -1}
            if before is not None and owed_before is not None:
                balance[before], owing[owed_before] = 1, 1
            self.sums += [balance, owing]
            paid |= {("settled", at, key): 1, ("reopened", at, key): -1}
            before, owed_before = over, owed
        self.sums += [paid, *carried.values()]
        if owed_before is not None:
            self.sums.append({owed_before: 1, owed_at_last: -1})

    def _take_shops(self, its: SeriesFigures) -> None:
        at = its.address
        of_category: defaultdict[int, dict[Key, int]] = defaultdict(dict)
        for shop in its.shops:
            key: Key = ("shop", at, shop.address)
            self.cells[key] = shop.used
            of_category[shop.category][key] = 1
        categories: dict[Key, int] = {}
        for category in its.categories:
            key = ("category", at, category.number)
            self.cells[key] = category.used
            categories[key] = 1
            self.sums.append(of_category[category.number] | {key: -1})
        self.sums.append(categories | {("total", at, Flow.USED): -1})

    def take_successions(self, figures: Figures) -> None:
        """What left one series is what reached the other, month by month and year by year."""
        families: defaultdict[str, list[SeriesFigures]] = defaultdict(list)
        for its in figures.series:
            families[its.first].append(its)
        for family in families.values():
            known: defaultdict[object, dict[Key, int]] = defaultdict(dict)
            for its in family:
                for flow, sign in ((Flow.CARRIED_IN, 1), (Flow.CARRIED_OUT, -1)):
                    for month in its.months:
                        known[month.month]["flow", its.address, month.month, flow] = sign
                for year in its.years:
                    for side, sign in (("in", 1), ("out", -1)):
                        known["claims", year.march]["claims", its.address, year.march, side] = sign
            if len(family) > 1:
                self.sums += known.values()

    def take_towns(self, figures: Figures) -> None:
        for name, parts in self.overall.items():
            whole: Key = ("all", name)
            cells = [self.cells[key] for key in parts]
            self.cells[whole] = Cell(sum(each.points for each in cells), sum(each.accounts for each in cells))
            self.sums.append(parts | {whole: -1})
        paid: defaultdict[Key, dict[Key, int]] = defaultdict(dict)
        for series in figures.series:
            for year in series.years:
                paid["paid", series.municipality, year.march]["settled", series.address, year.march] = 1
        for key, parts in paid.items():
            cells = [self.cells[part] for part in parts]
            self.cells[key] = Cell(sum(each.points for each in cells), sum(each.accounts for each in cells))
            self.sums.append(parts | {key: -1})

    def take_partners(self, figures: Figures) -> None:
        by_town: defaultdict[int, dict[Key, int]] = defaultdict(dict)
        due: defaultdict[int, Counter[Key]] = defaultdict(Counter)
        received: defaultdict[int, Counter[Key]] = defaultdict(Counter)
        for its in figures.partners:
            at = (its.municipality, its.partner)
            for name in ("exchanged", "bonus", "bonus_owed", "due", "received", "owed", "held", "coupons"):
                told: Key = ("partner", *at, name)
                self.cells[told] = Cell(getattr(its, name), its.accounts)
            part: dict[str, Key] = {
                name: ("partner", *at, name)
                for name in ("exchanged", "bonus_owed", "due", "received", "owed")
            }
            self.sums.append({part["exchanged"]: 1, part["bonus_owed"]: 1, part["due"]: -1})
            self.sums.append({part["received"]: 1, part["owed"]: 1, part["due"]: -1})
            by_town[its.municipality][part["exchanged"]] = 1
            due[its.municipality][part["due"]] = 1
            received[its.municipality][part["received"]] = 1
        for year in figures.partner_years:
            count = len(year.accounts) or sum(
                each.accounts for each in figures.partners if each.municipality == year.municipality
            )
            for name, kept, points in (("due", due, year.due), ("received", received, year.received)):
                key: Key = (name, year.municipality, year.march)
                self.cells[key] = Cell(points, count)
                kept[year.municipality][key] = -1
        for town, parts in by_town.items():
            minted: dict[Key, int] = {
                ("total", each.address, Flow.EXCHANGED): -1
                for each in figures.series
                if each.municipality == town
            }
            self.sums.append(parts | minted)
        self.sums += [*due.values(), *received.values()]
