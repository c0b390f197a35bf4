"""Looks for all kinds of odd patterns.

    for pattern in find_patterns(read_movements(Dataset(folder))):
        print(pattern.score, pattern.says)

The same movements give the same findings, in the same order. docs/patterns.md says what each of them means.
"""

from __future__ import annotations

from scripts.lib.audit.patterns.bursts import bursts
from scripts.lib.audit.patterns.circles import circles
from scripts.lib.audit.patterns.concentration import concentration
from scripts.lib.audit.patterns.many_shops import many_shops
from scripts.lib.audit.patterns.movements import Movements
from scripts.lib.audit.patterns.odd_pattern import OddPattern, in_order
from scripts.lib.audit.patterns.refund_farms import refund_farms

SEARCHES = (circles, bursts, refund_farms, many_shops, concentration)


def find_patterns(movements: Movements) -> list[OddPattern]:
    """Return all findings, what stands out most first."""
    return in_order(found for search in SEARCHES for found in search(movements))
