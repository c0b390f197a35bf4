"""A small town's year on a chain that stays, with sales after it: what an audit has to look at.

Told by the demo: lists of programmes, payments, a new card, exchanged points and coupons, settlement, month
ends, a bonus. After it a sale is paid from two lots and refunded in part, another is paid, and a number is
voided.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from rich.console import Console

from scripts.demo import KEPT_STATES_TO_TRY_IN, PREPARATION_SECONDS, Demo
from scripts.lib.audit.contracts_found import read_contracts
from scripts.lib.audit.fetch import fetch
from scripts.lib.audit.frauds.forging import send
from scripts.lib.audit.frauds.target import Target
from scripts.lib.calls import View
from scripts.lib.contract_abi import encode_call
from scripts.lib.japan_calendar import day_of, months_of_fiscal_year, start_of
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.node.rpc import Rpc
from scripts.lib.payment.sale_number import sale_number
from scripts.lib.payment.signing import Payment, SeriesDomain, sign, signed_payment
from scripts.lib.records import DeploymentRecords
from scripts.lib.town_year.bonus_rows import read_bonus_campaigns
from scripts.lib.town_year.folder import read_town_years
from tests.scripts.small_town import (
    CODE,
    EXCHANGE,
    FIRST,
    NEW_CARD,
    OTHER_SHOP,
    SECOND,
    SETTLEMENTS,
    SHOP,
    write_town,
)

PROGRAMMES = [
    "健康診査,高山市内,,,1500,健康診査の受診に応じた付与",
    "ボランティア,高山市内,,1000,1700,活動に応じた付与",
    "防災訓練,高山市内,,,1500,防災訓練への参加に応じた付与",
]
GRANTS = [
    f"2026-04-01,{FIRST},1000,健康診査,",
    f"2026-04-01,{SECOND},500,健康診査,",
    f"2026-06-01,{SECOND},700,ボランティア,never",
    f"2026-06-01,{FIRST},1000,ボランティア,never",
    f"2027-03-20,{FIRST},900,防災訓練,2027-12",
    f"2027-03-20,{SECOND},600,防災訓練,2027-12",
]
BONUS = {
    "bonus_campaign": [
        "campaign,first_day,last_day,rate_percent,minimum,cap,budget,categories",
        "初夏のお買い物還元,2027-06-05,2027-06-07,20,500,1000,6500,1 2",
    ],
    "bonus_sales": [
        "time,resident,merchant,points,refund_time,refund_points",
        f"2027-06-05T11:11:09,{FIRST},{SHOP},3600,,",
        f"2027-06-06T16:57:55,{SECOND},{SHOP},1980,2027-06-07T10:00:00,990",
    ],
}
CHANGES = [f"2026-06-02T09:00:00,{OTHER_SHOP},suspend"]
SALE_VALID_SECONDS = 3600
SEGMENTS = 4
"""In how many runs the town's blocks are fetched; each makes a segment."""


@dataclass(kw_only=True)
class AuditedTown(Target):
    """The chain, and who is who on it.

    The second resident has lots of two months; the sale `paid` was refunded in part, `other_paid` was not.
    """

    chain: LocalChain
    demo: Demo
    out: Path

    def dataset(self, folder: Path) -> Path:
        """Fetch into a folder in several runs, and return it."""
        for run in range(1, SEGMENTS + 1):
            fetch(self.rpc, self.platform, folder, last=self.chain.height() * run // SEGMENTS)
        return folder

    def pay(self, payer: str, shop: str, serial: int, points: int) -> int:
        """Let a shop take a signed payment; return the sale's number."""
        now = self.chain.now()
        sale = sale_number(day_of(now), serial)
        payment = Payment(payer, shop, sale, points, now + SALE_VALID_SECONDS)
        domain = SeriesDomain(self.chain.chain_id, self.token)
        signed = signed_payment(payment, sign(domain, payment, self.demo.keyring.key(payer)))
        self.call("paySigned", (shop, *signed), shop)
        return sale

    def call(self, function: str, arguments: tuple[object, ...], by: str) -> None:
        """Call the token in a block of its own, a second later."""
        send(self.rpc, self.token, encode_call("MunicipalPoint", function, arguments), by)

    def balance(self, account: str) -> int:
        """Return the chain's balance of an account."""
        [points] = self.demo.deployer.read([View("MunicipalPoint", self.token, "balanceOf", (account,))])
        return int(points)


def play_town(folder: Path) -> AuditedTown:
    """Play the year; the chain goes on until it is stopped."""
    data = write_town(
        folder / "data",
        grants=GRANTS,
        programmes=PROGRAMMES,
        office_acts=NEW_CARD,
        merchant_changes=CHANGES,
        settlements=SETTLEMENTS,
        **EXCHANGE,
    )
    for name, lines in BONUS.items():
        (data / f"{CODE}-takayama" / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    years = read_town_years(sorted(path for path in data.iterdir() if path.is_dir()))
    begin = start_of(months_of_fiscal_year(years[0].town.fiscal_year).start) - PREPARATION_SECONDS
    chain = LocalChain.anvil(genesis_time=begin, on_demand=True, kept_states=KEPT_STATES_TO_TRY_IN)
    out = folder / "out"
    out.mkdir()
    console = Console(file=StringIO(), width=160)
    demo = Demo(console, years, read_bonus_campaigns(years), chain, out)
    if demo.run() != 0:
        raise AssertionError(console.file.getvalue())
    records = DeploymentRecords(demo.rpc, out / "deployments")
    by_contract = {records[label].contract: records[label].address for label in records.labels()}
    services = _services(demo.rpc, records["platform"].address)
    accounts = demo.accounts[0]
    now = demo.clock.now
    town = AuditedTown(
        chain=chain,
        demo=demo,
        out=out,
        rpc=demo.rpc,
        keyring=demo.keyring,
        records=out / "deployments",
        municipality=int(CODE),
        offices=accounts.officers,
        platform=records["platform"].address,
        officers=records["officers"].address,
        residents=records["residents"].address,
        token=by_contract["MunicipalPoint"],
        programmes=services["GrantProgrammes"],
        exchange=services["PartnerExchange"],
        first=accounts.resident_at(FIRST, now),
        second=accounts.resident_at(SECOND, now),
        first_number=1,
        second_number=2,
        shop=accounts.merchants[SHOP],
        other_shop=accounts.merchants[OTHER_SHOP],
    )
    _sell(town)
    return town


def _services(rpc: Rpc, platform: str) -> dict[str, str]:
    last = int(rpc.call("eth_blockNumber"), 16)
    return {found.kind: found.address for found in read_contracts(rpc, platform, 0, last)}


def _sell(town: AuditedTown) -> None:
    """Sell, take part of it back, and void a number."""
    month, last_month = town.lots(town.first)
    town.paid = town.pay(town.first, town.shop, 1, 950)
    parts = [month << 29 | 900, last_month << 29 | 50]
    town.call("refund", (town.shop, town.paid, town.first, parts, 40), town.shop)
    town.other_paid = town.pay(town.second, town.shop, 2, 100)
    town.voided = town.other_paid + 1
    town.call("voidSale", (town.shop, town.voided), town.shop)
