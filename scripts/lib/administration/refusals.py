"""Why the chain refused, in words that an officer can act on."""

from __future__ import annotations

from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text

from scripts.lib.bilingual import Bilingual
from scripts.lib.contract_abi import Revert
from scripts.lib.node.sender import Failure, SendError

SHOWN_FAILURES = 30

_REASONS = {
    "OfficersMissingRole": Bilingual("the account does not hold the office", "必要な役職を持っていません"),
    "OfficersSamePerson": Bilingual("whoever proposes cannot approve", "提案者は承認できません"),
    "OfficersAppointedLater": Bilingual(
        "the approver took office after the proposal", "承認者の就任が提案より後です"
    ),
    "OfficersTooEarly": Bilingual("the waiting time is not over", "待機期間が終わっていません"),
    "OfficersTooLate": Bilingual("the proposal is older than 30 days", "提案から30日を過ぎています"),
    "OfficersNotOpen": Bilingual("the proposal is not open any more", "提案は処理済みです"),
    "OfficersOtherContents": Bilingual("not what was proposed", "提案の内容と異なります"),
    "OfficersLastAdmin": Bilingual("the last Admin cannot leave", "最後の管理者は辞められません"),
    "OfficersInvalidTerm": Bilingual("the term of office cannot be so", "任期が正しくありません"),
    "ProgrammeBudget": Bilingual("beyond the fiscal year's budget", "年度予算を超えています"),
    "ProgrammePeriod": Bilingual("outside the programme's period", "事業の期間外です"),
    "ProgrammeBatchStopped": Bilingual("the list was stopped", "名簿は停止されています"),
    "ProgrammeBatchDead": Bilingual("the list died with its fiscal year", "名簿は年度末で失効しています"),
    "ProgrammeBatchOpen": Bilingual("this list was approved before", "同じ名簿が承認済みです"),
    "ProgrammeFiscalYear": Bilingual("no fiscal year to come", "会計年度が過去です"),
    "PointMinterAllowance": Bilingual("beyond the series' allowance", "種別の発行枠を超えています"),
    "PointNotMinter": Bilingual("the service has no allowance yet", "サービスに発行枠がありません"),
    "PointPaused": Bilingual("the series is paused", "ポイント種別は緊急停止中です"),
    "PointPauseCoolingDown": Bilingual("too soon after the last pause", "前回の停止から間がありません"),
    "PointRestoreTooLarge": Bilingual("more than lapsed in that month", "その月の失効を超えています"),
    "PointLotTooSmall": Bilingual("the lot holds less", "残高が不足しています"),
    "PointAccountIsResident": Bilingual("a resident's account cannot be a shop's", "利用者の口座です"),
    "PointAccountHoldsLots": Bilingual("the account holds points", "ポイントを保有する口座です"),
    "PointServiceNotAccepted": Bilingual("accept the service first", "先にサービスの利用を開始してください"),
    "ResidentsAccountTaken": Bilingual("the account is another resident's", "別の利用者の口座です"),
    "ResidentsPersonRegistered": Bilingual("the person is registered already", "すでに登録されている方です"),
    "ResidentsUnknown": Bilingual(
        "no such resident, or the membership has ended", "該当する利用者がいません"
    ),
    "ResidentsSameOfficers": Bilingual(
        "after an objection two other officers decide", "異議申立ての後は、前回と別の2人の職員が行います"
    ),
    "ResidentsNoHeir": Bilingual("the policy lets nobody inherit", "相続を認めない定めになっています"),
    "ResidentsReplacementState": Bilingual(
        "a replacement or an inheritance is under way already, or none is", "口座切替・相続の段階が異なります"
    ),
    "ResidentsKeyVersion": Bilingual("another version of the council's key", "鍵の版が異なります"),
    "ExchangeReferenceUsed": Bilingual("the reference was used before", "管理番号は使用済みです"),
    "ExchangeAmount": Bilingual("outside unit, minimum or maximum", "交換単位・最低・最高に合いません"),
    "ExchangeDailyLimit": Bilingual("beyond the resident's limit of a day", "1人1日の上限を超えています"),
    "ExchangeYearlyLimit": Bilingual(
        "beyond the resident's limit of a year", "1人年度内の上限を超えています"
    ),
    "ExchangeOutstandingLimit": Bilingual(
        "the partner would owe too much", "協力企業の未収の上限を超えています"
    ),
    "ExchangeNoTerms": Bilingual("no terms in force", "有効な交換条件がありません"),
    "ExchangeNoMembership": Bilingual("no such resident", "該当する利用者がいません"),
    "ExchangeKeyNotAccepted": Bilingual(
        "the municipality has not accepted the key", "自治体が承認していない鍵です"
    ),
    "ExchangePartnerSuspended": Bilingual("the partner is suspended", "協力企業は停止中です"),
    "SettlementBooksClosed": Bilingual(
        "those books have closed: --from-this-year", "出納は閉鎖済みです(--from-this-year で過年度支出)"
    ),
    "SettlementPaperUsed": Bilingual("the bank's paper was used before", "銀行の書類は使用済みです"),
    "SettlementFiscalYear": Bilingual("drawn up for another fiscal year", "別の会計年度の請求です"),
}
"""By custom error, the commonest."""


def refusal_page(error: SendError) -> Table:
    """Return every transaction that was refused, with why."""
    table = Table(
        title=f"チェーンが{len(error.failures)}件を拒否しました / the chain refused {len(error.failures)}",
        title_justify="left",
        box=SIMPLE,
    )
    for column in ("対象 concerns", "理由 reason", "詳細 details"):
        table.add_column(column, overflow="fold")
    for failure in error.failures[:SHOWN_FAILURES]:
        reason = refusal_label(failure)
        table.add_row(
            Text(failure.row), Text(f"{reason.japanese}\n{reason.english}"), Text(failure.reason[:300])
        )
    if len(error.failures) > SHOWN_FAILURES:
        table.add_row(f"ほか{len(error.failures) - SHOWN_FAILURES}件", "", "")
    return table


def refusal_label(failure: Failure) -> Bilingual:
    """Return why a transaction was refused."""
    return revert_label(failure.revert)


def revert_label(revert: Revert | None) -> Bilingual:
    """Return what a custom error means; in general terms if it is not among the common ones."""
    name = revert.name if revert is not None else ""
    return _REASONS.get(
        name, Bilingual("refused by the rules of the contract", "契約の規則により拒否されました")
    )
