"""The command that fixes a fiscal year's figures (年度の締め), summed up from the events of the series.

The chain accepts them only if what came in equals what went out, with what lapsed by its own count.
"""

from __future__ import annotations

from argparse import Namespace
from collections import Counter

from scripts.lib.administration.desk import Desk
from scripts.lib.administration.exchange import EXCHANGE
from scripts.lib.administration.settlement_batches import SERVICE
from scripts.lib.administration.task import CommandError, Survey, Task
from scripts.lib.bilingual import Bilingual
from scripts.lib.deployment import service_label
from scripts.lib.japan_calendar import (
    era_moment_label,
    fiscal_year_label,
    last_second,
    months_of_fiscal_year,
    start_of,
)
from scripts.lib.node.event_log import Event, read_events, to_address
from scripts.lib.reasons import Reason
from scripts.lib.refusal import ZERO_ADDRESS
from scripts.lib.replays.series import SeriesReplay
from scripts.lib.year_end import YearFigures

PAYMENT_BONUS = "PaymentBonus"
_NAMES = {
    "granted": Bilingual("granted", "付与"),
    "exchanged": Bilingual("exchanged", "交換"),
    "bonus": Bilingual("bonus", "増量"),
    "restored": Bilingual("restored", "回復"),
    "used": Bilingual("used", "利用"),
    "refunded": Bilingual("refunded", "返金"),
    "revoked": Bilingual("revoked", "取消し"),
    "carried_over": Bilingual("carried over", "翌年度への繰越し"),
}


def close_year(desk: Desk, options: Namespace) -> Survey:
    """Fix the figures of a fiscal year, once its books have closed (1 June); two cashiers."""
    service, token = desk.service(SERVICE), desk.token(options.series)
    march = months_of_fiscal_year(options.year).stop - 1
    label = fiscal_year_label(march)
    survey = Survey(Bilingual(f"Close {label.english}", f"{label.japanese}の締め"))
    closes_at = desk.ask(SERVICE, service, "booksCloseAt", march)
    if desk.now() < closes_at:
        time = era_moment_label(closes_at)
        raise CommandError(
            f"its books close on {time.english}",
            f"出納は{time.japanese}に閉鎖されます。それまで締められません",
        )
    figures = _figures(desk, token, march)
    for name, points in figures._asdict().items():
        survey.figure(f"{_NAMES[name].english}, points", f"{_NAMES[name].japanese}(ポイント)", points)
    if desk.ask(SERVICE, service, "lastClosedYear", token) >= march:
        survey.done = 1
        return survey
    act = desk.act(
        SERVICE, service, "closeYear", desk.code, token, march, tuple(figures),
        reason=Reason.ROUTINE, subject=label.japanese,
    )  # fmt: skip
    survey.tasks.append(Task(act))
    return survey


def _figures(desk: Desk, token: str, march: int) -> YearFigures:
    """Return what the events of a series say of the fiscal year that ends with a March."""
    first, last = start_of(march - 11), last_second(march)
    exchange, bonus = _recorded(desk, EXCHANGE), _recorded(desk, PAYMENT_BONUS)
    kinds = {exchange: "exchanged", bonus: "bonus"}
    replay = _replay_of(desk, token, start_of(march + 1))
    moved: Counter[str] = Counter()
    minter = delivering = ""
    contracts = [token, exchange] if exchange != ZERO_ADDRESS else [token]
    for event in read_events(desk.connection.rpc, contracts, desk.first_block):
        if event.time > last:
            break
        if event.address != token:
            # A town's exchanges may have gone into another of its series: this one's minted beside it.
            is_here = event.name == "Delivered" and event.transaction == delivering and _is_ours(desk, event)
            if is_here and first <= event.time:
                moved["bonus"] += event.arguments["bonusPoints"]
                moved["exchanged"] -= event.arguments["bonusPoints"]
            continue
        if event.name == "Minted":
            minter = event.arguments["minter"]
            if minter == exchange:
                delivering = event.transaction
        if first <= event.time:
            moved.update(_moved(event, replay, kinds.get(minter, "granted")))
        replay.apply(event)
    left = replay.state_at(start_of(march + 1)).lots
    return YearFigures(
        granted=moved["granted"],
        exchanged=moved["exchanged"],
        bonus=moved["bonus"],
        restored=moved["restored"],
        used=moved["used"],
        refunded=moved["refunded"],
        revoked=moved["revoked"],
        carried_over=sum(sum(lots.values()) for lots in left.values()),
    )


def _replay_of(desk: Desk, token: str, end: int) -> SeriesReplay:
    """Return the empty replay of a series; behind it, that of the series before it, up to `end`."""
    replay = SeriesReplay()
    predecessor = desk.ask("MunicipalPoint", token, "predecessor")
    if predecessor == ZERO_ADDRESS:
        return replay
    before = to_address(predecessor)
    replay.before = _replay_of(desk, before, end)
    for event in read_events(desk.connection.rpc, [before], desk.first_block):
        if event.time >= end:
            break
        replay.before.apply(event)
    return replay


def _is_ours(desk: Desk, event: Event) -> bool:
    return bool(event.arguments["municipality"] == desk.code)


def _recorded(desk: Desk, service: str) -> str:
    """Return the address of a service; zero if there is none."""
    return desk.service(service) if service_label(service) in desk.records else ZERO_ADDRESS


def _moved(event: Event, replay: SeriesReplay, minted: str) -> Counter[str]:
    """Return what an event of the series adds to the year's figures.

    Args:
        minted: the figure that the last mint belongs to.
    """
    a = event.arguments
    match event.name:
        case "Minted":
            return Counter({minted: a["amountPoints"]})
        case "MintSkipped":
            taken: Counter[str] = Counter()
            taken[minted] -= a["amountPoints"]
            return taken
        case "LotRestored":
            return Counter({"restored": a["amountPoints"]})
        case "Revoked" | "TakenBack":
            return Counter({"revoked": a["amountPoints"]})
        case "Transfer" if a["from"] != ZERO_ADDRESS != a["to"]:
            payer_is_shop, receiver_is_shop = a["from"] in replay.merchants, a["to"] in replay.merchants
            if receiver_is_shop and not payer_is_shop:
                return Counter({"used": a["value"]})
            if payer_is_shop and not receiver_is_shop:
                return Counter({"refunded": a["value"]})
    return Counter()
