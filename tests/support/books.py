"""The check that follows every test of a series: balances, lots, months and supply agree (I2)."""

from __future__ import annotations

from collections import Counter
from typing import Any

from eth_utils import to_checksum_address

from scripts.lib.contract_abi import decode_answer, encode_call, event_topic
from scripts.lib.expiry_rule import NEVER
from scripts.lib.node.rpc import Request, Rpc

MONTHS_AHEAD = 24


def check_books(rpc: Rpc, point: str) -> None:
    """Ask a series about every account that its events name and compare the answers with one another.

    Args:
        point: address of the series.

    Raises:
        AssertionError: two answers contradict each other.
    """

    accounts = _accounts(rpc, point)
    supply, month = _ask(rpc, point, [("totalSupply",), ("currentEpoch",)])
    balances = _ask(rpc, point, [("balanceOf", account) for account in accounts])
    lots = _ask(rpc, point, [("lotsOf", account) for account in accounts])
    claims = _ask(rpc, point, [("claimOf", account) for account in accounts])

    live: Counter[int] = Counter()
    for account, balance, (months, amounts), claim in zip(accounts, balances, lots, claims, strict=True):
        assert balance == sum(amounts) + sum(claim), f"{account}: {balance=} {months=} {amounts=} {claim=}"
        assert list(months) == sorted(set(months)), f"lots of {account} out of order: {months}"
        assert all(amounts), f"empty lots of {account}: {amounts}"
        live.update(dict(zip(months, amounts, strict=True)))
    assert supply == sum(balances), (
        f"totalSupply() is {supply}, balances {dict(zip(accounts, balances, strict=True))}"
    )

    checked = sorted({*live, *range(month, month + MONTHS_AHEAD), NEVER})
    by_month = _ask(rpc, point, [("pointsEndingWith", month) for month in checked])
    expected = [live[month] for month in checked]
    assert by_month == expected, f"live points of the months {checked}: {by_month}, in lots {expected}"


def _accounts(rpc: Rpc, point: str) -> list[str]:
    """Return every account that a Transfer of the series has named."""
    logs = rpc.call(
        "eth_getLogs",
        {"address": point, "fromBlock": "0x0", "topics": [event_topic("MunicipalPoint", "Transfer")]},
    )
    named = {to_checksum_address("0x" + topic[-40:]) for log in logs for topic in log["topics"][1:]}
    return sorted(named)


def _ask(rpc: Rpc, point: str, questions: list[tuple[Any, ...]]) -> list[Any]:
    """Return the answers to (function, *arguments) of the series, in one batch."""
    calls = [encode_call("MunicipalPoint", function, arguments) for function, *arguments in questions]
    data = rpc.results(Request("eth_call", ({"to": point, "data": "0x" + call.hex()},)) for call in calls)
    return [
        decode_answer("MunicipalPoint", function, bytes.fromhex(answer[2:]))
        for (function, *_), answer in zip(questions, data, strict=True)
    ]
