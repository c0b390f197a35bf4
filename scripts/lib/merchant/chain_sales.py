"""What the chain knows of a shop's sales: payments with their lots, refunds, plain transfers.

Read from the events that name the shop.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Any, NamedTuple

from web3 import Web3

from scripts.lib.contract_book import ContractBook
from scripts.lib.japan_calendar import start_of_day
from scripts.lib.merchant.till_settings import TillSettings
from scripts.lib.node.log_pages import block_at, read_logs
from scripts.lib.payment.sale_number import day_of_sale

_LOT_BITS = 40
_AMOUNT_BITS = 29


class PaidSale(NamedTuple):
    """A payment of a sale.

    Attributes:
        payer: checksummed.
        lots: what it was paid from, as `refund` takes them: month << 29 | points, earliest first.
        transaction: 0x hex.
    """

    number: int
    payer: str
    lots: tuple[int, ...]
    transaction: str
    block: int

    @property
    def points(self) -> int:
        """What was paid."""
        return sum(lot_points(lot) for lot in self.lots)


class ShopEventKind(Enum):
    """What happened to a shop's claim."""

    SALE = "売上 sale"
    REFUND = "返品 refund"
    UNRETURNABLE = "返品不能 ended, kept"
    TRANSFER = "直接受取 plain transfer"
    SETTLED = "精算 settled"
    REOPENED = "精算戻り owed again"
    PASSED_ON = "他店へ譲渡 passed on"
    CARRIED_IN = "種別移行(受入) carried in"
    CARRIED_OUT = "種別移行(払出) carried out"


class ShopEvent(NamedTuple):
    """One line of a shop's books.

    Attributes:
        at: time of the block, in seconds.
        sale: its number; None for what belongs to no sale.
        points: what it adds to the claim; negative if it takes away; 0 for UNRETURNABLE.
        noted_points: what it speaks of, always positive.
    """

    at: int
    kind: ShopEventKind
    sale: int | None
    account: str
    points: int
    noted_points: int
    transaction: str


def lot_points(lot: int) -> int:
    """Return the points in a lot's word."""
    return lot % 2**_AMOUNT_BITS


def find_payment(book: ContractBook, web3: Web3, settings: TillSettings, sale: int) -> PaidSale:
    """Return the payment of a sale, latest first if its number served twice.

    Raises:
        LookupError: the chain has none.
    """
    point = book.contract(web3, "MunicipalPoint", settings.series)
    # No sale is paid before its day.
    first = first_block_of(book, web3, settings, day_of_sale(sale))
    sales = _sales(_pages(book, web3, settings, point.events.SalePaid, first))
    found = [paid for paid in sales if paid.number == sale]
    if not found:
        raise LookupError(f"sale {sale} was not paid / 売上{sale}の支払いはありません")
    return found[-1]


def first_block_of(book: ContractBook, web3: Web3, settings: TillSettings, day: int) -> int:
    """Return the first block of a day, counted from 1 January 2000 = 0."""
    return block_at(web3, start_of_day(day), book.series_at(settings.series).block)


def shop_events(
    book: ContractBook, web3: Web3, settings: TillSettings, first: int | None = None
) -> list[ShopEvent]:
    """Return everything that happened to the shop's claim, oldest first.

    Args:
        first: block to begin with; the series' own if None.
    """
    point = book.contract(web3, "MunicipalPoint", settings.series)
    events = point.events
    lines: list[tuple[int, int, ShopEvent]] = []
    times: dict[int, int] = {}

    def note(log: Any, kind: ShopEventKind, sale: int | None, account: str, points: int, noted: int) -> None:
        block = log["blockNumber"]
        if block not in times:
            times[block] = int(web3.eth.get_block(block)["timestamp"])
        event = ShopEvent(
            times[block], kind, sale, account, points, noted, log["transactionHash"].to_0x_hex()
        )
        lines.append((block, log["logIndex"], event))

    explained: dict[str, int] = {}
    """By transaction, points of Transfers that sales explain."""
    for log in _pages(book, web3, settings, events.SalePaid, first):
        number, payer, lot = _unpacked(log["args"]["payment"])
        points = lot_points(lot)
        key = log["transactionHash"].to_0x_hex() + payer
        explained[key] = explained.get(key, 0) + points
        note(log, ShopEventKind.SALE, number, payer, points, points)
    refunded: set[str] = set()
    """Transactions whose Transfers from the shop are refunds."""
    for log in _pages(book, web3, settings, events.SaleRefunded, first):
        refunded.add(log["transactionHash"].to_0x_hex())
        points = lot_points(log["args"]["lot"])
        note(log, ShopEventKind.REFUND, log["args"]["sale"], log["args"]["receiver"], -points, points)
    for log in _pages(book, web3, settings, events.SaleUnreturnable, first):
        arguments = log["args"]
        note(
            log,
            ShopEventKind.UNRETURNABLE,
            arguments["sale"],
            arguments["payer"],
            0,
            arguments["amountPoints"],
        )
    for log in _pages(book, web3, settings, events.Settled, first):
        points = log["args"]["amountPoints"]
        note(log, ShopEventKind.SETTLED, None, "", -points, points)
    for event, kind, sign in (
        (events.ClaimReopened, ShopEventKind.REOPENED, 1),
        (events.ClaimCarriedIn, ShopEventKind.CARRIED_IN, 1),
        (events.ClaimCarriedOut, ShopEventKind.CARRIED_OUT, -1),
    ):
        for log in _pages(book, web3, settings, event, first):
            points = log["args"]["thisYearPoints"] + log["args"]["earlierYearsPoints"]
            note(log, kind, None, "", sign * points, points)
    for log in _pages(book, web3, settings, events.Transfer, first, "from"):
        receiver, points = log["args"]["to"], log["args"]["value"]
        if int(receiver, 16) and log["transactionHash"].to_0x_hex() not in refunded:
            note(log, ShopEventKind.PASSED_ON, None, receiver, -points, points)
    for log in _pages(book, web3, settings, events.Transfer, first, "to"):
        payer, points = log["args"]["from"], log["args"]["value"]
        key = log["transactionHash"].to_0x_hex() + payer
        if explained.get(key, 0) >= points or int(payer, 16) == 0:
            explained[key] = explained.get(key, 0) - points
        else:
            note(log, ShopEventKind.TRANSFER, None, payer, points, points)
    return _without_lots(event for *_, event in sorted(lines, key=lambda line: line[:2]))


def _without_lots(events: Iterable[ShopEvent]) -> list[ShopEvent]:
    """Return one line for each sale and each refund, whatever the number of its lots."""
    lines: dict[tuple[ShopEventKind, int | None, str, int], ShopEvent] = {}
    for place, event in enumerate(events):
        key = (event.kind, event.sale, event.transaction, 0 if event.sale is not None else place)
        before = lines.get(key)
        if before is not None:
            points, noted = before.points + event.points, before.noted_points + event.noted_points
            event = before._replace(points=points, noted_points=noted)
        lines[key] = event
    return list(lines.values())


def _sales(logs: Iterator[Any]) -> list[PaidSale]:
    """Return payments, their lots brought together: the events of one payment follow each other."""
    sales: list[PaidSale] = []
    for log in logs:
        number, payer, lot = _unpacked(log["args"]["payment"])
        transaction = log["transactionHash"].to_0x_hex()
        last = sales[-1] if sales else None
        if last is not None and (last.number, last.payer, last.transaction) == (number, payer, transaction):
            sales[-1] = last._replace(lots=(*last.lots, lot))
        else:
            sales.append(PaidSale(number, payer, (lot,), transaction, log["blockNumber"]))
    return sales


def _unpacked(word: int) -> tuple[int, str, int]:
    """Return sale, payer and lot of a SalePaid."""
    payer = Web3.to_checksum_address((word >> 96).to_bytes(20, "big"))
    return (word >> 64) % 2**32, payer, word % 2**_LOT_BITS


def _pages(
    book: ContractBook,
    web3: Web3,
    settings: TillSettings,
    event: Any,
    first: int | None = None,
    by: str = "merchant",
) -> Iterator[Any]:
    start = book.series_at(settings.series).block if first is None else first
    return read_logs(web3, event, start, {by: settings.merchant})
