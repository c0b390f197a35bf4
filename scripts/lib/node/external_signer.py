"""Has another program sign, by JSON-RPC: Clef, EthSigner, Web3Signer, a node with unlocked accounts.

    signer = ExternalSigner(Rpc("http://127.0.0.1:8550"), "account_signTransaction")     # Clef
    for address in signer.accounts():
        keyring.add_signer(address, signer)

The key stays there. What comes back is not trusted: it must be the very transaction that was asked for,
signed by the account it was asked of, or it is not sent.
"""

from __future__ import annotations

from typing import Any

from eth_utils import to_checksum_address

from scripts.lib.node.local_chain import RpcError
from scripts.lib.node.raw_transaction import NotWhatWasAskedError, RawTransaction, Unsigned, require_signed
from scripts.lib.node.rpc import CONNECTION_ERRORS, Rpc

SIGN_METHODS = ("eth_signTransaction", "account_signTransaction")
"""What nodes and EthSigner, and what Clef, call it."""

_LIST_METHODS = {"eth_signTransaction": "eth_accounts", "account_signTransaction": "account_list"}


class ExternalSignerError(Exception):
    """The signer cannot be reached, refused, or returned something else than it was asked for."""


class ExternalSigner:
    """A signer behind JSON-RPC.

    Args:
        method: one of SIGN_METHODS.
    """

    def __init__(self, rpc: Rpc, method: str = "eth_signTransaction") -> None:
        if method not in SIGN_METHODS:
            raise ValueError(f"{method} is none of {', '.join(SIGN_METHODS)}")
        self._rpc = rpc
        self._method = method

    def accounts(self) -> list[str]:
        """Return the checksum addresses that it signs for.

        Raises:
            ExternalSignerError: it does not answer.
        """
        return [to_checksum_address(address) for address in self._ask(_LIST_METHODS[self._method])]

    def sign(self, sender: str, transaction: Unsigned) -> RawTransaction:
        """Have a transaction signed.

        Raises:
            ExternalSignerError: it refused, or returned something else.
        """
        asked = {
            "from": sender,
            "nonce": hex(transaction.nonce),
            "gasPrice": hex(transaction.gas_price),
            "gas": hex(transaction.gas),
            "value": "0x0",
            "data": "0x" + transaction.data.hex(),
            "chainId": hex(transaction.chain_id),
        }
        if transaction.to is not None:
            asked["to"] = transaction.to
        answer = self._ask(self._method, asked)
        raw = answer["raw"] if isinstance(answer, dict) else answer  # Clef and geth: {raw, tx}; others: raw
        try:
            return require_signed(bytes.fromhex(raw[2:]), transaction, sender)
        except (NotWhatWasAskedError, ValueError, TypeError) as error:
            raise ExternalSignerError(f"{self._rpc.url}: {error}") from None

    def _ask(self, method: str, *params: Any) -> Any:
        try:
            return self._rpc.call(method, *params)
        except (RpcError, *CONNECTION_ERRORS) as error:
            raise ExternalSignerError(f"{self._rpc.url}: {error}") from None
