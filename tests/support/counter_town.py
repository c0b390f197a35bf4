"""A town with shops and residents on a chain of its own, to which web3 alone speaks: for counters, purses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils import keccak
from web3 import Web3

from scripts.lib.acts import Act
from scripts.lib.book_export import export_book
from scripts.lib.contract_book import ContractBook
from scripts.lib.deployment import deploy
from scripts.lib.japan_calendar import moment_from_text
from scripts.lib.keys.keyring import LocalKeyring
from scripts.lib.merchant.sale_queue import SaleQueue
from scripts.lib.merchant.sending import QueueSender
from scripts.lib.merchant.shop_counter import ShopCounter
from scripts.lib.merchant.till_settings import TillSettings
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.sender import Sender
from scripts.lib.proceedings import carry_out, execute_pending
from scripts.lib.reasons import Reason
from scripts.lib.registration import NO_COMMITMENT, RegistrationDomain, sign
from scripts.lib.resident.series_knowledge import SeriesKnowledge, refresh
from scripts.lib.resident.signing_desk import SigningDesk
from scripts.lib.rpc_deployer import RpcDeployer
from tests.scripts.local_plan import local_plan
from tests.support.town import CITY, SERIES

OPENING = moment_from_text("2026-03-30T09:00")
"""Two days before the fiscal year ends, and with it a month."""

WAIT = 49 * 60 * 60
"""So long at least whatever can make or end points waits, here in seconds."""


def key(name: str) -> LocalAccount:
    """Return the key of somebody."""
    found: LocalAccount = Account.from_key(keccak(text=f"counter town {name}"))
    return found


@dataclass
class CounterTown:
    """The town; its clock stands where a test puts it."""

    chain: LocalChain
    book: ContractBook
    web3: Web3
    keyring: LocalKeyring
    series: str

    @property
    def point(self) -> Any:
        """The series."""
        return self.book.contract(self.web3, "MunicipalPoint", self.series)

    @property
    def shop(self) -> LocalAccount:
        """The shop's own key, which is its owner's."""
        return self.keyring.key(self.keyring.account("shop"))

    @property
    def other_shop(self) -> LocalAccount:
        """Another shop's."""
        return self.keyring.key(self.keyring.account("other shop"))

    def go_to(self, timestamp: int) -> None:
        """Let the latest block carry this time."""
        self.chain.mine_at(timestamp)

    def send(self, function: Any, sender: str) -> Any:
        """Send a call as somebody whose key nobody needs to have."""
        self.chain.rpc("anvil_impersonateAccount", sender)
        tx = function.build_transaction({"from": sender, "gasPrice": 0, "gas": 8_000_000})
        transaction = self.web3.eth.send_transaction(
            {**tx, "nonce": self.web3.eth.get_transaction_count(sender)}
        )
        receipt = self.web3.eth.wait_for_transaction_receipt(transaction, poll_latency=0.005)
        assert receipt["status"] == 1, function
        return receipt

    def act(self, function: Any) -> None:
        """Do an act in the name of Officers; who may bring it about is tested elsewhere."""
        self.send(function, self.book.officers)

    def grant(self, account: str, points: int, month: int | None = None) -> None:
        """Give points to an account, by the policy or to end with a month."""
        functions = self.point.functions
        call = (
            functions.mint(account, points) if month is None else functions.mintUntil(account, points, month)
        )
        self.send(call, self.keyring.account("minter"))

    def join(self, member: LocalAccount) -> int:
        """Register somebody as a resident, and return the number."""
        residents = self.book.contract(self.web3, "ResidentRegistry", self.book.residents)
        domain = RegistrationDomain(self.book.chain_id, self.book.residents)
        commitment = bytes(keccak(text=member.address))
        signed = sign(domain, CITY, member, commitment)
        self.act(residents.functions.register(CITY, 1, [tuple(signed)]))
        return int(residents.functions.numberOf(CITY, member.address).call())

    def settings(self, shop: LocalAccount | None = None, **changed: Any) -> TillSettings:
        """Return a till of a shop."""
        merchant = (shop or self.shop).address
        return TillSettings(self.book.chain_id, self.series, merchant, "商店0", **changed)

    def counter(
        self, folder: Path, clock: Any, shop: LocalAccount | None = None, **changed: Any
    ) -> ShopCounter:
        """Return a till of a shop with a line."""
        settings = self.settings(shop, **changed)
        queue = SaleQueue(folder / f"queue-{settings.merchant}-{settings.till}.log", settings.till)
        counter = ShopCounter(settings, queue, shop or self.shop, clock=clock)
        counter.sender = self.sender(counter)
        return counter

    def sender(self, counter: ShopCounter) -> QueueSender:
        """Return the line of a till."""
        return QueueSender(self.book, self.web3, counter.settings, counter.queue, counter._key)

    def knowledge(self, account: str) -> SeriesKnowledge:
        """Return what a purse learns with a line."""
        return refresh(self.book, self.web3, self.series, account)

    def purse(self, folder: Path, member: LocalAccount, clock: Any, machine: str = "phone") -> SigningDesk:
        """Return somebody's purse on one of their machines."""
        return SigningDesk(self.knowledge(member.address), folder / f"{machine}-{member.address}.log", clock)

    def balance(self, account: str) -> int:
        """Return somebody's points."""
        return int(self.point.functions.balanceOf(account).call())


def open_town(chain: LocalChain) -> CounterTown:
    """Deploy the town with settlement and exchange, accepted by the city."""
    keyring = LocalKeyring(chain, "counter town")
    rpc = Rpc(chain.url)
    deployer = RpcDeployer(rpc, Sender(rpc, keyring))
    plan = replace(
        local_plan(keyring, "shop", "other shop"), services=("MerchantSettlement", "PartnerExchange")
    )
    chain.mine_at(OPENING - 3 * WAIT)
    deployment = deploy(deployer, plan)
    waiting = deployment.pending
    token, settlement = deployment.series[SERIES], deployment.services["MerchantSettlement"]
    for contract, address, function, arguments in (
        ("Officers", deployment.officers, "acceptService", (CITY, settlement)),
        ("MunicipalPoint", token, "setSettlement", (settlement,)),
    ):
        chain.mine_at(chain.now() + WAIT)
        execute_pending(deployer, deployment.officers, waiting)
        admins = keyring.account("city"), keyring.account("second admin")
        act = Act(CITY, contract, address, function, arguments, Reason.NEW_SERVICE, *admins)
        waiting = carry_out(deployer, deployment.officers, [act])
    chain.mine_at(OPENING)
    execute_pending(deployer, deployment.officers, waiting)
    book = export_book(chain.url, deployment.platform)
    return CounterTown(chain, book, book.connect(chain.url), keyring, book.series_at(token).address)


__all__ = ["CITY", "NO_COMMITMENT", "OPENING", "CounterTown", "key", "open_town"]
