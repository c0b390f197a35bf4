"""A year of points in a town, and what the Python library makes of it month by month."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from scripts.lib.administration.execution import ExitCode
from scripts.lib.audit.dataset import Dataset
from scripts.lib.audit.event_stream import read_dataset
from scripts.lib.audit.fetch import fetch
from scripts.lib.audit.verify import Books
from scripts.lib.calls import View
from scripts.lib.deployment import PLATFORM
from scripts.lib.japan_calendar import month_from_text, month_of, start_of
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.view_reader import read_views
from scripts.lib.replays.everything import Replay
from tests.support.command_town import CODE, DAYS, CommandTown
from tests.web.support.office import RESIDENTS, list_file


class Month(NamedTuple):
    """What moved in a month, and what residents hold when it is over: as the ledger page shows it."""

    granted: int
    exchanged: int
    used: int
    lapsed: int
    outstanding: int
    carriedIn: int = 0  # noqa: N815 - as the page's module calls it
    carriedOut: int = 0  # noqa: N815


def play_year(town: CommandTown) -> None:
    """Grant to everybody, exchange, pay, extend, revoke; let the rest end in March, restore some of it."""

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

    def lots(command: str, titles: str, rows: list[str]) -> None:
        done(command, town.file(f"{command}.csv", f"利用者番号,{titles}", *rows), "--paper", str(paper))

    paper = town.folder / "決裁.pdf"
    paper.write_bytes(b"a decision")
    twelve = range(50, 62)
    lots("extend", "現在の期限月,新しい期限月", [f"{number},2026-03,2026-06" for number in twelve])
    lots("revoke", "ポイント,期限月", [f"{number + 20},100,2026-03" for number in twelve])
    _go_to(town, "2026-04")
    lots(
        "restore", "ポイント,失効月,新しい期限月", [f"{number + 40},50,2026-03,2026-07" for number in twelve]
    )
    _go_to(town, "2026-05")


def _go_to(town: CommandTown, month: str) -> None:
    town.chain.mine_at(start_of(month_from_text(month)) + 36_000)


def fetched(town: CommandTown, folder: Path) -> Path:
    """Fetch the town's dataset as an auditor does."""
    fetch(town.connection.rpc, town.records[PLATFORM].address, folder)
    return folder


def months_by_replay(rpc: Rpc, folder: Path) -> dict[str, dict[int, Month]]:
    """Rebuild every series event by event, as an audit does, and take the differences from month to month.

    Returns:
        By address of the series and month, for all months that are over.
    """
    dataset = Dataset(folder)
    replay = _replay_of(rpc, dataset)
    exchanges = [each.address for each in dataset.contracts if each.kind == "PartnerExchange"]
    events = list(read_dataset(dataset))
    now = int(rpc.call("eth_getBlockByNumber", hex(dataset.last), False)["timestamp"], 16)
    sums: dict[str, list[_Sums]] = {}
    month = month_of(events[0].time)
    months = range(month, month_of(now))
    for event in events:
        while month < month_of(event.time):
            _add_up(replay, exchanges, month, sums)
            month += 1
        replay.begin(event.transaction)
        replay.apply(event)
    replay.finish()
    for left in range(month, month_of(now)):
        _add_up(replay, exchanges, left, sums)
    return {
        token: {
            of: Month(
                *(this - that for this, that in zip(now_[:4], before[:4], strict=True)),
                now_.outstanding,
                *(this - that for this, that in zip(now_[5:], before[5:], strict=True)),
            )
            for of, now_, before in zip(months[-len(its) :], its, [_NOTHING, *its], strict=False)
        }
        for token, its in sums.items()
    }


_Sums = Month
"""What moved up to the end of a month, all in all."""

_NOTHING = Month(0, 0, 0, 0, 0)


def _replay_of(rpc: Rpc, dataset: Dataset) -> Replay:
    header, found = dataset.header, dataset.contracts
    assert header is not None
    tokens = [each.address for each in found if each.kind == "MunicipalPoint"]
    days = read_views(rpc, [View("MunicipalPoint", token, "saleDays") for token in tokens])
    payable = {token: each[0] for token, each in zip(tokens, days, strict=True)}
    services = {each.address: each.kind for each in found if each.kind != "MunicipalPoint"}
    return Replay(header.platform, header.officers, header.residents, payable, services)


def _add_up(replay: Replay, exchanges: list[str], month: int, sums: dict[str, list[_Sums]]) -> None:
    for token, series in replay.series.items():
        books = Books.of(series, start_of(month + 1))
        exchanged = sum(series.minted[each] for each in exchanges)
        lots_in, lots_out, claims_in, claims_out = (
            sum(getattr(its, name) for its in series.carried_by_year.values())
            for name in ("lots_in", "lots_out", "claims_in", "claims_out")
        )
        sums.setdefault(token, []).append(
            Month(
                granted=series.minted.total() - exchanged,
                exchanged=exchanged,
                used=books.claims + books.locked + books.settled + claims_out - claims_in,
                lapsed=books.lapsed + books.revoked - series.restored.total(),
                outstanding=books.live,
                carriedIn=lots_in,
                carriedOut=lots_out,
            )
        )
