"""What a purse knows of one series without a line: shops with their tills, own points and their ends.

    knowledge = refresh(book, web3, series, account)      # with a line
    knowledge.write(path); SeriesKnowledge.read(path)     # without

It tells its age. A shop that was approved since is refused until the next refresh; one that was suspended
since is refused by the chain.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from web3 import Web3

from scripts.lib.account_replacement import UnderWay
from scripts.lib.bilingual import Bilingual
from scripts.lib.contract_book import ContractBook
from scripts.lib.error_sentences import NEVER_MONTH
from scripts.lib.japan_calendar import last_day_label, month_of
from scripts.lib.node.log_pages import read_logs
from scripts.lib.payment.signing import SeriesDomain

ACTIVE = 0
NOBODY = "0x" + "00" * 20


@dataclass
class KnownShop:
    """A shop or public facility, as its municipality approved it.

    Attributes:
        status: 0 active, 1 suspended, 2 closed.
        owner: who holds its owner key; it may sign as a till does.
        tills: keys that the present owner has appointed.
    """

    name: str
    place: str
    owner: str
    status: int = ACTIVE
    tills: list[str] = field(default_factory=list)

    def may_sign(self, key: str) -> bool:
        """Return whether a key may open sales for the shop."""
        return key == self.owner or key in self.tills


@dataclass
class SeriesKnowledge:
    """One series, as of one block. Accounts are checksummed; months count from January 2000 = 0.

    Attributes:
        account: the resident's own.
        lots: its live points by month of expiry.
        cancel_epoch: which a signature must name.
        at: time of the block, in seconds.
        shops: by account.
        under_way: what replaces the resident's account, if anything does.
    """

    chain_id: int
    series: str
    municipality: int
    town: str
    name: str
    account: str
    payable_days: int = 0
    cancel_epoch: int = 0
    lots: dict[int, int] = field(default_factory=dict)
    block: int = -1
    at: int = 0
    shops: dict[str, KnownShop] = field(default_factory=dict)
    under_way: UnderWay | None = None

    @property
    def domain(self) -> SeriesDomain:
        """What signatures are good for."""
        return SeriesDomain(self.chain_id, self.series)

    def live_lots(self, now: int) -> list[tuple[int, int]]:
        """Return the lots that have not ended by now, earliest first."""
        month = month_of(now)
        return sorted((end, points) for end, points in self.lots.items() if end >= month)

    @classmethod
    def read(cls, path: Path) -> SeriesKnowledge:
        """Read what `write` wrote.

        Raises:
            OSError, ValueError, TypeError, KeyError: it is not there, or no such file.
        """
        content = json.loads(path.read_text(encoding="utf-8"))
        content["lots"] = {int(month): points for month, points in content["lots"].items()}
        content["shops"] = {account: KnownShop(**shop) for account, shop in content["shops"].items()}
        if content.get("under_way") is not None:
            content["under_way"] = UnderWay(*content["under_way"])
        return cls(**content)

    def write(self, path: Path) -> None:
        """Write it, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1), encoding="utf-8")
        new.replace(path)


def refresh(
    book: ContractBook, web3: Web3, series: str, account: str, known: SeriesKnowledge | None = None
) -> SeriesKnowledge:
    """Return what the chain says now.

    Args:
        known: what was known before, of which only what came after is read; None reads all.

    Raises:
        BookError: it is no series of the council's.
    """
    booked = book.series_at(series)
    if known is None or (known.series, known.account) != (booked.address, account):
        known = SeriesKnowledge(
            book.chain_id, booked.address, booked.municipality, booked.town, booked.name, account
        )
    point = book.contract(web3, "MunicipalPoint", booked.address)
    head = web3.eth.get_block("latest")
    last = int(head["number"])
    for event in _shop_events(web3, point, max(booked.block, known.block + 1), last):
        if event["event"] == "MerchantCarriedIn":
            _carry_in(book, web3, point, known.shops, event["args"])
        else:
            _apply(known.shops, event)
    months, amounts = point.functions.lotsOf(account).call(block_identifier=last)
    known.lots = dict(zip(months, amounts, strict=True))
    known.cancel_epoch = point.functions.cancelEpochOf(account).call(block_identifier=last)
    known.payable_days = point.functions.saleDays().call()[0]
    known.under_way = under_way_of(book, web3, booked.municipality, account, last)
    known.block, known.at = last, int(head["timestamp"])
    return known


def under_way_of(
    book: ContractBook, web3: Web3, municipality: int, account: str, block: int | None = None
) -> UnderWay | None:
    """Return what replaces a resident's account; None if nothing does, or it is no resident's.

    Args:
        block: as of which; the latest if None.
    """
    residents = book.contract(web3, "ResidentRegistry", book.residents).functions
    at: Any = "latest" if block is None else block
    number = residents.numberOf(municipality, account).call(block_identifier=at)
    if number == 0:
        return None
    found = UnderWay(*residents.replacementOf(municipality, number).call(block_identifier=at))
    return None if found.new_account == NOBODY else found


def end_of_points(month: int) -> Bilingual:
    """Return the last day of points in words: 2027年3月31日まで."""
    if month >= NEVER_MONTH:
        return Bilingual("without end", "期限なし")
    day = last_day_label(month)
    return Bilingual(f"until {day.english}", f"{day.japanese}まで")


def _shop_events(web3: Web3, point: Any, first: int, last: int) -> list[Any]:
    kinds = (
        point.events.MerchantApproved,
        point.events.MerchantCarriedIn,
        point.events.MerchantStatusSet,
        point.events.MerchantOwnerSet,
        point.events.MerchantOwnerCarriedIn,
        point.events.TillSet,
    )
    events = [event for kind in kinds for event in read_logs(web3, kind, first, last=last)]
    return sorted(events, key=lambda event: (event["blockNumber"], event["logIndex"]))


def _carry_in(book: ContractBook, web3: Web3, point: Any, shops: dict[str, KnownShop], a: Any) -> None:
    """Note a shop that stands as it stood with a series before, which published its name."""
    approved: list[Any] = []
    while not approved:
        before = book.series_at(point.functions.predecessor().call())
        point = book.contract(web3, "MunicipalPoint", before.address)
        wanted = {"merchant": a["merchant"]}
        approved = list(read_logs(web3, point.events.MerchantApproved, before.block, wanted))
    named = approved[-1]["args"]
    shops[a["merchant"]] = KnownShop(named["name"], named["place"], a["owner"], a["status"])


def _apply(shops: dict[str, KnownShop], event: Any) -> None:
    arguments = event["args"]
    merchant = arguments["merchant"]
    match event["event"]:
        case "MerchantApproved":
            before = shops.get(merchant)
            owner = merchant if before is None else before.owner
            tills = [] if before is None else before.tills
            shops[merchant] = KnownShop(arguments["name"], arguments["place"], owner, ACTIVE, tills)
        case "MerchantStatusSet":
            shops[merchant].status = arguments["status"]
        case "MerchantOwnerSet" | "MerchantOwnerCarriedIn":
            if merchant in shops:
                shops[merchant].owner, shops[merchant].tills = arguments["owner"], []
        case "TillSet":
            tills = [till for till in shops[merchant].tills if till != arguments["till"]]
            shops[merchant].tills = [*tills, arguments["till"]] if arguments["active"] else tills
