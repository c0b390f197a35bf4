"""Questions to MunicipalPoint and ResidentRegistry and their answers as ABI words, packed by hand.

A run asks millions of them, and eth_abi would take most of its time. Numbers and addresses are one 32-byte
word each. Transactions, errors and events go through scripts.lib.contract_abi and scripts.lib.node.event_log.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TypeAlias

from eth_utils.abi import function_abi_to_4byte_selector

from scripts.lib.artifacts import read_artifact

CONTRACT = "MunicipalPoint"
REGISTRY = "ResidentRegistry"


def words(*values: int | str) -> str:
    """Return numbers and addresses (0x hex) as ABI words, in hex without 0x."""
    return "".join(f"{int(value, 16) if isinstance(value, str) else value:064x}" for value in values)


def word_lists(*lists: Sequence[int]) -> str:
    """Return what a function answers that returns so many lists of numbers."""
    offsets, body = [], ""
    for values in lists:
        offsets.append(32 * len(lists) + len(body) // 2)
        body += words(len(values), *values)
    return words(*offsets) + body


def list_words(answer: str) -> list[int]:
    """Return the one list of words that a function answered."""
    return [int(answer[start : start + 64], 16) for start in range(128, len(answer), 64)]


Question: TypeAlias = int | str | tuple[int, ...]
"""An argument of a view: a number, an address, or a list of numbers."""


def view_data(contract: str, function: str, arguments: Sequence[Question]) -> str:
    """Return the data of a call whose arguments are numbers, addresses and lists of numbers, as 0x hex."""
    heads, tails = [], ""
    for argument in arguments:
        if isinstance(argument, tuple):
            heads.append(words(32 * len(arguments) + len(tails) // 2))
            tails += words(len(argument), *argument)
        else:
            heads.append(words(argument))
    return _selector(contract, function) + "".join(heads) + tails


@cache
def _selector(contract: str, function: str) -> str:
    for entry in read_artifact(contract).abi:
        if entry["type"] == "function" and entry["name"] == function:
            return "0x" + function_abi_to_4byte_selector(entry).hex()  # type: ignore[arg-type]
    raise LookupError(f"{contract} has no function {function}")
