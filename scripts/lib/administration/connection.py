"""A chain that an officer works on: the node, the keys at hand, the records, and whether it is a local one.

The ready accounts of the local chain derive from a public seed (scripts.lib.keyring): two for each office of
each municipality, so that one person can play both officers there. On any other chain the keyring holds what
its owner unlocked, usually one key.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scripts.lib.calls import View
from scripts.lib.deployment import PLATFORM
from scripts.lib.keyring import Keyring, LocalKeyring
from scripts.lib.records import FOLDER, DeploymentRecords
from scripts.lib.roles import COUNCIL, Role
from scripts.lib.rpc import Rpc
from scripts.lib.rpc_deployer import RpcDeployer
from scripts.lib.sender import Receipt, Sender, Transaction
from scripts.lib.view_reader import read_views
from scripts.lib.workspace import ROOT

LOCAL_URL = "http://127.0.0.1:8545"
PLANS_FOLDER = ROOT / "plans"
READY_SEED = "ready accounts"
READY_PARTNERS = 9


@dataclass
class Connection:
    """A chain and what one may sign on it.

    Attributes:
        accounts: whom the keyring can sign for (checksummed).
        is_local: whether it is a chain of this machine, where commands send unless told to plan.
        records: folder of the deployment records.
        plans: folder where sent plans are kept.
        payer: account that pays for deployments; the first of `accounts` if empty.
        gas_price: in wei, of what is signed without the network; the sender has its own.
        sender: sends what is confirmed; a plain one if None.
    """

    rpc: Rpc
    keyring: Keyring
    accounts: list[str]
    is_local: bool = False
    records: Path = FOLDER
    plans: Path = PLANS_FOLDER
    payer: str = ""
    gas_price: int = 0
    sender: Sender | None = None
    deployer: RpcDeployer = field(init=False)

    def __post_init__(self) -> None:
        self.sender = self.sender or Sender(self.rpc, self.keyring)
        self.deployer = RpcDeployer(self.rpc, self.sender)
        self.payer = self.payer or (self.accounts[0] if self.accounts else "")

    def send(self, transactions: Sequence[Transaction]) -> list[Receipt]:
        """Send, and wait for every receipt.

        Raises:
            SendError: the chain refused some.
            StalledError: some got no receipt.
        """
        assert self.sender is not None  # made in __post_init__ at the latest
        return self.sender.send(transactions)

    @classmethod
    def open(cls, url: str, records: Path = FOLDER) -> Connection:
        """Return the chain at an address with the keys of whoever sits here.

        So far that is the local chain and its ready accounts; whoever has other keys opens a Connection of
        their own and hands it to `run`.

        Raises:
            KeyringError: the chain is another one.
        """
        return cls.local(url, records)

    @classmethod
    def local(cls, url: str = LOCAL_URL, records: Path = FOLDER) -> Connection:
        """Return the chain of `make chain` with its ready accounts.

        Raises:
            KeyringError: the chain at `url` is another one.
        """
        rpc = Rpc(url)
        keyring = LocalKeyring(None, READY_SEED)
        accounts = ready_accounts(keyring, registered_codes(rpc, records))
        payer = keyring.account("deployer")
        return cls(rpc, keyring, accounts, is_local=True, records=records, payer=payer)


def registered_codes(rpc: Rpc, folder: Path) -> list[int]:
    """Return the codes of the municipalities that the recorded platform has; none if there is no platform."""
    records = DeploymentRecords(rpc, folder)
    if PLATFORM not in records:
        return []
    platform = records.address_of(PLATFORM, "PointPlatform")
    [codes] = read_views(rpc, [View("PointPlatform", platform, "municipalities")])
    return [int(code) for code in codes]


def ready_officer(keyring: LocalKeyring, code: int, role: Role, place: int = 1) -> str:
    """Return the first or second account that is ready for an office on a local chain."""
    return keyring.account(f"{code:06d}/{role.name}/{place}")


def ready_accounts(keyring: LocalKeyring, codes: Iterable[int]) -> list[str]:
    """Return all accounts that are ready on a local chain, for the council, municipalities and partners."""
    return [
        *(ready_officer(keyring, COUNCIL, Role.ADMIN, place) for place in (1, 2)),
        *(ready_officer(keyring, code, role, place) for code in codes for role in Role for place in (1, 2)),
        *(keyring.account(f"partner/{number}") for number in range(1, READY_PARTNERS + 1)),
    ]
