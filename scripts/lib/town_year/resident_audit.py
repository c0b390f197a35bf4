"""Compares whose account is whose: in the registry on the chain, in the model of it, and by the events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from scripts.lib.calls import View
from scripts.lib.finding import Finding
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.view_reader import read_views
from scripts.lib.replays.everything import Replay
from scripts.lib.town_year.model import TownModel
from scripts.lib.town_year.on_chain import TownOnChain


class _Figure(NamedTuple):
    """A question to the registry, the account it is about ("" for none), and what others say."""

    view: View
    account: str
    says: dict[str, Any]


def audit_residents(
    rpc: Rpc, town: TownOnChain, model: TownModel, replay: Replay
) -> tuple[int, list[Finding]]:
    """Ask the registry for the account of every resident number, and for the standing of every account.

    Returns:
        How many figures were compared, and the findings.
    """
    figures = list(_figures(town, model, replay))
    answers = read_views(rpc, [figure.view for figure in figures])
    names = town.accounts.names()
    return len(figures), [
        Finding(
            town.year.town.municipality.name,
            names.get(figure.account, ""),
            figure.account,
            f"{figure.view.function}{figure.view.arguments[1:]}",
            {source: str(value) for source, value in {"chain": answer, **figure.says}.items()},
        )
        for figure, answer in zip(figures, answers, strict=True)
        if any(value != answer for value in figure.says.values())
    ]


def _figures(town: TownOnChain, model: TownModel, replay: Replay) -> Iterator[_Figure]:
    registry, events = model.residents, replay.residents

    says: dict[str, Any]

    def view(function: str, *arguments: object) -> View:
        return View("ResidentRegistry", town.registry, function, (town.code, *arguments))

    count = sum(code == town.code for code, _ in events.memberships)
    yield _Figure(view("residentCount"), "", {"model": len(registry.numbers()), "events": count})
    for number in registry.numbers():
        account = registry.account_of(number)
        says = {"model": account, "events": events.account_of(town.code, number)}
        yield _Figure(view("accountOf", number), account, says)
    for account in town.accounts.all_residents():
        number = events.numbers.get((town.code, account), 0)
        says = {"model": registry.ever_number_of(account), "events": number}
        yield _Figure(view("everNumberOf", account), account, says)
        now = model.ledger.now
        says = {
            "model": registry.is_blocked(account, now),
            "events": events.is_blocked(town.code, account, now),
        }
        yield _Figure(view("isBlocked", account), account, says)
