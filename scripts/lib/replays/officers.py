"""Rebuilds offices, rules and proposals from Officers' events alone, and notices acts against the rules.

Times are Unix seconds. Offices are told by the municipality's code (0: the council) and the role's number.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

from eth_utils import keccak

from scripts.lib.node.event_log import Event
from scripts.lib.replays.error import ReplayError, unknown
from scripts.lib.replays.series import ZERO_ADDRESS
from scripts.lib.roles import COUNCIL, Role

PROPOSAL_LIFE_SECONDS = 30 * 24 * 60 * 60
NEVER_ALONE = 2**32 - 1
_REAPPOINTMENT = keccak(text="reappointAdmin(uint256,address)")[:4]


class Office(NamedTuple):
    """A role (its number) of a municipality (its code)."""

    municipality: int
    role: int


class Term(NamedTuple):
    """When an office begins and ends; `until` 0 is without end."""

    since: int
    until: int

    def covers(self, time: int) -> bool:
        """Whether the office is held at a second, as Officers answers."""
        return self.since <= time and (self.until == 0 or time < self.until)

    def touches(self, time: int) -> bool:
        """As `covers`, with the last second: an act may end its own officer's term."""
        return self.since <= time and (self.until == 0 or time <= self.until)


class Rule(NamedTuple):
    """How an act comes about; durations in seconds, as in IOfficers.ActRule."""

    proposer: int
    approver: int
    delay_approved: int
    delay_alone: int


@dataclass
class ProposedAct:
    """A proposal and what became of it: "proposed", "approved", "executed" or "vetoed"."""

    municipality: int
    act: bytes
    target: str
    proposer: str
    proposed_at: int
    data_hash: bytes
    reason: int
    document_hash: bytes
    state: str = "proposed"
    approver: str = ZERO_ADDRESS
    approved_at: int = 0

    @property
    def is_open(self) -> bool:
        """Whether it may still come to something."""
        return self.state in ("proposed", "approved")


@dataclass
class OfficersReplay:
    """The offices of the whole platform as their events tell it.

    Attributes:
        terms: by office and account, the latest term.
        first_officers: whom the municipalities were opened with, and the council's first Admin.
        rules: by service (zero: the platform itself) and selector.
        proposals: by number.
        accepted: services by municipality.
        acts: how many acts were done.
    """

    terms: defaultdict[Office, dict[str, Term]] = field(default_factory=lambda: defaultdict(dict))
    first_officers: set[tuple[int, int, str]] = field(default_factory=set)
    rules: dict[tuple[str, bytes], Rule] = field(default_factory=dict)
    proposals: dict[int, ProposedAct] = field(default_factory=dict)
    accepted: defaultdict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    services: set[str] = field(default_factory=set)
    acts: int = 0
    _holders: set[tuple[Office, str]] = field(default_factory=set)
    _opened: dict[int, str] = field(default_factory=dict)
    """Municipality to the transaction that opened it."""

    def apply(self, event: Event) -> None:
        """Take in the next event.

        Raises:
            ReplayError: it contradicts the events before it, or the rules.
        """
        a = event.arguments
        match event.name:
            case "RoleGranted" | "RoleRevoked":
                self._hold(event, Office(*divmod(int.from_bytes(a["role"], "big"), 256)), a["account"])
            case "TermBegins":
                self._begin(event, Office(a["municipality"], a["role"]), a["account"], a["from"])
            case "TermEnds":
                self._end(event, Office(a["municipality"], a["role"]), a["account"], a["until"])
            case "MunicipalityOpened":
                if a["municipality"] in self._opened:
                    raise ReplayError(event, "it was opened before")
                self._opened[a["municipality"]] = event.transaction
            case "RuleSet":
                self._set_rule(event, a["service"], a["act"])
            case "ServiceAccepted":
                change = self.accepted[a["municipality"]]
                change.add(a["service"]) if a["accepted"] else change.discard(a["service"])
            case "ActProposed":
                self._propose(event)
            case "ActApproved":
                self._approve(event, a["proposalId"], a["approver"])
            case "ActVetoed":
                self._veto(event, a["proposalId"], a["by"])
            case "ActDone":
                self._do(event)
            case "RoleAdminChanged":
                pass  # AccessControl's own appointment rule, which nobody can use
            case _:
                raise unknown(event)

    def holders_at(self, timestamp: int) -> dict[Office, set[str]]:
        """Return who holds which office at a second that is not before the last event."""
        return {
            office: held
            for office, terms in self.terms.items()
            if (held := {account for account, term in terms.items() if term.covers(timestamp)})
        }

    # ------------------------------------------------------------------ offices

    def _hold(self, event: Event, office: Office, account: str) -> None:
        if office.role not in list(Role):
            raise ReplayError(event, "there is no such role")
        term = self.terms[office].get(account)
        if term is not None and 0 < term.until <= event.time:
            self._holders.discard((office, account))  # the term ended by time, which revokes nothing
        if (event.name == "RoleGranted") == ((office, account) in self._holders):
            raise ReplayError(event, f"{account} held the role already, or never did")
        self._holders ^= {(office, account)}

    def _begin(self, event: Event, office: Office, account: str, since: int) -> None:
        if (office, account) not in self._holders:
            raise ReplayError(event, "the role was never granted")
        term = self.terms[office].get(account)
        if term is not None and (term.until == 0 or term.until > event.time):
            raise ReplayError(event, f"the account serves already: {term}")
        if since < event.time:
            raise ReplayError(event, "it would begin in the past")
        self.terms[office][account] = Term(since, 0)
        opening = self._opened.get(office.municipality) == event.transaction
        if opening or (office.municipality == COUNCIL and not self.first_officers):
            self.first_officers.add((office.municipality, office.role, account))

    def _end(self, event: Event, office: Office, account: str, until: int) -> None:
        term = self.terms[office].get(account)
        if term is None or (term.until != 0 and term.until <= event.time):
            raise ReplayError(event, "the account does not serve")
        if until < event.time or (until == event.time) == ((office, account) in self._holders):
            raise ReplayError(event, "it ended in the past, or ends now and the role was not revoked")
        self.terms[office][account] = Term(term.since, until)

    def _serves(self, event: Event, office: Office, account: str, since: int) -> bool:
        """Whether an account holds an office and has held it ever since a second."""
        term = self.terms[office].get(account)
        return term is not None and term.covers(event.time) and term.since <= since

    def _office(self, proposal: ProposedAct, role: int) -> Office:
        return Office(
            self._municipality_of_office(proposal.municipality, proposal.target, proposal.act), role
        )

    def _require_still_serving(self, event: Event, proposal: ProposedAct, rule: Rule) -> None:
        term = self._require_held(event, self._office(proposal, rule.proposer), proposal.proposer)
        if term.since > proposal.proposed_at:
            raise ReplayError(event, "the proposer has left and come back since")

    def _require_held(self, event: Event, office: Office, account: str) -> Term:
        term = self.terms[office].get(account)
        if term is None or not term.touches(event.time):
            raise ReplayError(event, f"{account} did not hold {Role(office.role).name}: {term}")
        return term

    # -------------------------------------------------------------------- rules

    def _set_rule(self, event: Event, service: str, act: bytes) -> None:
        if (service, act) in self.rules:
            raise ReplayError(event, "the act had a rule")
        a = event.arguments
        self.rules[service, act] = Rule(a["proposer"], a["approver"], a["delayApproved"], a["delayAlone"])

    def _rule_of(self, event: Event, target: str, act: bytes) -> Rule:
        rule = self.rules.get((target if target in self.services else ZERO_ADDRESS, act))
        if rule is None:
            raise ReplayError(event, "the act has no rule")
        return rule

    def _municipality_of_office(self, municipality: int, target: str, act: bytes) -> int:
        """Whose officers act: the council's for the one act that it has in a municipality."""
        return COUNCIL if act == _REAPPOINTMENT and target not in self.services else municipality

    # --------------------------------------------------------------------- acts

    def _propose(self, event: Event) -> None:
        a = event.arguments
        if a["proposalId"] != len(self.proposals) + 1:
            raise ReplayError(event, f"the next proposal is number {len(self.proposals) + 1}")
        rule = self._rule_of(event, a["target"], a["act"])
        municipality = self._municipality_of_office(a["municipality"], a["target"], a["act"])
        self._require_held(event, Office(municipality, rule.proposer), a["proposer"])
        self.proposals[a["proposalId"]] = ProposedAct(
            a["municipality"],
            a["act"],
            a["target"],
            a["proposer"],
            event.time,
            a["dataHash"],
            a["reason"],
            a["documentHash"],
        )

    def _approve(self, event: Event, number: int, approver: str) -> None:
        proposal = self._open(event, number)
        if approver == proposal.proposer:
            raise ReplayError(event, "the proposer approved it")
        rule = self._rule_of(event, proposal.target, proposal.act)
        office = self._office(proposal, rule.approver)
        if self._serves(event, office, proposal.approver, proposal.approved_at):
            raise ReplayError(event, f"it was approved before, by {proposal.approver}")
        self._require_still_serving(event, proposal, rule)
        term = self._require_held(event, office, approver)
        if term.since >= proposal.proposed_at:
            raise ReplayError(event, "the approver took office after the proposal")
        proposal.state, proposal.approver, proposal.approved_at = "approved", approver, event.time

    def _veto(self, event: Event, number: int, by: str) -> None:
        proposal = self.proposals.get(number)
        if proposal is None or not proposal.is_open:
            raise ReplayError(event, f"the proposal is not open: {proposal}")
        if by != proposal.proposer and not self._is_council(event, by):
            self._require_held(event, Office(proposal.municipality, Role.ADMIN), by)
        proposal.state = "vetoed"

    def _do(self, event: Event) -> None:
        a = event.arguments
        rule = self._rule_of(event, a["target"], a["act"])
        if a["role"] != rule.proposer:
            raise ReplayError(event, f"the rule asks for role {rule.proposer}")
        if a["proposalId"] == 0:
            if rule.delay_alone != 0 or a["approver"] != ZERO_ADDRESS:
                raise ReplayError(event, f"the act takes a proposal: {rule}")
        else:
            self._execute(event, self._open(event, a["proposalId"]), rule)
        municipality = self._municipality_of_office(a["municipality"], a["target"], a["act"])
        self._require_held(event, Office(municipality, rule.proposer), a["actor"])
        self.acts += 1

    def _execute(self, event: Event, proposal: ProposedAct, rule: Rule) -> None:
        a = event.arguments
        told = (a["municipality"], a["act"], a["target"], a["actor"], a["reason"], a["documentHash"])
        if told != (
            proposal.municipality,
            proposal.act,
            proposal.target,
            proposal.proposer,
            proposal.reason,
            proposal.document_hash,
        ):
            raise ReplayError(event, f"something else was proposed: {proposal}")
        self._require_still_serving(event, proposal, rule)
        office = self._office(proposal, rule.approver)
        fallen = a["approver"] == ZERO_ADDRESS and not self._serves(
            event, office, proposal.approver, proposal.approved_at
        )
        if proposal.state == "approved" and fallen:
            # The approval fell with the approver's office; what remains is a proposal without one.
            proposal.state, proposal.approver = "proposed", ZERO_ADDRESS
        if a["approver"] != proposal.approver:
            raise ReplayError(event, f"the approver was {proposal.approver}")
        if proposal.state == "approved":
            held = self._require_held(event, office, proposal.approver)
            if held.since > proposal.approved_at:
                raise ReplayError(event, "the approver has left and come back since")
        if proposal.state == "proposed" and rule.delay_alone == NEVER_ALONE:
            raise ReplayError(event, "nobody approved it")
        ready_at = proposal.proposed_at + rule.delay_alone
        if proposal.state == "approved":
            ready_at = min(ready_at, proposal.approved_at + rule.delay_approved)
        if event.time < ready_at:
            raise ReplayError(event, f"it had to wait until {ready_at}")
        proposal.state = "executed"

    def _open(self, event: Event, number: int) -> ProposedAct:
        proposal = self.proposals.get(number)
        if proposal is None or not proposal.is_open:
            raise ReplayError(event, f"the proposal is not open: {proposal}")
        if event.time >= proposal.proposed_at + PROPOSAL_LIFE_SECONDS:
            raise ReplayError(event, "the proposal had lapsed")
        return proposal

    def _is_council(self, event: Event, account: str) -> bool:
        term = self.terms[Office(COUNCIL, Role.ADMIN)].get(account)
        return term is not None and term.touches(event.time)
