"""What stands on the page, ready to be set: every figure written out, in the order in which it is read.

The template knows no figure and decides nothing. The public version is made here: it leaves out whatever
tells about an account, and the figures that `disclosure` names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from scripts.lib.artifacts import read_artifact, sources_digest
from scripts.lib.audit.patterns.odd_pattern import OddPattern
from scripts.lib.audit.report.cells import MINIMUM_ACCOUNTS
from scripts.lib.audit.report.figures import Figures
from scripts.lib.audit.report.labels import (
    BOOKS,
    FLOWS,
    HIDDEN,
    Column,
    day,
    number,
)
from scripts.lib.audit.report.reconciliation import Check
from scripts.lib.audit.report.sheets import Cellular, Sheets, Table, is_told
from scripts.lib.audit.report.texts import NOTES, TITLES
from scripts.lib.audit.report.transfers import Flow
from scripts.lib.audit.verify import Verdict
from scripts.lib.bilingual import Bilingual, counted
from scripts.lib.japan_calendar import (
    era_moment_label,
    moment_label,
    start_of,
)

PATTERNS_FILE = "odd-patterns.csv"
_ACCOUNTS_SHOWN = 12
_VIOLATIONS_SHOWN = 40


View = dict[str, Any]
"""What templates/report.html sets, by name."""


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
        self.sheets = Sheets(figures, is_public=is_public, category_names=category_names)

    def view(self) -> View:
        figures = self.figures
        months = [month.month for series in figures.series for month in series.months]
        first = start_of(min(months)) if months else figures.second
        sheets = self.sheets
        return {
            "is_public": self.is_public,
            "towns": "、".join(figures.towns.values()),
            "period": Bilingual(
                f"{moment_label(first).english[:10]} to {moment_label(figures.second).english[:10]}",
                f"{day(first)} から {day(figures.second)} まで",
            ),
            "last": f"{figures.columns.last:,}",
            "moment": era_moment_label(figures.second),
            "verdict": self._verdict(),
            "titles": TITLES,
            "notes": NOTES,
            "violations": self._violations(),
            "tiles": self._tiles(),
            "pattern_lead": self._pattern_lead(),
            "pattern_counts": self._pattern_counts(),
            "patterns": [] if self.is_public else [self._pattern(its) for its in self.patterns],
            "pattern_file": PATTERNS_FILE,
            "books": sheets.books(),
            "day_note": self._day_note(),
            "legend": sheets.legend(),
            "month_plots": [sheets.month_plot(its) for its in figures.series if sheets.has_flows(its)],
            "categories": [sheets.categories(its) for its in figures.series if its.categories],
            "partners": sheets.partners(),
            "shops": [sheets.shops(its) for its in figures.series if its.shops],
            "batches": sheets.all_batches(),
            "ending_plots": [sheets.ending_plot(its) for its in figures.series if sheets.has_endings(its)],
            "concentration": sheets.concentration(),
            "years": [
                sheets.year(its, year) for its in figures.series for year in its.years if is_told(year)
            ],
            "gross": sheets.gross(),
            "month_tables": [sheets.month_table(its) for its in figures.series if its.months],
            "ending_tables": [sheets.ending_table(its) for its in figures.series if its.endings],
            "basis": self._basis(),
            "contracts": self._contracts(),
            "checks_lead": self._checks_lead(),
            "checks": self._differing(),
        }

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
                        f"{counted(count, 'violation')} found; figures below may follow from what happened.",
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
            Bilingual("who, when, where, and afterwards", "いつ・どこで・誰が・その後"),
            Bilingual("transaction, block, sender, account", "取引・ブロック・送信者・口座"),
            Bilingual("as verify found it", "検査の記録"),
        )
        columns = [Column(title, False) for title in titles]
        rows: list[list[Cellular]] = [
            [
                its.breaks,
                str(its.what),
                f"{its.story.japanese} {its.story.english}".strip(),
                " ".join(
                    part
                    for part in (
                        its.transaction,
                        f"#{its.block:,}" if its.block else "",
                        its.sender,
                        its.account,
                    )
                    if part
                ),
                its.facts,
            ]
            for its in found[:_VIOLATIONS_SHOWN]
        ]
        if len(found) > _VIOLATIONS_SHOWN:
            rest = len(found) - _VIOLATIONS_SHOWN
            rows.append(["…", f"他{rest:,}件 / {rest:,} more", "", "", ""])
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
            {"title": title, "figure": self.sheets.number(("all", name), points), "unit": "ポイント"}
            for name, title, points in figures
        ]
        partners = self.figures.partners
        keys = [("partner", its.municipality, its.partner, "owed") for its in partners]
        is_hidden = not self.sheets.hidden.isdisjoint(keys)
        owed = None if is_hidden else sum(its.owed for its in partners)
        title = Bilingual("owed by partners", "企業からの未収")
        return [*tiles, {"title": title, "figure": number(owed), "unit": "円"}]

    def _day_note(self) -> Bilingual | None:
        """Return on which side of the last day's end the points stand that end with it."""
        ended, ending = self.figures.ended, self.figures.ending
        if not ended and not ending:
            return None
        told = day(self.figures.second)
        english = moment_label(self.figures.second).english[:10]
        points = japanese = ""
        if not self.is_public:
            its = ended or ending
            parts = "、".join(
                f"{each.name} {its[each.address]:,}" for each in self.figures.series if each.address in its
            )
            points, japanese = f"{sum(its.values()):,} ", f" {sum(its.values()):,} ポイント({parts})"
        if ended:
            return Bilingual(
                f"As of the end of {english}: the {points}points that ended with this day are counted as "
                "lapsed, as statements and the closing of the year have it. A dataset that was fetched up to "
                "the day's last block counts them as live, since their last second had not passed.",
                f"{told}の終了時点の数字です。同日限りの{japanese or 'ポイント'}は、明細や年度締めと同じく"
                "失効に数えています。同日の最後のブロックまでを取得したデータでは、最後の1秒が過ぎていないため、"
                "残高に数えられます。",
            )
        return Bilingual(
            f"As of the last block, before the end of {english}: the {points}points that end with this day "
            "are counted as live. Statements of this day, the closing of the year, and report --on of this "
            "day are as of its end, and count them as lapsed.",
            f"{told}が終わる前の、最後のブロック時点の数字です。同日限りの{japanese or 'ポイント'}は"
            "残高に数えています。同日付の明細、年度締め、report --on は同日の終了時点の数字であり、"
            "失効に数えます。",
        )

    # ------------------------------------------------------------------- patterns

    def _pattern_lead(self) -> Bilingual:
        count = len(self.patterns)
        if not count:
            return Bilingual(
                "None: no closed circle, burst, refunds over and over, many shops in minutes, or shop "
                "that lives off few stands out.",
                "ありません。閉じた輪、集中的な支払い、返品の反復、短時間の多店舗利用、利用者の偏りの"
                "いずれも見つかりませんでした。",
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
        rows: list[list[Cellular]] = [
            [f"{kind.japanese} {kind.english}", f"{count:,}"] for kind, count in sorted(counts.items())
        ]
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
            *(
                []
                if columns.until is None
                else [(Bilingual("figures as of the end of", "数字の基準日(終了時点)"), day(columns.until))]
            ),
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
            *((each.kind, each.name, each.address) for each in self.figures.columns.contracts),
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


def _code_digest(kind: str) -> str:
    return sha256(read_artifact(kind).runtime.encode()).hexdigest() if kind else "–"
