"""Compares the partner exchange on the chain, in the model and by the events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from scripts.lib.calls import View
from scripts.lib.exchange.terms import ANY_MUNICIPALITY, Campaign, Ledger
from scripts.lib.finding import Finding
from scripts.lib.node.rpc import Rpc
from scripts.lib.replays.exchange import ExchangeReplay
from scripts.lib.town_year.audited_figure import AuditedFigure, audited
from scripts.lib.town_year.exchange_model import ExchangeModel
from scripts.lib.town_year.exchange_play import SERVICE, ExchangePlay
from scripts.lib.town_year.on_chain import TownOnChain


def audit_exchange(
    rpc: Rpc, play: ExchangePlay, towns: Sequence[TownOnChain], model: ExchangeModel, replay: ExchangeReplay
) -> tuple[int, list[Finding]]:
    """Ask the service about everything that has to do with partners.

    Returns:
        How many figures were compared, and the findings.
    """
    compared, findings = 0, []
    for place, town in enumerate(towns):
        figures = list(_figures(play, town, model, replay, is_first=place == 0))
        count, differing = audited(rpc, town, figures)
        compared += count
        findings += differing
        minted = Counter[tuple[str, int]]()
        for mint in model.mints[town.code]:
            minted[mint.account, mint.month] += mint.points
        told = Counter[tuple[str, int]]()
        for (code, account, month), points in replay.minted.items():
            if code == town.code:
                told[account, month] += points
        compared += len(minted)
        if minted != told:
            says = {"model": dict(minted - told), "events": dict(told - minted)}
            findings.append(Finding.of(town, "minted by the exchange, more than the other says", says))
    return compared, findings


def _figures(
    play: ExchangePlay, town: TownOnChain, model: ExchangeModel, replay: ExchangeReplay, *, is_first: bool
) -> Iterator[AuditedFigure]:
    def view(function: str, *arguments: object) -> View:
        return View(SERVICE, play.service, function, arguments)

    for name, partner in model.plan.numbers.items():
        # Coupons that any municipality takes are booked in none of them: asked for once.
        for code in (town.code, ANY_MUNICIPALITY) if is_first else (town.code,):
            yield AuditedFigure(
                f"ledger of partner {name} in {code:06d}",
                view("ledgerOf", code, partner),
                {"model": model.reference.ledger(code, partner), "events": replay.ledgers[code, partner]},
                lambda answer: Ledger(*answer),
            )
        campaign = model.reference.campaign(town.code, partner)
        if campaign.number:
            yield AuditedFigure(
                f"campaign of partner {name}",
                view("campaignOf", town.code, partner),
                {"model": campaign, "events": replay.campaigns.get((town.code, partner))},
                lambda answer: Campaign(*answer),
            )
    for row in town.year.exchange.exchanges:
        holding = play.plan.holding(row)
        held, told = model.reference.holdings.get(holding), replay.holdings.get(holding)
        if held is not None or told is not None:
            state = 0 if told is None else 1 if not told.outcome else 2 if told.outcome == "Delivered" else 3
            yield AuditedFigure(
                f"exchange {row.reference}",
                view("holdingOf", holding),
                {"model": 0 if held is None else held.state, "events": state},
                _state,
            )
    for coupon in town.year.exchange.coupons:
        number, key = model.plan.numbers[coupon.partner], play.coupon(coupon.coupon).address
        yield AuditedFigure(
            f"coupon {coupon.coupon} is open",
            view("couponOf", number, key),
            {
                "model": (number, coupon.coupon) in model.reference.coupons,
                "events": (number, key) in replay.coupons,
            },
            _is_open,
        )


def _state(answer: tuple[object, ...]) -> object:
    return answer[0]


def _is_open(answer: tuple[object, ...]) -> bool:
    _, points, *_ = answer
    return points != 0
