"""The command that grants (付与): grants.csv becomes lists that two officers approve and anybody runs.

For each programme and occurrence that the file names there is one list, in the order of resident numbers. A
list that the chain has is not approved again; rows that the chain has granted are not run again; and a list
that holds somebody who was granted for that occurrence by another list is refused before anything is sent
(Amagasaki granted 815 people twice from a second list).
"""

from __future__ import annotations

from argparse import Namespace
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from scripts.lib.administration.columns import read_rows
from scripts.lib.administration.desk import Desk
from scripts.lib.administration.execution import input_digest
from scripts.lib.administration.list_run import ListRun, row_notes
from scripts.lib.administration.programmes import (
    SERVICE,
    Programme,
    opened_programmes,
    present_fiscal_year,
)
from scripts.lib.administration.task import CommandError, Survey, Task
from scripts.lib.bilingual import Bilingual
from scripts.lib.bulk_grants import Ungranted, rows_that_fit
from scripts.lib.calls import View
from scripts.lib.contract_abi import event_topic
from scripts.lib.csv_table import BadRows, Column, CsvTable, Fault, Row, text, whole_number
from scripts.lib.event_log import read_events
from scripts.lib.expiry_rule import NEVER
from scripts.lib.grant_issue import GrantIssue
from scripts.lib.grant_list import MAX_FIELD, GrantList
from scripts.lib.grant_list import Row as GrantRow
from scripts.lib.japan_calendar import era_day_label, era_moment_label, fiscal_year_label
from scripts.lib.reasons import Reason

COLUMNS = (
    Column("number", "利用者番号", whole_number(1, MAX_FIELD)),
    Column("points", "ポイント", whole_number(1, MAX_FIELD), optional=True),
    Column("programme", "事業", text, optional=True),
    Column("occurrence", "実施回", text, optional=True),
)
"""Of grants.csv. Programme and occurrence may be given with the command instead; points may be left out where
the programme fixes them."""


class Target(NamedTuple):
    """What a list is for."""

    programme: Programme
    occurrence: int
    label: str


@dataclass
class ListOfFile:
    """One list of the file, and what the chain has of it.

    Attributes:
        rows: of the file, in the order of the list.
        granted: whether the chain shows each granted for the occurrence.
        batch: its number on the chain; 0 if it is not approved.
    """

    target: Target
    rows: list[Row]
    grants: GrantList
    file_hash: bytes
    granted: list[bool]
    batch: int = 0


def grant(desk: Desk, options: Namespace) -> Survey:
    """Approve and run the lists of a file."""
    service = desk.service(SERVICE)
    lists = read_lists(desk, options, service)
    survey = Survey(Bilingual("Grants", "ポイントの付与"))
    for each in lists:
        _survey(desk, survey, service, each)
    total = sum(each.grants.total_points for each in lists)
    survey.figure("Rows of the file", "ファイルの行数", sum(len(each.rows) for each in lists))
    survey.figure("Points of the file", "ファイルのポイント合計", total)
    granted = sum(
        row.points for each in lists for row, done in zip(each.grants.rows, each.granted, strict=True) if done
    )
    survey.figure("Points granted on the chain", "チェーンで付与済みのポイント", granted)
    for series in {each.target.programme.series for each in lists}:
        allowance, _ = desk.ask("MunicipalPoint", series, "minterOf", service)
        survey.figure("Allowance of the series left, points", "種別の発行可能残額(ポイント)", allowance)
    return survey


def stop_batch(desk: Desk, options: Namespace) -> Survey:
    """Stop a list for good; what it has not granted is released."""
    service = desk.service(SERVICE)
    batch = desk.ask(SERVICE, service, "batchOf", options.batch)
    if not batch[1]:
        raise CommandError(f"there is no list {options.batch}", f"名簿{options.batch}はありません")
    survey = Survey(Bilingual(f"Stop list {options.batch}", f"付与名簿{options.batch}の停止"))
    survey.figure("Points granted of its total", "付与済み / 総ポイント", f"{batch[7]:,} / {batch[6]:,}")
    if batch[8]:
        survey.done = 1
    else:
        act = desk.act(
            SERVICE, service, "stopBatch", desk.code, options.batch, reason=Reason.CLERICAL_MISTAKE
        )
        survey.tasks.append(Task(act))
    return survey


# ------------------------------------------------------------------------------------------------ LISTS


def read_lists(desk: Desk, options: Namespace, service: str) -> list[ListOfFile]:
    """Read the file and what the chain has of it.

    Raises:
        BadRows: a row cannot be granted as the file has it.
    """
    targets: dict[int, Target] = {}
    opened = opened_programmes(desk)

    def check(table: CsvTable) -> None:
        _find_targets(desk, options, service, table, opened, targets)
        _refuse_repeated(table, targets)

    rows = read_rows(options.file, COLUMNS, check)
    file_hash = bytes.fromhex(input_digest(options.file))
    together: defaultdict[Target, list[Row]] = defaultdict(list)
    for row in rows:
        together[targets[row.line]].append(row)
    lists = []
    for target, its in together.items():
        its.sort(key=lambda row: row["number"])
        grants = GrantList([GrantRow(row["number"], _points(row, target)) for row in its])
        granted = desk.read(
            [View(SERVICE, service, "isGranted", (target.occurrence, row["number"])) for row in its]
        )
        lists.append(ListOfFile(target, its, grants, file_hash, [bool(each) for each in granted]))
    _find_batches(desk, service, lists)
    _refuse_granted_elsewhere(options, lists)
    return lists


def _points(row: Row, target: Target) -> int:
    return int(row["points"] or target.programme.points)


def _find_targets(
    desk: Desk,
    options: Namespace,
    service: str,
    table: CsvTable,
    opened: Sequence[Programme],
    targets: dict[int, Target],
) -> None:
    """Find programme and occurrence of each row; refuse rows that name none that is open."""
    by_name = _programmes_by_name(desk, options, opened)
    found: dict[tuple[str, str], Target | None] = {}
    for row in table.good_rows:
        name = row["programme"] or options.programme
        label = row["occurrence"] or options.occurrence
        if name is None or label is None:
            column = "programme" if name is None else "occurrence"
            table.refuse(row, column, "which one?", "事業と実施回は列かコマンドで指定してください")
            continue
        programmes = by_name.get(name, [])
        if len(programmes) != 1:
            reason = (
                ("no such programme is open", "開設されていない事業です")
                if not programmes
                else (
                    "several series have it: name one with --series",
                    "複数の種別にあります。--series で指定",
                )
            )
            table.refuse(row, "programme", *reason)
            continue
        if (name, label) not in found:
            number = desk.ask(SERVICE, service, "occurrenceOfLabel", programmes[0].number, label)
            found[name, label] = Target(programmes[0], number, label) if number else None
        target = found[name, label]
        if target is None:
            table.refuse(row, "occurrence", "it is not open", "開設されていない実施回です")
            continue
        fixed = target.programme.points
        if row["points"] is None and not fixed:
            table.refuse(row, "points", "how many?", "ポイントが必要です(定額でない事業)")
        elif fixed and row["points"] not in (None, fixed):
            table.refuse(
                row,
                "points",
                f"the programme grants {fixed:,} at a time",
                f"この事業は1回{fixed:,}ポイントです",
            )
        targets[row.line] = target


def _programmes_by_name(
    desk: Desk, options: Namespace, opened: Sequence[Programme]
) -> dict[str, list[Programme]]:
    """Return programmes by name, one for each series: the one whose period it is, else the latest."""
    now = desk.now()
    wanted = None if options.series is None else desk.token(options.series)
    chosen: dict[tuple[str, str], Programme] = {}
    for programme in opened:
        key = programme.name, programme.series
        is_current = key in chosen and chosen[key].first <= now <= chosen[key].last
        if wanted in (None, programme.series) and not is_current:
            chosen[key] = programme
    by_name: defaultdict[str, list[Programme]] = defaultdict(list)
    for (name, _), programme in chosen.items():
        by_name[name].append(programme)
    return by_name


def _refuse_repeated(table: CsvTable, targets: dict[int, Target]) -> None:
    first: dict[tuple[int, int], int] = {}
    for row in table.good_rows:
        key = targets[row.line].occurrence, row["number"]
        line = first.setdefault(key, row.line)
        if line != row.line:
            table.refuse(
                row,
                "number",
                f"the same resident and occurrence as in line {line}",
                f"{line}行目と同じ利用者・実施回です(二重付与)",
            )


def _find_batches(desk: Desk, service: str, lists: Sequence[ListOfFile]) -> None:
    """Note which lists were approved before, by their root; of several, the latest that can run."""
    topics = [
        event_topic(SERVICE, "BatchApproved"),
        None,
        ["0x" + each.target.occurrence.to_bytes(32, "big").hex() for each in lists],
    ]
    events = list(read_events(desk.connection.rpc, [service], desk.first_block, topics=topics))
    batches = desk.read([View(SERVICE, service, "batchOf", (e.arguments["batch"],)) for e in events])
    year = present_fiscal_year(desk.now())
    for event, batch in zip(events, batches, strict=True):
        root, stopped, dies = bytes(batch[0]), batch[8], batch[5]
        for each in lists:
            is_same = each.target.occurrence == batch[2] and each.grants.root == root
            if is_same and not stopped and dies >= year:
                each.batch = event.arguments["batch"]


def _refuse_granted_elsewhere(options: Namespace, lists: Sequence[ListOfFile]) -> None:
    """Refuse rows of a list that is not approved yet, if their residents were granted for the occurrence."""
    faults: list[Fault] = []
    table = CsvTable(options.file.absolute(), faults)
    for each in lists:
        if each.batch or all(each.granted):
            continue
        for row, granted in zip(each.rows, each.granted, strict=True):
            if granted:
                table.refuse(
                    row,
                    "number",
                    f"granted for {each.target.label} by another list before: take the row out",
                    f"別の名簿により「{each.target.label}」で付与済みです。行を削除してください",
                )
    if faults:
        raise BadRows(faults)


# ----------------------------------------------------------------------------------------------- SURVEY


def _survey(desk: Desk, survey: Survey, service: str, each: ListOfFile) -> None:
    survey.done += sum(each.granted)
    _tell(desk, survey, service, each)
    if all(each.granted):
        return
    obstacles = _obstacles(desk, service, each)
    if not each.batch:
        _require_room(desk, service, each)
        act = desk.act(
            SERVICE,
            service,
            "approveBatch",
            desk.code,
            each.target.occurrence,
            (each.grants.root, len(each.rows), each.grants.total_points, each.file_hash),
            reason=Reason.DECISION,
            subject=f"{each.target.programme.name} {each.target.label}",
        )
        survey.tasks.append(Task(act, rows=len(each.rows)))
        survey.later.append(Bilingual("then the list is run", "承認後に名簿を実行します"))
        survey.notes += _obstacle_notes(each, obstacles)
        return
    notes = _obstacle_notes(each, obstacles)
    survey.left += notes
    survey.more_left += len(obstacles) - len(notes)
    wanted = {place for place, done in enumerate(each.granted) if not done} - obstacles.keys()
    if wanted:
        run = ListRun(
            service,
            each.batch,
            each.grants,
            wanted,
            [row.line for row in each.rows],
            desk.anyone,
            rows_that_fit(desk.connection.rpc),
            f"{each.target.programme.name} {each.target.label}",
        )
        survey.tasks.append(Task(run, rows=len(wanted)))


def _require_room(desk: Desk, service: str, each: ListOfFile) -> None:
    """Make sure that a list can be approved today, before an officer proposes it.

    Raises:
        CommandError: the programme's period or budget does not allow it.
    """
    programme, now = each.target.programme, desk.now()
    if not programme.first <= now <= programme.last:
        first, last = era_moment_label(programme.first), era_moment_label(programme.last)
        raise CommandError(
            f"lists of {programme.name} are approved from {first.english} to {last.english}",
            f"{programme.name}の名簿を承認できる期間は{first.japanese}から{last.japanese}までです",
        )
    points, reserved = desk.ask(SERVICE, service, "budgetOf", programme.number, present_fiscal_year(now))
    left, total = points - reserved, each.grants.total_points
    if total > left:
        raise CommandError(
            f"{programme.name}: the budget has {left:,} points left, the list takes {total:,}",
            f"{programme.name}: 年度予算の残額は{left:,}ポイント、名簿は{total:,}ポイントです",
        )


def _obstacles(desk: Desk, service: str, each: ListOfFile) -> dict[int, GrantIssue]:
    """Return why rows cannot be granted now, by place in the list, as far as views tell it."""
    programme = each.target.programme
    places = [place for place, granted in enumerate(each.granted) if not granted]
    numbers = [each.grants.rows[place].number for place in places]
    accounts = desk.accounts_of(numbers)
    known = [account for account in accounts if account is not None]
    views = [View("MunicipalPoint", programme.series, "frozenOf", (account,)) for account in known]
    stops = dict(zip(known, desk.read(views), strict=True))
    used = dict.fromkeys(numbers, 0)
    if programme.cap:
        year = present_fiscal_year(desk.now())
        asked = [View(SERVICE, service, "grantedInYear", (programme.number, year, each)) for each in numbers]
        used = dict(zip(numbers, desk.read(asked), strict=True))
    found = {}
    for place, number, account in zip(places, numbers, accounts, strict=True):
        if account is None:
            found[place] = GrantIssue.UNREGISTERED
        elif any(stops[account]):
            found[place] = GrantIssue.ACCOUNT_STOPPED
        elif programme.cap and used[number] + each.grants.rows[place].points > programme.cap:
            found[place] = GrantIssue.CAP_REACHED
    return found


def _obstacle_notes(each: ListOfFile, obstacles: dict[int, GrantIssue]) -> list[Bilingual]:
    ungranted = [Ungranted(place, *each.grants.rows[place], issue) for place, issue in obstacles.items()]
    return row_notes([row.line for row in each.rows], ungranted)


def _tell(desk: Desk, survey: Survey, service: str, each: ListOfFile) -> None:
    """Add what the officer confirms: totals, budget, cap, and when the points end."""
    programme, now = each.target.programme, desk.now()
    year = present_fiscal_year(now)
    month = (
        desk.ask(SERVICE, service, "batchOf", each.batch)[4] if each.batch else programme.expiry_month(now)
    )
    day = Bilingual("no expiry", "期限なし") if month == NEVER else era_day_label(month)
    points, reserved = desk.ask(SERVICE, service, "budgetOf", programme.number, year)
    label, name = fiscal_year_label(year), f"{programme.name} {each.target.label}"
    total = each.grants.total_points
    until = "期限なし" if month == NEVER else f"{day.japanese}まで"
    survey.figure(f"{name}: rows, points", f"{name}: 行数・ポイント", f"{len(each.rows):,} / {total:,}")
    survey.figure(f"{name}: points end", f"{name}: 有効期限", f"{until} ({day.english})")
    survey.figure(
        f"{name}: budget of {label.english} left, points",
        f"{name}: {label.japanese}の予算残額(ポイント)",
        points - reserved,
    )
    if not each.batch:
        survey.figure(
            f"{name}: left of it after this list, points",
            f"{name}: この名簿の後の予算残額(ポイント)",
            points - reserved - total,
        )
    if programme.cap:
        survey.figure(
            f"{name}: cap of a resident and year, points", f"{name}: 1人の年度内上限(ポイント)", programme.cap
        )
