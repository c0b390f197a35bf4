"""A shop and its friends pay each other on a chain that an auditor then reads, beside honest neighbours."""

import pytest

from scripts.lib.audit.dataset import Dataset
from scripts.lib.audit.fetch import fetch
from scripts.lib.audit.patterns.movements import read_movements
from scripts.lib.audit.patterns.odd_pattern import PatternKind
from scripts.lib.audit.patterns.search import find_patterns
from tests.support.bonus_town import BonusTown
from tests.support.clock import HOUR, MINUTE, OCTOBER, travel

FRIENDS = ("Aoi", "Ren", "Sora", "Yui")
NEIGHBOURS = ("Hanako", "Taro", "Mio")
PURSE = 20_000
CIRCLE, FARM = 15_000, 900


@pytest.fixture
def members(memberships, point, minter):
    members = memberships.join(*FRIENDS, *NEIGHBOURS)
    for member in members:
        point.mintUntil(member.account, PURSE, OCTOBER, {"from": minter})
    return members


@pytest.fixture
def town(point, bonus, shop, act_maker, stranger):
    return BonusTown(point, bonus, shop, act_maker, stranger)


def test_circle_and_refund_farm_are_found_with_every_transaction_and_bread_is_not(
    town, members, other_shop, rpc, platform, tmp_path
):
    friends, neighbours = members[: len(FRIENDS)], members[len(FRIENDS) :]
    for member in neighbours:
        town.refund(town.pay(member.card, 400, shop=other_shop), 100)
        travel(20 * MINUTE)
    assert find(rpc, platform, tmp_path) == []

    for _ in range(3):
        for friend in friends:
            town.refund(town.pay(friend.card, CIRCLE), CIRCLE)
            travel(MINUTE)
        travel(5 * HOUR)
    for _ in range(8):
        town.refund(town.pay(neighbours[0].card, FARM, shop=other_shop), FARM)
        travel(HOUR)
    found = {pattern.kind: pattern for pattern in find(rpc, platform, tmp_path)}

    circle, farm = found.pop(PatternKind.CLOSED_CIRCLE), found.pop(PatternKind.REFUND_FARM)
    assert (circle.merchants, circle.points) == ((town.shop.address,), 12 * CIRCLE)
    assert circle.accounts == tuple(sorted(friend.account.address for friend in friends))
    assert len(circle.transactions) == 2 * 12, "payments and refunds"
    assert (farm.merchants, farm.points) == ((other_shop.address,), 400 + 8 * FARM)
    assert farm.accounts == (neighbours[0].account.address,)
    assert len(farm.transactions) == 2 * 9
    assert not found, "nothing else is odd"


def find(rpc, platform, folder):
    """Fetch what the chain has more, and look at all of it."""
    fetch(rpc, platform.address, folder / "dataset")
    return find_patterns(read_movements(Dataset(folder / "dataset")))
