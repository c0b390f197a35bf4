"""Computes the figures of docs/scale.md from committed measurements alone, and writes its tables.

    python -m scripts.lib.load.scale        # renews the tables of docs/scale.md

Gas is of tests/gas/snapshot.json; words, logs and wall times are of docs/figures/load.json; the block time
is that of scripts/networks.yaml. What is assumed, and measured by nobody, stands in ASSUMED and in a table of
the page. A test compares every table of the page with what this module makes of the files, and allows no
figure outside of the tables.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import msgspec

from scripts.lib.load.figures import Load, read_load
from scripts.lib.node.networks import read_network
from scripts.lib.payment.sale_terms import SaleTerms
from scripts.lib.workspace import ROOT

PAGE = ROOT / "docs" / "scale.md"
SNAPSHOT = ROOT / "tests" / "gas" / "snapshot.json"
NETWORK = "consortium"
NO_NODE = "http://127.0.0.1:0"
"""Its address is not asked for: only what is written about it counts."""

DAY_SECONDS = 24 * 60 * 60
YEAR_SECONDS = 365 * DAY_SECONDS
WORD_BYTES = 64
"""A storage word's key and value; what a node's data base adds is not measured here."""

BLOCK_GAS = (15_000_000, 30_000_000, 60_000_000, 100_000_000, 300_000_000)
"""Gas limits of blocks that the page compares; a validator's setting."""


class Assumption(NamedTuple):
    """A figure that is laid down, and where it comes from."""

    value: float
    what: str
    source: str


ASSUMED = {
    "municipalities": Assumption(217, "municipalities", "those that agreed at the start"),
    "accounts": Assumption(10_000_000, "accounts", "design load"),
    "payments": Assumption(400_000_000, "payments a year", "design load"),
    "grants": Assumption(4, "grants an account and year", "assumed"),
    "peak": Assumption(10, "busiest second, times the mean of the year", "assumed"),
    "fill": Assumption(0.5, "share of a block's gas that the busiest second may take", "assumed"),
    "block_gas": Assumption(30_000_000, "gas limit of a block, unless a table says otherwise", "assumed"),
    "relief": Assumption(1_000_000, "grants of a city's relief in a day", "task of this page"),
    "cards": Assumption(84_000_000, "accounts if everybody with a card joins", "cards issued by 2023"),
    "prefectures": Assumption(47, "networks if each prefecture has its own", "prefectures"),
}

FULL_SIZE = 1_000_000
"""Residents of the load test as it is meant."""

PHASES_BY_RESIDENTS = ("residents", "grants", "last gas", "empty block", "fetch", "verify")
"""Phases that last the longer the more residents there are; the others do not."""

Row = list[str]


@dataclass(frozen=True)
class Scale:
    """All figures of the page.

    Attributes:
        gas: by figure of the snapshot.
        load: the load test.
        block_seconds: of the consortium's network.
    """

    gas: dict[str, float]
    load: Load
    block_seconds: float

    @classmethod
    def of_committed(cls) -> Scale:
        """Return the figures that follow from the committed files."""
        snapshot = msgspec.json.decode(SNAPSHOT.read_bytes())
        gas = {name: figure["ours"] for name, figure in snapshot.items()}
        return cls(gas, read_load(), read_network(NETWORK, NO_NODE).block_seconds)

    # ------------------------------------------------------------------------------------------------ FIGURES

    def payments_a_second(self, block_gas: float, gas_a_payment: float) -> float:
        """Return how many payments a second full blocks take."""
        return block_gas / self.block_seconds / gas_a_payment

    @cached_property
    def mean_payments(self) -> float:
        """Payments a second of the design load, over the year."""
        return assumed("payments") / YEAR_SECONDS

    @cached_property
    def peak_payments(self) -> float:
        """Payments a second of the design load, at its busiest."""
        return self.mean_payments * assumed("peak")

    def networks(self, payments_a_second: float, gas_a_payment: float, block_gas: float) -> int:
        """Return how many networks take so many payments with blocks as full as they may be."""
        most = self.payments_a_second(block_gas, gas_a_payment) * assumed("fill")
        return math.ceil(payments_a_second / most)

    @cached_property
    def sale_words(self) -> float:
        """Words that sales hold at the most, however many years pass: those of the days of a ring."""
        first = self.load.footprints["signed_payment_first"].words
        return assumed("payments") / 365 * SaleTerms().ring_days * first

    def grant_seconds(self, rows: float, block_gas: float) -> float:
        """Return how long so many new accounts are granted by full blocks."""
        return rows * self.gas["grant_batch500_new"] / block_gas * self.block_seconds

    @cached_property
    def full_size_seconds(self) -> float:
        """How long the load test would take at full size."""
        growing = sum(self.load.seconds[phase] for phase in PHASES_BY_RESIDENTS)
        return self.load.seconds_in_all + growing * (FULL_SIZE / self.load.residents - 1)

    # ------------------------------------------------------------------------------------------------- TABLES

    def tables(self) -> dict[str, str]:
        """Return the tables of the page, in Markdown, by name."""
        makers: dict[str, Callable[[], list[Row]]] = {
            "assumed": self._assumed,
            "load": self._load,
            "phases": self._phases,
            "payment gas": self._payment_gas,
            "footprints": self._footprints,
            "rates": self._rates,
            "design load": self._design_load,
            "year": self._year,
            "relief": self._relief,
            "audit": self._audit,
            "split": self._split,
        }
        return {name: _markdown(make()) for name, make in makers.items()}

    def _assumed(self) -> list[Row]:
        rows = [[its.what, _number(its.value), its.source] for its in ASSUMED.values()]
        network = [
            "seconds between blocks",
            _number(self.block_seconds),
            "[networks.yaml](../scripts/networks.yaml)",
        ]
        days = [
            "days until a sale's word is used again",
            _number(SaleTerms().ring_days),
            "default of a series",
        ]
        return [["what", "figure", "where from"], *rows, network, days]

    def _load(self) -> list[Row]:
        load, machine = self.load, self.load.machine
        extrapolated = [
            f"{FULL_SIZE:,} residents on this machine with this load, extrapolated",
            _duration(self.full_size_seconds),
        ]
        return [
            ["what", "figure"],
            ["date, commit", f"{load.date}, {load.commit}"],
            ["command", f"`{load.command}`"],
            [
                "machine",
                f"{machine.cores} cores, {machine.memory / 2**30:.1f} GiB; load average {machine.load}",
            ],
            ["municipalities, residents", f"{load.municipalities:,}, {load.residents:,}"],
            ["merchants, payments", f"{load.merchants:,}, {load.payments:,}"],
            ["blocks, gas limit of each", f"{load.blocks:,}, {load.block_gas_limit:,}"],
            ["whole run", _duration(load.seconds_in_all)],
            *([extrapolated] if load.residents < FULL_SIZE else []),
            ["memory of the chain's program", _bytes(max(load.node_memory.values()))],
            ["events audited", f"{load.audit.events:,}"],
            ["found by the audit", _found(load.audit.found)],
        ]

    def _phases(self) -> list[Row]:
        load = self.load
        rows = [["phase", "wall time", "each second", "chain's memory after it"]]
        counts = {
            "residents": load.residents - load.payment_gas.small_residents,
            "grants": load.residents - load.payment_gas.small_residents,
            "merchants": load.merchants - load.payment_gas.small_merchants,
            "payments": load.payments,
            "fetch": load.audit.events,
            "verify": load.audit.events,
        }
        for phase, seconds in load.seconds.items():
            rate = f"{counts[phase] / seconds:,.0f}" if counts.get(phase) and seconds else "–"
            memory = load.node_memory.get(phase)
            rows.append([phase, _duration(seconds), rate, "–" if memory is None else _bytes(memory)])
        return rows

    def _payment_gas(self) -> list[Row]:
        gas, load = self.load.payment_gas, self.load
        return [
            ["residents", "merchants", "gas of a signed payment", "ratio"],
            [f"{gas.small_residents:,}", f"{gas.small_merchants:,}", f"{gas.small:,}", "1"],
            [f"{load.residents:,}", f"{load.merchants:,}", f"{gas.whole:,}", f"{gas.growth:.4f}"],
        ]

    def _footprints(self) -> list[Row]:
        head = ["verb, each", "new words", "events", "bytes of events", "bytes of transactions"]
        return [head] + [
            [
                name.replace("_", " "),
                f"{its.words:.2f}",
                f"{its.logs:.2f}",
                f"{its.log_bytes:.0f}",
                f"{its.transaction_bytes:.0f}",
            ]
            for name, its in self.load.footprints.items()
        ]

    def _rates(self) -> list[Row]:
        names = ("signed_payment", "signed_payment_batch50", "signed_payment_first", "payment_existing")
        head = [
            "gas limit of a block",
            *(f"{name.replace('_', ' ')} ({self.gas[name]:,.0f} gas)" for name in names),
        ]
        return [head] + [
            [f"{block:,}", *(f"{self.payments_a_second(block, self.gas[name]):,.0f}" for name in names)]
            for block in BLOCK_GAS
        ]

    def _design_load(self) -> list[Row]:
        block = assumed("block_gas")
        alone, batch = self.gas["signed_payment"], self.gas["signed_payment_batch50"]
        capacity = block / self.block_seconds

        def share(payments: float, gas: float) -> str:
            return f"{payments * gas / capacity:.1%}"

        return [
            ["what", "payments a second", "of a block's gas, one by one", "of a block's gas, 50 at a time"],
            [
                "mean of the year",
                f"{self.mean_payments:.1f}",
                *(share(self.mean_payments, g) for g in (alone, batch)),
            ],
            [
                "busiest second",
                f"{self.peak_payments:.0f}",
                *(share(self.peak_payments, g) for g in (alone, batch)),
            ],
            [
                "networks needed",
                "–",
                *(f"{self.networks(self.peak_payments, gas, block)}" for gas in (alone, batch)),
            ],
        ]

    def _year(self) -> list[Row]:
        prints = self.load.footprints
        payments, accounts = assumed("payments"), assumed("accounts")
        grants = accounts * assumed("grants")
        paid, registered, granted = prints["signed_payment"], prints["registration"], prints["grant"]
        rows = [["what", "how many", "state", "events", "bytes of events", "bytes of transactions"]]
        for what, count, words, its in (
            ("accounts, once", accounts, accounts * (registered.words + granted.words), registered),
            # The account's own word is there: what stays are the marks that the row is granted.
            ("grants a year, to those accounts", grants, grants * (granted.words - 1), granted),
            ("payments a year", payments, payments * paid.words, paid),
            ("sales of a ring's days, once", payments / 365 * SaleTerms().ring_days, self.sale_words, None),
        ):
            logs = ["–"] * 3
            if its is not None:
                logs = [f"{count * its.logs / 1e6:,.0f} million"]
                logs += [_bytes(count * size) for size in (its.log_bytes, its.transaction_bytes)]
            rows.append([what, f"{count / 1e6:,.0f} million", _state(words), *logs])
        return rows

    def _relief(self) -> list[Row]:
        rows = assumed("relief")
        registered = self.gas["register_residents"] + self.gas["register_residents_proposal"]
        prints = self.load.footprints
        head = [
            "gas limit of a block",
            "blocks of grants",
            "grants take",
            "registering them all before takes",
        ]
        table = [head]
        for block in BLOCK_GAS:
            blocks = rows * self.gas["grant_batch500_new"] / block
            joining = rows * registered / block * self.block_seconds
            table.append(
                [
                    f"{block:,}",
                    f"{blocks:,.0f}",
                    _duration(self.grant_seconds(rows, block)),
                    _duration(joining),
                ]
            )
        granted = prints["grant"]
        table.append(
            [
                "left on the chain",
                f"{rows * granted.logs / 1e6:.1f} million events",
                _bytes(rows * granted.log_bytes),
                _state(rows * granted.words),
            ]
        )
        return table

    def _audit(self) -> list[Row]:
        audit, prints = self.load.audit, self.load.footprints
        accounts = assumed("accounts")
        year = assumed("payments") * prints["signed_payment"].logs
        year += accounts * assumed("grants") * prints["grant"].logs
        answers = audit.answers / self.load.residents * accounts
        rebuild_seconds = audit.verify_seconds - audit.compare_seconds
        parts = (
            ("fetch", audit.fetch_seconds, audit.events, year, audit.fetch_memory, "events"),
            ("verify: rebuilds", rebuild_seconds, audit.events, year, audit.verify_memory, "events"),
            (
                "verify: compares",
                audit.compare_seconds,
                audit.answers,
                answers,
                audit.verify_memory,
                "answers",
            ),
        )
        head = ["part", "of", "took", "each", "memory", "design load, a year", "takes, extrapolated"]
        table = [head] + [
            [
                part,
                f"{count:,} {what}",
                _duration(seconds),
                f"{seconds / count * 1e6:,.0f} µs",
                _bytes(memory),
                f"{growing / 1e6:,.0f} million {what}",
                _duration(growing * seconds / count),
            ]
            for part, seconds, count, growing, memory, what in parts
        ]
        memory = audit.verify_memory / self.load.residents * accounts
        kept = audit.dataset_bytes / audit.events * year
        table.append(
            ["memory of verify", "–", "–", "–", "–", _number(accounts) + " accounts", _bytes(memory)]
        )
        table.append(["files", "–", "–", "–", "–", f"{year / 1e6:,.0f} million events", _bytes(kept)])
        return table

    def _split(self) -> list[Row]:
        alone, batch = self.gas["signed_payment"], self.gas["signed_payment_batch50"]
        head = ["accounts", "payments a second, busiest", "networks, one by one", "networks, 50 at a time"]
        table = [head]
        block = assumed("block_gas")
        for accounts in (assumed("accounts"), assumed("cards")):
            peak = self.peak_payments * accounts / assumed("accounts")
            table.append(
                [
                    _number(accounts),
                    f"{peak:,.0f}",
                    *(f"{self.networks(peak, gas, block)}" for gas in (alone, batch)),
                ]
            )
        share = assumed("cards") / assumed("prefectures")
        peak = self.peak_payments * share / assumed("accounts")
        table.append(
            [
                f"{share:,.0f}: a prefecture's share of the cards",
                f"{peak:,.1f}",
                *(f"{self.networks(peak, gas, block)}" for gas in (alone, batch)),
            ]
        )
        return table


def assumed(name: str) -> float:
    """Return a figure that is laid down."""
    return ASSUMED[name].value


def page_with(tables: dict[str, str], page: str) -> str:
    """Return a page with each table in place of the one between its marks.

    Raises:
        LookupError: a table has no place in the page, or a place no table.
    """
    places = re.findall(r"<!-- table: (.+) -->", page)
    if sorted(places) != sorted(tables):
        raise LookupError(f"the page has the tables {sorted(places)}, made are {sorted(tables)}")
    for name, table in tables.items():
        before, _, rest = page.partition(f"<!-- table: {name} -->")
        _, _, after = rest.partition("<!-- end of table -->")
        page = f"{before}<!-- table: {name} -->\n\n{table}\n\n<!-- end of table -->{after}"
    return page


def _markdown(rows: list[Row]) -> str:
    head, *others = rows
    lines = [head, ["---"] * len(head), *others]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


def _duration(seconds: float) -> str:
    for unit, length in (("days", DAY_SECONDS), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.1f} {unit}"
    return f"{seconds:.1f} s"


def _bytes(size: float) -> str:
    for unit, length in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if size >= length:
            return f"{size / length:,.1f} {unit}"
    return f"{size:,.0f} bytes"


def _state(words: float) -> str:
    if not words:
        return "none"
    return f"{words / 1e6:,.1f} million words, {_bytes(words * WORD_BYTES)}"


def _found(violations: int) -> str:
    return f"{violations:,} violations" if violations else "nothing"


def main() -> None:
    """Renew the page."""
    PAGE.write_text(
        page_with(Scale.of_committed().tables(), PAGE.read_text(encoding="utf-8")), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
