"""Tells violations so that whoever reads them knows who did what, when, where, and what came of the points.

    stories = tell_stories(violations, dataset, replay, senders)

Names are those that the events gave: resident numbers, shops, services, offices, series. Months are told as
the last day, moments in Japan's time, points with commas, 1 point = 1 yen.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scripts.lib.audit.contracts_found import SERIES
from scripts.lib.audit.dataset import Dataset
from scripts.lib.audit.departure import Departure
from scripts.lib.audit.event_stream import read_dataset
from scripts.lib.audit.violation import Violation
from scripts.lib.bilingual import Bilingual
from scripts.lib.expiry_rule import expiry_label
from scripts.lib.japan_calendar import era_moment_label
from scripts.lib.node.event_log import Event
from scripts.lib.replays.everything import ZERO_ADDRESS, Replay
from scripts.lib.roles import COUNCIL, Role

STORIES = 40
"""How many violations are told whole; what comes later may follow from them, and is counted."""

_EVENTS_TOLD = 6
_TRANSACTIONS_TOLD = 3
_AFTERWARDS_TOLD = 5
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}(?![0-9a-fA-F])")
_MONTH = re.compile(r"\b(\w*[mM]onth)[= ](\d{1,4})\b")
_LOT = re.compile(r"([\d,]+) until (no expiry|[\d-]+)")
_COMPARED = re.compile(r"events (.+), chain (.+)")

LABELS = {
    "Minted": "発行",
    "Transfer": "移動",
    "SalePaid": "売上の支払い",
    "SaleRefunded": "返品",
    "Lapsed": "失効",
    "LotExtended": "期限延長",
    "LotRestored": "失効分の回復",
    "Revoked": "付与の取消し",
    "TakenBack": "付与の取戻し",
    "FrozenSet": "凍結・解除",
    "MinterAllowanceSet": "発行枠の設定",
    "PausedUntil": "停止",
    "MerchantApproved": "加盟店の承認",
    "MerchantStatusSet": "加盟店の状態の変更",
    "ActProposed": "職員の提案",
    "ActApproved": "職員の承認",
    "ActDone": "職員の行為",
    "RowsRun": "付与名簿の実行",
    "Delivered": "交換ポイントの受渡し",
    "CouponIssued": "クーポンの発行",
    "ClaimCarriedOut": "請求の引継ぎ(払出)",
    "LotCarriedIn": "引継ぎ(受入)",
    "BatchSettled": "精算の完了",
}
"""What the events that matter most are called in Japanese."""


@dataclass
class Names:
    """Who or what an address is, as the events of a platform have it.

    Attributes:
        series, contracts: names by address, of series alone, and of all contracts, with the kinds of others.
    """

    replay: Replay
    series: Mapping[str, str]
    contracts: Mapping[str, str]
    _known: dict[str, Bilingual] = field(default_factory=dict)

    @classmethod
    def of(cls, dataset: Dataset, replay: Replay) -> Names:
        """Return the names that a dataset gives."""
        series = {each.address: each.name for each in dataset.contracts if each.kind == SERIES}
        services = {
            each.address: f"{each.name} ({each.kind})" for each in dataset.contracts if each.kind != SERIES
        }
        header = dataset.header
        assert header is not None
        shared = {
            header.platform: "登録台帳 (PointPlatform)",
            header.officers: "役職と起案 (Officers)",
            header.residents: "利用者登録簿 (ResidentRegistry)",
        }
        names = cls(replay, series, shared | series | services)
        names._learn(dataset.seal.time)
        return names

    def _learn(self, second: int) -> None:
        known: dict[str, Bilingual] = {}
        for office, accounts in self.replay.officers.holders_at(second).items():
            place = self.town(office.municipality)
            label = Role(office.role).label
            for account in accounts:
                known[account] = Bilingual(f"{label.english} of {place}", f"{place}の{label.japanese}")
        for (town, account), number in self.replay.residents.numbers.items():
            place = self.town(town)
            known[account] = Bilingual(f"resident {number} of {place}", f"{place}の住民{number}番")
        for series in self.replay.series.values():
            for account, (name, _) in series.merchant_names.items():
                known[account] = Bilingual(f"shop {name}", f"加盟店「{name}」")
        known |= {address: Bilingual(name, name) for address, name in self.contracts.items()}
        self._known = {address.lower(): name for address, name in known.items()}

    def town(self, code: int) -> str:
        """Return a municipality's name, or the council's."""
        return "運用協議会" if code == COUNCIL else self.replay.municipalities.get(code, f"{code:06d}")

    def who(self, address: str) -> Bilingual:
        """Return who an address is, and the address where it says more than the name."""
        known = self._known.get(address.lower())
        if known is None:
            return Bilingual(f"an account that nobody registered ({address})", f"登録のない口座({address})")
        return known

    def sender(self, address: str) -> Bilingual:
        """Return who sent something; what a contract's address sent, nobody signed."""
        who = self.who(address)
        if address not in self.contracts:
            return Bilingual(_with_address(who.english, address), _with_address(who.japanese, address))
        return Bilingual(
            f"the address of the contract {who.english} {address}, for which no key can sign: "
            "whoever runs the node sent it",
            f"契約「{who.japanese}」のアドレス {address}(署名できる鍵は存在せず、ノードの運用者による送信)",
        )

    def in_text(self, text: str) -> str:
        """Return a text with names behind addresses, months as days, and nothing of Python's own in it."""
        text = _MONTH.sub(lambda found: f"{found[1]} {expiry_label(int(found[2])).english}", text)

        def named(found: re.Match[str]) -> str:
            known = self._known.get(found[0].lower())
            return found[0] if known is None else f"{found[0]} [{known.japanese}]"

        return plain(_ADDRESS.sub(named, text))


def plain(text: str) -> str:
    """Return a text without what Python writes around values: names of classes, quotation marks, braces."""
    text = re.sub(r"\b(?:Counter|frozenset)\(\{(.*?)\}\)", r"\1", text)
    text = re.sub(r"(?<![A-Za-z0-9])_?[A-Z][A-Za-z]*\((?=\w+=)", "(", text)
    text = re.sub(r"\b(\w+)=", r"\1 ", text)
    text = re.sub(r"b'[^']*'", "(bytes)", text)
    return re.sub(r"[{}']", "", text).replace("None", "–")


def tell_stories(
    violations: Sequence[Violation],
    dataset: Dataset,
    replay: Replay,
    sender_of: Callable[[str], str],
) -> list[Violation]:
    """Return the violations, the first of them with their stories.

    Args:
        replay: of everything; contradictions may have been left out of it.
        sender_of: who sent a transaction; "" if it cannot be told.
    """
    names = Names.of(dataset, replay)
    told = [
        its._replace(sender=sender_of(its.transaction) if its.transaction else "")
        for its in violations[:STORIES]
    ]
    rest = violations[STORIES:]
    by_transaction, later, latest = _look_up(told, dataset)
    last = dataset.seal.time
    stories = []
    for its in told:
        events = by_transaction.get(its.transaction, [])
        before = latest.get((its.contract, its.account))
        came_from = _departure(its, before, names, sender_of) if its.departure else []
        story = _story(its, events, later.get(its.transaction, []), names, came_from, last)
        stories.append(its._replace(story=story, facts=names.in_text(its.facts)))
    return [*stories, *(its._replace(facts=names.in_text(its.facts)) for its in rest)]


def _look_up(
    violations: Iterable[Violation], dataset: Dataset
) -> tuple[dict[str, list[Event]], dict[str, list[Event]], dict[tuple[str, str], Event]]:
    """Look up what happened around violations.

    Returns:
        By transaction what it told; the payments of accounts that got points in it, afterwards; and by
        contract and account, where the chain left the events, the last event about it before that.
    """
    wanted = {its.transaction for its in violations if its.transaction}
    left = {(its.contract, its.account): its.departure.block for its in violations if its.departure}
    if not wanted and not left:
        return {}, {}, {}
    told: defaultdict[str, list[Event]] = defaultdict(list)
    later: defaultdict[str, list[Event]] = defaultdict(list)
    latest: dict[tuple[str, str], Event] = {}
    receiving: dict[tuple[str, str], str] = {}
    for event in read_dataset(dataset):
        if event.transaction in wanted:
            told[event.transaction].append(event)
        for (contract, account), block in left.items():
            if event.address == contract and event.block < block and _is_about(event, account):
                latest[contract, account] = event
        if event.name != "Transfer":
            continue
        source, target = event.arguments["from"], event.arguments["to"]
        cause = receiving.get((event.address, source))
        if cause is not None and cause != event.transaction and len(later[cause]) < _AFTERWARDS_TOLD:
            later[cause].append(event)
        if event.transaction in wanted and target != ZERO_ADDRESS:
            receiving.setdefault((event.address, target), event.transaction)
    return told, later, latest


def _is_about(event: Event, account: str) -> bool:
    """Whether an event names an account; any is about what is no account, such as a contract as a whole."""
    if _ADDRESS.fullmatch(account) is None or account == event.address:
        return True
    payment = event.arguments.get("payment", 0)
    payer = f"0x{payment >> 96:040x}" if event.name == "SalePaid" else ""
    return account.lower() in (payer, *(str(value).lower() for value in event.arguments.values()))


def _departure(
    its: Violation, before: Event | None, names: Names, sender_of: Callable[[str], str]
) -> list[Bilingual]:
    """Return since when the chain differs, what was sent then, and what had been told of it before."""
    departure = its.departure
    assert departure is not None
    told = [_since(departure)]
    for sent in departure.transactions[:_TRANSACTIONS_TOLD]:
        who = names.sender(sent.sender)
        told.append(
            Bilingual(
                f"Transaction {sent.hash}, sent by {who.english}",
                f"取引 {sent.hash}、送信者: {who.japanese}",
            )
        )
    if len(departure.transactions) > _TRANSACTIONS_TOLD:
        more = len(departure.transactions) - _TRANSACTIONS_TOLD
        told.append(Bilingual(f"And {more:,} more transactions in it", f"同じブロックにほか{more:,}件の取引"))
    if before is not None:
        moment, words = era_moment_label(before.time), _words(before, names)
        sender = sender_of(before.transaction)
        who = names.sender(sender) if sender else Bilingual("unknown", "不明")
        told.append(
            Bilingual(
                f"The last event about it before: {moment.english}, block {before.block:,}, {words.english}, "
                f"transaction {before.transaction}, sent by {who.english}",
                f"これに関するその前の最後の事象: {moment.japanese}(ブロック{before.block:,})、"
                f"{words.japanese}、取引 {before.transaction}、送信者: {who.japanese}",
            )
        )
    return told


def _since(departure: Departure) -> Bilingual:
    block, moment = f"{departure.block:,}", era_moment_label(departure.time)
    if not departure.is_exact:
        return Bilingual(
            f"At the latest since block {block}: this node no longer has the state of the blocks before; "
            "verify with a node that keeps all states tells since when, and by which transaction",
            f"遅くともブロック{block}から(このノードに、それより前のブロックの状態は残っていません。全ブロックの状態を"
            "保存するノードで verify をやり直すと、いつから、どの取引によるかが分かります)",
        )
    if not departure.transactions:
        return Bilingual(
            f"So since block {block} ({moment.english}), in which no transaction stands: "
            "no officer's or resident's key did it; whoever runs the node has written into its state",
            f"ブロック{block}({moment.japanese})から。このブロックに取引はなく、職員や利用者の鍵によるものではありません。"
            "ノードの運用者による状態の書換えです",
        )
    return Bilingual(
        f"So since block {block} ({moment.english}), and no event explains it: a contract's code or the "
        "chain's state was changed, by what stands in this block or behind its back; ask who runs the nodes",
        f"ブロック{block}({moment.japanese})から。どの事象からも説明できず、このブロックの取引またはノードでの操作による、"
        "契約コードかチェーンの状態の改変です。ノードの運用者に確認してください",
    )


def _story(
    its: Violation,
    events: Sequence[Event],
    later: Sequence[Event],
    names: Names,
    came_from: Sequence[Bilingual],
    last: int,
) -> Bilingual:
    """Tell a violation.

    Args:
        events: of its transaction; `later` are payments with points that came in it.
        came_from: sentences, without their full stops, on where the chain left the events.
        last: the last block's time.
    """
    began = events[0].time if events else last
    when = era_moment_label(its.departure.time if its.departure else began)
    place = names.contracts.get(its.contract, "")
    block = its.block or (events[0].block if events else 0)
    japanese = [
        f"{when.japanese}" + (f"(ブロック{block:,})" if block else "の時点") + (f"、{place}" if place else "")
    ]
    english = [f"{when.english}" + (f", block {block:,}" if block else "") + (f", {place}" if place else "")]
    if not events or came_from:
        is_account = _ADDRESS.fullmatch(its.account) is not None
        who = names.who(its.account) if is_account else Bilingual(its.account, its.account)
        compared = _COMPARED.search(its.facts)
        figures = Bilingual("", "")
        if compared is not None:
            by_events, on_chain = map(plain, compared.groups())
            figures = Bilingual(
                f", by the events {by_events}, on the chain {on_chain}",
                _LOT.sub(_lot_in_japanese, f"、記録では {by_events}、チェーンでは {on_chain}"),
            )
        japanese.append(" ".join(filter(None, [who.japanese, its.what.japanese])) + figures.japanese + "。")
        english.append(" ".join(filter(None, [who.english, its.what.english])) + figures.english + ".")
    for sentence in came_from:
        japanese.append(sentence.japanese + "。")
        english.append(sentence.english + ".")
    for event in events[:_EVENTS_TOLD]:
        words = _words(event, names)
        japanese.append(words.japanese + "。")
        english.append(words.english + ".")
    if len(events) > _EVENTS_TOLD:
        more = len(events) - _EVENTS_TOLD
        japanese.append(f"ほか{more:,}件の事象。")
        english.append(f"And {more:,} more events.")
    if its.sender and not came_from:
        who = names.sender(its.sender)
        japanese.append(f"取引 {its.transaction}、送信者: {who.japanese}。")
        english.append(f"Transaction {its.transaction}, sent by {who.english}.")
    for event in later:
        words = _words(event, names)
        after = era_moment_label(event.time)
        japanese.append(f"その後 {after.japanese}: {words.japanese}(取引 {event.transaction})。")
        english.append(f"Afterwards {after.english}: {words.english} (transaction {event.transaction}).")
    return Bilingual(_joined(english), "".join([japanese[0] + ": ", *japanese[1:]]))


def _lot_in_japanese(lot: re.Match[str]) -> str:
    return f"{'期限なし' if lot[2] == 'no expiry' else lot[2] + 'まで'} {lot[1]}"


def _joined(parts: Sequence[str]) -> str:
    return f"{parts[0]}: {' '.join(parts[1:])}"


def _with_address(name: str, address: str) -> str:
    return name if address in name else f"{name} {address}"


def _words(event: Event, names: Names) -> Bilingual:
    """Return what an event tells."""
    a = event.arguments
    series = names.series.get(event.address, "")
    if event.name == "Minted":
        who, ends = names.who(a["minter"]), expiry_label(a["expiryMonth"])
        points = f"{a['amountPoints']:,}"
        return Bilingual(
            f"{who.english} mints {points} points of {series} that end with {ends.english}",
            f"{who.japanese}が{series}{points}ポイントを発行(有効期限 {ends.japanese})",
        )
    if event.name == "Transfer":
        source, target = names.who(a["from"]), names.who(a["to"])
        points = f"{a['value']:,}"
        if a["from"] == ZERO_ADDRESS:
            return Bilingual(
                f"{points} points come to {target.english}", f"{target.japanese}に{points}ポイントが発生"
            )
        if a["to"] == ZERO_ADDRESS:
            return Bilingual(
                f"{points} points of {source.english} are gone",
                f"{source.japanese}の{points}ポイントが消滅",
            )
        return Bilingual(
            f"{source.english} to {target.english}: {points} points",
            f"{source.japanese}から{target.japanese}へ{points}ポイント",
        )
    told = [(name, value) for name, value in a.items() if not isinstance(value, bytes)]
    if event.name == "SalePaid":
        word = a["payment"]
        payer, lot = "0x" + (word >> 96).to_bytes(20, "big").hex(), word & (1 << 40) - 1
        told = [("merchant", a["merchant"]), ("payer", payer), ("sale", word >> 64 & 2**32 - 1)]
        told += [("expiryMonth", lot >> 29), ("points", lot & (1 << 29) - 1)]
    elif event.name == "SaleRefunded":
        told = [(name, value) for name, value in told if name != "lot"]
        told += [("expiryMonth", a["lot"] >> 29), ("points", a["lot"] & (1 << 29) - 1)]
    parts = [_argument(name, value, names) for name, value in told]
    return Bilingual(
        f"{event.name} ({', '.join(part.english for part in parts)})",
        f"{LABELS.get(event.name, event.name)}({'、'.join(part.japanese for part in parts)})",
    )


def _argument(name: str, value: Any, names: Names) -> Bilingual:
    """Return an argument of an event as people read it."""
    if isinstance(value, str) and _ADDRESS.fullmatch(value):
        who = names.who(value)
        return Bilingual(f"{name} {who.english}", who.japanese)
    if isinstance(value, bool):
        return Bilingual(f"{name} {'yes' if value else 'no'}", f"{name} {'はい' if value else 'いいえ'}")
    if name == "municipality":
        return Bilingual(names.town(value), names.town(value))
    if name.lower().endswith("month"):
        ends = expiry_label(value)
        return Bilingual(f"ends with {ends.english}", f"期限 {ends.japanese}")
    if name.lower().endswith("points"):
        return Bilingual(f"{value:,} points", f"{value:,}ポイント")
    if name.endswith(("Timestamp", "validUntil")):
        moment = era_moment_label(value)
        return Bilingual(f"{name} {moment.english}", f"{name} {moment.japanese}")
    text = plain(str(value))
    return Bilingual(f"{name} {text}", f"{name} {text}")
