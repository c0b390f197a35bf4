"""Signs transactions here and streams them to a node: local nonces, JSON-RPC batches, every receipt demanded.

    sender = Sender(rpc, keyring)
    receipts = sender.send(transactions)

A node that accepts a transaction may still lose it (anvil does so under load, without a word), so acceptance
proves nothing: a transaction is done when its receipt is there, and one without a receipt is sent again. The
same signed bytes can be sent any number of times and are carried out once.

Not here: a journal on disk. A program that is killed must find out from the chain what was done.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple

from scripts.lib.chain import RpcError
from scripts.lib.contract_abi import Revert, decode_revert
from scripts.lib.keyring import Keyring, KeyringError
from scripts.lib.rpc import BATCH_SIZE, CONNECTION_ERRORS, ChainIdentity, Request, Rpc

IN_FLIGHT = 500
RESEND_SECONDS = 2.0
STALL_SECONDS = 60.0
POLL_SECONDS = 0.05
NOTHING_GAS = 21_000


class Transaction(NamedTuple):
    """Something to send.

    Attributes:
        sender: checksum address; the keyring holds its key.
        to: contract address, or None to create a contract.
        gas: limit.
        row: where it comes from, for the message if it fails, e.g. "payments.csv line 12".
    """

    sender: str
    to: str | None
    data: bytes
    gas: int
    row: str


class Receipt(NamedTuple):
    """What became of a transaction that succeeded.

    Attributes:
        hash: of the transaction (0x hex).
        contract: address of the created contract (0x hex); None for a call.
    """

    hash: str
    block: int
    gas_used: int
    contract: str | None
    row: str


class Failure(NamedTuple):
    """A transaction that the chain carried out and reverted, or that the node refused to take."""

    row: str
    sender: str
    reason: str
    revert: Revert | None


class SendError(Exception):
    """Some transactions did not succeed; all others of the same call did.

    Attributes:
        failures: one for each, in the order they were found.
    """

    def __init__(self, failures: list[Failure]) -> None:
        self.failures = failures
        lines = [f"{failure.row}: {failure.reason} (from {failure.sender})" for failure in failures]
        super().__init__("\n".join([f"{len(failures)} transactions failed:", *lines]))


class StalledError(Exception):
    """Transactions were sent, again and again, and no receipt came."""


@dataclass
class _Sent:
    transaction: Transaction
    nonce: int
    raw: str
    hash: str
    place: int | None  # in the list of receipts; None for a filler of ours
    sent_at: float = field(default_factory=time.monotonic)


class Sender:
    """Sends for the accounts of one keyring on one chain.

    Args:
        mine: called when transactions have been submitted, on a chain that mines only when asked to.
        expected: the chain that is meant; None to accept whatever chain has the keyring's id.
        gas_price: in wei; free on our networks.
        in_flight: how many transactions may wait for their receipts.

    Raises:
        KeyringError: the chain behind `rpc` is not the keyring's, or not the expected one.
    """

    def __init__(
        self,
        rpc: Rpc,
        keyring: Keyring,
        *,
        mine: Callable[[], None] | None = None,
        expected: ChainIdentity | None = None,
        gas_price: int = 0,
        in_flight: int = IN_FLIGHT,
        resend_seconds: float = RESEND_SECONDS,
        stall_seconds: float = STALL_SECONDS,
    ) -> None:
        self.identity = rpc.identity()
        if self.identity.chain_id != keyring.chain_id:
            raise KeyringError(
                f"the keys are for chain {keyring.chain_id}, this is chain {self.identity.chain_id}"
            )
        if expected is not None and self.identity != expected:
            raise KeyringError(f"chain {expected} is meant, {rpc.url} is {self.identity}")
        self.keyring = keyring
        self._rpc = rpc
        self._mine = mine
        self._gas_price = gas_price
        self._in_flight = in_flight
        self._resend_seconds = resend_seconds
        self._stall_seconds = stall_seconds
        self._nonces: dict[str, int] = {}
        self._places = itertools.count()
        self._flight: dict[str, _Sent] = {}
        self._receipts: dict[int, Receipt] = {}
        self._failures: list[Failure] = []
        self._to_be_mined = False

    def send(self, transactions: Iterable[Transaction]) -> list[Receipt]:
        """Send all and wait for every receipt: `submit` and `settle`."""
        self.submit(transactions)
        return self.settle()

    def submit(self, transactions: Iterable[Transaction]) -> None:
        """Sign and send; wait only while more than `in_flight` receipts are missing.

        The transactions of one account are carried out in their order. Those of different accounts are too if
        they are in different calls of `submit` and the chain is one that keeps the order of arrival.

        Args:
            transactions: taken up as there is room, so that a long stream is never held whole.

        Raises:
            StalledError: no receipt came for `stall_seconds`, although everything missing was sent again.
            KeyringError: an account has no key.
        """
        stream = iter(transactions)
        while items := list(islice(stream, min(BATCH_SIZE, self._in_flight))):
            for item in items:
                self.keyring.require(item.sender)  # before any nonce is used up
            chunk = [self._next(item) for item in items]
            self._flight.update((sent.hash, sent) for sent in chunk)
            self._push(chunk)
            self._wait(until_below=self._in_flight)

    def settle(self) -> list[Receipt]:
        """Wait for the receipts of everything that was submitted since the last time; return them in order.

        Raises:
            SendError: some failed; the others went through.
            StalledError: no receipt came for `stall_seconds`, although everything missing was sent again.
        """
        self._wait(until_below=1)
        receipts = [self._receipts[place] for place in sorted(self._receipts)]
        failures = self._failures
        self._receipts, self._failures = {}, []
        if failures:
            # Later nonces of an account with a refused transaction are void: ask the chain again next time.
            for failure in failures:
                self._nonces.pop(failure.sender, None)
            raise SendError(failures)
        return receipts

    def _wait(self, *, until_below: int) -> None:
        """Collect receipts until fewer than so many are missing."""
        progress_at = time.monotonic()
        while len(self._flight) >= until_below:
            if self._mine is not None and self._to_be_mined:
                self._to_be_mined = False
                self._mine()
            if self._collect():
                progress_at = time.monotonic()
            elif time.monotonic() - progress_at > self._stall_seconds:
                rows = ", ".join(sent.transaction.row for sent in islice(self._flight.values(), 10))
                raise StalledError(
                    f"{len(self._flight)} transactions got no receipt in {self._stall_seconds} s: {rows} …"
                )
            else:
                self._resend_or_sleep()

    def _resend_or_sleep(self) -> None:
        now = time.monotonic()
        overdue = [sent for sent in self._flight.values() if now - sent.sent_at > self._resend_seconds]
        if overdue:
            self._push(overdue)
        else:
            time.sleep(POLL_SECONDS)

    def _next(self, item: Transaction) -> _Sent:
        """Sign with the account's next nonce, which only this sender counts on."""
        account = item.sender
        if account not in self._nonces:
            self._nonces[account] = int(self._rpc.call("eth_getTransactionCount", account, "pending"), 16)
        sent = self._signed(item, self._nonces[account], next(self._places))
        self._nonces[account] += 1
        return sent

    def _signed(self, item: Transaction, nonce: int, place: int | None) -> _Sent:
        fields: dict[str, Any] = {
            "nonce": nonce,
            "gasPrice": self._gas_price,
            "gas": item.gas,
            "value": 0,
            "data": item.data,
        }
        if item.to is not None:
            fields["to"] = item.to
        raw, transaction_hash = self.keyring.sign(item.sender, fields)
        return _Sent(item, nonce, "0x" + raw.hex(), transaction_hash, place)

    def _push(self, chunk: list[_Sent]) -> None:
        """Hand transactions to the node, for the first time or again."""
        self._to_be_mined = True
        for sent in chunk:
            sent.sent_at = time.monotonic()
        try:
            answers = self._rpc.batch(Request("eth_sendRawTransaction", (sent.raw,)) for sent in chunk)
        except CONNECTION_ERRORS:
            return  # perhaps taken, perhaps not: whatever has no receipt later is sent again
        for sent, answer in zip(chunk, answers, strict=True):
            if isinstance(answer, RpcError) and not self._is_known(sent):
                self._refused(sent, str(answer))

    def _refused(self, sent: _Sent, reason: str) -> None:
        """Note that the node does not take a transaction, and close the gap that its nonce leaves.

        Behind a gap the account's later transactions would wait for ever, or go through when nobody expects
        them any more.
        """
        if sent.place is None:
            del self._flight[sent.hash]  # the nonce is in use after all: there is no gap
            return
        self._fail(sent, reason, None)
        account = sent.transaction.sender
        nothing = Transaction(account, account, b"", NOTHING_GAS, f"nonce {sent.nonce} of {account}")
        filler = self._signed(nothing, sent.nonce, None)
        self._flight[filler.hash] = filler
        self._push([filler])

    def _is_known(self, sent: _Sent) -> bool:
        """Whether a refused transaction was refused only because the node has it already."""
        return self._rpc.call("eth_getTransactionByHash", sent.hash) is not None

    def _collect(self) -> bool:
        """Move what has a receipt out of flight; return whether there was any."""
        waiting = list(self._flight.values())
        try:
            answers = self._rpc.results(
                Request("eth_getTransactionReceipt", (sent.hash,)) for sent in waiting
            )
        except CONNECTION_ERRORS:
            return False
        for sent, answer in zip(waiting, answers, strict=True):
            if answer is None:
                continue
            if int(answer["status"], 16) != 1:
                self._fail(sent, *self._why(sent, answer))
                continue
            del self._flight[sent.hash]
            if sent.place is not None:
                self._receipts[sent.place] = Receipt(
                    sent.hash,
                    int(answer["blockNumber"], 16),
                    int(answer["gasUsed"], 16),
                    answer.get("contractAddress"),
                    sent.transaction.row,
                )
        return len(self._flight) < len(waiting)

    def _fail(self, sent: _Sent, reason: str, revert: Revert | None) -> None:
        del self._flight[sent.hash]
        self._failures.append(Failure(sent.transaction.row, sent.transaction.sender, reason, revert))

    def _why(self, sent: _Sent, receipt: dict[str, Any]) -> tuple[str, Revert | None]:
        """Return why a mined transaction failed: from its trace, or by asking again one block earlier."""
        if int(receipt["gasUsed"], 16) == sent.transaction.gas:
            return f"ran out of its {sent.transaction.gas} gas", None
        with_tracer = {"tracer": "callTracer", "tracerConfig": {"onlyTopCall": True}}
        try:
            trace = self._rpc.call("debug_traceTransaction", sent.hash, with_tracer)
            data = trace.get("output", "0x")
        except RpcError:
            data = self._asked_again(sent.transaction, int(receipt["blockNumber"], 16) - 1)
        revert = decode_revert(bytes.fromhex(data[2:]))
        return str(revert), revert

    def _asked_again(self, transaction: Transaction, block: int) -> str:
        call = {"from": transaction.sender, "to": transaction.to, "data": "0x" + transaction.data.hex()}
        try:
            self._rpc.call("eth_call", call, hex(block))
        except RpcError as error:
            return error.data if isinstance(error.data, str) else "0x"
        return "0x"
