"""A call in words that an officer can check: each argument by its name, each value decoded.

    call_lines(decode_call(data), shown=20)      # of long lists the first 20, and how many more
    call_lines(decode_call(data), shown=None)    # everything

Whatever is signed is shown: an address is never shortened, and a number that stands for an office, a month or
a row of a list is told as that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from eth_utils import to_checksum_address

from scripts.lib.act_rules import Rule, duration_label
from scripts.lib.bilingual import Bilingual
from scripts.lib.claim_word import ClaimPart
from scripts.lib.contract_abi import DecodedCall, functions_of_selector
from scripts.lib.expiry_rule import NEVER, ExpiryRule
from scripts.lib.grant_list import rows_of
from scripts.lib.japan_calendar import era_date_label, era_day_label, era_moment_label, fiscal_year_label
from scripts.lib.municipality_codes import CodeError, lookup_number
from scripts.lib.powers.function_labels import function_label
from scripts.lib.roles import COUNCIL, Role, role_of_id

_INDENT = "  "
_PROOFS = ("siblings",)
"""Hashes that lead from rows to the list's root: they say nothing that the root does not."""


def call_lines(call: DecodedCall, shown: int | None) -> list[str]:
    """Return the arguments of a call, a line or more each.

    Args:
        shown: how many elements of a long list are told one by one; None for all.
    """
    lines: list[str] = []
    for argument, value in zip(call.inputs, call.arguments.values(), strict=True):
        if (call.contract, argument["name"]) in _WORDS and argument["type"] == "uint256[]":
            lines += _elements(argument, _WORDS[call.contract, argument["name"]](value), shown)
        elif argument["name"] not in _PROOFS:
            lines += _argument(argument, value, shown)
    return lines


def argument_label(name: str) -> str:
    """Return what an argument is called, in Japanese and as the contract has it."""
    japanese = _JAPANESE.get(name)
    return name if japanese is None else f"{japanese} {name}"


def argument_names() -> dict[str, str]:
    """Return what arguments are called in Japanese, by their names."""
    return dict(_JAPANESE)


def _argument(argument: Mapping[str, Any], value: Any, shown: int | None) -> list[str]:
    """Return an argument, a structure or a list as lines."""
    kind: str = argument["type"]
    if kind.endswith("[]"):
        internal = argument.get("internalType", "").removesuffix("[]")
        element = {**argument, "type": kind[:-2], "internalType": internal, "name": ""}
        named = {**element, "name": argument["name"]} if kind != "tuple[]" else element
        return _elements(argument, [_inline(named, each) for each in value], shown)
    if kind == "tuple":
        lines = [argument_label(argument["name"])]
        for part, held in zip(argument["components"], value, strict=True):
            lines += [_INDENT + line for line in _argument(part, held, shown)]
        return lines
    return [f"{argument_label(argument['name'])}: {_value(argument, value)}"]


def _elements(argument: Mapping[str, Any], elements: Sequence[str], shown: int | None) -> list[str]:
    head = f"{argument_label(argument['name'])}: {len(elements):,}件"
    first = elements if shown is None else elements[:shown]
    lines = [head, *(f"{_INDENT}{place}. {each}" for place, each in enumerate(first, 1))]
    if len(first) < len(elements):
        more = len(elements) - len(first)
        lines.append(f"{_INDENT}ほか{more:,}件(--out で書き出し、plan show で全件) / {more:,} more")
    return lines


def _inline(argument: Mapping[str, Any], value: Any) -> str:
    """Return an element of a list in one line."""
    if argument["type"] != "tuple":
        return _value(argument, value)
    parts = dict(zip((part["name"] for part in argument["components"]), value, strict=True))
    kind = argument.get("internalType", "")
    if kind.endswith("IOfficers.Appointment"):
        return f"{_office(parts['role'])}: {to_checksum_address(parts['account'])}"
    if kind.endswith("IOfficers.Act"):
        return _act(parts["selector"], parts["rule"])
    if kind.endswith("IResidentRegistry.Registration"):
        return f"{to_checksum_address(parts['account'])} (コミットメント 0x{parts['commitment'].hex()})"
    return ", ".join(
        f"{argument_label(part['name'])}: {_inline(part, held)}"
        for part, held in zip(argument["components"], value, strict=True)
    )


def _act(selector: bytes, rule: Sequence[int]) -> str:
    """Return a function that officers act by, and its rule."""
    names = [
        f"{function_label(contract, function).japanese} {contract}.{function}"
        for contract, function in functions_of_selector(selector)
        if function_label(contract, function).japanese != "—"
    ]
    its = Rule.of(rule)
    who = (
        f"{its.proposer.label.japanese}が1人で直ちに"
        if its.takes_one
        else f"{its.proposer.label.japanese}が提案、{its.approver.label.japanese}が承認、"
        f"承認後{duration_label(its.delay_approved).japanese}、"
        f"承認なし{duration_label(its.delay_alone).japanese}"
    )
    return f"{' または '.join(names) or '0x' + selector.hex()}: {who}"


def _value(argument: Mapping[str, Any], value: Any) -> str:
    """Return a single value."""
    name, kind = argument["name"], argument["type"]
    enum = argument.get("internalType", "").removeprefix("enum ")
    told = _ENUMS.get(enum) or _NAMED.get(name)
    if told is not None and isinstance(value, int) and not isinstance(value, bool):
        try:
            return told(value)
        except (ValueError, OverflowError, KeyError, IndexError, OSError):
            return f"{value:,} (範囲外 out of range)"
    if isinstance(value, bool):
        return "はい yes" if value else "いいえ no"
    if isinstance(value, bytes):
        return f"{role_of_id(value)} (0x{value.hex()})" if name == "id" else "0x" + value.hex()
    if kind == "address":
        return to_checksum_address(value)
    if isinstance(value, int):
        return f"{value:,}"
    return str(value)


def _office(number: int) -> str:
    label = Role(number).label
    return f"{label.japanese} {label.english}"


def _town(number: int) -> str:
    if number == COUNCIL:
        return "運用協議会 the council"
    try:
        return f"{number:06d} {lookup_number(number).full_name}"
    except CodeError:
        return f"{number:06d}"


def _both(label: Bilingual) -> str:
    return f"{label.japanese} {label.english}"


def _month(number: int) -> str:
    if number == NEVER:
        return "期限なし no expiry"
    return f"{era_day_label(number).japanese}まで {era_day_label(number).english}" if number else "—"


def _moment(second: int) -> str:
    return f"{era_moment_label(second).japanese} {era_moment_label(second).english}" if second else "—"


def _late_moment(second: int) -> str:
    """Return a second that may be the last that the contracts can say: without end."""
    return "期限なし without end" if second >= 2**40 - 1 else _moment(second)


def _day(number: int) -> str:
    seconds = 946_652_400 + number * 24 * 60 * 60  # 1 January 2000 in Japan
    return f"{era_date_label(seconds).japanese} {era_date_label(seconds).english}"


def _expiry_rule(number: int) -> str:
    return {
        ExpiryRule.MONTHS_AFTER: "付与月からの月数 months after the grant",
        ExpiryRule.THIS_FISCAL_YEAR: "当年度末 end of this fiscal year",
        ExpiryRule.NEXT_FISCAL_YEAR: "翌年度末 end of the next fiscal year",
        ExpiryRule.FIXED_MONTH: "期限月 fixed month",
        ExpiryRule.NEVER: "期限なし no expiry",
    }[ExpiryRule(number)]


def _departure(number: int) -> str:
    return ("そのまま失効 they lapse where they are", "相続人への引継ぎ可 an heir may have them")[number]


def _grants(words: Sequence[int]) -> list[str]:
    """Return the rows of a list of grants: resident number and points."""
    return [f"利用者番号{row.number} → {row.points:,}ポイント" for row in rows_of(words) if row.points]


def _claims(words: Sequence[int]) -> list[str]:
    """Return what shops are paid."""
    claims: Iterator[ClaimPart] = map(ClaimPart.of, words)
    return [
        f"{claim.merchant} → {claim.points:,}円"
        + (f"(うち過年度{claim.earlier_years:,}円)" if claim.earlier_years else "")
        for claim in claims
    ]


_WORDS: Mapping[tuple[str, str], Callable[[Sequence[int]], list[str]]] = {
    ("GrantProgrammes", "words"): _grants,
    ("MunicipalPoint", "rows"): _grants,
    ("MerchantSettlement", "words"): _claims,
    ("MerchantSettlement", "claims"): _claims,
    ("MunicipalPoint", "claims"): _claims,
}
"""Lists of words of the contracts, by contract and argument, with what they hold."""

_ENUMS: Mapping[str, Callable[[int], str]] = {
    "IOfficers.Role": _office,
    "IMunicipalPoint.ExpiryRule": _expiry_rule,
    "IResidentRegistry.DeparturePolicy": _departure,
}

_NAMED: Mapping[str, Callable[[int], str]] = {
    "municipality": _town,
    "fiscalYear": lambda march: _both(fiscal_year_label(march)),
    "expiryMonth": _month,
    "fromMonth": _month,
    "toMonth": _month,
    "lapsedMonth": _month,
    "laterMonth": _month,
    "cutOff": _moment,
    "firstSecond": _moment,
    "lastSecond": _moment,
    "from": _moment,
    "at": _moment,
    "until": _late_moment,
    "validUntil": _late_moment,
    "saleValidUntil": _late_moment,
    "firstDay": _day,
    "lastDay": _day,
    "durationSeconds": lambda seconds: f"{seconds / 3600:g}時間 hours",
    "number": str,
    "heirNumber": str,
    "batch": str,
    "proposalId": str,
    "occurrence": str,
    "programme": str,
    "partner": str,
    "category": str,
}
"""What numbers mean, by the argument's name."""

_JAPANESE: Mapping[str, str] = {
    "account": "口座",
    "accounts": "口座",
    "acts": "行為と規則",
    "amountPoints": "ポイント",
    "amountsPoints": "ポイント",
    "at": "就任日時",
    "bankReferenceHash": "銀行の照会番号(ハッシュ)",
    "batch": "名簿・精算束の番号",
    "betweenMerchants": "加盟店間の譲渡",
    "betweenResidents": "利用者間の譲渡",
    "budgetPoints": "予算(ポイント)",
    "byPoints": "増減(ポイント)",
    "campaign": "還元事業・キャンペーン",
    "capPoints": "1人の上限(ポイント)",
    "categories": "業種番号",
    "category": "業種番号",
    "claims": "請求",
    "contentsHash": "内容の説明(ハッシュ)",
    "coupons": "クーポン",
    "cutOff": "締め",
    "dailyLimitPoints": "1人1日の上限(ポイント)",
    "denominator": "分母",
    "documentHash": "書類(ハッシュ)",
    "durationSeconds": "時間",
    "expiryMonth": "有効期限",
    "expiryMonths": "有効期限の月数",
    "expiryRule": "有効期限の規則",
    "feePartnerPoints": "手数料(企業ポイント)",
    "figures": "年度の数値",
    "fileHash": "ファイル(SHA-256)",
    "first": "最初の職員",
    "firstDay": "開始日",
    "firstLeaf": "名簿の位置(16行単位)",
    "firstSecond": "開始",
    "fiscalYear": "会計年度",
    "from": "開始",
    "fromMonth": "延長前の期限",
    "fromThisYear": "過年度支出とする",
    "heirNumber": "相続人の利用者番号",
    "id": "役職",
    "key": "鍵",
    "keyVersion": "鍵の版",
    "labels": "実施回",
    "lapsedMonth": "失効した期限",
    "lastDay": "終了日",
    "lastSecond": "終了",
    "laterMonth": "延長後の期限",
    "maximumPartnerPoints": "最高(企業ポイント)",
    "merchant": "加盟店口座",
    "minimumPartnerPoints": "最低(企業ポイント)",
    "minimumPoints": "最低(ポイント)",
    "minter": "発行者",
    "months": "月数",
    "municipality": "自治体",
    "name": "名称",
    "newAccount": "新しい口座",
    "newActs": "行為と規則",
    "number": "番号",
    "numbers": "番号",
    "numerator": "分子",
    "occurrence": "実施回の番号",
    "officers": "最初の職員",
    "outstandingLimitPoints": "未収の上限(ポイント)",
    "owner": "管理鍵",
    "paper": "書類(ハッシュ)",
    "partner": "協力企業番号",
    "partnerPoints": "企業ポイント",
    "place": "所在地・場所",
    "places": "請求の位置",
    "points": "ポイント",
    "pointsPerGrant": "1回のポイント(0は行ごと)",
    "policy": "扱い",
    "programme": "事業の番号",
    "proposalId": "提案番号",
    "receivedPoints": "入金額",
    "refundDays": "返品期限(日)",
    "residents": "利用者",
    "returnAfterDays": "返戻までの日数",
    "role": "役職",
    "root": "名簿の指紋(ルート)",
    "row": "行の位置",
    "rows": "行数",
    "rule": "規則",
    "series": "ポイント種別",
    "service": "サービス",
    "signature": "署名",
    "successor": "後任・後継",
    "takePoints": "取り戻すポイント",
    "terms": "条件",
    "till": "レジの鍵",
    "to": "宛先",
    "toMonth": "新しい期限",
    "token": "ポイント種別",
    "totalPoints": "合計ポイント",
    "unitPartnerPoints": "交換単位(企業ポイント)",
    "until": "終了",
    "validUntil": "期限",
    "words": "内訳",
    "yearlyCapPoints": "1人の年度内上限(0はなし)",
    "yearlyLimitPoints": "1人年度内の上限(ポイント)",
}
