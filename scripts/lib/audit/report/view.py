"""What stands on the page, ready to be set: every figure written out, in the order in which it is read.

The template knows no figure and decides nothing. The public version is made here: it leaves out whatever
tells about an account, and the figures that `disclosure` names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, NamedTuple

from scripts.lib.artifacts import read_artifact, sources_digest
from scripts.lib.audit.patterns.odd_pattern import OddPattern
from scripts.lib.audit.report.cells import MINIMUM_ACCOUNTS, Key
from scripts.lib.audit.report.disclosure import hidden_figures, live_key
from scripts.lib.audit.report.figures import IN, TOLD, Figures, SeriesFigures, YearStatement
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
from scripts.lib.audit.report.reconciliation import Check
from scripts.lib.audit.report.texts import NOTES, TITLES
from scripts.lib.audit.report.transfers import Flow
from scripts.lib.audit.verify import Verdict
from scripts.lib.bilingual import Bilingual
from scripts.lib.expiry_rule import NEVER
from scripts.lib.japan_calendar import (
    era_moment_label,
    fiscal_year_label,
    moment_label,
    month_label,
    start_of,
)

PATTERNS_FILE = "odd-patterns.csv"
_FORECAST_MONTHS = 12
_ACCOUNTS_SHOWN = 12
_VIOLATIONS_SHOWN = 40


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


@dataclass
class View:
    """All that the template sets; see templates/report.html."""

    is_public: bool
    towns: str
    period: Bilingual
    last: str
    moment: Bilingual
    verdict: dict[str, Any]
    parts: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["parts"][name]
        except KeyError:
            raise AttributeError(name) from None


def build_view(
    figures: Figures,
    verdict: Verdict | None,
    checks: Sequence[Check],
    patterns: Sequence[OddPattern],
    *,
    is_public: bool,
    category_names: Mapping[tuple[str, int], str],
) -> View:
    """Return the page's content.

    Args:
        verdict: None if verify was not run.
        category_names: by series and the number of the category, which alone is on the chain.
    """
    return _Builder(figures, verdict, checks, patterns, is_public, category_names).view()


class _Builder:
    def __init__(
        self,
        figures: Figures,
        verdict: Verdict | None,
        checks: Sequence[Check],
        patterns: Sequence[OddPattern],
        is_public: bool,
        category_names: Mapping[tuple[str, int], str],
    ) -> None:
        self.figures = figures
        self.verdict = verdict
        self.checks = checks
        self.patterns = patterns
        self.is_public = is_public
        self.category_names = category_names
        self.hidden: Collection[Key] = hidden_figures(figures) if is_public else ()

    def view(self) -> View:
        figures = self.figures
        months = [month.month for series in figures.series for month in series.months]
        first = start_of(min(months)) if months else figures.second
        columns = figures.columns
        view = View(
            self.is_public,
            "、".join(figures.towns.values()),
            Bilingual(
                f"{moment_label(first).english[:10]} to {moment_label(figures.second).english[:10]}",
                f"{day(first)} から {day(figures.second)} まで",
            ),
            f"{columns.dataset.last:,}",
            era_moment_label(figures.second),
            self._verdict(),
        )
        view.parts = {
            "titles": TITLES,
            "notes": NOTES,
            "violations": self._violations(),
            "tiles": self._tiles(),
            "pattern_lead": self._pattern_lead(),
            "pattern_counts": self._pattern_counts(),
            "patterns": [] if self.is_public else [self._pattern(its) for its in self.patterns],
            "pattern_file": PATTERNS_FILE,
            "books": self._books(),
            "legend": self._legend(),
            "month_plots": [self._month_plot(its) for its in figures.series if self._has_flows(its)],
            "categories": [self._categories(its) for its in figures.series if its.categories],
            "partners": self._partners(),
            "shops": [self._shops(its) for its in figures.series if its.shops],
            "batches": []
            if self.is_public
            else [self._batches(its) for its in figures.series if its.batches],
            "ending_plots": [self._ending_plot(its) for its in figures.series if self._has_endings(its)],
            "concentration": self._concentration(),
            "years": [
                self._year(its, year) for its in figures.series for year in its.years if _is_told(year)
            ],
            "gross": self._gross(),
            "month_tables": [self._month_table(its) for its in figures.series if its.months],
            "ending_tables": [self._ending_table(its) for its in figures.series if its.endings],
            "basis": self._basis(),
            "contracts": self._contracts(),
            "checks_lead": self._checks_lead(),
            "checks": self._differing(),
        }
        return view

    def number(self, key: Key, points: int) -> str:
        """Write a figure, unless it is left out."""
        return number(None if key in self.hidden else points)

    def shown(self, key: Key, points: int) -> int:
        """Return a figure for a plot: nothing is drawn where it is left out."""
        return 0 if key in self.hidden else points

    # -------------------------------------------------------------------- verdict

    def _verdict(self) -> dict[str, Any]:
        told = self._told_verdict()
        if self.is_public:
            told["lines"].append(
                Bilingual(
                    f"{HIDDEN}: left out, since fewer than {MINIMUM_ACCOUNTS} accounts stand behind it, or "
                    "it would give such a figure away.",
                    f"{HIDDEN}: {MINIMUM_ACCOUNTS}口座未満の数字、またはそれを逆算できる数字のため非公表。",
                )
            )
        return told

    def _told_verdict(self) -> dict[str, Any]:
        verdict, events = self.verdict, f"{self.figures.columns.events:,}"
        agreed = Bilingual(
            f"{len(self.checks):,} pairs of figures in this report were held against each other and agree.",
            f"この報告書の数字 {len(self.checks):,} 組を互いに突き合わせ、すべて一致しました。",
        )
        if verdict is None:
            return {
                "style": "unknown",
                "sign": "–",
                "title": Bilingual("The chain was not asked", "チェーンとの照合なし"),
                "lines": [
                    Bilingual(
                        f"Worked out from {events} events; nothing was checked by verify.",
                        f"記録 {events} 件から計算しました。検査(verify)は行っていません。",
                    ),
                    agreed,
                ],
            }
        if verdict.violations:
            count = len(verdict.violations)
            return {
                "style": "bad",
                "sign": "！",
                "title": Bilingual("Not in order", "異常あり"),
                "lines": [
                    Bilingual(
                        f"{count:,} violations were found; figures below may follow from them.",
                        f"違反が {count:,} 件見つかりました。以下の数字もその影響を受けえます。",
                    )
                ],
            }
        return {
            "style": "good",
            "sign": "✓",
            "title": Bilingual("Nothing found", "異常なし"),
            "lines": [
                Bilingual(
                    f"All {events} events of {verdict.contracts} contracts were replayed from the first "
                    f"block on, and {verdict.figures:,} answers of the chain compared: not one differs.",
                    f"契約 {verdict.contracts} 個の全記録 {events} 件を最初から計算し直し、チェーンの回答 "
                    f"{verdict.figures:,} 件と照合しました。1ポイントの差もありません。",
                ),
                agreed,
            ],
        }

    def _violations(self) -> Table | None:
        if self.verdict is None or not self.verdict.violations:
            return None
        found = self.verdict.violations
        if self.is_public:
            counts = Counter((its.breaks, its.what) for its in found)
            columns = [Column(Bilingual("breaks", "違反"), False), Column(Bilingual("what", "内容"), False),
                       Column(Bilingual("times", "件数"))]  # fmt: skip
            return Table(
                columns,
                [[breaks, str(what), f"{count:,}"] for (breaks, what), count in sorted(counts.items())],
            )
        titles = (
            Bilingual("breaks", "違反"),
            Bilingual("what", "内容"),
            Bilingual("transaction, account", "取引・口座"),
            Bilingual("figures", "数値"),
        )
        columns = [Column(title, False) for title in titles]
        rows: list[list[Cellular]] = [
            [
                its.breaks,
                str(its.what),
                " ".join(part for part in (its.transaction, its.account) if part),
                its.facts,
            ]
            for its in found[:_VIOLATIONS_SHOWN]
        ]
        if len(found) > _VIOLATIONS_SHOWN:
            rest = len(found) - _VIOLATIONS_SHOWN
            rows.append(["…", f"他{rest:,}件 / {rest:,} more", "", ""])
        return Table(columns, rows, style="long")

    def _tiles(self) -> list[dict[str, Any]]:
        series = self.figures.series
        figures = (
            ("made", BOOKS["made"], sum(its.books.made for its in series)),
            ("used", FLOWS[Flow.USED], sum(its.totals[Flow.USED].points for its in series)),
            ("lapsed", FLOWS[Flow.LAPSED], sum(its.books.lapsed for its in series)),
            ("live", BOOKS["live"], sum(its.books.live for its in series)),
            ("owed", BOOKS["claims"], sum(its.books.claims + its.books.locked for its in series)),
        )
        tiles = [
            {"title": title, "figure": self.number(("all", name), points), "unit": "ポイント"}
            for name, title, points in figures
        ]
        owed = None
        if not any(
            ("partner", its.municipality, its.partner, "owed") in self.hidden for its in self.figures.partners
        ):
            owed = sum(its.owed for its in self.figures.partners)
        title = Bilingual("owed by partners", "企業からの未収")
        return [*tiles, {"title": title, "figure": number(owed), "unit": "円"}]

    # ------------------------------------------------------------------- patterns

    def _pattern_lead(self) -> Bilingual:
        count = len(self.patterns)
        if not count:
            return Bilingual(
                "None: no closed circle, burst, refunds over and over, or many shops in minutes stands out.",
                "ありません。閉じた輪、集中的な支払い、返品の反復、短時間の多店舗利用のいずれも見つかりませんでした。",
            )
        accuses = Bilingual(
            "They accuse nobody: each is a reason to look up the transactions behind it.",
            "不正を断定するものではなく、取引の確認をお勧めするものです。",
        )
        return Bilingual(f"{count:,} found. {accuses.english}", f"{count:,} 件あります。{accuses.japanese}")

    def _pattern_counts(self) -> Table | None:
        """Return how many of each kind there are, which is all that the public version tells."""
        if not self.is_public or not self.patterns:
            return None
        counts = Counter(its.kind.value for its in self.patterns)
        rows: list[list[Cellular]] = [[str(kind), f"{count:,}"] for kind, count in sorted(counts.items())]
        return Table(
            [Column(Bilingual("kind", "種類"), False), Column(Bilingual("found", "件数"))], rows, style="pair"
        )

    def _pattern(self, its: OddPattern) -> dict[str, Any]:
        [series] = [each for each in self.figures.series if each.address == its.series]
        names = {shop.address: shop.name for shop in series.shops}
        first, last = era_moment_label(its.first_time).japanese, era_moment_label(its.last_time).japanese
        return {
            "kind": its.kind.value,
            "says": its.says,
            "series": series.name,
            "when": f"{first} – {last}",
            "points": f"{its.points:,}",
            "shops": [names.get(merchant, merchant) for merchant in its.merchants],
            "accounts": its.accounts[:_ACCOUNTS_SHOWN],
            "more_accounts": max(len(its.accounts) - _ACCOUNTS_SHOWN, 0),
            "transactions": its.transactions,
        }

    # --------------------------------------------------------------------- series

    def _books(self) -> Table:
        columns = [Column(Bilingual("series", "シリーズ"), False)]
        columns += [Column(title) for title in BOOKS.values()]
        rows: list[list[Cellular]] = []
        for its in self.figures.series:
            at = its.address
            keys: dict[str, Key] = {
                "made": ("made", at),
                "live": live_key(its),
                "lapsed": ("total", at, Flow.LAPSED),
                "claims": ("book", at, "claims"),
                "locked": ("book", at, "locked"),
                "settled": ("settled", at),
                "revoked": ("total", at, Flow.REVOKED),
            }
            rows.append([its.name, *(self.number(keys[name], getattr(its.books, name)) for name in BOOKS)])
        return Table(columns, rows)

    def _legend(self) -> list[dict[str, Any]]:
        used = [flow for flow in TOLD if any(its.totals[flow].points for its in self.figures.series)]
        legend = [{"title": FLOWS[flow], "colour": COLOURS[flow]} for flow in used]
        held = {"title": Bilingual("live at the month's end", "月末残高"), "colour": HELD}
        return legend if self.is_public else [*legend, held]

    def _has_flows(self, its: SeriesFigures) -> bool:
        """Return whether anything of a series is left to draw."""
        return any(
            self.shown(("flow", its.address, month.month, flow), month.flows[flow].points)
            for month in its.months
            for flow in TOLD
        )

    def _month_plot(self, its: SeriesFigures) -> dict[str, Any]:
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

    def _month_table(self, its: SeriesFigures) -> Table:
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

    def _categories(self, its: SeriesFigures) -> Table:
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
            share = HIDDEN if is_part_hidden else _share(each.used.points, its.totals[Flow.USED].points)
            bar = Bar(share, round(100 * self.shown(key, each.used.points) / most))
            rows.append([name, f"{each.shops:,}", self.number(key, each.used.points), *refunded, bar])
        return Table(columns, rows, Bilingual("", its.name))

    def _partners(self) -> Table:
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

    def _shops(self, its: SeriesFigures) -> Table:
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

    def _batches(self, its: SeriesFigures) -> Table:
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

    def _has_endings(self, its: SeriesFigures) -> bool:
        return any(self.shown(("ending", its.address, each.month), each.live.points) for each in its.endings)

    def _ending_plot(self, its: SeriesFigures) -> dict[str, Any]:
        points = {
            each.month: self.shown(("ending", its.address, each.month), each.live.points)
            for each in its.endings
        }
        first = its.months[-1].month
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

    def _ending_table(self, its: SeriesFigures) -> Table:
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

    def _concentration(self) -> Table:
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
                row += [f"{told.holders:,}", _share(told.top_held, told.held)]
            # Of a few shops with few customers even a share would tell.
            is_small = any(("shop", its.address, shop.address) in self.hidden for shop in its.shops)
            share = HIDDEN if is_small else _share(told.top_paid, told.paid)
            half = HIDDEN if is_small else f"{told.half_shops:,} 店"
            rows.append([*row, f"{told.shops:,}", share, half])
        return Table(columns, rows)

    # ---------------------------------------------------------------------- years

    def _year(self, its: SeriesFigures, year: YearStatement) -> dict[str, Any]:
        label, told = fiscal_year_label(year.march), year.figures
        at, march = its.address, year.march

        def flow(which: Flow, points: int) -> tuple[Bilingual, str]:
            return FLOWS[which], self.number(("year", at, march, which), points)

        points = {each: getattr(told.told, each.name.lower()) for each in (*IN, Flow.USED, Flow.REVOKED)}
        carried_in = (
            Bilingual("carried in", "前年度繰越"),
            self.number(("over", at, march - 12), told.carried_in),
        )
        over = (
            Bilingual("carried over", "翌年度繰越"),
            self.number(("over", at, march), told.told.carried_over),
        )
        is_hidden = any(key[0] in ("year", "over") and key[1:2] == (at,) for key in self.hidden)
        whole = told.carried_in + sum(points[each] for each in IN)
        total = (Bilingual("in all", "計"), HIDDEN if is_hidden else number(whole))
        inward = [carried_in, *(flow(each, points[each]) for each in IN), total]
        outward = [
            flow(Flow.USED, points[Flow.USED]),
            flow(Flow.LAPSED, told.lapsed),
            flow(Flow.REVOKED, points[Flow.REVOKED]),
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

    def _gross(self) -> Table:
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

    # ---------------------------------------------------------------------- basis

    def _basis(self) -> list[dict[str, Any]]:
        columns = self.figures.columns
        header, seal = columns.header, columns.dataset.seal
        rows = [
            (Bilingual("chain id", "チェーンID"), str(header.chain_id)),
            (Bilingual("genesis block", "最初のブロック"), header.genesis),
            (Bilingual("platform contract", "基盤の契約"), header.platform),
            (Bilingual("blocks", "ブロックの範囲"), f"{header.first:,} – {columns.dataset.last:,}"),
            (Bilingual("hash of the last block", "最後のブロックのハッシュ"), seal.hash),
            (Bilingual("events", "記録の件数"), f"{columns.events:,}"),
            (Bilingual("digest of all events", "全記録の要約値(SHA-256)"), columns.digest()),
            (Bilingual("digest of the contracts' sources", "契約ソースの要約値(SHA-256)"), sources_digest()),
        ]
        return [{"title": title, "value": value} for title, value in rows]

    def _contracts(self) -> Table:
        columns = [
            Column(Bilingual("contract", "契約"), False),
            Column(Bilingual("address", "アドレス"), False),
            Column(Bilingual("code by these sources (SHA-256)", "コードの要約値(SHA-256)"), False),
        ]
        header = self.figures.columns.header
        known = [
            ("PointPlatform", "", header.platform),
            ("Officers", "", header.officers),
            ("ResidentRegistry", "", header.residents),
            *((each.kind, each.name, each.address) for each in self.figures.columns.dataset.contracts),
        ]
        rows: list[list[Cellular]] = [
            [f"{kind} {name}".strip(), address, _code_digest(kind)] for kind, name, address in known
        ]
        return Table(columns, rows, style="long hashes-table")

    def _checks_lead(self) -> Bilingual:
        agreeing = sum(check.agrees for check in self.checks)
        by = "" if self.verdict is None else ", by verify's replay of every event"
        japanese = "" if self.verdict is None else "、検証(verify)による全記録の再計算"
        return Bilingual(
            f"{agreeing:,} of {len(self.checks):,} pairs agree: sums of months, shops, kinds of shops, "
            f"months of expiry and years; what officers fixed when years closed{by}.",
            f"{len(self.checks):,} 組中 {agreeing:,} 組が一致: 月・店・業種・期限・年度ごとの合計、"
            f"年度締めで職員が確定した数字{japanese}。",
        )

    def _differing(self) -> Table | None:
        differing = [check for check in self.checks if not check.agrees]
        if not differing or self.is_public:
            return None
        columns = [Column(Bilingual("where", "対象"), False), Column(Bilingual("what", "項目"), False)]
        columns += [Column(Bilingual("report", "報告書")), Column(Bilingual("other", "照合先"))]
        return Table(
            columns, [[its.where, str(its.what), number(its.ours), number(its.theirs)] for its in differing]
        )


def _is_told(year: YearStatement) -> bool:
    """Return whether anything happened in a year, or is carried."""
    figures = year.figures
    return any((*figures.told, figures.carried_in, figures.lapsed, figures.settled, figures.owed_over))


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


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"


def _code_digest(kind: str) -> str:
    return sha256(read_artifact(kind).runtime.encode()).hexdigest() if kind else "–"
