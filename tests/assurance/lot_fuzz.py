"""The part "fuzz" of `make test-deep`: lots, account words, supply words and the calendar, beside Python.

tests/harness/LotsHarness plays a list of operations in one eth_call and hashes on, after each, what it
returned and the state it left: flags, cancel epoch, live lots, supply of their months, sums. The reference
model does the same. The first digest that differs names the operation; the list is cut short to what it takes
to fail. At the end of every fourth list the words themselves are read and taken apart: order, places,
marks of waiting half years. JapanCalendar is asked about thousands of seconds in one call.

Every list has a random generator of its own, seeded with "<seed>/<number of the list>".
"""

from __future__ import annotations

import atexit
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random
from types import TracebackType
from typing import NamedTuple

import msgspec
from eth_abi import decode, encode
from eth_utils.abi import function_abi_to_4byte_selector
from rich.console import Console

from scripts.lib.artifacts import sources_digest
from scripts.lib.compiler import CompiledContract, compile_files
from scripts.lib.expiry_rule import NEVER, ExpiryRule
from scripts.lib.japan_calendar import JST, day_of, fiscal_year_end, month_of, start_of
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.node.rpc import Rpc
from scripts.lib.reference.ledger import MAX_LOT_POINTS, MAX_MONTH_POINTS, ReferenceLedger
from scripts.lib.workspace import BUILD, ROOT
from tests.assurance.results import Figures
from tests.stateful.shrinking import shrunk

INPUTS = (
    "tests/harness/LotsHarness.sol",
    "tests/harness/CalendarChain.sol",
    "scripts/lib/reference/ledger.py",
    "scripts/lib/japan_calendar.py",
)
PROGRESS_FILE = BUILD / "test-deep-fuzz.json"
OPERATIONS_OF_A_LIST = 2_000
LEAST_LISTS = 500
"""A million operations."""

SECONDS_OF_A_LIST = 10_000
ACCOUNTS = 5
WORKERS = 6
LISTS_OF_A_CALENDAR = 10
LISTS_BETWEEN_WORDS = 4
"""Reading the words plays a list once more."""

MAX_TERM = 60
MAX_CANCEL_EPOCH = 4095
LAST_MONTH = NEVER - MAX_TERM - 1
GAS = 2**50
SHRINKING_SECONDS = 60
KINDS = ("receive", "spend", "take out", "drop ended", "flag", "cancel epoch", "give", "extend", "reserve")
MONTH_JANUARY_2100 = 1200
FIRST_MONTHS = (0, 1, 300, 313, MONTH_JANUARY_2100 - 30, MONTH_JANUARY_2100 - 1, LAST_MONTH - 120)
"""Where lists begin besides anywhere; they go on for years."""


class Operation(NamedTuple):
    """See LotsHarness. `other_month` is when points end; an extension's `points` are the month it is to."""

    kind: int
    account: int
    other: int
    month: int
    other_month: int
    points: int

    @property
    def word(self) -> int:
        """The operation as the harness takes it."""
        return (
            self.kind
            | self.account << 8
            | self.other << 12
            | self.month << 16
            | self.other_month << 32
            | self.points << 48
        )

    def __str__(self) -> str:
        return (
            f"month {self.month}: {KINDS[self.kind]}, account {self.account}, other {self.other}, "
            f"{self.points} points of month {self.other_month}"
        )


class Ledger(ReferenceLedger):
    """The reference model at a month that is told instead of worked out: nothing here lasts seconds."""

    month = 0  # type: ignore[assignment]


class Model:
    """What a list of operations must do, by the reference model."""

    def __init__(self) -> None:
        self.ledger = Ledger(0, ExpiryRule.NEVER)
        self.flags: Counter[int] = Counter()
        self.epochs: Counter[int] = Counter()
        self.reserved: Counter[int] = Counter()
        self.done: Counter[str] = Counter()

    def digests(self, operations: Sequence[Operation]) -> Iterator[bytes]:
        """Yield the digest after each operation."""
        digest = bytes(32)
        for it in operations:
            self.ledger.month = it.month
            result = self._do(it)
            self.done[KINDS[it.kind] + ("" if result else ", nothing done")] += 1
            others = self._state(it.other) if KINDS[it.kind] == "give" else b""
            state = self._state(it.account) + others
            digest = sha256(digest + result.to_bytes(32, "big") + state).digest()
            yield digest

    def _do(self, it: Operation) -> int:
        ledger, account = self.ledger, str(it.account)
        kind = KINDS[it.kind]
        if kind == "receive":
            return self._receive(account, it)
        if kind == "spend":
            return self._spend(account, it)
        if kind == "take out":
            taken = min(it.points, ledger.lots_of(account).get(it.other_month, 0))
            if taken:
                ledger._take(account, it.other_month, taken)
            return taken
        if kind == "drop ended":
            ledger._drop_ended(account)
        elif kind == "flag":
            bit = 1 << (13 if it.points & 1 == 0 else 14)
            self.flags[it.account] = self.flags[it.account] & ~bit | (bit if it.points & 2 else 0)
        elif kind == "cancel epoch":
            self.epochs[it.account] = min(self.epochs[it.account] + 1, MAX_CANCEL_EPOCH)
        elif kind == "give":
            return self._give(account, str(it.other), it.points)
        elif kind == "extend":
            return self._extend(account, it.other_month, it.points)
        elif it.points > self._room(it.other_month):
            return 3
        else:
            self.reserved[it.other_month] += it.points
            return 1
        return 0

    def _receive(self, account: str, it: Operation) -> int:
        if it.points > self._room(it.other_month):
            return 3
        if not self._fits(account, it.other_month, it.points):
            return 2
        self.ledger._receive(account, it.other_month, it.points)
        return 1

    def _spend(self, account: str, it: Operation) -> int:
        if self.ledger.balance_of(account) < it.points:
            return 0
        result = 0
        for month, points in self.ledger._spend(account, it.points):
            result = (result * 31 + (month << 29 | points)) % 2**256
        return result

    def _give(self, account: str, other: str, points: int) -> int:
        held = self.ledger.lots_of(account)
        if sum(held.values()) < points:
            return 0
        if account != other and not all(self._fits(other, end, lot) for end, lot in held.items()):
            return 2
        for month, part in self.ledger._spend(account, points):
            self.ledger._receive(other, month, part)
        return 1

    def _extend(self, account: str, month: int, later: int) -> int:
        held = self.ledger.lots_of(account).get(month, 0)
        if month < self.ledger.month or later <= month or held == 0:
            return 0
        if not self._fits(account, later, held):
            return 2
        if held > self._room(later):
            return 3
        self.ledger._take(account, month, held)
        self.ledger._receive(account, later, held)
        return held

    def _fits(self, account: str, month: int, points: int) -> bool:
        return self.ledger.lots_of(account).get(month, 0) + points <= MAX_LOT_POINTS

    def _room(self, month: int) -> int:
        return MAX_MONTH_POINTS - self._lane(month)

    def _lane(self, month: int) -> int:
        return self.ledger.points_ending_with(month) + self.reserved[month]

    def _state(self, place: int) -> bytes:
        lots = self.ledger.lots_of(str(place))
        month = self.ledger.month
        numbers = [
            self.flags[place] | self.epochs[place],
            *(end << 29 | points for end, points in lots.items()),
            *(self._lane(end) for end in lots),
            sum(points for end, points in lots.items() if end < month + 12),
            sum(lots.values()),
        ]
        return b"".join(number.to_bytes(32, "big") for number in numbers)


def operations_of(seed: int, number: int) -> list[Operation]:
    """Return the operations of one list."""
    chance = Random(f"{seed}/{number}")
    first = chance.choice(FIRST_MONTHS) if chance.random() < 0.7 else chance.randrange(LAST_MONTH - 120)
    quiet = chance.choice((10, 40, 150))  # operations between two months, about
    terms = chance.choice((6, 12, 24, MAX_TERM))
    large = chance.random() < 0.3
    operations = []
    month = first
    for _ in range(OPERATIONS_OF_A_LIST):
        if month < LAST_MONTH and chance.random() < 1 / quiet:
            month += 1 if chance.random() < 0.9 else chance.randrange(1, 8)
        operations.append(_operation(chance, min(month, LAST_MONTH), terms, large))
    return operations


def _operation(chance: Random, month: int, terms: int, large: bool) -> Operation:
    weights = (36, 26, 8, 5, 2, 1, 8, 8, 3)
    kind = chance.choices(range(len(KINDS)), weights)[0]
    end = NEVER if chance.random() < 0.04 else month + chance.randint(0, terms)
    if chance.random() < 0.05:
        end = month + chance.choice((0, MAX_TERM))
    points = _points(chance, large)
    if KINDS[kind] == "spend" and points == 0:
        points = 1
    if KINDS[kind] == "extend":
        points = NEVER if chance.random() < 0.05 else min(end + chance.randint(0, 12), month + MAX_TERM)
    if KINDS[kind] == "reserve":
        points = MAX_MONTH_POINTS - chance.choice((0, 1, MAX_LOT_POINTS, 2 * MAX_LOT_POINTS, 2**30, 2**35))
    account, other = chance.randrange(ACCOUNTS), chance.randrange(ACCOUNTS)
    return Operation(kind, account, other, month, end, points)


def _points(chance: Random, large: bool) -> int:
    if chance.random() < (0.3 if large else 0.02):
        return chance.choice(
            (MAX_LOT_POINTS, MAX_LOT_POINTS - 1, MAX_LOT_POINTS + 1, MAX_LOT_POINTS // 2, 2**36, 0, 1)
        )
    return chance.randrange(1, 2000)


# ------------------------------------------------------------------------------------------------------ WORDS


def misplaced(word: int, half_years: int, waiting: Sequence[int], lots: dict[int, int], month: int) -> str:
    """Return what is wrong with the words of an account, "" if nothing is.

    Args:
        lots: that are live in `month`, by the model.
    """
    queue = [word >> 40 * place & (2**40 - 1) for place in range(6)]
    used = [lot for lot in queue if lot]
    if queue[: len(used)] != used:
        return "the queue has a gap"
    outside = []
    for half_year, lanes in enumerate(waiting):
        if bool(lanes) != bool(half_years >> half_year & 1):
            return f"half year {half_year} is marked wrongly"
        for lane in range(6):
            lot = lanes >> 40 * lane & (2**40 - 1)
            if lot and lot >> 29 != half_year * 6 + lane:
                return f"a lot of month {lot >> 29} stands in lane {lane} of half year {half_year}"
            outside += [lot] if lot else []
    if bool(word >> 252 & 1) != bool(outside):
        return "the mark of lots outside the queue is wrong"
    everything = used + outside
    months = [lot >> 29 for lot in everything]
    if months != sorted(set(months)):
        return f"lots out of order, or twice: {months}"
    if any(lot & MAX_LOT_POINTS == 0 for lot in everything):
        return "a lot is empty"
    found = {lot >> 29: lot & MAX_LOT_POINTS for lot in everything if lot >> 29 >= month}
    return "" if found == lots else f"lots {found} instead of {lots}"


# ------------------------------------------------------------------------------------------------------ CHAIN


def compiled_harnesses() -> dict[str, CompiledContract]:
    """Return both harnesses, compiled."""
    names = ("LotsHarness", "CalendarChain")
    compilation = compile_files([f"tests/harness/{name}.sol" for name in names])
    return {name: compilation[name] for name in names}


@dataclass
class Harness:
    """LotsHarness and CalendarChain on an anvil of their own, which computes and mines nothing more."""

    chain: LocalChain
    rpc: Rpc
    places: dict[str, str]
    selectors: dict[str, bytes]

    @classmethod
    def started(cls, compiled: Mapping[str, CompiledContract]) -> Harness:
        """Start the chain and deploy both, as `compiled_harnesses` returns them."""
        chain = LocalChain.anvil(block_gas_limit=GAS)
        rpc = Rpc(chain.url)
        [sender, *_] = rpc.call("eth_accounts")
        places, selectors = {}, {}
        for name, contract in compiled.items():
            transaction = {"from": sender, "data": contract.linked({}), "gas": hex(10_000_000)}
            sent = rpc.call("eth_sendTransaction", transaction)
            while (receipt := rpc.call("eth_getTransactionReceipt", sent)) is None:
                time.sleep(0.1)
            places[name] = receipt["contractAddress"]
            for entry in contract.abi:
                if entry["type"] == "function":
                    selectors[entry["name"]] = function_abi_to_4byte_selector(entry)
        return cls(chain, rpc, places, selectors)

    def __enter__(self) -> Harness:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.rpc.close()
        self.chain.stop()

    def _ask(self, name: str, function: str, kinds: list[str], *arguments: object) -> bytes:
        data = self.selectors[function] + encode(kinds, arguments)
        call = {"to": self.places[name], "data": "0x" + data.hex(), "gas": hex(GAS)}
        return bytes.fromhex(self.rpc.call("eth_call", call, "latest")[2:])

    def digests(self, operations: Sequence[Operation]) -> list[bytes]:
        """Return what the harness hashed after each operation."""
        answer = self._ask("LotsHarness", "play", ["uint256[]"], [it.word for it in operations])
        return [answer[start : start + 32] for start in range(64, len(answer), 32)]

    def words(self, operations: Sequence[Operation], account: int) -> tuple[int, int, list[int]]:
        """Return an account's words after all operations."""
        words = [it.word for it in operations]
        answer = self._ask("LotsHarness", "words", ["uint256[]", "uint256"], words, account)
        word, half_years, waiting = decode(["uint256", "uint256", "uint256[]"], answer)
        return word, half_years, list(waiting)

    def calendar(self, seconds: Sequence[int]) -> list[int]:
        """Return the calendar's answers for each second, in one number."""
        answer = self._ask("CalendarChain", "answersOf", ["uint256[]"], seconds)
        return [int.from_bytes(answer[at : at + 32], "big") for at in range(64, len(answer), 32)]


# --------------------------------------------------------------------------------------------------- CAMPAIGN


def difference(harness: Harness, operations: Sequence[Operation], model: Model | None = None) -> int | None:
    """Return the place of the first operation after which contract and model differ, if there is one."""
    model = model or Model()
    pairs = zip(harness.digests(operations), model.digests(operations), strict=True)
    return next((place for place, (found, expected) in enumerate(pairs) if found != expected), None)


def play_list(harness: Harness, seed: int, number: int) -> Counter[str]:
    """Play one list and return what was done.

    Raises:
        AssertionError: contract and model differ; with the shortest list found that does.
    """
    operations = operations_of(seed, number)
    model = Model()
    place = difference(harness, operations, model)
    if place is not None:
        raise AssertionError(_told(harness, operations[: place + 1], f"seed {seed}, list {number}"))
    if number % LISTS_BETWEEN_WORDS:
        return model.done
    account = number // LISTS_BETWEEN_WORDS % ACCOUNTS
    month = operations[-1].month
    model.ledger.month = month
    wrong = misplaced(*harness.words(operations, account), model.ledger.lots_of(str(account)), month)
    if wrong:
        raise AssertionError(f"seed {seed}, list {number}, account {account}: {wrong}")
    return model.done


def _told(harness: Harness, operations: list[Operation], where: str) -> str:
    shorter = shrunk(
        operations,
        fails=lambda fewer: difference(harness, fewer) is not None,
        labels=lambda it: [KINDS[it.kind], str(it.account)],
        seconds=SHRINKING_SECONDS,
    )
    steps = "\n".join(f"  {it}" for it in shorter)
    return f"{where}: contract and model differ after operation {len(operations)}; shortest found:\n{steps}"


def seconds_of(seed: int, number: int) -> list[int]:
    """Return seconds of 2000 to 2399: edges of months and of special days, and any."""
    chance = Random(f"{seed}/calendar {number}")
    last = start_of(400 * 12 - 1)
    seconds = []
    while len(seconds) < SECONDS_OF_A_LIST:
        kind = chance.randrange(4)
        if kind == 0:
            second = chance.randrange(start_of(0), last)
        elif kind == 1:
            second = start_of(chance.randrange(1, 400 * 12 - 1)) + chance.choice((-2, -1, 0, 1))
        else:
            year = chance.choice(
                (2000, 2027, 2028, 2096, 2100, 2104, 2200, 2300, chance.randrange(2000, 2399))
            )
            month, day = chance.choice(((2, 28), (3, 1), (3, 31), (4, 1), (12, 31), (1, 1)))
            midnight = datetime(year, month, day, tzinfo=JST) + timedelta(days=chance.choice((0, 1)))
            second = int(midnight.timestamp()) + chance.choice((-1, 0, 1, chance.randrange(86_400)))
        if second >= start_of(0):
            seconds.append(second)
    return seconds


def check_calendar(harness: Harness, seed: int, number: int) -> int:
    """Compare the calendar for one list of seconds and return how many they were.

    Raises:
        AssertionError: at the first that differs.
    """
    seconds = seconds_of(seed, number)
    for second, found in zip(seconds, harness.calendar(seconds), strict=True):
        month, day = month_of(second), day_of(second)
        expected = (
            month
            | day << 16
            | fiscal_year_end(month) << 48
            | month << 64
            | start_of(month) << 80
            | start_of(month + 1) << 120
        )
        assert found == expected, f"seed {seed}, second {second}: {found:#x} instead of {expected:#x}"
    return len(seconds)


class Progress(msgspec.Struct):
    """How far a campaign has come.

    Attributes:
        inputs: digest of all that decides what is played: contracts, harness, model, and this file.
        lists: how many were played, in order.
        done: operations by kind.
    """

    inputs: str
    seed: int
    lists: int = 0
    done: dict[str, int] = {}


def _read_progress(seed: int) -> Progress:
    """Return where to go on: at the beginning, if nothing of this campaign was played yet."""
    digest = sha256(sources_digest().encode())
    for name in INPUTS:
        digest.update((ROOT / name).read_bytes())
    if PROGRESS_FILE.is_file():
        progress = msgspec.json.decode(PROGRESS_FILE.read_bytes(), type=Progress)
        if (progress.inputs, progress.seed) == (digest.hexdigest(), seed):
            return progress
    return Progress(digest.hexdigest(), seed)


_harness: Harness | None = None


def _start(compiled: Mapping[str, CompiledContract]) -> None:
    """Start this worker's own chain."""
    global _harness
    _harness = Harness.started(compiled)
    atexit.register(_harness.__exit__)


def _play(seed: int, number: int) -> Counter[str]:
    """Play one list, and every tenth time a list of seconds too."""
    assert _harness is not None
    if number % LISTS_OF_A_CALENDAR == 0:
        check_calendar(_harness, seed, number // LISTS_OF_A_CALENDAR)
    return play_list(_harness, seed, number)


def campaign(seed: int, console: Console) -> None:
    """Play lists until there were enough operations.

    Raises:
        AssertionError: contract and Python differ.
    """
    progress = _read_progress(seed)
    with ProcessPoolExecutor(WORKERS, initializer=_start, initargs=(compiled_harnesses(),)) as workers:
        left = [workers.submit(_play, seed, number) for number in range(progress.lists, LEAST_LISTS)]
        try:
            for played in left:
                progress.done = dict(Counter(progress.done) + played.result())
                progress.lists += 1
                PROGRESS_FILE.write_bytes(msgspec.json.encode(progress))
                if progress.lists % 50 == 0:
                    console.print(f"{progress.lists} of {LEAST_LISTS} lists of operations", highlight=False)
        finally:
            workers.shutdown(cancel_futures=True)


def figures(seed: int) -> Figures:
    """Return what was counted so far."""
    progress = _read_progress(seed)
    done = Counter(progress.done)
    return {
        "counts reached": "yes" if progress.lists >= LEAST_LISTS else "not yet",
        "operations on lots": done.total(),
        **{f"of these, {kind}": done[kind] for kind in KINDS if done[kind]},
        "of these, without effect, or a mark": sum(done[f"{kind}, nothing done"] for kind in KINDS),
        "lists": f"{progress.lists} of {OPERATIONS_OF_A_LIST:,}",
        "lists whose words were taken apart": -(-progress.lists // LISTS_BETWEEN_WORDS),
        "seconds asked of the calendar": -(-progress.lists // LISTS_OF_A_CALENDAR) * SECONDS_OF_A_LIST,
    }
