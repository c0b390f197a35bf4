"""Residents' keys (cards), by which they sign what the registry of residents asks of them."""

from __future__ import annotations

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils import keccak

_KEYS: dict[str, LocalAccount] = {}


def new_cards(label: str, count: int) -> dict[str, str]:
    """Return names by address of so many accounts, always the same for a label; their keys are kept here."""
    names = {}
    for number in range(1, count + 1):
        name = f"{label} {number}"
        key = Account.from_key(keccak(text=name))
        _KEYS[key.address] = key
        names[key.address] = name
    return names


def key_of(account: str) -> LocalAccount:
    """Return the key of an account that `new_cards` made.

    Raises:
        LookupError: it made none.
    """
    return _KEYS[account]


def commitment_of(account: str) -> bytes:
    """Return what stands for the person who joins with this account: 32 bytes, another for each."""
    return keccak(hexstr=account)
