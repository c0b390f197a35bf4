"""Calls, answers and reverts of our contracts as Python values and back, by the ABIs in build/.

Integers are int, addresses checksummed 0x text, bytes are bytes, lists and structs tuples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from eth_abi import decode, encode
from eth_utils import to_checksum_address
from eth_utils.abi import collapse_if_tuple, event_abi_to_log_topic, function_abi_to_4byte_selector

from scripts.lib.artifacts import read_all_artifacts, read_artifact
from scripts.lib.personal_data import require_impersonal
from scripts.lib.undecodable import UNDECODABLE

# Reverts of the language itself: require with a text, and failed checks such as an overflow.
_BUILT_IN_ERRORS: list[dict[str, Any]] = [
    {"type": "error", "name": "Error", "inputs": [{"name": "message", "type": "string"}]},
    {"type": "error", "name": "Panic", "inputs": [{"name": "code", "type": "uint256"}]},
]


@dataclass(frozen=True)
class Revert:
    """Why a call was refused: the error's name, and its arguments by name in their order.

    Attributes:
        name: "" if the data fits no known error.
        data: what the contract returned.
    """

    name: str
    arguments: dict[str, Any]
    data: bytes

    def __str__(self) -> str:
        if not self.name:
            return f"unknown error 0x{self.data.hex()}" if self.data else "reverted without a reason"
        return f"{self.name}({', '.join(f'{name}={value}' for name, value in self.arguments.items())})"


@cache
def constructor_types(contract: str) -> list[str]:
    """Return the types of a contract's constructor arguments."""
    for entry in read_artifact(contract).abi:
        if entry["type"] == "constructor":
            return _types(entry["inputs"])
    return []


def encode_constructor(contract: str, arguments: Sequence[Any]) -> bytes:
    """Return constructor arguments as they follow the creation code.

    Raises:
        PersonalDataError: one of them may be a 個人番号 or a MyKey ID.
    """
    require_impersonal(arguments, contract)
    return encode(constructor_types(contract), arguments)


def encode_call(contract: str, function: str, arguments: Sequence[Any]) -> bytes:
    """Return the data of a call.

    Raises:
        LookupError: the contract has no such function.
        PersonalDataError: an argument may be a 個人番号 or a MyKey ID.
        eth_abi.exceptions.EncodingError: the arguments do not fit.
    """
    selector, inputs, _ = _function(contract, function)
    require_impersonal(arguments, f"{contract}.{function}")
    return selector + encode(inputs, arguments)


@dataclass(frozen=True)
class DecodedCall:
    """A call as its data tells it: arguments by name, in their order, and what the ABI says of them."""

    contract: str
    function: str
    arguments: dict[str, Any]
    inputs: Sequence[dict[str, Any]] = ()


def decode_call(data: bytes, contract: str | None = None) -> DecodedCall | None:
    """Return what a call's data says; None if no contract of the project has such a function.

    Args:
        contract: whose function it is; whichever has one with this selector if None.
    """
    for name, entry in _functions_by_selector().get(data[:4], []):
        if contract in (None, name):
            kinds = _types(entry["inputs"])
            try:
                values = decode(kinds, data[4:])
            except UNDECODABLE:
                continue
            inputs = _named(data[:4], entry["inputs"])
            names = [argument["name"] or str(place) for place, argument in enumerate(inputs)]
            return DecodedCall(
                name,
                entry["name"],
                {
                    argument: _plain(kind, value)
                    for argument, kind, value in zip(names, kinds, values, strict=True)
                },
                inputs,
            )
    return None


def function_selector(contract: str, function: str) -> bytes:
    """Return the four bytes that a call of a function begins with."""
    return _function(contract, function)[0]


def functions_of_selector(selector: bytes) -> list[tuple[str, str]]:
    """Return the functions, with their contracts, that a selector may stand for."""
    return [(name, entry["name"]) for name, entry in _functions_by_selector().get(selector, [])]


@lru_cache(maxsize=10_000)
def decode_answer(contract: str, function: str, data: bytes) -> Any:
    """Return what a view answered: its value, a tuple of several, None for nothing.

    Kept, since an audit asks millions of accounts what most answer alike: nothing in it can be changed.
    """
    _, _, outputs = _function(contract, function)
    values = tuple(_plain(kind, value) for kind, value in zip(outputs, decode(outputs, data), strict=True))
    if len(values) > 1:
        return values
    return values[0] if values else None


@cache
def event_topic(contract: str, event: str) -> str:
    """Return the first topic of an event as 0x hex.

    Raises:
        LookupError: the contract has no such event.
    """
    for entry in read_artifact(contract).abi:
        if entry["type"] == "event" and entry["name"] == event:
            return "0x" + event_abi_to_log_topic(entry).hex()  # type: ignore[arg-type]
    raise LookupError(f"{contract} has no event {event}")


def decode_revert(data: bytes) -> Revert:
    """Return revert data as the custom error of whichever contract of the project declares it."""
    for error in _errors().get(data[:4], []):
        kinds = _types(error["inputs"])
        try:
            values = decode(kinds, data[4:])
        except UNDECODABLE:
            continue
        names = [argument["name"] or str(place) for place, argument in enumerate(error["inputs"])]
        return Revert(
            error["name"],
            {name: _plain(kind, value) for name, kind, value in zip(names, kinds, values, strict=True)},
            data,
        )
    return Revert("", {}, data)


@cache
def _function(contract: str, function: str) -> tuple[bytes, list[str], list[str]]:
    """Return selector, input types and output types."""
    for entry in read_artifact(contract).abi:
        if entry["type"] == "function" and entry["name"] == function:
            selector = function_abi_to_4byte_selector(entry)  # type: ignore[arg-type]
            return selector, _types(entry["inputs"]), _types(entry["outputs"])
    raise LookupError(f"{contract} has no function {function}")


def _named(selector: bytes, inputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a function's inputs with their names, which the interface has if the contract does not."""
    declared = [inputs, *(entry["inputs"] for _, entry in _functions_by_selector()[selector])]
    return next((each for each in declared if all(argument["name"] for argument in each)), inputs)


@cache
def _functions_by_selector() -> dict[bytes, list[tuple[str, dict[str, Any]]]]:
    """Return each function with its contract, by selector."""
    functions: dict[bytes, list[tuple[str, dict[str, Any]]]] = {}
    for artifact in read_all_artifacts():
        for entry in artifact.abi:
            if entry["type"] == "function":
                selector = function_abi_to_4byte_selector(entry)  # type: ignore[arg-type]
                functions.setdefault(selector, []).append((artifact.name, entry))
    return functions


@cache
def _errors() -> dict[bytes, list[dict[str, Any]]]:
    errors: dict[bytes, list[dict[str, Any]]] = {}
    for abi in [_BUILT_IN_ERRORS, *(artifact.abi for artifact in read_all_artifacts())]:
        for entry in abi:
            if entry["type"] == "error":
                # Errors have selectors by the same rule as functions.
                selector = function_abi_to_4byte_selector({**entry, "type": "function"})  # type: ignore[arg-type]
                errors.setdefault(selector, []).append(entry)
    return errors


def _types(inputs: list[dict[str, Any]]) -> list[str]:
    return [collapse_if_tuple(argument) for argument in inputs]


def _plain(kind: str, value: Any) -> Any:
    if kind == "address":
        return to_checksum_address(value)
    if kind == "address[]":
        return tuple(to_checksum_address(address) for address in value)
    return value
