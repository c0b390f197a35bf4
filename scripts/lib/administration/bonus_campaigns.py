"""Commands about bonus on payments (還元事業): campaigns opened, enlarged and ended early."""

from __future__ import annotations

from argparse import Namespace

from scripts.lib.administration.columns import read_rows
from scripts.lib.administration.desk import Desk
from scripts.lib.administration.done_before import ChangedRows
from scripts.lib.administration.task import CommandError, Survey, Task
from scripts.lib.bilingual import Bilingual
from scripts.lib.calls import View
from scripts.lib.campaign_terms import CampaignTerms
from scripts.lib.contract_abi import event_topic
from scripts.lib.csv_table import CsvTable
from scripts.lib.japan_calendar import day_of, era_date_label, start_of_day
from scripts.lib.node.event_log import read_events
from scripts.lib.reasons import Reason
from scripts.lib.town_year.bonus_rows import CAMPAIGN_COLUMNS, terms_of

SERVICE = "PaymentBonus"


_COMPARED = {
    "last_day": "最終日",
    "rate_numerator": "還元率",
    "minimum": "対象の最低額",
    "cap": "1人の上限",
    "categories": "対象業種",
}
"""Terms of a campaign that never change, with what they are called."""


def bonus(desk: Desk, options: Namespace) -> Survey:
    """Open campaigns as a file says, and enlarge those whose budget the file raises."""
    rows = read_rows(options.file, CAMPAIGN_COLUMNS, _check, unique=("campaign", "first_day"))
    service, token = desk.service(SERVICE), desk.token(options.series)
    survey = Survey(Bilingual("Bonus on payments", "還元事業の開始・増額"))
    opened = _opened(desk, service, token)
    changed = ChangedRows(options.file, CAMPAIGN_COLUMNS)
    for row, terms in zip(rows, map(terms_of, rows), strict=True):
        first, last = (era_date_label(start_of_day(day)) for day in (terms.first_day, terms.last_day))
        survey.notes.append(
            Bilingual(
                f"{terms.name}: {first.english} to {last.english}, {terms.rate_numerator} %, "
                f"at most {terms.cap:,} a resident, {terms.budget:,} in all",
                f"{terms.name}: {first.japanese}から{last.japanese}まで、{terms.rate_numerator}%、"
                f"1人{terms.cap:,}・全体{terms.budget:,}ポイントまで",
            )
        )
        number, budget, decided = opened.get((terms.name, terms.first_day), (0, 0, terms))
        for column, label in _COMPARED.items():
            if getattr(terms, column) != getattr(decided, column):
                changed.refuse(
                    row,
                    "campaign",
                    f"opened with another {column}: it does not change with the file",
                    f"別の{label}で開始済みです。ファイルを直しても変わりません",
                )
        if number == 0:
            arguments = (desk.code, token, tuple(terms))
            act = desk.act(
                SERVICE, service, "openCampaign", *arguments, reason=Reason.NEW_PROGRAMME, subject=terms.name
            )
            survey.tasks.append(Task(act))
        elif terms.budget > budget:
            by = terms.budget - budget
            act = desk.act(
                SERVICE, service, "enlargeCampaign", desk.code, number, by,
                reason=Reason.BUDGET_CHANGE, subject=terms.name,
            )  # fmt: skip
            survey.tasks.append(Task(act))
        else:
            survey.done += 1
            if terms.budget < budget:
                survey.notes.append(
                    Bilingual(
                        f"{terms.name}: a budget is not lowered", f"{terms.name}: 予算の減額はできません"
                    )
                )
    changed.require_none()
    survey.figure("Budgets in the file, points", "予算の合計(ポイント)", sum(row["budget"] for row in rows))
    return survey


def end_bonus(desk: Desk, options: Namespace) -> Survey:
    """Let today be a campaign's last day; what was sold until then still earns what was promised."""
    service = desk.service(SERVICE)
    count = desk.ask(SERVICE, service, "campaignCount")
    if not 1 <= options.campaign <= count:
        raise CommandError(
            f"there is no campaign {options.campaign}", f"還元事業{options.campaign}はありません"
        )
    campaign = desk.ask(SERVICE, service, "campaignOf", options.campaign)
    survey = Survey(
        Bilingual(f"End bonus campaign {options.campaign}", f"還元事業{options.campaign}の早期終了")
    )
    survey.figure(
        "Promised, awarded, points", "予定・付与済み(ポイント)", f"{campaign[11]:,} / {campaign[12]:,}"
    )
    if campaign[3] <= day_of(desk.now()):
        survey.done = 1
        return survey
    act = desk.act(SERVICE, service, "closeCampaign", desk.code, options.campaign, reason=Reason.DECISION)
    survey.tasks.append(Task(act))
    return survey


def _opened(desk: Desk, service: str, token: str) -> dict[tuple[str, int], tuple[int, int, CampaignTerms]]:
    """Return number, budget and terms of the campaigns of a series, by name and first day."""
    topics = [
        event_topic(SERVICE, "CampaignOpened"),
        "0x" + desk.code.to_bytes(32, "big").hex(),
        None,
        "0x" + bytes.fromhex(token[2:]).rjust(32, b"\0").hex(),
    ]
    events = list(read_events(desk.connection.rpc, [service], desk.first_block, topics=topics))
    numbers = [event.arguments["campaign"] for event in events]
    campaigns = desk.read([View(SERVICE, service, "campaignOf", (number,)) for number in numbers])
    found = {}
    for event, number, campaign in zip(events, numbers, campaigns, strict=True):
        terms = CampaignTerms(*event.arguments["terms"])
        found[terms.name, terms.first_day] = number, int(campaign[10]), terms
    return found


def _check(table: CsvTable) -> None:
    for row in table.good_rows:
        if row["last_day"] < row["first_day"]:
            table.refuse(row, "last_day", "ends before it begins", "最終日が初日より前です")
        if row["budget"] < row["cap"]:
            table.refuse(row, "budget", "less than one resident's cap", "1人の上限より少ない予算です")
