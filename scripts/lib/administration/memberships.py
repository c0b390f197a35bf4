"""What register and series say of one membership: where its account stands, who objected, what is to be told.

A membership is one for all series, and a payment asks its series alone. So each series is told when the
register blocks an account and when it no longer does, and after a move each carries the lots over; anyone may
send both.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from typing import NamedTuple

from eth_utils import to_checksum_address

from scripts.lib.account_replacement import (
    LONG_DELAY_SECONDS,
    OBJECTION_SECONDS,
    UnderWay,
    last_objection,
)
from scripts.lib.administration.desk import Desk
from scripts.lib.administration.merchants import CLOSED
from scripts.lib.administration.next_command import next_command
from scripts.lib.administration.task import CommandError, Survey, Task
from scripts.lib.bilingual import Bilingual
from scripts.lib.calls import Call, View
from scripts.lib.contract_abi import DecodedCall, event_topic, function_selector
from scripts.lib.japan_calendar import era_date_label, era_moment_label
from scripts.lib.node.event_log import Event, read_events
from scripts.lib.refusal import ZERO_ADDRESS
from scripts.lib.series_migration import Migration

STARTS = ("startReplacement", "startInheritance")
"""The acts by which a membership's account begins to be replaced."""


class Standing(NamedTuple):
    """An account in one series.

    Attributes:
        merchant_status: None for who is no merchant; see scripts.lib.administration.merchants.
        lots: points by the month they end with.
    """

    symbol: str
    token: str
    is_frozen: bool
    is_blocked: bool
    merchant_status: int | None
    lots: dict[int, int]

    @property
    def points(self) -> int:
        """Live points; a merchant's claim is none."""
        return sum(self.lots.values())


def standings(desk: Desk, account: str) -> list[Standing]:
    """Return where an account stands in each series of the municipality."""
    [found] = standings_of(desk, [account])
    return found


def standings_of(desk: Desk, accounts: Sequence[str]) -> list[list[Standing]]:
    """Return where each of some accounts stands in each series of the municipality."""
    questions = ("frozenOf", "merchantOf", "lotsOf")
    views = [
        View("MunicipalPoint", token, question, (account,))
        for account in accounts
        for token in desk.series.values()
        for question in questions
    ]
    answers = iter(desk.read(views))
    found = []
    for _ in accounts:
        here = []
        for symbol, token in desk.series.items():
            (frozen, blocked), (is_merchant, status, _), lots = (next(answers) for _ in questions)
            status = status if is_merchant else None
            here.append(Standing(symbol, token, frozen, blocked, status, dict(zip(*lots, strict=True))))
        found.append(here)
    return found


def tell_series(desk: Desk, survey: Survey, account: str, number: int) -> bool:
    """Add what tells each series whether the register blocks an account; return whether any has to be told.

    Where the account is a shop's there is nothing to block: it holds a claim and no points.
    """
    blocked = desk.ask("ResidentRegistry", desk.registry, "isBlocked", desk.code, account)
    tasks = [
        Task(Call("MunicipalPoint", each.token, "syncBlocked", (account,), desk.anyone, subject_of(number)))
        for each in standings(desk, account)
        if each.merchant_status is None and each.is_blocked != blocked
    ]
    survey.tasks += tasks
    return bool(tasks)


def tell_series_after(desk: Desk, options: Namespace, survey: Survey, done: DecodedCall) -> None:
    """Add what tells each series of an act that was done about a membership; nothing for other acts."""
    if done.contract != "ResidentRegistry" or "number" not in done.arguments:
        return
    number = done.arguments["number"]
    tell_series(desk, survey, desk.account_of(number) or closed_account(desk, number), number)
    under_way = Replacement.of(desk, number)
    if under_way is not None:
        time, heir = era_moment_label(under_way.ready_at), under_way.heir_number
        command = next_command(options, "inherit", number, heir) if heir else "replace"
        survey.later.append(
            Bilingual(
                f"resident {number}: can be completed from {time.english} (Japan time) on by {command}",
                f"利用者番号{number}: {time.japanese}以降に {command} で完了できます",
            )
        )


def note_shops(survey: Survey, number: int, account: str, found: Sequence[Standing]) -> None:
    """Say in which series a resident's account is a shop's, which no end of a membership touches."""
    symbols = [each.symbol for each in found if each.merchant_status not in (None, CLOSED)]
    if symbols:
        names = ", ".join(symbols)
        survey.notes.append(
            Bilingual(
                f"resident {number}: the account is also a shop's in {names}; there it holds a claim and no "
                f"points, and stays a shop. To end that as well: merchants with 終了 for {account}, "
                f"--series {symbols[0]}",
                f"利用者番号{number}の口座は{names}の加盟店でもあります。そこでは加盟店のままで、"
                f"精算も続きます(ポイントは持ちません)。加盟店も終えるには、口座{account}の異動を"
                f"「終了」としたファイルで merchants --series {symbols[0]} を実行します",
            )
        )


def carry_over(desk: Desk, survey: Survey, number: int) -> None:
    """Add what brings the lots of a resident's replaced accounts to where they belong, in every series."""
    olds = [event.arguments["oldAccount"] for event in events_of(desk, number, "AccountReplaced")]
    found = [(old, each) for old in olds for each in standings(desk, old) if each.merchant_status is None]
    missing = [(old, each.token) for old, each in found if each.points]
    ways = {token: Migration.of(desk.connection.rpc, token) for token in {token for _, token in missing}}
    for old, token in missing:
        call = Call("MunicipalPoint", token, "carry", (old,), desk.anyone, subject_of(number))
        if ways[token].closed:
            # Out of a closed series points go to its successor first, with the freezes of both.
            successor = ways[token].successor
            call = Call("MunicipalPoint", successor, "carryIn", ([old],), desk.anyone, subject_of(number))
        survey.tasks.append(Task(call))
    untold = [(old, each.token) for old, each in found if not each.points and not each.is_blocked]
    for old, token in untold:
        call = Call("MunicipalPoint", token, "syncBlocked", (old,), desk.anyone, subject_of(number))
        survey.tasks.append(Task(call))
    if not missing and not untold:
        survey.done += 1


class Objection(NamedTuple):
    """That the account which was to be replaced said no, while it still counts.

    Attributes:
        at: Unix seconds.
        officers: who proposed and approved what was objected to; others decide now.
    """

    at: int
    officers: tuple[str, str]

    @property
    def blocked_until(self) -> int:
        """Until when the account stays blocked, unless two other officers begin anew; Unix seconds."""
        return self.at + LONG_DELAY_SECONDS


def objection_of(desk: Desk, number: int) -> Objection | None:
    """Return the objection of a resident's account that counts now; None if there is none (any more)."""
    events = events_of(desk, number, "ReplacementStopped", "AccountReplaced")
    objected = last_objection((each, each.name, each.arguments) for each in events)
    if objected is None or desk.now() >= objected.time + OBJECTION_SECONDS:
        return None
    topics = [
        event_topic("Officers", "ActDone"),
        f"0x{desk.code:064x}",
        [f"0x{function_selector('ResidentRegistry', each).hex():0<64}" for each in STARTS],
        f"0x{number:064x}",
    ]
    rpc, last = desk.connection.rpc, objected.block
    *_, begun = read_events(rpc, [desk.officers], desk.first_block, last, topics)
    return Objection(objected.time, (begun.arguments["actor"], begun.arguments["approver"]))


def who_else_decides(desk: Desk, number: int) -> Bilingual | None:
    """Return what is said where somebody at hand had a part in what a resident's account objected to."""
    objection = objection_of(desk, number)
    if objection is None or not set(objection.officers) & set(desk.people):
        return None
    day, accounts = era_date_label(objection.at), "、".join(objection.officers)
    return Bilingual(
        f"the account of resident {number} objected on {day.english}: two officers decide who had no part "
        f"in it before (not {accounts}), each with their own key or named by --by and --second; it waits 14 "
        "days then",
        f"{day.japanese}に利用者番号{number}の鍵から異議がありました。前回の提案・承認に関わった職員"
        f"({accounts})以外の2人が、それぞれの鍵で(または --by と --second で指定して)行います。完了できるの"
        "は承認の14日後です",
    )


def stopped_numbers(desk: Desk) -> list[int]:
    """Return the residents for whom a replacement or an inheritance was ever stopped: a few."""
    topics = [event_topic("ResidentRegistry", "ReplacementStopped"), f"0x{desk.code:064x}"]
    events = read_events(desk.connection.rpc, [desk.registry], desk.first_block, topics=topics)
    return sorted({event.arguments["number"] for event in events})


def blocked_in_series_alone(desk: Desk) -> list[int]:
    """Return residents whom a series still blocks after an objection, or the end of a replacement.

    The register tells no series that the days after an objection are over.
    """
    numbers = stopped_numbers(desk)
    present = zip(numbers, desk.accounts_of(numbers), strict=True)
    known = [(number, account) for number, account in present if account is not None]
    answers = desk.read(
        [View("ResidentRegistry", desk.registry, "isBlocked", (desk.code, account)) for _, account in known]
    )
    free = [each for each, is_blocked in zip(known, answers, strict=True) if not is_blocked]
    asked = [(number, token, account) for number, account in free for token in desk.series.values()]
    stops = desk.read([View("MunicipalPoint", token, "frozenOf", (account,)) for _, token, account in asked])
    blocked = {number for (number, *_), (_, is_blocked) in zip(asked, stops, strict=True) if is_blocked}
    return sorted(blocked)


def closed_account(desk: Desk, number: int) -> str:
    """Return the account of a membership that has ended, of which the register tells by an event alone."""
    return str(events_of(desk, number, "MembershipClosed")[-1].arguments["account"])


def heir_of(desk: Desk, number: int) -> int:
    """Return the resident to whom the points of an ended membership went; 0 if to nobody."""
    replaced = events_of(desk, number, "AccountReplaced")
    if not replaced:
        return 0
    new = replaced[-1].arguments["newAccount"]
    holder = int(desk.ask("ResidentRegistry", desk.registry, "everNumberOf", desk.code, new))
    return 0 if holder == number else holder


def events_of(desk: Desk, number: int, *names: str) -> list[Event]:
    """Return the register's events of some kinds about a resident, the earliest first."""
    topics = [
        [event_topic("ResidentRegistry", name) for name in names],
        f"0x{desk.code:064x}",
        f"0x{number:064x}",
    ]
    return list(read_events(desk.connection.rpc, [desk.registry], desk.first_block, topics=topics))


class Replacement(UnderWay):
    """What is under way for a membership, as a desk asks the register."""

    @classmethod
    def of(cls, desk: Desk, number: int) -> Replacement | None:
        """Ask the register; None if nothing is under way."""
        [found] = cls.of_all(desk, [number])
        return found

    @classmethod
    def of_all(cls, desk: Desk, numbers: Sequence[int]) -> list[Replacement | None]:
        """Ask the register of many residents; None for each for whom nothing is under way."""
        views = [
            View("ResidentRegistry", desk.registry, "replacementOf", (desk.code, number))
            for number in numbers
        ]
        return [
            None if new == ZERO_ADDRESS else cls(to_checksum_address(new), *rest)
            for new, *rest in desk.read(views)
        ]


def require_known(desk: Desk, numbers: Sequence[int]) -> None:
    """Make sure that some numbers were ever issued.

    Raises:
        CommandError: some were not.
    """
    count = desk.ask("ResidentRegistry", desk.registry, "residentCount", desk.code)
    unknown = [str(number) for number in numbers if not 1 <= number <= count]
    if unknown:
        raise CommandError(
            f"never registered: {', '.join(unknown)}",
            f"登録されたことのない利用者番号です: {', '.join(unknown)}",
        )


def subject_of(number: int) -> str:
    """Return whom a transaction concerns, for people who read the plan."""
    return f"利用者番号 {number}"
