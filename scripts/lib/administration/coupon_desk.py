"""Commands about a partner's coupons: codes are drawn into a file, then issued by their keys' accounts.

    coupon-codes codes.csv 500 1000       500 codes of 1,000 points each; sends nothing
    issue-coupons codes.csv 2025-12-31    puts them on the chain; the codes stay in the file

Whoever reads the file can redeem the coupons: it is its owner's alone, and never overwritten.
"""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from scripts.lib.administration.columns import read_rows
from scripts.lib.administration.desk import Desk
from scripts.lib.administration.done_before import ChangedRows
from scripts.lib.administration.exchange import EXCHANGE, partner_at_hand
from scripts.lib.administration.task import CommandError, Survey, Task
from scripts.lib.bilingual import Bilingual
from scripts.lib.calls import Call, View
from scripts.lib.csv_out import as_csv
from scripts.lib.csv_table import CellError, Column, Row, whole_number
from scripts.lib.exchange.coupons import CouponCodeError, coupon_key, new_code, read_code
from scripts.lib.exchange.terms import ANY_MUNICIPALITY, MAX_POINTS
from scripts.lib.japan_calendar import day_of, era_moment_label, start_of_day

MAX_CODES = 100_000
BATCH_COUPONS = 100
"""Coupons of one transaction: each takes less than 60,000 gas."""


def _code(cell: str) -> str:
    try:
        return read_code(cell)
    except CouponCodeError as error:
        raise CellError(*error.reason) from None


COLUMNS = (
    Column("code", "クーポンコード", _code),
    Column("points", "ポイント", whole_number(1, MAX_POINTS)),
)
"""Of codes.csv."""


def draw_codes(desk: Desk, options: Namespace) -> Survey:
    """Draw codes into a new file; nothing is sent."""
    del desk
    if options.file.exists():
        raise CommandError(f"{options.file} exists", f"{options.file} は既にあります。コードは上書きしません")
    survey = Survey(Bilingual("Coupon codes", "クーポンコードの作成"))
    survey.figure("Coupons", "枚数", options.count)
    survey.figure("Points in all", "合計ポイント", options.count * options.points)
    rows = [(new_code(), options.points) for _ in range(options.count)]
    survey.files = {options.file: as_csv([column.japanese for column in COLUMNS], rows)}
    return survey


def issue_coupons(desk: Desk, options: Namespace) -> Survey:
    """Issue the coupons of a file; each once."""
    rows = read_rows(options.file, COLUMNS, unique=("code",))
    service = desk.service(EXCHANGE)
    partner, key = partner_at_hand(desk, service)
    until = start_of_day(day_of(options.until) + 1) - 1
    town = ANY_MUNICIPALITY if options.town is None else options.town
    survey = Survey(Bilingual("Issue coupons", "クーポンの発行"))
    day = era_moment_label(until)
    survey.figure("Can be redeemed until", "利用期限", f"{day.japanese} ({day.english})")
    survey.figure("Municipality", "自治体", "共通 any" if town == ANY_MUNICIPALITY else f"{town:06d}")
    survey.figure("Coupons in the file", "ファイルの枚数", len(rows))
    survey.figure("Points in the file", "ファイルの合計ポイント", sum(row["points"] for row in rows))
    accounts = [str(coupon_key(row["code"]).address) for row in rows]
    known = desk.read([View(EXCHANGE, service, "couponOf", (partner, account)) for account in accounts])
    new: list[tuple[str, Any]] = []
    changed, issued = ChangedRows(options.file, COLUMNS), 0
    for row, account, coupon in zip(rows, accounts, known, strict=True):
        if int(coupon[0], 16):
            survey.done += 1
            issued += int(coupon[1])
            changed.compare(row, "points", int(coupon[1]))
            _compare_terms(changed, row, coupon, town, until)
        else:
            new.append((account, row["points"]))
    changed.require_none()
    survey.figure("Points issued on the chain", "チェーンで発行済みのポイント", issued)
    for start in range(0, len(new), BATCH_COUPONS):
        chunk = new[start : start + BATCH_COUPONS]
        subject = f"{start + 1}-{start + len(chunk)}"
        call = Call(EXCHANGE, service, "issueCoupons", (town, until, chunk), key, subject)
        survey.tasks.append(Task(call, rows=len(chunk)))
    return survey


def _compare_terms(changed: ChangedRows, row: Row, coupon: Any, town: int, until: int) -> None:
    """Note where a coupon was issued for another municipality, or until another day, than is asked for."""
    if coupon[2] != town:
        changed.refuse(row, "code", "issued for another municipality", "別の自治体向けに発行済みです")
    if coupon[3] != until:
        day = era_moment_label(coupon[3])
        changed.refuse(row, "code", f"issued until {day.english}", f"利用期限{day.japanese}で発行済みです")
