"""A chain that an officer works on: the node, the keys at hand, the records, and whether it is a local one.

The ready accounts of the local chain derive from a public seed (scripts.lib.keys.keyring): two for each
office of each municipality, so that one person can play both officers there. On any other chain the keyring
holds what its owner unlocked, usually one key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from scripts.lib.administration.keys import NO_KEYS, KeyChoice
from scripts.lib.calls import View
from scripts.lib.deployment import PLATFORM
from scripts.lib.journal import FOLDER as JOURNALS_FOLDER
from scripts.lib.journal import Journal
from scripts.lib.keys.keyring import Keyring, LocalKeyring
from scripts.lib.node.networks import Network, read_network
from scripts.lib.node.rpc import ChainIdentity, Rpc
from scripts.lib.node.sender import Receipt, Sender, Transaction
from scripts.lib.node.view_reader import read_views
from scripts.lib.records import FOLDER, DeploymentRecords
from scripts.lib.roles import COUNCIL, Role
from scripts.lib.rpc_deployer import RpcDeployer
from scripts.lib.workspace import ROOT

LOCAL = "local"
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
        network: how to send to the chain, with a journal; None to leave that to `sender`.
        journals: folder of the journals.
        is_under_way: whether a killed run had signed something for the same task.
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
    network: Network | None = None
    journals: Path = JOURNALS_FOLDER
    is_under_way: bool = False
    deployer: RpcDeployer = field(init=False)

    def __post_init__(self) -> None:
        self.sender = self.sender or Sender(self.rpc, self.keyring)
        self.deployer = RpcDeployer(self.rpc, self.sender)
        self.payer = self.payer or (self.accounts[0] if self.accounts else "")

    def folder_of(self, identity: ChainIdentity) -> Path:
        """Return the folder of what the office keeps about a chain, after making it."""
        folder = self.plans / str(identity.chain_id) / identity.genesis.removeprefix("0x")[:16]
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def send(self, transactions: Sequence[Transaction]) -> list[Receipt]:
        """Send, and wait for every receipt.

        Raises:
            SendError: the chain refused some.
            StalledError: some got no receipt.
        """
        return self.require_sender().send(transactions)

    def require_sender(self) -> Sender:
        """Return what sends now: within `journalled` it is another than outside."""
        assert self.sender is not None  # made in __post_init__ at the latest
        return self.sender

    @contextmanager
    def journalled(self, task: str, *, deploys: bool = False) -> Iterator[None]:
        """Note what is sent meanwhile in a journal, after carrying out what a killed run had signed.

        The journal goes when all is over: it is for what may be under way. Does nothing on a connection
        without a network.

        Args:
            task: names the journal; who runs the same task on this machine at the same time is refused.
            deploys: whether contracts are called that no record knows yet.

        Raises:
            JournalError: somebody else runs it, or the disk does not take it.
            StalledError: what was under way gets no receipt.
        """
        if self.network is None:
            yield
            return
        codes = None if deploys else DeploymentRecords(self.rpc, self.records).code_hashes()
        with Journal(self.rpc.identity(), task, self.journals) as journal:
            self.is_under_way = bool(journal.signed)
            sender = self.network.sender(self.rpc, self.keyring, journal=journal, code_hashes=codes)
            sender.recover()
            self.sender, self.deployer = sender, RpcDeployer(self.rpc, sender)
            yield
            journal.discard()

    @classmethod
    def open(
        cls,
        network: str = LOCAL,
        url: str | None = None,
        records: Path = FOLDER,
        keys: KeyChoice = NO_KEYS,
        plans: Path = PLANS_FOLDER,
        journals: Path = JOURNALS_FOLDER,
    ) -> Connection:
        """Return a network of scripts/networks.yaml with the keys of whoever sits here.

        Args:
            url: where its node answers, if not where the file says.
            records, plans, journals: see Connection.
            keys: the ready accounts if none is chosen, on a local chain alone.

        Raises:
            NetworkError: there is no such network.
            KeyringError: the chain at the address is another one.
            KeystoreError, ExternalSignerError: a key cannot be used.
        """
        chosen = read_network(network, url)
        rpc = chosen.connect(records)
        local = LocalKeyring(None, READY_SEED) if chosen.is_local else None
        keyring = local or Keyring(chosen.chain_id)
        accounts, payer = keys.add_to(keyring), ""
        if local is not None and not accounts:
            accounts, payer = ready_accounts(local, registered_codes(rpc, records)), local.account("deployer")
        return cls(
            rpc,
            keyring,
            accounts,
            is_local=chosen.is_local,
            records=records,
            payer=payer,
            gas_price=chosen.price(rpc),
            plans=plans,
            network=chosen,
            journals=journals,
        )


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
