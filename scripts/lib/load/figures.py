"""What a load test has measured, as docs/figures/load.json keeps it for docs/scale.md.

Seconds are wall time, sizes and memory are bytes.
"""

from __future__ import annotations

import os
import subprocess

import msgspec
import psutil

from scripts.lib.workspace import ROOT

FILE = ROOT / "docs" / "figures" / "load.json"


class Machine(msgspec.Struct):
    """What a test ran on; `load` is the load average of the last minutes, ours included."""

    cores: int
    memory: int
    load: float

    @classmethod
    def this(cls) -> Machine:
        """Return the machine as it is now."""
        return cls(os.cpu_count() or 0, psutil.virtual_memory().total, round(os.getloadavg()[2], 1))


class Payments(msgspec.Struct):
    """The gas of a signed payment by an account that has paid before: in a small nation, and in the whole."""

    small_residents: int
    small_merchants: int
    small: int
    whole: int

    @property
    def growth(self) -> float:
        """How much dearer a payment is when the nation is whole."""
        return self.whole / self.small


class Footprint(msgspec.Struct):
    """What a verb leaves on the chain, each: of a batch, the batch's share.

    Attributes:
        words: storage words that were empty before.
        logs, log_bytes: events; bytes are address, topics and data.
        transaction_bytes: of the signed transactions.
    """

    words: float
    logs: float
    log_bytes: float
    transaction_bytes: float


class Audit(msgspec.Struct):
    """What the auditor's fetch and verify took, each in a process of its own.

    Attributes:
        answers: how many answers of the chain were compared.
        compare_seconds: of verify_seconds, what asking and comparing took; before it everything was rebuilt.
        found: how many violations.
    """

    events: int
    dataset_bytes: int
    answers: int
    fetch_seconds: float
    fetch_memory: int
    verify_seconds: float
    compare_seconds: float
    verify_memory: int
    found: int


class Load(msgspec.Struct):
    """A load test.

    Attributes:
        commit: what it ran on; "+" after it: with changes that were not committed.
        command: which measures it again.
        seconds: by phase; `node_memory` what the chain's process holds after each.
        footprints: by verb.
    """

    date: str
    commit: str
    command: str
    machine: Machine
    municipalities: int
    residents: int
    merchants: int
    payments: int
    blocks: int
    block_gas_limit: int
    seconds: dict[str, float]
    seconds_in_all: float
    node_memory: dict[str, int]
    payment_gas: Payments
    footprints: dict[str, Footprint]
    audit: Audit


def read_load() -> Load:
    """Return the load test that is committed."""
    return msgspec.json.decode(FILE.read_bytes(), type=Load)


def commit_checked_out() -> str:
    """Return the commit that is checked out, with "+" if what is measured differs from it."""
    git = ["git", "-C", str(ROOT)]
    head = subprocess.run(
        [*git, "rev-parse", "--short=10", "HEAD"], capture_output=True, text=True, check=False
    )
    changes = [*git, "status", "--porcelain", "--", "contracts", "interfaces", "scripts"]
    changed = subprocess.run(changes, capture_output=True, text=True, check=False).stdout
    return (head.stdout.strip() or "unknown") + ("+" if changed else "")
