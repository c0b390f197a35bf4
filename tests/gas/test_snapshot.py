import msgspec
import pytest

from scripts.bench import SNAPSHOT, exit_code
from scripts.lib.gas import operations
from scripts.lib.gas.figures import as_json, differences


@pytest.fixture(scope="module")
def figures(compilation):
    return operations.measure(compilation)


def test_gas_and_sizes_are_those_of_the_snapshot(figures):
    found = msgspec.json.decode(as_json(figures))
    changed = differences(msgspec.json.decode(SNAPSHOT.read_bytes()), found)
    assert not changed, "\n".join([*changed, "If that is meant: make bench-update, and commit the snapshot."])


def test_gas_and_sizes_keep_their_limits(figures):
    assert exit_code(figures) == 0


def test_every_limit_belongs_to_a_figure(figures):
    assert set(operations.LIMITS) <= {figure.name for figure in figures}


def test_peer_costs_what_its_anchor_says(figures):
    # 39,014 gas when the anchors were taken; more than 1 % off would mean that another peer is measured.
    payment = next(figure for figure in figures if figure.name == "payment_existing")
    assert payment.anchor == pytest.approx(39_014, rel=0.01)
