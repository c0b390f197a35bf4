"""All movements of points as columns: who paid which shop how much and when, what went back, what came in.

    movements = read_movements(Dataset(folder))
    movements.kind == PAYMENT                    # a mask over the rows, which are in chain order

A row is a Transfer of a series. Accounts are numbers, the place in `addresses`; a person is the account
that a membership began with, so that a new card makes no new person. Points are points, times Unix seconds,
months count from January 2000 = 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scripts.lib.audit.dataset import Dataset
from scripts.lib.audit.event_tables import schema_of
from scripts.lib.node.event_log import to_address

GRANT, PAYMENT, REFUND, GIVEN, OTHER = range(5)
"""Kinds of movements: points come to a resident (granted, exchanged, bonus, restored), a resident pays a
shop, a shop gives back, a resident gives to another; all else (lapse, settlement, new cards, migration)."""

NOBODY = -1
NO_SALE = -1
NO_MONTH = -1
NO_ROW = -1

TRANSFER = "MunicipalPoint.Transfer"
SALE_PAID = "MunicipalPoint.SalePaid"
SALE_REFUNDED = "MunicipalPoint.SaleRefunded"
MERCHANT_APPROVED = "MunicipalPoint.MerchantApproved"
MERCHANT_CARRIED_IN = "MunicipalPoint.MerchantCarriedIn"
LOT_CARRIED_IN = "MunicipalPoint.LotCarriedIn"
SERIES_OPENED = "MunicipalPoint.SeriesOpened"
ACCOUNT_REPLACED = "ResidentRegistry.AccountReplaced"
BONUS_AWARDED = "PaymentBonus.BonusAwarded"
CAMPAIGN_OPENED = "PaymentBonus.CampaignOpened"
TABLES = (
    TRANSFER,
    SALE_PAID,
    SALE_REFUNDED,
    MERCHANT_APPROVED,
    MERCHANT_CARRIED_IN,
    LOT_CARRIED_IN,
    SERIES_OPENED,
    ACCOUNT_REPLACED,
    BONUS_AWARDED,
    CAMPAIGN_OPENED,
)
"""The tables of a dataset that movements are made of."""

_ZERO = b""
"""The zero address as numpy has it: bytes of fixed length without the zeros at their end."""


@dataclass(frozen=True)
class Movements:
    """Columns of equal length, a row a movement, in chain order.

    Attributes:
        addresses: of accounts, series included, 20 bytes each, sorted; other columns hold places in it.
        names: of shops, by series and account.
        kind: GRANT, PAYMENT, REFUND, GIVEN or OTHER.
        series, account, shop: who; `account` is the resident's, `shop` the merchant's; NOBODY if none.
        other: of GIVEN, the person who received.
        person: the resident, whatever card was used.
        left: what the person had of the series after it; what lapsed counts until the chain has noted it.
        sale: its number, NO_SALE for a plain transfer.
        month: with which the earliest of its lots ends, NO_MONTH if no sale tells.
        paid: of REFUND, the row of the payment that went back; NO_ROW of all others.
        bonus: that was awarded for the payment later.
        transaction: 32 bytes each.
    """

    addresses: np.ndarray
    names: Mapping[tuple[int, int], str]
    kind: np.ndarray
    series: np.ndarray
    account: np.ndarray
    person: np.ndarray
    other: np.ndarray
    shop: np.ndarray
    points: np.ndarray
    left: np.ndarray
    sale: np.ndarray
    month: np.ndarray
    paid: np.ndarray
    bonus: np.ndarray
    block: np.ndarray
    time: np.ndarray
    transaction: np.ndarray

    def __len__(self) -> int:
        return len(self.kind)

    def all_series(self) -> list[int]:
        """Return the series that have moved."""
        return [int(each) for each in np.unique(self.series)]

    def address(self, account: int) -> str:
        """Return an account's address, checksummed."""
        return to_address("0x" + bytes(self.addresses[account]).ljust(20, b"\0").hex())

    def shop_name(self, series: int, shop: int) -> str:
        """Return a shop's public name, as the series has it."""
        return self.names.get((series, shop), self.address(shop))

    def shops_of(self, rows: np.ndarray) -> list[int]:
        """Return the shops of some rows, each once."""
        return [int(shop) for shop in np.unique(self.shop[rows]) if shop != NOBODY]

    def accounts_of(self, rows: np.ndarray) -> list[int]:
        """Return the residents' accounts of some rows, each once."""
        return [int(account) for account in np.unique(self.account[rows]) if account != NOBODY]

    def transactions_of(self, rows: np.ndarray) -> tuple[str, ...]:
        """Return the transactions of some rows, 0x hex, each once, sorted."""
        return tuple("0x" + bytes(each).ljust(32, b"\0").hex() for each in np.unique(self.transaction[rows]))


def read_movements(dataset: Dataset, until: int | None = None) -> Movements:
    """Return all movements of a dataset, up to and in the second `until`.

    Raises:
        DatasetError: a file is missing, or is no such table.
    """
    parts: dict[str, list[pa.Table]] = {name: [] for name in TABLES}
    for segment in dataset.segments:
        for name, table in dataset.tables(segment):
            if name in parts:
                kept = table if until is None else table.filter(pc.field("time") <= until)
                parts[name].append(kept)
    return movements_of({name: pa.concat_tables(tables) for name, tables in parts.items() if tables})


def movements_of(tables: Mapping[str, pa.Table]) -> Movements:
    """Return the movements that the tables of a dataset tell; a table that is missing is empty."""
    whole = {name: tables.get(name, schema_of(name).empty_table()) for name in TABLES}
    return _Assembly(whole).movements()


class _Assembly:
    """Puts the columns together."""

    def __init__(self, tables: Mapping[str, pa.Table]) -> None:
        moved = tables[TRANSFER]
        order = np.lexsort((_numbers(moved, "log_index"), _numbers(moved, "block")))
        self.tables = tables
        self.moved = moved.take(pa.array(order))
        self.addresses = np.unique(
            np.concatenate(
                [_bytes(self.moved, "from"), _bytes(self.moved, "to"), _bytes(self.moved, "contract")]
            )
        )
        self.block = _numbers(self.moved, "block")
        self.place = _place(self.moved)

    def movements(self) -> Movements:
        series, source, target = (self._ids(self.moved, name) for name in ("contract", "from", "to"))
        points = _numbers(self.moved, "value")
        zero = self._id(_ZERO)
        from_shop, to_shop = self._is_shop(series, source), self._is_shop(series, target)
        from_person = (source != zero) & ~from_shop
        to_person = (target != zero) & ~to_shop
        persons = self._persons()
        payer = np.where(from_person, persons[source], NOBODY)
        receiver = np.where(to_person, persons[target], NOBODY)

        kind = np.full(len(points), OTHER, np.int8)
        kind[(source == zero) & to_person] = GRANT
        # What came from the series before was granted there; it stands straight before its Transfer.
        kind[np.isin(self.place - 1, _place(self.tables[LOT_CARRIED_IN]))] = OTHER
        kind[from_person & to_shop] = PAYMENT
        kind[from_shop & to_person] = REFUND
        kind[from_person & to_person & (payer != receiver)] = GIVEN
        is_sale = (kind == PAYMENT) | (kind == REFUND)
        sale, month = self._sales(kind)
        sale, month = np.where(is_sale, sale, NO_SALE), np.where(is_sale, month, NO_MONTH)
        shop = np.where(kind == PAYMENT, target, np.where(kind == REFUND, source, NOBODY))
        self.series, self.shop, self.sale = series, shop, sale
        self.is_sale_payment = (kind == PAYMENT) & (sale != NO_SALE)
        paid = np.full(len(kind), NO_ROW)
        back = np.flatnonzero(kind == REFUND)
        paid[back] = self._payments_of(series[back], shop[back], sale[back])
        return Movements(
            self.addresses,
            self._names(),
            kind,
            series,
            np.where(from_person, source, np.where(to_person, target, NOBODY)),
            np.where(from_person, payer, receiver),
            np.where(kind == GIVEN, receiver, NOBODY),
            shop,
            points,
            _left(series, payer, receiver, points),
            sale,
            month,
            paid,
            self._bonus(),
            self.block,
            _numbers(self.moved, "time"),
            _bytes(self.moved, "transaction"),
        )

    def _ids(self, table: pa.Table, column: str) -> np.ndarray:
        """Return accounts as places in `addresses`; NOBODY for those that never moved points."""
        values = _bytes(table, column)
        if not len(self.addresses):
            return np.full(len(values), NOBODY)
        found = np.searchsorted(self.addresses, values).clip(max=len(self.addresses) - 1)
        return np.where(self.addresses[found] == values, found, NOBODY)

    def _id(self, address: bytes) -> int:
        found = int(np.searchsorted(self.addresses, address))
        return found if found < len(self.addresses) and self.addresses[found] == address else NOBODY

    def _is_shop(self, series: np.ndarray, account: np.ndarray) -> np.ndarray:
        shops = [
            self._pair(self._ids(table, "contract"), self._ids(table, "merchant"))
            for table in (self.tables[MERCHANT_APPROVED], self.tables[MERCHANT_CARRIED_IN])
        ]
        return np.isin(self._pair(series, account), np.concatenate(shops))

    def _pair(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return one * len(self.addresses) + other

    def _names(self) -> dict[tuple[int, int], str]:
        approved = self.tables[MERCHANT_APPROVED]
        series, shops = self._ids(approved, "contract"), self._ids(approved, "merchant")
        names = approved.column("name").to_pylist()
        found = {(int(its), int(shop)): name for its, shop, name in zip(series, shops, names, strict=True)}
        # Who came over with a series has its name there, and none here.
        opened, came = self.tables[SERIES_OPENED], self.tables[MERCHANT_CARRIED_IN]
        before = dict(
            zip(*(self._ids(opened, name).tolist() for name in ("contract", "predecessor")), strict=True)
        )
        for its, shop in zip(
            *(self._ids(came, name).tolist() for name in ("contract", "merchant")), strict=True
        ):
            first = before.get(its, NOBODY)
            if (first, shop) in found:
                found.setdefault((its, shop), found[first, shop])
        return found

    def _persons(self) -> np.ndarray:
        """Return for every account the first one of its membership that moved points."""
        replaced = self.tables[ACCOUNT_REPLACED]
        order = np.lexsort((_numbers(replaced, "log_index"), _numbers(replaced, "block")))
        olds, news = (_bytes(replaced, name)[order] for name in ("oldAccount", "newAccount"))
        person = np.arange(len(self.addresses))
        beginning: dict[bytes, bytes] = {}
        first: dict[bytes, int] = {}
        for old, new in zip(olds.tolist(), news.tolist(), strict=True):
            root = beginning[new] = beginning.get(old, old)
            for account in (root, new):
                if (its := self._id(account)) != NOBODY:
                    person[its] = first.setdefault(root, its)
        return person

    def _sales(self, kind: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return sale and month of each row: the event of a sale stands straight before its Transfer."""
        sale = np.full(len(kind), NO_SALE)
        month = np.full(len(kind), NO_MONTH)
        paid, refunded = self.tables[SALE_PAID], self.tables[SALE_REFUNDED]
        words = _bytes(paid, "payment")
        if len(words):
            raw = np.frombuffer(words.tobytes(), np.uint8).reshape(len(words), 32)
            numbers = raw[:, 20:24].astype(np.int64) @ (256 ** np.arange(3, -1, -1))
            lots = raw[:, 27:].astype(np.int64) @ (256 ** np.arange(4, -1, -1))
            self._join(sale, month, kind == PAYMENT, _place(paid), numbers, lots >> 29)
        lots = _numbers(refunded, "lot")
        if len(lots):
            numbers = _numbers(refunded, "sale")
            self._join(sale, month, kind == REFUND, _place(refunded), numbers, lots >> 29)
        return sale, month

    def _join(
        self,
        sale: np.ndarray,
        month: np.ndarray,
        rows: np.ndarray,
        places: np.ndarray,
        sales: np.ndarray,
        months: np.ndarray,
    ) -> None:
        order = np.argsort(places)
        places, sales, months = places[order], sales[order], months[order]
        before = self.place - 1
        found = np.searchsorted(places, before).clip(max=len(places) - 1)
        match = rows & (places[found] == before)
        sale[match], month[match] = sales[found[match]], months[found[match]]

    def _payments_of(self, series: np.ndarray, shop: np.ndarray, sale: np.ndarray) -> np.ndarray:
        """Return the rows that paid these sales; a number is paid but once at a shop."""
        rows = np.flatnonzero(self.is_sale_payment)
        none = np.full(len(sale), NO_ROW)
        if not len(rows) or not len(sale):
            return none
        shops = np.unique(self._pair(self.series[rows], self.shop[rows]))
        keys = np.searchsorted(shops, self._pair(self.series[rows], self.shop[rows])) << 32 | self.sale[rows]
        order = np.argsort(keys)
        asked = self._pair(series, shop)
        dense = np.searchsorted(shops, asked).clip(max=len(shops) - 1)
        wanted = dense << 32 | sale
        found = np.searchsorted(keys[order], wanted).clip(max=len(keys) - 1)
        match = (shops[dense] == asked) & (keys[order][found] == wanted)
        return np.where(match, rows[order][found], none)

    def _bonus(self) -> np.ndarray:
        """Return what each payment was awarded."""
        awarded, opened = self.tables[BONUS_AWARDED], self.tables[CAMPAIGN_OPENED]
        bonus = np.zeros(len(self.sale), np.int64)
        of_campaign = dict(
            zip(opened.column("campaign").to_pylist(), self._ids(opened, "series"), strict=True)
        )
        campaigns = awarded.column("campaign").to_pylist()
        series = np.array([of_campaign.get(each, NOBODY) for each in campaigns], np.int64)
        rows = self._payments_of(series, self._ids(awarded, "merchant"), _numbers(awarded, "sale"))
        np.add.at(bonus, rows[rows != NO_ROW], _numbers(awarded, "awardedPoints")[rows != NO_ROW])
        return bonus


def _left(series: np.ndarray, payer: np.ndarray, receiver: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return what the person of each row had after it: the payer, or the receiver where nobody pays."""
    count = len(points)
    rows = np.concatenate([np.arange(count), np.arange(count)])
    persons = np.concatenate([payer, receiver])
    change = np.concatenate([-points, points])
    is_asked = np.concatenate([payer != NOBODY, payer == NOBODY])
    its_series = np.concatenate([series, series])
    known = persons != NOBODY
    rows, persons, change, is_asked, its_series = (
        column[known] for column in (rows, persons, change, is_asked, its_series)
    )
    order = np.lexsort((rows, persons, its_series))
    rows, persons, change, is_asked, its_series = (
        column[order] for column in (rows, persons, change, is_asked, its_series)
    )
    total = np.cumsum(change)
    begins = np.ones(len(rows), bool)
    begins[1:] = (persons[1:] != persons[:-1]) | (its_series[1:] != its_series[:-1])
    before = np.where(begins, total - change, 0)
    starts = np.flatnonzero(begins)
    lengths = np.diff(np.append(starts, len(rows)))
    left = np.zeros(count, np.int64)
    held = total - np.repeat(before[starts], lengths)
    left[rows[is_asked]] = held[is_asked]
    return left


def _numbers(table: pa.Table, column: str) -> np.ndarray:
    return np.asarray(table.column(column).to_numpy(), np.int64)


def _place(table: pa.Table) -> np.ndarray:
    """Return one number for the place of each event in the chain; neighbours in a block differ by 1."""
    return _numbers(table, "block") << 24 | _numbers(table, "log_index")


def _bytes(table: pa.Table, column: str) -> np.ndarray:
    """Return a column of bytes of fixed length as numpy has them."""
    field = table.schema.field(column)
    size = field.type.byte_width
    parts = [
        np.frombuffer(chunk.buffers()[1], f"S{size}")[chunk.offset : chunk.offset + len(chunk)]
        for chunk in table.column(column).chunks
        if len(chunk)
    ]
    return np.concatenate(parts) if parts else np.empty(0, f"S{size}")
