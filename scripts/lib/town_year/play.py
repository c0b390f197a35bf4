"""Plays the fiscal years of towns on a local chain, every row in a block of its own second.

Time is the chain's own: a payment of 23:59:59 on the last of a month lies in a block with exactly that time,
and a second later the month's points are gone. In the second after that, somebody records the lapse, which
anyone may do.

Within one second acts of officers come first, then settlement and the exchange, then merchants' standing
changes, then grants, then payments, then lapses, as the reference model takes them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import IntEnum
from itertools import groupby
from typing import NamedTuple, Protocol

from scripts.lib.acts import Act
from scripts.lib.calls import View
from scripts.lib.contract_abi import encode_call
from scripts.lib.expiry_rule import expiry_month
from scripts.lib.japan_calendar import month_of, months_of_fiscal_year, start_of
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.sender import Sender, Transaction
from scripts.lib.node.view_reader import read_views
from scripts.lib.reasons import Reason
from scripts.lib.roles import Role
from scripts.lib.town_year.folder import Change, Grant, Payment, StandingChange
from scripts.lib.town_year.on_chain import TownOnChain
from scripts.lib.town_year.programme_play import ProgrammePlay
from scripts.lib.town_year.row_place import place_of

CONTRACT = "MunicipalPoint"
BATCH_RECIPIENTS = 200
LAPSE_ACCOUNTS = 100

# Limits with ample room: unused gas costs nothing, and a block packs by what is used.
PAYMENT_GAS = 1_000_000
ADMINISTRATION_GAS = 300_000
GRANT_GAS = 150_000
GAS_PER_RECIPIENT = 100_000
LAPSE_GAS = 500_000
GAS_PER_LAPSE = 100_000


class PlayError(Exception):
    """The chain did not do what the plan of the year takes for granted."""


class BlockClock:
    """Mines blocks of a local chain that mines only on demand, at the seconds it is told.

    Attributes:
        now: time of the next block, in Unix seconds.
    """

    def __init__(self, rpc: Rpc, now: int) -> None:
        self._rpc = rpc
        self.now = now

    def mine(self) -> None:
        """Mine a block at `now`; several blocks may have one time."""
        self._rpc.call("evm_mine", {"timestamp": self.now})

    def pass_second(self) -> None:
        """Let the next block be a second later."""
        self.now += 1

    def go_to(self, second: int) -> None:
        """Let the time be `second`, on the chain as well, unless it is later already."""
        self.now = max(self.now, second)
        self.mine()


class Play(Protocol):
    """Somebody who does things at certain seconds of the year."""

    def doings(self) -> Iterator[tuple[int, Callable[[], None]]]:
        """Yield what is done at which second."""


class Kind(IntEnum):
    """What a transaction is for; of one second, the lower is carried out first."""

    CHANGE = 0
    GRANT = 1
    PAYMENT = 2
    LAPSE = 3


class Step(NamedTuple):
    """One transaction of the year.

    Attributes:
        token: series that it belongs to.
        rows: how many rows of the CSV files it carries out.
    """

    kind: Kind
    token: str
    rows: int
    transaction: Transaction


class StepGas(NamedTuple):
    """What a transaction of the year cost, by its receipt."""

    kind: Kind
    token: str
    rows: int
    gas: int


class PlayedSecond(NamedTuple):
    """A second in which something happened; the latest block is that of this second.

    Attributes:
        acts: how many doings of plays were carried out, before all else.
        spent: what the other transactions cost, in their order.
        closes_month: what lapsed with the last month has just been recorded.
    """

    second: int
    acts: int
    spent: list[StepGas]
    closes_month: bool

    @property
    def rows(self) -> int:
        """How many doings and rows of the CSV files were carried out."""
        return self.acts + sum(step.rows for step in self.spent)


def play_year(
    rpc: Rpc,
    sender: Sender,
    clock: BlockClock,
    towns: Sequence[TownOnChain],
    plays: Sequence[Play],
    anyone: str,
    programmes: ProgrammePlay | None = None,
) -> Iterator[PlayedSecond]:
    """Play a fiscal year of some towns, and what comes after it until its books are closed, second by second.

    Every month is closed in the second after the one that began the next: `PlayedSecond.closes_month`.

    Args:
        sender: sends for all their accounts, and mines with `clock`.
        plays: do what is none of the steps of towns: what officers do, settlement, the exchange. At one
            second they come first, in this order.
        anyone: account without any role, which records lapses.
        programmes: carries out the grants of towns that have programmes.

    Raises:
        SendError: a row was refused.
        PlayError: the chain's expiry policy gives another month than the town's rule.
    """
    month = None
    acts: defaultdict[int, list[Callable[[], None]]] = defaultdict(list)
    for play in plays:
        for second, doing in play.doings():
            acts[second].append(doing)
    steps_at = dict(steps_by_second(towns, anyone))
    granting = programmes.seconds if programmes is not None else set()
    for second in sorted(acts.keys() | steps_at.keys() | granting):
        clock.now = second
        for doing in acts.get(second, ()):
            clock.mine()  # what it asks the chain beforehand is answered as of its own second
            doing()
        steps = steps_at.get(second, [])
        if programmes is not None and second in granting:
            steps = sorted([*steps, *_runs(programmes, second)], key=lambda step: step.kind)
        for _, group in groupby(steps, key=lambda step: step.kind):
            sender.submit(step.transaction for step in group)
        receipts = sender.settle()
        if month_of(second) != month:
            month = month_of(second)
            _require_planned_policy(rpc, towns, month)
        spent = [
            StepGas(step.kind, step.token, step.rows, receipt.gas_used or 0)
            for step, receipt in zip(steps, receipts, strict=True)
        ]
        closes_month = any(step.kind is Kind.LAPSE for step in steps)
        yield PlayedSecond(second, len(acts.get(second, ())), spent, closes_month)


def steps_by_second(towns: Sequence[TownOnChain], anyone: str) -> Iterator[tuple[int, list[Step]]]:
    """Yield (second, steps in the order of their kinds) for every second in which something happens."""
    grants: defaultdict[int, list[tuple[TownOnChain, Grant]]] = defaultdict(list)
    steps: defaultdict[int, list[Step]] = defaultdict(list)
    for town in towns:
        for change in town.year.changes:
            steps[change.time].append(_change(town, change))
        for payment in town.year.payments:
            steps[payment.time].append(_payment(town, payment))
        for grant in town.year.grants if not town.year.programmes else ():
            grants[grant.time].append((town, grant))
        for month in months_of_fiscal_year(town.year.town.fiscal_year):
            steps[start_of(month + 1) + 1] += _lapses(town, anyone)
    for time, granted in grants.items():
        steps[time] += _grants(granted)
    for time in sorted(steps):
        yield time, sorted(steps[time], key=lambda step: step.kind)


# ---------------------------------------------------------------------------------------------------- STEPS


def _change(town: TownOnChain, change: StandingChange) -> Step:
    account = town.accounts.merchants[change.merchant]
    arguments: tuple[str | int, ...] = (account,)
    match change.change:
        case Change.SUSPEND:
            function, reason = "suspendMerchant", Reason.BREACH_OF_TERMS
        case Change.CLOSE:
            function, reason = "closeMerchant", Reason.SHOP_CLOSED
        case Change.APPROVE:
            function, reason = "approveMerchant", Reason.MERCHANT_REQUEST
            [merchant] = [m for m in town.year.merchants if m.merchant == change.merchant]
            arguments = (account, merchant.category, merchant.name, merchant.place)
    officer, _ = town.accounts.officers[Role.MERCHANT_OFFICER]
    call = Act(town.code, CONTRACT, town.token, function, arguments, reason, officer).perform(town.officers)
    data = encode_call(call.contract, call.function, call.arguments)
    where = place_of(town.year, [change])
    return Step(
        Kind.CHANGE, town.token, 1, Transaction(officer, call.address, data, ADMINISTRATION_GAS, where)
    )


def _payment(town: TownOnChain, payment: Payment) -> Step:
    resident = town.accounts.resident_at(payment.resident, payment.time)
    data = encode_call(CONTRACT, "transfer", (town.accounts.merchants[payment.merchant], payment.points))
    where = place_of(town.year, [payment])
    return Step(Kind.PAYMENT, town.token, 1, Transaction(resident, town.token, data, PAYMENT_GAS, where))


def _runs(programmes: ProgrammePlay, second: int) -> Iterator[Step]:
    """Yield what runs the lists of a second, once two officers have approved them."""
    for run in programmes.approve(second):
        yield Step(Kind.GRANT, run.town.token, run.rows, run.transaction)


def _grants(granted: Iterable[tuple[TownOnChain, Grant]]) -> Iterator[Step]:
    """Yield the grants of one second: those of a series that end with one month go together."""
    together: defaultdict[tuple[str, int], list[Grant]] = defaultdict(list)
    towns: dict[str, TownOnChain] = {}
    for town, grant in granted:
        towns[town.token] = town
        together[town.token, planned_month(town, grant)].append(grant)
    for (token, month), grants in together.items():
        for start in range(0, len(grants), BATCH_RECIPIENTS):
            yield _grant_step(towns[token], grants[start : start + BATCH_RECIPIENTS], month)


def _grant_step(town: TownOnChain, grants: list[Grant], month: int) -> Step:
    recipients = [town.accounts.resident_at(grant.resident, grant.time) for grant in grants]
    points = [grant.points for grant in grants]
    if len(grants) > 1:
        data = encode_call(CONTRACT, "mintBatch", (recipients, points, month))
    elif grants[0].expiry_month is not None:
        data = encode_call(CONTRACT, "mintUntil", (recipients[0], points[0], month))
    else:
        data = encode_call(CONTRACT, "mint", (recipients[0], points[0]))  # the series' policy knows the month
    gas = GRANT_GAS + GAS_PER_RECIPIENT * len(grants)
    where = place_of(town.year, grants)
    return Step(
        Kind.GRANT, town.token, len(grants), Transaction(town.accounts.minter, town.token, data, gas, where)
    )


def planned_month(town: TownOnChain, grant: Grant) -> int:
    """Return the month with which a grant's points end: its own, or the town's rule's."""
    if grant.expiry_month is not None:
        return grant.expiry_month
    return expiry_month(town.year.town.expiry_rule, town.year.town.expiry_months, month_of(grant.time))


def _lapses(town: TownOnChain, anyone: str) -> Iterator[Step]:
    residents = town.accounts.all_residents()
    for start in range(0, len(residents), LAPSE_ACCOUNTS):
        accounts = residents[start : start + LAPSE_ACCOUNTS]
        data = encode_call(CONTRACT, "recordLapse", (accounts,))
        gas = LAPSE_GAS + GAS_PER_LAPSE * len(accounts)
        where = f"{town.year.folder.name}: lapses of residents {start + 1} to {start + len(accounts)}"
        yield Step(Kind.LAPSE, town.token, 0, Transaction(anyone, town.token, data, gas, where))


def _require_planned_policy(rpc: Rpc, towns: Sequence[TownOnChain], month: int) -> None:
    """Batches name the month that the town's rule gives; the chain's own policy must give the same."""
    answers = read_views(rpc, [View(CONTRACT, town.token, "policyExpiryMonth") for town in towns])
    for town, answer in zip(towns, answers, strict=True):
        planned = expiry_month(town.year.town.expiry_rule, town.year.town.expiry_months, month)
        if answer != planned:
            raise PlayError(
                f"{town.accounts.label}: in month {month} points end with {answer}, planned {planned}"
            )
