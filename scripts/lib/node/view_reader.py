"""Asks contracts many questions at once, by JSON-RPC batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scripts.lib.calls import View
from scripts.lib.contract_abi import decode_answer, encode_call
from scripts.lib.node.rpc import Request, Rpc


def read_views(rpc: Rpc, views: Sequence[View], block: str = "latest") -> list[Any]:
    """Answer each view as of one block: its value, or a tuple if it returns several.

    Raises:
        RpcError: a view reverted, or the node no longer has the state of that block.
    """
    answers = rpc.results(
        Request("eth_call", ({"to": view.address, "data": _call_data(view)}, block)) for view in views
    )
    return [
        decode_answer(view.contract, view.function, bytes.fromhex(answer[2:]))
        for view, answer in zip(views, answers, strict=True)
    ]


def _call_data(view: View) -> str:
    return "0x" + encode_call(view.contract, view.function, view.arguments).hex()
