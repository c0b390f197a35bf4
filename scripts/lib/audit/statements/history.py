"""Reads a dataset once more, as books are kept: a line for whatever moved, by resident, by shop, by partner.

    history = read_history(Dataset(folder), last_second_of_day("2026-06-30"))
    history.residents[0].points

What an event changed is what the replay holds after it less what it held before: so the lines of an account
add up to what the replay has, whatever the events were. Needs no node. Points are points, 1 point = 1 yen;
times are Unix seconds; months count from January 2000 = 0.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from scripts.lib.audit.contracts_found import SERIES
from scripts.lib.audit.dataset import Dataset, DatasetError
from scripts.lib.audit.event_stream import read_dataset
from scripts.lib.audit.lenient_replay import complete, take
from scripts.lib.exchange.terms import Ledger
from scripts.lib.japan_calendar import day_of, last_second, month_of, start_of_day
from scripts.lib.node.event_log import Event
from scripts.lib.payment.sale_terms import SaleTerms
from scripts.lib.replays.everything import ZERO_ADDRESS, Replay, ReplayError
from scripts.lib.replays.series import SeriesReplay

UNREGISTERED = 0
"""Stands for the number of an account that no membership has."""

_RESIDENT_KINDS = {
    "Lapsed": "失効",
    "LotExtended": "期限延長",
    "LotRestored": "回復",
    "Revoked": "付与取消し",
    "TakenBack": "付与取消し",
    "Carried": "口座引継ぎ",
    "LotCarriedOut": "後継種別へ移行",
    "LotCarriedIn": "前種別から移行",
}
_MINT_KINDS = {"GrantProgrammes": "付与", "PartnerExchange": "交換", "PaymentBonus": "還元"}
_MERCHANT_KINDS = {
    "ClaimLocked": "精算手続き中",
    "ClaimUnlocked": "精算取消し・振込不能",
    "Settled": "振込済み",
    "ClaimReopened": "振込戻り",
    "ClaimCarriedOut": "種別間の移行(払出)",
    "ClaimCarriedIn": "種別間の移行(受入)",
}
_PARTNER_KINDS = {
    "Exchanged": "交換受付(留保)",
    "Delivered": "交換(受渡し)",
    "Returned": "返還",
    "CouponIssued": "クーポン発行",
    "CouponRedeemed": "クーポン利用",
    "CouponClosed": "クーポン終了",
    "ReceiptRecorded": "入金",
    "ReceiptReversed": "入金取消し",
}


@dataclass
class ResidentLine:
    """Points of one lot that came to a resident's account, or left it (negative).

    Attributes:
        kind: in Japanese, as the statement has it.
        month: with which the lot ends.
        counterpart: the shop's, programme's or partner's public name; empty where there is none.
    """

    time: int
    kind: str
    token: str
    account: str
    month: int
    points: int
    counterpart: str
    transaction: str
    number: int = UNREGISTERED


class MerchantLine(NamedTuple):
    """What changed of a merchant's claim.

    Attributes:
        sale: its number; 0 if it is no sale's.
        claim, locked, settled: by how many points these changed: owed, in settlement, paid in yen.
    """

    time: int
    kind: str
    token: str
    merchant: str
    sale: int
    claim: int
    locked: int
    settled: int
    transaction: str


class PartnerLine(NamedTuple):
    """What changed in a partner's ledger with a municipality; municipality 0 keeps coupons for any.

    Attributes:
        number: of the resident; 0 if it is nobody's.
        reference: the partner's or the bank's, as the chain has it: 32 bytes, hex; empty if there is none.
    """

    time: int
    kind: str
    municipality: int
    partner: int
    number: int
    change: Ledger
    reference: str
    transaction: str


class BatchPaper(NamedTuple):
    """What a step of settlement belongs to: the batch, its cut-off, and the bank's paper of the step, hex."""

    batch: int
    cut_off: int
    paper: str


@dataclass
class History:
    """What happened up to a second.

    Attributes:
        until: the last second that is told; points that end with it have ended.
        replay: of everything until then.
        series_names: by token.
        residents: lines in chain order, each account's lapses that no event tells yet at the end.
        papers: by the transaction of a step of settlement.
        contradictions: how many events cannot be, by those before them; `verify` names them. What they tell
            counts as far as the replay has taken it in.
    """

    until: int
    replay: Replay
    series_names: dict[str, str]
    residents: list[ResidentLine] = field(default_factory=list)
    merchants: list[MerchantLine] = field(default_factory=list)
    partners: list[PartnerLine] = field(default_factory=list)
    papers: dict[str, BatchPaper] = field(default_factory=dict)
    contradictions: int = 0

    @property
    def first_live_month(self) -> int:
        """Return the month of which points are the first to live on: at a month's last second, the next."""
        return month_of(self.until + 1)

    def municipality_of(self, token: str) -> int:
        """Return the code of the municipality whose series it is; 0 if it has not been registered yet."""
        return self.place_of(token)[0]

    def place_of(self, token: str) -> tuple[int, int]:
        """Return municipality and number of a series, (0, 0) if it was not registered: what orders series."""
        return self.replay.registered.get(token, (0, 0))

    def shop_name(self, token: str, merchant: str) -> str:
        """Return a shop's public name."""
        return self.replay.series[token].merchant_names[merchant][0]


def read_history(
    dataset: Dataset, until: int | None = None, payable_days: Mapping[str, int] | None = None
) -> History:
    """Return what the events up to and in the second `until` tell.

    Args:
        until: the end of the last event's day if None.
        payable_days: by token, what the view saleDays answers, which no event tells; for others, what our
            deployments set. It is used to notice contradictions alone: no figure depends on it.

    Raises:
        DatasetError: there is no dataset, or its files are not those that were fetched.
    """
    if dataset.header is None or dataset.last < 0:
        raise DatasetError(f"{dataset.folder} holds no dataset: fetch first")
    for name, fault in dataset.faults():
        raise DatasetError(f"{name}: {fault}")
    return _Reader(dataset, payable_days or {}).read(until)


class _Reader:
    """Takes in events, and notes what each has changed."""

    def __init__(self, dataset: Dataset, payable_days: Mapping[str, int]) -> None:
        header = dataset.header
        assert header is not None
        self.dataset = dataset
        self.kinds = {its.address: its.kind for its in dataset.contracts if its.kind != SERIES}
        names = {its.address: its.name for its in dataset.contracts if its.kind == SERIES}
        days = {token: payable_days.get(token, SaleTerms().payable_days) for token in names}
        self.replay = Replay(header.platform, header.officers, header.residents, days, self.kinds)
        self.history = History(0, self.replay, names)
        self.minter = ""
        self.said: defaultdict[str, list[str]] = defaultdict(list)
        """Names that services gave in a transaction, for the points that were minted in it."""
        self.sale = 0

    def read(self, until: int | None) -> History:
        for event in read_dataset(self.dataset):
            if until is not None and event.time > until:
                break
            self.history.until = event.time
            self._take(event)
        complete(self.replay.finish, self._contradicted)
        last = self.history.until
        self.history.until = start_of_day(day_of(last) + 1) - 1 if until is None else until
        self._lapse()
        self._name()
        return self.history

    def _apply(self, event: Event) -> bool:
        """Take in an event, and return whether it can be; the rest goes on."""
        return take(self.replay, event, self._contradicted)

    def _contradicted(self, _error: ReplayError) -> None:
        self.history.contradictions += 1

    def _take(self, event: Event) -> None:
        if event.address not in self.replay.series:
            self._take_of_service(event)
            return
        series = self.replay.series[event.address]
        accounts = [value for value in event.arguments.values() if _is_account(value)]
        lots = {account: Counter(series.lots.get(account, {})) for account in accounts}
        claims = {account: _claim(series, account) for account in accounts if account in series.merchants}
        self._apply(event)
        self._note_context(event)
        for account, before in lots.items():
            self._note_lots(event, series, account, before)
        for merchant, claim in claims.items():
            change = [now - then for now, then in zip(_claim(series, merchant), claim, strict=True)]
            if any(change):
                self._note_claim(event, merchant, change)
        if event.name == "Transfer":
            self.sale = 0

    def _note_context(self, event: Event) -> None:
        a = event.arguments
        if event.name == "Minted":
            self.minter = a["minter"]
        elif event.name == "SalePaid":
            self.sale = a["payment"] >> 64 & 2**32 - 1
        elif event.name == "SaleRefunded":
            self.sale = a["sale"]

    def _note_lots(self, event: Event, series: SeriesReplay, account: str, before: Counter[int]) -> None:
        after = series.lots.get(account, Counter())
        changes = {month: after[month] - before[month] for month in sorted(after.keys() | before.keys())}
        for month, points in changes.items():
            if points:
                kind, counterpart = self._kind(event, series)
                # Points are gone when their month has ended, whenever that is recorded.
                time = last_second(month) if event.name == "Lapsed" else event.time
                self.history.residents.append(
                    ResidentLine(
                        time, kind, event.address, account, month, points, counterpart, event.transaction
                    )
                )

    def _kind(self, event: Event, series: SeriesReplay) -> tuple[str, str]:
        if event.name != "Transfer":
            return _RESIDENT_KINDS.get(event.name, f"その他({event.name})"), ""
        source, target = event.arguments["from"], event.arguments["to"]
        if source == ZERO_ADDRESS:
            return _MINT_KINDS.get(self.kinds.get(self.minter, ""), "付与(その他)"), ""
        if target in series.merchants:
            return "支払い", series.merchant_names[target][0]
        if source in series.merchants:
            return "返品", series.merchant_names[source][0]
        return "譲渡", ""

    def _note_claim(self, event: Event, merchant: str, change: list[int]) -> None:
        kind = _MERCHANT_KINDS.get(event.name, f"その他({event.name})")
        if event.name == "Transfer":
            a = event.arguments
            is_given = a["from"] in self.replay.series[event.address].merchants
            between = is_given and a["to"] in self.replay.series[event.address].merchants
            kind = "加盟店間の移転" if between else "返品" if is_given else "支払い"
        claim, locked, settled = change
        self.history.merchants.append(
            MerchantLine(
                event.time,
                kind,
                event.address,
                merchant,
                self.sale,
                claim,
                locked,
                settled,
                event.transaction,
            )
        )

    # ------------------------------------------------------------------------------------- services

    def _take_of_service(self, event: Event) -> None:
        exchange = self.replay.exchanges.get(event.address)
        ledgers = dict(exchange.ledgers) if exchange is not None and event.name in _PARTNER_KINDS else {}
        if not self._apply(event):
            return
        if exchange is not None and event.name in _PARTNER_KINDS:
            for key in sorted(exchange.ledgers):
                before, after = ledgers.get(key, Ledger()), exchange.ledgers[key]
                if before != after:
                    self._note_ledger(event, key, before, after)
            if event.name in ("Delivered", "CouponRedeemed"):
                self.said[event.transaction].append(exchange.names.get(event.arguments["partner"], ""))
        programmes = self.replay.programmes.get(event.address)
        if programmes is not None and event.name == "RowsRun":
            programme = programmes.batches[event.arguments["batch"]].programme
            self.said[event.transaction].append(programmes.programmes[programme].name)
        settlement = self.replay.settlements.get(event.address)
        if settlement is not None and "batch" in event.arguments:
            number = event.arguments["batch"]
            paper = event.arguments.get("paper") or event.arguments.get("fileHash") or b""
            self.history.papers[event.transaction] = BatchPaper(
                number, settlement.batches[number].cut_off, paper.hex()
            )

    def _note_ledger(self, event: Event, key: tuple[int, int], before: Ledger, after: Ledger) -> None:
        a = event.arguments
        reference = a.get("partnerReference") or a.get("bankReferenceHash") or b""
        self.history.partners.append(
            PartnerLine(
                event.time,
                _PARTNER_KINDS[event.name],
                *key,
                a.get("number", 0),
                Ledger(*(now - then for now, then in zip(after, before, strict=True))),
                reference.hex(),
                event.transaction,
            )
        )

    # ------------------------------------------------------------------------------------- at the end

    def _lapse(self) -> None:
        """Note the lots that have ended and that no event has taken off the books."""
        now = self.history.first_live_month
        for token, series in self.replay.series.items():
            for account, lots in series.lots.items():
                for month, points in sorted(lots.items()):
                    if points and month < now:
                        self.history.residents.append(
                            ResidentLine(last_second(month), "失効", token, account, month, -points, "", "")
                        )

    def _name(self) -> None:
        """Give lines what only later events told: whose account it is, and what points were granted for."""
        numbers = self.replay.residents.numbers
        for line in self.history.residents:
            line.number = numbers.get((self.history.municipality_of(line.token), line.account), UNREGISTERED)
            if line.kind in ("付与", "交換"):
                line.counterpart = "、".join(dict.fromkeys(self.said.get(line.transaction, ())))


def _claim(series: SeriesReplay, merchant: str) -> tuple[int, int, int]:
    """Return what a merchant is owed, what of it is in settlement apart from that, what was paid in yen."""
    return series.paid[merchant].total(), series.locked[merchant], series.settled[merchant]


def _is_account(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("0x") and len(value) == 42 and value != ZERO_ADDRESS
