"""A town with two people in every office and one series, on a chain without Brownie: for what officers do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from eth_utils import to_checksum_address

from scripts.lib.acts import Act
from scripts.lib.calls import Call, View
from scripts.lib.compiler import CompiledContract
from scripts.lib.contract_abi import encode_constructor
from scripts.lib.deployment import (
    SERIES_LIBRARIES,
    SERVICES,
    MunicipalityPlan,
    PlatformPlan,
    SeriesPlan,
    deploy,
    series_arguments,
)
from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.keys.keyring import LocalKeyring
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.sender import Sender, Transaction
from scripts.lib.proceedings import execute_pending
from scripts.lib.reasons import Reason
from scripts.lib.roles import Role
from scripts.lib.rpc_deployer import RpcDeployer
from scripts.lib.town_year.play import BlockClock

CODE = 141305
NAME = "川崎市"
SERIES_NAME = "川崎げんきポイント"
_GAS = 10_000_000


@dataclass(frozen=True)
class OfficeTown:
    """The town and what its tests need to act in it.

    Attributes:
        token: address of its series.
        minter: account that may mint in it, if it was opened with an allowance.
        block: from which on the platform's events are to be read.
        services: by address, the contract of each service that the council offers.
    """

    chain: LocalChain
    rpc: Rpc
    keyring: LocalKeyring
    sender: Sender
    deployer: RpcDeployer
    platform: str
    officers: str
    residents: str
    token: str
    minter: str
    block: int
    services: dict[str, str]

    def officer(self, role: Role, place: int = 1) -> str:
        """Return the first or second account in an office."""
        return _officer(self.keyring, role, place)

    def account(self, name: str) -> str:
        """Return an account that holds no office in the town, by a name that tells it apart."""
        return self.keyring.account(name)

    def act(self, contract: str, function: str, *arguments: Any, by: str, **more: Any) -> Act:
        """Return an act of the town, for a routine reason unless told."""
        addresses = {
            "Officers": self.officers,
            "ResidentRegistry": self.residents,
            "MunicipalPoint": self.token,
        }
        reason = more.pop("reason", Reason.ROUTINE)
        return Act(CODE, contract, addresses[contract], function, arguments, reason, by, **more)

    def ask(self, contract: str, address: str, function: str, *arguments: Any) -> Any:
        """Return the answer of one view."""
        [answer] = self.deployer.read([View(contract, address, function, arguments)])
        return answer

    def call(
        self, contract: str, address: str, function: str, *arguments: Any, by: str | None = None
    ) -> None:
        """Send a call that is no act, from an account without any role unless told."""
        sender = self.account("anyone") if by is None else by
        self.deployer.send([Call(contract, address, function, arguments, sender)])

    def proposal_count(self) -> int:
        """Return how many proposals were ever made."""
        return int(self.ask("Officers", self.officers, "proposalCount"))

    def pass_time(self, seconds: int) -> None:
        """Let the chain's clock go on."""
        self.chain.mine_at(self.chain.now() + seconds)

    def register_series(self, compiled: CompiledContract) -> str:
        """Deploy one more series, of a contract that is not the project's, and return its address."""
        payer = self.account("deployer")
        libraries = {name: self.deployer.deploy(name, (), payer).address for name in SERIES_LIBRARIES}
        planned = SeriesPlan("", "試験", "TEST", ExpiryRule.NEVER)
        arguments = series_arguments(CODE, self.officers, self.residents, planned)
        code = bytes.fromhex(compiled.linked(libraries)[2:])
        data = code + encode_constructor("MunicipalPoint", arguments)
        [receipt] = self.sender.send([Transaction(payer, None, data, _GAS, "series")])
        token = to_checksum_address(str(receipt.contract))
        register = Call(
            "PointPlatform", self.platform, "registerSeries", (CODE, token), self.account("council")
        )
        self.deployer.send([register])
        return token


def open_town(
    chain: LocalChain,
    rpc: Rpc,
    keyring: LocalKeyring,
    *,
    clock: BlockClock | None = None,
    allowance: int = 0,
    sender: Sender | None = None,
) -> OfficeTown:
    """Deploy a platform with the town.

    Args:
        clock: of a chain that mines only on demand.
        sender: what sends, if gas is not free.
        allowance: points that the town's minter may mint; it takes 48 hours.
    """
    block = chain.height() + 1
    sender = sender or Sender(rpc, keyring, mine=clock and clock.mine)
    deployer = RpcDeployer(rpc, sender, clock and clock.pass_second)
    minter = keyring.account("minter")
    series = SeriesPlan(
        "series",
        SERIES_NAME,
        "GENKI",
        ExpiryRule.THIS_FISCAL_YEAR,
        minters={minter: allowance} if allowance else {},
    )
    plan = MunicipalityPlan(
        code=CODE,
        name=NAME,
        admin=_officer(keyring, Role.ADMIN, 1),
        officers=[(role, _officer(keyring, role, place)) for role in Role for place in (1, 2)],
        series=[series],
    )
    deployment = deploy(
        deployer,
        PlatformPlan(keyring.account("deployer"), keyring.account("council"), [plan], tuple(SERVICES)),
    )
    town = OfficeTown(
        chain,
        rpc,
        keyring,
        sender,
        deployer,
        deployment.platform,
        deployment.officers,
        deployment.residents,
        deployment.series["series"],
        minter,
        block,
        {address: service for service, address in deployment.services.items()},
    )
    if deployment.pending:
        ready_at = max(pending.ready_at for pending in deployment.pending)
        if clock is not None:
            clock.go_to(ready_at)
        else:
            chain.mine_at(ready_at)
        execute_pending(deployer, deployment.officers, deployment.pending)
    return town


@contextmanager
def undone(town: OfficeTown) -> Iterator[OfficeTown]:
    """Give the town out for the length of a `with` block and undo what was done there."""
    snapshot = town.rpc.call("evm_snapshot")
    # A sender counts nonces itself, and would go on counting from what has been undone.
    sender = Sender(town.rpc, town.keyring)
    yield replace(town, sender=sender, deployer=RpcDeployer(town.rpc, sender))
    town.rpc.call("evm_revert", snapshot)


def _officer(keyring: LocalKeyring, role: Role, place: int) -> str:
    return keyring.account(f"{role.name} {place}")
