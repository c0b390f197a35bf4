"""A statement for each resident number (住民別明細): every movement of every lot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from scripts.lib.audit.statements.history import UNREGISTERED, History, ResidentLine
from scripts.lib.csv_out import as_csv
from scripts.lib.expiry_rule import expiry_label
from scripts.lib.japan_calendar import moment_label

COLUMNS = ("日時", "シリーズ", "区分", "相手先", "ポイント", "有効期限", "残高", "口座", "取引")
SUMMARY_COLUMNS = (
    "自治体コード",
    "住民番号",
    "シリーズ",
    "受取り",
    "支払い",
    "返品",
    "失効",
    "その他",
    "残高",
)
_KINDS = {"支払い": "支払い", "返品": "返品", "失効": "失効"}
_RECEIVED = ("付与", "付与(その他)", "交換", "還元", "回復")


def resident_statements(history: History) -> Iterator[tuple[str, bytes]]:
    """Yield (file, content): one for each resident number that ever had points, then the sums by series.

    Accounts without a membership are told together, as number 0 of their municipality.
    """
    summary = []
    for (municipality, number), lines in sorted(_by_resident(history).items()):
        yield f"residents/{municipality:06d}-{number:08d}.csv", as_csv(COLUMNS, _rows(history, lines))
        for token in sorted({line.token for line in lines}, key=lambda its: (history.place_of(its), its)):
            its = [line for line in lines if line.token == token]
            summary.append(_summary(municipality, number, history.series_names[token], its))
    yield "residents.csv", as_csv(SUMMARY_COLUMNS, summary)


def _by_resident(history: History) -> dict[tuple[int, int], list[ResidentLine]]:
    found = defaultdict(list)
    for line in history.residents:
        found[history.municipality_of(line.token), line.number].append(line)
    # What lapsed is told at the month's end, though events tell of it later.
    return {its: sorted(lines, key=lambda line: line.time) for its, lines in found.items()}


def _rows(history: History, lines: list[ResidentLine]) -> Iterator[tuple[str | int, ...]]:
    left: defaultdict[str, int] = defaultdict(int)
    for line in lines:
        left[line.token] += line.points
        yield (
            moment_label(line.time).english,
            history.series_names[line.token],
            line.kind,
            line.counterpart,
            line.points,
            expiry_label(line.month).japanese,
            left[line.token],
            line.account,
            line.transaction,
        )


def _summary(municipality: int, number: int, series: str, lines: list[ResidentLine]) -> tuple[str | int, ...]:
    sums: defaultdict[str, int] = defaultdict(int)
    for line in lines:
        sums["受取り" if line.kind in _RECEIVED else _KINDS.get(line.kind, "その他")] += line.points
    told = [sums[column] for column in SUMMARY_COLUMNS[3:-1]]
    name = "登録なし" if number == UNREGISTERED else number
    return (f"{municipality:06d}", name, series, *told, sum(told))
