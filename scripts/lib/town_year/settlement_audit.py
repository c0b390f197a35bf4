"""Compares settlement and closed years on the chain, in the model, by the events and with the CSV files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from eth_utils import to_checksum_address

from scripts.lib.calls import View
from scripts.lib.claim_word import chunk_hash
from scripts.lib.finding import Finding
from scripts.lib.japan_calendar import months_of_fiscal_year
from scripts.lib.node.rpc import Rpc
from scripts.lib.reference.settlement import BatchState
from scripts.lib.replays.series import SeriesReplay
from scripts.lib.replays.settlement import ReplayedBatch, SettlementReplay
from scripts.lib.town_year.audited_figure import AuditedFigure, audited
from scripts.lib.town_year.model import TownModel
from scripts.lib.town_year.on_chain import TownOnChain
from scripts.lib.town_year.settlement_play import SERVICE, SettlementPlay
from scripts.lib.year_end import YearEnd


def audit_settlement(
    rpc: Rpc, play: SettlementPlay, town: TownOnChain, model: TownModel, replay: SettlementReplay
) -> tuple[int, list[Finding]]:
    """Ask the service about every batch of a series and about the books of its year.

    Returns:
        How many figures were compared, and the findings.
    """
    return audited(rpc, town, list(_figures(play, town, model, replay)))


def _figures(
    play: SettlementPlay, town: TownOnChain, model: TownModel, replay: SettlementReplay
) -> Iterator[AuditedFigure]:
    def view(function: str, *arguments: object) -> View:
        return View(SERVICE, play.service, function, arguments)

    reference = model.settlement.reference
    for cut_off, number in model.settlement.batches.items():
        on_chain = play.batches[town.token, cut_off]
        batch, replayed = reference.batches[number], replay.batches[on_chain]
        left = batch.left
        yield AuditedFigure(
            f"batch {on_chain} of settlement",
            view("batchOf", on_chain),
            {
                "model": (
                    town.token,
                    town.code,
                    int(batch.state),
                    batch.fiscal_year,
                    len(batch.claims),
                    cut_off,
                    sum(part.this_year for part in left),
                    sum(part.earlier_years for part in left),
                ),
                "events": _batch(replayed),
            },
            _without_file,
        )
        bounced, reopened = (_places(claims) for claims in (batch.bounced, batch.reopened))
        yield AuditedFigure(
            f"claims of batch {on_chain} that came back",
            view("cameBack", on_chain, 0),
            {
                "model": (bounced, reopened),
                "events": (_places(replayed.bounced), _places(replayed.reopened)),
            },
        )
        yield AuditedFigure(
            f"claims of batch {on_chain}",
            view("chunkHashOf", on_chain, 0),
            {"model": chunk_hash(batch.claims), "events": chunk_hash(replayed.claims)},
        )
        yield AuditedFigure(
            f"transfer list of batch {on_chain}",
            view("batchOfPaper", town.code, replayed.file),
            {"events": on_chain},
        )
    for year in (year_of(town), year_of(town) + 12):
        books, key = reference.books[year], (town.token, year)
        yield AuditedFigure(
            f"books of fiscal year {year}",
            view("booksOf", *key),
            {
                "model": (books.settled, books.past_years, books.reopened),
                "events": (replay.settled[key], replay.past_years[key], replay.reopened[key]),
            },
        )


def audit_closing(
    rpc: Rpc,
    play: SettlementPlay,
    town: TownOnChain,
    expected: YearEnd,
    series: SeriesReplay,
    replay: SettlementReplay,
) -> tuple[int, list[Finding]]:
    """Compare the closed year: on the chain, in the model, by the events, and with the sums of the CSV files.

    Args:
        expected: what the model makes of the year.
        series: the series by the events.

    Returns:
        How many figures were compared, and the findings.
    """
    key, year = (town.token, year_of(town)), town.year
    closed = YearEnd.of(replay.year_ends[key]) if key in replay.year_ends else None
    paid_in_files = Counter[str]()
    for payment in year.payments:
        paid_in_files[town.accounts.merchants[payment.merchant]] += payment.points
    granted, used = sum(grant.points for grant in year.grants), paid_in_files.total()
    told = expected.told._replace(granted=granted, used=used)
    by_files = expected._replace(told=told, settled=used, owed_over=0)
    figures = [
        AuditedFigure(
            "the closed fiscal year",
            View(SERVICE, play.service, "yearEndOf", key),
            {"model": expected, "events": closed, "CSV files": by_files},
            YearEnd.of,
        ),
        AuditedFigure(
            "settled in all",
            View("MunicipalPoint", town.token, "settlementTotals"),
            {"events": (0, series.settled.total()), "CSV files": (0, used)},
        ),
        AuditedFigure(
            "last closed year",
            View(SERVICE, play.service, "lastClosedYear", (town.token,)),
            {"CSV files": year_of(town)},
        ),
    ]
    compared, findings = audited(rpc, town, figures)
    shops, differing = _compare_shops(play, town, series, paid_in_files)
    findings += differing
    for name, (left, right) in expected.differences().items():
        findings.append(Finding.of(town, name, {"left": left, "right": right}))
    return compared + shops, findings


def _compare_shops(
    play: SettlementPlay, town: TownOnChain, series: SeriesReplay, paid_in_files: Counter[str]
) -> tuple[int, list[Finding]]:
    """Compare what each shop was paid, and by whose key it went to whom, with its sales in the CSV files."""
    sold = Counter[tuple[str, str]]()
    sales = {act.merchant: act.time for act in town.year.shop_sales()}
    for payment in town.year.payments:
        shop = town.accounts.merchants[payment.merchant]
        is_buyers = payment.merchant in sales and payment.time >= sales[payment.merchant]
        owner = town.accounts.buyers[payment.merchant] if is_buyers else shop
        sold[shop, owner] += payment.points
    transferred = Counter[tuple[str, str]]()
    for (token, _), rows in play.transfers.items():
        for row in rows if token == town.token else ():
            transferred[row.merchant, row.owner] += row.yen
    findings, names = [], town.accounts.names()
    for shop, owner in sold.keys() | transferred.keys():
        says = {"CSV files": sold[shop, owner], "transfer lists": transferred[shop, owner]}
        if sold[shop, owner] != transferred[shop, owner]:
            findings.append(Finding.of(town, f"yen to {names.get(owner, owner)}", says, shop))
    for shop in paid_in_files.keys() | series.settled.keys():
        if paid_in_files[shop] != series.settled[shop]:
            says = {"CSV files": paid_in_files[shop], "events": series.settled[shop]}
            findings.append(Finding.of(town, "paid in yen", says, shop))
    return len(sold) + len(paid_in_files), findings


def year_of(town: TownOnChain) -> int:
    """Return the fiscal year of a town's files, by the number of its March."""
    return months_of_fiscal_year(town.year.town.fiscal_year).stop - 1


def _batch(batch: ReplayedBatch) -> tuple[Any, ...]:
    """Return a batch as the view answers, without the file."""
    left = batch.remaining()
    state = BatchState[batch.state.upper()]
    return (
        batch.series,
        batch.municipality,
        int(state),
        batch.fiscal_year,
        len(batch.claims),
        batch.cut_off,
        sum(part.this_year for part in left),
        sum(part.earlier_years for part in left),
    )


def _without_file(answer: Any) -> tuple[Any, ...]:
    series, *rest = answer[:-1]
    return (to_checksum_address(series), *rest)


def _places(claims: set[int]) -> int:
    """Return the bits of claims of a first chunk, which holds all claims of a demo's batch."""
    return sum(1 << place for place in claims)
