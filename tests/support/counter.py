"""A contract that counts how often it is called, so that what is carried out twice or lost shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from eth_utils import to_checksum_address

from scripts.lib.keys.keyring import LocalKeyring
from scripts.lib.node.local_chain import LocalChain
from scripts.lib.node.rpc import Rpc
from scripts.lib.node.sender import Sender, Transaction

_COUNT = "600054600101600055"  # sstore(0, sload(0) + 1)
GAS = 60_000


@dataclass
class Counting:
    """The contract, and an account that calls it.

    Attributes:
        account: in the keyring; `address` is the contract's.
    """

    rpc: Rpc
    keyring: LocalKeyring
    account: str
    address: str

    @classmethod
    def deployed(cls, chain: LocalChain, mine: Callable[[], None] | None = None) -> Counting:
        """Deploy it."""
        rpc, keyring = Rpc(chain.url), LocalKeyring(chain, "counting")
        account = keyring.account("clerk")
        size = len(_COUNT) // 2
        code = bytes.fromhex(f"60{size:02x}600c60003960{size:02x}6000f3{_COUNT}")
        creation = Transaction(account, None, code, 200_000, "deployment")
        [receipt] = Sender(rpc, keyring, mine=mine or (lambda: rpc.call("evm_mine"))).send([creation])
        assert receipt.contract is not None
        return cls(rpc, keyring, account, to_checksum_address(receipt.contract))

    @property
    def count(self) -> int:
        """How often it was called."""
        return int(self.rpc.call("eth_getStorageAt", self.address, "0x0", "latest"), 16)

    def calls(self, number: int, **changed: Any) -> list[Transaction]:
        """Return transactions that each call it once; every one differs from the others."""
        return [
            Transaction(self.account, self.address, bytes([place]), GAS, f"row {place}")._replace(**changed)
            for place in range(number)
        ]

    def intended(self, number: int) -> list[Transaction]:
        """Return the same, each with an intent of its own."""
        return [
            call._replace(intent=f"line-{place}") for place, call in enumerate(self.calls(number), start=1)
        ]
