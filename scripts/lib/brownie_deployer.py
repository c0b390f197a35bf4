"""Deploys through Brownie: for tests and the console, where contracts are Brownie objects.

Brownie's project and accounts come as arguments; this module does not import Brownie.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scripts.lib.calls import Call, Deployed, View


class BrownieDeployer:
    """A `scripts.lib.calls.Deployer` on a loaded Brownie project.

    Args:
        project: Brownie's project (scripts.lib.project.load_project).
        accounts: Brownie's accounts, which hold every sender's key.
    """

    def __init__(self, project: Any, accounts: Any) -> None:
        self._project = project
        self._accounts = accounts

    def deploy(
        self, contract: str, arguments: Sequence[Any], sender: str, libraries: Mapping[str, str] | None = None
    ) -> Deployed:
        """Deploy a contract of the project. Brownie links the libraries that it deployed last.

        Raises:
            brownie.exceptions.VirtualMachineError: it reverted.
        """
        deployed = self._project[contract].deploy(*arguments, {"from": self._account(sender)})
        return Deployed(deployed.address, deployed.tx.txid, deployed.tx.block_number)

    def send(self, calls: Sequence[Call]) -> None:
        """Send calls one after the other.

        Raises:
            brownie.exceptions.VirtualMachineError: one reverted; the ones after it were not sent.
        """
        for call in calls:
            function = getattr(self.at(call.contract, call.address), call.function)
            function(*call.arguments, {"from": self._account(call.sender)})

    def read(self, views: Sequence[View]) -> list[Any]:
        """Answer each view: its value, or a tuple if it returns several."""
        return [
            getattr(self.at(view.contract, view.address), view.function).call(*view.arguments)
            for view in views
        ]

    def now(self) -> int:
        """Return the time of the latest block, in Unix seconds."""
        from brownie import chain

        return int(chain[-1].timestamp)

    def next_second(self) -> None:
        """Let the next block be later than the latest."""
        from brownie import chain

        chain.sleep(1)
        chain.mine()

    def at(self, contract: str, address: str) -> Any:
        """Return the Brownie contract at an address."""
        return self._project[contract].at(address)

    def _account(self, address: str) -> Any:
        return self._accounts.at(address)
