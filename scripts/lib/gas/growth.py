"""What each act leaves on the chain for good, and what a year comes to: `make bench ARGS=--growth`.

Storage words are counted where they turn from zero to something or back, bytes of logs and of call data as
the node holds them; what a node's database adds to each is not counted. Lists and batches are divided by
their rows. docs/growth.json holds the figures, docs/assurance.md shows them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from scripts.lib.compiler import Compilation
from scripts.lib.gas.exchange import MUNICIPALITY, opened_exchange
from scripts.lib.gas.grants import ROWS, Programmes
from scripts.lib.gas.meter import GasMeter
from scripts.lib.gas.sales import BATCH, opened_counter
from scripts.lib.gas.tokens import OurToken
from scripts.lib.gas.town import END_OF_NEXT_FISCAL_YEAR, GENESIS_TIME, LOT_POINTS, Town, pseudonym
from scripts.lib.grant_list import Row
from scripts.lib.payment.sale_terms import SaleTerms

STATE_BYTES_OF_A_SLOT = 64
"""Place and value of a storage word, 32 bytes each."""

ADDRESS_BYTES = 20
TOPIC_BYTES = 32
DAYS_A_YEAR = 365

TRANSFER = "payment by transfer"
FIRST_SALE = "signed payment, the sale's word new"
SALE = "signed payment, the sale's word used before"
SALE_IN_BATCH = f"the same, of {BATCH} in one transaction"
REFUND = "refund of one lot"
NEW_RESIDENT = f"grant to an account without points, of {ROWS}"
RESIDENT = f"grant to an account with points, of {ROWS}"
FIRST_EXCHANGE = "exchange, a resident's first with a partner"
EXCHANGE = "exchange, another one"
SWEEP = "delivery of an exchange after 14 days"

DESIGN_LOAD = {
    "payments": 400_000_000,
    "grants": 20_000_000,
    "exchanges": 10_000_000,
    "refunds": 4_000_000,
    "accounts": 10_000_000,
}
"""Payments and accounts are the design load. The rest is assumed: two grants and one exchange an account, one
refund in a hundred payments."""


class Footprint(NamedTuple):
    """What one act leaves.

    Attributes:
        slots: storage words that it made non-zero, less those that it made zero.
        log_bytes: of its events: address, topics and data.
        call_bytes: of its call data.
    """

    slots: float
    log_bytes: float
    call_bytes: float

    def divided(self, by: int) -> Footprint:
        """Return the part of one row of a list."""
        return Footprint(*(round(figure / by, 2) for figure in self))


class YearPart(NamedTuple):
    """What one kind of act adds in a year.

    Attributes:
        times: how often it is done.
        slots: storage words.
        state_bytes: of these words, with their places.
        log_bytes: of events.
    """

    times: int
    slots: int
    state_bytes: int
    log_bytes: int


def footprints(compilation: Compilation) -> dict[str, Footprint]:
    """Measure what every act of DESIGN_LOAD leaves, on a chain of its own."""
    officer = pseudonym(1_000_000)
    with GasMeter.started(compilation, GENESIS_TIME) as meter:
        ours = OurToken.deployed(meter, officer)
        town = Town.built(meter, [ours])
        return {**dict(_sales(town, ours)), **dict(_grants(town, ours)), **dict(_exchanges(town, ours))}


def _sales(town: Town, ours: OurToken) -> Iterator[tuple[str, Footprint]]:
    months = [END_OF_NEXT_FISCAL_YEAR]
    counter = opened_counter(town, ours)
    town.pay(town.resident(months), 10)
    yield TRANSFER, last_footprint(town.meter)
    counter.submit(counter.payer(months))  # the merchant's word turns to this month
    payer = counter.payer(months)
    sale, _ = counter.submit(payer)
    yield FIRST_SALE, last_footprint(town.meter)
    counter.refund(sale, payer, {END_OF_NEXT_FISCAL_YEAR: 100})
    yield REFUND, last_footprint(town.meter)
    for _ in range(BATCH):
        counter.submit(counter.payer(months))
    with town.undone():
        counter.wait_until_words_are_free()
        counter.submit(counter.payer(months))
        counter.submit(counter.payer(months))
        yield SALE, last_footprint(town.meter)
        counter.submit_batch([counter.payer(months) for _ in range(BATCH)])
        yield SALE_IN_BATCH, last_footprint(town.meter).divided(BATCH)


def _grants(town: Town, ours: OurToken) -> Iterator[tuple[str, Footprint]]:
    with town.undone():
        programmes = Programmes.deployed(town.meter, ours)
        numbers = range(1, ROWS + 1)
        programmes.settle(town, numbers)
        programme = programmes.opened()
        for name in (NEW_RESIDENT, RESIDENT):
            programmes.run(programmes.approved(programme, [Row(number, LOT_POINTS) for number in numbers]))
            yield name, last_footprint(town.meter).divided(ROWS)


def _exchanges(town: Town, ours: OurToken) -> Iterator[tuple[str, Footprint]]:
    with town.undone():
        at_work = opened_exchange(town, ours)
        at_work.sweep([at_work.exchange(2)[0]])
        at_work.exchange(1)
        yield FIRST_EXCHANGE, last_footprint(town.meter)
        holding, _ = at_work.exchange(1)
        yield EXCHANGE, last_footprint(town.meter)
        at_work.name(at_work.exchange(1)[0], 1, MUNICIPALITY)
        at_work.sweep([holding])
        yield SWEEP, last_footprint(town.meter)


def last_footprint(meter: GasMeter) -> Footprint:
    """Return what the one transaction of the last block has left."""
    [sent] = meter.chain.rpc("eth_getBlockByNumber", "latest", False)["transactions"]
    receipt = meter.chain.rpc("eth_getTransactionReceipt", sent)
    log_bytes = sum(
        ADDRESS_BYTES + TOPIC_BYTES * len(log["topics"]) + _length(log["data"]) for log in receipt["logs"]
    )
    transaction = meter.chain.rpc("eth_getTransactionByHash", sent)
    tracer = {"tracer": "prestateTracer", "tracerConfig": {"diffMode": True}}
    changes = meter.chain.rpc("debug_traceTransaction", sent, tracer)
    slots = len(_words(changes["post"])) - len(_words(changes["pre"]))
    return Footprint(slots, log_bytes, _length(transaction["input"]))


def _words(accounts: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the words, of those that the transaction has changed, that are not zero."""
    return [
        place
        for account in accounts.values()
        for place, value in account.get("storage", {}).items()
        if int(value, 16) != 0
    ]


def _length(text: str) -> int:
    return len(text.removeprefix("0x")) // 2


def year(measured: Mapping[str, Footprint]) -> dict[str, YearPart]:
    """Return what DESIGN_LOAD adds in a year, by kind of act."""
    payments, ring_days = DESIGN_LOAD["payments"], SaleTerms().ring_days
    ring_words = round(payments / DAYS_A_YEAR * ring_days)
    return {
        f"signed payments; words of sales serve again after {ring_days} days": _part(
            payments, measured[SALE]
        ),
        "of the first year alone: the words of sales": YearPart(
            ring_words, ring_words, ring_words * STATE_BYTES_OF_A_SLOT, 0
        ),
        "refunds": _part(DESIGN_LOAD["refunds"], measured[REFUND]),
        "grants by list": _part(DESIGN_LOAD["grants"], measured[RESIDENT]),
        "exchanges": _part(DESIGN_LOAD["exchanges"], measured[EXCHANGE]),
        "deliveries of exchanges": _part(DESIGN_LOAD["exchanges"], measured[SWEEP]),
        "once for every account: its first grant": _part(DESIGN_LOAD["accounts"], measured[NEW_RESIDENT]),
    }


def _part(times: int, footprint: Footprint) -> YearPart:
    slots = round(times * footprint.slots)
    return YearPart(times, slots, slots * STATE_BYTES_OF_A_SLOT, round(times * footprint.log_bytes))
