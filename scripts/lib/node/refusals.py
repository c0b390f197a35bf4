"""What a node means when it does not take a transaction, and why a mined one failed.

Nodes have no codes for it: anvil, Ganache, geth and Besu say the same in words of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import Any

from scripts.lib.contract_abi import Revert, decode_revert
from scripts.lib.node.local_chain import RpcError

Ask = Callable[..., Any]
"""Sends one JSON-RPC request: method, parameters."""


class Refusal(Enum):
    """What to do about a transaction that was not taken."""

    KNOWN = auto()  # nothing: the node has it
    LATER = auto()  # wait: its nonce is not free now, or the node is full
    PRICE = auto()  # offer more
    FOR_GOOD = auto()  # give up


_WORDS = {
    Refusal.KNOWN: ("already known", "already imported", "already exists", "known transaction"),
    Refusal.LATER: ("nonce", "replacement", "pool is full", "pool full", "queue", "in-flight", "timeout"),
    Refusal.PRICE: ("underpriced", "base fee", "basefee", "gas price", "gasprice", "fee too low"),
}


def refusal_of(error: RpcError) -> Refusal:
    """Return what an answer to eth_sendRawTransaction means."""
    text = str(error).lower()
    return next(
        (refusal for refusal, words in _WORDS.items() if any(word in text for word in words)),
        Refusal.FOR_GOOD,
    )


def why_it_failed(
    ask: Ask, receipt: dict[str, Any], call: dict[str, Any], gas: int
) -> tuple[str, Revert | None]:
    """Return why a mined transaction failed: from its trace, or by asking again one block earlier.

    Args:
        call: from, to and data, as eth_call takes them.
        gas: its limit.
    """
    if int(receipt["gasUsed"], 16) == gas:
        return f"ran out of its {gas} gas", None
    with_tracer = {"tracer": "callTracer", "tracerConfig": {"onlyTopCall": True}}
    try:
        data = ask("debug_traceTransaction", receipt["transactionHash"], with_tracer)["output"]
    except (RpcError, KeyError):  # Ganache knows no tracers, and answers with every step instead
        data = _asked_again(ask, call, int(receipt["blockNumber"], 16) - 1)
    revert = decode_revert(bytes.fromhex(data.removeprefix("0x")))
    return str(revert), revert


def _asked_again(ask: Ask, call: dict[str, Any], block: int) -> str:
    try:
        ask("eth_call", call, hex(block))
    except RpcError as error:
        return error.data if isinstance(error.data, str) else "0x"
    return "0x"
