"""Residents' accounts that are contracts (ERC-1271): tests/harness/ContractAccount.sol in several manners.

They have the same addresses in every run, since the account that makes them makes nothing else.
"""

from __future__ import annotations

from enum import Enum, IntEnum, auto
from functools import cache
from typing import NamedTuple

from eth_abi import encode
from eth_utils import function_signature_to_4byte_selector, keccak, to_checksum_address

from scripts.lib.compiler import compile_files
from tests.stateful.cards import new_cards

MAKER = "0x00000000000000000000000000000000000ACC7A"
"""Sends the transactions that make the wallets."""

GAS_OF_A_HUNGRY_WALLET = 95_000
"""Most of the 100,000 that a wallet is given."""


class Manner(IntEnum):
    """ContractAccount.Manner, as far as the wallets of a run have them."""

    ASKS_ITS_OWNER = 0
    USES_GAS = 2
    BURNS_ALL_GAS = 3
    RETURNS_LONG_MAGIC_WORD = 8
    RETURNS_HUGE_GARBAGE = 9
    RETURNS_WRONG_WORD = 10
    REENTERS = 12
    ACCEPTS_IF_IT_REENTERED = 13


class Accepts(Enum):
    """What a wallet vouches for."""

    OWNERS = auto()  # what its owner has signed
    ANYTHING = auto()
    NOTHING = auto()


class Wallet(NamedTuple):
    """A contract account.

    Attributes:
        owner: account of the key that it obeys, if it obeys any.
    """

    name: str
    address: str
    owner: str
    manner: Manner

    @property
    def accepts(self) -> Accepts:
        """What it vouches for."""
        match self.manner:
            case Manner.ASKS_ITS_OWNER:
                return Accepts.OWNERS
            case Manner.USES_GAS | Manner.RETURNS_LONG_MAGIC_WORD | Manner.REENTERS:
                return Accepts.ANYTHING
        return Accepts.NOTHING

    def creation(self) -> str:
        """Return the data of the transaction that makes it (0x hex)."""
        return _creation_code() + encode(["address"], [self.owner]).hex()

    def instruction(self, series: str) -> str:
        """Return the data of the call that tells it how to behave (0x hex).

        Args:
            series: address of the token, which it re-enters if that is its manner.
        """
        match self.manner:
            case Manner.USES_GAS:
                return _call("useGas", ["uint256"], [GAS_OF_A_HUNGRY_WALLET])
            case Manner.REENTERS | Manner.ACCEPTS_IF_IT_REENTERED:
                cancel = function_signature_to_4byte_selector("cancelSignatures()")
                return _call("reenter", ["uint8", "address", "bytes"], [self.manner, series, cancel])
        return _call("behave", ["uint8"], [self.manner])


def _made(transaction: int) -> str:
    """Return the address of what the maker makes with its n-th transaction, counted from 0; at most 127."""
    rlp = bytes([0xD6, 0x94]) + bytes.fromhex(MAKER[2:]) + bytes([transaction or 0x80])
    return to_checksum_address(keccak(rlp)[12:])


_MANNERS = [Manner.ASKS_ITS_OWNER, *Manner]
_OWNERS = new_cards("wallet's owner", len(_MANNERS))

WALLETS = {
    _made(place): Wallet(f"wallet {place + 1}: {manner.name.lower()}", _made(place), owner, manner)
    for place, (manner, owner) in enumerate(zip(_MANNERS, _OWNERS, strict=True))
}
"""By address, in the order in which they are made."""


def _call(function: str, kinds: list[str], arguments: list[object]) -> str:
    selector = function_signature_to_4byte_selector(f"{function}({','.join(kinds)})")
    return "0x" + (selector + encode(kinds, arguments)).hex()


@cache
def _creation_code() -> str:
    return compile_files(["tests/harness/ContractAccount.sol"])["ContractAccount"].linked({})
