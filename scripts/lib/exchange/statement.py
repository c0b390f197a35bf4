"""What each partner brought, paid and owes, town by town (協力企業別明細): a table for people, CSV for Excel.

Gross, column beside column: exchanged and bonus are apart, and what was received is taken off nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rich.table import Table

from scripts.lib.csv_out import as_csv
from scripts.lib.exchange.terms import ANY_MUNICIPALITY, Ledger

COLUMNS = (
    "town 自治体",
    "partner 協力企業",
    "held 留保",
    "coupons 未使用クーポン",
    "exchanged 交換",
    "bonus 増量",
    "bonus owed うち企業負担",
    "received 入金",
    "owes 未収",
)


class StatementRow(NamedTuple):
    """One partner in one town; amounts are points or yen, which is the same.

    Attributes:
        owed: exchanged and the partner's part of the bonus, less what was received; negative if it paid more.
    """

    town: str
    partner: str
    ledger: Ledger

    @property
    def owed(self) -> int:
        """What the partner owes today; what is held or open as a coupon is not owed yet."""
        return self.ledger.exchanged + self.ledger.bonus_owed - self.ledger.received


def statement(
    ledgers: Mapping[tuple[int, int], Ledger], towns: Mapping[int, str], partners: Mapping[int, str]
) -> list[StatementRow]:
    """Return a row for each town and partner that have had to do with each other.

    Args:
        ledgers: by municipality and partner, as ExchangeReplay has them.
    """
    names = {ANY_MUNICIPALITY: "any 全自治体共通", **towns}
    return [
        StatementRow(names[town], partners[partner], ledger)
        for (town, partner), ledger in sorted(ledgers.items())
        if any(ledger)
    ]


def statement_table(rows: Sequence[StatementRow]) -> Table:
    """Return the rows for the terminal."""
    table = Table(title="Partners / 協力企業別明細", title_justify="left")
    for place, column in enumerate(COLUMNS):
        table.add_column(column.replace(" ", "\n"), justify="left" if place < 2 else "right")
    for row in rows:
        table.add_row(row.town, row.partner, *(f"{amount:,}" for amount in (*row.ledger, row.owed)))
    return table


def statement_csv(rows: Sequence[StatementRow]) -> bytes:
    """Return the rows as Excel opens them: UTF-8 with BOM, CRLF."""
    return as_csv(COLUMNS, ((row.town, row.partner, *row.ledger, row.owed) for row in rows))
