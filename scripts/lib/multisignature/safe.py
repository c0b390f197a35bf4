"""Safe 1.4.1, the multisignature contract that the council's account is: code, state, what owners sign.

The contract is not ours and is not compiled by us: the bytes that are deployed are those that its authors
published (npm package @safe-global/safe-contracts, LGPL-3.0, pinned by the lock file), unchanged, so that
what was audited is what runs. Nothing of ours is linked with it.

An account is a proxy of the one Safe contract; its owners, its threshold and its nonce are its own storage.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from eth_abi import decode, encode
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount
from eth_utils import keccak, to_checksum_address
from eth_utils.abi import collapse_if_tuple, function_abi_to_4byte_selector

from scripts.lib.node.local_chain import RpcError
from scripts.lib.node.rpc import Request, Rpc
from scripts.lib.workspace import ROOT

CONTRACTS = ROOT / "node_modules" / "@safe-global" / "safe-contracts" / "build" / "artifacts" / "contracts"
SINGLETON, FACTORY = "Safe", "proxies/SafeProxyFactory"
ZERO_ADDRESS = "0x" + "00" * 20
_PROXY_CREATION = keccak(text="ProxyCreation(address,address)")
_MADE = "0x" + keccak(text="ExecutionSuccess(bytes32,uint256)").hex()
_TYPES = {
    "EIP712Domain": [
        {"name": "chainId", "type": "uint256"},
        {"name": "verifyingContract", "type": "address"},
    ],
    "SafeTx": [
        {"name": "to", "type": "address"},
        {"name": "value", "type": "uint256"},
        {"name": "data", "type": "bytes"},
        {"name": "operation", "type": "uint8"},
        {"name": "safeTxGas", "type": "uint256"},
        {"name": "baseGas", "type": "uint256"},
        {"name": "gasPrice", "type": "uint256"},
        {"name": "gasToken", "type": "address"},
        {"name": "refundReceiver", "type": "address"},
        {"name": "nonce", "type": "uint256"},
    ],
}


class MultisignatureError(Exception):
    """An account is no such multisignature, or signatures are missing or wrong."""


@dataclass(frozen=True)
class Multisignature:
    """An account of several keys, as the chain shows it.

    Attributes:
        address: of the account; `owners` in its own order. All checksummed.
        threshold: how many owners must sign.
        nonce: of the next call that it makes.
    """

    chain_id: int
    address: str
    owners: tuple[str, ...]
    threshold: int
    nonce: int

    def typed_data(self, to: str, data: bytes, nonce: int) -> dict[str, Any]:
        """Return what an owner signs (EIP-712) so that the account calls `to`: no ether, no refund of gas."""
        return {
            "types": _TYPES,
            "primaryType": "SafeTx",
            "domain": {"chainId": self.chain_id, "verifyingContract": self.address},
            "message": {
                "to": to,
                "value": 0,
                "data": "0x" + data.hex(),
                "operation": 0,
                "safeTxGas": 0,
                "baseGas": 0,
                "gasPrice": 0,
                "gasToken": ZERO_ADDRESS,
                "refundReceiver": ZERO_ADDRESS,
                "nonce": nonce,
            },
        }

    def digest(self, to: str, data: bytes, nonce: int) -> bytes:
        """Return the 32 bytes that owners sign, by which the account also tells that it made the call."""
        message = encode_typed_data(full_message=self.typed_data(to, data, nonce))
        return keccak(b"\x19" + message.version + message.header + message.body)

    def sign(self, key: LocalAccount, to: str, data: bytes, nonce: int) -> bytes:
        """Sign a call with an owner's key.

        Raises:
            MultisignatureError: the key is no owner's.
        """
        if key.address not in self.owners:
            raise MultisignatureError(f"{key.address} is no owner of {self.address}")
        message = encode_typed_data(full_message=self.typed_data(to, data, nonce))
        return bytes(key.sign_message(message).signature)

    def signer_of(self, signature: bytes, to: str, data: bytes, nonce: int) -> str:
        """Return the checksummed account whose signature this is."""
        message = encode_typed_data(full_message=self.typed_data(to, data, nonce))
        return str(Account.recover_message(message, signature=signature))

    def execution(self, to: str, data: bytes, nonce: int, signatures: Mapping[str, bytes]) -> bytes:
        """Return the data that makes the account call, whoever sends it.

        Args:
            signatures: by checksummed owner; more than needed are left out.

        Raises:
            MultisignatureError: too few owners have signed, or a signature is not its owner's.
        """
        for owner, signature in signatures.items():
            if owner not in self.owners or self.signer_of(signature, to, data, nonce) != owner:
                raise MultisignatureError(f"the signature of {owner} is not over this call")
        if len(signatures) < self.threshold:
            raise MultisignatureError(
                f"{len(signatures)} of {self.threshold} signatures: {self.threshold - len(signatures)} "
                f"more owners must sign / 署名が{self.threshold - len(signatures)}人分足りません"
            )
        # The contract wants them by rising address, so that none can count twice.
        chosen = sorted(signatures, key=lambda owner: int(owner, 16))[: self.threshold]
        joined = b"".join(signatures[owner] for owner in chosen)
        return _encode(
            SINGLETON,
            "execTransaction",
            (to, 0, data, 0, 0, 0, 0, ZERO_ADDRESS, ZERO_ADDRESS, joined),
        )


def read_multisignature(rpc: Rpc, address: str) -> Multisignature | None:
    """Return the multisignature at an address; None if the account there is something else.

    What it obeys is the published contract to the byte: of another one its word would be worth nothing.

    Raises:
        MultisignatureError: it calls itself a Safe, and its code is not the published one.
    """
    if rpc.call("eth_getCode", address, "latest") == "0x":
        return None
    singleton = to_checksum_address(rpc.call("eth_getStorageAt", address, "0x0", "latest")[-40:])
    requests = [
        Request("eth_call", ({"to": address, "data": "0x" + _encode(SINGLETON, name, ()).hex()}, "latest"))
        for name in ("getOwners", "getThreshold", "nonce")
    ]
    answers = rpc.batch(requests)
    if any(isinstance(answer, RpcError) or answer == "0x" for answer in answers):
        return None
    if rpc.call("eth_getCode", singleton, "latest") != _artifact(SINGLETON)["deployedBytecode"]:
        raise MultisignatureError(
            f"{address} rests on {singleton}, whose code is not Safe 1.4.1 as published / "
            "公開されているものと異なる契約です"
        )
    owners, threshold, nonce = (bytes.fromhex(answer[2:]) for answer in answers)
    return Multisignature(
        rpc.identity().chain_id,
        to_checksum_address(address),
        tuple(to_checksum_address(owner) for owner in decode(["address[]"], owners)[0]),
        int.from_bytes(threshold, "big"),
        int.from_bytes(nonce, "big"),
    )


def has_made(rpc: Rpc, account: Multisignature, to: str, data: bytes, nonce: int) -> bool:
    """Return whether the account has made this very call, and not another of the same nonce."""
    topics = [_MADE, "0x" + account.digest(to, data, nonce).hex()]
    sought = {"address": account.address, "topics": topics, "fromBlock": "earliest", "toBlock": "latest"}
    return bool(rpc.call("eth_getLogs", sought))


def creation_code(contract: str) -> bytes:
    """Return the published creation code of SINGLETON or FACTORY."""
    return bytes.fromhex(_artifact(contract)["bytecode"][2:])


def opening(singleton: str, owners: Sequence[str], threshold: int, salt: int) -> bytes:
    """Return the call to a factory that opens an account.

    Raises:
        ValueError: the threshold does not fit the owners, or one is named twice.
    """
    if len({owner.lower() for owner in owners}) != len(owners):
        raise ValueError("an owner is named twice / 同じ鍵が二度あります")
    if not 1 <= threshold <= len(owners):
        raise ValueError(
            f"of {len(owners)} owners, {threshold} cannot be asked for / 必要な署名の数が鍵の数に合いません"
        )
    setup = _encode(
        SINGLETON,
        "setup",
        (list(owners), threshold, ZERO_ADDRESS, b"", ZERO_ADDRESS, ZERO_ADDRESS, 0, ZERO_ADDRESS),
    )
    return _encode(FACTORY, "createProxyWithNonce", (singleton, setup, salt))


def opened_account(logs: Sequence[Mapping[str, Any]]) -> str:
    """Return the account that a factory opened, from the logs of the transaction."""
    [created] = [log for log in logs if log["topics"][0] == "0x" + _PROXY_CREATION.hex()]
    return to_checksum_address(created["topics"][1][-40:])


@cache
def _artifact(contract: str) -> dict[str, Any]:
    file = CONTRACTS / f"{contract}.sol" / f"{contract.rpartition('/')[2]}.json"
    return dict(json.loads(file.read_text(encoding="utf-8")))


def _encode(contract: str, function: str, arguments: Sequence[Any]) -> bytes:
    [entry] = [
        each for each in _artifact(contract)["abi"] if each["type"] == "function" and each["name"] == function
    ]
    kinds = [collapse_if_tuple(argument) for argument in entry["inputs"]]
    return bytes(function_abi_to_4byte_selector(entry) + encode(kinds, arguments))
