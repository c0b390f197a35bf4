"""A series and its successor: whose accounts go over, in which steps, and whether all of it has arrived.

    for accounts in steps(rpc, old, accounts_of(rpc, old)): …carryIn(accounts)…
    differences(rpc, old, new)        # anybody's check, account by account; empty if all is well

Needs a node alone: every account that an old series knows stands in its events. Amounts are points, months
count from January 2000 = 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from scripts.lib.bilingual import Bilingual
from scripts.lib.calls import View
from scripts.lib.contract_abi import event_topic
from scripts.lib.expiry_rule import expiry_label
from scripts.lib.node.event_log import read_events, to_address
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.view_reader import read_views
from scripts.lib.refusal import ZERO_ADDRESS

STEP_GAS = 10_000_000
"""What one transaction of carrying is to need, of the 16.7 million that it may."""

ACCOUNT_GAS = 75_000
LOT_GAS = 11_000
WAITING_LOT_GAS = 28_000
"""Estimates of one account, each of its first six lots and each lot beyond, upwards of what was measured."""

_NAMING = ("Transfer", "MerchantApproved", "MerchantCarriedIn", "FrozenSet", "BlockedSet")


class Migration(NamedTuple):
    """Where a series stands, as its view `migration` has it; times are Unix seconds."""

    successor: str
    closable_from: int
    closed: bool
    last_sale_day: int

    @classmethod
    def of(cls, rpc: Rpc, token: str) -> Migration:
        """Ask a series."""
        [(successor, *rest)] = read_views(rpc, [View("MunicipalPoint", token, "migration")])
        return cls(to_address(successor), *rest)


class Holding(NamedTuple):
    """What is to be carried of an account: live lots as (months, amounts), free claim, standing and stops."""

    lots: tuple[tuple[int, ...], tuple[int, ...]]
    claim: tuple[int, int]
    standing: tuple[bool, int, int]
    owner: str
    stops: tuple[bool, bool]

    @property
    def points(self) -> int:
        """Live points and free claim."""
        return sum(self.lots[1]) + sum(self.claim)

    @property
    def gas(self) -> int:
        """What carrying it will take at most."""
        count = len(self.lots[0])
        return ACCOUNT_GAS + LOT_GAS * min(count, 6) + WAITING_LOT_GAS * max(count - 6, 0)


@dataclass(frozen=True)
class Difference:
    """Something of an account that has not gone over as it was."""

    account: str
    what: Bilingual


def accounts_of(rpc: Rpc, token: str, first: int = 0) -> list[str]:
    """Return every account that a series' events name, shops before everybody else.

    Shops first: nobody can then send them points on the successor that would stand in their way.
    """
    topics = [[event_topic("MunicipalPoint", name) for name in _NAMING]]
    named: dict[str, bool] = {}
    for event in read_events(rpc, [token], first, topics=topics):
        for key in ("merchant", "account", "from", "to"):
            if key in event.arguments:
                account = event.arguments[key]
                named[account] = named.get(account, False) or key == "merchant"
    named.pop(ZERO_ADDRESS, None)
    return sorted(named, key=lambda account: (not named[account], account))


def holdings(rpc: Rpc, token: str, accounts: Sequence[str], block: str = "latest") -> dict[str, Holding]:
    """Return what a series has of these accounts."""

    def ask(function: str) -> list[Any]:
        views = [View("MunicipalPoint", token, function, (account,)) for account in accounts]
        return read_views(rpc, views, block)

    answers = zip(*(ask(f) for f in ("lotsOf", "claimOf", "merchantOf", "ownerOf", "frozenOf")), strict=True)
    return {
        account: Holding(
            (tuple(lots[0]), tuple(lots[1])), tuple(claim[:2]), tuple(standing), owner, tuple(stops)
        )
        for account, (lots, claim, standing, owner, stops) in zip(accounts, answers, strict=True)
    }


def is_left(old: Holding, new: Holding) -> bool:
    """Return whether carrying an account once more would do anything."""
    merchant_is_missing = old.standing[0] and not new.standing[0]
    return old.points > 0 or merchant_is_missing or (old.stops[0] and not new.stops[0])


def steps(rpc: Rpc, old: str, new: str, accounts: Sequence[str]) -> Iterator[list[str]]:
    """Yield the accounts that are still to be carried, as many at a time as fit into one transaction."""
    there, here = holdings(rpc, old, accounts), holdings(rpc, new, accounts)
    step: list[str] = []
    gas = 0
    for account in accounts:
        if account == new or not is_left(there[account], here[account]):
            continue
        if step and gas + there[account].gas > STEP_GAS:
            yield step
            step, gas = [], 0
        step.append(account)
        gas += there[account].gas
    if step:
        yield step


def differences(rpc: Rpc, old: str, new: str) -> list[Difference]:
    """Compare both series account by account, whatever has happened on the successor since.

    What left the old series with a month has reached the successor with that month; nothing that can be
    carried is left; who was stopped is stopped. A claim in settlement, and what has lapsed, stays.
    """
    between = _on_the_way(rpc, old, new)
    accounts = [account for account in accounts_of(rpc, old) if account != new]
    there, here = holdings(rpc, old, accounts), holdings(rpc, new, accounts)
    return [
        *_lost(between),
        *(Difference(account, what) for account in accounts for what in _left(there[account], here[account])),
    ]


def _on_the_way(rpc: Rpc, old: str, new: str) -> Counter[tuple[str, int | str]]:
    """Return what left the old series less what reached the new one, by account and month or claim."""
    between: Counter[tuple[str, int | str]] = Counter()
    for kind, ours, theirs in (("Lot", 1, -1), ("Claim", 1, -1)):
        names = (f"{kind}CarriedOut", f"{kind}CarriedIn")
        topics = [[event_topic("MunicipalPoint", name) for name in names]]
        for event in read_events(rpc, [old, new], topics=topics):
            a = event.arguments
            sign = ours if event.name == names[0] else theirs
            if kind == "Lot":
                between[a["account"], a["expiryMonth"]] += sign * a["amountPoints"]
            else:
                between[a["merchant"], "claim"] += sign * (a["thisYearPoints"] + a["earlierYearsPoints"])
    return between


def _lost(between: Counter[tuple[str, int | str]]) -> Iterable[Difference]:
    for (account, what), points in between.items():
        if points and isinstance(what, int):
            end = expiry_label(what)
            yield Difference(
                account,
                Bilingual(
                    f"{points:+,} points until {end.english} are on neither side",
                    f"期限{end.japanese}の{points:+,}ポイントが一致しません",
                ),
            )
        elif points:
            yield Difference(
                account, Bilingual(f"{points:+,} of the claim", f"請求の{points:+,}ポイントが一致しません")
            )


def _left(old: Holding, new: Holding) -> Iterable[Bilingual]:
    if old.points:
        yield Bilingual(f"{old.points:,} points are to be carried", f"{old.points:,}ポイントが未移行です")
    if old.standing[0] and not new.standing[0]:
        yield Bilingual("the shop is to be carried", "加盟店の登録が未移行です")
    elif old.owner != new.owner:
        yield Bilingual(
            f"the owner's key is {old.owner} there and {new.owner} here: replace it on both",
            f"店主の鍵が前種別({old.owner})と後継種別({new.owner})で異なります。両方で変更してください",
        )
    if old.stops[0] and not new.stops[0]:
        yield Bilingual("frozen there, not here", "前種別での凍結が引き継がれていません")
