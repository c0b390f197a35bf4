"""Accounts that send without a key: the node is told to take their transactions as they are."""

from __future__ import annotations

from typing import Any

from brownie import web3


def impersonate(accounts: Any, address: str) -> Any:
    """Return a Brownie account for any address, a contract's too.

    Args:
        accounts: Brownie's accounts.
    """
    answer = web3.provider.make_request("anvil_impersonateAccount", [address])
    if "error" in answer:
        raise RuntimeError(f"anvil_impersonateAccount {address}: {answer['error']}")
    return accounts.at(address, force=True)
