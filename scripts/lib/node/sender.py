"""Signs transactions here and streams them to a node: local nonces, JSON-RPC batches, every receipt demanded.

    with Journal(rpc.identity(), "grant-batch-7") as journal:
        sender = Sender(rpc, keyring, journal=journal)
        sender.recover()                      # what a killed run left under way is carried out first
        receipts = sender.send(transactions)

A node that accepts a transaction may still lose it (anvil does so under load, without a word), so acceptance
proves nothing: a transaction is done when its receipt is there, and one without a receipt is sent again. The
same signed bytes can be sent any number of times and are carried out once. So a lost line, a restarted node,
a dropped transaction and a reorganised chain are one case: what has no receipt in the chain as it is now is
sent again.

A second time something is signed only if the first signature is void for ever, since another transaction has
used its nonce up, or with a higher price under the same nonce, of which one is carried out at most.

Two programs with one key take turns at nonces that both want. Only if they send the very same call at the
same moment, the same bytes under the same nonce, is it one transaction.

A receipt tells all logs, which for a large transaction takes the node longer than carrying it out. Where the
chain itself shows whether everything is done, blocks that list the transactions do: `is_done` of `send`.

With a journal this survives the program: signed bytes are on disk before they are sent. Without one, a
program that is killed must find out from the chain what was done.
"""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, takewhile
from typing import Any, NamedTuple, TypeVar

from scripts.lib.contract_abi import Revert
from scripts.lib.journal import Journal, Signed, require_words
from scripts.lib.keys.keyring import Keyring
from scripts.lib.node.local_chain import RpcError
from scripts.lib.node.raw_transaction import read_legacy
from scripts.lib.node.refusals import Refusal, refusal_of, why_it_failed
from scripts.lib.node.rpc import BATCH_SIZE, CONNECTION_ERRORS, ChainIdentity, Request, Rpc
from scripts.lib.node.steady_node import POLL_SECONDS, SteadyNode
from scripts.lib.node.transactions import (
    Failure,
    Receipt,
    SendError,
    StalledError,
    Transaction,
    WrongChainError,
)

IN_FLIGHT = 500
CHUNK_BYTES = 250_000
"""So much data is signed, noted and sent at a time: the node begins with it while the next is prepared."""

RESEND_SECONDS = 2.0
STALL_SECONDS = 60.0
NONCE_TAKEN_SECONDS = 1.0
"""So long must a nonce be used up, and no receipt be there, before a signature counts as void: nodes show an
account's new nonce before the receipt."""

REMEMBERED = 2_000
"""So many of the latest transactions are looked after beyond their call, should the chain be reorganised."""

NOTHING_GAS = 21_000
DEAREST = 10
"""A price is raised up to so many times the first one, unless told otherwise."""


_Answer = TypeVar("_Answer")


def offered_price(named: int) -> int:
    """Return what is offered where a node names a gas price, in wei: a quarter more."""
    return named * 5 // 4


class _Attempt(NamedTuple):
    hash: str
    raw: str
    price: int
    intent: str


@dataclass(eq=False)
class _Sent:
    """A transaction on its way, under one nonce.

    Attributes:
        place: in the order of what was submitted.
        attempts: what was signed for it, the latest last; more than one if the price was raised.
        reported: False for fillers of ours, and for what an earlier call or run is known to have sent.
        taken_at: since when its nonce is known to be used up.
        refusal: what the node said of it last.
    """

    transaction: Transaction
    nonce: int
    place: int
    attempts: list[_Attempt]
    reported: bool = True
    sent_at: float = 0.0
    began_at: float = field(default_factory=time.monotonic)
    taken_at: float | None = None
    refusal: str = ""


class _Outcome(NamedTuple):
    """What became of it, in which block."""

    sent: _Sent
    block: int
    block_hash: str
    receipt: Receipt | None
    failure: Failure | None


class Sender:
    """Sends for the accounts of one keyring on one chain.

    Args:
        mine: called when transactions have been submitted, on a chain that mines only when asked to.
        expected: the chain that is meant; None to accept whatever chain has the keyring's id.
        code_hashes: keccak-256 (0x hex) of the code that each contract must have, by address; nothing is
            signed for any other contract then. None to sign for all.
        journal: where signed transactions are noted before they are sent.
        gas_price: in wei; free on our networks. None to offer a quarter more than the node names.
        max_gas_price: what a stuck transaction's price is raised to at most; ten times the first unless told.
        confirmations: how many blocks must follow before a receipt counts, where chains may be reorganised.
        in_flight: how many transactions may wait for their receipts.
        raise_seconds: after so long a transaction that costs something is stuck, and its price is raised.

    Attributes:
        identity: the chain.
        has_sent: whether the node was handed anything.
        is_first_run: True if a journal shows that nothing was sent for the task before.

    Raises:
        WrongChainError: the chain behind `rpc` is not the keyring's, or not the expected one.
    """

    def __init__(
        self,
        rpc: Rpc,
        keyring: Keyring,
        *,
        mine: Callable[[], None] | None = None,
        expected: ChainIdentity | None = None,
        code_hashes: Mapping[str, str] | None = None,
        journal: Journal | None = None,
        gas_price: int | None = 0,
        max_gas_price: int | None = None,
        confirmations: int = 0,
        in_flight: int = IN_FLIGHT,
        resend_seconds: float = RESEND_SECONDS,
        raise_seconds: float = 30.0,
        stall_seconds: float = STALL_SECONDS,
    ) -> None:
        self._node = SteadyNode(rpc, code_hashes, stall_seconds)
        self.identity = self._node.identity
        if self.identity.chain_id != keyring.chain_id:
            raise WrongChainError(
                f"the keys are for chain {keyring.chain_id}, this is chain {self.identity.chain_id}"
            )
        for meant in (expected, journal and journal.identity):
            if meant is not None and self.identity != meant:
                raise WrongChainError(f"chain {meant} is meant, {rpc.url} is {self.identity}")
        self.keyring = keyring
        self._mine = mine
        self._code_hashes = code_hashes
        self._journal = journal
        self._gas_price = self._offer() if gas_price is None else gas_price
        self._max_gas_price = DEAREST * self._gas_price if max_gas_price is None else max_gas_price
        self._confirmations = confirmations
        self._in_flight = in_flight
        self._resend_seconds = resend_seconds
        self._raise_seconds = raise_seconds
        self._stall_seconds = stall_seconds
        self._block_gas = 0
        self._is_done: Callable[[], bool] | None = None
        self._seen_block = 0
        self._nonces: dict[str, int] = {}
        self._places = itertools.count()
        self._flight: dict[int, _Sent] = {}
        self._outcomes: dict[int, _Outcome] = {}
        self._remembered: deque[_Outcome] = deque(maxlen=REMEMBERED)
        self._done: dict[str, _Outcome] = {}
        """By intent."""
        self._progress: Callable[[int], None] = _ignore
        self._to_be_mined = False
        self._is_recovered = journal is None
        self.has_sent = False
        self.is_first_run = journal is not None and not journal.signed

    def send(
        self,
        transactions: Iterable[Transaction],
        *,
        progress: Callable[[int], None] | None = None,
        is_done: Callable[[], bool] | None = None,
    ) -> list[Receipt]:
        """Send all and wait for every receipt: `submit` and `settle`.

        Args:
            progress: told how many more are done, whenever some are.
            is_done: asks the chain whether everything is done that these transactions, none of which has an
                intent, are for. If so, that each is in a block is enough; if not, every receipt is demanded.
        """
        self.recover()
        self._progress = progress or _ignore
        self._is_done = is_done
        try:
            if is_done is not None:
                self._look_at_latest()
            self.submit(transactions)
            return self.settle()
        finally:
            self._progress = _ignore
            self._is_done = None

    def recover(self) -> int:
        """Carry out what earlier runs of the task signed and may have sent; return how many were sent again.

        Ask the chain what is still to be done when this is over: what is under way shows nowhere. What fails
        is not told here, since it is still to be done.

        Raises:
            StalledError: no receipt came for `stall_seconds`.
        """
        if self._is_recovered or self._journal is None:
            return 0
        self._is_recovered = True
        left: dict[tuple[str, int], _Sent] = {}
        for signed in self._journal.signed:
            transaction = _read(signed)
            attempt = _Attempt(signed.hash, signed.raw, _price(signed.raw), signed.intent)
            key = (signed.account, signed.nonce)
            if key not in left:
                left[key] = _Sent(transaction, signed.nonce, next(self._places), [], reported=False)
            left[key].attempts.append(attempt)
        self._flight.update((sent.place, sent) for sent in left.values())
        self._node.patiently(lambda: self._collect(everything=True))
        used = self._node.counts({sent.transaction.sender for sent in self._flight.values()}, "latest")
        sent_again = [sent for sent in self._flight.values() if sent.nonce >= used[sent.transaction.sender]]
        self._push(sent_again)
        # The others seem void, or their receipts are late: they are looked after until that is certain.
        self._wait(until_below=1)
        return len(sent_again)

    def submit(self, transactions: Iterable[Transaction]) -> None:
        """Sign and send; wait only while more than `in_flight` receipts are missing.

        The transactions of one account are carried out in their order. Those of different accounts are too if
        they are in different calls of `submit` and the chain is one that keeps the order of arrival.

        Args:
            transactions: taken up as there is room, so that a long stream is never held whole.

        Raises:
            StalledError: no receipt came for `stall_seconds`, although everything missing was sent again.
            KeyringError: nobody signs for an account.
            WrongChainError: a contract is not among those whose code was compared.
            JournalError: the journal cannot be written; what is not in it was not sent.
        """
        self.recover()
        for items in self._chunks(transactions):
            for item in items:
                self._require(item)  # before any nonce is used up
            missing = [item for item in items if not self._was_done(item)]
            self._require_once(missing)
            chunk = self._signed_chunk(missing)
            self._flight.update((sent.place, sent) for sent in chunk)
            self._push(chunk)

    def settle(self) -> list[Receipt]:
        """Wait for the receipts of everything that was submitted since the last time; return them in order.

        Raises:
            SendError: some failed; the others went through.
            StalledError: no receipt came for `stall_seconds`, although everything missing was sent again.
        """
        while True:
            self._wait(until_below=1)
            self._await_confirmations()
            if self._node.patiently(self._put_back_reorganised):
                continue
            if self._is_done is None or self._node.patiently(self._is_done):
                break
            self._demand_receipts()
        outcomes = [self._outcomes[place] for place in sorted(self._outcomes)]
        self._outcomes = {}
        told = [outcome for outcome in outcomes if outcome.sent.reported]
        for outcome in outcomes:
            outcome.sent.reported = False
            if outcome.block_hash:
                self._remembered.append(outcome)
        receipts = [outcome.receipt for outcome in told if outcome.receipt is not None]
        failures = [outcome.failure for outcome in told if outcome.failure is not None]
        if failures:
            # Later nonces of an account with a refused transaction are void: ask the chain again next time.
            for failure in failures:
                self._nonces.pop(failure.sender, None)
            raise SendError(failures, receipts)
        return receipts

    def patiently(self, ask: Callable[[], _Answer]) -> _Answer:
        """Ask the node something until it answers; whoever sends in bulk has other questions too.

        Raises:
            StalledError: it does not for `stall_seconds`.
        """
        return self._node.patiently(ask)

    def _chunks(self, transactions: Iterable[Transaction]) -> Iterator[list[Transaction]]:
        """Yield transactions in their order, as many at a time as there is room for; one at the least.

        What is in flight fits into a block: an anvil that mines at once leaves lying what its block had no
        room for, until something else comes.
        """
        limit = self._most_gas()
        most = min(BATCH_SIZE, self._in_flight)
        items: list[Transaction] = []
        gas = size = 0
        for item in transactions:
            gas += item.gas
            size += len(item.data)
            if items and (len(items) == most or gas > limit or size > CHUNK_BYTES):
                yield self._when_there_is_room(items, limit)
                items, gas, size = [], item.gas, len(item.data)
            items.append(item)
        if items:
            yield self._when_there_is_room(items, limit)

    def _when_there_is_room(self, items: list[Transaction], limit: int) -> list[Transaction]:
        gas = sum(item.gas for item in items)
        while self._flight and (
            len(self._flight) >= self._in_flight
            or gas + sum(sent.transaction.gas for sent in self._flight.values()) > limit
        ):
            self._wait(until_below=len(self._flight))
        return items

    def _most_gas(self) -> int:
        if not self._block_gas:
            self._look_at_latest()
        return self._block_gas

    def _look_at_latest(self) -> None:
        """Note how far the chain is, and how much fits into its blocks."""
        block = self._node.patiently(lambda: self._node.call("eth_getBlockByNumber", "latest", False))
        self._seen_block = int(block["number"], 16)
        self._block_gas = int(block["gasLimit"], 16)

    # ---------------------------------------------------------------------- signing

    def _require(self, item: Transaction) -> None:
        self.keyring.require(item.sender)
        if self._code_hashes is not None and item.to is not None and item.to not in self._code_hashes:
            raise WrongChainError(f"{item.row}: {item.to} is none of the recorded contracts")
        if item.intent:
            require_words(item.intent, "an intent")
            if self._is_done is not None:
                raise ValueError(f"{item.intent}: an intent needs its receipt")

    def _require_once(self, items: Sequence[Transaction]) -> None:
        intents = [item.intent for item in items if item.intent]
        intents += [sent.transaction.intent for sent in self._flight.values() if sent.transaction.intent]
        if len(set(intents)) < len(intents):
            twice = next(intent for intent in intents if intents.count(intent) > 1)
            raise ValueError(f"{twice} is there twice")

    def _was_done(self, item: Transaction) -> bool:
        """Whether its intent succeeded in an earlier run; its receipt is then given as if it was sent now."""
        outcome = self._done.get(item.intent) if item.intent else None
        if outcome is None or outcome.receipt is None:
            return False
        sent = replace(outcome.sent, transaction=item, place=next(self._places), reported=True)
        receipt = outcome.receipt._replace(row=item.row)
        self._outcomes[sent.place] = outcome._replace(sent=sent, receipt=receipt)
        self._progress(1)
        return True

    def _signed_chunk(self, items: Sequence[Transaction]) -> list[_Sent]:
        """Sign with each account's next nonces, which only this sender counts on, and note it on disk."""
        nonces = {account: self._next_nonce(account) for account in {item.sender for item in items}}
        chunk = []
        for item in items:
            chunk.append(self._signed(item, nonces[item.sender], next(self._places)))
            nonces[item.sender] += 1
        self._note(chunk)
        self._nonces |= nonces
        return chunk

    def _next_nonce(self, account: str) -> int:
        if account not in self._nonces:
            pending = self._node.counts({account}, "pending")[account]
            ours = [sent.nonce + 1 for sent in self._flight.values() if sent.transaction.sender == account]
            self._nonces[account] = max(pending, *ours) if ours else pending
        return self._nonces[account]

    def _signed(self, item: Transaction, nonce: int, place: int, *, reported: bool = True) -> _Sent:
        return _Sent(item, nonce, place, [self._attempt(item, nonce, self._gas_price)], reported)

    def _attempt(self, item: Transaction, nonce: int, price: int) -> _Attempt:
        fields: dict[str, Any] = {"nonce": nonce, "gasPrice": price, "gas": item.gas, "data": item.data}
        if item.to is not None:
            fields["to"] = item.to
        raw, transaction_hash = self.keyring.sign(item.sender, fields)
        return _Attempt(transaction_hash, "0x" + raw.hex(), price, item.intent)

    def _note(self, chunk: Sequence[_Sent]) -> None:
        """Put the latest attempt of each on disk."""
        if self._journal is not None and chunk:
            self._journal.write(
                [
                    Signed(latest.intent, sent.transaction.sender, sent.nonce, latest.hash, latest.raw)
                    for sent in chunk
                    for latest in sent.attempts[-1:]
                ]
            )

    # ---------------------------------------------------------------------- sending

    def _push(self, chunk: Sequence[_Sent]) -> None:
        """Hand transactions to the node, for the first time or again."""
        self._to_be_mined = True
        self.has_sent |= bool(chunk)
        now = time.monotonic()
        for sent in chunk:
            sent.sent_at = now
        try:
            answers = self._node.batch(
                Request("eth_sendRawTransaction", (sent.attempts[-1].raw,)) for sent in chunk
            )
        except CONNECTION_ERRORS:
            return  # perhaps taken, perhaps not: whatever has no receipt later is sent again
        for sent, answer in zip(chunk, answers, strict=True):
            if isinstance(answer, RpcError):
                self._not_taken(sent, answer)

    def _not_taken(self, sent: _Sent, error: RpcError) -> None:
        refusal = refusal_of(error)
        if refusal is Refusal.KNOWN:
            return
        sent.refusal = str(error)
        if refusal is Refusal.LATER or (refusal is Refusal.PRICE and self._gas_price):
            sent.sent_at -= self._resend_seconds * 7 / 8  # soon it will be looked after
        elif (
            self._node.patiently(lambda: self._node.call("eth_getTransactionByHash", sent.attempts[-1].hash))
            is None
        ):
            self._refused(sent, str(error))

    def _refused(self, sent: _Sent, reason: str) -> None:
        """Note that the node does not take a transaction, and close the gap that its nonce leaves.

        Behind a gap the account's later transactions would wait for ever, or go through when nobody expects
        them any more.
        """
        account = sent.transaction.sender
        del self._flight[sent.place]
        if sent.reported:
            failure = Failure(sent.transaction.row, account, reason, None)
            self._outcomes[sent.place] = _Outcome(sent, 0, "", None, failure)
        elif sent.transaction.gas == NOTHING_GAS and sent.transaction.to == account:
            return  # not even nothing is taken: the account cannot send at all
        if account in self.keyring:
            nothing = Transaction(account, account, b"", NOTHING_GAS, f"nonce {sent.nonce} of {account}")
            filler = self._signed(nothing, sent.nonce, next(self._places), reported=False)
            self._note([filler])
            self._flight[filler.place] = filler
            self._push([filler])

    # ---------------------------------------------------------------------- waiting

    def _wait(self, *, until_below: int) -> None:
        """Collect receipts until fewer than so many are missing."""
        progress_at = time.monotonic()
        while len(self._flight) >= until_below:
            if self._mine is not None and self._to_be_mined:
                self._to_be_mined = False
                self._mine()
            try:
                if self._collect() if self._is_done is None else self._collect_from_blocks():
                    progress_at = time.monotonic()
                    continue
                if time.monotonic() - progress_at <= self._stall_seconds:
                    self._look_after_or_sleep()
                    continue
            except CONNECTION_ERRORS:
                if time.monotonic() - progress_at <= self._stall_seconds:
                    time.sleep(POLL_SECONDS)
                    continue
            self._stalled()

    def _stalled(self) -> None:
        some = list(islice(self._flight.values(), 10))
        rows = ", ".join(sent.transaction.row for sent in some)
        why = next((f" (the node said: {sent.refusal})" for sent in some if sent.refusal), "")
        raise StalledError(
            f"{len(self._flight)} transactions got no receipt in {self._stall_seconds} s: {rows} …{why}"
        )

    def _look_after_or_sleep(self) -> None:
        """Do for what has no receipt after a while whatever may help, and send it again."""
        now = time.monotonic()
        if not any(now - sent.sent_at > self._resend_seconds for sent in self._flight.values()):
            time.sleep(POLL_SECONDS)
            return
        self._put_back_reorganised()
        overdue = [sent for sent in self._flight.values() if now - sent.sent_at > self._resend_seconds]
        used = self._node.counts({sent.transaction.sender for sent in overdue}, "latest")
        self._collect(everything=True)
        overdue = [sent for sent in overdue if sent.place in self._flight]
        void = {
            sent.place: sent for sent in overdue if self._is_void(sent, used[sent.transaction.sender], now)
        }
        self._sign_anew(list(void.values()))
        overdue = [sent for sent in overdue if sent.place not in void]
        self._raise_prices(overdue, now)
        self._push(overdue)

    def _is_void(self, sent: _Sent, used: int, now: float) -> bool:
        """Whether another transaction has had its nonce for a while."""
        if sent.nonce >= used:
            sent.taken_at = None
            return False
        sent.taken_at = sent.taken_at or now
        return now - sent.taken_at > NONCE_TAKEN_SECONDS

    def _sign_anew(self, void: Sequence[_Sent]) -> None:
        """Give what can never be carried out a new nonce; forget fillers and what earlier runs had sent."""
        if not void:
            return
        for sent in void:
            del self._flight[sent.place]
            self._nonces.pop(sent.transaction.sender, None)
        lasting = [sent for sent in void if sent.reported]
        renewed = self._signed_chunk([sent.transaction for sent in lasting])
        for new, old in zip(renewed, lasting, strict=True):
            new.place = old.place
            self._flight[new.place] = new
        self._push(renewed)

    def _raise_prices(self, overdue: Sequence[_Sent], now: float) -> None:
        """Offer more for what has been stuck for long, where transactions cost something."""
        stuck = [
            sent
            for sent in overdue
            if now - sent.began_at > self._raise_seconds * len(sent.attempts)
            and 0 < sent.attempts[-1].price < self._max_gas_price
            and sent.transaction.sender in self.keyring
        ]
        if not stuck:
            return
        offer = self._offer()
        for sent in stuck:
            # Nodes want a tenth more for a replacement.
            price = min(max(offer, sent.attempts[-1].price * 9 // 8 + 1), self._max_gas_price)
            sent.attempts.append(self._attempt(sent.transaction, sent.nonce, price))
        self._note(stuck)

    def _offer(self) -> int:
        return offered_price(int(self._node.patiently(lambda: self._node.call("eth_gasPrice")), 16))

    # --------------------------------------------------------------------- receipts

    def _collect(self, *, everything: bool = False) -> bool:
        """Move what has a receipt out of flight; return whether there was any.

        Receipts come in about the order of what was sent: unless for everything, no further is asked when
        none of a batch is there.
        """
        waiting = list(self._flight.values())
        found = False
        for start in range(0, len(waiting), BATCH_SIZE):
            chunk = [(sent, each) for sent in waiting[start : start + BATCH_SIZE] for each in sent.attempts]
            answers = self._node.batch(
                Request("eth_getTransactionReceipt", (each.hash,)) for _, each in chunk
            )
            mined = [
                (sent, each, answer)
                for (sent, each), answer in zip(chunk, answers, strict=True)
                if answer is not None and not isinstance(answer, RpcError)
            ]
            for sent, attempt, answer in mined:
                self._mined(sent, attempt, answer)
            if mined:
                self._progress(sum(sent.reported for sent, _, _ in mined))
                found = True
            elif not everything:
                break
        return found

    def _collect_from_blocks(self) -> bool:
        """Move what new blocks list out of flight; return whether there was any.

        What they miss, for instance because a block was replaced, is found by its receipt when it is overdue.
        """
        height = self._height()
        numbers = range(self._seen_block + 1, height + 1)
        answers = self._node.results([Request("eth_getBlockByNumber", (hex(n), False)) for n in numbers])
        blocks = list(takewhile(lambda block: block is not None, answers))  # the chain may be shorter by now
        waiting = {each.hash: (sent, each.hash) for sent in self._flight.values() for each in sent.attempts}
        found = [
            (*waiting[listed], block)
            for block in blocks
            for listed in block["transactions"]
            if listed in waiting
        ]
        for sent, transaction_hash, block in found:
            del self._flight[sent.place]
            number = int(block["number"], 16)
            receipt = Receipt(transaction_hash, number, None, None, sent.transaction.row)
            self._outcomes[sent.place] = _Outcome(sent, number, block["hash"], receipt, None)
        self._seen_block = min(self._seen_block, height) + len(blocks)
        if found:
            self._progress(sum(sent.reported for sent, _, _ in found))
        return bool(found)

    def _demand_receipts(self) -> None:
        """Wait for the receipts of everything that only blocks have told of."""
        self._is_done, self._progress = None, _ignore
        listed = [each for each in self._outcomes.values() if each.receipt and each.receipt.gas_used is None]
        for outcome in listed:
            del self._outcomes[outcome.sent.place]
            outcome.sent.sent_at = time.monotonic()
            self._flight[outcome.sent.place] = outcome.sent
        self._flight = dict(sorted(self._flight.items()))

    def _height(self) -> int:
        return int(self._node.call("eth_blockNumber"), 16)

    def _mined(self, sent: _Sent, attempt: _Attempt, answer: dict[str, Any]) -> None:
        row, block = sent.transaction.row, int(answer["blockNumber"], 16)
        receipt: Receipt | None = None
        failure: Failure | None = None
        if int(answer["status"], 16) == 1:
            gas_used, contract = int(answer["gasUsed"], 16), answer.get("contractAddress")
            receipt = Receipt(attempt.hash, block, gas_used, contract, row)
        elif sent.reported:
            failure = Failure(row, sent.transaction.sender, *self._why(sent.transaction, answer))
        del self._flight[sent.place]
        outcome = _Outcome(sent, block, answer["blockHash"], receipt, failure)
        self._outcomes[sent.place] = outcome
        if attempt.intent and receipt is not None:
            self._done[attempt.intent] = outcome

    def _why(self, transaction: Transaction, receipt: dict[str, Any]) -> tuple[str, Revert | None]:
        call = {"from": transaction.sender, "to": transaction.to, "data": "0x" + transaction.data.hex()}
        return why_it_failed(self._node.call, receipt, call, transaction.gas)

    def _put_back_reorganised(self) -> bool:
        """Put what is in no block of the chain any more back into flight; return whether there was any."""
        outcomes = [*self._remembered, *(each for each in self._outcomes.values() if each.block_hash)]
        if not outcomes:
            return False
        latest = max(outcomes, key=lambda outcome: outcome.block)
        if self._node.block_hashes({latest.block})[latest.block] == latest.block_hash:
            return False  # and so are all blocks before it
        hashes = self._node.block_hashes({outcome.block for outcome in outcomes})
        gone = [outcome for outcome in outcomes if hashes[outcome.block] != outcome.block_hash]
        places = {outcome.sent.place for outcome in gone}
        lasting = [outcome for outcome in self._remembered if outcome.sent.place not in places]
        self._remembered = deque(lasting, maxlen=REMEMBERED)
        for outcome in gone:
            self._outcomes.pop(outcome.sent.place, None)
            self._done.pop(outcome.sent.transaction.intent, None)
            outcome.sent.sent_at = 0.0
            self._flight[outcome.sent.place] = outcome.sent
        self._flight = dict(sorted(self._flight.items()))
        return True

    def _await_confirmations(self) -> None:
        blocks = [outcome.block for outcome in self._outcomes.values()]
        if not self._confirmations or not blocks:
            return
        height, since = -1, time.monotonic()
        while (now := self._node.patiently(self._height)) < max(blocks) + self._confirmations:
            if now != height:
                height, since = now, time.monotonic()
            elif time.monotonic() - since > self._stall_seconds:
                raise StalledError(f"no block came after {height} in {self._stall_seconds} s")
            time.sleep(POLL_SECONDS)


def _ignore(_: int) -> None:
    """Progress that nobody wants to know."""


def _read(signed: Signed) -> Transaction:
    """Return the transaction that a journal's entry is about."""
    about = read_legacy(bytes.fromhex(signed.raw[2:]))
    row = f"nonce {signed.nonce} of {signed.account}, from an earlier run"
    return Transaction(signed.account, about.to, about.data, about.gas, row, signed.intent)


def _price(raw: str) -> int:
    """Return the gas price of a signed transaction, in wei."""
    return read_legacy(bytes.fromhex(raw[2:])).gas_price
