"""Programmes at work in a test: `programmes.open(cap=5000)`, `.approve(occurrence, rows)`, `.run(batch)`.

Acts come from the Officers contract as an account; that they take two officers is tested in
tests/unit/test_roles.py and in tests/scenarios.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from eth_utils import keccak

from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.grant_issue import GrantIssue
from scripts.lib.grant_list import GrantList, Row
from scripts.lib.japan_calendar import fiscal_year_end, last_second, month_of
from tests.support.clock import now

FILE_HASH = keccak(text="list.csv")
CONTENTS_HASH = keccak(text="ボランティア活動にポイントを付与します。")
BUDGET = 10**9


@dataclass(frozen=True)
class Approved:
    """A batch and the list that was approved with it."""

    number: int
    grants: GrantList


class Programmes:
    """GrantProgrammes with one series of one municipality.

    Args:
        contract: GrantProgrammes, of Brownie.
        point: the series, of Brownie.
        act_maker: the Officers contract as an account.
        runner: anybody, who runs and claims.
    """

    def __init__(self, contract: Any, point: Any, act_maker: Any, municipality: int, runner: Any) -> None:
        self.contract = contract
        self._point = point
        self._by_act = {"from": act_maker}
        self._municipality = municipality
        self._runner = {"from": runner}

    def terms(
        self,
        *,
        points: int = 0,
        cap: int = 0,
        rule: ExpiryRule = ExpiryRule.NEXT_FISCAL_YEAR,
        months: int = 0,
        first: int | None = None,
        last: int | None = None,
        series: Any = None,
    ) -> tuple[Any, ...]:
        """Return ProgrammeTerms; by default from now to the end of the next fiscal year."""
        end = last_second(fiscal_year_end(month_of(now())) + 12)
        return (
            series or self._point,
            "ボランティア",
            "川崎区",
            now() if first is None else first,
            end if last is None else last,
            points,
            cap,
            int(rule),
            months,
            CONTENTS_HASH,
        )

    def open(self, *, budget: int | None = BUDGET, **terms: Any) -> int:
        """Open a programme, with a budget for this fiscal year unless that is None; return its number."""
        self.contract.openProgramme(self._municipality, self.terms(**terms), self._by_act)
        programme = int(self.contract.programmeCount())
        if budget is not None:
            self.set_budget(programme, budget)
        return programme

    def set_budget(self, programme: int, points: int, fiscal_year: int | None = None) -> Any:
        """Set a budget, by default of this fiscal year."""
        march = fiscal_year_end(month_of(now())) if fiscal_year is None else fiscal_year
        return self.contract.setBudget(self._municipality, programme, march, points, self._by_act)

    def occurrence(self, programme: int, label: str = "第1回") -> int:
        """Open an occurrence; return its number."""
        self.contract.openOccurrences(self._municipality, programme, [label], self._by_act)
        return int(self.contract.occurrenceCount())

    def approve(self, occurrence: int, rows: Iterable[tuple[int, int]], **other: int) -> Approved:
        """Approve a list of (number, points).

        Args:
            other: `total` or `rows_told` instead of what is true.
        """
        grants = GrantList([Row(*row) for row in rows])
        terms = batch_terms(grants, **other)
        self.contract.approveBatch(self._municipality, occurrence, terms, self._by_act)
        return Approved(int(self.contract.batchCount()), grants)

    def prepared(self, rows: Iterable[tuple[int, int]], **terms: Any) -> Approved:
        """Approve a list in a programme and an occurrence of its own."""
        return self.approve(self.occurrence(self.open(**terms)), rows)

    def stop(self, approved: Approved) -> Any:
        """Stop a batch."""
        return self.contract.stopBatch(self._municipality, approved.number, self._by_act)

    def run(self, approved: Approved, first_leaf: int = 0, width: int | None = None, by: Any = None) -> Any:
        """Run a branch of the list, by default all of it; return the transaction."""
        whole = 1 << approved.grants.depth
        branch = approved.grants.branch(first_leaf, whole if width is None else width)
        sender = self._runner if by is None else {"from": by}
        return self.contract.run(approved.number, *branch, sender)

    def claim(self, approved: Approved, row: int, by: Any = None) -> Any:
        """Claim a row; return the transaction."""
        _, words, siblings = approved.grants.branch_of_row(row)
        sender = self._runner if by is None else {"from": by}
        return self.contract.claim(approved.number, row, words, siblings, sender)

    def revoke(
        self,
        approved: Approved,
        row: int,
        account: Any,
        points: int,
        take: int | None = None,
        later_month: int = 0,
    ) -> Any:
        """Revoke points of a row's grant, all of them to be taken back unless `take` says less."""
        _, words, siblings = approved.grants.branch_of_row(row)
        terms = (approved.number, row, account, points, points if take is None else take, later_month)
        return self.contract.revokeGrant(self._municipality, terms, words, siblings, self._by_act)


def batch_terms(
    grants: GrantList, *, total: int | None = None, rows_told: int | None = None
) -> tuple[Any, ...]:
    """Return BatchTerms of a list."""
    return (
        grants.root,
        len(grants.rows) if rows_told is None else rows_told,
        grants.total_points if total is None else total,
        FILE_HASH,
    )


def skipped(transaction: Any) -> dict[int, GrantIssue]:
    """Return the rows that were skipped, and why."""
    told = [event for event in transaction.events if event.name == "RowSkipped"]
    return {event["row"]: GrantIssue(event["issue"]) for event in told}


def granted(transaction: Any) -> tuple[int, int]:
    """Return how many rows were granted, and their points."""
    (told,) = transaction.events["RowsRun"]
    return told["grantedRows"], told["grantedPoints"]
