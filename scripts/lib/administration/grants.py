"""The command that grants (付与): grants.csv becomes lists that two officers approve and anybody runs.

For each programme and occurrence that the file names there is one list, in the order of resident numbers. A
list that the chain has is not approved again; rows that the chain has granted are not run again; and a list
that holds somebody who was granted for that occurrence by another list is refused before anything is sent
(Amagasaki granted 815 people twice from a second list). What was granted is told by the chain and never by
the file: an amount that was changed since is a fault, row by row.
"""

from __future__ import annotations

from argparse import Namespace
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from scripts.lib.administration.columns import read_rows
from scripts.lib.administration.desk import Desk
from scripts.lib.administration.execution import input_digest
from scripts.lib.administration.granted_rows import GrantedRow, KeptList, granted_rows, read_lists_of
from scripts.lib.administration.list_run import ListRun, row_notes
from scripts.lib.administration.other_lists import (
    WaitingList,
    notes_beside,
    of_unrun,
    refuse_beside,
    waiting_lists,
)
from scripts.lib.administration.programmes import (
    SERVICE,
    Programme,
    occurrences_of,
    opened_programmes,
    present_fiscal_year,
)
from scripts.lib.administration.task import CommandError, Survey, Task
from scripts.lib.bilingual import Bilingual, counted
from scripts.lib.bulk.grants import Ungranted, rows_that_fit
from scripts.lib.calls import View
from scripts.lib.csv_table import BadRows, Column, CsvTable, Fault, Row, text, whole_number
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

_SHOWN_NAMES = 20

_TOO_LITTLE = Bilingual(
    "Who got too little: open a further occurrence with `programmes`, and grant the difference there by a "
    "list of its own.",
    "付与済みの額が少なすぎる人には、追加の実施回を programmes で開設し、"
    "差額だけの名簿をその実施回で付与します。",
)
_TOO_MUCH = Bilingual(
    "Who got too much: revoke the difference before it is spent, with `revoke-grant`, the file that was "
    "granted and revocations.csv (利用者番号, ポイント). What is spent by then is recorded as owed.",
    "付与済みの額が多すぎる人からは、使われる前に、付与したときの名簿と取消しのファイル(利用者番号、ポイント)で"
    "revoke-grant を実行し、差額を取り消します。使われた分は返還請求として記録されます。",
)
_TO_OTHERS = Bilingual(
    "Whoever should not have got it: revoke it before it is spent, with `revoke-grant`.",
    "付与すべきでなかった人の分は、使われる前に revoke-grant で取り消します。",
)
ADVICE = {"too_little": _TOO_LITTLE, "too_much": _TOO_MUCH, "to_others": _TO_OTHERS}
"""What is done about a grant that was a mistake: no other file changes it."""


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
        granted: whether the chain shows each granted for the occurrence, by whichever list.
        batch: its number on the chain; 0 if it is not approved, or cannot be run any more.
        own: batches of just this list, those included that cannot be run any more.
        others: batches of other lists for the occurrence that have granted something.
        unrun: batches of other lists for the occurrence that can be run, and have rows left.
        by_others: what others have granted of these rows, by place; with points 0 if the chain does not tell.
        granted_points: what the chain has granted of these rows.
    """

    target: Target
    rows: list[Row]
    grants: GrantList
    file_hash: bytes
    granted: list[bool]
    batch: int = 0
    own: list[KeptList] = field(default_factory=list)
    others: list[KeptList] = field(default_factory=list)
    unrun: list[KeptList] = field(default_factory=list)
    by_others: dict[int, GrantedRow] = field(default_factory=dict)
    granted_points: int = 0

    @property
    def name(self) -> str:
        """What officers call it."""
        return f"{self.target.programme.name} {self.target.label}"


def grant(desk: Desk, options: Namespace) -> Survey:
    """Approve and run the lists of a file."""
    service = desk.service(SERVICE)
    lists = read_lists(desk, options, service)
    survey = Survey(Bilingual("Grants", "ポイントの付与"))
    survey.all_done = Bilingual("All of it is granted.", "すべて付与済みです。")
    issues = _issues(desk, service, lists)
    waiting = waiting_lists(desk, service, [each.target.occurrence for each in lists])
    if not options.another_list:
        refuse_beside(options, lists, waiting)
    for each, its in zip(lists, issues, strict=True):
        _survey(desk, survey, service, each, its, waiting)
    _tell_what_will_be(survey, lists, issues)
    total = sum(each.grants.total_points for each in lists)
    survey.figure("Rows of the file", "ファイルの行数", sum(len(each.rows) for each in lists))
    survey.figure("Points of the file", "ファイルのポイント合計", total)
    granted = sum(each.granted_points for each in lists)
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
        if table.faults:
            _refuse_what_the_chain_refuses(desk, service, table, targets)

    rows = read_rows(options.file, COLUMNS, check)
    lists = _lists_of(desk, service, rows, targets, bytes.fromhex(input_digest(options.file)))
    _find_grants(desk, service, lists)
    _refuse_granted_elsewhere(desk, service, options, lists)
    return lists


def _lists_of(
    desk: Desk, service: str, rows: Sequence[Row], targets: Mapping[int, Target], file_hash: bytes
) -> list[ListOfFile]:
    """Return some rows as lists, with which of them are granted."""
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
    for row in table.rows:
        # Of a row with a faulty cell the others are looked at all the same: all faults at once.
        if not {"programme", "occurrence"} <= row.values.keys():
            continue
        name = row["programme"] or options.programme
        label = row["occurrence"] or options.occurrence
        if name is None or label is None:
            column = "programme" if name is None else "occurrence"
            table.refuse(row, column, "which one?", "事業と実施回は列かコマンドで指定してください")
            continue
        programmes = by_name.get(name, [])
        if len(programmes) != 1:
            table.refuse(row, "programme", *_why_no_programme(programmes, list(by_name)))
            continue
        if (name, label) not in found:
            number = desk.ask(SERVICE, service, "occurrenceOfLabel", programmes[0].number, label)
            found[name, label] = Target(programmes[0], number, label) if number else None
        target = found[name, label]
        if target is None:
            is_open = _listed(occurrences_of(desk, programmes[0].number))
            table.refuse(
                row,
                "occurrence",
                f"it is not open; open are: {is_open}. A new one is opened by `municipality programmes`",
                f"開設されていない実施回です。開設済み: {is_open}。"
                "新しい実施回は municipality programmes で開設します",
            )
            continue
        targets[row.line] = target
        if "points" not in row.values:
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


def _why_no_programme(programmes: Sequence[Programme], opened: Sequence[str]) -> tuple[str, str]:
    if programmes:
        return "several series have it: name one with --series", "複数の種別にあります。--series で指定"
    is_open = _listed(opened)
    return (
        f"no such programme is open; open are: {is_open}. A new one is opened by `municipality programmes`",
        f"開設されていない事業です。開設済み: {is_open}。新しい事業は municipality programmes で開設します",
    )


def _listed(names: Sequence[str]) -> str:
    """Return the latest names, and how many more there are."""
    latest = "、".join(names[-_SHOWN_NAMES:]) or "—"
    return latest if len(names) <= _SHOWN_NAMES else f"…、{latest} ({len(names):,})"


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


def _refuse_repeated(table: CsvTable, targets: Mapping[int, Target]) -> None:
    first: dict[tuple[int, int], int] = {}
    for row in _placed(table, targets):
        key = targets[row.line].occurrence, row["number"]
        line = first.setdefault(key, row.line)
        if line != row.line:
            table.refuse(
                row,
                "number",
                f"the same resident and occurrence as in line {line}",
                f"{line}行目と同じ利用者・実施回です(二重付与)",
            )


def _placed(table: CsvTable, targets: Mapping[int, Target]) -> Iterator[Row]:
    """Yield the rows of which it can be told who is to be granted for what."""
    return (row for row in table.rows if row.line in targets and "number" in row.values)


def _refuse_what_the_chain_refuses(
    desk: Desk, service: str, table: CsvTable, targets: Mapping[int, Target]
) -> None:
    """Add to the faults of a file what the chain would not grant of its good rows: all is told at once."""
    lists = _lists_of(desk, service, table.good_rows, targets, b"")
    for each, issues in zip(lists, _issues(desk, service, lists), strict=True):
        done = [row for row, granted in zip(each.rows, each.granted, strict=True) if granted]
        for row in done[:_SHOWN_NAMES]:
            table.refuse(
                row,
                "number",
                f"granted for {each.target.label} before",
                f"「{each.target.label}」で付与済みです",
            )
        if len(done) > _SHOWN_NAMES:
            more, label = len(done) - _SHOWN_NAMES, each.target.label
            table.refuse_file(
                f"{more:,} more rows are granted for {label} before",
                f"ほか{more:,}行も「{label}」で付与済みです",
            )
        for place, issue in issues.items():
            table.refuse(each.rows[place], "number", *issue.label)


def _find_grants(desk: Desk, service: str, lists: Sequence[ListOfFile]) -> None:
    """Note which lists were approved before, by their root, and what the chain has granted of their rows.

    Of several that can run, the latest counts.
    """
    year = present_fiscal_year(desk.now())
    for kept in read_lists_of(desk, service, [each.target.occurrence for each in lists]):
        for each in lists:
            if each.target.occurrence != kept.occurrence:
                continue
            if each.grants.root != kept.root:
                each.others += [kept] if kept.granted_points else []
                is_left = kept.granted_points < kept.total_points
                each.unrun += [kept] if is_left and not kept.is_stopped and kept.fiscal_year >= year else []
                continue
            each.own.append(kept)
            if not kept.is_stopped and kept.fiscal_year >= year:
                each.batch = kept.batch
    for each in lists:
        each.granted_points = sum(kept.granted_points for kept in each.own)
        each.by_others = _by_others(desk, service, each)
        each.granted_points += sum(row.points for row in each.by_others.values())


def _by_others(desk: Desk, service: str, each: ListOfFile) -> dict[int, GrantedRow]:
    """Return which rows other lists have granted, by place in this one."""
    places = {place for place, granted in enumerate(each.granted) if granted}
    for kept in each.own:
        if kept.granted_points == each.grants.total_points:
            return {}
        views = [View(SERVICE, service, "isRowGranted", (kept.batch, place)) for place in sorted(places)]
        answers = desk.read(views) if kept.granted_points else [False] * len(views)
        places -= {place for place, granted in zip(sorted(places), answers, strict=True) if granted}
    if not places:
        return {}
    by_number = {row.number: row for kept in each.others for row in granted_rows(desk, service, kept)}
    unknown = {place: GrantedRow(0, 0, each.grants.rows[place].number, 0) for place in places}
    return {place: by_number.get(nobody.number, nobody) for place, nobody in unknown.items()}


def _refuse_granted_elsewhere(
    desk: Desk, service: str, options: Namespace, lists: Sequence[ListOfFile]
) -> None:
    """Refuse a list that cannot be run, where the chain has granted its residents something else, or some.

    If all are granted, rows with another amount are faults, and residents whom the file leaves out; if only
    some are, all those are faults: another list cannot hold them again.
    """
    faults: list[Fault] = []
    advice: set[Bilingual] = set()
    titles = {column.name: column.japanese for column in COLUMNS}
    table = CsvTable(options.file.absolute(), faults, titles=titles)
    for each in lists:
        if each.batch or not any(each.granted):
            continue
        if not all(each.granted):
            _refuse_granted(options, table, each)
        elif each.by_others:
            advice |= _refuse_other_amounts(table, each)
            advice |= _refuse_left_out(desk, service, table, each)
    if faults:
        raise BadRows(faults, [told for told in ADVICE.values() if told in advice])


def _refuse_granted(options: Namespace, table: CsvTable, each: ListOfFile) -> None:
    label = each.target.label
    for kept in each.unrun:  # what is missing stands there, and is run rather than proposed again
        table.refuse_file(*of_unrun(options, each, kept))
    for place, (row, granted) in enumerate(zip(each.rows, each.granted, strict=True)):
        if not granted:
            continue
        before = each.by_others.get(place)
        points = before.points if before else each.grants.rows[place].points
        amount = f"{points:,}" if points else "?"
        batch = f"{before.batch}, " if before and before.batch else ""
        which = f"名簿{before.batch}、" if before and before.batch else ""
        table.refuse(
            row,
            "number",
            f"granted for {label} by another list before ({batch}{amount} points): take the row out",
            f"別の名簿により「{label}」で付与済みです({which}{amount}ポイント)。行を削除してください",
        )


def _refuse_other_amounts(table: CsvTable, each: ListOfFile) -> set[Bilingual]:
    """Refuse rows whose residents were granted another amount than the file says; return what to do."""
    label, advice = each.target.label, set()
    for place, before in sorted(each.by_others.items()):
        points = each.grants.rows[place].points
        if not before.points:
            table.refuse(
                each.rows[place],
                "points",
                f"granted for {label} by another list; the chain does not tell how many points",
                f"別の名簿により「{label}」で付与済みです。その額を取引から読めません",
            )
        elif before.points != points:
            advice.add(_TOO_LITTLE if before.points < points else _TOO_MUCH)
            table.refuse(
                each.rows[place],
                "points",
                f"{before.points:,} points were granted for {label} (list {before.batch}), the file has "
                f"{points:,}: what is granted does not change with the file",
                f"「{label}」では{before.points:,}ポイントを付与済みです(名簿{before.batch})。"
                f"ファイルは{points:,}ポイントです。ファイルを直しても付与済みの額は変わりません",
            )
    total = each.grants.total_points
    if each.granted_points != total:
        table.refuse_file(
            f"{each.name}: the chain has granted {each.granted_points:,} points, the file has {total:,}",
            f"{each.name}: チェーンで付与済みは{each.granted_points:,}ポイント、"
            f"ファイルは{total:,}ポイントです",
        )
    return advice


def _refuse_left_out(desk: Desk, service: str, table: CsvTable, each: ListOfFile) -> set[Bilingual]:
    """Refuse a file without residents whom the same lists have granted for it; return what to do."""
    batches = {before.batch for before in each.by_others.values()}
    present = {row.number for row in each.grants.rows}
    left_out = [
        row
        for kept in each.others
        if kept.batch in batches
        for row in granted_rows(desk, service, kept)
        if row.number not in present
    ]
    label = each.target.label
    for row in left_out[:_SHOWN_NAMES]:
        table.refuse_file(
            f"resident {row.number} was granted {row.points:,} points for {label} (list {row.batch}) and is "
            "not in the file",
            f"利用者番号{row.number}は「{label}」で{row.points:,}ポイントを付与済みですが(名簿{row.batch})、"
            "ファイルにありません",
        )
    if len(left_out) > _SHOWN_NAMES:
        more = len(left_out) - _SHOWN_NAMES
        table.refuse_file(f"{more:,} more are granted and not in the file", f"ほか{more:,}人も同じです")
    return {_TO_OTHERS} if left_out else set()


# ----------------------------------------------------------------------------------------------- SURVEY


def _survey(
    desk: Desk,
    survey: Survey,
    service: str,
    each: ListOfFile,
    issues: Mapping[int, GrantIssue],
    waiting: Sequence[WaitingList],
) -> None:
    survey.done += sum(each.granted) - (len(each.by_others) if each.batch else 0)
    _tell(desk, survey, service, each)
    if each.batch and each.by_others:
        _tell_granted_elsewhere(survey, each)
    if all(each.granted):
        return
    notes = _issue_notes(each, issues)
    survey.left += notes
    survey.more_left += len(issues) - len(notes)
    if not each.batch:
        _require_room(desk, service, each)
        survey.notes += notes_beside(each, waiting)
        act = desk.act(
            SERVICE,
            service,
            "approveBatch",
            desk.code,
            each.target.occurrence,
            (each.grants.root, len(each.rows), each.grants.total_points, each.file_hash),
            reason=Reason.DECISION,
            subject=each.name,
        )
        survey.tasks.append(Task(act, rows=len(each.rows)))
        survey.later.append(Bilingual("then the list is run", "承認後に名簿を実行します"))
        survey.previews.append(_preview(each))
        return
    wanted = {place for place, done in enumerate(each.granted) if not done} - issues.keys()
    if wanted:
        run = ListRun(
            service,
            each.batch,
            each.grants,
            wanted,
            [row.line for row in each.rows],
            desk.anyone,
            rows_that_fit(desk.connection.rpc),
            each.name,
        )
        survey.tasks.append(Task(run, rows=len(wanted)))


def _preview(each: ListOfFile) -> tuple[str, list[str]]:
    """Return the rows of a list: what two officers decide on, of which the chain has only the root."""
    pairs = zip(each.rows, each.grants.rows, strict=True)
    return f"名簿 {each.name} / list: {counted(len(each.rows), 'row')}", [
        f"{row.line}行目 利用者番号{granted.number} → {granted.points:,}ポイント" for row, granted in pairs
    ]


def _tell_granted_elsewhere(survey: Survey, each: ListOfFile) -> None:
    """Tell which rows of an approved list another list has granted: this one never will."""
    for place, before in sorted(each.by_others.items())[:_SHOWN_NAMES]:
        line, amount = each.rows[place].line, f"{before.points:,}" if before.points else "?"
        survey.left.append(
            Bilingual(
                f"line {line}, resident {before.number}: granted by list {before.batch or '?'} before, "
                f"{amount} points",
                f"{line}行目 利用者番号{before.number}: 別の名簿{before.batch or '?'}により"
                f"{amount}ポイントを付与済み",
            )
        )
    survey.more_left += max(len(each.by_others) - _SHOWN_NAMES, 0)


def _tell_what_will_be(
    survey: Survey, lists: Sequence[ListOfFile], issues: Sequence[Mapping[int, GrantIssue]]
) -> None:
    """Say over the rows that will be skipped that they will be, and with the question what is granted."""
    skipped = sum(map(len, issues)) + sum(len(each.by_others) for each in lists if each.batch)
    if skipped:
        survey.heading_of_left = Bilingual(
            f"{counted(skipped, 'row')} will not be granted:", f"次の{skipped:,}行は付与されません"
        )
    rows = [
        each.grants.rows[place]
        for each, its in zip(lists, issues, strict=True)
        for place, granted in enumerate(each.granted)
        if not granted and place not in its
    ]
    if not all(all(each.granted) for each in lists):
        points = sum(row.points for row in rows)
        survey.figure(
            "To be granted: rows, points", "付与される行数・ポイント", f"{len(rows):,} / {points:,}"
        )
        survey.question = Bilingual(
            f"{counted(len(rows), 'row')} and {counted(points, 'point')} are to be granted.",
            f"付与されるのは{len(rows):,}行、{points:,}ポイントです。",
        )


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


def _issues(desk: Desk, service: str, lists: Sequence[ListOfFile]) -> list[dict[int, GrantIssue]]:
    """Return for each list why rows cannot be granted now, by place in it, as far as views tell it.

    The lists are run in this order, so that a resident's cap is used up by the first.
    """
    year = present_fiscal_year(desk.now())
    used: Counter[tuple[int, int]] = Counter()
    asked: set[tuple[int, int]] = set()
    found = []
    for each in lists:
        programme = each.target.programme
        places = [place for place, granted in enumerate(each.granted) if not granted]
        numbers = [each.grants.rows[place].number for place in places]
        accounts = desk.accounts_of(numbers)
        known = [account for account in accounts if account is not None]
        views = [View("MunicipalPoint", programme.series, "frozenOf", (account,)) for account in known]
        stops = dict(zip(known, desk.read(views), strict=True))
        if programme.cap:
            new = [number for number in numbers if (programme.number, number) not in asked]
            views = [View(SERVICE, service, "grantedInYear", (programme.number, year, each)) for each in new]
            for number, points in zip(new, desk.read(views), strict=True):
                used[programme.number, number] += points
            asked |= {(programme.number, number) for number in new}
        its: dict[int, GrantIssue] = {}
        for place, number, account in zip(places, numbers, accounts, strict=True):
            key, points = (programme.number, number), each.grants.rows[place].points
            if account is None:
                its[place] = GrantIssue.UNREGISTERED
            elif any(stops[account]):
                its[place] = GrantIssue.ACCOUNT_STOPPED
            elif programme.cap and used[key] + points > programme.cap:
                its[place] = GrantIssue.CAP_REACHED
            else:
                used[key] += points
        found.append(its)
    return found


def _issue_notes(each: ListOfFile, issues: Mapping[int, GrantIssue]) -> list[Bilingual]:
    ungranted = [Ungranted(place, *each.grants.rows[place], issue) for place, issue in issues.items()]
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
    label, name = fiscal_year_label(year), each.name
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
