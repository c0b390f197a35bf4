"""The part "planted" of `make test-deep`: invariants that cannot break prove nothing; each is shown to break.

A fault is planted in a copy of the contracts, one at a time, and forge plays the invariant against it with
the same handler. A fault that goes unnoticed fails the part.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from scripts.lib.artifacts import sources_digest
from scripts.lib.workspace import BUILD, FORGE, ROOT, inside_variables
from tests.assurance.results import Figures

COPY = BUILD / "planted"
UNNOTICED = "NOT NOTICED"
RUNS = 12
ACTIONS_OF_A_RUN = 3000


class Fault(NamedTuple):
    """A change to one contract; `before` stands there once."""

    about: str
    invariant: str
    file: str
    before: str
    after: str


FAULTS = (
    Fault(
        "a payment leaves the supply of its month as it was",
        "I1",
        "libraries/SupplyByMonth.sol",
        "halfYear.word = word - (amount << ((month % 6) * LANE_BITS));",
        "halfYear.word = word;",
    ),
    Fault(
        "a revocation is not booked",
        "I2",
        "libraries/LotCorrections.sol",
        "series.totals.revoked += amountPoints;",
        "",
    ),
    Fault(
        "carrying to the next account gives a month more",
        "I3",
        "libraries/LotCorrections.sol",
        "lots[i].amountOf(), lots[i].monthOf(), month);",
        "lots[i].amountOf(), lots[i].monthOf() + 1, month);",
    ),
    Fault(
        "lots of neighbouring months are queued as they come",
        "I4",
        "libraries/ExpiringLots.sol",
        "if (lotMonth > expiryMonth) {",
        "if (lotMonth > expiryMonth + 1) {",
    ),
    Fault(
        "a suspended merchant can be paid",
        "I5",
        "libraries/MerchantClaim.sol",
        "AccountFlags.REPLACED | AccountFlags.FROZEN | (STATUS_MASK << STATUS_SHIFT);",
        "AccountFlags.REPLACED | AccountFlags.FROZEN;",
    ),
    Fault(
        "a batch is approved beyond the budget",
        "I6",
        "GrantProgrammes.sol",
        "if (points > left) revert ProgrammeBudget(programme, fiscalYear, left, points);",
        "",
    ),
    Fault(
        "a partner exchanges beyond a resident's daily limit",
        "I6",
        "PartnerExchange.sol",
        "if (today + points > terms.dailyLimitPoints) {",
        "if (today + points > uint256(terms.dailyLimitPoints) * 2) {",
    ),
    Fault(
        "a sale is paid again",
        "I7",
        "libraries/SaleRecord.sol",
        "if (day != 0 && record.isOf(day)) return IMunicipalPoint.PaymentIssue.SaleUsed;",
        "",
    ),
    Fault(
        "a bonus is awarded again",
        "I7",
        "PaymentBonus.sol",
        "sale.isAwarded = true; // at once, for a list may name a sale twice",
        "",
    ),
    Fault(
        "a refund has three days more",
        "I8",
        "libraries/SaleDesk.sol",
        "if (JapanCalendar.dayOf(block.timestamp) > lastDay) {",
        "if (JapanCalendar.dayOf(block.timestamp) > lastDay + 3) {",
    ),
    Fault(
        "an officer approves the officer's own proposal",
        "I9",
        "Officers.sol",
        "if (msg.sender == proposal.proposer) revert OfficersSamePerson(msg.sender);",
        "",
    ),
    Fault(
        "an act is executed before its time",
        "I9",
        "Officers.sol",
        "if (block.timestamp < from) revert OfficersTooEarly(proposalId, from);",
        "",
    ),
    Fault(
        "a pause stops no payment",
        "I11",
        "libraries/SupplyByMonth.sol",
        "if (block.timestamp < word >> PAUSE_SHIFT) {",
        "if (word & CLOSED != 0) {",
    ),
    Fault(
        "a claim goes over to the successor and stays as well",
        "I1",
        "libraries/SeriesMigration.sol",
        "series.accounts[merchant].word = word.debited(carried.thisYearPoints, carried.earlierYearsPoints);",
        "",
    ),
    Fault(
        "lots go over to the successor with a month more",
        "I3",
        "libraries/SeriesMigration.sol",
        "account.receivePoints(owner, account.word, lot.amountOf(), lot.monthOf(), sums.month);",
        "account.receivePoints(owner, account.word, lot.amountOf(), lot.monthOf() + 1, sums.month);",
    ),
    Fault(
        "a successor does not ask who was paid before",
        "I7",
        "libraries/SaleDesk.sol",
        "return state != IMunicipalPoint.SaleState.Unused;",
        "return false && state != IMunicipalPoint.SaleState.Unused;",
    ),
)


def campaign(seed: int, console: Console) -> None:
    """Plant every fault, and demand that the invariant meant notices.

    Raises:
        AssertionError: a fault went unnoticed, or the copy does not compile.
    """
    for fault in FAULTS:
        file = _file(fault, seed)
        if not file.is_file():
            noticed = noticed_as(fault, seed)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(noticed or UNNOTICED, encoding="utf-8")
        console.print(f"{fault.invariant}  {fault.about}: {file.read_text('utf-8')}", highlight=False)
    unnoticed = [fault.about for fault in FAULTS if _file(fault, seed).read_text("utf-8") == UNNOTICED]
    assert not unnoticed, f"went unnoticed: {unnoticed}"


def figures(seed: int) -> Figures:
    """Return what was noticed so far."""
    played = {fault.about: _file(fault, seed) for fault in FAULTS if _file(fault, seed).is_file()}
    verdicts = {about: file.read_text(encoding="utf-8") for about, file in played.items()}
    noticed = sum(verdict != UNNOTICED for verdict in verdicts.values())
    return {
        "counts reached": "yes" if noticed == len(FAULTS) else "not yet",
        "faults": len(FAULTS),
        "played": len(verdicts),
        "noticed": noticed,
        **verdicts,
    }


def _file(fault: Fault, seed: int) -> Path:
    digest = sha256((sources_digest() + str(fault)).encode())
    for file in sorted((ROOT / "tests" / "invariants").glob("*.sol")):
        digest.update(file.read_bytes())
    return BUILD / "test-deep-planted" / f"{digest.hexdigest()[:16]}-{seed}.txt"


def noticed_as(fault: Fault, seed: int) -> str:
    """Return what forge says breaks with this fault: "" if nothing."""
    _copy()
    file = COPY / "contracts" / fault.file
    source = file.read_text(encoding="utf-8")
    assert source.count(fault.before) == 1, f"{fault.file} has not once: {fault.before}"
    file.write_text(source.replace(fault.before, fault.after), encoding="utf-8")
    variables = {
        "FOUNDRY_PROFILE": "invariants",
        "FOUNDRY_INVARIANT_RUNS": str(RUNS),
        "FOUNDRY_INVARIANT_DEPTH": str(ACTIONS_OF_A_RUN),
        "FOUNDRY_INVARIANT_CHECK_INTERVAL": "10",
        "FOUNDRY_INVARIANT_SHRINK_RUN_LIMIT": "0",
        "FOUNDRY_OPTIMIZER": "false",  # a third of the time to compile
        "FOUNDRY_SOLC": str(ROOT / ".tools" / "solcx" / "solc-v0.8.30"),
        "JICHITAI_COUNTS": "",
    }
    name = f"invariant_{fault.invariant}_"
    command = [
        *(str(FORGE), "test", "--match-contract", "InvariantsTest", "--match-test", name),
        *("--fuzz-seed", str(seed), "--threads", "1"),
    ]
    environment = os.environ | inside_variables() | variables
    process = subprocess.run(command, cwd=COPY, env=environment, capture_output=True, text=True, check=False)
    printed = process.stdout + process.stderr
    if process.returncode == 0:
        return ""
    found = re.search(r'Broken\("([^"]*)"|\[FAIL: ([^\]]*)\]', printed)
    assert found, printed
    if "setUp()" in printed:
        return UNNOTICED  # the scene could not be set: no invariant was asked
    return (found[1] or found[2])[:80]


def _copy() -> None:
    """Make the copy, or its contracts anew: what was built of it stays."""
    for folder in ("contracts", "interfaces", "tests/invariants"):
        shutil.rmtree(COPY / folder, ignore_errors=True)
        shutil.copytree(ROOT / folder, COPY / folder, ignore=shutil.ignore_patterns("seldom"))
    shutil.copyfile(ROOT / "foundry.toml", COPY / "foundry.toml")
    for tools in (Path("node_modules"), Path(".tools")):
        if not (COPY / tools).is_symlink():
            (COPY / tools).symlink_to(ROOT / tools)
