"""A statement for each merchant (加盟店別明細): payments, refunds, claims, settlements and bank papers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from scripts.lib.audit.statements.history import BatchPaper, History, MerchantLine
from scripts.lib.csv_out import as_csv
from scripts.lib.japan_calendar import moment_label

COLUMNS = (
    "日時",
    "区分",
    "売上番号",
    "未精算の増減",
    "精算中の増減",
    "振込済みの増減",
    "未精算残高",
    "精算番号",
    "締め日",
    "銀行書類",
    "取引",
)
SUMMARY_COLUMNS = (
    "自治体コード",
    "シリーズ",
    "加盟店",
    "所在地",
    "口座",
    "支払い",
    "返品",
    "未精算",
    "精算中",
    "振込済み",
)


def merchant_statements(history: History) -> Iterator[tuple[str, bytes]]:
    """Yield (file, content): one for each merchant of each series, then the sums of all."""
    lines: defaultdict[tuple[str, str], list[MerchantLine]] = defaultdict(list)
    for line in history.merchants:
        lines[line.token, line.merchant].append(line)
    summary = []
    for token in sorted(history.replay.series, key=lambda its: (history.place_of(its), its)):
        municipality, number = history.place_of(token)
        for merchant in sorted(history.replay.series[token].merchants):
            its = lines[token, merchant]
            file = f"merchants/{municipality:06d}-{number}-{merchant.lower()}.csv"
            yield file, as_csv(COLUMNS, _rows(history, its))
            summary.append(_summary(history, token, merchant, its))
    yield "merchants.csv", as_csv(SUMMARY_COLUMNS, summary)


def _rows(history: History, lines: list[MerchantLine]) -> Iterator[tuple[str | int, ...]]:
    owed = 0
    for line in lines:
        owed += line.claim
        paper = None if line.kind in ("支払い", "返品") else history.papers.get(line.transaction)
        yield (
            moment_label(line.time).english,
            line.kind,
            line.sale or "",
            line.claim,
            line.locked,
            line.settled,
            owed,
            *_paper(paper),
            line.transaction,
        )


def _paper(paper: BatchPaper | None) -> tuple[str | int, str, str]:
    if paper is None:
        return "", "", ""
    return paper.batch, moment_label(paper.cut_off).english, paper.paper


def _summary(history: History, token: str, merchant: str, lines: list[MerchantLine]) -> tuple[str | int, ...]:
    series = history.replay.series[token]
    return (
        f"{history.municipality_of(token):06d}",
        history.series_names[token],
        *series.merchant_names[merchant],
        merchant,
        sum(line.claim for line in lines if line.kind == "支払い"),
        sum(line.claim for line in lines if line.kind == "返品"),
        sum(line.claim for line in lines),
        sum(line.locked for line in lines),
        sum(line.settled for line in lines),
    )
