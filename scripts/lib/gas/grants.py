"""What lists of grants cost through GrantProgrammes, beside a plain loop of mints on the peer.

Whole transactions divided by their rows: once-only, the look-up of every resident's account and the check of
the rows against the approved root are in it; the peer's loop does none of that. Residents are put straight
into the registry's storage, as registering them would have left them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random

from eth_utils import keccak

from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.gas.figures import GAS, GAS_PER_RECIPIENT, Figure
from scripts.lib.gas.meter import TRANSACTION_GAS_LIMIT, GasMeter, MeteredContract
from scripts.lib.gas.tokens import MUNICIPALITY, OurToken, Peer
from scripts.lib.gas.town import END_OF_THIS_FISCAL_YEAR, GENESIS_TIME, LOT_POINTS, Town
from scripts.lib.grant_list import GrantList, Row
from scripts.lib.resident_storage import words_of

ROWS = 500
SPARSE_ROWS = 256
ONE_IN = 20
SEED = 1
MAX_NEW_RATIO = 1.12
"""Of the peer's loop, a recipient: the price of once-only, of the registry and of the approved list."""

_ALLOWANCE_POINTS = 10**12
_BUDGET_POINTS = 10**9
_CAP_POINTS = 100 * LOT_POINTS
_FILE_HASH = keccak(text="list.csv")


@dataclass
class Programmes:
    """GrantProgrammes as a minter of the series; acts are sent in the name of Officers itself."""

    meter: GasMeter
    ours: OurToken
    contract: MeteredContract
    _labels: Iterator[int] = field(default_factory=count)

    @classmethod
    def deployed(cls, meter: GasMeter, ours: OurToken) -> Programmes:
        """Deploy it for the municipality's series."""
        platform = ours.officers.read("platform")
        contract = meter.deploy("GrantProgrammes", [platform], ours.officer)
        ours.contract.send(
            "increaseMinterAllowance", contract.address, _ALLOWANCE_POINTS, sender=ours.officers.address
        )
        programmes = cls(meter, ours, contract)
        programmes.run(programmes.approved(programmes.opened(), [Row(1, LOT_POINTS)]))
        return programmes

    def opened(self, cap: int = 0) -> int:
        """Open a programme with a budget."""
        terms = (
            self.ours.contract.address,
            "ボランティア",
            "川崎市",
            GENESIS_TIME,
            GENESIS_TIME + 10**8,
            0,
            cap,
            ExpiryRule.THIS_FISCAL_YEAR,
            0,
            _FILE_HASH,
        )
        self._act("openProgramme", terms)
        programme: int = self.contract.read("programmeCount")
        self._act("setBudget", programme, END_OF_THIS_FISCAL_YEAR, _BUDGET_POINTS)
        return programme

    def approved(self, programme: int, rows: Sequence[Row]) -> tuple[int, GrantList]:
        """Approve a list for an occurrence of its own; return the batch and the list."""
        grants = GrantList(rows)
        occurrence = self.open_occurrence(programme)
        terms = (grants.root, len(rows), grants.total_points, _FILE_HASH)
        self._act("approveBatch", occurrence, terms)
        return self.contract.read("batchCount"), grants

    def open_occurrence(self, programme: int) -> int:
        """Open an occurrence with a label of its own, and return it."""
        self._act("openOccurrences", programme, [f"{next(self._labels)}"])
        occurrence: int = self.contract.read("occurrenceCount")
        return occurrence

    def run(self, approved: tuple[int, GrantList]) -> int:
        """Run a whole list in one transaction; return the gas."""
        batch, grants = approved
        return self.contract.send(
            "run", batch, *grants.branch(0, 1 << grants.depth), sender=self.ours.officer
        )

    def claim(self, approved: tuple[int, GrantList], row: int) -> int:
        """Claim one row; return the gas."""
        batch, grants = approved
        _, words, siblings = grants.branch_of_row(row)
        return self.contract.send("claim", batch, row, words, siblings, sender=self.ours.officer)

    def settle(self, town: Town, numbers: Sequence[int]) -> list[str]:
        """Let residents of these numbers have accounts that hold nothing yet; return the accounts."""
        accounts = [town.newcomer() for _ in numbers]
        layout = self.meter.compilation["ResidentRegistry"].storage_layout
        for word in words_of(layout, MUNICIPALITY, zip(numbers, accounts, strict=True)):
            self.meter.chain.rpc("anvil_setStorageAt", self.ours.residents.address, *word)
        return accounts

    def _act(self, function: str, *arguments: object) -> None:
        self.contract.send(function, MUNICIPALITY, *arguments, sender=self.ours.officers.address)


def grant_figures(meter: GasMeter, town: Town, ours: OurToken, peer: Peer) -> Iterator[Figure]:
    """Measure lists of 500 rows, new and existing residents, dense and sparse numbers, caps, and a claim."""
    dense = range(1, ROWS + 1)
    random = Random(SEED)
    sparse = sorted(random.sample(range(1, ONE_IN * ROWS + 1), ROWS))
    with town.undone():
        programmes = Programmes.deployed(meter, ours)
        with town.undone():
            yield from _list(programmes, town, peer, dense, "", MAX_NEW_RATIO)
        with town.undone():
            yield from _list(programmes, town, peer, sparse, "_sparse")
        with town.undone():
            yield from _list(programmes, town, peer, dense, "_capped", cap=_CAP_POINTS)
        with town.undone():
            yield from _largest(programmes, town, sparse)
        with town.undone():
            yield from _claims(programmes, town, dense)


def _list(
    programmes: Programmes,
    town: Town,
    peer: Peer,
    numbers: Sequence[int],
    kind: str,
    limit: float | None = None,
    *,
    cap: int = 0,
) -> Iterator[Figure]:
    """Measure a list to residents who have nothing, then the next occurrence's to the same."""
    accounts = programmes.settle(town, numbers)
    programme = programmes.opened(cap)
    rows = [Row(number, LOT_POINTS) for number in numbers]
    for state in ("new", "existing"):
        gas = programmes.run(programmes.approved(programme, rows))
        anchor = peer.contract.send("mintBatch", accounts, [LOT_POINTS] * ROWS, sender=peer.officer)
        yield Figure(
            f"grant_batch{ROWS}{kind}_{state}",
            gas / ROWS,
            anchor / ROWS,
            GAS_PER_RECIPIENT,
            limit if state == "new" else None,
        )


def _largest(programmes: Programmes, town: Town, numbers: Sequence[int]) -> Iterator[Figure]:
    """Measure the whole transaction of a branch where every row is as dear as can be."""
    programmes.settle(town, numbers[:SPARSE_ROWS])
    rows = [Row(number, LOT_POINTS) for number in numbers[:SPARSE_ROWS]]
    gas = programmes.run(programmes.approved(programmes.opened(_CAP_POINTS), rows))
    yield Figure(f"grant_chunk{SPARSE_ROWS}_sparse_capped_new", gas, TRANSACTION_GAS_LIMIT, GAS, limit=1.0)


def _claims(programmes: Programmes, town: Town, numbers: Sequence[int]) -> Iterator[Figure]:
    """Measure two claims out of a list of 500, the first of which opens the words of the bitmaps."""
    programmes.settle(town, numbers)
    approved = programmes.approved(programmes.opened(), [Row(number, LOT_POINTS) for number in numbers])
    for name, row in (("grant_claim_first", 20), ("grant_claim", 21)):
        yield Figure(name, programmes.claim(approved, row), None)
