"""The token on a chain of its own, driven by raw JSON-RPC: a few small requests a step.

Every step is one block at the second that the step names. Senders are impersonated, the Officers contract
too: the series obeys nobody else, and how officers come to an act is tested elsewhere. Signatures, which the
registry and payments of sales ask for, are real.

Sending, mining and reading are not one batch, because anvil works on a batch's requests side by side and does
not promise their order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from scripts.lib.contract_abi import encode_call
from scripts.lib.deployment import MunicipalityPlan, PlatformPlan, SeriesPlan, deploy
from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.keys.keyring import LocalKeyring
from scripts.lib.node.event_log import Event, read_events
from scripts.lib.node.local_chain import LocalChain, RpcError
from scripts.lib.node.rpc import Request, Rpc
from scripts.lib.node.sender import Sender
from scripts.lib.payment.sale_terms import SaleTerms
from scripts.lib.payment.signing import SeriesDomain
from scripts.lib.registration import Registration, RegistrationDomain, sign
from scripts.lib.rpc_deployer import RpcDeployer
from tests.stateful.cards import commitment_of, key_of
from tests.stateful.sale_steps import arguments_on_chain
from tests.stateful.steps import REGISTRY_FUNCTIONS, Step
from tests.stateful.token_words import CONTRACT, REGISTRY, Question, view_data
from tests.stateful.wallets import MAKER, WALLETS

MUNICIPALITY = 141305
KEY_VERSION = 1
HEIR_MAY_INHERIT = 1
"""As numbered in IResidentRegistry.DeparturePolicy."""

GAS = 16_700_000
"""The most that any transaction of the project may use: docs/decisions/0005-lists-of-grants.md."""


@dataclass(frozen=True)
class Answer:
    """What became of a step.

    Attributes:
        succeeded: False if the call reverted.
        output: what the call returned, or the revert data.
        events: of the token.
        registry_events: of the registry of residents.
    """

    succeeded: bool
    output: bytes
    events: list[Event]
    registry_events: list[Event]


class TokenNode:
    """A chain, the platform on it, one series of points, and residents' accounts that are contracts.

    Args:
        genesis_time: Unix seconds of block 0; the series exists within the next minute.
        rule: the expiry policy that the series begins with.
        months: the policy's number.
        sale_terms: for how long sales can be paid and refunded.

    Attributes:
        token: address of the series.
        officers: address of Officers, whose acts the series and the registry obey.
        registry: address of ResidentRegistry.
        deployment_events: what the series emitted before the first step.
    """

    def __init__(self, genesis_time: int, rule: ExpiryRule, months: int, sale_terms: SaleTerms) -> None:
        self._chain = LocalChain.anvil(genesis_time=genesis_time, on_demand=True, kept_states=2)
        self._rpc = Rpc(self._chain.url)
        keyring = LocalKeyring(self._chain, "stateful")
        council, admin = keyring.account("council"), keyring.account("admin")
        series = SeriesPlan("series", "川崎ポイント", "KWP", rule, months, sale_terms=sale_terms)
        town = MunicipalityPlan(MUNICIPALITY, "川崎市", admin, [], [series])
        sender = Sender(self._rpc, keyring, mine=self._mine)
        deployer = RpcDeployer(self._rpc, sender, pass_second=self._mine)
        deployed = deploy(deployer, PlatformPlan(council, council, [town]))
        self.token = deployed.series["series"]
        self.officers, self.registry = deployed.officers, deployed.residents
        self._addresses = {CONTRACT: self.token, REGISTRY: self.registry}
        chain_id = int(self._rpc.call("eth_chainId"), 16)
        self._registration_domain = RegistrationDomain(chain_id, self.registry)
        self._payment_domain = SeriesDomain(chain_id, self.token)
        self.deployment_events = list(read_events(self._rpc, [self.token]))
        self._rpc.call("anvil_autoImpersonateAccount", True)
        self._send(self.officers, REGISTRY, "setDeparturePolicy", (MUNICIPALITY, HEIR_MAY_INHERIT))
        self._mine()
        self._make_wallets()

    def perform(self, step: Step) -> Answer:
        """Mine a block at the step's time, with the step's call in it if it has one."""
        if step.function in REGISTRY_FUNCTIONS:
            self._send(step.sender, REGISTRY, step.function, self._registry_arguments(step))
        elif step.function:
            arguments = arguments_on_chain(step.function, step.arguments, self._payment_domain)
            self._send(step.sender, CONTRACT, step.function, arguments, step.gas)
        # The detailed answer holds what a reverted call returned, which the receipt does not.
        (block,) = self._rpc.call("evm_mine_detailed", {"timestamp": step.time, "blocks": 1})
        if not step.function:
            return Answer(True, b"", [], [])
        (mined,) = block["transactions"]
        (receipt,) = self._rpc.call("eth_getBlockReceipts", block["number"])
        number = int(block["number"], 16)
        emitted = (
            list(read_events(self._rpc, self._addresses.values(), number, number)) if receipt["logs"] else []
        )
        return Answer(
            succeeded=receipt["status"] == "0x1",
            output=bytes.fromhex((mined.get("output") or "0x")[2:]),
            events=[event for event in emitted if event.address == self.token],
            registry_events=[event for event in emitted if event.address == self.registry],
        )

    def read(self, questions: Sequence[tuple[str, str, Sequence[Question]]]) -> list[str | RpcError]:
        """Ask views (contract, function, arguments) at the latest block; the answers are hex without 0x.

        A view that reverts has its error in its place.
        """
        requests = [
            Request(
                "eth_call",
                (
                    {"to": self._addresses[contract], "data": view_data(contract, function, arguments)},
                    "latest",
                ),
            )
            for contract, function, arguments in questions
        ]
        answers = self._rpc.batch(requests)
        return [answer if isinstance(answer, RpcError) else answer[2:] for answer in answers]

    def _mine(self) -> None:
        self._rpc.call("evm_mine")

    def _send(
        self, sender: str, contract: str, function: str, arguments: Sequence[Any], gas: int | None = None
    ) -> None:
        data = "0x" + encode_call(contract, function, arguments).hex()
        self._send_data(sender, self._addresses[contract], data, gas)

    def _send_data(self, sender: str, to: str | None, data: str, gas: int | None = None) -> None:
        transaction = {"from": sender, "data": data, "gas": hex(gas or GAS), "gasPrice": "0x0"}
        self._rpc.call("eth_sendTransaction", transaction | ({} if to is None else {"to": to}))

    def _make_wallets(self) -> None:
        for wallet in WALLETS.values():
            self._send_data(MAKER, None, wallet.creation())
        self._mine()
        for wallet in WALLETS.values():
            self._send_data(MAKER, wallet.address, wallet.instruction(self.token))
        self._mine()
        for address in WALLETS:
            assert self._rpc.call("eth_getCode", address, "latest") != "0x", f"no wallet at {address}"

    def _registry_arguments(self, step: Step) -> tuple[Any, ...]:
        """Complete a step's arguments by the municipality, commitments and signatures."""
        match step.function, step.arguments:
            case "register", (accounts,):
                joining = [self._signed(account, commitment_of(account)) for account in accounts]
                return (MUNICIPALITY, KEY_VERSION, joining)
            case "startReplacement", (number, new_account):
                (answer,) = self.read([(REGISTRY, "commitmentOf", (MUNICIPALITY, number))])
                commitment = bytes.fromhex(str(answer))[:32]
                return (MUNICIPALITY, number, new_account, self._signed(new_account, commitment).signature)
        return (MUNICIPALITY, *step.arguments)

    def _signed(self, account: str, commitment: bytes) -> Registration:
        return sign(self._registration_domain, MUNICIPALITY, key_of(account), commitment)

    def close(self) -> None:
        """End the chain."""
        self._rpc.close()
        self._chain.stop()

    def __enter__(self) -> TokenNode:
        """Return the node itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the chain."""
        self.close()
