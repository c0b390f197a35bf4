"""Day book and month statement of a shop, as CSV that Excel opens, from the chain and the till's queue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scripts.lib.csv_out import as_csv
from scripts.lib.error_sentences import day_label, issue_sentence
from scripts.lib.japan_calendar import day_of, moment_label, month_of, start_of
from scripts.lib.merchant.chain_sales import ShopEvent, ShopEventKind
from scripts.lib.merchant.sale_queue import SaleQueue, SaleStage
from scripts.lib.payment.issue import PaymentIssue
from scripts.lib.payment.sale_number import day_of_sale, serial_of_sale

DAY_TITLES = (
    "日時 time",
    "区分 kind",
    "売上日 day of sale",
    "番号 number",
    "ポイント points",
    "備考 note",
    "取引 transaction",
)
MONTH_TITLES = (
    "日 day",
    "売上件数 sales",
    "売上 sold",
    "返品件数 refunds",
    "返品 refunded",
    "直接受取 plain transfers",
    "精算 settled",
    "精算戻り owed again",
    "譲渡・種別移行 passed on, carried",
    "増減 change of the claim",
)

_MOVED = (ShopEventKind.PASSED_ON, ShopEventKind.CARRIED_IN, ShopEventKind.CARRIED_OUT)


def day_book(events: Iterable[ShopEvent], queue: SaleQueue | None, day: int) -> bytes:
    """Return a day of the shop: what the chain booked that day, then what the till opened and is not paid.

    Args:
        queue: of this till; None without it.
        day: counted from 1 January 2000 = 0.
    """
    rows: list[Sequence[str | int]] = []
    total = 0
    for event in events:
        if day_of(event.at) != day:
            continue
        total += event.points
        note = f"{event.noted_points}" if event.kind is ShopEventKind.UNRETURNABLE else ""
        rows.append(
            (
                moment_label(event.at).english,
                event.kind.value,
                *_sale_cells(event.sale),
                event.points,
                note,
                event.transaction,
            )
        )
    rows.append(("", "合計 total", "", "", total, "", ""))
    for sale in queue.sales.values() if queue is not None else ():
        if day_of_sale(sale.number) == day and sale.stage is not SaleStage.PAID:
            why = "" if sale.issue is PaymentIssue.NONE else str(issue_sentence(sale.issue))
            at = moment_label(sale.answered_at or sale.opened_at).english
            cells = _sale_cells(sale.number)
            rows.append((at, sale.stage.value, *cells, 0, f"{sale.points} {why}".strip(), sale.transaction))
    return as_csv(DAY_TITLES, rows)


def month_statement(events: Iterable[ShopEvent], month: int) -> bytes:
    """Return a month of the shop, a line a day and their sum; sales and refunds apart, never netted."""
    by_day: dict[int, list[ShopEvent]] = {}
    for event in events:
        if month_of(event.at) == month:
            by_day.setdefault(day_of(event.at), []).append(event)
    first, after = day_of(start_of(month)), day_of(start_of(month + 1))
    rows: list[Sequence[str | int]] = [
        (day_label(day).english, *_figures(by_day.get(day, []))) for day in range(first, after)
    ]
    every = [event for events_of_day in by_day.values() for event in events_of_day]
    return as_csv(MONTH_TITLES, [*rows, ("合計 total", *_figures(every))])


def _figures(events: Sequence[ShopEvent]) -> tuple[int, ...]:
    points = {
        kind: sum(event.noted_points for event in events if event.kind is kind) for kind in ShopEventKind
    }
    return (
        len({event.sale for event in events if event.kind is ShopEventKind.SALE}),
        points[ShopEventKind.SALE],
        len({event.transaction for event in events if event.kind is ShopEventKind.REFUND}),
        points[ShopEventKind.REFUND],
        points[ShopEventKind.TRANSFER],
        points[ShopEventKind.SETTLED],
        points[ShopEventKind.REOPENED],
        sum(event.points for event in events if event.kind in _MOVED),
        sum(event.points for event in events),
    )


def _sale_cells(sale: int | None) -> tuple[str | int, str | int]:
    if sale is None:
        return "", ""
    return day_label(day_of_sale(sale)).english, serial_of_sale(sale)
