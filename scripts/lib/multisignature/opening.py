"""Opens an account of several keys on a chain."""

from __future__ import annotations

from collections.abc import Sequence

from eth_utils import to_checksum_address

from scripts.lib.multisignature.safe import FACTORY, SINGLETON, creation_code, opened_account, opening
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.sender import Sender, Transaction


def open_multisignature(
    rpc: Rpc, sender: Sender, payer: str, owners: Sequence[str], threshold: int, salt: int = 0
) -> str:
    """Deploy the published contracts and open an account; return its checksummed address.

    The payer has no power over it. Whoever runs it twice has two accounts, of which the platform obeys the
    one that it was deployed with.

    Raises:
        ValueError: the threshold does not fit the owners.
        SendError: it was refused.
    """
    opening(to_checksum_address("0x" + "00" * 20), owners, threshold, salt)  # refused before anything is sent
    singleton = _deploy(rpc, sender, payer, SINGLETON)
    factory = _deploy(rpc, sender, payer, FACTORY)
    data = opening(singleton, owners, threshold, salt)
    [receipt] = sender.send([_with_gas(rpc, payer, factory, data, "opening of a multisignature")])
    logs = rpc.call("eth_getTransactionReceipt", receipt.hash)["logs"]
    return opened_account(logs)


def _deploy(rpc: Rpc, sender: Sender, payer: str, contract: str) -> str:
    data = creation_code(contract)
    [receipt] = sender.send([_with_gas(rpc, payer, None, data, f"deployment of {contract}")])
    return to_checksum_address(str(receipt.contract))


def _with_gas(rpc: Rpc, payer: str, to: str | None, data: bytes, row: str) -> Transaction:
    asked = {"from": payer, "data": "0x" + data.hex()} | ({} if to is None else {"to": to})
    gas = int(rpc.call("eth_estimateGas", asked), 16) * 5 // 4
    return Transaction(payer, to, data, gas, row)
