"""A town's grants of a fiscal year as programmes, occurrences and batches, before anything is sent.

Grants of one programme and one moment are one list, sorted by resident number, for one occurrence that the
moment names. What a plan consists of is worked out from the CSV files alone, so that chain and model do the
same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from eth_utils import keccak

from scripts.lib.expiry_rule import ExpiryRule, expiry_label
from scripts.lib.grant_list import Branch, GrantList, Row
from scripts.lib.japan_calendar import last_second, moment_label, months_of_fiscal_year, start_of
from scripts.lib.town_year.folder import Grant, TownYear
from scripts.lib.town_year.programme_rows import ProgrammeRow

GAS_PER_ROW = 60_000
"""More than a row takes: a new lot, and words of its own in the bitmap and among the counters."""

GAS_BESIDES = 300_000
MOST_GAS = 16_700_000
"""The most that any transaction of the project may use: docs/decisions/0005-lists-of-grants.md."""


class ProgrammeKey(NamedTuple):
    """Which programme of the chain a grant belongs to; `month` None: its points end by the town's rule."""

    name: str
    month: int | None


@dataclass(frozen=True)
class PlannedProgramme:
    """A programme to open.

    Attributes:
        name: as the chain has it, with the month in it if it has one.
        first: first second in which lists can be approved; `last` the last.
        months: the number of `rule`.
        fiscal_year: number of its last month.
    """

    key: ProgrammeKey
    row: ProgrammeRow
    name: str
    first: int
    last: int
    rule: ExpiryRule
    months: int
    fiscal_year: int

    @property
    def contents_hash(self) -> bytes:
        """keccak256 of the public description."""
        return keccak(text=self.row.description)


@dataclass(frozen=True)
class PlannedBatch:
    """A list to approve and run at its moment.

    Attributes:
        label: of its occurrence.
        rows: of grants.csv, in the order of the list.
    """

    time: int
    programme: ProgrammeKey
    label: str
    rows: list[Grant]
    grants: GrantList

    @property
    def file_hash(self) -> bytes:
        """What stands for the list as a file: here its rows, as text in their order."""
        lines = "".join(f"{row.number},{row.points}\n" for row in self.grants.rows)
        return keccak(text=lines)


@dataclass(frozen=True)
class ProgrammePlan:
    """All programmes of a town's fiscal year.

    Attributes:
        programmes: in the order in which they are opened.
        batches: by time; at one time in the order of grants.csv.
    """

    programmes: list[PlannedProgramme]
    batches: list[PlannedBatch]

    @classmethod
    def of(cls, year: TownYear) -> ProgrammePlan:
        """Return the plan of a town; nothing is in it if the town has no programmes."""
        if not year.programmes:
            return cls([], [])
        numbers = {resident.number: number for number, resident in enumerate(year.residents, 1)}
        together: defaultdict[tuple[int, ProgrammeKey], list[Grant]] = defaultdict(list)
        for grant in year.grants:
            together[grant.time, ProgrammeKey(grant.programme, grant.expiry_month)].append(grant)
        rows = {row.programme: row for row in year.programmes}
        keys = dict.fromkeys(key for _, key in together)
        return cls(
            [_programme(year, key, rows[key.name]) for key in keys],
            [
                _batch(time, key, sorted(grants, key=lambda grant: numbers[grant.resident]), numbers)
                for (time, key), grants in sorted(together.items(), key=lambda item: item[0][0])
            ],
        )

    def labels_of(self, programme: ProgrammeKey) -> list[str]:
        """Return what the occurrences of a programme are called."""
        return list(dict.fromkeys(batch.label for batch in self.batches if batch.programme == programme))

    @property
    def total_points(self) -> int:
        """What all batches grant."""
        return sum(batch.grants.total_points for batch in self.batches)


def branches_within(grants: GrantList, gas_of: Callable[[Branch], int | None]) -> Iterator[Branch]:
    """Yield the fewest branches that are the whole list and each fit into a transaction.

    Args:
        gas_of: gas of running a branch; None if it cannot be told, for instance because it would run out.

    Raises:
        ValueError: not even one leaf fits.
    """
    waiting = [grants.branch(0, 1 << grants.depth)]
    while waiting:
        branch = waiting.pop()
        gas = gas_of(branch)
        if gas is not None and gas <= MOST_GAS:
            yield branch
            continue
        width = 1 << (grants.depth - len(branch.siblings))
        if width == 1:
            raise ValueError(f"leaf {branch.first_leaf} takes {gas} gas")
        half = width // 2
        if branch.first_leaf + half < grants.leaf_count:
            waiting.append(grants.branch(branch.first_leaf + half, half))
        waiting.append(grants.branch(branch.first_leaf, half))


def most_gas_of(branch: Branch) -> int:
    """Return more than running a branch takes, without asking a chain."""
    return GAS_BESIDES + GAS_PER_ROW * 4 * len(branch.words)


def _programme(year: TownYear, key: ProgrammeKey, row: ProgrammeRow) -> PlannedProgramme:
    months = months_of_fiscal_year(year.town.fiscal_year)
    rule, number, name = year.town.expiry_rule, year.town.expiry_months, key.name
    if key.month is not None:
        label = expiry_label(key.month)
        name = f"{key.name} {label.japanese}"
        rule, number = ExpiryRule.FIXED_MONTH, key.month
    return PlannedProgramme(
        key, row, name, start_of(months.start), last_second(months.stop - 1), rule, number, months.stop - 1
    )


def _batch(time: int, key: ProgrammeKey, rows: list[Grant], numbers: dict[str, int]) -> PlannedBatch:
    listed = GrantList([Row(numbers[row.resident], row.points) for row in rows])
    return PlannedBatch(time, key, moment_label(time).english, rows, listed)
