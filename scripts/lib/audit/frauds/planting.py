"""Plants one fraud in a platform whose year is over, on a target by chance, and says apart what it was.

    planted = plant("points_burned", cast, folder, Random())
    planted.answer       # for who has looked, and wants to know

For a chain like the demo's alone: whoever plants owns the node and every key.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from inspect import getdoc
from pathlib import Path
from random import Random
from typing import NamedTuple

from scripts.lib.audit.dataset import Dataset
from scripts.lib.audit.fetch import fetch
from scripts.lib.audit.frauds.kinds import FRAUDS, Expected, Scene
from scripts.lib.audit.frauds.target import Target
from scripts.lib.audit.statements.history import History, read_history
from scripts.lib.keys.keyring import LocalKeyring
from scripts.lib.node.rpc import Rpc
from scripts.lib.roles import Role

ANY = "any"
"""Stands for a kind by chance."""

SEGMENTS = 4
"""In how many runs the dataset is fetched: kinds of fraud on the disk take whole ranges of blocks out."""

_OF_SALES = ("double_payment_of_a_sale", "refund_that_renews", "refund_to_a_friend")
_OF_MINTERS = {
    "minter_over_budget_by_modified_token": "GrantProgrammes",
    "expiry_shortened_by_modified_token": "GrantProgrammes",
    "service_mints_for_nobody": "PartnerExchange",
}
"""Kinds for a series in which a service may mint."""

_IN_STORAGE = ("balance_written_into_storage", "expiry_shortened_in_storage", "silent_freeze")
"""Kinds that look for an account's word by its first lot, which must not have ended."""

_ENOUGH_POINTS = 300
"""More than any kind takes from a resident whose points must suffice."""


class NoTargetError(Exception):
    """No series has the people and services that a kind of fraud takes."""


@dataclass
class Cast:
    """Who is who on the chain.

    Attributes:
        records: folder of the deployment records.
        offices: accounts of each town's officers, by its code.
    """

    rpc: Rpc
    keyring: LocalKeyring
    records: Path
    platform: str
    offices: Mapping[int, Mapping[Role, Sequence[str]]]


class Planted(NamedTuple):
    """What was planted; `answer` says it in words."""

    kind: str
    expected: Expected
    answer: str


def plant(kind: str, cast: Cast, folder: Path, random: Random) -> Planted:
    """Fetch the dataset into a folder, plant a fraud on the chain or in it, and fetch what came of it.

    Args:
        kind: a name of FRAUDS, or ANY.

    Raises:
        NoTargetError: no series of the platform lends itself to it.
    """
    name = random.choice(list(FRAUDS)) if kind == ANY else kind
    head = _height(cast.rpc)
    for run in range(1, SEGMENTS + 1):
        fetch(cast.rpc, cast.platform, folder, last=head * run // SEGMENTS)
    expected = FRAUDS[name](Scene(_target(name, cast, Dataset(folder), random), folder, random))
    if _height(cast.rpc) > head:
        fetch(cast.rpc, cast.platform, folder)
    return Planted(name, expected, _answer(name, expected))


def _height(rpc: Rpc) -> int:
    return int(rpc.call("eth_blockNumber"), 16)


def _answer(name: str, expected: Expected) -> str:
    told = {
        "planted 植えた不正": name,
        "what 内容": getdoc(FRAUDS[name]) or "",
        "breaks 違反": expected.breaks,
        "verify says 検査の言葉": expected.what,
        "account, file 口座・ファイル": expected.account,
        "transaction 取引": expected.transaction,
    }
    return "".join(f"{title}: {value}\n" for title, value in told.items() if value)


def _target(name: str, cast: Cast, dataset: Dataset, random: Random) -> Target:
    """Return a series with two residents who hold points, shops, and sales where the kind is about them.

    Raises:
        NoTargetError: there is none.
    """
    history = read_history(dataset)
    tokens = list(history.replay.registered)
    random.shuffle(tokens)
    for token in tokens:
        people = _people(name, token, dataset, history, random)
        if people is not None:
            break
    else:
        raise NoTargetError(f"{name}: no series lends itself to it / この不正に合う種別がありません")
    header, code = dataset.header, history.municipality_of(token)
    assert header is not None
    services = {contract.kind: contract.address for contract in dataset.contracts}
    numbers = history.replay.residents.numbers
    return Target(
        rpc=cast.rpc,
        keyring=cast.keyring,
        records=cast.records,
        municipality=code,
        offices=cast.offices[code],
        platform=header.platform,
        officers=header.officers,
        residents=header.residents,
        token=token,
        programmes=services.get("GrantProgrammes", ""),
        exchange=services.get("PartnerExchange", ""),
        first_number=numbers[code, people.first],
        second_number=numbers[code, people.second],
        **people._asdict(),
    )


class _People(NamedTuple):
    """Part of a Target, by the same names."""

    first: str
    second: str
    shop: str
    other_shop: str
    paid: int = 0
    other_paid: int = 0


def _services(name: str, dataset: Dataset) -> list[str]:
    return [each.address for each in dataset.contracts if each.kind == _OF_MINTERS[name]]


def _people(name: str, token: str, dataset: Dataset, history: History, random: Random) -> _People | None:
    """Choose who is in it; None if the series has nobody for it."""
    series, now = history.replay.series[token], dataset.seal.time
    state, code = series.state_at(now), history.municipality_of(token)
    if name in _OF_MINTERS and not any(service in state.minters for service in _services(name, dataset)):
        return None
    holders = {
        account
        for account, lots in state.lots.items()
        if (code, account) in history.replay.residents.numbers
        and not any(state.stops.get(account, ()))
        and sum(lots.values()) >= _ENOUGH_POINTS
        and (name not in _IN_STORAGE or lots == {at: its for at, its in series.lots[account].items() if its})
    }
    active = {shop for shop, standing in state.merchants.items() if standing.status == 0}
    stopped = sorted(state.merchants.keys() - active)
    paid = sorted(shop for shop in active if state.balances.get(shop) or series.settled[shop])
    is_enough = len(holders) > 1 and paid and (stopped or name != "payment_to_a_suspended_shop")
    if not is_enough:
        return None
    other_shop = random.choice(stopped) if stopped else ""
    if name not in _OF_SALES:
        first, second = random.sample(sorted(holders), 2)
        return _People(first, second, random.choice(paid), other_shop)
    sales: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for (shop, sale), payment in sorted(series.sales.payments.items()):
        if payment.payer in holders and shop in active:
            sales[shop][payment.payer] = sale
    shops = [shop for shop, by_payer in sales.items() if len(by_payer) > 1]
    if not shops:
        return None
    shop = random.choice(shops)
    first, second = random.sample(sorted(sales[shop]), 2)
    return _People(first, second, shop, other_shop, sales[shop][first], sales[shop][second])
