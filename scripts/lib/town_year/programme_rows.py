"""Rows of programmes.csv: what a town's programmes promise (付与事業).

    programme         name, as in grants.csv; public, so neutral where it must be
    place             where it takes place; public
    points_per_grant  points of every grant, if they are fixed
    yearly_cap        the most that a resident is granted in a fiscal year, if there is such a cap
    budget            points that may be granted in the fiscal year
    description       the public description, of which the chain keeps the hash

A grant that names a month of its own belongs to a programme of the same name for that month, with the same
terms: on the chain a programme has one rule of expiry.
"""

from __future__ import annotations

from dataclasses import dataclass

from scripts.lib.csv_table import Column, CsvTable, Row, text, whole_number
from scripts.lib.grant_list import MAX_FIELD

MAX_BUDGET_POINTS = 2**56 - 1

COLUMNS = (
    Column("programme", "事業", text),
    Column("place", "実施場所", text),
    Column("points_per_grant", "1回のポイント", whole_number(1, MAX_FIELD), optional=True),
    Column("yearly_cap", "年度内の上限", whole_number(1, MAX_FIELD), optional=True),
    Column("budget", "年度予算", whole_number(1, MAX_BUDGET_POINTS)),
    Column("description", "内容", text),
)


@dataclass(frozen=True)
class ProgrammeRow:
    """A programme of one town and fiscal year.

    Attributes:
        points: of every grant; 0 if each has its own.
        cap: points a resident and fiscal year; 0 for none.
        budget: points of the fiscal year.
    """

    line: int
    programme: str
    place: str
    points: int
    cap: int
    budget: int
    description: str


def read_programmes(table: CsvTable, grants: CsvTable) -> list[ProgrammeRow]:
    """Return the programmes of a file, after refusing grants that fit none of them."""
    programmes = {
        row["programme"]: ProgrammeRow(
            row.line,
            row["programme"],
            row["place"],
            row["points_per_grant"] or 0,
            row["yearly_cap"] or 0,
            row["budget"],
            row["description"],
        )
        for row in table.good_rows
    }
    # A faulty row names its programme too: what is wrong with it has been reported.
    named = {row.values.get("programme") for row in table.rows}
    for row in grants.rows if table.is_complete else ():
        if "programme" in row.values:
            _refuse_unfit(grants, row, table.path.name, named, programmes.get(row["programme"]))
    return list(programmes.values())


def _refuse_unfit(
    grants: CsvTable, row: Row, file: str, named: set[str | None], programme: ProgrammeRow | None
) -> None:
    if row["programme"] not in named:
        grants.refuse(row, "programme", f"it is not in {file}", f"{file}にない事業です")
    elif programme is not None and programme.points not in (0, row.values.get("points", programme.points)):
        grants.refuse(
            row,
            "points",
            f"the programme grants {programme.points} at a time",
            f"この事業は1回{programme.points}ポイントです",
        )
