"""Commands about the partner exchange: what partners do, and what municipalities agree with them."""

from __future__ import annotations

import re
from argparse import Namespace
from collections import Counter

from scripts.lib.administration.columns import DATE, address, code, moment, read_rows
from scripts.lib.administration.desk import Desk
from scripts.lib.administration.done_before import ChangedRows
from scripts.lib.administration.paper_keys import paper_key
from scripts.lib.administration.refusals import revert_label
from scripts.lib.administration.task import CommandError, Survey, Task
from scripts.lib.bank.paper import bank_paper, bank_reference
from scripts.lib.bilingual import Bilingual
from scripts.lib.calls import Call, View
from scripts.lib.contract_abi import event_topic
from scripts.lib.csv_table import CellError, Column, CsvTable, Row, text, whole_number
from scripts.lib.exchange.statement import statement, statement_csv, statement_table
from scripts.lib.exchange.terms import FOREVER, HeldIssue, Terms
from scripts.lib.expiry_rule import MAX_TERM_MONTHS
from scripts.lib.grant_list import MAX_FIELD
from scripts.lib.japan_calendar import era_moment_label
from scripts.lib.municipality_codes import lookup_number
from scripts.lib.node.event_log import read_events
from scripts.lib.personal_data import half_width
from scripts.lib.reasons import Reason
from scripts.lib.replays.exchange import ExchangeReplay, holding_id

EXCHANGE = "PartnerExchange"
SWEEP_HOLDINGS = 50
"""Held points of one sweep: each takes less than 250,000 gas."""

MAX_PARTNER = 2**24 - 1
_REFERENCE = re.compile(r"[0-9A-Za-z][0-9A-Za-z./_-]{0,63}")
_MAX_PARTNER_POINTS = 2**32 - 1
_MAX_LIMIT = 2**32 - 1


def _reference(cell: str) -> str:
    value = half_width(cell)
    if not _REFERENCE.fullmatch(value):
        raise CellError(
            "a reference is letters, digits and ./_- (64 at most)", "管理番号は英数字と./_-で64文字までです"
        )
    return value


def _bank_reference(cell: str) -> str:
    return text(" ".join(half_width(cell).split()))


EXCHANGE_COLUMNS = (
    Column("municipality", "団体コード", code),
    Column("number", "利用者番号", whole_number(1, MAX_FIELD)),
    Column("partner_points", "企業ポイント", whole_number(1, _MAX_PARTNER_POINTS)),
    Column("reference", "管理番号", _reference),
)
"""Of exchanges.csv, a partner's: the reference is the partner's own and counts once for ever.

On the chain stands its HMAC under the partner's key: whoever sees it cannot try out whose customer it was."""

TERMS_COLUMNS = (
    Column("partner", "協力企業番号", whole_number(1, MAX_PARTNER)),
    Column("key", "協力企業の鍵", address, for_hex=True),
    Column("from", "開始日", moment, optional=True, allowed=f"{DATE}(空欄は直ちに)"),
    Column("until", "終了日", moment, optional=True, allowed=f"{DATE}(空欄は期限なし)"),
    Column("numerator", "交換率の分子", whole_number(1, _MAX_LIMIT)),
    Column("denominator", "交換率の分母", whole_number(1, _MAX_LIMIT)),
    Column("unit", "交換単位", whole_number(1, _MAX_LIMIT)),
    Column("fee", "手数料", whole_number(0, _MAX_LIMIT), optional=True),
    Column("expiry_months", "有効期限の月数", whole_number(0, MAX_TERM_MONTHS)),
    Column("minimum", "最低", whole_number(1, _MAX_LIMIT)),
    Column("maximum", "最高", whole_number(1, _MAX_LIMIT)),
    Column("daily_limit", "1人1日の上限", whole_number(1, _MAX_LIMIT)),
    Column("yearly_limit", "1人年度内の上限", whole_number(1, _MAX_LIMIT)),
    Column("outstanding_limit", "未収の上限", whole_number(1, 2**40 - 1)),
)
"""Of terms.csv, what a municipality agrees with partners."""

RECEIPT_COLUMNS = (
    Column("partner", "協力企業番号", whole_number(1, MAX_PARTNER)),
    Column("yen", "入金額", whole_number(1, 2**40 - 1)),
    Column("reference", "銀行の照会番号", _bank_reference),
)
"""Of receipts.csv: what partners paid into the municipality's bank account."""

PARTNER_COLUMNS = (Column("name", "協力企業名", text), Column("key", "協力企業の鍵", address, for_hex=True))
"""Of partners.csv, the council's."""


# ------------------------------------------------------------------------------------------ THE PARTNER


def exchange(desk: Desk, options: Namespace) -> Survey:
    """Exchange for residents, as a partner's file says; each reference once."""
    rows = read_rows(options.file, EXCHANGE_COLUMNS, unique=("reference",))
    service = desk.service(EXCHANGE)
    partner, key = partner_at_hand(desk, service)
    survey = Survey(Bilingual("Exchange", "ポイント交換"))
    secret = paper_key(options.paper_key)
    names = [bank_paper(secret, row["reference"].encode()) for row in rows]
    holdings = [holding_id(partner, name) for name in names]
    states = desk.read([View(EXCHANGE, service, "holdingOf", (holding,)) for holding in holdings])
    by_town: Counter[int] = Counter()
    calls: list[tuple[Row, Call]] = []
    changed, done_points = ChangedRows(options.file, EXCHANGE_COLUMNS), 0
    for row, name, held in zip(rows, names, states, strict=True):
        if held[0]:
            survey.done += 1
            done_points += held[5]
            changed.compare(row, "municipality", held[1], lambda town: f"{town:06d}")
            changed.compare(row, "number", held[2], str)
            changed.compare(row, "partner_points", held[5])
            continue
        arguments = (row["municipality"], row["number"], row["partner_points"], name)
        calls.append((row, Call(EXCHANGE, service, "exchange", arguments, key, row["reference"])))
    changed.require_none()
    for (row, call), refusal in zip(calls, desk.refusals([call for _, call in calls]), strict=True):
        if refusal is None:
            by_town[row["municipality"]] += row["partner_points"]
            survey.tasks.append(Task(call))
        else:
            why = revert_label(refusal)
            survey.left.append(
                Bilingual(
                    f"line {row.line}, {row['reference']}: {why.english} ({refusal})",
                    f"{row.line}行目 {row['reference']}: {why.japanese}",
                )
            )
    survey.figure("Rows", "行数", len(rows))
    survey.figure(
        "Partner points in the file",
        "ファイルの企業ポイントの合計",
        sum(row["partner_points"] for row in rows),
    )
    survey.figure("Partner points exchanged on the chain", "チェーンで交換済みの企業ポイント", done_points)
    for town, points in by_town.items():
        _tell_terms(desk, survey, service, town, partner, points)
    return survey


def sweep(desk: Desk, options: Namespace) -> Survey:
    """Send points home whose 14 days have passed; anybody may."""
    service = desk.service(EXCHANGE)
    survey = Survey(Bilingual("Sweep held points", "留保ポイントの移行"))
    topics = [event_topic(EXCHANGE, "Exchanged")]
    events = read_events(desk.connection.rpc, [service], desk.first_block, topics=topics)
    holdings = [event.arguments["holding"] for event in events]
    issues = desk.read([View(EXCHANGE, service, "issueOf", (holding,)) for holding in holdings])
    due = []
    for holding, issue in zip(holdings, map(HeldIssue, issues), strict=True):
        if issue is HeldIssue.NONE:
            due.append(holding)
        elif issue is HeldIssue.NOT_HELD:
            survey.done += 1
    waiting = Counter(map(HeldIssue, issues))
    survey.figure("Waiting for their 14 days", "14日の待機中", waiting[HeldIssue.NOT_DUE])
    for issue in (
        HeldIssue.NO_MEMBERSHIP,
        HeldIssue.ACCOUNT_STOPPED,
        HeldIssue.PAUSED,
        HeldIssue.OUT_OF_ALLOWANCE,
    ):
        if waiting[issue]:
            survey.notes.append(
                Bilingual(
                    f"{waiting[issue]:,} stay held: {_ISSUES[issue].english}",
                    f"{waiting[issue]:,}件は留保のまま: {_ISSUES[issue].japanese}",
                )
            )
    sender = desk.anyone
    for start in range(0, len(due), SWEEP_HOLDINGS):
        chunk = due[start : start + SWEEP_HOLDINGS]
        call = Call(EXCHANGE, service, "sweep", (chunk,), sender, f"{start + 1}-{start + len(chunk)}")
        survey.tasks.append(Task(call, rows=len(chunk)))
    return survey


def partner_statement(desk: Desk, options: Namespace) -> Survey:
    """Show, and write, what each partner brought, paid and owes; sends nothing."""
    service = desk.service(EXCHANGE)
    replay = ExchangeReplay(service)
    for event in read_events(desk.connection.rpc, [service, *_all_series(desk)], desk.first_block):
        replay.apply(event)
    replay.finish()
    towns = {town: lookup_number(town).name for town in desk.municipalities}
    rows = statement(replay.ledgers, towns, replay.names)
    survey = Survey(Bilingual("What partners brought and owe", "協力企業別明細"))
    survey.tables = [statement_table(rows)]
    if options.file is not None:
        survey.files = {options.file: statement_csv(rows)}
    return survey


# ------------------------------------------------------------------------------------------ THE COUNCIL


def register_partners(desk: Desk, options: Namespace) -> Survey:
    """Register partners by their keys, as a file says."""
    rows = read_rows(options.file, PARTNER_COLUMNS, unique=("key",))
    service = desk.service(EXCHANGE)
    survey = Survey(Bilingual("Register partners", "協力企業の登録"))
    known = desk.read([View(EXCHANGE, service, "partnerOfKey", (row["key"],)) for row in rows])
    for row, number in zip(rows, known, strict=True):
        if number:
            survey.done += 1
            survey.figure(f"{row['name']}: number", f"{row['name']}: 協力企業番号", str(number))
            continue
        act = desk.act(
            EXCHANGE, service, "registerPartner", desk.code, row["key"], row["name"],
            reason=Reason.NEW_SERVICE, subject=row["name"],
        )  # fmt: skip
        survey.tasks.append(Task(act))
    return survey


def replace_partner_key(desk: Desk, options: Namespace) -> Survey:
    """Give a partner a new key."""
    service, key = desk.service(EXCHANGE), address(options.key)
    survey = Survey(Bilingual("New key of a partner", "協力企業の鍵の交換"))
    if _partner(desk, service, options.partner)[0] == key:
        survey.done = 1
    else:
        arguments = (desk.code, options.partner, key)
        act = desk.act(EXCHANGE, service, "replacePartnerKey", *arguments, reason=Reason.LOST_OFFICER_KEY)
        survey.tasks.append(Task(act))
    return survey


def suspend_partner(desk: Desk, options: Namespace) -> Survey:
    """Stop everything new of a partner in all municipalities."""
    return _suspension(desk, options, "suspendPartner", Bilingual("Suspend a partner", "協力企業の停止"))


def resume_partner(desk: Desk, options: Namespace) -> Survey:
    """End a partner's suspension."""
    title = Bilingual("Resume a partner", "協力企業の停止の解除")
    return _suspension(desk, options, "resumePartner", title)


# ----------------------------------------------------------------------------------------- MUNICIPALITIES


def accept_partners(desk: Desk, options: Namespace) -> Survey:
    """Agree terms with partners, as a file says."""
    rows = read_rows(options.file, TERMS_COLUMNS, _check_terms, unique=("partner",))
    service = desk.service(EXCHANGE)
    survey = Survey(Bilingual("Accept partners", "協力企業と交換条件の承認"))
    now = desk.now()
    for row in rows:
        terms = Terms(
            start=row["from"] or 0,
            until=row["until"] or FOREVER,
            fee=row["fee"] or 0,
            **{name: row[name] for name in Terms._fields if name not in ("start", "until", "fee")},
        )
        agreed = desk.ask(EXCHANGE, service, "termsOf", desk.code, row["partner"])
        accepted = desk.ask(EXCHANGE, service, "isKeyAccepted", desk.code, row["partner"], row["key"])
        if accepted and any(_same_terms(Terms(*each), terms, now) for each in agreed[-1:]):
            survey.done += 1
            continue
        act = desk.act(
            EXCHANGE, service, "acceptPartner", desk.code, row["partner"], row["key"], tuple(terms),
            reason=Reason.NEW_SERVICE, subject=f"協力企業 {row['partner']}",
        )  # fmt: skip
        survey.tasks.append(Task(act))
        survey.notes.append(
            Bilingual(
                f"partner {row['partner']}: {terms.numerator}/{terms.denominator} by {terms.unit:,}, "
                f"may owe {terms.outstanding_limit:,}",
                f"協力企業{row['partner']}: 交換率{terms.numerator}/{terms.denominator}、単位{terms.unit:,}、"
                f"未収の上限{terms.outstanding_limit:,}",
            )
        )
    survey.figure("Rows", "行数", len(rows))
    return survey


def stop_partner(desk: Desk, options: Namespace) -> Survey:
    """Accept nothing more of a partner; one Admin, at once."""
    service = desk.service(EXCHANGE)
    survey = Survey(Bilingual("Stop a partner here", "協力企業からの受入れの終了"))
    agreed = desk.ask(EXCHANGE, service, "termsOf", desk.code, options.partner)
    now = desk.now()
    # What earlier ones say of their end is without effect: the last took their place.
    if not any(terms[1] > now for terms in agreed[-1:]):
        survey.done = 1
        return survey
    act = desk.act(EXCHANGE, service, "stopPartner", desk.code, options.partner, reason=Reason.END_OF_SERVICE)
    survey.tasks.append(Task(act))
    return survey


def receipts(desk: Desk, options: Namespace) -> Survey:
    """Record what partners paid, as a file says; each reference of the bank once. Two cashiers."""
    rows = read_rows(options.file, RECEIPT_COLUMNS, unique=("reference",))
    service, key = desk.service(EXCHANGE), paper_key(options.paper_key)
    survey = Survey(Bilingual("Receipts from partners", "協力企業からの入金の記帳"))
    survey.figure("Rows", "行数", len(rows))
    survey.figure("Yen in the file", "ファイルの合計(円)", sum(row["yen"] for row in rows))
    papers = [bank_reference(key, row["reference"]) for row in rows]
    known = desk.read([View(EXCHANGE, service, "receiptOf", (desk.code, paper)) for paper in papers])
    survey.figure("Yen recorded on the chain", "チェーンで記帳済み(円)", sum(yen for _, yen in known))
    for row, paper, (partner, yen) in zip(rows, papers, known, strict=True):
        if (partner, yen) == (row["partner"], row["yen"]):
            survey.done += 1
        elif partner:
            survey.left.append(
                Bilingual(
                    f"line {row.line}: the reference is recorded with another amount or partner",
                    f"{row.line}行目: この照会番号は別の金額または企業で記帳済みです",
                )
            )
        else:
            act = desk.act(
                EXCHANGE, service, "recordReceipt", desk.code, row["partner"], row["yen"], paper,
                reason=Reason.ROUTINE, subject=f"協力企業 {row['partner']}",
            )  # fmt: skip
            survey.tasks.append(Task(act))
    return survey


# --------------------------------------------------------------------------------------------- PARTS

_ISSUES = {
    HeldIssue.NO_MEMBERSHIP: Bilingual("the membership has ended", "利用者登録が終了している"),
    HeldIssue.ACCOUNT_STOPPED: Bilingual("account frozen or blocked", "口座が凍結・利用停止中"),
    HeldIssue.PAUSED: Bilingual("the series is paused", "ポイント種別が緊急停止中"),
    HeldIssue.OUT_OF_ALLOWANCE: Bilingual("no allowance left", "発行枠の不足"),
}


def partner_at_hand(desk: Desk, service: str) -> tuple[int, str]:
    """Return the partner whose present key is at hand, and the key.

    Raises:
        CommandError: there is none.
    """
    numbers = desk.read([View(EXCHANGE, service, "partnerOfKey", (person,)) for person in desk.people])
    for person, number in zip(desk.people, numbers, strict=True):
        if number and _partner(desk, service, number)[0] == person:
            return number, person
    raise CommandError("none of the keys at hand is a partner's", "手元の鍵に協力企業の鍵がありません")


def _partner(desk: Desk, service: str, number: int) -> tuple[str, bool]:
    key, suspended = desk.ask(EXCHANGE, service, "partnerOf", number)
    return key, suspended


def _suspension(desk: Desk, options: Namespace, function: str, title: Bilingual) -> Survey:
    service = desk.service(EXCHANGE)
    survey = Survey(title)
    _, suspended = _partner(desk, service, options.partner)
    if suspended == (function == "suspendPartner"):
        survey.done = 1
    else:
        act = desk.act(EXCHANGE, service, function, desk.code, options.partner, reason=Reason.DECISION)
        survey.tasks.append(Task(act))
    return survey


def _all_series(desk: Desk) -> list[str]:
    """Return the series of all municipalities."""
    views = [View("PointPlatform", desk.platform, "seriesOf", (code,)) for code in desk.municipalities]
    return [token for tokens in desk.read(views) for token in tokens]


def _tell_terms(desk: Desk, survey: Survey, service: str, town: int, partner: int, points: int) -> None:
    """Add the rate, the limits and what is left of them in one municipality."""
    agreed = desk.ask(EXCHANGE, service, "termsOf", town, partner)
    now = desk.now()
    current = [Terms(*each) for each in agreed if each[0] <= now < each[1]]
    name = lookup_number(town).name if town in desk.municipalities else f"{town:06d}"
    if not current:
        survey.notes.append(
            Bilingual(
                f"{name} has no terms in force with this partner", f"{name}とは有効な交換条件がありません"
            )
        )
        return
    terms = current[-1]
    owed = desk.ask(EXCHANGE, service, "outstandingOf", town, partner)
    survey.figure(f"{name}: partner points to exchange", f"{name}: 交換する企業ポイント", points)
    survey.figure(f"{name}: rate", f"{name}: 交換率", f"{terms.numerator}/{terms.denominator}")
    survey.figure(
        f"{name}: may still owe, points",
        f"{name}: 未収の上限の残り(ポイント)",
        terms.outstanding_limit - owed,
    )
    survey.figure(
        f"{name}: a resident, a day and a year at most, points",
        f"{name}: 1人の1日・年度内の上限(ポイント)",
        f"{terms.daily_limit:,} / {terms.yearly_limit:,}",
    )
    if terms.until != FOREVER:
        day = era_moment_label(terms.until - 1)
        survey.figure(f"{name}: terms end", f"{name}: 交換条件の終了", f"{day.japanese} ({day.english})")


def _same_terms(agreed: Terms, wanted: Terms, now: int) -> bool:
    """Return whether terms say the same; a beginning that has passed means now."""
    begins = (
        wanted.start <= now and agreed.start <= now if wanted.start <= now else agreed.start == wanted.start
    )
    return begins and agreed._replace(start=0) == wanted._replace(start=0)


def _check_terms(table: CsvTable) -> None:
    for row in table.good_rows:
        if row["maximum"] < row["minimum"]:
            table.refuse(row, "maximum", "less than the minimum", "最低より少ない最高です")
        if row["yearly_limit"] < row["daily_limit"]:
            table.refuse(row, "yearly_limit", "less than a day's", "1日の上限より少ない年度内の上限です")
        if row["from"] and row["until"] and row["until"] <= row["from"]:
            table.refuse(row, "until", "ends before it begins", "終了日が開始日より前です")
