"""What is to be run of an approved list of grants, as an officer plans and sends it.

A plan shows it as the transactions that it will be, which can be signed elsewhere. Sent from here it goes the
way of all bulk work, `scripts.lib.bulk.grants.run_list`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass

from scripts.lib.bilingual import Bilingual
from scripts.lib.bulk.grants import SERVICE, ListResult, Ungranted, branches_of, rows_of_branch, run_list
from scripts.lib.calls import Call
from scripts.lib.grant_list import GrantList
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.sender import Sender

_SHOWN_ROWS = 20


@dataclass(frozen=True)
class ListRun:
    """A list of which rows can be granted now.

    Attributes:
        service: address of GrantProgrammes.
        batch: its number on the chain.
        wanted: those rows, by place in the list.
        lines: where each row of the list stands in the officer's file.
        runner: account that sends; it needs no role.
        most_rows: how many rows go into a transaction.
    """

    service: str
    batch: int
    grants: GrantList
    wanted: Set[int]
    lines: Sequence[int]
    runner: str
    most_rows: int
    label: str

    def calls(self) -> Iterator[tuple[Call, int]]:
        """Yield the transactions, each with how many rows it grants."""
        for branch in branches_of(self.grants, self.wanted, self.most_rows):
            rows = rows_of_branch(self.grants, branch)
            subject = f"{self.label} {rows.start + 1}-{rows.stop}"
            call = Call(SERVICE, self.service, "run", (self.batch, *branch), self.runner, subject)
            yield call, len(self.wanted & set(rows))

    def send(self, rpc: Rpc, sender: Sender, progress: Callable[[int], None]) -> ListResult:
        """Run it; see run_list."""
        return run_list(
            rpc,
            sender,
            self.service,
            self.batch,
            self.grants,
            self.runner,
            wanted=self.wanted,
            most_rows=self.most_rows,
            progress=progress,
        )

    def notes(self, ungranted: Iterable[Ungranted]) -> list[Bilingual]:
        """Return why rows were not granted that should have been."""
        return row_notes(self.lines, [each for each in ungranted if each.row in self.wanted and each.issue])


def row_notes(lines: Sequence[int], ungranted: Sequence[Ungranted]) -> list[Bilingual]:
    """Return a sentence for each row, and for those beyond the first ones how many have which reason.

    Args:
        lines: where each row of the list stands in the officer's file.
    """
    notes = [
        Bilingual(
            f"line {lines[each.row]}, resident {each.number}: {each.issue.label.english}",
            f"{lines[each.row]}行目 利用者番号{each.number}: {each.issue.label.japanese}",
        )
        for each in ungranted[:_SHOWN_ROWS]
    ]
    rest = Counter(each.issue for each in ungranted[_SHOWN_ROWS:])
    notes += [
        Bilingual(f"{count:,} more: {issue.label.english}", f"ほか{count:,}行: {issue.label.japanese}")
        for issue, count in rest.items()
    ]
    return notes
