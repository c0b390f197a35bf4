"""What an odd pattern is: something in the payments that an auditor should look at, and what is behind it.

It accuses nobody. It says what was seen, in figures, and which transactions to look up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

import numpy as np

from scripts.lib.audit.patterns.movements import Movements
from scripts.lib.bilingual import Bilingual


class PatternKind(Enum):
    """Kinds of patterns; the value is what people read."""

    CLOSED_CIRCLE = Bilingual("closed circle", "閉じた輪")
    BURST = Bilingual("burst", "集中的な支払い")
    REFUND_FARM = Bilingual("refunds over and over", "返品の反復")
    MANY_SHOPS = Bilingual("many shops in minutes", "短時間の多店舗利用")
    CONCENTRATION = Bilingual("concentration", "利用者の偏り")


@dataclass(frozen=True)
class OddPattern:
    """One finding.

    Attributes:
        series: address of the point series.
        says: a sentence with the figures, in both languages.
        merchants, accounts: checksummed addresses, sorted.
        points: that were paid in it, gross.
        first_block, last_block, first_time, last_time: of the transactions; times in Unix seconds.
        transactions: every one behind it, 0x hex, sorted.
        rows: numbers of the movements behind it, in the order of the chain.
        score: how far beyond the threshold, 100 is just at it; findings of all kinds are ordered by it.
    """

    kind: PatternKind
    series: str
    says: Bilingual
    merchants: tuple[str, ...]
    accounts: tuple[str, ...]
    points: int
    first_block: int
    last_block: int
    first_time: int
    last_time: int
    transactions: tuple[str, ...]
    rows: tuple[int, ...]
    score: int


def odd_pattern(
    kind: PatternKind,
    movements: Movements,
    rows: np.ndarray,
    says: Bilingual,
    points: int,
    score: float,
    merchants: Iterable[int] | None = None,
) -> OddPattern:
    """Return a finding about these rows of the movements.

    Args:
        rows: numbers of rows, at least one; all of one series.
        merchants: ids of the shops, if not all of the rows' shops are what it is about.
    """
    shops = movements.shops_of(rows) if merchants is None else sorted(set(merchants))
    return OddPattern(
        kind,
        movements.address(int(movements.series[rows[0]])),
        says,
        tuple(sorted(movements.address(shop) for shop in shops)),
        tuple(sorted(movements.address(account) for account in movements.accounts_of(rows))),
        points,
        int(movements.block[rows].min()),
        int(movements.block[rows].max()),
        int(movements.time[rows].min()),
        int(movements.time[rows].max()),
        movements.transactions_of(rows),
        tuple(np.unique(rows).tolist()),
        round(100 * score),
    )


def in_order(patterns: Iterable[OddPattern]) -> list[OddPattern]:
    """Return patterns with the highest score first; equal scores by what and whom they are about."""
    return sorted(
        patterns,
        key=lambda its: (-its.score, its.kind.name, its.series, its.first_block, its.merchants, its.accounts),
    )
