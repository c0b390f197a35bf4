"""What a resident can hold on paper: points by town with their ends, and the statement of a year, as CSV."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from web3 import Web3

from scripts.lib.contract_book import ContractBook
from scripts.lib.csv_out import as_csv
from scripts.lib.japan_calendar import last_second, moment_label, month_of, months_of_fiscal_year
from scripts.lib.node.log_pages import read_logs
from scripts.lib.resident.series_knowledge import SeriesKnowledge, end_of_points

TITLES = ("日時 time", "区分 kind", "相手 with", "増減 change", "残高 balance", "取引 transaction")
_ZERO = "0x" + "00" * 20


class Movement(NamedTuple):
    """One movement of an account's points.

    Attributes:
        at: time of its block, in seconds; of lapsed points, the last second of the month they ended with.
        kind: in both languages, e.g. "支払 payment".
        other: whom it went to or came from, as it is known: a shop's name.
        points: negative if they left.
    """

    at: int
    kind: str
    other: str
    points: int
    transaction: str


def points_by_town(known: Iterable[SeriesKnowledge], now: int) -> list[tuple[str, str, int, str]]:
    """Return rows of town, series, points and until when, earliest end first in each series."""
    return [
        (series.town, series.name, points, end_of_points(month).japanese)
        for series in sorted(known, key=lambda series: (series.municipality, series.name))
        for month, points in series.live_lots(now)
    ]


def movements(book: ContractBook, web3: Web3, known: SeriesKnowledge) -> list[Movement]:
    """Return every movement of the account's points, oldest first, with points that ended unrecorded."""
    point = book.contract(web3, "MunicipalPoint", known.series)
    first = book.series_at(known.series).block
    account = known.account
    logs = {(log["blockNumber"], log["logIndex"]): log for log in _all_transfers(web3, point, account, first)}
    lapses = {
        (log["blockNumber"], log["logIndex"]): log["args"]["expiryMonth"]
        for log in read_logs(web3, point.events.Lapsed, first, {"account": account})
    }
    found = []
    times: dict[int, int] = {}
    for place in sorted(logs):
        log = logs[place]
        sender, receiver, points = log["args"]["from"], log["args"]["to"], log["args"]["value"]
        block = log["blockNumber"]
        if block not in times:
            times[block] = int(web3.eth.get_block(block)["timestamp"])
        other = receiver if sender == account else sender
        shop = known.shops.get(other)
        name = shop.name if shop is not None else ("" if other == _ZERO else other)
        # A Lapsed stands beside its Transfer.
        ended = next(
            (lapses[each] for each in ((block, place[1] - 1), (block, place[1] + 1)) if each in lapses), None
        )
        kind = _kind(sender == account, other == _ZERO, shop is not None, ended is not None)
        at = times[block] if ended is None else last_second(ended)
        change = -points if sender == account else points
        found.append(Movement(at, kind, name, change, log["transactionHash"].to_0x_hex()))
    balance = sum(each.points for each in found)
    live = point.functions.balanceOf(account).call()
    if balance > live:
        now = int(web3.eth.get_block("latest")["timestamp"])
        # With which month nothing tells; with the last one at the latest.
        at = last_second(month_of(now) - 1)
        found.append(Movement(at, "失効(記帳前) lapsed, not recorded", "", live - balance, ""))
    return sorted(found, key=lambda each: each.at)


def yearly_statement(every: Iterable[Movement], year: int) -> bytes:
    """Return the statement of a fiscal year, by its April: carried in, each movement, what is left."""
    months = months_of_fiscal_year(year)
    balance = 0
    rows: list[tuple[str | int, ...]] = []
    for each in every:
        month = month_of(each.at)
        if month > months[-1]:
            break
        balance += each.points
        if month in months:
            if not rows:
                rows.append(("", "前年度繰越 carried in", "", 0, balance - each.points, ""))
            at = moment_label(each.at).english
            rows.append((at, each.kind, each.other, each.points, balance, each.transaction))
    if not rows:
        rows.append(("", "前年度繰越 carried in", "", 0, balance, ""))
    rows.append(("", "年度末 at the end", "", 0, balance, ""))
    return as_csv(TITLES, rows)


def _kind(is_out: bool, is_zero: bool, is_shop: bool, is_lapse: bool) -> str:
    if is_lapse:
        return "失効 lapsed"
    if is_zero:
        return "取消 revoked" if is_out else "付与・交換・還元 received"
    if is_shop:
        return "支払 payment" if is_out else "返品 refund"
    return "口座の引継ぎ・譲渡 moved out" if is_out else "口座の引継ぎ・譲渡 moved in"


def _all_transfers(web3: Web3, point: Any, account: str, first: int) -> list[Any]:
    transfer = point.events.Transfer
    return [
        *read_logs(web3, transfer, first, {"from": account}),
        *read_logs(web3, transfer, first, {"to": account}),
    ]
