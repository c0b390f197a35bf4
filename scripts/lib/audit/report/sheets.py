"""The figures of series and partners, written out as tables and plots; a figure that is left out is so here.

sheets = Sheets(figures, is_public=True, category_names={})
sheets.books()
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from scripts.lib.audit.report.cells import Key
from scripts.lib.audit.report.disclosure import hidden_figures, live_key
from scripts.lib.audit.report.figures import IN, OUT, TOLD, Figures, SeriesFigures, YearStatement
from scripts.lib.audit.report.labels import (
    BATCH_STATES,
    BOOKS,
    FLOWS,
    HIDDEN,
    STATUS,
    Column,
    day,
    ending,
    number,
)
from scripts.lib.audit.report.plots import COLOURS, HELD, endings_plot, months_plot
from scripts.lib.audit.report.transfers import Flow
from scripts.lib.bilingual import Bilingual
from scripts.lib.expiry_rule import NEVER
from scripts.lib.japan_calendar import era_day_label, fiscal_year_label, month_label

_FORECAST_MONTHS = 12


class Bar(NamedTuple):
    """A cell that is drawn as well: its length beside the longest, in percent."""

    text: str
    percent: int


Cellular = str | Bar


@dataclass
class Table:
    """A table: a row begins with what it is about."""

    columns: list[Column]
    rows: list[list[Cellular]]
    caption: Bilingual | None = None
    has_total: bool = False
    style: str = ""


class Sheets:
    """Writes figures out.

    Args:
        category_names: by series and the number of the category, which alone is on the chain.
    """

    def __init__(
        self, figures: Figures, *, is_public: bool, category_names: Mapping[tuple[str, int], str]
    ) -> None:
        self.figures = figures
        self.is_public = is_public
        self.category_names = category_names
        self.hidden: frozenset[Key] = hidden_figures(figures) if is_public else frozenset()

    def number(self, key: Key, points: int) -> str:
        """Write a figure, unless it is left out."""
        return number(None if key in self.hidden else points)

    def shown(self, key: Key, points: int) -> int:
        """Return a figure for a plot: nothing is drawn where it is left out."""
        return 0 if key in self.hidden else points

    # --------------------------------------------------------------------- series

    def books(self) -> Table:
        """Return where all points are, by series."""
        is_any_carried = any(its.books.carried_in or its.books.carried_out for its in self.figures.series)
        names = [name for name in BOOKS if is_any_carried or name not in ("carried_in", "carried_out")]
        columns = [Column(Bilingual("series", "シリーズ"), False)]
        columns += [Column(BOOKS[name]) for name in names]
        rows: list[list[Cellular]] = []
        for its in self.figures.series:
            at = its.address
            keys: dict[str, Key] = {
                "made": ("made", at),
                "carried_in": ("carried", at, "in"),
                "carried_out": ("carried", at, "out"),
                "live": live_key(its),
                "lapsed": ("total", at, Flow.LAPSED),
                "claims": ("book", at, "claims"),
                "locked": ("book", at, "locked"),
                "settled": ("settled", at),
                "revoked": ("total", at, Flow.REVOKED),
            }
            rows.append([its.name, *(self.number(keys[name], getattr(its.books, name)) for name in names)])
        return Table(columns, rows)

    def legend(self) -> list[dict[str, Any]]:
        """Return what the colours of the plots mean."""
        used = [flow for flow in TOLD if any(its.totals[flow].points for its in self.figures.series)]
        legend = [{"title": FLOWS[flow], "colour": COLOURS[flow]} for flow in used]
        held = {"title": Bilingual("live at the month's end", "月末残高"), "colour": HELD}
        return legend if self.is_public else [*legend, held]

    def has_flows(self, its: SeriesFigures) -> bool:
        """Return whether anything of a series is left to draw."""
        return any(
            self.shown(("flow", its.address, month.month, flow), month.flows[flow].points)
            for month in its.months
            for flow in TOLD
        )

    def month_plot(self, its: SeriesFigures) -> dict[str, Any]:
        """Return the plot of a series' months."""
        months = [month.month for month in its.months]
        flows = {
            flow: [
                self.shown(("flow", its.address, month.month, flow), month.flows[flow].points)
                for month in its.months
            ]
            for flow in TOLD
        }
        held = None if self.is_public else [month.live_points for month in its.months]
        told = [
            f"{FLOWS[flow].japanese} {self.number(('total', its.address, flow), its.totals[flow].points)}"
            for flow in TOLD
            if its.totals[flow].points
        ]
        return {"title": its.name, "svg": months_plot(months, flows, held), "says": "計 " + "、".join(told)}

    def month_table(self, its: SeriesFigures) -> Table:
        """Return the figures of a series' months."""
        flows = [flow for flow in TOLD if its.totals[flow].points]
        columns = [Column(Bilingual("month", "月"), False), *(Column(FLOWS[flow]) for flow in flows)]
        if not self.is_public:
            columns.append(Column(Bilingual("live at its end", "月末残高")))
        rows: list[list[Cellular]] = []
        for month in its.months:
            row: list[Cellular] = [month_label(month.month).japanese]
            row += [
                self.number(("flow", its.address, month.month, flow), month.flows[flow].points)
                for flow in flows
            ]
            rows.append(row if self.is_public else [*row, number(month.live_points)])
        totals = [self.number(("total", its.address, flow), its.totals[flow].points) for flow in flows]
        rows.append(["計", *totals, *([] if self.is_public else [""])])
        return Table(columns, rows, _named(its.name, "by month", "月別"), has_total=True)

    def categories(self, its: SeriesFigures) -> Table:
        """Return what was used at each kind of shop."""
        columns = [
            Column(Bilingual("kind of shop", "業種"), False),
            Column(Bilingual("shops", "店数")),
            Column(Bilingual("used", "利用")),
            *([] if self.is_public else [Column(Bilingual("refunded", "うち返品"))]),
            Column(Bilingual("share", "割合"), False),
        ]
        most = max((each.used.points for each in its.categories), default=0) or 1
        is_part_hidden = any(("category", its.address, each.number) in self.hidden for each in its.categories)
        rows: list[list[Cellular]] = []
        for each in its.categories:
            key = ("category", its.address, each.number)
            name = self.category_names.get((its.address, each.number), f"業種 {each.number}")
            refunded = [] if self.is_public else [number(each.refunded)]
            # A share tells the whole, and so the one that is left out.
            share = HIDDEN if is_part_hidden else share_of(each.used.points, its.totals[Flow.USED].points)
            bar = Bar(share, round(100 * self.shown(key, each.used.points) / most))
            rows.append([name, f"{each.shops:,}", self.number(key, each.used.points), *refunded, bar])
        return Table(columns, rows, Bilingual("", its.name))

    def partners(self) -> Table:
        """Return what partners brought, paid and owe."""
        names = (
            ("exchanged", Bilingual("exchanged", "交換")),
            ("bonus", Bilingual("bonus", "増量")),
            ("bonus_owed", Bilingual("of it the partner's", "うち企業負担")),
            ("due", Bilingual("due", "調定額")),
            ("received", Bilingual("received", "入金")),
            ("owed", Bilingual("owes", "未収")),
            ("held", Bilingual("held", "留保中")),
            ("coupons", Bilingual("open coupons", "未使用クーポン")),
        )
        columns = [Column(Bilingual("town, partner", "自治体・協力企業"), False)]
        columns += [Column(title) for _, title in names]
        rows: list[list[Cellular]] = []
        for its in self.figures.partners:
            town = self.figures.towns.get(its.municipality, "全自治体共通")
            at = (its.municipality, its.partner)
            rows.append(
                [
                    f"{town} {its.name}",
                    *(self.number(("partner", *at, name), getattr(its, name)) for name, _ in names),
                ]
            )
        return Table(columns, rows)

    # ----------------------------------------------------------------- settlement

    def shops(self, its: SeriesFigures) -> Table:
        """Return what each shop of a series was paid, and was settled."""
        columns = [Column(Bilingual("shop", "店"), False), Column(Bilingual("state", "状態"), False)]
        columns.append(Column(Bilingual("used", "利用")))
        if not self.is_public:
            columns += [
                Column(Bilingual("refunded", "返品")),
                Column(Bilingual("settled", "精算済")),
                Column(Bilingual("in settlement", "精算中")),
                Column(Bilingual("owed", "未払")),
                Column(Bilingual("settled up to", "最終締め日"), False),
            ]
        rows: list[list[Cellular]] = []
        for shop in its.shops:
            key = ("shop", its.address, shop.address)
            row: list[Cellular] = [
                f"{shop.name}({shop.place})",
                STATUS[shop.status].japanese,
                self.number(key, shop.used.points),
            ]
            if not self.is_public:
                points = (shop.refunded, shop.settled, shop.locked, shop.claims)
                row += [*map(number, points), day(shop.cut_off) if shop.cut_off else "–"]
            rows.append(row)
        total: list[Cellular] = [
            "計",
            "",
            self.number(("total", its.address, Flow.USED), its.totals[Flow.USED].points),
        ]
        if not self.is_public:
            total += [
                number(its.totals[Flow.REFUNDED].points),
                number(its.books.settled),
                number(its.books.locked),
                number(its.books.claims),
                "",
            ]
        return Table(columns, [*rows, total], Bilingual("", its.name), has_total=True, style="dated")

    def all_batches(self) -> list[Table]:
        """Return the settlements of all series; of a batch with few shops even the sum would tell."""
        return [] if self.is_public else [self.batches(its) for its in self.figures.series if its.batches]

    def batches(self, its: SeriesFigures) -> Table:
        """Return a series' settlements by cut-off."""
        columns = [
            Column(Bilingual("cut-off", "締め日"), False),
            Column(Bilingual("batch", "番号")),
            Column(Bilingual("state", "状態"), False),
            Column(Bilingual("shops", "店数")),
            Column(Bilingual("locked", "精算額")),
            Column(Bilingual("came back", "うち不着・組戻し")),
        ]
        rows: list[list[Cellular]] = []
        for its_number, batch in its.batches:
            claims = [claim for claim in batch.claims if claim.points]
            back = [batch.claims[place].points for place in sorted(batch.bounced | batch.reopened)]
            rows.append(
                [
                    day(batch.cut_off),
                    f"{its_number:,}",
                    BATCH_STATES[batch.state].japanese,
                    f"{len(claims):,}",
                    number(sum(claim.points for claim in claims)),
                    number(sum(back)),
                ]
            )
        return Table(columns, rows, Bilingual("", its.name))

    # -------------------------------------------------------------------- endings

    def has_endings(self, its: SeriesFigures) -> bool:
        """Return whether anything of what will end is left to draw."""
        return any(self.shown(("ending", its.address, each.month), each.live.points) for each in its.endings)

    def ending_plot(self, its: SeriesFigures) -> dict[str, Any]:
        """Return the plot of what will end with each month."""
        points = {
            each.month: self.shown(("ending", its.address, each.month), each.live.points)
            for each in its.endings
        }
        first = self.figures.columns.now
        months = range(first, first + _FORECAST_MONTHS)
        later = sum(held for month, held in points.items() if months[-1] < month < NEVER)
        soon = [points.get(month, 0) for month in months]
        svg = endings_plot(months, soon, later, points.get(NEVER, 0))
        held = {each.month: each.live.points for each in its.endings}
        parts = [
            f"{ending(month)} {self.number(('ending', its.address, month), held.get(month, 0))}"
            for month in months[:3]
        ]
        return {"title": its.name, "svg": svg, "says": "今後3か月: " + "、".join(parts)}

    def ending_table(self, its: SeriesFigures) -> Table:
        """Return what will end with each month."""
        columns = [Column(Bilingual("ends with", "期限"), False), Column(Bilingual("points", "ポイント"))]
        columns.append(Column(Bilingual("accounts", "口座数")))
        rows: list[list[Cellular]] = []
        for each in its.endings:
            key = ("ending", its.address, each.month)
            rows.append(
                [ending(each.month), self.number(key, each.live.points), self.number(key, each.live.accounts)]
            )
        live = live_key(its)
        rows.append(["計", self.number(live, its.live.points), self.number(live, its.live.accounts)])
        return Table(columns, rows, _named(its.name, "by month of expiry", "期限別の残高"), has_total=True)

    def concentration(self) -> Table:
        """Return how few have how much."""
        columns = [Column(Bilingual("series", "シリーズ"), False)]
        if not self.is_public:
            columns += [
                Column(Bilingual("accounts with points", "残高のある口座")),
                Column(Bilingual("held by ten accounts", "上位10口座の残高")),
            ]
        columns += [
            Column(Bilingual("shops that were paid", "利用のあった店")),
            Column(Bilingual("paid to ten shops", "上位10店の利用")),
            Column(Bilingual("shops with half of it", "利用の半分を占める店")),
        ]
        rows: list[list[Cellular]] = []
        for its in self.figures.series:
            told = its.concentration
            row: list[Cellular] = [its.name]
            if not self.is_public:
                row += [f"{told.holders:,}", share_of(told.top_held, told.held)]
            # Of a few shops with few customers even a share would tell.
            is_small = any(("shop", its.address, shop.address) in self.hidden for shop in its.shops)
            share = HIDDEN if is_small else share_of(told.top_paid, told.paid)
            half = HIDDEN if is_small else f"{told.half_shops:,} 店"
            rows.append([*row, f"{told.shops:,}", share, half])
        return Table(columns, rows)

    # ---------------------------------------------------------------------- years

    def year(self, its: SeriesFigures, year: YearStatement) -> dict[str, Any]:
        """Return a fiscal year of a series: in, out, and the money of shops."""
        label, told = fiscal_year_label(year.march), year.figures
        at, march = its.address, year.march

        def flow(which: Flow, points: int) -> tuple[Bilingual, str]:
            return FLOWS[which], self.number(("year", at, march, which), points)

        carried = {Flow.CARRIED_IN: year.carried.lots_in, Flow.CARRIED_OUT: year.carried.lots_out}
        points = carried | {
            each: getattr(told.told, each.name.lower())
            for each in (*IN, *OUT)
            if each not in (*carried, Flow.LAPSED)
        }
        # Only of a series that took over, or gave way, is there anything to say of it.
        ways_in = [each for each in IN if each is not Flow.CARRIED_IN or points[each]]
        ways_out = [Flow.CARRIED_OUT] if points[Flow.CARRIED_OUT] else []
        carried_in = (
            Bilingual("carried in", "前年度繰越"),
            self.number(("over", at, march - 12), told.carried_in),
        )
        over = (
            Bilingual("carried over", "翌年度繰越") if year.is_over else Bilingual("live now", "残高"),
            self.number(("over", at, march), told.told.carried_over),
        )
        is_hidden = any(key[0] in ("year", "over") and key[1:2] == (at,) for key in self.hidden)
        whole = told.carried_in + sum(points[each] for each in IN)
        total = (Bilingual("in all", "計"), HIDDEN if is_hidden else number(whole))
        inward = [carried_in, *(flow(each, points[each]) for each in ways_in), total]
        outward = [
            flow(Flow.USED, points[Flow.USED]),
            flow(Flow.LAPSED, told.lapsed),
            flow(Flow.REVOKED, points[Flow.REVOKED]),
            *(flow(each, points[each]) for each in ways_out),
            over,
            total,
        ]
        owed = [
            (
                Bilingual("owed to shops before", "前年度からの未払"),
                self.number(("owed", at, march - 12), told.owed_in),
            ),
            (
                Bilingual("paid to shops in yen", "店への支払(円)"),
                self.number(("settled", at, march), told.settled),
            ),
            (
                Bilingual("of it for closed years", "うち過年度分"),
                self.number(("past", at, march), told.past_years),
            ),
            (Bilingual("paid and come back", "組戻し"), self.number(("reopened", at, march), told.reopened)),
            *(
                (title, self.number(("claims", at, march, side), claims))
                for title, side, claims in (
                    (Bilingual("claims come over", "請求の引継受入"), "in", year.carried.claims_in),
                    (Bilingual("claims gone over", "請求の引継払出"), "out", year.carried.claims_out),
                )
                if claims
            ),
            *self._owed_at_end(year),
            (
                Bilingual("still owed to shops", "店への未払"),
                self.number(("owed", at, march), told.owed_over),
            ),
        ]
        state = "締め済み closed" if year.closed is not None else "期中 open"
        return {
            "title": Bilingual(label.english, f"{its.name} {label.japanese}"),
            "state": state,
            "tables": [
                _pairs(Bilingual("in", "受入"), inward, has_total=True),
                _pairs(Bilingual("out", "払出"), outward, has_total=True),
                _pairs(Bilingual("shops", "加盟店への支払"), owed, has_total=True),
            ],
        }

    def _owed_at_end(self, year: YearStatement) -> list[tuple[Bilingual, str]]:
        """Return what was owed when 31 March ended: of a year that is over, and never in public."""
        if self.is_public or not year.is_over:
            return []
        end = era_day_label(year.march)
        title = Bilingual(f"besides: owed when {end.english} ended", f"(参考) {end.japanese}現在の店への未払")
        return [(title, number(year.owed_at_end))]

    def gross(self) -> Table:
        """Return income and expenditure of every town and year."""
        columns = [
            Column(Bilingual("town, fiscal year", "自治体・年度"), False),
            Column(Bilingual("due from partners", "協力企業 調定額")),
            Column(Bilingual("received from partners", "歳入 協力企業から")),
            Column(Bilingual("paid to shops", "歳出 加盟店へ")),
        ]
        marches = sorted({year.march for its in self.figures.series for year in its.years})
        rows: list[list[Cellular]] = []
        for town, name in self.figures.towns.items():
            for march in marches:
                partners = [
                    each
                    for each in self.figures.partner_years
                    if (each.municipality, each.march) == (town, march)
                ]
                due, received = sum(each.due for each in partners), sum(each.received for each in partners)
                paid = sum(
                    year.figures.settled
                    for its in self.figures.series
                    for year in its.years
                    if its.municipality == town and year.march == march
                )
                if due or received or paid:
                    rows.append(
                        [
                            f"{name} {fiscal_year_label(march).japanese}",
                            self.number(("due", town, march), due),
                            self.number(("received", town, march), received),
                            self.number(("paid", town, march), paid),
                        ]
                    )
        return Table(columns, rows)


def is_told(year: YearStatement) -> bool:
    """Return whether anything happened in a year, or is carried."""
    figures = year.figures
    sums = (figures.carried_in, figures.lapsed, figures.settled, figures.owed_over)
    return any((*figures.told, *year.carried, *sums))


def _pairs(
    title: Bilingual,
    lines: Iterable[tuple[Bilingual, str]],
    *,
    has_total: bool = False,
) -> Table:
    rows: list[list[Cellular]] = [[str(name.japanese), value] for name, value in lines]
    return Table(
        [Column(title, False), Column(Bilingual("points", "ポイント"))],
        rows,
        has_total=has_total,
        style="pair",
    )


def _named(name: str, english: str, japanese: str) -> Bilingual:
    return Bilingual(english, f"{name} {japanese}")


def share_of(part: int, whole: int) -> str:
    """Write a part of a whole in percent."""
    return f"{100 * part / whole:.1f} %" if whole else "–"
