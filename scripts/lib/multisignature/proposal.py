"""What the council's account is to call, in a file that goes from owner to owner until enough have signed.

    proposal = propose(multisignature, identity, calls, now)
    proposal = signed(proposal, key)                     # each owner, on a machine of their own, offline
    send(rpc, sender, payer, proposal)                   # anyone; again and again without harm

The file holds a plan (scripts.lib.administration.plan), so that owners see what they sign decoded from its
data, and compare its digest by telephone; beside it, each owner's signatures. A call is made once: it has its
number in the account's own count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from eth_account.signers.local import LocalAccount

from scripts.lib.administration.plan import (
    FORMAT,
    Plan,
    PlannedCall,
    PlannedFigure,
    PlannedNote,
    read_json,
    require_digest,
    write_json,
)
from scripts.lib.calls import Call
from scripts.lib.contract_abi import decode_revert, encode_call
from scripts.lib.multisignature.safe import Multisignature, MultisignatureError, has_made, read_multisignature
from scripts.lib.node.local_chain import RpcError
from scripts.lib.node.rpc import ChainIdentity, Rpc
from scripts.lib.node.sender import Sender, Transaction

_GAS_SHARE = 5 / 4


class Proposal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A plan of one account, and who has signed it.

    Attributes:
        digest: of the plan.
        signatures: by checksummed owner, one for each call of the plan, in its order (0x hex).
    """

    digest: str
    plan: Plan
    account: str
    owners: list[str]
    threshold: int
    signatures: dict[str, list[str]] = {}

    @property
    def multisignature(self) -> Multisignature:
        """The account as the proposal tells it; what the chain says counts when it is sent."""
        first = self.plan.calls[0].nonce
        return Multisignature(self.plan.chain_id, self.account, tuple(self.owners), self.threshold, first)


@dataclass(frozen=True)
class Sent:
    """How many calls of a proposal were made now, and before."""

    now: int
    before: int


def propose(
    multisignature: Multisignature, identity: ChainIdentity, calls: Sequence[Call], made_at: int
) -> Proposal:
    """Return calls of the account as a proposal, in their order.

    Raises:
        ValueError: there are none, or one is another account's.
    """
    if not calls or any(call.sender != multisignature.address for call in calls):
        raise ValueError("a proposal is of calls of the account alone")
    planned = [
        PlannedCall(
            call.contract,
            call.address,
            call.sender,
            "0x" + encode_call(call.contract, call.function, call.arguments).hex(),
            call.subject,
            1,
            nonce=multisignature.nonce + place,
        )
        for place, call in enumerate(calls)
    ]
    plan = Plan(
        FORMAT,
        identity.chain_id,
        identity.genesis,
        0,
        ["multisignature"],
        {},
        made_at,
        f"Calls of the council's account, {multisignature.threshold} of {len(multisignature.owners)} keys",
        f"運用協議会の口座の取引({len(multisignature.owners)}本の鍵のうち{multisignature.threshold}本の署名)",
        [PlannedFigure("account", "口座", multisignature.address)],
        [
            PlannedNote(
                "Compare the digest with the other owners before you sign.",
                "署名の前に、ダイジェストがほかの署名者のものと同じか確かめてください。",
            )
        ],
        planned,
    )
    return Proposal(
        plan.digest, plan, multisignature.address, list(multisignature.owners), multisignature.threshold
    )


def signed(proposal: Proposal, key: LocalAccount) -> Proposal:
    """Return the proposal with one owner's signatures added; no network is needed.

    Raises:
        MultisignatureError: the key is no owner's.
    """
    account = proposal.multisignature
    signatures = [
        "0x" + account.sign(key, call.to, bytes.fromhex(call.data[2:]), call.nonce).hex()
        for call in proposal.plan.calls
    ]
    return msgspec.structs.replace(proposal, signatures={**proposal.signatures, key.address: signatures})


def write_proposal(file: Path, proposal: Proposal) -> None:
    """Write a proposal; on disk before this returns."""
    write_json(file, proposal)


def read_proposal(file: Path) -> Proposal:
    """Read a proposal.

    Raises:
        PlanError: the file is none, or its plan was altered.
    """
    proposal = read_json(file, Proposal)
    require_digest(file, proposal.digest, proposal.plan.digest)
    return proposal


def send(rpc: Rpc, sender: Sender, payer: str, proposal: Proposal) -> Sent:
    """Have the account make the calls that it has not made yet, in their order.

    Args:
        payer: account that pays for the transactions and needs no power.

    Raises:
        MultisignatureError: the account is another one by now, signatures are missing, or its count has
            gone past a call that was not this one's: it must be proposed again.
        SendError: the chain refused a call; those before it were made.
    """
    plan = proposal.plan
    if rpc.identity() != plan.identity:
        raise MultisignatureError("the proposal is for another chain / 別のチェーンのための提案です")
    account = read_multisignature(rpc, proposal.account)
    if account is None:
        raise MultisignatureError(f"{proposal.account} is no multisignature / 複数署名の口座ではありません")
    before = made = 0
    for place, call in enumerate(plan.calls):
        data = bytes.fromhex(call.data[2:])
        if call.nonce < account.nonce + made:
            if not has_made(rpc, account, call.to, data, call.nonce):
                raise MultisignatureError(
                    f"the account has made another call of number {call.nonce}: propose this one again / "
                    "口座の番号が先に進んでいます。提案を作り直してください"
                )
            before += 1
            continue
        given = {owner: bytes.fromhex(each[place][2:]) for owner, each in proposal.signatures.items()}
        execution = account.execution(call.to, data, call.nonce, given)
        _require_success(rpc, call)
        gas = rpc.call(
            "eth_estimateGas", {"from": payer, "to": account.address, "data": "0x" + execution.hex()}
        )
        transaction = Transaction(
            payer, account.address, execution, int(int(gas, 16) * _GAS_SHARE), call.subject or call.contract
        )
        sender.send([transaction])
        made += 1
    return Sent(made, before)


def _require_success(rpc: Rpc, call: PlannedCall) -> None:
    """Ask for the call from the account itself: the multisignature would tell no reason."""
    try:
        rpc.call("eth_call", {"from": call.sender, "to": call.to, "data": call.data}, "latest")
    except RpcError as error:
        revert = decode_revert(bytes.fromhex(error.data[2:])) if isinstance(error.data, str) else None
        raise MultisignatureError(f"{call.subject}: {revert or error}") from None
