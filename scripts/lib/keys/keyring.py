"""Who signs for which account, bound to the chain that is meant.

    keyring = Keyring(chain_id)
    keyring.unlock(keystore_file("treasurer"), ask_passphrase)    # scripts.lib.keys.keystore
    keyring.add_signer(address, ExternalSigner(rpc))              # scripts.lib.node.external_signer

Keys are never written anywhere, and a keyring shows none. Ready-made keys (LocalKeyring) are for local chains
only: they derive from a public seed, anybody can compute them, and a keyring made of them refuses every chain
but the one it was made for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from coincurve import PrivateKey
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils import keccak

from scripts.lib.keys.keystore import decrypt
from scripts.lib.node.local_chain import DEVELOPMENT_CHAIN_ID, LocalChain
from scripts.lib.node.raw_transaction import RawTransaction, Unsigned, sign_legacy


class KeyringError(Exception):
    """The keyring has no such key, or must not sign for this chain."""


class Signer(Protocol):
    """Whatever signs for an account and need not show its key."""

    def sign(self, sender: str, transaction: Unsigned) -> RawTransaction:
        """Sign a transaction for the account `sender` (checksum address)."""
        ...


class Keyring:
    """Private keys, and signers that keep theirs to themselves, by address.

    Args:
        chain_id: the only chain to sign for.
    """

    def __init__(self, chain_id: int) -> None:
        self.chain_id = chain_id
        self._accounts: dict[str, LocalAccount] = {}
        self._signers: dict[str, Signer] = {}

    def __contains__(self, address: str) -> bool:
        return address in self._signers

    def require(self, address: str) -> None:
        """Check that an account can be signed for.

        Raises:
            KeyringError: nobody signs for `address`.
        """
        if address not in self._signers:
            raise KeyringError(
                f"there is no key for {address}: bring it with --keystore FILE / "
                f"{address} の鍵が手元にありません。--keystore ファイル で指定してください"
            )

    def add(self, key: bytes | str) -> str:
        """Take in a private key and return its checksum address."""
        account = Account.from_key(key)
        self._accounts[account.address] = account
        self._signers[account.address] = _OwnKey(PrivateKey(bytes(account.key)))
        return account.address

    def unlock(self, keystore: Path, passphrase: Callable[[str], str]) -> str:
        """Take in the key of a keystore file (V3, as Brownie and eth-account write them); return its address.

        Args:
            passphrase: asked with the file's name, e.g. `scripts.lib.keys.keystore.ask_passphrase`.

        Raises:
            KeystoreError: there is no such file, it is no keystore, or the passphrase is wrong.
        """
        return self.add(decrypt(keystore, passphrase(keystore.stem)))

    def add_signer(self, address: str, signer: Signer) -> None:
        """Have somebody else sign for an account, whose key stays with them.

        Args:
            address: checksummed.
        """
        self._signers[address] = signer

    def key(self, address: str) -> LocalAccount:
        """Return the key of an account, to sign what is no transaction.

        Raises:
            KeyringError: there is no key for `address`, or it is kept outside.
        """
        self.require(address)
        if address not in self._accounts:
            raise KeyringError(f"the key of {address} is kept by an external signer")
        return self._accounts[address]

    def sign(self, sender: str, transaction: Mapping[str, Any]) -> tuple[bytes, str]:
        """Sign a transaction; its chain id is filled in.

        Args:
            sender: checksum address of an account in the ring.
            transaction: nonce, gasPrice, gas, data, to (without it, a contract is created); no value.

        Returns:
            The raw transaction and its hash (0x hex).

        Raises:
            KeyringError: nobody signs for `sender`.
            ValueError: ether would be sent along.
        """
        if transaction.get("value"):
            raise ValueError("no transaction of ours sends ether")
        self.require(sender)
        raw, transaction_hash = self._signers[sender].sign(
            sender,
            Unsigned(
                self.chain_id,
                transaction["nonce"],
                transaction["gasPrice"],
                transaction["gas"],
                transaction.get("to"),
                transaction["data"],
            ),
        )
        return raw, "0x" + transaction_hash.hex()


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


class _OwnKey:
    """A key in this program's memory."""

    def __init__(self, key: PrivateKey) -> None:
        self._key = key

    def sign(self, sender: str, transaction: Unsigned) -> RawTransaction:
        return sign_legacy(self._key, transaction)
