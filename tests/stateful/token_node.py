"""The token on a chain of its own, driven by raw JSON-RPC: a few small requests a step.

Every step is one block at the second that the step names. Senders are impersonated, so nothing is signed.
Sending, mining and reading are not one batch, because anvil works on a batch's requests side by side and does
not promise their order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType

from scripts.lib.chain import LocalChain, RpcError
from scripts.lib.contract_abi import encode_call
from scripts.lib.deployment import MunicipalityPlan, PlatformPlan, Role, SeriesPlan, deploy
from scripts.lib.event_log import Event, read_events
from scripts.lib.expiry_rule import ExpiryRule
from scripts.lib.keyring import LocalKeyring
from scripts.lib.rpc import Request, Rpc
from scripts.lib.rpc_deployer import RpcDeployer
from scripts.lib.sender import Sender
from tests.stateful.steps import Step
from tests.stateful.token_words import CONTRACT, view_data

GAS = 16_700_000
"""The most that any transaction of the project may use (DESIGN 2)."""


@dataclass(frozen=True)
class Officials:
    """The accounts with a power over the series."""

    admin: str
    merchant_officer: str
    guardian: str


@dataclass(frozen=True)
class Answer:
    """What became of a step.

    Attributes:
        succeeded: False if the call reverted.
        output: what the call returned, or the revert data.
    """

    succeeded: bool
    output: bytes
    events: list[Event]


class TokenNode:
    """A chain, the platform on it, and one series of points.

    Args:
        genesis_time: Unix seconds of block 0; the series exists within the next minute.
        rule: the expiry policy that the series begins with.
        months: the policy's number.

    Attributes:
        token: address of the series.
        deployment_events: what the series emitted before the first step.
    """

    def __init__(self, genesis_time: int, rule: ExpiryRule, months: int) -> None:
        self._chain = LocalChain.anvil(genesis_time=genesis_time, on_demand=True, kept_states=2)
        self._rpc = Rpc(self._chain.url)
        keyring = LocalKeyring(self._chain, "stateful")
        self.officials = Officials(
            *(keyring.account(name) for name in ("admin", "merchant officer", "guardian"))
        )
        council = keyring.account("council")
        series = SeriesPlan("series", "川崎ポイント", "KWP", rule, months)
        officers = [
            (Role.MERCHANT_OFFICER, self.officials.merchant_officer),
            (Role.GUARDIAN, self.officials.guardian),
        ]
        town = MunicipalityPlan(141305, "川崎市", self.officials.admin, officers, [series])
        sender = Sender(self._rpc, keyring, mine=lambda: self._rpc.call("evm_mine"))
        deployed = deploy(RpcDeployer(self._rpc, sender), PlatformPlan(council, council, [town]))
        self.token = deployed.series["series"]
        self.deployment_events = list(read_events(self._rpc, [self.token]))
        self._rpc.call("anvil_autoImpersonateAccount", True)

    def perform(self, step: Step) -> Answer:
        """Mine a block at the step's time, with the step's call in it if it has one."""
        if step.function:
            data = "0x" + encode_call(CONTRACT, step.function, step.arguments).hex()
            transaction = {
                "from": step.sender,
                "to": self.token,
                "data": data,
                "gas": hex(GAS),
                "gasPrice": "0x0",
            }
            self._rpc.call("eth_sendTransaction", transaction)
        # The detailed answer holds what a reverted call returned, which the receipt does not.
        (block,) = self._rpc.call("evm_mine_detailed", {"timestamp": step.time, "blocks": 1})
        if not step.function:
            return Answer(True, b"", [])
        (mined,) = block["transactions"]
        (receipt,) = self._rpc.call("eth_getBlockReceipts", block["number"])
        number = int(block["number"], 16)
        return Answer(
            succeeded=receipt["status"] == "0x1",
            output=bytes.fromhex((mined.get("output") or "0x")[2:]),
            events=list(read_events(self._rpc, [self.token], number, number)) if receipt["logs"] else [],
        )

    def read(self, questions: Sequence[tuple[str, tuple[int | str, ...]]]) -> list[str | RpcError]:
        """Ask views (function, arguments) at the latest block; the answers are hex without 0x.

        A view that reverts has its error in its place.
        """
        requests = [
            Request("eth_call", ({"to": self.token, "data": view_data(function, arguments)}, "latest"))
            for function, arguments in questions
        ]
        answers = self._rpc.batch(requests)
        return [answer if isinstance(answer, RpcError) else answer[2:] for answer in answers]

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
