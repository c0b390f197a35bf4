"""What the report calls its figures, Japanese beside English, and how it writes numbers and days."""

from __future__ import annotations

from typing import NamedTuple

from scripts.lib.audit.report.figures import ACTIVE, CLOSED, SUSPENDED
from scripts.lib.audit.report.transfers import Flow
from scripts.lib.bilingual import Bilingual
from scripts.lib.expiry_rule import NEVER
from scripts.lib.japan_calendar import era_date_label, month_label

HIDDEN = "＊"
"""Stands for a figure that the public version leaves out."""

FLOWS = {
    Flow.GRANTED: Bilingual("granted", "付与"),
    Flow.EXCHANGED: Bilingual("exchanged", "交換"),
    Flow.BONUS: Bilingual("bonus", "増量・還元"),
    Flow.RESTORED: Bilingual("restored", "回復"),
    Flow.REFUNDED: Bilingual("refunded", "返品"),
    Flow.USED: Bilingual("used", "利用"),
    Flow.LAPSED: Bilingual("lapsed", "失効"),
    Flow.REVOKED: Bilingual("revoked", "取消"),
    Flow.CARRIED_IN: Bilingual("come over", "引継受入"),
    Flow.CARRIED_OUT: Bilingual("gone over", "引継払出"),
}
BOOKS = {
    "made": Bilingual("made", "発生"),
    "carried_in": Bilingual("come over", "引継受入"),
    "live": Bilingual("live", "残高"),
    "lapsed": Bilingual("lapsed", "失効"),
    "claims": Bilingual("owed to shops", "店への未払"),
    "locked": Bilingual("in settlement", "精算中"),
    "settled": Bilingual("settled", "精算済"),
    "revoked": Bilingual("revoked", "取消"),
    "carried_out": Bilingual("gone over", "引継払出"),
}
STATUS = {
    ACTIVE: Bilingual("active", "営業"),
    SUSPENDED: Bilingual("suspended", "停止"),
    CLOSED: Bilingual("closed", "閉店"),
}
BATCH_STATES = {
    "approved": Bilingual("approved", "承認済"),
    "sent": Bilingual("sent", "送金済"),
    "settled": Bilingual("settled", "精算済"),
    "cancelled": Bilingual("cancelled", "取消"),
}


class Column(NamedTuple):
    """A column of a table: its title, and whether it holds numbers."""

    title: Bilingual
    is_number: bool = True


def number(points: int | None) -> str:
    """Write points; None, which the public version leaves out, as HIDDEN."""
    return HIDDEN if points is None else f"{points:,}".replace("-", "▲")


def day(second: int) -> str:
    """Write the day of a second in Japan: 令和9年3月31日."""
    return era_date_label(second).japanese


def ending(month: int) -> str:
    """Write the month with which points end."""
    return "期限なし" if month == NEVER else month_label(month).japanese + "末"


def short(address: str) -> str:
    """Write an address so that it can be told from others; the whole one stands in the CSV files."""
    return f"{address[:8]}…{address[-6:]}"
