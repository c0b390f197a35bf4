"""Keys that programs sign with, bound to the chain they are meant for.

So far only keys for local chains: they derive from a public seed, anybody can compute them, and a keyring
made of them refuses every chain but the one it was made for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils import keccak

from scripts.lib.chain import DEVELOPMENT_CHAIN_ID, LocalChain


class KeyringError(Exception):
    """The keyring has no such key, or must not sign for this chain."""


class Keyring:
    """Private keys by address.

    Args:
        chain_id: the only chain to sign for.
    """

    def __init__(self, chain_id: int) -> None:
        self.chain_id = chain_id
        self._accounts: dict[str, LocalAccount] = {}

    def __contains__(self, address: str) -> bool:
        return address in self._accounts

    def require(self, address: str) -> None:
        """Check that an account can be signed for.

        Raises:
            KeyringError: there is no key for `address`.
        """
        if address not in self._accounts:
            raise KeyringError(f"there is no key for {address}")

    def add(self, key: bytes | str) -> str:
        """Take in a private key and return its checksum address."""
        account = Account.from_key(key)
        self._accounts[account.address] = account
        return account.address

    def key(self, address: str) -> LocalAccount:
        """Return the key of an account, to sign what is no transaction.

        Raises:
            KeyringError: there is no key for `address`.
        """
        self.require(address)
        return self._accounts[address]

    def sign(self, sender: str, transaction: Mapping[str, Any]) -> tuple[bytes, str]:
        """Sign a transaction; its chain id is filled in.

        Args:
            sender: checksum address of a key in the ring.
            transaction: fields as eth_account takes them, without chainId.

        Returns:
            The raw transaction and its hash (0x hex).

        Raises:
            KeyringError: there is no key for `sender`.
        """
        self.require(sender)
        signed = self._accounts[sender].sign_transaction({**transaction, "chainId": self.chain_id})
        return bytes(signed.raw_transaction), signed.hash.to_0x_hex()


class LocalKeyring(Keyring):
    """Keys for a local chain, derived from a public seed and a name each: anybody can compute them.

    Args:
        chain: the chain that this program started; None for the one of `make chain`.
        seed: tells sets of accounts apart.
    """

    def __init__(self, chain: LocalChain | None, seed: str) -> None:
        super().__init__(DEVELOPMENT_CHAIN_ID if chain is None else chain.chain_id)
        self._seed = seed

    def account(self, name: str) -> str:
        """Return the checksum address of a named account; its key is now in the ring."""
        return self.add(keccak(text=f"jichitai-points/local chain only/{self._seed}/{name}"))
