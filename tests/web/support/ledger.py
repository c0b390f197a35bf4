"""A year of points in a town, and what the Python library makes of it month by month."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from scripts.lib.administration.execution import ExitCode
from scripts.lib.audit.dataset import Dataset
from scripts.lib.audit.event_stream import read_dataset
from scripts.lib.audit.fetch import fetch
from scripts.lib.audit.verify import Books
from scripts.lib.deployment import PLATFORM, service_label
from scripts.lib.japan_calendar import month_from_text, month_of, start_of
from scripts.lib.series_replay import SeriesReplay
from tests.support.command_town import CODE, DAYS, CommandTown
from tests.web.support.office import RESIDENTS, list_file

FIRST, LAST = month_from_text("2025-04"), month_from_text("2026-04")


class Month(NamedTuple):
    """What moved in a month, and what residents hold when it is over: as the ledger page shows it."""

    granted: int
    exchanged: int
    used: int
    lapsed: int
    outstanding: int


def play_year(town: CommandTown) -> None:
    """Grant to everybody, exchange, pay in three months, and let what is left of the grants end in March."""

    def done(*words: str, actor: str = "municipality", code: ExitCode = ExitCode.DONE) -> None:
        assert town.run(*words, actor=actor) is code, f"{words}: {town.said}"

    grants = list_file(town, "april.csv", range(1, RESIDENTS + 1))
    done("grant", grants, "--programme", "健康診査", "--occurrence", "第1回")
    for number in range(1, 16):
        town.pay(number, town.shop(1 + number % 2), 100 + number)
    key = str(town.folder / "bank-paper.key")
    done("new-key", "--paper-key", key)
    rows = [f"{CODE},{number},2000,SORA-{number}" for number in range(1, 13)]
    file = town.file("exchanges.csv", "団体コード,利用者番号,企業ポイント,管理番号", *rows)
    done("exchange", file, "--paper-key", key, actor="partner")
    town.pass_time(14 * DAYS + 60)
    done("sweep", actor="partner")
    _go_to(town, "2025-06")
    # Three people alone: no figure of June may be published by itself.
    for number in (20, 21, 22):
        town.pay(number, town.shop(1), 50)
    _go_to(town, "2025-07")
    for number in range(30, 42):
        town.pay(number, town.shop(2), 75)
    _go_to(town, "2026-04")


def _go_to(town: CommandTown, month: str) -> None:
    town.chain.mine_at(start_of(month_from_text(month)) + 36_000)


def fetched(town: CommandTown, folder: Path) -> Path:
    """Fetch the town's dataset as an auditor does."""
    fetch(town.connection.rpc, town.records[PLATFORM].address, folder)
    return folder


def months_by_replay(town: CommandTown, folder: Path) -> dict[int, Month]:
    """Rebuild the town's series event by event, add it up at each month's end, and take the differences."""
    series, token = SeriesReplay(), town.token
    exchange = town.address(service_label("PartnerExchange"))
    found: dict[int, Month] = {}
    before = Books(0, 0, 0, 0, 0, 0, 0)
    minted_before = exchanged_before = 0

    def close(month: int) -> None:
        nonlocal before, minted_before, exchanged_before
        books = Books.of(series, start_of(month + 1))
        minted, exchanged = series.minted.total(), series.minted[exchange]
        spent = [sum((its.claims, its.locked, its.settled)) for its in (books, before)]
        restored = (books.made - minted) - (before.made - minted_before)
        gone = books.lapsed + books.revoked - before.lapsed - before.revoked
        found[month] = Month(
            granted=(minted - exchanged) - (minted_before - exchanged_before),
            exchanged=exchanged - exchanged_before,
            used=spent[0] - spent[1],
            lapsed=gone - restored,
            outstanding=books.live,
        )
        before, minted_before, exchanged_before = books, minted, exchanged

    month = FIRST
    for event in read_dataset(Dataset(folder)):
        while month < month_of(event.time):
            close(month)
            month += 1
        if event.address == token:
            series.apply(event)
    while month < LAST:
        close(month)
        month += 1
    return found
