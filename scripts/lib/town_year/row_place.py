"""Says where a row of a town's year stands, for messages that an officer can follow up."""

from __future__ import annotations

from collections.abc import Sequence

from scripts.lib.town_year.exchange_rows import CouponRow, ExchangeRow, ReceiptRow
from scripts.lib.town_year.folder import Grant, Happening, Payment, StandingChange, TownYear
from scripts.lib.town_year.office_rows import AccountAct, AdminAct, PauseAct, RestoreAct, ShopAct
from scripts.lib.town_year.settlement_rows import SettlementRow

SHOWN_LINES = 3


class RowRefused(Exception):  # noqa: N818 (as Refused, which it places)
    """A row asks for what the rules do not allow; the message says which row and which rule."""


_FILES = {
    StandingChange: "merchant_changes.csv",
    Grant: "grants.csv",
    Payment: "payments.csv",
    **dict.fromkeys((AccountAct, PauseAct, RestoreAct, AdminAct, ShopAct), "office_acts.csv"),
    SettlementRow: "settlements.csv",
    ExchangeRow: "exchanges.csv",
    CouponRow: "coupons.csv",
    ReceiptRow: "receipts.csv",
}


def place_of(year: TownYear, rows: Sequence[Happening | ExchangeRow | CouponRow | ReceiptRow]) -> str:
    """Return folder, file and lines of some rows of one file: 141305-kawasaki/grants.csv line 2, 3."""
    lines = ", ".join(str(row.line) for row in rows[:SHOWN_LINES])
    more = ", …" if len(rows) > SHOWN_LINES else ""
    return f"{year.folder.name}/{_FILES[type(rows[0])]} line {lines}{more}"
