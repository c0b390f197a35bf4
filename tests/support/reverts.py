"""`with reverts("PointInsufficientBalance", account, 5, 9): token.transfer(...)`

Compares the custom error that the chain returned, decoded with the project's ABIs, with the expected name and
arguments. Works for Brownie calls and transactions, for web3, and for `LocalChain.rpc`. Errors of imported
interfaces and libraries count too. "Error" (a text) and "Panic" (a number) are known as well.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import cache
from typing import Any
from unittest.mock import ANY

from eth_abi import decode
from eth_utils import keccak
from eth_utils.abi import collapse_if_tuple

from scripts.lib.artifacts import read_all_artifacts
from scripts.lib.node.local_chain import RpcError

__all__ = ["ANY", "declare_errors", "describe_revert", "revert_data", "reverts"]

BUILT_IN = (
    {"name": "Error", "inputs": [{"name": "message", "type": "string"}]},
    {"name": "Panic", "inputs": [{"name": "code", "type": "uint256"}]},
)


@contextlib.contextmanager
def reverts(error_name: str, *args: Any) -> Iterator[None]:
    """Expect the block to revert with this custom error and exactly these arguments.

    Args:
        error_name: name of the error as declared in Solidity.
        args: all its arguments; accounts and contracts stand for their addresses, bytes may be 0x hex, ANY
            fits everything.

    Raises:
        AssertionError: nothing reverted, or with another error; the message shows both.
        LookupError: no such error is declared, or it takes another number of arguments.
    """
    declared = [error for error in declared_errors().values() if error["name"] == error_name]
    if not declared:
        raise LookupError(f"no contract or interface declares an error {error_name}")
    if all(len(error["inputs"]) != len(args) for error in declared):
        known = " or ".join(_signature(error) for error in declared)
        raise LookupError(f"{len(args)} arguments were given for {known}")

    expected = f"{error_name}({', '.join(str(_plain(arg)) for arg in args)})"
    try:
        yield
    except Exception as raised:
        data = revert_data(raised)
        if data is None:
            raise
        error = declared_errors().get(data[:4])
        matches = (
            error is not None
            and error["name"] == error_name
            and [_plain(arg) for arg in args] == [_plain(value) for value in _decode(error, data)]
        )
        if not matches:
            raise AssertionError(
                f"expected {expected}, but it reverted with {describe_revert(data)}"
            ) from raised
        return
    raise AssertionError(f"expected {expected}, but nothing reverted")


def revert_data(raised: BaseException) -> bytes | None:
    """Return the bytes that the chain returned with a revert; None if the exception is no revert."""
    from brownie.exceptions import VirtualMachineError
    from web3.exceptions import ContractLogicError, Web3RPCError

    if isinstance(raised, RpcError):
        return _hex_in(raised.data)
    if isinstance(raised, ContractLogicError):
        return _hex_in(raised.data)
    if isinstance(raised, Web3RPCError):
        return _hex_in((raised.rpc_response or {}).get("error", {}).get("data"))
    if isinstance(raised, VirtualMachineError):
        if raised.txid.startswith("0x") and len(raised.txid) == 66:
            return _data_of_transaction(raised.txid)
        # Of a call, Brownie keeps only its own text; the node's answer is in the exception it replaced.
        answer = raised.__context__
        while answer is not None:
            if answer.args and isinstance(answer.args[0], dict):
                return _hex_in(answer.args[0].get("data"))
            if isinstance(answer, Web3RPCError):
                return revert_data(answer)
            answer = answer.__context__
    return None


def describe_revert(data: bytes) -> str:
    """Return revert data as text: Name(arguments) where the error is declared, else the bytes."""
    if not data:
        return "no data"
    error = declared_errors().get(data[:4])
    if error is None:
        return f"an undeclared error 0x{data.hex()}"
    return f"{error['name']}({', '.join(str(_plain(value)) for value in _decode(error, data))})"


def declare_errors(abi: list[dict[str, Any]]) -> None:
    """Make the errors of a contract known that is not part of the project, such as a test harness."""
    declared_errors().update({_selector(item): item for item in abi if item["type"] == "error"})


@cache
def declared_errors() -> dict[bytes, dict[str, Any]]:
    """Return the ABI of every known error by selector."""
    errors = {_selector(error): error for error in BUILT_IN}
    for artifact in read_all_artifacts():
        for item in artifact.abi:
            if item["type"] == "error":
                errors[_selector(item)] = item
    return errors


def _data_of_transaction(txid: str) -> bytes:
    import brownie

    request = brownie.web3.provider.make_request
    answer = request("debug_traceTransaction", [txid, {"disableStorage": True}])
    data = _hex_in(answer["result"].get("returnValue"))
    if data or not brownie.web3.client_version.startswith("Ganache"):
        return data or b""
    # Ganache's trace holds no return value: do the transaction again, as a call on the state before it.
    sent = request("eth_getTransactionByHash", [txid])["result"]
    call = {"from": sent["from"], "to": sent["to"], "data": sent["input"], "gas": sent["gas"]}
    replay = request("eth_call", [call, hex(int(sent["blockNumber"], 16) - 1)])
    return _hex_in(replay.get("error", {}).get("data")) or b""


def _hex_in(data: Any) -> bytes | None:
    # Brownie wraps what Ganache answers: {"0x": {"error": "revert", "reason": "0x..."}}
    while isinstance(data, dict):
        data = data.get("reason") or next((inner for inner in data.values() if isinstance(inner, dict)), None)
    if not isinstance(data, str):
        return None
    try:
        return bytes.fromhex(data.removeprefix("0x"))
    except ValueError:
        return None


def _signature(error: dict[str, Any]) -> str:
    return f"{error['name']}({','.join(collapse_if_tuple(item) for item in error['inputs'])})"


def _selector(error: dict[str, Any]) -> bytes:
    return keccak(text=_signature(error))[:4]


def _decode(error: dict[str, Any], data: bytes) -> tuple[Any, ...]:
    return decode([collapse_if_tuple(item) for item in error["inputs"]], data[4:])


def _plain(value: Any) -> Any:
    """Bring a value into the form in which expected and found ones are compared."""
    if value is ANY or isinstance(value, (bool, int)):
        return value
    if isinstance(value, bytes):
        return "0x" + bytes(value).hex()
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    text = value if isinstance(value, str) else str(getattr(value, "address", value))
    return text.lower() if text.startswith("0x") else text
