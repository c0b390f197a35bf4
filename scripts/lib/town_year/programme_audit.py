"""Compares budgets, batches, grants and caps of programmes: on the chain, in the model, and by the events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from scripts.lib.calls import View
from scripts.lib.finding import Finding
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.view_reader import read_views
from scripts.lib.replays.programmes import ProgrammesReplay
from scripts.lib.town_year.model import TownModel
from scripts.lib.town_year.on_chain import TownOnChain
from scripts.lib.town_year.programme_play import SERVICE, ProgrammePlay


class _Figure(NamedTuple):
    """A question to the service, what part of its answer counts, and what others say."""

    what: str
    view: View
    says: dict[str, Any]


def audit_programmes(
    rpc: Rpc,
    play: ProgrammePlay,
    town: TownOnChain,
    model: TownModel,
    replay: ProgrammesReplay,
    first_batch: int = 0,
) -> tuple[int, list[Finding]]:
    """Ask the service about every programme of a town, what counts against caps, and its batches.

    Args:
        first_batch: place in the plan from which on batches are compared, row by row.

    Returns:
        How many figures were compared, and the findings.
    """
    figures = list(_figures(play, town, model, replay, first_batch))
    answers = read_views(rpc, [figure.view for figure in figures])
    return len(figures), [
        Finding(
            town.year.town.municipality.name,
            "",
            "",
            figure.what,
            {source: str(value) for source, value in {"chain": answer, **figure.says}.items()},
        )
        for figure, answer in zip(figures, answers, strict=True)
        if any(value != answer for value in figure.says.values())
    ]


def _figures(
    play: ProgrammePlay, town: TownOnChain, model: TownModel, replay: ProgrammesReplay, first_batch: int
) -> Iterator[_Figure]:
    modelled, plan = model.programmes, play.plans[town.token]
    if modelled is None:
        return

    def view(function: str, *arguments: object) -> View:
        return View(SERVICE, play.service, function, arguments)

    for number, its in enumerate(plan.programmes, 1):
        programme = play.programmes[town.token, its.key]
        key = (programme, its.fiscal_year)
        yield _Figure(
            f"budget of {its.name}",
            view("budgetOf", *key),
            {
                "model": tuple(modelled.budget_of(number, its.fiscal_year)),
                "events": (replay.budgets[key], replay.reserved[key]),
            },
        )
        if its.row.cap:
            for resident in model.residents.numbers():
                yield _Figure(
                    f"{its.name}, resident {resident} in the year",
                    view("grantedInYear", *key, resident),
                    {
                        "model": modelled.granted_in_year(number, its.fiscal_year, resident),
                        "events": replay.in_year[programme, its.fiscal_year, resident],
                    },
                )
    for place, number in enumerate(model.approved[first_batch:], first_batch):
        batch, record = play.batches[town.token, place], modelled.batches[number]
        replayed = replay.batches[batch]
        yield _Figure(
            f"batch {batch}",
            view("batchOf", batch),
            {
                "model": _batch(play, replayed, record.root, record.rows, record.total, record.granted),
                "events": _batch(
                    play,
                    replayed,
                    replayed.root,
                    replayed.rows,
                    replayed.total,
                    replayed.granted_points,
                ),
            },
        )
        for row in range(record.rows):
            told = replayed.granted.get(row)
            listed = record.granted_rows.get(row)
            yield _Figure(
                f"batch {batch}, row {row}",
                view("isRowGranted", batch, row),
                {"model": listed is not None, "events": told is not None},
            )


def _batch(
    play: ProgrammePlay, told: Any, root: bytes, rows: int, total: int, granted: int
) -> tuple[Any, ...]:
    """Return a batch as the view answers; what the model does not know, the events tell."""
    return (
        root,
        told.programme,
        told.occurrence,
        rows,
        told.expiry_month,
        told.fiscal_year,
        total,
        granted,
        told.stopped,
        told.file_hash,
    )
