"""Commands about programmes (付与事業): programmes.csv, and what the chain has of them."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from typing import Any, NamedTuple

from eth_utils import keccak, to_checksum_address

from scripts.lib.acts import Act
from scripts.lib.administration.columns import (
    DATE,
    FISCAL_YEAR,
    LABELS,
    RULES,
    expiry_rule,
    fiscal_year,
    labels,
    moment,
    read_rows,
)
from scripts.lib.administration.desk import Desk
from scripts.lib.administration.done_before import ChangedRows
from scripts.lib.administration.task import Survey, Task
from scripts.lib.bilingual import Bilingual, counted
from scripts.lib.calls import View
from scripts.lib.contract_abi import event_topic
from scripts.lib.csv_table import Column, CsvTable, Row, text, whole_number
from scripts.lib.expiry_rule import MAX_TERM_MONTHS, NEVER, ExpiryRule, expiry_month, rule_label
from scripts.lib.japan_calendar import (
    era_day_label,
    era_moment_label,
    fiscal_year_end,
    fiscal_year_label,
    last_second,
    month_of,
    months_of_fiscal_year,
    start_of,
)
from scripts.lib.node.event_log import read_events
from scripts.lib.reasons import Reason
from scripts.lib.town_year.programme_rows import COLUMNS as PROMISES

SERVICE = "GrantProgrammes"

COLUMNS = (
    *PROMISES,
    Column("fiscal_year", "年度", fiscal_year, allowed=FISCAL_YEAR),
    Column("occurrences", "実施回", labels, optional=True, allowed=LABELS),
    Column("expiry_rule", "有効期限の規則", expiry_rule, allowed=RULES),
    Column("expiry_months", "有効期限の月数", whole_number(0, NEVER), optional=True),
    Column("first", "開始日", moment, optional=True, allowed=f"{DATE}(空欄は年度の初め)"),
    Column("last", "終了日", moment, optional=True, allowed=f"{DATE}(空欄は年度末)"),
    Column("series", "種別", text, optional=True, allowed="種別が2つ以上あるとき"),
)
"""Of programmes.csv. Several 実施回 have a bar between them; 年度 is the year of its April."""


class Programme(NamedTuple):
    """A programme as the chain has it.

    Attributes:
        series: that it grants into now; `before`: those that this one has taken over from, the first first.
        points: of every grant; 0 if each row has its own. `cap`: of a resident and fiscal year; 0 for none.
    """

    number: int
    name: str
    series: str
    points: int
    cap: int
    first: int
    last: int
    rule: ExpiryRule
    months: int
    place: str
    contents: bytes
    before: tuple[str, ...] = ()

    def expiry_month(self, now: int) -> int:
        """Return the month with which points end that are approved now."""
        return expiry_month(self.rule, self.months, month_of(now))


def opened_programmes(desk: Desk) -> list[Programme]:
    """Return the municipality's programmes, oldest first."""
    topics = [event_topic(SERVICE, "ProgrammeOpened"), "0x" + desk.code.to_bytes(32, "big").hex()]
    found = {}
    rpc, service = desk.connection.rpc, desk.service(SERVICE)
    for event in read_events(rpc, [service], desk.first_block, topics=topics):
        series, name, place, first, last, points, cap, rule, months, contents = event.arguments["terms"]
        token, number = to_checksum_address(series), event.arguments["programme"]
        kept = (points, cap, first, last, ExpiryRule(rule), months, place, bytes(contents))
        found[number] = Programme(number, name, token, *kept)
    topics = [event_topic(SERVICE, "ProgrammeFollowed")]
    for event in read_events(rpc, [service], desk.first_block, topics=topics):
        its = found.get(event.arguments["programme"])
        if its is not None:
            present = event.arguments["series"]
            found[its.number] = its._replace(series=present, before=(*its.before, its.series))
    return list(found.values())


def occurrences_of(desk: Desk, programme: int) -> list[str]:
    """Return the labels of a programme's occurrences, in the order in which they were opened."""
    topics = [event_topic(SERVICE, "OccurrenceOpened"), f"0x{programme:064x}"]
    events = read_events(desk.connection.rpc, [desk.service(SERVICE)], desk.first_block, topics=topics)
    return [event.arguments["label"] for event in events]


def programmes(desk: Desk, options: Namespace) -> Survey:
    """Open programmes with their budgets and occurrences, as a file says."""
    rows = read_rows(options.file, COLUMNS, _check, unique=("programme", "series", "fiscal_year"))
    service = desk.service(SERVICE)
    opened = opened_programmes(desk)
    survey = Survey(Bilingual("Programmes", "付与事業の開設"))
    found = [(row, desk.token(row["series"] or options.series)) for row in rows]
    _refuse_other_terms(options, opened, found)
    for row, token in found:
        months = months_of_fiscal_year(row["fiscal_year"])
        programme = _opened_for(opened, token, row, months)
        _tell(desk, survey, row, months)
        if programme is None:
            arguments = _terms(row, token, months)
            survey.tasks.append(Task(_act(desk, service, "openProgramme", (arguments,), row["programme"])))
            survey.later.append(
                Bilingual(
                    f"{row['programme']}: then its budget and its occurrences",
                    f"{row['programme']}: 開設後に年度予算と実施回を登録します",
                )
            )
        else:
            _go_on(desk, survey, service, row, programme, months.stop - 1)
    survey.figure("Programmes in the file", "ファイルの事業数", len(rows))
    survey.figure(
        "Budgets in the file, points", "年度予算の合計(ポイント)", sum(row["budget"] for row in rows)
    )
    return survey


def _refuse_other_terms(
    options: Namespace, opened: Sequence[Programme], found: Sequence[tuple[Row, str]]
) -> None:
    """Refuse rows of programmes that were opened on other terms: these stay as they were decided.

    Raises:
        BadRows: there are some.
    """
    changed = ChangedRows(options.file, COLUMNS)
    for row, token in found:
        months = months_of_fiscal_year(row["fiscal_year"])
        programme = _opened_for(opened, token, row, months)
        if programme is None:
            continue
        changed.compare(row, "place", programme.place)
        changed.compare(row, "points_per_grant", programme.points, in_file=row["points_per_grant"] or 0)
        changed.compare(row, "yearly_cap", programme.cap, in_file=row["yearly_cap"] or 0)
        rule = rule_label(programme.rule, programme.months)
        if (row["expiry_rule"], row["expiry_months"] or 0) != (programme.rule, programme.months):
            changed.refuse(
                row,
                "expiry_rule",
                f"opened with the rule '{rule.english}': it does not change with the file",
                f"「{rule.japanese}」で開設済みです。ファイルを直しても変わりません",
            )
        if keccak(text=row["description"]) != programme.contents:
            changed.refuse(
                row,
                "description",
                "opened with another description: it does not change with the file",
                "別の内容で開設済みです。ファイルを直しても変わりません",
            )
        for column, second in (("first", programme.first), ("last", programme.last)):
            if row[column]:
                changed.compare(row, column, second, lambda second: era_moment_label(second).japanese)
    changed.require_none()


def _opened_for(opened: Sequence[Programme], token: str, row: Row, months: range) -> Programme | None:
    """Return the programme of a row: of its series and name, in a period that has to do with the row's.

    Last year's of the same name has not: a new one is opened. One that has followed its series to the
    successor goes on there: a second one would know nothing of what the first has granted.
    """
    _, _, _, first, last, *_ = _terms(row, token, months)
    for programme in reversed(opened):
        is_named = token in (programme.series, *programme.before) and programme.name == row["programme"]
        if is_named and programme.first <= last and programme.last >= first:
            return programme
    return None


def _go_on(desk: Desk, survey: Survey, service: str, row: Row, programme: Programme, march: int) -> None:
    """Add what an opened programme lacks of its budget and occurrences."""
    wanted = row["occurrences"] or []
    views = [View(SERVICE, service, "budgetOf", (programme.number, march))]
    views += [View(SERVICE, service, "occurrenceOfLabel", (programme.number, label)) for label in wanted]
    (points, reserved), *numbers = desk.read(views)
    missing = [label for label, number in zip(wanted, numbers, strict=True) if not number]
    survey.figure(
        f"{programme.name}: reserved of its budget, points",
        f"{programme.name}: 予算のうち確保済み(ポイント)",
        f"{reserved:,} / {points:,}",
    )
    if points != row["budget"]:
        if points:
            survey.notes.append(
                Bilingual(
                    f"{programme.name}: the budget changes from {points:,} to {row['budget']:,}",
                    f"{programme.name}: 年度予算を{points:,}から{row['budget']:,}に変更します",
                )
            )
        arguments: tuple[Any, ...] = (programme.number, march, row["budget"])
        survey.tasks.append(Task(_act(desk, service, "setBudget", arguments, programme.name)))
    if missing:
        arguments = (programme.number, missing)
        survey.tasks.append(Task(_act(desk, service, "openOccurrences", arguments, programme.name)))
    if points == row["budget"] and not missing:
        survey.done += 1


def _tell(desk: Desk, survey: Survey, row: Row, months: range) -> None:
    year = fiscal_year_label(months.stop - 1)
    rule, number = row["expiry_rule"], row["expiry_months"] or 0
    ends = rule_label(rule, number)
    granted_in = month_of(max(desk.now(), start_of(months.start)))
    now = expiry_month(rule, number, granted_in)
    day = Bilingual("no expiry", "期限なし") if now == NEVER else era_day_label(now)
    survey.notes.append(
        Bilingual(
            f"{row['programme']} ({year.english}): {row['budget']:,} points; end by the rule "
            f"'{ends.english}', of a grant approved now on {day.english}",
            f"{row['programme']}({year.japanese}): 予算{row['budget']:,}ポイント、有効期限は{ends.japanese}"
            f"(いま承認する付与は{day.japanese}まで)",
        )
    )
    wanted = row["occurrences"] or []
    names = "、".join(f"「{label}」" for label in wanted) or "—"
    survey.notes.append(
        Bilingual(
            f"{row['programme']}: {counted(len(wanted), 'occurrence')}: {names}",
            f"{row['programme']}: 実施回{len(wanted):,}件: {names}",
        )
    )
    last = era_moment_label(row["last"] or last_second(months.stop - 1))
    survey.notes.append(
        Bilingual(f"lists can be approved until {last.english}", f"名簿の承認は{last.japanese}まで")
    )


def _terms(row: Row, token: str, months: range) -> tuple[Any, ...]:
    return (
        token,
        row["programme"],
        row["place"],
        row["first"] or start_of(months.start),
        row["last"] or last_second(months.stop - 1),
        row["points_per_grant"] or 0,
        row["yearly_cap"] or 0,
        int(row["expiry_rule"]),
        row["expiry_months"] or 0,
        keccak(text=row["description"]),
    )


def _act(desk: Desk, service: str, function: str, arguments: tuple[Any, ...], name: str) -> Act:
    return desk.act(
        SERVICE, service, function, desk.code, *arguments, reason=Reason.NEW_PROGRAMME, subject=name
    )


def _check(table: CsvTable) -> None:
    for row in table.good_rows:
        rule, months = row["expiry_rule"], row["expiry_months"]
        needs = rule in (ExpiryRule.MONTHS_AFTER, ExpiryRule.FIXED_MONTH)
        if needs and months is None:
            table.refuse(row, "expiry_months", "the rule needs a number", "この規則には月数が必要です")
        elif rule is ExpiryRule.MONTHS_AFTER and months > MAX_TERM_MONTHS:
            table.refuse(
                row,
                "expiry_months",
                f"a term is at most {MAX_TERM_MONTHS} months",
                f"有効期間は{MAX_TERM_MONTHS}か月までです",
            )
        cap, points = row["yearly_cap"], row["points_per_grant"]
        if cap is not None and points is not None and cap < points:
            table.refuse(row, "yearly_cap", "less than one grant", "1回のポイントより少ない上限です")
        if row["first"] and row["last"] and row["last"] < row["first"]:
            table.refuse(row, "last", "ends before it begins", "終了日が開始日より前です")


def present_fiscal_year(now: int) -> int:
    """Return the March with which the present fiscal year ends."""
    return fiscal_year_end(month_of(now))
