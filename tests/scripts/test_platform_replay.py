"""Officers and residents rebuilt from events: against a real chain, and with contradictions made up."""

import pytest
from eth_utils import keccak

from scripts.lib.calls import Call, View
from scripts.lib.node.event_log import Event, read_events
from scripts.lib.proceedings import carry_out, execute_pending
from scripts.lib.registration import RegistrationDomain, sign
from scripts.lib.replays.everything import ZERO_ADDRESS, Replay, ReplayError
from scripts.lib.replays.officers import NEVER_ALONE, Office, OfficersReplay
from scripts.lib.replays.residents import ResidentsReplay
from scripts.lib.roles import Role, role_id
from tests.support.office_town import CODE, open_town, undone

DAYS = 24 * 60 * 60
HOURS = 60 * 60


@pytest.fixture(scope="module")
def opened(own_chain, rpc, keyring):
    return open_town(own_chain, rpc, keyring)


@pytest.fixture
def town(opened):
    """The town as it was opened: what a test does is undone after it."""
    with undone(opened) as town:
        yield town


def rebuilt(town):
    """Replay everything that the platform ever told."""
    replay = Replay(town.platform, town.officers, town.residents)
    contracts = [town.platform, town.officers, town.residents, town.token]
    for event in read_events(town.rpc, contracts, town.block):
        replay.apply(event)
    replay.finish()
    return replay


def act(town, contract, function, *arguments, roles=(Role.DESK_OFFICER, Role.SECOND_DESK_OFFICER)):
    """Carry an act out by the first account of one office and the second of the other."""
    by, second = town.officer(roles[0]), town.officer(roles[1], 2 if roles[0] == roles[1] else 1)
    return town.act(contract, function, *arguments, by=by, second=second)


def test_replay_finds_the_officers_that_the_chain_has(town):
    at = town.deployer.now() + 10 * DAYS
    leaving, coming = town.officer(Role.GUARDIAN), town.account("coming")
    admins = (Role.ADMIN, Role.ADMIN)
    hand_over = act(town, "Officers", "handOver", CODE, leaving, int(Role.GUARDIAN), coming, at, roles=admins)
    carry_out(town.deployer, town.officers, [hand_over])

    for seconds in (0, 20 * DAYS):
        town.pass_time(seconds)
        held = rebuilt(town).officers.holders_at(town.deployer.now())
        accounts = {account for terms in held.values() for account in terms} | {leaving, coming}
        pairs = [(role, account) for role in Role for account in sorted(accounts)]
        views = [
            View("Officers", town.officers, "hasRole", (role_id(CODE, role), account))
            for role, account in pairs
        ]
        chain = dict(zip(pairs, town.deployer.read(views), strict=True))
        events = {pair: pair[1] in held.get(Office(CODE, pair[0]), set()) for pair in pairs}
        assert events == chain


def test_replay_follows_an_officer_who_comes_back(town):
    """After a term that ended by time, and after an appointment that was taken back before it began."""
    admins, officer = (Role.ADMIN, Role.ADMIN), town.officer(Role.GUARDIAN)
    day = town.deployer.now() + DAYS

    def carry(function, *arguments):
        done = act(town, "Officers", function, CODE, *arguments, roles=admins)
        carry_out(town.deployer, town.officers, [done])

    carry("handOver", officer, int(Role.GUARDIAN), town.account("coming"), day)
    town.pass_time(2 * DAYS)
    carry("appoint", officer, int(Role.GUARDIAN), town.deployer.now() + 9 * DAYS)
    carry("dismiss", officer, int(Role.GUARDIAN))
    carry("appoint", officer, int(Role.GUARDIAN), 0)
    held = rebuilt(town).officers.holders_at(town.deployer.now())
    assert officer in held[Office(CODE, Role.GUARDIAN)]


def test_replay_follows_proposals_to_their_end(town):
    account = town.account("resident")
    waiting = carry_out(
        town.deployer,
        town.officers,
        [
            act(town, "MunicipalPoint", "freeze", account),
            act(town, "MunicipalPoint", "unfreeze", account),
            act(
                town,
                "MunicipalPoint",
                "increaseMinterAllowance",
                account,
                5,
                roles=(Role.ADMIN, Role.ADMIN),
            ),
        ],
    )
    assert [proposal.state for proposal in rebuilt(town).officers.proposals.values()].count("executed") == 1
    town.pass_time(49 * HOURS)
    execute_pending(town.deployer, town.officers, waiting)

    replay = rebuilt(town)
    assert {proposal.state for proposal in replay.officers.proposals.values()} == {"executed"}
    assert replay.series[town.token].state_at(town.deployer.now()).minters[account].allowance == 5


def test_replay_follows_a_resident_to_a_new_card(town):
    domain = RegistrationDomain(int(town.rpc.call("eth_chainId"), 16), town.residents)
    old, new = (town.keyring.key(town.account(name)) for name in ("old card", "new card"))
    person = keccak(text="person")
    joining = sign(domain, CODE, old, person)
    carry_out(town.deployer, town.officers, [act(town, "ResidentRegistry", "register", CODE, 1, [joining])])
    moving = act(
        town,
        "ResidentRegistry",
        "startReplacement",
        CODE,
        1,
        new.address,
        sign(domain, CODE, new, person).signature,
    )
    carry_out(town.deployer, town.officers, [moving])
    assert rebuilt(town).residents.memberships[CODE, 1].move.new_account == new.address
    town.pass_time(4 * DAYS)
    anyone = town.account("anyone")
    complete = Call("ResidentRegistry", town.residents, "completeReplacement", (CODE, 1), anyone)
    town.deployer.send([complete])
    residents = rebuilt(town).residents
    assert residents.account_of(CODE, 1) == new.address
    assert residents.successor_of(CODE, old.address) == new.address


# ------------------------------------------------------------------------------------------- contradictions

ADMIN, SECOND, LATE, TARGET = (f"0x{letter * 40}" for letter in "6789")
ALONE, TOGETHER, AT_ONCE = b"alon", b"both", b"once"


class OfficersLog:
    """Feeds a replay with what Officers of one town with two Admins could tell."""

    def __init__(self):
        self.replay = OfficersReplay()
        self.now = 1_000_000
        for act_, delay_approved, delay_alone in (
            (ALONE, 0, 48 * HOURS),
            (TOGETHER, 0, NEVER_ALONE),
            (AT_ONCE, 0, 0),
        ):
            self.emit(
                "RuleSet",
                service=ZERO_ADDRESS,
                act=act_,
                proposer=0,
                approver=0,
                delayApproved=delay_approved,
                delayAlone=delay_alone,
            )
        self.begin(ADMIN)
        self.begin(SECOND)
        self.now += 1

    def emit(self, name, /, **arguments):
        event = Event(name, "0xofficers", arguments, 1, self.now, "0x1", 0)
        self.replay.apply(event)

    def begin(self, account):
        self.grant("RoleGranted", account)
        self.tell_begin(account, self.now)

    def grant(self, name, account):
        self.emit(name, role=role_id(CODE, Role.ADMIN), account=account, sender=ADMIN)

    def end(self, account):
        self.grant("RoleRevoked", account)
        self.tell_end(account, self.now)

    def tell_end(self, account, until):
        self.emit("TermEnds", municipality=CODE, role=0, account=account, until=until)

    def tell_begin(self, account, since):
        self.emit("TermBegins", municipality=CODE, role=0, account=account, **{"from": since})

    def pass_second(self):
        self.now += 1

    def propose(self, act_, by=ADMIN, number=1):
        told = {"act": act_, "target": TARGET, "proposer": by, "dataHash": b"d", "reason": 1}
        self.emit("ActProposed", municipality=CODE, proposalId=number, **told, documentHash=b"")

    def approve(self, by=SECOND, number=1):
        self.emit("ActApproved", municipality=CODE, proposalId=number, approver=by)

    def veto(self, by=SECOND):
        self.emit("ActVetoed", municipality=CODE, proposalId=1, by=by)

    def do(self, act_, number=1, approver=ZERO_ADDRESS, by=ADMIN, reason=1, role=Role.ADMIN):
        told = {
            "act": act_,
            "subject": b"",
            "proposalId": number,
            "target": TARGET,
            "actor": by,
            "role": role,
        }
        told |= {"approver": approver, "reason": reason, "documentHash": b""}
        self.emit("ActDone", municipality=CODE, **told)


@pytest.fixture
def log():
    return OfficersLog()


def test_acts_by_the_rules_are_counted(log):
    log.do(AT_ONCE, number=0)
    log.propose(TOGETHER)
    log.approve()
    log.do(TOGETHER, approver=SECOND)
    log.propose(ALONE, number=2)
    log.now += 48 * HOURS
    log.do(ALONE, number=2)
    assert log.replay.acts == 3


def test_approval_falls_with_the_approvers_office(log):
    log.propose(ALONE)
    log.approve()
    log.end(SECOND)
    log.now += 48 * HOURS
    log.do(ALONE)
    assert log.replay.acts == 1


def test_approval_that_has_fallen_can_be_replaced(log):
    log.begin(LATE)
    log.now += 1
    log.propose(TOGETHER)
    log.approve()
    log.end(SECOND)
    log.now += 1
    log.approve(by=LATE)
    log.do(TOGETHER, approver=LATE)
    assert log.replay.acts == 1


CONTRADICTIONS = {
    "an act that takes two, done by one": lambda log: log.do(TOGETHER, number=0),
    "an act without a rule": lambda log: log.do(b"none", number=0),
    "an act by a stranger": lambda log: log.do(AT_ONCE, number=0, by=LATE),
    "an act never proposed": lambda log: log.do(TOGETHER, approver=SECOND),
    "an act nobody approved": lambda log: (log.propose(TOGETHER), log.do(TOGETHER)),
    "an act done before its time": lambda log: (log.propose(ALONE), log.do(ALONE)),
    "an act done twice": lambda log: (
        log.propose(TOGETHER),
        log.approve(),
        log.do(TOGETHER, approver=SECOND),
        log.do(TOGETHER, approver=SECOND),
    ),
    "an act for another reason than proposed": lambda log: (
        log.propose(TOGETHER),
        log.approve(),
        log.do(TOGETHER, approver=SECOND, reason=2),
    ),
    "an act with another approver": lambda log: (
        log.propose(TOGETHER),
        log.approve(),
        log.do(TOGETHER, approver=LATE),
    ),
    "an approval of what somebody proposed in an earlier term": lambda log: (
        log.propose(TOGETHER),
        log.end(ADMIN),
        log.pass_second(),
        log.begin(ADMIN),
        log.approve(),
    ),
    "an act that somebody approved in an earlier term": lambda log: (
        log.propose(TOGETHER),
        log.approve(),
        log.end(SECOND),
        log.pass_second(),
        log.begin(SECOND),
        log.do(TOGETHER, approver=SECOND),
    ),
    "a proposal by a stranger": lambda log: log.propose(TOGETHER, by=LATE),
    "a proposal out of turn": lambda log: log.propose(TOGETHER, number=2),
    "an approval by the proposer": lambda log: (log.propose(TOGETHER), log.approve(by=ADMIN)),
    "an approval by a stranger": lambda log: (log.propose(TOGETHER), log.approve(by=LATE)),
    "an approval by somebody appointed since": lambda log: (
        log.propose(TOGETHER),
        log.begin(LATE),
        log.approve(by=LATE),
    ),
    "an approval after 30 days": lambda log: (
        log.propose(TOGETHER),
        setattr(log, "now", log.now + 30 * DAYS),
        log.approve(),
    ),
    "an approval after a veto": lambda log: (
        log.propose(TOGETHER),
        log.veto(),
        log.approve(),
    ),
    "an approval over one that stands": lambda log: (
        log.begin(LATE),
        setattr(log, "now", log.now + 1),
        log.propose(TOGETHER),
        log.approve(),
        log.approve(by=LATE),
    ),
    "an act of one although two stand behind it": lambda log: (
        log.propose(ALONE),
        log.approve(),
        setattr(log, "now", log.now + 48 * HOURS),
        log.do(ALONE),
    ),
    "an act whose approver has left": lambda log: (
        log.propose(TOGETHER),
        log.approve(),
        log.end(SECOND),
        setattr(log, "now", log.now + 1),
        log.do(TOGETHER, approver=SECOND),
    ),
    "a veto by a stranger": lambda log: (
        log.propose(TOGETHER),
        log.veto(by=LATE),
    ),
    "an act of somebody dismissed": lambda log: (
        log.end(ADMIN),
        setattr(log, "now", log.now + 1),
        log.do(AT_ONCE, number=0),
    ),
    "a second rule for an act": lambda log: log.emit(
        "RuleSet", service=ZERO_ADDRESS, act=ALONE, proposer=0, approver=0, delayApproved=0, delayAlone=0
    ),
    "a term over a term": lambda log: log.tell_begin(ADMIN, log.now),
    "the end of no term": lambda log: log.tell_end(LATE, log.now),
    "unknown event": lambda log: log.emit("Surprise"),
}


@pytest.mark.parametrize("fault", CONTRADICTIONS)
def test_acts_against_the_rules_are_refused(log, fault):
    with pytest.raises(ReplayError):
        CONTRADICTIONS[fault](log)


FALSE_OFFICES = {
    "a town opened twice": (
        lambda log: [log.emit("MunicipalityOpened", municipality=CODE) for _ in range(2)],
        "it was opened before",
    ),
    "a role granted to who holds it": (lambda log: log.grant("RoleGranted", ADMIN), "held the role already"),
    "a role revoked of who never held it": (lambda log: log.grant("RoleRevoked", LATE), "never did"),
    "a role that there is none of": (
        lambda log: log.emit("RoleGranted", role=(CODE << 8 | 200).to_bytes(32, "big"), account=LATE),
        "there is no such role",
    ),
    "a term of who was never granted the role": (
        lambda log: log.tell_begin(LATE, log.now),
        "the role was never granted",
    ),
    "a term that began yesterday": (
        lambda log: (log.grant("RoleGranted", LATE), log.tell_begin(LATE, log.now - DAYS)),
        "it would begin in the past",
    ),
    "a term that ended yesterday": (lambda log: log.tell_end(ADMIN, log.now - DAYS), "it ended in the past"),
    "a term that ends now, of who keeps the role": (
        lambda log: log.tell_end(ADMIN, log.now),
        "the role was not revoked",
    ),
    "a term that ends tomorrow, of who has lost the role": (
        lambda log: (log.grant("RoleRevoked", ADMIN), log.tell_end(ADMIN, log.now + DAYS)),
        "it ended in the past, or ends now",
    ),
    "a veto of what was never proposed": (lambda log: log.veto(), "the proposal is not open: None"),
    "a veto of what was done": (
        lambda log: (log.propose(TOGETHER), log.approve(), log.do(TOGETHER, approver=SECOND), log.veto()),
        "the proposal is not open",
    ),
    "an act under another role than the rule's": (
        lambda log: log.do(AT_ONCE, number=0, role=Role.GUARDIAN),
        "the rule asks for role 0",
    ),
}


@pytest.mark.parametrize("fault", FALSE_OFFICES)
def test_offices_that_could_not_be_are_refused_with_the_reason(log, fault):
    tell, why = FALSE_OFFICES[fault]
    with pytest.raises(ReplayError, match=why):
        tell(log)


def _series_event(name, transaction, **arguments):
    return Event(name, "0xtoken", arguments, 1, 1_000_000, transaction, 0)


def test_change_without_an_act_is_refused():
    replay = Replay("0xplatform", "0xofficers", "0xresidents")
    replay.apply(_series_event("FrozenSet", "0x1", account=ADMIN, frozen=True))
    second = _series_event("FrozenSet", "0x2", account=ADMIN, frozen=True)
    with pytest.raises(ReplayError, match="no act of officers"):
        replay.apply(second)
    replay.apply(second)
    with pytest.raises(ReplayError, match="no act of officers"):
        replay.finish()


def test_refund_days_are_an_act_but_for_the_constructors():
    replay = Replay("0xplatform", "0xofficers", "0xresidents")
    replay.apply(_series_event("RefundDaysSet", "0x1", refundDays=30))
    replay.finish()
    replay.apply(_series_event("RefundDaysSet", "0x2", refundDays=40))
    with pytest.raises(ReplayError, match="no act of officers"):
        replay.finish()


class ResidentsLog:
    """Feeds a replay with what ResidentRegistry could tell of one municipality."""

    def __init__(self):
        self.replay = ResidentsReplay()
        self.now = 1_000_000
        self.register(1, ADMIN)

    def emit(self, name, /, **arguments):
        event = Event(name, "0xresidents", {"municipality": CODE, **arguments}, 1, self.now, "0x1", 0)
        self.replay.apply(event)

    def register(self, number, account, commitment=None):
        commitment = commitment or account.encode()
        self.emit("ResidentRegistered", number=number, account=account, commitment=commitment, keyVersion=1)

    def start(self, new, heir=0, number=1, old=ADMIN):
        told = {"number": number, "oldAccount": old, "newAccount": new, "readyAt": self.now + 3 * DAYS}
        self.emit("ReplacementStarted", **told, round=1, heirNumber=heir)

    def replace(self, new, number=1, old=ADMIN):
        self.now += 3 * DAYS
        self.emit("AccountReplaced", number=number, oldAccount=old, newAccount=new)

    def close(self, number=1, account=ADMIN):
        self.emit("MembershipClosed", number=number, account=account)


@pytest.fixture
def residents():
    return ResidentsLog()


def test_inheritance_ends_the_membership_and_leads_to_the_heir(residents):
    residents.register(2, SECOND)
    residents.start(SECOND, heir=2)
    residents.close()
    residents.replace(SECOND)
    assert residents.replay.account_of(CODE, 1) is None
    assert residents.replay.successor_of(CODE, ADMIN) == SECOND


RESIDENTS_CONTRADICTIONS = {
    "a number out of turn": lambda log: log.register(3, SECOND),
    "an account twice": lambda log: log.register(2, ADMIN, b"other"),
    "a person twice": lambda log: log.register(2, SECOND, ADMIN.encode()),
    "a key version again": lambda log: log.emit(
        "CommitmentRotated", number=1, commitment=b"new", keyVersion=1
    ),
    "two moves at once": lambda log: (log.start(SECOND), log.start(LATE)),
    "a move that nobody started": lambda log: log.replace(SECOND),
    "a move before its time": lambda log: (
        log.start(SECOND),
        setattr(log, "now", log.now - 1),
        log.replace(SECOND),
    ),
    "a move elsewhere": lambda log: (log.start(SECOND), log.replace(LATE)),
    "a move after it was stopped": lambda log: (
        log.start(SECOND),
        log.emit("ReplacementStopped", number=1, byOldKey=True),
        log.replace(SECOND),
    ),
    "the end of a membership that had ended": lambda log: (log.close(), log.close()),
    "a membership that was open goes on": lambda log: log.emit("MembershipReopened", number=1, account=ADMIN),
    "a stranger's membership": lambda log: log.close(number=9),
    "unknown event": lambda log: log.emit("Surprise"),
}


@pytest.mark.parametrize("fault", RESIDENTS_CONTRADICTIONS)
def test_memberships_that_contradict_each_other_are_refused(residents, fault):
    with pytest.raises(ReplayError):
        RESIDENTS_CONTRADICTIONS[fault](residents)
