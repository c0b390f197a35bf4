"""The words that officers write after `council`, `municipality` and `partner`, with what each needs."""

from __future__ import annotations

from argparse import Action, Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripts.lib.administration import (
    accounts,
    bank_rows,
    bonus_campaigns,
    council,
    coupon_desk,
    exchange,
    grant_revocation,
    grants,
    inheritance,
    lots,
    merchants,
    migration,
    officers,
    other_lists,
    paper_keys,
    policies,
    programmes,
    proposal_desk,
    residents,
    settlement,
    status,
    transfer_files,
    year_close,
)
from scripts.lib.administration.columns import as_argument, fiscal_year, moment
from scripts.lib.administration.desk import Desk
from scripts.lib.administration.task import Survey
from scripts.lib.bilingual import Bilingual
from scripts.lib.csv_table import Column, whole_identifier, whole_number
from scripts.lib.deployment import SERVICES
from scripts.lib.exchange.terms import MAX_POINTS
from scripts.lib.expiry_rule import NEVER, ExpiryRule
from scripts.lib.grant_list import MAX_FIELD


@dataclass(frozen=True)
class Argument:
    """A word of a command.

    Attributes:
        name: `file`, or `--series` if it may be left out.
        settings: as argparse takes them.
        columns: of the CSV file that it names.
    """

    name: str
    help: Bilingual
    settings: Mapping[str, Any] = field(default_factory=dict)
    columns: Sequence[Column] = ()


@dataclass(frozen=True)
class Verb:
    """A command of an actor.

    Attributes:
        survey: finds out what is to be done; None for the one that deploys.
    """

    name: str
    help: Bilingual
    survey: Callable[[Desk, Namespace], Survey] | None
    arguments: Sequence[Argument] = ()


def _file(name: str, columns: Sequence[Column]) -> Argument:
    return Argument("file", Bilingual(name, f"{name}(UTF-8またはExcelのCSV)"), {"type": Path}, columns)


def _number(least: int = 1, most: int = MAX_FIELD) -> dict[str, Any]:
    """Return that a word is a whole number, read as in a file's cell."""
    return {"type": as_argument(whole_number(least, most))}


def _identifier(least: int = 1, most: int = MAX_FIELD) -> dict[str, Any]:
    """Return that a word is a number that names something."""
    return {"type": as_argument(whole_identifier(least, most))}


class _Distinct(Action):
    """Keeps of several numbers each once, whoever typed one twice."""

    def __call__(self, parser: Any, namespace: Namespace, values: Any, option_string: Any = None) -> None:
        setattr(namespace, self.dest, list(dict.fromkeys(values)))


def _numbers(least: int = 1) -> dict[str, Any]:
    """Return that there are one or more words, each a number that names something."""
    return {**_identifier(least), "nargs": "+", "action": _Distinct}


_SERIES = Argument("--series", Bilingual("symbol of the series", "ポイント種別の記号"))
_BATCH = Argument("batch", Bilingual("number", "番号"), _identifier())
_NUMBERS = Argument("numbers", Bilingual("resident numbers", "利用者番号"), _numbers())
_PROPOSALS = Argument("proposals", Bilingual("numbers of proposals", "提案番号"), _numbers())
_PARTNER = Argument(
    "partner", Bilingual("number of the partner", "協力企業番号"), _identifier(1, exchange.MAX_PARTNER)
)
_WHOM = Argument("whom", Bilingual("resident numbers or accounts", "利用者番号または口座"), {"nargs": "+"})
_SERVICE = Argument(
    "service",
    Bilingual("service", "サービス"),
    {"choices": tuple(SERVICES)},
)
_DAYS = Argument("days", Bilingual("days", "日数"), _number(0, policies.MAX_DAYS))
_PAPER_KEY = Argument(
    "--paper-key",
    Bilingual("file with the key that names papers and references", "書類・管理番号の鍵のファイル"),
    {"type": Path, "default": Path("bank-paper.key")},
)
_COMMITMENT_KEY = Argument(
    "--commitment-key",
    Bilingual("the council's key for MyKey IDs", "マイキーIDの鍵のファイル"),
    {"type": Path, "default": Path("commitment-key.json")},
)
_REFERENCE = Argument("reference", Bilingual("the bank's reference", "銀行の照会番号"))
_FOLDER = Argument(
    "--folder",
    Bilingual(
        "folder of the transfer file: beside bank.csv, or where it was written",
        "振込データのフォルダ(省略時は bank.csv と同じフォルダ、作成済みならその場所)",
    ),
    {"type": Path},
)

_NEW_KEY = Verb(
    "new-key",
    Bilingual("make the key for papers and references, once", "書類・管理番号の鍵の作成(最初の1回)"),
    paper_keys.new_key,
    (_PAPER_KEY,),
)

COMMON = (
    Verb("status", Bilingual("where things stand", "状況の表示"), status.status),
    Verb("powers", Bilingual("who may do what", "権限の一覧"), status.powers),
    Verb(
        "proposals", Bilingual("open proposals, decoded", "未処理の提案の一覧"), proposal_desk.show_proposals
    ),
    Verb(
        "approve",
        Bilingual("approve by number", "番号による提案の承認"),
        proposal_desk.approve,
        (_PROPOSALS,),
    ),
    Verb("veto", Bilingual("veto or withdraw", "提案の差止め・取下げ"), proposal_desk.veto, (_PROPOSALS,)),
    Verb(
        "officers",
        Bilingual("appoint, dismiss, hand over", "職員の任命・解任・引継ぎ"),
        officers.officers,
        (_file("officers.csv", officers.COLUMNS),),
    ),
    Verb(
        "accept-service",
        Bilingual("use a service", "サービスの利用開始"),
        officers.accept_service,
        (_SERVICE,),
    ),
)

COUNCIL_VERBS = (
    Verb(
        "deploy",
        Bilingual("deploy and register", "基盤の配置、自治体と種別の登録"),
        None,
        (
            _file("municipalities.csv", council.MUNICIPALITY_COLUMNS),
            Argument(
                "--officers",
                Bilingual("officers' file", "最初の職員のファイル"),
                {"type": Path},
                council.OFFICER_COLUMNS,
            ),
            Argument("--council", Bilingual("account of the council's Admin", "運用協議会の管理者の口座")),
        ),
    ),
    *COMMON,
    Verb(
        "new-commitment-key",
        Bilingual("make the secret key for MyKey IDs", "マイキーIDの鍵の作成"),
        council.new_commitment_key,
        (
            Argument("file", Bilingual("file of the key", "鍵のファイル"), {"type": Path}),
            Argument("version", Bilingual("version", "版"), {**_number(), "nargs": "?", "default": 1}),
        ),
    ),
    Verb(
        "register-partners",
        Bilingual("register partners", "協力企業の登録"),
        exchange.register_partners,
        (_file("partners.csv", exchange.PARTNER_COLUMNS),),
    ),
    Verb(
        "replace-partner-key",
        Bilingual("a partner's new key", "協力企業の鍵の交換"),
        exchange.replace_partner_key,
        (_PARTNER, Argument("key", Bilingual("new key's account", "新しい鍵の口座"))),
    ),
    Verb(
        "suspend-partner",
        Bilingual("suspend a partner", "協力企業の停止"),
        exchange.suspend_partner,
        (_PARTNER,),
    ),
    Verb("resume-partner", Bilingual("end it", "協力企業の停止の解除"), exchange.resume_partner, (_PARTNER,)),
    Verb(
        "reappoint-admin",
        Bilingual("a new Admin for a municipality that lost its own", "管理者の再任命"),
        council.reappoint_admin,
        (
            Argument("town_code", Bilingual("municipality code", "団体コード")),
            Argument("account", Bilingual("account", "口座")),
        ),
    ),
)

MUNICIPALITY_VERBS = (
    *COMMON,
    Verb(
        "leave-service", Bilingual("end a service", "サービスの利用終了"), officers.leave_service, (_SERVICE,)
    ),
    Verb(
        "allow",
        Bilingual("lifetime total that a service may mint", "サービスの発行枠(総枠)の設定"),
        officers.allow,
        (
            Argument("minter", Bilingual("service or account", "サービスまたは口座")),
            Argument("points", Bilingual("points in its life", "総枠(ポイント)"), _number(0, 10**15)),
            _SERIES,
        ),
    ),
    Verb(
        "remove-minter",
        Bilingual("end a minter's right", "発行者の取消し"),
        officers.remove_minter,
        (Argument("minter", Bilingual("service or account", "サービスまたは口座")), _SERIES),
    ),
    Verb(
        "registration-requests",
        Bilingual("codes that residents sign to be registered", "利用者登録の署名依頼コードの作成"),
        residents.registration_requests,
        (
            Argument(
                "file",
                Bilingual("residents.csv, or one person if left out", "residents.csv(省略時は1人分)"),
                {"type": Path, "nargs": "?"},
                residents.COLUMNS,
            ),
            _COMMITMENT_KEY,
            Argument(
                "--folder",
                Bilingual("where the codes are written", "コードの出力先"),
                {"type": Path, "default": Path("registrations")},
            ),
        ),
    ),
    Verb(
        "residents",
        Bilingual("register residents", "利用者の登録"),
        residents.residents,
        (
            _file("residents.csv", residents.COLUMNS),
            Argument(
                "--answers",
                Bilingual("residents' signed answers, a line each", "利用者の返答のファイル(1行に1つ)"),
                {"type": Path},
            ),
            _COMMITMENT_KEY,
            Argument(
                "--numbers",
                Bilingual("where to write resident numbers", "利用者番号の出力先"),
                {"type": Path},
            ),
        ),
    ),
    Verb(
        "merchants",
        Bilingual("approve, suspend, close shops", "加盟店の承認・停止・終了・鍵の交換"),
        merchants.merchants,
        (_file("merchants.csv", merchants.COLUMNS), _SERIES),
    ),
    Verb(
        "programmes",
        Bilingual("open programmes, budgets, occurrences", "付与事業・予算・実施回の開設"),
        programmes.programmes,
        (_file("programmes.csv", programmes.COLUMNS), _SERIES),
    ),
    Verb(
        "grant",
        Bilingual("propose, approve and run lists of grants", "ポイントの付与(名簿の提案・承認・実行)"),
        grants.grant,
        (
            _file("grants.csv", grants.COLUMNS),
            Argument("--programme", Bilingual("programme, if it is no column", "事業(列にない場合)")),
            Argument("--occurrence", Bilingual("occurrence, if it is no column", "実施回(列にない場合)")),
            _SERIES,
            Argument(
                other_lists.ANOTHER_LIST,
                Bilingual(
                    "propose it although the occurrence has another list that is not run",
                    "同じ実施回の未実行の名簿とは別に、この名簿も提案する",
                ),
                {"action": "store_true"},
            ),
        ),
    ),
    Verb(
        "revoke-grant",
        Bilingual("revoke grants of a list", "名簿による付与の取消し"),
        grant_revocation.revoke_grants,
        (
            _file("grants.csv", grants.COLUMNS),
            Argument(
                "revocations",
                Bilingual("revocations.csv", "取消しのファイル"),
                {"type": Path},
                grant_revocation.COLUMNS,
            ),
            Argument("--programme", Bilingual("programme, if it is no column", "事業(列にない場合)")),
            Argument("--occurrence", Bilingual("occurrence, if it is no column", "実施回(列にない場合)")),
            _SERIES,
        ),
    ),
    Verb("stop-list", Bilingual("stop a list for good", "付与名簿の停止"), grants.stop_batch, (_BATCH,)),
    _NEW_KEY,
    Verb(
        "settle-claims",
        Bilingual("lock what shops are owed", "精算の承認(締め日までの請求の確保)"),
        settlement.settle_claims,
        (
            Argument(
                "cut_off",
                Bilingual("day, like 2026-05-31 or 令和8年5月31日", "締め日"),
                {"type": as_argument(moment)},
            ),
            _SERIES,
        ),
    ),
    Verb(
        "transfer-file",
        Bilingual("write the bank's file (Zengin)", "振込データ(全銀・総合振込)の作成"),
        transfer_files.make_transfer_file,
        (
            _BATCH,
            Argument(
                "--bank",
                Bilingual("bank.csv, bank details", "口座情報 bank.csv"),
                {"type": Path, "required": True},
                bank_rows.COLUMNS,
            ),
            Argument(
                "--pay-on",
                Bilingual("day of payment", "振込指定日"),
                {"type": as_argument(moment), "required": True},
            ),
            _FOLDER,
            Argument(
                transfer_files.WRITE_AGAIN,
                Bilingual(
                    "write another file for this batch: the bank does not have the first",
                    "同じ精算束の振込データを作り直す(先のファイルが銀行にないとき)",
                ),
                {"action": "store_true"},
            ),
        ),
    ),
    Verb(
        "mark-sent",
        Bilingual("the bank has the file", "振込データの送付の記帳"),
        settlement.mark_sent,
        (_BATCH, _FOLDER, _PAPER_KEY),
    ),
    Verb(
        "mark-paid",
        Bilingual("the bank has paid: burn", "振込済みの記帳(消却)"),
        settlement.mark_paid,
        (
            _BATCH,
            _REFERENCE,
            Argument(
                "--from-this-year",
                Bilingual("out of this year's books (closed years)", "過年度支出とする"),
                {"action": "store_true"},
            ),
            _PAPER_KEY,
        ),
    ),
    Verb(
        "mark-bounced",
        Bilingual("the bank could not pay, or yen came back", "振込不能・返戻の記帳"),
        settlement.mark_bounced,
        (
            _BATCH,
            _REFERENCE,
            Argument("claims", Bilingual("numbers in the list", "一覧の番号"), _numbers(0)),
            _PAPER_KEY,
        ),
    ),
    Verb("cancel-batch", Bilingual("give a batch up", "精算の取りやめ"), settlement.cancel_batch, (_BATCH,)),
    Verb(
        "bonus",
        Bilingual("open and enlarge bonus campaigns", "還元事業の開始・予算の増額"),
        bonus_campaigns.bonus,
        (_file("bonus_campaign.csv", bonus_campaigns.CAMPAIGN_COLUMNS), _SERIES),
    ),
    Verb(
        "end-bonus",
        Bilingual("today is a campaign's last day", "還元事業の早期終了"),
        bonus_campaigns.end_bonus,
        (Argument("campaign", Bilingual("number", "番号"), _identifier()),),
    ),
    Verb(
        "close-year",
        Bilingual("fix a fiscal year's figures", "年度の締め"),
        year_close.close_year,
        (
            Argument("year", Bilingual("2025 or 令和7年度", "年度"), {"type": as_argument(fiscal_year)}),
            _SERIES,
        ),
    ),
    Verb("freeze", Bilingual("freeze accounts", "口座の凍結"), accounts.freeze, (_WHOM, _SERIES)),
    Verb("unfreeze", Bilingual("end freezes", "凍結の解除"), accounts.unfreeze, (_WHOM, _SERIES)),
    Verb(
        "replace",
        Bilingual("move memberships to new accounts", "口座の切替(カード再交付)"),
        accounts.replace_accounts,
        (_file("replacements.csv", accounts.COLUMNS),),
    ),
    Verb(
        "inherit",
        Bilingual("give a departed resident's points to an heir", "相続(死亡した利用者のポイントの引継ぎ)"),
        inheritance.inherit,
        (
            Argument("number", Bilingual("resident number", "亡くなった利用者の番号"), _identifier()),
            Argument("heir", Bilingual("the heir's resident number", "相続人の利用者番号"), _identifier()),
        ),
    ),
    Verb(
        "cancel-replacement",
        Bilingual("stop replacements and inheritances", "口座切替・相続の中止"),
        accounts.cancel_replacement,
        (_NUMBERS,),
    ),
    Verb(
        "close-membership",
        Bilingual("end memberships", "利用者登録の終了(死亡・転出)"),
        accounts.close_membership,
        (_NUMBERS,),
    ),
    Verb(
        "reopen-membership",
        Bilingual("take that back", "利用者登録の再開"),
        accounts.reopen_membership,
        (_NUMBERS,),
    ),
    Verb(
        "extend",
        Bilingual("let lots end later", "有効期限の延長"),
        lots.extend,
        (_file("extend.csv", lots.EXTEND_COLUMNS), _SERIES),
    ),
    Verb(
        "restore",
        Bilingual("give lapsed points back", "失効ポイントの回復"),
        lots.restore,
        (_file("restore.csv", lots.RESTORE_COLUMNS), _SERIES),
    ),
    Verb(
        "revoke",
        Bilingual("take points back", "未使用の付与の取消し"),
        lots.revoke,
        (_file("revoke.csv", lots.REVOKE_COLUMNS), _SERIES),
    ),
    Verb(
        "expiry",
        Bilingual("rule of expiry", "有効期限の規則の設定"),
        policies.expiry,
        (
            Argument(
                "rule", Bilingual("rule", "規則"), {"choices": [rule.name.lower() for rule in ExpiryRule]}
            ),
            Argument(
                "months", Bilingual("months", "月数"), {**_number(0, NEVER), "nargs": "?", "default": 0}
            ),
            _SERIES,
        ),
    ),
    Verb(
        "transfers",
        Bilingual("allow transfers", "譲渡の可否の設定"),
        policies.transfers,
        (
            Argument("residents", Bilingual("between residents", "利用者間"), {"choices": ("on", "off")}),
            Argument("merchants", Bilingual("between merchants", "加盟店間"), {"choices": ("on", "off")}),
            _SERIES,
        ),
    ),
    Verb(
        "migrate",
        Bilingual("let a series give way to a successor", "後継種別への移行(告知・終了・移し替え・照合)"),
        migration.migrate,
        (
            Argument(
                "step",
                Bilingual("announce, withdraw, close, run or verify", "告知・取下げ・終了・移し替え・照合"),
                {"choices": migration.STEPS},
            ),
            _SERIES,
            Argument("--successor", Bilingual("symbol of the successor", "後継種別の記号")),
        ),
    ),
    Verb("refund-days", Bilingual("refund days", "返品期限の設定"), policies.refund_days, (_DAYS, _SERIES)),
    Verb(
        "settlement-service",
        Bilingual("who settles a series", "精算サービスの指定"),
        policies.settlement_service,
        (_SERIES,),
    ),
    Verb(
        "exchange-series",
        Bilingual("where partners' points go", "交換先ポイント種別の設定"),
        policies.exchange_series,
        (_SERIES,),
    ),
    Verb(
        "return-days",
        Bilingual("when held points go back", "留保ポイントの返戻の設定"),
        policies.return_days,
        (_DAYS,),
    ),
    Verb(
        "departure",
        Bilingual("points after death or departure", "死亡・転出時の扱いの設定"),
        policies.departure,
        (Argument("policy", Bilingual("policy", "扱い"), {"choices": ("lapse", "inherit")}),),
    ),
    Verb(
        "pause",
        Bilingual("stop a series for hours", "緊急停止"),
        policies.pause,
        (
            Argument(
                "hours", Bilingual("hours, at most 72", "時間(72まで)"), _number(1, policies.MAX_PAUSE_HOURS)
            ),
            _SERIES,
        ),
    ),
    Verb("unpause", Bilingual("end the pause", "緊急停止の解除"), policies.unpause, (_SERIES,)),
    Verb(
        "accept-partners",
        Bilingual("agree terms with partners", "協力企業と交換条件の承認"),
        exchange.accept_partners,
        (_file("terms.csv", exchange.TERMS_COLUMNS),),
    ),
    Verb(
        "stop-partner",
        Bilingual("accept nothing more of a partner", "協力企業からの受入れの終了"),
        exchange.stop_partner,
        (_PARTNER,),
    ),
    Verb(
        "receipts",
        Bilingual("record what partners paid", "協力企業からの入金の記帳"),
        exchange.receipts,
        (_file("receipts.csv", exchange.RECEIPT_COLUMNS), _PAPER_KEY),
    ),
)

_STATEMENT = Argument("file", Bilingual("CSV to write", "出力するCSV"), {"type": Path, "nargs": "?"})

PARTNER_VERBS = (
    _NEW_KEY,
    Verb(
        "exchange",
        Bilingual("exchange for residents", "ポイント交換"),
        exchange.exchange,
        (_file("exchanges.csv", exchange.EXCHANGE_COLUMNS), _PAPER_KEY),
    ),
    Verb(
        "coupon-codes",
        Bilingual("draw codes into a new file", "クーポンコードの作成(送信なし)"),
        coupon_desk.draw_codes,
        (
            Argument("file", Bilingual("codes.csv to write", "出力するcodes.csv"), {"type": Path}),
            Argument("count", Bilingual("how many", "枚数"), _number(1, coupon_desk.MAX_CODES)),
            Argument("points", Bilingual("points of each", "1枚のポイント"), _number(1, MAX_POINTS)),
        ),
    ),
    Verb(
        "issue-coupons",
        Bilingual("issue the coupons of a file", "クーポンの発行"),
        coupon_desk.issue_coupons,
        (
            _file("codes.csv", coupon_desk.COLUMNS),
            Argument("until", Bilingual("last day", "利用期限の日"), {"type": as_argument(moment)}),
        ),
    ),
    Verb("sweep", Bilingual("send held points home", "留保ポイントの移行"), exchange.sweep),
    Verb(
        "statement",
        Bilingual("what partners brought and owe", "協力企業別明細"),
        exchange.partner_statement,
        (_STATEMENT,),
    ),
)

ACTORS: Mapping[str, tuple[Bilingual, Sequence[Verb]]] = {
    "council": (Bilingual("The council", "運用協議会"), COUNCIL_VERBS),
    "municipality": (Bilingual("A municipality", "自治体"), MUNICIPALITY_VERBS),
    "partner": (Bilingual("A partner company", "協力企業"), PARTNER_VERBS),
}
