"""Whoever adds a service, an event or an act is told what the audit needs to know of it."""

import pytest

from scripts.lib.act_events import ACTS_BEHIND, SETTLEMENT_ACTS_BEHIND, selectors_behind
from scripts.lib.artifacts import read_artifact
from scripts.lib.audit.chain_figures import SERVICE_FIGURES
from scripts.lib.audit.contracts_found import SERVICE_KINDS
from scripts.lib.deployment import SERVICES
from scripts.lib.node.event_log import CONTRACTS, Event
from scripts.lib.replays.everything import SERVICE_REPLAYS, Replay, ReplayError

SERVICE = "0xservice"


def test_every_service_has_a_replay_and_figures():
    assert set(SERVICES) == set(SERVICE_REPLAYS) == set(SERVICE_KINDS.values())
    assert set(SERVICES) < set(CONTRACTS)
    platform = Replay("0xplatform", "0xofficers", "0xresidents")
    for make in SERVICE_REPLAYS.values():
        assert type(make(SERVICE, platform)) in SERVICE_FIGURES


@pytest.mark.parametrize("kind", ["", "Lottery"])
def test_event_of_an_unknown_service_is_a_contradiction(kind):
    replay = Replay("0xplatform", "0xofficers", "0xresidents", services={SERVICE: kind})
    drawn = Event("Drawn", SERVICE, {}, 1, 1_000_000, "0x1", 0)
    with pytest.raises(ReplayError, match="no replay of this service"):
        replay.apply(drawn)


@pytest.mark.parametrize("contract", sorted(SERVICE_REPLAYS))
def test_unknown_event_of_a_known_service_is_a_contradiction(contract):
    replay = Replay("0xplatform", "0xofficers", "0xresidents", services={SERVICE: contract})
    with pytest.raises(ReplayError, match="does not know what it means"):
        replay.apply(Event("Drawn", SERVICE, {}, 1, 1_000_000, "0x1", 0))


def test_events_that_take_an_act_are_events_of_ours():
    declared = {
        entry["name"] for name in CONTRACTS for entry in read_artifact(name).abi if entry["type"] == "event"
    }
    assert declared >= {*ACTS_BEHIND, *SETTLEMENT_ACTS_BEHIND}
    assert all(selectors_behind(event) for event in (*ACTS_BEHIND, *SETTLEMENT_ACTS_BEHIND))
