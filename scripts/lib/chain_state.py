"""Reads what a series holds now from its token's views."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from scripts.lib.calls import View
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.view_reader import read_views
from scripts.lib.replays.series_state import Claim, MinterState, SeriesState, Standing, Stop


def read_series_state(rpc: Rpc, token: str, accounts: Iterable[str], months: Iterable[int]) -> SeriesState:
    """Return the state of a series as of the latest block.

    Args:
        token: address of the series.
        accounts: whom to ask about; checksummed, whether they hold anything or not.
        months: months of expiry to ask about.
    """
    block: str = rpc.call("eth_blockNumber")
    wanted = list(dict.fromkeys(accounts))

    def ask(function: str, arguments: Sequence[Any]) -> list[Any]:
        views = [View("MunicipalPoint", token, function, (argument,)) for argument in arguments]
        return read_views(rpc, views, block)

    wanted_months = sorted(set(months))
    lots = ask("lotsOf", wanted)
    standings = dict(zip(wanted, ask("merchantOf", wanted), strict=True))
    merchants = [account for account in wanted if standings[account][0]]
    totals = [View("MunicipalPoint", token, name) for name in ("totalSupply", "settlementTotals")]
    supply, (_, settled) = read_views(rpc, totals, block)
    return SeriesState(
        balances=dict(zip(wanted, ask("balanceOf", wanted), strict=True)),
        lots={
            account: dict(zip(ends, amounts, strict=True))
            for account, (ends, amounts) in zip(wanted, lots, strict=True)
        },
        claims={
            account: Claim(*claim)
            for account, claim in zip(merchants, ask("claimOf", merchants), strict=True)
        },
        merchants={account: Standing(*standings[account][1:]) for account in merchants},
        minters={
            account: MinterState(*state)
            for account, state in zip(wanted, ask("minterOf", wanted), strict=True)
        },
        points_by_month=dict(zip(wanted_months, ask("pointsEndingWith", wanted_months), strict=True)),
        restored_by_month=dict(zip(wanted_months, ask("restoredOf", wanted_months), strict=True)),
        stops={account: Stop(*stop) for account, stop in zip(wanted, ask("frozenOf", wanted), strict=True)},
        owners=dict(zip(merchants, ask("ownerOf", merchants), strict=True)),
        total_supply=supply,
        settled=settled,
    )
