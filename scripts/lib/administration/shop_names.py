"""What shops are called: the public names that their approvals put on the chain."""

from __future__ import annotations

from scripts.lib.administration.desk import Desk
from scripts.lib.contract_abi import event_topic
from scripts.lib.node.event_log import read_events, to_address
from scripts.lib.refusal import ZERO_ADDRESS


def labels_of_shops(desk: Desk, *series: str) -> dict[str, str]:
    """Return what shops of some series are called in a plan, by merchant."""
    return {
        shop: f"{name}、{place}"
        for token in series
        for shop, (name, place) in names_of_shops(desk, token).items()
    }


def names_of_shops(desk: Desk, series: str) -> dict[str, tuple[str, str]]:
    """Return public name and place by merchant; of one that was carried in, as the series before has them."""
    predecessor = to_address(desk.ask("MunicipalPoint", series, "predecessor"))
    names = {} if predecessor == ZERO_ADDRESS else names_of_shops(desk, predecessor)
    topics = [event_topic("MunicipalPoint", "MerchantApproved")]
    for event in read_events(desk.connection.rpc, [series], desk.first_block, topics=topics):
        names[event.arguments["merchant"]] = event.arguments["name"], event.arguments["place"]
    return names
