"""Signs one call with a key at hand, sends it and waits: what a counter or a purse needs, with web3 alone.

    signed = sign_call(web3, point.functions.cancelSignatures(), key)
    receipt = send(web3, signed)

Bulk work has scripts.lib.node.sender instead.
"""

from __future__ import annotations

import contextlib
from typing import Any, NamedTuple

from eth_account.signers.local import LocalAccount
from web3 import Web3
from web3.exceptions import TransactionNotFound, Web3RPCError

from scripts.lib.contract_book import ContractBook

GAS_MARGIN_PERCENT = 20
WAIT_SECONDS = 60.0
POLL_SECONDS = 0.1


class SignedCall(NamedTuple):
    """A transaction ready to be sent, any number of times: it is carried out once.

    Attributes:
        raw: signed bytes (0x hex).
        hash: of the transaction (0x hex).
    """

    raw: str
    hash: str
    nonce: int
    sender: str


def sign_call(
    book: ContractBook, web3: Web3, function: Any, key: LocalAccount, gas_price: int = 0
) -> SignedCall:
    """Sign a call of a contract, after the chain was asked whether it would go through now.

    Args:
        function: as web3 has it, with its arguments.
        gas_price: in wei; 0 on the council's networks.

    Raises:
        ChainRefusal: it would be refused.
    """
    # The gas of work after the estimate may be more: a lot that ends in between, a word that is new.
    gas = book.asking(lambda: function.estimate_gas({"from": key.address, "gasPrice": gas_price}))
    nonce = web3.eth.get_transaction_count(key.address, "pending")
    transaction = function.build_transaction(
        {
            "from": key.address,
            "nonce": nonce,
            "gas": gas * (100 + GAS_MARGIN_PERCENT) // 100,
            "gasPrice": gas_price,
            "chainId": book.chain_id,
        }
    )
    signed = key.sign_transaction(transaction)
    return SignedCall(signed.raw_transaction.to_0x_hex(), signed.hash.to_0x_hex(), nonce, key.address)


def submit(web3: Web3, signed: SignedCall) -> None:
    """Hand a transaction to the node; no harm if it has it already.

    Raises:
        OSError: no answer.
    """
    with contextlib.suppress(Web3RPCError):  # known, or done already: the receipt will tell
        web3.eth.send_raw_transaction(signed.raw)  # type: ignore[arg-type]


def receipt_of(web3: Web3, transaction: str) -> Any | None:
    """Return the receipt of a transaction; None while there is none."""
    try:
        return web3.eth.get_transaction_receipt(transaction)  # type: ignore[arg-type]
    except TransactionNotFound:
        return None


def send(book: ContractBook, web3: Web3, function: Any, key: LocalAccount, gas_price: int = 0) -> Any:
    """Sign, send and wait for the receipt of a call.

    Raises:
        ChainRefusal: it was refused.
        web3.exceptions.TimeExhausted: no receipt came.
    """
    signed = sign_call(book, web3, function, key, gas_price)
    submit(web3, signed)
    receipt = web3.eth.wait_for_transaction_receipt(
        signed.hash,  # type: ignore[arg-type]
        timeout=WAIT_SECONDS,
        poll_latency=POLL_SECONDS,
    )
    if receipt["status"] != 1:
        book.asking(lambda: function.call({"from": key.address}))
        raise book.refusal(b"")
    return receipt
