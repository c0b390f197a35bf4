"""The reference model of programmes: what GrantProgrammes must do, put plainly.

Who was granted for an occurrence is a set, a budget two numbers, what counts against a cap a counter. The
model grants through reference ledgers, as the contract does through its series.

Programmes, occurrences and batches count from 1 in the order in which this model meets them; rows count from
0. Amounts are points, a fiscal year is the number of its last month, times are Unix seconds.

Every method either does all it says, or raises Refused with the custom error and the arguments that the
contract reverts with and changes nothing.

Not modelled: roles, names and hashes of contents.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from scripts.lib.expiry_rule import MAX_TERM_MONTHS, NEVER, ExpiryRule, expiry_month, is_in_range
from scripts.lib.grant_issue import GrantIssue
from scripts.lib.grant_list import ROWS_OF_LEAF, Branch, GrantList, Row, root_of, rows_of
from scripts.lib.japan_calendar import fiscal_year_end
from scripts.lib.reference.ledger import ReferenceLedger
from scripts.lib.refusal import Refused


class Terms(NamedTuple):
    """What a programme promises.

    Attributes:
        series: key of the ledger its points belong to.
        first: first second in which lists can be approved; `last` the last.
        points: of every row; 0 if each has its own.
        cap: of a resident and fiscal year; 0 for none.
        months: the number of `rule`.
    """

    series: str
    first: int
    last: int
    points: int
    cap: int
    rule: ExpiryRule
    months: int


class Budget(NamedTuple):
    """What a programme may grant in a fiscal year, and how much of it is reserved."""

    points: int = 0
    reserved: int = 0


class Run(NamedTuple):
    """What became of some rows.

    Attributes:
        early: rows that were skipped without asking the series, in order, and why.
        minted: what the series was asked to mint, and whether each was.
        late: rows that the series refused.
    """

    first_row: int
    rows: int
    early: list[tuple[int, GrantIssue]]
    minted: list[tuple[Row, bool]]
    late: list[tuple[int, GrantIssue]]

    @property
    def granted(self) -> list[Row]:
        """The rows that were granted."""
        return [row for row, granted in self.minted if granted]


class Revocation(NamedTuple):
    """What became of a grant that was revoked, in all."""

    taken: int = 0
    receivable: int = 0


@dataclass
class Batch:
    """A list that was approved.

    Attributes:
        rows: how many the officers were told it has; `total` what they add up to.
        granted_rows: row to what it granted.
    """

    occurrence: int
    programme: int
    root: bytes
    rows: int
    total: int
    expiry_month: int
    fiscal_year: int
    stopped: bool = False
    granted_rows: dict[int, Row] = field(default_factory=dict)

    @property
    def granted(self) -> int:
        """Points granted so far; what was revoked since counts as well."""
        return sum(row.points for row in self.granted_rows.values())


class ReferenceProgrammes:
    """The programmes of one municipality.

    Args:
        account: the service's own account, by which the series know it as a minter.
        ledgers: the municipality's series; all at the same time, with the same residents.
    """

    def __init__(self, account: str, municipality: int, ledgers: Mapping[str, ReferenceLedger]) -> None:
        self.account = account
        self._municipality = municipality
        self._ledgers = dict(ledgers)
        self.programmes: dict[int, Terms] = {}
        self.occurrences: dict[int, tuple[int, str]] = {}
        """Programme and label by number."""
        self.batches: dict[int, Batch] = {}
        self._budgets: defaultdict[tuple[int, int], Budget] = defaultdict(Budget)
        self._granted: defaultdict[int, set[int]] = defaultdict(set)
        self._in_year: Counter[tuple[int, int, int]] = Counter()
        self._revocations: dict[tuple[int, int], Revocation] = {}

    @property
    def _ledger(self) -> ReferenceLedger:
        return next(iter(self._ledgers.values()))

    @property
    def _fiscal_year(self) -> int:
        return fiscal_year_end(self._ledger.month)

    # ------------------------------------------------------------------------------------------- PROGRAMMES

    def open_programme(self, terms: Terms) -> int:
        """Open a programme; return its number."""
        if terms.series not in self._ledgers:
            raise Refused("ProgrammeForeignSeries", self._municipality, terms.series)
        if terms.first > terms.last or terms.last < self._ledger.now:
            raise Refused("ProgrammePeriod", terms.first, terms.last)
        if terms.months > (MAX_TERM_MONTHS if terms.rule == ExpiryRule.MONTHS_AFTER else NEVER):
            raise Refused("ProgrammeExpiry", terms.rule, terms.months)
        number = len(self.programmes) + 1
        self.programmes[number] = terms
        return number

    def set_budget(self, programme: int, fiscal_year: int, points: int) -> None:
        """Set what a programme may grant in a fiscal year."""
        self._programme(programme)
        if fiscal_year < self._fiscal_year or fiscal_year > NEVER or fiscal_year % 12 != 2:
            raise Refused("ProgrammeFiscalYear", fiscal_year, self._fiscal_year)
        budget = self._budgets[programme, fiscal_year]
        if points < budget.reserved:
            raise Refused("ProgrammeBudget", programme, fiscal_year, points, budget.reserved)
        self._budgets[programme, fiscal_year] = budget._replace(points=points)

    def open_occurrences(self, programme: int, labels: Sequence[str]) -> None:
        """Open occurrences, all of them or none."""
        self._programme(programme)
        opened = dict(self.occurrences)
        for label in labels:
            for number, known in opened.items():
                if known == (programme, label):
                    raise Refused("ProgrammeOccurrenceOpen", programme, number)
            opened[len(opened) + 1] = (programme, label)
        self.occurrences = opened

    # ---------------------------------------------------------------------------------------------- BATCHES

    def approve_batch(self, occurrence: int, grants: GrantList, total: int | None = None) -> int:
        """Approve a list for an occurrence; return the batch's number.

        Args:
            total: what the officers were told, if not the truth.
        """
        if occurrence not in self.occurrences:
            raise Refused("ProgrammeUnknownOccurrence", self._municipality, occurrence)
        programme, _ = self.occurrences[occurrence]
        terms, ledger = self.programmes[programme], self._ledger
        if not terms.first <= ledger.now <= terms.last:
            raise Refused("ProgrammePeriod", terms.first, terms.last)
        year = self._fiscal_year
        for number, batch in self.batches.items():
            same = (batch.occurrence, batch.root, batch.fiscal_year) == (occurrence, grants.root, year)
            if same and not batch.stopped:
                raise Refused("ProgrammeBatchOpen", occurrence, number)
        points = grants.total_points if total is None else total
        budget = self._budgets[programme, year]
        if points > budget.points - budget.reserved:
            left = budget.points - budget.reserved
            raise Refused("ProgrammeBudget", programme, year, left, points)
        month = expiry_month(terms.rule, terms.months, ledger.month)
        if not is_in_range(month, ledger.month):
            last = ledger.month + MAX_TERM_MONTHS
            raise Refused("PointExpiryOutOfRange", month, ledger.month, last)
        self._budgets[programme, year] = budget._replace(reserved=budget.reserved + points)
        number = len(self.batches) + 1
        rows = len(grants.rows)
        self.batches[number] = Batch(occurrence, programme, grants.root, rows, points, month, year)
        return number

    def stop_batch(self, batch: int) -> int:
        """Stop a batch for good; return what is reserved for it no longer."""
        record = self._alive(batch)
        record.stopped = True
        released = record.total - record.granted
        key = (record.programme, record.fiscal_year)
        budget = self._budgets[key]
        self._budgets[key] = budget._replace(reserved=budget.reserved - released)
        return released

    # --------------------------------------------------------------------------------------------- GRANTING

    def run(self, batch: int, branch: Branch) -> Run:
        """Grant the rows of a branch, each that was not before and can be now."""
        record = self._alive(batch)
        self._require_listed(batch, record, branch)
        first = branch.first_leaf * ROWS_OF_LEAF
        outcome = self._examined(record, first, rows_of(branch.words)[: record.rows - first], batch)
        self._grant(record, outcome)
        return outcome

    def claim(self, batch: int, row: int, branch: Branch) -> Run:
        """Grant one row."""
        record = self._alive(batch)
        listed = self._listed_row(batch, record, row, branch)
        outcome = self._examined(record, row, [listed], batch)
        for _, issue in [*outcome.early, *outcome.late]:
            raise Refused("ProgrammeRowRefused", batch, row, listed.number, issue)
        self._grant(record, outcome)
        return outcome

    def _examined(self, record: Batch, first_row: int, rows: Sequence[Row], batch: int) -> Run:
        """Return what would become of some rows, and change nothing."""
        terms = self.programmes[record.programme]
        granted = set(self._granted[record.occurrence])
        in_year = Counter(self._in_year)
        early: list[tuple[int, GrantIssue]] = []
        kept: list[tuple[int, Row]] = []
        for place, row in enumerate(rows, first_row):
            key = (record.programme, record.fiscal_year, row.number)
            if row.number in granted:
                early.append((place, GrantIssue.ALREADY_GRANTED))
            elif row.points == 0 or terms.points not in (0, row.points):
                early.append((place, GrantIssue.WRONG_POINTS))
            elif terms.cap and in_year[key] + row.points > terms.cap:
                early.append((place, GrantIssue.CAP_REACHED))
            else:
                granted.add(row.number)
                in_year[key] += row.points
                kept.append((place, row))
        total = sum(row.points for _, row in kept)
        if total > record.total - record.granted:
            raise Refused("ProgrammeTotal", batch, record.total - record.granted, total)
        refused: dict[int, GrantIssue] = {}
        if kept:
            ledger = self._ledgers[terms.series]
            minting = [row for _, row in kept]
            refused = dict(ledger.mint_issues(self.account, minting, total, record.expiry_month))
        return Run(
            first_row,
            len(rows),
            early,
            [(row, k not in refused) for k, (_, row) in enumerate(kept)],
            [(kept[k][0], issue) for k, issue in refused.items()],
        )

    def _grant(self, record: Batch, outcome: Run) -> None:
        terms = self.programmes[record.programme]
        if outcome.minted:
            minting = [row for row, _ in outcome.minted]
            total = sum(row.points for row in minting)
            self._ledgers[terms.series].mint_to_residents(self.account, minting, total, record.expiry_month)
        skipped = dict(outcome.early) | dict(outcome.late)
        places = (
            place
            for place in range(outcome.first_row, outcome.first_row + outcome.rows)
            if place not in skipped
        )
        for place, row in zip(places, outcome.granted, strict=True):
            record.granted_rows[place] = row
            self._granted[record.occurrence].add(row.number)
            if terms.cap:
                self._in_year[record.programme, record.fiscal_year, row.number] += row.points

    # --------------------------------------------------------------------------------------------- REVOKING

    def revoke_grant(
        self, batch: int, row: int, account: str, points: int, take: int, branch: Branch, later_month: int = 0
    ) -> Revocation:
        """Revoke points of a grant; return what was taken back of them now, and what is receivable.

        Args:
            later_month: the month that the lot ends with now, if officers have extended it.
        """
        record = self.batches.get(batch)
        if record is None:
            raise Refused("ProgrammeUnknownBatch", batch)
        listed = self._listed_row(batch, record, row, branch)
        if row not in record.granted_rows:
            raise Refused("ProgrammeRowNotGranted", batch, row)
        ledger = self._ledgers[self.programmes[record.programme].series]
        if ledger.residents.ever_number_of(account) != listed.number:
            raise Refused("ProgrammeOtherAccount", listed.number, account)
        before = self.revocation_of(batch, row)
        left = listed.points - sum(before)
        if points > left:
            raise Refused("ProgrammeRevokeTooLarge", batch, row, left, points)
        taken = 0
        month = max(record.expiry_month, later_month)
        if month >= ledger.month:
            taken = ledger.take_back(self.account, account, min(take, points), month)
        now = Revocation(taken, points - taken)
        self._revocations[batch, row] = Revocation(
            before.taken + now.taken, before.receivable + now.receivable
        )
        if self.programmes[record.programme].cap:
            self._in_year[record.programme, record.fiscal_year, listed.number] -= taken
        return now

    # -------------------------------------------------------------------------------------------- QUESTIONS

    def budget_of(self, programme: int, fiscal_year: int) -> Budget:
        """Return what a programme may grant in a fiscal year, and how much of it is reserved."""
        return self._budgets.get((programme, fiscal_year), Budget())

    def budgets(self) -> dict[tuple[int, int], Budget]:
        """Return every budget, by programme and fiscal year, that is not nothing."""
        return {key: budget for key, budget in self._budgets.items() if any(budget)}

    def granted_in_year(self, programme: int, fiscal_year: int, number: int) -> int:
        """Return what counts against a resident's cap; 0 in a programme without one."""
        return self._in_year[programme, fiscal_year, number]

    def is_granted(self, occurrence: int, number: int) -> bool:
        """Return whether a resident was granted for an occurrence."""
        return number in self._granted[occurrence]

    def revocation_of(self, batch: int, row: int) -> Revocation:
        """Return what was revoked of a row's grant."""
        return self._revocations.get((batch, row), Revocation())

    # -------------------------------------------------------------------------------------------- REFUSALS

    def _programme(self, number: int) -> Terms:
        if number not in self.programmes:
            raise Refused("ProgrammeUnknown", self._municipality, number)
        return self.programmes[number]

    def _alive(self, batch: int) -> Batch:
        record = self.batches.get(batch)
        if record is None:
            raise Refused("ProgrammeUnknownBatch", batch)
        if record.stopped:
            raise Refused("ProgrammeBatchStopped", batch)
        if record.fiscal_year != self._fiscal_year:
            raise Refused("ProgrammeBatchDead", batch, record.fiscal_year)
        return record

    def _require_listed(self, batch: int, record: Batch, branch: Branch) -> None:
        try:
            root = root_of(record.rows, branch)
        except ValueError:
            shape = (branch.first_leaf, len(branch.words), len(branch.siblings))
            raise Refused("ProgrammeBranch", record.rows, *shape) from None
        if root != record.root:
            raise Refused("ProgrammeOtherContents", batch, _hex(record.root), _hex(root))

    def _listed_row(self, batch: int, record: Batch, row: int, branch: Branch) -> Row:
        leaf = row // ROWS_OF_LEAF
        self._require_listed(batch, record, branch._replace(first_leaf=leaf))
        if row >= record.rows:
            raise Refused("ProgrammeUnknownRow", batch, row)
        return rows_of(branch.words)[row % ROWS_OF_LEAF]


def _hex(word: bytes) -> str:
    return "0x" + word.hex()
