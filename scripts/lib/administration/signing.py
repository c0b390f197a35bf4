"""A plan signed on a machine without a network, and relayed from another.

    signed = sign_plan(plan, keyring)      # shown and confirmed before (plan_page)
    relay(rpc, signed)                     # each transaction once, however often it is repeated

The file of signed transactions is JSON, `{"digest": …, "signed": {…}}`, and holds the whole plan: whoever
relays it can see what was signed, and that the signatures are over just that.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import msgspec
import rlp
from eth_account import Account
from eth_utils import keccak, to_checksum_address

from scripts.lib.administration.plan import (
    UNKNOWN_NONCE,
    Plan,
    PlanError,
    PlannedCall,
    read_json,
    require_digest,
    write_json,
)
from scripts.lib.contract_abi import decode_revert
from scripts.lib.keys.keyring import Keyring, KeyringError
from scripts.lib.node.local_chain import RpcError
from scripts.lib.node.rpc import CONNECTION_ERRORS, Request, Rpc

RELAY_SECONDS = 60.0
_POLL_SECONDS = 0.05


class SignedCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A signed transaction: its hash and its bytes, 0x hex."""

    hash: str
    raw: str


class Signed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A plan and its transactions, in its order."""

    plan: Plan
    transactions: list[SignedCall]

    @property
    def digest(self) -> str:
        """SHA-256 as deterministic JSON, in hex."""
        return sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()


class SignedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a file of signed transactions holds."""

    digest: str
    signed: Signed


class RelayError(Exception):
    """The chain refuses a signed transaction."""


@dataclass(frozen=True)
class Relayed:
    """What became of signed transactions: carried out now, or found carried out before."""

    now: int
    before: int


def sign_plan(plan: Plan, keyring: Keyring) -> Signed:
    """Sign every transaction of a plan; needs no network.

    Raises:
        KeyringError: the keys are for another chain, or one is missing; nothing was signed.
        ValueError: the plan was not made to be signed elsewhere: it has no nonces.
    """
    if plan.chain_id != keyring.chain_id:
        raise KeyringError(f"the plan is for chain {plan.chain_id}, the keys for {keyring.chain_id}")
    if any(call.nonce == UNKNOWN_NONCE for call in plan.calls):
        raise ValueError(
            "the plan has no nonces: write it with --out / 署名用の計画ではありません(--out で作成)"
        )
    for call in plan.calls:
        keyring.require(call.sender)
    return Signed(plan, [_signed(plan, call, keyring) for call in plan.calls])


def write_signed(file: Path, signed: Signed) -> None:
    """Write signed transactions; on disk before this returns."""
    write_json(file, SignedFile(signed.digest, signed))


def read_signed(file: Path) -> Signed:
    """Read signed transactions, and make sure that each signature is over the call of the plan beside it.

    Raises:
        PlanError: the file was altered, or holds something else.
    """
    held = read_json(file, SignedFile)
    require_digest(file, held.digest, held.signed.digest)
    pairs = list(zip(held.signed.plan.calls, held.signed.transactions, strict=False))
    if len(pairs) != len(held.signed.plan.calls) or len(pairs) != len(held.signed.transactions):
        raise PlanError(file, "not every call is signed", "署名のない取引があります")
    for place, (call, signed) in enumerate(pairs, 1):
        if not _is_of(signed, call, held.signed.plan):
            raise PlanError(
                file,
                f"transaction {place} is signed over something else than the plan says",
                f"{place}件目の署名が計画の内容と一致しません",
            )
    return held.signed


def relay(
    rpc: Rpc,
    signed: Signed,
    done: Callable[[int], None] = lambda rows: None,
    seconds: float = RELAY_SECONDS,
) -> Relayed:
    """Hand signed transactions to a node of their chain and wait for all of them; nothing is done twice.

    Args:
        done: called with the rows of each transaction that was carried out.

    Raises:
        RelayError: the chain refused or reverted one.
        TimeoutError: no receipt came; run it again.
    """
    waiting = dict(zip((each.hash for each in signed.transactions), signed.plan.calls, strict=True))
    raw = {each.hash: each.raw for each in signed.transactions}
    before = len(_collect(rpc, waiting, done))
    total = len(waiting)
    deadline = time.monotonic() + seconds
    pushed = 0.0
    while waiting:
        if time.monotonic() - pushed > 2.0:
            _push(rpc, waiting, raw)
            pushed = time.monotonic()
        if not _collect(rpc, waiting, done):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(waiting)} transactions got no receipt / 未確定の取引があります")
            time.sleep(_POLL_SECONDS)
    return Relayed(total, before)


def _signed(plan: Plan, call: PlannedCall, keyring: Keyring) -> SignedCall:
    fields = {
        "nonce": call.nonce,
        "gasPrice": plan.gas_price,
        "gas": call.gas,
        "to": call.to,
        "value": 0,
        "data": bytes.fromhex(call.data[2:]),
    }
    raw, transaction_hash = keyring.sign(call.sender, fields)
    return SignedCall(transaction_hash, "0x" + raw.hex())


def _is_of(signed: SignedCall, call: PlannedCall, plan: Plan) -> bool:
    """Return whether a transaction is exactly a planned call, signed by its sender for its chain."""
    try:
        raw = bytes.fromhex(signed.raw[2:])
        nonce, price, gas, to, value, data, v, _, _ = rlp.decode(raw)
        sender = Account.recover_transaction(signed.raw)
    except Exception:
        return False
    numbers = [int.from_bytes(field, "big") for field in (nonce, price, gas, value)]
    return (
        numbers == [call.nonce, plan.gas_price, call.gas, 0]
        and to_checksum_address(to) == call.to
        and data == bytes.fromhex(call.data[2:])
        and (int.from_bytes(v, "big") - 35) // 2 == plan.chain_id
        and sender == call.sender
        and "0x" + keccak(raw).hex() == signed.hash
    )


def _push(rpc: Rpc, waiting: dict[str, PlannedCall], raw: dict[str, str]) -> None:
    hashes = list(waiting)
    try:
        answers = rpc.batch(Request("eth_sendRawTransaction", (raw[each],)) for each in hashes)
        known = rpc.batch(Request("eth_getTransactionByHash", (each,)) for each in hashes)
    except CONNECTION_ERRORS:
        return  # perhaps taken, perhaps not: it is pushed again
    for each, answer, found in zip(hashes, answers, known, strict=True):
        if isinstance(answer, RpcError) and found is None:
            raise RelayError(f"{waiting[each].subject}: {answer}")


def _collect(rpc: Rpc, waiting: dict[str, PlannedCall], done: Callable[[int], None]) -> list[str]:
    """Take out of `waiting` what has a receipt; return its hashes."""
    hashes = list(waiting)
    try:
        receipts = rpc.results(Request("eth_getTransactionReceipt", (each,)) for each in hashes)
    except CONNECTION_ERRORS:
        return []
    found = []
    for each, receipt in zip(hashes, receipts, strict=True):
        if receipt is None:
            continue
        call = waiting[each]
        if int(receipt["status"], 16) != 1:
            raise RelayError(f"{call.subject}: {_why(rpc, call, int(receipt['blockNumber'], 16))}")
        del waiting[each]
        done(call.rows)
        found.append(each)
    return found


def _why(rpc: Rpc, call: PlannedCall, block: int) -> str:
    try:
        rpc.call("eth_call", {"from": call.sender, "to": call.to, "data": call.data}, hex(block - 1))
    except RpcError as error:
        if isinstance(error.data, str):
            return str(decode_revert(bytes.fromhex(error.data[2:])))
        return str(error)
    return "reverted / 取引が失敗しました"
