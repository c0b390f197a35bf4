"""A statement for each partner (協力企業別明細): what it exchanged, owes and paid, town by town, gross."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from scripts.lib.audit.statements.history import History, PartnerLine
from scripts.lib.csv_out import as_csv
from scripts.lib.exchange.terms import Ledger
from scripts.lib.japan_calendar import moment_label

_LEDGER = ("留保", "未使用クーポン", "交換", "増量", "うち企業負担の増量", "入金")
COLUMNS = ("日時", "自治体コード", "区分", "住民番号", *_LEDGER, "未収残高", "照会番号", "取引")
SUMMARY_COLUMNS = ("協力企業番号", "協力企業", "自治体コード", *_LEDGER, "未収")


def partner_statements(history: History) -> Iterator[tuple[str, bytes]]:
    """Yield (file, content): one for each partner, then the sums of all, a row for each town."""
    by_partner: defaultdict[int, list[PartnerLine]] = defaultdict(list)
    for line in history.partners:
        by_partner[line.partner].append(line)
    names = {number: name for its in history.replay.exchanges.values() for number, name in its.names.items()}
    summary = []
    for partner, name in sorted(names.items()):
        lines = by_partner[partner]
        yield f"partners/{partner:06d}.csv", as_csv(COLUMNS, _rows(lines))
        for municipality in sorted({line.municipality for line in lines}):
            ledger = total(line for line in lines if line.municipality == municipality)
            summary.append((partner, name, _town(municipality), *ledger, _owed(ledger)))
    yield "partners.csv", as_csv(SUMMARY_COLUMNS, summary)


def total(lines: Iterator[PartnerLine]) -> Ledger:
    """Return the sum of what lines change."""
    changes = [line.change for line in lines]
    return Ledger(*(sum(column) for column in zip(*changes, strict=True)))


def _rows(lines: list[PartnerLine]) -> Iterator[tuple[str | int, ...]]:
    owed: defaultdict[int, int] = defaultdict(int)
    for line in lines:
        owed[line.municipality] += _owed(line.change)
        yield (
            moment_label(line.time).english,
            _town(line.municipality),
            line.kind,
            line.number or "",
            *line.change,
            owed[line.municipality],
            line.reference,
            line.transaction,
        )


def _owed(ledger: Ledger) -> int:
    """Return what the partner owes; what is held or open as a coupon is not owed yet."""
    return ledger.exchanged + ledger.bonus_owed - ledger.received


def _town(municipality: int) -> str:
    return f"{municipality:06d}" if municipality else "全自治体共通"
