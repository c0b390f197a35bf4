"""Deploys by plain JSON-RPC with keys of our own: for the scripts and the demo, without Brownie."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from eth_utils import to_checksum_address

from scripts.lib.artifacts import read_artifact
from scripts.lib.calls import Call, Deployed, View
from scripts.lib.contract_abi import decode_revert, encode_call, encode_constructor
from scripts.lib.node.local_chain import RpcError
from scripts.lib.node.rpc import Request, Rpc
from scripts.lib.node.sender import Failure, Sender, SendError, Transaction
from scripts.lib.node.view_reader import read_views


class RpcDeployer:
    """A `scripts.lib.calls.Deployer` on a node, for the accounts of a sender's keyring.

    Args:
        pass_second: makes the time of a chain go on that waits to be told; None where it goes on by itself.
    """

    def __init__(self, rpc: Rpc, sender: Sender, pass_second: Callable[[], None] | None = None) -> None:
        self._rpc = rpc
        self._sender = sender
        self._pass_second = pass_second

    def deploy(
        self, contract: str, arguments: Sequence[Any], sender: str, libraries: Mapping[str, str] | None = None
    ) -> Deployed:
        """Deploy a contract of the project and wait for it.

        Raises:
            SendError: it was refused.
            KeyError: a library is missing.
        """
        code = bytes.fromhex(read_artifact(contract).linked(libraries or {})[2:])
        data = code + encode_constructor(contract, arguments)
        [transaction] = self._with_gas([(sender, None, data, f"deployment of {contract}")])
        [receipt] = self._sender.send([transaction])
        if receipt.contract is None:
            raise SendError([Failure(transaction.row, sender, "the receipt names no contract", None)])
        return Deployed(to_checksum_address(receipt.contract), receipt.hash, receipt.block)

    def send(self, calls: Sequence[Call]) -> None:
        """Send calls whose order does not matter, and wait for all of them.

        Raises:
            SendError: some were refused; if that showed beforehand, none was sent.
        """
        self._sender.send(self.transactions(calls))

    def transactions(self, calls: Sequence[Call]) -> list[Transaction]:
        """Return calls as transactions, each with the gas it will take at most.

        Raises:
            SendError: the chain would refuse some; they are all named.
        """
        return self._with_gas(
            [
                (
                    call.sender,
                    call.address,
                    encode_call(call.contract, call.function, call.arguments),
                    f"{call.contract}.{call.function} for {call.subject}",
                )
                for call in calls
            ]
        )

    def read(self, views: Sequence[View]) -> list[Any]:
        """Answer each view: its value, or a tuple if it returns several.

        Raises:
            RpcError: a view reverted.
        """
        return read_views(self._rpc, views)

    def now(self) -> int:
        """Return the time of the latest block, in Unix seconds."""
        return int(self._rpc.call("eth_getBlockByNumber", "latest", False)["timestamp"], 16)

    def next_second(self) -> None:
        """Return when the next block will be later than the latest."""
        if self._pass_second is not None:
            self._pass_second()
        else:
            time.sleep(1.1)

    def _with_gas(self, drafts: list[tuple[str, str | None, bytes, str]]) -> list[Transaction]:
        """Fill in gas limits: the node's estimate and a quarter more."""
        answers = self._rpc.batch(
            Request(
                "eth_estimateGas",
                ({"from": sender, "data": "0x" + data.hex()} | ({} if to is None else {"to": to}),),
            )
            for sender, to, data, _ in drafts
        )
        failures = [
            _failure(row, sender, answer)
            for (sender, _, _, row), answer in zip(drafts, answers, strict=True)
            if isinstance(answer, RpcError)
        ]
        if failures:
            raise SendError(failures)
        return [
            Transaction(sender, to, data, int(answer, 16) * 5 // 4, row)
            for (sender, to, data, row), answer in zip(drafts, answers, strict=True)
        ]


def _failure(row: str, sender: str, error: RpcError) -> Failure:
    revert = decode_revert(bytes.fromhex(error.data[2:])) if isinstance(error.data, str) else None
    return Failure(row, sender, str(revert or error), revert)
