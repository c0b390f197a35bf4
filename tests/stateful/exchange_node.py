"""Two towns and the partner exchange on a chain of their own, driven by raw JSON-RPC.

Every step is one block at the second that the step names. Senders are impersonated, Officers too: how
officers come to an act is tested elsewhere. Residents' and coupons' signatures are real.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any, NamedTuple

from scripts.lib.contract_abi import decode_answer, encode_call
from scripts.lib.deployment import MunicipalityPlan, PlatformPlan, SeriesPlan, deploy
from scripts.lib.exchange.signatures import ExchangeDomain
from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.keys.keyring import LocalKeyring
from scripts.lib.node.event_log import Event, read_events
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.node.rpc import Request, Rpc
from scripts.lib.node.sender import Sender
from scripts.lib.registration import Registration, RegistrationDomain, sign
from scripts.lib.rpc_deployer import RpcDeployer
from tests.stateful.cards import key_of

TOWNS = (141305, 212032)
KEY_VERSION = 1
GAS = 16_700_000
EXCHANGE, REGISTRY, POINT, OFFICERS = "PartnerExchange", "ResidentRegistry", "MunicipalPoint", "Officers"


class Question(NamedTuple):
    """A view to be asked."""

    contract: str
    address: str
    function: str
    arguments: tuple[Any, ...] = ()


class ExchangeNode:
    """The chain; the exchange is deployed, its partners are not registered yet.

    Attributes:
        series: addresses by municipality.
    """

    def __init__(self, genesis_time: int) -> None:
        self._chain = LocalChain.anvil(genesis_time=genesis_time, on_demand=True, kept_states=2)
        self._rpc = Rpc(self._chain.url)
        keyring = LocalKeyring(self._chain, "stateful exchange")
        council = keyring.account("council")
        towns = [
            MunicipalityPlan(
                code,
                f"{code}",
                keyring.account(f"admin {code}"),
                [],
                [SeriesPlan(str(code), "ポイント", "P", ExpiryRule.NEVER)],
            )
            for code in TOWNS
        ]
        deployer = RpcDeployer(self._rpc, Sender(self._rpc, keyring, mine=self._mine), pass_second=self._mine)
        deployed = deploy(deployer, PlatformPlan(council, council, towns, [EXCHANGE]))
        self.exchange = deployed.services[EXCHANGE]
        self.officers, self.registry = deployed.officers, deployed.residents
        self.series = {code: deployed.series[str(code)] for code in TOWNS}
        chain_id = int(self._rpc.call("eth_chainId"), 16)
        self.domain = ExchangeDomain(chain_id, self.exchange)
        self._registrations = RegistrationDomain(chain_id, self.registry)
        self._rpc.call("anvil_autoImpersonateAccount", True)

    def send(
        self, time: int, sender: str, contract: str, address: str, function: str, arguments: Sequence[Any]
    ) -> tuple[bool, bytes]:
        """Mine a block with this call; return whether it succeeded, and what it returned or reverted with."""
        transaction = {
            "from": sender,
            "to": address,
            "data": "0x" + encode_call(contract, function, arguments).hex(),
            "gas": hex(GAS),
            "gasPrice": "0x0",
        }
        self._rpc.call("eth_sendTransaction", transaction)
        (block,) = self._rpc.call("evm_mine_detailed", {"timestamp": time, "blocks": 1})
        (mined,) = block["transactions"]
        (receipt,) = self._rpc.call("eth_getBlockReceipts", block["number"])
        return receipt["status"] == "0x1", bytes.fromhex((mined.get("output") or "0x")[2:])

    def read(self, questions: Sequence[Question]) -> list[Any]:
        """Answer views at the latest block."""
        requests = [
            Request(
                "eth_call",
                ({"to": address, "data": "0x" + encode_call(contract, function, arguments).hex()}, "latest"),
            )
            for contract, address, function, arguments in questions
        ]
        return [
            decode_answer(question.contract, question.function, bytes.fromhex(answer[2:]))
            for question, answer in zip(questions, self._rpc.results(requests), strict=True)
        ]

    def registration(self, town: int, account: str, commitment: bytes) -> Registration:
        """Return what an account joins a town with, or takes over a membership."""
        return sign(self._registrations, town, key_of(account), commitment)

    def events(self) -> list[Event]:
        """Return every event of the exchange and of its series."""
        return list(read_events(self._rpc, [self.exchange, *self.series.values()]))

    def _mine(self) -> None:
        self._rpc.call("evm_mine")

    def __enter__(self) -> ExchangeNode:
        """Return the node itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the chain."""
        self._rpc.close()
        self._chain.stop()
