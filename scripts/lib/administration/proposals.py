"""Proposals that stand for acts, found on the chain whoever made them; and what they would do, decoded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from eth_abi import decode
from eth_utils import keccak, to_checksum_address

from scripts.lib.acts import NO_DOCUMENT, Act
from scripts.lib.administration.desk import Desk
from scripts.lib.contract_abi import DecodedCall, decode_call, event_topic, function_selector
from scripts.lib.node.event_log import Event, read_events
from scripts.lib.node.rpc import Request
from scripts.lib.proceedings import PROPOSAL_LIFE_SECONDS, Proposal, ProposalState, read_proposals


@dataclass(frozen=True)
class FoundProposal:
    """A proposal and the transaction that made it."""

    proposal: Proposal
    transaction: str


def proposals_of(desk: Desk, selectors: Sequence[bytes] | None = None) -> list[FoundProposal]:
    """Return the municipality's proposals of some functions (of all if None), oldest first."""
    return _read(desk, [desk.code], selectors)


def _read(
    desk: Desk, municipalities: Sequence[int], selectors: Sequence[bytes] | None
) -> list[FoundProposal]:
    events = _proposed(desk, municipalities, selectors)
    numbers = [event.arguments["proposalId"] for event in events]
    found = read_proposals(desk.connection.deployer, desk.officers, numbers)
    return [FoundProposal(proposal, event.transaction) for proposal, event in zip(found, events, strict=True)]


def proposals_for(desk: Desk, acts: Sequence[Act]) -> list[list[Proposal]]:
    """Return for each act the proposals of just that call, oldest first, whoever made them.

    An act that rests on a paper is matched by proposals on that paper alone.
    """
    if not acts:
        return []
    by_call: defaultdict[tuple[str, bytes], list[Proposal]] = defaultdict(list)
    municipalities = sorted({act.municipality for act in acts})
    for found in _read(desk, municipalities, sorted({act.called.selector for act in acts})):
        by_call[found.proposal.target, found.proposal.data_hash].append(found.proposal)
    return [
        [
            proposal
            for proposal in by_call[to_checksum_address(act.address), keccak(act.data)]
            if act.document_hash in (NO_DOCUMENT, proposal.document_hash)
        ]
        for act in acts
    ]


def is_open(proposal: Proposal, now: int) -> bool:
    """Return whether a proposal may still come to something at a second."""
    return proposal.state.is_open and now < proposal.proposed_at + PROPOSAL_LIFE_SECONDS


def is_executed(proposal: Proposal) -> bool:
    """Return whether what was proposed has been done."""
    return proposal.state == ProposalState.EXECUTED


def proposed_data(desk: Desk, found: Sequence[FoundProposal]) -> list[bytes | None]:
    """Return the call of each proposal, out of the transaction that proposed it.

    None where it was proposed through another contract (a wallet), so that the data does not stand there.
    """
    answers = desk.connection.rpc.results(
        Request("eth_getTransactionByHash", (each.transaction,)) for each in found
    )
    return [
        _data_in(bytes.fromhex(answer["input"][2:]), each.proposal.data_hash)
        for each, answer in zip(found, answers, strict=True)
    ]


def open_calls(desk: Desk, contract: str, address: str, function: str) -> list[tuple[int, DecodedCall]]:
    """Return what is proposed of a function and not decided yet, by number of the proposal, oldest first.

    Without those that were proposed through another contract (see `proposed_data`).
    """
    now = desk.now()
    found = [
        each
        for each in proposals_of(desk, [function_selector(contract, function)])
        if each.proposal.target == address and is_open(each.proposal, now)
    ]
    calls = [None if data is None else decode_call(data, contract) for data in proposed_data(desk, found)]
    return [(each.proposal.number, call) for each, call in zip(found, calls, strict=True) if call is not None]


def _data_in(sent: bytes, data_hash: bytes) -> bytes | None:
    try:
        _, _, data, _, _ = decode(["uint256", "address", "bytes", "uint16", "bytes32"], sent[4:])
    except Exception:
        return None
    return data if keccak(data) == data_hash else None


def _proposed(desk: Desk, municipalities: Sequence[int], selectors: Sequence[bytes] | None) -> list[Event]:
    wanted = None if selectors is None else ["0x" + selector.hex().ljust(64, "0") for selector in selectors]
    towns = ["0x" + code.to_bytes(32, "big").hex() for code in municipalities]
    topics = [event_topic("Officers", "ActProposed"), towns, None, wanted]
    return list(read_events(desk.connection.rpc, [desk.officers], desk.first_block, topics=topics))
