"""Carries acts out: one call where one officer may act, proposal and approval where it takes two.

    waiting = carry_out(deployer, officers, acts)
    ...                                            # until waiting[...].ready_at
    execute_pending(deployer, officers, waiting)

Run again after an interruption, it takes up proposals that are open already instead of making them twice.
What was performed or executed before it cannot know: that is for the plan to ask the chain (see Step in
scripts.lib.deployment).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NamedTuple

from eth_utils import keccak, to_checksum_address

from scripts.lib.act_rules import Function, Rule, read_rules
from scripts.lib.acts import Act
from scripts.lib.calls import Call, Deployer, View

PROPOSAL_LIFE_SECONDS = 30 * 24 * 60 * 60
_PAGE = 200


class ProposalState(IntEnum):
    """Where a proposal stands, as numbered in IOfficers."""

    NONE = 0
    PROPOSED = 1
    APPROVED = 2
    EXECUTED = 3
    VETOED = 4

    @property
    def is_open(self) -> bool:
        """Whether it may still come to something."""
        return self in (ProposalState.PROPOSED, ProposalState.APPROVED)


class Proposal(NamedTuple):
    """A proposal as Officers holds it; times in Unix seconds, 0 for none.

    Attributes:
        number: counted from 1.
        approver: zero address until somebody has approved.
        leaving: whom the act takes an office from; zero address for other acts.
    """

    number: int
    municipality: int
    state: ProposalState
    reason: int
    proposed_at: int
    approved_at: int
    selector: bytes
    target: str
    proposer: str
    approver: str
    data_hash: bytes
    document_hash: bytes
    leaving: str

    @classmethod
    def of(cls, number: int, answer: Any) -> Proposal:
        """Return the proposal that the struct Proposal of IOfficers holds."""
        municipality, state, reason, proposed_at, approved_at, selector, *rest = answer
        target, proposer, approver, data_hash, document_hash, leaving = rest
        return cls(
            number,
            int(municipality),
            ProposalState(state),
            int(reason),
            int(proposed_at),
            int(approved_at),
            bytes(selector),
            to_checksum_address(target),
            to_checksum_address(proposer),
            to_checksum_address(approver),
            bytes(data_hash),
            bytes(document_hash),
            to_checksum_address(leaving),
        )

    def is_of(self, act: Act) -> bool:
        """Whether this is what the act would propose, down to its reason and its paper."""
        return (
            self.municipality == act.municipality
            and self.target == to_checksum_address(act.address)
            and self.proposer == to_checksum_address(act.by)
            and self.reason == act.reason
            and self.document_hash == act.document_hash
            and self.data_hash == keccak(act.data)
        )

    def ready_at(self, rule: Rule) -> int | None:
        """Return from when on it may be executed; None if not without an approval."""
        times = [] if rule.delay_alone is None else [self.proposed_at + rule.delay_alone]
        if self.state == ProposalState.APPROVED:
            times.append(self.approved_at + rule.delay_approved)
        return min(times, default=None)


@dataclass(frozen=True)
class Pending:
    """A proposed act that waits for its time.

    Attributes:
        proposal: its number in Officers.
        ready_at: from when on it may be executed, in Unix seconds.
    """

    act: Act
    proposal: int
    ready_at: int


def carry_out(
    deployer: Deployer,
    officers: str,
    acts: Sequence[Act],
    now: int | None = None,
    *,
    resume: bool = True,
    rules: Mapping[Function, Rule] | None = None,
) -> list[Pending]:
    """Do all that can be done of these acts now; their order does not matter.

    Args:
        officers: address of Officers.
        now: time of the chain's latest block, in Unix seconds, to tell open proposals from ones too old to be
            taken up; asked of the chain if None.
        resume: take up open proposals; False where nothing can have been interrupted, which spares reading
            them.
        rules: of all these acts, if they have been read before: rules never change.

    Returns:
        What was proposed, and approved where the act names somebody, and has to wait. In the order of `acts`.

    Raises:
        ActError: an act names too few people; nothing was sent.
        Whatever the deployer raises when a transaction fails.
    """
    if rules is None:
        rules = read_rules(deployer, officers, (act.called for act in acts))
    for act in acts:
        act.require_people(rules[act.called])
    single = [act for act in acts if rules[act.called].takes_one]
    joint = [act for act in acts if not rules[act.called].takes_one]

    [count] = deployer.read([View("Officers", officers, "proposalCount")])
    open_proposals: list[Proposal] = []
    if resume:
        now = deployer.now() if now is None else now
        open_proposals = _open_proposals(deployer, officers, int(count), now)
    found = _matched(joint, open_proposals)
    missing = [act for act, proposal in zip(joint, found, strict=True) if proposal is None]
    deployer.send([act.perform(officers) for act in single] + [act.propose(officers) for act in missing])

    [new_count] = deployer.read([View("Officers", officers, "proposalCount")])
    made = iter(_matched(missing, read_proposals(deployer, officers, range(count + 1, new_count + 1))))
    proposals = [next(made) if proposal is None else proposal for proposal in found]

    pairs = [(act, _known(act, proposal)) for act, proposal in zip(joint, proposals, strict=True)]
    deployer.send(
        [
            act.approve(officers, proposal.number)
            for act, proposal in pairs
            if act.second is not None and proposal.state == ProposalState.PROPOSED
        ]
    )
    waiting = [
        (act, proposal.number)
        for act, proposal in pairs
        if act.second is None or rules[act.called].delay_approved or proposal.state != ProposalState.PROPOSED
    ]
    return _pending(deployer, officers, waiting, rules) if waiting else []


def execute_pending(deployer: Deployer, officers: str, pending: Iterable[Pending]) -> None:
    """Execute what has waited; whoever proposed an act sends it.

    Raises:
        Whatever the deployer raises when a transaction fails, for instance because it is too early.
    """
    deployer.send([_execution(officers, waiting) for waiting in pending])


def read_proposals(deployer: Deployer, officers: str, numbers: Iterable[int]) -> list[Proposal]:
    """Return proposals by their numbers."""
    wanted = list(numbers)
    answers = deployer.read([View("Officers", officers, "proposalOf", (number,)) for number in wanted])
    return [Proposal.of(number, answer) for number, answer in zip(wanted, answers, strict=True)]


def _execution(officers: str, waiting: Pending) -> Call:
    return waiting.act.execute(officers, waiting.proposal)


def _open_proposals(deployer: Deployer, officers: str, count: int, now: int) -> list[Proposal]:
    """Return the open proposals up to number `count`, oldest first, without those that are too old."""
    proposals: list[Proposal] = []
    for last in range(count, 0, -_PAGE):
        page = read_proposals(deployer, officers, range(max(1, last - _PAGE + 1), last + 1))
        proposals = page + proposals
        # Numbers follow time, so that all before a page that begins too early are too old as well.
        if page[0].proposed_at + PROPOSAL_LIFE_SECONDS <= now:
            break
    return [
        proposal
        for proposal in proposals
        if proposal.state.is_open and now < proposal.proposed_at + PROPOSAL_LIFE_SECONDS
    ]


def _matched(acts: Sequence[Act], proposals: Iterable[Proposal]) -> list[Proposal | None]:
    """Return for each act a proposal of just that, each of them once; None where there is none."""
    by_hash: defaultdict[bytes, list[Proposal]] = defaultdict(list)
    for proposal in proposals:
        by_hash[proposal.data_hash].append(proposal)
    matched: list[Proposal | None] = []
    for act in acts:
        same_data = by_hash[keccak(act.data)]
        place = next((place for place, proposal in enumerate(same_data) if proposal.is_of(act)), None)
        matched.append(None if place is None else same_data.pop(place))
    return matched


def _known(act: Act, proposal: Proposal | None) -> Proposal:
    if proposal is None:
        raise LookupError(f"{act} was proposed, but the chain does not show it: was it reorganised?")
    return proposal


def _pending(
    deployer: Deployer, officers: str, numbered: Sequence[tuple[Act, int]], rules: Mapping[Function, Rule]
) -> list[Pending]:
    proposals = read_proposals(deployer, officers, (number for _, number in numbered))
    pending = []
    for (act, number), proposal in zip(numbered, proposals, strict=True):
        ready_at = proposal.ready_at(rules[act.called])
        if proposal.state.is_open and ready_at is not None:
            pending.append(Pending(act, number, ready_at))
    return pending
