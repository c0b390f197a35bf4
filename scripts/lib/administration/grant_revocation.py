"""The command that revokes grants of a list: what the rule of attribution leaves of them, the rest is owed.

    revoke-grant grants.csv revocations.csv --programme 健康診査 --occurrence 第1回

The list is the very file that was granted; the second file says whose grants are revoked. What was spent is
recorded as receivable (返還請求). By two officers for programmes.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping, Sequence

from eth_utils import to_checksum_address

from scripts.lib.acts import Act
from scripts.lib.administration.columns import read_rows
from scripts.lib.administration.desk import Desk
from scripts.lib.administration.grants import ListOfFile, read_lists
from scripts.lib.administration.programmes import SERVICE
from scripts.lib.administration.proposals import open_calls
from scripts.lib.administration.task import Survey, Task
from scripts.lib.bilingual import Bilingual
from scripts.lib.calls import View
from scripts.lib.csv_table import Column, CsvTable, Row, text, whole_number
from scripts.lib.grant_list import MAX_FIELD
from scripts.lib.node.event_log import read_events
from scripts.lib.reasons import Reason
from scripts.lib.replays.attribution import Attribution, GrantSource

_Terms = tuple[int, int, str, int, int, int]
"""IGrantProgrammes.RevocationTerms."""

COLUMNS = (
    Column("number", "利用者番号", whole_number(1, MAX_FIELD)),
    Column("points", "ポイント", whole_number(1, MAX_FIELD), optional=True),
    Column("occurrence", "実施回", text, optional=True),
)
"""Of revocations.csv; without points all of the grant is revoked."""


def revoke_grants(desk: Desk, options: Namespace) -> Survey:
    """Revoke grants of a list, as a file says."""
    service = desk.service(SERVICE)
    lists = [each for each in read_lists(desk, options, service) if each.batch]
    found: dict[int, tuple[ListOfFile, int]] = {}
    rows = read_rows(
        options.revocations,
        COLUMNS,
        lambda table: _find(table, lists, found),
        unique=("number", "occurrence"),
    )
    survey = Survey(Bilingual("Revoke grants", "付与の取消し"))
    survey.figure("Rows", "行数", len(rows))
    views = []
    for row in rows:
        each, place = found[row.line]
        views.append(View(SERVICE, service, "isRowGranted", (each.batch, place)))
        views.append(View(SERVICE, service, "revocationOf", (each.batch, place)))
    answers = iter(desk.read(views))
    attribution: Attribution | None = None
    lineage = _lineage(lists)
    proposed = _proposed(desk, service)
    taken_back = owed = 0
    for row in rows:
        each, place = found[row.line]
        is_granted, (taken, receivable) = next(answers), next(answers)
        wanted = row["points"] or each.grants.rows[place].points
        amount = wanted - taken - receivable
        if not is_granted:
            survey.left.append(
                Bilingual(f"line {row.line}: it was not granted", f"{row.line}行目: まだ付与されていません")
            )
        elif amount <= 0:
            survey.done += 1
        else:
            terms = proposed.get((each.batch, place))
            if terms is None:
                attribution = attribution or _attribution(desk, service, lineage)
                *before, series = lineage[each.target.programme.number]
                if _holds(attribution, before, GrantSource(each.batch, place)):
                    survey.left.append(
                        Bilingual(
                            f"line {row.line}: its points are not carried to the successor yet: migrate run",
                            f"{row.line}行目: ポイントが後継の種別に未移行です(先に migrate run)",
                        )
                    )
                    continue
                terms = _terms(desk, attribution, series, each, place, amount)
            if terms[3] < amount:
                survey.later.append(
                    Bilingual(
                        f"line {row.line}: what lies in another lot or account follows",
                        f"{row.line}行目: 別の期限や口座にある残りは続けて処理します",
                    )
                )
            taken_back += terms[4]
            owed += terms[3] - terms[4]
            survey.tasks.append(Task(_act(desk, service, each, terms)))
    survey.figure("To be taken back, points", "取り戻すポイント", taken_back)
    survey.figure(
        "Spent or lapsed already, receivable, points", "使用済み・失効済み(返還請求、ポイント)", owed
    )
    return survey


def _find(table: CsvTable, lists: list[ListOfFile], found: dict[int, tuple[ListOfFile, int]]) -> None:
    """Find the list and the place of each row; refuse rows that are in none, in several, or there twice."""
    lines: dict[tuple[int, int], int] = {}
    for row in table.good_rows:
        matches = [
            (each, place)
            for each in lists
            if row["occurrence"] in (None, each.target.label)
            for place, granted in enumerate(each.grants.rows)
            if granted.number == row["number"]
        ]
        if len(matches) != 1:
            reason = (
                ("in no list of the file that was approved", "ファイルの承認済み名簿にありません")
                if not matches
                else ("in several: name the occurrence", "複数の実施回にあります。実施回を書いてください")
            )
            table.refuse(row, "number", *reason)
        else:
            [(each, place)] = matches
            found[row.line] = each, place
            line = lines.setdefault((each.batch, place), row.line)
            if line != row.line:
                table.refuse(row, "number", f"the same grant as in line {line}", f"{line}行目と同じ付与です")
            _refuse_too_much(table, row, each, place)


def _refuse_too_much(table: CsvTable, row: Row, each: ListOfFile, place: int) -> None:
    granted = each.grants.rows[place].points
    if row["points"] is not None and row["points"] > granted:
        table.refuse(
            row, "points", f"more than the grant of {granted:,}", f"付与した{granted:,}ポイントを超えています"
        )


def _lineage(lists: list[ListOfFile]) -> dict[int, list[str]]:
    """Return, by programme, the series it has granted into, the present one last."""
    programmes = [each.target.programme for each in lists]
    return {programme.number: [*programme.before, programme.series] for programme in programmes}


def _holds(attribution: Attribution, series: Sequence[str], source: GrantSource) -> bool:
    return any(
        attribution.left_by_month(source, each, account)
        for account in attribution.left_of(source)
        for each in series
    )


def _attribution(desk: Desk, service: str, lineage: Mapping[int, Sequence[str]]) -> Attribution:
    """Return whose points the lots hold, by the events of the lists' series."""
    attribution = Attribution(service)
    series = {each for its in lineage.values() for each in its}
    contracts = [service, desk.registry, *series]
    for event in read_events(desk.connection.rpc, contracts, desk.first_block):
        attribution.apply(event)
    return attribution


def _terms(
    desk: Desk, attribution: Attribution, series: str, each: ListOfFile, place: int, amount: int
) -> _Terms:
    """Return the terms: from the account and the lot that hold most of the grant, as far as they reach.

    An act takes from one lot. What other lots hold is left for the next act, so that only what is in none is
    receivable.
    """
    source = GrantSource(each.batch, place)
    held: dict[tuple[str, int], int] = {}
    for holder in attribution.left_of(source):
        live, _ = desk.ask("MunicipalPoint", series, "lotsOf", holder)
        by_month = attribution.left_by_month(source, series, holder)
        held |= {(holder, month): by_month[month] for month in live if month in by_month}
    if not held:
        number = each.grants.rows[place].number
        account = desk.ask("ResidentRegistry", desk.registry, "accountOf", desk.code, number)
        return each.batch, place, account, amount, 0, 0
    account, month = max(held, key=lambda lot: held[lot])
    ends = desk.ask(SERVICE, desk.service(SERVICE), "batchOf", each.batch)[4]
    taken = min(amount, held[account, month])
    gone = max(amount - sum(held.values()), 0)
    return each.batch, place, account, taken + gone, taken, month if month > ends else 0


def _proposed(desk: Desk, service: str) -> dict[tuple[int, int], _Terms]:
    """Return the terms of open proposals by batch and row: what is spent since changes nothing in them."""
    found = [call.arguments["terms"] for _, call in open_calls(desk, SERVICE, service, "revokeGrant")]
    return {
        (batch, row): (batch, row, to_checksum_address(account), *amounts)
        for batch, row, account, *amounts in found
    }


def _act(desk: Desk, service: str, each: ListOfFile, terms: _Terms) -> Act:
    _, words, siblings = each.grants.branch_of_row(terms[1])
    return desk.act(
        SERVICE, service, "revokeGrant", desk.code, terms, words, siblings,
        reason=Reason.WRONG_GRANT, subject=f"利用者番号 {each.grants.rows[terms[1]].number}",
    )  # fmt: skip
