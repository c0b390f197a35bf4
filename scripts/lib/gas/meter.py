"""Measures what calls cost, to the unit of gas, on a chain of its own.

    with GasMeter.started(compile_files(["contracts/..."]), genesis_time=1775001600) as meter:
        token = meter.deploy("SomeToken", [])
        gas = token.send("transfer", shop, 100, sender=resident)

The gas of a call depends on the state it finds and on nothing else: the chain's clock starts at a given
second and moves one second a block, every account may send without a key, and `undone` puts the state back.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi import decode, encode
from eth_utils import keccak
from eth_utils.abi import collapse_if_tuple

from scripts.lib.compiler import Compilation
from scripts.lib.node.local_chain import DEVELOPMENT_CHAIN_ID, LocalChain

# Fixed: signatures name the chain, and what their bytes cost would change with every random chain id.
CHAIN_ID = DEVELOPMENT_CHAIN_ID
TRANSACTION_GAS_LIMIT = 16_700_000
BASE_TRANSACTION_GAS = 21_000
ZERO_BYTE_GAS = 4
OTHER_BYTE_GAS = 16


class GasMeterError(Exception):
    """A call that was to be measured failed."""


@dataclass(frozen=True)
class GasMeter:
    """A chain that belongs to the measurement, and what was compiled for it."""

    chain: LocalChain
    compilation: Compilation

    @classmethod
    @contextlib.contextmanager
    def started(cls, compilation: Compilation, genesis_time: int) -> Iterator[GasMeter]:
        """Start a chain for the length of a `with` block.

        Args:
            genesis_time: Unix seconds of block 0.
        """
        with LocalChain.anvil(
            chain_id=CHAIN_ID, genesis_time=genesis_time, accounts=1, on_demand=True
        ) as chain:
            chain.rpc("anvil_setBlockTimestampInterval", 1)
            chain.rpc("anvil_autoImpersonateAccount", True)
            yield cls(chain, compilation)

    def deploy(
        self,
        contract: str,
        arguments: Sequence[Any],
        sender: str,
        libraries: Mapping[str, str] | None = None,
    ) -> MeteredContract:
        """Deploy a compiled contract.

        Args:
            libraries: name to address of every library that its code links to.

        Raises:
            KeyError: a library is missing.
            RpcError: its constructor reverted; `data` holds the reason.
        """
        compiled = self.compilation[contract]
        constructor: dict[str, Any] = next(
            (item for item in compiled.abi if item["type"] == "constructor"), {"inputs": []}
        )
        data = compiled.linked(libraries or {}) + encode(_types(constructor["inputs"]), arguments).hex()
        receipt = self._mine(sender, data, None)
        return self.at(contract, receipt["contractAddress"])

    def at(self, contract: str, address: str) -> MeteredContract:
        """Return a contract that is on the chain already."""
        return MeteredContract(self, contract, address)

    @contextlib.contextmanager
    def undone(self) -> Iterator[None]:
        """Put state and clock back to what they were when the `with` block began."""
        snapshot = self.chain.rpc("evm_snapshot")
        try:
            yield
        finally:
            self.chain.rpc("evm_revert", snapshot)

    def _mine(self, sender: str, data: str, to: str | None) -> dict[str, Any]:
        """Send a transaction, wait for it and return its receipt."""
        transaction = {"from": sender, "data": data, "gas": hex(TRANSACTION_GAS_LIMIT), "gasPrice": "0x0"}
        if to is not None:
            transaction["to"] = to
        sent = self.chain.rpc("eth_sendTransaction", transaction)
        self.chain.rpc("evm_mine")
        receipt: dict[str, Any] = self.chain.rpc("eth_getTransactionReceipt", sent)
        if receipt["status"] != "0x1":
            self.chain.rpc("eth_call", transaction, "latest")  # raises RpcError with the reason
            raise GasMeterError(f"{sent} failed, and its repetition did not")
        return receipt


@dataclass(frozen=True)
class MeteredContract:
    """A contract on the meter's chain."""

    meter: GasMeter
    contract: str
    address: str

    def send(self, function: str, *arguments: Any, sender: str) -> int:
        """Send a transaction and return the gas of the whole of it, refunds subtracted.

        Raises:
            RpcError: it reverted; `data` holds the reason.
        """
        receipt = self.meter._mine(sender, "0x" + self.calldata(function, *arguments).hex(), self.address)
        return int(receipt["gasUsed"], 16)

    def execution_gas(self, function: str, *arguments: Any, sender: str) -> int:
        """Return the gas that a view burns inside the contract.

        It is sent as a transaction, and what every transaction pays for its existence and for each byte of
        its call data is taken off. (eth_estimateGas searches, and stops a little above.)
        """
        gas = self.send(function, *arguments, sender=sender)
        data = self.calldata(function, *arguments)
        zeros = data.count(0)
        return gas - BASE_TRANSACTION_GAS - zeros * ZERO_BYTE_GAS - (len(data) - zeros) * OTHER_BYTE_GAS

    def read(self, function: str, *arguments: Any) -> Any:
        """Return what a view answers: its value, or a tuple if it has several."""
        call = {"to": self.address, "data": "0x" + self.calldata(function, *arguments).hex()}
        answer = self.meter.chain.rpc("eth_call", call, "latest")
        values = decode(_types(self._abi(function)["outputs"]), bytes.fromhex(answer[2:]))
        return values[0] if len(values) == 1 else values

    def calldata(self, function: str, *arguments: Any) -> bytes:
        """Return the data of a call, selector first."""
        types = _types(self._abi(function)["inputs"])
        selector = keccak(text=f"{function}({','.join(types)})")[:4]
        return selector + encode(types, arguments)

    def _abi(self, function: str) -> dict[str, Any]:
        for item in self.meter.compilation[self.contract].abi:
            if item["type"] == "function" and item["name"] == function:
                return item
        raise LookupError(f"{self.contract} has no function {function}")


def _types(parameters: Sequence[dict[str, Any]]) -> list[str]:
    return [collapse_if_tuple(parameter) for parameter in parameters]
