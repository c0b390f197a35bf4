"""Administration as data: what is to be called, on which contract, by whom, and how the chain shows it done.

Builders (scripts.lib.deployment) return calls; the same list is printed, executed, and skipped where done.
Whatever can deploy, send and read executes them: plain JSON-RPC (scripts.lib.rpc_deployer) or Brownie
(scripts.lib.brownie_deployer).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class View:
    """A question to a contract that changes nothing.

    Attributes:
        contract: name of the contract, whose ABI knows the function.
        address: where it lives (0x hex).
    """

    contract: str
    address: str
    function: str
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Call:
    """A transaction to a contract.

    Attributes:
        contract: name of the contract, whose ABI knows the function.
        address: where it lives (0x hex).
        sender: the account that must sign (0x hex).
        subject: whom or what it is about, for people who read the plan.
    """

    contract: str
    address: str
    function: str
    arguments: tuple[Any, ...]
    sender: str
    subject: str = ""

    def __str__(self) -> str:
        arguments = ", ".join(str(argument) for argument in self.arguments)
        return f"{self.contract}.{self.function}({arguments}) from {self.sender}"


@dataclass(frozen=True)
class Deployed:
    """A contract that a deployer has just put on the chain, as its receipt tells it."""

    address: str
    transaction: str
    block: int


class Deployer(Protocol):
    """What deployment needs of a chain: to deploy, send and read, with the accounts of the plan."""

    def deploy(
        self, contract: str, arguments: Sequence[Any], sender: str, libraries: Mapping[str, str] | None = None
    ) -> Deployed:
        """Deploy a contract of the project and wait for it.

        Args:
            libraries: address (0x hex) of each library that the contract links.

        Raises whatever tells that the transaction failed.
        """
        ...

    def send(self, calls: Sequence[Call]) -> None:
        """Send calls whose order does not matter and wait for all of them.

        Raises whatever tells which call failed and why.
        """
        ...

    def read(self, views: Sequence[View]) -> list[Any]:
        """Answer each view: its value, or a tuple if it returns several."""
        ...

    def now(self) -> int:
        """Return the time of the latest block, in Unix seconds."""
        ...

    def next_second(self) -> None:
        """Return when the next block will be later than the latest by a second at least."""
        ...
