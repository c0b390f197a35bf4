"""Why Brownie believes that a transaction was dropped, and what keeps it from believing that.

Anvil shows the state after a block, the sender's new nonce in it, a moment before the receipts of that block:
3 ms on a loaded machine, at nine of ten transactions. Brownie reads the nonce, asks for the receipt once, and
if there is none says "Tx dropped without known replacement". Here the question for a receipt is put again
until it is answered, as long as the node knows the transaction. That is also quicker: Brownie sleeps a second
before it asks again.
"""

from __future__ import annotations

import time
from typing import Any

from web3.middleware import Web3Middleware
from web3.types import RPCEndpoint

POLL_SECONDS = 0.002

_RECEIPT = RPCEndpoint("eth_getTransactionReceipt")
_TRANSACTION = RPCEndpoint("eth_getTransactionByHash")


class AwaitedReceipts(Web3Middleware):
    """A receipt that the node does not show yet is waited for; one of an unknown transaction is not.

    For chains that mine by themselves: on another, the answer comes when somebody has mined.
    """

    def wrap_make_request(self, make_request: Any) -> Any:
        """Return `make_request` with patience for receipts."""

        def patient(method: RPCEndpoint, parameters: Any) -> Any:
            answer = make_request(method, parameters)
            while method == _RECEIPT and _is_nothing(answer):
                # In this order: what is in neither place is neither waiting nor mined.
                known = not _is_nothing(make_request(_TRANSACTION, parameters))
                answer = make_request(method, parameters)
                if not known:
                    break
                if _is_nothing(answer):
                    time.sleep(POLL_SECONDS)
            return answer

        return patient


def _is_nothing(answer: Any) -> bool:
    return "error" not in answer and answer.get("result") is None
