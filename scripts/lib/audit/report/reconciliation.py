"""Holds the report's figures against each other, against verify's replay and against what officers fixed.

    checks = reconcile(figures, verdict)
    [check for check in checks if not check.agrees]

The report follows every lot by code of its own; verify replays every event by other code and asks the chain.
That both come to the same is not taken for granted: a report whose figures differ is not written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scripts.lib.audit.report.figures import IN, OUT, TOLD, Figures, SeriesFigures
from scripts.lib.audit.report.transfers import Flow
from scripts.lib.audit.verify import Verdict
from scripts.lib.bilingual import Bilingual
from scripts.lib.expiry_rule import expiry_label
from scripts.lib.japan_calendar import fiscal_year_label

ANY = "全自治体共通"
"""Coupons for any municipality belong to none until they are redeemed."""


class ReconciliationError(Exception):
    """Figures of the report differ from others that should be the same; the message names them."""


class Check(NamedTuple):
    """Two figures that should be the same."""

    where: str
    what: Bilingual
    ours: int
    theirs: int

    @property
    def agrees(self) -> bool:
        """Return whether they are."""
        return self.ours == self.theirs

    def __str__(self) -> str:
        return f"{self.where}: {self.what}: {self.ours:,} / {self.theirs:,}"


def reconcile(figures: Figures, verdict: Verdict | None) -> list[Check]:
    """Return every comparison that was made.

    Args:
        verdict: what verify came to; None if it was not run.

    Raises:
        ReconciliationError: figures differ, and verify names no violation that would explain it.
    """
    checks = [check for series in figures.series for check in _of_series(series, verdict)]
    checks += [*_of_successions(figures), *_of_partners(figures)]
    differing = [check for check in checks if not check.agrees]
    if differing and not (verdict and verdict.violations):
        raise ReconciliationError("; ".join(map(str, differing)))
    return checks


def _of_series(series: SeriesFigures, verdict: Verdict | None) -> Iterator[Check]:
    books = series.books
    yield Check(
        series.name,
        Bilingual("made and come over = where they are (I1)", "発生と引継受入=所在の合計(I1)"),
        books.made + books.carried_in,
        sum(books[2:]),
    )
    if verdict is not None:
        for name, ours in books._asdict().items():
            yield Check(
                series.name,
                Bilingual(f"{name}, by verify", f"検証との一致: {name}"),
                ours,
                getattr(verdict.books[series.address], name),
            )
    for flow in TOLD:
        what = Bilingual(f"{flow.name.lower()}: sum of the months", f"{flow.name.lower()}: 月の合計")
        yield Check(
            series.name,
            what,
            sum(month.flows[flow].points for month in series.months),
            series.totals[flow].points,
        )
    yield Check(
        series.name,
        Bilingual("live: in less out", "残高: 入りと出の差"),
        sum(series.totals[flow].points for flow in IN) - sum(series.totals[flow].points for flow in OUT),
        books.live,
    )
    yield Check(
        series.name,
        Bilingual("live: sum by month of expiry", "残高: 期限別の合計"),
        sum(ending.live.points for ending in series.endings),
        books.live,
    )
    for name, parts in (
        ("shops", [shop.used.points for shop in series.shops]),
        ("categories", [category.used.points for category in series.categories]),
    ):
        what = Bilingual(f"used: sum of the {name}", f"利用: {name}の合計")
        yield Check(series.name, what, sum(parts), series.totals[Flow.USED].points)
    yield from _of_years(series)


def _of_years(series: SeriesFigures) -> Iterator[Check]:
    yield Check(
        series.name,
        Bilingual("settled: sum of the years' books", "精算済: 年度の合計"),
        sum(year.figures.settled - year.figures.reopened for year in series.years),
        series.books.settled,
    )
    yield Check(
        series.name,
        Bilingual("owed to shops: years and claims", "未払: 年度と請求"),
        series.years[-1].figures.owed_over if series.years else 0,
        series.books.claims + series.books.locked,
    )
    for side, way in (
        ("in", Bilingual("come over", "引継受入")),
        ("out", Bilingual("gone over", "引継払出")),
    ):
        names = (f"lots_{side}", f"claims_{side}")
        yield Check(
            series.name,
            Bilingual(f"{way.english}: sum of the years", f"{way.japanese}: 年度の合計"),
            sum(getattr(year.carried, name) for year in series.years for name in names),
            getattr(series.books, f"carried_{side}"),
        )
    for year in series.years:
        label = fiscal_year_label(year.march)
        if year.closed is not None:
            for name, ours, theirs in _pairs(year.figures, year.closed):
                what = Bilingual(f"{label.english}: {name}, as closed", f"{label.japanese}: 締めの{name}")
                yield Check(series.name, what, ours, theirs)
        for name, (left, right) in year.figures.differences(year.carried).items():
            yield Check(
                series.name, Bilingual(f"{label.english}: {name}", f"{label.japanese}: {name}"), left, right
            )


def _of_successions(figures: Figures) -> Iterator[Check]:
    """Hold what left each series against what reached those that it gives way to, and takes over from."""
    for first in dict.fromkeys(its.first for its in figures.series):
        family = [its for its in figures.series if its.first == first]
        if len(family) == 1 and not (family[0].books.carried_in or family[0].books.carried_out):
            continue
        name = " → ".join(its.name for its in family)
        years = [year for its in family for year in its.years]
        for what, out, came in (
            (Bilingual("lots that left = arrived", "引継ぎ: 残高の払出=受入"), "lots_out", "lots_in"),
            (Bilingual("claims that left = arrived", "引継ぎ: 請求の払出=受入"), "claims_out", "claims_in"),
        ):
            left, arrived = (sum(getattr(year.carried, side) for year in years) for side in (out, came))
            yield Check(name, what, left, arrived)
        for march in sorted({year.march for year in years}):
            its = [year.carried for year in years if year.march == march]
            label = fiscal_year_label(march)
            what = Bilingual(f"{label.english}: left = arrived", f"{label.japanese}: 引継ぎの払出=受入")
            yield Check(
                name,
                what,
                sum(each.lots_out + each.claims_out for each in its),
                sum(each.lots_in + each.claims_in for each in its),
            )
        for month in sorted({month for its in family for month in (*its.lots_out, *its.lots_in)}):
            label = expiry_label(month)
            yield Check(
                name,
                Bilingual(f"left = arrived, {label.english}", f"引継ぎの払出=受入、期限{label.japanese}"),
                sum(its.lots_out[month] for its in family),
                sum(its.lots_in[month] for its in family),
            )


def _pairs(ours: object, theirs: object) -> Iterator[tuple[str, int, int]]:
    for name, value in ours._asdict().items():  # type: ignore[attr-defined]
        other = getattr(theirs, name)
        if isinstance(value, int):
            yield name, value, other
        else:
            yield from _pairs(value, other)


def _of_partners(figures: Figures) -> Sequence[Check]:
    checks = []
    towns = {each.municipality: ANY for each in figures.partners} | figures.towns
    for town, name in towns.items():
        brought = sum(partner.exchanged for partner in figures.partners if partner.municipality == town)
        minted = sum(
            each.totals[Flow.EXCHANGED].points for each in figures.series if each.municipality == town
        )
        what = Bilingual("exchanged: partners and series", "交換: 協力企業別とシリーズ別")
        checks.append(Check(name, what, brought, minted))
        due = sum(partner.due for partner in figures.partners if partner.municipality == town)
        years = sum(year.due for year in figures.partner_years if year.municipality == town)
        checks.append(Check(name, Bilingual("due: sum of the years", "調定: 年度の合計"), due, years))
    return checks
